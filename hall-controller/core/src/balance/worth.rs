//! Whether a move is worth it, and what it changes.
//!
//! The rule, for what is proposed and for what is done without asking: of all who wait now or come in the
//! next half hour, those a move helps must be spared more minutes together than those it harms lose and than
//! the changes it makes clerks do cost; and what it makes people wait beyond targets that would else have
//! been kept, or beyond what they would have waited, must not be more than it helps others. A change costs its
//! time for whoever is served next, and for those who wait for the window behind.

use super::outlook::{Expected, MINUTES, Outlook};
use crate::event::{Cost, Effect, Range};
use crate::hall::Hall;

/// A wait that changes by less is the same for people.
const CHANGE_SECONDS: u32 = 60;

/// The wait to expect, as a part of the target.
pub(super) fn over_target(hall: &Hall, service: usize, wait: Range) -> f64 {
    f64::from(wait.mean_s) / target_s(hall, service)
}

fn target_s(hall: &Hall, service: usize) -> f64 {
    let target = hall.plan.services().get(service).map_or(1, |service| service.target_minutes.max(1));
    f64::from(target) * 60.0
}

/// The minutes that all people together are spared in the half hour; nothing where the move is not worth it.
pub(super) fn spared_minutes(
    hall: &Hall,
    outlook: &Outlook,
    before: &Expected,
    after: &Expected,
) -> Option<f64> {
    let (mut helped, mut harmed, mut missed, mut waiting) = (0.0, 0.0, 0.0, 0.0);
    for (index, (before, after)) in before.waits.iter().zip(&after.waits).enumerate() {
        let (was, is) = (f64::from(before.mean_s), f64::from(after.mean_s));
        let people = f64::from(hall.waiting_at_index(index)) + outlook.per_minute(index) * MINUTES;
        helped += (was - is).max(0.0) / 60.0 * people;
        harmed += (is - was).max(0.0) / 60.0 * people;
        missed += (is - was.max(target_s(hall, index))).max(0.0) / 60.0 * people;
        waiting += outlook.per_minute(index) * is / 60.0;
    }
    let behind = 1.0 + waiting / outlook.windows().max(1.0);
    let changeover_minutes = f64::from(hall.plan.policy().changeover_seconds) / 60.0;
    let changing = (after.changes - before.changes).max(0.0) * changeover_minutes * behind;
    let spared = helped - harmed - changing;
    (spared > 0.0 && missed <= helped).then_some(spared)
}

/// What a move changes: the service it is for, and each other one whose wait changes, those it harms too,
/// by how much.
pub(super) fn effects(hall: &Hall, service: usize, before: &Expected, after: &Expected) -> Vec<Effect> {
    let (before, after) = (&before.waits, &after.waits);
    let change = |index: &usize| before[*index].mean_s.abs_diff(after[*index].mean_s);
    let mut others: Vec<usize> =
        (0..before.len()).filter(|index| *index != service && change(index) >= CHANGE_SECONDS).collect();
    others.sort_by_key(|index| std::cmp::Reverse(change(index)));
    let effect = |index: usize| {
        let service = hall.plan.services().get(index)?.id;
        Some(Effect { service, before: before[index], after: after[index] })
    };
    std::iter::once(service).chain(others).filter_map(effect).collect()
}

/// How often clerks change to another service because of it. Whoever is given a service that is new to the
/// window changes to it at least once: so many are `new`.
pub(super) fn cost(hall: &Hall, before: &Expected, after: &Expected, new: usize) -> Cost {
    let more = (after.changes - before.changes).max(0.0).round();
    // Fewer than the calls of half an hour.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let switches = (more as u16).max(u16::try_from(new).unwrap_or(u16::MAX));
    let seconds = u32::from(switches) * u32::from(hall.plan.policy().changeover_seconds);
    Cost { switches, seconds }
}
