//! The manager's page: windows and services live, proposals, orders, and what if.
//!
//! The page itself says nothing of the hall; its script asks for the picture with the manager's token,
//! whenever the hall's stream of events says that something changed.

mod notice;
pub(super) mod picture;
pub(super) mod unserved;
pub(super) mod what_if;

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use hall_core::refusal::Language;
use maud::{Markup, html};

use super::Site;
use super::layout::{self, Asked, Frame};
use super::text::{
    MANAGE_APPLY, MANAGE_BALANCE, MANAGE_CANCEL, MANAGE_CHANGE, MANAGE_CLERK, MANAGE_DO, MANAGE_EMERGENCIES,
    MANAGE_ENTER, MANAGE_HAND, MANAGE_IF_NOW, MANAGE_ISSUED, MANAGE_PAUSE_TOO, MANAGE_PROPOSALS,
    MANAGE_RECORD, MANAGE_ROUTING, MANAGE_SERVES, MANAGE_SERVICE, MANAGE_SERVICES, MANAGE_STATE,
    MANAGE_TARGET, MANAGE_TITLE, MANAGE_TOKEN, MANAGE_TOKEN_HINT, MANAGE_TRY, MANAGE_WAITING, MANAGE_WINDOW,
    MANAGE_WINDOWS, Phrase,
};

/// `GET /manage`.
pub(super) async fn page(State(site): State<Arc<Site>>, asked: Asked) -> Response {
    let language = asked.language;
    let frame = Frame {
        language,
        here: "/manage",
        title: MANAGE_TITLE.in_language(language),
        kind: "manage",
        script: Some("/assets/manage.js"),
        events: Some("/api/events"),
        texts: &["MANAGE_", "MODE_", "WAIT_"],
    };
    layout::page(&site, &frame, &main(language))
}

fn main(language: Language) -> Markup {
    let say = |phrase: Phrase| phrase.in_language(language);
    html! {
        p.said role="status" aria-live="polite" hidden {}
        form.token {
            label for="token" { (say(MANAGE_TOKEN)) }
            input #token type="password" autocomplete="current-password" required;
            button type="submit" { (say(MANAGE_ENTER)) }
            p.hint { (say(MANAGE_TOKEN_HINT)) }
        }
        div.desk hidden {
            section.card.emergencies hidden aria-labelledby="emergencies" {
                h2 #emergencies { (say(MANAGE_EMERGENCIES)) }
                ul {}
            }
            section.card.settings {
                label { (say(MANAGE_BALANCE)) " " select.balance {} }
                label { (say(MANAGE_ROUTING)) " " select.routing {} }
                div.groups {}
            }
            section.card.proposals aria-labelledby="proposals" {
                h2 #proposals tabindex="-1" { (say(MANAGE_PROPOSALS)) }
                div.open aria-live="polite" {}
            }
            section.card.draft hidden aria-labelledby="draft" {
                h2 #draft tabindex="-1" { (say(MANAGE_CHANGE)) " " span.which {} }
                form {
                    div.tiers {}
                    label.pause { input type="checkbox" name="pause"; " " (say(MANAGE_PAUSE_TOO)) }
                    div.keys {
                        button.try type="button" { (say(MANAGE_TRY)) }
                        button.apply type="submit" { (say(MANAGE_APPLY)) }
                        button.cancel type="button" { (say(MANAGE_CANCEL)) }
                    }
                }
                div.foretold aria-live="polite" {}
            }
            section.card aria-labelledby="windows" {
                h2 #windows { (say(MANAGE_WINDOWS)) }
                (table("windows", language, &[
                    MANAGE_WINDOW, MANAGE_STATE, MANAGE_CLERK, MANAGE_HAND, MANAGE_WAITING, MANAGE_SERVES,
                    MANAGE_DO,
                ]))
            }
            section.card aria-labelledby="services" {
                h2 #services { (say(MANAGE_SERVICES)) }
                (table("services", language, &[
                    MANAGE_SERVICE, MANAGE_WAITING, MANAGE_IF_NOW, MANAGE_TARGET, MANAGE_ISSUED, MANAGE_DO,
                ]))
            }
            section.card.record aria-labelledby="record" {
                h2 #record tabindex="-1" { (say(MANAGE_RECORD)) }
                p.sums {}
                p.compared {}
                ol.told {}
            }
        }
    }
}

/// An empty table; the script fills in the rows. Cells repeat their heading on a phone.
fn table(kind: &str, language: Language, columns: &[Phrase]) -> Markup {
    html! {
        table class=(kind) {
            thead { tr { @for column in columns { th scope="col" { (column.in_language(language)) } } } }
            tbody {}
        }
    }
}
