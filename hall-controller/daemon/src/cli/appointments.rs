//! The arguments of `appointments import` and `appointments export`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use hall_protocol::id::ClientId;

use super::{Excel, HallArgs};

/// What to do with appointments.
#[derive(Debug, Subcommand)]
pub enum Appointments {
    /// Book what a CSV file says, and name each line that cannot be; again it changes nothing.
    ///
    /// The first line names the columns id, service, date and time, in any order; others, such as names
    /// and telephone numbers, are kept nowhere. Exit code 1 when lines were refused.
    #[command(
        after_help = "Examples:\n  hall-controller appointments import --config /etc/hall-controller/hall.toml --dry-run tomorrow.csv\n  hall-controller appointments import --config /etc/hall-controller/hall.toml tomorrow.csv\n\nA file:\n  id,service,date,time\n  YY-20260302-0417,social,2026-03-02,09:30"
    )]
    Import {
        /// How the controller is reached.
        #[command(flatten)]
        by: By,
        /// Only try it: say what would be booked and which lines refused.
        #[arg(long)]
        dry_run: bool,
        /// The list, as CSV in UTF-8.
        file: PathBuf,
    },
    /// Write all appointments of today and later as CSV to standard output.
    #[command(
        after_help = "Examples:\n  hall-controller appointments export --config /etc/hall-controller/hall.toml > appointments.csv\n  hall-controller appointments export --config /etc/hall-controller/hall.toml --excel > appointments.csv"
    )]
    Export {
        /// How the controller is reached.
        #[command(flatten)]
        by: By,
        /// For whom the CSV is.
        #[command(flatten)]
        excel: Excel,
    },
}

/// Who asks which controller.
#[derive(Debug, Clone, Args)]
pub struct By {
    /// Which hall; the controller runs on this machine by its configuration.
    #[command(flatten)]
    pub hall: HallArgs,
    /// Which client of the configuration asks; needed when there are several.
    #[arg(long)]
    pub client: Option<ClientId>,
}
