//! Onbon font cards. The hex is from the vendor's document, BX-5K/6K protocol v1.4; the numbers are
//! its examples'.

mod told;

use std::sync::Arc;

use hall_protocol::sign::Depth;
use hall_signs::codec::onbon::bx5k::{Area, Bx5k, Generation, Motion, Setup, Speaker, Voice, markup};
use hall_signs::codec::{Answer, CannotShow, Codec, Cure, Heard, Protocol};
use hall_signs::decode::decode;
use hall_signs::emulator::bx5k::VirtualBx5k;
use hall_signs::page::{EmergencyPage, WindowContent};
use hall_signs::substitute::Substitute;
use hall_signs::words::{Saying, Showing, TextLine};
use hall_signs::{Frame, Light, Panel};
use proptest::prelude::*;

use crate::{bytes, called, dark, field, moment, showing};

const DYNAMIC_AREA: &str = "a5 a5 a5 a5 a5 a5 a5 a5 fe ff 00 80 00 00 00 00 00 00 fe 02 2c 00 a3 06 01 00 00 00 01 23 00 00 00 80 00 00 80 80 20 00 00 00 00 0a 00 00 00 00 02 01 01 00 02 0a 08 00 00 00 bb b6 d3 ad b9 e2 c1 d9 3c 49 5a";
const ACK: &str =
    "A5 A5 A5 A5 A5 A5 A5 A5 A5 00 80 FE FF 00 00 00 00 00 00 FE 02 05 00 A0 00 00 00 00 14 AC 5A";
const NACK: &str =
    "A5 A5 A5 A5 A5 A5 A5 A5 A5 00 80 FE FF 00 00 00 00 00 00 FE 02 05 00 A0 01 05 00 00 05 51 5A";
const PING: &str =
    "A5 A5 A5 A5 A5 A5 A5 A5 01 00 00 80 00 00 00 00 00 00 FE 02 05 00 A2 00 01 00 00 68 F8 5A";
const SET_TIME: &str = "A5 A5 A5 A5 A5 A5 A5 A5 01 00 00 80 00 00 00 00 00 00 FE 02 0D 00 A2 03 01 08 00 13 20 01 25 11 17 26 05 B0 3F 5A";

fn card(address: Option<u16>) -> Bx5k {
    Bx5k::new(Setup { address, over_programs: false, ..Setup::new(1, 128, 32) })
}

fn panel() -> Panel {
    Panel::new(128, 32, Depth::RedGreen).unwrap()
}

fn greeting() -> Area {
    Area {
        number: 0,
        x_px: 0,
        y_px: 0,
        width_px: 128,
        height_px: 32,
        expires_s: 0,
        voice: None,
        centred: false,
        motion: Motion::Still,
        speed: 2,
        stay_half_s: 10,
        text: bytes("bb b6 d3 ad b9 e2 c1 d9"),
    }
}

#[test]
fn what_is_sent_is_the_document_s_own_bytes() {
    assert_eq!(card(Some(1)).ping().bytes, bytes(PING));
    let time = moment("2013-01-25", 11, 17, 26);
    assert_eq!(card(Some(1)).set_time(time).bytes, bytes(SET_TIME));
    // Example 8 gives a time-out of ten seconds to an area that never expires; apart from these two
    // bytes and the checksum all are its own.
    let mut ours = card(None).dynamic_areas(&[greeting()]).unwrap().bytes;
    let documents = bytes(DYNAMIC_AREA);
    assert_eq!((ours[43], documents[43]), (0, 10));
    assert_eq!(ours.len(), documents.len());
    ours[43] = 10;
    assert_eq!(ours[..ours.len() - 3], documents[..documents.len() - 3]);
}

#[test]
fn answers_are_read_and_errors_are_sentences() {
    let mut codec = card(None);
    let ping = codec.ping();
    assert_eq!(codec.read(&bytes(ACK), Some(&ping)), [Heard::Answer(Answer::Identified { mismatch: None })]);
    let show = codec.dynamic_areas(&[greeting()]).unwrap();
    assert_eq!(codec.read(&bytes(ACK), Some(&show)), [Heard::Answer(Answer::Done)]);
    let heard = codec.read(&bytes(NACK), Some(&show));
    let [Heard::Answer(Answer::Refused { why, cure: Cure::StartOver })] = heard.as_slice() else {
        panic!("{heard:?}");
    };
    assert!(why.zh.contains("校验") && why.en.contains("checksum"));
    // One's own sending comes back as an echo, another card's answer is nobody's.
    assert_eq!(codec.read(&show.bytes, Some(&show)), [Heard::Echo]);
    let mut other = card(Some(9));
    let mut from_one = VirtualBx5k::new(1, 128, 32);
    let answer = from_one.receive(&bytes(PING));
    assert_eq!(other.read(&answer, Some(&ping)), [Heard::Stray]);
    assert_eq!(other.read(&bytes(ACK), None), [Heard::Stray]);
}

#[test]
fn a_call_is_read_on_the_card_in_two_lines_and_flash_is_never_written() {
    let mut codec = Bx5k::new(Setup { brightness: Some([7; 48]), ..Setup::new(1, 128, 32) });
    let mut card = VirtualBx5k::new(1, 128, 32);
    let mut tell = |codec: &mut Bx5k, requests: Vec<hall_signs::codec::Request>| {
        for request in requests {
            let answer = card.receive(&request.bytes);
            let heard = codec.read(&answer, Some(&request));
            assert!(
                matches!(heard[..], [Heard::Answer(Answer::Done | Answer::Identified { .. })]),
                "{heard:?}"
            );
        }
        (card.lines(), card.levels().to_vec(), card.flash_writes())
    };
    let identify = codec.identify().into_iter().collect();
    tell(&mut codec, identify);
    let set_up = codec.set_up();
    assert_eq!(tell(&mut codec, set_up).1, [7; 48]);
    let requests = codec.show(None, &called(panel()), 0).unwrap();
    assert_eq!(tell(&mut codec, requests).0, ["A012", "请到3号窗口"]);
    let paused = showing(panel(), "3", WindowContent::Paused { reason: Some("取件".into()) });
    let requests = codec.show(None, &paused, 0).unwrap();
    assert_eq!(tell(&mut codec, requests).0, ["暂停服务", "取件"]);
    let requests = codec.show(None, &dark(panel()), 0).unwrap();
    assert_eq!(tell(&mut codec, requests), (vec![], vec![7; 48], 0));
}

#[test]
fn a_poll_notices_lost_power_and_a_screen_switched_off() {
    let mut codec = Bx5k::new(Setup::new(1, 128, 32));
    let mut card = VirtualBx5k::new(1, 128, 32);
    let ask = |codec: &mut Bx5k, card: &mut VirtualBx5k| {
        let poll = codec.poll().unwrap();
        let answer = card.receive(&poll.bytes);
        match codec.read(&answer, Some(&poll)).as_slice() {
            [Heard::Answer(Answer::Status { own_page, restarted, .. })] => (*own_page, *restarted),
            other => panic!("{other:?}"),
        }
    };
    for request in codec.show(None, &called(panel()), 0).unwrap() {
        card.receive(&request.bytes);
    }
    assert_eq!(ask(&mut codec, &mut card), (false, false));
    card.receive(&codec.power(false).bytes);
    assert_eq!((ask(&mut codec, &mut card), card.is_on(), card.lines()), ((true, false), false, vec![]));
    card.receive(&codec.power(true).bytes);
    card.restart();
    assert_eq!(ask(&mut codec, &mut card), (false, true));
    card.keep_busy(1);
    let ping = codec.ping();
    let answer = card.receive(&ping.bytes);
    let heard = codec.read(&answer, Some(&ping));
    assert!(matches!(heard[..], [Heard::Answer(Answer::Refused { cure: Cure::Wait, .. })]), "{heard:?}");
}

/// Sends what the codec asks for and lets it hear the answers.
fn tell(codec: &mut Bx5k, card: &mut VirtualBx5k, requests: Vec<hall_signs::codec::Request>) {
    for request in requests {
        let answer = card.receive(&request.bytes);
        let heard = codec.read(&answer, Some(&request));
        assert!(matches!(heard[..], [Heard::Answer(Answer::Done | Answer::Status { .. })]), "{heard:?}");
    }
}

#[test]
fn a_call_is_said_once_and_a_recall_again() {
    let speaker = Speaker { person: 1, repeats: 0, volume: 8, speed: 5 };
    let mut codec = Bx5k::new(Setup { speaker: Some(speaker), ..Setup::new(1, 128, 32) });
    let mut card = VirtualBx5k::new(1, 128, 32);
    let said = |occasion| Some(Saying { text: "请A012号到3号窗口".into(), occasion });
    for (say, times) in [(None, 0), (said(1), 1), (said(1), 1), (None, 1), (said(2), 2), (None, 2)] {
        let page = Showing { say, ..called(panel()) };
        let requests = codec.show(None, &page, 0).unwrap();
        tell(&mut codec, &mut card, requests);
        assert_eq!(card.heard(), vec!["请A012号到3号窗口"; times]);
        assert_eq!(card.lines(), ["A012", "请到3号窗口"]);
    }
    // What was not acknowledged is said with the next try.
    let page = Showing { say: said(3), ..called(panel()) };
    let lost = codec.show(None, &page, 0).unwrap();
    let again = codec.show(None, &page, 0).unwrap();
    assert_eq!(lost, again);
    // A card without a voice is never sent one.
    let mut silent = Bx5k::new(Setup::new(1, 128, 32));
    let requests = silent.show(None, &page, 0).unwrap();
    tell(&mut silent, &mut card, requests);
    assert_eq!((card.heard().len(), silent.speaks()), (2, false));
}

#[test]
fn a_sentence_without_room_is_left_out_and_the_page_is_not() {
    let speaker = Speaker { person: 0, repeats: 0, volume: 5, speed: 5 };
    let mut codec = Bx5k::new(Setup { speaker: Some(speaker), ..Setup::new(1, 128, 32) });
    let mut card = VirtualBx5k::new(1, 128, 32);
    let page = Showing { say: Some(Saying { text: "请".repeat(300), occasion: 1 }), ..called(panel()) };
    let requests = codec.show(None, &page, 0).unwrap();
    tell(&mut codec, &mut card, requests);
    assert_eq!((card.lines(), card.heard()), (vec!["A012".into(), "请到3号窗口".into()], [].as_slice()));
}

#[test]
fn levels_beyond_the_card_s_are_its_highest() {
    let codec = Bx5k::new(Setup::new(1, 128, 32));
    let mut card = VirtualBx5k::new(1, 128, 32);
    card.receive(&codec.brightness_by_time(&[200; 48]).bytes);
    assert_eq!(card.levels(), [15; 48]);
}

#[test]
fn a_card_that_was_switched_is_not_switched_again_unless_it_may_be_another() {
    let mut codec = Bx5k::new(Setup { switched: true, ..Setup::new(1, 128, 32) });
    let mut card = VirtualBx5k::new(1, 128, 32);
    // No poll between: the answer to the switch tells enough.
    for requests in [2, 1] {
        let asked = codec.show(None, &called(panel()), 0).unwrap();
        assert_eq!(asked.len(), requests);
        tell(&mut codec, &mut card, asked);
    }
    codec.set_up();
    assert_eq!(codec.show(None, &called(panel()), 0).unwrap().len(), 2);
}

#[test]
fn a_switched_card_is_off_while_its_page_is_dark_and_only_then() {
    let mut codec = Bx5k::new(Setup { switched: true, ..Setup::new(1, 128, 32) });
    let mut card = VirtualBx5k::new(1, 128, 32);
    card.receive(&codec.power(false).bytes);
    codec.set_up();
    let mut show = |page: &Showing, requests: usize, on: bool| {
        let asked = codec.show(None, page, 0).unwrap();
        assert_eq!(asked.len(), requests);
        tell(&mut codec, &mut card, asked);
        let poll = codec.poll().unwrap();
        let heard = codec.read(&card.receive(&poll.bytes), Some(&poll));
        let right = matches!(heard[..], [Heard::Answer(Answer::Status { own_page: false, .. })]);
        assert!(right && card.is_on() == on, "{heard:?}");
    };
    // Whether it is on is not known at first; then it is switched only when that changes.
    show(&called(panel()), 2, true);
    show(&called(panel()), 1, true);
    show(&dark(panel()), 2, false);
    show(&dark(panel()), 1, false);
    show(&called(panel()), 2, true);
    assert_eq!(card.flash_writes(), 0);
    // Somebody with a remote control switches it off: a poll tells, and it is switched on again.
    card.receive(&codec.power(false).bytes);
    let poll = codec.poll().unwrap();
    let heard = codec.read(&card.receive(&poll.bytes), Some(&poll));
    assert!(matches!(heard[..], [Heard::Answer(Answer::Status { own_page: true, .. })]), "{heard:?}");
    let requests = codec.show(None, &called(panel()), 0).unwrap();
    tell(&mut codec, &mut card, requests);
    assert!(card.is_on());
}

#[test]
fn a_card_with_levels_for_the_day_is_not_told_one_each_hour() {
    let levels = std::array::from_fn(|half_hour| u8::try_from(half_hour % 16).unwrap());
    let mut codec = Bx5k::new(Setup { brightness: Some(levels), ..Setup::new(1, 128, 32) });
    assert!(codec.dims() && codec.brightness(128).is_none());
    let mut card = VirtualBx5k::new(1, 128, 32);
    let set_up = codec.set_up();
    tell(&mut codec, &mut card, set_up);
    assert_eq!(card.levels(), levels);
    let mut other = Bx5k::new(Setup::new(1, 128, 32));
    let one = other.brightness(128).into_iter().collect();
    tell(&mut other, &mut card, one);
    assert_eq!((card.levels(), card.times_dimmed()), ([8].as_slice(), 2));
}

#[test]
fn what_is_longer_than_the_card_s_buffer_is_not_sent() {
    let long = Area { text: vec![b'A'; 500], ..greeting() };
    let fifth = card(Some(1)).dynamic_areas(std::slice::from_ref(&long));
    assert!(matches!(fifth, Err(CannotShow::TooLong { bytes_max: 512, .. })), "{fifth:?}");
    let setup = Setup { generation: Generation::Sixth, ..Setup::new(1, 128, 32) };
    assert!(Bx5k::new(setup).dynamic_areas(&[long]).is_ok());
}

#[test]
fn a_text_longer_than_the_card_s_buffer_is_shown_as_far_as_it_has_room() {
    let words =
        EmergencyPage { zh: "请立即离开大厅。".repeat(25), en: "Leave the hall now. ".repeat(20) }.words();
    let mut codec = card(Some(1));
    assert_eq!(codec.fitted(&words).substitute, Substitute::Beginning);
    let frame = Arc::new(Frame::dark(Panel::new(128, 32, Depth::RedGreen).unwrap()));
    let request = codec.show(None, &Showing { frame, words, blink: None, say: None }, 0).unwrap().remove(0);
    let mut sign = VirtualBx5k::new(1, 128, 32);
    sign.receive(&request.bytes);
    let shown = format!("{:?}", decode(Protocol::OnbonBx5k, &request.bytes)[0].shows);
    assert!(shown.contains("请立即离开大厅。请立即"), "{shown}");
}

#[test]
fn clock_brightness_and_voice_arrive() {
    let codec = Bx5k::new(Setup::new(1, 128, 32));
    let mut card = VirtualBx5k::new(1, 128, 32);
    let time = moment("2026-12-31", 23, 59, 58);
    card.receive(&codec.set_time(time).bytes);
    assert_eq!(card.clock(), Some([2026, 12, 31, 23, 59, 58, 4]));
    card.receive(&codec.brightness_of_day(40).bytes);
    assert_eq!(card.levels(), [15]);
    let voice = |text: Option<&str>| Voice {
        person: 3,
        repeats: 1,
        volume: 8,
        speed: 5,
        text: text.map(str::to_owned),
    };
    for (text, said) in [(Some("请A012号到3号窗口"), "请A012号到3号窗口"), (None, "欢迎光临")]
    {
        let area = Area { voice: Some(voice(text)), expires_s: 60, ..greeting() };
        let request = codec.dynamic_areas(&[area]).unwrap();
        card.receive(&request.bytes);
        let area = &card.areas()[&0];
        assert_eq!((area.said.clone(), area.expires_s), (Some((8, said.into())), 60));
        let frame = &decode(Protocol::OnbonBx5k, &request.bytes)[0];
        assert_eq!(field(frame, "voice"), "person 3, 1 repeats, volume 8, speed 5");
    }
}

#[test]
fn text_cannot_smuggle_the_card_s_escapes_and_colours_are_the_document_s() {
    let line = |text: &str, light| TextLine::new(text, light);
    let lines = [line("红\\n", Light::RED), line("绿", Light::GREEN), line("镕", Light::YELLOW)];
    let text = markup(&lines, 24, true);
    assert!(text.starts_with(b"\\FO001\\FE001\\C1"));
    let codec = Bx5k::new(Setup::new(1, 128, 96));
    let mut card = VirtualBx5k::new(1, 128, 96);
    card.receive(&codec.dynamic_areas(&[Area { text, height_px: 96, ..greeting() }]).unwrap().bytes);
    assert_eq!(card.lines(), ["红＼n", "绿", "?"]);
    assert!(card.areas()[&0].markup.windows(3).any(|part| part == b"\\C2"));
    assert!(card.areas()[&0].markup.windows(3).any(|part| part == b"\\C3"));
}

proptest! {
    #[test]
    fn any_text_of_the_font_comes_through_noise_and_any_portions(
        rows in proptest::collection::vec("[ -~一丁七万丈三上下不]{1,12}", 1..3),
        noise in proptest::collection::vec(any::<u8>(), 0..40),
        portion in 1_usize..40,
    ) {
        let lines: Vec<TextLine> = rows.iter().map(|row| TextLine::new(row, Light::RED)).collect();
        let codec = Bx5k::new(Setup::new(1, 128, 32));
        let area = Area { text: markup(&lines, 16, true), ..greeting() };
        let mut wire = noise;
        wire.extend(codec.dynamic_areas(&[area]).unwrap().bytes);
        let mut card = VirtualBx5k::new(1, 128, 32);
        for part in wire.chunks(portion) {
            card.receive(part);
        }
        let expected: Vec<String> = rows.iter().map(|row| row.replace('\\', "＼")).collect();
        prop_assert_eq!(card.lines(), expected);
    }

    #[test]
    fn every_coordinate_and_voice_is_read_back(
        x in 0_u16..64, y in 0_u16..16, width in 1_u16..64, height in 1_u16..16,
        number in 0_u8..8, volume in 0_u8..=10, expires_s: u16,
    ) {
        let codec = Bx5k::new(Setup::new(1, 128, 32));
        let voice = Some(Voice { person: 0, repeats: 0, volume, speed: 5, text: Some("号".into()) });
        let area = Area { number, x_px: x, y_px: y, width_px: width, height_px: height, voice, expires_s, ..greeting() };
        let mut card = VirtualBx5k::new(1, 128, 32);
        card.receive(&codec.dynamic_areas(&[area]).unwrap().bytes);
        let heard = &card.areas()[&number];
        prop_assert_eq!(heard.place_px, [x, y, width, height]);
        prop_assert_eq!(heard.expires_s, expires_s);
        prop_assert_eq!(heard.said.as_ref().map(|said| said.0), Some(volume));
    }

    #[test]
    fn a_changed_byte_never_shows_another_text(at in 8_usize..68, flip in 1_u8..) {
        let mut wire = bytes(DYNAMIC_AREA);
        wire[at] ^= flip;
        let mut card = VirtualBx5k::new(1, 128, 32);
        card.receive(&wire);
        prop_assert!(card.lines().is_empty() || card.lines() == ["欢迎光临"]);
    }
}
