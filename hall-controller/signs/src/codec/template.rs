//! A display described by one line of configuration, from its two-page manual and without code.
//!
//! The line is the bytes of a call: text as it is, `\x02` for a byte in hex, and in braces what
//! changes. `{number}` and `{window}` are texts, with a width after a colon (`{number:4}`, spaces in
//! front; `{number:04}`, zeros), `{digits}` is the number without its letters. `{address}` is the
//! display's address as one byte, `{address:hex}` in two hex digits, `{address:02}` in decimal ones.
//! `{checksum}` stands where the checksum goes; it runs over everything before it, or from `{from}` on.

mod check;

pub use self::check::Check;

use crate::codec::{
    Answer, Awaits, CannotShow, Codec, Cure, Effect, Heard, Protocol, Request, Sentence, gb2312,
};
use crate::frame::Light;
use crate::substitute::{Ability, Charset, Fitted, Substitute, fit};
use crate::words::{PageKind, Showing, TextLine, Words};

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
    Address(AddressForm),
    From,
    Check(Form),
}

/// How an address is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum AddressForm {
    Byte,
    Hex,
    Decimal { width: usize },
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
    #[error("{0:?} is no escape, as \\xNN, \\r, \\n, \\\\, \\{{ and \\}} are")]
    Escape(String),
    /// Braces around something else.
    #[error(
        "{0:?} stands for nothing, as {{number}}, {{window}}, {{digits}} with a width such as {{number:4}}, {{address}}, {{address:hex}}, {{address:02}}, {{from}}, {{checksum}}, {{checksum:swapped}} and {{checksum:hex}} do"
    )]
    Placeholder(String),
    /// A brace without its other one.
    #[error("a brace is not closed")]
    Open,
    /// A character that cards' character set lacks.
    #[error("{0:?} is not in GB 2312: its bytes can be written with \\xNN")]
    Character(char),
    /// `{checksum}` without a choice, or a choice without a place.
    #[error("a checksum is chosen and {{checksum}} is not in the template, or the other way round")]
    CheckWithoutPlace,
}

/// A template that has been understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    text: String,
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
        Ok(Self { text: text.to_owned(), parts, check })
    }

    /// As it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The checksum it was read with.
    pub fn check(&self) -> Option<Check> {
        self.check
    }

    /// Whether a call's number or window is in it.
    pub fn changes(&self) -> bool {
        self.parts.iter().any(|part| matches!(part, Part::Text { .. }))
    }

    /// Whether the window is in it.
    pub fn has_window(&self) -> bool {
        self.parts.iter().any(|part| matches!(part, Part::Text { what: What::Window, .. }))
    }

    /// Whether it may have bytes above 0x7F: as written, or as a checksum that is not of hex digits.
    pub fn needs_eight_bits(&self) -> bool {
        self.parts.iter().any(|part| match part {
            Part::Bytes(bytes) => !bytes.is_ascii(),
            // Of bytes of seven bits their exclusive or has seven, too.
            Part::Check(Form::Raw | Form::Swapped) => self.check != Some(Check::Xor),
            Part::From | Part::Address(_) | Part::Text { .. } | Part::Check(Form::Hex) => false,
        })
    }

    /// The same for the display with this address.
    #[must_use]
    pub fn at(mut self, address: u8) -> Self {
        for part in &mut self.parts {
            if let Part::Address(form) = part {
                *part = Part::Bytes(match form {
                    AddressForm::Byte => vec![address],
                    AddressForm::Hex => format!("{address:02X}").into_bytes(),
                    AddressForm::Decimal { width } => format!("{address:0width$}").into_bytes(),
                });
            }
        }
        self
    }

    /// The bytes for this number and window; those of an address come with [`Template::at`].
    pub fn bytes(&self, number: &str, window: &str) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut from = 0;
        for part in &self.parts {
            match part {
                Part::Bytes(fixed) => bytes.extend(fixed),
                Part::From => from = bytes.len(),
                Part::Address(_) => {}
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
        "address" => {
            return match (detail, detail.parse::<u8>()) {
                ("", _) => Ok(Part::Address(AddressForm::Byte)),
                ("hex", _) => Ok(Part::Address(AddressForm::Hex)),
                (_, Ok(width)) => Ok(Part::Address(AddressForm::Decimal { width: usize::from(width) })),
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

    /// Whether it is sent or answers bytes above 0x7F.
    pub fn needs_eight_bits(&self) -> bool {
        let mut sent = [&self.called].into_iter().chain(&self.idle);
        let mut heard = self.reply.iter().chain(&self.refusal);
        sent.any(Template::needs_eight_bits) || heard.any(|bytes| !bytes.is_ascii())
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

    /// What is sent for a page: a sign that shows nobody may have a line of its own for that.
    fn template(&self, words: &Words) -> &Template {
        let nobody = words.number.is_none() && words.kind != PageKind::Test;
        self.setup.idle.as_ref().filter(|_| nobody).unwrap_or(&self.setup.called)
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

    fn fitted(&self, words: &Words) -> Fitted {
        let template = self.template(words);
        if !template.changes() {
            return Fitted { lines: vec![], substitute: Substitute::Configured };
        }
        // The window has a place of its own in the template, so the number alone must fit.
        let mut alone = words.clone();
        if let Some(number) = &words.number {
            alone.lines = vec![TextLine::new(number, Light::RED)];
            alone.window = None;
        }
        let mut fitted = fit(&alone, self.ability());
        if let Some(window) = words.window.as_ref().filter(|_| template.has_window()) {
            if words.number.is_some() && fitted.substitute <= Substitute::NumberAndWindow {
                fitted.substitute = Substitute::NumberAndWindow;
            }
            fitted.lines.truncate(1);
            if fitted.lines.is_empty() {
                fitted.lines.push(TextLine::new("", Light::RED));
            }
            fitted.lines.push(TextLine::new(window, Light::RED));
        } else if words.number.is_some() && fitted.substitute <= Substitute::NumberOnly {
            fitted.substitute = Substitute::NumberOnly;
        }
        fitted
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
        let window = wanted.words.window.as_deref().unwrap_or("");
        let template = self.template(&wanted.words);
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
