//! Drawing on a [`Frame`]: any shape of `embedded-graphics`, and text in our fonts.
//!
//! Text is never cut through a glyph: what does not fit its area is drawn in a smaller face, and
//! where there is none ends with an ellipsis. What goes where is the pages' business.

use std::borrow::Cow;
use std::convert::Infallible;

use embedded_graphics::Pixel;
use embedded_graphics::draw_target::DrawTarget;
use embedded_graphics::geometry::{OriginDimensions, Point, Size};
use embedded_graphics::pixelcolor::PixelColor;
use embedded_graphics::primitives::Rectangle;

use crate::font::Face;
use crate::frame::{Frame, Light};

/// Ends a text that was too long.
const ELLIPSIS: char = '…';

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

/// As many whole characters as fit `width_px`, with an ellipsis if that is not all, and how wide
/// that is.
fn shortened(face: Face, text: &str, width_px: u32) -> (Cow<'_, str>, u32) {
    let whole_px = u32::from(face.width_px(text));
    if whole_px <= width_px {
        return (Cow::Borrowed(text), whole_px);
    }
    let mut room = width_px.checked_sub(face.advance_px(ELLIPSIS).into());
    let kept = text.chars().map_while(|character| {
        room = room.and_then(|room| room.checked_sub(face.advance_px(character).into()));
        room.map(|_| character)
    });
    let mut kept: String = kept.collect();
    let mark = (u32::from(face.advance_px(ELLIPSIS)) <= width_px).then_some(ELLIPSIS);
    kept.extend(mark);
    let kept_px = face.width_px(&kept).into();
    (Cow::Owned(kept), kept_px)
}

/// Draw `text` in `face` into `area`, in the middle of its height.
///
/// What is too wide ends with an ellipsis after a whole glyph; in an area lower than the face
/// nothing is drawn.
pub fn text(frame: &mut Frame, face: Face, text: &str, area: Rectangle, align: Align, light: Light) {
    let cell_px = u32::from(face.cell_px());
    if area.size.height < cell_px {
        return;
    }
    let (text, text_px) = shortened(face, text, area.size.width);
    let spare_px = area.size.width.saturating_sub(text_px);
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

/// Draw `text` into `area` in the largest of `faces` in which it fits, the smallest if in none.
pub fn fitted(frame: &mut Frame, faces: &[Face], words: &str, area: Rectangle, align: Align, light: Light) {
    if let Some(face) = largest(faces, words, area.size).or(faces.last().copied()) {
        text(frame, face, words, area, align, light);
    }
}

/// Draw one character with its cell's top left corner at `at`; gives how far the next one is.
fn glyph(frame: &mut Frame, face: Face, character: char, at: Point, light: Light) -> u16 {
    let Some(glyph) = face.glyph(character) else { return 0 };
    let scale = face.scale();
    let advance_px = u16::from(glyph.advance_px) * scale;
    let (Ok(x), Ok(y)) = (u16::try_from(at.x), u16::try_from(at.y)) else { return advance_px };
    let left = x.saturating_add(u16::from(glyph.left_px) * scale);
    let mut top = y.saturating_add(u16::from(glyph.top_px) * scale);
    for row in glyph.rows() {
        if scale == 1 {
            frame.set_row(left, top, *row, light);
        } else {
            let ink = (0..64).filter(|column| row << column >> 63 == 1);
            for (column, dy) in ink.flat_map(|column| (0..scale).map(move |dy| (column, dy))) {
                let dot = u64::MAX << (64 - u32::from(scale));
                frame.set_row(left.saturating_add(column * scale), top.saturating_add(dy), dot, light);
            }
        }
        top = top.saturating_add(scale);
    }
    advance_px
}

#[cfg(test)]
mod tests {
    use embedded_graphics::Drawable;
    use embedded_graphics::primitives::{Primitive, PrimitiveStyle};
    use hall_protocol::sign::Depth;
    use proptest::prelude::*;

    use super::*;
    use crate::font::{NUMBER, SMALL_TEXT, TEXT};
    use crate::frame::Panel;

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
        fn no_glyph_is_cut_whatever_the_text_and_the_room(
            words in "[社会保险登记A-Z0-9 ]{0,9}", width in 0_u16..120, height in 0_u16..70, face in 0..=TEXT.len()
        ) {
            let face = TEXT.get(face).copied().unwrap_or(SMALL_TEXT);
            let mut tight = dark(1_024, 128);
            text(&mut tight, face, &words, area(8, 8, width, height), Align::Left, Light::RED);
            // What was drawn is a whole text in unlimited room: the words, their start with an
            // ellipsis, the ellipsis, or nothing.
            let starts = (0..=words.len()).filter_map(|end| words.get(..end)).map(|start| format!("{start}…"));
            let found = starts.chain([words.clone(), String::new()]).any(|whole| {
                let mut free = dark(1_024, 128);
                let top = 8 + height.saturating_sub(face.cell_px()) / 2;
                text(&mut free, face, &whole, area(8, top, 1_000, face.cell_px()), Align::Left, Light::RED);
                free == tight
            });
            prop_assert!(found);
            for (x, y) in (0..128).flat_map(|y| (0..1_024).map(move |x| (x, y))) {
                let inside = (8..8 + width).contains(&x) && (8..8 + height).contains(&y);
                prop_assert!(inside || !tight.light(x, y).is_on(), "{x},{y} is outside");
            }
        }
    }
}
