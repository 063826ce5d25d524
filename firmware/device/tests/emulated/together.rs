//! Sign, call pad and kiosk at one real daemon: a button prints a ticket, a key calls it, the sign shows it,
//! through resets and without a network.

use std::thread::sleep;
use std::time::Duration;

use hall_protocol::payload::{HandState, WindowMode};
use hall_protocol::sign::Depth;
use hall_signs::Panel;
use hall_signs::page::{WindowContent, WindowPage};

use crate::board::{Board, Setup, lit};
use crate::hall::Hall;
use crate::kiosk::{self, Kiosk};
use crate::pad::{self, GUARD, NEXT, OPEN_PAUSE_OR_RESUME, screen};

/// What the sign of window 1 shows when somebody is called there.
fn called(sign: &mut Board, number: &str) {
    let state = WindowContent::Called { number: number.parse().unwrap() };
    let page = WindowPage { label: "1".to_owned(), state };
    let wanted = lit(&page.render(Panel::new(128, 64, Depth::Mono).unwrap()));
    sign.shows(|display| *display == wanted, &format!("{number} called to window 1"));
}

#[test]
fn a_ticket_from_the_kiosk_is_called_by_the_pad_and_shown_by_the_sign_whatever_happens() {
    let mut sign = Board::start(Setup { uarts: 1, ..Setup::of("sign") });
    let hall = Hall::open(&format!(
        "\n[[line]]\nport = \"{}\"\nbaud = 115200\n\n[[line.sign]]\nid = \"S1\"\naddress = 1\nwidth = 128\n\
         height = 64\ncolour = \"mono\"\nshows = {{ window = \"1\" }}\n",
        sign.uart(0).display()
    ));
    let mut kiosk = Kiosk::start(&hall);
    let mut pad = pad::pad(&hall);
    kiosk.is_supplied(&hall);
    pad::shows(&mut pad, &screen(WindowMode::Closed, None, 0));
    pad.press(OPEN_PAUSE_OR_RESUME);
    pad::shows(&mut pad, &screen(WindowMode::Open, None, 0));

    let number = kiosk::number(&kiosk.takes("up")).to_owned();
    pad::shows(&mut pad, &screen(WindowMode::Open, None, 1));
    pad.press(NEXT);
    called(&mut sign, &number);
    pad::shows(&mut pad, &screen(WindowMode::Open, Some((&number, HandState::Called)), 0));

    // The sign starts anew while it is painted, at one moment or another.
    for delay_ms in [20, 50, 80] {
        let number = kiosk::number(&kiosk.takes("up")).to_owned();
        sleep(GUARD);
        pad.touch(NEXT);
        sleep(Duration::from_millis(delay_ms));
        sign.reset();
        called(&mut sign, &number);
    }

    // Pad and kiosk lose the network. The kiosk's ticket comes into the queue later, and is called.
    let serving = |waiting| screen(WindowMode::Open, Some(("A004", HandState::Called)), waiting);
    pad::shows(&mut pad, &serving(0));
    kiosk.board.unplug();
    pad.unplug();
    let number = kiosk::number(&kiosk.takes("up")).to_owned();
    pad::shows(&mut pad, &pad::offline(serving(0)));
    kiosk.board.plug_in();
    pad.plug_in();
    pad::shows(&mut pad, &serving(1));
    pad.press(NEXT);
    called(&mut sign, &number);
    assert_eq!(hall.journaled("called", "number"), ["A001", "A002", "A003", "A004", &number]);
}
