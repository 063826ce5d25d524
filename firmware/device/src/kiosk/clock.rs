//! The hall's clock, as a kiosk that has none of its own knows it: from the times in the hall's messages and
//! from how long ago they came.

use hall_protocol::local::{DAY_MINUTES, LocalDate, LocalTime};

const MINUTE_MS: i64 = 60_000;

/// The hall's clock.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct HallClock {
    /// The hall's time less that since the start; unknown before the first message.
    ahead_ms: Option<i64>,
}

impl HallClock {
    /// A message of this time of the hall has come. It may have been kept by the broker for any time, so
    /// that the latest of all is right.
    pub(super) fn heard(&mut self, unix_ms: i64, now_ms: u64) {
        let ahead_ms = unix_ms.saturating_sub(signed(now_ms));
        self.ahead_ms = self.ahead_ms.max(Some(ahead_ms));
    }

    /// Milliseconds since 1970-01-01 UTC.
    pub(super) fn unix_ms(self, now_ms: u64) -> Option<i64> {
        self.ahead_ms.map(|ahead_ms| ahead_ms.saturating_add(signed(now_ms)))
    }

    /// The clock on the hall's wall.
    pub(super) fn wall(self, now_ms: u64, utc_offset_minutes: i16) -> Option<LocalTime> {
        let minutes = self.unix_ms(now_ms)?.div_euclid(MINUTE_MS) + i64::from(utc_offset_minutes);
        let day = i64::from(DAY_MINUTES);
        let date = LocalDate::from_days(i32::try_from(minutes.div_euclid(day)).ok()?);
        Some(LocalTime::new(date, u16::try_from(minutes.rem_euclid(day)).ok()?))
    }
}

fn signed(now_ms: u64) -> i64 {
    i64::try_from(now_ms).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_message_does_not_set_the_clock_back() {
        let mut clock = HallClock::default();
        assert_eq!(clock.wall(5, 480), None);
        // 2024-03-01 00:00:30 in China, ten seconds after the start; then one the broker had kept.
        clock.heard(1_709_222_430_000, 10_000);
        clock.heard(1_709_222_400_000, 11_000);
        let midnight = LocalTime::new(LocalDate::new(2024, 3, 1).unwrap(), 0);
        assert_eq!(clock.wall(10_000, 480), Some(midnight));
        assert_eq!(clock.unix_ms(70_000), Some(1_709_222_490_000));
        assert_eq!(clock.wall(70_000, 480).map(|time| time.minutes_since(midnight)), Some(1));
    }
}
