//! What lies in the data directory.

use std::convert::Infallible;
use std::fs;
use std::path::{Path, PathBuf};

use hall_controller::{records, snapshots};
use hall_core::Hall;
use hall_core::command::Command;
use hall_core::time::{BusinessDay, HallTime, Now};
use hall_core::view::HallView;
use hall_journal::{ChainHash, Head, JOURNAL_FILE, Journal, JournalReader, Record, Snapshot, verify_file};
use hall_protocol::id::HallId;
use tempfile::TempDir;

use super::project;
use crate::Taken::{self, Accepted, Refused};
use crate::Target;

/// A folder in memory where there is one: nothing here is to outlive the process.
pub(super) fn folder() -> Option<TempDir> {
    let shm = Path::new("/dev/shm");
    if shm.is_dir() {
        tempfile::tempdir_in(shm).or_else(|_| tempfile::tempdir()).ok()
    } else {
        tempfile::tempdir().ok()
    }
}

/// The golden journals, one of each version.
pub(super) fn golden() -> Vec<Vec<u8>> {
    let versions = fs::read_dir(project("hall-controller/daemon/tests/journals"));
    let mut files: Vec<PathBuf> = versions
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path().join(JOURNAL_FILE)))
        .collect();
    files.sort();
    files.into_iter().filter_map(|file| fs::read(file).ok()).collect()
}

/// The records of a journal.
pub(super) fn records_of(journal: &[u8]) -> Vec<Record> {
    let mut records = Vec::new();
    if let Some(folder) = folder() {
        let path = folder.path().join(JOURNAL_FILE);
        if fs::write(&path, journal).is_ok()
            && let Ok(reader) = JournalReader::open_file(&path)
        {
            let _ = reader.read(|record| {
                records.push(record);
                Ok::<(), Infallible>(())
            });
        }
    }
    records
}

/// Where the golden journals end.
pub(super) fn golden_heads() -> Vec<Head> {
    golden().iter().filter_map(|journal| records_of(journal).last().map(Record::head)).collect()
}

/// What stands in the file of a journal, or of its backup: names, and numbers of a page.
pub(super) const JOURNAL_WORDS: &[&str] = &[
    "SQLite format 3",
    "CREATE TABLE",
    "event",
    "head",
    "hall",
    "\u{0}\u{0}\u{0}\u{1}",
    "\u{d}",
    "\u{5}",
    "county",
];

/// The hall of the first golden journal, and what happened there.
fn a_hall() -> (Hall, Vec<Record>) {
    let records = golden().first().map(|journal| records_of(journal)).unwrap_or_default();
    let mut hall = Hall::new(HallId::new("county").unwrap_or_else(|_| unreachable!("county is an id")));
    for stamped in records.iter().filter_map(|record| records::event(record).ok()) {
        hall.apply(&stamped);
    }
    (hall, records)
}

/// Time, cause and body, a line each.
pub(super) struct Rows;

impl Target for Rows {
    fn seeds(&self) -> Vec<Vec<u8>> {
        let rows = golden().iter().flat_map(|journal| records_of(journal)).collect::<Vec<_>>();
        rows.iter().map(|row| format!("{}\n{}\n{}", row.at_ms, row.cause, row.body).into_bytes()).collect()
    }

    fn words(&self) -> &'static [&'static str] {
        &[
            "{",
            "}",
            "[",
            "]",
            "\"",
            ":",
            ",",
            "null",
            "true",
            "\"kind\":\"issued\"",
            "\"kind\":\"called\"",
            "\"kind\":\"day_began\"",
            "\"kind\":\"transferred\"",
            "\"kind\":\"parked\"",
            "\"kind\":\"unparked\"",
            "\"kind\":\"matter_finished\"",
            "\"kind\":\"service_corrected\"",
            "\"kind\":\"plan_adopted\"",
            "\"kind\":\"expired\"",
            "\"kind\":\"deferred\"",
            "\"kind\":\"returned\"",
            "\"ticket\":1",
            "\"ticket\":2",
            "\"ticket\":18446744073709551615",
            "\"number\":\"A001\"",
            "\"window\":\"1\"",
            "\"service\":\"social\"",
            "\"also\":[\"tax\"]",
            "\"after_calls\":0",
            "\"standing\":0",
            "\"clerk\":\"1\"",
            "\"answer\":",
            "\\ud800",
            "\u{0}",
            "区",
        ]
    }

    /// What is read is written again the same, and a hall takes it over whatever it says.
    fn check(&mut self, input: &[u8]) -> Result<Taken, String> {
        let text = String::from_utf8_lossy(input);
        let mut lines = text.splitn(3, '\n');
        let mut line = || lines.next().unwrap_or_default().to_owned();
        let (at_ms, cause, body) = (line().parse().unwrap_or(0), line(), line());
        let hash = ChainHash::from_bytes([0; ChainHash::BYTES]);
        let record = Record { seq: 1, at_ms, kind: "any".into(), cause, body, hash };
        let Ok(stamped) = records::event(&record) else { return Ok(Refused) };
        let entry = records::entry(&stamped).map_err(|why| format!("an event cannot be written: {why}"))?;
        let written = Record { cause: entry.cause, body: entry.body, ..record };
        if records::event(&written).ok().as_ref() != Some(&stamped) {
            return Err(format!("{stamped:?} is read differently than it was written"));
        }
        let (mut hall, _) = a_hall_once();
        hall.apply(&stamped);
        let _ = (hall.violations(), HallView::of(&hall, 1));
        // A day ends from any state.
        let day = BusinessDay::from_days(hall.day().days().saturating_add(1));
        let now = Now { at: HallTime::from_unix_ms(at_ms), day, minute: 600 };
        for stamped in hall.decide(&Command::Tick, now).map(|decision| decision.events).unwrap_or_default() {
            hall.apply(&stamped);
        }
        Ok(Accepted)
    }
}

/// [`a_hall`], made once a thread.
fn a_hall_once() -> (Hall, Vec<Record>) {
    thread_local! {
        static HALL: (Hall, Vec<Record>) = a_hall();
    }
    HALL.with(Clone::clone)
}

pub(super) struct States;

impl Target for States {
    fn seeds(&self) -> Vec<Vec<u8>> {
        serde_json::to_vec(&a_hall().0).into_iter().collect()
    }

    fn words(&self) -> &'static [&'static str] {
        &[
            "{",
            "}",
            "[",
            "]",
            "\"",
            ":",
            ",",
            "null",
            "true",
            "\"plan\":",
            "\"tickets\":",
            "\"list\":[]",
            "\"queues\":[]",
            "\"windows\":[]",
            "\"state\":\"waiting\"",
            "\"at_window\"",
            "\"next\":0",
            "\"A001\"",
            "\"devices\":{}",
            "\u{0}",
        ]
    }

    fn check(&mut self, input: &[u8]) -> Result<Taken, String> {
        let head = Head { seq: 1, hash: ChainHash::from_bytes([0; ChainHash::BYTES]) };
        let (hall, format) = ("county".into(), snapshots::FORMAT.into());
        let snapshot = Snapshot { hall, format, at: head, state: input.to_vec() };
        let Ok(hall) = snapshots::hall(&snapshot) else { return Ok(Refused) };
        let again =
            snapshots::snapshot(&hall, head).map_err(|why| format!("a state cannot be written: {why}"))?;
        match snapshots::hall(&again) {
            Ok(same) if same == hall => Ok(Accepted),
            _ => Err("a state is read differently than it was written".into()),
        }
    }
}

struct SnapshotFiles {
    folder: Option<TempDir>,
    good: Vec<Snapshot>,
}

pub(super) fn snapshots() -> Box<dyn Target> {
    let (hall, records) = a_hall();
    let at = records.last().map(Record::head);
    let good = at.and_then(|at| snapshots::snapshot(&hall, at).ok());
    let short = good.clone().map(|good| Snapshot { state: b"{}".to_vec(), ..good });
    Box::new(SnapshotFiles { folder: folder(), good: good.into_iter().chain(short).collect() })
}

impl Target for SnapshotFiles {
    fn seeds(&self) -> Vec<Vec<u8>> {
        let Some(folder) = folder() else { return Vec::new() };
        let bytes = |snapshot: &Snapshot| {
            snapshot.write(folder.path()).ok().and_then(|()| fs::read(snapshot.path(folder.path())).ok())
        };
        self.good.iter().filter_map(bytes).collect()
    }

    fn words(&self) -> &'static [&'static str] {
        &["hall-snapshot/1", "county", "json/", "\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}"]
    }

    /// Only what was written is accepted.
    fn check(&mut self, input: &[u8]) -> Result<Taken, String> {
        let folder = self.folder.as_ref().ok_or("no folder for files")?;
        let path = folder.path().join("snapshot-00000000000000000001.hall");
        fs::write(&path, input).map_err(|why| why.to_string())?;
        match Snapshot::read(&path) {
            Ok(read) if self.good.contains(&read) => Ok(Accepted),
            Ok(read) => Err(format!("another snapshot is read: {} at {}", read.hall, read.at.seq)),
            Err(why) if why.to_string().is_empty() => Err("refused without a word".to_owned()),
            Err(_) => Ok(Refused),
        }
    }
}

struct JournalFiles {
    folder: Option<TempDir>,
    /// Of the golden journals.
    heads: Vec<Head>,
}

pub(super) fn journals() -> Box<dyn Target> {
    Box::new(JournalFiles { folder: folder(), heads: golden_heads() })
}

impl Target for JournalFiles {
    fn seeds(&self) -> Vec<Vec<u8>> {
        golden()
    }

    fn words(&self) -> &'static [&'static str] {
        JOURNAL_WORDS
    }

    /// A file is the journal it was, or is refused in words, by the auditor and by a start.
    fn check(&mut self, input: &[u8]) -> Result<Taken, String> {
        let folder = self.folder.as_ref().ok_or("no folder for files")?;
        let path = folder.path().join(JOURNAL_FILE);
        for entry in fs::read_dir(folder.path()).into_iter().flatten().flatten() {
            let _ = fs::remove_file(entry.path());
        }
        fs::write(&path, input).map_err(|why| why.to_string())?;
        let audited = match verify_file(&path) {
            Ok(report) if self.heads.contains(&report.head) => Accepted,
            Ok(report) => return Err(format!("another journal is whole: {} records", report.records)),
            Err(why) if why.to_string().is_empty() => return Err("refused without a word".to_owned()),
            Err(_) => Refused,
        };
        let opened =
            Journal::open(folder.path(), "county").map_err(|why| why.to_string()).and_then(|opened| {
                opened
                    .replay(|_| Ok::<(), Infallible>(()))
                    .map(|journal| journal.head())
                    .map_err(|why| why.to_string())
            });
        match opened {
            Ok(head) if self.heads.contains(&head) => Ok(audited),
            Ok(head) => Err(format!("another journal is opened: {} records", head.seq)),
            Err(why) if why.is_empty() => Err("refused without a word".to_owned()),
            Err(_) => Ok(Refused),
        }
    }
}
