//! A campaign: many seeds on all cores, a progress bar, and of the first that fails its history in
//! words. `cargo xtask simulate` runs it in release.

use std::fmt::Write as _;
use std::io::{IsTerminal, Write as _};
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use hall_faults::{Mutant, explain, run};

const USAGE: &str = "usage: simulate [--seeds N] [--from S]

Plays the histories of N seeds (10000 unless said otherwise), from seed S (0) on, on all cores.
On the first broken invariant its history is shortened and told, and the exit code is 1.

Example:
  cargo xtask simulate --seeds 100000 --from 1";

const BAR_CHARS: u64 = 30;

fn main() -> ExitCode {
    let Some((seeds, from)) = arguments() else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    // A panic is one of the things looked for, and told with its seed.
    std::panic::set_hook(Box::new(|_| {}));
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let (next, done, records) = (AtomicU64::new(0), AtomicU64::new(0), AtomicU64::new(0));
    let failed = AtomicU64::new(u64::MAX);
    let started = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                loop {
                    let nth = next.fetch_add(1, Ordering::Relaxed);
                    if nth >= seeds || failed.load(Ordering::Relaxed) != u64::MAX {
                        break;
                    }
                    let run = run(from + nth, Mutant::Sound);
                    if run.violation.is_some() {
                        failed.fetch_min(from + nth, Ordering::Relaxed);
                    }
                    records.fetch_add(u64::try_from(run.records).unwrap_or(0), Ordering::Relaxed);
                    done.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        let shown = std::io::stderr().is_terminal();
        while done.load(Ordering::Relaxed) < seeds && failed.load(Ordering::Relaxed) == u64::MAX {
            if shown {
                bar(done.load(Ordering::Relaxed), seeds, started.elapsed());
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    });
    bar(done.load(Ordering::Relaxed), seeds, started.elapsed());
    eprintln!();
    let seed = failed.load(Ordering::Relaxed);
    if seed != u64::MAX {
        println!(
            "{}",
            explain(seed, Mutant::Sound).unwrap_or_else(|| format!("seed {seed} fails now and then"))
        );
        println!("Again: cargo xtask simulate --seeds 1 --from {seed}");
        return ExitCode::FAILURE;
    }
    println!(
        "{seeds} seeds from {from}: every invariant held, {} records written, {:.1} s",
        records.load(Ordering::Relaxed),
        started.elapsed().as_secs_f64()
    );
    ExitCode::SUCCESS
}

/// How many seeds, from which on.
fn arguments() -> Option<(u64, u64)> {
    let (mut seeds, mut from) = (10_000, 0);
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let number = words.next()?.parse().ok()?;
        match word.as_str() {
            "--seeds" => seeds = number,
            "--from" => from = number,
            _ => return None,
        }
    }
    Some((seeds, from))
}

fn bar(done: u64, seeds: u64, took: Duration) {
    let full = done.saturating_mul(BAR_CHARS) / seeds.max(1);
    let mut line = String::from("\r[");
    for at in 0..BAR_CHARS {
        line.push(if at < full { '#' } else { '.' });
    }
    let rate = f64::from(u32::try_from(done).unwrap_or(u32::MAX)) / took.as_secs_f64().max(0.001);
    let _ = write!(line, "] {done}/{seeds} seeds, {rate:.0}/s ");
    let _ = std::io::stderr().write_all(line.as_bytes());
}
