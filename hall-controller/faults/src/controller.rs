//! The controller's process: the real core between a model of the daemon's engine and gateway.
//!
//! The engine decides ahead of the disk, in batches, and goes back to the durable hall when a write
//! fails; this follows `daemon/src/engine.rs` step by step, with every place where a process can
//! die. What goes out to devices and signs is in [`gateway`].

mod gateway;

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;
use std::time::Instant;

use hall_core::command::Command;
use hall_core::event::Stamped;
use hall_core::plan::Plan;
use hall_core::standstill::Standstill;
use hall_core::time::HallTime;
use hall_core::trouble::Trouble;
use hall_core::view::HallView;
use hall_core::{Decision, Hall};
use hall_journal::{AppendError, Commit, Committer, ResumeError};
use hall_protocol::id::{DeviceId, HallId};
use hall_protocol::payload::Menu;

use crate::history::{CrashPoint, SECOND_US};
use crate::invariants::{Checked, Invariant, violated};
use crate::line::{Driver, FarEnd};
use crate::link::Link;
use crate::mutant::Mutant;
use crate::network::{CONTROLLER, Network, Outcome, Press};
use crate::random::Usual;
use crate::schedule::{Due, Sim};
use crate::store::{Disk, OpenDisk};
use crate::writer::{Told, Writer};
use crate::{records, tampering};

const QUEUE_COMMANDS: usize = 1_024;
const BATCH_COMMANDS: usize = 256;
const TICK_US: u64 = SECOND_US;

/// All that is outside of the process.
pub(crate) struct Around {
    pub(crate) sim: Sim,
    pub(crate) network: Network,
    pub(crate) far: FarEnd,
    pub(crate) disk: Rc<RefCell<Disk>>,
}

/// Whom to tell what came of a command.
enum Done {
    Nobody,
    /// The plan is adopted: the doors may open.
    Opening,
    Device {
        press: Rc<Press>,
        epoch: u32,
        id: u32,
    },
    /// The booking system.
    Client {
        ask: u32,
    },
}

struct Submission {
    command: Command,
    /// When it came, or may have come.
    came: Instant,
    done: Done,
}

struct Batch {
    events: Vec<Stamped>,
    waiting: Vec<Waiting>,
}

/// Somebody who is told once the batch is durable.
struct Waiting {
    command: Command,
    outcome: Outcome,
    done: Done,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Working,
    /// A write failed; what was in flight behind it is awaited.
    GoingBack,
    /// The journal is asked to go on.
    Resuming,
    /// The same, to find out whether trouble is over.
    Probing,
}

/// The process.
pub(crate) struct Controller {
    life: u32,
    plan: Box<Plan>,
    ahead: Hall,
    durable: Hall,
    durable_seq: u64,
    in_flight: VecDeque<Batch>,
    commands: VecDeque<Submission>,
    mode: Mode,
    trouble: Trouble,
    writer: Writer,
    told: VecDeque<Told>,
    turn_due: bool,
    standstill: Standstill,
    latest: HallTime,
    view: HallView,
    /// The picture last published.
    shown: Option<HallView>,
    /// And the menus.
    menus: BTreeMap<DeviceId, Rc<Menu>>,
    link: Link,
    open: bool,
    driver: Option<Driver>,
}

impl Controller {
    /// Replay the journal and begin; `None` when that cannot be.
    pub(crate) fn start(around: &mut Around, life: u32, hall: HallId, plan: &Plan) -> Option<Self> {
        let Around { sim, disk, .. } = around;
        let returns = sim.between(Usual::Ghost, 0, 0, 1) == 1;
        let mutant = sim.mutant;
        disk.borrow_mut().reopen(returns, mutant);
        let mut state = Hall::new(hall);
        let genesis = disk.borrow().genesis();
        let replayed = Committer::replay(OpenDisk(Rc::clone(disk)), genesis, |record| {
            let mut stamped = records::event(&record)?;
            if mutant == Mutant::ForgetsPressesOnRestart {
                stamped.answer = None;
            }
            if !tampering::is_forgotten(mutant, &stamped.event) {
                state.apply(&stamped);
            }
            Ok::<(), serde_json::Error>(())
        });
        let committer = match replayed {
            Ok(committer) => committer,
            Err(error) => {
                sim.check(violated(Invariant::ChainVerifies, || format!("no start: {error}")));
                return None;
            }
        };
        let recovered = sim.ledger.recovered(disk.borrow().records());
        sim.check(recovered);
        let same = same_state(sim, &state);
        sim.check(same);
        let seq = committer.head().seq;
        sim.tell(|| format!("the controller starts from record {seq}"));
        let controller = Self {
            plan: Box::new(plan.clone()),
            life,
            ahead: state.clone(),
            view: HallView::of(&state, seq),
            durable: state,
            durable_seq: seq,
            in_flight: VecDeque::new(),
            commands: VecDeque::new(),
            mode: Mode::Working,
            trouble: Trouble::default(),
            writer: Writer::new(life, committer, Rc::clone(disk)),
            told: VecDeque::new(),
            turn_due: false,
            standstill: Standstill::new(sim.instant()),
            latest: HallTime::default(),
            shown: None,
            menus: BTreeMap::new(),
            link: Link::new(CONTROLLER),
            open: false,
            driver: None,
        };
        sim.after(0, Due::Tick { life });
        Some(controller)
    }

    /// The process is no more; its writer may leave half a write.
    pub(crate) fn die(self, sim: &mut Sim) {
        self.writer.die(sim);
    }

    pub(crate) fn is(&self, life: u32) -> bool {
        self.life == life
    }

    pub(crate) fn is_open(&self) -> bool {
        self.open
    }

    fn submit(&mut self, sim: &mut Sim, command: Command, came: Instant, done: Done) {
        self.commands.push_back(Submission { command, came, done });
        if self.commands.len() > QUEUE_COMMANDS {
            sim.check(violated(Invariant::Bounded, || "the engine's queue".to_owned()));
        }
        self.wake(sim);
    }

    fn wake(&mut self, sim: &mut Sim) {
        if !self.turn_due && !self.commands.is_empty() && self.mode == Mode::Working {
            self.turn_due = true;
            let after_us = sim.between(Usual::Turn, 0, 10, 400);
            sim.after(after_us, Due::Turn { life: self.life });
        }
    }

    pub(crate) fn tick(&mut self, around: &mut Around) {
        around.sim.after(TICK_US, Due::Tick { life: self.life });
        self.standstill.look(around.sim.instant());
        self.offer_menus(around);
        let came = around.sim.instant();
        if !self.open && self.commands.is_empty() && self.in_flight.is_empty() {
            let plan = self.plan.clone();
            self.submit(&mut around.sim, Command::AdoptPlan(plan), came, Done::Opening);
        }
        if self.mode == Mode::Working && !self.probes(&mut around.sim) {
            let tick = Submission { command: Command::Tick, came, done: Done::Nobody };
            self.decide(around, vec![tick]);
        }
    }

    pub(crate) fn turn(&mut self, around: &mut Around) {
        self.turn_due = false;
        if self.mode == Mode::Working && !self.probes(&mut around.sim) {
            let count = self.commands.len().min(BATCH_COMMANDS);
            let taken = self.commands.drain(..count).collect();
            self.decide(around, taken);
            self.wake(&mut around.sim);
        }
    }

    /// In trouble, look whether the disk takes writes again; what waits for that is decided after it.
    fn probes(&mut self, sim: &mut Sim) -> bool {
        let due = self.trouble.awaits_proof(sim.instant()) && self.in_flight.is_empty();
        if due && !sim.is(Mutant::NeverResumes) && !sim.is(Mutant::IgnoresFence) {
            self.mode = Mode::Probing;
            self.writer.resume(sim, self.durable_seq);
            return true;
        }
        false
    }

    fn decide(&mut self, around: &mut Around, submissions: Vec<Submission>) {
        if self.trouble.holds_back(around.sim.instant()) {
            for Submission { command, done, .. } in submissions {
                self.refuse(around, command, done);
            }
            return;
        }
        let mut batch = Batch { events: Vec::new(), waiting: Vec::new() };
        for Submission { command, came, done } in submissions {
            let command = command.older_by(around.sim.instant().saturating_duration_since(came));
            if self.trouble.has_refused(&command) && !around.sim.is(Mutant::ForgetsRefusals) {
                self.refuse(around, command, done);
                continue;
            }
            let outcome = self.decide_one(&mut around.sim, &command, &done, &mut batch.events);
            batch.waiting.push(Waiting { command, outcome, done });
        }
        if around.sim.over() {
            return;
        }
        if batch.events.is_empty() && self.in_flight.is_empty() {
            self.release(around, batch.waiting);
            return;
        }
        if !batch.events.is_empty() && around.sim.dies(CrashPoint::AfterDecide) {
            return;
        }
        if around.sim.is(Mutant::RepliesBeforeSync) {
            let waiting = std::mem::take(&mut batch.waiting);
            self.release(around, waiting);
        }
        if around.sim.is(Mutant::ShowsBeforeSync) && !batch.events.is_empty() {
            let written: usize = self.in_flight.iter().map(|batch| batch.events.len()).sum();
            let ahead_by = u64::try_from(written + batch.events.len()).unwrap_or(0);
            let early = HallView::of(&self.ahead, self.durable_seq + ahead_by);
            let durable = std::mem::replace(&mut self.view, early);
            self.show(around);
            self.view = durable;
        }
        match batch.events.iter().map(records::entry).collect::<Result<_, _>>() {
            Ok(entries) => self.writer.append(&mut around.sim, entries),
            Err(error) => {
                let what = || format!("an event cannot be written: {error}");
                around.sim.check(violated(Invariant::ReplayGivesTheState, what));
            }
        }
        self.in_flight.push_back(batch);
    }

    /// Nothing can be recorded. A press that is durable already is answered as it was.
    fn refuse(&mut self, around: &mut Around, command: Command, done: Done) {
        let outcome = self.trouble.outcome(&self.durable, &command, around.sim.wall());
        let outcome = outcome.map_or_else(Outcome::Refused, Outcome::Answered);
        self.release(around, vec![Waiting { command, outcome, done }]);
    }

    fn decide_one(
        &mut self,
        sim: &mut Sim,
        command: &Command,
        done: &Done,
        events: &mut Vec<Stamped>,
    ) -> Outcome {
        let now = sim.wall();
        let guard_ms = u64::from(self.ahead.plan().policy().double_press_guard_ms);
        let decided = tampering::decide(sim.mutant, &self.ahead, command, now, &mut self.latest);
        if let Done::Device { press, .. } = done {
            sim.tell(|| format!("{} is decided: {decided:?}", press.id));
            let checked = sim.ledger.decided(press, command, &decided, guard_ms, sim.now_us, now);
            sim.check(checked);
        }
        match decided {
            Ok(Decision { events: new, answer, .. }) => {
                for stamped in &new {
                    self.ahead.apply(stamped);
                }
                events.extend(new);
                answer.map_or(Outcome::Done, Outcome::Answered)
            }
            Err(refusal) => Outcome::Refused(refusal),
        }
    }

    /// The journal's thread has done a write.
    pub(crate) fn written(&mut self, sim: &mut Sim) {
        let told = self.writer.written(sim);
        if !told.is_empty() {
            self.told.extend(told);
            let after_us = sim.between(Usual::Answer, 0, 5, 300);
            sim.after(after_us, Due::Told { life: self.life });
        }
    }

    /// The engine hears from the journal.
    pub(crate) fn hear(&mut self, around: &mut Around) {
        while !around.sim.crashed
            && !around.sim.over()
            && let Some(told) = self.told.pop_front()
        {
            match (self.mode, told) {
                (Mode::Working, Told::Synced(Ok(commit))) => self.synced(around, commit),
                (Mode::Working | Mode::GoingBack, Told::Synced(Err(failure))) => {
                    self.go_back(around, &failure);
                }
                (Mode::Resuming | Mode::Probing, Told::Resumed(resumed)) => {
                    self.resumed(&mut around.sim, &resumed);
                }
                // It stored what came after a failure, or answered what was not asked.
                (mode, told) => Self::cannot_go_on(&mut around.sim, &format!("{mode:?}: {told:?}")),
            }
        }
        self.wake(&mut around.sim);
    }

    fn synced(&mut self, around: &mut Around, commit: Commit) {
        let Some(batch) = self.in_flight.pop_front() else {
            return Self::cannot_go_on(&mut around.sim, "an answer without a question");
        };
        if !batch.events.is_empty() {
            self.publish(around, &batch.events, commit);
        }
        self.trouble.over();
        if !around.sim.over() && !around.sim.dies(CrashPoint::AfterPublish) {
            self.release(around, batch.waiting);
        }
    }

    fn publish(&mut self, around: &mut Around, events: &[Stamped], commit: Commit) {
        let sim = &mut around.sim;
        for stamped in events {
            self.durable.apply(stamped);
            if sim.is(Mutant::AppliesTwice) {
                self.durable.apply(stamped);
            }
        }
        self.durable_seq = commit.last_seq;
        let committed = sim.ledger.committed(events, commit.first_seq, around.disk.borrow().records());
        sim.check(committed);
        sim.note(u64::from_le_bytes(commit.head_hash.as_bytes()[..8].try_into().unwrap_or_default()));
        self.view = self.view.after(&self.durable, events, commit.last_seq);
        self.show(around);
    }

    fn go_back(&mut self, around: &mut Around, failure: &AppendError) {
        let sim = &mut around.sim;
        sim.tell(|| format!("the engine goes back: {failure}"));
        if self.mode == Mode::Working && sim.dies(CrashPoint::BeforeResume) {
            return;
        }
        let Some(batch) = self.in_flight.pop_front() else {
            return Self::cannot_go_on(sim, "an answer without a question");
        };
        for Waiting { command, done, .. } in batch.waiting {
            self.refuse(around, command, done);
        }
        if around.sim.is(Mutant::IgnoresFence) || around.sim.crashed {
            return;
        }
        self.mode = Mode::GoingBack;
        if self.in_flight.is_empty() {
            let sim = &mut around.sim;
            self.ahead = self.durable.clone();
            sim.ledger.went_back();
            self.trouble.began(sim.instant());
            self.mode = Mode::Resuming;
            if !sim.is(Mutant::NeverResumes) {
                self.writer.resume(sim, self.durable_seq);
            }
        }
    }

    fn resumed(&mut self, sim: &mut Sim, resumed: &Result<hall_journal::Head, ResumeError>) {
        if self.mode == Mode::Probing {
            if resumed.is_ok() {
                self.trouble.over();
            } else {
                self.trouble.began(sim.instant());
            }
        }
        match resumed {
            Ok(_) | Err(ResumeError::Failed(_) | ResumeError::Unreadable(_)) => self.mode = Mode::Working,
            Err(other) => Self::cannot_go_on(sim, &other.to_string()),
        }
    }

    /// The journal can no longer be trusted: the process ends, and is started anew.
    fn cannot_go_on(sim: &mut Sim, why: &str) {
        sim.tell(|| format!("the controller stops: {why}"));
        sim.crashed = true;
    }

    /// Nothing is under way, and the hall is what the journal says.
    pub(crate) fn settled(&self, sim: &Sim) -> Checked {
        if !self.open || !self.commands.is_empty() || !self.in_flight.is_empty() || self.mode != Mode::Working
        {
            return violated(Invariant::EverybodyIsAnswered, || {
                format!(
                    "the engine is {:?} with {} commands and {} batches",
                    self.mode,
                    self.commands.len(),
                    self.in_flight.len()
                )
            });
        }
        same_state(sim, &self.durable)?;
        same_state(sim, &self.ahead)
    }
}

/// The hall is what the journal says. That of some mutants is not; what comes of it is to be seen.
fn same_state(sim: &Sim, hall: &Hall) -> Checked {
    if tampering::forgets(sim.mutant) { Ok(()) } else { sim.ledger.same_state(hall) }
}
