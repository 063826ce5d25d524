//! What Onbon font cards' packets mean (BX-5K/6K protocol v1.4, sections 4 to 9 and 11).

mod area;
mod stored;

pub use area::Area;

use super::onbon::{self, Packet};
use super::{Cursor, DecodedFrame, Direction, Shown, hex};

/// The addresses of hosts.
const HOSTS: std::ops::RangeInclusive<u16> = 0x8000..=0xDFFF;

/// What a card is told, as far as it changes something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    /// Are you there?
    Ping,
    /// How are you?
    Status,
    /// Which address have you?
    ReadAddress,
    /// Set the clock: year, month, day, hour, minute, second, weekday.
    SetTime([u16; 7]),
    /// Switch the screen.
    Power {
        /// On.
        on: bool,
    },
    /// One level for all times.
    Brightness(u8),
    /// A level for each half hour.
    BrightnessByTime(Vec<u8>),
    /// Dynamic areas.
    Areas {
        /// All existing ones go first.
        delete_all: bool,
        /// Those that go first.
        delete: Vec<u8>,
        /// The new ones.
        areas: Vec<Area>,
    },
    /// It writes or deletes what lies in flash.
    Flash,
    /// A command that is not looked into.
    Other,
    /// A command whose data ends early or says what it cannot.
    Malformed,
}

/// Who a packet is for, from whom, and what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// To which card.
    pub destination: u16,
    /// From which host.
    pub source: u16,
    /// Whether an answer is wanted.
    pub wants_reply: bool,
    /// Group and number.
    pub code: [u8; 2],
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
    let mut cursor = Cursor(&packet.body);
    let mut frame = packet.frame(Direction::Unknown, "packet");
    let command = match header(&mut cursor, &mut frame) {
        Some(Contents::Command(command)) => Some(command),
        Some(Contents::Answer) => None,
        None => {
            frame.problem.get_or_insert_with(|| "the packet is shorter than its header".into());
            None
        }
    };
    (frame, command)
}

enum Contents {
    Command(Command),
    Answer,
}

/// `None` when it ends early.
fn header(cursor: &mut Cursor<'_>, frame: &mut DecodedFrame) -> Option<Contents> {
    let (destination, source) = (cursor.low_first()?, cursor.low_first()?);
    frame.field("destination", address(destination));
    frame.field("source", address(source));
    frame.field("reserved", hex(cursor.bytes(3)?));
    let bar_code = cursor.byte()?;
    if bar_code & 1 == 1 {
        frame.field("bar code", hex(cursor.bytes(16)?));
    }
    let check_mode = cursor.byte()?;
    frame.field(
        "checksum mode",
        match check_mode {
            0 => "CRC-16".into(),
            1 => "sum".into(),
            2 => "none".into(),
            other => format!("{other}, which the document does not list"),
        },
    );
    let display = cursor.byte()?;
    frame.field("areas", if display == 1 { "over the program" } else { "beside the program" });
    frame.field("device", device(cursor.byte()?));
    frame.field("protocol version", cursor.byte()?.to_string());
    let length = cursor.low_first()?;
    frame.field("data length", length.to_string());
    let data = cursor.0;
    if usize::from(length) != data.len() {
        frame.problem = Some(format!("the header says {length} bytes of data, {} came", data.len()));
    }
    let code = [cursor.byte()?, cursor.byte()?];
    frame.field("command", format!("{:02x} {:02x}", code[0], code[1]));
    let third = cursor.byte()?;
    if HOSTS.contains(&destination) {
        frame.direction = Direction::FromSign;
        cursor.bytes(2)?;
        frame.field("error", error(third));
        reply(code, cursor, frame);
        return Some(Contents::Answer);
    }
    frame.direction = Direction::ToSign;
    frame.field("reply", if third == 1 { "wanted" } else { "not wanted" });
    let message = request(code, cursor, frame).unwrap_or_else(|| {
        frame.problem.get_or_insert_with(|| "the command's data ends early".into());
        Message::Malformed
    });
    Some(Contents::Command(Command { destination, source, wants_reply: third == 1, code, message }))
}

fn address(number: u16) -> String {
    match number {
        0xFFFF => "everyone, who must not answer (ffff)".into(),
        0xFFFE => "everyone (fffe)".into(),
        host if HOSTS.contains(&host) => format!("host {host:04x}"),
        card => card.to_string(),
    }
}

fn device(kind: u8) -> String {
    let name = match kind {
        0xFE => "any",
        0x51 => "BX-5K1",
        0x53 => "BX-5MK2",
        0x54 => "BX-5MK1",
        0x58 => "BX-5K2",
        0x61 => "BX-6K1",
        0x62 => "BX-6K2",
        0x63 => "BX-6K3",
        0x64 => "BX-6K1-YY",
        0x65 => "BX-6K2-YY",
        0x66 => "BX-6K3-YY",
        0x67 => "BX-6K1&4G",
        0x68 => "BX-6K2&4G",
        0x69 => "BX-6K4",
        _ => "unknown",
    };
    format!("{name} ({kind:02x})")
}

pub(super) fn error(number: u8) -> String {
    const NAMES: [&str; 17] = [
        "none",
        "no such command group",
        "no such command",
        "busy",
        "out of memory",
        "wrong checksum",
        "no such file",
        "flash access failed",
        "file download failed",
        "wrong file name",
        "wrong file type",
        "wrong file checksum",
        "no such font",
        "firmware for another card",
        "wrong date or time",
        "the file exists",
        "wrong file block",
    ];
    let name = NAMES.get(usize::from(number)).copied().unwrap_or("not in the document");
    format!("{number}, {name}")
}

fn request(code: [u8; 2], cursor: &mut Cursor<'_>, frame: &mut DecodedFrame) -> Option<Message> {
    let (name, message) = match code {
        [0xA2, 0x00] => ("ping", Message::Ping),
        [0xA1, 0x02] => ("ask status", Message::Status),
        [0xA2, 0x07] => ("ask address", Message::ReadAddress),
        [0xA2, 0x03] => return set_time(cursor, frame),
        [0xA3, 0x00] => {
            frame.name = "power";
            cursor.bytes(2)?;
            let on = match cursor.byte()? {
                1 => true,
                2 => false,
                other => {
                    frame.problem = Some(format!("{other} is neither on (1) nor off (2)"));
                    return Some(Message::Malformed);
                }
            };
            frame.field("power", if on { "on" } else { "off" });
            return Some(Message::Power { on });
        }
        [0xA3, 0x02] => return brightness(cursor, frame),
        [0xA3, 0x06] => return areas(cursor, frame),
        _ => return stored::told(code, cursor, frame),
    };
    frame.name = name;
    cursor.bytes(2)?;
    Some(message)
}

fn decimal(byte: u8) -> Option<u16> {
    let (tens, ones) = (u16::from(byte >> 4), u16::from(byte & 0x0F));
    (tens < 10 && ones < 10).then_some(tens * 10 + ones)
}

fn set_time(cursor: &mut Cursor<'_>, frame: &mut DecodedFrame) -> Option<Message> {
    frame.name = "set the clock";
    cursor.bytes(2)?;
    let data = cursor.bytes(8)?;
    let numbers: Option<Vec<u16>> = data.iter().map(|byte| decimal(*byte)).collect();
    let Some([low, high, month, day, hour, minute, second, weekday]) =
        numbers.and_then(|numbers| <[u16; 8]>::try_from(numbers).ok())
    else {
        frame.problem = Some("the time is no decimal number".into());
        return Some(Message::Malformed);
    };
    let year = high * 100 + low;
    frame.field(
        "time",
        format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}, weekday {weekday}"),
    );
    Some(Message::SetTime([year, month, day, hour, minute, second, weekday]))
}

fn brightness(cursor: &mut Cursor<'_>, frame: &mut DecodedFrame) -> Option<Message> {
    frame.name = "brightness";
    cursor.bytes(2)?;
    let (mode, level) = (cursor.byte()?, cursor.byte()?);
    if mode == 1 {
        frame.field("level", format!("{level} of 15, at all times"));
        return Some(Message::Brightness(level));
    }
    let levels = cursor.bytes(48)?.to_vec();
    frame.field("levels by half hour", hex(&levels));
    Some(Message::BrightnessByTime(levels))
}

fn areas(cursor: &mut Cursor<'_>, frame: &mut DecodedFrame) -> Option<Message> {
    frame.name = "dynamic areas";
    let clear = cursor.byte()?;
    frame.field("before drawing", if clear == 1 { "clear the areas" } else { "keep" });
    cursor.byte()?;
    let count = cursor.byte()?;
    let delete_all = count == 0xFF;
    let delete = if delete_all { vec![] } else { cursor.bytes(usize::from(count))?.to_vec() };
    frame.field("delete", if delete_all { "all areas".into() } else { format!("{} areas", delete.len()) });
    let count = cursor.byte()?;
    frame.field("areas written", count.to_string());
    let mut areas = Vec::new();
    let mut lines = Vec::new();
    for _ in 0..count {
        let length = cursor.low_first()?;
        let mut inside = Cursor(cursor.bytes(usize::from(length))?);
        let area = Area::read(&mut inside, frame)?;
        if !inside.0.is_empty() {
            frame.problem = Some(format!("{} bytes are left after an area's text", inside.0.len()));
        }
        lines.extend(area.lines());
        areas.push(area);
    }
    frame.shows = Some(if lines.is_empty() { Shown::Dark } else { Shown::Text(lines) });
    Some(Message::Areas { delete_all, delete, areas })
}

fn reply(code: [u8; 2], cursor: &mut Cursor<'_>, frame: &mut DecodedFrame) {
    frame.name = match code {
        [0xA0, 0x00] => "done",
        [0xA0, 0x01] => "refused",
        [0xA1, 0x02] => "status",
        [0xA2, 0x07] => "address",
        _ => "answer",
    };
    if code == [0xA1, 0x02] {
        // A status that ends early says what it says.
        let _ = status(cursor, frame);
    } else if !cursor.0.is_empty() {
        frame.field("data", hex(cursor.0));
    }
}

fn status(cursor: &mut Cursor<'_>, frame: &mut DecodedFrame) -> Option<()> {
    frame.field("power", if cursor.byte()? == 1 { "on" } else { "off" });
    frame.field("brightness", cursor.byte()?.to_string());
    frame.field("clock", hex(cursor.bytes(8)?));
    frame.field("programs", cursor.byte()?.to_string());
    frame.field("program", String::from_utf8_lossy(cursor.bytes(4)?));
    cursor.bytes(2)?;
    let count = cursor.byte()?;
    frame.field("dynamic areas", hex(cursor.bytes(usize::from(count))?));
    frame.field("bar code", hex(cursor.bytes(16)?));
    Some(())
}
