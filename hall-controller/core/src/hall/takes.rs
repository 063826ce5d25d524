//! Which tickets a kiosk took last, by its requests: so that it can say of one that it never heard of it.

use std::collections::{BTreeMap, VecDeque};

use hall_protocol::id::DeviceId;
use serde::{Deserialize, Serialize};

use crate::command::UnansweredTake;
use crate::event::{Cause, Device, Event, PressId};
use crate::ticket::TicketId;

/// Takes remembered of each kiosk. Nothing is taken there while the hall does not answer, so the one that
/// was not answered is the last; so many are for a line that comes and goes.
const KEPT: usize = 16;

/// The last takes of this business day, the oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Takes(BTreeMap<DeviceId, VecDeque<Take>>);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Take {
    session: u32,
    seq: u32,
    ticket: TicketId,
}

impl Takes {
    pub(super) fn remember(&mut self, event: &Event, cause: &Cause) {
        let (Event::Issued { ticket, printed_at: None, check_in: None, .. }, Cause::Press(press)) =
            (event, cause)
        else {
            return;
        };
        let PressId { device: Device::Kiosk(kiosk), session, seq } = *press else { return };
        let takes = self.0.entry(kiosk).or_default();
        if takes.len() == KEPT {
            takes.pop_front();
        }
        takes.push_back(Take { session, seq, ticket: *ticket });
    }

    /// The ticket that was given for a take.
    pub(crate) fn ticket_of(&self, kiosk: DeviceId, take: UnansweredTake) -> Option<TicketId> {
        let UnansweredTake { session, seq } = take;
        let mut takes = self.0.get(&kiosk)?.iter();
        takes.find(|known| (known.session, known.seq) == (session, seq)).map(|known| known.ticket)
    }
}
