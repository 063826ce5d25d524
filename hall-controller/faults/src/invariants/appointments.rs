//! The books of appointments: each id is booked once, no slot holds more than it may, and whoever was
//! promised one finds it.

use std::collections::{BTreeMap, BTreeSet};

use hall_core::answer::{Answer, Change};
use hall_core::appointment::{Appointment, AppointmentState, SlotTime};
use hall_core::event::{CheckIn, Event, Stamped, UnbookReason};
use hall_core::refusal::Refusal;
use hall_core::time::HallTime;
use hall_protocol::appointment::AppointmentId;
use hall_protocol::id::ServiceId;

use super::{Checked, Invariant, Ledger, violated};
use crate::network::Outcome;

const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 24 * 60 * MINUTE_MS;

/// What was booked and promised.
#[derive(Default)]
pub(super) struct Bookings {
    /// By the journal, of today and the days to come.
    all: BTreeMap<AppointmentId, Appointment>,
    /// As the city's booking system was last told.
    promised: BTreeMap<AppointmentId, (ServiceId, SlotTime)>,
    /// Their services left the plan.
    withdrawn: BTreeSet<AppointmentId>,
}

impl Bookings {
    /// How many besides `id` there are for a slot.
    fn others_in(&self, id: AppointmentId, service: ServiceId, slot: SlotTime) -> usize {
        let in_it = |one: &&Appointment| {
            let gone =
                matches!(one.state, AppointmentState::Cancelled { .. } | AppointmentState::NoShow { .. });
            one.id != id
                && !gone
                && one.service == service
                && (one.slot.day, one.slot.minute) == (slot.day, slot.minute)
        };
        self.all.values().filter(in_it).count()
    }

    /// A ticket ends unserved, or its citizen is back: so it is with the appointment it came of.
    fn told_of_a_ticket(&mut self, event: &Event) {
        let (Some(own), Some(number)) = (event.ticket(), event.number()) else { return };
        let of_it = |one: &&mut Appointment| match one.state {
            AppointmentState::CheckedIn { ticket, .. }
            | AppointmentState::Cancelled { ticket, .. }
            | AppointmentState::NoShow { ticket, .. } => ticket == own,
            AppointmentState::Booked | AppointmentState::Released => false,
        };
        if let Some(one) = self.all.values_mut().find(of_it) {
            one.state = match event {
                Event::Missed { .. } => AppointmentState::NoShow { ticket: own, number },
                Event::Returned { .. } => AppointmentState::CheckedIn { ticket: own, number },
                _ => AppointmentState::Cancelled { ticket: own, number },
            };
        }
    }

    fn holds(&self, id: AppointmentId, service: ServiceId, slot: SlotTime) -> bool {
        self.all.get(&id).is_some_and(|one| one.service == service && one.slot == slot)
    }
}

impl Ledger {
    /// An event is in the journal; the hall of the books has not taken it over yet.
    pub(super) fn appointment_happened(&mut self, stamped: &Stamped) -> Checked {
        match &stamped.event {
            Event::Booked { appointment, .. } if self.bookings.all.contains_key(appointment) => {
                violated(Invariant::BookedOnce, || format!("{appointment} is booked a second time"))
            }
            Event::Rebooked { appointment, .. }
            | Event::Unbooked { appointment, .. }
            | Event::Released { appointment, .. }
                if !self.bookings.all.contains_key(appointment) =>
            {
                violated(Invariant::BookingsForEver, || format!("{appointment} is not booked: {stamped:?}"))
            }
            Event::Booked { appointment, service, slot } | Event::Rebooked { appointment, service, slot } => {
                self.booked(*appointment, *service, *slot)
            }
            Event::Unbooked { appointment, why, .. } => {
                self.bookings.all.remove(appointment);
                if *why == UnbookReason::ServiceWithdrawn {
                    self.bookings.withdrawn.insert(*appointment);
                }
                Ok(())
            }
            Event::Released { appointment, .. } => self.released(*appointment, stamped.at),
            Event::Missed { .. }
            | Event::Cancelled { .. }
            | Event::Expired { .. }
            | Event::Returned { .. } => {
                self.bookings.told_of_a_ticket(&stamped.event);
                Ok(())
            }
            Event::Issued { check_in: Some(check_in), .. } => self.checked_in(stamped, *check_in),
            Event::Refused { refusal: Refusal::UnknownAppointment { appointment }, .. }
                if self.bookings.all.contains_key(appointment) =>
            {
                violated(Invariant::BookingsForEver, || format!("{appointment} is booked and unknown"))
            }
            Event::DayBegan { day, .. } => {
                self.bookings.all.retain(|_, one| one.slot.day >= *day);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn booked(&mut self, id: AppointmentId, service: ServiceId, slot: SlotTime) -> Checked {
        let planned = self.hall.plan().service(service).and_then(|service| service.slot(slot.minute));
        let capacity = usize::from(planned.map_or(0, |slot| slot.capacity));
        let others = self.bookings.others_in(id, service, slot);
        if others >= capacity {
            return violated(Invariant::SlotCapacity, || {
                format!("{id} is the {}th for {service} at {}, of {capacity}", others + 1, slot.minute)
            });
        }
        self.bookings.withdrawn.remove(&id);
        self.bookings.all.insert(id, Appointment { id, service, slot, state: AppointmentState::Booked });
        Ok(())
    }

    fn released(&mut self, id: AppointmentId, at: HallTime) -> Checked {
        let late = i64::from(self.hall.plan().policy().check_in_late_minutes);
        let Some(one) = self.bookings.all.get_mut(&id) else { return Ok(()) };
        let its_day_is_over = at.unix_ms().div_euclid(DAY_MS) > i64::from(one.slot.day.days());
        if one.state != AppointmentState::Booked
            || (at <= one.slot.at.plus_ms(late * MINUTE_MS) && !its_day_is_over)
        {
            return violated(Invariant::BookingsForEver, || format!("{one:?} is given up at {at:?}"));
        }
        one.state = AppointmentState::Released;
        Ok(())
    }

    fn checked_in(&mut self, stamped: &Stamped, check_in: CheckIn) -> Checked {
        let Event::Issued { ticket, number, .. } = stamped.event else { return Ok(()) };
        self.kinds.insert("checked_in");
        let (policy, at) = (self.hall.plan().policy(), stamped.at);
        let early = i64::from(policy.check_in_early_minutes) * MINUTE_MS;
        let late = i64::from(policy.check_in_late_minutes) * MINUTE_MS;
        let id = check_in.appointment;
        let Some(one) = self.bookings.all.get_mut(&id) else {
            return violated(Invariant::BookingsForEver, || {
                format!("{number} is for {id}, which is not booked")
            });
        };
        if let AppointmentState::CheckedIn { number: first, .. } = one.state {
            return violated(Invariant::OneTicketEach, || format!("{id} has {first}, and {number} too"));
        }
        let in_time = one.slot.at.plus_ms(-early) <= at && at <= one.slot.at.plus_ms(late);
        if one.state != AppointmentState::Booked || !in_time {
            return violated(Invariant::WithinHours, || format!("{number} is given at {at:?} for {one:?}"));
        }
        one.state = AppointmentState::CheckedIn { ticket, number };
        Ok(())
    }

    /// The booking system is about to be told this.
    pub(crate) fn client_answered(&self, outcome: &Outcome) -> Checked {
        let Outcome::Answered(Answer::Appointment { appointment, change }) = outcome else { return Ok(()) };
        let Appointment { id, service, slot, .. } = *appointment;
        let right = match change {
            Change::Cancelled => !self.bookings.all.contains_key(&id),
            Change::Booked | Change::Changed | Change::Unchanged => self.bookings.holds(id, service, slot),
        };
        // Of a day that is over nothing is kept.
        if !right && slot.day >= self.hall.day() {
            return violated(Invariant::DurableBeforeVisible, || {
                format!(
                    "{appointment:?} is told as {change:?}, the disk has {:?}",
                    self.bookings.all.get(&id)
                )
            });
        }
        Ok(())
    }

    /// The booking system reads an answer to what it sent so often; none is a refusal.
    pub(crate) fn client_heard(&mut self, id: AppointmentId, answer: Option<&Answer>, tries: u32) {
        match answer {
            Some(Answer::Appointment { appointment, change }) if *change != Change::Cancelled => {
                self.bookings.promised.insert(id, (appointment.service, appointment.slot));
            }
            Some(_) => drop(self.bookings.promised.remove(&id)),
            // A try before it may have been done, and its answer lost.
            None if tries > 1 => drop(self.bookings.promised.remove(&id)),
            None => {}
        }
    }

    /// All that was promised for today and later is there, and the hall has it so.
    pub(crate) fn keeps_its_promises(&self) -> Checked {
        let (today, Bookings { all, promised, withdrawn }) = (self.hall.day(), &self.bookings);
        let lost = promised.iter().find(|(id, (service, slot))| {
            slot.day >= today && !withdrawn.contains(id) && !self.bookings.holds(**id, *service, *slot)
        });
        if let Some((id, promise)) = lost {
            return violated(Invariant::BookingsForEver, || {
                format!("{id} was promised {promise:?}; the journal says {:?}", all.get(id))
            });
        }
        if !self.hall.appointments().iter().eq(all.values()) {
            return violated(Invariant::BookingsForEver, || {
                format!("the hall has {:?}, the journal {all:?}", self.hall.appointments())
            });
        }
        Ok(())
    }
}
