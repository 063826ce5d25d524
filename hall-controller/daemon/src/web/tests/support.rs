//! A served hall and a hand-made HTTP client.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use hall_core::Hall;
use hall_core::command::{Command, Details};
use hall_core::event::{Device, PressId};
use hall_core::plan::{
    Calendar, FourDigits, Hours, Kiosk, Limits, Name, Plan, PlanParts, Policy, Service, Slot, WeeklyHours,
    Window, Zone,
};
use hall_core::time::{BusinessDay, Now};
use hall_core::view::{HallView, TicketView};
use hall_protocol::appointment::AppointmentId;
use hall_protocol::id::{DeviceId, WindowId};
use hall_protocol::number::TicketNumber;
use hall_protocol::payload::{Class, Key, KioskReply, WindowReply};
use jiff::civil::Time;
use jiff::tz::TimeZone;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::bookings::{HandedIn, Office};
use crate::clock::Clock;
use crate::config::AddressesFrom;
use crate::contacts::Phones;
use crate::devices::{Devices, NoReply, OwnTicket, Pressed, Reply, Taken, Wish};
use crate::engine::Ended;
use crate::metrics::Metrics;
use crate::mqtt::link::LinkFigures;
use crate::signs::OrderDesk;
use crate::tickets::{Found, Tickets};
use crate::wall::SignWall;
use crate::web::tests::at;
use crate::web::{Site, WebState, bind};

/// How long a test waits for what must come; only a failing test waits so long.
pub(super) const PATIENCE: Duration = Duration::from_secs(20);

pub(super) fn listen() -> SocketAddr {
    "127.0.0.1:0".parse().unwrap()
}

pub(super) fn name(zh: &str, en: &str) -> Name {
    Name { zh: zh.into(), en: en.into() }
}

/// Ten in the morning in Shanghai.
fn clock() -> Clock {
    let zone = TimeZone::get("Asia/Shanghai").unwrap();
    Clock::new(zone, Time::midnight()).running(1.0, "2026-11-24T02:00:00Z".parse().unwrap())
}

/// Two zones; `night` issues no tickets at ten in the morning, `tax` until half past five.
fn plan(hall: Name) -> Plan {
    let service = |id: &str, zh: &str, en: &str, prefix: &str, zone: &str, hours| Service {
        id: id.parse().unwrap(),
        name: name(zh, en),
        prefix: prefix.parse().unwrap(),
        digits: FourDigits(false),
        zone: zone.parse().unwrap(),
        hours,
        limits: Limits::default(),
        slots: Vec::new(),
        target_minutes: 15,
        usual_seconds: None,
    };
    let window = |id: &str, services: &[&str]| Window {
        id: id.parse().unwrap(),
        label: id.into(),
        services: services.iter().map(|service| service.parse().unwrap()).collect(),
        backup: Vec::new(),
        hours: WeeklyHours::Always,
    };
    let night = vec![Hours { from_minute: 0, until_minute: 60 }].into();
    let office = vec![Hours { from_minute: 8 * 60, until_minute: 17 * 60 + 30 }].into();
    Plan::new(PlanParts {
        hall: "test".parse().unwrap(),
        name: hall,
        zones: vec![
            Zone { id: "A".parse().unwrap(), name: name("A 区", "Zone A") },
            Zone { id: "B".parse().unwrap(), name: name("B 区", "Zone B") },
        ],
        services: vec![
            Service {
                slots: vec![Slot { minute: "10:00".parse().unwrap(), capacity: 2 }],
                ..service("social", "社会保险", "Social insurance", "A", "A", WeeklyHours::Always)
            },
            service("tax", "税务", "Tax", "B", "B", office),
            service("night", "夜间事项", "Night service", "C", "A", night),
        ],
        windows: vec![window("1", &["social", "night"]), window("2", &["tax"])],
        kiosks: vec![Kiosk {
            id: "K1".parse().unwrap(),
            services: ["social", "tax", "night"].map(|id| id.parse().unwrap()).to_vec(),
            classes: vec![Class::Ordinary, Class::Elderly],
            classes_to_confirm: vec![Class::Serviceman],
            lease: 0,
        }],
        clerks: Vec::new(),
        calendar: Calendar::default(),
        policy: Policy::default(),
    })
    .unwrap()
}

/// What the fake devices were asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Asked {
    Take(DeviceId, Wish),
    CheckIn(DeviceId, AppointmentId),
    Return(DeviceId, TicketNumber),
    Cancel(DeviceId, TicketNumber),
    Press(WindowId, Pressed),
}

/// Devices that write down what they are asked, and answer as they are told.
pub(super) struct FakeDevices {
    pub(super) asked: Mutex<Vec<Asked>>,
    pub(super) kiosk: Mutex<Result<KioskReply, NoReply>>,
    /// What the kiosk prints by itself, instead of asking.
    pub(super) prints: Mutex<Option<OwnTicket>>,
    pub(super) window: Mutex<Result<WindowReply, NoReply>>,
}

impl Devices for FakeDevices {
    fn take(&self, kiosk: DeviceId, wish: Wish) -> Reply<Taken> {
        self.asked.lock().unwrap().push(Asked::Take(kiosk, wish));
        if let Some(ticket) = self.prints.lock().unwrap().clone() {
            return Box::pin(async { Ok(Taken::Printed(ticket)) });
        }
        let reply = self.kiosk.lock().unwrap().clone();
        Box::pin(async { Ok(Taken::Answered(Box::new(reply?.outcome))) })
    }

    fn check_in(&self, kiosk: DeviceId, code: AppointmentId) -> Reply<KioskReply> {
        self.asked.lock().unwrap().push(Asked::CheckIn(kiosk, code));
        let reply = self.kiosk.lock().unwrap().clone();
        Box::pin(async { reply })
    }
    fn attend(&self, _kiosk: DeviceId) {}

    fn give_back(&self, kiosk: DeviceId, number: TicketNumber) -> Reply<KioskReply> {
        self.asked.lock().unwrap().push(Asked::Return(kiosk, number));
        let reply = self.kiosk.lock().unwrap().clone();
        Box::pin(async { reply })
    }

    fn cancel(&self, kiosk: DeviceId, number: TicketNumber) -> Reply<KioskReply> {
        self.asked.lock().unwrap().push(Asked::Cancel(kiosk, number));
        let reply = self.kiosk.lock().unwrap().clone();
        Box::pin(async { reply })
    }

    fn press(&self, window: WindowId, pressed: Pressed) -> Reply<WindowReply> {
        self.asked.lock().unwrap().push(Asked::Press(window, pressed));
        let reply = self.window.lock().unwrap().clone();
        Box::pin(async { reply })
    }
}

/// Takes nothing in; what is booked is tested with the whole process.
struct ClosedOffice;

impl Office for ClosedOffice {
    fn hand_in(&self, _command: Command) -> HandedIn<'_> {
        Box::pin(std::future::ready(Err(Ended)))
    }
}

/// The hall in which tickets are looked up, and the moment.
struct FakeTickets(Mutex<(Hall, Now)>);

impl Tickets for FakeTickets {
    fn ticket(&self, number: TicketNumber) -> Found {
        let (hall, now) = &*self.0.lock().unwrap();
        Box::pin(std::future::ready(TicketView::of(hall, number, *now)))
    }
}

fn parsed<T: serde::de::DeserializeOwned>(json: &str) -> T {
    serde_json::from_str(json).unwrap()
}

/// A hall on a free port.
pub(super) struct Served {
    pub(super) address: SocketAddr,
    pub(super) devices: Arc<FakeDevices>,
    tickets: Arc<FakeTickets>,
    pub(super) metrics: Arc<Metrics>,
    pub(super) signs: watch::Sender<Arc<SignWall>>,
    pub(super) trouble: watch::Sender<Option<String>>,
    pub(super) broker_away: Arc<AtomicBool>,
    pub(super) cancel: CancellationToken,
    pub(super) task: JoinHandle<()>,
    /// The same hall for a site that is asked without a socket.
    second: WebState,
    view: watch::Sender<Arc<HallView>>,
    hall: Hall,
    clock: Clock,
    seq: u64,
}

impl Served {
    /// The hall of most tests, with both windows open.
    pub(super) async fn start() -> Self {
        Self::named(name("测试大厅", "Test hall")).await
    }

    pub(super) async fn named(hall_name: Name) -> Self {
        let mut hall = Hall::new("test".parse().unwrap());
        let clock = clock();
        let command = Command::AdoptPlan(Box::new(plan(hall_name)));
        for event in hall.decide(&command, clock.now()).unwrap().events {
            hall.apply(&event);
        }
        let devices = Arc::new(FakeDevices {
            asked: Mutex::default(),
            prints: Mutex::default(),
            kiosk: Mutex::new(Ok(parsed(
                r#"{"v":1,"session":1,"seq":1,"outcome":{"ticket":{"number":"A001","service":"social",
                    "zh":"社会保险","en":"Social insurance","zone":"A","issued_at_ms":5,"ahead":0}}}"#,
            ))),
            window: Mutex::new(Ok(parsed(
                r#"{"v":1,"session":1,"seq":1,"outcome":{"done":{"mode":"open","ticket":null}}}"#,
            ))),
        });
        let tickets = Arc::new(FakeTickets(Mutex::new((hall.clone(), clock.now()))));
        let (view, view_seen) = watch::channel(Arc::new(HallView::of(&hall, 0)));
        let (signs, signs_seen) = watch::channel(Arc::default());
        let (trouble, trouble_seen) = watch::channel(None);
        let broker_away = Arc::new(AtomicBool::new(false));
        let metrics = Arc::new(Metrics::default());
        let state = || WebState {
            clock: clock.clone(),
            view: view_seen.clone(),
            tickets: Arc::clone(&tickets) as Arc<dyn Tickets>,
            devices: Arc::clone(&devices) as Arc<dyn Devices>,
            phones: Phones::new("/nowhere".into()),
            office: Arc::new(ClosedOffice),
            clients: Vec::new(),
            signs: signs_seen.clone(),
            orders: OrderDesk::default(),
            recorders: Vec::new(),
            trouble: trouble_seen.clone(),
            metrics: Arc::clone(&metrics),
            link: {
                let away = Arc::clone(&broker_away);
                Arc::new(move || LinkFigures {
                    silent: None,
                    down: away.load(Ordering::Relaxed).then_some(Duration::from_secs(42)),
                    incoming_dropped: 7,
                    ..LinkFigures::default()
                })
            },
        };
        let web = bind(&at(listen(), false), AddressesFrom::File).await.unwrap();
        let (address, cancel) = (web.local_addr(), CancellationToken::new());
        let task = tokio::spawn(web.serve(state(), cancel.clone()));
        let second = state();
        let mut served = Self {
            second,
            address,
            devices,
            tickets,
            metrics,
            signs,
            trouble,
            broker_away,
            cancel,
            task,
            view,
            hall,
            clock,
            seq: 0,
        };
        served.key("1", Key::Open);
        served.key("2", Key::Open);
        served
    }

    /// The clock was ahead by so many hours and is right again; a business day began meanwhile.
    pub(super) fn was_ahead_by(&mut self, hours: i32) {
        let now = self.clock.now();
        let at = now.at.plus_ms(i64::from(hours) * 3_600_000);
        let day = BusinessDay::from_days(now.day.days() + hours / 24);
        for event in self.hall.decide(&Command::Tick, Now { at, day, ..now }).unwrap().events {
            self.hall.apply(&event);
        }
        self.view.send_replace(Arc::new(HallView::of(&self.hall, self.seq)));
    }

    /// The engine's tick tells how long people wait.
    pub(super) fn tell_waits(&mut self) {
        let now = self.tickets.0.lock().unwrap().1;
        let estimated = self.view.borrow().estimated(&self.hall, now);
        self.view.send_replace(Arc::new(estimated.unwrap()));
    }

    /// Somebody takes a ticket.
    pub(super) fn take(&mut self, service: &str) {
        self.take_for(service, &[]);
    }

    /// Somebody takes a ticket for several matters.
    pub(super) fn take_for(&mut self, service: &str, also: &[&str]) {
        let device = Device::Kiosk("K1".parse().unwrap());
        self.decide(|press| Command::Take {
            press: PressId { device, ..press },
            age_ms: 0,
            service: service.parse().unwrap(),
            class: Class::Ordinary,
            also: also.iter().map(|id| id.parse().unwrap()).collect(),
        });
    }

    /// Somebody presses a key.
    pub(super) fn key(&mut self, window: &str, key: Key) {
        let device = Device::Pad(window.parse().unwrap());
        let press = |press| Command::Key {
            press: PressId { device, ..press },
            age_ms: 0,
            key,
            ticket: None,
            reason: None,
            details: Details::default(),
        };
        self.decide(press);
    }

    /// A clerk signs on.
    pub(super) fn sign_on(&mut self, window: &str, clerk: &str) {
        let device = Device::Pad(window.parse().unwrap());
        let details = Details { clerk: clerk.parse().ok(), ..Details::default() };
        let press = |press| Command::Key {
            press: PressId { device, ..press },
            age_ms: 0,
            key: Key::SignOn,
            ticket: None,
            reason: None,
            details,
        };
        self.decide(press);
    }

    fn decide(&mut self, command: impl FnOnce(PressId) -> Command) {
        self.seq += 1;
        let device = Device::Kiosk("K1".parse().unwrap());
        let press = PressId { device, session: 1, seq: u32::try_from(self.seq).unwrap() };
        // A second between two commands: what came later is later, however fast the machine.
        let now = self.clock.now();
        let now = Now { at: now.at.plus_ms(i64::try_from(self.seq).unwrap() * 1_000), ..now };
        for event in self.hall.decide(&command(press), now).unwrap().events {
            self.hall.apply(&event);
        }
        *self.tickets.0.lock().unwrap() = (self.hall.clone(), now);
        self.view.send_replace(Arc::new(HallView::of(&self.hall, self.seq)));
    }

    /// The hall's handlers without a socket, with so many streams allowed.
    pub(super) fn into_site(self, streams: usize) -> Arc<Site> {
        let (_, picture) = watch::channel("{}".into());
        Arc::new(Site {
            state: self.second,
            picture,
            what_if: tokio::sync::Mutex::new(()),
            streams: Arc::new(Semaphore::new(streams)),
            cancel: self.cancel,
            start: 0,
        })
    }

    /// A page that must be there.
    pub(super) async fn page(&self, path: &str) -> String {
        let answer = self.get(path).await;
        assert_eq!(answer.status, 200, "GET {path}: {}", answer.body);
        answer.body
    }

    pub(super) async fn get(&self, path: &str) -> Answer {
        self.ask(&format!("GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.address)).await
    }

    /// POST this JSON as the hall's own pages do, with more header lines.
    pub(super) async fn post(&self, path: &str, body: &str, headers: &str) -> Answer {
        let (host, bytes) = (self.address, body.len());
        self.ask(&format!(
            "POST {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Type: application/json\r\n\
             Content-Length: {bytes}\r\n{headers}\r\n{body}"
        ))
        .await
    }

    /// Send these bytes and read until the server closes.
    pub(super) async fn ask(&self, request: &str) -> Answer {
        let mut stream = self.open(request).await;
        let mut answer = Vec::new();
        tokio::time::timeout(PATIENCE, stream.read_to_end(&mut answer)).await.unwrap().unwrap();
        let answer = String::from_utf8(answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Answer { status, head: head.to_ascii_lowercase(), body: body.to_owned() }
    }

    /// Send these bytes and leave the connection open.
    pub(super) async fn open(&self, request: &str) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        stream
    }
}

/// An HTTP answer; its head in lower case.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) head: String,
    pub(super) body: String,
}

impl Answer {
    pub(super) fn json(&self) -> serde_json::Value {
        parsed(&self.body)
    }
}
