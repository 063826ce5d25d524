//! What must hold of a state at every instant. Tests and simulations ask after every event.

use std::collections::{BTreeMap, BTreeSet};

use hall_protocol::id::ServiceId;
use hall_protocol::payload::{HandState, WindowMode};

use super::Hall;
use crate::appointment::AppointmentState;
use crate::queue::Queue;
use crate::ticket::{Ticket, TicketId, TicketState};
use crate::view::Totals;

impl Hall {
    /// What is wrong with this state; empty when all invariants hold. Costs O(tickets): for tests,
    /// recovery and simulation, not for every press.
    ///
    /// - a ticket is in exactly one place: one queue, one window's hand, parked at one, or ended;
    /// - a number is issued once a business day;
    /// - a window has at most one ticket, a ticket at most one window;
    /// - a leased number is of one lease, none of the hall's own, and a ticket once it was handed in; of
    ///   a lease that is over every number is accounted for;
    /// - a deferred ticket is in the list of its service, and stands in no queue;
    /// - an armed window is open and free (that nobody waits whom it could call holds only after all
    ///   events of a decision);
    /// - an appointment that is checked in has its ticket;
    /// - the counts add up to the tickets issued.
    pub fn violations(&self) -> Vec<String> {
        let mut found = Vec::new();
        let mut queued: BTreeMap<TicketId, usize> = BTreeMap::new();
        let places = self.queues.iter().chain(&self.window_queues).flat_map(Queue::iter);
        for (standing, id) in places {
            *queued.entry(*id).or_default() += 1;
            match self.tickets.get(*id) {
                None => found.push(format!("a queue has {id}, which does not exist")),
                Some(ticket) if ticket.standing != *standing => {
                    found.push(format!("{id} stands in its queue by another time than its own"));
                }
                Some(_) => {}
            }
        }
        let mut held: BTreeMap<TicketId, usize> = BTreeMap::new();
        let mut counted = Totals::default();
        for (index, window) in self.windows.iter().enumerate() {
            let Some(hand) = &window.hand else { continue };
            *held.entry(hand.ticket).or_default() += 1;
            match hand.state {
                HandState::Called => counted.called += 1,
                HandState::Serving => counted.serving += 1,
            }
            let at_this_window = self.plan.windows().get(index).is_some_and(|window| {
                self.tickets.get(hand.ticket).map(|ticket| ticket.state)
                    == Some(TicketState::AtWindow { window: window.id })
            });
            if !at_this_window {
                found.push(format!("window {index} holds {}, which says it is elsewhere", hand.ticket));
            }
        }
        found.extend(self.armed_wrongly());
        let mut parked: BTreeMap<TicketId, usize> = BTreeMap::new();
        for (window, state) in self.plan.windows().iter().zip(&self.windows) {
            for (id, _) in &state.parked {
                *parked.entry(*id).or_default() += 1;
                let there = Some(TicketState::Parked { window: window.id });
                if self.tickets.get(*id).map(|ticket| ticket.state) != there {
                    found.push(format!("window {} has parked {id}, which says it is elsewhere", window.id));
                }
            }
        }
        let mut announced: BTreeMap<TicketId, usize> = BTreeMap::new();
        self.calls.iter().flatten().for_each(|(id, _)| *announced.entry(*id).or_default() += 1);
        let mut numbers = BTreeSet::new();
        let mut by_service: BTreeMap<ServiceId, u32> = BTreeMap::new();
        for ticket in self.tickets.iter() {
            if !numbers.insert(ticket.number) {
                found.push(format!("number {} was issued twice", ticket.number));
            }
            counted.issued += 1;
            *by_service.entry(ticket.issued_for).or_default() += 1;
            count_in(ticket.state, &mut counted);
            let wants = match ticket.state {
                TicketState::Waiting | TicketState::WaitingFor { .. } => (1, 0, 0, 0),
                TicketState::AtWindow { .. } => (0, 1, 1, 0),
                TicketState::Parked { .. } => (0, 0, 0, 1),
                TicketState::Deferred { .. }
                | TicketState::Finished
                | TicketState::Missed
                | TicketState::Expired
                | TicketState::Cancelled => (0, 0, 0, 0),
            };
            if self.is_queued_elsewhere(ticket) {
                found.push(format!("{} is {:?}, but not in that queue", ticket.number, ticket.state));
            }
            let has = (
                queued.get(&ticket.id).copied().unwrap_or(0),
                held.get(&ticket.id).copied().unwrap_or(0),
                announced.get(&ticket.id).copied().unwrap_or(0),
                parked.get(&ticket.id).copied().unwrap_or(0),
            );
            if has != wants {
                found.push(format!(
                    "{} is {:?} but stands in {} queues, {} hands, {} lists of calls and is parked {} times",
                    ticket.number, ticket.state, has.0, has.1, has.2, has.3
                ));
            }
        }
        found.extend(self.deferred_wrongly());
        found.extend(self.appointments.violations());
        found.extend(self.checked_in_wrongly());
        found.extend(self.leased_wrongly());
        let t = self.totals;
        let sum = [t.waiting, t.called, t.serving, t.finished, t.missed, t.expired, t.parked, t.cancelled];
        if t != counted || t.issued != sum.into_iter().sum::<u32>() {
            found.push(format!("the totals are {t:?}, the tickets say {counted:?}"));
        }
        for (service, issued) in self.plan.services().iter().zip(&self.issued) {
            let tickets = by_service.get(&service.id).copied().unwrap_or(0);
            if *issued != tickets {
                found.push(format!(
                    "service {} counts {issued} issued, but has {tickets} tickets",
                    service.id
                ));
            }
        }
        found
    }
    fn deferred_wrongly(&self) -> Vec<String> {
        let mut listed: BTreeMap<TicketId, (usize, ServiceId)> = BTreeMap::new();
        for (service, deferred) in self.plan.services().iter().zip(&self.deferred) {
            for id in deferred {
                listed.entry(*id).or_insert((0, service.id)).0 += 1;
            }
        }
        let wrong = self.tickets.iter().filter_map(|ticket| {
            let is = matches!(ticket.state, TicketState::Deferred { calls_left: 1.. });
            let should = is.then_some((1, ticket.service));
            let has = listed.get(&ticket.id).copied();
            (has != should).then(|| format!("{} is {:?}, the lists say {has:?}", ticket.number, ticket.state))
        });
        wrong.collect()
    }

    /// Who has checked in has the ticket the list names.
    fn checked_in_wrongly(&self) -> Vec<String> {
        let wrong = self.appointments.iter().filter_map(|appointment| {
            let AppointmentState::CheckedIn { ticket, number } = appointment.state else { return None };
            let right = self
                .tickets
                .get(ticket)
                .is_some_and(|ticket| ticket.number == number && ticket.appointment.is_some());
            (!right)
                .then(|| format!("{} has checked in with {ticket}, which is not its ticket", appointment.id))
        });
        wrong.collect()
    }

    fn armed_wrongly(&self) -> Vec<String> {
        let mut found = Vec::new();
        for (window, state) in self.plan.windows().iter().zip(&self.windows) {
            if state.armed != self.armed.iter().any(|(armed, _)| *armed == window.id) {
                found
                    .push(format!("window {} is armed: {}, the list says otherwise", window.id, state.armed));
            }
            if state.armed && (state.hand.is_some() || state.mode != WindowMode::Open) {
                found.push(format!("window {} is armed, but {state:?}", window.id));
            }
        }
        found
    }

    /// Whether a waiting ticket is not in the queue its state names.
    fn is_queued_elsewhere(&self, ticket: &Ticket) -> bool {
        let queue = match ticket.state {
            TicketState::Waiting => self.plan.service_index(ticket.service).and_then(|i| self.queues.get(i)),
            TicketState::WaitingFor { window } => {
                self.plan.window_index(window).and_then(|i| self.window_queues.get(i))
            }
            _ => return false,
        };
        !queue.is_some_and(|queue| queue.contains((ticket.standing, ticket.id)))
    }
}

/// Count a ticket where its state says it is; hands are counted with their windows.
fn count_in(state: TicketState, counted: &mut Totals) {
    match state {
        TicketState::Waiting | TicketState::WaitingFor { .. } | TicketState::Deferred { .. } => {
            counted.waiting += 1;
        }
        TicketState::Parked { .. } => counted.parked += 1,
        TicketState::AtWindow { .. } => {}
        TicketState::Finished => counted.finished += 1,
        TicketState::Missed => counted.missed += 1,
        TicketState::Expired => counted.expired += 1,
        TicketState::Cancelled => counted.cancelled += 1,
    }
}
