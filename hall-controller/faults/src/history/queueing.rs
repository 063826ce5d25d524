//! By which policy a hall calls, with which quotas, and how many may pass by their class.

use hall_core::plan::{Policy, Routing};

use super::small;
use crate::random::Dice;

/// What differs from hall to hall in who is called next.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Queueing {
    /// By the hall's first plan, and by the other.
    routings: [Routing; 2],
    priority_quota: u8,
    appointment_quota: u8,
    ordinary_credit_permille: u16,
    starvation_minutes: u8,
    pub(super) elderly_percent: u8,
}

impl Queueing {
    pub(super) fn of(dice: &mut Dice) -> Self {
        let policies = [
            (4, Routing::Priority),
            (2, Routing::Fcfs),
            (3, Routing::Accumulating),
            (3, Routing::ServiceLevel),
        ];
        Self {
            routings: [dice.weighed(&policies), dice.weighed(&policies)],
            priority_quota: small(dice, 2, 4),
            appointment_quota: small(dice, 2, 3),
            ordinary_credit_permille: dice.weighed(&[(2, 500), (2, 900), (1, 0), (1, 1_000)]),
            // A day as it is played is over in a minute or two, unless the clock jumps.
            starvation_minutes: dice.weighed(&[(3, 1), (1, 120)]),
            elderly_percent: dice.weighed(&[(1, 15), (1, 40)]),
        }
    }

    /// The rules of these in the hall's first plan, or in the other.
    pub(crate) fn rule(self, other: bool, policy: Policy) -> Policy {
        Policy {
            routing: self.routings[usize::from(other)],
            priority_quota: self.priority_quota.into(),
            appointment_quota: self.appointment_quota.into(),
            ordinary_credit_permille: self.ordinary_credit_permille,
            starvation_minutes: self.starvation_minutes.into(),
            ..policy
        }
    }
}
