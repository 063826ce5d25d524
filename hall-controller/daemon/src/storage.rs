//! From the journal on disk to a hall in memory, at the start and for reports.
//!
//! A start takes the newest snapshot that fits the journal and replays what came after it; without
//! one it replays the journal from its first record. Only reading is here; writing is the engine's
//! business.

use std::path::Path;
use std::time::Instant;

use hall_core::Hall;
use hall_core::event::Stamped;
use hall_journal::{DirectoryLock, Journal, JournalError, JournalWriter, OpenJournal, ReplayError, Snapshot};
use hall_protocol::id::HallId;
use tracing::{info, warn};

use crate::records::{self, UnreadableRecord};
use crate::snapshots;

/// Why the hall cannot be brought back.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// The journal.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// A record of another version.
    #[error(transparent)]
    Record(#[from] UnreadableRecord),
    /// The journal's thread.
    #[error("the journal's thread could not be started: {0}; the machine may be out of memory or threads")]
    Thread(#[from] std::io::Error),
}

impl From<ReplayError<UnreadableRecord>> for StorageError {
    fn from(error: ReplayError<UnreadableRecord>) -> Self {
        match error {
            ReplayError::Journal(error) => Self::Journal(error),
            ReplayError::Visitor(error) => Self::Record(error),
        }
    }
}

/// A hall as its journal left it, ready to go on.
pub struct Recovered {
    /// The state after the last record.
    pub hall: Hall,
    /// That record's sequence; 0 for a new hall.
    pub seq: u64,
    /// The record of the snapshot it began with; 0 when the whole journal was replayed.
    pub snapshot_seq: u64,
    /// Writes what comes next.
    pub writer: JournalWriter,
}

/// Make the data directory `directory` this process's own, before anything else is.
///
/// # Errors
/// When another process has it, or it cannot be used.
pub fn claim(directory: &Path) -> Result<DirectoryLock, StorageError> {
    Ok(DirectoryLock::take(directory)?)
}

/// Bring back `hall` from the journal in the claimed directory, making an empty one if there is none.
///
/// # Errors
/// When the journal is damaged, has lost records, or is of another hall or another version.
pub fn recover(claimed: DirectoryLock, hall: HallId) -> Result<Recovered, StorageError> {
    let started = Instant::now();
    let directory = claimed.directory().to_owned();
    let journal = Journal::open_locked(claimed, hall.as_str())?;
    let (mut state, snapshot) = beginning(&journal, hall);
    let apply = |record| records::event(&record).map(|stamped| state.apply(&stamped));
    let journal = match &snapshot {
        Some(snapshot) => journal.replay_after(snapshot, apply)?,
        None => journal.replay(apply)?,
    };
    let (seq, snapshot_seq) = (journal.head().seq, snapshot.map_or(0, |snapshot| snapshot.at.seq));
    let took_ms = started.elapsed().as_millis();
    let head = journal.head().hash;
    info!(directory = %directory.display(), records = seq, snapshot_seq, took_ms, %head, "journal replayed");
    if snapshot_seq > 0 {
        info!(
            "records up to {snapshot_seq} were taken from a snapshot; their chain is not verified at a start \
             but by `hall-controller audit verify`"
        );
    }
    Ok(Recovered { hall: state, seq, snapshot_seq, writer: journal.start()? })
}

/// The newest snapshot that can be used and its hall, or the empty hall.
fn beginning(journal: &OpenJournal, hall: HallId) -> (Hall, Option<Snapshot>) {
    for snapshot in journal.snapshots() {
        match snapshot {
            Ok(snapshot) => match snapshots::hall(&snapshot) {
                Ok(hall) => return (hall, Some(snapshot)),
                Err(error) => info!(seq = snapshot.at.seq, %error, "a snapshot is not used"),
            },
            Err(error) => warn!(%error, "a snapshot is not used"),
        }
    }
    (Hall::new(hall), None)
}

/// Hand every event of a closed journal to `visit`, oldest first, with the hall after it.
///
/// # Errors
/// As [`recover`].
pub fn reread(
    directory: &Path,
    hall: HallId,
    mut visit: impl FnMut(&Stamped, &Hall),
) -> Result<Hall, StorageError> {
    let mut state = Hall::new(hall);
    Journal::open(directory, hall.as_str())?.replay(|record| {
        let stamped = records::event(&record)?;
        state.apply(&stamped);
        visit(&stamped, &state);
        Ok(())
    })?;
    Ok(state)
}

#[cfg(test)]
pub(crate) mod tests;
