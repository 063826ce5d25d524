//! The balancer's turn: look at the whole hall, then move windows or propose to; and afterwards see
//! what came of it.

use super::window_keys::Moment;
use crate::balance::{self, Draft, Look, Review, guard};
use crate::event::{
    Advice, Cause, Event, LapseReason, Managed, Proposal, ProposalId, Reallocation, Reviewed, Rule, Stamped,
};
use crate::hall::{FORESEEN_MS, Hall};
use crate::plan::Balance;
use crate::time::HallTime;

/// A proposal can be accepted for so long: two reviews later the hall is another.
const OPEN_MS: i64 = 12 * 60_000;
/// Who has not been called so long after the last counted came is counted with the wait so far.
const ASSESS_MS: u64 = 2 * FORESEEN_MS;

impl Moment {
    fn look(self) -> Look {
        Look { at: self.now.at, local: self.local }
    }
}

impl Hall {
    /// Look at the whole hall, when it is time to.
    pub(super) fn review(&self, moment: Moment) -> Vec<Stamped> {
        let balance = self.balance();
        if balance == Balance::Off || !balance::is_due(self, moment.now.at) {
            return Vec::new();
        }
        let review = balance::review(self, moment.look());
        let acts = match balance {
            Balance::Auto => self.move_windows(&review, moment),
            Balance::Advise | Balance::Off => self.propose(&review, moment),
        };
        let Review { pressures, windows, arrivals, recent, able, favours, rare_windows, .. } = review;
        let found = Reviewed { pressures, windows, arrivals, recent, able, favours, rare_windows };
        let stamp = |event| self.stamped(moment.now, Cause::Rule(Rule::Balancer), event, None);
        [Event::Reviewed(found)].into_iter().chain(acts).map(stamp).collect()
    }

    fn propose(&self, review: &Review, moment: Moment) -> Vec<Event> {
        numbered(self.management.given, balance::drafts(self, review, moment.look()), moment).collect()
    }

    /// Make the review's moves, as far as the guard rails let them; what else there is to see, say.
    fn move_windows(&self, review: &Review, moment: Moment) -> Vec<Event> {
        let look = moment.look();
        let most = self.plan.policy().guard_rails.hall_moves_per_hour.map_or(usize::MAX, usize::from);
        let free = review
            .moves
            .iter()
            .filter(|(window, after)| guard::holds_back(self, *window, after, look.at, look.local).is_none());
        let room = self
            .plan
            .windows()
            .first()
            .map_or(0, |window| most.saturating_sub(self.management.moves_in_hour(window.id, look.at).1));
        let moves: Vec<Reallocation> = free
            .take(room)
            .map(|(window, after)| Reallocation {
                window: *window,
                before: self.allocation(*window).owned(),
                after: after.clone(),
            })
            .collect();
        let given = self.management.given;
        let notices = balance::notices(self, review, look);
        if moves.is_empty() {
            return numbered(given, notices, moment).collect();
        }
        let id = ProposalId::new(given + 1);
        let done = self.allocate_all(moves.iter().map(|it| (it.window, &it.after)), id, moment);
        let draft = balance::automatic(self, review, moves);
        let notices = numbered(given + 1, notices, moment);
        [proposed(id, draft, moment, true)].into_iter().chain(done).chain(notices).collect()
    }

    /// What became of proposals by time alone: nobody answered them, the hall has changed, or what they
    /// foretold can be compared with what happened.
    pub(super) fn follow_up(&self, moment: Moment) -> Vec<Event> {
        let at = moment.now.at;
        let lapsed = self.management.open().filter_map(|proposal| {
            let why = if at >= proposal.until {
                LapseReason::TimeOver
            } else if self.is_overtaken(proposal) {
                LapseReason::Overtaken
            } else {
                return None;
            };
            Some(Event::Managed(Managed::ProposalLapsed { proposal: proposal.id, why }))
        });
        lapsed.chain(self.assessments(at)).collect()
    }

    /// Whether a window it moves serves something else meanwhile, or may not be moved any more.
    pub(super) fn is_overtaken(&self, proposal: &Proposal) -> bool {
        let Advice::Reallocate { moves } = &proposal.advice else { return false };
        moves.iter().any(|it| {
            let state = self.window_state(it.window);
            !self.allocation(it.window).is(&it.before) || state.is_none_or(|state| state.pinned)
        })
    }

    fn assessments(&self, at: HallTime) -> impl Iterator<Item = Event> {
        self.management.trials.iter().filter_map(move |trial| {
            let passed_ms = at.ms_since(trial.since);
            if passed_ms < FORESEEN_MS {
                return None;
            }
            let queue = self.queues.get(self.plan.service_index(trial.service)?)?;
            let counted =
                |standing: HallTime| standing >= trial.since && standing.ms_since(trial.since) < FORESEEN_MS;
            let waiting = queue.iter().filter(|(standing, _)| counted(*standing));
            let (mut tickets, mut waited_ms) = (trial.tickets, trial.waited_ms);
            for (standing, _) in waiting {
                if passed_ms < ASSESS_MS {
                    return None;
                }
                tickets += 1;
                waited_ms += at.ms_since(*standing);
            }
            let mean_ms = waited_ms / u64::from(tickets.max(1));
            Some(Event::Managed(Managed::ProposalAssessed {
                proposal: trial.proposal,
                service: trial.service,
                expected: trial.expected,
                seen_s: u32::try_from(mean_ms / 1_000).unwrap_or(u32::MAX),
                tickets,
            }))
        })
    }
}

fn numbered(given: u32, drafts: Vec<Draft>, moment: Moment) -> impl Iterator<Item = Event> {
    let each = move |(id, draft)| proposed(ProposalId::new(id), draft, moment, false);
    (given + 1..).zip(drafts).map(each)
}

fn proposed(id: ProposalId, draft: Draft, moment: Moment, automatic: bool) -> Event {
    let Draft { advice, finding, effects, cost } = draft;
    let until = moment.now.at.plus_ms(if automatic { 0 } else { OPEN_MS });
    Event::Managed(Managed::Proposed {
        proposal: Box::new(Proposal { id, advice, finding, effects, cost, until, automatic }),
    })
}
