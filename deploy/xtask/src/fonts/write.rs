//! One font's bytes: glyphs cropped to their ink, equal rows written once.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};

/// The first bytes of a font file; the digit is the format's version.
const MAGIC: &[u8; 4] = b"HLF1";

/// A drawn character: pixels in rows from the cell's top left.
#[derive(Debug, Clone)]
pub(crate) struct Glyph {
    advance: usize,
    width: usize,
    pixels: Vec<bool>,
}

impl Glyph {
    /// `pixels` is `width` times the font's cell height; the next glyph starts `advance` pixels on.
    pub(crate) fn new(advance: usize, width: usize, pixels: Vec<bool>) -> Result<Self> {
        ensure!(
            width > 0 && pixels.len().is_multiple_of(width),
            "{} pixels in rows of {width}",
            pixels.len()
        );
        Ok(Self { advance, width, pixels })
    }

    fn rows(&self) -> impl DoubleEndedIterator<Item = &[bool]> + ExactSizeIterator {
        self.pixels.chunks_exact(self.width)
    }

    fn to_bytes(&self) -> Result<Vec<u8>> {
        let lit = |row: &&[bool]| row.contains(&true);
        let top = self.rows().position(|row| lit(&row)).unwrap_or(0);
        let bottom = self.rows().rposition(|row| lit(&row)).map_or(top, |last| last + 1);
        let columns = |column: &usize| self.rows().any(|row| row[*column]);
        let left = (0..self.width).find(columns).unwrap_or(0);
        let right = (0..self.width).rfind(columns).map_or(left, |last| last + 1);

        let mut bits = Vec::new();
        let mut above = vec![false; right - left];
        for row in self.rows().take(bottom).skip(top) {
            let row = &row[left..right];
            bits.push(row == above);
            if row != above {
                bits.extend_from_slice(row);
                above = row.to_vec();
            }
        }
        let mut bytes = [self.advance, left, top, right - left, bottom - top]
            .into_iter()
            .map(|number| u8::try_from(number).context("a glyph is larger than 255 pixels"))
            .collect::<Result<Vec<u8>>>()?;
        bytes.extend(bits.chunks(8).map(|bits| {
            bits.iter().enumerate().fold(0, |byte, (at, bit)| byte | u8::from(*bit) << (7 - at))
        }));
        Ok(bytes)
    }
}

/// The whole file: magic, cell height, baseline, number of glyphs, index, glyphs.
pub(crate) fn font(cell_px: u8, baseline: u8, glyphs: &BTreeMap<char, Glyph>) -> Result<Vec<u8>> {
    let mut index = Vec::new();
    let mut data = Vec::new();
    for (character, glyph) in glyphs {
        let code = u16::try_from(u32::from(*character)).context("a character beyond the first plane")?;
        index.extend(code.to_be_bytes());
        // Three bytes address 16 MiB, an order of magnitude more than all fonts together.
        index.extend(&u32::try_from(data.len())?.to_be_bytes()[1..]);
        data.extend(glyph.to_bytes()?);
    }
    let mut bytes = MAGIC.to_vec();
    bytes.extend([cell_px, baseline]);
    bytes.extend(u16::try_from(glyphs.len())?.to_be_bytes());
    bytes.extend(index);
    bytes.extend(data);
    Ok(bytes)
}
