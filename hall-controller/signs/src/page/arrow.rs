//! How a signpost looks: the number called and its window, and an arrow to where that is.

use embedded_graphics::Drawable;
use embedded_graphics::geometry::Point;
use embedded_graphics::primitives::{Primitive, PrimitiveStyle, Rectangle, Triangle};
use hall_protocol::sign::picture::PIXELS_PER_BYTE;

use super::{ArrowPage, Direction, WindowContent, WindowPage};
use crate::frame::{Frame, Light, Panel};

/// An arrow may take this share of the panel's width.
const WIDTH_SHARE: u16 = 3;

/// Around the arrow, in pixels.
const MARGIN_PX: u16 = 2;

impl ArrowPage {
    /// The page's picture on this panel; dark on a panel under 16 pixels high.
    pub fn render(&self, panel: Panel) -> Frame {
        let mut frame = Frame::dark(panel);
        let side_px = panel.height_px().min(panel.width_px() / WIDTH_SHARE);
        // Words begin on a whole byte, so that they can be drawn by themselves and moved.
        let arrow_px = side_px.next_multiple_of(PIXELS_PER_BYTE).min(panel.width_px());
        let state = WindowContent::Called { number: self.number };
        let called = WindowPage { label: self.label.clone(), state };
        let Ok(beside) = Panel::new(panel.width_px() - arrow_px, panel.height_px(), panel.depth()) else {
            return called.render(panel);
        };
        let words = called.render(beside);
        if words == Frame::dark(beside) {
            // Without room for both the number is worth more.
            return called.render(panel);
        }
        let arrow_first = self.direction == Direction::Left;
        let (from, words_from) = if arrow_first { (0, arrow_px) } else { (beside.width_px(), 0) };
        frame.place(&words, words_from);
        let top = (panel.height_px() - side_px) / 2;
        let left = from + (arrow_px - side_px) / 2;
        arrow(&mut frame, self.direction, Point::new(left.into(), top.into()), side_px);
        frame
    }
}

/// An arrow in the square of `side_px` at `at`: the head is half of it, the shaft a third as wide.
fn arrow(frame: &mut Frame, direction: Direction, at: Point, side_px: u16) {
    let last = i32::from(side_px) - 1;
    let (near, far, middle) = (i32::from(MARGIN_PX), last - i32::from(MARGIN_PX), last / 2);
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
