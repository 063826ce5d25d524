//! MQTT as the hall speaks it: the broker in this process, the controller's link, virtual devices.
//!
//! Topics are [`hall_protocol::topic::Topic`] on every side of this module; payloads are bytes,
//! because what they mean is the engine's business. Every publication is QoS 1, retained when it
//! is state and expiring when it is a message.

pub mod broker;
pub mod device;
pub mod link;

#[cfg(test)]
mod tests;
