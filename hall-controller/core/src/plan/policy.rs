//! Rules that hold for the whole hall.

use hall_protocol::id::WindowId;
use serde::{Deserialize, Serialize};

use super::balancing::{Group, GuardRails};

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

/// Who is called next at a window. How each works, and its bound on waiting, is told in the file of its
/// name under `core/src/routing`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Routing {
    /// Who has waited longest, whatever the class.
    Fcfs,
    /// Who has waited longest, but priority classes pass within [`Policy::priority_quota`].
    Priority,
    /// Who has the most credit: it grows with the wait, faster for priority classes.
    Accumulating,
    /// Where a call does most against the services' targets.
    #[serde(alias = "service-level")]
    ServiceLevel,
}

impl Routing {
    /// What a journaled plan goes by that is older than this rule.
    const fn before_it_was_written() -> Self {
        Self::Priority
    }
}

/// What the balancer may do with the windows' allocation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Balance {
    /// It does not even look.
    #[default]
    Off,
    /// It makes proposals, which the manager accepts or rejects.
    Advise,
    /// It moves windows by itself.
    Auto,
}

/// Rules that hold for the whole hall. The default is what is shipped: a hall whose configuration says
/// nothing else goes by it, and so does `simulate`. A journaled plan that does not know a rule works by
/// its default, or by what held before there was the rule.
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
    /// Who is called next.
    #[serde(default = "Routing::before_it_was_written")]
    pub routing: Routing,
    /// What the balancer may do.
    pub balance: Balance,
    /// What it may not, whoever has the last word.
    pub guard_rails: GuardRails,
    /// Windows that the balancer leaves alone until the manager unpins them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pinned: Vec<WindowId>,
    /// Services that are called by a policy of their own.
    pub groups: Vec<Group>,
    /// Of so many calls of a service at most one passes ordinary tickets that wait longer, for a
    /// ticket of a priority class. With 1 every call may, and nothing bounds an ordinary ticket's wait.
    ///
    /// The bound: between two passes at least `priority_quota - 1` tickets of the service are called
    /// by seniority, so an ordinary ticket with `n` tickets of its service before it is called
    /// within `n + 2 + n / (priority_quota - 1)` calls of its service (picks, returns and transfers
    /// to the front apart), and the passes of appointments, which [`Policy::appointment_quota`] bounds.
    pub priority_quota: u16,
    /// Under [`Routing::Accumulating`]: the credit an ordinary ticket gains while one of a priority class
    /// that may pass within the quota gains 1000; at most 1000.
    pub ordinary_credit_permille: u16,
    /// Under [`Routing::ServiceLevel`]: one in four calls at a window is for who has waited longest there,
    /// once that is so long. Under [`Routing::Accumulating`]: who has waited so long is called before all who
    /// have not.
    pub starvation_minutes: u16,
    /// Under [`Routing::ServiceLevel`]: what it usually costs a clerk to change to another service.
    pub changeover_seconds: u16,
    /// Of so many calls of a service at most one passes tickets that wait longer, for an appointment
    /// whose slot has begun. At least 2.
    ///
    /// The bounds stand with the rule, in `decide/appointment_turn.rs`: both of who is passed and of the
    /// appointment.
    pub appointment_quota: u16,
    /// So many minutes before its slot one may check in for an appointment.
    pub check_in_early_minutes: u16,
    /// And so many after it began; then the appointment is released.
    pub check_in_late_minutes: u16,
    /// For so many days after today slots can be booked.
    pub book_days_ahead: u16,
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
            routing: Routing::ServiceLevel,
            balance: Balance::Off,
            guard_rails: GuardRails::default(),
            pinned: Vec::new(),
            groups: Vec::new(),
            priority_quota: 3,
            ordinary_credit_permille: 500,
            starvation_minutes: 120,
            changeover_seconds: 60,
            appointment_quota: 2,
            check_in_early_minutes: 30,
            check_in_late_minutes: 15,
            book_days_ahead: 30,
        }
    }
}
