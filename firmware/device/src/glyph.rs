//! The 16-pixel glyphs of what devices say: a committed subset of the hall's own 16-pixel font.
//!
//! `glyphs.bin` is the number of glyphs (two bytes, numbers are big-endian), three bytes a glyph (code
//! point, by which it is sorted, and width in pixels), then sixteen rows of two bytes each, the
//! leftmost pixel in the top bit. `UPDATE_GOLDEN=1 cargo test -p hall-device` makes it anew from
//! [`crate::words`], the controller's sentences and `hall-signs`' font.

use embedded_graphics::draw_target::DrawTarget;
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::primitives::Rectangle;

/// Height of every glyph, in pixels.
pub const HEIGHT_PX: usize = 16;

/// A display of 128x64 pixels has so many lines of text, each so wide.
const LINES: usize = 4;
const LINE_PX: usize = 128;

const FILE: &[u8] = include_bytes!("glyphs.bin");
const COUNT_BYTES: usize = 2;
const INDEX_BYTES: usize = 3;
const GLYPH_BYTES: usize = HEIGHT_PX * 2;

const COUNT: usize = u16::from_be_bytes([FILE[0], FILE[1]]) as usize;
const _: () = assert!(FILE.len() == COUNT_BYTES + COUNT * (INDEX_BYTES + GLYPH_BYTES));

/// One character's pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Glyph {
    /// From its left edge to the next character's, in pixels: at most 16.
    pub width_px: u8,
    at: usize,
}

impl Glyph {
    /// One row from the top, 0 to 15, the leftmost pixel in the top bit; dark below.
    pub const fn row(self, row: usize) -> u16 {
        if row >= HEIGHT_PX {
            return 0;
        }
        let at = self.at + row * 2;
        u16::from_be_bytes([FILE[at], FILE[at + 1]])
    }
}

/// The glyph of a code point; `None` if devices never say it.
pub const fn find(code: u32) -> Option<Glyph> {
    let (mut low, mut high) = (0, COUNT);
    while low < high {
        let middle = low + (high - low) / 2;
        let at = COUNT_BYTES + middle * INDEX_BYTES;
        let here = u16::from_be_bytes([FILE[at], FILE[at + 1]]) as u32;
        if here == code {
            let at_glyph = COUNT_BYTES + COUNT * INDEX_BYTES + middle * GLYPH_BYTES;
            return Some(Glyph { width_px: FILE[at + 2], at: at_glyph });
        }
        if here < code {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    None
}

/// The glyph of a character.
pub fn of(character: char) -> Option<Glyph> {
    find(u32::from(character))
}

/// Whether every character of a text has a glyph.
pub fn covers(text: &str) -> bool {
    text.chars().all(|character| of(character).is_some())
}

/// Width of a text, in pixels; a character without a glyph has none.
pub const fn width_px(text: &str) -> usize {
    let (mut at, mut width) = (0, 0);
    while at < text.len() {
        let (code, next) = code_point(text.as_bytes(), at);
        if let Some(glyph) = find(code) {
            width += glyph.width_px as usize;
        }
        at = next;
    }
    width
}

/// A text as rows of `BYTES` bytes, the leftmost pixel in the top bit; what is wider is left out.
pub const fn line<const BYTES: usize>(text: &str) -> [[u8; BYTES]; HEIGHT_PX] {
    let mut rows = [[0; BYTES]; HEIGHT_PX];
    let (mut at, mut x) = (0, 0);
    while at < text.len() {
        let (code, next) = code_point(text.as_bytes(), at);
        if let Some(glyph) = find(code) {
            let mut row = 0;
            while row < HEIGHT_PX {
                // Sixteen pixels at any place of a byte lie in three bytes.
                let masks = ((glyph.row(row) as u32) << 16 >> (x % 8)).to_be_bytes();
                let mut byte = 0;
                while byte < 3 && x / 8 + byte < BYTES {
                    rows[row][x / 8 + byte] |= masks[byte];
                    byte += 1;
                }
                row += 1;
            }
            x += glyph.width_px as usize;
        }
        at = next;
    }
    rows
}

/// Draw a text on a display from a point to the right, each of its pixels a square of `scale` pixels; what
/// lies outside of the display is left out.
///
/// # Errors
/// What the display reports.
pub fn draw<D: DrawTarget>(
    display: &mut D,
    text: &str,
    at: Point,
    scale: u8,
    colour: D::Color,
) -> Result<(), D::Error> {
    let side = i32::from(scale);
    let mut left = at.x;
    for glyph in text.chars().filter_map(of) {
        for (row, y) in (0..HEIGHT_PX).zip((at.y..).step_by(usize::from(scale))) {
            let bits = glyph.row(row);
            for (x, bit) in (left..).step_by(usize::from(scale)).zip((0..u16::BITS).rev()) {
                if bits >> bit & 1 == 1 {
                    let square = Rectangle::new(Point::new(x, y), Size::new_equal(u32::from(scale)));
                    display.fill_solid(&square, colour)?;
                }
            }
        }
        left += i32::from(glyph.width_px) * side;
    }
    Ok(())
}

/// Draw a sentence on a display of 128x64 pixels from a line of text on, broken where a line is full, between
/// words if it has any.
///
/// # Errors
/// What the display reports.
pub fn draw_lines<D: DrawTarget>(
    display: &mut D,
    text: &str,
    first_line: usize,
    colour: D::Color,
) -> Result<(), D::Error> {
    let mut rest = text;
    for line in first_line..LINES {
        let (now, later) = rest.split_at(fitting(rest));
        let y = i32::try_from(line * HEIGHT_PX).unwrap_or(i32::MAX);
        draw(display, now, Point::new(0, y), 1, colour)?;
        rest = later.trim_start();
    }
    Ok(())
}

/// How many bytes of a text fit one line.
fn fitting(text: &str) -> usize {
    let mut width_px = 0;
    let full = text.char_indices().find(|(_, character)| {
        width_px += of(*character).map_or(0, |glyph| usize::from(glyph.width_px));
        width_px > LINE_PX
    });
    let Some((full, _)) = full else { return text.len() };
    let line = text.get(..=full).filter(|line| line.is_ascii());
    // A Latin word is not broken if the line has another before it.
    line.and_then(|line| line.rfind(' ')).filter(|space| *space > 0).unwrap_or(full)
}

/// The code point at a byte of a text, and where the next begins; `chars` is not to be had while
/// compiling. A `str` is whole UTF-8, so the bytes of a character are there.
const fn code_point(text: &[u8], at: usize) -> (u32, usize) {
    let lead = text[at];
    let bytes = match lead {
        0..0x80 => return (lead as u32, at + 1),
        0x80..0xE0 => 2,
        0xE0..0xF0 => 3,
        0xF0.. => 4,
    };
    let mut code = lead as u32 & (0x7F >> bytes);
    let mut next = at + 1;
    while next < at + bytes {
        code = code << 6 | text[next] as u32 & 0x3F;
        next += 1;
    }
    (code, next)
}
