//! What is kept of a recorded day.

use std::collections::{BTreeMap, BTreeSet};

use hall_protocol::id::{ServiceId, WindowId};
use hall_protocol::local::LocalDate;
use hall_protocol::payload::Class;

/// A recorded day. Times are minutes of the local day.
#[derive(Debug, Clone, Default)]
pub(super) struct Day {
    /// By the hall's calendar, if the journal says it.
    pub(super) date: Option<LocalDate>,
    pub(super) arrivals: Vec<(ServiceId, f64)>,
    /// Who came in a priority class.
    pub(super) priority: Vec<(ServiceId, Class)>,
    pub(super) done: Vec<Done>,
    pub(super) patience: BTreeMap<ServiceId, Patience>,
    /// When each window was open.
    pub(super) open: BTreeMap<WindowId, Vec<(f64, f64)>>,
    /// Since when a window is open now.
    since: BTreeMap<WindowId, f64>,
    /// What each window was seen to be able to do.
    pub(super) skills: BTreeMap<WindowId, BTreeSet<ServiceId>>,
}

/// A service that was finished.
#[derive(Debug, Clone, Copy)]
pub(super) struct Done {
    pub(super) service: ServiceId,
    pub(super) window: WindowId,
    pub(super) minutes: f64,
    /// Whether it began with a changeover.
    pub(super) changed: bool,
}

/// Waits for a service and how they ended.
#[derive(Debug, Clone, Default)]
pub(super) struct Patience {
    /// All waits together whose length is known, in minutes, however they ended.
    pub(super) waited_minutes: f64,
    /// How many of them ended because patience did.
    pub(super) gave_up: f64,
    /// The waits, in minutes, of those who were called and had gone, nobody knows when.
    pub(super) missed: Vec<f64>,
}

impl Patience {
    /// How many are known to have lost patience.
    pub(super) fn left(&self) -> f64 {
        self.gave_up + self.missed.iter().map(|_| 1.0).sum::<f64>()
    }
}

impl Day {
    pub(super) fn open(&mut self, window: WindowId, minute: f64) {
        self.since.entry(window).or_insert(minute);
    }

    pub(super) fn shut(&mut self, window: WindowId, minute: f64) {
        if let Some(since) = self.since.remove(&window) {
            // Past midnight it is another day by the clock, and the same by what it is for.
            let until = if minute < since { f64::INFINITY } else { minute };
            self.open.entry(window).or_default().push((since, until));
        }
    }

    /// Windows still open are so until the end.
    pub(super) fn end(&mut self) {
        for (window, since) in std::mem::take(&mut self.since) {
            self.open.entry(window).or_default().push((since, f64::INFINITY));
        }
    }
}
