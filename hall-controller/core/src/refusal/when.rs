//! When to come again, in words.

use hall_protocol::local::{LocalDate, LocalTime, Weekday};

use crate::offer::Opening;

/// `明天08:30`, after `请于`.
pub(super) fn zh(opens: Option<Opening>) -> String {
    let Some(Opening { at, in_days }) = opens else { return "，请留意大厅通知".into() };
    let (hour, minute) = (at.minute() / 60, at.minute() % 60);
    let day = match in_days {
        0 => "今天".into(),
        1 => "明天".into(),
        _ => date_zh(at.date()),
    };
    format!("，请于{day}{hour:02}:{minute:02}再来")
}

/// `; come back tomorrow at 08:30`.
pub(super) fn en(opens: Option<Opening>) -> String {
    let Some(Opening { at, in_days }) = opens else { return "; watch the hall's notices".into() };
    let (hour, minute) = (at.minute() / 60, at.minute() % 60);
    let day = match in_days {
        0 => "today".into(),
        1 => "tomorrow".into(),
        _ => format!("on {}", date_en(at.date())),
    };
    format!("; come back {day} at {hour:02}:{minute:02}")
}

/// `，最近可约3月4日（周三）09:00`: by its date, as whoever books may not be here today.
pub(super) fn next_slot_zh(next: Option<LocalTime>) -> String {
    let Some(at) = next else { return "，此后也无可约时段".into() };
    format!("，最近可约{}{:02}:{:02}", date_zh(at.date()), at.minute() / 60, at.minute() % 60)
}

/// `; the next one free is Wed 4 Mar at 09:00`.
pub(super) fn next_slot_en(next: Option<LocalTime>) -> String {
    let Some(at) = next else { return "; no later one is free".into() };
    format!(
        "; the next one free is {} at {:02}:{:02}",
        date_en(at.date()),
        at.minute() / 60,
        at.minute() % 60
    )
}

fn date_zh(date: LocalDate) -> String {
    let (_, month, day) = date.year_month_day();
    let weekday = match date.weekday() {
        Weekday::Mon => "一",
        Weekday::Tue => "二",
        Weekday::Wed => "三",
        Weekday::Thu => "四",
        Weekday::Fri => "五",
        Weekday::Sat => "六",
        Weekday::Sun => "日",
    };
    format!("{month}月{day}日（周{weekday}）")
}

fn date_en(date: LocalDate) -> String {
    let (_, month, day) = date.year_month_day();
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let month = months.get(usize::from(month) - 1).copied().unwrap_or_default();
    let weekdays = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    format!("{} {day} {month}", weekdays[date.weekday().index()])
}
