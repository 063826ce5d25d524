//! The manager's orders.

use hall_protocol::id::{ServiceId, WindowId};
use hall_protocol::payload::WindowMode;

use super::allocation::Origin;
use super::window_keys::{Moment, open, pause, resume};
use crate::command::Order;
use crate::event::{Event, LapseReason, Managed, Services};
use crate::hall::Hall;
use crate::plan::{Balance, Routing};
use crate::refusal::{Answered, Refusal};
use crate::window::WindowState;

impl Hall {
    /// What an order does. What is so already makes no event.
    pub(super) fn order(&self, order: &Order, moment: Moment) -> Result<Vec<Event>, Refusal> {
        match order {
            Order::Allocate { window, primary, backup } => {
                let services = Services { primary: primary.clone(), backup: backup.clone() };
                self.allocate(*window, services, Origin::Order, moment)
            }
            Order::Undo { window } => self.undo(*window, moment),
            Order::UndoProposal { proposal, only } => self.undo_proposal(*proposal, only.as_deref(), moment),
            Order::Pin { window } => {
                let state = self.ordered(*window)?;
                Ok(unless(state.pinned, Event::Managed(Managed::WindowPinned { window: *window })))
            }
            Order::Unpin { window } => {
                let state = self.ordered(*window)?;
                Ok(unless(!state.pinned, Event::Managed(Managed::WindowUnpinned { window: *window })))
            }
            Order::Open { window }
            | Order::Close { window }
            | Order::Pause { window, .. }
            | Order::Resume { window } => self.set_mode(order, *window, moment),
            Order::Accept { proposal, only } => self.accept(*proposal, only.as_ref(), moment),
            Order::Reject { proposal, reason } => {
                match self.standing(*proposal)? {
                    Ok(_) => {}
                    Err(Answered::Rejected) => return Ok(Vec::new()),
                    Err(how) => return Err(Refusal::ProposalAnswered { proposal: *proposal, how }),
                }
                let reason = Some(reason.trim()).filter(|reason| !reason.is_empty());
                let reason = reason.ok_or(Refusal::ReasonRequired)?.to_owned();
                Ok(vec![Event::Managed(Managed::ProposalRejected { proposal: *proposal, reason })])
            }
            Order::SetBalance { balance } => Ok(self.set_balance(*balance)),
            Order::SetRouting { group: None, routing } => {
                let set = Event::Managed(Managed::RoutingSet { group: None, routing: *routing });
                Ok(unless(self.routing() == *routing, set))
            }
            Order::SetRouting { group: Some(group), routing } => {
                let planned = self.plan.group(*group).ok_or(Refusal::UnknownGroup { group: *group })?;
                let now: Routing = self.routing_of_group(planned);
                Ok(unless(
                    now == *routing,
                    Event::Managed(Managed::RoutingSet { group: Some(*group), routing: *routing }),
                ))
            }
            Order::StopIssuing { service } => {
                let stopped = self.issuing_is_stopped(*service)?;
                Ok(unless(stopped, Event::Managed(Managed::IssuingStopped { service: *service })))
            }
            Order::ResumeIssuing { service } => {
                let stopped = self.issuing_is_stopped(*service)?;
                Ok(unless(!stopped, Event::Managed(Managed::IssuingResumed { service: *service })))
            }
        }
    }

    fn ordered(&self, window: WindowId) -> Result<&WindowState, Refusal> {
        self.window_state(window).ok_or(Refusal::UnknownWindow { window })
    }

    pub(super) fn issuing_is_stopped(&self, service: ServiceId) -> Result<bool, Refusal> {
        self.plan.service(service).ok_or(Refusal::UnknownService { service })?;
        Ok(self.management.stopped.contains(&service))
    }

    /// Open, close, pause or resume; a window that is so already stays as it is.
    fn set_mode(&self, order: &Order, window: WindowId, moment: Moment) -> Result<Vec<Event>, Refusal> {
        let state = self.ordered(window)?;
        match (order, state.mode) {
            (Order::Open { .. } | Order::Resume { .. }, WindowMode::Open)
            | (Order::Close { .. }, WindowMode::Closed)
            | (Order::Pause { .. }, WindowMode::Paused) => Ok(Vec::new()),
            (Order::Open { .. }, _) => open(window, state),
            (Order::Close { .. }, _) => Ok(self.then_armed_calls(self.close(window, state)?, moment)),
            (Order::Pause { reason, .. }, _) => pause(window, state, reason.as_deref()),
            _ => resume(window, state),
        }
    }

    /// Who turns the balancer off wants to see none of its proposals either.
    fn set_balance(&self, balance: Balance) -> Vec<Event> {
        if self.balance() == balance {
            return Vec::new();
        }
        let lapsed = self.management.open().filter(|_| balance == Balance::Off);
        let lapsed = lapsed.map(|proposal| {
            Event::Managed(Managed::ProposalLapsed { proposal: proposal.id, why: LapseReason::TurnedOff })
        });
        lapsed.chain([Event::Managed(Managed::BalanceSet { balance })]).collect()
    }
}

fn unless(so_already: bool, event: Event) -> Vec<Event> {
    if so_already { Vec::new() } else { vec![event] }
}
