//! What the balancer proposes, or in `auto` does: the same either way. First windows are pooled
//! ([`super::pool`]); then, for each service that will still miss its target, the window whose help does most
//! for it and costs the others least; and what no move mends is told ([`super::notice`]).
//!
//! What keeps proposals from going to and fro: a move must be worth it ([`super::worth`]), one for a single
//! service must gain a fifth of its wait and three minutes and must not push another service over its
//! target, and what was moved stays for the dwell time. What was rejected or undone, and what the manager
//! ordered, is left alone for an hour.

use hall_protocol::id::{ServiceId, WindowId};
use hall_protocol::payload::WindowMode;

use super::outlook::{Expected, Outlook};
use super::pool::{Pool, pool};
use super::worth::{self, effects, over_target};
use super::{Look, Review, guard, notice};
use crate::event::{Advice, Cost, Effect, Finding, Range, Reallocation, Services};
use crate::hall::{Hall, Subject};

/// Services looked after in one review: the worst ones.
const SERVICES_MAX: usize = 3;
/// Windows weighed for each of them.
const WINDOWS_MAX: usize = 4;
/// A wait of this part of the target is worth a look.
const NEAR_TARGET: f64 = 0.8;
/// A window whose services wait less than this part of their targets has time for others.
const CALM: f64 = 0.5;
/// A move must shorten the wait by so much of it
const GAIN_SHARE: f64 = 0.2;
/// and by so much in all.
const GAIN_SECONDS: f64 = 180.0;
/// What others may lose by it, if they stay within their targets.
const LOSS_SHARE: f64 = 1.1;
/// Helping beside one's own work is enough when it does so much of what changing over would.
const HELP_ENOUGH: f64 = 0.7;

/// What is proposed, before it has its id and its time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Draft {
    pub(crate) advice: Advice,
    pub(crate) finding: Finding,
    pub(crate) effects: Vec<Effect>,
    pub(crate) cost: Cost,
}

impl Draft {
    /// Whether it moves windows; else it is a notice, which holds while what it tells of lasts.
    pub(crate) const fn moves(&self) -> bool {
        matches!(self.advice, Advice::Reallocate { .. })
    }
}

/// What there is to do and to tell after this review.
pub(crate) fn drafts(hall: &Hall, review: &Review, look: Look) -> Vec<Draft> {
    let outlook = Outlook::of(hall, review, look);
    let mut drafts: Vec<Draft> = Vec::new();
    let mut moved: Vec<(WindowId, Services)> = Vec::new();
    let mut expected = outlook.expect(&[]);
    let mut room = room(hall, look);
    if let Some(Pool { moves, service, then }) = pool(hall, &outlook, &expected, room, look) {
        room -= moves.len();
        moved.extend(moves.iter().map(|it| (it.window, it.after.clone())));
        let over = over_target(hall, service, expected.waits[service]) > 1.0;
        let finding = match &moves[..] {
            [only] => why(hall, only.window, service, expected.waits[service], look),
            _ if over => will_miss(hall, service, expected.waits[service]).unwrap_or(Finding::SkillsUnused),
            _ => Finding::SkillsUnused,
        };
        let new = moves.iter().filter(|it| changes(hall, it)).count();
        drafts.push(Draft {
            finding,
            effects: effects(hall, service, &expected, &then),
            cost: worth::cost(hall, &expected, &then, new),
            advice: Advice::Reallocate { moves },
        });
        expected = then;
    }
    for service in worst(hall, &expected.waits) {
        let Some(planned) = hall.plan.services().get(service) else { continue };
        if room == 0 || hall.management.is_quiet(Subject::Target(planned.id), look.at) {
            continue;
        }
        let best = best_move(hall, &outlook, service, &expected, &moved, look);
        let Some(Move { window, services: after, then }) = best else { continue };
        room -= 1;
        let it = Reallocation { window, before: hall.allocation(window).owned(), after: after.clone() };
        drafts.push(Draft {
            finding: why(hall, window, service, expected.waits[service], look),
            effects: effects(hall, service, &expected, &then),
            cost: worth::cost(hall, &expected, &then, usize::from(hall.changes_over(window, planned.id))),
            advice: Advice::Reallocate { moves: vec![it] },
        });
        moved.push((window, after));
        expected = then;
    }
    drafts.extend(late(hall, &expected.waits, &drafts, look));
    drafts.extend(notice::all(hall, &outlook, look));
    drafts
}

/// How many windows may still be moved in this hour.
fn room(hall: &Hall, look: Look) -> usize {
    let most = hall.plan.policy().guard_rails.hall_moves_per_hour.map(usize::from);
    most.map_or(usize::MAX, |most| most.saturating_sub(hall.management.all_moves_in_hour(look.at)))
}

/// Services that will miss their targets though nothing is left to move.
fn late(hall: &Hall, waits: &[Range], drafts: &[Draft], look: Look) -> Vec<Draft> {
    let is_for = |service: ServiceId| {
        drafts.iter().any(|draft| draft.effects.first().is_some_and(|effect| effect.service == service))
    };
    let told = waits.iter().enumerate().filter_map(|(index, wait)| {
        let service = hall.plan.services().get(index)?.id;
        let subject = Subject::Missed(service);
        // Who hears of it already hears until it is mended, and not of each minute to and fro.
        let from = if hall.management.is_told(subject) { NEAR_TARGET } else { 1.0 };
        let is_late = hall.waiting_at_index(index) > 0 && over_target(hall, index, *wait) > from;
        let quiet = hall.management.is_hushed(subject, look.at)
            || hall.management.is_quiet(Subject::Target(service), look.at)
            || hall.nobody_able(index);
        (is_late && !quiet && !is_for(service)).then(|| will_miss(hall, index, *wait)).flatten()
    });
    told.map(Draft::to_see).collect()
}

/// Whether the clerk changes over for the first of what the window is given.
fn changes(hall: &Hall, it: &Reallocation) -> bool {
    it.adds().any(|service| hall.changes_over(it.window, service) && hall.waiting(service) > 0)
}

impl Draft {
    pub(super) const fn to_see(finding: Finding) -> Self {
        let cost = Cost { switches: 0, seconds: 0 };
        Self { advice: Advice::LookAfter, finding, effects: Vec::new(), cost }
    }
}

struct Move {
    window: WindowId,
    services: Services,
    then: Expected,
}

/// The services furthest over their targets, the worst first.
fn worst(hall: &Hall, waits: &[Range]) -> Vec<usize> {
    let mut all: Vec<(f64, usize)> = waits
        .iter()
        .enumerate()
        .filter(|(index, _)| hall.waiting_at_index(*index) > 0)
        .map(|(index, wait)| (over_target(hall, index, *wait), index))
        .filter(|(over, _)| *over > NEAR_TARGET)
        .collect();
    all.sort_by(|one, other| other.0.total_cmp(&one.0).then(one.1.cmp(&other.1)));
    all.into_iter().take(SERVICES_MAX).map(|(_, index)| index).collect()
}

/// The windows whose clerks could do the service besides, those with the most time first.
fn helpers(
    hall: &Hall,
    service: ServiceId,
    waits: &[Range],
    moved: &[(WindowId, Services)],
    look: Look,
) -> Vec<(f64, WindowId)> {
    let rails = hall.plan.policy().guard_rails;
    let mut all = Vec::new();
    for (window, state) in hall.plan.windows().iter().zip(&hall.windows) {
        let now = hall.allocation(window.id);
        if state.mode != WindowMode::Open
            || now.primary.contains(&service)
            || moved.iter().any(|(moved, _)| *moved == window.id)
            || hall.is_left_alone(window.id, look.at)
            || guard::keeps(hall, window.id, &rails, look.at, look.local).is_some()
            || !hall.able_at(window.id).contains(&service)
        {
            continue;
        }
        let own = now.iter().filter_map(|(_, service)| hall.plan.service_index(service));
        let busy = own.map(|index| over_target(hall, index, waits[index])).fold(0.0, f64::max);
        all.push((busy, window.id));
    }
    all.sort_by(|one, other| one.0.total_cmp(&other.0).then(one.1.cmp(&other.1)));
    all.truncate(WINDOWS_MAX);
    all
}

fn best_move(
    hall: &Hall,
    outlook: &Outlook<'_>,
    service: usize,
    before: &Expected,
    moved: &[(WindowId, Services)],
    look: Look,
) -> Option<Move> {
    let id = hall.plan.services().get(service)?.id;
    let mut best: Option<(f64, Move)> = None;
    for (busy, window) in helpers(hall, id, &before.waits, moved, look) {
        let now = hall.allocation(window);
        let help = helping(now.owned(), id, busy < CALM);
        let tried = [help, Some(devoted(now.owned(), id))].into_iter().flatten();
        let mut helps = 0.0;
        for services in tried {
            if guard::holds_back(hall, window, &services, look.at, look.local).is_some() {
                continue;
            }
            // Who is devoted to a service has no time for others until it is over.
            let only = Services { primary: vec![id], backup: Vec::new() };
            let is_devoted = services.primary == only.primary;
            let counted = if is_devoted { &only } else { &services };
            let mut instead: Vec<(WindowId, &Services)> =
                moved.iter().map(|(moved, it)| (*moved, it)).collect();
            instead.push((window, counted));
            let then = outlook.expect(&instead);
            let gain = gain(hall, outlook, service, before, &then);
            if !is_devoted {
                helps = gain.unwrap_or(0.0);
            }
            let Some(gain) = gain.filter(|gain| !is_devoted || helps < HELP_ENOUGH * gain) else { continue };
            if best.as_ref().is_none_or(|(most, _)| gain > *most) {
                best = Some((gain, Move { window, services, then }));
            }
        }
    }
    best.map(|(_, best)| best)
}

/// The service besides what the window serves: as a backup one where it has time; nothing where it is a
/// backup one already and there is none.
fn helping(mut services: Services, service: ServiceId, calm: bool) -> Option<Services> {
    let is_backup = services.backup.contains(&service);
    match (calm, is_backup) {
        (true, true) => return None,
        (true, false) => services.backup.push(service),
        (false, _) => {
            services.backup.retain(|other| *other != service);
            services.primary.push(service);
        }
    }
    Some(services)
}

/// The service first, and what the window served when nobody waits for it.
fn devoted(services: Services, service: ServiceId) -> Services {
    let rest = services.primary.into_iter().chain(services.backup);
    Services { primary: vec![service], backup: rest.filter(|other| *other != service).collect() }
}

/// The minutes that all people are spared; nothing where the move is not worth it, does too little for the
/// service it is for, or pushes another towards its target.
fn gain(
    hall: &Hall,
    outlook: &Outlook<'_>,
    service: usize,
    before: &Expected,
    after: &Expected,
) -> Option<f64> {
    let (was, is) = (f64::from(before.waits[service].mean_s), f64::from(after.waits[service].mean_s));
    if was - is < GAIN_SECONDS || was - is < GAIN_SHARE * was {
        return None;
    }
    let harmed = before.waits.iter().zip(&after.waits).enumerate().any(|(index, (before, after))| {
        index != service
            && f64::from(after.mean_s) > f64::from(before.mean_s) * LOSS_SHARE
            && over_target(hall, index, *after) > NEAR_TARGET
    });
    if harmed { None } else { worth::spared_minutes(hall, outlook, before, after) }
}

fn why(hall: &Hall, window: WindowId, service: usize, wait: Range, look: Look) -> Finding {
    let id = hall.plan.services()[service].id;
    if let Some(minutes) = notice::idle_minutes(hall, window, look) {
        return Finding::Idle { window, minutes, service: id };
    }
    let Some(missed) = will_miss(hall, service, wait) else { return Finding::SkillsUnused };
    missed
}

fn will_miss(hall: &Hall, service: usize, wait: Range) -> Option<Finding> {
    let planned = hall.plan.services().get(service)?;
    let (service, target_minutes) = (planned.id, planned.target_minutes);
    Some(Finding::WillMissTarget { service, wait_s: wait.mean_s, target_minutes })
}
