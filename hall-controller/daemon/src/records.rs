//! Between the core's events and the journal's rows.

use hall_core::event::{Body, Stamped};
use hall_core::time::HallTime;
use hall_journal::{Entry, Record};
use serde::Serialize;

/// Nearly all causes and bodies are shorter.
const CAUSE_BYTES: usize = 128;
const BODY_BYTES: usize = 640;

/// Why a row is not an event this version knows.
#[derive(Debug, thiserror::Error)]
#[error(
    "record {seq} ({kind}) of the journal cannot be read: {why}. The journal was written by another \
     version of hall-controller; install that version or a newer one"
)]
pub struct UnreadableRecord {
    pub(crate) seq: u64,
    pub(crate) kind: String,
    pub(crate) why: serde_json::Error,
}

/// The row of an event.
///
/// # Errors
/// Only if an event could not be written as JSON, which would be a defect.
pub fn entry(stamped: &Stamped) -> Result<Entry, serde_json::Error> {
    Ok(Entry {
        at_ms: stamped.at.unix_ms(),
        kind: stamped.event.name().into(),
        cause: text(&stamped.cause, CAUSE_BYTES)?,
        body: text(&Body::of(stamped), BODY_BYTES)?,
    })
}

/// As JSON, in room for `bytes`: more is found, but a text that grows is copied each time.
fn text(value: &impl Serialize, bytes: usize) -> Result<String, serde_json::Error> {
    let mut text = Vec::with_capacity(bytes);
    serde_json::to_writer(&mut text, value)?;
    String::from_utf8(text).map_err(serde::ser::Error::custom)
}

/// The event of a row.
pub fn event(record: &Record) -> Result<Stamped, UnreadableRecord> {
    let read = || {
        let body: Body<_, _> = serde_json::from_str(&record.body)?;
        Ok(body.stamped(HallTime::from_unix_ms(record.at_ms), serde_json::from_str(&record.cause)?))
    };
    read().map_err(|why| UnreadableRecord { seq: record.seq, kind: record.kind.to_string(), why })
}
