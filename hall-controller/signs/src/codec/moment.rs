//! A moment by the clock on the hall's wall, as signs with a clock of their own are told it.

use std::time::Duration;

use hall_protocol::local::LocalDate;

const DAY_MS: u64 = 24 * 60 * 60 * 1_000;

/// A moment of the hall's calendar, without a time zone: signs know none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment {
    date: LocalDate,
    /// Since midnight on the wall's clock.
    ms: u64,
}

/// How exactly a sign's clock can be set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClockStep {
    /// To the second.
    Second,
    /// To the minute, whose beginning has to be waited for.
    Minute,
}

impl Moment {
    /// So long after midnight of this day; a day or more is one of the days after.
    pub fn new(date: LocalDate, since_midnight: Duration) -> Self {
        Self { date, ms: 0 }.after(since_midnight)
    }

    /// The moment so much later on a clock that nobody touches.
    #[must_use]
    pub fn after(self, time: Duration) -> Self {
        let ms = self.ms.saturating_add(u64::try_from(time.as_millis()).unwrap_or(u64::MAX));
        let days = i32::try_from(ms / DAY_MS).unwrap_or(i32::MAX);
        Self { date: self.date.plus_days(days), ms: ms % DAY_MS }
    }

    /// How far the clock on the wall is from one that shows `other`.
    pub fn distance(self, other: Self) -> Duration {
        let ms =
            |moment: Self| i64::from(moment.date.days()) * DAY_MS.cast_signed() + moment.ms.cast_signed();
        Duration::from_millis(ms(self).abs_diff(ms(other)))
    }

    /// How long it takes to the beginning of the next minute; nothing at the beginning of one.
    pub fn to_next_minute(self) -> Duration {
        Duration::from_millis((60_000 - self.ms % 60_000) % 60_000)
    }

    /// The day.
    pub const fn date(self) -> LocalDate {
        self.date
    }

    /// 0 to 23.
    pub fn hour(self) -> u8 {
        self.part(3_600_000, 24)
    }

    /// 0 to 59.
    pub fn minute(self) -> u8 {
        self.part(60_000, 60)
    }

    /// 0 to 59.
    pub fn second(self) -> u8 {
        self.part(1_000, 60)
    }

    fn part(self, unit_ms: u64, units: u64) -> u8 {
        u8::try_from(self.ms / unit_ms % units).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(hour: u64, minute: u64, second: u64) -> Moment {
        let date = LocalDate::new(2026, 12, 31).unwrap();
        Moment::new(date, Duration::from_secs(hour * 3_600 + minute * 60 + second))
    }

    #[test]
    fn a_clock_goes_on_over_midnight_and_the_year() {
        let last = moment(23, 59, 58);
        assert_eq!((last.hour(), last.minute(), last.second()), (23, 59, 58));
        let first = last.after(Duration::from_millis(2_500));
        assert_eq!(first.date().to_string(), "2027-01-01");
        assert_eq!((first.hour(), first.minute(), first.second()), (0, 0, 0));
        assert_eq!(first.distance(last), Duration::from_millis(2_500));
        assert_eq!(last.distance(first), Duration::from_millis(2_500));
    }

    #[test]
    fn the_next_minute_begins_when_it_does() {
        assert_eq!(moment(9, 5, 0).to_next_minute(), Duration::ZERO);
        assert_eq!(moment(9, 5, 1).to_next_minute(), Duration::from_secs(59));
        assert_eq!(
            moment(9, 5, 59).after(Duration::from_millis(999)).to_next_minute(),
            Duration::from_millis(1)
        );
    }
}
