//! The keys of `[hall]` about who is called next, and about the balancer.

use std::ops::RangeInclusive;

use hall_core::plan::{Balance, Policy, Routing};

use super::reader::{Table, Value};
use super::values::one_of;

/// An ordinary ticket gains nothing, or as much as one of a priority class.
const ORDINARY_CREDIT_PERMILLE: RangeInclusive<i64> = 0..=1_000;
/// Sooner would make every busy hour first come, first served; later would be after the day.
const STARVATION_MINUTES: RangeInclusive<i64> = 10..=480;
/// A change that takes longer than this is a move to another desk.
const CHANGEOVER_SECONDS: RangeInclusive<i64> = 0..=600;

pub(super) fn read(table: &Table<'_>, policy: &mut Policy) {
    if let Some(value) = table.optional("routing", "\"service_level\"") {
        policy.routing = routing(&value).unwrap_or(policy.routing);
    }
    if let Some(value) = table.optional("ordinary_credit_permille", "500") {
        let given = value.small(&ORDINARY_CREDIT_PERMILLE, "thousandths");
        policy.ordinary_credit_permille = given.unwrap_or(policy.ordinary_credit_permille);
    }
    if let Some(value) = table.optional("starvation_minutes", "120") {
        let given = value.small(&STARVATION_MINUTES, "minutes");
        policy.starvation_minutes = given.unwrap_or(policy.starvation_minutes);
    }
    if let Some(value) = table.optional("changeover_seconds", "60") {
        let given = value.small(&CHANGEOVER_SECONDS, "seconds");
        policy.changeover_seconds = given.unwrap_or(policy.changeover_seconds);
    }
    if let Some(value) = table.optional("balance", "\"advise\"") {
        let known = [("off", Balance::Off), ("advise", Balance::Advise), ("auto", Balance::Auto)];
        policy.balance = one_of(&value, &known).unwrap_or(policy.balance);
    }
}

/// A policy by its name.
pub(super) fn routing(value: &Value<'_>) -> Option<Routing> {
    let known = [
        ("fcfs", Routing::Fcfs),
        ("priority", Routing::Priority),
        ("accumulating", Routing::Accumulating),
        ("service_level", Routing::ServiceLevel),
        // As the command line spells it.
        ("service-level", Routing::ServiceLevel),
    ];
    one_of(value, &known)
}
