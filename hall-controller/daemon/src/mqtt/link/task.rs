//! The task behind a link: connects, subscribes, moves what waits, and connects again.
//!
//! Owns the connection, the inbox and the acknowledgements; the outbox is shared with the handles.
//! May lose replies and events that are too old; never a state, and never a message of the broker's
//! that was not acknowledged. Ends when cancelled, after a goodbye.

use std::sync::Arc;
use std::time::Instant;

use hall_core::standstill::{LOOK_EVERY, Standstill};
use hall_protocol::topic::Topic;
use rumqttc::Outgoing as Sent;
use rumqttc::v5::mqttbytes::QoS;
use rumqttc::v5::mqttbytes::v5::{
    ConnAck, Packet, PubAck, PubAckReason, Publish, SubAck, SubscribeReasonCode,
};
use rumqttc::v5::{ConnectionError, Event};
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;
use tracing::{debug, info, warn};

use super::backoff::Backoff;
use super::connection::{Connection, LOOK_BACK_ID, Overloaded};
use super::inbox::Inbox;
use super::look_back::LookBack;
use super::pulse::Beat;
use super::{
    Ack, AckToken, GOODBYE_MAX, Incoming, LinkOptions, LinkState, PACKET_BYTES_MAX, Presence, Shared,
    UnknownTopic, add,
};

/// A connection and how far it has come.
struct Live {
    connection: Connection,
    number: u64,
    began: Instant,
    /// The broker has accepted us, and takes packets of this many bytes.
    packet_bytes_max: Option<usize>,
    /// When it was accepted and subscribed.
    up: Option<Instant>,
    /// The broker says by which subscription a message comes.
    tells_subscriptions: bool,
}

/// The link's task.
pub(super) struct LinkTask {
    options: LinkOptions,
    cancelled: CancellationToken,
    shared: Arc<Shared>,
    incoming: mpsc::Sender<Incoming>,
    state: watch::Sender<LinkState>,
    inbox: Inbox,
    acks: mpsc::UnboundedSender<Ack>,
    acked: mpsc::UnboundedReceiver<Ack>,
    backoff: Backoff,
    connections: u64,
    /// An outage is told once at its beginning and once at its end.
    outage_told: bool,
    standstill: Standstill,
    look_back: LookBack,
    beat: Option<Beat>,
}

/// What the task does next.
enum Step {
    Event(Box<Result<Event, ConnectionError>>),
    Acked(Ack),
    Delivered,
    Look,
    Connect,
    Cancelled,
}

impl LinkTask {
    pub(super) fn new(
        options: LinkOptions,
        cancelled: CancellationToken,
        shared: Arc<Shared>,
        incoming: mpsc::Sender<Incoming>,
        state: watch::Sender<LinkState>,
    ) -> Self {
        let (acks, acked) = mpsc::unbounded_channel();
        let look_back = LookBack::new(!options.look_back.is_empty());
        let now = Instant::now();
        let mut standstill = Standstill::new(now);
        let beat = options.pulse.clone().map(|pulse| {
            let quiet = pulse.quiet_for().and_then(|quiet| now.checked_sub(quiet));
            standstill.pulses_since(quiet.unwrap_or(now), pulse.age_max());
            Beat::new(pulse, now)
        });
        Self {
            options,
            cancelled,
            shared,
            incoming,
            state,
            inbox: Inbox::default(),
            acks,
            acked,
            backoff: Backoff::new(),
            connections: 0,
            outage_told: false,
            standstill,
            look_back,
            beat,
        }
    }

    pub(super) async fn run(mut self) {
        let mut live = None;
        let mut retry_at = Instant::now();
        loop {
            if let Some(open) = &mut live
                && self
                    .beat(open)
                    .and_then(|()| self.pump(open))
                    .and_then(|()| self.look_ahead(open))
                    .is_err()
            {
                self.lost(&mut live, &mut retry_at, &"the MQTT client takes no more requests");
            }
            let step = self.step(&mut live, retry_at).await;
            self.look();
            match step {
                Step::Cancelled => break,
                Step::Connect => {
                    self.connections += 1;
                    live = Some(Live {
                        connection: Connection::begin(&self.options),
                        number: self.connections,
                        began: Instant::now(),
                        packet_bytes_max: None,
                        up: None,
                        tells_subscriptions: true,
                    });
                }
                Step::Event(event) => match (*event, &mut live) {
                    (Ok(event), Some(open)) => {
                        if self.take(event, open).is_err() {
                            self.lost(&mut live, &mut retry_at, &"the broker refuses the subscription");
                        }
                    }
                    (Err(error), _) => self.lost(&mut live, &mut retry_at, &error),
                    (Ok(_), None) => {}
                },
                Step::Acked(ack) => {
                    if let Some(open) = live.as_ref().filter(|open| open.number == ack.connection)
                        && open.connection.acknowledge(ack.packet_id).is_err()
                    {
                        self.lost(&mut live, &mut retry_at, &"the MQTT client takes no acknowledgement");
                    }
                }
                Step::Delivered => add(&self.shared.counters.received, 1),
                Step::Look => {}
            }
            self.count_losses();
        }
        self.goodbye(live).await;
        self.state.send_replace(LinkState::Down(Instant::now()));
    }

    async fn step(&mut self, live: &mut Option<Live>, retry_at: Instant) -> Step {
        let is_down = live.is_none();
        let event = async {
            match live {
                Some(open) => Box::new(open.connection.event().await),
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            () = self.cancelled.cancelled() => Step::Cancelled,
            Some(ack) = self.acked.recv() => Step::Acked(ack),
            permit = self.incoming.reserve(), if !self.inbox.is_empty() => {
                match (permit, self.inbox.take()) {
                    (Ok(permit), Some(message)) => permit.send(message),
                    // Nobody listens any more: the end is near.
                    (_, message) => drop(message),
                }
                Step::Delivered
            }
            event = event => Step::Event(event),
            () = self.shared.filled.notified() => Step::Look,
            () = tokio::time::sleep_until(retry_at.into()), if is_down => Step::Connect,
            () = tokio::time::sleep(LOOK_EVERY) => Step::Look,
        }
    }

    /// Look at the time: did this process stand still?
    fn look(&mut self) {
        if let Some(stood) = self.standstill.look(Instant::now()) {
            add(&self.shared.counters.standstills, 1);
            let stood_ms = stood.as_millis();
            warn!(
                stood_ms,
                client_id = self.options.client_id,
                "this process stood still: stopped, suspended or without a processor; presses that came \
                 meanwhile count as that old"
            );
        }
    }

    /// Send a pulse, if it is time for one.
    fn beat(&mut self, live: &Live) -> Result<(), Overloaded> {
        let Some(beat) = self.beat.as_mut().filter(|_| live.up.is_some()) else { return Ok(()) };
        match beat.due(Instant::now()) {
            Some(payload) => live.connection.pulse(beat.pulse().topic().to_string(), payload),
            None => Ok(()),
        }
    }

    /// Whether `publish` is a pulse, of which nobody else is to hear.
    fn is_pulse(&mut self, topic: &str, publish: &Publish) -> bool {
        let Some(beat) = self.beat.as_mut() else { return false };
        if beat.pulse().topic().to_string() != topic {
            return false;
        }
        if let Some(sent) = beat.came_back(&publish.payload) {
            self.standstill.pulsed(sent, Instant::now());
            *self.shared.proven() = Some(sent);
        }
        true
    }

    /// Hand the client what the broker may have now.
    fn pump(&self, live: &Live) -> Result<(), Overloaded> {
        let Some(packet_bytes_max) = live.packet_bytes_max else { return Ok(()) };
        let mut outbox = self.shared.outbox();
        while let Some(publication) = outbox.next(Instant::now(), packet_bytes_max) {
            live.connection.publish(publication)?;
        }
        Ok(())
    }

    fn take(&mut self, event: Event, live: &mut Live) -> Result<(), Overloaded> {
        match event {
            Event::Incoming(Packet::ConnAck(accepted)) => self.accepted(&accepted, live)?,
            Event::Incoming(Packet::SubAck(subscribed)) => self.subscribed(&subscribed, live)?,
            Event::Incoming(Packet::Publish(publish)) => self.arrived(publish, live)?,
            Event::Incoming(Packet::PubAck(answer)) => self.answered(&answer),
            // A pulse has no number.
            Event::Outgoing(Sent::Publish(0)) => {}
            Event::Outgoing(Sent::Publish(packet_id)) => self.shared.outbox().numbered(packet_id),
            Event::Incoming(_) | Event::Outgoing(_) => {}
        }
        Ok(())
    }

    fn accepted(&mut self, accepted: &ConnAck, live: &mut Live) -> Result<(), Overloaded> {
        let theirs = accepted.properties.as_ref().and_then(|properties| properties.max_packet_size);
        let properties = accepted.properties.as_ref();
        live.tells_subscriptions =
            properties.and_then(|properties| properties.subscription_identifiers_available) != Some(0);
        let bytes_max = theirs.unwrap_or(u32::MAX).min(PACKET_BYTES_MAX);
        live.packet_bytes_max = Some(usize::try_from(bytes_max).unwrap_or(usize::MAX));
        if accepted.session_present {
            self.inbox.session_resumed();
        } else if let Some(beat) = self.beat.as_ref() {
            // The broker kept nothing for this controller, whatever the disk knows: nothing waited.
            self.standstill.pulses_since(live.began, beat.pulse().age_max());
        }
        live.connection.subscribe(&self.options)?;
        let mut outbox = self.shared.outbox();
        if let Some(status) = &self.options.status {
            outbox.put_state(status.topic, (status.announcement)(Presence::Online));
        }
        outbox.connected(self.options.status.as_ref().map(|status| &status.topic));
        Ok(())
    }

    fn subscribed(&mut self, answer: &SubAck, live: &mut Live) -> Result<(), Overloaded> {
        let refused = |code: &SubscribeReasonCode| !matches!(code, SubscribeReasonCode::Success(_));
        let refused = answer.return_codes.iter().any(refused);
        if live.up.is_some() {
            // The link does without: what the broker keeps of things that are gone then stays.
            if refused {
                warn!(codes = ?answer.return_codes, "the MQTT broker does not tell what it keeps from before");
            }
            return Ok(());
        }
        if refused {
            warn!(codes = ?answer.return_codes, "the MQTT broker refuses a subscription: look at its access rules");
            return Err(Overloaded);
        }
        let now = Instant::now();
        live.up = Some(now);
        if let Some(beat) = &mut self.beat {
            beat.connected(now);
        }
        self.standstill.connected(now);
        if live.number > 1 {
            add(&self.shared.counters.reconnects, 1);
        }
        let LinkOptions { host, port, client_id, .. } = &self.options;
        info!(broker = %format_args!("{host}:{port}"), client_id, "MQTT link up");
        self.outage_told = false;
        self.state.send_replace(LinkState::Up(now));
        if live.tells_subscriptions && self.look_back.begins(now) {
            live.connection.look_back(&self.options.look_back)?;
        }
        Ok(())
    }

    /// Look back no more, once all has come.
    fn look_ahead(&mut self, live: &Live) -> Result<(), Overloaded> {
        if live.up.is_some() && self.look_back.ends(Instant::now()) {
            live.connection.look_ahead(&self.options.look_back)?;
        }
        Ok(())
    }

    fn arrived(&mut self, publish: Publish, live: &Live) -> Result<(), Overloaded> {
        let promised = publish.qos != QoS::AtMostOnce;
        let ack = Ack { connection: live.number, packet_id: publish.pkid };
        let by_look_back = publish
            .properties
            .as_ref()
            .is_some_and(|properties| properties.subscription_identifiers.contains(&LOOK_BACK_ID));
        if by_look_back && !publish.retain {
            // Ours that came back, or somebody's that comes by the subscription to the whole hall as well.
            return if promised { live.connection.acknowledge(publish.pkid) } else { Ok(()) };
        }
        let text = String::from_utf8_lossy(&publish.topic);
        if self.is_pulse(&text, &publish) {
            if promised {
                // Not one of ours, and of no use: the broker need not keep it.
                let _ = self.acks.send(ack);
            }
            return Ok(());
        }
        let topic =
            Topic::parse(&text).map_err(|error| UnknownTopic { text: text.clone().into_owned(), error });
        let properties = publish.properties.unwrap_or_default();
        let message = Incoming {
            topic,
            payload: publish.payload,
            retain: publish.retain,
            kept: by_look_back,
            response_topic: properties.response_topic,
            correlation: properties.correlation_data,
            came: self.standstill.came(Instant::now()),
            came_here: self.standstill.came_here(Instant::now()),
            ack: AckToken(promised.then(|| (self.acks.clone(), ack))),
        };
        if self.inbox.arrived(message).is_err() {
            add(&self.shared.counters.incoming_dropped, 1);
        }
        Ok(())
    }

    fn answered(&mut self, answer: &PubAck) {
        self.shared.outbox().answered(answer.pkid);
        let good = matches!(answer.reason, PubAckReason::Success | PubAckReason::NoMatchingSubscribers);
        if good {
            add(&self.shared.counters.published, 1);
        } else {
            add(&self.shared.counters.refused, 1);
            warn!(reason = ?answer.reason, "the MQTT broker refuses a publication: look at its access rules");
        }
    }

    fn lost(&mut self, live: &mut Option<Live>, retry_at: &mut Instant, why: &dyn std::fmt::Display) {
        let now = Instant::now();
        self.standstill.disconnected(now);
        let held = live.take().and_then(|open| open.up).map(|up| now.duration_since(up));
        if held.is_some() {
            self.state.send_replace(LinkState::Down(now));
        }
        *retry_at = now + self.backoff.pause_after(held);
        let LinkOptions { host, port, client_id, .. } = &self.options;
        let broker = format_args!("{host}:{port}");
        if self.outage_told {
            debug!(%broker, client_id, %why, "still no MQTT broker");
        } else {
            self.outage_told = true;
            warn!(%broker, client_id, %why, "no MQTT link: is the broker running, are name and password right? Trying again");
        }
    }

    fn count_losses(&self) {
        let losses = self.shared.outbox().take_losses();
        let counters = &self.shared.counters;
        if losses.dropped > 0 {
            add(&counters.outgoing_dropped, losses.dropped);
        }
        if losses.oversized > 0 {
            add(&counters.oversized, losses.oversized);
        }
    }

    /// Publish what is left and the offline status, wait for the broker's word on it, disconnect.
    async fn goodbye(&mut self, live: Option<Live>) {
        let Some(mut live) = live.filter(|open| open.packet_bytes_max.is_some()) else { return };
        while let Ok(ack) = self.acked.try_recv() {
            if ack.connection == live.number {
                let _ = live.connection.acknowledge(ack.packet_id);
            }
        }
        let rest = async {
            self.flush(&mut live).await?;
            if let Some(status) = &self.options.status {
                self.shared.outbox().put_state(status.topic, (status.announcement)(Presence::Offline));
                self.flush(&mut live).await?;
            }
            live.connection.disconnect().map_err(|_| ConnectionError::RequestsDone)?;
            // The library closes the socket after the goodbye is written.
            while live.connection.event().await.is_ok() {}
            Ok::<(), ConnectionError>(())
        };
        match tokio::time::timeout(GOODBYE_MAX, rest).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => debug!(%error, "no goodbye to the MQTT broker"),
            Err(_) => debug!("the MQTT broker took too long for a goodbye"),
        }
    }

    async fn flush(&self, live: &mut Live) -> Result<(), ConnectionError> {
        loop {
            self.pump(live).map_err(|_| ConnectionError::RequestsDone)?;
            if self.shared.outbox().is_idle() {
                return Ok(());
            }
            match live.connection.event().await? {
                Event::Incoming(Packet::PubAck(answer)) => self.shared.outbox().answered(answer.pkid),
                Event::Outgoing(Sent::Publish(packet_id)) if packet_id != 0 => {
                    self.shared.outbox().numbered(packet_id);
                }
                _ => {}
            }
        }
    }
}
