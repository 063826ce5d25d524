//! The engine: one task owns the hall.
//!
//! It decides commands against a hall that runs ahead of the disk, hands the events to the
//! journal's thread, and goes on deciding while they are being synced. Answers, the picture for
//! signs and screens, and events for integrators leave only when their batch is durable.
//!
//! Owns both halls (ahead and durable). May lose nothing it has answered for; on storage trouble
//! it goes back to the durable hall and refuses. Ends when cancelled, after all that was taken in
//! is durable and answered, or when the journal can no longer be trusted.

mod clock_watch;
mod question;
mod trouble;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hall_core::answer::{Answer, LeftOut};
use hall_core::command::Command;
use hall_core::event::{Event, HandIn, Stamped};
use hall_core::refusal::Refusal;
use hall_core::view::HallView;
use hall_core::{Decision, Hall};
use hall_journal::{AppendError, Commit, Head, JournalWriter, ResumeError};
use tokio::sync::{broadcast, mpsc, watch};
use tokio_util::sync::CancellationToken;
use tracing::{debug, info, warn};

use self::clock_watch::ClockWatch;
use self::question::{QUESTIONS, Question};
use self::trouble::Trouble;
use crate::clock::Clock;
use crate::metrics::Metrics;
use crate::records;
use crate::snapshots::Keeper;

/// Commands that may wait for the engine. A full queue holds back the MQTT link, not the devices'
/// messages: those wait at the broker.
pub const QUEUE_COMMANDS: usize = 1_024;

/// Commands decided in one turn, before the journal is handed what they did.
const BATCH_COMMANDS: usize = 64;

/// Events kept for slow integrators; who falls further behind misses some and is told.
const EVENTS_KEPT: usize = 4_096;

/// How often the engine looks whether a new business day has begun.
const TICK: Duration = Duration::from_secs(1);

/// What came of a command, durable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// A press was done or refused; the same answer comes if it is repeated.
    Answered(Answer),
    /// Refused without a trace in the journal.
    Refused(Refusal),
    /// Done; nobody waits for an answer.
    Done,
}

/// Called once, when the outcome is durable. Must not block.
pub type WhenDurable = Box<dyn FnOnce(Outcome) + Send>;

/// A command on its way to the engine.
pub struct Submission {
    /// What is asked.
    pub command: Command,
    /// When it came in, or may have come in: to time its way, and a press is older by what has passed
    /// since.
    pub received: Instant,
    /// Whom to tell.
    pub done: WhenDurable,
}

/// An event with its place in the journal.
#[derive(Debug, Clone)]
pub struct Recorded {
    /// Its sequence.
    pub seq: u64,
    /// The event.
    pub stamped: Stamped,
}

/// How the engine is reached.
#[derive(Clone)]
pub struct EngineHandle {
    commands: mpsc::Sender<Submission>,
    questions: mpsc::Sender<Question>,
    view: watch::Receiver<Arc<HallView>>,
    events: broadcast::Sender<Arc<Recorded>>,
    trouble: watch::Receiver<Option<String>>,
}

/// The engine has ended.
#[derive(Debug, thiserror::Error)]
#[error("the hall controller is shutting down")]
pub struct Ended;

impl EngineHandle {
    /// Hand in a command; waits while [`QUEUE_COMMANDS`] are before it.
    pub async fn submit(&self, submission: Submission) -> Result<(), Ended> {
        self.commands.send(submission).await.map_err(|_| Ended)
    }

    /// The durable picture of the hall, always the latest.
    pub fn view(&self) -> watch::Receiver<Arc<HallView>> {
        self.view.clone()
    }

    /// Durable events from now on.
    pub fn events(&self) -> broadcast::Receiver<Arc<Recorded>> {
        self.events.subscribe()
    }

    /// Why nothing can be recorded at present, if so.
    pub fn trouble(&self) -> watch::Receiver<Option<String>> {
        self.trouble.clone()
    }
}

/// Why the engine stopped by itself.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The journal's thread ended or its file is not as the engine knows it.
    #[error(
        "the journal can no longer be trusted: {0}. The controller stops; started again it goes on \
         from what is on disk. If this returns, run `hall-controller audit verify`"
    )]
    Journal(String),
    /// A defect: an event without a JSON form.
    #[error("an event could not be written as JSON: {0}")]
    Encode(#[from] serde_json::Error),
    /// The last events could not be brought to disk in good order.
    #[error("the journal did not close in good order: {0}. What was acknowledged is safe")]
    Close(#[from] hall_journal::CloseError),
}

/// Commands decided together, waiting for the disk.
struct Batch {
    events: Vec<Stamped>,
    waiting: Vec<Waiting>,
}

/// Somebody who is told once the batch is durable.
struct Waiting {
    command: Command,
    outcome: Outcome,
    done: WhenDurable,
}

type Synced = Result<Commit, AppendError>;

/// The task's state.
pub struct Engine {
    ahead: Hall,
    durable: Hall,
    durable_seq: u64,
    in_flight: VecDeque<Batch>,
    writer: JournalWriter,
    clock: Clock,
    metrics: Arc<Metrics>,
    commands: mpsc::Receiver<Submission>,
    questions: mpsc::Receiver<Question>,
    synced: mpsc::UnboundedReceiver<Synced>,
    syncs: mpsc::UnboundedSender<Synced>,
    trouble: Trouble,
    view: watch::Sender<Arc<HallView>>,
    events: broadcast::Sender<Arc<Recorded>>,
    snapshots: Option<Keeper>,
    clock_watch: ClockWatch,
}

impl Engine {
    /// An engine for `hall`, which is the state after record `seq` of the journal `writer` writes.
    pub fn new(
        hall: Hall,
        seq: u64,
        writer: JournalWriter,
        clock: Clock,
        metrics: Arc<Metrics>,
    ) -> (Self, EngineHandle) {
        let (sender, commands) = mpsc::channel(QUEUE_COMMANDS);
        let (asking, questions) = mpsc::channel(QUESTIONS);
        // Bounded by the journal's own queue: one message for each batch in flight.
        let (syncs, synced) = mpsc::unbounded_channel();
        let (view, views) = watch::channel(Arc::new(HallView::of(&hall, seq)));
        let (events, _) = broadcast::channel(EVENTS_KEPT);
        let (trouble, told) = Trouble::new();
        let handle = EngineHandle {
            commands: sender,
            questions: asking,
            view: views,
            events: events.clone(),
            trouble: told,
        };
        let engine = Self {
            ahead: hall.clone(),
            durable: hall,
            durable_seq: seq,
            in_flight: VecDeque::new(),
            writer,
            clock,
            metrics,
            commands,
            questions,
            synced,
            syncs,
            trouble,
            view,
            events,
            snapshots: None,
            clock_watch: ClockWatch::default(),
        };
        (engine, handle)
    }

    /// The same engine, with snapshots of its durable hall kept by `keeper`.
    #[must_use]
    pub fn with_snapshots(self, keeper: Keeper) -> Self {
        Self { snapshots: Some(keeper), ..self }
    }

    /// Run until cancelled; then finish what was taken in and give back the durable hall.
    pub async fn run(mut self, cancel: CancellationToken) -> Result<Hall, EngineError> {
        let mut tick = tokio::time::interval(TICK);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
        let mut taken = Vec::with_capacity(BATCH_COMMANDS);
        loop {
            // A batch needs room with the journal before it is decided.
            let room = self.in_flight.len() < hall_journal::QUEUE_SUBMISSIONS;
            tokio::select! {
                biased;
                Some(synced) = self.synced.recv() => self.on_synced(synced).await?,
                () = cancel.cancelled() => break,
                Some(question) = self.questions.recv() => {
                    question.answer(&self.durable, self.clock.now());
                }
                _ = tick.tick(), if room => {
                    self.clock_watch.look(self.clock.behind(self.view.borrow().at));
                    self.prove_writable().await?;
                    self.decide([tick_command()])?;
                    self.estimate();
                }
                count = self.commands.recv_many(&mut taken, BATCH_COMMANDS), if room => {
                    if count == 0 {
                        break;
                    }
                    self.prove_writable().await?;
                    self.decide(taken.drain(..))?;
                }
            }
        }
        self.commands.close();
        while let Ok(submission) = self.commands.try_recv() {
            taken.push(submission);
        }
        if !taken.is_empty() {
            self.decide(taken)?;
        }
        while !self.in_flight.is_empty()
            && let Some(synced) = self.synced.recv().await
        {
            self.on_synced(synced).await?;
        }
        let Self { writer, durable, snapshots, .. } = self;
        // Before the writer: it holds the lock on the directory.
        if let Some(keeper) = snapshots {
            keeper.end().await;
        }
        tokio::task::spawn_blocking(move || writer.close())
            .await
            .map_err(|_| EngineError::Journal("its thread could not be joined".into()))??;
        Ok(durable)
    }

    fn decide(
        &mut self,
        submissions: impl IntoIterator<Item = Submission, IntoIter: ExactSizeIterator>,
    ) -> Result<(), EngineError> {
        let submissions = submissions.into_iter();
        if self.trouble.holds_back() {
            for Submission { command, done, .. } in submissions {
                self.refuse(&command, done);
            }
            return Ok(());
        }
        let commands = submissions.len();
        let mut batch = Batch { events: Vec::with_capacity(commands), waiting: Vec::with_capacity(commands) };
        // What came together happens together.
        let now = self.clock.now();
        for Submission { command, received, done } in submissions {
            let command = command.older_by(received.elapsed());
            if self.trouble.has_refused(&command) {
                self.refuse(&command, done);
                continue;
            }
            let outcome = match self.ahead.decide(&command, now) {
                Ok(decision) => self.take_over(decision, received, &mut batch.events),
                Err(refusal) => {
                    self.count_refusal(&refusal);
                    Outcome::Refused(refusal)
                }
            };
            batch.waiting.push(Waiting { command, outcome, done });
        }
        // An outcome read from a state that is not durable yet must wait for it, even if it
        // changed nothing itself.
        if batch.events.is_empty() && self.in_flight.is_empty() {
            release(batch.waiting);
            return Ok(());
        }
        let entries = batch.events.iter().map(records::entry).collect::<Result<_, _>>()?;
        let slot = self.writer.reserve().ok_or_else(|| EngineError::Journal("it has no room".into()))?;
        let syncs = self.syncs.clone();
        slot.append(entries, move |synced| drop(syncs.send(synced)));
        self.in_flight.push_back(batch);
        Ok(())
    }

    fn take_over(&mut self, decision: Decision, received: Instant, events: &mut Vec<Stamped>) -> Outcome {
        let Decision { events: new, answer, repeated } = decision;
        if repeated {
            self.metrics.count("repeated", "press");
        }
        // What no window has to do with is on no sign: its way there is not timed.
        let shown = new.iter().any(|stamped| stamped.event.window().is_some());
        if let Some(press) = new.last().filter(|_| shown).and_then(|stamped| stamped.cause.press()) {
            self.metrics.press_received(press, received);
        }
        for stamped in &new {
            if let Event::HandedIn(HandIn { refused, left_out, .. }) = &stamped.event {
                let refusals = refused.iter().filter_map(|ticket| ticket.refused.as_ref());
                refusals.for_each(|refusal| self.metrics.count("hand_in_refused", refusal.code()));
                let parts = left_out.iter().filter_map(|ticket| ticket.left_out.as_ref());
                parts
                    .flat_map(LeftOut::reasons)
                    .for_each(|why| self.metrics.count("hand_in_left_out", why.code()));
            }
            self.ahead.apply(stamped);
        }
        events.extend(new);
        match answer {
            Some(answer) => {
                if let (Answer::Refused(refusal), false) = (&answer, repeated) {
                    self.count_refusal(refusal);
                }
                Outcome::Answered(answer)
            }
            None => Outcome::Done,
        }
    }

    async fn on_synced(&mut self, synced: Synced) -> Result<(), EngineError> {
        let Some(batch) = self.in_flight.pop_front() else {
            return Err(EngineError::Journal("it answered what was not asked".into()));
        };
        match synced {
            Ok(commit) => {
                let Batch { events, waiting } = batch;
                self.publish(events, commit);
                self.trouble.over();
                release(waiting);
                Ok(())
            }
            Err(failure) => self.go_back(batch, failure).await,
        }
    }

    /// The batch is on disk: everybody may see it.
    fn publish(&mut self, events: Vec<Stamped>, commit: Commit) {
        if events.is_empty() {
            return;
        }
        for (stamped, seq) in events.iter().zip(commit.first_seq..) {
            self.durable.apply(stamped);
            log_event(seq, stamped);
        }
        self.durable_seq = commit.last_seq;
        let picture = self.view.borrow().after(&self.durable, &events, commit.last_seq);
        self.view.send_replace(Arc::new(picture));
        if self.events.receiver_count() > 0 {
            for (stamped, seq) in events.into_iter().zip(commit.first_seq..) {
                // Who listened may have gone.
                let _ = self.events.send(Arc::new(Recorded { seq, stamped }));
            }
        }
        if let Some(keeper) = &mut self.snapshots {
            let at = Head { seq: commit.last_seq, hash: commit.head_hash };
            keeper.durable(&self.durable, at, &self.metrics);
        }
    }

    /// Tell anew how long people wait: with every tick, because it costs more than an event does.
    fn estimate(&self) {
        let estimated = self.view.borrow().estimated(&self.durable, self.clock.now());
        if let Some(picture) = estimated {
            self.view.send_replace(Arc::new(picture));
        }
    }

    /// The disk refused: everything in flight is lost, nobody has seen it, and the hall is again
    /// what the disk says.
    async fn go_back(&mut self, batch: Batch, failure: AppendError) -> Result<(), EngineError> {
        self.refuse_all(batch);
        while !self.in_flight.is_empty() {
            // Those behind it fail too: the journal's fence sees to that.
            match self.synced.recv().await {
                Some(Err(_)) => {}
                _ => return Err(EngineError::Journal("it stored what came after a failure".into())),
            }
            if let Some(batch) = self.in_flight.pop_front() {
                self.refuse_all(batch);
            }
        }
        self.ahead = self.durable.clone();
        if matches!(failure, AppendError::Closed) {
            return Err(EngineError::Journal(failure.to_string()));
        }
        self.metrics.count("storage_trouble", "append");
        self.trouble.began(failure.to_string());
        if let Err(error) = self.resume().await? {
            warn!(%error, "the journal cannot be written; presses are refused until it can");
        }
        Ok(())
    }

    /// In trouble, look whether the disk takes writes again, with each tick and before a press is tried: a
    /// hall where nobody presses recovers too, and the first press after that is done.
    async fn prove_writable(&mut self) -> Result<(), EngineError> {
        if self.trouble.awaits_proof() && self.in_flight.is_empty() {
            match self.resume().await? {
                Ok(()) => self.trouble.over(),
                Err(_) => self.trouble.goes_on(),
            }
        }
        Ok(())
    }

    /// Tell the journal where the hall went back to; the inner error is that it still cannot be written.
    async fn resume(&mut self) -> Result<Result<(), ResumeError>, EngineError> {
        let slot = self.writer.reserve().ok_or_else(|| EngineError::Journal("it has no room".into()))?;
        match trouble::resume(slot, self.durable_seq).await {
            Err(error @ (ResumeError::Failed(_) | ResumeError::Unreadable(_))) => Ok(Err(error)),
            Err(other) => Err(EngineError::Journal(other.to_string())),
            Ok(()) => Ok(Ok(())),
        }
    }

    fn refuse_all(&mut self, batch: Batch) {
        for Waiting { command, done, .. } in batch.waiting {
            self.refuse(&command, done);
        }
    }

    /// Nothing can be recorded. A press that is durable already is answered as it was.
    fn refuse(&mut self, command: &Command, done: WhenDurable) {
        let outcome = self.trouble.outcome(&self.durable, command, self.clock.now());
        if let Outcome::Refused(refusal) = &outcome {
            self.count_refusal(refusal);
        }
        done(outcome);
    }

    fn count_refusal(&self, refusal: &Refusal) {
        self.metrics.count("refused", refusal.code());
    }
}

fn release(waiting: Vec<Waiting>) {
    for Waiting { outcome, done, .. } in waiting {
        done(outcome);
    }
}

fn tick_command() -> Submission {
    Submission { command: Command::Tick, received: Instant::now(), done: Box::new(|_| ()) }
}

fn log_event(seq: u64, stamped: &Stamped) {
    let name = stamped.event.name();
    match (&stamped.event, stamped.cause.press()) {
        (Event::Refused { refusal, .. }, Some(press)) => {
            info!(%press, seq, code = refusal.code(), "press refused");
        }
        (Event::HandedIn(HandIn { refused, .. }), Some(press)) if !refused.is_empty() => {
            warn!(%press, seq, ?refused, "tickets a kiosk printed are not in the queue");
        }
        (_, Some(press)) => info!(%press, seq, event = name, detail = ?stamped.event, "durable"),
        (Event::Expired { .. }, None) => debug!(seq, event = name, detail = ?stamped.event, "durable"),
        (_, None) => info!(seq, event = name, cause = ?stamped.cause, "durable"),
    }
}
