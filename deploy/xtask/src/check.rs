//! `cargo xtask test` and `cargo xtask lint`: which steps they have, and what each step does.
//!
//! The order is from quick to slow, so that a misplaced space is told before the tests are
//! built. How steps are counted, timed and reported is in `steps`.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Result, bail};
use clap::ValueEnum;

use crate::command::Tool;
use crate::totals::Totals;
use crate::{files, firmware, lanes, needs, steps};

/// The microcontroller family whose build proves that the wire types need no operating system.
pub(crate) const BARE_TARGET: &str = "thumbv7em-none-eabihf";

/// Packages a device runs, so they must build without `std`, and allocate nothing.
const BARE_PACKAGES: [&str; 2] = ["hall-protocol", "hall-device"];

/// One step of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Step {
    /// Install what the others need and this machine lacks
    Needs,
    /// Length, heading and place of the files
    Files,
    /// cargo fmt
    Format,
    /// cargo clippy, warnings denied
    Clippy,
    /// cargo doc, warnings denied
    Doc,
    /// The wire types and the devices on a bare microcontroller
    Bare,
    /// All tests, in two lanes
    Tests,
    /// The firmware, built and run on emulated boards
    Firmware,
}

impl Step {
    /// What `cargo xtask test` does, in order.
    pub(crate) const OF_TEST: [Self; 8] = [
        Self::Needs,
        Self::Files,
        Self::Format,
        Self::Clippy,
        Self::Doc,
        Self::Bare,
        Self::Tests,
        Self::Firmware,
    ];

    /// What `cargo xtask lint` does, in order.
    pub(crate) const OF_LINT: [Self; 5] = [Self::Files, Self::Format, Self::Clippy, Self::Doc, Self::Bare];
}

/// Run the steps of `command`, or the one in `only`; the sum over all tests is printed last.
pub(crate) fn run(command: &'static str, root: &Path, all: &[Step], only: Option<Step>) -> Result<ExitCode> {
    let chosen: Vec<Step> = all.iter().copied().filter(|step| only.is_none_or(|one| one == *step)).collect();
    if chosen.is_empty() {
        bail!("`cargo xtask {command}` has no such step; `cargo xtask test` has them all");
    }
    let mut totals = None;
    let outcome = steps::run(command, &chosen, |step| match step {
        Step::Needs => needs::install(),
        Step::Files => files::check(root),
        Step::Format => {
            cargo(root, &["fmt", "--all", "--check"]).run()?;
            firmware::each_board(root, |board| cargo(board, &["fmt", "--check"]).run())
        }
        Step::Clippy => {
            cargo(root, &["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]).run()?;
            // Any Cortex-M will do to look at a source.
            let words = ["clippy", "--locked", "--target", BARE_TARGET, "--target-dir"];
            let made = root.join("target/firmware");
            firmware::each_board(root, |board| {
                cargo(board, &words).path(&made).arguments(&["--", "-D", "warnings"]).run()
            })
        }
        Step::Doc => {
            cargo(root, &["doc", "--workspace", "--no-deps"]).env("RUSTDOCFLAGS", "-D warnings").run()
        }
        Step::Bare => BARE_PACKAGES.iter().try_for_each(|package| bare(root, package)),
        Step::Tests => tests(root, totals.get_or_insert_default()),
        Step::Firmware => firmware::test(root, totals.get_or_insert_default()),
    });
    // Standard output, and last: whatever watches the run reads its result from the final line.
    if let Some(totals) = totals {
        println!("{totals}");
    }
    Ok(if outcome { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn cargo(root: &Path, arguments: &[&str]) -> Tool {
    Tool::new("cargo", arguments).within(root)
}

fn tests(root: &Path, totals: &mut Totals) -> Result<()> {
    let in_ci = std::env::var("CI").is_ok_and(|value| value == "true");
    let all_content = lanes::run(root, totals)?;
    totals.verdict(in_ci)?;
    if !all_content {
        bail!("an executable of tests failed, though no test did; it is named above");
    }
    Ok(())
}

/// Build `package` where there is no operating system, and look that no library in it was
/// built to allocate: `alloc` exists on the target, so the compiler alone would let it pass.
fn bare(root: &Path, package: &str) -> Result<()> {
    cargo(root, &["check", "--package", package, "--lib", "--target", BARE_TARGET]).run()?;
    let features = cargo(
        root,
        &[
            "tree",
            "--package",
            package,
            "--target",
            BARE_TARGET,
            "--edges",
            "normal,features,no-proc-macro",
            "--prefix",
            "none",
        ],
    )
    .output()?;
    match allocating(&features) {
        Some(line) => bail!("{package} is to run without an allocator, but has {line}"),
        None => Ok(()),
    }
}

/// The first line of `cargo tree` that turns on `std` or `alloc` in a library.
fn allocating(tree: &str) -> Option<&str> {
    tree.lines()
        .find(|line| ["feature \"std\"", "feature \"alloc\""].iter().any(|feature| line.contains(feature)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lint_is_a_part_of_test() {
        assert!(Step::OF_LINT.iter().all(|step| Step::OF_TEST.contains(step)));
    }

    #[test]
    fn a_library_that_would_allocate_is_seen() {
        let quiet = "hall-protocol v0.1.0\nserde v1.0.228\nserde feature \"derive\"\n";
        assert_eq!(allocating(quiet), None);
        let loud = "serde v1.0.228\nserde feature \"alloc\"\n";
        assert_eq!(allocating(loud), Some("serde feature \"alloc\""));
    }
}
