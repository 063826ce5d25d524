//! Commands that ask the running controller as a program would: over HTTP on this machine, with the token
//! of a `[[client]]`.

use std::io::{self, Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

use hall_protocol::id::{ClientId, DeviceId};
use serde_json::{Value, json};

use crate::config::{Client, Config};

/// An import of the largest list takes some seconds on a slow disk.
const PATIENCE: Duration = Duration::from_secs(120);

/// Why the controller did not do it.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// No token to show.
    #[error(
        "the configuration has no [[client]]{0}; add one with an id and a token_file, and restart the \
         controller"
    )]
    NoClient(String),
    /// Several, and none named.
    #[error("the configuration has several clients; choose one with --client: {0}")]
    WhichClient(String),
    /// The list to send.
    #[error("{path} cannot be read: {cause}; name a CSV file")]
    File {
        /// Its path.
        path: String,
        /// The system's reason.
        cause: io::Error,
    },
    /// Nobody listens, or the connection broke.
    #[error("the controller at {address} does not answer: {cause}; start it with hall-controller run")]
    Unreachable {
        /// Where it should be.
        address: SocketAddr,
        /// The system's reason.
        cause: io::Error,
    },
    /// It answers, and refuses.
    #[error("the controller refused: {0}")]
    Refused(String),
    /// It answers something else.
    #[error("the answer of {0} cannot be read: is it a hall controller of this version?")]
    Unreadable(SocketAddr),
}

/// The controller of a configuration, and who asks it.
#[derive(Debug)]
pub struct Caller<'a> {
    pub(crate) address: SocketAddr,
    client: &'a Client,
}

impl<'a> Caller<'a> {
    /// Ask the controller that runs by `config`, as `client` or as the only one there is.
    ///
    /// # Errors
    /// When there is no such client.
    pub fn new(config: &'a Config, client: Option<ClientId>) -> Result<Self, CallError> {
        let clients = &config.clients;
        let found = match (client, &clients[..]) {
            (Some(id), all) => {
                let known = all.iter().find(|known| known.id == id);
                known.ok_or_else(|| CallError::NoClient(format!(" called \"{id}\"")))?
            }
            (None, [only]) => only,
            (None, []) => return Err(CallError::NoClient(String::new())),
            (None, several) => {
                let ids: Vec<_> = several.iter().map(|known| known.id.to_string()).collect();
                return Err(CallError::WhichClient(ids.join(", ")));
            }
        };
        let mut address = config.web.listen;
        if address.ip().is_unspecified() {
            address.set_ip(IpAddr::V4(Ipv4Addr::LOCALHOST));
        }
        Ok(Self { address, client: found })
    }

    /// Ask with a body of this media type; the body of the answer, if it is none of an error.
    ///
    /// # Errors
    /// When the controller cannot be reached or refuses.
    pub(crate) fn ask(
        &self,
        method: &str,
        target: &str,
        kind: &str,
        body: &[u8],
    ) -> Result<Vec<u8>, CallError> {
        let answer = self
            .exchange(method, target, kind, body)
            .map_err(|cause| CallError::Unreachable { address: self.address, cause })?;
        let (status, body) = taken_apart(&answer).ok_or(CallError::Unreadable(self.address))?;
        if (200..300).contains(&status) {
            return Ok(body.to_vec());
        }
        let said: Value = serde_json::from_slice(body).unwrap_or_default();
        match (said["error"]["zh"].as_str(), said["error"]["en"].as_str()) {
            (Some(zh), Some(en)) => Err(CallError::Refused(format!("{zh} / {en}"))),
            _ => Err(CallError::Unreadable(self.address)),
        }
    }

    fn exchange(&self, method: &str, target: &str, kind: &str, body: &[u8]) -> io::Result<Vec<u8>> {
        let mut stream = TcpStream::connect_timeout(&self.address, PATIENCE)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        let head = format!(
            "{method} {target} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nContent-Type: {kind}\r\n\
             Authorization: Bearer {}\r\nContent-Length: {}\r\n\r\n",
            self.address,
            self.client.token.shown(),
            body.len()
        );
        stream.write_all(head.as_bytes())?;
        stream.write_all(body)?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        Ok(answer)
    }
}

/// The status and the body of an answer after which the connection was closed.
fn taken_apart(answer: &[u8]) -> Option<(u16, &[u8])> {
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = std::str::from_utf8(answer.get(..end)?).ok()?;
    let status = head.strip_prefix("HTTP/1.1 ")?.split(' ').next()?.parse().ok()?;
    Some((status, answer.get(end + 4..)?))
}

impl Caller<'_> {
    /// Write off what a kiosk has leased; how many numbers that were.
    ///
    /// # Errors
    /// When the controller cannot be reached or refuses.
    pub fn write_off(&self, kiosk: DeviceId, by: &str, reason: &str) -> Result<u64, CallError> {
        let target = format!("/api/v1/kiosks/{kiosk}/write-off");
        let said = json!({ "by": by, "reason": reason }).to_string();
        let body = self.ask("POST", &target, "application/json", said.as_bytes())?;
        let answer: Value = serde_json::from_slice(&body).unwrap_or_default();
        answer["written_off"].as_u64().ok_or(CallError::Unreadable(self.address))
    }
}
