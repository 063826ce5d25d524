//! Going on with what is whole of a journal that has lost records, because somebody decided so.
//!
//! A start refuses such a journal: numbers that people hold would be given again. Whoever has no backup
//! takes what is left here. All that lay there is kept in a folder beside it, for the auditor.
//!
//! A log without its file is a whole journal while it goes back to the first record: what it does not
//! hold of the file's pages is the same in every new journal of the hall. The chain shows whether it does.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use rusqlite::Connection;

use crate::error::JournalError;
use crate::lock::DirectoryLock;
use crate::lost;
use crate::reader::JournalReader;
use crate::snapshot::Snapshot;
use crate::sqlite::{self, JOURNAL_FILE, SqliteStore, beside, is_absent};
use crate::store::Store;
use crate::unfinished::Unfinished;
use crate::verify::{VerifyReport, verify_file};

/// What was kept and what was not.
#[derive(Debug)]
pub struct Accepted {
    /// What the journal holds now; `None` if there is none.
    pub kept: Option<VerifyReport>,
    /// What a start had refused.
    pub lost: JournalError,
    /// Where the files lie as they were.
    pub aside: PathBuf,
}

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum AcceptError {
    /// The data directory or its journal.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// There is nothing to accept.
    #[error(
        "nothing shows that the journal in {} has lost records, so nothing was changed; \
         start the controller with `hall-controller run`",
        path.display()
    )]
    NothingLost {
        /// The data directory.
        path: PathBuf,
    },
    /// Neither the file nor the file with the undamaged part of its log is a whole journal.
    #[error(
        "nothing of the journal in {} can be kept ({cause}), and nothing was changed; keep the data directory for \
         the auditor, and put the last good backup in place with `hall-controller restore`. Without a backup, move \
         the whole data directory away and start anew: numbers then begin again, so ask all who hold a ticket to \
         take a new one",
        path.display()
    )]
    NothingWhole {
        /// The data directory.
        path: PathBuf,
        /// What is wrong.
        cause: String,
    },
    /// The file system refused.
    #[error(
        "{} cannot be written ({source}); check that its directory may be written and has space",
        path.display()
    )]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// Keeps of the journal in `directory` what is whole up to the damage, and puts all files as they were
/// into the new folder `aside` within it.
///
/// Refuses when nothing is known to be lost, and when what is left is no whole journal; then nothing is
/// changed. Interrupted at any point, it can be done again: until it has ended a start refuses.
pub fn accept_loss(directory: &Path, aside: &str) -> Result<Accepted, AcceptError> {
    let journal = directory.join(JOURNAL_FILE);
    // A directory that is named wrong must not be made.
    if !directory.exists() {
        return Err(AcceptError::Journal(JournalError::Absent { path: journal }));
    }
    let mut lock = DirectoryLock::take(directory)?;
    let lost = what_is_lost(&lock, &journal)?;
    let aside = directory.join(aside);
    let file = |path: &Path, source| AcceptError::File { path: path.to_owned(), source };
    fs::create_dir(&aside).map_err(|source| file(&aside, source))?;
    let mut kept = None;
    if !is_absent(&journal) || !is_absent(&beside(&journal, "-wal")) {
        let made = make(&lock, &journal, &aside).inspect_err(|_| drop(fs::remove_dir_all(&aside)));
        let (report, unfinished) = made?;
        // With the old log beside it the new file is refused as the old one was.
        unfinished.finish().map_err(|source| file(&journal, source))?;
        for suffix in ["-wal", "-shm"] {
            let path = beside(&journal, suffix);
            match fs::remove_file(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(file(&path, error)),
                _ => {}
            }
        }
        kept = Some(report);
    }
    let until = kept.as_ref().map_or(0, |report| report.records);
    Snapshot::set_aside_beyond(directory, until, Some(&aside))
        .and_then(|()| File::open(directory)?.sync_all())
        .map_err(|source| file(directory, source))?;
    lock.settle();
    Ok(Accepted { kept, lost, aside })
}

fn what_is_lost(lock: &DirectoryLock, journal: &Path) -> Result<JournalError, AcceptError> {
    let directory = lock.directory();
    let shown = sqlite::refuse_orphaned_log(journal)
        .and_then(|()| lost::refuse_damaged_log(journal))
        .and_then(|()| lock.cut_off().map_or(Ok(()), |cut_off| lost::refuse_unreached(journal, cut_off)));
    match shown {
        Err(error) if error.is_loss() => return Ok(error),
        shown => shown?,
    }
    let snapshots = Snapshot::files_in(directory);
    let shorter = if is_absent(journal) {
        lost::refuse_shorter(directory, &snapshots, None, 0)
    } else {
        let reader = JournalReader::open_file(journal)?;
        let last = reader.store.head().map_or(0, |head| head.seq);
        lost::refuse_shorter(directory, &snapshots, Some(reader.hall()), last)
    };
    if let Err(lost) = shorter {
        return Ok(lost);
    }
    if is_absent(journal) {
        return Err(AcceptError::Journal(JournalError::Absent { path: journal.to_owned() }));
    }
    // What a start refuses for another reason is refused here for the same.
    verify_file(journal)?;
    Err(AcceptError::NothingLost { path: directory.to_owned() })
}

/// Copies the files to `aside`, and makes the longest whole journal that can be made of them.
fn make(
    lock: &DirectoryLock,
    journal: &Path,
    aside: &Path,
) -> Result<(VerifyReport, Unfinished), AcceptError> {
    let file = |path: &Path, source| AcceptError::File { path: path.to_owned(), source };
    let (copied, log) = (aside.join(JOURNAL_FILE), beside(journal, "-wal"));
    if journal.exists() {
        copy(journal, &copied).map_err(|source| file(&copied, source))?;
    }
    let copied_log = log.exists().then(|| beside(&copied, "-wal"));
    if let Some(to) = &copied_log {
        copy(&log, to).map_err(|source| file(to, source))?;
    }
    File::open(aside).and_then(|aside| aside.sync_all()).map_err(|source| file(aside, source))?;

    let unfinished = Unfinished::over(journal).map_err(|source| file(journal, source))?;
    let part = unfinished.path();
    // Part of the log may be in the file already, and then perhaps only one of the two is whole.
    let alone = || copy(&copied, part).map_err(|error| error.to_string()).and_then(|()| whole(part));
    let kept = match copied_log {
        None => alone(),
        Some(log) if is_absent(journal) => on_a_new_file(lock, aside, &log, part),
        Some(log) => match (alone(), folded(&copied, &log, part)) {
            (Ok(alone), Ok(folded)) if folded.records >= alone.records => Ok(folded),
            (Ok(_), _) => alone(),
            (Err(_), folded) => folded,
        },
    };
    let directory = lock.directory().to_owned();
    let kept = kept.map_err(|cause| AcceptError::NothingWhole { path: directory, cause })?;
    File::open(part).and_then(|part| part.sync_all()).map_err(|source| file(part, source))?;
    Ok((kept, unfinished))
}

/// Makes `to` the journal whose log alone is left, from the file of a new journal of the same hall.
fn on_a_new_file(lock: &DirectoryLock, aside: &Path, log: &Path, to: &Path) -> Result<VerifyReport, String> {
    let reached = lock.cut_off().and_then(|cut_off| cut_off.reached.as_ref());
    let hall = &reached.ok_or("its file is gone or empty, and nothing says whose the log is")?.hall;
    let folder = aside.join("new");
    let made = DirectoryLock::take(&folder)
        .and_then(|lock| SqliteStore::open(lock, hall))
        .map_err(|error| error.cause())
        .and_then(|store| store.close().map_err(|trouble| trouble.to_string()))
        .and_then(|()| folded(&folder.join(JOURNAL_FILE), log, to));
    // Best effort: what stays is an empty journal among the files set aside.
    let _ = fs::remove_dir_all(&folder);
    made.map_err(|cause| format!("its file is gone or empty, and the log does not hold all of it: {cause}"))
}

/// Makes `to` the journal with what `SQLite` reads of its log.
fn folded(journal: &Path, log: &Path, to: &Path) -> Result<VerifyReport, String> {
    let part_log = beside(to, "-wal");
    let copied = copy(journal, to).and_then(|()| copy(log, &part_log));
    copied.map_err(|error| error.to_string())?;
    let folded = Connection::open(to).and_then(|connection| {
        connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        connection.close().map_err(|(_, error)| error)
    });
    if folded.is_err() {
        for suffix in ["-wal", "-shm"] {
            // Best effort: what stays of them is damaged, and refused.
            let _ = fs::remove_file(beside(to, suffix));
        }
    }
    folded.map_err(|error| error.to_string()).and_then(|()| whole(to))
}

fn whole(journal: &Path) -> Result<VerifyReport, String> {
    verify_file(journal).map_err(|error| error.cause())
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::copy(from, to)?;
    File::open(to)?.sync_all()
}
