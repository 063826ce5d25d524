//! What a write-ahead log holds beyond the place where `SQLite` stops reading it.
//!
//! Layout and checksums are those of "The WAL Format" in `SQLite`'s description of its file format.
//! A log is read up to the first frame whose checksum does not follow from the one before. A commit
//! is begun only when the one before it is on the disk, so a crash can spoil the frames of one commit,
//! the last. Frames that follow from one another are a run; what a failed or torn commit left in the
//! log is a run that holds no more than its own commit, at the end. A run with two is the proof that
//! a commit was whole once, and is damaged now.
//!
//! Frames of the log's earlier rounds, which are in the file already, have other salts.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufReader, ErrorKind, Read, Seek, SeekFrom};
use std::path::Path;

use super::place::{PAGE, PAGE_BYTES};

const HEADER_BYTES: usize = 32;
/// Where in the header they begin.
const SALTS_AT: u64 = 16;
const FRAME_HEADER_BYTES: usize = 24;
const FRAME_BYTES: usize = FRAME_HEADER_BYTES + PAGE;

/// The last bit says in which order of bytes checksums are taken.
const MAGIC: u32 = 0x377f_0682;
const VERSION: u32 = 3_007_000;

/// Commits that a run of frames must hold to prove that one before it was whole once.
const COMMITS_THAT_PROVE: u64 = 2;

/// Whole commits that can no longer be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unreachable {
    /// The frame at which reading ends, counted from 1; 0 for the log's header.
    pub frame: u64,
    /// Where in the log that begins.
    pub byte: u64,
    /// How many commits stand there and behind it.
    pub commits: u64,
}

/// The commits in `log` that `SQLite` would not find, although they were whole once and are not in
/// the file `journal`.
///
/// No damage is seen where it cannot be told from a crash: in the last commit, and where not one whole
/// commit is left behind it.
pub(crate) fn unreachable(log: &Path, journal: &Path) -> io::Result<Option<Unreachable>> {
    let mut header = [0; HEADER_BYTES];
    let mut file = match File::open(log) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        opened => opened?,
    };
    if !read_whole(&mut file, &mut header)? {
        return Ok(None);
    }
    let own = Order::of(&header);
    // The bit that says the order may be the damaged one.
    let orders =
        if Scan::new(&header, own).header_damaged { vec![Order::Little, Order::Big] } else { vec![own] };
    for order in orders {
        file.seek(SeekFrom::Start(HEADER_BYTES as u64))?;
        let mut scan = Scan::new(&header, order);
        scan.read(&mut BufReader::with_capacity(16 * FRAME_BYTES, &file))?;
        let found = scan.unreachable();
        // A header is written anew only when all of the log is in the file.
        if found.is_some() && !(scan.header_damaged && scan.is_in(journal)?) {
            return Ok(found);
        }
    }
    Ok(None)
}

/// The salts of a log, which are others in each of its rounds: after all of it was folded into the file
/// it is written from its start again.
pub(crate) fn round_of(log: &mut File) -> io::Result<[u8; 8]> {
    let mut salts = [0; 8];
    log.seek(SeekFrom::Start(SALTS_AT))?;
    // One that has no header yet is in a round of its own.
    read_whole(log, &mut salts)?;
    Ok(salts)
}

/// In which order the bytes of a word are taken for checksums.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Order {
    Little,
    Big,
}

impl Order {
    fn of(header: &[u8; HEADER_BYTES]) -> Self {
        if word(header, 0) & 1 == 0 { Self::Little } else { Self::Big }
    }

    fn word(self, bytes: &[u8]) -> u32 {
        let bytes = bytes.first_chunk().copied().unwrap_or_default();
        match self {
            Self::Little => u32::from_le_bytes(bytes),
            Self::Big => u32::from_be_bytes(bytes),
        }
    }
}

type Sum = [u32; 2];

fn checksum(order: Order, [mut s0, mut s1]: Sum, bytes: &[u8]) -> Sum {
    for pair in bytes.chunks_exact(8) {
        s0 = s0.wrapping_add(order.word(&pair[..4])).wrapping_add(s1);
        s1 = s1.wrapping_add(order.word(&pair[4..])).wrapping_add(s0);
    }
    [s0, s1]
}

/// A number as all of the log's fields are written.
fn word(bytes: &[u8], at: usize) -> u32 {
    Order::Big.word(bytes.get(at..).unwrap_or_default())
}

/// False at the end of the file.
fn read_whole(from: &mut impl Read, bytes: &mut [u8]) -> io::Result<bool> {
    match from.read_exact(bytes) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error),
    }
}

/// What is known of a log after so many frames.
struct Scan {
    order: Order,
    header_damaged: bool,
    /// Of the frames that count; taken from the first frame where the header is damaged.
    salts: Option<Sum>,
    /// The frame before: its checksum as written, and as it should be.
    before: [Sum; 2],
    frame: u64,
    /// The first frame that `SQLite` does not read.
    stopped: Option<u64>,
    /// Commits in the run of frames that goes on.
    run: u64,
    /// Commits of the frame before, which is of another round or has damaged salts.
    doubtful: u64,
    /// Commits in the runs before it that count.
    commits: u64,
    /// The newest version of each page, kept only where the header is damaged.
    pages: BTreeMap<u32, blake3::Hash>,
}

impl Scan {
    fn new(header: &[u8; HEADER_BYTES], order: Order) -> Self {
        let (stored, summed) = ([word(header, 24), word(header, 28)], checksum(order, [0; 2], &header[..24]));
        let right = word(header, 0) & !1 == MAGIC
            && word(header, 4) == VERSION
            && u64::from(word(header, 8)) == PAGE_BYTES
            && stored == summed;
        Self {
            order,
            header_damaged: !right,
            salts: right.then(|| [word(header, 16), word(header, 20)]),
            before: [stored, summed],
            frame: 0,
            stopped: (!right).then_some(0),
            run: 0,
            doubtful: 0,
            commits: 0,
            pages: BTreeMap::new(),
        }
    }

    fn read(&mut self, log: &mut impl Read) -> io::Result<()> {
        let mut frame = vec![0; FRAME_BYTES];
        while read_whole(log, &mut frame)? {
            self.take(&frame);
        }
        Ok(())
    }

    fn take(&mut self, frame: &[u8]) {
        self.frame += 1;
        let (head, page) = frame.split_at(FRAME_HEADER_BYTES);
        let (stored, salts) = ([word(head, 16), word(head, 20)], [word(head, 8), word(head, 12)]);
        let current = *self.salts.get_or_insert(salts) == salts;
        let sum = |before| checksum(self.order, checksum(self.order, before, &head[..8]), page);
        let [written, wanted] = self.before;
        let summed = sum(written);
        // Where only a checksum was damaged, the next frame still follows from the one it should be.
        let follows = summed == stored || (wanted != written && sum(wanted) == stored);
        if self.stopped.is_none() && !(current && summed == stored) {
            self.stopped = Some(self.frame);
        }
        self.before = [stored, summed];
        if self.stopped.is_some() {
            self.count(word(head, 4) != 0, current, follows);
            if self.header_damaged && current && follows {
                self.pages.insert(word(head, 0), blake3::hash(page));
            }
        }
    }

    /// Counts a frame that is not read.
    fn count(&mut self, commits: bool, current: bool, follows: bool) {
        let commits = u64::from(commits);
        if !current {
            // Of an earlier round, unless the next frame goes on from it with the salts of this one.
            self.end_run();
            self.doubtful = commits;
            return;
        }
        if !follows {
            self.end_run();
            self.doubtful = 0;
        }
        self.run += std::mem::take(&mut self.doubtful) + commits;
    }

    fn end_run(&mut self) {
        let enough = if self.header_damaged { 1 } else { COMMITS_THAT_PROVE };
        if self.run >= enough {
            self.commits += self.run;
        }
        self.run = 0;
    }

    fn unreachable(&mut self) -> Option<Unreachable> {
        self.end_run();
        let frame = self.stopped.filter(|_| self.commits > 0)?;
        let byte = match frame {
            0 => 0,
            frame => HEADER_BYTES as u64 + (frame - 1) * FRAME_BYTES as u64,
        };
        Some(Unreachable { frame, byte, commits: self.commits })
    }

    /// Whether all pages of the log stand in the file as they do here.
    fn is_in(&self, journal: &Path) -> io::Result<bool> {
        let mut file = File::open(journal)?;
        let mut page = vec![0; PAGE];
        for (number, hash) in &self.pages {
            file.seek(SeekFrom::Start(u64::from(number.saturating_sub(1)) * PAGE_BYTES))?;
            if !read_whole(&mut file, &mut page)? || blake3::hash(&page) != *hash {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

#[cfg(test)]
mod tests;
