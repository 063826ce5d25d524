//! The clerk's call pad: the window's ticket, the six keys of every pad in the field, and a menu of
//! the rarer ones.

mod more;

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use hall_core::refusal::Language;
use hall_core::view::WindowView;
use hall_protocol::payload::{HandState, Key, Lamp, WindowMode, WindowTicket};
use maud::{Markup, html};

use super::Site;
use super::api::{PathId, parsed};
use super::emergency;
use super::index::{card, framed, pads};
use super::layout::{self, Asked, Frame, link};
use super::picture::Part;
use super::screen::doing;
use super::text::{
    INDEX_PADS, KEY_ADD_MATTER, KEY_CANCEL, KEY_CLOSE, KEY_CONFIRM_CLASS, KEY_CORRECT, KEY_DISARM,
    KEY_EVALUATE, KEY_FINISH, KEY_NEXT, KEY_NO_SHOW, KEY_OPEN, KEY_PARK, KEY_PAUSE, KEY_PICK, KEY_RECALL,
    KEY_RESUME, KEY_RETURN, KEY_SIGN_OFF, KEY_SIGN_ON, KEY_START, KEY_TRANSFER, KEY_UNPARK, KEY_WALK_IN,
    MODE_CLOSED, MODE_OPEN, MODE_PAUSED, PAD_ARMED, PAD_CLERK, PAD_FREE, PAD_KEYBOARD, PAD_LAMP_AMBER,
    PAD_LAMP_GREEN, PAD_LAMP_OFF, PAD_LAMP_RED, PAD_NO_TICKET, PAD_RECALLS, PAD_WAITING, Phrase, REASON,
    REASON_AWAY, REASON_MEAL, REASON_MEETING, REASON_NONE, REASON_SYSTEM, WINDOW, named,
};

/// `GET /pad`: the only window's pad, or a list of them.
pub(super) async fn list(State(site): State<Arc<Site>>, asked: Asked) -> Response {
    let language = asked.language;
    let view = Arc::clone(&site.state.view.borrow());
    if let [only] = view.plan.windows() {
        return Redirect::to(&link(&format!("/pad/{}", only.id), language)).into_response();
    }
    let main = html! { div.cards { (card(INDEX_PADS, language, &pads(&site, language))) } };
    framed(&site, language, "/pad", INDEX_PADS, &main)
}

/// `GET /pad/{id}`.
pub(super) async fn page(State(site): State<Arc<Site>>, id: PathId, asked: Asked) -> Response {
    let language = asked.language;
    let view = Arc::clone(&site.state.view.borrow());
    let window = parsed(id).and_then(|id| view.window(id));
    let Some(window) = window else {
        return layout::not_found(&site, language);
    };
    let here = format!("/pad/{}", window.id);
    let title = WINDOW.fill(language, &[("label", &window.label)]);
    let events = format!("/api/events?window={}", window.id);
    let frame = Frame {
        language,
        here: &here,
        title: &title,
        kind: "pad",
        script: Some("/assets/pad.js"),
        events: Some(&events),
        texts: &["MODE_", "STATE_", "PAD_", "KEY_"],
    };
    let service = window.ticket.and_then(|ticket| view.plan.service(ticket.service));
    let service = service.map(|service| named(&service.name, language));
    let main = html! {
        (emergency::section(&view, Part::Window(window.id)))
        div.device data-window=(window.id) {
            (display(window, service, language))
            (keys(window, language))
            (more::menu(window, &view.plan, language))
        }
    };
    layout::page(&site, &frame, &main)
}

fn display(window: &WindowView, service: Option<&str>, language: Language) -> Markup {
    let ticket = window.ticket;
    let number = ticket.map_or(PAD_NO_TICKET.in_language(language).to_owned(), |t| t.number.to_string());
    let state = match ticket {
        Some(_) => doing(window).1.in_language(language),
        None if window.armed => PAD_ARMED.in_language(language),
        None if window.mode == WindowMode::Open => PAD_FREE.in_language(language),
        // The mode says it all.
        None => "",
    };
    html! {
        section.display aria-live="polite" {
            p.status {
                span.lamp data-lamp=(lamp_word(Lamp::of(window.mode, window.ticket.is_some()))) role="img"
                    aria-label=(lamp_phrase(Lamp::of(window.mode, window.ticket.is_some())).in_language(language)) {}
                span.mode class=(mode(window.mode).0) { (mode(window.mode).1.in_language(language)) }
                span.reason { @if let Some(reason) = &window.reason { (reason) } }
            }
            p.number.none[ticket.is_none()].long[ticket.is_some() && number.len() > 4] { (number) }
            p.state {
                b { (state) }
                " "
                time data-since=[ticket.map(|ticket| ticket.since_ms)] {}
                span.recalls {
                    @if let Some(WindowTicket { recalls: 1.., .. }) = ticket {
                        (PAD_RECALLS.fill(language, &[("n", &ticket.map_or(0, |t| t.recalls).to_string())]))
                    }
                }
            }
            p.service { (service.unwrap_or_default()) }
            p.why { @if let Some(why) = &window.why { (why.in_words(language)) } }
            p.clerk { @if let Some(clerk) = window.clerk { (PAD_CLERK.fill(language, &[("id", clerk.as_str())])) } }
            p.waiting { (PAD_WAITING.in_language(language)) " " b { (window.waiting) } }
        }
    }
}

/// The mode's class in the style sheet, and its word.
const fn mode(mode: WindowMode) -> (&'static str, Phrase) {
    match mode {
        WindowMode::Open => ("open", MODE_OPEN),
        WindowMode::Paused => ("paused", MODE_PAUSED),
        WindowMode::Closed => ("closed", MODE_CLOSED),
    }
}

const fn lamp_word(lamp: Lamp) -> &'static str {
    match lamp {
        Lamp::Off => "off",
        Lamp::Green => "green",
        Lamp::Red => "red",
        Lamp::Amber => "amber",
    }
}

const fn lamp_phrase(lamp: Lamp) -> Phrase {
    match lamp {
        Lamp::Off => PAD_LAMP_OFF,
        Lamp::Green => PAD_LAMP_GREEN,
        Lamp::Red => PAD_LAMP_RED,
        Lamp::Amber => PAD_LAMP_AMBER,
    }
}

/// The keys every pad in the field has; the others are in [`more`].
const KEYS: [Key; 9] = [
    Key::Next,
    Key::Recall,
    Key::NoShow,
    Key::Start,
    Key::Finish,
    Key::Pause,
    Key::Resume,
    Key::Open,
    Key::Close,
];

/// A key's name in the API, its digit on the keyboard if it has one, its word, and whether it
/// carries the ticket the pad showed, so that a late press cannot meet another citizen.
const fn face(key: Key) -> (&'static str, Option<u8>, Phrase, bool) {
    match key {
        Key::Next => ("next", Some(1), KEY_NEXT, true),
        Key::Recall => ("recall", Some(2), KEY_RECALL, true),
        Key::NoShow => ("no_show", Some(3), KEY_NO_SHOW, true),
        Key::Start => ("start", Some(4), KEY_START, true),
        Key::Finish => ("finish", Some(4), KEY_FINISH, true),
        Key::Pause => ("pause", Some(5), KEY_PAUSE, false),
        Key::Resume => ("resume", Some(5), KEY_RESUME, false),
        Key::Open => ("open", Some(6), KEY_OPEN, false),
        Key::Close => ("close", Some(6), KEY_CLOSE, false),
        Key::Pick => ("pick", None, KEY_PICK, true),
        Key::Return => ("return", None, KEY_RETURN, false),
        Key::Cancel => ("cancel", None, KEY_CANCEL, false),
        Key::Transfer => ("transfer", None, KEY_TRANSFER, true),
        Key::Park => ("park", None, KEY_PARK, true),
        Key::Unpark => ("unpark", None, KEY_UNPARK, false),
        Key::Disarm => ("disarm", None, KEY_DISARM, false),
        Key::SignOn => ("sign_on", None, KEY_SIGN_ON, false),
        Key::SignOff => ("sign_off", None, KEY_SIGN_OFF, false),
        Key::Correct => ("correct", None, KEY_CORRECT, true),
        Key::AddMatter => ("add_matter", None, KEY_ADD_MATTER, true),
        Key::WalkIn => ("walk_in", None, KEY_WALK_IN, false),
        Key::Evaluate => ("evaluate", None, KEY_EVALUATE, false),
        Key::ConfirmClass => ("confirm_class", None, KEY_CONFIRM_CLASS, false),
    }
}

/// What a key is called.
pub(crate) const fn phrase(key: Key) -> Phrase {
    face(key).2
}

/// Whether a key is the one of its pair to show; `pad.js` goes by the same rule.
fn is_shown(key: Key, window: &WindowView) -> bool {
    let serving = window.ticket.is_some_and(|ticket| ticket.state == HandState::Serving);
    match key {
        Key::Start => !serving,
        Key::Finish => serving,
        Key::Pause => window.mode != WindowMode::Paused,
        Key::Resume => window.mode == WindowMode::Paused,
        Key::Open => window.mode == WindowMode::Closed,
        Key::Close => window.mode != WindowMode::Closed,
        _ => true,
    }
}

fn keys(window: &WindowView, language: Language) -> Markup {
    html! {
        section.keys {
            @for key in KEYS {
                @let (name, digit, phrase, carries_ticket) = face(key);
                button type="button" data-key=(name) data-digit=[digit] data-carries-ticket[carries_ticket]
                    aria-keyshortcuts=[digit] hidden[!is_shown(key, window)] {
                    @if let Some(digit) = digit { kbd { (digit) } }
                    span { (phrase.in_language(language)) }
                }
            }
            p.said role="status" aria-live="assertive" {}
            label.reason {
                span { (REASON.in_language(language)) }
                select {
                    option value="" { (REASON_NONE.in_language(language)) }
                    // The window's sign shows it to citizens, in Chinese.
                    @for reason in [REASON_AWAY, REASON_MEAL, REASON_MEETING, REASON_SYSTEM] {
                        option value=(reason.zh) { (reason.in_language(language)) }
                    }
                }
            }
            p.hint { (PAD_KEYBOARD.in_language(language)) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_have_the_names_of_the_wire() {
        for key in Key::ALL {
            assert_eq!(serde_json::to_value(key).unwrap(), face(key).0);
        }
    }
}
