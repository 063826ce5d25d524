//! The table `[guard_rails]`, and the tables `[[group]]`: what moving windows and calling by several
//! policies have to keep to.

use std::ops::RangeInclusive;

use hall_core::plan::{Group, GuardRails};
use hall_protocol::id::{GroupId, ServiceId, WindowId};

use super::errors::words;
use super::plan::{NAME_BYTES_MAX, SERVICES, services};
use super::reader::{Place, Table};
use super::routing::routing;
use super::values::{Names, id, name};

/// 0 lets a window be moved at every review; longer than half a day is a pin.
const DWELL_MINUTES: RangeInclusive<i64> = 0..=240;
/// 0 forbids moves; a review comes twelve times in an hour.
const WINDOW_MOVES: RangeInclusive<i64> = 0..=12;
/// 0 forbids moves.
const HALL_MOVES: RangeInclusive<i64> = 0..=1_000;
/// 0 moves up to the last minute; longer than half a day would be no balancer.
const FREEZE_MINUTES: RangeInclusive<i64> = 0..=240;

/// What the balancer may not do, and the windows it leaves alone; what is left out has its default.
pub(super) fn guard_rails(root: &Table<'_>, device_ids: &Names) -> (GuardRails, Vec<WindowId>) {
    let (mut rails, mut pinned) = (GuardRails::default(), Vec::new());
    if root.optional("guard_rails", "{ … }").is_none() {
        return (rails, pinned);
    }
    let Some(table) = root.section("guard_rails") else { return (rails, pinned) };
    if let Some(value) = table.optional("dwell_minutes", "20") {
        rails.dwell_minutes = value.small(&DWELL_MINUTES, "minutes").unwrap_or(rails.dwell_minutes);
    }
    if let Some(value) = table.optional("window_moves_per_hour", "2") {
        let given = value.small(&WINDOW_MOVES, "moves");
        rails.window_moves_per_hour = given.unwrap_or(rails.window_moves_per_hour);
    }
    if let Some(value) = table.optional("hall_moves_per_hour", "12") {
        rails.hall_moves_per_hour = value.small(&HALL_MOVES, "moves");
    }
    if let Some(value) = table.optional("freeze_minutes", "30") {
        rails.freeze_minutes = value.small(&FREEZE_MINUTES, "minutes").unwrap_or(rails.freeze_minutes);
    }
    let list = table.optional("pinned", "[\"1\", \"2\"]");
    for item in list.iter().flat_map(|list| list.items().into_iter().flatten()) {
        let Some(window) = device_ids.refer::<WindowId>(&item, "window") else { continue };
        if pinned.contains(&window) {
            item.wrong(
                words!("列表中 \"{window}\" 出现两次", "\"{window}\" is in the list twice"),
                words!("请删去其中一个", "remove one of the two"),
            );
        }
        pinned.push(window);
    }
    table.finish();
    (rails, pinned)
}

/// The groups, as far as they can be read.
pub(super) fn groups(root: &Table<'_>, service_ids: &Names) -> Vec<Group> {
    let mut names = Names::default();
    let mut taken: Vec<(ServiceId, Place)> = Vec::new();
    let mut groups = Vec::new();
    for table in root.each("group") {
        let asked = table.required("id", "\"tax\"");
        let id: Option<GroupId> = asked.as_ref().and_then(id);
        if let (Some(value), Some(_)) = (&asked, id) {
            names.give(value, "group");
        }
        let is_named = ["name", "name_en"].iter().any(|key| table.optional(key, "\"税务\"").is_some());
        let called = is_named.then(|| name(&table, NAME_BYTES_MAX, "\"税务\"", "\"Tax\""));
        let given = table.required("services", SERVICES);
        let listed = given.as_ref().and_then(|value| services(value, service_ids));
        if let (Some(value), Some(listed)) = (&given, &listed) {
            for service in listed {
                if let Some((_, other)) = taken.iter().find(|(known, _)| known == service) {
                    value.wrong(
                        words!(
                            "\"{service}\" 已在第 {line} 行的事项组中",
                            "\"{service}\" is in the group on line {line} already",
                            line = other.line
                        ),
                        words!(
                            "请只留在其中一组：一个事项只按一种策略呼叫",
                            "leave it in one of the two: a service is called by one policy"
                        ),
                    );
                }
                taken.push((*service, value.place().clone()));
            }
        }
        let by = table.required("routing", "\"service_level\"").and_then(|value| routing(&value));
        table.finish();
        if let (Some(id), Some(services), Some(routing)) = (id, listed, by) {
            groups.push(Group { id, name: called.flatten(), services, routing });
        }
    }
    groups
}
