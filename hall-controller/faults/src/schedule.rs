//! Virtual time: what is due when, in one order; and what every part of the simulation shares.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;
use std::time::{Duration, Instant};

use hall_core::time::{BusinessDay, HallTime, Now};

use crate::history::{CRASH_POINTS, CrashPoint};
use crate::invariants::{Checked, Ledger, Violation};
use crate::mutant::Mutant;
use crate::network::{Outcome, Packet};
use crate::random::{Fates, PLACES, Usual, Weather, mix};

/// Something due.
#[derive(Debug)]
pub(crate) enum Due {
    /// A step of the history.
    Step(usize),
    /// A packet reaches the broker.
    Up { client: usize, epoch: u32, packet: Packet },
    /// A packet reaches a client.
    Down { client: usize, epoch: u32, packet: Packet },
    /// Both ends notice that a connection is no more.
    Broken { client: usize, epoch: u32 },
    /// A client without a connection tries for one.
    Dial { client: usize },
    /// The broker is there again.
    BrokerUp,
    /// The controller's process begins.
    Start,
    /// The engine looks at its queue.
    Turn { life: u32 },
    /// A second of the engine has passed.
    Tick { life: u32 },
    /// The journal's thread has done a write.
    Written { life: u32 },
    /// The engine hears from the journal.
    Told { life: u32 },
    /// A device has waited for its reply long enough to repeat the press.
    Repeat { device: usize, asking: u32 },
    /// A citizen has waited long enough to go.
    GiveUp { device: usize, asking: u32 },
    /// A device of the firmware's looks at its keys; the finger on one may go.
    Look { device: usize, lets_go: bool },
    /// And again, as long as it has something to look for.
    LookAgain { device: usize },
    /// A kiosk looks whether it has something to ask.
    Tend { device: usize },
    /// A request of the booking system reaches the controller.
    Asks { ask: u32 },
    /// The booking system has waited for the answer long enough to ask again.
    AsksAgain { ask: u32 },
    /// The answer reaches the booking system.
    Hears { ask: u32, outcome: Outcome },
    /// The controller's process goes on after a standstill.
    GoesOn { life: u32 },
    /// The driver of the line is to look at the time.
    LineTimer { life: u32 },
    /// The driver tries to open its port.
    LineOpens { life: u32 },
    /// Bytes reach the signs.
    ToSigns { life: u32, bytes: Vec<u8> },
    /// Bytes reach the driver.
    ToHost { life: u32, bytes: Vec<u8> },
}

impl Due {
    /// A number for the trace.
    fn code(&self) -> u64 {
        match self {
            Self::Step(step) => 1 + 32 * u64::try_from(*step).unwrap_or(0),
            Self::Up { client, .. } => 2 + 32 * u64::try_from(*client).unwrap_or(0),
            Self::Down { client, .. } => 3 + 32 * u64::try_from(*client).unwrap_or(0),
            Self::Broken { .. } => 4,
            Self::Dial { .. } => 5,
            Self::BrokerUp => 6,
            Self::Start => 7,
            Self::Turn { .. } => 8,
            Self::Tick { .. } => 9,
            Self::Written { .. } => 10,
            Self::Told { .. } => 11,
            Self::Repeat { .. } => 12,
            Self::GiveUp { .. } => 13,
            Self::Look { .. } => 23,
            Self::LookAgain { .. } => 24,
            Self::Tend { .. } => 18,
            Self::Asks { ask } => 19 + 32 * u64::from(*ask),
            Self::AsksAgain { .. } => 20,
            Self::Hears { ask, .. } => 21 + 32 * u64::from(*ask),
            Self::GoesOn { .. } => 22,
            Self::LineTimer { .. } => 14,
            Self::LineOpens { .. } => 15,
            Self::ToSigns { bytes, .. } => sum(bytes).wrapping_mul(32).wrapping_add(16),
            Self::ToHost { bytes, .. } => sum(bytes).wrapping_mul(32).wrapping_add(17),
        }
    }
}

fn sum(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |sum: u64, byte| sum.wrapping_mul(257).wrapping_add(u64::from(*byte)))
}

struct Item {
    at_us: u64,
    order: u64,
    due: Due,
}

impl PartialEq for Item {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Item {}

impl PartialOrd for Item {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Item {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.at_us, self.order).cmp(&(other.at_us, other.order))
    }
}

/// What every part shares: time, chance, what is due, and the books of what was promised.
pub(crate) struct Sim {
    pub(crate) now_us: u64,
    order: u64,
    queue: BinaryHeap<Reverse<Item>>,
    pub(crate) fates: Fates,
    skies: [[(u8, u64); PLACES]; Weather::ALL.len()],
    /// Wall time at virtual time 0, in milliseconds.
    wall_ms: i64,
    /// Nights are not played, and yet clocks of devices go on.
    nights_us: u64,
    /// Stands for virtual time 0 where the signs' code wants an [`Instant`]; only differences count.
    base: Instant,
    pub(crate) mutant: Mutant,
    pub(crate) ledger: Ledger,
    pub(crate) violation: Option<Violation>,
    trace: u64,
    /// What happened in words, while somebody wants to read it.
    pub(crate) story: Option<Vec<String>>,
    /// Where the controller is to die.
    pub(crate) armed: Option<CrashPoint>,
    /// It has just died.
    pub(crate) crashed: bool,
    /// How often it died at each point.
    pub(crate) deaths: [u32; CRASH_POINTS],
}

impl Sim {
    pub(crate) fn new(fates: Fates, mutant: Mutant, ledger: Ledger, wall_ms: i64, tells: bool) -> Self {
        Self {
            now_us: 0,
            order: 0,
            queue: BinaryHeap::new(),
            fates,
            skies: [[(0, 0); PLACES]; Weather::ALL.len()],
            wall_ms,
            nights_us: 0,
            base: Instant::now(),
            mutant,
            ledger,
            violation: None,
            trace: 0,
            story: tells.then(Vec::new),
            armed: None,
            crashed: false,
            deaths: [0; CRASH_POINTS],
        }
    }

    pub(crate) fn is(&self, mutant: Mutant) -> bool {
        self.mutant == mutant
    }

    /// `due` happens `after_us` from now.
    pub(crate) fn after(&mut self, after_us: u64, due: Due) {
        self.at(self.now_us + after_us, due);
    }

    /// `due` happens at `at_us`, or now if that is past.
    pub(crate) fn at(&mut self, at_us: u64, due: Due) {
        self.order += 1;
        let at_us = at_us.max(self.now_us);
        self.queue.push(Reverse(Item { at_us, order: self.order, due }));
    }

    /// What is due next; time goes on to it.
    pub(crate) fn next(&mut self) -> Option<Due> {
        let Reverse(item) = self.queue.pop()?;
        self.now_us = item.at_us;
        self.note(item.due.code());
        Some(item.due)
    }

    /// Let the trace differ if this does.
    pub(crate) fn note(&mut self, what: u64) {
        self.trace = mix(self.trace, self.now_us, what);
    }

    /// A number that two runs share only if the same happened in both.
    pub(crate) fn trace(&self) -> u64 {
        self.trace
    }

    pub(crate) fn tell(&mut self, words: impl FnOnce() -> String) {
        if let Some(story) = &mut self.story {
            story.push(format!("{:>4}.{:06} {}", self.now_us / 1_000_000, self.now_us % 1_000_000, words()));
        }
    }

    /// The first violation ends the run.
    pub(crate) fn check(&mut self, checked: Checked) {
        if let Err(violation) = checked {
            self.violation.get_or_insert(violation);
        }
    }

    pub(crate) fn over(&self) -> bool {
        self.violation.is_some()
    }

    /// Whether the controller dies at this point; then it must do nothing more.
    pub(crate) fn dies(&mut self, point: CrashPoint) -> bool {
        if self.armed == Some(point) {
            self.armed = None;
            self.crashed = true;
            self.deaths[point as usize] += 1;
        }
        self.crashed
    }

    pub(crate) fn begin_weather(&mut self, weather: Weather, place: usize, percent: u8, for_us: u64) {
        self.skies[weather as usize][place % PLACES] = (percent, self.now_us + for_us);
    }

    /// Whether the weather strikes here and now; gives how hard.
    pub(crate) fn strikes(&mut self, weather: Weather, place: usize) -> Option<u64> {
        let (percent, until_us) = self.skies[weather as usize][place % PLACES];
        if self.now_us >= until_us {
            return None;
        }
        let struck = self.fates.strikes(weather, place, percent);
        if struck.is_some() {
            self.tell(|| format!("  {weather:?} strikes at {place}"));
        }
        struck
    }

    pub(crate) fn between(&mut self, usual: Usual, place: usize, from: u64, to: u64) -> u64 {
        self.fates.between(usual, place, from, to)
    }

    pub(crate) fn jump_clock(&mut self, ms: i64) {
        self.wall_ms += ms;
    }

    /// A night has passed, for all clocks.
    pub(crate) fn night(&mut self, ms: i64) {
        self.jump_clock(ms);
        self.nights_us += u64::try_from(ms).unwrap_or(0) * 1_000;
    }

    /// The time of a clock that nobody sets.
    pub(crate) fn passed_us(&self) -> u64 {
        self.now_us + self.nights_us
    }

    /// What the shell tells the core; the hall's zone is UTC.
    pub(crate) fn wall(&self) -> Now {
        self.wall_ago(0)
    }

    /// What it told so many milliseconds ago.
    pub(crate) fn wall_ago(&self, ago_ms: i64) -> Now {
        const DAY_MS: i64 = 86_400_000;
        let at_ms = self.wall_ms + i64::try_from(self.now_us / 1_000).unwrap_or(0) - ago_ms;
        Now {
            at: HallTime::from_unix_ms(at_ms),
            day: BusinessDay::from_days(i32::try_from(at_ms.div_euclid(DAY_MS)).unwrap_or(0)),
            minute: u16::try_from(at_ms.rem_euclid(DAY_MS) / 60_000).unwrap_or(0),
        }
    }

    pub(crate) fn instant(&self) -> Instant {
        self.base + Duration::from_micros(self.now_us)
    }

    /// The virtual time of an instant, rounded up.
    pub(crate) fn time_us(&self, instant: Instant) -> u64 {
        let since = instant.saturating_duration_since(self.base);
        u64::try_from(since.as_nanos().div_ceil(1_000)).unwrap_or(u64::MAX)
    }
}
