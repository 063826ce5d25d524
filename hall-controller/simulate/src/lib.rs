//! Days of a hall in virtual time: who comes, how long each service takes and who gives up is
//! drawn from a seed; what the hall does about it is decided by the real [`hall_core`].
//!
//! A [`Scenario`] says what the hall is like. [`simulate`] plays one day of it and gives a
//! [`Diary`], of which [`Figures`] are the sums and a [`Breakdown`] tells the details; [`Estimate`] says how sure a mean over several
//! days is. The same seed and replication give the same citizens whatever the hall does, so that two
//! ways of running it are compared on the same day (common random numbers).
//!
//! A [`learn::Learner`] makes a scenario from the events of recorded days.
//!
//! Deliberately absent: clocks, files, threads. Whoever calls spreads replications over cores.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

pub mod breakdown;
mod citizens;
mod day;
mod diary;
mod estimate;
mod figures;
mod hall;
pub mod learn;
mod random;
pub mod scenario;
mod schedule;
mod told;
mod what_if;

pub use breakdown::Breakdown;
pub use day::{Setting, record, simulate};
pub use diary::{Diary, End, Visit};
pub use estimate::Estimate;
pub use figures::Figures;
pub use scenario::Scenario;
pub use told::{Calibration, Told};
pub use what_if::{Fare, MINUTES as WHAT_IF_MINUTES, what_if};

/// Why a day could not be simulated to its end. Always a defect of the simulator or of the rules,
/// never of a scenario that was read.
#[derive(Debug, thiserror::Error)]
pub enum SimulationError {
    /// The scenario makes no plan.
    #[error("the scenario makes no plan of a hall: {0}")]
    Plan(#[from] hall_core::plan::PlanError),
    /// The hall refused what clerks and citizens of a simulated day may do.
    #[error("the hall refused {what} at minute {minute:.2} of the day: {why}")]
    Refused {
        /// What was asked.
        what: String,
        /// When, in minutes since midnight.
        minute: f64,
        /// Why not.
        why: String,
    },
}
