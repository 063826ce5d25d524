//! What a device asks, as a command.

use hall_protocol::id::{DeviceId, WindowId};
use hall_protocol::payload::{KioskAction, KioskRequest, Press, PrintedTicket};

use crate::command::{Command, Details, Printed, UnansweredTake};
use crate::event::{Device, PressId};
use crate::time::BusinessDay;

/// A press at the pad of `window`.
pub fn pressed(window: WindowId, asked: Press) -> (PressId, Command) {
    let details = Details {
        number: asked.number,
        to_service: asked.to_service,
        to_window: asked.to_window,
        clerk: asked.clerk_id,
        outcome: asked.outcome.unwrap_or_default(),
        grade: asked.grade,
        class: asked.class,
    };
    let Press { session, seq, age_ms, key, ticket, reason, .. } = asked;
    let press = PressId { device: Device::Pad(window), session, seq };
    let reason = reason.map(|reason| reason.to_string());
    (press, Command::Key { press, age_ms, key, ticket, reason, details })
}

/// A request of `kiosk`.
pub fn requested(kiosk: DeviceId, asked: KioskRequest) -> (PressId, Command) {
    let KioskRequest { session, seq, age_ms, request, .. } = asked;
    let press = PressId { device: Device::Kiosk(kiosk), session, seq };
    let command = match request {
        KioskAction::Take { service, class, also } => {
            Command::Take { press, age_ms, service, class, also: also.iter().copied().collect() }
        }
        KioskAction::CheckIn { code } => Command::CheckIn { press, age_ms, code },
        KioskAction::Return { number } => Command::Return { press, age_ms, number },
        KioskAction::Cancel { number } => Command::Cancel { press, age_ms, number },
        KioskAction::Lease { service, count } => Command::Lease { press, age_ms, service, count },
        KioskAction::HandIn { day, tickets, unanswered } => {
            let take = |number| {
                let of = unanswered.iter().find(|take| take.number == number)?;
                Some(UnansweredTake { session: of.session, seq: of.seq })
            };
            let printed = |ticket: &PrintedTicket| Printed {
                number: ticket.number,
                age_ms: ticket.age_ms,
                class: ticket.class,
                also: ticket.also.iter().copied().collect(),
                unanswered: take(ticket.number),
            };
            let (day, tickets) = (BusinessDay::from_days(day), tickets.iter().map(printed).collect());
            Command::HandIn { press, age_ms, day, tickets }
        }
        KioskAction::EndLease { day, first, unused } => {
            Command::EndLease { press, age_ms, day: BusinessDay::from_days(day), first, unused }
        }
    };
    (press, command)
}
