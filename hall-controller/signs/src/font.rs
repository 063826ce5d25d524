//! The committed bitmap fonts: finding a character's glyph and unpacking its pixels.
//!
//! A `.hfont` file is the letters `HLF1`, a byte each for cell height and baseline, the number of
//! glyphs (two bytes; numbers are big-endian), an index of five bytes a glyph (two for the code
//! point, by which it is sorted, three for the offset counted from the index's end), then the
//! glyphs: advance, left, top, width, height, a byte each, and a stream of bits, highest first. In
//! it, each row is a 1 if it is the same as the row above (above the first all is dark), or a 0
//! and `width` bits. A glyph without ink has no width and no height.
//!
//! `cargo xtask fonts` writes the files. Where glyphs go on a picture is [`crate::draw`]'s business.

/// What the file starts with; the digit is the format's version.
const HEAD_BYTES: usize = 8;

/// One glyph's entry in the index.
const INDEX_BYTES: usize = 5;

/// The largest glyph side read, in pixels: a row is one machine word.
const SIDE_PX_MAX: u8 = 64;

/// Stands in for a character no font has, so that a reader sees that something is missing.
const MISSING: char = '□';

/// A font file, opened.
#[derive(Debug, Clone, Copy)]
pub struct Font<'a> {
    cell_px: u8,
    baseline_px: u8,
    index: &'a [u8],
    glyphs: &'a [u8],
}

/// One character's pixels.
#[derive(Debug, Clone)]
pub struct Glyph {
    /// From this character's left edge to the next one's, in pixels.
    pub advance_px: u8,
    /// From the cell's left edge to the ink, in pixels.
    pub left_px: u8,
    /// From the cell's top edge to the ink, in pixels.
    pub top_px: u8,
    height_px: u8,
    rows: [u64; SIDE_PX_MAX as usize],
}

impl Glyph {
    /// The rows of ink from the top, the leftmost pixel in each one's top bit.
    pub fn rows(&self) -> &[u64] {
        self.rows.get(..usize::from(self.height_px)).unwrap_or_default()
    }
}

impl<'a> Font<'a> {
    /// Open a file; `None` if it is none of these or shorter than its index.
    pub const fn parse(file: &'a [u8]) -> Option<Self> {
        let Some((head, rest)) = file.split_first_chunk::<HEAD_BYTES>() else { return None };
        let [b'H', b'L', b'F', b'1', cell_px, baseline_px, high, low] = *head else { return None };
        let count = u16::from_be_bytes([high, low]) as usize;
        match rest.split_at_checked(count * INDEX_BYTES) {
            Some((index, glyphs)) => Some(Self { cell_px, baseline_px, index, glyphs }),
            None => None,
        }
    }

    /// Height of a line, in pixels.
    pub const fn cell_px(&self) -> u8 {
        self.cell_px
    }

    /// From the top of a line to the foot of its letters, in pixels.
    pub const fn baseline_px(&self) -> u8 {
        self.baseline_px
    }

    /// Where the character's glyph is, or `None` if the font has none.
    fn data(&self, character: char) -> Option<&'a [u8]> {
        let code = u16::try_from(u32::from(character)).ok()?;
        let (entries, _) = self.index.as_chunks::<INDEX_BYTES>();
        let code_of = |entry: &[u8; INDEX_BYTES]| u16::from_be_bytes([entry[0], entry[1]]);
        // ASCII stands at the front without gaps: digits and letters need no search.
        let near = code.checked_sub(code_of(entries.first()?))?;
        let at = match entries.get(usize::from(near)) {
            Some(entry) if code_of(entry) == code => usize::from(near),
            _ => entries.binary_search_by_key(&code, code_of).ok()?,
        };
        let [_, _, high, middle, low] = *entries.get(at)?;
        self.glyphs.get(u32::from_be_bytes([0, high, middle, low]) as usize..)
    }

    /// How far the next character is, in pixels; cheaper than the whole glyph.
    pub fn advance_px(&self, character: char) -> Option<u8> {
        self.data(character)?.first().copied()
    }

    /// The character's pixels; `None` if the font has none, or its file is broken there.
    pub fn glyph(&self, character: char) -> Option<Glyph> {
        let (head, bits) = self.data(character)?.split_first_chunk::<5>()?;
        let [advance_px, left_px, top_px, width_px, height_px] = *head;
        if width_px > SIDE_PX_MAX || height_px > SIDE_PX_MAX {
            return None;
        }
        let mut bits = Bits { bytes: bits, at: 0 };
        let mut rows = [0; SIDE_PX_MAX as usize];
        let mut above = 0;
        for row in rows.iter_mut().take(usize::from(height_px)) {
            if bits.take(1)? == 0 {
                // A row of no width has no bits and must not be shifted by the whole word.
                let ink = bits.take(width_px)?;
                above = ink.checked_shl(u32::from(SIDE_PX_MAX - width_px)).unwrap_or(0);
            }
            *row = above;
        }
        Some(Glyph { advance_px, left_px, top_px, height_px, rows })
    }
}

/// Takes bits off the front, highest first.
struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Bits<'_> {
    fn take(&mut self, count: u8) -> Option<u64> {
        let mut value = 0;
        let mut left = usize::from(count);
        while left > 0 {
            let byte = u64::from(*self.bytes.get(self.at / 8)?);
            let held = 8 - self.at % 8;
            let taken = left.min(held);
            value = value << taken | byte >> (held - taken) & (0xFF >> (8 - taken));
            self.at += taken;
            left -= taken;
        }
        Some(value)
    }
}

/// A font at a whole multiple of its size.
#[derive(Debug, Clone, Copy)]
pub struct Face {
    font: &'static Font<'static>,
    scale: u8,
}

impl Face {
    /// Height of a line, in pixels.
    pub fn cell_px(self) -> u16 {
        u16::from(self.font.cell_px()) * self.scale()
    }

    /// How many pixels of the sign make one of the glyph, along each side.
    pub fn scale(self) -> u16 {
        u16::from(self.scale)
    }

    /// Width of a text, in pixels.
    pub fn width_px(self, text: &str) -> u16 {
        text.chars().fold(0, |width, character| width.saturating_add(self.advance_px(character)))
    }

    /// Width of one character, in pixels.
    pub fn advance_px(self, character: char) -> u16 {
        let advance = self.font.advance_px(character).or_else(|| self.font.advance_px(MISSING));
        u16::from(advance.unwrap_or(0)) * self.scale()
    }

    /// The glyph to draw for a character: a box if the font does not have it.
    pub fn glyph(self, character: char) -> Option<Glyph> {
        self.font.glyph(character).or_else(|| self.font.glyph(MISSING))
    }

    /// Whether the font has every character of this text.
    pub fn covers(self, text: &str) -> bool {
        text.chars().all(|character| self.font.advance_px(character).is_some())
    }
}

/// The characters of these texts that some text face lacks and shows as a box, each once.
pub fn missing<'a>(texts: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let mut missing: Vec<String> = Vec::new();
    for character in texts.into_iter().flat_map(str::chars).map(String::from) {
        let known = TEXT.iter().chain([&SMALL_TEXT]).all(|face| face.covers(&character));
        if !known && !missing.contains(&character) {
            missing.push(character);
        }
    }
    missing
}

/// A committed file, checked while compiling.
const fn committed(file: &'static [u8]) -> Font<'static> {
    match Font::parse(file) {
        Some(font) => font,
        None => panic!("a font file is broken; make the fonts anew with `cargo xtask fonts`"),
    }
}

macro_rules! fonts {
    ($($name:ident $file:literal)*) => {$(
        static $name: Font<'static> = committed(include_bytes!(concat!("../fonts/", $file, ".hfont")));
    )*};
}

fonts! {
    TEXT_12 "text-12"
    TEXT_16 "text-16"
    TEXT_24 "text-24"
    TEXT_32 "text-32"
    NUMBER_16X8 "number-16x8"
    NUMBER_16X10 "number-16x10"
    NUMBER_24X12 "number-24x12"
    NUMBER_24X16 "number-24x16"
    NUMBER_32X16 "number-32x16"
    NUMBER_32X20 "number-32x20"
    NUMBER_48X24 "number-48x24"
    NUMBER_64X32 "number-64x32"
    NUMBER_64X40 "number-64x40"
}

/// Faces for all Chinese text (GB 2312) and Latin-1, largest first. The two largest are drawn with
/// doubled pixels: from where a sign of that height is read, no one sees the steps.
pub static TEXT: [Face; 5] = [
    Face { font: &TEXT_32, scale: 2 },
    Face { font: &TEXT_24, scale: 2 },
    Face { font: &TEXT_32, scale: 1 },
    Face { font: &TEXT_24, scale: 1 },
    Face { font: &TEXT_16, scale: 1 },
];

/// What text shrinks to last, where it would otherwise be left out, cut short or shown in turns; the
/// same characters as [`TEXT`]. It is read from nearby only, so no page prefers it.
pub static SMALL_TEXT: Face = Face { font: &TEXT_12, scale: 1 };

/// Faces for ticket and window numbers (`0`-`9`, `A`-`Z`, `-`), highest first, of one height the
/// widest first.
pub static NUMBER: [Face; 11] = [
    Face { font: &NUMBER_64X40, scale: 2 },
    Face { font: &NUMBER_48X24, scale: 2 },
    Face { font: &NUMBER_64X40, scale: 1 },
    Face { font: &NUMBER_64X32, scale: 1 },
    Face { font: &NUMBER_48X24, scale: 1 },
    Face { font: &NUMBER_32X20, scale: 1 },
    Face { font: &NUMBER_32X16, scale: 1 },
    Face { font: &NUMBER_24X16, scale: 1 },
    Face { font: &NUMBER_24X12, scale: 1 },
    Face { font: &NUMBER_16X10, scale: 1 },
    Face { font: &NUMBER_16X8, scale: 1 },
];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const GB2312_HANZI: usize = 6_763;

    fn hanzi() -> Vec<char> {
        let codes = (0xB0_u8..=0xF7).flat_map(|row| (0xA1_u8..=0xFE).map(move |column| [row, column]));
        codes
            .filter_map(|code| {
                let (text, _, broken) = encoding_rs::GBK.decode(&code);
                text.chars().next().filter(|hanzi| !broken && ('\u{4e00}'..='\u{9fff}').contains(hanzi))
            })
            .collect()
    }

    #[test]
    fn every_hanzi_of_gb2312_has_ink_in_every_text_face() {
        let hanzi = hanzi();
        assert_eq!(hanzi.len(), GB2312_HANZI);
        for font in [&TEXT_12, &TEXT_16, &TEXT_24, &TEXT_32] {
            for character in &hanzi {
                let glyph = font.glyph(*character).unwrap_or_else(|| panic!("no {character}"));
                assert!(glyph.rows().iter().any(|row| *row != 0), "{character} has no ink");
                assert!(glyph.top_px + glyph.height_px <= font.cell_px(), "{character} leaves its line");
                assert!(glyph.advance_px >= glyph.left_px, "{character} leaves its cell");
            }
        }
    }

    #[test]
    fn every_text_face_has_latin_within_its_cell_and_every_visible_letter_has_ink() {
        for font in [&TEXT_12, &TEXT_16, &TEXT_24, &TEXT_32] {
            for character in (' '..='~').chain('\u{a0}'..='ÿ') {
                let glyph = font.glyph(character).unwrap_or_else(|| panic!("no {character:?}"));
                let blank = matches!(character, ' ' | '\u{a0}' | '\u{ad}');
                let ink = glyph.rows().iter().any(|row| *row != 0);
                assert!(ink || blank, "{character:?} has no ink in {} px", font.cell_px());
                assert!(glyph.top_px + glyph.height_px <= font.cell_px(), "{character:?} leaves its line");
            }
        }
    }

    #[test]
    fn hanzi_of_gb2312_in_the_smallest_text_are_told_apart() {
        let mut same: std::collections::BTreeMap<_, Vec<char>> = std::collections::BTreeMap::new();
        for character in hanzi() {
            let glyph = TEXT_12.glyph(character).unwrap();
            let look = (glyph.left_px, glyph.top_px, glyph.rows().to_vec());
            same.entry(look).or_default().push(character);
        }
        same.retain(|_, characters| characters.len() > 1);
        // The mouth and the enclosure, which is a part of characters and not a word, are both a square.
        assert_eq!(same.into_values().collect::<Vec<_>>(), [['口', '囗']]);
    }

    #[test]
    fn every_number_face_has_all_characters_of_numbers_within_its_cell() {
        for face in &NUMBER {
            assert!(face.covers("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-"), "{face:?}");
            let width = face.advance_px('0');
            assert!("ABCWM9-".chars().all(|character| face.advance_px(character) == width), "{face:?}");
        }
        assert!(NUMBER.is_sorted_by_key(|face| std::cmp::Reverse((face.cell_px(), face.advance_px('0')))));
        assert!(TEXT.is_sorted_by_key(|face| std::cmp::Reverse(face.cell_px())));
        assert!(TEXT.iter().all(|face| face.cell_px() > SMALL_TEXT.cell_px()));
    }

    #[test]
    fn a_glyph_is_the_one_its_designer_drew() {
        // Unifont's 一 is one stroke: a row across the cell.
        let one = TEXT_16.glyph('一').unwrap();
        assert_eq!((one.advance_px, one.rows().len()), (16, 1));
        assert_eq!(one.rows().first().unwrap().count_ones(), 15);
    }

    #[test]
    fn a_character_no_font_has_is_a_box() {
        let [largest, ..] = TEXT;
        assert!(!largest.covers("😀"));
        assert_eq!(largest.glyph('😀').unwrap().rows(), largest.glyph(MISSING).unwrap().rows());
    }

    proptest! {
        #[test]
        fn a_broken_file_never_panics(
            tail: Vec<u8>, count in 0_u16..8, character in prop::char::range('\0', '\u{ff}')
        ) {
            let mut file = b"HLF1\x10\x0e".to_vec();
            file.extend(count.to_be_bytes());
            file.extend(tail);
            if let Some(font) = Font::parse(&file) {
                let _ = font.glyph(character);
            }
        }

        #[test]
        fn a_font_cut_off_anywhere_never_panics(kept in 0_usize..700) {
            let file = include_bytes!("../fonts/number-16x8.hfont");
            if let Some(font) = Font::parse(&file[..kept.min(file.len())]) {
                for character in '-'..='Z' {
                    let _ = font.glyph(character);
                }
            }
        }
    }
}
