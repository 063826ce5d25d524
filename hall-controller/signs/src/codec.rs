//! What a line's bus asks of a sign's protocol, and the protocols, a file or folder each.
//!
//! A codec turns what a sign should show into [`Request`]s and reads what the sign says to them.
//! It keeps no time, sends nothing and never waits: the bus does. What a sign of its kind cannot
//! show at all is decided in one table, [`crate::substitute`]. The other direction, from any bytes
//! to what they mean, is [`crate::decode`], which shares no code with the codecs.

pub mod alpha;
pub mod cp5200;
pub mod modbus;
pub mod model;
pub mod native;
pub mod onbon;
pub mod template;

mod gb2312;
mod moment;

pub(crate) use gb2312::has as gb2312_has;

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use hall_protocol::sign::{PictureId, Rectangle};

pub use self::moment::{ClockStep, Moment};
use crate::substitute::{Ability, Fitted, fit};
use crate::words::{Showing, Words};

/// A protocol of LED signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Protocol {
    /// Our own, `protocol/docs/native-sign.md`.
    Native,
    /// Onbon BX-5K, BX-5MK and BX-6K cards with a font (字库卡).
    OnbonBx5k,
    /// Onbon BX-6Q cards, bitmaps in dynamic areas.
    OnbonBx6q,
    /// Adaptive's Alpha and `BetaBrite` signs.
    Alpha,
    /// Lumen's C-Power cards (CP5200 and relatives).
    Cp5200,
    /// Digit displays on Modbus RTU.
    ModbusRtu,
    /// A display described by a line of configuration.
    Template,
}

impl Protocol {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Native,
        Self::OnbonBx5k,
        Self::OnbonBx6q,
        Self::Alpha,
        Self::Cp5200,
        Self::ModbusRtu,
        Self::Template,
    ];

    /// Its name on the command line and in the configuration.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Native => "native",
            Self::OnbonBx5k => "onbon-bx5k",
            Self::OnbonBx6q => "onbon-bx6q",
            Self::Alpha => "alpha",
            Self::Cp5200 => "cp5200",
            Self::ModbusRtu => "modbus-rtu",
            Self::Template => "template",
        }
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A word that names no protocol.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no sign protocol {given:?}; there are {}", Protocol::ALL.map(Protocol::name).join(", "))]
pub struct UnknownProtocol {
    /// As given.
    pub given: String,
}

impl FromStr for Protocol {
    type Err = UnknownProtocol;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.into_iter().find(|protocol| protocol.name() == name);
        found.ok_or_else(|| UnknownProtocol { given: name.to_owned() })
    }
}

/// A sentence for people in both of the hall's languages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Sentence {
    /// 中文.
    pub zh: &'static str,
    /// English.
    pub en: &'static str,
}

impl fmt::Display for Sentence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.zh, self.en)
    }
}

/// Bytes for a sign, and what follows from them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// What goes over the wire.
    pub bytes: Vec<u8>,
    /// What the sign says to it.
    pub awaits: Awaits,
    /// What has changed on the sign when it has been done.
    pub effect: Effect,
    /// For the codec, to know this request's answer by.
    pub key: u16,
}

/// What a sign says to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Awaits {
    /// An answer of at most so many bytes.
    Answer {
        /// The longest, in bytes.
        bytes_max: usize,
    },
    /// Nothing, ever. The line has to rest for so long before the next request.
    Silence {
        /// In milliseconds.
        rest_ms: u32,
    },
}

/// What a request changes on the sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Nothing that can be seen.
    Nothing,
    /// This area of the picture that is being prepared is now as wanted.
    Prepares(Rectangle),
    /// The sign shows what is wanted.
    Shows,
}

/// What was heard on the line while a request waited for its answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// The request's answer.
    Answer(Answer),
    /// A whole reply that is not this request's: too late, or from another sign.
    Stray,
    /// One's own sending, given back by the adapter.
    Echo,
    /// A frame with a wrong checksum or coding.
    Broken,
}

/// What a sign answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// It has done it.
    Done,
    /// It has not.
    Refused {
        /// Why, for a technician.
        why: Sentence,
        /// What helps.
        cure: Cure,
    },
    /// It is there. `mismatch` says in what it is another sign than the configuration says.
    Identified {
        /// For a technician.
        mismatch: Option<String>,
    },
    /// How it is.
    Status {
        /// The picture it says it shows, if its protocol can tell.
        picture: Option<PictureId>,
        /// It shows its own page, because the host was silent or someone switched it off.
        own_page: bool,
        /// It has been switched off and on since it was last asked.
        restarted: bool,
    },
}

/// What helps against a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cure {
    /// Asking again a little later.
    Wait,
    /// Beginning anew: what the sign holds is not what was thought.
    StartOver,
    /// Nothing the host can do: it goes on without this request.
    GoOn,
    /// Nothing but somebody with other software: there is no sign here to be painted.
    GiveUp,
}

/// Why a page cannot be sent as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CannotShow {
    /// The request would be longer than the card's buffer.
    #[error("the page takes {bytes} bytes, the sign's buffer holds {bytes_max}")]
    TooLong {
        /// Needed.
        bytes: usize,
        /// Held.
        bytes_max: usize,
    },
}

/// What the bus asks of one sign's protocol.
///
/// One codec a sign: it may remember what the sign said of itself, and has a reader of its own,
/// which only ever hears the line while that sign is being asked.
pub trait Codec: fmt::Debug + Send {
    /// Which protocol this is.
    fn protocol(&self) -> Protocol;

    /// What signs of this kind can show.
    fn ability(&self) -> Ability;

    /// A page's words as this sign shows them.
    fn fitted(&self, words: &Words) -> Fitted {
        fit(words, self.ability())
    }

    /// The question by which a sign is found and told from others; `None` if the protocol has none.
    fn identify(&mut self) -> Option<Request>;

    /// What a sign is told once it is found, before its first page: fallback, windows, memory.
    fn set_up(&mut self) -> Vec<Request>;

    /// The requests that make the sign show `wanted`, in this order. `held` is what its memory
    /// holds, if that is known. After `failures` in a row requests are shorter, where they can be.
    ///
    /// # Errors
    /// When the page does not fit the protocol at all.
    fn show(
        &mut self,
        held: Option<&Showing>,
        wanted: &Showing,
        failures: u32,
    ) -> Result<Vec<Request>, CannotShow>;

    /// Whether it lets a new call blink; without, [`Showing::blink`] is never given.
    fn blinks(&self) -> bool {
        false
    }

    /// Whether it says a new call aloud; without, [`Showing::say`] is never given.
    fn speaks(&self) -> bool {
        false
    }

    /// Whether it can make the sign brighter and darker.
    fn dims(&self) -> bool {
        false
    }

    /// The request that makes the sign so bright, 0 dark to 255; `None` if the protocol has none, or the sign
    /// was told the whole day's levels and does it by its own clock.
    fn brightness(&mut self, _level: u8) -> Option<Request> {
        None
    }

    /// How exactly its own clock can be set; `None` for a sign that keeps none.
    fn keeps_clock(&self) -> Option<ClockStep> {
        None
    }

    /// The requests that set it to this moment, which is now.
    fn set_clock(&mut self, _moment: Moment) -> Vec<Request> {
        Vec::new()
    }

    /// The question how the sign is; `None` if the protocol has none.
    fn poll(&mut self) -> Option<Request>;

    /// The request as it is sent now, for the first time or again after the sign was busy. A protocol
    /// that numbers its requests numbers it here, so that numbers follow one another on the line.
    fn numbered(&mut self, request: &Request) -> Request {
        request.clone()
    }

    /// How long the line rests before the next request, beyond what an answer takes.
    fn rest(&self, _baud: u32) -> Duration {
        Duration::ZERO
    }

    /// Bytes have come in, in any portions, while `asked` waited for its answer.
    fn read(&mut self, bytes: &[u8], asked: Option<&Request>) -> Vec<Heard>;

    /// What showing it costs, in bytes on the wire; answers are not counted.
    fn cost_bytes(&mut self, held: Option<&Showing>, wanted: &Showing) -> usize {
        let requests = self.show(held, wanted, 0).unwrap_or_default();
        requests.iter().map(|request| request.bytes.len()).sum()
    }
}
