//! The books of leased numbers: each is one kiosk's, printed once, and accounted for when its day
//! ends.

use std::collections::{BTreeMap, BTreeSet};

use hall_core::Decision;
use hall_core::answer::Answer;
use hall_core::command::{Command, Printed};
use hall_core::event::{Event, Stamped};
use hall_core::time::{BusinessDay, HallTime};
use hall_core::view::LeaseTotals;
use hall_protocol::number::TicketNumber;

use super::{Checked, Invariant, Ledger, violated};
use crate::kiosk::Paper;

type Number = (BusinessDay, TicketNumber);

/// What was leased and printed.
#[derive(Default)]
pub(super) struct Leased {
    /// Each with when it was leased.
    numbers: BTreeMap<Number, HallTime>,
    printed: BTreeSet<Number>,
    /// Of the business day.
    totals: LeaseTotals,
}

impl Ledger {
    /// A kiosk gives a citizen a number of its own.
    pub(crate) fn printed(&mut self, paper: &Paper) -> Checked {
        let number = (paper.day, paper.number);
        if !self.leased.numbers.contains_key(&number) {
            return violated(Invariant::DurableBeforeVisible, || {
                format!("{} was never leased", paper.number)
            });
        }
        if !self.leased.printed.insert(number) || self.numbers.contains(&number) {
            return violated(Invariant::NumberOncePerDay, || format!("two citizens hold {}", paper.number));
        }
        Ok(())
    }

    pub(super) fn lease_happened(&mut self, stamped: &Stamped) -> Checked {
        let day = self.hall.day();
        if let Some(Answer::HandedIn { tickets }) = &stamped.answer {
            let taken = tickets.iter().filter(|ticket| ticket.refused.is_none());
            let lost =
                taken.map(|ticket| ticket.number).find(|number| !self.numbers.contains(&(day, *number)));
            if let Some(number) = lost {
                return violated(Invariant::TicketsForEver, || {
                    format!("{number} is handed in and is not there")
                });
            }
        }
        let totals = &mut self.leased.totals;
        match &stamped.event {
            Event::NumbersLeased { first, count, .. } => {
                totals.leased += u32::from(*count);
                for number in (0..*count).filter_map(|steps| first.after(steps).ok()) {
                    let twice = self.leased.numbers.insert((day, number), stamped.at).is_some();
                    if twice || self.numbers.contains(&(day, number)) {
                        return violated(Invariant::NumberOncePerDay, || format!("{number} is leased again"));
                    }
                }
            }
            Event::LeaseEnded { returned, written_off, .. } => {
                totals.returned += u32::from(*returned);
                totals.written_off += u32::from(*written_off);
            }
            Event::Issued { number, printed_at, .. } => {
                totals.handed_in += u32::from(printed_at.is_some());
                let leased = self.leased.numbers.contains_key(&(day, *number));
                if leased != printed_at.is_some() {
                    return violated(Invariant::NumberOncePerDay, || {
                        format!("{number} is issued; whether it was leased: {leased}")
                    });
                }
            }
            Event::DayBegan { .. } => {
                let LeaseTotals { leased, handed_in, returned, written_off } = std::mem::take(totals);
                if leased != handed_in + returned + written_off {
                    return violated(Invariant::AddsUp, || {
                        format!("of {leased} leased numbers {handed_in}, {returned} and {written_off} ended")
                    });
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Tickets that are handed in stand where they were printed: by their age, after their lease and
    /// before now.
    pub(super) fn in_order_of_print(&self, command: &Command, decision: &Decision) -> Checked {
        let Command::HandIn { age_ms, tickets, .. } = command else { return Ok(()) };
        for stamped in &decision.events {
            let Event::Issued { number, printed_at, .. } = &stamped.event else { continue };
            let own = |ticket: &&Printed| ticket.number == *number;
            let own_ms = tickets.iter().find(own).map_or(0, |ticket| ticket.age_ms);
            let by_age = stamped.at.plus_ms(-i64::from(own_ms) - i64::from(*age_ms));
            // A decision ahead of the disk is of the day it begins, if it begins one; no lease is older.
            let leased = self.leased.numbers.range(..).rev().find(|((_, leased), _)| leased == number);
            let due = leased.map(|(_, at)| by_age.min(stamped.at).max(*at));
            if due.is_none() || *printed_at != due {
                return violated(Invariant::FirstComeFirstServed, || {
                    format!("{number} stands as of {printed_at:?} instead of {due:?}")
                });
            }
        }
        Ok(())
    }
}
