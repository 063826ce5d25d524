//! What the balancer sees when it looks at the hall.

use serde::{Deserialize, Serialize};

/// How scarce services are, and how many come for them. Each list has one entry a service, in the plan's
/// order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reviewed {
    /// How scarce each service is, in the plan's order: the minutes of work asked of each minute its
    /// windows can give it, times 1000.
    pub pressures: Vec<u32>,
    /// How many windows' time each service should have, in the plan's order, times 1000.
    pub windows: Vec<u32>,
    /// How many will come for each service in the next half hour, in the plan's order: in an hour, times
    /// 1000.
    pub arrivals: Vec<u32>,
    /// How many came for each lately, in the plan's order: in an hour, times 1000. Where it is not told, it
    /// was what [`Self::arrivals`] says.
    #[serde(default)]
    pub recent: Vec<u32>,
    /// How many windows can do each service, in the plan's order.
    #[serde(default)]
    pub able: Vec<u32>,
    /// How much each service is favoured for the long waits of those who came for it today, in the
    /// plan's order, times 1000.
    #[serde(default)]
    pub favours: Vec<u32>,
    /// A service that no more windows than this can do is rare; 0 when none was looked for.
    #[serde(default)]
    pub rare_windows: u32,
}
