//! The near end of a line: a serial port of this machine, or a connection to a serial device server.
//!
//! Moves bytes and finds out that the far end is gone; what is said and when is the bus's business.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::net::sockopt;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_serial::{DataBits, SerialPort, SerialPortBuilderExt, SerialStream, StopBits};

use super::claim::{Claim, Unclaimed};
use super::direction::Direction;
use super::owner;
use crate::config::{FlowControl, Parity, Port, Rs485, SerialSettings, Server};

/// A server that has not accepted by then is tried again.
const CONNECT_MAX: Duration = Duration::from_secs(2);

/// A connection that has been silent for this long is asked whether it is still there, …
const KEEPALIVE_AFTER: Duration = Duration::from_secs(5);

/// … so often, …
const KEEPALIVE_EVERY: Duration = Duration::from_secs(2);

/// … and so many times: a server that lost its power is given up after about ten seconds.
const KEEPALIVE_TRIES: u32 = 3;

/// The same for bytes that nobody acknowledges, in milliseconds.
const UNACKNOWLEDGED_MS_MAX: u32 = 10_000;

/// So much longer answers may take through a network and a box that collects bytes.
pub(super) const NETWORK_DELAY: Duration = Duration::from_millis(200);

/// Where a line is plugged in.
#[derive(Debug, Clone)]
pub(super) enum Plug {
    /// A serial port.
    Device(PathBuf),
    /// A port of a serial device server.
    Server(Server),
}

impl fmt::Display for Plug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Device(path) => path.display().fmt(f),
            Self::Server(server) => server.fmt(f),
        }
    }
}

/// An open line.
#[derive(Debug)]
pub(super) enum Link {
    Serial {
        port: SerialStream,
        /// Kept open as long as the port is.
        _direction: Option<Direction>,
    },
    Tcp {
        stream: TcpStream,
        /// Kept as long as the connection is.
        _claim: Claim,
    },
}

impl Plug {
    /// Open it; the error is a sentence with what a technician does about it.
    pub(super) async fn open(&self, baud: u32, settings: SerialSettings) -> Result<Link, String> {
        match self {
            Self::Device(path) => open_device(path, baud, settings),
            Self::Server(server) => connect(server).await,
        }
    }
}

/// How much longer than on a port of this machine an answer may take.
pub(super) fn delay(port: &Port) -> Duration {
    match port {
        Port::Emulator | Port::Path(_) => Duration::ZERO,
        Port::Server(_) => NETWORK_DELAY,
    }
}

fn open_device(path: &Path, baud: u32, settings: SerialSettings) -> Result<Link, String> {
    let builder = tokio_serial::new(path.to_string_lossy(), baud)
        .data_bits(if settings.data_bits == 7 { DataBits::Seven } else { DataBits::Eight })
        .parity(match settings.parity {
            Parity::None => tokio_serial::Parity::None,
            Parity::Even => tokio_serial::Parity::Even,
            Parity::Odd => tokio_serial::Parity::Odd,
        })
        .stop_bits(if settings.stop_bits == 2 { StopBits::Two } else { StopBits::One })
        .flow_control(match settings.flow_control {
            FlowControl::None => tokio_serial::FlowControl::None,
            FlowControl::Software => tokio_serial::FlowControl::Software,
            FlowControl::Hardware => tokio_serial::FlowControl::Hardware,
        });
    // Before it is ours alone: the other descriptor could not be opened afterwards.
    let direction = match settings.rs485 {
        Rs485::Kernel => Some(Direction::by_kernel(path)?),
        Rs485::Adapter | Rs485::Echo => None,
    };
    let port = builder.open_native_async().map_err(|error| {
        use tokio_serial::ErrorKind::Io;
        // Of a port that is not there or may not be used it does not matter who else has it.
        let other = matches!(error.kind(), Io(io::ErrorKind::NotFound | io::ErrorKind::PermissionDenied));
        match owner::of(path).filter(|_| !other) {
            Some(owner) => owner.sentence(),
            None => format!("{error}; {}", remedy(error.kind())),
        }
    })?;
    Ok(Link::Serial { port, _direction: direction })
}

async fn connect(server: &Server) -> Result<Link, String> {
    let late = io::Error::other(format!("it did not answer within {} s", CONNECT_MAX.as_secs()));
    let connected = tokio::time::timeout(CONNECT_MAX, claimed(server)).await;
    connected.unwrap_or(Err(Unclaimed::Failed(late))).map_err(|why| match why {
        Unclaimed::Taken(owner) => owner.sentence(),
        Unclaimed::Failed(error) => format!(
            "{error}; is the device server on, its serial port in raw TCP server mode, and nobody else connected?"
        ),
    })
}

/// A connection to the first of the server's addresses that takes one.
async fn claimed(server: &Server) -> Result<Link, Unclaimed> {
    let mut why = io::Error::other("its name has no address");
    let found = tokio::net::lookup_host((server.host.as_str(), server.port)).await;
    for address in found.map_err(Unclaimed::Failed)? {
        // Before it is connected to: some servers let a newcomer in and the other one go.
        let claim = Claim::of(address)?;
        match connected(address).await {
            Ok(stream) => return Ok(Link::Tcp { stream, _claim: claim }),
            Err(error) => why = error,
        }
    }
    Err(Unclaimed::Failed(why))
}

async fn connected(address: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(address).await?;
    // A request is one segment: waiting for more of it would delay every answer.
    stream.set_nodelay(true)?;
    sockopt::set_socket_keepalive(&stream, true)?;
    sockopt::set_tcp_keepidle(&stream, KEEPALIVE_AFTER)?;
    sockopt::set_tcp_keepintvl(&stream, KEEPALIVE_EVERY)?;
    sockopt::set_tcp_keepcnt(&stream, KEEPALIVE_TRIES)?;
    sockopt::set_tcp_user_timeout(&stream, UNACKNOWLEDGED_MS_MAX)?;
    Ok(stream)
}

impl Link {
    /// Bytes that came, at least one.
    pub(super) async fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let (count, ended) = match self {
            Self::Serial { port, .. } => (port.read(bytes).await?, "the port has hung up"),
            Self::Tcp { stream, .. } => {
                (stream.read(bytes).await?, "the device server closed the connection")
            }
        };
        if count == 0 { Err(io::Error::new(io::ErrorKind::UnexpectedEof, ended)) } else { Ok(count) }
    }

    /// Set a serial port to this speed, in bits a second.
    pub(super) fn set_baud(&mut self, baud: u32) -> io::Result<()> {
        match self {
            Self::Serial { port, .. } => port.set_baud_rate(baud).map_err(io::Error::from),
            Self::Tcp { .. } => Ok(()),
        }
    }

    /// Send all these bytes.
    pub(super) async fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Serial { port, .. } => port.write_all(bytes).await,
            Self::Tcp { stream, .. } => stream.write_all(bytes).await,
        }
    }
}

/// What a technician does about a port that cannot be opened.
fn remedy(kind: tokio_serial::ErrorKind) -> &'static str {
    use tokio_serial::ErrorKind;
    match kind {
        // The library's word for a port that somebody else has locked.
        ErrorKind::NoDevice => {
            "another program has it open: stop that one (`fuser -v` with the port names it)"
        }
        ErrorKind::Io(io::ErrorKind::NotFound) => "plug the adapter in, or correct the port in hall.toml",
        ErrorKind::Io(io::ErrorKind::PermissionDenied) => {
            "let the controller's user use it: sudo adduser USER dialout, then log in anew"
        }
        ErrorKind::InvalidInput => "correct port and baud in hall.toml",
        _ => "is it a serial port, and does its adapter work?",
    }
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    #[tokio::test]
    async fn a_connection_to_a_server_does_not_wait_and_notices_that_it_is_gone() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = Server { host: "127.0.0.1".into(), port: listener.local_addr().unwrap().port() };
        let Ok(Link::Tcp { stream, .. }) = Plug::Server(server).open(9_600, SerialSettings::default()).await
        else {
            panic!("no connection")
        };
        assert!(stream.nodelay().unwrap() && sockopt::socket_keepalive(&stream).unwrap());
        let silent = sockopt::tcp_keepidle(&stream).unwrap()
            + sockopt::tcp_keepintvl(&stream).unwrap() * sockopt::tcp_keepcnt(&stream).unwrap();
        assert_eq!(silent, Duration::from_secs(11));
        assert_eq!(sockopt::tcp_user_timeout(&stream).unwrap(), UNACKNOWLEDGED_MS_MAX);
    }

    #[tokio::test]
    async fn a_server_that_is_not_there_is_told_with_what_to_look_for() {
        let server = Server { host: "127.0.0.1".into(), port: 1 };
        let why = Plug::Server(server).open(9_600, SerialSettings::default()).await.unwrap_err();
        assert!(why.contains("refused") && why.contains("raw TCP server mode"), "{why}");
    }
}
