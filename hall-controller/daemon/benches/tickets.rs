//! Durable tickets a second through engine, core and journal, against bare `SQLite` on the same disk
//! in the same run.
//!
//! Bare means the same rows in the same batches, and nothing else: a commit for each burst of presses, of rows
//! whose text is that of the median row of the journal, with a hash of as many bytes, from one thread that has
//! all of them at hand. It keeps no note of the chain's head and answers nobody. The hall's presses come from
//! a task of the runtime, as those of devices do from the gateway; they are made before the clock starts.
//! Three bursts are under way at a time: one is handed in, one decided, one synced. The floor never waits for
//! its rows either. The journal may take more than one burst into a commit, which the floor never does, or
//! less than one; how many it took is printed.
//!
//! Before the clock starts both write until their log has been copied into the file once. From then on a log
//! is written over, as in every hall that has been open for a while; while it grows, each sync has to find
//! it room on the disk as well.
//!
//! Rounds alternate between the two, so that a disk that slows down slows down both; the ratio is
//! the median over the rounds. The bar (DESIGN 11) is 0.80. `cargo xtask bench tickets`.
#![allow(clippy::unwrap_used, missing_docs)]

use std::collections::VecDeque;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use hall_controller::clock::Clock;
use hall_controller::engine::{Engine, EngineHandle, Outcome, Submission};
use hall_controller::metrics::Metrics;
use hall_controller::storage::{self, Recovered};
use hall_core::answer::Answer;
use hall_core::command::Command;
use hall_core::event::{Device, PressId};
use hall_core::plan::only_ordinary;
use hall_core::plan::{
    Calendar, FourDigits, Kiosk, Limits, Name, Plan, PlanParts, Policy, Service, WeeklyHours, Window, Zone,
};
use hall_journal::JOURNAL_FILE;
use hall_protocol::id::{DeviceId, ServiceId};
use hall_protocol::payload::Class;
use jiff::civil::Time;
use jiff::tz::TimeZone;
use rusqlite::{Connection, Row, TransactionBehavior, params};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// Tickets asked for at the same moment: a quiet hall, a busy one, a storm.
const BURSTS: [u32; 3] = [1, 8, STORM];
const STORM: u32 = 64;
/// Bursts under way: one is handed in, one decided, one synced.
const AHEAD: u32 = 3;
const ROUNDS: usize = 9;
/// Bursts in one round: `SQLite` copies the log into the file some five times.
const BURSTS_TIMED: u32 = 400;
/// Before the clock starts: a thousand pages of log and a few more.
const BURSTS_BEFORE: u32 = 100;
/// Each has 9,999 numbers a day.
const SERVICES: [&str; 4] = ["A", "B", "C", "D"];
/// Sessions of each kiosk, one after the other.
const SESSION_BEFORE: u32 = 1;
const SESSION_TIMED: u32 = 2;
/// The row of an issued ticket of median length.
const MEDIAN_ROW: &str = "SELECT cause, body FROM event WHERE kind = 'issued' ORDER BY length(cause) + length(body) \
     LIMIT 1 OFFSET (SELECT count(*) / 2 FROM event WHERE kind = 'issued')";

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    println!("{:<44} {:>12} {:>12} {:>7} {:>16}", "", "tickets", "bare SQLite", "ratio", "bursts a commit");
    for burst in BURSTS {
        let Ran { row, .. } = runtime.block_on(through_the_hall(burst));
        let mut rounds: Vec<(Ran, f64)> = (0..ROUNDS)
            .map(|round| {
                // Each goes first in turn.
                if round % 2 == 0 {
                    let ours = runtime.block_on(through_the_hall(burst));
                    (ours, bare(burst, &row))
                } else {
                    let floor = bare(burst, &row);
                    (runtime.block_on(through_the_hall(burst)), floor)
                }
            })
            .collect();
        rounds.sort_by(|a, b| (a.0.rate / a.1).total_cmp(&(b.0.rate / b.1)));
        let (Ran { rate, bursts_a_commit, .. }, floor) = &rounds[ROUNDS / 2];
        let what = format!("{burst} kiosk(s) in a burst, {AHEAD} bursts under way");
        let ratio = rate / floor;
        println!("{what:<44} {rate:>10.0}/s {floor:>10.0}/s {ratio:>7.2} {bursts_a_commit:>16.2}");
    }
}

fn kiosk(number: u32) -> DeviceId {
    format!("K{number}").parse().unwrap()
}

fn plan(kiosks: u32) -> Plan {
    let name = || Name { zh: "厅".into(), en: "Hall".into() };
    let services: Vec<ServiceId> = SERVICES.iter().map(|id| id.parse().unwrap()).collect();
    Plan::new(PlanParts {
        hall: "bench".parse().unwrap(),
        name: name(),
        zones: vec![Zone { id: "A".parse().unwrap(), name: name() }],
        services: SERVICES
            .iter()
            .map(|id| Service {
                id: id.parse().unwrap(),
                name: name(),
                prefix: id.parse().unwrap(),
                digits: FourDigits(true),
                zone: "A".parse().unwrap(),
                hours: WeeklyHours::Always,
                limits: Limits::default(),
                slots: Vec::new(),
                target_minutes: 15,
                usual_seconds: None,
            })
            .collect(),
        windows: vec![Window {
            id: "1".parse().unwrap(),
            label: "1".into(),
            services: services.clone(),
            backup: Vec::new(),
            hours: WeeklyHours::Always,
        }],
        kiosks: (0..kiosks)
            .map(|number| Kiosk {
                id: kiosk(number),
                services: services.clone(),
                classes: only_ordinary(),
                classes_to_confirm: Vec::new(),
                lease: 0,
            })
            .collect(),
        clerks: Vec::new(),
        calendar: Calendar::default(),
        policy: Policy::default(),
    })
    .unwrap()
}

/// What came of a round.
struct Ran {
    /// Tickets a second.
    rate: f64,
    /// On the average, while the clock ran.
    bursts_a_commit: f64,
    /// Of a ticket of median length.
    row: Texts,
}

/// What a row of the journal says.
struct Texts {
    cause: String,
    body: String,
}

async fn through_the_hall(burst: u32) -> Ran {
    let directory = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let plan = plan(burst * AHEAD);
    let Recovered { hall, seq, writer, .. } =
        storage::recover(storage::claim(directory.path()).unwrap(), plan.hall()).unwrap();
    let commits = writer.commits();
    let clock = Clock::new(TimeZone::UTC, Time::midnight());
    let (engine, handle) = Engine::new(hall, seq, writer, clock, Arc::new(Metrics::default()));
    let cancel = CancellationToken::new();
    let engine = tokio::spawn(engine.run(cancel.clone()));
    let (done, mut answers) = mpsc::unbounded_channel();
    submit(&handle, Command::AdoptPlan(Box::new(plan)), &done).await;
    answers.recv().await.unwrap();

    let kiosks = burst * AHEAD;
    let (before, timed) = (
        presses(kiosks, SESSION_BEFORE, BURSTS_BEFORE, STORM),
        presses(kiosks, SESSION_TIMED, BURSTS_TIMED, burst),
    );
    // On the runtime, where the daemon's gateway is.
    let rate = tokio::spawn(async move {
        hand_in(before, &handle, &done, &mut answers).await;
        let committed = commits.load(Ordering::Relaxed);
        let begun = Instant::now();
        hand_in(timed, &handle, &done, &mut answers).await;
        let rate = f64::from(BURSTS_TIMED * burst) / begun.elapsed().as_secs_f64();
        let commits = u32::try_from(commits.load(Ordering::Relaxed) - committed).unwrap();
        (rate, f64::from(BURSTS_TIMED) / f64::from(commits))
    });
    let (rate, bursts_a_commit) = rate.await.unwrap();
    cancel.cancel();
    engine.await.unwrap().unwrap();
    let journal = Connection::open(directory.path().join(JOURNAL_FILE)).unwrap();
    let texts = |row: &Row<'_>| Ok(Texts { cause: row.get(0)?, body: row.get(1)? });
    Ran { rate, bursts_a_commit, row: journal.query_row(MEDIAN_ROW, [], texts).unwrap() }
}

/// So many bursts, one after the other at the next of the kiosks, each of which has presses of one session.
fn presses(kiosks: u32, session: u32, bursts: u32, burst: u32) -> Vec<Vec<Command>> {
    let press = |number: u32| {
        let device = Device::Kiosk(kiosk(number % kiosks));
        let press = PressId { device, session, seq: number / kiosks + 1 };
        let service = SERVICES[number as usize % SERVICES.len()].parse().unwrap();
        Command::Take { press, age_ms: 0, service, class: Class::Ordinary, also: Vec::new() }
    };
    (0..bursts).map(|number| (number * burst..(number + 1) * burst).map(press).collect()).collect()
}

/// Hands `bursts` in, [`AHEAD`] of them at a time, and waits for every ticket.
async fn hand_in(
    bursts: Vec<Vec<Command>>,
    handle: &EngineHandle,
    done: &mpsc::UnboundedSender<Outcome>,
    answers: &mut mpsc::UnboundedReceiver<Outcome>,
) {
    let mut under_way = VecDeque::new();
    for burst in bursts {
        if under_way.len() == AHEAD as usize {
            await_tickets(answers, under_way.pop_front().unwrap()).await;
        }
        under_way.push_back(burst.len());
        for press in burst {
            submit(handle, press, done).await;
        }
    }
    for count in under_way {
        await_tickets(answers, count).await;
    }
}

async fn submit(handle: &EngineHandle, command: Command, done: &mpsc::UnboundedSender<Outcome>) {
    let done = done.clone();
    let told = Box::new(move |outcome| done.send(outcome).unwrap());
    let handed_in = handle.submit(Submission { command, received: Instant::now(), done: told }).await;
    handed_in.unwrap();
}

async fn await_tickets(answers: &mut mpsc::UnboundedReceiver<Outcome>, count: usize) {
    for _ in 0..count {
        let outcome = answers.recv().await.unwrap();
        assert!(matches!(outcome, Outcome::Answered(Answer::Ticket { .. })), "{outcome:?}");
    }
}

fn bare(burst: u32, row: &Texts) -> f64 {
    let directory = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let mut connection = opened(directory.path());
    commits(&mut connection, BURSTS_BEFORE, STORM, row);
    let begun = Instant::now();
    commits(&mut connection, BURSTS_TIMED, burst, row);
    f64::from(BURSTS_TIMED * burst) / begun.elapsed().as_secs_f64()
}

fn commits(connection: &mut Connection, count: u32, batch: u32, Texts { cause, body }: &Texts) {
    let mut seq: i64 =
        connection.query_row("SELECT coalesce(max(seq), 0) FROM event", [], |row| row.get(0)).unwrap();
    for _ in 0..count {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).unwrap();
        {
            let mut insert =
                transaction.prepare_cached("INSERT INTO event VALUES (?1, ?2, ?3, ?4, ?5, ?6)").unwrap();
            for _ in 0..batch {
                seq += 1;
                let row = params![seq, 1_767_225_600_000_i64 + seq, "issued", cause, body, [7_u8; 32]];
                insert.execute(row).unwrap();
            }
        }
        transaction.commit().unwrap();
    }
}

fn opened(directory: &Path) -> Connection {
    let connection = Connection::open(directory.join("bare.sqlite3")).unwrap();
    connection
        .execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
             CREATE TABLE event (
                 seq INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, kind TEXT NOT NULL,
                 cause TEXT NOT NULL, body TEXT NOT NULL, hash BLOB NOT NULL
             ) STRICT;",
        )
        .unwrap();
    connection
}
