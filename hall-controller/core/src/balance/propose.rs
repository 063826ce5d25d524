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

use super::guard::Guard;
use super::outlook::{Expected, Instead, Outlook};
use super::pool::{Pool, pool};
use super::worth::{self, effects, over_target};
use super::{Look, Review, notice};
use crate::event::{Advice, Cost, Effect, Finding, Range, Reallocation, Services};
use crate::hall::{Hall, Subject};
use crate::plan::ServiceSet;
use crate::routing::Tier;

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
    let guard = Guard::new(hall, look);
    let mut moved = Instead::new();
    let mut expected = outlook.expect(&moved, None);
    let mut room = guard.room();
    if let Some(Pool { moves, instead, new, service, then }) = pool(hall, &outlook, &expected, &guard) {
        room -= moves.len();
        moved = instead;
        let only = if let [only] = &moves[..] { Some(only.window) } else { None };
        drafts.push(Draft {
            finding: why(hall, only, service, expected.waits[service], look),
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
        let best = best_move(hall, &outlook, service, &expected, &moved, &guard);
        let Some(Move { place, window, services: after, serves, then }) = best else { continue };
        room -= 1;
        let it = Reallocation { window, before: hall.allocation(window).owned(), after };
        drafts.push(Draft {
            finding: why(hall, Some(window), service, expected.waits[service], look),
            effects: effects(hall, service, &expected, &then),
            cost: worth::cost(hall, &expected, &then, usize::from(hall.changes_over(window, planned.id))),
            advice: Advice::Reallocate { moves: vec![it] },
        });
        moved.insert(place, serves);
        expected = then;
    }
    drafts.extend(late(hall, &expected.waits, &drafts, look));
    drafts.extend(notice::all(hall, review, look));
    drafts
}

/// What is to be expected of these moves together, for this service first.
pub(crate) fn foretell(hall: &Hall, look: Look, moves: &[&Reallocation], service: ServiceId) -> Vec<Effect> {
    let plan = &hall.plan;
    let Some(service) = plan.service_index(service) else { return Vec::new() };
    let outlook = Outlook::of(hall, &super::review(hall, look), look);
    let serves = |it: &Reallocation| -> ServiceSet {
        let all = it.after.primary.iter().chain(&it.after.backup);
        all.filter_map(|id| plan.service_index(*id)).collect()
    };
    let there = |it: &&Reallocation| Some((plan.window_index(it.window)?, serves(it)));
    let instead: Instead = moves.iter().filter_map(there).collect();
    let (before, then) = (outlook.expect(&Instead::new(), None), outlook.expect(&instead, None));
    effects(hall, service, &before, &then)
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

impl Draft {
    pub(super) const fn to_see(finding: Finding) -> Self {
        let cost = Cost { switches: 0, seconds: 0 };
        Self { advice: Advice::LookAfter, finding, effects: Vec::new(), cost }
    }
}

struct Move {
    /// The window's place in the plan.
    place: usize,
    window: WindowId,
    services: Services,
    /// What it has time for.
    serves: ServiceSet,
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

/// The windows whose clerks could do the service besides, by their places, those with the most time first.
fn helpers(
    hall: &Hall,
    service: usize,
    waits: &[Range],
    moved: &Instead,
    guard: &Guard<'_>,
) -> Vec<(f64, usize)> {
    let open = hall.windows.iter().enumerate().filter(|(_, state)| state.mode == WindowMode::Open);
    let helps = open.filter(|(window, _)| {
        hall.is_able(*window, service)
            && hall.coverage.tier(*window, service) != Some(Tier::Primary)
            && !moved.contains_key(window)
            && guard.lets_move(*window)
    });
    let busy = |window: usize| {
        let own = hall.coverage.at(window).iter().map(|(_, index)| over_target(hall, *index, waits[*index]));
        own.fold(0.0, f64::max)
    };
    let mut all: Vec<(f64, usize)> = helps.map(|(window, _)| (busy(window), window)).collect();
    let ids = hall.plan.windows();
    all.sort_by(|one, other| one.0.total_cmp(&other.0).then(ids[one.1].id.cmp(&ids[other.1].id)));
    all.truncate(WINDOWS_MAX);
    all
}

fn best_move(
    hall: &Hall,
    outlook: &Outlook,
    service: usize,
    before: &Expected,
    moved: &Instead,
    guard: &Guard<'_>,
) -> Option<Move> {
    let id = hall.plan.services().get(service)?.id;
    let mut best: Option<(f64, Move)> = None;
    for (busy, place) in helpers(hall, service, &before.waits, moved, guard) {
        let window = hall.plan.windows()[place].id;
        let now = hall.allocation(window);
        let help = helping(now.owned(), id, busy < CALM);
        let tried = [help, Some(devoted(now.owned(), id))].into_iter().flatten();
        let mut helps = 0.0;
        for services in tried {
            if guard.holds_back(window, &services).is_some() {
                continue;
            }
            // Who is devoted to a service has no time for others until it is over.
            let is_devoted = services.primary == [id];
            let beside = hall.coverage.at(place).iter().filter(|_| !is_devoted).map(|(_, index)| *index);
            let serves: ServiceSet = beside.chain([service]).collect();
            let then = outlook.expect(moved, Some((place, &serves)));
            let gain = gain(hall, outlook, service, before, &then);
            if !is_devoted {
                helps = gain.unwrap_or(0.0);
            }
            let Some(gain) = gain.filter(|gain| !is_devoted || helps < HELP_ENOUGH * gain) else { continue };
            if best.as_ref().is_none_or(|(most, _)| gain > *most) {
                best = Some((gain, Move { place, window, services, serves, then }));
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
fn gain(hall: &Hall, outlook: &Outlook, service: usize, before: &Expected, after: &Expected) -> Option<f64> {
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

/// Why windows are moved for this service, `only` this one or several.
fn why(hall: &Hall, only: Option<WindowId>, service: usize, wait: Range, look: Look) -> Finding {
    let idle = || Some((only?, notice::idle_minutes(hall, only?, look)?));
    if let Some((window, minutes)) = idle().filter(|_| hall.waiting_at_index(service) > 0) {
        return Finding::Idle { window, minutes, service: hall.plan.services()[service].id };
    }
    let misses = over_target(hall, service, wait) > 1.0;
    misses.then(|| will_miss(hall, service, wait)).flatten().unwrap_or(Finding::SkillsUnused)
}

fn will_miss(hall: &Hall, service: usize, wait: Range) -> Option<Finding> {
    let planned = hall.plan.services().get(service)?;
    let (service, target_minutes) = (planned.id, planned.target_minutes);
    Some(Finding::WillMissTarget { service, wait_s: wait.mean_s, target_minutes })
}
