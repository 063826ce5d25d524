//! Whatever comes over a line, nothing panics and nothing is shown that was not sent.

use hall_protocol::sign::Depth;
use hall_signs::Panel;
use hall_signs::codec::alpha::{self, Alpha};
use hall_signs::codec::cp5200::{self, Cp5200};
use hall_signs::codec::modbus::{Modbus, RegisterMap};
use hall_signs::codec::onbon::bx5k::{Bx5k, Setup};
use hall_signs::codec::onbon::bx6q::{self, Bx6q};
use hall_signs::codec::template::{self, Template, TemplateCodec};
use hall_signs::codec::{Codec, Protocol};
use hall_signs::decode::decode;
use hall_signs::emulator::alpha::VirtualAlpha;
use hall_signs::emulator::bx5k::VirtualBx5k;
use hall_signs::emulator::bx6q::VirtualBx6q;
use hall_signs::emulator::cp5200::VirtualCp5200;
use hall_signs::emulator::modbus::VirtualModbus;
use proptest::prelude::*;

use crate::called;

/// Bytes that begin and end frames of all protocols come more often than chance has it.
fn garbage() -> impl Strategy<Value = Vec<u8>> {
    let marks = proptest::sample::select(vec![
        0x00, 0x01, 0x02, 0x03, 0x04, 0xA5, 0x5A, 0xA6, 0x5B, 0xAE, 0xAA, 0x68, 0x16, 0xFF, 0x10, 0x06,
    ]);
    proptest::collection::vec(prop_oneof![marks, any::<u8>()], 0..300)
}

/// The data of a packet of an Onbon card: anything after a right header, with a right checksum.
pub(super) fn packet(data: &[u8]) -> Vec<u8> {
    let mut body = vec![1, 0, 0, 0x80, 0, 0, 0, 0, 0, 0, 0xFE, 2];
    body.extend(u16::try_from(data.len()).unwrap().to_le_bytes());
    body.extend(data);
    let mut crc: u16 = 0;
    for byte in &body {
        crc ^= u16::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { crc >> 1 ^ 0xA001 } else { crc >> 1 };
        }
    }
    body.extend(crc.to_le_bytes());
    let mut wire = vec![0xA5];
    for byte in body {
        match byte {
            0xA5 => wire.extend([0xA6, 2]),
            0xA6 => wire.extend([0xA6, 1]),
            0x5A => wire.extend([0x5B, 2]),
            0x5B => wire.extend([0x5B, 1]),
            _ => wire.push(byte),
        }
    }
    wire.push(0x5A);
    wire
}

proptest! {
    #[test]
    fn garbage_panics_nothing_and_every_frame_told_is_in_it(wire in garbage()) {
        for protocol in Protocol::ALL {
            for frame in decode(protocol, &wire) {
                let end = frame.offset + frame.bytes.len();
                prop_assert_eq!(wire.get(frame.offset..end), Some(frame.bytes.as_slice()), "{}", protocol);
            }
        }
        let panel = Panel::new(64, 16, Depth::Rgb).unwrap();
        VirtualBx5k::new(1, 128, 32).receive(&wire);
        VirtualBx6q::new(1, panel).receive(&wire);
        VirtualCp5200::new(1, panel).receive(&wire);
        VirtualAlpha::new(1).receive(&wire);
        VirtualModbus::new(1, 0, 4, 9_600).receive(&wire, 0);
        let template = Template::parse(r"\x02{number}", None).unwrap();
        let setup = template::Setup { reply: Some(vec![6]), ..template::Setup::new(template) };
        let pages = cp5200::Pages::Pictures;
        let codecs: [Box<dyn Codec>; 6] = [
            Box::new(Bx5k::new(Setup::new(1, 128, 32))),
            Box::new(Bx6q::new(bx6q::Setup::default())),
            Box::new(Cp5200::new(cp5200::Setup { card: 1, width_px: 64, height_px: 16, pages })),
            Box::new(Alpha::new(alpha::Setup::new(1, 16))),
            Box::new(Modbus::new(RegisterMap::new(1))),
            Box::new(TemplateCodec::new(setup)),
        ];
        for mut codec in codecs {
            for asked in codec.show(None, &called(panel), 0).unwrap().iter().map(Some).chain([None]) {
                codec.read(&wire, asked);
            }
        }
        let mut codec = Bx5k::new(Setup::new(1, 128, 32));
        let ping = codec.ping();
        codec.read(&wire, Some(&ping));
        let poll = codec.poll();
        codec.read(&wire, poll.as_ref());
    }

    #[test]
    fn whole_packets_with_any_commands_panic_nothing(
        group in proptest::sample::select(vec![0xA0_u8, 0xA1, 0xA2, 0xA3, 0xA4, 0xA7]),
        command in 0_u8..0x12,
        rest in proptest::collection::vec(any::<u8>(), 0..120),
    ) {
        let mut data = vec![group, command, 1, 0, 0];
        data.extend(rest);
        let wire = packet(&data);
        let frames = decode(Protocol::OnbonBx5k, &wire);
        prop_assert_eq!(frames.len(), 1);
        prop_assert!(frames[0].checksum.unwrap().is_right());
        let mut card = VirtualBx5k::new(1, 128, 32);
        let answer = card.receive(&wire);
        prop_assert!(!answer.is_empty());
        let mut codec = Bx5k::new(Setup::new(1, 128, 32));
        let poll = codec.poll();
        prop_assert_eq!(codec.read(&answer, poll.as_ref()).len(), 1);
    }
}
