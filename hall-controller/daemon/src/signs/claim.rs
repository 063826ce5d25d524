//! Which program of this machine drives a port of a serial device server: the server tells nobody, and some
//! let two in, who then spoil each other's bytes.
//!
//! A claim is a name in the kernel's table of abstract Unix sockets (`unix(7)`). It ends with its process,
//! so none is stale after a power cut, needs no directory, and tells its owner (`SO_PEERCRED`). It is seen
//! within a network namespace, as the server is. A controller on another machine is not: a server that
//! serves one at a time refuses it.

use std::io;
use std::net::SocketAddr;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr as Name, UnixListener as StdListener};

use rustix::net::sockopt;
use tokio::net::UnixListener;
use tokio::task::JoinHandle;

use super::owner::Owner;

/// A port of a server that is ours, as long as this is kept.
#[derive(Debug)]
pub(super) struct Claim(JoinHandle<()>);

impl Drop for Claim {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Why there is no claim.
#[derive(Debug)]
pub(super) enum Unclaimed {
    /// Somebody else has it.
    Taken(Owner),
    /// The system gives none.
    Failed(io::Error),
}

impl Claim {
    /// Claim the port at this address, whatever name it was found by.
    pub(super) fn of(server: SocketAddr) -> Result<Self, Unclaimed> {
        let listener = bound(server).map_err(|error| match error.kind() {
            io::ErrorKind::AddrInUse => asked(server).map_or_else(Unclaimed::Failed, Unclaimed::Taken),
            _ => Unclaimed::Failed(error),
        })?;
        // Whoever asks whose it is has an answer by having been let in.
        Ok(Self(tokio::spawn(async move { while listener.accept().await.is_ok() {} })))
    }
}

fn name(server: SocketAddr) -> io::Result<Name> {
    Name::from_abstract_name(format!("hall-controller/line/{server}"))
}

fn bound(server: SocketAddr) -> io::Result<UnixListener> {
    let listener = StdListener::bind_addr(&name(server)?)?;
    listener.set_nonblocking(true)?;
    UnixListener::from_std(listener)
}

/// Who has claimed it.
fn asked(server: SocketAddr) -> io::Result<Owner> {
    let stream = std::os::unix::net::UnixStream::connect_addr(&name(server)?)?;
    let process = sockopt::socket_peercred(&stream)?.pid.as_raw_nonzero().get();
    Ok(Owner::of_process(process.unsigned_abs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_port_is_one_claim_s_until_it_is_dropped_and_its_owner_is_told() {
        // TEST-NET-1 (RFC 5737): nobody's server.
        let server: SocketAddr = "192.0.2.1:4001".parse().unwrap();
        let other: SocketAddr = "192.0.2.1:4002".parse().unwrap();
        let claim = Claim::of(server).unwrap();
        let _other = Claim::of(other).unwrap();
        // More often than a queue of those who ask is long.
        for _ in 0..300 {
            let Err(Unclaimed::Taken(owner)) = Claim::of(server) else { panic!("it was given twice") };
            assert!(owner.is_this_process(), "{owner}");
            tokio::task::yield_now().await;
        }
        drop(claim);
        tokio::task::yield_now().await;
        assert!(Claim::of(server).is_ok());
    }
}
