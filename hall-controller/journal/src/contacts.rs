//! Citizens' phone numbers: beside the journal and never in it, so that they can be erased for good
//! while the chain stays whole (PIPL, articles 19 and 47).
//!
//! A file of its own, `contacts.sqlite3`, readable by its owner only. What is erased is overwritten in
//! the file (`secure_delete`) and leaves a note of whose it was, without the phone, until the journal
//! has that as an event. What a file system keeps of freed blocks is beyond this: encrypt the disk.
//!
//! Deliberately absent: any way to list phones, and what they are used for.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, params};

/// The name within the data directory.
pub const CONTACTS_FILE: &str = "contacts.sqlite3";

/// Most phones kept for one day: more than any hall has citizens, so that nobody fills the disk.
pub const PHONES_A_DAY_MAX: i64 = 100_000;

/// How long one program waits for another's lock: `erase` runs beside an open hall.
const BUSY_WAIT: Duration = Duration::from_secs(5);

const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS phone (
    day INTEGER NOT NULL,
    number TEXT NOT NULL,
    phone TEXT NOT NULL,
    PRIMARY KEY (day, number)
) STRICT;
CREATE TABLE IF NOT EXISTS erasure (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    day INTEGER NOT NULL,
    number TEXT NOT NULL,
    by TEXT,
    reason TEXT NOT NULL
) STRICT;";

/// The phones of citizens, by business day and ticket number.
#[derive(Debug)]
pub struct Contacts {
    connection: Connection,
    path: PathBuf,
}

/// Whose phones are erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose<'a> {
    /// That of one ticket.
    Ticket {
        /// The business day, in days since 1970-01-01.
        day: i32,
        /// The number.
        number: &'a str,
    },
    /// All of the days before this one.
    Before(i32),
}

/// A phone that is erased, as the journal will have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erasure {
    /// Counts up.
    pub id: i64,
    /// The business day, in days since 1970-01-01.
    pub day: i32,
    /// The number of the ticket.
    pub number: String,
    /// Who erased it; `None` for the rule.
    pub by: Option<String>,
    /// Why.
    pub reason: String,
}

/// Why phones cannot be kept or erased.
#[derive(Debug, thiserror::Error)]
pub enum ContactsError {
    /// There is no such file.
    #[error(
        "no phone numbers are kept in {}: there is no {CONTACTS_FILE}; check the data directory given with --data or in \
         the configuration",
        .0.display()
    )]
    Absent(PathBuf),
    /// The file.
    #[error(
        "the phone numbers in {} cannot be read or written: {source}; check the disk and who owns the file",
        path.display()
    )]
    Store {
        /// The file.
        path: PathBuf,
        /// What the store said.
        source: rusqlite::Error,
    },
    /// The file cannot be made private.
    #[error(
        "{} cannot be made readable by its owner only: {source}; check who owns the file, and whether its file system \
         has permissions",
        path.display()
    )]
    Private {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// More than any hall has in a day.
    #[error(
        "{PHONES_A_DAY_MAX} phone numbers are kept for this day, no more are taken; try again the next day"
    )]
    Full,
}

impl Contacts {
    /// Opens the store in a data directory, making it if there is none.
    pub fn open(directory: &Path) -> Result<Self, ContactsError> {
        let path = directory.join(CONTACTS_FILE);
        let connection = Connection::open(&path).map_err(|source| store(&path, source))?;
        let contacts = Self { connection, path };
        contacts.keep_private()?;
        contacts.configure().map_err(|source| store(&contacts.path, source))?;
        Ok(contacts)
    }

    /// Opens the store in a data directory that has one.
    pub fn open_existing(directory: &Path) -> Result<Self, ContactsError> {
        if directory.join(CONTACTS_FILE).is_file() {
            Self::open(directory)
        } else {
            Err(ContactsError::Absent(directory.to_owned()))
        }
    }

    #[cfg(unix)]
    fn keep_private(&self) -> Result<(), ContactsError> {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(&self.path, std::fs::Permissions::from_mode(0o600))
            .map_err(|source| ContactsError::Private { path: self.path.clone(), source })
    }

    #[cfg(not(unix))]
    fn keep_private(&self) -> Result<(), ContactsError> {
        Ok(())
    }

    fn configure(&self) -> rusqlite::Result<()> {
        self.connection.busy_timeout(BUSY_WAIT)?;
        // A write-ahead log would keep what was erased until somebody folds it in.
        self.connection.query_row("PRAGMA journal_mode = TRUNCATE", [], |_| Ok(()))?;
        self.connection.query_row("PRAGMA secure_delete = ON", [], |_| Ok(()))?;
        self.connection.execute_batch("PRAGMA synchronous = FULL")?;
        self.connection.execute_batch(SCHEMA)
    }

    /// Keeps the phone of a ticket, in the place of an earlier one.
    pub fn keep(&self, day: i32, number: &str, phone: &str) -> Result<(), ContactsError> {
        let kept: i64 = self
            .connection
            .query_row("SELECT count(*) FROM phone WHERE day = ?1", [day], |row| row.get(0))
            .map_err(|source| store(&self.path, source))?;
        if kept >= PHONES_A_DAY_MAX {
            return Err(ContactsError::Full);
        }
        self.connection
            .execute(
                "REPLACE INTO phone (day, number, phone) VALUES (?1, ?2, ?3)",
                params![day, number, phone],
            )
            .map(drop)
            .map_err(|source| store(&self.path, source))
    }

    /// The phone of a ticket.
    pub fn phone(&self, day: i32, number: &str) -> Result<Option<String>, ContactsError> {
        self.connection
            .query_row(
                "SELECT phone FROM phone WHERE day = ?1 AND number = ?2",
                params![day, number],
                |row| row.get(0),
            )
            .optional()
            .map_err(|source| store(&self.path, source))
    }

    /// Erases phones for good and notes whose they were; how many.
    pub fn erase(
        &mut self,
        whose: Whose<'_>,
        by: Option<&str>,
        reason: &str,
    ) -> Result<usize, ContactsError> {
        let (test, day, number) = match whose {
            Whose::Ticket { day, number } => ("day = ?1 AND number = ?2", day, number),
            Whose::Before(day) => ("day < ?1 AND ?2 = ''", day, ""),
        };
        let erase = || -> rusqlite::Result<usize> {
            let transaction = self.connection.unchecked_transaction()?;
            transaction.execute(
                &format!(
                    "INSERT INTO erasure (day, number, by, reason) \
                     SELECT day, number, ?3, ?4 FROM phone WHERE {test} ORDER BY day, number"
                ),
                params![day, number, by, reason],
            )?;
            let erased =
                transaction.execute(&format!("DELETE FROM phone WHERE {test}"), params![day, number])?;
            transaction.commit()?;
            Ok(erased)
        };
        erase().map_err(|source| store(&self.path, source))
    }

    /// The oldest erasures that are not in the journal yet, at most so many.
    pub fn unrecorded(&self, many: u32) -> Result<Vec<Erasure>, ContactsError> {
        let read = || -> rusqlite::Result<Vec<Erasure>> {
            let mut statement = self
                .connection
                .prepare("SELECT id, day, number, by, reason FROM erasure ORDER BY id LIMIT ?1")?;
            let rows = statement.query_map([many], |row| {
                Ok(Erasure {
                    id: row.get(0)?,
                    day: row.get(1)?,
                    number: row.get(2)?,
                    by: row.get(3)?,
                    reason: row.get(4)?,
                })
            })?;
            rows.collect()
        };
        read().map_err(|source| store(&self.path, source))
    }

    /// The journal has all erasures up to this one.
    pub fn recorded(&self, up_to: i64) -> Result<(), ContactsError> {
        self.connection
            .execute("DELETE FROM erasure WHERE id <= ?1", [up_to])
            .map(drop)
            .map_err(|source| store(&self.path, source))
    }
}

fn store(path: &Path, source: rusqlite::Error) -> ContactsError {
    ContactsError::Store { path: path.to_owned(), source }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(directory: &Path, phone: &str) -> bool {
        std::fs::read_dir(directory).unwrap().any(|entry| {
            let bytes = std::fs::read(entry.unwrap().path()).unwrap();
            bytes.windows(phone.len()).any(|window| window == phone.as_bytes())
        })
    }

    #[test]
    fn what_is_erased_is_in_no_byte_of_the_directory_and_leaves_a_note_without_it() {
        let directory = tempfile::tempdir().unwrap();
        let mut contacts = Contacts::open(directory.path()).unwrap();
        for n in 0..200 {
            contacts.keep(20_514, &format!("A{n:03}"), &format!("138{n:08}")).unwrap();
        }
        contacts.keep(20_514, "A012", "13912345678").unwrap();
        assert_eq!(contacts.phone(20_514, "A012").unwrap().as_deref(), Some("13912345678"));
        assert!(holds(directory.path(), "13912345678"));

        let a012 = Whose::Ticket { day: 20_514, number: "A012" };
        assert_eq!(contacts.erase(a012, Some("li"), "asked for").unwrap(), 1);
        assert_eq!(contacts.erase(a012, Some("li"), "asked for").unwrap(), 0);
        assert_eq!(contacts.phone(20_514, "A012").unwrap(), None);
        assert!(!holds(directory.path(), "13912345678"));
        let noted = contacts.unrecorded(10).unwrap();
        assert_eq!(noted.len(), 1);
        assert_eq!((noted[0].number.as_str(), noted[0].by.as_deref()), ("A012", Some("li")));

        assert_eq!(contacts.erase(Whose::Before(20_514), None, "over").unwrap(), 0);
        assert_eq!(contacts.erase(Whose::Before(20_515), None, "over").unwrap(), 199);
        assert!((0..200).all(|n| !holds(directory.path(), &format!("138{n:08}"))));
        let noted = contacts.unrecorded(1_000).unwrap();
        assert_eq!(noted.len(), 200);
        contacts.recorded(noted[198].id).unwrap();
        assert_eq!(contacts.unrecorded(10).unwrap(), noted[199..]);
    }

    #[cfg(unix)]
    #[test]
    fn only_its_owner_reads_it_and_none_is_made_by_looking() {
        use std::os::unix::fs::PermissionsExt as _;
        let directory = tempfile::tempdir().unwrap();
        assert!(matches!(Contacts::open_existing(directory.path()), Err(ContactsError::Absent(_))));
        Contacts::open(directory.path()).unwrap();
        let mode = std::fs::metadata(directory.path().join(CONTACTS_FILE)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        Contacts::open_existing(directory.path()).unwrap();
    }
}
