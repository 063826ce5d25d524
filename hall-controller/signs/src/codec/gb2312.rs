//! Text as the vendors' font cards take it: GB 2312, two bytes a hanzi, ASCII for the rest.

use encoding_rs::GBK;

/// The first and last byte of a GB 2312 character, of either half. GBK, which the encoder writes,
/// has more characters; a card with a GB 2312 font has no glyph for those.
const HALVES: std::ops::RangeInclusive<u8> = 0xA1..=0xFE;

/// The last row of GB 2312.
const ROW_LAST: u8 = 0xF7;

/// The bytes of a character, or `None` if GB 2312 has none for it.
pub(crate) fn encode(character: char) -> Option<Vec<u8>> {
    if character.is_ascii() {
        return u8::try_from(character).ok().filter(|byte| !byte.is_ascii_control()).map(|byte| vec![byte]);
    }
    let mut buffer = [0; 4];
    let (bytes, _, unmappable) = GBK.encode(character.encode_utf8(&mut buffer));
    let in_table = matches!(*bytes, [first, second]
        if HALVES.contains(&first) && first <= ROW_LAST && HALVES.contains(&second));
    (in_table && !unmappable).then(|| bytes.into_owned())
}

/// Whether a card with a GB 2312 font can draw it.
pub(crate) fn has(character: char) -> bool {
    encode(character).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vendor_s_greeting_and_the_edges_of_the_table() {
        // BX-5K/6K protocol v1.4, example 8: 欢迎光临.
        let greeting: Vec<u8> = "欢迎光临".chars().flat_map(|hanzi| encode(hanzi).unwrap()).collect();
        assert_eq!(greeting, [0xBB, 0xB6, 0xD3, 0xAD, 0xB9, 0xE2, 0xC1, 0xD9]);
        assert_eq!(encode('A'), Some(vec![0x41]));
        assert_eq!(encode('啊'), Some(vec![0xB0, 0xA1]));
        // 镕 is in GBK only, 𠮷 in neither; a line break is no character.
        for missing in ['镕', '𠮷', '\n', '€'] {
            assert_eq!(encode(missing), None, "{missing:?}");
        }
    }
}
