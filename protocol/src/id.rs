//! Identifiers of the hall's parts: short ASCII names, one type a kind.
//!
//! They stand in MQTT topics, JSON payloads, configuration and journal alike, so their
//! alphabet is what all four carry without escaping.

use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// The longest identifier, in bytes: two fit on one line of a call pad's display.
pub const ID_BYTES_MAX: usize = 16;

/// Why a text is not an identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdError {
    /// No characters at all.
    Empty,
    /// More than [`ID_BYTES_MAX`] bytes; carries how many.
    TooLong(usize),
    /// A character outside `A-Z a-z 0-9 _ -`.
    Character(char),
}

impl fmt::Display for IdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("an id has at least one character"),
            Self::TooLong(bytes) => {
                write!(f, "an id has at most {ID_BYTES_MAX} characters, this one has {bytes}")
            }
            Self::Character(c) => {
                write!(f, "an id has only letters A-Z a-z, digits, '-' and '_', not {c:?}")
            }
        }
    }
}

impl core::error::Error for IdError {}

/// The shared representation: ASCII bytes, padded with zeros, so ids are `Copy` and compare
/// as their text does.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Name([u8; ID_BYTES_MAX]);

impl Name {
    fn parse(text: &str) -> Result<Self, IdError> {
        if text.is_empty() {
            return Err(IdError::Empty);
        }
        if let Some(c) = text.chars().find(|c| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))) {
            return Err(IdError::Character(c));
        }
        let mut bytes = [0; ID_BYTES_MAX];
        bytes.get_mut(..text.len()).ok_or(IdError::TooLong(text.len()))?.copy_from_slice(text.as_bytes());
        Ok(Self(bytes))
    }

    fn as_str(&self) -> &str {
        let len = self.0.iter().position(|b| *b == 0).unwrap_or(ID_BYTES_MAX);
        // Only ASCII is ever stored, so this cannot be the empty fallback.
        core::str::from_utf8(&self.0[..len]).unwrap_or_default()
    }
}

struct NameVisitor;

impl de::Visitor<'_> for NameVisitor {
    type Value = Name;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an id of 1 to {ID_BYTES_MAX} letters, digits, '-' or '_'")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Name, E> {
        Name::parse(text).map_err(E::custom)
    }
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Name);

        impl $name {
            /// Parse 1 to [`ID_BYTES_MAX`] characters of `A-Z a-z 0-9 _ -`.
            pub fn new(text: &str) -> Result<Self, IdError> {
                Name::parse(text).map(Self)
            }

            /// The id as its text.
            pub fn as_str(&self) -> &str {
                self.0.as_str()
            }
        }

        impl FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                Self::new(text)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.as_str())
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_str(NameVisitor).map(Self)
            }
        }
    )*};
}

ids! {
    /// One building floor plan run by one controller (大厅).
    HallId
    /// A seating area with its own signs, screens and speaker (等候区).
    ZoneId
    /// What a citizen comes for (事项).
    ServiceId
    /// Services that are called by a policy of their own.
    GroupId
    /// A counter with a call pad and a sign (窗口). Also names its call pad on MQTT.
    WindowId
    /// Who serves at a window (窗口人员), by the number on the badge.
    ClerkId
    /// A program outside the hall that may ask for something, by the name of its token (接口用户), such
    /// as the city's booking system.
    ClientId
    /// Any other thing on the wire: a kiosk, a sign, a screen. Unique in its hall over all kinds.
    DeviceId
}

#[cfg(test)]
mod tests {
    use std::string::ToString;

    use super::*;

    #[test]
    fn an_id_prints_as_it_was_parsed() {
        for text in ["7", "K1", "social-insurance", "a_b"] {
            assert_eq!(WindowId::new(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_a_topic_could_misread_is_no_id() {
        assert_eq!(HallId::new(""), Err(IdError::Empty));
        assert_eq!(HallId::new("a/b"), Err(IdError::Character('/')));
        assert_eq!(HallId::new("+"), Err(IdError::Character('+')));
        assert_eq!(HallId::new("大厅"), Err(IdError::Character('大')));
        assert_eq!(HallId::new("seventeen-letters"), Err(IdError::TooLong(17)));
    }

    #[test]
    fn ids_order_as_their_text() {
        assert!(WindowId::new("A").unwrap() < WindowId::new("A1").unwrap());
        assert!(WindowId::new("10").unwrap() < WindowId::new("9").unwrap());
    }
}
