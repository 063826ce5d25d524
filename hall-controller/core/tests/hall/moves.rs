//! Tickets that leave the usual turn: picked, cancelled, sent elsewhere, put aside.

use hall_core::command::Details;
use hall_core::event::{CallReason, Device, Event, RequeueReason};
use hall_core::plan::Seniority;
use hall_core::refusal::Refusal;
use hall_core::ticket::TicketState;
use hall_core::view::HallView;
use hall_protocol::payload::{HandState, Key, WindowMode};

use crate::support::{DAY_MS, Desk, GUARD_MS, HOUR_MS, id, parts, parts_without, replayed};

fn names(events: &[Event]) -> Vec<&'static str> {
    events.iter().map(Event::name).collect()
}

fn waiting(services: &[&str]) -> Desk {
    let mut desk = Desk::open();
    for service in services {
        desk.take(service);
        desk.wait(10);
    }
    desk.wait(GUARD_MS);
    desk
}

#[test]
fn why_somebody_was_picked_is_said_of_nobody_else() {
    let mut desk = waiting(&["social", "social"]);
    let why = |desk: &Desk| HallView::of(&desk.hall, 0).window(id("2")).unwrap().why.clone();
    desk.about("2", Key::Pick, "A002").unwrap();
    assert!(matches!(why(&desk), Some(CallReason::Picked { .. })));
    desk.done("2", Key::Finish);
    desk.done("2", Key::WalkIn);
    assert_eq!(why(&desk), None, "a walk-in was not called");
    desk.done("2", Key::Park);
    desk.call("2");
    desk.done("2", Key::Finish);
    let number = desk.window("2").parked[0].to_string();
    desk.about("2", Key::Unpark, &number).unwrap();
    assert_eq!(why(&desk), None, "nor is one that was aside");
}

#[test]
fn a_picked_ticket_is_called_out_of_its_turn_and_the_journal_says_why() {
    let mut desk = waiting(&["social", "social", "social"]);
    let events = desk.about("2", Key::Pick, "A003").unwrap();
    assert!(
        matches!(&events[..], [Event::Called { why: CallReason::Picked { reason }, .. }] if reason == "急事")
    );
    assert_eq!(desk.hand("2").as_deref(), Some("A003"));
    assert_eq!(desk.call("2").as_deref(), Some("A001"), "the others keep their order");
}

#[test]
fn a_pick_finishes_the_ticket_in_hand_and_the_guard_holds_for_it() {
    let mut desk = waiting(&["social", "social", "social"]);
    desk.done("2", Key::Next);
    let just = Err(Refusal::JustCalled { number: id("A001") });
    assert_eq!(desk.about("2", Key::Pick, "A003"), just);
    desk.wait(GUARD_MS);
    assert_eq!(names(&desk.about("2", Key::Pick, "A003").unwrap()), ["started", "finished", "called"]);
    assert_eq!(desk.about("2", Key::Pick, "A003"), Err(Refusal::NotWaiting { number: id("A003") }));
}

#[test]
fn a_pick_needs_a_reason_and_a_number_that_waits_for_this_window() {
    let mut desk = waiting(&["social", "property"]);
    for blank in [None, Some(""), Some("  ")] {
        let details = Details { number: Some(id("A001")), ..Details::default() };
        let command = desk.key_about("2", Key::Pick, details, blank);
        assert_eq!(desk.refused_command(&command), Refusal::ReasonRequired, "{blank:?}");
    }
    assert_eq!(desk.refused("2", Key::Pick), Refusal::NumberRequired);
    assert_eq!(desk.about("2", Key::Pick, "A044"), Err(Refusal::UnknownNumber { number: id("A044") }));
    assert_eq!(desk.about("2", Key::Pick, "C001"), Err(Refusal::NotServedHere { number: id("C001") }));
    desk.done("2", Key::Pause);
    assert_eq!(desk.about("2", Key::Pick, "A001"), Err(Refusal::WindowPaused { window: id("2") }));
}

#[test]
fn a_cancelled_ticket_is_over_and_is_called_by_nobody() {
    let mut desk = waiting(&["social", "social"]);
    let events = desk.about("3", Key::Cancel, "A001").unwrap();
    assert!(matches!(&events[..], [Event::Cancelled { reason: Some(reason), .. }] if reason == "急事"));
    assert_eq!((desk.state("A001"), desk.hall.totals().cancelled), (TicketState::Cancelled, 1));
    assert_eq!(desk.about("3", Key::Cancel, "A001"), Err(Refusal::NotWaiting { number: id("A001") }));
    assert_eq!(desk.call("2").as_deref(), Some("A002"));
    assert_eq!(desk.about("3", Key::Cancel, "A002"), Err(Refusal::NotWaiting { number: id("A002") }));
    assert_eq!(replayed(id("county"), &desk.journal), desk.hall);
}

#[test]
fn a_ticket_put_aside_can_be_cancelled_from_any_window_and_leaves_the_one_that_had_it() {
    let mut desk = waiting(&["social", "social"]);
    desk.call("2");
    desk.done("2", Key::Park);
    let events = desk.about("3", Key::Cancel, "A001").unwrap();
    let [Event::Cancelled { window, reason, replaced_by: None, .. }] = &events[..] else {
        panic!("{events:?}")
    };
    assert_eq!((*window, reason.as_deref()), (Some(id("2")), Some("急事")));
    let pressed = desk.journal.last().unwrap().cause.press().unwrap();
    assert_eq!(pressed.device, Device::Pad(id("3")), "the journal has who");
    assert_eq!(desk.state("A001"), TicketState::Cancelled);
    let totals = desk.hall.totals();
    assert_eq!((totals.parked, totals.cancelled), (0, 1));
    assert!(desk.window("2").parked.is_empty());
    assert_eq!(desk.about("2", Key::Unpark, "A001"), Err(Refusal::NotParkedHere { number: id("A001") }));
    assert_eq!(desk.about("2", Key::Cancel, "A001"), Err(Refusal::NotWaiting { number: id("A001") }));
    assert_eq!(desk.call("2").as_deref(), Some("A002"));
    assert_eq!(desk.hall.violations(), Vec::<String>::new());
    assert_eq!(replayed(id("county"), &desk.journal), desk.hall);
}

#[test]
fn whoever_is_not_in_a_hand_can_be_cancelled_as_long_as_the_ticket_lives() {
    let mut desk = Desk::open();
    let mut plan = parts();
    plan.policy.defer_no_show_calls = 3;
    desk.adopt(plan);
    for _ in 0..4 {
        desk.take("social");
    }
    // Deferred, sent to a window, put aside, in a hand, and done.
    desk.call("2");
    desk.done("2", Key::NoShow);
    assert!(matches!(desk.state("A001"), TicketState::Deferred { .. }));
    desk.call("2");
    desk.transfer("2", "", "1").unwrap();
    desk.call("2");
    desk.done("2", Key::Park);
    desk.call("2");
    for number in ["A001", "A002", "A003"] {
        assert!(desk.about("3", Key::Cancel, number).is_ok(), "{number}");
        assert_eq!(desk.state(number), TicketState::Cancelled, "{number}");
    }
    let in_hand = Err(Refusal::NotWaiting { number: id("A004") });
    assert_eq!(desk.about("3", Key::Cancel, "A004"), in_hand, "its window says how that ends");
    desk.done("2", Key::Finish);
    assert_eq!(desk.about("3", Key::Cancel, "A004"), in_hand);
    assert_eq!(desk.hall.totals().cancelled, 3);
    assert_eq!(replayed(id("county"), &desk.journal), desk.hall);
}

#[test]
fn a_ticket_sent_to_a_service_keeps_number_and_seniority() {
    let mut desk = waiting(&["social", "tax"]);
    desk.call("2");
    let before = desk.hall.tickets().next().unwrap().clone();
    assert_eq!(names(&desk.transfer("2", "tax", "").unwrap()), ["started", "transferred"]);
    assert_eq!(desk.hand("2"), None);
    let after = desk.hall.tickets().next().unwrap().clone();
    assert_eq!((after.id, after.number, after.issued_at), (before.id, before.number, before.issued_at));
    assert_eq!((after.service, after.issued_for), (id("tax"), id("social")));
    assert_eq!(desk.view().services[0].issued, 1, "it counts where it was taken");
    assert_eq!(desk.call("3").as_deref(), Some("A001"), "before B001, which was taken later");
    assert_eq!(desk.window("3").ticket.unwrap().service, id("tax"));
}

#[test]
fn a_sent_ticket_stands_in_front_or_at_the_back_if_the_policy_says_so() {
    for (seniority, order) in
        [(Seniority::Front, ["A001", "B001", "B002"]), (Seniority::Back, ["B001", "B002", "A001"])]
    {
        let mut desk = Desk::open();
        let mut plan = parts();
        plan.policy.transfer_seniority = seniority;
        desk.adopt(plan);
        desk.take("tax");
        desk.take("tax");
        desk.wait(10);
        desk.take("social");
        desk.call("2");
        desk.transfer("2", "tax", "").unwrap();
        let called = [desk.call("3"), desk.call("3"), desk.call("3")];
        assert_eq!(called.map(Option::unwrap), order, "{seniority:?}");
    }
}

#[test]
fn a_ticket_sent_to_the_front_of_a_window_is_its_next_and_an_empty_queue_puts_nobody_behind_his_number() {
    for seniority in [Seniority::Front, Seniority::IssueTime] {
        let mut desk = Desk::open();
        let mut plan = parts();
        plan.policy.transfer_seniority = seniority;
        desk.adopt(plan);
        desk.take("tax");
        desk.wait(10);
        desk.take("social");
        assert_eq!(desk.call("2").as_deref(), Some("A001"));
        desk.wait(10);
        desk.transfer("2", "", "3").unwrap();
        let order = [desk.call("3"), desk.call("3")].map(Option::unwrap);
        let expected = if seniority == Seniority::Front { ["A001", "B001"] } else { ["B001", "A001"] };
        assert_eq!(order, expected, "{seniority:?}");
    }
    let mut desk = Desk::open();
    let mut plan = parts();
    plan.policy.transfer_seniority = Seniority::Front;
    desk.adopt(plan);
    desk.take("social");
    assert_eq!(desk.call("2").as_deref(), Some("A001"));
    desk.wait(10);
    desk.transfer("2", "tax", "").unwrap();
    desk.take("tax");
    let [sent, _] = [desk.call("3"), desk.call("3")];
    assert_eq!(sent.as_deref(), Some("A001"));
}

#[test]
fn a_ticket_sent_to_a_window_waits_for_that_window_alone() {
    let mut desk = waiting(&["social", "social"]);
    desk.call("2");
    desk.transfer("2", "", "1").unwrap();
    assert_eq!(desk.state("A001"), TicketState::WaitingFor { window: id("1") });
    assert_eq!((desk.window("1").waiting, desk.window("2").waiting), (2, 1));
    assert_eq!(desk.about("2", Key::Pick, "A001"), Err(Refusal::NotServedHere { number: id("A001") }));
    assert_eq!(desk.call("2").as_deref(), Some("A002"));
    assert_eq!(desk.call("2"), None);
    assert_eq!(desk.call("1").as_deref(), Some("A001"));
}

#[test]
fn a_ticket_may_be_sent_to_a_window_that_does_not_serve_its_service() {
    let mut desk = waiting(&["social"]);
    desk.call("2");
    desk.transfer("2", "", "3").unwrap();
    assert_eq!(desk.call("3").as_deref(), Some("A001"));
    assert_eq!(desk.window("3").ticket.unwrap().service, id("social"));
}

#[test]
fn a_transfer_needs_another_place_that_is_there() {
    let mut desk = waiting(&["social"]);
    assert_eq!(desk.transfer("2", "tax", ""), Err(Refusal::NoTicketInHand { window: id("2") }));
    desk.call("2");
    desk.done("3", Key::Close);
    let same = Refusal::SamePlace { number: id("A001") };
    for (service, window, refusal) in [
        ("", "", Refusal::TargetRequired),
        ("fishing", "", Refusal::UnknownService { service: id("fishing") }),
        ("", "9", Refusal::UnknownWindow { window: id("9") }),
        ("", "3", Refusal::WindowClosed { window: id("3") }),
        ("social", "", same.clone()),
        ("", "2", same.clone()),
        ("tax", "2", same),
    ] {
        assert_eq!(desk.transfer("2", service, window), Err(refusal), "{service} {window}");
    }
}

#[test]
fn nobody_waits_for_a_window_that_closed() {
    let mut desk = waiting(&["social", "social"]);
    desk.call("2");
    desk.transfer("2", "", "1").unwrap();
    desk.call("1");
    desk.done("1", Key::Park);
    desk.call("2");
    desk.transfer("2", "", "1").unwrap();
    let close = desk.key("1", Key::Close);
    let events = desk.tried(&close).unwrap();
    assert_eq!(names(&events), ["requeued", "requeued", "window_closed"]);
    assert!(matches!(events[0], Event::Requeued { why: RequeueReason::WindowClosed, .. }));
    assert_eq!((desk.hall.waiting(id("social")), desk.window("1").parked.len()), (2, 0));
    assert_eq!(desk.call("2").as_deref(), Some("A001"));
}

#[test]
fn a_parked_ticket_frees_the_window_and_comes_back_into_its_hand() {
    let mut desk = waiting(&["social", "social"]);
    desk.call("2");
    assert_eq!(desk.done("2", Key::Park), (WindowMode::Open, None));
    assert_eq!(desk.window("2").parked, [id("A001")]);
    assert!(desk.numbers("east").is_empty());
    assert_eq!((desk.hall.totals().parked, desk.hall.totals().serving), (1, 0));
    assert_eq!(desk.call("2").as_deref(), Some("A002"));
    let busy = Err(Refusal::TicketInHand { number: id("A002") });
    assert_eq!(desk.about("2", Key::Unpark, "A001"), busy);
    desk.done("2", Key::Finish);
    desk.about("2", Key::Unpark, "A001").unwrap();
    let hand = desk.window("2").ticket.unwrap();
    assert_eq!((hand.number, hand.state), (id("A001"), HandState::Serving));
    assert_eq!(desk.numbers("east"), ["A001"]);
    assert!(desk.window("2").parked.is_empty());
    desk.done("2", Key::Finish);
    assert_eq!(replayed(id("county"), &desk.journal), desk.hall);
}

#[test]
fn a_parked_ticket_is_taken_back_only_where_it_is_parked() {
    let mut desk = waiting(&["social"]);
    let not_here = Err(Refusal::NotParkedHere { number: id("A001") });
    assert_eq!(desk.about("2", Key::Unpark, "A001"), not_here);
    assert_eq!(desk.refused("2", Key::Park), Refusal::NoTicketInHand { window: id("2") });
    desk.call("2");
    desk.done("2", Key::Park);
    assert_eq!(desk.about("1", Key::Unpark, "A001"), not_here);
    desk.done("2", Key::Pause);
    assert_eq!(desk.about("2", Key::Unpark, "A001"), Err(Refusal::WindowPaused { window: id("2") }));
}

#[test]
fn a_parked_ticket_may_go_back_to_those_who_wait_however_long_it_was_away() {
    let mut desk = waiting(&["social"]);
    desk.call("2");
    desk.done("2", Key::Park);
    desk.wait(3 * HOUR_MS);
    desk.take("social");
    desk.about("1", Key::Return, "A001").unwrap();
    assert!(desk.window("2").parked.is_empty());
    assert_eq!(desk.call("1").as_deref(), Some("A001"));
}

#[test]
fn a_plan_without_the_window_sends_back_who_waits_or_is_parked_there() {
    let mut desk = waiting(&["social", "social"]);
    desk.call("1");
    desk.done("1", Key::Park);
    desk.call("2");
    desk.transfer("2", "", "1").unwrap();
    let mut without_one = parts();
    without_one.windows.remove(0);
    assert_eq!(names(&desk.adopt(without_one)), ["requeued", "requeued", "plan_adopted"]);
    assert_eq!(desk.hall.waiting(id("social")), 2);
}

#[test]
fn at_day_end_and_with_their_service_parked_and_sent_tickets_expire() {
    let mut desk = waiting(&["tax", "tax"]);
    desk.call("1");
    desk.done("1", Key::Park);
    desk.call("1");
    desk.transfer("1", "", "3").unwrap();
    let mut other = desk.journal.clone();
    desk.wait(DAY_MS);
    desk.take("social");
    assert_eq!((desk.hall.totals().parked, desk.window("1").parked.len()), (0, 0));
    desk.wait(-DAY_MS);
    desk.hall = replayed(id("county"), &other);
    desk.journal = std::mem::take(&mut other);
    assert_eq!(names(&desk.adopt(parts_without("tax"))), ["expired", "expired", "plan_adopted"]);
    assert_eq!(desk.hall.totals().expired, 2);
}

#[test]
fn a_plan_journaled_before_these_rules_reads_with_their_defaults() {
    let mut plan = serde_json::to_value(parts()).unwrap();
    let policy = plan["policy"].as_object_mut().unwrap();
    policy.retain(|key, _| key == "double_press_guard_ms" || key == "press_age_max_ms");
    let read: hall_core::plan::PlanParts = serde_json::from_value(plan).unwrap();
    assert_eq!(read, parts());
}
