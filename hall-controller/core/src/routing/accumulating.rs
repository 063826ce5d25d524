//! The accumulating priority queue (Kleinrock 1964; Stanford, Taylor and Ziedins 2014): a ticket's credit
//! grows with its wait, in an ordinary one at [`crate::plan::Policy::ordinary_credit_permille`] of the
//! rate of the priority classes. The most credit is called.
//!
//! Within one rate the longest wait has the most credit, so the two heads of a queue are enough.
//!
//! Bound: with `b` the ordinary rate (1 for priority classes), an ordinary ticket that has waited `w` is
//! never behind one that came more than `(1 - b) w` after it: those that can overtake it came
//! within that time.

use super::{Choice, Head, count};
use crate::event::CallReason;
use crate::hall::Hall;
use crate::queue::Place;
use crate::time::HallTime;

pub(super) fn choose(hall: &Hall, sent: Option<Place>, heads: &[Head], at: HallTime) -> Option<Choice> {
    let ordinary = u64::from(hall.plan.policy().ordinary_credit_permille.min(1_000));
    let places = heads.iter().flat_map(|head| [Some(head.first), head.first_priority]).flatten();
    let candidates = places.chain(sent).filter_map(|place| {
        let class = hall.tickets.get(place.1)?.class;
        let rate = if class.is_priority() { 1_000 } else { ordinary };
        Some((at.ms_since(place.0).saturating_mul(rate), place, class))
    });
    let best = candidates.reduce(|best, other| {
        let more = other.0 > best.0 || (other.0 == best.0 && other.1 < best.1);
        if more { other } else { best }
    });
    let (_, place, class) = best?;
    Some(Choice { place, why: CallReason::Credit { class, services: count(heads.iter()) } })
}
