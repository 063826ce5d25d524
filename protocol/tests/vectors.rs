//! The hand-checked examples in `vectors/` are what the code does, byte for byte.
//!
//! `vectors/README.md` says what the fields of those files mean. Random messages are in
//! `bounds.rs`; the sign frames have tests of their own.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use hall_protocol::json::{self, DecodeError, Envelope, Payload};
use hall_protocol::payload::{
    Board, ControllerClaim, ControllerStatus, DayHead, DeviceStatus, EventNotice, Key, KioskReply,
    KioskRequest, Lamp, Menu, Press, WindowMode, WindowReply, WindowState,
};
use hall_protocol::topic::{Direction, EventTopic, Topic, TopicError};
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PayloadVectors {
    payload: String,
    topic: String,
    #[serde(rename = "direction")]
    _direction: String,
    bytes_max: usize,
    valid: Vec<Valid>,
    tolerated: Vec<Valid>,
    invalid: Vec<Invalid>,
}

#[derive(Deserialize)]
struct Valid {
    says: String,
    #[serde(flatten)]
    message: Message,
    means: Value,
}

#[derive(Deserialize)]
struct Invalid {
    says: String,
    #[serde(flatten)]
    message: Message,
    error: String,
    version: Option<u16>,
    session: Option<u32>,
    seq: Option<u32>,
}

#[derive(Deserialize)]
struct Message {
    bytes: Option<String>,
    hex: Option<String>,
    padded_to: Option<usize>,
}

impl Message {
    fn bytes(&self) -> Vec<u8> {
        let mut bytes = match (&self.bytes, &self.hex) {
            (Some(text), None) => text.as_bytes().to_vec(),
            (None, Some(hex)) => (0..hex.len())
                .step_by(2)
                .map(|at| u8::from_str_radix(hex.get(at..at + 2).unwrap(), 16).unwrap())
                .collect(),
            _ => panic!("a vector has either `bytes` or `hex`"),
        };
        if let Some(length) = self.padded_to {
            bytes.resize(length, b' ');
        }
        bytes
    }
}

fn encoded<T: Payload>(payload: &T) -> Vec<u8> {
    let mut buffer = vec![0; T::BYTES_MAX];
    let length = json::encode(payload, &mut buffer).unwrap();
    buffer.truncate(length);
    buffer
}

fn kind(error: &DecodeError) -> &'static str {
    match error {
        DecodeError::TooLong { .. } => "too_long",
        DecodeError::Version(_) => "version",
        DecodeError::Malformed(_) => "malformed",
        DecodeError::Nested => "nested",
    }
}

/// Check a whole file; gives the valid payloads, for the caller to see that none is missing.
fn check<T: Payload + std::fmt::Debug>(file: &str) -> Vec<T> {
    let vectors: PayloadVectors = serde_json::from_str(file).unwrap();
    let name = &vectors.payload;
    assert_eq!(name, T::NAME);
    assert_eq!(vectors.bytes_max, T::BYTES_MAX, "{name}");
    let example = vectors.topic.replace("{kind}", "sign").replace("{id}", "7");
    assert!(Topic::parse(&format!("hall/v1/county/{example}")).is_ok(), "{name}: {example}");

    for Invalid { says, message, error, version, session, seq } in &vectors.invalid {
        let refused = json::decode::<T>(&message.bytes()).expect_err(says);
        assert_eq!(kind(&refused), error, "{name}: {says}");
        if error == "version" {
            let envelope = Envelope::peek(&message.bytes()).expect(says);
            assert_eq!(Some(envelope.v), *version, "{name}: {says}");
            assert_eq!((envelope.session, envelope.seq), (*session, *seq), "{name}: {says}");
        }
    }
    for Valid { says, message, means } in &vectors.tolerated {
        let payload: T = json::decode(&message.bytes()).expect(says);
        assert_eq!(&serde_json::from_slice::<Value>(&encoded(&payload)).unwrap(), means, "{name}: {says}");
    }
    let mut payloads = Vec::new();
    for Valid { says, message, means } in &vectors.valid {
        let payload: T = json::decode(&message.bytes()).expect(says);
        let encoded = String::from_utf8(encoded(&payload)).unwrap();
        assert_eq!(Some(&encoded), message.bytes.as_ref(), "{name}: {says}");
        assert_eq!(&serde_json::from_str::<Value>(&encoded).unwrap(), means, "{name}: {says}");
        payloads.push(payload);
    }
    assert!(!payloads.is_empty() && !vectors.tolerated.is_empty() && !vectors.invalid.is_empty(), "{name}");
    payloads
}

#[test]
fn kiosk_messages_are_as_written() {
    check::<KioskRequest>(include_str!("../vectors/payloads/kiosk_request.json"));
    check::<KioskReply>(include_str!("../vectors/payloads/kiosk_reply.json"));
    check::<Menu>(include_str!("../vectors/payloads/kiosk_menu.json"));
}

#[test]
fn every_key_is_written_down() {
    let presses = check::<Press>(include_str!("../vectors/payloads/press.json"));
    for key in Key::ALL {
        assert!(presses.iter().any(|press| press.key == key), "{key:?}");
    }
}

#[test]
fn the_pad_is_told_each_mode_and_lamp() {
    check::<WindowReply>(include_str!("../vectors/payloads/window_reply.json"));
    let states = check::<WindowState>(include_str!("../vectors/payloads/window_state.json"));
    for mode in [WindowMode::Open, WindowMode::Paused, WindowMode::Closed] {
        assert!(states.iter().any(|state| state.mode == mode), "{mode:?}");
    }
    assert!(states.iter().any(|state| state.why.is_some()));
    for lamp in [Lamp::Off, Lamp::Green, Lamp::Red, Lamp::Amber] {
        assert!(states.iter().any(|state| state.lamp == lamp), "{lamp:?}");
    }
}

#[test]
fn boards_and_statuses_are_as_written() {
    check::<Board>(include_str!("../vectors/payloads/zone_board.json"));
    check::<DeviceStatus>(include_str!("../vectors/payloads/device_status.json"));
    check::<ControllerStatus>(include_str!("../vectors/payloads/controller_status.json"));
    check::<ControllerClaim>(include_str!("../vectors/payloads/controller_claim.json"));
    check::<DayHead>(include_str!("../vectors/payloads/controller_head.json"));
}

#[test]
fn a_call_tells_integrators_why() {
    let notices = check::<EventNotice>(include_str!("../vectors/payloads/event_notice.json"));
    assert!(notices.iter().any(|notice| notice.why.is_some()));
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TopicVectors {
    valid: Vec<ValidTopic>,
    invalid: Vec<InvalidTopic>,
}

#[derive(Deserialize)]
struct ValidTopic {
    topic: String,
    direction: String,
    says: String,
}

#[derive(Deserialize)]
struct InvalidTopic {
    topic: String,
    error: String,
    says: String,
}

#[test]
fn topics_are_as_written() {
    let vectors: TopicVectors = serde_json::from_str(include_str!("../vectors/topics.json")).unwrap();
    for ValidTopic { topic, direction, says } in &vectors.valid {
        let parsed = Topic::parse(topic).expect(says);
        assert_eq!(&parsed.to_string(), topic, "{says}");
        let spoken = match parsed.channel.direction() {
            Direction::Up => "up",
            Direction::Down => "down",
        };
        assert_eq!(spoken, direction, "{topic}: {says}");
    }
    for InvalidTopic { topic, error, says } in &vectors.invalid {
        let kind = match Topic::parse(topic).expect_err(says) {
            TopicError::Root => "root",
            TopicError::Version => "version",
            TopicError::Id(_) => "id",
            TopicError::Channel => "channel",
        };
        assert_eq!(kind, error, "{topic}: {says}");
    }
    for event in EventTopic::ALL {
        let ending = format!("/event/{}", event.as_str());
        assert!(vectors.valid.iter().any(|valid| valid.topic.ends_with(&ending)), "{ending}");
    }
}
