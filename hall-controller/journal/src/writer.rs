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
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SendError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::committer::{AppendError, Commit, Committer, ResumeError};
use crate::record::{Entry, Head};
use crate::spent::Spent;
use crate::store::{Store, Trouble};
use crate::submission::{Sealer, Submission};

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
    Append { submission: Submission, done: AppendDone, room: Room },
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
    sealer: Arc<Mutex<Sealer>>,
    spent: Arc<Spent>,
    commits: Arc<AtomicU64>,
}

impl JournalWriter {
    /// Starts the thread that writes through `committer`.
    pub fn start<S: Store + Send + 'static>(committer: Committer<S>) -> io::Result<Self> {
        let (inbox, messages) = sync_channel(QUEUE_SUBMISSIONS);
        let taken = Arc::default();
        let (spent, commits) = (Arc::<Spent>::default(), Arc::<AtomicU64>::default());
        let shared =
            Shared { taken: Arc::clone(&taken), spent: Arc::clone(&spent), commits: Arc::clone(&commits) };
        let sealer = Arc::new(Mutex::new(Sealer::after(committer.head())));
        let thread = thread::Builder::new()
            .name("journal".to_owned())
            .spawn(move || serve(committer, &messages, &shared))?;
        Ok(Self { inbox: Some(inbox), thread: Some(thread), taken, sealer, spent, commits })
    }

    /// Counts the commits that were tried since the start, each with one fsync: fewer than submissions where
    /// some shared one.
    pub fn commits(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.commits)
    }

    /// Takes room for one submission, or `None` while [`QUEUE_SUBMISSIONS`] are
    /// waiting; then room comes with the next answer.
    pub fn reserve(&self) -> Option<Slot<'_>> {
        let room = Room::take(&self.taken)?;
        Some(Slot { inbox: self.inbox.as_ref()?, room, sealer: &self.sealer, spent: &self.spent })
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
    sealer: &'a Arc<Mutex<Sealer>>,
    spent: &'a Spent,
}

impl Slot<'_> {
    /// Queues `entries`, to be committed together or not at all.
    ///
    /// Their hashes are made here and now, on the caller's thread: half a microsecond each. What is durable
    /// is freed here too. `done` is called exactly once, on the journal's thread and in the order of
    /// submission; it must not block (sending into a channel is what it is for). See [`Committer::commit`]
    /// for what an empty submission means.
    pub fn append(
        self,
        entries: Vec<Entry>,
        done: impl FnOnce(Result<Commit, AppendError>) + Send + 'static,
    ) {
        let Self { inbox, room, sealer, spent } = self;
        drop(spent.take());
        let submission = locked(sealer).seal(entries);
        send(inbox, Message::Append { submission, done: Box::new(done), room });
    }

    /// Asks to take the fence down, after the engine went back to the state
    /// after record `rolled_back_to`; see [`Committer::resume`].
    ///
    /// It keeps its place in the queue: what was submitted before it still
    /// fails, what is submitted after it is tried if the answer is `Ok`.
    pub fn resume(self, rolled_back_to: u64, done: impl FnOnce(Result<Head, ResumeError>) + Send + 'static) {
        let Self { inbox, room, sealer, spent: _ } = self;
        let sealer = Arc::clone(sealer);
        let done = Box::new(move |resumed: Result<Head, ResumeError>| {
            if let Ok(head) = resumed {
                *locked(&sealer) = Sealer::after(head);
            }
            done(resumed);
        });
        send(inbox, Message::Resume { rolled_back_to, done, room });
    }
}

/// Where the chain is to go on is a guess, and so is what a thread that panicked has left of it.
fn locked(sealer: &Mutex<Sealer>) -> MutexGuard<'_, Sealer> {
    sealer.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What the journal's thread has in common with those who hand in.
#[derive(Default)]
struct Shared {
    taken: Arc<AtomicUsize>,
    spent: Arc<Spent>,
    commits: Arc<AtomicU64>,
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

fn serve<S: Store>(
    mut committer: Committer<S>,
    inbox: &Receiver<Message>,
    Shared { taken, spent, commits }: &Shared,
) -> Result<(), Trouble> {
    let mut group = Group::default();
    let mut company = Company::after(Duration::ZERO, 0);
    while let Ok(message) = inbox.recv() {
        group.take(message, &mut committer);
        let until = Instant::now() + company.patience;
        while group.events < company.enough {
            let Some(message) = inbox.try_recv().ok().or_else(|| company.await_more(&group, inbox, until))
            else {
                break;
            };
            group.take(message, &mut committer);
        }
        let begun = Instant::now();
        let answers = group.commit(&mut committer);
        let written = committer.take_spent();
        commits.fetch_add(u64::from(!written.is_empty()), Ordering::Relaxed);
        company = Company::after(begun.elapsed(), taken.load(Ordering::Acquire));
        group.answer(answers);
        spent.put(written);
    }
    committer.close()
}

/// With so many, a sync costs each of them no more than being written does.
const EVENTS_WORTH_A_SYNC: usize = 32;

/// What part of a commit's time the next one waits for those who were just answered.
const PATIENCE: u32 = 2;

/// With so many a commit is large enough on any disk.
const EVENTS_ENOUGH: usize = 64;

/// Twice what it takes to write one event.
///
/// A commit of as many as its whole time divided by this is, commit after commit, one that is synced for
/// as long as it is written.
const TWICE_A_WRITE: Duration = Duration::from_micros(10);

/// How many take part at present, and how long one waits for them.
///
/// Whoever is answered may submit again a moment later. A commit that begins before that leaves them to
/// the one after it: with two submitters, every commit would take one of them along, and each would wait
/// for two. A single submitter, and so a quiet hall, is never waited for; nor is anybody once there are
/// [`EVENTS_WORTH_A_SYNC`], for then it is better that the engine decides what comes next meanwhile.
///
/// For the same reason a commit leaves to the next one what is queued beyond `enough`: one that took
/// everything along would answer everybody at once, and the journal would stand still until the engine
/// has decided what comes next. On a slow disk, where syncs are dear, it takes more.
struct Company {
    /// Submissions that were on their way when the last commit ended: in it, or queued behind it.
    expected: usize,
    patience: Duration,
    /// Events with which a commit begins, whoever else is queued.
    enough: usize,
}

impl Company {
    /// What holds after a commit that took so long, with so many submissions on their way.
    fn after(commit: Duration, expected: usize) -> Self {
        let written = commit.as_nanos() / TWICE_A_WRITE.as_nanos();
        let enough = usize::try_from(written).unwrap_or(usize::MAX).max(EVENTS_ENOUGH);
        Self { expected, patience: commit / PATIENCE, enough }
    }

    fn await_more(&self, group: &Group, inbox: &Receiver<Message>, until: Instant) -> Option<Message> {
        if group.waiting.len() >= self.expected || group.events >= EVENTS_WORTH_A_SYNC {
            return None;
        }
        inbox.recv_timeout(until.saturating_duration_since(Instant::now())).ok()
    }
}

/// The submissions that will share the next fsync.
#[derive(Default)]
struct Group {
    submissions: Vec<Submission>,
    events: usize,
    waiting: Vec<(AppendDone, Room)>,
}

impl Group {
    fn take<S: Store>(&mut self, message: Message, committer: &mut Committer<S>) {
        match message {
            Message::Append { submission, done, room } => {
                self.events += submission.entries().len();
                self.submissions.push(submission);
                self.waiting.push((done, room));
            }
            Message::Resume { rolled_back_to, done, room } => {
                let answers = self.commit(committer);
                self.answer(answers);
                let answer = committer.resume(rolled_back_to);
                drop(room);
                done(answer);
            }
        }
    }

    fn commit<S: Store>(&mut self, committer: &mut Committer<S>) -> Vec<Result<Commit, AppendError>> {
        self.events = 0;
        committer.commit(mem::take(&mut self.submissions))
    }

    fn answer(&mut self, answers: Vec<Result<Commit, AppendError>>) {
        for ((done, room), answer) in self.waiting.drain(..).zip(answers) {
            // First the room, then the answer: who waits for room is woken by an answer.
            drop(room);
            done(answer);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::chain;
    use crate::memory::{Fault, FaultyStore, MemoryStore, Write};
    use crate::store::TroubleKind;

    fn group(submissions: usize) -> Group {
        let taken = Arc::new(AtomicUsize::new(0));
        let waiting = |_| {
            let room = Room::take(&taken).expect("there is room");
            (Box::new(|_| ()) as AppendDone, room)
        };
        Group { waiting: (0..submissions).map(waiting).collect(), ..Group::default() }
    }

    fn resume() -> (SyncSender<Message>, Receiver<Message>) {
        let (sender, inbox) = sync_channel(1);
        let room = Room::take(&Arc::default()).expect("there is room");
        let message = Message::Resume { rolled_back_to: 0, done: Box::new(|_| ()), room };
        assert!(sender.send(message).is_ok());
        (sender, inbox)
    }

    /// A message is there in each case, so that nothing is awaited: what matters is whether it is asked for.
    #[test]
    fn a_commit_waits_for_as_many_as_took_part_in_the_last_one_and_no_more() {
        let company = Company { patience: Duration::from_secs(60), ..Company::after(Duration::ZERO, 2) };
        let until = Instant::now() + company.patience;
        let (_sender, inbox) = resume();
        assert!(company.await_more(&group(2), &inbox, until).is_none(), "both are there");
        assert!(company.await_more(&group(1), &inbox, until).is_some(), "the other one may come");
    }

    #[test]
    fn who_comes_alone_is_never_waited_for() {
        let company = Company { patience: Duration::from_secs(60), ..Company::after(Duration::ZERO, 1) };
        let (_sender, inbox) = resume();
        assert!(company.await_more(&group(1), &inbox, Instant::now() + company.patience).is_none());
        assert!(
            Company::after(Duration::ZERO, 0).await_more(&group(1), &inbox, Instant::now()).is_none(),
            "the first of all"
        );
    }

    #[test]
    fn who_does_not_come_is_waited_for_until_then_only() {
        let company = Company::after(Duration::ZERO, 2);
        let (_sender, inbox) = sync_channel(1);
        assert!(company.await_more(&group(1), &inbox, Instant::now()).is_none());
    }
    /// Three bursts are queued before the journal looks: each is a commit of its own.
    #[test]
    fn a_commit_leaves_to_the_next_what_it_can_do_without() {
        let sizes = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&sizes);
        let store = FaultyStore::new(MemoryStore::new("hall"), move |write| {
            seen.lock().expect("nobody panicked").push(write);
            None
        });
        let genesis = chain::genesis("hall");
        let committer = Committer::replay::<()>(store, genesis, |_| Ok(())).expect("it is empty");
        let (sender, inbox) = sync_channel(QUEUE_SUBMISSIONS);
        let taken = Arc::default();
        for events in [EVENTS_ENOUGH - 1, EVENTS_ENOUGH, 1, EVENTS_ENOUGH] {
            let entry = Entry { at_ms: 0, kind: "any".into(), cause: String::new(), body: String::new() };
            let room = Room::take(&taken).expect("there is room");
            let submission = vec![entry; events].into();
            send(&sender, Message::Append { submission, done: Box::new(|_| ()), room });
        }
        drop(sender);
        let shared = Shared { taken, ..Shared::default() };
        serve(committer, &inbox, &shared).expect("it closes");
        assert_eq!(shared.commits.load(Ordering::Relaxed), 2, "commits are counted, not submissions");
        let freed_elsewhere: Vec<usize> = shared.spent.take().iter().map(Vec::len).collect();
        assert_eq!(freed_elsewhere, [2 * EVENTS_ENOUGH - 1, EVENTS_ENOUGH + 1]);
        let commits = sizes.lock().expect("nobody panicked").clone();
        let of = |records| Write::Append { records };
        assert_eq!(commits, [of(2 * EVENTS_ENOUGH - 1), of(EVENTS_ENOUGH + 1)]);
    }

    /// What was decided on top of a failed commit was sealed for a place that never was.
    #[test]
    fn after_a_resume_hashes_are_made_ahead_for_the_right_place_again() {
        let mut tried = 0;
        let store = FaultyStore::new(MemoryStore::new("hall"), move |_| {
            tried += 1;
            (tried == 1).then_some(Fault::Refused(TroubleKind::Full))
        });
        let committer = Committer::replay::<()>(store, chain::genesis("hall"), |_| Ok(()));
        let writer = JournalWriter::start(committer.expect("it is empty")).expect("it starts");
        let append = || {
            let entry = Entry { at_ms: 0, kind: "any".into(), cause: String::new(), body: String::new() };
            let (answer, answered) = sync_channel(1);
            let slot = writer.reserve().expect("there is room");
            slot.append(vec![entry], move |result| drop(answer.send(result)));
            answered.recv().expect("it is answered")
        };
        assert!(append().is_err());
        assert_eq!(locked(&writer.sealer).head.seq, 1, "it was thought to be kept");
        let (answer, answered) = sync_channel(1);
        writer.reserve().expect("there is room").resume(0, move |result| drop(answer.send(result)));
        assert!(answered.recv().expect("it is answered").is_ok());
        let kept = append().expect("the disk has room again");
        assert_eq!(locked(&writer.sealer).head, Head { seq: 1, hash: kept.head_hash });
    }

    #[test]
    fn a_slow_disk_is_synced_for_more_at_a_time() {
        let enough = |millis| Company::after(Duration::from_millis(millis), 0).enough;
        assert_eq!((enough(0), enough(1), enough(20)), (EVENTS_ENOUGH, 100, 2_000));
    }
}
