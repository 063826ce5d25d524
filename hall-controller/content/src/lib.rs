//! What a sign should say: chosen from the hall's picture, drawn by the pages of `hall-signs`.
//!
//! A function of the view alone, so that a sign that missed something gets the latest, not a
//! backlog. The daemon's signs and those of the fault simulation say what is chosen here. What is shown when, is
//! the daemon's business; how it looks, that of `hall-signs`.

use hall_core::event::{PressId, Services};
use hall_core::plan::Service;
use hall_core::view::{CallView, HallView, QueueView, WindowView};
use hall_protocol::id::{WindowId, ZoneId};
use hall_protocol::payload::{HandState, WindowMode};
use hall_signs::bus::Urgency;
use hall_signs::page::{
    EmergencyPage, OverviewPage, OverviewRow, Page, WindowContent, WindowPage, ZoneCall, ZonePage,
};

/// What a sign says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Shows {
    /// The number at one window.
    Window(WindowId),
    /// The latest calls of one zone.
    Zone(ZoneId),
}

/// The page of a sign for `shows`, of a zone's calls the one at `first` before the others, and whose press made it
/// so; dark when its window or zone is not in the plan any more.
pub fn page(view: &HallView, shows: Shows, first: usize) -> (Page, Option<PressId>) {
    let found = match shows {
        Shows::Window(id) => window(view, id),
        Shows::Zone(id) => zone(view, id, first),
    };
    found.unwrap_or((Page::Dark, None))
}

/// The queues at a sign's window or in its zone.
pub fn overview(view: &HallView, shows: Shows) -> Page {
    let name = match shows {
        Shows::Zone(id) => view.plan.zone(id).map_or("", |zone| &zone.name.zh),
        Shows::Window(id) => view.plan.window(id).map_or("", |window| &window.label),
    };
    let served = |service: &Service| match shows {
        Shows::Zone(id) => service.zone == id,
        Shows::Window(id) => view.window(id).is_some_and(|window| window.services.has(service.id)),
    };
    let rows = view.plan.services().iter().filter(|service| served(service)).map(|service| {
        let QueueView { waiting, wait } = view.queue(service.id);
        let minutes = wait.map(|wait| (wait.from_minutes, wait.to_minutes));
        OverviewRow { service: service.name.zh.clone(), waiting, minutes }
    });
    Page::Overview(OverviewPage { name: name.to_owned(), rows: rows.collect() })
}

/// The emergency text that stands for a sign, if one does.
pub fn emergency(view: &HallView, shows: Shows) -> Option<EmergencyPage> {
    let standing = match shows {
        Shows::Zone(id) => view.emergencies.in_zones([id]),
        Shows::Window(id) => match view.plan.window(id) {
            Some(window) => view.emergencies.at_window(&view.plan, window),
            None => view.emergencies.in_zones([]),
        },
    };
    let (_, newest) = standing.first()?;
    let (zh, en) = (newest.text.zh().to_owned(), newest.text.en().to_owned());
    Some(EmergencyPage { zh, en })
}

/// A call must not wait behind a window's idle page.
pub fn urgency(page: &Page) -> Urgency {
    match page {
        Page::Zone(zone) if zone.calls.is_empty() => Urgency::Idle,
        Page::Window(WindowPage { state: WindowContent::Called { .. }, .. })
        | Page::Zone(_)
        | Page::Arrow(_)
        | Page::Emergency(_) => Urgency::Call,
        _ => Urgency::Idle,
    }
}

fn window(view: &HallView, id: WindowId) -> Option<(Page, Option<PressId>)> {
    let window = view.window(id)?;
    let state = match (window.mode, window.ticket) {
        // Whoever is in hand is told so, even when the clerk has paused meanwhile.
        (_, Some(ticket)) => match ticket.state {
            HandState::Called => WindowContent::Called { number: ticket.number },
            HandState::Serving => WindowContent::Serving { number: ticket.number },
        },
        (WindowMode::Open, None) => {
            WindowContent::Idle { service: service_names(view, window), waiting: window.waiting }
        }
        (WindowMode::Paused, None) => WindowContent::Paused { reason: window.reason.clone() },
        (WindowMode::Closed, None) => WindowContent::Closed,
    };
    Some((Page::Window(WindowPage { label: window.label.clone(), state }), window.press))
}

/// The first of the services it serves at present; 等 tells that there are others, for which a sign has no
/// room.
fn service_names(view: &HallView, window: &WindowView) -> String {
    let Services { primary, backup } = &window.services;
    let first = primary.first().and_then(|first| view.plan.service(*first));
    let name = first.map_or("", |service| &service.name.zh);
    if primary.len() + backup.len() > 1 { format!("{name}等") } else { name.to_owned() }
}

/// What a call is about: its ticket is in hand at the window it goes to.
fn called_for(view: &HallView, call: &CallView) -> String {
    let ticket = view.window(call.window).and_then(|window| window.ticket);
    let ticket = ticket.filter(|ticket| ticket.number == call.number);
    let service = ticket.and_then(|ticket| view.plan.service(ticket.service));
    service.map_or("", |service| &service.name.zh).to_owned()
}

fn zone(view: &HallView, id: ZoneId, first: usize) -> Option<(Page, Option<PressId>)> {
    let zone = view.zone(id)?;
    let others = (0..zone.calls.len()).filter(|at| *at != first);
    let calls = std::iter::once(first).chain(others).filter_map(|at| zone.calls.get(at));
    let calls = calls.map(|call| ZoneCall {
        number: call.number,
        label: call.label.clone(),
        service: called_for(view, call),
    });
    let page = ZonePage { name: view.plan.zone(id)?.name.zh.clone(), calls: calls.collect() };
    Some((Page::Zone(page), zone.press))
}
