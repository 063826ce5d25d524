//! What was said of single services in a day's report: why an outcome was not the usual, such as which
//! paper is missing, and why a citizen gave a grade.

use hall_core::event::{Evaluation, Event, Stamped};
use hall_core::refusal::Language;
use hall_protocol::id::ClerkId;
use hall_protocol::number::TicketNumber;
use hall_protocol::payload::{Grade, ServiceOutcome};
use serde::Serialize;

use crate::web::text;

/// One remark.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Remark {
    /// The record's sequence in the journal.
    pub seq: u64,
    /// The ticket.
    pub number: TicketNumber,
    /// Who was signed on at the window.
    pub clerk: Option<ClerkId>,
    /// Of what it was said.
    #[serde(flatten)]
    pub of: Remarked,
    /// What was said.
    pub reason: String,
}

/// What a remark is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Remarked {
    /// What came of a matter; by the clerk.
    Outcome(ServiceOutcome),
    /// A grade; by the citizen.
    Grade(Grade),
}

impl Remark {
    /// The remark of an event, if it has one.
    pub(super) fn of(seq: u64, stamped: &Stamped) -> Option<Self> {
        let (number, of, reason) = match &stamped.event {
            Event::Finished { number, outcome, reason, .. }
            | Event::MatterFinished { number, outcome, reason, .. } => {
                (number, Remarked::Outcome(*outcome), reason)
            }
            Event::Evaluated(Evaluation { number, grade, reason, .. }) => {
                (number, Remarked::Grade(*grade), reason)
            }
            _ => return None,
        };
        Some(Self { seq, number: *number, clerk: stamped.clerk, of, reason: reason.clone()? })
    }

    /// The remark as a line of the report.
    pub(super) fn line(&self, zh: bool) -> String {
        let Self { seq, number, of, reason, .. } = self;
        let language = if zh { Language::Zh } else { Language::En };
        let of = match of {
            Remarked::Outcome(outcome) => text::outcome(*outcome),
            Remarked::Grade(grade) => text::grade(*grade),
        };
        let (of, colon) = (of.within(language), if zh { "：" } else { ": " });
        format!("  #{seq} {number} {of}{colon}{reason}\n")
    }
}
