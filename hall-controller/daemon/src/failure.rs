//! How the process ends when it could not do what was asked: an exit code, and a sentence for the one who sits
//! there, Chinese first where it has Chinese words.

use std::fmt::Display;

use hall_controller::cli::NoPlace;
use hall_controller::config::ConfigErrors;
use hall_controller::output::OutputError;
use hall_controller::running::RunError;
use hall_controller::sign_emulator::SignEmulatorError;
use hall_controller::told::Told;
use hall_core::refusal::Language;

/// The command line or the configuration is wrong, and only a person can mend it.
const EXIT_MISUSE: u8 = 2;

/// Another controller runs the hall: to start again would only ask again (`deploy/systemd` knows it).
const EXIT_SECOND: u8 = 3;

/// Why the process ends with an error: the exit code and the sentence.
pub(crate) struct Failure(pub(crate) u8, pub(crate) String);

pub(crate) fn failed(error: impl Display) -> Failure {
    Failure(1, error.to_string())
}

#[expect(clippy::needless_pass_by_value, reason = "so that map_err takes it")]
pub(crate) fn told(error: impl Told) -> Failure {
    told_in(Language::Zh, &error)
}

pub(crate) fn told_in(language: Language, error: &impl Told) -> Failure {
    failed(error.sentence(language))
}

pub(crate) fn not_run(error: RunError) -> Failure {
    match error {
        RunError::Storage(error) => told(error),
        RunError::Second(error) => Failure(EXIT_SECOND, error.sentence(Language::Zh)),
        other => failed(other),
    }
}

/// No hall was named.
pub(crate) fn unnamed(error: NoPlace) -> Failure {
    misused(error.sentence(Language::Zh))
}

pub(crate) fn misused(error: impl Display) -> Failure {
    Failure(EXIT_MISUSE, error.to_string())
}

/// A configuration that is wrong.
#[expect(clippy::needless_pass_by_value, reason = "so that map_err takes it")]
pub(crate) fn refused(errors: ConfigErrors) -> Failure {
    misused(errors.sentence(Language::Zh))
}

impl From<OutputError> for Failure {
    fn from(error: OutputError) -> Self {
        told(error)
    }
}

pub(crate) fn not_played(error: SignEmulatorError) -> Failure {
    match error {
        SignEmulatorError::Config(errors) => refused(errors),
        other => failed(other),
    }
}
