//! What a sign shows over time, in a hall that calls, is still, or is in an emergency.

mod demo;

use std::collections::BTreeMap;
use std::sync::Arc;

use hall_core::command::{self, Command};
use hall_core::emergency::{EmergencyText, Grounds};
use hall_core::view::CallView;
use hall_protocol::payload::{HandState, Key, WindowMode, WindowTicket};
use hall_protocol::sign::{Depth, SignAddress};
use hall_signs::Panel;
use hall_signs::codec::model::Model;
use hall_signs::codec::onbon::bx5k::{self, Speaker};
use hall_signs::page::{ArrowPage, Direction, ScrollPage, TestPattern, WindowContent, WindowPage, ZonePage};
use hall_signs::script::DaySpan;
use hall_signs::words::Saying;

use super::super::played::Played;
use super::super::{Order, OrderDesk};
use super::*;
use crate::config::Level;

/// The hall with these calls in zone A, newest first, as (number, window, seconds).
fn calling(calls: &[(&str, &str, i64)]) -> HallView {
    let mut view = Played::new().view;
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

fn spot(shows: Shows, panel: Panel) -> SignSpot {
    SignSpot {
        index: 0,
        id: "W1".parse().unwrap(),
        address: SignAddress::FIRST,
        panel,
        model: Model::Native,
        shows,
        port: "/dev/serial/by-id/usb-1".into(),
    }
}

fn ordered(program: &mut Program, view: &HallView, shows: Shows, orders: &Orders, now: Instant) -> Content {
    let spot = spot(shows, Panel::new(320, 64, Depth::RedGreen).unwrap());
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
    let (mut program, now) = (Program::new(Vec::new(), Look::default()), Instant::now());
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
    let (mut program, now) = (Program::new(script, Look::default()), Instant::now());
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
    let (mut program, now) = (Program::new(script, Look::default()), Instant::now());
    let window = Shows::Window("1".parse().unwrap());
    let mut view = Played::new().view;
    let notice = Page::Notice(NoticePage { text: "今日停电".into() });
    assert_eq!(*shown(&mut program, &view, window, now).page(), notice);
    let number = "A001".parse().unwrap();
    for state in [HandState::Called, HandState::Serving] {
        let open = Arc::make_mut(&mut view.windows[0]);
        open.mode = WindowMode::Open;
        open.ticket =
            Some(WindowTicket { number, state, service: "social".parse().unwrap(), since_ms: 0, recalls: 0 });
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
    let mut played = Played::new();
    for (zh, zone) in texts {
        let declared = played.give(&Command::DeclareEmergency {
            client: "technician".parse().unwrap(),
            text: EmergencyText::new(zh, "").unwrap(),
            zones: zone.iter().map(|zone| zone.parse().unwrap()).collect(),
            grounds: Grounds::default(),
        });
        assert!(declared, "{zh}");
    }
    played.view
}

#[test]
fn an_emergency_is_before_calls_and_tests_and_turns_its_screens() {
    let (mut program, now) = (Program::new(Vec::new(), Look::default()), Instant::now());
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
    let (mut program, view) = (Program::new(Vec::new(), Look::default()), calling(&[]));
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

#[test]
fn the_number_of_a_call_blinks_for_its_time_and_anew_when_it_is_called_again() {
    let look = Look { blink: Duration::from_secs(5), ..Look::default() };
    let (mut program, now) = (Program::new(Vec::new(), look), Instant::now());
    let later = |seconds| now + Duration::from_secs(seconds);
    let window = Shows::Window("1".parse().unwrap());
    let called = |recalls: u16| {
        let mut view = calling(&[("A001", "1", 1 + i64::from(recalls))]);
        Arc::make_mut(&mut view.zones[0]).calls[0].recalls = recalls;
        let open = Arc::make_mut(&mut view.windows[0]);
        open.mode = WindowMode::Open;
        let number = "A001".parse().unwrap();
        let (state, service) = (HandState::Called, "social".parse().unwrap());
        open.ticket = Some(WindowTicket { number, state, service, since_ms: 0, recalls });
        view
    };
    let mut shown = |view: &HallView, at| {
        let content = shown(&mut program, view, window, at);
        (content.blink().map(|blinking| blinking.occasion), program.poll_timeout())
    };
    assert_eq!(shown(&calling(&[]), now), (None, None));
    assert_eq!(shown(&called(0), now), (Some(1_000), Some(later(5))));
    assert_eq!(shown(&called(0), later(4)), (Some(1_000), Some(later(5))));
    assert_eq!(shown(&called(0), later(5)), (None, None));
    assert_eq!(shown(&called(1), later(9)), (Some(2_000), Some(later(14))));
}

/// Looks whenever the program asks for it, for so long; how often that was.
fn looks(program: &mut Program, view: &HallView, shows: Shows, from: Instant, lasts: Duration) -> usize {
    let (mut now, mut count) = (from, 0);
    while now < from + lasts {
        shown(program, view, shows, now);
        count += 1;
        let Some(next) = program.poll_timeout() else { break };
        assert!(next > now, "a look that is due at once is due for ever");
        now = next;
    }
    count
}

#[test]
fn a_script_rests_while_a_number_is_called_and_goes_on_after_it() {
    let script = vec![slot(Slide::Own, 5), slot(Slide::Clock, 4)];
    let (mut program, now) = (Program::new(script, Look::default()), Instant::now());
    let (window, later) = (Shows::Window("1".parse().unwrap()), |seconds| now + Duration::from_secs(seconds));
    let mut played = Played::new();
    assert!(played.press("1", Key::Open));
    assert!(matches!(shown(&mut program, &played.view, window, now).page(), Page::Window(_)));
    assert!(matches!(shown(&mut program, &played.view, window, later(5)).page(), Page::Clock(_)));
    assert!(played.take("social") && played.press("1", Key::Next));
    assert!(looks(&mut program, &played.view, window, later(6), Duration::from_secs(60)) <= 61);
    assert!(played.press("1", Key::Finish));
    assert!(matches!(shown(&mut program, &played.view, window, later(70)).page(), Page::Clock(_)));
    assert!(matches!(shown(&mut program, &played.view, window, later(73)).page(), Page::Clock(_)));
    assert!(matches!(shown(&mut program, &played.view, window, later(74)).page(), Page::Window(_)));
}

#[test]
fn a_script_without_a_page_for_this_hour_is_looked_at_no_more_than_every_second() {
    let night = Slot { between: Some(DaySpan { from_minute: 1, until_minute: 2 }), ..slot(Slide::Clock, 4) };
    let mut program = Program::new(vec![night], Look::default());
    let looks = looks(&mut program, &calling(&[]), zone(), Instant::now(), Duration::from_secs(60));
    assert!((2..=61).contains(&looks), "{looks}");
}

#[test]
fn what_was_called_before_the_start_does_not_blink() {
    let look = Look { blink: Duration::from_secs(5), ..Look::default() };
    let mut program = Program::new(Vec::new(), look);
    let view = calling(&[("A001", "1", 1)]);
    let content = shown(&mut program, &view, Shows::Window("1".parse().unwrap()), Instant::now());
    assert_eq!((content.blink(), program.poll_timeout()), (None, None));
}

#[test]
fn a_signpost_points_to_the_newest_call_s_window_if_it_knows_the_way() {
    let directions = BTreeMap::from([("1".parse().unwrap(), Direction::Left)]);
    let script = vec![slot(Slide::Signpost(directions), 10)];
    let (mut program, now) = (Program::new(script, Look::default()), Instant::now());
    let known = shown(&mut program, &calling(&[("A001", "1", 1)]), zone(), now);
    let number = "A001".parse().unwrap();
    let arrow = ArrowPage { number, label: "1".into(), direction: Direction::Left };
    assert_eq!(*known.page(), Page::Arrow(arrow));
    assert_eq!(known.urgency(), hall_signs::bus::Urgency::Call);
    let unknown = shown(&mut program, &calling(&[("A002", "3", 2)]), zone(), now + NEWEST_WITHIN);
    assert_eq!(numbers(&unknown), ["A002"]);
}

#[test]
fn a_small_signpost_says_number_and_direction_while_each_call_stands_first() {
    let directions = BTreeMap::from([("1".parse().unwrap(), Direction::Left)]);
    let script = vec![slot(Slide::Signpost(directions), 10), slot(Slide::Clock, 10)];
    let (mut program, begin) = (Program::new(script, Look::default()), Instant::now());
    let small = spot(zone(), Panel::new(32, 16, Depth::Mono).unwrap());
    let shown = |program: &mut Program, calls: &[(&str, &str, i64)], after: Duration| {
        let local = jiff::civil::date(2026, 11, 25).at(8, 5, 0, 0);
        let content = program.content(&calling(calls), &small, &Orders::default(), local, begin + after);
        let Page::Arrow(page) = content.page() else { panic!("{content:?}") };
        let frame = content.showing(&small.model, small.setup()).0.frame;
        let turn = (0..page.screens(small.panel)).position(|at| page.render(small.panel, at) == *frame);
        (page.number.to_string(), turn.unwrap())
    };
    let (first, second) = (("A001", "1", 1), ("A002", "1", 3));
    let seen = |program: &mut Program, calls: &[_], from: Duration| {
        [0, 1_499, 1_500, 2_999].map(|ms| shown(program, calls, from + Duration::from_millis(ms)).1)
    };
    assert_eq!(seen(&mut program, &[first], Duration::ZERO), [0, 0, 1, 1]);
    // The next call begins with its number.
    let from = Duration::from_millis(4_700);
    assert_eq!(shown(&mut program, &[second, first], from).0, "A002");
    assert_eq!(seen(&mut program, &[second, first], from), [0, 0, 1, 1]);
}

fn speaking(shows: Shows) -> SignSpot {
    let speaker = Speaker { person: 0, repeats: 0, volume: 5, speed: 5 };
    let setup = bx5k::Setup { speaker: Some(speaker), ..bx5k::Setup::new(1, 128, 32) };
    let panel = Panel::new(128, 32, Depth::RedGreen).unwrap();
    SignSpot { model: Model::OnbonBx5k(setup), ..spot(shows, panel) }
}

/// What is said at this time of the day, if something is.
fn said(program: &mut Program, view: &HallView, spot: &SignSpot, now: Instant) -> Option<Saying> {
    let local = jiff::civil::date(2026, 11, 25).at(8, 5, 0, 0);
    let content = program.content(view, spot, &Orders::default(), local, now);
    content.showing(&spot.model, spot.setup()).0.say
}

#[test]
fn a_sign_with_a_voice_says_a_new_call_for_a_while_and_a_recall_anew() {
    let begin = Instant::now();
    for (shows, window) in [(zone(), "2"), (Shows::Window("1".parse().unwrap()), "1")] {
        let (mut program, spot) = (Program::new(vec![], Look::default()), speaking(shows));
        let mut says = |calls: &[(&str, &str, i64)], after_s: u64| {
            let view = match shows {
                Shows::Zone(_) => calling(calls),
                Shows::Window(_) => called_at_window(calls),
            };
            said(&mut program, &view, &spot, begin + Duration::from_secs(after_s))
        };
        // Nobody knows how long ago the calls before the start were.
        let old = ("A001", window, 1);
        assert_eq!(says(&[old], 0), None);
        let new = ("A002", window, 20);
        let first = says(&[new, old], 20).unwrap();
        assert_eq!(first.text, format!("请A002号到{window}号窗口"));
        assert_eq!(says(&[new, old], 29), Some(first.clone()));
        assert_eq!(says(&[new, old], 30), None);
        let again = says(&[("A002", window, 40), old], 40).unwrap();
        assert!(again.text == first.text && again.occasion != first.occasion);
    }
    // A sign without a voice is given nothing to say.
    let (mut program, spot) = (Program::new(vec![], Look::default()), spot(zone(), speaking(zone()).panel));
    said(&mut program, &calling(&[]), &spot, begin);
    assert_eq!(said(&mut program, &calling(&[("A002", "1", 20)]), &spot, begin), None);
}

/// The hall with the first of these calls in hand at its window.
fn called_at_window(calls: &[(&str, &str, i64)]) -> HallView {
    let mut view = calling(calls);
    if let Some((number, _, _)) = calls.first() {
        let (number, service, state) =
            (number.parse().unwrap(), "social".parse().unwrap(), HandState::Called);
        let window = Arc::make_mut(&mut view.windows[0]);
        window.ticket = Some(WindowTicket { number, state, service, since_ms: 0, recalls: 0 });
    }
    view
}

#[test]
fn outside_of_its_hours_a_sign_is_dark_unless_somebody_has_to_see_it() {
    let lit = Some(DaySpan { from_minute: 450, until_minute: 1_110 });
    let look = Look { lit, ..Look::default() };
    let at = |view: &HallView, shows: Shows, orders: &Orders, hour: i8| {
        let mut program = Program::new(vec![slot(Slide::Clock, 10)], look.clone());
        let spot = spot(shows, Panel::new(320, 64, Depth::RedGreen).unwrap());
        let local = jiff::civil::date(2026, 11, 25).at(hour, 0, 0, 0);
        let content = program.content(view, &spot, orders, local, Instant::now());
        assert!(program.poll_timeout().is_some(), "it looks at the clock");
        *content.page() == Page::Dark
    };
    let (still, none) = (calling(&[]), Orders::default());
    let window = Shows::Window("1".parse().unwrap());
    for shows in [zone(), window] {
        assert_eq!([7, 8, 18, 19].map(|hour| at(&still, shows, &none, hour)), [true, false, false, true]);
        assert!(!at(&in_emergency(&[("撤离", None)]), shows, &none, 22));
        assert!(!at(&called_at_window(&[("A001", "1", 1)]), shows, &none, 22), "{shows:?}");
    }
    // A page that was said in turns does not keep a dark sign busy.
    let mut program = Program::new(vec![], look.clone());
    let small = spot(window, Panel::new(32, 16, Depth::Mono).unwrap());
    let mut idle = Played::new();
    assert!(idle.press("1", Key::Open));
    let now = Instant::now();
    for (hour, at) in [(18, now), (19, now + Duration::from_secs(3_600))] {
        let local = jiff::civil::date(2026, 11, 25).at(hour, 0, 0, 0);
        let content = program.content(&idle.view, &small, &none, local, at);
        assert!(content.page().screens(small.panel) > 1 || hour == 19, "{content:?}");
        assert!(program.poll_timeout().unwrap() > at, "at {hour} o'clock");
    }
    // Calls of the day that are over light nothing.
    assert!(at(&calling(&[("A001", "1", 1)]), zone(), &none, 22));
}

#[test]
fn a_notice_that_moves_through_takes_a_step_at_a_time() {
    let text = "今日下午系统升级，请谅解。".repeat(3);
    let step =
        Slot { screen_lasts: Duration::from_millis(500), ..slot(Slide::Scroll(ScrollPage::new(text)), 1) };
    let (mut program, now) = (Program::new(vec![step], Look::default()), Instant::now());
    let view = calling(&[]);
    let first = shown(&mut program, &view, zone(), now);
    assert_eq!(program.poll_timeout(), Some(now + Duration::from_millis(500)));
    let second = shown(&mut program, &view, zone(), now + Duration::from_millis(500));
    assert!(first.page() == second.page() && !first.same_picture(&second));
}

#[test]
fn an_idle_window_says_what_it_serves_since_the_manager_moved_it() {
    let mut played = Played::new();
    assert!(played.press("1", Key::Open));
    let (mut program, now) = (Program::new(Vec::new(), Look::default()), Instant::now());
    let mut says = |view: &HallView| {
        let content = shown(&mut program, view, Shows::Window("1".parse().unwrap()), now);
        let Page::Window(WindowPage { state: WindowContent::Idle { service, .. }, .. }) = content.page()
        else {
            panic!("{content:?}")
        };
        service.clone()
    };
    assert_eq!(says(&played.view), "社会保险");
    for (primary, backup, said) in [
        (["tax"].as_slice(), [].as_slice(), "税务"),
        (&["tax"], &["social"], "税务等"),
        (&["property", "tax"], &[], "不动产登记等"),
    ] {
        let services = |ids: &[&str]| ids.iter().map(|id| id.parse().unwrap()).collect();
        let window = "1".parse().unwrap();
        let (primary, backup) = (services(primary), services(backup));
        let order = command::Order::Allocate { window, primary, backup };
        assert!(played.give(&Command::Manage { by: "chief".parse().unwrap(), order }));
        assert_eq!(says(&played.view), said);
    }
}

#[test]
fn a_sign_is_dimmed_by_the_clock_during_an_emergency_too() {
    let brightness = vec![Level { from_minute: 0, level: 100 }];
    let mut program = Program::new(Vec::new(), Look { brightness, ..Look::default() });
    let now = Instant::now();
    let alarm = in_emergency(&[("撤离", None)]);
    assert!(matches!(shown(&mut program, &alarm, zone(), now).page(), Page::Emergency(_)));
    assert_eq!(program.poll_timeout(), Some(now + LOOK_EVERY));
}
