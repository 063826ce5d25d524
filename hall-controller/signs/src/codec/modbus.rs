//! Digit displays on Modbus RTU: registers written by function 0x06 or 0x10.
//!
//! The frames are those of the public Modbus application protocol (functions 6 and 16, exceptions)
//! and of Modbus over serial line (CRC, silence). Which registers hold which digits differs from
//! display to display and is configuration: [`RegisterMap`].

use std::time::Duration;

use crc::{CRC_16_MODBUS, Crc, Table};

use crate::codec::{Answer, Awaits, CannotShow, Codec, Cure, Effect, Heard, Protocol, Request, Sentence};
use crate::substitute::{Ability, Fitted, Substitute, fit};
use crate::words::{Showing, Words};

/// CRC-16/MODBUS: polynomial 0x8005 reflected, start 0xFFFF; sent low byte first.
const CRC: Crc<u16, Table<1>> = Crc::<u16, Table<1>>::new(&CRC_16_MODBUS);

const WRITE_ONE: u8 = 0x06;
const WRITE_MANY: u8 = 0x10;
const EXCEPTION: u8 = 0x80;

/// Both answers: unit, function, address, value or count, CRC.
const ANSWER_BYTES: usize = 8;
const EXCEPTION_BYTES: usize = 5;

/// Registers in one request, by the standard.
const REGISTERS_MAX: usize = 123;

/// Start bit, eight data bits, parity or a second stop bit, stop bit.
const BITS_PER_CHARACTER: u64 = 11;

/// Above this speed the silence no longer shrinks.
const FIXED_ABOVE_BAUD: u32 = 19_200;
const FIXED_SILENCE: Duration = Duration::from_micros(1_750);

/// How long a line rests between two frames: three and a half characters, 1.75 ms above 19200 baud.
pub fn silence(baud: u32) -> Duration {
    if baud > FIXED_ABOVE_BAUD {
        return FIXED_SILENCE;
    }
    // Rounded up: a rest that is a little short joins two frames.
    Duration::from_nanos((7 * BITS_PER_CHARACTER * 1_000_000_000).div_ceil(2 * u64::from(baud.max(1))))
}

/// How registers are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Function {
    /// One register a request (0x06). Its answer equals the request: with an adapter that echoes, a
    /// display that is off cannot be told from one that is on.
    WriteOne,
    /// All registers in one request (0x10).
    WriteMany,
}

/// How digits lie in registers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// The number in one register, up to 65535; nothing shown is [`RegisterMap::blank`].
    Number,
    /// Four decimal digits a register, the leftmost highest; blanks are 0xF.
    Bcd,
    /// A register a digit, the leftmost first; blanks are [`RegisterMap::blank`].
    DigitEach,
    /// A register a character in ASCII.
    AsciiEach,
    /// Two characters a register in ASCII, the left one in the high byte.
    AsciiPairs,
}

impl Layout {
    const fn has_letters(self) -> bool {
        matches!(self, Self::AsciiEach | Self::AsciiPairs)
    }
}

/// A display as its manual describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisterMap {
    /// Its address on the line, 1 to 247.
    pub unit: u8,
    /// How it is written.
    pub function: Function,
    /// The first register, counted from 0 as on the wire.
    pub first: u16,
    /// How many characters it shows.
    pub places: u8,
    /// How they lie in registers.
    pub layout: Layout,
    /// What a register holds that shows nothing.
    pub blank: u16,
    /// What shows a dash: four bits of BCD, otherwise a register; of [`Layout::Number`], the register that
    /// shows dashes only. Without one an open window where nobody is called is dark.
    pub dash: Option<u16>,
}

impl RegisterMap {
    /// Four digits in one register of BCD from 0 on.
    pub fn new(unit: u8) -> Self {
        let (function, layout) = (Function::WriteMany, Layout::Bcd);
        Self { unit, function, first: 0, places: 4, layout, blank: 0xFFFF, dash: None }
    }

    const fn has_dash(&self) -> bool {
        self.layout.has_letters() || self.dash.is_some()
    }

    /// The registers that show this text, which is no longer than the display.
    pub fn registers(&self, text: &str) -> Vec<u16> {
        let places = usize::from(self.places);
        let padded = format!("{text:>places$}");
        let characters: Vec<u8> = padded.bytes().take(places).collect();
        let digit = |byte: &u8| match byte {
            b'-' => self.dash,
            _ => byte.is_ascii_digit().then(|| u16::from(byte - b'0')),
        };
        match self.layout {
            Layout::Number => {
                let dash = self.dash.filter(|_| text.contains('-'));
                vec![text.trim().parse().unwrap_or(dash.unwrap_or(self.blank))]
            }
            Layout::DigitEach => characters.iter().map(|byte| digit(byte).unwrap_or(self.blank)).collect(),
            Layout::AsciiEach => characters.iter().map(|byte| u16::from(*byte)).collect(),
            Layout::AsciiPairs => {
                let pair = |pair: &[u8]| {
                    let right = pair.get(1).copied().unwrap_or(b' ');
                    u16::from_be_bytes([pair.first().copied().unwrap_or(b' '), right])
                };
                characters.chunks(2).map(pair).collect()
            }
            Layout::Bcd => {
                // Whole registers, digits to the right.
                let wide = format!("{text:>width$}", width = places.next_multiple_of(4));
                let nibbles: Vec<u16> = wide.bytes().map(|byte| digit(&byte).unwrap_or(0xF)).collect();
                nibbles.chunks(4).map(|four| four.iter().fold(0, |all, one| all << 4 | one)).collect()
            }
        }
    }
}

/// One display.
#[derive(Debug)]
pub struct Modbus {
    map: RegisterMap,
    heard: Vec<u8>,
}

impl Modbus {
    /// The codec of this display.
    pub fn new(map: RegisterMap) -> Self {
        Self { map, heard: Vec::new() }
    }

    fn request(&self, pdu: &[u8], effect: Effect) -> Request {
        let mut bytes = vec![self.map.unit];
        bytes.extend(pdu);
        bytes.extend(CRC.checksum(&bytes).to_le_bytes());
        let key = pdu.get(1..3).map_or(0, |at| u16::from_be_bytes([at[0], at[1]]));
        Request { bytes, awaits: Awaits::Answer { bytes_max: ANSWER_BYTES }, effect, key }
    }

    /// Write one register.
    pub fn write_one(&self, register: u16, value: u16, effect: Effect) -> Request {
        let pdu = [&[WRITE_ONE][..], &register.to_be_bytes(), &value.to_be_bytes()].concat();
        self.request(&pdu, effect)
    }

    /// Write registers from `first` on, at most 123.
    pub fn write_many(&self, first: u16, values: &[u16], effect: Effect) -> Request {
        let values = values.get(..values.len().min(REGISTERS_MAX)).unwrap_or_default();
        let count = u8::try_from(values.len()).unwrap_or(u8::MAX);
        let mut pdu = [&[WRITE_MANY][..], &first.to_be_bytes(), &[0, count, 2 * count]].concat();
        pdu.extend(values.iter().flat_map(|value| value.to_be_bytes()));
        self.request(&pdu, effect)
    }

    fn write(&self, text: &str) -> Vec<Request> {
        let values = self.map.registers(text);
        if self.map.function == Function::WriteMany {
            return vec![self.write_many(self.map.first, &values, Effect::Shows)];
        }
        let last = values.len().saturating_sub(1);
        let one = |(at, value): (usize, &u16)| {
            let register = self.map.first.wrapping_add(u16::try_from(at).unwrap_or(0));
            self.write_one(register, *value, if at == last { Effect::Shows } else { Effect::Nothing })
        };
        values.iter().enumerate().map(one).collect()
    }

    /// What the bytes heard so far end with, if that is a whole frame.
    fn ending(&self, asked: Option<&Request>) -> Option<Heard> {
        let ends = |bytes: usize| {
            let frame = self.heard.get(self.heard.len().checked_sub(bytes)?..)?;
            let (frame, crc) = frame.split_last_chunk::<2>()?;
            (CRC.checksum(frame).to_le_bytes() == *crc).then_some(frame)
        };
        let function = |request: &Request| request.bytes.get(1).copied();
        // What was sent comes back from some adapters; the answer to 0x06 looks the same.
        let echoes =
            |asked: &Request| function(asked) == Some(WRITE_MANY) && self.heard.ends_with(&asked.bytes);
        if asked.is_some_and(echoes) {
            return Some(Heard::Echo);
        }
        if let Some([unit, exception, code]) = ends(EXCEPTION_BYTES)
            && exception & EXCEPTION != 0
        {
            let own = *unit == self.map.unit && asked.and_then(function) == Some(exception & !EXCEPTION);
            return Some(if own { Heard::Answer(refused(*code)) } else { Heard::Stray });
        }
        let frame =
            ends(ANSWER_BYTES).filter(|frame| matches!(frame.get(1), Some(&(WRITE_ONE | WRITE_MANY))))?;
        // Both answers repeat the request up to its value or count.
        let answers = asked.is_some_and(|asked| frame.get(..6) == asked.bytes.get(..6));
        Some(if answers { Heard::Answer(Answer::Done) } else { Heard::Stray })
    }
}

/// What an exception means.
fn refused(code: u8) -> Answer {
    let (zh, en, cure) = match code {
        1 => (
            "显示屏不支持该功能码",
            "the display does not know this function: choose the other one",
            Cure::GoOn,
        ),
        2 => ("显示屏没有该寄存器", "the display has no such register: correct the register map", Cure::GoOn),
        3 => ("显示屏不接受该数值", "the display does not take this value: correct the layout", Cure::GoOn),
        4 => ("显示屏内部故障", "the display has failed", Cure::StartOver),
        5 => ("显示屏正在处理", "the display is working on it", Cure::Wait),
        6 => ("显示屏忙", "the display is busy", Cure::Wait),
        _ => ("显示屏报告了未知错误", "the display reported an unknown exception", Cure::GoOn),
    };
    Answer::Refused { why: Sentence { zh, en }, cure }
}

impl Codec for Modbus {
    fn protocol(&self) -> Protocol {
        Protocol::ModbusRtu
    }

    fn ability(&self) -> Ability {
        let places = self.map.places;
        if self.map.layout.has_letters() {
            let charset = crate::substitute::Charset::Ascii;
            Ability::Text { charset, columns: u16::from(places), rows: 1, scrolls: false }
        } else {
            Ability::Digits { places }
        }
    }

    fn fitted(&self, words: &Words) -> Fitted {
        let fitted = fit(words, self.ability());
        let shown = fitted.substitute != Substitute::Dashes || self.map.has_dash();
        if shown { fitted } else { Fitted::dark() }
    }

    fn identify(&mut self) -> Option<Request> {
        None
    }

    fn set_up(&mut self) -> Vec<Request> {
        vec![]
    }

    fn show(&mut self, _: Option<&Showing>, wanted: &Showing, _: u32) -> Result<Vec<Request>, CannotShow> {
        let fitted = self.fitted(&wanted.words);
        let text = fitted.lines.first().map_or("", |line| line.text.as_str());
        Ok(self.write(text))
    }

    fn poll(&mut self) -> Option<Request> {
        None
    }

    fn rest(&self, baud: u32) -> Duration {
        silence(baud)
    }

    fn read(&mut self, bytes: &[u8], asked: Option<&Request>) -> Vec<Heard> {
        let mut heard = Vec::new();
        for byte in bytes {
            self.heard.push(*byte);
            if let Some(what) = self.ending(asked) {
                self.heard.clear();
                heard.push(what);
            }
            // No answer is longer, and an echo is as long as the request.
            let longest = asked.map_or(ANSWER_BYTES, |asked| asked.bytes.len().max(ANSWER_BYTES));
            if self.heard.len() > longest {
                self.heard.remove(0);
            }
        }
        heard
    }
}
