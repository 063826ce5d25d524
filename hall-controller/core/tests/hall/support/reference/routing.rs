//! Who is called next at a window: under the `priority` and `fcfs` policies, with backup services and
//! appointments. The other policies are weighed in `weighing`.

use hall_core::event::CallReason;
use hall_core::plan::Routing;
use hall_protocol::id::{ClerkId, ServiceId, WindowId};

use super::queues::Waiting;
use super::{Place, Reference};

/// Those who wait for one service of a window.
#[derive(Clone, Copy)]
pub(super) struct Head {
    pub(super) service: ServiceId,
    is_backup: bool,
    pub(super) first: Waiting,
    /// The first is an appointment whose slot is still to come.
    is_early: bool,
    /// The first of the priority classes,
    pub(super) of_class: Option<Waiting>,
    /// and whether it may pass.
    pub(super) may_pass: bool,
    /// Who may pass by slot.
    pub(super) by_slot: Option<Waiting>,
}

impl Reference {
    /// What a window was given to serve first, and what else, whoever is there.
    pub(super) fn given(&self, window: WindowId) -> (Vec<ServiceId>, Vec<ServiceId>) {
        let counter = self.counters.iter().find(|counter| counter.id == window);
        let moved = counter.and_then(|counter| counter.allocation.clone());
        moved.unwrap_or_else(|| {
            let backup = self.plan().window(window).map_or(Vec::new(), |window| window.backup.clone());
            (self.usual(window), backup)
        })
    }

    fn usual(&self, window: WindowId) -> Vec<ServiceId> {
        self.plan().window(window).map_or(Vec::new(), |window| window.services.clone())
    }

    pub(super) fn clerk(&self, window: WindowId) -> Option<ClerkId> {
        self.counters.iter().find(|counter| counter.id == window)?.clerk
    }

    /// Whether somebody can do a service; who is nobody, or of whom nothing is known, can do all.
    pub(super) fn can(&self, clerk: Option<ClerkId>, service: ServiceId) -> bool {
        let plan = self.plan();
        let skills = plan.clerks().iter().find(|known| Some(known.id) == clerk).map(|known| &known.services);
        skills.is_none_or(|skills| skills.is_empty() || skills.contains(&service))
    }

    /// What a window would serve with this clerk: what it was given of what the clerk can do. Who can do
    /// nothing of what comes first does what is usual at the window.
    pub(super) fn with_clerk(
        &self,
        window: WindowId,
        clerk: Option<ClerkId>,
    ) -> (Vec<ServiceId>, Vec<ServiceId>) {
        let (mut first, mut second) = self.given(window);
        first.retain(|service| self.can(clerk, *service));
        second.retain(|service| self.can(clerk, *service));
        if first.is_empty() {
            first = self.usual(window);
            first.retain(|service| self.can(clerk, *service));
            second.retain(|service| !first.contains(service));
        }
        (first, second)
    }

    /// What a window serves first, and what else.
    pub(super) fn allocation(&self, window: WindowId) -> (Vec<ServiceId>, Vec<ServiceId>) {
        self.with_clerk(window, self.clerk(window))
    }

    /// Who is there, if the window was given the service and who is there cannot do it.
    pub(super) fn who_cannot(&self, window: WindowId, service: ServiceId) -> Option<ClerkId> {
        let (first, second) = self.given(window);
        let given = first.contains(&service) || second.contains(&service);
        self.clerk(window).filter(|clerk| given && !self.can(Some(*clerk), service))
    }

    pub(super) fn serves(&self, window: WindowId, service: ServiceId) -> bool {
        let (primary, backup) = self.allocation(window);
        primary.contains(&service) || backup.contains(&service)
    }

    /// Who is to be called at a window, and why.
    pub(super) fn next_at(&self, window: WindowId) -> Option<(usize, CallReason)> {
        let (primary, backup) = self.allocation(window);
        let services = primary.iter().map(|service| (*service, false));
        let services = services.chain(backup.iter().map(|service| (*service, true)));
        let mut heads: Vec<Head> =
            services.filter_map(|(service, backup)| self.head(service, backup)).collect();
        let alone = self.first(|card| card.place == Place::QueueOf(window));
        // Before its slot an appointment is called only while nobody else is there.
        if alone.is_some() || heads.iter().any(|head| !head.is_early) {
            heads.retain(|head| !head.is_early);
        }
        if self.goes_by_service_level() {
            return self.weighed(window, &heads, alone);
        }
        let all: Vec<Waiting> = heads.iter().map(|head| head.first).collect();
        let heads = self.of_their_turn(heads, alone);
        let oldest = heads.iter().map(|head| head.first).chain(alone).min()?;
        if let Some(promised) = heads.iter().filter_map(|head| head.by_slot).min() {
            let slot = self.cards[promised.2].slot?;
            return Some((promised.2, CallReason::Appointment { slot, passing: promised != oldest }));
        }
        let (_, _, card) = oldest;
        if self.goes_by() == Routing::Accumulating && !self.starves(oldest) {
            let (card, why) = self.most_credit(&heads, all.len(), alone, oldest)?;
            let slot = self.cards[card].slot.filter(|_| self.cards[card].keeps_slot());
            let by_slot = slot.map(|slot| CallReason::Appointment { slot, passing: false });
            return Some((card, by_slot.unwrap_or(why)));
        }
        let by_class =
            |head: &Head| head.of_class.filter(|_| head.may_pass && self.goes_by() == Routing::Priority);
        let passing = heads.iter().filter_map(by_class).min();
        if let Some((_, _, passing)) = passing
            && !self.cards[card].class.is_priority()
        {
            return Some((passing, CallReason::Priority { class: self.cards[passing].class }));
        }
        if self.cards[card].keeps_slot() {
            let slot = self.cards[card].slot?;
            return Some((card, CallReason::Appointment { slot, passing: false }));
        }
        Some((card, self.by_seniority(oldest, &heads, &all, alone)))
    }

    /// Why the oldest is called when that is by its age: for a backup service whose turn it is, or of those
    /// services that had nobody older.
    pub(super) fn by_seniority(
        &self,
        oldest: Waiting,
        heads: &[Head],
        all: &[Waiting],
        alone: Option<Waiting>,
    ) -> CallReason {
        if let Some(over_minutes) = self.helps(oldest, heads, alone) {
            return CallReason::Backup { over_minutes };
        }
        let services = all.iter().filter(|first| **first >= oldest).count();
        CallReason::Oldest { services: u16::try_from(services).unwrap() }
    }

    /// By how many minutes the first of a backup service is over its target, if the window helps with it.
    pub(super) fn helps(&self, first: Waiting, heads: &[Head], alone: Option<Waiting>) -> Option<i32> {
        let backup = heads.iter().find(|head| head.is_backup && head.first == first)?;
        let over_ms = self.over_ms(backup.service, first);
        let own = alone.is_some() || heads.iter().any(|head| !head.is_backup);
        (over_ms > 0 || !own).then(|| i32::try_from(over_ms.div_euclid(60_000)).unwrap())
    }

    pub(super) fn starves(&self, (at, _, _): Waiting) -> bool {
        self.now.at.unix_ms() - at.unix_ms() >= i64::from(self.plan().policy().starvation_minutes) * 60_000
    }

    /// A backup service's turn is when it is late, or when nobody waits for the others.
    pub(super) fn of_their_turn(&self, mut heads: Vec<Head>, alone: Option<Waiting>) -> Vec<Head> {
        if alone.is_some() || heads.iter().any(|head| !head.is_backup) {
            let late = |head: &Head| self.over_ms(head.service, head.first) > 0 || self.starves(head.first);
            heads.retain(|head| !head.is_backup || late(head));
        }
        heads
    }

    fn head(&self, service: ServiceId, is_backup: bool) -> Option<Head> {
        let queued = self.first(|card| card.queues_for(service));
        let slot =
            self.first(|card| (card.place, card.service) == (Place::Queue, service) && card.keeps_slot());
        let due = slot.filter(|(at, _, _)| *at <= self.now.at);
        let early = slot.filter(|(at, _, _)| *at > self.now.at);
        let later = self.cards.iter().filter(|c| matches!(c.place, Place::Later(_)) && c.service == service);
        let later = later.min_by_key(|card| card.moved);
        let later = later.map(|card| (card.since, card.id, self.place_of(card.id)));
        let waiting = queued.into_iter().chain(due).min();
        let by_class = self.first(|card| card.queues_for(service) && card.class.is_priority());
        Some(Head {
            service,
            is_backup,
            first: waiting.or(early).or(later)?,
            is_early: waiting.is_none() && early.is_some(),
            of_class: by_class,
            may_pass: self.may_pass_by_class(service),
            by_slot: due.filter(|_| self.may_pass_by_slot(service)),
        })
    }

    /// Whether the quota of a service lets one of a priority class pass now.
    pub(super) fn may_pass_by_class(&self, service: ServiceId) -> bool {
        may_pass(&self.since_pass, service, self.plan().policy().priority_quota)
    }

    fn may_pass_by_slot(&self, service: ServiceId) -> bool {
        may_pass(&self.since_slot, service, self.plan().policy().appointment_quota.max(2))
    }

    /// How long somebody has waited beyond the target of the service.
    pub(super) fn over_ms(&self, service: ServiceId, (at, _, _): Waiting) -> i64 {
        let target = self.plan().service(service).map_or(0, |service| service.target_minutes);
        self.now.at.unix_ms() - at.unix_ms() - i64::from(target) * 60_000
    }

    /// A call counts for who may pass next.
    pub(super) fn count_call(&mut self, service: ServiceId, why: &CallReason) {
        let [by_class, by_slot] = [&mut self.since_pass, &mut self.since_slot];
        let passed = match why {
            CallReason::Priority { .. } => Some(by_class),
            CallReason::Appointment { passing: true, .. } => Some(by_slot),
            CallReason::Oldest { .. }
            | CallReason::Credit { .. }
            | CallReason::Target { .. }
            | CallReason::Backup { .. }
            | CallReason::Appointment { .. } => {
                for (_, calls) in by_class.iter_mut().chain(by_slot).filter(|(of, _)| *of == service) {
                    *calls += 1;
                }
                None
            }
            _ => None,
        };
        if let Some(since) = passed {
            since.retain(|(of, _)| *of != service);
            since.push((service, 0));
        }
    }
}

fn may_pass(since: &[(ServiceId, u16)], service: ServiceId, quota: u16) -> bool {
    since.iter().find(|(of, _)| *of == service).is_none_or(|(_, calls)| *calls + 1 >= quota)
}
