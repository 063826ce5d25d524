//! Whose hall it is: two controllers of one hall at one broker would give every number twice.
//!
//! The lock on the journal stops a second controller on the same data directory; this stops one that has a
//! directory of its own. The rules are [`hall_core::claim`]'s; here is what this process says of itself, and what
//! people are told of another. [`stake`] asks before the hall opens, the gateway listens from then on. One of two
//! that meet later ends, with the same sentence: one that only fell silent on MQTT would go on calling its own
//! numbers on its signs and pages.

pub mod stake;

use std::path::Path;
use std::sync::LazyLock;
use std::time::Instant;

use bytes::Bytes;
use hall_core::claim::{self, Contender};
use hall_protocol::id::HallId;
use hall_protocol::json::{self, BufferFull};
use hall_protocol::payload::{ClaimRef, ControllerClaim};
use hall_protocol::text::Text;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::mqtt::encoded;

/// The name of this machine.
static HOST: LazyLock<String> =
    LazyLock::new(|| rustix::system::uname().nodename().to_string_lossy().into_owned());

/// Host and process of this controller, as its status says.
pub(crate) fn owner() -> Text<48> {
    // Room for the process, however long the name.
    let host: String = HOST.chars().take(24).collect();
    format!("{host}, process {}", std::process::id()).as_str().into()
}

/// This process, as one that claims a hall.
#[derive(Debug)]
pub struct Claimant {
    contender: Contender,
    zone: TimeZone,
    data: Text<160>,
    broker: String,
}

/// Another controller that runs the hall: who, where, since when, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "another controller runs hall {hall} at the MQTT broker {broker}: {who}. Two would give the same numbers \
     to different people. Leave that one alone, or stop it there (systemctl stop hall-controller) before this \
     one is started"
)]
pub struct SecondController {
    hall: HallId,
    broker: String,
    who: String,
}

/// What a claim that was heard calls for.
#[derive(Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing: it is this process's own, or cannot be read.
    Nothing,
    /// That one comes after this one: tell it, by an answer to its claim.
    Answer(SecondController, ClaimRef),
    /// That one comes before this one, if it still lives: claim again, so that it can answer.
    ClaimAgain,
    /// That one comes before this one and lives: end.
    Yield(SecondController),
}

impl Claimant {
    /// This process for `hall`, with its data `directory`, at `broker`; `zone` is for people to read.
    pub fn new(hall: HallId, broker: String, directory: &Path, zone: TimeZone) -> Self {
        let directory = std::path::absolute(directory).unwrap_or_else(|_| directory.to_owned());
        let data = directory.to_string_lossy().as_ref().into();
        let since_at_ms = Timestamp::now().as_millisecond();
        let contender = Contender::new(hall, fastrand::u32(..), since_at_ms, Instant::now());
        Self { contender, zone, data, broker }
    }

    /// The hall it wants.
    pub fn hall(&self) -> HallId {
        self.contender.hall()
    }

    /// The words of a claim at `now`: by one that runs the hall if `serving`.
    ///
    /// # Errors
    /// Never in a sound build: a claim has its bound.
    pub fn claim(&self, serving: bool, answers: Option<ClaimRef>, now: Instant) -> Result<Bytes, BufferFull> {
        encoded(&self.words(serving, answers, now))
    }

    fn words(&self, serving: bool, answers: Option<ClaimRef>, now: Instant) -> ControllerClaim {
        ControllerClaim {
            v: json::Version,
            hall: self.hall(),
            claim: self.contender.claim(now),
            serving,
            since_at_ms: self.contender.since_at_ms(),
            host: HOST.as_str().into(),
            pid: std::process::id(),
            data: self.data.clone(),
            answers,
        }
    }

    /// What `payload`, heard at `now`, calls for; `serving` says whether this one runs the hall already.
    pub fn judge(&self, serving: bool, payload: &[u8], now: Instant) -> Verdict {
        let Ok(theirs) = json::decode::<ControllerClaim>(payload) else { return Verdict::Nothing };
        match self.contender.judge(serving, &theirs, now) {
            claim::Verdict::Nothing => Verdict::Nothing,
            claim::Verdict::Answer(asked) => Verdict::Answer(self.named(&theirs), asked),
            claim::Verdict::ClaimAgain => Verdict::ClaimAgain,
            claim::Verdict::Yield => Verdict::Yield(self.named(&theirs)),
        }
    }

    fn named(&self, theirs: &ControllerClaim) -> SecondController {
        let ControllerClaim { pid, host, data, since_at_ms, .. } = theirs;
        let since = Timestamp::from_millisecond(*since_at_ms).unwrap_or_default();
        let (local, offset) = (self.zone.to_datetime(since), self.zone.to_offset(since));
        let since = format!("{} {offset}", local.strftime("%Y-%m-%d %H:%M:%S"));
        let who = format!("process {pid} on {host}, since {since}, data directory {data}");
        SecondController { hall: self.hall(), broker: self.broker.clone(), who }
    }
}

impl SecondController {
    /// Process, host, since when, data directory.
    pub fn who(&self) -> &str {
        &self.who
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use hall_core::claim::ANSWER_MAX;

    use super::*;

    fn contender(hall: &str, process: u32, since_s: i64) -> Contender {
        Contender::new(hall.parse().unwrap(), process, since_s * 1_000, Instant::now())
    }

    fn claimant(process: u32, since_s: i64) -> Claimant {
        let (hall, zone) = ("county".parse().unwrap(), TimeZone::get("Asia/Shanghai").unwrap());
        let mut claimant = Claimant::new(hall, "broker:1883".into(), Path::new("/srv/hall"), zone);
        claimant.contender = contender("county", process, since_s);
        claimant
    }

    fn heard(by: (&Claimant, bool), from: (&Claimant, bool), answers: Option<ClaimRef>) -> Verdict {
        let now = Instant::now();
        by.0.judge(by.1, &from.0.claim(from.1, answers, now).unwrap(), now)
    }

    #[test]
    fn who_runs_the_hall_comes_before_who_asks_whatever_their_clocks_say_then_the_older_one() {
        let (old, young) = (claimant(9, 1_000), claimant(1, 2_000));
        for (first, second) in [
            ((&young, true), (&old, false)),
            ((&old, true), (&young, true)),
            ((&old, false), (&young, false)),
        ] {
            assert!(matches!(heard(first, second, None), Verdict::Answer(..)));
            assert_eq!(heard(second, first, None), Verdict::ClaimAgain, "it may be dead");
            let asked = ClaimRef { process: second.0.contender.claim(Instant::now()).process, up_ms: 0 };
            assert!(matches!(heard(second, first, Some(asked)), Verdict::Yield(_)));
        }
        let (one, other) = (claimant(1, 1_000), claimant(2, 1_000));
        assert!(matches!(heard((&one, true), (&other, true), None), Verdict::Answer(..)));
        assert_eq!(heard((&other, true), (&one, true), None), Verdict::ClaimAgain);
    }

    #[test]
    fn its_own_claim_another_halls_and_what_is_no_claim_are_nothing() {
        let one = claimant(1, 1_000);
        assert_eq!(heard((&one, false), (&one, true), None), Verdict::Nothing);
        let mut elsewhere = claimant(2, 1);
        elsewhere.contender = contender("other", 2, 1);
        assert_eq!(heard((&one, false), (&elsewhere, true), None), Verdict::Nothing);
        assert_eq!(one.judge(true, b"{}", Instant::now()), Verdict::Nothing);
    }

    #[test]
    fn an_answer_to_somebody_else_or_of_long_ago_ends_nobody() {
        let (old, young) = (claimant(1, 1_000), claimant(2, 2_000));
        let elsewhere = Some(ClaimRef { process: 3, up_ms: 0 });
        assert_eq!(heard((&young, true), (&old, true), elsewhere), Verdict::ClaimAgain);
        let answers = Some(ClaimRef { process: 2, up_ms: 0 });
        let kept = old.claim(true, answers, Instant::now()).unwrap();
        let late = Instant::now() + ANSWER_MAX + Duration::from_secs(1);
        assert_eq!(young.judge(true, &kept, late), Verdict::ClaimAgain);
    }

    #[test]
    fn the_sentence_says_who_where_since_when_and_what_to_do() {
        let (old, young) = (claimant(1, 1_772_411_400), claimant(2, 1_772_411_500));
        let answers = Some(ClaimRef { process: 2, up_ms: 0 });
        let Verdict::Yield(second) = heard((&young, false), (&old, true), answers) else { panic!() };
        let said = second.to_string();
        for part in [
            "hall county",
            "broker:1883",
            &format!("process {} on {}", std::process::id(), *HOST),
            "since 2026-03-02 08:30:00 +08",
            "data directory /srv/hall",
            "systemctl stop hall-controller",
        ] {
            assert!(said.contains(part), "{part}: {said}");
        }
    }
}
