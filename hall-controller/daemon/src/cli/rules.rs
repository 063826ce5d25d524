//! What the policies of a simulated hall go by, where that is another than what a hall is shipped with.

use clap::Args;
use hall_core::plan::Policy;

/// Every call may pass.
const NO_QUOTA: u16 = 1;
/// Longer than any day.
const NEVER: u16 = u16::MAX;

/// The bounds of the policies, by the names that they have in the configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Args)]
pub struct RuleArgs {
    /// Of so many calls of a service at most one passes ordinary tickets that wait longer, for a priority class; with
    /// none every call may, as in queueing theory.
    #[arg(long, value_name = "CALLS|none", default_value_t = Policy::default().priority_quota, value_parser = parse_quota)]
    pub priority_quota: u16,
    /// With --policy accumulating: the credit an ordinary ticket gains while one of a priority class gains 1000.
    #[arg(long, value_name = "PERMILLE", default_value_t = Policy::default().ordinary_credit_permille,
        value_parser = clap::value_parser!(u16).range(0..=1_000))]
    pub ordinary_credit_permille: u16,
    /// With --policy accumulating or service-level: who has waited so long goes first; with none nobody does for
    /// that.
    #[arg(long, value_name = "MINUTES|none", default_value_t = Policy::default().starvation_minutes, value_parser = parse_starvation)]
    pub starvation_minutes: u16,
}

impl RuleArgs {
    /// The policy by these rules.
    pub fn applied_to(self, policy: Policy) -> Policy {
        let Self { priority_quota, ordinary_credit_permille, starvation_minutes } = self;
        Policy { priority_quota, ordinary_credit_permille, starvation_minutes, ..policy }
    }

    /// Those that are not as shipped, such as `priority_quota none`.
    pub fn changed(self) -> Vec<String> {
        let shipped = Policy::default();
        let said = |name: &str, value: u16, none: Option<u16>| {
            if Some(value) == none { format!("{name} none") } else { format!("{name} {value}") }
        };
        [
            ("priority_quota", self.priority_quota, shipped.priority_quota, Some(NO_QUOTA)),
            (
                "ordinary_credit_permille",
                self.ordinary_credit_permille,
                shipped.ordinary_credit_permille,
                None,
            ),
            ("starvation_minutes", self.starvation_minutes, shipped.starvation_minutes, Some(NEVER)),
        ]
        .into_iter()
        .filter(|(_, value, shipped, _)| value != shipped)
        .map(|(name, value, _, none)| said(name, value, none))
        .collect()
    }
}

fn parse_quota(text: &str) -> Result<u16, String> {
    let wrong = || "a quota is a whole number of calls from 2 to 1000, or none".to_owned();
    if text == "none" {
        return Ok(NO_QUOTA);
    }
    text.parse().ok().filter(|calls| (2..=1_000).contains(calls)).ok_or_else(wrong)
}

fn parse_starvation(text: &str) -> Result<u16, String> {
    let wrong = || "this is a whole number of minutes from 1 to 1440, or none".to_owned();
    if text == "none" {
        return Ok(NEVER);
    }
    text.parse().ok().filter(|minutes| (1..=1_440).contains(minutes)).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_is_a_number_or_none() {
        assert_eq!((parse_quota("none"), parse_quota("4")), (Ok(NO_QUOTA), Ok(4)));
        assert_eq!((parse_starvation("none"), parse_starvation("90")), (Ok(NEVER), Ok(90)));
        for wrong in ["0", "1", "-3", "1001", "never", ""] {
            assert!(parse_quota(wrong).unwrap_err().contains("from 2 to 1000, or none"), "{wrong}");
        }
        for wrong in ["0", "-3", "1441", "never", ""] {
            assert!(parse_starvation(wrong).unwrap_err().contains("from 1 to 1440, or none"), "{wrong}");
        }
    }
}
