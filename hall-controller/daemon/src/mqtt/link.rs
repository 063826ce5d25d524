//! One MQTT v5 link to a broker: what the controller speaks through, and each virtual device.
//!
//! This file is the promise to the rest of the daemon; the task that keeps it is in `task`, what
//! is still to be sent in `outbox`, what came and waits for the engine in `inbox`. No payload
//! is read here. Whoever takes an [`Incoming`] acknowledges it when what it caused is durable.

mod backoff;
mod connection;
mod inbox;
mod look_back;
mod outbox;
mod pulse;
mod task;

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use hall_protocol::topic::{Topic, TopicError};
use tokio::sync::{Notify, mpsc, watch};
use tokio_util::sync::CancellationToken;

pub use self::backoff::BROKEN_MAX;
use self::outbox::Outbox;
pub use self::pulse::Pulse;

/// How long a goodbye may take.
const GOODBYE_MAX: Duration = Duration::from_secs(2);

/// A broker that answers no pulse for longer is told of: pulses are a second apart.
const SILENT_MAX: Duration = Duration::from_secs(5);

/// Messages on their way to the engine; more wait in the link, then in the broker.
const INCOMING_MAX: usize = 64;

/// What the link publishes about its owner when it comes and when it goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// The connection is up.
    Online,
    /// The owner says goodbye, or the broker says it for it (the will).
    Offline,
}

/// Makes the payload of the status topic; called at every connection, so that the time in it is
/// that of the connection.
pub type Announcement = Arc<dyn Fn(Presence) -> Bytes + Send + Sync>;

/// What the broker keeps for the link while it is away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Session {
    /// Subscriptions, and messages not yet acknowledged, for this long: a press made while the
    /// controller restarts arrives.
    Kept(Duration),
    /// Nothing: a device that was away must not see what was meant for it then.
    Fresh,
}

/// User name and password, for brokers that ask for them.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// The user name.
    pub username: String,
    /// The password; never printed.
    pub password: String,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("username", &self.username).finish_non_exhaustive()
    }
}

/// How a link is made.
#[derive(Clone)]
pub struct LinkOptions {
    /// The broker's host name or address.
    pub host: String,
    /// The broker's port.
    pub port: u16,
    /// The MQTT client id; two links with the same id throw each other out.
    pub client_id: String,
    /// For brokers that ask.
    pub credentials: Option<Credentials>,
    /// A silent broker is given up after twice this; at least 5 s.
    pub keep_alive: Duration,
    /// The owner's retained status, which is also its will; none for a link nobody is to know of.
    pub status: Option<Status>,
    /// Subscribed at QoS 1 on every connection.
    pub subscriptions: Vec<Subscription>,
    /// Filters whose retained messages are to be heard once, at the first connection, those this client
    /// published itself before it was started again too: as [`Incoming::kept`].
    pub look_back: Vec<String>,
    /// What the broker keeps meanwhile.
    pub session: Session,
    /// How the link knows that the broker answers; none where nothing depends on how old a message is.
    pub pulse: Option<Pulse>,
}

/// What a link says of its owner.
#[derive(Clone)]
pub struct Status {
    /// Where.
    pub topic: Topic,
    /// The payloads.
    pub announcement: Announcement,
}

/// What a link wants to hear.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// The topic filter.
    pub filter: String,
    /// Whether to hear what was published before this connection and retained.
    pub retained: bool,
    /// Whether to hear also what a client of the same id has published, such as this one.
    pub own: bool,
}

impl fmt::Debug for LinkOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LinkOptions")
            .field("broker", &format_args!("{}:{}", self.host, self.port))
            .field("client_id", &self.client_id)
            .field("subscriptions", &self.subscriptions)
            .finish_non_exhaustive()
    }
}

/// A topic that is not of the grammar, as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownTopic {
    /// Its text.
    pub text: String,
    /// What is wrong with it.
    pub error: TopicError,
}

/// One message from the broker.
#[derive(Debug)]
pub struct Incoming {
    /// Where it was published, or the text that is no topic of ours.
    pub topic: Result<Topic, UnknownTopic>,
    /// What was published, at most [`PACKET_BYTES_MAX`] bytes.
    pub payload: Bytes,
    /// Its sender asked the broker to keep it. A press or a request that says so is stale or
    /// spoofed: it would come again at every reconnect.
    pub retain: bool,
    /// The broker had it from before this process came; heard by [`LinkOptions::look_back`] only.
    pub kept: bool,
    /// Where the sender wants the reply, if it said; never to be trusted with another device's
    /// topic or with state.
    pub response_topic: Option<String>,
    /// What the sender wants the reply to carry.
    pub correlation: Option<Bytes>,
    /// When it came, or the earliest moment at which it may have come if this process or the broker stood still.
    pub came: Instant,
    /// The same if only this process is meant.
    pub came_here: Instant,
    /// To be used up once what the message caused is durable.
    pub ack: AckToken,
}

/// The largest packet taken from or given to a broker, in bytes. The broker is told at connection
/// and must keep larger ones to itself: one huge retained message would otherwise end every
/// connection right after it began.
pub const PACKET_BYTES_MAX: u32 = 64 * 1_024;

/// Messages the broker may send ahead of their acknowledgement; it holds the rest. The bound of
/// everything the link keeps for a busy engine, and still one batch of a busy hall's presses.
pub const RECEIVE_MAX: u16 = 256;

/// The right to acknowledge one message, once.
///
/// Dropping it leaves the message unacknowledged: the broker delivers it again at the next
/// connection, and until then one of [`RECEIVE_MAX`] places stays taken.
#[must_use = "an unacknowledged message comes again"]
#[derive(Debug)]
pub struct AckToken(Option<(mpsc::UnboundedSender<Ack>, Ack)>);

/// An acknowledgement on its way to the link's task. Their number is bounded by [`RECEIVE_MAX`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Ack {
    /// The connection the message came by; packet ids mean nothing on another one.
    connection: u64,
    packet_id: u16,
}

impl AckToken {
    /// Tell the broker that it need not deliver the message again. Never waits. When the
    /// connection is gone meanwhile, nothing happens: the broker delivers again, and the core
    /// answers duplicates as it did the first time.
    pub fn ack(self) {
        if let Some((acks, ack)) = self.0 {
            // A link that has ended needs no acknowledgement.
            let _ = acks.send(ack);
        }
    }

    /// Whether the broker holds the message until it is acknowledged (QoS 1).
    fn is_promised(&self) -> bool {
        self.0.is_some()
    }
}

/// The longest reply topic a device may ask for, in bytes.
pub const RESPONSE_TOPIC_BYTES_MAX: usize = 128;

/// A reply topic outside of the grammar, as a client asked for it: not empty, not too long,
/// nothing a broker would take for a filter or for its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResponseTopic(Box<str>);

impl ResponseTopic {
    /// Check what a client asked for.
    pub fn new(asked: &str) -> Option<Self> {
        let good = !asked.is_empty()
            && asked.len() <= RESPONSE_TOPIC_BYTES_MAX
            && !asked.contains(['+', '#', '\0'])
            && !asked.starts_with('$');
        good.then(|| Self(asked.into()))
    }
}

/// Where a message goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destination {
    /// A topic of the grammar.
    Ours(Topic),
    /// What a request asked for.
    Asked(ResponseTopic),
}

impl fmt::Display for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ours(topic) => topic.fmt(f),
            Self::Asked(topic) => f.write_str(&topic.0),
        }
    }
}

/// A publication that is not retained: sent once, dropped when it cannot be sent in time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Where.
    pub to: Destination,
    /// What.
    pub payload: Bytes,
    /// After this time it is of no use to anybody, neither here nor in the broker.
    pub expiry: Duration,
    /// The correlation data of the request it answers, or of the request it is.
    pub correlation: Option<Bytes>,
    /// Where a request wants its reply.
    pub response_topic: Option<Topic>,
}

/// Whether the broker is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkState {
    /// Not connected: not yet, or not any more, since this instant.
    Down(Instant),
    /// Connected and subscribed since this instant.
    Up(Instant),
}

/// What the link has counted since it was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LinkFigures {
    /// For how long the broker has been away; `None` while the link is up.
    pub down: Option<Duration>,
    /// For how long the broker has not answered though the link is up, if that is long.
    pub silent: Option<Duration>,
    /// Connections after the first.
    pub reconnects: u64,
    /// Publications the broker has acknowledged.
    pub published: u64,
    /// Replies and events dropped because they were too old, or too many waited.
    pub outgoing_dropped: u64,
    /// Publications larger than the broker takes; never sent.
    pub oversized: u64,
    /// Publications the broker refused (its ACL, its quota).
    pub refused: u64,
    /// Messages handed to the engine, deliveries again included.
    pub received: u64,
    /// Messages that came faster than the engine took them and were dropped. Only those sent at
    /// QoS 0, unless the broker ignores [`RECEIVE_MAX`].
    pub incoming_dropped: u64,
    /// How often this process stood still for longer than a second.
    pub standstills: u64,
}

#[derive(Debug, Default)]
struct Counters {
    reconnects: AtomicU64,
    published: AtomicU64,
    outgoing_dropped: AtomicU64,
    oversized: AtomicU64,
    refused: AtomicU64,
    received: AtomicU64,
    incoming_dropped: AtomicU64,
    standstills: AtomicU64,
}

fn add(counter: &AtomicU64, count: u64) {
    counter.fetch_add(count, Ordering::Relaxed);
}

/// What the handles and the task share: what is to be published, bounded by the outbox itself.
#[derive(Debug, Default)]
struct Shared {
    outbox: Mutex<Outbox>,
    /// Something came into the outbox.
    filled: Notify,
    /// When the latest pulse that came back was sent; none where none has.
    proven: Mutex<Option<Instant>>,
    counters: Counters,
}

impl Shared {
    /// Held for the length of one insertion or removal only.
    fn outbox(&self) -> MutexGuard<'_, Outbox> {
        self.outbox.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn proven(&self) -> MutexGuard<'_, Option<Instant>> {
        self.proven.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How the rest of the daemon speaks through a link; cheap to clone.
#[derive(Debug, Clone)]
pub struct LinkHandle {
    shared: Arc<Shared>,
    state: watch::Receiver<LinkState>,
    pulses: bool,
}

impl LinkHandle {
    /// The state of `topic` is now `payload`: retained, only the latest of a topic counts, and it
    /// is published again after every connection. Never waits.
    pub fn retain(&self, topic: Topic, payload: Bytes) {
        self.shared.outbox().put_state(topic, payload);
        self.shared.filled.notify_one();
    }

    /// Somebody else published `payload` on `topic`. If that is a state of ours, the broker now keeps
    /// something else, or nothing: publish ours again. Never waits.
    pub fn restore(&self, topic: Topic, payload: &[u8]) {
        self.shared.outbox().restore(topic, payload);
        self.shared.filled.notify_one();
    }

    /// Send `message` once, if that can be done in time. Never waits.
    pub fn send(&self, message: Message) {
        self.shared.outbox().put_message(message, Instant::now());
        self.shared.filled.notify_one();
    }

    /// Whether the broker is there, and since when; also to wait for a change.
    pub fn state(&self) -> watch::Receiver<LinkState> {
        self.state.clone()
    }

    /// What has been counted.
    pub fn figures(&self) -> LinkFigures {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let counters = &self.shared.counters;
        let (down, up) = match *self.state.borrow() {
            LinkState::Down(since) => (Some(since.elapsed()), None),
            LinkState::Up(since) => (None, Some(since)),
        };
        let proven = self.pulses.then(|| *self.shared.proven());
        let silent = up.zip(proven).map(|(up, proven)| proven.map_or(up, |proven| proven.max(up)).elapsed());
        LinkFigures {
            down,
            silent: silent.filter(|silent| *silent > SILENT_MAX),
            reconnects: read(&counters.reconnects),
            published: read(&counters.published),
            outgoing_dropped: read(&counters.outgoing_dropped),
            oversized: read(&counters.oversized),
            refused: read(&counters.refused),
            received: read(&counters.received),
            incoming_dropped: read(&counters.incoming_dropped),
            standstills: read(&counters.standstills),
        }
    }
}

/// A link's task.
#[derive(Debug)]
pub struct Link {
    task: tokio::task::JoinHandle<()>,
}

impl Link {
    /// Start the link's task; once `ready` it connects, and goes on connecting, until `cancelled`.
    ///
    /// Then it publishes what it was still given, the offline status last, disconnects, and ends,
    /// in at most 2 s. Whoever publishes must have ended before, or what it says is lost.
    pub fn spawn(
        options: LinkOptions,
        cancelled: CancellationToken,
        ready: impl Future<Output = ()> + Send + 'static,
    ) -> (Self, LinkHandle, mpsc::Receiver<Incoming>) {
        let (incoming_tx, incoming_rx) = mpsc::channel(INCOMING_MAX);
        let (state_tx, state_rx) = watch::channel(LinkState::Down(Instant::now()));
        let shared = Arc::new(Shared::default());
        let pulses = options.pulse.is_some();
        let handle = LinkHandle { shared: Arc::clone(&shared), state: state_rx, pulses };
        let task = tokio::spawn(async move {
            tokio::select! {
                () = cancelled.cancelled() => return,
                () = ready => {}
            }
            task::LinkTask::new(options, cancelled, shared, incoming_tx, state_tx).run().await;
        });
        (Self { task }, handle, incoming_rx)
    }

    /// Wait until the task has ended after its cancellation.
    pub async fn ended(self) {
        if let Err(error) = self.task.await
            && error.is_panic()
        {
            tracing::error!(%error, "an MQTT link panicked");
        }
    }
}
