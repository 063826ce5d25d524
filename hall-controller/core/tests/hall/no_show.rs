//! No-shows: when a citizen may be given up, and how one comes back.

use hall_core::answer::Answer;
use hall_core::command::Command;
use hall_core::event::{Device, Event};
use hall_core::plan::{PlanParts, Policy, Seniority};
use hall_core::refusal::Refusal;
use hall_core::ticket::TicketState;
use hall_protocol::payload::Key;

use crate::support::{Desk, HOUR_MS, id, parts, parts_without};

fn with_policy(change: impl FnOnce(&mut Policy)) -> Desk {
    let mut parts: PlanParts = parts();
    change(&mut parts.policy);
    let mut desk = Desk::open();
    desk.adopt(parts);
    desk
}

fn missed(desk: &mut Desk) {
    desk.take("social");
    desk.call("2");
    desk.done("2", Key::NoShow);
}

#[test]
fn a_no_show_needs_its_recalls_and_its_time() {
    let mut desk = with_policy(|policy| {
        policy.no_show_after_recalls = 2;
        policy.no_show_after_ms = 30_000;
    });
    desk.take("social");
    desk.call("2");
    let soon = |recalls, seconds| Refusal::NoShowTooSoon { number: id("A001"), recalls, seconds };
    desk.wait(500);
    assert_eq!(desk.refused("2", Key::NoShow), soon(2, 30));
    desk.done("2", Key::Recall);
    desk.wait(9_500);
    desk.done("2", Key::Recall);
    assert_eq!(desk.refused("2", Key::NoShow), soon(0, 20), "a recall does not begin the time anew");
    desk.wait(20_000);
    desk.done("2", Key::NoShow);
    assert_eq!(desk.state("A001"), TicketState::Missed);
}

#[test]
fn enough_time_without_the_recalls_is_not_enough() {
    let mut desk = with_policy(|policy| policy.no_show_after_recalls = 1);
    desk.take("social");
    desk.call("2");
    desk.wait(HOUR_MS);
    let soon = Refusal::NoShowTooSoon { number: id("A001"), recalls: 1, seconds: 0 };
    assert_eq!(desk.refused("2", Key::NoShow), soon);
}

#[test]
fn a_clock_that_was_set_back_keeps_no_clerk_from_a_no_show() {
    let mut desk = with_policy(|policy| policy.no_show_after_ms = 30_000);
    desk.take("social");
    desk.call("2");
    desk.wait(-HOUR_MS);
    desk.done("2", Key::NoShow);
    desk.take("social");
    desk.done("2", Key::Next);
    desk.wait(29_999);
    assert!(matches!(desk.refused("2", Key::NoShow), Refusal::NoShowTooSoon { seconds: 1, .. }));
    desk.wait(1);
    desk.done("2", Key::NoShow);
}

#[test]
fn who_comes_back_within_the_grace_time_waits_by_the_time_of_the_ticket() {
    let mut desk = Desk::open();
    missed(&mut desk);
    desk.take("social");
    desk.wait(30 * 60_000);
    let events = desk.about("1", Key::Return, "A001").unwrap();
    assert!(matches!(&events[..], [Event::Returned { window: None, .. }]));
    assert_eq!((desk.state("A001"), desk.hall.totals().missed), (TicketState::Waiting, 0));
    assert_eq!(desk.call("2"), Some("A001".into()), "before A002, which was taken later");
}

#[test]
fn who_comes_back_may_have_to_stand_at_the_back() {
    let mut desk = with_policy(|policy| policy.return_seniority = Seniority::Back);
    missed(&mut desk);
    desk.take("social");
    desk.about("2", Key::Return, "A001").unwrap();
    // In the same millisecond, and still behind.
    desk.take("social");
    let called = [desk.call("2"), desk.call("2"), desk.call("2")];
    assert_eq!(called.map(Option::unwrap), ["A002", "A001", "A003"]);
}

#[test]
fn after_the_grace_time_a_new_ticket_is_needed() {
    let mut desk = Desk::open();
    missed(&mut desk);
    desk.wait(30 * 60_000 + 1);
    let over = Refusal::GraceOver { number: id("A001"), minutes: 30 };
    assert_eq!(desk.about("2", Key::Return, "A001"), Err(over));
    let mut never = with_policy(|policy| policy.return_grace_minutes = 0);
    missed(&mut never);
    let over = Refusal::GraceOver { number: id("A001"), minutes: 0 };
    assert_eq!(never.about("2", Key::Return, "A001"), Err(over));
}

#[test]
fn a_citizen_comes_back_at_a_kiosk_and_hears_how_many_are_before() {
    let mut desk = Desk::open();
    desk.take("social");
    missed(&mut desk);
    desk.take("social");
    // A001 was missed; A002 and A003 wait, both taken later.
    let press = desk.next_press(Device::Kiosk(id("K2")));
    let back = Command::Return { press, age_ms: 0, number: id("A001") };
    let decision = desk.give(&back).unwrap();
    let Some(Answer::Ticket { number, service, ahead, .. }) = decision.answer.clone() else {
        panic!("{decision:?}")
    };
    assert_eq!((number, service, ahead), (id("A001"), id("social"), 0));
    assert!(desk.give(&back).unwrap().repeated);
    assert_eq!(desk.hall.totals().waiting, 3);
    let press = desk.next_press(Device::Kiosk(id("K2")));
    let again = Command::Return { press, age_ms: 0, number: id("A001") };
    assert_eq!(desk.tried(&again), Err(Refusal::NotMissed { number: id("A001") }));
    let press = desk.next_press(Device::Kiosk(id("K2")));
    let unknown = Command::Return { press, age_ms: 0, number: id("A044") };
    assert_eq!(desk.tried(&unknown), Err(Refusal::UnknownNumber { number: id("A044") }));
}

#[test]
fn a_citizen_who_leaves_gives_the_number_up_at_a_kiosk() {
    let mut desk = Desk::open();
    (0..3).for_each(|_| drop(desk.take("social")));
    desk.call("2");
    let leaves = |desk: &mut Desk, number: &str| {
        let press = desk.next_press(Device::Kiosk(id("K2")));
        Command::Cancel { press, age_ms: 0, number: id(number) }
    };
    let asked = leaves(&mut desk, "A002");
    let decision = desk.give(&asked).unwrap();
    assert_eq!(decision.answer, Some(Answer::Cancelled { number: id("A002") }));
    let [cancelled] = &decision.events[..] else { panic!("{decision:?}") };
    assert!(matches!(&cancelled.event, Event::Cancelled { reason: None, replaced_by: None, .. }));
    assert!(desk.give(&asked).unwrap().repeated, "asked again, answered as before");
    assert_eq!(desk.hall.totals().waiting, 1);
    for (number, refusal) in [
        ("A001", Refusal::NotWaiting { number: id("A001") }),
        ("A002", Refusal::NotWaiting { number: id("A002") }),
        ("A044", Refusal::UnknownNumber { number: id("A044") }),
    ] {
        let asked = leaves(&mut desk, number);
        assert_eq!(desk.tried(&asked), Err(refusal));
    }
    desk.done("2", Key::Park);
    let asked = leaves(&mut desk, "A001");
    assert!(desk.tried(&asked).is_ok(), "who went for a paper and is not coming back");
    assert_eq!((desk.hall.totals().parked, desk.window("2").parked.len()), (0, 0));
    assert_eq!(desk.call("1").as_deref(), Some("A003"));
}

#[test]
fn only_who_was_missed_or_parked_comes_back() {
    let mut desk = Desk::open();
    desk.take("social");
    let refused = Err(Refusal::NotMissed { number: id("A001") });
    assert_eq!(desk.about("2", Key::Return, "A001"), refused);
    desk.call("2");
    assert_eq!(desk.about("2", Key::Return, "A001"), refused);
    desk.done("2", Key::Finish);
    assert_eq!(desk.about("2", Key::Return, "A001"), refused);
}

#[test]
fn nobody_comes_back_to_a_service_that_left_the_plan() {
    let mut desk = Desk::open();
    desk.take("tax");
    desk.call("1");
    desk.done("1", Key::NoShow);
    desk.adopt(parts_without("tax"));
    let gone = Refusal::UnknownService { service: id("tax") };
    assert_eq!(desk.about("2", Key::Return, "B001"), Err(gone));
}
