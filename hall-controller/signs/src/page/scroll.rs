//! How a notice looks that moves through in one line (走字): from character to character, so that none
//! is ever cut.

use super::ScrollPage;
use crate::draw::{self, Align, area};
use crate::font::{Face, TEXT};
use crate::frame::{Frame, Light, Panel};

/// Blank cells between the end of the text and its beginning.
const GAP: &str = "　　";

impl ScrollPage {
    /// How many steps it takes until it is where it began; one if it need not move.
    pub fn screens(&self, panel: Panel) -> usize {
        match face(panel) {
            Some(face) if face.width_px(&self.line()) > panel.width_px() => self.ring().chars().count(),
            _ => 1,
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
        let count = ring.chars().count().max(1);
        let mut seen = String::new();
        let mut width_px = 0_u16;
        for character in ring.chars().cycle().skip(screen % count).take(count) {
            width_px = width_px.saturating_add(face.advance_px(character));
            if width_px > panel.width_px() {
                break;
            }
            seen.push(character);
        }
        draw::text(&mut frame, face, &seen, whole, Align::Left, Light::GREEN);
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

    #[test]
    fn a_text_that_fits_stands_still_and_a_longer_one_goes_round() {
        let page = |text: &str| ScrollPage { text: text.into() };
        assert_eq!(page("停电").screens(panel(64, 32)), 1);
        let long = page("今日下午停电");
        assert_eq!(long.screens(panel(64, 32)), 8);
        let steps: Vec<Frame> = (0..9).map(|step| long.render(panel(64, 32), step)).collect();
        assert!(steps.windows(2).all(|pair| pair[0] != pair[1]));
        assert_eq!(steps[0], steps[8]);
        // The first step shows the first two characters, whole.
        let two = page("今日").render(panel(64, 32), 0);
        assert_eq!(steps[0], two);
    }

    proptest! {
        #[test]
        fn any_text_on_any_panel_is_drawn_at_any_step(
            text in "\\PC{0,30}", width in 1_u16..60, height in 1_u16..130, screen in 0_usize..500
        ) {
            let page = ScrollPage { text };
            let frame = page.render(panel(width * 8, height), screen);
            prop_assert!(page.screens(panel(width * 8, height)) >= 1);
            prop_assert!(height >= 16 || frame == Frame::dark(panel(width * 8, height)));
        }
    }
}
