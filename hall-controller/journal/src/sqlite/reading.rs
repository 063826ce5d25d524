//! Opening a journal's file to look at it, with nothing left beside it.
//!
//! `SQLite` reads a file that has a write-ahead log with an index beside it, which it makes if it must.
//! A journal that was closed has no log: it is opened as a file that never changes, so that nothing is
//! made and read-only media will do. A controller may start meanwhile; then reading can fail, and
//! [`Still::stirred`] tells that from damage.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::{beside, opening, schema};
use crate::error::JournalError;

/// A file as it was when it was opened without any lock.
#[derive(Debug)]
pub(super) struct Still {
    path: PathBuf,
    was: Option<(u64, SystemTime)>,
}

impl Still {
    fn of(path: &Path) -> Self {
        Self { path: path.to_owned(), was: stamp(path) }
    }

    /// Whether a controller has begun to write since.
    pub(super) fn stirred(&self) -> bool {
        beside(&self.path, "-wal").exists() || stamp(&self.path) != self.was
    }
}

fn stamp(path: &Path) -> Option<(u64, SystemTime)> {
    let file = fs::metadata(path).ok()?;
    Some((file.len(), file.modified().ok()?))
}

/// Opens the file `path` for reading and holds its content still, whatever is committed meanwhile.
pub(super) fn open(path: &Path) -> Result<(Connection, Option<Still>), JournalError> {
    if !beside(path, "-wal").exists() && !beside(path, "-journal").exists() {
        return unlocked(path);
    }
    match connect(path, OpenFlags::empty()) {
        Ok(connection) => Ok((connection, None)),
        Err(error) if is_for_want_of_writing(&error) => {
            let empty = |suffix| fs::metadata(beside(path, suffix)).map_or(0, |file| file.len()) == 0;
            if empty("-wal") && empty("-journal") {
                return unlocked(path);
            }
            Err(JournalError::LogBesideReadOnly { path: path.to_owned() })
        }
        Err(error) => Err(opening(path, &error)),
    }
}

fn unlocked(path: &Path) -> Result<(Connection, Option<Still>), JournalError> {
    let still = Still::of(path);
    let opened = connect(Path::new(&uri(path)), OpenFlags::SQLITE_OPEN_URI);
    opened.map(|connection| (connection, Some(still))).map_err(|error| opening(path, &error))
}

/// Number of the last record by the note in the file `path` with what its log adds; `None` where the two
/// make no journal.
pub(crate) fn records_with_log(path: &Path) -> Result<Option<u64>, JournalError> {
    match open(path) {
        Ok((connection, _)) => Ok(noted_records(&connection)),
        Err(JournalError::Damaged { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The same in the file alone, whatever its log says.
pub(crate) fn records_without_log(path: &Path) -> Option<u64> {
    let (connection, _) = unlocked(path).ok()?;
    noted_records(&connection)
}

fn noted_records(connection: &Connection) -> Option<u64> {
    let noted: i64 = connection.query_row("SELECT seq FROM head", [], |row| row.get(0)).ok()?;
    u64::try_from(noted).ok()
}

fn connect(name: &Path, flags: OpenFlags) -> rusqlite::Result<Connection> {
    let flags = flags | OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(name, flags)?;
    schema::configure(&connection)?;
    // One view for all that follows, taken by the first read.
    connection.execute_batch("BEGIN")?;
    connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
    Ok(connection)
}

/// The index of a log can be made only where files can be.
fn is_for_want_of_writing(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen))
}

/// The file as a name that says it never changes. Bytes that mean something in such a name are escaped.
fn uri(path: &Path) -> String {
    let mut uri = String::from(if path.is_absolute() { "file://" } else { "file:" });
    for byte in path.as_os_str().as_encoded_bytes() {
        if byte.is_ascii_alphanumeric() || b"/._-~".contains(byte) {
            uri.push(char::from(*byte));
        } else {
            // Writing to a string never fails.
            let _ = write!(uri, "%{byte:02x}");
        }
    }
    uri + "?immutable=1"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_any_bytes_names_the_file() {
        for (path, named) in [
            ("/var/lib/hall", "file:///var/lib/hall?immutable=1"),
            ("//a b?#%25.x", "file:////a%20b%3f%23%2525.x?immutable=1"),
            ("data/数据", "file:data/%e6%95%b0%e6%8d%ae?immutable=1"),
        ] {
            assert_eq!(uri(Path::new(path)), named);
        }
    }
}
