//! Controllers of one hall at one broker, each with a data directory of its own: one runs the hall, and others are
//! started by mistake, at any moment, behind partitions, while processes die and the broker restarts.
//!
//! They go by the core's rules of claims and say them as the daemon does (`daemon/src/claim/stake.rs` at the start,
//! `gateway/rival.rs` from then on). What they would give to devices is not played: whoever runs the hall and
//! reaches the broker gives numbers to devices that do.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::time::{Duration, Instant};

use hall_core::claim::{Asking, Contender, Installation, REDIAL_MAX, Settled, Verdict};
use hall_protocol::id::HallId;
use hall_protocol::payload::{ClaimRef, ControllerClaim};

use crate::history::SECOND_US;
use crate::invariants::{Invariant, Violation};
use crate::mutant::Mutant;
use crate::random::Dice;

/// For so long at most two controllers give numbers to devices that both can reach.
const WINDOW_US: u64 = 2 * SECOND_US;

/// Faults and mistakes happen until then,
const BUSY_US: u64 = 60 * SECOND_US;

/// and this long after it one runs the hall, and no other.
const QUIET_US: u64 = 30 * SECOND_US;

/// A supervisor starts a process that died after this long.
const SUPERVISOR_US: u64 = SECOND_US;

/// What a process is about.
enum Stage {
    Off,
    Asking(Box<Asking>),
    Serving,
    /// Another has the hall: nobody starts it again.
    Ended,
}

/// One process, and its connection.
struct Process {
    contender: Contender,
    stage: Stage,
    /// By how much its machine's clock is off, in milliseconds.
    clock_off_ms: i64,
    epoch: u32,
    up: bool,
    /// A packet was lost: nothing comes through until the connection is made anew.
    stalled: bool,
    cut_until_us: u64,
    last_us: u64,
}

impl Process {
    fn serves(&self) -> bool {
        matches!(self.stage, Stage::Serving)
    }

    fn runs(&self) -> bool {
        !matches!(self.stage, Stage::Off | Stage::Ended)
    }

    fn reaches_the_broker(&self, now_us: u64) -> bool {
        self.up && !self.stalled && now_us >= self.cut_until_us
    }
}

enum Due {
    Start(usize),
    Dial(usize),
    Connected { at: usize, epoch: u32 },
    Broken { at: usize, epoch: u32 },
    Said { at: usize, epoch: u32, claim: Rc<ControllerClaim> },
    Heard { at: usize, epoch: u32, claim: Rc<ControllerClaim> },
    Noted { at: usize, epoch: u32, note: Rc<ControllerClaim> },
    NoteHeard { at: usize, epoch: u32, note: Rc<ControllerClaim> },
    Settled { at: usize, epoch: u32 },
    Dies(usize),
    Cut { at: usize, for_us: u64 },
    BrokerStops { for_us: u64, keeps_retained: bool },
    BrokerStarts,
}

/// They, and the broker.
struct Rivals {
    dice: Dice,
    mutant: Mutant,
    hall: HallId,
    base: Instant,
    now_us: u64,
    due: BTreeMap<(u64, u32), Due>,
    planned: u32,
    processes: Vec<Process>,
    /// All controllers have one client id: who connects throws the others out.
    one_client_id: bool,
    broker_up: bool,
    retained: Option<Rc<ControllerClaim>>,
    /// Who holds the hall, as the broker has it.
    note: Option<Rc<ControllerClaim>>,
    /// Since when two give numbers.
    two_since_us: Option<u64>,
    two_met: bool,
    tells: Option<Vec<String>>,
}

fn installation(at: usize) -> Installation {
    Installation { host: "host".into(), data: format!("/srv/hall{at}").as_str().into(), id: None }
}

/// What came of it.
pub(crate) struct Played {
    pub(crate) violation: Option<Violation>,
    /// Two gave numbers to devices that both reached, for a while.
    pub(crate) two_met: bool,
}

/// Play the rivals of `seed`.
pub(crate) fn play(seed: u64, mutant: Mutant) -> Played {
    let Ok(hall) = HallId::new("county") else { return Played { violation: None, two_met: false } };
    let mut rivals = Rivals::new(seed, mutant, hall, None);
    Played { violation: rivals.play(), two_met: rivals.two_met }
}

/// The same in words, if something did not hold.
pub(crate) fn tell(seed: u64, mutant: Mutant) -> Option<String> {
    let mut rivals = Rivals::new(seed, mutant, HallId::new("county").ok()?, Some(Vec::new()));
    let violation = rivals.play()?;
    let told = rivals.tells.unwrap_or_default().join("\n  ");
    Some(format!("seed {seed} breaks {violation}\nrival controllers:\n  {told}\n=> {violation}\n"))
}

impl Rivals {
    fn new(seed: u64, mutant: Mutant, hall: HallId, tells: Option<Vec<String>>) -> Self {
        let mut dice = Dice::apart(seed, 6);
        let base = Instant::now();
        let count = if dice.percent(25) { 3 } else { 2 };
        let processes = (0..count).map(|at| Process {
            contender: Contender::new(hall, installation(at), 0, 0, base),
            stage: Stage::Off,
            clock_off_ms: i64::try_from(dice.between(0, 7_200_000)).unwrap_or(0) - 3_600_000,
            epoch: 0,
            up: false,
            stalled: false,
            cut_until_us: 0,
            last_us: 0,
        });
        let processes: Vec<Process> = processes.collect();
        let one_client_id = dice.percent(50);
        let mut rivals = Self {
            dice,
            mutant,
            hall,
            base,
            now_us: 0,
            due: BTreeMap::new(),
            planned: 0,
            processes,
            one_client_id,
            broker_up: true,
            retained: None,
            note: None,
            two_since_us: None,
            two_met: false,
            tells,
        };
        rivals.at(0, Due::Start(0));
        for at in 1..count {
            let starts_us = rivals.dice.between(0, BUSY_US);
            rivals.at(starts_us, Due::Start(at));
        }
        for _ in 0..rivals.dice.between(0, 9) {
            rivals.plan_a_fault();
        }
        rivals
    }

    fn plan_a_fault(&mut self) {
        let at_us = self.dice.between(0, BUSY_US);
        let last = u64::try_from(self.processes.len() - 1).unwrap_or(0);
        let at = usize::try_from(self.dice.between(0, last)).unwrap_or(0);
        let for_us = self.dice.between(50_000, 12 * SECOND_US);
        let due = match self.dice.between(0, 9) {
            0..=5 => Due::Cut { at, for_us },
            6..=7 => Due::Dies(at),
            _ => Due::BrokerStops { for_us, keeps_retained: self.dice.percent(50) },
        };
        self.at(at_us, due);
    }

    fn play(&mut self) -> Option<Violation> {
        let violated = |what: String| Some(Violation { invariant: Invariant::OneController, what });
        while let Some(((at_us, _), due)) = self.due.pop_first() {
            // Between two events nothing changes but that partitions end.
            let ends = self.processes.iter().map(|process| process.cut_until_us);
            let ends = ends.filter(|end_us| (self.now_us..at_us).contains(end_us));
            for moment_us in ends.chain([at_us]).collect::<BTreeSet<_>>() {
                self.now_us = moment_us;
                if self.two_give_numbers() {
                    let names = "two controllers give numbers to devices that both reach";
                    return violated(format!("{names}, for more than {} s", WINDOW_US / SECOND_US));
                }
            }
            if self.now_us > BUSY_US + QUIET_US {
                break;
            }
            self.happen(due);
            self.two_give_numbers();
        }
        let serving = self.processes.iter().filter(|process| process.serves()).count();
        if serving == 1 { None } else { violated(format!("{serving} controllers run the hall at the end")) }
    }

    /// Whether they have done so for too long.
    fn two_give_numbers(&mut self) -> bool {
        let gives = |process: &&Process| process.serves() && process.reaches_the_broker(self.now_us);
        if self.processes.iter().filter(gives).count() < 2 {
            self.two_since_us = None;
            return false;
        }
        self.two_met = true;
        self.now_us - *self.two_since_us.get_or_insert(self.now_us) > WINDOW_US
    }

    fn happen(&mut self, due: Due) {
        match due {
            Due::Start(at) => self.start(at),
            Due::Dial(at) => self.dial(at),
            Due::Connected { at, epoch } if self.holds(at, epoch) => self.connected(at),
            Due::Broken { at, epoch } if self.holds(at, epoch) => self.disconnect(at),
            Due::Said { at, epoch, claim } if self.holds(at, epoch) => {
                for to in 0..self.processes.len() {
                    self.send(to, |at, epoch| Due::Heard { at, epoch, claim: Rc::clone(&claim) });
                }
                self.retained = Some(claim);
            }
            Due::Heard { at, epoch, claim } if self.holds(at, epoch) => self.hear(at, &claim),
            Due::Noted { at, epoch, note } if self.holds(at, epoch) => {
                for to in 0..self.processes.len() {
                    self.send(to, |at, epoch| Due::NoteHeard { at, epoch, note: Rc::clone(&note) });
                }
                self.note = Some(note);
            }
            Due::NoteHeard { at, epoch, note } if self.holds(at, epoch) => self.hear_note(at, &note),
            Due::Settled { at, epoch } if self.holds(at, epoch) => self.settle(at),
            Due::Dies(at) if self.processes[at].runs() => {
                self.say(at, "dies");
                self.processes[at].stage = Stage::Off;
                self.processes[at].up = false;
                self.after(SUPERVISOR_US, Due::Start(at));
            }
            Due::Cut { at, for_us } => {
                self.say(at, "is cut off");
                let until_us = self.now_us + for_us;
                self.processes[at].cut_until_us = self.processes[at].cut_until_us.max(until_us);
            }
            Due::BrokerStops { for_us, keeps_retained } => {
                self.broker_up = false;
                if !keeps_retained {
                    (self.retained, self.note) = (None, None);
                }
                (0..self.processes.len()).for_each(|at| self.disconnect(at));
                self.after(for_us, Due::BrokerStarts);
            }
            Due::BrokerStarts => self.broker_up = true,
            _ => {}
        }
    }

    fn start(&mut self, at: usize) {
        if !matches!(self.processes[at].stage, Stage::Off) {
            return;
        }
        self.say(at, "starts");
        let process = u32::try_from(self.dice.between(1, u64::from(u32::MAX))).unwrap_or(1);
        let since_ms = i64::try_from(self.now_us / 1_000).unwrap_or(0) + self.processes[at].clock_off_ms;
        let contender = Contender::new(self.hall, installation(at), process, since_ms, self.instant());
        let rival = &mut self.processes[at];
        (rival.contender, rival.stage) = (contender, Stage::Asking(Box::default()));
        self.after(1_000, Due::Dial(at));
    }

    fn dial(&mut self, at: usize) {
        if !self.processes[at].runs() || self.processes[at].up {
            return;
        }
        if !self.broker_up || self.now_us < self.processes[at].cut_until_us {
            let pause_us = self.dice.between(100_000, u64::try_from(REDIAL_MAX.as_micros()).unwrap_or(0));
            return self.after(pause_us, Due::Dial(at));
        }
        if self.one_client_id {
            (0..self.processes.len()).filter(|other| *other != at).for_each(|other| self.disconnect(other));
        }
        let process = &mut self.processes[at];
        (process.epoch, process.up, process.stalled) = (process.epoch + 1, true, false);
        self.send(at, |at, epoch| Due::Connected { at, epoch });
    }

    fn connected(&mut self, at: usize) {
        let now = self.instant();
        if let Stage::Asking(asking) = &mut self.processes[at].stage {
            asking.link(Some(now));
            self.await_settling(at);
        } else {
            self.hold(at);
        }
        if let Some(note) = self.note.clone() {
            self.send(at, |at, epoch| Due::NoteHeard { at, epoch, note });
        }
        self.claim(at, None);
        if let Some(claim) = self.retained.clone() {
            self.send(at, |at, epoch| Due::Heard { at, epoch, claim });
        }
    }

    /// The connection is no more, and is dialled anew soon.
    fn disconnect(&mut self, at: usize) {
        if !std::mem::take(&mut self.processes[at].up) {
            return;
        }
        if let Stage::Asking(asking) = &mut self.processes[at].stage {
            asking.link(None);
        }
        let pause_us = self.dice.between(20_000, 400_000);
        self.after(pause_us, Due::Dial(at));
    }

    fn claim(&mut self, at: usize, answers: Option<ClaimRef>) {
        let process = &self.processes[at];
        let claim = process.contender.words(process.serves(), answers, 1, self.instant());
        self.send(at, |at, epoch| Due::Said { at, epoch, claim: Rc::new(claim) });
    }

    fn hear(&mut self, at: usize, claim: &ControllerClaim) {
        let process = &self.processes[at];
        if !process.runs() {
            return;
        }
        let serving = process.serves();
        match process.contender.judge(serving, claim, self.instant()) {
            Verdict::Nothing => {}
            Verdict::Answer(_) if serving && self.mutant == Mutant::KeepsTheHallInSilence => {}
            Verdict::Answer(asked) => self.claim(at, Some(asked)),
            Verdict::ClaimAgain => self.claim(at, None),
            Verdict::Yield => self.give_way(at, serving.then(|| claim.clone())),
        }
    }

    fn give_way(&mut self, at: usize, note: Option<ControllerClaim>) {
        self.say(at, "ends: another has the hall");
        if let Some(note) = note {
            let note = Rc::new(ControllerClaim { answers: None, ..note });
            self.send(at, |at, epoch| Due::Noted { at, epoch, note });
        }
        // Its goodbye still goes out.
        self.processes[at].stage = Stage::Ended;
    }

    fn hold(&mut self, at: usize) {
        if self.mutant == Mutant::KeepsTheHallInSilence {
            return;
        }
        let note = Rc::new(self.processes[at].contender.note(1));
        self.send(at, |at, epoch| Due::Noted { at, epoch, note });
    }

    fn hear_note(&mut self, at: usize, note: &ControllerClaim) {
        let process = &mut self.processes[at];
        match &mut process.stage {
            Stage::Asking(asking) => {
                asking.noted(Some(note.clone()));
                self.await_settling(at);
            }
            Stage::Serving if process.contender.is_replaced_by(note) => {
                self.give_way(at, Some(note.clone()));
            }
            Stage::Serving if *note != process.contender.note(1) => self.hold(at),
            Stage::Serving | Stage::Off | Stage::Ended => {}
        }
    }

    fn await_settling(&mut self, at: usize) {
        let Process { contender, epoch, stage: Stage::Asking(asking), .. } = &self.processes[at] else {
            return;
        };
        let Some(settles_at) = asking.settles_at(contender) else { return };
        let (epoch, waits) = (*epoch, settles_at.saturating_duration_since(self.instant()));
        self.after(u64::try_from(waits.as_micros()).unwrap_or(0), Due::Settled { at, epoch });
    }

    fn settle(&mut self, at: usize) {
        let now = self.instant();
        let Process { contender, stage: Stage::Asking(asking), .. } = &self.processes[at] else { return };
        if asking.settles_at(contender).is_none_or(|settles_at| settles_at > now) {
            return;
        }
        match asking.settle(contender) {
            Settled::Granted(term) => {
                self.say(at, "is granted the hall");
                let process = &mut self.processes[at];
                process.contender = process.contender.clone().in_term(term);
                process.stage = Stage::Serving;
                self.disconnect(at);
            }
            Settled::Held(_) => self.give_way(at, None),
        }
    }

    /// Over the process's connection, either way; a partition loses it, and both ends notice some time later.
    fn send(&mut self, at: usize, due: impl FnOnce(usize, u32) -> Due) {
        let Process { epoch, up, stalled, cut_until_us, .. } = self.processes[at];
        if !up {
            return;
        }
        if stalled || self.now_us < cut_until_us {
            self.processes[at].stalled = true;
            if !stalled {
                let notices_us = self.dice.between(300_000, 2 * SECOND_US);
                self.after(notices_us, Due::Broken { at, epoch });
            }
            return;
        }
        let slow = self.dice.percent(5);
        let takes_us = if slow { self.dice.between(5_000, 300_000) } else { self.dice.between(150, 5_000) };
        let arrives_us = (self.now_us + takes_us).max(self.processes[at].last_us + 1);
        self.processes[at].last_us = arrives_us;
        self.at(arrives_us, due(at, epoch));
    }

    fn holds(&self, at: usize, epoch: u32) -> bool {
        self.processes[at].up && self.processes[at].epoch == epoch
    }

    fn instant(&self) -> Instant {
        self.base + Duration::from_micros(self.now_us)
    }

    fn at(&mut self, at_us: u64, due: Due) {
        self.planned += 1;
        self.due.insert((at_us, self.planned), due);
    }

    fn after(&mut self, us: u64, due: Due) {
        self.at(self.now_us + us, due);
    }

    fn say(&mut self, at: usize, what: &str) {
        let seconds = Duration::from_micros(self.now_us).as_secs_f64();
        if let Some(tells) = &mut self.tells {
            tells.push(format!("{seconds:>9.3} s  controller {at} {what}"));
        }
    }
}
