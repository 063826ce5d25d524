//! What Modbus RTU frames to a digit display mean: functions 0x06 and 0x10 and their answers.
//!
//! In bytes without their times the silences that part frames are not to be seen; a frame is where
//! length and CRC agree. What a display makes of its registers is its own: the likeliest reading is
//! told as such.

use super::checksum::crc16_reflected;
use super::{Checksum, Cursor, DecodedFrame, Direction, Shown, hex};

/// All frames in these bytes; if none is whole, all of them as one with a wrong checksum.
pub fn decode(bytes: &[u8]) -> Vec<DecodedFrame> {
    let mut frames = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let rest = bytes.get(at..).unwrap_or_default();
        let whole = lengths(rest).into_iter().filter(|length| *length <= rest.len());
        let found = whole.map(|length| frame(at, rest.get(..length).unwrap_or_default()));
        let found = found.into_iter().find(|frame| frame.checksum.is_some_and(Checksum::is_right));
        at += found.as_ref().map_or(1, |frame| frame.bytes.len());
        frames.extend(found);
    }
    if frames.is_empty() && bytes.len() >= 4 && !lengths(bytes).is_empty() {
        let length = lengths(bytes).into_iter().find(|length| *length <= bytes.len());
        let length = length.unwrap_or(bytes.len());
        frames.push(frame(0, bytes.get(..length).unwrap_or_default()));
    }
    frames
}

/// How long a frame that begins so may be: as a request, as an answer.
fn lengths(bytes: &[u8]) -> Vec<usize> {
    let [_, function, ..] = bytes else { return vec![] };
    let count = |at: usize| bytes.get(at).map(|count| usize::from(*count));
    match function {
        0x06 => vec![8],
        0x10 => count(6).map_or(vec![8], |count| vec![9 + count, 8]),
        0x03 | 0x04 => count(2).map_or(vec![8], |count| vec![8, 5 + count]),
        0x83 | 0x84 | 0x86 | 0x90 => vec![5],
        _ => vec![],
    }
}

fn frame(offset: usize, wire: &[u8]) -> DecodedFrame {
    let mut frame = DecodedFrame::new(offset, wire.to_vec(), Direction::Unknown, "frame");
    let (body, crc) = wire.split_at(wire.len().saturating_sub(2));
    if let [low, high] = crc {
        let found = u16::from_le_bytes([*low, *high]);
        frame.checksum = Some(Checksum::low_first("CRC-16/MODBUS", found, crc16_reflected(body, 0xFFFF)));
    }
    if fields(Cursor(body), &mut frame).is_none() {
        frame.problem = Some("the frame ends early".into());
    }
    frame
}

fn fields(mut cursor: Cursor<'_>, frame: &mut DecodedFrame) -> Option<()> {
    let unit = cursor.byte()?;
    frame.field("unit", if unit == 0 { "everyone (0)".into() } else { unit.to_string() });
    let function = cursor.byte()?;
    frame.field("function", format!("{function:02x}"));
    match function {
        0x06 => {
            frame.name = "write one register";
            frame.field("register", cursor.high_first()?.to_string());
            let value = cursor.high_first()?;
            shown(frame, &[value]);
        }
        0x10 => {
            frame.field("first register", cursor.high_first()?.to_string());
            let count = cursor.high_first()?;
            frame.field("registers", count.to_string());
            if cursor.0.is_empty() {
                (frame.name, frame.direction) = ("registers written", Direction::FromSign);
                return Some(());
            }
            (frame.name, frame.direction) = ("write registers", Direction::ToSign);
            let bytes = cursor.byte()?;
            if u16::from(bytes) != count.saturating_mul(2) {
                frame.problem = Some(format!("{bytes} bytes are not {count} registers"));
            }
            let values: Vec<u16> = std::iter::from_fn(|| cursor.high_first()).collect();
            shown(frame, &values);
        }
        0x83 | 0x84 | 0x86 | 0x90 => {
            (frame.name, frame.direction) = ("refused", Direction::FromSign);
            let code = cursor.byte()?;
            let words = match code {
                1 => "no such function",
                2 => "no such register",
                3 => "value not taken",
                4 => "device failed",
                5 => "working on it",
                6 => "busy",
                _ => "not in the standard",
            };
            frame.field("exception", format!("{code}, {words}"));
        }
        _ => {
            frame.name = "read registers";
            frame.field("data", hex(cursor.0));
        }
    }
    Some(())
}

/// Tell registers' values, and what they would show by the likeliest of the usual layouts.
fn shown(frame: &mut DecodedFrame, values: &[u16]) {
    let hexadecimal: Vec<String> = values.iter().map(|value| format!("{value:04x}")).collect();
    frame.field("values", hexadecimal.join(" "));
    let (reading, text) = reading(values);
    frame.field("read as", format!("{reading}; the display's register map decides"));
    frame.shows = Some(if text.trim().is_empty() { Shown::Dark } else { Shown::Text(vec![text]) });
}

fn reading(values: &[u16]) -> (&'static str, String) {
    let printable = |byte: &u8| matches!(byte, b' '..=b'~');
    let pairs: Vec<u8> = values.iter().flat_map(|value| value.to_be_bytes()).collect();
    let low: Vec<u8> = values.iter().map(|value| value.to_be_bytes()[1]).collect();
    let text = |bytes: &[u8]| bytes.iter().map(|byte| char::from(*byte)).collect::<String>();
    if pairs.iter().all(printable) {
        return ("two characters a register", text(&pairs));
    }
    if values.len() > 1 && values.iter().all(|value| *value < 0x80) && low.iter().all(printable) {
        return ("a character a register", text(&low));
    }
    let digit = |value: u16| {
        u8::try_from(value).ok().filter(|digit| *digit < 10).map(|digit| char::from(b'0' + digit))
    };
    if values.len() > 1 && values.iter().all(|value| *value < 10 || *value > 0xFF || *value == 0xF) {
        return ("a digit a register", values.iter().map(|value| digit(*value).unwrap_or(' ')).collect());
    }
    let nibbles = || values.iter().flat_map(|value| [12, 8, 4, 0].map(|shift| value >> shift & 0xF));
    if nibbles().all(|nibble| nibble < 10 || nibble == 0xF) {
        return (
            "four digits a register (BCD)",
            nibbles().map(|nibble| digit(nibble).unwrap_or(' ')).collect(),
        );
    }
    let numbers: Vec<String> = values.iter().map(u16::to_string).collect();
    ("a number a register", numbers.join(" "))
}
