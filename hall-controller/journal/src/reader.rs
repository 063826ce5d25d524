//! Reading a journal from outside: read-only, beside a running controller if
//! need be. Every record is checked against the chain before it is handed out.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use crate::chain::{self, ChainBreak};
use crate::error::{JournalError, ReplayError};
use crate::record::{Head, Record};
use crate::snapshot::Snapshot;
use crate::sqlite::{self, JOURNAL_FILE, SqliteStore};
use crate::store::{CheckedReadError, ReadError, Store, TroubleKind, read_checked};
use crate::{lock, lost};

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
    ///
    /// Refuses, as a start would, a journal that has lost records people were told of.
    pub fn open(directory: &Path) -> Result<Self, JournalError> {
        // Before the journal is looked at, so that none is newer than what is read of it.
        let snapshots = Snapshot::files_in(directory);
        let path = directory.join(JOURNAL_FILE);
        let opened = sqlite::refuse_orphaned_log(&path)
            .and_then(|()| lost::refuse_damaged_log_of_closed(&path))
            .and_then(|()| lost::refuse_unreached_of_closed(directory))
            .and_then(|()| Self::open_undamaged(&path));
        let reader = opened.map_err(|error| closed_to_us(&path, error))?;
        // Where the head cannot be read, reading the records says so.
        if let Ok(head) = reader.store.head() {
            lost::refuse_shorter(directory, &snapshots, Some(&reader.hall), head.seq)?;
        }
        Ok(reader)
    }

    /// Opens a journal's file, such as a backup.
    pub fn open_file(path: &Path) -> Result<Self, JournalError> {
        lost::refuse_damaged_log_of_closed(path)
            .and_then(|()| Self::open_undamaged(path))
            .map_err(|error| closed_to_us(path, error))
    }

    fn open_undamaged(path: &Path) -> Result<Self, JournalError> {
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
        let path = || self.path.clone();
        let at_fault = |error| ReplayError::Journal(self.at_rest(error));
        read_checked(&self.store, chain::genesis(&self.hall), visit).map_err(|error| match error {
            CheckedReadError::Broken(broken) => at_fault(JournalError::Broken { path: path(), broken }),
            CheckedReadError::Trouble(trouble) => at_fault(JournalError::Store { path: path(), trouble }),
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
        self.at_rest(match error {
            ReadError::Trouble(trouble) => JournalError::Store { path, trouble },
            ReadError::Row { seq, detail } => {
                JournalError::Broken { path, broken: ChainBreak::Unreadable { seq, detail } }
            }
        })
    }

    /// The error, unless a controller started while a closed journal was being read.
    pub(crate) fn at_rest(&self, error: JournalError) -> JournalError {
        if self.store.has_stirred() { JournalError::Stirred { path: self.path.clone() } } else { error }
    }

    /// Checks the file around the records: its guards and its structure.
    pub fn check_file(&self) -> Result<(), JournalError> {
        self.store.check_file(&self.path).map_err(|error| self.at_rest(error))
    }

    /// Checks what the file says beside its records of how often it took writes again after trouble. An auditor
    /// wants to know; starts and backups do not mind, for nothing is decided by it.
    pub fn check_resumes(&self) -> Result<(), JournalError> {
        self.store.check_resumes(&self.path).map_err(|error| self.at_rest(error))
    }
}

/// The same error, or that `path` is no file, or not for us to read: `SQLite` and those who look at the log first
/// take that for trouble with the disk.
fn closed_to_us(path: &Path, error: JournalError) -> JournalError {
    let of_the_system = match &error {
        JournalError::Directory { .. } => true,
        JournalError::Store { trouble, .. } => trouble.kind == TroubleKind::Io,
        _ => false,
    };
    // To close a file gives up the locks that a controller in this process has on it.
    if !of_the_system || lock::is_held(path.parent().unwrap_or(Path::new(""))) {
        return error;
    }
    if path.is_dir() {
        return JournalError::Unreadable {
            path: path.to_owned(),
            source: io::ErrorKind::IsADirectory.into(),
        };
    }
    match File::open(path) {
        Err(source) if source.kind() == io::ErrorKind::NotADirectory => {
            let path = path.parent().unwrap_or(path).to_owned();
            JournalError::Unreadable { path, source }
        }
        Err(source) if source.kind() != io::ErrorKind::NotFound => {
            JournalError::Unreadable { path: path.to_owned(), source }
        }
        _ => error,
    }
}
