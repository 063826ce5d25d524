//! What names an appointment, and when its slot begins.
//!
//! The citizen's name and telephone are not among it and have no place on any wire of ours.

use core::cmp::Ordering;
use core::fmt;
use core::hash::{Hash, Hasher};
use core::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// The longest id of an appointment, in bytes: a UUID with its hyphens.
pub const APPOINTMENT_ID_BYTES_MAX: usize = 36;

/// An appointment's id in the system that booked it, which is also the code its citizen types at a
/// kiosk. Opaque to us; capital and small letters are the same, since people type it. A booking system, to
/// which they are not, is refused an id that differs from another in those alone.
#[derive(Clone, Copy)]
pub struct AppointmentId {
    bytes: [u8; APPOINTMENT_ID_BYTES_MAX],
    len: u8,
}

/// Why a text is not the id of an appointment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AppointmentIdError {
    /// No characters at all.
    Empty,
    /// More than [`APPOINTMENT_ID_BYTES_MAX`] bytes; carries how many.
    TooLong(usize),
    /// A character outside `A-Z a-z 0-9 _ -`.
    Character(char),
    /// The number of a mobile phone or of an identity card: a journal that is kept for years must not
    /// hold either.
    Personal,
}

impl fmt::Display for AppointmentIdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("the id of an appointment has at least one character"),
            Self::TooLong(bytes) => write!(
                f,
                "the id of an appointment has at most {APPOINTMENT_ID_BYTES_MAX} characters, this one has \
                 {bytes}"
            ),
            Self::Character(c) => {
                write!(f, "the id of an appointment has only letters A-Z a-z, digits, '-' and '_', not {c:?}")
            }
            Self::Personal => f.write_str(
                "this is the number of a phone or an identity card; an appointment needs an id that is of \
                 no person",
            ),
        }
    }
}

impl core::error::Error for AppointmentIdError {}

impl AppointmentId {
    /// Parse 1 to [`APPOINTMENT_ID_BYTES_MAX`] characters of `A-Z a-z 0-9 _ -`.
    ///
    /// # Errors
    /// What is wrong with the text, also that it is somebody's number.
    pub fn new(text: &str) -> Result<Self, AppointmentIdError> {
        if text.is_empty() {
            return Err(AppointmentIdError::Empty);
        }
        if let Some(c) = text.chars().find(|c| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))) {
            return Err(AppointmentIdError::Character(c));
        }
        let too_long = AppointmentIdError::TooLong(text.len());
        let mut bytes = [0; APPOINTMENT_ID_BYTES_MAX];
        bytes.get_mut(..text.len()).ok_or(too_long)?.copy_from_slice(text.as_bytes());
        if is_mobile(text.as_bytes()) || is_identity_card(text.as_bytes()) {
            return Err(AppointmentIdError::Personal);
        }
        let len = u8::try_from(text.len()).map_err(|_| too_long)?;
        Ok(Self { bytes, len })
    }

    /// The id as its text.
    pub fn as_str(&self) -> &str {
        // Only ASCII is ever stored, so this cannot be the empty fallback.
        core::str::from_utf8(&self.bytes[..usize::from(self.len)]).unwrap_or_default()
    }

    fn folded(&self) -> [u8; APPOINTMENT_ID_BYTES_MAX] {
        self.bytes.map(|byte| byte.to_ascii_uppercase())
    }
}

/// A mobile phone's number in mainland China: 11 digits from 13 to 19.
fn is_mobile(text: &[u8]) -> bool {
    text.len() == 11 && text.iter().all(u8::is_ascii_digit) && text[0] == b'1' && text[1] >= b'3'
}

/// A citizen's identity number (GB 11643-1999): a region, a date of birth, a sequence and a check
/// character by ISO 7064 MOD 11-2.
fn is_identity_card(text: &[u8]) -> bool {
    const CHECK: &[u8; 11] = b"10X98765432";
    let [digits @ .., check] = text else { return false };
    if digits.len() != 17 || !digits.iter().all(u8::is_ascii_digit) {
        return false;
    }
    let two = |at: usize| (digits[at] - b'0') * 10 + (digits[at + 1] - b'0');
    let date = (1..=12).contains(&two(10)) && (1..=31).contains(&two(12));
    let (mut sum, mut weight) = (0_u32, 1_u32);
    for digit in digits.iter().rev() {
        weight = weight * 2 % 11;
        sum += u32::from(digit - b'0') * weight;
    }
    let right = usize::try_from(sum % 11).ok().and_then(|at| CHECK.get(at));
    date && right == Some(&check.to_ascii_uppercase())
}

impl PartialEq for AppointmentId {
    fn eq(&self, other: &Self) -> bool {
        self.folded() == other.folded()
    }
}

impl Eq for AppointmentId {}

impl PartialOrd for AppointmentId {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for AppointmentId {
    fn cmp(&self, other: &Self) -> Ordering {
        self.folded().cmp(&other.folded())
    }
}

impl Hash for AppointmentId {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.folded().hash(state);
    }
}

impl FromStr for AppointmentId {
    type Err = AppointmentIdError;
    fn from_str(text: &str) -> Result<Self, AppointmentIdError> {
        Self::new(text)
    }
}

impl fmt::Display for AppointmentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for AppointmentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AppointmentId({self})")
    }
}

impl Serialize for AppointmentId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

struct IdVisitor;

impl de::Visitor<'_> for IdVisitor {
    type Value = AppointmentId;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an id of 1 to {APPOINTMENT_ID_BYTES_MAX} letters, digits, '-' or '_'")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<AppointmentId, E> {
        AppointmentId::new(text).map_err(E::custom)
    }
}

impl<'de> Deserialize<'de> for AppointmentId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(IdVisitor)
    }
}

/// A time of day by the hall's clock, to the minute. Written `09:30`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DayMinute(u16);

/// The text is not `HH:MM` from `00:00` to `23:59`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DayMinuteError;

impl fmt::Display for DayMinuteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a time of day is written HH:MM, from 00:00 to 23:59")
    }
}

impl core::error::Error for DayMinuteError {}

impl DayMinute {
    const DAY: u16 = 24 * 60;

    /// So many minutes after midnight, 0 to 1,439.
    pub const fn new(minute: u16) -> Option<Self> {
        if minute < Self::DAY { Some(Self(minute)) } else { None }
    }

    /// Minutes after midnight.
    pub const fn get(self) -> u16 {
        self.0
    }

    /// So many minutes earlier, not before midnight.
    #[must_use]
    pub const fn earlier(self, minutes: u16) -> Self {
        Self(self.0.saturating_sub(minutes))
    }

    fn digits(self) -> [u8; 5] {
        let digit = |n: u16| b'0' + u8::try_from(n % 10).unwrap_or(0);
        let (hour, minute) = (self.0 / 60, self.0 % 60);
        [digit(hour / 10), digit(hour), b':', digit(minute / 10), digit(minute)]
    }
}

impl FromStr for DayMinute {
    type Err = DayMinuteError;
    fn from_str(text: &str) -> Result<Self, DayMinuteError> {
        let [h1, h2, b':', m1, m2] = text.as_bytes() else { return Err(DayMinuteError) };
        let two = |tens: &u8, ones: &u8| {
            let right = tens.is_ascii_digit() && ones.is_ascii_digit();
            right.then(|| u16::from(tens - b'0') * 10 + u16::from(ones - b'0')).ok_or(DayMinuteError)
        };
        let (hour, minute) = (two(h1, h2)?, two(m1, m2)?);
        if minute >= 60 {
            return Err(DayMinuteError);
        }
        Self::new(hour * 60 + minute).ok_or(DayMinuteError)
    }
}

impl fmt::Display for DayMinute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(core::str::from_utf8(&self.digits()).unwrap_or_default())
    }
}

impl Serialize for DayMinute {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(core::str::from_utf8(&self.digits()).unwrap_or_default())
    }
}

struct MinuteVisitor;

impl de::Visitor<'_> for MinuteVisitor {
    type Value = DayMinute;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a time of day such as 09:30")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<DayMinute, E> {
        text.parse().map_err(E::custom)
    }
}

impl<'de> Deserialize<'de> for DayMinute {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(MinuteVisitor)
    }
}

#[cfg(test)]
mod tests {
    use std::string::ToString;

    use super::*;

    #[test]
    fn an_id_prints_as_it_was_written_and_is_found_however_it_is_typed() {
        let id = AppointmentId::new("yy-1001_B").unwrap();
        assert_eq!(id.to_string(), "yy-1001_B");
        assert_eq!(Ok(id), AppointmentId::new("YY-1001_b"));
        assert_eq!(id.cmp(&AppointmentId::new("YY-1001_b").unwrap()), Ordering::Equal);
        assert_ne!(Ok(id), AppointmentId::new("yy-1001_C"));
    }

    #[test]
    fn what_is_no_id_says_why() {
        for (text, error) in [
            ("", AppointmentIdError::Empty),
            ("a b", AppointmentIdError::Character(' ')),
            ("张三", AppointmentIdError::Character('张')),
            ("0123456789012345678901234567890123456", AppointmentIdError::TooLong(37)),
        ] {
            assert_eq!(AppointmentId::new(text), Err(error), "{text}");
        }
    }

    #[test]
    fn nobodys_number_becomes_an_id() {
        // The examples of GB 11643-1999, and one with small x.
        for personal in ["13800138000", "19912345678", "11010519491231002X", "440524188001010014"] {
            assert_eq!(AppointmentId::new(personal), Err(AppointmentIdError::Personal), "{personal}");
        }
        assert_eq!(AppointmentId::new("11010519491231002x"), Err(AppointmentIdError::Personal));
        for other in ["12345678901", "1380013800", "138001380001", "110105194912310021", "20261125000000017"]
        {
            assert!(AppointmentId::new(other).is_ok(), "{other}");
        }
    }

    #[test]
    fn a_time_of_day_is_written_with_two_digits_each() {
        for (text, minute) in [("00:00", 0), ("09:30", 570), ("23:59", 1_439)] {
            let parsed: DayMinute = text.parse().unwrap();
            assert_eq!((parsed.get(), parsed.to_string().as_str()), (minute, text));
        }
        for wrong in ["24:00", "9:30", "09:60", "0930", "", "09:3a", "０9:30"] {
            assert_eq!(wrong.parse::<DayMinute>(), Err(DayMinuteError), "{wrong}");
        }
        assert_eq!(DayMinute::new(1_440), None);
        assert_eq!(DayMinute::new(20).map(|early| early.earlier(30)), DayMinute::new(0));
    }
}
