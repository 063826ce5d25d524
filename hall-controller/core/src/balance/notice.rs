//! What the balancer notices that no move can mend: a clerk far slower than usual, a window that calls
//! nobody, a queue nobody who is there can serve, one that cannot be finished by closing time.

use hall_protocol::id::{ServiceId, WindowId};
use hall_protocol::payload::WindowMode;

use super::outlook::{self, Outlook};
use super::propose::Draft;
use super::{Look, Review, guard::closing};
use crate::event::{Advice, Cost, Finding, Range};
use crate::hall::{Hall, Subject};
use crate::queue::Queue;
use crate::time::HallTime;
use crate::window::WindowState;

/// A window that has nobody in hand for so long is idle.
const IDLE_MINUTES: u64 = 5;
/// Who works at less than this part of the usual speed is slow. The speed counts half an hour's work as
/// usual from the first, so a single long service does not show here.
const SLOW: f64 = 0.6;
/// A queue is held against closing time when that is so near.
const CLOSING_MINUTES: u16 = 120;
/// Fewer left at closing are served as always.
const LEFT_MIN: f64 = 2.0;

/// What to tell the manager of, also what was told before and lasts.
pub(super) fn all(hall: &Hall, review: &Review, look: Look) -> Vec<Draft> {
    let windows = hall.plan.windows().iter().zip(&hall.windows);
    let found = windows.filter_map(|(window, state)| of_window(hall, window.id, state, look));
    let found = found.chain(nobody_able(hall, look)).map(Draft::to_see);
    found.chain(cannot_finish(hall, review, look)).collect()
}

/// Services people wait for, and no clerk who is there can do.
fn nobody_able(hall: &Hall, look: Look) -> impl Iterator<Item = Finding> {
    let services = hall.plan.services().iter().enumerate();
    services.filter_map(move |(index, planned)| {
        let (service, waiting) = (planned.id, hall.waiting_at_index(index));
        let new = !hall.management.is_hushed(Subject::Unable(service), look.at);
        (new && hall.nobody_able(index)).then_some(Finding::NobodyAble { service, waiting })
    })
}

fn of_window(hall: &Hall, window: WindowId, state: &WindowState, look: Look) -> Option<Finding> {
    if state.mode != WindowMode::Open {
        return None;
    }
    let speed = state.pace.speed();
    if speed < SLOW && !hall.management.is_hushed(Subject::Slow(window), look.at) {
        // A speed is above 0 and at most some hundreds.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let percent = (100.0 / speed).round() as u16;
        return Some(Finding::SlowClerk { window, clerk: state.clerk, percent });
    }
    let since =
        idle_since(state)?.max(waited_since(hall, window)?).max(state.allocated_at.unwrap_or_default());
    let minutes = usual_exceeded(since, look).filter(|_| !state.armed)?;
    let new = !hall.management.is_hushed(Subject::NotCalling(window), look.at);
    new.then_some(Finding::NotCalling { window, minutes })
}

/// Since when somebody whom the window can call has been waiting without a pause: for a service it serves, or
/// for the window itself.
fn waited_since(hall: &Hall, window: WindowId) -> Option<HallTime> {
    let of_service = |index: usize| {
        let deferred = hall.first_deferred(index).map(|(since, _)| since);
        hall.queues.get(index).and_then(Queue::filled_at).into_iter().chain(deferred).min()
    };
    let services = hall.allocation(window);
    let services = services.iter().filter_map(|(_, service)| of_service(hall.plan.service_index(service)?));
    let own = hall.plan.window_index(window).and_then(|index| hall.window_queues.get(index)?.filled_at());
    services.chain(own).min()
}

/// For how many minutes the window is open with nobody in hand; nothing while that is usual.
pub(super) fn idle_minutes(hall: &Hall, window: WindowId, look: Look) -> Option<u16> {
    usual_exceeded(idle_since(hall.window_state(window)?)?, look)
}

/// Since when the window is open with nobody in hand.
fn idle_since(state: &WindowState) -> Option<HallTime> {
    let is_idle = state.mode == WindowMode::Open && state.hand.is_none();
    is_idle.then(|| state.served.map_or(state.opened_at, |served| served.at.max(state.opened_at)))
}

/// The minutes since then, once they are more than usual.
fn usual_exceeded(since: HallTime, look: Look) -> Option<u16> {
    let minutes = look.at.ms_since(since) / 60_000;
    (minutes >= IDLE_MINUTES).then(|| u16::try_from(minutes).unwrap_or(u16::MAX))
}

/// Services that give numbers though not all who wait can be served before they close.
///
/// What windows do in a minute is what they do until the first of these services closes, in the next half hour at
/// most: with it their own hours end, and a minute of that half hour which lies behind would count as idle.
fn cannot_finish(hall: &Hall, review: &Review, look: Look) -> Vec<Draft> {
    let near: Vec<Nearby> = closing_soon(hall, look).collect();
    let Some(first) = near.iter().map(|it| it.minutes).min() else { return Vec::new() };
    let outlook = Outlook::of_next(f64::from(first).min(outlook::MINUTES), hall, review, look);
    let taken = outlook.taken_per_minute();
    let mut drafts = Vec::new();
    for Nearby { index, service, minutes, gives_minutes } in near {
        let to_come = outlook.per_minute(index) * f64::from(gives_minutes);
        // A burst is no stream: as many as have come today may come again, not more.
        let to_come = to_come.min(f64::from(hall.arrivals.today(service)));
        let done = taken[index] * f64::from(minutes);
        let left = f64::from(hall.waiting_at_index(index)) + to_come - done;
        if left < LEFT_MIN {
            continue;
        }
        let over = outlook.minutes_for(index, left);
        // Both are above 0, and less than the citizens and minutes of some days.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let (left, minutes_over) =
            (left.round() as u32, over.min(f64::from(Range::CUT_S) / 60.0).round() as u16);
        let cost = Cost::default();
        let finding = Finding::CannotFinish { service, left, minutes_over };
        drafts.push(Draft { advice: Advice::StopIssuing { service }, finding, effects: Vec::new(), cost });
    }
    drafts
}

/// A service that gives numbers and closes soon.
struct Nearby {
    index: usize,
    service: ServiceId,
    /// Until it closes.
    minutes: u16,
    /// Until it gives no more numbers.
    gives_minutes: u16,
}

fn closing_soon(hall: &Hall, look: Look) -> impl Iterator<Item = Nearby> {
    let (today, minute) = (look.local.date(), look.local.minute());
    hall.plan.services().iter().enumerate().filter_map(move |(index, planned)| {
        let closes = closing(&hall.plan.service_hours(planned, today))?;
        let minutes = closes.checked_sub(minute).filter(|left| (1..=CLOSING_MINUTES).contains(left))?;
        let issuing = hall.plan.issuing_hours(planned, today);
        let gives = issuing.iter().any(|hours| hours.contains(minute));
        let told = hall.management.stopped.contains(&planned.id)
            || hall.management.is_hushed(Subject::Closing(planned.id), look.at);
        let last_ticket = issuing.last().map_or(minute, |last| last.until_minute);
        let gives_minutes = last_ticket.saturating_sub(minute);
        (gives && !told).then_some(Nearby { index, service: planned.id, minutes, gives_minutes })
    })
}
