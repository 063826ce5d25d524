//! `backup` and `restore`: copies of the journal, and what people are told of them.
//!
//! How a copy is made and checked is `hall-journal`'s business.

use std::path::Path;

use hall_journal::{BackupError, JournalError, VerifyReport};
use jiff::Timestamp;

use crate::progress::Bar;

/// Copy the journal in `directory` to the new file `to`, while a controller may be writing it.
///
/// # Errors
/// With the remedy; then nothing is left behind.
pub fn back_up(directory: &Path, to: &Path) -> Result<String, BackupError> {
    let mut bar = Bar::on_stderr("copying");
    let report = hall_journal::backup(directory, to, &mut |done, of| bar.show(done.into(), of.into()))?;
    drop(bar);
    Ok(format!(
        "The journal in {} was copied to {} and the copy is whole: {}.",
        directory.display(),
        to.display(),
        contents(&report),
    ))
}

/// Put the backup `from` into a data directory without a journal, after checking its whole chain.
///
/// # Errors
/// With the remedy; then the directory has no journal, as before.
pub fn restore(from: &Path, directory: &Path) -> Result<String, BackupError> {
    let report = hall_journal::restore(from, directory)?;
    Ok(format!(
        "The backup {} is whole and was restored to {}: {}. `hall-controller run` goes on from there.",
        from.display(),
        directory.display(),
        contents(&report),
    ))
}

/// Check the whole chain of the backup `from` and change nothing.
///
/// # Errors
/// Names the first record that is not as it was written.
pub fn verify(from: &Path) -> Result<String, JournalError> {
    let report = hall_journal::verify_file(from)?;
    Ok(format!("The backup {} is whole: {}.", from.display(), contents(&report)))
}

fn contents(report: &VerifyReport) -> String {
    let VerifyReport { hall, records, head, last_at_ms, .. } = report;
    let until = last_at_ms
        .and_then(|ms| Timestamp::from_millisecond(ms).ok())
        .map_or(String::new(), |at| format!(" until {at}"));
    format!("hall {hall}, {records} records{until}, head {}", head.hash)
}
