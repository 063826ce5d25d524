//! The rule book: what a command does, or why it is refused. Nothing here changes anything.

mod accept;
mod allocation;
pub(crate) mod appointment_turn;
mod appointments;
mod armed;
mod clerks;
mod corrections;
mod displaced;
mod emergencies;
mod hours;
mod leases;
mod manage;
mod matters;
mod moves;
mod review;
mod rollover;
mod slots;
mod undo;
mod waits;
mod window_keys;

use hall_protocol::id::{ClientId, ServiceId};
use hall_protocol::number::TicketNumber;
use hall_protocol::payload::{Class, Key};

use crate::answer::Answer;
use crate::command::Command;
use crate::event::{CallReason, Cause, Device, Errand, Event, PressId, Rule, Stamped};
use crate::hall::{Hall, Novelty};
use crate::offer::Stock;
use crate::plan::{Kiosk, Service};
use crate::queue::Place;
use crate::refusal::Refusal;
use crate::ticket::Ticket;
use crate::time::Now;
pub(crate) use window_keys::Joining;
use window_keys::{Asked, Moment};

/// What a command does: events to make durable and apply, in this order and all together, and
/// then the answer to give.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Decision {
    /// What happened. A repeated press adds nothing; but like any command, when it is the first of
    /// a new business day, it finds the old day to be ended before it.
    pub events: Vec<Stamped>,
    /// What the device is told, if a device asked.
    pub answer: Option<Answer>,
    /// The press was seen before: the answer is the one it had then, and any events are those of
    /// the new business day.
    pub repeated: bool,
}

impl Hall {
    /// Decide `command` at `now`. The same state, command and moment give the same decision.
    ///
    /// A press that was understood but may not be done is a decision too: an [`Event::Refused`]
    /// with its answer, remembered like any other, so that repeating it cannot do later what was
    /// refused before.
    ///
    /// # Errors
    /// [`Refusal`] for what leaves no trace in the journal: an unknown device, a stale press
    /// ([`crate::plan::Policy::press_age_max_ms`]), a press out of order, what a program asks and may not.
    pub fn decide(&self, command: &Command, now: Now) -> Result<Decision, Refusal> {
        // The hall's own time never runs back, whatever the wall clock does.
        let (wall, local) = (now.at, self.plan.local(now));
        let now = Now { at: now.at.max(self.at), day: now.day.max(self.day), ..now };
        let moment = Moment { now, wall, local };
        if now.day == self.day {
            return self.decide_today(command, moment);
        }
        // A technician who keeps the queue says so at the start that begins the new day.
        let policy = match command {
            Command::AdoptPlan(plan) => plan.policy(),
            _ => self.plan.policy(),
        };
        let events = self.end_day(now, policy.keep_queue_overnight);
        let mut decision = Decision { events, ..Decision::default() };
        let mut tomorrow = self.clone();
        decision.events.iter().for_each(|event| tomorrow.apply(event));
        let today = tomorrow.decide_today(command, moment)?;
        decision.events.extend(today.events);
        Ok(Decision { events: decision.events, ..today })
    }

    fn decide_today(&self, command: &Command, moment: Moment) -> Result<Decision, Refusal> {
        let now = moment.now;
        match command {
            Command::Tick => {
                let mut decision = self.by_rule(Rule::WindowHours, self.end_hours(moment), now);
                decision.events.extend(self.by_rule(Rule::AppointmentLapsed, self.lapsed(now), now).events);
                // Of the hall as it stands: they can wait for the next tick.
                if decision.events.is_empty() {
                    decision.events = self.by_rule(Rule::Balancer, self.follow_up(moment), now).events;
                }
                if decision.events.is_empty() {
                    decision.events = self.review(moment);
                }
                if decision.events.is_empty() {
                    decision = self.by_rule(Rule::ArmedNext, self.no_longer_kept(moment), now);
                }
                Ok(decision)
            }
            Command::AdoptPlan(plan) => Ok(self.by_rule(Rule::Configuration, self.adopt_plan(plan), now)),
            Command::MoveSlots(slots) => Ok(self.by_rule(Rule::Configuration, self.move_slots(slots), now)),
            Command::NoteErasures(erased) => {
                let noted = erased.iter().cloned().map(Event::PhoneErased);
                Ok(self.by_rule(Rule::Erasure, noted.collect(), now))
            }
            Command::Manage { by, order } => {
                let stamp = |event| {
                    // Whom an armed window calls, it calls by itself.
                    let armed = matches!(&event, Event::Called { why: CallReason::Armed { .. }, .. });
                    let cause = if armed { Cause::Rule(Rule::ArmedNext) } else { Cause::Client(*by) };
                    self.stamped(now, cause, event, None)
                };
                let events = self.order(order, moment)?.into_iter().map(stamp).collect();
                Ok(Decision { events, ..Decision::default() })
            }
            Command::Take { press, age_ms, service, class, also } => {
                let take = |kiosk: &Kiosk| self.take(kiosk, *service, *class, also, moment);
                self.at_kiosk(Errand::Take, *press, *age_ms, now, take)
            }
            Command::Return { press, age_ms, number } => {
                let give_back = |_: &Kiosk| self.return_at_kiosk(*number, moment);
                self.at_kiosk(Errand::Return, *press, *age_ms, now, give_back)
            }
            Command::Cancel { press, age_ms, number } => {
                let cancel = |_: &Kiosk| {
                    let cancelled = self.cancel(Some(*number), None)?;
                    Ok((vec![cancelled], Answer::Cancelled { number: *number }))
                };
                self.at_kiosk(Errand::Cancel, *press, *age_ms, now, cancel)
            }
            Command::Lease { press, age_ms, service, count } => {
                let lease = |kiosk: &Kiosk| self.lease(kiosk, *service, *count, moment);
                self.at_kiosk(Errand::Lease, *press, *age_ms, now, lease)
            }
            Command::HandIn { press, age_ms, day, tickets } => {
                let hand_in = |kiosk: &Kiosk| Ok(self.hand_in(kiosk, *day, tickets, *age_ms, moment));
                self.at_kiosk(Errand::HandIn, *press, *age_ms, now, hand_in)
            }
            Command::EndLease { press, age_ms, day, first, unused } => {
                let end = |kiosk: &Kiosk| self.end_lease(kiosk, *day, *first, *unused);
                self.at_kiosk(Errand::EndLease, *press, *age_ms, now, end)
            }
            Command::CheckIn { press, age_ms, code } => {
                let check_in = |kiosk: &Kiosk| self.check_in(kiosk.id, *code, moment);
                self.at_kiosk(Errand::CheckIn, *press, *age_ms, now, check_in)
            }
            Command::Book { client, appointment, service, slot } => {
                let (event, answer) =
                    self.appointments.book(&self.plan, *appointment, *service, *slot, now)?;
                Ok(self.for_client(*client, event, answer, now))
            }
            Command::Unbook { client, appointment } => {
                let (event, answer) = self.unbook(*appointment)?;
                Ok(self.for_client(*client, event, answer, now))
            }
            Command::WriteOff { client, kiosk, by, reason } => {
                let (events, answer) = self.write_off(*kiosk, by, reason)?;
                Ok(self.for_client(*client, events, answer, now))
            }
            Command::DeclareEmergency { client, text, zones, grounds } => {
                let event = self.declare_emergency(text, zones, grounds)?;
                let answer = Answer::Emergency { changed: event.is_some() };
                Ok(self.for_client(*client, event, answer, now))
            }
            Command::ClearEmergency { client, zones, grounds } => {
                let event = self.clear_emergency(zones, grounds)?;
                let answer = Answer::Emergency { changed: event.is_some() };
                Ok(self.for_client(*client, event, answer, now))
            }
            Command::Key { press, age_ms, key, ticket, reason, details } => {
                let Device::Pad(window) = press.device else {
                    return Err(Refusal::OutOfOrder);
                };
                let known = self.plan.window(window).map(drop).ok_or(Refusal::UnknownWindow { window });
                let asked = Asked { shown: *ticket, reason: reason.as_deref(), details: *details };
                self.once(*press, Sought::Key(*key, details.number), known, *age_ms, now, || {
                    self.press_key(window, *key, asked, moment)
                })
            }
        }
    }

    /// What a rule does of itself; nobody is answered.
    fn by_rule(&self, rule: Rule, events: Vec<Event>, now: Now) -> Decision {
        let stamp = |event| self.stamped(now, Cause::Rule(rule), event, None);
        Decision { events: events.into_iter().map(stamp).collect(), ..Decision::default() }
    }

    /// Do once what was asked at a kiosk of the plan.
    fn at_kiosk(
        &self,
        errand: Errand,
        press: PressId,
        age_ms: u32,
        now: Now,
        decide: impl FnOnce(&Kiosk) -> Result<(Vec<Event>, Answer), Refusal>,
    ) -> Result<Decision, Refusal> {
        let Device::Kiosk(kiosk) = press.device else {
            return Err(Refusal::OutOfOrder);
        };
        let kiosk = self.plan.kiosk(kiosk).ok_or(Refusal::UnknownKiosk { kiosk });
        self.once(press, Sought::Errand(errand), kiosk.clone().map(drop), age_ms, now, || decide(kiosk?))
    }

    /// Do a press once: repeat the answer of one already done, refuse one that is late, and
    /// remember the answer, done or refused, with the last event.
    ///
    /// The answer is repeated even to a device that has left the plan since: it was promised.
    fn once(
        &self,
        press: PressId,
        sought: Sought,
        known: Result<(), Refusal>,
        age_ms: u32,
        now: Now,
        decide: impl FnOnce() -> Result<(Vec<Event>, Answer), Refusal>,
    ) -> Result<Decision, Refusal> {
        match self.novelty(press) {
            Novelty::Repeated(answer) => {
                return Ok(Decision { answer: Some(answer.clone()), repeated: true, ..Decision::default() });
            }
            Novelty::OutOfOrder => known.and(Err(Refusal::OutOfOrder))?,
            Novelty::New => known?,
        }
        if age_ms > self.plan.policy().press_age_max_ms {
            return Err(Refusal::Stale { age_ms });
        }
        let (key, about, errand) = match sought {
            Sought::Key(key, about) => (Some(key), about, None),
            Sought::Errand(errand) => (None, None, Some(errand)),
        };
        let (events, answer) = match decide() {
            Ok(done) => done,
            Err(refusal) => {
                let refused = Event::Refused { key, errand, about, refusal: refusal.clone() };
                (vec![refused], Answer::Refused(refusal))
            }
        };
        // What rules add stands behind what was pressed.
        let last = events.iter().rposition(|event| rule_of(key, event).is_none());
        // What follows a sign-on is by who has signed on.
        let mut signed_on = None;
        let events = events
            .into_iter()
            .enumerate()
            .map(|(i, event)| {
                let cause = rule_of(key, &event).map_or(Cause::Press(press), Cause::Rule);
                let answer = (Some(i) == last).then(|| answer.clone());
                let stamped = self.stamped(now, cause, event, answer);
                let clerk = signed_on.or(stamped.clerk);
                if let Event::ClerkSignedOn { clerk, .. } = stamped.event {
                    signed_on = Some(clerk);
                }
                Stamped { clerk, ..stamped }
            })
            .collect();
        Ok(Decision { events, answer: Some(answer), repeated: false })
    }

    /// What a program asked, done. Asking again is safe without being remembered: it changes nothing.
    fn for_client(
        &self,
        client: ClientId,
        events: impl IntoIterator<Item = Event>,
        answer: Answer,
        now: Now,
    ) -> Decision {
        let stamp = |event| self.stamped(now, Cause::Client(client), event, None);
        Decision { events: events.into_iter().map(stamp).collect(), answer: Some(answer), repeated: false }
    }

    /// An event with its moment, its cause, and the clerk: who pressed, or else who was signed on at the
    /// window concerned.
    fn stamped(&self, now: Now, cause: Cause, event: Event, answer: Option<Answer>) -> Stamped {
        let window = match cause.press().map(|press| press.device) {
            // A pad may be about a ticket that lies at another window.
            Some(Device::Pad(window)) => Some(window),
            _ => event.window(),
        };
        let clerk = window.and_then(|window| self.window_state(window)?.clerk);
        Stamped { at: now.at, cause, event, clerk, answer }
    }

    /// Issue the next number of `service`.
    fn take(
        &self,
        kiosk: &Kiosk,
        service: ServiceId,
        class: Class,
        also: &[ServiceId],
        moment: Moment,
    ) -> Result<(Vec<Event>, Answer), Refusal> {
        let now = moment.now;
        if !kiosk.services.contains(&service) {
            return Err(Refusal::UnknownService { service });
        }
        if class == Class::Appointment {
            return Err(Refusal::OnlyByCheckIn);
        }
        let (class, claimed) = kiosk.grants(class).ok_or(Refusal::ClassNotGranted { class })?;
        self.check_matters(kiosk, service, also, moment)?;
        let asked = self.plan.service(service).ok_or(Refusal::UnknownService { service })?;
        self.stock(asked).offer(moment.local)?;
        let number = self.number_after_last(asked)?;
        let ahead = self.waiting(service);
        let (ticket, also, kiosk) = (self.tickets.next_id(), also.to_vec(), kiosk.id);
        let (half, printed_at) = (Some(self.plan.half(self.day, moment.local)), None);
        let (check_in, instead_of, estimate) = (None, None, None);
        let event = Event::Issued {
            ticket,
            number,
            service,
            class,
            kiosk,
            ahead,
            also,
            claimed,
            half,
            printed_at,
            instead_of,
            check_in,
            estimate,
        };
        let mut events = self.then_armed_calls(vec![event], moment);
        let estimate = self.tell_wait(&mut events, now);
        let ahead = estimate.map_or(ahead, |estimate| estimate.ahead);
        let answer =
            Answer::Ticket { number, service, issued_at: now.at, ahead, appointment: None, estimate };
        Ok((events, answer))
    }

    /// A citizen who was missed is back: the answer is the old ticket in its new place.
    fn return_at_kiosk(&self, number: TicketNumber, moment: Moment) -> Result<(Vec<Event>, Answer), Refusal> {
        let ticket = self.tickets.numbered(number).ok_or(Refusal::UnknownNumber { number })?;
        let event = self.give_back(Some(number), moment)?;
        let Ticket { service, issued_at, id, .. } = *ticket;
        let Event::Returned { standing, .. } = event else { return Err(Refusal::NotMissed { number }) };
        let ahead = self.waiting_before(service, (standing, id));
        let events = self.then_armed_calls(vec![event], moment);
        let index = self.plan.service_index(service).filter(|_| events.len() == 1);
        let estimate = index.and_then(|index| self.forecast(moment.now).behind(index, ahead));
        let answer = Answer::Ticket { number, service, issued_at, ahead, appointment: None, estimate };
        Ok((events, answer))
    }

    /// What `service`, which is in the plan, has to give today.
    pub(crate) fn stock<'a>(&'a self, service: &'a Service) -> Stock<'a> {
        Stock {
            plan: &self.plan,
            service,
            day: self.day,
            given: self.given.get(&service.id).copied().unwrap_or_default(),
            used_up: self.number_after_last(service).is_err(),
            stopped: self.management.stopped.contains(&service.id),
        }
    }

    /// The number after the last one issued today with the letters of `service`, without those kept
    /// from the day before; leased ones are not the hall's to issue.
    pub(crate) fn number_after_last(&self, service: &Service) -> Result<TicketNumber, Refusal> {
        let digits = service.digits.digits();
        let last = self.last_value.get(&service.prefix).copied().unwrap_or(0);
        let end = self.leases.floor(service.prefix).map_or(digits.last(), |floor| floor.saturating_sub(1));
        let free = (last.saturating_add(1)..=end.min(digits.last()))
            .find(|value| !self.tickets.is_kept(service.prefix, *value));
        free.and_then(|value| TicketNumber::new(service.prefix, value, digits).ok())
            .ok_or(Refusal::NumbersUsedUp { service: service.id, opens: None })
    }

    /// Citizens waiting for `service` before this place.
    fn waiting_before(&self, service: ServiceId, place: Place) -> u32 {
        let queue = self.plan.service_index(service).and_then(|index| self.queues.get(index));
        queue.map_or(0, |queue| u32::try_from(queue.before(place)).unwrap_or(u32::MAX))
    }

    /// Citizens waiting for `service`.
    pub fn waiting(&self, service: ServiceId) -> u32 {
        self.plan.service_index(service).map_or(0, |index| self.waiting_at_index(index))
    }
}

/// What a device asks.
#[derive(Clone, Copy)]
enum Sought {
    /// By a key of a window's pad, which may name a ticket.
    Key(Key, Option<TicketNumber>),
    /// At a kiosk.
    Errand(Errand),
}

/// The rule whose doing an event of a press is, if it is none of the press itself.
fn rule_of(key: Option<Key>, event: &Event) -> Option<Rule> {
    match event {
        Event::Called { why: CallReason::Armed { .. }, .. } => Some(Rule::ArmedNext),
        Event::Cancelled { replaced_by: Some(_), .. } => Some(Rule::UnansweredTake),
        Event::WindowPaused { .. } if key != Some(Key::Pause) => Some(Rule::WindowHours),
        _ => None,
    }
}
