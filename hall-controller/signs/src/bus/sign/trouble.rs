//! What goes wrong with a sign: it refuses, does not answer, or is another than configured.

use std::time::{Duration, Instant};

use super::super::ask::Ask;
use super::super::{BusEvent, Health};
use super::{Phase, Sign};
use crate::codec::{Cure, Request};

/// The first pause before a sign that did not answer is asked again; it doubles each time.
const BACKOFF_MIN: Duration = Duration::from_secs(1);

/// The longest such pause: a sign that is switched on again is noticed after this.
const BACKOFF_MAX: Duration = Duration::from_secs(10);

/// A busy sign is asked again after this.
const BUSY_WAIT: Duration = Duration::from_millis(200);

/// So many refusals without a picture shown, and the sign is treated as one that does not answer.
const REFUSALS_MAX: u32 = 8;

impl Sign {
    pub(super) fn refused(&mut self, ask: &Ask, request: &Request, why: &str, cure: Cure, now: Instant) {
        self.status.naks += 1;
        self.refusals += 1;
        if cure == Cure::GiveUp {
            self.is_another(why.to_owned(), now);
            return;
        }
        if self.refusals > REFUSALS_MAX {
            self.refusals = 0;
            self.failed(format!("the sign refuses what it is asked: {why}"), now);
            return;
        }
        match (cure, ask) {
            (Cure::Wait, ask) => {
                self.hold_until = now + BUSY_WAIT;
                if let (Ask::SetClock, Some(clock)) = (ask, &mut self.clock) {
                    clock.put_off();
                }
            }
            (Cure::GoOn, Ask::SetUp) => drop(self.set_up.pop_if(|next| next == request)),
            (Cure::GoOn, Ask::Poll) | (Cure::GiveUp, _) => {}
            (Cure::GoOn, Ask::SetClock) => self.clock.iter_mut().for_each(|clock| clock.leave(now)),
            // Who refuses to say who it is, is there.
            (Cure::GoOn, Ask::Identify) => self.identified(None, now),
            // It will refuse again: others on the line must not wait for that.
            (Cure::GoOn, Ask::Paint { .. }) => {
                self.failed(format!("the sign refuses what it is asked: {why}"), now);
            }
            // At once; but a sign that goes on refusing is asked more and more slowly.
            (Cure::StartOver, _) => self.identify_from(now + BUSY_WAIT * (self.refusals - 1)),
        }
    }

    /// Nobody has answered, however often the request was repeated.
    pub(in super::super) fn unanswered(&mut self, patience: Duration, now: Instant) {
        let asked = self.failures + 1;
        let waited_ms = patience.as_millis();
        let why = format!(
            "no answer within {waited_ms} ms, {asked} times in a row: power, address switch, wiring?"
        );
        self.failed(why, now);
    }

    pub(super) fn failed(&mut self, why: String, now: Instant) {
        let pause = BACKOFF_MIN.saturating_mul(1 << self.failures.min(8)).min(BACKOFF_MAX);
        self.failures = self.failures.saturating_add(1);
        self.identify_from(now + pause);
        if matches!(self.status.health, Health::Dark { .. }) {
            return;
        }
        if self.failures == 1 {
            self.status.health = Health::Late;
            self.troubled = true;
            self.events.push(BusEvent::Late { address: self.address });
        } else {
            self.dark(why, now);
        }
    }

    fn dark(&mut self, why: String, now: Instant) {
        if !matches!(self.status.health, Health::Dark { .. }) {
            self.status.health = Health::Dark { since: now };
        } else if self.status.dark_because.as_ref() == Some(&why) {
            return;
        }
        self.troubled = true;
        self.status.dark_because = Some(why.clone());
        self.events.push(BusEvent::Dark { address: self.address, why });
    }

    pub(super) fn recovered(&mut self) {
        self.status.health = Health::Ok;
        self.status.dark_because = None;
        if std::mem::take(&mut self.troubled) {
            self.events.push(BusEvent::Recovered { address: self.address });
        }
    }

    /// It is another sign than configured, or one that nobody here understands.
    pub(super) fn is_another(&mut self, why: String, now: Instant) {
        self.failures = self.failures.max(1);
        self.dark(why, now);
        self.phase = Phase::Unidentified { not_before: now + BACKOFF_MAX };
    }
}
