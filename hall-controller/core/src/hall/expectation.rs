//! What the hall expects of the next hour, for whoever plays it through.

use hall_protocol::id::WindowId;

use super::{Hall, as_f64};
use crate::time::{HallTime, Now};

/// Who came in this time comes in the next.
const LOOK_BACK_MS: u64 = 3_600_000;
/// The first minutes of a day say nothing of its hours.
const SEEN_MS_MIN: u64 = 15 * 60_000;

/// What is expected of a service.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Expectation {
    /// How many come in an hour.
    pub per_hour: f64,
}

impl Hall {
    /// What is expected from `at` on of each service, in the plan's order: as many as came in the last
    /// hour, or since the day's first ticket. O(tickets of the day).
    pub fn expects(&self, at: HallTime) -> Vec<Expectation> {
        let mut came = vec![0_u32; self.plan.services().len()];
        let mut seen_ms = SEEN_MS_MIN;
        for ticket in self.tickets.iter() {
            seen_ms = seen_ms.max(at.ms_since(ticket.issued_at).min(LOOK_BACK_MS));
            if at.ms_since(ticket.issued_at) < LOOK_BACK_MS
                && let Some(count) = self.plan.service_index(ticket.issued_for).and_then(|i| came.get_mut(i))
            {
                *count += 1;
            }
        }
        let hours = as_f64(seen_ms) / as_f64(LOOK_BACK_MS);
        came.into_iter().map(|count| Expectation { per_hour: f64::from(count) / hours }).collect()
    }

    /// Which part of those who wait gives up in a minute, by what was seen.
    pub fn leave_rate(&self) -> f64 {
        self.calibration.leave_rate()
    }

    /// When each window, in the plan's order, will be there that is not there now, or leaves for a break
    /// first: in minutes after `now`, today, the soonest first. As estimates expect it: by its hours, and
    /// after a pause without a word when such a one usually ends.
    pub fn expects_windows(&self, now: Now) -> Vec<Vec<f64>> {
        let forecast = self.forecast(now);
        (0..self.windows.len()).map(|window| forecast.returns(window)).collect()
    }

    /// How long the service at this place of the plan takes at the window, by what is known of the
    /// service and of the clerk, in milliseconds; with a changeover, if it would be one.
    pub fn service_ms(&self, window: WindowId, service: usize) -> f64 {
        let speed = self.window_state(window).map_or(1.0, |state| state.pace.speed());
        let changes = self.plan.services().get(service).is_some_and(|it| self.changes_over(window, it.id));
        let changeover_ms =
            if changes { f64::from(self.plan.policy().changeover_seconds) * 1e3 } else { 0.0 };
        self.usual_ms(service) / speed + changeover_ms
    }
}
