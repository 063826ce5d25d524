//! Armed windows: whoever comes while nobody waits is called at once.

use std::collections::BTreeSet;

use hall_protocol::id::{ServiceId, WindowId};

use super::window_keys::{Moment, called};
use crate::event::{CallReason, Event};
use crate::hall::Hall;
use crate::plan::Routing;
use crate::queue::Place;

impl Hall {
    /// `events`, and behind them the calls of armed windows for the tickets that begin to wait by
    /// them: each at the window that was armed first of those that may call it, or by
    /// [`crate::plan::Routing::ServiceLevel`] at the one that costs least.
    ///
    /// O(armed windows) for each such ticket.
    pub(super) fn then_armed_calls(&self, mut events: Vec<Event>, moment: Moment) -> Vec<Event> {
        if self.armed.is_empty() {
            return events;
        }
        // What these events themselves stop or use is not armed any more.
        let ends = |event: &&Event| {
            matches!(
                event,
                Event::Called { .. }
                    | Event::Unparked { .. }
                    | Event::WalkedIn { .. }
                    | Event::WindowPaused { .. }
                    | Event::WindowClosed { .. }
                    | Event::WindowDisarmed { .. }
            )
        };
        let mut busy: BTreeSet<WindowId> = events.iter().filter(ends).filter_map(Event::window).collect();
        let wall = (moment.wall < moment.now.at).then_some(moment.wall);
        let mut calls = Vec::new();
        for event in &events {
            let Some((service, alone)) = self.begins_to_wait(event) else { continue };
            // One that goes on to its next matter may be called there by the same press.
            let calls_it =
                |other: &Event| matches!(other, Event::Called { .. }) && other.ticket() == event.ticket();
            if events.iter().any(calls_it) {
                continue;
            }
            let Some(index) = self.plan.service_index(service) else { continue };
            let serves = |window| {
                self.plan.window_index(window).is_some_and(|place| self.coverage.is_served(index, place))
            };
            let suits = |window: WindowId| alone.map_or_else(|| serves(window), |alone| alone == window);
            let suitable =
                self.armed.iter().copied().filter(|(window, _)| !busy.contains(window) && suits(*window));
            if let (Some((window, press)), Some(ticket), Some(number)) = (
                self.best_armed(service, patient(event, moment), suitable, moment.now.at),
                event.ticket(),
                event.number(),
            ) {
                busy.insert(window);
                calls.push(Event::Called { ticket, number, window, why: CallReason::Armed { press }, wall });
            }
        }
        events.append(&mut calls);
        events
    }

    /// The calls of armed windows that were kept free until now from those who wait.
    ///
    /// O(armed windows and their services).
    pub(super) fn no_longer_kept(&self, moment: Moment) -> Vec<Event> {
        let weighed = |index| self.routing_of(index) == Routing::ServiceLevel;
        if self.rare_windows == 0 || !(0..self.plan.services().len()).any(weighed) {
            return Vec::new();
        }
        let mut taken = BTreeSet::new();
        let mut calls = Vec::new();
        for (window, _) in &self.armed {
            let next = self.route(*window, self.allocation(*window), None, moment.now.at);
            // Of two windows with the same next one, the other looks again at the next tick.
            if let Some((ticket, why)) = next.filter(|(ticket, _)| taken.insert(ticket.id)) {
                calls.push(called(ticket, *window, why, moment));
            }
        }
        calls
    }

    /// For what, and for which window alone, the ticket of this event waits by it.
    fn begins_to_wait(&self, event: &Event) -> Option<(ServiceId, Option<WindowId>)> {
        match event {
            Event::Issued { service, .. }
            | Event::MatterFinished { next: service, .. }
            | Event::ServiceCorrected { service, in_hand: false, .. } => Some((*service, None)),
            Event::Transferred { service, to_window, .. } => Some((*service, *to_window)),
            Event::Returned { ticket, .. }
            | Event::Requeued { ticket, .. }
            | Event::Deferred { ticket, .. } => Some((self.tickets.get(*ticket)?.service, None)),
            _ => None,
        }
    }
}

/// The place of an ordinary ticket that comes new: for it a window may be kept from.
fn patient(event: &Event, moment: Moment) -> Option<Place> {
    match event {
        Event::Issued { ticket, class, check_in: None, .. } if !class.is_priority() => {
            Some((moment.now.at, *ticket))
        }
        _ => None,
    }
}
