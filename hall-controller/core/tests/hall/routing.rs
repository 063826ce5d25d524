//! Who is called next under each policy, why, and how long anybody may be passed over.

use std::collections::BTreeMap;

use hall_core::Hall;
use hall_core::command::{Command, Details, Order};
use hall_core::event::{CallReason, Event};
use hall_core::plan::{PlanParts, Policy, Routing};
use hall_core::refusal::Refusal;
use hall_core::ticket::Ticket;
use hall_protocol::id::ServiceId;
use hall_protocol::payload::{Class, Key};
use proptest::prelude::*;

use crate::support::{Desk, GUARD_MS, id, parts, replayed};

const MINUTE_MS: i64 = 60_000;

fn desk(policy: impl FnOnce(&mut Policy)) -> Desk {
    let mut desk = Desk::open();
    let mut parts: PlanParts = parts();
    policy(&mut parts.policy);
    desk.adopt(parts);
    desk
}

fn routed(routing: Routing) -> Desk {
    desk(|policy| policy.routing = routing)
}

/// What was called last, and why.
fn last_call(desk: &Desk) -> (String, CallReason) {
    let call = desk.journal.iter().rev().find_map(|stamped| match &stamped.event {
        Event::Called { number, why, .. } => Some((number.to_string(), why.clone())),
        _ => None,
    });
    call.unwrap()
}

fn next(desk: &mut Desk, window: &str) -> (String, CallReason) {
    desk.call(window).unwrap();
    last_call(desk)
}

fn list(names: &[&str]) -> Vec<ServiceId> {
    names.iter().map(|name| id(name)).collect()
}

fn allocate(desk: &mut Desk, window: &str, primary: &[&str], backup: &[&str]) {
    let (primary, backup) = (list(primary), list(backup));
    desk.order(Order::Allocate { window: id(window), primary, backup }).unwrap();
}

#[test]
fn fcfs_knows_no_classes() {
    let mut desk = routed(Routing::Fcfs);
    desk.take("social");
    desk.take_as(Class::Elderly, "social");
    desk.take("tax");
    let called: Vec<_> = (0..3).map(|_| desk.call("1").unwrap()).collect();
    assert_eq!(called, ["A001", "A002", "B001"]);
    assert_eq!(last_call(&desk).1, CallReason::Oldest { services: 1 });
}

#[test]
fn a_plan_from_before_there_were_policies_routes_by_priority() {
    let mut policy = serde_json::to_value(Policy::default()).unwrap();
    policy.as_object_mut().unwrap().remove("routing").unwrap();
    assert_eq!(serde_json::from_value::<Policy>(policy).unwrap().routing, Routing::Priority);
}

#[test]
fn credit_grows_with_the_wait_and_faster_for_a_priority_class() {
    let mut desk = routed(Routing::Accumulating);
    desk.take("social");
    desk.wait(9 * MINUTE_MS);
    desk.take_as(Class::Disabled, "social");
    // After 10 minutes more the ordinary ticket has half of 19, the other all of 10.
    desk.wait(10 * MINUTE_MS);
    let (number, why) = next(&mut desk, "2");
    assert_eq!(number, "A002");
    assert_eq!(why, CallReason::Priority { class: Class::Disabled });

    let mut desk = routed(Routing::Accumulating);
    desk.take("social");
    desk.wait(9 * MINUTE_MS);
    desk.take_as(Class::Disabled, "social");
    desk.wait(8 * MINUTE_MS);
    assert_eq!(next(&mut desk, "2").0, "A001");
}

#[test]
fn one_of_a_priority_class_that_waits_for_a_window_alone_passes_within_the_quota_too() {
    let mut desk = desk(|policy| {
        policy.routing = Routing::Accumulating;
        policy.priority_quota = 3;
    });
    for _ in 0..3 {
        desk.take("social");
    }
    desk.wait(MINUTE_MS);
    desk.take_as(Class::Elderly, "social");
    desk.wait(10 * MINUTE_MS);
    assert_eq!(next(&mut desk, "1"), ("A004".into(), CallReason::Priority { class: Class::Elderly }));
    let there = Details { to_window: Some(id("2")), ..Details::default() };
    desk.with("1", Key::Transfer, there).unwrap();
    let called: Vec<_> = (0..4).map(|_| desk.call("2").unwrap()).collect();
    assert_eq!(called, ["A001", "A002", "A004", "A003"]);
}

#[test]
fn backup_services_are_called_when_the_primaries_are_empty_or_they_are_over_target() {
    for routing in [Routing::Fcfs, Routing::Priority] {
        let mut desk = routed(routing);
        allocate(&mut desk, "2", &["social"], &["tax"]);
        desk.take("tax");
        desk.take("social");
        desk.wait(5 * MINUTE_MS);
        assert_eq!(next(&mut desk, "2").0, "A001", "{routing:?}: primary first");
        desk.take("tax");
        assert_eq!(next(&mut desk, "2"), ("B001".into(), CallReason::Backup { over_minutes: -10 }));
        desk.wait(16 * MINUTE_MS);
        desk.take("social");
        assert_eq!(next(&mut desk, "2"), ("B002".into(), CallReason::Backup { over_minutes: 1 }));
    }
}

#[test]
fn the_service_whose_target_is_near_is_called_before_one_that_has_time() {
    let mut desk = desk(|policy| policy.routing = Routing::ServiceLevel);
    let mut plan = parts();
    plan.policy.routing = Routing::ServiceLevel;
    plan.services[0].target_minutes = 60;
    desk.adopt(plan);
    desk.take("social");
    desk.wait(MINUTE_MS);
    desk.take("tax");
    desk.wait(12 * MINUTE_MS);
    let (number, why) = next(&mut desk, "1");
    assert_eq!(number, "B001");
    assert_eq!(why, CallReason::Target { over_minutes: -3, services: 2 });
}

#[test]
fn what_services_take_is_learnt_and_the_short_one_is_called_first() {
    let mut desk = routed(Routing::ServiceLevel);
    // Social takes 20 minutes at window 2, tax 2 at window 3.
    for _ in 0..8 {
        desk.take("social");
        desk.take("tax");
        desk.call("3").unwrap();
        desk.call("2").unwrap();
        desk.wait(2 * MINUTE_MS);
        desk.done("3", Key::Finish);
        desk.wait(18 * MINUTE_MS);
        desk.done("2", Key::Finish);
    }
    let social = desk.take("social").0;
    let tax = desk.take("tax").0;
    desk.wait(MINUTE_MS);
    assert_eq!([desk.call("1").unwrap(), desk.call("1").unwrap()], [tax, social]);
}

#[test]
fn an_allocation_holds_until_the_day_ends_and_survives_a_replay() {
    let mut desk = routed(Routing::Fcfs);
    allocate(&mut desk, "2", &["tax"], &[]);
    assert_eq!(replayed(id("county"), &desk.journal), desk.hall);
    desk.take("social");
    desk.take("tax");
    assert_eq!(next(&mut desk, "2").0, "B001");
    desk.wait(crate::support::DAY_MS);
    desk.give(&Command::Tick).unwrap();
    desk.done("2", Key::Open);
    desk.take("social");
    assert_eq!(next(&mut desk, "2").0, "A001");
}

#[test]
fn an_armed_window_calls_who_waits_for_what_it_is_given() {
    let mut desk = desk(|policy| {
        policy.routing = Routing::Fcfs;
        policy.armed_next = true;
    });
    desk.take("tax");
    assert_eq!(desk.call("2"), None, "armed");
    allocate(&mut desk, "2", &["social"], &["tax"]);
    assert_eq!(last_call(&desk), ("B001".into(), CallReason::Backup { over_minutes: -15 }));
}

/// A wait of the service's queue at the moment of a call, with its class.
fn waiting(hall: &Hall) -> Vec<(i64, Class)> {
    let wait = |ticket: &Ticket| (hall.at().unix_ms() - ticket.issued_at.unix_ms(), ticket.class);
    hall.tickets().filter(|ticket| ticket.state.waits()).map(wait).collect()
}

/// Under `accumulating`, with ordinary tickets that gain credit at `rate` thousandths: after each of these minutes
/// somebody comes, of a priority class or not, and is perhaps followed by a call. Whom it calls has the most
/// credit, or has waited longest once that is the starvation time.
fn accumulating_calls_the_most_credit(rate: u16, steps: &[(i64, bool, bool)]) {
    let mut desk = desk(|policy| {
        policy.routing = Routing::Accumulating;
        policy.ordinary_credit_permille = rate;
        policy.priority_quota = 1;
    });
    let credit =
        |(wait, class): (i64, Class)| wait * if class.is_priority() { 1_000 } else { i64::from(rate) };
    let starves_ms = i64::from(parts().policy.starvation_minutes) * MINUTE_MS;
    for (minutes, priority, call) in steps {
        desk.wait(GUARD_MS + minutes * MINUTE_MS);
        desk.take_as(if *priority { Class::Elderly } else { Class::Ordinary }, "social");
        if !call {
            continue;
        }
        let before = desk.hall.clone();
        desk.call("2").unwrap();
        let at = desk.hall.at();
        let called = desk.hall.tickets().find(|ticket| ticket.called_at == Some(at)).unwrap();
        let called = (at.unix_ms() - called.issued_at.unix_ms(), called.class);
        let moved = at.unix_ms() - before.at().unix_ms();
        let waits = waiting(&before).into_iter().map(|(wait, class)| (wait + moved, class));
        let longest = waits.clone().map(|(wait, _)| wait).max().unwrap();
        if longest >= starves_ms {
            assert_eq!(called.0, longest, "who starves is called first");
        } else {
            waits.for_each(|other| assert!(credit(other) <= credit(called), "{other:?} before {called:?}"));
        }
    }
}

#[test]
fn credit_that_never_grows_is_passed_by_all_until_it_has_waited_the_starvation_time() {
    let none = (4, false, false);
    let quiet = [
        (0, false, false),
        (0, false, false),
        none,
        (2, false, false),
        (1, true, false),
        (4, true, false),
        none,
        none,
        (2, false, false),
        (4, true, false),
        (3, true, false),
        (1, true, true),
        (4, false, true),
        (2, true, true),
        (4, false, true),
        (2, false, false),
        (3, false, false),
        (3, true, true),
        (3, true, true),
        (2, false, true),
        (4, false, true),
        (2, false, false),
        (2, false, false),
        (3, false, false),
        (1, false, false),
        (2, true, false),
        (3, false, true),
        (1, false, false),
        (4, true, false),
        (4, true, true),
        (3, false, false),
        (1, true, false),
        (1, false, false),
        (3, false, false),
        (1, false, false),
        (3, false, true),
        (4, false, true),
        (2, true, false),
        (2, true, true),
        (4, true, false),
        (4, true, true),
        (4, false, true),
        (4, true, true),
        (4, true, true),
    ];
    accumulating_calls_the_most_credit(0, &quiet);
}

#[test]
fn where_all_have_waited_too_long_three_of_four_calls_still_go_where_they_do_most() {
    let mut parts = parts();
    parts.policy.routing = Routing::ServiceLevel;
    parts.policy.starvation_minutes = 30;
    parts.services[1].usual_seconds = Some(7_200);
    parts.services[0].usual_seconds = Some(30);
    let mut desk = Desk::closed(parts);
    desk.done("1", Key::Open);
    for service in ["tax", "tax", "tax", "social", "social", "social", "social", "social", "social"] {
        desk.take(service);
    }
    desk.wait(31 * MINUTE_MS);
    let letters: String = (0..8).map(|_| next(&mut desk, "1").0.chars().next().unwrap()).collect();
    assert_eq!(letters.matches('B').count(), 2, "one in four is for who has waited longest: {letters}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    /// Nobody is called while another has more credit: so an ordinary ticket that has waited `w` is
    /// behind nobody who came more than `(1 - b) w` later. Who starves is called first, whatever its credit.
    #[test]
    fn accumulating_keeps_its_bound(
        rate in 0_u16..=1_000,
        steps in prop::collection::vec((0_i64..5, any::<bool>(), any::<bool>()), 1..60),
    ) {
        accumulating_calls_the_most_credit(rate, &steps);
    }

    /// However slow its credit grows: of so many calls one passes it, and none once it starves.
    #[test]
    fn accumulating_passes_within_the_quota_and_before_nobody_who_starves(
        rate in 0_u16..=1_000,
        quota in 2_u16..5,
        steps in prop::collection::vec((0_i64..9, any::<bool>(), 0_u8..3), 1..120),
    ) {
        let starvation_minutes = 60;
        let mut desk = desk(|policy| {
            policy.routing = Routing::Accumulating;
            policy.ordinary_credit_permille = rate;
            policy.priority_quota = quota;
            policy.starvation_minutes = starvation_minutes;
        });
        let mut since_pass = u16::MAX;
        for (minutes, ordinary, calls) in steps {
            desk.wait(minutes * MINUTE_MS);
            desk.take_as(if ordinary { Class::Ordinary } else { Class::Elderly }, "social");
            for _ in 0..calls {
                desk.wait(GUARD_MS);
                let before = desk.hall.clone();
                let Some(called) = desk.call("2") else { continue };
                let oldest = before.tickets().filter(|ticket| ticket.state.waits());
                let oldest = oldest.min_by_key(|ticket| (ticket.issued_at, ticket.id)).unwrap();
                let waited = desk.hall.at().unix_ms() - oldest.issued_at.unix_ms();
                let is_oldest = called == oldest.number.to_string();
                prop_assert!(is_oldest || waited < i64::from(starvation_minutes) * MINUTE_MS);
                if is_oldest || oldest.class.is_priority() {
                    since_pass = since_pass.saturating_add(1);
                    continue;
                }
                prop_assert!(since_pass >= quota - 1, "{called} passed after {since_pass} calls");
                since_pass = 0;
            }
        }
    }

    /// However many come for a service that is always more urgent: while somebody has waited for the
    /// starvation time, one in four calls is for who has waited longest.
    #[test]
    fn service_level_keeps_its_bound(
        steps in prop::collection::vec((0_i64..12, any::<bool>(), 0_u8..3), 1..120),
    ) {
        let starvation_minutes = 30;
        let mut parts = parts();
        parts.policy.routing = Routing::ServiceLevel;
        parts.policy.starvation_minutes = starvation_minutes;
        // Nothing but starvation would ever call tax.
        parts.services[1].target_minutes = 480;
        parts.services[1].usual_seconds = Some(7_200);
        parts.services[0].usual_seconds = Some(30);
        let mut desk = Desk::closed(parts);
        desk.done("1", Key::Open);
        // Calls that have passed who starves longest; and for each who starves, the calls at most until its own.
        let mut passed = 0;
        let mut calls_left: BTreeMap<String, usize> = BTreeMap::new();
        for (minutes, tax, calls) in steps {
            desk.wait(minutes * MINUTE_MS);
            desk.take(if tax { "tax" } else { "social" });
            for _ in 0..calls {
                desk.wait(GUARD_MS);
                let before = desk.hall.clone();
                let Some(called) = desk.call("1") else { continue };
                let at = desk.hall.at().unix_ms();
                let waiting = before.tickets().filter(|ticket| ticket.state.waits());
                let starves_ms = i64::from(starvation_minutes) * MINUTE_MS;
                let mut starving: Vec<&Ticket> =
                    waiting.filter(|ticket| at - ticket.issued_at.unix_ms() >= starves_ms).collect();
                starving.sort_by_key(|ticket| (ticket.issued_at, ticket.id));
                for (before, ticket) in starving.iter().enumerate() {
                    calls_left.entry(ticket.number.to_string()).or_insert(4 * (before + 1));
                }
                passed = match starving.first() {
                    Some(oldest) if oldest.number.to_string() != called => passed + 1,
                    _ => 0,
                };
                prop_assert!(passed < 4);
                calls_left.remove(&called);
                for left in calls_left.values_mut() {
                    *left -= 1;
                    prop_assert!(*left > 0);
                }
            }
        }
    }

    /// Under fcfs nobody is called who came after somebody who waits for the same window.
    #[test]
    fn fcfs_keeps_its_bound(
        steps in prop::collection::vec((any::<bool>(), any::<bool>(), any::<bool>()), 1..60),
    ) {
        let mut desk = routed(Routing::Fcfs);
        let mut taken = Vec::new();
        for (tax, priority, call) in steps {
            desk.wait(GUARD_MS);
            let class = if priority { Class::Serviceman } else { Class::Ordinary };
            taken.push(desk.take_as(class, if tax { "tax" } else { "social" }));
            if call {
                prop_assert_eq!(desk.call("1").unwrap(), taken.remove(0));
            }
        }
    }
}

#[test]
fn an_allocation_that_cannot_be_is_refused() {
    let mut desk = routed(Routing::Fcfs);
    let refused = |desk: &mut Desk, window: &str, primary: &[&str], backup: &[&str]| {
        let (primary, backup) = (list(primary), list(backup));
        desk.order(Order::Allocate { window: id(window), primary, backup }).unwrap_err()
    };
    assert_eq!(refused(&mut desk, "9", &["tax"], &[]), Refusal::UnknownWindow { window: id("9") });
    assert_eq!(refused(&mut desk, "2", &["visa"], &[]), Refusal::UnknownService { service: id("visa") });
    assert_eq!(refused(&mut desk, "2", &[], &["tax"]), Refusal::NothingToServe { window: id("2") });
    for (primary, backup) in
        [(&["tax", "tax"][..], &[][..]), (&["tax"], &["tax"]), (&["social"], &["tax", "tax"])]
    {
        assert_eq!(refused(&mut desk, "2", primary, backup), Refusal::ServiceTwice { service: id("tax") });
    }
    let mut skilled = parts();
    let (clerk, name) = (id("c7"), skilled.name.clone());
    let services = list(&["social"]);
    skilled.clerks = vec![hall_core::plan::Clerk { id: clerk, name, services, backup: None }];
    desk.adopt(skilled);
    let details = Details { clerk: Some(clerk), ..Details::default() };
    desk.with("2", Key::SignOn, details).unwrap();
    assert_eq!(
        refused(&mut desk, "2", &["social"], &["tax"]),
        Refusal::ClerkUnskilled { clerk, window: id("2"), service: Some(id("tax")) }
    );
}
