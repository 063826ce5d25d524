//! What the pages' scripts ask: the picture, a ticket, a key of a pad.
//!
//! A press is parsed here once, handed to the virtual device, and its outcome given back in the
//! words of the MQTT contract.

use std::str::FromStr;
use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, PathRejection};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use hall_core::command::Details;
use hall_core::plan::Name;
use hall_core::refusal::{Language, Refusal};
use hall_protocol::appointment::AppointmentId;
use hall_protocol::id::{ClerkId, DeviceId, ServiceId, WindowId, ZoneId};
use hall_protocol::number::TicketNumber;
use hall_protocol::payload::{Class, Grade, Key, KioskOutcome, MATTERS_MAX, ServiceOutcome};
use hall_protocol::text::Text;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::json;
use tracing::warn;

use super::text::{
    BAD_ID, BODY_TOO_LONG, NO_SUCH_DEVICE, NOT_KEPT, PAGES_LOOK_ONLY, TIMED_OUT, UNREADABLE, WRONG_CODE,
};
use super::token::failure;
use super::{BODY_BYTES_MAX, Site, malformed, picture};
use crate::contacts::Phone;
use crate::devices::{NoReply, OwnTicket, Pressed, Taken, Wish};

/// An error as JSON, in both languages.
pub(super) fn error(status: StatusCode, sentence: &Name) -> Response {
    (status, Json(json!({ "error": { "zh": sentence.zh, "en": sentence.en } }))).into_response()
}

/// An id in an address.
pub(super) type PathId = Result<Path<String>, PathRejection>;

/// The id in the address, if it is one.
pub(super) fn parsed<T: FromStr>(id: PathId) -> Option<T> {
    id.ok()?.0.parse().ok()
}

/// `GET /api/view`.
pub(super) async fn view(State(site): State<Arc<Site>>) -> Response {
    ([(CONTENT_TYPE, "application/json")], picture::to_json(&site.state).to_string()).into_response()
}

#[derive(Deserialize)]
struct Take {
    service: ServiceId,
    #[serde(default)]
    class: Class,
    /// Further matters on the same number.
    #[serde(default)]
    also: Matters,
}

/// As many as one number may have.
#[derive(Default, Deserialize)]
#[serde(try_from = "Vec<ServiceId>")]
struct Matters(Vec<ServiceId>);

impl TryFrom<Vec<ServiceId>> for Matters {
    type Error = String;

    fn try_from(matters: Vec<ServiceId>) -> Result<Self, String> {
        if matters.len() > MATTERS_MAX {
            return Err(format!("{} further matters; one number has at most {MATTERS_MAX}", matters.len()));
        }
        Ok(Self(matters))
    }
}

/// `POST /api/kiosk/{id}/take`.
pub(super) async fn take(
    State(site): State<Arc<Site>>,
    id: PathId,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    answered(id, body, async |kiosk, Take { service, class, also: Matters(also) }| {
        Ok(told(site.state.devices.take(kiosk, Wish { service, class, also }).await?))
    })
    .await
}

/// An outcome in the words of the MQTT contract. A ticket of the kiosk's own numbers has no `ahead`:
/// nobody knows how many wait before it.
#[derive(Serialize)]
#[serde(untagged)]
enum Told {
    Answered(Box<KioskOutcome>),
    Printed { ticket: Printed },
}

#[derive(Serialize)]
struct Printed {
    number: TicketNumber,
    service: ServiceId,
    zh: String,
    en: String,
    zone: ZoneId,
    issued_at_ms: i64,
    ahead: Option<u32>,
}

fn told(taken: Taken) -> Told {
    match taken {
        Taken::Answered(outcome) => Told::Answered(outcome),
        Taken::Printed(OwnTicket { number, service, name: Name { zh, en }, zone, issued_at_ms }) => {
            let ticket = Printed { number, service, zh, en, zone, issued_at_ms, ahead: None };
            Told::Printed { ticket }
        }
    }
}

#[derive(Deserialize)]
struct CheckIn {
    code: String,
}

/// `POST /api/kiosk/{id}/check-in`.
pub(super) async fn check_in(
    State(site): State<Arc<Site>>,
    id: PathId,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let code = match read(body) {
        // Citizens type what they have at hand, also their telephone number.
        Ok(CheckIn { code }) => match code.trim().parse::<AppointmentId>() {
            Ok(code) => code,
            Err(_) => return error(StatusCode::BAD_REQUEST, &WRONG_CODE.name(&[])),
        },
        Err(refused) => return refused,
    };
    let Some(kiosk) = parsed(id) else {
        return error(StatusCode::NOT_FOUND, &BAD_ID.name(&[]));
    };
    match site.state.devices.check_in(kiosk, code).await {
        Ok(reply) => Json(reply.outcome).into_response(),
        Err(why) => no_reply(&why),
    }
}

#[derive(Deserialize)]
struct OfTicket {
    number: TicketNumber,
}

/// `POST /api/kiosk/{id}/return`.
pub(super) async fn give_back(
    State(site): State<Arc<Site>>,
    id: PathId,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    answered(id, body, async |kiosk, OfTicket { number }| {
        Ok(site.state.devices.give_back(kiosk, number).await?.outcome)
    })
    .await
}

/// `POST /api/kiosk/{id}/cancel`.
pub(super) async fn cancel(
    State(site): State<Arc<Site>>,
    id: PathId,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    answered(id, body, async |kiosk, OfTicket { number }| {
        Ok(site.state.devices.cancel(kiosk, number).await?.outcome)
    })
    .await
}

#[derive(Deserialize)]
struct LeftPhone {
    number: TicketNumber,
    phone: String,
}

/// `POST /api/kiosk/{id}/phone`: whoever has a ticket of today leaves a phone number for it.
pub(super) async fn phone(
    State(site): State<Arc<Site>>,
    id: PathId,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let kiosk: Option<DeviceId> = parsed(id);
    let known = kiosk.is_some_and(|kiosk| site.state.view.borrow().plan.kiosk(kiosk).is_some());
    if !known {
        return error(StatusCode::NOT_FOUND, &BAD_ID.name(&[]));
    }
    let LeftPhone { number, phone } = match read(body) {
        Ok(left) => left,
        Err(refused) => return refused,
    };
    let phone = match phone.parse::<Phone>() {
        Ok(phone) => phone,
        Err(why) => {
            return error(StatusCode::BAD_REQUEST, &malformed::wrong("手机号应为 5 至 20 位数字", why));
        }
    };
    if site.state.tickets.ticket(number).await.is_none() {
        let [zh, en] = [Language::Zh, Language::En]
            .map(|language| Refusal::UnknownNumber { number }.sentence(None, language));
        return error(StatusCode::NOT_FOUND, &Name { zh, en });
    }
    match site.state.phones.keep(site.state.clock.now().day, number, phone).await {
        Ok(()) => Json(json!({ "kept": { "number": number } })).into_response(),
        Err(why) => {
            warn!(why, "a phone number was not kept");
            error(StatusCode::SERVICE_UNAVAILABLE, &NOT_KEPT.name(&[]))
        }
    }
}

#[derive(Deserialize)]
struct Press {
    key: Key,
    ticket: Option<TicketNumber>,
    reason: Option<Text<48>>,
    number: Option<TicketNumber>,
    to_service: Option<ServiceId>,
    to_window: Option<WindowId>,
    clerk_id: Option<ClerkId>,
    outcome: Option<ServiceOutcome>,
    grade: Option<Grade>,
    class: Option<Class>,
}

/// `POST /api/window/{id}/press`.
pub(super) async fn press(
    State(site): State<Arc<Site>>,
    id: PathId,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    answered(id, body, async |window, asked: Press| {
        let details = Details {
            number: asked.number,
            to_service: asked.to_service,
            to_window: asked.to_window,
            clerk: asked.clerk_id,
            outcome: asked.outcome.unwrap_or_default(),
            grade: asked.grade,
            class: asked.class,
        };
        let Press { key, ticket, reason, .. } = asked;
        let pressed = Pressed { key, ticket, reason, details };
        Ok(site.state.devices.press(window, pressed).await?.outcome)
    })
    .await
}

/// Ask the device in the address what the body says; its reply's outcome, or why there is none.
async fn answered<I: FromStr, T: DeserializeOwned, O: Serialize>(
    id: PathId,
    body: Result<Bytes, BytesRejection>,
    ask: impl AsyncFnOnce(I, T) -> Result<O, NoReply>,
) -> Response {
    let Some(device) = parsed(id) else {
        return error(StatusCode::NOT_FOUND, &BAD_ID.name(&[]));
    };
    match read(body) {
        Ok(asked) => match ask(device, asked).await {
            Ok(outcome) => Json(outcome).into_response(),
            Err(why) => no_reply(&why),
        },
        Err(refused) => refused,
    }
}

#[expect(clippy::result_large_err, reason = "the error is the answer to send, made once")]
pub(super) fn read<T: DeserializeOwned>(body: Result<Bytes, BytesRejection>) -> Result<T, Response> {
    let body = body.map_err(|rejected| match rejected.status() {
        StatusCode::PAYLOAD_TOO_LARGE => {
            let max = BODY_BYTES_MAX.to_string();
            failure(StatusCode::PAYLOAD_TOO_LARGE, "too_long", &BODY_TOO_LONG.name(&[("max", &max)]))
        }
        status => {
            failure(status, "malformed", &malformed::wrong("没有收到完整的内容", &rejected.body_text()))
        }
    })?;
    serde_json::from_slice(&body)
        .map_err(|why| failure(StatusCode::BAD_REQUEST, "malformed", &malformed::body(&body, &why)))
}

fn no_reply(why: &NoReply) -> Response {
    match why {
        NoReply::UnknownDevice(id) => error(StatusCode::NOT_FOUND, &NO_SUCH_DEVICE.name(&[("id", id)])),
        NoReply::TimedOut { .. } => error(StatusCode::GATEWAY_TIMEOUT, &TIMED_OUT.name(&[])),
        NoReply::NotAllowed => error(StatusCode::FORBIDDEN, &PAGES_LOOK_ONLY.name(&[])),
        NoReply::Unreadable(_) => error(StatusCode::BAD_GATEWAY, &UNREADABLE.name(&[])),
    }
}
