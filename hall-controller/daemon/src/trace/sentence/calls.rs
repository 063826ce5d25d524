//! Why a ticket was called, for the auditor: longer than what a pad has room for.

use hall_core::event::CallReason;

use super::Words;
use super::appointments;
use crate::web::text;

/// The reason; `sent` says that it waited for the window alone.
pub(super) fn reason(why: &CallReason, sent: bool, words: &Words<'_>) -> String {
    match why {
        CallReason::Oldest { services: 0 } => sent_here(words),
        CallReason::Oldest { services } => {
            let said = words.either(
                format!("{}它等得最久", among_zh(*services)),
                format!("it had waited longest{}", among(*services)),
            );
            if !sent {
                return said;
            }
            let sent = sent_here(words);
            words.either(format!("{sent}；{said}"), format!("{sent}, and {said}"))
        }
        CallReason::Priority { class } => {
            let class = text::class(*class).within(words.language);
            words.either(format!("优先类别 {class}"), format!("it is of the priority class {class}"))
        }
        CallReason::Credit { services, .. } => words.either(
            format!("{}它的累积优先值最高", among_zh(*services)),
            format!("it had the most credit{}", among(*services)),
        ),
        CallReason::Target { over_minutes, services } => {
            let target = against_target(*over_minutes, words);
            match services {
                ..2 => words.either(
                    format!("该窗口只有此事项有人等候（{target}）"),
                    format!("people waited for this service alone: {target}"),
                ),
                _ => words.either(
                    format!("{}先叫它对服务目标最有利（{target}）", among_zh(*services)),
                    format!("it mattered most{}: {target}", among(*services)),
                ),
            }
        }
        CallReason::Backup { over_minutes } => {
            let target = against_target(*over_minutes, words);
            words.either(
                format!("备岗事项（{target}）"),
                format!("it had waited longest in the window's backup services: {target}"),
            )
        }
        CallReason::Appointment { slot, passing } => appointments::call_reason(*slot, *passing, words),
        CallReason::Armed { press } => {
            let (zh, en) = match press {
                Some(press) => (format!("（按键 {press}）"), format!(" by press {press}")),
                None => Default::default(),
            };
            words.either(
                format!("窗口已待呼{zh}，来号即呼"),
                format!("the window had asked{en} for whoever would come next"),
            )
        }
        CallReason::Picked { reason } => {
            words.either(format!("选呼，原因：{reason}"), format!("it was picked by the clerk: {reason}"))
        }
    }
}

fn sent_here(words: &Words<'_>) -> String {
    words.either("此号已转到该窗口，只在该窗口等候".into(), "it had been sent to this window alone".into())
}

/// Among whom it was chosen; nothing where people waited for one service alone.
fn among(services: u16) -> String {
    match services {
        ..2 => String::new(),
        services => format!(" in the window's {services} services with people waiting"),
    }
}

fn among_zh(services: u16) -> String {
    match services {
        ..2 => String::new(),
        services => format!("该窗口有人等候的事项 {services} 项，其中"),
    }
}

fn against_target(over_minutes: i32, words: &Words<'_>) -> String {
    let minutes = over_minutes.unsigned_abs();
    match over_minutes {
        0 => words.either("刚超过目标".into(), "over its target by less than a minute".into()),
        ..0 => words.either(format!("距目标还有 {minutes} 分"), format!("{minutes} min before its target")),
        1.. => words.either(format!("超过目标 {minutes} 分"), format!("over its target by {minutes} min")),
    }
}
