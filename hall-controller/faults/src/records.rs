//! Between events and rows of the journal, as the daemon writes them.

use hall_core::answer::Answer;
use hall_core::event::{Event, Stamped};
use hall_core::time::HallTime;
use hall_journal::{Entry, Record};
use hall_protocol::id::ClerkId;
use serde::{Deserialize, Serialize};

#[derive(Serialize)]
struct Written<'a> {
    event: &'a Event,
    #[serde(skip_serializing_if = "Option::is_none")]
    clerk: Option<ClerkId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    answer: Option<&'a Answer>,
}

#[derive(Deserialize)]
struct Read {
    event: Event,
    #[serde(default)]
    clerk: Option<ClerkId>,
    #[serde(default)]
    answer: Option<Answer>,
}

/// The row of an event.
pub(crate) fn entry(stamped: &Stamped) -> Result<Entry, serde_json::Error> {
    let written = Written { event: &stamped.event, clerk: stamped.clerk, answer: stamped.answer.as_ref() };
    Ok(Entry {
        at_ms: stamped.at.unix_ms(),
        kind: stamped.event.name().into(),
        cause: serde_json::to_string(&stamped.cause)?,
        body: serde_json::to_string(&written)?,
    })
}

/// The event of a row.
pub(crate) fn event(record: &Record) -> Result<Stamped, serde_json::Error> {
    let Read { event, clerk, answer } = serde_json::from_str(&record.body)?;
    let cause = serde_json::from_str(&record.cause)?;
    Ok(Stamped { at: HallTime::from_unix_ms(record.at_ms), cause, event, clerk, answer })
}
