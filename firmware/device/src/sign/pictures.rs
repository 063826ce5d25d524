//! The buffers of a sign: the picture shown, the one being made, and the one kept for the fallback.

use core::slice;

use hall_protocol::sign::picture::PIXELS_PER_BYTE;
use hall_protocol::sign::run_length::{Chunk, Chunks, decoded_bytes};
use hall_protocol::sign::{Encoding, PictureId, Rectangle, RefusalReason};

use crate::panel::Panel;

#[derive(Debug, Clone)]
pub(super) struct Pictures<const BYTES: usize> {
    panel: Panel,
    front: [u8; BYTES],
    back: [u8; BYTES],
    stored: [u8; BYTES],
    shown: PictureId,
}

impl<const BYTES: usize> Pictures<BYTES> {
    pub(super) const fn new(panel: Panel) -> Self {
        let dark = [0; BYTES];
        Self { panel, front: dark, back: dark, stored: dark, shown: PictureId::of(&dark) }
    }

    pub(super) fn front(&self) -> &[u8] {
        &self.front
    }

    pub(super) fn stored(&self) -> &[u8] {
        &self.stored
    }

    /// The picture last swapped in.
    pub(super) fn shown(&self) -> PictureId {
        self.shown
    }

    /// Show the back buffer, if it holds this picture; it then is a copy of the front.
    pub(super) fn swap(&mut self, picture: PictureId) -> Result<(), RefusalReason> {
        self.holds(picture)?;
        self.front = self.back;
        self.shown = picture;
        Ok(())
    }

    /// Keep the back buffer for the fallback, if it holds this picture.
    pub(super) fn store(&mut self, picture: PictureId) -> Result<(), RefusalReason> {
        self.holds(picture)?;
        self.stored = self.back;
        Ok(())
    }

    fn holds(&self, picture: PictureId) -> Result<(), RefusalReason> {
        if PictureId::of(&self.back) == picture { Ok(()) } else { Err(RefusalReason::Picture) }
    }

    /// Write a rectangle into the back buffer; all of it or nothing.
    pub(super) fn write(
        &mut self,
        area: Rectangle,
        encoding: Encoding,
        pixels: &[u8],
    ) -> Result<(), RefusalReason> {
        let within = |from: u16, length: u16, whole: u16| {
            length > 0 && u32::from(from) + u32::from(length) <= u32::from(whole)
        };
        let on_bytes =
            area.x_px.is_multiple_of(PIXELS_PER_BYTE) && area.width_px.is_multiple_of(PIXELS_PER_BYTE);
        let on_panel = within(area.x_px, area.width_px, self.panel.width_px())
            && within(area.y_px, area.height_px, self.panel.height_px());
        if !on_bytes || !on_panel {
            return Err(RefusalReason::Area);
        }
        let planes = usize::from(self.panel.depth().planes());
        let (left, width) =
            (usize::from(area.x_px / PIXELS_PER_BYTE), usize::from(area.width_px / PIXELS_PER_BYTE));
        let (top, height) = (usize::from(area.y_px), usize::from(area.height_px));
        let bytes = match encoding {
            Encoding::Raw => Ok(pixels.len()),
            Encoding::RunLength => decoded_bytes(pixels),
        };
        if bytes != Ok(width * height * planes) {
            return Err(RefusalReason::Pixels);
        }
        let mut pixels = match encoding {
            Encoding::Raw => Pixels::Raw(pixels.iter()),
            Encoding::RunLength => Pixels::Runs { chunks: Chunks::new(pixels), now: Chunk::Copy(&[]) },
        };
        for plane in self.back.chunks_exact_mut(self.panel.plane_bytes()) {
            for row in plane.chunks_exact_mut(self.panel.row_bytes()).skip(top).take(height) {
                for slot in row.iter_mut().skip(left).take(width) {
                    *slot = pixels.next().unwrap_or(*slot);
                }
            }
        }
        Ok(())
    }
}

/// The bytes of a rectangle's pixels, one by one.
enum Pixels<'a> {
    Raw(slice::Iter<'a, u8>),
    Runs { chunks: Chunks<'a>, now: Chunk<'a> },
}

impl Iterator for Pixels<'_> {
    type Item = u8;

    fn next(&mut self) -> Option<u8> {
        match self {
            Self::Raw(bytes) => bytes.next().copied(),
            Self::Runs { chunks, now } => {
                while now.is_empty() {
                    *now = chunks.next()?.ok()?;
                }
                match now {
                    Chunk::Copy(bytes) => {
                        let (first, rest) = bytes.split_first()?;
                        *bytes = rest;
                        Some(*first)
                    }
                    Chunk::Repeat(value, left) => {
                        *left -= 1;
                        Some(*value)
                    }
                }
            }
        }
    }
}
