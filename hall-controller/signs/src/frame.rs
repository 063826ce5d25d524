//! A picture for one sign: pixels as they lie in the sign's memory.
//!
//! What is drawn is the pages' business, how it travels the codec's. The layout is the native
//! protocol's ([`hall_protocol::sign::picture`]), so a frame is sent without being turned over.

use std::ops::Range;

use hall_protocol::sign::picture::PIXELS_PER_BYTE;
use hall_protocol::sign::{Depth, PictureId, Rectangle};

/// The widest panel row built, in pixels; bounds the memory of a frame.
pub const WIDTH_PX_MAX: u16 = 2_048;

/// The highest panel built, in pixels.
pub const HEIGHT_PX_MAX: u16 = 512;

/// A panel as its maker describes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Panel {
    width_px: u16,
    height_px: u16,
    depth: Depth,
}

/// Why no panel has this size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "no sign is {width_px}x{height_px} pixels: the width is a multiple of 8 up to {WIDTH_PX_MAX}, \
     the height 1 to {HEIGHT_PX_MAX}"
)]
pub struct PanelError {
    /// Asked for, in pixels.
    pub width_px: u16,
    /// Asked for, in pixels.
    pub height_px: u16,
}

impl Panel {
    /// A panel of this size in pixels.
    ///
    /// # Errors
    /// [`PanelError`] when the width is no multiple of eight, or a side is zero or too long.
    pub const fn new(width_px: u16, height_px: u16, depth: Depth) -> Result<Self, PanelError> {
        let width_fits = width_px > 0 && width_px <= WIDTH_PX_MAX && width_px.is_multiple_of(PIXELS_PER_BYTE);
        if width_fits && height_px > 0 && height_px <= HEIGHT_PX_MAX {
            Ok(Self { width_px, height_px, depth })
        } else {
            Err(PanelError { width_px, height_px })
        }
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

    /// Which planes a light is lit in.
    const fn planes_lit(self, light: Light) -> [bool; 3] {
        match self.depth {
            Depth::Mono => [light.is_on(), false, false],
            Depth::RedGreen => [light.red || light.blue, light.green || light.blue, false],
            Depth::Rgb => [light.red, light.green, light.blue],
        }
    }

    /// Bytes in one row of one plane.
    pub const fn row_bytes(self) -> usize {
        (self.width_px / PIXELS_PER_BYTE) as usize
    }

    /// Bytes in one plane.
    pub const fn plane_bytes(self) -> usize {
        self.row_bytes() * self.height_px as usize
    }
}

/// The light of one pixel: which of its diodes are on. On a sign of one colour, any is the one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Light {
    /// The red diode.
    pub red: bool,
    /// The green diode.
    pub green: bool,
    /// The blue diode.
    pub blue: bool,
}

impl Light {
    /// Dark.
    pub const OFF: Self = Self { red: false, green: false, blue: false };
    /// Red.
    pub const RED: Self = Self { red: true, ..Self::OFF };
    /// Green.
    pub const GREEN: Self = Self { green: true, ..Self::OFF };
    /// Blue.
    pub const BLUE: Self = Self { blue: true, ..Self::OFF };
    /// Red and green together.
    pub const YELLOW: Self = Self { red: true, green: true, blue: false };
    /// All of them.
    pub const WHITE: Self = Self { red: true, green: true, blue: true };

    /// Whether any diode is on.
    pub const fn is_on(self) -> bool {
        self.red || self.green || self.blue
    }
}

/// A picture: plane after plane, row after row, eight pixels a byte, leftmost in the top bit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    panel: Panel,
    bytes: Vec<u8>,
}

impl Frame {
    /// A dark picture.
    pub fn dark(panel: Panel) -> Self {
        Self { panel, bytes: vec![0; panel.plane_bytes() * usize::from(panel.depth.planes())] }
    }

    /// The picture in `bytes`, or `None` if a picture of this panel has another length.
    pub fn from_bytes(panel: Panel, bytes: Vec<u8>) -> Option<Self> {
        let right = bytes.len() == panel.plane_bytes() * usize::from(panel.depth.planes());
        right.then_some(Self { panel, bytes })
    }

    /// The panel it is for.
    pub fn panel(&self) -> Panel {
        self.panel
    }

    /// The pixels as they lie in the sign's memory.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The checksum by which host and sign know the picture.
    pub fn id(&self) -> PictureId {
        PictureId::of(&self.bytes)
    }

    /// The light of a pixel; dark outside of the panel.
    pub fn light(&self, x: u16, y: u16) -> Light {
        let Some((at, mask)) = self.bit(x, y) else { return Light::OFF };
        let lit = |plane: usize| {
            self.bytes.get(plane * self.panel.plane_bytes() + at).is_some_and(|byte| byte & mask != 0)
        };
        match self.panel.depth {
            Depth::Mono => Light { red: lit(0), ..Light::OFF },
            Depth::RedGreen => Light { red: lit(0), green: lit(1), blue: false },
            Depth::Rgb => Light { red: lit(0), green: lit(1), blue: lit(2) },
        }
    }

    /// Light a pixel; outside of the panel nothing happens. What a panel has no diode for shows
    /// in those it has: blue is red and green together on a sign of two colours.
    pub fn set(&mut self, x: u16, y: u16, light: Light) {
        self.set_row(x, y, 1 << 63, light);
    }

    /// Light the pixels of `row` that are one, the top bit at `x`: [`Frame::set`] for many at once.
    pub(crate) fn set_row(&mut self, x: u16, y: u16, row: u64, light: Light) {
        let Panel { width_px, height_px, .. } = self.panel;
        if x >= width_px || y >= height_px {
            return;
        }
        let row_bytes = self.panel.row_bytes();
        let left = usize::from(x / PIXELS_PER_BYTE);
        let shifted = u128::from(row) << 64 >> (x % PIXELS_PER_BYTE);
        let masks = shifted.to_be_bytes();
        // Most rows are those of a character: two or three bytes.
        let masks = masks.get(..masks.len() - shifted.trailing_zeros() as usize / 8).unwrap_or_default();
        for (plane, lit) in self.panel.planes_lit(light).into_iter().enumerate() {
            let start = plane * self.panel.plane_bytes() + usize::from(y) * row_bytes;
            let Some(bytes) = self.bytes.get_mut(start + left..start + row_bytes) else { return };
            for (byte, mask) in bytes.iter_mut().zip(masks) {
                *byte = if lit { *byte | mask } else { *byte & !mask };
            }
        }
    }

    /// The bytes of an area on whole bytes, in the order of a Rectangle's pixels. What lies outside
    /// of the panel is left out.
    pub(crate) fn pixels(&self, area: Rectangle) -> Vec<u8> {
        let mut pixels = Vec::with_capacity(self.bytes.len());
        for row in ranges(self.panel, area) {
            pixels.extend_from_slice(self.bytes.get(row).unwrap_or_default());
        }
        pixels
    }

    /// Make an area the same as in `other`, a picture of the same panel.
    pub(crate) fn copy_area(&mut self, other: &Self, area: Rectangle) {
        for row in ranges(self.panel, area) {
            if let (Some(to), Some(from)) = (self.bytes.get_mut(row.clone()), other.bytes.get(row)) {
                to.copy_from_slice(from);
            }
        }
    }

    /// Copy a picture of the same height and colours into this one, its left edge at `x`, which is on
    /// a whole byte. What would lie outside of the panel is left out.
    pub(crate) fn place(&mut self, other: &Self, x: u16) {
        let (row_bytes, other_row_bytes) = (self.panel.row_bytes(), other.panel.row_bytes());
        let left = usize::from(x / PIXELS_PER_BYTE);
        let rows = self.bytes.chunks_exact_mut(row_bytes).zip(other.bytes.chunks_exact(other_row_bytes));
        for (row, from) in rows {
            for (to, from) in row.iter_mut().skip(left).zip(from) {
                *to = *from;
            }
        }
    }

    /// Where in a plane the pixel's byte is, and its bit there.
    fn bit(&self, x: u16, y: u16) -> Option<(usize, u8)> {
        let Panel { width_px, height_px, .. } = self.panel;
        let inside = x < width_px && y < height_px;
        let byte = usize::from(y) * self.panel.row_bytes() + usize::from(x / PIXELS_PER_BYTE);
        inside.then_some((byte, 0x80 >> (x % PIXELS_PER_BYTE)))
    }
}

/// Where each row of an area lies in memory, plane by plane.
fn ranges(panel: Panel, area: Rectangle) -> impl Iterator<Item = Range<usize>> {
    let left = usize::from(area.x_px / PIXELS_PER_BYTE);
    let width = usize::from(area.width_px / PIXELS_PER_BYTE);
    let rows = usize::from(area.y_px)..usize::from(area.y_px) + usize::from(area.height_px);
    (0..usize::from(panel.depth.planes())).flat_map(move |plane| {
        rows.clone().map(move |row| {
            let start = plane * panel.plane_bytes() + row * panel.row_bytes() + left;
            start..start + width
        })
    })
}
