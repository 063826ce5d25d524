//! Pages for whoever hangs a sign: patterns that show dead pixels and swapped wires, and the
//! sign's identity.

use super::sheet::{Line, Sheet};
use super::{IdentityPage, TestPattern};
use crate::font::TEXT;
use crate::frame::{Frame, Light, Panel};
use hall_protocol::sign::Depth;

/// Modules of most panels are this wide and high, in pixels.
const MODULE_PX: u16 = 16;

impl TestPattern {
    /// Every pattern, in the order of a test.
    pub const ALL: [Self; 5] = [Self::All, Self::Red, Self::Green, Self::Blue, Self::Modules];

    /// The picture on this panel.
    pub fn render(self, panel: Panel) -> Frame {
        let mut frame = Frame::dark(panel);
        let (width, height) = (panel.width_px(), panel.height_px());
        let places = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
        for (x, y) in places {
            let light = match self {
                Self::All => Light::WHITE,
                Self::Red => Light::RED,
                Self::Green => Light::GREEN,
                Self::Blue => Light::BLUE,
                Self::Modules => module_light(panel, x, y),
            };
            frame.set(x, y, light);
        }
        frame
    }
}

/// A frame around the panel shows its size; a dot grid and a diagonal in each module show how the
/// modules are chained.
fn module_light(panel: Panel, x: u16, y: u16) -> Light {
    let edge = x == 0 || y == 0 || x == panel.width_px() - 1 || y == panel.height_px() - 1;
    let (in_x, in_y) = (x % MODULE_PX, y % MODULE_PX);
    if edge {
        Light::RED
    } else if in_x == in_y {
        Light::GREEN
    } else if in_x == 0 && in_y % 2 == 0 || in_y == 0 && in_x % 2 == 0 {
        Light::YELLOW
    } else {
        Light::OFF
    }
}

impl IdentityPage {
    /// How many screens it takes on this panel.
    pub fn screens(&self, panel: Panel) -> usize {
        self.sheet(panel).screens()
    }

    /// One of its screens; dark on a panel under 16 pixels high.
    pub fn render(&self, panel: Panel, screen: usize) -> Frame {
        let mut frame = Frame::dark(panel);
        self.sheet(panel).draw(&mut frame, screen);
        frame
    }

    /// Id and address are seen in any case; the sign's size and what it is for are in one line where that
    /// leaves larger letters for the id.
    fn sheet(&self, panel: Panel) -> Sheet {
        let name = format!("{} #{}", self.id, self.address);
        let colour = match panel.depth() {
            Depth::Mono => "单色",
            Depth::RedGreen => "双色",
            Depth::Rgb => "全彩",
        };
        let size = format!("{}x{} {colour}", panel.width_px(), panel.height_px());
        let both = format!("{size} {}", self.shows);
        let name = Line::always(&name, Light::YELLOW);
        let port = Line::with_room(&self.port, Light::RED);
        let [size, shows, both_line] =
            [&size, &self.shows, &both].map(|text| Line::with_room(text, Light::GREEN));
        let fits = TEXT.last().is_some_and(|face| face.width_px(&both) <= panel.width_px());
        if fits {
            Sheet::set(panel, 0, &[name, both_line, port])
        } else {
            Sheet::set(panel, 0, &[name, size, shows, port])
        }
    }
}
