//! Programs are known by their token, and may ask what the configuration says.

use std::sync::Arc;

use axum::Json;
use axum::extract::FromRequestParts;
use axum::http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use hall_core::plan::Name;
use hall_protocol::id::ClientId;
use serde_json::json;

use super::Site;
use super::text::{MAY_NOT, TOKEN_UNKNOWN, TOKEN_WANTED};
use crate::config::Right;

/// A program that may book appointments.
pub(super) struct MayBook(pub(super) ClientId);

/// The hall's manager, or a program that acts for one.
pub(super) struct MayManage(pub(super) ClientId);

/// A program that may see the signs and have them show tests.
pub(super) struct MayTestSigns(pub(super) ClientId);

/// A program that may put up and take down emergency texts.
pub(super) struct MayWarn(pub(super) ClientId);

impl FromRequestParts<Arc<Site>> for MayBook {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, site: &Arc<Site>) -> Result<Self, Response> {
        who(parts, site, Right::Appointments).map(Self)
    }
}

impl FromRequestParts<Arc<Site>> for MayManage {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, site: &Arc<Site>) -> Result<Self, Response> {
        who(parts, site, Right::Manage).map(Self)
    }
}

impl FromRequestParts<Arc<Site>> for MayTestSigns {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, site: &Arc<Site>) -> Result<Self, Response> {
        who(parts, site, Right::Signs).map(Self)
    }
}

impl FromRequestParts<Arc<Site>> for MayWarn {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, site: &Arc<Site>) -> Result<Self, Response> {
        who(parts, site, Right::Emergency).map(Self)
    }
}

#[expect(clippy::result_large_err, reason = "the error is the answer to send, made once")]
fn who(parts: &Parts, site: &Site, right: Right) -> Result<ClientId, Response> {
    let shown = parts.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let shown = shown.and_then(|value| value.split_once(' '));
    let shown = shown.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    let token = shown.map_or("", |(_, token)| token.trim());
    match site.state.clients.iter().find(|client| client.token.is(token)) {
        Some(client) if client.may.contains(&right) => Ok(client.id),
        Some(client) => {
            let why = MAY_NOT.name(&[("id", client.id.as_str()), ("right", right.word())]);
            Err(wrong(site, StatusCode::FORBIDDEN, "forbidden", &why))
        }
        None => {
            let why = if token.is_empty() { TOKEN_WANTED } else { TOKEN_UNKNOWN };
            let mut refused = wrong(site, StatusCode::UNAUTHORIZED, "unauthorized", &why.name(&[]));
            refused.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            Err(refused)
        }
    }
}

/// An error with its code, counted.
pub(super) fn wrong(site: &Site, status: StatusCode, code: &'static str, why: &Name) -> Response {
    site.state.metrics.count("api_refused", code);
    failure(status, code, why)
}

/// An error with its code.
pub(super) fn failure(status: StatusCode, code: &str, why: &Name) -> Response {
    (status, Json(json!({ "error": { "code": code, "zh": why.zh, "en": why.en } }))).into_response()
}
