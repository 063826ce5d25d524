//! What a message from the broker asks, or why it is refused. No I/O.
//!
//! Topics and payloads are parsed here, once; behind this line everything is typed.

use hall_core::command::Command;
use hall_core::event::{Device, PressId};
use hall_core::plan::Name;
use hall_core::wire;
use hall_protocol::id::{DeviceId, HallId};
use hall_protocol::json::{self, DecodeError, Envelope, VERSION};
use hall_protocol::payload::{DeviceStatus, KioskRequest, Press, Refused};
use hall_protocol::topic::{Channel, DeviceKind, Direction, Topic, TopicError};
use serde::de::DeserializeOwned;

use crate::mqtt::link::{Destination, ResponseTopic};
use crate::web::malformed;
use crate::web::text::WRONG_CODE;

/// A message as the link hands it over.
#[derive(Debug, Clone, Copy)]
pub struct Message<'a> {
    /// Where it was published, or why that is no topic of ours.
    pub topic: Result<Topic, TopicError>,
    /// As published.
    pub payload: &'a [u8],
    /// Whether its sender wanted the broker to keep it.
    pub retained: bool,
    /// Where the device wants its reply.
    pub response_topic: Option<&'a str>,
}

/// What a message asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Inbound {
    /// A press to decide and answer.
    Press {
        /// For the core.
        command: Command,
        /// Which press.
        press: PressId,
        /// Where to answer.
        reply_to: Destination,
    },
    /// A device came or went.
    Status(DeviceKind, DeviceId, DeviceStatus),
}

/// Why a message is refused before the core sees it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// Not a topic of the grammar.
    #[error("topic refused: {0}")]
    Topic(TopicError),
    /// Another hall's topic.
    #[error("topic of hall {0}, which is not this one")]
    OtherHall(HallId),
    /// A topic only the controller speaks on.
    #[error("only the controller publishes on this topic")]
    Direction,
    /// A request kept by the broker from earlier: stale or forged.
    #[error("a request must not be retained")]
    Retained,
    /// The code of a check-in is none.
    #[error("{}", WRONG_CODE.en)]
    WrongCode,
    /// The payload is not what is asked for: which field, its value, what is allowed.
    #[error("{}", .0.en)]
    Malformed(Box<Name>),
    /// The payload.
    #[error("{0}")]
    Payload(DecodeError),
}

impl Rejection {
    /// Why these bytes are no `T`. A device's parser names no field; one that has room for words does.
    fn of<T: DeserializeOwned>(payload: &[u8], error: DecodeError) -> Self {
        match (&error, serde_json::from_slice::<T>(payload)) {
            (DecodeError::Malformed(_), Err(why)) => {
                Self::Malformed(Box::new(malformed::body(payload, &why)))
            }
            _ => Self::Payload(error),
        }
    }

    /// The stable code, counted and told to the device.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Topic(_) => "wrong_topic",
            Self::OtherHall(_) => "other_hall",
            Self::Direction => "wrong_direction",
            Self::Retained => "retained",
            Self::WrongCode => "wrong_code",
            Self::Payload(DecodeError::Version(_)) => "unknown_version",
            Self::Payload(DecodeError::TooLong { .. }) => "too_long",
            Self::Malformed(_) | Self::Payload(DecodeError::Malformed(_) | DecodeError::Nested) => {
                "malformed"
            }
        }
    }

    /// What the device is told.
    pub fn refused(&self) -> Refused {
        let zh = match self {
            Self::Payload(DecodeError::Version(theirs)) => {
                format!("设备消息版本 {theirs} 不受支持，请升级设备（控制器版本 {VERSION}）")
            }
            Self::Retained => "请求不得设为保留消息，请检查设备设置".into(),
            Self::WrongCode => WRONG_CODE.zh.into(),
            Self::Malformed(why) => why.zh.clone(),
            _ => "无法识别设备消息，请联系技术人员".into(),
        };
        Refused { code: self.code().into(), zh: zh.as_str().into(), en: self.to_string().as_str().into() }
    }
}

/// A refused request that still deserves an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unanswerable {
    /// Why.
    pub why: Rejection,
    /// Whose reply topic, if the topic named a device.
    pub reply: Option<(Device, Destination)>,
    /// Session and sequence, as far as they could be read.
    pub envelope: Option<Envelope>,
}

/// Parse a message for `hall`.
pub fn parse(hall: HallId, message: Message<'_>) -> Result<Inbound, Unanswerable> {
    let bare = |why| Unanswerable { why, reply: None, envelope: None };
    let topic = message.topic.map_err(|error| bare(Rejection::Topic(error)))?;
    if topic.hall != hall {
        return Err(bare(Rejection::OtherHall(topic.hall)));
    }
    if topic.channel.direction() == Direction::Down {
        return Err(bare(Rejection::Direction));
    }
    let device = match topic.channel {
        Channel::KioskRequest(id) => Device::Kiosk(id),
        Channel::WindowPress(id) => Device::Pad(id),
        Channel::DeviceStatus(kind, id) => {
            let status = json::decode(message.payload)
                .map_err(|error| bare(Rejection::of::<DeviceStatus>(message.payload, error)))?;
            return Ok(Inbound::Status(kind, id, status));
        }
        _ => return Err(bare(Rejection::Direction)),
    };
    let reply_to = reply_topic(hall, device, message.response_topic);
    let refuse = |why| Unanswerable {
        why,
        reply: Some((device, reply_to.clone())),
        envelope: Envelope::peek(message.payload).ok(),
    };
    if message.retained {
        return Err(refuse(Rejection::Retained));
    }
    let (press, command) = match device {
        Device::Kiosk(kiosk) => {
            let asked = json::decode(message.payload).map_err(|error| {
                let code = json::wrong_code(message.payload).map(|_| Rejection::WrongCode);
                refuse(code.unwrap_or_else(|| Rejection::of::<KioskRequest>(message.payload, error)))
            });
            wire::requested(kiosk, asked?)
        }
        Device::Pad(window) => {
            let asked = json::decode(message.payload)
                .map_err(|error| refuse(Rejection::of::<Press>(message.payload, error)));
            wire::pressed(window, asked?)
        }
    };
    Ok(Inbound::Press { command, press, reply_to })
}

/// The device's own reply topic, or the one it asked for if it may.
///
/// The controller may publish everywhere in its hall and must not be talked into it: below
/// `hall/` a device gets replies only at or below its own reply topic.
fn reply_topic(hall: HallId, device: Device, asked: Option<&str>) -> Destination {
    let channel = match device {
        Device::Kiosk(id) => Channel::KioskReply(id),
        Device::Pad(id) => Channel::WindowReply(id),
    };
    let own = Topic::new(hall, channel);
    let below_own =
        |asked: &str| asked.strip_prefix(&own.to_string()).is_some_and(|rest| rest.starts_with('/'));
    asked
        .filter(|asked| !asked.starts_with("hall/") || below_own(asked))
        .and_then(ResponseTopic::new)
        .map_or(Destination::Ours(own), Destination::Asked)
}

#[cfg(test)]
mod tests {
    use hall_core::command::{Printed, UnansweredTake};
    use hall_core::time::BusinessDay;
    use hall_protocol::payload::{Class, Grade, Key};
    use proptest::prelude::*;

    use super::*;

    fn hall() -> HallId {
        "county".parse().unwrap()
    }

    fn message<'a>(topic: &'a str, payload: &'a [u8]) -> Message<'a> {
        Message { topic: Topic::parse(topic), payload, retained: false, response_topic: None }
    }

    #[test]
    fn a_kiosk_request_becomes_a_command_and_its_reply_goes_home() {
        let body = br#"{"v":1,"session":7,"seq":1,"age_ms":5,"request":{"take":{"service":"tax"}}}"#;
        let press = PressId { device: Device::Kiosk("K1".parse().unwrap()), session: 7, seq: 1 };
        assert_eq!(
            parse(hall(), message("hall/v1/county/kiosk/K1/request", body)),
            Ok(Inbound::Press {
                command: Command::Take {
                    press,
                    age_ms: 5,
                    service: "tax".parse().unwrap(),
                    class: Class::Ordinary,
                    also: Vec::new(),
                },
                press,
                reply_to: Destination::Ours(Topic::parse("hall/v1/county/kiosk/K1/reply").unwrap()),
            })
        );
    }

    #[test]
    fn a_press_becomes_a_command() {
        let body = br#"{"v":1,"session":9,"seq":4,"age_ms":0,"key":"pause","reason":"\u5348\u9910"}"#;
        let Ok(Inbound::Press { command: Command::Key { key, reason, press, .. }, .. }) =
            parse(hall(), message("hall/v1/county/window/7/press", body))
        else {
            panic!("not a key press")
        };
        assert_eq!((key, reason.as_deref()), (Key::Pause, Some("午餐")));
        assert_eq!(press.to_string(), "window/7/00000009/4");
    }

    #[test]
    fn what_a_key_needs_beside_itself_comes_with_it() {
        let body = br#"{"v":1,"session":9,"seq":4,"age_ms":0,"key":"transfer","number":"A031",
            "to_service":"tax","to_window":"3"}"#;
        let Ok(Inbound::Press { command: Command::Key { key, details, .. }, .. }) =
            parse(hall(), message("hall/v1/county/window/7/press", body))
        else {
            panic!("not a key press")
        };
        assert_eq!(key, Key::Transfer);
        assert_eq!(details.number, "A031".parse().ok());
        assert_eq!((details.to_service, details.to_window), ("tax".parse().ok(), "3".parse().ok()));
        let body = br#"{"v":1,"session":7,"seq":1,"age_ms":5,"request":{"return":{"number":"A009"}}}"#;
        let asked = parse(hall(), message("hall/v1/county/kiosk/K1/request", body));
        assert!(matches!(asked, Ok(Inbound::Press { command: Command::Return { number, .. }, .. })
            if number == "A009".parse().unwrap()));
    }

    #[test]
    fn a_code_typed_at_a_kiosk_is_a_check_in() {
        let body = br#"{"v":1,"session":7,"seq":1,"age_ms":5,"request":{"check_in":{"code":"YY-1"}}}"#;
        let asked = parse(hall(), message("hall/v1/county/kiosk/K1/request", body));
        assert!(matches!(asked, Ok(Inbound::Press { command: Command::CheckIn { code, age_ms: 5, .. }, .. })
            if code == "yy-1".parse().unwrap()));
    }

    #[test]
    fn a_lease_its_end_and_a_hand_in_become_commands() {
        let topic = "hall/v1/county/kiosk/K1/request";
        let asked = |request: &str| {
            let body = format!(r#"{{"v":1,"session":7,"seq":1,"age_ms":5,"request":{request}}}"#);
            match parse(hall(), message(topic, body.as_bytes())) {
                Ok(Inbound::Press { command, .. }) => command,
                other => panic!("{other:?}"),
            }
        };
        let press = PressId { device: Device::Kiosk("K1".parse().unwrap()), session: 7, seq: 1 };
        let (age_ms, day) = (5, BusinessDay::from_days(20_514));
        let service = "tax".parse().unwrap();
        assert_eq!(
            asked(r#"{"lease":{"service":"tax","count":20}}"#),
            Command::Lease { press, age_ms, service, count: 20_u16.try_into().unwrap() }
        );
        let first = "B980".parse().unwrap();
        assert_eq!(
            asked(r#"{"end_lease":{"day":20514,"first":"B980","unused":3}}"#),
            Command::EndLease { press, age_ms, day, first, unused: 3 }
        );
        let ticket = Printed {
            number: first,
            age_ms: 90_000,
            class: Class::Elderly,
            also: Vec::new(),
            unanswered: None,
        };
        assert_eq!(
            asked(
                r#"{"hand_in":{"day":20514,"tickets":[{"number":"B980","age_ms":90000,"class":"elderly"}]}}"#
            ),
            Command::HandIn { press, age_ms, day, tickets: vec![ticket.clone()] }
        );
        let also = vec!["social".parse().unwrap(), "property".parse().unwrap()];
        let ticket = Printed { also, unanswered: Some(UnansweredTake { session: 7, seq: 4 }), ..ticket };
        assert_eq!(
            asked(
                r#"{"hand_in":{"day":20514,"tickets":[{"number":"B980","age_ms":90000,"class":"elderly","also":["social","property"]}],
                "unanswered":[{"number":"B980","session":7,"seq":4},{"number":"B981","session":7,"seq":3}]}}"#
            ),
            Command::HandIn { press, age_ms, day, tickets: vec![ticket] }
        );
    }

    #[test]
    fn further_matters_a_grade_and_a_class_come_with_what_is_asked() {
        let body = br#"{"v":1,"session":7,"seq":1,"age_ms":5,"request":{"take":{"service":"tax",
            "also":["social","property"]}}}"#;
        let asked = parse(hall(), message("hall/v1/county/kiosk/K1/request", body));
        assert!(matches!(asked, Ok(Inbound::Press { command: Command::Take { also, .. }, .. })
            if also == ["social", "property"].map(|id| id.parse().unwrap())));
        let body = br#"{"v":1,"session":9,"seq":4,"age_ms":0,"key":"evaluate","grade":"satisfied",
            "class":"elderly"}"#;
        let asked = parse(hall(), message("hall/v1/county/window/7/press", body));
        assert!(matches!(asked, Ok(Inbound::Press { command: Command::Key { details, .. }, .. })
            if details.grade == Some(Grade::Satisfied) && details.class == Some(Class::Elderly)));
    }

    #[test]
    fn what_cannot_be_a_request_says_why_and_to_whom() {
        let good = br#"{"v":1,"session":7,"seq":3,"age_ms":0,"key":"next"}"#;
        let press = "hall/v1/county/window/7/press";
        for (topic, payload, retained, code, answered) in [
            ("office/lamp", &good[..], false, "wrong_topic", false),
            ("hall/v1/county/window/7/presses", good, false, "wrong_topic", false),
            ("hall/v1/city/window/7/press", good, false, "other_hall", false),
            ("hall/v1/county/window/7/state", good, false, "wrong_direction", false),
            (press, good, true, "retained", true),
            (press, b"{", false, "malformed", true),
            (press, b"\xff\xfe\x00", false, "malformed", true),
            (press, br#"{"v":2,"session":7,"seq":3}"#, false, "unknown_version", true),
            (press, &[b' '; 2_000], false, "too_long", true),
            (press, br#"{"v":1,"session":7,"seq":3,"age_ms":0,"key":"jump"}"#, false, "malformed", true),
        ] {
            let refused = parse(hall(), Message { retained, ..message(topic, payload) }).unwrap_err();
            assert_eq!((refused.why.code(), refused.reply.is_some()), (code, answered), "{topic}");
        }
        let version = parse(hall(), message(press, br#"{"v":2,"session":7,"seq":3}"#)).unwrap_err();
        assert_eq!(version.envelope, Some(Envelope { v: 2, session: Some(7), seq: Some(3) }));
    }

    #[test]
    fn a_malformed_message_is_told_which_field_its_value_and_what_is_allowed() {
        let tickets = r#"{"number":"A997","age_ms":1},"#.repeat(11);
        let tickets = tickets.trim_end_matches(',');
        let hand_in = format!(
            r#"{{"v":1,"session":7,"seq":1,"age_ms":0,"request":{{"hand_in":{{"day":20514,"tickets":[{tickets}]}}}}}}"#
        );
        for (device, body, zh, en) in [
            (
                "kiosk/K1/request",
                r#"{"v":1,"session":7,"seq":1,"age_ms":0,"request":{"take":{"service":"tax","class":"vip"}}}"#,
                "class 没有 vip 这个值，可用 ordinary、",
                "class: there is no value vip; use ordinary, ",
            ),
            (
                "window/7/press",
                r#"{"v":1,"session":7,"seq":1,"key":"next"}"#,
                "缺少 age_ms",
                "age_ms is missing",
            ),
            (
                "window/7/press",
                r#"{"v":1,"session":7,"seq":1,"age_ms":0,"key":"pick","number":"a005","reason":"x"}"#,
                "number 的值 \"a005\" 不合要求",
                "a005",
            ),
            (
                "window/7/press",
                r#"{"v":1,"session":7,"seq":1,"age_ms":0,"key":"jump"}"#,
                "key 没有 jump 这个值，可用 next、",
                "key: there is no value jump; use next, ",
            ),
            (
                "kiosk/K1/request",
                r#"{"v":1,"session":7,"seq":1,"age_ms":0,"request":{"lease":{"service":"tax","count":0}}}"#,
                "count 的值 0 不合要求，须为 1 至 65535 的整数",
                "count is 0; write a whole number from 1 to 65535",
            ),
            ("kiosk/K1/request", &hand_in, "tickets 的值", "11"),
        ] {
            let topic = format!("hall/v1/county/{device}");
            let refused = parse(hall(), message(&topic, body.as_bytes())).unwrap_err().why.refused();
            assert_eq!(&*refused.code, "malformed");
            assert!(refused.zh.contains(zh), "{zh} is not in {}", refused.zh);
            assert!(refused.en.contains(en), "{en} is not in {}", refused.en);
        }
    }

    #[test]
    fn a_phone_number_typed_for_a_code_is_refused_in_the_words_of_the_web_kiosk() {
        let topic = "hall/v1/county/kiosk/K1/request";
        let typed = |code: &str| {
            let body = format!(
                r#"{{"v":1,"session":7,"seq":1,"age_ms":5,"request":{{"check_in":{{"code":"{code}"}}}}}}"#
            );
            parse(hall(), message(topic, body.as_bytes())).unwrap_err()
        };
        for code in ["13800138000", "预约1", ""] {
            let refused = typed(code);
            assert_eq!(refused.envelope.and_then(|envelope| envelope.seq), Some(1));
            let Refused { code, zh, en } = refused.why.refused();
            assert_eq!((&*code, &*zh, &*en), ("wrong_code", WRONG_CODE.zh, WRONG_CODE.en));
        }
    }

    #[test]
    fn no_device_talks_the_controller_into_anothers_topic() {
        let device = Device::Kiosk("K1".parse().unwrap());
        let own = "hall/v1/county/kiosk/K1/reply";
        for (asked, given) in [
            (None, own),
            (Some(own), own),
            (Some("hall/v1/county/kiosk/K1/reply/42"), "hall/v1/county/kiosk/K1/reply/42"),
            (Some("inbox/42"), "inbox/42"),
            (Some("hall/v1/county/window/7/state"), own),
            (Some("hall/v1/county/kiosk/K1/replying"), own),
            (Some("$SYS/x"), own),
            (Some("inbox/#"), own),
            (Some(""), own),
        ] {
            assert_eq!(reply_topic(hall(), device, asked).to_string(), given);
        }
    }

    proptest! {
        #[test]
        fn no_message_panics(topic in "(hall/v1/county/(kiosk|window)/[A-Z0-9]{1,3}/(request|press|status)|\\PC{0,40})", payload in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = parse(hall(), message(&topic, &payload));
        }
    }
}
