//! What a day of some 10,000 citizens and 100 windows costs on one core. The bar is 50 ms with the
//! balancer off.
//!
//! Days differ, so the median over some of them is printed. `cargo bench -p hall-simulate`.
#![allow(clippy::unwrap_used, missing_docs)]

use std::hint::black_box;
use std::time::Instant;

use hall_core::plan::Policy;
use hall_simulate::{Figures, Scenario, Setting, simulate};

const DAYS: u64 = 15;

fn main() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/references/scenarios/dev-city.json");
    let scenario = Scenario::read(&std::fs::read_to_string(path).unwrap()).unwrap();
    let setting = Setting { policy: Policy::default() };
    let mut days: Vec<(f64, f64)> = (0..DAYS)
        .map(|replication| {
            let begun = Instant::now();
            let diary = black_box(simulate(&scenario, &setting, 1, replication).unwrap());
            let figures = Figures::of(&scenario, &diary);
            (begun.elapsed().as_secs_f64() * 1e3, figures.issued)
        })
        .collect();
    days.sort_by(|one, other| one.0.total_cmp(&other.0));
    let (ms, issued) = days[days.len() / 2];
    println!("a day of {issued:.0} citizens and {} windows: {ms:.1} ms", scenario.windows.len());
}
