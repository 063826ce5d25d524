//! What is due, in order of time; of one moment, in the order it was planned.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use hall_core::event::ProposalId;

/// Something that will happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Due {
    /// A window begins an interval of its opening times.
    Opens(usize),
    /// A window ends its interval of this place.
    Shuts(usize, usize),
    /// The hall's turn.
    Tick,
    /// The manager accepts a proposal.
    Accepts(ProposalId),
    /// A window is done with the citizen in hand.
    Ends(usize),
    /// A citizen's patience is over.
    Leaves(usize),
}

/// The future.
#[derive(Debug, Default)]
pub(crate) struct Schedule {
    heap: BinaryHeap<Reverse<(u64, u64, Due)>>,
    planned: u64,
}

impl Schedule {
    /// Plan something for this minute, which is not negative.
    pub(crate) fn plan(&mut self, minute: f64, due: Due) {
        // The bits of floats that are not negative are in the order of their values.
        self.heap.push(Reverse((minute.max(0.0).to_bits(), self.planned, due)));
        self.planned += 1;
    }

    /// When something is due next.
    pub(crate) fn next_minute(&self) -> Option<f64> {
        self.heap.peek().map(|Reverse((bits, _, _))| f64::from_bits(*bits))
    }

    /// What is due next, and when.
    pub(crate) fn next(&mut self) -> Option<(f64, Due)> {
        self.heap.pop().map(|Reverse((bits, _, due))| (f64::from_bits(bits), due))
    }
}
