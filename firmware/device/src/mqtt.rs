//! A device's link to the broker: MQTT 5.0 over any stream of bytes, without a socket or a clock.
//!
//! A board opens a TCP connection when [`Client::wants_connection`] says so, gives what comes in to
//! [`Client::receive`], sends [`Client::outgoing`], and closes when told. The rest is here: will and
//! retained status, subscriptions at each connection, one publication under way at a time, a sign of life
//! every two seconds, and giving a silent broker up.
//!
//! Nothing is kept over a connection: states are retained by the broker, and a question is repeated by the
//! [`crate::conversation`].

mod read;
mod write;

use core::fmt::Write;

use hall_protocol::json;
use hall_protocol::payload::DeviceStatus;
use hall_protocol::topic::{Channel, Topic};
use heapless::{String, Vec};

use self::read::{Broken, Said};
use self::write::{Packet, kind, property};
use crate::message::{EXPIRY_S, Ignored, Publish};

/// The broker says that the device is gone when it has not heard from it for one and a half times that.
const KEEP_ALIVE_S: u16 = 5;

/// A sign of life is asked for this often.
const PING_EVERY_MS: u64 = 2_000;

/// A broker that says nothing for so long, or takes so long to be connected to, is given up.
const SILENCE_MAX_MS: u64 = 5_000;

/// From a connection's end to the next attempt. Short, because a hall waits for it; the devices of a hall
/// do not come at the same moment, because their clocks did not start together.
const DIAL_AGAIN_MS: u64 = 1_000;

/// Publications the broker may send ahead of their acknowledgement.
const RECEIVE_MAX: u16 = 8;

/// From here on a reason is a failure.
const FAILURE: u8 = 0x80;

/// Of a subscription: acknowledged publications, without our own.
const QOS_1_NOT_OUR_OWN: u8 = 0b101;

/// What a connection request says of itself.
mod connect {
    pub(super) const VERSION: u8 = 5;
    pub(super) const CLEAN_START: u8 = 1 << 1;
    pub(super) const WILL: u8 = 1 << 2;
    pub(super) const WILL_QOS_1: u8 = 1 << 3;
    pub(super) const WILL_RETAIN: u8 = 1 << 5;
    pub(super) const PASSWORD: u8 = 1 << 6;
    pub(super) const USER: u8 = 1 << 7;
}

/// A device behind the link: a call pad or a kiosk.
pub trait Device {
    /// The topics it listens to.
    fn subscriptions(&self) -> [Topic; 3];

    /// Where its status goes, retained, and its will.
    fn status_topic(&self) -> Topic;

    /// What its status says.
    fn status(&self, online: bool, firmware: &str) -> DeviceStatus;

    /// The link to the broker has come up, with all topics subscribed, or has gone.
    fn link(&mut self, up: bool, now_ms: u64);

    /// A message has come.
    ///
    /// # Errors
    /// [`Ignored`] when it is nothing for this device; it changes nothing then.
    fn hear(&mut self, topic: &str, payload: &[u8], now_ms: u64) -> Result<(), Ignored>;

    /// The message to publish now, written into `buffer`, while the link is up.
    fn poll_publish<'a>(&mut self, now_ms: u64, buffer: &'a mut [u8]) -> Option<Publish<'a>>;
}

/// How a device names itself to the broker.
#[derive(Debug, Clone, Copy)]
pub struct Login<'a> {
    /// Name and version of its firmware.
    pub firmware: &'a str,
    /// User name and password, for a broker that asks.
    pub credentials: Option<(&'a str, &'a str)>,
}

/// Why a connection must be closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Over {
    /// The broker refused or ended it, for this reason of the standard's section 2.4.
    Broker(u8),
    /// It does not speak MQTT 5.0, or a packet is too large.
    Broken,
    /// It says nothing.
    Silent,
}

impl From<Broken> for Over {
    fn from(_: Broken) -> Self {
        Self::Broken
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// No connection before this time.
    Away {
        dial_ms: u64,
    },
    /// The board opens one since.
    Dialing {
        since_ms: u64,
    },
    /// The broker is to take the device, and then its subscriptions.
    Greeting,
    Subscribing,
    Up,
}

/// The link of one device. `IN` bytes is the largest packet it takes, which it tells the broker; `OUT` bytes
/// wait to be sent at most.
#[derive(Debug)]
pub struct Client<'a, const IN: usize, const OUT: usize> {
    login: Login<'a>,
    phase: Phase,
    incoming: Vec<u8, IN>,
    outgoing: Vec<u8, OUT>,
    heard_ms: u64,
    ping_ms: u64,
    last_number: u16,
    /// The publication that is not acknowledged yet.
    under_way: Option<u16>,
}

impl<'a, const IN: usize, const OUT: usize> Client<'a, IN, OUT> {
    /// A link that has never been up.
    pub fn new(login: Login<'a>) -> Self {
        Self {
            login,
            phase: Phase::Away { dial_ms: 0 },
            incoming: Vec::new(),
            outgoing: Vec::new(),
            heard_ms: 0,
            ping_ms: 0,
            last_number: 0,
            under_way: None,
        }
    }

    /// Whether a connection is to be opened now; says so once.
    pub fn wants_connection(&mut self, now_ms: u64) -> bool {
        let wants = matches!(self.phase, Phase::Away { dial_ms } if dial_ms <= now_ms);
        if wants {
            self.phase = Phase::Dialing { since_ms: now_ms };
        }
        wants
    }

    /// The connection is open, or is open still.
    pub fn connected(&mut self, device: &impl Device, now_ms: u64) {
        if !matches!(self.phase, Phase::Dialing { .. }) {
            return;
        }
        self.phase = Phase::Greeting;
        (self.heard_ms, self.ping_ms) = (now_ms, now_ms + PING_EVERY_MS);
        self.greet(device);
    }

    /// There is no connection; another is wanted after a while.
    pub fn closed(&mut self, device: &mut impl Device, now_ms: u64) {
        if let Phase::Away { .. } = self.phase {
            return;
        }
        self.phase = Phase::Away { dial_ms: now_ms + DIAL_AGAIN_MS };
        self.incoming.clear();
        self.outgoing.clear();
        self.under_way = None;
        device.link(false, now_ms);
    }

    /// Bytes have come.
    ///
    /// # Errors
    /// Why the connection is to be closed.
    pub fn receive(&mut self, bytes: &[u8], device: &mut impl Device, now_ms: u64) -> Result<(), Over> {
        let mut rest = bytes;
        while !rest.is_empty() {
            self.heard_ms = now_ms;
            let (now, later) = rest.split_at(rest.len().min(IN - self.incoming.len()));
            // A packet that fills all of the room without an end is too large.
            if now.is_empty() || self.incoming.extend_from_slice(now).is_err() {
                return Err(Over::Broken);
            }
            rest = later;
            while let Some(length) = read::length(&self.incoming)? {
                let Some(packet) = self.incoming.get(..length) else { break };
                match read::packet(packet)? {
                    Said::Message { topic, number, payload } => {
                        // What is not for the device changes nothing, and is not wanted again either.
                        let _ = device.hear(topic, payload, now_ms);
                        let taken = number.is_none_or(|number| {
                            Packet::new(&mut self.outgoing, kind::PUBACK).short(number).finish()
                        });
                        if !taken {
                            return Err(Over::Broken);
                        }
                    }
                    Said::Connected(reason) | Said::Subscribed(reason) | Said::Goodbye(reason)
                        if reason >= FAILURE =>
                    {
                        return Err(Over::Broker(reason));
                    }
                    Said::Goodbye(reason) => return Err(Over::Broker(reason)),
                    Said::Connected(_) => self.subscribe(device),
                    Said::Subscribed(_) => {
                        self.phase = Phase::Up;
                        self.announce(device);
                        device.link(true, now_ms);
                    }
                    Said::Taken(number) => {
                        self.under_way.take_if(|under_way| *under_way == number);
                    }
                    Said::Pong => {}
                }
                self.incoming.copy_within(length.., 0);
                self.incoming.truncate(self.incoming.len() - length);
            }
        }
        Ok(())
    }

    /// Do what is due: a sign of life, a publication.
    ///
    /// # Errors
    /// Why the connection is to be closed.
    pub fn pass_time(&mut self, device: &mut impl Device, now_ms: u64) -> Result<(), Over> {
        let silent_since_ms = match self.phase {
            Phase::Away { .. } => return Ok(()),
            Phase::Dialing { since_ms } => since_ms,
            Phase::Greeting | Phase::Subscribing | Phase::Up => self.heard_ms,
        };
        if now_ms.saturating_sub(silent_since_ms) >= SILENCE_MAX_MS {
            return Err(Over::Silent);
        }
        if self.phase != Phase::Up {
            return Ok(());
        }
        if self.ping_ms <= now_ms && Packet::new(&mut self.outgoing, kind::PINGREQ).finish() {
            self.ping_ms = now_ms + PING_EVERY_MS;
        }
        // Behind bytes that cannot be sent a press would grow older than it says.
        if self.under_way.is_none() && self.outgoing.is_empty() {
            let mut buffer = [0; 1_024];
            if let Some(publish) = device.poll_publish(now_ms, &mut buffer) {
                self.publish(&publish);
            }
        }
        Ok(())
    }

    /// What is to be sent.
    pub fn outgoing(&self) -> &[u8] {
        &self.outgoing
    }

    /// So many bytes of [`Client::outgoing`] are sent.
    pub fn sent(&mut self, bytes: usize) {
        let sent = bytes.min(self.outgoing.len());
        self.outgoing.copy_within(sent.., 0);
        self.outgoing.truncate(self.outgoing.len() - sent);
    }

    fn greet(&mut self, device: &impl Device) {
        let topic = device.status_topic();
        let will = encoded(&device.status(false, self.login.firmware));
        let mut flags = connect::CLEAN_START | connect::WILL | connect::WILL_QOS_1 | connect::WILL_RETAIN;
        if self.login.credentials.is_some() {
            flags |= connect::USER | connect::PASSWORD;
        }
        let packet = Packet::new(&mut self.outgoing, kind::CONNECT)
            .counted(b"MQTT")
            .byte(connect::VERSION)
            .byte(flags)
            .short(KEEP_ALIVE_S)
            .properties(|packet| {
                let packet = packet.byte(property::RECEIVE_MAXIMUM).short(RECEIVE_MAX);
                packet.byte(property::MAXIMUM_PACKET_SIZE).long(u32::try_from(IN).unwrap_or(u32::MAX))
            })
            .counted(client_id(&topic).as_bytes())
            .properties(|packet| packet)
            .counted(spelt(&topic).as_bytes())
            .counted(&will);
        match self.login.credentials {
            Some((user, password)) => packet.counted(user.as_bytes()).counted(password.as_bytes()),
            None => packet,
        }
        .finish();
    }

    fn subscribe(&mut self, device: &impl Device) {
        self.phase = Phase::Subscribing;
        let number = self.next_number();
        let packet =
            Packet::new(&mut self.outgoing, kind::SUBSCRIBE).short(number).properties(|packet| packet);
        let topics = device.subscriptions();
        let all = topics
            .iter()
            .fold(packet, |packet, topic| packet.counted(spelt(topic).as_bytes()).byte(QOS_1_NOT_OUR_OWN));
        all.finish();
    }

    /// The device is there; the broker keeps that until it says otherwise.
    fn announce(&mut self, device: &impl Device) {
        let number = self.next_number();
        Packet::new(&mut self.outgoing, kind::PUBLISH | kind::AT_LEAST_ONCE | kind::RETAIN)
            .counted(spelt(&device.status_topic()).as_bytes())
            .short(number)
            .properties(|packet| packet)
            .rest(&encoded(&device.status(true, self.login.firmware)))
            .finish();
    }

    fn publish(&mut self, publish: &Publish<'_>) {
        let number = self.next_number();
        let written = Packet::new(&mut self.outgoing, kind::PUBLISH | kind::AT_LEAST_ONCE)
            .counted(spelt(&publish.topic).as_bytes())
            .short(number)
            .properties(|packet| {
                packet
                    .byte(property::MESSAGE_EXPIRY_S)
                    .long(EXPIRY_S)
                    .byte(property::RESPONSE_TOPIC)
                    .counted(spelt(&publish.response_topic).as_bytes())
                    .byte(property::CORRELATION_DATA)
                    .counted(&publish.correlation)
            })
            .rest(publish.payload)
            .finish();
        self.under_way = written.then_some(number);
    }

    /// The number of a packet, which is never 0.
    fn next_number(&mut self) -> u16 {
        self.last_number = self.last_number.checked_add(1).unwrap_or(1);
        self.last_number
    }
}

/// What the hall's brokers know a device by: `window-7`, `kiosk-K1`.
fn client_id(status: &Topic) -> String<32> {
    let mut name = String::new();
    if let Channel::DeviceStatus(kind, id) = status.channel {
        // The longest kind and id are shorter.
        let _ = write!(name, "{kind}-{id}");
    }
    name
}

fn spelt(topic: &Topic) -> String<{ hall_protocol::topic::TOPIC_BYTES_MAX }> {
    let mut text = String::new();
    // No topic is longer.
    let _ = write!(text, "{topic}");
    text
}

fn encoded(status: &DeviceStatus) -> Vec<u8, 160> {
    let mut bytes = Vec::new();
    // A status has a session, a firmware of 32 bytes and two words more.
    let _ = bytes.resize(bytes.capacity(), 0);
    let length = json::encode(status, &mut bytes).unwrap_or(0);
    bytes.truncate(length);
    bytes
}
