//! Simulated days in detail: by service, class and window, and over the day.
//!
//! Sums over days, so that any number of days takes the memory of one.

use std::collections::BTreeMap;

use hall_protocol::payload::Class;

use crate::diary::{Diary, End};
use crate::scenario::Scenario;

/// From one reading of the queues to the next, in minutes.
pub const STEP_MINUTES: f64 = 5.0;
/// How wide the bars of [`Breakdown::waits`] are, in minutes.
pub const BAR_MINUTES: f64 = 5.0;
/// How many bars there are; the last is of all longer waits.
pub const BARS: usize = 25;

/// The sums over some days of a scenario.
#[derive(Debug, Clone, PartialEq)]
pub struct Breakdown {
    /// How many days.
    pub days: f64,
    /// One for each service of the scenario.
    pub services: Vec<Group>,
    /// The classes in which somebody came.
    pub classes: BTreeMap<Class, Group>,
    /// One for each window of the scenario.
    pub windows: Vec<Use>,
    /// How many of those served waited so long: each [`BAR_MINUTES`] wide.
    pub waits: [f64; BARS],
    /// For each service, how many waited at the opening and each [`STEP_MINUTES`] later.
    pub queues: Vec<Vec<f64>>,
}

/// Citizens who have something in common.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Group {
    /// Served.
    pub served: f64,
    /// What those waited together, in minutes.
    pub waited_minutes: f64,
    /// How many of them waited beyond their target.
    pub over_target: f64,
    /// Gave up.
    pub abandoned: f64,
    /// Were never called.
    pub unserved: f64,
}

/// What was made of a window's time, in minutes.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Use {
    /// With a citizen.
    pub busy_minutes: f64,
    /// Open.
    pub open_minutes: f64,
}

impl Group {
    /// The mean wait of those served, in minutes; `None` when nobody was.
    pub fn mean_wait_minutes(&self) -> Option<f64> {
        (self.served > 0.0).then(|| self.waited_minutes / self.served)
    }

    /// The share of those served who waited beyond their target; `None` when nobody was.
    pub fn share_over_target(&self) -> Option<f64> {
        (self.served > 0.0).then(|| self.over_target / self.served)
    }
}

impl Use {
    /// The share of the open time with a citizen; 0 when it was never open.
    pub fn utilisation(&self) -> f64 {
        if self.open_minutes > 0.0 { self.busy_minutes / self.open_minutes } else { 0.0 }
    }
}

impl Breakdown {
    /// Of no day yet.
    pub fn new(scenario: &Scenario) -> Self {
        Self {
            days: 0.0,
            services: vec![Group::default(); scenario.services.len()],
            classes: BTreeMap::new(),
            windows: vec![Use::default(); scenario.windows.len()],
            waits: [0.0; BARS],
            queues: vec![Vec::new(); scenario.services.len()],
        }
    }

    /// Add a day of this scenario.
    pub fn add(&mut self, scenario: &Scenario, diary: &Diary) {
        self.days += 1.0;
        for visit in &diary.visits {
            let target = scenario.services[visit.service].target_minutes;
            for group in [&mut self.services[visit.service], self.classes.entry(visit.class).or_default()] {
                match visit.end {
                    End::Served { .. } => {
                        group.served += 1.0;
                        group.waited_minutes += visit.wait;
                        group.over_target += f64::from(u8::from(visit.wait > target));
                    }
                    End::Abandoned => group.abandoned += 1.0,
                    End::Unserved => group.unserved += 1.0,
                }
            }
            if matches!(visit.end, End::Served { .. }) {
                self.waits[steps(visit.wait / BAR_MINUTES).min(BARS - 1)] += 1.0;
            }
            let queue = &mut self.queues[visit.service];
            // Who waits at a reading came at or before it and has not gone.
            let first = steps(((visit.arrives - scenario.opens) / STEP_MINUTES).max(0.0).ceil());
            let beyond =
                steps(((visit.arrives + visit.wait - scenario.opens) / STEP_MINUTES).max(0.0).ceil());
            if queue.len() < beyond {
                queue.resize(beyond, 0.0);
            }
            queue.iter_mut().take(beyond).skip(first).for_each(|waiting| *waiting += 1.0);
        }
        for (used, shift) in self.windows.iter_mut().zip(&diary.shifts) {
            used.busy_minutes += shift.busy_minutes;
            used.open_minutes += shift.open_minutes;
        }
    }

    /// The service whose citizens waited longest on average, as a place in the scenario.
    pub fn worst_service(&self) -> Option<(usize, f64)> {
        let means =
            self.services.iter().enumerate().filter_map(|(i, group)| Some((i, group.mean_wait_minutes()?)));
        means.max_by(|one, other| one.1.total_cmp(&other.1))
    }

    /// The class whose citizens waited longest on average.
    pub fn worst_class(&self) -> Option<(Class, f64)> {
        let means =
            self.classes.iter().filter_map(|(class, group)| Some((*class, group.mean_wait_minutes()?)));
        means.max_by(|one, other| one.1.total_cmp(&other.1))
    }
}

/// A time of a day in steps, rounded down; not negative.
fn steps(value: f64) -> usize {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let whole = value as usize;
    whole
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diary::{Shift, Visit};

    const TWO: &str = r#"{"name": "two", "opens": "09:00", "closes": "10:00", "slot_minutes": 60,
        "changeover_minutes": 0,
        "services": [
            {"id": "a", "arrivals_per_slot": [2], "target_minutes": 10, "patience_minutes": null,
             "service_minutes": {"distribution": "lognormal", "mean": 5, "cv": 0.5}},
            {"id": "b", "arrivals_per_slot": [1], "target_minutes": 10, "patience_minutes": null,
             "service_minutes": {"distribution": "lognormal", "mean": 5, "cv": 0.5}}],
        "windows": [{"id": "1", "primary": ["a", "b"], "skills": ["a", "b"],
            "open": [["09:00", "10:00"]], "speed": 1}]}"#;

    #[test]
    fn a_day_is_told_apart_by_service_class_window_and_time() {
        let scenario = Scenario::read(TWO).unwrap();
        let visit =
            |service, class, arrives, wait, end| Visit { service, class, arrives, wait, end, told: None };
        let served = |until| End::Served { window: 0, until };
        let diary = Diary {
            visits: vec![
                visit(0, Class::Ordinary, 540.0, 12.0, served(560.0)),
                visit(0, Class::Elderly, 541.0, 3.0, served(550.0)),
                visit(1, Class::Ordinary, 545.0, 30.0, End::Abandoned),
            ],
            shifts: vec![Shift { served: 2, changeovers: 0, busy_minutes: 14.0, open_minutes: 60.0 }],
            moves: 0,
            last_end: 560.0,
        };
        let mut breakdown = Breakdown::new(&scenario);
        breakdown.add(&scenario, &diary);
        breakdown.add(&scenario, &diary);
        let mean = breakdown.services[0].mean_wait_minutes();
        assert_eq!((mean, breakdown.services[0].share_over_target()), (Some(7.5), Some(0.5)));
        assert_eq!((breakdown.services[1].mean_wait_minutes(), breakdown.services[1].abandoned), (None, 2.0));
        assert_eq!(
            (breakdown.worst_service(), breakdown.worst_class()),
            (Some((0, 7.5)), Some((Class::Ordinary, 12.0)))
        );
        assert_eq!(breakdown.queues[0], [2.0, 2.0, 2.0]);
        assert_eq!(breakdown.queues[1][..3], [0.0, 2.0, 2.0]);
        assert_eq!((breakdown.waits[0], breakdown.waits[2]), (2.0, 2.0));
        assert!((breakdown.windows[0].utilisation() - 14.0 / 60.0).abs() < 1e-12);
    }
}
