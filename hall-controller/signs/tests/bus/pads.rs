//! Call pads on the line of the signs: both are served, and neither waits long for the other.

use std::sync::Arc;
use std::time::{Duration, Instant};

use hall_protocol::sign::{Depth, SignAddress};
use hall_signs::bus::{Bus, BusEvent, SignSetup, Urgency};
use hall_signs::call_pad::{PadEvent, PadFrame, PadKey, PadPoller, PadReader, PadSetup};
use hall_signs::emulator::{VirtualLine, VirtualSign};
use hall_signs::shared_line::SharedLine;
use hall_signs::{Frame, Light, Panel};

const BAUD: u32 = 19_200;

/// A line with one sign and one pad, which hear every byte of it.
struct Line {
    host: SharedLine,
    sign: VirtualLine,
    pad: PadReader,
    /// The key that is held down.
    down: u8,
    pad_has_power: bool,
    now: Instant,
    /// When a pad's key, and when a sign's picture was reported.
    pressed: Vec<Instant>,
    shown: Vec<(u64, Instant)>,
    polls: u32,
}

impl Line {
    fn new() -> Self {
        let now = Instant::now();
        let (address, panel) = (SignAddress::FIRST, Panel::new(128, 32, Depth::RedGreen).unwrap());
        let bus = Bus::new(BAUD, vec![SignSetup { address, panel }], now);
        let setup = PadSetup { poll: 0x5B, reply: None, key_at: 0, keys: vec![(1, PadKey::Next)] };
        let mut host = SharedLine::new(bus, Some(PadPoller::new(setup, BAUD, &[9], now)), now);
        host.link_up(now);
        Self {
            host,
            sign: VirtualLine::new(vec![VirtualSign::new(address, panel)]),
            pad: PadReader::default(),
            down: 0,
            pad_has_power: true,
            now,
            pressed: Vec::new(),
            shown: Vec::new(),
            polls: 0,
        }
    }

    fn show(&mut self, tag: u64) {
        let panel = Panel::new(128, 32, Depth::RedGreen).unwrap();
        let mut frame = Frame::dark(panel);
        for x in 0..128 {
            for y in 0..32 {
                // No picture is like another, and none is short.
                let lit = (u64::from(x) * 31 + u64::from(y) * 17 + tag * 7) % 5 < 2;
                frame.set(x, y, if lit { Light::RED } else { Light::OFF });
            }
        }
        self.host.signs_mut().show(SignAddress::FIRST, Arc::new(frame), tag, Urgency::Call, self.now);
    }

    fn wire(bytes: &[u8]) -> Duration {
        Duration::from_micros(u64::try_from(bytes.len()).unwrap() * 10 * 1_000_000 / u64::from(BAUD))
    }

    fn run(&mut self, time: Duration) {
        let end = self.now + time;
        while self.now < end {
            if let Some(sent) = self.host.poll_transmit(self.now) {
                self.now += Self::wire(&sent);
                let asked = sent.iter().filter_map(|byte| self.pad.push(*byte)).last();
                self.polls += u32::from(asked.is_some());
                let from_pad = asked.filter(|frame| frame.address == 9 && self.pad_has_power);
                let from_pad = from_pad.map(|frame| {
                    PadFrame { address: 9, command: frame.command | 0x80, data: vec![self.down] }.bytes()
                });
                let from_sign = self.sign.receive(&sent, self.now);
                assert!(from_pad.is_none() || from_sign.is_empty(), "both speak at once");
                let answer = from_pad.unwrap_or(from_sign);
                self.now += Self::wire(&answer) + Duration::from_millis(2);
                self.host.handle_input(&answer, self.now);
            } else {
                let due = self.host.poll_timeout().unwrap();
                self.now = due.max(self.now + Duration::from_micros(100));
                self.host.handle_timeout(self.now);
            }
            while let Some(event) = self.host.poll_pad() {
                if matches!(event, PadEvent::Pressed { address: 9, key: PadKey::Next }) {
                    self.pressed.push(self.now);
                }
            }
            while let Some(event) = self.host.signs_mut().poll_event() {
                match event {
                    BusEvent::Shown { tag, .. } => self.shown.push((tag, self.now)),
                    BusEvent::Dark { why, .. } => panic!("the sign is dark: {why}"),
                    _ => {}
                }
            }
        }
    }
}

#[test]
fn a_key_is_found_while_pictures_are_painted_without_pause() {
    let mut line = Line::new();
    let mut late = Vec::new();
    for press in 1..=8 {
        line.show(press);
        line.run(Duration::from_millis(37 * press));
        let (down_at, before) = (line.now, line.pressed.len());
        line.down = 1;
        line.show(100 + press);
        line.run(Duration::from_millis(700));
        line.down = 0;
        line.run(Duration::from_millis(200));
        assert_eq!(line.pressed.len(), before + 1, "one press is one press");
        late.push(line.pressed[before] - down_at);
    }
    // One request of a sign takes a quarter of a second at most, and its answer.
    assert!(late.iter().all(|late| *late < Duration::from_millis(450)), "{late:?}");
    assert_eq!(line.host.signs().noise(), hall_signs::bus::Noise::default());
}

#[test]
fn polling_costs_a_picture_little_and_a_pad_without_power_less() {
    let time = |pads: bool, power: bool| {
        let mut line = Line::new();
        if !pads {
            let (address, panel) = (SignAddress::FIRST, Panel::new(128, 32, Depth::RedGreen).unwrap());
            let (bus, now) = (Bus::new(BAUD, vec![SignSetup { address, panel }], line.now), line.now);
            line.host = SharedLine::new(bus, None, now);
            line.host.link_up(now);
        }
        line.pad_has_power = power;
        line.run(Duration::from_secs(3));
        let begun = line.now;
        line.show(1);
        line.run(Duration::from_secs(3));
        let (tag, at) = *line.shown.last().unwrap();
        assert_eq!(tag, 1);
        at - begun
    };
    let (alone, shared, dark) = (time(false, true), time(true, true), time(true, false));
    assert!(shared < alone * 2, "{alone:?} {shared:?}");
    assert!(dark < alone + Duration::from_millis(150), "{alone:?} {dark:?}");
}

#[test]
fn a_line_of_pads_alone_is_polled_on_and_after_the_port_came_again() {
    let mut line = Line::new();
    let bus = Bus::with_codecs(BAUD, vec![], line.now);
    let setup = PadSetup { poll: 0x5B, reply: None, key_at: 0, keys: vec![(1, PadKey::Next)] };
    line.host = SharedLine::new(bus, Some(PadPoller::new(setup, BAUD, &[9], line.now)), line.now);
    assert_eq!(line.host.poll_transmit(line.now), None, "the port is closed");
    line.host.link_up(line.now);
    line.run(Duration::from_secs(1));
    assert!(line.polls > 5, "{}", line.polls);
    line.host.link_down(line.now);
    assert_eq!((line.host.poll_transmit(line.now), line.host.poll_timeout()), (None, None));
    line.host.link_up(line.now);
    line.down = 1;
    line.run(Duration::from_millis(300));
    assert_eq!(line.pressed.len(), 1);
}
