//! How signs look beside their pages: the keys `brightness` of a line or a sign, `blink_seconds` and `lit`.

use std::time::Duration;

use hall_signs::codec::onbon::bx5k::HALF_HOURS;
use hall_signs::script::DaySpan;

use super::errors::words;
use super::reader::{Table, Value};
use super::values::{span, time_of_day};

/// Levels of one day, at most.
const LEVELS_MAX: usize = 48;

/// How long the number of a new call blinks, in seconds.
const BLINK_SECONDS_DEFAULT: u16 = 5;
const BLINK_SECONDS: std::ops::RangeInclusive<i64> = 0..=60;

/// How a sign looks beside its pages.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Look {
    /// How long the number of a new call blinks; zero is not at all.
    pub blink: Duration,
    /// How bright it is at which time of the day; empty for as it is.
    pub brightness: Vec<Level>,
    /// Dark outside of this time of the day, unless somebody must see it; `None` is never dark.
    pub lit: Option<DaySpan>,
}

/// How bright a sign is from a minute of the day on, until the next one's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Level {
    /// Since midnight, 0 to 1439.
    pub from_minute: u16,
    /// 1 to 255.
    pub level: u8,
}

impl Look {
    /// How bright it is at this minute of the day: the last of the day before holds on after midnight.
    pub fn level_at(&self, minute: u16) -> Option<u8> {
        let begun = self.brightness.iter().rev().find(|level| level.from_minute <= minute);
        begun.or(self.brightness.last()).map(|level| level.level)
    }

    /// The level of each half hour from midnight: the one that holds in its middle, so that each change comes
    /// at the nearest half hour. `None` for as it is.
    pub fn half_hours(&self) -> Option<[u8; HALF_HOURS]> {
        let mut levels = [0; HALF_HOURS];
        for (level, middle) in levels.iter_mut().zip((15..).step_by(30)) {
            *level = self.level_at(middle)?;
        }
        Some(levels)
    }
}

/// The look of a sign on a line of this brightness.
pub(super) fn look(sign: &Table<'_>, of_line: &[Level]) -> Option<Look> {
    let blink = match sign.optional("blink_seconds", "5") {
        Some(value) => value.small::<u16>(&BLINK_SECONDS, "seconds"),
        None => Some(BLINK_SECONDS_DEFAULT),
    };
    let lit = match sign.optional("lit", "\"07:30-18:30\"") {
        Some(value) => span(&value).map(Some),
        None => Some(None),
    };
    let brightness = brightness(sign)?.unwrap_or_else(|| of_line.to_vec());
    Some(Look { blink: Duration::from_secs(blink?.into()), brightness, lit: lit? })
}

/// The key `brightness` of a table, if it has one; `None` when something is wrong with it.
#[expect(clippy::option_option, reason = "the outer one is the reader's word for what is wrong")]
pub(super) fn brightness(table: &Table<'_>) -> Option<Option<Vec<Level>>> {
    let tables = table.each("brightness");
    if tables.is_empty() {
        return Some(None);
    }
    if tables.len() > LEVELS_MAX {
        let problem = words!("这里有 {count} 级", "these are {count} levels", count = tables.len());
        let remedy = words!("请写至多 {LEVELS_MAX} 级", "write at most {LEVELS_MAX}");
        table.wrong_key("brightness", problem, remedy);
        return None;
    }
    let mut levels: Vec<Level> = Vec::new();
    let mut right = true;
    for table in &tables {
        let from = table.required("from", "\"18:30\"");
        let from_minute = from.as_ref().and_then(time_of_day);
        let percent = table.required("percent", "40").and_then(|value| percent(&value));
        table.finish();
        let (Some(from), Some(from_minute), Some(level)) = (from, from_minute, percent) else {
            right = false;
            continue;
        };
        if levels.last().is_some_and(|before| before.from_minute >= from_minute) {
            from.wrong(
                words!("它不晚于前一级", "it does not come after the one before it"),
                words!("请按一天的先后写各级", "write the levels in the order of the day"),
            );
            right = false;
        }
        levels.push(Level { from_minute, level });
    }
    right.then_some(Some(levels))
}

/// Percent as a level of 255.
fn percent(value: &Value<'_>) -> Option<u8> {
    let percent: u16 = value.small(&(1..=100), "percent")?;
    u8::try_from((percent * 255 + 50) / 100).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_holds_until_the_next_and_over_midnight() {
        let level = |from_minute, level| Level { from_minute, level };
        let look = Look { brightness: vec![level(420, 255), level(1_110, 102)], ..Look::default() };
        let seen = [0, 419, 420, 1_109, 1_110, 1_439].map(|minute| look.level_at(minute).unwrap());
        assert_eq!(seen, [102, 102, 255, 255, 102, 102]);
        assert_eq!(Look::default().level_at(0), None);
    }

    #[test]
    fn a_change_comes_at_the_nearest_half_hour() {
        let level = |from_minute, level| Level { from_minute, level };
        let look = Look { brightness: vec![level(7 * 60, 255), level(18 * 60 + 44, 102)], ..Look::default() };
        let levels = look.half_hours().unwrap();
        // 18:30 to 19:00 is the dark one already, which begins a minute before its middle.
        assert_eq!([0, 13, 14, 36, 37, 47].map(|at| levels[at]), [102, 102, 255, 255, 102, 102]);
        assert_eq!(Look::default().half_hours(), None);
    }
}
