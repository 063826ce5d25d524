//! Serial call pads: frames, and the round of polls in virtual time.

use std::time::{Duration, Instant};

use hall_signs::call_pad::{PadEvent, PadFrame, PadKey, PadPoller, PadReader, PadSetup};
use proptest::prelude::*;

fn setup() -> PadSetup {
    PadSetup { poll: 0x5B, reply: None, key_at: 0, keys: vec![(1, PadKey::Next), (2, PadKey::Recall)] }
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

#[test]
fn an_answer_with_another_command_is_counted_and_is_no_key() {
    let answered = |reply: Option<u8>, commands: &[u8]| {
        let now = Instant::now();
        let mut poller = PadPoller::new(PadSetup { reply, ..setup() }, 9_600, &[1], now);
        poller.poll_transmit(now).unwrap();
        for command in commands {
            let answer = PadFrame { address: 1, command: *command, data: vec![1] };
            poller.handle_input(&answer.bytes(), now);
        }
        (std::iter::from_fn(|| poller.poll_event()).collect::<Vec<_>>(), poller.strays())
    };
    let odd = |command| PadEvent::Unexpected { address: 1, command };
    let pressed = [PadEvent::Back { address: 1 }, PadEvent::Pressed { address: 1, key: PadKey::Next }];
    // Asked with 5B: its echo with data and the same with the top bit answer, where no manual says more.
    assert_eq!(answered(None, &[0x5B]), (pressed.to_vec(), 0));
    assert_eq!(answered(None, &[0xDB]), (pressed.to_vec(), 0));
    assert_eq!(answered(None, &[0x5C]), (vec![odd(0x5C)], 1));
    assert_eq!(answered(Some(0x5C), &[0x5C]), (pressed.to_vec(), 0));
    // Told once, counted each time; the right answer after it is taken.
    let told = [&[odd(0x5B)], &pressed[..]].concat();
    assert_eq!(answered(Some(0xDB), &[0x5B, 0x5A, 0xDB]), (told, 2));
}

#[test]
fn frames_of_a_pad_that_was_not_asked_are_counted_and_one_s_own_poll_is_not() {
    let now = Instant::now();
    let mut poller = PadPoller::new(setup(), 9_600, &[1, 2], now);
    let poll = poller.poll_transmit(now).unwrap();
    poller.handle_input(&poll, now);
    assert_eq!(poller.strays(), 0);
    let of = |address| PadFrame { address, command: 0xDB, data: vec![1] }.bytes();
    poller.handle_input(&of(2), now);
    assert_eq!((poller.strays(), poller.poll_event()), (1, None));
    poller.handle_input(&[of(1), of(1)].concat(), now);
    assert_eq!(poller.strays(), 2);
    assert!(poller.poll_event().is_some() && !poller.is_waiting());
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
