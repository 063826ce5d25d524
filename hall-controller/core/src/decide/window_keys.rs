//! The keys of a window's call pad, one function each.

use hall_protocol::id::{ServiceId, WindowId};
use hall_protocol::local::LocalTime;
use hall_protocol::number::TicketNumber;
use hall_protocol::payload::{Class, HandState, Key, WindowMode};

use super::corrections::evaluate;
use super::moves::park;
use crate::answer::Answer;
use crate::command::Details;
use crate::event::{CallReason, Event, RequeueReason};
use crate::hall::Hall;
use crate::queue::{Place, Queue};
use crate::refusal::Refusal;
use crate::ticket::Ticket;
use crate::time::{HallTime, Now};
use crate::window::{Hand, WindowState};

/// The hall's time, which never runs back, and the wall clock's, which may; opening hours go by
/// `local`, which is the wall's too.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment {
    pub(super) now: Now,
    pub(super) wall: HallTime,
    pub(super) local: LocalTime,
}

/// What came with a key.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked<'a> {
    /// The ticket the pad showed.
    pub(super) shown: Option<TicketNumber>,
    pub(super) reason: Option<&'a str>,
    pub(super) details: Details,
}

/// A ticket that begins to wait by what is being decided, before the next is called.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Joining {
    pub(crate) service: ServiceId,
    pub(crate) place: Place,
    pub(crate) class: Class,
}

impl Hall {
    pub(super) fn press_key(
        &self,
        window: WindowId,
        key: Key,
        asked: Asked<'_>,
        moment: Moment,
    ) -> Result<(Vec<Event>, Answer), Refusal> {
        let state = self.window_state(window).ok_or(Refusal::UnknownWindow { window })?;
        let Asked { shown, reason, details } = asked;
        if let Some(shown) = shown {
            match &state.hand {
                Some(hand) if hand.number == shown => {}
                Some(hand) => return Err(Refusal::AnotherTicket { number: hand.number }),
                None => return Err(Refusal::NoTicketInHand { window }),
            }
        }
        let events = match key {
            Key::Next => self.call_next(window, state, moment),
            Key::Recall => called_hand(window, state)
                .map(|hand| vec![Event::Recalled { ticket: hand.ticket, number: hand.number, window }]),
            Key::NoShow => self.miss(window, state, moment),
            Key::Start => called_hand(window, state)
                .map(|hand| vec![Event::Started { ticket: hand.ticket, number: hand.number, window }]),
            Key::SignOn => self.sign_on(window, state, details.clerk, moment),
            Key::SignOff => self.sign_off(window, state),
            Key::Disarm if !state.armed => Err(Refusal::NotArmed { window }),
            Key::Disarm => Ok(vec![Event::WindowDisarmed { window }]),
            Key::Finish if state.armed => Ok(vec![Event::WindowDisarmed { window }]),
            Key::Finish => {
                let hand = state.hand.as_ref().ok_or(Refusal::NoTicketInHand { window });
                hand.map(|hand| self.finish(window, hand))
            }
            Key::Pause => pause(window, state, reason),
            Key::Resume => resume(window, state),
            Key::Open => open(window, state),
            Key::Close => self.close(window, state),
            Key::Pick => self.pick(window, state, details.number, reason, moment),
            Key::Return => self.give_back(details.number, moment).map(|event| vec![event]),
            Key::Cancel => self.cancel(details.number, reason).map(|event| vec![event]),
            Key::Transfer => self.transfer(window, state, details, reason, moment.now),
            Key::Park => park(window, state, reason),
            Key::Unpark => self.unpark(window, state, details.number),
            Key::Correct => self.correct(window, state, details),
            Key::AddMatter => self.add_matter(window, state, details),
            Key::WalkIn => self.walk_in(window, state, details),
            Key::Evaluate => evaluate(window, state, details, reason, moment.now),
            Key::ConfirmClass => self.confirm_class(details),
        }?;
        let mut events = self.then_armed_calls(events, moment);
        // The reason of a pick is for the ticket that is picked.
        let said = stated(reason).filter(|_| key != Key::Pick);
        for event in &mut events {
            if let Event::Finished { outcome, reason, .. } | Event::MatterFinished { outcome, reason, .. } =
                event
            {
                (*outcome, *reason) = (details.outcome, said.map(str::to_owned));
            }
        }
        let answer = self.window_after(window, state, &events, moment.now);
        Ok((events, answer))
    }

    /// Whether the window serves it now.
    pub(super) fn serves(&self, window: WindowId, service: ServiceId) -> bool {
        self.allocation(window).iter().any(|(_, served)| served == service)
    }

    /// Finish the ticket in hand, if any, and summon the next citizen. With a ticket in hand and
    /// nobody waiting it only finishes; the policy may have it arm the window, too. When the window's
    /// break has come it only finishes and pauses.
    fn call_next(
        &self,
        window: WindowId,
        state: &WindowState,
        moment: Moment,
    ) -> Result<Vec<Event>, Refusal> {
        let mut events = self.free_for_a_call(window, state, moment.wall)?;
        let planned = self.plan.window(window).ok_or(Refusal::UnknownWindow { window })?;
        if let Some(pause) = self.break_due(planned, state, moment) {
            // Without a ticket the pause is due by itself at any moment.
            if events.is_empty() {
                return Err(Refusal::WindowPaused { window });
            }
            events.push(pause);
            return Ok(events);
        }
        match self.route(window, self.allocation(window), self.joining(&events), moment.now.at) {
            Some((ticket, why)) => events.push(called(ticket, window, why, moment)),
            None if state.armed => return Err(Refusal::AlreadyArmed { window }),
            None if self.plan.policy().armed_next => events.push(Event::WindowArmed { window }),
            None if events.is_empty() => return Err(Refusal::NobodyWaiting { window }),
            None => {}
        }
        Ok(events)
    }

    /// What ends the service of the ticket in hand, if any, so that another can be called.
    ///
    /// Refuses with [`Refusal::JustCalled`] within the double-press guard of the call: a trembling
    /// finger must not skip a citizen.
    ///
    /// The guard measures by the wall clock, which runs on after it was set back while the hall's
    /// time waits for it. A clock that shows less than at the call was set back since; how much
    /// time passed cannot be told then, and nobody is kept waiting for it. When such a clock comes
    /// past the call's moment again, the guard holds once more, for no longer than its time.
    pub(super) fn free_for_a_call(
        &self,
        window: WindowId,
        state: &WindowState,
        wall: HallTime,
    ) -> Result<Vec<Event>, Refusal> {
        takes_citizens(window, state)?;
        let guard_ms = u64::from(self.plan.policy().double_press_guard_ms);
        if let Some(hand) = &state.hand {
            let untouched = hand.state == HandState::Called && hand.recalls == 0;
            if untouched && wall >= hand.wall && wall.ms_since(hand.wall) < guard_ms {
                return Err(Refusal::JustCalled { number: hand.number });
            }
        }
        Ok(state.hand.as_ref().map(|hand| self.finish(window, hand)).unwrap_or_default())
    }

    /// The citizen in hand did not come, after the recalls and the time the policy gives them.
    ///
    /// Time is measured by the wall clock, as the double-press guard does, and with the same rule
    /// for a clock that was set back: nobody waits for it.
    fn miss(&self, window: WindowId, state: &WindowState, moment: Moment) -> Result<Vec<Event>, Refusal> {
        let wall = moment.wall;
        let Hand { ticket, number, recalls, wall: called, .. } = *called_hand(window, state)?;
        let policy = self.plan.policy();
        let recalls = policy.no_show_after_recalls.saturating_sub(recalls);
        let passed_ms = if wall < called { u64::MAX } else { wall.ms_since(called) };
        let left_ms = u64::from(policy.no_show_after_ms).saturating_sub(passed_ms);
        if recalls > 0 || left_ms > 0 {
            let seconds = u32::try_from(left_ms.div_ceil(1_000)).unwrap_or(u32::MAX);
            return Err(Refusal::NoShowTooSoon { number, recalls, seconds });
        }
        let after_calls = policy.defer_no_show_calls;
        if after_calls > 0 && self.tickets.get(ticket).is_some_and(|ticket| !ticket.deferred) {
            return Ok(vec![Event::Deferred { ticket, number, window, after_calls }]);
        }
        let wall = (wall < moment.now.at).then_some(wall);
        Ok(vec![Event::Missed { ticket, number, window, wall }])
    }

    /// The window closes; who waits for it alone, or is put aside there, goes back to the queue of
    /// their service, so that nobody waits for a closed window.
    pub(super) fn close(&self, window: WindowId, state: &WindowState) -> Result<Vec<Event>, Refusal> {
        match (&state.hand, state.mode) {
            (Some(hand), _) => return Err(Refusal::TicketInHand { number: hand.number }),
            (None, WindowMode::Closed) => return Err(Refusal::WindowClosed { window }),
            (None, _) => {}
        }
        let sent = self.plan.window_index(window).and_then(|index| self.window_queues.get(index));
        let sent = sent.into_iter().flat_map(Queue::iter).map(|(_, id)| *id);
        let parked = state.parked.iter().map(|(id, _)| *id);
        let events = sent.chain(parked).filter_map(|id| self.tickets.get(id)).map(|ticket| Event::Requeued {
            ticket: ticket.id,
            number: ticket.number,
            window,
            why: RequeueReason::WindowClosed,
        });
        Ok(events.chain([Event::WindowClosed { window }]).collect())
    }

    /// The window as these events leave it; those of other windows are passed over.
    fn window_after(&self, window: WindowId, before: &WindowState, events: &[Event], now: Now) -> Answer {
        let service_after = |id| {
            events.iter().find_map(|event| match event {
                Event::MatterFinished { ticket, next: service, .. }
                | Event::ServiceCorrected { ticket, service, .. }
                    if *ticket == id =>
                {
                    Some(*service)
                }
                _ => None,
            })
        };
        let mut after = before.clone();
        for event in events.iter().filter(|event| event.window() == Some(window)) {
            let service =
                event.ticket().and_then(|id| service_after(id).or(Some(self.tickets.get(id)?.service)));
            after.apply(event, service, now.at);
        }
        Answer::Window { mode: after.mode, ticket: after.hand.as_ref().map(Hand::shown), armed: after.armed }
    }
}

/// Summon a ticket. The wall clock is written down when it is behind the hall's time.
pub(super) fn called(ticket: &Ticket, window: WindowId, why: CallReason, moment: Moment) -> Event {
    let wall = (moment.wall < moment.now.at).then_some(moment.wall);
    Event::Called { ticket: ticket.id, number: ticket.number, window, why, wall }
}

fn called_hand(window: WindowId, state: &WindowState) -> Result<&Hand, Refusal> {
    match &state.hand {
        Some(hand) if hand.state == HandState::Called => Ok(hand),
        Some(hand) => Err(Refusal::AlreadyServing { number: hand.number }),
        None => Err(Refusal::NoTicketInHand { window }),
    }
}

/// The start of a service that nobody recorded: what is done with a ticket was done at the window.
pub(super) fn started(window: WindowId, hand: &Hand) -> Option<Event> {
    let Hand { ticket, number, state, .. } = *hand;
    (state == HandState::Called).then_some(Event::Started { ticket, number, window })
}

/// What was said, if anything was.
pub(super) fn stated(reason: Option<&str>) -> Option<&str> {
    reason.map(str::trim).filter(|reason| !reason.is_empty())
}

/// The window is open.
fn takes_citizens(window: WindowId, state: &WindowState) -> Result<(), Refusal> {
    match state.mode {
        WindowMode::Open => Ok(()),
        WindowMode::Paused => Err(Refusal::WindowPaused { window }),
        WindowMode::Closed => Err(Refusal::WindowClosed { window }),
    }
}

/// The window is open, and has no ticket in hand.
pub(super) fn has_free_hands(window: WindowId, state: &WindowState) -> Result<(), Refusal> {
    match &state.hand {
        Some(hand) => Err(Refusal::TicketInHand { number: hand.number }),
        None => takes_citizens(window, state),
    }
}

pub(super) fn pause(
    window: WindowId,
    state: &WindowState,
    reason: Option<&str>,
) -> Result<Vec<Event>, Refusal> {
    takes_citizens(window, state)?;
    Ok(vec![Event::WindowPaused { window, reason: reason.map(str::to_owned) }])
}

pub(super) fn resume(window: WindowId, state: &WindowState) -> Result<Vec<Event>, Refusal> {
    match state.mode {
        WindowMode::Paused => Ok(vec![Event::WindowResumed { window }]),
        WindowMode::Open => Err(Refusal::WindowOpen { window }),
        WindowMode::Closed => Err(Refusal::WindowClosed { window }),
    }
}

pub(super) fn open(window: WindowId, state: &WindowState) -> Result<Vec<Event>, Refusal> {
    match state.mode {
        WindowMode::Closed => Ok(vec![Event::WindowOpened { window }]),
        WindowMode::Open => Err(Refusal::WindowOpen { window }),
        WindowMode::Paused => Err(Refusal::WindowPaused { window }),
    }
}
