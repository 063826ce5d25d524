//! What a technician is told of font cards' frames: every example of the vendor's document, BX-5K/6K protocol
//! v1.4.

use hall_signs::codec::Protocol;
use hall_signs::decode::{Direction, Shown, decode};

use super::{ACK, DYNAMIC_AREA, NACK, PING, SET_TIME};
use crate::garbage::packet;
use crate::{bytes, field};

const BEGIN_FILE: &str = "A5 A5 A5 A5 A5 A5 A5 A5 FE FF 00 80 00 00 00 00 00 00 FE 02 0E 00 A1 05 01 00 00 01 50 30 30 30 47 00 00 00 48 14 5A";
const WRITE_FILE: &str = "A5 A5 A5 A5 A5 A5 A5 A5 FE FF 00 80 00 00 00 00 00 00 FE 02 59 00 A1 06 01 00 00 50 30 30 30 01 00 00 47 00 00 00 00 00 00 50 30 30 30 47 00 00 00 FF 00 00 01 FF FF FF FF FF FF FF FF 01 00 00 01 2C 00 00 00 00 00 80 00 00 80 80 20 00 FF 00 00 00 00 00 00 00 02 02 02 00 0A 0A 0D 00 00 00 BB B6 D3 AD B9 E2 C1 D9 4F 6E 62 6F 6E 0F 18 EC F0 5A";
const FORMAT: &str =
    "A5 A5 A5 A5 A5 A5 A5 A5 01 00 00 80 00 00 00 00 00 00 FE 02 05 00 A1 00 01 00 00 2C F8 5A";
const LOCK: &str = "A5 A5 A5 A5 A5 A5 A5 A5 01 00 00 80 00 00 00 00 00 00 FE 02 0B 00 A3 04 01 00 00 00 01 50 30 30 30 C2 40 5A";
const UNLOCK: &str = "A5 A5 A5 A5 A5 A5 A5 A5 01 00 00 80 00 00 00 00 00 00 FE 02 0B 00 A3 04 01 00 00 00 00 50 30 30 30 FF 80 5A";
const HIDE_OWN_PAGE: &str =
    "A5 A5 A5 A5 A5 A5 A5 A5 FE FF 00 80 FF 00 00 00 00 00 FE 02 06 00 A2 08 01 00 00 01 BC 51 5A";
const SHOW_OWN_PAGE: &str =
    "A5 A5 A5 A5 A5 A5 A5 A5 FE FF 00 80 FF 00 00 00 00 00 FE 02 06 00 A2 08 01 00 00 00 7D 91 5A";
const ASK_FONTS: &str =
    "A5 A5 A5 A5 A5 A5 A5 A5 FE FF 00 80 FF 00 00 00 00 00 FE 02 05 00 A2 09 01 00 00 F0 00 5A";
const SPECIAL_AREA: &str = "A5 A5 A5 A5 A5 A5 A5 A5 01 00 00 80 00 00 00 00 00 00 FE 02 1D 00 A4 01 01 00 00 28 00 00 00 08 00 40 00 00 01 00 02 00 02 00 02 0A 00 00 00 00 00 00 00 FD C0 5A";
const SPECIAL_PAGE: &str = "A5 A5 A5 A5 A5 A5 A5 A5 01 00 00 80 00 00 00 00 00 00 FE 02 17 00 A4 02 01 00 00 00 0F 00 77 77 77 2E 6F 6E 62 6F 6E 62 78 2E 63 6F 6D 68 B5 5A";
const DELETE_SPECIAL_PAGE: &str =
    "A5 A5 A5 A5 A5 A5 A5 A5 01 00 00 80 00 00 00 00 00 00 FE 02 06 00 A4 09 01 00 00 00 65 9C 5A";
const DELETE_SPECIAL: &str =
    "A5 A5 A5 A5 A5 A5 A5 A5 01 00 00 80 00 00 00 00 00 00 FE 02 05 00 A4 04 01 00 00 E1 C8 5A";
const TWO_AREAS_FILE: &str = "A5 A5 A5 A5 A5 A5 A5 A5 01 00 00 80 00 00 00 00 00 00 63 02 77 00 A1 06 01 00 00 50 30 30 30 01 00 00 65 00 00 00 00 00 00 50 30 30 30 65 00 00 00 FF 00 00 01 FF FF FF FF FF FF FF FF 01 00 00 02 27 00 00 00 00 00 80 00 00 80 80 10 00 FF 00 00 00 00 00 00 00 02 02 03 00 0A 0A 08 00 00 00 BB B6 D3 AD B9 E2 C1 D9 23 00 00 00 00 00 80 10 00 80 80 10 00 FF 00 00 00 00 00 00 00 02 02 03 00 0A 0A 04 00 00 00 31 32 33 34 8A EC F7 4C 5A";
const BEGIN_FILE_2: &str = "A5 A5 A5 A5 A5 A5 A5 A5 01 00 00 80 00 00 00 00 00 00 FE 02 0E 00 A1 05 01 00 00 01 50 30 30 30 49 00 00 00 E2 16 5A";
// Its length is 5b, which is escaped on the wire.
const WRITE_FILE_2: &str = "A5 A5 A5 A5 A5 A5 A5 A5 01 00 00 80 00 00 00 00 00 00 FE 02 5B 01 00 A1 06 01 00 00 50 30 30 30 01 00 00 49 00 00 00 00 00 00 50 30 30 30 49 00 00 00 FF 00 00 01 FF FF 01 24 14 20 01 24 FF 00 00 01 2A 00 00 00 00 18 00 00 00 08 00 40 00 FF 00 00 00 00 00 00 00 02 02 01 00 00 0A 0F 00 00 00 77 77 77 2E 6F 6E 62 6F 6E 62 78 2E 63 6F 6D 52 4D 07 11 5A";

#[test]
fn every_example_of_the_document_is_told_and_its_checksum_is_right() {
    use Direction::{FromSign, ToSign};
    let cases = [
        (DYNAMIC_AREA, "dynamic areas", ToSign, 0x3C49),
        (ACK, "done", FromSign, 0x14AC),
        (NACK, "refused", FromSign, 0x0551),
        (BEGIN_FILE, "begin to write a file", ToSign, 0x4814),
        (WRITE_FILE, "write a file's block", ToSign, 0xECF0),
        (FORMAT, "format the memory", ToSign, 0x2CF8),
        (PING, "ping", ToSign, 0x68F8),
        (SET_TIME, "set the clock", ToSign, 0xB03F),
        (LOCK, "lock or unlock a program", ToSign, 0xC240),
        (UNLOCK, "lock or unlock a program", ToSign, 0xFF80),
        (HIDE_OWN_PAGE, "show or hide the card's own page", ToSign, 0xBC51),
        (SHOW_OWN_PAGE, "show or hide the card's own page", ToSign, 0x7D91),
        (ASK_FONTS, "ask fonts", ToSign, 0xF000),
        (SPECIAL_AREA, "set up the special area", ToSign, 0xFDC0),
        (SPECIAL_PAGE, "a page of the special area", ToSign, 0x68B5),
        (DELETE_SPECIAL_PAGE, "delete a page of the special area", ToSign, 0x659C),
        (DELETE_SPECIAL, "delete the special area", ToSign, 0xE1C8),
        (TWO_AREAS_FILE, "write a file's block", ToSign, 0xF74C),
        (BEGIN_FILE_2, "begin to write a file", ToSign, 0xE216),
        (WRITE_FILE_2, "write a file's block", ToSign, 0x0711),
    ];
    for (hex, name, direction, crc) in cases {
        let frames = decode(Protocol::OnbonBx5k, &bytes(hex));
        assert_eq!(frames.len(), 1, "{name}");
        let checksum = frames[0].checksum.unwrap();
        assert_eq!((checksum.found, checksum.expected), (crc, crc), "{name}");
        assert_eq!((frames[0].name, frames[0].direction), (name, direction));
        assert_eq!(frames[0].problem, None, "{name}");
    }
}

#[test]
fn the_text_of_a_program_in_flash_is_told() {
    for (hex, lines, file_crc) in [
        (WRITE_FILE, &["欢迎光临Onbon"][..], "180f, right"),
        (TWO_AREAS_FILE, &["欢迎光临", "1234"], "ec8a, right"),
        (WRITE_FILE_2, &["www.onbonbx.com"], "4d52, right"),
    ] {
        let frame = &decode(Protocol::OnbonBx5k, &bytes(hex))[0];
        let lines: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
        assert_eq!((&frame.shows, &frame.problem), (&Some(Shown::Text(lines)), &None));
        assert_eq!((field(frame, "file"), field(frame, "file checksum")), ("P000", file_crc));
        assert!(frame.fields.iter().all(|field| field.name != "data"), "{frame:?}");
    }
    let frame = &decode(Protocol::OnbonBx5k, &bytes(WRITE_FILE))[0];
    for (name, value) in [
        ("priority", "255"),
        ("played", "in turn"),
        ("life", "for ever"),
        ("weekdays", "all"),
        ("area", "255, 128x32 pixels at 0,0"),
        ("motion", "at once"),
    ] {
        assert_eq!(field(frame, name), value, "{name}");
    }
}

#[test]
fn the_fields_of_the_document_s_other_examples_are_told() {
    let told = |hex: &str| decode(Protocol::OnbonBx5k, &bytes(hex)).remove(0);
    for (hex, name, fields) in [
        (LOCK, "lock or unlock a program", &[("program", "locked"), ("file", "P000")][..]),
        (UNLOCK, "lock or unlock a program", &[("program", "unlocked"), ("kept without power", "no")]),
        (HIDE_OWN_PAGE, "show or hide the card's own page", &[("own page", "hidden")]),
        (SHOW_OWN_PAGE, "show or hide the card's own page", &[("own page", "shown")]),
        (BEGIN_FILE, "begin to write a file", &[("overwrite", "1"), ("file", "P000"), ("file length", "71")]),
        (
            SPECIAL_AREA,
            "set up the special area",
            &[("area", "64x64 pixels at 320,0"), ("data type", "text"), ("pages", "1"), ("time out", "2 s")],
        ),
        (SPECIAL_PAGE, "a page of the special area", &[("page", "0"), ("text", "www.onbonbx.com")]),
        (DELETE_SPECIAL_PAGE, "delete a page of the special area", &[("page", "0")]),
        (DELETE_SPECIAL, "delete the special area", &[]),
    ] {
        let frame = told(hex);
        assert_eq!((frame.name, &frame.problem), (name, &None), "{frame:?}");
        assert!(frame.checksum.unwrap().is_right(), "{name}");
        for (field_name, value) in fields {
            assert_eq!(field(&frame, field_name), *value, "{name} {field_name}");
        }
    }
}

/// Commands of which the document has a table and no example, in a packet of ours.
#[test]
fn what_is_said_and_when_it_is_on_is_told() {
    let told = |data: &[u8]| decode(Protocol::OnbonBx5k, &packet(data)).remove(0);
    let text = bytes("c7 eb 41 30 31 32 ba c5");
    let voice = [
        &[0xA2, 0x0E, 1][..],
        &[0; 8],
        &[0, 3, 8, 5, 0],
        &[1, 0, 0, 0],
        &[50, 0, 0, 0],
        &[0],
        &[8, 0, 0, 0],
        &text,
    ];
    let frame = told(&voice.concat());
    assert_eq!((frame.name, &frame.problem), ("say something", &None));
    assert_eq!((field(&frame, "says"), field(&frame, "between")), ("请A012号", "500 ms"));
    assert_eq!(field(&frame, "voice"), "person 3, volume 8, speed 5");
    let frame = told(&[0xA3, 0x01, 1, 0, 0, 1, 0x07, 0x30, 0x18, 0x30]);
    assert_eq!((frame.name, field(&frame, "on")), ("timers of power", "07:30-18:30"));
    let frame = told(&[0xA1, 0x01, 1, 0, 0, 0, 0]);
    assert_eq!((frame.name, field(&frame, "files")), ("delete files", "all programs"));
    // Every command of the document's chapter 8.
    let groups = [
        (0xA1, 0x00..=0x02),
        (0xA1, 0x05..=0x0B),
        (0xA2, 0x00..=0x01),
        (0xA2, 0x06..=0x12),
        (0xA3, 0x00..=0x02),
    ];
    let others = [[0xA2, 0x03], [0xA3, 0x04], [0xA3, 0x06], [0xA3, 0x08], [0xA3, 0x10]];
    let codes = groups.into_iter().flat_map(|(group, numbers)| numbers.map(move |number| [group, number]));
    for code in codes.chain(others).chain((0x01..=0x09).map(|number| [0xA4, number])) {
        let frame = told(&[&code[..], &[1, 0, 0]].concat());
        assert_ne!(frame.name, "command that is not looked into", "{code:02x?}");
    }
}

#[test]
fn the_fields_of_the_greeting_are_the_document_s() {
    let frame = &decode(Protocol::OnbonBx5k, &bytes(DYNAMIC_AREA))[0];
    for (name, value) in [
        ("destination", "everyone (fffe)"),
        ("source", "host 8000"),
        ("device", "any (fe)"),
        ("data length", "44"),
        ("command", "a3 06"),
        ("area", "0, 128x32 pixels at 0,0"),
        ("time out", "10 s"),
        ("motion", "still"),
        ("alignment", "left, top"),
        ("speed", "2"),
        ("stay", "5.0 s"),
        ("text", "欢迎光临"),
    ] {
        assert_eq!(field(frame, name), value, "{name}");
    }
    assert_eq!(frame.shows, Some(Shown::Text(vec!["欢迎光临".into()])));
}

#[test]
fn a_broken_checksum_tells_the_one_found_and_the_one_expected() {
    let mut wire = bytes(DYNAMIC_AREA);
    wire[60] ^= 0x01;
    let checksum = decode(Protocol::OnbonBx5k, &wire)[0].checksum.unwrap();
    assert_eq!(checksum.found, 0x3C49);
    assert_ne!(checksum.expected, 0x3C49);
}
