//! Who comes: drawn from seed, replication and citizen, whatever the hall does.

use hall_protocol::payload::Class;

use crate::random::{Purpose, Random};
use crate::scenario::{Requirement, Scenario};

/// One who comes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Citizen {
    /// When, in minutes of the day.
    pub(crate) arrives: f64,
    /// For what, as a place in the scenario.
    pub(crate) service: usize,
    /// How long a clerk of speed 1 needs, in minutes.
    pub(crate) requirement: f64,
    /// How long the citizen waits before giving up, in minutes; may be infinite.
    pub(crate) patience: f64,
    pub(crate) class: Class,
}

/// All citizens of a replication, by arrival.
pub(crate) fn draw(scenario: &Scenario, seed: u64, replication: u64) -> Vec<Citizen> {
    let mut arrivals = Vec::new();
    for (place, service) in scenario.services.iter().enumerate() {
        let mut random = Random::new(seed, replication, Purpose::Arrivals, place as u64);
        let mut begins = scenario.opens;
        for expected in &service.arrivals_per_slot {
            let length = scenario.slot_minutes.min(scenario.closes - begins);
            // A Poisson process of rate 1 on (0, expected], stretched over the slot.
            let mut passed = random.exponential(1.0);
            while passed < *expected {
                arrivals.push((begins + passed / expected * length, place));
                passed += random.exponential(1.0);
            }
            begins += scenario.slot_minutes;
        }
    }
    arrivals.sort_by(|one, other| one.0.total_cmp(&other.0).then(one.1.cmp(&other.1)));
    let citizen = |(index, (arrives, place)): (usize, (f64, usize))| {
        let service = &scenario.services[place];
        let mut random = Random::new(seed, replication, Purpose::Citizen, index as u64);
        let requirement = match service.requirement {
            Requirement::Lognormal { mean, cv } => random.lognormal(mean, cv),
            Requirement::Exponential { mean } => random.exponential(mean),
        };
        let patience = service.patience_minutes.map_or(f64::INFINITY, |mean| random.exponential(mean));
        let mut luck = random.uniform();
        let class = service.classes.iter().find(|(_, share)| {
            luck -= share;
            luck <= 0.0
        });
        let class = class.map_or(Class::Ordinary, |(class, _)| *class);
        Citizen { arrives, service: place, requirement, patience, class }
    };
    arrivals.into_iter().enumerate().map(citizen).collect()
}
