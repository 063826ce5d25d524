//! Lumen's C-Power cards (CP5200 and relatives): windows on the screen with text or pictures.
//!
//! Source: 深圳市流明电子, protocol for several windows of C-Power cards, V1.9 of 2012-08-04
//! (`charlesEdx/cp5200_ledScrollBoard`, `doc/`); section numbers below are its own. Characters are in
//! the card's own set: GB 2312 here. What is sent is not stored in flash (that would be `CC=0x07`).

use crate::codec::{
    Answer, Awaits, CannotShow, Codec, Cure, Effect, Heard, Protocol, Request, Sentence, gb2312,
};
use crate::frame::{Frame, Light};
use crate::substitute::{Ability, Charset};
use crate::words::{Showing, TextLine};

const START: u8 = 0xA5;
const END: u8 = 0xAE;
/// Stands before the low half of a start, an end or itself (2.1.3).
const ESCAPE: u8 = 0xAA;

const TO_CARD: u8 = 0x68;
const FROM_CARD: u8 = 0xE8;
const CARD_KIND: u8 = 0x32;
const PROTOCOL: u8 = 0x7B;
const WITH_REPLY: u8 = 1;

mod command {
    pub(super) const WINDOWS: u8 = 0x01;
    pub(super) const PICTURE: u8 = 0x03;
    pub(super) const TEXT: u8 = 0x12;
    pub(super) const ASK_SCREEN: u8 = 0x83;
}

/// Data in one packet: below the 450 letters that the vendor's note on `CC=0x12` sends in one.
const DATA_BYTES_MAX: usize = 400;

/// An answer with the screen's data, every byte escaped.
const ANSWER_BYTES: usize = 64;
/// The longest packet worth keeping, one's own echo included.
const BODY_BYTES_MAX: usize = 512;

/// Where things lie after the start (2.1.1, 2.1.2).
mod field {
    pub(super) const KIND: usize = 0;
    pub(super) const CARD: usize = 2;
    pub(super) const RESULT: usize = 4;
    pub(super) const DATA: usize = 9;
}

/// How pages are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pages {
    /// As pictures, pixel by pixel (`CC=0x03`).
    Pictures,
    /// As text in the card's font of this height: 8, 12, 16, 24, 32, 40, 48 or 56 (`CC=0x12`).
    Text {
        /// In pixels.
        font_px: u8,
    },
}

/// A card as it is installed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setup {
    /// Its number, 1 to 254; 255 reaches every card.
    pub card: u8,
    /// The screen, in pixels.
    pub width_px: u16,
    /// Likewise.
    pub height_px: u16,
    /// How pages are sent.
    pub pages: Pages,
}

/// One card.
#[derive(Debug)]
pub struct Cp5200 {
    setup: Setup,
    body: Option<Vec<u8>>,
    escaped: bool,
}

impl Cp5200 {
    /// The codec of this card.
    pub fn new(setup: Setup) -> Self {
        Self { setup, body: None, escaped: false }
    }

    /// One command as packets; the last of them has the effect.
    fn packets(&self, data: &[u8], effect: Effect) -> Vec<Request> {
        let chunks: Vec<&[u8]> = data.chunks(DATA_BYTES_MAX).collect();
        let last = chunks.len().saturating_sub(1);
        let key = u16::from(data.first().copied().unwrap_or(0));
        let packet = |(number, chunk): (usize, &&[u8])| {
            let mut body = vec![TO_CARD, CARD_KIND, self.setup.card, PROTOCOL, WITH_REPLY];
            body.extend(u16::try_from(chunk.len()).unwrap_or(u16::MAX).to_le_bytes());
            body.extend([number, last].map(|number| u8::try_from(number).unwrap_or(u8::MAX)));
            body.extend(*chunk);
            let effect = if number == last { effect } else { Effect::Nothing };
            Request { bytes: wrap(&body), awaits: Awaits::Answer { bytes_max: ANSWER_BYTES }, effect, key }
        };
        chunks.iter().enumerate().map(packet).collect()
    }

    /// Divide the screen into windows: x, y, width, height in pixels each (`CC=0x01`).
    pub fn windows(&self, windows: &[[u16; 4]]) -> Vec<Request> {
        let mut data = vec![command::WINDOWS, u8::try_from(windows.len()).unwrap_or(u8::MAX)];
        data.extend(windows.iter().flatten().flat_map(|number| number.to_be_bytes()));
        self.packets(&data, Effect::Nothing)
    }

    /// Text in a window, in one colour; lines are parted by 0x0D (`CC=0x12`).
    pub fn text(&self, window: u8, text: &Text<'_>) -> Vec<Request> {
        let mut data = vec![command::TEXT, window, text.motion, text.alignment, text.speed];
        data.extend(text.stay_s.to_be_bytes());
        data.push(size_code(text.font_px));
        data.extend([text.light.red, text.light.green, text.light.blue].map(|on| if on { 0xFF } else { 0 }));
        data.extend(text.text);
        data.push(0);
        self.packets(&data, Effect::Shows)
    }

    /// A picture in a window, of two levels a colour (`CC=0x03`, format 4).
    pub fn picture(&self, window: u8, picture: &Frame) -> Vec<Request> {
        let (at_once, no_speed, stay, simple, origin) = (0, 1, [0, 0], 4, [0; 4]);
        let mut data = vec![command::PICTURE, window, at_once, no_speed];
        data.extend(stay);
        data.push(simple);
        data.extend(origin);
        data.extend(b"I1");
        let panel = picture.panel();
        data.extend(panel.width_px().to_le_bytes());
        data.extend(panel.height_px().to_le_bytes());
        let planes = panel.depth().planes();
        let (present, reserved) = ((1_u8 << planes) - 1, 0);
        data.extend([present, reserved]);
        // Planes in the order red, green, blue, rows on whole bytes: as a frame has them.
        data.extend(picture.bytes());
        self.packets(&data, Effect::Shows)
    }

    /// Which screen the card has (`CC=0x83`).
    pub fn ask_screen(&self) -> Request {
        let (ask_state, ask_size) = (1, 2);
        let mut asked = self.packets(&[command::ASK_SCREEN, ask_state | ask_size], Effect::Nothing);
        asked.pop().unwrap_or(Request {
            bytes: vec![],
            awaits: Awaits::Answer { bytes_max: ANSWER_BYTES },
            effect: Effect::Nothing,
            key: 0,
        })
    }

    fn answer(&self, body: &[u8], asked: Option<&Request>) -> Heard {
        match body.get(field::KIND) {
            Some(&FROM_CARD) => {}
            Some(&TO_CARD) => return Heard::Echo,
            _ => return Heard::Broken,
        }
        let everyone = 0xFF;
        let own = body.get(field::CARD) == Some(&self.setup.card) || self.setup.card == everyone;
        let (Some(asked), true) = (asked, own) else { return Heard::Stray };
        let Some(result) = body.get(field::RESULT) else { return Heard::Broken };
        if asked.key == u16::from(command::ASK_SCREEN) {
            // Cards without programs of their own refuse the question, and are there all the same.
            return Heard::Answer(Answer::Identified { mismatch: self.mismatch(body) });
        }
        Heard::Answer(if *result == 0 { Answer::Done } else { refused(*result) })
    }

    /// In what the card's screen differs, if it says so: after the command, its options, mode and
    /// state come colours, width and height.
    fn mismatch(&self, body: &[u8]) -> Option<String> {
        let [command::ASK_SCREEN, _, _, _, _, wide, width, high, height, ..] = body.get(field::DATA..)?
        else {
            return None;
        };
        let (width, height) = (u16::from_be_bytes([*wide, *width]), u16::from_be_bytes([*high, *height]));
        let Setup { width_px, height_px, .. } = self.setup;
        let differs = (width, height) != (0, 0) && (width, height) != (width_px, height_px);
        differs.then(|| {
            format!(
                "the card says its screen is {width}x{height}, the configuration says {width_px}x{height_px}"
            )
        })
    }

    fn push(&mut self, byte: u8) -> Option<Result<Vec<u8>, ()>> {
        match byte {
            START => {
                self.escaped = false;
                let cut = self.body.replace(Vec::new()).is_some_and(|body| !body.is_empty());
                return cut.then_some(Err(()));
            }
            END => {
                let mut body = self.body.take()?;
                let sum = body.split_off(body.len().saturating_sub(2));
                let whole = !std::mem::take(&mut self.escaped) && checksum(&body).to_le_bytes() == *sum;
                return Some(if whole { Ok(body) } else { Err(()) });
            }
            _ => {}
        }
        let body = self.body.as_mut()?;
        if !self.escaped && byte == ESCAPE {
            self.escaped = true;
            return None;
        }
        let plain = if std::mem::take(&mut self.escaped) { 0xA0 | byte } else { byte };
        if body.len() >= BODY_BYTES_MAX {
            self.body = None;
            return Some(Err(()));
        }
        body.push(plain);
        None
    }
}

/// Ways in which a text appears (section 1). Pictures have the first only (`CC=0x03`).
const AT_ONCE: u8 = 0;
const MOVES_LEFT: u8 = 11;
const BLINKS: u8 = 13;

/// A text and how it is shown (`CC=0x12`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Text<'a> {
    /// 0 at once, 11 moving to the left, 13 blinking; section 1 has more.
    pub motion: u8,
    /// Bits 0 and 1: left, centre, right; bits 2 and 3: top, middle, bottom.
    pub alignment: u8,
    /// 1 (fastest) to 100.
    pub speed: u8,
    /// In seconds.
    pub stay_s: u16,
    /// In pixels.
    pub font_px: u8,
    /// Its colour.
    pub light: Light,
    /// In the card's character set.
    pub text: &'a [u8],
}

/// All bytes added up, sixteen bits.
fn checksum(bytes: &[u8]) -> u16 {
    bytes.iter().map(|byte| u16::from(*byte)).fold(0, u16::wrapping_add)
}

fn wrap(body: &[u8]) -> Vec<u8> {
    let mut wire = vec![START];
    for byte in body.iter().copied().chain(checksum(body).to_le_bytes()) {
        match byte {
            START | END | ESCAPE => wire.extend([ESCAPE, byte & 0x0F]),
            other => wire.push(other),
        }
    }
    wire.push(END);
    wire
}

/// The code of a letter's height (section 1).
fn size_code(font_px: u8) -> u8 {
    const SIZES: [u8; 8] = [8, 12, 16, 24, 32, 40, 48, 56];
    SIZES.iter().rposition(|size| *size <= font_px).and_then(|at| u8::try_from(at).ok()).unwrap_or(0)
}

fn refused(result: u8) -> Answer {
    let (zh, en, cure) = match result {
        1 => ("控制卡收到的数据校验错误", "the card met a wrong checksum", Cure::StartOver),
        2 => ("控制卡收到的数据包顺序错误", "the card met packets out of order", Cure::StartOver),
        _ => ("控制卡拒绝了命令", "the card refused, with an error its protocol does not list", Cure::GoOn),
    };
    Answer::Refused { why: Sentence { zh, en }, cure }
}

/// Lines in the card's character set, parted as its example does.
pub fn encoded(lines: &[TextLine]) -> Vec<u8> {
    let rows = lines.iter().map(|line| {
        let characters = line.text.chars().flat_map(|one| gb2312::encode(one).unwrap_or_else(|| vec![b'?']));
        characters.collect::<Vec<u8>>()
    });
    rows.collect::<Vec<_>>().join(&0x0D)
}

impl Codec for Cp5200 {
    fn protocol(&self) -> Protocol {
        Protocol::Cp5200
    }

    fn ability(&self) -> Ability {
        let Pages::Text { font_px } = self.setup.pages else { return Ability::Pixels };
        let font_px = u16::from(font_px.max(8));
        Ability::Text {
            charset: Charset::Gb2312,
            columns: self.setup.width_px / (font_px / 2),
            rows: self.setup.height_px / font_px,
            scrolls: true,
        }
    }

    fn identify(&mut self) -> Option<Request> {
        Some(self.ask_screen())
    }

    fn set_up(&mut self) -> Vec<Request> {
        self.windows(&[[0, 0, self.setup.width_px, self.setup.height_px]])
    }

    fn show(&mut self, _: Option<&Showing>, wanted: &Showing, _: u32) -> Result<Vec<Request>, CannotShow> {
        let Pages::Text { font_px } = self.setup.pages else {
            return Ok(self.picture(0, &wanted.frame));
        };
        let fitted = self.fitted(&wanted.words);
        let moves = fitted.substitute.moves();
        let text = encoded(&fitted.lines);
        let light = fitted.lines.first().map_or(Light::RED, |line| line.light);
        let (motion, speed) = match wanted.blink {
            _ if moves => (MOVES_LEFT, 10),
            Some(_) => (BLINKS, 3),
            None => (AT_ONCE, 1),
        };
        let alignment = 0b0101;
        let stay_s = 3;
        Ok(self.text(0, &Text { motion, alignment, speed, stay_s, font_px, light, text: &text }))
    }

    fn blinks(&self) -> bool {
        matches!(self.setup.pages, Pages::Text { .. })
    }

    fn poll(&mut self) -> Option<Request> {
        Some(self.ask_screen())
    }

    fn read(&mut self, bytes: &[u8], asked: Option<&Request>) -> Vec<Heard> {
        let mut heard = Vec::new();
        for byte in bytes {
            match self.push(*byte) {
                None => {}
                Some(Ok(body)) => heard.push(self.answer(&body, asked)),
                Some(Err(())) => heard.push(Heard::Broken),
            }
        }
        heard
    }
}
