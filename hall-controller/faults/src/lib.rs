//! The whole hall in virtual time under faults, from one seed.
//!
//! A seed gives a history: one to three business days of citizens and clerks in a small hall, and
//! what breaks meanwhile. It is played in virtual time, without threads, clocks or I/O, so that
//! the same seed always gives the same events. [`Invariant`]s are checked after every step.
//!
//! The core, the journal's committer, chain and fence, the sign bus, the signs' emulator and the firmware of
//! signs, pads and kiosks are the real ones. The daemon's async parts (engine, gateway, link, virtual devices, line driver) are
//! modelled as small state machines that follow its source step by step; broker, network, wire and
//! disk are models that lose, repeat, reorder, delay, tear and fill up.
//!
//! [`Mutant`]s are halls with one planted defect each; a test for each shows that the invariants
//! would see it.
//!
//! | module | what it plays |
//! |---|---|
//! | `history` | what will happen, made from the seed |
//! | `random` | chance, drawn by name so that histories shrink |
//! | `schedule` | virtual time |
//! | `world` | gives what is due to whom it concerns |
//! | `controller`, `writer` | the process: engine, gateway, journal's thread |
//! | `store` | the disk |
//! | `standstill` | the process stopped, and what piles up meanwhile |
//! | `network`, `broker`, `link` | MQTT |
//! | `device`, `wishes` | kiosks, pads, and people |
//! | `equipment`, `firmware` | pads and kiosks that run the firmware's code, beside the others |
//! | `rivals` | controllers started by mistake |
//! | `screen` | screens on the wall |
//! | `kiosk` | kiosks with numbers of their own |
//! | `bookings` | the city's booking system |
//! | `line`, `content` | signs on a serial line |
//! | `board` | signs that run the firmware's code |
//! | `invariants` | what must hold, and the books for it |
//! | `shrink`, `report` | a broken history, shortened and in words |

mod board;
mod bookings;
mod broker;
mod content;
mod controller;
mod device;
mod equipment;
mod firmware;
mod history;
mod invariants;
mod kiosk;
mod line;
mod link;
mod mutant;
mod network;
mod plans;
mod random;
mod records;
mod report;
mod rivals;
mod schedule;
mod screen;
mod shrink;
mod standstill;
mod store;
mod tampering;
mod wishes;
mod world;
mod writer;

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

pub use invariants::{Invariant, Violation};
pub use mutant::Mutant;

use history::History;
use random::Strike;
use world::World;

/// What came of a history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// What did not hold, if anything.
    pub violation: Option<Violation>,
    /// A number over everything that happened: the same seed gives the same.
    pub trace: u64,
    /// How many events the simulation had.
    pub events: u64,
    /// How many records the journal got.
    pub records: usize,
    /// How often the controller died at each point where it can: anywhere, after deciding, in a
    /// write, after it, after publishing, after a reply, before going back.
    pub deaths: [u32; history::CRASH_POINTS],
    /// Presses that were done although their device had been told that nothing could be recorded:
    /// a copy came later, or the failed write was on the disk after all.
    pub done_after_trouble: u32,
    /// The kinds of events its journal got, and of what else was met.
    pub kinds: BTreeSet<&'static str>,
    struck: Vec<Strike>,
    story: Vec<String>,
}

/// Play the history of `seed` in a hall with the defect of `mutant`, and its rival controllers.
pub fn run(seed: u64, mutant: Mutant) -> Run {
    let mut run = play(History::of(seed), mutant, None, false);
    if run.violation.is_none() {
        let rivals = rivals::play(seed, mutant);
        run.violation = rivals.violation;
        run.kinds.extend(rivals.two_met.then_some("two_controllers_met"));
    }
    run
}

/// Shorten a history that breaks an invariant and tell it in words; `None` when nothing breaks.
pub fn explain(seed: u64, mutant: Mutant) -> Option<String> {
    report::report(seed, mutant).or_else(|| rivals::tell(seed, mutant))
}

fn play(history: History, mutant: Mutant, only: Option<BTreeSet<Strike>>, tells: bool) -> Run {
    let mut run = Run {
        violation: None,
        trace: 0,
        events: 0,
        records: 0,
        deaths: [0; history::CRASH_POINTS],
        done_after_trouble: 0,
        kinds: BTreeSet::new(),
        struck: Vec::new(),
        story: Vec::new(),
    };
    let Some(mut world) = World::new(history, mutant, only, tells) else {
        let what = "the history has no hall".to_owned();
        run.violation = Some(Violation { invariant: Invariant::NothingPanics, what });
        return run;
    };
    let played = catch_unwind(AssertUnwindSafe(|| world.run()));
    run.violation.clone_from(&world.sim().violation);
    if let Err(panic) = played {
        let what = panic
            .downcast_ref::<String>()
            .cloned()
            .or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()))
            .unwrap_or_default();
        run.violation = Some(Violation { invariant: Invariant::NothingPanics, what });
    }
    (run.events, run.records) = (world.events(), world.records());
    let sim = world.into_sim();
    run.trace = sim.trace();
    run.deaths = sim.deaths;
    run.done_after_trouble = sim.ledger.done_after_trouble;
    run.kinds.clone_from(&sim.ledger.kinds);
    run.story = sim.story.unwrap_or_default();
    run.struck = sim.fates.into_struck();
    run
}
