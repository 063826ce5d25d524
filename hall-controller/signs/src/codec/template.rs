//! A display described by one line of configuration, from its two-page manual and without code.
//!
//! The line is the bytes of a call: text as it is, `\x02` for a byte in hex, and in braces what
//! changes. `{number}` and `{window}` are texts, with a width after a colon (`{number:4}`, spaces in
//! front; `{number:04}`, zeros), `{digits}` is the number without its letters. `{checksum}` stands
//! where the checksum goes; it runs over everything before it, or from `{from}` on.

use std::fmt;

use crc::{CRC_16_ARC, CRC_16_IBM_3740, CRC_16_KERMIT, CRC_16_MODBUS, CRC_16_XMODEM, Crc, Table};

use crate::codec::{
    Answer, Awaits, CannotShow, Codec, Cure, Effect, Heard, Protocol, Request, Sentence, gb2312,
};
use crate::substitute::{Ability, Charset, fit};
use crate::words::Showing;

/// How a display's checksum is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Check {
    /// All bytes added up, the low eight bits.
    Sum,
    /// The same, sixteen bits, low byte first.
    Sum16,
    /// All bytes exclusive-or'ed.
    Xor,
    /// CRC-16/MODBUS, low byte first.
    Crc16Modbus,
    /// CRC-16/ARC, low byte first.
    Crc16Arc,
    /// CRC-16/IBM-3740 (CCITT-FALSE), high byte first.
    Crc16Ccitt,
    /// CRC-16/XMODEM, high byte first.
    Crc16Xmodem,
    /// CRC-16/KERMIT, low byte first.
    Crc16Kermit,
}

impl Check {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Sum,
        Self::Sum16,
        Self::Xor,
        Self::Crc16Modbus,
        Self::Crc16Arc,
        Self::Crc16Ccitt,
        Self::Crc16Xmodem,
        Self::Crc16Kermit,
    ];

    /// Its name in the configuration.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sum => "sum",
            Self::Sum16 => "sum16",
            Self::Xor => "xor",
            Self::Crc16Modbus => "crc16-modbus",
            Self::Crc16Arc => "crc16-arc",
            Self::Crc16Ccitt => "crc16-ccitt",
            Self::Crc16Xmodem => "crc16-xmodem",
            Self::Crc16Kermit => "crc16-kermit",
        }
    }

    fn of(self, bytes: &[u8]) -> Vec<u8> {
        let crc = |algorithm| Crc::<u16, Table<1>>::new(algorithm).checksum(bytes);
        let sum = || bytes.iter().map(|byte| u16::from(*byte)).fold(0, u16::wrapping_add);
        match self {
            Self::Sum => sum().to_le_bytes()[..1].to_vec(),
            Self::Sum16 => sum().to_le_bytes().to_vec(),
            Self::Xor => vec![bytes.iter().fold(0, |all, byte| all ^ byte)],
            Self::Crc16Modbus => crc(&CRC_16_MODBUS).to_le_bytes().to_vec(),
            Self::Crc16Arc => crc(&CRC_16_ARC).to_le_bytes().to_vec(),
            Self::Crc16Ccitt => crc(&CRC_16_IBM_3740).to_be_bytes().to_vec(),
            Self::Crc16Xmodem => crc(&CRC_16_XMODEM).to_be_bytes().to_vec(),
            Self::Crc16Kermit => crc(&CRC_16_KERMIT).to_le_bytes().to_vec(),
        }
    }
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How a checksum's bytes are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// As the check has them.
    Raw,
    /// In the other order.
    Swapped,
    /// In hex digits, the highest first.
    Hex,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Bytes(Vec<u8>),
    Text { what: What, width: usize, zeros: bool },
    From,
    Check(Form),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    Number,
    Window,
    Digits,
}

/// Why a template cannot be understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// A backslash before something else.
    #[error("{0:?} is no escape; \\xNN, \\r, \\n, \\\\, \\{{ and \\}} are")]
    Escape(String),
    /// Braces around something else.
    #[error(
        "{0:?} stands for nothing; {{number}}, {{window}}, {{digits}} with a width such as {{number:4}}, {{from}}, {{checksum}}, {{checksum:swapped}} and {{checksum:hex}} do"
    )]
    Placeholder(String),
    /// A brace without its other one.
    #[error("a brace is not closed")]
    Open,
    /// A character that cards' character set lacks.
    #[error("{0:?} is not in GB 2312; write its bytes with \\xNN")]
    Character(char),
    /// `{checksum}` without a choice, or a choice without a place.
    #[error("a checksum is chosen and {{checksum}} is not in the template, or the other way round")]
    CheckWithoutPlace,
}

/// A template that has been understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    parts: Vec<Part>,
    check: Option<Check>,
}

impl Template {
    /// Understand a line such as `\x02{window:2}{number:4}\x03{checksum}`.
    ///
    /// # Errors
    /// Names what stands for nothing.
    pub fn parse(text: &str, check: Option<Check>) -> Result<Self, TemplateError> {
        let mut parts = Vec::new();
        let mut characters = text.chars();
        while let Some(character) = characters.next() {
            let bytes = match character {
                '\\' => escape(&mut characters)?,
                '{' => {
                    let rest = characters.as_str();
                    let (inside, after) = rest.split_once('}').ok_or(TemplateError::Open)?;
                    characters = after.chars();
                    parts.push(placeholder(inside)?);
                    continue;
                }
                '}' => return Err(TemplateError::Open),
                other => gb2312::encode(other).ok_or(TemplateError::Character(other))?,
            };
            match parts.last_mut() {
                Some(Part::Bytes(before)) => before.extend(bytes),
                _ => parts.push(Part::Bytes(bytes)),
            }
        }
        let has_place = parts.iter().any(|part| matches!(part, Part::Check(_)));
        if has_place != check.is_some() {
            return Err(TemplateError::CheckWithoutPlace);
        }
        Ok(Self { parts, check })
    }

    /// Whether a call's number or window is in it.
    pub fn changes(&self) -> bool {
        self.parts.iter().any(|part| matches!(part, Part::Text { .. }))
    }

    /// The bytes for this number and window.
    pub fn bytes(&self, number: &str, window: &str) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut from = 0;
        for part in &self.parts {
            match part {
                Part::Bytes(fixed) => bytes.extend(fixed),
                Part::From => from = bytes.len(),
                Part::Text { what, width, zeros } => {
                    let text = match what {
                        What::Number => number.to_owned(),
                        What::Window => window.to_owned(),
                        What::Digits => number.chars().filter(char::is_ascii_digit).collect(),
                    };
                    let encoded: Vec<u8> = text
                        .chars()
                        .flat_map(|one| gb2312::encode(one).unwrap_or_else(|| vec![b'?']))
                        .collect();
                    let pad = width.saturating_sub(encoded.len());
                    bytes.extend(std::iter::repeat_n(if *zeros { b'0' } else { b' ' }, pad));
                    bytes.extend(encoded);
                }
                Part::Check(form) => {
                    let Some(check) = self.check else { continue };
                    let mut sum = check.of(bytes.get(from..).unwrap_or_default());
                    let high_first = matches!(check, Check::Crc16Ccitt | Check::Crc16Xmodem);
                    match form {
                        Form::Raw => {}
                        Form::Swapped => sum.reverse(),
                        Form::Hex => {
                            if !high_first {
                                sum.reverse();
                            }
                            sum = sum.iter().flat_map(|byte| format!("{byte:02X}").into_bytes()).collect();
                        }
                    }
                    bytes.extend(sum);
                }
            }
        }
        bytes
    }
}

fn escape(characters: &mut std::str::Chars<'_>) -> Result<Vec<u8>, TemplateError> {
    let wrong = |rest: String| TemplateError::Escape(format!("\\{rest}"));
    match characters.next() {
        Some('x') => {
            let pair: String = characters.by_ref().take(2).collect();
            let hex = pair.len() == 2 && pair.bytes().all(|digit| digit.is_ascii_hexdigit());
            let byte = u8::from_str_radix(&pair, 16).ok().filter(|_| hex);
            byte.map(|byte| vec![byte]).ok_or_else(|| wrong(format!("x{pair}")))
        }
        Some('r') => Ok(vec![b'\r']),
        Some('n') => Ok(vec![b'\n']),
        Some(itself @ ('\\' | '{' | '}')) => Ok(vec![u8::try_from(itself).unwrap_or(b'\\')]),
        other => Err(wrong(other.map(String::from).unwrap_or_default())),
    }
}

fn placeholder(inside: &str) -> Result<Part, TemplateError> {
    let wrong = || TemplateError::Placeholder(format!("{{{inside}}}"));
    let (name, detail) = inside.split_once(':').unwrap_or((inside, ""));
    let what = match name {
        "from" if detail.is_empty() => return Ok(Part::From),
        "checksum" => {
            return match detail {
                "" => Ok(Part::Check(Form::Raw)),
                "swapped" => Ok(Part::Check(Form::Swapped)),
                "hex" => Ok(Part::Check(Form::Hex)),
                _ => Err(wrong()),
            };
        }
        "number" => What::Number,
        "window" => What::Window,
        "digits" => What::Digits,
        _ => return Err(wrong()),
    };
    let width = if detail.is_empty() { Ok(0) } else { detail.parse::<u8>() };
    let width = usize::from(width.map_err(|_| wrong())?);
    Ok(Part::Text { what, width, zeros: detail.len() > 1 && detail.starts_with('0') })
}

/// A display as its manual describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setup {
    /// A call.
    pub called: Template,
    /// Sent when nobody is called; without it the display is given the called one with dashes.
    pub idle: Option<Template>,
    /// What it answers when it has understood; nothing if it never answers.
    pub reply: Option<Vec<u8>>,
    /// What it answers when it has not.
    pub refusal: Option<Vec<u8>>,
    /// How many characters of a number it shows.
    pub places: u8,
    /// It shows letters, too.
    pub letters: bool,
    /// What the line rests after a frame without answer, in milliseconds.
    pub rest_ms: u32,
}

impl Setup {
    /// A display of four characters that never answers.
    pub fn new(called: Template) -> Self {
        Self { called, idle: None, reply: None, refusal: None, places: 4, letters: true, rest_ms: 50 }
    }
}

/// One display.
#[derive(Debug)]
pub struct TemplateCodec {
    setup: Setup,
    heard: Vec<u8>,
}

impl TemplateCodec {
    /// The codec of this display.
    pub fn new(setup: Setup) -> Self {
        Self { setup, heard: Vec::new() }
    }

    fn reply_bytes_max(&self) -> usize {
        let length = |bytes: &Option<Vec<u8>>| bytes.as_ref().map_or(0, Vec::len);
        length(&self.setup.reply).max(length(&self.setup.refusal))
    }
}

const REFUSED: Sentence =
    Sentence { zh: "显示屏拒绝了数据", en: "the display refused what it was sent" };

impl Codec for TemplateCodec {
    fn protocol(&self) -> Protocol {
        Protocol::Template
    }

    fn ability(&self) -> Ability {
        let places = self.setup.places;
        if self.setup.letters {
            Ability::Text { charset: Charset::Ascii, columns: u16::from(places), rows: 1, scrolls: false }
        } else {
            Ability::Digits { places }
        }
    }

    fn identify(&mut self) -> Option<Request> {
        None
    }

    fn set_up(&mut self) -> Vec<Request> {
        vec![]
    }

    fn show(&mut self, _: Option<&Showing>, wanted: &Showing, _: u32) -> Result<Vec<Request>, CannotShow> {
        // The window has a place of its own in the template, so the number alone must fit.
        let mut words = wanted.words.clone();
        if let Some(number) = &words.number {
            words.lines = vec![crate::words::TextLine::new(number, crate::frame::Light::RED)];
        }
        let fitted = fit(&words, self.ability());
        let text = fitted.lines.first().map_or("", |line| line.text.as_str());
        let window = wanted.words.window.as_deref().unwrap_or("");
        let template = match &self.setup.idle {
            Some(idle) if wanted.words.number.is_none() => idle,
            _ => &self.setup.called,
        };
        let awaits = match &self.setup.reply {
            Some(_) => Awaits::Answer { bytes_max: self.reply_bytes_max() },
            None => Awaits::Silence { rest_ms: self.setup.rest_ms },
        };
        Ok(vec![Request { bytes: template.bytes(text, window), awaits, effect: Effect::Shows, key: 0 }])
    }

    fn poll(&mut self) -> Option<Request> {
        None
    }

    fn read(&mut self, bytes: &[u8], asked: Option<&Request>) -> Vec<Heard> {
        let mut heard = Vec::new();
        for byte in bytes {
            self.heard.push(*byte);
            let ends = |wanted: &Option<Vec<u8>>| {
                wanted.as_ref().is_some_and(|wanted| !wanted.is_empty() && self.heard.ends_with(wanted))
            };
            let (done, refused) = (ends(&self.setup.reply), ends(&self.setup.refusal));
            let echo = asked.is_some_and(|asked| self.heard.ends_with(&asked.bytes));
            let found = match (echo, done, refused, asked) {
                (true, ..) => Heard::Echo,
                (_, true, _, Some(_)) => Heard::Answer(Answer::Done),
                (_, _, true, Some(_)) => {
                    Heard::Answer(Answer::Refused { why: REFUSED, cure: Cure::StartOver })
                }
                (_, done, refused, None) if done || refused => Heard::Stray,
                _ => {
                    let longest = asked.map_or(0, |asked| asked.bytes.len()).max(self.reply_bytes_max());
                    if self.heard.len() > longest {
                        self.heard.remove(0);
                    }
                    continue;
                }
            };
            self.heard.clear();
            heard.push(found);
        }
        heard
    }
}
