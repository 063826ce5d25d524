//! The heads of business days: what the journal's chain was when a day had ended.
//!
//! A head that somebody outside has written down shows later whether anything up to that day was
//! changed. So the head of the last day that has ended is published, retained, at the start and
//! whenever a day ends, and `report` and `audit verify` know those of all days.
//!
//! A day ends with the record before the next day's `day_began`; as everywhere, what a day's end
//! itself brings (tickets that expire, windows that close) still belongs to it.

use std::path::{Path, PathBuf};

use hall_core::event::{Event, Stamped};
use hall_core::time::BusinessDay;
use hall_journal::{Head, JournalError, JournalReader, Record};
use hall_protocol::id::HallId;
use hall_protocol::json::Version;
use hall_protocol::payload;
use hall_protocol::topic::{Channel, Topic};
use tokio::sync::broadcast::error::RecvError;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::clock::date_of;
use crate::engine::EngineHandle;
use crate::mqtt::encoded;
use crate::mqtt::link::LinkHandle;
use crate::records;

/// The kind of the records that begin a day.
const DAY_BEGAN: &str = "day_began";

/// A day that has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EndedDay {
    /// Which.
    pub day: BusinessDay,
    /// The chain after its last record.
    pub head: Head,
    /// When it ended, in unix milliseconds.
    pub at_ms: i64,
}

/// The last day that has ended, found from the journal's end: O(records of two days). Nothing is
/// verified.
///
/// # Errors
/// When the journal cannot be read.
pub fn last_ended(reader: &JournalReader) -> Result<Option<EndedDay>, JournalError> {
    let Some(began) = reader.last_of(DAY_BEGAN, u64::MAX)? else { return Ok(None) };
    let Some(before) = reader.last_of(DAY_BEGAN, began.seq - 1)? else { return Ok(None) };
    let last = reader.record(began.seq - 1)?;
    let ended = last.zip(day_begun_by(&before));
    Ok(ended.map(|(last, day)| EndedDay { day, head: last.head(), at_ms: began.at_ms }))
}

/// The day that a record begins, if it begins one.
pub fn day_begun_by(record: &Record) -> Option<BusinessDay> {
    if record.kind != DAY_BEGAN {
        return None;
    }
    match records::event(record) {
        Ok(Stamped { event: Event::DayBegan { day, .. }, .. }) => Some(day),
        _ => None,
    }
}

/// Publish the head of the last day that has ended, now and whenever a day ends. Owns nothing; a
/// head that cannot be read is published at the next start or day's end.
pub async fn publish(
    directory: PathBuf,
    hall: HallId,
    engine: EngineHandle,
    link: LinkHandle,
    cancel: CancellationToken,
) {
    let mut events = engine.events();
    loop {
        show(&directory, hall, &link).await;
        loop {
            let heard = tokio::select! {
                () = cancel.cancelled() => return,
                heard = events.recv() => heard,
            };
            match heard {
                Ok(recorded) if matches!(recorded.stamped.event, Event::DayBegan { .. }) => break,
                Err(RecvError::Lagged(_)) => break,
                Err(RecvError::Closed) => return,
                Ok(_) => {}
            }
        }
    }
}

async fn show(directory: &Path, hall: HallId, link: &LinkHandle) {
    let directory = directory.to_owned();
    let found = tokio::task::spawn_blocking(move || last_ended(&JournalReader::open(&directory)?)).await;
    let EndedDay { day, head, at_ms } = match found {
        Ok(Ok(Some(ended))) => ended,
        Ok(Ok(None)) => return,
        Ok(Err(error)) => return warn!(%error, "the head of the last day is not published"),
        Err(error) => return warn!(%error, "the head of the last day is not published"),
    };
    let (day, hash) = (date_of(day).to_string(), head.hash.to_string());
    info!(day, last_seq = head.seq, hash, "the journal's head at the end of a day");
    let payload = payload::DayHead {
        v: Version,
        hall,
        day: day.as_str().into(),
        last_seq: head.seq,
        hash: hash.as_str().into(),
        at_ms,
    };
    match encoded(&payload) {
        Ok(bytes) => link.retain(Topic::new(hall, Channel::ControllerHead), bytes),
        Err(error) => warn!(%error, "the head of the last day is not published"),
    }
}

#[cfg(test)]
mod tests {
    use hall_core::command::Command;

    use super::*;
    use crate::storage::tests::scribe::{Scribe, plan};

    #[test]
    fn a_day_ends_with_the_record_before_the_next_one_begins() {
        let directory = tempfile::tempdir().unwrap();
        let mut scribe = Scribe::new();
        scribe.adopt(plan());
        scribe.take("K1", "social");
        scribe.write(directory.path());
        assert_eq!(last_ended(&JournalReader::open(directory.path()).unwrap()).unwrap(), None);

        let directory = tempfile::tempdir().unwrap();
        scribe.wait_ms(86_400_000);
        scribe.give(&Command::Tick);
        scribe.take("K1", "social");
        scribe.wait_ms(2 * 86_400_000);
        scribe.give(&Command::Tick);
        scribe.write(directory.path());
        let reader = JournalReader::open(directory.path()).unwrap();
        let ended = last_ended(&reader).unwrap().unwrap();
        let mut records = Vec::new();
        let keep = |record| {
            records.push(record);
            Ok::<(), std::convert::Infallible>(())
        };
        reader.read(keep).unwrap();
        let [.., last, began] = &records[..] else { panic!() };
        assert_eq!((ended.day, ended.head), (BusinessDay::from_days(20_515), last.head()));
        assert_eq!((&*last.kind, day_begun_by(began)), ("expired", Some(BusinessDay::from_days(20_517))));
        assert_eq!(ended.at_ms, began.at_ms);
    }
}
