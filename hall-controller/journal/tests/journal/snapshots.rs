//! Snapshots: found again newest first, and never trusted when anything about
//! them is wrong.

use std::convert::Infallible;
use std::fs;
use std::path::Path;

use hall_journal::{
    Head, Journal, JournalError, JournalReader, Record, ReplayError, Snapshot, SnapshotError,
};

use crate::hall::{Dice, HALL, append, closed_journal, file, rewrite_past_the_guard, start, tickets};

fn after(record: &Record) -> Snapshot {
    let state = format!("the hall after record {}", record.seq).into_bytes();
    Snapshot { hall: HALL.into(), format: "test/1".into(), at: record.head(), state }
}

fn names(directory: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.starts_with("snapshot"))
        .collect();
    names.sort();
    names
}

fn found(directory: &Path) -> Vec<Result<Snapshot, SnapshotError>> {
    Journal::open(directory, HALL).unwrap().snapshots().collect()
}

#[test]
fn the_last_two_are_kept_and_found_newest_first() {
    let (directory, records) = closed_journal(12);
    for record in [&records[2], &records[5], &records[8]] {
        after(record).write(directory.path()).unwrap();
    }
    let kept: Vec<Snapshot> = found(directory.path()).into_iter().map(Result::unwrap).collect();
    assert_eq!(kept, [after(&records[8]), after(&records[5])]);
    assert_eq!(names(directory.path()).len(), 2);
}

#[test]
fn a_journal_that_ends_before_its_snapshot_has_lost_records_and_is_refused() {
    let (directory, records) = closed_journal(12);
    let beyond = Snapshot { at: Head { seq: 40, ..records[11].head() }, ..after(&records[11]) };
    beyond.write(directory.path()).unwrap();
    let path = beyond.path(directory.path());
    let errors = [
        Journal::open(directory.path(), HALL).unwrap_err(),
        JournalReader::open(directory.path()).unwrap_err(),
        hall_journal::verify(directory.path()).unwrap_err(),
    ];
    for error in errors {
        let said = error.to_string();
        assert!(matches!(error, JournalError::Shorter { last: 12, known: 40, .. }), "{said}");
        assert!(
            said.contains(path.to_str().unwrap()) && said.contains("`hall-controller restore`"),
            "{said}"
        );
    }

    // Another hall's, or one that is not whole, shows nothing.
    let other = Snapshot { hall: "city-hall".into(), ..beyond.clone() };
    other.write(directory.path()).unwrap();
    assert!(matches!(found(directory.path())[..], [Err(SnapshotError::Elsewhere { seq: 40, .. })]));
    fs::write(&path, "not whole").unwrap();
    assert!(matches!(found(directory.path())[..], [Err(SnapshotError::Damaged { .. })]));
    after(&records[5]).write(directory.path()).unwrap();
    assert_eq!(names(directory.path()), ["snapshot-00000000000000000006.hall"]);
}

#[test]
fn a_snapshot_without_its_journal_is_no_new_hall() {
    let (directory, records) = closed_journal(12);
    after(&records[11]).write(directory.path()).unwrap();
    for left in [None, Some("")] {
        let _ = fs::remove_file(file(directory.path()));
        if let Some(left) = left {
            fs::write(file(directory.path()), left).unwrap();
        }
        let error = Journal::open(directory.path(), HALL).unwrap_err();
        assert!(matches!(error, JournalError::Shorter { last: 0, known: 12, .. }), "{error}");
    }
}

#[test]
fn a_snapshot_of_another_chain_or_another_hall_is_refused() {
    let (directory, records) = closed_journal(6);
    let other_chain = Snapshot { at: Head { seq: 3, ..records[3].head() }, ..after(&records[2]) };
    let other_hall = Snapshot { hall: "city-hall".into(), ..after(&records[2]) };
    for wrong in [other_chain, other_hall] {
        wrong.write(directory.path()).unwrap();
        assert!(matches!(found(directory.path())[..], [Err(SnapshotError::Elsewhere { seq: 3, .. })]));
    }
}

#[test]
fn a_snapshot_with_any_bit_turned_or_cut_anywhere_is_refused_and_the_one_before_is_found() {
    let (directory, records) = closed_journal(6);
    after(&records[1]).write(directory.path()).unwrap();
    after(&records[4]).write(directory.path()).unwrap();
    let newest = after(&records[4]).path(directory.path());
    let whole = fs::read(&newest).unwrap();
    let mut dice = Dice::new(5);
    let mut wrong: Vec<Vec<u8>> = (0..whole.len()).map(|length| whole[..length].to_vec()).collect();
    for byte in 0..whole.len() {
        let mut turned = whole.clone();
        turned[byte] ^= 1 << dice.below(8);
        wrong.push(turned);
    }
    wrong.push([whole.clone(), vec![0]].concat());
    for bytes in wrong {
        fs::write(&newest, bytes).unwrap();
        let found = found(directory.path());
        assert!(matches!(&found[0], Err(SnapshotError::Damaged { .. })), "{found:?}");
        assert_eq!(*found[1].as_ref().unwrap(), after(&records[1]));
    }
}

fn tail(directory: &Path, snapshot: &Snapshot) -> Result<Vec<u64>, JournalError> {
    let mut seqs = Vec::new();
    let replay = Journal::open(directory, HALL)?.replay_after(snapshot, |record| {
        seqs.push(record.seq);
        Ok::<(), Infallible>(())
    });
    match replay {
        Ok(_) => Ok(seqs),
        Err(ReplayError::Journal(error)) => Err(error),
        Err(ReplayError::Visitor(never)) => match never {},
    }
}

#[test]
fn a_start_from_a_snapshot_reads_the_tail_and_goes_on_with_the_same_chain() {
    let (directory, records) = closed_journal(12);
    after(&records[8]).write(directory.path()).unwrap();
    let journal = Journal::open(directory.path(), HALL).unwrap();
    let snapshot = journal.snapshots().next().unwrap().unwrap();
    let mut seqs = Vec::new();
    let journal = journal
        .replay_after(&snapshot, |record| {
            seqs.push(record.seq);
            Ok::<(), Infallible>(())
        })
        .unwrap();
    assert_eq!(seqs, [10, 11, 12]);
    let writer = journal.start().unwrap();
    assert_eq!(append(&writer, tickets([13])).unwrap().last_seq, 13);
    writer.close().unwrap();
    let (writer, records) = start(directory.path());
    assert_eq!(records.len(), 13);
    drop(writer);
}

#[test]
fn a_break_in_the_tail_is_found_and_one_before_the_snapshot_is_left_to_the_audit() {
    for (edited, named) in [(11, Some(11)), (4, None)] {
        let (directory, records) = closed_journal(12);
        rewrite_past_the_guard(directory.path(), edited);
        let outcome = tail(directory.path(), &after(&records[8]));
        assert_eq!(outcome.err().and_then(|error| error.first_bad_seq()), named);
        assert_eq!(hall_journal::verify(directory.path()).unwrap_err().first_bad_seq(), Some(edited));
    }
}
