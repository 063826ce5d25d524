//! `/api/v1/signs`: how every sign is, live too, and what a technician has them show for a while.
//!
//! Every request carries the token of a `[[client]]` that may. What signs were asked to show is logged
//! with who asked; it changes no state of the hall.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::StatusCode;
use axum::response::sse::Event;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use hall_protocol::id::{ClientId, DeviceId};
use hall_signs::page::TestPattern;
use serde::Deserialize;
use serde_json::json;
use tokio::sync::watch;
use tracing::info;

use super::Site;
use super::api::read;
use super::live::{self, Source, changed};
use super::text::{NO_SUCH_PATTERN, NO_SUCH_SIGN, NO_SUCH_SIGN_NEAR, WRONG_SECONDS};
use super::token::{MayTestSigns, wrong};
use crate::config::nearest::nearest;
use crate::sign_status::{ClosedLine, SignTold, SignsTold};
use crate::signs::Order;
use crate::wall::SignWall;

/// The longest a sign may be kept from its page, in seconds.
const SECONDS_MAX: u16 = 3_600;

/// Signs named in one message; a longer list helps nobody.
const LISTED_MAX: usize = 12;

pub(super) fn routes() -> Router<Arc<Site>> {
    Router::new()
        .route("/api/v1/signs", get(list))
        .route("/api/v1/signs/events", get(events))
        .route("/api/v1/signs/test", post(test))
        .route("/api/v1/signs/identify", post(identify))
}

/// `GET /api/v1/signs`.
async fn list(MayTestSigns(_): MayTestSigns, State(site): State<Arc<Site>>) -> Response {
    let wall = Arc::clone(&site.state.signs.borrow());
    Json(SignsTold::of_wall(&wall, &site.state.clock)).into_response()
}

/// `GET /api/v1/signs/events`: all signs, and then those that changed.
async fn events(MayTestSigns(_): MayTestSigns, State(site): State<Arc<Site>>) -> Response {
    let mut wall = site.state.signs.clone();
    wall.mark_changed();
    live::open(site, Watched { wall, told: BTreeMap::new(), closed: None })
}

/// What a watcher has been told.
struct Watched {
    wall: watch::Receiver<Arc<SignWall>>,
    told: BTreeMap<DeviceId, SignTold>,
    closed: Option<Vec<ClosedLine>>,
}

impl Source for Watched {
    async fn next(&mut self, site: &Site) -> Event {
        loop {
            changed(&mut self.wall).await;
            let wall = Arc::clone(&self.wall.borrow_and_update());
            let SignsTold { at, mut signs, closed_lines } = SignsTold::of_wall(&wall, &site.state.clock);
            signs.retain(|sign| self.told.get(&sign.id).is_none_or(|old| !old.looks_like(sign)));
            if signs.is_empty() && self.closed.as_ref() == Some(&closed_lines) {
                continue;
            }
            self.told.extend(signs.iter().map(|sign| (sign.id, sign.clone())));
            self.closed = Some(closed_lines.clone());
            let told = SignsTold { at, signs, closed_lines };
            return Event::default().data(serde_json::to_string(&told).unwrap_or_default());
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    /// Their ids; all signs without one.
    #[serde(default)]
    signs: Vec<String>,
    seconds: u16,
    #[serde(default)]
    pattern: Option<String>,
}

/// `POST /api/v1/signs/test`: a pattern, or all of them in turn.
async fn test(
    MayTestSigns(client): MayTestSigns,
    State(site): State<Arc<Site>>,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let asked: Asked = match read(body) {
        Ok(asked) => asked,
        Err(refused) => return refused,
    };
    let named = |given: &String| TestPattern::ALL.into_iter().find(|pattern| pattern.name() == given);
    let pattern = asked.pattern.as_ref().and_then(named);
    if let (Some(given), None) = (&asked.pattern, pattern) {
        let all = TestPattern::ALL.map(TestPattern::name).join(", ");
        let why = NO_SUCH_PATTERN.name(&[("given", given), ("all", &all)]);
        return wrong(&site, StatusCode::BAD_REQUEST, "unknown_pattern", &why);
    }
    ordered(&site, client, &asked, Order::Test(pattern))
}

/// `POST /api/v1/signs/identify`: each sign says which it is.
async fn identify(
    MayTestSigns(client): MayTestSigns,
    State(site): State<Arc<Site>>,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    match read::<Asked>(body) {
        Ok(asked) => ordered(&site, client, &asked, Order::Identify),
        Err(refused) => refused,
    }
}

fn ordered(site: &Site, client: ClientId, asked: &Asked, order: Order) -> Response {
    let seconds = asked.seconds;
    if !(1..=SECONDS_MAX).contains(&seconds) {
        let why = WRONG_SECONDS.name(&[("given", &seconds.to_string()), ("max", &SECONDS_MAX.to_string())]);
        return wrong(site, StatusCode::BAD_REQUEST, "wrong_seconds", &why);
    }
    let signs = match named(site, &asked.signs) {
        Ok(signs) => signs,
        Err(refused) => return refused,
    };
    site.state.orders.give(&signs, order, Duration::from_secs(seconds.into()));
    let named = if asked.signs.is_empty() { "all".to_owned() } else { asked.signs.join(" ") };
    info!(%client, signs = named, ?order, seconds, "signs show what a technician asked for");
    site.state.metrics.count("sign", if order == Order::Identify { "identified" } else { "tested" });
    Json(json!({ "signs": signs, "seconds": seconds })).into_response()
}

/// The signs with these ids, or all of them.
#[expect(clippy::result_large_err, reason = "the error is the answer to send, made once")]
fn named(site: &Site, asked: &[String]) -> Result<Vec<DeviceId>, Response> {
    let wall = Arc::clone(&site.state.signs.borrow());
    let known: Vec<DeviceId> = wall.signs.iter().map(|sign| sign.id).collect();
    if asked.is_empty() {
        return Ok(known);
    }
    let find = |id: &String| {
        let found = known.iter().find(|known| known.as_str() == id).copied();
        found.ok_or_else(|| {
            let all: Vec<&str> = known.iter().take(LISTED_MAX).map(DeviceId::as_str).collect();
            let near = nearest(id, known.iter().map(DeviceId::as_str));
            let near = near.map(|near| NO_SUCH_SIGN_NEAR.name(&[("id", id), ("near", near)]));
            let why = near.unwrap_or_else(|| NO_SUCH_SIGN.name(&[("id", id), ("all", &all.join(", "))]));
            wrong(site, StatusCode::NOT_FOUND, "unknown_sign", &why)
        })
    };
    asked.iter().map(find).collect()
}
