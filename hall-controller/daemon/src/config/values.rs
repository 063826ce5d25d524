//! Values that several tables have: ids and references to them, names, times of day, addresses.

use std::net::SocketAddr;
use std::str::FromStr;

use hall_core::plan::Name;
use hall_protocol::id::IdError;
use hall_protocol::local::{DAY_MINUTES, LocalDate};
use hall_protocol::text::hides_something;
use hall_signs::script::DaySpan;

use super::nearest::nearest;
use super::reader::{Table, Value, quoted};

/// Ids listed in one message; a longer list helps nobody.
const LISTED_MAX: usize = 12;

/// An id of a kind.
pub(super) fn id<T: FromStr<Err = IdError>>(value: &Value<'_>) -> Option<T> {
    value.text()?.parse().map_err(|error: IdError| value.wrong_for_example(error)).ok()
}

/// Ids that must differ from each other, and where each was given.
#[derive(Debug, Default)]
pub(super) struct Names(Vec<Given>);

#[derive(Debug)]
struct Given {
    id: String,
    what: &'static str,
    line: usize,
}

impl Names {
    /// Give this id to a `what`, such as `zone`; refused when somebody has it already.
    pub(super) fn give(&mut self, value: &Value<'_>, what: &'static str) {
        let Some(id) = value.text() else { return };
        let line = value.place().line;
        match self.0.iter().find(|given| given.id == id) {
            Some(other) => value.wrong(
                format_args!("the {} on line {} is called {} already", other.what, other.line, quoted(id)),
                format_args!("write an id of its own for this {what}"),
            ),
            None => self.0.push(Given { id: id.to_owned(), what, line }),
        }
    }

    /// All ids of the kind `what`, in the file's order.
    pub(super) fn all(&self, what: &'static str) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |given| given.what == what).map(|given| given.id.as_str())
    }

    /// The id that a reference names, which must be one of a `what`.
    pub(super) fn refer<T: FromStr>(&self, value: &Value<'_>, what: &'static str) -> Option<T> {
        let text = value.text()?;
        if self.all(what).any(|id| id == text) {
            return text.parse().ok();
        }
        value.wrong(format_args!("there is no {what} {}", quoted(text)), self.remedy(text, what));
        None
    }

    fn remedy(&self, text: &str, what: &'static str) -> String {
        let known: Vec<String> = self.all(what).take(LISTED_MAX).map(quoted).collect();
        if known.is_empty() {
            return format!("write a [[{what}]] with this id");
        }
        let more = self.all(what).count() - known.len();
        let list = known.join(", ") + &if more > 0 { format!(" and {more} more") } else { String::new() };
        match nearest(text, self.all(what)) {
            Some(meant) => format!("did you mean {}? The {what}s are {list}", quoted(meant)),
            None => format!("write one of the {what}s {list}"),
        }
    }
}

/// A text for people of one line and at most `bytes_max` bytes, with something in it.
pub(super) fn one_line<'t>(value: &Value<'t>, bytes_max: usize) -> Option<&'t str> {
    let text = value.text()?;
    if text.trim().is_empty() {
        value.wrong_for_example("the text is empty");
        return None;
    }
    if text.chars().any(char::is_control) {
        value.wrong_for_example("the text has a line break or another control character");
        return None;
    }
    if let Some(hidden) = hides_something(text) {
        let code = u32::from(hidden);
        value.wrong(
            format_args!("the text has a character that nobody sees, U+{code:04X}"),
            "type the text anew instead of pasting it",
        );
        return None;
    }
    if text.len() > bytes_max {
        let bytes = text.len();
        value.wrong(
            format_args!("{} has {bytes} bytes, displays take {bytes_max}", quoted(text)),
            format_args!("write at most {bytes_max} bytes: a Chinese character has 3, a letter or digit 1"),
        );
        return None;
    }
    Some(text)
}

/// The keys `name` and `name_en`, each at most `bytes_max` bytes.
pub(super) fn name(table: &Table<'_>, bytes_max: usize, zh: &'static str, en: &'static str) -> Option<Name> {
    let zh = table.required("name", zh).and_then(|value| one_line(&value, bytes_max));
    let en = table.required("name_en", en).and_then(|value| one_line(&value, bytes_max));
    Some(Name { zh: zh?.to_owned(), en: en?.to_owned() })
}

/// `HH:MM` as minutes since midnight, up to `24:00`.
fn minute_of_day(text: &str) -> Option<u16> {
    let (hour, minute) = text.split_once(':')?;
    let two_digits = |part: &str| {
        let right = part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
        right.then(|| part.parse::<u16>().ok()).flatten()
    };
    let (hour, minute) = (two_digits(hour)?, two_digits(minute)?);
    let minutes = hour * 60 + minute;
    (minute < 60 && minutes <= DAY_MINUTES).then_some(minutes)
}

/// `HH:MM-HH:MM` as minutes since midnight.
pub(super) fn minutes_of_day(text: &str) -> Option<(u16, u16)> {
    let (from, until) = text.split_once('-')?;
    Some((minute_of_day(from.trim())?, minute_of_day(until.trim())?))
}

/// A part of a day, such as `08:30-12:00`; one that ends before it begins reaches over midnight.
pub(super) fn span(value: &Value<'_>) -> Option<DaySpan> {
    let text = value.text()?;
    let span = minutes_of_day(text).map(|(from_minute, until_minute)| DaySpan { from_minute, until_minute });
    if span.is_none() {
        value.wrong_for_example(format_args!("{} is no part of a day", quoted(text)));
    }
    span
}

/// A day, such as `2026-10-01`.
pub(super) fn date(value: &Value<'_>) -> Option<LocalDate> {
    let text = value.text()?;
    let date = text.parse().ok();
    if date.is_none() {
        value.wrong(
            format_args!("{} is no day of the calendar", quoted(text)),
            "write year, month and day, such as \"2026-10-01\"",
        );
    }
    date
}

/// A time of day before 24:00, in minutes since midnight.
pub(super) fn time_of_day(value: &Value<'_>) -> Option<u16> {
    let text = value.text()?;
    let minute = minute_of_day(text).filter(|minute| *minute < DAY_MINUTES);
    if minute.is_none() {
        value.wrong(
            format_args!("{} is no time of day", quoted(text)),
            "write hours and minutes from \"00:00\" to \"23:59\"",
        );
    }
    minute
}

/// An IP address of this machine and a port to listen on.
pub(super) fn listen(value: &Value<'_>) -> Option<SocketAddr> {
    let text = value.text()?;
    match text.parse::<SocketAddr>() {
        Ok(address) if address.port() == 0 => {
            value.wrong("port 0 would be another port at each start", "write a port from 1 to 65535");
            None
        }
        Ok(address) => Some(address),
        Err(_) => {
            let port = text.rsplit_once(':').map(|(_, port)| port);
            match port.filter(|port| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit())) {
                Some(port) if port.parse::<u16>().is_err() => {
                    value.wrong(
                        format_args!("there is no port {}", quoted(port).trim_matches('"')),
                        "write a port from 1 to 65535",
                    );
                }
                _ => value.wrong_for_example(format_args!("{} is no IP address with a port", quoted(text))),
            }
            None
        }
    }
}

/// The meaning of a word that is one of a few.
pub(super) fn one_of<T: Copy>(value: &Value<'_>, known: &[(&'static str, T)]) -> Option<T> {
    let text = value.text()?;
    let found = known.iter().find(|(word, _)| *word == text).map(|(_, meaning)| *meaning);
    if found.is_none() {
        let words: Vec<_> = known.iter().map(|(word, _)| quoted(word)).collect();
        value.wrong_word(
            format_args!("{} is none of {}", quoted(text), words.join(", ")),
            text,
            known.iter().map(|(word, _)| *word),
            &format!("write one of {}", words.join(", ")),
        );
    }
    found
}
