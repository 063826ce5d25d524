//! First come, first served, over all services of the window and who waits for it alone. Classes count
//! for nothing.
//!
//! Bound: a ticket is called at the latest when those who have waited longer at the windows of its
//! service are; nobody who came later is called before it at a window that serves it.

use super::{Choice, Head, count};
use crate::event::CallReason;
use crate::queue::Place;

pub(super) fn choose(sent: Option<Place>, heads: &[Head]) -> Option<Choice> {
    let place = heads.iter().map(|head| head.first).chain(sent).min()?;
    Some(Choice { place, why: CallReason::Oldest { services: count(heads.iter()) } })
}
