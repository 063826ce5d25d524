//! `audit verify`: is the journal what it was when it was written, and are its snapshots the states
//! that it gives?

use std::convert::Infallible;
use std::path::{Path, PathBuf};

use hall_core::Hall;
use hall_journal::{JournalError, JournalReader, ReplayError, Snapshot};
use hall_protocol::id::HallId;
use jiff::Timestamp;

use crate::{records, snapshots};

/// What is wrong with a journal or its snapshots.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// The journal.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// A snapshot would make a start reach another state than the journal gives.
    #[error(
        "the snapshot {} is not the state that the journal gives after record {seq}: it was changed by \
         another program. The journal itself is whole; keep the snapshot for the auditor, away from the \
         data directory, and start the controller again",
        path.display()
    )]
    Snapshot {
        /// The file.
        path: PathBuf,
        /// The record it names.
        seq: u64,
    },
}

/// Walk the journal in `directory` and say in one paragraph that it is whole, and its snapshots with
/// it.
///
/// # Errors
/// Names the first record that is not as it was written, or the snapshot that is not as it should be.
pub fn verify_journal(directory: &Path) -> Result<String, AuditError> {
    // Before the journal is opened, so that none is newer than what will be read of it.
    let kept: Vec<Snapshot> =
        Snapshot::newest_first(directory).filter_map(Result::ok).filter(is_of_this_version).collect();
    let reader = JournalReader::open(directory)?;
    let mut state = reader.hall().parse().ok().map(|id: HallId| Hall::new(id));
    let (mut first_at, mut last_at) = (None, None);
    let (mut differs, mut same) = (None, Vec::new());
    let head = reader
        .read(|record| {
            first_at = first_at.or(Some(record.at_ms));
            last_at = Some(record.at_ms);
            match (&mut state, records::event(&record)) {
                (Some(hall), Ok(stamped)) => hall.apply(&stamped),
                // The chain can be checked all the same, by any version.
                (_, Err(_)) => state = None,
                (None, Ok(_)) => {}
            }
            let here = kept.iter().filter(|snapshot| snapshot.at == record.head());
            for (snapshot, state) in here.zip(&state) {
                if snapshots::hall(snapshot).is_ok_and(|kept| kept == *state) {
                    same.push(record.seq);
                } else {
                    differs = Some((snapshot.path(directory), record.seq));
                }
            }
            Ok::<(), Infallible>(())
        })
        .map_err(|error| match error {
            ReplayError::Journal(error) => error,
            ReplayError::Visitor(never) => match never {},
        })?;
    reader.check_file()?;
    if let Some((path, seq)) = differs {
        return Err(AuditError::Snapshot { path, seq });
    }
    let moment = |ms: Option<i64>| {
        ms.and_then(|ms| Timestamp::from_millisecond(ms).ok()).map_or("-".into(), |at| at.to_string())
    };
    let said = format!(
        "The journal in {} is whole: {} records from {} to {}, head {}.",
        directory.display(),
        head.seq,
        moment(first_at),
        moment(last_at),
        head.hash,
    );
    let same =
        same.iter().map(|seq| format!(" The snapshot after record {seq} is the state a full replay gives."));
    Ok(std::iter::once(said).chain(same).collect())
}

fn is_of_this_version(snapshot: &Snapshot) -> bool {
    snapshot.format == snapshots::FORMAT
}
