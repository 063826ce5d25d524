//! Those who wait at one place, in order of seniority.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::plan::Seniority;
use crate::ticket::TicketId;
use crate::time::HallTime;

/// A place in a queue: since when its ticket counts as waiting, and which ticket it is.
pub(crate) type Place = (HallTime, TicketId);

/// By which rule a waiting ticket may pass others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Line {
    /// By none.
    Ordinary,
    /// By its class.
    Priority,
    /// By its slot. Until that comes it stands in the future, where nobody else may be put behind it.
    Appointment,
}

/// The queue of a service, or of a window to which tickets were sent. Every step is O(log n), but
/// [`Queue::before`].
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Queue {
    /// Those who stand by when they came.
    places: BTreeSet<Place>,
    /// Those of them that are of a priority class.
    priority: BTreeSet<Place>,
    /// Those who stand by their slots.
    appointments: BTreeSet<Place>,
    /// Since when it has not been empty, whoever stood in it.
    filled_at: Option<HallTime>,
}

impl Queue {
    /// Somebody comes in at `at`.
    pub(crate) fn insert(&mut self, place: Place, line: Line, at: HallTime) {
        self.filled_at = self.filled_at.filter(|_| self.len() > 0).or(Some(at));
        self.enter(place, line);
    }

    fn enter(&mut self, place: Place, line: Line) {
        match line {
            Line::Appointment => drop(self.appointments.insert(place)),
            Line::Priority => drop((self.places.insert(place), self.priority.insert(place))),
            Line::Ordinary => drop(self.places.insert(place)),
        }
    }

    /// Whether the place was there.
    pub(crate) fn remove(&mut self, place: Place) -> bool {
        self.priority.remove(&place);
        let was_there = self.places.remove(&place) || self.appointments.remove(&place);
        self.filled_at = self.filled_at.filter(|_| self.len() > 0);
        was_there
    }

    /// Whoever stands at a place does so by another rule from now on.
    pub(crate) fn set_line(&mut self, place: Place, line: Line) {
        let filled_at = self.filled_at;
        if self.remove(place) {
            self.enter(place, line);
            self.filled_at = filled_at;
        }
    }

    /// Since when somebody has been waiting here without a pause.
    pub(crate) fn filled_at(&self) -> Option<HallTime> {
        self.filled_at
    }

    pub(crate) fn contains(&self, place: Place) -> bool {
        self.places.contains(&place) || self.appointments.contains(&place)
    }

    pub(crate) fn clear(&mut self) {
        self.places.clear();
        self.priority.clear();
        self.appointments.clear();
        self.filled_at = None;
    }

    pub(crate) fn len(&self) -> usize {
        self.places.len() + self.appointments.len()
    }

    /// Who has waited longest, appointments apart.
    pub(crate) fn first(&self) -> Option<Place> {
        self.places.first().copied()
    }

    /// How many stand before a place, appointments apart. O(those).
    pub(crate) fn before(&self, place: Place) -> usize {
        self.places.range(..place).count()
    }

    /// How many of the priority classes wait, appointments apart.
    pub(crate) fn priority_len(&self) -> usize {
        self.priority.len()
    }

    /// How many of the priority classes stand before a place, appointments apart. O(those).
    pub(crate) fn priority_before(&self, place: Place) -> usize {
        self.priority.range(..place).count()
    }

    /// Those of the priority classes who stand behind a place, appointments apart; the first of them first.
    pub(crate) fn priority_behind(&self, place: Place) -> impl Iterator<Item = &Place> {
        self.priority.range(place..)
    }

    /// How many appointments stand before a place. O(those).
    pub(crate) fn appointments_before(&self, place: Place) -> usize {
        self.appointments.range(..place).count()
    }

    /// The appointment whose turn comes first.
    pub(crate) fn first_appointment(&self) -> Option<Place> {
        self.appointments.first().copied()
    }

    /// Who has waited longest of the priority classes.
    pub(crate) fn first_priority(&self) -> Option<Place> {
        self.priority.first().copied()
    }

    /// Who has waited shortest, appointments apart.
    pub(crate) fn last(&self) -> Option<Place> {
        self.places.last().copied()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Place> {
        self.places.iter().chain(&self.appointments)
    }

    /// Since when a ticket issued at `issued_at` counts as waiting when it comes into this queue
    /// at `at`. `beside` are who stand first in the queues that are called together with this one.
    pub(crate) fn standing(
        &self,
        seniority: Seniority,
        issued_at: HallTime,
        at: HallTime,
        beside: impl Iterator<Item = Place>,
    ) -> HallTime {
        match seniority {
            Seniority::IssueTime => issued_at,
            Seniority::Front => {
                let first = beside.chain(self.first()).min();
                // Never behind where its own number would put it, of which an empty queue tells nothing.
                first.map_or(issued_at, |(first, _)| first.plus_ms(-1).min(issued_at))
            }
            Seniority::Back => self.last().map_or(at, |(last, _)| last.plus_ms(1).max(at)),
        }
    }
}
