//! The size and the colours of a sign's panel, known when its firmware is built.

use hall_protocol::sign::Depth;
use hall_protocol::sign::picture::PIXELS_PER_BYTE;

/// A panel of LEDs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Panel {
    width_px: u16,
    height_px: u16,
    depth: Depth,
}

impl Panel {
    /// A panel of this size in pixels; `None` unless the width is a multiple of eight and neither is 0.
    pub const fn new(width_px: u16, height_px: u16, depth: Depth) -> Option<Self> {
        if width_px == 0 || height_px == 0 || !width_px.is_multiple_of(PIXELS_PER_BYTE) {
            return None;
        }
        Some(Self { width_px, height_px, depth })
    }

    /// Width, in pixels.
    pub const fn width_px(self) -> u16 {
        self.width_px
    }

    /// Height, in pixels.
    pub const fn height_px(self) -> u16 {
        self.height_px
    }

    /// Its colours.
    pub const fn depth(self) -> Depth {
        self.depth
    }

    /// Bytes in one row of one plane.
    pub const fn row_bytes(self) -> usize {
        (self.width_px / PIXELS_PER_BYTE) as usize
    }

    /// Bytes in one plane.
    pub const fn plane_bytes(self) -> usize {
        self.row_bytes() * self.height_px as usize
    }

    /// Bytes in a whole picture.
    pub const fn picture_bytes(self) -> usize {
        self.plane_bytes() * self.depth.planes() as usize
    }
}
