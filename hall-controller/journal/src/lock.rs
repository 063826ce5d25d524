//! The lock that keeps two controllers from writing one journal.
//!
//! An advisory lock of the operating system on a file beside the journal: it
//! goes with its process, however that ends, so no stale lock ever needs to be
//! cleared by hand. The file's content, the owner's process id, is only there to
//! be shown. `SQLite`'s own locks are not used for this: they let a second writer
//! in whenever the first is between two transactions.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Write};
use std::path::Path;

use crate::error::JournalError;

const LOCK_FILE: &str = "journal.lock";

/// Longest process id worth reading: a 32-bit number and a line end.
const PID_TEXT_BYTES_MAX: u64 = 16;

/// Held for as long as a journal is open for writing.
#[derive(Debug)]
pub(crate) struct DirectoryLock {
    file: File,
}

impl DirectoryLock {
    pub(crate) fn take(directory: &Path) -> Result<Self, JournalError> {
        let unusable = |source| JournalError::Directory { path: directory.to_owned(), source };
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
                return Err(JournalError::InUse { path: directory.to_owned(), pid: owner(&mut file) });
            }
            Err(TryLockError::Error(source)) => return Err(unusable(source)),
        }
        file.set_len(0).map_err(unusable)?;
        writeln!(file, "{}", std::process::id()).map_err(unusable)?;
        Ok(Self { file })
    }
}

impl Drop for DirectoryLock {
    fn drop(&mut self) {
        // Best effort: an id left behind is only shown while the lock is held,
        // and then the new owner has already replaced it.
        let _ = self.file.set_len(0);
    }
}

fn owner(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.take(PID_TEXT_BYTES_MAX).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}
