//! Whatever the line does, every sign gets to its page and never shows a torn one.
//!
//! That no picture is torn, [`World`] checks after every byte.

use std::sync::Arc;
use std::time::Duration;

use hall_protocol::sign::{FrameReader, Reply, Sequence};
use hall_signs::bus::{Health, Urgency};
use proptest::prelude::*;

use crate::world::{Faults, World, address, panel, picture};

const SIGNS: u8 = 5;

/// What a hall does to its signs.
#[derive(Debug, Clone)]
enum Act {
    Show(u8, u64, Urgency),
    Restart(u8),
    Replug,
    Wait(u64),
}

fn act() -> impl Strategy<Value = Act> {
    let urgency = prop::sample::select(vec![Urgency::Call, Urgency::Idle]);
    prop_oneof![
        6 => (1..=SIGNS, 0_u64..6, urgency).prop_map(|(sign, page, urgency)| Act::Show(sign, page, urgency)),
        1 => (1..=SIGNS).prop_map(Act::Restart),
        1 => Just(Act::Replug),
        6 => (0_u64..700).prop_map(Act::Wait),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn every_sign_gets_to_its_latest_page_over_a_bad_line_and_its_tags_never_go_back(
        seed: u64,
        baud in prop::sample::select(vec![9_600, 19_200, 115_200]),
        lost in 0_u64..12, changed in 0_u64..6, noisy in 0_u64..30, slow in 0_u64..6, echo: bool,
        acts in prop::collection::vec(act(), 1..40),
    ) {
        let mut world = World::new(baud, SIGNS, panel(), seed);
        world.faults = Faults { lost, changed, noisy, slow, echo, ..Faults::default() };
        let mut latest: Vec<Option<(Arc<_>, u64)>> = vec![None; usize::from(SIGNS) + 1];
        for (act, tag) in acts.into_iter().zip(1..) {
            match act {
                Act::Show(sign, page, urgency) => {
                    let frame = picture(panel(), page);
                    world.show(sign, &frame, tag, urgency);
                    latest[usize::from(sign)] = Some((frame, tag));
                }
                Act::Restart(sign) => world.restart(sign),
                Act::Replug => {
                    world.bus.link_down(world.now);
                    world.run(Duration::from_millis(300));
                    world.bus.link_up(world.now);
                }
                Act::Wait(ms) => world.run(Duration::from_millis(ms)),
            }
        }
        let wrong = |world: &World| {
            (1..=SIGNS).any(|sign| match &latest[usize::from(sign)] {
                Some((frame, tag)) => {
                    world.shown(sign) != &**frame || world.tags(sign).last() != Some(tag)
                }
                None => false,
            })
        };
        let took = world.run_while(Duration::from_secs(180), wrong);
        prop_assert!(took.is_some(), "after 180 s: {:?}", world.events);
        for sign in 1..=SIGNS {
            prop_assert!(world.tags(sign).is_sorted(), "sign {sign}: {:?}", world.tags(sign));
        }
        // On a line that is good again, all are well and stay so.
        world.faults = Faults { echo, ..Faults::default() };
        world.run(Duration::from_secs(30));
        prop_assert!(!wrong(&world));
        for sign in 1..=SIGNS {
            prop_assert_eq!(world.bus.status(address(sign)).unwrap().health, Health::Ok);
        }
    }
}

#[test]
fn the_echo_of_an_adapter_that_hears_itself_changes_nothing() {
    let run = |echo| {
        let mut world = World::new(9_600, 3, panel(), 7);
        world.faults.echo = echo;
        for sign in 1..=3 {
            world.show(sign, &picture(panel(), u64::from(sign)), 1, Urgency::Call);
        }
        world.run(Duration::from_secs(20));
        (world.events, world.sent, world.bus.noise())
    };
    assert_eq!(run(true), run(false));
}

#[test]
fn noise_is_counted_and_costs_nothing() {
    let mut world = World::new(9_600, 1, panel(), 1);
    world.show(1, &picture(panel(), 1), 1, Urgency::Call);
    world.run(Duration::from_secs(2));
    let before = world.sent.len();
    for _ in 0..10 {
        world.bus.handle_input(&[0, 0x55, 0xAA, 0x13, 0], world.now);
    }
    world.run(Duration::from_millis(100));
    assert_eq!((world.bus.noise().broken_frames, world.sent.len()), (10, before));
    assert_eq!(world.bus.status(address(1)).unwrap().health, Health::Ok);
}

#[test]
fn a_reply_that_comes_too_late_or_from_another_sign_is_not_taken_for_the_one_awaited() {
    let mut world = World::new(115_200, 2, panel(), 1);
    world.show(1, &picture(panel(), 1), 1, Urgency::Call);
    world.run(Duration::from_secs(1));
    world.show(1, &picture(panel(), 2), 2, Urgency::Call);
    let request = world.bus.poll_transmit(world.now).expect("a rectangle");
    let sequence = sequence(&request);
    for (from, sequence) in [(1, sequence.wrapping_sub(1)), (2, sequence)] {
        let mut bytes = [0; 32];
        let written = Reply::Ack.emit(address(from), Sequence(sequence), &mut bytes).unwrap();
        world.bus.handle_input(&bytes[..written], world.now);
    }
    assert_eq!(world.bus.noise().stray_replies, 2);
    assert_eq!(world.bus.poll_transmit(world.now), None, "the request is still under way");
    world.run(Duration::from_secs(1));
    assert_eq!(world.tags(1), [1, 2]);
    assert_eq!(world.bus.status(address(1)).unwrap().naks, 0);
}

/// The sequence of the one frame in these bytes.
fn sequence(bytes: &[u8]) -> u8 {
    let mut reader = FrameReader::<1_024>::new();
    let mut found = None;
    for byte in bytes {
        found = reader.push(*byte).map(|frame| frame.unwrap().header.sequence.0).or(found);
    }
    found.unwrap()
}
