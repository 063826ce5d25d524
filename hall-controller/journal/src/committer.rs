//! Chain, batch and fence over a [`Store`], without thread, queue or clock.
//!
//! # The fence
//!
//! The engine decides ahead of the disk: while one batch is being synced it
//! already builds the next on top of it. When a commit fails, everything decided
//! after it stands on events that never happened. So a failure raises a fence:
//!
//! 1. the submissions of the failed commit fail, all of them;
//! 2. every later submission fails with [`AppendError::Fenced`], without being
//!    tried, even when the disk would take it by now;
//! 3. the engine goes back to its last durable state, which ends at the last
//!    [`Commit`] it was told, and calls [`Committer::resume`] with that number;
//! 4. `resume` makes a write of its own. That proves the disk works again *and*
//!    overwrites whatever the failed commit left in the write-ahead log, which
//!    otherwise might come back to life in a crash. If it fails the fence stays,
//!    and the engine tries again later;
//! 5. if the store's head is not where the engine went back to,
//!    [`ResumeError::Elsewhere`] says where it is, and the fence stays.
//!
//! One hole is left and cannot be closed from here: if the process dies between
//! the failed commit and the resume, a start may find the failed events in the
//! journal. They are whole and in order; only their sender was told they failed.
//! That is the lesser evil known from any commit whose answer is lost, and the
//! device that sends again is answered from the journal.

use crate::record::{ChainHash, ENTRY_BYTES_MAX, Entry, Head, Record};
use crate::store::{CheckedReadError, ReadError, Store, Trouble, TroubleKind, read_checked};
use crate::submission::Submission;

/// Turns submissions into sealed records and commits them in groups.
pub struct Committer<S> {
    store: S,
    head: Head,
    fence: Option<Trouble>,
    scratch: Vec<u8>,
    spent: Vec<Record>,
}

/// Proof that the entries of one submission are durable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Commit {
    /// Number of the submission's first record. For an empty submission the
    /// number the next record will get, one above `last_seq`.
    pub first_seq: u64,
    /// Number of its last record.
    pub last_seq: u64,
    /// Hash of that record: the chain up to and with this submission.
    pub head_hash: ChainHash,
}

/// Why a submission is not in the journal.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AppendError {
    /// The commit it was part of failed.
    #[error("the events could not be stored: {0}")]
    Failed(Trouble),
    /// It was not tried, because a commit before it failed and the engine has
    /// not gone back to the last durable state yet.
    #[error("the events were not stored, because those before them could not be: {0}")]
    Fenced(Trouble),
    /// The journal's thread has ended; the controller has to be started anew.
    #[error("the journal is closed")]
    Closed,
}

/// Why the fence stays up.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ResumeError {
    /// The store still takes no writes: try again later.
    #[error("the journal still cannot be written: {0}")]
    Failed(Trouble),
    /// The store cannot tell where it stands.
    #[error("the journal's head cannot be read: {0}")]
    Unreadable(ReadError),
    /// The engine went back to another point than the journal's head.
    #[error("the engine went back to record {asked}, but the journal ends with record {}", durable.seq)]
    Elsewhere {
        /// Where the engine went back to.
        asked: u64,
        /// Where the journal ends.
        durable: Head,
    },
    /// The journal's thread has ended; the controller has to be started anew.
    #[error("the journal is closed")]
    Closed,
}

impl<S: Store> Committer<S> {
    /// Reads everything in `store` after `from`, checking the chain, hands each
    /// record to `visit`, and goes on where the records end.
    ///
    /// There is no other way to a committer: nothing is ever appended to a chain
    /// that was not found whole.
    pub fn replay<E>(
        store: S,
        from: Head,
        visit: impl FnMut(Record) -> Result<(), E>,
    ) -> Result<Self, CheckedReadError<E>> {
        let head = read_checked(&store, from, visit)?;
        Ok(Self { store, head, fence: None, scratch: Vec::new(), spent: Vec::new() })
    }

    /// The last durable point.
    pub fn head(&self) -> Head {
        self.head
    }

    pub(crate) fn store_mut(&mut self) -> &mut S {
        &mut self.store
    }

    /// Commits all submissions of `group` in one write and answers each, in order.
    ///
    /// An empty submission is a barrier: it succeeds when everything before it
    /// is durable. A reply that changes nothing but was read from a state not
    /// yet durable waits behind one.
    pub fn commit<E: Into<Submission>>(&mut self, group: Vec<E>) -> Vec<Result<Commit, AppendError>> {
        let group: Vec<Submission> = group.into_iter().map(Into::into).collect();
        let mut records = Vec::with_capacity(group.iter().map(|submission| submission.entries().len()).sum());
        let mut answers = Vec::with_capacity(group.len());
        let mut head = self.head;
        for submission in group {
            if let Some(cause) = &self.fence {
                answers.push(Err(AppendError::Fenced(cause.clone())));
                continue;
            }
            if let Some(trouble) = submission.entries().iter().find_map(too_large) {
                answers.push(Err(AppendError::Failed(trouble.clone())));
                self.fence = Some(trouble);
                continue;
            }
            let first_seq = head.seq + 1;
            head = submission.seal(head, &mut self.scratch, &mut records);
            answers.push(Ok(Commit { first_seq, last_seq: head.seq, head_hash: head.hash }));
        }
        if records.is_empty() {
            return answers;
        }
        match self.store.append_batch(&records) {
            Ok(()) => self.head = head,
            Err(trouble) => {
                for answer in answers.iter_mut().filter(|answer| answer.is_ok()) {
                    *answer = Err(AppendError::Failed(trouble.clone()));
                }
                self.fence = Some(trouble);
            }
        }
        self.spent = records;
        answers
    }

    /// The records of the last commit, which nobody needs any more: for another thread to free, if the
    /// caller's has better things to do.
    pub(crate) fn take_spent(&mut self) -> Vec<Record> {
        std::mem::take(&mut self.spent)
    }

    /// Takes the fence down once the caller has gone back to the state after
    /// record `rolled_back_to` (0: the empty hall).
    ///
    /// Without a fence it only checks that number, and costs nothing.
    pub fn resume(&mut self, rolled_back_to: u64) -> Result<Head, ResumeError> {
        if self.fence.is_some() {
            self.store.prove_writable().map_err(ResumeError::Failed)?;
            self.head = self.store.head().map_err(ResumeError::Unreadable)?;
        }
        if self.head.seq != rolled_back_to {
            return Err(ResumeError::Elsewhere { asked: rolled_back_to, durable: self.head });
        }
        self.fence = None;
        Ok(self.head)
    }

    /// Ends the use of the store in good order.
    pub fn close(self) -> Result<(), Trouble> {
        self.store.close()
    }

    /// The store, as if the process had died here.
    pub fn into_store(self) -> S {
        self.store
    }
}

fn too_large(entry: &Entry) -> Option<Trouble> {
    let bytes = entry.text_bytes();
    (bytes > ENTRY_BYTES_MAX).then(|| Trouble {
        kind: TroubleKind::TooLarge,
        detail: format!("{}: {bytes} bytes, the limit is {ENTRY_BYTES_MAX} bytes", entry.kind),
    })
}
