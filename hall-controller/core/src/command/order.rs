//! What the manager may order.

use hall_protocol::id::{GroupId, ServiceId, WindowId};
use serde::{Deserialize, Serialize};

use crate::event::ProposalId;
use crate::plan::{Balance, Routing};

/// Some of the windows that a proposal moves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// Those to move; one at least.
    pub windows: Vec<WindowId>,
    /// Why the others are not to be moved; needed when there are others.
    #[serde(default)]
    pub reason: String,
}

/// An order of the manager. What is so already changes nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "order")]
pub enum Order {
    /// Let a window serve these from now on; what it has in hand stays there.
    Allocate {
        /// Which.
        window: WindowId,
        /// First of all; at least one.
        primary: Vec<ServiceId>,
        /// When nobody waits for those, or somebody who waits for these is over the target.
        #[serde(default)]
        backup: Vec<ServiceId>,
    },
    /// Let a window serve what it served before its last change.
    Undo {
        /// Which.
        window: WindowId,
    },
    /// Let the windows that a proposal has moved serve what they served before it.
    UndoProposal {
        /// Which.
        proposal: ProposalId,
        /// At which of its windows, if not at all of them.
        #[serde(default)]
        only: Option<Vec<WindowId>>,
    },
    /// The balancer is to leave a window as it is.
    Pin {
        /// Which.
        window: WindowId,
    },
    /// It may move it again.
    Unpin {
        /// Which.
        window: WindowId,
    },
    /// Open a window.
    Open {
        /// Which.
        window: WindowId,
    },
    /// Close one that has nobody in hand.
    Close {
        /// Which.
        window: WindowId,
    },
    /// Pause one.
    Pause {
        /// Which.
        window: WindowId,
        /// Why, as its sign says.
        #[serde(default)]
        reason: Option<String>,
    },
    /// Let a paused one go on.
    Resume {
        /// Which.
        window: WindowId,
    },
    /// Do what a proposal says.
    Accept {
        /// Which.
        proposal: ProposalId,
        /// What of it, if not all.
        #[serde(default)]
        only: Option<Choice>,
    },
    /// Do not, and say why.
    Reject {
        /// Which.
        proposal: ProposalId,
        /// Why.
        reason: String,
    },
    /// What the balancer may do.
    SetBalance {
        /// What.
        balance: Balance,
    },
    /// Who is called next.
    SetRouting {
        /// Of which services; of all that are in no group without it.
        #[serde(default)]
        group: Option<GroupId>,
        /// By which policy.
        routing: Routing,
    },
    /// Give no more numbers of a service today.
    StopIssuing {
        /// Which.
        service: ServiceId,
    },
    /// Give them again.
    ResumeIssuing {
        /// Which.
        service: ServiceId,
    },
}
