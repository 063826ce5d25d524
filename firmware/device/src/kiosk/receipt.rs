//! A ticket as bytes for a receipt printer: ESC/POS (Epson's commands, which every ticket printer on the
//! Chinese market takes), Chinese in GB 18030.

use core::fmt::Write;

use hall_protocol::number::TicketNumber;
use hall_protocol::payload::{IssuedTicket, WaitMinutes};
use heapless::{String, Vec};

use super::gb18030;
use crate::words;

/// The longest receipt: some ten lines.
pub const BYTES_MAX: usize = 512;

/// The printer's commands: Epson's ESC/POS command reference.
mod command {
    /// ESC @: begin anew.
    pub(super) const BEGIN: &[u8] = b"\x1b@";
    /// FS &: two-byte characters are Chinese.
    pub(super) const CHINESE: &[u8] = b"\x1c&";
    /// ESC a 1: centred.
    pub(super) const CENTRED: &[u8] = b"\x1ba\x01";
    /// GS ! n: times 1 and 3 in both directions.
    pub(super) const SMALL: &[u8] = b"\x1d!\x00";
    pub(super) const LARGE: &[u8] = b"\x1d!\x22";
    /// ESC d n: feed so many lines, past the cutter.
    pub(super) const FEED: &[u8] = b"\x1bd\x04";
    /// GS V 1: cut, but for one point.
    pub(super) const CUT: &[u8] = b"\x1dV\x01";
}

/// Stands for a character the printer does not have.
const MISSING: u8 = b'?';

/// The bytes of one receipt.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Receipt(Vec<u8, BYTES_MAX>);

impl Receipt {
    /// A ticket: its number large, what it is for, how many wait, when and where.
    pub fn of_ticket(ticket: &IssuedTicket, utc_offset_minutes: i16) -> Self {
        let mut receipt = Self::begin();
        receipt.number(ticket.number);
        receipt.line(&ticket.zh);
        receipt.line(&ticket.en);
        let mut line = String::<64>::new();
        // Every line is shorter than that.
        let _ = write!(line, "{} {} {}", words::AHEAD, ticket.ahead, words::PEOPLE);
        receipt.line(&line);
        if let Some(WaitMinutes { from_minutes, to_minutes }) = ticket.estimate {
            line.clear();
            let _ = write!(line, "{} {from_minutes}-{to_minutes} {}", words::EXPECTED, words::MINUTES);
            receipt.line(&line);
        }
        line.clear();
        let _ = write!(line, "{} {}", words::ZONE, ticket.zone);
        receipt.line(&line);
        receipt.line(&clock(ticket.issued_at_ms, utc_offset_minutes));
        receipt.end()
    }

    /// A number of the kiosk's own, printed while the hall did not answer: nobody knows how many wait.
    pub fn of_own_number(
        number: TicketNumber,
        [zh, en]: [&str; 2],
        printed_at_ms: i64,
        utc_offset_minutes: i16,
    ) -> Self {
        let mut receipt = Self::begin();
        receipt.number(number);
        for line in [zh, en, words::AHEAD_UNKNOWN, words::AHEAD_UNKNOWN_EN] {
            receipt.line(line);
        }
        receipt.line(&clock(printed_at_ms, utc_offset_minutes));
        receipt.end()
    }

    /// A sentence in Chinese and in English.
    pub fn of_sentences(zh: &str, en: &str) -> Self {
        let mut receipt = Self::begin();
        receipt.line(zh);
        receipt.line(en);
        receipt.end()
    }

    /// The bytes to send.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    fn begin() -> Self {
        let mut receipt = Self::default();
        for bytes in [command::BEGIN, command::CHINESE, command::CENTRED] {
            receipt.put(bytes);
        }
        receipt
    }

    fn end(mut self) -> Self {
        self.put(command::FEED);
        self.put(command::CUT);
        self
    }

    fn number(&mut self, number: TicketNumber) {
        self.put(command::LARGE);
        let mut line = String::<8>::new();
        // The longest number is shorter.
        let _ = write!(line, "{number}");
        self.line(&line);
        self.put(command::SMALL);
    }

    fn line(&mut self, text: &str) {
        for character in text.chars() {
            match (u8::try_from(character), gb18030::code(character)) {
                (_, Some(code)) => self.put(&code),
                (Ok(ascii @ b' '..=b'~'), None) => self.put(&[ascii]),
                _ => self.put(&[MISSING]),
            }
        }
        self.put(b"\n");
    }

    fn put(&mut self, bytes: &[u8]) {
        // The longest of all texts of a ticket, together, are shorter.
        let _ = self.0.extend_from_slice(bytes);
    }
}

/// Date and time by the hall's clock.
fn clock(unix_ms: i64, utc_offset_minutes: i16) -> String<20> {
    let minutes = unix_ms.div_euclid(60_000) + i64::from(utc_offset_minutes);
    let (days, minute) = (minutes.div_euclid(24 * 60), minutes.rem_euclid(24 * 60));
    // Days since 0000-03-01, so that the leap day is a year's last; eras of 400 years have equal lengths.
    let days = days + 719_468;
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let leaps = day_of_era / 1_460 - day_of_era / 36_524 + day_of_era / 146_096;
    let year_of_era = (day_of_era - leaps) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    // From March on the months have 31, 30, 31, 30, 31 days, and again.
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let (year, month) = if month < 10 { (0, month + 3) } else { (1, month - 9) };
    let year = year + year_of_era + era * 400;
    let mut text = String::new();
    let _ = write!(text, "{year:04}-{month:02}-{day:02} {:02}:{:02}", minute / 60, minute % 60);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_is_the_halls() {
        for (unix_ms, text) in [
            (0, "1970-01-01 08:00"),
            (951_782_399_999, "2000-02-29 07:59"),
            (1_709_222_400_000, "2024-03-01 00:00"),
            (1_709_222_399_999, "2024-02-29 23:59"),
            (1_798_732_800_000, "2027-01-01 00:00"),
            (4_107_513_600_000, "2100-03-01 00:00"),
        ] {
            assert_eq!(clock(unix_ms, 480), text, "{unix_ms}");
        }
    }
}
