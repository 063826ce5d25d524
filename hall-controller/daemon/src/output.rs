//! What a command prints for who asked: written and flushed, so that what is lost is told.
//!
//! A pipe that somebody has closed, as `| head` does, has given them what they wanted.

use std::io::{self, ErrorKind, Write, stdout};

/// The result did not get to where it was sent.
#[derive(Debug, thiserror::Error)]
#[error("the result could not be written: {0}; check the place it goes to and its free space")]
pub struct OutputError(pub(crate) io::Error);

/// Print a line of result, or several.
///
/// # Errors
/// When it cannot be written; a closed pipe is no error.
pub fn say(text: &str) -> Result<(), OutputError> {
    over(write(format!("{text}\n").as_bytes()))
}

/// Print bytes as they are.
///
/// # Errors
/// As the system's.
pub fn write(bytes: &[u8]) -> io::Result<()> {
    let mut out = stdout().lock();
    out.write_all(bytes)?;
    out.flush()
}

/// The end of a command that printed and had `written` to say of it.
///
/// # Errors
/// When it could not be written; a closed pipe is no error.
pub fn over(written: io::Result<()>) -> Result<(), OutputError> {
    match written {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        written => written.map_err(OutputError),
    }
}
