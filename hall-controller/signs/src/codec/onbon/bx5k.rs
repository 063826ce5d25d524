//! Onbon BX-5K, BX-5MK and BX-6K cards with a font (字库卡): text in dynamic areas.
//!
//! Source: BX-5K/6K communication protocol v1.4 (see [`super`]); section numbers below are its own.
//! Dynamic areas live in the card's memory and may be written without end. Programs live in flash,
//! which wears out: nothing here can write, lock or delete one.
//!
//! Where table and example of the document differ, the example's bytes are sent: the time command
//! has its data's length where the table has zeros (8.10).

use std::ops::Range;

use super::{Unwrapper, error, wire_bytes_max, wrap};
use crate::codec::{
    Answer, Awaits, CannotShow, ClockStep, Codec, Cure, Effect, Heard, Moment, Protocol, Request, Sentence,
};
use crate::substitute::{Ability, Charset, Fitted, columns, fit};
use crate::words::{PageKind, Showing, TextLine, Words};

mod area;

pub use area::{Area, Motion, Speaker, Voice, markup};

mod field {
    use std::ops::Range;

    pub(super) const DESTINATION: Range<usize> = 0..2;
    pub(super) const SOURCE: Range<usize> = 2..4;
    pub(super) const HEADER_BYTES: usize = 14;
    pub(super) const GROUP: usize = 14;
    pub(super) const COMMAND: usize = 15;
    pub(super) const ERROR: usize = 16;
}

/// The host's own address, the first of those for software (4).
const HOST: u16 = 0x8000;
/// To every card; all of them answer.
const EVERYONE: u16 = 0xFFFE;
/// Any type of card (4).
const ANY_DEVICE: u8 = 0xFE;
const PROTOCOL_VERSION: u8 = 2;
const WITH_REPLY: u8 = 1;

/// Group and number of each command used (8).
mod command {
    pub(super) const STATUS: [u8; 2] = [0xA1, 0x02];
    pub(super) const PING: [u8; 2] = [0xA2, 0x00];
    pub(super) const SET_TIME: [u8; 2] = [0xA2, 0x03];
    pub(super) const POWER: [u8; 2] = [0xA3, 0x00];
    pub(super) const BRIGHTNESS: [u8; 2] = [0xA3, 0x02];
    pub(super) const DYNAMIC_AREAS: [u8; 2] = [0xA3, 0x06];
    pub(super) const ACK: [u8; 2] = [0xA0, 0x00];
    pub(super) const NACK: [u8; 2] = [0xA0, 0x01];
}

/// A status with eight areas, bar code and network name, header included.
const REPLY_BODY_BYTES_MAX: usize = 128;

/// Brightness goes in sixteen steps (8.17).
pub const BRIGHTNESS_MAX: u8 = 15;

/// The half hours of a day.
pub const HALF_HOURS: usize = 48;

/// Its sixteen steps from 0 dark to 255.
pub const fn step(level: u8) -> u8 {
    level >> 4
}

/// How much a card takes at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Generation {
    /// BX-5K and BX-5MK: 512 bytes an area and packet, 8 areas.
    Fifth,
    /// BX-6K: 1024 bytes, 5 areas.
    Sixth,
}

impl Generation {
    /// The receive buffer, in bytes (5.1.3, 8.1.2).
    pub const fn buffer_bytes(self) -> usize {
        match self {
            Self::Fifth => 512,
            Self::Sixth => 1_024,
        }
    }
}

/// A card as it is installed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setup {
    /// The screen's address, 0 to 0x7FFF; `None` asks whoever is on the line.
    pub address: Option<u16>,
    /// The screen, in pixels.
    pub width_px: u16,
    /// Likewise.
    pub height_px: u16,
    /// The height of the card's font: 16, 24 or 32.
    pub font_px: u8,
    /// Whether it has colours.
    pub colours: bool,
    /// Which card.
    pub generation: Generation,
    /// The area lies over whatever program the card plays; otherwise they must not overlap (4).
    pub over_programs: bool,
    /// One level for each half hour from midnight, 0 to 15, by the card's own clock; `None` leaves the card's
    /// own.
    pub brightness: Option<[u8; HALF_HOURS]>,
    /// The hall switches the screen off while the sign's page is dark; otherwise that is left to the card's
    /// own timers.
    pub switched: bool,
    /// Who says each new call aloud, on cards with a voice.
    pub speaker: Option<Speaker>,
}

impl Setup {
    /// A BX-5K with a 16-pixel font.
    pub fn new(address: u16, width_px: u16, height_px: u16) -> Self {
        Self {
            address: Some(address),
            width_px,
            height_px,
            font_px: 16,
            colours: true,
            generation: Generation::Fifth,
            over_programs: true,
            brightness: None,
            switched: false,
            speaker: None,
        }
    }
}

/// Two decimal digits in one byte.
fn bcd(number: u8) -> u8 {
    ((number / 10 % 10) << 4) | (number % 10)
}

/// One card.
#[derive(Debug)]
pub struct Bx5k {
    setup: Setup,
    reader: Unwrapper,
    /// The last page wanted has an area, which a card that has kept its power still shows.
    has_page: bool,
    /// The last page wanted is seen on a screen that is on.
    shall_be_on: bool,
    /// Whether the screen is on; `None` while that is not known.
    is_on: Option<bool>,
    /// The call that goes with the last page wanted, and the last that was said.
    saying: Option<u64>,
    said: Option<u64>,
}

impl Bx5k {
    /// The codec of this card.
    pub fn new(setup: Setup) -> Self {
        Self {
            setup,
            reader: Unwrapper::default(),
            has_page: false,
            shall_be_on: true,
            is_on: None,
            saying: None,
            said: None,
        }
    }

    fn request(&self, command: [u8; 2], reserved: [u8; 2], data: &[u8], effect: Effect) -> Request {
        let length = u16::try_from(5 + data.len()).unwrap_or(u16::MAX);
        let mut body = Vec::with_capacity(field::HEADER_BYTES + 5 + data.len());
        body.extend(self.setup.address.unwrap_or(EVERYONE).to_le_bytes());
        body.extend(HOST.to_le_bytes());
        let (reserved_3, no_bar_code, crc_16) = ([0; 3], 0, 0);
        body.extend(reserved_3);
        body.extend([no_bar_code, crc_16, u8::from(self.setup.over_programs)]);
        body.extend([ANY_DEVICE, PROTOCOL_VERSION]);
        body.extend(length.to_le_bytes());
        body.extend(command);
        body.push(WITH_REPLY);
        body.extend(reserved);
        body.extend(data);
        Request {
            bytes: wrap(&body),
            awaits: Awaits::Answer { bytes_max: wire_bytes_max(REPLY_BODY_BYTES_MAX) },
            effect,
            key: u16::from_be_bytes(command),
        }
    }

    /// Whether the card is there (8.7).
    pub fn ping(&self) -> Request {
        self.request(command::PING, [0; 2], &[], Effect::Nothing)
    }

    /// How the card is (8.4).
    pub fn status(&self) -> Request {
        self.request(command::STATUS, [0; 2], &[], Effect::Nothing)
    }

    /// Set the card's clock (8.10).
    pub fn set_time(&self, moment: Moment) -> Request {
        let (year, month, day) = moment.date().year_month_day();
        let [century, year] = [year / 100, year].map(|part| u8::try_from(part.rem_euclid(100)).unwrap_or(0));
        // 1 is Monday, 7 is Sunday.
        let weekday = u8::try_from(moment.date().weekday().index() + 1).unwrap_or(1);
        let fields = [year, century, month, day, moment.hour(), moment.minute(), moment.second(), weekday];
        let data = fields.map(bcd);
        self.request(command::SET_TIME, [8, 0], &data, Effect::Nothing)
    }

    /// One level for the whole day, 0 to 15 (8.17).
    pub fn brightness_of_day(&self, level: u8) -> Request {
        self.request(command::BRIGHTNESS, [0; 2], &[1, level.min(BRIGHTNESS_MAX)], Effect::Nothing)
    }

    /// One level for each half hour from midnight (8.17).
    pub fn brightness_by_time(&self, levels: &[u8; HALF_HOURS]) -> Request {
        let levels = levels.map(|level| level.min(BRIGHTNESS_MAX));
        let data = [[2, 0].as_slice(), &levels].concat();
        self.request(command::BRIGHTNESS, [0; 2], &data, Effect::Nothing)
    }

    /// Switch the screen on or off (8.13).
    pub fn power(&self, on: bool) -> Request {
        self.request(command::POWER, [0; 2], &[if on { 1 } else { 2 }], Effect::Nothing)
    }

    /// Write these areas, and no others (8.2).
    ///
    /// # Errors
    /// When an area or all of them together are longer than the card's buffer.
    pub fn dynamic_areas(&self, areas: &[Area]) -> Result<Request, CannotShow> {
        let (keep_area, reserved, delete_none, delete_all) = (0, 0, 0, 0xFF);
        let mut data = vec![if areas.is_empty() { delete_all } else { delete_none }];
        data.push(u8::try_from(areas.len()).unwrap_or(u8::MAX));
        let bytes_max = self.setup.generation.buffer_bytes();
        for area in areas {
            let area = area.emit();
            data.extend(u16::try_from(area.len()).unwrap_or(u16::MAX).to_le_bytes());
            data.extend(area);
        }
        if data.len() + 5 > bytes_max {
            return Err(CannotShow::TooLong { bytes: data.len() + 5, bytes_max });
        }
        Ok(self.request(command::DYNAMIC_AREAS, [keep_area, reserved], &data, Effect::Shows))
    }

    /// The text as one area over the whole screen.
    fn area(&self, lines: &[TextLine], scrolls: bool, voice: Option<Voice>) -> Area {
        Area {
            number: 0,
            x_px: 0,
            y_px: 0,
            width_px: self.setup.width_px,
            height_px: self.setup.height_px,
            expires_s: 0,
            voice,
            centred: true,
            motion: if scrolls { Motion::Left } else { Motion::Still },
            speed: 2,
            stay_half_s: if scrolls { 0 } else { 10 },
            text: markup(lines, self.setup.font_px, self.setup.colours),
        }
    }

    fn answer(&mut self, body: &[u8], asked: Option<&Request>) -> Heard {
        let number = |at: Range<usize>| Some(u16::from_le_bytes(body.get(at)?.try_into().ok()?));
        let (Some(destination), Some(source), Some(asked)) =
            (number(field::DESTINATION), number(field::SOURCE), asked)
        else {
            return Heard::Stray;
        };
        // Cards answer to the host's address; what goes to a card is one's own echo.
        if destination != HOST {
            return Heard::Echo;
        }
        if self.setup.address.is_some_and(|own| source != own && source != EVERYONE) {
            return Heard::Stray;
        }
        let (Some(group), Some(command), Some(number)) =
            (body.get(field::GROUP), body.get(field::COMMAND), body.get(field::ERROR))
        else {
            return Heard::Broken;
        };
        let asked = asked.key.to_be_bytes();
        let answer = match [*group, *command] {
            command::ACK if asked == command::PING => Answer::Identified { mismatch: None },
            command::ACK if asked != command::STATUS => {
                self.done(asked);
                Answer::Done
            }
            command::NACK => refused(*number),
            command::STATUS if asked == command::STATUS && *number != 0 => refused(*number),
            command::STATUS if asked == command::STATUS => {
                let switched_off = body.get(field::ERROR + 3) == Some(&2);
                self.is_on = Some(!switched_off);
                let shall_be_off = self.setup.switched && !self.shall_be_on;
                Answer::Status {
                    picture: None,
                    own_page: switched_off != shall_be_off,
                    restarted: self.has_page && !has_area(body),
                }
            }
            _ => return Heard::Stray,
        };
        Heard::Answer(answer)
    }
}

impl Bx5k {
    /// What was asked has been done.
    fn done(&mut self, asked: [u8; 2]) {
        match asked {
            command::POWER => self.is_on = Some(self.shall_be_on),
            command::DYNAMIC_AREAS => self.said = self.saying.or(self.said),
            _ => {}
        }
    }

    /// What is to be said of this page and has not been.
    fn voice(&self, wanted: &Showing) -> Option<Voice> {
        let (speaker, say) = (self.setup.speaker?, wanted.say.as_ref()?);
        (self.said != Some(say.occasion)).then(|| speaker.says(&say.text))
    }

    /// The request for a page of these lines; one that is too long moves through, if it may.
    fn written(&self, lines: &[TextLine], moves: bool, voice: Option<Voice>) -> Result<Request, CannotShow> {
        let room = usize::from(self.setup.width_px / (u16::from(self.setup.font_px.max(8)) / 2));
        let scrolls = moves && lines.iter().any(|line| columns(&line.text) > room);
        let areas = if lines.is_empty() { vec![] } else { vec![self.area(lines, scrolls, voice)] };
        self.dynamic_areas(&areas)
    }
}

fn refused(number: u8) -> Answer {
    let (why, cure): (Sentence, Cure) = error(number);
    Answer::Refused { why, cure }
}

/// Whether a status says that a dynamic area is shown: they are lost with the power.
fn has_area(body: &[u8]) -> bool {
    // After the error and two reserved bytes: on or off, brightness, time (8), programs, name of the
    // program (4), special area, its pages; then the number of areas (8.4).
    const AREAS: usize = field::ERROR + 3 + 1 + 1 + 8 + 1 + 4 + 1 + 1;
    body.get(AREAS).is_none_or(|areas| *areas > 0)
}

impl Codec for Bx5k {
    fn protocol(&self) -> Protocol {
        Protocol::OnbonBx5k
    }

    fn ability(&self) -> Ability {
        let font_px = u16::from(self.setup.font_px.max(8));
        Ability::Text {
            charset: Charset::Gb2312,
            columns: self.setup.width_px / (font_px / 2),
            rows: self.setup.height_px / font_px,
            scrolls: true,
        }
    }

    fn identify(&mut self) -> Option<Request> {
        Some(self.ping())
    }

    fn set_up(&mut self) -> Vec<Request> {
        // It may be another card, or this one after a loss of power.
        self.is_on = None;
        self.setup.brightness.iter().map(|levels| self.brightness_by_time(levels)).collect()
    }

    fn fitted(&self, words: &Words) -> Fitted {
        let fitted = fit(words, self.ability());
        let moves = fitted.substitute.moves();
        fitted.beginning(|lines| self.written(lines, moves, None).is_ok())
    }

    fn show(&mut self, _: Option<&Showing>, wanted: &Showing, _: u32) -> Result<Vec<Request>, CannotShow> {
        let fitted = self.fitted(&wanted.words);
        let moves = fitted.substitute.moves();
        let voice = self.voice(wanted);
        // Rather silent than not shown.
        let written = self.written(&fitted.lines, moves, voice.clone());
        let request = written.or_else(|_| self.written(&fitted.lines, moves, None))?;
        self.has_page = !fitted.lines.is_empty();
        self.saying = wanted.say.as_ref().filter(|_| voice.is_some()).map(|say| say.occasion);
        self.shall_be_on = wanted.words.kind != PageKind::Dark;
        let switch = self.setup.switched && self.is_on != Some(self.shall_be_on);
        let power = switch.then(|| self.power(self.shall_be_on));
        Ok(power.into_iter().chain([request]).collect())
    }

    fn dims(&self) -> bool {
        true
    }

    fn brightness(&mut self, level: u8) -> Option<Request> {
        self.setup.brightness.is_none().then(|| self.brightness_of_day(step(level)))
    }

    fn speaks(&self) -> bool {
        self.setup.speaker.is_some()
    }

    fn keeps_clock(&self) -> Option<ClockStep> {
        Some(ClockStep::Second)
    }

    fn set_clock(&mut self, moment: Moment) -> Vec<Request> {
        vec![self.set_time(moment)]
    }

    fn poll(&mut self) -> Option<Request> {
        Some(self.status())
    }

    fn read(&mut self, bytes: &[u8], asked: Option<&Request>) -> Vec<Heard> {
        // Long enough for one's own echo.
        let body_bytes_max = field::HEADER_BYTES + self.setup.generation.buffer_bytes();
        let mut heard = Vec::new();
        for byte in bytes {
            match self.reader.push(*byte, body_bytes_max) {
                None => {}
                Some(Ok(body)) => heard.push(self.answer(&body, asked)),
                Some(Err(_)) => heard.push(Heard::Broken),
            }
        }
        heard
    }
}
