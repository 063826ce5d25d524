//! What the journal asks of the place it is kept in, and how that place says no.
//!
//! The rules of chain and fence sit above this trait and the disk below it, so
//! that the very same rules run over `SQLite` in a hall and over memory with
//! faults in a simulation.

use crate::chain::{ChainBreak, ChainCheck};
use crate::record::{Head, Record};

/// A durable, append-only home for records.
pub trait Store {
    /// Makes all of `records` durable, or none of them.
    ///
    /// After an error none of them may be seen by [`read_from`](Self::read_from)
    /// or [`head`](Self::head) of this store. A store that cannot rule out that
    /// the records turn up after a crash must rule it out in
    /// [`prove_writable`](Self::prove_writable).
    fn append_batch(&mut self, records: &[Record]) -> Result<(), Trouble>;

    /// Makes a durable write that changes no record, and takes as much room as a press does.
    ///
    /// Success means two things: the store takes writes again, and whatever an
    /// append that failed earlier may have left behind can no longer come back.
    fn prove_writable(&mut self) -> Result<(), Trouble>;

    /// Hands all records from number `seq` on to `visit`, in order, until it
    /// returns `false`.
    fn read_from(&self, seq: u64, visit: &mut dyn FnMut(Record) -> bool) -> Result<(), ReadError>;

    /// The head of the last append that succeeded, as noted beside the records.
    fn head(&self) -> Result<Head, ReadError>;

    /// Ends the use of the store in good order, leaving nothing to recover.
    fn close(self) -> Result<(), Trouble>
    where
        Self: Sized;
}

/// Reads everything after `from`, checks the chain as it goes, and hands each
/// record that is in order to `visit`. Returns the head reached.
pub(crate) fn read_checked<S: Store, E>(
    store: &S,
    from: Head,
    mut visit: impl FnMut(Record) -> Result<(), E>,
) -> Result<Head, CheckedReadError<E>> {
    let mut check = ChainCheck::after(from);
    let mut stopped = None;
    let read = store.read_from(from.seq + 1, &mut |record| {
        let step = match check.next(&record) {
            Ok(()) => visit(record).map_err(CheckedReadError::Visitor),
            Err(broken) => Err(CheckedReadError::Broken(broken)),
        };
        stopped = step.err();
        stopped.is_none()
    });
    if let Some(error) = stopped {
        return Err(error);
    }
    let unreadable = |seq: u64, error: ReadError| match error {
        ReadError::Trouble(Trouble { kind: TroubleKind::Damaged, detail }) => {
            CheckedReadError::Broken(ChainBreak::Unreadable {
                seq: i64::try_from(seq).unwrap_or(i64::MAX),
                detail,
            })
        }
        ReadError::Trouble(trouble) => CheckedReadError::Trouble(trouble),
        ReadError::Row { seq, detail } => CheckedReadError::Broken(ChainBreak::Unreadable { seq, detail }),
    };
    read.map_err(|error| unreadable(check.head().seq + 1, error))?;
    let noted = store.head().map_err(|error| unreadable(check.head().seq, error))?;
    check.finish(noted).map_err(CheckedReadError::Broken)
}

/// Why a read that checks the chain ended early.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CheckedReadError<E> {
    /// The chain is broken.
    #[error("{0}")]
    Broken(ChainBreak),
    /// The store failed.
    #[error("{0}")]
    Trouble(Trouble),
    /// The one who read would not go on.
    #[error("{0}")]
    Visitor(E),
}

/// Why a store could not do what was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{kind} ({detail})")]
pub struct Trouble {
    /// What a person or the engine can act on.
    pub kind: TroubleKind,
    /// What the store said, for the log.
    pub detail: String,
}

/// The kinds of storage trouble that call for different remedies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TroubleKind {
    /// No space left. Passes by itself once space is made.
    #[error("the disk is full")]
    Full,
    /// The file or its file system cannot be written.
    #[error("the journal is read-only")]
    ReadOnly,
    /// The device failed to read or write.
    #[error("the disk reported an error")]
    Io,
    /// Another program keeps the journal locked.
    #[error("another program keeps the journal locked")]
    Busy,
    /// What is on the disk is not what was written there.
    #[error("the journal is damaged")]
    Damaged,
    /// One event is larger than any event may be.
    #[error("an event is too large")]
    TooLarge,
    /// A record of that number is already there: something else writes too.
    #[error("another program wrote into the journal")]
    Conflict,
}

/// Why records could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// The store as a whole failed.
    #[error(transparent)]
    Trouble(#[from] Trouble),
    /// One row holds something no record can hold.
    #[error("record {seq} cannot be read: {detail}")]
    Row {
        /// The number the row carries, whatever it is.
        seq: i64,
        /// What is wrong with it.
        detail: String,
    },
}
