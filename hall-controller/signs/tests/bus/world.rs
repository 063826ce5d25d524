//! A line in virtual time: bytes take as long as the baud rate says, and get lost, changed, echoed
//! and preceded by noise as often as the test wants.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use hall_protocol::sign::{Depth, SignAddress};
use hall_signs::bus::{Bus, BusEvent, SignSetup, Urgency};
use hall_signs::emulator::{VirtualLine, VirtualSign};
use hall_signs::{Frame, Light, Panel};

/// What is wrong with a line; each in percent of what is sent.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Faults {
    pub(crate) lost: u64,
    pub(crate) changed: u64,
    pub(crate) noisy: u64,
    /// Replies that come when nobody waits for them any more.
    pub(crate) slow: u64,
    /// The adapter hears its own sending.
    pub(crate) echo: bool,
    /// What a network between host and line adds to every answer.
    pub(crate) network: Duration,
    /// How long the host dawdles before each request that it could send.
    pub(crate) dawdles: Duration,
}

/// A request, and what came back in time to be heard.
#[derive(Debug, Clone)]
#[allow(dead_code, reason = "the benchmark, which includes this file, looks at none")]
pub(crate) struct Exchange {
    pub(crate) request: Vec<u8>,
    /// The answer's bytes, and how long the sign thought.
    pub(crate) answer: Option<(Vec<u8>, Duration)>,
}

/// A sign and whether it has power.
struct Place {
    line: VirtualLine,
    powered: bool,
    /// Every picture it may show: dark, its own fallback, and those it was given.
    allowed: Vec<Arc<Frame>>,
}

pub(crate) struct World {
    pub(crate) bus: Bus,
    pub(crate) now: Instant,
    pub(crate) start: Instant,
    pub(crate) faults: Faults,
    pub(crate) events: Vec<(Duration, BusEvent)>,
    /// Every request that was sent, and when.
    pub(crate) sent: Vec<(Duration, Vec<u8>)>,
    /// The same with what came of each.
    pub(crate) exchanges: Vec<Exchange>,
    /// The host may send again then.
    dawdles_until: Instant,
    baud: u32,
    /// Bytes that went over the wire, in both directions.
    bytes: usize,
    random: u64,
    places: BTreeMap<SignAddress, Place>,
    to_signs: VecDeque<(Instant, Vec<u8>)>,
    to_host: VecDeque<(Instant, Vec<u8>)>,
}

pub(crate) fn address(number: u8) -> SignAddress {
    SignAddress::new(number).unwrap()
}

pub(crate) fn panel() -> Panel {
    Panel::new(64, 16, Depth::RedGreen).unwrap()
}

/// A picture that differs for every number, in pixels all over the panel.
pub(crate) fn picture(panel: Panel, number: u64) -> Arc<Frame> {
    let mut frame = Frame::dark(panel);
    let mut random = number.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    for y in 0..panel.height_px() {
        for x in 0..panel.width_px() {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            if random.is_multiple_of(3) {
                frame.set(x, y, if random & 64 == 0 { Light::RED } else { Light::YELLOW });
            }
        }
    }
    Arc::new(frame)
}

impl World {
    /// Signs 1 to `count`, the link up.
    pub(crate) fn new(baud: u32, count: u8, panel: Panel, seed: u64) -> Self {
        let start = Instant::now();
        let setups: Vec<_> =
            (1..=count).map(|number| SignSetup { address: address(number), panel }).collect();
        let places = setups.iter().map(|SignSetup { address, panel }| {
            let sign = VirtualSign::new(*address, *panel);
            let allowed = vec![Arc::new(Frame::dark(*panel))];
            (*address, Place { line: VirtualLine::new(vec![sign]), powered: true, allowed })
        });
        let places = places.collect();
        let mut bus = Bus::new(baud, setups, start);
        bus.link_up(start);
        Self {
            bus,
            now: start,
            start,
            faults: Faults::default(),
            events: Vec::new(),
            sent: Vec::new(),
            exchanges: Vec::new(),
            dawdles_until: start,
            baud,
            bytes: 0,
            random: seed | 1,
            places,
            to_signs: VecDeque::new(),
            to_host: VecDeque::new(),
        }
    }

    pub(crate) fn show(&mut self, number: u8, frame: &Arc<Frame>, tag: u64, urgency: Urgency) {
        self.places.get_mut(&address(number)).unwrap().allowed.push(Arc::clone(frame));
        self.bus.show(address(number), Arc::clone(frame), tag, urgency, self.now);
        self.collect();
    }

    pub(crate) fn power(&mut self, number: u8, powered: bool) {
        self.places.get_mut(&address(number)).unwrap().powered = powered;
    }

    /// Switch a sign off and on.
    pub(crate) fn restart(&mut self, number: u8) {
        let place = self.places.get_mut(&address(number)).unwrap();
        place.line.sign_mut(address(number)).unwrap().restart();
    }

    /// Let a sign find that it has heard nothing for this long; it may show its own page then.
    pub(crate) fn silence(&mut self, number: u8, time: Duration) {
        let place = self.places.get_mut(&address(number)).unwrap();
        place.line.pass_time(self.now + time);
        place.allowed.push(Arc::new(place.line.picture(address(number)).unwrap().clone()));
    }

    /// Put another sign in the place of one.
    pub(crate) fn replace(&mut self, number: u8, panel: Panel) {
        self.exchange(number, panel, VirtualSign::new(address(number), panel));
    }

    /// Put a sign of another time in the place of one, which speaks these versions.
    pub(crate) fn replace_by_version(&mut self, number: u8, panel: Panel, oldest: u8, newest: u8) {
        self.exchange(number, panel, VirtualSign::new(address(number), panel).speaking(oldest, newest));
    }

    fn exchange(&mut self, number: u8, panel: Panel, sign: VirtualSign) {
        let place = self.places.get_mut(&address(number)).unwrap();
        place.line = VirtualLine::new(vec![sign]);
        place.allowed.push(Arc::new(Frame::dark(panel)));
    }

    pub(crate) fn shown(&self, number: u8) -> &Frame {
        self.places[&address(number)].line.picture(address(number)).unwrap()
    }

    /// How long all bytes so far have taken on the wire.
    #[allow(dead_code, reason = "for the benchmark, which includes this file")]
    pub(crate) fn wire_time(&self) -> Duration {
        Duration::from_micros(self.bytes as u64 * 10 * 1_000_000 / u64::from(self.baud))
    }

    pub(crate) fn elapsed(&self) -> Duration {
        self.now - self.start
    }

    /// Let time pass.
    pub(crate) fn run(&mut self, time: Duration) {
        let end = self.now + time;
        self.run_until(end, |_| false);
        self.now = end;
    }

    /// Let time pass until something is so, at most for `time`; gives how long it took.
    pub(crate) fn run_while(
        &mut self,
        time: Duration,
        mut waiting: impl FnMut(&Self) -> bool,
    ) -> Option<Duration> {
        let from = self.now;
        self.run_until(from + time, |world| !waiting(world));
        (!waiting(self)).then(|| self.now - from)
    }

    fn run_until(&mut self, end: Instant, mut enough: impl FnMut(&Self) -> bool) {
        for step in 0_u64.. {
            assert!(step < 10_000_000, "the bus asks for time again and again");
            self.transmit();
            self.collect();
            if enough(self) {
                return;
            }
            let dawdles = Some(self.dawdles_until).filter(|until| *until > self.now);
            let next = [
                self.to_signs.front().map(|(at, _)| *at),
                self.to_host.front().map(|(at, _)| *at),
                self.bus.poll_timeout().map(|at| dawdles.map_or(at, |until| at.max(until))),
            ];
            let Some(next) = next.into_iter().flatten().min().filter(|next| *next <= end) else { return };
            self.now = self.now.max(next);
            self.deliver();
            self.bus.handle_timeout(self.now);
        }
    }

    fn transmit(&mut self) {
        if self.now < self.dawdles_until {
            return;
        }
        while let Some(bytes) = self.bus.poll_transmit(self.now) {
            self.sent.push((self.elapsed(), bytes.clone()));
            self.exchanges.push(Exchange { request: bytes.clone(), answer: None });
            self.bytes += bytes.len();
            let arrives = self.now + self.wire(&bytes);
            if self.faults.echo {
                self.to_host.push_back((arrives, bytes.clone()));
            }
            if let Some(bytes) = self.spoilt(bytes) {
                self.to_signs.push_back((arrives, bytes));
            }
        }
    }

    fn deliver(&mut self) {
        while let Some((_, bytes)) = due(&mut self.to_signs, self.now) {
            let mut replies = Vec::new();
            for (address, place) in self.places.iter_mut().filter(|(_, place)| place.powered) {
                replies.extend(place.line.receive(&bytes, self.now));
                let seen = place.line.picture(*address).unwrap();
                assert!(
                    place.allowed.iter().any(|allowed| **allowed == *seen),
                    "sign {address}: a torn picture"
                );
            }
            // A sign thinks for 1 to 8 ms.
            let slow_ms = if self.random() % 100 < self.faults.slow { self.random() % 400 } else { 0 };
            let thinks = Duration::from_millis(1 + self.random() % 8 + slow_ms) + self.faults.network;
            self.bytes += replies.len();
            let arrives = self.now + thinks + self.wire(&replies);
            let answer = (replies.clone(), thinks);
            if let Some(replies) = self.spoilt(replies) {
                if let Some(exchange) = self.exchanges.last_mut() {
                    exchange.answer = Some(answer);
                }
                self.to_host.push_back((arrives, replies));
                self.to_host.make_contiguous().sort_by_key(|(at, _)| *at);
            }
        }
        while let Some((_, bytes)) = due(&mut self.to_host, self.now) {
            // Bytes come in portions, as from a real port.
            for portion in bytes.chunks(7) {
                self.bus.handle_input(portion, self.now);
            }
            self.dawdles_until = self.now + self.faults.dawdles;
        }
    }

    fn collect(&mut self) {
        while let Some(event) = self.bus.poll_event() {
            self.events.push((self.elapsed(), event));
        }
    }

    fn wire(&self, bytes: &[u8]) -> Duration {
        self.wire_of(bytes.len())
    }

    /// How long so many bytes take.
    pub(crate) fn wire_of(&self, bytes: usize) -> Duration {
        Duration::from_micros(bytes as u64 * 10 * 1_000_000 / u64::from(self.baud))
    }

    /// What the line makes of bytes.
    fn spoilt(&mut self, mut bytes: Vec<u8>) -> Option<Vec<u8>> {
        if bytes.is_empty() || self.random() % 100 < self.faults.lost {
            return None;
        }
        if self.random() % 100 < self.faults.changed {
            let at = usize::try_from(self.random()).unwrap() % bytes.len();
            bytes[at] ^= 1 << (self.random() % 8);
        }
        if self.random() % 100 < self.faults.noisy {
            let mut noise: Vec<u8> = (0..self.random() % 9).map(|_| self.random().to_le_bytes()[2]).collect();
            noise.append(&mut bytes);
            bytes = noise;
        }
        Some(bytes)
    }

    fn random(&mut self) -> u64 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        self.random >> 8
    }

    /// The tags shown by a sign, in order.
    pub(crate) fn tags(&self, number: u8) -> Vec<u64> {
        let tags = self.events.iter().filter_map(|(_, event)| match event {
            BusEvent::Shown { address: of, tag } if *of == address(number) => Some(*tag),
            _ => None,
        });
        tags.collect()
    }
}

/// The first of these that has arrived.
fn due(queue: &mut VecDeque<(Instant, Vec<u8>)>, now: Instant) -> Option<(Instant, Vec<u8>)> {
    if queue.front()?.0 <= now { queue.pop_front() } else { None }
}
