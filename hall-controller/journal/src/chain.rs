//! The hash chain: how records are sealed, and how a chain is checked.
//!
//! Everything here is a pure function of bytes, so that an auditor can redo it
//! with any BLAKE3 tool and no trust in this program.
//!
//! # Byte layout, version 1
//!
//! `text(x)` is the length of `x` in bytes as an unsigned 64-bit little-endian
//! number, followed by the UTF-8 bytes of `x`. Numbers are 64-bit little-endian,
//! `at_ms` in two's complement. BLAKE3 is used plain (no key, no derivation
//! context), with its usual 32-byte output.
//!
//! ```text
//! genesis = BLAKE3( text("hall-journal/1/genesis") text(hall) )
//!
//! hash    = BLAKE3( text("hall-journal/1/record")
//!                   previous            32 bytes: hash of record seq-1, genesis for seq 1
//!                   seq                  8 bytes
//!                   at_ms                8 bytes
//!                   text(kind) text(cause) text(body) )
//! ```
//!
//! How often a journal took writes again after trouble is no record; its count is sealed apart, for one hall:
//!
//! ```text
//! mark    = the first 8 bytes, as a number, modulo 2^39, of
//!           BLAKE3( text("hall-journal/2/resumes") genesis  32 bytes  count  8 bytes )
//! ```
//!
//! The label in front keeps a genesis from ever being taken for a record; the
//! lengths keep bytes from moving unseen from one field to its neighbour.
//!
//! # What the chain can and cannot show
//!
//! It shows any edit made to the file by hand. It has no secret, so someone who
//! rewrites *every* record from some point on makes a chain that is whole again:
//! that shows only against a [`Head`] which was published before.

use crate::record::{ChainHash, Entry, Head, Record};

const GENESIS_LABEL: &str = "hall-journal/1/genesis";
const RECORD_LABEL: &str = "hall-journal/1/record";
const RESUMES_LABEL: &str = "hall-journal/2/resumes";

/// Bits of the mark that seals a count of resumes.
pub(crate) const RESUMES_MARK_BITS: u32 = 39;

/// The head of the empty journal of `hall`.
pub fn genesis(hall: &str) -> Head {
    let mut bytes = Vec::new();
    text(&mut bytes, GENESIS_LABEL);
    text(&mut bytes, hall);
    Head { seq: 0, hash: digest(&bytes) }
}

/// Makes `entry` the record that follows `previous`.
///
/// `scratch` is room for the bytes that are hashed; what is in it does not matter. One piece is hashed in
/// less time than many small ones, and room that is kept is not asked for at every record.
pub fn seal(previous: &Head, entry: Entry, scratch: &mut Vec<u8>) -> Record {
    let head = after(previous, &entry, scratch);
    Record::of(entry, head)
}

/// Where the chain ends once `entry` follows `previous`.
pub(crate) fn after(previous: &Head, entry: &Entry, scratch: &mut Vec<u8>) -> Head {
    let seq = previous.seq + 1;
    let Entry { at_ms, kind, cause, body } = entry;
    Head { seq, hash: record_hash(&previous.hash, seq, *at_ms, [kind, cause, body], scratch) }
}

/// The mark that seals `count` resumes of the journal of `hall`.
pub(crate) fn resumes_mark(hall: &str, count: u32) -> u64 {
    let mut bytes = Vec::new();
    text(&mut bytes, RESUMES_LABEL);
    bytes.extend_from_slice(genesis(hall).hash.as_bytes());
    bytes.extend_from_slice(&u64::from(count).to_le_bytes());
    let hash = digest(&bytes);
    u64::from_le_bytes(std::array::from_fn(|i| hash.as_bytes()[i])) % (1 << RESUMES_MARK_BITS)
}

fn record_hash(
    previous: &ChainHash,
    seq: u64,
    at_ms: i64,
    texts: [&str; 3],
    scratch: &mut Vec<u8>,
) -> ChainHash {
    scratch.clear();
    text(scratch, RECORD_LABEL);
    scratch.extend_from_slice(previous.as_bytes());
    scratch.extend_from_slice(&seq.to_le_bytes());
    scratch.extend_from_slice(&at_ms.to_le_bytes());
    for each in texts {
        text(scratch, each);
    }
    digest(scratch)
}

fn text(bytes: &mut Vec<u8>, text: &str) {
    bytes.extend_from_slice(&(text.len() as u64).to_le_bytes());
    bytes.extend_from_slice(text.as_bytes());
}

fn digest(bytes: &[u8]) -> ChainHash {
    ChainHash::from_bytes(*blake3::hash(bytes).as_bytes())
}

/// Walks a chain record by record and says where it first breaks.
#[derive(Clone, Debug)]
pub struct ChainCheck {
    head: Head,
    scratch: Vec<u8>,
}

impl ChainCheck {
    /// A check of the records that follow `head`, which is taken on trust.
    pub fn after(head: Head) -> Self {
        Self { head, scratch: Vec::new() }
    }

    /// The last point up to which the chain is known to be whole.
    pub fn head(&self) -> Head {
        self.head
    }

    /// Takes the next record as the store gave it.
    pub fn next(&mut self, record: &Record) -> Result<(), ChainBreak> {
        let expected = self.head.seq + 1;
        if record.seq > expected {
            return Err(ChainBreak::Missing { seq: expected, next: record.seq });
        }
        if record.seq < expected {
            return Err(ChainBreak::OutOfOrder { seq: record.seq, expected });
        }
        let Record { seq, at_ms, kind, cause, body, hash } = record;
        let texts = [kind.as_ref(), cause, body];
        if record_hash(&self.head.hash, *seq, *at_ms, texts, &mut self.scratch) != *hash {
            return Err(ChainBreak::Altered { seq: *seq });
        }
        self.head = record.head();
        Ok(())
    }

    /// Compares the end of the walk with the head the store has noted apart
    /// from the records: the chain itself cannot miss records cut off its end.
    pub fn finish(self, noted: Head) -> Result<Head, ChainBreak> {
        let reached = self.head;
        if reached.seq < noted.seq {
            return Err(ChainBreak::CutOff { seq: reached.seq + 1, head: noted.seq });
        }
        if reached.seq > noted.seq {
            return Err(ChainBreak::Added { seq: noted.seq + 1, head: noted.seq });
        }
        if reached.hash != noted.hash {
            return Err(ChainBreak::Rewritten { seq: reached.seq });
        }
        Ok(reached)
    }
}

/// The first place where a journal is not what was once written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChainBreak {
    /// The content of a record, or its place among the others, was changed.
    #[error("record {seq} does not match its hash: it was changed or moved after it was written")]
    Altered {
        /// Number of the record.
        seq: u64,
    },
    /// One or more records are gone from the middle.
    #[error("record {seq} is missing: the next one in the file is {next}")]
    Missing {
        /// Number of the first record that is gone.
        seq: u64,
        /// Number of the record found in its place.
        next: u64,
    },
    /// A record stands after one with a higher number.
    #[error("record {seq} stands where record {expected} belongs")]
    OutOfOrder {
        /// Number of the record found.
        seq: u64,
        /// Number of the record that belongs there.
        expected: u64,
    },
    /// Records are gone from the end.
    #[error("record {seq} is missing: the journal once ended with record {head}")]
    CutOff {
        /// Number of the first record that is gone.
        seq: u64,
        /// Number of the last record ever committed.
        head: u64,
    },
    /// Records were added to the end by something other than the controller.
    #[error("record {seq} was added by another program: the journal ends with record {head}")]
    Added {
        /// Number of the first record too many.
        seq: u64,
        /// Number of the last record the controller committed.
        head: u64,
    },
    /// The chain is whole but is not the one the controller wrote.
    #[error("record {seq} is not the one that was committed: it or records before it were written anew")]
    Rewritten {
        /// Number of the last record; the first rewritten one is at or before it.
        seq: u64,
    },
    /// The store cannot give back a record.
    #[error("record {seq} cannot be read: {detail}")]
    Unreadable {
        /// Number of the record; below 1 when the file holds a number that was never given out.
        seq: i64,
        /// What the store says.
        detail: String,
    },
}

impl ChainBreak {
    /// Number of the first bad record.
    pub fn first_bad_seq(&self) -> i64 {
        match self {
            Self::Altered { seq }
            | Self::Missing { seq, .. }
            | Self::OutOfOrder { seq, .. }
            | Self::CutOff { seq, .. }
            | Self::Added { seq, .. }
            | Self::Rewritten { seq } => i64::try_from(*seq).unwrap_or(i64::MAX),
            Self::Unreadable { seq, .. } => *seq,
        }
    }
}
