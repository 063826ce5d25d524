//! `/api/v1/`: what the manager orders, and what the manager sees of the hall.
//!
//! Every request carries the token of a `[[client]]` whose role is `manager`; its id stands in the journal
//! with what it ordered. Ordering what is so already changes nothing.

use std::str::FromStr;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, PathRejection};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use axum::{Json, Router};
use hall_core::answer::Answer;
use hall_core::command::{Choice, Command, Order};
use hall_core::event::ProposalId;
use hall_core::plan::{Balance, Routing};
use hall_protocol::id::{ClientId, GroupId, ServiceId, WindowId};
use hall_protocol::text::plain;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use super::api::{PathId, read};
use super::bookings::refused;
use super::text::{BAD_PATH_ID, HALL_ENDS, UNKNOWN_ORDER};
use super::token::{MayManage, failure, wrong};
use super::{Site, manage};
use crate::engine::Outcome;

pub(super) fn routes() -> Router<Arc<Site>> {
    Router::new()
        .route("/api/v1/manage", get(view))
        .route("/api/v1/windows/{id}/allocation", put(allocate))
        .route("/api/v1/windows/{id}/pin", put(pin).delete(unpin))
        .route("/api/v1/windows/{id}/{what}", post(window))
        .route("/api/v1/proposals/{id}/accept", post(accept))
        .route("/api/v1/proposals/{id}/reject", post(reject))
        .route("/api/v1/proposals/{id}/undo", post(undo))
        .route("/api/v1/services/{id}/stop", put(stop).delete(resume))
        .route("/api/v1/balance", put(balance))
        .route("/api/v1/routing", put(routing))
        .route("/api/v1/what-if", post(manage::what_if::what_if))
}

type Body = Result<Bytes, BytesRejection>;

/// `GET /api/v1/manage`: windows, services, proposals, track record.
async fn view(MayManage(_): MayManage, State(site): State<Arc<Site>>) -> Response {
    Json(manage::picture::picture(&site.state)).into_response()
}

/// Whether it may leave a service without a window.
const fn takes_services_away(order: &Order) -> bool {
    matches!(
        order,
        Order::Allocate { .. }
            | Order::Undo { .. }
            | Order::UndoProposal { .. }
            | Order::Accept { .. }
            | Order::Close { .. }
    )
}

/// Do it, and say what came of it; also who waits now for what no window serves.
async fn perform(site: &Site, by: ClientId, order: Order) -> Response {
    let warns = takes_services_away(&order);
    let outcome = match site.state.office.hand_in(Command::Manage { by, order }).await {
        Ok(awaited) => awaited.await.ok(),
        Err(_) => None,
    };
    match outcome {
        Some(Outcome::Refused(refusal) | Outcome::Answered(Answer::Refused(refusal))) => {
            refused(site, &refusal)
        }
        Some(Outcome::Done | Outcome::Answered(_)) => {
            let mut told = json!({ "done": true });
            // The picture is told before the answer.
            let warnings = manage::unserved::warnings(&site.state.view.borrow());
            if warns && !warnings.is_empty() {
                told["warnings"] = warnings.into();
            }
            Json(told).into_response()
        }
        None => failure(StatusCode::SERVICE_UNAVAILABLE, "ended", &HALL_ENDS.name(&[])),
    }
}

/// An order about the thing in the address.
async fn about<I: FromStr>(
    MayManage(by): MayManage,
    site: &Site,
    id: PathId,
    order: impl FnOnce(I) -> Order,
) -> Response {
    let given = id.map(|path| path.0).unwrap_or_default();
    match given.parse() {
        Ok(id) => perform(site, by, order(id)).await,
        Err(_) => wrong(site, StatusCode::NOT_FOUND, "wrong_id", &BAD_PATH_ID.name(&[("given", &given)])),
    }
}

/// The same with a body.
async fn saying<I: FromStr, T: DeserializeOwned>(
    manager: MayManage,
    site: &Site,
    id: PathId,
    body: Body,
    order: impl FnOnce(I, T) -> Order,
) -> Response {
    match read(body) {
        Ok(said) => about(manager, site, id, |id| order(id, said)).await,
        Err(refused) => {
            site.state.metrics.count("api_refused", "malformed");
            refused
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Allocation {
    primary: Vec<ServiceId>,
    #[serde(default)]
    backup: Vec<ServiceId>,
}

/// `PUT /api/v1/windows/{id}/allocation`.
async fn allocate(by: MayManage, State(site): State<Arc<Site>>, id: PathId, body: Body) -> Response {
    saying(by, &site, id, body, |window, Allocation { primary, backup }| Order::Allocate {
        window,
        primary,
        backup,
    })
    .await
}

/// `PUT /api/v1/windows/{id}/pin`.
async fn pin(by: MayManage, State(site): State<Arc<Site>>, id: PathId) -> Response {
    about(by, &site, id, |window| Order::Pin { window }).await
}

/// `DELETE /api/v1/windows/{id}/pin`.
async fn unpin(by: MayManage, State(site): State<Arc<Site>>, id: PathId) -> Response {
    about(by, &site, id, |window| Order::Unpin { window }).await
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct Why {
    reason: Option<String>,
}

/// `POST /api/v1/windows/{id}/open`, `close`, `pause`, `resume` or `undo`. A pause may say why in its body.
async fn window(
    MayManage(by): MayManage,
    State(site): State<Arc<Site>>,
    path: Result<Path<(String, String)>, PathRejection>,
    body: Body,
) -> Response {
    let Path((id, what)) = path.unwrap_or_else(|_| Path(Default::default()));
    let why = match &body {
        Ok(bytes) if bytes.is_empty() => Ok(Why::default()),
        _ => read::<Why>(body),
    };
    let Why { reason } = match why {
        Ok(why) => why,
        Err(refused) => return refused,
    };
    let Ok(window) = id.parse::<WindowId>() else {
        return wrong(&site, StatusCode::NOT_FOUND, "wrong_id", &BAD_PATH_ID.name(&[("given", &id)]));
    };
    let order = match what.as_str() {
        "open" => Order::Open { window },
        "close" => Order::Close { window },
        "pause" => Order::Pause { window, reason: reason.map(|reason| plain(&reason).collect()) },
        "resume" => Order::Resume { window },
        "undo" => Order::Undo { window },
        _ => {
            let why = UNKNOWN_ORDER.name(&[("given", &what)]);
            return wrong(&site, StatusCode::NOT_FOUND, "unknown_order", &why);
        }
    };
    perform(&site, by, order).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Part {
    windows: Option<Vec<WindowId>>,
    #[serde(default)]
    reason: String,
}

/// `POST /api/v1/proposals/{id}/accept`: all of it, or where the body names windows only those.
async fn accept(by: MayManage, State(site): State<Arc<Site>>, id: PathId, body: Body) -> Response {
    let order = |proposal, only| Order::Accept { proposal: ProposalId::new(proposal), only };
    match &body {
        Ok(bytes) if bytes.is_empty() => about(by, &site, id, |proposal| order(proposal, None)).await,
        _ => {
            saying(by, &site, id, body, |proposal, Part { windows, reason }| {
                let reason = plain(&reason).collect();
                order(proposal, windows.map(|windows| Choice { windows, reason }))
            })
            .await
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Reason {
    reason: String,
}

/// `POST /api/v1/proposals/{id}/reject`.
async fn reject(by: MayManage, State(site): State<Arc<Site>>, id: PathId, body: Body) -> Response {
    saying(by, &site, id, body, |proposal: u32, Reason { reason }| Order::Reject {
        proposal: ProposalId::new(proposal),
        reason: plain(&reason).collect(),
    })
    .await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct At {
    windows: Option<Vec<WindowId>>,
}

/// `POST /api/v1/proposals/{id}/undo`: at all windows it moved, or where the body names windows only at those.
async fn undo(by: MayManage, State(site): State<Arc<Site>>, id: PathId, body: Body) -> Response {
    let order = |proposal, only| Order::UndoProposal { proposal: ProposalId::new(proposal), only };
    match &body {
        Ok(bytes) if bytes.is_empty() => about(by, &site, id, |proposal| order(proposal, None)).await,
        _ => saying(by, &site, id, body, |proposal, At { windows }| order(proposal, windows)).await,
    }
}

/// `PUT /api/v1/services/{id}/stop`: no more numbers today.
async fn stop(by: MayManage, State(site): State<Arc<Site>>, id: PathId) -> Response {
    about(by, &site, id, |service| Order::StopIssuing { service }).await
}

/// `DELETE /api/v1/services/{id}/stop`.
async fn resume(by: MayManage, State(site): State<Arc<Site>>, id: PathId) -> Response {
    about(by, &site, id, |service| Order::ResumeIssuing { service }).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Mode {
    balance: Balance,
}

/// `PUT /api/v1/balance`: `off`, `advise` or `auto`.
async fn balance(MayManage(by): MayManage, State(site): State<Arc<Site>>, body: Body) -> Response {
    match read(body) {
        Ok(Mode { balance }) => perform(&site, by, Order::SetBalance { balance }).await,
        Err(refused) => refused,
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ByPolicy {
    group: Option<GroupId>,
    routing: Routing,
}

/// `PUT /api/v1/routing`: of the hall, or of a group.
async fn routing(MayManage(by): MayManage, State(site): State<Arc<Site>>, body: Body) -> Response {
    match read(body) {
        Ok(ByPolicy { group, routing }) => perform(&site, by, Order::SetRouting { group, routing }).await,
        Err(refused) => refused,
    }
}
