//! Numbers leased to kiosks: which, to whom, and what became of each.
//!
//! Leases are cut from the end of a prefix's numbers, downwards, while the hall itself counts up from
//! 001: neither leaves gaps in the other, and they end where they would meet. A number that was leased
//! is not leased or issued again that day, whatever became of it; when the queue is kept overnight, not before the
//! paper it may be on has come in.

use std::collections::{BTreeMap, BTreeSet};

use hall_protocol::id::{DeviceId, ServiceId};
use hall_protocol::number::{Prefix, TicketNumber};
use serde::{Deserialize, Serialize};

use super::Hall;
use crate::event::{Event, LeaseEnd};
use crate::plan::Service;
use crate::time::{BusinessDay, HallTime};
use crate::view::LeaseTotals;

/// The leases of a business day, and what may still come of those before, while the queue is kept.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Leases {
    /// By their first numbers.
    blocks: BTreeMap<TicketNumber, Lease>,
    /// The lowest value leased by these letters: the hall's own numbers end below it.
    floor: BTreeMap<Prefix, u16>,
    totals: LeaseTotals,
    /// Of the days since the queue is kept: whoever has paper of them comes in with it.
    earlier: Vec<(BusinessDay, Lease)>,
}

/// Numbers one kiosk may print.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Lease {
    pub(crate) kiosk: DeviceId,
    pub(crate) service: ServiceId,
    pub(crate) first: TicketNumber,
    pub(crate) count: u16,
    /// Since when: nothing was printed from it before.
    pub(crate) at: HallTime,
    /// The values of the numbers that came back as tickets.
    handed_in: BTreeSet<u16>,
    /// It is over: so many of the rest were returned unused, and so many written off.
    over: Option<(u16, u16)>,
    /// It ended with its day, or because a plan came without its kiosk or its service. Its kiosk may not know,
    /// and has printed from it.
    may_come: bool,
}

impl Lease {
    fn has(&self, number: TicketNumber) -> bool {
        number.is_of(self.first, self.count)
    }

    pub(crate) fn handed_in(&self) -> u16 {
        u16::try_from(self.handed_in.len()).unwrap_or(u16::MAX)
    }

    pub(crate) fn has_handed_in(&self, number: TicketNumber) -> bool {
        self.handed_in.contains(&number.value())
    }

    pub(crate) const fn may_come(&self) -> bool {
        self.may_come
    }

    pub(crate) const fn is_over(&self) -> bool {
        self.over.is_some()
    }

    /// The values of its numbers that did not come back as tickets.
    fn out(&self) -> impl Iterator<Item = u16> {
        let values = self.first.value()..self.first.value().saturating_add(self.count);
        values.filter(|value| !self.handed_in.contains(value))
    }

    fn is_out(&self, number: TicketNumber) -> bool {
        self.has(number) && !self.has_handed_in(number)
    }

    /// Numbers of which nothing is known yet.
    pub(crate) fn open(&self) -> u16 {
        if self.is_over() { 0 } else { self.count.saturating_sub(self.handed_in()) }
    }
}

impl Leases {
    pub(crate) const fn totals(&self) -> LeaseTotals {
        self.totals
    }

    /// The lease that has this number.
    pub(crate) fn of(&self, number: TicketNumber) -> Option<&Lease> {
        let (_, lease) = self.blocks.range(..=number).next_back()?;
        Some(lease).filter(|lease| lease.has(number))
    }

    /// The lease of a day before, since when the queue is kept, that has this number.
    pub(crate) fn earlier(&self, day: BusinessDay, number: TicketNumber) -> Option<&Lease> {
        let of_day = self.earlier.iter().filter(|(of, _)| *of == day);
        of_day.map(|(_, lease)| lease).find(|lease| lease.has(number))
    }

    /// Whether this number would come in late, from a lease of a day before.
    pub(super) fn is_late(&self, number: TicketNumber) -> bool {
        self.of(number).is_none() && self.earlier.iter().any(|(_, lease)| lease.is_out(number))
    }

    /// `ended` is over and the queue is kept: its numbers that are on paper stay good. Of leases of which all is
    /// known only those of that day are remembered, for who hands in what was not answered.
    pub(super) fn keep(&mut self, ended: BusinessDay) {
        let Self { blocks, mut earlier, .. } = std::mem::take(self);
        earlier.retain(|(_, lease)| lease.out().next().is_some());
        let may_come = blocks.into_values().filter(Lease::may_come);
        earlier.extend(may_come.map(|lease| (ended, lease)));
        self.earlier = earlier;
    }

    /// Numbers of earlier days that may be on paper.
    pub(super) fn out(&self) -> impl Iterator<Item = (Prefix, u16)> {
        let prefixed = |lease: &'_ Lease| lease.first.prefix();
        self.earlier.iter().flat_map(move |(_, lease)| lease.out().map(move |value| (prefixed(lease), value)))
    }

    /// Those that are not over.
    pub(crate) fn open(&self) -> impl Iterator<Item = &Lease> {
        self.blocks.values().filter(|lease| !lease.is_over())
    }

    /// The lowest value leased by these letters.
    pub(crate) fn floor(&self, prefix: Prefix) -> Option<u16> {
        self.floor.get(&prefix).copied()
    }

    pub(super) fn take_over(&mut self, event: &Event, at: HallTime) {
        match event {
            Event::NumbersLeased { kiosk, service, first, count } => {
                let floor = self.floor.entry(first.prefix()).or_insert(first.value());
                *floor = first.value().min(*floor);
                let (kiosk, service, first, count) = (*kiosk, *service, *first, *count);
                // A journal by another version may lease a number twice: the first lease has it.
                self.blocks.entry(first).or_insert_with(|| {
                    self.totals.leased += u32::from(count);
                    Lease {
                        kiosk,
                        service,
                        first,
                        count,
                        at,
                        handed_in: BTreeSet::new(),
                        over: None,
                        may_come: false,
                    }
                });
            }
            Event::LeaseEnded { first, returned, written_off, why, .. } => {
                let Some(lease) = self.blocks.get_mut(first).filter(|lease| !lease.is_over()) else {
                    return;
                };
                lease.over = Some((*returned, *written_off));
                lease.may_come = matches!(why, LeaseEnd::Withdrawn | LeaseEnd::DayEnded);
                self.totals.returned += u32::from(*returned);
                self.totals.written_off += u32::from(*written_off);
            }
            _ => {}
        }
    }

    /// A ticket with this number came back; whether it is of a lease.
    pub(super) fn take_in(&mut self, number: TicketNumber) -> bool {
        let of_today = self.blocks.range_mut(..=number).next_back().map(|(_, lease)| lease);
        let Some(lease) = of_today.filter(|lease| lease.has(number)) else {
            // The totals are today's: its day is accounted for.
            let late = self.earlier.iter_mut().find(|(_, lease)| lease.is_out(number));
            return late.is_some_and(|(_, lease)| lease.handed_in.insert(number.value()));
        };
        if lease.handed_in.insert(number.value()) {
            self.totals.handed_in += 1;
            // It had counted as one of which nothing would be heard.
            if let Some((_, written_off)) = lease.over.as_mut().filter(|(_, written_off)| *written_off > 0) {
                *written_off -= 1;
                self.totals.written_off = self.totals.written_off.saturating_sub(1);
            }
        }
        true
    }

    /// What is wrong with the leases in themselves.
    fn violations(&self) -> Vec<String> {
        let mut found = Vec::new();
        let mut counted = LeaseTotals::default();
        let mut before: Option<&Lease> = None;
        for lease in self.blocks.values() {
            let first = lease.first;
            let overlaps = before.is_some_and(|before| {
                before.first.prefix() == first.prefix()
                    && before.first.value().saturating_add(before.count) > first.value()
            });
            if overlaps || self.floor(first.prefix()).is_none_or(|floor| floor > first.value()) {
                found.push(format!("the lease from {first} overlaps another, or the floor is above it"));
            }
            let (returned, written_off) = lease.over.unwrap_or_default();
            let ended = u32::from(lease.handed_in()) + u32::from(returned) + u32::from(written_off);
            if ended > u32::from(lease.count) || (lease.is_over() && ended < u32::from(lease.count)) {
                found.push(format!("the lease from {first} has {} numbers, {ended} ended", lease.count));
            }
            counted.leased += u32::from(lease.count);
            counted.handed_in += u32::from(lease.handed_in());
            counted.returned += u32::from(returned);
            counted.written_off += u32::from(written_off);
            before = Some(lease);
        }
        if counted != self.totals {
            found.push(format!("the leases' totals are {:?}, they say {counted:?}", self.totals));
        }
        found
    }
}

impl Hall {
    /// What became of the numbers leased this business day.
    pub fn lease_totals(&self) -> LeaseTotals {
        self.leases.totals()
    }

    /// The numbers of `service` a kiosk may lease next, at most `count`: the last free ones, but never
    /// more than the hall keeps for itself.
    pub(crate) fn free_for_lease(&self, service: &Service, count: u16) -> Option<(TicketNumber, u16)> {
        let digits = service.digits.digits();
        let below = self.leases.floor(service.prefix).map_or(digits.last(), |floor| floor - 1);
        let top = below.min(digits.last());
        let issued = self.last_value.get(&service.prefix).copied().unwrap_or(0);
        // A lease is one block; what is kept from the day before stays out of it.
        let kept = |value: &u16| self.tickets.is_kept(service.prefix, *value);
        let top = (1..=top).rev().find(|value| !kept(value))?;
        let count = count.min(top.saturating_sub(issued) / 2);
        let free = (1..=top).rev().take(count.into()).take_while(|value| !kept(value)).count();
        let count = u16::try_from(free).ok()?;
        let value = top.checked_sub(count)? + 1;
        let first = TicketNumber::new(service.prefix, value, digits).ok()?;
        (count > 0).then_some((first, count))
    }

    /// What is wrong between leases, tickets and the hall's own numbers.
    pub(super) fn leased_wrongly(&self) -> Vec<String> {
        let mut found = self.leases.violations();
        for (prefix, last) in &self.last_value {
            if self.leases.floor(*prefix).is_some_and(|floor| floor <= *last) {
                found.push(format!("the hall's own numbers of {prefix} have met the leased ones"));
            }
        }
        for lease in self.leases.blocks.values() {
            let ticket = |steps| Some(self.tickets.numbered(lease.first.after(steps).ok()?)?.id);
            for steps in 0..lease.count {
                let value = lease.first.value().saturating_add(steps);
                if ticket(steps).is_some() != lease.handed_in.contains(&value) {
                    found.push(format!("number {steps} after {} is and is not handed in", lease.first));
                }
            }
        }
        found
    }
}
