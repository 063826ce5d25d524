//! What only real `SQLite` can show: that the disk is asked to sync, that a
//! full disk is told from others, and that a failed commit stays dead.

use std::fs;

use super::*;
use crate::chain;
use crate::record::Entry;

const HALL: &str = "county-hall";
/// `synchronous` as `SQLite` numbers it: the log is synced at every commit.
const FULL: i64 = 2;

fn open(directory: &Path) -> SqliteStore {
    SqliteStore::open(DirectoryLock::take(directory).unwrap(), HALL).unwrap()
}

fn records(after: &Head, count: usize, body: &str) -> Vec<Record> {
    let mut head = *after;
    (0..count)
        .map(|_| {
            let entry = Entry { at_ms: 0, kind: "Called".into(), cause: "{}".into(), body: body.into() };
            let record = chain::seal(&head, entry, &mut Vec::new());
            head = record.head();
            record
        })
        .collect()
}

fn bodies(store: &SqliteStore) -> Vec<String> {
    let mut bodies = Vec::new();
    store
        .read_from(1, &mut |record| {
            bodies.push(record.body);
            true
        })
        .unwrap();
    bodies
}

fn log(directory: &Path) -> PathBuf {
    directory.join(format!("{JOURNAL_FILE}-wal"))
}

/// The directory as the next start would find it if the power failed now.
fn as_after_a_crash(directory: &Path) -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    fs::copy(directory.join(JOURNAL_FILE), copy.path().join(JOURNAL_FILE)).unwrap();
    fs::copy(log(directory), log(copy.path())).unwrap();
    copy
}

#[test]
fn every_commit_is_synced_and_logged_ahead() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path());
    let mode: String = store.connection.pragma_query_value(None, "journal_mode", |row| row.get(0)).unwrap();
    let synchronous: i64 =
        store.connection.pragma_query_value(None, "synchronous", |row| row.get(0)).unwrap();
    assert_eq!((mode.as_str(), synchronous), ("wal", FULL));
}

/// The writer does not ask the file's guards.
#[test]
fn a_head_that_is_further_on_is_never_taken_back() {
    let directory = tempfile::tempdir().unwrap();
    let mut store = open(directory.path());
    let genesis = store.head().unwrap();
    store.connection.execute("UPDATE head SET seq = 7", []).unwrap();
    let refused = store.append_batch(&records(&genesis, 1, "late")).unwrap_err();
    assert_eq!(refused.kind, TroubleKind::Damaged);
    assert_eq!(bodies(&store), [""; 0]);
}

#[test]
fn a_full_disk_keeps_nothing_of_a_batch_and_takes_it_once_there_is_space() {
    let directory = tempfile::tempdir().unwrap();
    let mut store = open(directory.path());
    let genesis = store.head().unwrap();
    let small = records(&genesis, 1, "fits");
    store.append_batch(&small).unwrap();

    let pages: i64 = store.connection.pragma_query_value(None, "page_count", |row| row.get(0)).unwrap();
    store.connection.pragma_update(None, "max_page_count", pages + 2).unwrap();
    let large = records(&small[0].head(), 100, &"9".repeat(1000));
    for _ in 0..3 {
        assert_eq!(store.append_batch(&large).unwrap_err().kind, TroubleKind::Full);
        assert_eq!(store.head().unwrap(), small[0].head());
        assert_eq!(bodies(&store), ["fits"]);
    }

    store.connection.pragma_update(None, "max_page_count", pages + 1000).unwrap();
    store.prove_writable().unwrap();
    store.append_batch(&large).unwrap();
    assert_eq!(store.head().unwrap(), large[99].head());
}

#[test]
fn another_writer_and_a_long_lock_are_told_apart() {
    let directory = tempfile::tempdir().unwrap();
    let mut store = open(directory.path());
    let batch = records(&store.head().unwrap(), 1, "{}");

    let intruder = Connection::open(directory.path().join(JOURNAL_FILE)).unwrap();
    store.connection.busy_timeout(Duration::ZERO).unwrap();
    intruder.execute_batch("BEGIN IMMEDIATE").unwrap();
    assert_eq!(store.append_batch(&batch).unwrap_err().kind, TroubleKind::Busy);
    intruder.execute_batch("INSERT INTO event VALUES (1, 0, '', '', '', zeroblob(32)); COMMIT").unwrap();
    assert_eq!(store.append_batch(&batch).unwrap_err().kind, TroubleKind::Conflict);
    // Nothing hangs in the air after either.
    store.prove_writable().unwrap();
}

#[test]
fn writes_of_a_proof_are_counted_under_their_seal() {
    let directory = tempfile::tempdir().unwrap();
    let mut store = open(directory.path());
    let counted = |store: &SqliteStore| -> i64 {
        store.connection.query_row("SELECT resumes FROM head", [], |row| row.get(0)).unwrap()
    };
    let before = counted(&store);
    store.prove_writable().unwrap();
    assert_eq!(counted(&store), super::resumes::sealed(HALL, 4));
    assert_ne!(counted(&store), before);
    store.check_resumes(directory.path()).unwrap();
}

/// Puts `store`, in `directory`, where a commit of `lost` leaves it whose fsync
/// failed after the disk had taken the bytes: they are in the log, but beyond
/// what the connection counts as committed.
fn fail_to_sync(directory: &Path, lost: &[Record]) {
    let elsewhere = as_after_a_crash(directory);
    let mut store = open(elsewhere.path());
    store.append_batch(lost).unwrap();
    fs::write(log(directory), fs::read(log(elsewhere.path())).unwrap()).unwrap();
}

#[test]
fn a_commit_whose_sync_failed_is_laid_to_rest_by_the_proving_write() {
    let directory = tempfile::tempdir().unwrap();
    let mut store = open(directory.path());
    let kept = records(&store.head().unwrap(), 1, "kept");
    store.append_batch(&kept).unwrap();
    let lost = records(&kept[0].head(), 40, &"lost".repeat(200));
    fail_to_sync(directory.path(), &lost);
    assert_eq!(bodies(&store), ["kept"]);

    // The danger is real: a crash now would bring it back.
    let crashed = as_after_a_crash(directory.path());
    let found = bodies(&open(crashed.path()));
    assert_eq!(found.len(), 41);

    store.prove_writable().unwrap();
    let crashed = as_after_a_crash(directory.path());
    assert_eq!(bodies(&open(crashed.path())), ["kept"]);
}
