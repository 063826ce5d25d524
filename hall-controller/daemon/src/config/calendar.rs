//! When the hall, its services and its windows are open: the keys of these tables about it, and the
//! tables `[[holiday]]` and `[[workday]]`.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use hall_core::plan::{Calendar, Hours, Limits, SpecialDay, WeeklyHours};
use hall_protocol::local::{DAY_MINUTES, LocalDate, Weekday};

use super::errors::words;
use super::reader::{Table, Value, quoted};
use super::values::{date, minutes_of_day, one_of, time_of_day};

/// Nobody is turned away longer before the end than half a working day.
const LAST_TICKET_MINUTES: RangeInclusive<i64> = 0..=240;

/// A day has no more numbers.
const QUOTA: RangeInclusive<i64> = 1..=9_999;

/// What is closed longer is no holiday.
const HOLIDAY_DAYS_MAX: i32 = 60;

/// How hours are listed.
const HOURS: &str = "[\"08:30-12:00\", \"13:30-17:30\"]";

/// Keys of hours by weekday, groups of days first: what is said of a single day counts before.
const DAYS: [(&str, &[Weekday]); 9] = [
    ("mon-fri", &[Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri]),
    ("sat-sun", &[Weekday::Sat, Weekday::Sun]),
    ("mon", &[Weekday::Mon]),
    ("tue", &[Weekday::Tue]),
    ("wed", &[Weekday::Wed]),
    ("thu", &[Weekday::Thu]),
    ("fri", &[Weekday::Fri]),
    ("sat", &[Weekday::Sat]),
    ("sun", &[Weekday::Sun]),
];

/// The keys of `[hall]` about its calendar; its special days have tables of their own.
pub(super) fn hall(table: &Table<'_>) -> Calendar {
    let mut calendar = Calendar { hours: hours(table).unwrap_or_default(), ..Calendar::default() };
    if let Some(value) = table.optional("day_starts", "\"00:00\"") {
        calendar.day_starts_minute = time_of_day(&value).unwrap_or(calendar.day_starts_minute);
    }
    if let Some(value) = table.optional("afternoon_starts", "\"12:00\"") {
        calendar.afternoon_starts_minute = time_of_day(&value).unwrap_or(calendar.afternoon_starts_minute);
    }
    calendar
}

/// The key `last_ticket_minutes`, if it is there and right.
pub(super) fn last_ticket(table: &Table<'_>) -> Option<u16> {
    table.optional("last_ticket_minutes", "30")?.small(&LAST_TICKET_MINUTES, "minutes")
}

/// The keys of a service that bound its numbers, of which its digits can count so many a day.
pub(super) fn limits(table: &Table<'_>, last_ticket_minutes: u16, numbers: Option<u32>) -> Option<Limits> {
    let quota = |key| {
        let Some(value) = table.optional(key, "100") else { return Some((None, None)) };
        let quota = value.small(&QUOTA, "tickets")?;
        if let Some(numbers) = numbers.filter(|numbers| quota > *numbers) {
            value.wrong(
                words!(
                    "其号码位数每天只够 {numbers} 个号，永远到不了 {quota}",
                    "its digits count {numbers} numbers a day, so {quota} are never reached"
                ),
                words!("请写至多 {numbers}，或写 digits = 4", "write at most {numbers}, or digits = 4"),
            );
            return None;
        }
        Some((Some(quota), Some(value)))
    };
    let (daily_quota, _) = quota("daily_quota")?;
    let of_half_day = |key| {
        let (half, value) = quota(key)?;
        let (more, day, value) = match half.zip(daily_quota).zip(value) {
            Some(((half, day), value)) => (half > day, day, value),
            None => return Some(half),
        };
        if more {
            value.wrong(
                words!(
                    "它大于 daily_quota（{day}），永远到不了",
                    "it is more than daily_quota, {day}, and so never reached"
                ),
                words!("请写至多 {day}，或不写此项", "write at most {day}, or leave the key out"),
            );
        }
        (!more).then_some(half)
    };
    let (morning_quota, afternoon_quota) = (of_half_day("morning_quota"), of_half_day("afternoon_quota"));
    Some(Limits {
        last_ticket_minutes: last_ticket(table).unwrap_or(last_ticket_minutes),
        daily_quota,
        morning_quota: morning_quota?,
        afternoon_quota: afternoon_quota?,
    })
}

/// The key `hours`: a list for every day, or a table of lists by weekday. Without it, always.
pub(super) fn hours(table: &Table<'_>) -> Option<WeeklyHours> {
    let Some(value) = table.optional("hours", HOURS) else { return Some(WeeklyHours::Always) };
    if value.is_table() { by_weekday(&value) } else { list(&value).map(WeeklyHours::from) }
}

fn by_weekday(value: &Value<'_>) -> Option<WeeklyHours> {
    let table = value.table()?;
    let mut week: [Vec<Hours>; 7] = Default::default();
    let mut right = true;
    for (key, days) in DAYS {
        let Some(value) = table.optional(key, HOURS) else { continue };
        match list(&value) {
            Some(hours) => days.iter().for_each(|day| week[day.index()].clone_from(&hours)),
            None => right = false,
        }
    }
    table.finish();
    if right && week.iter().all(Vec::is_empty) {
        table.wrong(
            words!("一周中没有任何一天有办理时间", "there are hours on no day of the week"),
            words!(
                "请写，例如 hours = {{ mon-fri = {HOURS} }}，或不写此项",
                "write for instance hours = {{ mon-fri = {HOURS} }}, or leave the key out"
            ),
        );
        return None;
    }
    right.then_some(WeeklyHours::Weekly(week))
}

fn list(value: &Value<'_>) -> Option<Vec<Hours>> {
    let items = value.items()?;
    if items.is_empty() {
        value.wrong(
            words!("列表为空", "the list is empty"),
            words!(
                "请写时间，例如 [\"08:30-17:30\"]，全天则不写此项；未写的星期几即休息",
                "write hours such as [\"08:30-17:30\"], or leave the key out for the whole day; a weekday left \
                 out is a day of rest"
            ),
        );
        return None;
    }
    let mut all: Vec<Hours> = Vec::new();
    let mut right = true;
    for item in &items {
        match some_hours(item) {
            Some(hours) => {
                let overlaps = |other: &Hours| {
                    hours.from_minute < other.until_minute && other.from_minute < hours.until_minute
                };
                if let Some(i) = all.iter().position(overlaps) {
                    item.wrong(
                        words!(
                            "这段时间与 {key}[{at}] 重叠",
                            "these hours overlap those of {key}[{at}]",
                            key = value.place().key,
                            at = i + 1
                        ),
                        words!("请写前后相接、互不重叠的时间", "write hours that follow each other"),
                    );
                    right = false;
                }
                all.push(hours);
            }
            None => right = false,
        }
    }
    right.then_some(all)
}

pub(super) fn some_hours(value: &Value<'_>) -> Option<Hours> {
    let text = value.text()?;
    let Some((from_minute, until_minute)) = minutes_of_day(text) else {
        value.wrong(
            words!("{text} 不是一段时间", "{text} are no hours", text = quoted(text)),
            words!(
                "请写 \"HH:MM-HH:MM\"，各两位数字，\"00:00\" 至 \"24:00\"，例如 \"08:30-12:00\"",
                "write \"HH:MM-HH:MM\" with two digits each, from \"00:00\" to \"24:00\", such as \"08:30-12:00\""
            ),
        );
        return None;
    };
    if from_minute >= until_minute {
        value.wrong(
            words!("{text} 结束早于开始", "{text} end before they begin", text = quoted(text)),
            words!(
                "请先写较早的时间；跨午夜的请写两段，到 24:00 为止和从 00:00 起",
                "write the earlier time first; for hours over midnight write two, until 24:00 and from 00:00"
            ),
        );
        return None;
    }
    Some(Hours { from_minute, until_minute })
}

/// A date that has been said to be special, and where.
struct Said {
    date: LocalDate,
    what: &'static str,
    line: usize,
}

/// The tables `[[holiday]]` and `[[workday]]` of a hall with these `hours`.
pub(super) fn special(root: &Table<'_>, hours: &WeeklyHours) -> BTreeMap<LocalDate, SpecialDay> {
    let mut special = BTreeMap::new();
    let mut said = Vec::new();
    for table in root.each("holiday") {
        for date in holiday(&table, &mut said) {
            special.insert(date, SpecialDay::Closed);
        }
        table.finish();
    }
    for table in root.each("workday") {
        if let Some((date, like)) = workday(&table, hours, &mut said) {
            special.insert(date, SpecialDay::WorksLike(like));
        }
        table.finish();
    }
    special
}

fn holiday(table: &Table<'_>, said: &mut Vec<Said>) -> Vec<LocalDate> {
    let asked = table.required("first", "\"2026-10-01\"");
    let first = asked.as_ref().and_then(date);
    let asked_last = table.optional("last", "\"2026-10-07\"");
    let last = match &asked_last {
        Some(value) => date(value),
        None => first,
    };
    let (Some(asked), Some(first), Some(last)) = (asked, first, last) else { return Vec::new() };
    let days = i64::from(last.days()) - i64::from(first.days());
    if let Some(value) = asked_last.filter(|_| !(0..i64::from(HOLIDAY_DAYS_MAX)).contains(&days)) {
        let problem = if days < 0 {
            words!("{last} 早于第一天 {first}", "{last} is before the first day, {first}")
        } else {
            let days = days + 1;
            words!(
                "{first} 至 {last} 共 {days} 天，一个假期最多 {HOLIDAY_DAYS_MAX} 天",
                "from {first} to {last} are {days} days, at most {HOLIDAY_DAYS_MAX} are a holiday"
            )
        };
        let remedy = words!(
            "请写假期的最后一天，只有一天则不写此项",
            "write the last day of the holiday, or leave the key out for a single day"
        );
        value.wrong(problem, remedy);
        return Vec::new();
    }
    let all: Vec<_> = (first.days()..=last.days()).map(LocalDate::from_days).collect();
    // One message for all the days of a holiday that is written twice.
    let new = all.iter().all(|date| is_new(&asked, *date, "holiday", said));
    if new { all } else { Vec::new() }
}

fn workday(table: &Table<'_>, hours: &WeeklyHours, said: &mut Vec<Said>) -> Option<(LocalDate, Weekday)> {
    let asked = table.required("date", "\"2026-10-10\"");
    let date = asked.as_ref().and_then(date);
    let known = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    let known: Vec<_> = known.into_iter().zip(Weekday::ALL).collect();
    let like = table.required("like", "\"fri\"").and_then(|value| {
        let like = one_of(&value, &known)?;
        let closed = matches!(hours, WeeklyHours::Weekly(week) if week[like.index()].is_empty());
        if closed {
            value.wrong(
                words!(
                    "大厅在那个星期几休息，这一天也会休息",
                    "the hall is closed on that weekday, so this day would be closed too"
                ),
                words!(
                    "请写 [hall] 有办理时间的星期几，或不写这个 [[workday]]",
                    "write a weekday on which [hall] has hours, or leave the [[workday]] out"
                ),
            );
        }
        (!closed).then_some(like)
    });
    let (asked, date) = asked.zip(date)?;
    is_new(&asked, date, "workday", said).then_some((date, like?))
}

fn is_new(value: &Value<'_>, date: LocalDate, what: &'static str, said: &mut Vec<Said>) -> bool {
    if let Some(other) = said.iter().find(|said| said.date == date) {
        value.wrong(
            words!(
                "{date} 已在第 {line} 行的 {what} 中",
                "{date} is a day of the {what} on line {line} already",
                what = other.what,
                line = other.line
            ),
            words!(
                "请让每一天只在一个 [[holiday]] 或 [[workday]] 中",
                "let each day be in one [[holiday]] or [[workday]] only"
            ),
        );
        return false;
    }
    said.push(Said { date, what, line: value.place().line });
    true
}

/// `08:30-12:00 13:30-17:30`, as people write hours.
pub(super) fn written(hours: &[Hours]) -> String {
    let time = |minute: u16| format!("{:02}:{:02}", minute / 60, minute % 60);
    let one = |hours: &Hours| format!("{}-{}", time(hours.from_minute), time(hours.until_minute));
    match hours {
        [] => "closed".into(),
        [Hours { from_minute: 0, until_minute: DAY_MINUTES }] => "the whole day".into(),
        _ => hours.iter().map(one).collect::<Vec<_>>().join(" "),
    }
}
