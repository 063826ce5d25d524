//! The reference halls: with fcfs over the static allocation the means agree with those of an
//! independent simulator (references/results.csv, 20 replications each).
#![allow(clippy::unwrap_used, missing_docs)]

use std::path::PathBuf;

use hall_core::plan::{Balance, Policy, Routing};
use hall_simulate::{Calibration, Estimate, Figures, Scenario, Setting, simulate};

/// Replications of the reference, and here.
const REPLICATIONS: u64 = 20;
const SCENARIOS: [&str; 3] = ["dev-county", "dev-district", "dev-city"];

fn reference(path: &str) -> String {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("references");
    std::fs::read_to_string(root.join(path)).unwrap()
}

fn scenario(name: &str) -> Scenario {
    Scenario::read(&reference(&format!("scenarios/{name}.json"))).unwrap()
}

/// The columns of a row of results.csv by their names.
fn row(scenario: &str, policy: &str) -> impl Fn(&str) -> f64 {
    let table = reference("results.csv");
    let split = |line: &str| line.split(',').map(str::to_owned).collect::<Vec<_>>();
    let mut lines = table.lines();
    let names = split(lines.next().unwrap());
    let row = lines.map(split).find(|row| row[0] == scenario && row[1] == policy).unwrap();
    move |name| row[names.iter().position(|other| other == name).unwrap()].parse().unwrap()
}

fn fcfs() -> Setting {
    Setting { policy: Policy { routing: Routing::Fcfs, ..Policy::default() }, ..Setting::default() }
}

/// Both means are of 20 days, so their difference has twice the variance of one; 99.9 % for each of the
/// eighteen comparisons is 98 % for all together, and the reference is rounded.
#[test]
fn the_static_allocation_agrees_with_the_independent_simulator() {
    type Column = (&'static str, f64, fn(&Figures) -> f64);
    let columns: [Column; 6] = [
        ("issued", 0.5, |figures| figures.issued),
        ("abandoned", 0.1, |figures| figures.abandoned),
        ("mean_wait", 0.01, |figures| figures.mean_wait_minutes),
        ("p95_wait", 0.01, |figures| figures.p95_wait_minutes),
        ("share_over_target", 1e-4, |figures| figures.share_over_target),
        ("worst_service_mean", 0.01, |figures| figures.worst_service_mean_minutes),
    ];
    for name in SCENARIOS {
        let scenario = scenario(name);
        let days: Vec<Figures> = (0..REPLICATIONS)
            .map(|replication| Figures::of(&scenario, &simulate(&scenario, &fcfs(), 1, replication).unwrap()))
            .collect();
        let expected = row(name, "static");
        for (column, rounding, of) in columns {
            let values: Vec<f64> = days.iter().map(of).collect();
            let Estimate { mean, half_width } = Estimate::of(&values, 0.999);
            let difference = (mean - expected(column)).abs();
            println!("{name} {column}: {mean:.4} ± {half_width:.4}, reference {}", expected(column));
            assert!(
                difference <= half_width * std::f64::consts::SQRT_2 + rounding,
                "{name} {column}: {mean} ± {half_width}, but the reference has {}",
                expected(column)
            );
        }
    }
}

/// The reference's own days are others, so the bar is 1.02 times its row and the noise of our mean: 99 %
/// for each of the twelve comparisons is 88 % for all together.
#[test]
fn auto_is_at_least_as_good_as_the_index_row_with_few_moves() {
    type Column = (&'static str, fn(&Figures) -> f64);
    let columns: [Column; 4] = [
        ("mean_wait", |figures| figures.mean_wait_minutes),
        ("share_over_target", |figures| figures.share_over_target),
        ("abandoned", |figures| figures.abandoned),
        ("worst_service_mean", |figures| figures.worst_service_mean_minutes),
    ];
    let policy = Policy { routing: Routing::ServiceLevel, balance: Balance::Auto, ..Policy::default() };
    for name in SCENARIOS {
        let scenario = scenario(name);
        let days: Vec<Figures> = (0..REPLICATIONS)
            .map(|replication| {
                let setting = Setting { policy: policy.clone(), ..Setting::default() };
                Figures::of(&scenario, &simulate(&scenario, &setting, 1, replication).unwrap())
            })
            .collect();
        let bar = row(name, "index");
        for (column, of) in columns {
            let values: Vec<f64> = days.iter().map(of).collect();
            let Estimate { mean, half_width } = Estimate::of(&values, 0.99);
            println!("{name} {column}: {mean:.4} ± {half_width:.4}, index {}", bar(column));
            assert!(mean <= 1.02 * bar(column) + half_width, "{name} {column}: {mean} ± {half_width}");
        }
        let moves: f64 = days.iter().map(|day| day.moves).sum::<f64>() / 20.0;
        let windows = f64::from(u32::try_from(scenario.windows.len()).unwrap());
        assert!(moves > 0.0 && moves <= 1.5 * windows, "{name}: {moves} moves a day");
    }
}

/// The bound covers nine of ten, and each plain estimator is off by at least a tenth more, on the same days:
/// called by seniority or by index, with windows that are moved or not.
#[test]
fn estimates_are_calibrated_and_closer_than_the_plain_ones() {
    for (routing, balance) in [
        (Routing::Fcfs, Balance::Off),
        (Routing::Fcfs, Balance::Auto),
        (Routing::ServiceLevel, Balance::Off),
        (Routing::ServiceLevel, Balance::Auto),
    ] {
        let setting =
            Setting { policy: Policy { routing, balance, ..Policy::default() }, ..Setting::default() };
        for name in SCENARIOS {
            let scenario = scenario(name);
            let days: Vec<Calibration> = (0..REPLICATIONS)
                .map(|replication| simulate(&scenario, &setting, 1, replication).unwrap())
                .map(|diary| Calibration::of(&diary.visits))
                .collect();
            let mean = |of: fn(&Calibration) -> f64| {
                Estimate::of(&days.iter().map(of).collect::<Vec<_>>(), 0.95).mean
            };
            let (coverage, error) = (mean(|day| day.coverage_90), mean(|day| day.mean_absolute_error));
            let plain = [mean(|day| day.ql_error), mean(|day| day.les_error), mean(|day| day.hol_error)];
            let way = format!("{name} {routing:?} {balance:?}");
            println!("{way}: covers {coverage:.3}; off by {error:.2} min, QL, LES, HOL {plain:.2?}");
            assert!((0.88..=0.92).contains(&coverage), "{way}: {coverage}");
            assert!(plain.iter().all(|plain| error <= 0.9 * plain), "{way}: {error}, {plain:?}");
        }
    }
}

#[test]
fn the_same_seed_gives_the_same_day_and_another_gives_another() {
    let scenario = scenario("dev-county");
    let day = |seed, replication| simulate(&scenario, &fcfs(), seed, replication).unwrap();
    assert_eq!(day(7, 3), day(7, 3));
    assert!(day(7, 3) != day(7, 4) && day(7, 3) != day(8, 3));
}
