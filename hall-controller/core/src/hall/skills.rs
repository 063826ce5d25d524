//! What a window serves: what it was given, or has by the plan, as far as the clerk who is signed on can do
//! it. This is the one rule; who calls, counts, foretells or moves asks [`Hall::allocation`], which has what
//! it came to.

use std::borrow::Cow;

use hall_protocol::id::{ClerkId, ServiceId, WindowId};
use hall_protocol::payload::WindowMode;

use super::Hall;
use crate::event::Services;
use crate::plan::{Skills, Window};
use crate::routing::Served;
use crate::window::WindowState;

impl Hall {
    /// What the window was given to serve, or has by the plan, whoever is there.
    pub(crate) fn given_to(&self, window: WindowId) -> Served<'_> {
        let given = self.window_state(window).and_then(|state| state.allocation.as_ref());
        given.map_or_else(|| self.planned_at(window), Served::from)
    }

    /// What the window serves while this clerk is signed on there.
    pub(crate) fn served_by(&self, window: WindowId, clerk: Option<ClerkId>) -> Services {
        self.within_skills(window, self.given_to(window), clerk)
    }

    /// Of what a window is given, what the clerk can do. Who can do none of its primary services does those
    /// of the plan: the clerk came for them. A clerk the plan does not know is bound by nothing.
    pub(crate) fn within_skills(
        &self,
        window: WindowId,
        given: Served<'_>,
        clerk: Option<ClerkId>,
    ) -> Services {
        let Some(skills) = clerk.and_then(|clerk| self.plan.skills(clerk)) else { return given.owned() };
        let can = |service: &ServiceId| self.plan.service_index(*service).is_some_and(|at| skills.has(at));
        let known =
            |services: &[ServiceId]| -> Vec<ServiceId> { services.iter().copied().filter(can).collect() };
        let (mut primary, mut backup) = (known(given.primary), known(given.backup));
        if primary.is_empty() {
            primary = known(self.planned_at(window).primary);
            backup.retain(|service| !primary.contains(service));
        }
        Services { primary, backup }
    }

    /// What the balancer may give the window at this place: what the clerk who is signed on can do, which is
    /// everything where nothing else is said of that clerk; where nobody the plan knows is signed on, what
    /// the window serves. As places in the plan, each once.
    pub(crate) fn able_at(&self, window: usize) -> Cow<'_, [usize]> {
        self.skills_at(window).map_or_else(
            || self.coverage.at(window).iter().map(|(_, service)| *service).collect(),
            |skills| Cow::Borrowed(skills.places()),
        )
    }

    /// Whether the balancer may give the window at this place the service at `index`.
    pub(crate) fn is_able(&self, window: usize, index: usize) -> bool {
        self.skills_at(window)
            .map_or_else(|| self.coverage.tier(window, index).is_some(), |skills| skills.has(index))
    }

    /// What the clerk at the window at this place can do; nothing where nobody the plan knows is signed on.
    pub(crate) fn skills_at(&self, window: usize) -> Option<&Skills> {
        self.plan.skills(self.windows.get(window)?.clerk?)
    }

    /// Who is signed on at the window, if it was given this service and the clerk cannot do it.
    pub(crate) fn lacks_skill(&self, window: WindowId, service: ServiceId) -> Option<ClerkId> {
        let clerk = self.window_state(window)?.clerk?;
        let is_given = || self.given_to(window).iter().any(|(_, given)| given == service);
        (!self.plan.skills(clerk)?.has(self.plan.service_index(service)?) && is_given()).then_some(clerk)
    }

    /// Whether people wait for the service at `index` and no window serves it, because the clerks at those
    /// that were given it cannot do it. O(windows) while no window serves it.
    pub(crate) fn nobody_able(&self, index: usize) -> bool {
        let Some(service) = self.plan.services().get(index) else { return false };
        let is_there = |(window, state): (&Window, &WindowState)| {
            state.mode != WindowMode::Closed && self.lacks_skill(window.id, service.id).is_some()
        };
        self.waiting_at_index(index) > 0
            && !self.is_served(index)
            && self.plan.windows().iter().zip(&self.windows).any(is_there)
    }

    /// Whether a window that is not closed serves the service at `index`.
    pub(crate) fn is_served(&self, index: usize) -> bool {
        let windows = self.coverage.serving(index).iter().filter_map(|window| self.windows.get(*window));
        windows.into_iter().any(|state| state.mode != WindowMode::Closed)
    }

    /// What the window serves by the plan.
    pub(crate) fn planned_at(&self, window: WindowId) -> Served<'_> {
        self.plan.window(window).map_or(Served { primary: &[], backup: &[] }, |window| Served {
            primary: &window.services,
            backup: &window.backup,
        })
    }
}
