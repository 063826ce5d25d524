//! Kiosks when the line is down: numbers leased in advance, and the tickets printed from them handed
//! in later.

use std::num::NonZeroU16;

use hall_protocol::id::{DeviceId, ServiceId};
use hall_protocol::local::{DAY_MINUTES, LocalDate, LocalTime};
use hall_protocol::number::TicketNumber;
use hall_protocol::payload::MATTERS_MAX;

use super::hours::MINUTE_MS;
use super::window_keys::Moment;
use crate::answer::{Answer, HandedIn, LeftOut};
use crate::command::Printed;
use crate::event::{Event, HandIn, LeaseEnd};
use crate::hall::{Hall, Lease};
use crate::plan::{Half, Kiosk, Plan};
use crate::refusal::Refusal;
use crate::ticket::{Ticket, TicketId, TicketState};
use crate::time::{BusinessDay, HallTime};

/// A kiosk that has not accounted for more than so many times its lease gets no further one that
/// day. It may have lost its memory twice, and still has a full lease.
const LEASES_OPEN_MAX: u32 = 3;

/// A ticket that comes into the queue.
struct Arrival {
    printed_at: HallTime,
    service: ServiceId,
    ticket: Printed,
}

/// What else is in its hand-in.
struct Others {
    /// So many come into the queue before it,
    place: usize,
    /// and so many of its service.
    before: usize,
    /// So many that waited before it for its service are nobody's, and cancelled.
    gone: usize,
    /// The ticket it stands for.
    instead_of: Option<TicketNumber>,
}

impl Hall {
    /// Lease numbers of `service` to a kiosk: no more than it asks for, nor than the plan gives it, nor than
    /// hours and quotas leave for the rest of the day.
    pub(super) fn lease(
        &self,
        kiosk: &Kiosk,
        service: ServiceId,
        count: NonZeroU16,
        moment: Moment,
    ) -> Result<(Vec<Event>, Answer), Refusal> {
        let planned = self.plan.service(service).filter(|_| kiosk.services.contains(&service));
        let planned = planned.ok_or(Refusal::UnknownService { service })?;
        if kiosk.lease == 0 {
            return Err(Refusal::NoLease { kiosk: kiosk.id });
        }
        let held = self.leases.open().filter(|lease| lease.kiosk == kiosk.id && lease.service == service);
        let open: u32 = held.map(|lease| u32::from(lease.open())).sum();
        if open >= LEASES_OPEN_MAX * u32::from(kiosk.lease) {
            return Err(Refusal::LeasedEnough { service });
        }
        let out = self.leases.open().filter(|lease| lease.service == service);
        let out = out.map(|lease| u32::from(lease.open())).sum();
        let left = self.stock(planned).to_lease(moment.local, out)?;
        let count = count.get().min(kiosk.lease).min(u16::try_from(left).unwrap_or(u16::MAX));
        let free = self.free_for_lease(planned, count);
        let (first, count) = free.ok_or(Refusal::NumbersUsedUp { service, opens: None })?;
        let event = Event::NumbersLeased { kiosk: kiosk.id, service, first, count };
        Ok((vec![event], Answer::Leased { service, first, count, day: self.day }))
    }

    /// Take in tickets that were printed from leases of `day`: each waits as of its print. Of a day before today
    /// that is possible while the queue is kept.
    ///
    /// What is in the queue already, or cannot come into it, changes nothing; the others do not
    /// suffer for it. A ticket that was printed because a take was not answered stands for the one the hall
    /// had given for that take, which is cancelled while it waits. Of one that is refused it stays, as the only
    /// place its citizen has, and the refusal names it. The same ticket twice comes in once; the same number on
    /// another is refused: one of the two is not what the kiosk printed. A ticket was printed after its lease was given and before
    /// now, whatever age it says it has.
    pub(super) fn hand_in(
        &self,
        kiosk: &Kiosk,
        day: BusinessDay,
        tickets: &[Printed],
        age_ms: u32,
        moment: Moment,
    ) -> (Vec<Event>, Answer) {
        let now = moment.now.at;
        let mut arrivals: Vec<Arrival> = Vec::new();
        let mut told = Vec::new();
        for (place, ticket) in tickets.iter().enumerate() {
            let Printed { number, age_ms: own_ms, .. } = *ticket;
            let before = tickets[..place].iter().find(|before| before.number == number);
            let lease = match before {
                Some(before) if !is_the_same(before, ticket) => Err(Refusal::NumberTwice { number }),
                _ => self.lease_of(kiosk.id, day, number),
            };
            let mut left_out = None;
            if let (Ok(lease), None) = (&lease, before)
                && !lease.has_handed_in(number)
            {
                let printed_at = now.plus_ms(-i64::from(own_ms) - i64::from(age_ms));
                let printed_at = printed_at.min(now).max(lease.at);
                left_out = self.left_out(kiosk, lease.service, ticket);
                arrivals.push(Arrival { printed_at, service: lease.service, ticket: ticket.clone() });
            }
            told.push(HandedIn { number, refused: lease.err(), waits_as: None, left_out });
        }
        arrivals.sort_by_key(|arrival| (arrival.printed_at, arrival.ticket.number));
        let taken = u16::try_from(arrivals.len()).unwrap_or(u16::MAX);
        let mut events = Vec::new();
        let mut ghosts: Vec<&Ticket> = Vec::new();
        for (place, arrival) in arrivals.iter().enumerate() {
            let before = arrivals[..place].iter().filter(|other| other.service == arrival.service).count();
            let ghost = self.ghost(kiosk.id, &arrival.ticket);
            let ghost = ghost.filter(|ghost| ghosts.iter().all(|known| known.id != ghost.id));
            if let Some(ghost) = ghost {
                ghosts.push(ghost);
                events.extend(replaced(ghost, arrival.ticket.number));
            }
            let waited = |ghost: &&&Ticket| {
                let of_service = (ghost.service, ghost.state) == (arrival.service, TicketState::Waiting);
                of_service && ghost.standing <= arrival.printed_at
            };
            let gone = ghosts.iter().filter(waited).count();
            let others = Others { place, before, gone, instead_of: ghost.map(|ghost| ghost.number) };
            events.push(self.arrived(kiosk, arrival, &others, moment));
        }
        for (ticket, told) in tickets.iter().zip(&mut told).filter(|(_, told)| told.refused.is_some()) {
            let waits = |ghost: &&Ticket| {
                ghost.state.waits() && ghosts.iter().all(|replaced| replaced.id != ghost.id)
            };
            told.waits_as = self.ghost(kiosk.id, ticket).filter(waits).map(|ghost| ghost.number);
        }
        let refused = told.iter().filter(|ticket| ticket.refused.is_some()).cloned().collect();
        let left_out = told.iter().filter(|ticket| ticket.left_out.is_some()).cloned().collect();
        events.push(Event::HandedIn(HandIn { kiosk: kiosk.id, day, taken, refused, left_out }));
        (self.then_armed_calls(events, moment), Answer::HandedIn { tickets: told })
    }

    /// The ticket the hall had given for the take of the same citizen that was not answered.
    fn ghost(&self, kiosk: DeviceId, printed: &Printed) -> Option<&Ticket> {
        self.tickets.get(self.takes.ticket_of(kiosk, printed.unanswered?)?)
    }

    /// The lease of today from which the kiosk may hand this number in, now or again; or of a day before, since
    /// when the queue is kept.
    ///
    /// A lease that ended with such a day, or that a plan withdrew, is not known to be over to a kiosk without the
    /// line, which goes on printing. So who holds such a number comes in, if its service is there.
    fn lease_of(&self, kiosk: DeviceId, day: BusinessDay, number: TicketNumber) -> Result<&Lease, Refusal> {
        let lease = if day == self.day {
            self.leases.of(number).ok_or(Refusal::NotLeased { number })?
        } else {
            self.leases.earlier(day, number).ok_or(Refusal::LeaseOfAnotherDay { number })?
        };
        if lease.kiosk != kiosk {
            return Err(Refusal::ForeignLease { number });
        }
        let comes_late = lease.may_come() && self.plan.service(lease.service).is_some();
        if lease.is_over() && !comes_late && !lease.has_handed_in(number) {
            return Err(Refusal::LeaseOver { number });
        }
        Ok(lease)
    }

    /// One ticket of a hand-in.
    ///
    /// A class the kiosk may not grant is no reason to send its citizen away: the ticket is an
    /// ordinary one. Nor is a further matter it may not give a number for, or twice: the ticket is for
    /// the others; what it is not for is told ([`LeftOut`]). Hours and quotas bind nobody afterwards, of the first matter or a further one.
    fn arrived(&self, kiosk: &Kiosk, arrival: &Arrival, others: &Others, moment: Moment) -> Event {
        let Arrival { printed_at, service, ticket: Printed { number, class, ref also, .. } } = *arrival;
        let also = self.matters_of(kiosk, service, also);
        let Others { place, before, gone, instead_of } = *others;
        let steps = u64::try_from(place).unwrap_or(u64::MAX);
        let ticket = TicketId(self.tickets.next_id().0.saturating_add(steps));
        let (class, claimed) = kiosk.grants(class).unwrap_or_default();
        let count = |many| u32::try_from(many).unwrap_or(u32::MAX);
        let ahead = self.waiting_before(service, (printed_at, ticket));
        let ahead = ahead.saturating_add(count(before)).saturating_sub(count(gone));
        let half = Some(self.half_at(printed_at, moment));
        let (kiosk, printed_at) = (kiosk.id, Some(printed_at));
        Event::Issued {
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
            instead_of,
            check_in: None,
            estimate: None,
        }
    }

    /// Those of a printed ticket's further matters that its kiosk may give it for.
    fn matters_of(&self, kiosk: &Kiosk, service: ServiceId, also: &[ServiceId]) -> Vec<ServiceId> {
        let mut matters = Vec::new();
        for matter in also {
            let known = self.plan.service(*matter).is_some() && kiosk.services.contains(matter);
            if known && *matter != service && !matters.contains(matter) && matters.len() < MATTERS_MAX {
                matters.push(*matter);
            }
        }
        matters
    }

    /// What a ticket is not given of what was asked for it, if anything.
    fn left_out(&self, kiosk: &Kiosk, service: ServiceId, printed: &Printed) -> Option<LeftOut> {
        let class = Some(printed.class).filter(|class| kiosk.grants(*class).is_none());
        let given = self.matters_of(kiosk, service, &printed.also);
        let mut also = Vec::new();
        for matter in &printed.also {
            if *matter != service && !given.contains(matter) && !also.contains(matter) {
                also.push(*matter);
            }
        }
        (class.is_some() || !also.is_empty()).then_some(LeftOut { class, also })
    }

    /// In which half of the day it was printed: the wall clock is known for now only.
    fn half_at(&self, printed_at: HallTime, Moment { now, wall, local }: Moment) -> Half {
        let midnight = LocalTime::new(LocalDate::from_days(self.day.days()), 0);
        let since_ms = local.minutes_since(midnight) * MINUTE_MS + wall.unix_ms().rem_euclid(MINUTE_MS);
        let ago_ms = i64::try_from(now.at.ms_since(printed_at)).unwrap_or(i64::MAX);
        let minutes = since_ms.saturating_sub(ago_ms).div_euclid(MINUTE_MS);
        let day = self
            .day
            .days()
            .saturating_add(i32::try_from(minutes.div_euclid(DAY_MINUTES.into())).unwrap_or(0));
        let minute = u16::try_from(minutes.rem_euclid(DAY_MINUTES.into())).unwrap_or(0);
        self.plan.half(self.day, LocalTime::new(LocalDate::from_days(day), minute))
    }

    /// The kiosk gives a lease back: so many of its numbers were never printed. What it neither
    /// returns nor has handed in is written off.
    pub(super) fn end_lease(
        &self,
        kiosk: &Kiosk,
        day: BusinessDay,
        first: TicketNumber,
        unused: u16,
    ) -> Result<(Vec<Event>, Answer), Refusal> {
        let lease = self.lease_of(kiosk.id, day, first)?;
        if lease.first != first {
            return Err(Refusal::NotLeased { number: first });
        }
        if lease.is_over() {
            return Err(Refusal::LeaseOver { number: first });
        }
        let ended = ended(lease, unused.min(lease.open()), LeaseEnd::Returned);
        Ok((vec![ended], Answer::LeaseEnded { first }))
    }

    /// A kiosk is lost for good: what it has not accounted for is written off, and whoever says so is
    /// named. What it hands in all the same is refused with [`Refusal::LeaseOver`]: its citizens were sent for new
    /// numbers.
    pub(super) fn write_off(
        &self,
        kiosk: DeviceId,
        by: &str,
        reason: &str,
    ) -> Result<(Vec<Event>, Answer), Refusal> {
        let (by, reason) = (by.trim(), reason.trim());
        if by.is_empty() || reason.is_empty() {
            return Err(Refusal::ReasonRequired);
        }
        let lost: Vec<&Lease> = self.leases.open().filter(|lease| lease.kiosk == kiosk).collect();
        if lost.is_empty() {
            return Err(Refusal::NothingLeased { kiosk });
        }
        let numbers = lost.iter().map(|lease| u32::from(lease.open())).sum();
        let why = || LeaseEnd::WrittenOff { by: by.to_owned(), reason: reason.to_owned() };
        let events = lost.into_iter().map(|lease| ended(lease, 0, why())).collect();
        Ok((events, Answer::WrittenOff { kiosk, numbers }))
    }

    /// The day ends, and what no kiosk has accounted for is written off.
    pub(super) fn leases_of_the_day_end(&self) -> impl Iterator<Item = Event> {
        self.leases.open().map(|lease| ended(lease, 0, LeaseEnd::DayEnded))
    }

    /// A plan without the kiosk or the service comes into force: nothing can be handed in any more.
    pub(super) fn leases_withdrawn(&self, plan: &Plan) -> impl Iterator<Item = Event> {
        let stays = |lease: &&Lease| plan.kiosk(lease.kiosk).and(plan.service(lease.service)).is_some();
        self.leases
            .open()
            .filter(move |lease| !stays(lease))
            .map(|lease| ended(lease, 0, LeaseEnd::Withdrawn))
    }
}

/// Whether a kiosk tells of one ticket twice; its age is counted anew each time.
fn is_the_same(one: &Printed, other: &Printed) -> bool {
    (one.number, one.class, &one.also, one.unanswered)
        == (other.number, other.class, &other.also, other.unanswered)
}

/// A ticket nobody has waits for nobody. One that was called already has taken its turn.
fn replaced(ghost: &Ticket, by: TicketNumber) -> Option<Event> {
    let Ticket { id: ticket, number, .. } = *ghost;
    ghost.state.waits().then_some(Event::Cancelled {
        ticket,
        number,
        window: None,
        reason: None,
        replaced_by: Some(by),
    })
}

/// The lease is over: so many of its numbers were returned, and the rest is written off.
fn ended(lease: &Lease, returned: u16, why: LeaseEnd) -> Event {
    Event::LeaseEnded {
        kiosk: lease.kiosk,
        service: lease.service,
        first: lease.first,
        count: lease.count,
        handed_in: lease.handed_in(),
        returned,
        written_off: lease.open().saturating_sub(returned),
        why,
    }
}
