//! What the next two hours of a live hall cost, both ways, on one core, and how many afternoons the manager's
//! page can play in its time.
//!
//! The hall is that of a reference scenario, brought to a busy hour by a recorded day.
//! `cargo bench -p hall-simulate --bench what_if`
#![allow(clippy::unwrap_used, missing_docs)]

use std::hint::black_box;
use std::path::PathBuf;
use std::time::Instant;

use hall_core::Hall;
use hall_core::command::Order;
use hall_core::plan::{Balance, Policy, Routing};
use hall_core::time::{BusinessDay, HallTime, Now};
use hall_simulate::{Scenario, Setting, record, what_if};

/// When the manager asks, in minutes since midnight.
const MINUTE: u16 = 10 * 60 + 30;
/// Scenarios are played on this day.
const DAY: i32 = 20_000;
/// How long the page plays, in milliseconds (`TIME_MAX` in `daemon/src/what_if.rs`).
const TIME_MS: f64 = 700.0;
/// So many afternoons are to fit, each both ways.
const PLAYED_BAR: f64 = 20.0;
const ROUNDS: u64 = 15;

fn main() {
    let cores =
        f64::from(u32::try_from(std::thread::available_parallelism().map_or(1, usize::from)).unwrap());
    println!(
        "{:13} {:>8} {:>8} {:>10} {:>12} {:>6}  verdict",
        "hall", "windows", "waiting", "ms a play", "played both", "bar"
    );
    for name in ["dev-county", "dev-district", "dev-city"] {
        let hall = hall(name);
        let ms = cost(&hall);
        let played = TIME_MS / (2.0 * ms) * cores;
        let verdict = if played >= PLAYED_BAR { "good" } else { "OVER" };
        let waiting = hall.tickets().filter(|ticket| ticket.state.waits()).count();
        let windows = hall.plan().windows().len();
        println!("{name:13} {windows:8} {waiting:8} {ms:10.2} {played:12.1} {PLAYED_BAR:6}  {verdict}");
    }
}

/// The median of a play, in milliseconds.
fn cost(hall: &Hall) -> f64 {
    let window = hall.plan().windows()[0].id;
    let draft = [Order::Pause { window, reason: None }];
    let by = "manager".parse().unwrap();
    let mut costs: Vec<f64> = (0..ROUNDS)
        .flat_map(|replication| {
            [&[][..], &draft].map(|orders| {
                let begun = Instant::now();
                black_box(what_if(hall, now(), by, orders, 1, replication)).unwrap();
                begun.elapsed().as_secs_f64() * 1e3
            })
        })
        .collect();
    costs.sort_by(f64::total_cmp);
    costs[costs.len() / 2]
}

fn now() -> Now {
    let at = i64::from(DAY) * 86_400_000 + i64::from(MINUTE) * 60_000;
    Now { at: HallTime::from_unix_ms(at), day: BusinessDay::from_days(DAY), minute: MINUTE }
}

/// The hall in the middle of a recorded morning.
fn hall(name: &str) -> Hall {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("references/scenarios/{name}.json"));
    let scenario = Scenario::read(&std::fs::read_to_string(path).unwrap()).unwrap();
    let policy = Policy { routing: Routing::ServiceLevel, balance: Balance::Advise, ..Policy::default() };
    let setting = Setting { policy, ..Setting::default() };
    let journal = record(&scenario, &setting, 1, 0).unwrap();
    let mut hall = Hall::new(scenario.name.parse().unwrap());
    journal.iter().take_while(|stamped| stamped.at <= now().at).for_each(|stamped| hall.apply(stamped));
    hall
}
