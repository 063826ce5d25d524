//! Between the MQTT link and the engine.
//!
//! Inward: messages become commands, once, and are acknowledged to the broker only when what they
//! did is durable. Outward: replies; the retained pictures of windows, zones and menus, kept equal
//! to the durable view; events for integrators. Owns nothing durable; may lose only replies (the
//! device asks again and gets the same one) and late notices.

pub mod inbound;
pub mod outbound;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hall_core::event::{Device, PressId};
use hall_core::view::HallView;
use hall_protocol::id::{DeviceId, HallId};
use hall_protocol::payload::{DeviceStatus, Menu};
use hall_protocol::topic::{Channel, DeviceKind, Topic};
use tokio::sync::{broadcast, mpsc, watch};
use tokio_util::sync::CancellationToken;
use tracing::{debug, info, warn};

use self::inbound::{Inbound, Message, Unanswerable};
use crate::clock::Clock;
use crate::engine::{EngineHandle, Outcome, Submission};
use crate::metrics::Metrics;
use crate::mqtt::link::{AckToken, Incoming, LinkHandle, Outgoing};

/// Menus follow the hall at this pace: two hundred kiosks need not hear of every single ticket.
const MENU_EVERY: Duration = Duration::from_millis(500);

/// A reply is of no use once the device has given up waiting, in seconds.
const REPLY_EXPIRES_S: u32 = 10;

/// A notice is of no use to an integrator after this long, in seconds.
const NOTICE_EXPIRES_S: u32 = 3_600;

/// Refused messages logged in full each second; the others are only counted.
const REFUSALS_LOGGED_PER_SECOND: u32 = 10;

/// A press whose outcome is durable.
struct Settled {
    press: PressId,
    outcome: Outcome,
    reply_to: String,
    correlation: Option<Vec<u8>>,
    ack: AckToken,
}

/// The task's state.
pub struct Gateway {
    hall: HallId,
    link: LinkHandle,
    engine: EngineHandle,
    clock: Clock,
    metrics: Arc<Metrics>,
    view: watch::Receiver<Arc<HallView>>,
    shown: Option<Arc<HallView>>,
    menus: BTreeMap<DeviceId, Menu>,
    statuses: BTreeMap<(DeviceKind, DeviceId), DeviceStatus>,
    settle: mpsc::UnboundedSender<Settled>,
    log_budget: LogBudget,
}

impl Gateway {
    /// A gateway for `hall`.
    pub fn new(
        hall: HallId,
        link: LinkHandle,
        engine: EngineHandle,
        clock: Clock,
        metrics: Arc<Metrics>,
    ) -> Self {
        // Replaced in `run`, which owns the receiving end.
        let (settle, _) = mpsc::unbounded_channel();
        let view = engine.view();
        Self {
            hall,
            link,
            engine,
            clock,
            metrics,
            view,
            shown: None,
            menus: BTreeMap::new(),
            statuses: BTreeMap::new(),
            settle,
            log_budget: LogBudget::default(),
        }
    }
}
