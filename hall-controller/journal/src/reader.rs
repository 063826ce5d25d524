//! Reading a journal from outside: read-only, beside a running controller if
//! need be. Every record is checked against the chain before it is handed out.

use std::path::{Path, PathBuf};

use crate::chain::{self, ChainBreak};
use crate::error::{JournalError, ReplayError};
use crate::record::{Head, Record};
use crate::sqlite::{JOURNAL_FILE, SqliteStore};
use crate::store::{CheckedReadError, ReadError, Store, read_checked};

/// A journal as it was when the reader was opened, whatever is written meanwhile.
///
/// While it is open a controller can go on writing, but the write-ahead log
/// keeps growing: it can be folded into the file only afterwards.
#[derive(Debug)]
pub struct JournalReader {
    pub(crate) store: SqliteStore,
    path: PathBuf,
    hall: String,
}

impl JournalReader {
    /// Opens the journal in a data directory.
    pub fn open(directory: &Path) -> Result<Self, JournalError> {
        Self::open_file(&directory.join(JOURNAL_FILE))
    }

    /// Opens a journal's file, such as a backup.
    pub fn open_file(path: &Path) -> Result<Self, JournalError> {
        let (store, hall) = SqliteStore::open_read_only(path)?;
        Ok(Self { store, path: path.to_owned(), hall })
    }

    /// The hall it belongs to.
    pub fn hall(&self) -> &str {
        &self.hall
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Number of the last record, by the journal's own note: how much there is
    /// to read. That the note is right is known once all was read.
    pub fn records(&self) -> u64 {
        self.store.head().map_or(0, |head| head.seq)
    }

    /// Hands every record, oldest first, to `visit`, after checking that the
    /// chain is whole up to it. Ends at the first break, or when `visit` fails.
    pub fn read<E>(&self, visit: impl FnMut(Record) -> Result<(), E>) -> Result<Head, ReplayError<E>> {
        read_checked(&self.store, chain::genesis(&self.hall), visit).map_err(|error| match error {
            CheckedReadError::Broken(broken) => {
                ReplayError::Journal(JournalError::Broken { path: self.path.clone(), broken })
            }
            CheckedReadError::Trouble(trouble) => {
                ReplayError::Journal(JournalError::Store { path: self.path.clone(), trouble })
            }
            CheckedReadError::Visitor(error) => ReplayError::Visitor(error),
        })
    }

    /// The last record of this kind up to record `until`, found from there backwards: O(records in
    /// between). The chain is not verified.
    pub fn last_of(&self, kind: &str, until: u64) -> Result<Option<Record>, JournalError> {
        self.store.last_of(kind, until).map_err(|error| self.unreadable(error))
    }

    /// Record `seq`, if it is there. The chain is not verified.
    pub fn record(&self, seq: u64) -> Result<Option<Record>, JournalError> {
        let mut found = None;
        let read = self.store.read_from(seq, &mut |record| {
            found = Some(record).filter(|record| record.seq == seq);
            false
        });
        read.map(|()| found).map_err(|error| self.unreadable(error))
    }

    fn unreadable(&self, error: ReadError) -> JournalError {
        let path = self.path.clone();
        match error {
            ReadError::Trouble(trouble) => JournalError::Store { path, trouble },
            ReadError::Row { seq, detail } => {
                JournalError::Broken { path, broken: ChainBreak::Unreadable { seq, detail } }
            }
        }
    }

    /// Checks the file around the records: its guards and its structure.
    pub fn check_file(&self) -> Result<(), JournalError> {
        self.store.check_file(&self.path)
    }
}
