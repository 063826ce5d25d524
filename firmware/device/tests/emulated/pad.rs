//! The call pad: keys pressed in the emulator call tickets in the real daemon, and the display shows what
//! the hall says, whatever happens to board, network and daemon.

use std::thread::sleep;
use std::time::Duration;

use hall_device::glyph;
use hall_device::pad::screen::{Note, Screen};
use hall_protocol::payload::{HandState, Why, WindowMode, WindowTicket};
use hall_protocol::sign::Depth;
use hall_protocol::text::Text;
use hall_signs::{Frame, Light, Panel};

use crate::board::{Board, LET_GO, Setup, lit};
use crate::hall::{HALL, Hall};

pub(crate) const NEXT: &str = "up";
const START_OR_FINISH: &str = "right";
pub(crate) const OPEN_PAUSE_OR_RESUME: &str = "ctrl";

/// The hall refuses a second NEXT of the same window within this time.
pub(crate) const GUARD: Duration = Duration::from_millis(2_100);

/// The call pad of window 1.
pub(crate) fn pad(hall: &Hall) -> Board {
    Board::start(Setup { network: Some(settings(hall)), ..Setup::of("pad") })
}

fn settings(hall: &Hall) -> String {
    format!("hall={HALL}\nwindow=1\nbroker=10.0.2.2:{}\n", hall.mqtt_port)
}

/// What window 1's display shows in this state, whose tickets are called as the oldest of one service.
pub(crate) fn screen(mode: WindowMode, hand: Option<(&str, HandState)>, waiting: u32) -> Screen {
    let hand = hand.map(|(number, state)| WindowTicket {
        number: number.parse().unwrap(),
        service: "social".parse().unwrap(),
        state,
        since_ms: 0,
        recalls: 0,
    });
    let why = hand.map(|_| Why { zh: Text::new("等候最久"), en: Text::new("waiting longest") });
    Screen { label: Text::new("1"), hand, why, mode: Some(mode), waiting, note: Note::None }
}

/// The same when the pad hears nothing.
pub(crate) fn offline(screen: Screen) -> Screen {
    Screen { note: Note::Offline, ..screen }
}

fn drawn(screen: &Screen) -> Vec<bool> {
    let mut frame = Frame::dark(Panel::new(128, 64, Depth::Mono).unwrap());
    screen.draw(&mut frame, Light::RED).unwrap();
    lit(&frame)
}

pub(crate) fn shows(board: &mut Board, wanted: &Screen) {
    let pixels = drawn(wanted);
    board.shows(|display| *display == pixels, &format!("{wanted:?}"));
}

/// A pad at an open window where three citizens wait.
fn opened() -> (Hall, Board) {
    let hall = Hall::open("");
    let mut board = pad(&hall);
    shows(&mut board, &screen(WindowMode::Closed, None, 0));
    for number in ["A001", "A002", "A003"] {
        assert_eq!(hall.take("social"), number);
    }
    shows(&mut board, &screen(WindowMode::Closed, None, 3));
    board.press(OPEN_PAUSE_OR_RESUME);
    shows(&mut board, &screen(WindowMode::Open, None, 3));
    (hall, board)
}

#[test]
fn a_key_calls_and_the_display_shows_who_and_a_board_that_starts_anew_calls_nobody_twice() {
    let (hall, mut board) = opened();
    board.press(NEXT);
    shows(&mut board, &screen(WindowMode::Open, Some(("A001", HandState::Called)), 2));
    assert_eq!(hall.journaled("called", "number"), ["A001"]);
    board.press(START_OR_FINISH);
    shows(&mut board, &screen(WindowMode::Open, Some(("A001", HandState::Serving)), 2));

    // The board starts anew while the key is down. Whether the press got out or not, it is done at most
    // once, and what the board had counted is kept.
    board.touch(NEXT);
    sleep(Duration::from_millis(30));
    board.reset();
    sleep(LET_GO);
    shows_one_of(
        &mut board,
        &[
            screen(WindowMode::Open, Some(("A001", HandState::Serving)), 2),
            screen(WindowMode::Open, Some(("A002", HandState::Called)), 1),
        ],
    );
    sleep(GUARD);
    let before = hall.journaled("called", "number").len();
    board.press(NEXT);
    let next = format!("A00{}", before + 1);
    let waiting = 2 - u32::try_from(before).unwrap();
    shows(&mut board, &screen(WindowMode::Open, Some((&next, HandState::Called)), waiting));
    let kept = hall.presses("window/1");
    assert_eq!(kept.first().unwrap().0, kept.last().unwrap().0, "one session: {kept:?}");

    // Without its memory it begins another session, and is understood all the same.
    board.lose_power();
    board.forget();
    board.power_up();
    shows(&mut board, &screen(WindowMode::Open, Some((&next, HandState::Called)), waiting));
    board.press(START_OR_FINISH);
    shows(&mut board, &screen(WindowMode::Open, Some((&next, HandState::Serving)), waiting));
    let presses = hall.presses("window/1");
    assert_eq!(presses.len(), kept.len() + 1, "{presses:?}");
    assert_ne!(presses.first().unwrap().0, presses.last().unwrap().0, "another session: {presses:?}");
    let called = hall.journaled("called", "number");
    assert_eq!(called, (1..=called.len()).map(|number| format!("A00{number}")).collect::<Vec<_>>());

    let used = board.memory_used();
    println!("lm3s6965 pad: {used} bytes of RAM with the stack at its highest");
    assert!(used < 24 * 1_024, "{used} bytes");
}

fn shows_one_of(board: &mut Board, wanted: &[Screen]) {
    let pixels: Vec<_> = wanted.iter().map(drawn).collect();
    board.shows(|display| pixels.contains(display), &format!("one of {wanted:?}"));
}

#[test]
fn a_pad_without_a_network_says_so_calls_nobody_later_and_heals_as_it_does_when_the_daemon_dies() {
    let (mut hall, mut board) = opened();
    // A short gap: the press gets through, once.
    board.unplug();
    board.press(NEXT);
    sleep(Duration::from_millis(700));
    board.plug_in();
    shows(&mut board, &screen(WindowMode::Open, Some(("A001", HandState::Called)), 2));

    // A long one: the display says that it is old, the press is given up, and is not done when all is
    // well again.
    board.unplug();
    sleep(GUARD);
    board.press(NEXT);
    let no_answer =
        Screen { note: Note::NoAnswer, ..screen(WindowMode::Open, Some(("A001", HandState::Called)), 2) };
    shows(&mut board, &no_answer);
    shows(&mut board, &offline(screen(WindowMode::Open, Some(("A001", HandState::Called)), 2)));
    assert_eq!(hall.take("social"), "A004");
    board.plug_in();
    shows(&mut board, &screen(WindowMode::Open, Some(("A001", HandState::Called)), 3));
    assert_eq!(hall.journaled("called", "number"), ["A001"]);

    hall.kill();
    shows(&mut board, &offline(screen(WindowMode::Open, Some(("A001", HandState::Called)), 3)));
    hall.start();
    shows(&mut board, &screen(WindowMode::Open, Some(("A001", HandState::Called)), 3));
    board.press(NEXT);
    shows(&mut board, &screen(WindowMode::Open, Some(("A002", HandState::Called)), 2));
    assert_eq!(hall.journaled("called", "number"), ["A001", "A002"]);
}

#[test]
fn a_board_without_settings_says_so() {
    let mut board =
        Board::start(Setup { network: Some("hall=test\nwindow=1\n".to_owned()), ..Setup::of("pad") });
    let mut frame = Frame::dark(Panel::new(128, 64, Depth::Mono).unwrap());
    glyph::draw_lines(&mut frame, "Settings: no line broker=...", 0, Light::RED).unwrap();
    let wanted = lit(&frame);
    board.shows(|display| *display == wanted, "what is missing");
}
