//! The tables `[hall]`, `[web]` and `[journal]`.

use std::path::Path;

use hall_core::plan::{Calendar, Name, Policy, Seniority};
use hall_protocol::id::HallId;
use jiff::tz::{self, TimeZone};

use super::errors::words;
use super::reader::{Table, Value, quoted};
use super::values::{id, listen, name, one_line, one_of};
use super::{Journal, Web, calendar};

/// The longest name of a hall, in bytes: one line at the top of a screen.
const HALL_NAME_BYTES_MAX: usize = 96;

/// A longer guard would refuse clerks who serve quickly.
const DOUBLE_PRESS_GUARD_MS: std::ops::RangeInclusive<i64> = 0..=60_000;

/// Below a second a slow network loses presses; beyond five minutes a press is about citizens
/// who are gone.
const PRESS_AGE_MAX_MS: std::ops::RangeInclusive<i64> = 1_000..=300_000;

/// Nobody is called more often than this; a clerk must get rid of a number in the end.
const NO_SHOW_AFTER_RECALLS: std::ops::RangeInclusive<i64> = 0..=10;

/// Ten minutes at an empty window are the most a hall can afford.
const NO_SHOW_AFTER_MS: std::ops::RangeInclusive<i64> = 0..=600_000;

/// Who comes back after more calls than this has waited a second time.
const DEFER_NO_SHOW_CALLS: std::ops::RangeInclusive<i64> = 0..=20;

/// With a quota of 1 priority would be an unlimited pass.
const PRIORITY_QUOTA: std::ops::RangeInclusive<i64> = 2..=20;

/// With a quota of 1 an appointment would be an unlimited pass.
const APPOINTMENT_QUOTA: std::ops::RangeInclusive<i64> = 2..=20;

/// Nobody sits in the hall longer than two hours before a slot, nor comes so late to it.
const CHECK_IN_MINUTES: std::ops::RangeInclusive<i64> = 0..=120;

/// Beyond a season no hall knows its hours.
const BOOK_DAYS_AHEAD: std::ops::RangeInclusive<i64> = 0..=120;

/// 0 means that a missed ticket never comes back; nobody comes back after a working day.
const RETURN_GRACE_MINUTES: std::ops::RangeInclusive<i64> = 0..=480;

/// `[hall]`, as far as it can be read.
#[derive(Default)]
pub(super) struct Hall {
    pub(super) identity: Option<(HallId, Name)>,
    pub(super) time_zone: Option<TimeZone>,
    pub(super) calendar: Calendar,
    /// For services that say nothing else.
    pub(super) last_ticket_minutes: u16,
    pub(super) policy: Policy,
}

/// The table `[hall]`.
pub(super) fn hall(root: &Table<'_>) -> Hall {
    let Some(table) = root.section("hall") else { return Hall::default() };
    let hall = table.required("id", "\"linjiang\"").and_then(|value| id(&value));
    let name =
        name(&table, HALL_NAME_BYTES_MAX, "\"临江县政务服务中心\"", "\"Linjiang County Service Hall\"");
    let time_zone = table.required("time_zone", "\"Asia/Shanghai\"").and_then(|value| time_zone(&value));
    let mut calendar = calendar::hall(&table);
    calendar.time_zone = time_zone.as_ref().and_then(TimeZone::iana_name).map(str::to_owned);
    let last_ticket_minutes = calendar::last_ticket(&table).unwrap_or(0);
    let mut policy = Policy::default();
    if let Some(value) = table.optional("double_press_guard_ms", "2000") {
        let given = value.small(&DOUBLE_PRESS_GUARD_MS, "milliseconds");
        policy.double_press_guard_ms = given.unwrap_or(policy.double_press_guard_ms);
    }
    if let Some(value) = table.optional("press_age_max_ms", "10000") {
        let given = value.small(&PRESS_AGE_MAX_MS, "milliseconds");
        policy.press_age_max_ms = given.unwrap_or(policy.press_age_max_ms);
    }
    life_of_a_ticket(&table, &mut policy);
    super::routing::read(&table, &mut policy);
    appointments(&table, &mut policy);
    table.finish();
    Hall { identity: hall.zip(name), time_zone, calendar, last_ticket_minutes, policy }
}

/// The keys of `[hall]` about no-shows, returns, transfers and armed windows.
fn life_of_a_ticket(table: &Table<'_>, policy: &mut Policy) {
    if let Some(value) = table.optional("no_show_after_recalls", "2") {
        let given = value.small(&NO_SHOW_AFTER_RECALLS, "recalls");
        policy.no_show_after_recalls = given.unwrap_or(policy.no_show_after_recalls);
    }
    if let Some(value) = table.optional("no_show_after_ms", "60000") {
        let given = value.small(&NO_SHOW_AFTER_MS, "milliseconds");
        policy.no_show_after_ms = given.unwrap_or(policy.no_show_after_ms);
    }
    if let Some(value) = table.optional("defer_no_show_calls", "3") {
        let given = value.small(&DEFER_NO_SHOW_CALLS, "calls");
        policy.defer_no_show_calls = given.unwrap_or(policy.defer_no_show_calls);
    }
    if let Some(value) = table.optional("return_grace_minutes", "30") {
        let given = value.small(&RETURN_GRACE_MINUTES, "minutes");
        policy.return_grace_minutes = given.unwrap_or(policy.return_grace_minutes);
    }
    if let Some(value) = table.optional("return_seniority", "\"issue_time\"") {
        let known = [("issue_time", Seniority::IssueTime), ("back", Seniority::Back)];
        policy.return_seniority = one_of(&value, &known).unwrap_or(policy.return_seniority);
    }
    if let Some(value) = table.optional("transfer_seniority", "\"issue_time\"") {
        let known =
            [("front", Seniority::Front), ("issue_time", Seniority::IssueTime), ("back", Seniority::Back)];
        policy.transfer_seniority = one_of(&value, &known).unwrap_or(policy.transfer_seniority);
    }
    if let Some(value) = table.optional("priority_quota", "3") {
        policy.priority_quota = value.small(&PRIORITY_QUOTA, "calls").unwrap_or(policy.priority_quota);
    }
    if let Some(value) = table.optional("armed_next", "false") {
        policy.armed_next = value.boolean().unwrap_or(policy.armed_next);
    }
    if let Some(value) = table.optional("keep_queue_overnight", "false") {
        policy.keep_queue_overnight = value.boolean().unwrap_or(policy.keep_queue_overnight);
    }
}

/// The keys of `[hall]` about appointments.
fn appointments(table: &Table<'_>, policy: &mut Policy) {
    if let Some(value) = table.optional("appointment_quota", "2") {
        let given = value.small(&APPOINTMENT_QUOTA, "calls");
        policy.appointment_quota = given.unwrap_or(policy.appointment_quota);
    }
    if let Some(value) = table.optional("check_in_early_minutes", "30") {
        let given = value.small(&CHECK_IN_MINUTES, "minutes");
        policy.check_in_early_minutes = given.unwrap_or(policy.check_in_early_minutes);
    }
    if let Some(value) = table.optional("check_in_late_minutes", "15") {
        let given = value.small(&CHECK_IN_MINUTES, "minutes");
        policy.check_in_late_minutes = given.unwrap_or(policy.check_in_late_minutes);
    }
    if let Some(value) = table.optional("book_days_ahead", "30") {
        let given = value.small(&BOOK_DAYS_AHEAD, "days");
        policy.book_days_ahead = given.unwrap_or(policy.book_days_ahead);
    }
}

fn time_zone(value: &Value<'_>) -> Option<TimeZone> {
    let text = value.text()?;
    if let Ok(zone) = TimeZone::get(text) {
        return Some(zone);
    }
    let known: Vec<_> = tz::db().available().collect();
    value.wrong_word(
        words!("没有时区 {name}", "there is no time zone {name}", name = quoted(text)),
        text,
        known.iter().map(tz::TimeZoneName::as_str),
        words!(
            "请写 IANA 时区名，例如 \"Asia/Shanghai\"",
            "write a name of the IANA list, such as \"Asia/Shanghai\""
        ),
    );
    None
}

/// The table `[web]`.
pub(super) fn web(root: &Table<'_>) -> Option<Web> {
    let table = root.section("web")?;
    let asked = table.required("listen", "\"127.0.0.1:8080\"");
    let address = asked.as_ref().and_then(listen);
    let allowed = match table.optional("allow_beyond_loopback_without_logins", "false") {
        Some(value) => value.boolean(),
        None => Some(false),
    };
    if let (Some(value), Some(address), Some(false)) = (&asked, address, allowed)
        && !address.ip().to_canonical().is_loopback()
    {
        value.wrong(
            words!(
                "其他机器可打开 {address} 上的网页，而网页不要求登录：网络上任何人都能叫号",
                "other machines could open the pages on {address}, and no page asks for a login: \
                 anybody on the network could call numbers"
            ),
            words!(
                "请写 \"127.0.0.1:{port}\"；若在大厅专用网络，写 allow_beyond_loopback_without_logins = true",
                "write \"127.0.0.1:{port}\", or, on a network of the hall's own, \
                 allow_beyond_loopback_without_logins = true",
                port = address.port()
            ),
        );
    }
    table.finish();
    Some(Web { listen: address?, allow_beyond_loopback_without_logins: allowed? })
}

/// Longer than a month nobody can need a phone number for a ticket.
const PHONES_KEPT_DAYS: std::ops::RangeInclusive<i64> = 0..=31;

/// The longest path Linux takes, in bytes.
pub(super) const PATH_BYTES_MAX: usize = 4_095;

/// The table `[journal]`; a relative directory is below `base`.
pub(super) fn journal(root: &Table<'_>, base: &Path) -> Option<Journal> {
    let table = root.section("journal")?;
    let directory = table
        .required("directory", "\"/var/lib/hall-controller\"")
        .and_then(|value| one_line(&value, PATH_BYTES_MAX));
    let phones_kept_days = match table.optional("phones_kept_days", "0") {
        Some(value) => value.small(&PHONES_KEPT_DAYS, "days"),
        None => Some(0),
    };
    table.finish();
    Some(Journal { directory: base.join(directory?), phones_kept_days: phones_kept_days? })
}
