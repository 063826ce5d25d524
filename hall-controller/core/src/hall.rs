//! The hall's state and how events change it. What to do is decided in [`crate::decide`].

mod apply;
mod appointments;
mod coverage;
mod deferral;
mod expectation;
mod hindsight;
mod invariants;
mod learning;
mod leases;
mod management;
mod matters;
mod places;
mod profile;
mod renew;
mod skills;
mod steady;
mod takes;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use hall_protocol::id::{HallId, ServiceId, WindowId};
use hall_protocol::number::Prefix;
use serde::{Deserialize, Serialize};

use self::coverage::Coverage;
pub use self::expectation::Expectation;
pub(crate) use self::leases::{Lease, Leases};
pub use self::management::{Assessment, LeftOut, Record, Standing, Told, Undoable, Verdict};
pub(crate) use self::management::{FORESEEN_MS, Management, Subject, subjects};
use self::profile::Arrivals;
use self::steady::Steady;
use self::takes::Takes;
use crate::answer::Answer;
use crate::appointment::{Appointments, Cancelled};
use crate::emergency::Emergencies;
use crate::estimate::bounds::Bounds;
use crate::estimate::calibration::Calibration;
use crate::event::{Cause, Device, Event, PressId, Stamped};
use crate::offer::Given;
use crate::plan::Plan;
use crate::queue::{Line, Queue};
use crate::ticket::{Ticket, TicketId, Tickets};
use crate::time::{BusinessDay, HallTime};
use crate::view::Totals;
use crate::window::WindowState;

pub(crate) use learning::{Learnt, Pace, as_f64};
pub(crate) use profile::{QUARTER_MINUTES, Usual, quarter};

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
    /// The numbers kiosks may print by themselves.
    pub(crate) leases: Leases,
    /// Which tickets each kiosk took last.
    #[serde(default)]
    pub(crate) takes: Takes,
    /// One for each service of the plan, in its order.
    pub(crate) queues: Vec<Queue>,
    /// One for each service of the plan, in its order.
    pub(crate) issued: Vec<u32>,
    /// One for each service of the plan, in its order: what its services took, and who came.
    pub(crate) learnt: Vec<Learnt>,
    /// How many came when.
    #[serde(default)]
    pub(crate) arrivals: Arrivals,
    /// What the manager and the balancer have set, proposed and answered.
    pub(crate) management: Management,
    /// What the estimates given were worth.
    pub(crate) calibration: Calibration,
    /// When the bounds given pass.
    pub(crate) bounds: Bounds,
    /// When the balancer last looked.
    pub(crate) reviewed_at: Option<HallTime>,
    /// When it first did today.
    #[serde(default)]
    pub(crate) watched_since: Option<HallTime>,
    /// A service that no more windows can do was rare then.
    #[serde(default)]
    pub(crate) rare_windows: u32,
    /// What kiosks gave today of each service. By id: a service that leaves the plan and comes back
    /// has not got its quota anew.
    pub(crate) given: BTreeMap<ServiceId, Given>,
    /// One for each service of the plan, in its order: the calls by seniority since a priority
    /// ticket last passed others; no bound on the day's first.
    pub(crate) since_pass: Vec<u16>,
    /// One for each service of the plan, in its order: the calls by seniority since an appointment last
    /// passed others; no bound on the day's first.
    pub(crate) since_appointment: Vec<u16>,
    /// One for each window of the plan, in its order.
    pub(crate) windows: Vec<WindowState>,
    /// Which windows serve what.
    pub(crate) coverage: Coverage,
    /// One for each window of the plan, in its order: those who wait for it alone.
    pub(crate) window_queues: Vec<Queue>,
    /// One for each service of the plan, in its order: tickets given another call, the longest
    /// deferred first.
    pub(crate) deferred: Vec<Vec<TicketId>>,
    /// Armed windows, the longest armed first, each with the press that armed it.
    pub(crate) armed: Vec<(WindowId, Option<PressId>)>,
    /// One for each zone of the plan, in its order: the tickets at a window, newest call first.
    pub(crate) calls: Vec<VecDeque<(TicketId, WindowId)>>,
    pub(crate) totals: Totals,
    /// What has passed by the clock, also while it is behind the hall's time.
    #[serde(default)]
    pub(crate) steady: Steady,
    /// Who did not come today and is not back: when, by that.
    #[serde(default)]
    pub(crate) missed: BTreeMap<TicketId, u64>,
    /// Shared with pictures of the hall.
    pub(crate) appointments: Arc<Appointments>,
    pub(crate) cancelled: Cancelled,
    /// Shared with pictures of the hall.
    pub(crate) emergencies: Arc<Emergencies>,
    /// Nobody is told how long it takes; never so in a hall that is kept.
    #[serde(skip)]
    pub(crate) tells_nobody: bool,
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
            leases: Leases::default(),
            takes: Takes::default(),
            queues: Vec::new(),
            issued: Vec::new(),
            learnt: Vec::new(),
            arrivals: Arrivals::default(),
            management: Management::default(),
            calibration: Calibration::default(),
            bounds: Bounds::default(),
            reviewed_at: None,
            watched_since: None,
            rare_windows: 0,
            given: BTreeMap::new(),
            since_pass: Vec::new(),
            since_appointment: Vec::new(),
            windows: Vec::new(),
            coverage: Coverage::default(),
            window_queues: Vec::new(),
            deferred: Vec::new(),
            armed: Vec::new(),
            calls: Vec::new(),
            totals: Totals::default(),
            steady: Steady::default(),
            missed: BTreeMap::new(),
            appointments: Arc::default(),
            cancelled: Cancelled::default(),
            emergencies: Arc::default(),
            tells_nobody: false,
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

    /// The same hall, which tells nobody who takes a number how long it takes: for plays of what might be,
    /// in which nobody asks, and an estimate costs as much as a call.
    #[must_use]
    pub fn telling_nobody(self) -> Self {
        Self { tells_nobody: true, ..self }
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
        self.calibration.wait(self.totals.waiting, at.ms_since(self.at));
        self.steady.look(event, *at, self.at);
        self.at = self.at.max(*at);
        self.learn_passed_bounds(*at);
        self.learn(event, *at);
        self.manage(event, *at);
        self.take_over(event, *at);
        if matches!(event, Event::EmergencyDeclared { .. } | Event::EmergencyCleared { .. }) {
            Arc::make_mut(&mut self.emergencies).take_over(event, cause, *at);
        }
        self.takes.remember(event, cause);
        self.arm(event, cause.press());
        if let (Cause::Press(press), Some(answer)) = (cause, answer) {
            self.remember(*press, answer.clone());
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

    /// A ticket that waits for its service; one that was printed before, since then.
    fn issue(&mut self, mut ticket: Ticket, printed: bool, at: HallTime) {
        let leased = printed && self.leases.take_in(ticket.number);
        let Some(index) = self.enter(&ticket, leased) else { return };
        let line = ticket.line();
        if !printed && line != Line::Appointment {
            // Behind whoever was put to the back in the same millisecond, or while the clock stood still.
            ticket.standing =
                self.queues[index].last().map_or(ticket.standing, |(at, _)| at.max(ticket.standing));
        }
        self.queues[index].insert((ticket.standing, ticket.id), line, at);
        self.totals.waiting += 1;
        self.tickets.push(ticket);
    }

    /// A ticket that is at its window from the first.
    fn enter_at_window(&mut self, ticket: Ticket, window: WindowId) {
        if self.enter(&ticket, false).is_none() {
            return;
        }
        let id = ticket.id;
        self.tickets.push(ticket);
        self.totals.serving += 1;
        self.announce(id, window);
    }

    /// Count a new ticket as issued; the place of its service in the plan, if it can be kept at all.
    ///
    /// The number counts as issued whatever else is wrong with the ticket: none is printed twice. A
    /// leased one is none of the hall's own, which go on where they are.
    fn enter(&mut self, ticket: &Ticket, leased: bool) -> Option<usize> {
        if !leased {
            let last = self.last_value.entry(ticket.number.prefix()).or_default();
            *last = ticket.number.value().max(*last);
        }
        let Some(index) = self.plan.service_index(ticket.service) else {
            self.tickets.give(ticket.id);
            return None;
        };
        if !self.tickets.give(ticket.id) {
            return None;
        }
        self.issued[index] += 1;
        self.totals.issued += 1;
        Some(index)
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
}
