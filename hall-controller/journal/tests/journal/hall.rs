//! A small hall that writes and reads its journal, for all the tests here.

use std::convert::Infallible;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::mpsc;

use hall_journal::{
    AppendError, Commit, Entry, JOURNAL_FILE, Journal, JournalError, JournalWriter, Record, ReplayError,
};
use rusqlite::Connection;

pub const HALL: &str = "county-hall";

/// The `n`th event of the day. The bodies differ in length, so that records
/// start and end all over the pages of the file.
pub fn ticket_issued(n: u64) -> Entry {
    Entry {
        at_ms: 1_767_225_600_000 + i64::try_from(n).unwrap() * 750,
        kind: "TicketIssued".into(),
        cause: format!(r#"{{"device":"kiosk-{}","sequence":{n}}}"#, n % 3),
        body: format!(r#"{{"ticket":"A{n:03}","note":"{}"}}"#, "号".repeat(usize::try_from(n % 17).unwrap())),
    }
}

pub fn tickets(numbers: impl IntoIterator<Item = u64>) -> Vec<Entry> {
    numbers.into_iter().map(ticket_issued).collect()
}

pub fn start(directory: &Path) -> (JournalWriter, Vec<Record>) {
    try_start(directory).unwrap()
}

pub fn try_start(directory: &Path) -> Result<(JournalWriter, Vec<Record>), JournalError> {
    let mut records = Vec::new();
    let journal = Journal::open(directory, HALL)?.replay(|record| {
        records.push(record);
        Ok::<(), Infallible>(())
    });
    match journal {
        Ok(journal) => Ok((journal.start().unwrap(), records)),
        Err(ReplayError::Journal(error)) => Err(error),
        Err(ReplayError::Visitor(never)) => match never {},
    }
}

pub fn replayed(directory: &Path) -> Vec<Record> {
    let (writer, records) = start(directory);
    writer.close().unwrap();
    records
}

/// Submits and waits for the answer, as a hall with one press at a time would.
pub fn append(writer: &JournalWriter, entries: Vec<Entry>) -> Result<Commit, AppendError> {
    let (answer, answered) = mpsc::channel();
    writer.reserve().unwrap().append(entries, move |result| answer.send(result).unwrap());
    answered.recv().unwrap()
}

/// A closed journal of `count` tickets, each in a commit of its own.
pub fn closed_journal(count: u64) -> (tempfile::TempDir, Vec<Record>) {
    let directory = tempfile::tempdir().unwrap();
    let (writer, _) = start(directory.path());
    for n in 1..=count {
        append(&writer, tickets([n])).unwrap();
    }
    writer.close().unwrap();
    let records = replayed(directory.path());
    assert_eq!(records.len() as u64, count);
    (directory, records)
}

pub fn file(directory: &Path) -> PathBuf {
    directory.join(JOURNAL_FILE)
}

pub fn log_file(directory: &Path) -> PathBuf {
    directory.join(format!("{JOURNAL_FILE}-wal"))
}

/// Makes `directory` hold exactly this file and this log.
pub fn place(directory: &Path, journal: &[u8], log: Option<&[u8]>) {
    for old in fs::read_dir(directory).unwrap() {
        fs::remove_file(old.unwrap().path()).unwrap();
    }
    fs::write(file(directory), journal).unwrap();
    if let Some(log) = log {
        fs::write(log_file(directory), log).unwrap();
    }
}

/// Numbers that look random and are the same in every run.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below `bound`.
    pub fn below(&mut self, bound: u64) -> u64 {
        // SplitMix64, by Sebastiano Vigna; public domain.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % bound
    }
}

/// Another program changes record `seq` and puts the guard back, so that the file looks as before.
pub fn rewrite_past_the_guard(directory: &Path, seq: i64) {
    let connection = Connection::open(file(directory)).unwrap();
    let guard: String = connection
        .query_row("SELECT sql FROM sqlite_schema WHERE name = 'event_is_never_updated'", [], |row| {
            row.get(0)
        })
        .unwrap();
    connection
        .execute_batch(&format!(
            "DROP TRIGGER event_is_never_updated; UPDATE event SET body = '{{}}' WHERE seq = {seq}; {guard};"
        ))
        .unwrap();
    connection.close().unwrap();
}
