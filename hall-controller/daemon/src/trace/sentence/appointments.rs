//! The sentences of appointments: booked, changed, cancelled, kept and not kept.

use hall_core::appointment::SlotTime;
use hall_core::event::{CheckIn, Event, UnbookReason};
use hall_protocol::appointment::DayMinute;

use super::Words;
use crate::clock::date_of;

/// What the event says; `None` for kinds told elsewhere.
pub(super) fn what(event: &Event, words: &Words<'_>) -> Option<String> {
    let said = match event {
        Event::Booked { appointment, service, slot } => {
            let (service, when) = (words.service(*service), when(*slot));
            words.either(
                format!("预约 {appointment}：{service}，{when}"),
                format!("Booked as {appointment}: {service}, {when}"),
            )
        }
        Event::Rebooked { appointment, service, slot } => {
            let (service, when) = (words.service(*service), when(*slot));
            words.either(
                format!("预约 {appointment} 改为：{service}，{when}"),
                format!("The booking {appointment} was changed to {service}, {when}"),
            )
        }
        Event::Unbooked { appointment, service, why } => {
            let service = words.service(*service);
            let (zh, en) = match why {
                UnbookReason::Asked => ("", ""),
                UnbookReason::ServiceWithdrawn => {
                    ("；该事项已撤销", ", because its service is not in the plan any more")
                }
            };
            words.either(
                format!("预约 {appointment}（{service}）取消{zh}"),
                format!("The booking {appointment} for {service} was cancelled{en}"),
            )
        }
        Event::Released { appointment, service, slot } => {
            let (service, when) = (words.service(*service), when(*slot));
            words.either(
                format!("预约 {appointment}（{service}，{when}）无人签到，已释放"),
                format!("Nobody checked in for {appointment} ({service}, {when}): released"),
            )
        }
        Event::Issued { service, ahead, check_in: Some(CheckIn { appointment, slot, .. }), .. } => {
            let service = words.service(*service);
            let many = if *ahead == 1 { "appointment" } else { "appointments" };
            words.either(
                format!("预约签到：{appointment}，{service}，预约 {slot}，前面 {ahead} 个预约"),
                format!(
                    "Checked in for {appointment}: {service}, appointment {slot}, {ahead} {many} before it"
                ),
            )
        }
        _ => return None,
    };
    Some(said)
}

/// Why a ticket of an appointment is called.
pub(super) fn call_reason(slot: DayMinute, passing: bool, words: &Words<'_>) -> String {
    let (zh, en) =
        if passing { ("，先于等得更久的号", ", before those who wait longer") } else { ("", "") };
    words.either(format!("预约 {slot}{zh}"), format!("of its appointment at {slot}{en}"))
}

fn when(slot: SlotTime) -> String {
    format!("{} {}", date_of(slot.day), slot.minute)
}

#[cfg(test)]
mod tests {
    use hall_core::refusal::Language;
    use serde_json::json;

    use super::*;

    #[test]
    fn appointments_have_sentences_in_both_languages() {
        let slot = json!({ "day": 20_514, "minute": "10:00", "at": 0 });
        let of = |kind: &str| json!({ "kind": kind, "appointment": "yy-1", "service": "tax", "slot": slot });
        let unbooked =
            |why: &str| json!({ "kind": "unbooked", "appointment": "yy-1", "service": "tax", "why": why });
        let check_in = json!({ "appointment": "yy-1", "slot": "10:00", "standing": 0 });
        for (event, zh, en) in [
            (of("booked"), "预约 yy-1：tax，2026-03-02 10:00", "Booked as yy-1: tax, 2026-03-02 10:00"),
            (
                of("rebooked"),
                "预约 yy-1 改为：tax，2026-03-02 10:00",
                "The booking yy-1 was changed to tax, 2026-03-02 10:00",
            ),
            (unbooked("asked"), "预约 yy-1（tax）取消", "The booking yy-1 for tax was cancelled"),
            (
                unbooked("service_withdrawn"),
                "预约 yy-1（tax）取消；该事项已撤销",
                "The booking yy-1 for tax was cancelled, because its service is not in the plan any more",
            ),
            (
                of("released"),
                "预约 yy-1（tax，2026-03-02 10:00）无人签到，已释放",
                "Nobody checked in for yy-1 (tax, 2026-03-02 10:00): released",
            ),
            (
                json!({ "kind": "issued", "ticket": 1, "number": "B001", "service": "tax", "kiosk": "K1",
                    "class": "appointment", "ahead": 2, "check_in": check_in }),
                "预约签到：yy-1，tax，预约 10:00，前面 2 个预约",
                "Checked in for yy-1: tax, appointment 10:00, 2 appointments before it",
            ),
        ] {
            let event: Event = serde_json::from_value(event).unwrap();
            for (language, sentence) in [(Language::Zh, zh), (Language::En, en)] {
                let words = Words { plan: None, language };
                assert_eq!(what(&event, &words).as_deref(), Some(sentence), "{event:?}");
            }
        }
    }

    #[test]
    fn a_call_says_for_which_appointment() {
        let (ten, [zh, en]) = ("10:00".parse().unwrap(), [Language::Zh, Language::En]);
        let words = |language| Words { plan: None, language };
        assert_eq!(call_reason(ten, false, &words(zh)), "预约 10:00");
        assert_eq!(call_reason(ten, true, &words(zh)), "预约 10:00，先于等得更久的号");
        assert_eq!(
            call_reason(ten, true, &words(en)),
            "of its appointment at 10:00, before those who wait longer"
        );
    }
}
