//! Pages for whoever hangs a sign: patterns that show dead pixels and swapped wires, and the
//! sign's identity.

use super::compose::{Line, stack};
use super::{IdentityPage, TestPattern};
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
    /// The page's picture on this panel; dark on a panel under 16 pixels high.
    pub fn render(&self, panel: Panel) -> Frame {
        let mut frame = Frame::dark(panel);
        let name = format!("{} #{}", self.id, self.address);
        let colour = match panel.depth() {
            Depth::Mono => "单色",
            Depth::RedGreen => "双色",
            Depth::Rgb => "全彩",
        };
        let size = format!("{}x{} {colour}", panel.width_px(), panel.height_px());
        let line = |text, light| Line { text, light, whole: true };
        let lines = [
            line(name.as_str(), Light::YELLOW),
            line(size.as_str(), Light::GREEN),
            line(self.shows.as_str(), Light::GREEN),
            line(self.port.as_str(), Light::RED),
        ];
        stack(&mut frame, 0, &lines);
        frame
    }
}
