//! One question at a time to the controller, repeated until its answer comes or nobody waits any more.
//!
//! A device has a session and counts its questions in it. A question is repeated as it is, with its true
//! age; the controller does it once. Both numbers outlive a restart through [`Memory`], so that a device
//! never gives a new question the numbers of an old one. A question that was
//! under way at a restart is not asked again: its age is not known any more.

use hall_protocol::payload::Refused;
use hall_protocol::sign::PictureId;

use crate::message::{Ignored, is_out_of_order};

/// As long as a lost message costs a citizen a blink.
const REPEAT_MS: u64 = 700;

/// Then whoever pressed is told that the system does not answer. The controller refuses what is
/// older than ten seconds.
pub const PATIENCE_MS: u64 = 5_000;

/// Questions are counted in memory and written down this many at a time: flash wears out after some ten
/// thousand writes, so after some hundred thousand questions instead.
const RESERVED_AT_ONCE: u32 = 64;

/// What outlives a restart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kept {
    /// The session.
    pub session: u32,
    /// No question of the session has a higher number.
    pub reserved: u32,
}

impl Kept {
    /// The bytes to keep, with their checksum.
    pub fn to_bytes(self) -> [u8; 12] {
        let mut bytes = [0; 12];
        bytes[..4].copy_from_slice(&self.session.to_be_bytes());
        bytes[4..8].copy_from_slice(&self.reserved.to_be_bytes());
        let sum = PictureId::of(&bytes[..8]).0;
        bytes[8..].copy_from_slice(&sum.to_be_bytes());
        bytes
    }

    /// What was kept; `None` if the bytes are not whole, as in flash that was never written.
    pub fn from_bytes(bytes: [u8; 12]) -> Option<Self> {
        let [s0, s1, s2, s3, r0, r1, r2, r3, sum @ ..] = bytes;
        (PictureId::of(&bytes[..8]).0 == u32::from_be_bytes(sum)).then_some(Self {
            session: u32::from_be_bytes([s0, s1, s2, s3]),
            reserved: u32::from_be_bytes([r0, r1, r2, r3]),
        })
    }
}

/// Where a board keeps what outlives a restart: flash, EEPROM, a battery's memory.
pub trait Memory {
    /// What was kept last, whole; `None` when there is nothing.
    fn load(&mut self) -> Option<Kept>;

    /// Keep this in its place; `false` when that failed.
    #[must_use]
    fn store(&mut self, kept: Kept) -> bool;
}

/// A question as it is to be sent now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Say<Q> {
    /// The device's session.
    pub session: u32,
    /// The question's number in it.
    pub seq: u32,
    /// Since it was asked.
    pub age_ms: u32,
    /// What is asked.
    pub question: Q,
}

impl<Q> Say<Q> {
    /// The broker throws it away after so many seconds: whoever asked has gone by then, or has a ticket of the
    /// kiosk's own, so it must not be done.
    pub fn expiry_s(&self) -> u32 {
        let left_ms = PATIENCE_MS.saturating_sub(self.age_ms.into());
        u32::try_from(left_ms.div_ceil(1_000)).unwrap_or(1).max(1)
    }
}

/// What an answer is to the device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard {
    /// That of the question under way, which is over.
    Answer,
    /// The session is over, because another device of the same place has asked meanwhile: the question
    /// is asked again in a new one.
    AskedAgain,
    /// To no question of now.
    NotOurs,
}

#[derive(Debug)]
struct Asking<Q> {
    question: Q,
    seq: u32,
    asked_ms: u64,
    say_ms: u64,
    /// It may begin a session of its own, once.
    again: bool,
}

/// A device's conversation with the controller.
#[derive(Debug)]
pub struct Conversation<Q, M> {
    memory: M,
    session: u32,
    seq: u32,
    reserved: u32,
    asking: Option<Asking<Q>>,
}

impl<Q: Clone, M: Memory> Conversation<Q, M> {
    /// Go on where the memory says; else begin the session `first_session`. A device without a memory
    /// must give another at each start.
    pub fn new(mut memory: M, first_session: u32) -> Self {
        let kept = memory.load().unwrap_or(Kept { session: first_session, reserved: 0 });
        Self { memory, session: kept.session, seq: kept.reserved, reserved: kept.reserved, asking: None }
    }

    /// The session its questions carry.
    pub fn session(&self) -> u32 {
        self.session
    }

    /// The question under way.
    pub fn question(&self) -> Option<&Q> {
        self.asking.as_ref().map(|asking| &asking.question)
    }

    /// Session and number of the question asked last.
    pub fn last(&self) -> (u32, u32) {
        (self.session, self.seq)
    }

    /// Whether a question is under way.
    pub fn is_asking(&self) -> bool {
        self.asking.is_some()
    }

    /// Since when the question under way waits, in milliseconds.
    pub fn waits_since_ms(&self) -> Option<u64> {
        self.asking.as_ref().map(|asking| asking.asked_ms)
    }

    /// Ask; `false` while another question is under way.
    pub fn ask(&mut self, question: Q, now_ms: u64) -> bool {
        if self.asking.is_some() {
            return false;
        }
        let seq = self.next_seq(now_ms);
        self.asking = Some(Asking { question, seq, asked_ms: now_ms, say_ms: now_ms, again: true });
        true
    }

    /// Send the question at once, because the link has come up.
    pub fn hurry(&mut self, now_ms: u64) {
        if let Some(asking) = &mut self.asking {
            asking.say_ms = now_ms;
        }
    }

    /// The question, if it is to be sent now.
    pub fn say(&mut self, now_ms: u64) -> Option<Say<Q>> {
        let asking = self.asking.as_mut().filter(|asking| asking.say_ms <= now_ms)?;
        asking.say_ms = now_ms + REPEAT_MS;
        let age_ms = u32::try_from(now_ms.saturating_sub(asking.asked_ms)).unwrap_or(u32::MAX);
        Some(Say { session: self.session, seq: asking.seq, age_ms, question: asking.question.clone() })
    }

    /// An answer has come; `out_of_order` if it says that the session is over.
    pub fn hear(&mut self, session: Option<u32>, seq: Option<u32>, out_of_order: bool, now_ms: u64) -> Heard {
        let answers = |asking: &&mut Asking<Q>| (session, seq) == (Some(self.session), Some(asking.seq));
        let Some(asking) = self.asking.as_mut().filter(answers) else { return Heard::NotOurs };
        if out_of_order && core::mem::take(&mut asking.again) {
            asking.say_ms = now_ms;
            self.begin_session(now_ms);
            let seq = self.next_seq(now_ms);
            if let Some(asking) = &mut self.asking {
                asking.seq = seq;
            }
            return Heard::AskedAgain;
        }
        self.asking = None;
        Heard::Answer
    }

    /// A reply has come, with this refusal if it is one; whether it ends the question under way.
    ///
    /// # Errors
    /// [`Ignored::Late`] when it answers no question of now.
    pub(crate) fn is_answered(
        &mut self,
        session: Option<u32>,
        seq: Option<u32>,
        refused: Option<&Refused>,
        now_ms: u64,
    ) -> Result<bool, Ignored> {
        match self.hear(session, seq, refused.is_some_and(is_out_of_order), now_ms) {
            Heard::NotOurs => Err(Ignored::Late),
            Heard::AskedAgain => Ok(false),
            Heard::Answer => Ok(true),
        }
    }

    /// The question that nobody waits for any more, once.
    pub fn give_up(&mut self, now_ms: u64) -> Option<Q> {
        let over = |asking: &mut Asking<Q>| now_ms.saturating_sub(asking.asked_ms) >= PATIENCE_MS;
        self.asking.take_if(over).map(|asking| asking.question)
    }

    fn next_seq(&mut self, now_ms: u64) -> u32 {
        if self.seq == u32::MAX {
            self.begin_session(now_ms);
        }
        if self.seq == self.reserved {
            let reserved = self.reserved.saturating_add(RESERVED_AT_ONCE);
            if !self.memory.store(Kept { session: self.session, reserved }) && self.reserved > 0 {
                // After a restart the memory would give these numbers again; in a session it does not
                // know that does no harm.
                self.begin_session(now_ms);
            }
            self.reserved = self.reserved.saturating_add(RESERVED_AT_ONCE);
        }
        self.seq += 1;
        self.seq
    }

    /// Another session. When a person presses is the only chance every board has: without it, a board
    /// whose memory is worn out would begin the same sessions after each restart.
    fn begin_session(&mut self, now_ms: u64) {
        let [.., b0, b1, b2, b3] = now_ms.to_be_bytes();
        // The step of a generator that visits every number (Numerical Recipes, chapter 7.1).
        let next = self.session.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        self.session = next ^ u32::from_be_bytes([b0, b1, b2, b3]);
        (self.seq, self.reserved) = (0, 0);
    }
}
