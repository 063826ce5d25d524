//! From when until when the hall of recorded days is open.
//!
//! Its plan knows the hours of each date: those of what people came for, or else those of its windows. A hall
//! without any closes with its last window, and where nobody closed that either, with the last number that was
//! taken.

use std::collections::BTreeSet;

use hall_core::plan::{Hours, Plan};
use hall_protocol::id::ServiceId;
use hall_protocol::local::DAY_MINUTES;

use super::fit::SLOT;
use super::record::Day;

/// The opening and the closing minute of the local day, in whole slots, with everybody who came between them.
/// `wanted` are the services people came for: the hours of others say nothing.
pub(super) fn hours(plan: &Plan, days: &[Day], wanted: &BTreeSet<ServiceId>) -> (f64, f64) {
    let came = || days.iter().flat_map(|day| &day.arrivals).map(|(_, minute)| *minute);
    let first = came().fold(f64::INFINITY, f64::min);
    let after_last = (came().fold(0.0, f64::max) / SLOT).floor() * SLOT + SLOT;
    let services: Vec<Hours> = days.iter().flat_map(|day| of_services(plan, day, wanted)).collect();
    let windows: Vec<Hours> = days.iter().flat_map(|day| of_windows(plan, day)).collect();
    // What begins or ends at midnight is not known to begin or end at all.
    let begins =
        |hours: &[Hours]| hours.iter().map(|hours| hours.from_minute).filter(|minute| *minute > 0).min();
    let ends = |hours: &[Hours]| {
        hours.iter().map(|hours| hours.until_minute).filter(|minute| *minute < DAY_MINUTES).max()
    };
    let begin = begins(&services).map(f64::from);
    let end = ends(&services).or_else(|| ends(&windows)).map(f64::from);
    let end = end.or_else(|| usual(days.iter().filter_map(last_window).collect()));
    let opens = begin.map_or(first, |begin| first.min(begin));
    let closes = end.map_or(after_last, |end| after_last.max(end));
    ((opens / SLOT).floor() * SLOT, (closes / SLOT).ceil() * SLOT)
}

/// When what people came for was open on that day.
fn of_services(plan: &Plan, day: &Day, wanted: &BTreeSet<ServiceId>) -> Vec<Hours> {
    let Some(date) = day.date else { return Vec::new() };
    let services = plan.services().iter().filter(|service| wanted.contains(&service.id));
    services.flat_map(|service| plan.service_hours(service, date)).collect()
}

/// When the windows had their hours on that day; nothing when one of them has none.
fn of_windows(plan: &Plan, day: &Day) -> Vec<Hours> {
    let Some(date) = day.date else { return Vec::new() };
    let all: Option<Vec<_>> = plan.windows().iter().map(|window| plan.window_hours(window, date)).collect();
    all.unwrap_or_default().into_iter().flatten().collect()
}

/// When the last window of the day was closed; nothing when one stayed open.
fn last_window(day: &Day) -> Option<f64> {
    let ends = || day.open.values().flatten().map(|(_, until)| *until);
    ends().reduce(f64::max).filter(|last| last.is_finite())
}

/// Of the days the one in the middle: on one of them somebody may have forgotten a window.
fn usual(mut minutes: Vec<f64>) -> Option<f64> {
    minutes.sort_by(f64::total_cmp);
    minutes.get(minutes.len() / 2).copied()
}
