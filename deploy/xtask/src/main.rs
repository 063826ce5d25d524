//! The project's own commands, run as `cargo xtask …`.
//!
//! Here is only the command line; each command is a module. What CI checks and what a developer
//! checks before a commit is the same code. Nothing here is shipped to a hall.

mod bench;
mod check;
mod command;
mod damage;
mod files;
mod firmware;
mod fonts;
mod fuzz;
mod histories;
mod lanes;
mod needs;
mod simulate;
mod steps;
mod tests_run;
mod totals;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::{Parser, Subcommand};

use crate::check::Step;
use crate::firmware::FirmwareTask;
use crate::fonts::Fonts;

#[derive(Parser)]
#[command(
    bin_name = "cargo xtask",
    about = "Build, check and measure the hall controller",
    after_help = "Example:\n  cargo xtask test        everything CI checks; installs what it needs on Debian"
)]
struct CommandLine {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Check everything, as CI does: packages, files, format, lints, docs, tests
    #[command(after_help = "Examples:\n  cargo xtask test\n  cargo xtask test --only tests\n\nThe last \
                            line printed is the sum over all tests: `N passed, N failed, N skipped`.\nWith \
                            CI=true a skipped test fails the run.")]
    Test {
        /// Run just this step
        #[arg(long, value_name = "STEP")]
        only: Option<Step>,
    },
    /// Check the sources without running them: files, format, lints, docs, the bare-metal build
    #[command(after_help = "Examples:\n  cargo xtask lint\n  cargo xtask lint --only clippy")]
    Lint {
        /// Run just this step
        #[arg(long, value_name = "STEP")]
        only: Option<Step>,
    },
    /// Build the firmware of the devices, run it in an emulator, test it there
    #[command(after_help = "Example:\n  cargo xtask firmware test")]
    Firmware {
        #[command(subcommand)]
        task: FirmwareTask,
    },
    /// Make the bitmap fonts of the signs anew from Debian's outlines
    #[command(
        after_help = "Example:\n  cargo xtask fonts        then look at the signs' golden pictures\n\nNeeds Debian's \
                            unifont and fonts-noto-cjk; the fonts are committed, so nothing else does."
    )]
    Fonts(Fonts),
    /// Measure, in release, and print each benchmark's ratios
    #[command(
        after_help = "Examples:\n  cargo xtask bench\n  cargo xtask bench journal\n  cargo xtask bench \
                            signs\n\nThe last measures all that has a bar for the signs and prints one table with \
                            verdicts; a bar that is missed fails the command."
    )]
    Bench {
        /// Only benchmarks whose package or name contains this
        filter: Option<String>,
    },
    /// Give every parser of outside bytes mutated input, in release, on all cores
    #[command(after_help = "Examples:\n  cargo xtask fuzz\n  cargo xtask fuzz payload --seconds 600 --seed \
                            7\n  cargo xtask fuzz payload --input target/fuzz/payload-1.bin\n\nThe same seed gives \
                            the same inputs. One that breaks a parser is shortened, written to target/fuzz and \
                            fails the command; put it into hall-controller/fuzz/corpus/TARGET with the repair.")]
    Fuzz {
        /// One target; without it, all
        target: Option<String>,
        /// How long each, in seconds
        #[arg(long, value_name = "SECONDS", default_value_t = 60)]
        seconds: u64,
        /// Where chance begins
        #[arg(long, value_name = "N", default_value_t = 1)]
        seed: u64,
        /// Only give the target the bytes of this file
        #[arg(long, value_name = "FILE", requires = "target")]
        input: Option<PathBuf>,
    },
    /// Play random histories of the core against its reference model, in release
    #[command(after_help = "Examples:\n  cargo xtask histories\n  cargo xtask histories --count \
                            10000000\n\nEvery run plays others. A command that is decided otherwise than the \
                            reference says is told with its shortened history, and fails the command.")]
    Histories {
        /// How many
        #[arg(long, value_name = "N", default_value_t = 100_000)]
        count: u32,
    },
    /// Cut a crashed journal's log at every byte, and turn bits of log and file, in release
    #[command(
        after_help = "Examples:\n  cargo xtask damage\n  cargo xtask damage --events 3000 --flips 200000\n\nThe \
                            tests of hall-journal do the same over a small journal. Each opening must give a clean \
                            prefix of what was written, or refuse and name the place and the remedy."
    )]
    Damage {
        /// How many events the log holds
        #[arg(long, value_name = "N", default_value_t = 1_000)]
        events: u64,
        /// How many bits are turned, of the log and of the file each
        #[arg(long, value_name = "N", default_value_t = 20_000)]
        flips: u64,
    },
    /// Play whole halls under faults in virtual time, in release, on all cores
    #[command(
        after_help = "Examples:\n  cargo xtask simulate\n  cargo xtask simulate --seeds 1000000 --from \
                            1\n\nThe same seed always gives the same events. A seed that breaks an invariant is \
                            shrunk to a short history, told in words, and fails the command."
    )]
    Simulate {
        /// How many seeds
        #[arg(long, value_name = "N", default_value_t = 10_000)]
        seeds: u64,
        /// The first seed
        #[arg(long, value_name = "S", default_value_t = 0)]
        from: u64,
    },
}

fn main() -> ExitCode {
    let task = CommandLine::parse().task;
    let outcome = workspace_root().and_then(|root| match task {
        Task::Test { only } => check::run("test", &root, &Step::OF_TEST, only),
        Task::Lint { only } => check::run("lint", &root, &Step::OF_LINT, only),
        Task::Firmware { task } => firmware::run(&root, task).map(|()| ExitCode::SUCCESS),
        Task::Fonts(task) => fonts::run(&root, &task).map(|()| ExitCode::SUCCESS),
        Task::Bench { filter } => bench::run(&root, filter.as_deref()),
        Task::Fuzz { target, seconds, seed, input } => fuzz::run(&root, target, seconds, seed, input),
        Task::Histories { count } => histories::run(&root, count),
        Task::Damage { events, flips } => damage::run(&root, events, flips),
        Task::Simulate { seeds, from } => simulate::run(&root, seeds, from),
    });
    match outcome {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// The checkout this was started in: cargo names the folder of this package at run time.
fn workspace_root() -> Result<PathBuf> {
    let package = std::env::var_os("CARGO_MANIFEST_DIR")
        .context("not started by cargo; type `cargo xtask …` in the checkout")?;
    let root = PathBuf::from(package).join("../..");
    root.canonicalize().with_context(|| format!("no workspace at {}", root.display()))
}
