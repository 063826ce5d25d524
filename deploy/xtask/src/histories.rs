//! `cargo xtask histories`: many random histories of the hall against its reference, in release.
//!
//! What is compared and how a difference is told is the test's own (`hall-controller/core/tests`);
//! here is only how it is started.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result};

use crate::command::Tool;

/// Play `count` histories; fails when the hall once decides otherwise than the reference.
pub(crate) fn run(root: &Path, count: u32) -> Result<ExitCode> {
    let test = "reference::a_hundred_thousand_histories_go_as_the_reference_says";
    let mut comparison = Tool::new(
        "cargo",
        &[
            "test",
            "--quiet",
            "--release",
            "--package",
            "hall-core",
            "--test",
            "hall",
            "--",
            "--nocapture",
            test,
        ],
    )
    .within(root)
    .env("HISTORIES", &count.to_string())
    .into_command();
    // The shortened history is the message: nothing is to be added to it.
    let status = comparison.status().context("cannot start `cargo test`")?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
