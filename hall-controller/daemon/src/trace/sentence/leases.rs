//! The sentences of leased numbers, printed by kiosks while the line is down.

use hall_core::answer::{HandedIn, LeftOut};
use hall_core::event::{Event, HandIn, LeaseEnd};

use super::Words;
use crate::web::text;

/// What a ticket that came into the queue is not given.
fn without(ticket: &HandedIn, words: &Words<'_>) -> Option<String> {
    let LeftOut { class, also } = ticket.left_out.as_ref()?;
    let class = class.map(|class| {
        let name = text::class(class).within(words.language);
        words.either(format!("优先类别“{name}”"), format!("the class {name}"))
    });
    let also = also.iter().map(|service| words.service(*service));
    let all: Vec<String> = class.into_iter().chain(also).collect();
    let number = ticket.number;
    Some(words.either(format!("{number}（{}）", all.join("、")), format!("{number} ({})", all.join(", "))))
}

/// What the event says; `None` for kinds told elsewhere.
pub(super) fn what(event: &Event, words: &Words<'_>) -> Option<String> {
    let said = match event {
        Event::NumbersLeased { kiosk, service, first, count } => {
            let service = words.service(*service);
            words.either(
                format!("租给取号机 {kiosk} 断线备用：{first} 起 {count} 个号，{service}"),
                format!(
                    "Leased to kiosk {kiosk} for when the line is down: {count} numbers from {first}, for {service}"
                ),
            )
        }
        Event::HandedIn(HandIn { kiosk, taken, refused, left_out, .. }) => {
            let why = |HandedIn { number, refused, waits_as, .. }: &HandedIn| {
                let why = refused.as_ref().map(|refusal| refusal.sentence(words.plan, words.language));
                let waits = waits_as.map(|given| {
                    words.either(
                        format!("；同一位群众的 {given} 仍在排队"),
                        format!("; {given}, given to the same citizen, still waits"),
                    )
                });
                format!("{number} ({}{})", why.unwrap_or_default(), waits.unwrap_or_default())
            };
            let kept_out: Vec<String> = refused.iter().map(why).collect();
            let (zh, en) = if kept_out.is_empty() {
                Default::default()
            } else {
                (format!("，未入队：{}", kept_out.join("、")), format!(", but not {}", kept_out.join(", ")))
            };
            let parts: Vec<String> = left_out.iter().filter_map(|ticket| without(ticket, words)).collect();
            let (less_zh, less_en) = if parts.is_empty() {
                Default::default()
            } else {
                let (zh, en) = (parts.join("、"), parts.join(", "));
                (
                    format!("；取号机无权给予：{zh}"),
                    format!("; what the kiosk may not give is left out: {en}"),
                )
            };
            words.either(
                format!("取号机 {kiosk} 交回断线时打印的号，入队 {taken} 个{zh}{less_zh}"),
                format!(
                    "Kiosk {kiosk} handed in what it had printed: {taken} came into the queue{en}{less_en}"
                ),
            )
        }
        Event::LeaseEnded { kiosk, first, count, handed_in, returned, written_off, why, .. } => {
            let (zh, en) = match why {
                LeaseEnd::Returned => ("取号机交回".into(), "the kiosk gave it back".into()),
                LeaseEnd::DayEnded => ("营业日结束".into(), "the business day ended".into()),
                LeaseEnd::Withdrawn => (
                    "取号机或事项已撤销".into(),
                    "the kiosk or the service is not in the plan any more".into(),
                ),
                LeaseEnd::WrittenOff { by, reason } => {
                    (format!("{by} 核销，原因：{reason}"), format!("{by} wrote it off: {reason}"))
                }
            };
            words.either(
                format!(
                    "取号机 {kiosk} 的号段结束（{zh}）：{first} 起 {count} 个号，成票 {handed_in}，未用交回 \
                     {returned}，核销 {written_off}"
                ),
                format!(
                    "The lease of kiosk {kiosk} ended, because {en}: of {count} numbers from {first} {handed_in} \
                     became tickets, {returned} came back unused, {written_off} are written off"
                ),
            )
        }
        _ => return None,
    };
    Some(said)
}

#[cfg(test)]
mod tests {
    use hall_core::refusal::Language;
    use serde_json::json;

    use super::*;

    #[test]
    fn what_a_kiosk_may_not_give_is_told_with_the_number() {
        let left_out = json!({ "class": "elderly", "also": ["visa", "tax"] });
        let event = json!({
            "kind": "handed_in", "kiosk": "K1", "day": 1, "taken": 2,
            "left_out": [{ "number": "A996", "left_out": left_out }],
        });
        let event: Event = serde_json::from_value(event).unwrap();
        for (language, sentence) in [
            (
                Language::Zh,
                "取号机 K1 交回断线时打印的号，入队 2 个；取号机无权给予：A996（优先类别“老年人”、visa、tax）",
            ),
            (
                Language::En,
                "Kiosk K1 handed in what it had printed: 2 came into the queue; what the kiosk may not give is left \
                 out: A996 (the class elderly, visa, tax)",
            ),
        ] {
            let words = Words { plan: None, language };
            assert_eq!(what(&event, &words).as_deref(), Some(sentence));
        }
    }
}
