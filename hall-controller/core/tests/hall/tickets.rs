//! Taking a ticket: the number, who is ahead, and why there is none.

use hall_core::event::{Device, Event, PressId};
use hall_core::offer::Opening;
use hall_core::plan::FourDigits;
use hall_core::refusal::Refusal;
use hall_core::ticket::TicketState;
use hall_protocol::payload::{Class, Key};

use hall_core::command::{Command, Details};

use crate::support::{Desk, GUARD_MS, HOUR_MS, TEN_O_CLOCK, id, now, parts};

#[test]
fn each_service_counts_its_own_numbers() {
    let mut desk = Desk::open();
    assert_eq!(desk.take("social"), ("A001".into(), 0));
    assert_eq!(desk.take("social"), ("A002".into(), 1));
    assert_eq!(desk.take("tax"), ("B001".into(), 0));
    assert_eq!(desk.take("social"), ("A003".into(), 2));
}

#[test]
fn ahead_counts_only_those_who_still_wait() {
    let mut desk = Desk::open();
    desk.take("social");
    desk.take("social");
    assert_eq!(desk.call("2"), Some("A001".into()));
    assert_eq!(desk.take("social"), ("A003".into(), 1));
}

#[test]
fn a_ticket_remembers_what_it_is_for_and_when_it_was_taken() {
    let mut desk = Desk::open();
    desk.wait(700);
    desk.take("tax");
    let ticket = desk.hall.tickets().next().unwrap().clone();
    assert_eq!(ticket.service, id("tax"));
    assert_eq!(ticket.issued_at.unix_ms(), TEN_O_CLOCK + 700);
    assert_eq!((ticket.called_at, ticket.state), (None, TicketState::Waiting));
    assert!(matches!(&desk.journal.last().unwrap().event,
        Event::Issued { ticket: same, ahead: 0, kiosk, .. } if *same == ticket.id && *kiosk == id("K1")));
}

#[test]
fn a_kiosk_the_plan_does_not_know_gets_no_ticket_and_leaves_no_trace() {
    let mut desk = Desk::open();
    let command = desk.request("K9", "social");
    assert_eq!(desk.give(&command), Err(Refusal::UnknownKiosk { kiosk: id("K9") }));
    assert_eq!(desk.take("social").0, "A001");
}

#[test]
fn a_pad_takes_no_ticket_and_a_kiosk_calls_nobody() {
    let mut desk = Desk::open();
    let press = PressId { device: Device::Pad(id("1")), session: 9, seq: 1 };
    let take =
        Command::Take { press, age_ms: 0, service: id("social"), class: Class::Ordinary, also: Vec::new() };
    assert_eq!(desk.give(&take), Err(Refusal::OutOfOrder));
    let press = PressId { device: Device::Kiosk(id("K1")), session: 9, seq: 1 };
    let key = Command::Key {
        press,
        age_ms: 0,
        key: Key::Next,
        ticket: None,
        reason: None,
        details: Details::default(),
    };
    assert_eq!(desk.give(&key), Err(Refusal::OutOfOrder));
}

#[test]
fn a_kiosk_gives_only_the_services_it_offers() {
    let mut desk = Desk::open();
    for (kiosk, service) in [("K2", "tax"), ("K1", "fishing")] {
        let command = desk.request(kiosk, service);
        assert_eq!(desk.refused_command(&command), Refusal::UnknownService { service: id(service) });
    }
}

#[test]
fn outside_its_hours_a_service_gives_no_number() {
    let mut desk = Desk::open();
    let noon = desk.wall_ms + 2 * HOUR_MS;
    for (wall_ms, open) in [
        (noon - 3 * HOUR_MS - 1, false),
        (noon - 3 * HOUR_MS, true),
        (noon + 5 * HOUR_MS - 1, true),
        (noon + 5 * HOUR_MS, false),
    ] {
        desk.wall_ms = wall_ms;
        let command = desk.request("K1", "property");
        let offer = desk.view().offer(id("property"), now(wall_ms));
        match offer {
            Ok(_) if open => drop(desk.give(&command).unwrap().answer.unwrap()),
            Err(outside) if !open => assert_eq!(desk.refused_command(&command), outside),
            other => panic!("{wall_ms}: {other:?}"),
        }
    }
}

#[test]
fn after_its_last_number_a_service_gives_none_that_day() {
    let mut desk = Desk::open();
    for _ in 1..999 {
        desk.take("tax");
    }
    assert!(!desk.view().services[1].used_up);
    assert_eq!(desk.take("tax").0, "B999");
    let opens = Some(Opening { at: "2026-03-03T00:00".parse().unwrap(), in_days: 1 });
    let used_up = Refusal::NumbersUsedUp { service: id("tax"), opens };
    let command = desk.request("K1", "tax");
    assert_eq!(desk.refused_command(&command), used_up);
    assert!(desk.view().services[1].used_up);
    assert_eq!(desk.view().offer(id("tax"), now(desk.wall_ms)), Err(used_up));
    assert_eq!(desk.take("social").0, "A001");
}

#[test]
fn four_digits_hold_ten_times_as_many() {
    let mut parts = parts();
    parts.services[1].digits = FourDigits(true);
    let mut desk = Desk::closed(parts);
    assert_eq!(desk.take("tax").0, "B0001");
}

#[test]
fn a_ticket_is_first_called_once_however_often_it_is_called() {
    let mut desk = Desk::open();
    desk.take("social");
    desk.call("2");
    let first = desk.hall.tickets().next().unwrap().called_at;
    assert_eq!(first.unwrap().unix_ms(), TEN_O_CLOCK + GUARD_MS);
    desk.wait(5_000);
    desk.done("2", Key::Recall);
    let mut without_two = parts();
    without_two.windows.remove(1);
    desk.adopt(without_two);
    assert_eq!(desk.call("1"), Some("A001".into()));
    assert_eq!(desk.hall.tickets().next().unwrap().called_at, first);
}
