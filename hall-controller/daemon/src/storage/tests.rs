//! A start is the same hall with a snapshot and without one, whatever happened before.

mod golden;
pub(crate) mod scribe;

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use hall_core::command::Command;
use hall_core::event::{Device, PressId};
use hall_journal::Head;
use hall_protocol::payload::{Class, Key};
use jiff::civil::Time;
use jiff::tz::TimeZone;
use proptest::prelude::*;
use proptest::sample::select;
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use self::scribe::{Scribe, plan, smaller_plan};
use super::*;
use crate::audit::{AuditError, verify_journal};
use crate::clock::Clock;
use crate::engine::{Engine, EngineHandle, Submission};
use crate::metrics::Metrics;
use crate::snapshots::Keeper;

/// One thing somebody does.
#[derive(Debug, Clone)]
enum Step {
    Take(&'static str, &'static str),
    Press(&'static str, Key),
    Wait(i64),
    Adopt(bool),
    Tick,
}

fn step() -> impl Strategy<Value = Step> {
    let kiosk = select(vec!["K1", "K2"]);
    let service = select(vec!["social", "tax", "property"]);
    let key = prop_oneof![3 => Just(Key::Next), 2 => select(Key::ALL.to_vec())];
    prop_oneof![
        8 => (kiosk, service).prop_map(|(kiosk, service)| Step::Take(kiosk, service)),
        10 => (select(vec!["1", "2", "3"]), key).prop_map(|(window, key)| Step::Press(window, key)),
        2 => (0_i64..40_000_000).prop_map(Step::Wait),
        1 => any::<bool>().prop_map(Step::Adopt),
        1 => Just(Step::Tick),
    ]
}

fn history(steps: Vec<Step>) -> Scribe {
    let mut scribe = Scribe::new();
    for window in ["1", "2", "3"] {
        scribe.key(window, Key::Open);
    }
    for step in steps {
        match step {
            Step::Take(kiosk, service) => scribe.take(kiosk, service),
            Step::Press(window, key) => scribe.key(window, key),
            Step::Wait(ms) => scribe.wait_ms(ms),
            Step::Adopt(smaller) => scribe.adopt(if smaller { smaller_plan() } else { plan() }),
            Step::Tick => scribe.give(&Command::Tick),
        }
    }
    scribe
}

/// The hall a start finds in `directory`, and the record of the snapshot it began with.
fn started(directory: &Path) -> (Hall, u64) {
    let recovered = recover(claim(directory).unwrap(), "county".parse().unwrap()).unwrap();
    recovered.writer.close().unwrap();
    (recovered.hall, recovered.snapshot_seq)
}

fn keep(scribe: &Scribe, at: Head, directory: &Path) {
    let hall = scribe.hall_after(usize::try_from(at.seq).unwrap());
    snapshots::snapshot(&hall, at).unwrap().write(directory).unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn a_start_from_any_snapshot_is_the_hall_of_a_full_replay(
        planned in any::<bool>(),
        mut steps in prop::collection::vec(step(), 1..80),
        place in any::<prop::sample::Index>(),
    ) {
        if planned {
            steps.insert(0, Step::Adopt(false));
        }
        let scribe = history(steps);
        prop_assume!(!scribe.journal.is_empty());
        let directory = tempfile::tempdir().unwrap();
        let heads = scribe.write(directory.path());
        let at = heads[place.index(heads.len())];
        keep(&scribe, at, directory.path());
        prop_assert_eq!(started(directory.path()), (scribe.hall.clone(), at.seq));
        let said = verify_journal(directory.path(), None).unwrap();
        let same = format!("The snapshot after record {} is", at.seq);
        prop_assert!(said.contains(&same), "{}", said);
    }
}

fn busy() -> Scribe {
    let mut steps = vec![Step::Adopt(false)];
    for _ in 0..6 {
        steps.extend([Step::Take("K1", "social"), Step::Take("K2", "social"), Step::Press("1", Key::Next)]);
    }
    let mut scribe = history(vec![]);
    for step in steps {
        match step {
            Step::Adopt(_) => scribe.adopt(plan()),
            Step::Take(kiosk, service) => scribe.take(kiosk, service),
            Step::Press(window, key) => {
                scribe.key(window, Key::Open);
                scribe.key(window, key);
            }
            Step::Wait(_) | Step::Tick => {}
        }
    }
    scribe
}

#[test]
fn a_snapshot_that_cannot_be_used_leaves_the_one_before_it_or_the_whole_journal() {
    let scribe = busy();
    let directory = tempfile::tempdir().unwrap();
    let heads = scribe.write(directory.path());
    keep(&scribe, heads[4], directory.path());
    keep(&scribe, heads[9], directory.path());
    assert_eq!(started(directory.path()), (scribe.hall.clone(), 10));

    let good = snapshots::snapshot(&scribe.hall_after(10), heads[9]).unwrap();
    let other_version = Snapshot { format: "json/0000000000000000".into(), ..good.clone() };
    let no_hall = Snapshot { state: b"{}".to_vec(), ..good.clone() };
    for wrong in [other_version, no_hall] {
        wrong.write(directory.path()).unwrap();
        assert_eq!(started(directory.path()), (scribe.hall.clone(), 5));
    }
    std::fs::write(good.path(directory.path()), "torn").unwrap();
    assert_eq!(started(directory.path()), (scribe.hall.clone(), 5));
    std::fs::remove_file(Snapshot { at: heads[4], ..good }.path(directory.path())).unwrap();
    assert_eq!(started(directory.path()), (scribe.hall.clone(), 0));
}

#[test]
fn the_audit_names_a_snapshot_that_is_not_what_the_journal_gives() {
    let scribe = busy();
    let directory = tempfile::tempdir().unwrap();
    let heads = scribe.write(directory.path());
    let forged = snapshots::snapshot(&scribe.hall_after(9), heads[9]).unwrap();
    forged.write(directory.path()).unwrap();
    let error = verify_journal(directory.path(), None).unwrap_err();
    assert!(matches!(error, AuditError::Snapshot { seq: 10, .. }), "{error}");
    assert!(error.to_string().contains("snapshot-00000000000000000010.hall"), "{error}");
}

async fn done(handle: &EngineHandle, command: Command) {
    let (told, answered) = oneshot::channel();
    let done = Box::new(move |outcome| drop(told.send(outcome)));
    assert!(handle.submit(Submission { command, received: Instant::now(), done }).await.is_ok());
    answered.await.unwrap();
}

#[tokio::test]
async fn a_running_engine_keeps_snapshots_and_the_next_start_reads_only_what_came_after() {
    let directory = tempfile::tempdir().unwrap();
    let recovered = recover(claim(directory.path()).unwrap(), "county".parse().unwrap()).unwrap();
    let clock = Clock::new(TimeZone::UTC, Time::midnight());
    let (engine, handle) =
        Engine::new(recovered.hall, recovered.seq, recovered.writer, clock, Arc::new(Metrics::default()));
    let engine = engine.with_snapshots(Keeper::new(directory.path().to_owned(), 20, 0));
    let cancel = CancellationToken::new();
    let running = tokio::spawn(engine.run(cancel.clone()));
    done(&handle, Command::AdoptPlan(Box::new(plan()))).await;
    for seq in 1..=110 {
        let press = PressId { device: Device::Kiosk("K1".parse().unwrap()), session: 1, seq };
        let service = "social".parse().unwrap();
        done(&handle, Command::Take { press, age_ms: 0, service, class: Class::Ordinary, also: Vec::new() })
            .await;
    }
    cancel.cancel();
    let left = running.await.unwrap().unwrap();
    let kept = Snapshot::newest_first(directory.path()).count();
    assert!((1..=2).contains(&kept), "{kept} snapshots");
    let (found, snapshot_seq) = started(directory.path());
    assert_eq!(found, left);
    assert!(snapshot_seq >= 20, "{snapshot_seq}");
    verify_journal(directory.path(), None).unwrap();
}
