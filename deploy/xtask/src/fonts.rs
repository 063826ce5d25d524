//! `cargo xtask fonts`: makes the committed bitmap fonts of `hall-controller/signs/fonts`.
//!
//! 16 px comes from GNU Unifont, drawn by hand for that size; 12, 24 and 32 px and the tall
//! digits are rasterised from Noto Sans CJK SC for their size. Both are Debian packages. The format is
//! described where it is read, in `hall-controller/signs/src/font.rs`; drawing is elsewhere too.

mod outline;
mod write;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use outline::{TextSize, Typeface};
use write::Glyph;

const UNIFONT: &str = "/usr/share/unifont/unifont.hex";
const NOTO_REGULAR: &str = "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc";
const NOTO_BOLD: &str = "/usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc";

/// Unifont draws every glyph in 16 rows; Latin letters stand on row 14.
const UNIFONT_ROWS: usize = 16;
const UNIFONT_BASELINE: u8 = 14;

/// The fonts that cover all Chinese text, beyond Unifont's.
const TEXT_SIZES: [TextSize; 3] = [
    // A little smaller than its cell, or neighbors run into one another; and thin strokes, covering
    // less than half of a pixel, would be lost: of 请 a bar, of 不 the stem.
    TextSize { cell_px: 12, em_px: 11.5, latin_descent_px: 2, ink_share: 0.4 },
    TextSize { cell_px: 24, em_px: 24.0, latin_descent_px: 5, ink_share: outline::INK_SHARE },
    TextSize { cell_px: 32, em_px: 32.0, latin_descent_px: 7, ink_share: outline::INK_SHARE },
];

/// Cells (height, width) of the faces for ticket and window numbers: half-width ones for narrow
/// signs, wider ones where there is room.
const NUMBER_CELLS_PX: [(u8, u8); 9] =
    [(16, 8), (16, 10), (24, 12), (24, 16), (32, 16), (32, 20), (48, 24), (64, 32), (64, 40)];

/// What a ticket or window number is made of.
const NUMBER_CHARACTERS: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-";

/// Where the fonts go.
#[derive(Debug, clap::Args)]
pub(crate) struct Fonts {
    /// Write the fonts into this folder
    #[arg(long, default_value = "hall-controller/signs/fonts")]
    out: PathBuf,
}

/// Make all fonts anew.
pub(crate) fn run(root: &Path, fonts: &Fonts) -> Result<()> {
    let out = root.join(&fonts.out);
    let write = |name: &str, cell_px: u8, baseline: u8, glyphs: &BTreeMap<char, Glyph>| -> Result<()> {
        let bytes = write::font(cell_px, baseline, glyphs)?;
        let path = out.join(name);
        fs::write(&path, &bytes).with_context(|| format!("cannot write {}", path.display()))?;
        eprintln!("{}: {} glyphs, {} bytes", path.display(), glyphs.len(), bytes.len());
        Ok(())
    };

    let wanted = text_characters();
    let unifont = unifont(&wanted)?;
    write("text-16.hfont", 16, UNIFONT_BASELINE, &unifont)?;

    let regular = read(NOTO_REGULAR, "fonts-noto-cjk")?;
    for size in TEXT_SIZES {
        let cell_px = size.cell_px;
        let face = Typeface::new(&regular, size)?;
        let mut glyphs = BTreeMap::new();
        for character in &wanted {
            if let Some(glyph) = face.text_glyph(*character)? {
                glyphs.insert(*character, glyph);
            }
        }
        write(&format!("text-{cell_px}.hfont"), cell_px, face.baseline(), &glyphs)?;
    }

    let bold = read(NOTO_BOLD, "fonts-noto-cjk")?;
    for (height_px, width_px) in NUMBER_CELLS_PX {
        let mut glyphs = BTreeMap::new();
        for character in NUMBER_CHARACTERS.chars() {
            glyphs.insert(character, outline::number_glyph(&bold, character, width_px, height_px)?);
        }
        let baseline = height_px - outline::number_margin(height_px);
        write(&format!("number-{height_px}x{width_px}.hfont"), height_px, baseline, &glyphs)?;
    }
    Ok(())
}

fn read(path: impl AsRef<Path>, package: &str) -> Result<Vec<u8>> {
    let path = path.as_ref();
    fs::read(path)
        .with_context(|| format!("cannot read {}; install the Debian package {package}", path.display()))
}

/// All of GB 2312 (6,763 hanzi, punctuation, symbols) and Latin-1.
fn text_characters() -> Vec<char> {
    let latin = (' '..='~').chain('\u{a0}'..='ÿ');
    let gb2312 = (0xA1_u8..=0xF7).flat_map(|row| (0xA1_u8..=0xFE).map(move |column| [row, column]));
    let mut characters: Vec<char> = latin
        .chain(gb2312.filter_map(|code| {
            let (text, _, broken) = encoding_rs::GBK.decode(&code);
            let character = text.chars().next().filter(|_| !broken)?;
            // Rows that GB 2312 leaves empty decode to private use.
            (!('\u{e000}'..='\u{f8ff}').contains(&character)).then_some(character)
        }))
        .collect();
    characters.sort_unstable();
    characters.dedup();
    characters
}

/// Unifont's own glyphs: one line a character, `code:hexadecimal rows`, 8 or 16 pixels wide.
fn unifont(wanted: &[char]) -> Result<BTreeMap<char, Glyph>> {
    let text = String::from_utf8(read(UNIFONT, "unifont")?)?;
    let mut glyphs = BTreeMap::new();
    for line in text.lines() {
        let (code, rows) = line.split_once(':').context("a line of unifont.hex has no colon")?;
        let Some(character) = u32::from_str_radix(code, 16).ok().and_then(char::from_u32) else { continue };
        if wanted.binary_search(&character).is_err() {
            continue;
        }
        let digits = rows.len() / UNIFONT_ROWS;
        let width = digits * 4;
        ensure!(width == 8 || width == 16, "unifont's {character:?} is {width} pixels wide");
        let mut pixels = Vec::with_capacity(UNIFONT_ROWS * width);
        for row in 0..UNIFONT_ROWS {
            let row = u16::from_str_radix(&rows[row * digits..(row + 1) * digits], 16)?;
            pixels.extend((0..width).rev().map(|bit| row >> bit & 1 == 1));
        }
        glyphs.insert(character, Glyph::new(width, width, pixels)?);
    }
    Ok(glyphs)
}
