//! A menu read line by line, for a device that has no room for all of its lines at once.

use core::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::{Menu, MenuService};
use crate::json::{self, DecodeError};

/// Read a menu, and give each of its lines to `line` in the order of the screen; gives when the menu was so.
///
/// # Errors
/// Those of [`json::decode`]; the lines before what is wrong have been given.
pub fn menu_lines(bytes: &[u8], line: impl FnMut(MenuService)) -> Result<i64, DecodeError> {
    json::decode_by::<Menu, _>(bytes, Whole(line))
}

/// The fields that are read.
#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "snake_case")]
enum Field {
    AtMs,
    Services,
    #[serde(other)]
    Other,
}

struct Whole<F>(F);

impl<'de, F: FnMut(MenuService)> DeserializeSeed<'de> for Whole<F> {
    type Value = i64;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<i64, D::Error> {
        deserializer.deserialize_struct("Menu", &["at_ms", "services"], self)
    }
}

impl<'de, F: FnMut(MenuService)> Visitor<'de> for Whole<F> {
    type Value = i64;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a menu")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut menu: A) -> Result<i64, A::Error> {
        let mut at_ms = None;
        while let Some(field) = menu.next_key()? {
            match field {
                Field::AtMs => at_ms = Some(menu.next_value()?),
                Field::Services => menu.next_value_seed(Lines(&mut self.0))?,
                Field::Other => {
                    menu.next_value::<IgnoredAny>()?;
                }
            }
        }
        at_ms.ok_or_else(|| serde::de::Error::missing_field("at_ms"))
    }
}

struct Lines<'a, F>(&'a mut F);

impl<'de, F: FnMut(MenuService)> DeserializeSeed<'de> for Lines<'_, F> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de, F: FnMut(MenuService)> Visitor<'de> for Lines<'_, F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a menu's lines")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut lines: A) -> Result<(), A::Error> {
        while let Some(line) = lines.next_element()? {
            (self.0)(line);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::*;

    #[test]
    fn the_lines_are_those_of_the_whole_menu() {
        let vectors: serde_json::Value =
            serde_json::from_str(include_str!("../../vectors/payloads/kiosk_menu.json")).unwrap();
        let mut lines_seen = 0;
        for vector in vectors["valid"].as_array().unwrap() {
            let bytes = vector["bytes"].as_str().unwrap().as_bytes();
            let whole: Menu = json::decode(bytes).unwrap();
            let mut lines = Vec::new();
            let at_ms = menu_lines(bytes, |line| lines.push(line)).unwrap();
            assert_eq!((at_ms, &lines[..]), (whole.at_ms, &whole.services[..]));
            lines_seen += lines.len();
        }
        assert!(lines_seen > 0);
    }

    #[test]
    fn what_is_no_menu_is_refused_as_a_whole_menu_is() {
        for text in [
            &br#"{"v":2,"at_ms":0,"services":[]}"#[..],
            br#"{"v":1,"services":[]}"#,
            br#"{"v":1,"at_ms":0,"services":[{}]}"#,
            br#"{"v":1,"at_ms":0,"services":7}"#,
            b"[]",
        ] {
            assert!(menu_lines(text, |_| {}).is_err(), "{}", text.escape_ascii());
        }
    }
}
