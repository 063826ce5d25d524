//! What is told of an appointment whose ticket ended unserved, and that it can be booked again.

use hall_core::answer::Change;
use hall_core::appointment::AppointmentState;
use hall_core::command::Command;
use hall_core::event::Device;
use hall_core::refusal::Refusal;
use hall_core::ticket::TicketId;
use hall_protocol::payload::Key;

use crate::appointments::{ELEVEN, at};
use crate::support::{Desk, id, parts_without, replayed, slot};

const MINUTE_MS: i64 = 60_000;

fn ticket(count: u64) -> TicketId {
    serde_json::from_value(count.into()).unwrap()
}

/// A desk at a quarter to eleven where who is expected at eleven has checked in.
fn checked_in() -> Desk {
    let mut desk = at(-15);
    desk.book("yy-1", "social", slot(0, ELEVEN)).unwrap();
    assert_eq!(desk.check_in("yy-1").unwrap().0, "A001");
    desk
}

fn cancel(desk: &mut Desk, number: &str) {
    let press = desk.next_press(Device::Kiosk(id("K1")));
    desk.give(&Command::Cancel { press, age_ms: 0, number: id(number) }).unwrap();
}

#[test]
fn a_cancelled_ticket_cancels_its_appointment_which_can_be_booked_again_for_the_same_slot() {
    let mut desk = checked_in();
    cancel(&mut desk, "A001");
    let cancelled = AppointmentState::Cancelled { ticket: ticket(1), number: id("A001") };
    assert_eq!(desk.appointment("yy-1"), Some(cancelled));
    // Whoever scans the code again is told the number, of which the staff can see what became.
    let again = desk.check_in("yy-1");
    assert_eq!(again, Err(Refusal::AlreadyCheckedIn { number: id("A001") }));
    assert_eq!(desk.book("yy-1", "social", slot(0, ELEVEN)), Ok(Change::Changed));
    assert_eq!(desk.book("yy-1", "social", slot(0, ELEVEN)), Ok(Change::Unchanged));
    assert_eq!(desk.check_in("yy-1").unwrap().0, "A002");
    assert_eq!(replayed(id("county"), &desk.journal), desk.hall);
}

#[test]
fn its_place_in_the_slot_is_free_for_somebody_else() {
    let mut desk = checked_in();
    desk.book("yy-2", "social", slot(0, ELEVEN)).unwrap();
    assert!(matches!(desk.book("yy-3", "social", slot(0, ELEVEN)), Err(Refusal::SlotFull { .. })));
    cancel(&mut desk, "A001");
    assert_eq!(desk.book("yy-3", "social", slot(0, ELEVEN)), Ok(Change::Booked));
    let full = desk.book("yy-1", "social", slot(0, ELEVEN));
    assert!(matches!(full, Err(Refusal::SlotFull { .. })), "{full:?}");
    assert_eq!(desk.book("yy-1", "social", slot(1, ELEVEN)), Ok(Change::Changed), "another day has room");
}

#[test]
fn a_cancelled_one_is_cancelled_by_its_system_too_and_asked_again_after_its_slot_it_is_as_it_was() {
    let mut desk = checked_in();
    cancel(&mut desk, "A001");
    desk.wait(20 * MINUTE_MS);
    assert_eq!(desk.book("yy-1", "social", slot(0, ELEVEN)), Ok(Change::Unchanged));
    assert!(matches!(desk.appointment("yy-1"), Some(AppointmentState::Cancelled { .. })));
    desk.give(&Command::Unbook { client: id("city"), appointment: id("yy-1") }).unwrap();
    assert_eq!(desk.appointment("yy-1"), None);
}

#[test]
fn who_does_not_come_when_called_is_told_as_a_no_show_until_back() {
    let mut desk = checked_in();
    desk.call("2");
    desk.done("2", Key::NoShow);
    let no_show = AppointmentState::NoShow { ticket: ticket(1), number: id("A001") };
    assert_eq!(desk.appointment("yy-1"), Some(no_show));
    desk.about("2", Key::Return, "A001").unwrap();
    let here = AppointmentState::CheckedIn { ticket: ticket(1), number: id("A001") };
    assert_eq!(desk.appointment("yy-1"), Some(here));
    let refused = desk.book("yy-1", "social", slot(1, ELEVEN));
    assert_eq!(refused, Err(Refusal::AlreadyCheckedIn { number: id("A001") }));
    desk.call("2");
    desk.done("2", Key::NoShow);
    assert_eq!(desk.book("yy-1", "social", slot(1, ELEVEN)), Ok(Change::Changed));
    // Back all the same: the ticket is one like others by now, and the new booking stands.
    desk.about("2", Key::Return, "A001").unwrap();
    assert_eq!(desk.appointment("yy-1"), Some(AppointmentState::Booked));
    assert_eq!(replayed(id("county"), &desk.journal), desk.hall);
}

#[test]
fn a_ticket_that_ends_with_its_service_cancels_its_appointment() {
    let mut desk = checked_in();
    desk.adopt(parts_without("social"));
    assert!(matches!(desk.appointment("yy-1"), Some(AppointmentState::Cancelled { .. })));
    assert_eq!(desk.book("yy-1", "tax", slot(0, ELEVEN)), Ok(Change::Changed));
}

#[test]
fn who_is_served_has_come_for_it() {
    let mut desk = checked_in();
    desk.call("2");
    desk.done("2", Key::Finish);
    assert!(matches!(desk.appointment("yy-1"), Some(AppointmentState::CheckedIn { .. })));
}
