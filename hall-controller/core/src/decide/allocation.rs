//! What a window serves: changed by the manager, or by the balancer at its reviews.

use std::collections::BTreeSet;

use hall_protocol::id::{ClerkId, ServiceId, WindowId};

use super::window_keys::{Moment, called};
use crate::event::{Event, ProposalId, Services};
use crate::hall::Hall;
use crate::refusal::Refusal;
use crate::routing::{Served, Tier};

/// Why a window's allocation changes.
#[derive(Debug, Clone, Copy)]
pub(super) enum Origin {
    /// Somebody orders it.
    Order,
    /// It is what was there before; all that this proposal changed is taken back, if one is named.
    Undo(Option<ProposalId>),
    /// By a proposal.
    Proposal(ProposalId),
}

impl Hall {
    /// Let a window serve these from now on.
    ///
    /// Refuses what is not in the plan, no primary service at all, and an order that names a service twice
    /// or one that the clerk who is signed on has no skill for.
    pub(super) fn allocate(
        &self,
        window: WindowId,
        services: Services,
        origin: Origin,
        moment: Moment,
    ) -> Result<Vec<Event>, Refusal> {
        let state = self.window_state(window).ok_or(Refusal::UnknownWindow { window })?;
        let Services { primary, backup } = &services;
        for service in primary.iter().chain(backup) {
            self.plan.service_index(*service).ok_or(Refusal::UnknownService { service: *service })?;
        }
        let is_order = matches!(origin, Origin::Order);
        if let Some(service) = twice(primary, backup).filter(|_| is_order) {
            return Err(Refusal::ServiceTwice { service });
        }
        if primary.is_empty() {
            return Err(Refusal::NothingToServe { window });
        }
        if let Some(clerk) = state.clerk.filter(|_| is_order)
            && let Some(service) = self.first_unskilled(clerk, &services)
        {
            return Err(Refusal::ClerkUnskilled { clerk, window, service: Some(service) });
        }
        Ok(self.given(window, services, origin, moment))
    }

    /// The first of these that the clerk cannot do; of whom the plan does not know nobody says no.
    fn first_unskilled(&self, clerk: ClerkId, services: &Services) -> Option<ServiceId> {
        let skills = self.plan.skills(clerk)?;
        let can =
            |service: &ServiceId| self.plan.service_index(*service).is_some_and(|index| skills.has(index));
        services.primary.iter().chain(&services.backup).copied().find(|service| !can(service))
    }

    /// The window is given these. If it is armed, it calls at once who waits for them.
    fn given(&self, window: WindowId, services: Services, origin: Origin, moment: Moment) -> Vec<Event> {
        let state = self.window_state(window).filter(|state| state.armed);
        let next = state.and_then(|state| {
            let served = self.within_skills(window, Served::from(&services), state.clerk);
            self.route(window, Served::from(&served), None, moment.now.at)
        });
        let call = next.map(|(ticket, why)| called(ticket, window, why, moment));
        let (proposal, undone) = match origin {
            Origin::Order => (None, false),
            Origin::Undo(proposal) => (proposal, true),
            Origin::Proposal(id) => (Some(id), false),
        };
        let Services { primary, backup } = services;
        [Event::Allocated { window, primary, backup, proposal, undone }].into_iter().chain(call).collect()
    }

    /// The balancer moves what the clerk of the moment can do. What the window is given besides stays given:
    /// the next clerk may be able to.
    fn with_what_waits_for_another_clerk(&self, window: WindowId, mut services: Services) -> Services {
        for (tier, service) in self.given_to(window).iter() {
            if self.lacks_skill(window, service).is_some() {
                match tier {
                    Tier::Primary => services.primary.push(service),
                    Tier::Backup => services.backup.push(service),
                }
            }
        }
        services
    }

    /// Several windows by proposals. One citizen cannot go to two windows that are moved at once: a window
    /// whose next is taken is left as it is. Proposals are of the plan there is: a new one ends them.
    pub(super) fn allocate_all<'a>(
        &self,
        moves: impl Iterator<Item = (WindowId, &'a Services, ProposalId)>,
        moment: Moment,
    ) -> Vec<Event> {
        let (mut events, mut taken) = (Vec::new(), Vec::new());
        for (window, services, proposal) in moves {
            let services = self.with_what_waits_for_another_clerk(window, services.clone());
            let done = self.given(window, services, Origin::Proposal(proposal), moment);
            let calls = done.iter().find_map(|event| match event {
                Event::Called { ticket, .. } => Some(*ticket),
                _ => None,
            });
            if calls.is_some_and(|ticket| taken.contains(&ticket)) {
                continue;
            }
            taken.extend(calls);
            events.extend(done);
        }
        events
    }
}

/// The first that is there twice, in one list or in both.
fn twice(primary: &[ServiceId], backup: &[ServiceId]) -> Option<ServiceId> {
    let mut seen = BTreeSet::new();
    primary.iter().chain(backup).copied().find(|service| !seen.insert(*service))
}
