//! The keys of a call pad, each in every state of its window.

use hall_core::event::{CallReason, Event};
use hall_core::refusal::Refusal;
use hall_core::ticket::TicketState;
use hall_protocol::payload::{HandState, Key, WindowMode};

use hall_core::command::{Command, Details};

use crate::support::{Desk, GUARD_MS, id};

fn kinds(desk: &Desk, last: usize) -> Vec<&'static str> {
    desk.journal[desk.journal.len() - last..].iter().map(|stamped| stamped.event.name()).collect()
}

#[test]
fn next_calls_who_waited_longest_over_all_services_of_the_window() {
    let mut desk = Desk::open();
    for service in ["tax", "social", "property", "social", "tax"] {
        desk.take(service);
        desk.wait(10);
    }
    assert_eq!(desk.call("1"), Some("B001".into()));
    assert!(matches!(
        desk.journal.last().unwrap().event,
        Event::Called { why: CallReason::Oldest { services: 2 }, wall: None, .. }
    ));
    assert_eq!(desk.call("3"), Some("C001".into()));
    assert_eq!(desk.call("2"), Some("A001".into()));
    assert_eq!(desk.call("1"), Some("A002".into()));
    assert_eq!(desk.call("3"), Some("B002".into()));
    assert_eq!(desk.call("3"), None);
}

#[test]
fn of_tickets_taken_in_the_same_millisecond_the_first_is_called_first() {
    let mut desk = Desk::open();
    for service in ["tax", "social", "tax"] {
        desk.take(service);
    }
    assert_eq!(desk.call("1"), Some("B001".into()));
    assert_eq!(desk.call("1"), Some("A001".into()));
    assert_eq!(desk.call("1"), Some("B002".into()));
}

#[test]
fn next_while_serving_finishes_and_calls() {
    let mut desk = Desk::open();
    desk.take("social");
    desk.take("social");
    desk.call("2");
    desk.done("2", Key::Start);
    assert_eq!(desk.call("2"), Some("A002".into()));
    assert_eq!(kinds(&desk, 2), ["finished", "called"]);
    let states: Vec<_> = desk.hall.tickets().map(|ticket| ticket.state).collect();
    assert_eq!(states, [TicketState::Finished, TicketState::AtWindow { window: id("2") }]);
}

#[test]
fn next_from_called_records_the_start_a_pad_has_no_key_for() {
    let mut desk = Desk::open();
    desk.take("social");
    desk.take("social");
    desk.call("2");
    assert_eq!(desk.call("2"), Some("A002".into()));
    assert_eq!(kinds(&desk, 3), ["started", "finished", "called"]);
}

#[test]
fn next_with_nobody_waiting_only_finishes_and_then_says_so() {
    let mut desk = Desk::open();
    desk.take("social");
    desk.call("2");
    assert_eq!(desk.call("2"), None);
    assert_eq!(desk.hall.totals().finished, 1);
    assert_eq!(desk.refused("2", Key::Next), Refusal::NobodyWaiting { window: id("2") });
}

#[test]
fn recall_summons_again_and_comes_to_the_top_of_the_board() {
    let mut desk = Desk::open();
    desk.take("social");
    desk.take("social");
    desk.call("1");
    desk.call("2");
    assert_eq!(desk.numbers("east"), ["A002", "A001"]);
    desk.wait(3_000);
    let (_, ticket) = desk.done("1", Key::Recall);
    assert_eq!(ticket.unwrap().recalls, 1);
    assert_eq!(desk.numbers("east"), ["A001", "A002"]);
    let call = desk.board("east")[0].clone();
    assert_eq!((call.recalls, call.called_at.unix_ms()), (1, desk.wall_ms));
    assert_eq!(call.window, id("1"));
}

#[test]
fn no_show_ends_the_ticket_and_frees_the_window() {
    let mut desk = Desk::open();
    desk.take("social");
    desk.call("2");
    assert_eq!(desk.done("2", Key::NoShow), (WindowMode::Open, None));
    assert_eq!(desk.hall.tickets().next().unwrap().state, TicketState::Missed);
    assert_eq!((desk.hall.totals().missed, desk.hall.totals().called), (1, 0));
    assert!(desk.numbers("east").is_empty());
}

#[test]
fn start_and_finish_serve_the_ticket_in_hand() {
    let mut desk = Desk::open();
    desk.take("social");
    desk.call("2");
    let (_, ticket) = desk.done("2", Key::Start);
    assert_eq!(ticket.unwrap().state, HandState::Serving);
    assert_eq!(desk.hall.totals().serving, 1);
    assert_eq!(desk.done("2", Key::Finish), (WindowMode::Open, None));
    assert_eq!(desk.hall.tickets().next().unwrap().state, TicketState::Finished);
}

#[test]
fn who_is_served_is_not_recalled_missed_or_started_again() {
    let mut desk = Desk::open();
    desk.take("social");
    desk.call("2");
    desk.done("2", Key::Start);
    for key in [Key::Recall, Key::NoShow, Key::Start] {
        assert_eq!(desk.refused("2", key), Refusal::AlreadyServing { number: id("A001") }, "{key:?}");
    }
}

#[test]
fn with_empty_hands_there_is_nobody_to_recall_miss_start_or_finish() {
    let mut desk = Desk::open();
    for key in [Key::Recall, Key::NoShow, Key::Start, Key::Finish] {
        assert_eq!(desk.refused("2", key), Refusal::NoTicketInHand { window: id("2") }, "{key:?}");
    }
}

#[test]
fn a_closed_window_only_opens() {
    let mut desk = Desk::open();
    assert_eq!(desk.done("2", Key::Close).0, WindowMode::Closed);
    for key in [Key::Next, Key::Pause, Key::Resume, Key::Close] {
        assert_eq!(desk.refused("2", key), Refusal::WindowClosed { window: id("2") }, "{key:?}");
    }
    assert_eq!(desk.done("2", Key::Open).0, WindowMode::Open);
}

#[test]
fn an_open_window_neither_opens_nor_resumes() {
    let mut desk = Desk::open();
    for key in [Key::Open, Key::Resume] {
        assert_eq!(desk.refused("2", key), Refusal::WindowOpen { window: id("2") }, "{key:?}");
    }
}

#[test]
fn a_paused_window_calls_nobody_until_it_resumes_or_it_closes() {
    let mut desk = Desk::open();
    desk.take("social");
    desk.done("2", Key::Pause);
    for key in [Key::Next, Key::Pause, Key::Open] {
        assert_eq!(desk.refused("2", key), Refusal::WindowPaused { window: id("2") }, "{key:?}");
    }
    assert_eq!(desk.done("2", Key::Resume).0, WindowMode::Open);
    assert_eq!(desk.call("2"), Some("A001".into()));
    desk.done("2", Key::NoShow);
    desk.done("2", Key::Pause);
    assert_eq!(desk.done("2", Key::Close).0, WindowMode::Closed);
}

#[test]
fn a_pause_says_why_until_it_ends() {
    let mut desk = Desk::open();
    let press = desk.next_press(hall_core::event::Device::Pad(id("2")));
    let reason = Some("午休".into());
    let pause =
        Command::Key { press, age_ms: 0, key: Key::Pause, ticket: None, reason, details: Details::default() };
    desk.give(&pause).unwrap();
    assert_eq!(desk.window("2").reason.as_deref(), Some("午休"));
    desk.done("2", Key::Resume);
    assert_eq!(desk.window("2").reason, None);
}

#[test]
fn a_pause_keeps_the_ticket_in_hand_and_lets_it_be_finished() {
    let mut desk = Desk::open();
    desk.take("social");
    desk.call("2");
    let (mode, ticket) = desk.done("2", Key::Pause);
    assert_eq!((mode, ticket.unwrap().number), (WindowMode::Paused, id("A001")));
    assert_eq!(desk.done("2", Key::Start).1.unwrap().state, HandState::Serving);
    assert_eq!(desk.done("2", Key::Finish), (WindowMode::Paused, None));
}

#[test]
fn a_window_with_a_ticket_in_hand_does_not_close() {
    let mut desk = Desk::open();
    desk.take("social");
    desk.call("2");
    assert_eq!(desk.refused("2", Key::Close), Refusal::TicketInHand { number: id("A001") });
    desk.done("2", Key::Pause);
    assert_eq!(desk.refused("2", Key::Close), Refusal::TicketInHand { number: id("A001") });
    desk.done("2", Key::Finish);
    assert_eq!(desk.done("2", Key::Close).0, WindowMode::Closed);
}

#[test]
fn two_windows_of_one_service_call_different_citizens() {
    let mut desk = Desk::open();
    desk.take("social");
    desk.take("social");
    desk.wait(GUARD_MS);
    desk.done("1", Key::Next);
    desk.done("2", Key::Next);
    assert_eq!((desk.hand("1").as_deref(), desk.hand("2").as_deref()), (Some("A001"), Some("A002")));
    assert_eq!(desk.window("1").waiting, 0);
}
