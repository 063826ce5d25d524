//! What a press says beside its key: which other ticket, and where to.
//!
//! People choose by what they see, which is the durable hall; a small number from the history says
//! which of what suits, so that the same history means the same.

use hall_core::Hall;
use hall_core::appointment::SlotTime;
use hall_core::command::{Command, Details, Order};
use hall_core::plan::Plan;
use hall_core::ticket::TicketState;
use hall_core::time::{BusinessDay, HallTime, Now};
use hall_protocol::appointment::{AppointmentId, DayMinute};
use hall_protocol::id::{ClientId, ServiceId};
use hall_protocol::number::TicketNumber;
use hall_protocol::payload::{Class, Grade, Key, ServiceOutcome};

use crate::history::{POLICIES, group_named};
use crate::plans::Names;

const DAY_MINUTES: i64 = 24 * 60;

/// What comes with `key`. Now and then something is left out, or does not suit.
pub(crate) fn details(hall: &Hall, names: &Names, key: Key, nth: u8) -> Details {
    let to_service =
        matches!(key, Key::Transfer | Key::Correct | Key::AddMatter | Key::WalkIn) && !nth.is_multiple_of(5);
    let to_window = key == Key::Transfer && nth.is_multiple_of(3);
    Details {
        number: number(hall, key, nth),
        to_service: chosen(&names.services, nth / 5).filter(|_| to_service),
        to_window: chosen(&names.windows, nth / 3).filter(|_| to_window),
        clerk: (nth % 4).to_string().parse().ok().filter(|_| nth % 16 != 15),
        outcome: if nth.is_multiple_of(4) { ServiceOutcome::MissingPapers } else { ServiceOutcome::Finished },
        grade: chosen(&Grade::ALL, nth).filter(|_| nth % 16 != 15),
        class: (key == Key::ConfirmClass).then_some(Class::Elderly),
    }
}

/// A ticket the key may be about; of all tickets now and then, and sometimes none.
pub(crate) fn number(hall: &Hall, key: Key, nth: u8) -> Option<TicketNumber> {
    let suits = |state: TicketState| match key {
        _ if nth % 16 == 14 => true,
        Key::Pick | Key::Cancel | Key::Correct | Key::ConfirmClass => state.waits(),
        Key::Return => matches!(state, TicketState::Missed | TicketState::Parked { .. }),
        Key::Unpark => matches!(state, TicketState::Parked { .. }),
        _ => false,
    };
    let suiting: Vec<_> = hall.tickets().filter(|ticket| suits(ticket.state)).map(|t| t.number).collect();
    chosen(&suiting, nth).filter(|_| nth % 16 != 15)
}

/// The code of somebody who comes: of an appointment of today, and now and then of none.
pub(crate) fn code(hall: &Hall, nth: u8) -> Option<AppointmentId> {
    if nth % 16 == 15 {
        return "nobody".parse().ok();
    }
    let of_today = hall.appointments().iter().filter(|one| one.slot.day == hall.day()).map(|one| one.id);
    chosen(&of_today.collect::<Vec<_>>(), nth)
}

/// The manager lets a window serve one or two services first and help with some of the others, or what it served
/// before.
pub(crate) fn allocation(hall: &Hall, names: &Names, window: u8, nth: u8) -> Option<Command> {
    let window = *names.windows.get(usize::from(window))?;
    let mut services: Vec<ServiceId> = hall.plan().services().iter().map(|service| service.id).collect();
    let turned = usize::from(nth / 8).checked_rem(services.len())?;
    services.rotate_left(turned);
    let mut backup = services.split_off(usize::from(1 + nth % 2).min(services.len()));
    backup.truncate(usize::from(1 + nth / 2 % 2));
    let order = if nth % 8 == 7 {
        Order::Undo { window }
    } else {
        Order::Allocate { window, primary: services, backup }
    };
    Some(Command::Manage { by: "city".parse().ok()?, order })
}

/// The manager lets a group be called by one of the policies, or the services in none.
pub(crate) fn routing(group: u8, nth: u8) -> Option<Command> {
    let order = Order::SetRouting { group: group_named(group), routing: chosen(&POLICIES, nth)? };
    Some(Command::Manage { by: "city".parse().ok()?, order })
}

/// The staff takes a kiosk for lost.
pub(crate) fn write_off(names: &Names, kiosk: u8) -> Option<Command> {
    let kiosk = *names.kiosks.get(usize::from(kiosk))?;
    let (by, reason) = ("li".to_owned(), "断电".to_owned());
    Some(Command::WriteOff { client: "city".parse().ok()?, kiosk, by, reason })
}

/// The booking system's name, and one of its ids.
pub(crate) fn booking(nth: u8) -> Option<(ClientId, AppointmentId)> {
    "city".parse().ok().zip(format!("yy-{nth}").parse().ok())
}

/// A slot of a service that is still to come, mostly a soon one, and now and then none of its slots.
pub(crate) fn slot(plan: &Plan, service: ServiceId, now: Now, nth: u8) -> Option<SlotTime> {
    let days = [now.day, BusinessDay::from_days(now.day.days() + 1)];
    let slots = plan.service(service).map_or(&[][..], |service| &service.slots);
    let at = |day: BusinessDay, minute: DayMinute| {
        let minutes = i64::from(day.days()) * DAY_MINUTES + i64::from(minute.get());
        SlotTime { day, minute, at: HallTime::from_unix_ms(minutes * 60_000) }
    };
    if nth % 32 == 31 {
        return DayMinute::new(1_000).map(|minute| at(now.day, minute));
    }
    let all = days.into_iter().flat_map(|day| slots.iter().map(move |slot| at(day, slot.minute)));
    let mut to_come = all.filter(|slot| slot.at > now.at);
    to_come.nth(usize::from(nth / 4 % 4))
}

fn chosen<T: Copy>(from: &[T], nth: u8) -> Option<T> {
    from.get(usize::from(nth).checked_rem(from.len())?).copied()
}
