//! Other controllers of this hall, while it is open: they are told that it is taken, and if one of them came
//! first, this one ends ([`crate::claim`] has the rules).

use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use hall_protocol::payload::ClaimRef;
use hall_protocol::topic::{Channel, Topic};
use tracing::error;

use super::Gateway;
use crate::claim::stake::Stake;
use crate::claim::{Claimant, SecondController, Verdict};

/// What the gateway knows of whose hall it is.
pub struct Ownership {
    /// This process.
    pub claimant: Arc<Claimant>,
    /// To be given up when another has the hall.
    pub stake: Stake,
    /// Who was refused last, and is in the log.
    pub refused: Option<SecondController>,
}

impl Gateway {
    /// Say at the broker who holds the hall: it keeps other installations out also when this controller is silent.
    pub(super) fn hold(&self) {
        self.retain(Channel::ControllerHolder, self.ownership.claimant.note());
    }

    /// The hall needs this controller no more, if it ends in good order: let others in.
    pub(super) fn let_go(&self) {
        if self.ownership.stake.is_released() {
            self.retain(Channel::ControllerHolder, Ok(Bytes::new()));
        }
    }

    /// Somebody published a note of who holds the hall.
    pub(super) fn hear_note(&mut self, payload: &[u8]) {
        match self.ownership.claimant.replaced_by(payload) {
            Some((other, note)) => self.give_way(other, note),
            // Another's, whose claim says the rest, or none: ours again.
            None => self.link.restore(Topic::new(self.hall, Channel::ControllerHolder), payload),
        }
    }

    fn give_way(&mut self, other: SecondController, note: Bytes) {
        self.metrics.count("refused", "second_controller");
        // Ours may stand there, by the last connection.
        self.retain(Channel::ControllerHolder, Ok(note));
        self.ownership.stake.refuse(other);
    }

    /// Say at the broker that this controller runs the hall, also as the answer to another's claim.
    pub(super) fn claim(&self, answers: Option<ClaimRef>) {
        let words = self.ownership.claimant.claim(true, answers, Instant::now());
        self.retain(Channel::ControllerClaim, words);
    }

    /// Judge a claim that somebody made.
    pub(super) fn hear_claim(&mut self, payload: &[u8]) {
        match self.ownership.claimant.judge(true, payload, Instant::now()) {
            Verdict::Nothing => {}
            Verdict::ClaimAgain => self.claim(None),
            Verdict::Answer(other, asked) => {
                self.metrics.count("refused", "second_controller");
                // It asks as often as it is thrown out, and by every subscription.
                if self.ownership.refused.as_ref() != Some(&other) && self.log_budget.spend() {
                    let who = other.who();
                    error!(hall = %self.hall, who, "another controller wants this hall and is refused");
                    self.ownership.refused = Some(other);
                }
                self.claim(Some(asked));
            }
            Verdict::Yield(other, note) => self.give_way(other, note),
        }
    }
}
