//! Hours of windows: breaks that pause by themselves, and overtime (延时服务) at the end of the day.

use hall_core::command::Command;
use hall_core::event::{Cause, Event, Rule};
use hall_core::plan::{Hours, PlanParts};
use hall_core::refusal::Refusal;
use hall_protocol::payload::{Key, WindowMode};

use crate::support::{DAY_MS, Desk, GUARD_MS, HOUR_MS, TEN_O_CLOCK, id, parts, replayed};

const MINUTE_MS: i64 = 60_000;
const NOON: i64 = TEN_O_CLOCK + 2 * HOUR_MS;

/// Windows 1 and 2 have a break from 12:00 to 13:30 and end at 17:00; window 3 has no hours.
fn with_breaks() -> PlanParts {
    let mut parts = parts();
    for window in &mut parts.windows[..2] {
        window.hours = vec![
            Hours { from_minute: 9 * 60, until_minute: 12 * 60 },
            Hours { from_minute: 13 * 60 + 30, until_minute: 17 * 60 },
        ]
        .into();
    }
    parts
}

fn open_desk() -> Desk {
    let mut desk = Desk::closed(with_breaks());
    for window in ["1", "2", "3"] {
        desk.done(window, Key::Open);
    }
    desk
}

/// What a tick at this time does, each of it by the rule.
fn tick_at(desk: &mut Desk, wall_ms: i64) -> Vec<String> {
    desk.wall_ms = wall_ms;
    let events = desk.give(&Command::Tick).unwrap().events;
    assert!(events.iter().all(|event| event.cause == Cause::Rule(Rule::WindowHours)), "{events:?}");
    let said = |event: &Event| format!("{} {}", event.window().unwrap(), event.name());
    events.iter().map(|stamped| said(&stamped.event)).collect()
}

#[test]
fn at_its_break_a_window_pauses_by_itself_once_and_says_until_when() {
    let mut desk = open_desk();
    assert!(tick_at(&mut desk, NOON - 1).is_empty());
    assert_eq!(tick_at(&mut desk, NOON), ["1 window_paused", "2 window_paused"]);
    assert!(tick_at(&mut desk, NOON + 1_000).is_empty());
    let paused = desk.window("1");
    assert_eq!(paused.mode, WindowMode::Paused);
    assert_eq!(paused.reason.as_deref(), Some("休息至13:30 Back at 13:30"));
    assert_eq!(desk.window("3").mode, WindowMode::Open);
    // Who resumes in the break goes on, until the day's end.
    desk.wait(MINUTE_MS);
    desk.done("1", Key::Resume);
    for (minutes, said) in [(2, vec![]), (60, vec![]), (90, vec!["2 window_paused"]), (200, vec![])] {
        assert_eq!(tick_at(&mut desk, NOON + minutes * MINUTE_MS), said);
    }
    assert_eq!(replayed(id("county"), &desk.journal), desk.hall);
}

#[test]
fn a_window_still_in_its_break_when_that_has_passed_says_when_no_longer() {
    let mut desk = open_desk();
    assert_eq!(tick_at(&mut desk, NOON), ["1 window_paused", "2 window_paused"]);
    assert!(tick_at(&mut desk, NOON + 90 * MINUTE_MS - 1).is_empty());
    desk.done("2", Key::Resume);
    assert_eq!(tick_at(&mut desk, NOON + 90 * MINUTE_MS), ["1 window_paused"]);
    assert_eq!(desk.window("1").reason.as_deref(), Some("即将恢复 Back soon"));
    assert!(tick_at(&mut desk, NOON + 200 * MINUTE_MS).is_empty(), "it is said once");
    let five = TEN_O_CLOCK + 7 * HOUR_MS;
    desk.wall_ms = five - MINUTE_MS;
    desk.take("social");
    assert_eq!(tick_at(&mut desk, five), ["1 window_paused"], "social is done there");
    assert_eq!(desk.window("1").reason.as_deref(), Some("今日已结束 Over for today"));
    assert!(tick_at(&mut desk, five + HOUR_MS).is_empty());
    assert_eq!(replayed(id("county"), &desk.journal), desk.hall);
    // The clerk is the one to resume, and what a clerk says stands.
    desk.done("1", Key::Resume);
    assert_eq!(desk.window("1").mode, WindowMode::Open);
    let mut desk = open_desk();
    desk.done("1", Key::Pause);
    let pauses = tick_at(&mut desk, NOON + 95 * MINUTE_MS);
    assert!(pauses.is_empty(), "{pauses:?}");
}

#[test]
fn over_lunch_fewer_windows_go_on_and_nobody_is_called_to_the_others() {
    let mut desk = open_desk();
    for service in ["social", "tax", "tax"] {
        desk.take(service);
    }
    assert_eq!(tick_at(&mut desk, NOON), ["1 window_paused", "2 window_paused"]);
    assert_eq!(desk.call("3").as_deref(), Some("B001"));
    assert_eq!(desk.refused("1", Key::Next), Refusal::WindowPaused { window: id("1") });
    // Numbers are given all the while.
    assert_eq!(desk.take("social").1, 1);
    assert_eq!(desk.call("3").as_deref(), Some("B002"));
    desk.wall_ms = NOON + 90 * MINUTE_MS;
    desk.done("2", Key::Resume);
    assert_eq!(desk.call("2").as_deref(), Some("A001"));
}

#[test]
fn a_break_waits_for_the_ticket_in_hand() {
    let mut desk = open_desk();
    desk.take("social");
    desk.take("social");
    desk.call("2");
    assert_eq!(tick_at(&mut desk, NOON), ["1 window_paused"]);
    desk.wait(MINUTE_MS);
    desk.done("2", Key::Finish);
    let at = desk.wall_ms;
    assert_eq!(tick_at(&mut desk, at), ["2 window_paused"]);
    assert_eq!(desk.hall.waiting(id("social")), 1);
}

#[test]
fn next_in_the_break_finishes_and_pauses_and_calls_nobody() {
    let mut desk = open_desk();
    desk.take("social");
    desk.take("social");
    desk.call("2");
    desk.wall_ms = NOON + MINUTE_MS;
    let next = desk.key("2", Key::Next);
    let decision = desk.give(&next).unwrap();
    let causes: Vec<_> =
        decision.events.iter().map(|event| (event.event.name(), event.cause.press().is_some())).collect();
    assert_eq!(causes, [("started", true), ("finished", true), ("window_paused", false)]);
    assert_eq!((desk.hand("2"), desk.window("2").mode), (None, WindowMode::Paused));
    // The press is remembered with its answer.
    assert_eq!(desk.give(&next).unwrap().answer, decision.answer);
    // With free hands it is refused: the pause is due.
    assert_eq!(desk.refused("1", Key::Next), Refusal::WindowPaused { window: id("1") });
    // Resumed, the window calls whom it likes.
    desk.done("2", Key::Resume);
    assert_eq!(desk.call("2").as_deref(), Some("A002"));
    desk.wait(GUARD_MS);
    assert_eq!(desk.call("2"), None);
}

#[test]
fn a_window_opened_in_its_break_stays_open() {
    let mut desk = Desk::closed(with_breaks());
    desk.wall_ms = NOON + 10 * MINUTE_MS;
    desk.done("1", Key::Open);
    for minutes in [11, 60, 100] {
        assert!(tick_at(&mut desk, NOON + minutes * MINUTE_MS).is_empty());
    }
}

#[test]
fn a_controller_that_was_down_over_the_break_pauses_nobody_afterwards() {
    let mut desk = open_desk();
    assert!(tick_at(&mut desk, NOON + 2 * HOUR_MS).is_empty());
    assert_eq!(desk.window("1").mode, WindowMode::Open);
}

#[test]
fn at_the_days_end_a_window_closes_once_nobody_holds_a_ticket_for_it() {
    let five = TEN_O_CLOCK + 7 * HOUR_MS;
    let mut desk = open_desk();
    desk.wall_ms = five - 10 * MINUTE_MS;
    desk.take_for(&["tax", "social"]);
    desk.take("tax");
    // Window 1 serves both; window 2 only what B001 is for afterwards.
    assert!(tick_at(&mut desk, five).is_empty());
    desk.wait(MINUTE_MS);
    assert_eq!(desk.call("3").as_deref(), Some("B001"));
    assert_eq!(desk.call("3").as_deref(), Some("B002"));
    let at = desk.wall_ms;
    assert!(tick_at(&mut desk, at).is_empty(), "B001 waits for social now, B002 is at a window");
    assert_eq!(desk.call("2").as_deref(), Some("B001"));
    desk.wait(MINUTE_MS);
    desk.done("2", Key::Start);
    desk.done("2", Key::Park);
    let at = desk.wall_ms;
    assert!(tick_at(&mut desk, at).is_empty(), "B001 is put aside");
    desk.about("2", Key::Unpark, "B001").unwrap();
    desk.done("2", Key::Finish);
    let at = desk.wall_ms;
    assert_eq!(tick_at(&mut desk, at), ["2 window_closed"]);
    desk.done("3", Key::Finish);
    assert_eq!(tick_at(&mut desk, at + 1_000), ["1 window_closed"]);
    assert_eq!(desk.window("3").mode, WindowMode::Open);
    // Who opens again for somebody stays.
    desk.wait(MINUTE_MS);
    desk.done("1", Key::Open);
    let at = desk.wall_ms + HOUR_MS;
    assert!(tick_at(&mut desk, at).is_empty());
}

#[test]
fn a_window_that_is_paused_at_the_days_end_closes_too_once_nobody_holds_a_ticket_for_it() {
    let five = TEN_O_CLOCK + 7 * HOUR_MS;
    let mut desk = open_desk();
    // Window 1 never came back from lunch, the clerk of window 2 has paused it, and window 3 has no hours.
    assert_eq!(tick_at(&mut desk, NOON), ["1 window_paused", "2 window_paused"]);
    desk.wall_ms = five - 10 * MINUTE_MS;
    desk.done("2", Key::Resume);
    desk.done("2", Key::Pause);
    desk.done("3", Key::Pause);
    desk.take("tax");
    assert!(!tick_at(&mut desk, five).contains(&"1 window_closed".to_owned()), "it serves tax");
    desk.wait(MINUTE_MS);
    desk.done("3", Key::Resume);
    assert_eq!(desk.call("3").as_deref(), Some("B001"));
    desk.done("3", Key::Finish);
    desk.done("3", Key::Pause);
    let at = desk.wall_ms;
    let closed = tick_at(&mut desk, at + 1_000);
    assert!(closed.contains(&"1 window_closed".to_owned()), "{closed:?}");
    let modes = ["1", "2", "3"].map(|window| desk.window(window).mode);
    assert_eq!(modes, [WindowMode::Closed, WindowMode::Closed, WindowMode::Paused]);
    assert_eq!(replayed(id("county"), &desk.journal), desk.hall);
}

#[test]
fn issuing_stops_at_closing_and_all_who_hold_tickets_are_served() {
    let mut parts = with_breaks();
    parts.calendar.hours = vec![Hours { from_minute: 9 * 60, until_minute: 17 * 60 }].into();
    let mut desk = Desk::closed(parts);
    desk.done("1", Key::Open);
    let before = ["social", "tax", "social"].map(|service| desk.take(service).0);
    desk.wall_ms = TEN_O_CLOCK + 7 * HOUR_MS;
    let request = desk.request("K1", "social");
    assert_eq!(desk.refused_command(&request).code(), "outside_hours");
    for number in before {
        let at = desk.wall_ms;
        assert!(tick_at(&mut desk, at).is_empty());
        assert_eq!(desk.call("1"), Some(number));
        desk.wait(10 * MINUTE_MS);
    }
    desk.done("1", Key::Finish);
    let at = desk.wall_ms;
    assert_eq!(tick_at(&mut desk, at), ["1 window_closed"]);
    assert_eq!((desk.hall.totals().finished, desk.hall.totals().expired), (3, 0));
}

#[test]
fn a_clock_set_forward_over_the_break_and_back_closes_nothing_for_good() {
    let mut desk = open_desk();
    assert_eq!(tick_at(&mut desk, NOON + 10 * MINUTE_MS), ["1 window_paused", "2 window_paused"]);
    desk.wall_ms = TEN_O_CLOCK + MINUTE_MS;
    desk.done("1", Key::Resume);
    desk.take("social");
    assert_eq!(desk.call("1").as_deref(), Some("A001"));
    // Set back by a day: yesterday's hours.
    desk.wall_ms -= DAY_MS;
    let at = desk.wall_ms;
    assert!(tick_at(&mut desk, at).is_empty());
}
