//! Says in the log when the machine's clock stands behind the hall's time, and when it no longer does.

use tracing::{info, warn};

use crate::clock::Behind;

/// Whether it was said.
#[derive(Debug, Default)]
pub(super) struct ClockWatch {
    told: bool,
}

impl ClockWatch {
    /// How the clock stands now. Says each change once.
    pub(super) fn look(&mut self, behind: Option<Behind>) {
        let told = std::mem::replace(&mut self.told, behind.is_some());
        match behind {
            Some(behind) if !told => warn!("{behind}"),
            None if told => {
                info!("the machine's clock has come to the hall's time; business days begin again");
            }
            _ => {}
        }
    }
}
