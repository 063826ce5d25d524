//! Who comes first, what is left out, and what the tags say.

use std::sync::Arc;
use std::time::Duration;

use hall_protocol::sign::Depth;
use hall_signs::bus::{BusEvent, Urgency};
use hall_signs::{Frame, Panel};

use crate::world::{World, address, panel, picture};

/// A large sign on a slow line: painting all of it takes 3 s.
fn large() -> Panel {
    Panel::new(192, 64, Depth::RedGreen).unwrap()
}

fn shown_at(world: &World, number: u8) -> Duration {
    let shown =
        |event: &BusEvent| matches!(event, BusEvent::Shown { address: of, .. } if *of == address(number));
    world.events.iter().find(|(_, event)| shown(event)).unwrap().0
}

#[test]
fn a_call_goes_before_idle_pages_that_were_there_first() {
    let mut world = World::new(9_600, 4, large(), 1);
    for sign in 1..=3 {
        world.show(sign, &picture(large(), u64::from(sign)), 1, Urgency::Idle);
    }
    world.run(Duration::from_millis(1_500));
    world.show(4, &picture(large(), 4), 1, Urgency::Call);
    world.run(Duration::from_secs(60));
    let called = shown_at(&world, 4);
    assert!((1..=3).all(|sign| shown_at(&world, sign) > called), "{:?}", world.events);
}

#[test]
fn an_idle_page_is_shown_at_last_even_while_there_is_always_a_call() {
    let mut world = World::new(9_600, 2, large(), 1);
    world.show(1, &picture(large(), 1), 1, Urgency::Idle);
    for round in 0..60 {
        world.show(2, &picture(large(), 100 + round), round + 1, Urgency::Call);
        world.run(Duration::from_secs(1));
    }
    assert_eq!(world.tags(1), [1]);
    assert!(world.tags(2).len() > 3, "{:?}", world.tags(2));
}

#[test]
fn pages_that_change_faster_than_the_line_paints_are_shown_now_and_then() {
    let mut world = World::new(9_600, 1, large(), 1);
    for round in 0..300 {
        world.show(1, &picture(large(), round), round + 1, Urgency::Call);
        world.run(Duration::from_millis(200));
    }
    // What was sent of an abandoned page is known, and not guessed.
    assert_eq!(world.bus.status(address(1)).unwrap().naks, 0);
    let shown = world.tags(1).len();
    assert!(shown >= 5, "{shown} pictures in a minute");
    world.run(Duration::from_secs(20));
    assert_eq!(world.tags(1).last(), Some(&300));
}

#[test]
fn signs_of_the_same_urgency_take_turns() {
    let mut world = World::new(9_600, 4, large(), 1);
    for sign in 1..=4 {
        world.show(sign, &picture(large(), u64::from(sign)), 1, Urgency::Idle);
    }
    world.run(Duration::from_secs(60));
    let times: Vec<_> = (1..=4).map(|sign| shown_at(&world, sign)).collect();
    let (first, last) = (times.iter().min().unwrap(), times.iter().max().unwrap());
    assert!(*last < *first * 2, "{times:?}");
}

#[test]
fn a_page_that_is_shown_already_is_reported_at_once_without_a_byte() {
    let mut world = World::new(115_200, 1, panel(), 1);
    world.show(1, &picture(panel(), 1), 1, Urgency::Call);
    world.run(Duration::from_secs(1));
    let sent = world.sent.len();
    world.show(1, &picture(panel(), 1), 2, Urgency::Idle);
    assert_eq!(world.tags(1), [1, 2]);
    assert_eq!(world.sent.len(), sent);
}

#[test]
fn a_page_that_comes_back_while_another_is_being_painted_is_shown() {
    let mut world = World::new(9_600, 1, panel(), 1);
    let (old, new) = (picture(panel(), 1), picture(panel(), 2));
    world.show(1, &old, 1, Urgency::Call);
    world.run(Duration::from_secs(3));
    for wait_ms in (0..400).step_by(20) {
        let tag = world.tags(1).last().unwrap() + 1;
        world.show(1, &new, tag, Urgency::Call);
        world.run(Duration::from_millis(wait_ms));
        world.show(1, &old, tag + 1, Urgency::Call);
        world.run(Duration::from_secs(3));
        assert_eq!(world.shown(1), &*old, "after {wait_ms} ms");
        assert_eq!(world.tags(1).last(), Some(&(tag + 1)));
    }
    assert!(world.tags(1).is_sorted());
    assert_eq!(world.bus.status(address(1)).unwrap().naks, 0);
}

#[test]
fn what_an_abandoned_page_left_in_the_sign_is_painted_over() {
    let noise = picture(large(), 9);
    // Noise in these rows only.
    let rows = |rows: &[std::ops::Range<u16>]| {
        let mut frame = Frame::dark(large());
        for y in rows.iter().cloned().flatten() {
            (0..192).for_each(|x| frame.set(x, y, noise.light(x, y)));
        }
        Arc::new(frame)
    };
    let mut world = World::new(9_600, 1, large(), 1);
    for (round, wait_ms) in (0..).zip((50..900).step_by(50)) {
        let tag = 3 * round;
        world.show(1, &rows(&[]), tag, Urgency::Call);
        world.run(Duration::from_secs(6));
        world.show(1, &rows(&[0..8, 40..60]), tag + 1, Urgency::Call);
        world.run(Duration::from_millis(wait_ms));
        world.show(1, &rows(&[50..53, 53..56]), tag + 2, Urgency::Call);
        world.run(Duration::from_secs(6));
        assert_eq!(world.shown(1), &*rows(&[50..53, 53..56]), "after {wait_ms} ms");
    }
    assert_eq!(world.bus.status(address(1)).unwrap().naks, 0);
}

#[test]
fn a_tag_never_goes_back_even_if_the_caller_goes_back() {
    let mut world = World::new(115_200, 1, panel(), 1);
    for tag in [5, 3] {
        world.show(1, &picture(panel(), 1), tag, Urgency::Call);
        world.run(Duration::from_secs(1));
    }
    assert_eq!(world.tags(1), [5, 5]);
}

#[test]
fn nothing_is_sent_while_the_link_is_down_and_everything_is_painted_after_it() {
    let mut world = World::new(115_200, 2, panel(), 1);
    world.bus.link_down(world.now);
    for sign in 1..=2 {
        world.show(sign, &picture(panel(), u64::from(sign)), 1, Urgency::Call);
    }
    world.run(Duration::from_secs(5));
    assert_eq!((world.sent.len(), world.events.len()), (0, 0));
    assert_eq!(world.bus.poll_timeout(), None);
    world.bus.link_up(world.now);
    world.run(Duration::from_secs(2));
    assert_eq!((world.tags(1), world.tags(2)), (vec![1], vec![1]));
}

#[test]
fn what_does_not_belong_on_the_line_is_left_alone() {
    let mut world = World::new(115_200, 1, panel(), 1);
    let other_size = Arc::new(Frame::dark(large()));
    world.bus.show(address(1), other_size, 1, Urgency::Call, world.now);
    world.bus.show(address(77), picture(panel(), 1), 1, Urgency::Call, world.now);
    world.run(Duration::from_secs(1));
    assert!(world.events.is_empty(), "{:?}", world.events);
    assert!(world.bus.status(address(77)).is_none());
    assert!(world.bus.status(address(1)).unwrap().acknowledged.is_none());
}
