//! The `accumulating` and `service_level` policies.
//!
//! Credit is computed. Which of a window's services does most against the targets is the policy's own
//! weighing; but in each service it may call only one, and for one reason, and some before all others: it
//! must have called one of those.

use hall_core::event::{CallReason, Event};
use hall_core::plan::Routing;
use hall_protocol::id::{ServiceId, WindowId};

use super::queues::Waiting;
use super::routing::Head;
use super::{Card, Reference};

impl Reference {
    pub(super) fn goes_by(&self) -> Routing {
        self.routing.unwrap_or(self.plan().policy().routing)
    }

    pub(super) fn goes_by_service_level(&self) -> bool {
        self.goes_by() == Routing::ServiceLevel
    }

    /// Who has the most credit: that of an ordinary ticket grows more slowly, and so does that of a priority
    /// class which may not pass `oldest` now.
    pub(super) fn most_credit(
        &self,
        heads: &[Head],
        all_heads: usize,
        alone: Option<Waiting>,
        oldest: Waiting,
    ) -> Option<(usize, CallReason)> {
        let ordinary = u64::from(self.plan().policy().ordinary_credit_permille.min(1_000));
        let is_priority = |waiting: Waiting| self.cards[waiting.2].class.is_priority();
        let mut all = Vec::new();
        for head in heads {
            let passing = head.of_class.filter(|_| head.may_pass);
            let may = head.first == oldest || passing == Some(head.first);
            all.push((head.first, may && is_priority(head.first)));
            all.extend(passing.map(|passing| (passing, true)));
        }
        let alone_may =
            |alone: Waiting| alone == oldest || self.may_pass_by_class(self.cards[alone.2].service);
        all.extend(alone.map(|alone| (alone, is_priority(alone) && alone_may(alone))));
        let credit = |(waiting, fast): (Waiting, bool)| {
            self.now.at.ms_since(waiting.0) * if fast { 1_000 } else { ordinary }
        };
        all.sort_by_key(|one| (std::cmp::Reverse(credit(*one)), one.0));
        let best = all.first()?.0;
        let class = self.cards[best.2].class;
        let passes = is_priority(best) && best != oldest && !is_priority(oldest);
        let services = u16::try_from(all_heads).unwrap();
        let why =
            if passes { CallReason::Priority { class } } else { CallReason::Credit { class, services } };
        Some((best.2, why))
    }

    /// Whom the hall has called at the window, if it may be called now; whom it may have called, if not.
    pub(super) fn weighed(
        &self,
        window: WindowId,
        heads: &[Head],
        alone: Option<Waiting>,
    ) -> Option<(usize, CallReason)> {
        let called = self.decided.iter().find_map(|stamped| match &stamped.event {
            Event::Called { ticket, window: at, why, .. } if *at == window => Some((*ticket, why.clone())),
            _ => None,
        });
        let may_keep: Vec<usize> =
            (0..heads.len()).filter(|head| self.may_be_kept_from(&heads[*head])).collect();
        let mut first = None;
        for kept in 0..1_usize << may_keep.len() {
            let is_kept = |head: usize| {
                may_keep.iter().position(|it| *it == head).is_some_and(|bit| (kept >> bit) & 1 == 1)
            };
            let left = heads.iter().enumerate().filter(|(nth, _)| !is_kept(*nth)).map(|(_, head)| *head);
            let left = self.of_their_turn(left.collect(), alone);
            let all: Vec<Waiting> = heads.iter().map(|head| head.first).collect();
            let choices = self.choices(&left, &all, alone);
            let right = choices.iter().find(|(card, why)| {
                called.as_ref().is_some_and(|(ticket, told)| (self.cards[*card].id, why) == (*ticket, told))
            });
            if let Some(right) = right {
                return Some(right.clone());
            }
            if choices.is_empty() && called.is_none() {
                return None;
            }
            first = first.or_else(|| choices.first().cloned());
        }
        first
    }

    /// Whether an idle window may leave these waiting for the sake of rarer services.
    fn may_be_kept_from(&self, head: &Head) -> bool {
        let plan = self.plan();
        let starves_ms = u64::from(plan.policy().starvation_minutes) * 60_000;
        self.balancer.rare_windows > 0
            && plan.policy().armed_next
            && !self.balancer.is_rare(head.service)
            && head.of_class.is_none()
            && head.by_slot.is_none()
            && self.now.at.ms_since(head.first.0) < starves_ms
    }

    fn choices(&self, heads: &[Head], all: &[Waiting], alone: Option<Waiting>) -> Vec<(usize, CallReason)> {
        let services = u16::try_from(all.len()).unwrap();
        let Some(oldest) = heads.iter().map(|head| head.first).chain(alone).min() else { return Vec::new() };
        if let Some(promised) = heads.iter().filter_map(|head| head.by_slot).min() {
            let slot = self.cards[promised.2].slot.expect("who is called by it has one");
            let passing = promised != oldest;
            return vec![(promised.2, CallReason::Appointment { slot, passing })];
        }
        let by_its_slot = |card: usize, why: CallReason| match self.cards[card] {
            Card { slot: Some(slot), .. } if self.cards[card].keeps_slot() => {
                (card, CallReason::Appointment { slot, passing: false })
            }
            _ => (card, why),
        };
        let by_seniority = by_its_slot(oldest.2, self.by_seniority(oldest, heads, all, alone));
        if Some(oldest) == alone {
            return vec![by_seniority];
        }
        let of_service = |head: &Head| {
            let (_, _, card) = head.first;
            if let Some((_, _, passing)) = head.of_class
                && head.may_pass
                && !self.cards[card].class.is_priority()
            {
                return (passing, CallReason::Priority { class: self.cards[passing].class });
            }
            let over_minutes = self.over_ms(head.service, head.first).div_euclid(60_000);
            let over_minutes = i32::try_from(over_minutes).unwrap();
            let by_target = CallReason::Target { over_minutes, services };
            let helps = self.helps(head.first, heads, alone);
            by_its_slot(card, helps.map_or(by_target, |over_minutes| CallReason::Backup { over_minutes }))
        };
        // Of so many calls one is for who starves.
        heads.iter().map(of_service).chain(self.starves(oldest).then_some(by_seniority)).collect()
    }

    /// At which of these armed windows somebody who begins to wait for the service is called: the one armed
    /// first, or by service level the one the hall has chosen, if it may.
    pub(super) fn armed_for<P>(
        &self,
        card: usize,
        service: ServiceId,
        fresh: bool,
        suits: Vec<(WindowId, P)>,
    ) -> Option<(WindowId, P)> {
        let ticket = self.cards[card].id;
        if self.plan().service(service).is_none() || !self.goes_by_service_level() {
            return suits.into_iter().next();
        }
        let told = self.decided.iter().find_map(|stamped| match &stamped.event {
            Event::Called { ticket: of, window, why: CallReason::Armed { .. }, .. } if *of == ticket => {
                Some(*window)
            }
            _ => None,
        });
        let may_wait = fresh && self.balancer.rare_windows > 0 && !self.cards[card].class.is_priority();
        match told {
            None if may_wait => None,
            None => suits.into_iter().next(),
            Some(told) => suits.into_iter().find(|(window, _)| *window == told),
        }
    }
}
