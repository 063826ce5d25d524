//! What a sign should say, derived from the picture of the hall as the daemon does it.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

use hall_core::view::HallView;
use hall_protocol::id::{WindowId, ZoneId};
use hall_protocol::payload::{HandState, WindowMode};
use hall_protocol::sign::Depth;
use hall_signs::bus::Urgency;
use hall_signs::page::{WindowContent, WindowPage, ZoneCall, ZonePage};
use hall_signs::{Frame, Panel};

/// Pages kept drawn in each thread.
const DRAWN_MAX: usize = 4_096;

thread_local! {
    static DRAWN: RefCell<HashMap<String, Arc<Frame>>> = RefCell::default();
}

/// What a sign is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shows {
    Window(WindowId),
    Zone(ZoneId),
}

/// A page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Content {
    Window(WindowPage),
    Zone(ZonePage),
    Nothing,
}

impl Content {
    pub(crate) fn of(view: &HallView, shows: Shows) -> Self {
        let found = match shows {
            Shows::Window(id) => window(view, id),
            Shows::Zone(id) => zone(view, id),
        };
        found.unwrap_or(Self::Nothing)
    }

    pub(crate) fn urgency(&self) -> Urgency {
        match self {
            Self::Window(WindowPage { state: WindowContent::Called { .. }, .. }) => Urgency::Call,
            Self::Zone(zone) if !zone.calls.is_empty() => Urgency::Call,
            _ => Urgency::Idle,
        }
    }

    /// The pixels. The same page is drawn once for many halls.
    pub(crate) fn render(&self, panel: Panel) -> Arc<Frame> {
        DRAWN.with_borrow_mut(|drawn| {
            if drawn.len() >= DRAWN_MAX {
                drawn.clear();
            }
            let frame = drawn.entry(format!("{panel:?}{self:?}")).or_insert_with(|| {
                Arc::new(match self {
                    Self::Window(page) => page.render(panel),
                    Self::Zone(page) => page.render(panel),
                    Self::Nothing => Frame::dark(panel),
                })
            });
            Arc::clone(frame)
        })
    }
}

fn window(view: &HallView, id: WindowId) -> Option<Content> {
    let window = view.windows.iter().find(|window| window.id == id)?;
    let state = match (window.mode, window.ticket) {
        (_, Some(ticket)) => match ticket.state {
            HandState::Called => WindowContent::Called { number: ticket.number },
            HandState::Serving => WindowContent::Serving { number: ticket.number },
        },
        (WindowMode::Open, None) => {
            WindowContent::Idle { service: service_name(view, id), waiting: window.waiting }
        }
        (WindowMode::Paused, None) => WindowContent::Paused { reason: window.reason.clone() },
        (WindowMode::Closed, None) => WindowContent::Closed,
    };
    Some(Content::Window(WindowPage { label: window.label.clone(), state }))
}

fn service_name(view: &HallView, window: WindowId) -> String {
    let services = view.plan.window(window).map_or(&[][..], |window| &window.services);
    let first = services.first().and_then(|first| view.plan.service(*first));
    let name = first.map_or("", |service| &service.name.zh);
    if services.len() > 1 { format!("{name}等") } else { name.to_owned() }
}

fn zone(view: &HallView, id: ZoneId) -> Option<Content> {
    let zone = view.zones.iter().find(|zone| zone.id == id)?;
    let calls = zone.calls.iter().map(|call| {
        let window = view.windows.iter().find(|window| window.id == call.window);
        let ticket = window.and_then(|window| window.ticket).filter(|ticket| ticket.number == call.number);
        let service = ticket.and_then(|ticket| view.plan.service(ticket.service));
        let service = service.map_or("", |service| &service.name.zh).to_owned();
        ZoneCall { number: call.number, label: call.label.clone(), service }
    });
    Some(Content::Zone(ZonePage { name: view.plan.zone(id)?.name.zh.clone(), calls: calls.collect() }))
}

/// The panel of a sign. Small, so that thousands of halls fit in a minute.
pub(crate) fn panel(shows: Shows) -> Option<Panel> {
    let [window, zone] = panels();
    match shows {
        Shows::Window(_) => window,
        Shows::Zone(_) => zone,
    }
}

/// Those of windows and of zones.
pub(crate) fn panels() -> [Option<Panel>; 2] {
    [Panel::new(48, 16, Depth::RedGreen).ok(), Panel::new(64, 32, Depth::Mono).ok()]
}
