//! From recorded days to the numbers of a scenario.
//!
//! Means over days for who comes; for service times and speeds a two-way fit, each window's speed against
//! the services' means; for patience the estimate of greatest likelihood for an exponential one, of which
//! only some lengths are known (`waits.rs` says of whom). Were they those of all who gave up, it would be all
//! time waited for each of them; who was called in vain counts with the time to be expected of somebody who
//! left before then, which needs the estimate itself: a few rounds of expectation and maximization
//! (Dempster, Laird & Rubin 1977).

use std::collections::{BTreeMap, BTreeSet};

use hall_core::plan::{Plan, Window as Planned};
use hall_protocol::id::{ServiceId, WindowId};
use hall_protocol::payload::Class;

use super::record::{Day, Done, Patience};
use super::{LearnError, Lesson, opening};
use crate::scenario::{Requirement, Scenario, Service, Window};

/// The length of a slot of arrivals, in minutes.
pub(super) const SLOT: f64 = 15.0;
/// Opening times are learnt to so many minutes.
const GRAIN: f64 = 5.0;
/// A shorter opening, or a shorter break, is none.
const INTERVAL_MIN: f64 = 2.0 * GRAIN;
/// Speeds and means follow from each other; after so many rounds they change no more.
const ROUNDS: u32 = 30;
/// A window counts as usual for so many minutes of work: until then one long service makes nobody slow.
const USUAL_MINUTES: f64 = 30.0;
/// The plan's word, or the hall's mean, counts as so many services of a kind.
const USUAL_SERVICES: f64 = 1.0;
/// The hall's patience counts as so many who gave up for a service.
const USUAL_GAVE_UP: f64 = 5.0;
/// How much services differ when too few were seen to tell.
const USUAL_CV: f64 = 0.8;
/// With fewer services of a kind seen their variation says nothing.
const CV_SERVICES_MIN: usize = 10;
/// No service is shorter than this, in minutes.
const SERVICE_MIN: f64 = 0.1;

/// A window, when it is open, and what can be done there.
type Staffed = (WindowId, Vec<(f64, f64)>, BTreeSet<ServiceId>);

pub(super) fn scenario(plan: &Plan, days: &[Day]) -> Result<Lesson, LearnError> {
    if days.is_empty() {
        return Err(LearnError::NobodyCame);
    }
    let changeover_minutes = f64::from(plan.policy().changeover_seconds) / 60.0;
    let done: Vec<Done> =
        days.iter().flat_map(|day| &day.done).map(|done| net(done, changeover_minutes)).collect();
    if done.is_empty() {
        return Err(LearnError::NobodyServed);
    }
    let wanted: BTreeSet<ServiceId> =
        days.iter().flat_map(|day| &day.arrivals).map(|(service, _)| *service).collect();
    let (opens, closes) = opening::hours(plan, days, &wanted);
    let times = Times::of(plan, &done);
    let hours = Hours { days, opens, closes };
    let staffed: Vec<Staffed> = plan
        .windows()
        .iter()
        .map(|window| (window.id, hours.open(window.id), skills(plan, days, window.id)))
        .filter(|(_, open, skills)| !open.is_empty() && !skills.is_empty())
        .collect();
    if staffed.is_empty() {
        return Err(LearnError::NoWindow);
    }
    let patience = patience(days);
    let can = |service: &ServiceId| staffed.iter().any(|(_, _, skills)| skills.contains(service));
    let planned = plan.services().iter().filter(|service| wanted.contains(&service.id) && can(&service.id));
    let services: Vec<Service> = planned
        .map(|service| Service {
            id: service.id,
            arrivals_per_slot: arrivals(days, service.id, opens, closes),
            requirement: times.requirement(service.id),
            target_minutes: f64::from(service.target_minutes.max(1)),
            patience_minutes: patience.of(service.id),
            classes: classes(days, service.id),
        })
        .collect();
    let place = |id: &ServiceId| services.iter().position(|service| service.id == *id);
    let windows = staffed.iter().filter_map(|(id, open, skills)| {
        let skills: Vec<usize> = skills.iter().filter_map(place).collect();
        let planned = plan.window(*id)?.services.iter().filter_map(place);
        let mut primary: Vec<usize> = planned.filter(|service| skills.contains(service)).collect();
        if primary.is_empty() {
            primary.push(*skills.first()?);
        }
        Some(Window { id: *id, primary, skills, open: open.clone(), speed: times.speed(*id) })
    });
    let windows: Vec<Window> = windows.collect();
    if windows.is_empty() {
        return Err(LearnError::NoWindow);
    }
    let name = plan.hall().to_string();
    let scenario =
        Scenario { name, opens, closes, slot_minutes: SLOT, changeover_minutes, services, windows };
    Ok(Lesson { scenario, days: days.len(), served: done.len() })
}

/// Without the changeover.
fn net(done: &Done, changeover_minutes: f64) -> Done {
    let changeover = if done.changed { changeover_minutes } else { 0.0 };
    Done { minutes: (done.minutes - changeover).max(SERVICE_MIN), ..*done }
}

/// What the window can do: what its clerks can, and what it was seen to do.
fn skills(plan: &Plan, days: &[Day], window: WindowId) -> BTreeSet<ServiceId> {
    let mut skills: BTreeSet<ServiceId> =
        days.iter().filter_map(|day| day.skills.get(&window)).flatten().copied().collect();
    let here = days.iter().flat_map(|day| &day.done).filter(|done| done.window == window);
    skills.extend(here.map(|done| done.service));
    skills.extend(plan.window(window).into_iter().flat_map(Planned::all_services));
    skills
}

/// The share of each priority class among all who come.
fn classes(days: &[Day], service: ServiceId) -> Vec<(Class, f64)> {
    let came = days.iter().flat_map(|day| &day.arrivals).filter(|(other, _)| *other == service).count();
    let mut counts: BTreeMap<Class, usize> = BTreeMap::new();
    for (_, class) in days.iter().flat_map(|day| &day.priority).filter(|(other, _)| *other == service) {
        *counts.entry(*class).or_default() += 1;
    }
    counts.into_iter().map(|(class, count)| (class, as_f64(count) / as_f64(came))).collect()
}

/// How many come in each slot, on average.
fn arrivals(days: &[Day], service: ServiceId, opens: f64, closes: f64) -> Vec<f64> {
    let mut slots = vec![0.0; whole((closes - opens) / SLOT)];
    for (_, minute) in days.iter().flat_map(|day| &day.arrivals).filter(|(other, _)| *other == service) {
        slots[whole((minute - opens) / SLOT)] += 1.0;
    }
    let days = as_f64(days.len());
    slots.into_iter().map(|count| count / days).collect()
}

/// How long services take, and how fast windows are.
struct Times {
    means: BTreeMap<ServiceId, f64>,
    cvs: BTreeMap<ServiceId, f64>,
    cv: f64,
    speeds: BTreeMap<WindowId, f64>,
    mean: f64,
}

impl Times {
    fn of(plan: &Plan, done: &[Done]) -> Self {
        let mean = done.iter().map(|done| done.minutes).sum::<f64>() / as_f64(done.len());
        let usual = |id: ServiceId| {
            let seconds = plan.service(id).and_then(|service| service.usual_seconds);
            seconds.map_or(mean, |seconds| f64::from(seconds) / 60.0)
        };
        let mut times = Self {
            means: BTreeMap::new(),
            cvs: BTreeMap::new(),
            cv: USUAL_CV,
            speeds: BTreeMap::new(),
            mean,
        };
        for _ in 0..ROUNDS {
            let mut sums: BTreeMap<ServiceId, (f64, f64)> = BTreeMap::new();
            for done in done {
                let (sum, count) = sums.entry(done.service).or_default();
                *sum += done.minutes * times.speed(done.window);
                *count += 1.0;
            }
            times.means = sums
                .into_iter()
                .map(|(id, (sum, count))| (id, (sum + USUAL_SERVICES * usual(id)) / (count + USUAL_SERVICES)))
                .collect();
            let mut sums: BTreeMap<WindowId, (f64, f64)> = BTreeMap::new();
            for done in done {
                let (expected, took) = sums.entry(done.window).or_default();
                *expected += times.means[&done.service];
                *took += done.minutes;
            }
            times.speeds = sums
                .into_iter()
                .map(|(id, (expected, took))| (id, (expected + USUAL_MINUTES) / (took + USUAL_MINUTES)))
                .collect();
        }
        let mut squares: BTreeMap<ServiceId, (f64, usize)> = BTreeMap::new();
        for done in done {
            let (sum, count) = squares.entry(done.service).or_default();
            let off = done.minutes * times.speed(done.window) / times.means[&done.service] - 1.0;
            *sum += off * off;
            *count += 1;
        }
        let known = squares.into_iter().filter(|(_, (_, count))| *count >= CV_SERVICES_MIN);
        times.cvs = known.map(|(id, (sum, count))| (id, (sum / as_f64(count - 1)).sqrt())).collect();
        if !times.cvs.is_empty() {
            times.cv = times.cvs.values().sum::<f64>() / as_f64(times.cvs.len());
        }
        times
    }

    fn speed(&self, window: WindowId) -> f64 {
        self.speeds.get(&window).copied().unwrap_or(1.0)
    }

    fn requirement(&self, service: ServiceId) -> Requirement {
        let mean = self.means.get(&service).copied().unwrap_or(self.mean).max(SERVICE_MIN);
        Requirement::Lognormal { mean, cv: self.cvs.get(&service).copied().unwrap_or(self.cv).min(10.0) }
    }
}

/// How long people wait before they give up.
struct Patiences {
    services: BTreeMap<ServiceId, Patience>,
    /// In the whole hall, in minutes; `None` when nobody gave up.
    hall: Option<f64>,
}

fn patience(days: &[Day]) -> Patiences {
    let mut services: BTreeMap<ServiceId, Patience> = BTreeMap::new();
    let mut whole = Patience::default();
    for (id, seen) in days.iter().flat_map(|day| &day.patience) {
        for sum in [services.entry(*id).or_default(), &mut whole] {
            sum.waited_minutes += seen.waited_minutes;
            sum.gave_up += seen.gave_up;
            sum.missed.extend(&seen.missed);
        }
    }
    // Who had gone at once, without a wait, still had some patience.
    let hall = (whole.left() > 0.0).then(|| most_likely(&whole, 0.0, 0.0).max(1.0));
    Patiences { services, hall }
}

/// The most likely mean patience, in minutes, when `usual` counts as so many who gave up.
fn most_likely(seen: &Patience, usual: f64, count: f64) -> f64 {
    let left = seen.left() + count;
    let known = seen.waited_minutes + usual * count;
    let all: f64 = known + seen.missed.iter().sum::<f64>();
    (0..ROUNDS).fold(all / left, |mean, _| {
        let missed: f64 = seen.missed.iter().map(|waited| left_after(*waited, mean)).sum();
        (known + missed) / left
    })
}

/// After how long somebody of this mean patience left who was gone after `waited`, in minutes.
fn left_after(waited: f64, mean: f64) -> f64 {
    let parts = waited / mean;
    // Of a short wait any part is as likely; so short a one would divide by nothing.
    if parts < 1e-6 || !parts.is_finite() { waited / 2.0 } else { mean - waited / parts.exp_m1() }
}

impl Patiences {
    fn of(&self, service: ServiceId) -> Option<f64> {
        let hall = self.hall?;
        let seen = self.services.get(&service);
        Some(seen.map_or(hall, |seen| most_likely(seen, hall, USUAL_GAVE_UP)))
    }
}

/// When windows are open.
struct Hours<'a> {
    days: &'a [Day],
    opens: f64,
    closes: f64,
}

impl Hours<'_> {
    /// From when until when the window was open on most of the days on which it was at all; nothing for one
    /// that was not on most days.
    fn open(&self, window: WindowId) -> Vec<(f64, f64)> {
        let Self { days, opens, closes } = *self;
        let seen: Vec<&Vec<(f64, f64)>> = days.iter().filter_map(|day| day.open.get(&window)).collect();
        if seen.len() * 2 < days.len() {
            return Vec::new();
        }
        let grains = whole((closes - opens) / GRAIN);
        let is_open = |grain: usize| {
            let middle = opens + (as_f64(grain) + 0.5) * GRAIN;
            let on =
                |day: &&&Vec<(f64, f64)>| day.iter().any(|(from, until)| *from <= middle && middle < *until);
            seen.iter().filter(on).count() * 2 > seen.len()
        };
        let mut intervals: Vec<(f64, f64)> = Vec::new();
        for grain in (0..grains).filter(|grain| is_open(*grain)) {
            let (from, until) = (opens + as_f64(grain) * GRAIN, opens + as_f64(grain + 1) * GRAIN);
            match intervals.last_mut().filter(|(_, before)| from - *before < INTERVAL_MIN) {
                Some((_, before)) => *before = until,
                None => intervals.push((from, until)),
            }
        }
        intervals.retain(|(from, until)| until - from >= INTERVAL_MIN);
        intervals
    }
}

/// Rounded down, with some room for what floats make of whole numbers; not negative.
fn whole(value: f64) -> usize {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let whole = (value + 1e-9).max(0.0) as usize;
    whole
}

/// Counts, far below what a float counts exactly.
#[allow(clippy::cast_precision_loss)]
const fn as_f64(count: usize) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Nobody cancels; those who are gone when called are all that shows of patience.
    #[test]
    fn patience_is_learnt_from_those_alone_who_were_called_in_vain() {
        let mut seen = Patience::default();
        for person in 0..2_000 {
            let place = as_f64(person);
            let leaves = -60.0 * ((place + 0.5) / 2_000.0).ln();
            // Who is called when has nothing to do with who leaves.
            let called = 5.0 + 11.0 * (place % 7.0);
            if leaves < called { seen.missed.push(called) } else { seen.waited_minutes += called }
        }
        let mean = most_likely(&seen, 0.0, 0.0);
        assert!((57.0..63.0).contains(&mean), "{mean}");
    }

    #[test]
    fn somebody_who_left_a_short_wait_left_half_way_and_a_long_one_by_their_patience() {
        for (waited, mean, left) in
            [(0.0, 60.0, 0.0), (1e-9, 60.0, 5e-10), (1e6, 60.0, 60.0), (0.0, 0.0, 0.0)]
        {
            assert!((left_after(waited, mean) - left).abs() < 1e-6, "{waited} {mean}");
        }
    }
}
