//! What the balancer foretells, held to what happened on days of the reference halls.
#![allow(clippy::unwrap_used, missing_docs)]

use hall_core::event::{Event, Managed};
use hall_core::plan::{Balance, Policy, Routing};
use hall_simulate::{Scenario, Setting, record};

const REPLICATIONS: u64 = 6;

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
