//! The hall's state and how events change it. What to do is decided in [`crate::decide`].

mod invariants;

use std::cmp::Reverse;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use hall_protocol::id::{HallId, ServiceId, WindowId};
use hall_protocol::number::Prefix;
use hall_protocol::payload::HandState;
use serde::{Deserialize, Serialize};

use crate::answer::Answer;
use crate::event::{CallReason, Cause, Device, Event, PressId, Stamped};
use crate::plan::Plan;
use crate::queue::Queue;
use crate::ticket::{Ticket, TicketId, TicketState, Tickets};
use crate::time::{BusinessDay, HallTime};
use crate::view::Totals;
use crate::window::WindowState;

/// Sessions remembered for each device besides the current one. A restarting device needs few, but
/// two pads of one window that press by turns leave a session with every turn, and a message may
/// come for 15 s: by its age and its expiry at the broker. So many cover two turns a second.
const RETIRED_SESSIONS: usize = 32;

/// The state of one hall. Only [`Hall::apply`] changes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hall {
    #[serde(with = "crate::plan::of_a_hall")]
    pub(crate) plan: Arc<Plan>,
    pub(crate) day: BusinessDay,
    pub(crate) at: HallTime,
    pub(crate) tickets: Tickets,
    /// The last number issued today by these letters. By letters, not by service: a plan that
    /// hands a prefix to another service at noon must not repeat a number.
    pub(crate) last_value: BTreeMap<Prefix, u16>,
    /// One for each service of the plan, in its order.
    pub(crate) queues: Vec<Queue>,
    /// One for each service of the plan, in its order.
    pub(crate) issued: Vec<u32>,
    /// One for each service of the plan, in its order: the calls by seniority since a priority
    /// ticket last passed others; no bound on the day's first.
    pub(crate) since_pass: Vec<u16>,
    /// One for each window of the plan, in its order.
    pub(crate) windows: Vec<WindowState>,
    /// One for each window of the plan, in its order: those who wait for it alone.
    pub(crate) window_queues: Vec<Queue>,
    /// Armed windows, the longest armed first, each with the press that armed it.
    pub(crate) armed: Vec<(WindowId, Option<PressId>)>,
    /// One for each zone of the plan, in its order: the tickets at a window, newest call first.
    pub(crate) calls: Vec<VecDeque<(TicketId, WindowId)>>,
    pub(crate) totals: Totals,
    devices: BTreeMap<Device, DeviceMemory>,
}

/// What is remembered of a device, so that a press is done once however often it arrives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct DeviceMemory {
    session: u32,
    seq: u32,
    answer: Answer,
    retired: VecDeque<RetiredSession>,
}

/// A session the device has left. Its last press may still be repeated: a window may have two
/// pads, and what one of them has asked is not undone by the other's next press.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct RetiredSession {
    session: u32,
    seq: u32,
    answer: Answer,
}

/// What a press is to its device's memory.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Novelty<'a> {
    /// Not seen before.
    New,
    /// The last one of its session again.
    Repeated(&'a Answer),
    /// From before what was last handled.
    OutOfOrder,
}

impl Hall {
    /// A hall of which nothing is known yet: replay its journal, then adopt its plan.
    pub fn new(hall: HallId) -> Self {
        Self {
            plan: Arc::new(Plan::unknown(hall)),
            day: BusinessDay::default(),
            at: HallTime::default(),
            tickets: Tickets::new(),
            last_value: BTreeMap::new(),
            queues: Vec::new(),
            issued: Vec::new(),
            since_pass: Vec::new(),
            windows: Vec::new(),
            window_queues: Vec::new(),
            armed: Vec::new(),
            calls: Vec::new(),
            totals: Totals::default(),
            devices: BTreeMap::new(),
        }
    }

    /// The plan in force.
    pub fn plan(&self) -> &Arc<Plan> {
        &self.plan
    }

    /// The business day.
    pub fn day(&self) -> BusinessDay {
        self.day
    }

    /// When the last event happened.
    pub fn at(&self) -> HallTime {
        self.at
    }

    /// Counts of the business day.
    pub fn totals(&self) -> Totals {
        self.totals
    }

    /// A ticket of this business day.
    pub fn ticket(&self, id: TicketId) -> Option<&Ticket> {
        self.tickets.get(id)
    }

    /// All tickets of this business day, in the order they were issued.
    pub fn tickets(&self) -> impl Iterator<Item = &Ticket> {
        self.tickets.iter()
    }

    pub(crate) fn window_state(&self, id: WindowId) -> Option<&WindowState> {
        self.windows.get(self.plan.window_index(id)?)
    }

    pub(crate) fn novelty(&self, press: PressId) -> Novelty<'_> {
        match self.devices.get(&press.device) {
            Some(memory) if memory.session == press.session => match press.seq.cmp(&memory.seq) {
                std::cmp::Ordering::Greater => Novelty::New,
                std::cmp::Ordering::Equal => Novelty::Repeated(&memory.answer),
                std::cmp::Ordering::Less => Novelty::OutOfOrder,
            },
            Some(memory) => match memory.retired.iter().find(|retired| retired.session == press.session) {
                Some(retired) if retired.seq == press.seq => Novelty::Repeated(&retired.answer),
                Some(_) => Novelty::OutOfOrder,
                None => Novelty::New,
            },
            None => Novelty::New,
        }
    }

    /// Take over one event. Never fails: what is decided is possible. An event that concerns a
    /// ticket or a service unknown here changes neither; its press is remembered all the same.
    pub fn apply(&mut self, stamped: &Stamped) {
        let Stamped { at, cause, event, answer, .. } = stamped;
        self.at = self.at.max(*at);
        self.take_over(event, *at);
        self.arm(event, cause.press());
        if let (Cause::Press(press), Some(answer)) = (cause, answer) {
            self.remember(*press, answer.clone());
        }
    }

    fn take_over(&mut self, event: &Event, at: HallTime) {
        let known = |ticket: TicketId| self.tickets.get(ticket).is_some();
        if !matches!(event, Event::Issued { .. }) && !event.ticket().is_none_or(known) {
            return;
        }
        match event {
            Event::PlanAdopted { plan } => self.adopt(plan),
            Event::DayBegan { day } => self.begin_day(*day),
            Event::Issued { ticket, number, service, class, .. } => {
                self.issue(Ticket {
                    id: *ticket,
                    number: *number,
                    service: *service,
                    issued_for: *service,
                    class: *class,
                    issued_at: at,
                    standing: at,
                    called_at: None,
                    state: TicketState::Waiting,
                    since: at,
                });
            }
            Event::Called { ticket, window, why, .. } => {
                self.count_pass(*ticket, why);
                self.leave_queue(*ticket);
                self.move_ticket(*ticket, TicketState::AtWindow { window: *window }, at);
                if let Some(ticket) = self.tickets.get_mut(*ticket) {
                    ticket.called_at.get_or_insert(at);
                }
                self.totals.called += 1;
                self.announce(*ticket, *window);
            }
            Event::Recalled { ticket, window, .. } => self.announce(*ticket, *window),
            Event::Started { .. } => {
                count_down(&mut self.totals.called);
                self.totals.serving += 1;
            }
            Event::Finished { ticket, .. } => {
                self.leave_hand(*ticket);
                self.move_ticket(*ticket, TicketState::Finished, at);
                self.totals.finished += 1;
            }
            Event::Missed { ticket, .. } => {
                self.leave_hand(*ticket);
                self.move_ticket(*ticket, TicketState::Missed, at);
                self.totals.missed += 1;
            }
            Event::Parked { ticket, window, .. } => {
                self.leave_hand(*ticket);
                self.move_ticket(*ticket, TicketState::Parked { window: *window }, at);
                self.totals.parked += 1;
            }
            Event::Unparked { ticket, window, .. } => {
                self.leave(*ticket);
                self.move_ticket(*ticket, TicketState::AtWindow { window: *window }, at);
                self.totals.serving += 1;
                self.announce(*ticket, *window);
            }
            Event::Transferred { ticket, service, to_window, standing, .. } => {
                self.leave_hand(*ticket);
                if let Some(ticket) = self.tickets.get_mut(*ticket) {
                    ticket.service = *service;
                }
                self.queue_up(*ticket, *to_window, Some(*standing), at);
            }
            Event::Returned { ticket, standing, .. } => {
                self.leave(*ticket);
                self.queue_up(*ticket, None, Some(*standing), at);
            }
            Event::Requeued { ticket, .. } => {
                self.leave(*ticket);
                self.queue_up(*ticket, None, None, at);
            }
            Event::Expired { ticket, .. } => {
                self.leave(*ticket);
                self.move_ticket(*ticket, TicketState::Expired, at);
                self.totals.expired += 1;
            }
            Event::Cancelled { ticket, .. } => {
                self.leave(*ticket);
                self.move_ticket(*ticket, TicketState::Cancelled, at);
                self.totals.cancelled += 1;
            }
            Event::WindowOpened { .. }
            | Event::WindowPaused { .. }
            | Event::WindowResumed { .. }
            | Event::WindowClosed { .. }
            | Event::WindowArmed { .. }
            | Event::WindowDisarmed { .. }
            | Event::ClerkSignedOn { .. }
            | Event::ClerkSignedOff { .. }
            | Event::Refused { .. } => {}
        }
        if let Some(window) = event.window() {
            let service = event.ticket().and_then(|id| Some(self.tickets.get(id)?.service));
            if let Some(state) = self.plan.window_index(window).and_then(|i| self.windows.get_mut(i)) {
                state.apply(event, service, at);
            }
        }
    }

    fn count_pass(&mut self, ticket: TicketId, why: &CallReason) {
        let service = self.tickets.get(ticket).and_then(|ticket| self.plan.service_index(ticket.service));
        let Some(since) = service.and_then(|index| self.since_pass.get_mut(index)) else { return };
        match why {
            CallReason::Priority { .. } => *since = 0,
            CallReason::Oldest { .. } => *since = since.saturating_add(1),
            CallReason::Picked { .. } | CallReason::Armed { .. } => {}
        }
    }

    /// Keep the order of the armed windows; whether one is armed, its own state says.
    fn arm(&mut self, event: &Event, press: Option<PressId>) {
        let Some(window) = event.window() else { return };
        let armed = self.window_state(window).is_some_and(|state| state.armed);
        match self.armed.iter().position(|(known, _)| *known == window) {
            Some(place) if !armed => drop(self.armed.remove(place)),
            None if armed => self.armed.push((window, press)),
            _ => {}
        }
    }

    /// The number counts as issued whatever else is wrong with the ticket: none is printed twice.
    fn issue(&mut self, mut ticket: Ticket) {
        let last = self.last_value.entry(ticket.number.prefix()).or_default();
        *last = ticket.number.value().max(*last);
        let Some(index) = self.plan.service_index(ticket.service) else {
            self.tickets.give(ticket.id);
            return;
        };
        if !self.tickets.give(ticket.id) {
            return;
        }
        // Behind whoever was put to the back in the same millisecond, or while the clock stood still.
        ticket.standing =
            self.queues[index].last().map_or(ticket.standing, |(at, _)| at.max(ticket.standing));
        self.queues[index].insert((ticket.standing, ticket.id), ticket.class);
        self.issued[index] += 1;
        self.totals.issued += 1;
        self.totals.waiting += 1;
        self.tickets.push(ticket);
    }

    fn remember(&mut self, press: PressId, answer: Answer) {
        let PressId { device, session, seq } = press;
        match self.devices.get_mut(&device) {
            Some(memory) if memory.session == session => {
                memory.seq = seq;
                memory.answer = answer;
            }
            Some(memory) => {
                if memory.retired.len() == RETIRED_SESSIONS {
                    memory.retired.pop_front();
                }
                let last = std::mem::replace(&mut memory.answer, answer);
                memory.retired.push_back(RetiredSession {
                    session: memory.session,
                    seq: memory.seq,
                    answer: last,
                });
                memory.session = session;
                memory.seq = seq;
            }
            None => {
                let memory = DeviceMemory { session, seq, answer, retired: VecDeque::new() };
                self.devices.insert(device, memory);
            }
        }
    }

    fn move_ticket(&mut self, id: TicketId, state: TicketState, at: HallTime) {
        if let Some(ticket) = self.tickets.get_mut(id) {
            ticket.state = state;
            ticket.since = at;
        }
    }

    /// Put a ticket that stands nowhere into the queue of its service, or of the window it is to
    /// wait for; by its old seniority if it gets no new one.
    fn queue_up(&mut self, id: TicketId, window: Option<WindowId>, standing: Option<HallTime>, at: HallTime) {
        let state = window.map_or(TicketState::Waiting, |window| TicketState::WaitingFor { window });
        self.move_ticket(id, state, at);
        let Some(ticket) = self.tickets.get_mut(id) else { return };
        ticket.standing = standing.unwrap_or(ticket.standing);
        let (place, class) = ((ticket.standing, id), ticket.class);
        if let Some(queue) = self.queue_of(id) {
            queue.insert(place, class);
            self.totals.waiting += 1;
        }
    }

    /// The queue a waiting ticket stands in.
    fn queue_of(&mut self, id: TicketId) -> Option<&mut Queue> {
        let ticket = self.tickets.get(id)?;
        match ticket.state {
            TicketState::Waiting => self.queues.get_mut(self.plan.service_index(ticket.service)?),
            TicketState::WaitingFor { window } => self.window_queues.get_mut(self.plan.window_index(window)?),
            _ => None,
        }
    }

    /// Count a ticket out of where it is, unless its life is over.
    fn leave(&mut self, id: TicketId) {
        match self.tickets.get(id).map(|ticket| ticket.state) {
            Some(TicketState::Waiting | TicketState::WaitingFor { .. }) => self.leave_queue(id),
            Some(TicketState::AtWindow { .. }) => self.leave_hand(id),
            Some(TicketState::Parked { .. }) => count_down(&mut self.totals.parked),
            Some(TicketState::Missed) => count_down(&mut self.totals.missed),
            Some(TicketState::Finished | TicketState::Expired | TicketState::Cancelled) | None => {}
        }
    }

    fn leave_queue(&mut self, id: TicketId) {
        let Some(standing) = self.tickets.get(id).map(|ticket| ticket.standing) else { return };
        if self.queue_of(id).is_some_and(|queue| queue.remove((standing, id))) {
            count_down(&mut self.totals.waiting);
        }
    }

    /// Count a ticket out of whichever of called and serving its window has it in.
    fn leave_hand(&mut self, id: TicketId) {
        let Some(TicketState::AtWindow { window }) = self.tickets.get(id).map(|ticket| ticket.state) else {
            return;
        };
        let hand = self.window_state(window).and_then(|w| w.hand.as_ref()).filter(|hand| hand.ticket == id);
        match hand.map(|hand| hand.state) {
            Some(HandState::Called) => count_down(&mut self.totals.called),
            Some(HandState::Serving) => count_down(&mut self.totals.serving),
            None => {}
        }
        self.withdraw_call(id);
    }

    /// Put the call in front of its zone's list.
    fn announce(&mut self, id: TicketId, window: WindowId) {
        if let Some(zone) = self.zone_of(id) {
            self.calls[zone].retain(|(ticket, _)| *ticket != id);
            self.calls[zone].push_front((id, window));
        }
    }

    fn withdraw_call(&mut self, id: TicketId) {
        if let Some(zone) = self.zone_of(id) {
            self.calls[zone].retain(|(ticket, _)| *ticket != id);
        }
    }

    pub(crate) fn zone_of(&self, id: TicketId) -> Option<usize> {
        let service = self.plan.service(self.tickets.get(id)?.service)?;
        self.plan.zone_index(service.zone)
    }

    fn begin_day(&mut self, day: BusinessDay) {
        self.day = day;
        self.tickets.clear();
        self.last_value.clear();
        self.queues.iter_mut().chain(&mut self.window_queues).for_each(Queue::clear);
        self.calls.iter_mut().for_each(VecDeque::clear);
        self.issued.fill(0);
        self.since_pass.fill(u16::MAX);
        self.totals = Totals::default();
    }

    /// Carry state over by id; what is not in the new plan was expired or requeued before.
    fn adopt(&mut self, plan: &Plan) {
        let old = std::mem::replace(&mut self.plan, Arc::new(plan.clone()));
        let queues = plan
            .services()
            .iter()
            .map(|s| old.service_index(s.id).map(|i| std::mem::take(&mut self.queues[i])).unwrap_or_default())
            .collect();
        // Counted anew: a service that comes back has issued what it issued before it went.
        let mut issued: BTreeMap<ServiceId, u32> = BTreeMap::new();
        self.tickets.iter().for_each(|ticket| *issued.entry(ticket.issued_for).or_default() += 1);
        let windows = plan
            .windows()
            .iter()
            .map(|w| {
                let state = old.window_index(w.id).map(|i| self.windows[i].clone()).unwrap_or_default();
                WindowState { armed: false, ..state }
            })
            .collect();
        let window_queues = plan
            .windows()
            .iter()
            .map(|w| {
                old.window_index(w.id).map(|i| std::mem::take(&mut self.window_queues[i])).unwrap_or_default()
            })
            .collect();
        // Who waits for which window may be another now: the clerks press again.
        self.armed.clear();
        // Calls are laid out anew: a service may wait in another zone now. The sort is stable, so
        // calls of one moment keep the order their zone had.
        let last_called = |ticket: TicketId, window: WindowId| {
            let hand = self.windows.get(old.window_index(window)?)?.hand.as_ref()?;
            (hand.ticket == ticket).then_some(hand.called_at)
        };
        let mut current: Vec<_> = self.calls.iter().flatten().copied().collect();
        current.sort_by_key(|(ticket, window)| Reverse(last_called(*ticket, *window)));
        self.since_pass = plan
            .services()
            .iter()
            .map(|s| old.service_index(s.id).map_or(u16::MAX, |i| self.since_pass[i]))
            .collect();
        self.queues = queues;
        self.issued = plan.services().iter().map(|s| issued.get(&s.id).copied().unwrap_or(0)).collect();
        self.windows = windows;
        self.window_queues = window_queues;
        self.calls = vec![VecDeque::new(); plan.zones().len()];
        for (ticket, window) in current {
            if let Some(zone) = self.zone_of(ticket) {
                self.calls[zone].push_back((ticket, window));
            }
        }
    }
}

/// One less. Below zero would be a defect, which the invariants name; it must not stop the hall.
fn count_down(count: &mut u32) {
    *count = count.saturating_sub(1);
}
