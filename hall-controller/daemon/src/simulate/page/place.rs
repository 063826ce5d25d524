//! Where the page goes: into a new file, or over a page of before, but over nothing else.

use std::io::Read;
use std::path::Path;

use super::TITLE;
use crate::simulate::SimulateError;

/// The title stands within so many bytes of the page's beginning.
const HEAD_BYTES_MAX: u64 = 64 * 1024;

/// Whether the page may be written there. What is no file with content, such as a pipe, has nothing to lose.
///
/// # Errors
/// [`SimulateError::Write`] if what is there cannot be read, [`SimulateError::Foreign`] if it is no such page.
pub(in crate::simulate) fn check(path: &Path) -> Result<(), SimulateError> {
    let is_full = std::fs::metadata(path).is_ok_and(|there| there.is_file() && there.len() > 0);
    if !is_full {
        return Ok(());
    }
    let unreadable = |why| SimulateError::Write { path: path.to_owned(), why };
    let mut head = Vec::new();
    let file = std::fs::File::open(path).map_err(unreadable)?;
    file.take(HEAD_BYTES_MAX).read_to_end(&mut head).map_err(unreadable)?;
    let head = String::from_utf8_lossy(&head);
    let is_ours = head.starts_with("<!DOCTYPE html>") && head.contains(&format!("{TITLE}</title>"));
    if is_ours { Ok(()) } else { Err(SimulateError::Foreign { path: path.to_owned() }) }
}
