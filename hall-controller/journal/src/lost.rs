//! Whether a journal has lost records that people were told of, as far as what lies in the data
//! directory can show it. `SQLite` itself takes any log that ends early for one that was cut by a crash.
//!
//! Shown are a log damaged in its midst, a journal that does not reach the record which its controller
//! noted last before it was cut off (see [`lock`]), a log that ends before what was copied from it into the
//! file, and a snapshot of a state that the journal no longer reaches. A log that is gone is no loss by itself: any program of `SQLite`'s that looks at a journal
//! after a crash folds the log into the file and removes it.
//!
//! What nothing here can show is that commits of the last half minute before a power cut are missing. The
//! published heads of days do.

use std::path::{Path, PathBuf};

use crate::error::JournalError;
use crate::lock::{self, CutOff};
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

/// Refuses a journal that does not reach the record which its controller noted before it was `cut_off`.
///
/// Changes nothing. What cannot be read here is left to be refused by those who read all of it.
pub(crate) fn refuse_unreached(journal: &Path, cut_off: &CutOff) -> Result<(), JournalError> {
    let log = beside(journal, "-wal");
    let (no_file, no_log) = (is_absent(journal), is_absent(&log));
    let last = if no_file { Some(0) } else { sqlite::records_with_log(journal).ok().flatten() };
    let known = cut_off.reached.as_ref().map(|reached| reached.seq);
    match (known, last) {
        (Some(known), Some(last)) if last >= known => Ok(()),
        (Some(known), Some(last)) if no_file || !no_log => {
            Err(JournalError::Unreached { path: journal.to_owned(), last, known })
        }
        // Nothing was noted, and with no file either it is the place of a new hall.
        (None, _) if no_file || !no_log => Ok(()),
        (_, None) if !no_log => Ok(()),
        (known, last) => Err(JournalError::LogGone { path: log, last, known }),
    }
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

/// [`refuse_unreached`] for one who only reads the journal in `directory`.
pub(crate) fn refuse_unreached_of_closed(directory: &Path) -> Result<(), JournalError> {
    match lock::cut_off_in(directory) {
        Some(cut_off) => refuse_unreached(&directory.join(JOURNAL_FILE), &cut_off),
        None => Ok(()),
    }
}
