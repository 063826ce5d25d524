//! The journal's thread: gathers what is queued, commits it with one fsync,
//! answers each submission in order.
//!
//! Owns the [`Committer`] and with it the only way to write. Its queue is
//! bounded by [`QUEUE_SUBMISSIONS`]; room in it is taken before deciding, so
//! that a decision once made always fits. It loses nothing: whatever was queued
//! is answered exactly once, also when the writer is closed. Rules of chain and
//! fence are not here.

use std::io;
use std::mem;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SendError, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use crate::committer::{AppendError, Commit, Committer, ResumeError};
use crate::record::{Entry, Head};
use crate::store::{Store, Trouble};

/// Most submissions that may wait for their answer, and so the most that share
/// one fsync.
///
/// 64 in a batch already reach most of the disk's rate; sixteen times that
/// lets a slow disk (20 ms a sync) take 50,000 presses a second, far beyond any
/// hall, while a queue full of ordinary events stays below a megabyte.
pub const QUEUE_SUBMISSIONS: usize = 1024;

type AppendDone = Box<dyn FnOnce(Result<Commit, AppendError>) + Send>;
type ResumeDone = Box<dyn FnOnce(Result<Head, ResumeError>) + Send>;

enum Message {
    Append { entries: Vec<Entry>, done: AppendDone, room: Room },
    Resume { rolled_back_to: u64, done: ResumeDone, room: Room },
}

/// The writing end of an open journal.
///
/// Belongs to one engine: submissions are ordered by the order of the calls,
/// and the fence assumes that all of them build on one another.
#[derive(Debug)]
pub struct JournalWriter {
    // `None` only while closing.
    inbox: Option<SyncSender<Message>>,
    thread: Option<JoinHandle<Result<(), Trouble>>>,
    taken: Arc<AtomicUsize>,
}

impl JournalWriter {
    /// Starts the thread that writes through `committer`.
    pub fn start<S: Store + Send + 'static>(committer: Committer<S>) -> io::Result<Self> {
        let (inbox, messages) = sync_channel(QUEUE_SUBMISSIONS);
        let thread =
            thread::Builder::new().name("journal".to_owned()).spawn(move || serve(committer, &messages))?;
        Ok(Self { inbox: Some(inbox), thread: Some(thread), taken: Arc::default() })
    }

    /// Takes room for one submission, or `None` while [`QUEUE_SUBMISSIONS`] are
    /// waiting; then room comes with the next answer.
    pub fn reserve(&self) -> Option<Slot<'_>> {
        let room = Room::take(&self.taken)?;
        Some(Slot { inbox: self.inbox.as_ref()?, room })
    }

    /// Answers everything that is queued, brings the file in good order, and
    /// ends the thread. Blocks for as long as that takes.
    pub fn close(mut self) -> Result<(), CloseError> {
        self.end()
    }

    fn end(&mut self) -> Result<(), CloseError> {
        drop(self.inbox.take());
        let Some(thread) = self.thread.take() else { return Ok(()) };
        thread.join().map_err(|_| CloseError::Panicked)?.map_err(CloseError::Store)
    }
}

impl Drop for JournalWriter {
    fn drop(&mut self) {
        // Whoever wants to know how it went calls `close`.
        let _ = self.end();
    }
}

/// Why a journal did not close in good order. Everything acknowledged is safe
/// all the same: the next start recovers it from the log.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CloseError {
    /// The file could not be brought in order.
    #[error("the journal could not be closed: {0}")]
    Store(Trouble),
    /// The thread had died, most likely in a callback.
    #[error("the journal's thread had ended early")]
    Panicked,
}

/// Room for one submission. Given back when dropped unused.
#[derive(Debug)]
pub struct Slot<'a> {
    inbox: &'a SyncSender<Message>,
    room: Room,
}

impl Slot<'_> {
    /// Queues `entries`, to be committed together or not at all.
    ///
    /// `done` is called exactly once, on the journal's thread and in the order
    /// of submission; it must not block (sending into a channel is what it is
    /// for). See [`Committer::commit`] for what an empty submission means.
    pub fn append(
        self,
        entries: Vec<Entry>,
        done: impl FnOnce(Result<Commit, AppendError>) + Send + 'static,
    ) {
        let Self { inbox, room } = self;
        send(inbox, Message::Append { entries, done: Box::new(done), room });
    }

    /// Asks to take the fence down, after the engine went back to the state
    /// after record `rolled_back_to`; see [`Committer::resume`].
    ///
    /// It keeps its place in the queue: what was submitted before it still
    /// fails, what is submitted after it is tried if the answer is `Ok`.
    pub fn resume(self, rolled_back_to: u64, done: impl FnOnce(Result<Head, ResumeError>) + Send + 'static) {
        let Self { inbox, room } = self;
        send(inbox, Message::Resume { rolled_back_to, done: Box::new(done), room });
    }
}

/// Never waits: there is room in the channel for every [`Room`] there is.
fn send(inbox: &SyncSender<Message>, message: Message) {
    if let Err(SendError(message)) = inbox.send(message) {
        match message {
            Message::Append { done, .. } => done(Err(AppendError::Closed)),
            Message::Resume { done, .. } => done(Err(ResumeError::Closed)),
        }
    }
}

/// One of [`QUEUE_SUBMISSIONS`] places in the queue.
#[derive(Debug)]
struct Room {
    taken: Arc<AtomicUsize>,
}

impl Room {
    fn take(taken: &Arc<AtomicUsize>) -> Option<Self> {
        taken
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |taken| {
                (taken < QUEUE_SUBMISSIONS).then_some(taken + 1)
            })
            .ok()?;
        Some(Self { taken: Arc::clone(taken) })
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        self.taken.fetch_sub(1, Ordering::AcqRel);
    }
}

fn serve<S: Store>(mut committer: Committer<S>, inbox: &Receiver<Message>) -> Result<(), Trouble> {
    let mut group = Group::default();
    while let Ok(message) = inbox.recv() {
        group.take(message, &mut committer);
        // Bounded: no more can be queued before the first of these is answered.
        while let Ok(message) = inbox.try_recv() {
            group.take(message, &mut committer);
        }
        group.commit(&mut committer);
    }
    committer.close()
}

/// The submissions that will share the next fsync.
#[derive(Default)]
struct Group {
    entries: Vec<Vec<Entry>>,
    waiting: Vec<(AppendDone, Room)>,
}

impl Group {
    fn take<S: Store>(&mut self, message: Message, committer: &mut Committer<S>) {
        match message {
            Message::Append { entries, done, room } => {
                self.entries.push(entries);
                self.waiting.push((done, room));
            }
            Message::Resume { rolled_back_to, done, room } => {
                self.commit(committer);
                let answer = committer.resume(rolled_back_to);
                drop(room);
                done(answer);
            }
        }
    }

    fn commit<S: Store>(&mut self, committer: &mut Committer<S>) {
        let answers = committer.commit(mem::take(&mut self.entries));
        for ((done, room), answer) in self.waiting.drain(..).zip(answers) {
            // First the room, then the answer: who waits for room is woken by an answer.
            drop(room);
            done(answer);
        }
    }
}
