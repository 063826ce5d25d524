//! The arguments of `leases write-off`.

use clap::Subcommand;
use hall_protocol::id::DeviceId;

use super::By;

/// What to do with numbers leased to kiosks.
#[derive(Debug, Subcommand)]
pub enum Leases {
    /// Write off what a kiosk has leased, because it is lost for good; what it hands in later is refused.
    ///
    /// Without it that happens by itself when the business day ends. The journal names who and why. Needs a
    /// client whose `may` has "manage".
    #[command(
        after_help = "Example:\n  hall-controller leases write-off K1 --config /etc/hall-controller/hall.toml --by li --reason \"drowned by a burst pipe\""
    )]
    WriteOff {
        /// The kiosk's id.
        kiosk: DeviceId,
        /// How the controller is reached.
        #[command(flatten)]
        asked: By,
        /// Who says so.
        #[arg(long)]
        by: String,
        /// Why it is lost.
        #[arg(long)]
        reason: String,
    },
}
