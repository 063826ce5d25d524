//! How running text looks: a notice, and an emergency's text, which is framed and red.

use embedded_graphics::Drawable;
use embedded_graphics::geometry::{OriginDimensions, Size};
use embedded_graphics::primitives::{Primitive, PrimitiveStyleBuilder, Rectangle, StrokeAlignment};

use super::words::Block;
use super::{EmergencyPage, NoticePage};
use crate::draw::area;
use crate::frame::{Frame, Light, Panel};

/// Panels from this height on have room for a frame around an emergency's text.
const FRAMED_PX_MIN: u16 = 24;

/// The frame and the dark inside of it, in pixels.
const FRAME_PX: u16 = 2;
const FRAME_GAP_PX: u16 = 1;

impl NoticePage {
    /// How many screens the text takes on this panel.
    pub fn screens(&self, panel: Panel) -> usize {
        Block::set_nearby(&self.text, whole(panel).size).map_or(1, |block| block.screens())
    }

    /// One of its screens; dark on a panel under 16 pixels high.
    pub fn render(&self, panel: Panel, screen: usize) -> Frame {
        let mut frame = Frame::dark(panel);
        if let Some(block) = Block::set_nearby(&self.text, whole(panel).size) {
            block.draw(&mut frame, whole(panel), screen, Light::GREEN);
        }
        frame
    }
}

impl EmergencyPage {
    /// How many screens both languages take on this panel.
    pub fn screens(&self, panel: Panel) -> usize {
        self.blocks(panel).iter().map(Block::screens).sum::<usize>().max(1)
    }

    /// One of its screens, first those in Chinese; dark on a panel under 16 pixels high.
    pub fn render(&self, panel: Panel, screen: usize) -> Frame {
        let mut frame = Frame::dark(panel);
        if panel.height_px() >= FRAMED_PX_MIN {
            let style = PrimitiveStyleBuilder::new()
                .stroke_color(Light::RED)
                .stroke_width(FRAME_PX.into())
                .stroke_alignment(StrokeAlignment::Inside)
                .build();
            let edge = Rectangle::new(whole(panel).top_left, frame.size());
            // Drawing on a frame cannot fail.
            let _ = edge.into_styled(style).draw(&mut frame);
        }
        let mut screen = screen;
        for block in self.blocks(panel) {
            if screen < block.screens() {
                block.draw(&mut frame, inside(panel), screen, Light::RED);
                break;
            }
            screen -= block.screens();
        }
        frame
    }

    fn blocks(&self, panel: Panel) -> Vec<Block> {
        let texts = [&self.zh, &self.en];
        let said = texts.into_iter().filter(|text| !text.trim().is_empty());
        said.filter_map(|text| Block::set(text, inside(panel).size)).collect()
    }
}

fn whole(panel: Panel) -> Rectangle {
    area(0, 0, panel.width_px(), panel.height_px())
}

/// What the frame leaves; all of a panel without one.
fn inside(panel: Panel) -> Rectangle {
    if panel.height_px() < FRAMED_PX_MIN {
        return whole(panel);
    }
    let edge = FRAME_PX + FRAME_GAP_PX;
    let Size { width, height } = whole(panel).size;
    let cut = |side: u32| u16::try_from(side.saturating_sub(2 * u32::from(edge))).unwrap_or(0);
    area(edge, edge, cut(width), cut(height))
}
