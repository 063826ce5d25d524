//! Someone edits the journal with a database tool. Whatever the edit, `verify`
//! names the first bad record and the controller will not start on it.

use hall_journal::{JournalError, verify};
use rusqlite::Connection;

use crate::hall::{closed_journal, file, try_start};

const RECORDS: u64 = 12;

/// Takes the guards out, edits, puts them back: what an insider would do.
fn edited(edit: &str) -> tempfile::TempDir {
    let (directory, _) = closed_journal(RECORDS);
    let connection = Connection::open(file(directory.path())).unwrap();
    let guards: Vec<(String, String)> = connection
        .prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'")
        .unwrap()
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert_eq!(guards.len(), 4);
    for (name, _) in &guards {
        connection.execute_batch(&format!("DROP TRIGGER {name}")).unwrap();
    }
    connection.execute_batch(edit).unwrap();
    for (_, sql) in &guards {
        connection.execute_batch(sql).unwrap();
    }
    directory
}

#[test]
fn every_edit_is_found_and_the_first_bad_record_named() {
    let cases = [
        ("a body", 5, "UPDATE event SET body = '{}' WHERE seq = 5"),
        (
            "one letter of a cause",
            7,
            "UPDATE event SET cause = replace(cause, 'kiosk-1', 'kiosk-2') WHERE seq = 7",
        ),
        ("a time, by one millisecond", 1, "UPDATE event SET at_ms = at_ms + 1 WHERE seq = 1"),
        ("a kind", 12, "UPDATE event SET kind = 'Cancelled' WHERE seq = 12"),
        ("a hash", 3, "UPDATE event SET hash = zeroblob(32) WHERE seq = 3"),
        ("a hash of the wrong length", 3, "UPDATE event SET hash = zeroblob(31) WHERE seq = 3"),
        ("two edits", 4, "UPDATE event SET body = '{}' WHERE seq IN (4, 9)"),
        (
            "text moved from cause to body",
            6,
            "UPDATE event SET cause = '', body = cause || body WHERE seq = 6",
        ),
        ("the first removed", 1, "DELETE FROM event WHERE seq = 1"),
        ("one removed from the middle", 8, "DELETE FROM event WHERE seq = 8"),
        ("the last removed", 12, "DELETE FROM event WHERE seq = 12"),
        ("the last three removed", 10, "DELETE FROM event WHERE seq > 9"),
        ("all removed", 1, "DELETE FROM event"),
        (
            "one removed and the rest moved up",
            5,
            "DELETE FROM event WHERE seq = 5; UPDATE event SET seq = seq - 1 WHERE seq > 5;",
        ),
        (
            "one inserted and the rest moved down",
            5,
            "UPDATE event SET seq = -(seq + 1) WHERE seq >= 5; UPDATE event SET seq = -seq WHERE seq < 0;
             INSERT INTO event SELECT 5, at_ms, kind, cause, body, hash FROM event WHERE seq = 4;",
        ),
        (
            "one added",
            13,
            "INSERT INTO event SELECT 13, at_ms, kind, cause, body, hash FROM event WHERE seq = 12",
        ),
        (
            "one added far away",
            13,
            "INSERT INTO event SELECT 99, at_ms, kind, cause, body, hash FROM event WHERE seq = 1",
        ),
        (
            "one put before the first",
            0,
            "INSERT INTO event SELECT 0, at_ms, kind, cause, body, hash FROM event WHERE seq = 1",
        ),
        (
            "one below zero",
            -3,
            "INSERT INTO event SELECT -3, at_ms, kind, cause, body, hash FROM event WHERE seq = 1",
        ),
        (
            "two neighbours swapped",
            6,
            "UPDATE event SET seq = -1 WHERE seq = 6; UPDATE event SET seq = 6 WHERE seq = 7;
             UPDATE event SET seq = 7 WHERE seq = -1;",
        ),
        (
            "two far apart swapped",
            2,
            "UPDATE event SET seq = -1 WHERE seq = 2; UPDATE event SET seq = 2 WHERE seq = 11;
             UPDATE event SET seq = 11 WHERE seq = -1;",
        ),
        ("the note of the head", 12, "UPDATE head SET hash = zeroblob(32)"),
        ("the note of the head set back", 11, "UPDATE head SET seq = 10"),
        ("the hall's name", 1, "UPDATE journal SET hall = 'other-hall'"),
    ];
    for (what, first_bad, edit) in cases {
        let directory = edited(edit);
        let error = verify(directory.path()).expect_err(what);
        assert_eq!(error.first_bad_seq(), Some(first_bad), "{what}: {error}");
        let sentence = error.to_string();
        assert!(sentence.contains(&format!("record {first_bad} ")), "{what}: {sentence}");
        assert!(sentence.contains(&file(directory.path()).display().to_string()), "{what}: {sentence}");
        let refused = try_start(directory.path()).expect_err(what);
        if !matches!(refused, JournalError::OtherHall { .. } | JournalError::Damaged { .. }) {
            assert_eq!(refused.first_bad_seq(), Some(first_bad), "{what}: {refused}");
        }
    }
}

#[test]
fn a_changed_count_of_resumes_is_found_by_the_audit_and_keeps_no_hall_closed() {
    for edit in [
        "UPDATE head SET resumes = resumes + 1",
        "UPDATE head SET resumes = resumes - 1",
        "UPDATE head SET resumes = 0",
        "UPDATE head SET resumes = 7",
        "UPDATE head SET resumes = -7",
        "UPDATE head SET resumes = 9223372036854775807",
        // A count that is sealed in a file which says that it is of the format without seals.
        "PRAGMA user_version = 1",
    ] {
        let directory = edited(edit);
        let error = verify(directory.path()).expect_err(edit);
        assert!(matches!(error, JournalError::ResumesChanged { .. }), "{edit}: {error}");
        assert!(error.to_string().contains(&file(directory.path()).display().to_string()), "{edit}: {error}");
        let (writer, records) = try_start(directory.path()).expect(edit);
        assert_eq!(records.len() as u64, RECORDS, "{edit}");
        writer.close().unwrap();
        let error = verify(directory.path()).expect_err(edit);
        assert!(
            matches!(error, JournalError::ResumesChanged { .. }),
            "a start has sealed it: {edit}: {error}"
        );
    }
}

#[test]
fn a_journal_of_the_format_without_seals_is_whole_and_sealed_at_the_next_start() {
    let directory = edited("UPDATE head SET resumes = 8; PRAGMA user_version = 1");
    assert_eq!(verify(directory.path()).unwrap().records, RECORDS);
    let (writer, records) = try_start(directory.path()).unwrap();
    assert_eq!(records.len() as u64, RECORDS);
    writer.close().unwrap();
    let connection = Connection::open(file(directory.path())).unwrap();
    let format: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
    assert_eq!(format, 2);
    assert_eq!(verify(directory.path()).unwrap().records, RECORDS);
    connection.execute_batch("UPDATE head SET resumes = 8").unwrap();
    assert!(matches!(verify(directory.path()), Err(JournalError::ResumesChanged { .. })));
}

#[test]
fn an_edit_that_changes_nothing_is_no_finding() {
    let directory = edited("UPDATE event SET body = body WHERE seq = 5");
    assert_eq!(verify(directory.path()).unwrap().records, RECORDS);
    try_start(directory.path()).unwrap();
}

#[test]
fn the_guards_stop_an_edit_and_a_missing_guard_is_told() {
    let (directory, _) = closed_journal(RECORDS);
    let connection = Connection::open(file(directory.path())).unwrap();
    for edit in [
        "UPDATE event SET body = '{}' WHERE seq = 5",
        "DELETE FROM event WHERE seq = 5",
        "DELETE FROM head",
        "UPDATE head SET seq = 3",
    ] {
        let error = connection.execute_batch(edit).unwrap_err().to_string();
        assert!(error.contains("never"), "{edit}: {error}");
    }
    assert_eq!(verify(directory.path()).unwrap().records, RECORDS);

    connection.execute_batch("DROP TRIGGER event_is_never_updated").unwrap();
    for error in [verify(directory.path()).unwrap_err(), try_start(directory.path()).unwrap_err()] {
        assert!(error.to_string().contains("`event_is_never_updated` is gone or was changed"), "{error}");
    }
}

#[test]
fn a_table_smuggled_in_is_told() {
    let (directory, _) = closed_journal(RECORDS);
    Connection::open(file(directory.path()))
        .unwrap()
        .execute_batch("CREATE TABLE phones (number TEXT)")
        .unwrap();
    assert!(verify(directory.path()).unwrap_err().to_string().contains("`phones` was added"));
}
