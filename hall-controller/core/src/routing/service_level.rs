//! Where a call does most against the targets: a generalised c-mu rule (van Mieghem 1995; Mandelbaum and
//! Stolyar 2004) over the windows' services.
//!
//! A service's index grows with the wait of its longest waiting ticket against the target, with its
//! queue, with how scarce it is, with how few windows can do it at all, with how long its citizens had to
//! wait today against those of other services, and with how few windows are set up for it; it falls with
//! the time the call takes at this window, changeover included. Just before the target it is raised,
//! beyond it lowered: who cannot be helped in time any more must not cost those who can. Within a service
//! the order is that of the `priority` policy.
//!
//! A changeover is weighed by what it is for (Duenyas and Van Oyen 1996 give such a rule for one server):
//! the longer the queue changed to, the more tickets follow without another. And it weighs more at a window
//! whose own queue is not empty yet, where both services have other windows: one that is set up for the
//! other will be free soon, while two clerks who swap their work both lose time by it.
//!
//! An idle window that can do rare services may be kept free for them while others are well within their
//! targets.
//!
//! A backup service that is late is weighed beside the primary ones, which count for somewhat more.
//!
//! Bound: of [`STARVING_ONE_IN`] calls at a window one is for who has waited longest there, once that is
//! [`crate::plan::Policy::starvation_minutes`]. So who has waited that long, with `n` before it at the windows
//! of its service, is called within `(n + 1) * STARVING_ONE_IN` calls of such a window, appointments and picks
//! apart. Not every call is: in a hall at its limit, where all wait so long, that would be first come, first
//! served, and everybody would wait longer.

use hall_protocol::id::WindowId;

use super::{Choice, Head, Tier, count, fcfs, minutes, priority, starves_ms};
use crate::event::CallReason;
use crate::hall::{Hall, as_f64};
use crate::queue::Place;
use crate::time::HallTime;

/// The weights were found by random search over days of the reference halls and of sixteen others of the same
/// form, of 8 to 120 windows with loads of 0.8 to 1.2, changeovers of up to 3 minutes and skills, targets
/// and speeds of their own. On twelve more, which the search did not see, they did as well in the mean; a small
/// hall at its limit that nobody leaves does worse with them than without.
mod weight {
    /// Of the wait against the target.
    pub(super) const WAIT: f64 = 2.2;
    /// Changeovers cost more than their time: who is changed to is changed from again.
    pub(super) const CHANGEOVER: f64 = 3.4;
    /// So many times as much while people wait for what the window is set up for, if neither is rare.
    pub(super) const LEAVING: f64 = 1.6;
    /// From this part of the target until the target a service is raised
    pub(super) const SOON: f64 = 0.78;
    /// so much,
    pub(super) const RAISED: f64 = 1.75;
    /// and beyond it lowered by so much of each further target waited.
    pub(super) const LATE: f64 = 2.1;
    /// Primary services count for so much more.
    pub(super) const PRIMARY: f64 = 1.07;
    /// What it costs to give away a window that could do scarce services.
    pub(super) const SCARCE_WINDOW: f64 = 0.1;
    /// A window is kept free when those who come lose more than so many times what those who wait gain.
    pub(super) const KEEP: f64 = 0.36;
    /// However scarce a rare service is, its windows catch up with this part of their time,
    pub(super) const CATCHES_UP: f64 = 0.17;
    /// and however short of time any other is, its queue is served by so many windows,
    pub(super) const SPARE: f64 = 0.05;
    /// and gone after so long.
    pub(super) const GONE_MS: f64 = 70.0 * 60_000.0;
}

/// Of so many calls at a window one is for who has waited longest, when that is for the starvation time.
pub(crate) const STARVING_ONE_IN: u16 = 4;

pub(super) fn choose(
    hall: &Hall,
    window: WindowId,
    sent: Option<Place>,
    heads: &[Head],
    at: HallTime,
) -> Option<Choice> {
    let oldest = fcfs::choose(sent, heads)?;
    let starves = || at.ms_since(oldest.place.0) >= starves_ms(hall);
    let passed = hall.window_state(window).map_or(u16::MAX, |state| state.passed_oldest);
    // Who waits for this window alone has no other.
    if Some(oldest.place) == sent || passed.saturating_add(1) >= STARVING_ONE_IN && starves() {
        return Some(oldest);
    }
    let indexed = heads.iter().map(|head| (index(hall, window, head, at), head));
    let (_, head) = indexed.reduce(|best, other| if other.0 > best.0 { other } else { best })?;
    let ordinary = hall.tickets.get(head.first.1).is_some_and(|ticket| !ticket.class.is_priority());
    if let Some(passing) = priority::passing(hall, head).filter(|_| ordinary) {
        return priority::by_class(hall, passing);
    }
    let over_minutes = minutes(hall.over_ms(head.index, head.first, at));
    Some(Choice {
        place: head.first,
        why: CallReason::Target { over_minutes, services: count(heads.iter()) },
    })
}

/// What calling this service now does.
fn index(hall: &Hall, window: WindowId, head: &Head, at: HallTime) -> f64 {
    let ratio = against_target(hall, head, at);
    let minutes = takes_ms(hall, window, head.index, head.waiting) / 60_000.0;
    let queue = eighths(1.0 + f64::from(head.waiting), 3);
    let urgency = if ratio > 1.0 {
        1.0 / (1.0 + weight::LATE * (ratio - 1.0))
    } else if ratio > weight::SOON {
        weight::RAISED
    } else {
        1.0
    };
    let tier = if head.tier == Tier::Primary { weight::PRIMARY } else { 1.0 };
    let value = (1.0 + weight::WAIT * ratio) * queue * urgency * tier * steadiness(hall, window, head.index);
    value * scarcity(hall, head.index) * hall.favour(head.index) / eighths(minutes, 14)
}

/// How much windows prefer the service at `index` to others they could serve, whatever those who wait now
/// have waited: over a time each service's head is young and old by turns, and the rest of the index decides how
/// many calls each gets. A call counts with two changeovers: who is changed to is changed from again.
pub(crate) fn precedence(hall: &Hall, index: usize) -> f64 {
    let changeover_ms = f64::from(hall.plan.policy().changeover_seconds) * 1e3;
    let minutes = (hall.usual_ms(index) + 2.0 * changeover_ms) / 60_000.0;
    let queue = eighths(1.0 + f64::from(hall.waiting_at_index(index)), 3);
    queue * scarcity(hall, index) * hall.favour(index) / eighths(minutes, 14)
}

/// Whoever changes does it for a service that is short of windows; whoever serves one that has too many
/// changes more lightly.
fn steadiness(hall: &Hall, window: WindowId, index: usize) -> f64 {
    let changes = changes_over(hall, window, index);
    let steady = eighths(hall.short_of_windows(index, !changes), 2);
    if changes { steady.sqrt() } else { steady }
}

/// How much more a service counts because others can be served elsewhere or later.
fn scarcity(hall: &Hall, index: usize) -> f64 {
    let rarity = hall.rarity(index).unwrap_or(1.0);
    eighths(hall.pressure(index), 24) * eighths(rarity, 6)
}

/// To the power of so many eighths. Square roots, unlike powers, are the same on every machine.
fn eighths(value: f64, power: u32) -> f64 {
    let half = value.sqrt();
    let quarter = half.sqrt();
    let roots = [(4, half), (2, quarter), (1, quarter.sqrt())];
    let fraction: f64 = roots.iter().filter(|(bit, _)| power & bit != 0).map(|(_, root)| root).product();
    (0..power / 8).fold(fraction, |product, _| product * value)
}

fn changes_over(hall: &Hall, window: WindowId, index: usize) -> bool {
    hall.plan.services().get(index).is_some_and(|service| hall.changes_over(window, service.id))
}

/// How long the service would take at this window, in milliseconds; a changeover weighed, the more lightly
/// the more wait who may follow without another.
fn takes_ms(hall: &Hall, window: WindowId, index: usize, waiting: u32) -> f64 {
    let speed = hall.window_state(window).map_or(1.0, |state| state.pace.speed());
    let changeover_ms = if changes_over(hall, window, index) {
        let weight = weight::CHANGEOVER * leaving(hall, window, index);
        weight * f64::from(hall.plan.policy().changeover_seconds) * 1e3
            / eighths(f64::from(waiting.max(1)), 2)
    } else {
        0.0
    };
    hall.usual_ms(index) / speed + changeover_ms
}

/// How much heavier a changeover to the service at `index` weighs because of what the window leaves.
fn leaving(hall: &Hall, window: WindowId, index: usize) -> f64 {
    let left = hall.set_up_for(window).and_then(|service| hall.plan.service_index(service));
    let is_shared = |index: usize| hall.rarity(index).is_none();
    let waits = left.is_some_and(|left| is_shared(left) && hall.waiting_at_index(left) > 0);
    if waits && is_shared(index) { weight::LEAVING } else { 1.0 }
}

/// Whether the window is kept free for rare services rather than serve `head`, because those who come for
/// them meanwhile would lose more by it than those who wait for this one gain; never from who is near the
/// target.
///
/// Who wait gain until their queue is gone; who come for a rare service meanwhile lose half of the call's
/// time, and those behind them, too, until its windows have caught up.
pub(super) fn kept_free(hall: &Hall, window: WindowId, head: &Head, at: HallTime) -> bool {
    // Only an idle window that is armed calls by itself once that has changed.
    if hall.rare_windows == 0 || !hall.plan.policy().armed_next || hall.rarity(head.index).is_some() {
        return false;
    }
    let waited_ms = at.ms_since(head.first.0);
    let ratio = against_target(hall, head, at);
    let is_promised = head.first_priority.is_some() || head.promised.is_some();
    if is_promised || ratio > weight::SOON || waited_ms >= starves_ms(hall) {
        return false;
    }
    let rare = hall.allocation(window).iter().filter_map(|(_, id)| hall.plan.service_index(id));
    let rare = rare.filter(|index| hall.rarity(*index).is_some());
    let come_a_ms: f64 = rare
        .map(|index| hall.arrivals_a_window_ms(index) / (1.0 - hall.pressure(index)).max(weight::CATCHES_UP))
        .sum();
    let takes_ms = takes_ms(hall, window, head.index, 1);
    let lose_ms = come_a_ms * takes_ms * takes_ms / 2.0;
    let work_ms = f64::from(head.waiting) * hall.usual_ms(head.index);
    let gone_ms = (work_ms / hall.spare_windows(head.index).max(weight::SPARE)).min(weight::GONE_MS);
    gone_ms * (1.0 + ratio * ratio) < weight::KEEP * lose_ms
}

/// How long the first has waited, in parts of the target.
fn against_target(hall: &Hall, head: &Head, at: HallTime) -> f64 {
    let target = hall.plan.services().get(head.index).map_or(1, |service| service.target_minutes.max(1));
    as_f64(at.ms_since(head.first.0)) / (f64::from(target) * 60_000.0)
}

/// What it costs to serve one of the service at `index` at this idle window, in milliseconds.
pub(super) fn cost(hall: &Hall, window: WindowId, index: usize) -> f64 {
    let services = hall.allocation(window).iter().filter_map(|(_, id)| hall.plan.service_index(id));
    let scarcest = services.map(|index| hall.pressure(index)).fold(0.0, f64::max);
    takes_ms(hall, window, index, 1) + weight::SCARCE_WINDOW * scarcest * hall.usual_ms(index)
}
