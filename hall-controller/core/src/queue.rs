//! Those who wait at one place, in order of seniority.

use std::collections::BTreeSet;

use hall_protocol::payload::Class;
use serde::{Deserialize, Serialize};

use crate::plan::Seniority;
use crate::ticket::TicketId;
use crate::time::HallTime;

/// A place in a queue: since when its ticket counts as waiting, and which ticket it is.
pub(crate) type Place = (HallTime, TicketId);

/// The queue of a service, or of a window to which tickets were sent. Every step is O(log n), but
/// [`Queue::before`].
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Queue {
    places: BTreeSet<Place>,
    /// Those of them that are of a priority class.
    priority: BTreeSet<Place>,
}

impl Queue {
    pub(crate) fn insert(&mut self, place: Place, class: Class) {
        self.places.insert(place);
        if class.is_priority() {
            self.priority.insert(place);
        }
    }

    /// Whether the place was there.
    pub(crate) fn remove(&mut self, place: Place) -> bool {
        self.priority.remove(&place);
        self.places.remove(&place)
    }

    pub(crate) fn contains(&self, place: Place) -> bool {
        self.places.contains(&place)
    }

    pub(crate) fn clear(&mut self) {
        self.places.clear();
        self.priority.clear();
    }

    pub(crate) fn len(&self) -> usize {
        self.places.len()
    }

    /// Who has waited longest.
    pub(crate) fn first(&self) -> Option<Place> {
        self.places.first().copied()
    }

    /// How many have waited longer. O(those).
    pub(crate) fn before(&self, place: Place) -> usize {
        self.places.range(..place).count()
    }

    /// Who has waited longest of the priority classes.
    pub(crate) fn first_priority(&self) -> Option<Place> {
        self.priority.first().copied()
    }

    /// Who has waited shortest.
    pub(crate) fn last(&self) -> Option<Place> {
        self.places.last().copied()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Place> {
        self.places.iter()
    }

    /// Since when a ticket issued at `issued_at` counts as waiting when it comes into this queue
    /// at `at`.
    pub(crate) fn standing(&self, seniority: Seniority, issued_at: HallTime, at: HallTime) -> HallTime {
        match seniority {
            Seniority::IssueTime => issued_at,
            Seniority::Front => self.first().map_or(at, |(first, _)| first.plus_ms(-1).min(at)),
            Seniority::Back => self.last().map_or(at, |(last, _)| last.plus_ms(1).max(at)),
        }
    }
}
