//! What can be seen on a sign at one moment, pixel by pixel.

use hall_protocol::sign::Rectangle;
use hall_protocol::sign::picture::PIXELS_PER_BYTE;

use super::notice;
use crate::panel::Panel;

/// What kind of thing is seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    Dark,
    /// A picture, this region of it dark.
    Picture {
        dark: Option<Rectangle>,
    },
    /// The built-in page, moved on so far to the left.
    Notice {
        offset_px: usize,
    },
}

/// The look of a panel by name: what is equal looks the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Appearance {
    pub(super) revision: u32,
    pub(super) brightness: u8,
    pub(super) look: Look,
}

/// What can be seen on a sign at one moment.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    panel: Panel,
    brightness: u8,
    look: Look,
    picture: &'a [u8],
}

impl<'a> View<'a> {
    pub(super) fn new(
        panel: Panel,
        brightness: u8,
        appearance: Appearance,
        picture: impl FnOnce() -> &'a [u8],
    ) -> Self {
        Self { panel, brightness, look: appearance.look, picture: picture() }
    }

    /// A picture as it lies in a sign's memory, at a brightness from 0 to 255.
    pub const fn of(panel: Panel, brightness: u8, picture: &'a [u8]) -> Self {
        Self { panel, brightness, look: Look::Picture { dark: None }, picture }
    }

    /// The panel it is seen on.
    pub const fn panel(&self) -> Panel {
        self.panel
    }

    /// How bright, from 0 (dark) to 255.
    pub const fn brightness(&self) -> u8 {
        self.brightness
    }

    /// Eight pixels of a plane, the leftmost in the top bit: those from `8 * column` on; 0 outside
    /// of the panel.
    pub fn byte(&self, plane: u8, row: u16, column: u16) -> u8 {
        let inside = plane < self.panel.depth().planes()
            && row < self.panel.height_px()
            && usize::from(column) < self.panel.row_bytes();
        match self.look {
            _ if !inside => 0,
            Look::Dark => 0,
            Look::Picture { dark } => {
                let at = (usize::from(plane) * usize::from(self.panel.height_px()) + usize::from(row))
                    * self.panel.row_bytes()
                    + usize::from(column);
                let byte = self.picture.get(at).copied().unwrap_or(0);
                byte & !dark.map_or(0, |region| covered(region, row, column))
            }
            Look::Notice { offset_px } => notice::byte(self.panel, plane, row, column, offset_px),
        }
    }

    /// Whether a pixel of a plane is lit.
    pub fn is_lit(&self, plane: u8, x_px: u16, y_px: u16) -> bool {
        let byte = self.byte(plane, y_px, x_px / PIXELS_PER_BYTE);
        byte & 0x80 >> (x_px % PIXELS_PER_BYTE) != 0
    }
}

/// Which of the eight pixels from `8 * column` on lie in the region.
fn covered(region: Rectangle, row: u16, column: u16) -> u8 {
    let [x, y, width, height] = [region.x_px, region.y_px, region.width_px, region.height_px].map(u32::from);
    if !(y..y + height).contains(&u32::from(row)) {
        return 0;
    }
    let first = u32::from(column) * u32::from(PIXELS_PER_BYTE);
    let from = x.saturating_sub(first).min(8);
    let to = (x + width).saturating_sub(first).min(8);
    // The bits from `from` on, without those from `to` on.
    let mask = (0xFF_u32 >> from) & !(0xFF_u32 >> to);
    u8::try_from(mask & 0xFF).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_may_have_any_edges() {
        let region = |x_px, width_px| Rectangle { x_px, y_px: 2, width_px, height_px: 3 };
        for (x, width, column, mask) in [
            (0, 8, 0, 0xFF),
            (3, 2, 0, 0b0001_1000),
            (3, 20, 0, 0b0001_1111),
            (3, 20, 1, 0xFF),
            (3, 20, 2, 0b1111_1110),
            (3, 20, 3, 0),
            (9, 1, 0, 0),
            (0, 0, 0, 0),
            (65_535, 65_535, 0, 0),
        ] {
            assert_eq!(covered(region(x, width), 2, column), mask, "{x}+{width} at {column}");
        }
        assert_eq!([1, 2, 4, 5].map(|row| covered(region(0, 8), row, 0)), [0, 0xFF, 0xFF, 0]);
    }
}
