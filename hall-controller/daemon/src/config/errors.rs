//! What is wrong with a configuration, said to the technician who wrote it.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::told::Told;

/// A sentence, or half of one, in both languages. There is no other way to report something, so nothing is told
/// in one language alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    /// In Chinese.
    pub zh: String,
    /// In English.
    pub en: String,
}

impl Words {
    /// Whether it says nothing, in one of the languages at least.
    pub fn is_empty(&self) -> bool {
        self.zh.is_empty() || self.en.is_empty()
    }
}

/// [`Words`] of two format strings with the same arguments.
macro_rules! words {
    ($zh:literal, $en:literal $(, $name:ident = $value:expr)* $(,)?) => {
        $crate::config::errors::Words {
            zh: format!($zh $(, $name = $value)*),
            en: format!($en $(, $name = $value)*),
        }
    };
}
pub(in crate::config) use words;

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    /// The line of the file, from 1; `None` when the trouble is the file itself.
    pub line: Option<usize>,
    /// The key, from the outermost table on: `window "3".services[1]`. Tables without an id and
    /// entries of lists are counted from 1.
    pub key: String,
    /// What is wrong.
    pub problem: Words,
    /// What to write instead.
    pub remedy: Words,
}

/// Everything that is wrong with one file, in the order of its lines. Prints one a line:
/// `FILE:LINE: KEY: what is wrong; what to write instead`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigErrors {
    file: PathBuf,
    errors: Vec<ConfigError>,
}

impl ConfigErrors {
    /// These errors of `file`.
    pub(super) fn new(file: &Path, mut errors: Vec<ConfigError>) -> Self {
        errors.sort_by_key(|error| error.line);
        Self { file: file.to_owned(), errors }
    }

    /// The errors, at least one.
    pub fn errors(&self) -> &[ConfigError] {
        &self.errors
    }

    /// Each as it is printed, in English.
    fn lines(&self) -> impl Iterator<Item = String> {
        self.errors.iter().map(|error| {
            let ConfigError { problem, remedy, .. } = error;
            format!("{} {}; {}", self.place(error), problem.en, remedy.en)
        })
    }

    /// Each as it is printed, in Chinese, without the last full stop.
    fn lines_zh(&self) -> impl Iterator<Item = String> {
        self.errors.iter().map(|error| {
            let ConfigError { problem, remedy, .. } = error;
            format!("{} {}；{}", self.place(error), problem.zh, remedy.zh)
        })
    }

    /// Each as a warning, Chinese first.
    pub(super) fn warnings(&self) -> Vec<String> {
        let zh = self.lines_zh().map(|line| format!("提醒：{line}。"));
        let en = self.lines().map(|line| format!("warning: {line}"));
        zh.zip(en).flat_map(|(zh, en)| [zh, en]).collect()
    }

    /// Such as `hall.toml:12: hall.id:`, which editors and `grep` know in any language.
    fn place(&self, error: &ConfigError) -> String {
        let line = error.line.map_or_else(String::new, |line| format!("{line}:"));
        format!("{}:{line} {}:", self.file.display(), error.key)
    }
}

impl Told for ConfigErrors {
    fn zh(&self) -> String {
        self.lines_zh().collect::<Vec<_>>().join("。\n")
    }
}

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.lines().collect::<Vec<_>>().join("\n"))
    }
}

impl std::error::Error for ConfigErrors {}
