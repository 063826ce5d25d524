//! What is wrong with a configuration, said to the technician who wrote it.

use std::fmt;
use std::path::{Path, PathBuf};

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    /// The line of the file, from 1; `None` when the trouble is the file itself.
    pub line: Option<usize>,
    /// The key, from the outermost table on: `window "3".services[1]`. Tables without an id and
    /// entries of lists are counted from 1.
    pub key: String,
    /// What is wrong.
    pub problem: String,
    /// What to write instead.
    pub remedy: String,
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

    /// Each as it is printed.
    pub(super) fn lines(&self) -> impl Iterator<Item = String> {
        let file = self.file.display();
        self.errors.iter().map(move |ConfigError { line, key, problem, remedy }| {
            let line = line.map_or_else(String::new, |line| format!("{line}:"));
            format!("{file}:{line} {key}: {problem}; {remedy}")
        })
    }
}

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.lines().collect::<Vec<_>>().join("\n"))
    }
}

impl std::error::Error for ConfigErrors {}
