//! What the balancer proposes, what it expects of it, and why.
//!
//! Times are whole seconds, so that events compare and replay exactly. The sentences for people are in
//! `balance/sentences.rs`.

use hall_protocol::id::{ClerkId, ServiceId, WindowId};
use serde::{Deserialize, Serialize};

use crate::time::HallTime;

/// A proposal's identity for ever: counts up from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ProposalId(pub(crate) u32);

impl ProposalId {
    /// The proposal with this count.
    pub const fn new(count: u32) -> Self {
        Self(count)
    }

    /// The count.
    pub const fn get(self) -> u32 {
        self.0
    }
}

impl std::fmt::Display for ProposalId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// What the balancer would change, or asks somebody to look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    /// Which.
    pub id: ProposalId,
    /// What to do.
    pub advice: Advice,
    /// Why.
    pub finding: Finding,
    /// What is expected of it, of every service whose wait changes, be it for the worse: the one it is for
    /// first. Empty where nothing is foretold.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub effects: Vec<Effect>,
    /// What it costs.
    #[serde(default, skip_serializing_if = "Cost::is_nothing")]
    pub cost: Cost,
    /// Until when it can be accepted.
    pub until: HallTime,
    /// The balancer does it by itself, at once.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub automatic: bool,
}

impl Proposal {
    /// The windows it moves, each with what it serves now and would serve instead.
    pub fn reallocations(&self) -> &[Reallocation] {
        match &self.advice {
            Advice::Reallocate { moves } => moves,
            Advice::StopIssuing { .. } | Advice::LookAfter => &[],
        }
    }

    /// What each window it moves would serve instead, and by which proposal.
    pub(crate) fn moves(&self) -> impl Iterator<Item = (WindowId, &Services, ProposalId)> {
        self.reallocations().iter().map(move |it| (it.window, &it.after, self.id))
    }
}

/// What to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "do")]
pub enum Advice {
    /// Let windows serve something else, each from the end of what it has in hand.
    Reallocate {
        /// Which, and what.
        moves: Vec<Reallocation>,
    },
    /// Give no more numbers of a service today. Whoever holds one is served, after closing if need be:
    /// who rejects this extends.
    StopIssuing {
        /// Which.
        service: ServiceId,
    },
    /// Go and see; the hall can do nothing about it by itself.
    LookAfter,
}

/// What a window serves, first and when nobody waits for that.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Services {
    /// First of all.
    pub primary: Vec<ServiceId>,
    /// When nobody waits for those, or when somebody who waits for these is over the target.
    pub backup: Vec<ServiceId>,
}

impl Services {
    /// Whether it is among them, in either tier.
    pub fn has(&self, service: ServiceId) -> bool {
        self.primary.contains(&service) || self.backup.contains(&service)
    }
}

/// A window serves something else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reallocation {
    /// Which.
    pub window: WindowId,
    /// What it serves now.
    pub before: Services,
    /// What it would serve.
    pub after: Services,
}

impl Reallocation {
    /// What the window would serve besides, or as a primary service instead of a backup one.
    pub fn adds(&self) -> impl Iterator<Item = ServiceId> {
        let primary = self.after.primary.iter().filter(|service| !self.before.primary.contains(service));
        let backup = self.after.backup.iter().filter(|service| !self.before.has(**service));
        primary.chain(backup).copied()
    }

    /// What it would serve no more.
    pub fn drops(&self) -> impl Iterator<Item = ServiceId> {
        self.before.primary.iter().chain(&self.before.backup).copied().filter(|it| !self.after.has(*it))
    }
}

/// What the manager accepted of a proposal that moves several windows. The others are left as they are, as if
/// their moves had been rejected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AcceptedPart {
    /// The windows that are moved.
    pub windows: Vec<WindowId>,
    /// Why no others.
    pub reason: String,
    /// What is expected of it, in the place of what was of all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub effects: Vec<Effect>,
}

/// Why the balancer proposes something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "found")]
pub enum Finding {
    /// Those who come for a service will wait longer than its target.
    WillMissTarget {
        /// Which.
        service: ServiceId,
        /// How long, in seconds.
        wait_s: u32,
        /// Its target, in minutes.
        target_minutes: u16,
    },
    /// A window is open, and nobody waits for what it serves, but for what its clerk could do besides.
    Idle {
        /// Which.
        window: WindowId,
        /// For how long, in minutes.
        minutes: u16,
        /// For what people wait.
        service: ServiceId,
    },
    /// A window is open and calls nobody, though people wait for what it serves.
    NotCalling {
        /// Which.
        window: WindowId,
        /// For how long, in minutes.
        minutes: u16,
    },
    /// A clerk takes far longer than usual.
    SlowClerk {
        /// Where.
        window: WindowId,
        /// Who, if that is known.
        clerk: Option<ClerkId>,
        /// How many percent of the usual time.
        percent: u16,
    },
    /// People wait for a service, and no clerk who is signed on where it should be served can do it.
    NobodyAble {
        /// Which.
        service: ServiceId,
        /// How many wait.
        waiting: u32,
    },
    /// Not all who wait for a service, or will come, can be served before it closes.
    CannotFinish {
        /// Which.
        service: ServiceId,
        /// How many would be left.
        left: u32,
        /// How many minutes after closing they would be done; as much as is foretold at most.
        minutes_over: u16,
    },
    /// Clerks can do more than their windows serve.
    SkillsUnused,
}

/// A wait to expect, in seconds. [`Range::CUT_S`] stands for all that is longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Range {
    /// Four in five days it is longer than this, or as long,
    pub low_s: u32,
    /// on average this,
    pub mean_s: u32,
    /// and shorter than this.
    pub high_s: u32,
}

impl Range {
    /// Nothing longer is foretold: it would be a guess about another part of the day.
    pub const CUT_S: u32 = 240 * 60;

    /// Whether it is longer than what is foretold, nobody knows by how much.
    pub const fn is_cut(self) -> bool {
        self.mean_s >= Self::CUT_S
    }

    /// Whether this wait is as expected.
    pub const fn holds(self, seen_s: u32) -> bool {
        self.low_s <= seen_s && (seen_s <= self.high_s || self.high_s >= Self::CUT_S)
    }
}

/// How a service's wait is expected to change: of those who come in the next half hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Effect {
    /// Of which service.
    pub service: ServiceId,
    /// If nothing is done.
    pub before: Range,
    /// If it is.
    pub after: Range,
}

/// What a proposal costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Cost {
    /// So many times more clerks change to another service in the next half hour,
    pub switches: u16,
    /// which takes them so many seconds together.
    pub seconds: u32,
}

impl Cost {
    /// Whether it costs nothing.
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
    fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}

/// Why a proposal can be accepted no more, though nobody answered it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LapseReason {
    /// Nobody answered it in time.
    TimeOver,
    /// The hall has changed: what it is about is not so any more.
    Overtaken,
    /// The balancer was turned off.
    TurnedOff,
}

/// A guard rail that holds a move back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GuardRail {
    /// The manager pinned the window.
    Pinned,
    /// The window is not open.
    NotOpen,
    /// It was moved so shortly before.
    Dwell,
    /// It was moved too often in this hour.
    WindowMoves,
    /// The hall's windows were moved too often in this hour.
    HallMoves,
    /// The hall or the window closes soon.
    Freeze,
    /// An open service would have no window.
    Uncovered,
    /// The clerk cannot do it.
    Skills,
}
