//! The frames in `vectors/sign` are what the code writes and reads, byte for byte, and the frames
//! in `docs/native-sign.md` are among them.
//!
//! `vectors/README.md` says what the fields of those files mean.

// The fields are named as in the vectors.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::struct_field_names)]

use hall_protocol::sign::frame::Header;
use hall_protocol::sign::run_length::{self, Chunk, Chunks};
use hall_protocol::sign::{
    Blink, Depth, Destination, Encoding, FallbackPage, Firmware, FrameError, FrameReader, Identity,
    MessageError, PAYLOAD_BYTES_MAX, PictureId, Rectangle, Reply, Request, Sequence, SignAddress, Status,
    Versions, encoded_bytes_max,
};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Vector<T> {
    name: String,
    means: String,
    hex: String,
    header: HeaderFields,
    message: T,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HeaderFields {
    version: u8,
    address: u8,
    sequence: u8,
    kind: u8,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
enum RequestFields {
    Identify { version_max: u8, version_min: u8 },
    Rectangle { area: Area, encoding: String, pixels: String },
    Swap { picture: String, blink: Option<BlinkFields> },
    Brightness { level: u8 },
    Poll {},
    Fallback { after_s: u16, page: String, picture: Option<String> },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BlinkFields {
    region: Area,
    period_ms: u16,
    duration_ds: u16,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(deny_unknown_fields)]
struct Area {
    x_px: u16,
    y_px: u16,
    width_px: u16,
    height_px: u16,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
enum ReplyFields {
    Ack {},
    Nak {
        reason: u8,
    },
    Identity {
        version_max: u8,
        version_min: u8,
        width_px: u16,
        height_px: u16,
        planes: u8,
        firmware: [u8; 3],
        payload_bytes_max: u16,
    },
    Status {
        picture: String,
        in_fallback: bool,
        brightness: u8,
        uptime_s: u32,
        broken_frames: u16,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Broken {
    name: String,
    means: String,
    hex: String,
    heard_as: String,
    error: String,
}

/// A host's Identify, what a sign answers, and the version they use from then on.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Agreement {
    name: String,
    means: String,
    /// Oldest and newest.
    host: [u8; 2],
    identify: String,
    /// Likewise; `None` for a sign that does not say.
    sign: Option<[u8; 2]>,
    answer: String,
    agreed: Option<u8>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RunLength {
    means: String,
    coded: String,
    plain: Option<String>,
}

const REQUESTS: &str = include_str!("../vectors/sign/requests.json");
const REPLIES: &str = include_str!("../vectors/sign/replies.json");

fn bytes(hex: &str) -> Vec<u8> {
    let pairs = (0..hex.len()).step_by(2);
    pairs.map(|at| u8::from_str_radix(hex.get(at..at + 2).unwrap(), 16).unwrap()).collect()
}

fn picture(hex: &str) -> PictureId {
    PictureId(u32::from_str_radix(hex, 16).unwrap())
}

fn rectangle(area: Area) -> Rectangle {
    Rectangle { x_px: area.x_px, y_px: area.y_px, width_px: area.width_px, height_px: area.height_px }
}

/// Read the one frame in `wire` and let `read` look at it.
fn with_frame<T>(
    wire: &[u8],
    read: impl FnOnce(Result<hall_protocol::sign::frame::Frame<'_>, FrameError>) -> T,
) -> T {
    let mut reader = FrameReader::<{ encoded_bytes_max(PAYLOAD_BYTES_MAX) }>::new();
    let (last, before) = wire.split_last().unwrap();
    assert!(before.iter().all(|byte| reader.push(*byte).is_none()), "two frames in one vector");
    read(reader.push(*last).expect("a frame"))
}

/// The message as the code knows it; `pixels` is where a rectangle's pixels live.
fn request<'a>(fields: &RequestFields, pixels: &'a mut Vec<u8>) -> Request<'a> {
    match fields {
        RequestFields::Identify { version_max, version_min } => {
            Request::Identify { versions: Versions::new(*version_min, *version_max).unwrap() }
        }
        RequestFields::Rectangle { area, encoding, pixels: hex } => {
            *pixels = bytes(hex);
            let encoding = match &encoding[..] {
                "raw" => Encoding::Raw,
                "run_length" => Encoding::RunLength,
                other => panic!("no encoding: {other}"),
            };
            Request::Rectangle { area: rectangle(*area), encoding, pixels }
        }
        RequestFields::Swap { picture: id, blink } => {
            let blink = blink.as_ref().map(|blink| Blink {
                region: rectangle(blink.region),
                period_ms: blink.period_ms,
                duration_ds: blink.duration_ds,
            });
            Request::Swap { picture: picture(id), blink }
        }
        RequestFields::Brightness { level } => Request::Brightness(*level),
        RequestFields::Poll {} => Request::Poll,
        RequestFields::Fallback { after_s, page, picture: id } => {
            let page = match (&page[..], id) {
                ("dark", None) => FallbackPage::Dark,
                ("built_in", None) => FallbackPage::BuiltIn,
                ("stored", Some(id)) => FallbackPage::Stored(picture(id)),
                other => panic!("no page: {other:?}"),
            };
            Request::Fallback { after_s: *after_s, page }
        }
    }
}

fn header(fields: &HeaderFields) -> Header {
    let HeaderFields { version, address, sequence, kind } = *fields;
    Header { version, address, sequence: Sequence(sequence), kind }
}

#[test]
fn requests_are_as_written() {
    let vectors: Vec<Vector<RequestFields>> = serde_json::from_str(REQUESTS).unwrap();
    for Vector { name, means, hex, header: stated, message } in &vectors {
        let wire = bytes(hex);
        let mut pixels = Vec::new();
        let wanted = request(message, &mut pixels);
        let destination = Destination::from_byte(stated.address).unwrap();
        let mut out = vec![0; wire.len()];
        let written = wanted.emit(destination, Sequence(stated.sequence), &mut out).unwrap();
        assert_eq!(out[..written], wire, "{name}: {means}");
        with_frame(&wire, |frame| {
            let frame = frame.unwrap();
            assert_eq!(frame.header, header(stated), "{name}: {means}");
            assert_eq!(Request::parse(&frame), Ok((destination, wanted)), "{name}: {means}");
        });
    }
    let kinds: std::collections::BTreeSet<u8> = vectors.iter().map(|vector| vector.header.kind).collect();
    assert!(kinds.into_iter().eq(1..=6), "every request has a vector");
}

#[test]
fn replies_are_as_written() {
    let vectors: Vec<Vector<ReplyFields>> = serde_json::from_str(REPLIES).unwrap();
    for Vector { name, means, hex, header: stated, message } in &vectors {
        let wire = bytes(hex);
        let source = SignAddress::new(stated.address).unwrap();
        let (found, reply) = with_frame(&wire, |frame| {
            let frame = frame.unwrap();
            assert_eq!(frame.header, header(stated), "{name}: {means}");
            let parsed = Reply::parse(&frame).expect(name);
            // The reason's byte has no other way out of the code.
            if let ReplyFields::Nak { reason } = message {
                assert_eq!(frame.payload, [*reason], "{name}");
            }
            parsed
        });
        assert_eq!(found, source, "{name}");
        match (message, reply) {
            (ReplyFields::Ack {}, reply) => assert_eq!(reply, Reply::Ack, "{name}"),
            (ReplyFields::Nak { reason }, Reply::Nak(found)) => {
                assert_eq!(
                    matches!(found, hall_protocol::sign::RefusalReason::Other(_)),
                    *reason > 7,
                    "{name}"
                );
            }
            (
                ReplyFields::Identity {
                    version_max,
                    version_min,
                    width_px,
                    height_px,
                    planes,
                    firmware,
                    payload_bytes_max,
                },
                reply,
            ) => {
                let [major, minor, patch] = *firmware;
                let identity = Identity {
                    versions: Versions::new(*version_min, *version_max).unwrap(),
                    width_px: *width_px,
                    height_px: *height_px,
                    depth: Depth::from_planes(*planes).unwrap(),
                    firmware: Firmware { major, minor, patch },
                    payload_bytes_max: *payload_bytes_max,
                };
                assert_eq!(reply, Reply::Identity(identity), "{name}");
            }
            (
                ReplyFields::Status { picture: id, in_fallback, brightness, uptime_s, broken_frames },
                reply,
            ) => {
                let status = Status {
                    picture: picture(id),
                    in_fallback: *in_fallback,
                    brightness: *brightness,
                    uptime_s: *uptime_s,
                    broken_frames: *broken_frames,
                };
                assert_eq!(reply, Reply::Status(status), "{name}");
            }
            (ReplyFields::Nak { .. }, other) => panic!("{name}: {other:?}"),
        }
        let mut out = vec![0; wire.len()];
        let written = reply.emit(source, Sequence(stated.sequence), &mut out).unwrap();
        assert_eq!(out[..written], wire, "{name}: {means}");
    }
    let kinds: std::collections::BTreeSet<u8> = vectors.iter().map(|vector| vector.header.kind).collect();
    assert!(kinds.into_iter().eq(0x81..=0x84), "every reply has a vector");
}

#[test]
fn versions_are_agreed_on_as_written() {
    let vectors: Vec<Agreement> =
        serde_json::from_str(include_str!("../vectors/sign/versions.json")).unwrap();
    let (to, sequence) = (Destination::Sign(SignAddress::new(7).unwrap()), Sequence(1));
    for Agreement { name, means, host: [oldest, newest], identify, sign, answer, agreed } in &vectors {
        let host = Versions::new(*oldest, *newest).unwrap();
        let mut out = [0; 32];
        let written = Request::Identify { versions: host }.emit(to, sequence, &mut out).unwrap();
        assert_eq!(out[..written], bytes(identify), "{name}: {means}");
        let heard = with_frame(&bytes(identify), |frame| {
            Request::parse(&frame.unwrap()).map(|(_, ours)| match ours {
                Request::Identify { versions } => versions,
                other => panic!("{name}: {other:?}"),
            })
        });
        assert_eq!(heard, Ok(host), "{name}: what a sign of any version hears");

        let (_, reply) = with_frame(&bytes(answer), |frame| Reply::parse(&frame.unwrap())).expect(name);
        let told = match reply {
            Reply::Identity(identity) => Some(identity.versions),
            Reply::Nak(_) => None,
            other => panic!("{name}: {other:?}"),
        };
        assert_eq!(told, sign.map(|[oldest, newest]| Versions::new(oldest, newest).unwrap()), "{name}");
        assert_eq!(told.and_then(|sign| host.best_common(sign)), *agreed, "{name}: {means}");
    }
    assert!(vectors.iter().any(|vector| vector.agreed.is_none() && vector.host == [1, 1]));
}

fn frame_error(error: &FrameError) -> &'static str {
    match error {
        FrameError::Coding => "coding",
        FrameError::TooShort(_) => "too_short",
        FrameError::TooLong(_) => "too_long",
        FrameError::Crc { .. } => "crc",
    }
}

fn message_error(error: MessageError) -> &'static str {
    match error {
        MessageError::Version(_) => "version",
        MessageError::Address(_) => "address",
        MessageError::Kind(_) => "kind",
        MessageError::Payload(_) => "payload",
        MessageError::Direction => "direction",
    }
}

#[test]
fn broken_frames_are_known_as_what_they_are() {
    let vectors: Vec<Broken> = serde_json::from_str(include_str!("../vectors/sign/broken.json")).unwrap();
    for Broken { name, means, hex, heard_as, error } in &vectors {
        let found = with_frame(&bytes(hex), |frame| match (frame, &heard_as[..]) {
            (Err(error), "either") => frame_error(&error),
            (Ok(frame), "request") => message_error(Request::parse(&frame).expect_err(name)),
            (Ok(frame), "reply") => message_error(Reply::parse(&frame).expect_err(name)),
            (frame, heard_as) => panic!("{name}: {frame:?} as {heard_as}"),
        });
        assert_eq!(found, error, "{name}: {means}");
    }
}

#[test]
fn run_lengths_are_as_written() {
    let vectors: Vec<RunLength> =
        serde_json::from_str(include_str!("../vectors/sign/run_length.json")).unwrap();
    for RunLength { means, coded, plain } in &vectors {
        let coded = bytes(coded);
        let decoded: Result<Vec<u8>, _> = Chunks::new(&coded).try_fold(Vec::new(), |mut plain, chunk| {
            match chunk? {
                Chunk::Copy(bytes) => plain.extend_from_slice(bytes),
                Chunk::Repeat(byte, count) => plain.extend(std::iter::repeat_n(byte, count)),
            }
            Ok::<_, run_length::Truncated>(plain)
        });
        assert_eq!(decoded.ok(), plain.as_deref().map(bytes), "{means}");
        if let Some(plain) = plain {
            let plain = bytes(plain);
            let mut out = vec![0; plain.len() + 2];
            let written = run_length::encode(&plain, &mut out).unwrap();
            assert_eq!(out[..written], coded, "{means}");
        }
    }
}

#[test]
fn the_frames_in_the_document_are_vectors() {
    let document = include_str!("../docs/native-sign.md");
    let vectors: Vec<serde_json::Value> = [REQUESTS, REPLIES]
        .into_iter()
        .flat_map(|file| serde_json::from_str::<Vec<serde_json::Value>>(file).unwrap())
        .collect();
    let known: Vec<&str> = vectors.iter().filter_map(|vector| vector["hex"].as_str()).collect();
    let quoted = document.split('`').filter(|text| text.starts_with("00 ") && text.ends_with(" 00"));
    // In a block a frame ends its line.
    let listed =
        document.lines().filter(|line| line.starts_with("Ident")).filter_map(|line| line.split_once("   "));
    let listed = listed.map(|(_, frame)| frame.trim());
    let frames: Vec<String> = quoted.chain(listed).map(|text| text.replace(' ', "")).collect();
    assert_eq!(frames.len(), 8 + 2);
    for frame in frames {
        assert!(known.contains(&&frame[..]), "{frame}");
    }
}
