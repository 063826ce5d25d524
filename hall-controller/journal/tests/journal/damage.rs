//! The disk loses the end of the log or turns a bit. The journal comes back as
//! a clean prefix of what was written, or is refused; never as something else.

use std::fs;

use hall_journal::{JournalError, Record, verify};

use crate::hall::{Dice, append, closed_journal, file, log_file, place, replayed, start, tickets, try_start};

/// A journal whose commits are all still in the log, as a crash leaves it.
struct Crashed {
    journal: Vec<u8>,
    log: Vec<u8>,
    records: Vec<Record>,
    /// Last number of each commit, and 0.
    commits: Vec<u64>,
}

fn crashed() -> Crashed {
    let directory = tempfile::tempdir().unwrap();
    let (writer, _) = start(directory.path());
    let mut commits = vec![0];
    let mut last = 0;
    for size in [1, 3, 1, 7, 2, 1, 1, 12, 1, 4, 1, 2].repeat(2) {
        last = append(&writer, tickets(last + 1..=last + size)).unwrap().last_seq;
        commits.push(last);
    }
    let journal = fs::read(file(directory.path())).unwrap();
    let log = fs::read(log_file(directory.path())).unwrap();
    writer.close().unwrap();
    Crashed { journal, log, records: replayed(directory.path()), commits }
}

impl Crashed {
    /// Starts on the file with `log`, checks that it holds whole commits from
    /// the first on and works, and tells how many records it has.
    fn come_back_with(&self, log: &[u8], what: &str) -> usize {
        let directory = tempfile::tempdir().unwrap();
        place(directory.path(), &self.journal, Some(log));
        let (writer, found) = start(directory.path());
        assert!(
            self.commits.contains(&(found.len() as u64)),
            "{what}: half a commit of {} records",
            found.len()
        );
        assert_eq!(found, self.records[..found.len()], "{what}");
        let next = found.len() as u64 + 1;
        assert_eq!(append(&writer, tickets([next])).unwrap().last_seq, next, "{what}");
        writer.close().unwrap();
        assert_eq!(verify(directory.path()).unwrap().records, next, "{what}");
        found.len()
    }
}

#[test]
fn a_log_cut_anywhere_comes_back_as_whole_commits_from_the_first_on() {
    /// Of `SQLite`'s log: bytes before the first frame, and of each frame (a
    /// header and one page).
    const LOG_HEADER: usize = 32;
    const FRAME: usize = 24 + 4096;

    let crashed = crashed();
    let length = crashed.log.len();
    let frames = (length - LOG_HEADER) / FRAME;
    let mut cuts: Vec<usize> = (0..=frames)
        .map(|frame| LOG_HEADER + frame * FRAME)
        .flat_map(|edge| [edge.saturating_sub(1), edge, edge + 1, edge + 24, edge + 2048])
        .chain([0, 1, 4, 31, length])
        .filter(|cut| *cut <= length)
        .collect();
    cuts.sort_unstable();
    cuts.dedup();
    assert!(cuts.len() > 200, "only {} places to cut", cuts.len());

    let mut before = 0;
    for cut in cuts {
        let found = crashed.come_back_with(&crashed.log[..cut], &format!("cut at byte {cut} of {length}"));
        assert!(found >= before, "cut at byte {cut}: {found} records, {before} with a shorter log");
        before = found;
    }
    assert_eq!(before, crashed.records.len());
}

#[test]
fn a_bit_turned_in_the_log_comes_back_as_whole_commits_from_the_first_on() {
    let crashed = crashed();
    let mut dice = Dice::new(1);
    let mut shortened = 0;
    for _ in 0..200 {
        let bit = dice.below(crashed.log.len() as u64 * 8);
        let mut log = crashed.log.clone();
        log[usize::try_from(bit / 8).unwrap()] ^= 1 << (bit % 8);
        let found = crashed.come_back_with(&log, &format!("bit {bit} turned"));
        shortened += usize::from(found < crashed.records.len());
    }
    assert!(shortened > 150, "only {shortened} of 200 turned bits were noticed");
}

#[test]
fn a_bit_turned_in_the_file_is_found_or_harmless() {
    let (directory, records) = closed_journal(300);
    let whole = fs::read(file(directory.path())).unwrap();
    let report = verify(directory.path()).unwrap();
    let next = records.len() as u64 + 1;

    // Every byte of SQLite's header, then anywhere.
    let mut dice = Dice::new(2);
    let mut bits: Vec<u64> = (0..100).map(|byte| byte * 8 + dice.below(8)).collect();
    bits.extend((0..300).map(|_| dice.below(whole.len() as u64 * 8)));

    let (mut named, mut refused, mut harmless) = (0, 0, 0);
    for bit in bits {
        let mut turned = whole.clone();
        turned[usize::try_from(bit / 8).unwrap()] ^= 1 << (bit % 8);
        place(directory.path(), &turned, None);
        match verify(directory.path()) {
            Ok(found) => assert_eq!(found, report, "bit {bit}"),
            Err(JournalError::Broken { .. }) => named += 1,
            Err(_) => refused += 1,
        }
        let Ok((writer, found)) = try_start(directory.path()) else { continue };
        // Harmless must hold for what is written next, too.
        assert_eq!(found, records, "bit {bit}");
        append(&writer, tickets([next])).unwrap();
        writer.close().unwrap();
        assert_eq!(verify(directory.path()).unwrap().records, next, "bit {bit}");
        assert_eq!(replayed(directory.path())[..records.len()], records, "bit {bit}");
        harmless += 1;
    }
    assert!(
        named > 100 && refused > 20 && harmless > 20,
        "{named} named, {refused} refused, {harmless} harmless"
    );
}
