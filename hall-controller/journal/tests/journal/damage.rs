//! The disk loses the end of the log or turns a bit. The journal comes back as a clean prefix of what
//! was written, or is refused with the place and the remedy; never as something else.
//!
//! `cargo xtask damage` runs the same over a larger journal and more places.

use std::convert::Infallible;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use hall_journal::{
    AcceptError, Accepted, Entry, Journal, JournalError, Record, ReplayError, Snapshot, accept_loss, verify,
};
use rusqlite::Connection;
use tempfile::TempDir;

use crate::hall::{
    Dice, HALL, append, closed_journal, file, log_file, place, replayed, start, ticket_issued, tickets,
    try_start,
};

/// Events in a crashed journal's log.
const EVENTS: u64 = 250;

/// Places of the log, and as many of the file, where a bit is turned.
const FLIPS: u64 = 1_000;

/// One commit for each, in turn: single presses, and groups larger than a page of the file.
const COMMIT_SIZES: [u64; 4] = [1, 130, 3, 116];

/// A number given by `cargo xtask damage`, or the one of the test run.
fn asked(name: &str, usual: u64) -> u64 {
    std::env::var(name).map_or(usual, |text| text.parse().unwrap())
}

/// A journal whose commits are all still in the log, as a crash leaves it.
pub struct Crashed {
    pub journal: Vec<u8>,
    pub log: Vec<u8>,
    pub records: Vec<Record>,
    /// Last number of each commit in the log, and of the last before it.
    pub commits: Vec<u64>,
}

/// As short as an event can be: many fit into a log that can be cut at each of its bytes.
fn short(n: u64) -> Entry {
    Entry { at_ms: i64::try_from(n).unwrap(), kind: "N".into(), cause: "{}".into(), body: n.to_string() }
}

/// After `before` records that are in the file already.
fn crashed(before: u64, event: fn(u64) -> Entry) -> Crashed {
    let directory = tempfile::tempdir().unwrap();
    let (writer, _) = start(directory.path());
    if before > 0 {
        append(&writer, (1..=before).map(event).collect()).unwrap();
    }
    writer.close().unwrap();
    let (writer, _) = start(directory.path());
    let (mut commits, mut last, end) = (vec![before], before, before + asked("HALL_DAMAGE_EVENTS", EVENTS));
    for size in COMMIT_SIZES.iter().cycle() {
        if last == end {
            break;
        }
        let events = (last + 1..=(last + size).min(end)).map(event).collect();
        last = append(&writer, events).unwrap().last_seq;
        commits.push(last);
    }
    let journal = fs::read(file(directory.path())).unwrap();
    let log = fs::read(log_file(directory.path())).unwrap();
    writer.close().unwrap();
    Crashed { journal, log, records: replayed(directory.path()), commits }
}

/// A folder in memory where there is one: what is written there is looked at once and never synced.
fn quick_folder() -> TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

/// `check` every number below `count` in a folder of its thread's own; the answers in order.
pub fn for_each<T: Send>(count: usize, check: impl Fn(&Path, usize) -> T + Sync) -> Vec<T> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let next = AtomicUsize::new(0);
    let work = || {
        let (folder, mut done) = (quick_folder(), Vec::new());
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= count {
                return done;
            }
            done.push((number, check(folder.path(), number)));
        }
    };
    let mut answers: Vec<(usize, T)> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    answers.sort_by_key(|(number, _)| *number);
    answers.into_iter().map(|(_, answer)| answer).collect()
}

/// What a start would replay.
pub fn opened(directory: &Path) -> Result<Vec<Record>, JournalError> {
    let mut records = Vec::new();
    let journal = Journal::open(directory, HALL)?.replay(|record| {
        records.push(record);
        Ok::<(), Infallible>(())
    });
    match journal {
        Ok(_) => Ok(records),
        Err(ReplayError::Journal(error)) => Err(error),
        Err(ReplayError::Visitor(never)) => match never {},
    }
}

impl Crashed {
    /// How many records a start finds that are whole commits from the first on.
    pub fn prefix(&self, found: &[Record], what: &str) -> usize {
        let count = found.len();
        assert!(self.commits.contains(&(count as u64)), "{what}: half a commit of {count} records");
        assert_eq!(found, &self.records[..count], "{what}");
        count
    }

    /// Starts in `directory`, checks what is there, and that the hall can go on.
    pub fn goes_on(&self, directory: &Path, what: &str) -> usize {
        let (writer, found) = start(directory);
        let count = self.prefix(&found, what);
        let next = found.len() as u64 + 1;
        assert_eq!(append(&writer, tickets([next])).unwrap().last_seq, next, "{what}");
        writer.close().unwrap();
        assert_eq!(verify(directory).unwrap().records, next, "{what}");
        count
    }
}

/// A refusal that a technician can act on: which file, where in it, and what puts it right.
pub fn assert_names_place_and_remedy(error: &JournalError, directory: &Path, what: &str) {
    let said = error.to_string();
    assert!(said.contains(file(directory).to_str().unwrap()), "{what}: {said}");
    let place = ["record ", "byte ", "page "].iter().any(|word| {
        said.split(word).skip(1).any(|rest| rest.starts_with(|next: char| next.is_ascii_digit()))
    });
    assert!(place, "{what} names no place: {said}");
    assert!(said.contains("`hall-controller restore`"), "{what} names no remedy: {said}");
    assert!(!said.contains('\n'), "{what}: more than one line: {said}");
}

#[test]
fn a_log_cut_at_any_byte_comes_back_as_whole_commits_from_the_first_on() {
    let crashed = crashed(0, short);
    let length = crashed.log.len();
    assert!(length > 40_000, "only {length} places to cut");
    let found = for_each(length + 1, |directory, cut| {
        place(directory, &crashed.journal, Some(&crashed.log[..cut]));
        let what = format!("cut at byte {cut} of {length}");
        crashed.prefix(&opened(directory).unwrap_or_else(|error| panic!("{what}: {error}")), &what)
    });
    assert!(found.is_sorted(), "a shorter log gave more");
    assert_eq!(found.last(), Some(&crashed.records.len()));

    // Where what is found changes, and a little before: it goes on from there.
    let edges = (1..=length).filter(|cut| found[*cut] != found[*cut - 1]);
    let places: Vec<usize> = edges.flat_map(|edge| [edge - 2_000, edge - 1, edge]).chain([0, 31]).collect();
    assert_eq!(places.len(), 3 * (crashed.commits.len() - 1) + 2);
    for_each(places.len(), |directory, number| {
        let cut = places[number];
        place(directory, &crashed.journal, Some(&crashed.log[..cut]));
        assert_eq!(crashed.goes_on(directory, &format!("cut at byte {cut}")), found[cut]);
    });
}

#[test]
fn a_bit_turned_in_the_log_is_refused_with_its_place_or_costs_only_what_a_crash_might() {
    let crashed = crashed(0, ticket_issued);
    let mut dice = Dice::new(1);
    let flips = asked("HALL_DAMAGE_FLIPS", FLIPS);
    let bits: Vec<u64> = (0..flips).map(|_| dice.below(crashed.log.len() as u64 * 8)).collect();
    // Whether its damage or a crash spoilt the last commit nothing can show, nor perhaps the one before.
    let least = crashed.commits[crashed.commits.len() - 3];
    let refused = for_each(bits.len(), |directory, number| {
        let bit = bits[number];
        let what = format!("bit {bit} turned");
        place(directory, &crashed.journal, Some(&turned(&crashed.log, bit)));
        match opened(directory) {
            Ok(_) => {
                let found = crashed.goes_on(directory, &what);
                assert!(found as u64 >= least, "{what}: only {found} records and no word");
                false
            }
            Err(error) => {
                assert!(matches!(error, JournalError::LogDamaged { .. }), "{what}: {error}");
                assert_names_place_and_remedy(&error, directory, &what);
                let audited = verify(directory).unwrap_err();
                assert_eq!(audited.to_string(), error.to_string(), "{what}");
                true
            }
        }
    });
    let refused = refused.iter().filter(|refused| **refused).count() as u64;
    // The last commit is nearly half of the log.
    assert!(refused > flips / 2, "only {refused} of {flips} turned bits were noticed");
}

#[test]
fn a_damaged_log_is_refused_again_and_again_until_the_loss_is_accepted() {
    let crashed = crashed(0, ticket_issued);
    let directory = tempfile::tempdir().unwrap();
    let damaged = turned(&crashed.log, crashed.log.len() as u64 * 4);
    place(directory.path(), &crashed.journal, Some(&damaged));
    let said: Vec<String> = (0..3).map(|_| try_start(directory.path()).err().unwrap().to_string()).collect();
    assert!(said.iter().all(|again| *again == said[0]) && said[0].contains("--accept-loss"), "{said:?}");

    let Accepted { kept, lost, aside } = accept_loss(directory.path(), "set-aside").unwrap();
    assert_eq!(lost.to_string(), said[0]);
    assert_eq!(fs::read(file(&aside)).unwrap(), crashed.journal);
    assert_eq!(fs::read(log_file(&aside)).unwrap(), damaged);
    let found = crashed.goes_on(directory.path(), "the loss was accepted");
    assert_eq!(kept.unwrap().records, found as u64);
    assert!(found > 0 && found < crashed.records.len());
    let again = accept_loss(directory.path(), "set-aside-again").unwrap_err();
    assert!(matches!(again, AcceptError::NothingLost { .. }), "{again}");
    assert!(!directory.path().join("set-aside-again").exists());
}

#[test]
fn a_damaged_log_of_which_all_is_in_the_file_costs_nothing() {
    let crashed = crashed(0, ticket_issued);
    let directory = tempfile::tempdir().unwrap();
    place(directory.path(), &crashed.journal, Some(&crashed.log));
    // Copies the log into the file and leaves it as it is.
    let connection = Connection::open(file(directory.path())).unwrap();
    connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(())).unwrap();
    let folded = fs::read(file(directory.path())).unwrap();
    drop(connection);
    place(directory.path(), &folded, Some(&turned(&crashed.log, crashed.log.len() as u64 * 4)));
    assert!(matches!(try_start(directory.path()), Err(JournalError::LogDamaged { .. })));
    accept_loss(directory.path(), "set-aside").unwrap();
    assert_eq!(crashed.goes_on(directory.path(), "accepted"), crashed.records.len());
}

#[test]
fn a_log_that_is_gone_after_a_crash_is_missed_and_after_a_clean_end_it_is_not() {
    let crashed = tempfile::tempdir().unwrap();
    let (writer, _) = start(crashed.path());
    append(&writer, tickets([1, 2, 3])).unwrap();
    let copied_without_log = || {
        let copy = tempfile::tempdir().unwrap();
        fs::copy(file(crashed.path()), file(copy.path())).unwrap();
        fs::copy(crashed.path().join("journal.lock"), copy.path().join("journal.lock")).unwrap();
        copy
    };
    let copy = copied_without_log();
    for _ in 0..2 {
        let error = try_start(copy.path()).err().unwrap();
        assert!(matches!(error, JournalError::LogGone { .. }), "{error}");
        assert!(error.to_string().contains(log_file(copy.path()).to_str().unwrap()), "{error}");
        assert_eq!(verify(copy.path()).unwrap_err().to_string(), error.to_string());
    }
    // Put back, it is whole.
    fs::copy(log_file(crashed.path()), log_file(copy.path())).unwrap();
    assert_eq!(replayed(copy.path()).len(), 3);
    assert!(!log_file(copy.path()).exists());
    assert_eq!(replayed(copy.path()).len(), 3);

    let copy = copied_without_log();
    let Accepted { kept, .. } = accept_loss(copy.path(), "set-aside").unwrap();
    assert_eq!(kept.unwrap().records, 0);
    assert_eq!(replayed(copy.path()), []);
    writer.close().unwrap();
}

#[test]
fn a_snapshot_that_knows_more_is_set_aside_with_the_loss() {
    let (directory, records) = closed_journal(5);
    let snapshot =
        Snapshot { hall: HALL.into(), format: "test".into(), at: records[4].head(), state: vec![] };
    snapshot.write(directory.path()).unwrap();
    let (shorter, kept) = closed_journal(3);
    fs::copy(file(shorter.path()), file(directory.path())).unwrap();
    assert!(matches!(try_start(directory.path()), Err(JournalError::Shorter { last: 3, known: 5, .. })));
    let accepted = accept_loss(directory.path(), "set-aside").unwrap();
    assert_eq!(replayed(directory.path()), kept);
    assert!(snapshot.path(&accepted.aside).exists());

    // Without any journal, too.
    snapshot.write(directory.path()).unwrap();
    fs::remove_file(file(directory.path())).unwrap();
    assert_eq!(accept_loss(directory.path(), "set-aside-2").unwrap().kept, None);
    assert_eq!(replayed(directory.path()), []);
}

#[test]
fn a_bit_turned_in_the_file_beside_a_log_is_refused_with_its_place_or_harmless() {
    let crashed = crashed(150, ticket_issued);
    let outcomes = for_each_turned_bit(&crashed.journal, |directory, bits, what| {
        place(directory, bits, Some(&crashed.log));
        match opened(directory) {
            Ok(found) => assert_eq!(found, crashed.records, "{what}"),
            Err(error) => {
                assert_names_place_and_remedy(&error, directory, what);
                return Outcome::of(&error);
            }
        }
        assert_eq!(crashed.goes_on(directory, what), crashed.records.len(), "{what}");
        Outcome::Harmless
    });
    assert_all_seen(&outcomes);
}

#[test]
fn a_bit_turned_in_the_file_is_refused_with_its_place_or_harmless() {
    let (directory, records) = closed_journal(300);
    let whole = fs::read(file(directory.path())).unwrap();
    let report = verify(directory.path()).unwrap();
    let next = records.len() as u64 + 1;
    let outcomes = for_each_turned_bit(&whole, |directory, bits, what| {
        place(directory, bits, None);
        let audited = match verify(directory) {
            Ok(found) => {
                assert_eq!(found, report, "{what}");
                Outcome::Harmless
            }
            Err(error) => {
                assert_names_place_and_remedy(&error, directory, what);
                Outcome::of(&error)
            }
        };
        match try_start(directory) {
            // Harmless must hold for what is written next, too.
            Ok((writer, found)) => {
                assert_eq!(found, records, "{what}");
                append(&writer, tickets([next])).unwrap();
                writer.close().unwrap();
                assert_eq!(verify(directory).unwrap().records, next, "{what}");
                assert_eq!(replayed(directory)[..records.len()], records, "{what}");
            }
            Err(error) => assert_names_place_and_remedy(&error, directory, what),
        }
        audited
    });
    assert_all_seen(&outcomes);
}

#[test]
fn a_bit_turned_in_the_halls_own_name_is_not_taken_for_another_hall() {
    let (directory, _) = closed_journal(3);
    let whole = fs::read(file(directory.path())).unwrap();
    let name = whole.windows(HALL.len()).rposition(|window| window == HALL.as_bytes()).unwrap();
    place(directory.path(), &turned(&whole, name as u64 * 8), None);
    let error = opened(directory.path()).unwrap_err();
    assert_names_place_and_remedy(&error, directory.path(), "the hall's name");
    assert!(error.to_string().contains("record 1 is that of hall \"county-hall\""), "{error}");
}

#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    /// Refused, and the first bad record named.
    Record,
    /// Refused, and the place in the file named.
    File,
    /// Nothing that counts was touched.
    Harmless,
}

impl Outcome {
    fn of(error: &JournalError) -> Self {
        if error.first_bad_seq().is_some() { Self::Record } else { Self::File }
    }
}

/// Turns a bit of each byte of `SQLite`'s header, then any, and lets `check` see what comes of it.
fn for_each_turned_bit(whole: &[u8], check: impl Fn(&Path, &[u8], &str) -> Outcome + Sync) -> Vec<Outcome> {
    const HEADER_BYTES: u64 = 100;
    let mut dice = Dice::new(2);
    let mut bits: Vec<u64> = (0..HEADER_BYTES).map(|byte| byte * 8 + dice.below(8)).collect();
    bits.extend((0..asked("HALL_DAMAGE_FLIPS", FLIPS)).map(|_| dice.below(whole.len() as u64 * 8)));
    for_each(bits.len(), |directory, number| {
        let bit = bits[number];
        check(directory, &turned(whole, bit), &format!("bit {} of byte {} turned", bit % 8, bit / 8))
    })
}

fn assert_all_seen(outcomes: &[Outcome]) {
    let count = |wanted| outcomes.iter().filter(|outcome| **outcome == wanted).count();
    let (record, file, harmless) = (count(Outcome::Record), count(Outcome::File), count(Outcome::Harmless));
    assert!(record > 100 && file > 20 && harmless > 20, "{record}, {file}, {harmless}");
}

pub fn turned(bytes: &[u8], bit: u64) -> Vec<u8> {
    let mut turned = bytes.to_vec();
    turned[usize::try_from(bit / 8).unwrap()] ^= 1 << (bit % 8);
    turned
}
