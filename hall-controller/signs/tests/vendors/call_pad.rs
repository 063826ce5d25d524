//! Serial call pads: frames, and the round of polls in virtual time.

use std::time::{Duration, Instant};

use hall_signs::call_pad::{PadEvent, PadFrame, PadKey, PadPoller, PadReader, PadSetup};
use proptest::prelude::*;

fn setup() -> PadSetup {
    PadSetup { poll: 0x5B, key_at: 0, keys: vec![(1, PadKey::Next), (2, PadKey::Recall)] }
}

fn read(wire: &[u8]) -> Vec<PadFrame> {
    let mut reader = PadReader::default();
    wire.iter().filter_map(|byte| reader.push(*byte)).collect()
}

/// Pads that hold down a key, by address; a pad without power is not there.
struct Line {
    poller: PadPoller,
    now: Instant,
    pads: Vec<(u8, u8)>,
}

impl Line {
    fn new(addresses: &[u8]) -> Self {
        let now = Instant::now();
        let pads = addresses.iter().map(|address| (*address, 0)).collect();
        Self { poller: PadPoller::new(setup(), 9_600, addresses, now), now, pads }
    }

    fn run(&mut self, for_ms: u64) -> Vec<PadEvent> {
        let end = self.now + Duration::from_millis(for_ms);
        let mut events = Vec::new();
        while self.now < end {
            while let Some(bytes) = self.poller.poll_transmit(self.now) {
                let asked = &read(&bytes)[0];
                assert_eq!((asked.command, bytes[0]), (0x5B, 0xFF));
                if let Some((address, key)) = self.pads.iter().find(|(address, _)| *address == asked.address)
                {
                    let answer = PadFrame { address: *address, command: 0xDB, data: vec![*key] };
                    self.now += Duration::from_millis(15);
                    self.poller.handle_input(&answer.bytes(), self.now);
                }
            }
            events.extend(std::iter::from_fn(|| self.poller.poll_event()));
            self.now = self.poller.poll_timeout().unwrap().max(self.now + Duration::from_millis(1));
            self.poller.handle_timeout(self.now);
        }
        events.extend(std::iter::from_fn(|| self.poller.poll_event()));
        events
    }
}

#[test]
fn a_frame_is_the_class_s_own() {
    let frame = PadFrame { address: 3, command: 0x5B, data: vec![1, 0xFE] };
    assert_eq!(frame.bytes(), [0xFF, 0x68, 4, 4, 0x68, 3, 0x5B, 1, 0xFE, 0x5D, 0x16]);
    assert_eq!(read(&frame.bytes()), [frame]);
}

#[test]
fn a_key_held_down_is_one_press_and_pressed_again_another() {
    let mut line = Line::new(&[1, 2]);
    assert_eq!(line.run(300), [PadEvent::Back { address: 1 }, PadEvent::Back { address: 2 }]);
    line.pads[0].1 = 1;
    assert_eq!(line.run(300), [PadEvent::Pressed { address: 1, key: PadKey::Next }]);
    line.pads[0].1 = 0;
    line.pads[1].1 = 2;
    assert_eq!(line.run(300), [PadEvent::Pressed { address: 2, key: PadKey::Recall }]);
    line.pads[0].1 = 1;
    assert_eq!(line.run(300), [PadEvent::Pressed { address: 1, key: PadKey::Next }]);
    line.pads[0].1 = 0x77;
    assert_eq!(line.run(300), []);
}

#[test]
fn a_key_held_down_while_the_line_is_broken_is_one_press() {
    let mut line = Line::new(&[1]);
    line.run(200);
    line.pads[0].1 = 1;
    assert_eq!(line.run(200), [PadEvent::Pressed { address: 1, key: PadKey::Next }]);
    let pads = std::mem::take(&mut line.pads);
    assert_eq!(line.run(4_000), [PadEvent::Away { address: 1 }]);
    line.pads = pads;
    assert_eq!(line.run(2_000), [PadEvent::Back { address: 1 }]);
    line.pads[0].1 = 0;
    line.run(200);
    line.pads[0].1 = 1;
    assert_eq!(line.run(200), [PadEvent::Pressed { address: 1, key: PadKey::Next }]);
}

#[test]
fn a_pad_without_power_is_told_once_and_delays_no_press_of_another() {
    let mut line = Line::new(&[1, 2]);
    line.run(300);
    line.pads.remove(0);
    assert_eq!(line.run(5_000), [PadEvent::Away { address: 1 }]);
    line.pads[0].1 = 1;
    assert_eq!(line.run(200), [PadEvent::Pressed { address: 2, key: PadKey::Next }]);
    line.pads.push((1, 0));
    assert_eq!(line.run(2_000), [PadEvent::Back { address: 1 }]);
}

proptest! {
    #[test]
    fn frames_are_found_after_noise_and_a_wrong_sum_is_none(
        noise in proptest::collection::vec(any::<u8>(), 0..30),
        address: u8, command: u8, data in proptest::collection::vec(any::<u8>(), 0..20), flip in 1_u8..,
    ) {
        // Noise that looks like the beginning of a longer frame may swallow one; the next is whole.
        let frame = PadFrame { address, command, data };
        let mut wire = noise;
        for _ in 0..20 {
            wire.extend(frame.bytes());
        }
        let found = read(&wire);
        prop_assert_eq!(found.last(), Some(&frame));
        let mut wrong = frame.bytes();
        let sum = wrong.len() - 2;
        wrong[sum] ^= flip;
        prop_assert!(!read(&wrong).contains(&frame));
    }
}
