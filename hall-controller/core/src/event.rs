//! What happened. Events are the only way the hall changes, and the whole of what is journaled.

mod booking;
mod cause;
mod evaluation;
mod fields;
mod hand_in;
mod kind;
mod managed;
mod proposal;
mod reason;
mod reviewed;
mod stamped;

pub use self::booking::{CheckIn, UnbookReason};
pub use self::cause::{Cause, Device, Errand, PressId, Rule};
pub use self::evaluation::Evaluation;
pub use self::hand_in::HandIn;
pub use self::kind::Event;
pub use self::managed::Managed;
pub use self::proposal::{
    AcceptedPart, Advice, Cost, Effect, Finding, GuardRail, LapseReason, Proposal, ProposalId, Range,
    Reallocation, Services,
};
pub use self::reason::{CallReason, ExpiryReason, LeaseEnd, PutBack, RequeueReason, SignOffReason};
pub use self::reviewed::Reviewed;
pub use self::stamped::{Body, Stamped};
