//! How long who was missed may come back, while the clock is set.

use hall_core::refusal::Refusal;
use hall_protocol::payload::Key;

use crate::support::{Desk, HOUR_MS, id, replayed};

const MINUTE_MS: i64 = 60_000;

/// A001 did not come, and the others wait.
fn missed() -> Desk {
    let mut desk = Desk::open();
    for _ in 0..4 {
        desk.take("social");
    }
    desk.call("2");
    desk.wait(MINUTE_MS);
    desk.done("2", Key::NoShow);
    desk
}

fn over() -> Result<(), Refusal> {
    Err(Refusal::GraceOver { number: id("A001"), minutes: 30 })
}

fn comes_back(desk: &mut Desk) -> Result<(), Refusal> {
    desk.about("2", Key::Return, "A001").map(drop)
}

#[test]
fn a_clock_set_back_by_hours_gives_nobody_hours_to_come_back() {
    for (minutes, back) in [(29, Ok(())), (31, over())] {
        let mut desk = missed();
        desk.wait(-3 * HOUR_MS);
        // A call tells what the clock shows since.
        desk.call("1");
        desk.wait(minutes * MINUTE_MS);
        assert_eq!(comes_back(&mut desk), back, "{minutes} minutes later");
        assert_eq!(replayed(id("county"), &desk.journal), desk.hall);
    }
}

#[test]
fn nor_does_one_that_has_been_behind_since_before_the_no_show() {
    for (minutes, back) in [(30, Ok(())), (31, over())] {
        let mut desk = Desk::open();
        desk.take("social");
        desk.wait(-3 * HOUR_MS);
        desk.call("2");
        desk.wait(MINUTE_MS);
        desk.done("2", Key::NoShow);
        desk.wait(minutes * MINUTE_MS);
        assert_eq!(comes_back(&mut desk), back, "{minutes} minutes later");
    }
}

#[test]
fn what_passed_before_the_clock_was_set_counts_too() {
    for (minutes, back) in [(9, Ok(())), (11, over())] {
        let mut desk = missed();
        desk.wait(20 * MINUTE_MS);
        desk.call("1");
        desk.wait(-3 * HOUR_MS);
        desk.call("1");
        desk.wait(minutes * MINUTE_MS);
        assert_eq!(comes_back(&mut desk), back, "{minutes} minutes later");
    }
}

#[test]
fn who_is_missed_again_has_the_whole_time_again() {
    let mut desk = missed();
    desk.wait(20 * MINUTE_MS);
    comes_back(&mut desk).unwrap();
    desk.call("1");
    desk.wait(MINUTE_MS);
    desk.done("1", Key::NoShow);
    desk.wait(20 * MINUTE_MS);
    assert_eq!(comes_back(&mut desk), Ok(()));
}
