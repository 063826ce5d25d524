//! Virtual signs at the far end of a line: what they show proves what was sent.
//!
//! They are written from `protocol/docs/native-sign.md` and share no code with the encoder: frames,
//! checksums, messages and run lengths are read by this module and `wire` alone. Only names of
//! things ([`SignAddress`], [`Panel`], [`Frame`]) are the same. Blinking is accepted and not drawn.

pub mod alpha;
pub mod bx5k;
pub mod bx6q;
pub mod cp5200;
pub mod far_end;
pub mod modbus;
pub mod template;

mod onbon;
pub(crate) mod wire;

use std::time::Instant;

use hall_protocol::sign::{Depth, SignAddress};

use crate::frame::{Frame, Light, Panel};

/// The longest payload these signs take: a row of a large sign and more, and a usual
/// microcontroller's buffer.
const PAYLOAD_BYTES_MAX: u16 = 1_024;

/// The longest frame kept while it comes in.
const FRAME_BYTES_MAX: usize = 1_100;

/// Header and checksum.
const FRAME_BYTES_MIN: usize = 6;

/// That of Identity and Nak frames in every version.
const VERSION: u8 = 1;
const FIRMWARE: [u8; 3] = [1, 0, 0];

/// Why a request is refused, as its byte.
mod refusal {
    pub(super) const VERSION: u8 = 1;
    pub(super) const KIND: u8 = 2;
    pub(super) const PAYLOAD: u8 = 3;
    pub(super) const AREA: u8 = 4;
    pub(super) const PIXELS: u8 = 5;
    pub(super) const PICTURE: u8 = 6;
}

/// What a sign shows when the host is silent.
#[derive(Debug, Clone)]
enum FallbackPage {
    Dark,
    BuiltIn,
    Stored(Vec<u8>),
}

/// What a request led to: a reply's kind and payload.
type Answer = Result<(u8, Vec<u8>), u8>;

const ACK: (u8, Vec<u8>) = (0x81, Vec::new());
const NAK: u8 = 0x82;
const IDENTITY: u8 = 0x83;
const STATUS: u8 = 0x84;

/// One sign.
#[derive(Debug, Clone)]
pub struct VirtualSign {
    address: SignAddress,
    panel: Panel,
    /// The oldest and the newest version it speaks.
    versions: (u8, u8),
    /// The picture last swapped in.
    front: Vec<u8>,
    back: Vec<u8>,
    /// What can be seen: the front, or the fallback.
    seen: Frame,
    in_fallback: bool,
    fallback_after_s: u16,
    fallback: FallbackPage,
    brightness: u8,
    started: Option<Instant>,
    last_heard: Option<Instant>,
    /// Sequence and checksum of the last request, and the frame it was answered with.
    last: Option<(u8, u16, Vec<u8>)>,
    broken_frames: u16,
}

impl VirtualSign {
    /// A sign that has just been switched on.
    pub fn new(address: SignAddress, panel: Panel) -> Self {
        let seen = Frame::dark(panel);
        Self {
            address,
            panel,
            versions: (VERSION, VERSION),
            front: seen.bytes().to_vec(),
            back: seen.bytes().to_vec(),
            seen,
            in_fallback: false,
            fallback_after_s: 0,
            fallback: FallbackPage::Dark,
            brightness: u8::MAX,
            started: None,
            last_heard: None,
            last: None,
            broken_frames: 0,
        }
    }

    /// A sign of another time, which speaks every version from the oldest to the newest: it does in each what
    /// this one does in version 1.
    #[must_use]
    pub fn speaking(self, oldest: u8, newest: u8) -> Self {
        Self { versions: (oldest, newest), ..self }
    }

    /// Switch it off and on again: it is dark and remembers nothing.
    pub fn restart(&mut self) {
        let (oldest, newest) = self.versions;
        *self = Self::new(self.address, self.panel).speaking(oldest, newest);
    }

    /// How bright it is, from 0 to 255.
    pub fn brightness(&self) -> u8 {
        self.brightness
    }

    fn pass_time(&mut self, now: Instant) {
        self.started.get_or_insert(now);
        let silent_s = self.last_heard.map_or(0, |heard| now.saturating_duration_since(heard).as_secs());
        if self.fallback_after_s > 0 && silent_s >= u64::from(self.fallback_after_s) && !self.in_fallback {
            self.in_fallback = true;
            self.seen = self.fallback_page();
        }
    }

    fn fallback_page(&self) -> Frame {
        match &self.fallback {
            FallbackPage::Dark => Frame::dark(self.panel),
            FallbackPage::BuiltIn => built_in_page(self.panel),
            FallbackPage::Stored(picture) => self.picture_of(picture),
        }
    }

    fn picture_of(&self, bytes: &[u8]) -> Frame {
        Frame::from_bytes(self.panel, bytes.to_vec()).unwrap_or(Frame::dark(self.panel))
    }

    /// Take a whole frame that was for this sign; the reply's bytes, if it must answer.
    fn take(&mut self, frame: &[u8], crc: u16, now: Instant) -> Option<Vec<u8>> {
        let [version, address, sequence, kind, payload @ ..] = frame else { return None };
        let own = *address == self.address.get();
        if !own && *address != 0 {
            return None;
        }
        self.pass_time(now);
        self.last_heard = Some(now);
        if own
            && let Some((last_sequence, last_crc, reply)) = &self.last
            && (last_sequence, *last_crc) == (sequence, crc)
        {
            return Some(reply.clone());
        }
        let (reply_kind, reply_payload) =
            self.obey(*version, *kind, payload, now).unwrap_or_else(|reason| (NAK, vec![reason]));
        if !own {
            return None;
        }
        let same_in_all = matches!(reply_kind, IDENTITY | NAK);
        let said_in = if same_in_all { VERSION } else { *version };
        let mut reply = vec![said_in, self.address.get(), *sequence, reply_kind];
        reply.extend(reply_payload);
        reply.extend(wire::crc16(&reply).to_be_bytes());
        let reply = wire::cobs_framed(&reply);
        // Identify is done again each time: a host that starts anew may start with any sequence.
        self.last = (reply_kind != IDENTITY).then(|| (*sequence, crc, reply.clone()));
        Some(reply)
    }

    fn obey(&mut self, version: u8, kind: u8, payload: &[u8], now: Instant) -> Answer {
        let (oldest, newest) = self.versions;
        let speaks = (oldest..=newest).contains(&version);
        if !speaks && kind != 1 {
            return Err(refusal::VERSION);
        }
        match (kind, payload) {
            (1, [of_host]) if *of_host > 0 => Ok((IDENTITY, self.identity())),
            (1, [of_host, from]) if *from > 1 && from <= of_host => Ok((IDENTITY, self.identity())),
            (1, _) if !speaks => Err(refusal::VERSION),
            (2, [x0, x1, y0, y1, w0, w1, h0, h1, encoding @ (0 | 1), pixels @ ..]) => {
                let number = |high: &u8, low: &u8| usize::from(*high) * 256 + usize::from(*low);
                let area = [number(x0, x1), number(y0, y1), number(w0, w1), number(h0, h1)];
                self.write(area, *encoding, pixels)
            }
            (3, [a, b, c, d, blink @ ..]) if matches!(blink.len(), 0 | 12) => {
                if wire::crc32(&self.back) != u32::from_be_bytes([*a, *b, *c, *d]) {
                    return Err(refusal::PICTURE);
                }
                self.front.clone_from(&self.back);
                self.seen = self.picture_of(&self.front);
                self.in_fallback = false;
                Ok(ACK)
            }
            (4, [level]) => {
                self.brightness = *level;
                Ok(ACK)
            }
            (5, []) => Ok((STATUS, self.status(now))),
            (6, [high, low, page @ ..]) => {
                let page = match page {
                    [0] => FallbackPage::Dark,
                    [1] => FallbackPage::BuiltIn,
                    [2, id @ ..] if id.len() == 4 => {
                        if wire::crc32(&self.back).to_be_bytes() != *id {
                            return Err(refusal::PICTURE);
                        }
                        FallbackPage::Stored(self.back.clone())
                    }
                    _ => return Err(refusal::PAYLOAD),
                };
                self.fallback_after_s = u16::from_be_bytes([*high, *low]);
                self.fallback = page;
                if self.in_fallback {
                    self.seen = self.fallback_page();
                }
                Ok(ACK)
            }
            (1..=6, _) => Err(refusal::PAYLOAD),
            _ => Err(refusal::KIND),
        }
    }

    fn identity(&self) -> Vec<u8> {
        let (oldest, newest) = self.versions;
        let mut payload = vec![newest];
        payload.extend(self.panel.width_px().to_be_bytes());
        payload.extend(self.panel.height_px().to_be_bytes());
        payload.push(self.planes());
        payload.extend(FIRMWARE);
        payload.extend(PAYLOAD_BYTES_MAX.to_be_bytes());
        payload.extend((oldest > 1).then_some(oldest));
        payload
    }

    fn planes(&self) -> u8 {
        match self.panel.depth() {
            Depth::Mono => 1,
            Depth::RedGreen => 2,
            Depth::Rgb => 3,
        }
    }

    fn status(&self, now: Instant) -> Vec<u8> {
        let uptime = self.started.map_or(0, |started| now.saturating_duration_since(started).as_secs());
        let mut payload = wire::crc32(&self.front).to_be_bytes().to_vec();
        payload.extend([u8::from(self.in_fallback), self.brightness]);
        payload.extend(u32::try_from(uptime).unwrap_or(u32::MAX).to_be_bytes());
        payload.extend(self.broken_frames.to_be_bytes());
        payload
    }

    /// Write a rectangle into the back buffer.
    fn write(&mut self, [x, y, width, height]: [usize; 4], encoding: u8, pixels: &[u8]) -> Answer {
        let (panel_width, panel_height) = (self.panel.width_px().into(), self.panel.height_px().into());
        let on_bytes = x.is_multiple_of(8) && width.is_multiple_of(8);
        let on_panel = x + width <= panel_width && y + height <= panel_height;
        if !on_bytes || !on_panel || width == 0 || height == 0 {
            return Err(refusal::AREA);
        }
        let planes = usize::from(self.planes());
        let wanted = width / 8 * height * planes;
        let pixels = match encoding {
            0 => pixels.to_vec(),
            _ => wire::run_length_decoded(pixels, wanted).ok_or(refusal::PIXELS)?,
        };
        if pixels.len() != wanted {
            return Err(refusal::PIXELS);
        }
        let mut rows = pixels.chunks_exact(width / 8);
        for plane in 0..planes {
            for row in y..y + height {
                let start = (plane * panel_height + row) * (panel_width / 8) + x / 8;
                if let (Some(to), Some(from)) = (self.back.get_mut(start..start + width / 8), rows.next()) {
                    to.copy_from_slice(from);
                }
            }
        }
        Ok(ACK)
    }
}

/// What these signs have in their firmware for when the host is silent: a border, so that it is seen
/// that the sign is alive and hears nothing.
pub fn built_in_page(panel: Panel) -> Frame {
    let mut frame = Frame::dark(panel);
    let (right, bottom) = (panel.width_px() - 1, panel.height_px() - 1);
    for x in 0..=right {
        frame.set(x, 0, Light::GREEN);
        frame.set(x, bottom, Light::GREEN);
    }
    for y in 0..=bottom {
        frame.set(0, y, Light::GREEN);
        frame.set(right, y, Light::GREEN);
    }
    frame
}

/// All signs of one line, which hear every byte on it.
#[derive(Debug, Clone)]
pub struct VirtualLine {
    signs: Vec<VirtualSign>,
    addresses: Vec<SignAddress>,
    held: Vec<u8>,
    too_long: bool,
}

impl VirtualLine {
    /// A line with these signs; of two with the same address, both answer, as real ones would.
    pub fn new(signs: Vec<VirtualSign>) -> Self {
        let addresses = signs.iter().map(|sign| sign.address).collect();
        Self { signs, addresses, held: Vec::new(), too_long: false }
    }

    /// Hear bytes; gives the bytes of the replies.
    pub fn receive(&mut self, bytes: &[u8], now: Instant) -> Vec<u8> {
        let mut replies = Vec::new();
        for byte in bytes {
            if *byte != 0 {
                self.too_long |= self.held.len() >= FRAME_BYTES_MAX;
                if !self.too_long {
                    self.held.push(*byte);
                }
                continue;
            }
            let coded = std::mem::take(&mut self.held);
            if !coded.is_empty() || self.too_long {
                self.frame(&coded, now, &mut replies);
            }
            self.too_long = false;
        }
        replies
    }

    fn frame(&mut self, coded: &[u8], now: Instant, replies: &mut Vec<u8>) {
        let plain =
            wire::cobs_decoded(coded).filter(|plain| plain.len() >= FRAME_BYTES_MIN && !self.too_long);
        let parts = plain.as_ref().and_then(|plain| plain.split_last_chunk::<2>());
        let whole = parts.filter(|(frame, crc)| wire::crc16(frame) == u16::from_be_bytes(**crc));
        let Some((frame, crc)) = whole else {
            for sign in &mut self.signs {
                sign.broken_frames = sign.broken_frames.saturating_add(1);
            }
            return;
        };
        // The replies of others are heard as well, and concern nobody but the host.
        if frame.get(3).is_none_or(|kind| *kind >= 0x80) {
            return;
        }
        for sign in &mut self.signs {
            replies.extend(sign.take(frame, u16::from_be_bytes(*crc), now).unwrap_or_default());
        }
    }

    /// Let time pass: a sign whose host has been silent shows its fallback page.
    pub fn pass_time(&mut self, now: Instant) {
        for sign in &mut self.signs {
            sign.pass_time(now);
        }
    }

    /// Which signs there are, in the order given.
    pub fn addresses(&self) -> &[SignAddress] {
        &self.addresses
    }

    /// What can be seen on a sign, or `None` if there is none with this address.
    pub fn picture(&self, address: SignAddress) -> Option<&Frame> {
        self.signs.iter().find(|sign| sign.address == address).map(|sign| &sign.seen)
    }

    /// A sign, to do something to it, or `None` if there is none with this address.
    pub fn sign_mut(&mut self, address: SignAddress) -> Option<&mut VirtualSign> {
        self.signs.iter_mut().find(|sign| sign.address == address)
    }
}
