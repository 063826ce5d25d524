//! What is remembered of proposals: what became of each, and the track record of all.

use hall_protocol::id::{ServiceId, WindowId};
use serde::{Deserialize, Serialize};

use crate::event::{LapseReason, Proposal, Range};
use crate::time::HallTime;

/// What became of a proposal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum Standing {
    /// Nobody has answered it.
    Open,
    /// The manager accepted it.
    Accepted,
    /// The balancer did it by itself.
    Automatic,
    /// The manager rejected it.
    Rejected {
        /// Why.
        reason: String,
    },
    /// It can be accepted no more.
    Lapsed {
        /// Why.
        why: LapseReason,
    },
    /// It was done, and taken back.
    Undone,
}

/// What a forecast came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assessment {
    /// The wait that was foretold.
    pub expected: Range,
    /// The mean wait of those who came, in seconds.
    pub seen_s: u32,
    /// How many they were.
    pub tickets: u32,
}

impl Assessment {
    /// Whether it came as foretold; nobody knows when nobody came.
    pub fn within(&self) -> Option<bool> {
        (self.tickets > 0).then(|| self.expected.holds(self.seen_s))
    }
}

/// What is said of a forecast that was compared with what happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It came so.
    AsForetold,
    /// A shorter wait was foretold, and it was as long as foretold without the proposal, or longer, be that
    /// within the range or not.
    NoBetter,
    /// It came otherwise.
    Otherwise,
}

/// A proposal and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// The proposal.
    pub proposal: Proposal,
    /// When it was made.
    pub at: HallTime,
    /// What became of it.
    pub standing: Standing,
    /// What its forecasts came to, each once that is known: of which service.
    pub assessments: Vec<(ServiceId, Assessment)>,
    /// Windows it moved whose move was taken back.
    pub undone: Vec<WindowId>,
    /// What the manager did not accept of it; the proposal is what was left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left_out: Option<LeftOut>,
}

/// The windows a proposal would have moved, too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// Which.
    pub windows: Vec<WindowId>,
    /// Why they were not.
    pub reason: String,
}

impl Told {
    /// What is said of what came for the service; nothing when nobody came, or nobody knows yet.
    pub fn verdict(&self, service: ServiceId) -> Option<Verdict> {
        let (_, assessment) = self.assessments.iter().find(|(of, _)| *of == service)?;
        self.judge(service, *assessment)
    }

    /// How long the wait would have been without it, as far as that was foretold.
    pub fn without(&self, service: ServiceId) -> Option<Range> {
        let effect = self.proposal.effects.iter().find(|effect| effect.service == service)?;
        Some(effect.before)
    }

    pub(super) fn judge(&self, service: ServiceId, assessment: Assessment) -> Option<Verdict> {
        let within = assessment.within()?;
        let promised = self.without(service).filter(|without| assessment.expected.mean_s < without.mean_s);
        Some(match promised {
            Some(without) if assessment.seen_s >= without.mean_s => Verdict::NoBetter,
            _ if within => Verdict::AsForetold,
            _ => Verdict::Otherwise,
        })
    }

    /// What the forecast came to for the service it was made for, once that is known.
    pub fn assessment(&self) -> Option<Assessment> {
        let service = self.proposal.effects.first()?.service;
        self.assessments.iter().find(|(of, _)| *of == service).map(|(_, assessment)| *assessment)
    }
}

/// The balancer's track record, over all days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Record {
    /// Proposals made.
    pub proposed: u32,
    /// Of these, accepted,
    pub accepted: u32,
    /// rejected,
    pub rejected: u32,
    /// left unanswered,
    pub lapsed: u32,
    /// and done by the balancer itself.
    pub automatic: u32,
    /// Accepted or automatic ones that were taken back, at one of their windows or more.
    pub undone: u32,
    /// Forecasts that could be compared with what happened.
    pub assessed: u32,
    /// Of these, came as foretold: where a shorter wait was, with one.
    pub within: u32,
    /// The sum of their errors, in seconds.
    pub error_s: u64,
}
