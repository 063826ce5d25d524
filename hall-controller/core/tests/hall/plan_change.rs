//! A new plan during the day: who is displaced, what stays, and that no number comes twice.

use hall_core::event::{Event, ExpiryReason, RequeueReason};
use hall_core::ticket::TicketState;
use hall_protocol::payload::{Key, WindowMode};

use crate::support::{DAY_MS, Desk, id, parts, parts_without, replayed, service};

fn names(events: &[Event]) -> Vec<&'static str> {
    events.iter().map(Event::name).collect()
}

#[test]
fn the_same_plan_again_changes_nothing() {
    let mut desk = Desk::open();
    assert!(desk.adopt(parts()).is_empty());
}

#[test]
fn what_both_plans_have_stays_as_it_is() {
    let mut desk = Desk::open();
    desk.take("social");
    desk.take("tax");
    desk.call("1");
    let mut shuffled = parts();
    shuffled.windows.reverse();
    shuffled.services.reverse();
    shuffled.zones.reverse();
    assert_eq!(names(&desk.adopt(shuffled)), ["plan_adopted"]);
    assert_eq!(desk.hand("1"), Some("A001".into()));
    assert_eq!(desk.window("2").mode, WindowMode::Open);
    assert_eq!(desk.numbers("east"), ["A001"]);
    assert_eq!(desk.hall.waiting(id("tax")), 1);
    assert_eq!(desk.take("social"), ("A002".into(), 0));
    assert_eq!(desk.call("3"), Some("B001".into()));
}

#[test]
fn tickets_of_a_service_that_is_gone_expire_in_queue_and_hand() {
    let mut desk = Desk::open();
    desk.take("tax");
    desk.take("tax");
    desk.call("1");
    let events = desk.adopt(parts_without("tax"));
    assert_eq!(names(&events), ["expired", "expired", "plan_adopted"]);
    assert!(
        matches!(&events[0], Event::Expired { window: Some(window), why: ExpiryReason::ServiceWithdrawn, .. }
        if *window == id("1"))
    );
    assert!(matches!(&events[1], Event::Expired { window: None, .. }));
    assert_eq!((desk.hand("1"), desk.hall.totals().expired), (None, 2));
}

#[test]
fn a_ticket_at_a_window_that_is_gone_goes_back_with_its_seniority() {
    let mut desk = Desk::open();
    for _ in 0..3 {
        desk.take("social");
        desk.wait(10);
    }
    desk.call("1");
    desk.call("2");
    let mut without_one = parts();
    without_one.windows.remove(0);
    let events = desk.adopt(without_one);
    assert_eq!(names(&events), ["requeued", "plan_adopted"]);
    assert!(matches!(&events[0], Event::Requeued { why: RequeueReason::WindowWithdrawn, .. }));
    assert_eq!(desk.hall.tickets().next().unwrap().state, TicketState::Waiting);
    assert_eq!(desk.numbers("east"), ["A002"]);
    assert_eq!(desk.call("2"), Some("A001".into()), "before A003, which came later");
}

#[test]
fn a_board_keeps_its_order_through_a_plan_change() {
    let mut desk = Desk::open();
    desk.take("social");
    desk.take("social");
    desk.take("tax");
    desk.wait(5_000);
    // Three calls in one millisecond, then the first of them again.
    for window in ["1", "2", "3"] {
        desk.done(window, Key::Next);
    }
    assert_eq!(desk.numbers("east"), ["B001", "A002", "A001"]);
    let mut renamed = parts();
    renamed.windows[0].label = "1A".into();
    desk.adopt(renamed);
    assert_eq!(desk.numbers("east"), ["B001", "A002", "A001"]);
    desk.wait(1_000);
    desk.done("1", Key::Recall);
    let board = desk.board("east");
    desk.adopt(parts());
    let kept: Vec<_> = board.iter().map(|call| (call.number, call.called_at, call.recalls)).collect();
    let after: Vec<_> =
        desk.board("east").iter().map(|call| (call.number, call.called_at, call.recalls)).collect();
    assert_eq!(after, kept);
    assert_eq!(desk.numbers("east"), ["A001", "B001", "A002"]);
}

#[test]
fn calls_follow_their_service_to_another_zone_by_when_they_were_last_called() {
    let mut desk = Desk::open();
    desk.take("social");
    desk.take("property");
    desk.take("social");
    desk.call("2");
    desk.call("3");
    desk.call("1");
    desk.wait(1_000);
    desk.done("3", Key::Recall);
    let mut all_west = parts();
    all_west.services.iter_mut().for_each(|service| service.zone = id("west"));
    desk.adopt(all_west);
    assert!(desk.numbers("east").is_empty());
    assert_eq!(desk.numbers("west"), ["C001", "A002", "A001"]);
}

#[test]
fn a_service_that_comes_back_the_same_day_goes_on_counting() {
    let mut desk = Desk::open();
    desk.take("tax");
    desk.take("tax");
    desk.adopt(parts_without("tax"));
    desk.adopt(parts());
    assert_eq!(desk.take("tax"), ("B003".into(), 0));
    assert_eq!(desk.view().services[1].issued, 3, "issued this business day");
    desk.wait(DAY_MS);
    assert_eq!(desk.take("tax").0, "B001");
    assert_eq!(desk.view().services[1].issued, 1);
}

#[test]
fn letters_handed_to_another_service_repeat_no_number() {
    let mut desk = Desk::open();
    desk.take("tax");
    desk.take("tax");
    let mut handed = parts_without("tax");
    handed.services.push(service("fishing", "B", "east"));
    handed.windows[0].services.push(id("fishing"));
    handed.kiosks[0].services.push(id("fishing"));
    desk.adopt(handed);
    assert_eq!(desk.take("fishing"), ("B003".into(), 0));
    assert_eq!(desk.view().services.last().unwrap().issued, 1);
}

#[test]
fn a_window_that_comes_back_is_closed_and_empty() {
    let mut desk = Desk::open();
    let mut without_two = parts();
    without_two.windows.remove(1);
    desk.adopt(without_two);
    desk.adopt(parts());
    assert_eq!((desk.window("2").mode, desk.window("1").mode), (WindowMode::Closed, WindowMode::Open));
}

#[test]
fn a_replay_passes_through_the_same_plans() {
    let mut desk = Desk::open();
    desk.take("tax");
    desk.adopt(parts_without("tax"));
    desk.take("social");
    desk.adopt(parts());
    desk.take("tax");
    assert_eq!(replayed(id("county"), &desk.journal), desk.hall);
}
