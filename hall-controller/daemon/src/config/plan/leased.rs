//! Whether the numbers kiosks keep for times without a line leave the hall enough of a service.

use hall_core::plan::{Kiosk, Service};
use hall_protocol::id::ServiceId;

use super::super::errors::{Words, words};
use super::super::reader::Table;
use super::super::values::id;

/// Warn at each service, in its table, of which the hall itself could not give its daily quota, or half of the
/// numbers there are if it has none. Allowed: a lease shrinks before the hall has nothing left.
pub(super) fn warn_of_few_numbers(services: &[Service], kiosks: &[Kiosk], tables: &[Table<'_>]) {
    for table in tables {
        let id = table.optional("id", "").and_then(|value| id::<ServiceId>(&value));
        let Some(service) = services.iter().find(|service| Some(service.id) == id) else { continue };
        let keepers = kiosks.iter().filter(|kiosk| kiosk.lease > 0 && kiosk.services.contains(&service.id));
        let (kiosks, leased) = keepers
            .fold((0_u32, 0_u32), |(kiosks, leased), kiosk| (kiosks + 1, leased + u32::from(kiosk.lease)));
        let numbers = u32::from(service.digits.digits().last());
        let quota = service.limits.daily_quota;
        let needed = quota.unwrap_or(numbers / 2);
        let left = numbers.saturating_sub(leased);
        if left >= needed {
            continue;
        }
        let Words { zh: instead_zh, en: instead_en } = match quota {
            Some(quota) => words!("而其 daily_quota 为 {quota}", "and its daily_quota is {quota}"),
            None => words!("不到一半", "fewer than half"),
        };
        let Words { zh: more_zh, en: more_en } = more_digits(service);
        let allowed = numbers.saturating_sub(needed);
        table.doubtful(
            Words {
                zh: format!(
                    "每天 {numbers} 个号中有 {leased} 个租给 {kiosks} 台取号机，大厅只剩 {left} 个，{instead_zh}"
                ),
                en: format!(
                    "{kiosks} kiosks lease {leased} of its {numbers} numbers a day, which leaves {left} for the hall, \
                     {instead_en}"
                ),
            },
            Words {
                zh: format!("请让这些取号机的 lease 合计至多 {allowed}{more_zh}"),
                en: format!("let the lease of these kiosks come to at most {allowed}{more_en}"),
            },
        );
    }
}

fn more_digits(service: &Service) -> Words {
    if service.digits.0 { words!("", "") } else { words!("，或写 digits = 4", ", or write digits = 4") }
}
