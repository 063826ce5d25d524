//! A small hall in a temporary directory: its configuration, its ports, its devices' words.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::client::{Client, Message};
use super::controller::Controller;
use super::free_port;

/// The hall's id in every topic.
pub const HALL: &str = "test";

/// The hall, but for what differs; that of the emulated boards' tests is the same.
const SMALL_HALL: &str = include_str!("small_hall.toml");

/// A hall that can be started, killed and started again.
pub struct TestHall {
    directory: TempDir,
    pub mqtt_port: u16,
    pub web_port: u16,
}

/// The serial lines of a hall: each its port and its signs.
pub type Lines<'a> = &'a [(&'a Path, &'a str)];

impl TestHall {
    /// Two services, `windows` windows that serve both, one kiosk, one zone, these sign lines.
    pub fn new(windows: usize, lines: Lines) -> Self {
        let hall = Self { directory: TempDir::new().unwrap(), mqtt_port: free_port(), web_port: free_port() };
        let mqtt = format!("embedded = {{ listen = \"127.0.0.1:{}\" }}", hall.mqtt_port);
        hall.write(windows, lines, &mqtt);
        hall
    }

    /// The same hall on a broker of its own, as this `[mqtt]` table says.
    pub fn on_broker(windows: usize, lines: Lines, mqtt_port: u16, mqtt: &str) -> Self {
        let hall = Self { directory: TempDir::new().unwrap(), mqtt_port, web_port: free_port() };
        hall.write(windows, lines, mqtt);
        hall
    }

    fn write(&self, windows: usize, lines: Lines, mqtt: &str) {
        let mut text = SMALL_HALL
            .replace("<time zone>", "Asia/Shanghai")
            .replace("<web port>", &self.web_port.to_string())
            .replace("<mqtt>", mqtt)
            .replace("<data>", &self.data().display().to_string());
        for window in 1..=windows {
            write!(text, "\n[[window]]\nid = \"{window}\"\nservices = [\"social\", \"tax\"]\n").unwrap();
        }
        for (port, signs) in lines {
            // Font cards have no other speed that is as fast.
            let baud = if signs.contains("onbon-bx5k") { 57_600 } else { 115_200 };
            write!(text, "\n[[line]]\nport = \"{}\"\nbaud = {baud}\n{signs}\n", port.display()).unwrap();
        }
        std::fs::write(self.config(), text).unwrap();
    }

    /// Add kiosks R1, R2, … for a service of their own, `rush`, which has ten thousand numbers
    /// and a window that stays closed.
    pub fn add_rush_kiosks(&self, count: usize) {
        let mut text = std::fs::read_to_string(self.config()).unwrap();
        text.push_str(
            "\n[[service]]\nid = \"rush\"\nname = \"高峰\"\nname_en = \"Rush\"\nprefix = \"R\"\ndigits = 4\nzone = \"A\"\n\
             target_minutes = 15\n\n[[window]]\nid = \"9\"\nservices = [\"rush\"]\n",
        );
        for number in 1..=count {
            write!(text, "\n[[kiosk]]\nid = \"R{number}\"\nservices = [\"rush\"]\n").unwrap();
        }
        std::fs::write(self.config(), text).unwrap();
    }

    /// The configuration's file.
    pub fn config(&self) -> PathBuf {
        self.directory.path().join("hall.toml")
    }

    /// The journal's directory.
    pub fn data(&self) -> PathBuf {
        self.directory.path().join("data")
    }

    /// Start the controller and wait until it is open.
    pub fn start(&self) -> Controller {
        Controller::start(&self.config())
    }

    /// A client that hears the whole hall.
    pub fn client(&self, id: &str) -> Client {
        Client::connect(self.mqtt_port, id, &[format!("hall/v1/{HALL}/#")])
    }

    /// A client that hears one device's replies only.
    pub fn quiet_client(&self, id: &str, device: &str) -> Client {
        Client::connect(self.mqtt_port, id, &[topic(&format!("{device}/reply"))])
    }

    /// How often something was counted, from the metrics page: `refused` for `stale`.
    pub fn counted(&self, name: &str, reason: &str) -> u64 {
        let wanted = format!("hall_events_total{{name=\"{name}\",reason=\"{reason}\"}} ");
        let metrics = self.get("/metrics");
        metrics.lines().find_map(|line| line.strip_prefix(&wanted)?.trim().parse().ok()).unwrap_or(0)
    }

    /// What everybody sees, as the pages get it.
    pub fn view(&self) -> Value {
        serde_json::from_str(&self.get("/api/view")).unwrap()
    }

    /// A page's text.
    pub fn get(&self, path: &str) -> String {
        super::wire::get(self.web_port, path)
    }

    /// The body of the answer to JSON posted to a page.
    pub fn post(&self, path: &str, body: &str) -> String {
        super::wire::post(self.web_port, path, body).1
    }
}

/// A topic of the hall.
pub fn topic(rest: &str) -> String {
    format!("hall/v1/{HALL}/{rest}")
}

/// A sign of 128x32 for a window.
pub fn window_sign(address: u8, window: u8) -> String {
    format!(
        "[[line.sign]]\nid = \"S{address}\"\naddress = {address}\nwidth = 128\nheight = 32\n\
         colour = \"red-green\"\nshows = {{ window = \"{window}\" }}\n"
    )
}

/// A kiosk or pad as a client plays it: one session, counting up.
pub struct Device<'a> {
    client: &'a Client,
    name: String,
    session: u32,
    seq: u32,
}

impl<'a> Device<'a> {
    /// `name` as in the topics: `kiosk/K1`, `window/7`.
    pub fn new(client: &'a Client, name: &str, session: u32) -> Self {
        Self { client, name: name.to_owned(), session, seq: 0 }
    }

    /// Ask for a ticket; gives the reply's outcome.
    pub fn take(&mut self, service: &str) -> Value {
        let body = self.next(json!({ "request": { "take": { "service": service } } }));
        self.ask("request", &body).body["outcome"].clone()
    }

    /// The number of a new ticket.
    pub fn take_number(&mut self, service: &str) -> String {
        let outcome = self.take(service);
        outcome["ticket"]["number"].as_str().unwrap_or_else(|| panic!("no ticket: {outcome}")).to_owned()
    }

    /// Press a key; gives the reply's outcome.
    pub fn press(&mut self, key: &str) -> Value {
        let body = self.next(json!({ "key": key }));
        self.ask("press", &body).body["outcome"].clone()
    }

    /// The words of the next message, not sent yet.
    pub fn next(&mut self, mut body: Value) -> Value {
        self.seq += 1;
        let head = json!({ "v": 1, "session": self.session, "seq": self.seq, "age_ms": 5 });
        body.as_object_mut().unwrap().extend(head.as_object().unwrap().clone());
        body
    }

    /// Send these words once and wait for nothing.
    pub fn send(&self, channel: &str, body: &Value) {
        let topic = topic(&format!("{}/{channel}", self.name));
        let reply = format!("{}/reply", topic.rsplit_once('/').unwrap().0);
        let correlation = format!("{}/{}", body["session"], body["seq"]);
        self.client.request(&topic, &reply, correlation.as_bytes(), body);
    }

    /// Send these words until their reply comes.
    pub fn ask(&self, channel: &str, body: &Value) -> Message {
        let name = &self.name;
        self.client.ask(&topic(&format!("{name}/{channel}")), &topic(&format!("{name}/reply")), body)
    }
}
