//! The balancer's turn: look at the whole hall, then propose what there is to do, or in `auto` do it; tell
//! what no move mends, for as long as it lasts; and afterwards see what came of it.

use super::window_keys::Moment;
use crate::balance::{self, Draft, Look, REVIEW_MS, Review};
use crate::event::{
    Cause, Event, LapseReason, Managed, Proposal, ProposalId, Reallocation, Reviewed, Rule, Stamped,
};
use crate::hall::{FORESEEN_MS, Hall, subjects};
use crate::plan::Balance;
use crate::time::HallTime;

/// A proposal can be accepted for so long: later the hall is another.
const OPEN_MS: i64 = 12 * 60_000;
/// A notice is told again when it would not hold until the next review, which may be a tick late.
const RENEWED_MS: i64 = REVIEW_MS.cast_signed() + 60_000;
/// Who has not been called so long after the last counted came is counted with the wait so far.
const ASSESS_MS: u64 = 2 * FORESEEN_MS;

impl Moment {
    pub(super) fn look(self) -> Look {
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
        let (moves, notices): (Vec<Draft>, Vec<Draft>) =
            balance::drafts(self, &review, moment.look()).into_iter().partition(Draft::moves);
        let (lasting, new) = self.told_before(notices, moment);
        let numbered = (self.management.given + 1..).map(ProposalId::new).zip(moves.into_iter().chain(new));
        let automatic = |draft: &Draft| balance == Balance::Auto && draft.moves();
        let made: Vec<Event> =
            numbered.map(|(id, draft)| proposed(id, automatic(&draft), draft, moment)).collect();
        let moves = made.iter().filter_map(|event| match event {
            Event::Managed(Managed::Proposed { proposal }) if proposal.automatic => Some(proposal),
            _ => None,
        });
        let done = self.allocate_all(moves.flat_map(|proposal| proposal.moves()), moment);
        let Review { pressures, windows, arrivals, recent, able, favours, rare_windows } = review;
        let found = Reviewed { pressures, windows, arrivals, recent, able, favours, rare_windows };
        let stamp = |event| self.stamped(moment.now, Cause::Rule(Rule::Balancer), event, None);
        [Event::Reviewed(found)].into_iter().chain(lasting).chain(made).chain(done).map(stamp).collect()
    }

    /// Notices that are new, and what becomes of those that were told before: one whose trouble lasts is told
    /// again under its id when its figures have changed and before it lapses, one whose trouble is over lapses now.
    fn told_before(&self, notices: Vec<Draft>, moment: Moment) -> (Vec<Event>, Vec<Draft>) {
        let (mut events, mut new) = (Vec::new(), notices);
        for told in self.management.open().filter(|told| told.moves().next().is_none()) {
            let same = |draft: &Draft| {
                subjects(&draft.finding, &draft.advice).eq(subjects(&told.finding, &told.advice))
            };
            let Some(place) = new.iter().position(same) else {
                let (proposal, why) = (told.id, LapseReason::Overtaken);
                events.push(Event::Managed(Managed::ProposalLapsed { proposal, why }));
                continue;
            };
            let draft = new.remove(place);
            if told.finding != draft.finding || told.until < moment.now.at.plus_ms(RENEWED_MS) {
                events.push(proposed(told.id, false, draft, moment));
            }
        }
        (events, new)
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
    fn is_overtaken(&self, proposal: &Proposal) -> bool {
        self.are_overtaken(proposal.reallocations())
    }

    pub(super) fn are_overtaken<'a>(&self, moves: impl IntoIterator<Item = &'a Reallocation>) -> bool {
        moves.into_iter().any(|it| {
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

fn proposed(id: ProposalId, automatic: bool, draft: Draft, moment: Moment) -> Event {
    let Draft { advice, finding, effects, cost } = draft;
    let until = moment.now.at.plus_ms(if automatic { 0 } else { OPEN_MS });
    Event::Managed(Managed::Proposed {
        proposal: Box::new(Proposal { id, advice, finding, effects, cost, until, automatic }),
    })
}
