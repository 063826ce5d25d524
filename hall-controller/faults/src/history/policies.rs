//! Which services are called by a policy of their own, and how the manager changes policies while the hall is open.
//!
//! They have dice of their own, so that a hall without them stays as it was.

use hall_core::plan::{Group, Routing};
use hall_protocol::id::{GroupId, ServiceId};

use super::{Act, SECOND_US, Shape, Step, small};
use crate::random::Dice;

/// Every policy.
pub(crate) const POLICIES: [Routing; 4] =
    [Routing::Fcfs, Routing::Priority, Routing::Accumulating, Routing::ServiceLevel];

/// The names of groups.
const GROUPS: [&str; 2] = ["g1", "g2"];

/// Of a plan: which services are in which group, and how these are called.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Grouping {
    /// For each service its group, or none beyond those there are.
    of: [u8; 3],
    routings: [Routing; GROUPS.len()],
}

impl Grouping {
    /// Of the hall's first plan, and of the other.
    pub(super) fn both(dice: &mut Dice) -> [Self; 2] {
        let first = Self::of(dice);
        [first, if dice.percent(50) { first } else { Self::of(dice) }]
    }

    fn of(dice: &mut Dice) -> Self {
        let routing = |dice: &mut Dice| dice.weighed(&POLICIES.map(|routing| (1, routing)));
        let grouped = dice.percent(45);
        let group = |dice: &mut Dice| if grouped { dice.weighed(&[(2, 2), (3, 0), (2, 1)]) } else { 2 };
        Self { of: [group(dice), group(dice), group(dice)], routings: [routing(dice), routing(dice)] }
    }

    /// The groups that have services among these; a hall's `all` are in the order of its shape.
    pub(crate) fn groups(self, all: &[ServiceId], planned: &[ServiceId]) -> Vec<Group> {
        let group = |nth: u8| {
            let is_in = |service: &&ServiceId| planned.contains(service);
            let own = all.iter().zip(self.of).filter(|(_, of)| *of == nth).map(|(service, _)| service);
            let services: Vec<ServiceId> = own.filter(is_in).copied().collect();
            let routing = self.routings[usize::from(nth)];
            let id = named(nth).filter(|_| !services.is_empty())?;
            Some(Group { id, name: None, services, routing })
        };
        [0, 1].into_iter().filter_map(group).collect()
    }
}

/// A group by its place; `None` for the services in none.
pub(crate) fn named(nth: u8) -> Option<GroupId> {
    GROUPS.get(usize::from(nth))?.parse().ok()
}

/// The manager changes a policy now and then.
pub(super) fn a_day(dice: &mut Dice, shape: Shape, begins_us: u64, ends_us: u64, steps: &mut Vec<Step>) {
    if !dice.percent(30) {
        return;
    }
    for _ in 0..dice.between(1, 4) {
        let at_us = dice.between(begins_us, ends_us - SECOND_US);
        let last = if shape.services > 1 { 2 } else { 0 };
        let act = Act::SetRouting { group: 2 - small(dice, 0, last), nth: small(dice, 0, 3) };
        steps.push(Step { at_us, act });
    }
}
