//! The keys of a window's call pad, one function each.

use hall_protocol::id::WindowId;
use hall_protocol::number::TicketNumber;
use hall_protocol::payload::{HandState, Key, WindowMode};

use crate::answer::Answer;
use crate::event::{CallReason, Event};
use crate::hall::Hall;
use crate::refusal::Refusal;
use crate::ticket::{Ticket, TicketId};
use crate::time::{HallTime, Now};
use crate::window::{Hand, WindowState};

/// The hall's time, which never runs back, and the wall clock's, which may.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment {
    pub(super) now: Now,
    pub(super) wall: HallTime,
}

impl Hall {
    pub(super) fn press_key(
        &self,
        window: WindowId,
        key: Key,
        shown: Option<TicketNumber>,
        reason: Option<&str>,
        Moment { now, wall }: Moment,
    ) -> Result<(Vec<Event>, Answer), Refusal> {
        let state = self.window_state(window).ok_or(Refusal::UnknownWindow { window })?;
        if let Some(shown) = shown {
            match &state.hand {
                Some(hand) if hand.number == shown => {}
                Some(hand) => return Err(Refusal::AnotherTicket { number: hand.number }),
                None => return Err(Refusal::NoTicketInHand { window }),
            }
        }
        let events = match key {
            Key::Next => self.call_next(window, state, Moment { now, wall }),
            Key::Recall => called_hand(window, state)
                .map(|hand| vec![Event::Recalled { ticket: hand.ticket, number: hand.number, window }]),
            Key::NoShow => called_hand(window, state)
                .map(|hand| vec![Event::Missed { ticket: hand.ticket, number: hand.number, window }]),
            Key::Start => called_hand(window, state)
                .map(|hand| vec![Event::Started { ticket: hand.ticket, number: hand.number, window }]),
            Key::Finish => state.hand.as_ref().ok_or(Refusal::NoTicketInHand { window }).map(finish(window)),
            Key::Pause => pause(window, state, reason),
            Key::Resume => resume(window, state),
            Key::Open => open(window, state),
            Key::Close => close(window, state),
        }?;
        let answer = self.window_after(state, &events, now);
        Ok((events, answer))
    }

    /// Finish the ticket in hand, if any, and summon the next citizen.
    ///
    /// Refuses with [`Refusal::JustCalled`] within the double-press guard of the call: a trembling
    /// finger must not skip a citizen. With a ticket in hand and nobody waiting it only finishes.
    ///
    /// The guard measures by the wall clock, which runs on after it was set back while the hall's
    /// time waits for it. A clock that shows less than at the call was set back since; how much
    /// time passed cannot be told then, and nobody is kept waiting for it. When such a clock comes
    /// past the call's moment again, the guard holds once more, for no longer than its time.
    fn call_next(
        &self,
        window: WindowId,
        state: &WindowState,
        Moment { now, wall }: Moment,
    ) -> Result<Vec<Event>, Refusal> {
        match state.mode {
            WindowMode::Open => {}
            WindowMode::Paused => return Err(Refusal::WindowPaused { window }),
            WindowMode::Closed => return Err(Refusal::WindowClosed { window }),
        }
        let guard_ms = u64::from(self.plan.policy().double_press_guard_ms);
        if let Some(hand) = &state.hand {
            let untouched = hand.state == HandState::Called && hand.recalls == 0;
            if untouched && wall >= hand.wall && wall.ms_since(hand.wall) < guard_ms {
                return Err(Refusal::JustCalled { number: hand.number });
            }
        }
        let mut events = state.hand.as_ref().map(finish(window)).unwrap_or_default();
        match self.route(window) {
            Some((ticket, why)) => {
                let wall = (wall < now.at).then_some(wall);
                events.push(Event::Called { ticket: ticket.id, number: ticket.number, window, why, wall });
            }
            None if events.is_empty() => return Err(Refusal::NobodyWaiting { window }),
            None => {}
        }
        Ok(events)
    }

    /// Who is next at `window`: first come, first served over all its services.
    ///
    /// O(services of the window), each the head of an ordered queue.
    fn route(&self, window: WindowId) -> Option<(&Ticket, CallReason)> {
        let mut oldest = None;
        let mut services = 0;
        for service in &self.plan.window(window)?.services {
            let queue = self.plan.service_index(*service).and_then(|index| self.queues.get(index));
            if let Some(head) = queue.and_then(|queue| queue.first()) {
                services += 1;
                oldest = Some(oldest.map_or(*head, |oldest: (_, TicketId)| oldest.min(*head)));
            }
        }
        Some((self.tickets.get(oldest?.1)?, CallReason::Oldest { services }))
    }

    fn window_after(&self, before: &WindowState, events: &[Event], now: Now) -> Answer {
        let mut after = before.clone();
        for event in events {
            let service = event.ticket().and_then(|id| Some(self.tickets.get(id)?.service));
            after.apply(event, service, now.at);
        }
        Answer::Window { mode: after.mode, ticket: after.hand.as_ref().map(Hand::shown) }
    }
}

fn called_hand(window: WindowId, state: &WindowState) -> Result<&Hand, Refusal> {
    match &state.hand {
        Some(hand) if hand.state == HandState::Called => Ok(hand),
        Some(hand) => Err(Refusal::AlreadyServing { number: hand.number }),
        None => Err(Refusal::NoTicketInHand { window }),
    }
}

/// Pads without a START key go from call to finish: the start is recorded with it.
fn finish(window: WindowId) -> impl Fn(&Hand) -> Vec<Event> {
    move |hand| {
        let Hand { ticket, number, state, .. } = *hand;
        let started = (state == HandState::Called).then_some(Event::Started { ticket, number, window });
        started.into_iter().chain([Event::Finished { ticket, number, window }]).collect()
    }
}

fn pause(window: WindowId, state: &WindowState, reason: Option<&str>) -> Result<Vec<Event>, Refusal> {
    match state.mode {
        WindowMode::Open => Ok(vec![Event::WindowPaused { window, reason: reason.map(str::to_owned) }]),
        WindowMode::Paused => Err(Refusal::WindowPaused { window }),
        WindowMode::Closed => Err(Refusal::WindowClosed { window }),
    }
}

fn resume(window: WindowId, state: &WindowState) -> Result<Vec<Event>, Refusal> {
    match state.mode {
        WindowMode::Paused => Ok(vec![Event::WindowResumed { window }]),
        WindowMode::Open => Err(Refusal::WindowOpen { window }),
        WindowMode::Closed => Err(Refusal::WindowClosed { window }),
    }
}

fn open(window: WindowId, state: &WindowState) -> Result<Vec<Event>, Refusal> {
    match state.mode {
        WindowMode::Closed => Ok(vec![Event::WindowOpened { window }]),
        WindowMode::Open => Err(Refusal::WindowOpen { window }),
        WindowMode::Paused => Err(Refusal::WindowPaused { window }),
    }
}

fn close(window: WindowId, state: &WindowState) -> Result<Vec<Event>, Refusal> {
    match (&state.hand, state.mode) {
        (Some(hand), _) => Err(Refusal::TicketInHand { number: hand.number }),
        (None, WindowMode::Closed) => Err(Refusal::WindowClosed { window }),
        (None, _) => Ok(vec![Event::WindowClosed { window }]),
    }
}
