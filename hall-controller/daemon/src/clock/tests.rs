//! The business day and the local time in time zones with and without summer time, and opening hours
//! on days with a changed clock.

use hall_core::Hall;
use hall_core::command::Command;
use hall_core::event::Event;
use hall_core::offer::Offer;
use hall_core::plan::Plan;
use hall_core::view::HallView;
use serde_json::json;

use super::*;

fn clock(zone: &str, day_starts: Time) -> Clock {
    Clock::new(TimeZone::get(zone).unwrap(), day_starts)
}

#[test]
fn the_business_day_is_the_halls_and_not_utcs() {
    let clock = clock("Asia/Shanghai", Time::midnight());
    // 17:00 in UTC-7 corrupted a well-known system; 08:00 in Shanghai is midnight UTC.
    for (utc, day) in [
        ("2026-11-24T15:59:59Z", Date::constant(2026, 11, 24)),
        ("2026-11-24T16:00:00Z", Date::constant(2026, 11, 25)),
        ("2026-11-25T00:00:00Z", Date::constant(2026, 11, 25)),
    ] {
        assert_eq!(clock.at(utc.parse().unwrap()).day, business_day(day), "{utc}");
    }
}

#[test]
fn a_day_that_starts_at_four_keeps_the_night_shift_together() {
    let clock = clock("Asia/Shanghai", Time::constant(4, 0, 0, 0));
    let late = clock.at("2026-11-24T19:59:00Z".parse().unwrap());
    assert_eq!((late.day, late.minute), (business_day(Date::constant(2026, 11, 24)), 3 * 60 + 59));
    let next = clock.at("2026-11-24T20:00:00Z".parse().unwrap());
    assert_eq!((next.day, next.minute), (business_day(Date::constant(2026, 11, 25)), 4 * 60));
}

#[test]
fn a_clock_that_was_set_back_says_by_how_much_and_until_when() {
    let from: Timestamp = "2026-11-24T02:00:00Z".parse().unwrap();
    let clock = clock("Asia/Shanghai", Time::midnight()).running(0.0, from);
    let hall = |ahead_s: i64| HallTime::from_unix_ms(from.as_millisecond() + ahead_s * 1_000);
    for ahead_s in [-100_000, 0, 60] {
        assert!(clock.behind(hall(ahead_s)).is_none(), "{ahead_s}");
    }
    let behind = clock.behind(hall(26 * 3_600 + 5 * 60)).unwrap();
    assert_eq!(behind.seconds(), 93_900);
    let said = behind.to_string();
    assert!(said.contains("26 h 5 min behind") && said.contains("comes to 2026-11-25 12:05,"), "{said}");
}

#[test]
fn a_business_day_and_its_calendar_day_name_each_other() {
    for days in [-1, 0, 20_514, 40_000] {
        let day = BusinessDay::from_days(days);
        assert_eq!(business_day(date_of(day)), day);
    }
    assert_eq!(date_of(BusinessDay::from_days(20_514)), Date::constant(2026, 3, 2));
}

#[test]
fn a_day_with_a_changed_clock_is_one_day() {
    let clock = clock("Europe/Berlin", Time::midnight());
    let days: Vec<_> = (0..26)
        .map(|hour| clock.at(Timestamp::from_second(1_792_879_200 + hour * 3_600).unwrap()).day)
        .collect();
    // 2026-10-25 has 25 hours in Berlin; it begins at 22:00 UTC the day before.
    assert!(days[..25].iter().all(|day| *day == business_day(Date::constant(2026, 10, 25))));
    assert_eq!(days[25], business_day(Date::constant(2026, 10, 26)));
}

/// A hall of one service, open from `from` to `until`.
fn hall(day_starts_minute: u16, from: u16, until: u16) -> Hall {
    let name = json!({ "zh": "厅", "en": "Hall" });
    let plan: Plan = serde_json::from_value(json!({
        "hall": "county", "name": name,
        "zones": [{ "id": "A", "name": name }],
        "services": [{
            "id": "tax", "name": name, "prefix": "A", "digits": false, "zone": "A",
            "hours": [{ "from_minute": from, "until_minute": until }], "target_minutes": 15
        }],
        "windows": [{ "id": "1", "label": "1", "services": ["tax"] }],
        "kiosks": [{ "id": "K1", "services": ["tax"] }],
        "calendar": { "day_starts_minute": day_starts_minute },
        "policy": {}
    }))
    .unwrap();
    let mut hall = Hall::new("county".parse().unwrap());
    let now = Now { at: HallTime::default(), day: BusinessDay::default(), minute: 0 };
    let adopted = hall.decide(&Command::AdoptPlan(Box::new(plan)), now).unwrap();
    adopted.events.iter().for_each(|event| hall.apply(event));
    hall
}

/// The days that begin while the clock shows each minute between the two moments.
fn days_begun(hall: &mut Hall, clock: &Clock, from: &str, until: &str) -> Vec<Date> {
    let (mut at, until): (Timestamp, Timestamp) = (from.parse().unwrap(), until.parse().unwrap());
    let mut begun = Vec::new();
    while at < until {
        for stamped in hall.decide(&Command::Tick, clock.at(at)).unwrap().events {
            hall.apply(&stamped);
            if let Event::DayBegan { day, .. } = stamped.event {
                begun.push(date_of(day));
            }
        }
        at = at.checked_add(SignedDuration::from_mins(1)).unwrap();
    }
    begun
}

#[test]
fn a_hall_opens_when_the_wall_says_so_whatever_summer_time_does() {
    for (zone, cases) in [
        (
            "Europe/Berlin",
            [
                ("2026-03-28", "07:30", "16:30"),
                ("2026-03-29", "06:30", "15:30"),
                ("2026-10-24", "06:30", "15:30"),
                ("2026-10-25", "07:30", "16:30"),
            ],
        ),
        // China had summer time until 1991.
        (
            "Asia/Shanghai",
            [
                ("1986-05-03", "00:30", "09:30"),
                ("1986-05-05", "23:30", "08:30"),
                ("1986-09-13", "23:30", "08:30"),
                ("1986-09-15", "00:30", "09:30"),
            ],
        ),
    ] {
        let clock = clock(zone, Time::midnight());
        for (day, opens_utc, closes_utc) in cases {
            let day: Date = day.parse().unwrap();
            let utc = |time: &str, after: &str| -> Timestamp {
                // 08:30 in Shanghai's summer time is 23:30 UTC of the day before.
                let date = if time > after { day.yesterday().unwrap() } else { day };
                format!("{date}T{time}:00Z").parse().unwrap()
            };
            let (opens, closes) = (utc(opens_utc, closes_utc), utc(closes_utc, "24"));
            let mut hall = hall(0, 8 * 60 + 30, 17 * 60 + 30);
            let mut offered = |at: Timestamp| {
                let now = clock.at(at);
                let ticked = hall.decide(&Command::Tick, now).unwrap();
                ticked.events.iter().for_each(|event| hall.apply(event));
                HallView::of(&hall, 1).offer("tax".parse().unwrap(), now)
            };
            let second = SignedDuration::from_secs(1);
            let early = offered(opens.checked_sub(second).unwrap()).unwrap_err().opens().unwrap();
            assert_eq!((early.at.to_string(), early.in_days), (format!("{day}T08:30"), 0), "{zone}");
            let until = Some(format!("{day}T17:30").parse().unwrap());
            assert_eq!(offered(opens), Ok(Offer { until }), "{zone} {day}");
            assert_eq!(offered(closes.checked_sub(second).unwrap()), Ok(Offer { until }), "{zone} {day}");
            assert!(offered(closes).is_err(), "{zone} {day}");
        }
    }
}

#[test]
fn a_day_begins_once_even_in_the_hour_that_comes_twice_or_never() {
    let days = |from: &str, until: &str| {
        let clock = clock("Europe/Berlin", Time::constant(2, 30, 0, 0));
        let mut hall = hall(2 * 60 + 30, 0, 24 * 60);
        // The day before, for a start.
        days_begun(&mut hall, &clock, from, &from.replace("T00:00", "T00:01"));
        days_begun(&mut hall, &clock, from, until)
    };
    // 02:30 comes twice on 2026-10-25, at 00:30 and 01:30 UTC; and never on 2026-03-29.
    assert_eq!(days("2026-10-25T00:00:00Z", "2026-10-25T06:00:00Z"), [Date::constant(2026, 10, 25)]);
    assert_eq!(days("2026-03-29T00:00:00Z", "2026-03-29T06:00:00Z"), [Date::constant(2026, 3, 29)]);
}

#[test]
fn hours_in_the_hour_that_comes_twice_hold_twice_and_in_the_one_that_never_comes_not_at_all() {
    let open_minutes = |from: &str| {
        let clock = clock("Europe/Berlin", Time::midnight());
        let hall = hall(0, 2 * 60 + 15, 2 * 60 + 45);
        let from: Timestamp = from.parse().unwrap();
        let at = |minute| clock.at(from.checked_add(SignedDuration::from_mins(minute)).unwrap());
        let view = HallView::of(&hall, 1);
        (0..5 * 60).filter(|minute| view.offer("tax".parse().unwrap(), at(*minute)).is_ok()).count()
    };
    assert_eq!(open_minutes("2026-10-24T23:00:00Z"), 60);
    assert_eq!(open_minutes("2026-03-28T23:00:00Z"), 0);
    assert_eq!(open_minutes("2026-03-27T23:00:00Z"), 30);
}

#[test]
fn a_hall_that_moves_to_an_earlier_time_zone_has_no_day_twice() {
    let mut hall = hall(0, 0, 24 * 60);
    let shanghai = clock("Asia/Shanghai", Time::midnight());
    let from = "2026-03-01T15:00:00Z";
    assert_eq!(days_begun(&mut hall, &shanghai, from, "2026-03-01T17:00:00Z").len(), 2);
    // Two hours behind: it is 2 March again only after it was 1 March for an hour.
    let urumqi = clock("Asia/Urumqi", Time::midnight());
    let begun = days_begun(&mut hall, &urumqi, "2026-03-01T17:00:00Z", "2026-03-02T19:00:00Z");
    assert_eq!(begun, [Date::constant(2026, 3, 3)]);
}

#[test]
fn the_core_knows_the_local_date_of_what_the_clock_tells() {
    for (zone, day_starts) in [("Asia/Shanghai", 0), ("Asia/Shanghai", 4 * 60), ("Europe/Berlin", 150)] {
        let starts = Time::midnight().saturating_add(SignedDuration::from_mins(day_starts));
        let clock = clock(zone, starts);
        let plan = hall(u16::try_from(day_starts).unwrap(), 0, 60).plan().clone();
        let mut at: Timestamp = "2026-10-24T12:00:00Z".parse().unwrap();
        for _ in 0..48 * 4 {
            let local = clock.zone().to_datetime(at);
            let told = plan.local(clock.at(at));
            let minute = u16::try_from(i32::from(local.hour()) * 60 + i32::from(local.minute())).unwrap();
            assert_eq!((told.date(), told.minute()), (local_date(local.date()), minute), "{zone} {local}");
            at = at.checked_add(SignedDuration::from_mins(15)).unwrap();
        }
    }
}

#[test]
fn a_slot_is_a_moment_of_the_halls_own_day() {
    let clock = clock("Asia/Shanghai", Time::constant(4, 0, 0, 0));
    let date = Date::constant(2026, 3, 2);
    for (minute, at, day) in [
        ("10:00", "2026-03-02T02:00:00Z", date),
        ("03:30", "2026-03-01T19:30:00Z", Date::constant(2026, 3, 1)),
    ] {
        let slot = clock.slot(date, minute.parse().unwrap());
        let at: Timestamp = at.parse().unwrap();
        assert_eq!((slot.at.unix_ms(), slot.day), (at.as_millisecond(), business_day(day)), "{minute}");
        assert_eq!(clock.date_of_slot(slot), date, "{minute}");
        assert_eq!(clock.at(at).day, slot.day);
    }
}

#[test]
fn of_a_time_that_comes_twice_a_slot_is_the_second_and_of_one_that_never_comes_there_is_none() {
    let clock = clock("Europe/Berlin", Time::midnight());
    let (autumn, spring, half_past_two) =
        (Date::constant(2026, 10, 25), Date::constant(2026, 3, 29), "02:30".parse().unwrap());
    let slot = clock.slot(autumn, half_past_two);
    assert_eq!(slot.at.unix_ms(), "2026-10-25T01:30:00Z".parse::<Timestamp>().unwrap().as_millisecond());
    assert!(clock.skips(spring, half_past_two));
    for (date, minute) in [(autumn, "02:30"), (spring, "01:59"), (spring, "03:00")] {
        assert!(!clock.skips(date, minute.parse().unwrap()), "{date} {minute}");
    }
}

#[test]
fn a_slot_that_a_changed_clock_skips_begins_after_the_change() {
    let clock = clock("Europe/Berlin", Time::midnight());
    let slot = clock.slot(Date::constant(2026, 3, 29), "02:30".parse().unwrap());
    assert_eq!(slot.at.unix_ms(), "2026-03-29T01:30:00Z".parse::<Timestamp>().unwrap().as_millisecond());
}
