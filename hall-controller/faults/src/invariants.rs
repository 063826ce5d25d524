//! What must hold of a hall whatever breaks, and the books by which it is checked.
//!
//! The books are kept by what the journal says and what people were told, and share no state with
//! the controller: they have a hall of their own, fed only with what is on the disk.

mod appointments;
mod calls;
mod decisions;
mod deferral;
mod leases;
mod named;
mod policies;
mod waits;

use std::collections::{BTreeMap, BTreeSet};

use hall_core::Hall;
use hall_core::answer::Answer;
use hall_core::event::{Cause, Event, PressId, Rule, Stamped};
use hall_core::refusal::Refusal;
use hall_core::ticket::{TicketId, TicketState};
use hall_core::time::{BusinessDay, HallTime};
use hall_core::view::HallView;
use hall_journal::{ChainHash, Record};
use hall_protocol::id::{HallId, WindowId};
use hall_protocol::number::TicketNumber;

pub use self::named::{Invariant, Violation};
use crate::network::Outcome;
use crate::records;

pub(crate) type Checked = Result<(), Violation>;

pub(crate) fn violated(invariant: Invariant, what: impl FnOnce() -> String) -> Checked {
    Err(Violation { invariant, what: what() })
}

/// What was promised and what the journal says.
pub(crate) struct Ledger {
    pub(crate) hall: Hall,
    hashes: Vec<ChainHash>,
    numbers: BTreeSet<(BusinessDay, TicketNumber)>,
    /// By the journal: what each press was answered, and by which record.
    answers: BTreeMap<PressId, (Answer, usize)>,
    /// A press of which the journal has the beginning.
    half: Option<PressId>,
    told: BTreeMap<PressId, Answer>,
    acknowledged: BTreeMap<PressId, TicketNumber>,
    intents: BTreeMap<PressId, u32>,
    done: BTreeMap<u32, PressId>,
    untraced: BTreeSet<PressId>,
    /// Since the start: presses whose devices were told that nothing can be recorded.
    troubled: BTreeSet<PressId>,
    failed: Vec<ChainHash>,
    buried: Vec<ChainHash>,
    just_called: BTreeMap<WindowId, decisions::JustCalled>,
    leased: leases::Leased,
    bookings: appointments::Bookings,
    deferrals: deferral::Deferrals,
    policies: policies::Policies,
    quotas: calls::Quotas,
    allocations: BTreeMap<WindowId, calls::Served>,
    waits: waits::Waits,
    /// The latest moment, and whom its events are about.
    came: (HallTime, Vec<TicketId>),
    /// Presses done although their device was told that they could not be.
    pub(crate) done_after_trouble: u32,
    /// The kinds of events in the journal, and of calls.
    pub(crate) kinds: BTreeSet<&'static str>,
}

impl Ledger {
    pub(crate) fn new(hall: HallId) -> Self {
        Self {
            hall: Hall::new(hall),
            hashes: Vec::new(),
            numbers: BTreeSet::new(),
            answers: BTreeMap::new(),
            half: None,
            told: BTreeMap::new(),
            acknowledged: BTreeMap::new(),
            intents: BTreeMap::new(),
            done: BTreeMap::new(),
            untraced: BTreeSet::new(),
            troubled: BTreeSet::new(),
            failed: Vec::new(),
            buried: Vec::new(),
            just_called: BTreeMap::new(),
            leased: leases::Leased::default(),
            bookings: appointments::Bookings::default(),
            deferrals: deferral::Deferrals::default(),
            policies: policies::Policies::default(),
            quotas: calls::Quotas::default(),
            allocations: BTreeMap::new(),
            waits: waits::Waits::default(),
            came: (HallTime::default(), Vec::new()),
            done_after_trouble: 0,
            kinds: BTreeSet::new(),
        }
    }

    /// The last record known to be on the disk.
    pub(crate) fn seq(&self) -> u64 {
        u64::try_from(self.hashes.len()).unwrap_or(u64::MAX)
    }

    /// A person pressed once, and the device made this press of it.
    pub(crate) fn pressed(&mut self, press: PressId, intent: u32) -> Checked {
        if self.intents.insert(press, intent).is_some_and(|before| before != intent) {
            return violated(Invariant::ExactlyOnce, || format!("{press} names what two people pressed"));
        }
        Ok(())
    }

    /// The journal says that these events are durable, from record `first_seq` on.
    pub(crate) fn committed(&mut self, events: &[Stamped], first_seq: u64, records: &[Record]) -> Checked {
        if first_seq != self.seq() + 1 {
            return violated(Invariant::ReplayGivesTheState, || {
                format!("record {first_seq} was written after record {}", self.seq())
            });
        }
        for stamped in events {
            let Some(record) = records.get(self.hashes.len()) else {
                return violated(Invariant::DurableBeforeVisible, || {
                    format!("record {} is not on the disk", self.seq() + 1)
                });
            };
            self.absorb(stamped, record.hash)?;
        }
        self.consistent()
    }

    /// A controller has started from these records.
    pub(crate) fn recovered(&mut self, records: &[Record]) -> Checked {
        self.just_called.clear();
        self.failed.clear();
        self.troubled.clear();
        if records.len() < self.hashes.len() {
            let lost = self.acknowledged.iter().find(|(press, _)| {
                self.answers.get(press).is_some_and(|(_, record)| *record >= records.len())
            });
            if let Some((press, number)) = lost {
                return violated(Invariant::TicketsForEver, || {
                    format!("{number} was given to {press} and is gone")
                });
            }
            return violated(Invariant::DurableBeforeVisible, || {
                format!("{} of {} records are left", records.len(), self.hashes.len())
            });
        }
        let wrong = records.iter().zip(&self.hashes).find(|(record, hash)| record.hash != **hash);
        if let Some((record, _)) = wrong {
            return violated(Invariant::ChainVerifies, || format!("record {} is another one", record.seq));
        }
        for record in &records[self.hashes.len()..] {
            let stamped = records::event(record).map_err(|error| Violation {
                invariant: Invariant::ReplayGivesTheState,
                what: format!("record {}: {error}", record.seq),
            })?;
            self.absorb(&stamped, record.hash)?;
        }
        if let Some(press) = self.half {
            return violated(Invariant::ExactlyOnce, || format!("half of {press} is in the journal"));
        }
        self.consistent()
    }

    fn absorb(&mut self, stamped: &Stamped, hash: ChainHash) -> Checked {
        if self.buried.contains(&hash) {
            return violated(Invariant::ReplayGivesTheState, || {
                format!("a write that failed came back after the journal went on: {stamped:?}")
            });
        }
        self.once(stamped)?;
        self.lease_happened(stamped)?;
        self.appointment_happened(stamped)?;
        self.deferral_happens(stamped)?;
        if let Event::Issued { number, .. } = &stamped.event
            && !self.numbers.insert((self.hall.day(), *number))
        {
            return violated(Invariant::NumberOncePerDay, || format!("{number} was issued twice"));
        }
        self.call_happens(stamped)?;
        self.hall.apply(stamped);
        self.deferral_happened(stamped)?;
        self.rules_follow(&stamped.event);
        self.waits_follow(stamped);
        self.somebody_came(stamped);
        self.kinds.insert(stamped.event.name());
        self.hashes.push(hash);
        Ok(())
    }

    fn once(&mut self, stamped: &Stamped) -> Checked {
        let press = stamped.cause.press();
        // The hall cancels what was nobody's in the middle of a hand-in.
        let is_part = stamped.cause == Cause::Rule(Rule::UnansweredTake);
        if self.half.is_some() && self.half != press && !is_part {
            return violated(Invariant::ExactlyOnce, || {
                format!("half of {:?} is in the journal, then {stamped:?}", self.half)
            });
        }
        let Some(press) = press else { return Ok(()) };
        if self.answers.contains_key(&press) {
            return violated(Invariant::ExactlyOnce, || format!("{press} was done twice: {stamped:?}"));
        }
        self.half = Some(press);
        let Some(answer) = &stamped.answer else { return Ok(()) };
        self.half = None;
        self.answers.insert(press, (answer.clone(), self.hashes.len()));
        if self.untraced.contains(&press) && !matches!(answer, Answer::Refused(_)) {
            self.done_after_trouble += 1;
        }
        if let (Some(intent), false) = (self.intents.get(&press), matches!(answer, Answer::Refused(_)))
            && let Some(before) = self.done.insert(*intent, press)
        {
            return violated(Invariant::ExactlyOnce, || {
                format!("somebody pressed once, and it was done as {before} and as {press}")
            });
        }
        Ok(())
    }

    fn consistent(&self) -> Checked {
        let t = self.hall.totals();
        let (mut issued, mut waiting, mut at_window, mut parked) = (0, 0, 0, 0);
        let mut taken = BTreeSet::new();
        for ticket in self.hall.tickets() {
            issued += 1;
            match ticket.state {
                TicketState::Waiting | TicketState::WaitingFor { .. } | TicketState::Deferred { .. } => {
                    waiting += 1;
                }
                TicketState::Parked { .. } => parked += 1,
                TicketState::AtWindow { window } => {
                    at_window += 1;
                    if !taken.insert(window) {
                        return violated(Invariant::OnePlace, || format!("{window} has two tickets"));
                    }
                }
                _ => {}
            }
        }
        let ended = t.finished + t.missed + t.cancelled + t.expired;
        if t.issued != t.waiting + t.called + t.serving + t.parked + ended
            || t.parked != parked
            || t.issued != issued
            || t.waiting != waiting
            || t.called + t.serving != at_window
        {
            return violated(Invariant::AddsUp, || {
                format!(
                    "{t:?}, but {issued} issued, {waiting} waiting, {at_window} at windows, {parked} put aside"
                )
            });
        }
        if let Some(first) = self.hall.violations().into_iter().next() {
            return violated(Invariant::AddsUp, || first);
        }
        Ok(())
    }

    /// These records are written. Not again what was buried: while the clock is behind the hall's
    /// time, the same decision at the same place makes the same record.
    pub(crate) fn attempted(&mut self, hashes: &[ChainHash]) {
        self.buried.retain(|buried| !hashes.contains(buried));
    }

    /// A write of this record failed.
    pub(crate) fn write_failed(&mut self, hash: ChainHash) {
        self.failed.push(hash);
    }

    /// The journal goes on: what failed before is gone for good.
    pub(crate) fn resumed(&mut self) {
        self.buried.append(&mut self.failed);
    }

    /// Signs, pads and boards get the picture that includes record `seq`.
    pub(crate) fn shown(&self, seq: u64) -> Checked {
        if seq > self.seq() {
            return violated(Invariant::DurableBeforeVisible, || {
                format!("the picture of record {seq} is shown, the disk has {}", self.seq())
            });
        }
        Ok(())
    }

    /// A press was refused and leaves no trace.
    pub(crate) fn refused_without_trace(&mut self, press: PressId, refusal: &Refusal) -> Checked {
        self.untraced.insert(press);
        if *refusal == Refusal::StorageTrouble {
            self.troubled.insert(press);
            if self.answers.contains_key(&press) {
                return violated(Invariant::ExactlyOnce, || {
                    format!("{press} is done, and is told otherwise")
                });
            }
        }
        Ok(())
    }

    /// The broker was told that this press is taken care of.
    pub(crate) fn acknowledged_to_broker(&self, press: PressId) -> Checked {
        if self.answers.contains_key(&press) || self.untraced.contains(&press) {
            return Ok(());
        }
        violated(Invariant::DurableBeforeVisible, || {
            format!("{press} was acknowledged to the broker and is not on the disk")
        })
    }

    /// The record with which this press was done, if it is in the journal.
    pub(crate) fn record_of(&self, press: PressId) -> Option<u64> {
        self.answers.get(&press).and_then(|(_, record)| u64::try_from(record + 1).ok())
    }

    /// A device reads its reply.
    pub(crate) fn told(&mut self, press: PressId, outcome: &Outcome) -> Checked {
        let Outcome::Answered(answer) = outcome else { return Ok(()) };
        match self.answers.get(&press) {
            None => {
                return violated(Invariant::DurableBeforeVisible, || {
                    format!("{press} was answered {answer:?}, which is not on the disk")
                });
            }
            Some((journaled, _)) if journaled != answer => {
                return violated(Invariant::ExactlyOnce, || {
                    format!("{press} was answered {answer:?}, the journal says {journaled:?}")
                });
            }
            Some(_) => {}
        }
        if let Some(before) = self.told.insert(press, answer.clone())
            && before != *answer
        {
            return violated(Invariant::ExactlyOnce, || {
                format!("{press} was answered {before:?} and then {answer:?}")
            });
        }
        if let Answer::Ticket { number, .. } = answer {
            self.acknowledged.insert(press, *number);
        }
        Ok(())
    }

    /// The hall of a controller that has nothing under way is what the journal says.
    pub(crate) fn same_state(&self, hall: &Hall) -> Checked {
        if *hall != self.hall {
            return violated(Invariant::ReplayGivesTheState, || {
                format!("the hall has {:?}, the journal {:?}", hall.totals(), self.hall.totals())
            });
        }
        Ok(())
    }

    /// What should be seen everywhere.
    pub(crate) fn view(&self) -> HallView {
        HallView::of(&self.hall, self.seq())
    }
}
