//! Between events and rows of the journal, as the daemon writes them.

use hall_core::event::{Body, Stamped};
use hall_core::time::HallTime;
use hall_journal::{Entry, Record};

/// The row of an event.
pub(crate) fn entry(stamped: &Stamped) -> Result<Entry, serde_json::Error> {
    Ok(Entry {
        at_ms: stamped.at.unix_ms(),
        kind: stamped.event.name().into(),
        cause: serde_json::to_string(&stamped.cause)?,
        body: serde_json::to_string(&Body::of(stamped))?,
    })
}

/// The event of a row.
pub(crate) fn event(record: &Record) -> Result<Stamped, serde_json::Error> {
    let body: Body<_, _> = serde_json::from_str(&record.body)?;
    Ok(body.stamped(HallTime::from_unix_ms(record.at_ms), serde_json::from_str(&record.cause)?))
}
