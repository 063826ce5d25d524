//! A disk that outlives its controller, and what disks do: fill up, fail a sync, lie about it,
//! and hold part of a write when the process dies in it.
//!
//! It stands below [`Store`], where the hall has `SQLite`: a write is one transaction of a
//! write-ahead log, so the start must leave out an unfinished one and may find a failed one.

use std::cell::RefCell;
use std::rc::Rc;

use hall_journal::{ChainHash, Entry, Head, ReadError, Record, Store, Trouble, TroubleKind, chain};

use crate::mutant::Mutant;

/// What becomes of the next write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WriteFate {
    /// It is refused; nothing is on the disk.
    Refused,
    /// It fails; the bytes are on the disk, unseen, until something is written over them.
    Ghost,
    /// It succeeds, and the answer says otherwise.
    AnswerLost,
    /// The process dies in it: so many percent of the bytes are there.
    Torn(u64),
}

/// What is on the platters.
#[derive(Debug)]
pub(crate) struct Disk {
    genesis: Head,
    kept: Vec<Record>,
    /// A whole transaction behind the end that the log does not count in.
    ghost: Vec<Record>,
    /// The beginning of a transaction that was never finished.
    torn: Vec<Record>,
    /// Where each write that succeeded ended.
    writes: Vec<usize>,
    fate: Option<WriteFate>,
    /// What the last write was to write.
    attempted: Vec<ChainHash>,
    keeps_ghosts: bool,
}

impl Disk {
    pub(crate) fn new(hall: &str, keeps_ghosts: bool) -> Self {
        Self {
            genesis: chain::genesis(hall),
            kept: Vec::new(),
            ghost: Vec::new(),
            torn: Vec::new(),
            writes: Vec::new(),
            fate: None,
            attempted: Vec::new(),
            keeps_ghosts,
        }
    }

    /// What the next write meets.
    pub(crate) fn foretell(&mut self, fate: Option<WriteFate>) {
        self.fate = fate;
    }

    /// Where the chain begins.
    pub(crate) fn genesis(&self) -> Head {
        self.genesis
    }

    pub(crate) fn records(&self) -> &[Record] {
        &self.kept
    }

    /// The file is opened after the process died: a whole transaction that was not seen to
    /// succeed may count in now, an unfinished one never does.
    pub(crate) fn reopen(&mut self, ghost_returns: bool, mutant: Mutant) {
        self.fate = None;
        match mutant {
            Mutant::AcceptsTornWrite => self.kept.append(&mut self.torn),
            Mutant::DropsLastWriteOnRecovery => self.drop_last_write(),
            Mutant::DropsLastTicketOnRecovery => {
                let last = self.kept.iter().rposition(|record| record.kind == "issued");
                self.kept.truncate(last.unwrap_or(self.kept.len()));
            }
            Mutant::RechainsOnRecovery => self.chain_anew(),
            _ => {}
        }
        let ghost = std::mem::take(&mut self.ghost);
        let next = self.head().seq + 1;
        if ghost_returns && ghost.first().is_some_and(|first| first.seq == next) {
            self.keep(&ghost);
        }
        self.torn.clear();
    }

    fn drop_last_write(&mut self) {
        if let Some(end) = self.writes.pop()
            && end == self.kept.len()
        {
            self.kept.truncate(self.writes.last().copied().unwrap_or(0));
        }
    }

    /// The same events in other words, and a chain that holds.
    fn chain_anew(&mut self) {
        let (mut head, mut scratch) = (self.genesis, Vec::new());
        for record in &mut self.kept {
            let Record { at_ms, kind, cause, body, .. } = record.clone();
            let entry = Entry { at_ms, kind, cause, body: body + " " };
            *record = chain::seal(&head, entry, &mut scratch);
            head = record.head();
        }
    }

    /// What was to be written since this was last asked.
    pub(crate) fn take_attempted(&mut self) -> Vec<ChainHash> {
        std::mem::take(&mut self.attempted)
    }

    /// What the last failed write may have left behind.
    pub(crate) fn ghosts(&self) -> &[Record] {
        &self.ghost
    }

    fn head(&self) -> Head {
        self.kept.last().map_or(self.genesis, Record::head)
    }

    fn keep(&mut self, records: &[Record]) {
        self.kept.extend_from_slice(records);
        self.writes.push(self.kept.len());
        self.ghost.clear();
        self.torn.clear();
    }

    fn append(&mut self, records: &[Record]) -> Result<(), Trouble> {
        self.attempted = records.iter().map(|record| record.hash).collect();
        let next = self.head().seq + 1;
        if records.first().is_some_and(|first| first.seq != next) {
            return Err(trouble(TroubleKind::Conflict));
        }
        match self.fate.take() {
            None => {
                self.keep(records);
                Ok(())
            }
            Some(WriteFate::Refused) => Err(trouble(TroubleKind::Full)),
            Some(WriteFate::Ghost) => {
                self.ghost = records.to_vec();
                Err(trouble(TroubleKind::Io))
            }
            Some(WriteFate::AnswerLost) => {
                self.keep(records);
                Err(trouble(TroubleKind::Io))
            }
            Some(WriteFate::Torn(percent)) => {
                self.tear(records, percent);
                Err(trouble(TroubleKind::Io))
            }
        }
    }

    fn tear(&mut self, records: &[Record], percent: u64) {
        if percent >= 100 {
            self.keep(records);
            return;
        }
        let bytes: usize = records.iter().map(|record| record.body.len() + record.cause.len()).sum();
        let mut left = bytes * usize::try_from(percent).unwrap_or(0) / 100;
        self.torn.clear();
        for record in records {
            let size = record.body.len() + record.cause.len();
            if left < size {
                // A short write: the record's first bytes, without its end.
                if left > record.cause.len() {
                    let cut = left - record.cause.len();
                    let body = String::from_utf8_lossy(&record.body.as_bytes()[..cut]).into_owned();
                    self.torn.push(Record { body, ..record.clone() });
                }
                break;
            }
            left -= size;
            self.torn.push(record.clone());
        }
    }

    fn prove(&mut self) -> Result<(), Trouble> {
        match self.fate.take() {
            None => {
                if !self.keeps_ghosts {
                    self.ghost.clear();
                }
                Ok(())
            }
            Some(_) => Err(trouble(TroubleKind::Full)),
        }
    }
}

fn trouble(kind: TroubleKind) -> Trouble {
    Trouble { kind, detail: "simulated".to_owned() }
}

/// The disk as one process has it open.
#[derive(Debug, Clone)]
pub(crate) struct OpenDisk(pub(crate) Rc<RefCell<Disk>>);

impl Store for OpenDisk {
    fn append_batch(&mut self, records: &[Record]) -> Result<(), Trouble> {
        self.0.borrow_mut().append(records)
    }

    fn prove_writable(&mut self) -> Result<(), Trouble> {
        self.0.borrow_mut().prove()
    }

    fn read_from(&self, seq: u64, visit: &mut dyn FnMut(Record) -> bool) -> Result<(), ReadError> {
        for record in self.0.borrow().kept.iter().filter(|record| record.seq >= seq) {
            if !visit(record.clone()) {
                break;
            }
        }
        Ok(())
    }

    fn head(&self) -> Result<Head, ReadError> {
        Ok(self.0.borrow().head())
    }

    fn close(self) -> Result<(), Trouble> {
        Ok(())
    }
}
