//! `/api/v1/kiosks/{id}/write-off`: a kiosk is lost for good, and the staff says so.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use hall_core::answer::Answer;
use hall_core::command::Command;
use hall_protocol::id::DeviceId;
use hall_protocol::text::plain;
use serde::Deserialize;
use serde_json::json;

use super::Site;
use super::api::{PathId, parsed, read};
use super::bookings::{ended, refused};
use super::text::{BAD_ID, TOO_LONG_FOR_THE_JOURNAL};
use super::token::{MayManage, wrong};
use crate::engine::Outcome;

/// The longest name and the longest reason, in bytes.
const SAID_BYTES_MAX: usize = 200;

pub(super) fn routes() -> Router<Arc<Site>> {
    Router::new().route("/api/v1/kiosks/{id}/write-off", post(write_off))
}

/// Who says that it is lost, and why.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Said {
    by: String,
    reason: String,
}

async fn write_off(
    MayManage(client): MayManage,
    State(site): State<Arc<Site>>,
    id: PathId,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let Some(kiosk) = parsed::<DeviceId>(id) else {
        return wrong(&site, StatusCode::BAD_REQUEST, "wrong_id", &BAD_ID.name(&[]));
    };
    let Said { by, reason } = match read(body) {
        Ok(said) => said,
        Err(refused) => {
            site.state.metrics.count("api_refused", "malformed");
            return refused;
        }
    };
    if by.len().max(reason.len()) > SAID_BYTES_MAX {
        let why = TOO_LONG_FOR_THE_JOURNAL.name(&[("max", &SAID_BYTES_MAX.to_string())]);
        return wrong(&site, StatusCode::BAD_REQUEST, "too_long", &why);
    }
    let [by, reason] = [by, reason].map(|said| plain(&said).collect());
    let outcome = match site.state.office.hand_in(Command::WriteOff { client, kiosk, by, reason }).await {
        Ok(awaited) => awaited.await.ok(),
        Err(_) => None,
    };
    match outcome {
        Some(Outcome::Answered(Answer::WrittenOff { kiosk, numbers })) => {
            Json(json!({ "kiosk": kiosk, "written_off": numbers })).into_response()
        }
        Some(Outcome::Refused(refusal) | Outcome::Answered(Answer::Refused(refusal))) => {
            refused(&site, &refusal)
        }
        _ => ended(),
    }
}
