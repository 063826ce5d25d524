//! Where the ticket of a story is, as far as its own events say.

use hall_core::event::Event;
use hall_protocol::id::WindowId;

use super::Story;

/// Where a ticket is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// In a queue, or to be called again after others.
    Waiting,
    /// In the hand of a window.
    InHand(WindowId),
    /// Put aside at a window.
    Parked,
    /// Nowhere: it has ended, or was missed.
    Over,
}

impl Place {
    /// Where an event puts its ticket; `None` if it leaves it where it is.
    const fn after(event: &Event) -> Option<Self> {
        match event {
            Event::Issued { .. }
            | Event::Requeued { .. }
            | Event::Returned { .. }
            | Event::Transferred { .. }
            | Event::Deferred { .. }
            | Event::MatterFinished { .. }
            | Event::MatterWithdrawn { next: Some(_), .. }
            | Event::ServiceCorrected { in_hand: false, .. } => Some(Self::Waiting),
            Event::WalkedIn { window, .. }
            | Event::Called { window, .. }
            | Event::Recalled { window, .. }
            | Event::Started { window, .. }
            | Event::Unparked { window, .. } => Some(Self::InHand(*window)),
            Event::Parked { .. } => Some(Self::Parked),
            Event::Finished { .. }
            | Event::Missed { .. }
            | Event::Expired { .. }
            | Event::Cancelled { .. } => Some(Self::Over),
            _ => None,
        }
    }
}

impl Story {
    /// Where its ticket is now; `None` if no ticket came of the number.
    pub(super) fn place(&self) -> Option<Place> {
        let own = |event: &&Event| event.ticket().is_some() && event.ticket() == self.ticket;
        self.steps.iter().rev().map(|step| &step.stamped.event).filter(own).find_map(Place::after)
    }
}
