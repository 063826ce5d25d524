//! Whose hall it is: two controllers of one hall would give every number twice.
//!
//! Whoever wants to run the hall claims it, and whoever runs it answers. Who runs it also leaves a note of that at
//! the broker, until it ends in good order: it may have crashed, been stopped or be cut off, and would come back
//! with the numbers it gave. Such a note keeps out every other installation, until a technician says that the old
//! computer is gone for good; the same installation goes on at once. Of two that run it and meet later the one of
//! the lower term ends, then the younger. The daemon goes by these rules, and the fault simulation. Pure: identity
//! and time come in, what to say goes out.

use std::cmp::Reverse;
use std::time::{Duration, Instant};

use hall_protocol::id::HallId;
use hall_protocol::payload::{ClaimRef, ControllerClaim};
use hall_protocol::text::Text;

/// Where no note is, the hall is granted when one connection has held for so long without an answer: longer than
/// a controller that runs it pauses before it connects again ([`REDIAL_MAX`]), for the broker may have lost the
/// note. Short enough for those who wait at kiosks.
pub const HELD: Duration = Duration::from_secs(3);

/// The longest pause before a running controller tries to connect again.
pub const REDIAL_MAX: Duration = Duration::from_secs(2);

const _: () = assert!(REDIAL_MAX.as_millis() < HELD.as_millis());

/// An answer to a claim that is older says nothing any more: the broker may have kept it while both were
/// away, and the one that answered may be dead.
pub const ANSWER_MAX: Duration = Duration::from_secs(30);

/// Where a controller has its journal. Of one and the same only one process can run: the directory is locked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Installation {
    /// The name of the machine.
    pub host: Text<64>,
    /// The data directory there.
    pub data: Text<160>,
    /// What was drawn when the directory was first used, if that is known.
    pub id: Option<Text<16>>,
}

impl Installation {
    /// Whether `claim` is of this one. A directory that was copied to another place is another one: both could run.
    fn made(&self, claim: &ControllerClaim) -> bool {
        let other_id = self.id.is_some() && claim.installation.is_some() && self.id != claim.installation;
        self.host == claim.host && self.data == claim.data && !other_id
    }
}

/// A process that claims a hall, as others know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contender {
    hall: HallId,
    process: u32,
    since_at_ms: i64,
    started: Instant,
    installation: Installation,
    term: u32,
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
    /// One of `installation`, whose `process` was drawn at its start at `started`, which was `since_at_ms` by its
    /// machine's clock.
    pub fn new(
        hall: HallId,
        installation: Installation,
        process: u32,
        since_at_ms: i64,
        started: Instant,
    ) -> Self {
        Self { hall, process, since_at_ms, started, installation, term: 0 }
    }

    /// The same in `term`.
    #[must_use]
    pub fn in_term(mut self, term: u32) -> Self {
        self.term = term;
        self
    }

    /// The hall.
    pub fn hall(&self) -> HallId {
        self.hall
    }

    /// The term; it rises when a technician lets it take over the hall.
    pub fn term(&self) -> u32 {
        self.term
    }

    /// What names a claim that it makes at `now`.
    pub fn claim(&self, now: Instant) -> ClaimRef {
        let up_ms = now.saturating_duration_since(self.started).as_millis();
        ClaimRef { process: self.process, up_ms: u64::try_from(up_ms).unwrap_or(u64::MAX) }
    }

    /// A claim at `now` in full: by one that runs the hall if `serving`, from process `pid` of its machine.
    pub fn words(&self, serving: bool, answers: Option<ClaimRef>, pid: u32, now: Instant) -> ControllerClaim {
        ControllerClaim {
            v: hall_protocol::json::Version,
            hall: self.hall,
            claim: self.claim(now),
            serving,
            since_at_ms: self.since_at_ms,
            host: self.installation.host.clone(),
            pid,
            data: self.installation.data.clone(),
            installation: self.installation.id.clone(),
            term: self.term,
            answers,
        }
    }

    /// The note of one that runs the hall; always the same words.
    pub fn note(&self, pid: u32) -> ControllerClaim {
        self.words(true, None, pid, self.started)
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

    /// Whether this one, which runs the hall, was replaced by the one whose note is at the broker, be that one
    /// silent or not: a technician said so.
    pub fn is_replaced_by(&self, note: &ControllerClaim) -> bool {
        note.hall == self.hall && note.term > self.term && !self.installation.made(note)
    }

    /// Who comes first has the smaller one: who runs the hall before who asks, then who has replaced the other, then
    /// the older process. Clocks of two machines may differ; both then still agree on who that is.
    fn rank(&self, serving: bool) -> (bool, Reverse<u32>, i64, u32) {
        (!serving, Reverse(self.term), self.since_at_ms, self.process)
    }
}

fn rank(claim: &ControllerClaim) -> (bool, Reverse<u32>, i64, u32) {
    (!claim.serving, Reverse(claim.term), claim.since_at_ms, claim.claim.process)
}

/// How the hall is entered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Entry {
    /// Only if no other installation holds it.
    #[default]
    IfFree,
    /// Also if one holds it that is silent: a technician says that it is gone for good.
    TakeOver,
}

/// The question whether the hall is free, asked at the start before any device is served.
#[derive(Debug, Default)]
pub struct Asking {
    entry: Entry,
    up_since: Option<Instant>,
    note: Option<ControllerClaim>,
}

/// How the question ended with no answer of one that lives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settled {
    /// The hall is this one's, in this term.
    Granted(u32),
    /// Another installation holds it, and is silent.
    Held(Box<ControllerClaim>),
}

impl Asking {
    /// The question of one that enters by `entry`.
    pub fn new(entry: Entry) -> Self {
        Self { entry, ..Self::default() }
    }

    /// The link is up since then, or down. Gives whether to claim the hall now: at every connection anew.
    pub fn link(&mut self, up_since: Option<Instant>) -> bool {
        self.up_since = up_since;
        // The broker says it again.
        self.note = None;
        up_since.is_some()
    }

    /// The note of who holds the hall, as the broker has it; none once it is cleared.
    pub fn noted(&mut self, note: Option<ControllerClaim>) {
        self.note = note;
    }

    /// When `asker` knows, if no answer comes and the connection holds until then: at once where its own
    /// installation holds the hall.
    pub fn settles_at(&self, asker: &Contender) -> Option<Instant> {
        let own = self.note.as_ref().is_some_and(|note| asker.installation.made(note));
        self.up_since.map(|since| if own { since } else { since + HELD })
    }

    /// What `asker` knows then.
    pub fn settle(&self, asker: &Contender) -> Settled {
        let noted = self.note.as_ref().map_or(0, |note| note.term);
        let term = asker.term.max(noted);
        match (&self.note, self.entry) {
            (_, Entry::TakeOver) => Settled::Granted(term.saturating_add(1)),
            (Some(note), Entry::IfFree) if !asker.installation.made(note) => {
                Settled::Held(Box::new(note.clone()))
            }
            (_, Entry::IfFree) => Settled::Granted(term),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contender(data: &str, id: Option<&str>) -> Contender {
        let installation = Installation { host: "pc".into(), data: data.into(), id: id.map(Into::into) };
        Contender::new("county".parse().unwrap(), installation, 1, 1_000, Instant::now())
    }

    #[test]
    fn it_claims_at_every_connection_and_is_granted_the_hall_when_one_has_held() {
        let (mut asking, start, asker) = (Asking::default(), Instant::now(), contender("/a", Some("1")));
        assert_eq!((asking.settles_at(&asker), asking.link(None)), (None, false));
        assert!(asking.link(Some(start)));
        assert_eq!(asking.settles_at(&asker), Some(start + HELD));
        assert!(!asking.link(None));
        assert_eq!(asking.settles_at(&asker), None, "the connection broke");
        let again = start + Duration::from_secs(1);
        assert!(asking.link(Some(again)));
        assert_eq!(asking.settles_at(&asker), Some(again + HELD));
        assert_eq!(asking.settle(&asker), Settled::Granted(0));
    }

    #[test]
    fn its_own_note_lets_it_in_at_once_and_anothers_not_at_all() {
        let (start, asker) = (Instant::now(), contender("/a", Some("1")));
        let let_in = |asker: &Contender, note: ControllerClaim| {
            let mut asking = Asking::default();
            asking.link(Some(start));
            asking.noted(Some(note.clone()));
            let at_once = asking.settles_at(asker) == Some(start);
            assert_eq!(at_once, asking.settle(asker) != Settled::Held(Box::new(note)));
            at_once
        };
        let own = asker.clone().in_term(3).note(7);
        assert!(let_in(&asker, own.clone()));
        assert!(let_in(&contender("/a", None), own), "its id was lost with the disk");
        assert!(let_in(&asker, contender("/a", None).note(7)), "of an older version");
        assert!(!let_in(&asker, contender("/b", Some("1")).note(7)), "a copy of the directory");
        assert!(!let_in(&asker, contender("/a", Some("2")).note(7)), "a copy of the whole machine");

        let mut asking = Asking::default();
        asking.link(Some(start));
        asking.noted(Some(contender("/b", Some("2")).note(7)));
        asking.noted(None);
        assert_eq!(asking.settle(&asker), Settled::Granted(0), "the other ended in good order");
    }

    #[test]
    fn who_takes_over_comes_before_who_was_replaced_whoever_is_older() {
        let (start, old) = (Instant::now(), contender("/a", Some("1")).in_term(1));
        let new = contender("/b", Some("2"));
        let mut asking = Asking::new(Entry::TakeOver);
        asking.link(Some(start));
        asking.noted(Some(old.note(7)));
        assert_eq!(asking.settles_at(&new), Some(start + HELD), "one that lives still answers");
        assert_eq!(asking.settle(&new), Settled::Granted(2));
        let new = Contender { since_at_ms: 2_000, process: 2, ..new.in_term(2) };
        assert!(matches!(new.judge(true, &old.note(7), start), Verdict::Answer(_)));
        assert!(old.is_replaced_by(&new.note(8)) && !new.is_replaced_by(&old.note(7)));
        assert!(!old.is_replaced_by(&old.clone().in_term(5).note(7)), "it is its own");
    }
}
