//! Whose hall it is: two controllers of one hall at one broker would give every number twice.
//!
//! The lock on the journal stops a second controller on the same data directory; this stops one that has a
//! directory of its own. The rules are [`hall_core::claim`]'s; here is what this process says of itself, and what
//! people are told of another. [`installation`] tells data directories apart; [`stake`] asks before the hall opens,
//! the gateway listens from then on. One of two
//! that meet later ends, with the same sentence: one that only fell silent on MQTT would go on calling its own
//! numbers on its signs and pages.

pub mod installation;
pub mod stake;

use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::Instant;

use bytes::Bytes;
use hall_core::claim::{self, Contender};
use hall_protocol::id::HallId;
use hall_protocol::json::{self, BufferFull};
use hall_protocol::payload::{ClaimRef, ControllerClaim};
use hall_protocol::text::Text;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use tracing::error;

use self::installation::InstallationFile;
use crate::mqtt::encoded;
use crate::told::Told;

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
    /// Its term is known when the hall is granted.
    contender: Mutex<Contender>,
    installation: InstallationFile,
    zone: TimeZone,
    broker: String,
}

/// Another controller that has the hall: who, where, since when, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SecondController {
    /// It runs it.
    #[error(
        "another controller runs hall {} at the MQTT broker {}: {}. Two would give the same numbers \
         to different people. Leave that one alone, or stop it there (systemctl stop hall-controller) before this \
         one is started", .0.hall, .0.broker, .0.who
    )]
    Lives(Owner),
    /// It has not ended in good order, and does not answer.
    #[error(
        "another controller has hall {} at the MQTT broker {} and is silent: {}. It may be stopped, cut off or \
         crashed, and would come back with the numbers it gave. Start that one again, or end it there in good order \
         (systemctl stop hall-controller). Only if the old computer is gone for good, start this one once with \
         --take-over", .0.hall, .0.broker, .0.who
    )]
    Silent(Owner),
}

impl Told for SecondController {
    fn zh(&self) -> String {
        let (Self::Lives(owner) | Self::Silent(owner)) = self;
        let Owner { hall, broker, who } = owner;
        match self {
            Self::Lives(_) => format!(
                "大厅 {hall} 已由另一台控制器运行（MQTT 服务器 {broker}）：{who}。两台同时运行会把同一个号发给不同的人；\
                 请保留那一台，或先在那里停止它（systemctl stop hall-controller），再启动本机"
            ),
            Self::Silent(_) => format!(
                "大厅 {hall} 属于另一台控制器，它现在没有应答（MQTT 服务器 {broker}）：{who}。它可能被暂停、断网或已崩溃，\
                 恢复后会继续用它发过的号；请重新启动那一台，或在那里正常停止它（systemctl stop hall-controller）。\
                 只有旧电脑确实不再使用时，才用 --take-over 启动本机一次"
            ),
        }
    }
}

/// Who has a hall.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
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
    /// Its note is to be at the broker.
    Yield(SecondController, Bytes),
}

impl Claimant {
    /// This process for `hall`, of `installation`, at `broker`; `zone` is for people to read.
    pub fn new(hall: HallId, broker: String, installation: InstallationFile, zone: TimeZone) -> Self {
        let since_at_ms = Timestamp::now().as_millisecond();
        let who = installation.installation();
        let contender = Contender::new(hall, who, fastrand::u32(..), since_at_ms, Instant::now());
        let contender = Mutex::new(contender.in_term(installation.term()));
        Self { contender, installation, zone, broker }
    }

    /// The hall it wants.
    pub fn hall(&self) -> HallId {
        self.contender().hall()
    }

    /// It, as the rules know it.
    pub(super) fn contender(&self) -> Contender {
        self.contender.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The hall is its own, in `term`. Blocks until that is on the disk.
    pub(super) fn enter(&self, term: u32) {
        if let Err(error) = self.installation.keep(term) {
            // Its note at the broker says it as well.
            error!(%error, term, "the term in which this controller holds the hall is not kept");
        }
        let mut contender = self.contender.lock().unwrap_or_else(PoisonError::into_inner);
        *contender = contender.clone().in_term(term);
    }

    /// The words by which it holds the hall; always the same.
    ///
    /// # Errors
    /// Never in a sound build: a claim has its bound.
    pub fn note(&self) -> Result<Bytes, BufferFull> {
        encoded(&self.contender().note(std::process::id()))
    }

    /// Who replaced this one, which runs the hall, by the `note` that the broker has.
    pub fn replaced_by(&self, note: &[u8]) -> Option<(SecondController, Bytes)> {
        let note = json::decode::<ControllerClaim>(note).ok()?;
        let owner = SecondController::Lives(self.owner(&note));
        self.contender().is_replaced_by(&note).then(|| encoded(&note).ok().map(|words| (owner, words)))?
    }

    /// The words of a claim at `now`: by one that runs the hall if `serving`.
    ///
    /// # Errors
    /// Never in a sound build: a claim has its bound.
    pub fn claim(&self, serving: bool, answers: Option<ClaimRef>, now: Instant) -> Result<Bytes, BufferFull> {
        encoded(&self.contender().words(serving, answers, std::process::id(), now))
    }

    /// What `payload`, heard at `now`, calls for; `serving` says whether this one runs the hall already.
    pub fn judge(&self, serving: bool, payload: &[u8], now: Instant) -> Verdict {
        let Ok(theirs) = json::decode::<ControllerClaim>(payload) else { return Verdict::Nothing };
        match self.contender().judge(serving, &theirs, now) {
            claim::Verdict::Nothing => Verdict::Nothing,
            claim::Verdict::Answer(asked) => {
                Verdict::Answer(SecondController::Lives(self.owner(&theirs)), asked)
            }
            claim::Verdict::ClaimAgain => Verdict::ClaimAgain,
            claim::Verdict::Yield => {
                // What it leaves at the broker is the other one's note.
                let note = ControllerClaim { answers: None, ..theirs.clone() };
                let note = encoded(&note).unwrap_or_default();
                Verdict::Yield(SecondController::Lives(self.owner(&theirs)), note)
            }
        }
    }

    fn owner(&self, theirs: &ControllerClaim) -> Owner {
        let ControllerClaim { pid, host, data, since_at_ms, .. } = theirs;
        let since = Timestamp::from_millisecond(*since_at_ms).unwrap_or_default();
        let (local, offset) = (self.zone.to_datetime(since), self.zone.to_offset(since));
        let since = format!("{} {offset}", local.strftime("%Y-%m-%d %H:%M:%S"));
        let who = format!("process {pid} on {host}, since {since}, data directory {data}");
        Owner { hall: self.hall(), broker: self.broker.clone(), who }
    }
}

impl SecondController {
    /// Process, host, since when, data directory.
    pub fn who(&self) -> &str {
        let (Self::Lives(owner) | Self::Silent(owner)) = self;
        &owner.who
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use hall_core::claim::{ANSWER_MAX, Installation};

    use super::*;

    fn contender(hall: &str, process: u32, since_s: i64) -> Contender {
        let data = "/srv/hall".into();
        let installation = Installation { host: HOST.as_str().into(), data, id: None };
        Contender::new(hall.parse().unwrap(), installation, process, since_s * 1_000, Instant::now())
    }

    fn claimant(process: u32, since_s: i64) -> Claimant {
        let (hall, zone) = ("county".parse().unwrap(), TimeZone::get("Asia/Shanghai").unwrap());
        let directory = tempfile::tempdir().unwrap();
        let installation = InstallationFile::open(directory.path()).unwrap();
        let mut claimant = Claimant::new(hall, "broker:1883".into(), installation, zone);
        claimant.contender = Mutex::new(contender("county", process, since_s));
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
            let asked = ClaimRef { process: second.0.contender().claim(Instant::now()).process, up_ms: 0 };
            assert!(matches!(heard(second, first, Some(asked)), Verdict::Yield(..)));
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
        elsewhere.contender = Mutex::new(contender("other", 2, 1));
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
        let Verdict::Yield(second, _) = heard((&young, false), (&old, true), answers) else { panic!() };
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
