//! Scanning an LED panel over its HUB75 or HUB12 connector, one row group after the other.
//!
//! A panel shows one scan row at a time: its pixels are shifted in, latched, and lit for as long as
//! the brightness says. [`layout`] knows which pixel is shifted when, [`timing`] how long each thing
//! may take so that nobody sees a flicker; here the lines are moved, through the pin traits of
//! `embedded-hal`. Brightness is binary-coded: each scan row has eight slots, each twice as long as
//! the one after it, and is lit in those whose bit is set in the brightness.
//!
//! Deliberately absent: grey levels. The protocol's pictures have one bit a pixel and plane.

pub mod layout;
pub mod timing;

use embedded_hal::delay::DelayNs;
use embedded_hal::digital::{OutputPin, PinState};

pub use self::layout::{Layout, LayoutError};
pub use self::timing::{Timing, TooSlow};
use crate::sign::View;

/// Which level of a connector's lines means what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Polarity {
    /// The level of a data line that lights a pixel.
    pub lit: PinState,
    /// The level of the enable line that lights the row.
    pub enabled: PinState,
}

impl Polarity {
    /// HUB75: data as it is, OE low lights.
    pub const HUB75: Self = Self { lit: PinState::High, enabled: PinState::Low };
    /// HUB12, as on P10 modules: data inverted, OE high lights.
    pub const HUB12: Self = Self { lit: PinState::Low, enabled: PinState::High };
}

/// The lines of a connector. `DATA` is the row groups of the layout by the planes of the panel: first
/// all planes of the upper group (R1, G1, B1), then those of the lower (R2, G2, B2).
#[derive(Debug)]
pub struct Pins<P, const DATA: usize, const ADDRESS: usize> {
    /// Data lines.
    pub data: [P; DATA],
    /// Row address lines, A first.
    pub address: [P; ADDRESS],
    /// Shift clock (CLK): data is taken when it rises.
    pub clock: P,
    /// Latch (LAT, STB): what was shifted is shown after it was high.
    pub latch: P,
    /// Output enable (OE).
    pub enable: P,
}

/// A panel's scanner.
#[derive(Debug)]
pub struct Matrix<P, const DATA: usize, const ADDRESS: usize> {
    pins: Pins<P, DATA, ADDRESS>,
    polarity: Polarity,
    layout: Layout,
    timing: Timing,
}

impl<P: OutputPin, const DATA: usize, const ADDRESS: usize> Matrix<P, DATA, ADDRESS> {
    /// A dark panel on these pins; `None` if they are too few or too many for the layout.
    pub fn new(
        pins: Pins<P, DATA, ADDRESS>,
        polarity: Polarity,
        layout: Layout,
        timing: Timing,
    ) -> Option<Self> {
        let lines = usize::from(layout.groups()) * usize::from(layout.panel().depth().planes());
        let rows = u32::try_from(ADDRESS).ok().and_then(|lines| 1_u16.checked_shl(lines))?;
        let fits = lines == DATA && rows == u16::from(layout.scan_rows());
        fits.then_some(Self { pins, polarity, layout, timing })
    }

    /// Show the view once, all scan rows: 1 / [`Timing::refresh_hz`] long.
    ///
    /// # Errors
    /// What the pins report; microcontrollers' pins never fail.
    pub fn refresh(&mut self, view: &View<'_>, delay: &mut impl DelayNs) -> Result<(), P::Error> {
        for row in 0..self.layout.scan_rows() {
            self.scan_row(row, view, delay)?;
        }
        Ok(())
    }

    fn scan_row(&mut self, row: u8, view: &View<'_>, delay: &mut impl DelayNs) -> Result<(), P::Error> {
        // Dark while shifting: the drivers of many panels glimmer on the clock's edges.
        self.pins.enable.set_state(!self.polarity.enabled)?;
        for cell in self.layout.cells() {
            self.shift(row, cell, view)?;
        }
        self.pins.latch.set_high()?;
        self.pins.latch.set_low()?;
        for (bit, pin) in self.pins.address.iter_mut().enumerate() {
            pin.set_state(PinState::from(row >> bit & 1 == 1))?;
        }
        for bit in (0..u8::BITS).rev() {
            let lit = view.brightness() >> bit & 1 == 1;
            let level = if lit { self.polarity.enabled } else { !self.polarity.enabled };
            self.pins.enable.set_state(level)?;
            delay.delay_ns(self.timing.unit_ns() << bit);
        }
        self.pins.enable.set_state(!self.polarity.enabled)
    }

    /// Shift one cell of eight pixels through all data lines.
    fn shift(&mut self, row: u8, cell: layout::Cell, view: &View<'_>) -> Result<(), P::Error> {
        let planes = self.layout.panel().depth().planes();
        let mut bytes = [0; DATA];
        let lines = (0..self.layout.groups()).flat_map(|group| (0..planes).map(move |plane| (group, plane)));
        for (byte, (group, plane)) in bytes.iter_mut().zip(lines) {
            *byte = view.byte(plane, self.layout.y_px(cell, row, group), cell.column);
        }
        for bit in (0..u8::BITS).rev() {
            for (pin, byte) in self.pins.data.iter_mut().zip(bytes) {
                let lit = byte >> bit & 1 == 1;
                pin.set_state(if lit { self.polarity.lit } else { !self.polarity.lit })?;
            }
            self.pins.clock.set_high()?;
            self.pins.clock.set_low()?;
        }
        Ok(())
    }
}
