//! What happened on a simulated day.

use hall_protocol::payload::Class;

use crate::told::Told;

/// A simulated day, citizen by citizen and window by window.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Diary {
    /// Who came, by arrival.
    pub visits: Vec<Visit>,
    /// One for each window of the scenario.
    pub shifts: Vec<Shift>,
    /// Allocation changes.
    pub moves: u32,
    /// When the last service ended, in minutes of the day; the opening when none did.
    pub last_end: f64,
}

/// One citizen's visit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Visit {
    /// For what, as a place in the scenario.
    pub service: usize,
    /// In which class.
    pub class: Class,
    /// When, in minutes of the day.
    pub arrives: f64,
    /// How long until it ended so, in minutes.
    pub wait: f64,
    /// How the wait ended.
    pub end: End,
    /// What was said of it; nothing to who was called at once.
    pub told: Option<Told>,
}

/// How a wait ended.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum End {
    /// Called by this window.
    Served {
        /// As a place in the scenario.
        window: usize,
        /// When the service ended, in minutes of the day.
        until: f64,
    },
    /// Gave up.
    Abandoned,
    /// Nobody was there to serve until the end.
    Unserved,
}

/// One window's day.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Shift {
    /// Citizens served.
    pub served: u32,
    /// Services other than the one before.
    pub changeovers: u32,
    /// Minutes with a citizen, changeovers included.
    pub busy_minutes: f64,
    /// Minutes it was to be open, and those it served beyond them.
    pub open_minutes: f64,
}
