//! A store in memory, and a wrapper that makes any store fail on cue.
//!
//! For tests and for the deterministic simulation of a hall: a [`MemoryStore`]
//! plays the disk that outlives its process, a [`FaultyStore`] plays what disks
//! do to people. Nothing here is used by a hall that is open.

use std::sync::{Arc, Mutex, PoisonError};

use crate::chain;
use crate::record::{Head, Record};
use crate::store::{ReadError, Store, Trouble, TroubleKind};

/// Records in memory. Clones share the same records, as two openings of one
/// disk would.
#[derive(Clone, Debug)]
pub struct MemoryStore {
    genesis: Head,
    records: Arc<Mutex<Vec<Record>>>,
}

impl MemoryStore {
    /// The empty journal of `hall`.
    pub fn new(hall: &str) -> Self {
        Self { genesis: chain::genesis(hall), records: Arc::default() }
    }

    /// All records, as a reader would find them now.
    pub fn records(&self) -> Vec<Record> {
        self.with(|records| records.clone())
    }

    fn with<T>(&self, look: impl FnOnce(&mut Vec<Record>) -> T) -> T {
        // A batch is pushed whole, so even a poisoned vector is in order.
        look(&mut self.records.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Store for MemoryStore {
    fn append_batch(&mut self, records: &[Record]) -> Result<(), Trouble> {
        let genesis = self.genesis;
        self.with(|kept| {
            let next = kept.last().map_or(genesis.seq, |record| record.seq) + 1;
            if records.first().is_some_and(|first| first.seq != next) {
                let detail = format!("the next record is {next}");
                return Err(Trouble { kind: TroubleKind::Conflict, detail });
            }
            kept.extend_from_slice(records);
            Ok(())
        })
    }

    fn prove_writable(&mut self) -> Result<(), Trouble> {
        Ok(())
    }

    fn read_from(&self, seq: u64, visit: &mut dyn FnMut(Record) -> bool) -> Result<(), ReadError> {
        for record in self.records().into_iter().filter(|record| record.seq >= seq) {
            if !visit(record) {
                break;
            }
        }
        Ok(())
    }

    fn head(&self) -> Result<Head, ReadError> {
        Ok(self.with(|records| records.last().map_or(self.genesis, Record::head)))
    }

    fn close(self) -> Result<(), Trouble> {
        Ok(())
    }
}

/// A write that a [`FaultyStore`] is about to make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Write {
    /// An append of so many records.
    Append {
        /// How many.
        records: usize,
    },
    /// A [`Store::prove_writable`].
    Prove,
}

/// How a write fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing is written.
    Refused(TroubleKind),
    /// Nothing can be seen now, but the bytes are on the disk: after a crash
    /// before the next good write, the records are there. What a failed fsync
    /// may do.
    Ghost(TroubleKind),
    /// The records are written and seen; only the answer says otherwise. What a
    /// database server does when the line breaks during a commit.
    AnswerLost(TroubleKind),
}

/// Decides for each write whether and how it fails.
pub type FaultPlan = Box<dyn FnMut(Write) -> Option<Fault> + Send>;

/// A store whose writes fail as a plan says.
pub struct FaultyStore<S> {
    inner: S,
    plan: FaultPlan,
    ghost: Vec<Record>,
}

impl<S: Store> FaultyStore<S> {
    /// `inner`, with the faults of `plan`.
    pub fn new(inner: S, plan: impl FnMut(Write) -> Option<Fault> + Send + 'static) -> Self {
        Self { inner, plan: Box::new(plan), ghost: Vec::new() }
    }

    /// The process dies here: gives back the disk as the next start finds it.
    pub fn crash(mut self) -> S {
        if !self.ghost.is_empty() {
            // A ghost follows the head it was written after; when that moved on
            // it was overwritten, so the refusal to append it is the right end.
            let _ = self.inner.append_batch(&self.ghost);
        }
        self.inner
    }

    fn trouble(kind: TroubleKind) -> Trouble {
        Trouble { kind, detail: "injected".to_owned() }
    }
}

impl<S: Store> Store for FaultyStore<S> {
    fn append_batch(&mut self, records: &[Record]) -> Result<(), Trouble> {
        match (self.plan)(Write::Append { records: records.len() }) {
            None => {
                self.inner.append_batch(records)?;
                self.ghost.clear();
                Ok(())
            }
            Some(Fault::Refused(kind)) => Err(Self::trouble(kind)),
            Some(Fault::Ghost(kind)) => {
                self.ghost = records.to_vec();
                Err(Self::trouble(kind))
            }
            Some(Fault::AnswerLost(kind)) => {
                self.inner.append_batch(records)?;
                self.ghost.clear();
                Err(Self::trouble(kind))
            }
        }
    }

    fn prove_writable(&mut self) -> Result<(), Trouble> {
        match (self.plan)(Write::Prove) {
            None => {
                self.inner.prove_writable()?;
                self.ghost.clear();
                Ok(())
            }
            Some(Fault::Refused(kind) | Fault::Ghost(kind)) => Err(Self::trouble(kind)),
            Some(Fault::AnswerLost(kind)) => {
                self.inner.prove_writable()?;
                self.ghost.clear();
                Err(Self::trouble(kind))
            }
        }
    }

    fn read_from(&self, seq: u64, visit: &mut dyn FnMut(Record) -> bool) -> Result<(), ReadError> {
        self.inner.read_from(seq, visit)
    }

    fn head(&self) -> Result<Head, ReadError> {
        self.inner.head()
    }

    fn close(self) -> Result<(), Trouble> {
        self.inner.close()
    }
}
