#![no_std]
#![no_main]
//! A window's call pad: five keys, its display, and the hall's broker on Ethernet.
//!
//! Up is NEXT, down RECALL, left NO-SHOW, right begins and ends to serve, and select opens, pauses and
//! resumes. The settings in flash name `hall`, `window` and `broker`.

use cortex_m_rt::entry;
use embedded_graphics::pixelcolor::BinaryColor;
use hall_device::mqtt::{Client, Room};
use hall_device::pad::screen::Screen;
use hall_device::pad::{Pad, PadKey, Settings};
use hall_device::settings::{self, Wrong};
use hall_device::watchdog::Watchdog;
use hall_lm3s6965::board::{Board, PATIENCE_MS};
use hall_lm3s6965::fram::Fram;
use hall_lm3s6965::i2c::I2c;
use hall_lm3s6965::network::{Buffers, NO_SOCKETS, Network};
use hall_lm3s6965::oled::Canvas;
use hall_protocol::payload::Key;

const FIRMWARE: &str = concat!("lm3s6965 pad ", env!("CARGO_PKG_VERSION"));

const KEYS: [PadKey; 5] = [
    PadKey::Always(Key::Next),
    PadKey::Always(Key::Recall),
    PadKey::Always(Key::NoShow),
    PadKey::StartOrFinish,
    PadKey::OpenPauseOrResume,
];

/// The largest message with its topic is a state of 1 KiB.
const PACKET_BYTES: usize = 1_280;

/// A press with its topics, and what acknowledges the messages that came meanwhile.
const OUTGOING_BYTES: usize = 1_536;

/// What must go on, or the board begins anew.
mod task {
    pub(super) const NETWORK: usize = 0;
    pub(super) const DISPLAY: usize = 1;
    pub(super) const COUNT: usize = 2;
}

#[entry]
fn main() -> ! {
    // Not on the stack, where each would be copied on its way to its owner.
    static mut BUFFERS: Buffers = Buffers::new();
    static mut ROOM: Room<PACKET_BYTES, OUTGOING_BYTES> = Room::new();

    let mut board = Board::start();
    let (which, login, broker) = board.settled(FIRMWARE, which);
    let Board { mut clock, mut oled, keys, mut hardware } = board;
    let mut places = NO_SOCKETS;
    let chance = clock.chance();
    let mut network = Network::start(broker, &mut places, BUFFERS, chance);
    let mut pad = Pad::new(which, Fram::new(I2c::start()), chance);
    let mut client = Client::new(login, ROOM);
    let mut shown = None::<Screen>;
    let mut canvas = Canvas::dark();
    let mut watchdog = Watchdog::<{ task::COUNT }>::new(PATIENCE_MS.into(), clock.now_ms());

    loop {
        let now_ms = clock.now_ms();
        pad.look(keys.pressed(), now_ms);
        network.run(&mut client, &mut pad, now_ms);
        watchdog.alive(task::NETWORK, now_ms);
        let screen = pad.screen(now_ms);
        if shown.as_ref() != Some(&screen) {
            canvas = Canvas::dark();
            let Ok(()) = screen.draw(&mut canvas, BinaryColor::On);
            shown = Some(screen);
        }
        canvas.go_on(&mut oled);
        watchdog.alive(task::DISPLAY, now_ms);
        if watchdog.may_feed(now_ms) {
            hardware.feed();
        }
    }
}

fn which(settings: settings::Settings<'_>) -> Result<Settings<5>, Wrong> {
    Ok(Settings { hall: settings.hall()?, window: settings.window()?, keys: KEYS })
}
