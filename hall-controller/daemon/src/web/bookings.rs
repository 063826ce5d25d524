//! `/api/v1/appointments`: the city's own booking system books, changes and cancels by ids of its own.
//!
//! Every request carries the token of a `[[client]]` that may. Asking the same twice changes nothing, so a
//! program that heard no answer asks again.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{DefaultBodyLimit, Query, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use hall_core::answer::{Answer, Change};
use hall_core::appointment::Appointment;
use hall_core::command::Command;
use hall_core::plan::{Name, Plan};
use hall_core::refusal::{Language, Refusal};
use hall_protocol::appointment::AppointmentId;
use hall_protocol::id::ServiceId;
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Site;
use super::api::{PathId, read};
use super::text::{BODY_TOO_LONG, HALL_ENDS, NO_SUCH_SERVICE_NEAR, NO_SUCH_SERVICE_SEE, WRONG_DATE};
use super::token::{MayBook, failure, wrong};
use crate::bookings::{self, Asked, Sheet, SheetError, Told};
use crate::config::nearest::nearest;
use crate::engine::Outcome;
use crate::export::write_fields;

/// The largest list imported at once, in bytes: some 40,000 appointments.
const LIST_BYTES_MAX: usize = 2 * 1024 * 1024;

pub(super) fn routes() -> Router<Arc<Site>> {
    let import = post(import).layer(DefaultBodyLimit::max(LIST_BYTES_MAX));
    Router::new()
        .route("/api/v1/appointments", get(list))
        .route("/api/v1/appointments.csv", get(list_as_csv))
        .route("/api/v1/appointments/{id}", get(one).put(book).delete(cancel))
        .route("/api/v1/slots", get(slots))
        .route("/api/v1/import/appointments", import)
}

/// Why it was refused.
pub(super) fn sentence(plan: &Plan, refusal: &Refusal) -> Name {
    // Of a program's order the kiosk's sentence would be no help.
    if let Refusal::UnknownService { service } = refusal {
        let given = service.as_str();
        let near = nearest(given, plan.services().iter().map(|service| service.id.as_str()));
        return match near {
            Some(near) => NO_SUCH_SERVICE_NEAR.name(&[("given", given), ("near", near)]),
            None => NO_SUCH_SERVICE_SEE.name(&[("given", given)]),
        };
    }
    let [zh, en] = [Language::Zh, Language::En].map(|language| refusal.sentence(Some(plan), language));
    Name { zh, en }
}

/// What the hall says of it; the engine has counted it.
pub(super) fn refused(site: &Site, refusal: &Refusal) -> Response {
    let status = match refusal {
        Refusal::UnknownAppointment { .. }
        | Refusal::UnknownProposal { .. }
        | Refusal::UnknownWindow { .. }
        | Refusal::UnknownGroup { .. } => StatusCode::NOT_FOUND,
        Refusal::IdDiffersInCase { .. }
        | Refusal::SlotFull { .. }
        | Refusal::AlreadyCheckedIn { .. }
        | Refusal::NothingLeased { .. }
        | Refusal::HeldBack { .. }
        | Refusal::NothingToUndo { .. }
        | Refusal::ChangedSince { .. }
        | Refusal::NothingDone { .. }
        | Refusal::ProposalAnswered { .. }
        | Refusal::TicketInHand { .. } => StatusCode::CONFLICT,
        Refusal::StorageTrouble => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let Name { zh, en } = sentence(&site.state.view.borrow().plan, refusal);
    let mut error = json!({ "code": refusal.code(), "zh": zh, "en": en });
    if let Some(next) = refusal.next_slot() {
        error["next"] = next.to_string().into();
    }
    (status, Json(json!({ "error": error }))).into_response()
}

#[expect(clippy::result_large_err, reason = "the error is the answer to send, made once")]
fn named(site: &Site, id: PathId) -> Result<AppointmentId, Response> {
    let text = id.map(|path| path.0).unwrap_or_default();
    text.parse().map_err(|why| wrong(site, StatusCode::BAD_REQUEST, "wrong_id", &bookings::wrong_id(why)))
}

/// `PUT /api/v1/appointments/{id}`: book, or change what is booked.
async fn book(
    MayBook(client): MayBook,
    State(site): State<Arc<Site>>,
    id: PathId,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let id = match named(&site, id) {
        Ok(id) => id,
        Err(refused) => return refused,
    };
    match read::<Asked>(body) {
        Ok(asked) => match asked.command(client, id, &site.state.clock) {
            Ok(command) => perform(&site, command).await,
            Err(refusal) => {
                site.state.metrics.count("api_refused", refusal.code());
                refused(&site, &refusal)
            }
        },
        Err(refused) => {
            site.state.metrics.count("api_refused", "malformed");
            refused
        }
    }
}

/// `DELETE /api/v1/appointments/{id}`: cancel.
async fn cancel(MayBook(client): MayBook, State(site): State<Arc<Site>>, id: PathId) -> Response {
    match named(&site, id) {
        Ok(appointment) => perform(&site, Command::Unbook { client, appointment }).await,
        Err(refused) => refused,
    }
}

async fn perform(site: &Site, command: Command) -> Response {
    let outcome = match site.state.office.hand_in(command).await {
        Ok(awaited) => awaited.await.ok(),
        Err(_) => None,
    };
    match outcome {
        Some(Outcome::Answered(Answer::Appointment { appointment, change })) => {
            let (status, word) = match change {
                Change::Booked => (StatusCode::CREATED, "booked"),
                Change::Changed => (StatusCode::OK, "changed"),
                Change::Unchanged => (StatusCode::OK, "unchanged"),
                Change::Cancelled => (StatusCode::OK, "cancelled"),
            };
            let mut told = told(site, &appointment);
            told["change"] = word.into();
            if change == Change::Cancelled {
                // It was booked until now, and is nowhere any more.
                told["state"] = word.into();
            }
            (status, Json(told)).into_response()
        }
        Some(Outcome::Refused(refusal) | Outcome::Answered(Answer::Refused(refusal))) => {
            refused(site, &refusal)
        }
        _ => ended(),
    }
}

/// The hall ends, and will do nothing more.
pub(super) fn ended() -> Response {
    failure(StatusCode::SERVICE_UNAVAILABLE, "ended", &HALL_ENDS.name(&[]))
}

fn told(site: &Site, appointment: &Appointment) -> Value {
    serde_json::to_value(Told::of(appointment, &site.state.clock)).unwrap_or_default()
}

/// `GET /api/v1/appointments/{id}`.
async fn one(MayBook(_): MayBook, State(site): State<Arc<Site>>, id: PathId) -> Response {
    let appointment = match named(&site, id) {
        Ok(id) => id,
        Err(refused) => return refused,
    };
    let view = Arc::clone(&site.state.view.borrow());
    match view.appointments.written_so(appointment) {
        Ok(Some(appointment)) => Json(told(&site, appointment)).into_response(),
        Ok(None) => refused(&site, &Refusal::UnknownAppointment { appointment }),
        Err(refusal) => refused(&site, &refusal),
    }
}

/// Which appointments; all without it.
#[derive(Deserialize)]
struct Which {
    date: Option<String>,
    service: Option<String>,
}

#[expect(clippy::result_large_err, reason = "the error is the answer to send, made once")]
fn date(site: &Site, which: &Which) -> Result<Option<Date>, Response> {
    let Some(given) = which.date.as_deref() else { return Ok(None) };
    given.parse().map(Some).map_err(|_| {
        let why = WRONG_DATE.name(&[("given", given)]);
        wrong(site, StatusCode::BAD_REQUEST, "wrong_date", &why)
    })
}

/// `GET /api/v1/slots?date=…`: how many may book each slot of a day, and how many have; of today without
/// a date.
async fn slots(MayBook(_): MayBook, State(site): State<Arc<Site>>, Query(which): Query<Which>) -> Response {
    let today = || site.state.clock.zone().to_datetime(site.state.clock.timestamp()).date();
    match date(&site, &which) {
        Ok(date) => {
            let date = date.unwrap_or_else(today);
            let view = Arc::clone(&site.state.view.borrow());
            let slots = bookings::slots(&view, date, &site.state.clock);
            Json(json!({ "date": date.to_string(), "slots": slots })).into_response()
        }
        Err(refused) => refused,
    }
}

#[expect(clippy::result_large_err, reason = "the error is the answer to send, made once")]
fn chosen(site: &Site, which: &Which) -> Result<Vec<Told>, Response> {
    let date = date(site, which)?;
    let service = which.service.as_deref().map(str::parse::<ServiceId>);
    let view = Arc::clone(&site.state.view.borrow());
    let all = view.appointments.iter().map(|appointment| Told::of(appointment, &site.state.clock));
    let all = all.filter(|told| date.is_none_or(|date| told.date == date));
    Ok(all.filter(|told| service.as_ref().is_none_or(|asked| asked.as_ref() == Ok(&told.service))).collect())
}

/// `GET /api/v1/appointments?date=…&service=…`.
async fn list(MayBook(_): MayBook, State(site): State<Arc<Site>>, Query(which): Query<Which>) -> Response {
    match chosen(&site, &which) {
        Ok(all) => Json(json!({ "appointments": all })).into_response(),
        Err(refused) => refused,
    }
}

/// `GET /api/v1/appointments.csv?date=…&service=…`.
async fn list_as_csv(
    MayBook(_): MayBook,
    State(site): State<Arc<Site>>,
    Query(which): Query<Which>,
) -> Response {
    let all = match chosen(&site, &which) {
        Ok(all) => all,
        Err(refused) => return refused,
    };
    let mut text = Vec::new();
    let rows = std::iter::once(Told::COLUMNS.map(str::to_owned)).chain(all.into_iter().map(Told::fields));
    for row in rows {
        // Writing to memory cannot fail.
        let _ = write_fields(&mut text, row);
    }
    ([(CONTENT_TYPE, "text/csv; charset=utf-8")], text).into_response()
}

#[derive(Deserialize)]
struct How {
    #[serde(default)]
    dry_run: bool,
}

/// `POST /api/v1/import/appointments?dry_run=true`: a list as CSV.
async fn import(
    MayBook(client): MayBook,
    State(site): State<Arc<Site>>,
    Query(How { dry_run }): Query<How>,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let Ok(body) = body else {
        let why = BODY_TOO_LONG.name(&[("max", &LIST_BYTES_MAX.to_string())]);
        return wrong(&site, StatusCode::PAYLOAD_TOO_LARGE, "too_long", &why);
    };
    let sheet = match Sheet::parse(&body) {
        Ok(sheet) => sheet,
        Err(SheetError(why)) => return wrong(&site, StatusCode::BAD_REQUEST, "no_list", &why),
    };
    let view = Arc::clone(&site.state.view.borrow());
    let clock = &site.state.clock;
    if dry_run {
        return Json(bookings::rehearse(&sheet, &view, clock)).into_response();
    }
    match bookings::import(&sheet, client, &view.plan, clock, &*site.state.office).await {
        Ok(imported) => {
            imported.unreadable.iter().for_each(|code| site.state.metrics.count("import_refused", code));
            Json(imported).into_response()
        }
        Err(_) => ended(),
    }
}
