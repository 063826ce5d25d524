//! The page of one ticket, for its citizen's phone: where it is, how many come before it, how long
//! that takes. Who knows a number sees what the hall's screens show anyway; nothing says whose it is.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use hall_core::plan::Name;
use hall_core::refusal::Language;
use hall_core::view::{HallView, Stage, TicketView};
use hall_protocol::id::ServiceId;
use hall_protocol::number::TicketNumber;
use hall_protocol::payload::WaitMinutes;
use maud::{Markup, html};
use serde::Serialize;

use super::Site;
use super::api::{self, PathId, parsed};
use super::layout::{self, Asked, Frame};
use super::text::{
    KIOSK_AHEAD, KIOSK_AHEAD_N, KIOSK_EXPECTED, KIOSK_SLOT, KIOSK_YOUR_NUMBER, NO_SUCH_TICKET, TICKET_CALLED,
    TICKET_ENDED, TICKET_FINISHED, TICKET_HINT, TICKET_MISSED, TICKET_PARKED, TICKET_SERVING, TICKET_THEN,
    TICKET_TITLE, TICKET_UNKNOWN_WAIT, TICKET_WAITING, about, named,
};

/// A ticket as JSON. Fields are only ever added.
#[derive(Serialize)]
struct Shown {
    number: TicketNumber,
    issued_at_ms: i64,
    /// `waiting`, `called`, `serving`, `parked`, `missed`, `finished` or `ended`.
    state: &'static str,
    /// What citizens read above the window concerned.
    window: Option<String>,
    ahead: Option<u32>,
    estimate: Option<WaitMinutes>,
    /// What it is for now; nothing once that has left the plan.
    service: Option<Name>,
    /// What comes after that on the same number.
    then: Vec<Name>,
}

impl Shown {
    fn of(view: &HallView, ticket: &TicketView) -> Self {
        let (state, window) = match ticket.stage {
            Stage::Waiting { .. } => ("waiting", None),
            Stage::Called { window } => ("called", Some(window)),
            Stage::Serving { window } => ("serving", Some(window)),
            Stage::Parked { window } => ("parked", Some(window)),
            Stage::Missed => ("missed", None),
            Stage::Finished => ("finished", None),
            Stage::Ended => ("ended", None),
        };
        let (ahead, estimate) = match ticket.stage {
            Stage::Waiting { ahead, estimate } => (ahead, estimate),
            _ => (None, None),
        };
        let window = window.and_then(|id| Some(view.plan.window(id)?.label.clone()));
        let (number, issued_at_ms) = (ticket.number, ticket.issued_at.unix_ms());
        let name = |id: ServiceId| Some(view.plan.service(id)?.name.clone());
        let ended = matches!(ticket.stage, Stage::Missed | Stage::Finished | Stage::Ended);
        let then = ticket.matters.iter().filter(|_| !ended).filter_map(|id| name(*id)).collect();
        Self { number, issued_at_ms, state, window, ahead, estimate, service: name(ticket.service), then }
    }

    /// What comes after the matter at hand.
    fn matters(&self, language: Language) -> String {
        let names: Vec<&str> = self.then.iter().map(|name| named(name, language)).collect();
        let comma = if language == Language::Zh { "、" } else { ", " };
        TICKET_THEN.fill(language, &[("list", &names.join(comma))])
    }

    /// Where the ticket is, as a sentence.
    fn sentence(&self, language: Language) -> String {
        let phrase = match self.state {
            "waiting" => TICKET_WAITING,
            "called" => TICKET_CALLED,
            "serving" => TICKET_SERVING,
            "parked" => TICKET_PARKED,
            "missed" => TICKET_MISSED,
            "finished" => TICKET_FINISHED,
            _ => TICKET_ENDED,
        };
        phrase.fill(language, &[("label", self.window.as_deref().unwrap_or("–"))])
    }
}

/// The ticket as one JSON object; `None` if there is none with this number today.
pub(super) async fn json(site: &Site, number: TicketNumber) -> Option<String> {
    let ticket = site.state.tickets.ticket(number).await?;
    let view = Arc::clone(&site.state.view.borrow());
    serde_json::to_string(&Shown::of(&view, &ticket)).ok()
}

/// `GET /api/ticket/{number}`.
pub(super) async fn api(State(site): State<Arc<Site>>, number: PathId) -> Response {
    let json = match parsed(number) {
        Some(number) => json(&site, number).await,
        None => None,
    };
    match json {
        Some(json) => ([(CONTENT_TYPE, "application/json")], json).into_response(),
        None => api::error(StatusCode::NOT_FOUND, &NO_SUCH_TICKET.name(&[])),
    }
}

/// `GET /ticket/{number}`.
pub(super) async fn page(State(site): State<Arc<Site>>, number: PathId, asked: Asked) -> Response {
    let language = asked.language;
    let ticket = match parsed(number) {
        Some(number) => site.state.tickets.ticket(number).await,
        None => None,
    };
    let Some(ticket) = ticket else { return layout::not_found(&site, language) };
    let view = Arc::clone(&site.state.view.borrow());
    let (here, events) =
        (format!("/ticket/{}", ticket.number), format!("/api/ticket/{}/events", ticket.number));
    let frame = Frame {
        language,
        here: &here,
        title: TICKET_TITLE.in_language(language),
        kind: "kiosk",
        script: Some("/assets/ticket.js"),
        events: Some(&events),
        texts: &["TICKET_", "KIOSK_AHEAD", "WAIT_"],
    };
    layout::page(&site, &frame, &main(&view, &ticket, language))
}

fn main(view: &HallView, ticket: &TicketView, language: Language) -> Markup {
    let shown = Shown::of(view, ticket);
    let waits = shown.state == "waiting";
    let ahead = shown.ahead.map(|ahead| KIOSK_AHEAD_N.fill(language, &[("n", &ahead.to_string())]));
    let wait = shown.estimate.map(|wait| about(wait, language));
    let unknown = || TICKET_UNKNOWN_WAIT.in_language(language).to_owned();
    html! {
        section.ticket.followed {
            div.paper {
                p.what { (KIOSK_YOUR_NUMBER.in_language(language)) }
                p.number.long[ticket.number.to_string().len() > 4] { (ticket.number) }
                p.service data-ticket="service" {
                    @if let Some(name) = &shown.service { (named(name, language)) }
                }
                p.then data-ticket="then" hidden[shown.then.is_empty()] { (shown.matters(language)) }
                p.state role="status" aria-live="polite" data-ticket="state" { (shown.sentence(language)) }
                dl data-waits hidden[!waits] {
                    @if let Some(slot) = ticket.appointment {
                        div { dt { (KIOSK_SLOT.in_language(language)) } dd { (slot) } }
                    }
                    div { dt { (KIOSK_AHEAD.in_language(language)) } dd data-ticket="ahead" { (ahead.unwrap_or_else(unknown)) } }
                    div { dt { (KIOSK_EXPECTED.in_language(language)) } dd data-ticket="wait" { (wait.unwrap_or_else(unknown)) } }
                }
                p.remember { (TICKET_HINT.in_language(language)) }
            }
        }
    }
}
