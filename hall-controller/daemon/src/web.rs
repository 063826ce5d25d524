//! The daemon's web pages: hall screen, kiosk, a ticket's own page, call pad, sign wall, metrics.
//!
//! Pages are rendered from the durable picture of the hall and kept up to date by server-sent
//! events; what citizens and clerks press goes through [`Devices`] to MQTT like any other device's
//! press. Programs with a token hand their bookings and emergency texts in at an [`Office`], and have
//! signs show tests. Nothing here knows the engine,
//! the journal or the serial lines. There are no logins yet,
//! so without permission the pages listen on this machine only ([`bind`]).

mod api;
mod assets;
mod bookings;
mod capture;
pub mod emergency;
mod guard;
mod health;
mod index;
mod kiosk;
mod layout;
mod leases;
mod listener;
mod live;
pub(crate) mod malformed;
mod manage;
mod orders;
pub(crate) mod pad;
mod picture;
mod screen;
mod signs;
mod technician;
pub(crate) mod text;
mod ticket;
mod token;

#[cfg(test)]
mod tests;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{Method, StatusCode};
use axum::middleware::from_fn;
use axum::response::Response;
use axum::routing::{get, post};
use hall_core::view::HallView;
use tokio::net::TcpListener;
use tokio::sync::{Mutex, Semaphore, watch};
use tokio_util::sync::CancellationToken;
use tracing::warn;

use self::layout::Asked;
use self::listener::Limited;
use crate::bookings::Office;
use crate::clock::Clock;
use crate::config::{AddressesFrom, Client, Web};
use crate::contacts::Phones;
use crate::devices::Devices;
use crate::metrics::Metrics;
use crate::mqtt::link::LinkFigures;
use crate::signs::OrderDesk;
use crate::signs::recorder::Recorder;
use crate::tickets::Tickets;
use crate::wall::SignWall;

/// The largest body of a request, in bytes. A press is some 60.
const BODY_BYTES_MAX: usize = 4 * 1_024;

/// Streams of events open at once: every window, kiosk and screen of a large hall, twice.
const STREAMS_MAX: usize = 512;

/// Connections open at once: a stream and a request for each page, and room for scrapers.
const CONNECTIONS_MAX: usize = 2 * STREAMS_MAX;

/// A connection over which nothing went for so long is closed; streams have a comment every 15 s.
const SILENT_MAX: Duration = Duration::from_secs(60);

/// How long requests under way at the end may take; a stream ends at once.
const END_MAX: Duration = Duration::from_millis(500);

/// What the pages are made from.
pub struct WebState {
    /// The hall's clock.
    pub clock: Clock,
    /// The durable picture of the hall.
    pub view: watch::Receiver<Arc<HallView>>,
    /// Where single tickets are looked up.
    pub tickets: Arc<dyn Tickets>,
    /// Kiosks and call pads to press for citizens and clerks.
    pub devices: Arc<dyn Devices>,
    /// Citizens' phone numbers.
    pub phones: Phones,
    /// Where programs hand in what they book.
    pub office: Arc<dyn Office>,
    /// The programs that may, by their tokens.
    pub clients: Vec<Client>,
    /// The signs.
    pub signs: watch::Receiver<Arc<SignWall>>,
    /// Where technicians have signs show something for a while.
    pub orders: OrderDesk,
    /// Where each serial line can be recorded.
    pub recorders: Vec<Recorder>,
    /// Why the journal cannot be written at present, as one sentence.
    pub trouble: watch::Receiver<Option<String>>,
    /// What has been counted.
    pub metrics: Arc<Metrics>,
    /// What the controller's MQTT link has counted.
    pub link: Arc<dyn Fn() -> LinkFigures + Send + Sync>,
}

/// Why the pages cannot listen.
#[derive(Debug, thiserror::Error)]
pub enum BindError {
    /// Somebody listens there already.
    #[error(
        "the web pages cannot listen on {listen}: the port is in use; \
         stop the process that has it, or choose another with {}",
        addresses.web()
    )]
    PortInUse {
        /// The address asked for.
        listen: SocketAddr,
        /// Where it was asked for.
        addresses: AddressesFrom,
    },
    /// The address cannot be listened on for another reason.
    #[error(
        "the web pages cannot listen on {listen}: {cause}; give an address of this machine with {}",
        addresses.web()
    )]
    Address {
        /// The address asked for.
        listen: SocketAddr,
        /// Where it was asked for.
        addresses: AddressesFrom,
        /// The system's reason.
        cause: io::Error,
    },
    /// Others could press keys there, and nobody has allowed it.
    #[error(
        "the web pages have no logins, so without permission they do not listen beyond this machine, \
         on {listen}; choose 127.0.0.1 with {}, or, if only staff can reach that network, set \
         allow_beyond_loopback_without_logins = true in [web] of a hall's configuration",
        addresses.web()
    )]
    BeyondLoopback {
        /// The address asked for.
        listen: SocketAddr,
        /// Where it was asked for.
        addresses: AddressesFrom,
    },
}

/// Listen where `web` says, which it got from `addresses`; nothing is answered before
/// [`BoundWeb::serve`].
///
/// # Errors
/// When the port is taken, the address is not of this machine, or it can be reached from others
/// and nobody has allowed that.
pub async fn bind(web: &Web, addresses: AddressesFrom) -> Result<BoundWeb, BindError> {
    let Web { listen, allow_beyond_loopback_without_logins } = *web;
    if !listen.ip().is_loopback() && !allow_beyond_loopback_without_logins {
        return Err(BindError::BeyondLoopback { listen, addresses });
    }
    let failed = |cause: io::Error| match cause.kind() {
        io::ErrorKind::AddrInUse => BindError::PortInUse { listen, addresses },
        _ => BindError::Address { listen, addresses, cause },
    };
    let listener = TcpListener::bind(listen).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    Ok(BoundWeb { listener, address })
}

/// Pages that listen but do not answer yet.
#[derive(Debug)]
pub struct BoundWeb {
    listener: TcpListener,
    address: SocketAddr,
}

/// What every handler knows.
struct Site {
    state: WebState,
    /// The picture as JSON, made once for all streams.
    picture: watch::Receiver<Arc<str>>,
    /// One what-if at a time.
    what_if: Mutex<()>,
    /// One permit for each stream of events.
    streams: Arc<Semaphore>,
    /// Cancelled when the pages end.
    cancel: CancellationToken,
    /// Tells one start of the daemon from the next: pages of an older one load anew.
    start: u64,
}

impl BoundWeb {
    /// Where it listens.
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// Serve pages until `cancel`. Streams of events end with it at once, requests under way
    /// within half a second.
    pub async fn serve(self, state: WebState, cancel: CancellationToken) {
        let first = picture::to_json(&state);
        let (latest, picture) = watch::channel(first);
        let started = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let site = Arc::new(Site {
            state,
            picture,
            what_if: Mutex::new(()),
            streams: Arc::new(Semaphore::new(STREAMS_MAX)),
            cancel: cancel.clone(),
            start: u64::try_from(started.as_millis()).unwrap_or(0),
        });
        let projection = live::project(&site, latest);
        let router = router(Arc::clone(&site), self.address.ip().is_loopback());
        let listener = Limited::new(self.listener, CONNECTIONS_MAX, SILENT_MAX);
        let serving = axum::serve(listener, router).with_graceful_shutdown(cancel.clone().cancelled_owned());
        let overdue = async {
            cancel.cancelled().await;
            tokio::time::sleep(END_MAX).await;
        };
        tokio::select! {
            ended = serving.into_future() => if let Err(error) = ended {
                warn!(%error, "the web pages ended");
            },
            () = async { tokio::join!(projection, overdue); } => {}
        }
    }
}

fn router(site: Arc<Site>, loopback: bool) -> Router {
    let router = Router::new()
        .route("/", get(index::page))
        .route("/screen", get(screen::page))
        .route("/kiosk", get(kiosk::list))
        .route("/kiosk/{id}", get(kiosk::page))
        .route("/ticket/{number}", get(ticket::page))
        .route("/pad", get(pad::list))
        .route("/pad/{id}", get(pad::page))
        .route("/signs", get(signs::page))
        .route("/manage", get(manage::page))
        .route("/metrics", get(health::metrics))
        .route("/health", get(health::health))
        .route("/assets/{name}", get(assets::asset))
        .route("/api/view", get(api::view))
        .route("/api/events", get(live::hall_events))
        .route("/api/ticket/{number}", get(ticket::api))
        .route("/api/ticket/{number}/events", get(live::ticket_events))
        .route("/api/signs/events", get(live::sign_events))
        .route("/api/signs/capture", get(capture::capture))
        .route("/api/kiosk/{id}/take", post(api::take))
        .route("/api/kiosk/{id}/return", post(api::give_back))
        .route("/api/kiosk/{id}/cancel", post(api::cancel))
        .route("/api/kiosk/{id}/phone", post(api::phone))
        .route("/api/kiosk/{id}/check-in", post(api::check_in))
        .route("/api/window/{id}/press", post(api::press))
        .merge(bookings::routes())
        .merge(orders::routes())
        .merge(emergency::routes())
        .merge(technician::routes())
        .merge(leases::routes())
        .fallback(nowhere)
        .method_not_allowed_fallback(no_such_method)
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(from_fn(guard::same_origin));
    let router = if loopback { router.layer(from_fn(guard::own_host)) } else { router };
    router.layer(from_fn(guard::headers)).with_state(site)
}

async fn no_such_method(method: Method) -> Response {
    let why = text::WRONG_METHOD.name(&[("method", method.as_str())]);
    token::failure(StatusCode::METHOD_NOT_ALLOWED, "wrong_method", &why)
}

async fn nowhere(State(site): State<Arc<Site>>, asked: Asked) -> Response {
    layout::not_found(&site, asked.language)
}
