//! What waits are to be expected in the next half hour, if windows serve what they serve now, or
//! something else.
//!
//! A fluid: the work of each service, those who wait and those who are expected, is spread over the
//! windows that are open for it ([`super::spread`]). The queue then grows or shrinks by the difference
//! of what comes and what the windows take. Where it does not grow, what is left is chance: the wait in
//! a queue with so many servers by Sakasegawa's approximation (1977). Four in five days lie within the
//! range: arrivals and services vary by the square root of their number.
//!
//! Deliberately simple: it is there to rank moves and to be held to account for what it foretells, not
//! to tell a citizen how long it takes.

use std::f64::consts::PI;

use hall_protocol::id::WindowId;
use hall_protocol::payload::WindowMode;

use super::{EXPECTED_MIN, Review, Tank, spread};
use crate::event::{Range, Services};
use crate::hall::Hall;

/// How far it looks: as long as those who come are followed up.
pub(super) const MINUTES: f64 = 30.0;
/// Moments of that time at which the queue is looked at.
const MOMENTS: u32 = 6;
/// Four in five lie within so many standard deviations.
const DEVIATIONS: f64 = 1.28;
/// A queue that is taken by nobody waits until the evening.
const WAIT_MINUTES_MAX: f64 = 240.0;
/// Closer to its limit a queue is not at rest within half an hour.
const LOAD_MAX: f64 = 0.95;

/// The services' work to come, and who can do it.
pub(super) struct Outlook<'a> {
    hall: &'a Hall,
    services: Vec<Work>,
    /// Open windows: their place in the plan and their speed.
    windows: Vec<(usize, f64)>,
}

struct Work {
    waiting: f64,
    per_minute: f64,
    minutes_each: f64,
}

impl Work {
    fn minutes(&self) -> f64 {
        (self.waiting + self.per_minute * MINUTES + EXPECTED_MIN) * self.minutes_each
    }
}

impl<'a> Outlook<'a> {
    pub(super) fn of(hall: &'a Hall, review: &Review) -> Self {
        let work = |(index, per_hour): (usize, &u32)| Work {
            waiting: f64::from(hall.waiting_at_index(index)),
            per_minute: f64::from(*per_hour) / 60e3,
            minutes_each: hall.usual_ms(index) / 6e4,
        };
        let open = hall.windows.iter().enumerate().filter(|(_, state)| state.mode == WindowMode::Open);
        Self {
            hall,
            services: review.arrivals.iter().enumerate().map(work).collect(),
            windows: open.map(|(index, state)| (index, state.pace.speed())).collect(),
        }
    }

    /// How many come for the service at this place in a minute.
    pub(super) fn per_minute(&self, service: usize) -> f64 {
        self.services.get(service).map_or(0.0, |work| work.per_minute)
    }

    /// The minutes of windows' time each service gets, if these windows served that instead.
    fn given(&self, instead: &[(WindowId, &Services)]) -> Vec<f64> {
        let plan = &self.hall.plan;
        let demand: Vec<f64> = self.services.iter().map(Work::minutes).collect();
        let tank = |(index, speed): &(usize, f64)| {
            let window = plan.windows().get(*index)?.id;
            let other = instead.iter().find(|(moved, _)| *moved == window).map(|(_, services)| *services);
            let now = self.hall.allocation(window);
            let places = other.map_or_else(
                || share(plan, now.primary.iter().chain(now.backup)),
                |services| share(plan, services.primary.iter().chain(&services.backup)),
            );
            Some(Tank { capacity_minutes: MINUTES * speed, shares: places })
        };
        let mut tanks: Vec<Tank> = self.windows.iter().filter_map(tank).collect();
        spread(&demand, &mut tanks)
    }

    /// How many of a service its windows take in a minute.
    pub(super) fn taken_per_minute(&self) -> Vec<f64> {
        let given = self.given(&[]);
        given
            .iter()
            .zip(&self.services)
            .map(|(minutes, work)| minutes / MINUTES / work.minutes_each)
            .collect()
    }

    /// The waits of those who come in the next half hour, by service, if these windows served that
    /// instead.
    pub(super) fn waits(&self, instead: &[(WindowId, &Services)]) -> Vec<Range> {
        self.given(instead).iter().zip(&self.services).map(|(minutes, work)| wait(work, *minutes)).collect()
    }
}

fn share<'s>(
    plan: &crate::plan::Plan,
    services: impl Iterator<Item = &'s hall_protocol::id::ServiceId>,
) -> Vec<(usize, f64)> {
    services.filter_map(|service| plan.service_index(*service)).map(|index| (index, 1.0)).collect()
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
    Range {
        low_s: seconds(fluid(-deviation)),
        mean_s: seconds(fluid(0.0).max(chance)),
        high_s: seconds(fluid(deviation).max(2.0 * chance)),
    }
}

fn seconds(minutes: f64) -> u32 {
    // Between nothing and some hours.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let seconds = (minutes.clamp(0.0, WAIT_MINUTES_MAX) * 60.0).round() as u32;
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
