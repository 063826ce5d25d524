//! Errors as the one sees them who stands at the machine: Chinese first, English second.
//!
//! An error's `Display` is its English sentence, which is also what logs have. What has Chinese words is
//! [`Told`]. The words for a journal stand in `journal`, those for copies and exports in `copies`,
//! for reports and erasures in `commands`: the journal's crate has no language but English.

mod commands;
mod copies;
mod journal;

pub(crate) use self::journal::cause;

use std::fmt::Display;

use hall_core::refusal::Language;

use crate::storage::StorageError;

/// An error that is told in both languages.
pub trait Told: Display {
    /// What is wrong and what to do, in Chinese, without the last full stop.
    fn zh(&self) -> String;

    /// The sentence for a person who reads `language`; after the Chinese comes the English one.
    fn sentence(&self, language: Language) -> String {
        match language {
            Language::Zh => format!("{}。\n{self}", self.zh()),
            Language::En => self.to_string(),
        }
    }
}

impl Told for StorageError {
    fn zh(&self) -> String {
        match self {
            Self::Journal(error) => error.zh(),
            Self::Record(error) => error.zh(),
            Self::Thread(source) => {
                format!("日志线程无法启动（{source}）；机器的内存或线程数可能已用尽")
            }
        }
    }
}

#[cfg(test)]
mod tests;
