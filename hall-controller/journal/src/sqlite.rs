//! The store of a hall: one `SQLite` file with a write-ahead log.
//!
//! `synchronous=FULL` syncs the log at every commit, so a committed batch
//! survives a power cut; the number of fsyncs is the number of batches. Readers
//! (`audit verify`, export, backup) never block the writer. Which
//! tables there are and whether a file is ours is said in [`schema`].

mod log;
mod place;
mod reading;
mod resumes;
mod schema;

pub use self::log::Unreachable;
pub(crate) use self::log::{round_of, unreachable};
pub(crate) use self::reading::{records_with_log, records_without_log};
pub(crate) use self::schema::refuse_orphaned_log;

use std::borrow::Cow;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::backup::{Backup, Progress, StepResult};
use rusqlite::config::DbConfig;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, ErrorCode, OpenFlags, Row, TransactionBehavior, params};

use self::reading::Still;
use crate::error::JournalError;
use crate::lock::{DirectoryLock, LogInUse, Reached};
use crate::lost;
use crate::record::{ChainHash, Head, Record};
use crate::snapshot::Snapshot;
use crate::store::{ReadError, Store, Trouble, TroubleKind};

/// The journal's name within the data directory.
pub const JOURNAL_FILE: &str = "journal.sqlite3";

/// How long a commit waits for another program's lock before it fails as busy.
///
/// Nothing of ours ever takes one. A person with the `sqlite3` shell may, and
/// is through in less; a citizen at a window waits no longer.
const BUSY_WAIT: Duration = Duration::from_secs(2);

/// Pages copied between two words on the progress of a backup: a few milliseconds.
const PAGES_A_STEP: i32 = 512;

const INSERT_EVENT: &str =
    "INSERT INTO event (seq, at_ms, kind, cause, body, hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
/// With the guards off, it keeps the head from going back by itself; see [`guard_against_others`].
const NOTE_HEAD: &str = "UPDATE head SET seq = ?1, hash = ?2 WHERE only = 1 AND seq <= ?1";
/// Writes that prove there is room: each adds a page to the log, and a press takes no more than so many.
/// One alone may fit where the press did not.
const WRITES_OF_A_PROOF: usize = 4;
/// No lower bound: a row numbered 0 or less must be seen to be refused.
const EVENTS: &str = "SELECT seq, at_ms, kind, cause, body, hash FROM event ORDER BY seq";
const EVENTS_FROM: &str =
    "SELECT seq, at_ms, kind, cause, body, hash FROM event WHERE seq >= ?1 ORDER BY seq";
const LAST_OF: &str = "SELECT seq, at_ms, kind, cause, body, hash FROM event \
     WHERE kind = ?1 AND seq <= ?2 ORDER BY seq DESC LIMIT 1";
/// `last` walks to the end of the tree, `found` searches by key. Appends search
/// by key too: where the two disagree, the next append would go astray.
const HEAD: &str = "SELECT seq, hash, (SELECT max(seq) FROM event) AS last, \
     EXISTS (SELECT 1 FROM event WHERE event.seq = head.seq) AS found FROM head";

/// An open journal file.
#[derive(Debug)]
pub(crate) struct SqliteStore {
    // Dropped in this order: the log is no longer in use once the connection begins to close it, and
    // the lock must outlive the connection.
    log: Option<LogInUse>,
    connection: Connection,
    lock: Option<DirectoryLock>,
    /// Where the file is read without any lock of `SQLite`'s.
    still: Option<Still>,
}

impl SqliteStore {
    /// Opens the journal of `hall` in the locked directory for writing, making it if there is none.
    pub(crate) fn open(lock: DirectoryLock, hall: &str) -> Result<Self, JournalError> {
        let directory = lock.directory().to_owned();
        let unusable = |source| JournalError::Directory { path: directory.clone(), source };
        let path = directory.join(JOURNAL_FILE);
        schema::refuse_orphaned_log(&path)?;
        lost::refuse_damaged_log(&path)?;
        if let Some(cut_off) = lock.cut_off() {
            lost::refuse_unreached(&path, cut_off)?;
        }
        let snapshots = Snapshot::files_in(&directory);
        if is_absent(&path) {
            lost::refuse_shorter(&directory, &snapshots, Some(hall), 0)?;
        }
        let connection = connect(&path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE)
            .and_then(|connection| {
                schema::identify_or_create(&connection, &path, hall)?;
                Ok(connection)
            })
            .map_err(located)?;
        // The file's name and its log's must be as durable as its first record.
        File::open(&directory).and_then(|directory| directory.sync_all()).map_err(unusable)?;
        guard_against_others(&connection).map_err(|error| opening(&path, &error))?;
        let store = Self { log: None, connection, lock: Some(lock), still: None };
        // Where the head cannot be read the replay says so.
        if let Ok(head) = store.head() {
            lost::refuse_shorter(&directory, &snapshots, Some(hall), head.seq)?;
        }
        Ok(store)
    }

    /// All that was to be read was found whole: the log is missed from now on if it is gone, and folded into
    /// the file when the store is dropped. Until then both stay as they were found.
    pub(crate) fn trust(&mut self, reached: Reached) -> Result<(), JournalError> {
        let Some(lock) = &mut self.lock else { return Ok(()) };
        let directory = lock.directory().to_owned();
        let path = directory.join(JOURNAL_FILE);
        fold_at_close(&self.connection, true).map_err(|error| opening(&path, &error))?;
        let noted = lock
            .log_in_use(&beside(&path, "-wal"), reached)
            .map_err(|source| JournalError::Directory { path: directory, source })?;
        self.log = Some(noted);
        // Where this cannot be written now, the next proof or the next start does it.
        let _ = self.write(resumes::seal_old);
        Ok(())
    }

    /// Opens the journal's file `path` to look at it; a controller may be
    /// writing it. Returns the hall it belongs to as well.
    pub(crate) fn open_read_only(path: &Path) -> Result<(Self, String), JournalError> {
        schema::refuse_orphaned_log(path)?;
        if !path.exists() {
            return Err(JournalError::Absent { path: path.to_owned() });
        }
        reading::open(path)
            .and_then(|(connection, still)| {
                let hall = schema::identify(&connection, path)?;
                Ok((Self { log: None, connection, lock: None, still }, hall))
            })
            .map_err(located)
    }

    /// Whether the file was opened without a lock and a controller has begun to write it since.
    pub(crate) fn has_stirred(&self) -> bool {
        self.still.as_ref().is_some_and(Still::stirred)
    }

    /// Checks the file around the records: its guards and its structure.
    pub(crate) fn check_file(&self, path: &Path) -> Result<(), JournalError> {
        schema::check_shape(&self.connection, path)
            .and_then(|()| schema::check_structure(&self.connection, path))
            .map_err(located)
    }

    /// Checks what the file says of its resumes.
    pub(crate) fn check_resumes(&self, path: &Path) -> Result<(), JournalError> {
        match resumes::is_whole(&self.connection) {
            Ok(true) => Ok(()),
            Ok(false) => Err(JournalError::ResumesChanged { path: path.to_owned() }),
            Err(error) => Err(located(opening(path, &error))),
        }
    }

    /// Whether record `at.seq` is there with that hash.
    pub(crate) fn holds(&self, at: Head) -> bool {
        let mut holds = false;
        let read = self.read_from(at.seq, &mut |record| {
            holds = record.head() == at;
            false
        });
        read.is_ok() && holds
    }

    /// The last record of this kind up to record `until`.
    pub(crate) fn last_of(&self, kind: &str, until: u64) -> Result<Option<Record>, ReadError> {
        let failed = |error: rusqlite::Error| ReadError::Trouble(trouble(&error));
        let until = i64::try_from(until).unwrap_or(i64::MAX);
        let mut statement = self.connection.prepare_cached(LAST_OF).map_err(failed)?;
        let mut rows = statement.query(params![kind, until]).map_err(failed)?;
        rows.next().map_err(failed)?.map(record).transpose()
    }

    /// Copies all pages into the new file `to`, as they are at this moment, and
    /// makes it a file that needs no other beside it. `progress` is told pages
    /// done and pages in all.
    pub(crate) fn copy_to(&self, to: &Path, progress: &mut dyn FnMut(u32, u32)) -> Result<(), Trouble> {
        self.copy(to, progress).map_err(|error| trouble(&error))
    }

    fn copy(&self, to: &Path, progress: &mut dyn FnMut(u32, u32)) -> rusqlite::Result<()> {
        let mut copy = Connection::open(to)?;
        {
            let backup = Backup::new(&self.connection, &mut copy)?;
            // The read transaction holds the pages still, so the copy never has to begin again.
            loop {
                let step = backup.step(PAGES_A_STEP)?;
                let Progress { remaining, pagecount } = backup.progress();
                let pages = |count: i32| u32::try_from(count).unwrap_or(0);
                progress(pages(pagecount.saturating_sub(remaining)), pages(pagecount));
                if step == StepResult::Done {
                    break;
                }
            }
        }
        copy.query_row("PRAGMA journal_mode = DELETE", [], |_| Ok(()))?;
        copy.close().map_err(|(_, error)| error)
    }
}

/// The file `path` with `suffix` after its name, such as `-wal`.
pub(crate) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// Whether there is no file `path`, or an empty one.
pub(crate) fn is_absent(path: &Path) -> bool {
    std::fs::metadata(path).map_or(0, |file| file.len()) == 0
}

fn connect(path: &Path, flags: OpenFlags) -> Result<Connection, JournalError> {
    let flags = flags | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(|error| opening(path, &error))?;
    schema::configure(&connection)
        .and_then(|()| fold_at_close(&connection, false))
        .map_err(|error| opening(path, &error))?;
    Ok(connection)
}

/// Whether the log is copied into the file, and removed, when the connection is closed.
///
/// Not while a journal may yet be refused: pages of a log that was cut would replace newer ones.
fn fold_at_close(connection: &Connection, fold: bool) -> rusqlite::Result<()> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, !fold).map(drop)
}

/// Lets this connection write without asking the file's guards, which are there for every other program.
///
/// A statement that a guard may stop keeps copies of what it changes, 64 KiB of memory at a time: that took
/// 20 us of each commit, where the note itself takes 2.
fn guard_against_others(connection: &Connection) -> rusqlite::Result<()> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false).map(drop)
}

/// The same refusal of a damaged file, with the place of the damage.
fn located(error: JournalError) -> JournalError {
    match error {
        JournalError::Damaged { path, detail } => {
            let detail = format!("{}: {}", place::of(&path), one_line(&detail));
            JournalError::Damaged { path, detail }
        }
        JournalError::NotAJournal { path, detail } => {
            let byte = place::of_header(&path).map_or(String::new(), |byte| format!("at byte {byte}: "));
            JournalError::NotAJournal { path, detail: byte + &one_line(&detail) }
        }
        other => other,
    }
}

/// `SQLite` quotes what it cannot read, line ends and all.
fn one_line(detail: &str) -> String {
    detail.replace(char::is_control, " ")
}

/// What an error of `SQLite` means while the file is being opened.
fn opening(path: &Path, error: &rusqlite::Error) -> JournalError {
    let path = PathBuf::from(path);
    let detail = error.to_string();
    if error.sqlite_error_code() == Some(ErrorCode::NotADatabase) {
        return JournalError::NotAJournal { path, detail };
    }
    match trouble(error) {
        Trouble { kind: TroubleKind::Damaged, detail } => JournalError::Damaged { path, detail },
        trouble => JournalError::Store { path, trouble },
    }
}

/// What an error of `SQLite` means while the journal is in use.
fn trouble(error: &rusqlite::Error) -> Trouble {
    let kind = match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => TroubleKind::Full,
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => TroubleKind::ReadOnly,
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => TroubleKind::Busy,
        Some(ErrorCode::ConstraintViolation) => TroubleKind::Conflict,
        Some(ErrorCode::TooBig) => TroubleKind::TooLarge,
        Some(
            ErrorCode::SystemIoFailure
            | ErrorCode::CannotOpen
            | ErrorCode::OutOfMemory
            | ErrorCode::FileLockingProtocolFailed,
        ) => TroubleKind::Io,
        // Everything else SQLite says of statements known to be right means
        // that the file does not hold what it should.
        _ => TroubleKind::Damaged,
    };
    Trouble { kind, detail: error.to_string() }
}

impl Store for SqliteStore {
    fn append_batch(&mut self, records: &[Record]) -> Result<(), Trouble> {
        let Some(last) = records.last() else { return Ok(()) };
        self.write(|connection| {
            let mut insert = connection.prepare_cached(INSERT_EVENT)?;
            for Record { seq, at_ms, kind, cause, body, hash } in records {
                insert.execute(params![stored(*seq)?, at_ms, kind, cause, body, hash.as_bytes()])?;
            }
            let noted = connection
                .prepare_cached(NOTE_HEAD)?
                .execute(params![stored(last.seq)?, last.hash.as_bytes()])?;
            one_row(noted)
        })?;
        if let Some(log) = &mut self.log {
            log.reached(last.seq);
        }
        Ok(())
    }

    fn prove_writable(&mut self) -> Result<(), Trouble> {
        (0..WRITES_OF_A_PROOF).try_for_each(|_| self.write(resumes::count_one))
    }

    fn read_from(&self, seq: u64, visit: &mut dyn FnMut(Record) -> bool) -> Result<(), ReadError> {
        let failed = |error: rusqlite::Error| ReadError::Trouble(trouble(&error));
        let whole = seq <= 1;
        let mut statement =
            self.connection.prepare_cached(if whole { EVENTS } else { EVENTS_FROM }).map_err(failed)?;
        let mut rows =
            if whole { statement.query([]) } else { stored(seq).and_then(|seq| statement.query([seq])) }
                .map_err(failed)?;
        while let Some(row) = rows.next().map_err(failed)? {
            if !visit(record(row)?) {
                break;
            }
        }
        Ok(())
    }

    fn head(&self) -> Result<Head, ReadError> {
        let failed = |error: rusqlite::Error| ReadError::Trouble(trouble(&error));
        let damaged = |detail: &str| {
            ReadError::Trouble(Trouble { kind: TroubleKind::Damaged, detail: detail.to_owned() })
        };
        let mut statement = self.connection.prepare_cached(HEAD).map_err(failed)?;
        let mut rows = statement.query([]).map_err(failed)?;
        let row = rows.next().map_err(failed)?.ok_or_else(|| damaged("the note of the head is gone"))?;
        let noted: i64 = row.get(0).map_err(failed)?;
        let hash: [u8; ChainHash::BYTES] = row.get(1).map_err(failed)?;
        let last: Option<i64> = row.get(2).map_err(failed)?;
        let found: bool = row.get(3).map_err(failed)?;
        if last == Some(noted) && !found {
            return Err(damaged("the last record is there but cannot be found by its number"));
        }
        let seq = u64::try_from(noted).map_err(|_| damaged("the note of the head is below 0"))?;
        Ok(Head { seq, hash: ChainHash::from_bytes(hash) })
    }

    fn close(self) -> Result<(), Trouble> {
        let Self { log, connection, lock, .. } = self;
        // Folds the log into the file, so that a copy of the file alone is whole.
        // A reader in the way only puts that off: the log is durable as it is.
        let folded = fold_at_close(&connection, true)
            .and_then(|()| connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())));
        drop(log);
        let closed = connection.close().map_err(|(_, error)| error);
        drop(lock);
        folded.and(closed).map_err(|error| trouble(&error))
    }
}

impl SqliteStore {
    fn write(&mut self, change: impl FnOnce(&Connection) -> rusqlite::Result<()>) -> Result<(), Trouble> {
        // Dropped without a commit, a transaction is rolled back.
        self.connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .and_then(|transaction| {
                change(&transaction)?;
                transaction.commit()
            })
            .map_err(|error| trouble(&error))
    }
}

fn one_row(changed: usize) -> rusqlite::Result<()> {
    if changed == 1 { Ok(()) } else { Err(rusqlite::Error::StatementChangedRows(changed)) }
}

/// A number as `SQLite` keeps it: 63 bits, enough for a million records a second
/// over the age of mankind.
fn stored(seq: u64) -> rusqlite::Result<i64> {
    i64::try_from(seq).map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))
}

fn record(row: &Row<'_>) -> Result<Record, ReadError> {
    let number: i64 = row.get(0).map_err(|error| ReadError::Trouble(trouble(&error)))?;
    let unreadable = |detail: String| ReadError::Row { seq: number, detail };
    let text = |column: usize| -> Result<String, ReadError> {
        row.get(column).map_err(|error| unreadable(error.to_string()))
    };
    let seq = u64::try_from(number)
        .ok()
        .filter(|seq| *seq > 0)
        .ok_or_else(|| unreadable("records are numbered from 1".to_owned()))?;
    let at_ms = row.get(1).map_err(|error| unreadable(error.to_string()))?;
    let hash = match row.get_ref(5) {
        Ok(ValueRef::Blob(bytes)) => <[u8; ChainHash::BYTES]>::try_from(bytes)
            .map_err(|_| unreadable(format!("its hash has {} bytes instead of 32", bytes.len())))?,
        _ => return Err(unreadable("its hash is not a blob".to_owned())),
    };
    Ok(Record {
        seq,
        at_ms,
        kind: Cow::Owned(text(2)?),
        cause: text(3)?,
        body: text(4)?,
        hash: ChainHash::from_bytes(hash),
    })
}

#[cfg(test)]
mod tests;
