#![no_std]
#![no_main]
//! A window sign of 128x64 pixels: the hall's line on UART0, its pixels on the OLED.
//!
//! `HALL_SIGN_ADDRESS` (1 to 247) and `HALL_SIGN_BAUD` are read when it is built.

use cortex_m_rt::entry;
use hall_device::panel::Panel;
use hall_device::sign::{Appearance, Settings, Sign, View, frame_bytes};
use hall_device::watchdog::Watchdog;
use hall_lm3s6965::clock::Clock;
use hall_lm3s6965::oled::{self, Oled};
use hall_lm3s6965::uart::{Rs485, Uart};
use hall_lm3s6965::watchdog::Hardware;
use hall_lm3s6965::{gpio, reset};
use hall_protocol::sign::{Depth, Firmware, SignAddress};
use heapless::Deque;

const PANEL: Panel = match Panel::new(oled::WIDTH_PX, oled::HEIGHT_PX, Depth::Mono) {
    Some(panel) => panel,
    None => panic!("the display's width is no multiple of eight"),
};

/// What the host sends while the display is drawn: 40 ms at 115,200 bit/s are 461 bytes.
const INBOX_BYTES: usize = 1_024;

type BoardSign = Sign<{ PANEL.picture_bytes() }, { frame_bytes(512) }>;

const FIRMWARE: Firmware = Firmware { major: 1, minor: 0, patch: 0 };
const ADDRESS: SignAddress =
    match SignAddress::new(number(option_env!("HALL_SIGN_ADDRESS"), 1).to_le_bytes()[0]) {
        Ok(address) => address,
        Err(_) => panic!("HALL_SIGN_ADDRESS is 1 to 247"),
    };
const BAUD: u32 = number(option_env!("HALL_SIGN_BAUD"), 115_200);

/// What must go on, or the board begins anew.
mod task {
    pub(super) const LINE: usize = 0;
    pub(super) const PANEL: usize = 1;
    pub(super) const COUNT: usize = 2;
}

const PATIENCE_MS: u32 = 2_000;

#[entry]
fn main() -> ! {
    let mut clock = Clock::start();
    let mut line = Rs485::new(Uart::uart0(BAUD), gpio::A.output(6));
    let mut oled = Oled::start();
    let settings = Settings { address: ADDRESS, panel: PANEL, firmware: FIRMWARE };
    let Ok(mut sign) = BoardSign::new(settings, clock.now_ms()) else { reset() };
    let mut inbox = Deque::<u8, INBOX_BYTES>::new();
    let mut picture = Drawing::new(sign.appearance(0));
    let mut hardware = Hardware::start(PATIENCE_MS);
    let mut watchdog = Watchdog::<{ task::COUNT }>::new(PATIENCE_MS.into(), clock.now_ms());

    loop {
        let now_ms = clock.now_ms();
        while let Some(byte) = line.read() {
            // A byte too many spoils its frame, which the host then sends again.
            let _ = inbox.push_back(byte);
        }
        if picture.is_drawn() {
            // Only now, so that no swap falls into the middle of a picture.
            while let Some(byte) = inbox.pop_front() {
                if let Some(frame) = sign.receive(byte, now_ms) {
                    line.reply(frame);
                }
            }
            sign.pass_time(now_ms);
            watchdog.alive(task::LINE, now_ms);
        }
        picture.go_on(&sign, &mut oled, now_ms);
        watchdog.alive(task::PANEL, now_ms);
        if watchdog.may_feed(now_ms) {
            hardware.feed();
        }
    }
}

/// The picture on the display, drawn row by row so that the line is read between.
struct Drawing {
    appearance: Appearance,
    since_ms: u64,
    row: u16,
}

impl Drawing {
    fn new(appearance: Appearance) -> Self {
        Self { appearance, since_ms: 0, row: oled::HEIGHT_PX }
    }

    fn is_drawn(&self) -> bool {
        self.row == oled::HEIGHT_PX
    }

    /// Draw one more row, of the picture as it was when its first row was drawn.
    fn go_on(&mut self, sign: &BoardSign, oled: &mut Oled, now_ms: u64) {
        if self.is_drawn() {
            let appearance = sign.appearance(now_ms);
            if appearance == self.appearance {
                return;
            }
            *self = Self { appearance, since_ms: now_ms, row: 0 };
        }
        let view = sign.view(self.since_ms);
        oled.row(self.row, |x_px| grey(&view, x_px, self.row));
        self.row += 1;
    }
}

/// A lit pixel's grey: 1 to 15 as bright as the sign; 0 for a dark one.
fn grey(view: &View<'_>, x_px: u16, y_px: u16) -> u8 {
    if view.brightness() > 0 && view.is_lit(0, x_px, y_px) { (view.brightness() / 16).max(1) } else { 0 }
}

/// A number from the environment of the build.
const fn number(text: Option<&str>, otherwise: u32) -> u32 {
    let Some(text) = text else { return otherwise };
    match u32::from_str_radix(text, 10) {
        Ok(number) => number,
        Err(_) => panic!("HALL_SIGN_ADDRESS and HALL_SIGN_BAUD are numbers"),
    }
}
