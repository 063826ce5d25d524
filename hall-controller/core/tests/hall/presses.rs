//! A press is done once, in its order, while it is fresh, and for the citizen it was meant for;
//! a second press by a trembling finger skips nobody, whatever the clock does.

use hall_core::answer::Answer;
use hall_core::command::{Command, Details};
use hall_core::event::{Cause, Device, Event, PressId};
use hall_core::refusal::Refusal;
use hall_protocol::number::TicketNumber;
use hall_protocol::payload::Key;

use crate::support::{DAY_MS, Desk, GUARD_MS, HOUR_MS, id, parts, replayed};

fn with(command: &Command, change: impl FnOnce(&mut u32, &mut u32, &mut u32)) -> Command {
    let mut command = command.clone();
    match &mut command {
        Command::Take { press, age_ms, .. }
        | Command::Return { press, age_ms, .. }
        | Command::Cancel { press, age_ms, .. }
        | Command::CheckIn { press, age_ms, .. }
        | Command::Lease { press, age_ms, .. }
        | Command::HandIn { press, age_ms, .. }
        | Command::EndLease { press, age_ms, .. }
        | Command::Key { press, age_ms, .. } => {
            change(&mut press.session, &mut press.seq, age_ms);
        }
        Command::AdoptPlan(_)
        | Command::Manage { .. }
        | Command::Tick
        | Command::NoteErasures(_)
        | Command::MoveSlots(_)
        | Command::DeclareEmergency { .. }
        | Command::ClearEmergency { .. }
        | Command::Book { .. }
        | Command::Unbook { .. }
        | Command::WriteOff { .. } => {
            panic!("nobody pressed this")
        }
    }
    command
}

#[test]
fn a_repeated_request_gets_the_same_ticket_and_changes_nothing() {
    let mut desk = Desk::open();
    let request = desk.request("K1", "social");
    let first = desk.give(&request).unwrap();
    desk.wait(700);
    let before = desk.hall.clone();
    // The device repeats with its true age, even past the age at which a new press is stale.
    let again = desk.give(&with(&request, |_, _, age| *age = 60_000)).unwrap();
    assert!(again.repeated && !first.repeated);
    assert_eq!((again.answer, again.events.len()), (first.answer, 0));
    assert_eq!(desk.hall, before);
}

#[test]
fn a_repeated_press_is_answered_alike_after_a_restart() {
    let mut desk = Desk::open();
    desk.take("social");
    desk.wait(GUARD_MS);
    let next = desk.key("2", Key::Next);
    let first = desk.give(&next).unwrap();
    desk.hall = replayed(id("county"), &desk.journal);
    let again = desk.give(&next).unwrap();
    assert_eq!((again.answer, again.repeated), (first.answer, true));
    assert_eq!(desk.hall.totals().called, 1);
}

#[test]
fn repeating_a_refused_press_does_not_do_later_what_was_refused_before() {
    let mut desk = Desk::open();
    let next = desk.key("2", Key::Next);
    assert_eq!(desk.refused_command(&next), Refusal::NobodyWaiting { window: id("2") });
    desk.take("social");
    let again = desk.give(&next).unwrap();
    assert_eq!(again.answer, Some(Answer::Refused(Refusal::NobodyWaiting { window: id("2") })));
    assert!(again.repeated && again.events.is_empty());
    assert_eq!(desk.hall.totals().waiting, 1);
}

#[test]
fn a_press_before_the_last_one_is_out_of_order() {
    let mut desk = Desk::open();
    let first = desk.request("K1", "social");
    desk.give(&first).unwrap();
    desk.take("social");
    assert_eq!(desk.give(&first), Err(Refusal::OutOfOrder));
    assert_eq!(desk.hall.totals().issued, 2);
}

#[test]
fn a_gap_in_the_sequence_is_no_harm() {
    let mut desk = Desk::open();
    let request = desk.request("K1", "social");
    let later = with(&request, |_, seq, _| *seq += 5);
    assert!(desk.give(&later).unwrap().answer.is_some());
    assert_eq!(desk.give(&request), Err(Refusal::OutOfOrder));
}

#[test]
fn a_new_session_counts_from_its_own_start_and_the_old_one_is_over() {
    let mut desk = Desk::open();
    desk.take("social");
    let old = desk.request("K1", "social");
    desk.give(&old).unwrap();
    let new = with(&old, |session, seq, _| (*session, *seq) = (2, 1));
    let answered = desk.give(&new).unwrap();
    assert!(!answered.repeated && !answered.events.is_empty());
    let late = with(&old, |_, seq, _| *seq += 1);
    assert_eq!(desk.give(&late), Err(Refusal::OutOfOrder));
    assert!(desk.give(&new).unwrap().repeated);
}

#[test]
fn sessions_of_several_restarts_ago_are_over_too() {
    let mut desk = Desk::open();
    let request = desk.request("K1", "social");
    for session in 1..=5 {
        desk.give(&with(&request, |s, _, _| *s = session)).unwrap();
    }
    for session in 1..=4 {
        let late = with(&request, |s, seq, _| (*s, *seq) = (session, 99));
        assert_eq!(desk.give(&late), Err(Refusal::OutOfOrder), "session {session}");
    }
}

#[test]
fn the_last_press_of_one_pad_is_done_once_though_the_windows_other_pad_pressed_meanwhile() {
    let mut desk = Desk::open();
    desk.take("social");
    let mut one = desk.key("2", Key::Next);
    one = with(&one, |session, seq, _| (*session, *seq) = (7, 3));
    let first = desk.give(&one).unwrap();
    let other = with(&desk.key("2", Key::Start), |session, seq, _| (*session, *seq) = (8, 1));
    desk.give(&other).unwrap();
    // The first pad's reply was lost, and it repeats.
    let again = desk.give(&one).unwrap();
    assert_eq!((again.answer, again.repeated, again.events.len()), (first.answer, true, 0));
    desk.hall = replayed(id("county"), &desk.journal);
    assert!(desk.give(&one).unwrap().repeated);
    for seq in [2, 4] {
        let wrong = with(&one, |_, s, _| *s = seq);
        assert_eq!(desk.give(&wrong), Err(Refusal::OutOfOrder), "press {seq} of a session that is over");
    }
}

#[test]
fn devices_count_for_themselves() {
    let mut desk = Desk::open();
    let kiosk = desk.request("K1", "social");
    let other = desk.request("K2", "social");
    desk.give(&kiosk).unwrap();
    assert!(!desk.give(&other).unwrap().repeated);
    assert_eq!(desk.hall.totals().issued, 2);
}

#[test]
fn whatever_is_pressed_grows_old_while_it_waits_to_be_decided() {
    let mut desk = Desk::open();
    let waited = std::time::Duration::from_secs(11);
    let kiosk = Device::Kiosk(id("K1"));
    let press = PressId { device: kiosk, session: 1, seq: 1 };
    let (day, number) = (desk.hall.day(), id("A900"));
    for asked in [
        desk.request("K1", "social"),
        desk.key("2", Key::Next),
        Command::CheckIn { press, age_ms: 0, code: id("yy-1") },
        Command::Return { press, age_ms: 0, number },
        Command::Lease { press, age_ms: 0, service: id("social"), count: 5_u16.try_into().unwrap() },
        Command::HandIn { press, age_ms: 0, day, tickets: Vec::new() },
        Command::EndLease { press, age_ms: 0, day, first: number, unused: 1 },
    ] {
        let stale = Err(Refusal::Stale { age_ms: 11_000 });
        assert_eq!(desk.give(&asked.clone().older_by(waited)), stale, "{asked:?}");
    }
}

#[test]
fn a_press_older_than_ten_seconds_is_stale_and_leaves_no_trace() {
    let mut desk = Desk::open();
    desk.take("social");
    desk.wait(GUARD_MS);
    let next = desk.key("2", Key::Next);
    let before = desk.hall.clone();
    let stale = with(&next, |_, _, age| *age = 10_001);
    assert_eq!(desk.give(&stale), Err(Refusal::Stale { age_ms: 10_001 }));
    assert_eq!(desk.hall, before);
    let just = with(&next, |_, _, age| *age = 10_000);
    assert!(!desk.give(&just).unwrap().events.is_empty());
    assert_eq!(desk.hand("2"), Some("A001".into()));
}

#[test]
fn a_window_that_is_not_in_the_plan_has_no_pad() {
    let mut desk = Desk::open();
    let command = desk.key("9", Key::Next);
    assert_eq!(desk.give(&command), Err(Refusal::UnknownWindow { window: id("9") }));
}

#[test]
fn a_device_that_left_the_plan_still_hears_the_answer_to_its_last_press() {
    let mut desk = Desk::open();
    let request = desk.request("K2", "social");
    let first = desk.give(&request).unwrap();
    let mut without = parts();
    without.kiosks.retain(|kiosk| kiosk.id != id("K2"));
    desk.adopt(without);
    let again = desk.give(&request).unwrap();
    assert_eq!((again.answer, again.repeated, again.events.len()), (first.answer, true, 0));
    let new = desk.request("K2", "social");
    assert_eq!(desk.give(&new), Err(Refusal::UnknownKiosk { kiosk: id("K2") }));
}

fn showing(desk: &mut Desk, key: Key, number: &str) -> Command {
    let press = desk.next_press(Device::Pad(id("2")));
    let ticket: TicketNumber = id(number);
    Command::Key { press, age_ms: 0, key, ticket: Some(ticket), reason: None, details: Details::default() }
}

#[test]
fn a_press_that_names_another_ticket_than_the_one_in_hand_is_refused() {
    let mut desk = Desk::open();
    desk.take("social");
    desk.call("2");
    for key in Key::ALL {
        let press = showing(&mut desk, key, "A077");
        assert_eq!(desk.refused_command(&press), Refusal::AnotherTicket { number: id("A001") }, "{key:?}");
    }
    let press = showing(&mut desk, Key::Finish, "A001");
    desk.give(&press).unwrap();
    assert_eq!(desk.hand("2"), None);
    let press = showing(&mut desk, Key::Finish, "A001");
    assert_eq!(desk.refused_command(&press), Refusal::NoTicketInHand { window: id("2") });
}

#[test]
fn a_second_next_within_two_seconds_skips_nobody() {
    let mut desk = Desk::open();
    desk.take("social");
    desk.take("social");
    desk.call("2");
    for _ in 0..2 {
        assert_eq!(desk.refused("2", Key::Next), Refusal::JustCalled { number: id("A001") });
        desk.wait(GUARD_MS / 2 - 1);
    }
    desk.wait(2);
    assert_eq!(desk.done("2", Key::Next).1.unwrap().number, id("A002"));
}

#[test]
fn the_guard_protects_only_who_was_just_called() {
    let mut desk = Desk::open();
    for _ in 0..3 {
        desk.take("social");
    }
    desk.call("2");
    desk.done("2", Key::Start);
    assert_eq!(desk.done("2", Key::Next).1.unwrap().number, id("A002"), "service had begun");
    desk.done("2", Key::Recall);
    assert_eq!(desk.done("2", Key::Next).1.unwrap().number, id("A003"), "the clerk called again");
    desk.done("2", Key::NoShow);
    assert_eq!(desk.refused("2", Key::Next), Refusal::NobodyWaiting { window: id("2") });
}

#[test]
fn a_clerk_is_not_kept_waiting_when_the_clock_is_set_back_after_a_call() {
    for back in [GUARD_MS + 1, HOUR_MS, 40 * DAY_MS] {
        let mut desk = Desk::open();
        desk.take("social");
        desk.take("social");
        desk.call("2");
        desk.wait(GUARD_MS - back);
        assert_eq!(desk.done("2", Key::Next).1.unwrap().number, id("A002"), "{back} ms back");
    }
}

#[test]
fn while_the_clock_is_behind_the_guard_still_protects_and_still_ends() {
    let mut desk = Desk::open();
    for _ in 0..3 {
        desk.take("social");
    }
    desk.wait(-HOUR_MS);
    desk.done("2", Key::Next);
    let wall = desk.wall_ms;
    assert!(matches!(desk.journal.last().unwrap().event,
        Event::Called { wall: Some(said), .. } if said.unix_ms() == wall));
    desk.wait(GUARD_MS - 1);
    assert_eq!(desk.refused("2", Key::Next), Refusal::JustCalled { number: id("A001") });
    desk.hall = replayed(id("county"), &desk.journal);
    desk.wait(1);
    assert_eq!(desk.done("2", Key::Next).1.unwrap().number, id("A002"));
}

#[test]
fn the_guard_lasts_at_most_its_time_after_a_small_step_back() {
    let mut desk = Desk::open();
    desk.take("social");
    desk.take("social");
    desk.call("2");
    desk.wait(10_000);
    // Set back to half a second after the call: it counts as just called, but not for longer.
    desk.wait(500 - 10_000);
    assert_eq!(desk.refused("2", Key::Next), Refusal::JustCalled { number: id("A001") });
    desk.wait(GUARD_MS - 500);
    assert_eq!(desk.done("2", Key::Next).1.unwrap().number, id("A002"));
}

#[test]
fn each_step_back_makes_the_guard_hold_at_most_once_more() {
    let mut desk = Desk::open();
    desk.take("social");
    desk.take("social");
    desk.call("2");
    desk.wait(-233);
    let refused = (0..20_i64)
        .map(|_| {
            desk.wait(233);
            matches!(next_would_be(&mut desk), Some(Answer::Refused(Refusal::JustCalled { .. })))
        })
        .collect::<Vec<_>>();
    let first = refused.iter().position(|refused| *refused).unwrap();
    let last = refused.iter().rposition(|refused| *refused).unwrap();
    assert!(refused[first..=last].iter().all(|refused| *refused), "one stretch");
    assert!(i64::try_from(last - first).unwrap() * 233 < GUARD_MS && last + 1 < refused.len());
}

/// What NEXT would get, without pressing it.
fn next_would_be(desk: &mut Desk) -> Option<Answer> {
    let next = desk.key("2", Key::Next);
    desk.hall.decide(&next, crate::support::now(desk.wall_ms)).unwrap().answer
}

#[test]
fn a_call_written_before_the_wall_clock_was_recorded_still_reads() {
    let old = r#"{"at":5,"cause":{"rule":"day_began"},"event":{"kind":"called","ticket":1,"number":"A001",
        "window":"1","why":{"oldest":{"services":1}}}}"#;
    let stamped: hall_core::event::Stamped = serde_json::from_str(old).unwrap();
    assert!(matches!(stamped.event, Event::Called { wall: None, .. }));
    assert_eq!(stamped.cause, Cause::Rule(hall_core::event::Rule::DayBegan));
    assert!(!serde_json::to_string(&stamped).unwrap().contains("wall"));
}
