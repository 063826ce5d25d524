//! Storage fails while the engine decides ahead of it. Nothing that stands on
//! a lost event reaches the disk, and the hall goes on once the disk does.

use std::convert::Infallible;
use std::sync::mpsc::{self, Receiver, Sender};

use hall_journal::memory::{Fault, FaultyStore, MemoryStore, Write};
use hall_journal::{
    AppendError, Commit, Committer, ENTRY_BYTES_MAX, Entry, Head, JournalWriter, QUEUE_SUBMISSIONS,
    ResumeError, Trouble, TroubleKind, chain,
};

use crate::hall::{HALL, append, ticket_issued, tickets};

/// A writer on a disk in memory. Each write waits until the test lets it go, so
/// that the test decides what is queued meanwhile.
struct Hall {
    writer: JournalWriter,
    disk: MemoryStore,
    started: Receiver<Write>,
    outcome: Sender<Option<Fault>>,
    answers: Receiver<(&'static str, Result<Commit, AppendError>)>,
    answer: Sender<(&'static str, Result<Commit, AppendError>)>,
}

impl Hall {
    fn open() -> Self {
        let disk = MemoryStore::new(HALL);
        let (starting, started) = mpsc::channel();
        let (outcome, outcomes) = mpsc::channel();
        let store = FaultyStore::new(disk.clone(), move |write| {
            starting.send(write).unwrap();
            // A test that has ended lets everything pass.
            outcomes.recv().unwrap_or(None)
        });
        let committer = Committer::replay(store, chain::genesis(HALL), |_| Ok::<(), Infallible>(())).unwrap();
        let (answer, answers) = mpsc::channel();
        Self { writer: JournalWriter::start(committer).unwrap(), disk, started, outcome, answers, answer }
    }

    fn submit(&self, name: &'static str, entries: Vec<Entry>) {
        let answer = self.answer.clone();
        self.writer.reserve().unwrap().append(entries, move |result| drop(answer.send((name, result))));
    }

    fn resume(&self, rolled_back_to: u64) -> Receiver<Result<Head, ResumeError>> {
        let (answer, answered) = mpsc::channel();
        self.writer.reserve().unwrap().resume(rolled_back_to, move |result| drop(answer.send(result)));
        answered
    }

    /// Waits until the thread is at its next write.
    fn write_begins(&self) -> Write {
        self.started.recv().unwrap()
    }

    fn write_ends(&self, fault: Option<Fault>) {
        self.outcome.send(fault).unwrap();
    }

    /// The next answers: to what, and from which record to which.
    fn answers(&self, count: usize) -> Vec<(&'static str, Numbers)> {
        (0..count)
            .map(|_| self.answers.recv().unwrap())
            .map(|(name, result)| (name, result.map(|commit| (commit.first_seq, commit.last_seq))))
            .collect()
    }

    /// What a start finds on the disk, which is a whole chain.
    fn kept(&self) -> Vec<String> {
        let mut kept = Vec::new();
        let replayed = Committer::replay(self.disk.clone(), chain::genesis(HALL), |record| {
            kept.push(record.body);
            Ok::<(), Infallible>(())
        });
        assert_eq!(replayed.map(|_| ()), Ok(()));
        kept
    }
}

type Numbers = Result<(u64, u64), AppendError>;

fn injected(kind: TroubleKind) -> Trouble {
    Trouble { kind, detail: "injected".to_owned() }
}

fn bodies(numbers: impl IntoIterator<Item = u64>) -> Vec<String> {
    numbers.into_iter().map(|n| ticket_issued(n).body).collect()
}

#[test]
fn all_that_queues_up_during_one_sync_shares_the_next_and_is_answered_in_order() {
    let hall = Hall::open();
    hall.submit("first", tickets([1]));
    assert_eq!(hall.write_begins(), Write::Append { records: 1 });
    hall.submit("second", tickets([2, 3]));
    hall.submit("barrier", vec![]);
    hall.submit("third", tickets([4]));
    hall.write_ends(None);
    assert_eq!(hall.write_begins(), Write::Append { records: 3 });
    hall.write_ends(None);
    assert_eq!(
        hall.answers(4),
        [("first", Ok((1, 1))), ("second", Ok((2, 3))), ("barrier", Ok((4, 3))), ("third", Ok((4, 4)))]
    );
}

#[test]
fn nothing_is_answered_before_it_is_written() {
    let hall = Hall::open();
    hall.submit("ticket", tickets([1]));
    hall.write_begins();
    hall.submit("behind it", vec![]);
    assert!(hall.answers.try_recv().is_err());
    hall.write_ends(None);
    assert_eq!(hall.answers(2), [("ticket", Ok((1, 1))), ("behind it", Ok((2, 1)))]);
}

#[test]
fn a_full_disk_fails_what_was_being_written_and_all_that_was_decided_after_it() {
    let hall = Hall::open();
    hall.submit("kept", tickets([1]));
    hall.write_begins();
    hall.write_ends(None);
    assert_eq!(hall.answers(1), [("kept", Ok((1, 1)))]);

    hall.submit("lost", tickets([2]));
    hall.write_begins();
    hall.submit("on top of the lost", tickets([3]));
    hall.submit("barrier", vec![]);
    hall.write_ends(Some(Fault::Refused(TroubleKind::Full)));
    let full = injected(TroubleKind::Full);
    assert_eq!(
        hall.answers(3),
        [
            ("lost", Err(AppendError::Failed(full.clone()))),
            ("on top of the lost", Err(AppendError::Fenced(full.clone()))),
            ("barrier", Err(AppendError::Fenced(full.clone()))),
        ]
    );
    // The disk has space again, but the engine has not gone back yet.
    hall.submit("too early", tickets([4]));
    assert_eq!(hall.answers(1), [("too early", Err(AppendError::Fenced(full)))]);
    assert!(hall.started.try_recv().is_err(), "a fenced submission reached the disk");

    let resumed = hall.resume(1);
    assert_eq!(hall.write_begins(), Write::Prove);
    hall.write_ends(None);
    assert_eq!(resumed.recv().unwrap().unwrap().seq, 1);
    hall.submit("after", tickets([5]));
    hall.write_begins();
    hall.write_ends(None);
    assert_eq!(hall.answers(1), [("after", Ok((2, 2)))]);
    assert_eq!(hall.kept(), bodies([1, 5]));
}

#[test]
fn a_resume_keeps_its_place_between_what_fails_and_what_is_tried() {
    let hall = Hall::open();
    hall.submit("lost", tickets([1]));
    hall.write_begins();
    hall.submit("before the resume", tickets([2]));
    let resumed = hall.resume(0);
    hall.submit("after the resume", tickets([3]));
    hall.write_ends(Some(Fault::Refused(TroubleKind::Io)));
    assert_eq!(hall.write_begins(), Write::Prove);
    hall.write_ends(None);
    assert_eq!(hall.write_begins(), Write::Append { records: 1 });
    hall.write_ends(None);
    let io = injected(TroubleKind::Io);
    assert_eq!(
        hall.answers(3),
        [
            ("lost", Err(AppendError::Failed(io.clone()))),
            ("before the resume", Err(AppendError::Fenced(io))),
            ("after the resume", Ok((1, 1))),
        ]
    );
    assert_eq!(resumed.recv().unwrap().unwrap().seq, 0);
    assert_eq!(hall.kept(), bodies([3]));
}

#[test]
fn the_fence_stays_while_the_disk_is_still_full() {
    let hall = Hall::open();
    hall.submit("lost", tickets([1]));
    hall.write_begins();
    hall.write_ends(Some(Fault::Refused(TroubleKind::Full)));
    for _ in 0..3 {
        let resumed = hall.resume(0);
        hall.write_begins();
        hall.write_ends(Some(Fault::Refused(TroubleKind::Full)));
        assert_eq!(resumed.recv().unwrap(), Err(ResumeError::Failed(injected(TroubleKind::Full))));
    }
    hall.submit("still too early", vec![]);
    assert!(matches!(hall.answers(2).pop(), Some((_, Err(AppendError::Fenced(_))))));
}

#[test]
fn an_engine_that_went_back_too_far_is_told_where_the_journal_ends() {
    let hall = Hall::open();
    hall.submit("its answer is lost", tickets([1]));
    hall.write_begins();
    hall.write_ends(Some(Fault::AnswerLost(TroubleKind::Io)));
    assert!(matches!(hall.answers(1).pop(), Some((_, Err(AppendError::Failed(_))))));

    let resumed = hall.resume(0);
    hall.write_begins();
    hall.write_ends(None);
    let durable = hall.disk.records()[0].head();
    assert_eq!(resumed.recv().unwrap(), Err(ResumeError::Elsewhere { asked: 0, durable }));
    hall.submit("still fenced", tickets([2]));
    assert!(matches!(hall.answers(1).pop(), Some((_, Err(AppendError::Fenced(_))))));

    let resumed = hall.resume(1);
    hall.write_begins();
    hall.write_ends(None);
    assert_eq!(resumed.recv().unwrap(), Ok(durable));
}

#[test]
fn a_resume_without_need_writes_nothing() {
    let hall = Hall::open();
    assert_eq!(hall.resume(0).recv().unwrap(), Ok(chain::genesis(HALL)));
    assert!(matches!(hall.resume(7).recv().unwrap(), Err(ResumeError::Elsewhere { asked: 7, .. })));
    assert!(hall.started.try_recv().is_err());
    hall.submit("ticket", tickets([1]));
    hall.write_begins();
    hall.write_ends(None);
    assert_eq!(hall.answers(1), [("ticket", Ok((1, 1)))]);
}

#[test]
fn an_event_beyond_all_measure_fences_like_a_failed_write() {
    let disk = MemoryStore::new(HALL);
    let mut committer =
        Committer::replay(disk.clone(), chain::genesis(HALL), |_| Ok::<(), Infallible>(())).unwrap();
    let huge = Entry { body: "9".repeat(ENTRY_BYTES_MAX), ..ticket_issued(2) };
    let answers = committer.commit(vec![tickets([1]), vec![ticket_issued(2), huge], tickets([3])]);
    assert!(matches!(&answers[0], Ok(Commit { last_seq: 1, .. })));
    assert!(
        matches!(&answers[1], Err(AppendError::Failed(trouble)) if trouble.kind == TroubleKind::TooLarge)
    );
    assert!(matches!(&answers[2], Err(AppendError::Fenced(_))));
    assert_eq!(disk.records().len(), 1);
    committer.resume(1).unwrap();
    assert!(committer.commit(vec![tickets([4])])[0].is_ok());
}

#[test]
fn room_in_the_queue_is_bounded_and_comes_back_with_each_answer() {
    let hall = Hall::open();
    let slots: Vec<_> = std::iter::from_fn(|| hall.writer.reserve()).collect();
    assert_eq!(slots.len(), QUEUE_SUBMISSIONS);
    drop(slots);

    hall.submit("being written", tickets([1]));
    hall.write_begins();
    while let Some(slot) = hall.writer.reserve() {
        let answer = hall.answer.clone();
        slot.append(vec![], move |result| drop(answer.send(("waiting", result))));
    }
    hall.write_ends(None);
    assert_eq!(hall.answers(1), [("being written", Ok((1, 1)))]);
    assert!(hall.writer.reserve().is_some(), "an answer came, but no room with it");
    assert_eq!(hall.answers(QUEUE_SUBMISSIONS - 1).len(), QUEUE_SUBMISSIONS - 1);
}

#[test]
fn closing_answers_everything_that_was_queued() {
    let Hall { writer, disk, started, outcome, .. } = Hall::open();
    let (answer, answers) = mpsc::channel();
    for n in 1..=20 {
        let answer = answer.clone();
        writer.reserve().unwrap().append(tickets([n]), move |result| drop(answer.send(result)));
    }
    drop((answer, outcome));
    writer.close().unwrap();
    assert!(started.try_iter().count() >= 1);
    let commits: Vec<u64> = answers.iter().map(|result| result.unwrap().last_seq).collect();
    assert_eq!(commits, (1..=20).collect::<Vec<_>>());
    assert_eq!(disk.records().len(), 20);
}

#[test]
fn a_journal_whose_thread_has_died_answers_that_it_is_closed() {
    let committer =
        Committer::replay(MemoryStore::new(HALL), chain::genesis(HALL), |_| Ok::<(), Infallible>(()))
            .unwrap();
    let writer = JournalWriter::start(committer).unwrap();
    let (dying, died) = mpsc::channel::<()>();
    writer.reserve().unwrap().append(vec![], move |_| {
        let _until_unwound = dying;
        panic!("the callback is at fault");
    });
    assert!(died.recv().is_err());
    // The channel closes an instant after the panic began; until then a
    // submission may still be dropped unanswered.
    while writer.reserve().is_some_and(|slot| {
        let (answer, answered) = mpsc::channel();
        slot.append(vec![], move |result| drop(answer.send(result)));
        answered.recv() != Ok(Err(AppendError::Closed))
    }) {}
    assert_eq!(append(&writer, tickets([1])), Err(AppendError::Closed));
    assert!(writer.close().is_err());
}
