//! What the witness asks of appointments: no slot is overbooked, no booking forgotten, and whoever
//! comes in time is called by the slot.

use hall_core::Hall;
use hall_core::answer::Answer;
use hall_core::appointment::{Appointment, AppointmentState, SlotTime};
use hall_core::command::Command;
use hall_core::event::{CheckIn, Event, Stamped, UnbookReason};
use hall_core::ticket::TicketId;
use hall_core::time::HallTime;
use hall_protocol::appointment::AppointmentId;
use hall_protocol::id::{ServiceId, WindowId};

use super::{Fault, Witness};

const MINUTE_MS: i64 = 60_000;

impl Witness {
    pub(super) fn is_of_an_appointment(event: &Event) -> bool {
        matches!(
            event,
            Event::Booked { .. } | Event::Rebooked { .. } | Event::Unbooked { .. } | Event::Released { .. }
        )
    }

    pub(super) fn appointed(&mut self, stamped: &Stamped) {
        match &stamped.event {
            Event::Booked { appointment, service, slot } => {
                if self.booked.contains_key(appointment) {
                    self.complain(Fault::AppointmentLost, format!("{appointment} was booked before"));
                }
                self.books(*appointment, *service, *slot, stamped.at);
            }
            Event::Rebooked { appointment, service, slot } => {
                let before = self.booked.get(appointment).map(|booking| booking.state);
                if matches!(before, None | Some(AppointmentState::CheckedIn { .. })) {
                    self.complain(
                        Fault::AppointmentLost,
                        format!("{appointment} was changed, it is {before:?}"),
                    );
                }
                self.books(*appointment, *service, *slot, stamped.at);
            }
            Event::Unbooked { appointment, why, .. } => {
                let before = self.booked.remove(appointment);
                let right = match (why, before) {
                    (_, None | Some(Appointment { state: AppointmentState::CheckedIn { .. }, .. })) => false,
                    (UnbookReason::Asked, Some(_)) => true,
                    (UnbookReason::ServiceWithdrawn, Some(booking)) => {
                        booking.state == AppointmentState::Booked
                    }
                };
                if !right {
                    self.complain(Fault::AppointmentLost, format!("{appointment} was cancelled: {before:?}"));
                }
            }
            Event::Released { appointment, .. } => {
                let late = self.plan.as_ref().map_or(0, |plan| plan.policy().check_in_late_minutes);
                let in_time = |slot: SlotTime| stamped.at <= slot.at.plus_ms(i64::from(late) * MINUTE_MS);
                let day_over =
                    stamped.cause == hall_core::event::Cause::Rule(hall_core::event::Rule::DayBegan);
                match self.booked.get_mut(appointment) {
                    Some(booking)
                        if booking.state == AppointmentState::Booked
                            && (day_over || !in_time(booking.slot)) =>
                    {
                        booking.state = AppointmentState::Released;
                    }
                    other => {
                        let what = format!("{appointment} was released: {other:?}");
                        self.complain(Fault::AppointmentLost, what);
                    }
                }
            }
            _ => {}
        }
    }

    /// A ticket ends unserved, or its citizen is back.
    pub(super) fn told_of_its_appointment(&mut self, event: &Event) {
        let (Some(id), Some(number)) = (event.ticket(), event.number()) else { return };
        let state = match event {
            Event::Missed { .. } => AppointmentState::NoShow { ticket: id, number },
            Event::Cancelled { .. } | Event::Expired { .. } => {
                AppointmentState::Cancelled { ticket: id, number }
            }
            Event::Returned { .. } => AppointmentState::CheckedIn { ticket: id, number },
            _ => return,
        };
        for booking in self.booked.values_mut() {
            if let AppointmentState::CheckedIn { ticket, .. }
            | AppointmentState::Cancelled { ticket, .. }
            | AppointmentState::NoShow { ticket, .. } = booking.state
                && ticket == id
            {
                booking.state = state;
            }
        }
    }

    fn books(&mut self, id: AppointmentId, service: ServiceId, slot: SlotTime, at: HallTime) {
        self.booked.remove(&id);
        let there = |other: &&Appointment| {
            let gone =
                matches!(other.state, AppointmentState::Cancelled { .. } | AppointmentState::NoShow { .. });
            !gone
                && other.service == service
                && (other.slot.day, other.slot.minute) == (slot.day, slot.minute)
        };
        let taken = self.booked.values().filter(there).count();
        let planned = self.plan.as_ref().and_then(|plan| plan.service(service)?.slot(slot.minute));
        if planned.is_none_or(|planned| taken >= usize::from(planned.capacity)) || slot.at <= at {
            self.complain(Fault::Overbooked, format!("{id}: {taken} have booked {service} at {slot:?}"));
        }
        self.booked.insert(id, Appointment { id, service, slot, state: AppointmentState::Booked });
    }

    /// A ticket was given for an appointment.
    pub(super) fn checked_in(&mut self, stamped: &Stamped, check_in: CheckIn) {
        let Event::Issued { ticket, number, service, .. } = &stamped.event else { return };
        let CheckIn { appointment, slot: minute, standing } = check_in;
        let policy = self.plan.as_ref().map(|plan| plan.policy().clone()).unwrap_or_default();
        let at = stamped.at;
        let in_time = |slot: SlotTime| {
            at >= slot.at.plus_ms(-i64::from(policy.check_in_early_minutes) * MINUTE_MS)
                && at <= slot.at.plus_ms(i64::from(policy.check_in_late_minutes) * MINUTE_MS)
        };
        let right = |booking: &Appointment| {
            booking.state == AppointmentState::Booked
                && booking.service == *service
                && booking.slot.minute == minute
                && in_time(booking.slot)
        };
        match self.booked.get_mut(&appointment) {
            Some(booking) if right(booking) => {
                booking.state = AppointmentState::CheckedIn { ticket: *ticket, number: *number };
                if standing != booking.slot.at.max(at) {
                    self.complain(Fault::WrongPlace, format!("{appointment} stands since {standing:?}"));
                }
            }
            other => {
                let what = format!("{appointment} has checked in at {at:?}: {other:?}");
                self.complain(Fault::AppointmentLost, what);
            }
        }
        self.slot_of.insert(*ticket, minute);
        self.waits(*ticket, None, standing);
    }

    /// The ticket is of an appointment whose slot is still to be kept.
    pub(super) fn has_a_slot(&self, ticket: TicketId) -> bool {
        self.slot_of.contains_key(&ticket)
    }

    /// Those of appointments that may pass who waits longer at this window.
    pub(super) fn due_to_pass(&self, window: WindowId, at: HallTime) -> Option<TicketId> {
        let quota = self.plan.as_ref().map_or(2, |plan| plan.policy().appointment_quota);
        let may = |ticket: &TicketId, since: HallTime| {
            let counted = self.service_of.get(ticket).and_then(|service| self.since_appointment.get(service));
            self.has_a_slot(*ticket) && since <= at && counted.is_none_or(|counted| *counted + 1 >= quota)
        };
        let waiting =
            self.waiting.iter().filter(|(t, (_, since))| may(t, *since) && self.may_call(window, **t));
        waiting.map(|(ticket, (_, since))| (*since, *ticket)).min().map(|(_, ticket)| ticket)
    }

    /// Whether it is too early for this ticket, with others waiting for its service.
    pub(super) fn is_early(&self, ticket: TicketId, since: HallTime, at: HallTime) -> bool {
        let service = self.service_of.get(&ticket);
        let another = |(other, (window, since)): (&TicketId, &(Option<WindowId>, HallTime))| {
            window.is_none()
                && self.service_of.get(other) == service
                && (!self.has_a_slot(*other) || *since <= at)
        };
        self.has_a_slot(ticket) && since > at && self.waiting.iter().any(another)
    }

    /// What was asked about appointments was done, and nothing else is in the list.
    pub(super) fn looked_at_appointments(&mut self, hall: &Hall) {
        let listed: Vec<_> = hall.appointments().iter().copied().collect();
        let kept: Vec<_> = self.booked.values().copied().collect();
        if listed != kept {
            self.complain(Fault::AppointmentLost, format!("{listed:?} instead of {kept:?}"));
        }
    }

    pub(super) fn asked_about_appointment(
        &mut self,
        command: &Command,
        answer: Option<&Answer>,
        hall: &Hall,
    ) {
        match command {
            Command::Book { appointment, service, slot, .. } => {
                let stands = self.booked.get(appointment).is_some_and(|booking| {
                    booking.service == *service
                        && (booking.slot.day, booking.slot.minute) == (slot.day, slot.minute)
                });
                if !stands || !matches!(answer, Some(Answer::Appointment { .. })) {
                    self.complain(Fault::AppointmentLost, format!("{appointment} is not so: {answer:?}"));
                }
            }
            Command::Unbook { appointment, .. } if self.booked.contains_key(appointment) => {
                self.complain(Fault::AppointmentLost, format!("{appointment} is still there"));
            }
            Command::Tick => {
                let late = self.plan.as_ref().map_or(0, |plan| plan.policy().check_in_late_minutes);
                let forgotten = self.booked.values().find(|booking| {
                    booking.state == AppointmentState::Booked
                        && hall.at() > booking.slot.at.plus_ms(i64::from(late) * MINUTE_MS)
                });
                if let Some(forgotten) = forgotten {
                    self.complain(Fault::AppointmentLost, format!("{forgotten:?} is expected for ever"));
                }
            }
            _ => {}
        }
    }

    /// Of the days before, nobody is expected any more.
    pub(super) fn appointments_of_yesterday(&mut self, day: hall_core::time::BusinessDay) {
        let expected = self
            .booked
            .values()
            .find(|booking| booking.slot.day < day && booking.state == AppointmentState::Booked);
        if let Some(expected) = expected {
            self.complain(Fault::OpenAfterDayEnd, format!("{expected:?}"));
        }
        self.booked.retain(|_, booking| booking.slot.day >= day);
        // Whoever waits on overnight has still a slot.
        let waits =
            |ticket: &TicketId| self.waiting.contains_key(ticket) || self.deferred.contains_key(ticket);
        self.slot_of.retain(|ticket, _| waits(ticket));
        self.since_appointment.clear();
    }
}
