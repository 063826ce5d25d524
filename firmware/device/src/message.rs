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
