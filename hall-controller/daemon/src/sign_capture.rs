//! `sign capture`: records the line of a running controller to a file, asked for over HTTP on this machine.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::cli::{CaptureArgs, NoPlace};
use crate::config::{Config, ConfigErrors};

/// How long the controller may take to answer.
const ANSWER_MAX: Duration = Duration::from_secs(10);

/// How often the end is looked for; a record that is being read is read to its end.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Why nothing is recorded.
#[derive(Debug, thiserror::Error)]
pub enum SignCaptureError {
    /// The hall's configuration.
    #[error(transparent)]
    Config(#[from] ConfigErrors),
    /// No hall is named and none lies where one usually does.
    #[error(transparent)]
    Place(#[from] NoPlace),
    /// Nobody listens, or the connection broke.
    #[error("the controller at {address} does not answer: {cause}; start it with hall-controller run")]
    Unreachable {
        /// Where it should be.
        address: SocketAddr,
        /// The system's reason.
        cause: io::Error,
    },
    /// It has no such line.
    #[error("the controller refused: {0}")]
    Refused(String),
    /// It answers something else.
    #[error("the answer of {0} cannot be read: is it a hall controller of this version?")]
    Unreadable(SocketAddr),
    /// The file.
    #[error("{} cannot be written: {cause}; name another file with --out", path.display())]
    File {
        /// Its path.
        path: PathBuf,
        /// The system's reason.
        cause: io::Error,
    },
}

/// Record until the duration is over, the controller ends, or `ended` says so; gives what was done, in a
/// sentence.
///
/// # Errors
/// When the controller cannot be reached or has no such line, or the file cannot be written.
pub fn run(arguments: &CaptureArgs, ended: impl Fn() -> bool) -> Result<String, SignCaptureError> {
    let mut address = Config::load(&arguments.hall.path()?)?.web.listen;
    if address.ip().is_unspecified() {
        address.set_ip(IpAddr::V4(Ipv4Addr::LOCALHOST));
    }
    let unreachable = |cause| SignCaptureError::Unreachable { address, cause };
    let query = match (&arguments.sign, &arguments.port) {
        (Some(sign), _) => format!("sign={}", escaped(sign.as_str())),
        (None, port) => format!("port={}", escaped(port.as_deref().unwrap_or_default())),
    };
    let mut answer = BufReader::new(ask(address, &query).map_err(unreachable)?);
    let status = head(&mut answer).map_err(unreachable)?.ok_or(SignCaptureError::Unreadable(address))?;
    if status != 200 {
        return Err(refusal(answer, address));
    }
    answer.get_ref().set_read_timeout(Some(LOOK_EVERY)).map_err(unreachable)?;
    let failed = |cause| SignCaptureError::File { path: arguments.out.clone(), cause };
    let mut file = File::options().write(true).create_new(true).open(&arguments.out).map_err(failed)?;
    let until = arguments.duration.map(|duration| Instant::now() + duration);
    let over = || ended() || until.is_some_and(|until| Instant::now() >= until);
    let mut records = 0_u64;
    let mut line = Vec::new();
    let why = loop {
        if over() {
            break "as asked";
        }
        match answer.read_until(b'\n', &mut line) {
            Ok(_) if !line.ends_with(b"\n") => break "since the controller ended",
            Ok(_) => {
                // An empty comment only shows that the line is quiet.
                if line != b"#\n" {
                    file.write_all(&line).map_err(failed)?;
                    records += u64::from(!line.starts_with(b"#"));
                }
                line.clear();
            }
            // What has been read of a line stays in it.
            Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => {}
            Err(_) => break "since the controller ended",
        }
    };
    Ok(said(&arguments.out, records, why))
}

fn said(path: &Path, records: u64, why: &str) -> String {
    let path = path.display();
    format!(
        "{records} records were written to {path}; it ended {why}. hall-controller sign decode --protocol NAME \
         --capture {path} tells what they mean."
    )
}

fn ask(address: SocketAddr, query: &str) -> io::Result<TcpStream> {
    let mut stream = TcpStream::connect_timeout(&address, ANSWER_MAX)?;
    stream.set_read_timeout(Some(ANSWER_MAX))?;
    // Of HTTP 1.0: the body then comes as it is and ends with the connection.
    let request = format!("GET /api/signs/capture?{query} HTTP/1.0\r\nHost: {address}\r\n\r\n");
    stream.write_all(request.as_bytes())?;
    Ok(stream)
}

/// The status of the answer, whose head has then been read; `None` if it is no HTTP.
fn head(answer: &mut impl BufRead) -> io::Result<Option<u16>> {
    let mut line = String::new();
    answer.read_line(&mut line)?;
    let status =
        line.split(' ').nth(1).filter(|_| line.starts_with("HTTP/1.")).and_then(|word| word.parse().ok());
    loop {
        line.clear();
        if answer.read_line(&mut line)? == 0 || line.trim().is_empty() {
            return Ok(status);
        }
    }
}

fn refusal(answer: impl io::Read, address: SocketAddr) -> SignCaptureError {
    let said: Value = serde_json::from_reader(answer).unwrap_or_default();
    match (said["error"]["zh"].as_str(), said["error"]["en"].as_str()) {
        (Some(zh), Some(en)) => SignCaptureError::Refused(format!("{zh} / {en}")),
        _ => SignCaptureError::Unreadable(address),
    }
}

/// A value of a query; whatever is not plain is written in hex.
fn escaped(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    let one = |byte: u8| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    text.bytes().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_a_query_are_escaped() {
        assert_eq!(escaped("/dev/ttyUSB0"), "/dev/ttyUSB0");
        assert_eq!(escaped("tcp://a:1&x=é"), "tcp%3A//a%3A1%26x%3D%C3%A9");
    }

    #[test]
    fn the_head_of_an_answer_is_read_to_its_end() {
        let mut answer = io::Cursor::new(b"HTTP/1.0 200 OK\r\nA: b\r\n\r\n# body\n".to_vec());
        assert_eq!(head(&mut answer).unwrap(), Some(200));
        let mut rest = String::new();
        answer.read_line(&mut rest).unwrap();
        assert_eq!(rest, "# body\n");
        assert_eq!(head(&mut io::Cursor::new(b"SSH-2.0\r\n\r\n".to_vec())).unwrap(), None);
    }
}
