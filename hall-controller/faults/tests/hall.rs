//! Thousands of halls under faults, and halls with one planted defect each.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use std::time::{Duration, Instant};

use hall_faults::{Invariant, Mutant, explain, run};

/// Seeds always played; on a machine with time to spare more are, up to [`SEEDS_MAX`].
const SEEDS_MIN: u64 = 500;
const SEEDS_MAX: u64 = 20_000;
const BUDGET: Duration = Duration::from_secs(60);

#[test]
fn every_invariant_holds_whatever_breaks() {
    let started = Instant::now();
    let (mut seed, mut events, mut records) = (0, 0, 0);
    // How many seeds fit depends on the machine; what a seed gives does not.
    while seed < SEEDS_MIN || (seed < SEEDS_MAX && started.elapsed() < BUDGET) {
        let played = run(seed, Mutant::Sound);
        assert!(played.violation.is_none(), "{}", explain(seed, Mutant::Sound).unwrap_or_default());
        seed += 1;
        events += played.events;
        records += played.records;
    }
    println!("{seed} seeds, {events} events, {records} records");
    assert!(records > 50 * usize::try_from(seed).unwrap(), "the halls were hardly used");
}

#[test]
fn controllers_die_at_every_point_where_they_can() {
    let mut deaths = [0; 7];
    for seed in 0..400 {
        deaths.iter_mut().zip(run(seed, Mutant::Sound).deaths).for_each(|(sum, more)| *sum += more);
    }
    println!("{deaths:?}");
    assert!(deaths.iter().all(|deaths| *deaths >= 10), "{deaths:?}");
}

#[test]
fn the_same_seed_gives_the_same_events() {
    let traces: Vec<u64> = (0..40).map(|seed| run(seed, Mutant::Sound).trace).collect();
    let again: Vec<u64> = (0..40).map(|seed| run(seed, Mutant::Sound).trace).collect();
    assert_eq!(traces, again);
    let mut distinct = traces;
    distinct.sort_unstable();
    distinct.dedup();
    assert_eq!(distinct.len(), 40, "two seeds gave the same");
}

#[test]
fn a_broken_history_is_told_in_few_words() {
    let seed = (0..50).find(|seed| run(*seed, Mutant::RepeatsAsNewPress).violation.is_some()).unwrap();
    let told = explain(seed, Mutant::RepeatsAsNewPress).unwrap();
    assert!(told.contains("breaks ExactlyOnce"), "{told}");
    assert!(told.contains("a citizen asks kiosk") || told.contains("a clerk presses"), "{told}");
    assert!(told.trim_end().lines().last().unwrap().starts_with("=> ExactlyOnce"), "{told}");
    let (long, short) = told
        .lines()
        .find_map(|line| line.strip_prefix("shrunk from ")?.strip_suffix(':')?.split_once(" steps to "))
        .unwrap();
    let (long, short): (usize, usize) = (long.parse().unwrap(), short.parse().unwrap());
    assert!(short <= 12 && long > 2 * short, "{told}");
}

/// Some seed in `0..seeds` shows the defect, and the first that does breaks one of `expected`.
fn caught(mutant: Mutant, seeds: u64, expected: &[Invariant]) {
    let found = (0..seeds).find_map(|seed| Some((seed, run(seed, mutant).violation?)));
    let Some((seed, violation)) = found else { panic!("no seed below {seeds} shows {mutant:?}") };
    assert!(expected.contains(&violation.invariant), "{mutant:?}, seed {seed}: {violation}");
    println!("{mutant:?}: seed {seed} breaks {violation}");
}

macro_rules! mutants {
    ($($name:ident: $mutant:ident below $seeds:literal breaks $($invariant:ident)|+;)*) => {
        $(
            #[test]
            fn $name() {
                caught(Mutant::$mutant, $seeds, &[$(Invariant::$invariant),+]);
            }
        )*

        #[test]
        fn every_mutant_has_its_test() {
            let tested = [$(Mutant::$mutant),*];
            for mutant in Mutant::ALL {
                assert!(tested.contains(&mutant), "{mutant:?}");
            }
        }
    };
}

mutants! {
    an_acknowledgement_before_the_commit_is_seen: AcksBeforeCommit below 20 breaks DurableBeforeVisible;
    a_reply_before_the_sync_is_seen: RepliesBeforeSync below 20 breaks DurableBeforeVisible;
    a_picture_before_the_sync_is_seen: ShowsBeforeSync below 20 breaks DurableBeforeVisible;
    presses_forgotten_at_a_restart_are_seen: ForgetsPressesOnRestart below 50 breaks ExactlyOnce | ReplayGivesTheState;
    numbers_that_begin_again_when_the_clock_goes_back_are_seen: NumbersAgainAfterClockBack below 400 breaks NumberOncePerDay | AddsUp;
    a_number_issued_twice_is_seen: IssuesNumbersTwice below 20 breaks NumberOncePerDay;
    an_ignored_fence_is_seen: IgnoresFence below 100 breaks ReplayGivesTheState | FirstComeFirstServed | AddsUp | OnePlace;
    a_torn_write_that_counts_is_seen: AcceptsTornWrite below 100 breaks ChainVerifies | ExactlyOnce;
    a_last_write_dropped_at_the_start_is_seen: DropsLastWriteOnRecovery below 50 breaks TicketsForEver | DurableBeforeVisible;
    a_failed_write_that_comes_back_is_seen: LetsGhostsReturn below 1000 breaks ReplayGivesTheState;
    a_stale_press_that_is_done_is_seen: ExecutesStalePresses below 400 breaks NothingLate;
    a_guard_that_a_clock_stops_is_seen: GuardsByHallTime below 400 breaks DoublePressGuard;
    a_citizen_overtaken_is_seen: CallsTheSecond below 20 breaks FirstComeFirstServed;
    a_call_to_two_windows_is_seen: CallsToTwoWindows below 50 breaks OnePlace | FirstComeFirstServed;
    two_tickets_at_a_window_are_seen: ForgetsToFinish below 20 breaks OnePlace;
    a_no_show_counted_twice_is_seen: WritesNoShowsTwice below 20 breaks AddsUp;
    a_press_done_after_it_was_refused_is_seen: ForgetsRefusals below 2000 breaks ExactlyOnce;
    an_engine_that_never_goes_on_is_seen: NeverResumes below 100 breaks EverybodyIsAnswered;
    hand_ins_forgotten_at_a_restart_are_seen: ForgetsHandInsOnRestart below 1000 breaks ReplayGivesTheState;
    a_number_shown_before_it_is_kept_is_seen: ForgetsPrints below 3000 breaks NumberOncePerDay;
    a_place_by_the_hand_in_is_seen: StandsByHandIn below 100 breaks FirstComeFirstServed;
    an_event_applied_twice_is_seen: AppliesTwice below 20 breaks ReplayGivesTheState;
    a_sign_believed_without_its_word_is_seen: TrustsSignsBlindly below 20 breaks ShowsTheJournal;
    a_mixed_picture_is_seen: MixesPictures below 20 breaks NeverTorn;
    a_page_lost_with_the_line_is_seen: DropsPagesWhileCut below 20 breaks ShowsTheJournal;
    retained_state_lost_with_the_broker_is_seen: KeepsRetainedToItself below 600 breaks ShowsTheJournal;
    a_lost_reply_taken_for_a_new_press_is_seen: RepeatsAsNewPress below 50 breaks ExactlyOnce;
    publications_without_bound_are_seen: PublishesWithoutBound below 50 breaks Bounded;
    a_panic_is_seen: PanicsOnOldPress below 50 breaks NothingPanics;
}
