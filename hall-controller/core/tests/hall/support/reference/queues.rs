//! Who waits where, found by looking at every card; and calls.

use hall_core::event::{CallReason, Cause, Event, Rule};
use hall_core::plan::Seniority;
use hall_core::refusal::Refusal;
use hall_core::ticket::TicketId;
use hall_core::time::HallTime;
use hall_protocol::id::{ServiceId, WindowId};
use hall_protocol::number::TicketNumber;
use hall_protocol::payload::WindowMode;

use super::{Card, Hand, Place, Reference};

/// Since when, who, and where its card is.
pub(super) type Waiting = (HallTime, TicketId, usize);

impl Reference {
    /// Who stands first of these.
    pub(super) fn first(&self, of: impl Fn(&Card) -> bool) -> Option<Waiting> {
        let cards = self.cards.iter().enumerate().filter(|(_, card)| of(card));
        cards.map(|(at, card)| (card.standing, card.id, at)).min()
    }

    pub(super) fn in_hand(&self, window: WindowId) -> Option<usize> {
        self.cards.iter().position(|card| card.place == Place::Hand(window))
    }

    pub(super) fn numbered(&self, number: Option<TicketNumber>) -> Result<usize, Refusal> {
        let number = number.ok_or(Refusal::NumberRequired)?;
        let card = self.cards.iter().position(|card| card.number == number);
        card.ok_or(Refusal::UnknownNumber { number })
    }

    pub(super) fn waiting(&self, service: ServiceId) -> u32 {
        let waits =
            |card: &&Card| card.service == service && matches!(card.place, Place::Queue | Place::Later(_));
        u32::try_from(self.cards.iter().filter(waits).count()).unwrap()
    }

    /// Move a card; what it waits by it may be called by an armed window.
    pub(super) fn put(&mut self, card: usize, place: Place) {
        self.moves += 1;
        let moved = &mut self.cards[card];
        (moved.place, moved.since, moved.moved) = (place, self.now.at, self.moves);
        if moved.waits() {
            self.began.push(card);
        }
        if moved.slot.is_some() {
            self.tell_the_booking(card);
        }
    }

    /// Where a ticket stands that comes to this queue.
    pub(super) fn standing(
        &self,
        seniority: Seniority,
        card: usize,
        there: impl Fn(&Card) -> bool,
    ) -> HallTime {
        let others = || self.cards.iter().filter(|card| there(card)).map(|card| card.standing);
        match seniority {
            Seniority::IssueTime => self.cards[card].issued_at,
            Seniority::Front => {
                let issued_at = self.cards[card].issued_at;
                others().min().map_or(issued_at, |at| at.plus_ms(-1).min(issued_at))
            }
            Seniority::Back => others().max().map_or(self.now.at, |at| at.plus_ms(1).max(self.now.at)),
        }
    }

    pub(super) fn place_of(&self, ticket: TicketId) -> usize {
        self.cards.iter().position(|card| card.id == ticket).unwrap()
    }

    pub(super) fn call(&mut self, card: usize, window: WindowId, why: CallReason) {
        let Card { id: ticket, number, service, .. } = self.cards[card];
        let wall = (self.wall < self.now.at).then_some(self.wall);
        self.count_call(service, &why);
        self.say(Event::Called { ticket, number, window, why, wall });
        self.disarm(window);
        self.put(card, Place::Hand(window));
        let called = &mut self.cards[card];
        called.hand = Hand { touched: self.now.at, wall: self.wall, ..Hand::default() };
        called.called = true;
        if called.slot.is_some() {
            called.standing = called.standing.min(self.now.at);
        }
        // One call less to wait for who is called again later.
        for other in &mut self.cards {
            if let Place::Later(left) = &mut other.place
                && other.service == service
            {
                *left -= 1;
                if *left == 0 {
                    (other.place, other.since, other.standing) = (Place::Queue, self.now.at, other.issued_at);
                }
            }
        }
    }

    /// Whoever begins to wait is called where a window is armed for it, the longest armed first.
    pub(super) fn call_to_armed_windows(&mut self) {
        let pressed = self.cause;
        for card in std::mem::take(&mut self.began) {
            let Card { place, service, .. } = self.cards[card];
            let suits = |window: WindowId| match place {
                Place::QueueOf(alone) => alone == window,
                _ => self.serves(window, service),
            };
            let suiting = self.armed.iter().filter(|(window, _)| suits(*window)).copied().collect();
            let fresh = self.is_new_and_without_slot(card);
            let armed = self.armed_for(card, service, fresh, suiting);
            if let Some((window, press)) = armed
                && self.cards[card].waits()
            {
                self.cause = Cause::Rule(Rule::ArmedNext);
                self.call(card, window, CallReason::Armed { press });
            }
        }
        self.cause = pressed;
    }

    /// Whether it is issued by what is being decided, and not for an appointment.
    fn is_new_and_without_slot(&self, card: usize) -> bool {
        self.said.iter().any(|said| match &said.event {
            Event::Issued { ticket, check_in, .. } => *ticket == self.cards[card].id && check_in.is_none(),
            _ => false,
        })
    }

    pub(super) fn disarm(&mut self, window: WindowId) {
        self.armed.retain(|(armed, _)| *armed != window);
    }

    pub(super) fn is_armed(&self, window: WindowId) -> bool {
        self.armed.iter().any(|(armed, _)| *armed == window)
    }

    /// Whether a window takes citizens.
    pub(super) fn is_open(&mut self, window: WindowId) -> Result<(), Refusal> {
        match self.counter(window).mode {
            WindowMode::Open => Ok(()),
            WindowMode::Paused => Err(Refusal::WindowPaused { window }),
            WindowMode::Closed => Err(Refusal::WindowClosed { window }),
        }
    }
}

impl Card {
    pub(super) fn waits(&self) -> bool {
        matches!(self.place, Place::Queue | Place::QueueOf(_) | Place::Later(_))
    }

    /// Whether it stands in the queue of this service by when it came.
    pub(super) fn queues_for(&self, service: ServiceId) -> bool {
        self.place == Place::Queue && self.service == service && !self.keeps_slot()
    }
}
