//! Ticket numbers: `A012`, `SB0345`. One or two capital letters and three or four digits.
//!
//! The width belongs to the number: a service that issues four digits prints `A0012`.

use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// The letters before the digits: one or two of `A`-`Z`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Prefix([u8; 2]);

/// How many digits a number is printed with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Digits {
    /// `001` to `999`.
    Three,
    /// `0001` to `9999`.
    Four,
}

impl Digits {
    /// The last number that fits; after it a service has no numbers left for the day.
    pub const fn last(self) -> u16 {
        match self {
            Self::Three => 999,
            Self::Four => 9_999,
        }
    }

    const fn width(self) -> usize {
        match self {
            Self::Three => 3,
            Self::Four => 4,
        }
    }
}

/// A ticket's number as citizens read and hear it. Unique within a hall's business day.
///
/// Orders by prefix, then by value, then three digits before four.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TicketNumber {
    prefix: Prefix,
    value: u16,
    digits: Digits,
}

/// Why a text is not a prefix or a ticket number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NumberError {
    /// Not one or two capital letters `A`-`Z` in front.
    Prefix,
    /// Not three or four digits after the letters.
    Digits,
    /// `000`, or beyond what the digits hold.
    OutOfRange,
}

impl fmt::Display for NumberError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Prefix => "a ticket number starts with one or two capital letters A-Z",
            Self::Digits => "a ticket number ends with three or four digits",
            Self::OutOfRange => "a ticket number counts from 001 to 999, or from 0001 to 9999",
        })
    }
}

impl core::error::Error for NumberError {}

impl Prefix {
    /// Parse one or two capital letters.
    pub fn new(text: &str) -> Result<Self, NumberError> {
        match text.as_bytes() {
            [a] if a.is_ascii_uppercase() => Ok(Self([*a, 0])),
            [a, b] if a.is_ascii_uppercase() && b.is_ascii_uppercase() => Ok(Self([*a, *b])),
            _ => Err(NumberError::Prefix),
        }
    }

    /// The letters as text.
    pub fn as_str(&self) -> &str {
        let len = if self.0[1] == 0 { 1 } else { 2 };
        core::str::from_utf8(&self.0[..len]).unwrap_or_default()
    }
}

impl TicketNumber {
    /// The number `value` (1 to [`Digits::last`]) of a service with this prefix.
    pub fn new(prefix: Prefix, value: u16, digits: Digits) -> Result<Self, NumberError> {
        if value == 0 || value > digits.last() {
            return Err(NumberError::OutOfRange);
        }
        Ok(Self { prefix, value, digits })
    }

    /// The letters in front.
    pub fn prefix(&self) -> Prefix {
        self.prefix
    }

    /// The count behind the letters.
    pub fn value(&self) -> u16 {
        self.value
    }

    /// How many digits it is printed with.
    pub fn digits(&self) -> Digits {
        self.digits
    }

    /// Whether it is one of the `count` numbers from `first` on.
    pub fn is_of(&self, first: Self, count: u16) -> bool {
        let steps = self.value.checked_sub(first.value);
        (self.prefix, self.digits) == (first.prefix, first.digits) && steps.is_some_and(|steps| steps < count)
    }

    /// The number `steps` after this one, with the same letters and as many digits.
    ///
    /// # Errors
    /// When the digits do not hold it.
    pub fn after(&self, steps: u16) -> Result<Self, NumberError> {
        Self::new(self.prefix, self.value.saturating_add(steps), self.digits)
    }
}

impl FromStr for Prefix {
    type Err = NumberError;
    fn from_str(text: &str) -> Result<Self, NumberError> {
        Self::new(text)
    }
}

impl FromStr for TicketNumber {
    type Err = NumberError;

    fn from_str(text: &str) -> Result<Self, NumberError> {
        let letters = text.bytes().take_while(u8::is_ascii_uppercase).count();
        let (prefix, digits) = text.split_at(letters);
        let prefix = Prefix::new(prefix)?;
        if !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(NumberError::Digits);
        }
        let width = match digits.len() {
            3 => Digits::Three,
            4 => Digits::Four,
            _ => return Err(NumberError::Digits),
        };
        Self::new(prefix, digits.parse().map_err(|_| NumberError::Digits)?, width)
    }
}

impl fmt::Display for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Prefix({self})")
    }
}

impl fmt::Display for TicketNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{:0width$}", self.prefix, self.value, width = self.digits.width())
    }
}

impl fmt::Debug for TicketNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TicketNumber({self})")
    }
}

struct FromText<T>(core::marker::PhantomData<T>);

impl<T: FromStr<Err = NumberError>> de::Visitor<'_> for FromText<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a ticket number or its letters, such as \"A012\"")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
        text.parse().map_err(E::custom)
    }
}

macro_rules! as_text {
    ($($name:ident)*) => {$(
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_str(FromText(core::marker::PhantomData))
            }
        }
    )*};
}

as_text!(Prefix TicketNumber);

#[cfg(test)]
mod tests {
    use std::string::ToString;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_no_number_says_why() {
        for (text, why) in [
            ("", NumberError::Prefix),
            ("012", NumberError::Prefix),
            ("a012", NumberError::Prefix),
            ("ABC012", NumberError::Prefix),
            ("A12", NumberError::Digits),
            ("A01x", NumberError::Digits),
            ("A00012", NumberError::Digits),
            ("A+12", NumberError::Digits),
            ("A000", NumberError::OutOfRange),
            ("号012", NumberError::Prefix),
        ] {
            assert_eq!(text.parse::<TicketNumber>(), Err(why), "{text}");
        }
    }

    #[test]
    fn a_number_counts_on_as_far_as_its_digits_go() {
        let number = |text: &str| text.parse::<TicketNumber>().unwrap();
        assert_eq!(number("A980").after(0), Ok(number("A980")));
        assert_eq!(number("A980").after(19), Ok(number("A999")));
        assert_eq!(number("AB0980").after(20), Ok(number("AB1000")));
        for steps in [20, 9_020, u16::MAX] {
            assert_eq!(number("A980").after(steps), Err(NumberError::OutOfRange), "{steps}");
        }
        for (text, is) in [
            ("A980", true),
            ("A999", true),
            ("A979", false),
            ("B985", false),
            ("A0985", false),
            ("AA985", false),
        ] {
            assert_eq!(number(text).is_of(number("A980"), 20), is, "{text}");
        }
    }

    #[test]
    fn numbers_order_as_they_were_issued() {
        let number = |text: &str| text.parse::<TicketNumber>().unwrap();
        assert!(number("A002") < number("A010"));
        assert!(number("A999") < number("B001"));
        assert!(number("A9999") < number("AB001"));
        assert!(number("A0999") < number("A1000"));
    }

    proptest! {
        #[test]
        fn every_number_prints_and_parses(text in "[A-Z]{1,2}([0-9]{3}|[0-9]{4})") {
            match text.parse::<TicketNumber>() {
                Ok(number) => prop_assert_eq!(number.to_string(), text),
                Err(why) => prop_assert!(why == NumberError::OutOfRange && text.ends_with("000")),
            }
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,8}") {
            let _ = text.parse::<TicketNumber>();
        }
    }
}
