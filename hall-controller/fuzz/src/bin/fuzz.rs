//! A campaign: the chosen targets one after the other on all cores, with progress, and of one that
//! fails its input in a file. `cargo xtask fuzz` runs it in release.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use clap::Parser;
use hall_fuzz::{Named, Outcome, TARGETS, fuzz, replay};

#[derive(Debug, Parser)]
#[command(
    bin_name = "cargo xtask fuzz",
    about = "Give every parser of outside bytes mutated input",
    after_help = "Examples:\n  cargo xtask fuzz\n  cargo xtask fuzz payload --seconds 600 --seed 7\n  \
                  cargo xtask fuzz payload --input target/fuzz/payload-1.bin"
)]
struct Asked {
    /// One target; without it, all
    target: Option<String>,
    /// How long each, in seconds
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// The same seed gives the same inputs
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Only give the target the bytes of this file
    #[arg(long, requires = "target")]
    input: Option<PathBuf>,
}

fn main() -> ExitCode {
    let asked = Asked::parse();
    let chosen: Vec<Named> = TARGETS
        .into_iter()
        .filter(|named| asked.target.as_ref().is_none_or(|target| *target == named.name))
        .collect();
    if chosen.is_empty() {
        eprintln!("error: no target of that name; there are:");
        for Named { name, says, .. } in TARGETS {
            eprintln!("  {name:<14} {says}");
        }
        return ExitCode::from(2);
    }
    let Some(file) = &asked.input else { return campaign(&chosen, &asked) };
    match (std::fs::read(file), chosen.first()) {
        (Ok(input), Some(named)) => match replay(*named, &input) {
            Ok(taken) => {
                println!("{}: {taken:?}", named.name);
                ExitCode::SUCCESS
            }
            Err(why) => {
                println!("{}: {why}", named.name);
                ExitCode::FAILURE
            }
        },
        (Err(error), _) => {
            eprintln!("error: {} cannot be read: {error}", file.display());
            ExitCode::from(2)
        }
        (Ok(_), None) => ExitCode::from(2),
    }
}

fn campaign(chosen: &[Named], asked: &Asked) -> ExitCode {
    let time = Duration::from_secs(asked.seconds);
    let cores = std::thread::available_parallelism().map_or(1, usize::from).min(chosen.len());
    let (next, done, given) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicU64::new(0));
    let failed = Mutex::new(Vec::new());
    let started = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                while let Some(named) = chosen.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let before = AtomicU64::new(0);
                    let told = |inputs: u64| {
                        given.fetch_add(inputs - before.swap(inputs, Ordering::Relaxed), Ordering::Relaxed);
                    };
                    let outcome = fuzz(*named, asked.seed, time, told);
                    println!("{}", said(*named, &outcome));
                    if outcome.failure.is_some() {
                        failed.lock().unwrap_or_else(PoisonError::into_inner).push(named.name);
                    }
                    done.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        let mut told = Instant::now();
        while done.load(Ordering::Relaxed) < chosen.len() {
            std::thread::sleep(Duration::from_millis(50));
            if told.elapsed() >= Duration::from_secs(5) {
                told = Instant::now();
                eprintln!(
                    "{} of {} targets done, {} inputs, {} s",
                    done.load(Ordering::Relaxed),
                    chosen.len(),
                    given.load(Ordering::Relaxed),
                    started.elapsed().as_secs()
                );
            }
        }
    });
    let failed = failed.into_inner().unwrap_or_else(PoisonError::into_inner);
    if failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// What came of one target; its failing input is written to a file.
fn said(named: Named, outcome: &Outcome) -> String {
    let Outcome { inputs, accepted, failure } = outcome;
    let Some(failure) = failure else {
        return format!("{:<14} {inputs} inputs, {accepted} accepted: all as it should be", named.name);
    };
    match hall_fuzz::keep_failure(named.name, &failure.input) {
        Ok(path) => format!(
            "{:<14} after {inputs} inputs: {}\n  the input, {} bytes, is in {}; again: cargo xtask fuzz {} --input {}",
            named.name,
            failure.why,
            failure.input.len(),
            path.display(),
            named.name,
            path.display(),
        ),
        Err(error) => format!(
            "{:<14} {}; its input {:02x?} cannot be kept: {error}",
            named.name, failure.why, failure.input
        ),
    }
}
