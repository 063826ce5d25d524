//! In which zone a journal's times are told: the hall's own, wherever the journal is read.

use hall_core::event::Event;
use hall_core::plan::Plan;
use hall_journal::{JournalError, JournalReader};
use jiff::tz::TimeZone;

use crate::records;

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
    let adopted = reader.last_of("plan_adopted", u64::MAX)?;
    Ok(match adopted.and_then(|record| records::event(&record).ok()).map(|stamped| stamped.event) {
        Some(Event::PlanAdopted { plan, .. }) => of_plan(&plan),
        _ => None,
    })
}

/// What it is called.
pub(crate) fn name(zone: &TimeZone) -> String {
    zone.iana_name().map_or_else(
        || zone.to_fixed_offset().map_or_else(|_| "UTC".into(), |offset| format!("UTC{offset}")),
        str::to_owned,
    )
}
