//! Priority classes: before their turn, but within a quota, so that nobody starves.

use hall_core::command::Command;
use hall_core::event::{CallReason, Device, Event};
use hall_core::refusal::Refusal;
use hall_protocol::payload::Class;
use proptest::prelude::*;

use crate::support::{Desk, GUARD_MS, id, parts};

#[test]
fn one_call_in_three_passes_ordinary_tickets_and_the_journal_says_so() {
    let mut desk = Desk::open();
    for _ in 0..5 {
        desk.take("social");
    }
    for _ in 0..3 {
        desk.take_as(Class::Elderly, "social");
    }
    let called: Vec<_> = (0..8).map(|_| desk.call("2").unwrap()).collect();
    assert_eq!(called, ["A006", "A001", "A002", "A007", "A003", "A004", "A008", "A005"]);
    let passes = desk.journal.iter().filter(|stamped| {
        matches!(stamped.event, Event::Called { why: CallReason::Priority { class: Class::Elderly }, .. })
    });
    assert_eq!(passes.count(), 3);
}

#[test]
fn whose_turn_it_is_passes_nobody_and_uses_up_no_quota() {
    let mut desk = Desk::open();
    desk.take_as(Class::Pregnant, "social");
    desk.take("social");
    desk.take_as(Class::Disabled, "social");
    let called: Vec<_> = (0..3).map(|_| desk.call("2").unwrap()).collect();
    assert_eq!(called, ["A001", "A003", "A002"]);
}

#[test]
fn each_service_has_a_quota_of_its_own() {
    let mut desk = Desk::open();
    for service in ["social", "tax"] {
        desk.take(service);
        desk.take_as(Class::Serviceman, service);
    }
    let called: Vec<_> = (0..4).map(|_| desk.call("1").unwrap()).collect();
    assert_eq!(called, ["A002", "B002", "A001", "B001"]);
}

#[test]
fn a_kiosk_grants_only_the_classes_it_may() {
    let mut desk = Desk::open();
    let press = desk.next_press(Device::Kiosk(id("K2")));
    let take =
        Command::Take { press, age_ms: 0, service: id("social"), class: Class::Returning, also: Vec::new() };
    assert_eq!(desk.tried(&take), Err(Refusal::ClassNotGranted { class: Class::Returning }));
}

#[test]
fn a_kiosk_planned_before_there_were_classes_grants_ordinary_tickets() {
    let mut plan = serde_json::to_value(parts()).unwrap();
    plan["kiosks"][1].as_object_mut().unwrap().remove("classes").unwrap();
    assert_eq!(serde_json::from_value::<hall_core::plan::PlanParts>(plan).unwrap(), parts());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn no_ordinary_ticket_waits_longer_than_the_bound(
        quota in 2_u16..6,
        classes in prop::collection::vec(any::<bool>(), 1..40),
        later in prop::collection::vec(any::<bool>(), 0..40),
    ) {
        let mut desk = Desk::open();
        let mut plan = parts();
        plan.policy.priority_quota = quota;
        desk.adopt(plan);
        let class = |priority: bool| if priority { Class::Elderly } else { Class::Ordinary };
        let taken: Vec<_> =
            classes.iter().map(|priority| (*priority, desk.take_as(class(*priority), "social"))).collect();
        // Priority tickets go on coming, one with each call.
        let mut called = Vec::new();
        let mut later = later.into_iter();
        desk.wait(GUARD_MS);
        while let Some(number) = desk.hall.totals().waiting.gt(&0).then(|| desk.call("2")).flatten() {
            called.push(number);
            if later.next() == Some(true) {
                desk.take_as(Class::Elderly, "social");
            }
        }
        for (before, (priority, number)) in taken.iter().enumerate() {
            let calls = 1 + called.iter().position(|other| other == number).unwrap();
            let bound = before + 2 + before / usize::from(quota - 1);
            prop_assert!(*priority || calls <= bound, "{number}: {calls} calls, {bound} promised");
        }
    }
}
