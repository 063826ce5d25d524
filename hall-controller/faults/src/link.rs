//! A client's end of its connection: what is still to be published, as the daemon's outbox keeps it.
//!
//! Replies and presses are edge-triggered and expire; states are level-triggered, the latest of
//! each topic once. Both are sent again after a reconnect.

use std::collections::{BTreeMap, VecDeque};

use crate::invariants::{Checked, Invariant, violated};
use crate::mutant::Mutant;
use crate::network::{Message, Network, Packet, Publication, Topic, Way};
use crate::schedule::Sim;

const MESSAGES_MAX: usize = 1_024;
const IN_FLIGHT_MAX: usize = 16;

#[derive(Debug)]
struct State {
    message: Message,
    waiting: bool,
}

/// One client's link.
#[derive(Debug)]
pub(crate) struct Link {
    client: usize,
    /// The connection the broker has accepted.
    pub(crate) live: Option<u32>,
    next_id: u32,
    states: BTreeMap<Topic, State>,
    changed: VecDeque<Topic>,
    messages: VecDeque<Publication>,
    in_flight: VecDeque<(u32, Option<Publication>)>,
}

impl Link {
    pub(crate) fn new(client: usize) -> Self {
        Self {
            client,
            live: None,
            next_id: 0,
            states: BTreeMap::new(),
            changed: VecDeque::new(),
            messages: VecDeque::new(),
            in_flight: VecDeque::new(),
        }
    }

    pub(crate) fn put_message(&mut self, topic: Topic, message: Message, expires_us: u64) {
        if self.messages.len() >= MESSAGES_MAX {
            self.messages.pop_front();
        }
        self.messages.push_back(Publication { topic, message, expires_us: Some(expires_us) });
    }

    pub(crate) fn put_state(&mut self, topic: Topic, message: Message) {
        let waiting = self.states.get(&topic).is_some_and(|state| state.waiting);
        if !waiting {
            self.changed.push_back(topic);
        }
        self.states.insert(topic, State { message, waiting: true });
    }

    /// The broker has accepted the connection.
    pub(crate) fn connected(&mut self, sim: &Sim, epoch: u32) {
        self.live = Some(epoch);
        while let Some((_, sent)) = self.in_flight.pop_back() {
            if let Some(publication) = sent {
                self.messages.push_front(publication);
            }
        }
        while self.messages.len() > MESSAGES_MAX {
            self.messages.pop_front();
        }
        if sim.is(Mutant::KeepsRetainedToItself) {
            return;
        }
        self.changed.clear();
        self.changed.extend(self.states.keys());
        self.states.values_mut().for_each(|state| state.waiting = true);
    }

    pub(crate) fn lost(&mut self) {
        self.live = None;
    }

    pub(crate) fn answered(&mut self, id: u32) {
        self.in_flight.retain(|(of, _)| *of != id);
    }

    fn next(&mut self, sim: &Sim) -> Option<Publication> {
        if self.in_flight.len() >= IN_FLIGHT_MAX && !sim.is(Mutant::PublishesWithoutBound) {
            return None;
        }
        while let Some(publication) = self.messages.pop_front() {
            if !publication.expired(sim.now_us) {
                return Some(publication);
            }
        }
        let topic = self.changed.pop_front()?;
        let state = self.states.get_mut(&topic)?;
        state.waiting = false;
        Some(Publication { topic, message: state.message.clone(), expires_us: None })
    }

    /// Send what may be sent now.
    pub(crate) fn pump(&mut self, sim: &mut Sim, network: &mut Network) {
        let Some(epoch) = self.live else { return };
        while let Some(publication) = self.next(sim) {
            self.next_id += 1;
            let id = self.next_id;
            self.in_flight.push_back((id, publication.expires_us.map(|_| publication.clone())));
            network.send(sim, self.client, Way::Up, epoch, Packet::Publish { id, publication });
        }
        let bounded = self.bounded();
        sim.check(bounded);
    }

    fn bounded(&self) -> Checked {
        if self.in_flight.len() > IN_FLIGHT_MAX || self.messages.len() > MESSAGES_MAX {
            let (flying, waiting) = (self.in_flight.len(), self.messages.len());
            return violated(Invariant::Bounded, || {
                format!("client {}: {flying} publications ahead, {waiting} waiting", self.client)
            });
        }
        Ok(())
    }
}
