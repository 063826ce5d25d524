//! Digit displays on Modbus RTU. The examples are those of the Modbus application protocol for
//! functions 6 and 16, with CRCs as makers print them.

use hall_protocol::sign::Depth;
use hall_signs::Panel;
use hall_signs::codec::modbus::{Function, Layout, Modbus, RegisterMap, silence};
use hall_signs::codec::{Answer, Codec, Cure, Effect, Heard, Protocol, Request};
use hall_signs::decode::{Direction, Shown, decode};
use hall_signs::emulator::modbus::VirtualModbus;
use hall_signs::page::WindowContent;
use hall_signs::substitute::Substitute;
use proptest::prelude::*;

use crate::{bytes, called, field, showing};

const WRITE_ONE: &str = "01 06 00 01 00 03 98 0B";
const WRITE_MANY: &str = "01 10 00 01 00 02 04 00 0A 01 02 92 30";
const WRITTEN: &str = "01 10 00 01 00 02 10 08";

const BAUD: u32 = 9_600;

fn panel() -> Panel {
    Panel::new(64, 16, Depth::Mono).unwrap()
}

/// Each request after the line's rest; the answers.
fn tell(
    codec: &mut Modbus,
    display: &mut VirtualModbus,
    requests: &[Request],
    at_ns: &mut u64,
) -> Vec<Heard> {
    let mut heard = Vec::new();
    for request in requests {
        let rest = u64::try_from(silence(BAUD).as_nanos()).unwrap();
        assert_eq!(display.receive(&request.bytes, *at_ns), Vec::<u8>::new());
        *at_ns += u64::try_from(request.bytes.len()).unwrap() * 11 * (1_000_000_000 / u64::from(BAUD)) + rest;
        let answer = display.pass_time(*at_ns);
        heard.extend(codec.read(&answer, Some(request)));
        *at_ns += rest;
    }
    heard
}

#[test]
fn what_is_sent_and_told_is_the_standard_s_own() {
    let codec = Modbus::new(RegisterMap::new(1));
    assert_eq!(codec.write_one(1, 3, Effect::Nothing).bytes, bytes(WRITE_ONE));
    assert_eq!(codec.write_many(1, &[10, 0x0102], Effect::Nothing).bytes, bytes(WRITE_MANY));
    for (hex, name, direction) in [
        (WRITE_ONE, "write one register", Direction::Unknown),
        (WRITE_MANY, "write registers", Direction::ToSign),
        (WRITTEN, "registers written", Direction::FromSign),
    ] {
        let told = decode(Protocol::ModbusRtu, &bytes(hex));
        assert_eq!((told.len(), told[0].name, told[0].direction), (1, name, direction));
        assert!(told[0].checksum.unwrap().is_right() && told[0].problem.is_none());
    }
    // All three in a row, noise between them.
    let line = [bytes(WRITE_ONE), vec![0xFF, 0x00], bytes(WRITE_MANY), bytes(WRITTEN)].concat();
    assert_eq!(decode(Protocol::ModbusRtu, &line).len(), 3);
    let mut wrong = bytes(WRITE_MANY);
    wrong[8] ^= 1;
    let checksum = decode(Protocol::ModbusRtu, &wrong)[0].checksum.unwrap();
    assert_eq!(checksum.found, 0x9230);
    assert!(!checksum.is_right());
}

#[test]
fn the_silence_is_three_and_a_half_characters_and_never_under_1750_us_above_19200() {
    for (baud, ns) in [
        (1_200, 32_083_334),
        (9_600, 4_010_417),
        (19_200, 2_005_209),
        (38_400, 1_750_000),
        (115_200, 1_750_000),
    ] {
        assert_eq!(silence(baud).as_nanos(), ns, "{baud}");
    }
    let mut codec = Modbus::new(RegisterMap::new(1));
    assert_eq!(Codec::rest(&codec, BAUD), silence(BAUD));
    // With less of it between two frames a display hears one long broken frame.
    let mut display = VirtualModbus::new(1, 0, 4, BAUD);
    let request = codec.show(None, &called(panel()), 0).unwrap().remove(0);
    let character_ns = 11 * 1_000_000_000 / u64::from(BAUD);
    let sent_ns = u64::try_from(request.bytes.len()).unwrap() * character_ns;
    display.receive(&request.bytes, 0);
    let too_soon = display.receive(&request.bytes, sent_ns + character_ns);
    assert_eq!(too_soon, Vec::<u8>::new());
    assert_eq!(display.pass_time(1_000_000_000), Vec::<u8>::new());
    assert_eq!(display.registers()[0], 0xFFFF);
}

#[test]
fn a_call_s_digits_are_in_the_registers_of_every_layout() {
    let ascii = |text: &str| text.bytes().map(u16::from).collect::<Vec<_>>();
    for (layout, places, function, expected) in [
        (Layout::Bcd, 4, Function::WriteMany, vec![0xF012]),
        (Layout::Bcd, 6, Function::WriteMany, vec![0xFFFF, 0xF012]),
        (Layout::Number, 4, Function::WriteOne, vec![12]),
        (Layout::DigitEach, 4, Function::WriteOne, vec![0xFF, 0, 1, 2]),
        (Layout::AsciiEach, 4, Function::WriteMany, ascii("A012")),
        (Layout::AsciiPairs, 4, Function::WriteMany, vec![0x4130, 0x3132]),
        (Layout::AsciiPairs, 5, Function::WriteMany, vec![0x2041, 0x3031, 0x3220]),
    ] {
        let map = RegisterMap { layout, places, function, first: 5, blank: 0xFF, ..RegisterMap::new(9) };
        let mut codec = Modbus::new(map);
        let mut display = VirtualModbus::new(9, 5, expected.len(), BAUD);
        let mut at_ns = 0;
        let requests = codec.show(None, &called(panel()), 0).unwrap();
        let heard = tell(&mut codec, &mut display, &requests, &mut at_ns);
        assert!(heard.iter().all(|heard| *heard == Heard::Answer(Answer::Done)), "{layout:?} {heard:?}");
        assert_eq!(heard.len(), requests.len());
        assert_eq!(display.registers(), expected, "{layout:?} {places}");
        assert_eq!(requests.last().map(|request| request.effect), Some(Effect::Shows));
    }
}

#[test]
fn an_open_window_shows_dashes_where_there_are_such_and_nothing_where_not() {
    let idle = showing(panel(), "3", WindowContent::Idle { service: "社保".into(), waiting: 0 });
    let map = RegisterMap { layout: Layout::AsciiEach, ..RegisterMap::new(1) };
    let request = Modbus::new(map).show(None, &idle, 0).unwrap().remove(0);
    assert_eq!(decode(Protocol::ModbusRtu, &request.bytes)[0].shows, Some(Shown::Text(vec![" ---".into()])));
    let mut codec = Modbus::new(RegisterMap::new(1));
    assert_eq!(codec.fitted(&idle.words).substitute, Substitute::Dark);
    let request = codec.show(None, &idle, 0).unwrap().remove(0);
    assert_eq!(decode(Protocol::ModbusRtu, &request.bytes)[0].shows, Some(Shown::Dark));
    for (layout, dash, registers) in [
        (Layout::Bcd, 0xA, vec![0xAAAA]),
        (Layout::DigitEach, 0x0B, vec![0x0B; 4]),
        (Layout::Number, 0xFFFE, vec![0xFFFE]),
    ] {
        let map = RegisterMap { layout, dash: Some(dash), ..RegisterMap::new(1) };
        assert_eq!(Modbus::new(map.clone()).fitted(&idle.words).substitute, Substitute::Dashes);
        let mut display = VirtualModbus::new(1, 0, registers.len(), BAUD);
        let mut codec = Modbus::new(map);
        let requests = codec.show(None, &idle, 0).unwrap();
        tell(&mut codec, &mut display, &requests, &mut 0);
        assert_eq!(display.registers(), registers, "{layout:?}");
    }
}

#[test]
fn exceptions_are_sentences_and_the_echo_of_a_request_is_no_answer() {
    let mut codec = Modbus::new(RegisterMap { first: 100, ..RegisterMap::new(1) });
    let mut display = VirtualModbus::new(1, 0, 1, BAUD);
    let requests = codec.show(None, &called(panel()), 0).unwrap();
    let heard = tell(&mut codec, &mut display, &requests, &mut 0);
    let [Heard::Answer(Answer::Refused { why, cure: Cure::GoOn })] = &heard[..] else { panic!("{heard:?}") };
    assert!(why.en.contains("register") && why.zh.contains("寄存器"));
    assert_eq!(codec.read(&requests[0].bytes, Some(&requests[0])), [Heard::Echo]);
    let told = decode(Protocol::ModbusRtu, &bytes("01 90 02 cd c1"));
    assert_eq!((told[0].name, field(&told[0], "exception")), ("refused", "2, no such register"));
}

proptest! {
    #[test]
    fn every_number_arrives_in_any_portions_after_noise(
        number in 0_u16..10_000, noise in proptest::collection::vec(any::<u8>(), 0..7), portion in 1_usize..9,
    ) {
        let mut codec = Modbus::new(RegisterMap::new(1));
        let mut display = VirtualModbus::new(1, 0, 1, BAUD);
        let values = RegisterMap::new(1).registers(&format!("{number:04}"));
        let request = codec.write_many(0, &values, Effect::Shows);
        display.receive(&request.bytes, 0);
        let answer = display.pass_time(1_000_000_000);
        let digit = |place: u16| number / place % 10;
        let bcd = [1_000, 100, 10, 1].iter().fold(0, |all, place| all * 16 + digit(*place));
        prop_assert_eq!(display.registers(), [bcd]);
        let mut heard = Vec::new();
        for part in [noise, answer].concat().chunks(portion) {
            heard.extend(codec.read(part, Some(&request)));
        }
        prop_assert_eq!(heard.last(), Some(&Heard::Answer(Answer::Done)));
    }
}
