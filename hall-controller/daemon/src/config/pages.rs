//! The key `pages` of a sign: what it shows while nobody is called, one page after another.

use std::time::Duration;

use hall_protocol::id::WindowId;
use hall_signs::page::{Direction, ScrollPage};
use hall_signs::script::Slot;

use super::errors::words;
use super::plan::Parts;
use super::reader::Table;
use super::values::{one_line, one_of, span};
use crate::wall::{Directions, Slide};

/// Pages of one sign, at most.
const PAGES_MAX: usize = 32;

/// A notice, in bytes: 200 Chinese characters.
const NOTICE_BYTES_MAX: usize = 600;

/// How long each screen of a page is shown, in seconds.
const SECONDS_DEFAULT: u16 = 8;
const SECONDS: std::ops::RangeInclusive<i64> = 2..=3_600;

#[derive(Clone, Copy)]
enum Kind {
    Own,
    Overview,
    Notice,
    Clock,
    Signpost,
}

const KINDS: [(&str, Kind); 5] = [
    ("own", Kind::Own),
    ("overview", Kind::Overview),
    ("notice", Kind::Notice),
    ("clock", Kind::Clock),
    ("signpost", Kind::Signpost),
];

/// The sign's script; empty without the key, `None` if something is wrong with it.
pub(super) fn pages(sign: &Table<'_>, parts: &Parts) -> Option<Vec<Slot<Slide>>> {
    let tables = sign.each("pages");
    if tables.len() > PAGES_MAX {
        sign.wrong_key(
            "pages",
            words!("这里有 {count} 页", "these are {count} pages", count = tables.len()),
            words!("请写至多 {PAGES_MAX} 页", "write at most {PAGES_MAX}"),
        );
        return None;
    }
    let slots = tables.iter().map(|table| {
        let slot = page(table, parts);
        table.finish();
        slot
    });
    // Every page is read, so that all of them are told what is wrong.
    slots.collect::<Vec<_>>().into_iter().collect()
}

fn page(table: &Table<'_>, parts: &Parts) -> Option<Slot<Slide>> {
    let kind = table.required("page", "\"own\"").and_then(|value| one_of(&value, &KINDS));
    let text = table.optional("text", "\"今日下午系统升级\"");
    let scroll = table.optional("scroll", "true");
    let scrolls = match &scroll {
        Some(value) => value.boolean(),
        None => Some(false),
    };
    let directions = directions(table, parts);
    let seconds = match table.optional("seconds", "8") {
        Some(value) => value.small::<u16>(&SECONDS, "seconds"),
        None => Some(SECONDS_DEFAULT),
    };
    let between = match table.optional("between", "\"08:30-12:00\"") {
        Some(value) => span(&value).map(Some),
        None => Some(None),
    };
    let (kind, scrolls, directions) = (kind?, scrolls?, directions?);
    if let Some(scroll) = scroll.filter(|_| !matches!(kind, Kind::Notice)) {
        scroll.wrong(
            words!("只有公告可以滚动", "only a notice moves through"),
            words!("请删去此项，或写 page = \"notice\"", "remove it, or write page = \"notice\""),
        );
        return None;
    }
    if !directions.is_empty() && !matches!(kind, Kind::Signpost) {
        let problem = words!("只有指路页指向窗口", "only a signpost points to windows");
        let remedy = words!(
            "请删去 left、right、up 和 down，或写 page = \"signpost\"",
            "remove left, right, up and down, or write page = \"signpost\""
        );
        table.wrong_key("page", problem, remedy);
        return None;
    }
    let page = match (kind, text) {
        (Kind::Notice, Some(text)) if scrolls => {
            Slide::Scroll(ScrollPage::new(one_line(&text, NOTICE_BYTES_MAX)?))
        }
        (Kind::Notice, Some(text)) => Slide::Notice(one_line(&text, NOTICE_BYTES_MAX)?.to_owned()),
        (Kind::Notice, None) => {
            let remedy =
                words!("请写 text = \"…\"，即屏上要显示的话", "write text = \"…\", what the sign shall say");
            table.wrong_key("text", words!("公告没有内容", "the notice says nothing"), remedy);
            return None;
        }
        (_, Some(text)) => {
            text.wrong(
                words!("只有公告有文字", "only a notice has a text"),
                words!("请删去此项，或写 page = \"notice\"", "remove it, or write page = \"notice\""),
            );
            return None;
        }
        (Kind::Own, None) => Slide::Own,
        (Kind::Overview, None) => Slide::Overview,
        (Kind::Clock, None) => Slide::Clock,
        (Kind::Signpost, None) if directions.is_empty() => {
            table.wrong_key(
                "left",
                words!("指路页没有指向任何窗口", "the signpost points nowhere"),
                words!(
                    "请写 left = [\"1\", \"2\"]，即向左走的窗口；right、up、down 同样",
                    "write left = [\"1\", \"2\"], the windows to which one goes left; so right, up and down"
                ),
            );
            return None;
        }
        (Kind::Signpost, None) => Slide::Signpost(directions),
    };
    Some(Slot { page, screen_lasts: Duration::from_secs(seconds?.into()), between: between? })
}

/// The windows a signpost points to.
fn directions(table: &Table<'_>, parts: &Parts) -> Option<Directions> {
    let mut directions = Directions::new();
    let mut right = true;
    for (key, direction) in [
        ("left", Direction::Left),
        ("right", Direction::Right),
        ("up", Direction::Up),
        ("down", Direction::Down),
    ] {
        let Some(list) = table.optional(key, "[\"1\", \"2\"]") else { continue };
        for item in list.items().into_iter().flatten() {
            match parts.device_ids.refer::<WindowId>(&item, "window") {
                None => right = false,
                Some(window) => {
                    if directions.insert(window, direction).is_some() {
                        item.wrong(
                            words!("指路页已指向此窗口", "the signpost points to this window already"),
                            words!("每个窗口只写一个方向", "write each window in one direction"),
                        );
                        right = false;
                    }
                }
            }
        }
    }
    right.then_some(directions)
}
