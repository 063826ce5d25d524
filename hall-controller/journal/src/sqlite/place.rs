//! Where a journal's file is damaged, for the sentence that refuses it.
//!
//! Only looked for once the file is refused: `SQLite` says what is wrong, seldom where. The layout of
//! the header is that of "The Database Header" in `SQLite`'s description of its file format.

use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::reading;
use super::schema::{APPLICATION_ID, FIRST_FORMAT, FORMAT};

/// `SQLite`'s page size since 3.12; no journal has another.
pub(super) const PAGE_BYTES: u64 = PAGE as u64;

/// The same, as a length in memory.
pub(super) const PAGE: usize = 4096;

/// Bytes of the header.
const HEADER_BYTES: usize = 100;

/// The parts of the header which are the same in every journal: where they begin, and what they may be.
/// All others count changes or versions.
fn fixed() -> [(usize, Vec<Vec<u8>>); 8] {
    let number = |number: i64| number.to_be_bytes()[4..].to_vec();
    [
        (0, vec![b"SQLite format 3\0\x10\0".to_vec()]),
        // A backup needs no log beside it.
        (18, vec![vec![2, 2], vec![1, 1]]),
        (20, vec![vec![0, 64, 32, 32]]),
        // No free pages.
        (32, vec![vec![0; 8]]),
        // Schema format 4, no cache size, no vacuum, UTF-8.
        (44, vec![vec![0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]]),
        (60, [FIRST_FORMAT, FORMAT].map(|format| [number(format), vec![0; 4]].concat()).to_vec()),
        (68, vec![number(APPLICATION_ID)]),
        (72, vec![vec![0; 20]]),
    ]
}

/// A place in a journal's file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// A byte of the header, counted from 0.
    Byte(usize),
    /// A page, counted from 1 as `SQLite` does.
    Page(u64),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Byte(byte) => write!(f, "at byte {byte} of the file"),
            Self::Page(page) => {
                write!(f, "in page {page} of the file, from byte {} on", page.saturating_sub(1) * PAGE_BYTES)
            }
        }
    }
}

/// The first place where the file `path`, which was refused, is not what a journal is.
pub(super) fn of(path: &Path) -> Place {
    if let Some(byte) = of_header(path) {
        return Place::Byte(byte);
    }
    // What even the check cannot open is its table of contents, which is all on the first page.
    Place::Page(found_by_check(path).unwrap_or(1))
}

/// The first byte of the header that no journal has.
pub(super) fn of_header(path: &Path) -> Option<usize> {
    let mut header = Vec::new();
    let read = File::open(path).and_then(|file| file.take(HEADER_BYTES as u64).read_to_end(&mut header));
    read.is_ok().then(|| first_wrong(&header))?
}

fn first_wrong(header: &[u8]) -> Option<usize> {
    fixed().iter().find_map(|(at, allowed)| {
        let differs = |wanted: &Vec<u8>| (0..wanted.len()).find(|i| header.get(at + i) != wanted.get(*i));
        let wrong: Option<Vec<usize>> = allowed.iter().map(differs).collect();
        // Of what may be there, that which fits longest.
        wrong.and_then(|wrong| wrong.into_iter().max()).map(|offset| at + offset)
    })
}

/// The page named by `SQLite`'s own walk through all pages.
fn found_by_check(path: &Path) -> Option<u64> {
    let (connection, _) = reading::open(path).ok()?;
    let found: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0)).ok()?;
    page_in(&found)
}

fn page_in(found: &str) -> Option<u64> {
    let rest = found.split_once("page ")?.1;
    let digits = rest.split(|letter: char| !letter.is_ascii_digit()).next()?;
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lock::DirectoryLock;
    use crate::sqlite::{JOURNAL_FILE, SqliteStore};

    #[test]
    fn every_fixed_byte_of_a_journals_header_is_named_when_it_changes_and_no_other() {
        let directory = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(DirectoryLock::take(directory.path()).unwrap(), "county-hall").unwrap();
        drop(store);
        let path = directory.path().join(JOURNAL_FILE);
        assert_eq!(of_header(&path), None);
        let header = std::fs::read(&path).unwrap();
        let counters = [24..32, 40..44, 92..100];
        for byte in 0..HEADER_BYTES {
            let mut turned = header.clone();
            turned[byte] ^= 0x40;
            let counts = counters.iter().any(|range| range.contains(&byte));
            assert_eq!(first_wrong(&turned), (!counts).then_some(byte), "byte {byte}");
        }
        assert_eq!(first_wrong(b"hello hall\n"), Some(0));
        assert_eq!(first_wrong(&header[..50]), Some(50));
    }

    #[test]
    fn the_page_is_read_from_what_the_check_found() {
        let found = "*** in database main ***\nTree 2 page 57 cell 3: Rowid 12 out of order";
        assert_eq!(page_in(found), Some(57));
        assert_eq!(page_in("incremental_vacuum enabled with a max rootpage of zero"), None);
        assert_eq!(Place::Page(57).to_string(), "in page 57 of the file, from byte 229376 on");
    }
}
