//! A day, event by event: citizens come and lose patience, clerks open, serve and take breaks.
//!
//! An idle window is armed, so whoever comes is called by the core at once, at the window that has
//! been idle longest.

use hall_core::event::{Advice, Event, Managed, Stamped};
use hall_core::plan::{Balance, Policy};
use hall_protocol::id::WindowId;
use hall_protocol::number::TicketNumber;
use hall_protocol::payload::Key;

use crate::SimulationError;
use crate::citizens::{self, Citizen};
use crate::diary::{Diary, End, Shift, Visit};
use crate::hall::SimulatedHall;
use crate::scenario::{Scenario, Window};
use crate::schedule::{Due, Schedule};
use crate::told::{Lines, Told};

/// Minutes between two ticks of a hall that balances: in time for its reviews, and for windows that are
/// not kept free any more.
const TICK_MINUTES: f64 = 0.5;

/// How the simulated hall is run.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Setting {
    /// The hall's rules. Windows are always armed when nobody waits, and presses are never too fast.
    pub policy: Policy,
    /// When the balancer advises: the manager accepts each of its proposals so many minutes later, if it
    /// can be accepted then.
    pub accepts_after_minutes: u16,
}

/// Play one day. The same scenario, seed and replication bring the same citizens.
///
/// # Errors
/// [`SimulationError`], which is a defect.
pub fn simulate(
    scenario: &Scenario,
    setting: &Setting,
    seed: u64,
    replication: u64,
) -> Result<Diary, SimulationError> {
    let mut day = Day::new(scenario, setting, citizens::draw(scenario, seed, replication), false)?;
    day.play()?;
    Ok(day.diary())
}

/// Play the same day, and keep the hall's journal of it: what a real hall would have recorded. Its times are
/// of UTC.
///
/// # Errors
/// [`SimulationError`], which is a defect.
pub fn record(
    scenario: &Scenario,
    setting: &Setting,
    seed: u64,
    replication: u64,
) -> Result<Vec<Stamped>, SimulationError> {
    let mut day = Day::new(scenario, setting, citizens::draw(scenario, seed, replication), true)?;
    day.play()?;
    Ok(day.hall.into_journal())
}

/// Where a clerk is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Not there yet, or gone for good.
    Away,
    /// On a break.
    Break,
    /// At the window.
    There,
}

struct Clerk {
    place: Place,
    /// The citizen in hand.
    hand: Option<usize>,
    /// The interval of the opening times that is over, when its end came with a citizen in hand.
    leaves_after: Option<usize>,
    /// What the window serves, as places in the scenario.
    serves: Vec<usize>,
    /// The service last served, or the first of the allocation.
    served: Option<usize>,
    shift: Shift,
}

impl Clerk {
    fn new(serves: &[usize]) -> Self {
        Self {
            place: Place::Away,
            hand: None,
            leaves_after: None,
            serves: serves.to_vec(),
            served: serves.first().copied(),
            shift: Shift::default(),
        }
    }
}

struct Day<'a> {
    scenario: &'a Scenario,
    hall: SimulatedHall,
    citizens: Vec<Citizen>,
    /// How long each citizen who came waited, and how it ended; `None` while waiting.
    waits: Vec<Option<(f64, End)>>,
    /// What each citizen who came was told.
    told: Vec<Option<Told>>,
    lines: Lines,
    numbers: Vec<TicketNumber>,
    clerks: Vec<Clerk>,
    schedule: Schedule,
    balances: bool,
    /// From a proposal to its acceptance.
    accepts_after: f64,
    last_end: f64,
    /// Allocation changes.
    moves: u32,
}

impl<'a> Day<'a> {
    fn new(
        scenario: &'a Scenario,
        setting: &Setting,
        citizens: Vec<Citizen>,
        keeps_journal: bool,
    ) -> Result<Self, SimulationError> {
        let policy = Policy { double_press_guard_ms: 0, armed_next: true, ..setting.policy.clone() };
        let clerk = |window: &Window| Clerk::new(&window.primary);
        Ok(Self {
            scenario,
            hall: SimulatedHall::new(scenario, &policy, keeps_journal)?,
            citizens,
            waits: Vec::new(),
            told: Vec::new(),
            lines: Lines::new(scenario.services.len()),
            numbers: Vec::new(),
            clerks: scenario.windows.iter().map(clerk).collect(),
            schedule: Schedule::default(),
            balances: policy.balance != Balance::Off,
            accepts_after: setting.accepts_after_minutes.into(),
            last_end: scenario.opens,
            moves: 0,
        })
    }

    fn play(&mut self) -> Result<(), SimulationError> {
        for (window, planned) in self.scenario.windows.iter().enumerate() {
            for (interval, (from, until)) in planned.open.iter().enumerate() {
                self.schedule.plan(*from, Due::Opens(window));
                let stays = interval + 1 == planned.open.len() && *until >= self.scenario.closes;
                if !stays {
                    self.schedule.plan(*until, Due::Shuts(window, interval));
                }
                self.clerks[window].shift.open_minutes += until - from;
            }
        }
        if self.balances {
            self.schedule.plan(self.scenario.opens, Due::Tick);
        }
        let mut next = 0;
        loop {
            let due = self.schedule.next_minute();
            match self.citizens.get(next).map(|citizen| citizen.arrives) {
                // Who comes in the very moment a window opens finds it open.
                Some(arrives) if due.is_none_or(|due| arrives < due) => {
                    self.arrive(next, arrives)?;
                    next += 1;
                }
                _ => match self.schedule.next() {
                    Some((minute, due)) => self.happen(due, minute)?,
                    None => return Ok(()),
                },
            }
        }
    }

    fn arrive(&mut self, citizen: usize, minute: f64) -> Result<(), SimulationError> {
        let Citizen { service, patience, class, .. } = self.citizens[citizen];
        self.waits.push(None);
        let events = self.hall.take(service, class, minute)?;
        let issued = events.iter().find_map(|stamped| match stamped.event {
            Event::Issued { number, estimate, .. } => Some((number, estimate)),
            _ => None,
        });
        self.numbers.extend(issued.map(|(number, _)| number));
        let estimate = issued.and_then(|(_, estimate)| estimate);
        let mean = self.scenario.services[service].requirement.mean();
        let gone = |citizen: usize| self.waits[citizen].is_some();
        self.told.push(estimate.map(|estimate| self.lines.tell(service, mean, minute, estimate, gone)));
        self.lines.join(service, citizen, minute);
        self.follow(&events, minute);
        if self.waits[citizen].is_none() && patience.is_finite() {
            self.schedule.plan(minute + patience, Due::Leaves(citizen));
        }
        Ok(())
    }

    fn happen(&mut self, due: Due, minute: f64) -> Result<(), SimulationError> {
        match due {
            Due::Opens(window) => self.open(window, minute),
            Due::Shuts(window, interval) => {
                if self.clerks[window].hand.is_some() {
                    self.clerks[window].leaves_after = Some(interval);
                    return Ok(());
                }
                self.leave(window, interval, minute)
            }
            Due::Tick => {
                let events = self.hall.tick(minute)?;
                self.follow(&events, minute);
                // After closing, until the last is served.
                if minute < self.scenario.closes || self.clerks.iter().any(|clerk| clerk.hand.is_some()) {
                    self.schedule.plan(minute + TICK_MINUTES, Due::Tick);
                }
                Ok(())
            }
            Due::Accepts(proposal) => {
                let events = self.hall.accept(proposal, minute)?;
                self.follow(&events, minute);
                Ok(())
            }
            Due::Ends(window) => {
                self.clerks[window].hand = None;
                self.last_end = self.last_end.max(minute);
                match self.clerks[window].leaves_after.take() {
                    Some(interval) => {
                        self.press(window, Key::Finish, minute)?;
                        self.leave(window, interval, minute)
                    }
                    None => self.press(window, Key::Next, minute),
                }
            }
            Due::Leaves(citizen) => {
                if self.waits[citizen].is_none() {
                    self.waits[citizen] = Some((minute - self.citizens[citizen].arrives, End::Abandoned));
                    self.lines.leave(self.citizens[citizen].service);
                    // Any pad can say that somebody has gone.
                    let events = self.hall.press(0, Key::Cancel, Some(self.numbers[citizen]), minute)?;
                    self.follow(&events, minute);
                }
                Ok(())
            }
        }
    }

    fn open(&mut self, window: usize, minute: f64) -> Result<(), SimulationError> {
        let clerk = &mut self.clerks[window];
        clerk.leaves_after = None;
        if clerk.hand.is_some() {
            return Ok(());
        }
        let before = std::mem::replace(&mut clerk.place, Place::There);
        if before != Place::There {
            self.lines.serve(&[], &clerk.serves);
        }
        let key = match before {
            Place::Away => {
                self.hall.sign_on(window, minute)?;
                Key::Open
            }
            Place::Break => Key::Resume,
            Place::There => return Ok(()),
        };
        self.press(window, key, minute)?;
        self.press(window, Key::Next, minute)
    }

    fn leave(&mut self, window: usize, interval: usize, minute: f64) -> Result<(), SimulationError> {
        let last = interval + 1 == self.scenario.windows[window].open.len();
        let (place, key) = if last { (Place::Away, Key::Close) } else { (Place::Break, Key::Pause) };
        let clerk = &mut self.clerks[window];
        if std::mem::replace(&mut clerk.place, place) == Place::There {
            self.lines.serve(&clerk.serves, &[]);
        }
        self.press(window, key, minute)
    }

    fn press(&mut self, window: usize, key: Key, minute: f64) -> Result<(), SimulationError> {
        let events = self.hall.press(window, key, None, minute)?;
        self.follow(&events, minute);
        Ok(())
    }

    /// Whoever was called is served from now on.
    fn follow(&mut self, events: &[Stamped], minute: f64) {
        for stamped in events {
            if let Event::Allocated { window, primary, backup, .. } = &stamped.event {
                self.moves += 1;
                let services = primary.iter().chain(backup);
                let services = services.filter_map(|service| self.hall.service_place(*service)).collect();
                self.serve_instead(*window, services);
            }
            if let Event::Managed(Managed::Proposed { proposal }) = &stamped.event
                && !proposal.automatic
                && matches!(proposal.advice, Advice::Reallocate { .. })
            {
                self.schedule.plan(minute + self.accepts_after, Due::Accepts(proposal.id));
            }
            let Event::Called { ticket, window, .. } = stamped.event else { continue };
            // Ids count from 1 in the order of arrival.
            let citizen = usize::try_from(ticket.get() - 1).unwrap_or(usize::MAX);
            if let Some(window) = self.hall.window_place(window) {
                self.serve(window, citizen, minute);
            }
        }
    }

    /// The window serves these from now on.
    fn serve_instead(&mut self, window: WindowId, services: Vec<usize>) {
        let Some(clerk) = self.hall.window_place(window).and_then(|window| self.clerks.get_mut(window))
        else {
            return;
        };
        let before = std::mem::replace(&mut clerk.serves, services);
        if clerk.place == Place::There {
            self.lines.serve(&before, &clerk.serves);
        }
    }

    fn serve(&mut self, window: usize, citizen: usize, minute: f64) {
        let Citizen { arrives, service, requirement, .. } = self.citizens[citizen];
        self.lines.called(service, minute - arrives);
        let planned = &self.scenario.windows[window];
        let clerk = &mut self.clerks[window];
        let changes = clerk.served.replace(service) != Some(service);
        let changeover = if changes { self.scenario.changeover_minutes } else { 0.0 };
        let ends = minute + requirement / planned.speed + changeover;
        self.waits[citizen] = Some((minute - arrives, End::Served { window, until: ends }));
        clerk.hand = Some(citizen);
        clerk.shift.served += 1;
        clerk.shift.changeovers += u32::from(changes);
        clerk.shift.busy_minutes += ends - minute;
        let planned: f64 =
            planned.open.iter().map(|(from, until)| (until.min(ends) - from.max(minute)).max(0.0)).sum();
        clerk.shift.open_minutes += ends - minute - planned;
        self.schedule.plan(ends, Due::Ends(window));
    }

    fn diary(&self) -> Diary {
        let end = self.last_end.max(self.scenario.closes);
        let visit = |(place, citizen): (usize, &Citizen)| {
            let Citizen { arrives, service, class, .. } = *citizen;
            let (wait, end) = self.waits[place].unwrap_or((end - arrives, End::Unserved));
            Visit { service, class, arrives, wait, end, told: self.told[place] }
        };
        Diary {
            visits: self.citizens.iter().enumerate().map(visit).collect(),
            shifts: self.clerks.iter().map(|clerk| clerk.shift).collect(),
            moves: self.moves,
            last_end: self.last_end,
        }
    }
}
