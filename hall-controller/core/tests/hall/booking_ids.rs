//! Which booking an id of the city's system means: written otherwise, cancelled before, or forgotten.

use hall_core::answer::Change;
use hall_core::command::Command;
use hall_core::refusal::Refusal;

use crate::appointments::{ELEVEN, MINUTE_MS, at};
use crate::support::{DAY_MS, id, parts_without, replayed, slot};

#[test]
fn an_id_that_differs_from_a_booking_in_capitals_only_is_refused_and_overwrites_nothing() {
    let mut desk = at(-60);
    desk.book("yy-1a", "social", slot(0, ELEVEN)).unwrap();
    let rows = desk.journal.len();
    let asked =
        |slot| Command::Book { client: id("city"), appointment: id("YY-1A"), service: id("social"), slot };
    let unbook = |code: &str| Command::Unbook { client: id("city"), appointment: id(code) };
    let code = |refused: Result<_, Refusal>| refused.map(drop).unwrap_err().code();
    for command in [asked(slot(0, ELEVEN)), asked(slot(1, ELEVEN)), unbook("YY-1A")] {
        assert_eq!(code(desk.give(&command)), "id_differs_in_case", "{command:?}");
    }
    assert_eq!(desk.journal.len(), rows);
    assert_eq!(desk.hall.appointments().get(id("yy-1a")).unwrap().slot, slot(0, ELEVEN));
    desk.wait(60 * MINUTE_MS);
    assert_eq!(desk.check_in("Yy-1A"), Ok(("A001".into(), 0)), "citizens type it as they like");
    desk.book("yy-2b", "social", slot(1, ELEVEN)).unwrap();
    desk.give(&unbook("yy-2b")).unwrap();
    assert_eq!(code(desk.give(&unbook("YY-2b"))), "unknown_appointment");
    assert_eq!(desk.book("YY-2B", "social", slot(1, ELEVEN)), Ok(Change::Booked), "the other is gone");
}

#[test]
fn to_cancel_again_is_answered_as_the_first_time_and_is_no_second_event() {
    let mut desk = at(-60);
    let unbook = |nth: u16| Command::Unbook { client: id("city"), appointment: id(&format!("yy-{nth}")) };
    desk.book("yy-1", "social", slot(0, ELEVEN)).unwrap();
    let first = desk.give(&unbook(1)).unwrap();
    let again = desk.give(&unbook(1)).unwrap();
    assert_eq!((again.events.len(), &again.answer), (0, &first.answer));
    let restarted = replayed(id("county"), &desk.journal);
    assert_eq!(restarted, desk.hall);

    assert_eq!(desk.book("yy-1", "tax", slot(1, ELEVEN)), Ok(Change::Booked));
    let anew = desk.give(&unbook(1)).unwrap();
    assert_eq!(anew.events.len(), 1, "it was another booking");
    assert_eq!(desk.give(&unbook(1)).unwrap().answer, anew.answer);

    desk.book("yy-2", "social", slot(1, ELEVEN)).unwrap();
    desk.adopt(parts_without("social"));
    assert!(desk.give(&unbook(2)).unwrap().events.is_empty(), "its service left the plan");
    desk.wait(2 * DAY_MS);
    desk.give(&Command::Tick).unwrap();
    let unknown = |nth: u16| Err(Refusal::UnknownAppointment { appointment: id(&format!("yy-{nth}")) });
    assert_eq!(desk.give(&unbook(1)), unknown(1), "its day is over");
    assert_eq!(desk.give(&unbook(9)), unknown(9), "nobody ever booked it");
}

#[test]
fn a_program_that_books_and_cancels_for_ever_fills_no_memory() {
    let mut desk = at(-60);
    let unbook = |nth: u16| Command::Unbook { client: id("city"), appointment: id(&format!("yy-{nth}")) };
    for nth in 0..=1_000 {
        desk.book(&format!("yy-{nth}"), "social", slot(0, ELEVEN)).unwrap();
        desk.give(&unbook(nth)).unwrap();
    }
    assert_eq!(desk.give(&unbook(0)), Err(Refusal::UnknownAppointment { appointment: id("yy-0") }));
    assert!(desk.give(&unbook(1)).is_ok() && desk.give(&unbook(1_000)).is_ok());
}
