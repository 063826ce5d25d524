//! Which tickets a kiosk took last, by its requests: so that it can say of one that it never heard of it,
//! and that one's quota is given back.

use std::collections::{BTreeMap, VecDeque};

use hall_protocol::id::{DeviceId, ServiceId};
use serde::{Deserialize, Serialize};

use crate::command::UnansweredTake;
use crate::event::{Cause, Device, Event, PressId};
use crate::plan::Half;
use crate::ticket::TicketId;

/// Takes remembered of each kiosk. Nothing is taken there while the hall does not answer, so the one that
/// was not answered is the last; so many are for a line that comes and goes.
const KEPT: usize = 16;

/// The last takes of this business day, the oldest first; and of those before, while the queue is kept.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Takes(BTreeMap<DeviceId, VecDeque<Take>>);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Take {
    session: u32,
    seq: u32,
    ticket: TicketId,
    /// For what it was counted, and in which half of the day.
    #[serde(default)]
    counted: Counted,
}

/// What a ticket took of the quotas.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Counted {
    pub(super) services: Vec<ServiceId>,
    pub(super) half: Option<Half>,
}

impl Takes {
    pub(super) fn remember(&mut self, event: &Event, cause: &Cause) {
        let (
            Event::Issued { ticket, service, also, half, printed_at: None, check_in: None, .. },
            Cause::Press(press),
        ) = (event, cause)
        else {
            return;
        };
        let PressId { device: Device::Kiosk(kiosk), session, seq } = *press else { return };
        let takes = self.0.entry(kiosk).or_default();
        // The room of the one that is forgotten serves the new one.
        let forgotten = if takes.len() == KEPT { takes.pop_front() } else { None };
        let mut services = forgotten.map(|take| take.counted.services).unwrap_or_default();
        services.clear();
        services.extend(also.iter().chain([service]).copied());
        let counted = Counted { services, half: *half };
        takes.push_back(Take { session, seq, ticket: *ticket, counted });
    }

    /// The day is over, with its quotas, and who waits goes on waiting.
    pub(super) fn keep(&mut self) {
        self.0.values_mut().flatten().for_each(|take| take.counted = Counted::default());
    }

    /// The ticket that was given for a take.
    pub(crate) fn ticket_of(&self, kiosk: DeviceId, take: UnansweredTake) -> Option<TicketId> {
        let UnansweredTake { session, seq } = take;
        let mut takes = self.0.get(&kiosk)?.iter();
        takes.find(|known| (known.session, known.seq) == (session, seq)).map(|known| known.ticket)
    }

    /// What this ticket took of the quotas, told once: it was nobody's.
    pub(super) fn give_back(&mut self, ticket: TicketId) -> Counted {
        let mut takes = self.0.values_mut().flatten();
        takes
            .find(|take| take.ticket == ticket)
            .map(|take| std::mem::take(&mut take.counted))
            .unwrap_or_default()
    }
}
