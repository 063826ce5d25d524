//! The city's booking system: it books, changes and cancels by HTTP, one request for each appointment
//! under way, repeated until the hall answers. A list it imports is as many requests.

use std::collections::{BTreeMap, VecDeque};

use hall_core::answer::Answer;
use hall_core::command::Command;
use hall_core::refusal::Refusal;
use hall_protocol::appointment::AppointmentId;

use crate::history::SECOND_US;
use crate::invariants::{Checked, Invariant, violated};
use crate::network::Outcome;
use crate::random::{Usual, Weather};
use crate::schedule::{Due, Sim};

/// Its place among those that faults strike: behind all clients of the broker.
pub(crate) const AWAY: u8 = 15;

const AGAIN_AFTER_US: u64 = SECOND_US;

/// Requests about one appointment that wait for the one before them; more are left out.
const WAITING_MAX: usize = 4;

#[derive(Debug)]
struct Asking {
    ask: u32,
    command: Command,
    tries: u32,
    waiting: VecDeque<Command>,
}

/// The booking system.
#[derive(Debug, Default)]
pub(crate) struct Registry {
    asks: u32,
    under_way: BTreeMap<AppointmentId, Asking>,
}

impl Registry {
    /// It wants something of the hall about this appointment.
    pub(crate) fn wants(&mut self, sim: &mut Sim, id: AppointmentId, command: Command) {
        if let Some(asking) = self.under_way.get_mut(&id) {
            if asking.waiting.len() < WAITING_MAX {
                asking.waiting.push_back(command);
            }
            return;
        }
        self.ask(sim, id, command, VecDeque::new());
    }

    fn ask(&mut self, sim: &mut Sim, id: AppointmentId, command: Command, waiting: VecDeque<Command>) {
        self.asks += 1;
        let ask = self.asks;
        sim.tell(|| format!("the city asks ({ask}): {command:?}"));
        self.under_way.insert(id, Asking { ask, command, tries: 0, waiting });
        self.send(sim, ask);
    }

    /// Send what is still not answered, again after a while.
    pub(crate) fn send(&mut self, sim: &mut Sim, ask: u32) {
        let Some((_, asking)) = self.asking(ask) else { return };
        asking.tries += 1;
        sim.after(AGAIN_AFTER_US, Due::AsksAgain { ask });
        if let Some(after_us) = way_us(sim) {
            sim.after(after_us, Due::Asks { ask });
        }
    }

    /// What is asked.
    pub(crate) fn command(&mut self, ask: u32) -> Option<Command> {
        self.asking(ask).map(|(_, asking)| asking.command.clone())
    }

    /// The hall answers.
    pub(crate) fn hears(&mut self, sim: &mut Sim, ask: u32, outcome: &Outcome) {
        let Some((id, asking)) = self.asking(ask) else { return };
        let id = *id;
        let answer = match outcome {
            // It is asked again later.
            Outcome::Refused(Refusal::StorageTrouble) => return,
            Outcome::Answered(answer @ Answer::Appointment { .. }) => Some(answer),
            Outcome::Answered(_) | Outcome::Refused(_) | Outcome::Done => None,
        };
        sim.ledger.client_heard(id, answer, asking.tries);
        if let Some(Asking { mut waiting, .. }) = self.under_way.remove(&id)
            && let Some(next) = waiting.pop_front()
        {
            self.ask(sim, id, next, waiting);
        }
    }

    fn asking(&mut self, ask: u32) -> Option<(&AppointmentId, &mut Asking)> {
        self.under_way.iter_mut().find(|(_, asking)| asking.ask == ask)
    }

    /// Everything is answered.
    pub(crate) fn settled(&self) -> Checked {
        if let Some((id, Asking { command, .. })) = self.under_way.iter().next() {
            return violated(Invariant::EverybodyIsAnswered, || format!("{id} still waits: {command:?}"));
        }
        Ok(())
    }
}

/// How long a request or an answer is under way; `None` for one that is lost.
pub(crate) fn way_us(sim: &mut Sim) -> Option<u64> {
    let takes_us = sim.between(Usual::Latency, usize::from(AWAY), 300, 20_000);
    sim.strikes(Weather::Lose, usize::from(AWAY)).is_none().then_some(takes_us)
}
