//! What the hall learns from its events: how long services take, how fast clerks are, how scarce each
//! service is. Integers only, so that every replay learns the same.

use hall_protocol::id::{ServiceId, WindowId};
use serde::{Deserialize, Serialize};

use super::Hall;
use crate::estimate::calibration::Lean;
use crate::event::{Event, Reviewed};
use crate::time::HallTime;

/// Longer is no service but a forgotten FINISH, and teaches nothing.
const SERVICE_MS_MAX: u64 = 2 * 3_600_000;
/// What a service takes of which nothing is known.
const UNKNOWN_MS: u64 = 480_000;
/// The plan's word counts as so many services seen.
const USUAL_WEIGHT: u64 = 10;
/// A clerk counts as usual for so much work: until then one long service makes nobody slow.
const PACE_MS: f64 = 1_800_000.0;
/// The same two for whoever foretells a wait: who alone does a service teaches how long it takes and how fast
/// the clerk is by the same few services, and an estimate of a long line takes the error of both many times.
/// Speeds of clerks differ by a seventh, the times of one service by nearly their mean, so that it takes
/// two hours of short services to tell a slow clerk from bad luck.
const CAUTIOUS_WEIGHT: u64 = 30;
const CAUTIOUS_PACE_MS: f64 = 7_200_000.0;

/// What is known of a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Learnt {
    /// Services seen, and what they took together without changeovers.
    pub(crate) served: u32,
    pub(crate) served_ms: u64,
    /// How scarce it was at the last review, times 1000.
    pub(crate) pressure: u32,
    /// How many windows' time it should have, times 1000.
    pub(crate) share: u32,
    /// How many windows served it last, which need no changeover for it.
    pub(crate) set_up: u32,
    /// How many will come in an hour, times 1000, by the last review.
    pub(crate) arrivals: u32,
    /// How many came in an hour until then, times 1000, the newest counted most.
    pub(crate) recent: u32,
    /// How many have come since.
    pub(crate) came: u32,
    /// Tickets called today, and how long they had waited together.
    pub(crate) called: u32,
    pub(crate) waited_ms: u64,
    /// How many windows could do it at the last review.
    pub(crate) able: u32,
    /// How much it is favoured for the long waits of today, times 1000.
    pub(crate) favour: u32,
    /// By how far the estimates of its waits were off.
    pub(crate) lean: Lean,
}

impl Default for Learnt {
    fn default() -> Self {
        Self {
            served: 0,
            served_ms: 0,
            pressure: NEUTRAL,
            share: 0,
            set_up: 0,
            arrivals: 0,
            recent: 0,
            came: 0,
            called: 0,
            waited_ms: 0,
            able: 0,
            favour: NEUTRAL,
            lean: Lean::default(),
        }
    }
}

/// The pressure of a service that takes just what its windows can give, and the favour of one that needs none.
const NEUTRAL: u32 = 1_000;

impl Learnt {
    /// Yesterday counts half as much as today.
    pub(super) fn begin_day(&mut self) {
        let (served, served_ms) = (self.served / 2, self.served_ms / 2);
        let mut lean = self.lean;
        lean.halve();
        *self = Self { served, served_ms, set_up: self.set_up, lean, ..Self::default() };
    }
}

/// How fast a clerk is: what was to be expected of the services done, and what they took.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Pace {
    expected_ms: u64,
    actual_ms: u64,
    /// The service last begun here.
    last: Option<ServiceId>,
    /// Whether the one in hand began with a changeover.
    changed: bool,
}

impl Pace {
    /// How many times as fast as usual.
    pub(crate) fn speed(&self) -> f64 {
        self.speed_after(PACE_MS)
    }

    /// The same, believed more slowly: for estimates of waits.
    pub(crate) fn cautious_speed(&self) -> f64 {
        self.speed_after(CAUTIOUS_PACE_MS)
    }

    /// When the clerk counts as usual for so much work.
    fn speed_after(&self, usual_ms: f64) -> f64 {
        (as_f64(self.expected_ms) + usual_ms) / (as_f64(self.actual_ms) + usual_ms)
    }

    /// A service begins; the one before, if it is another.
    fn begin(&mut self, service: ServiceId) -> Option<ServiceId> {
        let before = self.last.replace(service).filter(|last| *last != service);
        self.changed = before.is_some();
        before
    }
}

impl Hall {
    /// Learn from an event before it changes the state.
    pub(super) fn learn(&mut self, event: &Event, at: HallTime) {
        match event {
            Event::Issued { ticket, service, estimate, check_in, .. } => {
                if let Some(estimate) = estimate.filter(|_| check_in.is_none()) {
                    self.bounds.give(*ticket, at, estimate);
                }
                self.arrivals.count(*service, at);
                if let Some(learnt) = self.plan.service_index(*service).and_then(|i| self.learnt.get_mut(i)) {
                    learnt.came = learnt.came.saturating_add(1);
                }
            }
            Event::Called { ticket, window, .. } | Event::Unparked { ticket, window, .. } => {
                let called = self.tickets.get(*ticket);
                let called =
                    called.map(|ticket| (ticket.service, ticket.standing, ticket.called_at.is_none()));
                if let Some((service, standing, is_first)) = called {
                    if is_first {
                        self.learn_wait(service, at.ms_since(standing));
                    }
                    self.begin_service(*window, service);
                }
                if let Event::Called { .. } = event {
                    self.learn_estimate(*ticket, at);
                }
            }
            Event::WalkedIn { service, window, .. } => self.begin_service(*window, *service),
            Event::Finished { ticket, window, .. } | Event::MatterFinished { ticket, window, .. } => {
                let hand = self.window_state(*window).and_then(|state| state.hand.as_ref());
                if let Some(hand) = hand.filter(|hand| hand.ticket == *ticket) {
                    self.learn_service(*window, hand.service, at.ms_since(hand.called_at));
                }
            }
            // Whoever does not come, or has it cancelled, has given up; who was put aside had been served.
            Event::Cancelled { ticket, window: None, replaced_by: None, .. }
            | Event::Missed { ticket, .. }
                if self.tickets.get(*ticket).is_some() =>
            {
                self.calibration.gave_up();
            }
            Event::ClerkSignedOn { window, .. } | Event::WindowClosed { window } => {
                if let Some(pace) = self.pace_mut(*window) {
                    *pace = Pace { last: pace.last, ..Pace::default() };
                }
            }
            Event::Reviewed(Reviewed {
                pressures,
                windows,
                arrivals,
                recent,
                able,
                favours,
                rare_windows,
            }) => {
                self.reviewed_at = Some(at);
                self.watched_since.get_or_insert(at);
                self.rare_windows = *rare_windows;
                let found = pressures.iter().zip(windows).zip(arrivals);
                for (index, (learnt, ((pressure, share), arrivals))) in
                    self.learnt.iter_mut().zip(found).enumerate()
                {
                    let (pressure, share, arrivals) = (*pressure, *share, *arrivals);
                    // Journals of before these were looked at have none; then who came was who will.
                    let recent = recent.get(index).copied().unwrap_or(arrivals);
                    let able = able.get(index).copied().unwrap_or_default();
                    let favour = favours.get(index).copied().unwrap_or(NEUTRAL);
                    *learnt = Learnt { pressure, share, arrivals, recent, came: 0, able, favour, ..*learnt };
                }
            }
            _ => {}
        }
    }

    fn pace_mut(&mut self, window: WindowId) -> Option<&mut Pace> {
        let index = self.plan.window_index(window)?;
        self.windows.get_mut(index).map(|state| &mut state.pace)
    }

    fn begin_service(&mut self, window: WindowId, service: ServiceId) {
        let Some(pace) = self.pace_mut(window) else { return };
        let is_first = pace.last.is_none();
        let before = pace.begin(service);
        if (is_first || before.is_some())
            && let Some(now) = self.plan.service_index(service).and_then(|i| self.learnt.get_mut(i))
        {
            now.set_up = now.set_up.saturating_add(1);
        }
        let before = before.and_then(|before| self.plan.service_index(before));
        if let Some(before) = before.and_then(|index| self.learnt.get_mut(index)) {
            before.set_up = before.set_up.saturating_sub(1);
        }
    }

    /// Count anew which windows served what last: windows may have gone.
    pub(super) fn count_set_up(&mut self) {
        self.learnt.iter_mut().for_each(|learnt| learnt.set_up = 0);
        for last in self.windows.iter().filter_map(|state| state.pace.last) {
            if let Some(learnt) = self.plan.service_index(last).and_then(|i| self.learnt.get_mut(i)) {
                learnt.set_up += 1;
            }
        }
    }

    fn learn_wait(&mut self, service: ServiceId, waited_ms: u64) {
        if let Some(learnt) = self.plan.service_index(service).and_then(|i| self.learnt.get_mut(i)) {
            learnt.called = learnt.called.saturating_add(1);
            learnt.waited_ms = learnt.waited_ms.saturating_add(waited_ms);
        }
    }

    fn learn_service(&mut self, window: WindowId, service: ServiceId, took_ms: u64) {
        let changeover_ms = u64::from(self.plan.policy().changeover_seconds) * 1_000;
        let Some(index) = self.plan.service_index(service) else { return };
        if took_ms > SERVICE_MS_MAX {
            return;
        }
        let usual_ms = self.usual_whole_ms(index, USUAL_WEIGHT);
        let Some(pace) = self.pace_mut(window) else { return };
        let took_ms = if pace.changed { took_ms.saturating_sub(changeover_ms) } else { took_ms };
        pace.expected_ms = pace.expected_ms.saturating_add(usual_ms);
        pace.actual_ms = pace.actual_ms.saturating_add(took_ms);
        if let Some(learnt) = self.learnt.get_mut(index) {
            learnt.served = learnt.served.saturating_add(1);
            learnt.served_ms = learnt.served_ms.saturating_add(took_ms);
        }
    }

    /// How long the service at `index` takes a usual clerk, in milliseconds: what the plan says, or
    /// what those seen took, the more of them the more so; the plan's word counts as `weight` of them. Whole,
    /// because the state keeps sums of it.
    fn usual_whole_ms(&self, index: usize, weight: u64) -> u64 {
        let planned = self.plan.services().get(index).and_then(|service| service.usual_seconds);
        let (weight, planned_ms) =
            planned.map_or((1, UNKNOWN_MS), |seconds| (weight, u64::from(seconds) * 1_000));
        let learnt = self.learnt.get(index).copied().unwrap_or_default();
        (planned_ms * weight + learnt.served_ms) / (weight + u64::from(learnt.served))
    }

    /// How long the service at `index` takes a usual clerk, in milliseconds; above 0.
    pub(crate) fn usual_ms(&self, index: usize) -> f64 {
        as_f64(self.usual_whole_ms(index, USUAL_WEIGHT).max(1_000))
    }

    /// The same, believed more slowly: for estimates of waits.
    pub(crate) fn cautious_ms(&self, index: usize) -> f64 {
        as_f64(self.usual_whole_ms(index, CAUTIOUS_WEIGHT).max(1_000))
    }

    /// What the window needs no changeover for. A clerk comes ready for the first service.
    pub(crate) fn set_up_for(&self, window: WindowId) -> Option<ServiceId> {
        let first = || self.allocation(window).primary.first().copied();
        self.window_state(window).and_then(|state| state.pace.last).or_else(first)
    }

    /// Whether serving it at this window needs a changeover.
    pub(crate) fn changes_over(&self, window: WindowId, service: ServiceId) -> bool {
        self.set_up_for(window).is_some_and(|last| last != service)
    }

    /// How many windows' time the service at `index` should have, to how many are set up for it; each
    /// a half more, so that small numbers do not decide. `but` one of those set up.
    pub(crate) fn short_of_windows(&self, index: usize, but: bool) -> f64 {
        let learnt = self.learnt.get(index).copied().unwrap_or_default();
        let set_up = f64::from(learnt.set_up.saturating_sub(u32::from(but)));
        if self.reviewed_at.is_none() { 1.0 } else { (f64::from(learnt.share) / 1e3 + 0.5) / (set_up + 0.5) }
    }

    /// How few windows can do the service at `index`: so many times fewer than make a service rare. `None`
    /// when it is not rare.
    pub(crate) fn rarity(&self, index: usize) -> Option<f64> {
        let able = self.learnt.get(index)?.able;
        (able > 0 && able <= self.rare_windows).then(|| f64::from(self.rare_windows) / f64::from(able))
    }

    /// How many come in a millisecond for the service at `index`, to each window that can do it.
    pub(crate) fn arrivals_a_window_ms(&self, index: usize) -> f64 {
        let learnt = self.learnt.get(index).copied().unwrap_or_default();
        f64::from(learnt.arrivals) / 1e3 / 3.6e6 / f64::from(learnt.able.max(1))
    }

    /// How many windows' time the service at `index` has to spare, by the last review, for those who wait.
    pub(crate) fn spare_windows(&self, index: usize) -> f64 {
        let learnt = self.learnt.get(index).copied().unwrap_or_default();
        f64::from(learnt.share) / 1e3 - f64::from(learnt.arrivals) / 1e3 / 3.6e6 * self.usual_ms(index)
    }

    /// How much the service at `index` is favoured because those who waited for it today waited long; at
    /// least 1.
    pub(crate) fn favour(&self, index: usize) -> f64 {
        self.learnt.get(index).map_or(1.0, |learnt| f64::from(learnt.favour) / 1e3)
    }

    /// How scarce the service at `index` was at the last review: 1 when its windows can just do its work.
    pub(crate) fn pressure(&self, index: usize) -> f64 {
        self.learnt.get(index).map_or(1.0, |learnt| f64::from(learnt.pressure) / 1e3)
    }
}

/// Milliseconds of a day or of a year: far below what a float counts exactly.
#[allow(clippy::cast_precision_loss)]
pub(crate) const fn as_f64(ms: u64) -> f64 {
    ms as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn estimates_believe_more_slowly_that_a_clerk_is_slow() {
        let slow = Pace { expected_ms: 3_600_000, actual_ms: 5_400_000, ..Pace::default() };
        assert!((slow.speed() - 0.75).abs() < 1e-9, "{}", slow.speed());
        assert!((slow.cautious_speed() - 6.0 / 7.0).abs() < 1e-9, "{}", slow.cautious_speed());
    }
}
