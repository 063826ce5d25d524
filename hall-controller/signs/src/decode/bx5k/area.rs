//! A dynamic area and the text in it (BX-5K/6K protocol v1.4, sections 9.1 and 11.1).

use crate::decode::{Cursor, DecodedFrame, chinese};

/// A dynamic area as a card understands it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Area {
    /// Its number.
    pub number: u8,
    /// x, y, width, height in pixels.
    pub place_px: [u16; 4],
    /// Gone after so many seconds without news; 0: never.
    pub expires_s: u16,
    /// What is said: volume and text.
    pub said: Option<(u8, String)>,
    /// How it comes, such as `still`.
    pub motion: &'static str,
    /// The text with its escapes.
    pub markup: Vec<u8>,
}

impl Area {
    /// The lines it shows, without escapes.
    pub fn lines(&self) -> Vec<String> {
        lines_of(&self.markup)
    }

    /// Read one, and tell its parts; `None` when it ends early.
    pub(super) fn read(cursor: &mut Cursor<'_>, frame: &mut DecodedFrame) -> Option<Self> {
        let mut area = Self::default();
        let _kind = cursor.byte()?;
        let (x, y) = (across(cursor.low_first()?), cursor.low_first()?);
        let (width, height) = (across(cursor.low_first()?), cursor.low_first()?);
        area.place_px = [x, y, width, height];
        area.number = cursor.byte()?;
        frame.field("area", format!("{}, {width}x{height} pixels at {x},{y}", area.number));
        frame.field("line space", format!("{} pixels", cursor.byte()?));
        let run = cursor.byte()?;
        let timeout = cursor.low_first()?;
        frame.field(
            "run",
            match run {
                0 => "again and again".into(),
                1 => "once, then the last page stays".into(),
                2 => format!("again and again, deleted after {timeout} s without news"),
                other => format!("{other}, which the document does not list"),
            },
        );
        frame.field("time out", format!("{timeout} s"));
        area.expires_s = if run == 2 { timeout } else { 0 };
        let sound = cursor.byte()?;
        let mut spoken = None;
        if sound != 0 {
            let (person, volume, speed) = (cursor.byte()?, cursor.byte()?, cursor.byte()?);
            frame.field(
                "voice",
                format!("person {}, {} repeats, volume {volume}, speed {speed}", person & 0x0F, person >> 4),
            );
            let text = if sound == 2 {
                let length = usize::try_from(cursor.long_low_first()?).ok()?;
                Some(chinese(cursor.bytes(length)?))
            } else {
                None
            };
            spoken = Some((volume, text));
        }
        let extension = cursor.byte()?;
        cursor.bytes(usize::from(extension))?;
        let (alignment, single, breaks) = (cursor.byte()?, cursor.byte()?, cursor.byte()?);
        let sides = ["left", "right", "centre", "?"];
        let heights = ["top", "bottom", "middle", "?"];
        let (side, level) = (usize::from(alignment & 3), usize::from(alignment >> 2 & 3));
        frame.field("alignment", format!("{}, {}", sides.get(side)?, heights.get(level)?));
        frame.field("lines", if single == 1 { "one" } else { "several" });
        frame.field("line breaks", if breaks == 1 { "by hand" } else { "automatic" });
        let display = cursor.byte()?;
        area.motion = match display {
            1 => "still",
            2 => "at once",
            3 => "to the left",
            4 => "to the right",
            5 => "up",
            6 => "down",
            _ => "not in the document",
        };
        frame.field("motion", area.motion);
        cursor.byte()?;
        frame.field("speed", cursor.byte()?.to_string());
        let stay = cursor.byte()?;
        frame.field("stay", format!("{}.{} s", stay / 2, stay % 2 * 5));
        let length = usize::try_from(cursor.long_low_first()?).ok()?;
        area.markup = cursor.bytes(length)?.to_vec();
        let (lines, styles) = text_of(&area.markup);
        if !styles.is_empty() {
            frame.field("styles", styles.join(" "));
        }
        frame.field("text", lines.join("\n"));
        area.said = spoken.map(|(volume, text)| (volume, text.unwrap_or_else(|| lines.concat())));
        if let Some((_, said)) = &area.said {
            frame.field("says", said.clone());
        }
        Some(area)
    }
}

/// A text's lines, without escapes.
pub(super) fn lines_of(markup: &[u8]) -> Vec<String> {
    text_of(markup).0
}

/// A coordinate across: in pixels if its top bit says so, otherwise in bytes of eight.
fn across(number: u16) -> u16 {
    if number & 0x8000 == 0 { number.saturating_mul(8) } else { number & 0x7FFF }
}

/// The lines of a text, and the escapes that style it (11.1).
fn text_of(markup: &[u8]) -> (Vec<String>, Vec<String>) {
    let (mut lines, mut styles) = (vec![Vec::new()], Vec::new());
    let mut cursor = Cursor(markup);
    while let Some(byte) = cursor.byte() {
        let Some(line) = lines.last_mut() else { break };
        // A hanzi's second byte may look like a backslash in larger character sets.
        if byte >= 0x81 {
            line.push(byte);
            line.extend(cursor.byte());
            continue;
        }
        if byte != b'\\' {
            line.push(byte);
            continue;
        }
        let kind = cursor.byte().unwrap_or_default();
        let length = match kind {
            b'F' | b'W' => 4,
            b'T' => 3,
            b'C' | b'D' => 1,
            _ => 0,
        };
        let style = cursor.bytes(length.min(cursor.0.len())).unwrap_or_default();
        match kind {
            b'n' => lines.push(Vec::new()),
            b'T' => {
                let name: Vec<u8> =
                    std::iter::from_fn(|| cursor.byte()).take_while(|byte| *byte != b'|').collect();
                line.extend(b"[picture ");
                line.extend(&name);
                line.push(b']');
            }
            b'D' | b'W' => {
                line.extend(b"[clock ");
                line.extend(style);
                line.push(b']');
            }
            _ => styles.push(format!("\\{}{}", char::from(kind), String::from_utf8_lossy(style))),
        }
    }
    let lines = lines.iter().map(|line| chinese(line)).filter(|line| !line.is_empty()).collect();
    (lines, styles)
}
