//! How long a start takes on a journal of a million events: from a snapshot and the longest tail it
//! may have, against replaying everything, on the same disk in the same run.
//!
//! The bar (issue 4) is 1 s with a snapshot. The journal holds days of a busy hall, decided by the
//! real core. `cargo xtask bench recovery`.
#![allow(clippy::unwrap_used, missing_docs)]

use std::path::Path;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use hall_controller::records;
use hall_controller::snapshots::{self, EVENTS_APART};
use hall_controller::storage::{self, Recovered};
use hall_core::Hall;
use hall_core::command::{Command, Details};
use hall_core::event::{Device, PressId, Stamped};
use hall_core::plan::Plan;
use hall_core::time::{BusinessDay, HallTime, Now};
use hall_journal::{Commit, Head, JournalWriter};
use hall_protocol::payload::{Class, Key};
use serde_json::json;

const EVENTS: u64 = 1_000_000;
/// Tickets a day: a large hall.
const TICKETS: u32 = 2_000;
const WINDOWS: u32 = 8;
const ROUNDS: usize = 5;
const ROUNDS_IN_FULL: usize = 3;

fn main() {
    let directory = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let begun = Instant::now();
    let written = write_days(directory.path());
    eprintln!("{written} events written in {:.0} s", begun.elapsed().as_secs_f64());

    let mut kept: Vec<Duration> = (0..ROUNDS).map(|_| start(directory.path(), false)).collect();
    for snapshot in hall_journal::Snapshot::newest_first(directory.path()) {
        std::fs::remove_file(snapshot.unwrap().path(directory.path())).unwrap();
    }
    let mut full: Vec<Duration> = (0..ROUNDS_IN_FULL).map(|_| start(directory.path(), true)).collect();
    kept.sort_unstable();
    full.sort_unstable();
    let (kept, full) = (kept[ROUNDS / 2].as_secs_f64(), full[ROUNDS_IN_FULL / 2].as_secs_f64());
    println!("{:<44} {:>12} {:>12} {:>7}", "", "snapshot", "full replay", "ratio");
    let what = format!("start on {written} events, a tail of {EVENTS_APART}");
    println!("{what:<44} {kept:>10.3} s {full:>10.3} s {:>7.2}", kept / full);
}

fn start(directory: &Path, in_full: bool) -> Duration {
    let begun = Instant::now();
    let Recovered { snapshot_seq, writer, .. } =
        storage::recover(storage::claim(directory).unwrap(), "bench".parse().unwrap()).unwrap();
    let took = begun.elapsed();
    assert_eq!(snapshot_seq == 0, in_full);
    writer.close().unwrap();
    took
}

fn plan() -> Plan {
    let name = json!({ "zh": "厅", "en": "Hall" });
    serde_json::from_value(json!({
        "hall": "bench",
        "name": name,
        "zones": [{ "id": "A", "name": name }],
        "services": [{
            "id": "social", "name": name, "prefix": "A", "digits": true,
            "zone": "A", "hours": [], "target_minutes": 15
        }],
        "windows": (1..=WINDOWS)
            .map(|id| json!({ "id": id.to_string(), "label": id.to_string(), "services": ["social"] }))
            .collect::<Vec<_>>(),
        "kiosks": [{ "id": "K1", "services": ["social"] }],
        "policy": { "double_press_guard_ms": 0, "press_age_max_ms": 10_000 }
    }))
    .unwrap()
}

/// The hall of the benchmark, ahead of its journal by less than a batch.
struct Days {
    hall: Hall,
    at_ms: i64,
    seq: u32,
    events: Vec<Stamped>,
}

impl Days {
    fn give(&mut self, command: &Command) {
        self.at_ms += 500;
        let day = BusinessDay::from_days(i32::try_from(self.at_ms / 86_400_000).unwrap());
        let now = Now { at: HallTime::from_unix_ms(self.at_ms), day, minute: 600 };
        let decision = self.hall.decide(command, now).unwrap();
        for stamped in &decision.events {
            self.hall.apply(stamped);
        }
        self.events.extend(decision.events);
    }

    fn press(&mut self, device: Device) -> PressId {
        self.seq += 1;
        PressId { device, session: 1, seq: self.seq }
    }

    fn key(&mut self, window: u32, key: Key) {
        let press = self.press(Device::Pad(window.to_string().parse().unwrap()));
        self.give(&Command::Key {
            press,
            age_ms: 0,
            key,
            ticket: None,
            reason: None,
            details: Details::default(),
        });
    }

    fn day(&mut self) {
        self.at_ms = (self.at_ms / 86_400_000 + 1) * 86_400_000;
        self.give(&Command::Tick);
        for window in 1..=WINDOWS {
            self.key(window, Key::Open);
        }
        for ticket in 0..TICKETS {
            let press = self.press(Device::Kiosk("K1".parse().unwrap()));
            let service = "social".parse().unwrap();
            self.give(&Command::Take { press, age_ms: 0, service, class: Class::Ordinary, also: Vec::new() });
            let window = ticket % WINDOWS + 1;
            self.key(window, Key::Next);
            self.key(window, Key::Start);
        }
    }
}

/// Days until [`EVENTS`] are written, and a snapshot with the longest tail behind it.
fn write_days(directory: &Path) -> u64 {
    let Recovered { hall, writer, .. } =
        storage::recover(storage::claim(directory).unwrap(), "bench".parse().unwrap()).unwrap();
    let mut days = Days { hall, at_ms: 0, seq: 0, events: Vec::new() };
    days.give(&Command::AdoptPlan(Box::new(plan())));
    let mut durable = days.hall.clone();
    let (mut written, mut kept) = (0, false);
    while written < EVENTS {
        days.day();
        let events = std::mem::take(&mut days.events);
        for batch in events.chunks(100) {
            if written >= EVENTS {
                break;
            }
            let commit = append(&writer, batch);
            for stamped in batch {
                durable.apply(stamped);
            }
            written = commit.last_seq;
            if !kept && written + EVENTS_APART >= EVENTS {
                let at = Head { seq: commit.last_seq, hash: commit.head_hash };
                snapshots::snapshot(&durable, at).unwrap().write(directory).unwrap();
                kept = true;
            }
        }
    }
    writer.close().unwrap();
    written
}

fn append(writer: &JournalWriter, batch: &[Stamped]) -> Commit {
    let (answer, answered) = mpsc::channel();
    let entries = batch.iter().map(|stamped| records::entry(stamped).unwrap()).collect();
    writer.reserve().unwrap().append(entries, move |result| answer.send(result).unwrap());
    answered.recv().unwrap().unwrap()
}
