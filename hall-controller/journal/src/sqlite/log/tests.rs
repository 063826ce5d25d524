//! Logs of real journals, with what crashes, failed commits and damage leave in them.

use std::fs;

use super::*;
use crate::chain;
use crate::lock::DirectoryLock;
use crate::record::{Entry, Record};
use crate::sqlite::{JOURNAL_FILE, SqliteStore, beside};
use crate::store::Store;

const COMMITS: usize = 6;

fn open(directory: &Path) -> SqliteStore {
    SqliteStore::open(DirectoryLock::take(directory).unwrap(), "county-hall").unwrap()
}

fn batch(store: &SqliteStore, count: usize) -> Vec<Record> {
    let mut head = store.head().unwrap();
    let body = "9".repeat(900);
    (0..count)
        .map(|_| {
            let entry = Entry { at_ms: 0, kind: "N".into(), cause: "{}".into(), body: body.clone() };
            let record = chain::seal(&head, entry, &mut Vec::new());
            head = record.head();
            record
        })
        .collect()
}

/// A journal's file and its log after commits of `sizes` records, as a crash leaves them.
fn crashed(sizes: &[usize]) -> (Vec<u8>, Vec<u8>) {
    let directory = tempfile::tempdir().unwrap();
    let mut store = open(directory.path());
    for size in sizes {
        let records = batch(&store, *size);
        store.append_batch(&records).unwrap();
    }
    let file = directory.path().join(JOURNAL_FILE);
    (fs::read(&file).unwrap(), fs::read(beside(&file, "-wal")).unwrap())
}

fn found(journal: &[u8], log: &[u8]) -> Option<Unreachable> {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join(JOURNAL_FILE);
    fs::write(&file, journal).unwrap();
    fs::write(beside(&file, "-wal"), log).unwrap();
    unreachable(&beside(&file, "-wal"), &file).unwrap()
}

/// The last frames of the commits in a log, counted from 0.
fn commits(log: &[u8]) -> Vec<usize> {
    let frames = log[HEADER_BYTES..].chunks(FRAME_BYTES).enumerate();
    frames.filter(|(_, frame)| word(frame, 4) != 0).map(|(number, _)| number).collect()
}

#[test]
fn a_log_that_ends_anywhere_is_taken_as_it_is() {
    let (journal, log) = crashed(&[1; COMMITS]);
    assert_eq!(commits(&log).len(), COMMITS);
    for length in (0..=log.len()).step_by(211).chain([0, 31, 32, 33, log.len()]) {
        assert_eq!(found(&journal, &log[..length]), None, "{length}");
    }
}

/// The header alone shows that there was a log, so a single commit behind it is enough.
#[test]
fn a_damaged_header_is_named_over_a_single_commit() {
    let (journal, whole) = crashed(&[1]);
    assert_eq!(commits(&whole).len(), 1);
    for byte in 0..HEADER_BYTES {
        let mut log = whole.clone();
        log[byte] ^= 1;
        assert_eq!(found(&journal, &log), Some(Unreachable { frame: 0, byte: 0, commits: 1 }), "{byte}");
    }
}

#[test]
fn damage_is_named_wherever_two_commits_show_that_one_was_whole() {
    let (journal, log) = crashed(&[1, 9, 1, 5, 1, 1]);
    let commits = commits(&log);
    // What the damage of a frame takes away is its commit and all behind it.
    let last_that_shows = commits[COMMITS - 2];
    for (byte, bit) in (0..log.len()).step_by(97).zip((0..8).cycle()) {
        let mut log = log.clone();
        log[byte] ^= 1 << bit;
        let Some(frame) = byte.checked_sub(HEADER_BYTES).map(|byte| byte / FRAME_BYTES) else {
            assert!(found(&journal, &log).is_some(), "byte {byte} of the header");
            continue;
        };
        let behind = commits.iter().filter(|commit| **commit >= frame).count() as u64;
        let place = HEADER_BYTES + frame * FRAME_BYTES;
        let wanted = (frame <= last_that_shows).then_some(Unreachable {
            frame: frame as u64 + 1,
            byte: place as u64,
            commits: behind,
        });
        assert_eq!(found(&journal, &log), wanted, "bit {bit} of byte {byte}, in frame {frame}");
    }
}

#[test]
fn every_field_of_a_frame_and_of_the_header_counts() {
    let (journal, log) = crashed(&[1; COMMITS]);
    let second = HEADER_BYTES + (commits(&log)[0] + 1) * FRAME_BYTES;
    for byte in (0..HEADER_BYTES).chain(second..second + FRAME_HEADER_BYTES) {
        let mut log = log.clone();
        log[byte] ^= 4;
        assert!(found(&journal, &log).is_some(), "byte {byte}");
    }
    // A whole sector that was never written, or was zeroed.
    let mut log = log;
    log[second..second + 512].fill(0);
    assert!(found(&journal, &log).is_some());
}

#[test]
fn a_last_commit_that_is_not_whole_is_what_a_crash_leaves() {
    let (journal, log) = crashed(&[1, 1, 40]);
    let commits = commits(&log);
    for frame in commits[1] + 1..=commits[2] {
        for byte in [0, 9, 17, 24, 2_000] {
            let mut torn = log.clone();
            torn[HEADER_BYTES + frame * FRAME_BYTES + byte] ^= 1;
            assert_eq!(found(&journal, &torn), None, "frame {frame}, byte {byte}");
        }
        // Its frames reach the disk in any order.
        let mut torn = log.clone();
        torn[HEADER_BYTES + frame * FRAME_BYTES..][..FRAME_BYTES].fill(0);
        assert_eq!(found(&journal, &torn), None, "frame {frame}");
    }
}

#[test]
fn what_failed_commits_left_behind_the_end_is_no_loss() {
    let (journal, log) = crashed(&[1, 1]);
    let end = log.len();
    // The disk took the bytes of three commits and failed to sync them; each is overwritten in part by
    // the next that begins where it did.
    let mut stale = log;
    for size in [60, 40, 20, 1] {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join(JOURNAL_FILE);
        fs::write(&file, &journal).unwrap();
        fs::write(beside(&file, "-wal"), &stale[..end]).unwrap();
        let mut store = open(directory.path());
        let records = batch(&store, size);
        store.append_batch(&records).unwrap();
        let over = fs::read(beside(&file, "-wal")).unwrap();
        let keep = stale.split_off(over.len().min(stale.len()));
        stale = [over, keep].concat();
    }
    assert!(commits(&stale).len() >= 5, "{:?}", commits(&stale));
    assert_eq!(found(&journal, &stale), None);
}

#[test]
fn frames_of_an_earlier_round_are_no_loss() {
    let directory = tempfile::tempdir().unwrap();
    let mut store = open(directory.path());
    for _ in 0..20 {
        let records = batch(&store, 1);
        store.append_batch(&records).unwrap();
    }
    // All is in the file; the next commit begins the log anew over the old frames.
    store.connection.query_row("PRAGMA wal_checkpoint(RESTART)", [], |_| Ok(())).unwrap();
    let file = directory.path().join(JOURNAL_FILE);
    let old = fs::read(beside(&file, "-wal")).unwrap();
    let records = batch(&store, 1);
    store.append_batch(&records).unwrap();
    let (journal, log) = (fs::read(&file).unwrap(), fs::read(beside(&file, "-wal")).unwrap());
    assert_eq!(log.len(), old.len(), "the log was not begun anew in place");
    assert_ne!(log[..HEADER_BYTES], old[..HEADER_BYTES]);
    assert_eq!(found(&journal, &log), None);
    // A header that was being written when the power went: the old frames are all in the file.
    let torn = [&log[..18], &old[18..]].concat();
    assert_eq!(found(&journal, &torn), None);
}
