//! Storage trouble as the engine sees it: since when, why, and when to try again.

use std::time::{Duration, Instant};

use hall_journal::{Head, ResumeError, Slot};
use tokio::sync::{oneshot, watch};
use tracing::{error, info};

/// After a failed write, presses are refused without trying for this long: a full disk is not
/// helped by a thousand attempts a second, and a clerk hears of its end within a second.
const RETRY: Duration = Duration::from_secs(1);

/// Whether the disk can be trusted with the next press.
pub(super) struct Trouble {
    told: watch::Sender<Option<String>>,
    try_again_at: Option<Instant>,
}

impl Trouble {
    pub(super) fn new() -> (Self, watch::Receiver<Option<String>>) {
        let (told, receiver) = watch::channel(None);
        (Self { told, try_again_at: None }, receiver)
    }

    /// A write failed.
    pub(super) fn began(&mut self, why: String) {
        self.try_again_at = Some(Instant::now() + RETRY);
        if self.told.borrow().is_none() {
            error!(%why, "storage trouble: presses are refused; free space on the journal's disk or mend it");
        }
        self.told.send_replace(Some(why));
    }

    /// A write succeeded.
    pub(super) fn over(&mut self) {
        if self.try_again_at.take().is_some() {
            info!("storage trouble is over; presses are recorded again");
            self.told.send_replace(None);
        }
    }

    /// Whether to refuse without trying.
    pub(super) fn holds_back(&self) -> bool {
        self.try_again_at.is_some_and(|at| Instant::now() < at)
    }
}

/// Tell the journal that the engine went back to record `seq`.
pub(super) async fn resume(slot: Slot<'_>, seq: u64) -> Result<(), ResumeError> {
    let (done, resumed) = oneshot::channel::<Result<Head, ResumeError>>();
    slot.resume(seq, move |result| drop(done.send(result)));
    resumed.await.unwrap_or(Err(ResumeError::Closed)).map(|_| ())
}
