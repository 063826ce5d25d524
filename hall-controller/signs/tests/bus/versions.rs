//! Signs of other versions: the newest common one is spoken, and where there is none the sign is named with
//! what helps, and never painted.

use std::time::{Duration, Instant};

use hall_protocol::sign::frame::{Header, encode};
use hall_protocol::sign::{Depth, Firmware, FrameReader, Identity, Reply, Sequence, Versions};
use hall_signs::Frame;
use hall_signs::bus::{Bus, BusEvent, Health, SignSetup, Urgency};

use crate::world::{World, address, panel, picture};

const IDENTIFY: u8 = 1;

/// Version and kind of every request sent to a sign.
fn requests(world: &World, number: u8) -> Vec<(u8, u8)> {
    let mut reader = Box::new(FrameReader::<4_096>::new());
    let mut found = Vec::new();
    for byte in world.sent.iter().flat_map(|(_, bytes)| bytes) {
        if let Some(Ok(frame)) = reader.push(*byte)
            && frame.header.address == number
        {
            found.push((frame.header.version, frame.header.kind));
        }
    }
    found
}

fn dark_because(world: &World, number: u8) -> String {
    let status = world.bus.status(address(number)).unwrap();
    assert!(matches!(status.health, Health::Dark { .. }), "{status:?}");
    status.dark_because.clone().unwrap()
}

#[test]
fn a_sign_that_speaks_newer_versions_as_well_is_painted_in_ours() {
    let mut world = World::new(19_200, 2, panel(), 1);
    world.replace_by_version(1, panel(), 1, 3);
    for sign in 1..=2 {
        world.show(sign, &picture(panel(), 1), 1, Urgency::Call);
    }
    world.run(Duration::from_secs(20));
    assert_eq!((world.shown(1), world.shown(2)), (&*picture(panel(), 1), &*picture(panel(), 1)));
    assert!(requests(&world, 1).iter().all(|(version, _)| *version == 1));
}

#[test]
fn a_sign_without_a_common_version_is_named_with_the_cure_and_never_painted() {
    let mut world = World::new(19_200, 2, panel(), 1);
    world.replace_by_version(1, panel(), 2, 3);
    for sign in 1..=2 {
        world.show(sign, &picture(panel(), 1), 1, Urgency::Call);
    }
    world.run(Duration::from_secs(60));
    let told: Vec<_> = world
        .events
        .iter()
        .filter(|(_, event)| event.address() == address(1))
        .map(|(_, event)| event)
        .collect();
    let [BusEvent::Dark { why, .. }] = told[..] else { panic!("{told:?}") };
    let expected = "the sign (firmware 1.0.0) speaks versions 2 to 3 of the protocol, this controller version 1: \
                    update this controller, or load the sign with firmware of its time";
    assert_eq!((why.as_str(), dark_because(&world, 1).as_str()), (expected, expected));
    let asked = requests(&world, 1);
    assert!(asked.iter().all(|(_, kind)| *kind == IDENTIFY) && asked.len() <= 7, "{asked:?}");
    assert_eq!(world.shown(1), &Frame::dark(panel()));
    assert_eq!(world.tags(2), [1], "the other sign goes on");

    world.replace(1, panel());
    world.run(Duration::from_secs(12));
    assert_eq!((world.shown(1), world.tags(1)), (&*picture(panel(), 1), vec![1]));
    assert_eq!(world.bus.status(address(1)).unwrap().dark_because, None);
}

#[test]
fn a_sign_whose_firmware_is_exchanged_under_way_is_noticed_and_not_painted() {
    let mut world = World::new(19_200, 1, panel(), 1);
    world.show(1, &picture(panel(), 1), 1, Urgency::Call);
    world.run(Duration::from_secs(3));
    assert_eq!(world.tags(1), [1]);
    world.replace_by_version(1, panel(), 2, 2);
    world.show(1, &picture(panel(), 2), 2, Urgency::Call);
    world.run(Duration::from_secs(8));
    assert!(dark_because(&world, 1).contains("speaks version 2 of the protocol, this controller version 1"));
    assert_eq!((world.shown(1), world.tags(1)), (&Frame::dark(panel()), vec![1]));
    let refusals = world.bus.status(address(1)).unwrap().naks;
    assert!((1..=3).contains(&refusals), "it has said Nak version {refusals} times");
}

/// A bus with one sign, and what it becomes when that answers its first question so.
fn answered(frame: impl Fn(Sequence) -> Vec<u8>) -> (Bus, Instant) {
    let (now, at) = (Instant::now(), address(1));
    let mut bus = Bus::new(115_200, vec![SignSetup { address: at, panel: panel() }], now);
    bus.show(at, picture(panel(), 1), 1, Urgency::Call, now);
    bus.link_up(now);
    assert!(bus.poll_transmit(now).is_some());
    bus.handle_input(&frame(Sequence(1)), now);
    (bus, now)
}

fn raw(version: u8, kind: u8, sequence: Sequence, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0; 64];
    let header = Header { version, address: 1, sequence, kind };
    let written = encode(header, &[payload], &mut bytes).unwrap();
    bytes.truncate(written);
    bytes
}

fn why(bus: &Bus) -> String {
    bus.status(address(1)).unwrap().dark_because.clone().unwrap_or_default()
}

#[test]
fn an_answer_in_an_unknown_version_is_told_and_an_identity_is_read_in_any() {
    let (mut bus, now) = answered(|sequence| raw(9, 0x83, sequence, &[9; 12]));
    assert!(why(&bus).contains("answers in version 9 of the protocol"), "{}", why(&bus));
    assert_eq!(bus.poll_transmit(now), None, "and nothing else is asked before long");
    let (bus, _) = answered(|sequence| raw(9, 0x84, sequence, &[0; 12]));
    assert!(why(&bus).contains("answers in version 9 of the protocol"), "{}", why(&bus));

    let identity = [3, 0, 64, 0, 16, 2, 4, 0, 1, 4, 0];
    let (mut bus, now) = answered(|sequence| raw(3, 0x83, sequence, &identity));
    assert_eq!(bus.status(address(1)).unwrap().health, Health::Ok);
    assert!(bus.poll_transmit(now).is_some(), "its newest version is 3, and it speaks ours");
    let only_newer = [&identity[..], &[2]].concat();
    let (bus, _) = answered(|sequence| raw(3, 0x83, sequence, &only_newer));
    assert!(why(&bus).contains("(firmware 4.0.1) speaks versions 2 to 3"), "{}", why(&bus));
}

#[test]
fn another_version_from_another_sign_or_to_another_question_is_noise() {
    let (mut bus, now) = answered(|_| raw(9, 0x83, Sequence(77), &[9; 12]));
    assert_eq!((why(&bus), bus.noise().broken_frames, bus.is_waiting()), (String::new(), 1, true));
    let mut other = raw(9, 0x83, Sequence(1), &[9; 12]);
    let written =
        encode(Header { version: 9, address: 2, sequence: Sequence(1), kind: 0x83 }, &[&[9; 12]], &mut other);
    bus.handle_input(&other[..written.unwrap()], now);
    assert_eq!((why(&bus), bus.noise().broken_frames), (String::new(), 2));
}

#[test]
fn a_sign_that_refuses_to_say_who_it_is_is_told_and_a_busy_one_is_asked_again() {
    let refuse = |reason: u8| answered(move |sequence| raw(1, 0x82, sequence, &[reason]));
    for reason in [1, 2, 3, 200] {
        let (mut bus, now) = refuse(reason);
        assert!(
            why(&bus).contains("refuses to say who it is") && why(&bus).contains("update"),
            "{}",
            why(&bus)
        );
        assert_eq!((bus.poll_transmit(now), bus.status(address(1)).unwrap().naks), (None, 1));
    }
    let (mut bus, now) = refuse(7);
    assert_eq!(why(&bus), "");
    let later = bus.poll_timeout().unwrap();
    assert!(later > now && later < now + Duration::from_secs(1));
    assert!(bus.poll_transmit(later).is_some());
    let identity = Identity {
        versions: Versions::SPOKEN,
        width_px: 64,
        height_px: 16,
        depth: Depth::RedGreen,
        firmware: Firmware { major: 1, minor: 0, patch: 0 },
        payload_bytes_max: 1_024,
    };
    let mut bytes = [0; 64];
    let written = Reply::Identity(identity).emit(address(1), Sequence(2), &mut bytes).unwrap();
    bus.handle_input(&bytes[..written], later);
    assert_eq!(bus.status(address(1)).unwrap().health, Health::Ok);
}
