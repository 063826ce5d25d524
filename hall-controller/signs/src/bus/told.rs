//! What the bus tells of its signs and its line.

use std::sync::Arc;
use std::time::Instant;

use hall_protocol::sign::SignAddress;

use crate::frame::Frame;

/// What the caller should know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BusEvent {
    /// The sign has acknowledged that it shows a picture.
    Shown {
        /// Which sign.
        address: SignAddress,
        /// The tag of the latest [`super::Bus::show`] with this picture; never less than before.
        tag: u64,
    },
    /// The sign has not answered a request, however often repeated. It is asked again soon.
    Late {
        /// Which sign.
        address: SignAddress,
    },
    /// The sign does not answer, or is another than the configuration says.
    Dark {
        /// Which sign.
        address: SignAddress,
        /// What is wrong, for a technician.
        why: String,
    },
    /// A sign that was late or dark answers again.
    Recovered {
        /// Which sign.
        address: SignAddress,
    },
}

impl BusEvent {
    /// Of which sign it tells.
    pub const fn address(&self) -> SignAddress {
        match self {
            Self::Shown { address, .. }
            | Self::Late { address }
            | Self::Dark { address, .. }
            | Self::Recovered { address } => *address,
        }
    }
}

/// How a sign is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    /// It answers.
    Ok,
    /// It has missed a request, or has not been asked yet.
    Late,
    /// It does not answer, or is not what it should be.
    Dark {
        /// Since when.
        since: Instant,
    },
}

/// What is known of a sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignStatus {
    /// How it is.
    pub health: Health,
    /// The picture it has said it shows; `None` when that is not known.
    pub acknowledged: Option<Arc<Frame>>,
    /// Requests without a reply in time, repetitions counted, since the bus was made.
    pub timeouts: u64,
    /// Requests it refused, since the bus was made.
    pub naks: u64,
    /// Of a dark sign: what is wrong and what helps, for a technician.
    pub dark_because: Option<String>,
}

/// What was heard on the line and answers nothing, since the bus was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Noise {
    /// Broken frames: checksum, coding, length, or no message of this protocol.
    pub broken_frames: u64,
    /// Whole replies that came too late, or were not asked for.
    pub stray_replies: u64,
}
