//! `audit verify`: is the journal what it was when it was written?

use std::path::Path;

use hall_journal::{JournalError, verify};
use jiff::Timestamp;

/// Walk the journal in `directory` and say in one paragraph that it is whole.
///
/// # Errors
/// Names the first record that is not as it was written.
pub fn verify_journal(directory: &Path) -> Result<String, JournalError> {
    let report = verify(directory)?;
    let moment = |ms: Option<i64>| {
        ms.and_then(|ms| Timestamp::from_millisecond(ms).ok()).map_or("-".into(), |at| at.to_string())
    };
    Ok(format!(
        "The journal in {} is whole: {} records from {} to {}, head {}.",
        directory.display(),
        report.head.seq,
        moment(report.first_at_ms),
        moment(report.last_at_ms),
        report.head.hash,
    ))
}
