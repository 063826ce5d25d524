//! The guard rails: what holds a move of the balancer back, whoever has the last word on it.

use hall_protocol::id::{ServiceId, WindowId};
use hall_protocol::local::{DAY_MINUTES, LocalTime};
use hall_protocol::payload::WindowMode;

use crate::event::{GuardRail, Services};
use crate::hall::Hall;
use crate::plan::{GuardRails, Hours};
use crate::time::HallTime;

/// What holds back that `window` serves `after` from now on; nothing, if it may.
///
/// A ticket in hand is no matter: it stays there until its service ends. O(windows) for each service
/// that is taken away.
pub(crate) fn holds_back(
    hall: &Hall,
    window: WindowId,
    after: &Services,
    at: HallTime,
    local: LocalTime,
) -> Option<GuardRail> {
    let rails = hall.plan.policy().guard_rails;
    if let Some(rail) = keeps(hall, window, &rails, at, local) {
        return Some(rail);
    }
    let state = hall.window_state(window)?;
    let clerk = state.clerk.and_then(|clerk| hall.plan.clerk(clerk));
    let able = |service: &ServiceId| clerk.is_none_or(|clerk| clerk.can(*service));
    if after.primary.is_empty() || !after.primary.iter().chain(&after.backup).all(able) {
        return Some(GuardRail::Skills);
    }
    uncovers(hall, window, after, local).then_some(GuardRail::Uncovered)
}

/// What holds back any move of the window.
pub(super) fn keeps(
    hall: &Hall,
    window: WindowId,
    rails: &GuardRails,
    at: HallTime,
    local: LocalTime,
) -> Option<GuardRail> {
    let Some(state) = hall.window_state(window).filter(|state| state.mode != WindowMode::Closed) else {
        return Some(GuardRail::NotOpen);
    };
    if state.pinned {
        return Some(GuardRail::Pinned);
    }
    let dwell_ms = u64::from(rails.dwell_minutes) * 60_000;
    if state.allocated_at.is_some_and(|changed| at.ms_since(changed) < dwell_ms) {
        return Some(GuardRail::Dwell);
    }
    let (own, all) = hall.management.moves_in_hour(window, at);
    if own >= usize::from(rails.window_moves_per_hour) {
        return Some(GuardRail::WindowMoves);
    }
    if rails.hall_moves_per_hour.is_some_and(|most| all >= usize::from(most)) {
        return Some(GuardRail::HallMoves);
    }
    closes_within(hall, window, rails.freeze_minutes, local).then_some(GuardRail::Freeze)
}

/// Whether the hall, or the window by its own hours, closes for the day within so many minutes.
fn closes_within(hall: &Hall, window: WindowId, minutes: u16, local: LocalTime) -> bool {
    let today = local.date();
    let own = hall.plan.window(window).and_then(|window| hall.plan.window_hours(window, today));
    let soon = |hours: &[Hours]| {
        closing(hours).is_some_and(|closes| local.minute().saturating_add(minutes) >= closes)
    };
    soon(&hall.plan.hall_hours(today)) || own.is_some_and(|own| soon(&own))
}

/// The minute at which these hours of a day end; none for what goes on at midnight.
pub(super) fn closing(hours: &[Hours]) -> Option<u16> {
    hours.last().map(|last| last.until_minute).filter(|closes| *closes < DAY_MINUTES)
}

/// Whether an open service would be primary at no open window any more, or served at none.
fn uncovers(hall: &Hall, window: WindowId, after: &Services, local: LocalTime) -> bool {
    let before = hall.allocation(window);
    let others = |service: ServiceId, primary_only: bool| {
        let mut windows = hall.plan.windows().iter().zip(&hall.windows);
        windows.any(|(other, state)| {
            let served = hall.allocation(other.id);
            other.id != window
                && state.mode != WindowMode::Closed
                && (served.primary.contains(&service) || !primary_only && served.backup.contains(&service))
        })
    };
    let is_open = |service: ServiceId| {
        hall.waiting(service) > 0
            || hall.plan.service(service).is_some_and(|planned| {
                let hours = hall.plan.service_hours(planned, local.date());
                hours.iter().any(|hours| hours.contains(local.minute()))
            })
    };
    let lost_first = before.primary.iter().filter(|it| !after.primary.contains(it)).map(|it| (*it, true));
    let lost = before.backup.iter().filter(|it| !after.has(**it)).map(|it| (*it, false));
    lost_first.chain(lost).any(|(service, primary)| !others(service, primary) && is_open(service))
}
