//! The books of policies: by which one each service is called at this moment, as the plan and the manager say.
//!
//! Services of one group go by its policy. At a window with several groups each policy puts forward one of its own,
//! and of these the one who has waited longest is called.

use std::collections::BTreeMap;

use hall_core::event::{Event, Managed};
use hall_core::plan::Routing;
use hall_core::time::HallTime;
use hall_protocol::id::{GroupId, ServiceId};

use super::Ledger;
use super::calls::{Candidate, Line};

/// What holds for a group, or for the services in none.
#[derive(Debug, Clone, Copy)]
struct Rule {
    planned: Routing,
    /// What the manager has set in its place.
    set: Option<Routing>,
}

/// What holds for each service.
#[derive(Debug, Default)]
pub(super) struct Policies {
    rules: BTreeMap<Option<GroupId>, Rule>,
    groups: BTreeMap<ServiceId, GroupId>,
}

/// Those who may be called at a window, by whose policy weighs them.
pub(super) struct Weighed {
    /// By this policy the called one was chosen
    pub(super) routing: Routing,
    /// among these.
    pub(super) own: Vec<Candidate>,
    pub(super) others: Vec<(Routing, Vec<Candidate>)>,
}

/// Who chooses: the policy of a group, or the queue of those who wait for the window alone.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Chooser {
    Alone,
    Policy(Option<GroupId>),
}

impl Policies {
    /// What the manager set holds until the plan says something else of it than it did.
    pub(super) fn follow(&mut self, event: &Event) {
        match event {
            Event::PlanAdopted { plan, put_back: None } => {
                let policy = plan.policy();
                let groups = policy.groups.iter().map(|group| (Some(group.id), group.routing));
                let rules = groups.chain([(None, policy.routing)]).map(|(of, planned)| {
                    let before = self.rules.get(&of).filter(|before| before.planned == planned);
                    (of, Rule { planned, set: before.and_then(|before| before.set) })
                });
                self.rules = rules.collect();
                let of = |group: &hall_core::plan::Group| {
                    let id = group.id;
                    group.services.clone().into_iter().map(move |service| (service, id))
                };
                self.groups = policy.groups.iter().flat_map(of).collect();
            }
            Event::Managed(Managed::RoutingSet { group, routing }) => {
                if let Some(rule) = self.rules.get_mut(group) {
                    rule.set = Some(*routing);
                }
            }
            _ => {}
        }
    }

    /// By which policy the service is called.
    pub(super) fn of(&self, service: ServiceId) -> Routing {
        self.of_group(self.groups.get(&service).copied())
    }

    fn of_group(&self, group: Option<GroupId>) -> Routing {
        self.rules.get(&group).map_or(Routing::ServiceLevel, |rule| rule.set.unwrap_or(rule.planned))
    }

    /// By which policy the called one was chosen, and among whom.
    pub(super) fn weigh(&self, called: &Candidate, candidates: &[Candidate]) -> Weighed {
        let mut weighed: BTreeMap<Chooser, Vec<Candidate>> = BTreeMap::new();
        for one in candidates {
            let chooser = if one.alone {
                Chooser::Alone
            } else {
                Chooser::Policy(self.groups.get(&one.service).copied())
            };
            weighed.entry(chooser).or_default().push(*one);
        }
        let policies = weighed.keys().filter(|chooser| **chooser != Chooser::Alone).count();
        if policies <= 1 {
            // One policy weighs also who waits for the window alone.
            let of = weighed.keys().find_map(|chooser| match chooser {
                Chooser::Policy(group) => Some(*group),
                Chooser::Alone => None,
            });
            let routing = self.of_group(of.flatten());
            return Weighed { routing, own: candidates.to_vec(), others: Vec::new() };
        }
        let by_policy = weighed.into_iter().map(|(chooser, those)| match chooser {
            Chooser::Alone => (Routing::Fcfs, those),
            Chooser::Policy(group) => (self.of_group(group), those),
        });
        let is_own =
            |(_, those): &(Routing, Vec<Candidate>)| those.iter().any(|one| one.place == called.place);
        let (own, others): (Vec<_>, Vec<_>) = by_policy.partition(is_own);
        let (routing, own) = own.into_iter().next().unwrap_or((Routing::Fcfs, Vec::new()));
        Weighed { routing, own, others }
    }
}

impl Weighed {
    /// Who has waited longest of those that service level weighs.
    pub(super) fn oldest_by_service_level(&self) -> Option<&Candidate> {
        let own = (self.routing == Routing::ServiceLevel).then_some(&self.own);
        let others = self.others.iter().filter(|(routing, _)| *routing == Routing::ServiceLevel);
        own.into_iter().chain(others.map(|(_, those)| those)).flatten().min_by_key(|one| one.place)
    }
}

impl Ledger {
    /// One of another group, whose policy could put forward nobody who came after the called one, and who waits
    /// longer than that.
    pub(super) fn passed_of_other_groups<'a>(
        &self,
        called: &Candidate,
        weighed: &'a Weighed,
        at: HallTime,
    ) -> Option<&'a Candidate> {
        let passed = weighed.others.iter().filter_map(|(routing, those)| {
            let oldest = those.iter().min_by_key(|one| one.place)?;
            let is_passed = oldest.place < called.place
                && !self.may_put_forward_a_later_one(*routing, oldest, those, called, at);
            is_passed.then_some(oldest)
        });
        passed.min_by_key(|one| one.place)
    }

    fn may_put_forward_a_later_one(
        &self,
        routing: Routing,
        oldest: &Candidate,
        those: &[Candidate],
        called: &Candidate,
        at: HallTime,
    ) -> bool {
        let policy = self.hall.plan().policy();
        let waited_ms = |one: &Candidate| at.ms_since(one.place.0);
        // Passes the one who has waited longest of those the policy looks at together.
        let passes = |one: &Candidate, first: &Candidate| {
            first.line != Line::Class && one.line == Line::Class && self.may_pass_by_class(one.service)
        };
        let by_class = |one: &&Candidate| passes(one, oldest);
        let is_later = |one: &Candidate| one.place > called.place;
        match routing {
            Routing::Fcfs => false,
            Routing::Priority => {
                those.iter().filter(by_class).min_by_key(|one| one.place).is_some_and(is_later)
            }
            Routing::Accumulating => {
                let starves = waited_ms(oldest) >= u64::from(policy.starvation_minutes) * 60_000;
                let ordinary = u64::from(policy.ordinary_credit_permille.min(1_000));
                let has_more =
                    |one: &Candidate| waited_ms(one) * 1_000 >= waited_ms(oldest) * ordinary && is_later(one);
                !starves && those.iter().filter(by_class).any(has_more)
            }
            Routing::ServiceLevel => {
                let first_of = |service: ServiceId| {
                    those.iter().filter(|one| one.service == service).min_by_key(|one| one.place)
                };
                let leads = |one: &Candidate| {
                    first_of(one.service).is_some_and(|first| first.place == one.place || passes(one, first))
                };
                those.iter().any(|one| is_later(one) && leads(one))
            }
        }
    }
}
