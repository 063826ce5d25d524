//! Emergency texts in a day's report: what was put up or taken down, where, when, by whom and why.

use hall_core::event::{Cause, Event, Stamped};
use hall_protocol::id::ZoneId;
use jiff::Timestamp;
use serde::Serialize;

/// One text put up or taken down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EmergencyEntry {
    /// The record's sequence in the journal.
    pub seq: u64,
    /// When, in UTC.
    pub at: String,
    /// What it says, in Chinese and English; `None` when it was taken down.
    pub text: Option<[String; 2]>,
    /// In which zones; none is the whole hall.
    pub zones: Vec<ZoneId>,
    /// The program it came from.
    pub client: Option<String>,
    /// Who wanted it.
    pub by: Option<String>,
    /// Why.
    pub reason: Option<String>,
}

impl EmergencyEntry {
    /// The entry of an event, if it has one.
    pub(super) fn of(seq: u64, stamped: &Stamped) -> Option<Self> {
        let (text, zones, grounds) = match &stamped.event {
            Event::EmergencyDeclared { text, zones, grounds } => {
                (Some([text.zh().to_owned(), text.en().to_owned()]), zones, grounds)
            }
            Event::EmergencyCleared { zones, grounds } => (None, zones, grounds),
            _ => return None,
        };
        let at = Timestamp::from_millisecond(stamped.at.unix_ms()).unwrap_or_default();
        let client = match stamped.cause {
            Cause::Client(client) => Some(client.to_string()),
            _ => None,
        };
        Some(Self {
            seq,
            at: at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            text,
            zones: zones.clone(),
            client,
            by: grounds.by.clone(),
            reason: grounds.reason.clone(),
        })
    }

    /// The entry as a line of the report.
    pub(super) fn line(&self, zh: bool) -> String {
        let Self { seq, at, text, zones, client, by, reason } = self;
        let zones: Vec<&str> = zones.iter().map(ZoneId::as_str).collect();
        let place = match (zones.is_empty(), zh) {
            (true, true) => "全厅".to_owned(),
            (true, false) => "whole hall".to_owned(),
            (false, _) => zones.join(" "),
        };
        let what = match (text, zh) {
            (Some([text, _]), true) => format!("发布“{text}”"),
            (Some([text, en]), false) => format!("put up \"{}\"", if en.is_empty() { text } else { en }),
            (None, true) => "解除".to_owned(),
            (None, false) => "taken down".to_owned(),
        };
        let [by_word, reason_word, comma] =
            if zh { ["经办 ", "原因 ", "，"] } else { ["by ", "because ", ", "] };
        let who = [by, client].into_iter().flatten().map(|who| format!("{comma}{by_word}{who}"));
        let why = reason.iter().map(|reason| format!("{comma}{reason_word}{reason}"));
        let grounds: String = who.chain(why).collect();
        format!("  #{seq} {at} {place} {what}{grounds}\n")
    }
}
