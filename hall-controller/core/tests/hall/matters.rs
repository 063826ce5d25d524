//! Several matters on one number (一号多事), and citizens served without a ticket (免取号).

use hall_core::command::{Command, Details};
use hall_core::event::{Device, Event};
use hall_core::offer::{Closure, Opening};
use hall_core::refusal::Refusal;
use hall_core::ticket::TicketState;
use hall_protocol::id::ServiceId;
use hall_protocol::payload::{Class, HandState, Key, ServiceOutcome};

use crate::support::{Desk, HOUR_MS, id, parts, parts_without, replayed, service, window};

fn finished(desk: &mut Desk, window: &str) -> Vec<&'static str> {
    let key = desk.key(window, Key::Finish);
    desk.tried(&key).unwrap().iter().map(Event::name).collect()
}

#[test]
fn a_citizen_with_three_matters_visits_three_services_with_one_number() {
    let mut desk = Desk::open();
    assert_eq!(desk.take_for(&["social", "tax", "property"]), "A001");
    desk.call("2");
    assert_eq!(finished(&mut desk, "2"), ["started", "matter_finished"]);
    assert_eq!((desk.hall.waiting(id("tax")), desk.hall.totals().waiting), (1, 1));
    assert_eq!(desk.call("1").as_deref(), Some("A001"));
    assert_eq!(desk.window("1").ticket.unwrap().service, id("tax"));
    finished(&mut desk, "1");
    assert_eq!(desk.call("3").as_deref(), Some("A001"));
    assert_eq!(finished(&mut desk, "3"), ["started", "finished"]);
    let totals = desk.hall.totals();
    assert_eq!((totals.issued, totals.finished), (1, 1), "one number is one ticket");
    assert_eq!(replayed(id("county"), &desk.journal), desk.hall);
}

#[test]
fn with_its_next_matter_a_ticket_stands_by_when_it_was_taken() {
    let mut desk = Desk::open();
    desk.take_for(&["social", "tax"]);
    desk.wait(10);
    desk.take("tax");
    desk.call("2");
    finished(&mut desk, "2");
    assert_eq!(desk.call("3").as_deref(), Some("A001"), "before B001, which was taken later");
}

#[test]
fn next_goes_on_with_the_same_citizen_when_the_window_serves_the_next_matter_and_it_is_their_turn() {
    let mut desk = Desk::open();
    desk.take_for(&["social", "tax"]);
    desk.wait(10);
    desk.take("tax");
    desk.call("1");
    desk.wait(10_000);
    let (_, ticket) = desk.done("1", Key::Next);
    let ticket = ticket.unwrap();
    assert_eq!((ticket.number, ticket.service, ticket.state), (id("A001"), id("tax"), HandState::Called));
    assert_eq!(desk.window("1").ticket, Some(ticket), "the pad was told what is so");
}

#[test]
fn each_matter_has_an_outcome_of_its_own() {
    let mut desk = Desk::open();
    desk.take_for(&["social", "tax"]);
    desk.call("2");
    let proxy = Details { outcome: ServiceOutcome::Proxy, ..Details::default() };
    let events = desk.with("2", Key::Finish, proxy).unwrap();
    let last = events.last().unwrap();
    assert!(matches!(last, Event::MatterFinished { outcome: ServiceOutcome::Proxy, .. }), "{last:?}");
    desk.call("3");
    let home = Details { outcome: ServiceOutcome::HomeService, ..Details::default() };
    let events = desk.with("3", Key::Finish, home).unwrap();
    let last = events.last().unwrap();
    assert!(matches!(last, Event::Finished { outcome: ServiceOutcome::HomeService, .. }), "{last:?}");
}

#[test]
fn a_matter_that_left_the_plan_is_skipped() {
    let mut desk = Desk::open();
    desk.take_for(&["social", "tax", "property"]);
    desk.take_for(&["social", "tax"]);
    desk.call("1");
    desk.call("2");
    desk.adopt(parts_without("tax"));
    finished(&mut desk, "1");
    assert_eq!(desk.hall.waiting(id("property")), 1);
    assert_eq!(finished(&mut desk, "2"), ["started", "finished"]);
}

#[test]
fn a_kiosk_takes_only_matters_it_offers_now_and_each_once() {
    let mut desk = Desk::open();
    let refusal = |desk: &mut Desk, kiosk: &str, service: &str, also: &[&str]| {
        let press = desk.next_press(Device::Kiosk(id(kiosk)));
        let also = also.iter().map(|matter| id::<ServiceId>(matter)).collect();
        let take = Command::Take { press, age_ms: 0, service: id(service), class: Class::Ordinary, also };
        desk.refused_command(&take)
    };
    let unknown = Refusal::UnknownService { service: id("tax") };
    assert_eq!(refusal(&mut desk, "K2", "social", &["tax"]), unknown);
    let twice = Refusal::MatterTwice { service: id("social") };
    assert_eq!(refusal(&mut desk, "K1", "social", &["tax", "social"]), twice);
    let twice = Refusal::MatterTwice { service: id("tax") };
    assert_eq!(refusal(&mut desk, "K1", "social", &["tax", "tax"]), twice);
    desk.wait(8 * HOUR_MS);
    let opens = Some(Opening { at: "2026-03-03T09:00".parse().unwrap(), in_days: 1 });
    let closed =
        Refusal::OutsideHours { service: id("property"), why: Closure::Hours, opens, stopped: false };
    assert_eq!(refusal(&mut desk, "K1", "social", &["property"]), closed);
}

#[test]
fn a_clerk_adds_a_matter_to_the_ticket_in_hand() {
    let mut desk = Desk::open();
    desk.take("social");
    let nobody = Err(Refusal::NoTicketInHand { window: id("2") });
    assert_eq!(desk.with_service("2", Key::AddMatter, "tax"), nobody);
    desk.call("2");
    assert_eq!(desk.with("2", Key::AddMatter, Details::default()), Err(Refusal::TargetRequired));
    let unknown = Err(Refusal::UnknownService { service: id("fishing") });
    assert_eq!(desk.with_service("2", Key::AddMatter, "fishing"), unknown);
    for known in ["social", "tax"] {
        let twice = Err(Refusal::MatterTwice { service: id(known) });
        let events = desk.with_service("2", Key::AddMatter, known);
        assert_eq!(events.is_ok(), known == "tax");
        assert_eq!(desk.with_service("2", Key::AddMatter, known), twice);
    }
    finished(&mut desk, "2");
    assert_eq!(desk.call("3").as_deref(), Some("A001"));
}

#[test]
fn a_ticket_has_at_most_four_further_matters() {
    let mut plan = parts();
    for (name, letters) in [("d", "D"), ("e", "E"), ("f", "F")] {
        plan.services.push(service(name, letters, "east"));
        plan.windows[0].services.push(id(name));
    }
    let mut desk = Desk::open();
    desk.adopt(plan);
    desk.take_for(&["social", "tax", "property"]);
    desk.call("1");
    desk.with_service("1", Key::AddMatter, "d").unwrap();
    desk.with_service("1", Key::AddMatter, "e").unwrap();
    let full = Err(Refusal::TooManyMatters { number: id("A001") });
    assert_eq!(desk.with_service("1", Key::AddMatter, "f"), full);
}

#[test]
fn an_armed_window_calls_who_goes_on_to_its_service() {
    let mut plan = parts();
    plan.policy.armed_next = true;
    let mut desk = Desk::open();
    desk.adopt(plan);
    desk.take_for(&["social", "property"]);
    desk.call("2");
    desk.call("3");
    assert!(desk.window("3").armed);
    finished(&mut desk, "2");
    assert_eq!(desk.hand("3").as_deref(), Some("A001"));
}

#[test]
fn a_citizen_without_a_ticket_is_served_and_counted() {
    let mut desk = Desk::open();
    desk.take("social");
    let events = desk.with_service("1", Key::WalkIn, "tax").unwrap();
    assert!(matches!(&events[..], [Event::WalkedIn { .. }]));
    let hand = desk.window("1").ticket.unwrap();
    assert_eq!((hand.number, hand.service, hand.state), (id("B001"), id("tax"), HandState::Serving));
    let totals = desk.hall.totals();
    assert_eq!((totals.issued, totals.waiting, totals.serving), (2, 1, 1));
    assert_eq!(desk.numbers("east"), ["B001"]);
    assert_eq!(desk.take("tax").0, "B002", "the number is used");
    assert_eq!(finished(&mut desk, "1"), ["finished"]);
    assert_eq!(desk.state("B001"), TicketState::Finished);
    assert_eq!(replayed(id("county"), &desk.journal), desk.hall);
}

#[test]
fn a_walk_in_is_for_the_windows_first_service_unless_said_and_for_no_other_windows() {
    let mut desk = Desk::open();
    desk.with("3", Key::WalkIn, Details::default()).unwrap();
    assert_eq!(desk.window("3").ticket.unwrap().service, id("property"));
    let elsewhere = Err(Refusal::UnknownService { service: id("tax") });
    assert_eq!(desk.with_service("2", Key::WalkIn, "tax"), elsewhere);
}

#[test]
fn a_walk_in_needs_an_open_window_with_free_hands() {
    let mut desk = Desk::open();
    desk.take("social");
    desk.call("2");
    assert_eq!(desk.refused("2", Key::WalkIn), Refusal::TicketInHand { number: id("A001") });
    desk.done("2", Key::Finish);
    desk.done("2", Key::Pause);
    assert_eq!(desk.refused("2", Key::WalkIn), Refusal::WindowPaused { window: id("2") });
    desk.done("2", Key::Close);
    assert_eq!(desk.refused("2", Key::WalkIn), Refusal::WindowClosed { window: id("2") });
}

#[test]
fn a_walk_in_ends_the_waiting_for_whoever_comes_next() {
    let mut plan = parts();
    plan.policy.armed_next = true;
    let mut desk = Desk::open();
    desk.adopt(plan);
    desk.call("2");
    desk.done("2", Key::WalkIn);
    assert!(!desk.window("2").armed);
    desk.take("social");
    assert_eq!(desk.hand("2").as_deref(), Some("A001"), "the walk-in, not the ticket just taken");
    assert_eq!(desk.state("A002"), TicketState::Waiting);
}

#[test]
fn a_walk_in_of_a_window_that_goes_waits_like_any_other() {
    let mut desk = Desk::open();
    desk.done("2", Key::WalkIn);
    let mut plan = parts();
    plan.windows = vec![window("1", &["social", "tax"]), window("3", &["property", "tax"])];
    desk.adopt(plan);
    assert_eq!(desk.call("1").as_deref(), Some("A001"));
}
