//! What the hall never sends to a C-Power card and a technician's recording may hold: formatted text, clocks,
//! variables, stored programs and their plans (C-Power protocol V1.9, section 2.2).

use super::{Message, SIZES, placed, shows, style};
use crate::decode::{Cursor, DecodedFrame, Shown, chinese, hex};

/// The names of the colours of one byte, from its three lowest bits (section 1).
const COLOURS: [&str; 8] = ["black", "red", "green", "yellow", "blue", "purple", "cyan", "white"];

/// A command that the hall does not know; `None` when it ends early.
pub(super) fn told(code: u8, cursor: &mut Cursor<'_>, frame: &mut DecodedFrame) -> Option<Message> {
    let (name, message) = known(code);
    frame.name = name;
    let message = match code {
        0x02 => return rich_text(cursor, frame),
        0x05 => {
            clock(cursor, frame)?;
            message
        }
        0x07 => {
            frame.field("flash", if cursor.byte()? == 0 { "saved" } else { "cleared" });
            cursor.bytes(2)?;
            message
        }
        0x08 => {
            let kept = kept(cursor, frame)?;
            let count = cursor.byte()?;
            frame.field("programs", hex(cursor.bytes(count.into())?));
            if kept { Message::Flash } else { message }
        }
        0x09 => {
            let kept = kept(cursor, frame)?;
            let numbers: Option<Vec<String>> =
                (0..cursor.high_first()?).map(|_| Some(cursor.high_first()?.to_string())).collect();
            frame.field("programs", numbers?.join(" "));
            if kept { Message::Flash } else { message }
        }
        0x0A => {
            let kept = kept(cursor, frame)?;
            variables(cursor, frame)?;
            if kept { Message::Flash } else { message }
        }
        0x0B => {
            let options = cursor.byte()?;
            // The program's number, or the variables.
            let kept = options & 1 == 1 || options >> 1 & 1 == 1;
            frame.field("kept in flash", if kept { "yes" } else { "no" });
            frame.field("program", cursor.high_first()?.to_string());
            variables(cursor, frame)?;
            if kept { Message::Flash } else { message }
        }
        0x0C => {
            let kept = kept(cursor, frame)?;
            let count = cursor.byte()?;
            cursor.bytes(2)?;
            areas(count, cursor, frame)?;
            if kept { Message::Flash } else { message }
        }
        0x0D => {
            let options = cursor.byte()?;
            frame.field("kept in flash", if options & 1 == 1 { "yes" } else { "no" });
            let direction = if options & 2 == 0 { "back" } else { "forth" };
            frame.field("shift", format!("{} {direction}", (options >> 4) + 1));
            frame.field("variables shifted", (cursor.byte()? & 0x7F).to_string());
            let length = cursor.byte()?;
            variable(length.into(), cursor, frame)?;
            if options & 1 == 1 { Message::Flash } else { message }
        }
        0x0E => {
            frame.field("stop watches", format!("{:07b}", cursor.byte()?));
            let action = cursor.byte()?;
            let words = ["?", "set up", "reset", "start", "pause"];
            frame.field("action", words.get(usize::from(action)).copied().unwrap_or("?"));
            cursor.byte()?;
            frame.field("value", format!("{} ms", long_high_first(cursor)?));
            message
        }
        0x0F => {
            frame.field("shown", format!("{} times", cursor.high_first()? & 0x7FFF));
            cursor.bytes(2)?;
            let options = cursor.byte()?;
            frame.field("kept in flash", if options & 1 == 1 { "yes" } else { "no" });
            let count = cursor.byte()?;
            frame.field("areas written", hex(cursor.bytes(count.into())?));
            areas(count, cursor, frame)?;
            cursor.byte()?;
            variables(cursor, frame)?;
            if options & 1 == 1 { Message::Flash } else { message }
        }
        0x85..=0x88 => {
            of_program(code, cursor, frame)?;
            message
        }
        _ => message,
    };
    if !cursor.0.is_empty() {
        frame.field("data", hex(cursor.0));
    }
    Some(message)
}

/// The document's list: what each command is, and whether it writes flash.
fn known(code: u8) -> (&'static str, Message) {
    match code {
        0x05 => ("clock", Message::Other),
        0x06 => ("back to stored programs", Message::Other),
        0x07 => ("save to flash or clear it", Message::Flash),
        0x08 | 0x09 => ("choose stored programs", Message::Other),
        0x0A => ("set variables", Message::Other),
        0x0B => ("choose a stored program and set variables", Message::Other),
        0x0C => ("areas over all programs", Message::Other),
        0x0D => ("shift variables and set one", Message::Other),
        0x0E => ("stop watch", Message::Other),
        0x0F => ("areas over all programs and variables", Message::Other),
        0x81 => ("set the programs' template", Message::Flash),
        0x82 => ("enter or leave the programs' template", Message::Other),
        0x84 => ("delete programs", Message::Flash),
        0x85 => ("text of a program", Message::Flash),
        0x86 => ("picture of a program", Message::Flash),
        0x87 => ("clock or temperature of a program", Message::Flash),
        0x88 => ("program with windows of its own", Message::Flash),
        0x89 => ("ask programs", Message::Other),
        0x8A => ("set programs' properties", Message::Flash),
        0x8B => ("plan when programs are played", Message::Flash),
        0x8C => ("delete plans", Message::Flash),
        0x8D => ("ask plans", Message::Other),
        _ => ("command that is not looked into", Message::Other),
    }
}

fn long_high_first(cursor: &mut Cursor<'_>) -> Option<u32> {
    Some(u32::from(cursor.high_first()?) << 16 | u32::from(cursor.high_first()?))
}

/// Whether it is saved in flash, as an option's lowest bit says.
fn kept(cursor: &mut Cursor<'_>, frame: &mut DecodedFrame) -> Option<bool> {
    let kept = cursor.byte()? & 1 == 1;
    frame.field("kept in flash", if kept { "yes" } else { "no" });
    Some(kept)
}

/// Text each of whose characters has its colour and size (`CC=0x02`, Rich3).
fn rich_text(cursor: &mut Cursor<'_>, frame: &mut DecodedFrame) -> Option<Message> {
    frame.name = "text with a style for each character";
    let window = placed(cursor, frame)?;
    let (lines, rgb) = rich3(cursor, frame)?;
    shows(frame, &lines);
    Some(Message::Text { window, lines, rgb })
}

/// Three bytes a character: colour and size, then its code, the high byte of which is 0 for ASCII.
fn rich3(cursor: &mut Cursor<'_>, frame: &mut DecodedFrame) -> Option<(Vec<String>, [u8; 3])> {
    let mut rows = vec![Vec::new()];
    let (mut styles, mut first) = (Vec::<String>::new(), None);
    while !cursor.0.is_empty() {
        let [style, high, low] = *cursor.bytes(3)? else { return None };
        let colour = colour(style >> 4);
        let size = SIZES.get(usize::from(style & 0x0F)).map_or("?".into(), u8::to_string);
        let told = format!("{colour} {size}");
        if styles.last() != Some(&told) {
            styles.push(told);
        }
        first.get_or_insert(style >> 4);
        match (high, low) {
            (0, 0x0D) => rows.push(vec![]),
            (high, low) => {
                let row = rows.last_mut()?;
                row.extend((high != 0).then_some(high));
                row.push(low);
            }
        }
    }
    frame.field("styles", styles.join(", "));
    let bits = first.unwrap_or(0);
    // Of the seven colours the document's order is red, green, yellow, blue, purple, cyan, white.
    let light = |lit: &[u8]| if lit.contains(&bits) { 0xFF } else { 0 };
    let rgb = [light(&[1, 3, 5, 7]), light(&[2, 3, 6, 7]), light(&[4, 5, 6, 7])];
    let lines = rows.iter().map(|row| chinese(row)).filter(|line| !line.is_empty()).collect();
    Some((lines, rgb))
}

fn colour(number: u8) -> &'static str {
    COLOURS.get(usize::from(number & 7)).copied().unwrap_or("?")
}

/// Date and time, which the card tells itself (`CC=0x05`).
fn clock(cursor: &mut Cursor<'_>, frame: &mut DecodedFrame) -> Option<()> {
    frame.field("window", cursor.byte()?.to_string());
    frame.field("stay", format!("{} s", cursor.high_first()?));
    let calendars = ["Gregorian", "Chinese", "Chinese solar terms", "Chinese with solar terms"];
    frame.field("calendar", calendars.get(usize::from(cursor.byte()?)).copied().unwrap_or("?"));
    let format = cursor.byte()?;
    let hours = if format & 1 == 1 { 24 } else { 12 };
    let digits = if format & 2 == 2 { 2 } else { 4 };
    let rows = if format & 4 == 4 { "several rows" } else { "one row" };
    frame.field("format", format!("{hours} hours, {digits} digits of the year, {rows}"));
    let parts = cursor.byte()?;
    let names = ["year", "month", "day", "hour", "minute", "second", "weekday", "hands"];
    let told: Vec<&str> =
        (0..8).zip(names).filter(|(bit, _)| parts >> bit & 1 == 1).map(|(_, name)| name).collect();
    frame.field("shows", told.join(", "));
    style(cursor, frame)?;
    let text = super::lines(cursor.0);
    cursor.0 = &[];
    frame.field("text", text.join("\n"));
    let clock = format!("[clock {}]", told.join(" "));
    frame.shows = Some(Shown::Text(text.into_iter().chain([clock]).collect()));
    Some(())
}

/// How many variables, how long each, then each one's number and bytes (`CC=0x0a`).
fn variables(cursor: &mut Cursor<'_>, frame: &mut DecodedFrame) -> Option<()> {
    let count = cursor.byte()? & 0x7F;
    let lengths = cursor.bytes(count.into())?;
    lengths.iter().try_for_each(|length| variable((*length).into(), cursor, frame))
}

fn variable(length: usize, cursor: &mut Cursor<'_>, frame: &mut DecodedFrame) -> Option<()> {
    let number = cursor.byte()?;
    frame.field("variable", format!("{number}: {}", chinese(cursor.bytes(length)?)));
    Some(())
}

/// Areas that show variables over whatever is played, 16 bytes each (`CC=0x0c`).
fn areas(count: u8, cursor: &mut Cursor<'_>, frame: &mut DecodedFrame) -> Option<()> {
    for _ in 0..count {
        let kind = cursor.byte()?;
        cursor.byte()?;
        let (x, y) = (cursor.high_first()?, cursor.high_first()?);
        let (width, height) = (cursor.high_first()?, cursor.high_first()?);
        let (from, to) = (cursor.byte()?, cursor.byte()?);
        let stay = cursor.high_first()?;
        let look = cursor.byte()?;
        cursor.byte()?;
        let shown = if kind == 2 { "files named by" } else { "text of" };
        let size = SIZES.get(usize::from(look & 7)).map_or("?".into(), u8::to_string);
        let colour = colour(look >> 4);
        frame.field(
            "area",
            format!(
                "{width}x{height} pixels at {x},{y}: {shown} variables {from} to {to}, {size} pixels, {colour}, {stay} s each"
            ),
        );
    }
    Some(())
}

/// What is put into a stored program (`CC=0x85` to `0x88`).
fn of_program(code: u8, cursor: &mut Cursor<'_>, frame: &mut DecodedFrame) -> Option<()> {
    frame.field("user's code", hex(cursor.bytes(4)?));
    frame.field("program", cursor.byte()?.to_string());
    if code == 0x88 {
        frame.field("at once", if cursor.byte()? >> 5 & 1 == 1 { "yes" } else { "no" });
        return Some(());
    }
    frame.field("window", cursor.byte()?.to_string());
    let attribute = cursor.byte()?;
    if code == 0x87 {
        frame.field("kind", if attribute & 0x0F == 2 { "clock" } else { "temperature" });
        return Some(());
    }
    frame.field("at once", if attribute >> 5 & 1 == 1 { "yes" } else { "no" });
    if attribute >> 4 & 1 == 1 {
        frame.field("stay", format!("{} s", cursor.high_first()?));
        frame.field("speed", cursor.byte()?.to_string());
        let look = cursor.bytes(5)?;
        frame.field("look", hex(look));
    }
    match (code, attribute & 0x0F) {
        (0x85, 0) => {
            let text = super::lines(cursor.0);
            cursor.0 = &[];
            shows(frame, &text);
        }
        (0x85, 1) => {
            cursor.byte()?;
            let (text, _) = rich3(cursor, frame)?;
            shows(frame, &text);
        }
        (_, kind) => frame.field(
            "format",
            match kind {
                1 => "GIF".into(),
                2 => "name of a stored GIF".into(),
                4 => "simple picture".into(),
                other => format!("{other}, which the document does not list"),
            },
        ),
    }
    Some(())
}
