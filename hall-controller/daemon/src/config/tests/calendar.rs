//! Hours by weekday, holidays and adjusted workdays, last tickets and quotas; and the week that
//! `check` prints.

use hall_core::plan::{Calendar, Hours, Limits, SpecialDay, WeeklyHours};
use hall_protocol::local::{LocalDate, Weekday};

use super::{GOOD, check, edited, parse};

fn hours(from: (u16, u16), until: (u16, u16)) -> Hours {
    Hours { from_minute: from.0 * 60 + from.1, until_minute: until.0 * 60 + until.1 }
}

/// The good hall with a whole calendar.
fn county() -> String {
    GOOD.replace(
        "day_starts = \"04:00\"",
        "day_starts = \"04:00\"\nafternoon_starts = \"12:30\"\nlast_ticket_minutes = 20\n\
         keep_queue_overnight = true\n\
         hours = { mon-fri = [\"08:30-17:30\"], wed = [\"08:30-12:00\", \"13:00-20:00\"], sat = [\"09:00-12:00\"] }",
    )
    .replace("digits = 4", "digits = 4\nlast_ticket_minutes = 0\ndaily_quota = 200\nmorning_quota = 120\nafternoon_quota = 100")
    .replace("label = \"1号\"", "label = \"1号\"\nhours = { mon-fri = [\"08:30-12:00\", \"13:30-17:30\"] }")
        + "\n[[holiday]]\nfirst = \"2026-10-01\"\nlast = \"2026-10-07\"\n\n\
           [[holiday]]\nfirst = \"2027-01-01\"\n\n\
           [[workday]]\ndate = \"2026-10-10\"\nlike = \"fri\"\n"
}

#[test]
fn a_calendar_is_read_as_it_says() {
    let config = parse(&county()).unwrap_or_else(|errors| panic!("{errors}"));
    let plan = &config.plan;
    let Calendar { hours: hall, special, day_starts_minute, afternoon_starts_minute, time_zone } =
        plan.calendar();
    assert_eq!(time_zone.as_deref(), Some("Asia/Shanghai"));
    assert_eq!((*day_starts_minute, *afternoon_starts_minute), (4 * 60, 12 * 60 + 30));
    assert_eq!(hall.on(Weekday::Tue), [hours((8, 30), (17, 30))]);
    assert_eq!(hall.on(Weekday::Wed), [hours((8, 30), (12, 0)), hours((13, 0), (20, 0))]);
    assert_eq!(hall.on(Weekday::Sat), [hours((9, 0), (12, 0))]);
    assert!(hall.on(Weekday::Sun).is_empty());
    let day = |text: &str| special.get(&text.parse::<LocalDate>().unwrap()).copied();
    assert_eq!(special.len(), 9);
    assert_eq!((day("2026-10-01"), day("2026-10-07")), (Some(SpecialDay::Closed), Some(SpecialDay::Closed)));
    assert_eq!((day("2026-09-30"), day("2026-10-08")), (None, None));
    assert_eq!(day("2026-10-10"), Some(SpecialDay::WorksLike(Weekday::Fri)));
    let [social, tax] = plan.services() else { panic!("two services") };
    assert_eq!(social.limits, Limits { last_ticket_minutes: 20, ..Limits::default() });
    let quotas = (tax.limits.daily_quota, tax.limits.morning_quota, tax.limits.afternoon_quota);
    assert_eq!((tax.limits.last_ticket_minutes, quotas), (0, (Some(200), Some(120), Some(100))));
    let [first, second] = plan.windows() else { panic!("two windows") };
    assert_eq!(first.hours.on(Weekday::Mon).len(), 2);
    assert_eq!(second.hours, WeeklyHours::Always);
    assert!(plan.policy().keep_queue_overnight);
}

#[test]
fn check_prints_the_week_and_warns_of_a_service_that_never_opens() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("hall.toml");
    std::fs::write(&path, county()).unwrap();
    // Still the evening of 4 October in UTC, and the 5th in Shanghai.
    let printed = check(&path, "2026-10-04T17:00:00Z".parse().unwrap()).unwrap();
    let lines: Vec<_> = printed.lines().skip(1).collect();
    assert_eq!(
        lines,
        [
            "when numbers are given in the next days, by the hall's own time:",
            "Mon 2026-10-05, a holiday: closed",
            "Tue 2026-10-06, a holiday: closed",
            "Wed 2026-10-07, a holiday: closed",
            "Thu 2026-10-08: 08:30-17:30",
            "  social: 08:30-12:00 13:30-17:10",
            "  tax: 08:30-17:30; at most 200 a day, 120 in the morning, 100 in the afternoon",
            "Fri 2026-10-09: 08:30-17:30",
            "  social: 08:30-12:00 13:30-17:10",
            "  tax: 08:30-17:30; at most 200 a day, 120 in the morning, 100 in the afternoon",
            "Sat 2026-10-10, which works like a Fri: 08:30-17:30",
            "  social: 08:30-12:00 13:30-17:10",
            "  tax: 08:30-17:30; at most 200 a day, 120 in the morning, 100 in the afternoon",
            "Sun 2026-10-11: closed",
        ]
    );

    let night = county().replace("hours = [\"08:30-12:00\", \"13:30-17:30\"]", "hours = [\"20:00-23:00\"]");
    std::fs::write(&path, night).unwrap();
    let printed = check(&path, "2026-10-04T17:00:00Z".parse().unwrap()).unwrap();
    let in_chinese = printed.lines().nth(1).unwrap();
    assert!(in_chinese.starts_with("提醒：事项 \"social\" 从不发号"), "{in_chinese}");
    let warning = printed.lines().nth(2).unwrap();
    assert!(warning.starts_with("warning: service \"social\" never gives a number"), "{warning}");
    assert!(printed.contains("\n  social: closed\n"), "{printed}");

    std::fs::write(&path, GOOD).unwrap();
    let printed = check(&path, "2026-10-04T17:00:00Z".parse().unwrap()).unwrap();
    assert!(printed.contains("Sun 2026-10-11: the whole day"), "{printed}");
    assert!(!printed.contains("warning"), "{printed}");
}

#[test]
fn a_day_that_does_not_begin_at_midnight_is_the_clocks_too() {
    let config = parse(&edited("\"04:00\"", "\"23:59\"")).unwrap_or_else(|errors| panic!("{errors}"));
    assert_eq!(config.day_starts(), jiff::civil::time(23, 59, 0, 0));
}
