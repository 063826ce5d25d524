//! What a sign is asked, and how urgently.

use std::sync::Arc;
use std::time::Instant;

use crate::codec::Effect;
use crate::words::Showing;

/// How urgent a request is; the order is that of the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Class {
    Call,
    Idle,
    /// To ask a sign that did not answer.
    Retry,
    Poll,
}

/// The next thing a sign is to be asked: how urgent, and from when on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Due {
    pub(super) class: Class,
    pub(super) at: Instant,
}

/// What was asked, with what its answer needs.
#[derive(Debug)]
pub(super) enum Ask {
    Identify,
    SetUp,
    Paint {
        effect: Effect,
        page: Arc<Showing>,
        tag: u64,
    },
    /// A request of those that set its own clock.
    SetClock,
    Poll,
}

impl Ask {
    pub(super) fn is_swap(&self) -> bool {
        matches!(self, Self::Paint { effect: Effect::Shows, .. })
    }

    /// Whether another sign may go first now.
    pub(super) fn ends_turn(&self) -> bool {
        self.is_swap() || matches!(self, Self::Poll)
    }
}
