//! The week ahead, as `hall-controller check` prints it: whether holidays and hours are what was
//! meant shows best on real dates.

use hall_core::plan::{Limits, Plan, SpecialDay};
use hall_protocol::local::LocalDate;

use super::calendar::written;

/// Days printed.
const DAYS: i32 = 7;

/// What is allowed but hardly meant.
pub(super) fn warnings(plan: &Plan) -> Vec<String> {
    let never = plan.services().iter().filter(|service| plan.never_opens(service));
    never
        .flat_map(|service| {
            let id = service.id;
            [
                format!("提醒：事项 \"{id}\" 从不发号：一周中没有一天与大厅的办理时间重合；请更改两者之一的时间。"),
                format!(
                    "warning: service \"{id}\" never gives a number: its hours meet the hall's on no day of the \
                     week; change the hours of one of the two"
                ),
            ]
        })
        .collect()
}

/// Hall and services of each day; services with the same hours stand together.
pub(super) fn lines(plan: &Plan, today: LocalDate) -> Vec<String> {
    let mut lines = vec!["when numbers are given in the next days, by the hall's own time:".to_owned()];
    for date in (0..DAYS).map(|days| today.plus_days(days)) {
        let special = match plan.calendar().special.get(&date) {
            Some(SpecialDay::Closed) => ", a holiday".to_owned(),
            Some(SpecialDay::WorksLike(weekday)) => format!(", which works like a {weekday:?}"),
            None => String::new(),
        };
        let hall = plan.hall_hours(date);
        lines.push(format!("{:?} {date}{special}: {}", date.weekday(), written(&hall)));
        if hall.is_empty() {
            continue;
        }
        let mut groups: Vec<(String, Vec<&str>)> = Vec::new();
        for service in plan.services() {
            let hours = written(&plan.issuing_hours(service, date)) + &quotas(service.limits);
            match groups.iter_mut().find(|(known, _)| *known == hours) {
                Some((_, services)) => services.push(service.id.as_str()),
                None => groups.push((hours, vec![service.id.as_str()])),
            }
        }
        lines.extend(groups.iter().map(|(hours, services)| format!("  {}: {hours}", services.join(", "))));
    }
    lines
}

fn quotas(limits: Limits) -> String {
    let quotas = [
        (limits.daily_quota, "a day"),
        (limits.morning_quota, "in the morning"),
        (limits.afternoon_quota, "in the afternoon"),
    ];
    let said = quotas.iter().filter_map(|(quota, when)| quota.map(|quota| format!("{quota} {when}")));
    let said: Vec<_> = said.collect();
    if said.is_empty() { String::new() } else { format!("; at most {}", said.join(", ")) }
}
