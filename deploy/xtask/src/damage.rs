//! `cargo xtask damage`: the journal's tests of a damaged disk over a larger journal, in release.
//!
//! What is damaged and what must come of it is written in the test; here is only how it is started.

use std::path::Path;
use std::process::ExitCode;

use anyhow::Result;

use crate::command::Tool;

/// Cut a log of `events` events at every byte, and turn `flips` bits; fails when a start then finds
/// anything but a clean prefix, or refuses without place or remedy.
pub(crate) fn run(root: &Path, events: u64, flips: u64) -> Result<ExitCode> {
    Tool::new(
        "cargo",
        &[
            "test",
            "--release",
            "--package",
            "hall-journal",
            "--test",
            "journal",
            "damage::",
            "--",
            "--nocapture",
        ],
    )
    .within(root)
    .env("HALL_DAMAGE_EVENTS", &events.to_string())
    .env("HALL_DAMAGE_FLIPS", &flips.to_string())
    .run()?;
    Ok(ExitCode::SUCCESS)
}
