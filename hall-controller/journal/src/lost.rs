//! Whether a journal has lost records that people were told of, as far as what lies in the data
//! directory can show it. `SQLite` itself takes any log that ends early for one that was cut by a crash.
//!
//! Shown are a log damaged in its midst, a log that is gone, a log that ends before what was copied from
//! it into the file, and a snapshot of a state that the journal no longer reaches. What a damage of the
//! very last commit, or a log cut between two commits, took away otherwise nothing here can show; the
//! published heads of days do.

use std::path::{Path, PathBuf};

use crate::error::JournalError;
use crate::lock;
use crate::snapshot::Snapshot;
use crate::sqlite::{self, JOURNAL_FILE, beside, is_absent};

/// Refuses a log in which whole commits stand behind damage, or which was cut.
pub(crate) fn refuse_damaged_log(journal: &Path) -> Result<(), JournalError> {
    let path = beside(journal, "-wal");
    let found = sqlite::unreachable(&path, journal)
        .map_err(|source| JournalError::Directory { path: path.clone(), source })?;
    match found {
        Some(found) => Err(JournalError::LogDamaged { path, found }),
        None => refuse_cut_log(journal, path),
    }
}

/// Refuses a `log` that ends before what the file had of it already: only what is durable in the log is ever
/// copied. Pages of the one beside those of the other may make no journal at all.
fn refuse_cut_log(journal: &Path, log: PathBuf) -> Result<(), JournalError> {
    let Some(known) = sqlite::records_without_log(journal) else { return Ok(()) };
    match sqlite::records_with_log(journal) {
        Ok(Some(last)) if known <= last => Ok(()),
        Ok(last) => Err(JournalError::LogCut { path: log, last, known }),
        // Whoever opens it next is told.
        Err(_) => Ok(()),
    }
}

/// Refuses a journal whose log was in use when its owner ended, and is gone.
pub(crate) fn refuse_missing_log(journal: &Path) -> Result<(), JournalError> {
    let path = beside(journal, "-wal");
    if is_absent(journal) || path.exists() { Ok(()) } else { Err(JournalError::LogGone { path }) }
}

/// Refuses a journal of `hall`, or of any, that ends with record `last` while one of the `snapshots`
/// beside it knows of more.
pub(crate) fn refuse_shorter(
    directory: &Path,
    snapshots: &[(u64, PathBuf)],
    hall: Option<&str>,
    last: u64,
) -> Result<(), JournalError> {
    match Snapshot::beyond(snapshots, hall, last) {
        Some((known, snapshot)) => Err(JournalError::Shorter {
            path: directory.join(JOURNAL_FILE),
            last,
            known: *known,
            snapshot: snapshot.clone(),
        }),
        None => Ok(()),
    }
}

/// [`refuse_damaged_log`] for one who only reads: what a running controller has in hand is not lost.
pub(crate) fn refuse_damaged_log_of_closed(journal: &Path) -> Result<(), JournalError> {
    let directory = journal.parent().unwrap_or(Path::new(""));
    refuse_damaged_log(journal).or_else(|error| if lock::is_held(directory) { Ok(()) } else { Err(error) })
}

/// [`refuse_missing_log`] for one who only reads the journal in `directory`.
pub(crate) fn refuse_missing_log_of_closed(directory: &Path) -> Result<(), JournalError> {
    let missing = refuse_missing_log(&directory.join(JOURNAL_FILE));
    missing.or_else(|error| if lock::was_left_open(directory) { Err(error) } else { Ok(()) })
}
