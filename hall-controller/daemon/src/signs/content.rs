//! What a sign should say: chosen from the hall's picture, drawn by the pages of `hall-signs`.
//!
//! A function of the view alone, so that a sign that missed something gets the latest, not a
//! backlog. Which line a sign hangs on is the driver's business.

use hall_core::event::PressId;
use hall_core::view::{HallView, WindowView, ZoneView};
use hall_protocol::id::{WindowId, ZoneId};
use hall_protocol::payload::{HandState, WindowMode};
use hall_signs::bus::Urgency;
use hall_signs::page::{WindowContent, WindowPage, ZoneCall, ZonePage};
use hall_signs::{Frame, Panel};

use crate::wall::Shows;

/// A page, and whose press made it so.
#[derive(Debug, Clone)]
pub(super) struct Content {
    page: Page,
    press: Option<PressId>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Page {
    Window(WindowPage),
    Zone(ZonePage),
    /// Its window or zone is not in the plan any more.
    Nothing,
}

impl Content {
    /// What a sign for `shows` should say now.
    pub(super) fn of(view: &HallView, shows: Shows) -> Self {
        let found = match shows {
            Shows::Window(id) => window(view, id),
            Shows::Zone(id) => zone(view, id),
        };
        found.unwrap_or(Self { page: Page::Nothing, press: None })
    }

    /// Whether both look the same, whoever made them so.
    pub(super) fn same_picture(&self, other: &Self) -> bool {
        self.page == other.page
    }

    /// The press that made it so, to be followed to the sign.
    pub(super) fn press(&self) -> Option<PressId> {
        self.press
    }

    /// A call must not wait behind a window's idle page.
    pub(super) fn urgency(&self) -> Urgency {
        match &self.page {
            Page::Window(WindowPage { state: WindowContent::Called { .. }, .. }) => Urgency::Call,
            Page::Zone(zone) if !zone.calls.is_empty() => Urgency::Call,
            Page::Window(_) | Page::Zone(_) | Page::Nothing => Urgency::Idle,
        }
    }

    /// The pixels.
    pub(super) fn render(&self, panel: Panel) -> Frame {
        match &self.page {
            Page::Window(page) => page.render(panel),
            Page::Zone(page) => page.render(panel),
            Page::Nothing => Frame::dark(panel),
        }
    }
}

fn window(view: &HallView, id: WindowId) -> Option<Content> {
    let window: &WindowView = view.windows.iter().find(|window| window.id == id)?;
    let state = match (window.mode, window.ticket) {
        // Whoever is in hand is told so, even when the clerk has paused meanwhile.
        (_, Some(ticket)) => match ticket.state {
            HandState::Called => WindowContent::Called { number: ticket.number },
            HandState::Serving => WindowContent::Serving { number: ticket.number },
        },
        (WindowMode::Open, None) => WindowContent::Idle { service: service_names(view, id) },
        (WindowMode::Paused, None) => WindowContent::Paused { reason: window.reason.clone() },
        (WindowMode::Closed, None) => WindowContent::Closed,
    };
    Some(Content {
        page: Page::Window(WindowPage { label: window.label.clone(), state }),
        press: window.press,
    })
}

/// The window's first service; 等 tells that there are others, for which a sign has no room.
fn service_names(view: &HallView, window: WindowId) -> String {
    let services = view.plan.window(window).map_or(&[][..], |window| &window.services);
    let first = services.first().and_then(|first| view.plan.service(*first));
    let name = first.map_or("", |service| &service.name.zh);
    if services.len() > 1 { format!("{name}等") } else { name.to_owned() }
}

fn zone(view: &HallView, id: ZoneId) -> Option<Content> {
    let zone: &ZoneView = view.zones.iter().find(|zone| zone.id == id)?;
    let calls = zone.calls.iter().map(|call| ZoneCall { number: call.number, label: call.label.clone() });
    let page = ZonePage { name: view.plan.zone(id)?.name.zh.clone(), calls: calls.collect() };
    Some(Content { page: Page::Zone(page), press: zone.press })
}
