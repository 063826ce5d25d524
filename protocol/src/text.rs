//! Bounded UTF-8 text for people: names, reasons, messages.

use core::fmt;
use core::ops::Deref;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// At most `N` bytes of UTF-8, stored in place. Longer text is cut at a character's edge:
/// a name too long for a display is still a name. Of characters that are not seen it has none: see [`plain`].
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Text<const N: usize>(heapless::String<N>);

impl<const N: usize> Text<N> {
    /// The text, cut at the last whole character that fits in `N` bytes.
    pub fn new(text: &str) -> Self {
        let mut kept = heapless::String::new();
        for c in plain(text) {
            if kept.push(c).is_err() {
                break;
            }
        }
        Self(kept)
    }
}

/// What can be seen of a text from outside. Control characters become spaces, so that none can move a cursor on
/// a display or grow sixfold in JSON; so do those that only change how the others are laid out, so that none can
/// turn a sentence around. What has neither width nor picture is left out: it could only make two names look
/// alike, or hide a word from whoever looks for it.
pub fn plain(text: &str) -> impl Iterator<Item = char> {
    text.chars().filter(|c| !has_no_width(*c)).map(|c| if c.is_control() || lays_out(c) { ' ' } else { c })
}

/// The first character of a text that [`plain`] does not leave as it is.
pub fn hides_something(text: &str) -> Option<char> {
    text.chars().find(|c| c.is_control() || lays_out(*c) || has_no_width(*c))
}

/// Marks, embeddings, overrides and isolates of text that runs from right to left (Unicode, UAX #9,
/// table 3), and the separators of lines and paragraphs.
const fn lays_out(c: char) -> bool {
    matches!(c, '\u{61C}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// What a display may ignore (Unicode, `Default_Ignorable_Code_Point`), and annotations and tags, without those
/// that [`lays_out`] has: soft hyphens, joiners, fillers, selectors of variants. The hall's fonts have no variants.
const fn has_no_width(c: char) -> bool {
    matches!(
        c,
        '\u{AD}' | '\u{34F}' | '\u{115F}'..='\u{1160}' | '\u{17B4}'..='\u{17B5}' | '\u{180B}'..='\u{180F}'
            | '\u{200B}'..='\u{200D}' | '\u{2060}'..='\u{2065}' | '\u{206A}'..='\u{206F}' | '\u{3164}'
            | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFB}'
            | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}'
    )
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

    #[test]
    fn what_nobody_sees_is_in_no_text() {
        for (given, kept) in [
            ("\u{FEFF}午\u{200B}休", "午休"),
            ("午\u{2028}休\u{2029}", "午 休 "),
            ("\u{202A}a\u{202B}b\u{202C}c\u{202D}d\u{202E}e", " a b c d e"),
            ("\u{2066}a\u{2067}b\u{2068}c\u{2069}", " a b c "),
            ("葛\u{E0101}\u{FE0F}\u{200D}\u{2060}\u{AD}", "葛"),
            ("😀 \u{3000}é ", "😀 \u{3000}é "),
        ] {
            let text = Text::<64>::new(given);
            assert_eq!(&*text, kept, "{given:?}");
            assert_eq!(hides_something(given).is_some(), given != kept, "{given:?}");
            assert_eq!(hides_something(&text), None, "{given:?}");
        }
    }
}
