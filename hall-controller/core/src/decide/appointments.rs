//! Booking a slot, changing and cancelling it, coming for it in time, and not coming.

use hall_protocol::appointment::AppointmentId;
use hall_protocol::id::{DeviceId, ServiceId};
use hall_protocol::payload::Class;

use super::slots::Wanted;
use super::window_keys::Moment;
use crate::answer::{Answer, Change};
use crate::appointment::{Appointment, AppointmentState, Appointments, SlotTime};
use crate::event::{CheckIn, Event, UnbookReason};
use crate::hall::Hall;
use crate::plan::Plan;
use crate::refusal::Refusal;
use crate::time::{HallTime, Now};

const MINUTE_MS: i64 = 60_000;

impl Appointments {
    /// Book `slot`, or change the booking of this id. The same once more changes nothing, whatever
    /// became of it meanwhile; but that of a ticket that ended unserved before its slot is booked anew.
    ///
    /// Refuses a change after the check-in with [`Refusal::AlreadyCheckedIn`] while the citizen is here.
    ///
    /// # Errors
    /// Why the slot cannot be booked.
    pub fn book(
        &self,
        plan: &Plan,
        id: AppointmentId,
        service: ServiceId,
        slot: SlotTime,
        now: Now,
    ) -> Result<(Option<Event>, Answer), Refusal> {
        let before = self.written_so(id)?.copied();
        if let Some(appointment) = before {
            let same = appointment.service == service
                && (appointment.slot.day, appointment.slot.minute) == (slot.day, slot.minute);
            let anew = appointment.state.has_ended() && slot.at > now.at;
            if same && !anew {
                return Ok((None, Answer::Appointment { appointment, change: Change::Unchanged }));
            }
            not_checked_in(&appointment)?;
        }
        let planned = plan.service(service).ok_or(Refusal::UnknownService { service })?;
        let minute = slot.minute;
        let offered = planned.slot(minute).ok_or(Refusal::NoSuchSlot { service, slot: minute })?;
        if slot.day < now.day || slot.at <= now.at {
            return Err(Refusal::SlotOver { slot: minute });
        }
        let days = plan.policy().book_days_ahead;
        if days_until(slot, now) > days {
            return Err(Refusal::TooFarAhead { days });
        }
        Wanted { plan, service: planned, slot, booked: self }.check(offered, now)?;
        let appointment = Appointment { id, service, slot, state: AppointmentState::Booked };
        let (event, change) = match before {
            None => (Event::Booked { appointment: id, service, slot }, Change::Booked),
            Some(_) => (Event::Rebooked { appointment: id, service, slot }, Change::Changed),
        };
        Ok((Some(event), Answer::Appointment { appointment, change }))
    }
}

impl Hall {
    /// Cancel a booking whose citizen is not here. One that is cancelled is so already.
    pub(super) fn unbook(&self, id: AppointmentId) -> Result<(Option<Event>, Answer), Refusal> {
        let change = Change::Cancelled;
        let Some(appointment) = self.appointments.written_so(id)?.copied() else {
            let before = self.cancelled.get(id).copied();
            let appointment = before.ok_or(Refusal::UnknownAppointment { appointment: id })?;
            return Ok((None, Answer::Appointment { appointment, change }));
        };
        not_checked_in(&appointment)?;
        let service = appointment.service;
        let event = Event::Unbooked { appointment: appointment.id, service, why: UnbookReason::Asked };
        Ok((Some(event), Answer::Appointment { appointment, change }))
    }

    /// A citizen with an appointment is at a kiosk: any of the hall, whatever services it offers, and
    /// also outside the hours in which tickets are taken.
    pub(super) fn check_in(
        &self,
        kiosk: DeviceId,
        id: AppointmentId,
        moment: Moment,
    ) -> Result<(Vec<Event>, Answer), Refusal> {
        let now = moment.now;
        let unknown = Refusal::UnknownAppointment { appointment: id };
        let appointment = *self.appointments.get(id).ok_or(unknown)?;
        // Whose ticket has ended books anew, or comes back with it.
        if let Some((_, number)) = appointment.state.ticket() {
            return Err(Refusal::AlreadyCheckedIn { number });
        }
        let Appointment { service, slot, .. } = appointment;
        let policy = self.plan.policy();
        let (early, late) = (policy.check_in_early_minutes, policy.check_in_late_minutes);
        let begins = self.begins_first(slot, moment).unwrap_or(slot.at);
        if slot.day > now.day || now.at < begins.plus_ms(-MINUTE_MS * i64::from(early)) {
            let (days, from) = (days_until(slot, now), slot.minute.earlier(early));
            return Err(Refusal::AppointmentTooEarly { days, slot: slot.minute, from });
        }
        if appointment.state == AppointmentState::Released || now.at > last_moment(slot, late) {
            return Err(Refusal::AppointmentTooLate { slot: slot.minute, minutes: late });
        }
        let planned = self.plan.service(service).ok_or(Refusal::UnknownService { service })?;
        let number = self.number_after_last(planned)?;
        let (ticket, slot, standing) = (self.tickets.next_id(), slot.minute, begins.max(now.at));
        let queue = self.plan.service_index(service).and_then(|index| self.queues.get(index));
        let ahead = queue.map_or(0, |queue| queue.appointments_before((standing, ticket)));
        let ahead = u32::try_from(ahead).unwrap_or(u32::MAX);
        let event = Event::Issued {
            ticket,
            number,
            service,
            class: Class::Appointment,
            kiosk,
            ahead,
            also: Vec::new(),
            claimed: None,
            half: None,
            printed_at: None,
            instead_of: None,
            check_in: Some(CheckIn { appointment: appointment.id, slot, standing }),
            estimate: None,
        };
        let mut events = self.then_armed_calls(vec![event], moment);
        let estimate = self.tell_wait(&mut events, now);
        let ahead = estimate.map_or(ahead, |estimate| estimate.ahead);
        let issued_at = now.at;
        let answer = Answer::Ticket { number, service, issued_at, ahead, appointment: Some(slot), estimate };
        Ok((events, answer))
    }

    /// When a slot begins for the first time that the clocks put back let begin twice, if the wall shows a
    /// time around it now: its moment is the second, so that whoever comes for either is here in time. By a
    /// clock that is behind the hall's time nothing is known of that.
    fn begins_first(&self, slot: SlotTime, Moment { now, wall, local }: Moment) -> Option<HallTime> {
        let policy = self.plan.policy();
        let since_ms =
            local.minutes_since(self.plan.local_of(slot)) * MINUTE_MS + wall.unix_ms().rem_euclid(MINUTE_MS);
        let early_ms = MINUTE_MS * i64::from(policy.check_in_early_minutes);
        let late_ms = MINUTE_MS * i64::from(policy.check_in_late_minutes);
        let first = now.at.plus_ms(-since_ms);
        let around = (-early_ms..=late_ms).contains(&since_ms);
        (around && wall >= now.at && first < slot.at).then_some(first)
    }

    /// Those of these bookings whose slots begin at another moment now, at the same time of day.
    pub(super) fn move_slots(&self, slots: &[(AppointmentId, SlotTime)]) -> Vec<Event> {
        let moved = slots.iter().filter_map(|(id, slot)| {
            let one = self.appointments.get(*id).filter(|one| one.state == AppointmentState::Booked)?;
            let moves = one.slot != *slot && one.slot.minute == slot.minute;
            moves.then_some(Event::Rebooked { appointment: one.id, service: one.service, slot: *slot })
        });
        moved.collect()
    }

    /// Nobody came for these in time. O(those).
    pub(super) fn lapsed(&self, now: Now) -> Vec<Event> {
        let late = self.plan.policy().check_in_late_minutes;
        let expected = self.appointments.expected_before(now.at);
        expected.take_while(|one| now.at > last_moment(one.slot, late)).map(released).collect()
    }

    /// The day is over for these, and nobody came. O(appointments): once a day.
    pub(super) fn not_come_before(&self, now: Now) -> impl Iterator<Item = Event> {
        let over = self.appointments.iter().filter(move |one| one.slot.day < now.day);
        over.filter(|one| one.state == AppointmentState::Booked).map(released)
    }

    /// Bookings of services that `plan` has no more. Slots that are gone keep their promises.
    pub(super) fn withdrawn_by(&self, plan: &Plan) -> impl Iterator<Item = Event> {
        let expected = self.appointments.iter().filter(|one| one.state == AppointmentState::Booked);
        let gone = expected.filter(|one| plan.service(one.service).is_none());
        gone.map(|Appointment { id, service, .. }| Event::Unbooked {
            appointment: *id,
            service: *service,
            why: UnbookReason::ServiceWithdrawn,
        })
    }
}

fn not_checked_in(appointment: &Appointment) -> Result<(), Refusal> {
    match appointment.state {
        AppointmentState::CheckedIn { number, .. } => Err(Refusal::AlreadyCheckedIn { number }),
        _ => Ok(()),
    }
}

fn released(appointment: &Appointment) -> Event {
    let Appointment { id, service, slot, .. } = *appointment;
    Event::Released { appointment: id, service, slot }
}

/// Until when one may check in for a slot.
fn last_moment(slot: SlotTime, late_minutes: u16) -> HallTime {
    slot.at.plus_ms(MINUTE_MS * i64::from(late_minutes))
}

/// Days from today to the slot's; 0 when that is past.
fn days_until(slot: SlotTime, now: Now) -> u16 {
    let days = i64::from(slot.day.days()) - i64::from(now.day.days());
    u16::try_from(days.max(0)).unwrap_or(u16::MAX)
}
