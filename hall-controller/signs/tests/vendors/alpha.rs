//! Alpha signs. The bytes are what `msparks/alphasign` and `andrew867/python-alphasign` send.

use hall_protocol::sign::Depth;
use hall_signs::codec::alpha::{Alpha, Setup, markup};
use hall_signs::codec::{Answer, Codec, Effect, Heard, Protocol, Request};
use hall_signs::decode::{Shown, decode};
use hall_signs::emulator::alpha::VirtualAlpha;
use hall_signs::page::{EmergencyPage, WindowContent};
use hall_signs::substitute::Substitute;
use hall_signs::words::Showing;
use hall_signs::{Frame, Light, Panel};
use proptest::prelude::*;

use crate::{blinking, called, field, moment, showing};

fn panel() -> Panel {
    Panel::new(96, 16, Depth::RedGreen).unwrap()
}

fn tell(sign: &mut VirtualAlpha, requests: Vec<Request>) {
    for request in requests {
        sign.receive(&request.bytes);
    }
}

#[test]
fn packets_have_the_form_of_the_programs_for_these_signs() {
    let codec = Alpha::new(Setup::new(0, 16));
    // packet.py: five zeros, SOH, type, address, STX, contents, ETX, checksum, EOT. The sum of
    // "\x02AA\x1b bHi\x03" by hand: 02+41+41+1b+20+62+48+69+03 = 01d5.
    let text = codec.text(b'A', false, b"Hi", Effect::Shows);
    assert_eq!(text.bytes, b"\0\0\0\0\0\x01Z00\x02AA\x1b bHi\x0301D5\x04");
    // Without a checksum, as msparks sends it.
    let plain = b"\0\0\0\0\0\x01Z00\x02A0\x1b bHello\x04";
    let told = decode(Protocol::Alpha, plain);
    assert_eq!((told.len(), told[0].checksum, told[0].name), (1, None, "write priority text"));
    assert_eq!(told[0].shows, Some(Shown::Text(vec!["Hello".into()])));
    // Of several commands each says something, and so do two places of a sign; the second program puts
    // FF before a command.
    let several =
        b"\0\0\0\0\0\x01Z00\x02AA\x1b bHI\x03\x02G1X\x04\0\0\0\0\0\x01Z00\x02\xFFAA\x1b\"aTOP\x1b&aBOT\x04";
    let shown: Vec<_> = decode(Protocol::Alpha, several).into_iter().map(|told| told.shows).collect();
    let texts = |lines: [&str; 2]| Some(Shown::Text(lines.map(str::to_owned).to_vec()));
    assert_eq!(shown, [texts(["HI", "X"]), texts(["TOP", "BOT"])]);
    // time.py, date.py.
    let requests = codec.set_time(moment("2026-03-02", 9, 5, 0));
    let sent: Vec<&[u8]> =
        requests.iter().map(|request| &request.bytes[10..request.bytes.len() - 6]).collect();
    assert_eq!(sent, [&b"E 0905"[..], b"E;030226", b"E&2", b"E'M"]);
    // base.py's plan: label, kind, lock, size in hex, four more.
    let memory = codec.configure_memory(&[(b'P', 0x20, 0x10)]);
    assert_eq!(memory.bytes[10..memory.bytes.len() - 6], *b"E$AAU0040FFFF1BL007D0000PCL10202000");
}

#[test]
fn a_sign_with_a_dimming_register_is_dimmed_in_its_five_steps() {
    // special_functions.py sets 72 percent: set_dimming_reg(dim=0, brightness=72) is "/" and "0002".
    let dims = |address| Setup { dims: true, ..Setup::new(address, 16) };
    let mut codec = Alpha::new(dims(0));
    let request = codec.brightness(184).unwrap();
    assert_eq!(request.bytes, b"\0\0\0\0\0\x01Z00\x02E/0002\x03013B\x04");
    let told = &decode(Protocol::Alpha, &request.bytes)[0];
    assert_eq!((told.name, field(told, "mode and step")), ("set the dimming register", "0002"));

    let mut codec = Alpha::new(dims(7));
    let mut sign = VirtualAlpha::new(7);
    let mut step = |percent: u16| {
        let level = u8::try_from((percent * 255 + 50) / 100).unwrap();
        tell(&mut sign, codec.brightness(level).into_iter().collect());
        sign.special(b'/').unwrap().to_owned()
    };
    let steps = [100, 94, 92, 86, 72, 65, 58, 44, 1].map(&mut step);
    assert_eq!(steps, ["0000", "0000", "0001", "0001", "0002", "0002", "0003", "0004", "0004"]);

    let mut without = Alpha::new(Setup::new(7, 16));
    assert!(!without.dims() && without.brightness(184).is_none());
}

#[test]
fn a_wrong_checksum_is_told_and_never_shown() {
    let codec = Alpha::new(Setup::new(1, 16));
    let mut wire = codec.priority_text(b"A012", false).bytes;
    wire[15] ^= 1;
    let checksum = decode(Protocol::Alpha, &wire)[0].checksum.unwrap();
    assert!(!checksum.is_right());
    let mut sign = VirtualAlpha::new(1);
    sign.receive(&wire);
    assert_eq!(sign.lines(), Vec::<String>::new());
    // The sign remembers it until it is asked.
    let mut codec = Alpha::new(Setup::new(1, 16));
    let poll = codec.poll().unwrap();
    let answer = sign.receive(&poll.bytes);
    let heard = codec.read(&answer, Some(&poll));
    let [Heard::Answer(Answer::Refused { why, .. })] = &heard[..] else { panic!("{heard:?}") };
    assert!(why.en.contains("checksum"), "{why}");
    let answer = sign.receive(&poll.bytes);
    assert!(matches!(codec.read(&answer, Some(&poll))[..], [Heard::Answer(Answer::Status { .. })]));
}

#[test]
fn of_a_text_that_is_too_long_for_its_memory_the_beginning_is_shown_and_that_is_told() {
    let en = "Leave the hall now by the nearest exit. Do not use the lifts. ".repeat(4);
    let words = EmergencyPage { zh: String::new(), en: en.trim().to_owned() }.words();
    let codec = Alpha::new(Setup::new(1, 16));
    let fitted = codec.fitted(&words);
    assert_eq!(fitted.substitute, Substitute::Beginning);
    let shown = &fitted.lines[0].text;
    assert!(en.starts_with(shown.as_str()) && en[shown.len()..].starts_with(' '), "whole words: {shown}");
    assert!((110..=125).contains(&markup(&fitted.lines, None).len()), "{shown}");
    let short = EmergencyPage { zh: String::new(), en: "Leave the hall now".into() }.words();
    assert_ne!(codec.fitted(&short).substitute, Substitute::Beginning);
}

#[test]
fn a_call_goes_before_all_and_gives_way_to_the_idle_page_again() {
    let mut codec = Alpha::new(Setup::new(7, 16));
    let mut sign = VirtualAlpha::new(7);
    let set_up = codec.set_up();
    tell(&mut sign, set_up);
    let idle = showing(panel(), "3", WindowContent::Idle { service: "社保".into(), waiting: 0 });
    let page = codec.show(None, &idle, 0).unwrap();
    tell(&mut sign, page);
    assert_eq!(sign.lines(), ["WINDOW 3 FREE"]);
    let page = codec.show(None, &called(panel()), 0).unwrap();
    tell(&mut sign, page);
    assert_eq!(sign.lines(), ["A012 3"]);
    let page = codec.show(None, &idle, 0).unwrap();
    tell(&mut sign, page);
    assert_eq!(sign.lines(), ["WINDOW 3 FREE"]);
    let page = codec.show(None, &showing(panel(), "3", WindowContent::Closed), 0).unwrap();
    tell(&mut sign, page);
    assert_eq!(sign.lines(), ["CLOSED"]);
    // Another sign on the line is not concerned.
    let mut other = VirtualAlpha::new(8);
    let page = codec.show(None, &called(panel()), 0).unwrap();
    tell(&mut other, page);
    assert_eq!(other.lines(), Vec::<String>::new());
}

#[test]
fn a_new_call_s_number_flashes_and_is_steady_then() {
    // Flash on and off are "\x071" and "\x070" in text.py and charsets.py.
    let told = decode(Protocol::Alpha, b"\0\0\0\0\0\x01Z00\x02A0\x1b b\x1c1\x071A012\x070 3\x04");
    assert_eq!((field(&told[0], "flashing"), field(&told[0], "text")), ("A012", "A012 3"));
    let mut codec = Alpha::new(Setup::new(7, 16));
    let mut sign = VirtualAlpha::new(7);
    let mut show = |page: &Showing| {
        let wire = codec.show(None, page, 0).unwrap().remove(0).bytes;
        sign.receive(&wire);
        assert_eq!(sign.lines(), ["A012 3"]);
        decode(Protocol::Alpha, &wire).remove(0)
    };
    let frame = show(&blinking(panel()));
    assert_eq!(field(&frame, "flashing"), "A012");
    let frame = show(&called(panel()));
    assert_eq!(field(&frame, "flashing"), "-");
}

#[test]
fn a_picture_file_has_its_dots_and_time_and_date_arrive() {
    let codec = Alpha::new(Setup::new(1, 16));
    let mut sign = VirtualAlpha::new(1);
    let mut picture = Frame::dark(Panel::new(8, 2, Depth::RedGreen).unwrap());
    picture.set(0, 0, Light::RED);
    picture.set(1, 0, Light::GREEN);
    picture.set(7, 1, Light::YELLOW);
    tell(&mut sign, vec![codec.configure_memory(&[(b'P', 8, 2)])]);
    let parts = codec.small_dots(b'P', &picture);
    assert!(parts[0].bytes.ends_with(b"\x02IP0208"), "the pause is after the size");
    let told = decode(Protocol::Alpha, &[parts[0].bytes.clone(), parts[1].bytes.clone()].concat());
    assert_eq!((told[0].name, field(&told[0], "size")), ("write picture", "8x2 pixels"));
    tell(&mut sign, parts.to_vec());
    assert_eq!(sign.picture(b'P').unwrap(), ["12000000", "00000003"]);
    tell(&mut sign, codec.set_time(moment("2026-03-02", 9, 5, 59)));
    assert_eq!((sign.special(b' '), sign.special(b';')), (Some("0905"), Some("030226")));
}

proptest! {
    #[test]
    fn any_text_comes_through_noise_and_any_portions(
        text in "[!-~]{1,40}",
        noise in proptest::collection::vec(prop_oneof![Just(0_u8), Just(4), 0x20_u8..0x7F], 0..20),
        portion in 1_usize..30,
    ) {
        let codec = Alpha::new(Setup::new(5, 40));
        let mut sign = VirtualAlpha::new(5);
        let mut wire = noise;
        wire.extend(codec.priority_text(text.as_bytes(), true).bytes);
        for part in wire.chunks(portion) {
            sign.receive(part);
        }
        prop_assert_eq!(sign.lines(), vec![text]);
    }
}
