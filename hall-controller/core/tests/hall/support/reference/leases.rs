//! Numbers leased to kiosks, and the tickets they printed from them.

use hall_core::answer::{Answer, HandedIn, LeftOut};
use hall_core::command::{Printed, UnansweredTake};
use hall_core::event::{Cause, Device, Event, HandIn, LeaseEnd, PressId, Rule};
use hall_core::plan::{Kiosk, Plan};
use hall_core::refusal::Refusal;
use hall_core::ticket::{TicketId, TicketState};
use hall_core::time::{BusinessDay, HallTime};
use hall_protocol::id::{DeviceId, ServiceId};
use hall_protocol::local::{LocalDate, LocalTime};
use hall_protocol::number::{Prefix, TicketNumber};
use hall_protocol::payload::MATTERS_MAX;

use super::calendar::MINUTE_MS;
use super::{Card, Origin, Place, Reference};

#[derive(Clone, Debug)]
pub(super) struct Lease {
    day: BusinessDay,
    kiosk: DeviceId,
    service: ServiceId,
    first: TicketNumber,
    count: u16,
    at: HallTime,
    handed_in: Vec<TicketNumber>,
    over: bool,
    may_come: bool,
}

impl Lease {
    fn open(&self) -> u16 {
        if self.over { 0 } else { self.count - u16::try_from(self.handed_in.len()).unwrap() }
    }
}

impl Reference {
    pub(super) fn lease(&mut self, kiosk: &Kiosk, service: ServiceId, count: u16) -> Result<Answer, Refusal> {
        let plan = self.plan();
        let planned = plan.service(service).filter(|_| kiosk.services.contains(&service));
        let planned = planned.ok_or(Refusal::UnknownService { service })?;
        if kiosk.lease == 0 {
            return Err(Refusal::NoLease { kiosk: kiosk.id });
        }
        let its = self.leases.iter().filter(|lease| (lease.kiosk, lease.service) == (kiosk.id, service));
        if its.map(Lease::open).sum::<u16>() >= 3 * kiosk.lease {
            return Err(Refusal::LeasedEnough { service });
        }
        let out = self.leases.iter().filter(|lease| lease.service == service).map(Lease::open).sum();
        let count = count.min(self.left_to_lease(planned, out)?);
        // One block below all leases, of what nobody brought from yesterday; half of what is left stays.
        let is_kept = |value: u16| self.is_of_yesterday(planned.prefix, value);
        let mut top = self.below_leases(planned.prefix).min(planned.digits.digits().last());
        while is_kept(top) {
            top -= 1;
        }
        let most = count.min(kiosk.lease).min(top.saturating_sub(self.last_own(planned.prefix)) / 2);
        let count = (0..most).take_while(|steps| !is_kept(top - steps)).count();
        let count = u16::try_from(count).unwrap();
        let first = TicketNumber::new(planned.prefix, top + 1 - count, planned.digits.digits());
        let first = first.ok().filter(|_| count > 0);
        let first = first.ok_or(Refusal::NumbersUsedUp { service, opens: None })?;
        self.say(Event::NumbersLeased { kiosk: kiosk.id, service, first, count });
        let (day, at, handed_in, over, may_come) = (self.day, self.now.at, Vec::new(), false, false);
        let kiosk = kiosk.id;
        self.leases.push(Lease { day, kiosk, service, first, count, at, handed_in, over, may_come });
        Ok(Answer::Leased { service, first, count, day })
    }

    /// The highest value below all that is leased by these letters.
    pub(super) fn below_leases(&self, prefix: Prefix) -> u16 {
        let of_today = self.leases.iter().filter(|lease| lease.day == self.day);
        let of_letters = of_today.filter(|lease| lease.first.prefix() == prefix);
        of_letters.map(|lease| lease.first.value() - 1).min().unwrap_or(u16::MAX)
    }

    pub(super) fn is_of_yesterday(&self, prefix: Prefix, value: u16) -> bool {
        let it = |number: TicketNumber| (number.prefix(), number.value()) == (prefix, value);
        let on_paper = |lease: &Lease| {
            let mut out = (0..lease.count).map(|steps| lease.first.after(steps).unwrap());
            lease.day != self.day && out.any(|number| it(number) && !lease.handed_in.contains(&number))
        };
        self.cards.iter().any(|card| card.origin == Origin::Yesterday && it(card.number))
            || self.leases.iter().any(on_paper)
    }

    pub(super) fn last_own(&self, prefix: Prefix) -> u16 {
        let own = |card: &&Card| card.origin == Origin::Hall && card.number.prefix() == prefix;
        self.cards.iter().filter(own).map(|card| card.number.value()).max().unwrap_or(0)
    }

    pub(super) fn hand_in(
        &mut self,
        kiosk: &Kiosk,
        day: BusinessDay,
        tickets: &[Printed],
        age_ms: u32,
    ) -> Answer {
        let mut arrivals: Vec<(HallTime, TicketNumber, Printed, usize)> = Vec::new();
        let mut told = Vec::new();
        for (nth, ticket) in tickets.iter().enumerate() {
            let number = ticket.number;
            let mut before = tickets[..nth].iter().filter(|before| before.number == number);
            let mut of = self.lease_of(kiosk.id, day, number);
            let mut left_out = None;
            let first = before.next();
            if first.is_some_and(|first| Printed { age_ms: ticket.age_ms, ..first.clone() } != *ticket) {
                of = Err(Refusal::NumberTwice { number });
            }
            if let Ok(lease) = of
                && !self.leases[lease].handed_in.contains(&number)
                && first.is_none()
            {
                left_out = self.left_out(kiosk, self.leases[lease].service, ticket);
                let before_ms = i64::from(ticket.age_ms) + i64::from(age_ms);
                let printed_at = self.now.at.plus_ms(-before_ms).max(self.leases[lease].at);
                arrivals.push((printed_at, number, ticket.clone(), lease));
            }
            told.push(HandedIn { number, refused: of.err(), waits_as: None, left_out });
        }
        arrivals.sort_by_key(|(printed_at, number, _, _)| (*printed_at, *number));
        let mut ghosts = Vec::new();
        let before = self.cards.len();
        for (printed_at, number, ticket, lease) in &arrivals {
            self.leases[*lease].handed_in.push(*number);
            let ghost = ticket.unanswered.and_then(|take| self.given_for(kiosk.id, take));
            let ghost = ghost.filter(|ghost| *ghost < before && !ghosts.contains(ghost));
            ghosts.extend(ghost);
            self.arrive(kiosk, self.leases[*lease].service, ticket, *printed_at, ghost);
            if day != self.day {
                // It had the quota of its day, and its number is none of today's.
                let card = self.cards.last_mut().unwrap();
                card.origin = Origin::Yesterday;
                let late = card.id;
                self.gave.retain(|(of, _, _)| *of != late);
            }
        }
        for (ticket, told) in tickets.iter().zip(&mut told).filter(|(_, told)| told.refused.is_some()) {
            let ghost = ticket.unanswered.and_then(|take| self.given_for(kiosk.id, take));
            let ghost = ghost.map(|ghost| &self.cards[ghost]).filter(|ghost| ghost.waits());
            told.waits_as = ghost.map(|ghost| ghost.number);
        }
        let taken = u16::try_from(arrivals.len()).unwrap();
        let refused = told.iter().filter(|ticket| ticket.refused.is_some()).cloned().collect();
        let left_out = told.iter().filter(|ticket| ticket.left_out.is_some()).cloned().collect();
        self.say(Event::HandedIn(HandIn { kiosk: kiosk.id, day, taken, refused, left_out }));
        self.call_to_armed_windows();
        Answer::HandedIn { tickets: told }
    }

    /// The card that was given for a take, one of the last sixteen of its kiosk.
    fn given_for(&self, kiosk: DeviceId, take: UnansweredTake) -> Option<usize> {
        let of_kiosk = |(press, _): &&(PressId, TicketId)| press.device == Device::Kiosk(kiosk);
        let mut last = self.taken.iter().rev().filter(of_kiosk).take(16);
        let (_, ticket) = last.find(|(press, _)| (press.session, press.seq) == (take.session, take.seq))?;
        self.cards.iter().position(|card| card.id == *ticket)
    }

    /// A printed ticket comes in; `ghost` is what its citizen was given before and never got.
    fn arrive(
        &mut self,
        kiosk: &Kiosk,
        service: ServiceId,
        printed: &Printed,
        printed_at: HallTime,
        ghost: Option<usize>,
    ) {
        let number = printed.number;
        let instead_of = ghost.map(|ghost| self.cards[ghost].number);
        if let Some(ghost) = ghost.filter(|ghost| self.cards[*ghost].waits()) {
            let Card { id: ticket, number, .. } = self.cards[ghost];
            let pressed = std::mem::replace(&mut self.cause, Cause::Rule(Rule::UnansweredTake));
            let replaced_by = Some(printed.number);
            self.say(Event::Cancelled { ticket, number, window: None, reason: None, replaced_by });
            self.cause = pressed;
            self.put(ghost, Place::Done(TicketState::Cancelled));
            self.gave.retain(|(of, _, _)| *of != ticket);
        }
        let card = self.new_card(number, service);
        let ticket = self.cards[card].id;
        let (class, claimed) = Self::granted(kiosk, printed.class).unwrap_or_default();
        let before =
            |other: &&Card| other.queues_for(service) && (other.standing, other.id) < (printed_at, ticket);
        let ahead = u32::try_from(self.cards.iter().filter(before).count()).unwrap();
        let half = self.half(self.local_then(printed_at));
        let also = self.further(kiosk, service, printed);
        self.gave.extend(also.iter().chain([&service]).map(|of| (ticket, *of, half)));
        self.cards[card].matters.clone_from(&also);
        self.say(Event::Issued {
            ticket,
            number,
            service,
            class,
            kiosk: kiosk.id,
            ahead,
            also,
            claimed,
            half: Some(half),
            printed_at: Some(printed_at),
            instead_of,
            check_in: None,
            estimate: None,
        });
        self.put(card, Place::Queue);
        let card = &mut self.cards[card];
        (card.class, card.claimed, card.origin) = (class, claimed, Origin::Kiosk);
        (card.issued_at, card.standing, card.since) = (printed_at, printed_at, printed_at);
    }

    /// What a printed ticket is for beside its service.
    fn further(&self, kiosk: &Kiosk, service: ServiceId, printed: &Printed) -> Vec<ServiceId> {
        let mut also = Vec::new();
        for matter in &printed.also {
            let may = kiosk.services.contains(matter) && self.plan().service(*matter).is_some();
            if may && *matter != service && !also.contains(matter) {
                also.push(*matter);
            }
        }
        also.truncate(MATTERS_MAX);
        also
    }

    /// What its citizen asked for, and does not get.
    fn left_out(&self, kiosk: &Kiosk, service: ServiceId, printed: &Printed) -> Option<LeftOut> {
        let known = [&self.further(kiosk, service, printed)[..], &[service]].concat();
        let mut also: Vec<ServiceId> = Vec::new();
        for matter in &printed.also {
            if !known.contains(matter) && !also.contains(matter) {
                also.push(*matter);
            }
        }
        let class = Self::granted(kiosk, printed.class).is_none().then_some(printed.class);
        let nothing = class.is_none() && also.is_empty();
        if nothing { None } else { Some(LeftOut { class, also }) }
    }

    /// What the wall's clock would have shown at an earlier moment, going as it goes now.
    fn local_then(&self, then: HallTime) -> LocalTime {
        let (local, midnight) = (self.local(), LocalTime::new(LocalDate::from_days(0), 0));
        let now_ms = local.minutes_since(midnight) * MINUTE_MS + self.wall.unix_ms().rem_euclid(MINUTE_MS);
        let minutes = (now_ms - (self.now.at.unix_ms() - then.unix_ms())).div_euclid(MINUTE_MS);
        let days = i32::try_from(minutes.div_euclid(1_440)).unwrap();
        LocalTime::new(LocalDate::from_days(days), u16::try_from(minutes.rem_euclid(1_440)).unwrap())
    }

    /// The place of the lease from which the kiosk may hand in this number, now or again.
    fn lease_of(&self, kiosk: DeviceId, day: BusinessDay, number: TicketNumber) -> Result<usize, Refusal> {
        let has = |lease: &Lease| lease.day == day && number.is_of(lease.first, lease.count);
        let none = || {
            if day == self.day {
                Refusal::NotLeased { number }
            } else {
                Refusal::LeaseOfAnotherDay { number }
            }
        };
        let place = self.leases.iter().position(has).ok_or_else(none)?;
        let lease = &self.leases[place];
        if lease.kiosk != kiosk {
            return Err(Refusal::ForeignLease { number });
        }
        let again =
            lease.may_come && self.plan().services().iter().any(|service| service.id == lease.service);
        if lease.over && !again && !lease.handed_in.contains(&number) {
            return Err(Refusal::LeaseOver { number });
        }
        Ok(place)
    }

    pub(super) fn give_lease_back(
        &mut self,
        kiosk: DeviceId,
        day: BusinessDay,
        first: TicketNumber,
        unused: u16,
    ) -> Result<Answer, Refusal> {
        let place = self.lease_of(kiosk, day, first)?;
        if self.leases[place].first != first {
            return Err(Refusal::NotLeased { number: first });
        }
        if self.leases[place].over {
            return Err(Refusal::LeaseOver { number: first });
        }
        self.end_lease(place, unused, &LeaseEnd::Returned);
        Ok(Answer::LeaseEnded { first })
    }

    pub(super) fn write_off(&mut self, kiosk: DeviceId, by: &str, reason: &str) -> Result<Answer, Refusal> {
        let [by, reason] = [by, reason].map(|said| said.trim().to_owned());
        if by.is_empty() || reason.is_empty() {
            return Err(Refusal::ReasonRequired);
        }
        let its = |lease: &Lease| lease.kiosk == kiosk && !lease.over;
        if !self.leases.iter().any(its) {
            return Err(Refusal::NothingLeased { kiosk });
        }
        let numbers =
            self.leases.iter().filter(|lease| its(lease)).map(|lease| u32::from(lease.open())).sum();
        self.end_leases_but(|lease| lease.kiosk != kiosk, &LeaseEnd::WrittenOff { by, reason });
        Ok(Answer::WrittenOff { kiosk, numbers })
    }

    /// The day ends.
    pub(super) fn end_leases(&mut self) {
        self.end_leases_but(|_| false, &LeaseEnd::DayEnded);
    }

    /// What is on paper stays good while the queue is kept. Of which nothing is out, nobody asks again
    /// after a day.
    pub(super) fn keep_leases(&mut self, ended: BusinessDay) {
        let is_out = |lease: &Lease| lease.handed_in.len() < usize::from(lease.count);
        self.leases.retain(|lease| lease.may_come && (lease.day == ended || is_out(lease)));
    }

    /// A plan comes without some kiosks and services.
    pub(super) fn withdraw_leases(&mut self, plan: &Plan) {
        let stays =
            |lease: &Lease| plan.kiosk(lease.kiosk).is_some() && plan.service(lease.service).is_some();
        self.end_leases_but(stays, &LeaseEnd::Withdrawn);
    }

    fn end_leases_but(&mut self, stays: impl Fn(&Lease) -> bool, why: &LeaseEnd) {
        self.leases.sort_by_key(|lease| (lease.day, lease.first));
        for place in 0..self.leases.len() {
            if !self.leases[place].over && !stays(&self.leases[place]) {
                self.end_lease(place, 0, why);
            }
        }
    }

    fn end_lease(&mut self, place: usize, unused: u16, why: &LeaseEnd) {
        let lease = &self.leases[place];
        let open = lease.open();
        let returned = unused.min(open);
        self.say(Event::LeaseEnded {
            kiosk: lease.kiosk,
            service: lease.service,
            first: lease.first,
            count: lease.count,
            handed_in: u16::try_from(lease.handed_in.len()).unwrap(),
            returned,
            written_off: open - returned,
            why: why.clone(),
        });
        self.leases[place].over = true;
        self.leases[place].may_come = matches!(why, LeaseEnd::Withdrawn | LeaseEnd::DayEnded);
    }
}
