//! What all pages share: the language asked for, links that keep it, the frame around a page, and
//! the page for addresses that lead nowhere.

use std::convert::Infallible;

use axum::extract::{FromRequestParts, Query};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{Html, IntoResponse, Response};
use hall_core::plan::Name;
use hall_core::refusal::Language;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use maud::{DOCTYPE, Markup, html};
use serde::Deserialize;

use super::Site;
use super::text::{self, DISCONNECTED, HOME, NOT_FOUND, NOT_FOUND_HINT, OTHER_LANGUAGE, TO_HOME, TROUBLE};
use super::text::{named, other, tag};

/// What the address asks for after its `?`. What cannot be read counts as not asked for.
#[derive(Debug, Clone, Default)]
pub(super) struct Asked {
    /// `lang=en`; Chinese for anything else.
    pub(super) language: Language,
    /// `zone=A`, not yet parsed.
    pub(super) zone: Option<String>,
}

#[derive(Deserialize, Default)]
struct RawQuery {
    lang: Option<String>,
    zone: Option<String>,
}

impl<S: Sync> FromRequestParts<S> for Asked {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let raw = Query::<RawQuery>::try_from_uri(&parts.uri).map(|query| query.0).unwrap_or_default();
        let english = raw.lang.is_some_and(|lang| lang.eq_ignore_ascii_case("en"));
        Ok(Self { language: if english { Language::En } else { Language::Zh }, zone: raw.zone })
    }
}

/// `path` in this language. Chinese is the default and leaves no trace in the address.
pub(super) fn link(path: &str, language: Language) -> String {
    match language {
        Language::Zh => path.to_owned(),
        Language::En if path.contains('?') => format!("{path}&lang=en"),
        Language::En => format!("{path}?lang=en"),
    }
}

/// The frame's words for one page.
pub(super) struct Frame<'a> {
    pub(super) language: Language,
    /// The page's own address without the language, for the switch.
    pub(super) here: &'a str,
    /// The page's name, for the tab and the header.
    pub(super) title: &'a str,
    /// The class of `body`, by which the style sheet knows the page.
    pub(super) kind: &'static str,
    /// The page's own script, beside the one for live updates.
    pub(super) script: Option<&'static str>,
    /// Which stream of events the page follows.
    pub(super) events: Option<&'a str>,
    /// Groups of phrases the script needs.
    pub(super) texts: &'static [&'static str],
}

/// A whole page around `main`.
pub(super) fn page(site: &Site, frame: &Frame<'_>, main: &Markup) -> Response {
    let Frame { language, here, title, kind, script, events, texts } = *frame;
    let view = site.state.view.borrow().clone();
    let hall = view.plan.name();
    let now = site.state.clock.timestamp();
    let zone = site.state.clock.zone();
    let local = zone.to_datetime(now);
    let trouble = site.state.trouble.borrow().is_some();
    let scheme = if matches!(kind, "screen" | "signs") { "dark" } else { "light" };
    let markup = html! {
        (DOCTYPE)
        html lang=(tag(language)) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content=(scheme);
                title { (title) " · " (named(hall, language)) }
                link rel="icon" href="/assets/icon.svg" type="image/svg+xml";
                link rel="stylesheet" href="/assets/hall.css";
                @if let Some(sheet) = sheet_of(kind) {
                    link rel="stylesheet" href=(sheet);
                }
                script src="/assets/live.js" defer {}
                @if let Some(script) = script {
                    script src=(script) defer {}
                }
            }
            body class=(kind)
                data-texts=(text::for_script(language, texts))
                data-events=[events]
                data-start=(site.start)
                data-now-ms=(now.as_millisecond())
                data-offset-ms=(offset_ms(zone, now))
                data-speed=(site.state.clock.speed()) {
                header.top {
                    a.hall href=(link("/", language)) title=(HOME.in_language(language)) {
                        strong { (named(hall, language)) }
                        span lang=(tag(other(language))) { (named(hall, other(language))) }
                    }
                    h1.title { (title) }
                    p.clock {
                        time data-clock="time" { (local.strftime("%H:%M:%S")) }
                        span data-clock="date" { (local.strftime("%Y-%m-%d")) }
                    }
                    a.switch href=(link(here, other(language))) lang=(tag(other(language)))
                        hreflang=(tag(other(language))) {
                        (OTHER_LANGUAGE.in_language(language))
                    }
                }
                p.banner.lost role="status" hidden { (DISCONNECTED.in_language(language)) }
                p.banner.trouble role="alert" hidden[!trouble] { (TROUBLE.in_language(language)) }
                main { (main) }
            }
        }
    };
    Html(markup.into_string()).into_response()
}

fn sheet_of(kind: &str) -> Option<&'static str> {
    match kind {
        "screen" => Some("/assets/screen.css"),
        "kiosk" | "pad" => Some("/assets/touch.css"),
        "signs" => Some("/assets/signs.css"),
        "manage" => Some("/assets/manage.css"),
        _ => None,
    }
}

/// How far local time is ahead of UTC at `now`, in milliseconds.
pub(super) fn offset_ms(zone: &TimeZone, now: Timestamp) -> i64 {
    i64::from(zone.to_offset(now).seconds()) * 1_000
}

/// A name in the page's language, and beneath it in the other one.
pub(super) fn both(name: &Name, language: Language) -> Markup {
    html! {
        strong { (named(name, language)) }
        @if name.zh != name.en {
            small lang=(tag(other(language))) { (named(name, other(language))) }
        }
    }
}

/// The page for an address that leads nowhere, in both languages: whoever mistyped it may read
/// either.
pub(super) fn not_found(site: &Site, language: Language) -> Response {
    let frame = Frame {
        language,
        here: "/",
        title: NOT_FOUND.in_language(language),
        kind: "plain",
        script: None,
        events: None,
        texts: &[],
    };
    let main = html! {
        section.nowhere {
            @for language in [language, other(language)] {
                div lang=(tag(language)) {
                    h2 { (NOT_FOUND.in_language(language)) }
                    p { (NOT_FOUND_HINT.in_language(language)) }
                    p { a.button href=(link("/", language)) { (TO_HOME.in_language(language)) } }
                }
            }
        }
    };
    (StatusCode::NOT_FOUND, page(site, &frame, &main)).into_response()
}
