//! When the 90 % bounds that were given pass, the soonest first.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::Estimate;
use crate::ticket::TicketId;
use crate::time::HallTime;

/// The bounds that have not passed yet. Of tickets that do not wait any more, too: they are left out by
/// whoever looks when theirs pass, which is within hours. Every step is O(log n).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Bounds(BTreeSet<(HallTime, TicketId)>);

impl Bounds {
    /// This was told to whoever took `ticket` at `at`.
    pub(crate) fn give(&mut self, ticket: TicketId, at: HallTime, told: Estimate) {
        self.0.insert((at.plus_ms(i64::from(told.p90_seconds) * 1_000), ticket));
    }

    /// Take out a ticket whose bound was over before `at`, if there is one.
    pub(crate) fn passed(&mut self, at: HallTime) -> Option<TicketId> {
        let first = self.0.first().filter(|(passes, _)| *passes < at).copied()?;
        self.0.remove(&first).then_some(first.1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_pass_in_their_order_and_not_while_they_still_hold() {
        let told = |p90_seconds| Estimate {
            median_seconds: 0,
            p90_seconds,
            ahead: 0,
            crew_seconds: 0,
            head_seconds: None,
        };
        let mut bounds = Bounds::default();
        let start = HallTime::default();
        bounds.give(TicketId(1), start, told(90));
        bounds.give(TicketId(2), start.plus_ms(10_000), told(30));
        assert_eq!(bounds.passed(start.plus_ms(40_000)), None);
        assert_eq!(bounds.passed(start.plus_ms(40_001)), Some(TicketId(2)));
        assert_eq!(bounds.passed(start.plus_ms(90_000)), None);
        assert_eq!(bounds.passed(start.plus_ms(500_000)), Some(TicketId(1)));
        assert_eq!(bounds.passed(start.plus_ms(500_000)), None);
    }
}
