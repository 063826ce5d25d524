//! What a window serves: changed by the manager, or by the balancer at its reviews.

use std::collections::BTreeSet;

use hall_protocol::id::{ServiceId, WindowId};

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
    /// It is what was there before.
    Undo,
    /// By a proposal.
    Proposal(ProposalId),
}

impl Hall {
    /// Let a window serve these from now on.
    ///
    /// Refuses what is not in the plan, no primary service at all, and an order that names a service twice
    /// or one that the clerk who is signed on has no skill for. An armed window calls at once who waits for what it is given.
    pub(super) fn allocate(
        &self,
        window: WindowId,
        services: &Services,
        origin: Origin,
        moment: Moment,
    ) -> Result<Vec<Event>, Refusal> {
        let state = self.window_state(window).ok_or(Refusal::UnknownWindow { window })?;
        let Services { primary, backup } = services;
        for service in primary.iter().chain(backup) {
            self.plan.service_index(*service).ok_or(Refusal::UnknownService { service: *service })?;
        }
        if let (Origin::Order, Some(service)) = (origin, twice(primary, backup)) {
            return Err(Refusal::ServiceTwice { service });
        }
        let primary = distinct(primary.iter().copied(), &[]);
        let backup = distinct(backup.iter().copied(), &primary);
        if primary.is_empty() {
            return Err(Refusal::NothingToServe { window });
        }
        let (primary, backup) = match origin {
            Origin::Order => match state.clerk.and_then(|clerk| self.plan.clerk(clerk)) {
                Some(clerk) if !primary.iter().chain(&backup).all(|service| clerk.can(*service)) => {
                    return Err(Refusal::ClerkUnskilled { clerk: clerk.id, window });
                }
                _ => (primary, backup),
            },
            Origin::Undo => (primary, backup),
            Origin::Proposal(_) => self.with_what_waits_for_another_clerk(window, primary, backup),
        };
        let given = Served { primary: &primary, backup: &backup };
        let next = state.armed.then(|| {
            let served = self.within_skills(window, given, state.clerk);
            self.route(window, Served::from(&served), None, moment.now.at)
        });
        let call = next.flatten().map(|(ticket, why)| called(ticket, window, why, moment));
        let (proposal, undone) = match origin {
            Origin::Order => (None, false),
            Origin::Undo => (None, true),
            Origin::Proposal(id) => (Some(id), false),
        };
        Ok([Event::Allocated { window, primary, backup, proposal, undone }].into_iter().chain(call).collect())
    }

    /// The balancer moves what the clerk of the moment can do. What the window is given besides stays given:
    /// the next clerk may be able to.
    fn with_what_waits_for_another_clerk(
        &self,
        window: WindowId,
        mut primary: Vec<ServiceId>,
        mut backup: Vec<ServiceId>,
    ) -> (Vec<ServiceId>, Vec<ServiceId>) {
        for (tier, service) in self.given_to(window).iter() {
            if self.lacks_skill(window, service).is_some() {
                match tier {
                    Tier::Primary => primary.push(service),
                    Tier::Backup => backup.push(service),
                }
            }
        }
        (primary, backup)
    }

    /// Several windows by proposals. One citizen cannot go to two windows that are moved at once: a window
    /// whose next is taken is left as it is.
    pub(super) fn allocate_all<'a>(
        &self,
        moves: impl Iterator<Item = (WindowId, &'a Services, ProposalId)>,
        moment: Moment,
    ) -> Vec<Event> {
        let (mut events, mut taken) = (Vec::new(), Vec::new());
        for (window, services, proposal) in moves {
            let Ok(done) = self.allocate(window, services, Origin::Proposal(proposal), moment) else {
                continue;
            };
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

fn distinct(services: impl Iterator<Item = ServiceId>, but: &[ServiceId]) -> Vec<ServiceId> {
    let mut kept: Vec<ServiceId> = Vec::new();
    for service in services {
        if !kept.contains(&service) && !but.contains(&service) {
            kept.push(service);
        }
    }
    kept
}
