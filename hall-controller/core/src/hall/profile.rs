//! How many come for each service in each quarter of an hour: today, and on days like it. Learnt from the
//! tickets issued; integers only, so that every replay learns the same.
//!
//! Quarters are of UTC, because events say nothing of the clock on the wall. Where that changes for
//! summer, what was learnt is an hour off until some weeks have passed. Forecasts are made of it in
//! [`crate::balance`].

use std::collections::BTreeMap;

use hall_protocol::id::ServiceId;
use hall_protocol::local::{LocalDate, Weekday};
use serde::{Deserialize, Serialize};

use super::Hall;
use crate::time::HallTime;

/// The length of a quarter.
pub(crate) const QUARTER_MINUTES: u16 = 15;
/// How many there are in a day.
const QUARTERS: i64 = 96;
/// What a day seen counts, and a citizen of it.
const WHOLE: u32 = 1_000;

/// Quarters of a day by their number from midnight UTC, and how many came in each. One in which nobody
/// came is not there.
pub(crate) type Quarters = BTreeMap<u8, u32>;

/// How many come when.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Arrivals {
    today: BTreeMap<ServiceId, Quarters>,
    /// When the first came today.
    began: Option<HallTime>,
    /// One for each weekday, Monday first.
    weekdays: [Profile; 7],
}

/// The days seen of a weekday. Of each day three quarters are kept when the next one like it is over: the
/// last four count most.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
struct Profile {
    /// How many, times 1000.
    days: u32,
    /// Who came on all of them together, times 1000.
    services: BTreeMap<ServiceId, Quarters>,
}

/// What is known of a service on days like today.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Usual<'a> {
    /// How many days were seen.
    pub(crate) days: f64,
    quarters: Option<&'a Quarters>,
}

impl Usual<'_> {
    /// How many came in this quarter, in the mean of those days.
    pub(crate) fn mean(&self, quarter: u8) -> f64 {
        let came = self.quarters.and_then(|quarters| quarters.get(&quarter)).copied().unwrap_or(0);
        if self.days > 0.0 { f64::from(came) / f64::from(WHOLE) / self.days } else { 0.0 }
    }

    /// The quarters in which anybody came.
    pub(crate) fn quarters(&self) -> impl Iterator<Item = u8> {
        self.quarters.into_iter().flat_map(BTreeMap::keys).copied()
    }
}

/// In which quarter of the day this is.
pub(crate) fn quarter(at: HallTime) -> u8 {
    let quarters = at.unix_ms().div_euclid(i64::from(QUARTER_MINUTES) * 60_000);
    u8::try_from(quarters.rem_euclid(QUARTERS)).unwrap_or(0)
}

impl Arrivals {
    pub(super) fn count(&mut self, service: ServiceId, at: HallTime) {
        self.began.get_or_insert(at);
        let came = self.today.entry(service).or_default().entry(quarter(at)).or_default();
        *came = came.saturating_add(1);
    }

    /// How many came today.
    pub(crate) fn today(&self, service: ServiceId) -> u32 {
        self.today.get(&service).map_or(0, |quarters| quarters.values().sum())
    }

    /// When the first came today.
    pub(crate) const fn began(&self) -> Option<HallTime> {
        self.began
    }

    /// What is known of the service on days that work like this weekday.
    pub(crate) fn usual(&self, service: ServiceId, weekday: Weekday) -> Usual<'_> {
        let profile = &self.weekdays[weekday.index()];
        let days = f64::from(profile.days) / f64::from(WHOLE);
        Usual { days, quarters: profile.services.get(&service) }
    }

    /// The day is over, and it worked like this weekday. One on which nobody came teaches nothing: the
    /// hall was closed.
    fn learn(&mut self, weekday: Option<Weekday>) {
        let today = std::mem::take(&mut self.today);
        self.began = None;
        let Some(weekday) = weekday.filter(|_| !today.is_empty()) else { return };
        let profile = &mut self.weekdays[weekday.index()];
        let kept = |value: u32| value / 4 * 3;
        profile.days = kept(profile.days) + WHOLE;
        for quarters in profile.services.values_mut() {
            for came in quarters.values_mut() {
                *came = kept(*came);
            }
            quarters.retain(|_, came| *came > 0);
        }
        for (service, quarters) in today {
            let known = profile.services.entry(service).or_default();
            for (quarter, came) in quarters {
                let sum = known.entry(quarter).or_default();
                *sum = sum.saturating_add(came.saturating_mul(WHOLE));
            }
        }
        profile.services.retain(|_, quarters| !quarters.is_empty());
    }
}

impl Hall {
    /// The business day is over: learn from who came on it. Before the new one begins.
    pub(super) fn learn_day(&mut self) {
        let date = LocalDate::from_days(self.day.days());
        let weekday = self.plan.calendar().works_like(date);
        self.arrivals.learn(weekday);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn came(arrivals: &mut Arrivals, service: ServiceId, quarter: i64, citizens: u32) {
        let at = HallTime::from_unix_ms(quarter * 900_000 + 1);
        (0..citizens).for_each(|_| arrivals.count(service, at));
    }

    #[test]
    fn a_weekday_is_the_mean_of_its_days_the_last_ones_most() {
        let tax: ServiceId = "tax".parse().unwrap();
        let mut arrivals = Arrivals::default();
        for citizens in [4, 8] {
            came(&mut arrivals, tax, 40, citizens);
            assert_eq!(arrivals.today(tax), citizens);
            arrivals.learn(Some(Weekday::Mon));
        }
        let monday = arrivals.usual(tax, Weekday::Mon);
        assert!((monday.days - 1.75).abs() < 1e-9);
        assert!((monday.mean(40) - (3.0 + 8.0) / 1.75).abs() < 1e-9, "{}", monday.mean(40));
        assert!(monday.mean(41).abs() < 1e-9);
        assert!(arrivals.usual(tax, Weekday::Tue).days.abs() < 1e-9);
    }

    #[test]
    fn a_closed_day_and_a_holiday_teach_nothing() {
        let tax: ServiceId = "tax".parse().unwrap();
        let mut arrivals = Arrivals::default();
        arrivals.learn(Some(Weekday::Mon));
        came(&mut arrivals, tax, 40, 3);
        arrivals.learn(None);
        assert_eq!(arrivals, Arrivals::default());
    }

    #[test]
    fn quarters_are_counted_from_midnight() {
        for (minutes, of) in [(0, 0), (14, 0), (15, 1), (1_439, 95), (1_440, 0), (-1, 95)] {
            assert_eq!(quarter(HallTime::from_unix_ms(minutes * 60_000)), of, "{minutes}");
        }
    }
}
