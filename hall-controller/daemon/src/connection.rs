//! The hall's side of MQTT: its own broker or somebody else's, the controller's link to it, and
//! the virtual devices, all from the configuration.
//!
//! The broker listens before anything else starts, so that a taken port ends the start at once;
//! the links connect when there is a hall to speak for.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use hall_core::claim::Entry;
use hall_protocol::id::{DeviceId, HallId, IdError};
use hall_protocol::json::Version;
use hall_protocol::payload::{ControllerStatus, DeviceStatus};
use hall_protocol::topic::{Channel, DeviceKind, HallFilter, Pictures, Topic};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::claim::installation::{InstallationError, InstallationFile};
use crate::claim::stake::Stake;
use crate::claim::{Claimant, owner};
use crate::clock::Clock;
use crate::config::{AddressesFrom, Config, Login, Mqtt};
use crate::devices::{Devices, NoDevices};
use crate::mqtt::broker::{Acl, BrokerError, BrokerOptions, EmbeddedBroker, InsiderLogin};
use crate::mqtt::device::VirtualDevices;
use crate::mqtt::encoded;
use crate::mqtt::link::{
    Announcement, Credentials, Incoming, Link, LinkHandle, LinkOptions, Presence, Pulse, Session, Status,
    Subscription,
};

/// The controller's MQTT client id; `deploy/mosquitto` knows it by its user name instead.
const CONTROLLER: &str = "hall-controller";

/// The client id of the link all pages press through, and its id as a screen.
const PAGES: &str = "pages";

/// A silent broker is given up after twice this.
const KEEP_ALIVE: Duration = Duration::from_secs(10);

/// The folder beside the journal in which kiosks that are pages keep what they leased and printed.
pub(crate) const KIOSK_STORES: &str = "kiosks";

/// Name and version of what runs here.
const VERSION: &str = concat!("hall-controller ", env!("CARGO_PKG_VERSION"));

/// Why the hall has no MQTT.
#[derive(Debug, thiserror::Error)]
pub enum ConnectionError {
    /// The embedded broker.
    #[error(transparent)]
    Broker(#[from] BrokerError),
    /// No secret could be made for the links inside this process.
    #[error(
        "the system gives no random numbers for the broker's inner passwords: {0}; is /dev/urandom there?"
    )]
    Secret(#[from] std::io::Error),
    /// A defect.
    #[error("the pages' own id is no id: {0}")]
    Id(#[from] IdError),
}

/// A broker that can be connected to.
pub struct Broker {
    /// The one in this process, if the configuration wants it.
    embedded: Option<EmbeddedBroker>,
    host: String,
    port: u16,
    controller: Option<Credentials>,
    pages: Pages,
}

/// How pages press keys.
enum Pages {
    /// By this login, or by none where the broker asks for none.
    Press(Option<Credentials>),
    /// The broker has no user for them.
    LookOnly,
}

/// Start the embedded broker, or note where the other one is.
///
/// # Errors
/// When the port is taken, with the remedy.
pub async fn listen(config: &Config) -> Result<Broker, ConnectionError> {
    match &config.mqtt {
        Mqtt::Embedded { listen } => embedded(*listen, config.addresses, config.plan.hall()).await,
        Mqtt::External { host, port, login, virtual_devices_login } => {
            let pages = match (login, virtual_devices_login) {
                (_, Some(login)) => Pages::Press(Some(credentials(login))),
                // A broker that asks nobody for a password does not ask the pages either.
                (None, None) => Pages::Press(None),
                (Some(_), None) => Pages::LookOnly,
            };
            Ok(Broker {
                embedded: None,
                host: host.clone(),
                port: *port,
                controller: login.as_ref().map(credentials),
                pages,
            })
        }
    }
}

fn credentials(login: &Login) -> Credentials {
    Credentials { username: login.username.clone(), password: login.password.clone() }
}

async fn embedded(
    listen: SocketAddr,
    addresses: AddressesFrom,
    hall: HallId,
) -> Result<Broker, ConnectionError> {
    let insider = |client_id: &str| -> std::io::Result<InsiderLogin> {
        Ok(InsiderLogin { client_id: client_id.to_owned(), password: secret()? })
    };
    let (controller, pages) = (insider(CONTROLLER)?, insider(PAGES)?);
    let known = |login: &InsiderLogin| Credentials {
        username: login.client_id.clone(),
        password: login.password.clone(),
    };
    let (controller_login, pages_login) = (known(&controller), known(&pages));
    let acl = if listen.ip().is_loopback() { Acl::Open } else { Acl::OwnId { hall, controller, pages } };
    // Memory is enough: the controller publishes its states anew, devices their statuses.
    let broker = EmbeddedBroker::start(BrokerOptions { listen, addresses, data_dir: None, acl }).await?;
    let local = reachable(broker.local_addr());
    Ok(Broker {
        embedded: Some(broker),
        host: local.ip().to_string(),
        port: local.port(),
        controller: Some(controller_login),
        pages: Pages::Press(Some(pages_login)),
    })
}

/// The address by which this process reaches its own broker.
fn reachable(listening: SocketAddr) -> SocketAddr {
    let ip = match listening.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, listening.port())
}

/// 128 random bits in hexadecimal.
fn secret() -> std::io::Result<String> {
    use std::io::Read as _;
    let mut bytes = [0; 16];
    std::fs::File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(format!("{:032x}", u128::from_be_bytes(bytes)))
}

/// The hall's links.
pub struct Connection {
    embedded: Option<EmbeddedBroker>,
    address: String,
    link: (Link, CancellationToken),
    pages: Option<(Link, CancellationToken, JoinHandle<()>)>,
    devices: Arc<dyn Devices>,
}

/// This process, as one that wants to run the hall of `config` at `broker`.
///
/// # Errors
/// When its data directory does not say which it is.
pub fn claimant(config: &Config, broker: &Broker) -> Result<Claimant, InstallationError> {
    let address = format!("{}:{}", broker.host, broker.port);
    let installation = InstallationFile::open(&config.journal.directory)?;
    Ok(Claimant::new(config.plan.hall(), address, installation, config.time_zone.clone()))
}

/// Ask at `broker` whether another controller runs the hall. Nobody is asked at the broker of this process,
/// which nobody has come to yet.
pub fn stake(config: &Config, broker: &Broker, claimant: &Arc<Claimant>, entry: Entry) -> Stake {
    if broker.embedded.is_some() {
        return Stake::granted();
    }
    let options = LinkOptions {
        host: broker.host.clone(),
        port: broker.port,
        // Another than the controller's, whose connection lives on where the broker allows it.
        client_id: format!("{CONTROLLER}-asks-{:08x}", fastrand::u32(..)),
        credentials: broker.controller.clone(),
        keep_alive: KEEP_ALIVE,
        status: None,
        subscriptions: claims(config.plan.hall()).into(),
        look_back: Vec::new(),
        // Where it does not, the session is the controller's, and not this link's to end.
        session: controller_session(config),
        pulse: None,
    };
    Stake::ask(options, Arc::clone(claimant), entry)
}

/// The claims of all controllers of `hall`, and who holds it. Some brokers take a claim of another with the
/// same client id for one's own.
fn claims(hall: HallId) -> [Subscription; 2] {
    [Channel::ControllerHolder, Channel::ControllerClaim].map(|channel| {
        let filter = Topic::new(hall, channel).to_string();
        Subscription { filter, retained: true, own: true }
    })
}

/// All pictures the broker keeps of the hall: those of what has been taken out of its plan must go.
fn pictures(hall: HallId) -> Vec<String> {
    Pictures::ALL.map(|pictures| pictures.of(hall).to_string()).to_vec()
}

/// What a device sends while the controller restarts waits at the broker, which does not tell for how long.
/// Longer than a press may be old, it must not wait.
fn controller_session(config: &Config) -> Session {
    Session::Kept(Duration::from_millis(config.plan.policy().press_age_max_ms.into()))
}

/// The controller's pulse. What counts as older than this is refused as a press.
fn pulse(config: &Config) -> Pulse {
    let age_max =
        Duration::from_millis(config.plan.policy().press_age_max_ms.into()) + Duration::from_secs(1);
    let topic = Topic::new(config.plan.hall(), Channel::ControllerPulse);
    Pulse::new(topic, age_max, &config.journal.directory)
}

/// Connect the controller and the pages to `broker`, once the hall is theirs by `stake`.
///
/// Gives what the gateway speaks through and hears.
///
/// # Errors
/// Never in a sound build; see [`ConnectionError::Id`].
pub fn connect(
    config: &Config,
    broker: Broker,
    clock: &Clock,
    stake: &Stake,
) -> Result<(Connection, LinkHandle, mpsc::Receiver<Incoming>), ConnectionError> {
    let hall = config.plan.hall();
    let Broker { embedded, host, port, controller, pages } = broker;
    let address = format!("{host}:{port}");
    let cancel = CancellationToken::new();
    let options = LinkOptions {
        host: host.clone(),
        port,
        client_id: CONTROLLER.to_owned(),
        credentials: controller,
        keep_alive: KEEP_ALIVE,
        status: Some(Status {
            topic: Topic::new(hall, Channel::ControllerStatus),
            announcement: controller_status(hall, clock.clone()),
        }),
        subscriptions: [
            Subscription { filter: HallFilter(hall).to_string(), retained: false, own: false },
            Subscription { filter: format!("hall/v1/{hall}/+/+/status"), retained: true, own: false },
        ]
        .into_iter()
        .chain(claims(hall))
        .collect(),
        // The broker in this process has begun with nothing.
        look_back: if embedded.is_some() { Vec::new() } else { pictures(hall) },
        session: controller_session(config),
        pulse: Some(pulse(config)),
    };
    let (link, handle, incoming) = Link::spawn(options, cancel.clone(), stake.is_granted());
    let mut connection =
        Connection { embedded, address, link: (link, cancel), pages: None, devices: Arc::new(NoDevices) };
    if let Pages::Press(credentials) = pages {
        connection.press_by_pages(config, clock, (host, port), credentials, stake)?;
    }
    Ok((connection, handle, incoming))
}

impl Connection {
    fn press_by_pages(
        &mut self,
        config: &Config,
        clock: &Clock,
        (host, port): (String, u16),
        credentials: Option<Credentials>,
        stake: &Stake,
    ) -> Result<(), ConnectionError> {
        let hall = config.plan.hall();
        let replies = |kind: &str| Subscription {
            filter: format!("hall/v1/{hall}/{kind}/+/reply"),
            retained: false,
            own: false,
        };
        let options = LinkOptions {
            host,
            port,
            client_id: PAGES.to_owned(),
            credentials,
            keep_alive: KEEP_ALIVE,
            status: Some(Status {
                topic: Topic::new(hall, Channel::DeviceStatus(DeviceKind::Screen, DeviceId::new(PAGES)?)),
                announcement: pages_status(),
            }),
            subscriptions: vec![replies("kiosk"), replies("window")],
            look_back: Vec::new(),
            session: Session::Fresh,
            pulse: None,
        };
        let cancel = CancellationToken::new();
        let (link, handle, incoming) = Link::spawn(options, cancel.clone(), stake.is_granted());
        let stores = config.journal.directory.join(KIOSK_STORES);
        let devices = VirtualDevices::new(&config.plan, handle, clock, &stores, cancel.clone());
        devices.attend_stored();
        let listener = tokio::spawn(devices.listen(incoming));
        self.devices = Arc::new(devices);
        self.pages = Some((link, cancel, listener));
        Ok(())
    }

    /// Kiosks and pads for pages and simulated people.
    pub fn devices(&self) -> Arc<dyn Devices> {
        Arc::clone(&self.devices)
    }

    /// The broker, as `host:port`.
    pub fn address(&self) -> String {
        self.address.clone()
    }

    /// Let no page press any more.
    pub fn stop_devices(&self) {
        if let Some((_, cancel, _)) = &self.pages {
            cancel.cancel();
        }
    }

    /// Say goodbye on every link, then end the embedded broker. The caller has nothing more to
    /// publish.
    pub async fn close(self) {
        self.stop_devices();
        if let Some((link, _, listener)) = self.pages {
            link.ended().await;
            // The link was its only source.
            let _ = listener.await;
        }
        let (link, cancel) = self.link;
        cancel.cancel();
        link.ended().await;
        if let Some(broker) = self.embedded {
            broker.shutdown().await;
        }
    }
}

fn controller_status(hall: HallId, clock: Clock) -> Announcement {
    Arc::new(move |presence| {
        let online = presence == Presence::Online;
        let at_ms = clock.timestamp().as_millisecond();
        let (version, owner) = (VERSION.into(), owner());
        body(encoded(&ControllerStatus { v: Version, hall, online, at_ms, version, owner }))
    })
}

fn pages_status() -> Announcement {
    let session = fastrand::u32(..);
    Arc::new(move |presence| {
        let online = presence == Presence::Online;
        body(encoded(&DeviceStatus { v: Version, online, session, firmware: VERSION.into() }))
    })
}

/// A status always fits; nothing retained would be the sign of a defect.
fn body(encoded: Result<Bytes, hall_protocol::json::BufferFull>) -> Bytes {
    encoded.unwrap_or_else(|error| {
        tracing::error!(%error, "a status could not be encoded");
        Bytes::new()
    })
}
