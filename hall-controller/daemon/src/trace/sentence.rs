//! The sentences of a ticket's story, in Chinese and English.
//!
//! Kinds of events, causes and reasons that have no words here yet are shown as the journal has
//! them, so that no part of a story is ever missing.

mod appointments;
mod emergencies;
mod leases;
mod life;
mod management;

use hall_core::event::{CallReason, Cause, Device, Event, ExpiryReason, RequeueReason, Rule, Stamped};
use hall_core::plan::Plan;
use hall_core::refusal::Language;
use hall_core::time::HallTime;
use hall_protocol::id::{ServiceId, WindowId};
use hall_protocol::number::TicketNumber;
use serde::Serialize;

use super::{Step, Story};
use crate::web::text;

/// Whose story it is.
pub(super) fn heading(story: &Story, language: Language) -> String {
    let Story { number, day, ticket, .. } = story;
    match (language, ticket) {
        (Language::Zh, Some(ticket)) => format!("{number}，{day}，票 {ticket}"),
        (Language::En, Some(ticket)) => format!("{number} on {day}, ticket {ticket}"),
        (Language::Zh, None) => format!("{number}，{day}，没有成票"),
        (Language::En, None) => format!("{number} on {day}, no ticket came of it"),
    }
}

/// Where else to look.
pub(super) fn other_days(number: TicketNumber, days: &str, language: Language) -> String {
    match language {
        Language::Zh => format!("{number} 还在这些日子发过：{days}；用 --day 选择"),
        Language::En => format!("There was a {number} on other days too: {days}; choose with --day"),
    }
}

/// What happened in `step`, why, and who did it. `before` are the steps before it.
pub(super) fn of(step: &Step, before: &[Step], language: Language) -> String {
    let (what, who) = (what(step, before, language), who(step, language));
    match language {
        Language::Zh => format!("{what}。{who}"),
        Language::En => format!("{what}. {who}"),
    }
}

fn what(step: &Step, before: &[Step], language: Language) -> String {
    let words = Words { plan: step.plan.as_deref(), language };
    // How long after the last event of some kind; nothing when there was none.
    let since = |sought: fn(&Event) -> bool, zh: &str, en: [&str; 2]| {
        let earlier = before.iter().rev().find(|step| sought(&step.stamped.event));
        earlier.map_or(String::new(), |earlier| {
            let time = words.duration(step.stamped.at.ms_since(began(&earlier.stamped)));
            words.either(format!("{zh}{time}"), format!("{}{time}{}", en[0], en[1]))
        })
    };
    if let Some(said) = replaced(&step.stamped.event, before, &words) {
        return said;
    }
    match &step.stamped.event {
        Event::Issued { check_in: None, .. } => words.taken(&step.stamped),
        Event::Called { window, why, .. } => {
            let (window, why) = (words.window(*window), words.call_reason(why));
            let waited = since(is_issue, "，已等候 ", [" after waiting ", ""]);
            words.either(
                format!("呼叫到{window}{waited}；{why}"),
                format!("Called to {window}{waited}, because {why}"),
            )
        }
        Event::Recalled { window, .. } => {
            let window = words.window(*window);
            let time = since(is_call, "，距上次呼叫 ", [", ", " after the last call"]);
            words.either(format!("重呼到{window}{time}"), format!("Called again to {window}{time}"))
        }
        Event::Started { window, .. } => {
            let window = words.window(*window);
            let time = since(is_call, "，呼叫后 ", [", ", " after the call"]);
            words.either(format!("在{window}开始办理{time}"), format!("Service began at {window}{time}"))
        }
        Event::Finished { window, .. } => {
            let window = words.window(*window);
            let time = since(is_call_or_start, "，用时 ", [" after ", ""]);
            words.either(format!("在{window}办理完成{time}"), format!("Service ended at {window}{time}"))
        }
        Event::Missed { window, .. } => {
            let window = words.window(*window);
            let time = since(is_call, "，末次呼叫后 ", [" within ", " of the last call"]);
            words
                .either(format!("过号：未到{window}{time}"), format!("Missed: nobody came to {window}{time}"))
        }
        Event::Requeued { window, why, .. } => {
            let (window, why) = (words.window(*window), words.requeue_reason(*why));
            words.either(
                format!("从{window}退回队列，保留原次序；{why}"),
                format!("Went back from {window} to its place in the queue, because {why}"),
            )
        }
        Event::Expired { window, why, .. } => {
            let why = words.expiry_reason(*why);
            match window.map(|window| words.window(window)) {
                Some(window) => words.either(
                    format!("作废，当时在{window}；{why}"),
                    format!("Expired while at {window}, because {why}"),
                ),
                None => words.either(
                    format!("作废，尚在等候；{why}"),
                    format!("Expired while waiting, because {why}"),
                ),
            }
        }
        Event::Transferred { window, service, to_window, reason, .. } => {
            let (window, service) = (words.window(*window), words.service(*service));
            let only = to_window.map_or(String::new(), |to| {
                let to = words.window(to);
                words.either(format!("（仅{to}）"), format!(" (at {to} only)"))
            });
            let why = words.given(reason.as_deref());
            words.either(
                format!("从{window}转移到 {service}{only}{why}"),
                format!("Transferred from {window} to {service}{only}{why}"),
            )
        }
        Event::Parked { window, reason, .. } => {
            let (window, why) = (words.window(*window), words.given(reason.as_deref()));
            words.either(format!("在{window}挂起{why}"), format!("Parked at {window}{why}"))
        }
        Event::Unparked { window, .. } => {
            let window = words.window(*window);
            let time = since(is_park, "，挂起 ", [" after ", " aside"]);
            words.either(format!("在{window}恢复办理{time}"), format!("Service went on at {window}{time}"))
        }
        Event::Returned { .. } => words.either("回场，重新等候".into(), "Came back and waits again".into()),
        Event::Cancelled { reason, .. } => {
            let why = words.given(reason.as_deref());
            words.either(format!("取消{why}"), format!("Cancelled{why}"))
        }
        Event::Refused { key, refusal } => {
            let (key, said) = (as_kept(key), refusal.sentence(language));
            words.either(format!("按键 {key} 未执行：{said}"), format!("The key {key} was refused: {said}"))
        }
        other => appointments::what(other, &words)
            .or_else(|| life::what(other, &words))
            .or_else(|| leases::what(other, &words))
            .or_else(|| management::what(other, &words))
            .or_else(|| emergencies::what(other, &words))
            .unwrap_or_else(|| format!("{}: {}", other.name(), as_kept(other))),
    }
}

/// A number that the kiosk printed because it never heard of the one it had asked for.
fn replaced(event: &Event, before: &[Step], words: &Words<'_>) -> Option<String> {
    match event {
        // Told of the ticket it stands for: the printed one has a story of its own.
        Event::Issued { number, instead_of: Some(_), .. }
            if before.iter().any(|step| is_issue(&step.stamped.event)) =>
        {
            Some(words.either(
                format!("取号机为同一人打印了 {number}，代替此号"),
                format!("The kiosk printed {number} for the same citizen, instead of this one"),
            ))
        }
        Event::Cancelled { replaced_by: Some(number), .. } => Some(words.either(
            format!("作废：取号机没有收到此号，已为同一人另打印 {number}"),
            format!("Cancelled: the kiosk never heard of it and printed {number} for the same citizen"),
        )),
        _ => None,
    }
}

/// When what the event tells of happened: a ticket waits since its print.
fn began(stamped: &Stamped) -> HallTime {
    match stamped.event {
        Event::Issued { printed_at: Some(at), .. } => at,
        _ => stamped.at,
    }
}

fn is_printed(event: &Event) -> bool {
    matches!(event, Event::Issued { printed_at: Some(_), .. })
}

fn is_issue(event: &Event) -> bool {
    matches!(event, Event::Issued { .. })
}

fn is_call(event: &Event) -> bool {
    matches!(event, Event::Called { .. } | Event::Recalled { .. })
}

fn is_park(event: &Event) -> bool {
    matches!(event, Event::Parked { .. })
}

fn is_call_or_start(event: &Event) -> bool {
    is_call(event) || matches!(event, Event::Started { .. })
}

fn who(step: &Step, language: Language) -> String {
    let words = Words { plan: step.plan.as_deref(), language };
    let zh = language == Language::Zh;
    let cause = &step.stamped.cause;
    if let Some(press) = cause.press() {
        return match (zh, press.device) {
            (true, Device::Kiosk(kiosk)) => format!("来自取号机 {kiosk}，按键 {press}"),
            (true, Device::Pad(window)) => format!("来自{}叫号器，按键 {press}", words.window(window)),
            (false, Device::Kiosk(kiosk)) => format!("By kiosk {kiosk}, press {press}"),
            (false, Device::Pad(window)) => format!("By the pad of {}, press {press}", words.window(window)),
        };
    }
    if let Cause::Client(client) = cause {
        return if zh { format!("来自接口用户 {client}") } else { format!("By the program {client}") };
    }
    let rule = match cause {
        Cause::Rule(Rule::DayBegan) => Some(("新营业日开始", "a new business day began")),
        Cause::Rule(Rule::Configuration) => Some(("启用新配置", "the configuration was changed")),
        Cause::Rule(Rule::Manager) => Some(("值班经理调度", "the manager moved a window")),
        Cause::Rule(Rule::Balancer) => Some(("窗口调度", "the balancer")),
        Cause::Rule(Rule::AppointmentLapsed) => {
            Some(("预约超时未到", "nobody came for the appointment in time"))
        }
        Cause::Rule(Rule::UnansweredTake) => {
            Some(("取号应答未送达", "the answer of a take did not reach its kiosk"))
        }
        Cause::Rule(Rule::WindowHours) => Some(("窗口办公时间结束", "the window's hours ended")),
        Cause::Rule(Rule::Erasure) => Some(("删除个人信息", "personal data is erased")),
        Cause::Rule(Rule::ArmedNext) | Cause::Press(_) | Cause::Client(_) => None,
    };
    match (zh, rule) {
        (true, Some((rule, _))) => format!("系统规则：{rule}"),
        (false, Some((_, rule))) => format!("By rule: {rule}"),
        (true, None) => format!("来自 {}", as_kept(cause)),
        (false, None) => format!("By {}", as_kept(cause)),
    }
}

/// Names and reasons in one language.
struct Words<'a> {
    plan: Option<&'a Plan>,
    language: Language,
}

impl Words<'_> {
    fn zh(&self) -> bool {
        self.language == Language::Zh
    }

    fn service(&self, id: ServiceId) -> String {
        let name = self.plan.and_then(|plan| plan.service(id)).map(|service| &service.name);
        let name = name.map(|name| if self.zh() { &name.zh } else { &name.en });
        name.filter(|name| !name.is_empty()).cloned().unwrap_or_else(|| id.to_string())
    }

    fn taken(&self, stamped: &Stamped) -> String {
        let Event::Issued { service, class, ahead, instead_of, .. } = &stamped.event else {
            return String::new();
        };
        let (service, class) = (self.service(*service), text::class(*class).within(self.language));
        let (zh, en) = if is_printed(&stamped.event) {
            let ago = self.duration(stamped.at.ms_since(began(stamped)));
            (
                format!("；断线时由取号机打印，{ago}前"),
                format!(", printed {ago} before while the line was down"),
            )
        } else {
            Default::default()
        };
        let (zh, en) = match instead_of {
            Some(ghost) => (
                format!("{zh}；代替取号机没有收到的 {ghost}"),
                format!("{en}, instead of {ghost}, of which the kiosk never heard"),
            ),
            None => (zh, en),
        };
        self.either(
            format!("取号：{service}，类别 {class}，前面 {ahead} 人等候{zh}"),
            format!("Taken for {service}, class {class}, {ahead} waiting before it{en}"),
        )
    }

    fn window(&self, id: WindowId) -> String {
        let label = self.plan.and_then(|plan| plan.window(id)).map_or(id.to_string(), |it| it.label.clone());
        if self.zh() { format!(" {label} 号窗口") } else { format!("window {label}") }
    }

    fn duration(&self, ms: u64) -> String {
        let (minutes, seconds) = (ms / 60_000, ms / 1_000 % 60);
        match (self.zh(), minutes) {
            (true, 0) => format!("{seconds} 秒"),
            (true, _) => format!("{minutes} 分 {seconds} 秒"),
            (false, 0) => format!("{seconds} s"),
            (false, _) => format!("{minutes} min {seconds} s"),
        }
    }

    fn call_reason(&self, why: &CallReason) -> String {
        match why {
            CallReason::Oldest { services } => self.either(
                format!("该窗口有人等候的事项 {services} 项，其中它等得最久"),
                format!("of the window's services {services} had people waiting, and it had waited longest"),
            ),
            CallReason::Priority { class } => {
                let class = as_kept(class);
                self.either(format!("优先类别 {class}"), format!("it is of the priority class {class}"))
            }
            CallReason::Credit { services, .. } => self.either(
                format!("该窗口有人等候的事项 {services} 项，其中它的累积优先值最高"),
                format!("of the window's services {services} had people waiting, and it had the most credit"),
            ),
            CallReason::Target { over_minutes, services } => {
                let target = self.against_target(*over_minutes);
                self.either(
                    format!("该窗口有人等候的事项 {services} 项，按目标、队长和稀缺程度权衡后先叫它（{target}）"),
                    format!(
                    "of {services} services with people waiting it was weighed first, by target, queue and scarcity: {target}"
                ),
                )
            }
            CallReason::Backup { over_minutes } => {
                let target = self.against_target(*over_minutes);
                self.either(format!("备岗事项（{target}）"), format!("by a backup window: {target}"))
            }
            CallReason::Appointment { slot, passing } => appointments::call_reason(*slot, *passing, self),
            CallReason::Armed { .. } => self.either(
                "窗口已预约下一位，来号即呼".into(),
                "the window had asked for whoever would come next".into(),
            ),
            CallReason::Picked { reason } => {
                self.either(format!("选呼，原因：{reason}"), format!("picked by the clerk: {reason}"))
            }
        }
    }

    fn against_target(&self, over_minutes: i32) -> String {
        let minutes = over_minutes.unsigned_abs();
        if over_minutes < 0 {
            return self
                .either(format!("距目标还有 {minutes} 分"), format!("{minutes} min before its target"));
        }
        self.either(format!("超过目标 {minutes} 分"), format!("over its target by {minutes} min"))
    }

    /// A reason somebody gave, if one.
    fn given(&self, reason: Option<&str>) -> String {
        reason.map_or(String::new(), |reason| self.either(format!("，原因：{reason}"), format!(": {reason}")))
    }

    fn requeue_reason(&self, why: RequeueReason) -> String {
        match why {
            RequeueReason::WindowWithdrawn => {
                self.either("该窗口已撤销".into(), "the window is not in the plan any more".into())
            }
            RequeueReason::WindowClosed => self.either("该窗口已关闭".into(), "the window closed".into()),
        }
    }

    fn expiry_reason(&self, why: ExpiryReason) -> String {
        match why {
            ExpiryReason::DayEnded => self.either("营业日结束".into(), "the business day ended".into()),
            ExpiryReason::ServiceWithdrawn => {
                self.either("该事项已撤销".into(), "its service is not in the plan any more".into())
            }
        }
    }

    fn either(&self, zh: String, en: String) -> String {
        if self.zh() { zh } else { en }
    }
}

/// What has no words here, as the journal has it.
fn as_kept(what: &impl Serialize) -> String {
    match serde_json::to_value(what) {
        Ok(serde_json::Value::String(word)) => word,
        Ok(other) => other.to_string(),
        Err(error) => error.to_string(),
    }
}
