//! `cargo xtask fuzz`: every parser of outside bytes under mutated input, in release.
//!
//! The targets, the progress and the report of a failure are the package's own; here is only how
//! it is started.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};

use crate::command::Tool;

/// Fuzz one target or all; fails when a parser breaks.
pub(crate) fn run(
    root: &Path,
    target: Option<String>,
    seconds: u64,
    seed: u64,
    input: Option<PathBuf>,
) -> Result<ExitCode> {
    let mut campaign = Tool::new("cargo", &["run", "--quiet", "--release", "--package", "hall-fuzz", "--"])
        .within(root)
        .into_command();
    campaign.args(target).args(["--seconds", &seconds.to_string(), "--seed", &seed.to_string()]);
    if let Some(input) = input {
        // The campaign runs in the project's root, whoever asked from where.
        campaign.arg("--input").arg(std::path::absolute(input).context("no file of that name")?);
    }
    let status = campaign.status().context("cannot start `cargo run`")?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
