//! Backups: whole while a controller writes, refused where they could harm,
//! and put back byte for byte.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use hall_journal::{BackupError, JournalError, Snapshot, backup, restore, verify, verify_file};

use crate::hall::{HALL, append, closed_journal, file, replayed, start, tickets};

fn quietly(directory: &Path, to: &Path) -> Result<u64, BackupError> {
    backup(directory, to, &mut |_, _| ()).map(|report| report.records)
}

fn names(directory: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn a_backup_made_while_the_journal_is_written_is_whole_and_holds_what_was_acknowledged_before() {
    let directory = tempfile::tempdir().unwrap();
    let (writer, _) = start(directory.path());
    for n in 0..40 {
        append(&writer, tickets(n * 50 + 1..=n * 50 + 50)).unwrap();
    }
    let copies = tempfile::tempdir().unwrap();
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut next = 2_001;
            while !over.load(Ordering::Relaxed) {
                append(&writer, tickets([next])).unwrap();
                next += 1;
            }
        });
        let mut before = 2_000;
        for n in 0..10 {
            let copy = copies.path().join(format!("{n}.hall"));
            let records = quietly(directory.path(), &copy).unwrap();
            assert!(records >= before, "{records} in the copy, {before} before it");
            assert_eq!(verify_file(&copy).unwrap().records, records);
            before = verify(directory.path()).unwrap().records;
        }
        over.store(true, Ordering::Relaxed);
    });
    assert_eq!(names(copies.path()).len(), 10, "nothing but the copies is left");
}

#[test]
fn progress_comes_to_its_end() {
    let (directory, _) = closed_journal(400);
    let connection = rusqlite::Connection::open(file(directory.path())).unwrap();
    let pages: u32 = connection.pragma_query_value(None, "page_count", |row| row.get(0)).unwrap();
    drop(connection);
    let mut told = Vec::new();
    let copies = tempfile::tempdir().unwrap();
    backup(directory.path(), &copies.path().join("copy"), &mut |done, of| told.push((done, of))).unwrap();
    assert_eq!(told.last(), Some(&(pages, pages)));
}

#[test]
fn a_restored_journal_is_the_one_that_was_copied_and_goes_on() {
    let (directory, records) = closed_journal(60);
    let elsewhere = tempfile::tempdir().unwrap();
    let copy = elsewhere.path().join("copy.hall");
    quietly(directory.path(), &copy).unwrap();
    let data = elsewhere.path().join("new/data");
    assert_eq!(restore(&copy, &data).unwrap().records, 60);
    assert_eq!(replayed(&data), records);
    let (writer, _) = start(&data);
    assert_eq!(append(&writer, tickets([61])).unwrap().last_seq, 61);
    writer.close().unwrap();
    assert_eq!(verify(&data).unwrap().records, 61);
    assert_eq!(verify_file(&copy).unwrap().records, 60, "the backup itself is left as it is");
}

#[test]
fn nothing_is_written_over() {
    let (directory, _) = closed_journal(3);
    let copies = tempfile::tempdir().unwrap();
    let copy = copies.path().join("copy");
    fs::write(&copy, "something dear").unwrap();
    let error = quietly(directory.path(), &copy).unwrap_err();
    assert!(matches!(error, BackupError::Exists { .. }), "{error}");
    assert_eq!(fs::read(&copy).unwrap(), b"something dear");

    fs::remove_file(&copy).unwrap();
    quietly(directory.path(), &copy).unwrap();
    let error = restore(&copy, directory.path()).unwrap_err();
    assert!(matches!(error, BackupError::Occupied { .. }), "{error}");
    let (writer, _) = start(directory.path());
    let error = restore(&copy, directory.path()).unwrap_err();
    assert!(matches!(error, BackupError::Journal(JournalError::InUse { .. })), "{error}");
    drop(writer);

    // A log without its journal is somebody's records, too.
    let orphaned = tempfile::tempdir().unwrap();
    fs::write(orphaned.path().join("journal.sqlite3-wal"), "x").unwrap();
    assert!(matches!(restore(&copy, orphaned.path()), Err(BackupError::Occupied { .. })));
}

#[test]
fn a_damaged_backup_is_refused_before_anything_is_made() {
    let (directory, _) = closed_journal(300);
    let copies = tempfile::tempdir().unwrap();
    let copy = copies.path().join("copy");
    quietly(directory.path(), &copy).unwrap();
    let mut bytes = fs::read(&copy).unwrap();
    let place = bytes.windows(9).rposition(|window| window == b"\"ticket\":").unwrap();
    bytes[place + 1] ^= 1;
    fs::write(&copy, bytes).unwrap();
    let data = copies.path().join("data");
    let error = restore(&copy, &data).unwrap_err();
    assert!(matches!(error, BackupError::NoBackup(JournalError::Broken { .. })), "{error}");
    let said = error.to_string();
    assert!(said.contains("take another backup") && !said.contains("in its place"), "{said}");
    assert!(!data.exists());

    let error = restore(&copies.path().join("no-such-file"), &data).unwrap_err().to_string();
    assert!(error.contains("there is no file") && error.contains("--from"), "{error}");
}

#[test]
fn a_backup_older_than_the_snapshots_in_its_new_place_is_taken_for_what_it_is() {
    let (directory, records) = closed_journal(5);
    let copies = tempfile::tempdir().unwrap();
    let copy = copies.path().join("copy");
    quietly(directory.path(), &copy).unwrap();
    let (writer, _) = start(directory.path());
    append(&writer, tickets([6])).unwrap();
    writer.close().unwrap();
    let last = replayed(directory.path()).pop().unwrap();
    let newer = Snapshot { hall: HALL.into(), format: "test".into(), at: last.head(), state: vec![] };
    newer.write(directory.path()).unwrap();
    // Left by a crash, with a log that was moved away.
    fs::write(directory.path().join("journal.lock"), "1\nthe log is in use\n").unwrap();
    fs::remove_file(file(directory.path())).unwrap();
    restore(&copy, directory.path()).unwrap();
    assert_eq!(replayed(directory.path()), records);
    assert!(names(directory.path()).iter().any(|name| name.ends_with(".hall.set-aside")));
}

#[test]
fn a_backup_that_cannot_be_made_leaves_nothing_behind() {
    let copies = tempfile::tempdir().unwrap();
    let absent = quietly(&copies.path().join("nowhere"), &copies.path().join("copy")).unwrap_err();
    assert!(matches!(absent, BackupError::Journal(JournalError::Absent { .. })), "{absent}");
    let (directory, _) = closed_journal(3);
    let nowhere = quietly(directory.path(), &copies.path().join("no/such/copy")).unwrap_err();
    assert!(matches!(nowhere, BackupError::File { .. }), "{nowhere}");
    assert_eq!(names(copies.path()), Vec::<String>::new());
}
