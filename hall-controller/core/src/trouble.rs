//! What an engine remembers while its journal cannot be written: when to try again, and whom it has told so.
//!
//! Whoever hears of trouble presses anew or goes, so copies of the press that are still under way must not be done
//! later. The daemon's engine goes by this, and that of the fault simulation. Pure: time comes in.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::answer::Answer;
use crate::command::Command;
use crate::decide::Decision;
use crate::event::{Device, PressId};
use crate::hall::Hall;
use crate::refusal::Refusal;
use crate::time::Now;

/// After a failed write, presses are refused without trying for this long: a full disk is not
/// helped by a thousand attempts a second. Less than the engine's tick, so that each tick may try.
const RETRY: Duration = Duration::from_millis(500);

/// Sessions of which the refused presses are remembered: more than any hall has devices.
const REFUSED_MAX: usize = 4_096;

/// Whether the disk can be trusted with the next press.
#[derive(Debug, Default)]
pub struct Trouble {
    try_again_at: Option<Instant>,
    /// Of each session of a device, the last press that was refused for this reason.
    refused: BTreeMap<(Device, u32), u32>,
}

impl Trouble {
    /// A write failed at `now`, the first or another one.
    pub fn began(&mut self, now: Instant) {
        self.try_again_at = Some(now + RETRY);
    }

    /// A write succeeded. Gives whether there was trouble before.
    pub fn over(&mut self) -> bool {
        self.try_again_at.take().is_some()
    }

    /// Whether it is time to try if the disk takes writes again.
    pub fn awaits_proof(&self, now: Instant) -> bool {
        self.try_again_at.is_some_and(|at| now >= at)
    }

    /// Whether to refuse without trying.
    pub fn holds_back(&self, now: Instant) -> bool {
        self.try_again_at.is_some_and(|at| now < at)
    }

    /// What a press is told that cannot be recorded: what it was told before, if that is durable.
    ///
    /// # Errors
    /// Why it would be refused without a record, or [`Refusal::StorageTrouble`].
    pub fn outcome(&mut self, durable: &Hall, command: &Command, now: Now) -> Result<Answer, Refusal> {
        if let Decision { answer: Some(answer), repeated: true, .. } = durable.decide(command, now)? {
            return Ok(answer);
        }
        if let Some(press) = press(command) {
            if self.refused.len() >= REFUSED_MAX {
                self.refused.clear();
            }
            let last = self.refused.entry((press.device, press.session)).or_default();
            *last = press.seq.max(*last);
        }
        Err(Refusal::StorageTrouble)
    }

    /// Whether this press, or a later one of its session, was refused because of trouble.
    pub fn has_refused(&self, command: &Command) -> bool {
        press(command).is_some_and(|press| {
            let last = self.refused.get(&(press.device, press.session));
            last.is_some_and(|last| press.seq <= *last)
        })
    }
}

fn press(command: &Command) -> Option<PressId> {
    match command {
        Command::Take { press, .. }
        | Command::Key { press, .. }
        | Command::Return { press, .. }
        | Command::Cancel { press, .. }
        | Command::CheckIn { press, .. }
        | Command::Lease { press, .. }
        | Command::HandIn { press, .. }
        | Command::EndLease { press, .. } => Some(*press),
        // What programs and the manager ask again after the trouble does no harm: nothing changes twice.
        Command::Tick
        | Command::AdoptPlan(_)
        | Command::NoteErasures(_)
        | Command::MoveSlots(_)
        | Command::Manage { .. }
        | Command::DeclareEmergency { .. }
        | Command::ClearEmergency { .. }
        | Command::Book { .. }
        | Command::Unbook { .. }
        | Command::WriteOff { .. } => None,
    }
}
