//! What the demo says at the end: counted from the journal, so that it is what really happened.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use hall_core::event::Event;
use hall_core::ticket::TicketId;
use hall_core::time::HallTime;
use hall_protocol::id::HallId;
use serde::Serialize;

use crate::metrics::{Metrics, quantile};
use crate::storage::{StorageError, reread};

const MS_PER_MINUTE: f64 = 60_000.0;

/// The results, as `--json` prints them.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// Tickets taken, over the whole journal.
    pub issued: u64,
    /// First calls of a ticket, over the whole journal.
    pub called: u64,
    /// Tickets served, over the whole journal.
    pub finished: u64,
    /// Tickets whose citizen did not come, over the whole journal.
    pub missed: u64,
    /// Citizens waiting at the end.
    pub waiting: u32,
    /// Messages refused in this run, by reason.
    pub refused: BTreeMap<&'static str, u64>,
    /// From the ticket to the first call, in minutes of the hall's clock, over the whole journal.
    pub wait_minutes: Waits,
    /// From the arrival of a press to the sign's acknowledgement of its picture, in this run.
    pub press_to_sign_ms: Latency,
}

/// Waiting times; `null` when nobody was called.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Waits {
    /// Median.
    pub p50: Option<f64>,
    /// Nine in ten waited less.
    pub p90: Option<f64>,
}

/// Times in milliseconds; `null` when no press reached a sign.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Latency {
    /// Median.
    pub p50: Option<f64>,
    /// Ninety-nine in a hundred took less.
    pub p99: Option<f64>,
}

impl Report {
    /// Count the closed journal in `directory`; what is not journaled comes from `metrics`.
    ///
    /// # Errors
    /// When the journal cannot be read again.
    pub fn of(directory: &Path, hall: HallId, metrics: &Metrics) -> Result<Self, StorageError> {
        let (mut issued, mut called, mut finished, mut missed) = (0, 0, 0, 0);
        let mut waiting_since: HashMap<TicketId, HallTime> = HashMap::new();
        let mut waits = Vec::new();
        let last = reread(directory, hall, |stamped, _| match &stamped.event {
            Event::Issued { ticket, .. } => {
                issued += 1;
                waiting_since.insert(*ticket, stamped.at);
            }
            Event::Called { ticket, .. } => {
                if let Some(since) = waiting_since.remove(ticket) {
                    called += 1;
                    waits.push(minutes(stamped.at.ms_since(since)));
                }
            }
            Event::Finished { .. } => finished += 1,
            Event::Missed { .. } => missed += 1,
            Event::Expired { ticket, .. } | Event::Cancelled { ticket, .. } => {
                waiting_since.remove(ticket);
            }
            _ => {}
        })?;
        waits.sort_by(f64::total_cmp);
        Ok(Self {
            issued,
            called,
            finished,
            missed,
            waiting: last.totals().waiting,
            refused: metrics.by_reason("refused"),
            wait_minutes: Waits { p50: rounded(quantile(&waits, 0.5)), p90: rounded(quantile(&waits, 0.9)) },
            press_to_sign_ms: Latency {
                p50: rounded(metrics.press_to_sign_ms(0.5)),
                p99: rounded(metrics.press_to_sign_ms(0.99)),
            },
        })
    }
}

impl std::fmt::Display for Report {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let or_none = |value: Option<f64>| value.map_or("-".to_owned(), |value| format!("{value:.1}"));
        let Self { issued, called, finished, missed, waiting, .. } = self;
        writeln!(
            f,
            "{issued} tickets taken, {called} called, {finished} finished, {missed} missed, {waiting} waiting"
        )?;
        let Waits { p50, p90 } = self.wait_minutes;
        writeln!(f, "wait: median {} min, 90 % within {} min", or_none(p50), or_none(p90))?;
        let Latency { p50, p99 } = self.press_to_sign_ms;
        write!(f, "press to sign: median {} ms, 99 % within {} ms", or_none(p50), or_none(p99))
    }
}

#[expect(clippy::cast_precision_loss, reason = "a wait is far below 2^53 ms")]
fn minutes(ms: u64) -> f64 {
    ms as f64 / MS_PER_MINUTE
}

/// To hundredths: more digits than the clock has would be a pretence.
fn rounded(value: Option<f64>) -> Option<f64> {
    value.map(|value| (value * 100.0).round() / 100.0)
}
