//! The sums of a day, defined as in the scenario form's description.

use crate::diary::{Diary, End};
use crate::scenario::Scenario;
use crate::told::Calibration;

/// The sums of one day. Waits are of those served, in minutes.
#[derive(Debug, Clone, PartialEq)]
pub struct Figures {
    /// Tickets issued.
    pub issued: f64,
    /// Citizens served.
    pub served: f64,
    /// Citizens who gave up.
    pub abandoned: f64,
    /// Citizens whom nobody had called when the last window closed.
    pub unserved: f64,
    /// Mean wait.
    pub mean_wait_minutes: f64,
    /// Median wait.
    pub median_wait_minutes: f64,
    /// 90th percentile of the wait.
    pub p90_wait_minutes: f64,
    /// 95th percentile of the wait.
    pub p95_wait_minutes: f64,
    /// Longest wait.
    pub max_wait_minutes: f64,
    /// Share of those served who waited beyond their service's target.
    pub share_over_target: f64,
    /// The worst mean wait of any service.
    pub worst_service_mean_minutes: f64,
    /// Allocation changes.
    pub moves: f64,
    /// Services other than the one before at the same window.
    pub changeovers: f64,
    /// Minutes from closing to the end of the last service.
    pub overtime_minutes: f64,
    /// Share of the windows' open time with a citizen.
    pub utilisation: f64,
    /// How good the estimates given to citizens were.
    pub estimate: Calibration,
}

impl Figures {
    /// The sums of a day of this scenario.
    pub fn of(scenario: &Scenario, diary: &Diary) -> Self {
        let services = scenario.services.len();
        let (mut sums, mut counts) = (vec![0.0; services], vec![0.0; services]);
        let mut waits = Vec::with_capacity(diary.visits.len());
        let (mut over, mut abandoned, mut unserved) = (0.0, 0.0, 0.0);
        for visit in &diary.visits {
            match visit.end {
                End::Served { .. } => {
                    sums[visit.service] += visit.wait;
                    counts[visit.service] += 1.0;
                    waits.push(visit.wait);
                    if visit.wait > scenario.services[visit.service].target_minutes {
                        over += 1.0;
                    }
                }
                End::Abandoned => abandoned += 1.0,
                End::Unserved => unserved += 1.0,
            }
        }
        waits.sort_by(f64::total_cmp);
        let served = sum(counts.iter().copied());
        let ratio = |part: f64, whole: f64| if whole > 0.0 { part / whole } else { 0.0 };
        let worst = sums.iter().zip(&counts).map(|(sum, count)| ratio(*sum, *count)).fold(0.0, f64::max);
        let (busy, open) = diary
            .shifts
            .iter()
            .fold((0.0, 0.0), |(busy, open), shift| (busy + shift.busy_minutes, open + shift.open_minutes));
        Self {
            issued: sum(diary.visits.iter().map(|_| 1.0)),
            served,
            abandoned,
            unserved,
            mean_wait_minutes: ratio(sum(waits.iter().copied()), served),
            median_wait_minutes: percentile(&waits, 50),
            p90_wait_minutes: percentile(&waits, 90),
            p95_wait_minutes: percentile(&waits, 95),
            max_wait_minutes: waits.last().copied().unwrap_or(0.0),
            share_over_target: ratio(over, served),
            worst_service_mean_minutes: worst,
            moves: f64::from(diary.moves),
            changeovers: sum(diary.shifts.iter().map(|shift| f64::from(shift.changeovers))),
            overtime_minutes: (diary.last_end - scenario.closes).max(0.0),
            utilisation: ratio(busy, open),
            estimate: Calibration::of(&diary.visits),
        }
    }
}

fn sum(values: impl Iterator<Item = f64>) -> f64 {
    // The sum of nothing is a negative zero otherwise.
    values.fold(0.0, |sum, value| sum + value)
}

/// The smallest value that at least so many percent do not exceed (nearest rank); 0 of nothing.
fn percentile(sorted: &[f64], percent: usize) -> f64 {
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied().unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_of_the_nearest_rank() {
        let ten: Vec<f64> = (1..=10).map(f64::from).collect();
        for (percent, value) in [(50, 5.0), (90, 9.0), (95, 10.0), (1, 1.0)] {
            assert!((percentile(&ten, percent) - value).abs() < 1e-12, "{percent}");
        }
        assert!(percentile(&[], 95).abs() < 1e-12);
    }
}
