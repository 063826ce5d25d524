//! Another call for who did not come (滞后): after so many calls of the service, once.

use hall_core::event::Event;
use hall_core::refusal::Refusal;
use hall_core::ticket::TicketState;
use hall_protocol::payload::Key;

use crate::support::{DAY_MS, Desk, id, parts, parts_without, replayed};

/// A001 did not come to window 2, where a citizen is given another call after two others.
fn deferred(others: usize) -> Desk {
    let mut plan = parts();
    plan.policy.defer_no_show_calls = 2;
    let mut desk = Desk::open();
    desk.adopt(plan);
    for _ in 0..=others {
        desk.take("social");
    }
    desk.call("2");
    let key = desk.key("2", Key::NoShow);
    let events = desk.tried(&key).unwrap();
    assert!(matches!(&events[..], [Event::Deferred { after_calls: 2, .. }]), "{events:?}");
    desk
}

#[test]
fn who_does_not_come_is_called_again_after_so_many_others() {
    let mut desk = deferred(4);
    assert_eq!(desk.state("A001"), TicketState::Deferred { calls_left: 2 });
    let called = [(); 4].map(|()| desk.call("2").unwrap());
    assert_eq!(called, ["A002", "A003", "A001", "A004"]);
    assert_eq!(replayed(id("county"), &desk.journal), desk.hall);
}

#[test]
fn who_does_not_come_the_second_time_is_missed() {
    let mut desk = deferred(4);
    for _ in 0..3 {
        desk.call("2").unwrap();
    }
    assert_eq!(desk.hand("2").as_deref(), Some("A001"));
    desk.done("2", Key::NoShow);
    assert_eq!(desk.state("A001"), TicketState::Missed);
    desk.about("2", Key::Return, "A001").unwrap();
    assert_eq!(desk.call("2").as_deref(), Some("A001"));
    desk.done("2", Key::NoShow);
    assert_eq!(desk.state("A001"), TicketState::Missed, "also after coming back");
}

#[test]
fn without_the_rule_a_no_show_is_missed_at_once() {
    let mut desk = Desk::open();
    desk.take("social");
    desk.call("2");
    desk.done("2", Key::NoShow);
    assert_eq!(desk.state("A001"), TicketState::Missed);
}

#[test]
fn the_deferred_are_called_before_their_time_when_nobody_else_waits_for_the_service() {
    let mut desk = deferred(1);
    assert_eq!(desk.call("2").as_deref(), Some("A002"));
    assert_eq!(desk.state("A001"), TicketState::Deferred { calls_left: 1 });
    assert_eq!(desk.call("2").as_deref(), Some("A001"));
    assert_eq!(desk.call("2"), None);
}

#[test]
fn at_a_window_of_several_services_who_waited_before_the_no_show_comes_first() {
    let mut desk = deferred(0);
    desk.wait(-1);
    desk.take("tax");
    assert_eq!(desk.call("1").as_deref(), Some("A001"), "it was deferred before B001 came");
    let mut desk = Desk::closed(parts());
    desk.done("1", Key::Open);
    desk.done("2", Key::Open);
    let mut plan = parts();
    plan.policy.defer_no_show_calls = 2;
    desk.adopt(plan);
    desk.take("social");
    desk.wait(10);
    desk.take("tax");
    desk.call("2");
    desk.done("2", Key::NoShow);
    assert_eq!([desk.call("1"), desk.call("1")].map(Option::unwrap), ["B001", "A001"]);
}

#[test]
fn the_deferred_wait_and_are_counted_so() {
    let mut desk = deferred(2);
    assert_eq!((desk.hall.totals().waiting, desk.hall.waiting(id("social"))), (3, 3));
    assert_eq!((desk.window("2").waiting, desk.window("2").ticket), (3, None));
    assert!(desk.numbers("east").is_empty());
    assert_eq!(desk.take("social").1, 3);
}

#[test]
fn calls_of_other_services_do_not_count() {
    let mut desk = deferred(3);
    for _ in 0..3 {
        desk.take("tax");
        desk.call("3");
    }
    assert_eq!(desk.state("A001"), TicketState::Deferred { calls_left: 2 });
}

#[test]
fn the_deferred_may_be_picked_or_cancelled_but_need_not_come_back() {
    let mut desk = deferred(2);
    let back = Err(Refusal::NotMissed { number: id("A001") });
    assert_eq!(desk.about("2", Key::Return, "A001"), back);
    let elsewhere = Err(Refusal::NotServedHere { number: id("A001") });
    assert_eq!(desk.about("3", Key::Pick, "A001"), elsewhere);
    desk.about("1", Key::Pick, "A001").unwrap();
    assert_eq!(desk.hand("1").as_deref(), Some("A001"));
    let mut desk = deferred(2);
    desk.about("2", Key::Cancel, "A001").unwrap();
    assert_eq!((desk.hall.totals().waiting, desk.hall.totals().cancelled), (2, 1));
}

#[test]
fn an_armed_window_calls_who_is_deferred_elsewhere() {
    let mut plan = parts();
    plan.policy.defer_no_show_calls = 2;
    plan.policy.armed_next = true;
    let mut desk = Desk::open();
    desk.adopt(plan);
    desk.take("social");
    desk.call("2");
    desk.call("1");
    assert!(desk.window("1").armed);
    desk.done("2", Key::NoShow);
    assert_eq!(desk.hand("1").as_deref(), Some("A001"));
}

#[test]
fn the_deferred_expire_with_their_day_and_their_service() {
    let mut desk = deferred(1);
    desk.adopt(parts_without("social"));
    assert_eq!((desk.hall.totals().expired, desk.hall.totals().waiting), (2, 0));
    let mut desk = deferred(1);
    desk.wait(DAY_MS);
    desk.take("tax");
    assert_eq!((desk.hall.totals().issued, desk.hall.waiting(id("social"))), (1, 0));
}

#[test]
fn another_plan_keeps_the_deferred_and_their_count() {
    let mut desk = deferred(3);
    desk.call("2");
    let mut plan = parts();
    plan.services.reverse();
    desk.adopt(plan);
    let called = [(); 3].map(|()| desk.call("2").unwrap());
    assert_eq!(called, ["A003", "A001", "A004"]);
}
