//! The clerks a hall knows: what each may serve, and who stands in for whom (AB 岗).
//!
//! Who is signed on where is state, and not of the plan.

use std::collections::BTreeMap;

use hall_protocol::id::{ClerkId, ServiceId};
use serde::{Deserialize, Serialize};

use super::{Name, Plan, PlanError, index};

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

impl Clerk {
    /// Whether serving it is among the skills.
    pub fn can(&self, service: ServiceId) -> bool {
        self.services.is_empty() || self.services.contains(&service)
    }
}

impl Plan {
    /// All clerks, in the plan's order.
    pub fn clerks(&self) -> &[Clerk] {
        &self.parts.clerks
    }

    /// The clerk called `id`. O(clerks): asked when somebody signs on or a window is moved, never at a call.
    pub fn clerk(&self, id: ClerkId) -> Option<&Clerk> {
        self.clerks().iter().find(|clerk| clerk.id == id)
    }
}

/// Ids are unique, services and backups are there, and nobody is the own backup.
pub(super) fn check(clerks: &[Clerk], services: &BTreeMap<ServiceId, usize>) -> Result<(), PlanError> {
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
    Ok(())
}
