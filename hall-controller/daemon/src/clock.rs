//! The hall's clock: wall time that never runs back, and the business day it falls on.
//!
//! The only place that reads a clock for the core. In a demo it may run faster than the wall.

use std::time::Instant;

use hall_core::time::{BusinessDay, HallTime, Now};
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// Tells the time of a hall.
#[derive(Debug, Clone)]
pub struct Clock {
    zone: TimeZone,
    day_starts: Time,
    pace: Pace,
}

#[derive(Debug, Clone)]
enum Pace {
    Wall,
    /// Hall time has run `speed` times as fast as the wall since `started`.
    Fast {
        started: Instant,
        from: Timestamp,
        speed: f64,
    },
}

impl Clock {
    /// A clock for a hall in `zone` whose business day begins at `day_starts` local time.
    pub fn new(zone: TimeZone, day_starts: Time) -> Self {
        Self { zone, day_starts, pace: Pace::Wall }
    }

    /// The same clock, running `speed` times as fast from `from` on.
    #[must_use]
    pub fn running(self, speed: f64, from: Timestamp) -> Self {
        Self { pace: Pace::Fast { started: Instant::now(), from, speed }, ..self }
    }

    /// The moment by this clock. May step when the wall clock is set; the core keeps the hall's
    /// time from running back.
    pub fn timestamp(&self) -> Timestamp {
        match &self.pace {
            Pace::Wall => Timestamp::now(),
            Pace::Fast { started, from, speed } => {
                let passed = started.elapsed().mul_f64(*speed);
                let passed = SignedDuration::try_from(passed).unwrap_or(SignedDuration::ZERO);
                from.checked_add(passed).unwrap_or(*from)
            }
        }
    }

    /// What the core is told with a command.
    pub fn now(&self) -> Now {
        self.at(self.timestamp())
    }

    fn at(&self, timestamp: Timestamp) -> Now {
        let local = self.zone.to_datetime(timestamp);
        let minute = i32::from(local.hour()) * 60 + i32::from(local.minute());
        let before_start = local.time() < self.day_starts;
        let date = if before_start { local.date().yesterday().unwrap_or(local.date()) } else { local.date() };
        Now {
            at: HallTime::from_unix_ms(timestamp.as_millisecond()),
            day: business_day(date),
            minute: u16::try_from(minute).unwrap_or(0),
        }
    }

    /// Date and time on the hall's wall.
    pub fn local(&self) -> DateTime {
        self.zone.to_datetime(self.timestamp())
    }

    /// The hall's time zone.
    pub fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// How many times as fast as the wall it runs.
    pub fn speed(&self) -> f64 {
        match &self.pace {
            Pace::Wall => 1.0,
            Pace::Fast { speed, .. } => *speed,
        }
    }
}

const EPOCH: Date = Date::constant(1970, 1, 1);

/// The business day that begins on this calendar day.
pub fn business_day(date: Date) -> BusinessDay {
    let days = EPOCH.duration_until(date).as_hours() / 24;
    BusinessDay::from_days(i32::try_from(days).unwrap_or(0))
}

/// The calendar day on which this business day begins.
pub fn date_of(day: BusinessDay) -> Date {
    EPOCH.saturating_add(SignedDuration::from_hours(i64::from(day.days()) * 24))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clock(zone: &str, day_starts: Time) -> Clock {
        Clock::new(TimeZone::get(zone).unwrap(), day_starts)
    }

    #[test]
    fn the_business_day_is_the_halls_and_not_utcs() {
        let clock = clock("Asia/Shanghai", Time::midnight());
        // 17:00 in UTC-7 corrupted a well-known system; 08:00 in Shanghai is midnight UTC.
        for (utc, day) in [
            ("2026-11-24T15:59:59Z", Date::constant(2026, 11, 24)),
            ("2026-11-24T16:00:00Z", Date::constant(2026, 11, 25)),
            ("2026-11-25T00:00:00Z", Date::constant(2026, 11, 25)),
        ] {
            assert_eq!(clock.at(utc.parse().unwrap()).day, business_day(day), "{utc}");
        }
    }

    #[test]
    fn a_day_that_starts_at_four_keeps_the_night_shift_together() {
        let clock = clock("Asia/Shanghai", Time::constant(4, 0, 0, 0));
        let late = clock.at("2026-11-24T19:59:00Z".parse().unwrap());
        assert_eq!((late.day, late.minute), (business_day(Date::constant(2026, 11, 24)), 3 * 60 + 59));
        let next = clock.at("2026-11-24T20:00:00Z".parse().unwrap());
        assert_eq!((next.day, next.minute), (business_day(Date::constant(2026, 11, 25)), 4 * 60));
    }

    #[test]
    fn a_business_day_and_its_calendar_day_name_each_other() {
        for days in [-1, 0, 20_514, 40_000] {
            let day = BusinessDay::from_days(days);
            assert_eq!(business_day(date_of(day)), day);
        }
        assert_eq!(date_of(BusinessDay::from_days(20_514)), Date::constant(2026, 3, 2));
    }

    #[test]
    fn a_day_with_a_changed_clock_is_one_day() {
        let clock = clock("Europe/Berlin", Time::midnight());
        let days: Vec<_> = (0..26)
            .map(|hour| clock.at(Timestamp::from_second(1_792_879_200 + hour * 3_600).unwrap()).day)
            .collect();
        // 2026-10-25 has 25 hours in Berlin; it begins at 22:00 UTC the day before.
        assert!(days[..25].iter().all(|day| *day == business_day(Date::constant(2026, 10, 25))));
        assert_eq!(days[25], business_day(Date::constant(2026, 10, 26)));
    }
}
