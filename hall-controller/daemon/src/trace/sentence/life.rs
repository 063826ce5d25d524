//! The sentences of a ticket's rarer ways and of what happens to windows and to the hall.

use hall_core::command::Erased;
use hall_core::event::{Event, PutBack, SignOffReason};

use super::Words;
use crate::contacts::BY_HAND;
use crate::web::text;

/// What the event says; `None` for kinds told elsewhere.
pub(super) fn what(event: &Event, words: &Words<'_>) -> Option<String> {
    of_a_ticket(event, words).or_else(|| of_a_window(event, words)).or_else(|| of_the_hall(event, words))
}

fn of_a_ticket(event: &Event, words: &Words<'_>) -> Option<String> {
    let said = match event {
        Event::PhoneErased(Erased { by: None, .. }) => words.either(
            "手机号已删除，原因：保存期已满".into(),
            "The phone number was erased: the time for which it is kept is over".into(),
        ),
        Event::PhoneErased(Erased { by: Some(by), reason, .. }) => {
            let reason = if words.zh() && reason == BY_HAND { "手工删除" } else { reason };
            words.either(
                format!("手机号已删除，操作人 {by}，原因：{reason}"),
                format!("The phone number was erased by {by}: {reason}"),
            )
        }
        Event::WalkedIn { service, window, .. } => {
            let (service, window) = (words.service(*service), words.window(*window));
            words.either(
                format!("免取号，在{window}直接办理：{service}"),
                format!("Served at {window} without a ticket, for {service}"),
            )
        }
        Event::Deferred { window, after_calls, .. } => {
            let window = words.window(*window);
            words.either(
                format!("未到{window}，滞后：再呼叫 {after_calls} 个号后重新呼叫"),
                format!(
                    "Nobody came to {window}; called again after {after_calls} more {} of the service",
                    if *after_calls == 1 { "call" } else { "calls" }
                ),
            )
        }
        Event::MatterAdded { window, service, .. } => {
            let (window, service) = (words.window(*window), words.service(*service));
            words.either(format!("在{window}加办 {service}"), format!("{service} was added at {window}"))
        }
        Event::MatterWithdrawn { service, next: Some(next), .. } => {
            let (service, next) = (words.service(*service), words.service(*next));
            words.either(
                format!("大厅方案撤销了 {service}，改为等候 {next}，按取号时间排队"),
                format!("The hall's plan has {service} no more; waits for {next} now, by when it was taken"),
            )
        }
        Event::MatterWithdrawn { service, next: None, .. } => {
            let service = words.service(*service);
            words.either(
                format!("大厅方案撤销了后续事项 {service}：除非恢复，此号不再办理该项"),
                format!("The hall's plan has the further {service} no more: left out unless it comes back"),
            )
        }
        Event::ServiceCorrected { service, in_hand, .. } => {
            let service = words.service(*service);
            let (zh, en) = if *in_hand {
                ("，继续办理", ", and service goes on")
            } else {
                ("，按取号时间等候", ", and waits by when it was taken")
            };
            words.either(format!("事项更正为 {service}{zh}"), format!("Corrected to {service}{en}"))
        }
        Event::ClassConfirmed { class, .. } => {
            let class = text::class(*class).within(words.language);
            words.either(format!("核验为{class}"), format!("Confirmed as {class}"))
        }
        _ => return None,
    };
    Some(said)
}

fn of_a_window(event: &Event, words: &Words<'_>) -> Option<String> {
    let window = words.window(event.window()?);
    let said = match event {
        Event::Allocated { primary, backup, proposal, undone, .. } => {
            let (primary, backup) = (words.services(primary), words.services(backup));
            let (zh, en) = match proposal.filter(|_| *undone) {
                Some(proposal) => {
                    (format!("（撤销建议 {proposal}）"), format!(" (proposal {proposal} is undone)"))
                }
                None => Default::default(),
            };
            words.either(
                format!("{window}办理：{primary}；备岗：{backup}{zh}"),
                format!("{window} serves {primary}; as a backup {backup}{en}"),
            )
        }
        Event::WindowOpened { .. } => words.either(format!("{window}开放"), format!("Opened: {window}")),
        Event::WindowPaused { reason, .. } => {
            let why = words.given(reason.as_deref());
            words.either(format!("{window}暂停{why}"), format!("Paused: {window}{why}"))
        }
        Event::WindowResumed { .. } => words.either(format!("{window}恢复"), format!("Resumed: {window}")),
        Event::WindowClosed { .. } => words.either(format!("{window}关闭"), format!("Closed: {window}")),
        Event::WindowArmed { .. } => words
            .either(format!("{window}待呼，来号即呼"), format!("Armed: {window} calls whoever comes next")),
        Event::WindowDisarmed { .. } => {
            words.either(format!("{window}撤销待呼"), format!("Armed no more: {window}"))
        }
        Event::ClerkSignedOn { clerk, in_place_of, .. } => {
            let (clerk, before) = (words.clerk(*clerk), in_place_of.map(|before| words.clerk(before)));
            let (zh, en) = match before {
                Some(before) => (format!("，接替 {before}"), format!(" in the place of {before}")),
                None => Default::default(),
            };
            words.either(format!("{clerk} 在{window}签到{zh}"), format!("{clerk} signed on at {window}{en}"))
        }
        Event::ClerkSignedOff { clerk, why: SignOffReason::DayEnded, .. } => {
            let clerk = words.clerk(*clerk);
            words.either(
                format!("{clerk} 在{window}未签退，营业日结束，自动签退"),
                format!("{clerk} had not signed off at {window} when the day ended, and was signed off"),
            )
        }
        Event::ClerkSignedOff { clerk, .. } => {
            let clerk = words.clerk(*clerk);
            words.either(format!("{clerk} 在{window}签退"), format!("{clerk} signed off at {window}"))
        }
        _ => return None,
    };
    // The label of a window begins with a space, for the middle of a sentence.
    Some(said.trim_start().to_owned())
}

fn of_the_hall(event: &Event, words: &Words<'_>) -> Option<String> {
    match event {
        Event::PlanAdopted { put_back: Some(from), .. } => {
            let (zh, en) = match from {
                PutBack::Backup => ("由备份恢复", "was put back from a backup"),
                PutBack::Remainder => {
                    ("丢失部分记录，保留完好部分", "lost records, and what is whole was kept")
                }
            };
            Some(words.either(
                format!("日志{zh}：此前最后一条记录之后的情况不明，其间发出的号可能重复"),
                format!(
                    "The journal {en}: what had happened after its last record before this one is not known, and \
                     numbers given meanwhile may be given again"
                ),
            ))
        }
        Event::PlanAdopted { .. } => {
            Some(words.either("启用新的大厅方案".into(), "The hall works by a new plan".into()))
        }
        Event::Reviewed { .. } => Some(words.either("窗口调度评估".into(), "The balancer looked".into())),
        Event::DayBegan { queue_kept: true, .. } => Some(words.either(
            "新营业日开始，队列保留，继续等候".into(),
            "A new business day began; the queue was kept and goes on waiting".into(),
        )),
        Event::DayBegan { .. } => {
            Some(words.either("新营业日开始".into(), "A new business day began".into()))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use hall_core::event::Event;
    use hall_core::refusal::Language;
    use serde_json::{Value, json};

    use super::*;

    /// Events told here as the journal has them, with both sentences.
    fn told_here() -> Vec<(Value, &'static str, &'static str)> {
        let of = |kind: &str, more: Value| {
            let mut event = json!({ "kind": kind, "ticket": 1, "number": "A001" });
            event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            event
        };
        vec![
            (
                of("walked_in", json!({ "service": "tax", "window": "2" })),
                "免取号，在 2 号窗口直接办理：tax",
                "Served at window 2 without a ticket, for tax",
            ),
            (
                of("deferred", json!({ "window": "2", "after_calls": 3 })),
                "未到 2 号窗口，滞后：再呼叫 3 个号后重新呼叫",
                "Nobody came to window 2; called again after 3 more calls of the service",
            ),
            (
                of("matter_added", json!({ "window": "2", "service": "tax" })),
                "在 2 号窗口加办 tax",
                "tax was added at window 2",
            ),
            (
                of("matter_withdrawn", json!({ "service": "tax", "next": "visa" })),
                "大厅方案撤销了 tax，改为等候 visa，按取号时间排队",
                "The hall's plan has tax no more; waits for visa now, by when it was taken",
            ),
            (
                of("matter_withdrawn", json!({ "service": "tax" })),
                "大厅方案撤销了后续事项 tax：除非恢复，此号不再办理该项",
                "The hall's plan has the further tax no more: left out unless it comes back",
            ),
            (
                of("service_corrected", json!({ "window": null, "service": "tax", "in_hand": false })),
                "事项更正为 tax，按取号时间等候",
                "Corrected to tax, and waits by when it was taken",
            ),
            (of("class_confirmed", json!({ "class": "elderly" })), "核验为老年人", "Confirmed as elderly"),
            (
                json!({ "kind": "window_paused", "window": "2", "reason": "用餐" }),
                "2 号窗口暂停，原因：用餐",
                "Paused: window 2: 用餐",
            ),
            (
                json!({ "kind": "window_armed", "window": "2" }),
                "2 号窗口待呼，来号即呼",
                "Armed: window 2 calls whoever comes next",
            ),
            (
                json!({ "kind": "window_disarmed", "window": "2" }),
                "2 号窗口撤销待呼",
                "Armed no more: window 2",
            ),
            (
                json!({ "kind": "clerk_signed_on", "window": "2", "clerk": "1042", "in_place_of": "1043" }),
                "1042 在 2 号窗口签到，接替 1043",
                "1042 signed on at window 2 in the place of 1043",
            ),
            (
                json!({ "kind": "clerk_signed_off", "window": "2", "clerk": "1042" }),
                "1042 在 2 号窗口签退",
                "1042 signed off at window 2",
            ),
            (json!({ "kind": "day_began", "day": 1 }), "新营业日开始", "A new business day began"),
        ]
    }

    #[test]
    fn the_rarer_events_have_sentences_in_both_languages() {
        for (event, zh, en) in told_here() {
            let event: Event = serde_json::from_value(event).unwrap();
            for (language, sentence) in [(Language::Zh, zh), (Language::En, en)] {
                let words = Words { plan: None, language };
                assert_eq!(what(&event, &words).as_deref(), Some(sentence), "{event:?}");
            }
        }
    }

    #[test]
    fn what_is_told_elsewhere_is_not_told_here() {
        let called = json!({ "kind": "recalled", "ticket": 1, "number": "A001", "window": "2" });
        let words = Words { plan: None, language: Language::En };
        assert_eq!(what(&serde_json::from_value(called).unwrap(), &words), None);
    }
}
