//! What of a proposal that was done can still be taken back.

use hall_protocol::id::WindowId;
use serde::Serialize;

use super::Told;
use crate::event::ProposalId;
use crate::hall::Hall;

/// The windows that a proposal moved and that were not moved back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Undoable {
    /// Of which proposal.
    pub proposal: ProposalId,
    /// What these serve is still as it was made by the proposal.
    pub windows: Vec<WindowId>,
    /// What these serve was changed again since; taking the older change back would take the newer one, too.
    pub changed_since: Vec<WindowId>,
}

impl Hall {
    /// What of the proposal can be taken back. A window that it was to move and that stayed as it was, or whose
    /// changes a new plan or day has ended, is in neither list.
    pub(crate) fn undoable(&self, told: &Told) -> Undoable {
        let by_it = Some(told.proposal.id);
        let moved = told.proposal.reallocations().iter().map(|it| it.window);
        let mut undoable =
            Undoable { proposal: told.proposal.id, windows: Vec::new(), changed_since: Vec::new() };
        for window in moved {
            let Some(state) = self.window_state(window) else { continue };
            if state.changes.last().is_some_and(|change| change.proposal == by_it) {
                undoable.windows.push(window);
            } else if state.changes.iter().any(|change| change.proposal == by_it) {
                undoable.changed_since.push(window);
            }
        }
        undoable
    }

    /// The same of all proposals of which something can be.
    pub(crate) fn all_undoable(&self) -> Vec<Undoable> {
        let all = self.management.told.iter().map(|told| self.undoable(told));
        all.filter(|it| !it.windows.is_empty()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Event;
    use crate::time::HallTime;

    #[test]
    fn what_is_undone_counts_as_no_move_of_the_balancer() {
        let mut hall = Hall::new("county".parse().unwrap());
        let (window, proposal) = ("1".parse().unwrap(), Some(ProposalId::new(1)));
        let (at, services) = (HallTime::default(), Vec::new);
        let given =
            |undone| Event::Allocated { window, primary: services(), backup: services(), proposal, undone };
        hall.manage(&given(true), at);
        assert!(hall.management.moves_in_hour(at).is_empty());
        hall.manage(&given(false), at);
        assert_eq!(hall.management.moves_in_hour(at).get(&window), Some(&1));
    }
}
