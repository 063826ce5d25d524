//! How a signpost looks: the number called and its window, and an arrow to where that is, beside them or,
//! on a narrow panel, below the number.

use embedded_graphics::Drawable;
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::primitives::{Primitive, PrimitiveStyle, Rectangle, Triangle};
use hall_protocol::sign::picture::PIXELS_PER_BYTE;

use super::compose::{ROW_PX_MIN, is_numbered, window_words};
use super::{ArrowPage, Direction, WindowContent, WindowPage};
use crate::draw::{self, Align, area};
use crate::font::{NUMBER, TEXT};
use crate::frame::{Frame, Light, Panel};

/// An arrow may take this share of the panel's width.
const WIDTH_SHARE: u16 = 3;

/// An arrow is not smaller, in pixels.
const ARROW_PX_MIN: u16 = 8;

/// Around the arrow, in pixels.
const MARGIN_PX: u16 = 2;

impl ArrowPage {
    /// The page's picture on this panel; dark on a panel under 16 pixels high.
    pub fn render(&self, panel: Panel) -> Frame {
        let called =
            WindowPage { label: self.label.clone(), state: WindowContent::Called { number: self.number } };
        let side_px = panel.height_px().min(panel.width_px() / WIDTH_SHARE);
        if let Some(frame) = self.beside(panel, &called, side_px, true) {
            return frame;
        }
        let smaller = || {
            let sides = [side_px, ARROW_PX_MIN].into_iter();
            sides.into_iter().find_map(|side_px| self.beside(panel, &called, side_px, false))
        };
        // Without room for an arrow the number is worth more.
        self.below(panel).or_else(smaller).unwrap_or_else(|| called.render(panel))
    }

    /// The arrow beside the number; `None` where that has no room, or the window has none and shall have.
    fn beside(&self, panel: Panel, called: &WindowPage, side_px: u16, with_window: bool) -> Option<Frame> {
        // Words begin on a whole byte, so that they can be drawn by themselves and moved.
        let arrow_px = side_px.next_multiple_of(PIXELS_PER_BYTE).min(panel.width_px());
        let beside = Panel::new(panel.width_px() - arrow_px, panel.height_px(), panel.depth()).ok()?;
        let words = called.render(beside);
        if words == Frame::dark(beside) || with_window && !called.says_where(beside) {
            return None;
        }
        let mut frame = Frame::dark(panel);
        let arrow_first = self.direction == Direction::Left;
        let (from, words_from) = if arrow_first { (0, arrow_px) } else { (beside.width_px(), 0) };
        frame.place(&words, words_from);
        let top = (panel.height_px() - side_px) / 2;
        let left = from + (arrow_px - side_px) / 2;
        arrow(&mut frame, self.direction, Point::new(left.into(), top.into()), side_px);
        Some(frame)
    }

    /// The number above, and below it the arrow beside the window; `None` where there are no two rows.
    fn below(&self, panel: Panel) -> Option<Frame> {
        let (width_px, height_px) = (panel.width_px(), panel.height_px());
        let number = self.number.to_string();
        let row_px = ROW_PX_MIN;
        let above = Size::new(width_px.into(), height_px.checked_sub(row_px)?.into());
        let face = draw::largest(&NUMBER, &number, above)?;
        let words = window_words(&self.label);
        let text = *TEXT.last()?;
        let room_px = width_px.checked_sub(row_px)?;
        let short = if is_numbered(&self.label) { format!("{}号", self.label) } else { words.clone() };
        let wordings = [words.as_str(), &short, &self.label];
        let words = wordings.into_iter().find(|words| text.width_px(words) <= room_px)?;
        let mut frame = Frame::dark(panel);
        let gap = height_px.saturating_sub(face.cell_px() + row_px) / 3;
        draw::text(
            &mut frame,
            face,
            &number,
            area(0, gap, width_px, face.cell_px()),
            Align::Centre,
            Light::RED,
        );
        let top = 2 * gap + face.cell_px();
        let left = (room_px - text.width_px(words)) / 2;
        let arrow_first = self.direction == Direction::Left;
        let (arrow_x, words_x) =
            if arrow_first { (left, left + row_px) } else { (left + text.width_px(words), left) };
        let at = area(words_x, top, text.width_px(words), row_px);
        draw::text(&mut frame, text, words, at, Align::Left, Light::YELLOW);
        arrow(&mut frame, self.direction, Point::new(arrow_x.into(), top.into()), row_px);
        Some(frame)
    }
}

/// An arrow in the square of `side_px` at `at`: the head is half of it, the shaft a third as wide.
fn arrow(frame: &mut Frame, direction: Direction, at: Point, side_px: u16) {
    let last = i32::from(side_px) - 1;
    let margin = i32::from(if side_px > ARROW_PX_MIN { MARGIN_PX } else { 0 });
    let (near, far, middle) = (margin, last - margin, last / 2);
    let shaft = (last / 6).max(1);
    // Drawn to the right, then turned.
    let turn = |x: i32, y: i32| {
        at + match direction {
            Direction::Right => Point::new(x, y),
            Direction::Left => Point::new(last - x, y),
            Direction::Down => Point::new(y, x),
            Direction::Up => Point::new(y, last - x),
        }
    };
    let style = PrimitiveStyle::with_fill(Light::GREEN);
    let head = Triangle::new(turn(far, middle), turn(middle, near), turn(middle, last - near));
    let bar = Rectangle::with_corners(turn(near, middle - shaft), turn(middle, middle + shaft));
    // Drawing on a frame cannot fail.
    let _ = head.into_styled(style).draw(frame);
    let _ = bar.into_styled(style).draw(frame);
}
