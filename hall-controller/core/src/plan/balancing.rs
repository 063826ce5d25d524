//! What the plan says of moving windows: the guard rails of the balancer, and groups of services with a
//! policy of their own.

use std::collections::BTreeMap;

use hall_protocol::id::{GroupId, ServiceId};
use serde::{Deserialize, Serialize};

use super::{Name, Plan, PlanError, Routing, Service};

/// What no move of the balancer may do, whether it moves by itself or the manager accepts its proposal.
/// What the manager orders without a proposal is bound by skills only.
///
/// Not written here because nothing can be set about it: a move keeps to the skills of the clerk who is
/// signed on, leaves pinned windows alone, leaves each open service a window, and takes no ticket out of
/// a hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct GuardRails {
    /// A window serves what it was given for so many minutes at least.
    pub dwell_minutes: u16,
    /// A window is moved at most so often in an hour.
    pub window_moves_per_hour: u16,
    /// All windows together are moved at most so often in an hour; `None` leaves it to the windows' own.
    pub hall_moves_per_hour: Option<u16>,
    /// In the last minutes before the hall or the window closes nothing is moved any more.
    pub freeze_minutes: u16,
}

impl Default for GuardRails {
    fn default() -> Self {
        Self { dwell_minutes: 20, window_moves_per_hour: 2, hall_moves_per_hour: None, freeze_minutes: 30 }
    }
}

/// Services that are called by a policy of their own. A service is in one group at most.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// Its id.
    pub id: GroupId,
    /// What people call it; `None` for the names of its services.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Name>,
    /// Which services.
    pub services: Vec<ServiceId>,
    /// Who is called next of them.
    pub routing: Routing,
}

/// Groups have ids of their own and services that are there, each in one group.
pub(super) fn check(groups: &[Group], services: &BTreeMap<ServiceId, usize>) -> Result<(), PlanError> {
    super::index("group", groups.iter().map(|group| group.id))?;
    let mut taken: BTreeMap<ServiceId, GroupId> = BTreeMap::new();
    for group in groups {
        super::check_services(format!("group {}", group.id), &group.services, services)?;
        for service in &group.services {
            if let Some(other) = taken.insert(*service, group.id) {
                let what = format!("has {service}, which group {other} has already");
                return Err(PlanError::Services { place: format!("group {}", group.id), what });
            }
        }
    }
    Ok(())
}

/// One for each service: the place of its group, if it is in one.
pub(super) fn places(groups: &[Group], services: &[Service]) -> Vec<Option<usize>> {
    let place = |service: &Service| groups.iter().position(|group| group.services.contains(&service.id));
    services.iter().map(place).collect()
}

impl Plan {
    /// The group called `id`.
    pub fn group(&self, id: GroupId) -> Option<&Group> {
        self.policy().groups.iter().find(|group| group.id == id)
    }

    /// What people call the group.
    pub fn group_name(&self, group: &Group) -> Name {
        let names = || group.services.iter().filter_map(|service| Some(&self.service(*service)?.name));
        let joined = |part: fn(&Name) -> &str, by: &str| names().map(part).collect::<Vec<_>>().join(by);
        let of_services = || Name { zh: joined(|name| &name.zh, "、"), en: joined(|name| &name.en, ", ") };
        group.name.clone().unwrap_or_else(of_services)
    }

    /// The group of the service at `index`, if it is in one.
    pub(crate) fn group_of(&self, index: usize) -> Option<&Group> {
        self.policy().groups.get((*self.groups.get(index)?)?)
    }
}
