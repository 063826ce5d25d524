#![no_std]
#![no_main]
//! A button kiosk: five buttons, a ticket printer on UART1, and the hall's broker on Ethernet.
//!
//! The buttons are for the kiosk's first five services: up, down, left, right, select. The display only says
//! whether the hall answers. The settings in flash name `hall`, `kiosk` and `broker`; `HALL_PRINTER_BAUD` is
//! read when it is built.

use cortex_m_rt::entry;
use embedded_graphics::geometry::Point;
use embedded_graphics::pixelcolor::BinaryColor;
use hall_device::kiosk::receipt::Receipt;
use hall_device::kiosk::{Kiosk, Settings};
use hall_device::mqtt::{Client, Room};
use hall_device::settings::{self, Wrong};
use hall_device::watchdog::Watchdog;
use hall_device::{glyph, words};
use hall_lm3s6965::board::{Board, PATIENCE_MS};
use hall_lm3s6965::fram::Fram;
use hall_lm3s6965::i2c::I2c;
use hall_lm3s6965::network::{Buffers, NO_SOCKETS, Network};
use hall_lm3s6965::oled::Canvas;
use hall_lm3s6965::uart::Uart;

const FIRMWARE: &str = concat!("lm3s6965 kiosk ", env!("CARGO_PKG_VERSION"));

/// The largest message with its topic is a menu of 9 KiB.
const PACKET_BYTES: usize = 9 * 1_024 + 256;

/// A hand-in with its topics, and what acknowledges the messages that came meanwhile.
const OUTGOING_BYTES: usize = 1_536;

/// Ticket printers leave the factory with it.
const BAUD: u32 = match option_env!("HALL_PRINTER_BAUD") {
    None => 9_600,
    Some(text) => match u32::from_str_radix(text, 10) {
        Ok(baud) => baud,
        Err(_) => panic!("HALL_PRINTER_BAUD is a number"),
    },
};

/// What must go on, or the board begins anew.
mod task {
    pub(super) const NETWORK: usize = 0;
    pub(super) const PRINTER: usize = 1;
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
    let fram = Fram::new(I2c::start());
    let mut kiosk = Kiosk::new(which, fram.clone(), fram, chance);
    let mut client = Client::new(login, ROOM);
    let mut printer = Printer { uart: Uart::uart1(BAUD), slip: Receipt::default(), sent: 0 };
    let mut shown = None;
    let mut canvas = Canvas::dark();
    let mut watchdog = Watchdog::<{ task::COUNT }>::new(PATIENCE_MS.into(), clock.now_ms());

    loop {
        let now_ms = clock.now_ms();
        kiosk.look(keys.pressed(), now_ms);
        network.run(&mut client, &mut kiosk, now_ms);
        watchdog.alive(task::NETWORK, now_ms);
        if printer.is_done()
            && let Some(slip) = kiosk.poll_print()
        {
            (printer.slip, printer.sent) = (slip, 0);
        }
        printer.go_on();
        watchdog.alive(task::PRINTER, now_ms);
        if shown != Some(kiosk.is_online()) {
            let online = kiosk.is_online();
            canvas = Canvas::dark();
            let word = if online { words::OPEN } else { words::OFFLINE };
            let Ok(()) = glyph::draw(&mut canvas, word, Point::zero(), 1, BinaryColor::On);
            shown = Some(online);
        }
        canvas.go_on(&mut oled);
        if watchdog.may_feed(now_ms) {
            hardware.feed();
        }
    }
}

/// The printer, which is slower than everything else: a slip goes out as it takes it.
struct Printer {
    uart: Uart,
    slip: Receipt,
    sent: usize,
}

impl Printer {
    fn is_done(&self) -> bool {
        self.sent >= self.slip.bytes().len()
    }

    fn go_on(&mut self) {
        let rest = self.slip.bytes().get(self.sent..).unwrap_or_default();
        self.sent += self.uart.write_some(rest);
    }
}

fn which(settings: settings::Settings<'_>) -> Result<Settings, Wrong> {
    Ok(Settings {
        hall: settings.hall()?,
        kiosk: settings.kiosk()?,
        utc_offset_minutes: settings.utc_offset_minutes()?,
    })
}
