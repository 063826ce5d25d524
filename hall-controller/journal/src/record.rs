//! What the journal is made of: an [`Entry`] as the engine hands it in, the
//! [`Record`] it becomes, and the [`Head`] that names a point of the chain.
//!
//! Deliberately absent: any knowledge of what an event means. `cause` and
//! `body` are JSON text that the journal keeps to the byte and never parses.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

/// Most bytes that kind, cause and body of one entry may have together.
///
/// An event of the hall is a few hundred bytes; the largest imaginable one (a
/// whole day's appointments imported at once) stays below this. The limit keeps
/// a reader's memory bounded whatever the file claims.
pub const ENTRY_BYTES_MAX: usize = 1 << 20;

/// One event on its way into the journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// When it happened, in milliseconds since 1970-01-01 UTC, by the clock of
    /// the caller: the journal has none of its own.
    pub at_ms: i64,
    /// The name of the event's kind, `TicketIssued` for example.
    pub kind: Cow<'static, str>,
    /// Who or what brought it about, as JSON.
    pub cause: String,
    /// The event itself, as JSON.
    pub body: String,
}

impl Entry {
    /// Bytes of text this entry brings.
    pub(crate) fn text_bytes(&self) -> usize {
        self.kind.len() + self.cause.len() + self.body.len()
    }
}

/// One event as the journal keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Its place: the first record of a journal is 1, and no number is left out.
    pub seq: u64,
    /// See [`Entry::at_ms`].
    pub at_ms: i64,
    /// See [`Entry::kind`].
    pub kind: Cow<'static, str>,
    /// See [`Entry::cause`].
    pub cause: String,
    /// See [`Entry::body`].
    pub body: String,
    /// Seals this record and all before it; see [`chain`](crate::chain).
    pub hash: ChainHash,
}

impl Record {
    /// The record that `entry` is at `place`.
    pub(crate) fn of(entry: Entry, place: Head) -> Self {
        let Entry { at_ms, kind, cause, body } = entry;
        Self { seq: place.seq, at_ms, kind, cause, body, hash: place.hash }
    }

    /// The point of the chain right after this record.
    pub fn head(&self) -> Head {
        Head { seq: self.seq, hash: self.hash }
    }
}

/// A point of the chain: the number and hash of the last record before it.
///
/// An empty journal's head has `seq` 0 and the hall's genesis hash. Whoever has
/// written down a head can later tell whether anything up to it was touched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// Number of the last record, 0 when there is none.
    pub seq: u64,
    /// Its hash.
    pub hash: ChainHash,
}

/// A BLAKE3 hash of the chain. Prints as 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ChainHash([u8; ChainHash::BYTES]);

impl ChainHash {
    /// Length of a hash in bytes.
    pub const BYTES: usize = 32;

    /// The hash with exactly these bytes.
    pub const fn from_bytes(bytes: [u8; Self::BYTES]) -> Self {
        Self(bytes)
    }

    /// The bytes of the hash.
    pub const fn as_bytes(&self) -> &[u8; Self::BYTES] {
        &self.0
    }
}

/// What was to be a hash is not 64 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a hash of the chain is 64 hexadecimal digits")]
pub struct HashError;

impl FromStr for ChainHash {
    type Err = HashError;

    fn from_str(text: &str) -> Result<Self, HashError> {
        let digits = text.as_bytes();
        let mut hash = [0; Self::BYTES];
        if digits.len() != 2 * Self::BYTES {
            return Err(HashError);
        }
        for (byte, pair) in hash.iter_mut().zip(digits.chunks_exact(2)) {
            let digit = |at: usize| pair.get(at).and_then(|digit| char::from(*digit).to_digit(16));
            let value = digit(0).zip(digit(1)).map(|(high, low)| high * 16 + low);
            *byte = value.and_then(|value| u8::try_from(value).ok()).ok_or(HashError)?;
        }
        Ok(Self(hash))
    }
}

impl fmt::Display for ChainHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for ChainHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
