//! When numbers are given: weekdays, holidays, adjusted workdays, the last ticket, quotas; and what a
//! citizen is told who comes at another time.

use hall_core::offer::{Closure, Offer, Opening};
use hall_core::plan::{Hours, Limits, Plan, PlanParts, SpecialDay, WeeklyHours};
use hall_core::refusal::{Language, Refusal};
use hall_core::time::{BusinessDay, HallTime, Now};
use hall_protocol::local::{LocalDate, LocalTime, Weekday};

use crate::support::{DAY_MS, Desk, HOUR_MS, TEN_O_CLOCK, id, now, parts};

/// `08:30-12:00`.
fn hours(text: &str) -> Hours {
    let minute = |text: &str| {
        let (hour, minute) = text.split_once(':').unwrap();
        hour.parse::<u16>().unwrap() * 60 + minute.parse::<u16>().unwrap()
    };
    let (from, until) = text.split_once('-').unwrap();
    Hours { from_minute: minute(from), until_minute: minute(until) }
}

fn weekly(days: [&[&str]; 7]) -> WeeklyHours {
    WeeklyHours::Weekly(days.map(|day| day.iter().map(|text| hours(text)).collect()))
}

/// Monday to Friday morning and afternoon, Saturday morning.
fn county() -> PlanParts {
    let day: &[&str] = &["08:30-12:00", "13:30-17:30"];
    let mut parts = parts();
    parts.calendar.hours = weekly([day, day, day, day, day, &["09:00-12:00"], &[]]);
    parts.services[2].hours = WeeklyHours::Always;
    parts
}

fn time(text: &str) -> LocalTime {
    text.parse().unwrap()
}

fn date(text: &str) -> LocalDate {
    text.parse().unwrap()
}

/// The moment at which the wall of this hall, which is in UTC, shows the time.
fn wall_ms(text: &str) -> i64 {
    let at = time(text);
    i64::from(at.date().days()) * DAY_MS + i64::from(at.minute()) * 60_000
}

fn offer(desk: &mut Desk, service: &str, at: &str) -> Result<Offer, Refusal> {
    desk.wall_ms = wall_ms(at);
    // The day begins before somebody looks at the menu.
    desk.give(&hall_core::command::Command::Tick).unwrap();
    let said = desk.view().offer(id(service), now(desk.wall_ms));
    let request = desk.request("K1", service);
    match &said {
        Ok(_) => drop(desk.give(&request).unwrap()),
        Err(refusal) => assert_eq!(desk.refused_command(&request), *refusal, "{at}"),
    }
    said
}

/// What the desk offers; a row of a table of both answers.
#[allow(clippy::unnecessary_wraps)]
fn until(text: &str) -> Result<Offer, Refusal> {
    Ok(Offer { until: Some(time(text)) })
}

fn closed(service: &str, why: Closure, opens: &str, in_days: u16) -> Result<Offer, Refusal> {
    let opens = Some(Opening { at: time(opens), in_days });
    Err(Refusal::OutsideHours { service: id(service), why, opens, stopped: false })
}

#[test]
fn a_kiosk_gives_numbers_in_the_halls_hours_and_says_when_it_does_again() {
    let mut desk = Desk::closed(county());
    let outside = Closure::Hours;
    // 2026-03-02 is a Monday.
    for (at, said) in [
        ("2026-03-02T08:29", closed("social", outside, "2026-03-02T08:30", 0)),
        ("2026-03-02T08:30", until("2026-03-02T12:00")),
        ("2026-03-02T11:59", until("2026-03-02T12:00")),
        ("2026-03-02T12:00", closed("social", outside, "2026-03-02T13:30", 0)),
        ("2026-03-02T13:30", until("2026-03-02T17:30")),
        ("2026-03-02T17:30", closed("social", outside, "2026-03-03T08:30", 1)),
        ("2026-03-06T20:00", closed("social", outside, "2026-03-07T09:00", 1)),
        ("2026-03-07T12:00", closed("social", outside, "2026-03-09T08:30", 2)),
        ("2026-03-08T10:00", closed("social", Closure::DayOff, "2026-03-09T08:30", 1)),
    ] {
        assert_eq!(offer(&mut desk, "social", at), said, "{at}");
    }
}

#[test]
fn a_service_has_its_own_hours_within_the_halls() {
    let mut parts = county();
    let wednesday: &[&str] = &["11:00-14:00"];
    parts.services[0].hours = weekly([&[], &[], wednesday, &[], &[], &[], &["09:00-12:00"]]);
    let mut desk = Desk::closed(parts);
    for (at, said) in [
        ("2026-03-02T10:00", closed("social", Closure::Hours, "2026-03-04T11:00", 2)),
        ("2026-03-04T11:00", until("2026-03-04T12:00")),
        ("2026-03-04T12:30", closed("social", Closure::Hours, "2026-03-04T13:30", 0)),
        ("2026-03-04T13:59", until("2026-03-04T14:00")),
        // Its Sunday is the hall's day off.
        ("2026-03-08T10:00", closed("social", Closure::DayOff, "2026-03-11T11:00", 3)),
    ] {
        assert_eq!(offer(&mut desk, "social", at), said, "{at}");
    }
}

#[test]
fn holidays_are_closed_and_adjusted_workdays_work_like_their_weekday() {
    let mut parts = county();
    // National Day of 2026, and two weekend days worked for it: a Sunday before, a Saturday after.
    for day in 1..=7 {
        parts.calendar.special.insert(LocalDate::new(2026, 10, day).unwrap(), SpecialDay::Closed);
    }
    parts.calendar.special.insert(date("2026-09-27"), SpecialDay::WorksLike(Weekday::Thu));
    parts.calendar.special.insert(date("2026-10-10"), SpecialDay::WorksLike(Weekday::Fri));
    let mut desk = Desk::closed(parts);
    for (at, said) in [
        ("2026-09-27T16:00", until("2026-09-27T17:30")),
        ("2026-09-30T18:00", closed("social", Closure::Hours, "2026-10-08T08:30", 8)),
        ("2026-10-01T10:00", closed("social", Closure::DayOff, "2026-10-08T08:30", 7)),
        ("2026-10-10T15:00", until("2026-10-10T17:30")),
    ] {
        assert_eq!(offer(&mut desk, "social", at), said, "{at}");
    }
}

#[test]
fn the_last_ticket_of_the_day_is_out_before_the_service_closes() {
    let mut parts = county();
    parts.services[0].limits.last_ticket_minutes = 30;
    let mut desk = Desk::closed(parts);
    for (at, said) in [
        // Not before the break: who waits is served after it.
        ("2026-03-02T11:59", until("2026-03-02T12:00")),
        ("2026-03-02T16:59", until("2026-03-02T17:00")),
        ("2026-03-02T17:00", closed("social", Closure::LastTicket, "2026-03-03T08:30", 1)),
        ("2026-03-02T17:30", closed("social", Closure::Hours, "2026-03-03T08:30", 1)),
    ] {
        assert_eq!(offer(&mut desk, "social", at), said, "{at}");
    }
    // Longer than the last hours of the day: none are left of them.
    let mut parts = county();
    parts.services[0].limits.last_ticket_minutes = 5 * 60;
    let mut desk = Desk::closed(parts);
    assert_eq!(offer(&mut desk, "social", "2026-03-02T11:59"), until("2026-03-02T12:00"));
    let late = closed("social", Closure::LastTicket, "2026-03-03T08:30", 1);
    assert_eq!(offer(&mut desk, "social", "2026-03-02T13:30"), late);
}

fn quota(half: Option<hall_core::plan::Half>, opens: &str, in_days: u16) -> Result<Offer, Refusal> {
    Err(Refusal::QuotaUsedUp {
        service: id("social"),
        half,
        opens: Some(Opening { at: time(opens), in_days }),
    })
}

#[test]
fn quotas_of_day_and_half_day_are_kept_and_the_citizen_is_told_when_to_come() {
    use hall_core::plan::Half::{Afternoon, Morning};
    let mut parts = county();
    parts.services[0].limits = Limits {
        last_ticket_minutes: 0,
        daily_quota: Some(5),
        morning_quota: Some(2),
        afternoon_quota: Some(4),
    };
    let mut desk = Desk::closed(parts);
    let open = |time: &str| until(time);
    for (at, said) in [
        ("2026-03-02T09:00", open("2026-03-02T12:00")),
        ("2026-03-02T09:01", open("2026-03-02T12:00")),
        ("2026-03-02T09:02", quota(Some(Morning), "2026-03-02T13:30", 0)),
        // At lunch the quota does not matter any more.
        ("2026-03-02T12:30", closed("social", Closure::Hours, "2026-03-02T13:30", 0)),
        ("2026-03-02T13:30", open("2026-03-02T17:30")),
        ("2026-03-02T13:31", open("2026-03-02T17:30")),
        ("2026-03-02T13:32", open("2026-03-02T17:30")),
        ("2026-03-02T13:33", quota(None, "2026-03-03T08:30", 1)),
        // The clock set back into a morning whose quota is used: the day's is, too.
        ("2026-03-02T09:30", quota(None, "2026-03-03T08:30", 1)),
        ("2026-03-03T09:00", open("2026-03-03T12:00")),
    ] {
        assert_eq!(offer(&mut desk, "social", at), said, "{at}");
    }
    let given = desk.view().services[0].given;
    assert_eq!((given.day, given.morning, given.afternoon), (1, 1, 0));
    assert_eq!(crate::support::replayed(id("county"), &desk.journal), desk.hall);

    let mut parts = county();
    parts.services[0].limits.afternoon_quota = Some(1);
    let mut desk = Desk::closed(parts);
    assert_eq!(offer(&mut desk, "social", "2026-03-06T14:00"), open("2026-03-06T17:30"));
    assert_eq!(offer(&mut desk, "social", "2026-03-06T14:01"), quota(Some(Afternoon), "2026-03-07T09:00", 1));
}

#[test]
fn a_morning_whose_quota_is_used_up_sends_to_the_afternoon_of_a_hall_that_never_closes() {
    let mut parts = parts();
    parts.services[0].limits.morning_quota = Some(1);
    let mut desk = Desk::closed(parts);
    assert_eq!(offer(&mut desk, "social", "2026-03-02T10:00"), Ok(Offer { until: None }));
    let used = quota(Some(hall_core::plan::Half::Morning), "2026-03-02T12:00", 0);
    assert_eq!(offer(&mut desk, "social", "2026-03-02T10:01"), used);
    // The clock set back to the day before: its afternoon comes first, and counts for this day.
    let used = quota(Some(hall_core::plan::Half::Morning), "2026-03-01T12:00", 0);
    assert_eq!(offer(&mut desk, "social", "2026-03-01T10:01"), used);
    assert_eq!(offer(&mut desk, "social", "2026-03-01T12:00"), Ok(Offer { until: None }));
}

#[test]
fn a_further_matter_needs_a_number_of_its_own_quota() {
    let mut parts = parts();
    parts.services[1].limits.daily_quota = Some(1);
    let mut desk = Desk::closed(parts);
    desk.take_for(&["social", "tax"]);
    let request = desk.request("K1", "tax");
    let refusal = desk.refused_command(&request);
    assert!(matches!(refusal, Refusal::QuotaUsedUp { service, half: None, .. } if service == id("tax")));
    // Nor is the quota given again by a plan that is changed and changed back.
    let mut without = crate::support::parts_without("tax");
    without.policy.armed_next = true;
    desk.adopt(without);
    let mut again = crate::support::parts();
    again.services[1].limits.daily_quota = Some(1);
    desk.adopt(again);
    let request = desk.request("K1", "tax");
    assert_eq!(desk.refused_command(&request), refusal);
}

#[test]
fn a_quota_is_new_with_the_business_day_and_not_at_midnight() {
    let mut parts = parts();
    parts.calendar.day_starts_minute = 4 * 60;
    parts.services[0].limits.daily_quota = Some(1);
    let mut desk = Desk::closed(parts);
    desk.take("social");
    let at = |hours: i64, days: i32| Now {
        at: HallTime::from_unix_ms(TEN_O_CLOCK + hours * HOUR_MS),
        day: BusinessDay::from_days(20_514 + days),
        minute: u16::try_from((10 + hours) % 24 * 60).unwrap(),
    };
    for (hours, in_days) in [(1, 1), (13, 1), (14, 0), (17, 0)] {
        let opens = Some(Opening { at: time("2026-03-03T04:00"), in_days });
        let used = Refusal::QuotaUsedUp { service: id("social"), half: None, opens };
        assert_eq!(desk.view().offer(id("social"), at(hours, 0)), Err(used), "{hours}");
    }
    // After midnight it is still the afternoon of the business day.
    let command = desk.request("K1", "tax");
    for stamped in desk.hall.decide(&command, at(15, 0)).unwrap().events {
        use hall_core::event::Event;
        let half = Some(hall_core::plan::Half::Afternoon);
        assert!(matches!(stamped.event, Event::Issued { half: said, .. } if said == half), "{stamped:?}");
    }
    let next = at(18, 1);
    desk.hall.decide(&command, next).unwrap().events.iter().for_each(|event| desk.hall.apply(event));
    assert!(desk.view().offer(id("social"), next).is_ok());
}

#[test]
fn hours_that_go_on_behind_midnight_end_tomorrow_or_are_not_known_to_end() {
    let mut parts = parts();
    parts.services[0].hours = weekly([&["08:00-24:00"], &["00:00-02:00"], &[], &[], &[], &[], &[]]);
    let mut desk = Desk::closed(parts);
    assert_eq!(offer(&mut desk, "social", "2026-03-02T09:00"), until("2026-03-03T02:00"));
    assert_eq!(offer(&mut desk, "social", "2026-03-03T01:00"), until("2026-03-03T02:00"));
    assert_eq!(offer(&mut desk, "tax", "2026-03-03T01:00"), Ok(Offer { until: None }));
}

#[test]
fn a_service_that_never_opens_says_so_without_a_promise() {
    let mut parts = county();
    parts.services[0].hours = weekly([&["18:00-19:00"]; 7]);
    let mut desk = Desk::closed(parts);
    let never =
        Refusal::OutsideHours { service: id("social"), why: Closure::Hours, opens: None, stopped: false };
    assert_eq!(offer(&mut desk, "social", "2026-03-02T10:00"), Err(never.clone()));
    assert!(never.sentence(None, Language::Zh).contains("请留意大厅通知"));
}

#[test]
fn the_words_say_why_and_when() {
    let said = |refusal: &Result<Offer, Refusal>| {
        let refusal = refusal.clone().unwrap_err();
        [refusal.sentence(None, Language::Zh), refusal.sentence(None, Language::En)]
    };
    for (refusal, zh, en) in [
        (
            closed("social", Closure::Hours, "2026-03-02T13:30", 0),
            "该事项现在不取号，请于今天13:30再来",
            "This service issues no tickets at this time of day; come back today at 13:30",
        ),
        (
            closed("social", Closure::LastTicket, "2026-03-03T08:30", 1),
            "该事项今日取号已截止，请于明天08:30再来",
            "The last ticket of the day is out; come back tomorrow at 08:30",
        ),
        (
            closed("social", Closure::DayOff, "2026-10-08T08:30", 7),
            "大厅今日休息，不取号，请于10月8日（周四）08:30再来",
            "The hall is closed today; come back on Thu 8 Oct at 08:30",
        ),
        (
            quota(Some(hall_core::plan::Half::Morning), "2026-03-02T13:30", 0),
            "该事项今日上午限额已满，请于今天13:30再来",
            "No more tickets of this service this morning; come back today at 13:30",
        ),
    ] {
        assert_eq!(said(&refusal), [zh, en]);
    }
}

#[test]
fn plans_of_before_there_were_weekdays_are_read_as_they_were_meant() {
    let plan = Plan::new(parts()).unwrap();
    let mut text = serde_json::to_value(&plan).unwrap();
    text.as_object_mut().unwrap().remove("calendar");
    for window in text["windows"].as_array_mut().unwrap() {
        window.as_object_mut().unwrap().remove("hours");
    }
    for service in text["services"].as_array_mut().unwrap() {
        service.as_object_mut().unwrap().remove("limits");
    }
    text["services"][0]["hours"] = serde_json::json!([]);
    text["services"][2]["hours"] = serde_json::json!([{"from_minute": 540, "until_minute": 1020}]);
    assert_eq!(serde_json::from_value::<Plan>(text).unwrap(), plan);

    let mut parts = county();
    parts.calendar.special.insert(date("2026-10-01"), SpecialDay::Closed);
    parts.calendar.special.insert(date("2026-10-10"), SpecialDay::WorksLike(Weekday::Fri));
    let plan = Plan::new(parts).unwrap();
    let text = serde_json::to_string(&plan).unwrap();
    assert!(text.contains(r#""2026-10-10":{"works_like":"fri"}"#), "{text}");
    assert_eq!(serde_json::from_str::<Plan>(&text).unwrap(), plan);

    let old: Refusal = serde_json::from_str(r#"{"code":"outside_hours","service":"social"}"#).unwrap();
    assert_eq!(
        old,
        Refusal::OutsideHours { service: id("social"), why: Closure::Hours, opens: None, stopped: false }
    );
}

#[test]
fn hours_that_end_before_they_begin_make_no_plan() {
    type Wrong = fn(&mut PlanParts, WeeklyHours);
    let wrongs: [(Wrong, &str); 3] = [
        (|parts, hours| parts.calendar.hours = hours, "the hall: "),
        (|parts, hours| parts.services[1].hours = hours, "service tax: "),
        (|parts, hours| parts.windows[1].hours = hours, "window 2: "),
    ];
    for (wrong, place) in wrongs {
        for text in ["12:00-12:00", "12:00-08:30", "23:00-24:01"] {
            let mut parts = parts();
            wrong(&mut parts, vec![hours(text)].into());
            let said = Plan::new(parts).unwrap_err().to_string();
            assert!(said.starts_with(place), "{said}");
        }
    }
}
