//! A screen of a page on its way to a sign, with what blinks and is said of it.
//!
//! Which page it is chooses `hall-content` from the hall's picture. What is shown when, is [`super::program`]'s
//! business, which line a sign hangs on the driver's.

use std::sync::Arc;
use std::time::Duration;

use hall_core::event::PressId;
use hall_core::view::HallView;
use hall_protocol::id::WindowId;
use hall_protocol::sign::Blink;
use hall_signs::Panel;
use hall_signs::bus::{SignSetup, Urgency};
use hall_signs::codec::model::Model;
use hall_signs::page::{ArrowPage, Page, WindowContent, WindowPage, ZoneCall, ZonePage};
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
        let (page, press) = hall_content::page(view, shows, first);
        Self { press, ..Self::between_calls(page, 0) }
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

    /// How soon it must be seen.
    pub(super) fn urgency(&self) -> Urgency {
        hall_content::urgency(&self.page)
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
