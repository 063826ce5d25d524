//! Appointments: who is expected in which slot. Nothing here says who that is: a booking is an id of
//! the system that made it, a service and a slot.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use hall_protocol::appointment::{AppointmentId, DayMinute};
use hall_protocol::id::ServiceId;
use hall_protocol::number::TicketNumber;
use serde::{Deserialize, Serialize};

use crate::event::{CheckIn, Event};
use crate::refusal::Refusal;
use crate::ticket::TicketId;
use crate::time::{BusinessDay, HallTime};

/// A slot on a day.
///
/// The shell computes the moment from day and minute with the hall's time zone; the core has no
/// calendar of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SlotTime {
    /// The business day.
    pub day: BusinessDay,
    /// When it begins, by the hall's clock.
    pub minute: DayMinute,
    /// The moment it begins.
    pub at: HallTime,
}

/// What became of an appointment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum AppointmentState {
    /// Its citizen is expected.
    Booked,
    /// Its citizen came and has a ticket.
    CheckedIn {
        /// Which.
        ticket: TicketId,
        /// Its number.
        number: TicketNumber,
    },
    /// Nobody came in time.
    Released,
    /// Its ticket was cancelled, or ended with its service.
    Cancelled {
        /// Which.
        ticket: TicketId,
        /// Its number.
        number: TicketNumber,
    },
    /// Its citizen had a ticket and did not come when it was called. Back in the grace time it is checked in again.
    NoShow {
        /// Which ticket.
        ticket: TicketId,
        /// Its number.
        number: TicketNumber,
    },
}

impl AppointmentState {
    /// The ticket that came of it.
    pub(crate) const fn ticket(self) -> Option<(TicketId, TicketNumber)> {
        match self {
            Self::CheckedIn { ticket, number }
            | Self::Cancelled { ticket, number }
            | Self::NoShow { ticket, number } => Some((ticket, number)),
            Self::Booked | Self::Released => None,
        }
    }

    /// Whether its ticket ended unserved: its place in the slot is another's to book, or its own again.
    pub(crate) const fn has_ended(self) -> bool {
        matches!(self, Self::Cancelled { .. } | Self::NoShow { .. })
    }
}

/// One appointment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Appointment {
    /// Its id in the system that booked it.
    pub id: AppointmentId,
    /// For what.
    pub service: ServiceId,
    /// When.
    pub slot: SlotTime,
    /// What became of it.
    #[serde(flatten)]
    pub state: AppointmentState,
}

/// The appointments of today and the days to come. There are no more of them than the slots of those
/// days take.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(from = "Vec<Appointment>", into = "Vec<Appointment>")]
pub struct Appointments {
    by_id: BTreeMap<AppointmentId, Appointment>,
    by_slot: BTreeMap<(ServiceId, BusinessDay, DayMinute), u16>,
    /// Those whose citizens are expected, by when their slots begin.
    expected: BTreeSet<(HallTime, AppointmentId)>,
}

impl Appointments {
    /// The one with this id, in whatever capitals: citizens type it at a kiosk.
    pub fn get(&self, id: AppointmentId) -> Option<&Appointment> {
        self.by_id.get(&id)
    }

    /// The one that a program means by this id. To a program two ids that differ in capitals are two.
    ///
    /// # Errors
    /// [`Refusal::IdDiffersInCase`] when another is booked by an id that a kiosk could not tell from it.
    pub fn written_so(&self, id: AppointmentId) -> Result<Option<&Appointment>, Refusal> {
        match self.get(id) {
            Some(other) if other.id.as_str() != id.as_str() => {
                Err(Refusal::IdDiffersInCase { appointment: other.id })
            }
            found => Ok(found),
        }
    }

    /// All, in the order of their ids.
    pub fn iter(&self) -> impl Iterator<Item = &Appointment> {
        self.by_id.values()
    }

    /// How many have a place in a slot.
    pub fn in_slot(&self, service: ServiceId, day: BusinessDay, minute: DayMinute) -> u16 {
        self.by_slot.get(&(service, day, minute)).copied().unwrap_or(0)
    }

    /// Those whose slots began before `at` while their citizens are still expected, the earliest first.
    pub(crate) fn expected_before(&self, at: HallTime) -> impl Iterator<Item = &Appointment> {
        let due = self.expected.iter().take_while(move |(slot, _)| *slot < at);
        due.filter_map(|(_, id)| self.by_id.get(id))
    }

    /// The one this ticket came of. O(appointments).
    pub(crate) fn of_ticket(&self, ticket: TicketId) -> Option<&Appointment> {
        self.iter().find(|one| one.state.ticket().is_some_and(|(of, _)| of == ticket))
    }

    /// Take over an event of an appointment; others change nothing.
    pub fn apply(&mut self, event: &Event) {
        match event {
            Event::Booked { appointment: id, service, slot }
            | Event::Rebooked { appointment: id, service, slot } => {
                let (id, service, slot) = (*id, *service, *slot);
                self.put(Appointment { id, service, slot, state: AppointmentState::Booked });
            }
            Event::Unbooked { appointment, .. } => self.remove(*appointment),
            Event::Released { appointment, .. } => {
                self.set_state(*appointment, AppointmentState::Released);
            }
            Event::Issued { ticket, number, check_in: Some(CheckIn { appointment, .. }), .. } => {
                let state = AppointmentState::CheckedIn { ticket: *ticket, number: *number };
                self.set_state(*appointment, state);
            }
            _ => {}
        }
    }

    /// Enter one, in the place of the one that had its id.
    fn put(&mut self, appointment: Appointment) {
        let Appointment { id, service, slot, state } = appointment;
        self.remove(id);
        if !state.has_ended() {
            let taken = self.by_slot.entry((service, slot.day, slot.minute)).or_default();
            *taken = taken.saturating_add(1);
        }
        if state == AppointmentState::Booked {
            self.expected.insert((slot.at, id));
        }
        self.by_id.insert(id, appointment);
    }

    /// Something became of one; nothing of one that is not there.
    pub(crate) fn set_state(&mut self, id: AppointmentId, state: AppointmentState) {
        if let Some(appointment) = self.by_id.get(&id).copied() {
            self.put(Appointment { state, ..appointment });
        }
    }

    fn remove(&mut self, id: AppointmentId) {
        if let Some(Appointment { service, slot, state, .. }) = self.by_id.remove(&id) {
            let place = (service, slot.day, slot.minute);
            match self.by_slot.get_mut(&place) {
                _ if state.has_ended() => {}
                Some(taken) if *taken > 1 => *taken -= 1,
                _ => drop(self.by_slot.remove(&place)),
            }
            self.expected.remove(&(slot.at, id));
        }
    }

    /// Forget those of the days before `day`.
    pub(crate) fn keep_from(&mut self, day: BusinessDay) {
        let kept: Vec<_> = self.iter().filter(|appointment| appointment.slot.day >= day).copied().collect();
        *self = kept.into();
    }

    /// What contradicts itself.
    pub(crate) fn violations(&self) -> Vec<String> {
        let again = Self::from(self.by_id.values().copied().collect::<Vec<_>>());
        if again == *self { Vec::new() } else { vec!["the lists of appointments differ".into()] }
    }
}

/// Bookings of today and later that were cancelled, the latest last: to cancel one again is no mistake of who
/// heard no answer.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Cancelled(VecDeque<Appointment>);

/// So many are remembered: more than are cancelled while a program waits for an answer.
const CANCELLED_MAX: usize = 1_000;

impl Cancelled {
    /// The one of exactly this id, as it was until then.
    pub(crate) fn get(&self, id: AppointmentId) -> Option<&Appointment> {
        self.0.iter().find(|one| one.id.as_str() == id.as_str())
    }

    pub(crate) fn put(&mut self, appointment: Appointment) {
        if self.0.len() == CANCELLED_MAX {
            self.0.pop_front();
        }
        self.0.push_back(appointment);
    }

    /// Its id is that of a booking again.
    pub(crate) fn forget(&mut self, id: AppointmentId) {
        self.0.retain(|one| one.id != id);
    }

    /// Forget those of the days before `day`.
    pub(crate) fn keep_from(&mut self, day: BusinessDay) {
        self.0.retain(|one| one.slot.day >= day);
    }
}

impl From<Vec<Appointment>> for Appointments {
    fn from(list: Vec<Appointment>) -> Self {
        let mut all = Self::default();
        for appointment in list {
            all.put(appointment);
        }
        all
    }
}

impl From<Appointments> for Vec<Appointment> {
    fn from(all: Appointments) -> Self {
        all.by_id.into_values().collect()
    }
}
