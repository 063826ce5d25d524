//! Which windows serve a service, and what a window serves, by id and as places in the plan: looked up for
//! every call and every estimate, so kept instead of searched for.

use hall_protocol::id::WindowId;
use serde::{Deserialize, Serialize};

use super::Hall;
use crate::event::Services;
use crate::routing::{Served, Tier};

/// The windows' allocation from both sides.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Coverage {
    /// One for each window of the plan, in its order: what it serves while its clerk is there.
    served: Vec<Services>,
    /// One for each window of the plan, in its order: its services.
    windows: Vec<Vec<(Tier, usize)>>,
    /// One for each service of the plan, in its order: its windows, in the plan's order.
    services: Vec<Vec<usize>>,
}

impl Coverage {
    /// What the window at `index` serves.
    pub(crate) fn served(&self, index: usize) -> Option<&Services> {
        self.served.get(index)
    }

    /// What the window at this place serves.
    pub(crate) fn at(&self, window: usize) -> &[(Tier, usize)] {
        self.windows.get(window).map_or(&[], Vec::as_slice)
    }

    /// In which tier the window at this place serves the service at `index`, if it does.
    pub(crate) fn tier(&self, window: usize, index: usize) -> Option<Tier> {
        self.at(window).iter().find(|(_, served)| *served == index).map(|(tier, _)| *tier)
    }

    /// Which windows serve the service at `index`.
    pub(crate) fn serving(&self, index: usize) -> &[usize] {
        self.services.get(index).map_or(&[], Vec::as_slice)
    }

    /// Whether the window at this place serves the service at `index`.
    pub(crate) fn is_served(&self, index: usize, window: usize) -> bool {
        self.serving(index).binary_search(&window).is_ok()
    }
}

impl Hall {
    /// Look at every window's allocation anew.
    pub(super) fn cover(&mut self) {
        let served: Vec<Services> =
            self.plan.windows().iter().map(|window| self.served_now(window.id)).collect();
        let windows: Vec<_> = served.iter().map(|served| self.places(served)).collect();
        let mut services = vec![Vec::new(); self.plan.services().len()];
        for (window, served) in windows.iter().enumerate() {
            for (_, index) in served {
                services[*index].push(window);
            }
        }
        self.coverage = Coverage { served, windows, services };
    }

    /// Look at one window's.
    pub(super) fn cover_window(&mut self, id: WindowId) {
        let Some(window) = self.plan.window_index(id) else { return };
        let served = self.served_now(id);
        if self.coverage.served[window] == served {
            return;
        }
        let now = self.places(&served);
        self.coverage.served[window] = served;
        let before = std::mem::replace(&mut self.coverage.windows[window], now.clone());
        for (_, index) in before {
            self.coverage.services[index].retain(|other| *other != window);
        }
        for (_, index) in now {
            let serving = &mut self.coverage.services[index];
            let place = serving.partition_point(|other| *other < window);
            serving.insert(place, window);
        }
    }

    fn served_now(&self, id: WindowId) -> Services {
        self.served_by(id, self.window_state(id).and_then(|state| state.clerk))
    }

    fn places(&self, served: &Services) -> Vec<(Tier, usize)> {
        let services = Served::from(served).iter();
        services.filter_map(|(tier, id)| Some((tier, self.plan.service_index(id)?))).collect()
    }
}
