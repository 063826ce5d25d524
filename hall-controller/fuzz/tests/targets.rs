//! Five seconds of each target, and a target that breaks.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use std::time::Duration;

use hall_fuzz::{TARGETS, fuzz, keep_failure};

const TIME: Duration = Duration::from_secs(5);

fn holds(name: &str) {
    let named = TARGETS.into_iter().find(|named| named.name == name).unwrap();
    let outcome = fuzz(named, 1, TIME, |_| {});
    if let Some(failure) = outcome.failure {
        let path = keep_failure(name, &failure.input).unwrap();
        let path = path.display();
        panic!("{}; the input is in {path}: cargo xtask fuzz {name} --input {path}", failure.why);
    }
    println!("{name}: {} inputs, {} accepted", outcome.inputs, outcome.accepted);
    assert!(outcome.accepted > 0, "no input of {name} is any good");
    assert!(outcome.inputs > 100, "{name} is too slow to be fuzzed");
}

macro_rules! targets {
    ($($test:ident: $name:literal;)*) => {
        $(
            #[test]
            fn $test() {
                holds($name);
            }
        )*

        #[test]
        fn every_target_has_its_test() {
            assert_eq!(TARGETS.map(|named| named.name), [$($name),*]);
        }
    };
}

targets! {
    topics_ids_and_numbers_are_read_as_they_are_written: "topic";
    payloads_are_read_as_they_are_written: "payload";
    any_message_is_taken_or_refused_in_words: "message";
    frames_of_any_line_are_read_or_refused: "frame";
    messages_in_good_frames_are_read_as_they_are_written: "sign-message";
    pixels_come_back_from_their_code: "run-length";
    a_virtual_sign_hears_anything: "sign";
    a_line_works_again_after_any_noise: "bus";
    any_recorded_bytes_are_told_where_they_stand: "decode";
    any_answer_is_heard_alike_in_whatever_pieces: "answers";
    an_echo_is_taken_out_in_whatever_pieces: "echo";
    a_search_for_a_card_s_speed_ends: "speed";
    an_emulated_display_hears_anything: "far-end";
    a_serial_pad_is_heard_after_any_noise: "serial-pad";
    any_frame_of_a_manual_is_taken_or_refused_in_words: "template";
    any_hex_is_read_as_it_is_written: "hex";
    a_device_s_link_says_the_same_in_whatever_pieces: "device-link";
    a_sign_s_firmware_hears_anything: "device-sign";
    any_page_of_settings_is_right_or_told_what_is_wrong: "device-settings";
    a_kiosk_starts_with_any_memory: "device-store";
    any_list_of_appointments_is_read_or_told_what_is_wrong: "sheet";
    any_scenario_is_read_as_it_is_written_or_told_what_is_wrong: "scenario";
    any_configuration_is_right_or_told_what_is_wrong: "config";
    any_recording_is_read_as_it_is_written_or_told_what_is_wrong: "capture";
    any_command_line_is_right_or_told_what_is_wrong: "command-line";
    any_row_is_taken_over_or_refused: "event";
    any_state_is_read_as_it_is_written_or_refused: "state";
    a_kiosk_that_is_a_page_starts_with_any_store: "kiosk-store";
    any_file_of_phones_works_or_is_refused: "phone-file";
    any_token_s_file_is_right_or_named: "token-file";
    a_backup_is_put_back_whole_or_not_at_all: "backup-file";
    a_snapshot_s_file_is_what_was_written_or_refused: "snapshot-file";
    a_journal_s_file_is_the_journal_it_was_or_refused: "journal-file";
    any_request_is_answered_or_hung_up_on: "web";
    any_request_of_a_program_is_answered_or_hung_up_on: "api";
    any_answer_to_a_command_is_told_or_refused_in_words: "called";
}

#[test]
fn the_same_seed_gives_the_same_inputs_and_what_breaks_is_shortened() {
    let failures: Vec<_> = (0..2).map(|_| hall_fuzz::self_check(7)).collect();
    assert_eq!(failures[0], failures[1]);
    assert_eq!(failures[0].input, b"!9a");
    assert!(failures[0].why.contains("planted"), "{}", failures[0].why);
}
