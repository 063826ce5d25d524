//! What classes are called, for people: the one table, for pads, pages, traces and simulations.

use hall_protocol::payload::Class;

/// A class in both languages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClassWords {
    /// In Chinese, in the words of the law where it has some.
    pub zh: &'static str,
    /// The same in at most five characters, for the display of a call pad, which has their glyphs
    /// (`firmware/device`).
    pub zh_short: &'static str,
    /// In English, as a heading; within a sentence it begins with a small letter.
    pub en: &'static str,
}

/// What this class is called.
pub const fn class_words(class: Class) -> ClassWords {
    let (zh, zh_short, en) = match class {
        Class::Ordinary => ("普通", "普通", "Ordinary"),
        Class::Appointment => ("预约", "预约", "Appointment"),
        Class::Elderly => ("老年人", "老年人", "Elderly"),
        Class::Disabled => ("残疾人", "残疾人", "Disabled"),
        Class::Pregnant => ("孕妇或带婴儿", "孕妇带婴儿", "Pregnant or with an infant"),
        Class::Serviceman => ("军人依法优先", "军人", "Serviceman or veteran"),
        Class::Returning => ("补件", "补件", "Back with missing papers"),
    };
    ClassWords { zh, zh_short, en }
}

impl ClassWords {
    /// In English within a sentence.
    pub fn en_within(self) -> String {
        self.en.to_lowercase()
    }
}
