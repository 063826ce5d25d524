//! A day of a hall over MQTT: the real controller as a process, and each kiosk and each call pad a client
//! of its own. As fast as all of them can go; nobody waits for a clock.
//!
//! Of a hundred citizens some do not come and come back, some are sent to another service, some fetch a
//! paper. At the end everybody has been served, and the journal says the same as the devices were told.
//! Used by the benchmark `day` and, with few citizens, by the tests.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, unreachable_pub)]

use std::collections::{BTreeSet, HashMap};
use std::fmt::Write as _;
use std::io::{Read, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use hall_controller::progress::Bar;
use hall_controller::{audit, storage};
use hall_core::event::Event as HallEvent;
use rumqttc::v5::mqttbytes::QoS;
use rumqttc::v5::mqttbytes::v5::{Packet, Publish, PublishProperties};
use rumqttc::v5::{AsyncClient, Event, EventLoop, MqttOptions};
use serde_json::{Value, json};
use tempfile::TempDir;

/// Services, each with a letter of its own: enough numbers of three digits for ten thousand citizens.
const SERVICES: u32 = 12;

/// Services of each window.
const SERVICES_A_WINDOW: u32 = 4;

/// A request without a reply is sent again after this long, with its true age.
const REPEAT_AFTER: Duration = Duration::from_secs(1);

/// Longer than anything here takes on a loaded machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// How large the hall is.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    pub citizens: u32,
    pub kiosks: u32,
    pub windows: u32,
}

/// What the day took.
#[derive(Debug)]
pub struct Figures {
    /// From the first press to the last finished ticket.
    pub took: Duration,
    /// Requests answered.
    pub presses: u32,
    /// The most memory the controller had, resident, in KiB.
    pub peak_kib: u64,
    /// Events in the journal.
    pub events: u64,
}

/// The broker of the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Broker {
    /// The controller's own.
    Embedded,
    /// A Mosquitto of this run's own, without passwords.
    Mosquitto,
}

/// Drive a day with the controller `binary` and hold its journal to what the devices were told.
pub fn drive(binary: &Path, broker: Broker, size: Size) -> Figures {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let hall = RunningHall::start(binary, broker, size);
    let day = Arc::new(Day::new(hall.mqtt_port, size));
    let began = Instant::now();
    runtime.block_on(work(&day));
    let took = began.elapsed();
    let totals = hall.totals();
    let peak_kib = hall.peak_kib();
    let directory = hall.stop();
    let events = day.assert_is_the_journal(&directory.path().join("data"), &totals);
    Figures { took, presses: day.presses.load(Ordering::Relaxed), peak_kib, events }
}

/// What the devices share.
struct Day {
    port: u16,
    size: Size,
    /// Numbers given, each as often as it was.
    numbers: Mutex<Vec<String>>,
    /// How often each number was called.
    visits: Mutex<HashMap<String, u32>>,
    finished: AtomicU32,
    presses: AtomicU32,
}

impl Day {
    fn new(port: u16, size: Size) -> Self {
        Self {
            port,
            size,
            numbers: Mutex::default(),
            visits: Mutex::default(),
            finished: AtomicU32::new(0),
            presses: AtomicU32::new(0),
        }
    }

    fn is_over(&self) -> bool {
        self.finished.load(Ordering::Relaxed) >= self.size.citizens
    }

    /// Whether this number is called for the first time.
    fn first_visit(&self, number: &str) -> bool {
        let mut visits = self.visits.lock().unwrap();
        let visits = visits.entry(number.to_owned()).or_default();
        *visits += 1;
        *visits == 1
    }

    /// Issued is acknowledged, each number once, every ticket finished, chain and invariants whole.
    fn assert_is_the_journal(&self, data: &Path, totals: &Value) -> u64 {
        let citizens = self.size.citizens;
        let numbers = self.numbers.lock().unwrap();
        let told: BTreeSet<&str> = numbers.iter().map(String::as_str).collect();
        assert_eq!(
            (numbers.len(), told.len()),
            (citizens as usize, citizens as usize),
            "a number came twice"
        );
        for (state, wanted) in [("issued", citizens), ("finished", citizens), ("waiting", 0), ("called", 0)] {
            assert_eq!(totals[state], wanted, "{state}: {totals}");
        }
        let said = audit::verify_journal(data, None).unwrap_or_else(|error| panic!("{error}"));
        assert!(said.contains("is whole"), "{said}");
        let (mut issued, mut events) = (BTreeSet::new(), 0);
        let hall = storage::reread(data, "day".parse().unwrap(), |stamped, hall| {
            events += 1;
            if let HallEvent::Issued { number, .. } = &stamped.event {
                assert!(issued.insert(number.to_string()), "{number} was issued twice");
            }
            // After each would take as long as the day.
            if events % 1_000 == 0 {
                assert_eq!(hall.violations(), Vec::<String>::new(), "after event {events}");
            }
        });
        assert_eq!(hall.unwrap().violations(), Vec::<String>::new());
        assert!(issued.iter().map(String::as_str).eq(told.iter().copied()), "issued is not what was told");
        events
    }
}

async fn work(day: &Arc<Day>) {
    let mut tasks = tokio::task::JoinSet::new();
    for kiosk in 0..day.size.kiosks {
        let day = Arc::clone(day);
        tasks.spawn(async move { take_tickets(&day, kiosk).await });
    }
    for window in 1..=day.size.windows {
        let day = Arc::clone(day);
        tasks.spawn(async move { work_a_window(&day, window).await });
    }
    let mut bar = Bar::on_stderr("citizens served");
    let mut look = tokio::time::interval(Duration::from_millis(200));
    let mut moved = (0, Instant::now());
    loop {
        tokio::select! {
            ended = tasks.join_next() => match ended {
                Some(ended) => ended.unwrap(),
                None => return,
            },
            _ = look.tick() => {
                let served = day.finished.load(Ordering::Relaxed);
                bar.show(served.into(), day.size.citizens.into());
                if served != moved.0 {
                    moved = (served, Instant::now());
                }
                let citizens = day.size.citizens;
                assert!(moved.1.elapsed() < PATIENCE, "the day stands still: {served} of {citizens} served");
            }
        }
    }
}

async fn take_tickets(day: &Day, kiosk: u32) {
    let mut device = Device::connect(day, format!("kiosk/K{kiosk}"), "request").await;
    let citizens = (kiosk..day.size.citizens).step_by(day.size.kiosks as usize);
    for citizen in citizens {
        let service = service(citizen % SERVICES);
        let outcome = device.ask(json!({ "request": { "take": { "service": service } } })).await;
        let number = outcome["ticket"]["number"].as_str().unwrap_or_else(|| panic!("no ticket: {outcome}"));
        day.numbers.lock().unwrap().push(number.to_owned());
    }
}

async fn work_a_window(day: &Day, window: u32) {
    let mut pad = Device::connect(day, format!("window/{window}"), "press").await;
    pad.done(json!({ "key": "open" })).await;
    let (mut turn, mut last) = (window, None);
    while !day.is_over() {
        let next = pad.done(json!({ "key": "next" })).await;
        let mut number = next["ticket"]["number"].as_str().map(str::to_owned);
        // Nobody waits: the window is armed, and whoever comes is called here.
        while number.is_none() && !day.is_over() {
            number = pad.called().await.filter(|number| last.as_ref() != Some(number));
        }
        let Some(number) = number else { return };
        // Its state comes behind the replies: it may still show the ticket before.
        last = Some(number.clone());
        turn += 1;
        if day.first_visit(&number) {
            match turn % 20 {
                3 => drop(pad.done(json!({ "key": "recall" })).await),
                7 => {
                    pad.done(json!({ "key": "no_show" })).await;
                    pad.done(json!({ "key": "return", "number": number })).await;
                    continue;
                }
                11 => {
                    let other = service((window + turn) % SERVICES);
                    let outcome = pad.ask(json!({ "key": "transfer", "to_service": other })).await;
                    // To its own service it cannot go; then it is served here.
                    if outcome["done"].is_object() {
                        continue;
                    }
                }
                15 => {
                    pad.done(json!({ "key": "park" })).await;
                    pad.done(json!({ "key": "unpark", "number": number })).await;
                    pad.done(json!({ "key": "finish" })).await;
                    day.finished.fetch_add(1, Ordering::Relaxed);
                    continue;
                }
                _ => {}
            }
        }
        pad.done(json!({ "key": "start" })).await;
        pad.done(json!({ "key": "finish" })).await;
        day.finished.fetch_add(1, Ordering::Relaxed);
    }
}

fn service(index: u32) -> String {
    format!("service-{index}")
}

/// A kiosk or a pad: one connection, one session, one request under way at a time.
struct Device<'a> {
    day: &'a Day,
    name: String,
    channel: &'static str,
    client: AsyncClient,
    events: EventLoop,
    session: u32,
    seq: u32,
    /// A pad's own picture, as its window's retained state last said.
    state: Value,
}

impl<'a> Device<'a> {
    async fn connect(day: &'a Day, name: String, channel: &'static str) -> Self {
        let mut options = MqttOptions::new(name.replace('/', "-"), "127.0.0.1", day.port);
        options.set_keep_alive(Duration::from_secs(30));
        let (client, events) = AsyncClient::new(options, 16);
        let session = fastrand::u32(..);
        let mut device = Self { day, name, channel, client, events, session, seq: 0, state: Value::Null };
        while !matches!(device.event().await, Some(Packet::SubAck(_))) {}
        device
    }

    /// The next packet; subscribes anew after each connection.
    async fn event(&mut self) -> Option<Packet> {
        match self.events.poll().await {
            Ok(Event::Incoming(packet)) => {
                if matches!(packet, Packet::ConnAck(_)) {
                    let own = |what: &str| format!("hall/v1/day/{}/{what}", self.name);
                    let filters = ["reply", "state"].map(own).map(|filter| filter_of(&filter));
                    self.client.try_subscribe_many(filters).unwrap();
                }
                Some(packet)
            }
            Ok(Event::Outgoing(_)) => None,
            Err(_) => {
                tokio::time::sleep(Duration::from_millis(50)).await;
                None
            }
        }
    }

    /// What the device is told next: a reply's words, or nothing of interest.
    async fn heard(&mut self) -> Option<Value> {
        let Some(Packet::Publish(Publish { topic, payload, .. })) = self.event().await else { return None };
        let body: Value = serde_json::from_slice(&payload).ok()?;
        if topic.ends_with(b"/state") {
            self.state = body;
            return None;
        }
        Some(body)
    }

    /// Ask, again and again with the true age, until the reply comes; gives its outcome.
    async fn ask(&mut self, asked: Value) -> Value {
        self.seq += 1;
        let (began, words) = (Instant::now(), asked);
        while began.elapsed() < PATIENCE {
            let mut body = words.clone();
            let age_ms = u64::try_from(began.elapsed().as_millis()).unwrap();
            let head = json!({ "v": 1, "session": self.session, "seq": self.seq, "age_ms": age_ms });
            body.as_object_mut().unwrap().extend(head.as_object().unwrap().clone());
            let topic = format!("hall/v1/day/{}/{}", self.name, self.channel);
            let properties = PublishProperties { message_expiry_interval: Some(10), ..Default::default() };
            let sent = self.client.try_publish_with_properties(
                topic,
                QoS::AtLeastOnce,
                false,
                body.to_string(),
                properties,
            );
            // A full channel empties while the connection is polled below.
            drop(sent);
            let repeat_at = tokio::time::Instant::now() + REPEAT_AFTER;
            while let Ok(heard) = tokio::time::timeout_at(repeat_at, self.heard()).await {
                let ours = |reply: &Value| reply["session"] == self.session && reply["seq"] == self.seq;
                if let Some(reply) = heard.filter(ours) {
                    self.day.presses.fetch_add(1, Ordering::Relaxed);
                    return reply["outcome"].clone();
                }
            }
        }
        panic!("{}: no reply to {words} within {} s", self.name, PATIENCE.as_secs());
    }

    /// The same for what must be done; gives the window after it.
    async fn done(&mut self, asked: Value) -> Value {
        let outcome = self.ask(asked.clone()).await;
        assert!(outcome["done"].is_object(), "{}: {asked}: {outcome}", self.name);
        outcome["done"].clone()
    }

    /// The ticket the window's state shows as called, after listening for a moment.
    async fn called(&mut self) -> Option<String> {
        let _ = tokio::time::timeout(Duration::from_millis(50), self.heard()).await;
        let ticket = &self.state["ticket"];
        let is_called = ticket["state"] == "called";
        ticket["number"].as_str().filter(|_| is_called).map(str::to_owned)
    }
}

fn filter_of(topic: &str) -> rumqttc::v5::mqttbytes::v5::Filter {
    rumqttc::v5::mqttbytes::v5::Filter::new(topic, QoS::AtLeastOnce)
}

/// The controller and, if asked for, its broker, as processes of their own.
struct RunningHall {
    controller: Child,
    mosquitto: Option<Child>,
    directory: Arc<TempDir>,
    mqtt_port: u16,
    web_port: u16,
}

impl RunningHall {
    fn start(binary: &Path, broker: Broker, size: Size) -> Self {
        let directory = Arc::new(tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap());
        let (mqtt_port, web_port) = (free_port(), free_port());
        let mosquitto = (broker == Broker::Mosquitto).then(|| mosquitto(directory.path(), mqtt_port));
        let mqtt = match broker {
            Broker::Embedded => format!("embedded = {{ listen = \"127.0.0.1:{mqtt_port}\" }}"),
            Broker::Mosquitto => format!("broker = {{ host = \"127.0.0.1\", port = {mqtt_port} }}"),
        };
        let data = directory.path().join("data");
        let config = directory.path().join("hall.toml");
        std::fs::write(&config, configuration(size, &mqtt, web_port, &data)).unwrap();
        let controller = Command::new(binary)
            .args(["--log", "warn", "run", "--config"])
            .arg(&config)
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let mut hall = Self { controller, mosquitto, directory, mqtt_port, web_port };
        let began = Instant::now();
        while get(web_port, "/health").is_none() {
            assert!(hall.controller.try_wait().unwrap().is_none(), "the controller ended at its start");
            assert!(began.elapsed() < PATIENCE, "the hall does not open");
            std::thread::sleep(Duration::from_millis(20));
        }
        hall
    }

    fn totals(&self) -> Value {
        let view: Value = serde_json::from_str(&get(self.web_port, "/api/view").unwrap()).unwrap();
        view["totals"].clone()
    }

    fn peak_kib(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.controller.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }

    /// As systemd would; gives the folder with its journal.
    fn stop(mut self) -> Arc<TempDir> {
        let pid = self.controller.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        assert!(self.controller.wait().unwrap().success());
        Arc::clone(&self.directory)
    }
}

impl Drop for RunningHall {
    fn drop(&mut self) {
        for child in [Some(&mut self.controller), self.mosquitto.as_mut()].into_iter().flatten() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn mosquitto(directory: &Path, port: u16) -> Child {
    let text = format!(
        "listener {port} 127.0.0.1\nallow_anonymous true\nset_tcp_nodelay true\nmax_inflight_messages 256\n"
    );
    let config = directory.join("mosquitto.conf");
    std::fs::write(&config, text).unwrap();
    let child = Command::new("/usr/sbin/mosquitto")
        .arg("-c")
        .arg(&config)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("mosquitto: `cargo xtask test --only needs` installs it");
    let began = Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(began.elapsed() < PATIENCE, "mosquitto does not listen");
        std::thread::sleep(Duration::from_millis(20));
    }
    child
}

fn configuration(size: Size, mqtt: &str, web_port: u16, data: &Path) -> String {
    let mut text = format!(
        "[hall]\nid = \"day\"\nname = \"一日\"\nname_en = \"A day\"\ntime_zone = \"Asia/Shanghai\"\narmed_next = true\n\n\
         [web]\nlisten = \"127.0.0.1:{web_port}\"\n\n[mqtt]\n{mqtt}\n\n[journal]\ndirectory = \"{}\"\n\n\
         [[zone]]\nid = \"A\"\nname = \"A区\"\nname_en = \"Zone A\"\n",
        data.display()
    );
    for (index, letter) in (0..SERVICES).zip('A'..) {
        let id = service(index);
        write!(
            text,
            "\n[[service]]\nid = \"{id}\"\nname = \"事项{letter}\"\nname_en = \"Service {letter}\"\n\
             prefix = \"{letter}\"\nzone = \"A\"\ntarget_minutes = 15\n"
        )
        .unwrap();
    }
    for kiosk in 0..size.kiosks {
        write!(text, "\n[[kiosk]]\nid = \"K{kiosk}\"\n").unwrap();
    }
    for window in 1..=size.windows {
        let services: Vec<String> =
            (0..SERVICES_A_WINDOW).map(|next| service((window + next) % SERVICES)).collect();
        write!(text, "\n[[window]]\nid = \"{window}\"\nservices = {services:?}\n").unwrap();
    }
    text
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// The body of a page, if it is there.
fn get(port: u16, path: &str) -> Option<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    stream.set_read_timeout(Some(PATIENCE)).ok()?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n").ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    head.contains(" 200 ").then(|| body.to_owned())
}
