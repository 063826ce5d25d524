//! Kiosks when the line is down: numbers leased in advance, and the tickets printed from them handed
//! in later.

use hall_protocol::id::{DeviceId, ServiceId};
use hall_protocol::local::{DAY_MINUTES, LocalDate, LocalTime};
use hall_protocol::number::TicketNumber;

use super::hours::MINUTE_MS;
use super::window_keys::Moment;
use crate::answer::{Answer, HandedIn};
use crate::command::Printed;
use crate::event::{Event, LeaseEnd};
use crate::hall::{Hall, Lease};
use crate::plan::{Half, Kiosk, Plan};
use crate::refusal::Refusal;
use crate::ticket::TicketId;
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

impl Hall {
    /// Lease numbers of `service` to a kiosk: no more than it asks for, nor than the plan gives it.
    pub(super) fn lease(
        &self,
        kiosk: &Kiosk,
        service: ServiceId,
        count: u16,
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
        let free = self.free_for_lease(planned, count.clamp(1, kiosk.lease));
        let (first, count) = free.ok_or(Refusal::NumbersUsedUp { service, opens: None })?;
        let event = Event::NumbersLeased { kiosk: kiosk.id, service, first, count };
        Ok((vec![event], Answer::Leased { service, first, count, day: self.day }))
    }

    /// Take in tickets that were printed from leases of `day`: each waits as of its print.
    ///
    /// What is in the queue already, or cannot come into it, changes nothing; the others do not
    /// suffer for it. A ticket was printed after its lease was given and before now, whatever age it
    /// says it has.
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
        for ticket in tickets {
            let Printed { number, age_ms: own_ms, .. } = *ticket;
            let known = arrivals.iter().any(|arrival| arrival.ticket.number == number);
            let lease = self.lease_of(kiosk.id, day, number);
            if let (Ok(lease), false) = (&lease, known)
                && !lease.has_handed_in(number)
            {
                let printed_at = now.plus_ms(-i64::from(own_ms) - i64::from(age_ms));
                let printed_at = printed_at.min(now).max(lease.at);
                arrivals.push(Arrival { printed_at, service: lease.service, ticket: *ticket });
            }
            told.push(HandedIn { number, refused: lease.err() });
        }
        arrivals.sort_by_key(|arrival| (arrival.printed_at, arrival.ticket.number));
        let taken = u16::try_from(arrivals.len()).unwrap_or(u16::MAX);
        let mut events = Vec::new();
        for (place, arrival) in arrivals.iter().enumerate() {
            let before = arrivals[..place].iter().filter(|other| other.service == arrival.service).count();
            events.push(self.arrived(kiosk, arrival, place, before, moment));
        }
        let refused = told.iter().filter(|ticket| ticket.refused.is_some()).cloned().collect();
        events.push(Event::HandedIn { kiosk: kiosk.id, day, taken, refused });
        (self.then_armed_calls(events, moment), Answer::HandedIn { tickets: told })
    }

    /// The lease of today from which the kiosk may hand this number in, now or again.
    fn lease_of(&self, kiosk: DeviceId, day: BusinessDay, number: TicketNumber) -> Result<&Lease, Refusal> {
        if day != self.day {
            return Err(Refusal::LeaseOfAnotherDay { number });
        }
        let lease = self.leases.of(number).ok_or(Refusal::NotLeased { number })?;
        if lease.kiosk != kiosk {
            return Err(Refusal::ForeignLease { number });
        }
        if lease.is_over() && !lease.has_handed_in(number) {
            return Err(Refusal::LeaseOver { number });
        }
        Ok(lease)
    }

    /// One ticket of a hand-in, with so many before it there, and so many of its service.
    ///
    /// A class the kiosk may not grant is no reason to send its citizen away: the ticket is an
    /// ordinary one.
    fn arrived(
        &self,
        kiosk: &Kiosk,
        arrival: &Arrival,
        place: usize,
        before: usize,
        moment: Moment,
    ) -> Event {
        let Arrival { printed_at, service, ticket: Printed { number, class, .. } } = *arrival;
        let steps = u64::try_from(place).unwrap_or(u64::MAX);
        let ticket = TicketId(self.tickets.next_id().0.saturating_add(steps));
        let (class, claimed) = kiosk.grants(class).unwrap_or_default();
        let before = u32::try_from(before).unwrap_or(u32::MAX);
        let ahead = self.waiting_before(service, (printed_at, ticket)).saturating_add(before);
        let half = Some(self.half_at(printed_at, moment));
        let (kiosk, also, printed_at) = (kiosk.id, Vec::new(), Some(printed_at));
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
            check_in: None,
            estimate: None,
        }
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
