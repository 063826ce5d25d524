//! A sign and hosts of other versions: both can tell why they do not understand each other, and nothing is
//! shown that was not understood.

use hall_device::panel::Panel;
use hall_device::sign::{Settings, Sign, frame_bytes};
use hall_protocol::sign::frame::{Header, encode};
use hall_protocol::sign::{
    Depth, Encoding, Firmware, FrameReader, PictureId, Rectangle, RefusalReason, Reply, Request, Sequence,
    SignAddress, Versions,
};
use proptest::prelude::*;

const PICTURE: usize = 16;

type DocumentSign = Sign<PICTURE, { frame_bytes(256) }>;

/// The sign of the document's example.
fn sign() -> DocumentSign {
    let settings = Settings {
        address: SignAddress::new(7).unwrap(),
        panel: Panel::new(16, 8, Depth::Mono).unwrap(),
        firmware: Firmware { major: 1, minor: 2, patch: 3 },
    };
    Sign::new(settings, 0).unwrap()
}

fn bytes(hex: &str) -> Vec<u8> {
    let pairs = (0..hex.len()).step_by(2);
    pairs.map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

fn heard(sign: &mut DocumentSign, wire: &[u8]) -> Vec<u8> {
    wire.iter().flat_map(|byte| sign.receive(*byte, 0).unwrap_or_default().to_vec()).collect()
}

fn ask(sign: &mut DocumentSign, version: u8, kind: u8, sequence: u8, payload: &[u8]) -> Reply {
    let mut out = [0; 128];
    let header = Header { version, address: 7, sequence: Sequence(sequence), kind };
    let length = encode(header, &[payload], &mut out).unwrap();
    let answer = heard(sign, &out[..length]);
    let mut reader = FrameReader::<64>::new();
    let mut replies =
        answer.iter().filter_map(|byte| reader.push(*byte).map(|frame| Reply::parse(&frame.unwrap())));
    let (_, reply) = replies.next().unwrap().unwrap();
    reply
}

fn seen(sign: &DocumentSign) -> Vec<u8> {
    let view = sign.view(0);
    (0..8)
        .flat_map(|row| (0..2).map(move |column| (row, column)))
        .map(|(row, column)| view.byte(0, row, column))
        .collect()
}

#[test]
fn hosts_of_any_version_are_answered_as_the_vectors_say() {
    let vectors: Vec<serde_json::Value> =
        serde_json::from_str(include_str!("../../../../protocol/vectors/sign/versions.json")).unwrap();
    let mut looked = 0;
    for vector in vectors.iter().filter(|vector| vector["sign"] == serde_json::json!([1, 1])) {
        looked += 1;
        let answer = heard(&mut sign(), &bytes(vector["identify"].as_str().unwrap()));
        assert_eq!(answer, bytes(vector["answer"].as_str().unwrap()), "{}", vector["means"]);
    }
    assert_eq!(looked, 3);
}

#[test]
fn an_identify_in_a_frame_of_another_version_is_answered_and_one_that_cannot_be_read_refused() {
    let mut sign = sign();
    for (version, payload, answered) in
        [(0, &[1][..], true), (9, &[9, 4], true), (9, &[9, 4, 2], false), (1, &[2, 3], false)]
    {
        match ask(&mut sign, version, 1, 5, payload) {
            Reply::Identity(identity) if answered => assert_eq!(identity.versions, Versions::SPOKEN),
            Reply::Nak(RefusalReason::Version) if !answered && version != 1 => {}
            Reply::Nak(RefusalReason::Payload) if !answered && version == 1 => {}
            other => panic!("version {version}, {payload:?}: {other:?}"),
        }
    }
}

proptest! {
    /// Whatever a host of another version asks, it is refused as such, and the sign is as it was.
    #[test]
    fn a_request_of_another_version_changes_nothing(
        version in (0_u8..=255).prop_filter("another", |version| *version != 1),
        kind in (0_u8..0x80).prop_filter("not Identify", |kind| *kind != 1),
        payload in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..40),
            // A Swap to the dark picture, a rectangle, a brightness, a fallback at once: right but for the version.
            Just(PictureId::of(&[0; PICTURE]).0.to_be_bytes().to_vec()),
            Just([&[0, 0, 0, 0, 0, 16, 0, 8, 0][..], &[0x55; PICTURE]].concat()),
            Just(vec![3]),
            Just(vec![0, 1, 0]),
        ],
    ) {
        let mut sign = sign();
        let area = Rectangle { x_px: 0, y_px: 0, width_px: 16, height_px: 8 };
        let pixels = [0xA5; PICTURE];
        let mut tell = |request: &Request<'_>, sequence: u8| {
            let mut out = [0; 128];
            let to = hall_protocol::sign::Destination::Sign(SignAddress::new(7).unwrap());
            let length = request.emit(to, Sequence(sequence), &mut out).unwrap();
            heard(&mut sign, &out[..length]);
        };
        tell(&Request::Rectangle { area, encoding: Encoding::Raw, pixels: &pixels }, 1);
        tell(&Request::Swap { picture: PictureId::of(&pixels), blink: None }, 2);
        let before = ask(&mut sign, 1, 5, 3, &[]);
        prop_assert_eq!(ask(&mut sign, version, kind, 4, &payload), Reply::Nak(RefusalReason::Version));
        prop_assert_eq!(seen(&sign), pixels.to_vec());
        prop_assert_eq!(ask(&mut sign, 1, 5, 5, &[]), before);
        // The back buffer as well: a Swap to what it held is still right.
        let swap = PictureId::of(&pixels).0.to_be_bytes();
        prop_assert_eq!(ask(&mut sign, 1, 3, 6, &swap), Reply::Ack);
    }
}
