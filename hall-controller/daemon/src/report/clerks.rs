//! What each clerk did in a day (责任可溯): from who was signed on when it happened.

use std::collections::BTreeMap;

use hall_core::event::{Evaluation, Event, Stamped};
use hall_core::plan::Plan;
use hall_core::ticket::TicketId;
use hall_protocol::id::ClerkId;
use hall_protocol::payload::Grade;
use serde::Serialize;

/// One clerk's day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ClerkReport {
    /// The id on the badge.
    pub clerk: ClerkId,
    /// The names in Chinese and English; empty for a badge that is not in the plan.
    pub names: [String; 2],
    /// How many citizens were called.
    pub called: u32,
    /// How many services ended.
    pub served: u32,
    /// How often somebody called did not come.
    pub no_shows: u32,
    /// How many citizens gave each grade, from very satisfied to very dissatisfied.
    pub grades: [u32; 5],
}

/// Gathers them, by their badges.
#[derive(Debug, Default)]
pub(super) struct Clerks {
    rows: BTreeMap<ClerkId, ClerkReport>,
    /// Who served a ticket last, whom its citizen judges.
    served_by: BTreeMap<TicketId, ClerkId>,
}

impl Clerks {
    /// Another day.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    pub(super) fn count(&mut self, stamped: &Stamped, plan: Option<&Plan>) {
        let ticket = stamped.event.ticket();
        let clerk = match stamped.event {
            // Another may have signed on since.
            Event::Evaluated { .. } => ticket.and_then(|ticket| self.served_by.get(&ticket).copied()),
            _ => stamped.clerk,
        };
        let Some(clerk) = clerk else { return };
        match &stamped.event {
            Event::Called { .. } => self.row(clerk, plan).called += 1,
            Event::Finished { .. } | Event::MatterFinished { .. } => {
                self.row(clerk, plan).served += 1;
                self.served_by.extend(ticket.map(|ticket| (ticket, clerk)));
            }
            Event::Missed { .. } | Event::Deferred { .. } => self.row(clerk, plan).no_shows += 1,
            Event::Evaluated(Evaluation { grade, .. }) => {
                let place = Grade::ALL.iter().position(|known| known == grade);
                if let Some(count) = place.and_then(|place| self.row(clerk, plan).grades.get_mut(place)) {
                    *count += 1;
                }
            }
            _ => {}
        }
    }

    fn row(&mut self, clerk: ClerkId, plan: Option<&Plan>) -> &mut ClerkReport {
        self.rows.entry(clerk).or_insert_with(|| {
            let planned = plan.and_then(|plan| plan.clerk(clerk));
            let names = planned.map(|planned| [planned.name.zh.clone(), planned.name.en.clone()]);
            let names = names.unwrap_or_default();
            ClerkReport { clerk, names, called: 0, served: 0, no_shows: 0, grades: [0; 5] }
        })
    }

    pub(super) fn reports(&self) -> Vec<ClerkReport> {
        self.rows.values().cloned().collect()
    }
}

impl ClerkReport {
    /// The clerk's day as a line of the report; `grades` in words.
    pub(super) fn line(&self, grades: &str, zh: bool) -> String {
        let Self { clerk, names: [name_zh, name_en], called, served, no_shows, .. } = self;
        if zh {
            format!("  {clerk} {name_zh}：叫号 {called}，办理 {served}，未到 {no_shows}；好差评：{grades}\n")
        } else {
            format!(
                "  {clerk} {name_en}: called {called}, served {served}, no-shows {no_shows}; evaluations: {grades}\n"
            )
        }
    }
}
