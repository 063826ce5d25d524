//! MQTT as the hall speaks it: the broker in this process, the controller's link, virtual devices.
//!
//! Topics are [`hall_protocol::topic::Topic`] on every side of this module; payloads are bytes,
//! because what they mean is the engine's business. Every publication is QoS 1, retained when it
//! is state and expiring when it is a message.

pub mod broker;
pub mod device;
pub mod link;

use bytes::Bytes;
use hall_protocol::json::{self, BufferFull, Payload};

/// The bytes of a payload of ours.
///
/// # Errors
/// If it is larger than it says it can be, which would be a defect.
pub fn encoded<T: Payload>(payload: &T) -> Result<Bytes, BufferFull> {
    let mut buffer = vec![0; T::BYTES_MAX];
    let used = json::encode(payload, &mut buffer)?;
    buffer.truncate(used);
    Ok(buffer.into())
}

#[cfg(test)]
mod tests;
