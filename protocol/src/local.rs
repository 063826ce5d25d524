//! Days and times as the hall's clock on the wall shows them, without a time zone: `2026-03-02`
//! and `2026-03-02T08:30`.
//!
//! When a hall opens is a matter of its wall clock, whatever summer time does to the hours between.
//! The calendar is the proleptic Gregorian one; days are counted from 1970-01-01, a Thursday.

use core::fmt::{self, Write as _};
use core::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Minutes of a day on the wall clock.
pub const DAY_MINUTES: u16 = 24 * 60;

/// Room for the text of any day, and of any time: years beyond 9999 have more digits.
type Written = heapless::String<32>;

/// A day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Weekday {
    /// 周一.
    Mon,
    /// 周二.
    Tue,
    /// 周三.
    Wed,
    /// 周四.
    Thu,
    /// 周五.
    Fri,
    /// 周六.
    Sat,
    /// 周日.
    Sun,
}

impl Weekday {
    /// Every day, Monday first.
    pub const ALL: [Self; 7] = [Self::Mon, Self::Tue, Self::Wed, Self::Thu, Self::Fri, Self::Sat, Self::Sun];

    /// Days since Monday.
    pub const fn index(self) -> usize {
        self as usize
    }
}

/// A day of the hall's calendar. Orders by time.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct LocalDate(i32);

/// A minute on the hall's wall clock. Orders as the clock on the wall does, which summer time sets
/// back once a year.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct LocalTime {
    date: LocalDate,
    minute: u16,
}

/// A text is no day, or no time, of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LocalError;

impl fmt::Display for LocalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a day is written as 2026-03-02, a time as 2026-03-02T08:30")
    }
}

impl core::error::Error for LocalError {}

impl LocalDate {
    /// The day `days` after 1970-01-01.
    pub const fn from_days(days: i32) -> Self {
        Self(days)
    }

    /// Days since 1970-01-01.
    pub const fn days(self) -> i32 {
        self.0
    }

    /// The day `days` later.
    #[must_use]
    pub const fn plus_days(self, days: i32) -> Self {
        Self(self.0.saturating_add(days))
    }

    /// Its day of the week.
    pub const fn weekday(self) -> Weekday {
        // Day 0 was a Thursday, three days after a Monday.
        match (self.0.rem_euclid(7) + 3) % 7 {
            0 => Weekday::Mon,
            1 => Weekday::Tue,
            2 => Weekday::Wed,
            3 => Weekday::Thu,
            4 => Weekday::Fri,
            5 => Weekday::Sat,
            _ => Weekday::Sun,
        }
    }

    /// The day of this year, month (1 to 12) and day of the month.
    pub fn new(year: i32, month: u8, day: u8) -> Option<Self> {
        let years = 0..=9_999;
        if !years.contains(&year) || !(1..=12).contains(&month) || day == 0 {
            return None;
        }
        // Counted in years that begin in March, so that the leap day is the last of its year.
        let year_from_march = i64::from(year) - i64::from(month <= 2);
        let month_from_march = (i64::from(month) + 9) % 12;
        let day_of_year = (153 * month_from_march + 2) / 5 + i64::from(day) - 1;
        let leap_days =
            year_from_march.div_euclid(4) - year_from_march.div_euclid(100) + year_from_march.div_euclid(400);
        let date =
            Self(i32::try_from(365 * year_from_march + leap_days + day_of_year - MARCH_OF_YEAR_ZERO).ok()?);
        // A day beyond its month is a day of the next.
        (date.year_month_day() == (year, month, day)).then_some(date)
    }

    /// Its year, month (1 to 12) and day of the month.
    pub fn year_month_day(self) -> (i32, u8, u8) {
        let days = i64::from(self.0) + MARCH_OF_YEAR_ZERO;
        let (era, day_of_era) = (days.div_euclid(ERA_DAYS), days.rem_euclid(ERA_DAYS));
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_from_march = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
        let month = (month_from_march + 2) % 12 + 1;
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        // Each lies within its type by what it is: 400 years a step over the range of an `i32` of days.
        (
            i32::try_from(year).unwrap_or_default(),
            u8::try_from(month).unwrap_or_default(),
            u8::try_from(day).unwrap_or_default(),
        )
    }
}

/// The days of 400 years, after which the Gregorian calendar repeats.
const ERA_DAYS: i64 = 146_097;

/// Days from 1 March of year 0 to 1970-01-01.
const MARCH_OF_YEAR_ZERO: i64 = 719_468;

impl LocalTime {
    /// The minute `minute` of a day; from [`DAY_MINUTES`] on it is one of the days after.
    pub fn new(date: LocalDate, minute: u16) -> Self {
        let date = date.plus_days(i32::from(minute / DAY_MINUTES));
        Self { date, minute: minute % DAY_MINUTES }
    }

    /// The day.
    pub const fn date(self) -> LocalDate {
        self.date
    }

    /// Minutes since midnight on the wall clock, 0 to 1,439.
    pub const fn minute(self) -> u16 {
        self.minute
    }

    /// Minutes on the wall clock from `earlier` to this; negative when that is later.
    pub fn minutes_since(self, earlier: Self) -> i64 {
        let days = i64::from(self.date.0) - i64::from(earlier.date.0);
        days * i64::from(DAY_MINUTES) + i64::from(self.minute) - i64::from(earlier.minute)
    }
}

impl fmt::Display for LocalDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.year_month_day();
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

impl fmt::Display for LocalTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}T{:02}:{:02}", self.date, self.minute / 60, self.minute % 60)
    }
}

impl fmt::Debug for LocalDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Debug for LocalTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A number of exactly so many digits.
fn digits<N: FromStr>(text: &str, count: usize) -> Result<N, LocalError> {
    let right = text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    if right { text.parse().map_err(|_| LocalError) } else { Err(LocalError) }
}

impl FromStr for LocalDate {
    type Err = LocalError;

    fn from_str(text: &str) -> Result<Self, LocalError> {
        let mut parts = text.splitn(3, '-');
        let mut part = |count| parts.next().ok_or(LocalError).map(|text| (text, count));
        let ((year, four), (month, two), (day, _)) = (part(4)?, part(2)?, part(2)?);
        Self::new(digits(year, four)?, digits(month, two)?, digits(day, two)?).ok_or(LocalError)
    }
}

impl FromStr for LocalTime {
    type Err = LocalError;

    fn from_str(text: &str) -> Result<Self, LocalError> {
        let (date, time) = text.split_once('T').ok_or(LocalError)?;
        let (hour, minute) = time.split_once(':').ok_or(LocalError)?;
        let (hour, minute): (u16, u16) = (digits(hour, 2)?, digits(minute, 2)?);
        if hour > 23 || minute > 59 {
            return Err(LocalError);
        }
        Ok(Self { date: date.parse()?, minute: hour * 60 + minute })
    }
}

/// On the wire and in the journal as text.
macro_rules! as_text {
    ($name:ident, $visitor:ident, $wanted:literal) => {
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let mut text = Written::new();
                write!(text, "{self}").map_err(|_| serde::ser::Error::custom("a year of too many digits"))?;
                serializer.serialize_str(&text)
            }
        }

        struct $visitor;

        impl de::Visitor<'_> for $visitor {
            type Value = $name;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str($wanted)
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<$name, E> {
                text.parse().map_err(E::custom)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_str($visitor)
            }
        }
    };
}

as_text!(LocalDate, DateVisitor, "a day such as 2026-03-02");
as_text!(LocalTime, TimeVisitor, "a time such as 2026-03-02T08:30");

#[cfg(test)]
mod tests {
    use std::string::ToString;

    use super::*;

    #[test]
    fn days_are_those_of_the_calendar() {
        for (days, text, weekday) in [
            (0, "1970-01-01", Weekday::Thu),
            (-1, "1969-12-31", Weekday::Wed),
            (11_016, "2000-02-29", Weekday::Tue),
            (20_514, "2026-03-02", Weekday::Mon),
            (20_730, "2026-10-04", Weekday::Sun),
            (2_932_896, "9999-12-31", Weekday::Fri),
            (-719_528, "0000-01-01", Weekday::Sat),
        ] {
            let date = LocalDate::from_days(days);
            assert_eq!((date.to_string().as_str(), date.weekday()), (text, weekday));
            assert_eq!(text.parse(), Ok(date), "{text}");
        }
    }

    #[test]
    fn every_day_of_four_hundred_years_follows_the_one_before() {
        let mut last = LocalDate::new(1999, 12, 31).unwrap();
        for year in 2000..2400 {
            for month in 1..=12 {
                for day in 1..=31 {
                    let Some(date) = LocalDate::new(year, month, day) else { continue };
                    assert_eq!(date, last.plus_days(1), "{date}");
                    last = date;
                }
            }
        }
        assert_eq!(last.to_string(), "2399-12-31");
    }

    #[test]
    fn what_is_no_day_or_time_is_refused() {
        for text in [
            "2026-02-29",
            "2026-13-01",
            "2026-00-10",
            "2026-3-2",
            "26-03-02",
            "2026-03-02T",
            "+026-03-02",
            "",
        ] {
            assert_eq!(text.parse::<LocalDate>(), Err(LocalError), "{text}");
        }
        for text in
            ["2026-03-02", "2026-03-02T24:00", "2026-03-02T08:60", "2026-03-02T8:30", "2026-03-02 08:30"]
        {
            assert_eq!(text.parse::<LocalTime>(), Err(LocalError), "{text}");
        }
    }

    #[test]
    fn the_end_of_a_day_is_the_beginning_of_the_next() {
        let monday = LocalDate::new(2026, 3, 2).unwrap();
        let end = LocalTime::new(monday, DAY_MINUTES);
        assert_eq!((end.to_string().as_str(), "2026-03-03T00:00".parse()), ("2026-03-03T00:00", Ok(end)));
        assert_eq!(end.minutes_since(LocalTime::new(monday, 8 * 60 + 30)), 15 * 60 + 30);
        assert_eq!(LocalTime::new(monday, 0).minutes_since(end), -1_440);
    }

    #[test]
    fn days_beyond_any_calendar_panic_nobody() {
        for days in [i32::MIN, i32::MAX] {
            let date = LocalDate::from_days(days);
            let text = LocalTime::new(date, u16::MAX).to_string();
            assert!(!text.is_empty() && Weekday::ALL.contains(&date.weekday()));
        }
    }
}
