//! What citizens were told about their wait, beside what plain estimators would have said.
//!
//! Compared are those who had to wait: whoever is called at once is told the window, not a wait, and
//! would flatter every estimator. The 90 % bound is judged where it is known whether it held: of those
//! who were called, and of those who gave up after it had passed, for whom it did not; of who gave up
//! before, nobody knows. Errors of medians are of those who were called.
//!
//! The plain estimators are those of Ibrahim and Whitt (2009): QL reckons from the length of the line, the
//! open windows of the service and its true mean; LES says what the last one called had waited; HOL, how
//! long the first in line has waited so far. LES says 0 before anybody was called, and HOL with nobody in
//! line.

use std::collections::VecDeque;

use hall_core::estimate::Estimate;

use crate::diary::{End, Visit};

/// What was said when a ticket was taken, in minutes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Told {
    /// The hall's median.
    pub median: f64,
    /// The hall's 90 % bound.
    pub p90: f64,
    /// What QL says.
    pub ql: f64,
    /// What LES says.
    pub les: f64,
    /// What HOL says.
    pub hol: f64,
}

/// What the plain estimators see, one for each service.
#[derive(Debug, Clone, Default)]
pub(crate) struct Lines(Vec<Line>);

#[derive(Debug, Clone, Default)]
struct Line {
    waiting: u32,
    /// Citizens by arrival with their times, the first of whom may have gone.
    order: VecDeque<(usize, f64)>,
    last_wait: f64,
    /// Open windows that serve it.
    windows: u32,
}

impl Lines {
    pub(crate) fn new(services: usize) -> Self {
        Self(vec![Line::default(); services])
    }

    /// Somebody is told `estimate` before standing in line; `gone` says who of those who came before is
    /// there no more.
    pub(crate) fn tell(
        &mut self,
        service: usize,
        mean: f64,
        minute: f64,
        estimate: Estimate,
        gone: impl Fn(usize) -> bool,
    ) -> Told {
        let line = &mut self.0[service];
        while line.order.front().is_some_and(|(citizen, _)| gone(*citizen)) {
            line.order.pop_front();
        }
        let windows = f64::from(line.windows.max(1));
        Told {
            median: f64::from(estimate.median_seconds) / 60.0,
            p90: f64::from(estimate.p90_seconds) / 60.0,
            ql: f64::from(line.waiting + 1) * mean / windows,
            les: line.last_wait,
            hol: line.order.front().map_or(0.0, |(_, came)| minute - came),
        }
    }

    pub(crate) fn join(&mut self, service: usize, citizen: usize, minute: f64) {
        self.0[service].waiting += 1;
        self.0[service].order.push_back((citizen, minute));
    }

    /// Out of the line without service.
    pub(crate) fn leave(&mut self, service: usize) {
        self.0[service].waiting -= 1;
    }

    /// Called after so many minutes.
    pub(crate) fn called(&mut self, service: usize, wait: f64) {
        self.leave(service);
        self.0[service].last_wait = wait;
    }

    /// A window begins to serve these, in the place of others.
    pub(crate) fn serve(&mut self, before: &[usize], now: &[usize]) {
        for service in before {
            self.0[*service].windows -= 1;
        }
        for service in now {
            self.0[*service].windows += 1;
        }
    }
}

/// How good the estimates of a day were. All 0 when nobody had to wait.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Calibration {
    /// How many citizens it was known of whether the bound held.
    pub judged: f64,
    /// For which share of them it did.
    pub coverage_90: f64,
    /// Mean absolute error of the median, in minutes.
    pub mean_absolute_error: f64,
    /// The same of QL,
    pub ql_error: f64,
    /// of LES,
    pub les_error: f64,
    /// and of HOL.
    pub hol_error: f64,
}

impl Calibration {
    /// Of the visits of a day.
    pub fn of(visits: &[Visit]) -> Self {
        let mut sums = Self::default();
        let (mut held, mut called) = (0.0, 0.0);
        for visit in visits {
            let Some(told) = visit.told else { continue };
            match visit.end {
                End::Served { .. } => {
                    sums.judged += 1.0;
                    held += if visit.wait <= told.p90 { 1.0 } else { 0.0 };
                    called += 1.0;
                    sums.mean_absolute_error += (told.median - visit.wait).abs();
                    sums.ql_error += (told.ql - visit.wait).abs();
                    sums.les_error += (told.les - visit.wait).abs();
                    sums.hol_error += (told.hol - visit.wait).abs();
                }
                End::Abandoned if visit.wait > told.p90 => sums.judged += 1.0,
                End::Abandoned | End::Unserved => {}
            }
        }
        let share = |part: f64, whole: f64| if whole > 0.0 { part / whole } else { 0.0 };
        Self {
            judged: sums.judged,
            coverage_90: share(held, sums.judged),
            mean_absolute_error: share(sums.mean_absolute_error, called),
            ql_error: share(sums.ql_error, called),
            les_error: share(sums.les_error, called),
            hol_error: share(sums.hol_error, called),
        }
    }
}
