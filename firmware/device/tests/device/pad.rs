//! The call pad: what it publishes and what its display shows.

use embedded_graphics::geometry::Point;
use hall_device::glyph;
use hall_device::message::Ignored;
use hall_device::mqtt::Device;
use hall_device::pad::screen::Note;
use hall_device::pad::{Pad, PadKey, Settings};
use hall_device::words::OTHER_VERSION;
use hall_protocol::id::{HallId, WindowId};
use hall_protocol::json::{self, DecodeError, Payload, Version};
use hall_protocol::payload::{
    ControllerStatus, HandState, Key, Lamp, Press, PressOutcome, Refused, Why, WindowMode, WindowReply,
    WindowState, WindowTicket,
};
use hall_protocol::sign::Depth;
use hall_protocol::text::Text;
use hall_signs::{Frame, Light, Panel};

use crate::conversation::Flash;

const NEXT: u16 = 1;
const PAUSE: u16 = 1 << 1;

type FivePad = Pad<Flash, 5>;

fn pad() -> FivePad {
    let keys = [
        PadKey::Always(Key::Next),
        PadKey::PauseOrResume,
        PadKey::StartOrFinish,
        PadKey::Always(Key::NoShow),
        PadKey::CloseOrOpen,
    ];
    let settings = Settings { hall: HallId::new("h").unwrap(), window: WindowId::new("W3").unwrap(), keys };
    let mut pad = Pad::new(settings, Flash::default(), 7);
    pad.look(0, 0);
    pad.look(0, 30);
    pad
}

fn encoded(payload: &impl Payload) -> Vec<u8> {
    let mut bytes = vec![0; 1_024];
    let length = json::encode(payload, &mut bytes).unwrap();
    bytes.truncate(length);
    bytes
}

fn state(mode: WindowMode, hand: Option<(&str, HandState)>) -> WindowState {
    let ticket = hand.map(|(number, state)| WindowTicket {
        number: number.parse().unwrap(),
        service: "tax".parse().unwrap(),
        state,
        since_ms: 0,
        recalls: 0,
    });
    WindowState {
        v: Version,
        at_ms: 0,
        window: WindowId::new("W3").unwrap(),
        label: Text::new("3"),
        mode,
        reason: None,
        ticket,
        why: None,
        waiting: 12,
        lamp: Lamp::of(mode, ticket.is_some()),
        parked: [].into_iter().collect(),
        armed: false,
        clerk_id: None,
    }
}

fn told(pad: &mut FivePad, state: &WindowState) {
    pad.hear("hall/v1/h/window/W3/state", &encoded(state), 0).unwrap();
}

fn reply(session: u32, seq: u32, outcome: PressOutcome) -> Vec<u8> {
    encoded(&WindowReply { v: Version, session: Some(session), seq: Some(seq), outcome })
}

fn hold(pad: &mut FivePad, keys: u16, now_ms: u64) {
    for (pressed, at_ms) in [(keys, 0), (keys, 20), (0, 30), (0, 50)] {
        pad.look(pressed, now_ms + at_ms);
    }
}

fn published(pad: &mut FivePad, now_ms: u64) -> Option<Press> {
    let mut buffer = [0; 1_024];
    let publish = pad.poll_publish(now_ms, &mut buffer)?;
    assert_eq!(publish.topic.to_string(), "hall/v1/h/window/W3/press");
    assert_eq!(publish.response_topic.to_string(), "hall/v1/h/window/W3/reply");
    Some(json::decode(publish.payload).unwrap())
}

fn refused(zh: &str, en: &str) -> Refused {
    Refused { code: Text::new("nobody_waiting"), zh: Text::new(zh), en: Text::new(en) }
}

#[test]
fn a_press_names_the_ticket_shown_and_is_repeated_until_it_is_answered() {
    let mut pad = pad();
    pad.link(true, 50);
    told(&mut pad, &state(WindowMode::Open, Some(("A012", HandState::Called))));
    hold(&mut pad, NEXT, 1_000);
    let press = published(&mut pad, 1_050).unwrap();
    assert_eq!((press.session, press.seq, press.key, press.age_ms), (7, 1, Key::Next, 30));
    assert_eq!(press.ticket, Some("A012".parse().unwrap()));
    assert_eq!(published(&mut pad, 1_500), None);
    assert_eq!(published(&mut pad, 1_800).unwrap(), Press { age_ms: 780, ..press });
    let ticket = state(WindowMode::Open, Some(("A013", HandState::Called))).ticket;
    let done = PressOutcome::Done { mode: WindowMode::Open, ticket, armed: false };
    let topic = "hall/v1/h/window/W3/reply";
    pad.hear(topic, &reply(7, 1, done.clone()), 1_900).unwrap();
    assert_eq!(published(&mut pad, 9_000), None);
    assert_eq!(pad.screen(1_900).hand, ticket, "the answer is shown before the state comes");
    assert_eq!(pad.hear(topic, &reply(7, 1, done), 2_000), Err(Ignored::Late));
}

#[test]
fn a_controller_of_another_version_is_told_on_the_display_until_one_of_the_same_speaks() {
    let mut pad = pad();
    pad.link(true, 50);
    let open = state(WindowMode::Open, None);
    told(&mut pad, &open);
    assert_eq!(pad.lamp(), Lamp::Green);
    let newer = br#"{"v":2,"at_ms":0,"state":{"mode":"open"}}"#;
    let topics = ["window/W3/state", "window/W3/reply", "controller/status"];
    for topic in topics.map(|topic| format!("hall/v1/h/{topic}")) {
        assert_eq!(pad.hear(&topic, newer, 100), Err(Ignored::Payload(DecodeError::Version(2))));
        assert_eq!((pad.screen(100).note, pad.lamp()), (Note::OtherVersion, Lamp::Off));
        let mut display = Frame::dark(Panel::new(128, 64, Depth::Mono).unwrap());
        pad.screen(100).draw(&mut display, Light::RED).unwrap();
        let half = glyph::width_px(OTHER_VERSION) / 2;
        assert_eq!(half, 128, "two lines, both of them full");
        // A press is still sent: a controller that reads older messages may do it.
        assert_eq!(pad.hear("hall/v1/h/window/W4/state", newer, 110), Err(Ignored::Topic));
        told(&mut pad, &open);
        assert_eq!((pad.screen(120).note, pad.lamp()), (Note::None, Lamp::Green));
    }
    pad.hear("hall/v1/h/controller/status", newer, 200).unwrap_err();
    pad.link(false, 300);
    assert_eq!(pad.screen(300).note, Note::Offline);
}

#[test]
fn an_answer_that_comes_late_does_not_hide_what_the_window_has_done_since() {
    let mut pad = pad();
    pad.link(true, 50);
    told(&mut pad, &state(WindowMode::Open, None));
    hold(&mut pad, NEXT, 1_000);
    published(&mut pad, 1_050).unwrap();
    // Nobody waited, which armed the window; then somebody came, and the answer was lost and came again.
    let called = state(WindowMode::Open, Some(("A013", HandState::Called)));
    told(&mut pad, &called);
    let armed = PressOutcome::Done { mode: WindowMode::Open, ticket: None, armed: true };
    pad.hear("hall/v1/h/window/W3/reply", &reply(7, 1, armed), 3_900).unwrap();
    assert_eq!(pad.screen(3_900).hand, called.ticket);
}

#[test]
fn a_press_without_a_link_is_sent_when_there_is_one_in_time_and_never_later() {
    let mut pad = pad();
    hold(&mut pad, NEXT, 1_000);
    assert_eq!(published(&mut pad, 1_050), None);
    pad.link(true, 3_000);
    assert_eq!(published(&mut pad, 3_000).unwrap().age_ms, 1_980);

    let mut pad = self::pad();
    hold(&mut pad, NEXT, 1_000);
    pad.look(0, 6_020);
    pad.link(true, 6_030);
    assert_eq!(published(&mut pad, 6_030), None);
    let shown = drawn(&pad, 6_030);
    assert!(has(&shown, "无应答，请核对后", 0, 32, 1), "the clerk is told");
}

#[test]
fn keys_with_two_meanings_do_what_the_window_needs() {
    for (mode, hand, keys) in [
        (None, None, [Key::Next, Key::Pause, Key::Start, Key::NoShow, Key::Close]),
        (Some(WindowMode::Open), None, [Key::Next, Key::Pause, Key::Start, Key::NoShow, Key::Close]),
        (Some(WindowMode::Paused), None, [Key::Next, Key::Resume, Key::Start, Key::NoShow, Key::Close]),
        (Some(WindowMode::Closed), None, [Key::Next, Key::Pause, Key::Start, Key::NoShow, Key::Open]),
        (
            Some(WindowMode::Open),
            Some(("A001", HandState::Serving)),
            [Key::Next, Key::Pause, Key::Finish, Key::NoShow, Key::Close],
        ),
    ] {
        for (bit, key) in keys.into_iter().enumerate() {
            let mut pad = pad();
            pad.link(true, 50);
            if let Some(mode) = mode {
                told(&mut pad, &state(mode, hand));
            }
            hold(&mut pad, 1 << bit, 1_000);
            assert_eq!(published(&mut pad, 1_050).unwrap().key, key, "{mode:?} {hand:?}");
        }
    }
}

#[test]
fn one_key_opens_pauses_and_resumes() {
    for (mode, key) in
        [(WindowMode::Closed, Key::Open), (WindowMode::Open, Key::Pause), (WindowMode::Paused, Key::Resume)]
    {
        assert_eq!(PadKey::OpenPauseOrResume.meaning(Some(&state(mode, None))), key);
    }
    assert_eq!(PadKey::OpenPauseOrResume.meaning(None), Key::Pause);
}

#[test]
fn what_is_not_for_this_pad_changes_nothing() {
    let mut pad = pad();
    let body = encoded(&state(WindowMode::Paused, None));
    for topic in ["hall/v1/h/window/W4/state", "hall/v1/x/window/W3/state", "hall/v1/h/zone/Z/board", "?"] {
        assert_eq!(pad.hear(topic, &body, 0), Err(Ignored::Topic), "{topic}");
    }
    let broken = pad.hear("hall/v1/h/window/W3/state", b"{\"v\":2}", 0);
    assert!(matches!(broken, Err(Ignored::Payload(_))));
    assert_eq!(pad.screen(0).mode, None);
    let topics = pad.subscriptions().map(|topic| topic.to_string());
    assert_eq!(
        topics,
        ["hall/v1/h/window/W3/state", "hall/v1/h/window/W3/reply", "hall/v1/h/controller/status"]
    );
    assert_eq!(pad.status_topic().to_string(), "hall/v1/h/window/W3/status");
}

/// The display's pixels.
fn drawn(pad: &FivePad, now_ms: u64) -> Frame {
    let mut frame = Frame::dark(Panel::new(128, 64, Depth::Mono).unwrap());
    pad.screen(now_ms).draw(&mut frame, Light::RED).unwrap();
    frame
}

/// Whether a text stands at a place of the display.
fn has(frame: &Frame, text: &str, x: u16, y: u16, scale: u8) -> bool {
    let mut alone = Frame::dark(frame.panel());
    let at = Point::new(x.into(), y.into());
    glyph::draw(&mut alone, text, at, scale, Light::RED).unwrap();
    let right = x + u16::try_from(glyph::width_px(text)).unwrap() * u16::from(scale);
    let mut lit = 0;
    let same = (y..y + 16 * u16::from(scale)).all(|y| {
        (x..right).all(|x| {
            lit += u32::from(alone.light(x, y).is_on());
            alone.light(x, y) == frame.light(x, y)
        })
    });
    same && lit > 0
}

#[test]
fn the_display_shows_window_waiting_number_and_what_is_done() {
    let mut pad = pad();
    pad.link(true, 50);
    told(&mut pad, &state(WindowMode::Open, Some(("A012", HandState::Called))));
    let frame = drawn(&pad, 100);
    assert!(has(&frame, "3号窗", 0, 0, 1));
    assert!(has(&frame, "等候 12", 128 - 56, 0, 1));
    assert!(has(&frame, "A012", 32, 16, 2));
    assert!(has(&frame, "呼叫中", 0, 48, 1));
    for (mode, hand, text) in [
        (WindowMode::Open, Some(("A012", HandState::Serving)), "办理中"),
        (WindowMode::Open, None, "开放"),
        (WindowMode::Paused, None, "暂停"),
        (WindowMode::Closed, None, "关闭"),
    ] {
        told(&mut pad, &state(mode, hand));
        assert!(has(&drawn(&pad, 100), text, 0, 48, 1), "{text}");
    }
    assert_eq!(pad.lamp(), Lamp::Off);
}

#[test]
fn a_clerk_reads_why_this_citizen_was_called_until_the_service_begins() {
    let mut pad = pad();
    pad.link(true, 50);
    let called = |zh: &str, en: &str| WindowState {
        why: Some(Why { zh: Text::new(zh), en: Text::new(en) }),
        ..state(WindowMode::Open, Some(("A012", HandState::Called)))
    };
    told(&mut pad, &called("预约10:00", "appointment 10:00"));
    let frame = drawn(&pad, 100);
    assert!(has(&frame, "呼叫中", 0, 48, 1) && has(&frame, "预约10:00", 56, 48, 1));
    told(&mut pad, &called("超过目标240分钟", "over target by 240 min"));
    assert!(has(&drawn(&pad, 100), "超过目标240分钟", 0, 48, 1), "too wide for both");
    told(&mut pad, &called("选呼：龘", "picked: elder"));
    assert!(has(&drawn(&pad, 100), "picked: elder", 0, 48, 1), "without a glyph in English");
    told(&mut pad, &called("选呼：请先完成请先完成", ""));
    let frame = drawn(&pad, 100);
    assert!(has(&frame, "选呼：请先完成请", 0, 48, 1), "no glyph is cut");

    let serving = WindowState {
        why: called("预约10:00", "").why,
        ..state(WindowMode::Open, Some(("A012", HandState::Serving)))
    };
    told(&mut pad, &serving);
    let alone = drawn(&pad, 100);
    told(&mut pad, &state(WindowMode::Open, Some(("A012", HandState::Serving))));
    assert_eq!(alone, drawn(&pad, 100));
}

#[test]
fn why_one_was_called_is_not_said_of_the_next() {
    let mut pad = pad();
    pad.link(true, 50);
    let why = Some(Why { zh: Text::new("预约10:00"), en: Text::new("appointment 10:00") });
    let called = |number| state(WindowMode::Open, Some((number, HandState::Called)));
    told(&mut pad, &WindowState { why: why.clone(), ..called("A012") });
    let mut answer = |seq, number| {
        hold(&mut pad, NEXT, u64::from(seq) * 1_000);
        published(&mut pad, u64::from(seq) * 1_000 + 50).unwrap();
        let ticket = called(number).ticket;
        let done = PressOutcome::Done { mode: WindowMode::Open, ticket, armed: false };
        let now_ms = u64::from(seq) * 1_000 + 60;
        pad.hear("hall/v1/h/window/W3/reply", &reply(7, seq, done), now_ms).unwrap();
        pad.screen(now_ms).why
    };
    assert_eq!(answer(1, "A012"), why);
    assert_eq!(answer(2, "A013"), None);
}

#[test]
fn without_a_link_or_a_controller_the_display_says_that_what_it_shows_is_old() {
    let mut pad = pad();
    told(&mut pad, &state(WindowMode::Open, Some(("A012", HandState::Called))));
    assert!(has(&drawn(&pad, 100), "离线 Offline", 0, 48, 1));
    assert_eq!(pad.lamp(), Lamp::Off);
    pad.link(true, 200);
    assert!(has(&drawn(&pad, 200), "呼叫中", 0, 48, 1));
    assert_eq!(pad.lamp(), Lamp::Red);
    let gone = ControllerStatus {
        v: Version,
        hall: HallId::new("h").unwrap(),
        online: false,
        at_ms: 0,
        version: Text::new("1"),
        owner: Text::default(),
    };
    pad.hear("hall/v1/h/controller/status", &encoded(&gone), 300).unwrap();
    assert!(has(&drawn(&pad, 300), "离线 Offline", 0, 48, 1));
}

#[test]
fn a_press_under_way_and_a_refusal_are_shown_for_a_while() {
    let mut pad = pad();
    pad.link(true, 50);
    told(&mut pad, &state(WindowMode::Open, None));
    hold(&mut pad, PAUSE, 1_000);
    assert!(has(&drawn(&pad, 1_100), "开放", 0, 48, 1), "no flicker");
    assert!(has(&drawn(&pad, 1_400), "请稍候…", 0, 48, 1));
    published(&mut pad, 1_400).unwrap();
    let outcome = PressOutcome::Refused(refused("暂无人等候", "Nobody is waiting"));
    pad.hear("hall/v1/h/window/W3/reply", &reply(7, 1, outcome), 1_500).unwrap();
    assert!(has(&drawn(&pad, 1_500), "暂无人等候", 0, 0, 1));
    pad.look(0, 7_500);
    assert!(has(&drawn(&pad, 7_500), "开放", 0, 48, 1));
}

#[test]
fn a_long_refusal_is_broken_into_lines_and_one_without_glyphs_is_english() {
    let mut pad = pad();
    pad.link(true, 50);
    let mut shown = |seq, zh, en| {
        hold(&mut pad, NEXT, u64::from(seq) * 1_000);
        published(&mut pad, u64::from(seq) * 1_000 + 50).unwrap();
        let outcome = PressOutcome::Refused(refused(zh, en));
        let now_ms = u64::from(seq) * 1_000 + 60;
        pad.hear("hall/v1/h/window/W3/reply", &reply(7, seq, outcome), now_ms).unwrap();
        drawn(&pad, now_ms)
    };
    let frame = shown(1, "A012 尚未办结，请先完成或过号", "");
    assert!(has(&frame, "A012 尚未办结，", 0, 0, 1) && has(&frame, "请先完成或过号", 0, 16, 1));
    let frame = shown(2, "龘", "The ticket in hand is A012; look and press again");
    assert!(has(&frame, "The ticket in", 0, 0, 1) && has(&frame, "hand is A012;", 0, 16, 1));
    assert!(has(&frame, "look and press", 0, 32, 1) && has(&frame, "again", 0, 48, 1));
}
