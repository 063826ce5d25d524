//! A journal from opening to writing: found, then replayed, then written.
//!
//! Each stage is a type, and only the end of one leads to the next: no record
//! can be written to a journal that was not read and found whole.

use std::io;
use std::path::{Path, PathBuf};

use crate::chain;
use crate::committer::Committer;
use crate::error::{JournalError, ReplayError};
use crate::lock::{DirectoryLock, Reached};
use crate::record::{Head, Record};
use crate::snapshot::{Snapshot, SnapshotError};
use crate::sqlite::{JOURNAL_FILE, SqliteStore};
use crate::store::CheckedReadError;
use crate::writer::JournalWriter;

/// A journal that is open and ours, and has not been read yet.
#[derive(Debug)]
pub struct OpenJournal {
    store: SqliteStore,
    path: PathBuf,
    hall: String,
    genesis: Head,
}

/// A journal that was read to its end and found whole.
pub struct Journal {
    committer: Committer<SqliteStore>,
}

impl Journal {
    /// Opens the journal of `hall` in `directory`, making both if they are not
    /// there, and locks it against any other controller.
    pub fn open(directory: &Path, hall: &str) -> Result<OpenJournal, JournalError> {
        Self::open_locked(DirectoryLock::take(directory)?, hall)
    }

    /// The same in a directory that was locked before.
    pub fn open_locked(lock: DirectoryLock, hall: &str) -> Result<OpenJournal, JournalError> {
        let path = lock.directory().join(JOURNAL_FILE);
        Ok(OpenJournal {
            store: SqliteStore::open(lock, hall)?,
            path,
            hall: hall.to_owned(),
            genesis: chain::genesis(hall),
        })
    }

    /// The point the next record follows.
    pub fn head(&self) -> Head {
        self.committer.head()
    }

    /// Starts the thread that writes.
    pub fn start(self) -> io::Result<JournalWriter> {
        JournalWriter::start(self.committer)
    }
}

impl OpenJournal {
    /// Hands every record, oldest first, to `visit`, after checking that the
    /// chain is whole up to it. Ends at the first break, or when `visit` fails.
    pub fn replay<E>(self, visit: impl FnMut(Record) -> Result<(), E>) -> Result<Journal, ReplayError<E>> {
        let genesis = self.genesis;
        self.replay_from(genesis, visit)
    }

    /// The snapshots beside the journal, newest first: each undamaged and made
    /// after a record that is in the journal, or why it is of no use.
    pub fn snapshots(&self) -> impl Iterator<Item = Result<Snapshot, SnapshotError>> + '_ {
        let directory = self.path.parent().unwrap_or(Path::new("."));
        Snapshot::newest_first(directory).map(move |snapshot| {
            let snapshot = snapshot?;
            if snapshot.hall == self.hall && self.store.holds(snapshot.at) {
                return Ok(snapshot);
            }
            Err(SnapshotError::Elsewhere { path: snapshot.path(directory), seq: snapshot.at.seq })
        })
    }

    /// Hands the records after `snapshot` to `visit`, as [`OpenJournal::replay`]
    /// does with all. What came before is taken on trust; [`verify`](crate::verify)
    /// checks it.
    pub fn replay_after<E>(
        self,
        snapshot: &Snapshot,
        visit: impl FnMut(Record) -> Result<(), E>,
    ) -> Result<Journal, ReplayError<E>> {
        self.replay_from(snapshot.at, visit)
    }

    fn replay_from<E>(
        self,
        from: Head,
        visit: impl FnMut(Record) -> Result<(), E>,
    ) -> Result<Journal, ReplayError<E>> {
        let Self { store, path, hall, .. } = self;
        match Committer::replay(store, from, visit) {
            Ok(mut committer) => {
                let reached = Reached { seq: committer.head().seq, hall };
                committer.store_mut().trust(reached).map_err(ReplayError::Journal)?;
                Ok(Journal { committer })
            }
            Err(CheckedReadError::Broken(broken)) => {
                Err(ReplayError::Journal(JournalError::Broken { path, broken }))
            }
            Err(CheckedReadError::Trouble(trouble)) => {
                Err(ReplayError::Journal(JournalError::Store { path, trouble }))
            }
            Err(CheckedReadError::Visitor(error)) => Err(ReplayError::Visitor(error)),
        }
    }
}
