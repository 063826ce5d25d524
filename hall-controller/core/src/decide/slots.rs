//! Which slots can be booked on which day: those within the hours of hall and service, with a place left.

use hall_protocol::id::ServiceId;
use hall_protocol::local::{LocalDate, LocalTime};

use crate::appointment::{Appointments, SlotTime};
use crate::offer::Closure;
use crate::plan::{Plan, Service, Slot};
use crate::refusal::Refusal;
use crate::time::{BusinessDay, Now};

/// A slot somebody asks for, of a service that has it.
pub(super) struct Wanted<'a> {
    pub(super) plan: &'a Plan,
    pub(super) service: &'a Service,
    pub(super) slot: SlotTime,
    pub(super) booked: &'a Appointments,
}

impl Wanted<'_> {
    /// Whether it can be had, of `offered`, which begins then.
    ///
    /// # Errors
    /// Why not, and which slot after it is the first that can be had.
    pub(super) fn check(&self, offered: Slot, now: Now) -> Result<(), Refusal> {
        let Self { plan, service: Service { id: service, .. }, slot, booked } = self;
        let (service, minute) = (*service, slot.minute);
        if let Some(why) = plan.slot_closure(self.service, self.local()) {
            return Err(Refusal::SlotClosed { service, slot: minute, why, next: self.next(now) });
        }
        if booked.in_slot(service, slot.day, minute) >= offered.capacity {
            return Err(Refusal::SlotFull { service, slot: minute, next: self.next(now) });
        }
        Ok(())
    }

    fn local(&self) -> LocalTime {
        self.plan.local_of(self.slot)
    }

    /// The first later slot with a place left, as far ahead as can be booked. O(slots of those days).
    fn next(&self, now: Now) -> Option<LocalTime> {
        let Self { plan, service, booked, .. } = self;
        let asked = self.local();
        let last_day = now.day.days().saturating_add(plan.policy().book_days_ahead.into());
        // What is after midnight may still be of the last business day.
        let dates = asked.date().days()..=last_day.saturating_add(1);
        dates.map(LocalDate::from_days).find_map(|date| {
            let open = plan.service_hours(service, date);
            let within = |slot: &&Slot| open.iter().any(|hours| hours.contains(slot.minute.get()));
            let begins = |slot: &Slot| (LocalTime::new(date, slot.minute.get()), *slot);
            let free = |(at, slot): &(LocalTime, Slot)| {
                let day = plan.business_day_of(*at);
                *at > asked
                    && day.days() <= last_day
                    && booked.in_slot(service.id, day, slot.minute) < slot.capacity
            };
            service.slots.iter().filter(within).map(begins).find(free).map(|(at, _)| at)
        })
    }
}

impl Plan {
    /// Date and minute by the wall's clock at which a slot begins.
    pub(super) fn local_of(&self, slot: SlotTime) -> LocalTime {
        self.local(Now { at: slot.at, day: slot.day, minute: slot.minute.get() })
    }

    /// The business day to which a date and a minute belong.
    fn business_day_of(&self, at: LocalTime) -> BusinessDay {
        let before = at.minute() < self.calendar().day_starts_minute;
        BusinessDay::from_days(at.date().plus_days(-i32::from(before)).days())
    }

    /// Why nobody can be expected for the service then; `None` within its hours.
    pub fn slot_closure(&self, service: &Service, at: LocalTime) -> Option<Closure> {
        if self.hall_hours(at.date()).is_empty() {
            return Some(Closure::DayOff);
        }
        let open = self.service_hours(service, at.date());
        (!open.iter().any(|hours| hours.contains(at.minute()))).then_some(Closure::Hours)
    }

    /// How many may book the slot of a service; nobody outside its hours.
    pub fn slot_capacity(&self, service: ServiceId, slot: SlotTime) -> u16 {
        let Some(service) = self.service(service) else { return 0 };
        match self.slot_closure(service, self.local_of(slot)) {
            None => service.slot(slot.minute).map_or(0, |slot| slot.capacity),
            Some(_) => 0,
        }
    }
}
