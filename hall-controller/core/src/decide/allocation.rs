//! What a window serves: changed by the manager, or by the balancer at its reviews.

use hall_protocol::id::{ServiceId, WindowId};

use super::window_keys::{Moment, called};
use crate::balance::{self, Review};
use crate::event::{Cause, Event, Rule, Stamped};
use crate::hall::Hall;
use crate::plan::Balance;
use crate::refusal::Refusal;
use crate::routing::Served;
use crate::window::Allocation;

impl Hall {
    /// Let a window serve these from now on. A service in both lists is a primary one.
    ///
    /// Refuses what is not in the plan, no primary service at all, and what the clerk who is signed on
    /// has no skill for. An armed window calls at once who waits for what it is given.
    pub(super) fn allocate(
        &self,
        window: WindowId,
        primary: &[ServiceId],
        backup: &[ServiceId],
        moment: Moment,
    ) -> Result<Vec<Event>, Refusal> {
        let state = self.window_state(window).ok_or(Refusal::UnknownWindow { window })?;
        for service in primary.iter().chain(backup) {
            self.plan.service_index(*service).ok_or(Refusal::UnknownService { service: *service })?;
        }
        let primary = distinct(primary.iter().copied(), &[]);
        let backup = distinct(backup.iter().copied(), &primary);
        if primary.is_empty() {
            return Err(Refusal::TargetRequired);
        }
        if let Some(clerk) = state.clerk.and_then(|clerk| self.plan.clerk(clerk)) {
            let able = |service: &ServiceId| clerk.services.is_empty() || clerk.services.contains(service);
            if !primary.iter().chain(&backup).all(able) {
                return Err(Refusal::ClerkUnskilled { clerk: clerk.id, window });
            }
        }
        let next = state
            .armed
            .then(|| self.route(window, Served { primary: &primary, backup: &backup }, None, moment.now.at));
        let call = next.flatten().map(|(ticket, why)| called(ticket, window, why, moment));
        Ok([Event::Allocated { window, primary, backup }].into_iter().chain(call).collect())
    }

    /// When the balancer's turn has come: look at the whole hall, and move windows.
    pub(super) fn review(&self, moment: Moment) -> Vec<Stamped> {
        if self.plan.policy().balance == Balance::Off || !balance::is_due(self, moment.now.at) {
            return Vec::new();
        }
        let cause = Cause::Rule(Rule::Balancer);
        let stamp = |hall: &Self, event| hall.stamped(moment.now, cause, event, None);
        let Review { pressures, windows, arrivals, able, favours, rare_windows, moves } =
            balance::review(self, moment.now.at);
        let found = Event::Reviewed { pressures, windows, arrivals, able, favours, rare_windows };
        let mut events = vec![stamp(self, found)];
        let mut taken = Vec::new();
        for (window, Allocation { primary, backup }) in moves {
            let Ok(moved) = self.allocate(window, &primary, &backup, moment) else { continue };
            // One citizen cannot go to two windows that are moved at once; the other calls its next.
            let calls = moved.iter().find_map(|event| match event {
                Event::Called { ticket, .. } => Some(*ticket),
                _ => None,
            });
            if calls.is_some_and(|ticket| taken.contains(&ticket)) {
                continue;
            }
            taken.extend(calls);
            events.extend(moved.into_iter().map(|event| stamp(self, event)));
        }
        events
    }
}

fn distinct(services: impl Iterator<Item = ServiceId>, but: &[ServiceId]) -> Vec<ServiceId> {
    let mut kept: Vec<ServiceId> = Vec::new();
    for service in services {
        if !kept.contains(&service) && !but.contains(&service) {
            kept.push(service);
        }
    }
    kept
}
