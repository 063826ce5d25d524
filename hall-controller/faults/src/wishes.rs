//! What a press says beside its key: which other ticket, and where to.
//!
//! People choose by what they see, which is the durable hall; a small number from the history says
//! which of what suits, so that the same history means the same.

use hall_core::Hall;
use hall_core::command::Details;
use hall_core::ticket::TicketState;
use hall_protocol::number::TicketNumber;
use hall_protocol::payload::{Class, Grade, Key, ServiceOutcome};

use crate::plans::Names;

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

fn chosen<T: Copy>(from: &[T], nth: u8) -> Option<T> {
    from.get(usize::from(nth).checked_rem(from.len())?).copied()
}
