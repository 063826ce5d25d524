//! A sign that is dead, restarted, exchanged or busy is known as such, heals by itself, and the
//! others hardly notice.

use std::sync::Arc;
use std::time::{Duration, Instant};

use hall_protocol::sign::{Depth, Firmware, Identity, RefusalReason, Reply, Sequence, Versions};
use hall_signs::bus::{Bus, BusEvent, Health, SignSetup, Urgency};
use hall_signs::{Frame, Panel};

use crate::world::{World, address, panel, picture};

#[test]
fn one_dead_sign_among_32_hardly_delays_the_others() {
    let others_shown = |dead: bool| {
        let mut world = World::new(19_200, 32, panel(), 3);
        world.power(32, !dead);
        for sign in 1..=32 {
            world.show(sign, &picture(panel(), u64::from(sign)), 1, Urgency::Call);
        }
        let waiting = |world: &World| (1..32).any(|sign| world.tags(sign).is_empty());
        world.run_while(Duration::from_secs(120), waiting).unwrap()
    };
    let (with, without) = (others_shown(true), others_shown(false));
    // It is asked four times at the start, each time for less than 80 ms.
    assert!(with <= without + Duration::from_millis(4 * 80), "{with:?}, {without:?} without");
}

#[test]
fn answers_that_come_through_a_network_are_awaited() {
    const NETWORK: Duration = Duration::from_millis(150);
    let missed = |longer: Duration| {
        let mut world = World::new(19_200, 2, panel(), 3);
        world.faults.network = NETWORK;
        let setups = (1..=2).map(|sign| SignSetup { address: address(sign), panel: panel() });
        world.bus = Bus::new(19_200, setups.collect(), world.now).on_line(10, longer);
        world.bus.link_up(world.now);
        for sign in 1..=2 {
            world.show(sign, &picture(panel(), u64::from(sign)), 1, Urgency::Call);
        }
        world.run(Duration::from_secs(20));
        (1..=2).map(|sign| world.bus.status(address(sign)).unwrap().timeouts).sum::<u64>()
    };
    assert_eq!(missed(NETWORK), 0);
    assert!(missed(Duration::ZERO) > 0);
}

#[test]
fn while_a_sign_is_dark_a_call_waits_for_at_most_one_question_to_it() {
    let mut world = World::new(19_200, 32, panel(), 3);
    world.power(32, false);
    let page = |sign: u8, round: u64| picture(panel(), u64::from(sign) + 100 * round);
    for sign in 1..=32 {
        world.show(sign, &page(sign, 0), 1, Urgency::Idle);
    }
    world.run(Duration::from_secs(60));
    assert!(matches!(world.bus.status(address(32)).unwrap().health, Health::Dark { .. }));
    let mut slowest = Duration::ZERO;
    for round in 1..200 {
        world.run(Duration::from_millis(137));
        let sign = u8::try_from(round % 31).unwrap() + 1;
        world.show(sign, &page(sign, round), round + 1, Urgency::Call);
        let waiting = |world: &World| world.tags(sign).last() != Some(&(round + 1));
        slowest = slowest.max(world.run_while(Duration::from_secs(5), waiting).unwrap());
    }
    // 256 bytes of noise pixels and a Swap take some 170 ms at 19,200 baud, a question 75 ms.
    assert!(slowest < Duration::from_millis(320), "{slowest:?}");
}

#[test]
fn a_dead_sign_is_late_then_dark_then_asked_less_and_less_until_it_answers() {
    let mut world = World::new(19_200, 1, panel(), 1);
    world.power(1, false);
    world.show(1, &picture(panel(), 1), 1, Urgency::Call);
    world.run(Duration::from_secs(120));
    let [(_, late), (_, dark)] = &world.events[..] else { panic!("{:?}", world.events) };
    assert_eq!(late, &BusEvent::Late { address: address(1) });
    assert!(matches!(dark, BusEvent::Dark { why, .. } if why.starts_with("no answer within")), "{dark:?}");
    // Four times at once, after 1, 2, 4 and 8 seconds, then every ten.
    let times: Vec<u64> = world.sent.iter().map(|(at, _)| at.as_secs()).collect();
    assert_eq!(times[..8], [0, 0, 0, 0, 1, 3, 7, 15]);
    assert_eq!(times.len(), 8 + 10);

    world.power(1, true);
    let waiting = |world: &World| world.tags(1).is_empty();
    assert!(world.run_while(Duration::from_secs(12), waiting).is_some());
    assert!(world.events.contains(&(world.events[2].0, BusEvent::Recovered { address: address(1) })));
    assert_eq!(world.bus.status(address(1)).unwrap().health, Health::Ok);
}

#[test]
fn a_sign_that_restarts_has_its_picture_back_before_the_next_poll_is_over() {
    let mut world = World::new(19_200, 4, panel(), 1);
    let frames: Vec<_> = (1..=4).map(|sign| picture(panel(), sign)).collect();
    for (sign, frame) in (1..).zip(&frames) {
        world.show(sign, frame, 1, Urgency::Idle);
    }
    world.run(Duration::from_secs(12));
    world.restart(2);
    assert_ne!(world.shown(2), &*frames[1]);
    let waiting = |world: &World| world.shown(2) != &*frames[1];
    assert!(world.run_while(Duration::from_secs(7), waiting).is_some());
    assert!((1..).zip(&frames).all(|(sign, frame)| world.shown(sign) == &**frame));
}

#[test]
fn a_sign_that_restarts_in_the_middle_of_a_picture_never_shows_half_of_it() {
    let mut world = World::new(9_600, 1, Panel::new(128, 32, Depth::RedGreen).unwrap(), 1);
    let panel = Panel::new(128, 32, Depth::RedGreen).unwrap();
    world.show(1, &picture(panel, 1), 1, Urgency::Call);
    world.run(Duration::from_secs(5));
    world.show(1, &picture(panel, 2), 2, Urgency::Call);
    let before = world.sent.len();
    world.run_while(Duration::from_secs(5), |world| world.sent.len() < before + 3).unwrap();
    world.restart(1);
    world.run(Duration::from_secs(5));
    assert_eq!(world.shown(1), &*picture(panel, 2));
    assert!(
        world.bus.status(address(1)).unwrap().naks > 0,
        "the Swap was not refused: the test proves nothing"
    );
}

#[test]
fn a_sign_of_another_size_is_dark_with_both_sizes_and_the_others_go_on() {
    let mut world = World::new(19_200, 2, panel(), 1);
    world.replace(1, Panel::new(128, 32, Depth::Mono).unwrap());
    for sign in 1..=2 {
        world.show(sign, &picture(panel(), 1), 1, Urgency::Call);
    }
    world.run(Duration::from_secs(60));
    let dark: Vec<_> =
        world.events.iter().filter(|(_, event)| matches!(event, BusEvent::Dark { .. })).collect();
    let [(_, BusEvent::Dark { address: of, why })] = dark[..] else { panic!("{dark:?}") };
    assert_eq!(*of, address(1));
    assert!(why.contains("128x32") && why.contains("64x16"), "{why}");
    assert_eq!(world.tags(2), [1]);

    world.replace(1, panel());
    world.run(Duration::from_secs(12));
    assert_eq!(world.tags(1), [1]);
}

#[test]
fn a_sign_whose_host_was_silent_shows_its_own_page_and_then_the_picture_again() {
    let mut world = World::new(19_200, 1, panel(), 1);
    let frame = picture(panel(), 1);
    world.show(1, &frame, 1, Urgency::Idle);
    world.run(Duration::from_secs(3));
    world.bus.link_down(world.now);
    world.run(Duration::from_secs(61));
    world.silence(1, Duration::ZERO);
    assert_ne!(world.shown(1), &*frame);
    world.bus.link_up(world.now);
    world.run(Duration::from_secs(2));
    assert_eq!(world.shown(1), &*frame);
}

#[test]
fn a_sign_that_fell_back_while_the_host_was_slow_needs_one_swap_and_no_pixels() {
    let mut world = World::new(19_200, 1, panel(), 1);
    let frame = picture(panel(), 1);
    world.show(1, &frame, 1, Urgency::Idle);
    world.run(Duration::from_secs(3));
    let sent = world.sent.len();
    world.silence(1, Duration::from_secs(60));
    assert_ne!(world.shown(1), &*frame);
    let waiting = |world: &World| world.tags(1) != [1, 1];
    assert!(world.run_while(Duration::from_secs(6), waiting).is_some());
    assert_eq!(world.shown(1), &*frame);
    assert_eq!(world.sent.len(), sent + 2, "a poll and a swap");
}

#[test]
fn a_sign_that_restarts_while_its_page_is_dark_is_told_its_fallback_again() {
    let mut world = World::new(19_200, 1, panel(), 1);
    world.show(1, &Arc::new(Frame::dark(panel())), 1, Urgency::Idle);
    world.run(Duration::from_secs(12));
    world.restart(1);
    world.run(Duration::from_secs(12));
    world.silence(1, Duration::from_secs(60));
    assert_ne!(world.shown(1), &Frame::dark(panel()));
}

#[test]
fn a_busy_sign_is_asked_again_later_and_then_painted() {
    let (now, at) = (Instant::now(), address(1));
    let mut bus = Bus::new(115_200, vec![SignSetup { address: at, panel: panel() }], now);
    bus.show(at, picture(panel(), 1), 1, Urgency::Call, now);
    bus.link_up(now);
    let mut sequence = 0;
    let mut reply = |bus: &mut Bus, reply: Reply, now: Instant| {
        assert!(bus.poll_transmit(now).is_some());
        sequence += 1;
        let mut bytes = [0; 64];
        let written = reply.emit(at, Sequence(sequence), &mut bytes).unwrap();
        bus.handle_input(&bytes[..written], now);
    };
    let identity = Identity {
        versions: Versions::SPOKEN,
        width_px: 64,
        height_px: 16,
        depth: Depth::RedGreen,
        firmware: Firmware { major: 1, minor: 0, patch: 0 },
        payload_bytes_max: 1_024,
    };
    reply(&mut bus, Reply::Identity(identity), now);
    reply(&mut bus, Reply::Ack, now);
    reply(&mut bus, Reply::Nak(RefusalReason::Busy), now);
    assert_eq!(bus.poll_transmit(now), None);
    let later = bus.poll_timeout().unwrap();
    assert!(later > now && later <= now + Duration::from_millis(500));
    reply(&mut bus, Reply::Ack, later);
    reply(&mut bus, Reply::Ack, later);
    assert_eq!(bus.poll_event(), Some(BusEvent::Shown { address: at, tag: 1 }));
    assert_eq!(bus.status(at).unwrap().naks, 1);
}

#[test]
fn a_sign_that_refuses_everything_is_not_asked_without_end() {
    let (mut now, at) = (Instant::now(), address(1));
    let start = now;
    let mut bus = Bus::new(115_200, vec![SignSetup { address: at, panel: panel() }], now);
    bus.show(at, picture(panel(), 1), 1, Urgency::Call, now);
    bus.link_up(now);
    let (mut asked, mut sequence) = (0, 0_u8);
    while now < start + Duration::from_secs(60) {
        if bus.poll_transmit(now).is_some() {
            (asked, sequence) = (asked + 1, sequence.wrapping_add(1));
            let mut bytes = [0; 64];
            let written = Reply::Nak(RefusalReason::Kind).emit(at, Sequence(sequence), &mut bytes).unwrap();
            bus.handle_input(&bytes[..written], now);
        }
        now += Duration::from_millis(5);
        bus.handle_timeout(now);
    }
    assert!(asked < 120, "asked {asked} times in a minute");
    let dark = std::iter::from_fn(|| bus.poll_event()).find(|event| matches!(event, BusEvent::Dark { .. }));
    assert!(matches!(&dark, Some(BusEvent::Dark { why, .. }) if why.contains("refuses")), "{dark:?}");
}
