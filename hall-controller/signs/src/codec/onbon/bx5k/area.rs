//! A dynamic area's bytes and the text in it (BX-5K/6K protocol v1.4, sections 9.1 and 11).

use crate::codec::gb2312;
use crate::frame::Light;
use crate::words::TextLine;

/// What a card with a voice says (9.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Voice {
    /// Which of six speakers, 0 to 5.
    pub person: u8,
    /// How often after the first time, 0 to 15.
    pub repeats: u8,
    /// 0 (silent) to 10.
    pub volume: u8,
    /// 0 to 10.
    pub speed: u8,
    /// What is said; `None` reads the shown text.
    pub text: Option<String>,
}

/// Who speaks on a card with a voice, and how (9.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Speaker {
    /// Which of six, 0 to 5.
    pub person: u8,
    /// How often after the first time, 0 to 15.
    pub repeats: u8,
    /// 0 (silent) to 10.
    pub volume: u8,
    /// 0 to 10.
    pub speed: u8,
}

impl Speaker {
    /// This, in the speaker's voice.
    pub fn says(self, text: &str) -> Voice {
        let Self { person, repeats, volume, speed } = self;
        Voice { person, repeats, volume, speed, text: Some(text.to_owned()) }
    }
}

/// How an area's text comes and stays (9.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Motion {
    /// It stands.
    Still,
    /// It moves to the left in one line.
    Left,
}

/// A dynamic area (9.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Area {
    /// Its number; cards have five or eight.
    pub number: u8,
    /// Its left edge, width and height are in pixels.
    pub x_px: u16,
    /// Its top edge.
    pub y_px: u16,
    /// Its width, up to 0x7FFF.
    pub width_px: u16,
    /// Its height.
    pub height_px: u16,
    /// Taken away when it has not been written for so long, in seconds; 0 leaves it.
    pub expires_s: u16,
    /// What is said.
    pub voice: Option<Voice>,
    /// In both directions; otherwise at the top left.
    pub centred: bool,
    /// How it moves.
    pub motion: Motion,
    /// 0 (fastest) to 0x18.
    pub speed: u8,
    /// How long it stays before it comes again, in half seconds.
    pub stay_half_s: u8,
    /// GB 2312 with the card's own escapes ([`markup`]).
    pub text: Vec<u8>,
}

/// Pixels rather than bytes of eight, in the top bit of a coordinate.
const IN_PIXELS: u16 = 0x8000;

impl Area {
    pub(super) fn emit(&self) -> Vec<u8> {
        let mut area = vec![0];
        area.extend((self.x_px | IN_PIXELS).to_le_bytes());
        area.extend(self.y_px.to_le_bytes());
        area.extend((self.width_px | IN_PIXELS).to_le_bytes());
        area.extend(self.height_px.to_le_bytes());
        let (no_line_space, loops, loops_until_expired) = (0, 0, 2);
        let run = if self.expires_s > 0 { loops_until_expired } else { loops };
        area.extend([self.number, no_line_space, run]);
        area.extend(self.expires_s.to_le_bytes());
        match &self.voice {
            None => area.push(0),
            Some(voice) => {
                let mode = if voice.text.is_some() { 2 } else { 1 };
                area.extend([mode, voice.repeats << 4 | voice.person & 0x0F, voice.volume, voice.speed]);
                if let Some(text) = &voice.text {
                    let said = plain(text);
                    area.extend(length_of(&said));
                    area.extend(said);
                }
            }
        }
        let no_extension = 0;
        let alignment = if self.centred { 0b1010 } else { 0 };
        let (single_line, several_lines, breaks_by_hand) = (1, 2, 1);
        let (lines, display) = match self.motion {
            Motion::Still => (several_lines, 1),
            Motion::Left => (single_line, 3),
        };
        let exit = 0;
        area.extend([no_extension, alignment, lines, breaks_by_hand, display, exit]);
        area.extend([self.speed, self.stay_half_s]);
        area.extend(length_of(&self.text));
        area.extend(&self.text);
        area
    }
}

fn length_of(bytes: &[u8]) -> [u8; 4] {
    u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_le_bytes()
}

/// Text without any of the card's escapes.
fn plain(text: &str) -> Vec<u8> {
    // A backslash begins an escape; the wide one looks the same and does not.
    let drawable = text.chars().map(|character| if character == '\\' { '＼' } else { character });
    drawable.flat_map(|character| gb2312::encode(character).unwrap_or_else(|| vec![b'?'])).collect()
}

/// Lines as a card reads them (11.1): its fonts, each line's colour, breaks between.
pub fn markup(lines: &[TextLine], font_px: u8, colours: bool) -> Vec<u8> {
    let font = match font_px {
        32 => '2',
        24 => '1',
        _ => '0',
    };
    let mut text = format!("\\FO00{font}\\FE00{font}").into_bytes();
    for (at, line) in lines.iter().enumerate() {
        if at > 0 {
            text.extend(b"\\n");
        }
        if colours {
            text.extend([b'\\', b'C', colour(line.light)]);
        }
        text.extend(plain(&line.text));
    }
    text
}

fn colour(light: Light) -> u8 {
    match (light.red, light.green, light.blue) {
        (_, false, false) => b'1',
        (false, true, false) => b'2',
        (true, true, false) => b'3',
        (false, false, true) => b'4',
        (false, true, true) => b'5',
        (true, false, true) => b'6',
        (true, true, true) => b'7',
    }
}
