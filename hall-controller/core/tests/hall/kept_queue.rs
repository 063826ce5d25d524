//! The emergency in which the queue is kept overnight: numbers, places and who goes first.

use hall_core::command::Command;
use hall_core::event::{Event, RequeueReason};
use hall_core::plan::Plan;
use hall_core::ticket::TicketState;
use hall_core::view::Totals;
use hall_protocol::payload::{Key, WindowMode};

use crate::support::{DAY_MS, Desk, GUARD_MS, HOUR_MS, id, now, parts, replayed};

fn keeping() -> hall_core::plan::PlanParts {
    let mut parts = parts();
    parts.policy.keep_queue_overnight = true;
    parts.policy.defer_no_show_calls = 2;
    parts
}

/// A desk with people waiting, at windows, put aside, deferred and done with.
fn busy() -> Desk {
    let mut desk = Desk::closed(keeping());
    for window in ["1", "2", "3"] {
        desk.done(window, Key::Open);
    }
    for service in ["social", "social", "social", "social", "social", "tax", "tax"] {
        desk.take(service);
    }
    // A001 is served and done, A002 is served, A003 put aside, A004 deferred; B001 is called.
    desk.call("1");
    desk.call("2");
    desk.done("1", Key::Finish);
    desk.done("2", Key::Start);
    desk.wait(GUARD_MS);
    assert_eq!(desk.call("1").as_deref(), Some("A003"));
    desk.done("1", Key::Start);
    desk.done("1", Key::Park);
    desk.wait(GUARD_MS);
    assert_eq!(desk.call("1").as_deref(), Some("A004"));
    desk.done("1", Key::NoShow);
    assert_eq!(desk.call("3").as_deref(), Some("B001"));
    desk
}

fn numbers(desk: &Desk) -> Vec<String> {
    desk.hall.tickets().map(|ticket| ticket.number.to_string()).collect()
}

#[test]
fn whoever_holds_a_ticket_waits_on_with_number_and_place() {
    let mut desk = busy();
    desk.wait(DAY_MS);
    let events = desk.give(&Command::Tick).unwrap().events;
    let names: Vec<_> = events.iter().map(|stamped| stamped.event.name()).collect();
    assert_eq!(
        names,
        ["requeued", "requeued", "requeued", "window_closed", "window_closed", "window_closed", "day_began"]
    );
    assert!(matches!(events.last().unwrap().event, Event::DayBegan { queue_kept: true, .. }));
    assert_eq!(numbers(&desk), ["A002", "A003", "A004", "A005", "B001", "B002"]);
    assert_eq!(desk.hall.totals(), Totals { issued: 6, waiting: 6, ..Totals::default() });
    assert!(matches!(desk.state("A004"), TicketState::Deferred { calls_left: 2 }));
    assert!(desk.view().windows.iter().all(|window| window.mode == WindowMode::Closed));
    assert_eq!(replayed(id("county"), &desk.journal), desk.hall);

    for window in ["1", "2"] {
        desk.done(window, Key::Open);
    }
    // By when they were taken, with whom is new behind them.
    assert_eq!(desk.take("social"), ("A001".into(), 4));
    for number in ["A002", "A003", "A004", "A005", "A001"] {
        assert_eq!(desk.call("2").as_deref(), Some(number));
    }
    assert_eq!(desk.call("1").as_deref(), Some("B001"));
}

/// Nobody but the rule took them out of a hand, so each is told why, and no window shows it any more.
#[test]
fn who_is_called_or_served_when_the_day_ends_is_told_why_and_is_called_first_on_the_next() {
    let mut desk = busy();
    let waited_since = |desk: &Desk, number: &str| {
        desk.hall.tickets().find(|ticket| ticket.number == id(number)).unwrap().standing
    };
    let before = ["A002", "A003", "B001"].map(|number| waited_since(&desk, number));
    desk.wait(DAY_MS);
    let events = desk.give(&Command::Tick).unwrap().events;
    let back: Vec<_> = events
        .iter()
        .filter_map(|stamped| match stamped.event {
            Event::Requeued { number, window, why, .. } => Some((number, window, why)),
            _ => None,
        })
        .collect();
    let at = |number, window| (id(number), id(window), RequeueReason::DayEnded);
    assert_eq!(back, [at("A002", "2"), at("A003", "1"), at("B001", "3")]);
    assert_eq!(["A002", "A003", "B001"].map(|number| waited_since(&desk, number)), before);
    // The pads show closed windows and nobody at them.
    assert!(desk.view().windows.iter().all(|it| it.mode == WindowMode::Closed && it.ticket.is_none()));
    // Served at window 2 yesterday, and first at any window today, also of those who come early.
    desk.done("1", Key::Open);
    desk.take("social");
    assert_eq!(desk.call("1").as_deref(), Some("A002"));
    desk.done("1", Key::Start);
    desk.done("1", Key::Finish);
}

#[test]
fn new_numbers_leave_out_the_kept_ones_even_when_these_are_done_with() {
    let mut desk = busy();
    desk.wait(DAY_MS);
    desk.give(&Command::Tick).unwrap();
    desk.done("2", Key::Open);
    desk.call("2");
    desk.done("2", Key::Finish);
    let given = ["social", "social", "tax"].map(|service| desk.take(service).0);
    assert_eq!(given, ["A001", "A006", "B003"]);
    // Another width of the same count would sound the same.
    let mut wide = keeping();
    wide.services[0].digits = hall_core::plan::FourDigits(true);
    let mut desk = busy();
    desk.wait(DAY_MS);
    desk.adopt(wide);
    assert_eq!(["social", "social"].map(|service| desk.take(service).0), ["A0001", "A0006"]);
}

#[test]
fn the_day_after_that_they_are_kept_once_more_and_their_numbers_are_free_when_they_are_gone() {
    let mut desk = busy();
    for _ in 0..2 {
        desk.wait(DAY_MS);
        desk.give(&Command::Tick).unwrap();
    }
    assert_eq!(numbers(&desk), ["A002", "A003", "A004", "A005", "B001", "B002"]);
    desk.adopt(parts());
    desk.wait(DAY_MS);
    let events = desk.give(&Command::Tick).unwrap().events;
    assert_eq!(events.iter().filter(|stamped| stamped.event.name() == "expired").count(), 6);
    assert_eq!(["social", "social"].map(|service| desk.take(service).0), ["A001", "A002"]);
}

#[test]
fn a_technician_may_say_so_at_the_start_that_begins_the_day() {
    let mut desk = Desk::open();
    desk.take("social");
    desk.wait(DAY_MS - 10 * HOUR_MS);
    let events = desk.adopt(keeping());
    assert!(!events.iter().any(|event| matches!(event, Event::Expired { .. })), "{events:?}");
    assert_eq!((numbers(&desk), desk.hall.waiting(id("social"))), (vec!["A001".to_owned()], 1));
    // And the other way round: a plan that keeps nothing ends the day as usual.
    desk.wait(DAY_MS);
    let plan = Plan::new(parts()).unwrap();
    let decision = desk.hall.decide(&Command::AdoptPlan(Box::new(plan)), now(desk.wall_ms)).unwrap();
    assert_eq!(decision.events[0].event.name(), "expired");
}

#[test]
fn a_kept_ticket_of_a_corrected_service_counts_where_it_was_taken() {
    let mut desk = busy();
    let details = hall_core::command::Details {
        number: Some(id("A005")),
        to_service: Some(id("tax")),
        ..Default::default()
    };
    desk.with("1", Key::Correct, details).unwrap();
    desk.wait(DAY_MS);
    desk.give(&Command::Tick).unwrap();
    assert_eq!((desk.hall.waiting(id("social")), desk.hall.waiting(id("tax"))), (3, 3));
    assert_eq!(desk.hall.violations(), Vec::<String>::new());
}
