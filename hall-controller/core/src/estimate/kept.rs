//! An estimate as its ticket keeps it until it is called: in half the bytes, for a million may wait.

use std::num::NonZeroU16;

use serde::{Deserialize, Serialize};

use super::Estimate;

/// What a citizen was told, for the calibration to learn from. Written as the [`Estimate`] it was.
///
/// More than 65,535 seconds, which is 18 hours, or calls is kept as so many: nothing that is learnt of
/// waits tells them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Estimate", into = "Estimate")]
pub struct Kept {
    median_seconds: u16,
    p90_seconds: u16,
    ahead: u16,
    crew_seconds: u16,
    /// One more than that, so that none takes no room.
    head_seconds: Option<NonZeroU16>,
}

impl From<Estimate> for Kept {
    fn from(estimate: Estimate) -> Self {
        let Estimate { median_seconds, p90_seconds, ahead, crew_seconds, head_seconds } = estimate;
        let most = |value: u32| u16::try_from(value).unwrap_or(u16::MAX);
        Self {
            median_seconds: most(median_seconds),
            p90_seconds: most(p90_seconds),
            ahead: most(ahead),
            crew_seconds: most(crew_seconds),
            head_seconds: head_seconds.map(|head| NonZeroU16::MIN.saturating_add(most(head))),
        }
    }
}

impl From<Kept> for Estimate {
    fn from(kept: Kept) -> Self {
        let Kept { median_seconds, p90_seconds, ahead, crew_seconds, head_seconds } = kept;
        Self {
            median_seconds: median_seconds.into(),
            p90_seconds: p90_seconds.into(),
            ahead: ahead.into(),
            crew_seconds: crew_seconds.into(),
            head_seconds: head_seconds.map(|head| u32::from(head.get() - 1)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_told_is_kept_exactly_up_to_eighteen_hours() {
        let told = |seconds: u32, head_seconds| Estimate {
            median_seconds: seconds,
            p90_seconds: seconds + 1,
            ahead: seconds / 2,
            crew_seconds: seconds / 3,
            head_seconds,
        };
        for estimate in [told(0, None), told(0, Some(0)), told(28_800, Some(1)), told(65_534, Some(65_534))] {
            assert_eq!(Estimate::from(Kept::from(estimate)), estimate);
            let written = serde_json::to_string(&Kept::from(estimate)).unwrap();
            assert_eq!(written, serde_json::to_string(&estimate).unwrap());
            assert_eq!(serde_json::from_str::<Kept>(&written).unwrap(), Kept::from(estimate));
        }
        let longest = Estimate::from(Kept::from(told(500_000, Some(u32::MAX))));
        assert_eq!((longest.median_seconds, longest.ahead), (65_535, 65_535));
        assert_eq!(longest.head_seconds, Some(65_534));
    }
}
