//! One half-duplex serial line with many signs, without I/O: the caller moves bytes and time.
//!
//! ```
//! # use std::{sync::Arc, time::Instant};
//! # use hall_protocol::sign::{Depth, SignAddress};
//! # use hall_signs::bus::{Bus, BusEvent, SignSetup, Urgency};
//! # use hall_signs::emulator::{VirtualLine, VirtualSign};
//! # use hall_signs::{Frame, Panel};
//! let (address, now) = (SignAddress::FIRST, Instant::now());
//! let panel = Panel::new(64, 16, Depth::Mono).unwrap();
//! let mut line = VirtualLine::new(vec![VirtualSign::new(address, panel)]);
//! let mut bus = Bus::new(115_200, vec![SignSetup { address, panel }], now);
//! bus.show(address, Arc::new(Frame::dark(panel)), 1, Urgency::Call, now);
//! bus.link_up(now);
//! while let Some(request) = bus.poll_transmit(now) {
//!     bus.handle_input(&line.receive(&request, now), now);
//! }
//! assert_eq!(bus.poll_event(), Some(BusEvent::Shown { address, tag: 1 }));
//! ```
//!
//! The bus keeps the latest picture wanted for each sign and what the sign holds, and asks one
//! thing at a time until they agree. `sign` decides what to ask a sign and what its answers mean;
//! this file whose turn it is, how long to wait, and which bytes on the line are an answer.
//! Memory is a few pictures a sign, whatever the line does. Every step is at most a look at each
//! sign of the line, of which there are at most 247.

mod ask;
mod clock;
mod sign;
mod told;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hall_protocol::sign::SignAddress;

use self::ask::{Ask, Class};
use self::clock::HallClock;
use self::sign::Sign;
pub use self::told::{BusEvent, Health, Noise, SignStatus};
use crate::codec::model::Model;
use crate::codec::{Answer, Awaits, Codec, Heard, Moment, Request};
use crate::frame::{Frame, Panel};
use crate::words::{Showing, Words};

/// Start bit, eight data bits, stop bit.
const BITS_PER_BYTE: u32 = 10;

/// Given to a sign to answer, beyond the time its bytes take on the wire: adapters collect bytes
/// for up to 16 ms, and a microcontroller checks a picture for some milliseconds.
const TURNAROUND: Duration = Duration::from_millis(50);

/// A request is sent again so many times.
const REPEATS_MAX: u8 = 3;

/// A sign may have so many requests one after the other while it is being painted; then it is
/// another's turn. A usual change is shorter.
const STREAK_MAX: u8 = 4;

/// What has waited for this long is as urgent as a call: nothing on the line starves.
const WAITED_MAX: Duration = Duration::from_secs(5);

/// Events kept for each sign while nobody asks for them; then the oldest go.
const EVENTS_PER_SIGN: usize = 8;

/// A sign of the line, as the hall's configuration describes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignSetup {
    /// Its address on the line.
    pub address: SignAddress,
    /// What it is said to be; a sign that says otherwise is not painted.
    pub panel: Panel,
}

/// How soon a picture is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Urgency {
    /// Citizens wait for it.
    Call,
    /// When nobody is being called.
    Idle,
}

/// The request that waits for its reply.
#[derive(Debug)]
struct InFlight {
    sign: usize,
    ask: Ask,
    request: Request,
    /// How often it may still be sent after this time.
    repeats_left: u8,
    /// It has been handed out and not yet given up.
    sent: bool,
    /// How long the reply may take.
    patience: Duration,
    deadline: Instant,
}

/// The scheduler of one line.
#[derive(Debug)]
pub struct Bus {
    baud: u32,
    bits_per_byte: u32,
    turnaround: Duration,
    signs: Vec<Sign>,
    /// The hall's, as far as it is known.
    clock: Option<HallClock>,
    up: bool,
    in_flight: Option<InFlight>,
    /// Whose codec reads what comes while nobody is asked: the last one's.
    listening: usize,
    /// The line rests until then.
    rests_until: Instant,
    noise: Noise,
    events: VecDeque<BusEvent>,
    /// Where the search for the next sign begins.
    turn: usize,
    /// How many requests in a row the sign at `turn` has had.
    streak: u8,
}

impl Bus {
    /// A line with these native signs at this speed in bits a second; the link is down.
    ///
    /// Of two signs with the same address only the first is ever addressed.
    pub fn new(baud: u32, signs: Vec<SignSetup>, now: Instant) -> Self {
        let codec =
            |setup: SignSetup| -> (SignSetup, Box<dyn Codec>) { (setup, Model::Native.codec(setup, baud)) };
        Self::with_codecs(baud, signs.into_iter().map(codec).collect(), now)
    }

    /// The same on a line with so many bits a byte, start and stop bits included, whose answers take
    /// `longer` than those of a port of this machine: a network lies between.
    #[must_use]
    pub fn on_line(mut self, bits_per_byte: u32, longer: Duration) -> Self {
        self.bits_per_byte = bits_per_byte.max(1);
        self.turnaround = TURNAROUND + longer;
        self
    }

    /// The line's speed is another, in bits a second: for a line whose speed had to be found.
    pub fn set_baud(&mut self, baud: u32) {
        self.baud = baud.max(1);
    }

    /// The same with signs of any protocol. Signs of several on one line hear each other's bytes,
    /// which not every maker's take for noise; the address is the bus's name of a sign.
    pub fn with_codecs(baud: u32, signs: Vec<(SignSetup, Box<dyn Codec>)>, now: Instant) -> Self {
        let sign = |(setup, codec): (SignSetup, _)| Sign::new(setup.address, setup.panel, codec, now);
        Self {
            baud: baud.max(1),
            bits_per_byte: BITS_PER_BYTE,
            turnaround: TURNAROUND,
            signs: signs.into_iter().map(sign).collect(),
            clock: None,
            up: false,
            in_flight: None,
            listening: 0,
            rests_until: now,
            noise: Noise::default(),
            events: VecDeque::new(),
            turn: 0,
            streak: 0,
        }
    }

    /// The port is open: every sign is asked who it is and painted anew.
    pub fn link_up(&mut self, now: Instant) {
        self.up = true;
        self.in_flight = None;
        for sign in &mut self.signs {
            sign.start_over(now);
        }
    }

    /// The port is closed: nothing is sent or awaited until [`Bus::link_up`].
    pub fn link_down(&mut self, now: Instant) {
        self.link_up(now);
        self.up = false;
    }

    /// From now on the sign shall show this picture; an older one that is not shown yet never is.
    ///
    /// `tag` comes back in [`BusEvent::Shown`]; later calls have larger tags. A sign that is not on
    /// the line, or a picture of another panel than the sign's, is left alone.
    pub fn show(
        &mut self,
        address: SignAddress,
        frame: Arc<Frame>,
        tag: u64,
        urgency: Urgency,
        now: Instant,
    ) {
        let page = Showing { frame, words: Words::dark(), blink: None, say: None };
        self.show_page(address, Arc::new(page), tag, urgency, now);
    }

    /// [`Bus::show`] for a sign that may have to show the page's words instead of its pixels.
    pub fn show_page(
        &mut self,
        address: SignAddress,
        page: Arc<Showing>,
        tag: u64,
        urgency: Urgency,
        now: Instant,
    ) {
        let Some(at) = self.position(address) else { return };
        let swapping =
            self.in_flight.as_ref().is_some_and(|flight| flight.sign == at && flight.ask.is_swap());
        if let Some(sign) = self.signs.get_mut(at) {
            sign.show(page, tag, urgency, swapping && self.up, now);
        }
        self.collect_events();
    }

    /// From now on the sign shall be so bright, 0 dark to 255. One whose protocol has no such request is
    /// left alone, as is one that is not on the line.
    pub fn brightness(&mut self, address: SignAddress, level: u8) {
        let at = self.position(address);
        if let Some(sign) = at.and_then(|at| self.signs.get_mut(at)) {
            sign.set_brightness(level);
        }
    }

    /// Whether a sign of the line keeps a clock that the hall sets.
    pub fn keeps_clocks(&self) -> bool {
        self.signs.iter().any(Sign::keeps_clock)
    }

    /// What the clock on the hall's wall shows. Signs with clocks of their own are set by it: once they are
    /// found, a day after, and when it shows something else than it would if nobody had set it, for which it
    /// must be told again and again.
    pub fn tell_time(&mut self, moment: Moment, now: Instant) {
        let jumped = self.clock.is_some_and(|clock| clock.has_jumped_to(moment, now));
        let clock = HallClock::new(moment, now);
        self.clock = Some(clock);
        for sign in &mut self.signs {
            sign.tell_time(clock, jumped, now);
        }
    }

    /// What is known of a sign; `None` if it is not on the line.
    pub fn status(&self, address: SignAddress) -> Option<&SignStatus> {
        self.signs.get(self.position(address)?).map(Sign::status)
    }

    /// What was heard that answers nothing.
    pub fn noise(&self) -> Noise {
        self.noise
    }

    /// What has happened, in order; call until it gives nothing.
    pub fn poll_event(&mut self) -> Option<BusEvent> {
        self.events.pop_front()
    }

    /// Whether a request waits for its answer, or to be sent again.
    pub fn is_waiting(&self) -> bool {
        self.in_flight.is_some()
    }

    /// Nobody may send before, since the last answer's sender has to let the line go.
    pub fn rests_until(&self) -> Instant {
        self.rests_until
    }

    /// Bytes to send now, if any. They are to be sent at once: the reply's time runs from `now`.
    pub fn poll_transmit(&mut self, now: Instant) -> Option<Vec<u8>> {
        if !self.up || now < self.rests_until {
            return None;
        }
        if self.in_flight.is_none() {
            self.in_flight = self.next_request(now);
            self.collect_events();
        }
        let flight = self.in_flight.as_mut().filter(|flight| !flight.sent)?;
        flight.sent = true;
        flight.deadline = now + flight.patience;
        Some(flight.request.bytes.clone())
    }

    /// When [`Bus::handle_timeout`] is to be called, and then [`Bus::poll_transmit`]; `None` while
    /// only input or a new picture can change anything. May lie in the past: then at once.
    pub fn poll_timeout(&self) -> Option<Instant> {
        if !self.up {
            return None;
        }
        if let Some(flight) = &self.in_flight {
            return Some(flight.deadline);
        }
        let due = self.signs.iter().filter_map(|sign| Some(sign.due()?.at)).min();
        due.map(|at| at.max(self.rests_until))
    }

    /// Time has passed: a request that has waited too long is sent again, or given up.
    pub fn handle_timeout(&mut self, now: Instant) {
        if !self.up {
            return;
        }
        let Some(flight) = self.in_flight.as_mut().filter(|flight| flight.sent && now >= flight.deadline)
        else {
            return;
        };
        if matches!(flight.request.awaits, Awaits::Silence { .. }) {
            self.answer(Answer::Done, now);
            return;
        }
        let Some(sign) = self.signs.get_mut(flight.sign) else { return };
        sign.count_timeout();
        if let Some(left) = flight.repeats_left.checked_sub(1) {
            flight.repeats_left = left;
            flight.sent = false;
            return;
        }
        sign.unanswered(flight.patience, now);
        self.in_flight = None;
        self.collect_events();
    }

    /// Bytes have come in, in any portions. What is no reply to the request under way is counted
    /// and changes nothing: noise, replies that come too late, the echo of what was sent.
    pub fn handle_input(&mut self, bytes: &[u8], now: Instant) {
        if !self.up {
            return;
        }
        let at = self.in_flight.as_ref().map_or(self.listening, |flight| flight.sign);
        let asked = self.in_flight.as_ref().map(|flight| &flight.request);
        let Some(sign) = self.signs.get_mut(at) else { return };
        for heard in sign.read(bytes, asked) {
            match heard {
                Heard::Answer(answer) => self.answer(answer, now),
                Heard::Stray => self.noise.stray_replies += 1,
                Heard::Broken => self.noise.broken_frames += 1,
                // An adapter that hears its own sending gives every request back.
                Heard::Echo => {}
            }
        }
    }

    fn answer(&mut self, answer: Answer, now: Instant) {
        let flight = self.in_flight.take();
        let (Some(flight), Some(sign)) = (flight, self.signs.get_mut(self.listening)) else {
            self.noise.stray_replies += 1;
            return;
        };
        sign.answered(flight.ask, &flight.request, answer, now);
        self.rests_until = now + sign.rest(self.baud);
        self.collect_events();
    }

    /// Whose turn it is, and what to ask.
    fn next_request(&mut self, now: Instant) -> Option<InFlight> {
        let count = self.signs.len();
        let class = |sign: &Sign| {
            let due = sign.due()?;
            let waited = now.checked_duration_since(due.at)?;
            Some(if waited >= WAITED_MAX { Class::Call } else { due.class })
        };
        // The first of the most urgent, from `turn` on: that makes it a round.
        let round = (0..count).map(|step| (self.turn + step) % count);
        let due = round.filter_map(|at| Some((class(self.signs.get(at)?)?, at)));
        let (_, at) = due.min_by_key(|(class, _)| *class)?;

        let sign = self.signs.get_mut(at)?;
        let (ask, request) = sign.request(now)?;
        self.listening = at;
        self.streak = if at == self.turn { self.streak + 1 } else { 1 };
        self.turn = at;
        if ask.ends_turn() || self.streak >= STREAK_MAX {
            self.turn = (at + 1) % count;
            self.streak = 0;
        }
        let patience = match request.awaits {
            Awaits::Answer { bytes_max } => self.wire_time(request.bytes.len() + bytes_max) + self.turnaround,
            Awaits::Silence { rest_ms } => {
                self.wire_time(request.bytes.len()) + Duration::from_millis(u64::from(rest_ms))
            }
        };
        let repeats_left = if sign_is_doubtful(self.signs.get(at), &ask) { 0 } else { REPEATS_MAX };
        Some(InFlight { sign: at, ask, request, repeats_left, sent: false, patience, deadline: now })
    }

    /// How long so many bytes take on the line.
    fn wire_time(&self, bytes: usize) -> Duration {
        let bits = u64::try_from(bytes).unwrap_or(u64::MAX).saturating_mul(u64::from(self.bits_per_byte));
        Duration::from_micros(bits.saturating_mul(1_000_000) / u64::from(self.baud))
    }

    fn position(&self, address: SignAddress) -> Option<usize> {
        self.signs.iter().position(|sign| sign.address() == address)
    }

    fn collect_events(&mut self) {
        for sign in &mut self.signs {
            self.events.extend(sign.take_events());
        }
        while self.events.len() > EVENTS_PER_SIGN * self.signs.len() {
            self.events.pop_front();
        }
    }
}

/// A sign that is known not to answer is asked once only, so that it costs the others little.
fn sign_is_doubtful(sign: Option<&Sign>, ask: &Ask) -> bool {
    let begins = matches!(ask, Ask::Identify) || sign.is_some_and(Sign::is_never_asked_who);
    begins && sign.is_some_and(Sign::has_failed)
}
