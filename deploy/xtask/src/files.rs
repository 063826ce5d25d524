//! House rules about files that no other tool checks: what may stand at the top, how long a
//! source file may be, how it opens, and that no module hides in a `mod.rs`.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

/// Longer, and a file has more than one reason to change.
const LINES_MAX: usize = 499;

/// What a visitor sees first; everything else belongs in one of the folders.
const TOP_LEVEL: [&str; 10] = [
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE",
    "README.md",
    "deploy",
    "firmware",
    "hall-controller",
    "protocol",
];

/// Made by building and running, and ignored by git.
const MADE: [&str; 2] = ["target", "hall-data"];

/// Check every file of the checkout; the error lists everything that is wrong.
pub(crate) fn check(root: &Path) -> Result<()> {
    let mut wrong = Vec::new();
    let mut sources = Vec::new();
    for name in names(root)? {
        if is_hidden(&name) || MADE.contains(&name.as_str()) {
            continue;
        }
        if !TOP_LEVEL.contains(&name.as_str()) {
            wrong.push(format!("{name}: not one of the names allowed at the top level"));
        }
        collect_sources(&root.join(name), &mut sources)?;
    }
    for path in sources {
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let shown = path.strip_prefix(root).unwrap_or(&path).display();
        wrong.extend(faults(&path, &text).into_iter().map(|fault| format!("{shown}: {fault}")));
    }
    if wrong.is_empty() {
        return Ok(());
    }
    wrong.sort();
    bail!("{} files break the rules:\n    {}", wrong.len(), wrong.join("\n    "))
}

/// What is wrong with one source file.
fn faults(path: &Path, text: &str) -> Vec<String> {
    let mut faults = Vec::new();
    let lines = text.lines().count();
    if lines > LINES_MAX {
        faults.push(format!("{lines} lines, at most {LINES_MAX} are allowed; split it by reason to change"));
    }
    if !opens_with_words(text) {
        faults.push("opens without `//!` lines that say what lives here".to_owned());
    }
    if path.file_name().is_some_and(|name| name == "mod.rs") {
        faults.push("a module is named after itself, not `mod.rs`".to_owned());
    }
    faults
}

/// Whether `//!` comes first, before everything but the file's own attributes.
fn opens_with_words(text: &str) -> bool {
    text.lines()
        .find(|line| !line.trim().is_empty() && !line.starts_with("#!["))
        .is_some_and(|line| line.strip_prefix("//!").is_some_and(|words| words.trim().len() > 1))
}

fn collect_sources(path: &Path, sources: &mut Vec<PathBuf>) -> Result<()> {
    if path.is_dir() {
        for name in names(path)? {
            if !is_hidden(&name) && !MADE.contains(&name.as_str()) {
                collect_sources(&path.join(name), sources)?;
            }
        }
    } else if path.extension().is_some_and(|extension| extension == "rs") {
        sources.push(path.to_owned());
    }
    Ok(())
}

fn is_hidden(name: &str) -> bool {
    name.starts_with('.')
}

fn names(folder: &Path) -> Result<Vec<String>> {
    let entries = fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_opens_with_what_lives_in_it() {
        assert!(opens_with_words("//! Windows and their clerks.\nuse x;\n"));
        assert!(opens_with_words("#![no_std]\n\n//! Windows.\n"));
        assert!(!opens_with_words("//! .\nfn main() {}\n"));
        assert!(!opens_with_words("// Windows.\n"));
        assert!(!opens_with_words("use x;\n//! Windows.\n"));
        assert!(!opens_with_words(""));
    }

    #[test]
    fn a_file_that_grew_too_long_is_told() {
        let lines = |count| "//! Windows.\n".repeat(count);
        assert!(faults(Path::new("window.rs"), &lines(LINES_MAX)).is_empty());
        assert_eq!(faults(Path::new("window.rs"), &lines(LINES_MAX + 1)).len(), 1);
    }

    #[test]
    fn a_module_does_not_hide_in_mod_rs() {
        assert_eq!(faults(Path::new("window/mod.rs"), "//! Windows.\n").len(), 1);
    }
}
