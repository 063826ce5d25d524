//! Displays described by a line of configuration.

use hall_protocol::sign::Depth;
use hall_signs::Panel;
use hall_signs::codec::template::{Check, Setup, Template, TemplateCodec, TemplateError};
use hall_signs::codec::{Answer, Awaits, Codec, Heard, Protocol};
use hall_signs::decode::{Shown, decode};
use hall_signs::emulator::template::{Expect, VirtualTemplate};
use hall_signs::page::WindowContent;
use proptest::prelude::*;

use crate::{bytes, called, field, showing};

fn panel() -> Panel {
    Panel::new(64, 16, Depth::Mono).unwrap()
}

/// A check's value by hand, bit by bit.
fn by_hand(check: Check, bytes: &[u8]) -> Vec<u8> {
    let crc = |polynomial: u16, start: u16, reflected: bool| {
        bytes.iter().fold(start, |crc, byte| {
            let begun = if reflected { crc ^ u16::from(*byte) } else { crc ^ u16::from(*byte) << 8 };
            (0..8).fold(begun, |crc, _| match (reflected, crc & 1 == 1, crc & 0x8000 != 0) {
                (true, true, _) => crc >> 1 ^ polynomial,
                (true, false, _) => crc >> 1,
                (false, _, true) => crc << 1 ^ polynomial,
                (false, _, false) => crc << 1,
            })
        })
    };
    let sum: u16 = bytes.iter().map(|byte| u16::from(*byte)).sum();
    match check {
        Check::Sum => vec![sum.to_le_bytes()[0]],
        Check::Sum16 => sum.to_le_bytes().to_vec(),
        Check::Xor => vec![bytes.iter().fold(0, |all, byte| all ^ byte)],
        Check::Crc16Modbus => crc(0xA001, 0xFFFF, true).to_le_bytes().to_vec(),
        Check::Crc16Arc => crc(0xA001, 0, true).to_le_bytes().to_vec(),
        Check::Crc16Kermit => crc(0x8408, 0, true).to_le_bytes().to_vec(),
        Check::Crc16Ccitt => crc(0x1021, 0xFFFF, false).to_be_bytes().to_vec(),
        Check::Crc16Xmodem => crc(0x1021, 0, false).to_be_bytes().to_vec(),
    }
}

#[test]
fn a_line_becomes_the_bytes_of_a_manual() {
    let cases: [(&str, Option<Check>, &[u8]); 8] = [
        (r"\x02{window:2}{number:5}\x03", None, b"\x02 3 A012\x03"),
        (r"\xAA{digits:04}{from}{window}{checksum}", Some(Check::Xor), b"\xAA001233"),
        (r"{number}{checksum:hex}\r\n", Some(Check::Sum), b"A012D4\r\n"),
        (r"\{{number}\}\\", None, b"{A012}\\"),
        ("请{number}到{window}号", None, &bytes("c7 eb 41 30 31 32 b5 bd 33 ba c5")),
        (r"{number}{checksum}", Some(Check::Crc16Modbus), b"A012\xfe\x13"),
        (r"{number}{checksum:swapped}", Some(Check::Crc16Modbus), b"A012\x13\xfe"),
        (r"{number}{checksum:hex}", Some(Check::Crc16Modbus), b"A01213FE"),
    ];
    for (text, check, expected) in cases {
        let expected = expected.to_vec();
        let bytes = Template::parse(text, check).unwrap().bytes("A012", "3");
        if check == Some(Check::Crc16Modbus) {
            // The polynomial's value by hand stands in for the two bytes written above.
            let crc = by_hand(Check::Crc16Modbus, b"A012");
            assert!(bytes.starts_with(b"A012"));
            let tail = &bytes[4..];
            let hex = format!("{:02X}{:02X}", crc[1], crc[0]).into_bytes();
            assert!(tail == crc || tail == [crc[1], crc[0]] || tail == hex, "{text} {bytes:02x?}");
            continue;
        }
        assert_eq!(bytes, expected, "{text}");
    }
}

#[test]
fn a_display_s_own_address_is_put_in() {
    let parsed = |text: &str| Template::parse(text, None).unwrap();
    for (text, expected) in [
        (r"\x02{address}{number}", b"\x02\x1fA012".to_vec()),
        ("{address:hex}{number}", b"1FA012".to_vec()),
        ("{address:03}:{number}", b"031:A012".to_vec()),
    ] {
        assert_eq!(parsed(text).at(31).bytes("A012", "3"), expected, "{text}");
        let checked = format!("{{from}}{text}{{checksum:hex}}");
        let template = Template::parse(&checked, Some(Check::Xor)).unwrap().at(31);
        let check = by_hand(Check::Xor, &expected)[0];
        assert_eq!(template.bytes("A012", "3"), [expected, format!("{check:02X}").into_bytes()].concat());
    }
    assert_eq!(
        Template::parse("{address:low}{number}", None),
        Err(TemplateError::Placeholder("{address:low}".into()))
    );
}

#[test]
fn what_cannot_be_understood_is_named() {
    let wrong = |text: &str, check| Template::parse(text, check).unwrap_err();
    assert_eq!(wrong("{nummer}", None), TemplateError::Placeholder("{nummer}".into()));
    assert_eq!(wrong("{number:x}", None), TemplateError::Placeholder("{number:x}".into()));
    assert_eq!(wrong(r"\xG1", None), TemplateError::Escape(r"\xG1".into()));
    assert_eq!(wrong(r"\q", None), TemplateError::Escape(r"\q".into()));
    assert_eq!(wrong("{number", None), TemplateError::Open);
    assert_eq!(wrong("number}", None), TemplateError::Open);
    assert_eq!(wrong("{number}𠮷", None), TemplateError::Character('𠮷'));
    assert_eq!(wrong("{number}", Some(Check::Sum)), TemplateError::CheckWithoutPlace);
    assert_eq!(wrong("{number}{checksum}", None), TemplateError::CheckWithoutPlace);
    assert!(wrong("{nummer}", None).to_string().contains("{number:4}"));
    assert!(!Template::parse("abc", None).unwrap().changes());
}

fn display(reply: &[u8]) -> VirtualTemplate {
    let check = Expect::Check { from: 1, length: 1, of: |bytes| by_hand(Check::Sum, bytes) };
    let frame = [Expect::Bytes(vec![2]), Expect::Window(2), Expect::Number(4), check, Expect::Bytes(vec![3])];
    VirtualTemplate::new(frame.to_vec(), reply.to_vec())
}

fn setup() -> Setup {
    Setup::new(Template::parse(r"\x02{from}{window:2}{number:4}{checksum}\x03", Some(Check::Sum)).unwrap())
}

#[test]
fn a_display_that_answers_and_one_that_never_does() {
    let mut codec = TemplateCodec::new(setup());
    let request = codec.show(None, &called(panel()), 0).unwrap().remove(0);
    assert_eq!(request.awaits, Awaits::Silence { rest_ms: 50 });
    let mut silent = display(b"");
    assert_eq!(silent.receive(&request.bytes), Vec::<u8>::new());
    assert_eq!((silent.number(), silent.window()), ("A012", "3"));

    let answering = Setup { reply: Some(vec![6]), refusal: Some(vec![0x15]), ..setup() };
    let mut codec = TemplateCodec::new(answering);
    let request = codec.show(None, &called(panel()), 0).unwrap().remove(0);
    let mut answers = display(b"\x06");
    let line = [request.bytes.clone(), answers.receive(&request.bytes)].concat();
    assert_eq!(codec.read(&line, Some(&request)), [Heard::Echo, Heard::Answer(Answer::Done)]);
    let heard = codec.read(&[0x15], Some(&request));
    assert!(matches!(heard[..], [Heard::Answer(Answer::Refused { .. })]), "{heard:?}");
    // Nobody asked.
    assert_eq!(codec.read(&[6], None), [Heard::Stray]);
}

#[test]
fn without_a_call_the_idle_line_is_sent_or_dashes() {
    let idle = showing(panel(), "3", WindowContent::Paused { reason: None });
    let request = TemplateCodec::new(setup()).show(None, &idle, 0).unwrap().remove(0);
    let mut sign = display(b"");
    sign.receive(&request.bytes);
    assert_eq!(sign.number(), "---");
    let off = Template::parse(r"\x0C", None).unwrap();
    let request =
        TemplateCodec::new(Setup { idle: Some(off), ..setup() }).show(None, &idle, 0).unwrap().remove(0);
    assert_eq!(request.bytes, [0x0C]);
}

#[test]
fn a_recording_of_an_unknown_display_tells_its_text_and_the_checksum_that_fits() {
    let bytes = setup().called.bytes("A012", "3");
    let told = &decode(Protocol::Template, &bytes)[0];
    // The checksum happens to be a character, and is no text.
    assert_eq!(field(told, "text"), " 3A012");
    assert!(
        told.fields
            .iter()
            .any(|field| field.name == "fits" && field.value.starts_with("sum over bytes 1 to 6"))
    );
    assert_eq!(told.shows, Some(Shown::Text(vec![" 3A012".into()])));
    let crc = Template::parse(r"\xFE{number}{checksum}", Some(Check::Crc16Xmodem)).unwrap().bytes("B777", "");
    let told = &decode(Protocol::Template, &crc)[0];
    assert_eq!(told.checksum.unwrap().kind, "crc16-xmodem");
    assert_eq!(decode(Protocol::Template, &[]), []);
}

proptest! {
    #[test]
    fn every_check_is_what_it_is_by_hand_and_the_display_takes_it(
        text in "[A-Z][0-9]{3}", check in proptest::sample::select(Check::ALL.to_vec()),
    ) {
        let template = Template::parse(r"\x55{number}{checksum}", Some(check)).unwrap();
        let bytes = template.bytes(&text, "");
        let content = [b"\x55", text.as_bytes()].concat();
        prop_assert_eq!(&bytes, &[content.clone(), by_hand(check, &content)].concat());
        let told = &decode(Protocol::Template, &bytes)[0];
        let fits = told.fields.iter().any(|field| field.name == "fits" && field.value.starts_with(check.name()));
        prop_assert!(fits, "{:?}", told.fields);
    }

    #[test]
    fn noise_before_a_call_costs_nothing(noise: Vec<u8>, portion in 1_usize..9) {
        let request = TemplateCodec::new(setup()).show(None, &called(panel()), 0).unwrap().remove(0);
        let mut sign = display(b"");
        for part in [noise, request.bytes].concat().chunks(portion) {
            sign.receive(part);
        }
        prop_assert_eq!(sign.number(), "A012");
    }

    #[test]
    fn no_line_of_configuration_panics(text: String, check in proptest::option::of(Just(Check::Sum))) {
        if let Ok(template) = Template::parse(&text, check) {
            template.bytes("A012", "3");
        }
    }
}
