//! The way between a client and the broker: a connection that delays, loses, repeats and breaks.
//!
//! A packet lost on a connection stops everything behind it, as TCP does, until both ends find the
//! connection broken. What overtakes or comes twice are requests and replies, as over a bridge.

use std::rc::Rc;
use std::sync::Arc;

use hall_core::answer::Answer;
use hall_core::command::Command;
use hall_core::event::PressId;
use hall_core::refusal::Refusal;
use hall_core::view::{WindowView, ZoneView};
use hall_protocol::id::{DeviceId, WindowId, ZoneId};
use hall_protocol::payload::Menu;

use crate::random::{Usual, Weather};
use crate::schedule::{Due, Sim};

/// The controller among the clients; then come kiosks, pads and boards.
pub(crate) const CONTROLLER: usize = 0;

/// A press on its way.
#[derive(Debug)]
pub(crate) struct Press {
    pub(crate) id: PressId,
    pub(crate) command: Command,
    /// Who is to be answered.
    pub(crate) client: usize,
    /// When the key went down.
    pub(crate) pressed_us: u64,
    /// So long after that it may be on its way to the controller.
    pub(crate) good_for_us: u64,
}

/// What came of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    Answered(Answer),
    /// Without a trace in the journal.
    Refused(Refusal),
    Done,
}

/// What is published.
#[derive(Debug, Clone)]
pub(crate) enum Message {
    Press(Rc<Press>),
    Reply(Rc<(PressId, Outcome)>),
    Window(Arc<WindowView>),
    Board(Arc<ZoneView>),
    Menu(Rc<Menu>),
}

/// Where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Topic {
    Requests,
    Reply(usize),
    Window(WindowId),
    Board(ZoneId),
    Menu(DeviceId),
}

/// A publication, good until `expires_us`; one without that is retained.
#[derive(Debug, Clone)]
pub(crate) struct Publication {
    pub(crate) topic: Topic,
    pub(crate) message: Message,
    pub(crate) expires_us: Option<u64>,
}

impl Publication {
    pub(crate) fn expired(&self, now_us: u64) -> bool {
        self.expires_us.is_some_and(|at| now_us >= at)
    }
}

/// What goes over a connection.
#[derive(Debug, Clone)]
pub(crate) enum Packet {
    Connect,
    /// The connection is accepted; whether the broker knew the session.
    Accepted,
    Publish {
        id: u32,
        publication: Publication,
    },
    PubAck {
        id: u32,
    },
}

/// Which way a packet goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    Up,
    Down,
}

#[derive(Debug, Default, Clone)]
struct Lane {
    epoch: u32,
    up: bool,
    breaking: bool,
    /// A packet was lost: nothing comes through until the connection is made anew.
    stalled: [bool; 2],
    last_us: [u64; 2],
    partitioned_until_us: u64,
    pause_us: u64,
    up_since_us: u64,
}

/// The connections of all clients.
#[derive(Debug)]
pub(crate) struct Network {
    lanes: Vec<Lane>,
}

const FIRST_PAUSE_US: u64 = 100_000;
const LONGEST_PAUSE_US: u64 = 5_000_000;
const GOOD_US: u64 = 10_000_000;

impl Network {
    pub(crate) fn new(clients: usize) -> Self {
        Self { lanes: vec![Lane { pause_us: FIRST_PAUSE_US, ..Lane::default() }; clients] }
    }

    /// Whether this connection is the client's and is not known to be broken.
    pub(crate) fn holds(&self, client: usize, epoch: u32) -> bool {
        self.lanes[client].up && self.lanes[client].epoch == epoch
    }

    /// The client's connection, as far as it knows.
    pub(crate) fn epoch(&self, client: usize) -> Option<u32> {
        let lane = &self.lanes[client];
        lane.up.then_some(lane.epoch)
    }

    pub(crate) fn partition(&mut self, sim: &Sim, client: usize, for_us: u64) {
        let lane = &mut self.lanes[client];
        lane.partitioned_until_us = lane.partitioned_until_us.max(sim.now_us + for_us);
    }

    /// A client tries to connect; gives whether it sends its greeting now.
    pub(crate) fn dial(&mut self, sim: &mut Sim, client: usize, broker_up: bool) {
        let lane = &mut self.lanes[client];
        if lane.up {
            return;
        }
        if !broker_up || sim.now_us < lane.partitioned_until_us {
            lane.pause_us = (2 * lane.pause_us).min(LONGEST_PAUSE_US);
            let pause_us = lane.pause_us;
            sim.after(pause_us, Due::Dial { client });
            return;
        }
        lane.epoch += 1;
        lane.up = true;
        lane.breaking = false;
        lane.stalled = [false; 2];
        lane.up_since_us = sim.now_us;
        let epoch = lane.epoch;
        self.send(sim, client, Way::Up, epoch, Packet::Connect);
    }

    /// The client's connection is no more; gives whether there was one.
    pub(crate) fn close(&mut self, client: usize) -> bool {
        std::mem::take(&mut self.lanes[client].up)
    }

    /// When a client without a connection is to dial.
    pub(crate) fn pause_us(&mut self, sim: &Sim, client: usize) -> u64 {
        let lane = &mut self.lanes[client];
        if sim.now_us - lane.up_since_us >= GOOD_US {
            lane.pause_us = FIRST_PAUSE_US;
        }
        lane.pause_us
    }

    pub(crate) fn send(&mut self, sim: &mut Sim, client: usize, way: Way, epoch: u32, packet: Packet) {
        let lane = &mut self.lanes[client];
        if !lane.up || lane.epoch != epoch {
            return;
        }
        let side = way as usize;
        let cut = sim.now_us < lane.partitioned_until_us || lane.stalled[side];
        if cut || sim.strikes(Weather::Lose, client).is_some() {
            lane.stalled[side] = true;
            if !std::mem::replace(&mut lane.breaking, true) {
                let notices_us = sim.between(Usual::Break, client, 300_000, 2_000_000);
                sim.after(notices_us, Due::Broken { client, epoch });
            }
            return;
        }
        let free = matches!(
            &packet,
            Packet::Publish { publication, .. } if publication.expires_us.is_some()
        );
        let mut at_us = sim.now_us + sim.between(Usual::Latency, client, 150, 2_500);
        if let Some(hard) = sim.strikes(Weather::Delay, client) {
            at_us += hard % 3_000_000;
        }
        let lane = &mut self.lanes[client];
        if free && let Some(hard) = sim.strikes(Weather::Reorder, client) {
            at_us += hard % 1_500_000;
        } else {
            at_us = at_us.max(lane.last_us[side] + 1);
            lane.last_us[side] = at_us;
        }
        if free && let Some(hard) = sim.strikes(Weather::Duplicate, client) {
            sim.at(at_us + hard % 2_500_000, arrival(client, way, epoch, packet.clone()));
        }
        sim.at(at_us, arrival(client, way, epoch, packet));
    }
}

fn arrival(client: usize, way: Way, epoch: u32, packet: Packet) -> Due {
    match way {
        Way::Up => Due::Up { client, epoch, packet },
        Way::Down => Due::Down { client, epoch, packet },
    }
}
