//! The sign: the hall's own line driver paints it through a pseudo-terminal, and its display is looked
//! at.

use std::sync::Arc;
use std::thread::sleep;
use std::time::{Duration, Instant};

use hall_protocol::sign::{
    Blink, Depth, Destination, FallbackPage, Rectangle, Request, Sequence, SignAddress,
};
use hall_signs::bus::{Bus, BusEvent, SignSetup, Urgency};
use hall_signs::page::{WindowContent, WindowPage};
use hall_signs::{Frame, Light, Panel};

use crate::board::{Board, PATIENCE, Setup, Wire, lit};

const BAUD: u32 = 115_200;

fn panel() -> Panel {
    Panel::new(128, 64, Depth::Mono).unwrap()
}

/// A picture without any symmetry.
fn page(number: u16) -> Arc<Frame> {
    let mut frame = Frame::dark(panel());
    for y in 0..64 {
        for x in 0..128 {
            if (x * 3 + y * y + number * 11) % (number + 3) == 0 {
                frame.set(x, y, Light::RED);
            }
        }
    }
    Arc::new(frame)
}

/// The hall's end of the line.
struct Line {
    bus: Bus,
    wire: Wire,
    shown: u64,
}

impl Line {
    fn new(board: &mut Board) -> Self {
        let setup = SignSetup { address: SignAddress::FIRST, panel: panel() };
        let mut bus = Bus::new(BAUD, vec![setup], Instant::now());
        bus.link_up(Instant::now());
        Self { bus, wire: board.open(0), shown: 0 }
    }

    fn show(&mut self, frame: &Arc<Frame>, tag: u64) {
        self.bus.show(SignAddress::FIRST, Arc::clone(frame), tag, Urgency::Call, Instant::now());
    }

    /// Move bytes for so long, or until it is enough; gives whether it was.
    fn run(&mut self, time: Duration, mut enough: impl FnMut(&Self) -> bool) -> bool {
        let end = Instant::now() + time;
        while Instant::now() < end {
            if let Some(bytes) = self.bus.poll_transmit(Instant::now()) {
                self.wire.send(&bytes);
            }
            let bytes = self.wire.received();
            self.bus.handle_input(&bytes, Instant::now());
            while let Some(event) = self.bus.poll_event() {
                if let BusEvent::Shown { tag, .. } = event {
                    self.shown = tag;
                }
            }
            if enough(self) {
                return true;
            }
            self.bus.handle_timeout(Instant::now());
            sleep(Duration::from_millis(1));
        }
        false
    }

    fn brings(&mut self, tag: u64) {
        assert!(self.run(PATIENCE, |line| line.shown == tag), "picture {tag} is not acknowledged");
    }
}

fn sign() -> Board {
    Board::start(Setup { uarts: 1, ..Setup::of("sign") })
}

/// What is acknowledged is on the display as soon as it is drawn.
fn shows(board: &mut Board, frame: &Frame) {
    let wanted = lit(frame);
    board.shows(|display| *display == wanted, "the picture");
}

#[test]
fn the_display_shows_the_page_the_line_driver_sent_and_heals_from_a_reset_in_mid_picture() {
    let mut board = sign();
    let mut line = Line::new(&mut board);
    let called = WindowContent::Called { number: "A012".parse().unwrap() };
    let called = Arc::new(WindowPage { label: "3".to_owned(), state: called }.render(panel()));
    line.show(&called, 1);
    line.brings(1);
    shows(&mut board, &called);

    // The next picture is cut off by a reset after some of its rectangles.
    let next = page(2);
    line.show(&next, 2);
    line.run(Duration::from_millis(25), |_| false);
    assert_ne!(line.shown, 2, "the picture was too quick to be cut off");
    board.reset();
    // The sign has forgotten the rectangles, refuses the swap, and is painted anew.
    line.brings(2);
    shows(&mut board, &next);
}

#[test]
fn it_answers_after_noise_and_cut_frames_blinks_and_has_a_page_of_its_own_for_a_silent_host() {
    let mut board = sign();
    let mut line = Line::new(&mut board);
    let picture = page(5);
    line.show(&picture, 1);
    line.brings(1);
    shows(&mut board, &picture);
    let wire = &mut line.wire;

    // A frame that ends in its middle, and noise, before one that is whole.
    let poll = request(&Request::Poll, 9);
    wire.send(&poll[..poll.len() / 2]);
    wire.send(&[0xFF, 0x00, 0x81, 0x13]);
    wire.send(&poll);
    let reply = answer(wire);
    assert_eq!(reply.first_chunk(), Some(&[0, 9, 1, 1, 9, 0x84]), "a Status of sign 1: {reply:02x?}");

    // All of it blinks, dark in the second half of each second.
    let region = Rectangle { x_px: 0, y_px: 0, width_px: 128, height_px: 64 };
    let blink = Some(Blink { region, period_ms: 600, duration_ds: 60 });
    wire.send(&request(&Request::Swap { picture: picture.id(), blink }, 10));
    answer(wire);
    shows(&mut board, &Frame::dark(panel()));
    shows(&mut board, &picture);

    // Silent for a second: the built-in notice comes in from the right, and moves.
    wire.send(&request(&Request::Fallback { after_s: 1, page: FallbackPage::BuiltIn }, 11));
    answer(wire);
    let any_lit = |display: &[bool], rows: std::ops::Range<usize>| {
        display[rows.start * 128..rows.end * 128].iter().any(|lit| *lit)
    };
    let is_a_line = |display: &Vec<bool>| {
        any_lit(display, 24..40) && !any_lit(display, 0..24) && !any_lit(display, 40..64)
    };
    let first = board.shows(is_a_line, "one line of text in the middle");
    board.shows(|display| is_a_line(display) && *display != first, "the text moved");

    // The same picture again needs no more than its swap.
    wire.send(&request(&Request::Swap { picture: picture.id(), blink: None }, 12));
    answer(wire);
    shows(&mut board, &picture);
}

#[test]
fn a_sign_of_128x64_runs_in_24_kib_of_memory() {
    let mut board = sign();
    let mut line = Line::new(&mut board);
    for tag in 1..=3 {
        line.show(&page(u16::try_from(tag).unwrap()), tag);
        line.brings(tag);
    }
    let used = board.memory_used();
    println!("lm3s6965 sign: {used} bytes of RAM with the stack at its highest");
    assert!(used < 24 * 1_024, "{used} bytes");
}

fn request(what: &Request<'_>, sequence: u8) -> Vec<u8> {
    let mut bytes = vec![0; 64];
    let to = Destination::Sign(SignAddress::FIRST);
    let length = what.emit(to, Sequence(sequence), &mut bytes).unwrap();
    bytes.truncate(length);
    bytes
}

/// The reply's frame.
fn answer(wire: &mut Wire) -> Vec<u8> {
    let began = Instant::now();
    let mut frame = vec![];
    while frame.len() < 3 || !frame.ends_with(&[0]) {
        assert!(began.elapsed() < PATIENCE, "no answer, only {frame:02x?}");
        frame.extend(wire.received());
        sleep(Duration::from_millis(1));
    }
    frame
}
