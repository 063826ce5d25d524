//! What pads and kiosks say on MQTT, and why they ignore what they hear.

use hall_protocol::json::DecodeError;
use hall_protocol::payload::Refused;
use hall_protocol::topic::Topic;

/// The code of the refusal that says a session is over.
const OUT_OF_ORDER: &str = "out_of_order";

/// A message to publish, QoS 1.
#[derive(Debug, Clone)]
pub struct Publish<'a> {
    /// Where.
    pub topic: Topic,
    /// Where the answer shall come.
    pub response_topic: Topic,
    /// Comes back with the answer.
    pub correlation: [u8; 8],
    /// When the broker throws it away.
    pub expiry_s: u32,
    /// The body.
    pub payload: &'a [u8],
}

/// Why a message changed nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ignored {
    /// Not a topic of this pad.
    Topic,
    /// Not the payload its topic promises.
    Payload(DecodeError),
    /// The answer to a press that is over.
    Late,
}

impl Ignored {
    /// Whether it was of another version than the device speaks.
    const fn is_other_version(&self) -> bool {
        matches!(self, Self::Payload(DecodeError::Version(_)))
    }
}

/// What a device knows of the controller behind its link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Controller {
    /// Nothing else is known.
    Online,
    /// It, or the broker, has said that it is gone.
    Offline,
    /// Its last message was of another version than the device's.
    OtherVersion,
}

impl Controller {
    /// As it has said of itself.
    pub(crate) const fn said(online: bool) -> Self {
        if online { Self::Online } else { Self::Offline }
    }

    /// What is known after a message that the device took so.
    pub(crate) fn after(self, heard: &Result<(), Ignored>) -> Self {
        match (heard, self) {
            (Err(Ignored::Topic), before) => before,
            (Err(why), _) if why.is_other_version() => Self::OtherVersion,
            (_, Self::OtherVersion) => Self::Online,
            (_, before) => before,
        }
    }
}

impl From<DecodeError> for Ignored {
    fn from(error: DecodeError) -> Self {
        Self::Payload(error)
    }
}

/// The correlation data of a question.
pub(crate) fn correlation(session: u32, seq: u32) -> [u8; 8] {
    (u64::from(session) << 32 | u64::from(seq)).to_be_bytes()
}

/// Whether a refusal says that another device of the same place has spoken meanwhile.
pub(crate) fn is_out_of_order(refused: &Refused) -> bool {
    &*refused.code == OUT_OF_ORDER
}
