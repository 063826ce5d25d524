//! The guard rails: what holds a move of the balancer back, whoever has the last word on it.

use std::collections::{BTreeMap, BTreeSet};

use hall_protocol::id::{ServiceId, WindowId};
use hall_protocol::local::{DAY_MINUTES, LocalTime};
use hall_protocol::payload::WindowMode;

use super::Look;
use crate::event::{GuardRail, Services};
use crate::hall::Hall;
use crate::plan::{GuardRails, Hours, Window};
use crate::routing::Tier;

/// The rails at one moment, for any number of windows.
pub(crate) struct Guard<'a> {
    hall: &'a Hall,
    look: Look,
    rails: GuardRails,
    /// How often the balancer moved each window in the last hour, and all of them.
    moves: BTreeMap<WindowId, usize>,
    all_moves: usize,
    /// The hall closes within the time that is frozen.
    frozen: bool,
    /// Windows the manager has said something of.
    left_alone: BTreeSet<WindowId>,
}

impl<'a> Guard<'a> {
    pub(crate) fn new(hall: &'a Hall, look: Look) -> Self {
        let rails = hall.plan.policy().guard_rails;
        let moves = hall.management.moves_in_hour(look.at);
        let frozen = closes_within(&hall.plan.hall_hours(look.local.date()), &rails, look.local);
        let left_alone = hall.left_alone(look.at);
        Self { hall, look, rails, all_moves: moves.values().sum(), moves, frozen, left_alone }
    }

    /// How many windows may still be moved in this hour.
    pub(super) fn room(&self) -> usize {
        let most = self.rails.hall_moves_per_hour.map(usize::from);
        most.map_or(usize::MAX, |most| most.saturating_sub(self.all_moves))
    }

    /// Whether the balancer may think of moving the window at this place at all.
    pub(super) fn lets_move(&self, window: usize) -> bool {
        self.hall.plan.windows().get(window).is_some_and(|planned| {
            !self.left_alone.contains(&planned.id) && self.keeps(planned, window).is_none()
        })
    }

    /// What holds back that `window` serves `after` from now on; nothing, if it may.
    ///
    /// A ticket in hand is no matter: it stays there until its service ends. O(windows of a service) for each
    /// that is taken away.
    pub(crate) fn holds_back(&self, window: WindowId, after: &Services) -> Option<GuardRail> {
        let plan = &self.hall.plan;
        let place = plan.window_index(window)?;
        if let Some(rail) = self.keeps(plan.windows().get(place)?, place) {
            return Some(rail);
        }
        let skills = self.hall.skills_at(place);
        let able = |service: &ServiceId| {
            skills.is_none_or(|skills| plan.service_index(*service).is_some_and(|index| skills.has(index)))
        };
        if after.primary.is_empty() || !after.primary.iter().chain(&after.backup).all(able) {
            return Some(GuardRail::Skills);
        }
        self.uncovers(place, after).then_some(GuardRail::Uncovered)
    }

    /// What holds back any move of the window.
    fn keeps(&self, planned: &Window, window: usize) -> Option<GuardRail> {
        let state = self.hall.windows.get(window).filter(|state| state.mode != WindowMode::Closed);
        let Some(state) = state else { return Some(GuardRail::NotOpen) };
        if state.pinned {
            return Some(GuardRail::Pinned);
        }
        let dwell_ms = u64::from(self.rails.dwell_minutes) * 60_000;
        if state.allocated_at.is_some_and(|changed| self.look.at.ms_since(changed) < dwell_ms) {
            return Some(GuardRail::Dwell);
        }
        let own = self.moves.get(&planned.id).copied().unwrap_or(0);
        if own >= usize::from(self.rails.window_moves_per_hour) {
            return Some(GuardRail::WindowMoves);
        }
        if self.room() == 0 {
            return Some(GuardRail::HallMoves);
        }
        let own = || self.hall.plan.window_hours(planned, self.look.local.date());
        let closes = || own().is_some_and(|own| closes_within(&own, &self.rails, self.look.local));
        (self.frozen || closes()).then_some(GuardRail::Freeze)
    }

    /// Whether an open service would be primary at no open window any more, or served at none.
    fn uncovers(&self, window: usize, after: &Services) -> bool {
        let (hall, local) = (self.hall, self.look.local);
        let others = |index: usize, primary_only: bool| {
            hall.coverage.serving(index).iter().any(|other| {
                *other != window
                    && hall.windows.get(*other).is_some_and(|state| state.mode != WindowMode::Closed)
                    && (!primary_only || hall.coverage.tier(*other, index) == Some(Tier::Primary))
            })
        };
        let is_open = |index: usize| {
            hall.waiting_at_index(index) > 0
                || hall.plan.services().get(index).is_some_and(|planned| {
                    let hours = hall.plan.service_hours(planned, local.date());
                    hours.iter().any(|hours| hours.contains(local.minute()))
                })
        };
        let id = |index: usize| hall.plan.services().get(index).map(|planned| planned.id);
        hall.coverage.at(window).iter().any(|(tier, index)| {
            let primary = *tier == Tier::Primary;
            let kept = id(*index)
                .is_some_and(|id| after.primary.contains(&id) || !primary && after.backup.contains(&id));
            !kept && !others(*index, primary) && is_open(*index)
        })
    }
}

/// Whether these hours of today end within the minutes that are frozen.
fn closes_within(hours: &[Hours], rails: &GuardRails, local: LocalTime) -> bool {
    closing(hours).is_some_and(|closes| local.minute().saturating_add(rails.freeze_minutes) >= closes)
}

/// The minute at which these hours of a day end; none for what goes on at midnight.
pub(super) fn closing(hours: &[Hours]) -> Option<u16> {
    hours.last().map(|last| last.until_minute).filter(|closes| *closes < DAY_MINUTES)
}
