//! A whole hall, from its configuration to its tasks and back to a clean end.
//!
//! The order is the point: no port is taken before the data directory is, nothing is answered before the
//! journal is replayed or after it is closed. What each part does stands in its own module.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hall_core::Hall;
use hall_core::appointment::AppointmentState;
use hall_core::claim::Entry;
use hall_core::command::Command;
use hall_core::view::HallView;
use tokio::sync::{oneshot, watch};
use tokio::task::{JoinError, JoinHandle};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::bookings::Office;
use crate::claim::SecondController;
use crate::claim::installation::InstallationError;
use crate::claim::stake::Stake;
use crate::clock::Clock;
use crate::config::Config;
use crate::connection::{self, Connection, ConnectionError};
use crate::contacts::Phones;
use crate::devices::Devices;
use crate::engine::{Engine, EngineError, EngineHandle, Outcome, Submission};
use crate::gateway::{Gateway, Ownership};
use crate::heads;
use crate::metrics::Metrics;
use crate::signs::emulated::EmulatedLineError;
use crate::signs::{OrderDesk, SignLines};
use crate::snapshots::{self, Keeper};
use crate::storage::{self, Recovered, StorageError};
use crate::web::{self, BindError, WebState};

/// A task that has not ended this long after it was asked to is left behind, so that a stop from
/// systemd never becomes a kill. The journal is closed before any of these is waited for.
const END_MAX: Duration = Duration::from_secs(5);

/// A broker that has not answered by now is not waited for: pages and signs are of use without it.
const BROKER_MAX: Duration = Duration::from_secs(5);

/// A plan that could not be recorded is tried again after this long.
const ADOPT_AGAIN: Duration = Duration::from_secs(1);

/// Why a hall did not start, or ended by itself.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The journal.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The pages.
    #[error(transparent)]
    Web(#[from] BindError),
    /// The broker.
    #[error(transparent)]
    Mqtt(#[from] ConnectionError),
    /// Another controller of this hall.
    #[error(transparent)]
    Second(#[from] SecondController),
    /// Which data directory it is.
    #[error(transparent)]
    Installation(#[from] InstallationError),
    /// The virtual signs.
    #[error(transparent)]
    Emulator(#[from] EmulatedLineError),
    /// The engine.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// A defect.
    #[error("a part of the controller failed: {0}. Started again it goes on from what is on disk")]
    Task(#[from] JoinError),
}

/// Where a running hall can be reached.
#[derive(Debug, Clone)]
pub struct Addresses {
    /// The pages.
    pub web: SocketAddr,
    /// The MQTT broker, as `host:port`.
    pub mqtt: String,
    /// The serial ports, in the configuration's order.
    pub sign_ports: Vec<Arc<str>>,
}

/// A running hall.
pub struct Running {
    /// Where it can be reached.
    pub addresses: Addresses,
    /// Its clock.
    pub clock: Clock,
    /// What it has counted.
    pub metrics: Arc<Metrics>,
    /// Kiosks and pads for pages and simulated people.
    pub devices: Arc<dyn Devices>,
    stake: Stake,
    handle: EngineHandle,
    engine: JoinHandle<Result<Hall, EngineError>>,
    engine_cancel: CancellationToken,
    gateway: JoinHandle<()>,
    gateway_cancel: CancellationToken,
    connection: Connection,
    signs: SignLines,
    signs_cancel: CancellationToken,
    web: JoinHandle<()>,
    web_cancel: CancellationToken,
}

impl Running {
    /// Start the hall of `config`, entered by `entry`. `clock` makes its clock from the hall as the journal left it.
    ///
    /// # Errors
    /// When a port is taken, another controller runs the hall, or the journal cannot be trusted: with the
    /// remedy.
    pub async fn start(
        config: &Config,
        entry: Entry,
        clock: impl FnOnce(&Hall) -> Clock,
    ) -> Result<Self, RunError> {
        // First of all, so that who starts the same hall twice is told of the other controller and not
        // of a port.
        let (directory, id) = (config.journal.directory.clone(), config.plan.hall());
        let claimed = tokio::task::spawn_blocking(move || storage::claim(&directory)).await??;
        let web = web::bind(&config.web, config.addresses).await?;
        let broker = connection::listen(config).await?;
        let claimant = Arc::new(connection::claimant(config, &broker)?);
        let stake = connection::stake(config, &broker, &claimant, entry);
        stake.opens(BROKER_MAX).await?;

        let recovered = tokio::task::spawn_blocking(move || storage::recover(claimed, id)).await??;
        let Recovered { hall, seq, snapshot_seq, writer } = recovered;
        let clock = clock(&hall);
        let metrics = Arc::new(Metrics::default());
        let (engine, handle) = Engine::new(hall, seq, writer, clock.clone(), Arc::clone(&metrics));
        let keeper = Keeper::new(config.journal.directory.clone(), snapshots::EVENTS_APART, snapshot_seq);
        let engine = engine.with_snapshots(keeper);
        let engine_cancel = CancellationToken::new();
        let mut engine = tokio::spawn(engine.run(engine_cancel.clone()));
        tokio::select! {
            ended = &mut engine => return Err(early(ended)),
            () = adopt(&handle, config, &clock) => {}
        }

        let (connection, link, incoming) = connection::connect(config, broker, &clock, &stake)?;
        let counted = link.clone();
        let figures = Arc::new(move || counted.figures());
        let gateway_cancel = CancellationToken::new();
        tokio::spawn(heads::publish(
            config.journal.directory.clone(),
            config.plan.hall(),
            handle.clone(),
            link.clone(),
            gateway_cancel.clone(),
        ));
        let ownership = Ownership { claimant, stake: stake.clone(), refused: None };
        let (hall, engine_of) = (config.plan.hall(), handle.clone());
        let gateway = Gateway::new(hall, link, engine_of, ownership, clock.clone(), Arc::clone(&metrics));
        let gateway = tokio::spawn(gateway.run(incoming, gateway_cancel.clone()));

        let signs_cancel = CancellationToken::new();
        let orders = OrderDesk::default();
        let signs = SignLines::start(&config.lines, &handle, &clock, &orders, &metrics, &signs_cancel)?;

        let phones = Phones::new(config.journal.directory.clone());
        let kept_days = config.journal.phones_kept_days;
        tokio::spawn(phones.clone().watch(kept_days, clock.clone(), handle.clone(), gateway_cancel.clone()));

        let devices = connection.devices();
        let site = WebState {
            clock: clock.clone(),
            view: handle.view(),
            tickets: Arc::new(handle.clone()),
            devices: Arc::clone(&devices),
            phones,
            office: Arc::new(handle.clone()),
            clients: config.clients.clone(),
            signs: signs.wall(),
            orders,
            recorders: signs.recorders().to_vec(),
            trouble: handle.trouble(),
            metrics: Arc::clone(&metrics),
            link: figures,
        };
        let addresses = Addresses {
            web: web.local_addr(),
            mqtt: connection.address(),
            sign_ports: signs.ports().to_vec(),
        };
        let web_cancel = CancellationToken::new();
        let web = tokio::spawn(web.serve(site, web_cancel.clone()));
        info!(web = %addresses.web, mqtt = %addresses.mqtt, "the hall is open");
        Ok(Self {
            addresses,
            clock,
            metrics,
            devices,
            stake,
            handle,
            engine,
            engine_cancel,
            gateway,
            gateway_cancel,
            connection,
            signs,
            signs_cancel,
            web,
            web_cancel,
        })
    }

    /// Where programs hand in what they book.
    pub fn office(&self) -> Arc<dyn Office> {
        Arc::new(self.handle.clone())
    }

    /// The durable picture of the hall, always the latest.
    pub fn view(&self) -> watch::Receiver<Arc<HallView>> {
        self.handle.view()
    }

    /// Wait until `asked` is cancelled, or the hall can go on no more; then end it in good order.
    ///
    /// # Errors
    /// Why it could not go on.
    pub async fn until(mut self, asked: &CancellationToken) -> Result<(), RunError> {
        let (engine_ended, cause) = tokio::select! {
            () = asked.cancelled() => (false, None),
            ended = &mut self.engine => (true, Some(early(ended))),
            second = self.stake.refused() => (false, Some(second.into())),
        };
        // Pages first, so that nobody sees half a hall.
        self.web_cancel.cancel();
        self.connection.stop_devices();
        let ended = if engine_ended {
            Ok(())
        } else {
            self.engine_cancel.cancel();
            match self.engine.await {
                Ok(Ok(_)) => Ok(()),
                Ok(Err(error)) => Err(error.into()),
                Err(error) => Err(error.into()),
            }
        };
        if cause.is_none() && ended.is_ok() {
            self.stake.release();
        }
        // Everything durable is answered before the link says goodbye.
        self.gateway_cancel.cancel();
        finish("gateway", self.gateway).await;
        self.signs_cancel.cancel();
        self.signs.ended().await;
        self.connection.close().await;
        finish("web pages", self.web).await;
        info!("the hall is closed");
        cause.map_or(ended, Err)
    }
}

/// Let the hall work by the configuration's plan, if it does not already. While the disk takes no
/// writes it is asked again and again: doors that opened by an older plan, or by none, would call
/// citizens to windows that are not there.
async fn adopt(engine: &EngineHandle, config: &Config, clock: &Clock) {
    record(engine, Command::AdoptPlan(Box::new(config.plan.clone()))).await;
    // A plan may come with another time zone, and the time of day on a citizen's paper stands.
    let appointments = Arc::clone(&engine.view().borrow().appointments);
    let expected = appointments.iter().filter(|one| one.state == AppointmentState::Booked);
    let moved: Vec<_> = expected
        .map(|one| (one, clock.slot(clock.date_of_slot(one.slot), one.slot.minute)))
        .filter(|(one, slot)| one.slot != *slot)
        .map(|(one, slot)| (one.id, slot))
        .collect();
    if !moved.is_empty() {
        record(engine, Command::MoveSlots(moved)).await;
    }
}

/// Have the engine do what nobody asked it for.
async fn record(engine: &EngineHandle, command: Command) {
    loop {
        let (told, done) = oneshot::channel();
        let submission = Submission {
            command: command.clone(),
            received: Instant::now(),
            done: Box::new(|outcome| drop(told.send(outcome))),
        };
        // If the engine has ended its own error says why.
        let handed_in = engine.submit(submission).await.is_ok();
        match done.await {
            Ok(Outcome::Done) if handed_in => return,
            Ok(outcome) if handed_in => {
                warn!(?outcome, "the plan cannot be recorded yet; the hall opens once it can");
                tokio::time::sleep(ADOPT_AGAIN).await;
            }
            _ => std::future::pending().await,
        }
    }
}

fn early(ended: Result<Result<Hall, EngineError>, JoinError>) -> RunError {
    match ended {
        Ok(Err(error)) => error.into(),
        Ok(Ok(_)) => EngineError::Journal("the engine ended without being asked".into()).into(),
        Err(error) => error.into(),
    }
}

async fn finish(name: &'static str, task: JoinHandle<()>) {
    match tokio::time::timeout(END_MAX, task).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => warn!(task = name, %error, "a task failed"),
        Err(_) => warn!(task = name, "a task did not end in time; it is left behind"),
    }
}
