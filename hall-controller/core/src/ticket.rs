//! One citizen's place in the hall.

mod matters;
mod numbers;

use std::collections::BTreeSet;

use hall_protocol::appointment::DayMinute;
use hall_protocol::id::{ServiceId, WindowId};
use hall_protocol::number::{Prefix, TicketNumber};
use hall_protocol::payload::Class;
use serde::{Deserialize, Serialize};

pub use self::matters::Matters;
use self::numbers::Numbers;
use crate::estimate;
use crate::queue::Line;
use crate::time::HallTime;

/// A ticket's identity for ever: counts up from 1 and is never used again, unlike its number,
/// which returns the next day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TicketId(pub(crate) u64);

impl TicketId {
    /// The count.
    pub const fn get(self) -> u64 {
        self.0
    }
}

impl std::fmt::Display for TicketId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "#{}", self.0)
    }
}

/// Where a ticket is in its life. Every change is an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum TicketState {
    /// In the queue of its service.
    Waiting,
    /// In the queue of the window it was sent to.
    WaitingFor {
        /// Which.
        window: WindowId,
    },
    /// Called once in vain, and called again after so many calls of its service, or when nobody else
    /// waits for it.
    Deferred {
        /// How many.
        calls_left: u16,
    },
    /// Summoned to a window, or being served there; the window knows which of the two.
    AtWindow {
        /// Which.
        window: WindowId,
    },
    /// Put aside at a window.
    Parked {
        /// Which.
        window: WindowId,
    },
    /// Served.
    Finished,
    /// Did not come.
    Missed,
    /// Ended unserved.
    Expired,
    /// Ended unserved, by the citizen's wish or the staff's.
    Cancelled,
}

impl TicketState {
    /// Whether it waits to be called: in a queue, of its service or of a window, or deferred.
    pub const fn waits(self) -> bool {
        matches!(self, Self::Waiting | Self::WaitingFor { .. } | Self::Deferred { .. })
    }
}

/// A ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    /// Identity.
    pub id: TicketId,
    /// What citizens read and hear.
    pub number: TicketNumber,
    /// What it is for now.
    pub service: ServiceId,
    /// What it was taken for, and is counted under.
    pub issued_for: ServiceId,
    /// Priority class.
    pub class: Class,
    /// The priority class it was asked for in, while the staff has not confirmed it.
    pub claimed: Option<Class>,
    /// The slot it was booked for, if it came of an appointment.
    pub appointment: Option<DayMinute>,
    /// What it is for afterwards, in this order.
    pub matters: Matters,
    /// Whether its citizen did not come once and was given another call.
    pub deferred: bool,
    /// How long it would wait, as its citizen was told when it was taken.
    pub estimate: Option<estimate::Kept>,
    /// When it was taken.
    pub issued_at: HallTime,
    /// Since when it counts as waiting, which is its place in a queue: when it was taken, unless it
    /// came back or was sent elsewhere. Of an appointment when its slot begins, or when its citizen came
    /// later than that.
    pub standing: HallTime,
    /// When it was first called; stays when it is called again or goes back to its queue.
    pub called_at: Option<HallTime>,
    /// Where it is in its life.
    pub state: TicketState,
    /// Since when it has been there.
    pub since: HallTime,
}

/// A million may wait at once, and each has places in a queue and among the numbers besides.
const _: () = assert!(size_of::<Ticket>() <= 136);

impl Ticket {
    /// By which rule it may pass others: by its slot until that was kept, which is its first call.
    pub(crate) const fn line(&self) -> Line {
        if self.appointment.is_some() && self.called_at.is_none() {
            Line::Appointment
        } else if self.class.is_priority() {
            Line::Priority
        } else {
            Line::Ordinary
        }
    }
}

/// The tickets of a business day, in the order of their ids.
///
/// Ids are dense, so a ticket is found by subtraction; only a queue that was kept overnight, or a
/// journal written by another version, leaves gaps, and then a search finds it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Tickets {
    next: u64,
    list: Vec<Ticket>,
    /// Places in the list.
    by_number: Numbers,
    /// The numbers that were kept from the day before: of who waits, and those that may be on paper.
    kept: BTreeSet<(Prefix, u16)>,
}

impl Tickets {
    /// No tickets; the first will have id 1.
    pub(crate) const fn new() -> Self {
        Self { next: 1, list: Vec::new(), by_number: Numbers::new(), kept: BTreeSet::new() }
    }

    /// The id the next ticket will have.
    pub(crate) fn next_id(&self) -> TicketId {
        TicketId(self.next)
    }

    pub(crate) fn get(&self, id: TicketId) -> Option<&Ticket> {
        self.list.get(self.place(id)?)
    }

    pub(crate) fn get_mut(&mut self, id: TicketId) -> Option<&mut Ticket> {
        let place = self.place(id)?;
        self.list.get_mut(place)
    }

    /// The ticket with this number, today.
    pub(crate) fn numbered(&self, number: TicketNumber) -> Option<&Ticket> {
        self.list.get(usize::try_from(self.by_number.get(number)?).ok()?)
    }

    fn place(&self, id: TicketId) -> Option<usize> {
        let first = self.list.first()?.id;
        let dense = usize::try_from(id.0.checked_sub(first.0)?).ok()?;
        match self.list.get(dense) {
            Some(ticket) if ticket.id == id => Some(dense),
            _ => self.list.binary_search_by_key(&id, |ticket| ticket.id).ok(),
        }
    }

    /// Whether `id` was given to no ticket yet; from now on it counts as given.
    pub(crate) fn give(&mut self, id: TicketId) -> bool {
        let new = id.0 >= self.next;
        if new {
            self.next = id.0.saturating_add(1);
        }
        new
    }

    /// Add a ticket whose id [`Tickets::give`] just gave.
    pub(crate) fn push(&mut self, ticket: Ticket) {
        self.by_number.insert(ticket.number, self.list.len());
        self.list.push(ticket);
    }

    /// Whether a number kept from the day before has these letters and this count, in whatever width.
    pub(crate) fn is_kept(&self, prefix: Prefix, value: u16) -> bool {
        self.kept.contains(&(prefix, value))
    }

    /// Forget all but those who wait. Nobody else gets their numbers, nor those that are `out` on paper.
    pub(crate) fn keep_waiting(&mut self, out: impl Iterator<Item = (Prefix, u16)>) {
        self.list.retain(|ticket| ticket.state.waits());
        self.by_number = self.list.iter().enumerate().map(|(at, ticket)| (ticket.number, at)).collect();
        let waiting = self.list.iter().map(|it| (it.number.prefix(), it.number.value()));
        self.kept = waiting.chain(out).collect();
    }

    /// Forget the day's tickets; ids go on counting.
    pub(crate) fn clear(&mut self) {
        self.list = Vec::new();
        self.by_number = Numbers::new();
        self.kept = BTreeSet::new();
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Ticket> {
        self.list.iter()
    }
}
