//! Appointments: booked, changed, cancelled, kept and not kept; and whose turn it is then.

use hall_core::answer::{Answer, Change};
use hall_core::appointment::AppointmentState;
use hall_core::command::{Command, Details};
use hall_core::event::{CallReason, Cause, Device, Event, Rule, UnbookReason};
use hall_core::plan::{Plan, PlanError, Slot};
use hall_core::refusal::Refusal;
use hall_core::ticket::TicketState;
use hall_protocol::payload::{Class, Key};
use proptest::prelude::*;

use crate::support::{
    DAY_MS, Desk, GUARD_MS, HOUR_MS, TEN_O_CLOCK, id, parts, parts_without, quarters, replayed, slot,
};

pub(crate) const MINUTE_MS: i64 = 60_000;
pub(crate) const ELEVEN: u16 = 660;

/// The hall at so many minutes from eleven o'clock.
pub(crate) fn at(minutes: i64) -> Desk {
    let mut desk = Desk::open();
    desk.wait(HOUR_MS + minutes * MINUTE_MS);
    desk
}

fn last_call(desk: &Desk) -> (String, CallReason) {
    let call = desk.journal.iter().rev().find_map(|stamped| match &stamped.event {
        Event::Called { number, why, .. } => Some((number.to_string(), why.clone())),
        _ => None,
    });
    call.unwrap()
}

fn appointment(slot: &str, passing: bool) -> CallReason {
    CallReason::Appointment { slot: id(slot), passing }
}

#[test]
fn the_same_booking_again_changes_nothing_and_another_content_is_a_change() {
    let mut desk = at(-60);
    assert_eq!(desk.book("yy-1", "social", slot(0, ELEVEN)), Ok(Change::Booked));
    let rows = desk.journal.len();
    assert_eq!(desk.book("yy-1", "social", slot(0, ELEVEN)), Ok(Change::Unchanged));
    assert_eq!(desk.journal.len(), rows);
    assert_eq!(desk.book("yy-1", "tax", slot(0, ELEVEN)), Ok(Change::Changed));
    assert_eq!(desk.book("yy-1", "tax", slot(1, ELEVEN)), Ok(Change::Changed));
    let stamped = desk.journal.last().unwrap();
    assert_eq!((stamped.cause, &stamped.answer), (Cause::Client(id("city")), &None));
    let service = id("tax");
    assert_eq!(stamped.event, Event::Rebooked { appointment: id("yy-1"), service, slot: slot(1, ELEVEN) });
    assert_eq!(replayed(id("county"), &desk.journal), desk.hall);
}

#[test]
fn a_slot_takes_as_many_as_it_may_and_who_moves_or_cancels_leaves_room() {
    let mut desk = at(-60);
    for code in ["yy-1", "yy-2"] {
        assert_eq!(desk.book(code, "social", slot(0, ELEVEN)), Ok(Change::Booked));
    }
    let next = Some(id("2026-03-02T11:15"));
    let full = Err(Refusal::SlotFull { service: id("social"), slot: id("11:00"), next });
    assert_eq!(desk.book("yy-3", "social", slot(0, ELEVEN)), full);
    assert_eq!(desk.book("yy-3", "social", slot(1, ELEVEN)), Ok(Change::Booked), "another day has its own");
    assert_eq!(desk.book("yy-1", "social", slot(0, ELEVEN)), Ok(Change::Unchanged), "it is in it already");
    assert_eq!(desk.book("yy-1", "social", slot(0, ELEVEN + 15)), Ok(Change::Changed));
    assert_eq!(desk.book("yy-3", "social", slot(0, ELEVEN)), Ok(Change::Changed));
    assert_eq!(desk.book("yy-4", "social", slot(0, ELEVEN)), full);
    desk.give(&Command::Unbook { client: id("city"), appointment: id("yy-2") }).unwrap();
    assert_eq!(desk.book("yy-4", "social", slot(0, ELEVEN)), Ok(Change::Booked));
    assert_eq!(desk.appointment("yy-2"), None);
}

#[test]
fn what_cannot_be_booked_says_why_and_leaves_no_trace() {
    let mut desk = at(0);
    let rows = desk.journal.len();
    let (property, fishing) = (id("property"), id("fishing"));
    for (service, slot, refusal) in [
        ("fishing", slot(0, ELEVEN + 15), Refusal::UnknownService { service: fishing }),
        ("property", slot(0, ELEVEN + 15), Refusal::NoSuchSlot { service: property, slot: id("11:15") }),
        ("social", slot(0, ELEVEN + 7), Refusal::NoSuchSlot { service: id("social"), slot: id("11:07") }),
        ("social", slot(0, ELEVEN), Refusal::SlotOver { slot: id("11:00") }),
        ("social", slot(-1, ELEVEN + 15), Refusal::SlotOver { slot: id("11:15") }),
        ("social", slot(31, ELEVEN), Refusal::TooFarAhead { days: 30 }),
    ] {
        assert_eq!(desk.book("yy-1", service, slot), Err(refusal));
    }
    let unbook = Command::Unbook { client: id("city"), appointment: id("yy-1") };
    assert_eq!(desk.give(&unbook), Err(Refusal::UnknownAppointment { appointment: id("yy-1") }));
    assert_eq!(desk.journal.len(), rows);
    assert_eq!(desk.book("yy-1", "social", slot(30, ELEVEN)), Ok(Change::Booked));
}

#[test]
fn one_checks_in_from_early_to_late_and_not_before_nor_after() {
    let mut desk = at(-60);
    for (code, minute) in [("yy-1", ELEVEN), ("yy-2", ELEVEN), ("yy-3", ELEVEN + 15), ("yy-4", ELEVEN + 30)] {
        desk.book(code, "social", slot(0, minute)).unwrap();
    }
    desk.book("yy-9", "social", slot(2, ELEVEN)).unwrap();
    let early = |days, slot, from| Err(Refusal::AppointmentTooEarly { days, slot: id(slot), from: id(from) });
    desk.wait(30 * MINUTE_MS - 1);
    assert_eq!(desk.check_in("yy-1"), early(0, "11:00", "10:30"));
    assert_eq!(desk.check_in("yy-9"), early(2, "11:00", "10:30"));
    desk.wait(1);
    assert_eq!(desk.check_in("YY-1"), Ok(("A001".into(), 0)), "in capital letters");
    let ticket = desk.hall.tickets().next().unwrap();
    assert_eq!((ticket.class, ticket.standing), (Class::Appointment, slot(0, ELEVEN).at));
    let again = Err(Refusal::AlreadyCheckedIn { number: id("A001") });
    assert_eq!(desk.check_in("yy-1"), again);
    desk.wait(45 * MINUTE_MS);
    assert_eq!(desk.check_in("yy-2"), Ok(("A002".into(), 1)));
    desk.wait(15 * MINUTE_MS + 1);
    let late = |slot| Err(Refusal::AppointmentTooLate { slot: id(slot), minutes: 15 });
    assert_eq!(desk.check_in("yy-3"), late("11:15"), "also before the system noticed");
    desk.give(&Command::Tick).unwrap();
    assert_eq!(desk.check_in("yy-3"), late("11:15"));
    assert_eq!(desk.check_in("yy-4"), Ok(("A003".into(), 2)));
    assert_eq!(desk.check_in("nn-1"), Err(Refusal::UnknownAppointment { appointment: id("nn-1") }));
    assert_eq!(replayed(id("county"), &desk.journal), desk.hall);
}

#[test]
fn a_change_after_the_check_in_is_refused_with_the_ticket() {
    let mut desk = at(-20);
    desk.book("yy-1", "social", slot(0, ELEVEN)).unwrap();
    desk.check_in("yy-1").unwrap();
    let here = Refusal::AlreadyCheckedIn { number: id("A001") };
    assert_eq!(desk.book("yy-1", "social", slot(0, ELEVEN + 15)), Err(here.clone()));
    assert_eq!(desk.give(&Command::Unbook { client: id("city"), appointment: id("yy-1") }), Err(here));
    assert_eq!(desk.book("yy-1", "social", slot(0, ELEVEN)), Ok(Change::Unchanged), "it asks for no change");
}

#[test]
fn who_does_not_come_is_released_by_the_rule_and_may_book_anew() {
    let mut desk = at(-20);
    desk.book("yy-1", "social", slot(0, ELEVEN)).unwrap();
    desk.book("yy-2", "social", slot(0, ELEVEN + 15)).unwrap();
    desk.wait(35 * MINUTE_MS);
    assert_eq!(desk.give(&Command::Tick).unwrap().events, [], "who comes now is in time");
    desk.wait(1);
    let events = desk.give(&Command::Tick).unwrap().events;
    let (service, appointment) = (id("social"), id("yy-1"));
    assert_eq!(events[0].event, Event::Released { appointment, service, slot: slot(0, ELEVEN) });
    assert_eq!((events.len(), events[0].cause), (1, Cause::Rule(Rule::AppointmentLapsed)));
    assert_eq!(desk.appointment("yy-1"), Some(AppointmentState::Released));
    assert_eq!(desk.give(&Command::Tick).unwrap().events, [], "once");
    assert_eq!(desk.book("yy-1", "social", slot(0, ELEVEN)), Ok(Change::Unchanged));
    assert_eq!(desk.book("yy-1", "social", slot(0, ELEVEN + 30)), Ok(Change::Changed));
    assert_eq!(desk.appointment("yy-1"), Some(AppointmentState::Booked));
}

#[test]
fn the_end_of_the_day_releases_who_did_not_come_and_keeps_the_days_to_come() {
    let mut desk = at(-20);
    desk.book("yy-1", "social", slot(0, ELEVEN)).unwrap();
    desk.book("yy-2", "social", slot(0, ELEVEN + 15)).unwrap();
    desk.book("yy-3", "social", slot(1, ELEVEN)).unwrap();
    desk.check_in("yy-1").unwrap();
    desk.wait(DAY_MS);
    let events = desk.give(&Command::Tick).unwrap().events;
    let released: Vec<_> = events.iter().filter(|s| matches!(s.event, Event::Released { .. })).collect();
    assert_eq!((released.len(), released[0].cause), (1, Cause::Rule(Rule::DayBegan)));
    assert_eq!(["yy-1", "yy-2"].map(|code| desk.appointment(code)), [None, None]);
    assert_eq!(desk.check_in("yy-3"), Ok(("A001".into(), 0)));
}

#[test]
fn an_appointment_is_called_at_its_slot_before_who_waits_longer_and_not_before_it() {
    let mut desk = at(-20);
    desk.book("yy-1", "social", slot(0, ELEVEN)).unwrap();
    for _ in 0..4 {
        desk.take("social");
    }
    // One of two calls is for a slot.
    assert_eq!(desk.check_in("yy-1"), Ok(("A005".into(), 1)));
    desk.take("social");
    assert_eq!([desk.call("2"), desk.call("2")], [Some("A001".into()), Some("A002".into())]);
    desk.wait(20 * MINUTE_MS);
    assert_eq!(desk.call("2"), Some("A005".into()));
    assert_eq!(last_call(&desk), ("A005".into(), appointment("11:00", true)));
    let rest: Vec<_> = (0..3).map(|_| desk.call("2").unwrap()).collect();
    assert_eq!(rest, ["A003", "A004", "A006"]);
}

#[test]
fn with_nobody_else_waiting_an_appointment_is_called_before_its_slot() {
    let mut desk = at(-20);
    desk.book("yy-1", "social", slot(0, ELEVEN)).unwrap();
    desk.check_in("yy-1").unwrap();
    desk.take("tax");
    assert_eq!(desk.call("1"), Some("B001".into()), "somebody waits for another service of the window");
    assert_eq!(desk.call("1"), Some("A001".into()));
    assert_eq!(last_call(&desk), ("A001".into(), appointment("11:00", false)));
    let standing = desk.hall.tickets().next().unwrap().standing;
    assert!(standing < slot(0, ELEVEN).at, "nobody is put behind the future");
}

#[test]
fn of_two_calls_one_passes_and_the_journal_says_which() {
    let mut desk = at(-10);
    for _ in 0..4 {
        desk.take("social");
    }
    for (code, minute) in [("yy-1", ELEVEN), ("yy-2", ELEVEN), ("yy-3", ELEVEN + 15)] {
        desk.book(code, "social", slot(0, minute)).unwrap();
        desk.wait(1);
    }
    for code in ["yy-3", "yy-1", "yy-2"] {
        desk.check_in(code).unwrap();
    }
    desk.wait(40 * MINUTE_MS);
    desk.take("social");
    let called: Vec<_> = (0..8).map(|_| desk.call("2").unwrap()).collect();
    assert_eq!(called, ["A006", "A001", "A007", "A002", "A005", "A003", "A004", "A008"]);
    let passes = desk.journal.iter().filter(|stamped| {
        matches!(&stamped.event, Event::Called { why: CallReason::Appointment { passing: true, .. }, .. })
    });
    assert_eq!(passes.count(), 3);
}

#[test]
fn who_comes_late_stands_from_then_on_and_overtakes_nobody_by_seniority() {
    let mut desk = at(-20);
    desk.book("yy-1", "social", slot(0, ELEVEN)).unwrap();
    desk.book("yy-2", "social", slot(0, ELEVEN + 15)).unwrap();
    desk.wait(30 * MINUTE_MS);
    desk.take("social");
    desk.wait(MINUTE_MS);
    desk.check_in("yy-1").unwrap();
    let late = desk.hall.tickets().last().unwrap();
    assert_eq!(late.standing.unix_ms(), TEN_O_CLOCK + HOUR_MS + 11 * MINUTE_MS);
    assert_eq!(desk.call("2"), Some("A002".into()), "within the quota it passes all the same");
}

#[test]
fn priority_and_appointments_have_a_quota_each() {
    let mut desk = at(-20);
    for _ in 0..4 {
        desk.take("social");
    }
    for code in ["yy-1", "yy-2"] {
        desk.book(code, "social", slot(0, ELEVEN)).unwrap();
        desk.check_in(code).unwrap();
    }
    desk.take_as(Class::Elderly, "social");
    desk.take_as(Class::Elderly, "social");
    desk.wait(20 * MINUTE_MS);
    let called: Vec<_> = (0..8).map(|_| desk.call("2").unwrap()).collect();
    assert_eq!(called, ["A005", "A007", "A001", "A006", "A002", "A008", "A003", "A004"]);
}

#[test]
fn its_first_call_keeps_the_slot_and_afterwards_it_waits_as_others() {
    let mut desk = at(-20);
    desk.book("yy-1", "social", slot(0, ELEVEN)).unwrap();
    desk.check_in("yy-1").unwrap();
    desk.wait(21 * MINUTE_MS);
    assert_eq!(desk.call("2"), Some("A001".into()));
    desk.done("2", Key::NoShow);
    for _ in 0..2 {
        desk.take("social");
    }
    desk.about("2", Key::Return, "A001").unwrap();
    assert_eq!(desk.call("2"), Some("A001".into()), "by when it was taken");
    assert!(matches!(last_call(&desk).1, CallReason::Oldest { .. }));
}

#[test]
fn an_armed_window_calls_who_checks_in() {
    let mut desk = at(-20);
    let mut plan = parts();
    plan.policy.armed_next = true;
    desk.adopt(plan);
    desk.book("yy-1", "social", slot(0, ELEVEN)).unwrap();
    assert_eq!(desk.call("2"), None);
    desk.check_in("yy-1").unwrap();
    assert!(matches!(last_call(&desk), (number, CallReason::Armed { .. }) if number == "A001"));
}

#[test]
fn nobody_takes_or_is_given_the_class_of_appointments() {
    let mut desk = Desk::open();
    let press = desk.next_press(Device::Kiosk(id("K1")));
    let (service, class) = (id("social"), Class::Appointment);
    let take = Command::Take { press, age_ms: 0, service, class, also: Vec::new() };
    assert_eq!(desk.refused_command(&take), Refusal::OnlyByCheckIn);
    desk.take("social");
    let details = Details { number: Some(id("A001")), class: Some(class), ..Details::default() };
    assert_eq!(desk.with("2", Key::ConfirmClass, details), Err(Refusal::OnlyByCheckIn));
}

#[test]
fn an_appointment_corrected_to_another_service_keeps_its_slot() {
    let mut desk = at(-20);
    desk.book("yy-1", "social", slot(0, ELEVEN)).unwrap();
    desk.check_in("yy-1").unwrap();
    desk.take("tax");
    let details = Details { number: Some(id("A001")), to_service: Some(id("tax")), ..Details::default() };
    desk.with("1", Key::Correct, details).unwrap();
    assert_eq!(desk.call("1"), Some("B001".into()), "its slot has not begun");
    desk.take("tax");
    desk.wait(20 * MINUTE_MS);
    assert_eq!(desk.call("1"), Some("A001".into()));
}

#[test]
fn a_repeated_check_in_is_done_once() {
    let mut desk = at(-20);
    desk.book("yy-1", "social", slot(0, ELEVEN)).unwrap();
    let press = desk.next_press(Device::Kiosk(id("K2")));
    let command = Command::CheckIn { press, age_ms: 0, code: id("yy-1") };
    let first = desk.give(&command).unwrap();
    let again = desk.give(&command).unwrap();
    assert_eq!((&again.answer, again.repeated, again.events.len()), (&first.answer, true, 0));
    assert!(matches!(first.answer, Some(Answer::Ticket { appointment: Some(at), .. }) if at == id("11:00")));
}

#[test]
fn a_plan_without_the_service_cancels_its_bookings_and_one_without_the_slot_keeps_them() {
    let mut desk = at(-60);
    desk.book("yy-1", "tax", slot(0, ELEVEN)).unwrap();
    desk.book("yy-2", "social", slot(0, ELEVEN)).unwrap();
    let mut plan = parts_without("tax");
    plan.services[0].slots.clear();
    let events = desk.adopt(plan);
    let (service, why) = (id("tax"), UnbookReason::ServiceWithdrawn);
    assert_eq!(events[0], Event::Unbooked { appointment: id("yy-1"), service, why });
    assert_eq!((desk.appointment("yy-1"), desk.appointment("yy-2").is_some()), (None, true));
    desk.wait(HOUR_MS);
    assert_eq!(desk.check_in("yy-2"), Ok(("A001".into(), 0)));
    assert_eq!(desk.state("A001"), TicketState::Waiting);
}

#[test]
fn slots_follow_each_other_and_are_for_somebody() {
    let mut wrong = parts();
    wrong.services[0].slots = vec![Slot { minute: id("11:00"), capacity: 0 }];
    assert_eq!(Plan::new(wrong.clone()), Err(PlanError::Slots(id("social"))));
    wrong.services[0].slots = vec![quarters(1)[3], quarters(1)[3]];
    assert_eq!(Plan::new(wrong), Err(PlanError::Slots(id("social"))));
}

#[test]
fn the_journal_names_the_booking_and_nobody() {
    let mut desk = at(-20);
    desk.book("yy-1", "social", slot(0, ELEVEN)).unwrap();
    desk.check_in("yy-1").unwrap();
    let rows: Vec<_> = desk.journal.iter().rev().take(2).map(|s| serde_json::to_value(s).unwrap()).collect();
    let keys = |row: &serde_json::Value| -> Vec<String> {
        row["event"].as_object().unwrap().keys().cloned().collect()
    };
    assert_eq!(keys(&rows[1]), ["appointment", "kind", "service", "slot"]);
    assert_eq!(rows[1]["cause"], serde_json::json!({ "client": "city" }));
    assert_eq!(rows[0]["event"]["check_in"]["slot"], "11:00");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn the_bounds_of_passing_hold_for_who_is_passed_and_for_the_appointment(
        (appointments, priority) in (2_u16..5, 2_u16..5),
        kinds in prop::collection::vec(0..3, 1..30),
        booked in 1_usize..8,
    ) {
        let mut desk = at(-10);
        let mut plan = parts();
        plan.services[0].slots = quarters(20);
        plan.policy.appointment_quota = appointments;
        plan.policy.priority_quota = priority;
        desk.adopt(plan);
        for n in 0..booked {
            desk.book(&format!("yy-{n}"), "social", slot(0, ELEVEN)).unwrap();
        }
        let promised: Vec<_> = (0..booked).map(|n| desk.check_in(&format!("yy-{n}")).unwrap().0).collect();
        let class = |kind: i32| if kind == 0 { Class::Elderly } else { Class::Ordinary };
        let taken: Vec<_> = kinds.iter().map(|kind| desk.take_as(class(*kind), "social")).collect();
        desk.wait(10 * MINUTE_MS);
        let mut called = Vec::new();
        desk.wait(GUARD_MS);
        while let Some(number) = desk.hall.totals().waiting.gt(&0).then(|| desk.call("2")).flatten() {
            called.push(number);
        }
        let calls = |number: &String| 1 + called.iter().position(|other| other == number).unwrap();
        let (a, p) = (usize::from(appointments), usize::from(priority));
        for (n, number) in taken.iter().enumerate() {
            let bound = n + 3 + n / (p - 1) + n / (a - 1);
            prop_assert!(calls(number) <= bound, "{number}: {} calls, {bound} promised", calls(number));
        }
        for (k, number) in promised.iter().enumerate() {
            let bound = (k + 1) * a + 1 + (k + 1) * (a - 1) / (p - 1);
            prop_assert!(calls(number) <= bound, "{number}: {} calls, {bound} promised", calls(number));
        }
    }
}
