//! The button kiosk: requests out, tickets printed once.

use hall_device::kiosk::{Kiosk, Settings};
use hall_device::message::Ignored;
use hall_device::mqtt::Device;
use hall_protocol::id::{DeviceId, HallId};
use hall_protocol::json::{self, DecodeError, Payload, Version};
use hall_protocol::payload::{
    IssuedTicket, KioskAction, KioskOutcome, KioskReply, KioskRequest, Menu, MenuService, Refused,
    WaitMinutes,
};
use hall_protocol::text::Text;

use crate::conversation::Flash;
use crate::kiosk_leases::Fram;

const REPLY: &str = "hall/v1/h/kiosk/K1/reply";

fn encoded(payload: &impl Payload) -> Vec<u8> {
    let mut bytes = vec![0; 9 * 1_024];
    let length = json::encode(payload, &mut bytes).unwrap();
    bytes.truncate(length);
    bytes
}

/// A kiosk with two services.
fn kiosk() -> Kiosk<Flash, Fram> {
    let settings = Settings {
        hall: HallId::new("h").unwrap(),
        kiosk: DeviceId::new("K1").unwrap(),
        utc_offset_minutes: 480,
    };
    let mut kiosk = Kiosk::new(settings, Flash::default(), Fram::default(), 7);
    let service = |id: &str| MenuService {
        service: id.parse().unwrap(),
        zh: Text::new("社会保险"),
        en: Text::new("Social insurance"),
        waiting: 3,
        // So that it leases no numbers.
        open: false,
        why: None,
        until: None,
        opens: None,
        estimate: None,
    };
    let services = [service("social"), service("tax")].into_iter().collect();
    let menu = Menu { v: Version, at_ms: 0, kiosk: DeviceId::new("K1").unwrap(), services };
    kiosk.hear("hall/v1/h/kiosk/K1/menu", &encoded(&menu), 0).unwrap();
    kiosk.look(0, 0);
    kiosk.look(0, 30);
    kiosk
}

fn hold(kiosk: &mut Kiosk<Flash, Fram>, buttons: u16, now_ms: u64) {
    for (pressed, at_ms) in [(buttons, 0), (buttons, 20), (0, 30), (0, 50)] {
        kiosk.look(pressed, now_ms + at_ms);
    }
}

fn published(kiosk: &mut Kiosk<Flash, Fram>, now_ms: u64) -> Option<KioskRequest> {
    let mut buffer = [0; 1_024];
    let publish = kiosk.poll_publish(now_ms, &mut buffer)?;
    assert_eq!(publish.topic.to_string(), "hall/v1/h/kiosk/K1/request");
    assert_eq!(publish.response_topic.to_string(), REPLY);
    Some(json::decode(publish.payload).unwrap())
}

fn reply(seq: u32, outcome: KioskOutcome) -> Vec<u8> {
    encoded(&KioskReply { v: Version, session: Some(7), seq: Some(seq), outcome, why: heapless::Vec::new() })
}

fn ticket() -> KioskOutcome {
    KioskOutcome::Ticket(IssuedTicket {
        appointment: None,
        number: "A012".parse().unwrap(),
        service: "tax".parse().unwrap(),
        zh: Text::new("社会保险"),
        en: Text::new("Social insurance"),
        zone: "Z1".parse().unwrap(),
        issued_at_ms: 1_709_222_400_000,
        ahead: 3,
        estimate: Some(WaitMinutes { from_minutes: 10, to_minutes: 15 }),
    })
}

/// The slip's lines, as a printer with Chinese characters reads them; its commands are looked for as
/// bytes.
fn lines(bytes: &[u8]) -> String {
    assert!(bytes.starts_with(b"\x1b@\x1c&\x1ba\x01"), "begun anew, Chinese, centred");
    assert!(bytes.ends_with(b"\x1bd\x04\x1dV\x01"), "fed and cut");
    let (text, _, broken) = encoding_rs::GB18030.decode(bytes);
    assert!(!broken);
    text.into_owned()
}

#[test]
fn a_button_asks_for_its_service_and_the_ticket_is_printed_once() {
    let mut kiosk = kiosk();
    assert!(!kiosk.is_online());
    kiosk.link(true, 50);
    assert!(kiosk.is_online());
    hold(&mut kiosk, 2, 1_000);
    let request = published(&mut kiosk, 1_050).unwrap();
    assert_eq!((request.session, request.seq, request.age_ms), (7, 1, 30));
    assert!(matches!(&request.request, KioskAction::Take { service, .. } if service.as_str() == "tax"));
    assert_eq!(kiosk.poll_print(), None);
    kiosk.hear(REPLY, &reply(1, ticket()), 1_200).unwrap();
    let receipt = kiosk.poll_print().unwrap();
    let large = b"\x1d!\x22A012\n\x1d!\x00";
    assert!(receipt.bytes().windows(large.len()).any(|bytes| bytes == large));
    let text = lines(receipt.bytes());
    for line in ["社会保险\n", "Social insurance\n", "前面等候 3 人\n", "等候区 Z1\n", "2024-03-01 00:00\n"]
    {
        assert!(text.contains(line), "{line} in {text}");
    }
    assert_eq!(kiosk.hear(REPLY, &reply(1, ticket()), 1_300), Err(Ignored::Late));
    assert_eq!(kiosk.poll_print(), None);
}

#[test]
fn a_button_without_a_service_does_nothing() {
    let mut kiosk = kiosk();
    kiosk.link(true, 50);
    hold(&mut kiosk, 4, 1_000);
    assert_eq!(published(&mut kiosk, 1_050), None);
}

#[test]
fn a_refusal_and_a_missing_answer_are_printed_in_words() {
    let mut kiosk = kiosk();
    kiosk.link(true, 50);
    hold(&mut kiosk, 1, 1_000);
    published(&mut kiosk, 1_050).unwrap();
    let refused =
        Refused {
            code: Text::new("x"), zh: Text::new("今日号已取完😀"), en: Text::new("No numbers")
        };
    kiosk.hear(REPLY, &reply(1, KioskOutcome::Refused(refused)), 1_100).unwrap();
    // Nobody else may ask before this citizen has the slip.
    hold(&mut kiosk, 2, 1_150);
    let text = lines(kiosk.poll_print().unwrap().bytes());
    assert!(text.contains("今日号已取完?\nNo numbers\n"), "{text}");
    assert_eq!(published(&mut kiosk, 1_250), None);

    kiosk.link(false, 2_000);
    hold(&mut kiosk, 1, 2_000);
    kiosk.look(0, 7_019);
    assert_eq!(kiosk.poll_print(), None);
    kiosk.look(0, 7_020);
    assert!(lines(kiosk.poll_print().unwrap().bytes()).contains("暂时无法取号"));
    kiosk.link(true, 7_030);
    assert_eq!(published(&mut kiosk, 7_030), None, "nobody waits for it any more");
}

#[test]
fn a_kiosk_whose_controller_speaks_another_version_is_not_online_until_one_of_its_own_speaks() {
    let mut kiosk = kiosk();
    kiosk.link(true, 50);
    assert!(kiosk.is_online());
    let newer = br#"{"v":2,"at_ms":0,"online":true}"#;
    let topics = ["hall/v1/h/kiosk/K1/menu", REPLY, "hall/v1/h/controller/status"];
    for topic in topics {
        assert_eq!(kiosk.hear(topic, newer, 100), Err(Ignored::Payload(DecodeError::Version(2))), "{topic}");
        assert!(!kiosk.is_online(), "{topic}");
        // A late answer that can be read.
        assert_eq!(kiosk.hear(REPLY, &reply(99, ticket()), 110), Err(Ignored::Late));
        assert!(kiosk.is_online(), "{topic}");
    }
}
