//! Durable events a second through the journal against bare `SQLite` on the
//! same disk in the same run: the price of chain, thread and fence.
//!
//! Bare means the same rows into the same table in the same batches, in WAL mode
//! with `synchronous=FULL`, and nothing else. Rounds alternate between the two,
//! so that a disk that slows down slows down both; the ratio printed is the
//! median over the rounds. `cargo bench -p hall-journal`.
#![allow(clippy::unwrap_used, missing_docs)]

use std::convert::Infallible;
use std::path::Path;
use std::sync::mpsc;
use std::time::Instant;

use hall_journal::{Entry, Journal, JournalWriter};
use rusqlite::{Connection, TransactionBehavior, params};

/// Events in one batch: a press, a busy moment, a storm.
const BATCHES: [u64; 3] = [1, 8, 64];
/// Batches submitted and not yet answered. With two, one is decided while the
/// other is synced, as the engine does; with one, each waits for two changes of
/// thread as well.
const AHEAD: [usize; 2] = [2, 1];
const ROUNDS: usize = 9;
/// Commits in one round: enough for some thousand fsyncs in all.
const COMMITS: u64 = 400;
/// Presses waiting at a time in the last line, each with one event.
const PRESSES: usize = 64;

fn main() {
    println!("{:<44} {:>12} {:>12} {:>7}", "", "journal", "bare SQLite", "ratio");
    for (ahead, batch) in AHEAD.into_iter().flat_map(|ahead| BATCHES.map(|batch| (ahead, batch))) {
        let mut rounds: Vec<(f64, f64)> = (0..ROUNDS)
            .map(|round| {
                // Each goes first in turn.
                if round % 2 == 0 {
                    let ours = through_the_journal(batch, ahead);
                    (ours, bare(batch))
                } else {
                    let floor = bare(batch);
                    (through_the_journal(batch, ahead), floor)
                }
            })
            .collect();
        rounds.sort_by(|a, b| (a.0 / a.1).total_cmp(&(b.0 / b.1)));
        let (ours, floor) = rounds[ROUNDS / 2];
        let what = format!("{batch} events a batch, {ahead} batches on their way");
        println!("{what:<44} {ours:>10.0}/s {floor:>10.0}/s {:>7.2}", ours / floor);
    }
    let mut rates: Vec<f64> = (0..ROUNDS).map(|_| through_the_journal(1, PRESSES)).collect();
    rates.sort_by(f64::total_cmp);
    let what = format!("{PRESSES} presses on their way, 1 event each");
    println!("{what:<44} {:>10.0}/s", rates[ROUNDS / 2]);
}

/// As large as a call with its cause is.
fn event(n: u64) -> Entry {
    Entry {
        at_ms: 1_767_225_600_000 + i64::try_from(n).unwrap(),
        kind: "TicketCalled".into(),
        cause: format!(r#"{{"device":"pad-12","session":190233,"sequence":{n},"clerk":"zhang"}}"#),
        body: format!(
            r#"{{"ticket":"A{n:04}","window":"w12","service":"social-insurance","why":"first-come","waited_ms":734211}}"#
        ),
    }
}

fn started(directory: &Path) -> JournalWriter {
    let opened = Journal::open(directory, "bench-hall").unwrap();
    opened.replay(|_| Ok::<(), Infallible>(())).unwrap().start().unwrap()
}

fn through_the_journal(batch: u64, ahead: usize) -> f64 {
    let directory = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let writer = started(directory.path());
    let (answer, answers) = mpsc::channel();
    let batches = batches(batch);
    let begun = Instant::now();
    for (n, entries) in batches.into_iter().enumerate() {
        if n >= ahead {
            answers.recv().unwrap();
        }
        let answer = answer.clone();
        writer.reserve().unwrap().append(entries, move |result| answer.send(result.unwrap()).unwrap());
    }
    answers.iter().take(ahead).count();
    rate(batch, begun)
}

fn bare(batch: u64) -> f64 {
    let directory = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let mut connection = Connection::open(directory.path().join("bare.sqlite3")).unwrap();
    connection
        .execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
             CREATE TABLE event (
                 seq INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, kind TEXT NOT NULL,
                 cause TEXT NOT NULL, body TEXT NOT NULL, hash BLOB NOT NULL
             ) STRICT;",
        )
        .unwrap();
    let mut seq = 0_i64;
    let batches = batches(batch);
    let begun = Instant::now();
    for entries in batches {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).unwrap();
        {
            let mut insert =
                transaction.prepare_cached("INSERT INTO event VALUES (?1, ?2, ?3, ?4, ?5, ?6)").unwrap();
            for Entry { at_ms, kind, cause, body } in entries {
                seq += 1;
                insert.execute(params![seq, at_ms, kind, cause, body, [7_u8; 32]]).unwrap();
            }
        }
        transaction.commit().unwrap();
    }
    rate(batch, begun)
}

/// The events of one round. Made before the clock starts.
fn batches(batch: u64) -> Vec<Vec<Entry>> {
    (0..COMMITS).map(|n| (n * batch..(n + 1) * batch).map(event).collect()).collect()
}

/// Events a second.
fn rate(batch: u64, begun: Instant) -> f64 {
    f64::from(u32::try_from(COMMITS * batch).unwrap()) / begun.elapsed().as_secs_f64()
}
