//! The balancer's reviews and `service_level`: windows kept free for rare services, and long waits made up
//! for.

use hall_core::command::Command;
use hall_core::event::{Cause, Event, Rule};
use hall_core::plan::{Balance, PlanParts, Routing};
use hall_protocol::payload::{Class, Key};
use proptest::prelude::*;

use crate::support::{Desk, id, parts, replayed, window};

const MINUTE_MS: i64 = 60_000;

/// Tax can be done at window 3 alone, social everywhere.
fn balanced() -> PlanParts {
    let mut parts = parts();
    parts.policy.routing = Routing::ServiceLevel;
    parts.policy.balance = Balance::Auto;
    parts.policy.armed_next = true;
    parts.services[0].usual_seconds = Some(600);
    parts.services[1].usual_seconds = Some(120);
    parts.windows = vec![
        window("1", &["social"]),
        window("2", &["social"]),
        window("3", &["tax", "social"]),
        window("4", &["property"]),
    ];
    parts
}

fn tick(desk: &mut Desk) {
    desk.give(&Command::Tick).unwrap();
}

/// So many minutes in which somebody comes for tax each minute and is served at window 3 at once.
fn tax_is_busy(desk: &mut Desk, minutes: u32) {
    for _ in 0..minutes {
        desk.wait(MINUTE_MS / 2);
        desk.take("tax");
        desk.wait(MINUTE_MS / 2);
        desk.call("3");
        tick(desk);
    }
}

/// Windows 1 and 2 are busy with social, window 3 is armed, and many come for tax.
fn keeping(parts: PlanParts) -> Desk {
    let mut desk = Desk::closed(parts);
    for window in ["1", "2", "3"] {
        desk.done(window, Key::Open);
    }
    desk.take("social");
    desk.take("social");
    assert!(desk.call("1").is_some() && desk.call("2").is_some());
    assert_eq!(desk.call("3"), None);
    tax_is_busy(&mut desk, 20);
    desk
}

#[test]
fn a_window_is_kept_free_for_a_rare_service_while_others_can_wait() {
    let mut desk = keeping(balanced());
    let social = desk.take("social").0;
    assert_eq!(desk.hand("3"), None, "kept free");
    let tax = desk.take("tax").0;
    assert_eq!(desk.hand("3"), Some(tax), "this is whom it was kept free for");
    assert_eq!(desk.call("3"), None, "and still is");
    desk.wait(14 * MINUTE_MS);
    tick(&mut desk);
    tick(&mut desk);
    assert_eq!(desk.hand("3"), Some(social), "who has waited long enough is called by no press");
    let call = desk.journal.iter().rev().find(|stamped| matches!(stamped.event, Event::Called { .. }));
    assert_eq!(call.unwrap().cause, Cause::Rule(Rule::ArmedNext));
    assert_eq!(replayed(id("county"), &desk.journal), desk.hall);
}

#[test]
fn nobody_overtakes_who_waits_because_a_window_is_kept_free() {
    let mut desk = keeping(balanced());
    let first = desk.take("social").0;
    desk.wait(8 * MINUTE_MS);
    let second = desk.take("social").0;
    assert_eq!(desk.hand("3"), None);
    assert_eq!(desk.call("1"), Some(first));
    assert_eq!(desk.call("1"), Some(second));
}

#[test]
fn priority_classes_are_called_by_windows_kept_free() {
    let mut desk = keeping(balanced());
    let number = desk.take_as(Class::Elderly, "social");
    assert_eq!(desk.hand("3"), Some(number));
}

#[test]
fn no_window_is_kept_free_when_nobody_comes_for_what_is_rare() {
    let mut desk = Desk::closed(balanced());
    for window in ["1", "2", "3"] {
        desk.done(window, Key::Open);
        assert_eq!(desk.call(window), None);
    }
    tick(&mut desk);
    let numbers: Vec<_> = (0..3).map(|_| desk.take("social").0).collect();
    let mut hands: Vec<_> = ["1", "2", "3"].iter().filter_map(|window| desk.hand(window)).collect();
    hands.sort();
    assert_eq!(hands, numbers);
}

#[test]
fn a_service_whose_citizens_waited_long_today_is_favoured() {
    let called_first = |waited: i64| {
        let mut parts = balanced();
        // Each is called 2 s after the one before, which is learnt.
        parts.services[1].usual_seconds = Some(1_200);
        parts.windows = vec![window("1", &["social", "tax"]), window("2", &["social", "tax"])];
        let mut desk = Desk::closed(parts);
        desk.done("1", Key::Open);
        for _ in 0..12 {
            desk.take("tax");
        }
        desk.wait(waited * MINUTE_MS);
        for _ in 0..12 {
            desk.call("1").unwrap();
        }
        desk.take("social");
        desk.call("1").unwrap();
        desk.wait(10 * MINUTE_MS);
        tick(&mut desk);
        // Window 2 changes over for neither: social is its first, and a little older.
        desk.done("2", Key::Open);
        let social = desk.take("social").0;
        let tax = desk.take("tax").0;
        desk.wait(MINUTE_MS);
        let called = desk.call("2").unwrap();
        assert!(called == social || called == tax);
        called == social
    };
    assert!(called_first(0), "without a reason the older one");
    assert!(!called_first(50), "and not when tax had to wait so long");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    /// Whatever is kept free for whom: nobody has waited for the starvation time while a window that
    /// can serve them is armed.
    #[test]
    fn nobody_starves_before_a_window_that_is_kept_free(
        steps in prop::collection::vec((1_i64..4, 0_u8..3), 10..60),
    ) {
        let mut parts = balanced();
        parts.policy.starvation_minutes = 30;
        // Who has time for 8 hours is kept waiting as long as the rule allows.
        parts.services[0].target_minutes = 480;
        let mut desk = keeping(parts);
        desk.take("social");
        for (minutes, comes) in steps {
            match comes {
                0 => desk.wait(minutes * MINUTE_MS),
                _ => tax_is_busy(&mut desk, 1),
            }
            // A review takes a tick of its own.
            tick(&mut desk);
            tick(&mut desk);
            let starves = desk.hall.tickets().any(|ticket| {
                ticket.state.waits() && desk.wall_ms - ticket.standing.unix_ms() >= 30 * MINUTE_MS
            });
            prop_assert!(!starves || !desk.window("3").armed);
        }
    }
}
