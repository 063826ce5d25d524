//! The lock that keeps two controllers from writing one journal.
//!
//! An advisory lock of the operating system on a file beside the journal: it
//! goes with its process, however that ends, so no stale lock ever needs to be
//! cleared by hand. The file's content, the owner's process id, is only there to
//! be shown. `SQLite`'s own locks are not used for this: they let a second writer
//! in whenever the first is between two transactions.
//!
//! A second line of the file says that the journal's log is in use. It is there
//! from when the log is on the disk until all of it is in the file; whoever finds
//! the line and no log knows that records are missing.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};

use crate::error::JournalError;

const LOCK_FILE: &str = "journal.lock";

/// The second line of the file while the log is in use.
const LOG_IN_USE: &str = "the log is in use";

/// Longest content worth reading: a 32-bit number, that line, two line ends.
const TEXT_BYTES_MAX: u64 = 64;

/// A data directory that is this process's to write in, for as long as it is held.
#[derive(Debug)]
pub struct DirectoryLock {
    file: File,
    directory: PathBuf,
    /// The one before ended without closing the log, and nobody has looked into that yet.
    left_open: bool,
}

impl DirectoryLock {
    /// Takes the data directory `directory`, which is made if it is not there.
    ///
    /// Refuses with the owner's process id when another process has it.
    pub fn take(directory: &Path) -> Result<Self, JournalError> {
        let unusable = |source| JournalError::Directory { path: directory.to_owned(), source };
        fs::create_dir_all(directory).map_err(unusable)?;
        let mut file = OpenOptions::new()
            .create(true)
            .read(true)
            .write(true)
            .truncate(false)
            .open(directory.join(LOCK_FILE))
            .map_err(unusable)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(JournalError::InUse { path: directory.to_owned(), pid: owner(&text(&mut file)) });
            }
            Err(TryLockError::Error(source)) => return Err(unusable(source)),
        }
        let left_open = says_log_in_use(&text(&mut file));
        note(&mut file, left_open).map_err(unusable)?;
        Ok(Self { file, directory: directory.to_owned(), left_open })
    }

    /// The data directory.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Whether the owner before this one ended without closing the log.
    pub(crate) fn left_open(&self) -> bool {
        self.left_open
    }

    /// Notes durably that the log is on the disk and in use, until what is returned is dropped.
    pub(crate) fn log_in_use(&mut self) -> io::Result<LogInUse> {
        note(&mut self.file, true)?;
        self.file.sync_data()?;
        let file = self.file.try_clone()?;
        self.left_open = false;
        Ok(LogInUse { file })
    }

    /// Nothing is missing: the log is there and undamaged, or another journal is in its place. From here
    /// on `SQLite` may close the log at any time.
    pub(crate) fn settle(&mut self) {
        self.left_open = false;
        // Best effort: if the line stays, the next start finds the log or asks for it.
        let _ = note(&mut self.file, false);
    }
}

impl Drop for DirectoryLock {
    fn drop(&mut self) {
        // Best effort: an id left behind is only shown while the lock is held,
        // and then the new owner has already replaced it.
        if !self.left_open {
            let _ = self.file.set_len(0);
        }
    }
}

/// The log of a journal is in use. To be dropped before the log is closed: a crash between the two
/// leaves a log that nobody misses, never one that is missed and was only closed.
#[derive(Debug)]
pub(crate) struct LogInUse {
    file: File,
}

impl Drop for LogInUse {
    fn drop(&mut self) {
        // Best effort: if the line stays, the next start finds the log or asks for it.
        let _ = note(&mut self.file, false);
    }
}

/// Whether a controller has the data directory, as far as can be told without writing there.
pub(crate) fn is_held(directory: &Path) -> bool {
    File::open(directory.join(LOCK_FILE))
        .is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
}

/// Whether the last owner of the data directory ended, and without closing the log.
pub(crate) fn was_left_open(directory: &Path) -> bool {
    File::open(directory.join(LOCK_FILE)).is_ok_and(|mut file| says_log_in_use(&text(&mut file)))
        && !is_held(directory)
}

fn note(file: &mut File, log_in_use: bool) -> io::Result<()> {
    let log = if log_in_use { format!("{LOG_IN_USE}\n") } else { String::new() };
    file.set_len(0)?;
    file.rewind()?;
    file.write_all(format!("{}\n{log}", std::process::id()).as_bytes())
}

/// The content, or nothing if it cannot be read.
fn text(file: &mut File) -> String {
    let mut text = String::new();
    let _ = file.rewind().and_then(|()| file.take(TEXT_BYTES_MAX).read_to_string(&mut text));
    text
}

fn owner(text: &str) -> Option<u32> {
    text.lines().next()?.trim().parse().ok()
}

fn says_log_in_use(text: &str) -> bool {
    text.lines().nth(1) == Some(LOG_IN_USE)
}
