//! Armed windows: whoever comes while nobody waits is called at once.

use std::collections::BTreeSet;

use hall_protocol::id::{ServiceId, WindowId};

use super::window_keys::Moment;
use crate::event::{CallReason, Event};
use crate::hall::Hall;

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
            let suits = |window: WindowId| match alone {
                Some(alone) => alone == window,
                None => self.serves(window, service),
            };
            let suitable =
                self.armed.iter().copied().filter(|(window, _)| !busy.contains(window) && suits(*window));
            if let (Some((window, press)), Some(ticket), Some(number)) =
                (self.best_armed(service, suitable), event.ticket(), event.number())
            {
                busy.insert(window);
                calls.push(Event::Called { ticket, number, window, why: CallReason::Armed { press }, wall });
            }
        }
        events.append(&mut calls);
        events
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
