//! The clerks a hall knows: what each may serve, and who stands in for whom (AB 岗).
//!
//! Who is signed on where is state, and not of the plan.

use std::collections::BTreeMap;

use hall_protocol::id::{ClerkId, ServiceId};
use serde::{Deserialize, Serialize};

use super::{Name, Plan, PlanError, ServiceSet, index};

/// A clerk. A hall that names none lets anybody sign on anywhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clerk {
    /// The id on the badge.
    pub id: ClerkId,
    /// The name.
    pub name: Name,
    /// What the clerk may serve; empty means everything.
    pub services: Vec<ServiceId>,
    /// Who may take over with a ticket in hand.
    pub backup: Option<ClerkId>,
}

/// What a clerk may serve, by places in the plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Skills {
    /// Each once, in the order in which they are listed.
    places: Vec<usize>,
    set: ServiceSet,
}

impl Skills {
    fn of(clerk: &Clerk, services: &BTreeMap<ServiceId, usize>) -> Self {
        let mut set = ServiceSet::default();
        let listed = clerk.services.iter().filter_map(|service| services.get(service).copied());
        let mut places: Vec<usize> = listed.filter(|place| set.insert(*place)).collect();
        if clerk.services.is_empty() {
            places = (0..services.len()).collect();
            set = places.iter().copied().collect();
        }
        Self { places, set }
    }

    pub(crate) fn places(&self) -> &[usize] {
        &self.places
    }

    /// Whether serving the one at this place is among them.
    pub(crate) fn has(&self, place: usize) -> bool {
        self.set.has(place)
    }
}

impl Plan {
    /// All clerks, in the plan's order.
    pub fn clerks(&self) -> &[Clerk] {
        &self.parts.clerks
    }

    /// The clerk called `id`.
    pub fn clerk(&self, id: ClerkId) -> Option<&Clerk> {
        self.parts.clerks.get(*self.clerks.get(&id)?)
    }

    /// What the clerk called `id` may serve: everything where nothing else is said of that clerk, and nothing
    /// of one the plan does not know.
    pub fn clerk_services(&self, id: ClerkId) -> impl Iterator<Item = ServiceId> {
        let places = self.skills(id).into_iter().flat_map(Skills::places);
        places.filter_map(|place| Some(self.parts.services.get(*place)?.id))
    }

    /// The same by places in the plan.
    pub(crate) fn skills(&self, id: ClerkId) -> Option<&Skills> {
        self.skills.get(*self.clerks.get(&id)?)
    }
}

/// The clerks' places: ids are unique, services and backups are there, and nobody is the own backup.
pub(super) fn check(
    clerks: &[Clerk],
    services: &BTreeMap<ServiceId, usize>,
) -> Result<BTreeMap<ClerkId, usize>, PlanError> {
    let known = index("clerk", clerks.iter().map(|clerk| clerk.id))?;
    for clerk in clerks {
        if let Some(service) = clerk.services.iter().find(|service| !services.contains_key(service)) {
            let place = format!("clerk {}", clerk.id);
            return Err(PlanError::UnknownService { place, service: *service });
        }
        if let Some(backup) = clerk.backup
            && (backup == clerk.id || !known.contains_key(&backup))
        {
            return Err(PlanError::Backup { clerk: clerk.id, backup });
        }
    }
    Ok(known)
}

/// One for each clerk.
pub(super) fn skills(clerks: &[Clerk], services: &BTreeMap<ServiceId, usize>) -> Vec<Skills> {
    clerks.iter().map(|clerk| Skills::of(clerk, services)).collect()
}
