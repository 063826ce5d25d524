//! The command line of `simulate`.

use std::convert::Infallible;
use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, ValueEnum};
use hall_core::plan::{Policy, Routing};
use jiff::tz::TimeZone;

use super::{JournalArgs, RuleArgs, parse_zone};

/// Which days are simulated, and how the hall is run on them.
#[derive(Debug, Clone, Args)]
pub struct SimulateArgs {
    /// The scenario: a JSON file with services, windows and arrivals; - is standard input. A service may say which share of
    /// its citizens comes in which priority class: "classes": {"elderly": 0.2, "disabled": 0.03}.
    pub scenario: PathBuf,
    /// Who is called next. Without it, by what a hall goes by whose configuration says nothing else.
    #[arg(long, value_enum, default_value_t = PolicyName::shipped())]
    pub policy: PolicyName,
    /// What the policy goes by.
    #[command(flatten)]
    pub rules: RuleArgs,
    /// What the balancer may do with the windows' allocation.
    #[arg(long, value_enum, default_value_t = Balance::Off)]
    pub balance: Balance,
    /// With --balance advise: the manager accepts each proposal after so many minutes, if it can still be
    /// accepted then.
    #[arg(long, value_name = "MINUTES", default_value_t = 2)]
    pub accept_after: u16,
    /// How many days.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub replications: u32,
    /// Who comes on them follows from this number, 0 or more.
    #[arg(long, default_value_t = 1, value_parser = parse_seed)]
    pub seed: u64,
    /// Print one JSON object with the means on standard output. That of the worst service is of each day's worst
    /// one.
    #[arg(long)]
    pub json: bool,
    /// Show share over target, waits and utilisation by service, class and window too, of the citizens of all
    /// days together; with --json under the key details.
    #[arg(long)]
    pub details: bool,
    /// Write one page with charts to this file: queues, waits, windows. It needs no network. A page of before is
    /// written over, any other file is not.
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// Run the same days in another way and show the difference: POLICY/BALANCE, such as fcfs/off, or
    /// another scenario file.
    #[arg(long, value_name = "OTHER")]
    pub compare: Option<Other>,
}

/// From what a scenario is learnt, and where it goes.
#[derive(Debug, Clone, Args)]
pub struct LearnArgs {
    /// Which journal.
    #[command(flatten)]
    pub journal: JournalArgs,
    /// The new file, to be read by simulate; nothing is written over.
    #[arg(long)]
    pub out: PathBuf,
    /// The zone of the hall's clock, such as Asia/Shanghai; without it, the configuration's, the
    /// journal's or else the machine's.
    #[arg(long, value_parser = parse_zone)]
    pub time_zone: Option<TimeZone>,
}

/// Who is called next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PolicyName {
    /// Whoever has waited longest over the window's services.
    Fcfs,
    /// The same, but priority classes pass within a quota.
    Priority,
    /// Whoever has the most credit, which grows with the wait, faster for priority classes.
    Accumulating,
    /// Where a call does most against the services' targets.
    ServiceLevel,
}

impl PolicyName {
    /// That of the default policy.
    pub fn shipped() -> Self {
        Policy::default().routing.into()
    }
}

impl From<Routing> for PolicyName {
    fn from(routing: Routing) -> Self {
        match routing {
            Routing::Fcfs => Self::Fcfs,
            Routing::Priority => Self::Priority,
            Routing::Accumulating => Self::Accumulating,
            Routing::ServiceLevel => Self::ServiceLevel,
        }
    }
}

impl From<PolicyName> for Routing {
    fn from(name: PolicyName) -> Self {
        match name {
            PolicyName::Fcfs => Self::Fcfs,
            PolicyName::Priority => Self::Priority,
            PolicyName::Accumulating => Self::Accumulating,
            PolicyName::ServiceLevel => Self::ServiceLevel,
        }
    }
}

/// What the balancer may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Balance {
    /// Nothing: the allocation stays as planned.
    Off,
    /// It proposes moves, which the manager accepts after some minutes.
    Advise,
    /// It moves windows by itself.
    Auto,
}

/// What is compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Other {
    /// The same scenario, run in another way.
    Setting(PolicyName, Balance),
    /// Another scenario, run in the same way.
    Scenario(PathBuf),
}

impl FromStr for Other {
    type Err = Infallible;

    /// Whatever is no setting is a file.
    fn from_str(text: &str) -> Result<Self, Infallible> {
        let setting = text.split_once('/').and_then(|(policy, balance)| {
            // As the configuration spells it, too.
            let policy = <PolicyName as ValueEnum>::from_str(&policy.replace('_', "-"), false).ok()?;
            Some(Self::Setting(policy, <Balance as ValueEnum>::from_str(balance, false).ok()?))
        });
        Ok(setting.unwrap_or_else(|| Self::Scenario(text.into())))
    }
}

fn parse_seed(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| format!("a seed is a whole number from 0 to {}", u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_below_zero_is_told_what_a_seed_is() {
        assert_eq!(parse_seed("18446744073709551615"), Ok(u64::MAX));
        for wrong in ["-1", "1.5", "eins", "18446744073709551616"] {
            let told = parse_seed(wrong).unwrap_err();
            assert_eq!(told, "a seed is a whole number from 0 to 18446744073709551615", "{wrong}");
        }
    }

    #[test]
    fn what_is_compared_with_is_a_setting_or_a_file() {
        assert_eq!("fcfs/off".parse(), Ok(Other::Setting(PolicyName::Fcfs, Balance::Off)));
        let policy = PolicyName::ServiceLevel;
        assert_eq!("service_level/auto".parse(), Ok(Other::Setting(policy, Balance::Auto)));
        assert_eq!("days/off".parse(), Ok(Other::Scenario("days/off".into())));
    }
}
