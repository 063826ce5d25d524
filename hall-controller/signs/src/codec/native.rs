//! The native codec: from the picture a sign's back buffer holds to the requests that make it
//! another one.
//!
//! What host and sign agree on: Rectangles write into the back buffer only. A Swap that names the
//! back buffer's checksum shows it all at once, and from then on the back buffer is a copy of what
//! is shown. So the next picture needs only what differs from the last one, and a lost rectangle
//! is noticed by the next Swap. Words for a stranger are in `protocol/docs/native-sign.md`.
//!
//! When the requests are sent, and what happens if they are lost, is the bus's business.

use hall_protocol::sign::frame::{Header, encode};
use hall_protocol::sign::message::{RECTANGLE_HEADER_BYTES, SWAP_BYTES_MAX};
use hall_protocol::sign::picture::PIXELS_PER_BYTE;
use hall_protocol::sign::{
    Destination, Encoding, FallbackPage, FrameError, FrameReader, Identity, MessageError, PAYLOAD_BYTES_MAX,
    PAYLOAD_BYTES_MIN, REPLY_PAYLOAD_BYTES_MAX, Rectangle, RefusalReason, Reply, Request, Sequence,
    SignAddress, Versions, encoded_bytes_max, run_length,
};

use super::{Answer, Awaits, CannotShow, Codec, Cure, Effect, Heard, Protocol, Sentence};
use crate::delta;
use crate::frame::{Frame, Panel};
use crate::substitute::Ability;
use crate::words::Showing;

/// A sign that hears nothing for this long shows its own page instead of an old call.
const FALLBACK_AFTER_S: u16 = 60;

/// A sign thinks for some 5 ms before it answers: a fiftieth of the quarter of a second that the longest
/// payload may take.
const THINKING_SHARE: usize = 50;

/// The longest reply, coded; what is longer is one's own request, given back by the adapter.
const READER_BYTES: usize = encoded_bytes_max(REPLY_PAYLOAD_BYTES_MAX) - 2;

/// One Rectangle request, its pixels already written in the shorter encoding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// Where.
    pub area: Rectangle,
    /// How the pixels are written.
    pub encoding: Encoding,
    /// The pixels.
    pub pixels: Vec<u8>,
}

impl Piece {
    fn new(frame: &Frame, area: Rectangle) -> Self {
        let raw = frame.pixels(area);
        let mut shorter = vec![0; raw.len()];
        match run_length::encode(&raw, &mut shorter) {
            Ok(bytes) if bytes < raw.len() => {
                shorter.truncate(bytes);
                Self { area, encoding: Encoding::RunLength, pixels: shorter }
            }
            _ => Self { area, encoding: Encoding::Raw, pixels: raw },
        }
    }

    /// The request that carries it.
    pub fn request(&self) -> Request<'_> {
        Request::Rectangle { area: self.area, encoding: self.encoding, pixels: &self.pixels }
    }

    /// The most bytes its frame takes on the wire.
    pub fn wire_bytes_max(&self) -> usize {
        encoded_bytes_max(RECTANGLE_HEADER_BYTES + self.pixels.len())
    }
}

/// The rectangles that make the back buffer `wanted`; a Swap is to follow.
///
/// `back` is what the buffer holds, or `None` if that is unknown: then all of `wanted` is sent. So
/// it is where that takes fewer bytes, or less time, than what differs; a request costs as much time as
/// `request_bytes` on the wire, at least [`delta::REQUEST_BYTES`]. No payload is longer than
/// `payload_bytes_max`, which counts as [`PAYLOAD_BYTES_MIN`] if it is less: every sign takes that.
pub fn repaint(
    back: Option<&Frame>,
    wanted: &Frame,
    payload_bytes_max: usize,
    request_bytes: usize,
) -> Vec<Piece> {
    let room = payload_bytes_max.max(PAYLOAD_BYTES_MIN) - RECTANGLE_HEADER_BYTES;
    let panel = wanted.panel();
    let whole = Rectangle { x_px: 0, y_px: 0, width_px: panel.width_px(), height_px: panel.height_px() };
    let Some(back) = back.filter(|back| back.panel() == panel) else {
        return split(wanted, vec![whole], room);
    };
    let areas = delta::changes(back, wanted, request_bytes);
    let changes = split(wanted, areas, room);
    // One piece cannot be longer than the whole it is a part of.
    if changes.len() <= 1 {
        return changes;
    }
    let all = split(wanted, vec![whole], room);
    let time = |pieces: &[Piece]| wire_bytes(pieces) + request_bytes * pieces.len();
    let better = wire_bytes(&all) < wire_bytes(&changes) || time(&all) < time(&changes);
    if better { all } else { changes }
}

fn wire_bytes(pieces: &[Piece]) -> usize {
    pieces.iter().map(Piece::wire_bytes_max).sum()
}

/// Write areas as pieces of at most `room` bytes of pixels, cutting those that are longer.
fn split(frame: &Frame, mut areas: Vec<Rectangle>, room: usize) -> Vec<Piece> {
    let planes = usize::from(frame.panel().depth().planes());
    let mut pieces = Vec::new();
    // Taken from the end, so that a picture is painted from the top.
    areas.reverse();
    while let Some(area) = areas.pop() {
        let piece = Piece::new(frame, area);
        if piece.pixels.len() <= room {
            pieces.push(piece);
            continue;
        }
        let row_bytes = usize::from(area.width_px / PIXELS_PER_BYTE) * planes;
        let (first, rest) = if row_bytes > room {
            cut_width(area, room / planes)
        } else {
            cut_height(area, usize::from(area.height_px) * room / piece.pixels.len())
        };
        areas.push(rest);
        areas.push(first);
    }
    pieces
}

/// Cut after so many bytes; what is cut is wider than that.
fn cut_width(area: Rectangle, bytes: usize) -> (Rectangle, Rectangle) {
    let width_px = u16::try_from(bytes).unwrap_or(1).max(1) * PIXELS_PER_BYTE;
    let width_px = width_px.min(area.width_px - PIXELS_PER_BYTE);
    let rest = Rectangle { x_px: area.x_px + width_px, width_px: area.width_px - width_px, ..area };
    (Rectangle { width_px, ..area }, rest)
}

/// Cut after so many rows, at least one; what is cut has more than one.
fn cut_height(area: Rectangle, rows: usize) -> (Rectangle, Rectangle) {
    let height_px = u16::try_from(rows).unwrap_or(1).clamp(1, (area.height_px - 1).max(1));
    let rest = Rectangle { y_px: area.y_px + height_px, height_px: area.height_px - height_px, ..area };
    (Rectangle { height_px, ..area }, rest)
}

/// The longest request, coded.
const REQUEST_BYTES: usize = encoded_bytes_max(PAYLOAD_BYTES_MAX) - 2;

/// What was asked, as a request's key has it below the sequence.
mod asked {
    pub(super) const IDENTIFY: u8 = 1;
    pub(super) const FALLBACK: u8 = 2;
    pub(super) const PAINT: u8 = 3;
    pub(super) const POLL: u8 = 4;
    pub(super) const BRIGHTNESS: u8 = 5;
}

/// One sign that speaks the native protocol.
#[derive(Debug)]
pub struct Native {
    address: SignAddress,
    panel: Panel,
    sequence: Sequence,
    /// What the line allows, and what the sign takes, in bytes.
    line_payload_bytes_max: usize,
    payload_bytes_max: usize,
    /// What a request costs besides its pixels, in bytes: its own, and as many as the line could carry
    /// while the sign thinks.
    request_bytes: usize,
    /// What it last said; less means that it has restarted.
    uptime_s: Option<u32>,
    reader: FrameReader<READER_BYTES>,
}

impl Native {
    /// The codec of this sign, on a line that carries payloads of so many bytes at once: as many as it
    /// carries in a quarter of a second, which tells how fast it is.
    pub fn new(address: SignAddress, panel: Panel, line_payload_bytes_max: usize) -> Self {
        Self {
            address,
            panel,
            sequence: Sequence::default(),
            line_payload_bytes_max,
            payload_bytes_max: PAYLOAD_BYTES_MIN,
            request_bytes: delta::REQUEST_BYTES + line_payload_bytes_max / THINKING_SHARE,
            uptime_s: None,
            reader: FrameReader::new(),
        }
    }

    /// The same for a sign that is expected to take payloads of so many bytes, before it has said so: to
    /// weigh what pages will cost.
    #[must_use]
    pub fn expecting(self, payload_bytes_max: usize) -> Self {
        Self { payload_bytes_max: payload_bytes_max.min(self.line_payload_bytes_max), ..self }
    }

    /// A request that has no number yet.
    fn request(&self, request: &Request<'_>, asked: u8, effect: Effect) -> super::Request {
        let payload_bytes = match request {
            Request::Rectangle { pixels, .. } => RECTANGLE_HEADER_BYTES + pixels.len(),
            _ => SWAP_BYTES_MAX,
        };
        let mut bytes = vec![0; encoded_bytes_max(payload_bytes)];
        let written = request.emit(Destination::Sign(self.address), self.sequence, &mut bytes);
        // There is room: its size was computed for this request.
        bytes.truncate(written.unwrap_or(0));
        super::Request {
            bytes,
            awaits: Awaits::Answer { bytes_max: encoded_bytes_max(REPLY_PAYLOAD_BYTES_MAX) },
            effect,
            key: u16::from_be_bytes([self.sequence.0, asked]),
        }
    }

    /// Whether and how a whole reply answers what was asked.
    fn answer(&mut self, sequence: Sequence, reply: Reply, asked: Option<&super::Request>) -> Heard {
        let Some([asked_sequence, asked]) = asked.map(|asked| asked.key.to_be_bytes()) else {
            return Heard::Stray;
        };
        if asked_sequence != sequence.0 {
            return Heard::Stray;
        }
        match reply {
            Reply::Nak(reason) => Heard::Answer(refused(reason, asked)),
            Reply::Identity(identity) if asked == asked::IDENTIFY => {
                Heard::Answer(Answer::Identified { mismatch: self.identified(&identity) })
            }
            Reply::Status(status) if asked == asked::POLL => {
                let restarted = self.uptime_s.is_some_and(|before| status.uptime_s < before);
                self.uptime_s = Some(status.uptime_s);
                let picture = Some(status.picture);
                Heard::Answer(Answer::Status { picture, own_page: status.in_fallback, restarted })
            }
            Reply::Ack if matches!(asked, asked::FALLBACK | asked::PAINT | asked::BRIGHTNESS) => {
                Heard::Answer(Answer::Done)
            }
            Reply::Identity(_) | Reply::Status(_) | Reply::Ack => Heard::Stray,
        }
    }

    /// Whether a frame answers the question who the sign is.
    fn is_who(&self, header: Header, asked: Option<&super::Request>) -> bool {
        let asked = asked.map(|asked| asked.key.to_be_bytes());
        header.address == self.address.get() && asked == Some([header.sequence.0, asked::IDENTIFY])
    }

    fn identified(&mut self, identity: &Identity) -> Option<String> {
        // One version is all this side speaks, so it is the best common one if there is any.
        if Versions::SPOKEN.best_common(identity.versions).is_none() {
            return Some(nothing_in_common(identity));
        }
        let (width_px, height_px, depth) =
            (self.panel.width_px(), self.panel.height_px(), self.panel.depth());
        if (identity.width_px, identity.height_px, identity.depth) != (width_px, height_px, depth) {
            return Some(format!(
                "the sign says it is {}x{} pixels in {}, the configuration says {width_px}x{height_px} in {depth}",
                identity.width_px, identity.height_px, identity.depth
            ));
        }
        let takes = usize::from(identity.payload_bytes_max).min(self.line_payload_bytes_max);
        self.payload_bytes_max = takes.clamp(PAYLOAD_BYTES_MIN, PAYLOAD_BYTES_MAX);
        None
    }
}

/// What is wrong between sides without a common version, and what helps.
fn nothing_in_common(identity: &Identity) -> String {
    let (ours, theirs, firmware) = (Versions::SPOKEN, identity.versions, identity.firmware);
    let cure = if theirs.oldest() > ours.newest() {
        "update this controller, or load the sign with firmware of its time"
    } else {
        "update the sign's firmware"
    };
    format!("the sign (firmware {firmware}) speaks {theirs} of the protocol, this controller {ours}: {cure}")
}

/// The same of a sign whose answer to the first question is of an unknown version.
fn answers_in(version: u8) -> String {
    let ours = Versions::SPOKEN;
    format!(
        "the sign answers in version {version} of the protocol, this controller speaks {ours}: update this \
         controller, or load the sign with firmware of its time"
    )
}

/// A sign that does not even say who it is.
const REFUSES_TO_SAY: Sentence = Sentence {
    zh: "屏拒绝说明身份：其协议版本与控制器不同，请升级屏的固件或控制器",
    en: "the sign refuses to say who it is: it speaks another version of the protocol; update its firmware \
         or this controller",
};

fn refused(reason: RefusalReason, asked: u8) -> Answer {
    if asked == asked::IDENTIFY && reason != RefusalReason::Busy {
        return Answer::Refused { why: REFUSES_TO_SAY, cure: Cure::GiveUp };
    }

    let (zh, en) = match reason {
        RefusalReason::Version => ("屏不支持该协议版本", "the sign does not speak this version"),
        RefusalReason::Kind => ("屏不认识该请求", "the sign does not know this request"),
        RefusalReason::Payload => ("屏不接受该数据", "the sign does not take this payload"),
        RefusalReason::Area => ("区域超出屏幕", "the area is not on the sign's panel"),
        RefusalReason::Pixels => ("像素数据不完整", "the pixels are not as many as the area has"),
        RefusalReason::Picture => ("屏缓存中不是该画面", "the sign's buffer holds another picture"),
        RefusalReason::Busy => ("屏忙", "the sign is busy"),
        RefusalReason::Other(_) => {
            ("屏拒绝了请求", "the sign refuses for a reason its protocol does not list")
        }
    };
    let cure = match (reason, asked) {
        (RefusalReason::Busy, _) => Cure::Wait,
        // A sign without a page of its own goes on showing the last one, one of one brightness is so bright.
        (_, asked::FALLBACK | asked::POLL | asked::BRIGHTNESS) => Cure::GoOn,
        // The picture did not arrive whole, or the sign has restarted.
        _ => Cure::StartOver,
    };
    Answer::Refused { why: Sentence { zh, en }, cure }
}

impl Codec for Native {
    fn protocol(&self) -> Protocol {
        Protocol::Native
    }

    fn ability(&self) -> Ability {
        Ability::Pixels
    }

    fn identify(&mut self) -> Option<super::Request> {
        self.uptime_s = None;
        let request = Request::Identify { versions: Versions::SPOKEN };
        Some(self.request(&request, asked::IDENTIFY, Effect::Nothing))
    }

    fn set_up(&mut self) -> Vec<super::Request> {
        let request = Request::Fallback { after_s: FALLBACK_AFTER_S, page: FallbackPage::BuiltIn };
        vec![self.request(&request, asked::FALLBACK, Effect::Nothing)]
    }

    fn show(
        &mut self,
        held: Option<&Showing>,
        wanted: &Showing,
        failures: u32,
    ) -> Result<Vec<super::Request>, CannotShow> {
        // Long frames are the first a bad line loses.
        let payload_bytes_max = self.payload_bytes_max >> failures.min(8);
        let pieces =
            repaint(held.map(|held| &*held.frame), &wanted.frame, payload_bytes_max, self.request_bytes);
        let mut requests = Vec::with_capacity(pieces.len() + 1);
        for piece in &pieces {
            requests.push(self.request(&piece.request(), asked::PAINT, Effect::Prepares(piece.area)));
        }
        let swap =
            Request::Swap { picture: wanted.frame.id(), blink: wanted.blink.map(|blinking| blinking.blink) };
        requests.push(self.request(&swap, asked::PAINT, Effect::Shows));
        Ok(requests)
    }

    fn blinks(&self) -> bool {
        true
    }

    fn dims(&self) -> bool {
        true
    }

    fn brightness(&mut self, level: u8) -> Option<super::Request> {
        Some(self.request(&Request::Brightness(level), asked::BRIGHTNESS, Effect::Nothing))
    }

    fn poll(&mut self) -> Option<super::Request> {
        Some(self.request(&Request::Poll, asked::POLL, Effect::Nothing))
    }

    fn numbered(&mut self, request: &super::Request) -> super::Request {
        self.sequence = self.sequence.next();
        let sequence = self.sequence;
        let [_, asked] = request.key.to_be_bytes();
        let mut reader = Box::new(FrameReader::<REQUEST_BYTES>::new());
        let mut bytes = vec![0; request.bytes.len() + 1];
        for byte in &request.bytes {
            if let Some(Ok(frame)) = reader.push(*byte) {
                let header = Header { sequence, ..frame.header };
                // Another number may take one byte more of coding.
                let written = encode(header, &[frame.payload], &mut bytes);
                bytes.truncate(written.unwrap_or(0));
            }
        }
        super::Request { bytes, key: u16::from_be_bytes([sequence.0, asked]), ..request.clone() }
    }

    fn read(&mut self, bytes: &[u8], asked: Option<&super::Request>) -> Vec<Heard> {
        let mut heard = Vec::new();
        for byte in bytes {
            let Some(found) = self.reader.push(*byte) else { continue };
            let found = found.map(|frame| (frame.header, Reply::parse(&frame)));
            heard.push(match found {
                Ok((header, Ok((source, reply)))) if source == self.address => {
                    self.answer(header.sequence, reply, asked)
                }
                Ok((header, Err(MessageError::Version(version)))) if self.is_who(header, asked) => {
                    Heard::Answer(Answer::Identified { mismatch: Some(answers_in(version)) })
                }
                Ok((_, Ok(_))) => Heard::Stray,
                Ok((_, Err(MessageError::Direction))) => Heard::Echo,
                Err(FrameError::TooLong(_))
                    if asked.is_some_and(|asked| asked.bytes.len() > READER_BYTES) =>
                {
                    Heard::Echo
                }
                Ok((_, Err(_))) | Err(_) => Heard::Broken,
            });
        }
        heard
    }
}
