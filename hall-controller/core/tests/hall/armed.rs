//! Armed windows: NEXT with nobody waiting, and whoever comes then is called at once.

use hall_core::answer::Answer;
use hall_core::event::{CallReason, Cause, Device, Event, PressId, Rule};
use hall_core::refusal::Refusal;
use hall_protocol::payload::Key;

use crate::support::{DAY_MS, Desk, GUARD_MS, id, parts, replayed};

fn desk() -> Desk {
    let mut desk = Desk::open();
    let mut plan = parts();
    plan.policy.armed_next = true;
    desk.adopt(plan);
    desk
}

#[test]
fn next_with_nobody_waiting_arms_the_window_and_the_next_ticket_is_called_there() {
    let mut desk = desk();
    let next = desk.key("2", Key::Next);
    assert!(matches!(
        desk.give(&next).unwrap().answer,
        Some(Answer::Window { ticket: None, armed: true, .. })
    ));
    assert!(desk.window("2").armed);
    desk.wait(60_000);
    assert_eq!(desk.take("social"), ("A001".into(), 0));
    assert_eq!((desk.hand("2").as_deref(), desk.window("2").armed), (Some("A001"), false));
    let [issued, called] = &desk.journal[desk.journal.len() - 2..] else { panic!() };
    assert!(issued.answer.is_some() && matches!(issued.cause, Cause::Press(_)));
    assert_eq!((called.cause, called.answer.as_ref()), (Cause::Rule(Rule::ArmedNext), None));
    let armed_by = PressId { device: Device::Pad(id("2")), session: 1, seq: 2 };
    assert!(matches!(&called.event, Event::Called { why: CallReason::Armed { press: Some(press) }, .. }
        if *press == armed_by));
    assert_eq!(replayed(id("county"), &desk.journal), desk.hall);
}

#[test]
fn the_kiosk_gets_the_same_ticket_again_and_nobody_is_called_twice() {
    let mut desk = desk();
    desk.done("2", Key::Next);
    let request = desk.request("K1", "social");
    let first = desk.give(&request).unwrap();
    let again = desk.give(&request).unwrap();
    assert_eq!((again.answer, again.repeated), (first.answer, true));
    assert_eq!((desk.hall.totals().issued, desk.hall.totals().called), (1, 1));
    assert_eq!(desk.refused("2", Key::Next), Refusal::JustCalled { number: id("A001") });
}

#[test]
fn next_that_finishes_with_nobody_waiting_arms_as_well() {
    let mut desk = desk();
    desk.take("social");
    desk.call("2");
    assert_eq!(desk.call("2"), None);
    assert!(desk.window("2").armed);
    assert_eq!(desk.hall.totals().finished, 1);
}

#[test]
fn of_two_armed_windows_the_longest_armed_calls_first() {
    let mut desk = desk();
    desk.done("2", Key::Next);
    desk.done("1", Key::Next);
    // A ticket only the second may call does not use up the first.
    desk.take("tax");
    assert_eq!((desk.hand("1").as_deref(), desk.hand("2")), (Some("B001"), None));
    desk.done("1", Key::Finish);
    desk.done("1", Key::Next);
    desk.take("social");
    desk.take("social");
    assert_eq!((desk.hand("2").as_deref(), desk.hand("1").as_deref()), (Some("A001"), Some("A002")));
}

#[test]
fn an_armed_window_is_not_armed_again_and_is_disarmed_by_its_keys() {
    for key in [Key::Disarm, Key::Finish, Key::Pause, Key::Close] {
        let mut desk = desk();
        desk.done("2", Key::Next);
        assert_eq!(desk.refused("2", Key::Next), Refusal::AlreadyArmed { window: id("2") });
        desk.done("2", key);
        assert!(!desk.window("2").armed, "{key:?}");
        desk.take("social");
        assert_eq!(desk.hand("2"), None, "{key:?}");
        assert_eq!(desk.refused("2", Key::Disarm), Refusal::NotArmed { window: id("2") });
    }
}

#[test]
fn who_comes_back_or_is_sent_is_called_by_an_armed_window_too() {
    let mut desk = desk();
    desk.take("social");
    desk.call("2");
    desk.done("2", Key::Park);
    desk.done("2", Key::Next);
    desk.about("1", Key::Return, "A001").unwrap();
    assert_eq!(desk.hand("2").as_deref(), Some("A001"), "also by the window that had it parked");
    desk.wait(GUARD_MS);
    desk.done("3", Key::Next);
    let events = desk.transfer("2", "", "3").unwrap();
    assert_eq!(events.last().unwrap().name(), "called");
    assert_eq!((desk.hand("2"), desk.hand("3").as_deref()), (None, Some("A001")));
}

#[test]
fn who_waited_for_a_window_that_closes_is_called_by_an_armed_one() {
    let mut desk = desk();
    desk.take("social");
    desk.call("1");
    desk.done("1", Key::Park);
    desk.done("2", Key::Next);
    desk.done("1", Key::Close);
    assert_eq!(desk.hand("2").as_deref(), Some("A001"));
}

#[test]
fn a_pick_a_new_plan_and_the_day_s_end_disarm() {
    let mut desk = desk();
    desk.done("2", Key::Next);
    let mut plan = parts();
    plan.policy.armed_next = true;
    plan.windows[0].label = "1A".into();
    desk.adopt(plan);
    assert!(!desk.window("2").armed);
    desk.take("social");
    assert_eq!(desk.hand("2"), None);
    desk.call("2");
    desk.call("2");
    desk.wait(DAY_MS);
    desk.take("social");
    assert!(!desk.window("2").armed);
}

#[test]
fn without_the_policy_next_with_nobody_waiting_is_refused() {
    let mut desk = Desk::open();
    assert_eq!(desk.refused("2", Key::Next), Refusal::NobodyWaiting { window: id("2") });
}
