//! How running text looks: a notice, and an emergency's text, which is framed and red.

use std::time::Duration;

use embedded_graphics::Drawable;
use embedded_graphics::geometry::{OriginDimensions, Size};
use embedded_graphics::primitives::{Primitive, PrimitiveStyleBuilder, Rectangle, StrokeAlignment};

use super::compose::ROW_PX_MIN;
use super::words::Block;
use super::{EmergencyPage, NoticePage};
use crate::draw::area;
use crate::frame::{Frame, Light, Panel};

/// Panels from this height on have room for a frame around an emergency's text.
const FRAMED_PX_MIN: u16 = 24;

/// The frame and the dark inside of it, in pixels.
const FRAME_PX: u16 = 2;
const FRAME_GAP_PX: u16 = 1;

/// Before anything is read on a new screen, in milliseconds.
const SCREEN_LOOKED_AT_MS: u64 = 800;

/// No screen of an emergency is shown for a shorter or a longer time before the next one comes.
const SCREEN_MS_MIN: u64 = 1_500;
const SCREEN_MS_MAX: u64 = 4_000;

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
        self.layout(panel).screens().max(1)
    }

    /// How long each of its screens is shown, so that it is read once: at least this, and longer for more
    /// characters. The whole text is said within `screens` times this.
    pub fn screen_lasts(&self, panel: Panel) -> Duration {
        let fullest = self.layout(panel).blocks.iter().map(Block::reading_ms).max().unwrap_or(0);
        Duration::from_millis((SCREEN_LOOKED_AT_MS + fullest).clamp(SCREEN_MS_MIN, SCREEN_MS_MAX))
    }

    /// One of its screens, first those in Chinese; dark on a panel under 16 pixels high.
    pub fn render(&self, panel: Panel, screen: usize) -> Frame {
        let mut frame = Frame::dark(panel);
        let layout = self.layout(panel);
        if layout.framed {
            let style = PrimitiveStyleBuilder::new()
                .stroke_color(Light::RED)
                .stroke_width(FRAME_PX.into())
                .stroke_alignment(StrokeAlignment::Inside)
                .build();
            let edge = Rectangle::new(whole(panel).top_left, frame.size());
            // Drawing on a frame cannot fail.
            let _ = edge.into_styled(style).draw(&mut frame);
        }
        let within = if layout.framed { inside(panel) } else { whole(panel) };
        let mut screen = screen;
        for block in &layout.blocks {
            if screen < block.screens() {
                block.draw(&mut frame, within, screen, Light::RED);
                break;
            }
            screen -= block.screens();
        }
        frame
    }

    /// With the frame, unless that takes more screens, breaks more words or leaves letters read from nearby
    /// only: to be read soon is worth more.
    fn layout(&self, panel: Panel) -> Layout {
        let plain = self.set(whole(panel).size, false);
        if panel.height_px() < FRAMED_PX_MIN {
            return plain;
        }
        let framed = self.set(inside(panel).size, true);
        let broken = |layout: &Layout| layout.blocks.iter().map(Block::broken).sum::<usize>();
        let as_soon = framed.screens() <= plain.screens() && broken(&framed) <= broken(&plain);
        let mut pairs = framed.blocks.iter().zip(&plain.blocks);
        let as_legible =
            pairs.all(|(framed, plain)| framed.letters_px() >= plain.letters_px().min(ROW_PX_MIN));
        if as_soon && as_legible && framed.blocks.len() == plain.blocks.len() { framed } else { plain }
    }

    fn set(&self, within: Size, framed: bool) -> Layout {
        let texts = [&self.zh, &self.en];
        let said = texts.into_iter().filter(|text| !text.trim().is_empty());
        Layout { framed, blocks: said.filter_map(|text| Block::set_soon(text, within)).collect() }
    }
}

/// How an emergency's text lies on a panel.
struct Layout {
    framed: bool,
    blocks: Vec<Block>,
}

impl Layout {
    fn screens(&self) -> usize {
        self.blocks.iter().map(Block::screens).sum()
    }
}

fn whole(panel: Panel) -> Rectangle {
    area(0, 0, panel.width_px(), panel.height_px())
}

/// What the frame leaves.
fn inside(panel: Panel) -> Rectangle {
    let edge = FRAME_PX + FRAME_GAP_PX;
    let Size { width, height } = whole(panel).size;
    let cut = |side: u32| u16::try_from(side.saturating_sub(2 * u32::from(edge))).unwrap_or(0);
    area(edge, edge, cut(width), cut(height))
}
