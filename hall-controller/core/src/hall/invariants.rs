//! What must hold of a state at every instant. Tests and simulations ask after every event.

use std::collections::{BTreeMap, BTreeSet};

use hall_protocol::id::ServiceId;
use hall_protocol::payload::HandState;

use super::Hall;
use crate::ticket::{TicketId, TicketState};
use crate::view::Totals;

impl Hall {
    /// What is wrong with this state; empty when all invariants hold. Costs O(tickets): for tests,
    /// recovery and simulation, not for every press.
    ///
    /// - a ticket is in exactly one place: one queue, one window's hand, or ended;
    /// - a number is issued once a business day;
    /// - a window has at most one ticket, a ticket at most one window;
    /// - the counts add up to the tickets issued.
    pub fn violations(&self) -> Vec<String> {
        let mut found = Vec::new();
        let mut queued: BTreeMap<TicketId, usize> = BTreeMap::new();
        for (service, queue) in self.queues.iter().enumerate() {
            for (at, id) in queue {
                *queued.entry(*id).or_default() += 1;
                match self.tickets.get(*id) {
                    None => found.push(format!("queue {service} has {id}, which does not exist")),
                    Some(ticket) if ticket.issued_at != *at => {
                        found.push(format!("{id} stands in its queue by another time than its own"));
                    }
                    Some(_) => {}
                }
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
        let mut announced: BTreeMap<TicketId, usize> = BTreeMap::new();
        self.calls.iter().flatten().for_each(|(id, _)| *announced.entry(*id).or_default() += 1);
        let mut numbers = BTreeSet::new();
        let mut by_service: BTreeMap<ServiceId, u32> = BTreeMap::new();
        for ticket in self.tickets.iter() {
            if !numbers.insert(ticket.number) {
                found.push(format!("number {} was issued twice", ticket.number));
            }
            counted.issued += 1;
            *by_service.entry(ticket.service).or_default() += 1;
            match ticket.state {
                TicketState::Waiting => counted.waiting += 1,
                TicketState::AtWindow { .. } => {}
                TicketState::Finished => counted.finished += 1,
                TicketState::Missed => counted.missed += 1,
                TicketState::Expired => counted.expired += 1,
            }
            let wants = match ticket.state {
                TicketState::Waiting => (1, 0, 0),
                TicketState::AtWindow { .. } => (0, 1, 1),
                TicketState::Finished | TicketState::Missed | TicketState::Expired => (0, 0, 0),
            };
            let has = (
                queued.get(&ticket.id).copied().unwrap_or(0),
                held.get(&ticket.id).copied().unwrap_or(0),
                announced.get(&ticket.id).copied().unwrap_or(0),
            );
            if has != wants {
                found.push(format!(
                    "{} is {:?} but stands in {} queues, {} hands and {} lists of calls",
                    ticket.number, ticket.state, has.0, has.1, has.2
                ));
            }
        }
        let t = self.totals;
        if t != counted || t.issued != t.waiting + t.called + t.serving + t.finished + t.missed + t.expired {
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
}
