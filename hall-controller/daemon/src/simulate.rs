//! `simulate`: days of a scenario on all cores, and what came of them.
//!
//! Days are independent, so each thread takes the next one; the figures come back in the order of
//! the replications, whichever core was faster. The page of `--html` is written, all else is printed
//! by whoever calls.

mod detail;
mod page;
mod report;
#[cfg(test)]
mod tests;
mod warning;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc;
use std::time::Instant;

use hall_core::plan::{self, Policy};
use hall_simulate::scenario::ScenarioError;
use hall_simulate::{Breakdown, Figures, Scenario, Setting, SimulationError};

use self::detail::Detail;
pub use self::report::Report;
pub use self::warning::Warning;
use crate::cli::{Balance, Other, PolicyName, RuleArgs, SimulateArgs};
use crate::progress::Bar;

/// Why nothing was simulated.
#[derive(Debug, thiserror::Error)]
pub enum SimulateError {
    /// The file.
    #[error("{} cannot be read: {why}", named(path))]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        why: std::io::Error,
    },
    /// What --compare names.
    #[error(
        "--compare {}: neither POLICY/BALANCE, such as fcfs/off or service-level/auto (policies: fcfs, priority, \
         accumulating, service-level; balance: off, advise, auto), nor a scenario that can be read: {why}",
        path.display()
    )]
    Compare {
        /// What was given.
        path: PathBuf,
        /// Why it cannot be read as a file.
        why: std::io::Error,
    },
    /// Both from standard input.
    #[error(
        "the scenario and the one of --compare cannot both be read from standard input; name a file for one"
    )]
    TwiceFromInput,
    /// What it says.
    #[error("{}: {why}", shortly(path))]
    Scenario {
        /// Which.
        path: PathBuf,
        /// What is wrong with it.
        why: ScenarioError,
    },
    /// The page.
    #[error("the page {} cannot be written: {why}; choose another file with --html", path.display())]
    Write {
        /// Which.
        path: PathBuf,
        /// Why.
        why: std::io::Error,
    },
    /// Something else than a page of before would be lost.
    #[error(
        "{} is there already and is no report of simulate, so nothing was simulated; choose another file with \
         --html, or remove this one",
        path.display()
    )]
    Foreign {
        /// Which.
        path: PathBuf,
    },
    /// A defect.
    #[error("{0}. This is a defect of the program; please report it with the scenario")]
    Simulation(#[from] SimulationError),
}

/// Simulate what is asked, with a progress bar on standard error.
///
/// # Errors
/// [`SimulateError`].
pub fn run(arguments: &SimulateArgs) -> Result<Report, SimulateError> {
    let begun = Instant::now();
    let SimulateArgs { scenario: path, policy, balance, replications, seed, compare, .. } = arguments;
    let (html, details) = (arguments.html.as_deref(), arguments.details);
    if is_input(path) && matches!(compare, Some(Other::Scenario(other)) if is_input(other)) {
        return Err(SimulateError::TwiceFromInput);
    }
    if let Some(path) = html {
        page::place::check(path)?;
    }
    let (scenario, mut warnings) = load(path)?;
    let this = Way {
        scenario: &scenario,
        policy: *policy,
        rules: arguments.rules,
        balance: *balance,
        accepts_after_minutes: arguments.accept_after,
    };
    let other_scenario = match compare {
        Some(Other::Scenario(path)) => {
            let (scenario, odd) = load(path).map_err(|error| match error {
                SimulateError::Read { path, why } => SimulateError::Compare { path, why },
                other => other,
            })?;
            warnings.extend(odd);
            Some(scenario)
        }
        _ => None,
    };
    let other = match (compare, &other_scenario) {
        (Some(Other::Setting(policy, balance)), _) => {
            Some(Way { policy: *policy, balance: *balance, ..this })
        }
        (_, Some(scenario)) => Some(Way { scenario, ..this }),
        _ => None,
    };
    let mut bar = Bar::on_stderr("simulating");
    let runs = u64::from(*replications) * if other.is_some() { 2 } else { 1 };
    let mut done = 0;
    let mut one_more = || {
        done += 1;
        bar.show(done, runs);
    };
    let (figures, detail) = days(this, *replications, *seed, &mut one_more)?;
    let seconds = begun.elapsed().as_secs_f64();
    let other = match other {
        Some(other) => Some((other, days(other, *replications, *seed, &mut one_more)?)),
        None => None,
    };
    drop(bar);
    let mut report = Report::of(this, *seed, &figures, seconds);
    report.describe(this, &detail, details);
    report.warn(warnings);
    report.warn(Warning::never_called(&report.heading(), &scenario, &detail.breakdown));
    if let Some((other, (days, detail))) = other {
        report.compare(other, &figures, &days, begun.elapsed().as_secs_f64() - seconds);
        let heading = report.compared_with().unwrap_or_default();
        report.warn(Warning::never_called(&heading, other.scenario, &detail.breakdown));
    }
    if let Some(path) = html {
        let page = page::page(&report, this, &detail);
        std::fs::write(path, page).map_err(|why| SimulateError::Write { path: path.to_owned(), why })?;
    }
    Ok(report)
}

/// One way of running a hall.
#[derive(Debug, Clone, Copy)]
struct Way<'a> {
    scenario: &'a Scenario,
    policy: PolicyName,
    rules: RuleArgs,
    balance: Balance,
    accepts_after_minutes: u16,
}

impl Way<'_> {
    fn setting(self) -> Setting {
        let balance = match self.balance {
            Balance::Off => plan::Balance::Off,
            Balance::Advise => plan::Balance::Advise,
            Balance::Auto => plan::Balance::Auto,
        };
        let policy = Policy { routing: self.policy.into(), balance, ..Policy::default() };
        let policy = self.rules.applied_to(policy);
        Setting { policy, accepts_after_minutes: self.accepts_after_minutes }
    }
}

/// Whether a file's name stands for standard input, as with most tools.
fn is_input(path: &Path) -> bool {
    path.as_os_str() == "-"
}

fn named(path: &Path) -> String {
    if is_input(path) {
        "the scenario on standard input".to_owned()
    } else {
        format!("the scenario {}", path.display())
    }
}

/// Before a colon, where a file's name says enough.
fn shortly(path: &Path) -> String {
    if is_input(path) { named(path) } else { path.display().to_string() }
}

/// A scenario, and what is odd about it.
fn load(path: &Path) -> Result<(Scenario, Vec<Warning>), SimulateError> {
    let read = if is_input(path) {
        std::io::read_to_string(std::io::stdin())
    } else {
        std::fs::read_to_string(path)
    };
    let text = read.map_err(|why| SimulateError::Read { path: path.to_owned(), why })?;
    let (scenario, remarks) = Scenario::read_and_remark(&text)
        .map_err(|why| SimulateError::Scenario { path: path.to_owned(), why })?;
    Ok((scenario, remarks.iter().map(|remark| Warning::of(remark, &shortly(path))).collect()))
}

/// The figures of so many days and what they were like in detail, on all cores.
fn days(
    way: Way<'_>,
    replications: u32,
    seed: u64,
    one_more: &mut impl FnMut(),
) -> Result<(Vec<Figures>, Detail), SimulationError> {
    let setting = way.setting();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let next = AtomicU32::new(0);
    let (sender, receiver) = mpsc::channel();
    std::thread::scope(|scope| {
        for _ in 0..cores {
            let (sender, next, setting) = (sender.clone(), &next, &setting);
            scope.spawn(move || {
                loop {
                    let replication = next.fetch_add(1, Ordering::Relaxed);
                    if replication >= replications {
                        return;
                    }
                    let diary = hall_simulate::simulate(way.scenario, setting, seed, replication.into());
                    let day = diary.map(|diary| (Figures::of(way.scenario, &diary), diary));
                    let failed = day.is_err();
                    // Nobody listens any more when another day has failed.
                    if sender.send((replication, day)).is_err() || failed {
                        return;
                    }
                }
            });
        }
        drop(sender);
        // Sums of floats depend on the order of the days.
        let (mut figures, mut early) = (Vec::new(), BTreeMap::new());
        let mut breakdown = Breakdown::new(way.scenario);
        let mut first_day = None;
        for (replication, day) in receiver {
            early.insert(replication, day?);
            one_more();
            while let Some((day, diary)) = early.remove(&next_day(&figures)) {
                breakdown.add(way.scenario, &diary);
                figures.push(day);
                first_day.get_or_insert(diary);
            }
        }
        let first_day = first_day.unwrap_or_default();
        Ok((figures, Detail { breakdown, first_day }))
    })
}

fn next_day(figures: &[Figures]) -> u32 {
    u32::try_from(figures.len()).unwrap_or(u32::MAX)
}
