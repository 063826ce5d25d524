//! What one sign shows over time: an emergency before everything, then what a technician asked for, its
//! own page while it calls, its script of pages otherwise, and each of several calls in the place of the
//! newest.
//!
//! Still a function of the hall's picture, but for what cannot be one: how long something has been
//! shown. Nothing is lost with it; a sign that starts anew begins with the newest call.

use std::time::{Duration, Instant};

use hall_core::time::HallTime;
use hall_core::view::HallView;
use hall_protocol::id::WindowId;
use hall_protocol::number::TicketNumber;
use hall_signs::codec::Moment;
use hall_signs::newest::NewestPlace;
use hall_signs::page::{ClockPage, NoticePage, Page};
use hall_signs::script::{Playing, Slot};
use jiff::civil::{DateTime, Time};

use super::SignSpot;
use super::content::Content;
use super::orders::Orders;
use super::turns::Turns;
use crate::clock::local_date;
use crate::config::Look;
use crate::wall::{Directions, Shows, Slide};

/// A call stands first on a zone's sign for this long, if no more than three wait behind it.
const NEWEST_AT_LEAST: Duration = Duration::from_secs(3);

/// No call waits longer for its turn in the first place.
const NEWEST_WITHIN: Duration = Duration::from_secs(12);

/// How long each screen of a sign's own page is shown.
const SCREEN_LASTS: Duration = Duration::from_secs(3);

/// A small signpost shows number and arrow in turns, each for so long: both while the call stands first.
const POINTING_LASTS: Duration = Duration::from_millis(1_500);

/// A call is said aloud within this time, or not at all: later it would be another's turn.
const SAY_WITHIN: Duration = Duration::from_secs(10);

/// How often a sign with a script looks at the clock.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// A call as it is told apart from others: a recall is one of its own.
type CallKey = (TicketNumber, HallTime, u16);

/// What one sign shows over time.
#[derive(Debug)]
pub(super) struct Program {
    script: Vec<Slot<Slide>>,
    playing: Playing,
    newest: NewestPlace<CallKey>,
    /// The call that stands first in a zone, and when this program first saw it there.
    first: Option<(CallKey, Option<Instant>)>,
    looked: Option<Instant>,
    look: Look,
    /// The call at the sign's window, and when this program first saw it.
    called: Option<(CallKey, Instant)>,
    /// When the number that blinks is steady.
    steady_at: Option<Instant>,
    /// Until when the call may be said.
    say_until: Option<Instant>,
    before_all: Option<BeforeAll>,
    /// The screens of its own page, and of what a technician asked for.
    turns: Turns,
    /// Those of a signpost.
    pointing: Turns,
}

/// What a sign shows instead of its own pages.
#[derive(Debug)]
struct BeforeAll {
    page: Page,
    since: Instant,
    /// When it turns to its next screen or goes; `None` for never by itself.
    next: Option<Instant>,
}

impl Program {
    /// The program of a sign with this script; an empty one is its own page for ever.
    pub(super) fn new(script: Vec<Slot<Slide>>, look: Look) -> Self {
        let newest = NewestPlace::new(NEWEST_AT_LEAST, NEWEST_WITHIN);
        Self {
            script,
            playing: Playing::default(),
            newest,
            first: None,
            looked: None,
            look,
            called: None,
            steady_at: None,
            say_until: None,
            before_all: None,
            turns: Turns::every(SCREEN_LASTS),
            pointing: Turns::every(POINTING_LASTS),
        }
    }

    /// What the sign should say now; `local` is the hall's time of day.
    pub(super) fn content(
        &mut self,
        view: &HallView,
        spot: &SignSpot,
        orders: &Orders,
        local: DateTime,
        now: Instant,
    ) -> Content {
        let began = self.looked.replace(now).is_some();
        self.turns.rest();
        self.pointing.rest();
        if let Some(first) = self.before_all(view, spot, orders, now) {
            return first;
        }
        let (shows, panel) = (spot.shows, spot.panel);
        let own = self.own(view, spot, began, now);
        if !self.is_lit(view, spot.shows, local) {
            self.playing.rest();
            return Content::between_calls(Page::Dark, 0);
        }
        let turn = self.turns.screen(own.page(), panel, now);
        let own = own.at_screen(turn);
        if self.script.is_empty() || own.must_be_seen() {
            self.playing.rest();
            return own;
        }
        let minute = minute_of_day(local);
        let first = self.first_window(view, shows);
        let signpost = |directions: &Directions| own.signpost(directions, first?);
        let page = |slide: &Slide| match slide {
            Slide::Own => own.page().clone(),
            Slide::Overview => hall_content::overview(view, shows),
            Slide::Notice(text) => Page::Notice(NoticePage { text: text.clone() }),
            Slide::Scroll(notice) => Page::Scroll(notice.clone()),
            Slide::Clock => Page::Clock(clock_page(local)),
            Slide::Signpost(directions) => {
                signpost(directions).map_or_else(|| own.page().clone(), |content| content.page().clone())
            }
        };
        let screens = |slide: &Slide| match slide {
            // Its screens are in turns within its time.
            Slide::Signpost(directions) if signpost(directions).is_some() => 1,
            slide => page(slide).screens(panel),
        };
        let playing = self.playing.at(&self.script, minute, screens, now);
        match playing.and_then(|(at, screen)| Some((self.script.get(at)?, screen))) {
            Some((Slot { page: Slide::Own, .. }, _)) | None => own,
            Some((Slot { page: Slide::Signpost(directions), .. }, _)) => match signpost(directions) {
                Some(content) => {
                    let turn = self.pointing.screen(content.page(), panel, now);
                    content.at_screen(turn)
                }
                None => own,
            },
            Some((played, screen)) => Content::between_calls(page(&played.page), screen),
        }
    }

    /// What goes before every page: an emergency, then what a technician asked for.
    fn before_all(
        &mut self,
        view: &HallView,
        spot: &SignSpot,
        orders: &Orders,
        now: Instant,
    ) -> Option<Content> {
        let old = self.before_all.take();
        let Some(emergency) = hall_content::emergency(view, spot.shows) else {
            let (page, next) = orders.page(spot, view, now)?;
            let turn = self.turns.screen(&page, spot.panel, now);
            let next = self.turns.poll_timeout().map_or(next, |turn| turn.min(next));
            self.before_all = Some(BeforeAll { page: page.clone(), since: now, next: Some(next) });
            return Some(Content::between_calls(page, turn));
        };
        let lasts = emergency.screen_lasts(spot.panel);
        let page = Page::Emergency(emergency);
        let since = old.filter(|old| old.page == page).map_or(now, |old| old.since);
        let turn = now.saturating_duration_since(since).as_millis() / lasts.as_millis().max(1);
        let turn = u32::try_from(turn).unwrap_or(u32::MAX);
        let screens = page.screens(spot.panel).max(1);
        let next = (screens > 1).then(|| since + lasts.saturating_mul(turn.saturating_add(1)));
        self.before_all = Some(BeforeAll { page: page.clone(), since, next });
        Some(Content::between_calls(page, usize::try_from(turn).unwrap_or(0) % screens))
    }

    /// Whether it is the time of the day for it, or somebody has to see it.
    fn is_lit(&self, view: &HallView, shows: Shows, local: DateTime) -> bool {
        let at_window = |id| view.window(id).is_some_and(|window| window.ticket.is_some());
        let in_hand = || match shows {
            Shows::Window(id) => at_window(id),
            Shows::Zone(id) => {
                view.zone(id).is_some_and(|zone| zone.calls.iter().any(|call| at_window(call.window)))
            }
        };
        self.look.lit.is_none_or(|lit| lit.contains(minute_of_day(local))) || in_hand()
    }

    /// The sign's own page, with the call first whose turn it is. `began`: it has shown something before.
    fn own(&mut self, view: &HallView, spot: &SignSpot, began: bool, now: Instant) -> Content {
        let shows = spot.shows;
        let zone = match shows {
            Shows::Zone(zone) => zone,
            Shows::Window(window) => return self.of_window(view, window, spot, began, now),
        };
        let calls = view.zone(zone).into_iter().flat_map(|zone| &zone.calls);
        let keys: Vec<CallKey> = calls.map(|call| (call.number, call.called_at, call.recalls)).collect();
        let first = self.newest.arrange(&keys, now);
        let key = keys.get(first).copied();
        if key != self.first.map(|(key, _)| key) {
            // What was called before the controller's start has been said.
            self.first = key.map(|key| (key, began.then_some(now)));
            self.pointing = Turns::every(POINTING_LASTS);
            let tells_calls = |slot: &Slot<Slide>| matches!(slot.page, Slide::Own | Slide::Signpost(_));
            let own = self.script.iter().position(tells_calls);
            if let Some(own) = own.filter(|_| key.is_some()) {
                self.playing.interrupt(&self.script, own, NEWEST_AT_LEAST, now);
            }
        }
        let mut content = Content::of(view, shows, first);
        let first = self.first.and_then(|(key, since)| Some((key, since?)));
        self.let_say(&mut content, spot, first, now);
        content
    }

    /// Let a call be said, if this sign has a voice and it is not too late for it.
    fn let_say(
        &mut self,
        content: &mut Content,
        spot: &SignSpot,
        call: Option<(CallKey, Instant)>,
        now: Instant,
    ) {
        let call = call.filter(|_| spot.model.speaks());
        self.say_until = call.map(|(_, since)| since + SAY_WITHIN).filter(|until| now < *until);
        if let (Some(_), Some((key, _))) = (self.say_until, call) {
            content.let_say(occasion(key));
        }
    }

    /// A window's page; the number of a call blinks for its time, and anew when it is called again.
    fn of_window(
        &mut self,
        view: &HallView,
        window: WindowId,
        spot: &SignSpot,
        began: bool,
        now: Instant,
    ) -> Content {
        let mut content = Content::of(view, Shows::Window(window), 0);
        let mut calls = view.zones.iter().flat_map(|zone| &zone.calls);
        let call = calls.find(|call| call.window == window);
        let key = call.map(|call| (call.number, call.called_at, call.recalls));
        if key != self.called.map(|(key, _)| key) {
            // Of what was called before the controller's start nobody knows for how long it has blinked.
            self.called = key.filter(|_| began).map(|key| (key, now));
        }
        self.steady_at = self.called.map(|(_, since)| since + self.look.blink).filter(|at| now < *at);
        if let (Some(_), Some((key, _))) = (self.steady_at, self.called) {
            content.let_blink(spot.panel, self.look.blink, occasion(key));
        }
        self.let_say(&mut content, spot, self.called, now);
        content
    }

    /// The window of the call that stands first.
    fn first_window(&self, view: &HallView, shows: Shows) -> Option<WindowId> {
        let Shows::Zone(zone) = shows else { return None };
        let (first, _) = self.first?;
        let mut calls = view.zone(zone).into_iter().flat_map(|zone| &zone.calls);
        let call = calls.find(|call| (call.number, call.called_at, call.recalls) == first);
        call.map(|call| call.window)
    }

    /// How bright the sign shall be now; `local` is the hall's time of day.
    pub(super) fn brightness(&self, local: DateTime) -> Option<u8> {
        self.look.level_at(minute_of_day(local))
    }

    /// When to look again though the hall has not changed.
    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        let look = self.looked.map(|looked| looked + LOOK_EVERY);
        let dims = !self.look.brightness.is_empty() || self.look.lit.is_some();
        if let Some(before_all) = &self.before_all {
            return [before_all.next, look.filter(|_| dims)].into_iter().flatten().min();
        }
        let plays = self.script.len() > 1
            || self.script.iter().any(|slot| slot.between.is_some() || slot.page != Slide::Own);
        let page = self.playing.poll_timeout(&self.script).filter(|_| plays);
        let look = look.filter(|_| plays || dims);
        let turns = [self.turns.poll_timeout(), self.pointing.poll_timeout()];
        let others = [self.newest.poll_timeout(), self.steady_at, self.say_until, look, page];
        turns.into_iter().chain(others).flatten().min()
    }
}

/// Tells a call, or a recall, from all others.
fn occasion((_, called_at, _): CallKey) -> u64 {
    u64::try_from(called_at.unix_ms()).unwrap_or(0)
}

fn minute_of_day(local: DateTime) -> u16 {
    u16::try_from(i32::from(local.hour()) * 60 + i32::from(local.minute())).unwrap_or(0)
}

/// The same for signs that keep a clock themselves.
pub(super) fn moment(local: DateTime) -> Moment {
    let since_midnight = local.time().duration_since(Time::midnight());
    Moment::new(local_date(local.date()), Duration::try_from(since_midnight).unwrap_or_default())
}

/// Date and time as a sign tells them.
pub(crate) fn clock_page(local: DateTime) -> ClockPage {
    // jiff's figures are small and positive.
    let figure = |number: i8| u8::try_from(number).unwrap_or_default();
    ClockPage {
        month: figure(local.month()),
        day: figure(local.day()),
        weekday: figure(local.weekday().to_monday_one_offset()),
        hour: figure(local.hour()),
        minute: figure(local.minute()),
    }
}

#[cfg(test)]
mod tests;
