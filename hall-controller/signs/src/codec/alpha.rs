//! Adaptive's Alpha and `BetaBrite` signs (EZ KEY II protocol): text files, strings and pictures.
//!
//! Sources, for the bytes: `msparks/alphasign` (`packet.py`, `text.py`, `string.py`, `time.py`,
//! `date.py`, `interfaces/base.py`) and `andrew867/python-alphasign` (`packet.py` for the checksum,
//! `command/write_small_dots.py`, `command/write_special_functions.py`, `examples/special_functions.py`,
//! `string_processor.py`). Those are programs for these signs, not the maker's manual.
//!
//! A call is the *priority* text file, which a sign shows instead of all others and which is not
//! part of its memory plan; everything else is a *string*, which may be written without end, called
//! by one text file. Signs answer to questions only, so a written page is not acknowledged.

use crate::codec::{
    Answer, Awaits, CannotShow, ClockStep, Codec, Cure, Effect, Heard, Moment, Protocol, Request, Sentence,
};
use crate::frame::{Frame, Light};
use crate::substitute::{Ability, Charset, Fitted, fit};
use crate::words::{PageKind, Showing, TextLine, Words};

const SYNC: [u8; 5] = [0; 5];
const SOH: u8 = 0x01;
const STX: u8 = 0x02;
const ETX: u8 = 0x03;
const EOT: u8 = 0x04;
const ESC: u8 = 0x1B;
const CALL_STRING: u8 = 0x10;
const COLOUR: u8 = 0x1C;
/// Before and after characters that flash (`text.py` and `charsets.py` of the two programs).
const FLASHING: [u8; 2] = [0x07, b'1'];
const STEADY: [u8; 2] = [0x07, b'0'];
const FLASHING_BYTES: usize = FLASHING.len() + STEADY.len();
const LINE_END: u8 = 0x0D;

mod command {
    pub(super) const WRITE_TEXT: u8 = b'A';
    pub(super) const WRITE_SPECIAL: u8 = b'E';
    pub(super) const READ_SPECIAL: u8 = b'F';
    pub(super) const WRITE_STRING: u8 = b'G';
    pub(super) const WRITE_SMALL_DOTS: u8 = b'I';
}

mod special {
    pub(super) const TIME: u8 = 0x20;
    pub(super) const MEMORY: u8 = b'$';
    pub(super) const WEEKDAY: u8 = b'&';
    pub(super) const TIME_FORMAT: u8 = b'\'';
    pub(super) const ERROR_STATUS: u8 = b'*';
    pub(super) const DIMMING: u8 = b'/';
    pub(super) const DATE: u8 = b';';
}

/// The priority text file.
const PRIORITY: u8 = b'0';
/// The text file that calls the string, and the string.
const TEXT_FILE: u8 = b'A';
const STRING_FILE: u8 = b'1';
const TEXT_BYTES: usize = 0x40;
/// What a string or the priority file holds at most, in bytes: of a longer text the beginning is shown, and
/// technicians are told so.
const STRING_BYTES: usize = 125;

const POSITION_MIDDLE: u8 = 0x20;
const MODE_HOLD: u8 = b'b';
const MODE_ROTATE: u8 = b'a';

/// A sign needs so long to take a command before the next comes.
const REST_MS: u32 = 100;

/// A status answer, padding included.
const ANSWER_BYTES: usize = 64;

/// The steps of the dimming register, in percent, the brightest first.
const DIMMING_PERCENT: [u8; 5] = [100, 86, 72, 58, 44];

/// What the error register's bits mean, to be checked against a sign: no public document was found that
/// lists them.
const ERRORS: [(u8, Sentence); 6] = [
    (0x20, Sentence { zh: "屏收到了不认识的命令", en: "the sign met a command it does not know" }),
    (0x10, Sentence { zh: "屏收到的数据校验错误", en: "the sign met a wrong checksum" }),
    (0x08, Sentence { zh: "屏的接收缓冲区溢出", en: "the sign's buffer overflowed" }),
    (0x04, Sentence { zh: "屏接收超时", en: "the sign waited too long within a packet" }),
    (
        0x02,
        Sentence {
            zh: "屏收到帧错误，请检查波特率", en: "the sign met framing errors: check the speed"
        },
    ),
    (
        0x01,
        Sentence {
            zh: "屏收到奇偶校验错误", en: "the sign met parity errors: check the port's settings"
        },
    ),
];

/// A sign as it is installed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setup {
    /// Which signs listen: `Z` for all types.
    pub kind: u8,
    /// The sign's address; 0 reaches every sign.
    pub address: u8,
    /// How many characters a line of it shows.
    pub columns: u16,
    /// How many lines.
    pub rows: u16,
    /// It answers questions: a single sign on RS-232 does, many on RS-485 only if addressed.
    pub answers: bool,
    /// It has a dimming register, which by its maker's manual (form 9708-8061) only outdoor signs have.
    pub dims: bool,
}

impl Setup {
    /// A sign of one line.
    pub fn new(address: u8, columns: u16) -> Self {
        Self { kind: b'Z', address, columns, rows: 1, answers: address != 0, dims: false }
    }
}

/// One sign.
#[derive(Debug)]
pub struct Alpha {
    setup: Setup,
    heard: Vec<u8>,
}

impl Alpha {
    /// The codec of this sign.
    pub fn new(setup: Setup) -> Self {
        Self { setup, heard: Vec::new() }
    }

    fn request(&self, content: &[u8], effect: Effect) -> Request {
        let mut bytes = SYNC.to_vec();
        bytes.extend([SOH, self.setup.kind]);
        bytes.extend(format!("{:02X}", self.setup.address).into_bytes());
        let block = [&[STX], content, &[ETX]].concat();
        // Every byte from STX to ETX, both of them included.
        let sum = block.iter().fold(0_u16, |sum, byte| sum.wrapping_add(u16::from(*byte)));
        bytes.extend(block);
        bytes.extend(format!("{sum:04X}").into_bytes());
        bytes.push(EOT);
        let key = content.iter().take(2).fold(0, |key, byte| key << 8 | u16::from(*byte));
        Request { bytes, awaits: Awaits::Silence { rest_ms: REST_MS }, effect, key }
    }

    fn special(&self, function: u8, data: &str) -> Request {
        let content = [&[command::WRITE_SPECIAL, function], data.as_bytes()].concat();
        self.request(&content, Effect::Nothing)
    }

    /// Divide the memory: one text, one string, and pictures by label with width and height.
    ///
    /// All files are lost by it.
    pub fn configure_memory(&self, pictures: &[(u8, u8, u8)]) -> Request {
        let mut files = vec![
            format!("{}AU{TEXT_BYTES:04X}FFFF", char::from(TEXT_FILE)),
            format!("{}BL{STRING_BYTES:04X}0000", char::from(STRING_FILE)),
        ];
        files.extend(pictures.iter().map(|(label, width, height)| {
            let three_colours = "2000";
            format!("{}CL{height:02X}{width:02X}{three_colours}", char::from(*label))
        }));
        self.special(special::MEMORY, &files.concat())
    }

    /// Write a text file; an empty priority file is no more.
    pub fn text(&self, label: u8, moving: bool, text: &[u8], effect: Effect) -> Request {
        let mut content = vec![command::WRITE_TEXT, label];
        if !text.is_empty() {
            content.extend([ESC, POSITION_MIDDLE, if moving { MODE_ROTATE } else { MODE_HOLD }]);
            content.extend(text);
        }
        self.request(&content, effect)
    }

    /// Show this before all else.
    pub fn priority_text(&self, text: &[u8], moving: bool) -> Request {
        self.text(PRIORITY, moving, text, Effect::Shows)
    }

    /// Write a string, which files that call it show at once.
    pub fn string(&self, label: u8, text: &[u8], effect: Effect) -> Request {
        let content = [&[command::WRITE_STRING, label], text].concat();
        self.request(&content, effect)
    }

    /// Write a picture file in two parts: the sign needs a tenth of a second after the size.
    ///
    /// Colours are red, green and amber; what is wider or higher than 255 pixels is left out.
    pub fn small_dots(&self, label: u8, picture: &Frame) -> [Request; 2] {
        let side = |px: u16| u8::try_from(px).unwrap_or(u8::MAX);
        let (width, height) = (side(picture.panel().width_px()), side(picture.panel().height_px()));
        let mut content = vec![command::WRITE_SMALL_DOTS, label];
        content.extend(format!("{height:02X}{width:02X}").into_bytes());
        let size_bytes = content.len();
        for y in 0..u16::from(height) {
            content.extend((0..u16::from(width)).map(|x| dot(picture.light(x, y))));
            content.push(LINE_END);
        }
        let whole = self.request(&content, Effect::Nothing);
        let head = SYNC.len() + 5 + size_bytes;
        let (first, second) = whole.bytes.split_at(head.min(whole.bytes.len()));
        [Request { bytes: first.to_vec(), ..whole.clone() }, Request { bytes: second.to_vec(), ..whole }]
    }

    /// Set clock, date, day of the week and the 24-hour format.
    pub fn set_time(&self, moment: Moment) -> Vec<Request> {
        let (year, month, day) = moment.date().year_month_day();
        // 1 is Sunday.
        let weekday = (moment.date().weekday().index() + 1) % 7 + 1;
        vec![
            self.special(special::TIME, &format!("{:02}{:02}", moment.hour(), moment.minute())),
            self.special(special::DATE, &format!("{month:02}{day:02}{:02}", year.rem_euclid(100))),
            self.special(special::WEEKDAY, &weekday.to_string()),
            self.special(special::TIME_FORMAT, "M"),
        ]
    }

    /// Set the dimming register to the step next to a level, 0 dark to 255. The first two digits are those
    /// of the programs' example; what others do is not told.
    pub fn dim(&self, level: u8) -> Request {
        let percent = (u16::from(level) * 100 + 127) / 255;
        let distance = |step: u8| percent.abs_diff(u16::from(step));
        let steps = (0_u8..).zip(DIMMING_PERCENT);
        let (step, _) = steps.min_by_key(|(_, step)| distance(*step)).unwrap_or_default();
        self.special(special::DIMMING, &format!("00{step:02}"))
    }

    /// What the sign has noticed since it was last asked.
    pub fn error_status(&self) -> Request {
        let asked = self.request(&[command::READ_SPECIAL, special::ERROR_STATUS], Effect::Nothing);
        Request { awaits: Awaits::Answer { bytes_max: ANSWER_BYTES }, ..asked }
    }
}

/// What a sign's packet says to what was asked.
fn answer(packet: &[u8], asked: Option<&Request>) -> Heard {
    let at = packet.iter().position(|byte| *byte == STX);
    let Some([command::WRITE_SPECIAL, special::ERROR_STATUS, status, ..]) =
        at.and_then(|at| packet.get(at + 1..))
    else {
        // Requests of one's own have a question or a write in them.
        return if at.is_some() { Heard::Echo } else { Heard::Broken };
    };
    let questions = [command::READ_SPECIAL, special::ERROR_STATUS];
    if asked.is_none_or(|asked| asked.key != u16::from_be_bytes(questions)) {
        return Heard::Stray;
    }
    let noticed = ERRORS.iter().find(|(bit, _)| status & bit != 0);
    Heard::Answer(match noticed {
        Some((_, why)) => Answer::Refused { why: *why, cure: Cure::StartOver },
        None => Answer::Status { picture: None, own_page: false, restarted: false },
    })
}

/// Whether a page goes before all others, as the priority text.
fn comes_first(kind: PageKind) -> bool {
    matches!(kind, PageKind::Called | PageKind::Zone | PageKind::Arrow | PageKind::Emergency)
}

fn dot(light: Light) -> u8 {
    match (light.red || light.blue, light.green || light.blue) {
        (false, false) => b'0',
        (true, false) => b'1',
        (false, true) => b'2',
        (true, true) => b'3',
    }
}

/// Lines in colour, as a sign's file has them; in each the first `flashing` flashes.
pub fn markup(lines: &[TextLine], flashing: Option<&str>) -> Vec<u8> {
    let mut text = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        if at > 0 {
            text.push(LINE_END);
        }
        text.extend([COLOUR, dot(line.light).max(b'1')]);
        let bytes = |part: &str| -> Vec<u8> {
            part.bytes().map(|byte| if matches!(byte, b' '..=b'~') { byte } else { b'?' }).collect()
        };
        match flashing.and_then(|word| Some((word, line.text.split_once(word)?))) {
            Some((word, (before, after))) => {
                text.extend([&bytes(before)[..], &FLASHING, &bytes(word), &STEADY, &bytes(after)].concat());
            }
            None => text.extend(bytes(&line.text)),
        }
    }
    text
}

impl Codec for Alpha {
    fn protocol(&self) -> Protocol {
        Protocol::Alpha
    }

    fn ability(&self) -> Ability {
        let (columns, rows) = (self.setup.columns, self.setup.rows);
        Ability::Text { charset: Charset::Ascii, columns, rows, scrolls: true }
    }

    fn fitted(&self, words: &Words) -> Fitted {
        fit(words, self.ability())
            .beginning(|lines| markup(lines, None).len() <= STRING_BYTES - FLASHING_BYTES)
    }

    fn identify(&mut self) -> Option<Request> {
        self.setup.answers.then(|| self.error_status())
    }

    fn set_up(&mut self) -> Vec<Request> {
        let calls_string = [CALL_STRING, STRING_FILE];
        vec![self.configure_memory(&[]), self.text(TEXT_FILE, false, &calls_string, Effect::Nothing)]
    }

    fn show(&mut self, _: Option<&Showing>, wanted: &Showing, _: u32) -> Result<Vec<Request>, CannotShow> {
        let fitted = self.fitted(&wanted.words);
        let moving = fitted.substitute.moves();
        let flashing = wanted.blink.and(wanted.words.number.as_deref());
        let text = markup(&fitted.lines, flashing);
        let is_call = comes_first(wanted.words.kind) && !text.is_empty();
        if is_call {
            return Ok(vec![self.priority_text(&text, moving)]);
        }
        // The string is ready before the call is taken away.
        Ok(vec![self.string(STRING_FILE, &text, Effect::Nothing), self.priority_text(&[], false)])
    }

    fn blinks(&self) -> bool {
        true
    }

    fn dims(&self) -> bool {
        self.setup.dims
    }

    fn brightness(&mut self, level: u8) -> Option<Request> {
        self.setup.dims.then(|| self.dim(level))
    }

    fn keeps_clock(&self) -> Option<ClockStep> {
        Some(ClockStep::Minute)
    }

    fn set_clock(&mut self, moment: Moment) -> Vec<Request> {
        self.set_time(moment)
    }

    fn poll(&mut self) -> Option<Request> {
        self.setup.answers.then(|| self.error_status())
    }

    fn read(&mut self, bytes: &[u8], asked: Option<&Request>) -> Vec<Heard> {
        let mut heard = Vec::new();
        for byte in bytes {
            match *byte {
                SOH => self.heard = vec![SOH],
                EOT if !self.heard.is_empty() => {
                    let packet = std::mem::take(&mut self.heard);
                    heard.push(answer(&packet, asked));
                }
                // Longer than any file: no packet of these signs.
                _ if self.heard.len() > 4_096 => self.heard.clear(),
                _ if self.heard.is_empty() => {}
                other => self.heard.push(other),
            }
        }
        heard
    }
}
