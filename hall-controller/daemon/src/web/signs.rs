//! The sign wall: every sign's pixels and health, for whoever mends them.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::response::Response;
use hall_core::plan::Name;
use hall_core::refusal::Language;
use hall_core::view::HallView;
use hall_protocol::id::DeviceId;
use hall_signs::Frame as Pixels;
use hall_signs::codec::Sentence;
use hall_signs::substitute::Substitute;
use jiff::{SignedDuration, Timestamp};
use maud::{Markup, html};
use serde::Serialize;

use super::Site;
use super::layout::{self, Asked, Frame};
use super::text::{
    Phrase, SIGNS_ACKNOWLEDGED, SIGNS_ADDRESS, SIGNS_BEHIND, SIGNS_CLOSED_LINE, SIGNS_DARK, SIGNS_DECODED,
    SIGNS_LATE, SIGNS_LINE, SIGNS_NONE, SIGNS_OK, SIGNS_PIXELS, SIGNS_REFUSALS, SIGNS_SHOWS,
    SIGNS_SUBSTITUTE, SIGNS_TIMEOUTS, SIGNS_TITLE, SIGNS_TROUBLE, SIGNS_UNKNOWN, WINDOW, named,
};
use crate::wall::{Health, Shows, WallSign};

/// One sign as pages see it, words included, so that server and script say the same.
#[derive(Serialize)]
struct Sign<'a> {
    id: DeviceId,
    shows: Name,
    port: &'a str,
    address: u8,
    health: &'static str,
    health_text: Name,
    source: &'static str,
    source_text: Name,
    /// What it shows instead of the page, if it cannot show that.
    substitute_text: Option<Name>,
    /// Of a dark sign: what is wrong.
    trouble_text: Option<Name>,
    /// It does not show yet what it should.
    behind: bool,
    timeouts: u64,
    refusals: u64,
    width_px: u16,
    height_px: u16,
    planes: u8,
    /// The pixels as `hall_signs::Frame` lays them out, in hexadecimal; `null` while unknown.
    pixels: Option<String>,
}

#[derive(Serialize)]
struct Wall<'a> {
    signs: Vec<Sign<'a>>,
    closed_lines: Vec<Name>,
}

/// Some of the signs as one JSON object.
pub(super) fn to_json(site: &Site, signs: &[Arc<WallSign>], closed_lines: &[(Arc<str>, String)]) -> String {
    let view = Arc::clone(&site.state.view.borrow());
    let wall = Wall {
        signs: signs.iter().map(|sign| of(site, &view, sign)).collect(),
        closed_lines: closed_lines.iter().map(closed_line).collect(),
    };
    serde_json::to_string(&wall).unwrap_or_default()
}

fn of<'a>(site: &Site, view: &HallView, sign: &'a WallSign) -> Sign<'a> {
    let (health, health_text) = match sign.health {
        Health::Ok => ("ok", SIGNS_OK.name(&[])),
        Health::Late => ("late", SIGNS_LATE.name(&[])),
        Health::Dark(since) => ("dark", SIGNS_DARK.name(&[("since", &wall_time(site, since.elapsed()))])),
    };
    let (source, phrase, seen) = seen(sign);
    let panel = sign.wanted.panel();
    Sign {
        id: sign.id,
        shows: shows(view, sign.shows),
        port: &sign.port,
        address: sign.address.get(),
        health,
        health_text,
        source,
        source_text: phrase.name(&[]),
        substitute_text: substitute(sign.substitute),
        trouble_text: sign.trouble.as_ref().map(|why| SIGNS_TROUBLE.name(&[("why", why)])),
        behind: seen.is_some_and(|seen| **seen != *sign.wanted),
        timeouts: sign.timeouts,
        refusals: sign.refusals,
        width_px: panel.width_px(),
        height_px: panel.height_px(),
        planes: panel.depth().planes(),
        pixels: seen.filter(|seen| seen.panel() == panel).map(|seen| hex(seen)),
    }
}

/// What is known of the sign's pixels, and from whom.
fn seen(sign: &WallSign) -> (&'static str, Phrase, Option<&Arc<Pixels>>) {
    match (&sign.decoded, &sign.acknowledged) {
        (Some(decoded), _) => ("decoded", SIGNS_DECODED, Some(decoded)),
        (None, Some(acknowledged)) => ("acknowledged", SIGNS_ACKNOWLEDGED, Some(acknowledged)),
        (None, None) => ("unknown", SIGNS_UNKNOWN, None),
    }
}

fn substitute(instead: Substitute) -> Option<Name> {
    let Sentence { zh, en } = instead.sentence();
    let said = || Name {
        zh: SIGNS_SUBSTITUTE.fill(Language::Zh, &[("what", zh)]),
        en: SIGNS_SUBSTITUTE.fill(Language::En, &[("what", en)]),
    };
    (instead != Substitute::Nothing).then(said)
}

fn shows(view: &HallView, shows: Shows) -> Name {
    match shows {
        Shows::Window(id) => {
            let label = view.plan.window(id).map_or_else(|| id.to_string(), |window| window.label.clone());
            WINDOW.name(&[("label", &label)])
        }
        Shows::Zone(id) => {
            let unknown = || Name { zh: id.to_string(), en: id.to_string() };
            view.plan.zone(id).map_or_else(unknown, |zone| zone.name.clone())
        }
    }
}

/// The technician's wall time so long ago, whatever the hall's own clock makes of the day.
fn wall_time(site: &Site, ago: Duration) -> String {
    let ago = SignedDuration::try_from(ago).unwrap_or(SignedDuration::ZERO);
    let then = Timestamp::now().checked_sub(ago).unwrap_or(Timestamp::UNIX_EPOCH);
    site.state.clock.zone().to_datetime(then).strftime("%H:%M:%S").to_string()
}

fn closed_line((port, why): &(Arc<str>, String)) -> Name {
    SIGNS_CLOSED_LINE.name(&[("port", port), ("why", why)])
}

fn hex(frame: &Pixels) -> String {
    frame.bytes().iter().fold(String::with_capacity(2 * frame.bytes().len()), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// `GET /signs`.
pub(super) async fn page(State(site): State<Arc<Site>>, asked: Asked) -> Response {
    let language = asked.language;
    let frame = Frame {
        language,
        here: "/signs",
        title: SIGNS_TITLE.in_language(language),
        kind: "signs",
        script: Some("/assets/signs.js"),
        events: Some("/api/signs/events"),
        texts: &["SIGNS_BEHIND"],
    };
    let wall = Arc::clone(&site.state.signs.borrow());
    let view = Arc::clone(&site.state.view.borrow());
    let main = html! {
        ul.closed-lines role="alert" {
            @for line in &wall.closed_lines { li { (named(&closed_line(line), language)) } }
        }
        @if wall.signs.is_empty() { p.none { (SIGNS_NONE.in_language(language)) } }
        div.wall {
            @for sign in &wall.signs { (figure(&of(&site, &view, sign), language)) }
        }
    };
    layout::page(&site, &frame, &main)
}

fn figure(sign: &Sign<'_>, language: Language) -> Markup {
    let id = sign.id.to_string();
    let (w, h) = (sign.width_px.to_string(), sign.height_px.to_string());
    html! {
        figure data-sign=(id) data-health=(sign.health) class=[(sign.width_px > 200).then_some("broad")] {
            canvas width=(sign.width_px) height=(sign.height_px) data-width=(w) data-height=(h)
                data-planes=(sign.planes) data-pixels=[sign.pixels.as_deref()] role="img"
                aria-label=(SIGNS_PIXELS.fill(language, &[("id", &id), ("w", &w), ("h", &h)])) {}
            figcaption {
                p.head {
                    b.id { (id) }
                    span.health { (named(&sign.health_text, language)) }
                    span.behind hidden[!sign.behind] { (SIGNS_BEHIND.in_language(language)) }
                }
                dl {
                    div { dt { (SIGNS_SHOWS.in_language(language)) } dd { (named(&sign.shows, language)) } }
                    div.line { dt { (SIGNS_LINE.in_language(language)) } dd { (sign.port) } }
                    div { dt { (SIGNS_ADDRESS.in_language(language)) } dd { (sign.address) } }
                    div {
                        dt { (SIGNS_TIMEOUTS.in_language(language)) }
                        dd data-sign-value="timeouts" { (sign.timeouts) }
                    }
                    div {
                        dt { (SIGNS_REFUSALS.in_language(language)) }
                        dd data-sign-value="refusals" { (sign.refusals) }
                    }
                }
                p.trouble hidden[sign.trouble_text.is_none()] {
                    @if let Some(text) = &sign.trouble_text { (named(text, language)) }
                }
                p.substitute hidden[sign.substitute_text.is_none()] {
                    @if let Some(text) = &sign.substitute_text { (named(text, language)) }
                }
                p.source { (named(&sign.source_text, language)) }
            }
        }
    }
}
