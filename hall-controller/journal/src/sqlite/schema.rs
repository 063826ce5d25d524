//! What a journal file looks like inside, and how it is told from any other file.
//!
//! A file is only taken for a journal when its id, format, tables, guards and
//! the properties an append-only file must have are all exactly as written here.

use std::path::Path;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OptionalExtension, params};

use super::{BUSY_WAIT, EVENTS, beside, is_absent, opening, place, record, resumes};
use crate::chain::{self, ChainCheck};
use crate::error::JournalError;
use crate::store::{Trouble, TroubleKind};

/// Marks the file as a hall's journal to `file(1)` and to us: `HALj`.
pub(super) const APPLICATION_ID: i64 = 0x4841_4c6a;

/// The format written here, kept as `SQLite`'s `user_version`.
pub(super) const FORMAT: i64 = 2;

/// The first, whose tables are the same. Its count of resumes is not sealed; a start seals it.
pub(super) const FIRST_FORMAT: i64 = 1;

/// Every object of both formats, by name, as `SQLite` keeps its text.
///
/// `head` repeats what the last row of `event` says, on purpose: it is how rows
/// cut off the end are noticed, which no chain can show.
const OBJECTS: [(&str, &str); 7] = [
    (
        "event",
        "CREATE TABLE event (
    seq INTEGER PRIMARY KEY,
    at_ms INTEGER NOT NULL,
    kind TEXT NOT NULL,
    cause TEXT NOT NULL,
    body TEXT NOT NULL,
    hash BLOB NOT NULL
) STRICT",
    ),
    (
        "event_is_never_deleted",
        "CREATE TRIGGER event_is_never_deleted BEFORE DELETE ON event
BEGIN SELECT RAISE(ABORT, 'a record of the journal is never deleted'); END",
    ),
    (
        "event_is_never_updated",
        "CREATE TRIGGER event_is_never_updated BEFORE UPDATE ON event
BEGIN SELECT RAISE(ABORT, 'a record of the journal is never changed'); END",
    ),
    (
        "head",
        "CREATE TABLE head (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    seq INTEGER NOT NULL,
    hash BLOB NOT NULL,
    resumes INTEGER NOT NULL
) STRICT",
    ),
    (
        "head_is_never_deleted",
        "CREATE TRIGGER head_is_never_deleted BEFORE DELETE ON head
BEGIN SELECT RAISE(ABORT, 'the head of the journal is never deleted'); END",
    ),
    (
        "head_never_goes_back",
        "CREATE TRIGGER head_never_goes_back BEFORE UPDATE ON head WHEN new.seq < old.seq
BEGIN SELECT RAISE(ABORT, 'the head of the journal never goes back'); END",
    ),
    (
        "journal",
        "CREATE TABLE journal (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    hall TEXT NOT NULL
) STRICT",
    ),
];

/// Settings of every connection, reading or writing.
pub(super) fn configure(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(BUSY_WAIT)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    // Notices a damaged page when it is read rather than when it is written.
    connection.execute_batch("PRAGMA cell_size_check = ON")
}

/// A log without its file holds records that can no longer be told apart from
/// those of any other journal: starting afresh would hand out numbers twice. `SQLite`
/// removes such a log as soon as the file is opened, even for reading.
pub(crate) fn refuse_orphaned_log(path: &Path) -> Result<(), JournalError> {
    if is_absent(path) && !is_absent(&beside(path, "-wal")) {
        return Err(JournalError::FileGone { path: path.to_owned() });
    }
    Ok(())
}

/// Makes an empty file the journal of `hall`, or checks that it is that already.
pub(super) fn identify_or_create(
    connection: &Connection,
    path: &Path,
    hall: &str,
) -> Result<(), JournalError> {
    let failed = |error: rusqlite::Error| opening(path, &error);
    let blank = is_blank(connection).map_err(failed)?;
    if !blank {
        let found = identify(connection, path)?;
        if found != hall {
            return Err(other_hall(connection, path, found, hall));
        }
    }
    // Known to SQLite only once it has read the file.
    if connection.is_readonly(rusqlite::MAIN_DB).map_err(failed)? {
        if place::of_header(path).is_some() {
            let detail = "its header allows reading only".to_owned();
            return Err(JournalError::Damaged { path: path.to_owned(), detail });
        }
        let detail = "the file or the rights to it allow reading only".to_owned();
        let trouble = Trouble { kind: TroubleKind::ReadOnly, detail };
        return Err(JournalError::Store { path: path.to_owned(), trouble });
    }
    let mode: String =
        connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0)).map_err(failed)?;
    if mode != "wal" {
        let detail = format!("this file system allows no write-ahead log (mode {mode})");
        return Err(JournalError::Store {
            path: path.to_owned(),
            trouble: Trouble { kind: TroubleKind::Io, detail },
        });
    }
    connection.execute_batch("PRAGMA synchronous = FULL").map_err(failed)?;
    if blank {
        create(connection, hall).map_err(failed)?;
    }
    check_shape(connection, path)?;
    check_structure(connection, path)
}

fn is_blank(connection: &Connection) -> rusqlite::Result<bool> {
    let objects: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    Ok(objects == 0 && pragma(connection, "application_id")? == 0 && pragma(connection, "user_version")? == 0)
}

fn create(connection: &Connection, hall: &str) -> rusqlite::Result<()> {
    let genesis = chain::genesis(hall);
    let transaction = connection.unchecked_transaction()?;
    for (_, sql) in OBJECTS {
        transaction.execute_batch(sql)?;
    }
    transaction.execute("INSERT INTO journal (only, hall) VALUES (1, ?1)", [hall])?;
    transaction.execute(
        "INSERT INTO head (only, seq, hash, resumes) VALUES (1, 0, ?1, ?2)",
        params![genesis.hash.as_bytes(), resumes::sealed(hall, 0)],
    )?;
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    set_format(&transaction)?;
    transaction.commit()?;
    // The file must know whose it is even if its log is lost: a blank file is
    // taken for a new journal.
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
}

/// Checks that the file is a journal of a known format; returns its hall.
pub(super) fn identify(connection: &Connection, path: &Path) -> Result<String, JournalError> {
    let failed = |error: rusqlite::Error| opening(path, &error);
    let pragma = |name: &str| pragma(connection, name).map_err(failed);
    let application_id = pragma("application_id")?;
    if application_id != APPLICATION_ID {
        let detail = format!("its application id is {application_id:#x} instead of {APPLICATION_ID:#x}");
        return Err(JournalError::NotAJournal { path: path.to_owned(), detail });
    }
    let damaged = |detail: String| JournalError::Damaged { path: path.to_owned(), detail };
    let found = pragma("user_version")?;
    if found > FORMAT {
        return Err(JournalError::NewerFormat { path: path.to_owned(), found, known: FORMAT });
    }
    if found < FIRST_FORMAT {
        return Err(damaged(format!("its format is {found}, which no controller ever wrote")));
    }
    connection
        .query_row("SELECT hall FROM journal WHERE only = 1", [], |row| row.get(0))
        .optional()
        .map_err(failed)?
        .ok_or_else(|| damaged("it does not say which hall it belongs to".to_owned()))
}

/// The file names the hall `found`. Whose it is its first record shows as well: if that is `hall`'s, the
/// name was changed.
fn other_hall(connection: &Connection, path: &Path, found: String, hall: &str) -> JournalError {
    let first = connection.prepare(EVENTS).and_then(|mut events| {
        let mut rows = events.query([])?;
        Ok(rows.next()?.and_then(|row| record(row).ok()))
    });
    let path = path.to_owned();
    match first {
        Ok(Some(first)) if ChainCheck::after(chain::genesis(hall)).next(&first).is_ok() => {
            let detail = format!("it names hall {found:?}, but record 1 is that of hall {hall:?}");
            JournalError::Damaged { path, detail }
        }
        _ => JournalError::OtherHall { path, found, expected: hall.to_owned() },
    }
}

/// Checks that tables and guards are exactly those of the format, and that the
/// file is one which only ever grew.
pub(super) fn check_shape(connection: &Connection, path: &Path) -> Result<(), JournalError> {
    let failed = |error: rusqlite::Error| opening(path, &error);
    let damaged = |detail: String| JournalError::Damaged { path: path.to_owned(), detail };
    // Neither is ever true of a file that only grows; both would make SQLite
    // write new pages over old ones.
    for name in ["freelist_count", "auto_vacuum"] {
        let value = pragma(connection, name).map_err(failed)?;
        if value != 0 {
            return Err(damaged(format!("its {name} is {value} instead of 0")));
        }
    }
    check_objects(connection).map_err(failed)?.map_err(damaged)
}

fn check_objects(connection: &Connection) -> rusqlite::Result<Result<(), String>> {
    let mut statement = connection.prepare("SELECT name, sql FROM sqlite_schema ORDER BY name")?;
    let mut found = statement.query([])?;
    let mut expected = OBJECTS.iter();
    loop {
        let row = found.next()?;
        let object: Option<(String, Option<String>)> = match row {
            Some(row) => Some((row.get(0)?, row.get(1)?)),
            None => None,
        };
        match (object, expected.next()) {
            (None, None) => return Ok(Ok(())),
            (Some((name, sql)), Some((wanted, wanted_sql)))
                if name == *wanted && sql.as_deref() == Some(*wanted_sql) => {}
            (_, Some((wanted, _))) => {
                return Ok(Err(format!("its table or guard `{wanted}` is gone or was changed")));
            }
            (Some((name, _)), None) => return Ok(Err(format!("`{name}` was added to it"))),
        }
    }
}

/// Lets `SQLite` walk all its pages. A page whose bookkeeping is damaged reads
/// well and loses records at the next write.
pub(super) fn check_structure(connection: &Connection, path: &Path) -> Result<(), JournalError> {
    let found: String = connection
        .query_row("PRAGMA quick_check(1)", [], |row| row.get(0))
        .map_err(|error| opening(path, &error))?;
    // Below a line of its own that names the database, of which there is one.
    let detail = found.lines().last().unwrap_or_default();
    if detail == "ok" {
        Ok(())
    } else {
        Err(JournalError::Damaged { path: path.to_owned(), detail: detail.to_owned() })
    }
}

/// The format of the file.
pub(super) fn format(connection: &Connection) -> rusqlite::Result<i64> {
    pragma(connection, "user_version")
}

/// Makes the file one of this format.
pub(super) fn set_format(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update(None, "user_version", FORMAT)
}

fn pragma(connection: &Connection, name: &str) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, name, |row| row.get(0))
}
