//! A recording of a sign's line as it runs: `GET /api/signs/capture?sign=W1`, or `?port=/dev/…`.
//!
//! The answer is the file of [`crate::capture`] and has no end: who asks closes it.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use serde::Deserialize;
use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

use super::text::{CAPTURE_UNKNOWN, TOO_MANY_STREAMS};
use super::{Site, api};
use crate::signs::recorder::Recorder;

/// A comment between, so that both ends see that the other is there.
const KEEP_ALIVE_EVERY: Duration = Duration::from_secs(15);

const KEEP_ALIVE: &str = "#\n";

/// Which line.
#[derive(Deserialize, Default)]
pub(super) struct Which {
    sign: Option<String>,
    port: Option<String>,
}

/// `GET /api/signs/capture`.
pub(super) async fn capture(State(site): State<Arc<Site>>, Query(which): Query<Which>) -> Response {
    let Some(recorder) = find(&site, &which) else {
        let ports: Vec<&str> = site.state.recorders.iter().map(|recorder| &**recorder.port()).collect();
        let ports = if ports.is_empty() { "-".to_owned() } else { ports.join(", ") };
        return api::error(StatusCode::NOT_FOUND, &CAPTURE_UNKNOWN.name(&[("ports", &ports)]));
    };
    let Ok(permit) = Arc::clone(&site.streams).try_acquire_owned() else {
        return api::error(StatusCode::SERVICE_UNAVAILABLE, &TOO_MANY_STREAMS.name(&[]));
    };
    let first = Some(Arc::clone(recorder.head()));
    let listening = Listening { site: Arc::clone(&site), first, lines: recorder.listen(), _permit: permit };
    let lines = stream::unfold(listening, |mut listening| async move {
        let line = listening.next().await?;
        Some((Ok::<_, Infallible>(line), listening))
    });
    ([(CONTENT_TYPE, "text/plain; charset=utf-8")], Body::from_stream(lines)).into_response()
}

fn find<'a>(site: &'a Site, which: &Which) -> Option<&'a Recorder> {
    let wall = site.state.signs.borrow();
    let port = match (&which.sign, &which.port) {
        (Some(id), _) => &wall.signs.iter().find(|sign| sign.id.as_str() == id)?.port,
        (None, Some(port)) => port.as_str(),
        (None, None) => return None,
    };
    site.state.recorders.iter().find(|recorder| **recorder.port() == *port)
}

/// One recording under way.
struct Listening {
    site: Arc<Site>,
    first: Option<Arc<str>>,
    lines: Receiver<Arc<str>>,
    _permit: OwnedSemaphorePermit,
}

impl Listening {
    /// The next line; `None` when the pages or the line end.
    async fn next(&mut self) -> Option<String> {
        if let Some(first) = self.first.take() {
            return Some(first.to_string());
        }
        tokio::select! {
            biased;
            () = self.site.cancel.cancelled() => None,
            line = self.lines.recv() => match line {
                Ok(line) => Some(line.to_string()),
                Err(RecvError::Lagged(missed)) => {
                    Some(format!("# {missed} records are missing: they came faster than they were read\n"))
                }
                Err(RecvError::Closed) => None,
            },
            () = tokio::time::sleep(KEEP_ALIVE_EVERY) => Some(KEEP_ALIVE.to_owned()),
        }
    }
}
