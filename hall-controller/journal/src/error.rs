//! Why a journal cannot be opened or trusted, said to the person who has to mend it: what
//! is wrong, where, and what to do next.
//!
//! The errors of a running journal live with the code that raises them.

use std::io;
use std::path::PathBuf;

use crate::chain::ChainBreak;
use crate::store::Trouble;

/// Why what is in a data directory cannot be taken for the journal of a hall.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The data directory cannot be made or used.
    #[error(
        "the data directory {} cannot be used ({source}); \
         check that it exists and that the controller's user may write into it",
        path.display()
    )]
    Directory {
        /// The directory.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// There is no journal to look at.
    #[error("there is no journal {}; check the data directory in the configuration", path.display())]
    Absent {
        /// The file looked for.
        path: PathBuf,
    },
    /// Another process has the journal open for writing.
    #[error(
        "the journal in {} is in use by {}; stop that controller first, \
         or give this one another data directory",
        path.display(),
        owner(*pid)
    )]
    InUse {
        /// The data directory.
        path: PathBuf,
        /// The owner's process id, where it can be told.
        pid: Option<u32>,
    },
    /// The file is something else than a journal.
    #[error(
        "{} is not a hall's journal ({detail}); move it out of the way, \
         or put the last good backup in its place with `hall-controller restore`",
        path.display()
    )]
    NotAJournal {
        /// The file.
        path: PathBuf,
        /// What gave it away.
        detail: String,
    },
    /// The file was a journal and is damaged.
    #[error(
        "the journal {} is damaged ({detail}); keep the file for the auditor, \
         and put the last good backup in its place with `hall-controller restore`",
        path.display()
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        detail: String,
    },
    /// The chain of records is broken.
    #[error(
        "the journal {} cannot be trusted: {broken}; keep the file for the auditor, \
         and put the last good backup in its place with `hall-controller restore`",
        path.display()
    )]
    Broken {
        /// The file.
        path: PathBuf,
        /// Where and how.
        broken: ChainBreak,
    },
    /// A newer controller wrote the file.
    #[error(
        "the journal {} has format {found}, and this controller knows formats up to {known}; \
         install the controller version that wrote it, or a newer one. If there never was one, byte 60 of \
         the file or one after it is damaged: put the last good backup in its place with \
         `hall-controller restore`",
        path.display()
    )]
    NewerFormat {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: i64,
        /// The newest format known here.
        known: i64,
    },
    /// The file belongs to another hall.
    #[error(
        "the journal {} belongs to hall {found:?}, not to hall {expected:?}; \
         correct the hall's id in the configuration, or give this hall its own data directory",
        path.display()
    )]
    OtherHall {
        /// The file.
        path: PathBuf,
        /// The hall the journal was made for.
        found: String,
        /// The hall that was asked for.
        expected: String,
    },
    /// The store failed for a reason outside the journal.
    #[error("the journal {} cannot be opened: {trouble}", path.display())]
    Store {
        /// The file.
        path: PathBuf,
        /// What the store said.
        trouble: Trouble,
    },
}

impl JournalError {
    /// Number of the first bad record, where the error is about one.
    pub fn first_bad_seq(&self) -> Option<i64> {
        match self {
            Self::Broken { broken, .. } => Some(broken.first_bad_seq()),
            _ => None,
        }
    }
}

fn owner(pid: Option<u32>) -> String {
    pid.map_or_else(|| "another process".to_owned(), |pid| format!("process {pid}"))
}

/// Why a replay did not reach the end of the journal.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError<E> {
    /// The journal is at fault.
    #[error(transparent)]
    Journal(JournalError),
    /// The one who was handed the records would not go on.
    #[error("{0}")]
    Visitor(E),
}
