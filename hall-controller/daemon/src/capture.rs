//! Recordings of a sign's line: what went over it, when, and in which direction.
//!
//! The form of a file is text, one record a line, so that it can be read, cut and mailed:
//!
//! ```text
//! # hall-controller line capture 1 port=/dev/ttyUSB0 protocol=onbon-bx5k baud=9600
//! 2026-03-02T01:30:00.123456Z > a5a5a5a5a5a5a5a50100008000000000000000fe020500a20001000068f85a
//! 2026-03-02T01:30:00.161002Z < a5a5a5a5a5a5a5a5
//! ```
//!
//! A record is a time in UTC with microseconds, `>` for bytes that the controller sent or `<` for bytes
//! that it heard, and the bytes in hex. Bytes heard come in the portions in which the system gave them:
//! a portion is no frame. The time of bytes sent is when they were handed to the system, of bytes heard
//! when it gave them. Lines that begin with `#` say what the recording is of, or that the line was closed
//! or opened. A last record without a line break was being written when the recording ended; it is left
//! out. Anything else in a file is an error with its line.

use std::fmt::Write as _;
use std::str::FromStr;

use jiff::Timestamp;

/// What a file begins with; the number is that of its form.
pub const HEAD: &str = "# hall-controller line capture 1";

/// Which way bytes went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// From the controller to the signs.
    Sent,
    /// From the signs to the controller.
    Heard,
}

impl Way {
    const fn mark(self) -> char {
        match self {
            Self::Sent => '>',
            Self::Heard => '<',
        }
    }
}

/// Bytes that went over a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// When.
    pub at: Timestamp,
    /// Which way.
    pub way: Way,
    /// What; at least one.
    pub bytes: Vec<u8>,
}

impl Record {
    /// The record's line in a file, with its line break.
    pub fn line(&self) -> String {
        let mut text = format!("{:.6} {} ", self.at, self.way.mark());
        for byte in &self.bytes {
            // Writing to a string cannot fail.
            let _ = write!(text, "{byte:02x}");
        }
        text.push('\n');
        text
    }
}

/// What is wrong with a recording.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CaptureError {
    /// Another file.
    #[error("it does not begin with \"{HEAD}\"; is it a file that `sign capture` made?")]
    Head,
    /// Not a record.
    #[error("line {0} is no record; a record is such as `2026-03-02T01:30:00.123456Z > a55a`")]
    Record(usize),
}

/// The records of a file, in its order. One that was cut off at the end is left out.
///
/// # Errors
/// Names the line that is no record.
pub fn read(text: &str) -> Result<Vec<Record>, CaptureError> {
    if !text.starts_with(HEAD) {
        return Err(CaptureError::Head);
    }
    let mut records = Vec::new();
    // What follows the last line break was being written.
    let whole = text.rfind('\n').map_or("", |end| text.get(..end).unwrap_or_default());
    for (at, line) in whole.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        records.push(record(line).ok_or(CaptureError::Record(at + 1))?);
    }
    Ok(records)
}

fn record(line: &str) -> Option<Record> {
    let mut parts = line.splitn(3, ' ');
    let at = Timestamp::from_str(parts.next()?).ok()?;
    let way = match parts.next()? {
        ">" => Way::Sent,
        "<" => Way::Heard,
        _ => return None,
    };
    let digits = parts.next()?.as_bytes();
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    let right =
        !digits.is_empty() && digits.len().is_multiple_of(2) && digits.iter().all(u8::is_ascii_hexdigit);
    let bytes: Vec<u8> = digits.chunks(2).map(byte).collect::<Option<_>>()?;
    right.then_some(Record { at, way, bytes })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(micros: i64) -> Timestamp {
        Timestamp::from_microsecond(micros).unwrap()
    }

    fn file(records: &[Record]) -> String {
        records.iter().fold(format!("{HEAD} port=/dev/ttyS0\n"), |text, record| text + &record.line())
    }

    #[test]
    fn a_record_is_a_line_that_people_can_read() {
        let record = Record { at: at(1_772_415_000_123_456), way: Way::Sent, bytes: vec![0xA5, 0x5A] };
        assert_eq!(record.line(), "2026-03-02T01:30:00.123456Z > a55a\n");
        let record = Record { at: at(1_772_415_000_000_000), way: Way::Heard, bytes: vec![6] };
        assert_eq!(record.line(), "2026-03-02T01:30:00.000000Z < 06\n");
    }

    #[test]
    fn what_is_no_recording_is_named() {
        assert_eq!(read("a5 5a"), Err(CaptureError::Head));
        for broken in [
            "yesterday > a5\n",
            "2026-03-02T01:30:00Z = a5\n",
            "2026-03-02T01:30:00Z > a\n",
            "2026-03-02T01:30:00Z > \n",
            "2026-03-02T01:30:00Z > +1\n",
            "2026-03-02T01:30:00Z >\n",
        ] {
            assert_eq!(read(&format!("{HEAD}\n\n{broken}")), Err(CaptureError::Record(3)), "{broken}");
        }
    }

    proptest! {
        /// Cut at any place, every whole record is read and nothing else.
        #[test]
        fn a_torn_last_record_is_no_error(
            bytes in prop::collection::vec((any::<bool>(), prop::collection::vec(any::<u8>(), 1..40)), 0..8),
            cut in 0_usize..600,
        ) {
            let record = |(number, (sent, bytes)): (usize, &(bool, Vec<u8>))| Record {
                at: at(1_772_415_000_000_000 + i64::try_from(number).unwrap() * 7_001),
                way: if *sent { Way::Sent } else { Way::Heard },
                bytes: bytes.clone(),
            };
            let records: Vec<Record> = bytes.iter().enumerate().map(record).collect();
            let text = file(&records);
            prop_assert_eq!(&read(&text).unwrap(), &records);
            let text = &text[..cut.clamp(HEAD.len(), text.len().max(HEAD.len())).min(text.len())];
            let whole = text.matches('\n').count().saturating_sub(1);
            prop_assert_eq!(read(text).unwrap(), &records[..whole]);
        }

        #[test]
        fn no_text_panics(text: String) {
            let _ = read(&text);
            let _ = read(&format!("{HEAD}\n{text}"));
        }
    }
}
