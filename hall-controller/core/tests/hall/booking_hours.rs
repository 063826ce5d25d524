//! Nobody is booked for a time at which nobody can come.

use hall_core::answer::Change;
use hall_core::offer::Closure;
use hall_core::plan::{Hours, Plan, PlanParts, SpecialDay, WeeklyHours};
use hall_core::refusal::{Language, Refusal};
use hall_protocol::local::Weekday;

use crate::support::{DAY_MS, Desk, id, parts, slot};

fn hours(from: u16, until: u16) -> Hours {
    Hours { from_minute: from * 60, until_minute: until * 60 }
}

/// Monday 2026-03-02, ten o'clock. The hall works 9 to 12 and 13 to 17, on Saturdays 9 to 12, not on
/// Sundays; Tuesday is a holiday, and the Sunday after is worked like a Saturday. Social insurance ends
/// at 16. Its slots begin each quarter of an hour of the whole day, for two.
fn with_hours() -> PlanParts {
    let mut parts = parts();
    let day = || vec![hours(9, 12), hours(13, 17)];
    let saturday = vec![hours(9, 12)];
    parts.calendar.hours = WeeklyHours::Weekly([day(), day(), day(), day(), day(), saturday, Vec::new()]);
    parts.calendar.special.insert(id("2026-03-03"), SpecialDay::Closed);
    parts.calendar.special.insert(id("2026-03-08"), SpecialDay::WorksLike(Weekday::Sat));
    parts.services[0].hours = vec![hours(9, 16)].into();
    parts
}

fn closed(minute: &str, why: Closure, next: &str) -> Result<Change, Refusal> {
    let next = Some(id(next));
    Err(Refusal::SlotClosed { service: id("social"), slot: id(minute), why, next })
}

#[test]
fn a_slot_on_a_holiday_in_the_break_or_beyond_the_hours_is_refused_with_the_next_one() {
    let mut desk = Desk::closed(with_hours());
    let mut book = |days, minute| desk.book("yy-1", "social", slot(days, minute));
    assert_eq!(book(0, 12 * 60), closed("12:00", Closure::Hours, "2026-03-02T13:00"));
    assert_eq!(book(0, 12 * 60 + 45), closed("12:45", Closure::Hours, "2026-03-02T13:00"));
    // The hall is open until 17, the service until 16; the day after is a holiday.
    assert_eq!(book(0, 16 * 60), closed("16:00", Closure::Hours, "2026-03-04T09:00"));
    assert_eq!(book(1, 10 * 60), closed("10:00", Closure::DayOff, "2026-03-04T09:00"));
    assert_eq!(book(2, 8 * 60 + 45), closed("08:45", Closure::Hours, "2026-03-04T09:00"));
    assert_eq!(book(5, 13 * 60), closed("13:00", Closure::Hours, "2026-03-08T09:00"));
    assert_eq!(book(13, 9 * 60), closed("09:00", Closure::DayOff, "2026-03-16T09:00"));
    assert_eq!(desk.hall.appointments().iter().count(), 0);
}

#[test]
fn what_lies_within_the_hours_is_booked_also_on_an_adjusted_workday() {
    let mut desk = Desk::closed(with_hours());
    for (code, days, minute) in
        [("yy-1", 0, 11 * 60 + 45), ("yy-2", 0, 13 * 60), ("yy-3", 0, 15 * 60 + 45), ("yy-4", 6, 9 * 60)]
    {
        assert_eq!(desk.book(code, "social", slot(days, minute)), Ok(Change::Booked), "{code}");
    }
}

#[test]
fn the_next_slot_has_a_place_left_and_can_be_booked_already() {
    let mut desk = Desk::closed(with_hours());
    for (code, minute) in [("yy-1", 780), ("yy-2", 780), ("yy-3", 795)] {
        desk.book(code, "social", slot(0, minute)).unwrap();
    }
    let next = Some(id("2026-03-02T13:15"));
    let full = Refusal::SlotFull { service: id("social"), slot: id("13:00"), next };
    assert_eq!(desk.book("yy-4", "social", slot(0, 780)), Err(full));
    assert_eq!(
        desk.book("yy-4", "social", slot(0, 12 * 60)),
        closed("12:00", Closure::Hours, "2026-03-02T13:15")
    );

    let mut plan = with_hours();
    plan.policy.book_days_ahead = 1;
    desk.adopt(plan);
    let none =
        Refusal::SlotClosed { service: id("social"), slot: id("10:00"), why: Closure::DayOff, next: None };
    assert_eq!(desk.book("yy-4", "social", slot(1, 600)), Err(none.clone()));
    assert_eq!(none.sentence(None, Language::Zh), "当日 10:00 大厅休息，不能预约，此后也无可约时段");
}

#[test]
fn a_change_into_closed_hours_is_refused_and_the_booking_stands() {
    let mut desk = Desk::closed(with_hours());
    desk.book("yy-1", "social", slot(0, 780)).unwrap();
    let before = desk.appointment("yy-1");
    assert!(matches!(desk.book("yy-1", "social", slot(1, 780)), Err(Refusal::SlotClosed { .. })));
    assert_eq!(desk.appointment("yy-1"), before);
    assert_eq!(desk.hall.appointments().get(id("yy-1")).unwrap().slot, slot(0, 780));
}

#[test]
fn a_booking_made_before_the_calendar_changed_keeps_its_promise() {
    let mut desk = Desk::closed(parts());
    desk.book("yy-1", "social", slot(1, 600)).unwrap();
    desk.adopt(with_hours());
    assert_eq!(desk.book("yy-1", "social", slot(1, 600)), Ok(Change::Unchanged));
    desk.wait(DAY_MS - 10 * 60_000);
    assert_eq!(desk.check_in("yy-1"), Ok(("A001".into(), 0)));
}

#[test]
fn the_reason_is_told_in_both_languages_with_the_date_of_the_next() {
    let mut desk = Desk::closed(with_hours());
    let refused = desk.book("yy-1", "social", slot(1, 600)).unwrap_err();
    assert_eq!(
        refused.sentence(None, Language::Zh),
        "当日 10:00 大厅休息，不能预约，最近可约3月4日（周三）09:00"
    );
    assert_eq!(
        refused.sentence(None, Language::En),
        "The hall is closed that day at 10:00; the next one free is Wed 4 Mar at 09:00"
    );
    let refused = desk.book("yy-1", "social", slot(0, 720)).unwrap_err();
    assert_eq!(
        refused.sentence(None, Language::Zh),
        "当日 12:00 “social”不办理，不能预约，最近可约3月2日（周一）13:00"
    );
    assert_eq!(
        refused.sentence(None, Language::En),
        "social is closed that day at 12:00; the next one free is Mon 2 Mar at 13:00"
    );
}

#[test]
fn nobody_may_book_a_slot_outside_the_hours_as_the_lists_of_slots_say() {
    let plan = Plan::new(with_hours()).unwrap();
    let capacity = |days, minute| plan.slot_capacity(id("social"), slot(days, minute));
    assert_eq!([capacity(0, 780), capacity(0, 720), capacity(1, 780), capacity(6, 600)], [2, 0, 0, 2]);
    assert_eq!(plan.slot_capacity(id("property"), slot(0, 600)), 0, "it has no slots");
}
