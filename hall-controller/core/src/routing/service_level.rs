//! Where a call does most against the targets: a generalised c-mu rule (van Mieghem 1995; Mandelbaum and
//! Stolyar 2004) over the windows' services.
//!
//! A service's index grows with the wait of its longest waiting ticket against the target, with its
//! queue, with how scarce it is and with how few windows are set up for it, and falls with the time the call takes at this window, changeover
//! included. Just before the target it is raised, beyond it lowered: who cannot be helped in
//! time any more must not cost those who can. Within a service the order is that of the
//! `priority` policy.
//!
//! Backup services are weighed, not walled off: they count for somewhat less than primary ones.
//!
//! Bound: who has waited [`crate::plan::Policy::starvation_minutes`] is called before all who have not, by
//! seniority; so nobody waits longer than that and until those who came before have been called.

use hall_protocol::id::WindowId;

use super::{Choice, Head, Tier, count, fcfs, minutes, priority};
use crate::event::CallReason;
use crate::hall::{Hall, as_f64};
use crate::queue::Place;
use crate::time::HallTime;

/// The weights were found by random search over days of the reference halls and of others of the same
/// form with loads, targets, skills and speeds of their own.
mod weight {
    /// Of the wait against the target.
    pub(super) const WAIT: f64 = 0.75;
    /// Changeovers cost more than their time: who is changed to is changed from again.
    pub(super) const CHANGEOVER: f64 = 2.2;
    /// From this part of the target until the target a service is raised
    pub(super) const SOON: f64 = 0.6;
    /// so much,
    pub(super) const RAISED: f64 = 1.65;
    /// and beyond it lowered by so much of each further target waited.
    pub(super) const LATE: f64 = 0.5;
    /// Primary services count for so much more.
    pub(super) const PRIMARY: f64 = 1.2;
    /// What it costs to give away a window that could do scarce services.
    pub(super) const SCARCE_WINDOW: f64 = 0.18;
}

pub(super) fn choose(
    hall: &Hall,
    window: WindowId,
    sent: Option<Place>,
    heads: &[Head],
    at: HallTime,
) -> Option<Choice> {
    let oldest = fcfs::choose(sent, heads)?;
    let starves_ms = u64::from(hall.plan.policy().starvation_minutes) * 60_000;
    // Who waits for this window alone has no other.
    if at.ms_since(oldest.place.0) >= starves_ms || Some(oldest.place) == sent {
        return Some(oldest);
    }
    let indexed = heads.iter().map(|head| (index(hall, window, head, at), head));
    let (_, head) = indexed.reduce(|best, other| if other.0 > best.0 { other } else { best })?;
    let ordinary = hall.tickets.get(head.first.1).is_some_and(|ticket| !ticket.class.is_priority());
    if let Some(passing) = priority::passing(hall, head).filter(|_| ordinary) {
        return priority::by_class(hall, passing);
    }
    let over_minutes = minutes(hall.over_ms(head.index, head.first, at));
    Some(Choice { place: head.first, why: CallReason::Target { over_minutes, services: count(heads) } })
}

/// What calling this service now does. Square roots, unlike powers, are the same on every machine.
fn index(hall: &Hall, window: WindowId, head: &Head, at: HallTime) -> f64 {
    let Some(service) = hall.plan.services().get(head.index) else { return 0.0 };
    let ratio = as_f64(at.ms_since(head.first.0)) / (f64::from(service.target_minutes.max(1)) * 60_000.0);
    let minutes = takes_ms(hall, window, head.index) / 60_000.0;
    let queue = (1.0 + f64::from(head.waiting)).sqrt().sqrt();
    let urgency = if ratio > 1.0 {
        1.0 / (1.0 + weight::LATE * (ratio - 1.0))
    } else if ratio > weight::SOON {
        weight::RAISED
    } else {
        1.0
    };
    let tier = if head.tier == Tier::Primary { weight::PRIMARY } else { 1.0 };
    let time = minutes * minutes.sqrt().sqrt();
    // Whoever changes does it for a service that is short of windows; whoever serves one that has too
    // many changes more lightly.
    let changes = hall.changes_over(window, service.id);
    let steady = hall.short_of_windows(head.index, !changes).sqrt().sqrt();
    let steady = if changes { steady.sqrt() } else { steady };
    (1.0 + weight::WAIT * ratio) * queue * urgency * tier * steady * hall.pressure(head.index) / time
}

/// How long the service would take at this window, changeovers weighed, in milliseconds.
fn takes_ms(hall: &Hall, window: WindowId, index: usize) -> f64 {
    let speed = hall.window_state(window).map_or(1.0, |state| state.pace.speed());
    let changes =
        hall.plan.services().get(index).is_some_and(|service| hall.changes_over(window, service.id));
    let changeover_ms = f64::from(hall.plan.policy().changeover_seconds) * 1e3;
    hall.usual_ms(index) / speed + if changes { weight::CHANGEOVER * changeover_ms } else { 0.0 }
}

/// What it costs to serve one of the service at `index` at this idle window, in milliseconds.
pub(super) fn cost(hall: &Hall, window: WindowId, index: usize) -> f64 {
    let services = hall.allocation(window).iter().filter_map(|(_, id)| hall.plan.service_index(id));
    let scarcest = services.map(|index| hall.pressure(index)).fold(0.0, f64::max);
    takes_ms(hall, window, index) + weight::SCARCE_WINDOW * scarcest * hall.usual_ms(index)
}
