//! C-Power cards. The hex is from the vendor's documents: protocol V1.9, examples 1 and 2 of
//! `CC=0x12`, and its note on `CC=0x12` over a network, examples 1 and 2.

use hall_protocol::sign::Depth;
use hall_signs::codec::cp5200::{Cp5200, Pages, Setup, Text};
use hall_signs::codec::{Answer, Codec, Effect, Heard, Protocol, Request};
use hall_signs::decode::{Direction, Shown, decode};
use hall_signs::emulator::cp5200::VirtualCp5200;
use hall_signs::page::WindowContent;
use hall_signs::words::Showing;
use hall_signs::{Frame, Light, Panel};
use proptest::prelude::*;

use crate::{blinking, bytes, called, field, showing};

const TEXT_1: &str = "A5 68 32 01 7B 01 0f 00 00 00 12 00 00 00 00 00 03 02 ff 00 00 61 62 63 00 62 03 AE";
const TEXT_2: &str =
    "A5 68 32 01 7B 01 13 00 00 00 12 00 00 01 00 00 03 02 ff 00 00 61 62 63 0d 63 62 61 00 9a 04 AE";
const NETWORK_1: &str = "FF FF FF FF 1D 00 00 00 68 32 FF 7B 01 12 00 00 00 12 00 0D 05 03 00 03 02 00 FF 00 BF EB C3 D1 A4 A4 00 D8 07";
const NETWORK_2: &str = "FF FF FF FF 2B 00 00 00 68 32 FF 7B 01 20 00 00 00 12 01 0B 05 02 00 03 02 FF 00 00 C5 77 AA EF A4 4A B3 F5 A1 41 BD D0 A4 C5 B8 F2 A8 AE A1 43 00 85 10";

fn setup(pages: Pages) -> Setup {
    Setup { card: 1, width_px: 64, height_px: 32, pages }
}

fn panel() -> Panel {
    Panel::new(64, 32, Depth::Rgb).unwrap()
}

fn tell(codec: &mut Cp5200, card: &mut VirtualCp5200, requests: Vec<Request>) -> Vec<Heard> {
    let mut heard = Vec::new();
    for request in requests {
        let answer = card.receive(&request.bytes);
        heard.extend(codec.read(&answer, Some(&request)));
    }
    heard
}

#[test]
fn what_is_sent_is_the_document_s_own_bytes() {
    let codec = Cp5200::new(setup(Pages::Pictures));
    let text = |alignment, text| Text {
        motion: 0,
        alignment,
        speed: 0,
        stay_s: 3,
        font_px: 16,
        light: Light::RED,
        text,
    };
    assert_eq!(codec.text(0, &text(0, b"abc"))[0].bytes, bytes(TEXT_1));
    assert_eq!(codec.text(0, &text(1, b"abc\rcba"))[0].bytes, bytes(TEXT_2));
}

#[test]
fn a_new_call_blinks_in_the_words_of_the_vendor_s_note_and_is_steady_then() {
    // The note's first example: three Big5 characters, green, 16 pixels, in the middle, blinking, to all.
    let setup = |card| Setup { card, ..setup(Pages::Text { font_px: 16 }) };
    let mut codec = Cp5200::new(setup(0xFF));
    let big5 = bytes("BF EB C3 D1 A4 A4");
    let text =
        Text { motion: 13, alignment: 5, speed: 3, stay_s: 3, font_px: 16, light: Light::GREEN, text: &big5 };
    let ours = codec.text(0, &text).remove(0).bytes;
    // Over a network the packet's content goes without the marks of the serial line's.
    assert_eq!(ours[1..ours.len() - 3], bytes(NETWORK_1)[8..bytes(NETWORK_1).len() - 2]);
    assert!(codec.blinks() && !Cp5200::new(Setup { pages: Pages::Pictures, ..setup(1) }).blinks());
    let mut motion = |page: &Showing| {
        let wire = codec.show(None, page, 0).unwrap().remove(0).bytes;
        field(&decode(Protocol::Cp5200, &wire)[0], "motion").to_owned()
    };
    assert_eq!(motion(&blinking(panel())), "13, blinking");
    assert_eq!(motion(&called(panel())), "0, at once");
}

#[test]
fn every_example_of_the_documents_is_told() {
    for (hex, checksum, lines, window, motion) in [
        (TEXT_1, 0x6203, &["abc"][..], "0", "0, at once"),
        (TEXT_2, 0x9A04, &["abc", "cba"], "0", "0, at once"),
        (NETWORK_1, 0xD807, &[], "0", "13, blinking"),
        (NETWORK_2, 0x8510, &[], "1", "11, rolling to the left"),
    ] {
        let frames = decode(Protocol::Cp5200, &bytes(hex));
        assert_eq!(frames.len(), 1, "{hex}");
        let told = &frames[0];
        let sum = told.checksum.unwrap();
        assert_eq!((sum.found, sum.expected), (checksum, checksum));
        assert_eq!((told.name, told.direction, &told.problem), ("text", Direction::ToSign, &None));
        assert_eq!((field(told, "window"), field(told, "motion")), (window, motion));
        // The network's examples are in Big5, for cards with such a font.
        if !lines.is_empty() {
            assert_eq!(told.shows, Some(Shown::Text(lines.iter().map(|line| (*line).to_owned()).collect())));
            assert_eq!(field(told, "colour"), "red 255, green 0, blue 0");
        }
    }
    let mut wrong = bytes(TEXT_1);
    wrong[21] ^= 1;
    let sum = decode(Protocol::Cp5200, &wrong)[0].checksum.unwrap();
    assert_eq!((sum.found, sum.expected), (0x6203, 0x6103));
}

/// A packet to card 1 with this command.
fn packet(command: &[u8]) -> Vec<u8> {
    let length = u8::try_from(command.len()).unwrap();
    let body = [&[0x68, 0x32, 1, 0x7B, 1, length, 0, 0, 0], command].concat();
    let sum: u16 = body.iter().map(|byte| u16::from(*byte)).sum();
    let coded = body.into_iter().chain(sum.to_le_bytes()).flat_map(|byte| match byte {
        0xA5 | 0xAA | 0xAE => vec![0xAA, byte & 0x0F],
        other => vec![other],
    });
    [0xA5].into_iter().chain(coded).chain([0xAE]).collect()
}

/// A command, its name, some of its fields, and what it shows.
type Told = (&'static [u8], &'static str, &'static [(&'static str, &'static str)], &'static [&'static str]);

/// The sub commands of the document's list, which has no examples of these: built from its tables.
#[test]
fn every_sub_command_of_the_document_is_told_field_by_field() {
    let cases: [Told; 20] = [
        (
            b"\x02\x01\x0d\x05\x03\0\x04\x12\0A\x12\xba\xc5\x12\0\r\x33\0B",
            "text with a style for each character",
            &[
                ("window", "1"),
                ("motion", "13, blinking"),
                ("alignment", "centre, middle"),
                ("stay", "4 s"),
                ("styles", "red 16, yellow 24"),
                ("text", "A号\nB"),
            ],
            &["A号", "B"],
        ),
        (
            b"\x05\x02\0\x0a\x01\x05\x1d\x02\xff\0\0abc\0",
            "clock",
            &[
                ("window", "2"),
                ("calendar", "Chinese"),
                ("format", "24 hours, 4 digits of the year, several rows"),
                ("shows", "year, day, hour, minute"),
                ("font", "16 pixels, type 0"),
            ],
            &["abc", "[clock year day hour minute]"],
        ),
        (b"\x06", "back to stored programs", &[], &[]),
        (b"\x07\x01\0\0", "save to flash or clear it", &[("flash", "cleared")], &[]),
        (b"\x08\x01\x02\x03\x04", "choose stored programs", &[("programs", "03 04")], &[]),
        (b"\x09\0\0\x02\x01\0\0\x07", "choose stored programs", &[("programs", "256 7")], &[]),
        (
            b"\x0a\x01\x02\x03\x01\x05abc\x06x",
            "set variables",
            &[("kept in flash", "yes"), ("variable", "5: abc")],
            &[],
        ),
        (
            b"\x0b\0\0\x03\x01\x02\x09hi",
            "choose a stored program and set variables",
            &[("program", "3"), ("variable", "9: hi")],
            &[],
        ),
        (
            b"\x0c\0\x01\x01\0\x01\0\0\x08\0\x10\0\x40\0\x20\x01\x03\0\x05\x22\0",
            "areas over all programs",
            &[("area", "64x32 pixels at 8,16: text of variables 1 to 3, 16 pixels, green, 5 s each")],
            &[],
        ),
        (
            b"\x0d\x12\x03\x02\x01ab",
            "shift variables and set one",
            &[("shift", "2 forth"), ("variable", "1: ab")],
            &[],
        ),
        (b"\x0e\x03\x03\0\0\0\x01\0", "stop watch", &[("action", "start"), ("value", "256 ms")], &[]),
        (
            b"\x0f\0\x02\0\0\0\x01\x04\x01\0\0\0\0\0\0\x40\0\x10\x01\x01\0\x01\x12\0\0\x01\x01\x01Q",
            "areas over all programs and variables",
            &[("shown", "2 times"), ("areas written", "04"), ("variable", "1: Q")],
            &[],
        ),
        (b"\x81\x07\0\x40", "set the programs' template", &[("data", "07 00 40")], &[]),
        (b"\x82\x01", "enter or leave the programs' template", &[("data", "01")], &[]),
        (b"\x84\0", "delete programs", &[("data", "00")], &[]),
        (
            b"\x85\0\0\0\x07\x02\x01\x20\xba\xc5\0",
            "text of a program",
            &[("program", "2"), ("window", "1"), ("at once", "yes"), ("text", "号")],
            &["号"],
        ),
        (
            b"\x85\0\0\0\x07\x02\x01\x31\0\x03\x05\x02\x01\0\x05\0\x01\x42\0C",
            "text of a program",
            &[("stay", "3 s"), ("styles", "blue 16"), ("text", "C")],
            &["C"],
        ),
        (b"\x87\0\0\0\x07\x02\x01\x02", "clock or temperature of a program", &[("kind", "clock")], &[]),
        (b"\x8b\0\0\0\x01\x05", "plan when programs are played", &[], &[]),
        (b"\x8d\0\0\0\x01\0\0", "ask plans", &[], &[]),
    ];
    for (command, name, fields, lines) in cases {
        let told = &decode(Protocol::Cp5200, &packet(command))[0];
        assert_eq!((told.name, &told.problem), (name, &None), "{told:?}");
        for (field, value) in fields {
            let is_there = told.fields.iter().any(|known| known.name == *field && known.value == *value);
            assert!(is_there, "{name}: {field} is not {value:?}: {told:?}");
        }
        let shown = told.shows.clone().map(|shown| match shown {
            Shown::Text(lines) => lines,
            other => panic!("{other:?}"),
        });
        assert_eq!(shown.unwrap_or_default(), *lines, "{name}");
        // Cut anywhere it ends early, or says less.
        for length in 1..command.len() {
            decode(Protocol::Cp5200, &packet(&command[..length]));
        }
    }
    for number in (1..=0x0F).chain([0x12]).chain(0x81..=0x8D) {
        let told = decode(Protocol::Cp5200, &packet(&[number]));
        assert_ne!(told[0].name, "command that is not looked into", "{number:02x}");
    }
}

#[test]
fn a_card_s_answer_tells_its_screen() {
    let mut card = VirtualCp5200::new(1, panel());
    let mut codec = Cp5200::new(setup(Pages::Pictures));
    let asked = codec.identify().unwrap();
    let told = &decode(Protocol::Cp5200, &card.receive(&asked.bytes))[0];
    assert_eq!(field(told, "screen"), "64x32 pixels");
}

#[test]
fn text_pages_are_read_on_the_card_and_flash_is_never_written() {
    let mut codec = Cp5200::new(setup(Pages::Text { font_px: 16 }));
    let mut card = VirtualCp5200::new(1, panel());
    let identify = codec.identify().into_iter().collect();
    assert_eq!(tell(&mut codec, &mut card, identify), [Heard::Answer(Answer::Identified { mismatch: None })]);
    // Without windows there is no place for text.
    let early = codec.show(None, &called(panel()), 0).unwrap();
    let heard = tell(&mut codec, &mut card, early);
    assert!(matches!(heard[..], [Heard::Answer(Answer::Refused { .. })]), "{heard:?}");
    let set_up = codec.set_up();
    assert_eq!(tell(&mut codec, &mut card, set_up), [Heard::Answer(Answer::Done)]);
    let page = codec.show(None, &called(panel()), 0).unwrap();
    assert_eq!(tell(&mut codec, &mut card, page), [Heard::Answer(Answer::Done)]);
    // 64 pixels are too narrow for 请到3号窗口 in 16-pixel letters.
    assert_eq!(card.lines(), ["A012 3"]);
    let closed = codec.show(None, &showing(panel(), "3", WindowContent::Closed), 0).unwrap();
    tell(&mut codec, &mut card, closed);
    assert_eq!((card.lines(), card.flash_writes()), (vec!["窗口关闭".to_owned()], 0));
}

#[test]
fn another_screen_than_configured_is_noticed() {
    let mut codec = Cp5200::new(setup(Pages::Pictures));
    let mut card = VirtualCp5200::new(1, Panel::new(96, 16, Depth::Rgb).unwrap());
    let identify = codec.identify().into_iter().collect();
    let heard = tell(&mut codec, &mut card, identify);
    let [Heard::Answer(Answer::Identified { mismatch: Some(why) })] = &heard[..] else { panic!("{heard:?}") };
    assert!(why.contains("96x16") && why.contains("64x32"), "{why}");
}

#[test]
fn a_changed_byte_is_answered_with_its_sentence() {
    let mut codec = Cp5200::new(setup(Pages::Pictures));
    let mut card = VirtualCp5200::new(1, panel());
    let request = codec.set_up().remove(0);
    let mut wire = request.bytes.clone();
    wire[12] ^= 0x10;
    let answer = card.receive(&wire);
    let heard = codec.read(&answer, Some(&request));
    let [Heard::Answer(Answer::Refused { why, .. })] = &heard[..] else { panic!("{heard:?}") };
    assert!(why.zh.contains("校验"), "{why}");
}

proptest! {
    #[test]
    fn any_picture_comes_in_as_many_packets_as_it_takes(
        seed in proptest::collection::vec(any::<u8>(), 1..80),
        portion in 1_usize..90,
    ) {
        let length = panel().plane_bytes() * 3;
        let pixels: Vec<u8> = seed.iter().copied().cycle().take(length).collect();
        let frame = Frame::from_bytes(panel(), pixels).unwrap();
        let mut codec = Cp5200::new(setup(Pages::Pictures));
        let mut card = VirtualCp5200::new(1, panel());
        let mut requests = codec.set_up();
        requests.extend(codec.picture(0, &frame));
        prop_assert_eq!(requests.last().map(|request| request.effect), Some(Effect::Shows));
        let mut wire = Vec::new();
        for request in &requests {
            wire.extend(&request.bytes);
            for part in request.bytes.chunks(portion) {
                card.receive(part);
            }
        }
        prop_assert_eq!(card.screen(), &frame);
        let told = decode(Protocol::Cp5200, &wire);
        prop_assert_eq!(told.len(), requests.len());
        let last = told.last().unwrap();
        prop_assert_eq!(last.shows.clone(), Some(Shown::Picture(frame)));
    }
}
