//! Between the MQTT link and the engine.
//!
//! Inward: messages become commands, once, and are acknowledged to the broker only when what they
//! did is durable. Outward: replies; the retained pictures of windows, zones and menus, kept equal
//! to the durable view; events for integrators. Owns nothing durable; may lose only replies (the
//! device asks again and gets the same one) and late notices.

pub mod inbound;
mod leftovers;
pub mod outbound;
mod rival;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use hall_core::command::Command;
use hall_core::event::{Device, PressId};
use hall_core::view::HallView;
use hall_core::wire;
use hall_protocol::id::{DeviceId, HallId};
use hall_protocol::json::BufferFull;
use hall_protocol::payload::{DeviceStatus, Menu};
use hall_protocol::topic::{Channel, DeviceKind, Topic};
use tokio::sync::{broadcast, mpsc};
use tokio_util::sync::CancellationToken;
use tracing::{debug, info, warn};

use self::inbound::{Inbound, Message, Rejection, Unanswerable};
use self::leftovers::Leftovers;
pub use self::rival::Ownership;
use crate::clock::Clock;
use crate::engine::{EngineHandle, Outcome, Recorded, Submission};
use crate::metrics::Metrics;
use crate::mqtt::encoded;
use crate::mqtt::link::{self, AckToken, Destination, Incoming, LinkHandle, LinkState};

/// Menus follow the hall at this pace: two hundred kiosks need not hear of every single ticket.
const MENU_EVERY: Duration = Duration::from_millis(500);

/// A reply is of no use once the device has given up waiting.
const REPLY_EXPIRES: Duration = Duration::from_secs(10);

/// A notice is of no use to an integrator after this long.
const NOTICE_EXPIRES: Duration = Duration::from_secs(3_600);

/// Device statuses remembered: more than any hall has devices.
const STATUSES_KEPT: usize = 4_096;

/// Refused messages logged in full each second; the others are only counted.
const REFUSALS_LOGGED_PER_SECOND: u32 = 10;

/// A press whose outcome is durable.
struct Settled {
    press: PressId,
    outcome: Outcome,
    reply_to: Destination,
    correlation: Option<Bytes>,
    ack: AckToken,
}

/// The task's state.
pub struct Gateway {
    hall: HallId,
    link: LinkHandle,
    engine: EngineHandle,
    ownership: Ownership,
    clock: Clock,
    metrics: Arc<Metrics>,
    shown: Option<Arc<HallView>>,
    menus: BTreeMap<DeviceId, Menu>,
    statuses: BTreeMap<(DeviceKind, DeviceId), DeviceStatus>,
    // Bounded by the engine's queue and what is in flight behind it.
    settle: mpsc::UnboundedSender<Settled>,
    settled: mpsc::UnboundedReceiver<Settled>,
    log_budget: LogBudget,
    leftovers: Leftovers,
}

impl Gateway {
    /// A gateway for `hall`.
    pub fn new(
        hall: HallId,
        link: LinkHandle,
        engine: EngineHandle,
        ownership: Ownership,
        clock: Clock,
        metrics: Arc<Metrics>,
    ) -> Self {
        let (settle, settled) = mpsc::unbounded_channel();
        Self {
            hall,
            link,
            engine,
            ownership,
            clock,
            metrics,
            shown: None,
            menus: BTreeMap::new(),
            statuses: BTreeMap::new(),
            settle,
            settled,
            log_budget: LogBudget::default(),
            leftovers: Leftovers::default(),
        }
    }

    /// Run until cancelled or the link ends.
    pub async fn run(mut self, mut incoming: mpsc::Receiver<Incoming>, cancel: CancellationToken) {
        let mut view = self.engine.view();
        let mut events = self.engine.events();
        let mut link = self.link.state();
        let mut menus = tokio::time::interval(MENU_EVERY);
        menus.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
        self.show(&view.borrow_and_update().clone());
        loop {
            tokio::select! {
                biased;
                () = cancel.cancelled() => break,
                Some(settled) = self.settled.recv() => self.answer(settled),
                Ok(()) = view.changed() => self.show(&view.borrow_and_update().clone()),
                event = events.recv() => match event {
                    Ok(recorded) => self.notify(&recorded),
                    Err(broadcast::error::RecvError::Lagged(missed)) => {
                        self.metrics.count("dropped", "event_notice");
                        warn!(missed, "integrators missed events: the broker takes them too slowly");
                    }
                    Err(broadcast::error::RecvError::Closed) => break,
                },
                Ok(()) = link.changed() => if matches!(*link.borrow_and_update(), LinkState::Up(_)) {
                    self.hold();
                    self.claim(None);
                },
                _ = menus.tick() => {
                    self.offer_menus();
                    self.tell_leftovers();
                }
                message = incoming.recv() => match message {
                    Some(message) => self.take_in(message).await,
                    None => break,
                },
            }
        }
        // What the engine took in before the end is durable by now or will be: answer it.
        while let Ok(settled) = self.settled.try_recv() {
            self.answer(settled);
        }
        self.let_go();
    }

    async fn take_in(&mut self, incoming: Incoming) {
        if incoming.topic == Ok(Topic::new(self.hall, Channel::ControllerClaim)) {
            self.hear_claim(&incoming.payload);
            return incoming.ack.ack();
        }
        if incoming.kept {
            self.hear_kept(&incoming);
            return incoming.ack.ack();
        }
        if incoming.topic == Ok(Topic::new(self.hall, Channel::ControllerHolder)) {
            self.hear_note(&incoming.payload);
            return incoming.ack.ack();
        }
        let message = Message {
            topic: incoming.topic.as_ref().copied().map_err(|unknown| unknown.error),
            payload: &incoming.payload,
            retained: incoming.retain,
            response_topic: incoming.response_topic.as_deref(),
        };
        match inbound::parse(self.hall, message) {
            Ok(Inbound::Press { command, press, reply_to }) => {
                debug!(%press, ?command, "press received");
                let Incoming { correlation, came, came_here, ack, .. } = incoming;
                // A paper stands where it was printed, which the kiosk says anew with each repetition.
                let received = if matches!(command, Command::HandIn { .. }) { came_here } else { came };
                let settle = self.settle.clone();
                let done = Box::new(move |outcome| {
                    // Without a receiver the gateway has ended; the device asks again.
                    let _ = settle.send(Settled { press, outcome, reply_to, correlation, ack });
                });
                let submission = Submission { command, received, done };
                if self.engine.submit(submission).await.is_err() {
                    debug!(%press, "press left at the broker: the controller is shutting down");
                }
            }
            Ok(Inbound::Status(kind, id, status)) => {
                self.note_status(kind, id, status);
                incoming.ack.ack();
            }
            Err(refused) => {
                self.refuse(&incoming, refused);
                incoming.ack.ack();
            }
        }
    }

    fn refuse(&mut self, incoming: &Incoming, refused: Unanswerable) {
        let Unanswerable { why, reply, envelope } = refused;
        self.metrics.count("refused", why.code());
        if let (Rejection::Direction, Ok(topic)) = (&why, &incoming.topic) {
            self.link.restore(*topic, &incoming.payload);
        }
        if self.log_budget.spend() {
            let bytes = incoming.payload.len();
            let topic = match &incoming.topic {
                Ok(topic) => topic.to_string(),
                Err(unknown) => unknown.text.escape_debug().to_string(),
            };
            warn!(topic, bytes, code = why.code(), %why, "message refused");
        }
        if let Some((device, reply_to)) = reply {
            let (session, seq) = envelope.map_or((None, None), |e| (e.session, e.seq));
            let plan = Arc::clone(&self.engine.view().borrow().plan);
            let body = outbound::reply(&plan, device, session, seq, Err(why.refused()));
            self.send_reply(device, reply_to, incoming.correlation.clone(), body);
        }
    }

    fn answer(&mut self, settled: Settled) {
        let Settled { press, outcome, reply_to, correlation, ack } = settled;
        let plan = Arc::clone(&self.engine.view().borrow().plan);
        let PressId { device, session, seq } = press;
        let body = outbound::reply(&plan, device, Some(session), Some(seq), Ok(&outcome));
        self.send_reply(device, reply_to, correlation, body);
        ack.ack();
    }

    fn send_reply(
        &self,
        device: Device,
        to: Destination,
        correlation: Option<Bytes>,
        body: Result<Bytes, BufferFull>,
    ) {
        match body {
            Ok(payload) => self.link.send(link::Message {
                to,
                payload,
                expiry: REPLY_EXPIRES,
                correlation,
                response_topic: None,
            }),
            Err(error) => {
                self.metrics.count("dropped", "reply_too_large");
                warn!(%device, %error, "reply not sent");
            }
        }
    }

    /// Publish what changed since the last picture.
    fn show(&mut self, view: &Arc<HallView>) {
        let at_ms = view.at.unix_ms();
        let old = self.shown.replace(Arc::clone(view));
        let same_plan = old.as_ref().is_some_and(|old| Arc::ptr_eq(&old.plan, &view.plan));
        for (i, window) in view.windows.iter().enumerate() {
            let shown = old.as_ref().filter(|_| same_plan).and_then(|old| old.windows.get(i));
            if !shown.is_some_and(|shown| Arc::ptr_eq(shown, window)) {
                let state = wire::window_state(window, at_ms);
                self.retain(Channel::WindowState(window.id), encoded(&state));
            }
        }
        for (i, zone) in view.zones.iter().enumerate() {
            let shown = old.as_ref().filter(|_| same_plan).and_then(|old| old.zones.get(i));
            if !shown.is_some_and(|shown| Arc::ptr_eq(shown, zone)) {
                self.retain(Channel::ZoneBoard(zone.id), encoded(&wire::board(zone, at_ms)));
            }
        }
    }

    fn offer_menus(&mut self) {
        let Some(view) = self.shown.clone() else { return };
        let now = self.clock.now();
        for kiosk in view.plan.kiosks() {
            let menu = wire::menu(kiosk, &view, now);
            if self.menus.get(&kiosk.id).is_some_and(|shown| shown.services == menu.services) {
                continue;
            }
            self.retain(Channel::KioskMenu(kiosk.id), encoded(&menu));
            self.menus.insert(kiosk.id, menu);
        }
    }

    fn retain(&self, channel: Channel, body: Result<Bytes, BufferFull>) {
        let topic = Topic::new(self.hall, channel);
        match body {
            Ok(payload) => self.link.retain(topic, payload),
            Err(error) => {
                self.metrics.count("dropped", "state_too_large");
                warn!(%topic, %error, "state not published");
            }
        }
    }

    fn notify(&self, recorded: &Recorded) {
        let topic = Topic::new(self.hall, Channel::Event(recorded.stamped.event.topic()));
        match encoded(&outbound::notice(recorded)) {
            Ok(payload) => self.link.send(link::Message {
                to: Destination::Ours(topic),
                payload,
                expiry: NOTICE_EXPIRES,
                correlation: None,
                response_topic: None,
            }),
            Err(error) => {
                self.metrics.count("dropped", "event_notice");
                warn!(%topic, %error, "event not published");
            }
        }
    }

    fn note_status(&mut self, kind: DeviceKind, id: DeviceId, status: DeviceStatus) {
        let known = {
            let view = self.engine.view();
            let view = view.borrow();
            match kind {
                DeviceKind::Kiosk => view.plan.kiosk(id).is_some(),
                DeviceKind::Window => id.as_str().parse().is_ok_and(|id| view.plan.window(id).is_some()),
                // Signs and screens are not in the plan; their number is bounded by the broker's.
                DeviceKind::Sign | DeviceKind::Screen => true,
            }
        };
        if !known || self.statuses.len() >= STATUSES_KEPT {
            self.metrics.count("refused", "unknown_device");
            if self.log_budget.spend() {
                warn!(%kind, %id, "status of a device that is not in the configuration");
            }
            return;
        }
        let before = self.statuses.get(&(kind, id)).map(|before| before.online);
        if before != Some(status.online) {
            info!(%kind, %id, online = status.online, firmware = %status.firmware, "device status");
        }
        self.statuses.insert((kind, id), status);
    }
}

/// Lets a few log lines through each second.
#[derive(Debug)]
struct LogBudget {
    since: Instant,
    spent: u32,
}

impl Default for LogBudget {
    fn default() -> Self {
        Self { since: Instant::now(), spent: 0 }
    }
}

impl LogBudget {
    fn spend(&mut self) -> bool {
        if self.since.elapsed() >= Duration::from_secs(1) {
            *self = Self::default();
        }
        self.spent += 1;
        self.spent <= REFUSALS_LOGGED_PER_SECOND
    }
}
