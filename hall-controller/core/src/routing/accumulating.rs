//! The accumulating priority queue (Kleinrock 1964; Stanford, Taylor and Ziedins 2014): a ticket's credit
//! grows with its wait, in an ordinary one at [`crate::plan::Policy::ordinary_credit_permille`] of the
//! rate of the priority classes. The most credit is called.
//!
//! Within one rate the longest wait has the most credit, so the two heads of a queue are enough.
//!
//! A priority class gains its faster credit where the quota of its service allows it to pass, and the
//! ordinary one otherwise.
//!
//! Bounds: with `b` the ordinary rate (1 for priority classes), an ordinary ticket that has waited `w` is
//! never behind one that came more than `(1 - b) w` after it: those that can overtake it came
//! within that time. Of those, no more overtake it than [`crate::plan::Policy::priority_quota`] allows; and
//! who has waited [`crate::plan::Policy::starvation_minutes`] is called before all who have not.

use super::{Choice, Head, count, fcfs, priority, starves_ms};
use crate::event::CallReason;
use crate::hall::Hall;
use crate::queue::Place;
use crate::time::HallTime;

pub(super) fn choose(hall: &Hall, sent: Option<Place>, heads: &[Head], at: HallTime) -> Option<Choice> {
    let oldest = fcfs::choose(sent, heads)?;
    if at.ms_since(oldest.place.0) >= starves_ms(hall) {
        return Some(oldest);
    }
    let oldest = oldest.place;
    let ordinary = u64::from(hall.plan.policy().ordinary_credit_permille.min(1_000));
    let is_priority =
        |place: Place| hall.tickets.get(place.1).is_some_and(|ticket| ticket.class.is_priority());
    let of_head = |head: &Head| {
        let passing = priority::passing(hall, head);
        let fast = is_priority(head.first) && (head.first == oldest || passing == Some(head.first));
        [Some((head.first, fast)), passing.map(|place| (place, true))]
    };
    let sent = sent.map(|place| (place, place == oldest || priority::may_pass(hall, place)));
    let sent = sent.map(|(place, fast)| (place, fast && is_priority(place)));
    let candidates = heads.iter().flat_map(of_head).flatten().chain(sent).map(|(place, fast)| {
        let rate = if fast { 1_000 } else { ordinary };
        (at.ms_since(place.0).saturating_mul(rate), place)
    });
    let (_, place) = candidates.reduce(|best, other| {
        let more = other.0 > best.0 || (other.0 == best.0 && other.1 < best.1);
        if more { other } else { best }
    })?;
    if is_priority(place) && place != oldest && !is_priority(oldest) {
        return priority::by_class(hall, place);
    }
    let class = hall.tickets.get(place.1)?.class;
    Some(Choice { place, why: CallReason::Credit { class, services: count(heads.iter()) } })
}
