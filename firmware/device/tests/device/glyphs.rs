//! The committed glyphs are those of the hall's font, and they are enough.

use std::collections::BTreeMap;
use std::path::Path;

use hall_device::{glyph, words};
use hall_signs::font::{Face, TEXT};

/// Where the controller's sentences are written down, and why it calls somebody.
const SENTENCES: &str = concat!(
    include_str!("../../../../hall-controller/core/src/refusal/sentences.rs"),
    include_str!("../../../../hall-controller/core/src/event/reason/words.rs"),
    include_str!("../../../../hall-controller/core/src/class_words.rs"),
);

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
fn every_committed_glyph_is_that_of_the_halls_font() {
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(Path::new(FILE), file()).unwrap();
    }
    let committed = ('\0'..=char::MAX).filter_map(|character| Some((character, glyph::of(character)?)));
    let mut count = 0;
    for (character, glyph) in committed {
        let wanted = face().glyph(character).unwrap_or_else(|| panic!("the hall's font has no {character}"));
        assert_eq!(glyph.width_px, wanted.advance_px, "{character}");
        for row in 0..16_usize {
            let ink = row.checked_sub(usize::from(wanted.top_px)).and_then(|row| wanted.rows().get(row));
            let ink = ink.map_or(0, |ink| u16::try_from(ink >> 48).unwrap() >> wanted.left_px);
            assert_eq!(glyph.row(row), ink, "{character}, row {row}");
        }
        count += 1;
    }
    assert!(count > 200, "{count} glyphs");
}

#[test]
fn what_devices_say_has_all_its_glyphs_and_what_the_controller_says_nearly_all() {
    assert!(words::ALL.into_iter().all(glyph::covers));
    assert!((' '..='~').all(|character| glyph::of(character).is_some()));
    // A sentence with a character that is missing is shown in English. When many are, the glyphs are to be
    // made anew: UPDATE_GOLDEN=1 cargo test -p hall-device.
    let all = wanted();
    let missing: String = all.iter().filter(|character| glyph::of(**character).is_none()).collect();
    assert!(missing.chars().count() * 10 <= all.len(), "no glyphs for {missing}");
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
