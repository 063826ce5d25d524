//! What comes over a sign's serial line.

use std::sync::Arc;
use std::time::{Duration, Instant};

use hall_protocol::sign::frame::{Frame, Header, encode};
use hall_protocol::sign::run_length::{self, Chunk, Chunks};
use hall_protocol::sign::{
    Depth, FrameReader, PAYLOAD_BYTES_MAX, Reply, Request, Sequence, SignAddress, encoded_bytes_max,
};
use hall_signs::bus::{Bus, SignSetup, Urgency};
use hall_signs::emulator::{VirtualLine, VirtualSign};
use hall_signs::{Frame as Picture, Panel};

use super::{from_hex, vectors};
use crate::Taken::{self, Accepted, Refused};
use crate::Target;

const READER_BYTES: usize = encoded_bytes_max(PAYLOAD_BYTES_MAX) - 2;

/// Frames and what holds them apart, as text where it is text; the rest is bytes.
pub(super) const WORDS: &[&str] =
    &["\u{0}", "\u{0}\u{0}", "\u{1}", "\u{2}\u{2}", "\u{7f}", "\u{1}\u{1}\u{7}\u{1}\u{1}"];

pub(super) fn lines() -> Vec<Vec<u8>> {
    let mut frames: Vec<Vec<u8>> = vectors("sign", "hex").iter().map(|hex| from_hex(hex)).collect();
    frames.push(frames.concat());
    frames
}

pub(super) struct Frames;

impl Target for Frames {
    fn seeds(&self) -> Vec<Vec<u8>> {
        lines()
    }

    fn words(&self) -> &'static [&'static str] {
        WORDS
    }

    fn check(&mut self, input: &[u8]) -> Result<Taken, String> {
        let mut reader = FrameReader::<READER_BYTES>::new();
        let mut small = FrameReader::<16>::new();
        let mut taken = Refused;
        for byte in input {
            let _ = small.push(*byte);
            match reader.push(*byte) {
                Some(Ok(frame)) => {
                    taken = Accepted;
                    said_again(&frame)?;
                }
                Some(Err(why)) if why.to_string().is_empty() => return Err("refused without a word".into()),
                _ => {}
            }
        }
        Ok(taken)
    }
}

/// A message that is understood is the same after it was written and read again.
fn said_again(frame: &Frame<'_>) -> Result<Taken, String> {
    let sequence = frame.header.sequence;
    let mut out = vec![0; encoded_bytes_max(PAYLOAD_BYTES_MAX)];
    let written = match (Request::parse(frame), Reply::parse(frame)) {
        (Ok((to, request)), _) => request.emit(to, sequence, &mut out),
        (_, Ok((from, reply))) => reply.emit(from, sequence, &mut out),
        _ => return Ok(Refused),
    };
    let bytes = written.map_err(|_| "a message that came does not fit when written".to_owned())?;
    let mut reader = FrameReader::<READER_BYTES>::new();
    for byte in &out[..bytes] {
        if let Some(Ok(again)) = reader.push(*byte) {
            let same = Request::parse(&again) == Request::parse(frame)
                && Reply::parse(&again).ok() == Reply::parse(frame).ok();
            return if same { Ok(Accepted) } else { Err("a message changes when it is written".into()) };
        }
    }
    Err("a message is no frame when it is written".into())
}

/// Version, address, sequence, kind, payload: put into a frame whose checksum is right.
pub(super) struct Messages;

impl Target for Messages {
    fn seeds(&self) -> Vec<Vec<u8>> {
        let mut bodies = Vec::new();
        let mut reader = FrameReader::<READER_BYTES>::new();
        for byte in lines().concat() {
            if let Some(Ok(Frame { header, payload, .. })) = reader.push(byte) {
                let head = [header.version, header.address, header.sequence.0, header.kind];
                bodies.push([&head[..], payload].concat());
            }
        }
        bodies
    }

    fn words(&self) -> &'static [&'static str] {
        WORDS
    }

    fn check(&mut self, input: &[u8]) -> Result<Taken, String> {
        let Some(([version, address, sequence, kind], payload)) = input.split_first_chunk() else {
            return Ok(Refused);
        };
        let header =
            Header { version: *version, address: *address, sequence: Sequence(*sequence), kind: *kind };
        let payload = &payload[..payload.len().min(PAYLOAD_BYTES_MAX)];
        let mut out = vec![0; encoded_bytes_max(PAYLOAD_BYTES_MAX)];
        let bytes = encode(header, &[payload], &mut out).map_err(|_| "no room for a frame".to_owned())?;
        let mut reader = FrameReader::<READER_BYTES>::new();
        let mut taken = None;
        for byte in &out[..bytes] {
            if let Some(read) = reader.push(*byte) {
                let frame = read.map_err(|why| format!("a frame is not read as written: {why}"))?;
                if frame.header != header || frame.payload != payload {
                    return Err("a frame is read as another".into());
                }
                taken = Some(said_again(&frame)?);
            }
        }
        taken.ok_or_else(|| "a frame is not read at all".into())
    }
}

pub(super) struct RunLengths;

impl Target for RunLengths {
    fn seeds(&self) -> Vec<Vec<u8>> {
        vectors("sign", "coded").iter().map(|hex| from_hex(hex)).collect()
    }

    fn words(&self) -> &'static [&'static str] {
        WORDS
    }

    /// As code, what it stands for can be counted and coded again; as pixels, it comes back.
    fn check(&mut self, input: &[u8]) -> Result<Taken, String> {
        let mut coded = vec![0; input.len() + input.len().div_ceil(64) + 1];
        let bytes = run_length::encode(input, &mut coded).map_err(|_| "no room to code pixels".to_owned())?;
        if plain(&coded[..bytes]).as_deref() != Some(input) {
            return Err("pixels are another after coding".into());
        }
        match (plain(input), run_length::decoded_bytes(input)) {
            (Some(plain), Ok(bytes)) if plain.len() == bytes => Ok(Accepted),
            (None, Err(_)) => Ok(Refused),
            (plain, counted) => Err(format!("{:?} pixel bytes, counted {counted:?}", plain.map(|p| p.len()))),
        }
    }
}

fn plain(coded: &[u8]) -> Option<Vec<u8>> {
    let mut plain = Vec::new();
    for chunk in Chunks::new(coded) {
        match chunk.ok()? {
            Chunk::Copy(bytes) => plain.extend_from_slice(bytes),
            Chunk::Repeat(byte, count) => plain.extend(std::iter::repeat_n(byte, count)),
        }
    }
    Some(plain)
}

fn panel() -> Panel {
    Panel::new(64, 16, Depth::RedGreen).unwrap_or_else(|_| unreachable!("64x16 is a panel"))
}

struct Emulator {
    started: Instant,
}

pub(super) fn emulator() -> Box<dyn Target> {
    Box::new(Emulator { started: Instant::now() })
}

impl Target for Emulator {
    fn seeds(&self) -> Vec<Vec<u8>> {
        lines()
    }

    fn words(&self) -> &'static [&'static str] {
        WORDS
    }

    fn check(&mut self, input: &[u8]) -> Result<Taken, String> {
        let signs = [1, 7].into_iter().filter_map(|number| SignAddress::new(number).ok());
        let mut line = VirtualLine::new(signs.map(|address| VirtualSign::new(address, panel())).collect());
        let mut now = self.started;
        let mut answered = false;
        // As a serial port hands it over: in pieces.
        for piece in input.chunks(61) {
            now += Duration::from_millis(20);
            answered |= !line.receive(piece, now).is_empty();
        }
        line.pass_time(now + Duration::from_secs(3_600));
        Ok(if answered { Accepted } else { Refused })
    }
}

struct Host {
    started: Instant,
}

pub(super) fn bus() -> Box<dyn Target> {
    Box::new(Host { started: Instant::now() })
}

impl Target for Host {
    /// What a sign says while it is painted.
    fn seeds(&self) -> Vec<Vec<u8>> {
        let (address, panel, mut now) = (SignAddress::FIRST, panel(), self.started);
        let mut line = VirtualLine::new(vec![VirtualSign::new(address, panel)]);
        let mut bus = Bus::new(115_200, vec![SignSetup { address, panel }], now);
        bus.show(address, Arc::new(Picture::dark(panel)), 1, Urgency::Call, now);
        bus.link_up(now);
        let mut said = Vec::new();
        while let Some(request) = bus.poll_transmit(now) {
            let reply = line.receive(&request, now);
            bus.handle_input(&reply, now);
            said.push(reply);
            now += Duration::from_millis(20);
        }
        said.push(said.concat());
        said.into_iter().chain(lines()).collect()
    }

    fn words(&self) -> &'static [&'static str] {
        WORDS
    }

    /// After any noise the line works again: the sign shows what it should.
    fn check(&mut self, input: &[u8]) -> Result<Taken, String> {
        let (address, panel, mut now) = (SignAddress::FIRST, panel(), self.started);
        let mut bus = Bus::new(115_200, vec![SignSetup { address, panel }], now);
        let wanted = Arc::new(Picture::dark(panel));
        bus.show(address, Arc::clone(&wanted), 1, Urgency::Call, now);
        bus.link_up(now);
        for piece in input.chunks(61) {
            let _ = bus.poll_transmit(now);
            now += Duration::from_millis(20);
            bus.handle_input(piece, now);
            bus.handle_timeout(now);
            while bus.poll_event().is_some() {}
        }
        let answered = bus.status(address).is_some_and(|status| status.acknowledged.is_some());
        let heard = answered || bus.noise().stray_replies > 0;
        let mut line = VirtualLine::new(vec![VirtualSign::new(address, panel)]);
        for _ in 0..600 {
            if let Some(request) = bus.poll_transmit(now) {
                let reply = line.receive(&request, now);
                bus.handle_input(&reply, now);
            }
            now = bus.poll_timeout().unwrap_or(now).max(now) + Duration::from_millis(1);
            bus.handle_timeout(now);
        }
        let shown = bus.status(address).and_then(|status| status.acknowledged.clone());
        if shown.is_none_or(|shown| *shown != *wanted) {
            return Err("the sign does not come back after the noise".into());
        }
        Ok(if heard { Accepted } else { Refused })
    }
}
