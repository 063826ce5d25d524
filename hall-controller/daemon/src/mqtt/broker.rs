//! The broker in this process, for the demo and for small halls that install nothing else.
//!
//! Only starting, bounding and stopping it lives here; who may publish what is in [`acl`]. A hall
//! with its own broker (Mosquitto, EMQX) never starts this one and loses nothing by it.

pub mod acl;

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use mqtt5::broker::config::{BrokerConfig, StorageBackend, StorageConfig};
use mqtt5::broker::{BrokerShutdownHandle, MqttBroker};
use tokio::task::JoinHandle;

pub use self::acl::{Acl, InsiderLogin};
use crate::config::AddressesFrom;

/// The largest MQTT packet the broker takes, in bytes. Our payloads end at 1 KiB; the rest is
/// room for integrators. A client that sends more is disconnected, nobody else notices.
pub const PACKET_BYTES_MAX: usize = 64 * 1_024;

/// Clients at the same time: a busy hall has some 1,700 (windows, kiosks, signs).
const CLIENTS_MAX: usize = 4_096;

/// Messages between the router and one client's socket; more go to the client's queue.
const CLIENT_CHANNEL_MAX: usize = 256;

/// Messages that wait for one absent or slow client; then the oldest go. A controller that is
/// away for a minute of a busy hall misses nothing, a forgotten session cannot fill the disk.
const QUEUED_MESSAGES_MAX: usize = 4_096;

/// The same bound in bytes, against few but large messages.
const QUEUED_BYTES_MAX: usize = 4 * 1_024 * 1_024;

/// Retained topics: about three for each device, with room for integrators.
const RETAINED_MAX: usize = 16_384;

/// Subscriptions of one client; a pad needs three, the controller one.
const SUBSCRIPTIONS_MAX: usize = 64;

/// Topic names a client may abbreviate; each costs the broker a string of that client's choosing.
const TOPIC_ALIASES_MAX: u16 = 16;

/// Unacknowledged messages to one client before the broker waits for its acknowledgements.
const OUTBOUND_IN_FLIGHT_MAX: u16 = 128;

/// The contract has nothing that needs QoS 2, whose half-done exchanges would cost memory.
const QOS_MAX: u8 = 1;

/// How long an absent client's session is kept, whatever it asks for.
const SESSION_KEPT: Duration = Duration::from_secs(7 * 24 * 3_600);

/// How often expired sessions and messages are swept.
const SWEEP_EVERY: Duration = Duration::from_secs(300);

/// The broker itself waits up to 5 s for its connections; beyond that it is abandoned.
const SHUTDOWN_MAX: Duration = Duration::from_secs(6);

/// How the embedded broker is started.
#[derive(Debug, Clone)]
pub struct BrokerOptions {
    /// Where to listen; port 0 picks a free one.
    pub listen: SocketAddr,
    /// Where that is written.
    pub addresses: AddressesFrom,
    /// Where sessions and retained messages survive a restart; `None` keeps them in memory.
    pub data_dir: Option<PathBuf>,
    /// Who may publish what.
    pub acl: Acl,
}

/// Why the broker did not start.
#[derive(Debug, thiserror::Error)]
pub enum BrokerError {
    /// Somebody listens there already.
    #[error(
        "the MQTT broker cannot listen on {listen}: the port is in use; \
         stop the process that has it, or choose another with {}",
        addresses.mqtt()
    )]
    PortInUse {
        /// The address asked for.
        listen: SocketAddr,
        /// Where it was asked for.
        addresses: AddressesFrom,
    },
    /// The address cannot be listened on for another reason.
    #[error(
        "the MQTT broker cannot listen on {listen}: {cause}; \
         give an address of this machine with {}",
        addresses.mqtt()
    )]
    Listen {
        /// The address asked for.
        listen: SocketAddr,
        /// Where it was asked for.
        addresses: AddressesFrom,
        /// What the system said.
        cause: io::Error,
    },
    /// The broker refused its configuration or its storage.
    #[error("the MQTT broker on {listen} did not start: {cause}")]
    Start {
        /// The address asked for.
        listen: SocketAddr,
        /// What the broker said; names the storage directory when that is the trouble.
        cause: String,
    },
}

/// A running broker. Dropping it without [`EmbeddedBroker::shutdown`] stops it too, but does not
/// wait for what is still being written.
#[derive(Debug)]
pub struct EmbeddedBroker {
    local_addr: SocketAddr,
    stop: Stop,
    task: JoinHandle<()>,
}

/// Stops the broker however the handle goes away.
struct Stop(BrokerShutdownHandle);

impl std::fmt::Debug for Stop {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Stop")
    }
}

impl Drop for Stop {
    fn drop(&mut self) {
        self.0.shutdown();
    }
}

impl EmbeddedBroker {
    /// Start listening; clients can connect when this returns.
    ///
    /// Fails when the address is taken or not ours, and when the storage cannot be opened (it is
    /// locked by another process, or not writable).
    pub async fn start(options: BrokerOptions) -> Result<Self, BrokerError> {
        let BrokerOptions { listen, addresses, .. } = options;
        let start = |cause: String| BrokerError::Start { listen, cause };
        let broker = match MqttBroker::with_config(configuration(&options)).await {
            Ok(broker) => broker,
            Err(error) => return Err(why_not(listen, addresses, &error.to_string())),
        };
        let mut broker = broker.with_auth_provider(Arc::new(options.acl));
        let local_addr =
            broker.local_addr().ok_or_else(|| start("the listening socket has no address".to_owned()))?;
        let stop = Stop(broker.shutdown_handle());
        let mut ready = broker.ready_receiver();
        let mut running = tokio::spawn(async move { broker.run().await });
        tokio::select! {
            came = ready.wait_for(|ready| *ready) => if came.is_err() {
                return Err(start("it ended while starting".to_owned()));
            },
            ended = &mut running => {
                let cause = match ended {
                    Ok(Err(error)) => error.to_string(),
                    Ok(Ok(())) => "it ended while starting".to_owned(),
                    Err(error) => error.to_string(),
                };
                return Err(start(cause));
            }
        }
        let task = tokio::spawn(async move {
            match running.await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::error!(%listen, %error, "the embedded MQTT broker failed"),
                Err(error) => tracing::error!(%listen, %error, "the embedded MQTT broker panicked"),
            }
        });
        Ok(Self { local_addr, stop, task })
    }

    /// Where it listens, with the port that port 0 became.
    pub fn local_addr(&self) -> SocketAddr {
        self.local_addr
    }

    /// Tell every client goodbye, write what is unwritten, and stop; at most some 6 s.
    pub async fn shutdown(self) {
        drop(self.stop);
        if tokio::time::timeout(SHUTDOWN_MAX, self.task).await.is_err() {
            tracing::warn!(listen = %self.local_addr, "the embedded MQTT broker did not stop in time");
        }
    }
}

fn configuration(options: &BrokerOptions) -> BrokerConfig {
    let storage = StorageConfig::new()
        .with_cleanup_interval(SWEEP_EVERY)
        .with_max_queued_messages_per_client(QUEUED_MESSAGES_MAX)
        .with_max_queued_bytes_per_client(QUEUED_BYTES_MAX);
    let storage = match &options.data_dir {
        Some(dir) => storage.with_backend(StorageBackend::File).with_base_dir(dir.clone()),
        // Persistence stays on: without a backend the broker grants no session at all.
        None => storage.with_backend(StorageBackend::Memory),
    };
    let mut config = BrokerConfig::new()
        .with_bind_address(options.listen)
        .with_max_clients(CLIENTS_MAX)
        .with_session_expiry(SESSION_KEPT)
        .with_max_packet_size(PACKET_BYTES_MAX)
        .with_maximum_qos(QOS_MAX)
        .with_max_subscriptions_per_client(SUBSCRIPTIONS_MAX)
        .with_max_retained_messages(RETAINED_MAX)
        .with_client_channel_capacity(CLIENT_CHANNEL_MAX)
        .with_max_outbound_inflight(OUTBOUND_IN_FLIGHT_MAX)
        .with_sys_topics_enabled(false)
        .with_storage(storage);
    config.topic_alias_maximum = TOPIC_ALIASES_MAX;
    config.shared_subscription_available = false;
    config
}

/// The broker reports a failed bind as text only, so the address is tried once more to learn why.
fn why_not(listen: SocketAddr, addresses: AddressesFrom, said: &str) -> BrokerError {
    match std::net::TcpListener::bind(listen) {
        Err(cause) if cause.kind() == io::ErrorKind::AddrInUse => {
            BrokerError::PortInUse { listen, addresses }
        }
        Err(cause) => BrokerError::Listen { listen, addresses, cause },
        Ok(_) => BrokerError::Start { listen, cause: said.to_owned() },
    }
}
