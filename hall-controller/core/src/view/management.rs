//! What the manager sees of the balancer: its mode, its proposals, its track record.

use std::sync::Arc;

use hall_protocol::id::GroupId;
use serde::Serialize;

use crate::event::{Event, Stamped};
use crate::hall::Hall;
pub use crate::hall::{Assessment, LeftOut, Record, Standing, Told, Undoable, Verdict};
use crate::plan::{Balance, Routing};

/// What is set, proposed and answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ManagementView {
    /// What the balancer may do now.
    pub balance: Balance,
    /// Who is called next of services in no group.
    pub routing: Routing,
    /// Groups, in the plan's order.
    pub groups: Vec<GroupView>,
    /// The last proposals, the newest first.
    pub proposals: Vec<Told>,
    /// Those of which something can be taken back.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub undoable: Vec<Undoable>,
    /// What came of all of them.
    pub record: Record,
}

/// A group of services, and who is called next of them now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct GroupView {
    /// Which.
    pub id: GroupId,
    /// By which policy.
    pub routing: Routing,
}

impl ManagementView {
    pub(super) fn of(hall: &Hall) -> Self {
        let group =
            |group: &crate::plan::Group| GroupView { id: group.id, routing: hall.routing_of_group(group) };
        Self {
            balance: hall.balance(),
            routing: hall.routing(),
            groups: hall.plan.policy().groups.iter().map(group).collect(),
            proposals: hall.management.told.iter().rev().cloned().collect(),
            undoable: hall.all_undoable(),
            record: hall.management.record,
        }
    }

    /// The same after these events; shared when none of them is of the manager or the balancer.
    pub(super) fn after(self: &Arc<Self>, hall: &Hall, events: &[Stamped]) -> Arc<Self> {
        let touched = |stamped: &Stamped| {
            matches!(stamped.event, Event::DayBegan { .. } | Event::Managed(_) | Event::Allocated { .. })
        };
        if events.iter().any(touched) { Arc::new(Self::of(hall)) } else { Arc::clone(self) }
    }
}
