//! What the witness asks of the zones' boards: every call of a window's hand, newest first.

use hall_core::Hall;
use hall_core::event::{Event, Stamped};
use hall_core::ticket::TicketId;
use hall_core::view::HallView;

use std::collections::BTreeSet;

use super::{Fault, Witness};

impl Witness {
    /// Keep the boards' order by its own books and compare.
    pub(super) fn place(&mut self, stamped: &Stamped, hall: &Hall) {
        let view = HallView::of(hall, 0);
        let shown: Vec<Vec<TicketId>> = view
            .zones
            .iter()
            .map(|zone| zone.calls.iter().filter_map(|call| self.hands.get(&call.window).copied()).collect())
            .collect();
        let zone_of = |ticket: &TicketId| {
            let plan = self.plan.as_ref()?;
            plan.zone_index(plan.service(*self.service_of.get(ticket)?)?.zone)
        };
        match &stamped.event {
            Event::PlanAdopted { .. } => {
                let kept = |a: &TicketId, b: &TicketId| {
                    let old = self.boards.iter().find(|board| board.contains(a) && board.contains(b));
                    old.is_none_or(|board| {
                        let at = |ticket| board.iter().position(|other| other == ticket);
                        at(a) < at(b)
                    })
                };
                let in_order = |board: &Vec<TicketId>| board.windows(2).all(|pair| kept(&pair[0], &pair[1]));
                let by_time =
                    view.zones.iter().all(|zone| zone.calls.is_sorted_by_key(|c| -c.called_at.unix_ms()));
                if !shown.iter().all(in_order) || !by_time {
                    self.complain(Fault::BoardReordered, format!("{:?} became {shown:?}", self.boards));
                }
                self.boards.clone_from(&shown);
            }
            Event::Called { ticket, .. }
            | Event::Recalled { ticket, .. }
            | Event::WalkedIn { ticket, .. }
            | Event::Unparked { ticket, .. } => {
                let zone = zone_of(ticket);
                self.boards.iter_mut().for_each(|board| board.retain(|other| other != ticket));
                if let Some(board) = zone.and_then(|zone| self.boards.get_mut(zone)) {
                    board.insert(0, *ticket);
                }
            }
            // In the zone of the right service, by when it was called.
            Event::ServiceCorrected { ticket, in_hand: true, .. } => {
                let without = |boards: &Vec<Vec<TicketId>>| -> Vec<Vec<TicketId>> {
                    let others =
                        |board: &Vec<TicketId>| board.iter().copied().filter(|t| t != ticket).collect();
                    boards.iter().map(others).collect()
                };
                let zone = zone_of(ticket).and_then(|zone| shown.get(zone));
                let by_time =
                    view.zones.iter().all(|zone| zone.calls.is_sorted_by_key(|c| -c.called_at.unix_ms()));
                if without(&self.boards) == without(&shown)
                    && by_time
                    && zone.is_some_and(|board| board.contains(ticket))
                {
                    self.boards.clone_from(&shown);
                }
            }
            _ => {
                let held: BTreeSet<TicketId> = self.hands.values().copied().collect();
                self.boards.iter_mut().for_each(|board| board.retain(|ticket| held.contains(ticket)));
            }
        }
        if self.boards != shown {
            self.complain(Fault::BoardReordered, format!("{:?} is shown as {shown:?}", self.boards));
            self.boards = shown;
        }
    }
}
