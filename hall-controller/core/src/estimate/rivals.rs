//! Which part of a window's time a service gets beside the others it shares the window with, its rivals, and
//! for how long.
//!
//! By index the policy prefers some services to others; but only while anybody waits for them. Those who wait
//! now are so much work and no more: when that is done, with the work of who comes meanwhile, a service that
//! stood behind has all that is left. So nobody is told more than all the work before them takes.
//!
//! How many come meanwhile is foretold from what days like this bring. A hall without history has today's
//! arrivals alone, and those of the opening say little of the rest of the day: many stand at the door then.

use super::Forecast;
use crate::hall::as_f64;
use crate::plan::Routing;
use crate::routing::{Tier, precedence};

/// Where services compete by index, a window goes on with what it serves for this part of its time:
/// to change costs.
const GOES_ON: f64 = 0.3;
/// What a backup service gets of a window that has primary ones to serve.
const BACKUP_BEHIND: f64 = 0.15;
/// Today's arrivals alone are believed by half when they have been seen for so long.
const SEEN_MINUTES: f64 = 60.0;
/// They are spread over so many minutes at least.
const SPREAD_MINUTES: f64 = 15.0;

/// Which part of a window's time a service gets.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part {
    /// While its rivals have people waiting,
    pub(super) now: f64,
    /// and when those have been served; at least as much.
    pub(super) then: f64,
    /// When that is, in minutes of the window's time; infinite when it is never.
    pub(super) rivals_minutes: f64,
}

impl Part {
    /// Of a window that does nothing else.
    pub(super) const ALL: Self = Self { now: 1.0, then: 1.0, rivals_minutes: f64::INFINITY };
}

impl Forecast<'_> {
    /// Which part of the window's time the service gets.
    pub(super) fn part(&self, window: usize, index: usize) -> Part {
        let now = self.share(window, index);
        let forever = Part { now, then: now, rivals_minutes: f64::INFINITY };
        if now >= 1.0 || self.hall.routing_of(index) != Routing::ServiceLevel {
            // By seniority the queues that share a window end together.
            return forever;
        }
        let (mut waits, mut comes) = (0.0, 0.0);
        for (_, rival) in self.hall.coverage.at(window).iter().filter(|(_, rival)| *rival != index) {
            let (all, one) = self.loads.minutes_at(self.hall, window, *rival);
            waits += all;
            comes += self.loads.coming(*rival, || self.per_minute(*rival)) * one;
        }
        let then = (1.0 - comes).max(now);
        let gains = 1.0 - now - comes;
        if gains <= 0.0 { forever } else { Part { now, then, rivals_minutes: waits / gains } }
    }

    /// How many will come in a minute for the service at `index`.
    fn per_minute(&self, index: usize) -> f64 {
        let hall = self.hall;
        let Some(service) = hall.plan.services().get(index).map(|service| service.id) else { return 0.0 };
        let has_history = self.weekday.is_some_and(|day| hall.arrivals.usual(service, day).days > 0.0);
        if let Some(learnt) = hall.learnt.get(index).filter(|_| has_history && hall.reviewed_at.is_some()) {
            return f64::from(learnt.arrivals) / 6e4;
        }
        let seen = hall.arrivals.began().map_or(0.0, |began| as_f64(self.at.ms_since(began)) / 6e4);
        let believed = seen / (seen + SEEN_MINUTES);
        f64::from(hall.arrivals.today(service)) / seen.max(SPREAD_MINUTES) * believed * believed
    }

    /// Which part of the window's time the service gets.
    fn share(&self, window: usize, index: usize) -> f64 {
        let served = self.hall.coverage.at(window);
        if served.len() == 1 {
            return 1.0;
        }
        let by_index = self.hall.routing_of(index) == Routing::ServiceLevel;
        // By seniority queues that share a window end together; by index the one it prefers ends first.
        let load = |index: usize| {
            let load = self.loads.of(self.hall, index);
            if by_index { load * precedence(self.hall, index) } else { load }
        };
        let own = served.iter().find(|(_, other)| *other == index).map(|(tier, _)| *tier);
        let others = served.iter().filter(|(tier, other)| {
            let competes = by_index || Some(*tier) == own;
            competes && *other != index && self.hall.waiting_at_index(*other) > 0
        });
        let all: f64 = others.map(|(_, other)| load(*other)).sum::<f64>() + load(index);
        let share = load(index) / all;
        if by_index {
            let hand = self.hall.windows.get(window).and_then(|state| state.hand.as_ref());
            let hand = hand.and_then(|hand| self.hall.plan.service_index(hand.service));
            let goes_on = hand.map_or(share, |hand| f64::from(u8::from(hand == index)));
            return (1.0 - GOES_ON) * share + GOES_ON * goes_on;
        }
        let primary_waits = || {
            let mut primary = served.iter().filter(|(tier, _)| *tier == Tier::Primary);
            primary.any(|(_, other)| self.hall.waiting_at_index(*other) > 0)
        };
        if own == Some(Tier::Backup) && primary_waits() { share * BACKUP_BEHIND } else { share }
    }
}
