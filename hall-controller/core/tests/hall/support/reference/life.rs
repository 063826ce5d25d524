//! Tickets come, and what becomes of them beside calls.

use hall_core::answer::Answer;
use hall_core::event::{Cause, Event, ExpiryReason, RequeueReason};
use hall_core::plan::{Kiosk, Plan, Service};
use hall_core::refusal::Refusal;
use hall_core::ticket::TicketState;
use hall_protocol::id::{ServiceId, WindowId};
use hall_protocol::number::TicketNumber;
use hall_protocol::payload::{Class, ServiceOutcome};

use super::{Card, Hand, Origin, Place, Reference, ticket_id};

impl Reference {
    /// A ticket that is not at its end comes to it.
    pub(super) fn expire(&mut self, card: usize, why: ExpiryReason) {
        let Card { id: ticket, number, place, .. } = self.cards[card];
        let window = match place {
            Place::Done(_) => return,
            Place::Hand(window) | Place::Aside(window) => Some(window),
            Place::Queue | Place::QueueOf(_) | Place::Later(_) => None,
        };
        self.say(Event::Expired { ticket, number, window, why });
        self.put(card, Place::Done(TicketState::Expired));
    }

    /// A plan comes, perhaps without its service, window or matters.
    pub(super) fn displace(&mut self, card: usize, plan: &Plan) {
        let Card { id: ticket, number, service, place, .. } = self.cards[card];
        if let Place::Done(_) = place {
            return;
        }
        self.loses_matters(card, plan);
        if plan.service(service).is_none() {
            self.loses_its_service(card, plan);
        } else if let Place::Hand(window) | Place::Aside(window) | Place::QueueOf(window) = place
            && plan.window(window).is_none()
        {
            let why = RequeueReason::WindowWithdrawn;
            self.say(Event::Requeued { ticket, number, window, why });
            self.put(card, Place::Queue);
        }
    }

    /// A plan comes without the service it is for: it is for its next matter from now on, if it has one.
    fn loses_its_service(&mut self, card: usize, plan: &Plan) {
        let Card { id: ticket, number, service, place, issued_at, .. } = self.cards[card];
        let Some(nth) = self.next_matter_of_both(card, plan) else {
            return self.expire(card, ExpiryReason::ServiceWithdrawn);
        };
        let window = match place {
            Place::Hand(window) | Place::Aside(window) => Some(window),
            _ => None,
        };
        let all = self.cards[card].matters.clone();
        self.say(Event::MatterWithdrawn { ticket, number, window, service, next: Some(all[nth]) });
        let moved = &mut self.cards[card];
        (moved.service, moved.standing) = (all[nth], issued_at);
        moved.matters = all[nth + 1..].to_vec();
        self.put(card, Place::Queue);
    }

    fn next_matter_of_both(&self, card: usize, plan: &Plan) -> Option<usize> {
        let now = self.plan();
        let stays = |matter: &ServiceId| now.service(*matter).and(plan.service(*matter)).is_some();
        self.cards[card].matters.iter().position(stays)
    }

    /// It is told of those that it was to be for later, unless it ends.
    fn loses_matters(&mut self, card: usize, plan: &Plan) {
        let Card { id: ticket, number, service, matters, .. } = self.cards[card].clone();
        if plan.service(service).is_none() && self.next_matter_of_both(card, plan).is_none() {
            return;
        }
        for service in matters {
            if plan.service(service).is_none() && self.plan().service(service).is_some() {
                self.say(Event::MatterWithdrawn { ticket, number, window: None, service, next: None });
            }
        }
    }

    pub(super) fn take(
        &mut self,
        planned: &Kiosk,
        service: ServiceId,
        class: Class,
        also: &[ServiceId],
    ) -> Result<Answer, Refusal> {
        let plan = self.plan();
        let kiosk = planned.id;
        if !planned.services.contains(&service) {
            return Err(Refusal::UnknownService { service });
        }
        if class == Class::Appointment {
            return Err(Refusal::OnlyByCheckIn);
        }
        let granted = Self::granted(planned, class);
        let (class, claimed) = granted.ok_or(Refusal::ClassNotGranted { class })?;
        for (nth, matter) in also.iter().enumerate() {
            let service_of_matter = plan.service(*matter).filter(|_| planned.services.contains(matter));
            let known = service_of_matter.ok_or(Refusal::UnknownService { service: *matter })?;
            self.may_give(known, false)?;
            if *matter == service || also[..nth].contains(matter) {
                return Err(Refusal::MatterTwice { service: *matter });
            }
        }
        let asked = plan.service(service).ok_or(Refusal::UnknownService { service })?;
        self.may_give(asked, self.next_number(asked).is_err())?;
        let number = self.next_number(asked)?;
        let ahead = self.waiting(service);
        let last = self.cards.iter().filter(|card| card.queues_for(service)).map(|card| card.standing).max();
        let card = self.new_card(number, service);
        (self.cards[card].class, self.cards[card].claimed) = (class, claimed);
        self.cards[card].matters = also.to_vec();
        let ticket = self.cards[card].id;
        let also = also.to_vec();
        let half = self.half(self.local());
        self.gave.extend(also.iter().chain([&service]).map(|matter| (ticket, *matter, half)));
        let half = Some(half);
        let printed_at = None;
        self.say(Event::Issued {
            ticket,
            number,
            service,
            class,
            kiosk,
            ahead,
            also,
            claimed,
            half,
            printed_at,
            instead_of: None,
            check_in: None,
            estimate: None,
        });
        if let Cause::Press(press) = self.cause {
            self.taken.push((press, ticket));
        }
        self.put(card, Place::Queue);
        self.cards[card].standing = self.now.at.max(last.unwrap_or(self.now.at));
        self.call_to_armed_windows();
        Ok(Answer::Ticket {
            number,
            service,
            issued_at: self.now.at,
            ahead,
            appointment: None,
            estimate: None,
        })
    }

    pub(super) fn next_number(&self, service: &Service) -> Result<TicketNumber, Refusal> {
        let (prefix, digits) = (service.prefix, service.digits.digits());
        let last = self.below_leases(prefix).min(digits.last());
        let free = (self.last_own(prefix) + 1..=last).find(|value| !self.is_of_yesterday(prefix, *value));
        free.and_then(|value| TicketNumber::new(prefix, value, digits).ok())
            .ok_or(Refusal::NumbersUsedUp { service: service.id, opens: None })
    }

    /// As what a kiosk takes somebody of this class, and what it leaves to the staff.
    pub(super) fn granted(kiosk: &Kiosk, class: Class) -> Option<(Class, Option<Class>)> {
        match class {
            class if kiosk.classes.contains(&class) => Some((class, None)),
            class if kiosk.classes_to_confirm.contains(&class) => Some((Class::Ordinary, Some(class))),
            _ => None,
        }
    }

    /// A card that lies nowhere yet.
    pub(super) fn new_card(&mut self, number: TicketNumber, service: ServiceId) -> usize {
        self.given += 1;
        let at = self.now.at;
        self.cards.push(Card {
            id: ticket_id(self.given),
            number,
            origin: Origin::Hall,
            service,
            class: Class::Ordinary,
            claimed: None,
            matters: Vec::new(),
            had_another_call: false,
            slot: None,
            called: false,
            issued_at: at,
            standing: at,
            place: Place::Done(TicketState::Expired),
            since: at,
            missed_at: 0,
            moved: 0,
            hand: Hand::default(),
        });
        self.cards.len() - 1
    }

    pub(super) fn back_at_a_kiosk(&mut self, number: TicketNumber) -> Result<Answer, Refusal> {
        let card = self.give_back(Some(number))?;
        let Card { service, issued_at, standing, id, .. } = self.cards[card];
        let before = |other: &&Card| other.queues_for(service) && (other.standing, other.id) < (standing, id);
        let ahead = u32::try_from(self.cards.iter().filter(before).count()).unwrap();
        self.call_to_armed_windows();
        Ok(Answer::Ticket { number, service, issued_at, ahead, appointment: None, estimate: None })
    }

    pub(super) fn cancel(
        &mut self,
        number: Option<TicketNumber>,
        reason: Option<&str>,
    ) -> Result<(), Refusal> {
        let card = self.numbered(number)?;
        let Card { id: ticket, number, place, .. } = self.cards[card];
        let window = match place {
            Place::Aside(window) => Some(window),
            _ if self.cards[card].waits() => None,
            _ => return Err(Refusal::NotWaiting { number }),
        };
        let reason = reason.map(Into::into);
        self.say(Event::Cancelled { ticket, number, window, reason, replaced_by: None });
        self.put(card, Place::Done(TicketState::Cancelled));
        Ok(())
    }

    /// A missed ticket comes back in time, a parked one at any time.
    pub(super) fn give_back(&mut self, number: Option<TicketNumber>) -> Result<usize, Refusal> {
        let card = self.numbered(number)?;
        let Card { id: ticket, number, service, place, missed_at, .. } = self.cards[card];
        let plan = self.plan();
        let window = match place {
            Place::Aside(window) => Some(window),
            Place::Done(TicketState::Missed) => {
                let minutes = plan.policy().return_grace_minutes;
                let passed_ms = self.passed_ms + self.wall.ms_since(self.looked) - missed_at;
                if minutes == 0 || passed_ms > u64::from(minutes) * 60_000 {
                    return Err(Refusal::GraceOver { number, minutes });
                }
                None
            }
            _ => return Err(Refusal::NotMissed { number }),
        };
        plan.service(service).ok_or(Refusal::UnknownService { service })?;
        let seniority = plan.policy().return_seniority;
        let standing = self.standing(seniority, card, |other| other.queues_for(service));
        self.say(Event::Returned { ticket, number, window, standing });
        self.cards[card].standing = standing;
        self.put(card, Place::Queue);
        Ok(card)
    }

    /// The service of a ticket in hand begins, if nobody said so before.
    pub(super) fn begin(&mut self, card: usize, window: WindowId) {
        let Card { id: ticket, number, hand, .. } = self.cards[card];
        if !hand.serving {
            self.say(Event::Started { ticket, number, window });
            self.cards[card].hand = Hand { serving: true, touched: self.now.at, ..hand };
        }
    }

    /// The ticket in hand is done, or goes on to its next matter.
    pub(super) fn finish(
        &mut self,
        card: usize,
        window: WindowId,
        outcome: ServiceOutcome,
        reason: Option<&str>,
    ) {
        let reason = said(reason);
        self.begin(card, window);
        let plan = self.plan();
        let Card { id: ticket, number, service: of, issued_at, .. } = self.cards[card];
        let matters = &self.cards[card].matters;
        let next = matters.iter().position(|matter| plan.service(*matter).is_some());
        if let Some(nth) = next {
            let next = matters[nth];
            self.say(Event::MatterFinished { ticket, number, window, next, outcome, reason });
            let done = &mut self.cards[card];
            done.matters.drain(..=nth);
            (done.service, done.standing) = (next, issued_at);
            self.put(card, Place::Queue);
        } else {
            self.say(Event::Finished { ticket, number, window, outcome, reason });
            self.put(card, Place::Done(TicketState::Finished));
        }
        self.counter(window).served = Some((ticket, number, of, self.now.at, false));
    }

    /// Whether a ticket is for this matter already.
    pub(super) fn is_new_matter(&self, card: usize, service: ServiceId) -> Result<(), Refusal> {
        let Card { service: now, matters, .. } = &self.cards[card];
        let twice = *now == service || matters.contains(&service);
        if twice { Err(Refusal::MatterTwice { service }) } else { Ok(()) }
    }
}

/// A reason that is one.
pub(super) fn said(reason: Option<&str>) -> Option<String> {
    let reason = reason.unwrap_or_default().trim();
    if reason.is_empty() { None } else { Some(reason.into()) }
}
