//! The hall screen: the latest calls large, windows and queues beside them.
//!
//! Rendered for 1920x1080 at ten metres, and in one column for a phone. Rows are fixed places
//! filled from the picture, so that nothing moves on the wall when a call comes.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use hall_core::plan::{Service, Zone};
use hall_core::refusal::Language;
use hall_core::time::Now;
use hall_core::view::{CallView, HallView, Totals, WindowView};
use hall_protocol::payload::{HandState, WindowMode};
use maud::{Markup, html};

use super::Site;
use super::emergency;
use super::layout::{self, Asked, Frame, both};
use super::picture::{Part, serves_zone};
use super::text::{
    MODE_CLOSED, MODE_OPEN, MODE_PAUSED, Phrase, SCREEN_GO_TO, SCREEN_NOBODY, SCREEN_NUMBER, SCREEN_RECALL,
    SCREEN_TITLE, SCREEN_TODAY, SCREEN_WAITING, SCREEN_WINDOWS, STATE_CALLED, STATE_SERVING, WINDOW, about,
    named,
};

/// Calls on the screen: more would be too small to read at ten metres.
const ROWS: usize = 7;

/// `GET /screen`, of one zone or of all.
pub(super) async fn page(State(site): State<Arc<Site>>, asked: Asked) -> Response {
    let language = asked.language;
    let view = Arc::clone(&site.state.view.borrow());
    let zone = match &asked.zone {
        None => None,
        Some(id) => match id.parse().ok().and_then(|id| view.plan.zone(id)) {
            Some(zone) => Some(zone),
            None => return layout::not_found(&site, language),
        },
    };
    let of_zone =
        |path: &str| zone.map_or_else(|| path.to_owned(), |zone| format!("{path}?zone={}", zone.id));
    let (here, events) = (of_zone("/screen"), of_zone("/api/events"));
    let title = zone.map_or(SCREEN_TITLE.in_language(language), |zone| named(&zone.name, language));
    let frame = Frame {
        language,
        here: &here,
        title,
        kind: "screen",
        script: Some("/assets/screen.js"),
        events: Some(&events),
        texts: &["WINDOW", "MODE_", "STATE_", "SCREEN_", "WAIT_"],
    };
    let part = zone.map_or(Part::Whole, |zone| Part::Zone(zone.id));
    let now = site.state.clock.now();
    let main = html! { (emergency::section(&view, part)) (main(&view, zone, now, language)) };
    layout::page(&site, &frame, &main)
}

fn main(view: &HallView, zone: Option<&Zone>, now: Now, language: Language) -> Markup {
    let calls = calls(view, zone);
    let here = |service: &Service| zone.is_none_or(|zone| service.zone == zone.id);
    let windows = view.windows.iter();
    let windows: Vec<_> =
        windows.filter(|window| zone.is_none_or(|zone| serves_zone(&view.plan, window, zone.id))).collect();
    let queues = view.plan.services().iter().filter(|service| here(service)).count();
    html! {
        section.calls aria-live="polite" data-zone=[zone.map(|zone| zone.id)] {
            div.heads aria-hidden="true" {
                span { (SCREEN_NUMBER.in_language(language)) }
                span { (SCREEN_GO_TO.in_language(language)) }
            }
            ol {
                @for row in 0..ROWS { (call_row(calls.get(row).copied(), language)) }
            }
            p.nobody hidden[!calls.is_empty()] { (SCREEN_NOBODY.in_language(language)) }
        }
        aside {
            section {
                h2 { (SCREEN_WINDOWS.in_language(language)) }
                ul.windows data-density=(density(windows.len())) {
                    @for window in windows { (window_tile(window, language)) }
                }
            }
            section {
                h2 { (SCREEN_WAITING.in_language(language)) }
                ul.queues data-density=(queue_density(queues)) {
                    @for planned in view.plan.services() {
                        @if here(planned) {
                            @let queue = view.queue_to_join(planned.id, now);
                            li data-service=(planned.id) {
                                span.what { (both(&planned.name, language)) }
                                span.wait { @if let Some(wait) = queue.wait { (about(wait, language)) } }
                                b.count { (queue.waiting) }
                            }
                        }
                    }
                }
            }
        }
        footer data-today { (today(&view.totals, language)) }
    }
}

/// The calls of a zone, or of all zones together, newest first.
fn calls<'a>(view: &'a HallView, zone: Option<&Zone>) -> Vec<&'a CallView> {
    let zones = view.zones.iter().filter(|view| zone.is_none_or(|zone| zone.id == view.id));
    let mut calls: Vec<_> = zones.flat_map(|zone| &zone.calls).collect();
    calls.sort_by_key(|call| std::cmp::Reverse(call.called_at));
    calls
}

/// How closely the windows' tiles stand.
const fn density(windows: usize) -> &'static str {
    match windows {
        0..=8 => "wide",
        9..=18 => "close",
        _ => "dense",
    }
}

/// How closely the queues stand.
const fn queue_density(queues: usize) -> &'static str {
    if queues <= 5 { "wide" } else { "close" }
}

fn call_row(call: Option<&CallView>, language: Language) -> Markup {
    html! {
        li.vacant[call.is_none()].long[call.is_some_and(is_long)] {
            b.number { @if let Some(call) = call { (call.number) } }
            span.arrow aria-hidden="true" { "→" }
            span.window {
                @if let Some(call) = call { (WINDOW.fill(language, &[("label", &call.label)])) }
            }
            em.again hidden[call.is_none_or(|call| call.recalls == 0)] { (SCREEN_RECALL.in_language(language)) }
        }
    }
}

/// Whether a call is written smaller, to fit its row: `AB0345`, or a window called `12A`.
fn is_long(call: &CallView) -> bool {
    call.number.to_string().len() > 5 || call.label.chars().count() > 2
}

fn window_tile(window: &WindowView, language: Language) -> Markup {
    let (class, phrase) = doing(window);
    html! {
        li class=(class) data-window=(window.id) {
            span.label { (window.label) }
            b.number { @if let Some(ticket) = window.ticket { (ticket.number) } }
            span.state { (phrase.in_language(language)) }
        }
    }
}

/// What a window is doing, as a class of the style sheet and in words.
pub(super) const fn doing(window: &WindowView) -> (&'static str, Phrase) {
    match (window.mode, &window.ticket) {
        (WindowMode::Closed, _) => ("closed", MODE_CLOSED),
        (_, Some(ticket)) => match ticket.state {
            HandState::Called => ("called", STATE_CALLED),
            HandState::Serving => ("serving", STATE_SERVING),
        },
        (WindowMode::Paused, None) => ("paused", MODE_PAUSED),
        (WindowMode::Open, None) => ("open", MODE_OPEN),
    }
}

fn today(totals: &Totals, language: Language) -> String {
    let Totals { issued, finished, waiting, .. } = *totals;
    let (issued, finished, waiting) = (issued.to_string(), finished.to_string(), waiting.to_string());
    SCREEN_TODAY.fill(language, &[("issued", &issued), ("finished", &finished), ("waiting", &waiting)])
}
