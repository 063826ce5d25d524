//! The key `slots` of a service: the times of each day citizens may book, and how many each.

use std::ops::RangeInclusive;

use hall_core::plan::{Hours, Slot, WeeklyHours};
use hall_protocol::appointment::DayMinute;

use crate::config::calendar::some_hours;
use crate::config::errors::words;
use crate::config::reader::{Table, Value};

/// How slots are written.
pub(super) const EXAMPLE: &str = "[{ hours = \"09:00-11:30\", every_minutes = 30, capacity = 4 }]";

/// Shorter slots than five minutes keep nobody's time; longer than four hours are no time at all.
const EVERY_MINUTES: RangeInclusive<i64> = 5..=240;

/// More citizens than this come to no service at once.
const CAPACITY: RangeInclusive<i64> = 1..=500;

/// The slots of a service whose tickets are issued at `issued`; `None` when those hours are wrong.
pub(super) fn of(value: &Value<'_>, issued: Option<&WeeklyHours>) -> Option<Vec<Slot>> {
    let items = value.items()?;
    if items.is_empty() {
        value.wrong_for_example(words!("列表为空", "the list is empty"));
        return None;
    }
    let mut all: Vec<Slot> = Vec::new();
    let mut right = true;
    for item in &items {
        let slots = item.table().and_then(|table| part_of_the_day(&table, issued));
        let Some(slots) = slots else {
            right = false;
            continue;
        };
        if let (Some(last), Some(first)) = (all.last(), slots.first())
            && first.minute <= last.minute
        {
            let (last, first) = (last.minute, first.minute);
            item.wrong(
                words!(
                    "这些时段自 {first} 起，而前一段到 {last} 之后才结束",
                    "these slots begin at {first}, those before them last until after {last}"
                ),
                words!(
                    "请把一天中的各段依次写出，不要重叠",
                    "write the parts of the day one after another, without overlap"
                ),
            );
            right = false;
        }
        all.extend(slots);
    }
    right.then_some(all)
}

fn part_of_the_day(table: &Table<'_>, issued: Option<&WeeklyHours>) -> Option<Vec<Slot>> {
    let asked = table.required("hours", "\"09:00-11:30\"");
    let hours = asked.as_ref().and_then(some_hours);
    let every =
        table.required("every_minutes", "30").and_then(|value| value.small(&EVERY_MINUTES, "minutes"));
    let capacity = table.required("capacity", "4").and_then(|value| value.small(&CAPACITY, "citizens"));
    table.finish();
    let (value, hours, every): (_, _, u16) = (asked?, hours?, every?);
    let length = hours.until_minute - hours.from_minute;
    if length % every != 0 {
        value.wrong(
            words!(
                "{length} 分钟不能等分为 {every} 分钟的时段",
                "{length} minutes are no whole number of slots of {every}"
            ),
            words!(
                "请让 hours 在最后一个时段结束时结束，或另写 every_minutes",
                "end the hours with the last slot, or write another every_minutes"
            ),
        );
        return None;
    }
    let inside =
        |issued: &Hours| issued.from_minute <= hours.from_minute && hours.until_minute <= issued.until_minute;
    // On the days on which the service has other hours nobody books.
    if let Some(WeeklyHours::Weekly(days)) = issued
        && !days.iter().flatten().any(inside)
    {
        value.wrong(
            words!("这些时段不在该事项的办理时间之内", "these slots are outside the hours of the service"),
            words!("请写在该事项 hours 之内的时间", "write hours within those of the service"),
        );
        return None;
    }
    let capacity = capacity?;
    let begins = (hours.from_minute..hours.until_minute).step_by(usize::from(every));
    Some(begins.filter_map(DayMinute::new).map(|minute| Slot { minute, capacity }).collect())
}
