//! Appointments: one list, looked through for every question.

use hall_core::answer::{Answer, Change};
use hall_core::appointment::{Appointment, AppointmentState, SlotTime};
use hall_core::event::{Cause, CheckIn, Event, Rule, UnbookReason};
use hall_core::offer::Closure;
use hall_core::plan::{Plan, Service};
use hall_core::refusal::Refusal;
use hall_core::ticket::TicketState;
use hall_core::time::Now;
use hall_protocol::appointment::AppointmentId;
use hall_protocol::id::{DeviceId, ServiceId};
use hall_protocol::local::{LocalDate, LocalTime};
use hall_protocol::payload::Class;

use super::calendar::MINUTE_MS;
use super::{Card, Place, Reference};

impl Reference {
    fn booking(&self, id: AppointmentId) -> Option<&Appointment> {
        self.bookings.iter().find(|booking| booking.id == id)
    }

    /// No other booking has this id in other capitals.
    fn is_written_so(&self, id: AppointmentId) -> Result<(), Refusal> {
        match self.booking(id) {
            Some(other) if other.id.as_str() != id.as_str() => {
                Err(Refusal::IdDiffersInCase { appointment: other.id })
            }
            _ => Ok(()),
        }
    }

    fn not_yet_here(&self, id: AppointmentId) -> Result<Appointment, Refusal> {
        let booking = *self.booking(id).ok_or(Refusal::UnknownAppointment { appointment: id })?;
        match booking.state {
            AppointmentState::CheckedIn { number, .. } => Err(Refusal::AlreadyCheckedIn { number }),
            _ => Ok(booking),
        }
    }

    pub(super) fn book(
        &mut self,
        id: AppointmentId,
        service: ServiceId,
        slot: SlotTime,
    ) -> Result<Answer, Refusal> {
        self.is_written_so(id)?;
        let before = self.booking(id).copied();
        if let Some(appointment) = before
            && (appointment.service, appointment.slot.day, appointment.slot.minute)
                == (service, slot.day, slot.minute)
            && !(has_lost_its_ticket(&appointment) && slot.at > self.now.at)
        {
            return Ok(Answer::Appointment { appointment, change: Change::Unchanged });
        }
        if before.is_some() {
            self.not_yet_here(id)?;
        }
        let plan = self.plan();
        let planned = plan.service(service).ok_or(Refusal::UnknownService { service })?;
        let minute = slot.minute;
        let offered = planned.slots.iter().find(|offered| offered.minute == minute);
        let capacity = offered.ok_or(Refusal::NoSuchSlot { service, slot: minute })?.capacity;
        if slot.day < self.now.day || slot.at <= self.now.at {
            return Err(Refusal::SlotOver { slot: minute });
        }
        let days = plan.policy().book_days_ahead;
        if slot.day.days() - self.now.day.days() > i32::from(days) {
            return Err(Refusal::TooFarAhead { days });
        }
        let asked = plan.local(Now { at: slot.at, day: slot.day, minute: minute.get() });
        if !is_open(&plan, planned, asked) {
            let holiday = plan.hall_hours(asked.date()).is_empty();
            let why = if holiday { Closure::DayOff } else { Closure::Hours };
            return Err(Refusal::SlotClosed {
                service,
                slot: minute,
                why,
                next: self.slot_after(planned, asked),
            });
        }
        if self.booked(planned, asked) >= capacity {
            return Err(Refusal::SlotFull { service, slot: minute, next: self.slot_after(planned, asked) });
        }
        let appointment = Appointment { id, service, slot, state: AppointmentState::Booked };
        let (event, change) = match before {
            None => (Event::Booked { appointment: id, service, slot }, Change::Booked),
            Some(_) => (Event::Rebooked { appointment: id, service, slot }, Change::Changed),
        };
        self.say(event);
        self.bookings.retain(|booking| booking.id != id);
        self.unbooked.retain(|booking| booking.id != id);
        self.bookings.push(appointment);
        Ok(Answer::Appointment { appointment, change })
    }

    /// How many have booked the slot of a service that begins then.
    fn booked(&self, service: &Service, at: LocalTime) -> u16 {
        let plan = self.plan();
        let begins = |booking: &Appointment| {
            let SlotTime { at, day, minute } = booking.slot;
            plan.local(Now { at, day, minute: minute.get() })
        };
        let has_a_place = |b: &&Appointment| !has_lost_its_ticket(b) && b.service == service.id;
        let count = self.bookings.iter().filter(has_a_place).filter(|b| begins(b) == at).count();
        u16::try_from(count).unwrap()
    }

    /// The first slot after this one that somebody could book.
    fn slot_after(&self, service: &Service, asked: LocalTime) -> Option<LocalTime> {
        let plan = self.plan();
        let last = self.now.day.days() + i32::from(plan.policy().book_days_ahead);
        let starts = plan.calendar().day_starts_minute;
        let later = (asked.date().days()..last + 2).flat_map(|date| {
            let begins = move |minute| LocalTime::new(LocalDate::from_days(date), minute);
            service.slots.iter().map(move |slot| (begins(slot.minute.get()), slot.capacity))
        });
        let later =
            later.filter(|(at, _)| *at > asked && at.date().days() - i32::from(at.minute() < starts) <= last);
        let mut open = later.filter(|(at, _)| is_open(&plan, service, *at));
        open.find(|(at, capacity)| self.booked(service, *at) < *capacity).map(|(at, _)| at)
    }

    pub(super) fn unbook(&mut self, id: AppointmentId) -> Result<Answer, Refusal> {
        self.is_written_so(id)?;
        let before = self.unbooked.iter().find(|booking| booking.id.as_str() == id.as_str());
        if let Some(appointment) = before.copied() {
            return Ok(Answer::Appointment { appointment, change: Change::Cancelled });
        }
        let appointment = self.not_yet_here(id)?;
        let service = appointment.service;
        self.say(Event::Unbooked { appointment: id, service, why: UnbookReason::Asked });
        self.bookings.retain(|booking| booking.id != id);
        self.unbooked.push(appointment);
        Ok(Answer::Appointment { appointment, change: Change::Cancelled })
    }

    pub(super) fn check_in(&mut self, kiosk: DeviceId, id: AppointmentId) -> Result<Answer, Refusal> {
        let Appointment { service, slot, state, .. } = self.not_yet_here(id)?;
        if let AppointmentState::Cancelled { number, .. } | AppointmentState::NoShow { number, .. } = state {
            return Err(Refusal::AlreadyCheckedIn { number });
        }
        let plan = self.plan();
        let [early, late] = [plan.policy().check_in_early_minutes, plan.policy().check_in_late_minutes];
        let from = slot.at.plus_ms(-MINUTE_MS * i64::from(early));
        if slot.day > self.now.day || self.now.at < from {
            let days = u16::try_from(slot.day.days() - self.now.day.days()).unwrap_or(0);
            let from = slot.minute.earlier(early);
            return Err(Refusal::AppointmentTooEarly { days, slot: slot.minute, from });
        }
        if state == AppointmentState::Released || self.now.at > slot.at.plus_ms(MINUTE_MS * i64::from(late)) {
            return Err(Refusal::AppointmentTooLate { slot: slot.minute, minutes: late });
        }
        let planned = plan.service(service).ok_or(Refusal::UnknownService { service })?;
        let number = self.next_number(planned)?;
        let card = self.new_card(number, service);
        let standing = slot.at.max(self.now.at);
        let ticket = self.cards[card].id;
        let before = |other: &&Card| {
            other.keeps_slot()
                && (other.place, other.service) == (Place::Queue, service)
                && (other.standing, other.id) < (standing, ticket)
        };
        let ahead = u32::try_from(self.cards.iter().filter(before).count()).unwrap();
        self.say(Event::Issued {
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
            estimate: None,
            check_in: Some(CheckIn { appointment: id, slot: slot.minute, standing }),
        });
        (self.cards[card].class, self.cards[card].slot) = (Class::Appointment, Some(slot.minute));
        self.put(card, Place::Queue);
        self.cards[card].standing = standing;
        let booking = self.bookings.iter_mut().find(|booking| booking.id == id).expect("it was found");
        booking.state = AppointmentState::CheckedIn { ticket, number };
        self.call_to_armed_windows();
        let appointment = Some(slot.minute);
        Ok(Answer::Ticket { number, service, issued_at: self.now.at, ahead, appointment, estimate: None })
    }

    /// What is told of the booking this card is of.
    pub(super) fn tell_the_booking(&mut self, card: usize) {
        let Card { id, number, place, .. } = self.cards[card];
        let state = match place {
            Place::Done(TicketState::Missed) => AppointmentState::NoShow { ticket: id, number },
            Place::Done(TicketState::Cancelled | TicketState::Expired) => {
                AppointmentState::Cancelled { ticket: id, number }
            }
            _ => AppointmentState::CheckedIn { ticket: id, number },
        };
        let its = |booking: &&mut Appointment| match booking.state {
            AppointmentState::CheckedIn { ticket, .. }
            | AppointmentState::Cancelled { ticket, .. }
            | AppointmentState::NoShow { ticket, .. } => ticket == id,
            AppointmentState::Booked | AppointmentState::Released => false,
        };
        if let Some(booking) = self.bookings.iter_mut().find(its) {
            booking.state = state;
        }
    }

    /// The wall's clock is of another zone.
    pub(super) fn move_slots(&mut self, slots: &[(AppointmentId, SlotTime)]) {
        self.cause = Cause::Rule(Rule::Configuration);
        for (id, slot) in slots {
            let Some(booking) = self.bookings.iter_mut().find(|booking| booking.id == *id) else { continue };
            if booking.state == AppointmentState::Booked && booking.slot.minute == slot.minute {
                if booking.slot == *slot {
                    continue;
                }
                booking.slot = *slot;
                let (appointment, service) = (booking.id, booking.service);
                self.say(Event::Rebooked { appointment, service, slot: *slot });
            }
        }
    }

    /// Nobody came for these in time.
    pub(super) fn release_the_late(&mut self) {
        self.cause = Cause::Rule(Rule::AppointmentLapsed);
        let late_ms = MINUTE_MS * i64::from(self.plan().policy().check_in_late_minutes);
        self.bookings.sort_by_key(|booking| (booking.slot.at, booking.id));
        let now = self.now.at;
        self.release(|booking| now > booking.slot.at.plus_ms(late_ms));
    }

    /// The day ends for these.
    pub(super) fn release_before_today(&mut self) {
        self.bookings.sort_by_key(|booking| booking.id);
        let today = self.now.day;
        self.release(|booking| booking.slot.day < today);
    }

    pub(super) fn forget_bookings_before_today(&mut self) {
        let today = self.now.day;
        self.bookings.retain(|booking| booking.slot.day >= today);
        self.unbooked.retain(|booking| booking.slot.day >= today);
    }

    fn release(&mut self, of: impl Fn(&Appointment) -> bool) {
        for at in 0..self.bookings.len() {
            let booking = self.bookings[at];
            if booking.state == AppointmentState::Booked && of(&booking) {
                let Appointment { id, service, slot, .. } = booking;
                self.say(Event::Released { appointment: id, service, slot });
                self.bookings[at].state = AppointmentState::Released;
            }
        }
    }

    /// A plan comes without some services.
    pub(super) fn withdraw_bookings(&mut self, plan: &Plan) {
        self.bookings.sort_by_key(|booking| booking.id);
        let gone = |booking: &Appointment| {
            booking.state == AppointmentState::Booked && plan.service(booking.service).is_none()
        };
        for booking in self.bookings.clone().into_iter().filter(gone) {
            let Appointment { id, service, .. } = booking;
            self.unbooked.push(booking);
            self.say(Event::Unbooked { appointment: id, service, why: UnbookReason::ServiceWithdrawn });
        }
        self.bookings.retain(|booking| !gone(booking));
    }
}

fn has_lost_its_ticket(booking: &Appointment) -> bool {
    matches!(booking.state, AppointmentState::Cancelled { .. } | AppointmentState::NoShow { .. })
}

/// Whether anybody can come for the service then.
fn is_open(plan: &Plan, service: &Service, at: LocalTime) -> bool {
    plan.service_hours(service, at.date()).iter().any(|hours| hours.contains(at.minute()))
}

impl Card {
    /// Whether it stands by its slot: until its first call.
    pub(super) fn keeps_slot(&self) -> bool {
        self.slot.is_some() && !self.called
    }
}
