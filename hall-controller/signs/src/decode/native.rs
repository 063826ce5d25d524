//! What the native protocol's frames mean, as `protocol/docs/native-sign.md` says it.

use std::collections::BTreeMap;

use hall_protocol::sign::Depth;

use super::{Checksum, Cursor, DecodedFrame, Direction, Shown, hex};
use crate::emulator::wire;
use crate::frame::{Frame, HEIGHT_PX_MAX, Panel, WIDTH_PX_MAX};

/// Header and checksum.
const FRAME_BYTES_MIN: usize = 6;

/// All frames in these bytes. What stands between two zeros and has another coding is told, too.
pub fn decode(bytes: &[u8]) -> Vec<DecodedFrame> {
    let mut frames: Vec<DecodedFrame> = Vec::new();
    let mut canvases: BTreeMap<u8, Canvas> = BTreeMap::new();
    let mut start = 0;
    for coded in bytes.split(|byte| *byte == 0) {
        // What follows the last zero is not complete.
        let complete = start + coded.len() < bytes.len();
        if complete && !coded.is_empty() {
            frames.extend(frame(start, coded, &mut canvases));
        }
        start += coded.len() + 1;
    }
    frames
}

fn frame(offset: usize, coded: &[u8], canvases: &mut BTreeMap<u8, Canvas>) -> Option<DecodedFrame> {
    let plain = wire::cobs_decoded(coded)?;
    let (content, crc) = plain.split_last_chunk::<2>()?;
    if plain.len() < FRAME_BYTES_MIN {
        return None;
    }
    let mut frame = DecodedFrame::new(offset, coded.to_vec(), Direction::ToSign, "frame");
    frame.checksum =
        Some(Checksum::sixteen("CRC-16/IBM-3740", u16::from_be_bytes(*crc), wire::crc16(content)));
    let mut cursor = Cursor(content);
    let (version, address, sequence) = (cursor.byte()?, cursor.byte()?, cursor.byte()?);
    let kind = cursor.byte()?;
    frame.field("version", version.to_string());
    frame.field("address", if address == 0 { "everyone (0)".into() } else { address.to_string() });
    frame.field("sequence", sequence.to_string());
    if kind & 0x80 != 0 {
        frame.direction = Direction::FromSign;
    }
    let whole = frame.checksum.is_some_and(Checksum::is_right);
    if whole && matches!(kind, 0x02 | 0x03 | 0x83) {
        frame.shows = canvases.entry(address).or_default().take(kind, cursor);
    }
    if payload(kind, &mut cursor, &mut frame).is_none() {
        frame.problem = Some("the payload ends early".into());
    } else if !cursor.0.is_empty() {
        frame.problem = Some(format!("{} bytes too many: {}", cursor.0.len(), hex(cursor.0)));
    }
    Some(frame)
}

/// What a sign's back buffer holds, as far as rectangles in these bytes tell.
#[derive(Default)]
struct Canvas {
    /// Width, height and planes, when the sign has said them.
    panel: Option<[usize; 3]>,
    rectangles: Vec<([usize; 4], Vec<u8>)>,
}

impl Canvas {
    /// A rectangle is kept; a Swap shows what they make, if that is the whole picture it names.
    fn take(&mut self, kind: u8, mut cursor: Cursor<'_>) -> Option<Shown> {
        if kind == 0x03 {
            let picture = cursor.bytes(4)?;
            let frame = self.frame()?;
            return (wire::crc32(frame.bytes()).to_be_bytes() == *picture).then_some(Shown::Picture(frame));
        }
        if kind == 0x83 {
            cursor.byte()?;
            let (width, height) = (cursor.high_first()?, cursor.high_first()?);
            self.panel = Some([usize::from(width), usize::from(height), usize::from(cursor.byte()?)]);
            return None;
        }
        let mut number = || cursor.high_first().map(usize::from);
        let area = [number()?, number()?, number()?, number()?];
        let [x, y, width, height] = area;
        let (width_max, height_max) = (usize::from(WIDTH_PX_MAX), usize::from(HEIGHT_PX_MAX));
        if x + width > width_max || y + height > height_max || width % 8 != 0 || x % 8 != 0 {
            return None;
        }
        let pixels = match cursor.byte()? {
            0 => cursor.0.to_vec(),
            _ => wire::run_length_decoded(cursor.0, 3 * width / 8 * height)?,
        };
        self.rectangles.push((area, pixels));
        None
    }

    fn frame(&self) -> Option<Frame> {
        let reach = |first: usize, size: usize| {
            self.rectangles.iter().map(|(area, _)| area[first] + area[size]).max()
        };
        let ([_, _, first_width, first_height], first) = self.rectangles.first()?;
        let said = self.panel;
        let [width, height, planes] = match said {
            Some(panel) => panel,
            None => [reach(0, 2)?, reach(1, 3)?, first.len().checked_div(first_width / 8 * first_height)?],
        };
        let depth = match planes {
            1 => Depth::Mono,
            2 => Depth::RedGreen,
            3 => Depth::Rgb,
            _ => return None,
        };
        let panel = Panel::new(u16::try_from(width).ok()?, u16::try_from(height).ok()?, depth).ok()?;
        let mut bytes = vec![0; panel.plane_bytes() * planes];
        for ([x, y, area_width, area_height], pixels) in &self.rectangles {
            let row_bytes = area_width / 8;
            for (at, row) in pixels.chunks(row_bytes.max(1)).enumerate() {
                let (plane, line) = (at / (*area_height).max(1), at % (*area_height).max(1));
                let start = (plane * height + y + line) * (width / 8) + x / 8;
                bytes.get_mut(start..start + row.len())?.copy_from_slice(row);
            }
        }
        Frame::from_bytes(panel, bytes)
    }
}

fn payload(kind: u8, cursor: &mut Cursor<'_>, frame: &mut DecodedFrame) -> Option<()> {
    match kind {
        0x01 => {
            frame.name = "identify";
            let newest = cursor.byte()?;
            versions(newest, cursor, frame);
        }
        0x02 => {
            frame.name = "rectangle";
            let (x, y) = (cursor.high_first()?, cursor.high_first()?);
            let (width, height) = (cursor.high_first()?, cursor.high_first()?);
            frame.field("area", format!("{width}x{height} pixels at {x},{y}"));
            let run_length = cursor.byte()? == 1;
            let pixels = cursor.bytes(cursor.0.len())?;
            frame.field("encoding", if run_length { "run length" } else { "raw" });
            frame.field("pixels", format!("{} bytes", pixels.len()));
        }
        0x03 => {
            frame.name = "swap";
            frame.field("picture", hex(cursor.bytes(4)?));
            if !cursor.0.is_empty() {
                let (x, y) = (cursor.high_first()?, cursor.high_first()?);
                let (width, height) = (cursor.high_first()?, cursor.high_first()?);
                frame.field("blinks", format!("{width}x{height} pixels at {x},{y}"));
                frame.field("period", format!("{} ms", cursor.high_first()?));
                let tenths = cursor.high_first()?;
                frame.field("for", format!("{}.{} s", tenths / 10, tenths % 10));
            }
        }
        0x04 => {
            frame.name = "brightness";
            frame.field("level", format!("{} of 255", cursor.byte()?));
        }
        0x05 => frame.name = "poll",
        0x06 => {
            frame.name = "fallback page";
            frame.field("after", format!("{} s of silence", cursor.high_first()?));
            match cursor.byte()? {
                0 => frame.field("page", "dark"),
                1 => frame.field("page", "the sign's own"),
                2 => frame.field("page", format!("picture {}", hex(cursor.bytes(4)?))),
                other => frame.field("page", format!("{other}, which the document does not list")),
            }
        }
        0x81 => frame.name = "done",
        0x82 => {
            frame.name = "refused";
            let reason = cursor.byte()?;
            let words = match reason {
                1 => "unknown version",
                2 => "unknown request",
                3 => "wrong payload",
                4 => "area outside of the panel",
                5 => "wrong pixels",
                6 => "not this picture",
                7 => "busy",
                _ => "not in the document",
            };
            frame.field("reason", format!("{reason}, {words}"));
        }
        0x83 => {
            frame.name = "identity";
            let newest = cursor.byte()?;
            frame.field("panel", format!("{}x{} pixels", cursor.high_first()?, cursor.high_first()?));
            frame.field("planes", cursor.byte()?.to_string());
            let firmware = cursor.bytes(3)?.iter().map(u8::to_string).collect::<Vec<_>>();
            frame.field("firmware", firmware.join("."));
            frame.field("payload at most", format!("{} bytes", cursor.high_first()?));
            versions(newest, cursor, frame);
        }
        0x84 => {
            frame.name = "status";
            frame.field("picture", hex(cursor.bytes(4)?));
            frame.field("own page", if cursor.byte()? == 1 { "yes" } else { "no" });
            frame.field("brightness", format!("{} of 255", cursor.byte()?));
            let uptime = u32::from(cursor.high_first()?) << 16 | u32::from(cursor.high_first()?);
            frame.field("up for", format!("{uptime} s"));
            frame.field("broken frames", cursor.high_first()?.to_string());
        }
        other => {
            frame.name = "frame that is not looked into";
            frame.field("kind", format!("{other:02x}"));
            frame.field("data", hex(cursor.bytes(cursor.0.len())?));
        }
    }
    Some(())
}

/// The oldest version is told when it is not 1.
fn versions(newest: u8, cursor: &mut Cursor<'_>, frame: &mut DecodedFrame) {
    let oldest = cursor.byte().unwrap_or(1);
    frame.field(
        "versions",
        if oldest == newest { newest.to_string() } else { format!("{oldest} to {newest}") },
    );
}
