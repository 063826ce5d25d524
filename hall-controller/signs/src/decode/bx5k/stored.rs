//! What the hall never sends to a font card and a technician's recording may hold: programs in flash, the
//! special area of pages, timers, what is said and set (BX-5K/6K protocol v1.4, sections 8 and 9).

use super::{Area, Message};
use crate::decode::checksum::crc16_reflected;
use crate::decode::{Cursor, DecodedFrame, Shown, chinese, hex};

/// A command that the hall does not know; `None` when it ends early.
pub(super) fn told(code: [u8; 2], cursor: &mut Cursor<'_>, frame: &mut DecodedFrame) -> Option<Message> {
    let (name, message) = match code {
        [0xA1, 0x00] => ("format the memory", Message::Flash),
        [0xA1, 0x01] => ("delete files", Message::Flash),
        [0xA1, 0x05] => ("begin to write a file", Message::Flash),
        [0xA1, 0x06] => ("write a file's block", Message::Flash),
        [0xA1, 0x07] => ("begin to write files", Message::Flash),
        [0xA1, 0x08] => ("end writing files", Message::Flash),
        [0xA1, 0x09] => ("write whose card it is", Message::Flash),
        [0xA1, 0x0A] => ("ask for a file's length", Message::Other),
        [0xA1, 0x0B] => ("read a file", Message::Other),
        [0xA2, 0x01] => ("reset and erase", Message::Flash),
        [0xA2, 0x06] => ("set the address", Message::Other),
        [0xA2, 0x08] => ("show or hide the card's own page", Message::Other),
        [0xA2, 0x09] => ("ask fonts", Message::Other),
        [0xA2, 0x0A] => ("ask settings", Message::Other),
        [0xA2, 0x0B] => ("ask whose card it is", Message::Other),
        [0xA2, 0x0C] => ("write the card's own notices", Message::Flash),
        [0xA2, 0x0D] => ("delete the card's own notices", Message::Flash),
        [0xA2, 0x0E] => ("say something", Message::Other),
        [0xA2, 0x0F] => ("configure the relay", Message::Other),
        [0xA2, 0x10] => ("switch the relay", Message::Other),
        [0xA2, 0x11] => ("ask fonts in detail", Message::Other),
        [0xA2, 0x12] => ("switch several relays", Message::Other),
        [0xA3, 0x01] => ("timers of power", Message::Other),
        [0xA3, 0x04] => ("lock or unlock a program", Message::Other),
        [0xA3, 0x08] => ("no timers of power", Message::Other),
        [0xA3, 0x10] => ("clear the screen", Message::Other),
        [0xA4, 0x01] => ("set up the special area", Message::Other),
        [0xA4, 0x02] => ("a page of the special area", Message::Other),
        [0xA4, 0x03] => ("pixels of the special area", Message::Other),
        [0xA4, 0x04] => ("delete the special area", Message::Other),
        [0xA4, 0x09] => ("delete a page of the special area", Message::Other),
        [0xA4, _] => ("network settings", Message::Other),
        _ => ("command that is not looked into", Message::Other),
    };
    frame.name = name;
    let reserved = cursor.bytes(2)?;
    match code {
        [0xA1, 0x01] => files(cursor, frame)?,
        [0xA1, 0x05] => {
            frame.field("overwrite", cursor.byte()?.to_string());
            frame.field("file", ascii(cursor.bytes(4)?));
            frame.field("file length", cursor.long_low_first()?.to_string());
        }
        [0xA1, 0x06] => block(cursor, frame)?,
        [0xA2, 0x06] => frame.field("address", cursor.low_first()?.to_string()),
        [0xA2, 0x08] => {
            frame.field("own page", if cursor.byte()? == 0 { "shown" } else { "hidden" });
        }
        [0xA2, 0x0E] => return speak(cursor, frame),
        [0xA2, 0x12] => {
            // A number and a state each, where other commands have two reserved bytes.
            frame.field("relays", hex(&[reserved, cursor.0].concat()));
            cursor.0 = &[];
        }
        [0xA3, 0x01] => timers(cursor, frame)?,
        [0xA3, 0x04] => {
            frame.field("kept without power", if cursor.byte()? == 1 { "yes" } else { "no" });
            frame.field("program", if cursor.byte()? == 1 { "locked" } else { "unlocked" });
            frame.field("file", ascii(cursor.bytes(4)?));
        }
        [0xA4, 0x01] => special_area(cursor, frame)?,
        [0xA4, 0x02] => {
            frame.field("page", cursor.byte()?.to_string());
            let length = usize::from(cursor.low_first()?);
            let text = super::area::lines_of(cursor.bytes(length)?);
            frame.field("text", text.join("\n"));
            frame.shows = Some(Shown::Text(text));
        }
        [0xA4, 0x03] => {
            frame.field("last block", if cursor.byte()? == 1 { "yes" } else { "no" });
            frame.field("block address", cursor.low_first()?.to_string());
        }
        [0xA4, 0x09] => frame.field("page", cursor.byte()?.to_string()),
        _ => {}
    }
    if !cursor.0.is_empty() {
        frame.field("data", hex(cursor.0));
    }
    Some(message)
}

fn ascii(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Which files go; without any, all programs do (8.6).
fn files(cursor: &mut Cursor<'_>, frame: &mut DecodedFrame) -> Option<()> {
    let count = cursor.low_first()?;
    if count == 0 {
        frame.field("files", "all programs");
    }
    for _ in 0..count {
        frame.field("file", ascii(cursor.bytes(4)?));
    }
    Some(())
}

/// A file's block (8.1.2); a program that is whole in it is read.
fn block(cursor: &mut Cursor<'_>, frame: &mut DecodedFrame) -> Option<()> {
    let name = ascii(cursor.bytes(4)?);
    frame.field("file", name.clone());
    let last = cursor.byte()? == 1;
    frame.field("last block", if last { "yes" } else { "no" });
    frame.field("block", cursor.low_first()?.to_string());
    let length = cursor.low_first()?;
    frame.field("block length", length.to_string());
    let address = cursor.long_low_first()?;
    frame.field("block address", address.to_string());
    if !(name.starts_with('P') && last && address == 0) {
        return Some(());
    }
    let file = cursor.bytes(usize::from(length))?;
    if program(file, frame).is_none() {
        frame.problem = Some("the program ends early".into());
    }
    Some(())
}

/// A program: when it is played, and its areas (9).
fn program(file: &[u8], frame: &mut DecodedFrame) -> Option<()> {
    let (contents, check) = file.split_at_checked(file.len().checked_sub(2)?)?;
    let found = Cursor(check).low_first()?;
    let right = found == crc16_reflected(contents, 0);
    frame.field("file checksum", format!("{found:04x}, {}", if right { "right" } else { "wrong" }));
    let cursor = &mut Cursor(contents);
    frame.field("file type", cursor.byte()?.to_string());
    frame.field("program", ascii(cursor.bytes(4)?));
    frame.field("program length", cursor.long_low_first()?.to_string());
    frame.field("priority", cursor.byte()?.to_string());
    let seconds = cursor.low_first()?;
    frame.field("played", if seconds == 0 { "in turn".into() } else { format!("for {seconds} s") });
    frame.field("times", cursor.byte()?.to_string());
    let life = cursor.bytes(8)?;
    frame.field("life", if life == [0xFF; 8] { "for ever".into() } else { hex(life) });
    let week = cursor.byte()?;
    frame.field("weekdays", if week & 1 == 1 { "all".into() } else { format!("{:07b}", week >> 1) });
    cursor.byte()?;
    for _ in 0..cursor.byte()? {
        frame.field("period", hex(cursor.bytes(6)?));
    }
    let mut lines = Vec::new();
    for _ in 0..cursor.byte()? {
        // The document's examples count the area with its four bytes of length, or without: it says itself
        // where it ends.
        frame.field("area length", cursor.long_low_first()?.to_string());
        lines.extend(Area::read(cursor, frame)?.lines());
    }
    frame.shows = Some(if lines.is_empty() { Shown::Dark } else { Shown::Text(lines) });
    Some(())
}

/// At which times the screen is on (8.14).
fn timers(cursor: &mut Cursor<'_>, frame: &mut DecodedFrame) -> Option<()> {
    for _ in 0..cursor.byte()? {
        let [from_hour, from_minute, to_hour, to_minute] = *cursor.bytes(4)? else { return None };
        frame.field("on", format!("{from_hour:02x}:{from_minute:02x}-{to_hour:02x}:{to_minute:02x}"));
    }
    Some(())
}

/// A sentence that is said whatever is shown (8.25).
fn speak(cursor: &mut Cursor<'_>, frame: &mut DecodedFrame) -> Option<Message> {
    // Its eight reserved bytes are told as two and six.
    cursor.bytes(6)?;
    let stored = cursor.byte()? == 1;
    frame.field("kept without power", if stored { "yes" } else { "no" });
    let (person, volume, speed) = (cursor.byte()?, cursor.byte()?, cursor.byte()?);
    frame.field("voice", format!("person {person}, volume {volume}, speed {speed}"));
    frame.field(
        "encoding",
        match cursor.byte()? {
            0 => "GB 2312".into(),
            1 => "GBK".into(),
            2 => "Big5".into(),
            3 => "Unicode".into(),
            other => format!("{other}, which the document does not list"),
        },
    );
    frame.field("repeats", cursor.long_low_first()?.to_string());
    frame.field("between", format!("{} ms", u64::from(cursor.long_low_first()?) * 10));
    let more = cursor.byte()?;
    cursor.bytes(usize::from(more))?;
    let length = usize::try_from(cursor.long_low_first()?).ok()?;
    frame.field("says", chinese(cursor.bytes(length)?));
    Some(if stored { Message::Flash } else { Message::Other })
}

/// The one area of several pages (8.3.1), its sides in bytes of eight pixels across.
fn special_area(cursor: &mut Cursor<'_>, frame: &mut DecodedFrame) -> Option<()> {
    let [x, y, width, height] =
        [cursor.low_first()?, cursor.low_first()?, cursor.low_first()?, cursor.low_first()?];
    let (x, width) = (u32::from(x) * 8, u32::from(width) * 8);
    frame.field("area", format!("{width}x{height} pixels at {x},{y}"));
    frame.field("data type", if cursor.byte()? == 0 { "text" } else { "pixels" });
    frame.field("pages", cursor.byte()?.to_string());
    frame.field("run", cursor.byte()?.to_string());
    frame.field("time out", format!("{} s", cursor.low_first()?));
    frame.field("lines", if cursor.byte()? == 1 { "one" } else { "several" });
    frame.field("line space", format!("{} pixels", cursor.byte()?));
    frame.field("line breaks", if cursor.byte()? == 1 { "by hand" } else { "automatic" });
    let stay = cursor.low_first()?;
    frame.field("stay", format!("{}.{} s", stay / 2, stay % 2 * 5));
    cursor.bytes(6)?;
    Some(())
}
