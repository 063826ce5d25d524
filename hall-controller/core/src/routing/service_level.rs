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
//! An idle window that can do rare services may be kept free for them while others are well within their
//! targets.
//!
//! A backup service that is late is weighed beside the primary ones, which count for somewhat more.
//!
//! Bound: who has waited [`crate::plan::Policy::starvation_minutes`] is called before all who have not, by
//! seniority; so nobody waits longer than that and until those who came before have been called.

use hall_protocol::id::WindowId;

use super::{Choice, Head, Tier, count, fcfs, minutes, priority};
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
    pub(super) const KEEP: f64 = 0.31;
    /// However scarce a rare service is, its windows catch up with this part of their time,
    pub(super) const CATCHES_UP: f64 = 0.17;
    /// and however short of time any other is, its queue is served by so many windows,
    pub(super) const SPARE: f64 = 0.05;
    /// and gone after so long.
    pub(super) const GONE_MS: f64 = 70.0 * 60_000.0;
}

pub(super) fn choose(
    hall: &Hall,
    window: WindowId,
    sent: Option<Place>,
    heads: &[Head],
    at: HallTime,
) -> Option<Choice> {
    let oldest = fcfs::choose(sent, heads)?;
    // Who waits for this window alone has no other.
    if at.ms_since(oldest.place.0) >= starves_ms(hall) || Some(oldest.place) == sent {
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

/// What calling this service now does. Square roots, unlike powers, are the same on every machine.
fn index(hall: &Hall, window: WindowId, head: &Head, at: HallTime) -> f64 {
    let Some(service) = hall.plan.services().get(head.index) else { return 0.0 };
    let ratio = against_target(hall, head, at);
    let minutes = takes_ms(hall, window, head.index, head.waiting) / 60_000.0;
    let queue = three_eighths(1.0 + f64::from(head.waiting));
    let urgency = if ratio > 1.0 {
        1.0 / (1.0 + weight::LATE * (ratio - 1.0))
    } else if ratio > weight::SOON {
        weight::RAISED
    } else {
        1.0
    };
    let tier = if head.tier == Tier::Primary { weight::PRIMARY } else { 1.0 };
    let time = minutes * minutes.sqrt() * fourth_root(minutes);
    // Whoever changes does it for a service that is short of windows; whoever serves one that has too
    // many changes more lightly.
    let changes = hall.changes_over(window, service.id);
    let steady = three_eighths(hall.short_of_windows(head.index, !changes));
    let steady = if changes { steady.sqrt() } else { steady };
    let value = (1.0 + weight::WAIT * ratio) * queue * urgency * tier * steady;
    value * scarcity(hall, head.index) * hall.favour(head.index) / time
}

/// How much more a service counts because others can be served elsewhere or later.
fn scarcity(hall: &Hall, index: usize) -> f64 {
    let pressure = hall.pressure(index);
    let rarity = hall.rarity(index).unwrap_or(1.0);
    pressure * pressure * pressure * rarity.sqrt() * fourth_root(rarity)
}

fn fourth_root(value: f64) -> f64 {
    value.sqrt().sqrt()
}

/// To this power.
fn three_eighths(value: f64) -> f64 {
    let root = fourth_root(value);
    root * root.sqrt()
}

/// How long the service would take at this window, in milliseconds; changeovers weighed, the more lightly
/// the more wait who may follow without another.
fn takes_ms(hall: &Hall, window: WindowId, index: usize, waiting: u32) -> f64 {
    let speed = hall.window_state(window).map_or(1.0, |state| state.pace.speed());
    let changes =
        hall.plan.services().get(index).is_some_and(|service| hall.changes_over(window, service.id));
    let changeover_ms = f64::from(hall.plan.policy().changeover_seconds) * 1e3;
    let weighed = weight::CHANGEOVER * changeover_ms / fourth_root(f64::from(waiting.max(1)));
    hall.usual_ms(index) / speed + if changes { weighed } else { 0.0 }
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

fn starves_ms(hall: &Hall) -> u64 {
    u64::from(hall.plan.policy().starvation_minutes) * 60_000
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
