//! The hall's state and how events change it. What to do is decided in [`crate::decide`].

mod invariants;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use hall_protocol::id::{HallId, ServiceId, WindowId};
use hall_protocol::number::Prefix;
use hall_protocol::payload::HandState;
use serde::{Deserialize, Serialize};

use crate::answer::Answer;
use crate::event::{Cause, Device, Event, PressId, Stamped};
use crate::plan::Plan;
use crate::ticket::{Ticket, TicketId, TicketState, Tickets};
use crate::time::{BusinessDay, HallTime};
use crate::view::Totals;
use crate::window::WindowState;

/// Sessions remembered for each device besides the current one. A restarting device needs few, but
/// two pads of one window that press by turns leave a session with every turn, and a message may
/// come for 15 s: by its age and its expiry at the broker. So many cover two turns a second.
const RETIRED_SESSIONS: usize = 32;

/// A queue in order of seniority.
pub(crate) type Queue = BTreeSet<(HallTime, TicketId)>;

/// The state of one hall. Only [`Hall::apply`] changes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hall {
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
    /// One for each window of the plan, in its order.
    pub(crate) windows: Vec<WindowState>,
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
            windows: Vec::new(),
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
        let Stamped { at, cause, event, answer } = stamped;
        self.at = self.at.max(*at);
        self.take_over(event, *at);
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
                    class: *class,
                    issued_at: at,
                    called_at: None,
                    state: TicketState::Waiting,
                });
            }
            Event::Called { ticket, window, .. } => {
                self.leave_queue(*ticket);
                self.move_ticket(*ticket, TicketState::AtWindow { window: *window });
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
                self.move_ticket(*ticket, TicketState::Finished);
                self.totals.finished += 1;
            }
            Event::Missed { ticket, .. } => {
                self.leave_hand(*ticket);
                self.move_ticket(*ticket, TicketState::Missed);
                self.totals.missed += 1;
            }
            Event::Requeued { ticket, .. } => {
                self.leave_hand(*ticket);
                self.move_ticket(*ticket, TicketState::Waiting);
                self.enter_queue(*ticket);
            }
            Event::Expired { ticket, .. } => {
                if !self.leave_queue(*ticket) {
                    self.leave_hand(*ticket);
                }
                self.move_ticket(*ticket, TicketState::Expired);
                self.totals.expired += 1;
            }
            Event::WindowOpened { .. }
            | Event::WindowPaused { .. }
            | Event::WindowResumed { .. }
            | Event::WindowClosed { .. }
            | Event::Refused { .. } => {}
        }
        if let Some(window) = event.window() {
            let service = event.ticket().and_then(|id| Some(self.tickets.get(id)?.service));
            if let Some(state) = self.plan.window_index(window).and_then(|i| self.windows.get_mut(i)) {
                state.apply(event, service, at);
            }
        }
    }

    /// The number counts as issued whatever else is wrong with the ticket: none is printed twice.
    fn issue(&mut self, ticket: Ticket) {
        let last = self.last_value.entry(ticket.number.prefix()).or_default();
        *last = ticket.number.value().max(*last);
        let Some(index) = self.plan.service_index(ticket.service) else {
            self.tickets.give(ticket.id);
            return;
        };
        if !self.tickets.give(ticket.id) {
            return;
        }
        self.queues[index].insert((ticket.issued_at, ticket.id));
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

    fn service_of(&self, ticket: TicketId) -> Option<usize> {
        self.plan.service_index(self.tickets.get(ticket)?.service)
    }

    fn move_ticket(&mut self, id: TicketId, state: TicketState) {
        if let Some(ticket) = self.tickets.get_mut(id) {
            ticket.state = state;
        }
    }

    fn enter_queue(&mut self, id: TicketId) {
        if let (Some(index), Some(ticket)) = (self.service_of(id), self.tickets.get(id)) {
            self.queues[index].insert((ticket.issued_at, id));
            self.totals.waiting += 1;
        }
    }

    /// Whether it stood in a queue.
    fn leave_queue(&mut self, id: TicketId) -> bool {
        let Some((index, at)) = self.service_of(id).zip(self.tickets.get(id).map(|t| t.issued_at)) else {
            return false;
        };
        let stood = self.queues[index].remove(&(at, id));
        if stood {
            count_down(&mut self.totals.waiting);
        }
        stood
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
        self.queues.iter_mut().for_each(BTreeSet::clear);
        self.calls.iter_mut().for_each(VecDeque::clear);
        self.issued.fill(0);
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
        self.tickets.iter().for_each(|ticket| *issued.entry(ticket.service).or_default() += 1);
        let windows = plan
            .windows()
            .iter()
            .map(|w| old.window_index(w.id).map(|i| self.windows[i].clone()).unwrap_or_default())
            .collect();
        // Calls are laid out anew: a service may wait in another zone now. The sort is stable, so
        // calls of one moment keep the order their zone had.
        let last_called = |ticket: TicketId, window: WindowId| {
            let hand = self.windows.get(old.window_index(window)?)?.hand.as_ref()?;
            (hand.ticket == ticket).then_some(hand.called_at)
        };
        let mut current: Vec<_> = self.calls.iter().flatten().copied().collect();
        current.sort_by_key(|(ticket, window)| Reverse(last_called(*ticket, *window)));
        self.queues = queues;
        self.issued = plan.services().iter().map(|s| issued.get(&s.id).copied().unwrap_or(0)).collect();
        self.windows = windows;
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
