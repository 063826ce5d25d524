//! The sentences of a ticket's story, in Chinese and English.
//!
//! Kinds of events that have no words here yet are shown as the journal has them, so that no part of a
//! story is ever missing.

mod appointments;
mod calls;
mod emergencies;
mod leases;
mod life;
mod management;
mod service;
mod who;

use hall_core::event::{Errand, Evaluation, Event, ExpiryReason, RequeueReason, Stamped};
use hall_core::plan::Plan;
use hall_core::refusal::Language;
use hall_core::time::HallTime;
use hall_protocol::id::{ClerkId, ServiceId, WindowId};
use hall_protocol::number::TicketNumber;
use hall_protocol::payload::Key;
use jiff::tz::TimeZone;
use serde::Serialize;

use super::{Step, Story};
use crate::hall_zone;
use crate::web::{pad, text};

/// Whose story it is, and whose clock it is told by.
pub(super) fn heading(story: &Story, zone: &TimeZone, language: Language) -> String {
    let Story { number, day, kept, ticket, .. } = story;
    let zone = hall_zone::name(zone);
    let (zh, en) = match kept.last() {
        Some(last) => (format!("，保留至 {last}"), format!(", kept until {last}")),
        None => Default::default(),
    };
    match (language, ticket) {
        (Language::Zh, Some(ticket)) => format!("{number}，{day}{zh}，票 {ticket}（{zone} 时间）"),
        (Language::En, Some(ticket)) => format!("{number} on {day}{en}, ticket {ticket} (times of {zone})"),
        (Language::Zh, None) => format!("{number}，{day}，没有成票（{zone} 时间）"),
        (Language::En, None) => format!("{number} on {day}, no ticket came of it (times of {zone})"),
    }
}

/// Where else to look.
pub(super) fn other_days(number: TicketNumber, days: &str, language: Language) -> String {
    match language {
        Language::Zh => format!("{number} 还在这些日子发过：{days}；用 --day 选择"),
        Language::En => format!("The number {number} was given on other days too: {days}; choose with --day"),
    }
}

/// What happened in `step`, why, and who did it. `before` are the steps before it.
pub(super) fn of(step: &Step, before: &[Step], language: Language) -> String {
    let words = Words { plan: step.plan.as_deref(), language };
    let (what, who) = (what(step, before, &words), who::who(&step.stamped, &words));
    match language {
        Language::Zh => format!("{what}。{who}"),
        Language::En => format!("{what}. {who}"),
    }
}

fn what(step: &Step, before: &[Step], words: &Words<'_>) -> String {
    // How long after the last event of some kind; nothing when there was none.
    let since = |sought: fn(&Event) -> bool, zh: &str, en: [&str; 2]| {
        let earlier = before.iter().rev().find(|step| sought(&step.stamped.event));
        earlier.map_or(String::new(), |earlier| {
            let time = words.duration(step.stamped.at.ms_since(began(&earlier.stamped)));
            words.either(format!("{zh}{time}"), format!("{}{time}{}", en[0], en[1]))
        })
    };
    if let Some(said) = replaced(&step.stamped.event, before, words) {
        return said;
    }
    match &step.stamped.event {
        Event::Issued { check_in: None, .. } => words.taken(&step.stamped),
        Event::Called { window, why, .. } => {
            let sent = service::is_sent_to(*window, before);
            let (window, why) = (words.window(*window), calls::reason(why, sent, words));
            let (zh, en) = service::named(before, words, ["办理 ", " for "]);
            let waited = since(is_queued, "，已等候 ", [" after waiting ", ""]);
            let (once_zh, once_en) = service::once_more(before);
            words.either(
                format!("{once_zh}呼叫到{window}{zh}{waited}；{why}"),
                format!("Called{once_en} to {window}{en}{waited}, because {why}"),
            )
        }
        Event::ServiceCorrected { service, .. } if service::is_after_deferral(before) => {
            let service = words.service(*service);
            words.either(
                format!("事项更正为 {service}，滞后结束，按取号时间等候"),
                format!("Corrected to {service}; the deferral is over, and it waits by when it was taken"),
            )
        }
        Event::Recalled { window, .. } => {
            let window = words.window(*window);
            let time = since(is_call, "，距上次呼叫 ", [", ", " after the last call"]);
            words.either(format!("重呼到{window}{time}"), format!("Called again to {window}{time}"))
        }
        Event::Started { window, .. } => {
            let window = words.window(*window);
            let (zh, en) = service::named(before, words, [" ", " for "]);
            let time = since(is_call, "，呼叫后 ", [", ", " after the call"]);
            words.either(
                format!("在{window}开始办理{zh}{time}"),
                format!("Service{en} began at {window}{time}"),
            )
        }
        Event::Finished { window, outcome, reason, .. } => {
            let window = words.window(*window);
            let (zh, en) = service::named(before, words, [" ", " for "]);
            let time = since(is_call_or_start, "，用时 ", [" after ", ""]);
            let came = service::outcome(*outcome, reason.as_deref(), words);
            words.either(
                format!("在{window}办理完成{zh}{time}{came}"),
                format!("Service{en} ended at {window}{time}{came}"),
            )
        }
        Event::MatterFinished { window, next, outcome, reason, .. } => {
            let (window, next) = (words.window(*window), words.service(*next));
            let (zh, en) = service::named(before, words, ["：", " for "]);
            let time = since(is_call_or_start, "，用时 ", [" after ", ""]);
            let came = service::outcome(*outcome, reason.as_deref(), words);
            words.either(
                format!("在{window}办完一项{zh}{time}{came}；继续等候 {next}"),
                format!("One service{en} ended at {window}{time}{came}; waits for {next} now"),
            )
        }
        Event::Missed { window, .. } => {
            let window = words.window(*window);
            let time = since(is_call, "，末次呼叫后 ", [" within ", " of the last call"]);
            words
                .either(format!("过号：未到{window}{time}"), format!("Missed: nobody came to {window}{time}"))
        }
        Event::Unparked { window, .. } => {
            let window = words.window(*window);
            let time = since(is_park, "，挂起 ", [" after ", " aside"]);
            words.either(format!("在{window}恢复办理{time}"), format!("Service went on at {window}{time}"))
        }
        Event::Evaluated(Evaluation { window, service, grade, reason, .. }) => {
            let (window, grade) = (words.window(*window), text::grade(*grade).within(words.language));
            let ((zh, en), why) = (service::served_by(before, words), words.given(reason.as_deref()));
            let service = service.map(|service| words.service(service));
            let (of, what) = service.map_or(("服务".into(), String::new()), |service| {
                (format!("“{service}”服务"), format!("{service} "))
            });
            words.either(
                format!("评价{window}{zh}的{of}：{grade}{why}"),
                format!("The {what}service{en} at {window} was graded: {grade}{why}"),
            )
        }
        Event::Refused { key, errand, refusal, .. } => {
            words.refused(*key, *errand, &refusal.sentence(words.plan, words.language))
        }
        other => another_way(other, words)
            .or_else(|| appointments::what(other, words))
            .or_else(|| life::what(other, words))
            .or_else(|| leases::what(other, words))
            .or_else(|| management::what(other, words))
            .or_else(|| emergencies::what(other, words))
            .unwrap_or_else(|| format!("{}: {}", other.name(), as_kept(other))),
    }
}

/// Back into a queue, to another one, aside, or out of all.
fn another_way(event: &Event, words: &Words<'_>) -> Option<String> {
    Some(match event {
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
        Event::Returned { .. } => words.either("回场，重新等候".into(), "Came back and waits again".into()),
        Event::Cancelled { reason, .. } => {
            let why = words.given(reason.as_deref());
            words.either(format!("取消{why}"), format!("Cancelled{why}"))
        }
        _ => return None,
    })
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

fn is_queued(event: &Event) -> bool {
    is_issue(event) || matches!(event, Event::MatterFinished { .. })
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

    fn services(&self, ids: &[ServiceId]) -> String {
        let names: Vec<String> = ids.iter().map(|id| self.service(*id)).collect();
        names.join(if self.zh() { "、" } else { ", " })
    }

    /// Such as `1001 (Wang Fang)`.
    fn clerk(&self, id: ClerkId) -> String {
        let name = self.plan.and_then(|plan| plan.clerk(id)).map(|clerk| &clerk.name);
        let name = name.map(|name| if self.zh() { &name.zh } else { &name.en });
        match name.filter(|name| !name.is_empty()) {
            Some(name) => self.either(format!("{id}（{name}）"), format!("{id} ({name})")),
            None => id.to_string(),
        }
    }

    fn taken(&self, stamped: &Stamped) -> String {
        let Event::Issued { service, class, ahead, also, claimed, instead_of, .. } = &stamped.event else {
            return String::new();
        };
        let mut said = self.either(
            format!("取号：{}", self.service(*service)),
            format!("Taken for {}", self.service(*service)),
        );
        if !also.is_empty() {
            let also = self.services(also);
            said += &self.either(format!("，之后依次办理 {also}"), format!(", then for {also}"));
        }
        let class = text::class(*class).within(self.language);
        said += &self.either(format!("，类别 {class}"), format!(", class {class}"));
        if let Some(claimed) = claimed {
            let claimed = text::class(*claimed).within(self.language);
            said += &self.either(
                format!("（所选 {claimed}，待核验）"),
                format!(" ({claimed} claimed, to be confirmed)"),
            );
        }
        said += &self.either(format!("，前面 {ahead} 人等候"), format!(", {ahead} waiting before it"));
        if is_printed(&stamped.event) {
            let ago = self.duration(stamped.at.ms_since(began(stamped)));
            said += &self.either(
                format!("；断线时由取号机打印，{ago}前"),
                format!(", printed {ago} before while the line was down"),
            );
        }
        if let Some(ghost) = instead_of {
            said += &self.either(
                format!("；代替取号机没有收到的 {ghost}"),
                format!(", instead of {ghost}, of which the kiosk never heard"),
            );
        }
        said
    }

    /// What was asked and not done, by a key or at a kiosk, and `said` why.
    fn refused(&self, key: Option<Key>, errand: Option<Errand>, said: &str) -> String {
        if let Some(key) = key {
            let key = pad::phrase(key).in_language(self.language);
            return self
                .either(format!("按键“{key}”未执行：{said}"), format!("The key {key} was refused: {said}"));
        }
        let (zh, en) = match errand {
            Some(Errand::Take) => ("取号", "to take a ticket"),
            Some(Errand::CheckIn) => ("预约签到", "to check in"),
            Some(Errand::Return) => ("回场", "to wait again"),
            Some(Errand::Cancel) => ("取消", "to cancel"),
            Some(Errand::Lease) => ("租用断线备用号", "for numbers to print by itself"),
            Some(Errand::HandIn) => ("交回断线时打印的号", "to hand in what it had printed"),
            Some(Errand::EndLease) => ("退还断线备用号", "to give leased numbers back"),
            None => {
                return self.either(
                    format!("在取号机的操作未执行：{said}"),
                    format!("What was asked at the kiosk was refused: {said}"),
                );
            }
        };
        self.either(
            format!("在取号机“{zh}”未执行：{said}"),
            format!("The kiosk asked {en} and was refused: {said}"),
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
            RequeueReason::DayEnded => self.either(
                "营业日结束时尚未办结，队列保留到次日".into(),
                "the business day ended before it was done, and the queue is kept for the next".into(),
            ),
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
