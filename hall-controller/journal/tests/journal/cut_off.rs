//! The controller was killed with records in its log. What another program of `SQLite`'s did to the files
//! meanwhile costs nothing where all records are still there; where any is gone every look at the journal
//! says so, and changes nothing.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use hall_journal::{AcceptError, JournalError, JournalReader, Record, accept_loss, backup, verify};
use rusqlite::Connection;
use tempfile::TempDir;

use crate::hall::{append, file, log_file, replayed, rewrite_past_the_guard, start, tickets, try_start};

/// More records than `SQLite` keeps in a log before it folds them into the file.
const MANY: u64 = 900;

/// What a kill leaves of a journal with `count` records, each in a commit of its own.
fn killed(count: u64) -> (TempDir, Vec<Record>) {
    let (running, left) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (writer, _) = start(running.path());
    for n in 1..=count {
        append(&writer, tickets([n])).unwrap();
    }
    for (name, bytes) in files(running.path()) {
        fs::write(left.path().join(name), bytes).unwrap();
    }
    writer.close().unwrap();
    (left, replayed(running.path()))
}

fn files(directory: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap());
    entries.map(|entry| (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap())).collect()
}

/// The files without what says who looks and what only speeds up looking.
fn kept(directory: &Path) -> BTreeMap<String, Vec<u8>> {
    let passing = |name: &str| name == "journal.lock" || name.ends_with("-shm");
    files(directory).into_iter().filter(|(name, _)| !passing(name)).collect()
}

fn empty(path: &Path) {
    fs::write(path, []).unwrap();
}

/// The refusal, which is the same for whoever looks and however often, and changes nothing.
fn refused(directory: &Path) -> JournalError {
    let before = kept(directory);
    let error = verify(directory).unwrap_err();
    let said = error.to_string();
    let copy = directory.with_extension("copy");
    for again in 0..2 {
        assert_eq!(try_start(directory).err().unwrap().to_string(), said, "{again}");
        assert_eq!(JournalReader::open(directory).unwrap_err().to_string(), said, "{again}");
        assert_eq!(backup(directory, &copy, &mut |_, _| ()).unwrap_err().to_string(), said, "{again}");
        assert!(kept(directory) == before, "{again}: the files were changed");
    }
    assert!(said.contains("`hall-controller restore --accept-loss`") && !said.contains('\n'), "{said}");
    error
}

/// Looks as the `sqlite3` program does; its close folds the log into the file and removes it.
fn looked_at(directory: &Path) -> u64 {
    let connection = Connection::open(file(directory)).unwrap();
    let count: i64 = connection.query_row("SELECT count(*) FROM event", [], |row| row.get(0)).unwrap();
    connection.close().unwrap();
    assert!(!log_file(directory).exists());
    u64::try_from(count).unwrap()
}

#[test]
fn a_look_by_another_program_after_a_kill_costs_nothing() {
    for count in [3, MANY] {
        let (left, records) = killed(count);
        assert_eq!(looked_at(left.path()), count);
        assert_eq!(verify(left.path()).unwrap().records, count);
        let copy = left.path().join("copy");
        assert_eq!(backup(left.path(), &copy, &mut |_, _| ()).unwrap().records, count);
        let nothing = accept_loss(left.path(), "set-aside").unwrap_err();
        assert!(matches!(nothing, AcceptError::NothingLost { .. }), "{nothing}");
        assert_eq!(replayed(left.path()), records);
    }
}

#[test]
fn a_change_by_another_program_after_a_kill_is_named_by_its_record() {
    let (left, _) = killed(5);
    rewrite_past_the_guard(left.path(), 4);
    assert!(!log_file(left.path()).exists());
    assert_eq!(verify(left.path()).unwrap_err().first_bad_seq(), Some(4));
    assert_eq!(try_start(left.path()).err().unwrap().first_bad_seq(), Some(4));
}

#[test]
fn a_log_that_is_gone_or_empty_with_records_in_it_is_missed() {
    for count in [3, MANY] {
        for leave in [|log: &Path| fs::remove_file(log).unwrap(), empty] {
            let (left, _) = killed(count);
            leave(&log_file(left.path()));
            let error = refused(left.path());
            let JournalError::LogGone { last: Some(last), known: Some(known), .. } = error else {
                panic!("{error}");
            };
            assert!(known == count && last < count, "{last} of {known}");
            // What was folded into the file before is kept, and it goes on from there.
            assert_eq!(count == MANY, last > 0);
            assert_eq!(accept_loss(left.path(), "set-aside").unwrap().kept.unwrap().records, last);
            assert_eq!(replayed(left.path()).len() as u64, last);
        }
    }
}

#[test]
fn a_log_cut_after_a_whole_commit_is_missed_too() {
    let (left, records) = killed(6);
    let whole = fs::read(log_file(left.path())).unwrap();
    fs::write(log_file(left.path()), &whole[..whole.len() / 2]).unwrap();
    let error = refused(left.path());
    let JournalError::Unreached { last, known: 6, .. } = error else { panic!("{error}") };
    assert!(error.to_string().contains(&format!("ends with record {last}")), "{error}");
    accept_loss(left.path(), "set-aside").unwrap();
    let kept = replayed(left.path());
    assert!(!kept.is_empty() && kept.len() as u64 == last);
    assert_eq!(kept, records[..kept.len()]);
}

#[test]
fn no_journal_at_all_after_a_kill_is_no_new_hall() {
    for leave in [|path: &Path| fs::remove_file(path).unwrap(), empty] {
        let (left, _) = killed(3);
        leave(&file(left.path()));
        leave(&log_file(left.path()));
        assert!(matches!(try_start(left.path()), Err(JournalError::Unreached { last: 0, known: 3, .. })));
        let error = try_start(left.path()).err().unwrap().to_string();
        assert!(error.contains("holds no record") && error.contains("--accept-loss"), "{error}");
        assert_eq!(accept_loss(left.path(), "set-aside").unwrap().kept, None);
        assert_eq!(replayed(left.path()), []);
    }
}

#[test]
fn a_log_without_its_file_is_left_alone_and_is_the_whole_journal_while_it_goes_back_to_the_first_record() {
    for leave in [|path: &Path| fs::remove_file(path).unwrap(), empty] {
        let (left, records) = killed(30);
        leave(&file(left.path()));
        let error = refused(left.path());
        assert!(matches!(error, JournalError::FileGone { .. }), "{error}");
        let log = fs::read(log_file(left.path())).unwrap();
        let accepted = accept_loss(left.path(), "set-aside").unwrap();
        assert_eq!(accepted.kept.unwrap().records, 30);
        assert_eq!(fs::read(log_file(&accepted.aside)).unwrap(), log);
        assert!(files(&accepted.aside).len() <= 2, "{:?}", files(&accepted.aside).keys());
        assert_eq!(replayed(left.path()), records);
    }
}

#[test]
fn a_log_without_its_file_that_begins_later_is_not_taken_for_a_journal() {
    let (left, _) = killed(MANY);
    empty(&file(left.path()));
    let before = kept(left.path());
    for _ in 0..2 {
        let error = accept_loss(left.path(), "set-aside").unwrap_err();
        assert!(matches!(error, AcceptError::NothingWhole { .. }), "{error}");
        assert!(
            error.to_string().contains("Without a backup, move the whole data directory away"),
            "{error}"
        );
        assert!(kept(left.path()) == before);
    }
    assert!(matches!(refused(left.path()), JournalError::FileGone { .. }));
}

#[test]
fn a_hall_killed_before_its_first_record_opens() {
    let (left, _) = killed(0);
    assert_eq!(fs::metadata(log_file(left.path())).unwrap().len(), 0);
    assert_eq!(verify(left.path()).unwrap().records, 0);
    fs::remove_file(log_file(left.path())).unwrap();
    assert_eq!(replayed(left.path()), []);
}

#[test]
fn where_no_record_was_noted_a_log_that_is_gone_is_missed_and_one_that_is_there_is_read() {
    let (left, records) = killed(3);
    let lock = left.path().join("journal.lock");
    let noted = fs::read_to_string(&lock).unwrap();
    let lines: Vec<&str> = noted.lines().collect();
    assert_eq!(lines[1..], ["the log is in use", "00000000000000000003 county-hall"]);
    fs::write(&lock, format!("{}\n{}\n", lines[0], lines[1])).unwrap();
    let log = fs::read(log_file(left.path())).unwrap();
    fs::remove_file(log_file(left.path())).unwrap();
    let error = refused(left.path());
    assert!(matches!(error, JournalError::LogGone { known: None, .. }), "{error}");
    fs::write(log_file(left.path()), log).unwrap();
    assert_eq!(replayed(left.path()), records);
}
