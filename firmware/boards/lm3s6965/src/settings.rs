//! The page of flash that says which device this board is.

use core::fmt::Write;

use embedded_graphics::pixelcolor::BinaryColor;
use hall_device::glyph;
use hall_device::settings::{Settings, Wrong};

use crate::oled::{Canvas, Oled};
use crate::watchdog::Hardware;

unsafe extern "C" {
    /// The last KiB of flash (`memory.x`).
    static SETTINGS: [u8; 1_024];
}

/// What stands there.
pub fn read() -> Result<Settings<'static>, Wrong> {
    // SAFETY: the linker keeps this page free of anything else, all of it can be read, and nobody writes
    // flash while a program runs.
    let page = unsafe { &SETTINGS };
    Settings::of_page(page)
}

/// Say on the display what is wrong with the settings, until somebody flashes others.
pub fn say(wrong: Wrong, oled: &mut Oled, hardware: &mut Hardware) -> ! {
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
