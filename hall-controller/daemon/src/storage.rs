//! From the journal on disk to a hall in memory, at the start and for reports.
//!
//! Only reading and replaying is here; writing is the engine's business.

use std::path::Path;
use std::time::Instant;

use hall_core::Hall;
use hall_core::event::Stamped;
use hall_journal::{Journal, JournalError, JournalWriter, ReplayError};
use hall_protocol::id::HallId;
use tracing::info;

use crate::records::{self, UnreadableRecord};

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
    /// Writes what comes next.
    pub writer: JournalWriter,
}

/// Bring back `hall` from the journal in `directory`, making an empty one if there is none.
///
/// # Errors
/// When the journal is damaged, in use, of another hall or another version.
pub fn recover(directory: &Path, hall: HallId) -> Result<Recovered, StorageError> {
    let started = Instant::now();
    let mut state = Hall::new(hall);
    let journal = Journal::open(directory, hall.as_str())?
        .replay(|record| records::event(&record).map(|stamped| state.apply(&stamped)))?;
    let seq = journal.head().seq;
    let took_ms = started.elapsed().as_millis();
    info!(directory = %directory.display(), records = seq, took_ms, head = %journal.head().hash, "journal replayed");
    Ok(Recovered { hall: state, seq, writer: journal.start()? })
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
