//! What is still to be published, and what the broker has not acknowledged yet.
//!
//! Pure: time and the broker's answers come in, publications go out. State is level-triggered (a
//! topic's latest payload, once), messages are edge-triggered (in order, dropped when late), so a
//! slow or absent broker costs at most one payload a topic and [`MESSAGES_MAX`] messages.

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

use bytes::Bytes;
use hall_protocol::topic::Topic;

use super::{Destination, Message};

/// Messages that wait for the broker; then the oldest go. Ten seconds of a busy hall's replies
/// and events, which is also how long they mean anything.
pub(super) const MESSAGES_MAX: usize = 1_024;

/// Publications ahead of their acknowledgement. Mosquitto allows 20 unless configured otherwise;
/// fewer, so that a packet id can never come round while it is in use.
pub(super) const IN_FLIGHT_MAX: usize = 16;

/// MQTT's own share of a PUBLISH beyond topic, payload, response topic and correlation data:
/// fixed header 5, topic length 2, packet id 2, properties length 4, expiry 5, and 3 for each of
/// the two optional properties.
const OVERHEAD_BYTES: usize = 24;

/// One PUBLISH.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Publication {
    pub(super) to: Destination,
    pub(super) payload: Bytes,
    /// Whole seconds it is still good for; `None` is retained state, good until replaced.
    pub(super) expiry_s: Option<u32>,
    pub(super) correlation: Option<Bytes>,
    pub(super) response_topic: Option<Topic>,
}

impl Publication {
    pub(super) fn retain(&self) -> bool {
        self.expiry_s.is_none()
    }

    /// At least as many bytes as its packet will have.
    fn packet_bytes(&self) -> usize {
        OVERHEAD_BYTES
            + self.to.to_string().len()
            + self.payload.len()
            + self.correlation.as_ref().map_or(0, Bytes::len)
            + self.response_topic.as_ref().map_or(0, |topic| topic.to_string().len())
    }
}

/// What was not sent, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Losses {
    /// Messages too old, or too many.
    pub(super) dropped: u64,
    /// Publications larger than the broker takes.
    pub(super) oversized: u64,
}

#[derive(Debug)]
struct Waiting {
    message: Message,
    deadline: Instant,
}

#[derive(Debug)]
struct State {
    payload: Bytes,
    waiting: bool,
}

#[derive(Debug)]
struct InFlight {
    /// Known once the client has numbered it.
    packet_id: Option<u16>,
    /// A message to be repeated if the connection goes first; state is repeated anyway.
    message: Option<Waiting>,
}

/// What is to be sent. See the module's words.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    states: BTreeMap<Topic, State>,
    /// The states to send, each topic at most once, in the order they changed.
    changed: VecDeque<Topic>,
    messages: VecDeque<Waiting>,
    in_flight: VecDeque<InFlight>,
    losses: Losses,
}

impl Outbox {
    /// Take a message at `now`.
    pub(super) fn put_message(&mut self, message: Message, now: Instant) {
        if self.messages.len() >= MESSAGES_MAX {
            self.messages.pop_front();
            self.losses.dropped += 1;
        }
        let deadline = now + message.expiry;
        self.messages.push_back(Waiting { message, deadline });
    }

    /// The state of `topic` is now `payload`.
    pub(super) fn put_state(&mut self, topic: Topic, payload: Bytes) {
        let state = self.states.entry(topic).or_insert(State { payload: Bytes::new(), waiting: false });
        state.payload = payload;
        if !state.waiting {
            state.waiting = true;
            self.changed.push_back(topic);
        }
    }

    /// The broker has `payload` for `topic`, by somebody else. What equals ours may be our own that came
    /// back by a bridge, and is left alone: two bridges would send it round for ever.
    pub(super) fn restore(&mut self, topic: Topic, payload: &[u8]) {
        if let Some(state) = self.states.get_mut(&topic)
            && state.payload != payload
            && !state.waiting
        {
            state.waiting = true;
            self.changed.push_back(topic);
        }
    }

    /// The next publication at `now`, for a broker that takes packets of `packet_bytes_max`.
    ///
    /// Messages go before states: a reply is awaited by a person, and a state can only get better
    /// by waiting.
    pub(super) fn next(&mut self, now: Instant, packet_bytes_max: usize) -> Option<Publication> {
        if self.in_flight.len() >= IN_FLIGHT_MAX {
            return None;
        }
        while let Some(waiting) = self.messages.pop_front() {
            let Some(left) = waiting.deadline.checked_duration_since(now).filter(|left| !left.is_zero())
            else {
                self.losses.dropped += 1;
                continue;
            };
            let publication = Publication {
                to: waiting.message.to.clone(),
                payload: waiting.message.payload.clone(),
                expiry_s: Some(whole_seconds(left)),
                correlation: waiting.message.correlation.clone(),
                response_topic: waiting.message.response_topic,
            };
            if self.fits(&publication, packet_bytes_max) {
                self.in_flight.push_back(InFlight { packet_id: None, message: Some(waiting) });
                return Some(publication);
            }
        }
        while let Some(topic) = self.changed.pop_front() {
            let Some(state) = self.states.get_mut(&topic) else { continue };
            state.waiting = false;
            let publication = Publication {
                to: Destination::Ours(topic),
                payload: state.payload.clone(),
                expiry_s: None,
                correlation: None,
                response_topic: None,
            };
            if self.fits(&publication, packet_bytes_max) {
                self.in_flight.push_back(InFlight { packet_id: None, message: None });
                return Some(publication);
            }
        }
        None
    }

    fn fits(&mut self, publication: &Publication, packet_bytes_max: usize) -> bool {
        let bytes = publication.packet_bytes();
        if bytes <= packet_bytes_max {
            return true;
        }
        tracing::warn!(
            topic = %publication.to,
            bytes,
            packet_bytes_max,
            "not published: the packet is larger than the MQTT broker takes"
        );
        self.losses.oversized += 1;
        false
    }

    /// The client gave the oldest unnumbered publication this packet id.
    pub(super) fn numbered(&mut self, packet_id: u16) {
        if let Some(sent) = self.in_flight.iter_mut().find(|sent| sent.packet_id.is_none()) {
            sent.packet_id = Some(packet_id);
        }
    }

    /// The broker answered for this packet id, for better or worse.
    pub(super) fn answered(&mut self, packet_id: u16) {
        if let Some(at) = self.in_flight.iter().position(|sent| sent.packet_id == Some(packet_id)) {
            self.in_flight.remove(at);
        }
    }

    /// A new connection: messages without an answer wait again, before all others, and every state
    /// is to be sent anew, `first` before the rest.
    pub(super) fn connected(&mut self, first: Option<&Topic>) {
        while let Some(sent) = self.in_flight.pop_back() {
            if let Some(waiting) = sent.message {
                self.messages.push_front(waiting);
            }
        }
        while self.messages.len() > MESSAGES_MAX {
            self.messages.pop_front();
            self.losses.dropped += 1;
        }
        self.changed.clear();
        self.changed.extend(first.filter(|first| self.states.contains_key(first)));
        self.changed.extend(self.states.keys().filter(|topic| Some(*topic) != first));
        for state in self.states.values_mut() {
            state.waiting = true;
        }
    }

    /// Whether everything is sent and answered.
    pub(super) fn is_idle(&self) -> bool {
        self.messages.is_empty() && self.changed.is_empty() && self.in_flight.is_empty()
    }

    /// What was lost since this was last asked.
    pub(super) fn take_losses(&mut self) -> Losses {
        std::mem::take(&mut self.losses)
    }
}

/// Rounded up: a message good for half a second must not expire at once.
fn whole_seconds(left: Duration) -> u32 {
    let up = left.as_secs().saturating_add(u64::from(left.subsec_nanos() > 0));
    u32::try_from(up).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
