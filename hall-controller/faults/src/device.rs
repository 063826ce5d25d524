//! Kiosks and call pads, with the people in front of them, as the daemon's virtual devices talk:
//! one request under way, repeated every 700 ms with its true age, given up after 5 s.

use std::collections::VecDeque;
use std::num::NonZeroU16;
use std::rc::Rc;
use std::sync::Arc;

use hall_core::command::{Command, Details, Printed, UnansweredTake};
use hall_core::event::{Device as Name, PressId};
use hall_core::refusal::Refusal;
use hall_core::view::{HallView, WindowView};
use hall_protocol::appointment::AppointmentId;
use hall_protocol::id::ServiceId;
use hall_protocol::number::TicketNumber;
use hall_protocol::payload::{Class, Key};

use crate::history::SECOND_US;
use crate::invariants::{Checked, Invariant, violated};
use crate::kiosk::{Chore, Matters, OwnNumbers, Paper};
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

/// A kiosk looks so often whether it has something to ask.
const TEND_EVERY_US: u64 = SECOND_US;

/// Presses nobody made are numbered apart from those of people.
const CHORES: u32 = 1 << 31;

/// What a person wants, or a kiosk by itself.
#[derive(Debug, Clone)]
pub(crate) enum Wish {
    Take { service: ServiceId, also: Option<ServiceId>, class: Class },
    Return(TicketNumber),
    CheckIn(AppointmentId),
    Key { key: Key, ticket: Option<TicketNumber>, details: Details },
    Chore(Chore),
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
    /// Of a kiosk.
    own: OwnNumbers,
    /// What it has asked by itself so far.
    chores: u32,
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
            own: OwnNumbers::default(),
            chores: 0,
            shows: None,
        };
        device.begin_session(sim);
        if let Name::Kiosk(_) = name {
            sim.after(TEND_EVERY_US, Due::Tend { device: at });
        }
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
        if let Wish::Take { service, also, .. } = wish {
            self.own.asked_for(service);
            if self.own.line_down && self.prints(sim, Matters { service, also }, None) {
                return;
            }
        }
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
            let named = sim.ledger.pressed(asking.press, asking.number);
            sim.check(named);
            let (press, wish) = (asking.press, &asking.wish);
            sim.tell(|| format!("{press}: {wish:?}"));
        }
        self.say(sim, network);
    }

    fn say(&mut self, sim: &mut Sim, network: &mut Network) {
        let Some(asking) = &self.asking else { return };
        let age_ms = u32::try_from((sim.now_us - asking.pressed_us) / 1_000).unwrap_or(u32::MAX);
        let press = asking.press;
        let command = match &asking.wish {
            Wish::Take { service, also, class } => {
                let (service, class, also) = (*service, *class, also.iter().copied().collect());
                Command::Take { press, age_ms, service, class, also }
            }
            Wish::Return(number) => Command::Return { press, age_ms, number: *number },
            Wish::CheckIn(code) => Command::CheckIn { press, age_ms, code: *code },
            Wish::Key { key, ticket, details } => {
                let (key, ticket, details) = (*key, *ticket, *details);
                let reason = match key {
                    Key::Pause => Some("午餐".to_owned()),
                    Key::Pick => Some("急事".to_owned()),
                    _ => None,
                };
                Command::Key { press, age_ms, key, ticket, reason, details }
            }
            Wish::Chore(Chore::Lease(service)) => {
                Command::Lease { press, age_ms, service: *service, count: NonZeroU16::MAX }
            }
            Wish::Chore(Chore::HandIn(day, papers)) => {
                let printed = |paper: &Paper| {
                    let own_ms = (asking.pressed_us - paper.printed_us) / 1_000;
                    let own_ms = u32::try_from(own_ms).unwrap_or(u32::MAX);
                    Printed {
                        number: paper.number,
                        age_ms: own_ms,
                        class: Class::default(),
                        also: paper.also.into_iter().collect(),
                        unanswered: paper.unanswered.filter(|_| !sim.is(Mutant::HidesUnansweredTakes)),
                    }
                };
                Command::HandIn { press, age_ms, day: *day, tickets: papers.iter().map(printed).collect() }
            }
            Wish::Chore(Chore::End { day, first, unused }) => {
                Command::EndLease { press, age_ms, day: *day, first: *first, unused: *unused }
            }
        };
        let good_for_us = if self.stubborn { STUBBORN_US } else { PATIENCE_US };
        let expires_us = (sim.now_us + EXPIRES_US).min(asking.pressed_us + good_for_us);
        let (client, pressed_us) = (self.client, asking.pressed_us);
        let press = Press { id: press, command, client, pressed_us, good_for_us };
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
            self.without_the_hall(sim);
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
                    Message::Press(_) | Message::Board(_) | Message::Menu(_) => {}
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
        if matches!(outcome, Outcome::Refused(Refusal::StorageTrouble)) {
            self.without_the_hall(sim);
            return self.settle(sim, network);
        }
        self.own.line_down = false;
        if let (Wish::Chore(chore), Outcome::Answered(answer)) = (&asking.wish, outcome) {
            self.own.hears(chore, answer, sim.wall().day);
        }
        if passed_over && std::mem::take(&mut asking.again) {
            self.begin_session(sim);
            self.begin(sim, network);
        } else {
            self.settle(sim, network);
        }
    }

    /// The hall does not answer, or cannot keep what it would: a kiosk goes on by itself. What the hall may have
    /// given for the take is nobody's.
    fn without_the_hall(&mut self, sim: &mut Sim) {
        let Name::Kiosk(_) = self.name else { return };
        self.own.line_down = true;
        if let Some(Asking { wish: Wish::Take { service, also, .. }, press, .. }) = self.asking {
            let take = UnansweredTake { session: press.session, seq: press.seq };
            self.prints(sim, Matters { service, also }, Some(take));
        }
    }

    /// Print a number of its own, if it has one.
    fn prints(&mut self, sim: &mut Sim, matters: Matters, unanswered: Option<UnansweredTake>) -> bool {
        let printed = self.own.print(matters, unanswered, sim.wall().day, sim.now_us);
        let Some(paper) = printed else { return false };
        sim.tell(|| format!("{} prints {}", self.name, paper.number));
        let checked = sim.ledger.printed(paper.day, paper.number);
        sim.check(checked);
        true
    }

    /// A kiosk looks whether it has something to ask by itself.
    pub(crate) fn tend(&mut self, sim: &mut Sim, network: &mut Network) {
        sim.after(TEND_EVERY_US, Due::Tend { device: self.at });
        if self.asking.is_some() {
            return;
        }
        if let Some(chore) = self.own.chore(sim.wall()) {
            self.chores += 1;
            let number = chore_number(self.at, self.chores);
            self.ask(sim, network, number, Wish::Chore(chore), sim.now_us);
        }
    }

    /// It is switched off and on; whoever stood there goes.
    pub(crate) fn reboot(&mut self, sim: &mut Sim, keeps_sequence: bool, keeps_store: bool) {
        self.own.reboot(keeps_store, sim.is(Mutant::ForgetsPrints));
        self.link = Link::new(self.client);
        self.asking = None;
        self.waiting.clear();
        self.shows = None;
        if !keeps_sequence {
            self.begin_session(sim);
        }
    }

    /// Nobody waits for an answer, the hall knows what a kiosk has printed, and a pad shows what the
    /// journal says.
    pub(crate) fn settled(&self, sim: &Sim, view: &HallView) -> Checked {
        // A kiosk may be asking for something by itself at this very moment.
        let by_itself = |asking: &&Asking| {
            matches!(asking.wish, Wish::Chore(_)) && sim.now_us < asking.pressed_us + PATIENCE_US
        };
        if !self.own.is_settled() {
            return violated(Invariant::EverybodyIsAnswered, || format!("{} has tickets left", self.name));
        }
        if let Some(asking) = self.asking.as_ref().filter(|asking| !by_itself(asking)) {
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

/// The number among all presses of what the device at this place asks by itself.
pub(crate) fn chore_number(at: usize, nth: u32) -> u32 {
    CHORES | (u32::try_from(at).unwrap_or(0) << 24) | nth
}

/// Names a press of a device well enough for its timer.
fn asking_seq(session: u32, seq: u32) -> u32 {
    session.wrapping_mul(31).wrapping_add(seq)
}
