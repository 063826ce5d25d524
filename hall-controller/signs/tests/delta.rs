//! What is sent makes the picture, and costs what its change is worth.
//!
//! The receiving end is the virtual sign, which shares no code with the codec.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::time::Instant;

use hall_protocol::sign::{
    Depth, Destination, PAYLOAD_BYTES_MIN, Request, Sequence, SignAddress, encoded_bytes_max,
};
use hall_signs::codec::native::{Piece, repaint};
use hall_signs::delta::REQUEST_BYTES;
use hall_signs::emulator::{VirtualLine, VirtualSign};
use hall_signs::page::{ZoneCall, ZonePage};
use hall_signs::{Frame, Light, Panel};
use proptest::prelude::*;

/// More than any payload in these tests.
const UNLIMITED: usize = 1 << 20;

fn wire_bytes(pieces: &[Piece]) -> usize {
    pieces.iter().map(Piece::wire_bytes_max).sum()
}

/// Ask a line and give its replies.
fn ask(line: &mut VirtualLine, request: &Request<'_>, sequence: u8) -> Vec<u8> {
    let mut bytes = vec![0; 1 << 16];
    let written =
        request.emit(Destination::Sign(SignAddress::FIRST), Sequence(sequence), &mut bytes).unwrap();
    line.receive(&bytes[..written], Instant::now())
}

/// What a sign shows after these pictures, each sent as the change from the one before.
fn shown(pictures: &[Frame], payload_bytes_max: usize) -> Frame {
    let panel = pictures[0].panel();
    let mut line = VirtualLine::new(vec![VirtualSign::new(SignAddress::FIRST, panel)]);
    let (mut back, mut sequence) = (None, 0_u8);
    for picture in pictures {
        let pieces = repaint(back, picture, payload_bytes_max, REQUEST_BYTES);
        for piece in &pieces {
            sequence = sequence.wrapping_add(1);
            ask(&mut line, &piece.request(), sequence);
        }
        sequence = sequence.wrapping_add(1);
        ask(&mut line, &Request::Swap { picture: picture.id(), blink: None }, sequence);
        back = Some(picture);
    }
    line.picture(SignAddress::FIRST).unwrap().clone()
}

#[derive(Debug, Clone)]
struct Patch {
    x: u16,
    y: u16,
    width: u16,
    height: u16,
    light: Light,
}

fn boxes() -> impl Strategy<Value = Vec<Patch>> {
    let lights = prop::sample::select(vec![Light::RED, Light::GREEN, Light::YELLOW, Light::OFF]);
    let one = (0_u16..200, 0_u16..64, 1_u16..40, 1_u16..30, lights);
    prop::collection::vec(
        one.prop_map(|(x, y, width, height, light)| Patch { x, y, width, height, light }),
        0..6,
    )
}

fn drawn(on: &Frame, boxes: &[Patch]) -> Frame {
    let mut frame = on.clone();
    for Patch { x, y, width, height, light } in boxes {
        for (x, y) in (*y..y + height).flat_map(|y| (*x..x + width).map(move |x| (x, y))) {
            frame.set(x, y, *light);
        }
    }
    frame
}

/// What covers a whole panel, from what run lengths shrink most to what they cannot shrink.
#[derive(Debug, Clone, Copy)]
enum Ground {
    Dark,
    Lit,
    /// Rows, or columns, of so many pixels in turn.
    Rows(u16),
    Columns(u16),
    Noise(u64),
}

impl Ground {
    fn frame(self, panel: Panel) -> Frame {
        let mut frame = Frame::dark(panel);
        let mut random = match self {
            Self::Noise(seed) => seed | 1,
            _ => 1,
        };
        for (x, y) in (0..panel.height_px()).flat_map(|y| (0..panel.width_px()).map(move |x| (x, y))) {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            let light = match self {
                Self::Lit => Light::YELLOW,
                Self::Rows(px) if y / px % 2 == 0 => Light::RED,
                Self::Columns(px) if x / px % 2 == 0 => Light::GREEN,
                Self::Dark | Self::Rows(_) | Self::Columns(_) => Light::OFF,
                Self::Noise(_) => [Light::OFF, Light::RED, Light::GREEN, Light::YELLOW]
                    [usize::from(random & 64 != 0) + 2 * usize::from(random & 4_096 != 0)],
            };
            frame.set(x, y, light);
        }
        frame
    }
}

fn ground() -> impl Strategy<Value = Ground> {
    prop_oneof![
        Just(Ground::Dark),
        Just(Ground::Lit),
        (1_u16..20).prop_map(Ground::Rows),
        (1_u16..70).prop_map(Ground::Columns),
        any::<u64>().prop_map(Ground::Noise),
    ]
}

/// Patches whose places are thousandths of the panel.
fn patches() -> impl Strategy<Value = Vec<Patch>> {
    let lights = prop::sample::select(vec![Light::RED, Light::GREEN, Light::YELLOW, Light::OFF]);
    let one = (0_u16..1_000, 0_u16..1_000, 1_u16..600, 1_u16..600, lights);
    prop::collection::vec(
        one.prop_map(|(x, y, width, height, light)| Patch { x, y, width, height, light }),
        0..40,
    )
}

fn patched(on: &Frame, patches: &[Patch]) -> Frame {
    let part = |thousandths: u16, whole: u16| {
        u16::try_from(u32::from(thousandths) * u32::from(whole) / 1_000).unwrap()
    };
    let (width_px, height_px) = (on.panel().width_px(), on.panel().height_px());
    let boxes = patches.iter().map(|patch| Patch {
        x: part(patch.x, width_px),
        y: part(patch.y, height_px),
        width: part(patch.width, width_px).max(1),
        height: part(patch.height, height_px).max(1),
        light: patch.light,
    });
    drawn(on, &boxes.collect::<Vec<_>>())
}

#[test]
fn one_digit_that_changes_in_a_zone_table_costs_a_fraction_of_the_picture() {
    let panel = Panel::new(192, 64, Depth::RedGreen).unwrap();
    let page = |newest: &str| {
        let call = |number: &str, label: &str| ZoneCall {
            number: number.parse().unwrap(),
            label: label.to_owned(),
            service: "社会保险".to_owned(),
        };
        let calls = vec![call(newest, "3"), call("B045", "12"), call("A011", "7")];
        ZonePage { name: "综合受理等候区".to_owned(), calls }.render(panel)
    };
    let (before, after) = (page("A012"), page("A013"));
    assert_ne!(before, after);
    let bytes = wire_bytes(&repaint(Some(&before), &after, UNLIMITED, REQUEST_BYTES));
    assert!(bytes * 100 <= after.bytes().len() * 15, "{bytes} of {} bytes", after.bytes().len());
}

#[test]
fn an_equal_picture_costs_nothing() {
    let frame = Frame::dark(Panel::new(64, 16, Depth::Mono).unwrap());
    assert_eq!(repaint(Some(&frame), &frame, UNLIMITED, REQUEST_BYTES), []);
}

#[test]
fn changes_far_apart_are_sent_apart_and_changes_close_together_as_one() {
    let dark = Frame::dark(Panel::new(256, 64, Depth::RedGreen).unwrap());
    let dot = |x, y| Patch { x, y, width: 1, height: 1, light: Light::RED };
    let apart = repaint(Some(&dark), &drawn(&dark, &[dot(0, 0), dot(255, 63)]), UNLIMITED, REQUEST_BYTES);
    assert_eq!(apart.len(), 2);
    let slow_to_think = repaint(Some(&dark), &drawn(&dark, &[dot(0, 0), dot(9, 40)]), UNLIMITED, 400);
    assert_eq!(slow_to_think.len(), 1, "a request costs more than the pixels between");
    let close = repaint(Some(&dark), &drawn(&dark, &[dot(0, 0), dot(17, 2)]), UNLIMITED, REQUEST_BYTES);
    assert_eq!(close.len(), 1);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// On every size and in all colours: a change costs at most 16 bytes more than the whole picture does.
    #[test]
    fn no_change_on_any_panel_costs_more_than_the_whole_picture(
        width_bytes in 4_u16..=64, height_px in 16_u16..=64,
        depth in prop::sample::select(vec![Depth::Mono, Depth::RedGreen, Depth::Rgb]),
        from in ground(), to in prop::option::of(ground()),
        before in patches(), after in patches(),
        limit in prop::sample::select(vec![PAYLOAD_BYTES_MIN, 240, 1_440, 4_096, UNLIMITED]),
        request_bytes in REQUEST_BYTES..150,
    ) {
        let panel = Panel::new(width_bytes * 8, height_px, depth).unwrap();
        let held = patched(&from.frame(panel), &before);
        let wanted = patched(&to.map_or_else(|| held.clone(), |to| to.frame(panel)), &after);
        let changes = repaint(Some(&held), &wanted, limit, request_bytes);
        let whole = wire_bytes(&repaint(None, &wanted, limit, request_bytes));
        prop_assert!(wire_bytes(&changes) <= whole + 16, "{} bytes, {whole} for all", wire_bytes(&changes));
        let raw = encoded_bytes_max(9 + wanted.bytes().len());
        prop_assert!(limit < UNLIMITED || wire_bytes(&changes) <= raw + 16);
        prop_assert!(changes.iter().all(|piece| piece.pixels.len() + 9 <= limit));
    }
}

proptest! {
    #[test]
    fn a_sign_shows_exactly_what_was_wanted_after_any_changes(
        changes in prop::collection::vec(boxes(), 1..4),
        limit in prop::sample::select(vec![0, PAYLOAD_BYTES_MIN, 60, 200, 1_024]),
        depth in prop::sample::select(vec![Depth::Mono, Depth::RedGreen, Depth::Rgb]),
    ) {
        let mut pictures = vec![Frame::dark(Panel::new(192, 48, depth).unwrap())];
        for boxes in &changes {
            pictures.push(drawn(pictures.last().unwrap(), boxes));
        }
        prop_assert_eq!(&shown(&pictures, limit), pictures.last().unwrap());
    }

    #[test]
    fn no_change_costs_more_than_the_whole_picture_and_no_payload_is_too_long(
        before in boxes(), after in boxes(), noise: Vec<(u8, u8)>,
        limit in prop::sample::select(vec![PAYLOAD_BYTES_MIN, 100, 512, UNLIMITED]),
        request_bytes in REQUEST_BYTES..400,
    ) {
        let dark = Frame::dark(Panel::new(192, 48, Depth::RedGreen).unwrap());
        let before = drawn(&dark, &before);
        let mut after = drawn(&before, &after);
        for (x, y) in noise {
            after.set(x.into(), y.into(), Light::GREEN);
        }
        let changes = repaint(Some(&before), &after, limit, request_bytes);
        let whole = wire_bytes(&repaint(None, &after, limit, request_bytes));
        prop_assert!(wire_bytes(&changes) <= whole + 16);
        let raw = encoded_bytes_max(9 + after.bytes().len());
        prop_assert!(limit < UNLIMITED || wire_bytes(&changes) <= raw + 16);
        prop_assert!(changes.iter().all(|piece| piece.pixels.len() + 9 <= limit));
    }
}
