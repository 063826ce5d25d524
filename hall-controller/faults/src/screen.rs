//! A screen on the wall: it shows the latest it was sent of its zone.

use std::sync::Arc;

use hall_core::view::{HallView, ZoneView};
use hall_protocol::id::ZoneId;

use crate::invariants::{Checked, Invariant, violated};
use crate::link::Link;
use crate::network::{Message, Network, Packet, Way};
use crate::schedule::Sim;

/// One screen.
pub(crate) struct Screen {
    client: usize,
    zone: ZoneId,
    pub(crate) link: Link,
    shows: Option<Arc<ZoneView>>,
}

impl Screen {
    pub(crate) fn new(client: usize, zone: ZoneId) -> Self {
        Self { client, zone, link: Link::new(client), shows: None }
    }

    pub(crate) fn take(&mut self, sim: &mut Sim, network: &mut Network, epoch: u32, packet: Packet) {
        match packet {
            Packet::Accepted => self.link.connected(sim, epoch),
            Packet::Publish { id, publication } => {
                if let Message::Board(zone) = publication.message {
                    self.shows = Some(zone);
                }
                network.send(sim, self.client, Way::Up, epoch, Packet::PubAck { id });
            }
            Packet::PubAck { .. } | Packet::Connect => {}
        }
    }

    /// It shows the calls of the journal.
    pub(crate) fn settled(&self, view: &HallView) -> Checked {
        let wanted = view.zones.iter().find(|zone| zone.id == self.zone);
        let calls = |zone: &Arc<ZoneView>| zone.calls.clone();
        if self.shows.as_ref().map(calls) != wanted.map(calls) {
            return violated(Invariant::ShowsTheJournal, || {
                format!("the board of {} shows {:?} instead of {wanted:?}", self.zone, self.shows)
            });
        }
        Ok(())
    }
}
