//! The keys of a window's pad.

use hall_core::answer::Answer;
use hall_core::command::Details;
use hall_core::event::{CallReason, Cause, Evaluation, Event, RequeueReason, SignOffReason};
use hall_core::plan::Seniority;
use hall_core::refusal::Refusal;
use hall_core::ticket::TicketState;
use hall_protocol::id::{ClerkId, ServiceId, WindowId};
use hall_protocol::number::TicketNumber;
use hall_protocol::payload::{Class, HandState, Key, MATTERS_MAX, WindowMode, WindowTicket};

use super::life::said;
use super::{Card, Hand, Place, Reference};

impl Reference {
    pub(super) fn key(
        &mut self,
        window: WindowId,
        key: Key,
        shown: Option<TicketNumber>,
        reason: Option<&str>,
        details: Details,
    ) -> Result<Answer, Refusal> {
        let hand = self.in_hand(window);
        match (shown, hand) {
            (Some(shown), Some(card)) if self.cards[card].number != shown => {
                return Err(Refusal::AnotherTicket { number: self.cards[card].number });
            }
            (Some(_), None) => return Err(Refusal::NoTicketInHand { window }),
            _ => {}
        }
        self.press(window, key, hand, reason, details)?;
        self.call_to_armed_windows();
        let ticket = self.in_hand(window).map(|card| {
            let Card { number, service, hand, .. } = self.cards[card];
            let state = if hand.serving { HandState::Serving } else { HandState::Called };
            WindowTicket { number, service, state, since_ms: hand.touched.unix_ms(), recalls: hand.recalls }
        });
        Ok(Answer::Window { mode: self.counter(window).mode, ticket, armed: self.is_armed(window) })
    }

    fn press(
        &mut self,
        window: WindowId,
        key: Key,
        hand: Option<usize>,
        reason: Option<&str>,
        details: Details,
    ) -> Result<(), Refusal> {
        let held = hand.ok_or(Refusal::NoTicketInHand { window });
        match key {
            Key::Next => self.next(window, hand, reason, details)?,
            Key::Pick => self.pick(window, hand, reason, details)?,
            Key::Recall => {
                let card = self.called(hand, window)?;
                let Card { id: ticket, number, hand, .. } = self.cards[card];
                self.say(Event::Recalled { ticket, number, window });
                self.cards[card].hand = Hand { recalls: hand.recalls + 1, touched: self.now.at, ..hand };
            }
            Key::NoShow => self.miss(window, hand)?,
            Key::Start => {
                let card = self.called(hand, window)?;
                self.begin(card, window);
            }
            Key::Finish | Key::Disarm if self.is_armed(window) => {
                self.say(Event::WindowDisarmed { window });
                self.disarm(window);
            }
            Key::Finish => self.finish(held?, window, details.outcome, reason),
            Key::Disarm => return Err(Refusal::NotArmed { window }),
            Key::SignOn => self.sign_on(window, hand, details.clerk)?,
            Key::SignOff => {
                let clerk = self.counter(window).clerk.ok_or(Refusal::NobodySignedOn { window })?;
                if let Some(card) = hand
                    && self.plan().clerks().iter().any(|known| known.id == clerk)
                {
                    return Err(Refusal::TicketInHand { number: self.cards[card].number });
                }
                self.say(Event::ClerkSignedOff { window, clerk, why: SignOffReason::Asked });
                if self.is_armed(window) {
                    self.say(Event::WindowDisarmed { window });
                    self.disarm(window);
                }
                self.counter(window).clerk = None;
            }
            Key::Open | Key::Pause | Key::Resume => self.change_mode(window, key, reason)?,
            Key::Close => self.close(window, hand)?,
            Key::Transfer => self.transfer(window, held?, reason, details)?,
            Key::Park => {
                let card = held?;
                self.begin(card, window);
                let Card { id: ticket, number, .. } = self.cards[card];
                self.say(Event::Parked { ticket, number, window, reason: reason.map(Into::into) });
                self.put(card, Place::Aside(window));
            }
            Key::Correct => self.correct(window, hand, details)?,
            Key::AddMatter => {
                let card = held?;
                let service = self.target(details)?;
                self.is_new_matter(card, service)?;
                let Card { id: ticket, number, .. } = self.cards[card];
                if self.cards[card].matters.len() >= MATTERS_MAX {
                    return Err(Refusal::TooManyMatters { number });
                }
                self.say(Event::MatterAdded { ticket, number, window, service });
                self.cards[card].matters.push(service);
            }
            _ => self.press_about(window, key, hand, reason, details)?,
        }
        Ok(())
    }

    /// The keys about another ticket than the one in hand.
    fn press_about(
        &mut self,
        window: WindowId,
        key: Key,
        hand: Option<usize>,
        reason: Option<&str>,
        details: Details,
    ) -> Result<(), Refusal> {
        match key {
            Key::Return => drop(self.give_back(details.number)?),
            Key::Cancel => self.cancel(details.number, reason)?,
            Key::Unpark => {
                let card = self.numbered(details.number)?;
                let Card { id: ticket, number, place, .. } = self.cards[card];
                if place != Place::Aside(window) {
                    return Err(Refusal::NotParkedHere { number });
                }
                self.has_free_hands(window, hand)?;
                self.say(Event::Unparked { ticket, number, window });
                self.serve(card, window);
            }
            Key::WalkIn => {
                self.has_free_hands(window, hand)?;
                let plan = self.plan();
                let (primary, backup) = self.allocation(window);
                let service = details.to_service.or(primary.iter().chain(&backup).next().copied());
                let service = service.ok_or(Refusal::TargetRequired)?;
                if let Some(clerk) = self.who_cannot(window, service) {
                    return Err(Refusal::SkillMissing { clerk, service });
                }
                let planned = plan.service(service).filter(|_| self.serves(window, service));
                let number = self.next_number(planned.ok_or(Refusal::UnknownService { service })?)?;
                let card = self.new_card(number, service);
                self.say(Event::WalkedIn { ticket: self.cards[card].id, number, service, window });
                self.cards[card].called = true;
                self.serve(card, window);
            }
            Key::Evaluate => {
                let lately = self.counter(window).served;
                let lately = lately.filter(|(_, _, _, at, _)| self.now.at.ms_since(*at) <= 600_000);
                let (ticket, number, of, at, judged) = lately.ok_or(Refusal::NothingToEvaluate { window })?;
                if judged {
                    return Err(Refusal::AlreadyEvaluated { number });
                }
                let grade = details.grade.ok_or(Refusal::GradeRequired)?;
                let service = Some(of);
                self.say(Event::Evaluated(Evaluation {
                    ticket,
                    number,
                    window,
                    service,
                    grade,
                    reason: said(reason),
                }));
                self.counter(window).served = Some((ticket, number, of, at, true));
            }
            Key::ConfirmClass => {
                let card = self.numbered(details.number)?;
                let Card { id: ticket, number, class: before, claimed, place, .. } = self.cards[card];
                let class = details.class.or(claimed).ok_or(Refusal::ClassRequired)?;
                if let Place::Done(_) = place {
                    return Err(Refusal::NotWaiting { number });
                }
                if class == Class::Appointment {
                    return Err(Refusal::OnlyByCheckIn);
                }
                if class == before {
                    return Err(Refusal::ClassStands { number });
                }
                self.say(Event::ClassConfirmed { ticket, number, class });
                (self.cards[card].class, self.cards[card].claimed) = (class, None);
            }
            _ => panic!("{key:?} has no rule in the reference"),
        }
        Ok(())
    }

    fn next(
        &mut self,
        window: WindowId,
        hand: Option<usize>,
        reason: Option<&str>,
        details: Details,
    ) -> Result<(), Refusal> {
        self.not_just_called(window, hand)?;
        let until = self.in_a_break(window);
        if until.is_some() && hand.is_none() {
            return Err(Refusal::WindowPaused { window });
        }
        if let Some(card) = hand {
            self.finish(card, window, details.outcome, reason);
        }
        if let Some(until) = until {
            self.take_a_break(window, until);
            return Ok(());
        }
        match self.next_at(window) {
            Some((card, why)) => self.call(card, window, why),
            None if self.is_armed(window) => return Err(Refusal::AlreadyArmed { window }),
            None if self.plan().policy().armed_next => {
                self.say(Event::WindowArmed { window });
                let press = if let Cause::Press(press) = self.cause { Some(press) } else { None };
                self.armed.push((window, press));
            }
            None if hand.is_none() => return Err(Refusal::NobodyWaiting { window }),
            None => {}
        }
        Ok(())
    }

    fn pick(
        &mut self,
        window: WindowId,
        hand: Option<usize>,
        reason: Option<&str>,
        details: Details,
    ) -> Result<(), Refusal> {
        let card = self.numbered(details.number)?;
        let Card { number, place, service, .. } = self.cards[card];
        let reason = reason.unwrap_or_default().trim();
        if reason.is_empty() {
            return Err(Refusal::ReasonRequired);
        }
        match place {
            Place::Queue | Place::Later(_) if self.serves(window, service) => {}
            Place::QueueOf(alone) if alone == window => {}
            Place::Queue | Place::Later(_) if self.who_cannot(window, service).is_some() => {
                let clerk = self.who_cannot(window, service).expect("asked");
                return Err(Refusal::SkillMissing { clerk, service });
            }
            _ if self.cards[card].waits() => return Err(Refusal::NotServedHere { number }),
            _ => return Err(Refusal::NotWaiting { number }),
        }
        self.not_just_called(window, hand)?;
        if let Some(done) = hand {
            self.finish(done, window, details.outcome, None);
        }
        self.call(card, window, CallReason::Picked { reason: reason.into() });
        Ok(())
    }

    /// The window is open, and whoever it called last was given a moment to come.
    fn not_just_called(&mut self, window: WindowId, hand: Option<usize>) -> Result<(), Refusal> {
        self.is_open(window)?;
        let guard_ms = u64::from(self.plan().policy().double_press_guard_ms);
        let Some(Card { number, hand, .. }) = hand.map(|card| &self.cards[card]) else { return Ok(()) };
        let set_back = self.wall < hand.wall;
        let soon = !set_back && self.wall.ms_since(hand.wall) < guard_ms;
        if !hand.serving && hand.recalls == 0 && soon {
            return Err(Refusal::JustCalled { number: *number });
        }
        Ok(())
    }

    /// The card in hand, whose citizen has not come yet.
    fn called(&self, hand: Option<usize>, window: WindowId) -> Result<usize, Refusal> {
        let card = hand.ok_or(Refusal::NoTicketInHand { window })?;
        let Card { number, hand, .. } = self.cards[card];
        if hand.serving { Err(Refusal::AlreadyServing { number }) } else { Ok(card) }
    }

    fn miss(&mut self, window: WindowId, hand: Option<usize>) -> Result<(), Refusal> {
        let card = self.called(hand, window)?;
        let Card { id: ticket, number, hand, had_another_call, .. } = self.cards[card];
        let plan = self.plan();
        let policy = plan.policy();
        let recalls = policy.no_show_after_recalls.saturating_sub(hand.recalls);
        let waited_ms = if self.wall < hand.wall { u64::MAX } else { self.wall.ms_since(hand.wall) };
        let left_ms = u64::from(policy.no_show_after_ms).saturating_sub(waited_ms);
        if recalls > 0 || left_ms > 0 {
            let seconds = u32::try_from(left_ms.div_ceil(1_000)).unwrap();
            return Err(Refusal::NoShowTooSoon { number, recalls, seconds });
        }
        if policy.defer_no_show_calls == 0 || had_another_call {
            let wall = (self.wall < self.now.at).then_some(self.wall);
            self.say(Event::Missed { ticket, number, window, wall });
            self.cards[card].missed_at = self.passed_ms;
            self.put(card, Place::Done(TicketState::Missed));
        } else {
            let after_calls = policy.defer_no_show_calls;
            self.say(Event::Deferred { ticket, number, window, after_calls });
            self.cards[card].had_another_call = true;
            self.put(card, Place::Later(after_calls));
        }
        Ok(())
    }

    fn sign_on(
        &mut self,
        window: WindowId,
        hand: Option<usize>,
        clerk: Option<ClerkId>,
    ) -> Result<(), Refusal> {
        let plan = self.plan();
        let clerk = clerk.ok_or(Refusal::ClerkRequired)?;
        let clerks = plan.clerks();
        let find = |wanted: ClerkId| clerks.iter().find(|clerk| clerk.id == wanted);
        if !clerks.is_empty() {
            find(clerk).ok_or(Refusal::UnknownClerk { clerk })?;
            let (first, second) = self.with_clerk(window, Some(clerk));
            if first.is_empty() && second.is_empty() {
                return Err(Refusal::ClerkUnskilled { clerk, window, service: None });
            }
        }
        if let Some(counter) = self.counters.iter().find(|counter| counter.clerk == Some(clerk)) {
            return Err(Refusal::ClerkElsewhere { clerk, window: counter.id });
        }
        let before = self.counter(window).clerk;
        if let Some(of) = before
            && hand.is_some()
            && find(of).is_some_and(|planned| planned.backup != Some(clerk))
        {
            return Err(Refusal::NotBackup { clerk, of });
        }
        self.say(Event::ClerkSignedOn { window, clerk, in_place_of: before });
        self.counter(window).clerk = Some(clerk);
        if self.is_armed(window)
            && let Some((card, why)) = self.next_at(window)
        {
            self.call(card, window, why);
        }
        Ok(())
    }

    pub(super) fn change_mode(
        &mut self,
        window: WindowId,
        key: Key,
        reason: Option<&str>,
    ) -> Result<(), Refusal> {
        let mode = self.counter(window).mode;
        let (needed, event) = match key {
            Key::Open => (WindowMode::Closed, Event::WindowOpened { window }),
            Key::Resume => (WindowMode::Paused, Event::WindowResumed { window }),
            _ => (WindowMode::Open, Event::WindowPaused { window, reason: reason.map(Into::into) }),
        };
        if mode != needed {
            return Err(match mode {
                WindowMode::Open => Refusal::WindowOpen { window },
                WindowMode::Paused => Refusal::WindowPaused { window },
                WindowMode::Closed => Refusal::WindowClosed { window },
            });
        }
        self.say(event);
        let paused = key == Key::Pause;
        if paused {
            self.counter(window).mode = WindowMode::Paused;
            self.counter(window).back_at = None;
            self.disarm(window);
        } else {
            let opened_at = self.now.at;
            let counter = self.counter(window);
            (counter.mode, counter.opened_at) = (WindowMode::Open, opened_at);
        }
        Ok(())
    }

    pub(super) fn close(&mut self, window: WindowId, hand: Option<usize>) -> Result<(), Refusal> {
        if let Some(card) = hand {
            return Err(Refusal::TicketInHand { number: self.cards[card].number });
        }
        if self.counter(window).mode == WindowMode::Closed {
            return Err(Refusal::WindowClosed { window });
        }
        let mut bound: Vec<_> = (0..self.cards.len())
            .filter_map(|at| match self.cards[at].place {
                Place::QueueOf(alone) if alone == window => {
                    Some((0, self.cards[at].standing.unix_ms(), self.cards[at].id.get(), at))
                }
                Place::Aside(there) if there == window => Some((1, 0, self.cards[at].moved, at)),
                _ => None,
            })
            .collect();
        bound.sort_unstable();
        for (_, _, _, card) in bound {
            let Card { id: ticket, number, .. } = self.cards[card];
            self.say(Event::Requeued { ticket, number, window, why: RequeueReason::WindowClosed });
            self.put(card, Place::Queue);
        }
        self.closes(window);
        Ok(())
    }

    fn transfer(
        &mut self,
        window: WindowId,
        card: usize,
        reason: Option<&str>,
        details: Details,
    ) -> Result<(), Refusal> {
        let plan = self.plan();
        let Card { id: ticket, number, service: from, .. } = self.cards[card];
        let Details { to_service, to_window, .. } = details;
        if to_service.is_none() && to_window.is_none() {
            return Err(Refusal::TargetRequired);
        }
        let service = to_service.unwrap_or(from);
        plan.service(service).ok_or(Refusal::UnknownService { service })?;
        if let Some(to) = to_window {
            plan.window(to).ok_or(Refusal::UnknownWindow { window: to })?;
            if self.counter(to).mode == WindowMode::Closed {
                return Err(Refusal::WindowClosed { window: to });
            }
        }
        if to_window == Some(window) || (to_window.is_none() && service == from) {
            return Err(Refusal::SamePlace { number });
        }
        let seniority = plan.policy().transfer_seniority;
        let in_front = seniority == Seniority::Front;
        let standing = self.standing(seniority, card, |other| match to_window {
            Some(to) => {
                let beside = in_front && self.serves(to, other.service) && other.queues_for(other.service);
                other.place == Place::QueueOf(to) || beside
            }
            None => other.queues_for(service),
        });
        self.begin(card, window);
        let reason = reason.map(Into::into);
        self.say(Event::Transferred { ticket, number, window, service, to_window, standing, reason });
        self.cards[card].matters.retain(|matter| *matter != service);
        (self.cards[card].service, self.cards[card].standing) = (service, standing);
        self.put(card, to_window.map_or(Place::Queue, Place::QueueOf));
        Ok(())
    }

    fn correct(&mut self, window: WindowId, hand: Option<usize>, details: Details) -> Result<(), Refusal> {
        let service = self.target(details)?;
        let in_hand =
            hand.filter(|card| details.number.is_none_or(|number| number == self.cards[*card].number));
        let card = match (in_hand, details.number) {
            (Some(card), _) => card,
            (None, None) => return Err(Refusal::NoTicketInHand { window }),
            (None, number) => self.numbered(number)?,
        };
        let Card { id: ticket, number, issued_at, .. } = self.cards[card];
        if in_hand.is_none() && !self.cards[card].waits() {
            return Err(Refusal::NotWaiting { number });
        }
        if self.cards[card].service == service {
            return Err(Refusal::SamePlace { number });
        }
        self.is_new_matter(card, service)?;
        let stays = in_hand.is_some() && self.serves(window, service);
        if in_hand.is_some() && !stays {
            self.begin(card, window);
        }
        let at = in_hand.map(|_| window);
        self.say(Event::ServiceCorrected { ticket, number, window: at, service, in_hand: stays });
        self.cards[card].service = service;
        if !stays {
            if !self.cards[card].keeps_slot() {
                self.cards[card].standing = issued_at;
            }
            self.put(card, Place::Queue);
        }
        Ok(())
    }

    fn target(&self, details: Details) -> Result<ServiceId, Refusal> {
        let service = details.to_service.ok_or(Refusal::TargetRequired)?;
        self.plan().service(service).map(|_| service).ok_or(Refusal::UnknownService { service })
    }

    fn has_free_hands(&mut self, window: WindowId, hand: Option<usize>) -> Result<(), Refusal> {
        match hand {
            Some(card) => Err(Refusal::TicketInHand { number: self.cards[card].number }),
            None => self.is_open(window),
        }
    }

    /// Served without a call.
    fn serve(&mut self, card: usize, window: WindowId) {
        self.disarm(window);
        self.put(card, Place::Hand(window));
        self.cards[card].hand =
            Hand { serving: true, touched: self.now.at, wall: self.now.at, ..Hand::default() };
    }
}
