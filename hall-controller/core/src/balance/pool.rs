//! The first thing to do about a service that will be late: let every clerk who can do it do it, beside all
//! else that clerk can do.
//!
//! Windows that can do the same share their queues, and chance evens out. It is a move of all those windows
//! at once, because one alone would get all the work. What they serve then is primary: who is called next is
//! up to the policy, which weighs changeovers.

use hall_protocol::id::{ServiceId, WindowId};
use hall_protocol::payload::WindowMode;

use super::outlook::{Expected, Outlook};
use super::{Look, able, guard, worth};
use crate::event::{Reallocation, Services};
use crate::hall::Hall;

/// Help is called for when a service is expected to wait for this part of its target.
const NEEDS_HELP: f64 = 0.25;

/// What all windows that can help would serve.
pub(super) struct Pool {
    pub(super) moves: Vec<Reallocation>,
    /// The service it does most for.
    pub(super) service: usize,
    pub(super) then: Expected,
}

/// The windows that can help a service that needs it, `room` of them at most; nothing where none can, or
/// where it would not be worth it.
pub(super) fn pool(
    hall: &Hall,
    outlook: &Outlook<'_>,
    before: &Expected,
    room: usize,
    look: Look,
) -> Option<Pool> {
    let is_late = |(index, wait): (usize, &crate::event::Range)| {
        let comes = hall.waiting_at_index(index) > 0 || outlook.per_minute(index) > 0.0;
        comes && worth::over_target(hall, index, *wait) >= NEEDS_HELP
    };
    let needy: Vec<bool> = before.waits.iter().enumerate().map(is_late).collect();
    if !needy.contains(&true) {
        return None;
    }
    let moves = moves(hall, &needy, room, look);
    let instead: Vec<(WindowId, &Services)> = moves.iter().map(|it| (it.window, &it.after)).collect();
    if instead.is_empty() {
        return None;
    }
    let then = outlook.expect(&instead);
    worth::spared_minutes(hall, outlook, before, &then)?;
    let gain = |index: &usize| before.waits[*index].mean_s.saturating_sub(then.waits[*index].mean_s);
    let service = (0..needy.len()).filter(|index| needy[*index]).max_by_key(gain)?;
    Some(Pool { moves, service, then })
}

fn moves(hall: &Hall, needy: &[bool], room: usize, look: Look) -> Vec<Reallocation> {
    let rails = hall.plan.policy().guard_rails;
    let windows = hall.plan.windows().iter().zip(&hall.windows);
    let open = windows.filter(|(_, state)| state.mode != WindowMode::Closed);
    let moves = open.filter_map(|(window, state)| {
        let window = window.id;
        let now = hall.allocation(window);
        let more: Vec<ServiceId> = able(hall, window, state)
            .iter()
            .copied()
            .filter(|service| !now.primary.contains(service))
            .collect();
        let helps = |service: &ServiceId| hall.plan.service_index(*service).is_some_and(|index| needy[index]);
        if !more.iter().any(helps)
            || hall.is_left_alone(window, look.at)
            || guard::keeps(hall, window, &rails, look.at, look.local).is_some()
        {
            return None;
        }
        let primary = now.primary.iter().copied().chain(more).collect();
        let after = Services { primary, backup: Vec::new() };
        Some(Reallocation { window, before: now.owned(), after })
    });
    moves.take(room).collect()
}
