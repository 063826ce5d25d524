//! The books of leased numbers: each is one kiosk's, printed once, and accounted for when its day
//! ends.

use std::collections::{BTreeMap, BTreeSet};

use hall_core::Decision;
use hall_core::answer::Answer;
use hall_core::command::Command;
use hall_core::event::{Event, HandIn, LeaseEnd, PressId, Stamped};
use hall_core::refusal::Refusal;
use hall_core::ticket::{Ticket, TicketState};
use hall_core::time::{BusinessDay, HallTime};
use hall_core::view::LeaseTotals;
use hall_protocol::id::ServiceId;
use hall_protocol::number::TicketNumber;

use super::{Checked, Invariant, Ledger, violated};

type Number = (BusinessDay, TicketNumber);

/// What was leased and printed.
#[derive(Default)]
pub(super) struct Leased {
    /// Each with when it was leased.
    numbers: BTreeMap<Number, HallTime>,
    printed: BTreeSet<Number>,
    /// Handed in, and refused; with the ticket that is said to wait for its citizen.
    refused: BTreeMap<Number, Option<TicketNumber>>,
    /// Not handed in when a plan withdrew their leases.
    withdrawn: BTreeMap<Number, ServiceId>,
    /// Of the business day.
    totals: LeaseTotals,
}

impl Ledger {
    /// A kiosk gives a citizen a number of its own.
    pub(crate) fn printed(&mut self, day: BusinessDay, number: TicketNumber) -> Checked {
        let own = (day, number);
        if !self.leased.numbers.contains_key(&own) {
            return violated(Invariant::DurableBeforeVisible, || format!("{number} was never leased"));
        }
        if !self.leased.printed.insert(own) || self.numbers.contains(&own) {
            return violated(Invariant::NumberOncePerDay, || format!("two citizens hold {number}"));
        }
        Ok(())
    }

    /// A kiosk prints a ticket of the hall's, which that gave for this press.
    pub(crate) fn paper_of(&self, press: Option<PressId>, number: TicketNumber) -> Checked {
        let answer = press.and_then(|press| self.answers.get(&press)).map(|(answer, _)| answer);
        match answer {
            Some(Answer::Ticket { number: given, .. }) if *given == number => Ok(()),
            _ => violated(Invariant::DurableBeforeVisible, || {
                format!("{number} is printed for {press:?}, which was answered {answer:?}")
            }),
        }
    }

    /// What a kiosk printed has reached the hall.
    pub(crate) fn knows_of(&self, day: BusinessDay, number: TicketNumber) -> Checked {
        let own = (day, number);
        if self.numbers.contains(&own) || self.leased.refused.contains_key(&own) {
            return Ok(());
        }
        violated(Invariant::TicketsForEver, || format!("{number} is on paper, and was never handed in"))
    }

    /// The citizen of this take came into the queue with a number of the kiosk's own, so that nobody would come
    /// with the one that the hall gave for it; or that number was refused, which says what waits for its citizen.
    pub(crate) fn nobody_is_waited_for(&self, take: PressId, day: BusinessDay, own: TicketNumber) -> Checked {
        let came = self.numbers.contains(&(day, own));
        let said = self.leased.refused.get(&(day, own)).copied();
        if !came && said.is_none() {
            return Ok(());
        }
        let Some((Answer::Ticket { number, issued_at, .. }, _)) = self.answers.get(&take) else {
            return Ok(());
        };
        let given = |ticket: &Ticket| (ticket.number, ticket.issued_at) == (*number, *issued_at);
        // Who was called before the hall heard of it ends as others do who do not come.
        let waits = |ticket: &Ticket| {
            given(ticket) && ticket.state == TicketState::Waiting && ticket.called_at.is_none()
        };
        if !self.hall.tickets().any(waits) {
            return Ok(());
        }
        if came {
            return violated(Invariant::ExactlyOnce, || format!("{number} waits, and its citizen has {own}"));
        }
        if said.flatten() != Some(*number) {
            return violated(Invariant::TicketsForEver, || {
                format!("{own} was refused, and nobody is told that {number} waits for its citizen: {said:?}")
            });
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
        if let Event::HandedIn(HandIn { day, refused, .. }) = &stamped.event {
            let now = refused.iter().map(|ticket| ((*day, ticket.number), ticket.waits_as));
            self.leased.refused.extend(now);
            let plan = self.hall.plan();
            let is_back = |number: &TicketNumber| {
                let service = self.leased.withdrawn.get(&(*day, *number));
                service.is_some_and(|service| plan.service(*service).is_some())
            };
            let over = refused.iter().filter(|one| matches!(one.refused, Some(Refusal::LeaseOver { .. })));
            if let Some(number) = over.map(|one| one.number).find(is_back) {
                return violated(Invariant::TicketsForEver, || {
                    format!("{number} is on paper and refused, and its service is there")
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
            Event::LeaseEnded { service, first, count, returned, written_off, why, .. } => {
                totals.returned += u32::from(*returned);
                totals.written_off += u32::from(*written_off);
                if *why == LeaseEnd::Withdrawn {
                    let numbers = (0..*count).filter_map(|steps| Some((day, first.after(steps).ok()?)));
                    let open = numbers.filter(|number| !self.numbers.contains(number));
                    self.leased.withdrawn.extend(open.map(|number| (number, *service)));
                }
            }
            Event::Issued { number, printed_at, .. } => {
                totals.handed_in += u32::from(printed_at.is_some());
                // It had been written off with the others of its lease.
                if self.leased.withdrawn.remove(&(day, *number)).is_some() {
                    totals.written_off -= 1;
                }
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

    /// Tickets that are handed in are for all that their citizens came for, and stand where they were printed: by
    /// their age, after their lease and before now.
    pub(super) fn in_order_of_print(&self, command: &Command, decision: &Decision) -> Checked {
        let Command::HandIn { age_ms, tickets, .. } = command else { return Ok(()) };
        for stamped in &decision.events {
            let Event::Issued { number, service, also, printed_at, .. } = &stamped.event else { continue };
            let own = tickets.iter().find(|ticket| ticket.number == *number);
            let own_ms = own.map_or(0, |ticket| ticket.age_ms);
            let plan = self.hall.plan();
            let may = |matter: &&ServiceId| plan.service(**matter).is_some() && *matter != service;
            let wanted: Vec<ServiceId> = own.iter().flat_map(|own| &own.also).filter(may).copied().collect();
            if *also != wanted {
                return violated(Invariant::TicketsForEver, || {
                    format!("{number} is handed in for {wanted:?} too, and taken in for {also:?}")
                });
            }
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
