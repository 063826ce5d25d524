//! Snapshots: the state of a hall after some record, kept beside the journal so
//! that a start need only read what came after.
//!
//! A snapshot is a convenience and never a source: whoever doubts one replays
//! the journal. So each is a file of its own, and the journal's file stays one
//! that only ever grows and that every version opens. What the state means, and
//! in which `format` it is written, is the caller's business.
//!
//! # Layout, version 1
//!
//! `text` and numbers are as in [`chain`](crate::chain).
//!
//! ```text
//! text("hall-snapshot/1") text(hall) text(format)
//! seq 8 bytes, hash of that record 32 bytes, length of the state 8 bytes, state
//! BLAKE3 of all before, 32 bytes
//! ```

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use crate::record::{ChainHash, Head};

const LABEL: &str = "hall-snapshot/1";
const PREFIX: &str = "snapshot-";
const SUFFIX: &str = ".hall";
/// Behind the name of a snapshot that belongs to a journal no longer there.
const ASIDE: &str = ".set-aside";
const UNFINISHED: &str = "snapshot.part";

/// Snapshots kept: if the newest cannot be used, the one before can.
const KEPT: usize = 2;

/// Largest file read: keeps memory bounded whatever lies in the directory. A
/// hall with a hundred thousand tickets a day stays far below.
const FILE_BYTES_MAX: u64 = 1 << 28;

/// The state of a hall after a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// The hall.
    pub hall: String,
    /// What `state` is written in and by which rules it was reached. A snapshot
    /// of a format the reader does not know is of no use to it.
    pub format: String,
    /// The last record that is in the state.
    pub at: Head,
    /// The state, as the caller wrote it.
    pub state: Vec<u8>,
}

/// Why a snapshot is of no use. None of these is a danger: the journal is whole
/// without it.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// It cannot be read.
    #[error("the snapshot {} cannot be read: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// It is not what was written.
    #[error("the snapshot {} is damaged: {detail}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        detail: &'static str,
    },
    /// It was made from another journal than the one beside it.
    #[error("the snapshot {} was made from another journal: record {seq} differs or is not there", path.display())]
    Elsewhere {
        /// The file.
        path: PathBuf,
        /// The record it names.
        seq: u64,
    },
}

impl Snapshot {
    /// Where it is kept within a data directory.
    pub fn path(&self, directory: &Path) -> PathBuf {
        directory.join(format!("{PREFIX}{:020}{SUFFIX}", self.at.seq))
    }

    /// Keep it in `directory`, durably and whole or not at all; of the older ones
    /// one stays, and any that claims to be newer is from another journal and goes.
    ///
    /// Only the process that has the journal open for writing may call this.
    pub fn write(&self, directory: &Path) -> io::Result<()> {
        let unfinished = directory.join(UNFINISHED);
        let written = File::create(&unfinished)
            .and_then(|mut file| {
                file.write_all(&self.bytes())?;
                file.sync_all()
            })
            .and_then(|()| fs::rename(&unfinished, self.path(directory)));
        if let Err(error) = written {
            // Best effort: the next one begins with the same name.
            let _ = fs::remove_file(&unfinished);
            return Err(error);
        }
        File::open(directory)?.sync_all()?;
        let (mut kept, ours) = (0, self.at.seq);
        for (seq, path) in files(directory)? {
            kept += usize::from(seq <= ours);
            if seq > ours || kept > KEPT {
                fs::remove_file(path)?;
            }
        }
        Ok(())
    }

    /// The snapshots in `directory`, newest first. Each is read when it is asked for.
    pub fn newest_first(directory: &Path) -> impl Iterator<Item = Result<Self, SnapshotError>> + use<> {
        Self::files_in(directory).into_iter().map(|(_, path)| Self::read(&path))
    }

    /// The files of snapshots in `directory`, newest first, with the record each names.
    pub(crate) fn files_in(directory: &Path) -> Vec<(u64, PathBuf)> {
        // A directory that cannot be listed has none; the journal says what is wrong with it.
        files(directory).unwrap_or_default()
    }

    /// The newest of `files` that is an undamaged snapshot of `hall`, or of any, after a record behind `seq`.
    pub(crate) fn beyond<'a>(
        files: &'a [(u64, PathBuf)],
        hall: Option<&str>,
        seq: u64,
    ) -> Option<&'a (u64, PathBuf)> {
        files.iter().filter(|(named, _)| *named > seq).find(|(named, path)| {
            Self::read(path).is_ok_and(|snapshot| {
                hall.is_none_or(|hall| snapshot.hall == hall) && snapshot.at.seq == *named
            })
        })
    }

    /// Gives the files of snapshots behind record `seq` another name, in `into` if it is given, so that
    /// nothing takes them for what they were.
    pub(crate) fn set_aside_beyond(directory: &Path, seq: u64, into: Option<&Path>) -> io::Result<()> {
        for (_, path) in files(directory)?.into_iter().filter(|(named, _)| *named > seq) {
            let mut name = path.file_name().unwrap_or_default().to_owned();
            let to = into.unwrap_or_else(|| {
                name.push(ASIDE);
                directory
            });
            fs::rename(&path, to.join(name))?;
        }
        Ok(())
    }

    /// Read one file.
    pub fn read(path: &Path) -> Result<Self, SnapshotError> {
        let unreadable = |source| SnapshotError::Unreadable { path: path.to_owned(), source };
        let mut bytes = Vec::new();
        File::open(path)
            .and_then(|file| file.take(FILE_BYTES_MAX).read_to_end(&mut bytes))
            .map_err(unreadable)?;
        Self::parse(&bytes).map_err(|detail| SnapshotError::Damaged { path: path.to_owned(), detail })
    }

    fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.state.len() + 256);
        for text in [LABEL, &self.hall, &self.format] {
            put(&mut bytes, text.as_bytes());
        }
        bytes.extend_from_slice(&self.at.seq.to_le_bytes());
        bytes.extend_from_slice(self.at.hash.as_bytes());
        put(&mut bytes, &self.state);
        let sum = blake3::hash(&bytes);
        bytes.extend_from_slice(sum.as_bytes());
        bytes
    }

    fn parse(bytes: &[u8]) -> Result<Self, &'static str> {
        const SHORT: &str = "it ends too early";
        let (content, sum) = bytes.split_last_chunk::<{ ChainHash::BYTES }>().ok_or(SHORT)?;
        if blake3::hash(content).as_bytes() != sum {
            return Err("its checksum does not match");
        }
        let mut rest = Rest(content);
        if rest.block().ok_or(SHORT)? != LABEL.as_bytes() {
            return Err("it has another layout");
        }
        let mut text = || {
            let block = rest.block().ok_or(SHORT)?;
            String::from_utf8(block.to_vec()).map_err(|_| "its texts are not UTF-8")
        };
        let (hall, format) = (text()?, text()?);
        let seq = rest.number().ok_or(SHORT)?;
        let hash = ChainHash::from_bytes(*rest.take::<{ ChainHash::BYTES }>().ok_or(SHORT)?);
        let state = rest.block().ok_or(SHORT)?.to_vec();
        if !rest.0.is_empty() {
            return Err("it goes on after its end");
        }
        Ok(Self { hall, format, at: Head { seq, hash }, state })
    }
}

/// Snapshots by the names of their files, newest first.
fn files(directory: &Path) -> io::Result<Vec<(u64, PathBuf)>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str());
        let seq = name.and_then(|name| name.strip_prefix(PREFIX)?.strip_suffix(SUFFIX)?.parse().ok());
        found.extend(seq.map(|seq| (seq, path)));
    }
    found.sort_unstable_by(|a, b| b.cmp(a));
    Ok(found)
}

fn put(bytes: &mut Vec<u8>, block: &[u8]) {
    bytes.extend_from_slice(&(block.len() as u64).to_le_bytes());
    bytes.extend_from_slice(block);
}

/// What is left to read.
struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn take<const N: usize>(&mut self) -> Option<&'a [u8; N]> {
        let (taken, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(taken)
    }

    fn number(&mut self) -> Option<u64> {
        self.take().map(|bytes| u64::from_le_bytes(*bytes))
    }

    fn block(&mut self) -> Option<&'a [u8]> {
        let length = usize::try_from(self.number()?).ok()?;
        let (block, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(block)
    }
}
