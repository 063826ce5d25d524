//! Between events and rows of the journal, as the daemon writes them.

use hall_core::answer::Answer;
use hall_core::event::{Event, Stamped};
use hall_core::time::HallTime;
use hall_journal::{Entry, Record};
use serde::{Deserialize, Serialize};

#[derive(Serialize)]
struct Written<'a> {
    event: &'a Event,
    #[serde(skip_serializing_if = "Option::is_none")]
    answer: Option<&'a Answer>,
}

#[derive(Deserialize)]
struct Read {
    event: Event,
    #[serde(default)]
    answer: Option<Answer>,
}

/// The row of an event.
pub(crate) fn entry(stamped: &Stamped) -> Result<Entry, serde_json::Error> {
    Ok(Entry {
        at_ms: stamped.at.unix_ms(),
        kind: stamped.event.name().into(),
        cause: serde_json::to_string(&stamped.cause)?,
        body: serde_json::to_string(&Written { event: &stamped.event, answer: stamped.answer.as_ref() })?,
    })
}

/// The event of a row.
pub(crate) fn event(record: &Record) -> Result<Stamped, serde_json::Error> {
    let Read { event, answer } = serde_json::from_str(&record.body)?;
    let cause = serde_json::from_str(&record.cause)?;
    Ok(Stamped { at: HallTime::from_unix_ms(record.at_ms), cause, event, answer })
}
