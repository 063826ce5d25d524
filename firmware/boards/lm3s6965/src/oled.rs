//! The board's display: 128x64 pixels in sixteen greys, an SSD0323 on SSI0 (data sheet chapter 13;
//! Solomon Systech, SSD0323 rev 1.3).

use core::convert::Infallible;

use embedded_graphics::Pixel;
use embedded_graphics::draw_target::DrawTarget;
use embedded_graphics::geometry::{OriginDimensions, Size};
use embedded_graphics::pixelcolor::BinaryColor;

use crate::gpio::{self, Output};
use crate::register::Register;

/// Width, in pixels.
pub const WIDTH_PX: u16 = 128;

/// Height, in pixels.
pub const HEIGHT_PX: u16 = 64;

/// Two pixels a byte.
const ROW_BYTES: usize = WIDTH_PX as usize / 2;

// SAFETY: registers of the system control, data sheet section 6.5.
const RCGC1: Register = unsafe { Register::at(0x400F_E104) };
// SAFETY: registers of SSI0, data sheet section 13.5.
const CR0: Register = unsafe { Register::at(0x4000_8000) };
// SAFETY: as above.
const CR1: Register = unsafe { Register::at(0x4000_8004) };
// SAFETY: as above.
const DR: Register = unsafe { Register::at(0x4000_8008) };
// SAFETY: as above.
const SR: Register = unsafe { Register::at(0x4000_800C) };
// SAFETY: as above.
const CPSR: Register = unsafe { Register::at(0x4000_8010) };

/// SSI0 among the peripherals' clocks.
const SSI0: u32 = 1 << 4;

/// SPI with the clock high while idle and data taken at its second edge, eight bits.
const SPI_MODE_3: u32 = 1 << 7 | 1 << 6 | 0b111;

const ON: u32 = 1 << 1;

/// Sent and received: queue not full, queue not empty.
const TNF: u32 = 1 << 1;
const RNE: u32 = 1 << 2;

/// The grey of a lit pixel of a [`Canvas`].
const BRIGHT: u8 = 15;

/// The display's commands.
mod command {
    pub(super) const COLUMNS: u8 = 0x15;
    pub(super) const ROWS: u8 = 0x75;
    pub(super) const CONTRAST: u8 = 0x81;
    pub(super) const FULL_CURRENT: u8 = 0x86;
    pub(super) const REMAP: u8 = 0xA0;
    pub(super) const START_LINE: u8 = 0xA1;
    pub(super) const NORMAL: u8 = 0xA4;
    pub(super) const ON: u8 = 0xAF;
}

/// The display.
#[derive(Debug)]
pub struct Oled {
    data: Output,
}

impl Oled {
    /// Switch the display on, and make it dark.
    pub fn start() -> Self {
        gpio::A.lend(0b0011_1100);
        // The memory card on the same wires must not listen.
        gpio::D.output(0).set(true);
        let data = gpio::C.output(7);
        RCGC1.set(SSI0);
        CR1.write(0);
        CR0.write(SPI_MODE_3);
        // 50 MHz through 6: the display takes up to 10 MHz.
        CPSR.write(6);
        CR1.write(ON);
        let mut oled = Self { data };
        oled.command(&[command::REMAP, 0, command::START_LINE, 0, command::NORMAL]);
        oled.command(&[command::CONTRAST, 0x7F, command::FULL_CURRENT]);
        for row in 0..HEIGHT_PX {
            oled.row(row, |_| 0);
        }
        oled.command(&[command::ON]);
        oled
    }

    /// Draw one row: the grey of each pixel, 0 to 15, by its distance from the left edge.
    pub fn row(&mut self, row: u16, grey: impl Fn(u16) -> u8) {
        let row = row.to_le_bytes()[0];
        self.command(&[command::COLUMNS, 0, ROW_BYTES.to_le_bytes()[0] - 1, command::ROWS, row, row]);
        self.data.set(true);
        for x in (0..WIDTH_PX).step_by(2) {
            send(grey(x) << 4 | grey(x + 1) & 0xF);
        }
    }

    fn command(&mut self, bytes: &[u8]) {
        self.data.set(false);
        bytes.iter().copied().for_each(send);
    }
}

/// A picture to draw in, one bit a pixel, as large as the display.
#[derive(Debug)]
pub struct Canvas {
    rows: [u128; HEIGHT_PX as usize],
    /// The next row to bring to the display.
    row: u16,
}

impl Canvas {
    /// Dark, and not on the display yet.
    pub const fn dark() -> Self {
        Self { rows: [0; HEIGHT_PX as usize], row: 0 }
    }

    /// Bring one more row to the display, so that there is time for other work between; all of it is there
    /// after as many calls as there are rows.
    pub fn go_on(&mut self, oled: &mut Oled) {
        if let Some(bits) = self.rows.get(usize::from(self.row)) {
            oled.row(self.row, |x| if bits >> x & 1 == 1 { BRIGHT } else { 0 });
            self.row += 1;
        }
    }
}

impl OriginDimensions for Canvas {
    fn size(&self) -> Size {
        Size::new(WIDTH_PX.into(), HEIGHT_PX.into())
    }
}

impl DrawTarget for Canvas {
    type Color = BinaryColor;
    type Error = Infallible;

    fn draw_iter<I: IntoIterator<Item = Pixel<BinaryColor>>>(&mut self, pixels: I) -> Result<(), Infallible> {
        for Pixel(point, colour) in pixels {
            let (Ok(x), Ok(y)) = (u16::try_from(point.x), usize::try_from(point.y)) else { continue };
            if let Some(bits) = self.rows.get_mut(y).filter(|_| x < WIDTH_PX) {
                *bits = *bits & !(1 << x) | u128::from(colour.is_on()) << x;
            }
        }
        Ok(())
    }
}

/// Send a byte and wait until it is gone, so that the data/command line can change: each byte sent
/// brings one in, and a queue full of those would stop the clock.
fn send(byte: u8) {
    while SR.read() & TNF == 0 {}
    DR.write(byte.into());
    while SR.read() & RNE == 0 {}
    DR.read();
}
