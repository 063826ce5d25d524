//! One window for one service: when windows are not worth pooling, because clerks would change over too
//! often, a single one may still be given to the service that is late.

use hall_core::command::Order;
use hall_core::event::{Advice, Event, GuardRail, Managed, Reallocation, Services};
use hall_core::plan::PlanParts;
use hall_core::refusal::Refusal;
use hall_protocol::payload::Key;

use crate::balancer::{crowded, proposals};
use crate::management::list;
use crate::support::{Desk, id};

/// Nine wait for tax at window 1, five for social at windows 2 and 3; the clerk of 2 can do both. To change
/// over takes so long that a window which does both by turns helps nobody.
fn slow_to_change(change: impl FnOnce(&mut PlanParts)) -> Desk {
    let mut desk = crowded(|parts| {
        parts.policy.changeover_seconds = 65_000;
        parts.windows[2].services = list(&["social"]);
        parts.clerks[0].services = list(&["tax"]);
        parts.clerks[2].services = list(&["social"]);
        change(parts);
    });
    for _ in 0..5 {
        desk.take("social");
    }
    desk
}

/// Those who wait for social have time.
fn patient(parts: &mut PlanParts) {
    parts.services[0].target_minutes = 120;
}

fn moves(events: Vec<Event>) -> Vec<Reallocation> {
    let moves = events.into_iter().filter_map(|event| match event {
        Event::Managed(Managed::Proposed { proposal }) => match proposal.advice {
            Advice::Reallocate { moves } => Some(moves),
            _ => None,
        },
        _ => None,
    });
    moves.flatten().collect()
}

#[test]
fn a_window_is_devoted_to_a_late_service_when_helping_beside_its_own_costs_too_much() {
    let found = moves(slow_to_change(patient).tick(1));
    let [it] = &found[..] else { panic!("{found:?}") };
    assert_eq!(it.window, id("2"));
    assert_eq!(it.before, Services { primary: list(&["social"]), backup: Vec::new() });
    assert_eq!(it.after, Services { primary: list(&["tax"]), backup: list(&["social"]) });
}

#[test]
fn windows_are_pooled_instead_where_changing_over_is_quick() {
    let quick = |parts: &mut PlanParts| {
        patient(parts);
        parts.policy.changeover_seconds = 30;
    };
    let found = moves(slow_to_change(quick).tick(1));
    let [it] = &found[..] else { panic!("{found:?}") };
    assert_eq!(it.after, Services { primary: list(&["social", "tax"]), backup: Vec::new() });
}

#[test]
fn no_window_is_moved_when_another_service_would_miss_its_target_for_it() {
    assert_eq!(moves(slow_to_change(|_| ()).tick(1)), [], "window 3 alone would be late with five");
}

#[test]
fn an_accepted_move_takes_no_service_its_last_window() {
    let mut desk = slow_to_change(patient);
    let proposal = proposals(&desk.tick(1))[0].id;
    // The other window for social has closed since.
    desk.done("3", Key::Close);
    let refusal = desk.order(Order::Accept { proposal, only: None }).unwrap_err();
    assert_eq!(refusal, Refusal::HeldBack { window: id("2"), rail: GuardRail::Uncovered });
}
