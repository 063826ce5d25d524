//! Emergency texts: `/api/v1/emergency`, by which they are put up and taken down, and the place on
//! screens and pages where they are seen.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use hall_core::answer::Answer;
use hall_core::command::Command;
use hall_core::emergency::{EMERGENCY_TEXT_BYTES_MAX, Emergency, EmergencyText, EmergencyTextError, Grounds};
use hall_core::plan::Name;
use hall_core::refusal::{Language, Refusal};
use hall_core::view::HallView;
use hall_protocol::id::{ClientId, ZoneId};
use hall_protocol::text::Text;
use jiff::Timestamp;
use maud::{Markup, html};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tracing::warn;

use super::api::read;
use super::picture::{Part, Standing, standing};
use super::text::{
    EMERGENCY_CONTROL, EMERGENCY_EMPTY, EMERGENCY_TOO_LONG, HALL_ENDS, NO_SUCH_ZONE_NEAR, tag,
};
use super::token::{MayWarn, failure, wrong};
use super::{Site, WebState};
use crate::clock::Clock;
use crate::config::nearest::nearest;
use crate::engine::Outcome;

/// A text of more characters is written smaller on a screen.
pub(super) const LONG_CHARACTERS: usize = 40;

pub(super) fn routes() -> Router<Arc<Site>> {
    Router::new()
        .route("/api/v1/emergency", get(list).post(declare))
        .route("/api/v1/emergency/clear", post(clear))
}

/// What is asked to be put up.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Declare {
    /// In Chinese.
    pub zh: String,
    /// In English.
    #[serde(default)]
    pub en: String,
    /// Only in these zones.
    #[serde(default)]
    pub zones: Vec<ZoneId>,
    /// Who wants it.
    #[serde(default)]
    pub by: Option<Text<48>>,
    /// Why.
    #[serde(default)]
    pub reason: Option<Text<192>>,
}

/// What is asked to be taken down.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clear {
    /// Only in these zones.
    #[serde(default)]
    pub zones: Vec<ZoneId>,
    /// Who wants it.
    #[serde(default)]
    pub by: Option<Text<48>>,
    /// Why.
    #[serde(default)]
    pub reason: Option<Text<192>>,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changed {
    /// Whether it was not so before.
    pub changed: bool,
    /// What stands now where it was asked for: since when, and who wanted it.
    #[serde(default)]
    pub emergencies: Vec<Stands>,
}

/// A text that stands until it is taken down, for those who may know who wanted it: pages for everybody have
/// less.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stands {
    /// The zone it is for; `None` is the whole hall.
    pub zone: Option<ZoneId>,
    /// What that zone is called.
    pub name: Option<Name>,
    /// In Chinese.
    pub zh: String,
    /// In English; may be empty.
    pub en: String,
    /// When it was put up, in milliseconds since 1970.
    pub since_ms: i64,
    /// The same by the hall's clock, with its distance to UTC.
    pub since: String,
    /// The program through which it was put up.
    pub client: Option<ClientId>,
    /// Who wanted it.
    pub by: Option<String>,
    /// Why.
    pub reason: Option<String>,
}

impl Stands {
    fn of(view: &HallView, clock: &Clock, zone: Option<ZoneId>, emergency: &Emergency) -> Self {
        let Emergency { text, since, client, grounds: Grounds { by, reason } } = emergency;
        let since_ms = since.unix_ms();
        let local = Timestamp::from_millisecond(since_ms).unwrap_or(Timestamp::UNIX_EPOCH);
        let name = zone.and_then(|zone| view.plan.zone(zone)).map(|zone| zone.name.clone());
        Self {
            zone,
            name,
            zh: text.zh().to_owned(),
            en: text.en().to_owned(),
            since_ms,
            since: format!("{:.0}", local.display_with_offset(clock.zone().to_offset(local))),
            client: *client,
            by: by.clone(),
            reason: reason.clone(),
        }
    }

    /// Since when it stands, and who wanted it, in one sentence.
    pub fn told(&self) -> String {
        let who = match (&self.by, &self.client) {
            (Some(by), Some(client)) => format!(", by {by} through {client}"),
            (Some(who), None) => format!(", by {who}"),
            (None, Some(client)) => format!(", through {client}"),
            (None, None) => String::new(),
        };
        let place = self.zone.map_or_else(String::new, |zone| format!(" in zone {zone}"));
        format!("It stands{place} since {}{who}, until it is taken down.", self.since)
    }
}

/// All texts that stand.
pub(super) fn all(state: &WebState) -> Vec<Stands> {
    let view = Arc::clone(&state.view.borrow());
    view.emergencies.all().map(|(zone, emergency)| Stands::of(&view, &state.clock, zone, emergency)).collect()
}

fn grounds(by: Option<&Text<48>>, reason: Option<&Text<192>>) -> Grounds {
    Grounds { by: by.map(ToString::to_string), reason: reason.map(ToString::to_string) }
}

/// `GET /api/v1/emergency`: what stands.
async fn list(MayWarn(_): MayWarn, State(site): State<Arc<Site>>) -> Response {
    Json(json!({ "emergencies": all(&site.state) })).into_response()
}

/// `POST /api/v1/emergency`: put a text up.
async fn declare(
    MayWarn(client): MayWarn,
    State(site): State<Arc<Site>>,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let Declare { zh, en, zones, by, reason } = match read(body) {
        Ok(asked) => asked,
        Err(refused) => return refused,
    };
    let text = match EmergencyText::new(&zh, &en) {
        Ok(text) => text,
        Err(error) => {
            let max = EMERGENCY_TEXT_BYTES_MAX.to_string();
            let why = match error {
                EmergencyTextError::Empty => EMERGENCY_EMPTY.name(&[]),
                EmergencyTextError::Control => EMERGENCY_CONTROL.name(&[]),
                EmergencyTextError::TooLong(bytes) => {
                    EMERGENCY_TOO_LONG.name(&[("bytes", &bytes.to_string()), ("max", &max)])
                }
            };
            return wrong(&site, StatusCode::BAD_REQUEST, "wrong_text", &why);
        }
    };
    warn!(%client, by = by.as_deref(), ?zones, text = text.zh(), "an emergency text is asked for");
    let grounds = grounds(by.as_ref(), reason.as_ref());
    let command = Command::DeclareEmergency { client, text, zones: zones.clone(), grounds };
    perform(&site, command, &zones).await
}

/// `POST /api/v1/emergency/clear`: take texts down.
async fn clear(
    MayWarn(client): MayWarn,
    State(site): State<Arc<Site>>,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let Clear { zones, by, reason } = match read(body) {
        Ok(asked) => asked,
        Err(refused) => return refused,
    };
    warn!(%client, by = by.as_deref(), ?zones, "emergency texts are to be taken down");
    let grounds = grounds(by.as_ref(), reason.as_ref());
    perform(&site, Command::ClearEmergency { client, zones: zones.clone(), grounds }, &zones).await
}

/// Do it, and say what stands then in these zones.
async fn perform(site: &Site, command: Command, zones: &[ZoneId]) -> Response {
    let outcome = match site.state.office.hand_in(command).await {
        Ok(awaited) => awaited.await.ok(),
        Err(_) => None,
    };
    match outcome {
        Some(Outcome::Answered(Answer::Emergency { changed })) => {
            // The picture is told before the answer.
            let view = Arc::clone(&site.state.view.borrow());
            let stands = |(zone, emergency)| Stands::of(&view, &site.state.clock, zone, emergency);
            let emergencies = view.emergencies.of(zones).map(stands).collect();
            Json(Changed { changed, emergencies }).into_response()
        }
        Some(Outcome::Refused(refusal)) => refused(site, &refusal),
        _ => failure(StatusCode::SERVICE_UNAVAILABLE, "ended", &HALL_ENDS.name(&[])),
    }
}

fn refused(site: &Site, refusal: &Refusal) -> Response {
    let view = Arc::clone(&site.state.view.borrow());
    let [zh, en] = [Language::Zh, Language::En].map(|language| refusal.sentence(Some(&view.plan), language));
    let (status, why) = match refusal {
        Refusal::UnknownZone { zone } => {
            let near = nearest(zone.as_str(), view.plan.zones().iter().map(|zone| zone.id.as_str()));
            let near = near.map(|near| NO_SUCH_ZONE_NEAR.name(&[("id", zone.as_str()), ("near", near)]));
            (StatusCode::NOT_FOUND, near.unwrap_or(Name { zh, en }))
        }
        Refusal::StorageTrouble => (StatusCode::SERVICE_UNAVAILABLE, Name { zh, en }),
        _ => (StatusCode::UNPROCESSABLE_ENTITY, Name { zh, en }),
    };
    failure(status, refusal.code(), &why)
}

/// Where a page shows what stands for its part of the hall; `live.js` keeps it up to date.
pub(super) fn section(view: &HallView, part: Part) -> Markup {
    let standing = standing(view, part);
    html! {
        section.emergency role="alert" aria-live="assertive" hidden[standing.is_empty()]
            data-long=(LONG_CHARACTERS) {
            @for Standing { name, zh, en, .. } in &standing {
                article.long[zh.chars().count() > LONG_CHARACTERS] {
                    @if let Some(name) = name { h2 { (name.zh) " · " (name.en) } }
                    p lang=(tag(Language::Zh)) { (zh) }
                    @if !en.is_empty() { p lang=(tag(Language::En)) { (en) } }
                }
            }
        }
    }
}
