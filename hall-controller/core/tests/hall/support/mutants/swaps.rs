//! One decision put in the place of another.

use hall_core::answer::{Answer, Change};
use hall_core::appointment::{Appointment, AppointmentState};
use hall_core::command::Command;
use hall_core::event::{CallReason, Cause, Event, Stamped};
use hall_core::ticket::TicketState;
use hall_core::time::Now;
use hall_core::{Decision, Hall};

use crate::support::id;

/// The next ticket gets the number of the one before it in its service.
pub(super) fn same_number_again(hall: &Hall, decision: &mut Decision) {
    let Some(issued) = decision.events.iter_mut().find(|stamped| stamped.event.name() == "issued") else {
        return;
    };
    if let Event::Issued { number, service, .. } = &mut issued.event
        && let Some(before) = hall.tickets().filter(|ticket| ticket.service == *service).last()
        && let Some(Answer::Ticket { number: told, .. }) = &mut decision.answer
    {
        (*number, *told) = (before.number, before.number);
        issued.answer.clone_from(&decision.answer);
    }
}

pub(super) fn to_another_window(called: &Stamped) -> Stamped {
    let mut called = Stamped { answer: None, cause: called.cause, ..called.clone() };
    if let Event::Called { window, .. } = &mut called.event {
        *window = if *window == id("1") { id("2") } else { id("1") };
    }
    called
}

/// Book a slot that is full, or closed.
pub(super) fn overbook(command: &Command, now: Now) -> Decision {
    let Command::Book { client, appointment: id, service, slot } = *command else {
        return Decision::default();
    };
    let appointment = Appointment { id, service, slot, state: AppointmentState::Booked };
    let event = Event::Booked { appointment: id, service, slot };
    let stamped = Stamped { at: now.at, cause: Cause::Client(client), event, clerk: None, answer: None };
    let answer = Some(Answer::Appointment { appointment, change: Change::Booked });
    Decision { events: vec![stamped], answer, repeated: false }
}

/// Whoever has an appointment is called first, whatever the hour and the quota.
pub(super) fn call_appointment(hall: &Hall, event: &mut Event) {
    if let Event::Called { ticket, number, why, .. } = event
        && let Some(first) = hall.ticket(*ticket)
        && let Some((appointed, slot)) = hall.tickets().find_map(|other| {
            let waits = other.service == first.service && other.state == TicketState::Waiting;
            Some((other, other.appointment.filter(|_| waits && other.called_at.is_none())?))
        })
    {
        (*ticket, *number) = (appointed.id, appointed.number);
        *why = CallReason::Appointment { slot, passing: true };
    }
}

pub(super) fn call_deferred(hall: &Hall, event: &mut Event) {
    if let Event::Called { ticket, number, .. } = event
        && let Some(first) = hall.ticket(*ticket)
        && let Some(deferred) = hall.tickets().find(|other| {
            other.service == first.service && matches!(other.state, TicketState::Deferred { .. })
        })
    {
        (*ticket, *number) = (deferred.id, deferred.number);
    }
}

/// Whoever waits for what the plan has at the window is called, whatever the clerk can do.
pub(super) fn call_beyond_skills(hall: &Hall, event: &mut Event) {
    if let Event::Called { ticket, number, window, why: CallReason::Oldest { .. }, .. } = event
        && let Some(planned) = hall.plan().window(*window)
        && let Some(first) = hall.ticket(*ticket)
        && let Some(other) = hall.tickets().find(|other| {
            let given = planned.services.contains(&other.service) && other.service != first.service;
            let before = (other.standing, other.id) < (first.standing, first.id);
            given && before && other.state == TicketState::Waiting
        })
    {
        (*ticket, *number) = (other.id, other.number);
    }
}

pub(super) fn call_second(hall: &Hall, event: &mut Event) {
    if let Event::Called { ticket, number, .. } = event
        && let Some(first) = hall.ticket(*ticket)
        && let Some(second) = hall
            .tickets()
            .filter(|other| other.service == first.service && other.state == TicketState::Waiting)
            .nth(1)
    {
        (*ticket, *number) = (second.id, second.number);
    }
}
