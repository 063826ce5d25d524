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
type Waiting = (HallTime, TicketId, usize);

impl Reference {
    /// Who stands first of these.
    fn first(&self, of: impl Fn(&Card) -> bool) -> Option<Waiting> {
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
            Seniority::Front => others().min().map_or(self.now.at, |at| at.plus_ms(-1).min(self.now.at)),
            Seniority::Back => others().max().map_or(self.now.at, |at| at.plus_ms(1).max(self.now.at)),
        }
    }

    /// Who is to be called at a window, and why.
    pub(super) fn next_at(&self, window: WindowId) -> Option<(usize, CallReason)> {
        let plan = self.plan();
        let mut oldest = self.first(|card| card.place == Place::QueueOf(window));
        let mut passing: Option<Waiting> = None;
        let mut services = 0;
        for service in &plan.window(window)?.services {
            let queued = |card: &Card| card.place == Place::Queue && card.service == *service;
            let later = |card: &&Card| matches!(card.place, Place::Later(_)) && card.service == *service;
            let deferred = self.cards.iter().filter(later).min_by_key(|card| card.moved);
            let deferred = deferred.map(|card| (card.since, card.id, self.place_of(card.id)));
            let Some(head) = self.first(queued).or(deferred) else { continue };
            services += 1;
            oldest = oldest.into_iter().chain([head]).min();
            let since = self.since_pass.iter().find(|(of, _)| of == service).map(|(_, calls)| *calls);
            if since.is_none_or(|calls| calls >= plan.policy().priority_quota.max(2) - 1) {
                let first = self.first(|card| queued(card) && card.class.is_priority());
                passing = passing.into_iter().chain(first).min();
            }
        }
        let (_, _, oldest) = oldest?;
        match passing {
            Some((_, _, card)) if !self.cards[oldest].class.is_priority() => {
                Some((card, CallReason::Priority { class: self.cards[card].class }))
            }
            _ => Some((oldest, CallReason::Oldest { services })),
        }
    }

    fn place_of(&self, ticket: TicketId) -> usize {
        self.cards.iter().position(|card| card.id == ticket).unwrap()
    }

    pub(super) fn call(&mut self, card: usize, window: WindowId, why: CallReason) {
        let Card { id: ticket, number, service, .. } = self.cards[card];
        let wall = (self.wall < self.now.at).then_some(self.wall);
        self.say(Event::Called { ticket, number, window, why: why.clone(), wall });
        self.disarm(window);
        self.put(card, Place::Hand(window));
        self.cards[card].hand = Hand { touched: self.now.at, wall: self.wall, ..Hand::default() };
        let since = self.since_pass.iter_mut().find(|(of, _)| *of == service);
        match (why, since) {
            (CallReason::Priority { .. }, Some((_, calls))) => *calls = 0,
            (CallReason::Priority { .. }, None) => self.since_pass.push((service, 0)),
            (CallReason::Oldest { .. }, Some((_, calls))) => *calls += 1,
            _ => {}
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
            let plan = self.plan();
            let suits = |window: WindowId| match place {
                Place::QueueOf(alone) => alone == window,
                _ => plan.window(window).is_some_and(|window| window.services.contains(&service)),
            };
            let armed = self.armed.iter().find(|(window, _)| suits(*window)).copied();
            if let Some((window, press)) = armed
                && self.cards[card].waits()
            {
                self.cause = Cause::Rule(Rule::ArmedNext);
                self.call(card, window, CallReason::Armed { press });
            }
        }
        self.cause = pressed;
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

    pub(super) fn queues_for(&self, service: ServiceId) -> bool {
        self.place == Place::Queue && self.service == service
    }
}
