//! The rule book: what a command does, or why it is refused. Nothing here changes anything.

mod allocation;
mod armed;
mod clerks;
mod corrections;
mod matters;
mod moves;
mod rollover;
mod window_keys;

use hall_protocol::id::{DeviceId, ServiceId};
use hall_protocol::number::TicketNumber;
use hall_protocol::payload::{Class, Key};

use crate::answer::Answer;
use crate::command::Command;
use crate::event::{CallReason, Cause, Device, Event, PressId, Rule, Stamped};
use crate::hall::{Hall, Novelty};
use crate::plan::Service;
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
    /// ([`crate::plan::Policy::press_age_max_ms`]), a press out of order.
    pub fn decide(&self, command: &Command, now: Now) -> Result<Decision, Refusal> {
        // The hall's own time never runs back, whatever the wall clock does.
        let wall = now.at;
        let now = Now { at: now.at.max(self.at), day: now.day.max(self.day), ..now };
        let moment = Moment { now, wall };
        if now.day == self.day {
            return self.decide_today(command, moment);
        }
        let mut decision = Decision { events: self.end_day(now), ..Decision::default() };
        let mut tomorrow = self.clone();
        decision.events.iter().for_each(|event| tomorrow.apply(event));
        let today = tomorrow.decide_today(command, moment)?;
        decision.events.extend(today.events);
        Ok(Decision { events: decision.events, ..today })
    }

    fn decide_today(&self, command: &Command, moment: Moment) -> Result<Decision, Refusal> {
        let now = moment.now;
        match command {
            Command::Tick => Ok(Decision { events: self.review(moment), ..Decision::default() }),
            Command::AdoptPlan(plan) => {
                let cause = Cause::Rule(Rule::Configuration);
                let stamp = |event| self.stamped(now, cause, event, None);
                Ok(Decision {
                    events: self.adopt_plan(plan).into_iter().map(stamp).collect(),
                    ..Decision::default()
                })
            }
            Command::Allocate { window, primary, backup } => {
                let cause = Cause::Rule(Rule::Manager);
                let events = self.allocate(*window, primary, backup, moment)?;
                let stamp = |event| self.stamped(now, cause, event, None);
                Ok(Decision { events: events.into_iter().map(stamp).collect(), ..Decision::default() })
            }
            Command::Take { press, age_ms, service, class, also } => {
                let Device::Kiosk(kiosk) = press.device else {
                    return Err(Refusal::OutOfOrder);
                };
                let known = self.plan.kiosk(kiosk).map(drop).ok_or(Refusal::UnknownKiosk { kiosk });
                self.once(*press, None, known, *age_ms, now, || {
                    self.take(kiosk, *service, *class, also, moment)
                })
            }
            Command::Return { press, age_ms, number } => {
                let Device::Kiosk(kiosk) = press.device else {
                    return Err(Refusal::OutOfOrder);
                };
                let known = self.plan.kiosk(kiosk).map(drop).ok_or(Refusal::UnknownKiosk { kiosk });
                self.once(*press, None, known, *age_ms, now, || self.return_at_kiosk(*number, moment))
            }
            Command::Key { press, age_ms, key, ticket, reason, details } => {
                let Device::Pad(window) = press.device else {
                    return Err(Refusal::OutOfOrder);
                };
                let known = self.plan.window(window).map(drop).ok_or(Refusal::UnknownWindow { window });
                let asked = Asked { shown: *ticket, reason: reason.as_deref(), details: *details };
                self.once(*press, Some(*key), known, *age_ms, now, || {
                    self.press_key(window, *key, asked, moment)
                })
            }
        }
    }

    /// Do a press once: repeat the answer of one already done, refuse one that is late, and
    /// remember the answer, done or refused, with the last event.
    ///
    /// The answer is repeated even to a device that has left the plan since: it was promised.
    fn once(
        &self,
        press: PressId,
        key: Option<Key>,
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
        let (events, answer) = match decide() {
            Ok(done) => done,
            Err(refusal) => {
                (vec![Event::Refused { key, refusal: refusal.clone() }], Answer::Refused(refusal))
            }
        };
        // The calls of armed windows stand behind what was pressed; they are the rule's doing.
        let last = events.iter().rposition(|event| !is_armed_call(event));
        let events = events
            .into_iter()
            .enumerate()
            .map(|(i, event)| {
                let rule = is_armed_call(&event).then_some(Cause::Rule(Rule::ArmedNext));
                let answer = (Some(i) == last).then(|| answer.clone());
                self.stamped(now, rule.unwrap_or(Cause::Press(press)), event, answer)
            })
            .collect();
        Ok(Decision { events, answer: Some(answer), repeated: false })
    }

    /// An event with its moment, its cause, and who was signed on at the window concerned.
    fn stamped(&self, now: Now, cause: Cause, event: Event, answer: Option<Answer>) -> Stamped {
        let window = event.window().or(match cause.press().map(|press| press.device) {
            Some(Device::Pad(window)) => Some(window),
            _ => None,
        });
        let clerk = window.and_then(|window| self.window_state(window)?.clerk);
        Stamped { at: now.at, cause, event, clerk, answer }
    }

    /// Issue the next number of `service`.
    fn take(
        &self,
        kiosk: DeviceId,
        service: ServiceId,
        class: Class,
        also: &[ServiceId],
        moment: Moment,
    ) -> Result<(Vec<Event>, Answer), Refusal> {
        let now = moment.now;
        let planned = self.plan.kiosk(kiosk).ok_or(Refusal::UnknownKiosk { kiosk })?;
        if !planned.services.contains(&service) {
            return Err(Refusal::UnknownService { service });
        }
        let (class, claimed) = if planned.classes.contains(&class) {
            (class, None)
        } else if planned.classes_to_confirm.contains(&class) {
            (Class::Ordinary, Some(class))
        } else {
            return Err(Refusal::ClassNotGranted { class });
        };
        self.check_matters(planned, service, also, now)?;
        let number = self.next_number(service, now)?;
        let ahead = self.waiting(service);
        let (ticket, also) = (self.tickets.next_id(), also.to_vec());
        let event = Event::Issued { ticket, number, service, class, kiosk, ahead, also, claimed };
        let answer = Answer::Ticket { number, service, issued_at: now.at, ahead };
        Ok((self.then_armed_calls(vec![event], moment), answer))
    }

    /// A citizen who was missed is back: the answer is the old ticket in its new place.
    fn return_at_kiosk(&self, number: TicketNumber, moment: Moment) -> Result<(Vec<Event>, Answer), Refusal> {
        let ticket = self.tickets.numbered(number).ok_or(Refusal::UnknownNumber { number })?;
        let event = self.give_back(Some(number), moment.now)?;
        let Ticket { service, issued_at, id, .. } = *ticket;
        let Event::Returned { standing, .. } = event else { return Err(Refusal::NotMissed { number }) };
        let ahead = self.waiting_before(service, (standing, id));
        let answer = Answer::Ticket { number, service, issued_at, ahead };
        Ok((self.then_armed_calls(vec![event], moment), answer))
    }

    /// The number a citizen would get for `service` now.
    ///
    /// # Errors
    /// Why none: the kiosk's menu says it before the citizen presses.
    pub fn next_number(&self, service: ServiceId, now: Now) -> Result<TicketNumber, Refusal> {
        let planned = self.plan.service(service).ok_or(Refusal::UnknownService { service })?;
        if !planned.issues_at(now.minute) {
            return Err(Refusal::OutsideHours { service });
        }
        self.number_after_last(planned)
    }

    /// The number after the last one issued with the letters of `service`.
    pub(crate) fn number_after_last(&self, service: &Service) -> Result<TicketNumber, Refusal> {
        let value = self.last_value.get(&service.prefix).map_or(1, |last| last.saturating_add(1));
        TicketNumber::new(service.prefix, value, service.digits.digits())
            .map_err(|_| Refusal::NumbersUsedUp { service: service.id })
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

fn is_armed_call(event: &Event) -> bool {
    matches!(event, Event::Called { why: CallReason::Armed { .. }, .. })
}
