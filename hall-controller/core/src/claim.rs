//! Whose hall it is: two controllers of one hall would give every number twice.
//!
//! Whoever wants to run the hall claims it, and whoever runs it answers; only an answer counts, since one that died
//! may have left its claim at the broker. Of two that run it and meet later the younger ends. The daemon goes by
//! these rules, and the fault simulation. Pure: identity and time come in, what to say goes out.

use std::time::{Duration, Instant};

use hall_protocol::id::HallId;
use hall_protocol::payload::{ClaimRef, ControllerClaim};

/// The hall is granted when one connection has held for so long without an answer: longer than a controller that
/// was thrown out stays away, and short enough for those who wait at kiosks.
pub const HELD: Duration = Duration::from_secs(2);

/// An answer to a claim that is older says nothing any more: the broker may have kept it while both were
/// away, and the one that answered may be dead.
pub const ANSWER_MAX: Duration = Duration::from_secs(30);

/// A process that claims a hall, as others know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contender {
    hall: HallId,
    process: u32,
    since_at_ms: i64,
    started: Instant,
}

/// What a claim that was heard calls for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing: it is this process's own, or another hall's.
    Nothing,
    /// That one comes after this one: tell it, by an answer to its claim.
    Answer(ClaimRef),
    /// That one comes before this one, if it still lives: claim again, so that it can answer.
    ClaimAgain,
    /// That one comes before this one and lives: end.
    Yield,
}

impl Contender {
    /// One whose `process` was drawn at its start at `started`, which was `since_at_ms` by its machine's clock.
    pub fn new(hall: HallId, process: u32, since_at_ms: i64, started: Instant) -> Self {
        Self { hall, process, since_at_ms, started }
    }

    /// The hall.
    pub fn hall(&self) -> HallId {
        self.hall
    }

    /// When it started, in milliseconds since 1970 by its machine's clock.
    pub fn since_at_ms(&self) -> i64 {
        self.since_at_ms
    }

    /// What names a claim that it makes at `now`.
    pub fn claim(&self, now: Instant) -> ClaimRef {
        let up_ms = now.saturating_duration_since(self.started).as_millis();
        ClaimRef { process: self.process, up_ms: u64::try_from(up_ms).unwrap_or(u64::MAX) }
    }

    /// What the claim of another, heard at `now`, calls for; `serving` says whether this one runs the hall already.
    pub fn judge(&self, serving: bool, theirs: &ControllerClaim, now: Instant) -> Verdict {
        if theirs.claim.process == self.process || theirs.hall != self.hall {
            return Verdict::Nothing;
        }
        if self.rank(serving) < rank(theirs) {
            return Verdict::Answer(theirs.claim);
        }
        let is_answer = theirs.answers.is_some_and(|answered| {
            let age_ms = self.claim(now).up_ms.saturating_sub(answered.up_ms);
            answered.process == self.process && u128::from(age_ms) <= ANSWER_MAX.as_millis()
        });
        if is_answer { Verdict::Yield } else { Verdict::ClaimAgain }
    }

    /// Who comes first has the smaller one: who runs the hall before who asks, then the older process. Clocks of
    /// two machines may differ; both then still agree on who that is.
    fn rank(&self, serving: bool) -> (bool, i64, u32) {
        (!serving, self.since_at_ms, self.process)
    }
}

fn rank(claim: &ControllerClaim) -> (bool, i64, u32) {
    (!claim.serving, claim.since_at_ms, claim.claim.process)
}

/// The question whether the hall is free, asked at the start before any device is served.
#[derive(Debug, Default)]
pub struct Asking {
    up_since: Option<Instant>,
}

impl Asking {
    /// The link is up since then, or down. Gives whether to claim the hall now: at every connection anew.
    pub fn link(&mut self, up_since: Option<Instant>) -> bool {
        self.up_since = up_since;
        up_since.is_some()
    }

    /// When the hall is granted, if no answer comes and the connection holds until then.
    pub fn granted_at(&self) -> Option<Instant> {
        self.up_since.map(|since| since + HELD)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_claims_at_every_connection_and_is_granted_the_hall_when_one_has_held() {
        let (mut asking, start) = (Asking::default(), Instant::now());
        assert_eq!((asking.granted_at(), asking.link(None)), (None, false));
        assert!(asking.link(Some(start)));
        assert_eq!(asking.granted_at(), Some(start + HELD));
        assert!(!asking.link(None));
        assert_eq!(asking.granted_at(), None, "the connection broke");
        let again = start + Duration::from_secs(1);
        assert!(asking.link(Some(again)));
        assert_eq!(asking.granted_at(), Some(again + HELD));
    }
}
