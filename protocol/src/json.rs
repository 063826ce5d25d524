//! The one JSON encoder and decoder of the wire, for controller and microcontroller alike.
//!
//! No allocation; input is bounded in size and in nesting before a parser sees it. `\u` escapes
//! are read for the basic plane (all of GB 18030 level 1 and 2); surrogate pairs are refused.

use core::fmt;

use serde::Deserialize;
use serde::Serialize;
use serde::de::{DeserializeOwned, DeserializeSeed};

use crate::appointment::{AppointmentId, AppointmentIdError};
use crate::text::Text;

/// The version of all payloads: the field `v` of each.
pub const VERSION: u16 = 1;

/// No payload of ours nests deeper than 4; a device's parser recurses once a level, so a
/// kilobyte of `[` must not reach its stack.
const NESTING_MAX: usize = 8;

/// Room to unescape one string; our longest text is shorter.
const UNESCAPE_BYTES: usize = 512;

/// A JSON body with a stated bound.
pub trait Payload: Serialize + DeserializeOwned {
    /// The payload's name, for logs and errors.
    const NAME: &'static str;
    /// The largest encoding, in bytes; longer input is refused unread.
    const BYTES_MAX: usize = 1_024;
}

/// Why bytes are not a payload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DecodeError {
    /// Longer than [`Payload::BYTES_MAX`].
    TooLong {
        /// Bytes that came.
        bytes: usize,
        /// Bytes that are allowed.
        bytes_max: usize,
    },
    /// The `v` field names a version this side does not speak.
    Version(u16),
    /// Not the JSON that is wanted; says which field or byte class.
    Malformed(serde_json_core::de::Error),
    /// Nested deeper than any payload is.
    Nested,
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong { bytes, bytes_max } => {
                write!(f, "payload of {bytes} bytes, at most {bytes_max} are allowed")
            }
            Self::Version(version) => {
                write!(f, "payload version {version}, this controller speaks {VERSION}")
            }
            Self::Malformed(error) => write!(f, "not the JSON wanted here: {error}"),
            Self::Nested => write!(f, "JSON nested deeper than {NESTING_MAX} levels"),
        }
    }
}

impl core::error::Error for DecodeError {}

/// The buffer is too small for the payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BufferFull;

impl fmt::Display for BufferFull {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the payload does not fit in the buffer given")
    }
}

impl core::error::Error for BufferFull {}

/// What every device message starts with, readable whatever its version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct Envelope {
    /// Payload version.
    pub v: u16,
    /// The device's session, if it said one.
    #[serde(default)]
    pub session: Option<u32>,
    /// The message's sequence in that session, if it said one.
    #[serde(default)]
    pub seq: Option<u32>,
}

impl Envelope {
    /// Read only the envelope, so that even a message of another version gets its reply.
    pub fn peek(bytes: &[u8]) -> Result<Self, DecodeError> {
        parse(bytes)
    }
}

/// Why the code of a check-in is no code, if that is what is wrong with a kiosk's request: citizens type
/// what they have at hand, also their telephone number.
pub fn wrong_code(bytes: &[u8]) -> Option<AppointmentIdError> {
    #[derive(Deserialize)]
    struct Request {
        request: Asked,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Asked {
        CheckIn { code: Text<144> },
    }
    let Request { request: Asked::CheckIn { code } } = parse(bytes).ok()?;
    AppointmentId::new(&code).err()
}

/// The version alone. Not an [`Envelope`]: what its other fields are called may mean something
/// else in a payload that no device sends, as `seq` does in an event notice.
#[derive(Deserialize)]
struct Spoken {
    v: u16,
}

/// Encode `payload` to `buffer`; returns the bytes used. A buffer of
/// [`Payload::BYTES_MAX`] always suffices.
pub fn encode<T: Payload>(payload: &T, buffer: &mut [u8]) -> Result<usize, BufferFull> {
    serde_json_core::to_slice(payload, buffer).map_err(|_| BufferFull)
}

/// Decode a payload of this version. Unknown fields are ignored.
pub fn decode<T: Payload>(bytes: &[u8]) -> Result<T, DecodeError> {
    check::<T>(bytes)?;
    parse(bytes)
}

/// The same by a seed, which need not hold all of the payload at once.
pub(crate) fn decode_by<'de, T: Payload, S: DeserializeSeed<'de>>(
    bytes: &'de [u8],
    seed: S,
) -> Result<S::Value, DecodeError> {
    check::<T>(bytes)?;
    let mut unescaped = [0; UNESCAPE_BYTES];
    let mut deserializer = serde_json_core::de::Deserializer::new(bytes, Some(&mut unescaped));
    seed.deserialize(&mut deserializer).map_err(DecodeError::Malformed)
}

/// Whether bytes can be a payload of this version, by their length and version.
fn check<T: Payload>(bytes: &[u8]) -> Result<(), DecodeError> {
    if bytes.len() > T::BYTES_MAX {
        return Err(DecodeError::TooLong { bytes: bytes.len(), bytes_max: T::BYTES_MAX });
    }
    // It is parsed here, so nothing after this meets what is nested too deep.
    let Spoken { v } = parse(bytes)?;
    if v == VERSION { Ok(()) } else { Err(DecodeError::Version(v)) }
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, DecodeError> {
    if nesting(bytes) > NESTING_MAX {
        return Err(DecodeError::Nested);
    }
    let mut unescaped = [0; UNESCAPE_BYTES];
    match serde_json_core::from_slice_escaped(bytes, &mut unescaped) {
        Ok((value, _)) => Ok(value),
        Err(error) => Err(DecodeError::Malformed(error)),
    }
}

fn nesting(bytes: &[u8]) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    let (mut in_string, mut escaped) = (false, false);
    for byte in bytes {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'{' | b'[' if !in_string => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b'}' | b']' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

/// The `v` field: always [`VERSION`]. [`decode`] has checked it before a payload is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Version;

impl Serialize for Version {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u16(VERSION)
    }
}

impl<'de> Deserialize<'de> for Version {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        u16::deserialize(deserializer).map(|_| Self)
    }
}
