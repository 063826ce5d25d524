//! Theory's halls: one queue, servers all alike, a day long enough to forget how it began.

use hall_core::plan::{Policy, Routing};
use hall_protocol::payload::Class;
use hall_simulate::scenario::{Requirement, Service, Window};
use hall_simulate::{Diary, End, Scenario, Setting, Visit, simulate};

/// A service has four digits for its numbers; the queue's citizens are spread over as many as needed.
const NUMBERS: f64 = 9_000.0;
/// So many relaxation times go by before anything is measured: what is left of the empty beginning is
/// then below a thousandth.
const WARM_UP: f64 = 7.0;
/// So many are measured at least; more where the queue forgets slowly.
const MEASURED: f64 = 20_000.0;

/// A queue with Poisson arrivals. Unit of time: one mean service.
#[derive(Debug, Clone)]
pub struct Model {
    pub servers: f64,
    pub arrival_rate: f64,
    /// Mean of an exponential patience.
    pub patience: Option<f64>,
    /// Of a lognormal service; exponential without.
    pub cv: Option<f64>,
    /// The load by which the relaxation time is reckoned.
    pub load: f64,
    /// The share of citizens of a priority class.
    pub high: f64,
    pub policy: Policy,
}

/// What a day shows, over the citizens after the warm-up.
#[derive(Debug)]
pub struct Measured {
    pub mean_wait: f64,
    pub mean_wait_high: f64,
    pub mean_wait_low: f64,
    pub share_waiting: f64,
    pub share_over_1: f64,
    pub share_abandoned: f64,
}

impl Model {
    pub fn exponential(servers: f64, arrival_rate: f64, load: f64) -> Self {
        let policy = Policy { routing: Routing::Fcfs, ..Policy::default() };
        Self { servers, arrival_rate, patience: None, cv: None, load, high: 0.0, policy }
    }

    /// The loads of a priority class and of the ordinary one.
    pub fn two_classes(servers: f64, high: f64, low: f64) -> Self {
        let load = high + low;
        Self { high: high / load, ..Self::exponential(servers, servers * load, load) }
    }

    pub fn measure(&self, seed: u64) -> Measured {
        // Of M/M/c (Cohen 1982), stretched for services that vary more.
        let spread = self.cv.map_or(1.0, |cv| f64::midpoint(cv * cv, 1.0).max(1.0));
        let relaxation = spread / (1.0 - self.load.sqrt()).powi(2) / self.servers;
        let warm_up = 5.0 + WARM_UP * relaxation;
        let measured = (MEASURED / self.arrival_rate).max(6.0 * warm_up);
        let visits = self.day(warm_up + measured, seed).visits;
        let of_class = |high| {
            let of: Vec<Visit> =
                visits.iter().filter(|visit| visit.class.is_priority() == high).copied().collect();
            mean(&of, warm_up, |visit| visit.wait)
        };
        let share = |holds: &dyn Fn(&Visit) -> bool| {
            mean(&visits, warm_up, |visit| if holds(visit) { 1.0 } else { 0.0 })
        };
        Measured {
            mean_wait_high: of_class(true),
            mean_wait_low: of_class(false),
            mean_wait: mean(&visits, warm_up, |visit| visit.wait),
            share_waiting: share(&|visit| visit.wait > 0.0),
            share_over_1: share(&|visit| visit.wait > 1.0),
            share_abandoned: share(&|visit| visit.end == End::Abandoned),
        }
    }

    fn day(&self, length: f64, seed: u64) -> Diary {
        let citizens = self.arrival_rate * length;
        let queues = (citizens / NUMBERS).ceil().max(1.0);
        let requirement = match self.cv {
            Some(cv) => Requirement::Lognormal { mean: 1.0, cv },
            None => Requirement::Exponential { mean: 1.0 },
        };
        let services: Vec<Service> = count(queues)
            .map(|n| Service {
                id: format!("S{n}").parse().unwrap(),
                arrivals_per_slot: vec![citizens / queues],
                requirement,
                target_minutes: 1.0,
                patience_minutes: self.patience,
                classes: vec![(Class::Elderly, self.high)],
            })
            .collect();
        let all: Vec<usize> = (0..services.len()).collect();
        let windows = count(self.servers).map(|n| Window {
            id: n.to_string().parse().unwrap(),
            primary: all.clone(),
            skills: all.clone(),
            open: vec![(0.0, length)],
            speed: 1.0,
        });
        let scenario = Scenario {
            name: "theory".into(),
            opens: 0.0,
            closes: length,
            slot_minutes: length,
            changeover_minutes: 0.0,
            windows: windows.collect(),
            services,
        };
        simulate(&scenario, &Setting { policy: self.policy.clone(), ..Setting::default() }, seed, 0).unwrap()
    }
}

/// How long the first citizen waits who finds so many in line and every server busy.
pub fn wait_behind(ahead: f64, servers: f64, seed: u64) -> f64 {
    // All come within a moment, and enough of them that the one meant is there.
    let moment = 1e-6;
    let needed = servers + ahead + 1.0;
    let rate = (needed + 6.0 * needed.sqrt() + 10.0) / moment;
    let visits = Model::exponential(servers, rate, 0.5).day(moment, seed).visits;
    visits[count(needed - 1.0).count()].wait
}

fn mean(visits: &[Visit], from: f64, of: impl Fn(&Visit) -> f64) -> f64 {
    let (sum, count) = visits
        .iter()
        .filter(|visit| visit.arrives >= from)
        .fold((0.0, 0.0), |(sum, count), visit| (sum + of(visit), count + 1.0));
    sum / count
}

fn count(n: f64) -> impl Iterator<Item = u32> {
    (0..).take_while(move |i| f64::from(*i) < n)
}
