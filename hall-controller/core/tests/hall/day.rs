//! The end of a business day: what is open expires, numbers start again, identities do not.

use hall_core::command::Command;
use hall_core::event::{Cause, Event, ExpiryReason, Rule};
use hall_core::refusal::Refusal;
use hall_core::view::Totals;
use hall_protocol::payload::{Key, WindowMode};

use crate::support::{DAY_MS, Desk, HOUR_MS, id, replayed};

#[test]
fn whatever_is_open_expires_and_windows_close() {
    let mut desk = Desk::open();
    for _ in 0..3 {
        desk.take("social");
    }
    desk.call("1");
    desk.call("2");
    desk.done("2", Key::Start);
    desk.done("3", Key::Close);
    desk.wait(DAY_MS);
    let events = desk.give(&Command::Tick).unwrap().events;
    assert!(events.iter().all(|stamped| stamped.cause == Cause::Rule(Rule::DayBegan)));
    let expired: Vec<_> = events
        .iter()
        .filter_map(|stamped| match &stamped.event {
            Event::Expired { number, window, why: ExpiryReason::DayEnded, .. } => {
                Some((number.to_string(), window.map(|window| window.to_string())))
            }
            _ => None,
        })
        .collect();
    let at = |window: &str| Some(window.to_owned());
    assert_eq!(expired, [("A001".into(), at("1")), ("A002".into(), at("2")), ("A003".into(), None)]);
    let closed = events.iter().filter(|stamped| matches!(stamped.event, Event::WindowClosed { .. }));
    assert_eq!(closed.count(), 2);
    assert!(
        matches!(events.last().unwrap().event, Event::DayBegan { day, queue_kept: false } if day == desk.hall.day())
    );
    assert_eq!(desk.hall.totals(), Totals::default());
    assert!(desk.view().windows.iter().all(|w| w.mode == WindowMode::Closed && w.ticket.is_none()));
    assert!(desk.numbers("east").is_empty());
}

#[test]
fn a_tick_within_the_day_does_nothing() {
    let mut desk = Desk::open();
    desk.wait(13 * HOUR_MS);
    assert_eq!(desk.give(&Command::Tick).unwrap(), hall_core::Decision::default());
}

#[test]
fn numbers_start_again_and_identities_go_on() {
    let mut desk = Desk::open();
    desk.take("social");
    desk.take("social");
    let last = desk.hall.tickets().last().unwrap().id;
    desk.wait(DAY_MS);
    // The request itself may be what begins the day.
    assert_eq!(desk.take("social"), ("A001".into(), 0));
    let first = desk.hall.tickets().next().unwrap().id;
    assert_eq!(first.get(), last.get() + 1);
    assert_eq!(desk.hall.tickets().count(), 1);
    assert!(desk.hall.ticket(last).is_none());
}

#[test]
fn a_day_without_any_ticket_does_not_use_an_identity_twice() {
    let mut desk = Desk::open();
    desk.take("social");
    for _ in 0..3 {
        desk.wait(DAY_MS);
        desk.give(&Command::Tick).unwrap();
    }
    desk.take("social");
    assert_eq!(desk.hall.tickets().next().unwrap().id.get(), 2);
}

#[test]
fn a_repeated_press_that_is_first_in_the_new_day_ends_the_old_day_and_repeats_its_answer() {
    let mut desk = Desk::open();
    let request = desk.request("K1", "social");
    let first = desk.give(&request).unwrap();
    desk.wait(DAY_MS);
    let again = desk.give(&request).unwrap();
    assert_eq!((&again.answer, again.repeated), (&first.answer, true));
    let kinds: Vec<_> = again.events.iter().map(|stamped| stamped.event.name()).collect();
    assert_eq!(
        kinds,
        ["expired", "window_closed", "window_closed", "window_closed", "day_began"],
        "the day ends, and nothing else happens"
    );
    assert!(again.events.iter().all(|stamped| stamped.cause.press().is_none() && stamped.answer.is_none()));
    let once_more = desk.give(&request).unwrap();
    assert_eq!((once_more.answer, once_more.events.len()), (first.answer, 0));
    assert_eq!(desk.hall.totals().issued, 0);
    assert_eq!(replayed(id("county"), &desk.journal), desk.hall);
}

#[test]
fn a_press_that_leaves_no_trace_does_not_end_the_day_either() {
    let mut desk = Desk::open();
    desk.take("social");
    let day = desk.hall.day();
    desk.wait(DAY_MS);
    let command = desk.key("9", Key::Next);
    assert_eq!(desk.give(&command), Err(Refusal::UnknownWindow { window: id("9") }));
    assert_eq!((desk.hall.day(), desk.hall.totals().waiting), (day, 1));
}

#[test]
fn a_clock_set_back_over_midnight_does_not_bring_yesterday_back() {
    let mut desk = Desk::open();
    desk.take("social");
    desk.wait(DAY_MS);
    desk.take("social");
    let (day, at) = (desk.hall.day(), desk.hall.at());
    desk.wait(-DAY_MS);
    assert_eq!(desk.take("social"), ("A002".into(), 1));
    assert_eq!((desk.hall.day(), desk.hall.at()), (day, at));
}
