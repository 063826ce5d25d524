//! Two small wires: one HTTP request, and a serial line whose far end is in the test's hands.

use std::io::{Read, Write};
use std::net::TcpStream;

use super::PATIENCE;

/// The body of a page, which must be there.
pub fn get(port: u16, path: &str) -> String {
    let (status, body) = request(port, path);
    assert_eq!(status, 200, "GET {path}: {body}");
    body
}

/// Status and body of `GET path`.
pub fn request(port: u16, path: &str) -> (u16, String) {
    ask(port, &format!("GET {path}"), "\r\n")
}

/// Status and body of any request, with these lines of its head besides.
pub fn send(port: u16, method: &str, path: &str, head: &str, body: &str) -> (u16, String) {
    ask(port, &format!("{method} {path}"), &format!("Content-Length: {}\r\n{head}\r\n{body}", body.len()))
}

/// Status and body of `POST path` with a JSON body.
pub fn post(port: u16, path: &str, body: &str) -> (u16, String) {
    let head = format!("Content-Type: application/json\r\nContent-Length: {}\r\n\r\n", body.len());
    ask(port, &format!("POST {path}"), &format!("{head}{body}"))
}

fn ask(port: u16, what: &str, rest: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    write!(stream, "{what} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n{rest}").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
}
