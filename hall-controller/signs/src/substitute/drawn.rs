//! The table's rows for signs with pixels, which draw any page in our letters: a page has room or is dark, and
//! has all glyphs or boxes.

use super::Substitute;
use crate::font;
use crate::frame::{Frame, Panel};
use crate::page::Page;

/// What of a page is seen on a sign of pixels.
pub(crate) fn drawn(page: &Page, panel: Panel) -> Substitute {
    let is_dark = |screen: usize| page.render(panel, screen) == Frame::dark(panel);
    if *page == Page::Dark {
        Substitute::Nothing
    } else if (0..page.screens(panel)).all(is_dark) {
        Substitute::Dark
    } else if font::missing(page.words().lines.iter().map(|line| line.text.as_str())).is_empty() {
        Substitute::Nothing
    } else {
        Substitute::Boxes
    }
}
