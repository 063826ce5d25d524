//! Onbon BX-6Q: pictures. The layout is that of the vendor's `BxReqSendDynArea` and `BxAreaDynamic`,
//! written out by hand here for a picture of 8x1 pixels.

use hall_protocol::sign::Depth;
use hall_signs::codec::onbon::bx6q::{Bx6q, Setup};
use hall_signs::codec::{Answer, Codec, Heard, Protocol};
use hall_signs::decode::{Shown, decode};
use hall_signs::emulator::bx6q::VirtualBx6q;
use hall_signs::{Frame, Light, Panel};
use proptest::prelude::*;

use crate::{bytes, called, field};

fn picture(width_px: u16, height_px: u16, seed: &[u8]) -> Frame {
    let mut frame = Frame::dark(Panel::new(width_px, height_px, Depth::Rgb).unwrap());
    for y in 0..height_px {
        for x in 0..width_px {
            let at = usize::from(y * width_px + x) % seed.len();
            let light = Light { red: seed[at] & 1 != 0, green: seed[at] & 2 != 0, blue: seed[at] & 4 != 0 };
            frame.set(x, y, light);
        }
    }
    frame
}

#[test]
fn a_picture_is_laid_out_as_the_vendor_s_program_does() {
    let mut frame = Frame::dark(Panel::new(8, 1, Depth::Rgb).unwrap());
    frame.set(1, 0, Light::YELLOW);
    let request = Bx6q::new(Setup::default()).picture(0, 64, 0, &frame);
    let wire = &request.bytes;
    assert_eq!(wire[..8], [0xA5; 8]);
    let expected = [
        // Everyone, host, version, reserved, device, reserved, length of the data: 3 + 8 + 63 + 24.
        "ff ff 00 80 f0 00 66 02 00 00 00 00 62 00 00 00",
        // Reply wanted, command, reserved, one area, length of its parameters.
        "01 a7 00 00 00 01 00 3f 00 00 00",
        // Number, run, time-out, all programs, no list of them, beside them, reserved, kind.
        "00 00 00 00 01 00 00 00 00 00 00 00 10",
        // x, y, width, height; frame, background, transparency, equal backgrounds, voice, reserved.
        "40 00 00 00 08 00 01 00 00 00 00 00 00 00 00 00 00 00",
        // One page: length, style, mode, clearing, speed, hold, repeats, valid width, reserved.
        "01 00 1a 00 00 00 00 00 00 00 64 00 01 08 00 00 00 00 00 00 00 00 00 00",
        // Where its data begin and how long they are; the data.
        "00 00 00 00 18 00 00 00 00 00 00 ff ff 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00",
    ];
    assert_eq!(wire[8..wire.len() - 3], bytes(&expected.join(" ")));
    let told = &decode(Protocol::OnbonBx6q, wire)[0];
    assert!(told.checksum.unwrap().is_right() && told.problem.is_none(), "{told:?}");
    assert_eq!(field(told, "place"), "8x1 pixels at 64,0");
    assert_eq!(told.shows, Some(Shown::Picture(frame)));
}

#[test]
fn a_page_is_drawn_and_what_does_not_fit_is_refused() {
    let panel = Panel::new(64, 32, Depth::Rgb).unwrap();
    let mut codec = Bx6q::new(Setup::default());
    let mut card = VirtualBx6q::new(1, panel);
    let page = called(panel);
    let request = codec.show(None, &page, 0).unwrap().remove(0);
    let answer = card.receive(&request.bytes);
    assert_eq!(codec.read(&answer, Some(&request)), [Heard::Answer(Answer::Done)]);
    assert_eq!(card.screen(), &*page.frame);
    // The adapter gives the picture back before the card answers.
    let line = [request.bytes.clone(), answer].concat();
    assert_eq!(codec.read(&line, Some(&request)), [Heard::Echo, Heard::Answer(Answer::Done)]);

    let outside = codec.picture(0, 8, 0, &page.frame);
    let answer = card.receive(&outside.bytes);
    let heard = codec.read(&answer, Some(&outside));
    assert!(matches!(heard[..], [Heard::Answer(Answer::Refused { .. })]), "{heard:?}");
    let gone = codec.delete_all();
    card.receive(&gone.bytes);
    assert_eq!(card.screen(), &Frame::dark(panel));
}

proptest! {
    #[test]
    fn any_picture_comes_through_noise_and_any_portions(
        seed in proptest::collection::vec(any::<u8>(), 1..60),
        width in 1_u16..5, height in 1_u16..9,
        noise in proptest::collection::vec(any::<u8>(), 0..20),
        portion in 1_usize..50,
    ) {
        let frame = picture(width * 8, height, &seed);
        let mut card = VirtualBx6q::new(3, frame.panel());
        let mut wire = noise;
        wire.extend(Bx6q::new(Setup::default()).picture(0, 0, 0, &frame).bytes);
        for part in wire.chunks(portion) {
            card.receive(part);
        }
        prop_assert_eq!(card.screen(), &frame);
    }
}
