//! Server-sent events: what keeps open pages up to date.
//!
//! Level-triggered: a stream carries the latest picture, at most ten times a second, and a slow
//! reader skips pictures instead of queueing them. The first event tells the hall's time, the
//! second is the whole picture, so a page that reconnects needs nothing else.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::future::{Future, pending};
use std::sync::Arc;
use std::time::Duration;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::http::header::RETRY_AFTER;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use hall_protocol::id::DeviceId;
use hall_protocol::number::TicketNumber;
use serde::Deserialize;
use serde_json::json;
use tokio::sync::{OwnedSemaphorePermit, watch};
use tokio::time::{Instant, Interval, MissedTickBehavior, interval, sleep, sleep_until};

use super::layout::offset_ms;
use super::picture::{Part, Substance};
use super::text::{BAD_ID, NO_SUCH_TICKET, TOO_MANY_STREAMS};
use super::{Site, api, picture, signs, ticket};
use crate::wall::{SignWall, WallSign};

/// The least time between two pictures on a stream.
const PICTURE_EVERY: Duration = Duration::from_millis(100);

/// How often a ticket is looked up at most: each time the engine is asked.
const TICKET_EVERY: Duration = Duration::from_secs(1);

/// How often the picture is made anew without an event: opening hours begin and end by time alone.
const HOURS_EVERY: Duration = Duration::from_secs(1);

/// How often a page is told the hall's time. A page that hears nothing for longer than
/// `SILENT_MAX_MS` in `live.js`, twice this and more, connects anew.
const CLOCK_EVERY: Duration = Duration::from_secs(30);

/// Comments between, so that proxies and the reader's own socket see life.
const KEEP_ALIVE_EVERY: Duration = Duration::from_secs(15);

/// How soon a browser connects anew.
const RETRY: Duration = Duration::from_secs(2);

/// Make the picture's JSON once for all streams, whenever it changes, until `cancel`.
pub(super) async fn project(site: &Site, latest: watch::Sender<Arc<str>>) {
    let mut view = site.state.view.clone();
    let mut trouble = site.state.trouble.clone();
    let project = async {
        loop {
            view.mark_unchanged();
            trouble.mark_unchanged();
            let json = picture::to_json(&site.state);
            latest.send_if_modified(|old| {
                let changed = *old != json;
                *old = json;
                changed
            });
            sleep(PICTURE_EVERY).await;
            tokio::select! {
                () = changed(&mut view) => {}
                () = changed(&mut trouble) => {}
                () = sleep(HOURS_EVERY) => {}
            }
        }
    };
    tokio::select! {
        () = site.cancel.cancelled() => {}
        () = project => {}
    }
}

/// Waits for a change; for ever when there will be none any more.
pub(super) async fn changed<T>(receiver: &mut watch::Receiver<T>) {
    if receiver.changed().await.is_err() {
        pending::<()>().await;
    }
}

/// Where a stream's events come from.
pub(super) trait Source: Send + 'static {
    /// The next event; loses nothing when it is dropped before it is ready.
    fn next(&mut self, site: &Site) -> impl Future<Output = Event> + Send;
}

/// The picture of the hall, already JSON.
struct HallSource(watch::Receiver<Arc<str>>);

impl Source for HallSource {
    async fn next(&mut self, _: &Site) -> Event {
        changed(&mut self.0).await;
        Event::default().data(&**self.0.borrow_and_update())
    }
}

/// A part of the picture, told when something in it changed.
struct PartSource {
    part: Part,
    /// The whole picture's changes are when to look.
    picture: watch::Receiver<Arc<str>>,
    sent: Option<Substance>,
}

impl Source for PartSource {
    async fn next(&mut self, site: &Site) -> Event {
        loop {
            changed(&mut self.picture).await;
            self.picture.mark_unchanged();
            let (json, substance) = picture::of(&site.state, self.part);
            if self.sent.as_ref() != Some(&substance) {
                self.sent = Some(substance);
                return Event::default().data(&*json);
            }
        }
    }
}

/// The signs: all of them first, then those that changed.
struct SignSource {
    wall: watch::Receiver<Arc<SignWall>>,
    sent: BTreeMap<DeviceId, Arc<WallSign>>,
    sent_closed: Option<Vec<(Arc<str>, String)>>,
}

impl Source for SignSource {
    async fn next(&mut self, site: &Site) -> Event {
        loop {
            changed(&mut self.wall).await;
            let wall = Arc::clone(&self.wall.borrow_and_update());
            let new: Vec<_> = wall
                .signs
                .iter()
                .filter(|sign| self.sent.get(&sign.id).is_none_or(|sent| !Arc::ptr_eq(sent, sign)))
                .map(Arc::clone)
                .collect();
            if new.is_empty() && self.sent_closed.as_ref() == Some(&wall.closed_lines) {
                continue;
            }
            let json = signs::to_json(site, &new, &wall.closed_lines);
            self.sent.extend(new.into_iter().map(|sign| (sign.id, sign)));
            self.sent_closed = Some(wall.closed_lines.clone());
            return Event::default().data(json);
        }
    }
}

/// `GET /api/events`: the picture of the hall, or the part `?window=`, `?kiosk=` or `?zone=` names.
pub(super) async fn hall_events(
    State(site): State<Arc<Site>>,
    query: Result<Query<PartQuery>, QueryRejection>,
) -> Response {
    let mut picture = site.picture.clone();
    picture.mark_changed();
    match query.ok().and_then(|query| query.0.part()) {
        Some(Part::Whole) => open(site, HallSource(picture)),
        Some(part) => open(site, PartSource { part, picture, sent: None }),
        None => api::error(StatusCode::NOT_FOUND, &BAD_ID.name(&[])),
    }
}

/// Which part of the picture a stream is asked for.
#[derive(Deserialize, Default)]
pub(super) struct PartQuery {
    window: Option<String>,
    kiosk: Option<String>,
    zone: Option<String>,
}

impl PartQuery {
    /// `None` when what is named cannot be an id. What the hall does not have is an empty part.
    fn part(&self) -> Option<Part> {
        match (&self.window, &self.kiosk, &self.zone) {
            (None, None, None) => Some(Part::Whole),
            (Some(id), _, _) => id.parse().ok().map(Part::Window),
            (_, Some(id), _) => id.parse().ok().map(Part::Kiosk),
            (_, _, Some(id)) => id.parse().ok().map(Part::Zone),
        }
    }
}

/// One ticket, told when something of it changed.
struct TicketSource {
    number: TicketNumber,
    /// The whole picture's changes are when to look.
    picture: watch::Receiver<Arc<str>>,
    sent: Option<String>,
    /// The picture has changed, and the ticket was not looked up since.
    due: bool,
    /// The earliest moment to look again.
    next: Instant,
}

impl Source for TicketSource {
    async fn next(&mut self, site: &Site) -> Event {
        loop {
            sleep_until(self.next).await;
            if !self.due {
                changed(&mut self.picture).await;
                self.picture.mark_unchanged();
                self.due = true;
            }
            let json = ticket::json(site, self.number).await;
            (self.due, self.next) = (false, Instant::now() + TICKET_EVERY);
            let Some(json) = json else { continue };
            if self.sent.as_ref() != Some(&json) {
                self.sent = Some(json.clone());
                return Event::default().data(json);
            }
        }
    }
}

/// `GET /api/ticket/{number}/events`: one ticket.
pub(super) async fn ticket_events(State(site): State<Arc<Site>>, number: api::PathId) -> Response {
    let mut picture = site.picture.clone();
    picture.mark_changed();
    match api::parsed(number) {
        Some(number) => {
            open(site, TicketSource { number, picture, sent: None, due: false, next: Instant::now() })
        }
        None => api::error(StatusCode::NOT_FOUND, &NO_SUCH_TICKET.name(&[])),
    }
}

/// `GET /api/signs/events`: the wall of signs.
pub(super) async fn sign_events(State(site): State<Arc<Site>>) -> Response {
    let mut wall = site.state.signs.clone();
    wall.mark_changed();
    open(site, SignSource { wall, sent: BTreeMap::new(), sent_closed: None })
}

/// One open stream.
struct Live<S> {
    site: Arc<Site>,
    source: S,
    clock: Interval,
    /// The earliest moment of the next picture.
    ready_at: Instant,
    _permit: OwnedSemaphorePermit,
}

pub(super) fn open<S: Source>(site: Arc<Site>, source: S) -> Response {
    let Ok(permit) = Arc::clone(&site.streams).try_acquire_owned() else {
        let refused = api::error(StatusCode::SERVICE_UNAVAILABLE, &TOO_MANY_STREAMS.name(&[]));
        return ([(RETRY_AFTER, "5")], refused).into_response();
    };
    let mut clock = interval(CLOCK_EVERY);
    clock.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let live = Live { site, source, clock, ready_at: Instant::now(), _permit: permit };
    let events = stream::unfold(live, |mut live| async move {
        let event = live.next().await?;
        Some((Ok::<_, Infallible>(event), live))
    });
    Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE_EVERY)).into_response()
}

impl<S: Source> Live<S> {
    /// The next event; `None` when the pages end.
    async fn next(&mut self) -> Option<Event> {
        let Self { site, source, clock, ready_at, .. } = self;
        let picture = async {
            sleep_until(*ready_at).await;
            source.next(site).await
        };
        tokio::select! {
            biased;
            () = site.cancel.cancelled() => None,
            // The first tick is at once: the page sets its clock before it shows times.
            _ = clock.tick() => Some(time(site)),
            event = picture => {
                *ready_at = Instant::now() + PICTURE_EVERY;
                Some(event)
            }
        }
    }
}

/// The hall's time for clocks on the pages, and what every page must know, whatever it follows.
fn time(site: &Site) -> Event {
    let clock = &site.state.clock;
    let now = clock.timestamp();
    let told = json!({
        "now_ms": now.as_millisecond(),
        "offset_ms": offset_ms(clock.zone(), now),
        "speed": clock.speed(),
        "start": site.start,
        "trouble": site.state.trouble.borrow().is_some(),
    });
    Event::default().event("clock").retry(RETRY).data(told.to_string())
}
