//! What the manager and the balancer have set, proposed and answered, and what came of it.
//!
//! All of it follows from events, like the rest of the state. What may be proposed is decided in
//! [`crate::balance`], what the manager may order in `decide/manage.rs`.

mod told;
mod undoable;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use hall_protocol::id::{GroupId, ServiceId, WindowId};
use serde::{Deserialize, Serialize};

use super::Hall;
use crate::event::{
    AcceptedPart, Advice, Event, Finding, LapseReason, Managed, Proposal, ProposalId, Range, Reallocation,
};
use crate::plan::{Balance, Plan, Routing};
use crate::time::HallTime;
use crate::window::Change;

pub use self::told::{Assessment, LeftOut, Record, Standing, Told, Verdict};
pub use self::undoable::Undoable;

/// For so long after a proposal took effect, those who come are counted against what it foretold.
pub(crate) const FORESEEN_MS: u64 = 30 * 60_000;
/// Proposals remembered for the manager: two screens of them.
const TOLD_MAX: usize = 40;
/// Forecasts followed up at once: of so many services by one proposal, or fewer by several.
const TRIALS_MAX: usize = 1_024;
/// What was rejected or undone is not proposed again for so long, and what the manager gave a window is not
/// changed without asking. A move of the balancer that the manager took back is not repeated without asking
/// for the rest of the day: of an order there is more to know than of a proposal nobody tried.
const QUIET_AFTER_NO_MS: i64 = 60 * 60_000;
/// What nobody answered, and what somebody has gone to see, is left alone for so long.
const QUIET_MS: i64 = 30 * 60_000;
/// Moves are counted over this time.
const HOUR_MS: u64 = 3_600_000;
/// Longer than what is left of any day.
const DAY_MS: i64 = 25 * 3_600_000;

/// What a proposal is about: of one subject there is one proposal at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Subject {
    /// Moving this window.
    Move(WindowId),
    /// Moving this window without asking.
    MoveUnasked(WindowId),
    /// Moving windows for a service that misses its target.
    Target(ServiceId),
    /// That a service misses its target.
    Missed(ServiceId),
    /// That a service cannot be finished.
    Closing(ServiceId),
    /// That a clerk is slow.
    Slow(WindowId),
    /// That a window does not call.
    NotCalling(WindowId),
    Unable(ServiceId),
}

/// A forecast that is being followed up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Trial {
    pub(crate) proposal: ProposalId,
    pub(crate) service: ServiceId,
    pub(crate) expected: Range,
    pub(crate) since: HallTime,
    /// Those who came since and were called: how many, and how long they waited together.
    pub(crate) tickets: u32,
    pub(crate) waited_ms: u64,
}

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Management {
    /// In the place of what the plan says.
    balance: Option<Balance>,
    routing: Option<Routing>,
    groups: BTreeMap<GroupId, Routing>,
    /// Services that give no more numbers today.
    pub(crate) stopped: BTreeSet<ServiceId>,
    /// The last proposals, the newest last.
    pub(crate) told: VecDeque<Told>,
    /// Proposals ever made: the last one's id.
    pub(crate) given: u32,
    /// What is not proposed before its time.
    quiet: Vec<(Subject, HallTime)>,
    /// The balancer's moves of the last hour.
    moves: VecDeque<(WindowId, HallTime)>,
    pub(crate) trials: Vec<Trial>,
    pub(crate) record: Record,
}

impl Management {
    /// What is for one day only ends with it.
    pub(super) fn begin_day(&mut self) {
        self.stopped.clear();
        self.quiet.clear();
        self.moves.clear();
        self.trials.clear();
        self.overtake();
    }

    /// What was set live holds until the plan says something else about it than it did.
    pub(super) fn adopt(&mut self, old: &Plan, new: &Plan) {
        let (before, after) = (old.policy(), new.policy());
        if before.balance != after.balance {
            self.balance = None;
        }
        if before.routing != after.routing {
            self.routing = None;
        }
        self.groups.retain(|id, _| {
            let of = |plan: &Plan| plan.group(*id).map(|group| group.routing);
            of(new).is_some() && of(old) == of(new)
        });
        self.stopped.retain(|service| new.service(*service).is_some());
        self.trials.retain(|trial| new.service(trial.service).is_some());
        self.overtake();
    }

    /// What is still open is about a hall that is no more.
    fn overtake(&mut self) {
        for told in self.told.iter_mut().filter(|told| told.standing == Standing::Open) {
            told.standing = Standing::Lapsed { why: LapseReason::Overtaken };
            self.record.lapsed += 1;
        }
    }

    /// The proposals nobody has answered.
    pub(crate) fn open(&self) -> impl Iterator<Item = &Proposal> {
        self.told.iter().filter(|told| told.standing == Standing::Open).map(|told| &told.proposal)
    }

    /// Whether nothing is to be proposed about `subject` now.
    pub(crate) fn is_quiet(&self, subject: Subject, at: HallTime) -> bool {
        self.is_hushed(subject, at) || self.is_told(subject)
    }

    /// Whether `subject` is to be left alone now, whatever is proposed about it.
    pub(crate) fn is_hushed(&self, subject: Subject, at: HallTime) -> bool {
        self.quiet.iter().any(|(quiet, until)| *quiet == subject && at < *until)
    }

    /// Whether the manager is told of `subject` at this moment.
    pub(crate) fn is_told(&self, subject: Subject) -> bool {
        self.open().any(|it| subjects(&it.finding, &it.advice).any(|told| told == subject))
    }

    /// How often the balancer moved each window in the last hour, of those it moved.
    pub(crate) fn moves_in_hour(&self, at: HallTime) -> BTreeMap<WindowId, usize> {
        let mut moves = BTreeMap::new();
        for (window, _) in self.moves.iter().filter(|(_, moved)| at.ms_since(*moved) < HOUR_MS) {
            *moves.entry(*window).or_default() += 1;
        }
        moves
    }

    /// Until then, or longer if that was said before.
    fn keep_quiet(&mut self, subjects: Vec<Subject>, until: HallTime, at: HallTime) {
        self.quiet
            .retain(|(subject, before)| at < *before && !(subjects.contains(subject) && *before < until));
        let new = subjects.into_iter().filter(|new| self.quiet.iter().all(|(subject, _)| subject != new));
        let new: Vec<Subject> = new.collect();
        self.quiet.extend(new.into_iter().map(|subject| (subject, until)));
    }

    /// A proposal is answered so.
    fn answer(&mut self, id: ProposalId, standing: Standing, quiet_ms: Option<i64>, at: HallTime) {
        let Some(told) = self.told.iter_mut().find(|told| told.proposal.id == id) else { return };
        told.standing = standing;
        let subjects = subjects(&told.proposal.finding, &told.proposal.advice).collect();
        if let Some(ms) = quiet_ms {
            self.keep_quiet(subjects, at.plus_ms(ms), at);
        }
    }

    /// Of a proposal only a part is done. The other windows are left alone as after a rejection.
    fn keep_part(&mut self, id: ProposalId, part: &AcceptedPart, at: HallTime) {
        let Some(told) = self.told.iter_mut().find(|told| told.proposal.id == id) else { return };
        let Advice::Reallocate { moves } = &mut told.proposal.advice else { return };
        let is_left_out = |it: &Reallocation| !part.windows.contains(&it.window);
        let windows: Vec<WindowId> = moves.iter().filter(|it| is_left_out(it)).map(|it| it.window).collect();
        moves.retain(|it| !is_left_out(it));
        told.proposal.effects.clone_from(&part.effects);
        let subjects = windows.iter().copied().map(Subject::Move).collect();
        told.left_out = Some(LeftOut { windows, reason: part.reason.clone() });
        self.keep_quiet(subjects, at.plus_ms(QUIET_AFTER_NO_MS), at);
    }

    /// Follow up all that a proposal foretold, now that it is done. What an older one foretold goes on being
    /// held to what happens, though a newer one changes that: it was said.
    fn begin_trials(&mut self, id: ProposalId, at: HallTime) {
        let proposal = self.told.iter().find(|told| told.proposal.id == id).map(|told| &told.proposal);
        let effects = proposal.map_or(&[][..], |proposal| proposal.effects.as_slice());
        let room = TRIALS_MAX.saturating_sub(self.trials.len());
        self.trials.extend(effects.iter().take(room).map(|effect| Trial {
            proposal: id,
            service: effect.service,
            expected: effect.after,
            since: at,
            tickets: 0,
            waited_ms: 0,
        }));
    }

    fn assess(&mut self, id: ProposalId, service: ServiceId, assessment: Assessment) {
        self.trials.retain(|trial| (trial.proposal, trial.service) != (id, service));
        // Of one that is not remembered any more only the range is known.
        let mut verdict =
            assessment.within().map(|within| if within { Verdict::AsForetold } else { Verdict::Otherwise });
        if let Some(told) = self.told.iter_mut().find(|told| told.proposal.id == id) {
            told.assessments.push((service, assessment));
            verdict = told.judge(service, assessment);
        }
        if let Some(verdict) = verdict {
            self.record.assessed += 1;
            self.record.within += u32::from(verdict == Verdict::AsForetold);
            self.record.error_s += u64::from(assessment.seen_s.abs_diff(assessment.expected.mean_s));
        }
    }

    /// A proposal is made, or a notice told again.
    fn tell(&mut self, proposal: Proposal, at: HallTime) {
        if let Some(told) = self.told.iter_mut().find(|told| told.proposal.id == proposal.id) {
            told.proposal = proposal;
            return;
        }
        self.given = self.given.max(proposal.id.get());
        self.record.proposed += 1;
        let id = proposal.id;
        let automatic = proposal.automatic;
        let standing = if automatic { Standing::Automatic } else { Standing::Open };
        if self.told.len() == TOLD_MAX
            && let Some(oldest) = self.told.iter().position(|told| told.standing != Standing::Open)
        {
            self.told.remove(oldest);
        }
        let (assessments, undone) = (Vec::new(), Vec::new());
        self.told.push_back(Told { proposal, at, standing, assessments, undone, left_out: None });
        if automatic {
            self.record.automatic += 1;
            self.begin_trials(id, at);
        }
    }

    /// A window was given something by a proposal or an order; or its `last` change was undone.
    fn allocated(
        &mut self,
        window: WindowId,
        proposal: Option<ProposalId>,
        last: Option<&Change>,
        at: HallTime,
    ) {
        if proposal.is_some() {
            while self.moves.front().is_some_and(|(_, moved)| at.ms_since(*moved) >= HOUR_MS) {
                self.moves.pop_front();
            }
            self.moves.push_back((window, at));
        }
        let until = at.plus_ms(QUIET_AFTER_NO_MS);
        if let Some(last) = last {
            self.take_back(window, last.proposal);
            self.keep_quiet(vec![Subject::Move(window)], until, at);
            if last.proposal.is_some() {
                // All of it ends with the day.
                self.keep_quiet(vec![Subject::MoveUnasked(window)], at.plus_ms(DAY_MS), at);
            }
        } else if proposal.is_none() {
            // What the manager orders stays so unless the manager agrees to something else.
            self.keep_quiet(vec![Subject::MoveUnasked(window)], until, at);
        }
    }

    /// The move of this window by the proposal is undone: that of other windows by the same one is not, and goes
    /// on being held to what it foretold.
    fn take_back(&mut self, window: WindowId, proposal: Option<ProposalId>) {
        let Some(id) = proposal else { return };
        let Some(told) = self.told.iter_mut().find(|told| told.proposal.id == id) else { return };
        self.record.undone += u32::from(told.undone.is_empty());
        told.undone.push(window);
        let undone = &told.undone;
        if told.proposal.moves().all(|(moved, ..)| undone.contains(&moved)) {
            told.standing = Standing::Undone;
            self.trials.retain(|trial| trial.proposal != id);
        }
    }
}

/// What a proposal is about.
pub(crate) fn subjects(finding: &Finding, advice: &Advice) -> impl Iterator<Item = Subject> {
    let moves = match advice {
        Advice::Reallocate { moves } => moves.as_slice(),
        Advice::StopIssuing { .. } | Advice::LookAfter => &[],
    };
    let found = match finding {
        Finding::WillMissTarget { service, .. } if moves.is_empty() => Some(Subject::Missed(*service)),
        Finding::WillMissTarget { service, .. } | Finding::Idle { service, .. } => {
            Some(Subject::Target(*service))
        }
        Finding::CannotFinish { service, .. } => Some(Subject::Closing(*service)),
        Finding::SlowClerk { window, .. } => Some(Subject::Slow(*window)),
        Finding::NotCalling { window, .. } => Some(Subject::NotCalling(*window)),
        Finding::NobodyAble { service, .. } => Some(Subject::Unable(*service)),
        Finding::SkillsUnused => None,
    };
    found.into_iter().chain(moves.iter().map(|it| Subject::Move(it.window)))
}

impl Hall {
    /// The windows that the balancer leaves as they are, for what the manager said or is asked of them.
    pub(crate) fn left_alone(&self, at: HallTime) -> BTreeSet<WindowId> {
        let unasked = self.balance() == Balance::Auto;
        let hushed = self.management.quiet.iter().filter(|(_, until)| at < *until);
        let hushed = hushed.filter_map(|(subject, _)| match subject {
            Subject::Move(window) => Some(*window),
            Subject::MoveUnasked(window) if unasked => Some(*window),
            _ => None,
        });
        let asked = self.management.open().flat_map(Proposal::moves).map(|(window, ..)| window);
        hushed.chain(asked).collect()
    }

    /// What the balancer may do: as set live, else as the plan says.
    pub(crate) fn balance(&self) -> Balance {
        self.management.balance.unwrap_or(self.plan.policy().balance)
    }

    /// Who is called next of services in no group.
    pub(crate) fn routing(&self) -> Routing {
        self.management.routing.unwrap_or(self.plan.policy().routing)
    }

    /// Who is called next of the group.
    pub(crate) fn routing_of_group(&self, group: &crate::plan::Group) -> Routing {
        self.management.groups.get(&group.id).copied().unwrap_or(group.routing)
    }

    /// Take over what the manager and the balancer do, before it changes the rest of the state.
    pub(super) fn manage(&mut self, event: &Event, at: HallTime) {
        let management = &mut self.management;
        match event {
            Event::Managed(Managed::Proposed { proposal }) => management.tell((**proposal).clone(), at),
            Event::Managed(Managed::ProposalAccepted { proposal, part }) => {
                management.record.accepted += 1;
                if let Some(part) = part {
                    management.keep_part(*proposal, part, at);
                }
                management.answer(*proposal, Standing::Accepted, Some(QUIET_MS), at);
                management.begin_trials(*proposal, at);
            }
            Event::Managed(Managed::ProposalRejected { proposal, reason }) => {
                management.record.rejected += 1;
                let standing = Standing::Rejected { reason: reason.clone() };
                management.answer(*proposal, standing, Some(QUIET_AFTER_NO_MS), at);
            }
            Event::Managed(Managed::ProposalLapsed { proposal, why }) => {
                management.record.lapsed += 1;
                // A notice comes again when its trouble does.
                let moves = management.open().any(|it| it.id == *proposal && it.moves().next().is_some());
                let quiet_ms = (*why == LapseReason::TimeOver && moves).then_some(QUIET_MS);
                management.answer(*proposal, Standing::Lapsed { why: *why }, quiet_ms, at);
            }
            Event::Managed(Managed::ProposalAssessed { proposal, service, expected, seen_s, tickets }) => {
                let assessment = Assessment { expected: *expected, seen_s: *seen_s, tickets: *tickets };
                management.assess(*proposal, *service, assessment);
            }
            Event::Allocated { window, proposal, undone, .. } => {
                let place = self.plan.window_index(*window).filter(|_| *undone);
                let last = place.and_then(|place| self.windows.get(place)?.changes.last());
                management.allocated(*window, proposal.filter(|_| !undone), last, at);
            }
            Event::Managed(Managed::BalanceSet { balance }) => management.balance = Some(*balance),
            Event::Managed(Managed::RoutingSet { group: None, routing }) => {
                management.routing = Some(*routing);
            }
            Event::Managed(Managed::RoutingSet { group: Some(group), routing }) => {
                management.groups.insert(*group, *routing);
            }
            Event::Managed(Managed::IssuingStopped { service }) => drop(management.stopped.insert(*service)),
            Event::Managed(Managed::IssuingResumed { service }) => drop(management.stopped.remove(service)),
            Event::Called { ticket, .. } => {
                // Who is called again has waited once already.
                let called = self.tickets.get(*ticket).filter(|ticket| ticket.called_at.is_none());
                let Some(ticket) = called else { return };
                let came = |trial: &&mut Trial| {
                    trial.service == ticket.service
                        && ticket.standing >= trial.since
                        && ticket.standing.ms_since(trial.since) < FORESEEN_MS
                };
                for trial in management.trials.iter_mut().filter(came) {
                    trial.tickets += 1;
                    trial.waited_ms += at.ms_since(ticket.standing);
                }
            }
            _ => {}
        }
    }
}
