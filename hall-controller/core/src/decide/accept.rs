//! The manager's yes to a proposal: to all of it, or to some of the windows it moves.

use super::window_keys::Moment;
use crate::balance::{Guard, foretell};
use crate::command::Choice;
use crate::event::{AcceptedPart, Advice, Event, Managed, Proposal, ProposalId, Reallocation, Services};
use crate::hall::{Hall, Standing, Told};
use crate::refusal::{Answered, Refusal};

impl Hall {
    /// The proposal if it can still be answered, or how it was answered before.
    pub(super) fn standing(&self, id: ProposalId) -> Result<Result<&Proposal, Answered>, Refusal> {
        let told = self.management.told.iter().find(|told| told.proposal.id == id);
        let unknown = Refusal::UnknownProposal { proposal: id };
        match told.map(|told| (&told.standing, &told.proposal)) {
            Some((Standing::Open, proposal)) => Ok(Ok(proposal)),
            Some((Standing::Accepted | Standing::Automatic, proposal)) => Ok(Err(match proposal.advice {
                Advice::Reallocate { .. } => Answered::Accepted,
                Advice::StopIssuing { .. } => Answered::Stopped,
                Advice::LookAfter => Answered::Noted,
            })),
            Some((Standing::Rejected { .. }, _)) => Ok(Err(Answered::Rejected)),
            Some((Standing::Undone, _)) => Ok(Err(Answered::Undone)),
            Some((Standing::Lapsed { .. }, _)) | None => Err(unknown),
        }
    }

    /// Do what a proposal says, or `only` a part of it, if the hall is still as it was made for and no guard
    /// rail holds any of it back. What is done already is not done again; what was left out then is not done
    /// now either.
    pub(super) fn accept(
        &self,
        id: ProposalId,
        only: Option<&Choice>,
        moment: Moment,
    ) -> Result<Vec<Event>, Refusal> {
        let proposal = match self.standing(id)? {
            Ok(proposal) => proposal,
            Err(_) if self.was_accepted_so(id, only) => return Ok(Vec::new()),
            Err(how) => return Err(Refusal::ProposalAnswered { proposal: id, how }),
        };
        let moves = chosen(proposal, only)?;
        if moment.now.at >= proposal.until || self.are_overtaken(moves.iter().copied()) {
            return Err(Refusal::UnknownProposal { proposal: id });
        }
        let part = match only.filter(|_| moves.len() < proposal.reallocations().len()) {
            Some(only) => Some(self.part(proposal, &moves, only, moment)?),
            None => None,
        };
        let guard = Guard::new(self, moment.look());
        for it in &moves {
            if let Some(rail) = guard.holds_back(it.window, &it.after) {
                return Err(Refusal::HeldBack { window: it.window, rail });
            }
        }
        let done = match &proposal.advice {
            Advice::Reallocate { .. } => {
                let given = moves.iter().map(|it| -> (_, &Services, _) { (it.window, &it.after, id) });
                self.allocate_all(given, moment)
            }
            Advice::StopIssuing { service } if self.issuing_is_stopped(*service)? => Vec::new(),
            Advice::StopIssuing { service } => {
                vec![Event::Managed(Managed::IssuingStopped { service: *service })]
            }
            Advice::LookAfter => Vec::new(),
        };
        let accepted = Event::Managed(Managed::ProposalAccepted { proposal: id, part });
        Ok([accepted].into_iter().chain(done).collect())
    }

    /// Whether just this was accepted of the proposal before: all of it, or these windows.
    fn was_accepted_so(&self, id: ProposalId, only: Option<&Choice>) -> bool {
        let told = self.management.told.iter().find(|told| told.proposal.id == id);
        let is_done = |told: &&Told| matches!(told.standing, Standing::Accepted | Standing::Automatic);
        told.filter(is_done).is_some_and(|told| {
            let moved = || told.proposal.reallocations().iter().map(|it| it.window);
            match only {
                None => told.left_out.is_none(),
                Some(only) => {
                    !only.windows.is_empty()
                        && moved().all(|window| only.windows.contains(&window))
                        && only.windows.iter().all(|window| moved().any(|moved| moved == *window))
                }
            }
        })
    }

    /// What is accepted of a proposal, why no more, and what is to be expected of that: less than of all.
    fn part(
        &self,
        proposal: &Proposal,
        moves: &[&Reallocation],
        only: &Choice,
        moment: Moment,
    ) -> Result<AcceptedPart, Refusal> {
        let reason = Some(only.reason.trim()).filter(|reason| !reason.is_empty());
        let reason = reason.ok_or(Refusal::ReasonRequired)?.to_owned();
        let effects = match proposal.effects.first() {
            Some(effect) => foretell(self, moment.look(), moves, effect.service),
            None => Vec::new(),
        };
        Ok(AcceptedPart { windows: moves.iter().map(|it| it.window).collect(), reason, effects })
    }
}

/// The moves of a proposal, or those of them that were chosen: one at least, and none that it does not make. A
/// window that is chosen twice is moved once.
fn chosen<'a>(proposal: &'a Proposal, only: Option<&Choice>) -> Result<Vec<&'a Reallocation>, Refusal> {
    let all = proposal.reallocations();
    let Some(only) = only else { return Ok(all.iter().collect()) };
    let is_moved = |window| all.iter().any(|it| it.window == window);
    if only.windows.is_empty() || !only.windows.iter().copied().all(is_moved) {
        let windows = all.iter().map(|it| it.window).collect();
        return Err(Refusal::NotItsWindows { proposal: proposal.id, windows });
    }
    Ok(all.iter().filter(|it| only.windows.contains(&it.window)).collect())
}
