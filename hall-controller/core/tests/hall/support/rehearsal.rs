//! Plays a history to a hall, with somebody looking on; a mutant may stand between them.

use std::collections::BTreeMap;
use std::num::NonZeroU16;

use hall_core::answer::Answer;
use hall_core::appointment::AppointmentState;
use hall_core::command::{Command, Details, UnansweredTake};
use hall_core::emergency::{EmergencyText, Grounds};
use hall_core::event::{Device, Event, PressId, Stamped};
use hall_core::plan::Plan;
use hall_core::refusal::Refusal;
use hall_core::ticket::TicketState;
use hall_core::time::Now;
use hall_core::{Decision, Hall};
use hall_protocol::appointment::AppointmentId;
use hall_protocol::number::TicketNumber;
use hall_protocol::payload::{Key, ServiceOutcome};

use super::kiosk::Store;
use super::mutants::{Mutant, Tampering};
use super::reference::Reference;
use super::script::{HandIn, Sent, Shown, Step, plans, plans_with_backup};
use super::witness::{Complaint, Moment, Witness};
use super::{DAY_MS, TEN_O_CLOCK, id, now, replayed, slot};

/// What a device sends from.
#[derive(Default)]
struct Sender {
    sessions: Vec<u32>,
    seq: u32,
    last: Option<Command>,
    /// The last request for a ticket.
    take: Option<UnansweredTake>,
}

/// Who looks on while a history is played.
pub trait Onlooker {
    /// Which plans the history changes between; of backup services not every onlooker knows.
    fn plans() -> &'static [Plan] {
        plans()
    }
    fn clock_jumped(&mut self) {}
    /// A command was decided; its events come next.
    fn decided(&mut self, command: &Command, now: Now, decision: &Result<Decision, Refusal>, moment: Moment);
    /// An event happened, and `hall` took it over.
    fn happened(&mut self, _: &Stamped, _: &Hall, _: Moment) {}
    /// Nothing is under way.
    fn looked(
        &mut self,
        command: &Command,
        decision: &Result<Decision, Refusal>,
        hall: &Hall,
        moment: Moment,
    );
    /// The process dies, or the history ends.
    fn stopped(&mut self, hall: &Hall, journal: &[Stamped]);
}

/// What became of a history.
pub struct Played {
    pub complaints: Vec<Complaint>,
    pub journal: Vec<Stamped>,
    /// The codes of all refusals.
    pub refusals: Vec<&'static str>,
}

/// Play a history with the witness looking on.
pub fn play(history: &[Step], mutant: Mutant) -> Played {
    let played = Rehearsal::play(history, mutant, Witness::default());
    Played {
        complaints: played.onlooker.complaints,
        journal: played.journal,
        refusals: played.onlooker.refusals,
    }
}

/// Play a history to a sound hall, with somebody else looking on.
pub fn watch<O: Onlooker>(history: &[Step], onlooker: O) -> O {
    Rehearsal::play(history, Mutant::Sound, onlooker).onlooker
}

/// The first thing in a history that was not as the reference said.
pub fn compare(history: &[Step], mutant: Mutant) -> Option<String> {
    Rehearsal::play(history, mutant, Comparison::default()).onlooker.difference
}

/// Holds the hall to what the reference says, up to the first difference.
#[derive(Default)]
struct Comparison {
    reference: Reference,
    difference: Option<String>,
}

impl Onlooker for Comparison {
    fn plans() -> &'static [Plan] {
        plans_with_backup()
    }

    fn decided(&mut self, command: &Command, now: Now, decision: &Result<Decision, Refusal>, _: Moment) {
        if self.difference.is_none() {
            let mut right = self.reference.decide(command, now, decision);
            if let Ok(Decision { answer: Some(answer), repeated: true, .. }) = &mut right {
                forget_ahead(answer);
            }
            if let Some(what) = self.reference.overlooked.take() {
                self.difference = Some(format!("{command:?}\n{what}; it gave {decision:?}"));
            } else if right != untold(decision) {
                self.difference = Some(format!("{command:?}\nis to give {right:?}\nand gave {decision:?}"));
            }
        }
    }

    fn looked(&mut self, _: &Command, _: &Result<Decision, Refusal>, _: &Hall, _: Moment) {}

    fn stopped(&mut self, hall: &Hall, _: &[Stamped]) {
        if self.difference.is_none() {
            self.difference = self.reference.difference(hall);
        }
    }
}

/// The decision without the waits told, of which the reference knows nothing.
fn untold(decision: &Result<Decision, Refusal>) -> Result<Decision, Refusal> {
    let mut decision = decision.clone();
    if let Ok(Decision { events, answer, repeated }) = &mut decision {
        let mut waiting = None;
        for Stamped { event, answer, .. } in events {
            if let Event::Issued { estimate, ahead, .. } = event {
                waiting = Some(*ahead);
                *estimate = None;
            }
            if let Some(answer) = answer {
                tell_nothing(answer, waiting);
            }
        }
        if let Some(answer) = answer {
            tell_nothing(answer, waiting);
            if *repeated {
                forget_ahead(answer);
            }
        }
    }
    decision
}

/// In the place of the calls expected first, which are what the estimate says, come those who wait first.
fn tell_nothing(answer: &mut Answer, waiting: Option<u32>) {
    if let Answer::Ticket { estimate, ahead, .. } = answer
        && estimate.take().is_some_and(|estimate| estimate.ahead == *ahead)
    {
        *ahead = waiting.unwrap_or(*ahead);
    }
}

/// With a repeated answer comes no event that says who waits.
fn forget_ahead(answer: &mut Answer) {
    if let Answer::Ticket { ahead, .. } = answer {
        *ahead = 0;
    }
}

struct Rehearsal<O> {
    hall: Hall,
    journal: Vec<Stamped>,
    onlooker: O,
    tampering: Tampering,
    moment: Moment,
    senders: BTreeMap<Device, Sender>,
    sessions: u32,
    stores: BTreeMap<Device, Store>,
}

impl<O: Onlooker> Rehearsal<O> {
    fn play(history: &[Step], mutant: Mutant, onlooker: O) -> Self {
        let mut rehearsal = Self {
            hall: Hall::new(id("county")),
            journal: Vec::new(),
            onlooker,
            tampering: Tampering::of(mutant),
            moment: Moment { real_ms: 0, wall_ms: TEN_O_CLOCK },
            senders: BTreeMap::new(),
            sessions: 0,
            stores: BTreeMap::new(),
        };
        rehearsal.give(&Command::AdoptPlan(Box::new(O::plans()[0].clone())));
        for step in history {
            rehearsal.step(step);
        }
        rehearsal.onlooker.stopped(&rehearsal.hall, &rehearsal.journal);
        rehearsal
    }

    fn step(&mut self, step: &Step) {
        match step {
            Step::Take { kiosk, service, class, also, sent } => {
                let (service, also) = (id(service), also.iter().map(|matter| id(matter)).collect());
                self.send(Device::Kiosk(id(kiosk)), *sent, |press, age_ms| Command::Take {
                    press,
                    age_ms,
                    service,
                    class: *class,
                    also,
                });
            }
            Step::Press { window, key, shown, named, sent } => {
                let ticket = match shown {
                    Shown::Nothing => None,
                    Shown::InHand => self.in_hand(window),
                    Shown::Another => Some(id("ZZ9999")),
                };
                let details = Details {
                    number: self.named(*key, named.nth),
                    to_service: named.to_service.map(id),
                    to_window: named.to_window.map(id),
                    clerk: (named.nth < 230).then(|| id(&(named.nth % 4).to_string())),
                    outcome: if named.nth % 5 == 0 {
                        ServiceOutcome::BackOffice
                    } else {
                        ServiceOutcome::Finished
                    },
                    grade: named.grade,
                    class: named.class,
                };
                let reason = named.reason.map(str::to_owned);
                self.send(Device::Pad(id(window)), *sent, |press, age_ms| Command::Key {
                    press,
                    age_ms,
                    key: *key,
                    ticket,
                    reason,
                    details,
                });
            }
            Step::Return { .. } | Step::Cancel { .. } => self.step_of_a_ticket(step),
            Step::CheckIn { kiosk, nth, sent } => {
                let code = self.expected(*nth);
                self.send(Device::Kiosk(id(kiosk)), *sent, |press, age_ms| Command::CheckIn {
                    press,
                    age_ms,
                    code,
                });
            }
            Step::Book { .. }
            | Step::Unbook { .. }
            | Step::WriteOff { .. }
            | Step::Order(_)
            | Step::Declare { .. }
            | Step::Clear { .. } => self.step_of_a_client(step),
            Step::Lease { .. } | Step::Print { .. } | Step::HandIn { .. } | Step::EndLease { .. } => {
                self.step_of_a_lease(step);
            }
            Step::Adopt(nth) => drop(self.give(&Command::AdoptPlan(Box::new(O::plans()[*nth].clone())))),
            Step::Tick => drop(self.give(&Command::Tick)),
            Step::Wait(ms) => {
                self.moment.real_ms += ms;
                self.moment.wall_ms += ms;
            }
            Step::Jump(ms) => {
                self.moment.wall_ms += ms;
                self.onlooker.clock_jumped();
            }
            Step::Restart => {
                self.onlooker.stopped(&self.hall, &self.journal);
                self.hall = replayed(id("county"), &self.journal);
            }
        }
    }

    fn step_of_a_client(&mut self, step: &Step) {
        match step {
            Step::Book { nth, service, quarters, days } => {
                let today = self.moment.wall_ms.div_euclid(DAY_MS) - TEN_O_CLOCK / DAY_MS;
                let minute = self.moment.wall_ms.rem_euclid(DAY_MS) / 60_000;
                let minute = (minute / 15 * 15 + i64::from(*quarters) * 15).rem_euclid(24 * 60);
                let slot = slot(i32::try_from(today).unwrap() + days, u16::try_from(minute).unwrap());
                let (client, appointment) = (id("city"), code(*nth));
                drop(self.give(&Command::Book { client, appointment, service: id(service), slot }));
            }
            Step::Unbook { nth } => {
                drop(self.give(&Command::Unbook { client: id("city"), appointment: code(*nth) }));
            }
            Step::WriteOff { kiosk, reason } => {
                let (by, reason) = ("张三".into(), (*reason).into());
                drop(self.give(&Command::WriteOff { client: id("city"), kiosk: id(kiosk), by, reason }));
            }
            Step::Order(order) => {
                drop(self.give(&Command::Manage { by: id("chief"), order: order.clone() }));
            }
            Step::Declare { text, zones } => {
                let (client, text) = (id("chief"), EmergencyText::new(text, "").unwrap());
                let zones = zones.iter().map(|zone| id(zone)).collect();
                drop(self.give(&Command::DeclareEmergency { client, text, zones, grounds: grounds() }));
            }
            Step::Clear { zones } => {
                let zones = zones.iter().map(|zone| id(zone)).collect();
                let (client, grounds) = (id("chief"), grounds());
                drop(self.give(&Command::ClearEmergency { client, zones, grounds }));
            }
            _ => {}
        }
    }

    fn step_of_a_ticket(&mut self, step: &Step) {
        let (Step::Return { kiosk, nth, sent } | Step::Cancel { kiosk, nth, sent }) = step else { return };
        let leaves = matches!(step, Step::Cancel { .. });
        let number = self.named(if leaves { Key::Cancel } else { Key::Return }, *nth).unwrap_or(id("ZZ9999"));
        self.send(Device::Kiosk(id(kiosk)), *sent, |press, age_ms| {
            if leaves {
                Command::Cancel { press, age_ms, number }
            } else {
                Command::Return { press, age_ms, number }
            }
        });
    }

    fn step_of_a_lease(&mut self, step: &Step) {
        let kiosk = |name: &str| Device::Kiosk(id(name));
        match step {
            Step::Lease { kiosk: name, service, count, sent } => {
                let (service, count) = (id(service), NonZeroU16::new(*count).unwrap());
                let answer = self.send(kiosk(name), *sent, |press, age_ms| Command::Lease {
                    press,
                    age_ms,
                    service,
                    count,
                });
                self.hears(kiosk(name), answer.as_ref());
            }
            Step::Print { kiosk: name, service, also } => {
                let also: Vec<_> = also.iter().map(|matter| id(matter)).collect();
                let store = self.stores.entry(kiosk(name)).or_default();
                store.print(id(service), &also, self.moment.real_ms);
            }
            Step::HandIn { kiosk: name, how, sent } => {
                let other = if *name == "K1" { kiosk("K2") } else { kiosk("K1") };
                let (today, real_ms) = (self.hall.day(), self.moment.real_ms);
                let store = self.stores.entry(kiosk(name)).or_default().clone();
                let take = self.senders.get(&kiosk(name)).and_then(|sender| sender.take);
                let (day, tickets) = store.hands_in(*how, take, self.stores.get(&other), today, real_ms);
                let answer = self.send(kiosk(name), *sent, |press, age_ms| Command::HandIn {
                    press,
                    age_ms,
                    day,
                    tickets,
                });
                if *how != HandIn::ReplyLost {
                    self.hears(kiosk(name), answer.as_ref());
                }
            }
            Step::EndLease { kiosk: name, nth, sent } => {
                let lease = self.stores.entry(kiosk(name)).or_default().gives_back(*nth);
                let (day, first, unused) = lease.unwrap_or((self.hall.day(), id("ZZ9999"), 0));
                self.send(kiosk(name), *sent, |press, age_ms| Command::EndLease {
                    press,
                    age_ms,
                    day,
                    first,
                    unused,
                });
            }
            _ => {}
        }
    }

    fn hears(&mut self, kiosk: Device, answer: Option<&Answer>) {
        if let Some(answer) = answer {
            self.stores.entry(kiosk).or_default().hears(answer);
        }
    }

    fn in_hand(&self, window: &str) -> Option<TicketNumber> {
        let there = TicketState::AtWindow { window: id(window) };
        Some(self.hall.tickets().find(|ticket| ticket.state == there)?.number)
    }

    /// Mostly an appointment whose citizen is expected.
    fn expected(&self, nth: u8) -> AppointmentId {
        let all = self.hall.appointments().iter().filter(|one| one.state == AppointmentState::Booked);
        let all: Vec<_> = all.map(|one| one.id).collect();
        if nth < 200 && !all.is_empty() { all[usize::from(nth) % all.len()] } else { code(nth) }
    }

    /// Mostly a ticket the key may be about.
    fn named(&self, key: Key, nth: u8) -> Option<TicketNumber> {
        let suits = |state: TicketState| match key {
            _ if nth >= 200 => true,
            Key::Pick | Key::Correct => state.waits(),
            Key::Cancel => state.waits() || matches!(state, TicketState::Parked { .. }),
            Key::ConfirmClass => state.waits() || matches!(state, TicketState::AtWindow { .. }),
            Key::Return => matches!(state, TicketState::Missed | TicketState::Parked { .. }),
            Key::Unpark => matches!(state, TicketState::Parked { .. }),
            _ => true,
        };
        let all: Vec<_> = self.hall.tickets().filter(|t| suits(t.state)).map(|t| t.number).collect();
        match nth {
            250.. => None,
            230.. => Some(id("ZZ9999")),
            _ if all.is_empty() => None,
            _ => Some(all[usize::from(nth) % all.len()]),
        }
    }

    fn send(
        &mut self,
        device: Device,
        sent: Sent,
        command: impl FnOnce(PressId, u32) -> Command,
    ) -> Option<Answer> {
        let sender = self.senders.entry(device).or_default();
        if sent == Sent::NewSession || sender.sessions.is_empty() {
            self.sessions += 1;
            sender.sessions.push(self.sessions);
            sender.seq = 0;
        }
        let current = *sender.sessions.last().unwrap();
        let before = sender.sessions.iter().rev().nth(1).copied();
        let command = match (sent, before, sender.last.take()) {
            (Sent::Again, _, Some(last)) => last,
            (Sent::OldSession, Some(session), _) => command(PressId { device, session, seq: 1_000 }, 0),
            (Sent::Older, _, _) if sender.seq > 1 => {
                command(PressId { device, session: current, seq: sender.seq - 1 }, 0)
            }
            _ => {
                sender.seq += 1;
                let age_ms = if sent == Sent::Late { 11_000 } else { 40 };
                command(PressId { device, session: current, seq: sender.seq }, age_ms)
            }
        };
        if let Command::Take { press: PressId { session, seq, .. }, .. } = command {
            sender.take = Some(UnansweredTake { session, seq });
        }
        sender.last = Some(command.clone());
        self.give(&command)
    }

    fn give(&mut self, command: &Command) -> Option<Answer> {
        let now = now(self.moment.wall_ms);
        let decision = self.tampering.decide(&self.hall, command, now);
        self.onlooker.decided(command, now, &decision, self.moment);
        for stamped in decision.iter().flat_map(|decision| &decision.events) {
            self.journal.extend(self.tampering.written(stamped));
            for _ in 0..self.tampering.times_applied(stamped) {
                self.hall.apply(stamped);
            }
            self.onlooker.happened(stamped, &self.hall, self.moment);
        }
        self.onlooker.looked(command, &decision, &self.hall, self.moment);
        decision.ok()?.answer
    }
}

/// One of ten ids, now and then in capitals.
fn code(nth: u8) -> AppointmentId {
    let letters = if nth.is_multiple_of(16) { "YY" } else { "yy" };
    id(&format!("{letters}-{}", nth % 10))
}

fn grounds() -> Grounds {
    Grounds { by: Some("0412".into()), reason: None }
}
