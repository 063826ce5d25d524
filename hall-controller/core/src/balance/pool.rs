//! The first thing to do about a service that will be late: let every clerk who can do it do it, beside all
//! else that clerk can do.
//!
//! Windows that can do the same share their queues, and chance evens out. It is a move of all those windows
//! at once, because one alone would get all the work. What they serve then is primary: who is called next is
//! up to the policy, which weighs changeovers.

use hall_protocol::payload::WindowMode;

use super::guard::Guard;
use super::outlook::{Expected, Instead, Outlook};
use super::worth;
use crate::event::{Reallocation, Services};
use crate::hall::Hall;
use crate::plan::ServiceSet;
use crate::routing::Tier;

/// Help is called for when a service is expected to wait for this part of its target.
const NEEDS_HELP: f64 = 0.05;
/// A service that needs help and gets it must wait so much less for it.
const GAIN_SECONDS: u32 = 30;

/// What all windows that can help would serve.
pub(super) struct Pool {
    pub(super) moves: Vec<Reallocation>,
    pub(super) instead: Instead,
    /// At so many windows people wait for what is new there.
    pub(super) new: usize,
    /// The service it does most for, of those these windows serve because of it.
    pub(super) service: usize,
    pub(super) then: Expected,
}

/// The windows that can help a service that needs it, as many as there is room for; nothing where none can,
/// or where it would not be worth it.
pub(super) fn pool(hall: &Hall, outlook: &Outlook, before: &Expected, guard: &Guard<'_>) -> Option<Pool> {
    let is_late = |(index, wait): (usize, &crate::event::Range)| {
        let comes = hall.waiting_at_index(index) > 0 || outlook.per_minute(index) > 0.0;
        comes && worth::over_target(hall, index, *wait) >= NEEDS_HELP
    };
    let needy: Vec<bool> = before.waits.iter().enumerate().map(is_late).collect();
    if !needy.contains(&true) {
        return None;
    }
    let helpers = hall.windows.iter().enumerate().filter(|(_, state)| state.mode != WindowMode::Closed);
    let helpers = helpers.filter_map(|(window, _)| helper(hall, &needy, window, guard));
    let (mut moves, mut instead, mut new, mut helped) =
        (Vec::new(), Instead::new(), 0, ServiceSet::default());
    for Helper { window, it, more, serves, is_new } in helpers.take(guard.room()) {
        moves.push(it);
        helped.extend(more);
        instead.insert(window, serves);
        new += usize::from(is_new);
    }
    if moves.is_empty() {
        return None;
    }
    let then = outlook.expect(&instead, None);
    worth::spared_minutes(hall, outlook, before, &then)?;
    let gain = |index: &usize| before.waits[*index].mean_s.saturating_sub(then.waits[*index].mean_s);
    let service = helped.iter().filter(|index| needy[*index]).max_by_key(gain)?;
    if gain(&service) < GAIN_SECONDS {
        return None;
    }
    Some(Pool { moves, instead, new, service, then })
}

/// A window that helps.
struct Helper {
    /// Its place in the plan.
    window: usize,
    it: Reallocation,
    /// What it serves besides from then on.
    more: Vec<usize>,
    serves: ServiceSet,
    /// The clerk changes over for what is new there, and people wait for that.
    is_new: bool,
}

fn helper(hall: &Hall, needy: &[bool], window: usize, guard: &Guard<'_>) -> Option<Helper> {
    let able = hall.able_at(window);
    let own = hall.coverage.at(window).iter().filter(|(tier, _)| *tier == Tier::Primary);
    let primary: ServiceSet = own.map(|(_, index)| *index).collect();
    let more: Vec<usize> = able.iter().copied().filter(|index| !primary.has(*index)).collect();
    if !more.iter().any(|index| needy[*index]) || !guard.lets_move(window) {
        return None;
    }
    let (services, id) = (hall.plan.services(), hall.plan.windows()[window].id);
    let before = hall.allocation(id).owned();
    let set_up = hall.set_up_for(id);
    let changes = |index: usize| set_up.is_some_and(|last| last != services[index].id);
    let is_new = more.iter().any(|index| hall.waiting_at_index(*index) > 0 && changes(*index));
    let new = more.iter().map(|index| services[*index].id);
    let after = Services { primary: before.primary.iter().copied().chain(new).collect(), backup: Vec::new() };
    let mut serves = primary;
    serves.extend(more.iter().copied());
    Some(Helper { window, it: Reallocation { window: id, before, after }, more, serves, is_new })
}
