//! The arguments of `emergency`.

use clap::Args;
use hall_protocol::id::ZoneId;

use super::By;

/// What is put up or taken down, and who wants it.
#[derive(Debug, Clone, Args)]
pub struct EmergencyArgs {
    /// How the controller is reached.
    #[command(flatten)]
    pub by_client: By,
    /// What every sign and screen shall say, in Chinese; a line break is one on the signs.
    #[arg(long, required_unless_present = "clear", conflicts_with = "clear")]
    pub text: Option<String>,
    /// The same in English.
    #[arg(long, requires = "text")]
    pub text_en: Option<String>,
    /// Take the texts down.
    #[arg(long)]
    pub clear: bool,
    /// Only in this zone; may be given several times. The whole hall without it.
    #[arg(long = "zone")]
    pub zones: Vec<ZoneId>,
    /// Who wants it, for the journal; else the name this computer knows you by.
    #[arg(long)]
    pub by: Option<String>,
    /// Why, for the journal.
    #[arg(long)]
    pub reason: Option<String>,
}
