//! The hall's clock: wall time that never runs back, and the business day it falls on.
//!
//! The only place that reads a clock for the core. In a demo it may run faster than the wall.

use std::time::Instant;

use hall_core::time::{BusinessDay, HallTime, Now};
use hall_protocol::local::LocalDate;
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

    /// The business day it will be so much later.
    pub fn day_after(&self, ahead: SignedDuration) -> BusinessDay {
        let later = self.timestamp().checked_add(ahead);
        self.at(later.unwrap_or(Timestamp::MAX)).day
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

/// A calendar day as the core has it.
pub fn local_date(date: Date) -> LocalDate {
    LocalDate::from_days(business_day(date).days())
}

/// The calendar day on which this business day begins.
pub fn date_of(day: BusinessDay) -> Date {
    EPOCH.saturating_add(SignedDuration::from_hours(i64::from(day.days()) * 24))
}

#[cfg(test)]
mod tests;
