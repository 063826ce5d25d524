//! The balancer. What it finds, foretells and advises is its own weighing, which the reference takes as it
//! was told; when it may look, what becomes of its proposals, and whom its moves call, the reference says.

use hall_core::command::Choice;
use hall_core::event::{
    AcceptedPart, Advice, Cause, Effect, Event, LapseReason, Managed, Proposal, ProposalId, Reallocation,
    Reviewed, Rule, Services, Stamped,
};
use hall_core::plan::Balance;
use hall_core::refusal::{Answered, Refusal};
use hall_core::time::HallTime;
use hall_protocol::id::{ServiceId, WindowId};
use hall_protocol::payload::WindowMode;

use super::Reference;

const MINUTE_MS: i64 = 60_000;

/// What the reference knows of it.
#[derive(Clone, Debug, Default)]
pub(super) struct Balancer {
    /// As the manager has set it.
    pub(super) set: Option<Balance>,
    /// What nobody has answered.
    open: Vec<Proposal>,
    /// How others were answered, which windows they moved, and which of these were moved back.
    answered: Vec<(ProposalId, Answered, Vec<WindowId>, Vec<WindowId>)>,
    /// Of which a part was accepted, and the rest was not.
    in_part: Vec<ProposalId>,
    given: u32,
    looked_at: Option<HallTime>,
    /// A service that no more windows than this can do is rare,
    pub(super) rare_windows: u32,
    /// and so many can do each.
    able: Vec<(ServiceId, u32)>,
}

impl Balancer {
    /// What is open, and what was found, is of yesterday.
    pub(super) fn begin_day(&mut self) {
        self.open.clear();
        (self.looked_at, self.rare_windows) = (None, 0);
        self.able.clear();
    }

    /// What is open is about a hall that is no more.
    pub(super) fn overtake(&mut self) {
        self.open.clear();
    }

    /// A proposal is answered so; that is remembered of the last ones.
    fn answer(&mut self, proposal: &Proposal, how: Answered) {
        let windows = match &proposal.advice {
            Advice::Reallocate { moves } => moves.iter().map(|it| it.window).collect(),
            Advice::StopIssuing { .. } | Advice::LookAfter => Vec::new(),
        };
        self.open.retain(|open| open.id != proposal.id);
        self.answered.push((proposal.id, how, windows, Vec::new()));
    }

    /// The change of the window is undone, which was by this proposal, if by one.
    pub(super) fn take_back(&mut self, window: WindowId, by: Option<ProposalId>) {
        let Some(it) = self.answered.iter_mut().find(|(id, ..)| Some(*id) == by) else { return };
        let (_, how, windows, undone) = it;
        undone.push(window);
        if windows.iter().all(|window| undone.contains(window)) {
            *how = Answered::Undone;
        }
    }

    /// Which windows a proposal moved that was done, and which of them were moved back; nothing when all were.
    #[allow(clippy::type_complexity)]
    pub(super) fn done(
        &self,
        proposal: ProposalId,
    ) -> Result<Option<(Vec<WindowId>, Vec<WindowId>)>, Refusal> {
        if proposal.get() == 0 || proposal.get() > self.given {
            return Err(Refusal::UnknownProposal { proposal });
        }
        // What nobody has answered is open, or has lapsed.
        let it = self.answered.iter().find(|(id, ..)| *id == proposal);
        let (_, how, moved, undone) = it.ok_or(Refusal::NothingDone { proposal })?;
        match how {
            Answered::Accepted | Answered::Stopped | Answered::Noted => {
                Ok(Some((moved.clone(), undone.clone())))
            }
            Answered::Undone => Ok(None),
            Answered::Rejected => Err(Refusal::ProposalAnswered { proposal, how: *how }),
        }
    }

    /// Whether this was accepted of the proposal before, and no more and no less.
    fn repeats(&self, proposal: ProposalId, only: Option<&Choice>) -> bool {
        let Some(only) = only else { return !self.in_part.contains(&proposal) };
        let sorted = |windows: &[WindowId]| {
            let mut windows = windows.to_vec();
            windows.sort();
            windows.dedup();
            windows
        };
        let moved =
            self.answered.iter().find(|(id, ..)| *id == proposal).map(|(_, _, moved, _)| sorted(moved));
        moved.is_some_and(|moved| !moved.is_empty() && moved == sorted(&only.windows))
    }

    pub(super) fn is_rare(&self, service: ServiceId) -> bool {
        let able = self.able.iter().find(|(of, _)| *of == service).map_or(0, |(_, able)| *able);
        able > 0 && able <= self.rare_windows
    }
}

impl Reference {
    fn balance(&self) -> Balance {
        self.balancer.set.unwrap_or(self.plan().policy().balance)
    }

    /// What the hall has decided by this rule.
    fn told_by(&self, rule: Rule) -> Vec<Event> {
        let by_rule = |stamped: &&Stamped| stamped.cause == Cause::Rule(rule);
        self.decided.iter().filter(by_rule).map(|stamped| stamped.event.clone()).collect()
    }

    /// The balancer's turn at a tick, when nothing else has happened by it.
    pub(super) fn balance_windows(&mut self) {
        let before = self.said.len();
        self.cause = Cause::Rule(Rule::Balancer);
        self.follow_up();
        if self.said.len() == before {
            self.review();
        }
        if self.said.len() == before {
            self.cause = Cause::Rule(Rule::ArmedNext);
            self.call_whom_windows_were_kept_from();
        }
    }

    /// Proposals lapse by time, or because the hall has changed; and what one foretold is assessed.
    fn follow_up(&mut self) {
        for Proposal { id: proposal, until, advice, .. } in self.balancer.open.clone() {
            let why = if self.now.at >= until {
                LapseReason::TimeOver
            } else if self.is_overtaken(&advice) {
                LapseReason::Overtaken
            } else {
                continue;
            };
            self.say(Event::Managed(Managed::ProposalLapsed { proposal, why }));
            self.balancer.open.retain(|open| open.id != proposal);
        }
        for event in self.told_by(Rule::Balancer) {
            if matches!(event, Event::Managed(Managed::ProposalAssessed { .. })) {
                self.say(event);
            }
        }
    }

    /// Whether a window it moves serves something else meanwhile, or may not be moved any more.
    fn is_overtaken(&self, advice: &Advice) -> bool {
        let Advice::Reallocate { moves } = advice else { return false };
        moves.iter().any(|it| {
            let (primary, backup) = self.allocation(it.window);
            let counter = self.counters.iter().find(|counter| counter.id == it.window);
            Services { primary, backup } != it.before || counter.is_none_or(|counter| counter.pinned)
        })
    }

    fn review(&mut self) {
        let is_time = self.balancer.looked_at.is_none_or(|at| self.now.at.ms_since(at) >= 120_000);
        let anybody = self.counters.iter().any(|counter| counter.mode != WindowMode::Closed);
        if self.balance() == Balance::Off || !is_time || !anybody {
            return;
        }
        let told = self.told_by(Rule::Balancer);
        let Some(Event::Reviewed(found)) = told.first() else {
            self.overlooked = Some("it is time for a review, and none was made".into());
            return;
        };
        self.say(Event::Reviewed(found.clone()));
        let Reviewed { able, rare_windows, .. } = found;
        let services = self.plan().services().to_vec();
        self.balancer.able = services.iter().map(|service| service.id).zip(able.iter().copied()).collect();
        (self.balancer.looked_at, self.balancer.rare_windows) = (Some(self.now.at), *rare_windows);
        let mut moves = Vec::new();
        for event in told {
            match event {
                Event::Managed(Managed::Proposed { proposal }) => moves.extend(self.proposed(*proposal)),
                // Nothing is to be seen there any more; the balancer knows.
                Event::Managed(Managed::ProposalLapsed { proposal, why: LapseReason::Overtaken }) => {
                    self.say(Event::Managed(Managed::ProposalLapsed {
                        proposal,
                        why: LapseReason::Overtaken,
                    }));
                    self.balancer.open.retain(|open| open.id != proposal);
                }
                _ => {}
            }
        }
        self.move_windows(&moves);
    }

    /// The windows it moves at once.
    fn proposed(&mut self, proposal: Proposal) -> Vec<(ProposalId, Reallocation)> {
        let Proposal { id, automatic, until, ref advice, .. } = proposal;
        let renews = self.balancer.open.iter().position(|open| open.id == id);
        let renews = renews.filter(|_| !matches!(advice, Advice::Reallocate { .. }));
        if renews.is_none() {
            self.balancer.given += 1;
        }
        let minutes = if automatic { 0 } else { 12 };
        let right = (renews.is_some() || id == ProposalId::new(self.balancer.given))
            && until == self.now.at.plus_ms(minutes * MINUTE_MS)
            && (!automatic || self.balance() == Balance::Auto)
            // In a hall that moves windows by itself the rest is only to be seen.
            && (automatic || self.balance() == Balance::Advise || !matches!(advice, Advice::Reallocate { .. }));
        if !right {
            self.overlooked = Some(format!("{proposal:?} is not to be proposed"));
        }
        self.say(Event::Managed(Managed::Proposed { proposal: Box::new(proposal.clone()) }));
        match (proposal.advice.clone(), renews) {
            (Advice::Reallocate { moves }, _) if automatic => {
                self.balancer.answer(&proposal, Answered::Accepted);
                return moves.into_iter().map(|it| (id, it)).collect();
            }
            (_, Some(place)) => self.balancer.open[place] = proposal,
            (_, None) => self.balancer.open.push(proposal),
        }
        Vec::new()
    }

    /// The windows of proposals. All look at the hall as it was before: one whose next is called by
    /// another of them stays as it is.
    fn move_windows(&mut self, moves: &[(ProposalId, Reallocation)]) {
        let before = self.clone();
        let mut taken = Vec::new();
        for (id, Reallocation { window, after, .. }) in moves {
            let (id, window) = (*id, *window);
            let known = |service: &ServiceId| self.plan().service(*service).is_some();
            if !after.primary.iter().chain(&after.backup).all(known) || after.primary.is_empty() {
                continue;
            }
            let (mut primary, mut backup): (Vec<ServiceId>, Vec<ServiceId>) = Default::default();
            for service in &after.primary {
                if !primary.contains(service) {
                    primary.push(*service);
                }
            }
            for service in &after.backup {
                if !primary.contains(service) && !backup.contains(service) {
                    backup.push(*service);
                }
            }
            // What it was given and this clerk cannot do stays for the next.
            let (first, second) = before.given(window);
            let cannot = |service: &ServiceId| before.who_cannot(window, *service).is_some();
            primary.extend(first.into_iter().filter(cannot));
            backup.extend(second.into_iter().filter(cannot));
            let mut then = before.clone();
            then.counter(window).allocation = Some((primary.clone(), backup.clone()));
            let call = then.next_at(window).filter(|_| before.is_armed(window));
            if call.as_ref().is_some_and(|(card, _)| taken.contains(card)) {
                continue;
            }
            let allocation = (primary.clone(), backup.clone());
            self.say(Event::Allocated { window, primary, backup, proposal: Some(id), undone: false });
            let counter = self.counter(window);
            counter.allocation = Some(allocation);
            counter.changes.push((before.given(window), Some(id)));
            if let Some((card, why)) = call {
                taken.push(card);
                self.call(card, window, why);
            }
        }
    }

    /// The calls of armed windows that were kept free until now: all look at the hall as it was before.
    fn call_whom_windows_were_kept_from(&mut self) {
        if self.balancer.rare_windows == 0 || !self.goes_by_service_level() {
            return;
        }
        let armed: Vec<WindowId> = self.armed.iter().map(|(window, _)| *window).collect();
        let calls: Vec<_> =
            armed.into_iter().filter_map(|window| Some((window, self.next_at(window)?))).collect();
        let mut taken = Vec::new();
        for (window, (card, why)) in calls {
            if !taken.contains(&card) {
                taken.push(card);
                self.call(card, window, why);
            }
        }
    }

    pub(super) fn set_balance(&mut self, balance: Balance) {
        if self.balance() == balance {
            return;
        }
        if balance == Balance::Off {
            for Proposal { id: proposal, .. } in std::mem::take(&mut self.balancer.open) {
                let why = LapseReason::TurnedOff;
                self.say(Event::Managed(Managed::ProposalLapsed { proposal, why }));
            }
        }
        self.say(Event::Managed(Managed::BalanceSet { balance }));
        self.balancer.set = Some(balance);
    }

    pub(super) fn reject(&mut self, proposal: ProposalId, reason: &str) -> Result<(), Refusal> {
        let open = match self.open_or_answered(proposal)? {
            Ok(open) => open,
            Err(Answered::Rejected) => return Ok(()),
            Err(how) => return Err(Refusal::ProposalAnswered { proposal, how }),
        };
        let reason = Some(reason.trim().to_owned()).filter(|reason| !reason.is_empty());
        let reason = reason.ok_or(Refusal::ReasonRequired)?;
        self.say(Event::Managed(Managed::ProposalRejected { proposal, reason }));
        self.balancer.answer(&open, Answered::Rejected);
        Ok(())
    }

    pub(super) fn accept(&mut self, proposal: ProposalId, only: Option<&Choice>) -> Result<(), Refusal> {
        let mut open = match self.open_or_answered(proposal)? {
            Ok(open) => open,
            Err(Answered::Accepted | Answered::Stopped | Answered::Noted)
                if self.balancer.repeats(proposal, only) =>
            {
                return Ok(());
            }
            Err(how) => return Err(Refusal::ProposalAnswered { proposal, how }),
        };
        let part = match (&mut open.advice, only) {
            (Advice::Reallocate { moves }, Some(only)) => {
                let all: Vec<WindowId> = moves.iter().map(|it| it.window).collect();
                if only.windows.is_empty() || only.windows.iter().any(|window| !all.contains(window)) {
                    return Err(Refusal::NotItsWindows { proposal, windows: all });
                }
                moves.retain(|it| only.windows.contains(&it.window));
                (moves.len() < all.len()).then(|| AcceptedPart {
                    windows: moves.iter().map(|it| it.window).collect(),
                    reason: only.reason.trim().to_owned(),
                    // What is foretold is the balancer's own weighing.
                    effects: self.foretold_of_part(),
                })
            }
            (_, Some(_)) => return Err(Refusal::NotItsWindows { proposal, windows: Vec::new() }),
            (_, None) => None,
        };
        let Proposal { until, advice, .. } = open.clone();
        if self.now.at >= until || self.is_overtaken(&advice) {
            return Err(Refusal::UnknownProposal { proposal });
        }
        if part.as_ref().is_some_and(|part| part.reason.is_empty()) {
            return Err(Refusal::ReasonRequired);
        }
        if let (Advice::Reallocate { moves }, Some(Refusal::HeldBack { window, rail })) =
            (&advice, &self.refused)
            && moves.iter().any(|it| it.window == *window)
        {
            // The rails are measured by the balancer.
            return Err(Refusal::HeldBack { window: *window, rail: *rail });
        }
        self.balancer.in_part.extend(part.as_ref().map(|_| proposal));
        self.say(Event::Managed(Managed::ProposalAccepted { proposal, part }));
        let how = match open.advice {
            Advice::Reallocate { .. } => Answered::Accepted,
            Advice::StopIssuing { .. } => Answered::Stopped,
            Advice::LookAfter => Answered::Noted,
        };
        self.balancer.answer(&open, how);
        match advice {
            Advice::Reallocate { moves } => {
                let moves: Vec<_> = moves.into_iter().map(|it| (proposal, it)).collect();
                self.move_windows(&moves);
            }
            Advice::StopIssuing { service } => self.stop_or_resume(service, true)?,
            Advice::LookAfter => {}
        }
        Ok(())
    }

    /// What the hall has foretold of a part of a proposal, if it has.
    fn foretold_of_part(&self) -> Vec<Effect> {
        let effects = self.decided.iter().find_map(|stamped| match &stamped.event {
            Event::Managed(Managed::ProposalAccepted { part, .. }) => Some(part.as_ref()?.effects.clone()),
            _ => None,
        });
        effects.unwrap_or_default()
    }

    fn open_or_answered(&self, proposal: ProposalId) -> Result<Result<Proposal, Answered>, Refusal> {
        let open = self.balancer.open.iter().find(|open| open.id == proposal).cloned();
        let answered = self.balancer.answered.iter().find(|(id, ..)| *id == proposal);
        let known = open.map(Ok).or_else(|| answered.map(|(_, how, ..)| Err(*how)));
        known.ok_or(Refusal::UnknownProposal { proposal })
    }
}
