//! Checking a journal from outside, as an auditor does: read-only, beside a
//! running controller if need be, by the same rules as every start.

use std::convert::Infallible;
use std::path::Path;

use crate::chain;
use crate::error::JournalError;
use crate::record::Head;
use crate::sqlite::{JOURNAL_FILE, SqliteStore};
use crate::store::{CheckedReadError, read_checked};

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
/// file checked. While it reads, a controller can go on writing, but the
/// write-ahead log keeps growing: it can be folded into the file only afterwards.
pub fn verify(directory: &Path) -> Result<VerifyReport, JournalError> {
    let path = directory.join(JOURNAL_FILE);
    let (store, hall) = SqliteStore::open_read_only(directory)?;
    let mut first_at_ms = None;
    let mut last_at_ms = None;
    let head = read_checked(&store, chain::genesis(&hall), |record| {
        first_at_ms = first_at_ms.or(Some(record.at_ms));
        last_at_ms = Some(record.at_ms);
        Ok::<(), Infallible>(())
    })
    .map_err(|error| match error {
        CheckedReadError::Broken(broken) => JournalError::Broken { path: path.clone(), broken },
        CheckedReadError::Trouble(trouble) => JournalError::Store { path: path.clone(), trouble },
        CheckedReadError::Visitor(never) => match never {},
    })?;
    store.check_file(&path)?;
    Ok(VerifyReport { hall, records: head.seq, head, first_at_ms, last_at_ms })
}
