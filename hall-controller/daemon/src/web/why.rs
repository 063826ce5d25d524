//! Why a ticket was called, in a few words for the clerk. The auditor's sentences are in `trace`.

use hall_core::event::CallReason;
use hall_core::plan::Name;

use super::text::{
    WHY_APPOINTMENT, WHY_ARMED, WHY_BACKUP, WHY_BEFORE_TARGET, WHY_CREDIT, WHY_OLDEST, WHY_OVER_TARGET,
    WHY_PICKED, WHY_PRIORITY, class,
};

/// Such as "oldest of 2 services", "appointment 10:00", "over target by 6 min".
pub(super) fn name(why: &CallReason) -> Name {
    match why {
        CallReason::Oldest { services } => WHY_OLDEST.name(&[("n", &services.to_string())]),
        CallReason::Priority { class: of } => {
            let Name { zh, en } = class(*of).name(&[]);
            Name { zh: WHY_PRIORITY.name(&[("class", &zh)]).zh, en: WHY_PRIORITY.name(&[("class", &en)]).en }
        }
        CallReason::Credit { services, .. } => WHY_CREDIT.name(&[("n", &services.to_string())]),
        CallReason::Target { over_minutes, .. } => against_target(*over_minutes),
        CallReason::Backup { over_minutes } => {
            let target = against_target(*over_minutes);
            let Name { zh, en } = WHY_BACKUP.name(&[]);
            Name { zh: format!("{zh}，{}", target.zh), en: format!("{en}, {}", target.en) }
        }
        CallReason::Appointment { slot, .. } => WHY_APPOINTMENT.name(&[("slot", &slot.to_string())]),
        CallReason::Armed { .. } => WHY_ARMED.name(&[]),
        CallReason::Picked { reason } => WHY_PICKED.name(&[("reason", reason)]),
    }
}

fn against_target(over_minutes: i32) -> Name {
    let phrase = if over_minutes < 0 { WHY_BEFORE_TARGET } else { WHY_OVER_TARGET };
    phrase.name(&[("n", &over_minutes.unsigned_abs().to_string())])
}

#[cfg(test)]
mod tests {
    use hall_protocol::payload::Class;

    use super::*;

    #[test]
    fn a_clerk_reads_why_in_a_few_words() {
        for (why, zh, en) in [
            (CallReason::Oldest { services: 2 }, "2 项有人等候的事项中等得最久", "oldest of 2 services"),
            (CallReason::Priority { class: Class::Elderly }, "优先：老年人", "priority: "),
            (CallReason::Target { over_minutes: 6, services: 2 }, "超过目标 6 分钟", "over target by 6 min"),
            (CallReason::Backup { over_minutes: -3 }, "备办，距目标 3 分钟", "backup, 3 min before target"),
            (CallReason::Picked { reason: "急事".into() }, "选呼：急事", "picked: 急事"),
        ] {
            let said = name(&why);
            assert!(said.zh.starts_with(zh) && said.en.starts_with(en), "{said:?}");
        }
        let slot = "10:00".parse().unwrap();
        let said = name(&CallReason::Appointment { slot, passing: true });
        assert_eq!((&*said.zh, &*said.en), ("预约 10:00", "appointment 10:00"));
    }
}
