//! `cargo xtask simulate`: a campaign of the fault simulation, in release.
//!
//! What is simulated, the bar and the report of a failure are the package's own; here is only how
//! it is started.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result};

use crate::command::Tool;

/// Play `seeds` histories from seed `from` on; fails when one breaks an invariant.
pub(crate) fn run(root: &Path, seeds: u64, from: u64) -> Result<ExitCode> {
    let (seeds, from) = (seeds.to_string(), from.to_string());
    let mut campaign = Tool::new(
        "cargo",
        &[
            "run",
            "--quiet",
            "--release",
            "--package",
            "hall-faults",
            "--bin",
            "simulate",
            "--",
            "--seeds",
            &seeds,
            "--from",
            &from,
        ],
    )
    .within(root)
    .into_command();
    // The history of a broken seed is the message: nothing is to be added to it.
    let status = campaign.status().context("cannot start `cargo run`")?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
