//! The committed table is what the encoding's own library says.

use std::path::Path;

use hall_device::kiosk::gb18030;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/kiosk/gb2312.bin");

fn file() -> Vec<u8> {
    let codes = (0xA1_u8..=0xF7).flat_map(|row| (0xA1_u8..=0xFE).map(move |column| [row, column]));
    codes
        .flat_map(|code| {
            let (text, _, broken) = encoding_rs::GB18030.decode(&code);
            let mut characters = text.chars();
            let only = characters.next().filter(|_| characters.next().is_none() && !broken);
            // Places that GB 2312 left free are for private use: no printer knows what is there.
            let known = only.filter(|character| !('\u{e000}'..='\u{f8ff}').contains(character));
            known.map_or(0, |character| u16::try_from(u32::from(character)).unwrap()).to_be_bytes()
        })
        .collect()
}

#[test]
fn the_table_is_that_of_the_encoding() {
    let made = file();
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(Path::new(FILE), &made).unwrap();
    }
    let committed = std::fs::read(FILE).unwrap();
    assert!(committed == made, "gb2312.bin is out of date; UPDATE_GOLDEN=1 cargo test -p hall-device");
}

#[test]
fn what_is_coded_is_read_back_as_it_was() {
    for character in "社会保险登记（一窗通办）·请稍候，齄".chars() {
        let code = gb18030::code(character).unwrap_or_else(|| panic!("no code for {character}"));
        let (text, _, broken) = encoding_rs::GB18030.decode(&code);
        assert_eq!((text.as_ref(), broken), (character.to_string().as_str(), false));
    }
    assert_eq!(['A', '\0', '\u{e5e5}', '😀', '㐀'].map(gb18030::code), [None; 5]);
}
