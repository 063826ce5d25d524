//! Snapshots of the hall: when they are made, what is in them, and which of them may be used.
//!
//! A snapshot holds the durable hall as JSON. It is used only by the rules that made it (see
//! `build.rs`): after an upgrade the first start replays the whole journal. Files and checksums are
//! `hall-journal`'s business.

use std::path::PathBuf;
use std::sync::Arc;

use hall_core::Hall;
use hall_journal::{Head, Snapshot};
use tokio::task::JoinHandle;
use tracing::{info, warn};

use crate::metrics::Metrics;

/// Events between two snapshots, so about the longest tail a start replays: a busy hall's day.
pub const EVENTS_APART: u64 = 10_000;

/// The format of a snapshot's state: JSON, reached by the rules with this hash.
pub const FORMAT: &str = concat!("json/", env!("HALL_STATE_RULES"));

/// Why a snapshot is not a hall of this version.
#[derive(Debug, thiserror::Error)]
pub enum UnusableSnapshot {
    /// Other rules made it.
    #[error("it was made by another version of hall-controller")]
    OtherVersion,
    /// It is no hall.
    #[error("its state cannot be read: {0}")]
    State(#[from] serde_json::Error),
    /// It is the hall of another id.
    #[error("its state is that of hall {0}")]
    OtherHall(String),
}

/// The snapshot of `hall`, which is the state after record `at`.
///
/// # Errors
/// Only if a hall could not be written as JSON, which would be a defect.
pub fn snapshot(hall: &Hall, at: Head) -> Result<Snapshot, serde_json::Error> {
    let state = serde_json::to_vec(hall)?;
    Ok(Snapshot { hall: hall.plan().hall().to_string(), format: FORMAT.into(), at, state })
}

/// The hall in a snapshot.
///
/// # Errors
/// When it was made by other rules or is no hall; then the journal is replayed instead.
pub fn hall(snapshot: &Snapshot) -> Result<Hall, UnusableSnapshot> {
    if snapshot.format != FORMAT {
        return Err(UnusableSnapshot::OtherVersion);
    }
    let hall: Hall = serde_json::from_slice(&snapshot.state)?;
    let id = hall.plan().hall();
    if id.as_str() == snapshot.hall { Ok(hall) } else { Err(UnusableSnapshot::OtherHall(id.to_string())) }
}

/// Makes snapshots beside a journal as its events go by.
///
/// The engine only clones its durable hall; JSON and disk are a blocking task's, one at a time.
pub struct Keeper {
    directory: PathBuf,
    apart: u64,
    /// The next one is made at this record or the first after it.
    due: u64,
    under_way: Option<JoinHandle<()>>,
}

impl Keeper {
    /// Keep snapshots in `directory`, `apart` events from one another; the last one was after
    /// record `last` (0: there is none).
    pub fn new(directory: PathBuf, apart: u64, last: u64) -> Self {
        Self { directory, apart, due: last.saturating_add(apart), under_way: None }
    }

    /// The durable hall is now that after record `at`. Never waits.
    pub(crate) fn durable(&mut self, hall: &Hall, at: Head, metrics: &Arc<Metrics>) {
        if at.seq < self.due || self.under_way.as_ref().is_some_and(|task| !task.is_finished()) {
            return;
        }
        self.due = at.seq.saturating_add(self.apart);
        let (hall, directory, metrics) = (hall.clone(), self.directory.clone(), Arc::clone(metrics));
        self.under_way = Some(tokio::task::spawn_blocking(move || {
            let written =
                snapshot(&hall, at).map_err(std::io::Error::from).and_then(|it| it.write(&directory));
            match written {
                Ok(()) => info!(seq = at.seq, "snapshot kept"),
                Err(error) => {
                    metrics.count("storage_trouble", "snapshot");
                    warn!(%error, seq = at.seq, "no snapshot could be kept; the next start takes longer");
                }
            }
        }));
    }

    /// Wait for the snapshot under way.
    pub(crate) async fn end(self) {
        if let Some(Err(error)) = async { Some(self.under_way?.await) }.await {
            warn!(%error, "the last snapshot's task failed");
        }
    }
}
