//! The hall as a beginner would write it: one list of tickets, looked through from end to end for every
//! question. For every command it says in advance what the hall must decide, word for word.
//!
//! Written from the design and the issue. It shares the types of commands, events, refusals and the
//! plan with the hall, and none of its state or rules. The [`super::witness`] believes what happened
//! and asks whether it was allowed; the reference believes nothing and says what must happen.

mod balancer;
mod bookings;
mod calendar;
mod difference;
mod errands;
mod keys;
mod leases;
mod life;
mod orders;
mod queues;
mod routing;
mod weighing;

use std::rc::Rc;

use hall_core::Decision;
use hall_core::answer::Answer;
use hall_core::appointment::Appointment;
use hall_core::command::Command;
use hall_core::event::{
    Cause, Device, Event, ExpiryReason, PressId, ProposalId, Rule, SignOffReason, Stamped,
};
use hall_core::plan::{Half, Plan, Routing};
use hall_core::refusal::Refusal;
use hall_core::ticket::{TicketId, TicketState};
use hall_core::time::{BusinessDay, HallTime, Now};
use hall_protocol::appointment::DayMinute;
use hall_protocol::id::{ClerkId, DeviceId, ServiceId, WindowId};
use hall_protocol::number::TicketNumber;
use hall_protocol::payload::{Class, WindowMode};
use serde::Deserialize;
use serde::de::IntoDeserializer;

/// A device's sessions are remembered so far back.
const SESSIONS: usize = 33;

/// Where a card lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Queue,
    QueueOf(WindowId),
    /// Called again after so many calls of its service.
    Later(u16),
    Hand(WindowId),
    Aside(WindowId),
    Done(TicketState),
}

/// Where a number comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Origin {
    Hall,
    Kiosk,
    Yesterday,
}

/// One ticket.
#[derive(Clone, Debug)]
struct Card {
    id: TicketId,
    number: TicketNumber,
    origin: Origin,
    service: ServiceId,
    class: Class,
    claimed: Option<Class>,
    matters: Vec<ServiceId>,
    had_another_call: bool,
    /// Of an appointment.
    slot: Option<DayMinute>,
    /// Called once at least.
    called: bool,
    issued_at: HallTime,
    standing: HallTime,
    place: Place,
    since: HallTime,
    /// When its citizen did not come, by [`Reference::passed_ms`].
    missed_at: u64,
    /// Grows with every move of any card: which of two came first.
    moved: u64,
    hand: Hand,
}

/// What is noted on a card while it is in a hand.
#[derive(Clone, Copy, Debug, Default)]
struct Hand {
    serving: bool,
    recalls: u16,
    touched: HallTime,
    /// The wall clock at the call.
    wall: HallTime,
}

/// What a window serves: first, and when nobody waits for that.
type Served = (Vec<ServiceId>, Vec<ServiceId>);

#[derive(Clone, Debug)]
struct Counter {
    id: WindowId,
    mode: WindowMode,
    /// Opened or resumed last.
    opened_at: HallTime,
    /// While it is paused by its hours: until when, by the minute; and that it says so no more.
    back_at: Option<(u16, bool)>,
    clerk: Option<ClerkId>,
    /// What it serves today, if not what the plan says.
    allocation: Option<Served>,
    /// What the changes of that can be undone to, and by which proposals they were, the last one's last.
    changes: Vec<(Served, Option<ProposalId>)>,
    pinned: bool,
    /// Whom it served last, for what, when, and whether that was judged.
    served: Option<(TicketId, TicketNumber, ServiceId, HallTime, bool)>,
}

/// The last press of one session of a device.
#[derive(Clone, Debug)]
struct Heard {
    press: PressId,
    answer: Answer,
}

#[derive(Clone)]
pub struct Reference {
    plan: Option<Rc<Plan>>,
    day: BusinessDay,
    at: HallTime,
    cards: Vec<Card>,
    counters: Vec<Counter>,
    /// The longest armed first.
    armed: Vec<(WindowId, Option<PressId>)>,
    /// Calls by seniority since a priority ticket passed others.
    since_pass: Vec<(ServiceId, u16)>,
    /// The same since an appointment did.
    since_slot: Vec<(ServiceId, u16)>,
    bookings: Vec<Appointment>,
    /// Cancelled ones of today and later.
    unbooked: Vec<Appointment>,
    leases: Vec<leases::Lease>,
    /// What was taken today, or since the queue is kept, by which request.
    taken: Vec<(PressId, TicketId)>,
    /// For what kiosks gave numbers today, and in which half of the day.
    gave: Vec<(TicketId, ServiceId, Half)>,
    /// Services of which the manager gives no more numbers today.
    stopped: Vec<ServiceId>,
    /// Who is called next, when that is not what the plan says.
    routing: Option<Routing>,
    balancer: balancer::Balancer,
    /// What the hall has decided: where it weighs, it must have chosen one of those it may.
    decided: Vec<Stamped>,
    /// Why it has decided nothing.
    refused: Option<Refusal>,
    /// What it has forgotten, or must not do.
    pub overlooked: Option<String>,
    /// What stands for the whole hall, and for zones.
    emergencies: orders::Emergencies,
    /// The session used last stands last.
    heard: Vec<Heard>,
    given: u64,
    moves: u64,
    /// What passed between the looks at the clock that events tell of, if it was not set back; and the last one.
    passed_ms: u64,
    looked: HallTime,
    // The command at hand; the moment as it was told, and as the hall's time has it.
    told: Now,
    now: Now,
    wall: HallTime,
    cause: Cause,
    said: Vec<Stamped>,
    /// Cards that begin to wait by it.
    began: Vec<usize>,
}

impl Default for Reference {
    fn default() -> Self {
        let (day, at) = (BusinessDay::default(), HallTime::default());
        Self {
            plan: None,
            day,
            at,
            cards: Vec::new(),
            counters: Vec::new(),
            armed: Vec::new(),
            since_pass: Vec::new(),
            since_slot: Vec::new(),
            bookings: Vec::new(),
            unbooked: Vec::new(),
            leases: Vec::new(),
            taken: Vec::new(),
            gave: Vec::new(),
            stopped: Vec::new(),
            routing: None,
            balancer: balancer::Balancer::default(),
            decided: Vec::new(),
            refused: None,
            overlooked: None,
            emergencies: orders::Emergencies::default(),
            heard: Vec::new(),
            given: 0,
            moves: 0,
            passed_ms: 0,
            looked: at,
            told: Now { at, day, minute: 0 },
            now: Now { at, day, minute: 0 },
            wall: at,
            cause: Cause::Rule(Rule::Configuration),
            said: Vec::new(),
            began: Vec::new(),
        }
    }
}

impl Reference {
    /// What the hall must decide; the reference has done it then. `decided` is what it has.
    pub fn decide(
        &mut self,
        command: &Command,
        now: Now,
        decided: &Result<Decision, Refusal>,
    ) -> Result<Decision, Refusal> {
        self.decided = decided.as_ref().map(|decision| decision.events.clone()).unwrap_or_default();
        self.refused = decided.as_ref().err().cloned();
        (self.told, self.wall) = (now, now.at);
        self.now = Now { at: now.at.max(self.at), day: now.day.max(self.day), ..now };
        self.said.clear();
        self.began.clear();
        let yesterday = (self.now.day != self.day).then(|| self.clone());
        if yesterday.is_some() {
            let plan = match command {
                Command::AdoptPlan(plan) => Rc::new((**plan).clone()),
                _ => self.plan(),
            };
            self.end_day(plan.policy().keep_queue_overnight);
        }
        match self.today(command) {
            Ok((answer, repeated)) => {
                Ok(Decision { events: std::mem::take(&mut self.said), answer, repeated })
            }
            Err(refusal) => {
                // What leaves no trace does not begin a day.
                if let Some(yesterday) = yesterday {
                    *self = yesterday;
                }
                Err(refusal)
            }
        }
    }

    fn today(&mut self, command: &Command) -> Result<(Option<Answer>, bool), Refusal> {
        let (press, age_ms) = match command {
            Command::Tick | Command::AdoptPlan(_) | Command::MoveSlots(_) | Command::NoteErasures(_) => {
                self.nobody_asked(command);
                return Ok((None, false));
            }
            Command::WriteOff { client, kiosk, by, reason } => {
                self.cause = Cause::Client(*client);
                return Ok((Some(self.write_off(*kiosk, by, reason)?), false));
            }
            Command::Take { press, age_ms, .. }
            | Command::Return { press, age_ms, .. }
            | Command::Cancel { press, age_ms, .. }
            | Command::CheckIn { press, age_ms, .. }
            | Command::Key { press, age_ms, .. }
            | Command::Lease { press, age_ms, .. }
            | Command::HandIn { press, age_ms, .. }
            | Command::EndLease { press, age_ms, .. } => (*press, *age_ms),
            Command::Manage { by, order } => {
                self.cause = Cause::Client(*by);
                self.order(order)?;
                return Ok((None, false));
            }
            Command::DeclareEmergency { client, text, zones, grounds } => {
                self.cause = Cause::Client(*client);
                return Ok((Some(self.declare(text, zones, grounds)?), false));
            }
            Command::ClearEmergency { client, zones, grounds } => {
                self.cause = Cause::Client(*client);
                return Ok((Some(self.clear(zones, grounds)?), false));
            }
            Command::Book { client, appointment, service, slot } => {
                self.cause = Cause::Client(*client);
                return Ok((Some(self.book(*appointment, *service, *slot)?), false));
            }
            Command::Unbook { client, appointment } => {
                self.cause = Cause::Client(*client);
                return Ok((Some(self.unbook(*appointment)?), false));
            }
        };
        let plan = self.plan();
        let known = match (command, press.device) {
            (Command::Key { .. }, Device::Pad(window)) => {
                plan.window(window).map(drop).ok_or(Refusal::UnknownWindow { window })
            }
            (_, Device::Kiosk(kiosk)) if !matches!(command, Command::Key { .. }) => {
                plan.kiosk(kiosk).map(drop).ok_or(Refusal::UnknownKiosk { kiosk })
            }
            _ => return Err(Refusal::OutOfOrder),
        };
        let of_device = |heard: &&Heard| heard.press.device == press.device;
        let before = self.heard.iter().find(|h| of_device(h) && h.press.session == press.session);
        let current = self.heard.iter().rfind(of_device);
        match before {
            Some(heard) if heard.press.seq == press.seq => return Ok((Some(heard.answer.clone()), true)),
            Some(heard)
                if press.seq < heard.press.seq
                    || current.is_none_or(|last| last.press.session != press.session) =>
            {
                return known.and(Err(Refusal::OutOfOrder));
            }
            _ => known?,
        }
        if age_ms > plan.policy().press_age_max_ms {
            return Err(Refusal::Stale { age_ms });
        }
        self.cause = Cause::Press(press);
        let done = match (command, press.device) {
            (Command::Key { key, ticket, reason, details, .. }, Device::Pad(window)) => {
                self.key(window, *key, *ticket, reason.as_deref(), *details)
            }
            (_, Device::Kiosk(kiosk)) => self.at_kiosk(kiosk, command),
            _ => Err(Refusal::OutOfOrder),
        };
        let answer = done.unwrap_or_else(|refusal| {
            let (key, about) = match command {
                Command::Key { key, details, .. } => (Some(*key), details.number),
                _ => (None, None),
            };
            let errand = errands::errand(command);
            self.say(Event::Refused { key, errand, about, refusal: refusal.clone() });
            Answer::Refused(refusal)
        });
        if let Some(last) = self.said.iter_mut().rfind(|said| said.cause == Cause::Press(press)) {
            last.answer = Some(answer.clone());
        }
        self.remember(press, answer.clone());
        Ok((Some(answer), false))
    }

    fn at_kiosk(&mut self, kiosk: DeviceId, command: &Command) -> Result<Answer, Refusal> {
        let plan = self.plan();
        let planned = plan.kiosk(kiosk).ok_or(Refusal::UnknownKiosk { kiosk })?;
        match command {
            Command::Take { service, class, also, .. } => self.take(planned, *service, *class, also),
            Command::Return { number, .. } => self.back_at_a_kiosk(*number),
            Command::Cancel { number, .. } => {
                self.cancel(Some(*number), None)?;
                Ok(Answer::Cancelled { number: *number })
            }
            Command::CheckIn { code, .. } => self.check_in(kiosk, *code),
            Command::Lease { service, count, .. } => self.lease(planned, *service, count.get()),
            Command::HandIn { age_ms, day, tickets, .. } => Ok(self.hand_in(planned, *day, tickets, *age_ms)),
            Command::EndLease { day, first, unused, .. } => {
                self.give_lease_back(kiosk, *day, *first, *unused)
            }
            _ => Err(Refusal::OutOfOrder),
        }
    }

    fn remember(&mut self, press: PressId, answer: Answer) {
        self.heard.retain(|h| (h.press.device, h.press.session) != (press.device, press.session));
        self.heard.push(Heard { press, answer });
        let of_device = |heard: &Heard| heard.press.device == press.device;
        if self.heard.iter().filter(|heard| of_device(heard)).count() > SESSIONS
            && let Some(oldest) = self.heard.iter().position(of_device)
        {
            self.heard.remove(oldest);
        }
    }

    /// An event happens, with whoever is signed on where it was pressed, or else where it happens.
    fn say(&mut self, event: Event) {
        let window = match self.cause {
            Cause::Press(PressId { device: Device::Pad(window), .. }) => Some(window),
            _ => event.window(),
        };
        let clerk = window.and_then(|window| self.counters.iter().find(|c| c.id == window)?.clerk);
        let looks = matches!(event, Event::Called { .. } | Event::Missed { .. });
        if looks || self.now.at > self.at {
            self.passed_ms += self.wall.ms_since(self.looked);
            self.looked = self.wall;
        }
        self.at = self.now.at;
        self.said.push(Stamped { at: self.now.at, cause: self.cause, event, clerk, answer: None });
    }

    fn plan(&self) -> Rc<Plan> {
        self.plan.clone().expect("a history begins with a plan")
    }

    fn counter(&mut self, window: WindowId) -> &mut Counter {
        self.counters.iter_mut().find(|counter| counter.id == window).expect("of the plan")
    }

    fn end_day(&mut self, keep_queue: bool) {
        self.cause = Cause::Rule(Rule::DayBegan);
        self.release_before_today();
        if keep_queue {
            self.keep_queue();
        } else {
            (0..self.cards.len()).for_each(|card| self.expire(card, ExpiryReason::DayEnded));
        }
        for window in self.counters.iter().map(|counter| counter.id).collect::<Vec<_>>() {
            if self.counter(window).mode != WindowMode::Closed {
                self.closes(window);
            } else if let Some(clerk) = self.counter(window).clerk {
                self.say(Event::ClerkSignedOff { window, clerk, why: SignOffReason::DayEnded });
                self.counter(window).clerk = None;
            }
            let counter = self.counter(window);
            (counter.served, counter.allocation) = (None, None);
            counter.changes.clear();
            counter.pinned = false;
        }
        self.end_leases();
        self.say(Event::DayBegan { day: self.now.day, queue_kept: keep_queue });
        let ended = std::mem::replace(&mut self.day, self.now.day);
        self.forget_all_but_the_waiting();
        self.forget_bookings_before_today();
        self.since_pass.clear();
        self.since_slot.clear();
        self.gave.clear();
        if keep_queue {
            self.keep_leases(ended);
        } else {
            self.leases.clear();
            self.taken.clear();
        }
        self.stopped.clear();
        self.balancer.begin_day();
        self.began.clear();
    }

    fn closes(&mut self, window: WindowId) {
        self.say(Event::WindowClosed { window });
        self.disarm(window);
        let counter = self.counter(window);
        (counter.mode, counter.clerk) = (WindowMode::Closed, None);
    }

    fn adopt(&mut self, plan: &Plan) {
        if self.plan.as_deref() == Some(plan) {
            return;
        }
        self.cause = Cause::Rule(Rule::Configuration);
        (0..self.cards.len()).for_each(|card| self.displace(card, plan));
        self.withdraw_bookings(plan);
        self.withdraw_leases(plan);
        self.say(Event::PlanAdopted { plan: Box::new(plan.clone()), put_back: None });
        let old = std::mem::take(&mut self.counters);
        for window in plan.windows() {
            let id = window.id;
            let new = Counter {
                id,
                mode: WindowMode::Closed,
                opened_at: HallTime::default(),
                back_at: None,
                clerk: None,
                allocation: None,
                changes: Vec::new(),
                pinned: false,
                served: None,
            };
            let known = old.iter().find(|counter| counter.id == id).cloned().unwrap_or(new);
            self.counters.push(Counter { allocation: None, changes: Vec::new(), ..known });
        }
        self.armed.clear();
        for since in [&mut self.since_pass, &mut self.since_slot] {
            since.retain(|(service, _)| plan.service(*service).is_some());
        }
        self.stopped.retain(|service| plan.service(*service).is_some());
        if self.plan.as_ref().is_some_and(|old| old.policy().routing != plan.policy().routing) {
            self.routing = None;
        }
        if self.plan.as_ref().is_some_and(|old| old.policy().balance != plan.policy().balance) {
            self.balancer.set = None;
        }
        self.balancer.overtake();
        self.plan = Some(Rc::new(plan.clone()));
    }
}

/// Ids are the hall's own; outside it they are read, as from a journal.
fn ticket_id(count: u64) -> TicketId {
    let read: Result<_, serde::de::value::Error> = TicketId::deserialize(count.into_deserializer());
    read.expect("a count is an id")
}
