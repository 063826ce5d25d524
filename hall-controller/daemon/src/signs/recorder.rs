//! Lets others listen to a line: each record goes to whoever is recording it at present.
//!
//! Owns nothing and never waits: a listener that is too slow misses records and is told how many.

use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::broadcast;

use crate::capture::{HEAD, Record, Way};

/// Records kept for a listener that is behind: some seconds of the busiest line.
const RECORDS_KEPT: usize = 1_024;

/// One line, for those who record it.
#[derive(Debug, Clone)]
pub struct Recorder {
    port: Arc<str>,
    head: Arc<str>,
    lines: broadcast::Sender<Arc<str>>,
}

impl Recorder {
    /// A line that nobody records yet; `about` says what it is, for the head of recordings.
    pub(crate) fn new(port: &Arc<str>, about: &str) -> Self {
        let head = format!("{HEAD} port={port} {about}\n").into();
        Self { port: Arc::clone(port), head, lines: broadcast::channel(RECORDS_KEPT).0 }
    }

    /// The line's port, as pages and logs have it.
    pub fn port(&self) -> &Arc<str> {
        &self.port
    }

    /// The first line of a recording's file.
    pub fn head(&self) -> &Arc<str> {
        &self.head
    }

    /// The lines of the file from now on, each with its line break.
    pub fn listen(&self) -> broadcast::Receiver<Arc<str>> {
        self.lines.subscribe()
    }

    /// These bytes went over the line now.
    pub(super) fn record(&self, way: Way, bytes: &[u8]) {
        if self.lines.receiver_count() > 0 && !bytes.is_empty() {
            let record = Record { at: Timestamp::now(), way, bytes: bytes.to_vec() };
            // Who listened may have gone.
            let _ = self.lines.send(record.line().into());
        }
    }

    /// Something happened to the line that explains a gap.
    pub(super) fn note(&self, what: &str) {
        if self.lines.receiver_count() > 0 {
            let _ =
                self.lines.send(format!("# {:.6} {}\n", Timestamp::now(), what.replace('\n', " ")).into());
        }
    }
}
