//! Thousands of halls under faults, and halls with one planted defect each.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};

#[cfg(feature = "mutants")]
use hall_faults::Invariant;
use hall_faults::{Mutant, explain, run};

/// Seeds played in each test run, on all cores.
const SEEDS: u64 = 20_000;

#[test]
fn every_invariant_holds_whatever_breaks() {
    let (next, events, records) = (AtomicU64::new(0), AtomicU64::new(0), AtomicUsize::new(0));
    let broken = AtomicU64::new(u64::MAX);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                while broken.load(Relaxed) == u64::MAX {
                    let seed = next.fetch_add(1, Relaxed);
                    if seed >= SEEDS {
                        break;
                    }
                    let played = run(seed, Mutant::Sound);
                    if played.violation.is_some() {
                        broken.fetch_min(seed, Relaxed);
                    }
                    events.fetch_add(played.events, Relaxed);
                    records.fetch_add(played.records, Relaxed);
                }
            });
        }
    });
    let broken = broken.into_inner();
    assert!(broken == u64::MAX, "{}", explain(broken, Mutant::Sound).unwrap_or_default());
    let (events, records) = (events.into_inner(), records.into_inner());
    println!("{SEEDS} seeds, {events} events, {records} records");
    assert!(records > 50 * usize::try_from(SEEDS).unwrap(), "the halls were hardly used");
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
fn the_histories_reach_the_whole_life_of_a_ticket() {
    let reached: BTreeSet<_> = (0..400).flat_map(|seed| run(seed, Mutant::Sound).kinds).collect();
    let rarer = [
        "transferred",
        "parked",
        "unparked",
        "returned",
        "cancelled",
        "service_corrected",
        "matter_added",
        "matter_finished",
        "walked_in",
        "evaluated",
        "class_confirmed",
        "clerk_signed_on",
        "clerk_signed_off",
        "window_armed",
        "requeued",
        "deferred",
        "booked",
        "rebooked",
        "unbooked",
        "released",
        "checked_in",
        "expired",
        "allocated",
        "routing_set",
        "of_several_groups",
        "passed_another_group",
        "passed_by_class",
        "passed_by_slot",
        "helped",
        "starving",
        "two_controllers_met",
    ];
    let missing: Vec<_> = rarer.iter().filter(|kind| !reached.contains(*kind)).collect();
    assert!(missing.is_empty(), "{missing:?}; reached were {reached:?}");
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

#[cfg(feature = "mutants")]
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

#[cfg(feature = "mutants")]
/// Some seed in `0..seeds` shows the defect, and what the first that does breaks first is `expected`.
fn caught(mutant: Mutant, seeds: u64, expected: Invariant) {
    let found = (0..seeds).find_map(|seed| Some((seed, run(seed, mutant).violation?)));
    let Some((seed, violation)) = found else { panic!("no seed below {seeds} shows {mutant:?}") };
    assert!(violation.invariant == expected, "{mutant:?}, seed {seed}: {violation}");
    println!("{mutant:?}: seed {seed} breaks {violation}");
}

#[cfg(feature = "mutants")]
macro_rules! mutants {
    ($($name:ident: $mutant:ident below $seeds:literal breaks $invariant:ident;)*) => {
        $(
            #[test]
            fn $name() {
                caught(Mutant::$mutant, $seeds, Invariant::$invariant);
            }
        )*

        #[test]
        fn every_mutant_has_its_test() {
            let tested = [$(Mutant::$mutant),*];
            for mutant in Mutant::ALL {
                assert!(tested.contains(&mutant), "{mutant:?}");
            }
        }

        #[test]
        fn every_invariant_has_a_defect_that_breaks_it_first() {
            let broken = [$(Invariant::$invariant),*];
            for invariant in Invariant::ALL {
                assert!(broken.contains(&invariant), "{invariant:?}");
            }
        }
    };
}

#[cfg(feature = "mutants")]
mutants! {
    an_acknowledgement_before_the_commit_is_seen: AcksBeforeCommit below 20 breaks DurableBeforeVisible;
    a_reply_before_the_sync_is_seen: RepliesBeforeSync below 20 breaks DurableBeforeVisible;
    a_picture_before_the_sync_is_seen: ShowsBeforeSync below 20 breaks DurableBeforeVisible;
    presses_forgotten_at_a_restart_are_seen: ForgetsPressesOnRestart below 50 breaks ExactlyOnce;
    numbers_that_begin_again_when_the_clock_goes_back_are_seen: NumbersAgainAfterClockBack below 400 breaks NumberOncePerDay;
    a_number_issued_twice_is_seen: IssuesNumbersTwice below 20 breaks NumberOncePerDay;
    an_ignored_fence_is_seen: IgnoresFence below 100 breaks TicketsForEver;
    a_torn_write_that_counts_is_seen: AcceptsTornWrite below 100 breaks ChainVerifies;
    a_last_write_dropped_at_the_start_is_seen: DropsLastWriteOnRecovery below 50 breaks DurableBeforeVisible;
    a_ticket_dropped_at_the_start_is_seen: DropsLastTicketOnRecovery below 100 breaks TicketsForEver;
    a_journal_written_anew_is_seen: RechainsOnRecovery below 50 breaks ChainVerifies;
    a_failed_write_that_comes_back_is_seen: LetsGhostsReturn below 1000 breaks ReplayGivesTheState;
    a_stale_press_that_is_done_is_seen: ExecutesStalePresses below 400 breaks NothingLate;
    a_guard_that_a_clock_stops_is_seen: GuardsByHallTime below 400 breaks DoublePressGuard;
    a_citizen_overtaken_is_seen: CallsTheSecond below 20 breaks FirstComeFirstServed;
    a_call_to_two_windows_is_seen: CallsToTwoWindows below 50 breaks OnePlace;
    a_backup_service_before_its_turn_is_seen: ForgetsTiers below 400 breaks PrimaryFirst;
    a_quota_of_the_classes_forgotten_is_seen: ForgetsPriorityQuota below 100 breaks WithinQuota;
    a_quota_of_appointments_forgotten_is_seen: ForgetsAppointmentQuota below 2000 breaks WithinQuota;
    a_starving_citizen_forgotten_is_seen: ForgetsStarvation below 2000 breaks NobodyStarves;
    a_policy_of_a_group_forgotten_is_seen: ForgetsGroups below 400 breaks FirstComeFirstServed;
    a_policy_set_live_forgotten_is_seen: ForgetsSetPolicies below 400 breaks FirstComeFirstServed;
    two_tickets_at_a_window_are_seen: ForgetsToFinish below 20 breaks OnePlace;
    a_no_show_counted_twice_is_seen: WritesNoShowsTwice below 20 breaks AddsUp;
    a_press_done_after_it_was_refused_is_seen: ForgetsRefusals below 2000 breaks ExactlyOnce;
    an_engine_that_never_goes_on_is_seen: NeverResumes below 100 breaks EverybodyIsAnswered;
    hand_ins_forgotten_at_a_restart_are_seen: ForgetsHandInsOnRestart below 1000 breaks ReplayGivesTheState;
    leases_forgotten_at_a_restart_are_seen: ForgetsLeasesOnRestart below 100 breaks NumberOncePerDay;
    bookings_forgotten_at_a_restart_are_seen: ForgetsBookingsOnRestart below 100 breaks SlotCapacity;
    an_id_booked_twice_is_seen: BooksTheSameAgain below 100 breaks BookedOnce;
    a_slot_over_its_capacity_is_seen: OverbooksSlots below 100 breaks SlotCapacity;
    two_tickets_for_an_appointment_are_seen: ChecksInTwice below 200 breaks OneTicketEach;
    an_appointment_given_up_too_early_is_seen: ReleasesAtTheSlot below 100 breaks BookingsForEver;
    a_second_deferral_is_seen: DefersForEver below 100 breaks DeferredOnce;
    a_number_after_closing_is_seen: IssuesAfterClosing below 100 breaks WithinHours;
    a_press_of_before_a_standstill_is_seen: IgnoresStandstills below 400 breaks NothingLate;
    a_number_shown_before_it_is_kept_is_seen: ForgetsPrints below 3000 breaks NumberOncePerDay;
    a_place_by_the_hand_in_is_seen: StandsByHandIn below 100 breaks FirstComeFirstServed;
    a_paper_of_a_withdrawn_lease_refused_is_seen: RefusesWithdrawnPapers below 3000 breaks TicketsForEver;
    a_place_nobody_is_told_of_is_seen: HidesWhoWaitsAs below 3000 breaks TicketsForEver;
    a_matter_of_a_hand_in_dropped_is_seen: DropsMattersOfHandIns below 400 breaks TicketsForEver;
    an_event_applied_twice_is_seen: AppliesTwice below 20 breaks ReplayGivesTheState;
    a_sign_believed_without_its_word_is_seen: TrustsSignsBlindly below 20 breaks ShowsTheJournal;
    a_mixed_picture_is_seen: MixesPictures below 20 breaks NeverTorn;
    a_page_lost_with_the_line_is_seen: DropsPagesWhileCut below 20 breaks ShowsTheJournal;
    retained_state_lost_with_the_broker_is_seen: KeepsRetainedToItself below 600 breaks ShowsTheJournal;
    a_lost_reply_taken_for_a_new_press_is_seen: RepeatsAsNewPress below 50 breaks ExactlyOnce;
    a_pad_that_uses_its_numbers_again_is_seen: ReusesNumbersAfterReboot below 100 breaks ExactlyOnce;
    a_pad_whose_clock_stands_still_is_seen: StopsClockWithoutLink below 1000 breaks NothingLate;
    a_repetition_with_a_new_number_is_seen: NumbersRepetitions below 100 breaks ExactlyOnce;
    a_press_made_again_after_a_restart_is_seen: PressesAgainAfterReboot below 2000 breaks ExactlyOnce;
    a_kiosk_that_loses_what_it_printed_is_seen: CachesTheStore below 3000 breaks NumberOncePerDay;
    a_hand_in_that_never_arrives_is_seen: CountsHandInsWhenSent below 400 breaks TicketsForEver;
    a_ticket_nobody_holds_is_seen: HidesUnansweredTakes below 1000 breaks ExactlyOnce;
    publications_without_bound_are_seen: PublishesWithoutBound below 50 breaks Bounded;
    a_hall_that_is_kept_in_silence_is_seen: KeepsTheHallInSilence below 20 breaks OneController;
    a_panic_is_seen: PanicsOnOldPress below 50 breaks NothingPanics;
}
