//! What the balancer proposes to the manager: for each service that will miss its target, the window
//! whose help does most for it and costs the others least.
//!
//! What keeps proposals from going to and fro: a move must gain a fifth of the wait and three minutes,
//! must not push another service over its target, and what was moved stays for the dwell time; what was
//! rejected or undone is not proposed again for an hour.

use hall_protocol::id::{ServiceId, WindowId};
use hall_protocol::payload::WindowMode;

use super::outlook::Outlook;
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
/// Other services named in a proposal.
const EFFECTS_MAX: usize = 4;

/// What is proposed, before it has its id and its time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Draft {
    pub(crate) advice: Advice,
    pub(crate) finding: Finding,
    pub(crate) effects: Vec<Effect>,
    pub(crate) cost: Cost,
}

/// What to propose to the manager after this review.
pub(crate) fn drafts(hall: &Hall, review: &Review, look: Look) -> Vec<Draft> {
    let outlook = Outlook::of(hall, review);
    let mut drafts: Vec<Draft> = Vec::new();
    let mut moved: Vec<(WindowId, Services)> = Vec::new();
    let mut waits = outlook.waits(&[]);
    for service in worst(hall, &waits) {
        let Some(planned) = hall.plan.services().get(service) else { continue };
        if hall.management.is_quiet(Subject::Target(planned.id), look.at) {
            continue;
        }
        let best = best_move(hall, &outlook, service, &waits, &moved, look);
        if let Some(Move { window, services: after, waits: then }) = best {
            let before = hall.allocation(window).owned();
            let finding = why(hall, window, service, waits[service], look);
            let effects = effects(hall, service, &waits, &then);
            let cost = cost(hall, window, planned.id);
            moved.push((window, after.clone()));
            let advice = Advice::Reallocate { moves: vec![Reallocation { window, before, after }] };
            drafts.push(Draft { advice, finding, effects, cost });
            waits = then;
        } else if over_target(hall, service, waits[service]) > 1.0 {
            let finding = will_miss(hall, service, waits[service]);
            drafts.extend(finding.map(Draft::to_see));
        }
    }
    drafts.extend(notice::all(hall, &outlook, look));
    drafts
}

/// What the moves the balancer makes by itself are expected to do.
pub(crate) fn automatic(hall: &Hall, review: &Review, moves: Vec<Reallocation>) -> Draft {
    let outlook = Outlook::of(hall, review);
    let before = outlook.waits(&[]);
    let instead: Vec<(WindowId, &Services)> = moves.iter().map(|it| (it.window, &it.after)).collect();
    let after = outlook.waits(&instead);
    let gain = |index: &usize| before[*index].mean_s.saturating_sub(after[*index].mean_s);
    let most = (0..before.len()).filter(|index| gain(index) > 0).max_by_key(gain);
    let (finding, effects) = match most {
        Some(service) if over_target(hall, service, before[service]) > 1.0 => {
            (will_miss(hall, service, before[service]), effects(hall, service, &before, &after))
        }
        Some(service) => (None, effects(hall, service, &before, &after)),
        None => (None, Vec::new()),
    };
    let finding = finding.unwrap_or(Finding::SkillsUnused);
    Draft { advice: Advice::Reallocate { moves }, finding, effects, cost: Cost::default() }
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
    waits: Vec<Range>,
}

/// The wait to expect, as a part of the target.
fn over_target(hall: &Hall, service: usize, wait: Range) -> f64 {
    let target = hall.plan.services().get(service).map_or(1, |service| service.target_minutes.max(1));
    f64::from(wait.mean_s) / (f64::from(target) * 60.0)
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
            || hall.management.is_quiet(Subject::Move(window.id), look.at)
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
    waits: &[Range],
    moved: &[(WindowId, Services)],
    look: Look,
) -> Option<Move> {
    let id = hall.plan.services().get(service)?.id;
    let mut best: Option<(f64, Move)> = None;
    for (busy, window) in helpers(hall, id, waits, moved, look) {
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
            let then = outlook.waits(&instead);
            let gain = gain(hall, outlook, service, waits, &then);
            if !is_devoted {
                helps = gain.unwrap_or(0.0);
            }
            let Some(gain) = gain.filter(|gain| !is_devoted || helps < HELP_ENOUGH * gain) else { continue };
            if best.as_ref().is_none_or(|(most, _)| gain > *most) {
                best = Some((gain, Move { window, services, waits: then }));
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

/// The minutes that all who come are spared in an hour; nothing where the move is not worth it.
fn gain(
    hall: &Hall,
    outlook: &Outlook<'_>,
    service: usize,
    before: &[Range],
    after: &[Range],
) -> Option<f64> {
    let (was, is) = (f64::from(before[service].mean_s), f64::from(after[service].mean_s));
    if was - is < GAIN_SECONDS || was - is < GAIN_SHARE * was {
        return None;
    }
    let mut sum = 0.0;
    for (index, (before, after)) in before.iter().zip(after).enumerate() {
        let (was, is) = (f64::from(before.mean_s), f64::from(after.mean_s));
        let harmed =
            index != service && is > was * LOSS_SHARE && over_target(hall, index, *after) > NEAR_TARGET;
        if harmed {
            return None;
        }
        let people = f64::from(hall.waiting_at_index(index)) + outlook.per_minute(index) * 60.0;
        sum += (was - is) / 60.0 * people;
    }
    (sum > 0.0).then_some(sum)
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

/// The service it is for, and the others it changes most.
fn effects(hall: &Hall, service: usize, before: &[Range], after: &[Range]) -> Vec<Effect> {
    let change = |index: &usize| before[*index].mean_s.abs_diff(after[*index].mean_s);
    let mut others: Vec<usize> =
        (0..before.len()).filter(|index| *index != service && change(index) >= 60).collect();
    others.sort_by_key(|index| std::cmp::Reverse(change(index)));
    let all = std::iter::once(service).chain(others).take(EFFECTS_MAX);
    let effect = |index: usize| {
        let service = hall.plan.services().get(index)?.id;
        Some(Effect { service, before: before[index], after: after[index] })
    };
    all.filter_map(effect).collect()
}

/// A clerk who serves the service last needs no changeover.
fn cost(hall: &Hall, window: WindowId, service: ServiceId) -> Cost {
    if !hall.changes_over(window, service) {
        return Cost::default();
    }
    Cost { switches: 1, seconds: hall.plan.policy().changeover_seconds.into() }
}
