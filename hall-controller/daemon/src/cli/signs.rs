//! The arguments of `sign list`, `test`, `identify` and `watch`, which ask the running hall.

use clap::{Args, ValueEnum};
use hall_signs::page::TestPattern;

use super::By;

/// How the signs are.
#[derive(Debug, Clone, Args)]
pub struct SignListArgs {
    /// How the controller is reached.
    #[command(flatten)]
    pub by: By,
    /// Print one JSON object instead of a table.
    #[arg(long)]
    pub json: bool,
}

/// Which signs show a test, and how long.
#[derive(Debug, Clone, Args)]
pub struct SignTestArgs {
    /// How the controller is reached.
    #[command(flatten)]
    pub by: By,
    /// The signs' ids; all signs without one.
    pub signs: Vec<String>,
    /// For so long, 1 to 3600; then the signs show their pages again.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..=3_600))]
    pub seconds: u16,
    /// Which pattern; all of them in turn without it.
    #[arg(long, value_enum)]
    pub pattern: Option<Pattern>,
}

/// Which signs say which they are, and how long.
#[derive(Debug, Clone, Args)]
pub struct SignIdentifyArgs {
    /// How the controller is reached.
    #[command(flatten)]
    pub by: By,
    /// The signs' ids; all signs without one.
    pub signs: Vec<String>,
    /// For so long, 1 to 3600; then the signs show their pages again.
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u16).range(1..=3_600))]
    pub seconds: u16,
}

/// How changes are told.
#[derive(Debug, Clone, Args)]
pub struct SignWatchArgs {
    /// How the controller is reached.
    #[command(flatten)]
    pub by: By,
    /// Print one JSON object a line.
    #[arg(long)]
    pub json: bool,
}

/// A pattern that shows dead pixels, swapped colours or modules in the wrong order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Pattern {
    /// Every diode on.
    All,
    /// The red ones.
    Red,
    /// The green ones.
    Green,
    /// The blue ones.
    Blue,
    /// The edge of the panel and of each module.
    Modules,
}

impl Pattern {
    /// The pattern meant.
    pub const fn pattern(self) -> TestPattern {
        match self {
            Self::All => TestPattern::All,
            Self::Red => TestPattern::Red,
            Self::Green => TestPattern::Green,
            Self::Blue => TestPattern::Blue,
            Self::Modules => TestPattern::Modules,
        }
    }
}
