//! A new business day, and a new plan: what is carried over.

use std::cmp::Reverse;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use hall_protocol::id::{ServiceId, WindowId};

use super::takes::Takes;
use super::{Hall, Learnt, Leases};
use crate::plan::Plan;
use crate::queue::Queue;
use crate::ticket::TicketId;
use crate::time::BusinessDay;
use crate::view::Totals;
use crate::window::WindowState;

impl Hall {
    /// Numbers start again. Who waits is forgotten, or else is the first of the new day.
    pub(super) fn begin_day(&mut self, day: BusinessDay, queue_kept: bool) {
        self.learn_day();
        if queue_kept {
            self.leases.keep(self.day);
            self.tickets.keep_waiting(self.leases.out());
            self.takes.keep();
        } else {
            self.leases = Leases::default();
            self.takes = Takes::default();
            self.tickets.clear();
            self.queues.iter_mut().chain(&mut self.window_queues).for_each(Queue::clear);
            self.deferred.iter_mut().for_each(Vec::clear);
        }
        self.day = day;
        self.last_value.clear();
        self.missed.clear();
        self.given.clear();
        self.calls.iter_mut().for_each(VecDeque::clear);
        for (window, planned) in self.windows.iter_mut().zip(self.plan.windows()) {
            window.served = None;
            window.allocation = None;
            window.allocated_at = None;
            window.changes.clear();
            window.pinned = self.plan.policy().pinned.contains(&planned.id);
        }
        self.management.begin_day();
        self.calibration.begin_day();
        self.cover();
        self.reviewed_at = None;
        self.watched_since = None;
        self.rare_windows = 0;
        self.learnt.iter_mut().for_each(Learnt::begin_day);
        self.since_pass.fill(u16::MAX);
        self.since_appointment.fill(u16::MAX);
        Arc::make_mut(&mut self.appointments).keep_from(day);
        self.cancelled.keep_from(day);
        self.issued = self.count_issued(&Arc::clone(&self.plan));
        let waiting = u32::try_from(self.tickets.iter().count()).unwrap_or(u32::MAX);
        self.totals = Totals { issued: waiting, waiting, ..Totals::default() };
    }

    /// How many tickets of today were taken for each service of `plan`, in its order.
    fn count_issued(&self, plan: &Plan) -> Vec<u32> {
        let mut issued: BTreeMap<ServiceId, u32> = BTreeMap::new();
        self.tickets.iter().for_each(|ticket| *issued.entry(ticket.issued_for).or_default() += 1);
        plan.services().iter().map(|service| issued.get(&service.id).copied().unwrap_or(0)).collect()
    }

    /// Carry state over by id; what is not in the new plan was expired or requeued before.
    pub(super) fn adopt(&mut self, plan: &Plan) {
        let old = std::mem::replace(&mut self.plan, Arc::new(plan.clone()));
        self.management.adopt(&old, plan);
        let queues = plan
            .services()
            .iter()
            .map(|s| old.service_index(s.id).map(|i| std::mem::take(&mut self.queues[i])).unwrap_or_default())
            .collect();
        let deferred = plan
            .services()
            .iter()
            .map(|s| {
                old.service_index(s.id).map(|i| std::mem::take(&mut self.deferred[i])).unwrap_or_default()
            })
            .collect();
        let windows = plan
            .windows()
            .iter()
            .map(|w| {
                let state = old.window_index(w.id).map(|i| self.windows[i].clone()).unwrap_or_default();
                let (was, is) = (old.policy().pinned.contains(&w.id), plan.policy().pinned.contains(&w.id));
                // What the manager said of it stays, unless the plan says something new.
                let pinned = if was == is { state.pinned } else { is };
                // What it was to serve may not be there any more: by the plan, then.
                WindowState { armed: false, allocation: None, changes: Vec::new(), pinned, ..state }
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
        let counted = |since: &[u16]| {
            let kept = plan.services().iter().map(|s| old.service_index(s.id).map_or(u16::MAX, |i| since[i]));
            kept.collect()
        };
        self.since_pass = counted(&self.since_pass);
        self.since_appointment = counted(&self.since_appointment);
        self.learnt = plan
            .services()
            .iter()
            .map(|s| old.service_index(s.id).and_then(|i| self.learnt.get(i).copied()).unwrap_or_default())
            .collect();
        self.queues = queues;
        self.deferred = deferred;
        // Counted anew: a service that comes back has issued what it issued before it went.
        self.issued = self.count_issued(plan);
        self.windows = windows;
        self.window_queues = window_queues;
        self.count_set_up();
        self.cover();
        self.calls = vec![VecDeque::new(); plan.zones().len()];
        for (ticket, window) in current {
            if let Some(zone) = self.zone_of(ticket) {
                self.calls[zone].push_back((ticket, window));
            }
        }
    }
}
