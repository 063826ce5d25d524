//! The arguments of `backup`, `restore` and `export`, and of everything that writes CSV.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use jiff::tz::TimeZone;

use super::{AskedDay, JournalArgs, parse_zone};

/// How a backup is made.
#[derive(Debug, Clone, Args)]
pub struct BackupArgs {
    /// Which journal.
    #[command(flatten)]
    pub journal: JournalArgs,
    /// The new file; nothing is written over.
    #[arg(long)]
    pub to: PathBuf,
}

/// How a backup is put back, or what is done without one.
#[derive(Debug, Clone, Args)]
pub struct RestoreArgs {
    /// The backup.
    #[arg(long, required_unless_present = "accept_loss", conflicts_with = "accept_loss")]
    pub from: Option<PathBuf>,
    /// Where to; the data directory must have no journal.
    #[command(flatten)]
    pub journal: JournalArgs,
    /// Only verify the backup, and where a configuration is named, that it is one of that hall.
    #[arg(long, conflicts_with = "accept_loss")]
    pub verify: bool,
    /// Without a backup: go on with what is whole of a journal that has lost records.
    ///
    /// A start refuses such a journal, because numbers that people hold would be given again. This keeps
    /// its undamaged part and sets all files aside as they were, in a folder with today's date beside it.
    #[arg(long)]
    pub accept_loss: bool,
}

/// What is exported and how.
#[derive(Debug, Clone, Args)]
pub struct ExportArgs {
    /// Which journal.
    #[command(flatten)]
    pub journal: JournalArgs,
    /// How events are written.
    #[arg(long, value_enum)]
    pub format: ExportFormat,
    /// For whom the CSV is.
    #[command(flatten)]
    pub excel: Excel,
    /// Only the events of this business day, such as 2026-03-02, today or yesterday.
    #[arg(long)]
    pub day: Option<AskedDay>,
    /// The new file; without it, standard output.
    #[arg(long)]
    pub out: Option<PathBuf>,
    /// Show all times in this zone, such as Asia/Shanghai; without it, each in the one that the hall's clock
    /// had then, or where the journal does not know it, in the configuration's or the machine's.
    #[arg(long, value_parser = parse_zone)]
    pub time_zone: Option<TimeZone>,
}

/// How events are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ExportFormat {
    /// Rows of RFC 4180 with a header.
    Csv,
    /// One JSON object a line.
    Jsonl,
}

/// Which program will open the CSV.
#[derive(Debug, Clone, Copy, Default, Args)]
pub struct Excel {
    /// Start CSV with a byte order mark, without which Excel in Chinese Windows takes its UTF-8 for GBK.
    #[arg(long)]
    pub excel: bool,
}
