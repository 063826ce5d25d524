//! How a signpost looks: the number called and its window, and an arrow to where that is: beside them; on a
//! narrow panel below the number; and where not even that has room, in turns with it.

use embedded_graphics::Drawable;
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::primitives::{Primitive, PrimitiveStyle, Rectangle, Triangle};
use hall_protocol::sign::picture::PIXELS_PER_BYTE;

use super::compose::{ROW_PX_MIN, is_numbered, window_words};
use super::{ArrowPage, Direction, WindowContent, WindowPage};
use crate::draw::{self, Align, area};
use crate::font::{Face, NUMBER, SMALL_TEXT, TEXT};
use crate::frame::{Frame, Light, Panel};

/// An arrow may take this share of the panel's width.
const WIDTH_SHARE: u16 = 3;

/// An arrow is not smaller, in pixels.
const ARROW_PX_MIN: u16 = 8;

/// Around the arrow, in pixels.
const MARGIN_PX: u16 = 2;

impl ArrowPage {
    /// How many screens it takes on this panel, at least one.
    pub fn screens(&self, panel: Panel) -> usize {
        if panel.height_px() < ROW_PX_MIN || self.together(panel).is_some() { 1 } else { 2 }
    }

    /// One of its screens; dark on a panel under 16 pixels high.
    pub fn render(&self, panel: Panel, screen: usize) -> Frame {
        if panel.height_px() < ROW_PX_MIN {
            return Frame::dark(panel);
        }
        let in_turns =
            || if screen.is_multiple_of(2) { self.called().render(panel) } else { self.alone(panel) };
        self.together(panel).unwrap_or_else(in_turns)
    }

    fn called(&self) -> WindowPage {
        WindowPage { label: self.label.clone(), state: WindowContent::Called { number: self.number } }
    }

    /// Number and arrow in one picture, where they have room.
    fn together(&self, panel: Panel) -> Option<Frame> {
        let called = self.called();
        let side_px = panel.height_px().min(panel.width_px() / WIDTH_SHARE);
        let smaller = || {
            let sides = [side_px, ARROW_PX_MIN].into_iter();
            sides.into_iter().find_map(|side_px| self.beside(panel, &called, side_px, false))
        };
        self.beside(panel, &called, side_px, true).or_else(|| self.below(panel)).or_else(smaller)
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
        let words = self.words_beside(&[*TEXT.last()?], width_px.checked_sub(row_px)?)?;
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
        self.pointer(&mut frame, 2 * gap + face.cell_px(), row_px, Some(&words));
        Some(frame)
    }

    /// The arrow, and the window where that has room, without the number.
    fn alone(&self, panel: Panel) -> Frame {
        let (width_px, height_px) = (panel.width_px(), panel.height_px());
        let mut frame = Frame::dark(panel);
        let beside_px = height_px.min(width_px / 2);
        let faces = TEXT.iter().chain([&SMALL_TEXT]).filter(|face| face.cell_px() <= height_px);
        let words = self.words_beside(&faces.copied().collect::<Vec<_>>(), width_px - beside_px);
        let side_px = if words.is_some() { beside_px } else { height_px.min(width_px) };
        self.pointer(&mut frame, (height_px - side_px) / 2, side_px, words.as_ref());
        frame
    }

    /// The longest way to say the window that has room beside an arrow, in the first letters in which one
    /// has.
    fn words_beside(&self, faces: &[Face], room_px: u16) -> Option<(Face, String)> {
        let words = window_words(&self.label);
        let short = if is_numbered(&self.label) { format!("{}号", self.label) } else { words.clone() };
        let wordings = [words, short, self.label.clone()];
        let fitting = |face: &Face| {
            let words = wordings.iter().find(|words| face.width_px(words) <= room_px)?;
            Some((*face, words.clone()))
        };
        faces.iter().find_map(fitting)
    }

    /// The arrow as high as its row at `top`, and these words beside it, in the middle of the panel.
    fn pointer(&self, frame: &mut Frame, top: u16, row_px: u16, words: Option<&(Face, String)>) {
        let width_px = frame.panel().width_px();
        let said_px = words.map_or(0, |(face, words)| face.width_px(words));
        let left = width_px.saturating_sub(row_px + said_px) / 2;
        let arrow_first = self.direction == Direction::Left;
        let (arrow_x, words_x) = if arrow_first { (left, left + row_px) } else { (left + said_px, left) };
        if let Some((face, words)) = words {
            let middle = (top + row_px / 2).saturating_sub(face.cell_px() / 2);
            let at = area(words_x, middle, said_px, face.cell_px());
            draw::text(frame, *face, words, at, Align::Left, Light::YELLOW);
        }
        arrow(frame, self.direction, Point::new(arrow_x.into(), top.into()), row_px);
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

#[cfg(test)]
mod tests {
    use hall_protocol::sign::Depth;

    use super::*;

    const DIRECTIONS: [Direction; 4] = [Direction::Left, Direction::Right, Direction::Up, Direction::Down];

    fn page(number: &str, label: &str, direction: Direction) -> ArrowPage {
        ArrowPage { number: number.parse().unwrap(), label: label.into(), direction }
    }

    #[test]
    fn the_direction_is_seen_on_every_panel_and_with_every_number_and_window() {
        let sizes = (2..40).flat_map(|width| [16, 24, 32, 64].map(|height_px| (width * 8, height_px)));
        for (width_px, height_px) in sizes {
            let panel = Panel::new(width_px, height_px, Depth::Mono).unwrap();
            for (number, label) in [("A012", "3"), ("SB0345", "12"), ("B007", "综合窗口")] {
                let looks = DIRECTIONS.map(|direction| {
                    let page = page(number, label, direction);
                    (0..page.screens(panel)).map(|screen| page.render(panel, screen)).collect::<Vec<_>>()
                });
                for (at, look) in looks.iter().enumerate() {
                    assert!(!looks[..at].contains(look), "{number} {label} on {width_px}x{height_px}");
                }
            }
        }
    }

    #[test]
    fn the_smallest_sign_says_number_and_direction_in_turns() {
        let panel = Panel::new(32, 16, Depth::Mono).unwrap();
        let page = page("A012", "3", Direction::Right);
        assert_eq!(page.screens(panel), 2);
        let said = |screen| crate::draw::said(|| drop(page.render(panel, screen))).concat();
        assert_eq!([said(0), said(1), said(2)], ["A012", "3", "A012"]);
        // On the next larger one the arrow has room beside the number.
        assert_eq!(page.screens(Panel::new(40, 16, Depth::Mono).unwrap()), 1);
    }
}
