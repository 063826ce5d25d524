//! Random histories with clock jumps, repeated, late and disordered presses, plan changes, ends of
//! days and restarts: the invariants hold at every instant. And of halls with one defect each the
//! same histories show that defect.
//!
//! The manager moves no window in them: the witness goes by the plan's windows. `reference` has those
//! histories.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use crate::support::mutants::Mutant;
use crate::support::rehearsal::play;
use crate::support::script::{Step, as_planned, history};
use crate::support::witness::Fault;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn every_history_keeps_the_invariants(history in history().prop_map(as_planned)) {
        let played = play(&history, Mutant::Sound);
        prop_assert!(played.complaints.is_empty(), "{:#?}", played.complaints);
    }
}

/// The same histories at each run.
fn histories(count: usize) -> impl Iterator<Item = Vec<Step>> {
    let mut runner = TestRunner::deterministic();
    (0..count).map(move |_| as_planned(history().new_tree(&mut runner).unwrap().current()))
}

#[test]
fn the_witness_sees_every_defect_and_has_no_complaint_of_a_sound_hall() {
    for (mutant, fault) in Mutant::ALL {
        let mut seen = BTreeSet::<Fault>::new();
        let found = histories(1_000).position(|history| {
            let sound = play(&history, Mutant::Sound).complaints;
            assert!(sound.is_empty(), "{sound:#?}");
            let faults = play(&history, mutant).complaints.into_iter().map(|(fault, _)| fault);
            seen.extend(faults);
            seen.contains(&fault)
        });
        assert!(found.is_some(), "{mutant:?} goes unseen as {fault:?}; seen was {seen:?}");
    }
}

#[test]
fn the_histories_reach_every_event_and_refusal() {
    let (mut events, mut refusals) = (BTreeSet::new(), BTreeSet::new());
    for history in histories(2_500) {
        let played = play(&history, Mutant::Sound);
        events.extend(played.journal.iter().map(|stamped| stamped.event.name()));
        refusals.extend(played.refusals);
    }
    assert_eq!(events.len(), 41, "{events:?}");
    // Numbers are used up by nobody in so short a day, storage is not the core's trouble, and three
    // services are too few for one ticket to have too many of them.
    assert_eq!(refusals.len(), 63, "{refusals:?}");
}
