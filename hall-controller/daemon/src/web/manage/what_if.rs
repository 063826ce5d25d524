//! `POST /api/v1/what-if`: the next two hours of the live hall, with these orders and without. Nothing is
//! changed.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use hall_core::command::Order;
use hall_core::plan::Name;
use hall_core::refusal::Language;
use serde::Deserialize;

use crate::web::Site;
use crate::web::api::read;
use crate::web::bookings::sentence;
use crate::web::text::{HALL_ENDS, MANAGE_REFUSED, TOO_MANY_ORDERS};
use crate::web::token::{MayManage, failure, wrong};
use crate::what_if;

/// More than the changes of all windows of a zone is no draft but a plan.
const ORDERS_MAX: usize = 32;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Draft {
    orders: Vec<Order>,
}

pub(in crate::web) async fn what_if(
    MayManage(by): MayManage,
    State(site): State<Arc<Site>>,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let Draft { orders } = match read(body) {
        Ok(draft) => draft,
        Err(refused) => return refused,
    };
    if orders.len() > ORDERS_MAX {
        let (n, max) = (orders.len().to_string(), ORDERS_MAX.to_string());
        let why = TOO_MANY_ORDERS.name(&[("n", &n), ("max", &max)]);
        return wrong(&site, StatusCode::BAD_REQUEST, "too_many_orders", &why);
    }
    // One at a time: it takes the cores for most of a second.
    let _turn = site.what_if.lock().await;
    let Ok(hall) = site.state.office.state().await else {
        return failure(StatusCode::SERVICE_UNAVAILABLE, "ended", &HALL_ENDS.name(&[]));
    };
    let (now, plan) = (site.state.clock.now(), Arc::clone(hall.plan()));
    let played = tokio::task::spawn_blocking(move || what_if::play(&hall, now, by, &orders)).await;
    match played {
        Ok(Ok(played)) => Json(played).into_response(),
        Ok(Err(refusal)) => {
            let Name { zh, en } = sentence(&plan, &refusal);
            let why = Name {
                zh: MANAGE_REFUSED.fill(Language::Zh, &[("why", &zh)]),
                en: MANAGE_REFUSED.fill(Language::En, &[("why", &en)]),
            };
            wrong(&site, StatusCode::UNPROCESSABLE_ENTITY, refusal.code(), &why)
        }
        Err(error) => {
            tracing::error!(%error, "what-if failed");
            failure(StatusCode::INTERNAL_SERVER_ERROR, "failed", &HALL_ENDS.name(&[]))
        }
    }
}
