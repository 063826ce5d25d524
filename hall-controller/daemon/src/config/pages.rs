//! The key `pages` of a sign: what it shows while nobody is called, one page after another.

use std::time::Duration;

use hall_protocol::id::WindowId;
use hall_signs::page::{Direction, ScrollPage};
use hall_signs::script::Slot;

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
            format_args!("these are {} pages", tables.len()),
            format_args!("write at most {PAGES_MAX}"),
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
        scroll.wrong("only a notice moves through", "remove it, or write page = \"notice\"");
        return None;
    }
    if !directions.is_empty() && !matches!(kind, Kind::Signpost) {
        let problem = "only a signpost points to windows";
        table.wrong_key("page", problem, "remove left, right, up and down, or write page = \"signpost\"");
        return None;
    }
    let page = match (kind, text) {
        (Kind::Notice, Some(text)) if scrolls => {
            Slide::Scroll(ScrollPage::new(one_line(&text, NOTICE_BYTES_MAX)?))
        }
        (Kind::Notice, Some(text)) => Slide::Notice(one_line(&text, NOTICE_BYTES_MAX)?.to_owned()),
        (Kind::Notice, None) => {
            table.wrong_key("text", "the notice says nothing", "write text = \"…\", what the sign shall say");
            return None;
        }
        (_, Some(text)) => {
            text.wrong("only a notice has a text", "remove it, or write page = \"notice\"");
            return None;
        }
        (Kind::Own, None) => Slide::Own,
        (Kind::Overview, None) => Slide::Overview,
        (Kind::Clock, None) => Slide::Clock,
        (Kind::Signpost, None) if directions.is_empty() => {
            table.wrong_key(
                "left",
                "the signpost points nowhere",
                "write left = [\"1\", \"2\"], the windows to which one goes left; so right, up and down",
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
                            "the signpost points to this window already",
                            "write each window in one direction",
                        );
                        right = false;
                    }
                }
            }
        }
    }
    right.then_some(directions)
}
