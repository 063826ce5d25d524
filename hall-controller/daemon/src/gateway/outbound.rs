//! What is published: replies, and events for integrators. No I/O.

use bytes::Bytes;
use hall_core::event::{Device, Event};
use hall_core::plan::Plan;
use hall_core::refusal::Refusal;
use hall_core::wire;
use hall_protocol::json::{BufferFull, Version};
use hall_protocol::payload::{EventNotice, PressOutcome, Refused, WindowReply};

use crate::engine::{Outcome, Recorded};
use crate::mqtt::encoded;

/// The reply to a request of `device`: what the engine made of it, or why it never got there.
pub fn reply(
    plan: &Plan,
    device: Device,
    session: Option<u32>,
    seq: Option<u32>,
    outcome: Result<&Outcome, Refused>,
) -> Result<Bytes, BufferFull> {
    let answer = match outcome {
        Ok(Outcome::Answered(answer)) => Ok(answer),
        Ok(Outcome::Refused(refusal)) => Err(wire::refused(plan, refusal)),
        // No device asks for what has no answer.
        Ok(Outcome::Done) => Err(wire::refused(plan, &Refusal::OutOfOrder)),
        Err(refused) => Err(refused),
    };
    match device {
        Device::Kiosk(_) => encoded(&wire::kiosk_reply(plan, session, seq, answer)),
        Device::Pad(_) => {
            let told = |answer| wire::press_outcome(plan, answer);
            let outcome = answer.map_or_else(PressOutcome::Refused, told);
            encoded(&WindowReply { v: Version, session, seq, outcome })
        }
    }
}

/// An event for integrators.
pub fn notice(recorded: &Recorded) -> EventNotice {
    let Recorded { seq, stamped } = recorded;
    let service = match &stamped.event {
        Event::Issued { service, .. }
        | Event::WalkedIn { service, .. }
        | Event::Booked { service, .. }
        | Event::Rebooked { service, .. }
        | Event::Unbooked { service, .. }
        | Event::Released { service, .. }
        | Event::NumbersLeased { service, .. }
        | Event::LeaseEnded { service, .. }
        | Event::MatterAdded { service, .. }
        | Event::MatterFinished { next: service, .. }
        | Event::ServiceCorrected { service, .. }
        | Event::Transferred { service, .. } => Some(*service),
        _ => None,
    };
    EventNotice {
        v: Version,
        seq: *seq,
        at_ms: stamped.at.unix_ms(),
        name: stamped.event.name().into(),
        press: stamped.cause.press().map(|press| press.to_string().as_str().into()),
        number: stamped.event.number(),
        window: stamped.event.window(),
        service,
    }
}
