//! Copies of a journal: made while the hall is open, and put in the place of one
//! that was lost. Every copy is read from end to end before it counts.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use crate::error::JournalError;
use crate::lock::DirectoryLock;
use crate::reader::JournalReader;
use crate::snapshot::Snapshot;
use crate::sqlite::{JOURNAL_FILE, beside, is_absent};
use crate::store::Trouble;
use crate::unfinished::Unfinished;
use crate::verify::{VerifyReport, verify_file};

/// Why a copy was not made or not put in place. Nothing is left behind.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The journal to be copied, or the data directory.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// Something of that name is there.
    #[error("{} is there already; name a new file, nothing is written over", path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// The data directory has a journal.
    #[error(
        "{} is there already; restore into a data directory without a journal, \
         or move that file and those that begin with its name out of the way first",
        path.display()
    )]
    Occupied {
        /// The file in the way.
        path: PathBuf,
    },
    /// The file system refused.
    #[error(
        "{} cannot be written ({source}); check that its directory exists, may be written and has space",
        path.display()
    )]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The copy stopped half way.
    #[error("the journal could not be copied to {}: {trouble}; mend that and copy again", path.display())]
    Copy {
        /// The file.
        path: PathBuf,
        /// What the store said.
        trouble: Trouble,
    },
    /// The backup to be put in place, or to be looked at, is none.
    #[error("{}; {}", .0.cause(), backup_remedy(.0))]
    NoBackup(JournalError),
    /// The copy was made and is not what was copied.
    #[error("the copy is not whole, and was removed: {0}")]
    NotWhole(JournalError),
    /// The copy ends elsewhere than what was copied.
    #[error(
        "{} does not hold all that belongs to it: it was copied while a controller was writing. \
         Make backups with `hall-controller backup`",
        path.display()
    )]
    Partial {
        /// The file.
        path: PathBuf,
    },
}

/// Copies the journal in `directory` to the new file `to`, as it is at this
/// moment, while a controller may be writing it; checks the whole chain of the
/// copy and says what it holds. `progress` is told parts done and parts in all.
pub fn backup(
    directory: &Path,
    to: &Path,
    progress: &mut dyn FnMut(u32, u32),
) -> Result<VerifyReport, BackupError> {
    if to.exists() {
        return Err(BackupError::Exists { path: to.to_owned() });
    }
    let reader = JournalReader::open(directory)?;
    let unfinished = Unfinished::beside(to).map_err(|error| unmade(to, error))?;
    let part = unfinished.path();
    reader
        .store
        .copy_to(part, progress)
        .map_err(|trouble| BackupError::Copy { path: part.to_owned(), trouble })?;
    let report = verify_file(part).map_err(|error| BackupError::NotWhole(reader.at_rest(error)))?;
    unfinished.finish().map_err(|error| unmade(to, error))?;
    Ok(report)
}

/// Puts the backup `from` into the data directory `directory`, which has no
/// journal and is in no use, after checking its whole chain.
pub fn restore(from: &Path, directory: &Path) -> Result<VerifyReport, BackupError> {
    let report = verify_backup(from)?;
    let file = |path: &Path, source| BackupError::File { path: path.to_owned(), source };
    let mut lock = DirectoryLock::take(directory)?;
    let to = directory.join(JOURNAL_FILE);
    for suffix in ["", "-wal", "-journal"] {
        let path = beside(&to, suffix);
        // A reader may have left an empty log behind; nobody's records are in that.
        if path.exists() && (suffix.is_empty() || !is_absent(&path)) {
            return Err(BackupError::Occupied { path });
        }
    }
    let unfinished = Unfinished::beside(&to).map_err(|error| unmade(&to, error))?;
    let part = unfinished.path();
    fs::copy(from, part).and_then(|_| File::open(part)?.sync_all()).map_err(|source| file(part, source))?;
    let copied = verify_file(part).map_err(BackupError::NotWhole)?;
    if copied != report {
        return Err(BackupError::Partial { path: from.to_owned() });
    }
    // They know of records that this journal has not, and would be taken for proof that it lost them.
    Snapshot::set_aside_beyond(directory, report.records, None).map_err(|source| file(directory, source))?;
    unfinished.finish().map_err(|error| unmade(&to, error))?;
    lock.settle();
    Ok(report)
}

/// Reads a backup from end to end and says what it holds.
pub fn verify_backup(from: &Path) -> Result<VerifyReport, BackupError> {
    verify_file(from).map_err(BackupError::NoBackup)
}

fn backup_remedy(error: &JournalError) -> &'static str {
    match error {
        JournalError::Absent { .. } => "name with --from the file that `hall-controller backup` wrote",
        JournalError::Unreadable { .. } => {
            "name with --from a file that `hall-controller backup` wrote and that your user may read"
        }
        JournalError::OtherHall { .. } => "name the backup of that hall, or its configuration",
        JournalError::LogBesideReadOnly { .. }
        | JournalError::NewerFormat { .. }
        | JournalError::Stirred { .. } => "nothing was changed",
        _ => "take another backup, one made before, and keep this one for the auditor",
    }
}

fn unmade(path: &Path, source: io::Error) -> BackupError {
    let path = path.to_owned();
    match source.kind() {
        io::ErrorKind::AlreadyExists => BackupError::Exists { path },
        _ => BackupError::File { path, source },
    }
}
