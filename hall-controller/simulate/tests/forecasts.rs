//! What the balancer foretells, held to what happened on days of the reference halls.
#![allow(clippy::unwrap_used, missing_docs)]

use hall_core::event::{Advice, Effect, Event, Finding, Managed, Reallocation};
use hall_core::plan::{Balance, Policy, Routing};
use hall_simulate::{Scenario, Setting, record};

const REPLICATIONS: u64 = 6;

/// A move is for a service that a window serves because of it and that waits less for it; and whose target is
/// said to be missed, that is missed.
#[test]
fn every_move_does_something_for_the_service_it_names() {
    let policy = Policy { routing: Routing::ServiceLevel, balance: Balance::Auto, ..Policy::default() };
    let setting = Setting { policy, ..Setting::default() };
    let mut moves = 0;
    for (name, seed) in [("dev-county", 1), ("dev-district", 1), ("dev-district", 2), ("dev-city", 1)] {
        let path = format!("{}/references/scenarios/{name}.json", env!("CARGO_MANIFEST_DIR"));
        let scenario = Scenario::read(&std::fs::read_to_string(path).unwrap()).unwrap();
        for stamped in record(&scenario, &setting, seed, 0).unwrap() {
            let Event::Managed(Managed::Proposed { proposal }) = stamped.event else { continue };
            let Advice::Reallocate { moves: windows } = &proposal.advice else { continue };
            moves += 1;
            let Effect { service, before, after } = proposal.effects[0];
            let is_new = |it: &Reallocation| {
                !it.before.primary.contains(&service) && it.after.primary.contains(&service)
                    || it.after.backup.contains(&service)
            };
            assert!(windows.iter().any(is_new), "{name}: nothing new for {service}: {proposal:?}");
            assert!(before.mean_s >= after.mean_s + 30, "{name}: no gain for {service}: {proposal:?}");
            if let Finding::WillMissTarget { wait_s, target_minutes, .. } = proposal.finding {
                assert!(wait_s > u32::from(target_minutes) * 60, "{name}: in time: {proposal:?}");
            }
        }
    }
    assert!(moves >= 8, "{moves}");
}

/// Four in five are meant to come true, and rather more do of those that are made early in the day, while
/// waits are short. Forecasts of one day are of the same rush, so that their share is known less well than
/// their number says.
#[test]
fn ranges_hold_what_happens_about_as_often_as_they_say() {
    let policy = Policy { routing: Routing::ServiceLevel, balance: Balance::Auto, ..Policy::default() };
    let setting = Setting { policy, ..Setting::default() };
    let (mut all, mut held) = (0_u32, 0_u32);
    for name in ["dev-county", "dev-district", "dev-city"] {
        let path = format!("{}/references/scenarios/{name}.json", env!("CARGO_MANIFEST_DIR"));
        let scenario = Scenario::read(&std::fs::read_to_string(path).unwrap()).unwrap();
        let (mut of_hall, mut within) = (0_u32, 0_u32);
        for replication in 0..REPLICATIONS {
            for stamped in record(&scenario, &setting, 1, replication).unwrap() {
                let Event::Managed(Managed::ProposalAssessed { expected, seen_s, tickets: 1.., .. }) =
                    stamped.event
                else {
                    continue;
                };
                if std::env::var_os("FORECASTS").is_some() {
                    println!("F {name} {} {} {} {seen_s}", expected.low_s, expected.mean_s, expected.high_s);
                }
                of_hall += 1;
                within += u32::from(expected.holds(seen_s));
            }
        }
        println!("{name}: {within} of {of_hall} forecasts came true");
        assert!(of_hall > 0, "{name}: nothing was foretold");
        all += of_hall;
        held += within;
    }
    let share = f64::from(held) / f64::from(all);
    println!("all: {share:.3}");
    assert!((0.74..=0.95).contains(&share), "{share:.3} of {all}");
}
