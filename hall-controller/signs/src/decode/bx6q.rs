//! What Onbon BX-6Q packets mean (`onbonlab/bx.dual.dyn.java`, `BxFrameHeader`, `BxReq` and others).

use hall_protocol::sign::Depth;

use super::onbon::{self, Packet};
use super::{Cursor, DecodedFrame, Direction, Shown, hex};
use crate::frame::{Frame, Light, Panel};

/// What a card is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    /// A dynamic area's first page.
    Area(Area),
    /// Take these areas away; `None` all.
    Delete(Option<Vec<u8>>),
    /// Something else, or it ends early.
    Other,
}

/// A dynamic area.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Area {
    /// Its number.
    pub number: u8,
    /// Left and top in pixels.
    pub at_px: [u16; 2],
    /// Its picture; the width is rounded up to whole bytes.
    pub picture: Frame,
}

/// A command to a card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// To which card.
    pub destination: u16,
    /// From which host.
    pub source: u16,
    /// What is told.
    pub message: Message,
}

/// All packets in these bytes.
pub fn decode(bytes: &[u8]) -> Vec<DecodedFrame> {
    onbon::packets(bytes).iter().map(|packet| frame(packet).0).collect()
}

/// A packet's command to a card, if it is one.
pub fn command(packet: &Packet) -> Option<Command> {
    frame(packet).1
}

fn frame(packet: &Packet) -> (DecodedFrame, Option<Command>) {
    let mut frame = packet.frame(Direction::Unknown, "packet");
    let mut cursor = Cursor(&packet.body);
    let Some((destination, source)) = header(&mut cursor, &mut frame) else {
        frame.problem.get_or_insert_with(|| "the packet is shorter than its header".into());
        return (frame, None);
    };
    if frame.direction == Direction::FromSign {
        if reply(&mut cursor, &mut frame).is_none() {
            frame.problem.get_or_insert_with(|| "the answer ends early".into());
        }
        return (frame, None);
    }
    let message = request(&mut cursor, &mut frame).unwrap_or_else(|| {
        frame.problem.get_or_insert_with(|| "the command's data ends early".into());
        Message::Other
    });
    (frame, Some(Command { destination, source, message }))
}

fn header(cursor: &mut Cursor<'_>, frame: &mut DecodedFrame) -> Option<(u16, u16)> {
    let (destination, source) = (cursor.low_first()?, cursor.low_first()?);
    let name =
        |address: u16| if address == 0xFFFF { "everyone (ffff)".into() } else { format!("{address:04x}") };
    frame.direction = if destination == 0x8000 { Direction::FromSign } else { Direction::ToSign };
    frame.field("destination", name(destination));
    frame.field("source", name(source));
    frame.field("protocol version", format!("{:02x}", cursor.byte()?));
    cursor.byte()?;
    frame.field("device", format!("{:04x}", cursor.low_first()?));
    cursor.bytes(4)?;
    let length = cursor.long_low_first()?;
    frame.field("data length", length.to_string());
    if usize::try_from(length).ok()? != cursor.0.len() {
        frame.problem = Some(format!("the header says {length} bytes of data, {} came", cursor.0.len()));
    }
    Some((destination, source))
}

fn reply(cursor: &mut Cursor<'_>, frame: &mut DecodedFrame) -> Option<()> {
    cursor.byte()?;
    let code = [cursor.byte()?, cursor.byte()?];
    frame.name = match code {
        [0xA0, 0x00] => "done",
        [0xA0, 0x01] => "refused",
        _ => "answer",
    };
    frame.field("command", format!("{:02x} {:02x}", code[0], code[1]));
    frame.field("status", cursor.low_first()?.to_string());
    let number = cursor.low_first()?;
    // The two families number their errors alike.
    frame.field("error", u8::try_from(number).map_or_else(|_| number.to_string(), super::bx5k::error));
    let length = cursor.low_first()?;
    frame.field("data", hex(cursor.bytes(usize::from(length))?));
    Some(())
}

fn request(cursor: &mut Cursor<'_>, frame: &mut DecodedFrame) -> Option<Message> {
    let wants_reply = cursor.byte()?;
    let code = [cursor.byte()?, cursor.byte()?];
    frame.field("reply", if wants_reply == 1 { "wanted" } else { "not wanted" });
    frame.field("command", format!("{:02x} {:02x}", code[0], code[1]));
    match code {
        [0xA7, 0x00] => area(cursor, frame),
        [0xA7, 0x01] => {
            frame.name = "delete dynamic areas";
            cursor.bytes(2)?;
            let count = cursor.byte()?;
            if count == 0xFF {
                frame.field("areas", "all");
                frame.shows = Some(Shown::Dark);
                return Some(Message::Delete(None));
            }
            let areas = cursor.bytes(usize::from(count))?.to_vec();
            frame.field("areas", hex(&areas));
            Some(Message::Delete(Some(areas)))
        }
        _ => {
            frame.name = "command that is not looked into";
            frame.field("data", hex(cursor.0));
            Some(Message::Other)
        }
    }
}

fn area(cursor: &mut Cursor<'_>, frame: &mut DecodedFrame) -> Option<Message> {
    frame.name = "dynamic area";
    cursor.bytes(2)?;
    let areas = cursor.low_first()?;
    let length = usize::try_from(cursor.long_low_first()?).ok()?;
    let mut inside = Cursor(cursor.bytes(length)?);
    let data = cursor.0;
    if areas != 1 {
        frame.problem = Some(format!("{areas} areas in one command, which cards do not take"));
    }
    let number = inside.byte()?;
    frame.field("area", number.to_string());
    frame.field("run", inside.byte()?.to_string());
    frame.field("time out", format!("{} s", inside.low_first()?));
    frame.field("on all programs", if inside.byte()? == 1 { "yes" } else { "no" });
    let programs = inside.low_first()?;
    for _ in 0..programs {
        frame.field("program", inside.low_first()?.to_string());
    }
    frame.field("instead of programs", if inside.byte()? == 1 { "yes" } else { "no" });
    inside.bytes(4)?;
    frame.field("kind", format!("{:02x}", inside.byte()?));
    let (x, y, width, height) =
        (inside.low_first()?, inside.low_first()?, inside.low_first()?, inside.low_first()?);
    frame.field("place", format!("{width}x{height} pixels at {x},{y}"));
    inside.bytes(4)?;
    frame.field("voice", if inside.byte()? == 1 { "yes" } else { "no" });
    inside.bytes(5)?;
    let pages = inside.low_first()?;
    frame.field("pages", pages.to_string());
    let mut first = None;
    for _ in 0..pages {
        let length = usize::try_from(inside.long_low_first()?).ok()?;
        let mut page = Cursor(inside.bytes(length)?);
        page.bytes(length.checked_sub(8)?)?;
        let (offset, bytes) = (page.long_low_first()?, page.long_low_first()?);
        frame.field("page", format!("{bytes} bytes from {offset}"));
        let start = usize::try_from(offset).ok()?;
        let end = start.checked_add(usize::try_from(bytes).ok()?)?;
        first = first.or(Some(data.get(start..end)?));
    }
    let picture = pixels(width, height, first?);
    let Some(picture) = picture else {
        frame.problem = Some("the page's data are not three bytes a pixel of the area".into());
        return Some(Message::Other);
    };
    frame.shows = Some(Shown::Picture(picture.clone()));
    Some(Message::Area(Area { number, at_px: [x, y], picture }))
}

/// Three bytes a pixel, of which more than half is lit.
fn pixels(width: u16, height: u16, data: &[u8]) -> Option<Frame> {
    if data.len() != usize::from(width) * usize::from(height) * 3 {
        return None;
    }
    let panel = Panel::new(width.checked_next_multiple_of(8)?, height, Depth::Rgb).ok()?;
    let mut picture = Frame::dark(panel);
    let mut lights = data.chunks_exact(3).map(|pixel| Light {
        red: pixel.first().is_some_and(|level| *level > 127),
        green: pixel.get(1).is_some_and(|level| *level > 127),
        blue: pixel.get(2).is_some_and(|level| *level > 127),
    });
    for y in 0..height {
        for (x, light) in (0..width).zip(lights.by_ref()) {
            picture.set(x, y, light);
        }
    }
    Some(picture)
}
