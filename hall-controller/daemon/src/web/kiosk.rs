//! The kiosk: one large button for each service, then the ticket's number.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use hall_core::plan::{Kiosk, Plan};
use hall_core::refusal::Language;
use hall_core::time::Now;
use hall_core::view::{HallView, QueueView};
use hall_protocol::appointment::APPOINTMENT_ID_BYTES_MAX;
use hall_protocol::id::ServiceId;
use hall_protocol::payload::{Class, MATTERS_MAX};
use maud::{Markup, html};
use serde_json::{Map, Value};

use super::Site;
use super::api::{PathId, parsed};
use super::emergency;
use super::index::{card, framed, kiosks};
use super::layout::{self, Asked, Frame, both, link};
use super::picture::{Part, until_today};
use super::text::{
    self, INDEX_KIOSKS, INDEX_NO_KIOSKS, KIOSK_AHEAD, KIOSK_BACK, KIOSK_CANCEL_KEY, KIOSK_CHECK_IN,
    KIOSK_CHECK_IN_KEY, KIOSK_CHOOSE, KIOSK_CLASS, KIOSK_CODE, KIOSK_CODE_KEYS, KIOSK_EXPECTED,
    KIOSK_LINE_DOWN, KIOSK_REMEMBER, KIOSK_RETURN, KIOSK_RETURN_KEY, KIOSK_RUB_OUT, KIOSK_SEVERAL,
    KIOSK_SEVERAL_CANCEL, KIOSK_SEVERAL_HINT, KIOSK_SEVERAL_ORDER, KIOSK_SLOT, KIOSK_TIME, KIOSK_TITLE,
    KIOSK_TO_CONFIRM, KIOSK_TO_MENU, KIOSK_WAITING, KIOSK_WAITING_UNTIL, KIOSK_YOUR_NUMBER, KIOSK_ZONE,
    about, class_word, named,
};

/// The characters of codes.
const CODE_KEYS: &str = "1234567890QWERTYUIOPASDFGHJKLZXCVBNM-";

/// Seconds a ticket stays on the screen: time to read it, not to let the next citizen wait.
const TICKET_SHOWN_S: u32 = 10;

/// `GET /kiosk`: the only kiosk, or a list of them.
pub(super) async fn list(State(site): State<Arc<Site>>, asked: Asked) -> Response {
    let language = asked.language;
    let view = Arc::clone(&site.state.view.borrow());
    if let [only] = view.plan.kiosks() {
        return Redirect::to(&link(&format!("/kiosk/{}", only.id), language)).into_response();
    }
    let none = view.plan.kiosks().is_empty();
    let main = html! {
        div.cards {
            (card(INDEX_KIOSKS, language, &html! {
                @if none { li { (INDEX_NO_KIOSKS.in_language(language)) } }
                (kiosks(&site, language))
            }))
        }
    };
    framed(&site, language, "/kiosk", INDEX_KIOSKS, &main)
}

/// `GET /kiosk/{id}`.
pub(super) async fn page(State(site): State<Arc<Site>>, id: PathId, asked: Asked) -> Response {
    let language = asked.language;
    let view = Arc::clone(&site.state.view.borrow());
    let Some(kiosk) = parsed(id).and_then(|id| view.plan.kiosk(id)) else {
        return layout::not_found(&site, language);
    };
    site.state.devices.attend(kiosk.id);
    let here = format!("/kiosk/{}", kiosk.id);
    let events = format!("/api/events?kiosk={}", kiosk.id);
    let frame = Frame {
        language,
        here: &here,
        title: KIOSK_TITLE.in_language(language),
        kind: "kiosk",
        script: Some("/assets/kiosk.js"),
        events: Some(&events),
        texts: &["KIOSK_", "WAIT_"],
    };
    let now = site.state.clock.now();
    let main = html! {
        (emergency::section(&view, Part::Kiosk(kiosk.id)))
        (main(&view, kiosk, now, language))
    };
    layout::page(&site, &frame, &main)
}

fn main(view: &HallView, kiosk: &Kiosk, now: Now, language: Language) -> Markup {
    html! {
        section.menu data-kiosk=(kiosk.id) data-zones=(zone_names(&view.plan, language)) {
            h2 { (KIOSK_CHOOSE.in_language(language)) }
            p.said role="alert" aria-live="assertive" {}
            (classes(kiosk, language))
            div.services data-many[kiosk.services.len() > 8] {
                @for service in &kiosk.services { (service_button(view, *service, now, language)) }
            }
            (several(kiosk, language))
            @if view.plan.services().iter().any(|service| !service.slots.is_empty()) {
                button.to-check-in type="button" { (KIOSK_CHECK_IN.in_language(language)) }
            }
            form.back-again {
                label {
                    span { (KIOSK_RETURN.in_language(language)) }
                    input name="number" required autocomplete="off" autocapitalize="characters" maxlength="6";
                }
                button type="submit" { (KIOSK_RETURN_KEY.in_language(language)) }
                button.leave type="button" { (KIOSK_CANCEL_KEY.in_language(language)) }
            }
        }
        (check_in(view, language))
        section.ticket role="status" aria-live="assertive" hidden data-shown-s=(TICKET_SHOWN_S) {
            div.paper {
                p.what { (KIOSK_YOUR_NUMBER.in_language(language)) }
                p.number data-ticket="number" {}
                p.service data-ticket="service" {}
                div.several-taken hidden {
                    p { (KIOSK_SEVERAL_ORDER.in_language(language)) }
                    ol {}
                }
                dl {
                    div { dt { (KIOSK_ZONE.in_language(language)) } dd data-ticket="zone" {} }
                    div data-of-appointment hidden { dt { (KIOSK_SLOT.in_language(language)) } dd data-ticket="slot" {} }
                    div { dt { (KIOSK_AHEAD.in_language(language)) } dd data-ticket="ahead" {} }
                    div data-of-wait hidden { dt { (KIOSK_EXPECTED.in_language(language)) } dd data-ticket="wait" {} }
                    div { dt { (KIOSK_TIME.in_language(language)) } dd data-ticket="time" {} }
                }
                p.offline hidden { (KIOSK_LINE_DOWN.in_language(language)) }
                p.remember { (KIOSK_REMEMBER.in_language(language)) }
            }
            button.back type="button" {
                (KIOSK_BACK.fill(language, &[("s", &TICKET_SHOWN_S.to_string())]))
            }
        }
    }
}

/// For citizens with several matters: the services are then chosen one after another, in the order in
/// which they are done, for one number.
fn several(kiosk: &Kiosk, language: Language) -> Markup {
    let most = kiosk.services.len().min(MATTERS_MAX + 1);
    html! {
        @if most > 1 {
            button.to-several type="button" { (KIOSK_SEVERAL.in_language(language)) }
            div.several role="group" aria-label=(KIOSK_SEVERAL.in_language(language)) data-most=(most) hidden {
                p.hint { (KIOSK_SEVERAL_HINT.fill(language, &[("n", &most.to_string())])) }
                p.chosen role="status" aria-live="polite" {}
                div.row {
                    button.go type="button" {}
                    button.back type="button" { (KIOSK_SEVERAL_CANCEL.in_language(language)) }
                }
            }
        }
    }
}

/// The step for citizens with an appointment: a field for the code, and keys for those without a
/// keyboard. A scanner types the code and Enter.
fn check_in(view: &HallView, language: Language) -> Markup {
    html! {
        @if view.plan.services().iter().any(|service| !service.slots.is_empty()) {
            section.check-in hidden {
                h2 { (KIOSK_CHECK_IN.in_language(language)) }
                p.said role="alert" aria-live="assertive" {}
                form {
                    label {
                        span { (KIOSK_CODE.in_language(language)) }
                        input name="code" required autocomplete="off" autocapitalize="characters"
                            spellcheck="false" maxlength=(APPOINTMENT_ID_BYTES_MAX);
                    }
                    div.code-keys role="group" aria-label=(KIOSK_CODE_KEYS.in_language(language)) {
                        @for key in CODE_KEYS.chars() {
                            button type="button" data-character=(key) { (key) }
                        }
                        button type="button" data-rub-out { (KIOSK_RUB_OUT.in_language(language)) }
                    }
                    div.row {
                        button.go type="submit" { (KIOSK_CHECK_IN_KEY.in_language(language)) }
                        button.back type="button" { (KIOSK_TO_MENU.in_language(language)) }
                    }
                }
            }
        }
    }
}

/// A choice among the classes this kiosk may grant, if there is one: first what most citizens are.
fn classes(kiosk: &Kiosk, language: Language) -> Markup {
    let offered = Class::ALL.into_iter().filter_map(|class| {
        let granted = kiosk.classes.contains(&class);
        (granted || kiosk.classes_to_confirm.contains(&class)).then_some((class, granted))
    });
    let offered: Vec<(Class, bool)> = offered.collect();
    html! {
        @if offered.iter().any(|(class, _)| class.is_priority()) {
            fieldset.classes {
                legend { (KIOSK_CLASS.in_language(language)) }
                @for (place, (class, granted)) in offered.into_iter().enumerate() {
                    label {
                        input type="radio" name="class" value=(class_word(class)) checked[place == 0];
                        span {
                            (text::class(class).in_language(language))
                            @if !granted { small { (KIOSK_TO_CONFIRM.in_language(language)) } }
                        }
                    }
                }
            }
        }
    }
}

fn service_button(view: &HallView, id: ServiceId, now: Now, language: Language) -> Markup {
    let planned = view.plan.service(id);
    let (offer, QueueView { waiting, wait }) = (view.offer(id, now), view.queue_to_join(id, now));
    let wait = wait.map(|wait| about(wait, language));
    let note = match &offer {
        Ok(offer) => match until_today(&view.plan, *offer, now) {
            Some(until) => KIOSK_WAITING_UNTIL.fill(language, &[("n", &waiting.to_string()), ("t", &until)]),
            None => KIOSK_WAITING.fill(language, &[("n", &waiting.to_string())]),
        },
        Err(refusal) => refusal.sentence(Some(&view.plan), language),
    };
    html! {
        @if let Some(planned) = planned {
            button type="button" data-service=(id) disabled[offer.is_err()] {
                span.letter aria-hidden="true" { (planned.prefix) }
                span.name { (both(&planned.name, language)) }
                span.note { (note) @if let Some(wait) = wait { " · " (wait) } }
            }
        }
    }
}

/// The zones' names by id, for the ticket.
fn zone_names(plan: &Plan, language: Language) -> String {
    let names: Map<String, Value> =
        plan.zones().iter().map(|zone| (zone.id.to_string(), named(&zone.name, language).into())).collect();
    Value::Object(names).to_string()
}
