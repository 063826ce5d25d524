//! The home page: where everything else is.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use hall_core::plan::Name;
use hall_core::refusal::Language;
use maud::{Markup, html};

use super::Site;
use super::layout::{self, Asked, Frame, both, link};
use super::text::{
    HOME, INDEX_ALL_ZONES, INDEX_HEALTH, INDEX_KIOSKS, INDEX_MANAGE, INDEX_METRICS, INDEX_NO_KIOSKS,
    INDEX_PADS, INDEX_SCREENS, INDEX_SIGNS, INDEX_TECHNICIAN, INDEX_VIEW, KIOSK_TITLE, MANAGE_TITLE,
    PAD_TITLE, Phrase, WINDOW,
};

/// `GET /`.
pub(super) async fn page(State(site): State<Arc<Site>>, asked: Asked) -> Response {
    let language = asked.language;
    let view = Arc::clone(&site.state.view.borrow());
    let plan = &view.plan;
    let main = html! {
        div.cards {
            (card(INDEX_SCREENS, language, &html! {
                (entry("/screen", &INDEX_ALL_ZONES.name(&[]), language))
                @for zone in plan.zones() {
                    (entry(&format!("/screen?zone={}", zone.id), &zone.name, language))
                }
            }))
            (card(INDEX_KIOSKS, language, &html! {
                @if plan.kiosks().is_empty() { li { (INDEX_NO_KIOSKS.in_language(language)) } }
                (kiosks(&site, language))
            }))
            (card(INDEX_MANAGE, language, &html! { (entry("/manage", &MANAGE_TITLE.name(&[]), language)) }))
            (card(INDEX_TECHNICIAN, language, &html! {
                (entry("/signs", &INDEX_SIGNS.name(&[]), language))
                (entry("/metrics", &INDEX_METRICS.name(&[]), language))
                (entry("/health", &INDEX_HEALTH.name(&[]), language))
                (entry("/api/view", &INDEX_VIEW.name(&[]), language))
            }))
            (card(INDEX_PADS, language, &pads(&site, language)))
        }
    };
    framed(&site, language, "/", HOME, &main)
}

/// A page of links, with no updates of its own.
pub(super) fn framed(site: &Site, language: Language, here: &str, title: Phrase, main: &Markup) -> Response {
    let title = title.in_language(language);
    let frame =
        Frame { language, here, title, kind: "plain", script: None, events: Some("/api/events"), texts: &[] };
    layout::page(site, &frame, main)
}

/// A titled list of links.
pub(super) fn card(title: Phrase, language: Language, entries: &Markup) -> Markup {
    html! {
        section.card {
            h2 { (title.in_language(language)) }
            ul { (entries) }
        }
    }
}

/// A link for each kiosk.
pub(super) fn kiosks(site: &Site, language: Language) -> Markup {
    let view = Arc::clone(&site.state.view.borrow());
    html! {
        @for kiosk in view.plan.kiosks() {
            @let name = KIOSK_TITLE.name(&[]);
            @let id = kiosk.id.to_string();
            @let name = Name { zh: format!("{} {id}", name.zh), en: format!("{} · {id}", name.en) };
            (entry(&format!("/kiosk/{id}"), &name, language))
        }
    }
}

/// A link for the pad of each window.
pub(super) fn pads(site: &Site, language: Language) -> Markup {
    let view = Arc::clone(&site.state.view.borrow());
    html! {
        @for window in view.plan.windows() {
            @let name = WINDOW.name(&[("label", &window.label)]);
            @let pad = PAD_TITLE.name(&[]);
            @let name = Name { zh: format!("{}{}", name.zh, pad.zh), en: format!("{} · {}", name.en, pad.en) };
            (entry(&format!("/pad/{}", window.id), &name, language))
        }
    }
}

fn entry(path: &str, name: &Name, language: Language) -> Markup {
    html! { li { a.entry href=(link(path, language)) { (both(name, language)) } } }
}
