//! The journal's thread in virtual time: the real committer over the simulated disk, one write for
//! all that is queued, every submission answered in order.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use hall_journal::{AppendError, Commit, Committer, Entry, Head, QUEUE_SUBMISSIONS, ResumeError};

use crate::history::CrashPoint;
use crate::invariants::{Invariant, violated};
use crate::mutant::Mutant;
use crate::random::{Usual, Weather};
use crate::schedule::{Due, Sim};
use crate::store::{Disk, OpenDisk, WriteFate};

enum Job {
    Append(Vec<Entry>),
    Resume(u64),
}

/// What the engine hears.
#[derive(Debug)]
pub(crate) enum Told {
    Synced(Result<Commit, AppendError>),
    Resumed(Result<Head, ResumeError>),
}

/// The thread.
pub(crate) struct Writer {
    life: u32,
    committer: Committer<OpenDisk>,
    disk: Rc<RefCell<Disk>>,
    queue: VecDeque<Job>,
    writing: Vec<Job>,
}

impl Writer {
    pub(crate) fn new(life: u32, committer: Committer<OpenDisk>, disk: Rc<RefCell<Disk>>) -> Self {
        Self { life, committer, disk, queue: VecDeque::new(), writing: Vec::new() }
    }

    pub(crate) fn append(&mut self, sim: &mut Sim, entries: Vec<Entry>) {
        self.put(sim, Job::Append(entries));
    }

    pub(crate) fn resume(&mut self, sim: &mut Sim, seq: u64) {
        self.put(sim, Job::Resume(seq));
    }

    fn put(&mut self, sim: &mut Sim, job: Job) {
        self.queue.push_back(job);
        if self.queue.len() + self.writing.len() > QUEUE_SUBMISSIONS {
            sim.check(violated(Invariant::Bounded, || "the journal's queue".to_owned()));
        }
        self.begin(sim);
    }

    fn begin(&mut self, sim: &mut Sim) {
        if !self.writing.is_empty() || self.queue.is_empty() {
            return;
        }
        self.writing = self.queue.drain(..).collect();
        let mut takes_us = sim.between(Usual::Sync, 0, 200, 4_000);
        if let Some(hard) = sim.strikes(Weather::DiskSlow, 0) {
            takes_us += hard % 3_000_000;
        }
        sim.after(takes_us, Due::Written { life: self.life });
    }

    /// The write is done; gives what the engine is told, unless the process dies.
    pub(crate) fn written(&mut self, sim: &mut Sim) -> Vec<Told> {
        let mut told = Vec::new();
        let mut group = Vec::new();
        for job in std::mem::take(&mut self.writing) {
            match job {
                Job::Append(entries) => group.push(entries),
                Job::Resume(seq) => {
                    self.commit(sim, std::mem::take(&mut group), &mut told);
                    if sim.crashed {
                        return Vec::new();
                    }
                    told.push(Told::Resumed(self.take_fence_down(sim, seq)));
                }
            }
        }
        self.commit(sim, group, &mut told);
        if sim.crashed || sim.dies(CrashPoint::AfterWrite) {
            return Vec::new();
        }
        self.begin(sim);
        told
    }

    fn commit(&mut self, sim: &mut Sim, group: Vec<Vec<Entry>>, told: &mut Vec<Told>) {
        if group.iter().any(|entries| !entries.is_empty()) {
            let fate = if sim.dies(CrashPoint::DuringWrite) {
                Some(WriteFate::Torn(sim.between(Usual::Torn, 0, 0, 120)))
            } else if sim.strikes(Weather::DiskFull, 0).is_some() {
                Some(WriteFate::Refused)
            } else if sim.strikes(Weather::DiskGhost, 0).is_some() {
                Some(WriteFate::Ghost)
            } else if sim.strikes(Weather::DiskAnswerLost, 0).is_some() {
                Some(WriteFate::AnswerLost)
            } else {
                None
            };
            if let Some(fate) = fate {
                sim.tell(|| format!("a write meets {fate:?}"));
            }
            self.disk.borrow_mut().foretell(fate);
        }
        let answers = self.committer.commit(group);
        sim.ledger.attempted(&self.disk.borrow_mut().take_attempted());
        self.disk.borrow_mut().foretell(None);
        for record in self.disk.borrow().ghosts() {
            sim.ledger.write_failed(record.hash);
        }
        if sim.is(Mutant::IgnoresFence) && answers.iter().any(Result::is_err) {
            let head = self.committer.head().seq;
            let _ = self.committer.resume(head);
        }
        told.extend(answers.into_iter().map(Told::Synced));
    }

    fn take_fence_down(&mut self, sim: &mut Sim, seq: u64) -> Result<Head, ResumeError> {
        let fails =
            sim.strikes(Weather::DiskFull, 0).is_some() || sim.strikes(Weather::DiskGhost, 0).is_some();
        self.disk.borrow_mut().foretell(fails.then_some(WriteFate::Refused));
        let resumed = self.committer.resume(seq);
        self.disk.borrow_mut().foretell(None);
        sim.tell(|| format!("resume after record {seq}: {resumed:?}"));
        if resumed.is_ok() {
            sim.ledger.resumed();
        }
        resumed
    }

    /// The process dies: of a write under way something may be on the disk.
    pub(crate) fn die(mut self, sim: &mut Sim) {
        let mut group = Vec::new();
        for job in std::mem::take(&mut self.writing) {
            match job {
                Job::Append(entries) => group.push(entries),
                Job::Resume(_) => break,
            }
        }
        let percent = sim.between(Usual::Torn, 0, 0, 120);
        self.disk.borrow_mut().foretell(Some(WriteFate::Torn(percent)));
        let _ = self.committer.commit(group);
        sim.ledger.attempted(&self.disk.borrow_mut().take_attempted());
        self.disk.borrow_mut().foretell(None);
    }
}
