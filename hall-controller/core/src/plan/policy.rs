//! Rules that hold for the whole hall.

use serde::{Deserialize, Serialize};

/// Where a ticket that comes back to a queue, or into another, stands in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Seniority {
    /// Before all who wait there.
    Front,
    /// By when it was taken.
    IssueTime,
    /// After all who wait there.
    Back,
}

/// Rules that hold for the whole hall. A journaled plan that does not know a rule works by its
/// default.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Policy {
    /// A second NEXT within this time is refused: a trembling finger must not skip a citizen.
    pub double_press_guard_ms: u32,
    /// A press older than this, by the device's own clock, is refused.
    pub press_age_max_ms: u32,
    /// A no-show needs so many recalls first.
    pub no_show_after_recalls: u16,
    /// A no-show needs so much time since the call.
    pub no_show_after_ms: u32,
    /// A missed ticket may come back to its queue for so long; 0 means never.
    pub return_grace_minutes: u16,
    /// A citizen who does not come is called once more after so many calls of the service, or when
    /// nobody else waits for it, before the ticket is missed; 0 means it is missed at once.
    pub defer_no_show_calls: u16,
    /// Where a ticket that comes back stands.
    pub return_seniority: Seniority,
    /// Where a ticket sent to another service or to a window stands there.
    pub transfer_seniority: Seniority,
    /// NEXT with nobody waiting arms the window: the next suitable ticket is called there at once.
    pub armed_next: bool,
    /// For emergencies: who still holds a ticket when a business day ends keeps number and place, and
    /// new numbers leave those out.
    pub keep_queue_overnight: bool,
    /// Of so many calls of a service at most one passes ordinary tickets that wait longer, for a
    /// ticket of a priority class. At least 2.
    ///
    /// The bound: between two passes at least `priority_quota - 1` tickets of the service are called
    /// by seniority, so an ordinary ticket with `n` tickets of its service before it is called
    /// within `n + 2 + n / (priority_quota - 1)` calls of its service (picks, returns and transfers
    /// to the front apart).
    pub priority_quota: u16,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            double_press_guard_ms: 2_000,
            press_age_max_ms: 10_000,
            no_show_after_recalls: 0,
            no_show_after_ms: 0,
            return_grace_minutes: 30,
            defer_no_show_calls: 0,
            return_seniority: Seniority::IssueTime,
            transfer_seniority: Seniority::IssueTime,
            armed_next: false,
            keep_queue_overnight: false,
            priority_quota: 3,
        }
    }
}
