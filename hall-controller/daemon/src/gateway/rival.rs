//! Other controllers of this hall, while it is open: they are told that it is taken, and if one of them came
//! first, this one ends ([`crate::claim`] has the rules).

use std::sync::Arc;
use std::time::Instant;

use hall_protocol::payload::ClaimRef;
use hall_protocol::topic::Channel;
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
            Verdict::Yield(other) => {
                self.metrics.count("refused", "second_controller");
                self.ownership.stake.refuse(other);
            }
        }
    }
}
