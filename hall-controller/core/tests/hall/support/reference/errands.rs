//! What is asked at a kiosk, as a refusal tells it.

use hall_core::command::Command;
use hall_core::event::Errand;

/// What a command asks at a kiosk.
pub(super) const fn errand(command: &Command) -> Option<Errand> {
    match command {
        Command::Take { .. } => Some(Errand::Take),
        Command::CheckIn { .. } => Some(Errand::CheckIn),
        Command::Return { .. } => Some(Errand::Return),
        Command::Cancel { .. } => Some(Errand::Cancel),
        Command::Lease { .. } => Some(Errand::Lease),
        Command::HandIn { .. } => Some(Errand::HandIn),
        Command::EndLease { .. } => Some(Errand::EndLease),
        _ => None,
    }
}
