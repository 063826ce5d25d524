//! The native protocol as `decode` tells it.

use std::sync::Arc;
use std::time::Instant;

use hall_protocol::sign::{Depth, SignAddress};
use hall_signs::Panel;
use hall_signs::bus::{Bus, SignSetup, Urgency};
use hall_signs::codec::Protocol;
use hall_signs::decode::{Direction, Shown, decode};
use hall_signs::emulator::{VirtualLine, VirtualSign};

use crate::{bytes, called, field};

#[test]
fn a_painted_call_is_told_from_identify_to_swap_with_its_pixels() {
    let panel = Panel::new(64, 16, Depth::RedGreen).unwrap();
    let (address, now) = (SignAddress::new(7).unwrap(), Instant::now());
    let mut line = VirtualLine::new(vec![VirtualSign::new(address, panel)]);
    let mut bus = Bus::new(115_200, vec![SignSetup { address, panel }], now);
    let page = called(panel);
    bus.show(address, Arc::clone(&page.frame), 1, Urgency::Call, now);
    bus.link_up(now);
    let mut wire = Vec::new();
    while let Some(request) = bus.poll_transmit(now) {
        let answer = line.receive(&request, now);
        wire.extend(request);
        wire.extend(&answer);
        bus.handle_input(&answer, now);
    }
    let frames = decode(Protocol::Native, &wire);
    assert!(frames.iter().all(|frame| frame.checksum.unwrap().is_right() && frame.problem.is_none()));
    assert_eq!((frames[0].name, frames[1].name), ("identify", "identity"));
    assert_eq!(frames[1].direction, Direction::FromSign);
    assert_eq!(field(&frames[1], "panel"), "64x16 pixels");
    let swap = frames.iter().find(|frame| frame.name == "swap").unwrap();
    assert_eq!(swap.shows, Some(Shown::Picture((*page.frame).clone())));
    assert_eq!(field(swap, "address"), "7");
}

#[test]
fn the_document_s_dialogue_is_told_and_a_flipped_bit_with_both_checksums() {
    // `protocol/docs/native-sign.md`, the example dialogue.
    let dialogue = [
        ("00 08 01 07 01 01 01 fe 50 00", "identify"),
        ("00 06 01 07 01 83 01 02 10 07 08 01 01 02 03 01 03 0a 86 00", "identity"),
        ("00 05 01 07 02 02 02 08 02 02 02 08 02 04 07 18 3c 3c 18 24 b2 00", "rectangle"),
        ("00 07 01 07 02 81 90 2f 00", "done"),
        ("00 0b 01 07 03 03 0f d8 4e 78 86 1c 00", "swap"),
        ("00 07 01 07 03 81 a3 1e 00", "done"),
        ("00 07 01 07 04 05 eb 85 00", "poll"),
        ("00 09 01 07 04 84 0f d8 4e 78 02 ff 01 03 a8 c0 04 02 db 85 00", "status"),
    ];
    let wire: Vec<u8> = dialogue.iter().flat_map(|(hex, _)| bytes(hex)).collect();
    let told = decode(Protocol::Native, &wire);
    let names: Vec<&str> = told.iter().map(|frame| frame.name).collect();
    assert_eq!(names, dialogue.map(|(_, name)| name));
    assert!(
        told.iter().all(|frame| frame.checksum.unwrap().is_right() && frame.problem.is_none()),
        "{told:?}"
    );
    let Some(Shown::Picture(picture)) = &told[4].shows else { panic!("{:?}", told[4].shows) };
    assert!(picture.light(11, 2).is_on() && !picture.light(8, 2).is_on());
    assert_eq!(field(&told[7], "up for"), "43200 s");
    assert_eq!(field(&told[1], "firmware"), "1.2.3");

    let broken = decode(Protocol::Native, &bytes("00 07 03 07 04 05 eb 85 00"));
    let checksum = broken[0].checksum.unwrap();
    assert_eq!(checksum.found, 0xEB85);
    assert!(!checksum.is_right());
    // Half a frame is none.
    assert_eq!(decode(Protocol::Native, &bytes("00 07 01 07")), []);
}
