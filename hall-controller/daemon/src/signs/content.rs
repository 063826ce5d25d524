//! What a sign should say: chosen from the hall's picture, drawn by the pages of `hall-signs`.
//!
//! A function of the view alone, so that a sign that missed something gets the latest, not a
//! backlog. What is shown when, is [`super::program`]'s business, which line a sign hangs on the
//! driver's.

use std::sync::Arc;
use std::time::Duration;

use hall_core::event::{PressId, Services};
use hall_core::plan::Service;
use hall_core::view::{CallView, HallView, QueueView, WindowView};
use hall_protocol::id::{WindowId, ZoneId};
use hall_protocol::payload::{HandState, WindowMode};
use hall_protocol::sign::Blink;
use hall_signs::Panel;
use hall_signs::bus::{SignSetup, Urgency};
use hall_signs::codec::model::Model;
use hall_signs::page::{
    ArrowPage, EmergencyPage, OverviewPage, OverviewRow, Page, WindowContent, WindowPage, ZoneCall, ZonePage,
};
use hall_signs::substitute::Substitute;
use hall_signs::words::{Blinking, Saying, Showing};

use crate::wall::{Directions, Shows};

/// A screen of a page, and whose press made it so.
#[derive(Debug, Clone)]
pub(super) struct Content {
    page: Page,
    screen: usize,
    press: Option<PressId>,
    blink: Option<Blinking>,
    say: Option<Saying>,
}

/// One light and one dark phase of a number that blinks, in milliseconds.
const BLINK_PERIOD_MS: u16 = 1_000;

impl Content {
    /// What a sign for `shows` should say now, of a zone's calls the one at `first` before the others.
    pub(super) fn of(view: &HallView, shows: Shows, first: usize) -> Self {
        let found = match shows {
            Shows::Window(id) => window(view, id),
            Shows::Zone(id) => zone(view, id, first),
        };
        // Its window or zone is not in the plan any more.
        found.unwrap_or(Self::between_calls(Page::Dark, 0))
    }

    /// The queues at a sign's window or in its zone.
    pub(super) fn overview(view: &HallView, shows: Shows) -> Page {
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
    pub(super) fn emergency(view: &HallView, shows: Shows) -> Option<EmergencyPage> {
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

    /// A page no press asked for.
    pub(super) fn between_calls(page: Page, screen: usize) -> Self {
        Self { page, screen, press: None, blink: None, say: None }
    }

    /// The same page at another of its screens.
    pub(super) fn at_screen(self, screen: usize) -> Self {
        Self { screen, ..self }
    }

    /// A zone's page as a signpost shows it whose first call is to `window`, if it knows where that is.
    pub(super) fn signpost(&self, directions: &Directions, window: WindowId) -> Option<Self> {
        let direction = *directions.get(&window)?;
        let Page::Zone(ZonePage { calls, .. }) = &self.page else { return None };
        let ZoneCall { number, label, .. } = calls.first()?;
        let page = Page::Arrow(ArrowPage { number: *number, label: label.clone(), direction });
        Some(Self { page, ..self.clone() })
    }

    /// Let the number blink for so long, if it is called: on `panel`, and anew with each `occasion`.
    pub(super) fn let_blink(&mut self, panel: Panel, lasts: Duration, occasion: u64) {
        let Page::Window(page) = &self.page else { return };
        let Some(region) = page.called_area(panel) else { return };
        let duration_ds = u16::try_from(lasts.as_millis() / 100).unwrap_or(u16::MAX);
        self.blink =
            Some(Blinking { blink: Blink { region, period_ms: BLINK_PERIOD_MS, duration_ds }, occasion });
    }

    /// Let a sign with a voice say who is called: once, and anew with each `occasion`.
    pub(super) fn let_say(&mut self, occasion: u64) {
        self.say = self.page.call_sentence().map(|text| Saying { text, occasion });
    }

    /// What blinks.
    pub(super) fn blink(&self) -> Option<Blinking> {
        self.blink
    }

    /// The page.
    pub(super) fn page(&self) -> &Page {
        &self.page
    }

    /// Whether both look the same, whoever made them so.
    pub(super) fn same_picture(&self, other: &Self) -> bool {
        let same_looks = self.screen == other.screen && self.blink == other.blink;
        self.page == other.page && same_looks && self.say == other.say
    }

    /// The press that made it so, to be followed to the sign.
    pub(super) fn press(&self) -> Option<PressId> {
        self.press
    }

    /// Whether it may not give way to another page: somebody is called or served at the window.
    pub(super) fn must_be_seen(&self) -> bool {
        matches!(
            &self.page,
            Page::Window(WindowPage {
                state: WindowContent::Called { .. } | WindowContent::Serving { .. },
                ..
            })
        )
    }

    /// A call must not wait behind a window's idle page.
    pub(super) fn urgency(&self) -> Urgency {
        match &self.page {
            Page::Zone(zone) if zone.calls.is_empty() => Urgency::Idle,
            Page::Window(WindowPage { state: WindowContent::Called { .. }, .. })
            | Page::Zone(_)
            | Page::Arrow(_)
            | Page::Emergency(_) => Urgency::Call,
            _ => Urgency::Idle,
        }
    }

    /// The page in pixels and in words, and what such a sign shows instead. Of a sign with letters of
    /// its own the pixels are about what it shows, in ours.
    pub(super) fn showing(&self, model: &Model, sign: SignSetup) -> (Showing, Substitute) {
        let words = self.page.words();
        let fitted = model.shows(sign, &self.page);
        let frame = if model.draws(sign) {
            self.page.render(sign.panel, self.screen)
        } else {
            fitted.picture(sign.panel)
        };
        (
            Showing { frame: Arc::new(frame), words, blink: self.blink(), say: self.say.clone() },
            fitted.substitute,
        )
    }
}

fn window(view: &HallView, id: WindowId) -> Option<Content> {
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
    Some(Content {
        page: Page::Window(WindowPage { label: window.label.clone(), state }),
        screen: 0,
        press: window.press,
        blink: None,
        say: None,
    })
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

fn zone(view: &HallView, id: ZoneId, first: usize) -> Option<Content> {
    let zone = view.zone(id)?;
    let others = (0..zone.calls.len()).filter(|at| *at != first);
    let calls = std::iter::once(first).chain(others).filter_map(|at| zone.calls.get(at));
    let calls = calls.map(|call| ZoneCall {
        number: call.number,
        label: call.label.clone(),
        service: called_for(view, call),
    });
    let page = ZonePage { name: view.plan.zone(id)?.name.zh.clone(), calls: calls.collect() };
    Some(Content { page: Page::Zone(page), screen: 0, press: zone.press, blink: None, say: None })
}
