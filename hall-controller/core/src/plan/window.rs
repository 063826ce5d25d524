//! Windows, and what they serve by the plan: as primary services, or as backup ones.

use hall_protocol::id::{ServiceId, WindowId};
use serde::{Deserialize, Serialize};

use super::WeeklyHours;

/// A counter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// Its id, also that of its call pad.
    pub id: WindowId,
    /// What citizens read above it, such as `3`.
    pub label: String,
    /// The services it serves first of all.
    pub services: Vec<ServiceId>,
    /// Those it serves when nobody waits for the first, or when somebody who waits for these is over the
    /// target.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub backup: Vec<ServiceId>,
    /// When it serves. At the beginning of a break the window pauses by itself; at the end of the day
    /// it closes once nobody holds a ticket for it.
    #[serde(default)]
    pub hours: WeeklyHours,
}

impl Window {
    /// All services it serves, in either tier, the primary ones first.
    pub fn all_services(&self) -> impl Iterator<Item = ServiceId> {
        self.services.iter().chain(&self.backup).copied()
    }

    /// Whether it serves this service, in either tier.
    pub fn has(&self, service: ServiceId) -> bool {
        self.all_services().any(|other| other == service)
    }
}
