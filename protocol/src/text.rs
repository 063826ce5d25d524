//! Bounded UTF-8 text for people: names, reasons, messages.

use core::fmt;
use core::ops::Deref;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// At most `N` bytes of UTF-8, stored in place. Longer text is cut at a character's edge:
/// a name too long for a display is still a name. Control characters become spaces, so that no
/// text can move a cursor on a display or grow sixfold in JSON; so do those that only change how the
/// others are laid out, so that none can turn a sentence around.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Text<const N: usize>(heapless::String<N>);

impl<const N: usize> Text<N> {
    /// The text, cut at the last whole character that fits in `N` bytes.
    pub fn new(text: &str) -> Self {
        let mut kept = heapless::String::new();
        for c in text.chars() {
            if kept.push(if c.is_control() || lays_out(c) { ' ' } else { c }).is_err() {
                break;
            }
        }
        Self(kept)
    }
}

/// Marks, embeddings, overrides and isolates of text that runs from right to left (Unicode, UAX #9,
/// table 3), and the separators of lines and paragraphs.
const fn lays_out(c: char) -> bool {
    matches!(c, '\u{61C}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

impl<const N: usize> Deref for Text<N> {
    type Target = str;
    fn deref(&self) -> &str {
        &self.0
    }
}

impl<const N: usize> From<&str> for Text<N> {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl<const N: usize> fmt::Display for Text<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self)
    }
}

impl<const N: usize> fmt::Debug for Text<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

impl<const N: usize> Serialize for Text<N> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self)
    }
}

struct TextVisitor<const N: usize>;

impl<const N: usize> de::Visitor<'_> for TextVisitor<N> {
    type Value = Text<N>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Text<N>, E> {
        Ok(Text::new(text))
    }
}

impl<'de, const N: usize> Deserialize<'de> for Text<N> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(TextVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_text_is_cut_between_characters() {
        assert_eq!(&*Text::<8>::new("社会保险"), "社会");
        assert_eq!(&*Text::<8>::new("tax"), "tax");
        assert_eq!(&*Text::<8>::new("a\x1b[2J"), "a [2J");
        assert_eq!(&*Text::<16>::new("午\u{202E}休\u{2066}."), "午 休 .");
    }
}
