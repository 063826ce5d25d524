//! What one sign shows over time: an emergency before everything, then what a technician asked for, its
//! own page while it calls, its script of pages otherwise, and each of several calls in the place of the
//! newest.
//!
//! Still a function of the hall's picture, but for what cannot be one: how long something has been
//! shown. Nothing is lost with it; a sign that starts anew begins with the newest call.

use std::time::{Duration, Instant};

use hall_core::time::HallTime;
use hall_core::view::HallView;
use hall_protocol::number::TicketNumber;
use hall_signs::newest::NewestPlace;
use hall_signs::page::{ClockPage, NoticePage, Page};
use hall_signs::script::{Playing, Slot};
use jiff::civil::DateTime;

use super::SignSpot;
use super::content::Content;
use super::orders::Orders;
use crate::wall::{Shows, Slide};

/// A call stands first on a zone's sign for this long, if no more than three wait behind it.
const NEWEST_AT_LEAST: Duration = Duration::from_secs(3);

/// No call waits longer for its turn in the first place.
const NEWEST_WITHIN: Duration = Duration::from_secs(12);

/// How long each screen of an emergency text is shown.
const EMERGENCY_SCREEN_LASTS: Duration = Duration::from_secs(4);

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
    first: Option<CallKey>,
    looked: Option<Instant>,
    before_all: Option<BeforeAll>,
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
    pub(super) fn new(script: Vec<Slot<Slide>>) -> Self {
        let newest = NewestPlace::new(NEWEST_AT_LEAST, NEWEST_WITHIN);
        Self { script, playing: Playing::default(), newest, first: None, looked: None, before_all: None }
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
        if let Some(first) = self.before_all(view, spot, orders, now) {
            return first;
        }
        let (shows, panel) = (spot.shows, spot.panel);
        self.looked = Some(now);
        let own = self.own(view, shows, now);
        if self.script.is_empty() || own.must_be_seen() {
            return own;
        }
        let minute = u16::try_from(i32::from(local.hour()) * 60 + i32::from(local.minute())).unwrap_or(0);
        let page = |slide: &Slide| match slide {
            Slide::Own => own.page().clone(),
            Slide::Overview => Content::overview(view, shows),
            Slide::Notice(text) => Page::Notice(NoticePage { text: text.clone() }),
            Slide::Clock => Page::Clock(clock_page(local)),
        };
        let playing = self.playing.at(&self.script, minute, |slide| page(slide).screens(panel), now);
        match playing.and_then(|(at, screen)| Some((self.script.get(at)?, screen))) {
            Some((Slot { page: Slide::Own, .. }, _)) | None => own,
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
        let Some(page) = Content::emergency(view, spot.shows) else {
            let (page, next) = orders.page(spot, view, now)?;
            self.before_all = Some(BeforeAll { page: page.clone(), since: now, next: Some(next) });
            return Some(Content::between_calls(page, 0));
        };
        let since = old.filter(|old| old.page == page).map_or(now, |old| old.since);
        let turn = now.saturating_duration_since(since).as_secs() / EMERGENCY_SCREEN_LASTS.as_secs();
        let turn = u32::try_from(turn).unwrap_or(u32::MAX);
        let screens = page.screens(spot.panel).max(1);
        let next =
            (screens > 1).then(|| since + EMERGENCY_SCREEN_LASTS.saturating_mul(turn.saturating_add(1)));
        self.before_all = Some(BeforeAll { page: page.clone(), since, next });
        Some(Content::between_calls(page, usize::try_from(turn).unwrap_or(0) % screens))
    }

    /// The sign's own page, with the call first whose turn it is.
    fn own(&mut self, view: &HallView, shows: Shows, now: Instant) -> Content {
        let Shows::Zone(zone) = shows else { return Content::of(view, shows, 0) };
        let calls = view.zones.iter().filter(|known| known.id == zone).flat_map(|zone| &zone.calls);
        let keys: Vec<CallKey> = calls.map(|call| (call.number, call.called_at, call.recalls)).collect();
        let first = self.newest.arrange(&keys, now);
        let key = keys.get(first).copied();
        if key != self.first {
            self.first = key;
            let own = self.script.iter().position(|slot| slot.page == Slide::Own);
            if let Some(own) = own.filter(|_| key.is_some()) {
                self.playing.interrupt(own);
            }
        }
        Content::of(view, shows, first)
    }

    /// When to look again though the hall has not changed.
    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        if let Some(before_all) = &self.before_all {
            return before_all.next;
        }
        let plays = self.script.len() > 1
            || self.script.iter().any(|slot| slot.between.is_some() || slot.page != Slide::Own);
        let look = self.looked.filter(|_| plays).map(|looked| looked + LOOK_EVERY);
        let page = self.playing.poll_timeout(&self.script).filter(|_| plays);
        [self.newest.poll_timeout(), look, page].into_iter().flatten().min()
    }
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
mod tests {
    use std::path::Path;
    use std::sync::Arc;

    use hall_core::Hall;
    use hall_core::command::Command;
    use hall_core::emergency::{EmergencyText, Grounds};
    use hall_core::view::CallView;
    use hall_protocol::payload::{HandState, WindowMode, WindowTicket};
    use hall_protocol::sign::{Depth, SignAddress};
    use hall_signs::Panel;
    use hall_signs::page::{TestPattern, WindowContent, WindowPage, ZonePage};

    use super::super::{Order, OrderDesk};
    use super::*;
    use crate::clock::Clock;
    use crate::config::Config;

    /// The demo's hall before anybody came.
    fn view() -> HallView {
        let text = include_str!("../../../../deploy/demo/hall.toml");
        let config = Config::parse(text, Path::new("hall.toml")).unwrap();
        let clock = Clock::new(config.time_zone.clone(), config.day_starts());
        let mut hall = Hall::new(config.plan.hall());
        for event in hall.decide(&Command::AdoptPlan(Box::new(config.plan)), clock.now()).unwrap().events {
            hall.apply(&event);
        }
        HallView::of(&hall, 1)
    }

    /// The hall with these calls in zone A, newest first, as (number, window, seconds).
    fn calling(calls: &[(&str, &str, i64)]) -> HallView {
        let mut view = view();
        let call = |(number, window, second): &(&str, &str, i64)| CallView {
            number: number.parse().unwrap(),
            window: window.parse().unwrap(),
            label: (*window).to_owned(),
            called_at: HallTime::from_unix_ms(second * 1_000),
            recalls: 0,
        };
        Arc::make_mut(&mut view.zones[0]).calls = calls.iter().map(call).collect();
        view
    }

    fn zone() -> Shows {
        Shows::Zone("A".parse().unwrap())
    }

    fn slot(page: Slide, seconds: u64) -> Slot<Slide> {
        Slot { page, screen_lasts: Duration::from_secs(seconds), between: None }
    }

    fn shown(program: &mut Program, view: &HallView, shows: Shows, now: Instant) -> Content {
        ordered(program, view, shows, &Orders::default(), now)
    }

    fn ordered(
        program: &mut Program,
        view: &HallView,
        shows: Shows,
        orders: &Orders,
        now: Instant,
    ) -> Content {
        let spot = SignSpot {
            index: 0,
            id: "W1".parse().unwrap(),
            address: SignAddress::FIRST,
            panel: Panel::new(320, 64, Depth::RedGreen).unwrap(),
            model: hall_signs::codec::model::Model::Native,
            shows,
            port: "/dev/serial/by-id/usb-1".into(),
        };
        program.content(view, &spot, orders, jiff::civil::date(2026, 11, 25).at(8, 5, 0, 0), now)
    }

    fn numbers(content: &Content) -> Vec<String> {
        match content.page() {
            Page::Zone(ZonePage { calls, .. }) => calls.iter().map(|call| call.number.to_string()).collect(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn calls_that_fall_together_each_stand_first_and_all_stand_in_the_list() {
        let (mut program, now) = (Program::new(Vec::new()), Instant::now());
        assert_eq!(numbers(&shown(&mut program, &calling(&[]), zone(), now)), [""; 0]);
        let two = calling(&[("B002", "3", 2), ("A001", "1", 1)]);
        assert_eq!(numbers(&shown(&mut program, &two, zone(), now)), ["A001", "B002"]);
        let turn = program.poll_timeout().unwrap();
        assert_eq!(turn, now + NEWEST_AT_LEAST);
        assert_eq!(numbers(&shown(&mut program, &two, zone(), turn)), ["B002", "A001"]);
        assert_eq!(program.poll_timeout(), None);
    }

    #[test]
    fn a_script_plays_until_somebody_is_called() {
        let script = vec![slot(Slide::Own, 20), slot(Slide::Clock, 5), slot(Slide::Overview, 5)];
        let (mut program, now) = (Program::new(script), Instant::now());
        let later = |seconds| now + Duration::from_secs(seconds);
        let quiet = calling(&[]);
        assert!(numbers(&shown(&mut program, &quiet, zone(), now)).is_empty());
        let clock = shown(&mut program, &quiet, zone(), later(20));
        let time = ClockPage { month: 11, day: 25, weekday: 3, hour: 8, minute: 5 };
        assert_eq!(*clock.page(), Page::Clock(time));
        let overview = shown(&mut program, &quiet, zone(), later(25));
        let Page::Overview(page) = overview.page() else { panic!("{overview:?}") };
        assert_eq!(page.rows.len(), 4, "{page:?}");
        let called = calling(&[("A001", "1", 1)]);
        assert_eq!(numbers(&shown(&mut program, &called, zone(), later(26))), ["A001"]);
        assert_eq!(numbers(&shown(&mut program, &called, zone(), later(45))), ["A001"]);
        assert!(matches!(shown(&mut program, &called, zone(), later(46)).page(), Page::Clock(_)));
        assert!(program.poll_timeout().unwrap() <= later(47));
    }

    #[test]
    fn the_sign_of_a_window_that_calls_or_serves_shows_nothing_else() {
        let script = vec![slot(Slide::Notice("今日停电".into()), 5)];
        let (mut program, now) = (Program::new(script), Instant::now());
        let window = Shows::Window("1".parse().unwrap());
        let mut view = view();
        let notice = Page::Notice(NoticePage { text: "今日停电".into() });
        assert_eq!(*shown(&mut program, &view, window, now).page(), notice);
        let number = "A001".parse().unwrap();
        for state in [HandState::Called, HandState::Serving] {
            let open = Arc::make_mut(&mut view.windows[0]);
            open.mode = WindowMode::Open;
            open.ticket = Some(WindowTicket {
                number,
                state,
                service: "social".parse().unwrap(),
                since_ms: 0,
                recalls: 0,
            });
            let content = match state {
                HandState::Called => WindowContent::Called { number },
                HandState::Serving => WindowContent::Serving { number },
            };
            let page = Page::Window(WindowPage { label: "1".into(), state: content });
            assert_eq!(*shown(&mut program, &view, window, now).page(), page);
        }
    }

    /// The hall of the demo with these emergency texts, each for a zone or for all.
    fn in_emergency(texts: &[(&str, Option<&str>)]) -> HallView {
        let text = include_str!("../../../../deploy/demo/hall.toml");
        let config = Config::parse(text, Path::new("hall.toml")).unwrap();
        let clock = Clock::new(config.time_zone.clone(), config.day_starts());
        let mut hall = Hall::new(config.plan.hall());
        let declare = |(zh, zone): &(&str, Option<&str>)| Command::DeclareEmergency {
            client: "technician".parse().unwrap(),
            text: EmergencyText::new(zh, "").unwrap(),
            zones: zone.iter().map(|zone| zone.parse().unwrap()).collect(),
            grounds: Grounds::default(),
        };
        let adopt = Command::AdoptPlan(Box::new(config.plan));
        for command in std::iter::once(adopt).chain(texts.iter().map(declare)) {
            for event in hall.decide(&command, clock.now()).unwrap().events {
                hall.apply(&event);
            }
        }
        HallView::of(&hall, 1)
    }

    #[test]
    fn an_emergency_is_before_calls_and_tests_and_turns_its_screens() {
        let (mut program, now) = (Program::new(Vec::new()), Instant::now());
        let later = |seconds| now + Duration::from_secs(seconds);
        let desk = OrderDesk::default();
        desk.give(&["W1".parse().unwrap()], Order::Identify, Duration::from_secs(60));
        let orders = Arc::clone(&desk.orders().borrow());
        let calm = in_emergency(&[]);
        let own = ordered(&mut program, &calm, zone(), &orders, now);
        assert!(matches!(own.page(), Page::Identity(_)), "{own:?}");

        let text = "火警，请立即从最近的安全出口有序撤离。".repeat(5);
        let alarm = in_emergency(&[(&text, Some("A"))]);
        let first = ordered(&mut program, &alarm, zone(), &orders, now);
        assert!(matches!(first.page(), Page::Emergency(page) if page.zh == text));
        assert_eq!(first.urgency(), hall_signs::bus::Urgency::Call);
        assert_eq!(program.poll_timeout(), Some(later(4)));
        let second = ordered(&mut program, &alarm, zone(), &orders, later(4));
        assert!(!first.same_picture(&second));
        assert_eq!(program.poll_timeout(), Some(later(8)));

        let elsewhere = in_emergency(&[("撤离", Some("B"))]);
        assert!(matches!(ordered(&mut program, &elsewhere, zone(), &orders, now).page(), Page::Identity(_)));
        let everywhere = in_emergency(&[("撤离", None)]);
        for shows in [zone(), Shows::Window("1".parse().unwrap()), Shows::Window("gone".parse().unwrap())] {
            let shown = ordered(&mut program, &everywhere, shows, &orders, now);
            assert!(matches!(shown.page(), Page::Emergency(_)), "{shows:?}");
            assert_eq!(program.poll_timeout(), None, "one screen stands until it is cleared");
        }
    }

    #[test]
    fn a_test_runs_through_all_patterns_and_then_the_sign_is_back() {
        let (mut program, view) = (Program::new(Vec::new()), calling(&[]));
        let desk = OrderDesk::default();
        desk.give(&["W1".parse().unwrap()], Order::Test(None), Duration::from_secs(5));
        let orders = Arc::clone(&desk.orders().borrow());
        let mut now = Instant::now();
        let mut seen = Vec::new();
        while let Page::Test(pattern) = ordered(&mut program, &view, zone(), &orders, now).page() {
            seen.push(*pattern);
            now = program.poll_timeout().unwrap();
        }
        assert_eq!(seen, [TestPattern::All, TestPattern::Red, TestPattern::Green]);
        assert!(numbers(&ordered(&mut program, &view, zone(), &orders, now)).is_empty());
        assert_eq!(program.poll_timeout(), None);
    }
}
