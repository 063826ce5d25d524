//! Why a journal cannot be opened or trusted, said to the person who has to mend it: what
//! is wrong, where, and what to do next.
//!
//! The errors of a running journal live with the code that raises them.

use std::io;
use std::path::{Path, PathBuf};

use crate::chain::ChainBreak;
use crate::sqlite::Unreachable;
use crate::store::Trouble;

/// What to do when records are lost for good.
const LOST_REMEDY: &str = "keep the data directory for the auditor and put the last good backup in place with \
     `hall-controller restore`, or go on with what is left by `hall-controller restore --accept-loss`";

/// Why what is in a data directory cannot be taken for the journal of a hall.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The data directory cannot be made or used.
    #[error("the data directory {} cannot be used ({source}); {}", path.display(), remedy(source))]
    Directory {
        /// The directory.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// There is no journal to look at.
    #[error("there is no journal {}; check the data directory given with --data or in the configuration", path.display())]
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
        "{}; move it out of the way, or put the last good backup in its place with `hall-controller restore`",
        foreign(path, detail)
    )]
    NotAJournal {
        /// The file.
        path: PathBuf,
        /// What gave it away.
        detail: String,
    },
    /// The file was a journal and is damaged.
    #[error(
        "the journal {}; keep the file for the auditor, \
         and put the last good backup in its place with `hall-controller restore`",
        damaged(path, detail)
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        detail: String,
    },
    /// Whole commits stand behind damage in the log.
    #[error("{}; {LOST_REMEDY}", log_damaged(path, found))]
    LogDamaged {
        /// The log.
        path: PathBuf,
        /// Where and how much.
        found: Unreachable,
    },
    /// The log was in use when its controller ended, and is neither there nor in the file.
    #[error("{}; put it back where it was, or {LOST_REMEDY}", log_gone(path, *last, *known))]
    LogGone {
        /// The log.
        path: PathBuf,
        /// The last record of the file alone, where it can be read.
        last: Option<u64>,
        /// The last record that its controller noted, if it did.
        known: Option<u64>,
    },
    /// The file is gone or empty, and its log is there.
    #[error("{}; put the file back where it was, or {LOST_REMEDY}", file_gone(path))]
    FileGone {
        /// The file.
        path: PathBuf,
    },
    /// Its controller, which was cut off, had noted a record that is not there.
    #[error("{}; {LOST_REMEDY}", unreached(path, *last, *known))]
    Unreached {
        /// The file.
        path: PathBuf,
        /// Its last record, with that of its log.
        last: u64,
        /// The last record that was durable.
        known: u64,
    },
    /// The log ends before what the file has of it.
    #[error("{}; {LOST_REMEDY}", log_cut(path, *last, *known))]
    LogCut {
        /// The log.
        path: PathBuf,
        /// The last record by the log, if the file with it is a journal at all.
        last: Option<u64>,
        /// The last record by the file alone.
        known: u64,
    },
    /// A snapshot was made after a record that is not there.
    #[error("{}; {LOST_REMEDY}", shorter(path, *last, *known, snapshot))]
    Shorter {
        /// The file.
        path: PathBuf,
        /// Its last record.
        last: u64,
        /// The last record that is known to have been there.
        known: u64,
        /// The snapshot that knows it.
        snapshot: PathBuf,
    },
    /// The file is there, and nobody lets us read it.
    #[error("{}; {}", unreadable(path, source), read_remedy(source))]
    Unreadable {
        /// The file, or the directory where a file is wanted.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A log is beside the file, and its index cannot be made where nothing may be written.
    #[error(
        "the journal {} has a write-ahead log beside it, which cannot be read where nothing may be written; \
         copy the whole data directory to a place that may be written, and name that with --data",
        path.display()
    )]
    LogBesideReadOnly {
        /// The file.
        path: PathBuf,
    },
    /// A controller began to write while the closed journal was being read.
    #[error("a controller has started and writes the journal {} since it was opened here; ask again", path.display())]
    Stirred {
        /// The file.
        path: PathBuf,
    },
    /// The chain of records is broken.
    #[error(
        "the journal {}; keep the file for the auditor, \
         and put the last good backup in its place with `hall-controller restore`",
        broken_chain(path, broken)
    )]
    Broken {
        /// The file.
        path: PathBuf,
        /// Where and how.
        broken: ChainBreak,
    },
    /// What is noted beside the records of how often it took writes again after trouble was changed.
    #[error(
        "the journal {} has all its records as they were written, but its count of how often it took writes again \
         after trouble was changed by another program; keep a copy of the data directory for the auditor and ask \
         who had access. The count decides nothing: the hall can go on with this journal",
        path.display()
    )]
    ResumesChanged {
        /// The file.
        path: PathBuf,
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
        "{}; correct the hall's id in the configuration, or give this hall its own data directory",
        other_hall(path, found, expected)
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

    /// Whether it says that records are lost which people were told of, and nothing else.
    pub(crate) fn is_loss(&self) -> bool {
        matches!(
            self,
            Self::LogDamaged { .. }
                | Self::LogGone { .. }
                | Self::LogCut { .. }
                | Self::FileGone { .. }
                | Self::Unreached { .. }
                | Self::Shorter { .. }
        )
    }

    /// What is wrong, without what to do about a journal, where what to do is another thing.
    pub fn cause(&self) -> String {
        match self {
            Self::Absent { path } => format!("there is no file {}", path.display()),
            Self::NotAJournal { path, detail } => foreign(path, detail),
            Self::Damaged { path, detail } => damaged(path, detail),
            Self::LogDamaged { path, found } => log_damaged(path, found),
            Self::LogGone { path, last, known } => log_gone(path, *last, *known),
            Self::FileGone { path } => file_gone(path),
            Self::Unreached { path, last, known } => unreached(path, *last, *known),
            Self::LogCut { path, last, known } => log_cut(path, *last, *known),
            Self::Shorter { path, last, known, snapshot } => shorter(path, *last, *known, snapshot),
            Self::Broken { path, broken } => broken_chain(path, broken),
            Self::Unreadable { path, source } => unreadable(path, source),
            Self::OtherHall { path, found, expected } => other_hall(path, found, expected),
            other => other.to_string(),
        }
    }
}

fn foreign(path: &Path, detail: &str) -> String {
    format!("{} is not a hall's journal ({detail})", path.display())
}

fn damaged(path: &Path, detail: &str) -> String {
    format!("{} is damaged ({detail})", path.display())
}

fn broken_chain(path: &Path, broken: &ChainBreak) -> String {
    format!("{} cannot be trusted: {broken}", path.display())
}

fn log_damaged(path: &Path, found: &Unreachable) -> String {
    let Unreachable { frame, byte, commits } = found;
    let place = match frame {
        0 => "in its header, from byte 0 on".to_owned(),
        _ => format!("at frame {frame}, from byte {byte} on"),
    };
    format!(
        "the journal's write-ahead log {} is damaged {place}, and {commits} commits from there on can no longer be \
         read: tickets and calls that people were told of",
        path.display()
    )
}

fn log_gone(path: &Path, last: Option<u64>, known: Option<u64>) -> String {
    let ends = match (last, known) {
        (Some(last), Some(known)) => {
            format!(": that ends with record {last}, and record {known} was told to people")
        }
        _ => String::new(),
    };
    format!(
        "the journal's write-ahead log {} is gone or empty, though the controller that wrote it was cut off before \
         all of it was in the journal's file{ends}",
        path.display()
    )
}

fn log_cut(path: &Path, last: Option<u64>, known: u64) -> String {
    let ends =
        last.map_or("does not fit".to_owned(), |last| format!("ends with record {last} and does not fit"));
    format!(
        "the journal's write-ahead log {} {ends} the journal's file, which has been given record {known} from it: \
         the log was cut or damaged, and what stood in it last is gone from it",
        path.display()
    )
}

fn file_gone(path: &Path) -> String {
    format!("the journal's file {} is gone or empty, but its write-ahead log is there", path.display())
}

fn unreached(path: &Path, last: u64, known: u64) -> String {
    let (path, found) = match last {
        0 => (path.display(), "holds no record".to_owned()),
        last => (path.display(), format!("ends with record {last}")),
    };
    format!(
        "the journal {path} {found}, but the controller that was cut off had stored up to record {known}: what lies \
         between is gone"
    )
}

fn shorter(path: &Path, last: u64, known: u64, snapshot: &Path) -> String {
    format!(
        "the journal {} ends with record {last}, but the snapshot {} was made after record {known}: what lies \
         between is gone",
        path.display(),
        snapshot.display()
    )
}

fn other_hall(path: &Path, found: &str, expected: &str) -> String {
    format!("the journal {} belongs to hall {found:?}, not to hall {expected:?}", path.display())
}

fn unreadable(path: &Path, source: &io::Error) -> String {
    format!("{} cannot be read ({source})", path.display())
}

fn read_remedy(source: &io::Error) -> &'static str {
    match source.kind() {
        io::ErrorKind::PermissionDenied => "run this as the controller's user, or let your user read it",
        io::ErrorKind::NotADirectory => "name with --data the directory in which the journal lies",
        _ => "check its disk",
    }
}

fn remedy(source: &io::Error) -> &'static str {
    match source.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "free some space on its disk",
        io::ErrorKind::ReadOnlyFilesystem => {
            "mount it for writing; a disk that turned read-only by itself is failing"
        }
        _ => "check that it exists and that the controller's user may write into it",
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
