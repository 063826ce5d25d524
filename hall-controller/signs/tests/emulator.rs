//! The virtual sign does what `protocol/docs/native-sign.md` says, byte for byte where the document
//! has bytes.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::time::{Duration, Instant};

use hall_protocol::sign::frame::{Header, encode};
use hall_protocol::sign::{
    Depth, Destination, Encoding, FallbackPage, FrameReader, PictureId, Rectangle, RefusalReason, Reply,
    Request, Sequence, SignAddress, Status, Versions,
};
use hall_signs::emulator::{VirtualLine, VirtualSign};
use hall_signs::{Frame, Light, Panel};

const ADDRESS: u8 = 7;

struct Host {
    line: VirtualLine,
    now: Instant,
    sequence: u8,
}

fn panel() -> Panel {
    Panel::new(16, 8, Depth::Mono).unwrap()
}

fn address() -> SignAddress {
    SignAddress::new(ADDRESS).unwrap()
}

fn bytes(hex: &str) -> Vec<u8> {
    hex.split(' ').map(|byte| u8::from_str_radix(byte, 16).unwrap()).collect()
}

impl Host {
    fn new() -> Self {
        let sign = VirtualSign::new(address(), panel());
        Self { line: VirtualLine::new(vec![sign]), now: Instant::now(), sequence: 0 }
    }

    fn hear(&mut self, hex: &str) -> Vec<u8> {
        self.line.receive(&bytes(hex), self.now)
    }

    fn wire(&self, request: &Request<'_>, destination: Destination) -> Vec<u8> {
        let mut out = vec![0; 300];
        let written = request.emit(destination, Sequence(self.sequence), &mut out).unwrap();
        out.truncate(written);
        out
    }

    fn ask(&mut self, request: &Request<'_>) -> Reply {
        self.sequence = self.sequence.wrapping_add(1);
        let wire = self.wire(request, Destination::Sign(address()));
        reply(&self.line.receive(&wire, self.now))
    }

    fn ask_raw(&mut self, version: u8, kind: u8, payload: &[u8]) -> Reply {
        self.sequence = self.sequence.wrapping_add(1);
        let mut out = [0; 64];
        let header = Header { version, address: ADDRESS, sequence: Sequence(self.sequence), kind };
        let written = encode(header, &[payload], &mut out).unwrap();
        reply(&self.line.receive(&out[..written], self.now))
    }

    fn write(&mut self, row: u16, pixels: [u8; 2]) -> Reply {
        let area = Rectangle { x_px: 0, y_px: row, width_px: 16, height_px: 1 };
        self.ask(&Request::Rectangle { area, encoding: Encoding::Raw, pixels: &pixels })
    }

    fn swap(&mut self, frame: &Frame) -> Reply {
        self.ask(&Request::Swap { picture: frame.id(), blink: None })
    }

    fn status(&mut self) -> Status {
        let Reply::Status(status) = self.ask(&Request::Poll) else { panic!("no status") };
        status
    }

    fn shown(&self) -> &Frame {
        self.line.picture(address()).unwrap()
    }
}

fn reply(wire: &[u8]) -> Reply {
    let mut reader = FrameReader::<64>::new();
    let mut replies = Vec::new();
    for byte in wire {
        if let Some(frame) = reader.push(*byte) {
            replies.push(Reply::parse(&frame.unwrap()).unwrap());
        }
    }
    let [(source, reply)] = replies[..] else { panic!("{} replies", replies.len()) };
    assert_eq!(source, address());
    reply
}

/// A picture with the first byte of one row lit.
fn row_lit(row: u16) -> Frame {
    let mut frame = Frame::dark(panel());
    (0..8).for_each(|x| frame.set(x, row, Light::RED));
    frame
}

#[test]
fn the_example_of_the_document_is_answered_as_it_says() {
    let mut host = Host::new();
    host.hear("00 08 01 07 01 01 01 fe 50 00");
    let ack = host.hear("00 05 01 07 02 02 02 08 02 02 02 08 02 04 07 18 3c 3c 18 24 b2 00");
    assert_eq!(ack, bytes("00 07 01 07 02 81 90 2f 00"));
    assert_eq!(host.shown(), &Frame::dark(panel()), "nothing is seen before the swap");
    let ack = host.hear("00 0b 01 07 03 03 0f d8 4e 78 86 1c 00");
    assert_eq!(ack, bytes("00 07 01 07 03 81 a3 1e 00"));
    let lit: Vec<u8> = host.shown().bytes().iter().copied().filter(|byte| *byte != 0).collect();
    assert_eq!(lit, [0x18, 0x3C, 0x3C, 0x18]);
}

#[test]
fn after_a_swap_the_back_buffer_is_a_copy_of_what_is_shown() {
    let mut host = Host::new();
    assert_eq!(host.write(0, [0xFF, 0]), Reply::Ack);
    assert_eq!(host.swap(&row_lit(0)), Reply::Ack);
    assert_eq!(host.write(1, [0xFF, 0]), Reply::Ack);
    let mut both = row_lit(0);
    (0..8).for_each(|x| both.set(x, 1, Light::RED));
    assert_eq!(host.swap(&both), Reply::Ack);
    assert_eq!(host.shown(), &both);
}

#[test]
fn a_repeated_request_gets_the_same_reply_and_is_not_done_again() {
    let mut host = Host::new();
    host.status();
    host.now += Duration::from_secs(10);
    host.sequence = 99;
    let poll = host.wire(&Request::Poll, Destination::Sign(address()));
    let first = host.line.receive(&poll, host.now);
    host.now += Duration::from_secs(10);
    assert_eq!(host.line.receive(&poll, host.now), first, "the uptime has not gone on");
    assert_eq!(host.status().uptime_s, 20);

    // The same sequence with another content is another request, and so is any after Identify.
    host.sequence = 99;
    assert_eq!(host.ask(&Request::Brightness(3)), Reply::Ack);
    host.sequence = 99;
    assert_eq!(host.ask(&Request::Brightness(4)), Reply::Ack);
    assert_eq!(host.line.sign_mut(address()).unwrap().brightness(), 4);
    assert!(matches!(host.ask(&Request::Identify { versions: Versions::SPOKEN }), Reply::Identity(_)));
}

#[test]
fn a_request_it_cannot_follow_is_refused_with_the_reason_and_changes_nothing() {
    let mut host = Host::new();
    let nak = Reply::Nak;
    assert_eq!(host.ask_raw(2, 5, &[]), nak(RefusalReason::Version));
    assert_eq!(host.ask_raw(1, 0x7F, &[]), nak(RefusalReason::Kind));
    assert_eq!(host.ask_raw(1, 5, &[0]), nak(RefusalReason::Payload));
    assert_eq!(host.ask_raw(1, 6, &[0, 1, 9]), nak(RefusalReason::Payload));
    assert!(matches!(host.ask_raw(9, 1, &[9]), Reply::Identity(_)), "Identify is spoken in every version");
    for (x_px, y_px, width_px, height_px) in
        [(4, 0, 8, 1), (0, 0, 12, 1), (0, 8, 8, 1), (8, 0, 16, 1), (0, 0, 8, 0)]
    {
        let area = Rectangle { x_px, y_px, width_px, height_px };
        let request = Request::Rectangle { area, encoding: Encoding::Raw, pixels: &[0xFF, 0xFF] };
        assert_eq!(host.ask(&request), nak(RefusalReason::Area), "{area:?}");
    }
    let area = Rectangle { x_px: 0, y_px: 0, width_px: 16, height_px: 1 };
    for (encoding, pixels) in
        [(Encoding::Raw, &[0xFF][..]), (Encoding::RunLength, &[129, 1]), (Encoding::RunLength, &[5])]
    {
        let request = Request::Rectangle { area, encoding, pixels };
        assert_eq!(host.ask(&request), nak(RefusalReason::Pixels), "{pixels:?}");
    }
    assert_eq!(host.swap(&row_lit(0)), nak(RefusalReason::Picture));
    assert_eq!(host.swap(&Frame::dark(panel())), Reply::Ack, "the back buffer is as it was");
}

#[test]
fn what_is_for_everyone_is_done_and_what_is_for_others_is_not_and_neither_is_answered() {
    let mut host = Host::new();
    let brightness = |host: &mut Host| host.line.sign_mut(address()).unwrap().brightness();
    let everyone = host.wire(&Request::Brightness(9), Destination::Everyone);
    assert_eq!(host.line.receive(&everyone, host.now), []);
    assert_eq!(brightness(&mut host), 9);
    let other = host.wire(&Request::Brightness(5), Destination::Sign(SignAddress::LAST));
    assert_eq!(host.line.receive(&other, host.now), []);
    // The reply of a sign with this very address, as the others hear it.
    assert_eq!(host.hear("00 07 01 07 02 81 90 2f 00"), []);
    assert_eq!(brightness(&mut host), 9);
}

#[test]
fn noise_is_counted_and_the_frame_after_it_is_heard() {
    let mut host = Host::new();
    assert_eq!(host.hear("55 aa 00 00 09 01 00"), []);
    assert_eq!(host.line.receive(&[7; 5_000], host.now), []);
    assert_eq!(host.status().broken_frames, 3);
}

#[test]
fn a_silent_host_brings_the_fallback_until_the_next_swap() {
    let mut host = Host::new();
    let stored = row_lit(3);
    host.write(3, [0xFF, 0]);
    let page = FallbackPage::Stored(PictureId(1));
    assert_eq!(host.ask(&Request::Fallback { after_s: 5, page }), Reply::Nak(RefusalReason::Picture));
    let page = FallbackPage::Stored(stored.id());
    assert_eq!(host.ask(&Request::Fallback { after_s: 5, page }), Reply::Ack);
    host.write(3, [0, 0]);

    host.now += Duration::from_secs(4);
    host.line.pass_time(host.now);
    assert_eq!(host.shown(), &Frame::dark(panel()));
    host.now += Duration::from_secs(1);
    host.line.pass_time(host.now);
    assert_eq!(host.shown(), &stored);
    let status = host.status();
    assert!(status.in_fallback);
    assert_eq!(status.picture, Frame::dark(panel()).id(), "the fallback is not the picture");
    assert_eq!(host.swap(&Frame::dark(panel())), Reply::Ack);
    assert_eq!(host.shown(), &Frame::dark(panel()));
    assert!(!host.status().in_fallback);
}
