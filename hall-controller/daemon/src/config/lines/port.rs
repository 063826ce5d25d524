//! The key `port` of a line: where it is plugged in.

use std::fmt;
use std::path::PathBuf;

use crate::config::Port;
use crate::config::errors::{Words, words};
use crate::config::reader::{Place, Value, quoted};
use crate::config::settings::PATH_BYTES_MAX;
use crate::config::values::one_line;

/// What a line without hardware is called.
const EMULATOR: &str = "emulator";

/// How a serial device server is written.
const SERVER: &str = "tcp://";

/// A serial device server in raw mode: a box on the network with serial ports, each a TCP port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// Its host name or IP address.
    pub host: String,
    /// The TCP port of the serial port.
    pub port: u16,
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, port } = self;
        if host.contains(':') {
            write!(f, "{SERVER}[{host}]:{port}")
        } else {
            write!(f, "{SERVER}{host}:{port}")
        }
    }
}

/// Ports that lines above have, as written.
pub(super) type Taken = Vec<(String, Place)>;

pub(super) fn port(value: &Value<'_>, taken: &mut Taken) -> Option<Port> {
    let text = one_line(value, PATH_BYTES_MAX)?;
    if text == EMULATOR {
        return Some(Port::Emulator);
    }
    let (port, name) = match text.strip_prefix(SERVER) {
        Some(address) => {
            let server = server(value, address)?;
            (Port::Server(server.clone()), server.to_string())
        }
        None => (Port::Path(path(value, text)?), text.to_owned()),
    };
    if let Some((_, other)) = taken.iter().find(|(known, _)| *known == name) {
        value.wrong(
            words!(
                "第 {line} 行的 {key} 也是 {text}",
                "{key} on line {line} is {text} too",
                key = other.key,
                line = other.line,
                text = quoted(text)
            ),
            words!(
                "请把两处的屏写在同一个 [[line]] 下，或写另一个端口",
                "hang the signs of both on one [[line]], or write the other port"
            ),
        );
        return None;
    }
    taken.push((name, value.place().clone()));
    Some(port)
}

fn path(value: &Value<'_>, text: &str) -> Option<PathBuf> {
    let path = PathBuf::from(text);
    if path.is_absolute() {
        return Some(path);
    }
    let problem = words!("{text} 不是串口", "{text} is no serial port", text = quoted(text));
    let otherwise = words!(
        "请写完整路径，例如 /dev/serial/by-id/…，串口服务器写 \"tcp://HOST:PORT\"，模拟则写 \"emulator\"",
        "write its whole path, such as /dev/serial/by-id/…, \"tcp://HOST:PORT\" for a serial device server, or \"emulator\""
    );
    value.wrong_word(problem, text, [EMULATOR], otherwise);
    None
}

fn server(value: &Value<'_>, address: &str) -> Option<Server> {
    let wrong = |problem: Words| {
        value.wrong(
            problem,
            words!(
                "请写服务器的名称或地址及端口，例如 \"tcp://10.0.8.21:4001\"",
                "write the server's name or address and its port, such as \"tcp://10.0.8.21:4001\""
            ),
        );
    };
    let Some((host, port)) = address.rsplit_once(':') else {
        wrong(words!("{address} 没有端口", "{address} has no port", address = quoted(address)));
        return None;
    };
    let bracketed = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    let plain = |host: &str| {
        !host.is_empty() && host.bytes().all(|byte| byte.is_ascii_graphic() && !b"[]/:@".contains(&byte))
    };
    let is_host = bracketed.map_or_else(|| plain(host), |host| host.parse::<std::net::Ipv6Addr>().is_ok());
    if !is_host {
        wrong(words!("{host} 不是主机名或地址", "{host} is no host name or address", host = quoted(host)));
        return None;
    }
    let Some(number) = port.parse::<u16>().ok().filter(|number| *number > 0) else {
        wrong(words!("{port} 不是 TCP 端口", "{port} is no TCP port", port = quoted(port)));
        return None;
    };
    Some(Server { host: bracketed.unwrap_or(host).to_owned(), port: number })
}
