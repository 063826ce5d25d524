//! What a day of some 10,000 citizens and 100 windows costs on one core. The bar is 50 ms with the
//! balancer off and 500 ms with it on.
//!
//! Days differ, so the median over some of them is printed. `cargo bench -p hall-simulate`.
#![allow(clippy::unwrap_used, missing_docs)]

use std::hint::black_box;
use std::time::Instant;

use hall_core::plan::{Balance, Policy, Routing};
use hall_simulate::{Figures, Scenario, Setting, simulate};

const DAYS: u64 = 15;

fn main() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/references/scenarios/dev-city.json");
    let scenario = Scenario::read(&std::fs::read_to_string(path).unwrap()).unwrap();
    for (balance, routing) in [(Balance::Off, Routing::Fcfs), (Balance::Auto, Routing::ServiceLevel)] {
        let setting =
            Setting { policy: Policy { routing, balance, ..Policy::default() }, ..Setting::default() };
        let (ms, issued) = median_day(&scenario, &setting);
        let windows = scenario.windows.len();
        println!("{routing:?}, balance {balance:?}: {issued:.0} citizens, {windows} windows: {ms:.1} ms");
    }
}

/// Milliseconds, and citizens.
fn median_day(scenario: &Scenario, setting: &Setting) -> (f64, f64) {
    let mut days: Vec<(f64, f64)> = (0..DAYS)
        .map(|replication| {
            let begun = Instant::now();
            let diary = black_box(simulate(scenario, setting, 1, replication).unwrap());
            let figures = Figures::of(scenario, &diary);
            (begun.elapsed().as_secs_f64() * 1e3, figures.issued)
        })
        .collect();
    days.sort_by(|one, other| one.0.total_cmp(&other.0));
    days[days.len() / 2]
}
