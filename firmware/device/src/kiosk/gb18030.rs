//! Chinese text as ticket printers take it: the two-byte codes of GB 18030 that GB 2312 had before it.
//!
//! `gb2312.bin` has the code points of rows 1 to 87, 94 to a row, two bytes each, 0 where there is none.
//! `UPDATE_GOLDEN=1 cargo test -p hall-device` makes it anew.

const TABLE: &[u8] = include_bytes!("gb2312.bin");

/// Places in a row.
const COLUMNS: usize = 94;

/// Both bytes of a code begin here.
const FIRST: usize = 0xA1;

/// The code of a character; `None` if it is ASCII or has none.
pub fn code(character: char) -> Option<[u8; 2]> {
    let wanted = u16::try_from(u32::from(character)).ok().filter(|code| *code > 0x7F)?;
    let (places, _) = TABLE.as_chunks::<2>();
    // A receipt has some hundred characters: searching from the front is quick enough, and needs no
    // second table.
    let at = places.iter().position(|place| u16::from_be_bytes(*place) == wanted)?;
    let byte = |offset: usize| u8::try_from(FIRST + offset).ok();
    Some([byte(at / COLUMNS)?, byte(at % COLUMNS)?])
}
