//! Checking a journal from outside, as an auditor does: read-only, beside a
//! running controller if need be, by the same rules as every start.

use std::convert::Infallible;
use std::path::Path;

use crate::error::{JournalError, ReplayError};
use crate::reader::JournalReader;
use crate::record::Head;

/// What a whole journal holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifyReport {
    /// The hall it belongs to.
    pub hall: String,
    /// How many records there are.
    pub records: u64,
    /// The end of the chain.
    pub head: Head,
    /// When the first record happened, in milliseconds since 1970-01-01 UTC.
    pub first_at_ms: Option<i64>,
    /// When the last record happened, in the same unit.
    pub last_at_ms: Option<i64>,
}

/// Reads the whole journal in `directory` and checks it.
///
/// Finds any record changed, removed, inserted or moved, and names the first
/// bad one, even where the guards against it were taken out of the file; see
/// [`JournalError::first_bad_seq`]. Only then are guards and structure of the
/// file checked, and its count of resumes. See [`JournalReader`] for what goes on beside a running controller.
pub fn verify(directory: &Path) -> Result<VerifyReport, JournalError> {
    let reader = JournalReader::open(directory)?;
    let report = verify_reader(&reader)?;
    reader.check_resumes()?;
    Ok(report)
}

/// The same for a journal's file of any name, such as a backup.
pub fn verify_file(path: &Path) -> Result<VerifyReport, JournalError> {
    verify_reader(&JournalReader::open_file(path)?)
}

fn verify_reader(reader: &JournalReader) -> Result<VerifyReport, JournalError> {
    let mut first_at_ms = None;
    let mut last_at_ms = None;
    let head = reader
        .read(|record| {
            first_at_ms = first_at_ms.or(Some(record.at_ms));
            last_at_ms = Some(record.at_ms);
            Ok::<(), Infallible>(())
        })
        .map_err(|error| match error {
            ReplayError::Journal(error) => error,
            ReplayError::Visitor(never) => match never {},
        })?;
    reader.check_file()?;
    Ok(VerifyReport { hall: reader.hall().to_owned(), records: head.seq, head, first_at_ms, last_at_ms })
}
