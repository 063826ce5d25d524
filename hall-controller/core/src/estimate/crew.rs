//! How fast a service is called: the windows that serve it, now and later today, as a rate that changes
//! in steps.
//!
//! A fluid: each window gives a service a share of its time, split over what else waits there by how much
//! work it is, and where services compete by index by how much the policy prefers each, until those have been
//! served (`rivals`). A window on a break comes back by its hours, one that paused without a word after ten
//! minutes more, or half as many as it has been away; one that has not opened yet does so by its hours.

use std::cell::Cell;

use hall_protocol::payload::WindowMode;

use super::Forecast;
use super::rivals::Part;
use crate::hall::{Hall, as_f64};
use crate::plan::{Hours, Routing};
use crate::routing::Tier;
use crate::window::WindowState;

/// Who comes to a line finds a service in progress, of which less than the whole is left.
const IN_PROGRESS: f64 = 0.8;
/// A window without citizens to serve has at least so much for those who come.
const CAPACITY_MIN: f64 = 0.05;
/// By seniority a window changes to a service so many times for each call of it while all its time is for
/// others: less often than each time, because those who wait for one service also come in groups. By index
/// it changes seldom enough for the calibration to make up for it.
const CHANGES: f64 = 0.5;
/// A pause without a word goes on for so long.
const PAUSE_MINUTES: f64 = 10.0;
/// A window that has just been late to open, or to come back, is expected in this time.
const LATE_MINUTES: f64 = 2.0;
/// After so long it is not expected any more.
const LATE_MINUTES_MAX: f64 = 15.0;
/// Slower than one call in a year: nobody is called.
const RATE_MIN: f64 = 2e-6;

/// Those who serve a line.
#[derive(Debug, Default)]
pub(super) struct Crew {
    /// Calls a minute, now.
    rate: f64,
    /// What the windows that are there would call if they served nothing else,
    whole: f64,
    /// and those of them that do serve nothing else.
    alone: f64,
    /// When that changes, in minutes from now, and by how much; the earliest first.
    steps: Vec<(f64, f64)>,
    /// When the first of the windows that are away comes back by its hours, in minutes from now.
    back: Option<f64>,
}

/// How much work waits for each service, for each minute its open windows have for it: looked at when it
/// is asked for, because most services share their windows with few others.
#[derive(Debug)]
pub(super) struct Loads {
    /// One for each service; not a number until it is known.
    services: Vec<Cell<f64>>,
    /// One for each window, how many of its services have somebody waiting; the same.
    active: Vec<Cell<f64>>,
    /// One for each service, how many will come in a minute; the same.
    coming: Vec<Cell<f64>>,
}

impl Loads {
    pub(super) fn new(hall: &Hall) -> Self {
        let unknown = |len: usize| vec![Cell::new(f64::NAN); len];
        let services = hall.queues.len();
        Self { services: unknown(services), active: unknown(hall.windows.len()), coming: unknown(services) }
    }

    pub(super) fn of(&self, hall: &Hall, index: usize) -> f64 {
        let Some(known) = self.services.get(index) else { return 0.0 };
        if known.get().is_nan() {
            let waiting = hall.waiting_at_index(index);
            let alone = f64::from(u8::from(waiting == 0));
            let capacity = |window: &usize| {
                let state = hall.windows.get(*window).filter(|state| state.mode == WindowMode::Open);
                state.map_or(0.0, |state| state.pace.speed() / (self.active(hall, *window) + alone))
            };
            let capacity: f64 = hall.coverage.serving(index).iter().map(capacity).sum();
            let minutes = (f64::from(waiting) + IN_PROGRESS) * hall.usual_ms(index) / 6e4;
            known.set(minutes / capacity.max(CAPACITY_MIN));
        }
        known.get()
    }

    /// How many will come in a minute for the service, which `find` finds.
    pub(super) fn coming(&self, index: usize, find: impl FnOnce() -> f64) -> f64 {
        let Some(known) = self.coming.get(index) else { return 0.0 };
        if known.get().is_nan() {
            known.set(find());
        }
        known.get()
    }

    /// The minutes of the window that the work that waits for the service takes, when its windows do it
    /// together, and that one more call does.
    pub(super) fn minutes_at(&self, hall: &Hall, window: usize, index: usize) -> (f64, f64) {
        let waiting = f64::from(hall.waiting_at_index(index));
        let alone = f64::from(u8::from(waiting == 0.0));
        let all = self.of(hall, index) / (self.active(hall, window) + alone);
        let one = all / (waiting + IN_PROGRESS);
        (waiting * one, one)
    }

    fn active(&self, hall: &Hall, window: usize) -> f64 {
        let Some(known) = self.active.get(window) else { return 0.0 };
        if known.get().is_nan() {
            let busy = |(_, index): &(Tier, usize)| f64::from(u8::from(hall.waiting_at_index(*index) > 0));
            known.set(hall.coverage.at(window).iter().map(busy).sum());
        }
        known.get()
    }
}

impl Crew {
    /// The windows that serve a service; `None` when there is none today.
    pub(super) fn of_service(forecast: &Forecast<'_>, index: usize) -> Option<Self> {
        let windows = forecast.hall.coverage.serving(index);
        let last = windows.iter().filter_map(|window| forecast.last_minute(*window)).fold(0.0, f64::max);
        let mut crew = Self::default();
        for window in windows {
            crew.add(forecast, *window, index, forecast.part(*window, index), last);
        }
        crew.ready()
    }

    /// One window, for those who were sent to it alone.
    pub(super) fn of_window(forecast: &Forecast<'_>, window: usize, index: usize) -> Option<Self> {
        let mut crew = Self::default();
        crew.add(forecast, window, index, Part::ALL, forecast.last_minute(window).unwrap_or(0.0));
        crew.ready()
    }

    /// `last` is when the last of the windows goes: those who wait then are served by it all the same.
    fn add(&mut self, forecast: &Forecast<'_>, window: usize, index: usize, part: Part, last: f64) {
        let Some(state) = forecast.hall.windows.get(window) else { return };
        let call_minutes = forecast.hall.cautious_ms(index) / 6e4 / state.pace.cautious_speed();
        let whole = 1.0 / call_minutes;
        let rate = |share: f64| share / (call_minutes + forecast.changeover_minutes(index) * (1.0 - share));
        let (now, then, mut rivals_minutes) = (rate(part.now), rate(part.then), part.rivals_minutes);
        let alone = forecast.hall.coverage.at(window).len() == 1;
        forecast.presence(window, state, |from, until| {
            let from = from - forecast.minute;
            let ends = (until < last).then_some(until - forecast.minute);
            if ends.is_some_and(|ends| ends <= from.max(0.0)) {
                return;
            }
            if from <= 0.0 {
                self.rate += now;
                self.whole += whole;
                self.alone += if alone { whole } else { 0.0 };
            } else {
                self.steps.push((from, now));
                if forecast.is_begin_of_hours(window, from) {
                    self.back = Some(self.back.map_or(from, |back| back.min(from)));
                }
            }
            let start = from.max(0.0);
            let served = start + rivals_minutes;
            let before_end = served.is_finite() && ends.is_none_or(|ends| served < ends);
            if before_end && then > now {
                self.steps.push((served, then - now));
            }
            rivals_minutes = ends.map_or(0.0, |ends| (rivals_minutes - (ends - start)).max(0.0));
            self.steps.extend(ends.map(|ends| (ends, if before_end { -then } else { -now })));
        });
    }

    /// Which part of the windows' time is a guess, from 0 to 1: of those that serve other services too.
    pub(super) fn guessed(&self) -> f64 {
        if self.whole > 0.0 { 1.0 - self.alone / self.whole } else { 1.0 }
    }

    /// For how many minutes nobody will be called, as is known by the hours.
    pub(super) fn known_minutes(&self) -> f64 {
        let first = self.steps.first().map_or(0.0, |(at, _)| *at);
        if self.rate > RATE_MIN { 0.0 } else { self.back.map_or(0.0, |back| back.min(first)) }
    }

    fn ready(mut self) -> Option<Self> {
        self.steps.sort_unstable_by(|one, other| one.0.total_cmp(&other.0).then(other.1.total_cmp(&one.1)));
        (self.rate > RATE_MIN || self.steps.iter().any(|(_, change)| *change > RATE_MIN)).then_some(self)
    }

    /// The minutes until so many have been called and the next one is, while each of those ahead
    /// leaves with `leave_rate` a minute; `None` when that is never.
    pub(super) fn minutes_until(&self, calls: f64, leave_rate: f64) -> Option<f64> {
        // While no window is there, none has a service in progress: the first that comes calls at once.
        let in_progress = if self.rate > RATE_MIN { IN_PROGRESS } else { 0.0 };
        let (mut left, mut from, mut rate) = (calls + in_progress, 0.0, self.rate);
        for (at, change) in &self.steps {
            let needed = needed(left, rate, leave_rate);
            if from + needed <= *at {
                return Some(from + needed);
            }
            left = remaining(left, rate, leave_rate, at - from);
            (from, rate) = (*at, rate + change);
        }
        let needed = needed(left, rate, leave_rate);
        needed.is_finite().then_some(from + needed)
    }
}

/// How long a line of `left` takes, when `rate` are called a minute and each leaves with `leave_rate`.
fn needed(left: f64, rate: f64, leave_rate: f64) -> f64 {
    if rate <= RATE_MIN {
        f64::INFINITY
    } else if leave_rate * left > 1e-3 * rate {
        (1.0 + left * leave_rate / rate).ln() / leave_rate
    } else {
        left / rate
    }
}

/// What is left of the line after some minutes.
fn remaining(left: f64, rate: f64, leave_rate: f64, minutes: f64) -> f64 {
    if leave_rate * minutes > 1e-6 {
        let gone = rate.max(0.0) / leave_rate;
        ((left + gone) * (-leave_rate * minutes).exp() - gone).max(0.0)
    } else {
        (left - rate.max(0.0) * minutes).max(0.0)
    }
}

impl Forecast<'_> {
    fn hours(&self, window: usize) -> Option<&[Hours]> {
        let window = self.hall.plan.windows().get(window)?;
        if window.hours == crate::plan::WeeklyHours::Always {
            return None;
        }
        Some(self.weekday.map_or(&[][..], |weekday| window.hours.on(weekday)))
    }

    /// Whether hours of the window begin in so many minutes.
    fn is_begin_of_hours(&self, window: usize, minutes: f64) -> bool {
        let begins = |hours: &Hours| (f64::from(hours.from_minute) - self.minute - minutes).abs() < 1e-6;
        self.hours(window).is_some_and(|hours| hours.iter().any(begins))
    }

    /// What a call of the service takes longer at a window that serves nearly only others.
    fn changeover_minutes(&self, index: usize) -> f64 {
        let minutes = f64::from(self.hall.plan.policy().changeover_seconds) / 60.0;
        if self.hall.routing_of(index) == Routing::ServiceLevel { 0.0 } else { minutes * CHANGES }
    }

    /// When the window's hours end for today.
    fn last_minute(&self, window: usize) -> Option<f64> {
        self.hours(window)?.iter().map(|hours| f64::from(hours.until_minute)).reduce(f64::max)
    }

    /// When the window begins to be there, in minutes from now, later today.
    pub(crate) fn returns(&self, window: usize) -> Vec<f64> {
        let mut returns = Vec::new();
        let later = |from: f64, _| {
            if from > self.minute {
                returns.push(from - self.minute);
            }
        };
        if let Some(state) = self.hall.windows.get(window) {
            self.presence(window, state, later);
        }
        returns
    }

    /// For how many of the next minutes the window is expected to be there: what is paused comes back when
    /// such a pause usually ends, what has not opened opens by its hours.
    pub(crate) fn there_minutes(&self, window: usize, next: f64) -> f64 {
        let mut minutes = 0.0;
        if let Some(state) = self.hall.windows.get(window) {
            self.presence(window, state, |from, until| {
                minutes += (until.min(self.minute + next) - from.max(self.minute)).max(0.0);
            });
        }
        minutes
    }

    /// From and until when the window is there today, in minutes of the day.
    fn presence(&self, window: usize, state: &WindowState, mut there: impl FnMut(f64, f64)) {
        let now = self.minute;
        let within =
            |hours: &Hours| f64::from(hours.from_minute) <= now && now < f64::from(hours.until_minute);
        let back = match state.mode {
            WindowMode::Open => now,
            WindowMode::Paused => {
                let away = as_f64(self.at.ms_since(state.paused_at)) / 6e4;
                now + PAUSE_MINUTES.max(away / 2.0)
            }
            WindowMode::Closed => now + LATE_MINUTES,
        };
        let Some(hours) = self.hours(window) else {
            if state.mode != WindowMode::Closed {
                there(back, f64::INFINITY);
            }
            return;
        };
        let ahead = |hours: &&Hours| f64::from(hours.from_minute) > now;
        if state.mode == WindowMode::Open && !hours.iter().any(within) {
            // Opened after its hours, or its day is over and some still hold tickets: it goes on. Else
            // its break begins with the ticket in hand.
            let open_ms = as_f64(self.at.ms_since(state.opened_at));
            let over = hours.iter().map(|hours| f64::from(hours.until_minute)).filter(|until| *until <= now);
            let since_over = over.reduce(f64::max).map_or(f64::INFINITY, |until| now - until);
            if open_ms < since_over * 6e4 || !hours.iter().any(|hours| ahead(&hours)) {
                let next = hours.iter().filter(ahead).map(|hours| f64::from(hours.from_minute));
                there(now, next.reduce(f64::min).unwrap_or(f64::INFINITY));
            }
        }
        let hours_end = hours.iter().map(|hours| f64::from(hours.until_minute)).fold(0.0, f64::max);
        for hours in hours {
            let (from, until) = (f64::from(hours.from_minute), f64::from(hours.until_minute));
            if until <= now {
                continue;
            }
            // Who has just begun a break comes back after it, who is late may be here any moment.
            let late = match state.mode {
                WindowMode::Closed if from <= now => now - from < LATE_MINUTES_MAX,
                _ => true,
            };
            let returns = state.mode == WindowMode::Paused && from <= now && {
                let away = as_f64(self.at.ms_since(state.paused_at)) / 6e4;
                // The pause was the break, which is over.
                away > now - from
            };
            let from = match state.mode {
                _ if returns => now + LATE_MINUTES,
                // Whatever the pause was, the break after it has an end that is known.
                WindowMode::Paused if from > now => from,
                _ => from.max(back),
            };
            // Who still waits when the day ends is served after it.
            let is_last = hours_end <= until;
            if late && (from < until || is_last && state.mode == WindowMode::Paused) {
                there(from, until.max(from));
            }
        }
    }
}
