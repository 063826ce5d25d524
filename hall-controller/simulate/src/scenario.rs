//! What a simulated hall is like: who comes for what, and which windows are there.
//!
//! The JSON form is read by [`Scenario::read`]. Minutes are of the local day, services are known
//! by their place in the list.

mod fields;
mod reader;
mod remark;
mod unique;
mod writer;

use hall_protocol::id::{ServiceId, WindowId};
use hall_protocol::payload::Class;

pub use fields::ScenarioError;
pub use remark::Remark;

/// A day of a hall.
#[derive(Debug, Clone, PartialEq)]
pub struct Scenario {
    /// Its name.
    pub name: String,
    /// Tickets are issued from this minute of the day.
    pub opens: f64,
    /// Tickets are issued until this minute; who holds one then is still served.
    pub closes: f64,
    /// The length of a slot of arrivals, in minutes.
    pub slot_minutes: f64,
    /// Added to a service when its window served another one before.
    pub changeover_minutes: f64,
    /// What people come for.
    pub services: Vec<Service>,
    /// Where they are served.
    pub windows: Vec<Window>,
}

/// What people come for.
#[derive(Debug, Clone, PartialEq)]
pub struct Service {
    /// Its id.
    pub id: ServiceId,
    /// Expected arrivals in each slot from opening: Poisson, uniform within the slot.
    pub arrivals_per_slot: Vec<f64>,
    /// How long a clerk of speed 1 needs.
    pub requirement: Requirement,
    /// The wait that should not be exceeded, in minutes.
    pub target_minutes: f64,
    /// The mean of an exponential patience, in minutes; `None` never leaves.
    pub patience_minutes: Option<f64>,
    /// Which share comes in which priority class, each from 0 to 1; the rest is ordinary. The JSON form
    /// may leave them out.
    pub classes: Vec<(Class, f64)>,
}

/// How long a clerk of speed 1 needs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Requirement {
    /// The JSON form's only one.
    Lognormal {
        /// Mean, in minutes.
        mean: f64,
        /// Coefficient of variation.
        cv: f64,
    },
    /// That of queueing theory's closed forms.
    Exponential {
        /// Mean, in minutes.
        mean: f64,
    },
}

impl Requirement {
    /// Its mean, in minutes.
    pub const fn mean(self) -> f64 {
        match self {
            Self::Lognormal { mean, .. } | Self::Exponential { mean } => mean,
        }
    }
}

/// A window and its clerk.
#[derive(Debug, Clone, PartialEq)]
pub struct Window {
    /// Its id.
    pub id: WindowId,
    /// The services allocated to it at opening, as places in [`Scenario::services`].
    pub primary: Vec<usize>,
    /// All services its clerk can do.
    pub skills: Vec<usize>,
    /// When it is open: from and until which minute of the day, in order. A break begins after the
    /// ticket in hand.
    pub open: Vec<(f64, f64)>,
    /// Divides the service time.
    pub speed: f64,
}

impl Scenario {
    /// Read the JSON form. Keys it does not have are passed over.
    ///
    /// # Errors
    /// [`ScenarioError`] names the field and what is wrong with it.
    pub fn read(json: &str) -> Result<Self, ScenarioError> {
        Self::read_and_remark(json).map(|(scenario, _)| scenario)
    }

    /// The same, with what is odd about it: keys that were passed over, services that nobody does.
    ///
    /// # Errors
    /// As [`Scenario::read`].
    pub fn read_and_remark(json: &str) -> Result<(Self, Vec<Remark>), ScenarioError> {
        let value = unique::read(json.trim_start_matches('\u{feff}'))?;
        let scenario = reader::read(&value)?;
        let remarks = remark::remarks(&scenario, &value);
        Ok((scenario, remarks))
    }

    /// Write the JSON form, to be read by [`Scenario::read`]. Times are written to the minute.
    ///
    /// # Errors
    /// Only if it could not be written as JSON, which would be a defect.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        writer::write(self)
    }
}
