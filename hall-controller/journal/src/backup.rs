//! Copies of a journal: made while the hall is open, and put in the place of one
//! that was lost. Every copy is read from end to end before it counts.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use crate::error::JournalError;
use crate::lock::DirectoryLock;
use crate::reader::JournalReader;
use crate::sqlite::JOURNAL_FILE;
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
    drop(reader);
    let report = verify_file(part).map_err(BackupError::NotWhole)?;
    unfinished.finish().map_err(|error| unmade(to, error))?;
    Ok(report)
}

/// Puts the backup `from` into the data directory `directory`, which has no
/// journal and is in no use, after checking its whole chain.
pub fn restore(from: &Path, directory: &Path) -> Result<VerifyReport, BackupError> {
    let report = verify_file(from)?;
    let file = |path: &Path, source| BackupError::File { path: path.to_owned(), source };
    fs::create_dir_all(directory).map_err(|source| file(directory, source))?;
    let _lock = DirectoryLock::take(directory)?;
    let to = directory.join(JOURNAL_FILE);
    for suffix in ["", "-wal", "-journal"] {
        let mut path = to.clone().into_os_string();
        path.push(suffix);
        let path = PathBuf::from(path);
        // A reader may have left an empty log behind; nobody's records are in that.
        if path.exists() && (suffix.is_empty() || !is_empty(&path)) {
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
    unfinished.finish().map_err(|error| unmade(&to, error))?;
    Ok(report)
}

fn unmade(path: &Path, source: io::Error) -> BackupError {
    let path = path.to_owned();
    match source.kind() {
        io::ErrorKind::AlreadyExists => BackupError::Exists { path },
        _ => BackupError::File { path, source },
    }
}

fn is_empty(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|file| file.len() == 0)
}
