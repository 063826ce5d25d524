//! A small hall to test with, and a desk at which commands are given to it one by one.

pub mod kiosk;
pub mod mutants;
pub mod reference;
pub mod rehearsal;
pub mod script;
pub mod witness;

use std::collections::BTreeMap;

use hall_core::answer::{Answer, Change};
use hall_core::appointment::{AppointmentState, SlotTime};
use hall_core::command::{Command, Details, Order};
use hall_core::event::{Device, Event, PressId, Stamped};
use hall_core::plan::{
    Calendar, FourDigits, Hours, Kiosk, Limits, Name, Plan, PlanParts, Policy, Routing, Service, Slot,
    WeeklyHours, Window, Zone, only_ordinary,
};
use hall_core::refusal::Refusal;
use hall_core::ticket::TicketState;
use hall_core::time::{BusinessDay, HallTime, Now};
use hall_core::view::{CallView, HallView, WindowView};
use hall_core::{Decision, Hall};
use hall_protocol::appointment::DayMinute;
use hall_protocol::id::{HallId, ServiceId};
use hall_protocol::number::TicketNumber;
use hall_protocol::payload::{Class, Key, WindowMode, WindowTicket};

pub const HOUR_MS: i64 = 3_600_000;
pub const DAY_MS: i64 = 24 * HOUR_MS;
/// 2026-03-02, 10:00 by the hall's own time, which here is UTC.
pub const TEN_O_CLOCK: i64 = 20_514 * DAY_MS + 10 * HOUR_MS;
pub const GUARD_MS: i64 = 2_000;

pub fn id<T: std::str::FromStr<Err: std::fmt::Debug>>(text: &str) -> T {
    text.parse().unwrap()
}

/// The moment as the shell would tell it.
pub fn now(wall_ms: i64) -> Now {
    Now {
        at: HallTime::from_unix_ms(wall_ms),
        day: BusinessDay::from_days(i32::try_from(wall_ms.div_euclid(DAY_MS)).unwrap()),
        minute: u16::try_from(wall_ms.rem_euclid(DAY_MS) / 60_000).unwrap(),
    }
}

fn named(name: &str) -> Name {
    Name { zh: format!("{name}（中）"), en: name.into() }
}

pub fn service(name: &str, letters: &str, zone: &str) -> Service {
    Service {
        id: id(name),
        name: named(name),
        prefix: id(letters),
        digits: FourDigits(false),
        zone: id(zone),
        hours: WeeklyHours::Always,
        limits: Limits::default(),
        slots: Vec::new(),
        target_minutes: 15,
        usual_seconds: None,
    }
}

/// A slot of so many each quarter of an hour.
pub fn quarters(capacity: u16) -> Vec<Slot> {
    let minutes = (0..24 * 60).step_by(15).filter_map(DayMinute::new);
    minutes.map(|minute| Slot { minute, capacity }).collect()
}

/// The slot that begins `minutes` after midnight, `days` after the day of [`TEN_O_CLOCK`].
pub fn slot(days: i32, minutes: u16) -> SlotTime {
    let day = i32::try_from(TEN_O_CLOCK / DAY_MS).unwrap() + days;
    let at = i64::from(day) * DAY_MS + i64::from(minutes) * 60_000;
    SlotTime {
        day: BusinessDay::from_days(day),
        minute: DayMinute::new(minutes).unwrap(),
        at: HallTime::from_unix_ms(at),
    }
}

fn list(names: &[&str]) -> Vec<ServiceId> {
    names.iter().map(|name| id(name)).collect()
}

pub fn window(name: &str, services: &[&str]) -> Window {
    Window {
        id: id(name),
        label: name.into(),
        services: list(services),
        backup: Vec::new(),
        hours: WeeklyHours::Always,
    }
}

/// Two zones, three services, three windows, two kiosks. Property is issued from 9 to 17 and has no
/// appointments.
pub fn parts() -> PlanParts {
    let mut property = service("property", "C", "west");
    property.hours = vec![Hours { from_minute: 9 * 60, until_minute: 17 * 60 }].into();
    PlanParts {
        hall: id("county"),
        name: named("county"),
        zones: ["east", "west"].map(|zone| Zone { id: id(zone), name: named(zone) }).into(),
        services: vec![
            Service { slots: quarters(2), ..service("social", "A", "east") },
            Service { slots: quarters(1), ..service("tax", "B", "east") },
            property,
        ],
        windows: vec![
            window("1", &["social", "tax"]),
            window("2", &["social"]),
            window("3", &["property", "tax"]),
        ],
        kiosks: vec![
            Kiosk {
                id: id("K1"),
                services: list(&["social", "tax", "property"]),
                classes: Class::ALL.to_vec(),
                classes_to_confirm: Vec::new(),
                lease: 4,
            },
            Kiosk {
                id: id("K2"),
                services: list(&["social"]),
                classes: only_ordinary(),
                classes_to_confirm: vec![Class::Elderly, Class::Serviceman],
                lease: 2,
            },
        ],
        clerks: Vec::new(),
        calendar: Calendar::default(),
        // Orders can be foretold by heart, which the tests of all else need.
        policy: Policy { routing: Routing::Priority, ..Policy::default() },
    }
}

/// [`parts`] without a service; who had only that is gone as well.
pub fn parts_without(gone: &str) -> PlanParts {
    let gone: ServiceId = id(gone);
    let mut parts = parts();
    parts.services.retain(|service| service.id != gone);
    for window in &mut parts.windows {
        window.services.retain(|service| *service != gone);
        window.backup.retain(|service| *service != gone);
    }
    parts.windows.retain(|window| !window.services.is_empty());
    parts.kiosks.iter_mut().for_each(|kiosk| kiosk.services.retain(|service| *service != gone));
    parts.kiosks.retain(|kiosk| !kiosk.services.is_empty());
    parts
}

pub fn replayed(hall: HallId, journal: &[Stamped]) -> Hall {
    let mut state = Hall::new(hall);
    for stamped in journal {
        state.apply(stamped);
    }
    state
}

/// Gives commands to a hall at a time of its choosing, as a device that counts its presses.
#[derive(Clone)]
pub struct Desk {
    pub hall: Hall,
    pub wall_ms: i64,
    pub journal: Vec<Stamped>,
    pub session: u32,
    seqs: BTreeMap<Device, u32>,
}

impl Desk {
    /// The hall of [`parts`] at ten o'clock, with all windows open.
    pub fn open() -> Self {
        let mut desk = Self::closed(parts());
        for window in ["1", "2", "3"] {
            desk.done(window, Key::Open);
        }
        desk
    }

    /// The hall of these parts at ten o'clock, before any window opened.
    pub fn closed(parts: PlanParts) -> Self {
        let hall = Hall::new(parts.hall);
        let mut desk =
            Self { hall, wall_ms: TEN_O_CLOCK, journal: Vec::new(), session: 1, seqs: BTreeMap::new() };
        desk.adopt(parts);
        desk
    }

    /// Decide at the desk's time, and apply what was decided.
    pub fn give(&mut self, command: &Command) -> Result<Decision, Refusal> {
        let decision = self.hall.decide(command, now(self.wall_ms))?;
        for stamped in &decision.events {
            self.hall.apply(stamped);
            assert_eq!(self.hall.violations(), Vec::<String>::new(), "after {stamped:?}");
        }
        self.journal.extend(decision.events.iter().cloned());
        Ok(decision)
    }

    pub fn adopt(&mut self, parts: PlanParts) -> Vec<Event> {
        let plan = Plan::new(parts).unwrap();
        let decision = self.give(&Command::AdoptPlan(Box::new(plan))).unwrap();
        decision.events.into_iter().map(|stamped| stamped.event).collect()
    }

    pub fn wait(&mut self, ms: i64) {
        self.wall_ms += ms;
    }

    pub fn next_press(&mut self, device: Device) -> PressId {
        let seq = self.seqs.entry(device).or_default();
        *seq += 1;
        PressId { device, session: self.session, seq: *seq }
    }

    /// The command of the pad's next press.
    pub fn key(&mut self, window: &str, key: Key) -> Command {
        let press = self.next_press(Device::Pad(id(window)));
        Command::Key { press, age_ms: 0, key, ticket: None, reason: None, details: Details::default() }
    }

    /// The command of the kiosk's next request.
    pub fn request(&mut self, kiosk: &str, service: &str) -> Command {
        let press = self.next_press(Device::Kiosk(id(kiosk)));
        Command::Take { press, age_ms: 0, service: id(service), class: Class::Ordinary, also: Vec::new() }
    }

    /// Press a key that is done; the window's mode and ticket since.
    pub fn done(&mut self, window: &str, key: Key) -> (WindowMode, Option<WindowTicket>) {
        let command = self.key(window, key);
        match self.give(&command).unwrap().answer {
            Some(Answer::Window { mode, ticket, .. }) => (mode, ticket),
            other => panic!("{window} {key:?}: {other:?}"),
        }
    }

    /// Press a key that is refused, with a trace in the journal and nothing else.
    pub fn refused(&mut self, window: &str, key: Key) -> Refusal {
        let command = self.key(window, key);
        self.refused_command(&command)
    }

    pub fn refused_command(&mut self, command: &Command) -> Refusal {
        let before = (self.hall.totals(), self.picture());
        let decision = self.give(command).unwrap();
        let Some(Answer::Refused(refusal)) = decision.answer else { panic!("{command:?}: {decision:?}") };
        let traces: Vec<_> = decision.events.iter().map(|stamped| &stamped.event).collect();
        assert!(matches!(&traces[..], [Event::Refused { refusal: said, .. }] if *said == refusal));
        assert_eq!(before, (self.hall.totals(), self.picture()));
        refusal
    }

    /// The command of the pad's next press about another ticket, or to another place.
    pub fn key_about(&mut self, window: &str, key: Key, details: Details, reason: Option<&str>) -> Command {
        let press = self.next_press(Device::Pad(id(window)));
        Command::Key { press, age_ms: 0, key, ticket: None, reason: reason.map(Into::into), details }
    }

    /// Press a key about a ticket; what it did.
    pub fn about(&mut self, window: &str, key: Key, number: &str) -> Result<Vec<Event>, Refusal> {
        let details = Details { number: Some(id(number)), ..Details::default() };
        let command = self.key_about(window, key, details, Some("急事"));
        self.tried(&command)
    }

    /// Press a key with what it needs beside itself; what it did.
    pub fn with(&mut self, window: &str, key: Key, details: Details) -> Result<Vec<Event>, Refusal> {
        let command = self.key_about(window, key, details, None);
        self.tried(&command)
    }

    /// A clerk signs on; what that did.
    pub fn sign_on(&mut self, window: &str, clerk: &str) -> Result<Vec<Event>, Refusal> {
        self.with(window, Key::SignOn, Details { clerk: Some(id(clerk)), ..Details::default() })
    }

    /// Press a key that names a service; what it did.
    pub fn with_service(&mut self, window: &str, key: Key, service: &str) -> Result<Vec<Event>, Refusal> {
        self.with(window, key, Details { to_service: Some(id(service)), ..Details::default() })
    }

    /// Take a ticket for several matters; its number.
    pub fn take_for(&mut self, matters: &[&str]) -> String {
        let press = self.next_press(Device::Kiosk(id("K1")));
        let (service, also) = (id(matters[0]), list(&matters[1..]));
        let command = Command::Take { press, age_ms: 0, service, class: Class::Ordinary, also };
        match self.give(&command).unwrap().answer {
            Some(Answer::Ticket { number, .. }) => number.to_string(),
            other => panic!("{matters:?}: {other:?}"),
        }
    }

    /// TRANSFER to a service, a window, or both; what it did.
    pub fn transfer(&mut self, from: &str, service: &str, window: &str) -> Result<Vec<Event>, Refusal> {
        let details = Details {
            number: None,
            to_service: service.parse().ok(),
            to_window: window.parse().ok(),
            ..Details::default()
        };
        let command = self.key_about(from, Key::Transfer, details, None);
        self.tried(&command)
    }

    /// Give a press that may be refused; if so, nothing but a trace of it remains.
    pub fn tried(&mut self, command: &Command) -> Result<Vec<Event>, Refusal> {
        let foreseen = self.hall.decide(command, now(self.wall_ms)).unwrap();
        if let Some(Answer::Refused(_)) = foreseen.answer {
            return Err(self.refused_command(command));
        }
        let events = self.give(command).unwrap().events;
        Ok(events.into_iter().map(|stamped| stamped.event).collect())
    }

    /// The state of the ticket with this number.
    pub fn state(&self, number: &str) -> TicketState {
        let number: TicketNumber = id(number);
        self.hall.tickets().find(|ticket| ticket.number == number).unwrap().state
    }

    /// The manager orders something; what it did.
    pub fn order(&mut self, order: Order) -> Result<Vec<Event>, Refusal> {
        let decision = self.give(&Command::Manage { by: id("chief"), order })?;
        Ok(decision.events.into_iter().map(|stamped| stamped.event).collect())
    }

    /// Time passes, tick by tick; what rules did.
    pub fn tick(&mut self, minutes: u32) -> Vec<Event> {
        let mut events = Vec::new();
        for _ in 0..minutes * 2 {
            self.wait(30_000);
            events.extend(self.give(&Command::Tick).unwrap().events);
        }
        events.into_iter().map(|stamped| stamped.event).collect()
    }

    /// NEXT, and the number called; `None` when it only finished.
    pub fn call(&mut self, window: &str) -> Option<String> {
        self.wait(GUARD_MS);
        self.done(window, Key::Next).1.map(|ticket| ticket.number.to_string())
    }

    /// Take a ticket that is given; its number and the citizens ahead.
    pub fn take(&mut self, service: &str) -> (String, u32) {
        let command = self.request("K1", service);
        match self.give(&command).unwrap().answer {
            Some(Answer::Ticket { number, ahead, .. }) => (number.to_string(), ahead),
            other => panic!("{service}: {other:?}"),
        }
    }

    /// Book a slot, or change the booking; what that changed.
    pub fn book(&mut self, code: &str, service: &str, slot: SlotTime) -> Result<Change, Refusal> {
        let (client, appointment, service) = (id("city"), id(code), id(service));
        match self.give(&Command::Book { client, appointment, service, slot })?.answer {
            Some(Answer::Appointment { appointment, change }) => {
                assert_eq!(self.hall.appointments().get(id(code)), Some(&appointment));
                Ok(change)
            }
            other => panic!("{code}: {other:?}"),
        }
    }

    /// Check in; the number and the calls expected before its own.
    pub fn check_in(&mut self, code: &str) -> Result<(String, u32), Refusal> {
        let press = self.next_press(Device::Kiosk(id("K1")));
        let command = Command::CheckIn { press, age_ms: 0, code: id(code) };
        self.tried(&command)?;
        match self.hall.decide(&command, now(self.wall_ms)).unwrap().answer {
            Some(Answer::Ticket { number, ahead, appointment: Some(_), .. }) => {
                Ok((number.to_string(), ahead))
            }
            other => panic!("{code}: {other:?}"),
        }
    }

    /// What became of an appointment.
    pub fn appointment(&self, code: &str) -> Option<AppointmentState> {
        self.hall.appointments().get(id(code)).map(|appointment| appointment.state)
    }

    /// Take a ticket of a class; its number.
    pub fn take_as(&mut self, class: Class, service: &str) -> String {
        let press = self.next_press(Device::Kiosk(id("K1")));
        let command = Command::Take { press, age_ms: 0, service: id(service), class, also: Vec::new() };
        match self.give(&command).unwrap().answer {
            Some(Answer::Ticket { number, .. }) => number.to_string(),
            other => panic!("{service}: {other:?}"),
        }
    }

    pub fn view(&self) -> HallView {
        HallView::of(&self.hall, self.journal.len() as u64)
    }

    pub fn window(&self, window: &str) -> WindowView {
        let index = self.hall.plan().window_index(id(window)).unwrap();
        self.view().windows[index].as_ref().clone()
    }

    /// The number in the window's hand.
    pub fn hand(&self, window: &str) -> Option<String> {
        self.window(window).ticket.map(|ticket| ticket.number.to_string())
    }

    pub fn board(&self, zone: &str) -> Vec<CallView> {
        self.view().zones[self.hall.plan().zone_index(id(zone)).unwrap()].calls.clone()
    }

    /// The board's numbers, newest call first.
    pub fn numbers(&self, zone: &str) -> Vec<String> {
        self.board(zone).iter().map(|call| call.number.to_string()).collect()
    }

    fn picture(&self) -> Vec<(WindowMode, Option<WindowTicket>, u32)> {
        self.view().windows.iter().map(|window| (window.mode, window.ticket, window.waiting)).collect()
    }
}
