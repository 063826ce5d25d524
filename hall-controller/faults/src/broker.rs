//! An MQTT broker, as far as a hall leans on one: sessions, QoS 1, retained messages, expiry.
//!
//! The controller's session is kept while it is away, those of devices and boards are not.

use std::collections::{BTreeMap, VecDeque};

use crate::invariants::{Checked, Invariant, violated};
use crate::network::{CONTROLLER, Message, Network, Packet, Publication, Topic, Way};
use crate::schedule::Sim;

/// What the controller allows ahead of its acknowledgements.
const RECEIVE_MAX: usize = 256;

/// Messages kept for a client that does not take them.
const QUEUE_MAX: usize = 1_000;

#[derive(Debug, Default)]
struct Session {
    connection: Option<u32>,
    next_id: u32,
    in_flight: VecDeque<(u32, Publication)>,
    queued: VecDeque<Publication>,
}

/// The broker.
#[derive(Debug)]
pub(crate) struct Broker {
    pub(crate) up: bool,
    sessions: Vec<Session>,
    subscriptions: Vec<Vec<Topic>>,
    retained: BTreeMap<Topic, Publication>,
}

impl Broker {
    /// A broker for clients with these subscriptions.
    pub(crate) fn new(subscriptions: Vec<Vec<Topic>>) -> Self {
        let sessions = subscriptions.iter().map(|_| Session::default()).collect();
        Self { up: true, sessions, subscriptions, retained: BTreeMap::new() }
    }

    pub(crate) fn stop(&mut self, keeps_sessions: bool, keeps_retained: bool) {
        self.up = false;
        for (client, session) in self.sessions.iter_mut().enumerate() {
            lost(session, client == CONTROLLER && keeps_sessions);
        }
        if !keeps_retained {
            self.retained.clear();
        }
    }

    /// A client's connection is no more.
    pub(crate) fn lost(&mut self, client: usize) {
        lost(&mut self.sessions[client], client == CONTROLLER);
    }

    pub(crate) fn take(
        &mut self,
        sim: &mut Sim,
        network: &mut Network,
        client: usize,
        epoch: u32,
        packet: Packet,
    ) {
        // A client that was given up may not know it yet.
        if self.sessions[client].connection != Some(epoch) && !matches!(packet, Packet::Connect) {
            return;
        }
        match packet {
            Packet::Connect => self.connected(sim, network, client, epoch),
            Packet::Publish { id, publication } => {
                network.send(sim, client, Way::Down, epoch, Packet::PubAck { id });
                self.publish(sim, network, &publication);
            }
            Packet::PubAck { id } => {
                let session = &mut self.sessions[client];
                if let Some(at) = session.in_flight.iter().position(|(of, _)| *of == id)
                    && let Some((_, publication)) = session.in_flight.remove(at)
                    && let Message::Press(press) = &publication.message
                {
                    let checked = sim.ledger.acknowledged_to_broker(press.id);
                    sim.check(checked);
                }
                self.pump(sim, network, client);
            }
            Packet::Accepted => {}
        }
    }

    fn connected(&mut self, sim: &mut Sim, network: &mut Network, client: usize, epoch: u32) {
        let session = &mut self.sessions[client];
        session.connection = Some(epoch);
        network.send(sim, client, Way::Down, epoch, Packet::Accepted);
        // What was sent and not acknowledged comes again, in its old order, before anything new.
        let now_us = sim.now_us;
        session.in_flight.retain(|(_, publication)| !publication.expired(now_us));
        for (id, publication) in session.in_flight.clone() {
            network.send(sim, client, Way::Down, epoch, Packet::Publish { id, publication });
        }
        let topics = &self.subscriptions[client];
        session.queued.extend(topics.iter().filter_map(|topic| self.retained.get(topic)).cloned());
        self.pump(sim, network, client);
    }

    fn publish(&mut self, sim: &mut Sim, network: &mut Network, publication: &Publication) {
        if publication.expires_us.is_none() {
            self.retained.insert(publication.topic, publication.clone());
        }
        for client in 0..self.sessions.len() {
            if !self.subscriptions[client].contains(&publication.topic) {
                continue;
            }
            let session = &mut self.sessions[client];
            if client == CONTROLLER || session.connection.is_some() {
                if session.queued.len() >= QUEUE_MAX {
                    session.queued.pop_front();
                }
                session.queued.push_back(publication.clone());
                self.pump(sim, network, client);
            }
        }
    }

    fn pump(&mut self, sim: &mut Sim, network: &mut Network, client: usize) {
        let session = &mut self.sessions[client];
        let Some(epoch) = session.connection else { return };
        while session.in_flight.len() < RECEIVE_MAX
            && let Some(publication) = session.queued.pop_front()
        {
            if publication.expired(sim.now_us) {
                continue;
            }
            session.next_id += 1;
            let id = session.next_id;
            session.in_flight.push_back((id, publication.clone()));
            network.send(sim, client, Way::Down, epoch, Packet::Publish { id, publication });
        }
    }

    /// Whether nothing grows beyond its bound.
    pub(crate) fn bounded(&self) -> Checked {
        for (client, session) in self.sessions.iter().enumerate() {
            if session.in_flight.len() > RECEIVE_MAX || session.queued.len() > QUEUE_MAX + 64 {
                return violated(Invariant::Bounded, || format!("the broker's queue for client {client}"));
            }
        }
        Ok(())
    }
}

fn lost(session: &mut Session, keeps: bool) {
    session.connection = None;
    if !keeps {
        session.in_flight.clear();
        session.queued.clear();
    }
}
