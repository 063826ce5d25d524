//! The balancer against its bars: the reference halls, each with 20 days a seed.
//!
//! With the balancer on, each figure of each seed is held to 1.02 times the `index` row of
//! `references/results.csv`; with it off, means of first come, first served are compared with the
//! `static` row. At the end what a day of some 10,000 citizens and 100 windows costs on one core.
//! `cargo bench -p hall-simulate --bench balance`; behind `--` the number of seeds, 5 when it is not given.
#![allow(clippy::unwrap_used, missing_docs)]

use std::hint::black_box;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc;
use std::time::Instant;

use hall_core::plan::{Balance, Policy, Routing};
use hall_simulate::{Estimate, Figures, Scenario, Setting, simulate};

const REPLICATIONS: u64 = 20;
const SEEDS: u64 = 5;
/// How much more than the `index` row a figure may be.
const BAR: f64 = 1.02;
/// How many moves a window and day there may be.
const MOVES_BAR: f64 = 1.5;
/// A figure agrees with the reference when both are within their common interval of this confidence.
const CONFIDENCE: f64 = 0.999;
/// How far the reference may be rounded.
const ROUNDING: f64 = 5e-4;
/// Days whose median time is printed.
const TIMED_DAYS: u64 = 15;

type Column = (&'static str, &'static str, fn(&Figures) -> f64);

const COLUMNS: [Column; 4] = [
    ("mean_wait_minutes", "mean_wait", |figures| figures.mean_wait_minutes),
    ("share_over_target", "share_over_target", |figures| figures.share_over_target),
    ("abandoned", "abandoned", |figures| figures.abandoned),
    ("worst_service_mean_minutes", "worst_service_mean", |figures| figures.worst_service_mean_minutes),
];

fn main() {
    let seeds = std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(SEEDS);
    let scenarios = scenarios();
    println!(
        "{:13} {:28} {:>9} {:>9}  {:>9} {:>9}  verdict",
        "auto", "figure", "index", "bar", "mean", "worst"
    );
    for scenario in &scenarios {
        let runs: Vec<Vec<Figures>> = (1..=seeds).map(|seed| days(scenario, &auto(), seed)).collect();
        let row = row(&scenario.name, "index");
        for (name, column, of) in COLUMNS {
            let means: Vec<f64> = runs.iter().map(|days| mean(days, of)).collect();
            let bar = BAR * row(column);
            print_row(&scenario.name, name, row(column), bar, &means);
        }
        let windows = f64::from(u32::try_from(scenario.windows.len()).unwrap());
        let moves: Vec<f64> = runs.iter().map(|days| mean(days, |figures| figures.moves) / windows).collect();
        print_row(&scenario.name, "moves a window", 0.0, MOVES_BAR, &moves);
    }
    println!("\n{:13} {:28} {:>9}  {:>9} {:>9}  verdict", "fcfs, off", "figure", "static", "mean", "±");
    for scenario in &scenarios {
        let days = days(scenario, &setting(Routing::Fcfs, Balance::Off), 1);
        let row = row(&scenario.name, "static");
        for (name, column, of) in COLUMNS {
            let values: Vec<f64> = days.iter().map(of).collect();
            let Estimate { mean, half_width } = Estimate::of(&values, CONFIDENCE);
            // Both are means of as many days.
            let noise = half_width * std::f64::consts::SQRT_2 + ROUNDING * row(column);
            let agrees = verdict((mean - row(column)).abs() <= noise);
            println!("{:13} {name:28} {:9.4}  {mean:9.4} {noise:9.4}  {agrees}", scenario.name, row(column));
        }
    }
    let city = scenarios.iter().max_by_key(|scenario| scenario.windows.len()).unwrap();
    println!("\na day on one core            ms     bar  verdict");
    for (name, setting, bar) in [
        ("fcfs, balancer off", setting(Routing::Fcfs, Balance::Off), 50.0),
        ("service level, auto", auto(), 500.0),
    ] {
        let (ms, citizens) = timed(city, &setting);
        let good = verdict(ms < bar);
        println!("{name:20} {ms:10.1} {bar:7.0}  {good} ({citizens:.0} citizens)");
    }
}

fn print_row(scenario: &str, figure: &str, index: f64, bar: f64, means: &[f64]) {
    let worst = means.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let over: Vec<String> = (1..)
        .zip(means)
        .filter(|(_, mean)| **mean > bar)
        .map(|(seed, _): (u64, _)| seed.to_string())
        .collect();
    let all = means.iter().sum::<f64>() / f64::from(u32::try_from(means.len()).unwrap());
    let verdict = if over.is_empty() { "good".to_owned() } else { format!("OVER: seeds {}", over.join(" ")) };
    println!("{scenario:13} {figure:28} {index:9.4} {bar:9.4}  {all:9.4} {worst:9.4}  {verdict}");
}

const fn verdict(good: bool) -> &'static str {
    if good { "good" } else { "OVER" }
}

fn auto() -> Setting {
    setting(Routing::ServiceLevel, Balance::Auto)
}

fn setting(routing: Routing, balance: Balance) -> Setting {
    Setting { policy: Policy { routing, balance, ..Policy::default() }, ..Setting::default() }
}

fn mean(days: &[Figures], of: fn(&Figures) -> f64) -> f64 {
    days.iter().map(of).sum::<f64>() / f64::from(u32::try_from(days.len()).unwrap())
}

/// The days of a seed, on all cores, in their order.
fn days(scenario: &Scenario, setting: &Setting, seed: u64) -> Vec<Figures> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let next = AtomicU64::new(0);
    let (sender, receiver) = mpsc::channel();
    std::thread::scope(|scope| {
        for _ in 0..cores {
            let (sender, next) = (sender.clone(), &next);
            scope.spawn(move || {
                loop {
                    let replication = next.fetch_add(1, Ordering::Relaxed);
                    if replication >= REPLICATIONS {
                        return;
                    }
                    let diary = simulate(scenario, setting, seed, replication).unwrap();
                    sender.send((replication, Figures::of(scenario, &diary))).unwrap();
                }
            });
        }
    });
    drop(sender);
    let mut days: Vec<(u64, Figures)> = receiver.iter().collect();
    days.sort_by_key(|(replication, _)| *replication);
    days.into_iter().map(|(_, figures)| figures).collect()
}

/// Milliseconds, and citizens: the median over some days, because days differ.
fn timed(scenario: &Scenario, setting: &Setting) -> (f64, f64) {
    let mut days: Vec<(f64, f64)> = (0..TIMED_DAYS)
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

fn reference(path: &str) -> String {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("references");
    std::fs::read_to_string(root.join(path)).unwrap()
}

fn scenarios() -> Vec<Scenario> {
    ["dev-county", "dev-district", "dev-city"]
        .into_iter()
        .map(|name| Scenario::read(&reference(&format!("scenarios/{name}.json"))).unwrap())
        .collect()
}

/// The columns of a row of results.csv by their names.
fn row(scenario: &str, policy: &str) -> impl Fn(&str) -> f64 + use<> {
    let table = reference("results.csv");
    let split = |line: &str| line.split(',').map(str::to_owned).collect::<Vec<_>>();
    let mut lines = table.lines();
    let names = split(lines.next().unwrap());
    let row = lines.map(split).find(|row| row[0] == scenario && row[1] == policy).unwrap();
    move |name| row[names.iter().position(|other| other == name).unwrap()].parse().unwrap()
}
