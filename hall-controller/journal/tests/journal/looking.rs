//! Whoever looks at a journal leaves nothing beside it, and never sees half of what is being written.

use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use hall_journal::{BackupError, DirectoryLock, JournalError, JournalReader, backup, verify};

use crate::hall::{HALL, append, closed_journal, file, start, ticket_issued, tickets};

fn names(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn count(reader: &JournalReader) -> u64 {
    reader.read(|_| Ok::<(), std::convert::Infallible>(())).unwrap().seq
}

#[test]
fn a_closed_journal_is_read_with_nothing_left_beside_it() {
    let (directory, records) = closed_journal(30);
    // Bytes that mean something in the name by which SQLite is told that a file never changes.
    let named = directory.path().join("50% of #1? 号");
    fs::create_dir(&named).unwrap();
    fs::copy(file(directory.path()), file(&named)).unwrap();
    let before = names(&named);
    assert_eq!(verify(&named).unwrap().records, records.len() as u64);
    backup(&named, &directory.path().join("copy"), &mut |_, _| ()).unwrap();
    assert_eq!(names(&named), before);
    assert_eq!(before, ["journal.sqlite3"]);
}

#[test]
fn a_reader_of_a_running_hall_sees_the_log_and_keeps_its_view() {
    let directory = tempfile::tempdir().unwrap();
    let (writer, _) = start(directory.path());
    append(&writer, tickets([1, 2])).unwrap();
    let reader = JournalReader::open(directory.path()).unwrap();
    append(&writer, tickets([3])).unwrap();
    assert_eq!(count(&reader), 2);
    assert_eq!(count(&JournalReader::open(directory.path()).unwrap()), 3);
    writer.close().unwrap();
}

#[test]
fn a_controller_that_starts_while_a_closed_journal_is_read_is_no_damage() {
    let (directory, _) = closed_journal(300);
    let reader = JournalReader::open(directory.path()).unwrap();
    assert_eq!(count(&reader), 300);
    let size = || fs::metadata(file(directory.path())).unwrap().len();
    let before = size();
    let (writer, _) = start(directory.path());
    // Enough that the log is folded into the file under the reader's eyes.
    for n in 0..600 {
        append(&writer, tickets(301 + n * 10..311 + n * 10)).unwrap();
    }
    assert!(size() > before);
    // What it still finds follows from what it saw; what it cannot read is not called damage.
    match reader.read(|_| Ok::<(), std::convert::Infallible>(())) {
        Ok(head) => assert!(head.seq >= 300),
        Err(error) => {
            assert!(error.to_string().contains("has started") && error.to_string().contains("ask again"));
        }
    }
    assert_eq!(count(&JournalReader::open(directory.path()).unwrap()), 6_300);
    writer.close().unwrap();
}

#[test]
fn a_backup_of_a_file_that_changes_under_it_asks_to_be_made_again() {
    let (directory, _) = closed_journal(300);
    let reader = JournalReader::open(directory.path()).unwrap();
    let mut bytes = fs::read(file(directory.path())).unwrap();
    // Far from what was looked at already.
    let body = ticket_issued(150).body;
    let at = bytes.windows(body.len()).rposition(|window| window == body.as_bytes()).unwrap();
    bytes[at] ^= 1;
    fs::write(file(directory.path()), bytes).unwrap();
    // However coarse the file system's clock is.
    let later = SystemTime::now() + Duration::from_secs(1);
    fs::File::options().write(true).open(file(directory.path())).unwrap().set_modified(later).unwrap();
    let error = reader.read(|_| Ok::<(), std::convert::Infallible>(())).unwrap_err().to_string();
    assert!(error.contains("ask again"), "{error}");
    // One that does not change is damaged.
    let error = backup(directory.path(), &directory.path().join("copy"), &mut |_, _| ()).unwrap_err();
    assert!(matches!(error, BackupError::NotWhole(JournalError::Broken { .. })), "{error}");
}

#[test]
fn a_directory_can_be_locked_before_its_journal_is_opened() {
    let (directory, _) = closed_journal(3);
    let lock = DirectoryLock::take(directory.path()).unwrap();
    let error = DirectoryLock::take(directory.path()).unwrap_err();
    assert!(matches!(error, JournalError::InUse { .. }), "{error}");
    let opened = hall_journal::Journal::open_locked(lock, HALL).unwrap();
    assert!(matches!(DirectoryLock::take(directory.path()), Err(JournalError::InUse { .. })));
    drop(opened);
    DirectoryLock::take(directory.path()).unwrap();
}
