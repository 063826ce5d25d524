//! In which zone a journal's times are told: the hall's own, wherever the journal is read, and of old days
//! the one that its clock had then.

use hall_core::event::Event;
use hall_core::plan::Plan;
use hall_journal::{JournalError, JournalReader, Record};
use jiff::tz::TimeZone;

use crate::records;

/// The kind of the records that adopt a plan.
const PLAN_ADOPTED: &str = "plan_adopted";

/// In which zone times are told.
#[derive(Debug, Clone)]
pub enum TimesIn {
    /// All in this one.
    Zone(TimeZone),
    /// Each in that of the plan the hall had then; in this one where the plan does not say it.
    HallsOr(TimeZone),
}

impl TimesIn {
    /// All in the zone asked for; without one each in the hall's own of then, or in `zone`.
    pub fn asked_or(asked: Option<&TimeZone>, zone: &TimeZone) -> Self {
        asked.map_or_else(|| Self::HallsOr(zone.clone()), |asked| Self::Zone(asked.clone()))
    }

    /// The zone of what happened under `plan`.
    pub(crate) fn under(&self, plan: Option<&Plan>) -> TimeZone {
        match self {
            Self::Zone(zone) => zone.clone(),
            Self::HallsOr(zone) => plan.and_then(of_plan).unwrap_or_else(|| zone.clone()),
        }
    }

    /// The zone from `record` on, if it is the adoption of a plan.
    pub(crate) fn changed_by(&self, record: &Record) -> Option<TimeZone> {
        if record.kind != PLAN_ADOPTED {
            return None;
        }
        plan_of(record).map(|plan| self.under(Some(&plan)))
    }
}

/// The zone of the clock in the hall of this plan, if the plan says it and this machine knows it.
fn of_plan(plan: &Plan) -> Option<TimeZone> {
    TimeZone::get(plan.calendar().time_zone.as_deref()?).ok()
}

/// That of the last plan in a journal. Plans of before said nothing of it, and a plan of a newer version
/// may not be readable here: nothing but the clock the times are told by hangs on it.
///
/// # Errors
/// When the journal cannot be read.
pub fn of_journal(reader: &JournalReader) -> Result<Option<TimeZone>, JournalError> {
    let adopted = reader.last_of(PLAN_ADOPTED, u64::MAX)?;
    Ok(adopted.and_then(|record| plan_of(&record)).and_then(|plan| of_plan(&plan)))
}

fn plan_of(adopted: &Record) -> Option<Box<Plan>> {
    match records::event(adopted).ok()?.event {
        Event::PlanAdopted { plan, .. } => Some(plan),
        _ => None,
    }
}

/// What it is called.
pub(crate) fn name(zone: &TimeZone) -> String {
    zone.iana_name().map_or_else(
        || zone.to_fixed_offset().map_or_else(|_| "UTC".into(), |offset| format!("UTC{offset}")),
        str::to_owned,
    )
}
