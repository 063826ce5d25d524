//! Held to queueing theory: the closed forms of references/theory.csv lie inside the confidence
//! intervals of simulated means.
//!
//! Seeds are 1, 2, 3, … as many as a family needs days; none is chosen with hindsight. The rows of one
//! test are one family: each comparison is made at a confidence of `1 - 0.01 / comparisons`
//! (Bonferroni), so that a right simulator fails a whole family with at most one of a hundred choices
//! of seeds. Long waits are skewed, and Student's interval is right only for means of enough days: the
//! families of small, slow queues have more of them.
#![allow(clippy::unwrap_used, missing_docs, unreachable_pub)]

mod closed_forms;
mod halls;

use closed_forms::{Row, rows};
use hall_core::plan::{Policy, Routing};
use hall_simulate::Estimate;
use halls::{Measured, Model};

/// A row's metric on one simulated day.
type Metric = fn(&Measured) -> f64;

fn metric(row: &Row) -> Metric {
    match row.metric.as_str() {
        "p_wait" => |measured| measured.share_waiting,
        "mean_wait" | "mean_wait_all" => |measured| measured.mean_wait,
        "mean_wait_high" => |measured| measured.mean_wait_high,
        "mean_wait_low" => |measured| measured.mean_wait_low,
        "p_wait_over_1" => |measured| measured.share_over_1,
        "p_abandon" => |measured| measured.share_abandoned,
        other => panic!("nothing is measured as {other}"),
    }
}

/// Every row is inside the interval over so many days.
fn check(rows: &[Row], days: u64, model: impl Fn(&Row) -> Model) {
    assert!(!rows.is_empty());
    let comparisons = f64::from(u32::try_from(rows.len()).unwrap());
    // Rows with the same parameters are of the same days.
    for rows in rows.chunk_by(|one, other| one.parameters == other.parameters) {
        let model = model(&rows[0]);
        let measured: Vec<Measured> = (1..=days).map(|seed| model.measure(seed)).collect();
        for row in rows {
            let values: Vec<f64> = measured.iter().map(metric(row)).collect();
            covers(row, Estimate::of(&values, 1.0 - 0.01 / comparisons));
        }
    }
}

fn covers(row: &Row, estimate: Estimate) {
    let Estimate { mean, half_width } = estimate;
    println!("{row}: {mean:.4} ± {half_width:.4}");
    assert!(estimate.covers(row.value), "{row}: simulated {mean} ± {half_width}");
    // An interval that covers everything proves nothing.
    assert!(half_width < (0.5 * row.value).max(0.1), "{row}: only known to ± {half_width}");
}

fn servers_wait_as_erlang_says(are_meant: fn(f64) -> bool) {
    let mut rows = rows("M/M/c");
    rows.retain(|row| are_meant(row.get("c")));
    check(&rows, 16, |row| Model::exponential(row.get("c"), row.get("c") * row.get("rho"), row.get("rho")));
}

#[test]
fn a_few_servers_wait_as_erlang_says() {
    servers_wait_as_erlang_says(|servers| servers <= 20.0);
}

/// Apart from the others, because these days are the longest by far.
#[test]
fn many_servers_wait_as_erlang_says() {
    servers_wait_as_erlang_says(|servers| servers > 20.0);
}

#[test]
fn impatient_citizens_leave_as_erlang_a_says() {
    check(&rows("M/M/c+M"), 16, |row| Model {
        patience: Some(1.0 / row.get("patience_rate")),
        ..Model::exponential(row.get("c"), row.get("arrival_rate"), 0.8)
    });
}

#[test]
fn one_server_waits_as_pollaczek_and_khinchine_say() {
    check(&rows("M/G/1"), 16, |row| Model {
        cv: Some(row.get("cv")),
        ..Model::exponential(1.0, row.get("rho"), row.get("rho"))
    });
}

#[test]
fn priority_classes_wait_as_cobham_says() {
    // Without a quota: every call may pass.
    let policy = Policy { routing: Routing::Priority, priority_quota: 1, ..Policy::default() };
    check(&rows("M/M/c non-preemptive priority"), 64, |row| Model {
        policy: policy.clone(),
        ..Model::two_classes(row.get("c"), row.get("rho_high"), row.get("rho_low"))
    });
}

#[test]
fn credit_accumulates_as_kleinrock_says() {
    check(&rows("M/M/1 accumulating priority"), 64, |row| {
        let permille = (row.get("credit_rate_low") / row.get("credit_rate_high") * 1_000.0).round();
        let ordinary_credit_permille = (0..=1_000).find(|n| f64::from(*n) >= permille).unwrap();
        // Without a quota, and nobody is old enough to go first for that.
        let policy = Policy {
            routing: Routing::Accumulating,
            priority_quota: 1,
            starvation_minutes: u16::MAX,
            ordinary_credit_permille,
            ..Policy::default()
        };
        Model { policy, ..Model::two_classes(1.0, row.get("rho_high"), row.get("rho_low")) }
    });
}

/// All come at once; the one with `n` in line ahead waits for `n + 1` services to end, and each is
/// independent of the others' days. The variance, unlike the deviation, has an unbiased estimate.
#[test]
fn behind_so_many_the_wait_is_erlang_distributed() {
    const GROUPS: u64 = 120;
    const DAYS: u64 = 40;
    let rows = rows("conditional wait, Erlang(n+1)");
    let comparisons = f64::from(u32::try_from(rows.len()).unwrap());
    for rows in rows.chunk_by(|one, other| one.parameters == other.parameters) {
        let (ahead, busy) = (rows[0].get("ahead_in_line"), rows[0].get("busy_servers"));
        let wait = |seed| halls::wait_behind(ahead, busy, seed);
        let groups: Vec<Vec<f64>> =
            (0..GROUPS).map(|group| (1..=DAYS).map(|day| wait(group * DAYS + day)).collect()).collect();
        for row in rows {
            let deviation = row.metric == "sd";
            let of = |group: &Vec<f64>| if deviation { variance(group) } else { mean(group) };
            let values: Vec<f64> = groups.iter().map(of).collect();
            let value = if deviation { row.value * row.value } else { row.value };
            covers(&Row { value, ..row.clone() }, Estimate::of(&values, 1.0 - 0.01 / comparisons));
        }
    }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / f64::from(u32::try_from(values.len()).unwrap())
}

fn variance(values: &[f64]) -> f64 {
    let mean = mean(values);
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    squares / f64::from(u32::try_from(values.len() - 1).unwrap())
}
