//! Serial call pads (叫号器) of the usual cheap class, as an input device: polled on an RS-485 line.
//!
//! A frame is `FF 68 len len 68 address command data sum 16`: the length, twice, counts address,
//! command and data; the sum is theirs, of eight bits. That is the frame of variable length of IEC
//! 60870-5-1 (FT 1.2). Which command asks, which answers and which byte is which key differs from maker to
//! maker and is configuration: [`PadSetup`]. Without I/O, as the bus.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

const WAKE: u8 = 0xFF;
const START: u8 = 0x68;
const END: u8 = 0x16;

/// An answer's command is often the asked one with this bit, as in DL/T 645 (control code, D7).
const ANSWER: u8 = 0x80;

/// Data of one frame; the length's byte counts two more.
const DATA_BYTES_MAX: usize = 253;

/// How long a pad may take to answer, beyond the time on the wire.
const PATIENCE: Duration = Duration::from_millis(30);

/// A silent pad is asked again after this, so that it costs the others little.
const SILENT_PAUSE: Duration = Duration::from_secs(1);

/// So many polls without an answer, and a pad counts as away.
const MISSES_MAX: u32 = 3;

/// Between two rounds: fingers are slower.
const ROUND_EVERY: Duration = Duration::from_millis(50);

/// A frame to or from a pad.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PadFrame {
    /// Which pad.
    pub address: u8,
    /// What is asked or told.
    pub command: u8,
    /// More of it.
    pub data: Vec<u8>,
}

impl PadFrame {
    /// Its bytes; data beyond 253 bytes are left out.
    pub fn bytes(&self) -> Vec<u8> {
        let data = self.data.get(..self.data.len().min(DATA_BYTES_MAX)).unwrap_or_default();
        let body = [&[self.address, self.command], data].concat();
        let length = u8::try_from(body.len()).unwrap_or(u8::MAX);
        let sum = body.iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte));
        let mut wire = vec![WAKE, START, length, length, START];
        wire.extend(body);
        wire.extend([sum, END]);
        wire
    }
}

/// Finds frames in what comes over the line.
#[derive(Debug, Clone, Default)]
pub struct PadReader {
    held: Vec<u8>,
}

impl PadReader {
    /// Take one byte; the last of a frame gives it.
    pub fn push(&mut self, byte: u8) -> Option<PadFrame> {
        self.held.push(byte);
        loop {
            match Self::front(&self.held) {
                Front::Unfinished => return None,
                // What began is no frame: one may begin in the middle of it.
                Front::None => {
                    self.held.remove(0);
                }
                Front::Frame(frame) => {
                    self.held.clear();
                    return Some(frame);
                }
            }
        }
    }

    fn front(held: &[u8]) -> Front {
        let begins = |at: usize, wanted: u8| held.get(at).is_none_or(|byte| *byte == wanted);
        let Some(length) = held.get(1).map(|length| usize::from(*length)) else {
            return if begins(0, START) { Front::Unfinished } else { Front::None };
        };
        let repeated = held.get(2).is_none_or(|again| usize::from(*again) == length);
        if !begins(0, START) || !repeated || !begins(3, START) || length < 2 {
            return Front::None;
        }
        let Some([sum, end]) = held.get(4 + length..6 + length) else { return Front::Unfinished };
        let body = held.get(4..4 + length).unwrap_or_default();
        let right = body.iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte)) == *sum && *end == END;
        match body {
            [address, command, data @ ..] if right => {
                Front::Frame(PadFrame { address: *address, command: *command, data: data.to_vec() })
            }
            _ => Front::None,
        }
    }
}

enum Front {
    Unfinished,
    None,
    Frame(PadFrame),
}

/// A key of a call pad.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PadKey {
    /// The next citizen.
    Next,
    /// The same once more.
    Recall,
    /// Did not come.
    NoShow,
    /// Served.
    Finish,
    /// Away for a while, or back.
    Pause,
    /// To another service.
    Transfer,
}

/// How a maker's pads speak.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PadSetup {
    /// The command that asks a pad what was pressed.
    pub poll: u8,
    /// The command of its answer; `None` where the manual does not say: then it is the one that asked, as it
    /// is or with its top bit set.
    pub reply: Option<u8>,
    /// In its answer the key is this byte of the data, counted from 0.
    pub key_at: usize,
    /// Which byte is which key; others are no key.
    pub keys: Vec<(u8, PadKey)>,
}

impl PadSetup {
    fn is_answer(&self, command: u8) -> bool {
        match self.reply {
            Some(reply) => command == reply,
            None => command == self.poll || command == self.poll | ANSWER,
        }
    }
}

/// What the line's pads did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PadEvent {
    /// A key went down.
    Pressed {
        /// On which pad.
        address: u8,
        /// Which key.
        key: PadKey,
    },
    /// The pad answers no more.
    Away {
        /// Which.
        address: u8,
    },
    /// It answers again, or for the first time.
    Back {
        /// Which.
        address: u8,
    },
    /// It answered with a command that is no answer; told once until it answers as it should.
    Unexpected {
        /// Which.
        address: u8,
        /// With what.
        command: u8,
    },
}

#[derive(Debug)]
struct Pad {
    address: u8,
    due: Instant,
    misses: u32,
    answers: bool,
    /// It has been told that its answers are none.
    is_odd: bool,
    /// The key in its last answer: the same one again is still held down.
    down: Option<PadKey>,
}

/// Polls all pads of a line, one after another.
#[derive(Debug)]
pub struct PadPoller {
    setup: PadSetup,
    baud: u32,
    pads: Vec<Pad>,
    reader: PadReader,
    /// Which pad is asked, and until when.
    asked: Option<(usize, Instant)>,
    turn: usize,
    strays: u64,
    events: VecDeque<PadEvent>,
}

impl PadPoller {
    /// Poll these pads at this speed in bits a second.
    pub fn new(setup: PadSetup, baud: u32, addresses: &[u8], now: Instant) -> Self {
        let pad = |address: &u8| Pad {
            address: *address,
            due: now,
            misses: 0,
            answers: false,
            is_odd: false,
            down: None,
        };
        Self {
            setup,
            baud: baud.max(1),
            pads: addresses.iter().map(pad).collect(),
            reader: PadReader::default(),
            asked: None,
            turn: 0,
            strays: 0,
            events: VecDeque::new(),
        }
    }

    /// The port was opened or closed: nobody is asked any more, and all are asked anew.
    pub fn start_over(&mut self, now: Instant) {
        self.asked = None;
        self.reader = PadReader::default();
        for pad in &mut self.pads {
            // A key that was held down and still is has been pressed once.
            pad.due = now;
        }
    }

    /// Whether a pad is asked and may still answer.
    pub fn is_waiting(&self) -> bool {
        self.asked.is_some()
    }

    /// Bytes to send now, if any.
    pub fn poll_transmit(&mut self, now: Instant) -> Option<Vec<u8>> {
        if self.asked.is_some() {
            return None;
        }
        let count = self.pads.len();
        let round = (0..count).map(|step| (self.turn + step) % count);
        let at = round.into_iter().find(|at| self.pads.get(*at).is_some_and(|pad| pad.due <= now))?;
        let pad = self.pads.get(at)?;
        let frame = PadFrame { address: pad.address, command: self.setup.poll, data: vec![] };
        let bytes = frame.bytes();
        self.turn = at + 1;
        // Ten bits a byte; the answer has a few bytes of data.
        let wire_us = u64::try_from((bytes.len() + 16) * 10).unwrap_or(0) * 1_000_000 / u64::from(self.baud);
        self.asked = Some((at, now + Duration::from_micros(wire_us) + PATIENCE));
        Some(bytes)
    }

    /// When [`PadPoller::handle_timeout`] is due, and then [`PadPoller::poll_transmit`].
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.asked.map(|(_, until)| until).or_else(|| self.pads.iter().map(|pad| pad.due).min())
    }

    /// Time has passed.
    pub fn handle_timeout(&mut self, now: Instant) {
        let Some((at, _)) = self.asked.take_if(|(_, until)| *until <= now) else { return };
        self.reader = PadReader::default();
        let Some(pad) = self.pads.get_mut(at) else { return };
        pad.misses += 1;
        // A key that was held down before and still is afterwards has been pressed once.
        pad.due = now + SILENT_PAUSE;
        if pad.misses >= MISSES_MAX && std::mem::take(&mut pad.answers) {
            self.tell(PadEvent::Away { address: self.pads.get(at).map_or(0, |pad| pad.address) });
        }
    }

    /// Bytes have come in, in any portions.
    pub fn handle_input(&mut self, bytes: &[u8], now: Instant) {
        for byte in bytes {
            if let Some(frame) = self.reader.push(*byte) {
                self.heard(&frame, now);
            }
        }
    }

    fn heard(&mut self, frame: &PadFrame, now: Instant) {
        // One's own poll, given back by the adapter, has no data.
        if frame.command == self.setup.poll && frame.data.is_empty() {
            return;
        }
        let asked = self.asked.and_then(|(at, _)| self.pads.get_mut(at));
        let Some(pad) = asked.filter(|pad| pad.address == frame.address) else {
            self.strays += 1;
            return;
        };
        let key = frame.data.get(self.setup.key_at).filter(|_| self.setup.is_answer(frame.command));
        let Some(byte) = key else {
            self.strays += 1;
            if !std::mem::replace(&mut pad.is_odd, true) {
                self.tell(PadEvent::Unexpected { address: frame.address, command: frame.command });
            }
            return;
        };
        self.asked = None;
        pad.is_odd = false;
        pad.misses = 0;
        pad.due = now + ROUND_EVERY;
        let key = self.setup.keys.iter().find(|(known, _)| known == byte).map(|(_, key)| *key);
        let pressed = key.filter(|_| key != pad.down);
        pad.down = key;
        let (address, is_new) = (pad.address, !std::mem::replace(&mut pad.answers, true));
        if is_new {
            self.tell(PadEvent::Back { address });
        }
        if let Some(key) = pressed {
            self.tell(PadEvent::Pressed { address, key });
        }
    }

    fn tell(&mut self, event: PadEvent) {
        // A few for each pad while nobody asks; then the oldest go.
        if self.events.len() >= 8 * self.pads.len() {
            self.events.pop_front();
        }
        self.events.push_back(event);
    }

    /// Whole frames that answer nothing, since the start: of a pad that was not asked, or of another command.
    pub fn strays(&self) -> u64 {
        self.strays
    }

    /// What has happened, in order.
    pub fn poll_event(&mut self) -> Option<PadEvent> {
        self.events.pop_front()
    }
}
