//! Which of its two speeds a card listens at: ping at one, wait, ping at the other.
//!
//! Source: BX-5K/6K protocol v1.4, section 8.8: 9600 first, then 57600, two seconds each, then both
//! once more. Without I/O: the caller sets the port's speed and moves the bytes.

use std::time::{Duration, Instant};

use super::bx5k::{Bx5k, Setup};
use crate::codec::{Answer, Codec, Heard};

/// The speeds a card can be set to, in the order to try.
pub const RATES: [u32; 2] = [9_600, 57_600];

/// How long an answer may take at one speed.
const PATIENCE: Duration = Duration::from_secs(2);

const ROUNDS: usize = 2;

/// What is known of the card's speed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// Still looking.
    NotYet,
    /// The card answered at this speed, in bits a second.
    At(u32),
    /// No answer at any: check the wiring.
    Nowhere,
}

/// The search.
#[derive(Debug)]
pub struct BaudSearch {
    codec: Bx5k,
    tried: usize,
    deadline: Option<Instant>,
    found: Found,
}

impl BaudSearch {
    /// Look for the card that `setup` describes.
    pub fn new(setup: Setup) -> Self {
        Self { codec: Bx5k::new(setup), tried: 0, deadline: None, found: Found::NotYet }
    }

    /// Set the port to this speed and send these bytes, now.
    pub fn poll_transmit(&mut self, now: Instant) -> Option<(u32, Vec<u8>)> {
        if self.found != Found::NotYet || self.deadline.is_some() {
            return None;
        }
        let rate = RATES[self.tried % RATES.len()];
        self.deadline = Some(now + PATIENCE);
        Some((rate, self.codec.ping().bytes))
    }

    /// When [`BaudSearch::handle_timeout`] is due.
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.deadline
    }

    /// Time has passed.
    pub fn handle_timeout(&mut self, now: Instant) {
        if self.deadline.is_none_or(|deadline| now < deadline) {
            return;
        }
        self.deadline = None;
        self.tried += 1;
        if self.tried >= ROUNDS * RATES.len() {
            self.found = Found::Nowhere;
        }
    }

    /// Bytes have come in.
    pub fn handle_input(&mut self, bytes: &[u8]) {
        let ping = self.codec.ping();
        let heard = self.codec.read(bytes, Some(&ping));
        // A refusal comes from a card, too.
        let answered = heard
            .iter()
            .any(|heard| matches!(heard, Heard::Answer(Answer::Identified { .. } | Answer::Refused { .. })));
        if answered && self.deadline.take().is_some() {
            self.found = Found::At(RATES[self.tried % RATES.len()]);
        }
    }

    /// What is known.
    pub fn found(&self) -> Found {
        self.found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emulator::bx5k::VirtualBx5k;

    #[test]
    fn a_card_at_either_speed_is_found_and_none_is_reported() {
        for (card_rate, expected) in
            [(Some(9_600), Found::At(9_600)), (Some(57_600), Found::At(57_600)), (None, Found::Nowhere)]
        {
            let mut now = Instant::now();
            let mut search = BaudSearch::new(Setup::new(1, 128, 32));
            let mut card = VirtualBx5k::new(1, 128, 32);
            while search.found() == Found::NotYet {
                if let Some((rate, bytes)) = search.poll_transmit(now) {
                    // At another speed a card hears noise only.
                    if Some(rate) == card_rate {
                        search.handle_input(&card.receive(&bytes));
                    }
                } else if let Some(at) = search.poll_timeout() {
                    now = at;
                    search.handle_timeout(now);
                }
            }
            assert_eq!(search.found(), expected);
            assert_eq!(search.poll_transmit(now), None);
        }
    }
}
