//! What signs, screens and pads should show: a picture of the hall, derived from its state alone.
//!
//! The picture is made of shared parts. After each batch of events only the parts they touched are
//! made anew, so consumers compare pointers (or [`WindowView::seq`]) to know what changed, and a
//! consumer that slept sees the latest picture instead of a backlog.

mod management;
mod ticket;

use std::sync::Arc;

use hall_protocol::id::{ClerkId, ServiceId, WindowId, ZoneId};
use hall_protocol::number::TicketNumber;
use hall_protocol::payload::{WaitMinutes, WindowMode, WindowTicket};
use serde::{Deserialize, Serialize};

use crate::appointment::Appointments;
use crate::emergency::Emergencies;
use crate::estimate::Estimate;
use crate::event::{CallReason, Event, PressId, Services, Stamped};
use crate::hall::Hall;
use crate::offer::{Given, Offer, Stock};
use crate::plan::Plan;
use crate::refusal::Refusal;
use crate::time::{BusinessDay, HallTime, Now};
use crate::window::Hand;

pub use self::management::{
    Assessment, GroupView, LeftOut, ManagementView, Record, Standing, Told, Undoable, Verdict,
};

pub use self::ticket::{Stage, TicketView};

/// The whole hall at one moment. Lists stand in the plan's order.
#[derive(Debug, Clone)]
pub struct HallView {
    /// The journal's sequence this picture includes.
    pub seq: u64,
    /// When the last event happened.
    pub at: HallTime,
    /// The business day.
    pub day: BusinessDay,
    /// The plan in force.
    pub plan: Arc<Plan>,
    /// One for each window of the plan.
    pub windows: Vec<Arc<WindowView>>,
    /// One for each zone of the plan.
    pub zones: Vec<Arc<ZoneView>>,
    /// One for each service of the plan.
    pub services: Vec<ServiceView>,
    /// One for each service of the plan: how long an ordinary newcomer will wait. Empty until
    /// [`HallView::estimated`] fills it.
    estimates: Arc<[Option<WaitMinutes>]>,
    /// Counts of the business day.
    pub totals: Totals,
    /// The appointments of today and the days to come.
    pub appointments: Arc<Appointments>,
    /// What signs and screens show instead of everything else.
    pub emergencies: Arc<Emergencies>,
    /// What became of the numbers leased this business day.
    pub leases: LeaseTotals,
    /// What the manager and the balancer have set and proposed.
    pub management: Arc<ManagementView>,
}

/// One window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WindowView {
    /// Which.
    pub id: WindowId,
    /// What citizens read above it.
    pub label: String,
    /// Open, paused or closed.
    pub mode: WindowMode,
    /// While paused: why.
    pub reason: Option<String>,
    /// The ticket in hand.
    pub ticket: Option<WindowTicket>,
    /// Tickets put aside there, the longest parked first.
    pub parked: Vec<TicketNumber>,
    /// The next suitable ticket that comes is called there.
    pub armed: bool,
    /// Who is signed on.
    pub clerk: Option<ClerkId>,
    /// What it serves now.
    pub services: Services,
    /// What it serves can be undone to what it served before.
    pub can_undo: bool,
    /// The balancer leaves it as it is.
    pub pinned: bool,
    /// Why the ticket in hand was called.
    pub why: Option<CallReason>,
    /// Citizens waiting for its services, or for it alone.
    pub waiting: u32,
    /// The press that last changed mode or ticket, to follow it to the sign.
    pub press: Option<PressId>,
    /// The journal's sequence that last changed mode or ticket (not `waiting`).
    pub seq: u64,
}

/// One zone's latest calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ZoneView {
    /// Which.
    pub id: ZoneId,
    /// Newest first, at most [`CALLS_KEPT`].
    pub calls: Vec<CallView>,
    /// The press that last changed it.
    pub press: Option<PressId>,
    /// The journal's sequence that last changed it.
    pub seq: u64,
}

/// Calls kept for each zone: more than any sign has rows.
pub const CALLS_KEPT: usize = 12;

/// One call, current until its ticket ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallView {
    /// Who.
    pub number: TicketNumber,
    /// To which window.
    pub window: WindowId,
    /// What citizens read above that window.
    pub label: String,
    /// When called, or last called again.
    pub called_at: HallTime,
    /// How often again.
    pub recalls: u16,
}

/// One service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ServiceView {
    /// Citizens waiting.
    pub waiting: u32,
    /// Tickets issued this business day.
    pub issued: u32,
    /// Its last number of the business day is issued.
    pub used_up: bool,
    /// The manager gives no more of it today.
    pub stopped: bool,
    /// People wait for it, and no clerk who is there can do it.
    pub unable: bool,
    /// What kiosks gave of it, to hold against its quotas.
    pub given: Given,
}

/// What is said of a service's queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueueView {
    /// Citizens waiting.
    pub waiting: u32,
    /// How long an ordinary newcomer would wait; `None` when no window will serve it today, or nobody has
    /// asked yet.
    pub wait: Option<WaitMinutes>,
}

/// Counts of the business day: `issued` is the sum of all others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Totals {
    /// Tickets taken.
    pub issued: u32,
    /// Waiting now.
    pub waiting: u32,
    /// Called now, not yet at the window.
    pub called: u32,
    /// At a window now.
    pub serving: u32,
    /// Served.
    pub finished: u32,
    /// Did not come.
    pub missed: u32,
    /// Ended unserved.
    pub expired: u32,
    /// Put aside at a window now.
    #[serde(default)]
    pub parked: u32,
    /// Ended unserved, by the citizen's wish or the staff's.
    #[serde(default)]
    pub cancelled: u32,
}

/// What became of the numbers leased in a business day. When it ends, `leased` is the sum of the
/// others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct LeaseTotals {
    /// Numbers kiosks might print by themselves.
    pub leased: u32,
    /// Of these, tickets that came into the queue.
    pub handed_in: u32,
    /// Never printed, by the kiosk's word.
    pub returned: u32,
    /// Of which nothing was heard.
    pub written_off: u32,
}

impl HallView {
    /// The picture of `hall`, whose last event has sequence `seq` in the journal.
    pub fn of(hall: &Hall, seq: u64) -> Self {
        let plan = Arc::clone(&hall.plan);
        let windows = (0..plan.windows().len()).map(|i| Arc::new(window_view(hall, i, None, seq))).collect();
        let zones = (0..plan.zones().len()).map(|i| Arc::new(zone_view(hall, i, None, seq))).collect();
        let (at, day, totals, leases) = (hall.at, hall.day, hall.totals, hall.leases.totals());
        Self {
            seq,
            at,
            day,
            services: services(hall),
            estimates: [].into(),
            totals,
            leases,
            plan,
            windows,
            zones,
            appointments: Arc::clone(&hall.appointments),
            emergencies: Arc::clone(&hall.emergencies),
            management: Arc::new(ManagementView::of(hall)),
        }
    }

    /// The same picture with the estimates of `now`; `None` when they are what it has. They cost more than
    /// all the rest, so whoever makes pictures says how often they are made.
    #[must_use]
    pub fn estimated(&self, hall: &Hall, now: Now) -> Option<Self> {
        let estimates: Arc<[_]> =
            hall.estimates(now).into_iter().map(|estimate| estimate.map(Estimate::minutes)).collect();
        (estimates != self.estimates).then(|| Self { estimates, ..self.clone() })
    }

    /// The window called `id`; `None` if it is not in the plan.
    pub fn window(&self, id: WindowId) -> Option<&Arc<WindowView>> {
        self.windows.get(self.plan.window_index(id)?)
    }

    /// The zone called `id`; `None` if it is not in the plan.
    pub fn zone(&self, id: ZoneId) -> Option<&Arc<ZoneView>> {
        self.zones.get(self.plan.zone_index(id)?)
    }

    /// What is said of the queue of `service`. The count is of now, so that all counts of a picture add up; the
    /// wait is the last that was estimated.
    pub fn queue(&self, service: ServiceId) -> QueueView {
        let index = self.plan.service_index(service);
        let waiting = index.and_then(|index| self.services.get(index)).map_or(0, |state| state.waiting);
        QueueView { waiting, wait: index.and_then(|index| self.estimates.get(index).copied().flatten()) }
    }

    /// The same for whom it would be a promise: a service that gives no numbers now makes none.
    pub fn queue_to_join(&self, service: ServiceId, now: Now) -> QueueView {
        let queue = self.queue(service);
        let wait = queue.wait.filter(|_| self.offer(service, now).is_ok());
        QueueView { wait, ..queue }
    }

    /// Whether a ticket for `service` can be taken now, and until when.
    ///
    /// # Errors
    /// The refusal a request would get: why not, and when again.
    pub fn offer(&self, service: ServiceId, now: Now) -> Result<Offer, Refusal> {
        let unknown = Refusal::UnknownService { service };
        let index = self.plan.service_index(service).ok_or(unknown.clone())?;
        let planned = self.plan.services().get(index).zip(self.services.get(index));
        let (planned, ServiceView { given, used_up, stopped, .. }) = planned.ok_or(unknown)?;
        let stock = Stock {
            plan: &self.plan,
            service: planned,
            day: self.day,
            given: *given,
            used_up: *used_up,
            stopped: *stopped,
        };
        stock.offer(self.plan.local(now))
    }

    /// The picture after `events`, the last of which has sequence `seq` and is already applied to
    /// `hall`. Parts that did not change are shared with this picture.
    #[must_use]
    pub fn after(&self, hall: &Hall, events: &[Stamped], seq: u64) -> Self {
        if events.iter().any(|stamped| matches!(stamped.event, Event::PlanAdopted { .. })) {
            return Self::of(hall, seq);
        }
        let windows = self.windows.iter().enumerate().map(|(i, old)| {
            if old.mode == hall.windows[i].mode
                && old.reason == hall.windows[i].reason
                && old.ticket == hall.windows[i].hand.as_ref().map(Hand::shown)
                && old.clerk == hall.windows[i].clerk
                && old.armed == hall.windows[i].armed
                && old.pinned == hall.windows[i].pinned
                && old.can_undo != hall.windows[i].changes.is_empty()
                && hall.allocation(old.id).is(&old.services)
                && old.parked.iter().eq(hall.windows[i].parked.iter().map(|(_, number)| number))
            {
                let waiting = waiting_at(hall, i);
                if old.waiting == waiting {
                    return Arc::clone(old);
                }
                return Arc::new(WindowView { waiting, ..(**old).clone() });
            }
            let touched = events.iter().rev().find(|stamped| stamped.event.window() == Some(old.id));
            Arc::new(window_view(hall, i, touched.and_then(|stamped| stamped.cause.press()), seq))
        });
        let zones = self.zones.iter().enumerate().map(|(i, old)| {
            let press = events.iter().rev().find_map(|stamped| {
                let in_zone = stamped.event.ticket().and_then(|id| hall.zone_of(id)) == Some(i);
                in_zone.then(|| stamped.cause.press()).flatten()
            });
            let new = zone_view(hall, i, press, seq);
            if new.calls == old.calls { Arc::clone(old) } else { Arc::new(new) }
        });
        Self {
            seq,
            at: hall.at,
            day: hall.day,
            plan: Arc::clone(&self.plan),
            windows: windows.collect(),
            zones: zones.collect(),
            services: services(hall),
            estimates: Arc::clone(&self.estimates),
            totals: hall.totals,
            appointments: Arc::clone(&hall.appointments),
            emergencies: Arc::clone(&hall.emergencies),
            leases: hall.leases.totals(),
            management: self.management.after(hall, events),
        }
    }
}

fn services(hall: &Hall) -> Vec<ServiceView> {
    let planned = hall.plan.services().iter().enumerate().zip(&hall.issued);
    planned
        .map(|((index, service), issued)| ServiceView {
            waiting: hall.waiting_at_index(index),
            issued: *issued,
            used_up: hall.number_after_last(service).is_err(),
            stopped: hall.management.stopped.contains(&service.id),
            unable: hall.nobody_able(index),
            given: hall.given.get(&service.id).copied().unwrap_or_default(),
        })
        .collect()
}

fn waiting_at(hall: &Hall, window: usize) -> u32 {
    let own = hall.window_queues.get(window).map_or(0, |queue| count(queue.len()));
    let services = hall.plan.windows().get(window).map(|window| hall.allocation(window.id));
    services.iter().flat_map(|services| services.iter()).map(|(_, id)| hall.waiting(id)).sum::<u32>() + own
}

fn window_view(hall: &Hall, index: usize, press: Option<PressId>, seq: u64) -> WindowView {
    let (planned, state) = (&hall.plan.windows()[index], &hall.windows[index]);
    WindowView {
        id: planned.id,
        label: planned.label.clone(),
        mode: state.mode,
        reason: state.reason.clone(),
        ticket: state.hand.as_ref().map(Hand::shown),
        parked: state.parked.iter().map(|(_, number)| *number).collect(),
        armed: state.armed,
        clerk: state.clerk,
        services: hall.allocation(planned.id).owned(),
        can_undo: !state.changes.is_empty(),
        pinned: state.pinned,
        why: state.hand.as_ref().and(state.why.clone()),
        waiting: waiting_at(hall, index),
        press,
        seq,
    }
}

fn zone_view(hall: &Hall, index: usize, press: Option<PressId>, seq: u64) -> ZoneView {
    let calls = hall.calls[index].iter().take(CALLS_KEPT).filter_map(|(ticket, window)| {
        let hand = hall.window_state(*window)?.hand.as_ref().filter(|hand| hand.ticket == *ticket)?;
        Some(CallView {
            number: hand.number,
            window: *window,
            label: hall.plan.window(*window)?.label.clone(),
            called_at: hand.called_at,
            recalls: hand.recalls,
        })
    });
    ZoneView { id: hall.plan.zones()[index].id, calls: calls.collect(), press, seq }
}

fn count(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}
