//! What waits are to be expected in the next half hour, if windows serve what they serve now, or
//! something else.
//!
//! A fluid: the work of each service, those who wait and those who are expected, is spread over the
//! windows that are open for it ([`super::fluid`]). The queue then grows or shrinks by the difference
//! of what comes and what the windows take. Where it does not grow, what is left is chance: the wait in
//! a queue with so many servers by Sakasegawa's approximation (1977). Four in five days lie within the
//! range: arrivals and services vary by the square root of their number.
//!
//! Deliberately simple: it is there to rank moves and to be held to account for what it foretells, not
//! to tell a citizen how long it takes.

use std::collections::BTreeMap;
use std::f64::consts::PI;

use super::fluid::{Spread, Tank, tanks};
use super::{EXPECTED_MIN, Look, Review};
use crate::estimate::Forecast;
use crate::event::Range;
use crate::hall::Hall;
use crate::plan::ServiceSet;

/// How far it looks: as long as those who come are followed up.
pub(super) const MINUTES: f64 = 30.0;
/// Moments of that time at which the queue is looked at.
const MOMENTS: u32 = 6;
/// Chance alone spreads the queue by so many standard deviations: one in ten lies beyond on either side.
const DEVIATIONS: f64 = 1.28;
/// What the model does not know, which windows will go on with what and who is called first, makes waits
/// so much shorter
const SHORTER: f64 = 0.45;
/// or so much longer,
const LONGER: f64 = 1.6;
/// and by so many minutes.
const SLACK_MINUTES: f64 = 2.0;
/// Clerks go on with the service they have for so much of the changes that chance would bring.
const CHANGES: f64 = 0.75;
/// Closer to its limit a queue is not at rest within half an hour.
const LOAD_MAX: f64 = 0.95;

/// The services' work to come, and who can do it.
pub(super) struct Outlook {
    /// In so many minutes.
    minutes: f64,
    services: Vec<Work>,
    windows: Vec<There>,
}

/// What windows serve instead of what they do now, by their places in the plan.
pub(super) type Instead = BTreeMap<usize, ServiceSet>;

/// A window that is there, or will be.
struct There {
    /// Its place in the plan.
    place: usize,
    /// For so many minutes of usual work.
    minutes: f64,
    /// What it serves now.
    services: ServiceSet,
}

/// What is to be expected of the next half hour.
pub(super) struct Expected {
    /// The waits of those who come, by service.
    pub(super) waits: Vec<Range>,
    /// How often clerks change to another service.
    pub(super) changes: f64,
}

struct Work {
    waiting: f64,
    per_minute: f64,
    minutes_each: f64,
}

impl Work {
    fn minutes(&self, next: f64) -> f64 {
        (self.waiting + self.per_minute * next + EXPECTED_MIN) * self.minutes_each
    }
}

impl Outlook {
    /// Of the half hour that [`Outlook::expect`] is about.
    pub(super) fn of(hall: &Hall, review: &Review, look: Look) -> Self {
        Self::of_next(MINUTES, hall, review, look)
    }

    /// Of the next so many minutes.
    pub(super) fn of_next(minutes: f64, hall: &Hall, review: &Review, look: Look) -> Self {
        let work = |(index, per_hour): (usize, &u32)| Work {
            waiting: f64::from(hall.waiting_at_index(index)),
            per_minute: f64::from(*per_hour) / 60e3,
            minutes_each: hall.usual_ms(index) / 6e4,
        };
        let forecast = Forecast::at_local(hall, look.at, look.local, 0);
        let there = hall.windows.iter().enumerate().filter_map(|(place, state)| {
            let minutes = forecast.there_minutes(place, minutes) * state.pace.speed();
            let services = || hall.coverage.at(place).iter().map(|(_, service)| *service).collect();
            (minutes > 0.0).then(|| There { place, minutes, services: services() })
        });
        let services = review.arrivals.iter().enumerate().map(work).collect();
        Self { windows: there.collect(), services, minutes }
    }

    /// How many come for the service at this place in a minute.
    pub(super) fn per_minute(&self, service: usize) -> f64 {
        self.services.get(service).map_or(0.0, |work| work.per_minute)
    }

    /// How many windows are there, or will be.
    pub(super) fn windows(&self) -> f64 {
        f64::from(u32::try_from(self.windows.len()).unwrap_or(u32::MAX))
    }

    fn demand(&self) -> Vec<f64> {
        self.services.iter().map(|work| work.minutes(self.minutes)).collect()
    }

    /// How many of a service its windows take in a minute.
    pub(super) fn taken_per_minute(&self) -> Vec<f64> {
        let tanks = tanks(self.windows.iter().map(|there| (&there.services, there.minutes)));
        let Spread { given, .. } = Spread::of(&self.demand(), &tanks);
        given
            .iter()
            .zip(&self.services)
            .map(|(minutes, work)| minutes / self.minutes / work.minutes_each)
            .collect()
    }

    /// How many minutes its windows need for so many citizens of a service, when they do nothing else: those
    /// that are there now stay until nobody is left.
    pub(super) fn minutes_for(&self, service: usize, citizens: f64) -> f64 {
        let able = self.windows.iter().filter(|there| there.services.has(service));
        let at_once = able.map(|there| there.minutes / self.minutes).sum::<f64>().min(citizens);
        let each = self.services.get(service).map_or(0.0, |work| work.minutes_each);
        citizens * each / at_once.max(1e-3)
    }

    /// What to expect if these windows served that instead, and `one` besides.
    pub(super) fn expect(&self, instead: &Instead, one: Option<(usize, &ServiceSet)>) -> Expected {
        let demand = self.demand();
        let served = |there: &There| {
            let one = one.filter(|(place, _)| *place == there.place).map(|(_, services)| services);
            one.or_else(|| instead.get(&there.place))
        };
        let tanks =
            tanks(self.windows.iter().map(|there| (served(there).unwrap_or(&there.services), there.minutes)));
        let spread = Spread::of(&demand, &tanks);
        let waits = spread.given.iter().zip(&self.services);
        let waits = waits.map(|(minutes, work)| wait(work, *minutes)).collect();
        let changes = tanks.iter().map(|tank| self.changes(tank, &demand, &spread)).sum();
        Expected { waits, changes }
    }

    /// How often the clerks of a tank's windows change in the half hour, when services follow one another by
    /// chance, each as often as it is called there.
    fn changes(&self, tank: &Tank, demand: &[f64], spread: &Spread) -> f64 {
        let calls = spread.minutes(tank).map(|(index, minutes)| {
            let busy = (demand[index] / spread.given[index]).min(1.0);
            minutes * busy / self.services[index].minutes_each
        });
        let (sum, squares) = calls.fold((0.0, 0.0), |(sum, squares), it| (sum + it, squares + it * it));
        if sum > 0.0 { CHANGES * (sum - squares / sum) } else { 0.0 }
    }
}

fn wait(work: &Work, given_minutes: f64) -> Range {
    let taken = given_minutes / MINUTES / work.minutes_each;
    let net = work.per_minute - taken;
    let deviation = DEVIATIONS
        * ((work.per_minute.min(taken) + taken.min(work.per_minute + work.waiting / MINUTES)) * MINUTES)
            .sqrt();
    let fluid = |shift: f64| {
        let moments = (0..MOMENTS).map(|moment| (f64::from(moment) + 0.5) / f64::from(MOMENTS));
        let queue = moments.map(|part| (work.waiting + (net * MINUTES + shift) * part).max(0.0));
        queue.sum::<f64>() / f64::from(MOMENTS) / taken.max(1e-6)
    };
    let load = (work.per_minute / taken.max(1e-6)).min(LOAD_MAX);
    let servers = (given_minutes / MINUTES).max(1.0);
    let at_rest =
        work.minutes_each / servers * load.powf((2.0 * (servers + 1.0)).sqrt() - 1.0) / (1.0 - load);
    // From an empty queue with no drift, the mean over the time of sqrt(2 variance t / pi).
    let heaped = (2.0 / 3.0) * (2.0 / PI * (work.per_minute + taken) * MINUTES).sqrt() / taken.max(1e-6);
    let chance = at_rest.min(heaped);
    let mean = fluid(0.0).max(chance);
    let low = fluid(-deviation).min(SHORTER * mean) - SLACK_MINUTES;
    let high = fluid(deviation).max(2.0 * chance).max(LONGER * mean) + SLACK_MINUTES;
    Range { low_s: seconds(low), mean_s: seconds(mean), high_s: seconds(high) }
}

fn seconds(minutes: f64) -> u32 {
    // Between nothing and some hours.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let seconds = (minutes * 60.0).clamp(0.0, f64::from(Range::CUT_S)).round() as u32;
    seconds
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of a service that takes 8 minutes, with this many windows' time.
    fn mean_minutes(waiting: f64, per_minute: f64, windows: f64) -> f64 {
        let work = Work { waiting, per_minute, minutes_each: 8.0 };
        f64::from(wait(&work, windows * MINUTES).mean_s) / 60.0
    }

    #[test]
    fn a_window_that_just_keeps_up_does_not_foretell_hours_to_an_empty_queue() {
        let just = mean_minutes(0.0, 0.125, 1.0);
        assert!((6.0..15.0).contains(&just), "{just}");
        assert!(mean_minutes(0.0, 0.06, 1.0) < just, "half as many come");
        assert!(mean_minutes(0.0, 0.5, 4.0) < just, "four windows even out chance");
        // Six wait, and none of it goes away: eight minutes each.
        let queue = mean_minutes(6.0, 0.125, 1.0);
        assert!((45.0..55.0).contains(&queue), "{queue}");
    }
}
