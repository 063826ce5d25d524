//! Storage trouble as the engine sees it: since when, and why. What presses are told meanwhile is a rule of the
//! core's.

use std::time::Instant;

use hall_core::Hall;
use hall_core::command::Command;
use hall_core::time::Now;
use hall_journal::{Head, ResumeError, Slot};
use tokio::sync::{oneshot, watch};
use tracing::{error, info};

use super::Outcome;

/// Whether the disk can be trusted with the next press.
pub(super) struct Trouble {
    told: watch::Sender<Option<String>>,
    rule: hall_core::trouble::Trouble,
}

impl Trouble {
    pub(super) fn new() -> (Self, watch::Receiver<Option<String>>) {
        let (told, receiver) = watch::channel(None);
        (Self { told, rule: hall_core::trouble::Trouble::default() }, receiver)
    }

    /// A write failed.
    pub(super) fn began(&mut self, why: String) {
        self.rule.began(Instant::now());
        if self.told.borrow().is_none() {
            error!(%why, "storage trouble: presses are refused; free space on the journal's disk or mend it");
        }
        self.told.send_replace(Some(why));
    }

    /// The disk was tried and does not take writes yet.
    pub(super) fn goes_on(&mut self) {
        self.rule.began(Instant::now());
    }

    /// Whether it is time to try if the disk takes writes again.
    pub(super) fn awaits_proof(&self) -> bool {
        self.rule.awaits_proof(Instant::now())
    }

    /// A write succeeded.
    pub(super) fn over(&mut self) {
        if self.rule.over() {
            info!("storage trouble is over; presses are recorded again");
            self.told.send_replace(None);
        }
    }

    /// What a press is told that cannot be recorded.
    pub(super) fn outcome(&mut self, durable: &Hall, command: &Command, now: Now) -> Outcome {
        self.rule.outcome(durable, command, now).map_or_else(Outcome::Refused, Outcome::Answered)
    }

    /// Whether this press, or a later one of its session, was refused because of trouble.
    pub(super) fn has_refused(&self, command: &Command) -> bool {
        self.rule.has_refused(command)
    }

    /// Whether to refuse without trying.
    pub(super) fn holds_back(&self) -> bool {
        self.rule.holds_back(Instant::now())
    }
}

/// Tell the journal that the engine went back to record `seq`.
pub(super) async fn resume(slot: Slot<'_>, seq: u64) -> Result<(), ResumeError> {
    let (done, resumed) = oneshot::channel::<Result<Head, ResumeError>>();
    slot.resume(seq, move |result| drop(done.send(result)));
    resumed.await.unwrap_or(Err(ResumeError::Closed)).map(|_| ())
}
