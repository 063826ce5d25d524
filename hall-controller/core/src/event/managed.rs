//! What the manager and the balancer set, proposed and answered. What windows serve by it are events of
//! their own.

use hall_protocol::id::{GroupId, ServiceId, WindowId};
use hall_protocol::topic::EventTopic;
use serde::{Deserialize, Serialize};

use super::{AcceptedPart, LapseReason, Proposal, ProposalId, Range};
use crate::plan::{Balance, Routing};

/// What the manager or the balancer did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "what")]
pub enum Managed {
    /// The balancer leaves a window as it is from now on.
    WindowPinned {
        /// Which.
        window: WindowId,
    },
    /// The balancer may move it again.
    WindowUnpinned {
        /// Which.
        window: WindowId,
    },
    /// The balancer proposes something, or does it: then what it moves follows at once.
    Proposed {
        /// What.
        proposal: Box<Proposal>,
    },
    /// The manager accepted a proposal; what it moves follows at once.
    ProposalAccepted {
        /// Which.
        proposal: ProposalId,
        /// What of it, if not all.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        part: Option<AcceptedPart>,
    },
    /// The manager rejected a proposal.
    ProposalRejected {
        /// Which.
        proposal: ProposalId,
        /// Why.
        reason: String,
    },
    /// A proposal can be accepted no more.
    ProposalLapsed {
        /// Which.
        proposal: ProposalId,
        /// Why.
        why: LapseReason,
    },
    /// What a proposal had foretold was compared with what happened.
    ProposalAssessed {
        /// Which.
        proposal: ProposalId,
        /// Of which service.
        service: ServiceId,
        /// The wait that was foretold.
        expected: Range,
        /// The mean wait of those who came, in seconds,
        seen_s: u32,
        /// and how many they were.
        tickets: u32,
    },
    /// What the balancer may do is set, whatever the plan says.
    BalanceSet {
        /// What.
        balance: Balance,
    },
    /// Who is called next is set, whatever the plan says.
    RoutingSet {
        /// Of which services; `None` for all that are in no group.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        group: Option<GroupId>,
        /// By which policy.
        routing: Routing,
    },
    /// No more numbers of a service are given today.
    IssuingStopped {
        /// Which.
        service: ServiceId,
    },
    /// They are given again.
    IssuingResumed {
        /// Which.
        service: ServiceId,
    },
}

impl Managed {
    /// The window it is about.
    pub(super) const fn window(&self) -> Option<WindowId> {
        match self {
            Self::WindowPinned { window } | Self::WindowUnpinned { window } => Some(*window),
            _ => None,
        }
    }

    /// Its name in the journal and in logs.
    pub(super) const fn name(&self) -> &'static str {
        match self {
            Self::WindowPinned { .. } => "window_pinned",
            Self::WindowUnpinned { .. } => "window_unpinned",
            Self::Proposed { .. } => "proposed",
            Self::ProposalAccepted { .. } => "proposal_accepted",
            Self::ProposalRejected { .. } => "proposal_rejected",
            Self::ProposalLapsed { .. } => "proposal_lapsed",
            Self::ProposalAssessed { .. } => "proposal_assessed",
            Self::BalanceSet { .. } => "balance_set",
            Self::RoutingSet { .. } => "routing_set",
            Self::IssuingStopped { .. } => "issuing_stopped",
            Self::IssuingResumed { .. } => "issuing_resumed",
        }
    }

    /// The topic integrators hear of it.
    pub(super) const fn topic(&self) -> EventTopic {
        match self.window() {
            Some(_) => EventTopic::Window,
            None => EventTopic::Hall,
        }
    }
}
