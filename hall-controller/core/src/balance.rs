//! The balancer: how scarce each service will be, and which windows should serve what.
//!
//! A review looks [`HORIZON_MINUTES`] ahead. The work of each service, those who wait and those who are
//! expected, is spread over the windows whose clerks can do it until the loads are as even as skills allow;
//! the load that remains is the service's pressure. By it the `service_level` policy knows which window
//! time is scarce. What there is to do about it, and to tell, are drafts ([`drafts`]): proposals to the manager
//! in `advise`, in `auto` done at once.
//!
//! Pure, like everything in this crate: what a review found is journaled as an event.

mod fluid;
mod forecast;
mod guard;
mod notice;
mod outlook;
mod pool;
mod propose;
mod sentences;
mod worth;

use hall_protocol::local::LocalTime;
use hall_protocol::payload::WindowMode;

use crate::hall::{Hall, Learnt};
use crate::plan::ServiceSet;
use crate::queue::Queue;
use crate::time::HallTime;

use self::fluid::{Spread, tanks};
pub(crate) use self::guard::Guard;
pub(crate) use self::propose::{Draft, drafts, foretell};

/// When the hall is looked at: by its own time, and by the clock on its wall.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Look {
    pub(crate) at: HallTime,
    pub(crate) local: LocalTime,
}

/// From one review to the next: no longer, or a burst stands before narrow plans until the next one looks.
pub(crate) const REVIEW_MS: u64 = 120_000;
/// How far a review looks ahead: long enough for a rush to show, short enough for a forecast from
/// what has come so far.
const HORIZON_MINUTES: f64 = 90.0;
/// What the newest arrivals count in the forecast against those before.
const NEWEST: f64 = 0.12;
/// For so long what is foretold goes by all who have come.
const OPENING_MS: u64 = 20 * 60_000;
/// No service is so scarce, or so plentiful, that nothing else counts.
const PRESSURE: (f64, f64) = (0.01, 20.0);
/// How much the service with the worst mean wait of today is favoured, at most.
const FAVOUR: f64 = 1.4;
/// From this part of the worst mean on a service is favoured.
const FAVOURED_FROM: f64 = 0.65;
/// Means below this count as short, even the worst.
const LONG_WAIT_MINUTES: f64 = 25.0;
/// What somebody who waits counts in a mean against somebody who was called.
const WAITING: f64 = 0.3;
/// A mean of fewer says little.
const FEW: f64 = 7.0;
/// A service is rare that at most one in so many windows can do,
const RARE_PART: u32 = 4;
/// and no more than so many.
const RARE_MAX: u32 = 6;
/// Of every service so many are expected at least: the next one may come at any moment.
const EXPECTED_MIN: f64 = 0.15;

/// What a review found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Review {
    /// One for each service, times 1000.
    pub(crate) pressures: Vec<u32>,
    /// How many windows' time each service should have, times 1000.
    pub(crate) windows: Vec<u32>,
    /// How many will come in an hour, for each service, times 1000.
    pub(crate) arrivals: Vec<u32>,
    /// How many came in an hour lately, for each service, times 1000.
    pub(crate) recent: Vec<u32>,
    /// How many windows can do each service.
    pub(crate) able: Vec<u32>,
    /// How much each service is favoured for the long waits of today, times 1000.
    pub(crate) favours: Vec<u32>,
    /// A service that no more windows than this can do is rare.
    pub(crate) rare_windows: u32,
}

/// Whether it is time for a review: some minutes after the last, while a window is open.
pub(crate) fn is_due(hall: &Hall, at: HallTime) -> bool {
    hall.reviewed_at.is_none_or(|reviewed| at.ms_since(reviewed) >= REVIEW_MS)
        && hall.windows.iter().any(|state| state.mode != WindowMode::Closed)
}

/// Look at the hall. O(windows and their services).
pub(crate) fn review(hall: &Hall, look: Look) -> Review {
    let recent: Vec<f64> = hall.learnt.iter().map(|learnt| recent(hall, learnt, look.at)).collect();
    let demand: Vec<f64> = recent
        .iter()
        .enumerate()
        .map(|(index, recent)| {
            let per_hour = forecast::per_hour(hall, index, *recent, HORIZON_MINUTES, look);
            let expected = per_hour * HORIZON_MINUTES / 60.0;
            (f64::from(hall.waiting_at_index(index)) + expected + EXPECTED_MIN) * hall.usual_ms(index) / 6e4
        })
        .collect();
    let open = hall.windows.iter().enumerate().filter(|(_, state)| state.mode != WindowMode::Closed);
    let mut able = vec![0; demand.len()];
    let windows: Vec<(ServiceSet, f64)> = open
        .map(|(window, state)| {
            let services = hall.able_at(window);
            services.iter().for_each(|index| able[*index] += 1);
            (services.iter().copied().collect(), HORIZON_MINUTES * state.pace.speed())
        })
        .collect();
    let told = recent.iter().enumerate().map(|(index, recent)| {
        let steady = recent.min(since_opening(hall, index, look.at).unwrap_or(*recent));
        forecast::per_hour(hall, index, steady, outlook::MINUTES, look)
    });
    let staffed = u32::try_from(windows.len()).unwrap_or(u32::MAX);
    let tanks = tanks(windows.iter().map(|(services, minutes)| (services, *minutes)));
    let Spread { given, .. } = Spread::of(&demand, &tanks);
    let pressure =
        |(demand, given): (&f64, &f64)| thousandths((demand / given).clamp(PRESSURE.0, PRESSURE.1));
    Review {
        pressures: demand.iter().zip(&given).map(pressure).collect(),
        windows: given.iter().map(|minutes| thousandths(minutes / HORIZON_MINUTES)).collect(),
        arrivals: told.map(thousandths).collect(),
        recent: recent.iter().copied().map(thousandths).collect(),
        able,
        favours: favours(hall, look.at),
        rare_windows: (staffed / RARE_PART).clamp(1, RARE_MAX),
    }
}

/// Services whose citizens have waited longest on average today are favoured, so that no service's
/// citizens pay for the mean of all.
fn favours(hall: &Hall, at: HallTime) -> Vec<u32> {
    let means: Vec<f64> =
        hall.learnt.iter().enumerate().map(|(index, learnt)| mean_wait(hall, index, learnt, at)).collect();
    let worst = means.iter().copied().fold(LONG_WAIT_MINUTES, f64::max);
    let excess = |mean: f64| ((mean / worst - FAVOURED_FROM) / (1.0 - FAVOURED_FROM)).max(0.0);
    means.into_iter().map(|mean| thousandths(1.0 + FAVOUR * excess(mean))).collect()
}

/// The mean wait of today, in minutes, those who wait now counted in part. Towards 0 while few have come.
fn mean_wait(hall: &Hall, index: usize, learnt: &Learnt, at: HallTime) -> f64 {
    let first = hall.queues.get(index).and_then(Queue::first);
    let first_minutes = first.map_or(0.0, |(since, _)| crate::hall::as_f64(at.ms_since(since)) / 6e4);
    let waiting = WAITING * f64::from(hall.waiting_at_index(index));
    // Along a queue waits fall from the first one's to none.
    let waited = crate::hall::as_f64(learnt.waited_ms) / 6e4 + waiting * first_minutes / 2.0;
    waited / (f64::from(learnt.called) + waiting + FEW)
}

/// How many came in an hour, smoothed over the reviews.
fn recent(hall: &Hall, learnt: &Learnt, at: HallTime) -> f64 {
    let before = f64::from(learnt.recent) / 1e3;
    let passed_ms = hall.reviewed_at.map_or(0, |reviewed| at.ms_since(reviewed));
    if passed_ms < 60_000 {
        return before;
    }
    let newest = f64::from(learnt.came) * 3.6e6 / crate::hall::as_f64(passed_ms);
    if learnt.recent == 0 { newest } else { before + NEWEST * (newest - before) }
}

/// How many have come in an hour today, while the hall has been looked at for a short time only. One who comes
/// in the first two minutes is reason enough to help, and too little to foretell thirty in the first hour.
fn since_opening(hall: &Hall, index: usize, at: HallTime) -> Option<f64> {
    let watched_ms = at.ms_since(hall.watched_since?);
    let service = hall.plan.services().get(index)?.id;
    let came = f64::from(hall.arrivals.today(service)) * 3.6e6 / crate::hall::as_f64(watched_ms);
    (0 < watched_ms && watched_ms < OPENING_MS).then_some(came)
}

fn thousandths(value: f64) -> u32 {
    // Pressures are at most 3, and fewer than a million come in an hour.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let whole = (value * 1e3).round() as u32;
    whole
}
