#![no_std]
#![no_main]
//! A window's call pad: five keys, its display, and the hall's broker on Ethernet.
//!
//! Up is NEXT, down RECALL, left NO-SHOW, right begins and ends to serve, and select opens, pauses and
//! resumes. The settings in flash name `hall`, `window` and `broker`.

use core::fmt::Write;

use cortex_m_rt::entry;
use embedded_graphics::pixelcolor::BinaryColor;
use hall_device::glyph;
use hall_device::mqtt::{Client, Login};
use hall_device::pad::screen::Screen;
use hall_device::pad::{Pad, PadKey, Settings};
use hall_device::settings::Wrong;
use hall_device::watchdog::Watchdog;
use hall_lm3s6965::clock::Clock;
use hall_lm3s6965::fram::Fram;
use hall_lm3s6965::i2c::I2c;
use hall_lm3s6965::keys::BoardKeys;
use hall_lm3s6965::network::{Buffers, NO_SOCKETS, Network};
use hall_lm3s6965::oled::{Canvas, Oled};
use hall_lm3s6965::settings;
use hall_lm3s6965::watchdog::Hardware;
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

const PATIENCE_MS: u32 = 2_000;

#[entry]
fn main() -> ! {
    let mut clock = Clock::start();
    let mut oled = Oled::start();
    let keys = BoardKeys::start();
    let mut hardware = Hardware::start(PATIENCE_MS);
    let (which, login, broker) = match settled() {
        Ok(settled) => settled,
        Err(wrong) => say(wrong, &mut oled, &mut hardware),
    };
    let (mut places, mut buffers) = (NO_SOCKETS, Buffers::new());
    let chance = clock.chance();
    let mut network = Network::start(broker, &mut places, &mut buffers, chance);
    let mut pad = Pad::new(which, Fram::new(I2c::start()), chance);
    let mut client = Client::<PACKET_BYTES, OUTGOING_BYTES>::new(login);
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

type Settled = (Settings<5>, Login<'static>, core::net::SocketAddrV4);

fn settled() -> Result<Settled, Wrong> {
    let settings = settings::read()?;
    let which = Settings { hall: settings.hall()?, window: settings.window()?, keys: KEYS };
    Ok((which, Login { firmware: FIRMWARE, credentials: settings.credentials()? }, settings.broker()?))
}

/// Say what is wrong with the settings, until somebody flashes others.
fn say(wrong: Wrong, oled: &mut Oled, hardware: &mut Hardware) -> ! {
    let mut text = heapless::String::<64>::new();
    // The longest of these sentences is shorter.
    let _ = write!(text, "{wrong}");
    let mut canvas = Canvas::dark();
    let Ok(()) = glyph::draw_lines(&mut canvas, &text, 0, BinaryColor::On);
    loop {
        canvas.go_on(oled);
        hardware.feed();
    }
}
