//! The lock that keeps two controllers from writing one journal.
//!
//! An advisory lock of the operating system on a file beside the journal: it
//! goes with its process, however that ends, so no stale lock ever needs to be
//! cleared by hand. The file's content, the owner's process id, is only there to
//! be shown. `SQLite`'s own locks are not used for this: they let a second writer
//! in whenever the first is between two transactions.
//!
//! A second line of the file says that the journal's log is in use. It is there
//! from when the log is on the disk until all of it is in the file. A third says
//! the last record that is durable, and the hall: another program that looks at a
//! journal which was cut off folds the log into the file and removes it, so only
//! whether the file reaches that record tells this from a log that was lost.
//!
//! The third line is written after each commit and not synced, for that would be
//! a second fsync a commit. A process that is killed leaves it exact. A power cut
//! may leave it as old as what the system had yet to write back, some half a
//! minute, but never before the first commit of the log's present round, which
//! is synced: the file alone does not reach that one unless the log was folded in.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};

use crate::error::JournalError;
use crate::sqlite::round_of;

const LOCK_FILE: &str = "journal.lock";

/// The second line of the file while the log is in use.
const LOG_IN_USE: &str = "the log is in use";

/// Longest content worth reading: two numbers, that line, and a hall's name of any sensible length.
const TEXT_BYTES_MAX: u64 = 4096;

/// What a controller that was cut off had noted of its journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CutOff {
    /// Nothing where it was of a version that noted no more than that the log is in use.
    pub(crate) reached: Option<Reached>,
}

/// How far a journal reaches at least.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reached {
    /// Its last record.
    pub(crate) seq: u64,
    /// Whose it is.
    pub(crate) hall: String,
}

/// A data directory that is this process's to write in, for as long as it is held.
#[derive(Debug)]
pub struct DirectoryLock {
    file: File,
    directory: PathBuf,
    /// The one before ended without closing the log, and nobody has looked into that yet.
    cut_off: Option<CutOff>,
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
        let cut_off = cut_off(&text(&mut file));
        note(&mut file, cut_off.as_ref()).map_err(unusable)?;
        Ok(Self { file, directory: directory.to_owned(), cut_off })
    }

    /// The data directory.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// What the owner before this one had noted, if it ended without closing the log.
    pub(crate) fn cut_off(&self) -> Option<&CutOff> {
        self.cut_off.as_ref()
    }

    /// Notes durably that `log` is on the disk and in use, until what is returned is dropped.
    pub(crate) fn log_in_use(&mut self, log: &Path, reached: Reached) -> io::Result<LogInUse> {
        let noted = CutOff { reached: Some(reached) };
        note(&mut self.file, Some(&noted))?;
        self.file.sync_data()?;
        let (file, mut log) = (self.file.try_clone()?, File::open(log)?);
        let round = round_of(&mut log)?;
        self.cut_off = None;
        Ok(LogInUse { file, noted, log, round })
    }

    /// Nothing is missing: the log is there and undamaged, or another journal is in its place. From here
    /// on `SQLite` may close the log at any time.
    pub(crate) fn settle(&mut self) {
        self.cut_off = None;
        // Best effort: if the line stays, the next start finds the records or asks for them.
        let _ = note(&mut self.file, None);
    }
}

impl Drop for DirectoryLock {
    fn drop(&mut self) {
        // Best effort: an id left behind is only shown while the lock is held,
        // and then the new owner has already replaced it.
        if self.cut_off.is_none() {
            let _ = self.file.set_len(0);
        }
    }
}

/// The log of a journal is in use. To be dropped before the log is closed: a crash between the two
/// leaves a log that nobody misses, never one that is missed and was only closed.
#[derive(Debug)]
pub(crate) struct LogInUse {
    file: File,
    noted: CutOff,
    log: File,
    /// The round of the log in which the note was synced last.
    round: [u8; 8],
}

impl LogInUse {
    /// Record `seq` is durable: to be said before anybody else is told.
    pub(crate) fn reached(&mut self, seq: u64) {
        if let Some(reached) = &mut self.noted.reached {
            reached.seq = seq;
        }
        // Best effort: an older note shows less and nothing wrong.
        let _ = self.renew();
    }

    fn renew(&mut self) -> io::Result<()> {
        // As long as before, so that no moment has an empty file.
        self.file.rewind()?;
        self.file.write_all(said(Some(&self.noted)).as_bytes())?;
        let round = round_of(&mut self.log)?;
        if round != self.round {
            self.file.sync_data()?;
            self.round = round;
        }
        Ok(())
    }
}

impl Drop for LogInUse {
    fn drop(&mut self) {
        // Best effort: if the line stays, the next start finds the records or asks for them.
        let _ = note(&mut self.file, None);
    }
}

/// Whether a controller has the data directory, as far as can be told without writing there.
pub(crate) fn is_held(directory: &Path) -> bool {
    File::open(directory.join(LOCK_FILE))
        .is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
}

/// What the last owner of the data directory had noted, if it ended without closing the log.
pub(crate) fn cut_off_in(directory: &Path) -> Option<CutOff> {
    let found = File::open(directory.join(LOCK_FILE)).ok().and_then(|mut file| cut_off(&text(&mut file)));
    found.filter(|_| !is_held(directory))
}

fn note(file: &mut File, cut_off: Option<&CutOff>) -> io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    file.write_all(said(cut_off).as_bytes())
}

fn said(cut_off: Option<&CutOff>) -> String {
    let log = cut_off.map_or(String::new(), |_| format!("{LOG_IN_USE}\n"));
    let reached = cut_off.and_then(|cut_off| cut_off.reached.as_ref());
    let reached = reached.map_or(String::new(), |Reached { seq, hall }| format!("{seq:020} {hall}\n"));
    format!("{}\n{log}{reached}", std::process::id())
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

fn cut_off(text: &str) -> Option<CutOff> {
    let mut lines = text.lines().skip(1);
    lines.next().filter(|line| *line == LOG_IN_USE)?;
    let reached = lines.next().and_then(|line| {
        let (seq, hall) = line.split_once(' ')?;
        Some(Reached { seq: seq.parse().ok()?, hall: hall.to_owned() })
    });
    Some(CutOff { reached })
}
