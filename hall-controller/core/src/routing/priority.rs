//! Whoever has waited longest; but before an ordinary ticket one of a priority class, where the quota of
//! its service allows it to pass.
//!
//! Bound: [`crate::plan::Policy::priority_quota`] states it.

use super::{Choice, Head, fcfs};
use crate::event::CallReason;
use crate::hall::Hall;
use crate::queue::Place;

pub(super) fn choose(hall: &Hall, sent: Option<Place>, heads: &[Head]) -> Option<Choice> {
    let oldest = fcfs::choose(sent, heads)?;
    let passing = heads.iter().filter_map(|head| passing(hall, head)).min();
    let ordinary = |place: Place| hall.tickets.get(place.1).is_some_and(|ticket| !ticket.class.is_priority());
    let passing = passing.filter(|_| ordinary(oldest.place)).and_then(|place| by_class(hall, place));
    Some(passing.unwrap_or(oldest))
}

/// Who may pass the ordinary tickets of this service.
pub(super) fn passing(hall: &Hall, head: &Head) -> Option<Place> {
    head.first_priority.filter(|_| quota_allows(hall, head.index))
}

/// Whether the quota of its service lets the ticket pass now, if its class does.
pub(super) fn may_pass(hall: &Hall, place: Place) -> bool {
    let service = hall.tickets.get(place.1).and_then(|ticket| hall.plan.service_index(ticket.service));
    service.is_some_and(|index| quota_allows(hall, index))
}

fn quota_allows(hall: &Hall, index: usize) -> bool {
    let calls_between = hall.plan.policy().priority_quota.max(1) - 1;
    hall.since_pass.get(index).is_some_and(|since| *since >= calls_between)
}

pub(super) fn by_class(hall: &Hall, place: Place) -> Option<Choice> {
    let class = hall.tickets.get(place.1)?.class;
    Some(Choice { place, why: CallReason::Priority { class } })
}
