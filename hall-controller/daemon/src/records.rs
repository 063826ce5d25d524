//! Between the core's events and the journal's rows.

use hall_core::event::{Event, Stamped};
use hall_core::time::HallTime;
use hall_journal::{Entry, Record};
use hall_protocol::id::ClerkId;
use serde::{Deserialize, Serialize};

/// The JSON body of a row. Time, kind and cause have columns of their own.
#[derive(Serialize, Deserialize)]
struct Body<E, A> {
    event: E,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    clerk: Option<ClerkId>,
    #[serde(default = "none", skip_serializing_if = "Option::is_none")]
    answer: Option<A>,
}

/// Nearly all causes and bodies are shorter.
const CAUSE_BYTES: usize = 128;
const BODY_BYTES: usize = 640;

fn none<A>() -> Option<A> {
    None
}

/// Why a row is not an event this version knows.
#[derive(Debug, thiserror::Error)]
#[error(
    "record {seq} ({kind}) of the journal cannot be read: {why}. The journal was written by another \
     version of hall-controller; install that version or a newer one"
)]
pub struct UnreadableRecord {
    seq: u64,
    kind: String,
    why: serde_json::Error,
}

/// The row of an event.
///
/// # Errors
/// Only if an event could not be written as JSON, which would be a defect.
pub fn entry(stamped: &Stamped) -> Result<Entry, serde_json::Error> {
    let body = Body { event: &stamped.event, clerk: stamped.clerk, answer: stamped.answer.as_ref() };
    Ok(Entry {
        at_ms: stamped.at.unix_ms(),
        kind: stamped.event.name().into(),
        cause: text(&stamped.cause, CAUSE_BYTES)?,
        body: text(&body, BODY_BYTES)?,
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
        let body: Body<Event, _> = serde_json::from_str(&record.body)?;
        Ok(Stamped {
            at: HallTime::from_unix_ms(record.at_ms),
            cause: serde_json::from_str(&record.cause)?,
            event: body.event,
            clerk: body.clerk,
            answer: body.answer,
        })
    };
    read().map_err(|why| UnreadableRecord { seq: record.seq, kind: record.kind.to_string(), why })
}
