//! What presses are told while nothing can be recorded.

use std::time::{Duration, Instant};

use hall_core::answer::Answer;
use hall_core::command::Command;
use hall_core::refusal::Refusal;
use hall_core::trouble::Trouble;

use crate::support::{Desk, now};

#[test]
fn a_press_told_of_trouble_is_not_done_by_a_later_copy_but_the_next_press_is() {
    let mut desk = Desk::open();
    let [first, second, third] = [(); 3].map(|()| desk.request("K1", "social"));
    let mut trouble = Trouble::default();
    assert_eq!(trouble.outcome(&desk.hall, &second, now(desk.wall_ms)), Err(Refusal::StorageTrouble));
    assert!(trouble.has_refused(&first) && trouble.has_refused(&second));
    assert!(!trouble.has_refused(&third) && !trouble.has_refused(&Command::Tick));
}

#[test]
fn a_press_that_is_durable_is_answered_as_it_was_even_in_trouble() {
    let mut desk = Desk::open();
    let take = desk.request("K1", "social");
    desk.give(&take).unwrap();
    let mut trouble = Trouble::default();
    let again = trouble.outcome(&desk.hall, &take, now(desk.wall_ms));
    assert!(matches!(again, Ok(Answer::Ticket { .. })), "{again:?}");
    assert!(!trouble.has_refused(&take));
}

#[test]
fn after_a_failed_write_half_a_second_passes_before_the_next_try() {
    let (mut trouble, failed) = (Trouble::default(), Instant::now());
    assert!(!trouble.holds_back(failed));
    trouble.began(failed);
    let later = |ms| failed + Duration::from_millis(ms);
    assert!(trouble.holds_back(later(499)) && !trouble.holds_back(later(500)));
    assert!(!trouble.awaits_proof(later(499)) && trouble.awaits_proof(later(500)));
    assert!(trouble.over() && !trouble.over());
    assert!(!trouble.holds_back(failed) && !trouble.awaits_proof(later(500)));
}
