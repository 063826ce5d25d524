//! Whether the command line holds together.

use clap::CommandFactory;

use super::*;

#[test]
fn the_command_line_is_well_formed_and_every_command_has_an_example() {
    fn examples(command: &clap::Command) {
        for sub in command.get_subcommands() {
            let help = sub.get_after_help().map(ToString::to_string).unwrap_or_default();
            assert!(help.contains("Example"), "{}", sub.get_name());
            examples(sub);
        }
    }
    Cli::command().debug_assert();
    examples(&Cli::command());
}

#[test]
fn durations_read_as_people_write_them() {
    for (text, seconds) in [("30", 30), ("30s", 30), ("5m", 300), ("1h 30m", 5_400)] {
        assert_eq!(parse_duration(text), Ok(Duration::from_secs(seconds)), "{text}");
    }
    assert!(parse_duration("soon").is_err() && parse_duration("-3s").is_err());
}

#[test]
fn a_number_is_known_by_small_letters_too() {
    assert_eq!(parse_number("a003"), parse_number("A003"));
    assert!(parse_number("A003").is_ok() && parse_number("a3").is_err());
}
