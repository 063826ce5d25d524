//! Appointments while the clocks are put back, and in a hall that is given another time zone.

use hall_core::answer::Answer;
use hall_core::appointment::{AppointmentState, SlotTime};
use hall_core::command::Command;
use hall_core::event::{Cause, Device, Event, Rule};
use hall_core::refusal::Refusal;
use hall_core::ticket::TicketId;
use hall_core::time::{HallTime, Now};

use crate::appointments::{ELEVEN, at};
use crate::support::{Desk, HOUR_MS, id, now, replayed, slot};

const MINUTE_MS: i64 = 60_000;

/// A slot at eleven, of which the wall shows two: its moment is the second.
fn twice() -> SlotTime {
    let first = slot(0, ELEVEN);
    SlotTime { at: first.at.plus_ms(HOUR_MS), ..first }
}

/// So many minutes from the first eleven, and what the wall shows, of an hour that comes twice.
fn moment(minutes: i64) -> Now {
    let first = now(slot(0, ELEVEN).at.unix_ms() + minutes * MINUTE_MS);
    // At half past the clocks are put back.
    if minutes < 30 { first } else { Now { minute: first.minute - 60, ..first } }
}

fn check_in(desk: &mut Desk, code: &str, minutes: i64) -> Result<HallTime, Refusal> {
    let press = desk.next_press(Device::Kiosk(id("K1")));
    let decision = desk.hall.decide(&Command::CheckIn { press, age_ms: 0, code: id(code) }, moment(minutes));
    let decision = decision.unwrap();
    decision.events.iter().for_each(|stamped| desk.hall.apply(stamped));
    desk.journal.extend(decision.events);
    match decision.answer {
        Some(Answer::Ticket { number, .. }) => {
            Ok(desk.hall.tickets().find(|ticket| ticket.number == number).unwrap().standing)
        }
        Some(Answer::Refused(refusal)) => Err(refusal),
        other => panic!("{other:?}"),
    }
}

fn tick(desk: &mut Desk, minutes: i64) {
    let decision = desk.hall.decide(&Command::Tick, moment(minutes)).unwrap();
    decision.events.iter().for_each(|stamped| desk.hall.apply(stamped));
    desk.journal.extend(decision.events);
}

#[test]
fn in_an_hour_that_comes_twice_one_checks_in_around_both() {
    let mut desk = at(-60);
    for code in ["yy-1", "yy-2"] {
        desk.book(code, "social", twice()).unwrap();
    }
    desk.book("yy-3", "tax", twice()).unwrap();
    let first = slot(0, ELEVEN).at;
    assert!(matches!(check_in(&mut desk, "yy-1", -31), Err(Refusal::AppointmentTooEarly { .. })));
    assert_eq!(check_in(&mut desk, "yy-1", -5), Ok(first), "it is the first that its citizen came for");
    let late = check_in(&mut desk, "yy-2", 16);
    assert!(matches!(late, Err(Refusal::AppointmentTooEarly { .. })), "too late, and early for the second");
    tick(&mut desk, 20);
    assert_eq!(desk.appointment("yy-2"), Some(AppointmentState::Booked), "the second is still to come");
    assert_eq!(check_in(&mut desk, "yy-2", 55), Ok(twice().at));
    assert_eq!(check_in(&mut desk, "yy-3", 70), Ok(first.plus_ms(70 * MINUTE_MS)));
    assert_eq!(replayed(id("county"), &desk.journal), desk.hall);
}

#[test]
fn who_came_for_neither_is_released_after_the_second() {
    let mut desk = at(-60);
    desk.book("yy-1", "social", twice()).unwrap();
    tick(&mut desk, 75);
    assert_eq!(desk.appointment("yy-1"), Some(AppointmentState::Booked));
    tick(&mut desk, 76);
    assert_eq!(desk.appointment("yy-1"), Some(AppointmentState::Released));
    assert!(matches!(check_in(&mut desk, "yy-1", 76), Err(Refusal::AppointmentTooLate { .. })));
}

#[test]
fn in_another_time_zone_an_appointment_keeps_the_time_on_its_paper() {
    let mut desk = at(-60);
    for code in ["yy-1", "yy-2"] {
        desk.book(code, "social", slot(1, ELEVEN)).unwrap();
    }
    desk.book("yy-3", "social", slot(0, ELEVEN)).unwrap();
    desk.wait(45 * MINUTE_MS);
    desk.check_in("yy-3").unwrap();
    let moved = SlotTime { at: slot(1, ELEVEN).at.plus_ms(-HOUR_MS), ..slot(1, ELEVEN) };
    let another = slot(1, ELEVEN + 15);
    let asked = [("yy-1", moved), ("yy-2", another), ("yy-3", moved), ("nn-1", moved)];
    let slots = asked.map(|(code, slot)| (id(code), slot)).to_vec();
    let command = Command::MoveSlots(slots);
    let events = desk.give(&command).unwrap().events;
    let [rebooked] = &events[..] else { panic!("{events:?}") };
    assert_eq!(rebooked.cause, Cause::Rule(Rule::Configuration));
    assert_eq!(
        rebooked.event,
        Event::Rebooked { appointment: id("yy-1"), service: id("social"), slot: moved },
        "not to another time of day, nor whose citizen is here"
    );
    assert_eq!(desk.give(&command).unwrap().events, []);
    assert_eq!(desk.hall.ticket(ticket(1)).unwrap().standing, slot(0, ELEVEN).at);
    assert_eq!(replayed(id("county"), &desk.journal), desk.hall);
}

fn ticket(count: u64) -> TicketId {
    serde_json::from_value(count.into()).unwrap()
}
