//! Signs on one line with the hall's own bus, over a wire that loses, changes and cuts.
//!
//! Time is virtual: bytes take as long as the speed says. After every byte it is looked that no sign
//! shows anything but a whole picture it was given.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hall_device::panel::Panel;
use hall_device::sign::{Sign, frame_bytes};
use hall_protocol::sign::{Depth, SignAddress};
use hall_signs::bus::{Bus, BusEvent, SignSetup, Urgency};
use hall_signs::{Frame, Light};
use proptest::prelude::*;

use crate::sign::settings;

const SIGNS: u8 = 3;
const WIDTH_PX: u16 = 64;
const HEIGHT_PX: u16 = 16;
const PICTURE: usize = 64 / 8 * 16 * 2;

type LineSign = Sign<PICTURE, { frame_bytes(256) }>;

fn panel() -> hall_signs::Panel {
    hall_signs::Panel::new(WIDTH_PX, HEIGHT_PX, Depth::RedGreen).unwrap()
}

fn fresh(number: u8, now_ms: u64) -> LineSign {
    Sign::new(settings(number, Panel::new(WIDTH_PX, HEIGHT_PX, Depth::RedGreen).unwrap()), now_ms).unwrap()
}

/// A picture that differs for every number.
fn picture(number: u64) -> Arc<Frame> {
    let mut frame = Frame::dark(panel());
    for y in 0..HEIGHT_PX {
        for x in 0..WIDTH_PX {
            if (u64::from(x) * 7 + u64::from(y) * 13 + number * 31).is_multiple_of(number % 5 + 2) {
                frame.set(x, y, if x % 3 == 0 { Light::RED } else { Light::YELLOW });
            }
        }
    }
    Arc::new(frame)
}

fn seen(sign: &LineSign, now_ms: u64) -> Vec<u8> {
    let view = sign.view(now_ms);
    let bytes = (0..2).flat_map(|plane| (0..HEIGHT_PX).map(move |row| (plane, row)));
    bytes
        .flat_map(|(plane, row)| (0..WIDTH_PX / 8).map(move |column| view.byte(plane, row, column)))
        .collect()
}

/// In percent of what is sent.
#[derive(Debug, Clone, Copy, Default)]
struct Faults {
    lost: u64,
    changed: u64,
    cut: u64,
    noisy: u64,
}

struct World {
    bus: Bus,
    signs: Vec<LineSign>,
    allowed: Vec<Vec<Arc<Frame>>>,
    shown: Vec<u64>,
    faults: Faults,
    random: u64,
    baud: u64,
    start: Instant,
    now: Instant,
    to_signs: VecDeque<(Instant, Vec<u8>)>,
    to_host: VecDeque<(Instant, Vec<u8>)>,
}

impl World {
    fn new(baud: u32, faults: Faults, seed: u64) -> Self {
        let start = Instant::now();
        let address = |number| SignAddress::new(number).unwrap();
        let setups = (1..=SIGNS).map(|number| SignSetup { address: address(number), panel: panel() });
        let mut bus = Bus::new(baud, setups.collect(), start);
        bus.link_up(start);
        Self {
            bus,
            signs: (1..=SIGNS).map(|number| fresh(number, 0)).collect(),
            allowed: (1..=SIGNS).map(|_| vec![Arc::new(Frame::dark(panel()))]).collect(),
            shown: vec![0; SIGNS.into()],
            faults,
            random: seed | 1,
            baud: baud.into(),
            start,
            now: start,
            to_signs: VecDeque::new(),
            to_host: VecDeque::new(),
        }
    }

    fn now_ms(&self) -> u64 {
        u64::try_from((self.now - self.start).as_millis()).unwrap()
    }

    fn show(&mut self, number: u8, page: u64, tag: u64) {
        let frame = picture(page);
        self.allowed[usize::from(number) - 1].push(Arc::clone(&frame));
        self.bus.show(SignAddress::new(number).unwrap(), frame, tag, Urgency::Call, self.now);
    }

    fn restart(&mut self, number: u8) {
        self.signs[usize::from(number) - 1] = fresh(number, self.now_ms());
    }

    fn random(&mut self) -> u64 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        self.random >> 8
    }

    fn chance(&mut self, percent: u64) -> bool {
        self.random() % 100 < percent
    }

    /// What the wire makes of bytes, and when they are there.
    fn over_the_wire(&mut self, mut bytes: Vec<u8>, thinks_ms: u64) -> Option<(Instant, Vec<u8>)> {
        let wire_us = bytes.len() as u64 * 10 * 1_000_000 / self.baud;
        let at = self.now + Duration::from_micros(wire_us + thinks_ms * 1_000);
        let faults = self.faults;
        if bytes.is_empty() || self.chance(faults.lost) {
            return None;
        }
        let place = usize::try_from(self.random()).unwrap() % bytes.len();
        if self.chance(faults.changed) {
            bytes[place] ^= 1 << (place % 8);
        }
        if self.chance(faults.cut) {
            bytes.truncate(place);
        }
        if self.chance(faults.noisy) {
            let noise: Vec<u8> = (0..self.random() % 9).map(|_| self.random().to_le_bytes()[1]).collect();
            bytes.splice(0..0, noise);
        }
        Some((at, bytes))
    }

    fn run(&mut self, time: Duration, enough: impl Fn(&Self) -> bool) {
        let end = self.now + time;
        while !enough(self) {
            while let Some(bytes) = self.bus.poll_transmit(self.now) {
                let sent = self.over_the_wire(bytes, 0);
                self.to_signs.extend(sent);
            }
            while let Some(event) = self.bus.poll_event() {
                if let BusEvent::Shown { address, tag } = event {
                    self.shown[usize::from(address.get()) - 1] = tag;
                }
            }
            let fronts = [&self.to_signs, &self.to_host].map(|queue| queue.front().map(|(at, _)| *at));
            let next = fronts.into_iter().chain([self.bus.poll_timeout()]).flatten().min();
            let Some(next) = next.filter(|next| *next <= end) else { break };
            self.now = self.now.max(next);
            self.deliver();
            self.bus.handle_timeout(self.now);
        }
    }

    fn deliver(&mut self) {
        let (now, now_ms) = (self.now, self.now_ms());
        while let Some((_, bytes)) = due(&mut self.to_signs, now) {
            let mut replies = vec![];
            for byte in bytes {
                for (sign, allowed) in self.signs.iter_mut().zip(&self.allowed) {
                    replies.extend_from_slice(sign.receive(byte, now_ms).unwrap_or_default());
                    let seen = seen(sign, now_ms);
                    assert!(allowed.iter().any(|frame| frame.bytes() == seen), "a torn picture");
                }
            }
            let thinks_ms = 1 + self.random() % 8;
            let sent = self.over_the_wire(replies, thinks_ms);
            self.to_host.extend(sent);
            self.to_host.make_contiguous().sort_by_key(|(at, _)| *at);
        }
        while let Some((_, bytes)) = due(&mut self.to_host, now) {
            self.bus.handle_input(&bytes, now);
        }
    }
}

/// The first of these that has arrived.
fn due(queue: &mut VecDeque<(Instant, Vec<u8>)>, now: Instant) -> Option<(Instant, Vec<u8>)> {
    if queue.front()?.0 <= now { queue.pop_front() } else { None }
}

#[test]
fn a_quiet_line_brings_every_page_to_its_sign_at_once() {
    let mut world = World::new(115_200, Faults::default(), 1);
    for number in 1..=SIGNS {
        world.show(number, number.into(), 1);
    }
    world.run(Duration::from_secs(1), |world| world.shown == [1, 1, 1]);
    assert_eq!(world.shown, [1, 1, 1]);
    for (number, sign) in (1..).zip(&world.signs) {
        assert_eq!(seen(sign, world.now_ms()), picture(number).bytes());
        assert_eq!(sign.broken_frames(), 0);
    }
}

#[test]
fn a_sign_that_starts_anew_in_the_middle_of_a_picture_is_painted_anew() {
    for restart_ms in (0..900).step_by(15) {
        let mut world = World::new(9_600, Faults::default(), 1);
        world.show(1, 3, 1);
        world.run(Duration::from_millis(restart_ms), |_| false);
        world.now = world.start + Duration::from_millis(restart_ms);
        world.restart(1);
        world.show(1, 4, 2);
        let reached = |world: &World| seen(&world.signs[0], world.now_ms()) == picture(4).bytes();
        world.run(Duration::from_secs(20), reached);
        assert!(reached(&world), "started anew after {restart_ms} ms");
    }
}

#[derive(Debug, Clone)]
enum Act {
    Show(u8, u64),
    Restart(u8),
    Wait(u64),
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        4 => (1..=SIGNS, 0_u64..9).prop_map(|(sign, page)| Act::Show(sign, page)),
        1 => (1..=SIGNS).prop_map(Act::Restart),
        4 => (0_u64..400).prop_map(Act::Wait),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn a_bad_line_never_tears_a_picture_and_every_sign_gets_to_its_page(
        seed: u64,
        baud in prop::sample::select(vec![9_600, 57_600, 115_200]),
        (lost, changed, cut, noisy) in (0_u64..10, 0_u64..6, 0_u64..6, 0_u64..20),
        acts in prop::collection::vec(act(), 1..20),
    ) {
        let mut world = World::new(baud, Faults { lost, changed, cut, noisy }, seed);
        let mut latest = [None; SIGNS as usize];
        for (act, tag) in acts.into_iter().zip(1..) {
            match act {
                Act::Show(sign, page) => {
                    world.show(sign, page, tag);
                    latest[usize::from(sign) - 1] = Some((page, tag));
                }
                Act::Restart(sign) => world.restart(sign),
                Act::Wait(ms) => world.run(Duration::from_millis(ms), |_| false),
            }
        }
        let reached = |world: &World| {
            latest.iter().zip(&world.signs).all(|(latest, sign)| {
                latest.is_none_or(|(page, _)| seen(sign, world.now_ms()) == picture(page).bytes())
            })
        };
        world.run(Duration::from_secs(120), reached);
        prop_assert!(reached(&world), "not all signs show their latest page");
    }
}
