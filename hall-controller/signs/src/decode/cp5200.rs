//! What C-Power cards' packets mean (C-Power protocol for several windows, V1.9, sections 1 and 2).
//!
//! On a serial line packets stand between `A5` and `AE` (2.1); over a network they follow an
//! eight-byte head and have no escapes (2.2).

mod stored;

use std::collections::BTreeMap;

use hall_protocol::sign::Depth;

use super::checksum::sum16;
use super::{Checksum, Cursor, DecodedFrame, Direction, Shown, chinese, hex};
use crate::frame::{Frame, Panel};

/// More than any packet has.
const WIRE_BYTES_MAX: usize = 256 * 1024;

/// A packet, whole or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packet {
    /// Where it began, counted from the receiver's first byte.
    pub offset: usize,
    /// As it came.
    pub wire: Vec<u8>,
    /// From the packet's type to its data.
    pub body: Vec<u8>,
    /// Its checksum.
    pub checksum: Checksum,
}

impl Packet {
    fn new(offset: usize, wire: Vec<u8>, mut plain: Vec<u8>) -> Option<Self> {
        let end = plain.len().checked_sub(2)?;
        let sum = plain.split_off(end);
        let found = Cursor(&sum).low_first()?;
        let checksum = Checksum::low_first("sum of 16 bits", found, sum16(&plain));
        Some(Self { offset, wire, body: plain, checksum })
    }
}

/// Collects packets from a serial line.
#[derive(Debug, Clone, Default)]
pub struct Receiver {
    seen: usize,
    start: usize,
    held: Option<Vec<u8>>,
}

impl Receiver {
    /// Take one byte; the last of a packet gives it.
    pub fn push(&mut self, byte: u8) -> Option<Packet> {
        let at = self.seen;
        self.seen += 1;
        if byte == 0xA5 {
            self.start = at;
            self.held = Some(vec![byte]);
            return None;
        }
        let held = self.held.as_mut()?;
        held.push(byte);
        if held.len() > WIRE_BYTES_MAX {
            self.held = None;
        }
        if byte != 0xAE {
            return None;
        }
        let wire = self.held.take()?;
        let mut plain = Vec::with_capacity(wire.len());
        let mut coded = wire.get(1..wire.len() - 1)?.iter();
        while let Some(byte) = coded.next() {
            plain.push(if *byte == 0xAA {
                match coded.next() {
                    Some(5) => 0xA5,
                    Some(0x0E) => 0xAE,
                    // Whatever else follows, the checksum will not be right.
                    _ => 0xAA,
                }
            } else {
                *byte
            });
        }
        Packet::new(self.start, wire, plain)
    }
}

/// What a card is told, once all packets of a command have come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    /// Windows: x, y, width, height.
    Windows(Vec<[u16; 4]>),
    /// Text in a window.
    Text {
        /// Which.
        window: u8,
        /// Its lines.
        lines: Vec<String>,
        /// Its colour, red, green and blue.
        rgb: [u8; 3],
    },
    /// A picture in a window, at x and y.
    Picture {
        /// Which.
        window: u8,
        /// Where in the window.
        at_px: [u16; 2],
        /// What.
        picture: Frame,
    },
    /// Which screen is there?
    AskScreen,
    /// It writes flash.
    Flash,
    /// Something else.
    Other,
    /// Something that cannot be understood.
    Malformed,
}

/// Joins the packets of one command, which is named in the first only (2.3).
#[derive(Debug, Clone, Default)]
pub struct Joiner {
    /// Data so far and the number of the next packet, for each card.
    begun: BTreeMap<u8, (Vec<u8>, u8)>,
}

/// What became of a packet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Joined {
    /// The command goes on.
    More,
    /// It is whole.
    Whole(Vec<u8>),
    /// The packet does not follow the last one.
    OutOfOrder,
}

impl Joiner {
    /// Take a packet's data.
    pub fn push(&mut self, card: u8, number: u8, last: u8, data: &[u8]) -> Joined {
        let (mut joined, expected) = self.begun.remove(&card).unwrap_or_default();
        if number == 0 {
            joined.clear();
        } else if number != expected {
            return Joined::OutOfOrder;
        }
        joined.extend(data);
        if number >= last {
            return Joined::Whole(joined);
        }
        self.begun.insert(card, (joined, number + 1));
        Joined::More
    }
}

/// All packets in these bytes: those of a serial line, or else those of a network.
pub fn decode(bytes: &[u8]) -> Vec<DecodedFrame> {
    let mut receiver = Receiver::default();
    let mut packets: Vec<Packet> = bytes.iter().filter_map(|byte| receiver.push(*byte)).collect();
    if packets.is_empty() {
        packets = network(bytes);
    }
    let mut joiner = Joiner::default();
    packets.iter().map(|packet| frame(packet, &mut joiner)).collect()
}

/// Packets behind a card's identity, their length and two zeros.
fn network(bytes: &[u8]) -> Vec<Packet> {
    let mut packets = Vec::new();
    let mut at = 0;
    while let Some(head) = bytes.get(at..at + 10) {
        let length = usize::from(u16::from_le_bytes([head[4], head[5]]));
        let begins = head[6..8] == [0, 0] && matches!(head[8..10], [0x68 | 0xE8, 0x32]);
        let packet = bytes.get(at..at + 8 + length).filter(|_| begins && length > 2);
        let packet = packet.and_then(|wire| Packet::new(at, wire.to_vec(), wire.get(8..)?.to_vec()));
        at += packet.as_ref().map_or(1, |packet| packet.wire.len());
        packets.extend(packet);
    }
    packets
}

fn frame(packet: &Packet, joiner: &mut Joiner) -> DecodedFrame {
    let mut frame = DecodedFrame::new(packet.offset, packet.wire.clone(), Direction::Unknown, "packet");
    frame.checksum = Some(packet.checksum);
    if told(&mut Cursor(&packet.body), &mut frame, joiner, packet.checksum.is_right()).is_none() {
        frame.problem.get_or_insert_with(|| "the packet ends early".into());
    }
    frame
}

fn told(cursor: &mut Cursor<'_>, frame: &mut DecodedFrame, joiner: &mut Joiner, whole: bool) -> Option<()> {
    let kind = cursor.byte()?;
    frame.direction = match kind {
        0x68 => Direction::ToSign,
        0xE8 => Direction::FromSign,
        _ => Direction::Unknown,
    };
    frame.field("packet type", format!("{kind:02x}"));
    frame.field("card type", format!("{:02x}", cursor.byte()?));
    let card = cursor.byte()?;
    frame.field("card", if card == 0xFF { "everyone (ff)".into() } else { card.to_string() });
    frame.field("protocol", format!("{:02x}", cursor.byte()?));
    let flags = cursor.byte()?;
    if frame.direction == Direction::FromSign {
        let words = match flags {
            0 => "done",
            1 => "wrong checksum",
            2 => "packets out of order",
            _ => "refused",
        };
        frame.field("result", format!("{flags}, {words}"));
    } else {
        frame.field("reply", if flags & 1 == 1 { "wanted" } else { "not wanted" });
    }
    let length = cursor.low_first()?;
    frame.field("data length", length.to_string());
    let (number, last) = (cursor.byte()?, cursor.byte()?);
    frame.field("packet", format!("{} of {}", u16::from(number) + 1, u16::from(last) + 1));
    if usize::from(length) != cursor.0.len() {
        frame.problem = Some(format!("{length} bytes of data are announced, {} came", cursor.0.len()));
    }
    if frame.direction == Direction::FromSign {
        frame.name = if flags == 0 { "done" } else { "refused" };
        screen_of(cursor, frame);
        return Some(());
    }
    if !whole {
        frame.field("data", hex(cursor.0));
        return Some(());
    }
    match joiner.push(card, number, last, cursor.0) {
        Joined::More => frame.name = "part of a command",
        Joined::OutOfOrder => frame.problem = Some("it does not follow the packet before it".into()),
        Joined::Whole(data) => drop(message(&data, Some(frame))),
    }
    Some(())
}

/// What a card answers; to the question for its screen (`CC=0x83`), which it has.
fn screen_of(cursor: &mut Cursor<'_>, frame: &mut DecodedFrame) {
    if let [0x83, _, template, _, _, wide, width, high, height, windows, ..] = cursor.0 {
        let [width, height] = [[*wide, *width], [*high, *height]].map(u16::from_be_bytes);
        frame.field("screen", format!("{width}x{height} pixels"));
        frame.field("template", if *template == 1 { "entered" } else { "left" });
        frame.field("windows", windows.to_string());
    }
    frame.field("data", hex(cursor.0));
}

/// What a whole command says; its fields are told to `frame`.
pub fn message(data: &[u8], frame: Option<&mut DecodedFrame>) -> Message {
    let mut unheard = DecodedFrame::new(0, vec![], Direction::ToSign, "");
    let frame = frame.unwrap_or(&mut unheard);
    command(&mut Cursor(data), frame).unwrap_or_else(|| {
        frame.problem = Some("the command ends early".into());
        Message::Malformed
    })
}

fn command(cursor: &mut Cursor<'_>, frame: &mut DecodedFrame) -> Option<Message> {
    let code = cursor.byte()?;
    frame.field("command", format!("{code:02x}"));
    match code {
        0x01 => {
            frame.name = "windows";
            let mut windows = Vec::new();
            for number in 0..cursor.byte()? {
                let window = quad(cursor)?;
                let [x, y, width, height] = window;
                frame.field("window", format!("{number}, {width}x{height} pixels at {x},{y}"));
                windows.push(window);
            }
            Some(Message::Windows(windows))
        }
        0x12 => text(cursor, frame),
        0x03 => picture(cursor, frame),
        0x04 => static_text(cursor, frame),
        0x83 => {
            frame.name = "ask screen";
            Some(Message::AskScreen)
        }
        _ => stored::told(code, cursor, frame),
    }
}

fn quad(cursor: &mut Cursor<'_>) -> Option<[u16; 4]> {
    Some([cursor.high_first()?, cursor.high_first()?, cursor.high_first()?, cursor.high_first()?])
}

const SIZES: [u8; 8] = [8, 12, 16, 24, 32, 40, 48, 56];

fn style(cursor: &mut Cursor<'_>, frame: &mut DecodedFrame) -> Option<[u8; 3]> {
    let font = cursor.byte()?;
    let size = SIZES.get(usize::from(font & 0x0F)).map_or("?".into(), u8::to_string);
    frame.field("font", format!("{size} pixels, type {}", font >> 4 & 7));
    let rgb: [u8; 3] = cursor.bytes(3)?.try_into().ok()?;
    frame.field("colour", format!("red {}, green {}, blue {}", rgb[0], rgb[1], rgb[2]));
    Some(rgb)
}

fn lines(bytes: &[u8]) -> Vec<String> {
    let text = bytes.split(|byte| *byte == 0).next().unwrap_or_default();
    text.split(|byte| *byte == 0x0D).map(chinese).filter(|line| !line.is_empty()).collect()
}

fn alignment(frame: &mut DecodedFrame, bits: u8) {
    let side = ["left", "centre", "right", "?"].get(usize::from(bits & 3)).copied().unwrap_or("?");
    let level = ["top", "middle", "bottom", "?"].get(usize::from(bits >> 2 & 3)).copied().unwrap_or("?");
    frame.field("alignment", format!("{side}, {level}"));
}

fn shows(frame: &mut DecodedFrame, lines: &[String]) {
    frame.field("text", lines.join("\n"));
    frame.shows = Some(if lines.is_empty() { Shown::Dark } else { Shown::Text(lines.to_vec()) });
}

/// The ways in which something appears that move for long; of the others only the number matters (section 1).
fn motion(number: u8) -> String {
    let words = match number {
        0 => "at once",
        6..=9 => ["in to the left", "in to the right", "in upwards", "in downwards"]
            .get(usize::from(number - 6))
            .copied()
            .unwrap_or("?"),
        10 => "rolling upwards",
        11 => "rolling to the left",
        12 => "rolling to the right",
        13 => "blinking",
        14 => "rolling to the left without end",
        15 => "rolling to the right without end",
        53 => "rolling upwards without end",
        54 => "rolling downwards without end",
        64 => "rolling downwards",
        65 => "rolling to and fro",
        255 => "any",
        1..=70 => "an effect, then still",
        _ => "not in the document",
    };
    format!("{number}, {words}")
}

/// In which window words stand, how they come and how long they stay.
fn placed(cursor: &mut Cursor<'_>, frame: &mut DecodedFrame) -> Option<u8> {
    let window = cursor.byte()?;
    frame.field("window", window.to_string());
    frame.field("motion", motion(cursor.byte()?));
    alignment(frame, cursor.byte()?);
    frame.field("speed", cursor.byte()?.to_string());
    frame.field("stay", format!("{} s", cursor.high_first()?));
    Some(window)
}

fn text(cursor: &mut Cursor<'_>, frame: &mut DecodedFrame) -> Option<Message> {
    frame.name = "text";
    let window = placed(cursor, frame)?;
    let rgb = style(cursor, frame)?;
    let lines = lines(cursor.0);
    shows(frame, &lines);
    Some(Message::Text { window, lines, rgb })
}

fn static_text(cursor: &mut Cursor<'_>, frame: &mut DecodedFrame) -> Option<Message> {
    frame.name = "standing text";
    let window = cursor.byte()?;
    frame.field("window", window.to_string());
    cursor.byte()?;
    alignment(frame, cursor.byte()?);
    let [x, y, width, height] = quad(cursor)?;
    frame.field("place", format!("{width}x{height} pixels at {x},{y}"));
    let rgb = style(cursor, frame)?;
    let lines = lines(cursor.0);
    shows(frame, &lines);
    Some(Message::Text { window, lines, rgb })
}

fn picture(cursor: &mut Cursor<'_>, frame: &mut DecodedFrame) -> Option<Message> {
    frame.name = "picture";
    let window = cursor.byte()?;
    frame.field("window", window.to_string());
    cursor.bytes(2)?;
    frame.field("stay", format!("{} s", cursor.high_first()?));
    let format = cursor.byte()?;
    let at_px = [cursor.high_first()?, cursor.high_first()?];
    frame.field("place", format!("{},{}", at_px[0], at_px[1]));
    if format != 4 {
        frame.field("format", format!("{format}, which is not looked into"));
        return Some(Message::Other);
    }
    let mark = cursor.bytes(2)?;
    let (width, height) = (cursor.low_first()?, cursor.low_first()?);
    let attribute = cursor.byte()?;
    cursor.byte()?;
    frame.field(
        "picture",
        format!("{width}x{height} pixels, planes {:03b}, grey {}", attribute & 7, attribute >> 4),
    );
    let picture =
        (mark == b"I1" && attribute >> 4 == 0).then(|| pixels(width, height, attribute, cursor)).flatten();
    let Some(picture) = picture else {
        frame.problem = Some("the picture is not whole, or not of two levels a colour".into());
        return Some(Message::Malformed);
    };
    frame.shows = Some(Shown::Picture(picture.clone()));
    Some(Message::Picture { window, at_px, picture })
}

/// Planes in the order red, green, blue, of those that are there; rows on whole bytes.
fn pixels(width: u16, height: u16, present: u8, cursor: &mut Cursor<'_>) -> Option<Frame> {
    let panel = Panel::new(width.checked_next_multiple_of(8)?, height, Depth::Rgb).ok()?;
    let mut bytes = Vec::new();
    for plane in 0..3 {
        if present >> plane & 1 == 1 {
            bytes.extend(cursor.bytes(panel.plane_bytes())?);
        } else {
            bytes.extend(std::iter::repeat_n(0, panel.plane_bytes()));
        }
    }
    Frame::from_bytes(panel, bytes)
}
