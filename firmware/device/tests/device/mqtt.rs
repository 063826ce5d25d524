//! The link to the broker, byte by byte: what is said is what the standard wants, and whatever comes,
//! in whatever pieces, the device hears each message once.

use hall_device::message::{Ignored, Publish};
use hall_device::mqtt::{Client, Device, Login, Over};
use hall_protocol::id::{HallId, WindowId};
use hall_protocol::json::Version;
use hall_protocol::payload::DeviceStatus;
use hall_protocol::text::Text;
use hall_protocol::topic::{Channel, DeviceKind, Topic};
use proptest::prelude::*;

const IN: usize = 256;

type Link = Client<'static, IN, 1_536>;

const CONNACK: &[u8] = b"\x20\x03\x00\x00\x00";
const SUBACK: &[u8] = b"\x90\x06\x00\x01\x00\x01\x01\x01";

/// A device that writes down what it hears.
#[derive(Debug, Default)]
struct Ear {
    heard: Vec<(String, Vec<u8>)>,
    links: Vec<bool>,
    to_say: Option<&'static [u8]>,
}

fn topic(channel: Channel) -> Topic {
    Topic::new(HallId::new("h").unwrap(), channel)
}

fn window() -> WindowId {
    WindowId::new("3").unwrap()
}

impl Device for Ear {
    fn subscriptions(&self) -> [Topic; 3] {
        [Channel::WindowState(window()), Channel::WindowReply(window()), Channel::ControllerStatus].map(topic)
    }

    fn status_topic(&self) -> Topic {
        topic(Channel::DeviceStatus(DeviceKind::Window, "3".parse().unwrap()))
    }

    fn status(&self, online: bool, firmware: &str) -> DeviceStatus {
        DeviceStatus { v: Version, online, session: 7, firmware: Text::new(firmware) }
    }

    fn link(&mut self, up: bool, _: u64) {
        self.links.push(up);
    }

    fn hear(&mut self, topic: &str, payload: &[u8], _: u64) -> Result<(), Ignored> {
        self.heard.push((topic.to_owned(), payload.to_vec()));
        Ok(())
    }

    fn poll_publish<'a>(&mut self, _: u64, buffer: &'a mut [u8]) -> Option<Publish<'a>> {
        let payload = self.to_say.take()?;
        buffer[..payload.len()].copy_from_slice(payload);
        Some(Publish {
            topic: topic(Channel::WindowPress(window())),
            response_topic: topic(Channel::WindowReply(window())),
            correlation: *b"\0\0\0\x07\0\0\0\x01",
            payload: &buffer[..payload.len()],
        })
    }
}

fn taken(link: &mut Link) -> Vec<u8> {
    let bytes = link.outgoing().to_vec();
    link.sent(bytes.len());
    bytes
}

/// A link that is up, and has said so.
fn up(credentials: Option<(&'static str, &'static str)>) -> (Link, Ear, [Vec<u8>; 3]) {
    let mut link = Link::new(Login { firmware: "f", credentials });
    let mut ear = Ear::default();
    assert!(link.wants_connection(0));
    link.connected(&ear, 10);
    let greeting = taken(&mut link);
    link.receive(CONNACK, &mut ear, 20).unwrap();
    let subscriptions = taken(&mut link);
    link.receive(SUBACK, &mut ear, 30).unwrap();
    let status = taken(&mut link);
    assert_eq!(ear.links, [true]);
    (link, ear, [greeting, subscriptions, status])
}

fn joined(parts: &[&[u8]]) -> Vec<u8> {
    parts.concat()
}

#[test]
fn a_connection_begins_with_a_will_three_subscriptions_and_a_retained_status() {
    let (_, _, [greeting, subscriptions, status]) = up(Some(("u", "p")));
    let offline = br#"{"v":1,"online":false,"session":7,"firmware":"f"}"#;
    let wanted = joined(&[
        b"\x10\x72\x00\x04MQTT\x05",
        // User, password, the will retained and at least once, clean start; 5 s; receive maximum 8, 256 bytes.
        b"\xEE\x00\x05\x08\x21\x00\x08\x27\x00\x00\x01\x00",
        b"\x00\x08window-3",
        b"\x00\x00\x19hall/v1/h/window/3/status\x00\x31",
        offline,
        b"\x00\x01u\x00\x01p",
    ]);
    assert_eq!(text(&greeting), text(&wanted));
    let wanted = joined(&[
        b"\x82\x57\x00\x01\x00",
        b"\x00\x18hall/v1/h/window/3/state\x05",
        b"\x00\x18hall/v1/h/window/3/reply\x05",
        b"\x00\x1bhall/v1/h/controller/status\x05",
    ]);
    assert_eq!(text(&subscriptions), text(&wanted));
    let online = br#"{"v":1,"online":true,"session":7,"firmware":"f"}"#;
    assert_eq!(
        text(&status),
        text(&joined(&[b"\x33\x4e\x00\x19hall/v1/h/window/3/status\x00\x02\x00", online]))
    );
}

/// So that a difference can be read.
fn text(bytes: &[u8]) -> String {
    bytes.escape_ascii().to_string()
}

#[test]
fn a_question_says_how_long_it_lives_and_where_its_answer_goes_and_the_next_waits_for_its_acknowledgement() {
    let (mut link, mut ear, _) = up(None);
    ear.to_say = Some(b"{1}");
    link.pass_time(&mut ear, 40).unwrap();
    let wanted = joined(&[
        b"\x32\x4b\x00\x18hall/v1/h/window/3/press\x00\x03",
        b"\x2b\x02\x00\x00\x00\x05\x08\x00\x18hall/v1/h/window/3/reply\x09\x00\x08\0\0\0\x07\0\0\0\x01{1}",
    ]);
    assert_eq!(text(&taken(&mut link)), text(&wanted));
    ear.to_say = Some(b"{2}");
    link.pass_time(&mut ear, 50).unwrap();
    assert_eq!(taken(&mut link), b"");
    // Nobody heard it (reason 0x10), which is no failure of the link.
    link.receive(b"\x40\x03\x00\x03\x10", &mut ear, 60).unwrap();
    link.pass_time(&mut ear, 60).unwrap();
    assert!(taken(&mut link).ends_with(b"{2}"));
}

#[test]
fn a_message_is_acknowledged_and_may_come_in_any_pieces() {
    let bytes = joined(&[
        // Retained, with a property.
        b"\x33\x0d\x00\x03a/b\x00\x09\x02\x0b\x01{}1",
        b"\x30\x07\x00\x03a/b\x00!",
        b"\xd0\x00",
        b"\x32\x09\x00\x03c/d\x00\x0a\x00?",
    ]);
    for piece in 1..bytes.len() {
        let (mut link, mut ear, _) = up(None);
        for part in bytes.chunks(piece) {
            link.receive(part, &mut ear, 40).unwrap();
        }
        let heard = ["a/b", "a/b", "c/d"].map(str::to_owned);
        assert_eq!(ear.heard.iter().map(|(topic, _)| topic.clone()).collect::<Vec<_>>(), heard, "{piece}");
        assert_eq!(ear.heard[2].1, b"?");
        assert_eq!(taken(&mut link), b"\x40\x02\x00\x09\x40\x02\x00\x0a");
    }
}

#[test]
fn a_silent_broker_is_asked_for_a_sign_of_life_and_given_up_and_called_again_after_a_second() {
    let (mut link, mut ear, _) = up(None);
    link.pass_time(&mut ear, 2_009).unwrap();
    assert_eq!(taken(&mut link), b"");
    link.pass_time(&mut ear, 2_010).unwrap();
    assert_eq!(taken(&mut link), b"\xc0\x00");
    link.receive(b"\xd0\x00", &mut ear, 2_020).unwrap();
    link.pass_time(&mut ear, 7_019).unwrap();
    assert_eq!(link.pass_time(&mut ear, 7_020), Err(Over::Silent));
    link.closed(&mut ear, 7_020);
    assert_eq!(ear.links, [true, false]);
    assert!(!link.wants_connection(8_019));
    assert!(link.wants_connection(8_020) && !link.wants_connection(8_021), "once");
    // Nobody takes the call.
    assert_eq!(link.pass_time(&mut ear, 13_020), Err(Over::Silent));
    link.closed(&mut ear, 13_020);
    link.closed(&mut ear, 20_000);
    assert!(link.wants_connection(14_020));
    link.connected(&ear, 14_100);
    assert_eq!(link.outgoing()[0], 0x10, "all of it anew");
}

#[test]
fn what_a_device_cannot_go_on_with_ends_its_connection() {
    // Not authorised, in each of the places where a broker can say so.
    let mut link = Link::new(Login { firmware: "f", credentials: None });
    let mut ear = Ear::default();
    link.wants_connection(0);
    link.connected(&ear, 0);
    assert_eq!(link.receive(b"\x20\x03\x00\x87\x00", &mut ear, 1), Err(Over::Broker(0x87)));
    link.closed(&mut ear, 1);
    link.wants_connection(2_000);
    link.connected(&ear, 2_000);
    link.receive(CONNACK, &mut ear, 2_001).unwrap();
    assert_eq!(link.receive(b"\x90\x06\x00\x01\x00\x01\x87\x01", &mut ear, 2_002), Err(Over::Broker(0x87)));
    let (mut link, mut ear, _) = up(None);
    assert_eq!(link.receive(b"\xe0\x01\x8e", &mut ear, 40), Err(Over::Broker(0x8E)), "taken over");
    let (mut link, mut ear, _) = up(None);
    assert_eq!(link.receive(b"\xe0\x00", &mut ear, 40), Err(Over::Broker(0)));
    // A packet that cannot be; one larger than the device has said that it takes.
    let (mut link, mut ear, _) = up(None);
    assert_eq!(link.receive(b"\x00\x00", &mut ear, 40), Err(Over::Broken));
    let (mut link, mut ear, _) = up(None);
    let large = joined(&[b"\x30\xff\x02", &[b'x'; IN]]);
    assert_eq!(link.receive(&large, &mut ear, 40), Err(Over::Broken));
}

proptest! {
    #[test]
    fn nothing_that_comes_makes_it_panic(pieces in prop::collection::vec(
        prop_oneof![
            prop::collection::vec(any::<u8>(), 0..40),
            Just(CONNACK.to_vec()),
            Just(SUBACK.to_vec()),
            Just(b"\x32\x09\x00\x03c/d\x00\x0a\x00?".to_vec()),
        ],
        0..20,
    )) {
        let mut link = Link::new(Login { firmware: "f", credentials: None });
        let mut ear = Ear::default();
        for (step, piece) in (0..).zip(&pieces) {
            if link.wants_connection(step * 2_000) {
                link.connected(&ear, step * 2_000);
            }
            if link.receive(piece, &mut ear, step * 2_000).is_err() {
                link.closed(&mut ear, step * 2_000);
            }
            if link.pass_time(&mut ear, step * 2_000).is_err() {
                link.closed(&mut ear, step * 2_000);
            }
            taken(&mut link);
        }
    }
}
