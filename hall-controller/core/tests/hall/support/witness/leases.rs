//! What the witness asks of leased numbers: each belongs to one kiosk, becomes at most one ticket,
//! which waits since its print, and is accounted for when its day ends.

use std::collections::{BTreeMap, BTreeSet};

use hall_core::Decision;
use hall_core::answer::Answer;
use hall_core::command::Command;
use hall_core::event::{Device, Event, LeaseEnd};
use hall_core::refusal::Refusal;
use hall_core::time::{BusinessDay, HallTime};
use hall_core::view::LeaseTotals;
use hall_protocol::id::{DeviceId, ServiceId};
use hall_protocol::number::TicketNumber;

use super::{Fault, Witness};

/// One lease, by the witness's own books.
pub(super) struct Lease {
    kiosk: DeviceId,
    service: ServiceId,
    at: HallTime,
    numbers: BTreeSet<TicketNumber>,
    handed_in: u16,
    over: bool,
    /// By a plan, and its kiosk may go on printing.
    withdrawn: bool,
    /// Neither a plan nor the day has ended it.
    by_name: bool,
}

/// A number that was leased on a day of which the queue is kept.
struct Late {
    kiosk: DeviceId,
    service: ServiceId,
    at: HallTime,
    /// The first number of its lease.
    of: TicketNumber,
    handed_in: bool,
}

/// All leases of the day.
#[derive(Default)]
pub(super) struct Leases {
    day: BusinessDay,
    all: BTreeMap<TicketNumber, Lease>,
    /// Of the hand-in under way: how old each ticket is.
    ages: BTreeMap<TicketNumber, i64>,
    totals: LeaseTotals,
    earlier: BTreeMap<(BusinessDay, TicketNumber), Late>,
}

impl Leases {
    /// A number of an earlier day that has not come in.
    fn out(&mut self, number: TicketNumber) -> Option<&mut Late> {
        let out =
            |((_, of), late): &((BusinessDay, TicketNumber), &mut Late)| *of == number && !late.handed_in;
        self.earlier.iter_mut().map(|(of, late)| (*of, late)).find(out).map(|(_, late)| late)
    }

    fn of(&mut self, number: TicketNumber) -> Option<&mut Lease> {
        self.all.values_mut().find(|lease| lease.numbers.contains(&number))
    }
}

impl Witness {
    /// A hand-in is decided: its ages are what its tickets' places go by.
    pub(super) fn hand_in_decided(&mut self, command: &Command) {
        let Command::HandIn { age_ms, tickets, .. } = command else { return };
        self.leases.ages.clear();
        for ticket in tickets {
            let age = i64::from(*age_ms) + i64::from(ticket.age_ms);
            self.leases.ages.entry(ticket.number).or_insert(age);
        }
    }

    pub(super) fn leased(&mut self, event: &Event, at: HallTime) {
        match event {
            Event::NumbersLeased { kiosk, service, first, count } => {
                let numbers: BTreeSet<_> = (0..*count).map(|steps| first.after(steps).unwrap()).collect();
                let taken = numbers.iter().copied().find(|number| {
                    let leases = &mut self.leases;
                    self.numbers.contains(number)
                        || leases.of(*number).is_some()
                        || leases.out(*number).is_some()
                });
                if let Some(number) = taken {
                    self.complain(Fault::NumberTwice, format!("{number} is leased, and was given before"));
                }
                self.leases.totals.leased += u32::from(*count);
                let (kiosk, service, handed_in) = (*kiosk, *service, 0);
                let (over, withdrawn, by_name) = (false, false, false);
                let lease = Lease { kiosk, service, at, numbers, handed_in, over, withdrawn, by_name };
                self.leases.all.insert(*first, lease);
            }
            Event::LeaseEnded { first, count, handed_in, returned, written_off, why, .. } => {
                self.leases.totals.returned += u32::from(*returned);
                self.leases.totals.written_off += u32::from(*written_off);
                let lease = self.leases.all.get_mut(first).filter(|lease| !lease.over);
                let right = lease.is_some_and(|lease| {
                    lease.over = true;
                    lease.withdrawn = *why == LeaseEnd::Withdrawn;
                    lease.by_name = !matches!(why, LeaseEnd::Withdrawn | LeaseEnd::DayEnded);
                    lease.handed_in == *handed_in && lease.numbers.len() == usize::from(*count)
                });
                if !right || handed_in + returned + written_off != *count {
                    self.complain(Fault::Unaccounted, format!("{event:?}"));
                }
            }
            _ => {}
        }
    }

    /// A ticket is issued, now or when its kiosk printed it; since when it waits.
    pub(super) fn waits_since(
        &mut self,
        number: TicketNumber,
        kiosk: DeviceId,
        at: HallTime,
        printed_at: Option<HallTime>,
    ) -> Option<HallTime> {
        let age = self.leases.ages.get(&number).copied();
        let own = |late: &&mut Late| late.kiosk == kiosk && printed_at.is_some();
        let of_today = self.leases.of(number).is_some();
        if let (false, Some(late)) = (of_today, self.leases.out(number).filter(own)) {
            late.handed_in = true;
            let due = age.map(|age| at.plus_ms(-age).min(at).max(late.at));
            if due != printed_at {
                self.complain(Fault::WrongPlace, format!("{number} waits since {printed_at:?}, not {due:?}"));
            }
            return printed_at;
        }
        let lease = self.leases.of(number).filter(|lease| !lease.over || lease.withdrawn);
        let was_over = lease.as_ref().is_some_and(|lease| lease.over);
        let Some(printed_at) = printed_at else {
            if lease.is_some() || self.leases.out(number).is_some() {
                self.complain(Fault::NumberTwice, format!("{number} is leased, and the hall issued it"));
            }
            return None;
        };
        let printed = lease.filter(|lease| lease.kiosk == kiosk).zip(age).map(|(lease, age)| {
            lease.handed_in += 1;
            at.plus_ms(-age).min(at).max(lease.at)
        });
        if printed.is_some() {
            self.leases.totals.handed_in += 1;
            self.leases.totals.written_off -= u32::from(was_over);
        }
        if printed != Some(printed_at) {
            self.complain(Fault::WrongPlace, format!("{number} waits since {printed_at:?}, not {printed:?}"));
        }
        Some(printed_at)
    }

    /// What a kiosk is told of its hand-in: every ticket of its own running leases of the day is in
    /// the queue, or was.
    pub(super) fn hand_in_answered(&mut self, command: &Command, decision: &Decision) {
        let (Command::HandIn { press, day, tickets, .. }, Some(Answer::HandedIn { tickets: told })) =
            (command, &decision.answer)
        else {
            return;
        };
        if decision.repeated {
            return;
        }
        let numbers = tickets.iter().map(|ticket| ticket.number);
        if !numbers.eq(told.iter().map(|told| told.number)) {
            self.complain(Fault::TicketLost, format!("{tickets:?} were handed in, {told:?} told"));
        }
        let today = self.leases.day;
        for (nth, told) in told.iter().enumerate() {
            let before = tickets[..nth].iter().find(|before| before.number == told.number);
            if let Some(Refusal::NumberTwice { .. }) = told.refused {
                if before.is_none_or(|before| *before == tickets[nth]) {
                    self.complain(Fault::TicketLost, format!("{told:?} is there once"));
                }
                continue;
            }
            let issued = self.numbers.contains(&told.number);
            // Of a lease that a plan withdrew whatever is not refused is in the queue.
            let taken_late = told.refused.is_none() && issued;
            let is_there = |service| self.plan.as_ref().is_some_and(|plan| plan.service(service).is_some());
            let late = self.leases.earlier.get(&(*day, told.number)).is_some_and(|late| {
                Device::Kiosk(late.kiosk) == press.device && (late.handed_in || is_there(late.service))
            });
            let own = self.leases.of(told.number).filter(|lease| Device::Kiosk(lease.kiosk) == press.device);
            let due = if *day == today {
                own.is_some_and(|lease| !lease.over || if lease.withdrawn { taken_late } else { issued })
            } else {
                late
            };
            if due != told.refused.is_none() {
                self.complain(Fault::TicketLost, format!("{told:?} on {day:?}, but due is {due}"));
            }
            if due && (*day == today || issued) {
                self.promised.insert(told.number);
            }
        }
    }

    /// Whether the number comes in from an earlier day.
    pub(super) fn is_late(&mut self, number: TicketNumber) -> bool {
        self.leases.of(number).is_none() && self.leases.out(number).is_some()
    }

    /// The day is over; so is every lease. When the queue is kept, what is on paper stays good.
    pub(super) fn leases_of_the_day_end(&mut self, day: BusinessDay, queue_kept: bool) {
        let LeaseTotals { leased, handed_in, returned, written_off } = self.leases.totals;
        if self.leases.all.values().any(|lease| !lease.over) || leased != handed_in + returned + written_off {
            self.complain(Fault::Unaccounted, format!("{:?}", self.leases.totals));
        }
        let Leases { day: ended, all, mut earlier, ages, .. } = std::mem::take(&mut self.leases);
        let out: BTreeSet<_> = earlier
            .iter()
            .filter(|(_, late)| !late.handed_in)
            .map(|((day, _), late)| (*day, late.of))
            .collect();
        // Nobody asks after a day for a lease of which nothing is out.
        earlier.retain(|(day, _), late| out.contains(&(*day, late.of)));
        for (of, Lease { kiosk, service, at, numbers, by_name, .. }) in all {
            for number in numbers.into_iter().filter(|_| !by_name) {
                let handed_in = self.numbers.contains(&number);
                earlier.insert((ended, number), Late { kiosk, service, at, of, handed_in });
            }
        }
        if !queue_kept {
            earlier.clear();
        }
        // The hand-in under way may be what begins the day.
        self.leases = Leases { day, ages, earlier, ..Leases::default() };
    }

    pub(super) fn lease_totals(&mut self, told: LeaseTotals) {
        if told != self.leases.totals {
            let books = self.leases.totals;
            self.complain(Fault::Unaccounted, format!("{told:?} is told, {books:?} is so"));
        }
    }
}
