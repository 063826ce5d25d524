//! How a notice looks that moves through in one line (走字), pixel by pixel or from character to character.
//!
//! How far a step goes on which line is [`crate::pace`]'s business. By characters none is ever cut; by pixels
//! it comes in at the right edge and leaves at the left one, as anything that moves.

use std::num::NonZeroU16;

use super::ScrollPage;
use crate::draw::{self, Align, area};
use crate::font::{Face, TEXT};
use crate::frame::{Frame, Light, Panel};

/// Blank cells between the end of the text and its beginning.
const GAP: &str = "　　";

/// How far a notice that moves through goes at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// So many pixels.
    Pixels(NonZeroU16),
    /// So many whole characters, of which none is cut then.
    Characters(NonZeroU16),
}

impl Step {
    /// The finest.
    pub const PIXEL: Self = Self::Pixels(NonZeroU16::MIN);
    /// The finest that cuts no character.
    pub const CHARACTER: Self = Self::Characters(NonZeroU16::MIN);
}

impl ScrollPage {
    /// A notice that moves by whole characters, so that none is cut.
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), step: Step::CHARACTER }
    }

    /// How many characters a round has, with the gap.
    pub fn characters(&self) -> u16 {
        u16::try_from(self.ring().chars().count()).unwrap_or(u16::MAX)
    }

    /// How wide its hanzi are on this panel, which is as high as they are, in pixels; `None` where none has
    /// room.
    pub fn letters_px(&self, panel: Panel) -> Option<u16> {
        face(panel).map(Face::cell_px)
    }

    /// How many steps it takes until it is where it began; one if it need not move.
    pub fn screens(&self, panel: Panel) -> usize {
        let Some(face) = face(panel).filter(|face| face.width_px(&self.line()) > panel.width_px()) else {
            return 1;
        };
        match self.step {
            Step::Pixels(step) => {
                (self.round_px(face) / u32::from(step.get())).try_into().unwrap_or(1).max(1)
            }
            Step::Characters(step) => self.ring().chars().count().div_ceil(step.get().into()),
        }
    }

    /// One of its steps; dark on a panel under 16 pixels high.
    pub fn render(&self, panel: Panel, screen: usize) -> Frame {
        let mut frame = Frame::dark(panel);
        let Some(face) = face(panel) else { return frame };
        let whole = area(0, 0, panel.width_px(), panel.height_px());
        let line = self.line();
        if face.width_px(&line) <= panel.width_px() {
            draw::text(&mut frame, face, &line, whole, Align::Centre, Light::GREEN);
            return frame;
        }
        let ring = self.ring();
        match self.step {
            Step::Pixels(step) => {
                let screen = screen % self.screens(panel);
                let gone_px = screen.saturating_mul(step.get().into());
                let x = -i32::try_from(gone_px).unwrap_or(i32::MAX);
                let y = (panel.height_px() - face.cell_px()) / 2;
                // The beginning follows the end where the round is over.
                let next_x = x.saturating_add_unsigned(self.round_px(face));
                for x in [x, next_x] {
                    draw::moving(&mut frame, face, ring.chars(), x, y, Light::GREEN);
                }
            }
            Step::Characters(step) => {
                let count = ring.chars().count().max(1);
                let gone = screen % self.screens(panel) * usize::from(step.get());
                let mut seen = String::new();
                let mut width_px = 0_u16;
                for character in ring.chars().cycle().skip(gone % count).take(count) {
                    width_px = width_px.saturating_add(face.advance_px(character));
                    if width_px > panel.width_px() {
                        break;
                    }
                    seen.push(character);
                }
                draw::text(&mut frame, face, &seen, whole, Align::Left, Light::GREEN);
            }
        }
        frame
    }

    /// The text as one line.
    fn line(&self) -> String {
        self.text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// What goes round.
    fn ring(&self) -> String {
        self.line() + GAP
    }

    /// How far it goes until it is where it began, in pixels: a whole number of steps, for which the gap
    /// grows.
    fn round_px(&self, face: Face) -> u32 {
        let width_px: u32 = self.ring().chars().map(|one| u32::from(face.advance_px(one))).sum();
        match self.step {
            Step::Pixels(step) => width_px.next_multiple_of(step.get().into()),
            Step::Characters(_) => width_px,
        }
    }
}

/// The largest letters that are as high as the panel.
fn face(panel: Panel) -> Option<Face> {
    TEXT.iter().find(|face| face.cell_px() <= panel.height_px()).copied()
}

#[cfg(test)]
mod tests {
    use hall_protocol::sign::Depth;
    use proptest::prelude::*;

    use super::*;

    fn panel(width_px: u16, height_px: u16) -> Panel {
        Panel::new(width_px, height_px, Depth::RedGreen).unwrap()
    }

    fn page(text: &str, step: Step) -> ScrollPage {
        ScrollPage { text: text.into(), step }
    }

    fn pixels(step: u16) -> Step {
        Step::Pixels(step.try_into().unwrap())
    }

    #[test]
    fn a_text_that_fits_stands_still_and_a_longer_one_goes_round() {
        let by_character = |text: &str| page(text, Step::CHARACTER);
        assert_eq!(by_character("停电").screens(panel(64, 32)), 1);
        let long = by_character("今日下午停电");
        assert_eq!(long.screens(panel(64, 32)), 8);
        let steps: Vec<Frame> = (0..9).map(|step| long.render(panel(64, 32), step)).collect();
        assert!(steps.windows(2).all(|pair| pair[0] != pair[1]));
        assert_eq!(steps[0], steps[8]);
        // The first step shows the first two characters, whole.
        let two = by_character("今日").render(panel(64, 32), 0);
        assert_eq!(steps[0], two);
    }

    #[test]
    fn several_characters_a_step_skip_none_that_a_panel_of_so_many_shows() {
        let two = Step::Characters(2.try_into().unwrap());
        let long = page("今日下午停电了", two);
        // Nine characters with the gap.
        assert_eq!(long.screens(panel(64, 32)), 5);
        let said: String =
            (0..5).flat_map(|step| draw::said(|| drop(long.render(panel(64, 32), step)))).collect();
        assert!(said.replace('　', "").starts_with("今日下午停电了"), "{said}");
    }

    /// Each step is the one before, moved to the left, and the round ends where it began.
    fn moves_evenly(text: &str, panel: Panel, step: u16) {
        let moving = page(text, pixels(step));
        let count = moving.screens(panel);
        let steps: Vec<Frame> = (0..=count).map(|at| moving.render(panel, at)).collect();
        assert_eq!(steps[0], steps[count]);
        let lights = |frame: &Frame, columns: std::ops::Range<u16>| -> Vec<Light> {
            let rows = 0..panel.height_px();
            rows.flat_map(|y| columns.clone().map(move |x| (x, y))).map(|(x, y)| frame.light(x, y)).collect()
        };
        let width_px = panel.width_px();
        for (at, pair) in steps.windows(2).enumerate() {
            let (before, after) = (lights(&pair[0], step..width_px), lights(&pair[1], 0..width_px - step));
            assert_eq!(before, after, "step {at} of {count} by {step} px");
        }
    }

    #[test]
    fn pixel_steps_move_every_glyph_by_as_much() {
        for (size, step) in [((64, 16), 1), ((64, 16), 3), ((32, 16), 5), ((64, 32), 7), ((128, 64), 12)] {
            moves_evenly("今日下午3时起停电A-1", panel(size.0, size.1), step);
        }
    }

    #[test]
    fn a_round_by_pixels_shows_the_whole_text() {
        let panel = panel(64, 16);
        let finest = page("今日下午停电", Step::PIXEL);
        // Eight characters with the gap, 16 pixels each.
        assert_eq!(finest.screens(panel), 128);
        let whole = page("今日下午", Step::CHARACTER).render(panel, 0);
        assert_eq!(finest.render(panel, 0), whole);
    }

    proptest! {
        #[test]
        fn any_text_on_any_panel_is_drawn_at_any_step(
            text in "\\PC{0,30}", width in 1_u16..60, height in 1_u16..130, screen in 0_usize..5_000,
            step in 1_u16..40, by_pixels: bool,
        ) {
            let step = step.try_into().unwrap();
            let step = if by_pixels { Step::Pixels(step) } else { Step::Characters(step) };
            let page = ScrollPage { text, step };
            let frame = page.render(panel(width * 8, height), screen);
            prop_assert!(page.screens(panel(width * 8, height)) >= 1);
            prop_assert!(height >= 16 || frame == Frame::dark(panel(width * 8, height)));
        }
    }
}
