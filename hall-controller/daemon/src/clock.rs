//! The hall's clock: wall time that never runs back, and the business day it falls on.
//!
//! The only place that reads a clock for the core. In a demo it may run faster than the wall.

use std::fmt;
use std::time::Instant;

use hall_core::appointment::SlotTime;
use hall_core::time::{BusinessDay, HallTime, Now};
use hall_protocol::appointment::DayMinute;
use hall_protocol::local::LocalDate;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{SignedDuration, Timestamp};

/// The machine's clock is set a little back now and then, as time servers do; that needs no words.
const BEHIND_MAX: SignedDuration = SignedDuration::from_secs(60);

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

    /// How far this clock stands behind the hall's time `hall`, if it does. The hall's time was taken from
    /// this clock, and never runs back.
    pub fn behind(&self, hall: HallTime) -> Option<Behind> {
        let hall = Timestamp::from_millisecond(hall.unix_ms()).ok()?;
        let by = hall.duration_since(self.timestamp());
        (by > BEHIND_MAX).then(|| Behind { by, hall: self.zone.to_datetime(hall) })
    }

    /// The slot that begins at this time of day on this day of the calendar. Where the clocks are put
    /// forward over it, it begins when they have been; where they are put back over it, its moment is the
    /// second, and the core takes in who comes for the first.
    pub fn slot(&self, date: Date, minute: DayMinute) -> SlotTime {
        let local = at_minute(date, minute);
        let at = self.zone.to_ambiguous_timestamp(local).later().unwrap_or_default();
        let before_start = local.time() < self.day_starts;
        let day = if before_start { date.yesterday().unwrap_or(date) } else { date };
        SlotTime { day: business_day(day), minute, at: HallTime::from_unix_ms(at.as_millisecond()) }
    }

    /// Whether the clocks are put forward over this time of that day, so that no slot begins then.
    pub fn skips(&self, date: Date, minute: DayMinute) -> bool {
        let local = self.zone.to_ambiguous_timestamp(at_minute(date, minute));
        matches!(local.offset(), AmbiguousOffset::Gap { .. })
    }

    /// The day of the calendar on which a slot begins.
    pub fn date_of_slot(&self, slot: SlotTime) -> Date {
        let day = date_of(slot.day);
        let starts = i32::from(self.day_starts.hour()) * 60 + i32::from(self.day_starts.minute());
        if i32::from(slot.minute.get()) < starts { day.tomorrow().unwrap_or(day) } else { day }
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

/// The machine's clock was ahead, events were recorded by it, and it was set back.
#[derive(Debug, Clone)]
pub struct Behind {
    by: SignedDuration,
    /// Where it will have caught up, by the hall's clock.
    hall: DateTime,
}

impl Behind {
    /// By how many seconds.
    pub fn seconds(&self) -> i64 {
        self.by.as_secs()
    }
}

impl fmt::Display for Behind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let minutes = self.by.as_mins();
        write!(
            f,
            "this machine's clock is {} h {} min behind the hall's time: it was ahead and was set back. Until it \
             comes to {}, times in the journal stand still and no business day begins, so that numbers go on \
             instead of starting again. If that is too long, close the hall, keep its data directory for the \
             auditor under another name, and start with an empty one",
            minutes / 60,
            minutes % 60,
            self.hall.strftime("%Y-%m-%d %H:%M"),
        )
    }
}

fn at_minute(date: Date, minute: DayMinute) -> DateTime {
    let part = |part: u16| i8::try_from(part).unwrap_or(0);
    date.at(part(minute.get() / 60), part(minute.get() % 60), 0, 0)
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
