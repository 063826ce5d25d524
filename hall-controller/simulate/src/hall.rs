//! The hall of a scenario: its plan, and the presses of its clerks and citizens.

use hall_core::Hall;
use hall_core::answer::Answer;
use hall_core::command::{Command, Details, Order};
use hall_core::event::{Device, PressId, ProposalId, Stamped};
use hall_core::plan::{
    Calendar, Clerk, FourDigits, Hours, Kiosk, Limits, Name, Plan, PlanParts, Policy, Service, WeeklyHours,
    Window, Zone,
};
use hall_core::refusal::{Language, Refusal};
use hall_core::time::{BusinessDay, HallTime, Now};
use hall_protocol::id::{ClerkId, ClientId, DeviceId, ServiceId, WindowId};
use hall_protocol::number::{Prefix, TicketNumber};
use hall_protocol::payload::{Class, Key};

use crate::SimulationError;
use crate::scenario::Scenario;

/// Any day will do.
const DAY: i32 = 20_000;
const MS_A_DAY: i64 = 86_400_000;
const MINUTES_A_DAY: f64 = 1_440.0;

/// The real hall, and what its devices count.
pub(crate) struct SimulatedHall {
    hall: Hall,
    kiosk: DeviceId,
    kiosk_seq: u32,
    pad_seqs: Vec<u32>,
    services: Vec<ServiceId>,
    windows: Vec<WindowId>,
    clerks: Vec<ClerkId>,
    manager: ClientId,
    /// What happened, if that is to be kept.
    journal: Option<Vec<Stamped>>,
}

impl SimulatedHall {
    /// The hall at opening, of which a journal is kept or not.
    pub(crate) fn new(scenario: &Scenario, policy: &Policy, keeps: bool) -> Result<Self, SimulationError> {
        let plan = plan(scenario, policy)?;
        let mut simulated = Self {
            hall: Hall::new(plan.hall()),
            kiosk: id("K1")?,
            kiosk_seq: 0,
            pad_seqs: vec![0; scenario.windows.len()],
            services: scenario.services.iter().map(|service| service.id).collect(),
            windows: scenario.windows.iter().map(|window| window.id).collect(),
            manager: id("manager")?,
            clerks: (0..scenario.windows.len()).map(clerk).collect::<Result<_, _>>()?,
            journal: keeps.then(Vec::new),
        };
        simulated.give(&Command::AdoptPlan(Box::new(plan)), scenario.opens)?;
        Ok(simulated)
    }

    /// The window's place in the scenario, which is that in the plan.
    pub(crate) fn window_place(&self, window: WindowId) -> Option<usize> {
        self.hall.plan().window_index(window)
    }

    /// The service's place in the scenario, which is that in the plan.
    pub(crate) fn service_place(&self, service: ServiceId) -> Option<usize> {
        self.hall.plan().service_index(service)
    }

    /// What happened, if it was kept.
    pub(crate) fn into_journal(self) -> Vec<Stamped> {
        self.journal.unwrap_or_default()
    }

    /// A citizen takes a ticket; the events, among them its issue.
    pub(crate) fn take(
        &mut self,
        service: usize,
        class: Class,
        minute: f64,
    ) -> Result<Vec<Stamped>, SimulationError> {
        self.kiosk_seq += 1;
        let press = PressId { device: Device::Kiosk(self.kiosk), session: 1, seq: self.kiosk_seq };
        let service = self.services[service];
        self.give(&Command::Take { press, age_ms: 0, service, class, also: Vec::new() }, minute)
    }

    /// The window's clerk signs on.
    pub(crate) fn sign_on(&mut self, window: usize, minute: f64) -> Result<(), SimulationError> {
        let details = Details { clerk: Some(self.clerks[window]), ..Details::default() };
        self.key(window, Key::SignOn, details, minute).map(drop)
    }

    /// Time passes; the balancer looks when it is due.
    pub(crate) fn tick(&mut self, minute: f64) -> Result<Vec<Stamped>, SimulationError> {
        self.give(&Command::Tick, minute)
    }

    /// The manager accepts a proposal; one that can be accepted no more changes nothing.
    pub(crate) fn accept(
        &mut self,
        proposal: ProposalId,
        minute: f64,
    ) -> Result<Vec<Stamped>, SimulationError> {
        let command = Command::Manage { by: self.manager, order: Order::Accept { proposal, only: None } };
        match self.hall.decide(&command, now(minute)) {
            Ok(decision) => {
                decision.events.iter().for_each(|event| self.hall.apply(event));
                Ok(decision.events)
            }
            Err(Refusal::UnknownProposal { .. } | Refusal::HeldBack { .. }) => Ok(Vec::new()),
            Err(why) => Err(self.refused(&command, minute, &why)),
        }
    }

    /// A clerk presses a key.
    pub(crate) fn press(
        &mut self,
        window: usize,
        key: Key,
        number: Option<TicketNumber>,
        minute: f64,
    ) -> Result<Vec<Stamped>, SimulationError> {
        self.key(window, key, Details { number, ..Details::default() }, minute)
    }

    fn key(
        &mut self,
        window: usize,
        key: Key,
        details: Details,
        minute: f64,
    ) -> Result<Vec<Stamped>, SimulationError> {
        self.pad_seqs[window] += 1;
        let device = Device::Pad(self.windows[window]);
        let press = PressId { device, session: 1, seq: self.pad_seqs[window] };
        self.give(&Command::Key { press, age_ms: 0, key, ticket: None, reason: None, details }, minute)
    }

    /// Decide and apply.
    fn give(&mut self, command: &Command, minute: f64) -> Result<Vec<Stamped>, SimulationError> {
        let decision =
            self.hall.decide(command, now(minute)).map_err(|why| self.refused(command, minute, &why))?;
        if let Some(Answer::Refused(why)) = &decision.answer {
            return Err(self.refused(command, minute, why));
        }
        decision.events.iter().for_each(|event| self.hall.apply(event));
        if let Some(journal) = &mut self.journal {
            journal.extend(decision.events.iter().cloned());
        }
        Ok(decision.events)
    }

    fn refused(&self, command: &Command, minute: f64, why: &Refusal) -> SimulationError {
        let why = why.sentence(Some(self.hall.plan()), Language::En);
        SimulationError::Refused { what: format!("{command:?}"), minute, why }
    }
}

/// The moment as the shell would tell it. The day stays the same however long the scenario is.
fn now(minute: f64) -> Now {
    // Rounded to milliseconds, of which a simulated day has fewer than a float counts exactly.
    #[allow(clippy::cast_possible_truncation)]
    let ms = (minute * 60_000.0) as i64;
    Now {
        at: HallTime::from_unix_ms(i64::from(DAY) * MS_A_DAY + ms),
        day: BusinessDay::from_days(DAY),
        minute: u16::try_from(ms / 60_000).unwrap_or(u16::MAX).min(1_439),
    }
}

fn plan(scenario: &Scenario, policy: &Policy) -> Result<Plan, SimulationError> {
    let name = Name { zh: scenario.name.clone(), en: scenario.name.clone() };
    let zone = Zone { id: id("hall")?, name: name.clone() };
    let mut services = Vec::new();
    for (place, service) in scenario.services.iter().enumerate() {
        services.push(Service {
            id: service.id,
            name: name.clone(),
            prefix: letters(place)?,
            digits: FourDigits(true),
            zone: zone.id,
            hours: WeeklyHours::Always,
            limits: Limits::default(),
            slots: Vec::new(),
            target_minutes: whole(service.target_minutes),
            // What the hall may know at the start; speeds and the rest it learns.
            usual_seconds: Some(whole(service.requirement.mean() * 60.0).into()),
        });
    }
    let windows = scenario.windows.iter().map(|window| Window {
        id: window.id,
        label: window.id.to_string(),
        services: window.primary.iter().map(|place| scenario.services[*place].id).collect(),
        backup: Vec::new(),
        hours: hours(&window.open),
    });
    let mut clerks = Vec::new();
    for (place, window) in scenario.windows.iter().enumerate() {
        let services = window.skills.iter().map(|skill| scenario.services[*skill].id).collect();
        clerks.push(Clerk { id: clerk(place)?, name: name.clone(), services, backup: None });
    }
    let policy = Policy { changeover_seconds: whole(scenario.changeover_minutes * 60.0), ..policy.clone() };
    let kiosk = Kiosk {
        id: id("K1")?,
        services: services.iter().map(|service| service.id).collect(),
        classes: Class::ALL.to_vec(),
        classes_to_confirm: Vec::new(),
        lease: 0,
    };
    Ok(Plan::new(PlanParts {
        hall: id("simulated")?,
        name,
        zones: vec![zone],
        windows: windows.collect(),
        kiosks: vec![kiosk],
        services,
        clerks,
        calendar: Calendar::default(),
        policy,
    })?)
}

/// When a window is open, as it is planned; longer than a day, no hours can say.
fn hours(open: &[(f64, f64)]) -> WeeklyHours {
    if open.iter().any(|(_, until)| *until > MINUTES_A_DAY) {
        return WeeklyHours::Always;
    }
    let hours =
        open.iter().map(|(from, until)| Hours { from_minute: whole(*from), until_minute: whole(*until) });
    hours.collect::<Vec<_>>().into()
}

/// Targets of minutes and services of seconds are within a day; a conversion of more ends at the most.
fn whole(value: f64) -> u16 {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let whole = value.ceil() as u16;
    whole
}

/// The clerk of the window at this place.
fn clerk(place: usize) -> Result<ClerkId, SimulationError> {
    id(&format!("c{place}"))
}

/// The letters of the numbers of the service at this place: AA, AB, … ZZ.
fn letters(place: usize) -> Result<Prefix, SimulationError> {
    let letter = |n: usize| char::from(b'A' + u8::try_from(n % 26).unwrap_or(0));
    id(&[letter(place / 26), letter(place)].iter().collect::<String>())
}

fn id<T: std::str::FromStr<Err: std::fmt::Display>>(text: &str) -> Result<T, SimulationError> {
    text.parse().map_err(|why: T::Err| SimulationError::Refused {
        what: format!("the id {text}"),
        minute: 0.0,
        why: why.to_string(),
    })
}
