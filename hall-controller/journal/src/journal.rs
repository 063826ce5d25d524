//! A journal from opening to writing: found, then replayed, then written.
//!
//! Each stage is a type, and only the end of one leads to the next: no record
//! can be written to a journal that was not read and found whole.

use std::io;
use std::path::{Path, PathBuf};

use crate::chain;
use crate::committer::Committer;
use crate::error::{JournalError, ReplayError};
use crate::record::{Head, Record};
use crate::sqlite::{JOURNAL_FILE, SqliteStore};
use crate::store::CheckedReadError;
use crate::writer::JournalWriter;

/// A journal that is open and ours, and has not been read yet.
#[derive(Debug)]
pub struct OpenJournal {
    store: SqliteStore,
    path: PathBuf,
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
        Ok(OpenJournal {
            store: SqliteStore::open(directory, hall)?,
            path: directory.join(JOURNAL_FILE),
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
        let Self { store, path, genesis } = self;
        match Committer::replay(store, genesis, visit) {
            Ok(committer) => Ok(Journal { committer }),
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
