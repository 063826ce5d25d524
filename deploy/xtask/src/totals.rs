//! Summing the results of many test binaries to one line.
//!
//! `cargo test` prints one summary for each binary and none for the whole. This reads those
//! lines as they pass. A binary that dies before its summary counts as failed with all its
//! tests: nobody knows what they would have said. A test that finds out while it runs that it cannot do
//! its work says so in a line that begins with [`SKIPPED`]; the harness counts it as passed.

use std::fmt;

use anyhow::{Result, bail};

/// How a test says past the harness that it did not do its work: a line of its own, with the reason.
const SKIPPED: &str = "skipped while running: ";

/// The sum over all test binaries so far.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Totals {
    passed: u64,
    failed: u64,
    skipped: u64,
    /// Tests of the binary now running; `None` between binaries.
    running: Option<u64>,
    /// Of these, how many said that they did not do their work.
    skipped_while_running: u64,
    /// The names of those that failed and lived to say so.
    red: Vec<String>,
}

/// The numbers in one `test result:` line.
struct Summary {
    passed: u64,
    failed: u64,
    ignored: u64,
}

impl Totals {
    /// Take in one line of `cargo test`'s standard output.
    pub(crate) fn read_line(&mut self, line: &str) {
        if line.starts_with(SKIPPED) && self.running.is_some() {
            self.skipped_while_running += 1;
        } else if let Some(name) = red(line)
            && self.running.is_some()
        {
            self.red.push(name.to_owned());
        } else if let Some(tests) = announced(line) {
            self.end();
            self.running = Some(tests);
        } else if let Some(summary) = Summary::parse(line)
            // A failing test's own output is shown later and may look like a summary.
            && self.running.take().is_some()
        {
            let not_done = std::mem::take(&mut self.skipped_while_running).min(summary.passed);
            self.passed += summary.passed - not_done;
            self.failed += summary.failed;
            self.skipped += summary.ignored + not_done;
        }
    }

    /// The output ended: a binary without a summary has died.
    pub(crate) fn end(&mut self) {
        // A binary that dies in its first instruction has still failed once.
        self.failed += self.running.take().map_or(0, |tests| tests.max(1));
        self.skipped_while_running = 0;
    }

    /// With the tests of another lane, when both have ended.
    pub(crate) fn add(&mut self, other: Self) {
        self.red.extend(other.red);
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }

    /// Whether the run may pass; in CI a skipped test is a failure, for nobody would ever run it.
    pub(crate) fn verdict(&self, in_ci: bool) -> Result<()> {
        if self.failed > 0 {
            let named =
                if self.red.is_empty() { String::new() } else { format!(": {}", self.red.join(", ")) };
            bail!("{} of {} tests failed{named}; why stands above", self.failed, self.passed + self.failed);
        }
        if in_ci && self.skipped > 0 {
            bail!("{} tests were skipped, and CI=true allows none", self.skipped);
        }
        Ok(())
    }
}

impl fmt::Display for Totals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed, {} skipped", self.passed, self.failed, self.skipped)
    }
}

/// The name in `test NAME ... FAILED`.
fn red(line: &str) -> Option<&str> {
    line.strip_prefix("test ")?.strip_suffix(" ... FAILED")
}

/// `running 12 tests`, which opens the output of each binary.
fn announced(line: &str) -> Option<u64> {
    let (count, word) = line.strip_prefix("running ")?.split_once(' ')?;
    matches!(word, "test" | "tests").then_some(())?;
    count.parse().ok()
}

impl Summary {
    /// `test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; …`
    fn parse(line: &str) -> Option<Self> {
        let (_, counts) = line.strip_prefix("test result: ")?.split_once(". ")?;
        let count = |wanted: &str| {
            counts.split("; ").find_map(|part| {
                let (number, word) = part.split_once(' ')?;
                (word == wanted).then(|| number.parse().ok())?
            })
        };
        Some(Self { passed: count("passed")?, failed: count("failed")?, ignored: count("ignored")? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(output: &str) -> Totals {
        let mut totals = Totals::default();
        output.lines().for_each(|line| totals.read_line(line));
        totals.end();
        totals
    }

    const OK: &str =
        "test result: ok. 2 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s";
    const RED: &str =
        "test result: FAILED. 1 passed; 3 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.00s";

    #[test]
    fn the_binaries_of_a_run_are_summed_in_one_line() {
        let output = format!(
            "\nrunning 3 tests\ntest a ... ok\n{OK}\n\nrunning 4 tests\n{RED}\n\nrunning 3 tests\n{OK}\n"
        );
        assert_eq!(sum(&output).to_string(), "5 passed, 3 failed, 2 skipped");
    }

    #[test]
    fn a_binary_that_dies_fails_with_all_its_tests() {
        let output = format!("running 7 tests\ntest a ... ok\nrunning 3 tests\n{OK}\nrunning 0 tests\n");
        assert_eq!(sum(&output).to_string(), "2 passed, 8 failed, 1 skipped");
    }

    #[test]
    fn what_a_test_prints_is_not_a_summary() {
        let output = format!("{OK}\nrunning late\nrunning x tests\nrunning 3 tests\n{OK}\n{OK}\n");
        assert_eq!(sum(&output).to_string(), "2 passed, 0 failed, 1 skipped");
    }

    #[test]
    fn a_skipped_test_passes_at_the_desk_and_fails_in_ci() {
        let one_skipped = sum(&format!("running 3 tests\n{OK}"));
        assert!(one_skipped.verdict(false).is_ok());
        assert!(one_skipped.verdict(true).is_err());
    }

    #[test]
    fn a_test_that_says_it_did_not_do_its_work_is_skipped_and_not_passed() {
        let output = format!(
            "running 3 tests\nskipped while running: full_disk: no rights\n{OK}\nrunning 3 tests\n{OK}"
        );
        assert_eq!(sum(&output).to_string(), "3 passed, 0 failed, 3 skipped");
        assert_eq!(sum(&format!("skipped while running: x\nrunning 3 tests\n{OK}")).skipped, 1);
    }

    #[test]
    fn the_tests_that_failed_are_named_at_the_end() {
        let totals = sum(&format!("running 4 tests\ntest life::a ... ok\ntest life::b ... FAILED\n{RED}"));
        let error = totals.verdict(false).err().map(|error| error.to_string());
        assert_eq!(error.as_deref(), Some("3 of 4 tests failed: life::b; why stands above"));
    }

    #[test]
    fn a_failed_test_fails_the_run() {
        assert!(sum(&format!("running 4 tests\n{RED}")).verdict(false).is_err());
    }
}
