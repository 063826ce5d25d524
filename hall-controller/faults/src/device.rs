//! Kiosks and call pads, with the people in front of them, as the daemon's virtual devices talk:
//! one request under way, repeated every 700 ms with its true age, given up after 5 s.

use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::Arc;

use hall_core::command::{Command, Details};
use hall_core::event::{Device as Name, PressId};
use hall_core::refusal::Refusal;
use hall_core::view::{HallView, WindowView};
use hall_protocol::id::ServiceId;
use hall_protocol::number::TicketNumber;
use hall_protocol::payload::{Class, Key};

use crate::history::SECOND_US;
use crate::invariants::{Checked, Invariant, violated};
use crate::link::Link;
use crate::mutant::Mutant;
use crate::network::{Message, Network, Outcome, Packet, Press, Topic, Way};
use crate::random::Usual;
use crate::schedule::{Due, Sim};

const REPEAT_AFTER_US: u64 = 700_000;
const EXPIRES_US: u64 = 5 * SECOND_US;
const PATIENCE_US: u64 = 5 * SECOND_US;
const STUBBORN_US: u64 = 60 * SECOND_US;

/// People who wait behind the one who presses; more go away.
const WAITING_MAX: usize = 4;

/// What a person wants.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Wish {
    Take { service: ServiceId, also: Option<ServiceId>, class: Class },
    Return(TicketNumber),
    Key { key: Key, ticket: Option<TicketNumber>, details: Details },
}

#[derive(Debug)]
struct Asking {
    number: u32,
    wish: Wish,
    press: PressId,
    pressed_us: u64,
    /// It may begin a session of its own, once.
    again: bool,
}

/// One device.
pub(crate) struct Device {
    at: usize,
    client: usize,
    name: Name,
    session: u32,
    seq: u32,
    stubborn: bool,
    pub(crate) link: Link,
    asking: Option<Asking>,
    waiting: VecDeque<(u32, Wish, u64)>,
    /// What a pad shows.
    shows: Option<Arc<WindowView>>,
}

impl Device {
    pub(crate) fn new(sim: &mut Sim, at: usize, client: usize, name: Name, stubborn: bool) -> Self {
        let mut device = Self {
            at,
            client,
            name,
            session: 0,
            seq: 0,
            stubborn,
            link: Link::new(client),
            asking: None,
            waiting: VecDeque::new(),
            shows: None,
        };
        device.begin_session(sim);
        device
    }

    fn begin_session(&mut self, sim: &mut Sim) {
        let session = sim.between(Usual::Session, self.client, 1, u64::from(u32::MAX));
        self.session = u32::try_from(session).unwrap_or(1);
        self.seq = 0;
    }

    /// The number its pad shows.
    pub(crate) fn number(&self) -> Option<TicketNumber> {
        self.shows.as_ref()?.ticket.map(|ticket| ticket.number)
    }

    /// Somebody presses; `number` is of this press of this person among all.
    pub(crate) fn press(&mut self, sim: &mut Sim, network: &mut Network, number: u32, wish: Wish) {
        if self.asking.is_some() {
            if self.waiting.len() < WAITING_MAX {
                self.waiting.push_back((number, wish, sim.now_us));
            }
            return;
        }
        self.ask(sim, network, number, wish, sim.now_us);
    }

    fn ask(&mut self, sim: &mut Sim, network: &mut Network, number: u32, wish: Wish, pressed_us: u64) {
        let patience_us = if self.stubborn { STUBBORN_US } else { PATIENCE_US };
        sim.at(pressed_us + patience_us, Due::GiveUp { device: self.at, asking: number });
        let press = PressId { device: self.name, session: 0, seq: 0 };
        self.asking = Some(Asking { number, wish, press, pressed_us, again: true });
        self.begin(sim, network);
    }

    /// A new press of what is being asked.
    fn begin(&mut self, sim: &mut Sim, network: &mut Network) {
        self.seq += 1;
        if let Some(asking) = &mut self.asking {
            asking.press = PressId { device: self.name, session: self.session, seq: self.seq };
            sim.ledger.pressed(asking.press, asking.number);
            let (press, wish) = (asking.press, asking.wish);
            sim.tell(|| format!("{press}: {wish:?}"));
        }
        self.say(sim, network);
    }

    fn say(&mut self, sim: &mut Sim, network: &mut Network) {
        let Some(asking) = &self.asking else { return };
        let age_ms = u32::try_from((sim.now_us - asking.pressed_us) / 1_000).unwrap_or(u32::MAX);
        let press = asking.press;
        let command = match asking.wish {
            Wish::Take { service, also, class } => {
                Command::Take { press, age_ms, service, class, also: also.into_iter().collect() }
            }
            Wish::Return(number) => Command::Return { press, age_ms, number },
            Wish::Key { key, ticket, details } => {
                let reason = match key {
                    Key::Pause => Some("午餐".to_owned()),
                    Key::Pick => Some("急事".to_owned()),
                    _ => None,
                };
                Command::Key { press, age_ms, key, ticket, reason, details }
            }
        };
        let press = Press { id: press, command, client: self.client, pressed_us: asking.pressed_us };
        let expires_us = sim.now_us + EXPIRES_US;
        self.link.put_message(Topic::Requests, Message::Press(Rc::new(press)), expires_us);
        self.link.pump(sim, network);
        sim.after(
            REPEAT_AFTER_US,
            Due::Repeat { device: self.at, asking: asking_seq(self.session, self.seq) },
        );
    }

    pub(crate) fn repeat(&mut self, sim: &mut Sim, network: &mut Network, asking: u32) {
        if self.asking.is_none() || asking != asking_seq(self.session, self.seq) {
            return;
        }
        if sim.is(Mutant::RepeatsAsNewPress) {
            self.begin(sim, network);
        } else {
            self.say(sim, network);
        }
    }

    pub(crate) fn give_up(&mut self, sim: &mut Sim, network: &mut Network, number: u32) {
        if self.asking.as_ref().is_some_and(|asking| asking.number == number) {
            sim.tell(|| format!("{} gives up", self.name));
            self.settle(sim, network);
        }
    }

    /// Whoever asked has an answer or has gone; the next may press.
    fn settle(&mut self, sim: &mut Sim, network: &mut Network) {
        self.asking = None;
        let patience_us = if self.stubborn { STUBBORN_US } else { PATIENCE_US };
        while let Some((number, wish, pressed_us)) = self.waiting.pop_front() {
            if sim.now_us < pressed_us + patience_us {
                return self.ask(sim, network, number, wish, pressed_us);
            }
        }
    }

    pub(crate) fn take(&mut self, sim: &mut Sim, network: &mut Network, epoch: u32, packet: Packet) {
        match packet {
            Packet::Accepted => self.link.connected(sim, epoch),
            Packet::PubAck { id } => self.link.answered(id),
            Packet::Publish { id, publication } => {
                network.send(sim, self.client, Way::Up, epoch, Packet::PubAck { id });
                match publication.message {
                    Message::Reply(reply) => self.replied(sim, network, reply.0, &reply.1),
                    Message::Window(window) => self.shows = Some(window),
                    Message::Press(_) | Message::Board(_) => {}
                }
            }
            Packet::Connect => {}
        }
        self.link.pump(sim, network);
    }

    fn replied(&mut self, sim: &mut Sim, network: &mut Network, press: PressId, outcome: &Outcome) {
        sim.tell(|| format!("{press} hears {outcome:?}"));
        let checked = sim.ledger.told(press, outcome);
        sim.check(checked);
        let Some(asking) = self.asking.as_mut().filter(|asking| asking.press == press) else { return };
        let passed_over = matches!(outcome, Outcome::Refused(Refusal::OutOfOrder));
        if passed_over && std::mem::take(&mut asking.again) {
            self.begin_session(sim);
            self.begin(sim, network);
        } else {
            self.settle(sim, network);
        }
    }

    /// It is switched off and on; whoever stood there goes.
    pub(crate) fn reboot(&mut self, sim: &mut Sim, keeps_sequence: bool) {
        self.link = Link::new(self.client);
        self.asking = None;
        self.waiting.clear();
        self.shows = None;
        if !keeps_sequence {
            self.begin_session(sim);
        }
    }

    /// Nobody waits for an answer, and a pad shows what the journal says.
    pub(crate) fn settled(&self, view: &HallView) -> Checked {
        if let Some(asking) = &self.asking {
            return violated(Invariant::EverybodyIsAnswered, || format!("{} still waits", asking.press));
        }
        let Name::Pad(id) = self.name else { return Ok(()) };
        let Some(wanted) = view.windows.iter().find(|window| window.id == id) else { return Ok(()) };
        let same = self.shows.as_ref().is_some_and(|shown| {
            (shown.mode, &shown.reason, shown.ticket, shown.waiting)
                == (wanted.mode, &wanted.reason, wanted.ticket, wanted.waiting)
        });
        if !same {
            return violated(Invariant::ShowsTheJournal, || {
                format!("pad {id} shows {:?} instead of {wanted:?}", self.shows)
            });
        }
        Ok(())
    }
}

/// Names a press of a device well enough for its timer.
fn asking_seq(session: u32, seq: u32) -> u32 {
    session.wrapping_mul(31).wrapping_add(seq)
}
