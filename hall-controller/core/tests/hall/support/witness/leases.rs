//! What the witness asks of leased numbers: each belongs to one kiosk, becomes at most one ticket,
//! which waits since its print, and is accounted for when its day ends.

use std::collections::{BTreeMap, BTreeSet};

use hall_core::Decision;
use hall_core::answer::Answer;
use hall_core::command::Command;
use hall_core::event::{Device, Event, LeaseEnd};
use hall_core::time::{BusinessDay, HallTime};
use hall_core::view::LeaseTotals;
use hall_protocol::id::DeviceId;
use hall_protocol::number::TicketNumber;

use super::{Fault, Witness};

/// One lease, by the witness's own books.
pub(super) struct Lease {
    kiosk: DeviceId,
    at: HallTime,
    numbers: BTreeSet<TicketNumber>,
    handed_in: u16,
    over: bool,
    /// By a plan, and its kiosk may go on printing.
    withdrawn: bool,
}

/// All leases of the day.
#[derive(Default)]
pub(super) struct Leases {
    day: BusinessDay,
    all: BTreeMap<TicketNumber, Lease>,
    /// Of the hand-in under way: how old each ticket is.
    ages: BTreeMap<TicketNumber, i64>,
    totals: LeaseTotals,
}

impl Leases {
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
            Event::NumbersLeased { kiosk, first, count, .. } => {
                let numbers: BTreeSet<_> = (0..*count).map(|steps| first.after(steps).unwrap()).collect();
                let taken = numbers
                    .iter()
                    .find(|number| self.numbers.contains(number) || self.leases.of(**number).is_some());
                if let Some(number) = taken.copied() {
                    self.complain(Fault::NumberTwice, format!("{number} is leased, and was given before"));
                }
                self.leases.totals.leased += u32::from(*count);
                let lease = Lease { kiosk: *kiosk, at, numbers, handed_in: 0, over: false, withdrawn: false };
                self.leases.all.insert(*first, lease);
            }
            Event::LeaseEnded { first, count, handed_in, returned, written_off, why, .. } => {
                self.leases.totals.returned += u32::from(*returned);
                self.leases.totals.written_off += u32::from(*written_off);
                let lease = self.leases.all.get_mut(first).filter(|lease| !lease.over);
                let right = lease.is_some_and(|lease| {
                    lease.over = true;
                    lease.withdrawn = *why == LeaseEnd::Withdrawn;
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
        let lease = self.leases.of(number).filter(|lease| !lease.over || lease.withdrawn);
        let was_over = lease.as_ref().is_some_and(|lease| lease.over);
        let Some(printed_at) = printed_at else {
            if lease.is_some() {
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
        for told in told {
            let issued = self.numbers.contains(&told.number);
            let own = self.leases.of(told.number).filter(|lease| Device::Kiosk(lease.kiosk) == press.device);
            // Of a lease that a plan withdrew whatever is not refused is in the queue.
            let taken_late = told.refused.is_none() && issued;
            let due = *day == today
                && own.is_some_and(|lease| !lease.over || if lease.withdrawn { taken_late } else { issued });
            if due != told.refused.is_none() {
                self.complain(Fault::TicketLost, format!("{told:?} on {day:?}, but due is {due}"));
            }
            if due {
                self.promised.insert(told.number);
            }
        }
    }

    /// The day is over; so is every lease.
    pub(super) fn leases_of_the_day_end(&mut self, day: BusinessDay) {
        let LeaseTotals { leased, handed_in, returned, written_off } = self.leases.totals;
        if self.leases.all.values().any(|lease| !lease.over) || leased != handed_in + returned + written_off {
            self.complain(Fault::Unaccounted, format!("{:?}", self.leases.totals));
        }
        self.leases = Leases { day, ..Leases::default() };
    }

    pub(super) fn lease_totals(&mut self, told: LeaseTotals) {
        if told != self.leases.totals {
            let books = self.leases.totals;
            self.complain(Fault::Unaccounted, format!("{told:?} is told, {books:?} is so"));
        }
    }
}
