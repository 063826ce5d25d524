//! From a press at the controller to the sign that shows it, against one commit on the same disk.
//!
//! The whole demo hall runs: broker, link, engine, journal, serial lines on pseudo-terminals with
//! signs behind them. A pseudo-terminal has no wire time, so what is measured is ours: parse,
//! decide, one commit, render, encode, and the sign's acknowledgement. The bar (DESIGN 11): the
//! 99th percentile is at most one commit's 99th percentile plus 5 ms. `cargo xtask bench press`.
#![allow(clippy::unwrap_used, missing_docs)]

use std::path::Path;
use std::time::{Duration, Instant};

use hall_controller::clock::Clock;
use hall_controller::config::{Config, Mqtt};
use hall_controller::devices::{Pressed, Wish};
use hall_controller::metrics::quantile;
use hall_controller::running::Running;
use hall_core::claim::Entry;
use hall_core::command::Details;
use hall_protocol::payload::{Class, Key, PressOutcome};
use rusqlite::{Connection, params};
use tokio_util::sync::CancellationToken;

const PRESSES: u32 = 500;
const EXAMPLE: &str = include_str!("../../../deploy/demo/hall.toml");

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let before = commits();
    let presses = runtime.block_on(presses());
    let mut commits = commits();
    commits.extend(before);
    commits.sort_by(f64::total_cmp);
    let line = |what: &str, p50: f64, p99: f64| println!("{what:<44} p50 {p50:>7.2} ms   p99 {p99:>7.2} ms");
    let (fsync_50, fsync_99) = (quantile(&commits, 0.5).unwrap(), quantile(&commits, 0.99).unwrap());
    line("press to sign", presses.0, presses.1);
    line("one commit on the same disk", fsync_50, fsync_99);
    println!("{:<44} p99 {:>+7.2} ms   (bar: +5 ms)", "beyond the commit", presses.1 - fsync_99);
    println!("bar|press to the sign's answer, p99 beyond one commit's p99|{}|ms|5", presses.1 - fsync_99);
}

/// p50 and p99 of the way to the sign, in milliseconds.
async fn presses() -> (f64, f64) {
    let directory = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let mut config = Config::parse(EXAMPLE, Path::new("deploy/demo/hall.toml")).unwrap();
    config.web.listen = "127.0.0.1:0".parse().unwrap();
    config.mqtt = Mqtt::Embedded { listen: "127.0.0.1:0".parse().unwrap() };
    config.journal.directory = directory.path().to_owned();
    config.plan = config.plan.with_double_press_guard(|_| 0);
    let clock = Clock::new(config.time_zone.clone(), config.day_starts());
    let running = Running::start(&config, Entry::IfFree, |_| clock).await.unwrap();
    let window = config.plan.windows().first().unwrap();
    let kiosk = config.plan.kiosks().first().unwrap();
    let service = *window.services.first().unwrap();
    let press = async |key| {
        let pressed = Pressed { key, ticket: None, reason: None, details: Details::default() };
        let reply = running.devices.press(window.id, pressed).await.unwrap();
        assert!(matches!(reply.outcome, PressOutcome::Done { .. }), "{key:?}: {reply:?}");
    };
    press(Key::Open).await;
    // The signs are identified and painted before the clock starts.
    tokio::time::sleep(Duration::from_secs(2)).await;
    for _ in 0..PRESSES {
        let wish = Wish { service, class: Class::Ordinary, also: Vec::new() };
        running.devices.take(kiosk.id, wish).await.unwrap();
        press(Key::Next).await;
        // A clerk is not faster than this, and the sign is at rest when the next press comes.
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let metrics = running.metrics.clone();
    let asked = CancellationToken::new();
    asked.cancel();
    running.until(&asked).await.unwrap();
    (metrics.press_to_sign_ms(0.5).unwrap(), metrics.press_to_sign_ms(0.99).unwrap())
}

/// How long commits of one row take, in milliseconds.
fn commits() -> Vec<f64> {
    let directory = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let connection = Connection::open(directory.path().join("bare.sqlite3")).unwrap();
    connection
        .execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE event (body TEXT);",
        )
        .unwrap();
    (0..PRESSES)
        .map(|number| {
            let begun = Instant::now();
            connection.execute("INSERT INTO event VALUES (?1)", params![format!("press {number}")]).unwrap();
            begun.elapsed().as_secs_f64() * 1_000.0
        })
        .collect()
}
