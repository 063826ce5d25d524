//! The sentences of what the manager and the balancer do.

use hall_core::event::{AcceptedPart, Effect, Event, LapseReason, Managed, Proposal, Range};
use hall_core::plan::{Balance, Routing};

use super::Words;

/// What the event says; `None` for kinds told elsewhere.
pub(super) fn what(event: &Event, words: &Words<'_>) -> Option<String> {
    let said = match event {
        Event::Managed(Managed::Proposed { proposal }) => proposed(proposal, words),
        Event::Managed(Managed::ProposalAccepted { proposal, part: None }) => {
            words.either(format!("建议 {proposal} 已采纳"), format!("Proposal {proposal} was accepted"))
        }
        Event::Managed(Managed::ProposalAccepted { proposal, part: Some(part) }) => {
            let AcceptedPart { windows, reason, .. } = part;
            let labels: Vec<_> = windows.iter().map(|window| words.window(*window)).collect();
            words.either(
                format!("建议 {proposal} 部分采纳：{}；其余未采纳，原因：{reason}", labels.join("、")),
                format!(
                    "Proposal {proposal} was accepted in part: {}; the rest was not: {reason}",
                    labels.join(", ")
                ),
            )
        }
        Event::Managed(Managed::ProposalRejected { proposal, reason }) => words.either(
            format!("建议 {proposal} 未采纳，原因：{reason}"),
            format!("Proposal {proposal} was rejected: {reason}"),
        ),
        Event::Managed(Managed::ProposalLapsed { proposal, why }) => {
            let (zh, en) = match why {
                LapseReason::TimeOver => ("逾时未答复", "nobody answered it in time"),
                LapseReason::Overtaken => ("情况已变", "the hall had changed"),
                LapseReason::TurnedOff => ("窗口调度已关闭", "the balancer was turned off"),
            };
            words.either(format!("建议 {proposal} 失效：{zh}"), format!("Proposal {proposal} lapsed: {en}"))
        }
        Event::Managed(Managed::ProposalAssessed { proposal, service, expected, seen_s, tickets }) => {
            let (service, range, seen) = (words.service(*service), minutes(*expected), seen_s.div_ceil(60));
            words.either(
                format!("建议 {proposal} 的效果：{service} 预计等候 {range} 分钟，实际平均 {seen} 分钟（{tickets} 人）"),
                format!(
                    "What came of proposal {proposal}: for {service} {range} min were expected, and {tickets} \
                     citizens waited {seen} min on average"
                ),
            )
        }
        Event::Managed(Managed::BalanceSet { balance }) => {
            let (zh, en) = match balance {
                Balance::Off => ("关闭", "off"),
                Balance::Advise => ("建议", "advise"),
                Balance::Auto => ("自动", "auto"),
            };
            words.either(format!("窗口调度设为：{zh}"), format!("The balancer was set to {en}"))
        }
        Event::Managed(Managed::RoutingSet { group, routing }) => {
            let (zh, en) = match routing {
                Routing::Fcfs => ("先到先办", "fcfs"),
                Routing::Priority => ("优先配额", "priority"),
                Routing::Accumulating => ("累积优先", "accumulating"),
                Routing::ServiceLevel => ("服务目标", "service_level"),
            };
            match group {
                Some(group) => words.either(
                    format!("事项组 {group} 的叫号规则设为：{zh}"),
                    format!("The group {group} is called by {en}"),
                ),
                None => words.either(format!("叫号规则设为：{zh}"), format!("The hall is called by {en}")),
            }
        }
        Event::Managed(Managed::IssuingStopped { service }) => {
            let service = words.service(*service);
            words.either(format!("{service} 今日停止取号"), format!("No more numbers of {service} today"))
        }
        Event::Managed(Managed::IssuingResumed { service }) => {
            let service = words.service(*service);
            words.either(format!("{service} 恢复取号"), format!("Numbers of {service} are given again"))
        }
        Event::Managed(Managed::WindowPinned { window }) => {
            let window = words.window(*window);
            words.either(format!("锁定{window}"), format!("Pinned: {window}"))
        }
        Event::Managed(Managed::WindowUnpinned { window }) => {
            let window = words.window(*window);
            words.either(format!("解除锁定{window}"), format!("No longer pinned: {window}"))
        }
        _ => return None,
    };
    Some(said)
}

fn proposed(proposal: &Proposal, words: &Words<'_>) -> String {
    let id = proposal.id;
    let Some(plan) = words.plan else {
        return words.either(format!("建议 {id}"), format!("Proposal {id}"));
    };
    let (what, why) = (proposal.what(plan, words.language), proposal.why(plan, words.language));
    let effect = proposal.effects.first().map_or(String::new(), |Effect { service, before, after }| {
        let (service, before, after) = (words.service(*service), minutes(*before), minutes(*after));
        words.either(
            format!("；{service} 等候 {before} → {after} 分钟"),
            format!("; the wait for {service} {before} -> {after} min"),
        )
    });
    words.either(
        format!("建议 {id}：{what}；{why}{effect}"),
        format!("Proposal {id}: {what}; because: {why}{effect}"),
    )
}

/// Such as `8 (5–12)`.
fn minutes(range: Range) -> String {
    if range.is_cut() {
        return format!("> {}", Range::CUT_S / 60);
    }
    let [low, mean, high] = [range.low_s, range.mean_s, range.high_s].map(|seconds| seconds.div_ceil(60));
    format!("{mean} ({low}–{high})")
}

#[cfg(test)]
mod tests {
    use hall_core::refusal::Language;
    use serde_json::json;

    use super::*;

    #[test]
    fn what_the_manager_does_has_sentences_in_both_languages() {
        let expected = json!({ "low_s": 60, "mean_s": 300, "high_s": 600 });
        for (event, zh, en) in [
            (
                json!({ "kind": "managed", "what": "proposal_accepted", "proposal": 3 }),
                "建议 3 已采纳",
                "Proposal 3 was accepted",
            ),
            (
                json!({ "kind": "managed", "what": "proposal_rejected", "proposal": 3, "reason": "不便" }),
                "建议 3 未采纳，原因：不便",
                "Proposal 3 was rejected: 不便",
            ),
            (
                json!({ "kind": "managed", "what": "proposal_lapsed", "proposal": 3, "why": "time_over" }),
                "建议 3 失效：逾时未答复",
                "Proposal 3 lapsed: nobody answered it in time",
            ),
            (
                json!({ "kind": "managed", "what": "proposal_assessed", "proposal": 3, "service": "tax", "expected": expected,
                    "seen_s": 241, "tickets": 7 }),
                "建议 3 的效果：tax 预计等候 5 (1–10) 分钟，实际平均 5 分钟（7 人）",
                "What came of proposal 3: for tax 5 (1–10) min were expected, and 7 citizens waited 5 min on average",
            ),
            (
                json!({ "kind": "managed", "what": "balance_set", "balance": "advise" }),
                "窗口调度设为：建议",
                "The balancer was set to advise",
            ),
            (
                json!({ "kind": "managed", "what": "routing_set", "group": "tax", "routing": "fcfs" }),
                "事项组 tax 的叫号规则设为：先到先办",
                "The group tax is called by fcfs",
            ),
            (
                json!({ "kind": "managed", "what": "window_pinned", "window": "7" }),
                "锁定 7 号窗口",
                "Pinned: window 7",
            ),
        ] {
            let event: Event = serde_json::from_value(event).unwrap();
            for (language, sentence) in [(Language::Zh, zh), (Language::En, en)] {
                assert_eq!(
                    what(&event, &Words { plan: None, language }).as_deref(),
                    Some(sentence),
                    "{event:?}"
                );
            }
        }
    }
}
