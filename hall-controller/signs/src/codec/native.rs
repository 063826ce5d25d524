//! The native codec: from the picture a sign's back buffer holds to the requests that make it
//! another one.
//!
//! What host and sign agree on: Rectangles write into the back buffer only. A Swap that names the
//! back buffer's checksum shows it all at once, and from then on the back buffer is a copy of what
//! is shown. So the next picture needs only what differs from the last one, and a lost rectangle
//! is noticed by the next Swap. Words for a stranger are in `protocol/docs/native-sign.md`.
//!
//! When the requests are sent, and what happens if they are lost, is the bus's business.

use hall_protocol::sign::message::RECTANGLE_HEADER_BYTES;
use hall_protocol::sign::picture::PIXELS_PER_BYTE;
use hall_protocol::sign::{Encoding, PAYLOAD_BYTES_MIN, Rectangle, Request, encoded_bytes_max, run_length};

use crate::delta;
use crate::frame::Frame;

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
/// it is where that takes fewer bytes than what differs. No payload is longer than
/// `payload_bytes_max`, which counts as [`PAYLOAD_BYTES_MIN`] if it is less: every sign takes that.
pub fn repaint(back: Option<&Frame>, wanted: &Frame, payload_bytes_max: usize) -> Vec<Piece> {
    let room = payload_bytes_max.max(PAYLOAD_BYTES_MIN) - RECTANGLE_HEADER_BYTES;
    let panel = wanted.panel();
    let whole = Rectangle { x_px: 0, y_px: 0, width_px: panel.width_px(), height_px: panel.height_px() };
    let Some(back) = back.filter(|back| back.panel() == panel) else {
        return split(wanted, vec![whole], room);
    };
    let areas = delta::changes(back, wanted);
    let changes = split(wanted, areas, room);
    // One piece cannot be longer than the whole it is a part of.
    if changes.len() <= 1 {
        return changes;
    }
    let all = split(wanted, vec![whole], room);
    if wire_bytes(&all) < wire_bytes(&changes) { all } else { changes }
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
