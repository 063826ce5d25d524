//! Between the hall and what devices say and read: payloads to commands, answers and pictures to payloads.
//!
//! Whoever brings payloads to the hall uses these words: the daemon's gateway over MQTT, and the simulations of
//! whole halls, so that the devices in them read what real ones do. No bytes and no topics here.

mod asked;
mod told;

pub use asked::{pressed, requested};
pub use told::{board, call_reason, kiosk_reply, menu, press_outcome, refused, window_state};

#[cfg(test)]
mod tests;
