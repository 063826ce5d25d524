//! Changes of what windows serve, taken back: the last one of a window, or all that a proposal changed.

use std::borrow::Cow;

use hall_protocol::id::WindowId;

use super::allocation::Origin;
use super::window_keys::Moment;
use crate::event::{Cause, Event, ProposalId, Rule};
use crate::hall::{Hall, Standing, Undoable};
use crate::refusal::{Answered, Refusal};

impl Hall {
    /// Step back by one change of what the window serves.
    pub(super) fn undo(&self, window: WindowId, moment: Moment) -> Result<Vec<Event>, Refusal> {
        self.undo_last(window, Origin::Undo(None), moment)
    }

    fn undo_last(&self, window: WindowId, origin: Origin, moment: Moment) -> Result<Vec<Event>, Refusal> {
        let state = self.window_state(window).ok_or(Refusal::UnknownWindow { window })?;
        let last = state.changes.last().ok_or(Refusal::NothingToUndo { window })?;
        let planned = || self.planned_at(window).owned();
        self.allocate(window, last.before.clone().unwrap_or_else(planned), origin, moment)
    }

    /// Take back what a proposal changed at its windows, or at those of `only`, whether the manager accepted it
    /// or the balancer did it. What is taken back already stays so.
    ///
    /// Refused as a whole with [`Refusal::ChangedSince`] if one of these windows was changed again: then the
    /// manager says which of the others are meant.
    pub(super) fn undo_proposal(
        &self,
        id: ProposalId,
        only: Option<&[WindowId]>,
        moment: Moment,
    ) -> Result<Vec<Event>, Refusal> {
        let told = self.management.told.iter().find(|told| told.proposal.id == id);
        let told = told.ok_or(Refusal::UnknownProposal { proposal: id })?;
        match told.standing {
            Standing::Accepted | Standing::Automatic => {}
            Standing::Undone => return Ok(Vec::new()),
            Standing::Rejected { .. } => {
                return Err(Refusal::ProposalAnswered { proposal: id, how: Answered::Rejected });
            }
            Standing::Open | Standing::Lapsed { .. } => return Err(Refusal::NothingDone { proposal: id }),
        }
        let moved: Vec<WindowId> = told.proposal.reallocations().iter().map(|it| it.window).collect();
        if moved.is_empty() {
            return Err(Refusal::NothingDone { proposal: id });
        }
        if only.is_some_and(|only| only.is_empty() || only.iter().any(|window| !moved.contains(window))) {
            return Err(Refusal::NotItsWindows { proposal: id, windows: moved });
        }
        let is_meant = |window: &WindowId| only.is_none_or(|only| only.contains(window));
        let Undoable { mut windows, mut changed_since, .. } = self.undoable(told);
        windows.retain(is_meant);
        changed_since.retain(is_meant);
        if !changed_since.is_empty() {
            return Err(Refusal::ChangedSince { proposal: id, windows: changed_since });
        }
        if windows.is_empty() && told.undone.is_empty() {
            return Err(Refusal::NothingDone { proposal: id });
        }
        self.undo_all(&windows, id, moment)
    }

    /// Window after window: whom an armed one calls is called by no other.
    fn undo_all(&self, windows: &[WindowId], id: ProposalId, moment: Moment) -> Result<Vec<Event>, Refusal> {
        let calls = windows.iter().any(|window| self.window_state(*window).is_some_and(|it| it.armed));
        let mut hall = Cow::Borrowed(self);
        let mut events = Vec::new();
        for window in windows {
            let done = hall.undo_last(*window, Origin::Undo(Some(id)), moment)?;
            if calls {
                for event in &done {
                    let stamped = self.stamped(moment.now, Cause::Rule(Rule::Balancer), event.clone(), None);
                    hall.to_mut().apply(&stamped);
                }
            }
            events.extend(done);
        }
        Ok(events)
    }
}
