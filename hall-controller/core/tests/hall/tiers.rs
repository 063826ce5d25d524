//! Primary services first, whatever the policy; a backup one when nobody waits for those, or when it is
//! beyond its target.

use hall_core::command::Order;
use hall_core::event::{CallReason, Event, Services};
use hall_core::plan::{Group, Plan, PlanParts, Routing};
use hall_protocol::payload::{Class, Key};

use crate::management::list;
use crate::support::{Desk, id, parts};

const MINUTE_MS: i64 = 60_000;
const POLICIES: [Routing; 4] =
    [Routing::Fcfs, Routing::Priority, Routing::Accumulating, Routing::ServiceLevel];

/// Window 2 serves social first, of which one waits too long at once, and helps with tax, which takes
/// a tenth of the time and has all of it.
fn helping(routing: Routing, change: impl FnOnce(&mut PlanParts)) -> Desk {
    let mut parts = parts();
    parts.policy.routing = routing;
    parts.services[0].target_minutes = 60;
    parts.services[0].usual_seconds = Some(1_200);
    parts.services[1].target_minutes = 20;
    parts.services[1].usual_seconds = Some(120);
    change(&mut parts);
    let mut desk = Desk::open();
    desk.adopt(parts);
    let (primary, backup) = (list(&["social"]), list(&["tax"]));
    desk.order(Order::Allocate { window: id("2"), primary, backup }).unwrap();
    desk
}

fn why(desk: &Desk) -> CallReason {
    let call = desk.journal.iter().rev().find_map(|stamped| match &stamped.event {
        Event::Called { why, .. } => Some(why.clone()),
        _ => None,
    });
    call.unwrap()
}

#[test]
fn no_backup_service_within_its_target_is_called_while_somebody_waits_for_a_primary_one() {
    for routing in POLICIES {
        let mut desk = helping(routing, |_| ());
        for _ in 0..3 {
            desk.take("tax");
        }
        desk.wait(15 * MINUTE_MS);
        desk.take("social");
        desk.take_as(Class::Elderly, "tax");
        assert_eq!(desk.call("2").as_deref(), Some("A001"), "{routing:?}");
        assert!(desk.call("2").unwrap().starts_with('B'), "{routing:?}");
    }
}

#[test]
fn a_backup_service_beyond_its_target_is_weighed_with_the_primary_ones() {
    for routing in POLICIES {
        let mut desk = helping(routing, |_| ());
        desk.take("tax");
        desk.wait(21 * MINUTE_MS);
        desk.take("social");
        assert_eq!(desk.call("2").as_deref(), Some("B001"), "{routing:?}");
        // By age the primary one has its turn all the same.
        let mut desk = helping(routing, |parts| parts.services[1].target_minutes = 5);
        desk.take("social");
        desk.wait(MINUTE_MS);
        desk.take("tax");
        desk.wait(6 * MINUTE_MS);
        let first = desk.call("2").unwrap();
        assert_eq!(first == "A001", routing != Routing::ServiceLevel, "{routing:?}");
    }
}

#[test]
fn tiers_hold_over_groups_that_go_by_service_level() {
    let mut desk = helping(Routing::Fcfs, |parts| {
        parts.policy.groups = vec![Group {
            id: id("tax"),
            name: None,
            services: list(&["tax"]),
            routing: Routing::ServiceLevel,
        }];
    });
    desk.take("tax");
    desk.wait(MINUTE_MS);
    desk.take("social");
    assert_eq!(desk.call("2").as_deref(), Some("A001"));
}

#[test]
fn who_waits_for_a_backup_service_does_not_starve() {
    for routing in POLICIES {
        let mut desk = helping(routing, |parts| {
            parts.services[1].target_minutes = 480;
            parts.policy.starvation_minutes = 30;
        });
        desk.take("tax");
        desk.wait(31 * MINUTE_MS);
        desk.take("social");
        assert_eq!(desk.call("2").as_deref(), Some("B001"), "{routing:?}");
        if routing == Routing::Fcfs {
            assert_eq!(why(&desk), CallReason::Oldest { services: 2 }, "{routing:?}");
        }
    }
}

#[test]
fn the_reason_says_why_a_backup_service_is_called_and_counts_all_that_people_wait_for() {
    let mut desk = helping(Routing::ServiceLevel, |parts| {
        parts.policy.groups =
            vec![Group { id: id("land"), name: None, services: list(&["property"]), routing: Routing::Fcfs }];
    });
    desk.take("tax");
    desk.wait(MINUTE_MS);
    desk.call("2");
    assert_eq!(why(&desk), CallReason::Backup { over_minutes: -19 }, "nobody waits for social");
    let (primary, backup) = (list(&["social", "property"]), list(&["tax"]));
    desk.order(Order::Allocate { window: id("2"), primary, backup }).unwrap();
    for service in ["social", "property", "tax"] {
        desk.wait(MINUTE_MS);
        desk.take(service);
    }
    desk.call("2");
    assert_eq!(why(&desk), CallReason::Target { over_minutes: -58, services: 3 });
    desk.wait(25 * MINUTE_MS);
    desk.order(Order::Allocate { window: id("2"), primary: list(&["property"]), backup: list(&["tax"]) })
        .unwrap();
    desk.take("social");
    desk.call("2");
    assert!(
        matches!(why(&desk), CallReason::Oldest { services: 2 } | CallReason::Backup { .. }),
        "{:?}",
        why(&desk)
    );
}

#[test]
fn who_starves_by_service_level_does_not_wait_for_another_groups_calls() {
    let mut parts = parts();
    parts.windows[0].services = list(&["social", "tax", "property"]);
    parts.policy.starvation_minutes = 30;
    parts.policy.routing = Routing::ServiceLevel;
    parts.policy.groups =
        vec![Group { id: id("land"), name: None, services: list(&["property"]), routing: Routing::Fcfs }];
    // Nothing but starvation would ever call tax.
    parts.services[1].target_minutes = 480;
    parts.services[1].usual_seconds = Some(7_200);
    parts.services[0].usual_seconds = Some(30);
    let mut desk = Desk::closed(parts);
    desk.done("1", Key::Open);
    desk.take("tax");
    desk.wait(60 * MINUTE_MS);
    let mut called = Vec::new();
    for _ in 0..4 {
        desk.take("property");
        desk.wait(1_000);
        desk.take("social");
        called.extend([desk.call("1").unwrap(), desk.call("1").unwrap()]);
    }
    assert_eq!(called[..4], ["C001", "A001", "C002", "B001"], "{called:?}");
}

#[test]
fn the_plan_gives_a_window_its_backup_services_and_an_undo_goes_back_to_them() {
    let mut parts = parts();
    parts.windows[1].backup = list(&["tax"]);
    let mut desk = Desk::closed(parts);
    desk.done("2", Key::Open);
    desk.take("tax");
    desk.wait(MINUTE_MS);
    desk.take("social");
    assert_eq!(desk.call("2").as_deref(), Some("A001"));
    desk.wait(MINUTE_MS);
    assert_eq!(desk.call("2").as_deref(), Some("B001"));
    assert_eq!(why(&desk), CallReason::Backup { over_minutes: -13 });
    let served = |desk: &Desk| desk.view().window(id("2")).unwrap().services.clone();
    let planned = Services { primary: list(&["social"]), backup: list(&["tax"]) };
    assert_eq!(served(&desk), planned);
    desk.order(Order::Allocate { window: id("2"), primary: list(&["property"]), backup: Vec::new() })
        .unwrap();
    desk.order(Order::Undo { window: id("2") }).unwrap();
    assert_eq!(served(&desk), planned);
}

#[test]
fn no_plan_has_a_service_in_both_tiers_of_a_window_or_one_that_does_not_exist() {
    for (service, told) in [
        ("social", "window 2 names service social twice"),
        ("fishing", "window 2 names service fishing, which does not exist"),
    ] {
        let mut parts = parts();
        parts.windows[1].backup = list(&[service]);
        assert_eq!(Plan::new(parts).unwrap_err().to_string(), told);
    }
}
