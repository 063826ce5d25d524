//! Running a list of steps: which of how many, how long, and at the first failure what failed
//! and how to run just that again. What the steps do is in `check`.
//!
//! All of this goes to standard error, so that standard output carries only results.

use std::time::{Duration, Instant};

use anyhow::Result;
use clap::ValueEnum;

/// Run `steps` of `cargo xtask {command}` in order until one fails; true when none did.
pub(crate) fn run<S: ValueEnum + Copy>(
    command: &str,
    steps: &[S],
    mut perform: impl FnMut(S) -> Result<()>,
) -> bool {
    let started = Instant::now();
    for (index, step) in steps.iter().enumerate() {
        let (name, says) = describe(step);
        let place = format!("[{}/{}] {name}", index + 1, steps.len());
        eprintln!("{place}: {says}");
        let step_started = Instant::now();
        if let Err(error) = perform(*step) {
            eprintln!("{}", failure(&place, step_started.elapsed(), &error));
            eprintln!("    just this step again: cargo xtask {command} --only {name}");
            return false;
        }
        eprintln!("{place}: passed in {}", seconds(step_started.elapsed()));
    }
    eprintln!(
        "all {} steps of `cargo xtask {command}` passed in {}",
        steps.len(),
        seconds(started.elapsed())
    );
    true
}

fn failure(place: &str, elapsed: Duration, error: &anyhow::Error) -> String {
    format!("\n{place}: FAILED after {}\n    {error:#}", seconds(elapsed))
}

fn seconds(elapsed: Duration) -> String {
    format!("{:.1} s", elapsed.as_secs_f64())
}

fn describe<S: ValueEnum>(step: &S) -> (String, String) {
    step.to_possible_value().map_or_else(Default::default, |value| {
        (value.get_name().to_owned(), value.get_help().map(ToString::to_string).unwrap_or_default())
    })
}

#[cfg(test)]
mod tests {
    use anyhow::bail;

    use super::*;
    use crate::check::Step;

    #[test]
    fn the_first_failure_stops_the_run() {
        let mut done = Vec::new();
        let passed = run("test", &[Step::Files, Step::Format, Step::Tests], |step| {
            done.push(step);
            if step == Step::Format {
                bail!("a space too many");
            }
            Ok(())
        });
        assert!(!passed);
        assert_eq!(done, [Step::Files, Step::Format]);
    }

    #[test]
    fn every_step_says_what_it_does() {
        for step in Step::OF_TEST {
            let (name, says) = describe(&step);
            assert!(!name.is_empty() && !says.is_empty(), "{step:?}");
        }
    }
}
