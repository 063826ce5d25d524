//! The real daemon with its own broker, on free ports of this machine, ended with its test.

use std::env;
use std::fs::File;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::SystemTime;

use serde_json::Value;

use crate::board::{PATIENCE, eventually};

/// The hall's id.
pub(crate) const HALL: &str = "test";

/// The hall of the daemon's own tests.
const SMALL_HALL: &str =
    include_str!("../../../../hall-controller/daemon/tests/hall/support/small_hall.toml");

pub(crate) struct Hall {
    folder: tempfile::TempDir,
    pub(crate) mqtt_port: u16,
    web_port: u16,
    /// The hall's clock is so many minutes before UTC's.
    pub(crate) utc_offset_minutes: i64,
    daemon: Option<Child>,
}

fn binary() -> PathBuf {
    env::var_os("HALL_CONTROLLER").expect("run this by `cargo xtask firmware test`").into()
}

impl Hall {
    /// A hall with two services, one window for both, and the kiosks K1 and K2, opened. `more` is added to
    /// its configuration.
    pub(crate) fn open(more: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (mqtt_port, web_port) = (free_port(), free_port());
        let (zone, utc_offset_minutes) = zone_at_noon();
        let text = SMALL_HALL
            // By which a call's reason, which the pad's display shows, is the same at every call.
            .replace("\"<time zone>\"", &format!("\"{zone}\"\nrouting = \"fcfs\""))
            .replace("<web port>", &web_port.to_string())
            .replace("<mqtt>", &format!("embedded = {{ listen = \"127.0.0.1:{mqtt_port}\" }}"))
            .replace("<data>", "data");
        let window = "\n[[kiosk]]\nid = \"K2\"\n\n[[window]]\nid = \"1\"\nservices = [\"social\", \"tax\"]\n";
        let text = text + window + more;
        std::fs::write(folder.path().join("hall.toml"), text).unwrap();
        let mut hall = Self { folder, mqtt_port, web_port, utc_offset_minutes, daemon: None };
        hall.start();
        hall
    }

    /// Start the daemon, and wait until it serves.
    pub(crate) fn start(&mut self) {
        let log = File::options().create(true).append(true).open(self.folder.path().join("log")).unwrap();
        let mut command = Command::new(binary());
        command.args(["run", "--config", "hall.toml"]).current_dir(self.folder.path());
        self.daemon = Some(command.stdout(Stdio::null()).stderr(log).spawn().unwrap());
        eventually("the hall is open", || TcpStream::connect(("127.0.0.1", self.web_port)).ok());
    }

    /// As a power cut would.
    pub(crate) fn kill(&mut self) {
        if let Some(mut daemon) = self.daemon.take() {
            let _ = daemon.kill();
            let _ = daemon.wait();
        }
    }

    /// Take a ticket at the page of kiosk K2; gives its number.
    pub(crate) fn take(&self, service: &str) -> String {
        let body = format!("{{\"service\":\"{service}\"}}");
        let head = format!("Content-Type: application/json\r\nContent-Length: {}\r\n", body.len());
        let answer = self.ask("POST /api/kiosk/K2/take", &head, &body);
        let (_, body) = answer.split_once("\r\n\r\n").unwrap();
        let body: Value = serde_json::from_str(body).unwrap();
        body["ticket"]["number"].as_str().unwrap_or_else(|| panic!("no ticket: {body}")).to_owned()
    }

    fn ask(&self, what: &str, head: &str, body: &str) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", self.web_port)).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        write!(
            stream,
            "{what} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nConnection: close\r\n{head}\r\n{body}",
            self.web_port
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    /// What the journal says has happened, of one kind: the values of one field, in their order.
    pub(crate) fn journaled(&self, kind: &str, field: &str) -> Vec<String> {
        let events = self.events();
        let events = events.iter().filter(|event| event["kind"] == kind);
        events.map(|event| event["event"][field].as_str().unwrap().to_owned()).collect()
    }

    /// Session and number of every question of a device that is in the journal, in their order.
    pub(crate) fn presses(&self, device: &str) -> Vec<(u64, u64)> {
        let events = self.events();
        let presses = events.iter().map(|event| &event["cause"]["press"]);
        let mut all: Vec<_> = presses
            .filter(|press| press["device"] == device)
            .map(|press| (press["session"].as_u64().unwrap(), press["seq"].as_u64().unwrap()))
            .collect();
        // One press may be several events.
        all.dedup();
        all
    }

    /// The whole journal.
    fn events(&self) -> Vec<Value> {
        let mut command = Command::new(binary());
        command
            .args(["export", "--config", "hall.toml", "--format", "jsonl"])
            .current_dir(self.folder.path());
        let output = command.output().unwrap();
        assert!(output.status.success(), "{output:?}");
        let text = String::from_utf8(output.stdout).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// What the daemon has said, for who looks why a test failed.
    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }
}

impl Drop for Hall {
    fn drop(&mut self) {
        self.kill();
        if std::thread::panicking() {
            eprintln!("the daemon has said:\n{}", self.log());
        }
    }
}

/// A time zone where it is about noon now, by its name and its minutes before UTC: near midnight kiosks
/// give their leases back.
fn zone_at_noon() -> (String, i64) {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    let hour = i64::try_from(since.as_secs() / 3_600 % 24).unwrap();
    let east = 12 - hour;
    // In these names the sign is that of POSIX: hours behind UTC.
    (format!("Etc/GMT{:+}", -east), east * 60)
}

/// A TCP port nobody uses at this moment.
fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
