//! The durable memory of a hall: every event in order, hash-chained, on disk
//! before anyone is told.
//!
//! A journal is opened, replayed and then written, in that order and no other:
//!
//! ```
//! use hall_journal::{Entry, Journal};
//!
//! # let directory = tempfile::tempdir()?;
//! let opened = Journal::open(directory.path(), "county-hall")?;
//! let journal = opened.replay(|record| {
//!     println!("{} {}", record.seq, record.body); // the engine applies it to its hall
//!     Ok::<(), std::convert::Infallible>(())
//! })?;
//! let writer = journal.start()?;
//!
//! let issued = Entry {
//!     at_ms: 1_767_225_600_000,
//!     kind: "TicketIssued".into(),
//!     cause: r#"{"device":"kiosk-1","sequence":17}"#.into(),
//!     body: r#"{"ticket":"A012","service":"social-insurance"}"#.into(),
//! };
//! let (answer, answered) = std::sync::mpsc::channel();
//! let slot = writer.reserve().ok_or("the journal's queue is full")?;
//! slot.append(vec![issued], move |result| drop(answer.send(result)));
//! assert_eq!(answered.recv()??.first_seq, 1); // durable: the citizen may see it now
//! writer.close()?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! | module | what it knows |
//! |---|---|
//! | [`chain`] | the byte layout of the hashes, for auditors; where a chain breaks |
//! | [`committer`](Committer) | batches and the fence after a failed commit, over any [`Store`] |
//! | [`submission`](Submission) | hashes that are made while the thread has other things to do |
//! | [`writer`](JournalWriter) | the thread: one fsync for all that is queued |
//! | [`memory`] | a store for tests and simulation, with faults on cue |
//! | [`verify`], [`JournalReader`] | audit and reading of a file, beside a running controller |
//! | [`backup()`], [`restore`] | copies of a journal, checked from end to end |
//! | [`accept_loss`] | what is whole of a journal that lost records, for those who go on without them |
//! | [`Contacts`] | citizens' phone numbers: beside the journal, erasable, never in it |
//! | [`Snapshot`] | states kept beside the journal, so that a start reads only what came after |
//!
//! Deliberately absent: what events mean, any clock, any async runtime, and any
//! way to change or delete a record.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

mod backup;
pub mod chain;
mod committer;
mod contacts;
mod error;
mod journal;
mod lock;
mod lost;
pub mod memory;
mod reader;
mod record;
mod salvage;
mod snapshot;
mod spent;
mod sqlite;
mod store;
mod submission;
mod unfinished;
mod verify;
mod writer;

pub use backup::{BackupError, backup, restore, verify_backup};
pub use chain::ChainBreak;
pub use committer::{AppendError, Commit, Committer, ResumeError};
pub use contacts::{CONTACTS_FILE, Contacts, ContactsError, Erasure, PHONES_A_DAY_MAX, Whose};
pub use error::{JournalError, ReplayError};
pub use journal::{Journal, OpenJournal};
pub use lock::DirectoryLock;
pub use reader::JournalReader;
pub use record::{ChainHash, ENTRY_BYTES_MAX, Entry, HashError, Head, Record};
pub use salvage::{AcceptError, Accepted, accept_loss};
pub use snapshot::{Snapshot, SnapshotError};
pub use sqlite::{JOURNAL_FILE, Unreachable};
pub use store::{CheckedReadError, ReadError, Store, Trouble, TroubleKind};
pub use submission::Submission;
pub use unfinished::Unfinished;
pub use verify::{VerifyReport, verify, verify_file};
pub use writer::{CloseError, JournalWriter, QUEUE_SUBMISSIONS, Slot};
