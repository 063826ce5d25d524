//! Drawing on a [`Frame`]: any shape of `embedded-graphics`, and text in our fonts.
//!
//! Text is never cut, neither through a glyph nor between two: what does not fit its area is not drawn. Only
//! what moves through comes in at one edge and leaves at the other. What goes where, in which letters and in how
//! many rows, is the pages' business.

use std::convert::Infallible;

use embedded_graphics::Pixel;
use embedded_graphics::draw_target::DrawTarget;
use embedded_graphics::geometry::{OriginDimensions, Point, Size};
use embedded_graphics::pixelcolor::PixelColor;
use embedded_graphics::primitives::Rectangle;

use crate::font::Face;
use crate::frame::{Frame, Light};

impl PixelColor for Light {
    type Raw = ();
}

impl OriginDimensions for Frame {
    fn size(&self) -> Size {
        Size::new(self.panel().width_px().into(), self.panel().height_px().into())
    }
}

impl DrawTarget for Frame {
    type Color = Light;
    type Error = Infallible;

    fn draw_iter<I>(&mut self, pixels: I) -> Result<(), Self::Error>
    where
        I: IntoIterator<Item = Pixel<Light>>,
    {
        for Pixel(at, light) in pixels {
            if let (Ok(x), Ok(y)) = (u16::try_from(at.x), u16::try_from(at.y)) {
                self.set(x, y, light);
            }
        }
        Ok(())
    }
}

/// Where in its area a text stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// At the left edge.
    Left,
    /// In the middle.
    Centre,
    /// At the right edge.
    Right,
}

/// An area on a sign, in pixels from its top left corner.
pub(crate) fn area(x: u16, y: u16, width: u16, height: u16) -> Rectangle {
    Rectangle::new(Point::new(x.into(), y.into()), Size::new(width.into(), height.into()))
}

/// The first of `faces` (largest first) in which `text` fits, or `None` if it fits in none.
pub fn largest(faces: &[Face], text: &str, within: Size) -> Option<Face> {
    let fits = |face: &&Face| {
        u32::from(face.cell_px()) <= within.height && u32::from(face.width_px(text)) <= within.width
    };
    faces.iter().find(fits).copied()
}

/// Draw `text` in `face` into `area`, in the middle of its height.
///
/// In an area lower than the face or narrower than the text nothing is drawn.
pub fn text(frame: &mut Frame, face: Face, text: &str, area: Rectangle, align: Align, light: Light) {
    let cell_px = u32::from(face.cell_px());
    let spare_px = area.size.width.checked_sub(face.width_px(text).into());
    let Some(spare_px) = spare_px.filter(|_| area.size.height >= cell_px) else { return };
    #[cfg(test)]
    tests::SAID.with_borrow_mut(|said| said.push(text.to_owned()));
    let indent_px = match align {
        Align::Left => 0,
        Align::Centre => spare_px / 2,
        Align::Right => spare_px,
    };
    let mut pen = area.top_left + Size::new(indent_px, (area.size.height - cell_px) / 2);
    for character in text.chars() {
        pen.x += i32::from(glyph(frame, face, character, pen, light));
    }
}

/// Draw a text that moves through: its first character's left edge at `x`, which may lie left of the panel.
/// What lies outside of the panel is not seen.
pub(crate) fn moving(
    frame: &mut Frame,
    face: Face,
    text: impl Iterator<Item = char>,
    x: i32,
    y: u16,
    light: Light,
) {
    let mut pen = Point::new(x, y.into());
    for character in text {
        if pen.x >= i32::from(frame.panel().width_px()) {
            break;
        }
        let advance_px = i32::from(face.advance_px(character));
        if pen.x + advance_px > 0 {
            #[cfg(test)]
            tests::SAID.with_borrow_mut(|said| said.push(character.into()));
            glyph(frame, face, character, pen, light);
        }
        pen.x += advance_px;
    }
}

/// Draw one character with its cell's top left corner at `at`; gives how far the next one is.
fn glyph(frame: &mut Frame, face: Face, character: char, at: Point, light: Light) -> u16 {
    let Some(glyph) = face.glyph(character) else { return 0 };
    let scale = face.scale();
    let advance_px = u16::from(glyph.advance_px) * scale;
    let Ok(y) = u16::try_from(at.y) else { return advance_px };
    let left = at.x + i32::from(glyph.left_px) * i32::from(scale);
    let mut top = y.saturating_add(u16::from(glyph.top_px) * scale);
    for row in glyph.rows() {
        if scale == 1 {
            put(frame, left, top, *row, light);
        } else {
            let ink = (0..64_u16).filter(|column| row << column >> 63 == 1);
            for (column, dy) in ink.flat_map(|column| (0..scale).map(move |dy| (column, dy))) {
                let dot = u64::MAX << (64 - u32::from(scale));
                let x = left + i32::from(column * scale);
                put(frame, x, top.saturating_add(dy), dot, light);
            }
        }
        top = top.saturating_add(scale);
    }
    advance_px
}

/// Light the pixels of `row` that are one, the top bit at `x`; those left of the panel are not seen.
fn put(frame: &mut Frame, x: i32, y: u16, row: u64, light: Light) {
    let outside = u32::try_from(-x).unwrap_or(0);
    let seen = row.checked_shl(outside).unwrap_or(0);
    frame.set_row(u16::try_from(x.max(0)).unwrap_or(u16::MAX), y, seen, light);
}

#[cfg(test)]
pub(crate) use tests::said;

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use embedded_graphics::Drawable;
    use embedded_graphics::primitives::{Primitive, PrimitiveStyle};
    use hall_protocol::sign::Depth;
    use proptest::prelude::*;

    use super::*;
    use crate::font::{NUMBER, SMALL_TEXT, TEXT};
    use crate::frame::Panel;

    thread_local! {
        /// The texts drawn in this thread.
        pub(super) static SAID: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
    }

    /// The texts that this draws, one after another.
    pub(crate) fn said(draw: impl FnOnce()) -> Vec<String> {
        SAID.take();
        draw();
        SAID.take()
    }

    fn dark(width_px: u16, height_px: u16) -> Frame {
        Frame::dark(Panel::new(width_px, height_px, Depth::RedGreen).unwrap())
    }

    #[test]
    fn shapes_are_drawn_and_cut_at_the_edge() {
        let mut frame = dark(16, 8);
        let style = PrimitiveStyle::with_fill(Light::GREEN);
        Rectangle::new(Point::new(-4, 6), Size::new(8, 9)).into_styled(style).draw(&mut frame).unwrap();
        let lit =
            (0..8).flat_map(|y| (0..16).map(move |x| (x, y))).filter(|(x, y)| frame.light(*x, *y).is_on());
        assert_eq!(lit.collect::<Vec<_>>(), [(0, 6), (1, 6), (2, 6), (3, 6), (0, 7), (1, 7), (2, 7), (3, 7)]);
    }

    #[test]
    fn the_largest_face_that_fits_is_chosen_and_none_where_none_fits() {
        let size = |width, height| Size::new(width, height);
        let chosen = |text, within| largest(&TEXT, text, within).map(Face::cell_px);
        assert_eq!(chosen("暂停服务", size(256, 64)), Some(64));
        assert_eq!(chosen("暂停服务", size(255, 64)), Some(48));
        assert_eq!(chosen("暂停服务", size(128, 96)), Some(32));
        assert_eq!(chosen("暂停服务", size(128, 31)), Some(24));
        assert_eq!(chosen("暂停服务", size(63, 16)), None);
        assert_eq!(largest(&NUMBER, "A012", size(80, 32)).map(|face| face.advance_px('0')), Some(20));
    }

    #[test]
    fn text_stands_where_it_is_told() {
        let columns = |align| {
            let mut frame = dark(64, 16);
            text(&mut frame, TEXT[4], "中", area(0, 0, 64, 16), align, Light::RED);
            let lit = |x: &u16| (0..16).any(|y| frame.light(*x, y).is_on());
            ((0..64).find(lit).unwrap(), (0..64).rev().find(lit).unwrap())
        };
        let (left, right) = columns(Align::Left);
        assert!(right < 16);
        assert_eq!(columns(Align::Centre), (left + 24, right + 24));
        assert_eq!(columns(Align::Right), (left + 48, right + 48));
    }

    proptest! {
        #[test]
        fn no_text_is_cut_whatever_it_is_and_whatever_the_room(
            words in "[社会保险登记A-Z0-9 ]{0,9}", width in 0_u16..120, height in 0_u16..70, face in 0..=TEXT.len()
        ) {
            let face = TEXT.get(face).copied().unwrap_or(SMALL_TEXT);
            let mut tight = dark(1_024, 128);
            text(&mut tight, face, &words, area(8, 8, width, height), Align::Left, Light::RED);
            // What was drawn is the whole text as in unlimited room, or nothing.
            let fits = face.cell_px() <= height && face.width_px(&words) <= width;
            let mut free = dark(1_024, 128);
            if fits {
                let top = 8 + (height - face.cell_px()) / 2;
                text(&mut free, face, &words, area(8, top, 1_000, face.cell_px()), Align::Left, Light::RED);
            }
            prop_assert_eq!(&free, &tight);
            for (x, y) in (0..128).flat_map(|y| (0..1_024).map(move |x| (x, y))) {
                let inside = (8..8 + width).contains(&x) && (8..8 + height).contains(&y);
                prop_assert!(inside || !tight.light(x, y).is_on(), "{x},{y} is outside");
            }
        }
    }
}
