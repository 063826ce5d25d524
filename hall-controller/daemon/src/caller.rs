//! Commands that ask the running controller: over HTTP on this machine, as any program would, with the
//! token of a `[[client]]`. What they ask is in the modules of the things asked about.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

use hall_protocol::id::ClientId;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::config::{Client, Config, Right};

/// An import of the largest list takes some seconds on a slow disk.
const PATIENCE: Duration = Duration::from_secs(120);

/// Why the controller did not do it.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// No such client.
    #[error(
        "the configuration has no [[client]] called \"{0}\"; add one with an id and a token_file, and restart \
         the controller"
    )]
    NoClient(ClientId),
    /// No client may ask this.
    #[error(
        "the configuration has no [[client]] that may ask this; add one with an id, a token_file and may = \
         [\"{}\"], and restart the controller",
        .0.word()
    )]
    NobodyMay(Right),
    /// This one may not.
    #[error(
        "client \"{client}\" may not ask this; add \"{}\" to its may in the configuration, and restart the \
         controller",
        .right.word()
    )]
    MayNot {
        /// Who.
        client: ClientId,
        /// What it lacks.
        right: Right,
    },
    /// Several, and none named.
    #[error("the configuration has several clients that may; choose one with --client: {0}")]
    WhichClient(String),
    /// The list.
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
    address: SocketAddr,
    client: &'a Client,
}

impl<'a> Caller<'a> {
    /// Ask the controller that runs by `config` what needs `right`, as `client` or as the only one that
    /// may.
    ///
    /// # Errors
    /// When there is no such client.
    pub fn new(config: &'a Config, client: Option<ClientId>, right: Right) -> Result<Self, CallError> {
        let may = |known: &&Client| known.may.contains(&right);
        let able: Vec<&Client> = config.clients.iter().filter(may).collect();
        let found = match (client, &able[..]) {
            (Some(id), _) => {
                let known = config.clients.iter().find(|known| known.id == id);
                known.ok_or(CallError::NoClient(id)).and_then(|known| {
                    if may(&known) { Ok(known) } else { Err(CallError::MayNot { client: id, right }) }
                })?
            }
            (None, [only]) => only,
            (None, []) => return Err(CallError::NobodyMay(right)),
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

    /// The answer's body.
    ///
    /// # Errors
    /// When the controller cannot be reached or refuses.
    pub fn ask(&self, method: &str, target: &str, body: Body<'_>) -> Result<Vec<u8>, CallError> {
        let answer = self.exchange(method, target, body).map_err(|cause| self.unreachable(cause))?;
        let (status, body) = taken_apart(&answer).ok_or(CallError::Unreadable(self.address))?;
        if (200..300).contains(&status) { Ok(body.to_vec()) } else { Err(self.refused(body)) }
    }

    /// The answer as JSON of this shape.
    ///
    /// # Errors
    /// As [`Caller::ask`].
    pub fn ask_json<T: DeserializeOwned>(
        &self,
        method: &str,
        target: &str,
        body: Body<'_>,
    ) -> Result<T, CallError> {
        let answer = self.ask(method, target, body)?;
        serde_json::from_slice(&answer).map_err(|_| CallError::Unreadable(self.address))
    }

    /// Hear the messages of a stream of server-sent events until `hear` has enough.
    ///
    /// # Errors
    /// When the controller cannot be reached, refuses, or ends the stream.
    pub fn follow(&self, target: &str, mut hear: impl FnMut(&str) -> Next) -> Result<(), CallError> {
        let lost = |cause| self.unreachable(cause);
        // Of this version an answer without a length is simply all that comes until the end.
        let stream = self.send("GET", target, "HTTP/1.0", Body::None).map_err(lost)?;
        let mut lines = BufReader::new(stream).lines();
        let mut lines_before = Vec::new();
        while let Some(line) = lines.next().transpose().map_err(lost)?.filter(|line| !line.is_empty()) {
            lines_before.push(line);
        }
        let status =
            lines_before.first().and_then(|line| status(line)).ok_or(CallError::Unreadable(self.address))?;
        if status != 200 {
            let rest: Vec<String> = lines.map_while(Result::ok).collect();
            return Err(self.refused(rest.concat().as_bytes()));
        }
        let mut named = false;
        for line in lines {
            let line = line.map_err(lost)?;
            match line.split_once(": ") {
                Some(("event", _)) => named = true,
                // Events with a name are for the pages.
                Some(("data", data)) if !named => match hear(data) {
                    Next::GoOn => {}
                    Next::Enough => return Ok(()),
                },
                _ => named &= !line.is_empty(),
            }
        }
        Err(self.unreachable(io::Error::from(io::ErrorKind::UnexpectedEof)))
    }

    fn unreachable(&self, cause: io::Error) -> CallError {
        CallError::Unreachable { address: self.address, cause }
    }

    fn refused(&self, body: &[u8]) -> CallError {
        let said: Value = serde_json::from_slice(body).unwrap_or_default();
        match (said["error"]["zh"].as_str(), said["error"]["en"].as_str()) {
            (Some(zh), Some(en)) => CallError::Refused(format!("{zh} / {en}")),
            _ => CallError::Unreadable(self.address),
        }
    }

    fn exchange(&self, method: &str, target: &str, body: Body<'_>) -> io::Result<Vec<u8>> {
        let mut answer = Vec::new();
        self.send(method, target, "HTTP/1.1", body)?.read_to_end(&mut answer)?;
        Ok(answer)
    }

    fn send(&self, method: &str, target: &str, version: &str, body: Body<'_>) -> io::Result<TcpStream> {
        let mut stream = TcpStream::connect_timeout(&self.address, PATIENCE)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        let (kind, bytes) = match body {
            Body::None => ("application/json", &[][..]),
            Body::Json(text) => ("application/json", text.as_bytes()),
            Body::Csv(list) => ("text/csv", list),
        };
        let head = format!(
            "{method} {target} {version}\r\nHost: {}\r\nConnection: close\r\nContent-Type: {kind}\r\n\
             Authorization: Bearer {}\r\nContent-Length: {}\r\n\r\n",
            self.address,
            self.client.token.shown(),
            bytes.len()
        );
        stream.write_all(head.as_bytes())?;
        stream.write_all(bytes)?;
        Ok(stream)
    }
}

/// What is sent with a request.
#[derive(Debug, Clone, Copy)]
pub enum Body<'a> {
    /// Nothing.
    None,
    /// JSON.
    Json(&'a str),
    /// A list.
    Csv(&'a [u8]),
}

/// Whether a stream is followed any longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// It is.
    GoOn,
    /// It is not.
    Enough,
}

/// The status and the body of an answer after which the connection was closed.
fn taken_apart(answer: &[u8]) -> Option<(u16, &[u8])> {
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = std::str::from_utf8(answer.get(..end)?).ok()?;
    Some((status(head)?, answer.get(end + 4..)?))
}

/// The status in an answer's first line.
fn status(head: &str) -> Option<u16> {
    let (version, rest) = head.split_once(' ')?;
    let status = rest.split(|character: char| !character.is_ascii_digit()).next()?;
    version.starts_with("HTTP/1.").then(|| status.parse().ok())?
}
