//! Plays a history to a hall, with a witness looking on; a mutant may stand between them.

use std::collections::BTreeMap;

use hall_core::Hall;
use hall_core::answer::Answer;
use hall_core::command::{Command, Details};
use hall_core::event::{Device, PressId, Stamped};
use hall_core::plan::Plan;
use hall_core::ticket::TicketState;
use hall_core::view::HallView;
use hall_protocol::number::TicketNumber;
use hall_protocol::payload::{Key, ServiceOutcome};

use super::kiosk::Store;
use super::mutants::{Mutant, Tampering};
use super::script::{HandIn, Sent, Shown, Step, plans};
use super::witness::{Complaint, Moment, Witness};
use super::{TEN_O_CLOCK, id, now, replayed};

/// What a device sends from.
#[derive(Default)]
struct Sender {
    sessions: Vec<u32>,
    seq: u32,
    last: Option<Command>,
}

/// What became of a history.
pub struct Played {
    pub complaints: Vec<Complaint>,
    pub journal: Vec<Stamped>,
    /// The codes of all refusals.
    pub refusals: Vec<&'static str>,
}

pub fn play(history: &[Step], mutant: Mutant) -> Played {
    let mut rehearsal = Rehearsal::new(mutant);
    let first = Command::AdoptPlan(Box::new(rehearsal.plans[0].clone()));
    rehearsal.give(&first);
    for step in history {
        rehearsal.step(step);
    }
    rehearsal.witness.journal(&rehearsal.hall, &rehearsal.journal);
    Played {
        complaints: rehearsal.witness.complaints,
        journal: rehearsal.journal,
        refusals: rehearsal.witness.refusals,
    }
}

struct Rehearsal {
    hall: Hall,
    view: HallView,
    journal: Vec<Stamped>,
    witness: Witness,
    tampering: Tampering,
    moment: Moment,
    senders: BTreeMap<Device, Sender>,
    sessions: u32,
    stores: BTreeMap<Device, Store>,
    plans: Vec<Plan>,
}

impl Rehearsal {
    fn new(mutant: Mutant) -> Self {
        let hall = Hall::new(id("county"));
        Self {
            view: HallView::of(&hall, 0),
            hall,
            journal: Vec::new(),
            witness: Witness::default(),
            tampering: Tampering::of(mutant),
            moment: Moment { real_ms: 0, wall_ms: TEN_O_CLOCK },
            senders: BTreeMap::new(),
            sessions: 0,
            stores: BTreeMap::new(),
            plans: plans(),
        }
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
                    outcome: ServiceOutcome::default(),
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
            Step::Return { kiosk, nth, sent } => {
                let number = self.named(Key::Return, *nth).unwrap_or(id("ZZ9999"));
                self.send(Device::Kiosk(id(kiosk)), *sent, |press, age_ms| Command::Return {
                    press,
                    age_ms,
                    number,
                });
            }
            Step::Lease { .. } | Step::Print { .. } | Step::HandIn { .. } | Step::EndLease { .. } => {
                self.step_of_a_lease(step);
            }
            Step::Adopt(plan) => drop(self.give(&Command::AdoptPlan(Box::new(self.plans[*plan].clone())))),
            Step::Tick => drop(self.give(&Command::Tick)),
            Step::Wait(ms) => {
                self.moment.real_ms += ms;
                self.moment.wall_ms += ms;
            }
            Step::Jump(ms) => {
                self.moment.wall_ms += ms;
                self.witness.clock_jumped();
            }
            Step::Restart => {
                self.witness.journal(&self.hall, &self.journal);
                self.hall = replayed(id("county"), &self.journal);
                self.view = HallView::of(&self.hall, self.journal.len() as u64);
            }
        }
    }

    fn step_of_a_lease(&mut self, step: &Step) {
        let kiosk = |name: &str| Device::Kiosk(id(name));
        match step {
            Step::Lease { kiosk: name, service, count, sent } => {
                let (service, count) = (id(service), *count);
                let answer = self.send(kiosk(name), *sent, |press, age_ms| Command::Lease {
                    press,
                    age_ms,
                    service,
                    count,
                });
                self.hears(kiosk(name), answer.as_ref());
            }
            Step::Print { kiosk: name, service } => {
                self.stores.entry(kiosk(name)).or_default().print(id(service), self.moment.real_ms);
            }
            Step::HandIn { kiosk: name, how, sent } => {
                let other = if *name == "K1" { kiosk("K2") } else { kiosk("K1") };
                let (today, real_ms) = (self.hall.day(), self.moment.real_ms);
                let store = self.stores.entry(kiosk(name)).or_default().clone();
                let (day, tickets) = store.hands_in(*how, self.stores.get(&other), today, real_ms);
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
        let index = self.view.plan.window_index(id(window))?;
        Some(self.view.windows[index].ticket?.number)
    }

    /// Mostly a ticket the key may be about.
    fn named(&self, key: Key, nth: u8) -> Option<TicketNumber> {
        let suits = |state: TicketState| match key {
            _ if nth >= 200 => true,
            Key::Pick | Key::Cancel | Key::Correct => state.waits(),
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
        sender.last = Some(command.clone());
        self.give(&command)
    }

    fn give(&mut self, command: &Command) -> Option<Answer> {
        let decision = self.tampering.decide(&self.hall, command, now(self.moment.wall_ms));
        self.witness.decided(command, &decision, self.moment);
        for stamped in decision.iter().flat_map(|decision| &decision.events) {
            self.journal.extend(self.tampering.written(stamped));
            for _ in 0..self.tampering.times_applied(stamped) {
                self.hall.apply(stamped);
            }
            self.witness.happened(stamped, &self.hall, self.moment);
        }
        let events = decision.as_ref().map(|decision| &decision.events[..]).unwrap_or_default();
        self.view = self.view.after(&self.hall, events, self.journal.len() as u64);
        if let Ok(decision) = &decision {
            self.witness.answered(command, decision);
        }
        self.witness.looked(&self.hall, &self.view);
        if *command == Command::Tick {
            self.witness.ticked(&self.view, self.moment);
        }
        decision.ok()?.answer
    }
}
