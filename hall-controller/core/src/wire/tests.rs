//! What a kiosk's menu and its replies say of opening hours and quotas.

use hall_protocol::payload::Class;
use serde_json::{Value, json};

use super::{kiosk_reply, menu};
use crate::Hall;
use crate::answer::{Answer, HandedIn, LeftOut};
use crate::command::Command;
use crate::event::{Device, PressId};
use crate::plan::Plan;
use crate::refusal::Refusal;
use crate::time::{BusinessDay, HallTime, Now};
use crate::view::HallView;

/// Monday, 2026-03-02, at this minute of a hall in UTC.
fn at(minute: u16) -> Now {
    let at = HallTime::from_unix_ms(20_514 * 86_400_000 + i64::from(minute) * 60_000);
    Now { at, day: BusinessDay::from_days(20_514), minute }
}

/// Open from 09:00 to 17:00; of `tax` one number a morning.
fn hall() -> Hall {
    let name = json!({ "zh": "事项", "en": "Service" });
    let service = |id: &str, prefix: &str, limits: Value| {
        json!({
            "id": id, "name": name, "prefix": prefix, "digits": false, "zone": "A", "hours": [],
            "limits": limits, "target_minutes": 15
        })
    };
    let plan: Plan = serde_json::from_value(json!({
        "hall": "county", "name": name, "zones": [{ "id": "A", "name": name }],
        "services": [
            service("social", "A", json!({ "last_ticket_minutes": 30 })),
            service("tax", "B", json!({ "morning_quota": 1 })),
        ],
        "windows": [{ "id": "1", "label": "1", "services": ["social", "tax"] }],
        "kiosks": [{ "id": "K1", "services": ["social", "tax"] }],
        "calendar": { "hours": [{ "from_minute": 540, "until_minute": 1020 }] },
        "policy": {}
    }))
    .unwrap();
    let mut hall = Hall::new("county".parse().unwrap());
    let adopted = hall.decide(&Command::AdoptPlan(Box::new(plan)), at(0)).unwrap();
    adopted.events.iter().for_each(|event| hall.apply(event));
    hall
}

fn take(hall: &mut Hall, seq: u32, now: Now) -> Answer {
    let press = PressId { device: Device::Kiosk("K1".parse().unwrap()), session: 1, seq };
    let service = "tax".parse().unwrap();
    let take = Command::Take { press, age_ms: 0, service, class: Class::Ordinary, also: Vec::new() };
    let decision = hall.decide(&take, now).unwrap();
    decision.events.iter().for_each(|event| hall.apply(event));
    decision.answer.unwrap()
}

/// The menu as it is sent, one entry for each service: open, why, until, opens.
fn offered(hall: &Hall, now: Now) -> Value {
    let view = HallView::of(hall, 1);
    let menu = serde_json::to_value(menu(&view.plan.kiosks()[0], &view, now)).unwrap();
    let entry =
        |service: &Value| json!([service["open"], service["why"], service["until"], service["opens"]]);
    menu["services"].as_array().unwrap().iter().map(entry).collect()
}

#[test]
fn a_menu_says_until_when_or_why_not_and_when_again() {
    let mut hall = hall();
    let closed = |opens: &str| json!([false, "outside_hours", null, opens]);
    let open = |until: &str| json!([true, null, until, null]);
    let early = closed("2026-03-02T09:00");
    assert_eq!(offered(&hall, at(539)), json!([early, early]));
    assert_eq!(offered(&hall, at(540)), json!([open("2026-03-02T16:30"), open("2026-03-02T17:00")]));
    take(&mut hall, 1, at(541));
    let used = json!([false, "quota_used_up", null, "2026-03-02T12:00"]);
    assert_eq!(offered(&hall, at(542)), json!([open("2026-03-02T16:30"), used]));
    assert_eq!(offered(&hall, at(720)), json!([open("2026-03-02T16:30"), open("2026-03-02T17:00")]));
    let late = closed("2026-03-03T09:00");
    assert_eq!(offered(&hall, at(1_000)), json!([late, open("2026-03-02T17:00")]));
    assert_eq!(offered(&hall, at(1_020)), json!([late, late]));
}

#[test]
fn a_kiosk_that_is_refused_is_told_why_and_when_to_come_in_both_languages() {
    let mut hall = hall();
    take(&mut hall, 1, at(541));
    let answer = take(&mut hall, 2, at(542));
    let told = serde_json::to_value(kiosk_reply(hall.plan(), Some(7), Some(2), Ok(&answer))).unwrap();
    assert_eq!(
        told["outcome"]["refused"],
        json!({
            "code": "quota_used_up",
            "zh": "该事项今日上午限额已满，请于今天12:00再来",
            "en": "No more tickets of this service this morning; come back today at 12:00"
        })
    );
}

#[test]
fn a_kiosk_is_told_in_both_languages_why_tickets_it_hands_in_do_not_come_in() {
    let hall = hall();
    let number = |nth: u16| format!("AB{nth}").parse().unwrap();
    let ticket =
        |nth: u16, refused| HandedIn { number: number(nth), refused, waits_as: None, left_out: None };
    let over = |nth| ticket(nth, Some(Refusal::LeaseOver { number: number(nth) }));
    let tickets = vec![
        ticket(9_990, None),
        over(9_991),
        ticket(9_992, Some(Refusal::ForeignLease { number: number(9_992) })),
        over(9_993),
        ticket(9_994, Some(Refusal::NotLeased { number: number(9_994) })),
    ];
    let rest = (9_995..10_000).map(|nth| ticket(nth, Some(Refusal::ForeignLease { number: number(nth) })));
    let answer = Answer::HandedIn { tickets: tickets.into_iter().chain(rest).collect() };
    let reply = kiosk_reply(hall.plan(), Some(u32::MAX), Some(u32::MAX), Ok(&answer));
    let told = serde_json::to_value(&reply).unwrap();
    assert_eq!(told["outcome"]["handed_in"][3], json!({ "number": "AB9993", "refused": "lease_over" }));
    let said = |code: &str, zh: &str, en: &str| json!({ "code": code, "zh": zh, "en": en });
    assert_eq!(
        told["why"],
        json!([
            said(
                "lease_over",
                "AB9991 所在号段已收回，请重新取号",
                "The lease of AB9991 is over; take a new ticket"
            ),
            said("foreign_lease", "AB9992 属于另一台取号机的号段", "AB9992 was leased to another kiosk"),
            said("not_leased", "AB9994 今日未租给任何取号机", "AB9994 was leased to no kiosk today"),
        ])
    );
    let bytes = serde_json::to_vec(&reply).unwrap().len();
    assert!(bytes <= 1_024, "{bytes}: a kiosk of before has no room for more");
    let why = |ticket| {
        let taken = Answer::HandedIn { tickets: vec![ticket] };
        let reply = serde_json::to_value(kiosk_reply(hall.plan(), None, None, Ok(&taken))).unwrap();
        assert_eq!(reply["outcome"]["handed_in"][0]["refused"], json!(null));
        reply.get("why").cloned()
    };
    assert_eq!(why(ticket(9_990, None)), None);
    // It is in the queue, for less than its paper says.
    let left_out = Some(LeftOut { class: Some(Class::Elderly), also: vec!["visa".parse().unwrap()] });
    let told = why(HandedIn { left_out, ..ticket(9_990, None) }).unwrap();
    let codes: Vec<_> = told.as_array().unwrap().iter().map(|why| why["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["class_not_granted", "unknown_service"]);
}
