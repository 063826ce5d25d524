//! The committed glyphs are those of the hall's font, and they are enough.

use std::collections::BTreeMap;
use std::path::Path;

use hall_device::{glyph, words};
use hall_signs::font::{Face, TEXT};

/// Where the controller's sentences are written down.
const SENTENCES: &str = include_str!("../../../../hall-controller/core/src/refusal/sentences.rs");

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/glyphs.bin");

fn face() -> Face {
    *TEXT.iter().find(|face| face.cell_px() == 16 && face.scale() == 1).unwrap()
}

/// All characters of Latin, of the devices' words, and of what the controller says in Chinese.
fn wanted() -> Vec<char> {
    let own = words::ALL.iter().flat_map(|text| text.chars());
    let theirs = SENTENCES.chars().filter(|character| !character.is_ascii());
    let mut all: Vec<char> = (' '..='~').chain(own).chain(theirs).collect();
    all.sort_unstable();
    all.dedup();
    all
}

fn file() -> Vec<u8> {
    let face = face();
    let glyphs: BTreeMap<u16, (u8, [u16; 16])> = wanted()
        .into_iter()
        .map(|character| {
            let glyph = face.glyph(character).unwrap();
            let mut rows = [0_u16; 16];
            for (row, ink) in rows.iter_mut().skip(usize::from(glyph.top_px)).zip(glyph.rows()) {
                *row = u16::try_from(ink >> 48).unwrap() >> glyph.left_px;
            }
            (u16::try_from(u32::from(character)).unwrap(), (glyph.advance_px, rows))
        })
        .collect();
    let mut bytes = u16::try_from(glyphs.len()).unwrap().to_be_bytes().to_vec();
    for (code, (width, _)) in &glyphs {
        bytes.extend(code.to_be_bytes());
        bytes.push(*width);
    }
    bytes.extend(glyphs.values().flat_map(|(_, rows)| rows).flat_map(|row| row.to_be_bytes()));
    bytes
}

#[test]
fn the_glyphs_are_those_of_the_halls_font() {
    let made = file();
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(Path::new(FILE), &made).unwrap();
    }
    let committed = std::fs::read(FILE).unwrap();
    assert!(committed == made, "glyphs.bin is out of date; UPDATE_GOLDEN=1 cargo test -p hall-device");
}

#[test]
fn every_sentence_of_devices_and_controller_has_its_glyphs() {
    for character in wanted() {
        assert!(face().covers(&character.to_string()), "the hall's font has no {character}");
        assert!(glyph::of(character).is_some(), "no {character}");
    }
    assert!(words::ALL.into_iter().all(glyph::covers));
    assert!(!glyph::covers("😀"));
}

#[test]
fn a_line_is_its_glyphs_side_by_side() {
    const TEXT: &str = "请A咨";
    const BYTES: usize = 5;
    assert_eq!(glyph::width_px(TEXT), 16 + 8 + 16);
    let line: [[u8; BYTES]; 16] = glyph::line(TEXT);
    let [first, latin, last] = ['请', 'A', '咨'].map(|character| glyph::of(character).unwrap());
    for (row, bytes) in line.iter().enumerate() {
        let wide = |glyph: glyph::Glyph| glyph.row(row).to_be_bytes();
        let side_by_side = [&wide(first)[..], &wide(latin)[..1], &wide(last)].concat();
        assert_eq!(bytes[..], side_by_side, "row {row}");
    }
    assert_eq!(first.row(16), 0);
}
