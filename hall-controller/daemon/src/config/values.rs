//! Values that several tables have: ids and references to them, names, times of day, addresses.

use std::net::SocketAddr;
use std::str::FromStr;

use hall_core::plan::Name;
use hall_protocol::id::{ID_BYTES_MAX, IdError};
use hall_protocol::local::{DAY_MINUTES, LocalDate};
use hall_protocol::text::hides_something;
use hall_signs::script::DaySpan;

use super::errors::{Words, words};
use super::nearest::nearest;
use super::reader::{Table, Value, quoted};

/// Ids listed in one message; a longer list helps nobody.
const LISTED_MAX: usize = 12;

/// An id of a kind.
pub(super) fn id<T: FromStr<Err = IdError>>(value: &Value<'_>) -> Option<T> {
    value.text()?.parse().map_err(|error| value.wrong_for_example(no_id(error))).ok()
}

fn no_id(error: IdError) -> Words {
    let zh = match error {
        IdError::Empty => "编号至少有一个字符".to_owned(),
        IdError::TooLong(bytes) => format!("编号最多 {ID_BYTES_MAX} 个字符，这里有 {bytes} 个"),
        IdError::Character(c) => format!("编号只能用字母 A-Z a-z、数字、'-' 和 '_'，不能用 {c:?}"),
    };
    Words { zh, en: error.to_string() }
}

/// What ids are given to, in Chinese.
fn in_chinese(what: &'static str) -> &'static str {
    match what {
        "zone" => "等候区",
        "service" => "事项",
        "window" => "窗口",
        "kiosk" => "取号机",
        "sign" => "LED 屏",
        "clerk" => "窗口人员",
        "client" => "接口用户",
        "group" => "事项组",
        // A table that is new here is called as it is written.
        other => other,
    }
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
            Some(Given { what: other, line, .. }) => {
                let id = quoted(id);
                let problem = Words {
                    zh: format!("第 {line} 行的{}已用编号 {id}", in_chinese(other)),
                    en: format!("the {other} on line {line} is called {id} already"),
                };
                let remedy = Words {
                    zh: format!("请给这个{}另写编号", in_chinese(what)),
                    en: format!("write an id of its own for this {what}"),
                };
                value.wrong(problem, remedy);
            }
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
        let shown = quoted(text);
        let problem = Words {
            zh: format!("没有编号为 {shown} 的{}", in_chinese(what)),
            en: format!("there is no {what} {shown}"),
        };
        value.wrong(problem, self.remedy(text, what));
        None
    }

    fn remedy(&self, text: &str, what: &'static str) -> Words {
        let known: Vec<String> = self.all(what).take(LISTED_MAX).map(quoted).collect();
        if known.is_empty() {
            return words!("请写一个有此编号的 [[{what}]]", "write a [[{what}]] with this id");
        }
        let more = self.all(what).count() - known.len();
        let known = known.join(", ");
        let list = if more > 0 {
            words!("{known} 等另外 {more} 个", "{known} and {more} more")
        } else {
            words!("{known}", "{known}")
        };
        let Words { zh, en } = list;
        let zh_what = in_chinese(what);
        match nearest(text, self.all(what)).map(quoted) {
            Some(meant) => Words {
                zh: format!("是否应为 {meant}？{zh_what}有 {zh}"),
                en: format!("did you mean {meant}? The {what}s are {en}"),
            },
            None => Words {
                zh: format!("请写{zh_what} {zh} 之一"),
                en: format!("write one of the {what}s {en}"),
            },
        }
    }
}

/// A text for people of one line and at most `bytes_max` bytes, with something in it.
pub(super) fn one_line<'t>(value: &Value<'t>, bytes_max: usize) -> Option<&'t str> {
    let text = value.text()?;
    if text.trim().is_empty() {
        value.wrong_for_example(words!("文字为空", "the text is empty"));
        return None;
    }
    if text.chars().any(char::is_control) {
        value.wrong_for_example(words!(
            "文字中有换行或其他控制字符",
            "the text has a line break or another control character"
        ));
        return None;
    }
    if let Some(hidden) = hides_something(text) {
        let code = u32::from(hidden);
        value.wrong(
            words!(
                "文字中有看不见的字符 U+{code:04X}",
                "the text has a character that nobody sees, U+{code:04X}"
            ),
            words!("请重新键入这段文字，不要粘贴", "type the text anew instead of pasting it"),
        );
        return None;
    }
    if text.len() > bytes_max {
        let bytes = text.len();
        value.wrong(
            words!(
                "{text} 有 {bytes} 字节，显示设备最多 {bytes_max} 字节",
                "{text} has {bytes} bytes, displays take {bytes_max}",
                text = quoted(text)
            ),
            words!(
                "请写至多 {bytes_max} 字节：一个汉字 3 字节，一个字母或数字 1 字节",
                "write at most {bytes_max} bytes: a Chinese character has 3, a letter or digit 1"
            ),
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
        let text = quoted(text);
        value.wrong_for_example(words!("{text} 不是一天中的一段时间", "{text} is no part of a day"));
    }
    span
}

/// A day, such as `2026-10-01`.
pub(super) fn date(value: &Value<'_>) -> Option<LocalDate> {
    let text = value.text()?;
    let date = text.parse().ok();
    if date.is_none() {
        value.wrong(
            words!("{text} 不是日历上的一天", "{text} is no day of the calendar", text = quoted(text)),
            words!("请写年月日，例如 \"2026-10-01\"", "write year, month and day, such as \"2026-10-01\""),
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
            words!("{text} 不是一天中的时刻", "{text} is no time of day", text = quoted(text)),
            words!(
                "请写时和分，\"00:00\" 至 \"23:59\"",
                "write hours and minutes from \"00:00\" to \"23:59\""
            ),
        );
    }
    minute
}

/// An IP address of this machine and a port to listen on.
pub(super) fn listen(value: &Value<'_>) -> Option<SocketAddr> {
    let text = value.text()?;
    match text.parse::<SocketAddr>() {
        Ok(address) if address.port() == 0 => {
            let problem = words!("端口 0 每次启动都会不同", "port 0 would be another port at each start");
            value.wrong(problem, a_port());
            None
        }
        Ok(address) => Some(address),
        Err(_) => {
            let port = text.rsplit_once(':').map(|(_, port)| port);
            match port.filter(|port| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit())) {
                Some(port) if port.parse::<u16>().is_err() => {
                    let port = quoted(port);
                    let port = port.trim_matches('"');
                    value.wrong(words!("没有端口 {port}", "there is no port {port}"), a_port());
                }
                _ => value.wrong_for_example(words!(
                    "{text} 不是带端口的 IP 地址",
                    "{text} is no IP address with a port",
                    text = quoted(text)
                )),
            }
            None
        }
    }
}

fn a_port() -> Words {
    words!("请写 1 至 65535 的端口", "write a port from 1 to 65535")
}

/// The meaning of a word that is one of a few.
pub(super) fn one_of<T: Copy>(value: &Value<'_>, known: &[(&'static str, T)]) -> Option<T> {
    let text = value.text()?;
    let found = known.iter().find(|(word, _)| *word == text).map(|(_, meaning)| *meaning);
    if found.is_none() {
        let list = known.iter().map(|(word, _)| quoted(word)).collect::<Vec<_>>().join(", ");
        value.wrong_word(
            words!("{text} 不是 {list} 之一", "{text} is none of {list}", text = quoted(text)),
            text,
            known.iter().map(|(word, _)| *word),
            words!("请写 {list} 之一", "write one of {list}"),
        );
    }
    found
}
