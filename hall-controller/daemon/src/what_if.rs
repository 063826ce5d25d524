//! What if, from now: two hours of the live hall, with a draft of the manager's and without, on blocking
//! threads and within a second.
//!
//! The days themselves are `hall_simulate`'s. Here is the clock: so many are played as fit the time.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use hall_core::Hall;
use hall_core::command::Order;
use hall_core::refusal::Refusal;
use hall_core::time::Now;
use hall_protocol::id::{ClientId, ServiceId};
use hall_simulate::{Fare, what_if};
use serde::Serialize;

/// After this no further afternoon is begun: the answer is to be there within a second, and the last one of a
/// hall of 100 windows takes less than a tenth.
const TIME_MAX: Duration = Duration::from_millis(700);
/// More say the same more slowly.
const PLAYED_MAX: u64 = 40;
/// Threads at once: what citizens press comes first.
const THREADS_MAX: usize = 4;
/// Any number; the same draft is answered alike.
const SEED: u64 = 1;

/// How the next two hours go both ways.
#[derive(Debug, Serialize)]
pub struct WhatIf {
    /// How far it looks.
    pub minutes: u32,
    /// How many afternoons were played, each both ways.
    pub played: u64,
    /// In the plan's order.
    pub services: Vec<Both>,
}

/// One service both ways.
#[derive(Debug, Serialize)]
pub struct Both {
    /// Which.
    pub id: ServiceId,
    /// As the hall is.
    pub before: Waits,
    /// With the draft.
    pub after: Waits,
}

/// The waits of one service.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Waits {
    /// The mean over all afternoons, in minutes.
    pub mean_minutes: f64,
    /// One afternoon in ten is shorter,
    pub low_minutes: f64,
    /// and one in ten longer.
    pub high_minutes: f64,
    /// How many still wait at the end.
    pub left: f64,
    /// How many give up.
    pub gave_up: f64,
}

impl Waits {
    fn of(fares: &[Fare]) -> Self {
        let count = f64::from(u32::try_from(fares.len()).unwrap_or(u32::MAX)).max(1.0);
        let mut means: Vec<f64> = fares.iter().map(|fare| fare.mean_wait_minutes).collect();
        means.sort_by(f64::total_cmp);
        let at = |tenths: usize| means.get(means.len() * tenths / 10).copied().unwrap_or_default();
        Self {
            mean_minutes: means.iter().sum::<f64>() / count,
            low_minutes: at(1),
            high_minutes: at(9),
            left: fares.iter().map(|fare| fare.left).sum::<f64>() / count,
            gave_up: fares.iter().map(|fare| fare.gave_up).sum::<f64>() / count,
        }
    }
}

/// Play the next two hours of `hall` with these orders and without.
///
/// # Errors
/// Why the hall refuses an order.
pub fn play(hall: &Hall, now: Now, by: ClientId, orders: &[Order]) -> Result<WhatIf, Refusal> {
    let deadline = Instant::now() + TIME_MAX;
    let next = AtomicU64::new(0);
    let both = |replication| {
        let before = what_if(hall, now, by, &[], SEED, replication)?;
        let after = what_if(hall, now, by, orders, SEED, replication)?;
        Ok::<_, Refusal>((before, after))
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(THREADS_MAX);
    let played: Vec<(Vec<Fare>, Vec<Fare>)> = std::thread::scope(|scope| {
        let thread = || {
            let mut played = Vec::new();
            loop {
                let replication = next.fetch_add(1, Ordering::Relaxed);
                // One is played whatever it takes.
                if replication >= PLAYED_MAX || replication > 0 && Instant::now() >= deadline {
                    return Ok(played);
                }
                played.push(both(replication)?);
            }
        };
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(thread)).collect();
        let mut all = Vec::new();
        for thread in threads {
            // A panic is a defect, and shown as one.
            let played: Result<Vec<_>, Refusal> =
                thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            all.extend(played?);
        }
        Ok::<_, Refusal>(all)
    })?;
    let services = hall.plan().services().iter().enumerate().map(|(place, service)| {
        let waits =
            |fares: Vec<Option<&Fare>>| Waits::of(&fares.into_iter().flatten().copied().collect::<Vec<_>>());
        let before = waits(played.iter().map(|(before, _)| before.get(place)).collect());
        let after = waits(played.iter().map(|(_, after)| after.get(place)).collect());
        Both { id: service.id, before, after }
    });
    Ok(WhatIf {
        minutes: hall_simulate::WHAT_IF_MINUTES,
        played: u64::try_from(played.len()).unwrap_or(u64::MAX),
        services: services.collect(),
    })
}
