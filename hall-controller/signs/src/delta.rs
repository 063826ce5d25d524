//! Which rectangles of a picture differ from another: few and tight, weighed in bytes on the wire.
//!
//! Rectangles lie on whole bytes and cover all planes, as a Rectangle request does. How they are
//! written and split is the codec's business.

use hall_protocol::sign::Rectangle;
use hall_protocol::sign::picture::PIXELS_PER_BYTE;

use crate::frame::Frame;

/// What one more request costs on the wire: its frame and Rectangle header (18 bytes), and the sign's
/// acknowledgement (9 bytes). The sign's pause before it comes on top, longer the faster the line.
pub const REQUEST_BYTES: usize = 27;

/// More rectangles than these are never kept apart: bounds the search, and so much change is
/// nearly a whole picture.
const BLOCKS_MAX: usize = 32;

/// Runs of a row with a gap of at most so many equal bytes are one: within and between characters.
const GAP_BYTES_MAX: usize = 2;

/// A rectangle in bytes across and rows down; ends are exclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Block {
    left: usize,
    right: usize,
    top: usize,
    bottom: usize,
}

impl Block {
    fn area(self) -> usize {
        (self.right - self.left) * (self.bottom - self.top)
    }

    fn with(self, other: Self) -> Self {
        Self {
            left: self.left.min(other.left),
            right: self.right.max(other.right),
            top: self.top.min(other.top),
            bottom: self.bottom.max(other.bottom),
        }
    }

    /// Bytes that are sent in vain when both are sent as one; less than nothing if they overlap.
    fn waste(self, other: Self) -> isize {
        let apart = self.area() + other.area();
        self.with(other).area().cast_signed() - apart.cast_signed()
    }

    fn rectangle(self) -> Rectangle {
        // A panel's sides are far below the limit of their type.
        let px = |number: usize| u16::try_from(number).unwrap_or(u16::MAX);
        Rectangle {
            x_px: px(self.left) * PIXELS_PER_BYTE,
            y_px: px(self.top),
            width_px: px(self.right - self.left) * PIXELS_PER_BYTE,
            height_px: px(self.bottom - self.top),
        }
    }
}

/// The rectangles in which `wanted` differs from `back`; none if they are equal.
///
/// Both are pictures of the same panel. Every differing pixel is in a rectangle; pixels that are
/// equal may be, where leaving them out would cost more than it saves: a rectangle more costs
/// `request_bytes`.
pub fn changes(back: &Frame, wanted: &Frame, request_bytes: usize) -> Vec<Rectangle> {
    let planes = usize::from(wanted.panel().depth().planes());
    let worth = (request_bytes / planes).cast_signed();
    let mut blocks: Vec<Block> = Vec::new();
    for span in spans(back, wanted) {
        let full = blocks.len() >= BLOCKS_MAX;
        match blocks.iter_mut().min_by_key(|block| block.waste(span)) {
            Some(block) if full || block.waste(span) <= worth => *block = block.with(span),
            _ => blocks.push(span),
        }
    }
    while let Some((first, second)) = worth_joining(&blocks, worth) {
        let removed = blocks.swap_remove(second);
        if let Some(block) = blocks.get_mut(first) {
            *block = block.with(removed);
        }
    }
    blocks.into_iter().map(Block::rectangle).collect()
}

/// Two blocks (the first before the second) that are cheaper as one.
fn worth_joining(blocks: &[Block], worth: isize) -> Option<(usize, usize)> {
    let pairs = blocks.iter().enumerate().flat_map(|(first, block)| {
        let later = blocks.iter().enumerate().skip(first + 1);
        later.map(move |(second, other)| (first, second, block.waste(*other)))
    });
    let cheapest = pairs.min_by_key(|(_, _, waste)| *waste)?;
    (cheapest.2 <= worth).then_some((cheapest.0, cheapest.1))
}

/// Runs of differing bytes, row by row, in any plane.
fn spans(back: &Frame, wanted: &Frame) -> Vec<Block> {
    let panel = wanted.panel();
    let row_bytes = panel.row_bytes();
    let mut spans = Vec::new();
    let mut differs = vec![false; row_bytes];
    for row in 0..usize::from(panel.height_px()) {
        differs.fill(false);
        for plane in 0..usize::from(panel.depth().planes()) {
            let start = plane * panel.plane_bytes() + row * row_bytes;
            let row = start..start + row_bytes;
            let (old, new) = (back.bytes().get(row.clone()), wanted.bytes().get(row));
            // Most rows are equal, which one comparison of memory tells.
            if old != new {
                let pairs = old.unwrap_or_default().iter().zip(new.unwrap_or_default());
                for (differs, (old, new)) in differs.iter_mut().zip(pairs) {
                    *differs |= old != new;
                }
            }
        }
        let first = spans.len();
        for (at, _) in differs.iter().enumerate().filter(|(_, differs)| **differs) {
            match spans.get_mut(first..).and_then(<[Block]>::last_mut) {
                Some(span) if at <= span.right + GAP_BYTES_MAX => span.right = at + 1,
                _ => spans.push(Block { left: at, right: at + 1, top: row, bottom: row + 1 }),
            }
        }
    }
    spans
}
