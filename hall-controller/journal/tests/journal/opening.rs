//! Opening: what is made, what is found again, and what is refused in a
//! sentence that names the path and the remedy.

use std::fs;

use hall_journal::{Journal, JournalError, chain, verify};
use rusqlite::Connection;

use crate::hall::{
    HALL, append, closed_journal, file, log_file, replayed, start, ticket_issued, tickets, try_start,
};

#[test]
fn a_hall_finds_after_a_restart_what_it_was_told_is_durable() {
    let directory = tempfile::tempdir().unwrap();
    let (writer, before) = start(&directory.path().join("made/if/absent"));
    assert_eq!(before, []);
    let first = append(&writer, tickets([1, 2, 3])).unwrap();
    let second = append(&writer, tickets([4])).unwrap();
    assert_eq!((first.first_seq, first.last_seq), (1, 3));
    assert_eq!((second.first_seq, second.last_seq), (4, 4));
    writer.close().unwrap();

    let records = replayed(&directory.path().join("made/if/absent"));
    assert_eq!(records.iter().map(|record| record.seq).collect::<Vec<_>>(), [1, 2, 3, 4]);
    assert_eq!(records[2].hash, first.head_hash);
    assert_eq!(records[3].hash, second.head_hash);
    assert_eq!(records[3].body, ticket_issued(4).body);
    assert_eq!(records[3].at_ms, ticket_issued(4).at_ms);
}

#[test]
fn a_barrier_is_answered_with_what_is_durable_before_it() {
    let directory = tempfile::tempdir().unwrap();
    let (writer, _) = start(directory.path());
    let empty = append(&writer, vec![]).unwrap();
    assert_eq!((empty.first_seq, empty.last_seq, empty.head_hash), (1, 0, chain::genesis(HALL).hash));
    let ticket = append(&writer, tickets([1])).unwrap();
    let barrier = append(&writer, vec![]).unwrap();
    assert_eq!((barrier.first_seq, barrier.last_seq, barrier.head_hash), (2, 1, ticket.head_hash));
}

#[test]
fn a_closed_journal_is_whole_in_its_one_file() {
    let (directory, records) = closed_journal(40);
    assert!(!log_file(directory.path()).exists());
    let copy = tempfile::tempdir().unwrap();
    fs::copy(file(directory.path()), file(copy.path())).unwrap();
    assert_eq!(replayed(copy.path()), records);
}

#[test]
fn two_controllers_on_one_directory_are_refused_with_the_owner_named() {
    let directory = tempfile::tempdir().unwrap();
    let (writer, _) = start(directory.path());
    let error = try_start(directory.path()).unwrap_err();
    assert!(matches!(error, JournalError::InUse { pid, .. } if pid == Some(std::process::id())), "{error:?}");
    let sentence = error.to_string();
    assert!(sentence.contains(&format!("process {}", std::process::id())), "{sentence}");
    assert!(sentence.contains(&directory.path().display().to_string()), "{sentence}");

    append(&writer, tickets([1])).unwrap();
    drop(writer);
    assert_eq!(replayed(directory.path()).len(), 1);
}

#[test]
fn a_controller_that_has_not_replayed_yet_already_owns_the_directory() {
    let directory = tempfile::tempdir().unwrap();
    let _opened = Journal::open(directory.path(), HALL).unwrap();
    assert!(matches!(try_start(directory.path()), Err(JournalError::InUse { .. })));
}

#[test]
fn an_auditor_reads_along_while_the_hall_is_open() {
    let directory = tempfile::tempdir().unwrap();
    let (writer, _) = start(directory.path());
    for n in 1..=60 {
        let commit = append(&writer, tickets([n])).unwrap();
        let report = verify(directory.path()).unwrap();
        assert_eq!((report.records, report.head.hash), (n, commit.head_hash));
        assert_eq!(report.hall, HALL);
        assert_eq!(report.first_at_ms, Some(ticket_issued(1).at_ms));
        assert_eq!(report.last_at_ms, Some(ticket_issued(n).at_ms));
    }
    writer.close().unwrap();
    assert_eq!(verify(directory.path()).unwrap().records, 60);
}

#[test]
fn the_journal_of_another_hall_is_refused() {
    let (directory, _) = closed_journal(3);
    let error = Journal::open(directory.path(), "city-hall").unwrap_err();
    assert!(matches!(error, JournalError::OtherHall { .. }), "{error:?}");
    assert!(error.to_string().contains(r#""county-hall", not to hall "city-hall""#), "{error}");
}

#[test]
fn a_journal_of_a_newer_controller_is_refused() {
    let (directory, _) = closed_journal(3);
    Connection::open(file(directory.path())).unwrap().pragma_update(None, "user_version", 3).unwrap();
    let error = try_start(directory.path()).unwrap_err();
    assert!(matches!(error, JournalError::NewerFormat { found: 3, known: 2, .. }), "{error:?}");
    assert!(error.to_string().contains("install the controller version that wrote it"), "{error}");
    assert!(matches!(verify(directory.path()), Err(JournalError::NewerFormat { .. })));
}

#[test]
fn a_file_that_is_no_journal_is_refused_and_left_alone() {
    let noise: Vec<u8> = (0..9000_u32).map(|n| u8::try_from(n % 251).unwrap()).collect();
    let foreign = {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("foreign");
        Connection::open(&path).unwrap().execute_batch("CREATE TABLE event (seq INTEGER)").unwrap();
        fs::read(path).unwrap()
    };
    for (what, bytes) in
        [("noise", noise), ("a text", b"hello hall\n".to_vec()), ("a foreign database", foreign)]
    {
        let directory = tempfile::tempdir().unwrap();
        fs::write(file(directory.path()), &bytes).unwrap();
        let error = try_start(directory.path()).unwrap_err();
        assert!(matches!(error, JournalError::NotAJournal { .. }), "{what}: {error:?}");
        assert!(error.to_string().contains(&file(directory.path()).display().to_string()), "{what}: {error}");
        assert_eq!(fs::read(file(directory.path())).unwrap(), bytes, "{what}");
        assert!(matches!(verify(directory.path()), Err(JournalError::NotAJournal { .. })), "{what}");
    }
}

#[test]
fn a_log_whose_journal_is_gone_is_not_taken_for_a_new_hall() {
    let directory = tempfile::tempdir().unwrap();
    let (writer, _) = start(directory.path());
    append(&writer, tickets([1])).unwrap();
    let log = fs::read(log_file(directory.path())).unwrap();
    writer.close().unwrap();
    fs::remove_file(file(directory.path())).unwrap();
    fs::write(log_file(directory.path()), log).unwrap();
    let error = try_start(directory.path()).unwrap_err();
    assert!(matches!(error, JournalError::FileGone { .. }), "{error:?}");
}

#[test]
fn looking_at_a_journal_that_is_not_there_makes_none() {
    let directory = tempfile::tempdir().unwrap();
    assert!(matches!(verify(directory.path()), Err(JournalError::Absent { .. })));
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0);
}

#[test]
fn a_data_directory_that_cannot_be_one_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a file, not a directory");
    fs::write(&path, "").unwrap();
    assert!(matches!(try_start(&path), Err(JournalError::Directory { .. })));
}

#[test]
fn the_engine_may_end_a_replay_it_cannot_follow() {
    let (directory, _) = closed_journal(3);
    let mut seen = 0;
    let outcome = Journal::open(directory.path(), HALL).unwrap().replay(|record| {
        seen = record.seq;
        if record.seq == 2 { Err("an event of an unknown kind") } else { Ok(()) }
    });
    assert_eq!(outcome.err().unwrap().to_string(), "an event of an unknown kind");
    assert_eq!(seen, 2);
}
