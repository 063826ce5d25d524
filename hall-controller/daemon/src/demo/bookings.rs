//! Appointments for the visitor of the demo: one in each slot of the day that is still to come, with a
//! code one can guess.

use hall_core::plan::Plan;
use hall_core::time::HallTime;
use hall_protocol::appointment::{AppointmentId, DayMinute};
use hall_protocol::id::ClientId;
use tracing::warn;

use crate::bookings::{Asked, Office};
use crate::clock::Clock;

/// The code of the appointment in a slot: `YY-0930` for half past nine.
pub(super) fn code(slot: DayMinute) -> String {
    format!("YY-{}", slot.to_string().replace(':', ""))
}

/// Book for the first service that has slots.
pub(super) async fn book(plan: &Plan, clock: &Clock, office: &dyn Office) {
    let (Ok(client), Some(service)) =
        (ClientId::new("demo"), plan.services().iter().find(|service| !service.slots.is_empty()))
    else {
        return;
    };
    let now = clock.timestamp();
    let (date, at) = (clock.zone().to_datetime(now).date(), HallTime::from_unix_ms(now.as_millisecond()));
    for slot in service.slots.iter().filter(|slot| clock.slot(date, slot.minute).at > at) {
        let asked = Asked { service: service.id, date, time: slot.minute };
        let Ok(id) = AppointmentId::new(&code(slot.minute)) else { continue };
        let Ok(command) = asked.command(client, id, clock) else { continue };
        if let Err(error) = office.hand_in(command).await {
            warn!(%error, "the demo's appointments are not booked");
            return;
        }
    }
}
