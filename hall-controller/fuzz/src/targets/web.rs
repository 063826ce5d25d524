//! Requests to the web pages, byte for byte over a socket.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hall_controller::bookings::{HandedIn, Office};
use hall_controller::clock::Clock;
use hall_controller::config::{AddressesFrom, Config, Web};
use hall_controller::contacts::Phones;
use hall_controller::devices::NoDevices;
use hall_controller::engine::Ended;
use hall_controller::metrics::Metrics;
use hall_controller::mqtt::link::LinkFigures;
use hall_controller::signs::OrderDesk;
use hall_controller::tickets::NoTickets;
use hall_controller::wall::SignWall;
use hall_controller::web::{WebState, bind};
use hall_core::Hall;
use hall_core::command::Command;
use hall_core::view::HallView;
use jiff::civil::Time;
use jiff::tz::TimeZone;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::project;
use crate::Taken::{self, Accepted, Refused};
use crate::{Target, panics};

/// How long an answer may take on a busy machine.
const ANSWER_MAX: Duration = Duration::from_secs(8);

/// After so long without an answer a request counts as unfinished, and its sender hangs up: the
/// server would wait for the rest, and drops what it has not answered.
const UNFINISHED: Duration = Duration::from_millis(3);

/// The pages end with what they are made from.
type Kept = (watch::Sender<Arc<HallView>>, watch::Sender<Arc<SignWall>>, watch::Sender<Option<String>>);

/// Where nothing is taken in.
struct ClosedOffice;

impl Office for ClosedOffice {
    fn hand_in(&self, _command: Command) -> HandedIn<'_> {
        Box::pin(std::future::ready(Err(Ended)))
    }
}

/// Which requests it begins with.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Asks {
    Pages,
    Programs,
}

struct Pages {
    asks: Asks,
    runtime: Runtime,
    address: SocketAddr,
    asked: u32,
    _kept: Kept,
}

pub(super) fn pages() -> Box<dyn Target> {
    // Without a hall there is nothing to fuzz: whoever runs this sees why.
    served(Asks::Pages).unwrap_or_else(|why| panic!("the pages cannot be served: {why}"))
}

/// What programs with a token ask.
pub(super) fn programs() -> Box<dyn Target> {
    served(Asks::Programs).unwrap_or_else(|why| panic!("programs cannot be served: {why}"))
}

fn served(asks: Asks) -> Result<Box<dyn Target>, String> {
    let runtime = Builder::new_multi_thread()
        .worker_threads(1)
        .thread_name(panics::WORKERS)
        .enable_all()
        .build()
        .map_err(|why| why.to_string())?;
    let folder = tempfile::tempdir().map_err(|why| why.to_string())?;
    std::fs::write(folder.path().join("program.token"), TOKEN).map_err(|why| why.to_string())?;
    let demo = std::fs::read_to_string(project("deploy/demo/hall.toml")).map_err(|why| why.to_string())?;
    let config = Config::parse(&format!("{demo}{CLIENT}"), &folder.path().join("hall.toml"));
    let config = config.map_err(|why| why.to_string())?;
    let clock = Clock::new(TimeZone::UTC, Time::midnight());
    let mut hall = Hall::new(config.plan.hall());
    let adopted = hall.decide(&Command::AdoptPlan(Box::new(config.plan)), clock.now());
    for stamped in adopted.map_err(|why| format!("{why:?}"))?.events {
        hall.apply(&stamped);
    }
    let (view, view_seen) = watch::channel(Arc::new(HallView::of(&hall, 0)));
    let (signs, signs_seen) = watch::channel(Arc::default());
    let (trouble, trouble_seen) = watch::channel(None);
    let state = WebState {
        clock,
        view: view_seen,
        tickets: Arc::new(NoTickets),
        devices: Arc::new(NoDevices),
        phones: Phones::new("/nowhere".into()),
        office: Arc::new(ClosedOffice),
        clients: config.clients,
        signs: signs_seen,
        orders: OrderDesk::default(),
        recorders: Vec::new(),
        trouble: trouble_seen,
        metrics: Arc::new(Metrics::default()),
        link: Arc::new(LinkFigures::default),
    };
    let listen = SocketAddr::from(([127, 0, 0, 1], 0));
    let web = Web { listen, allow_beyond_loopback_without_logins: false };
    let web = runtime.block_on(bind(&web, AddressesFrom::File)).map_err(|why| why.to_string())?;
    let address = web.local_addr();
    runtime.spawn(web.serve(state, CancellationToken::new()));
    Ok(Box::new(Pages { asks, runtime, address, asked: 0, _kept: (view, signs, trouble) }))
}

const TOKEN: &str = "0123456789abcdef";

const CLIENT: &str = "\n[[client]]\nid = \"program\"\ntoken_file = \"program.token\"\n\
                      may = [\"appointments\", \"manage\", \"signs\", \"emergency\"]\n";

const GET: [&str; 14] = [
    "/",
    "/screen?zone=A&lang=en",
    "/kiosk",
    "/kiosk/K1?lang=zh",
    "/pad",
    "/pad/7",
    "/signs",
    "/metrics",
    "/health",
    "/assets/hall.css",
    "/api/view",
    "/api/events",
    "/api/signs/events?since=3",
    "/%e5%8c%ba/%00?x=%2e%2e",
];

const POST: [(&str, &str); 5] = [
    ("/api/kiosk/K1/phone", r#"{"number":"A001","phone":"139 1234 5678"}"#),
    ("/api/kiosk/K1/take", r#"{"service":"social","class":"ordinary"}"#),
    ("/api/kiosk/K1/return", r#"{"number":"A001"}"#),
    ("/api/window/7/press", r#"{"key":"next","ticket":"A001","reason":"急事"}"#),
    (
        "/api/window/7/press",
        r#"{"key":"transfer","to_service":"tax","to_window":"3","outcome":"back_office"}"#,
    ),
];

/// Method, path and body of what programs ask; without a body nothing is sent.
const PROGRAMS: [(&str, &str, &str); 28] = [
    ("GET", "/api/v1/appointments?date=2026-03-02&service=property", ""),
    ("GET", "/api/v1/appointments.csv?date=2026-03-02", ""),
    ("GET", "/api/v1/appointments/YY-0417", ""),
    ("PUT", "/api/v1/appointments/YY-0417", r#"{"service":"property","date":"2026-03-02","time":"09:30"}"#),
    ("DELETE", "/api/v1/appointments/YY-0417", ""),
    ("GET", "/api/v1/slots?date=2026-03-02", ""),
    ("POST", "/api/v1/import/appointments", "id,service,date,time\nYY-0417,property,2026-03-02,09:30\n"),
    ("GET", "/api/v1/signs", ""),
    ("POST", "/api/v1/signs/test", r#"{"signs":["W1"],"seconds":30,"pattern":"all"}"#),
    ("POST", "/api/v1/signs/identify", r#"{"seconds":30}"#),
    ("POST", "/api/v1/kiosks/K1/write-off", r#"{"reason":"lost"}"#),
    ("GET", "/api/v1/emergency", ""),
    ("POST", "/api/v1/emergency", r#"{"text":"请离开","text_en":"Leave now","zones":["A"]}"#),
    ("POST", "/api/v1/emergency/clear", r#"{"zones":["A"]}"#),
    ("GET", "/api/v1/manage", ""),
    ("PUT", "/api/v1/windows/2/allocation", r#"{"primary":["social"],"backup":["tax"]}"#),
    ("PUT", "/api/v1/windows/2/pin", ""),
    ("DELETE", "/api/v1/windows/2/pin", ""),
    ("POST", "/api/v1/windows/2/pause", r#"{"reason":"午休"}"#),
    ("POST", "/api/v1/proposals/1/accept", ""),
    ("POST", "/api/v1/proposals/1/undo", r#"{"windows":["1"]}"#),
    ("POST", "/api/v1/proposals/1/reject", r#"{"reason":"no"}"#),
    ("PUT", "/api/v1/services/social/stop", ""),
    ("DELETE", "/api/v1/services/social/stop", ""),
    ("PUT", "/api/v1/balance", r#"{"balance":"advise"}"#),
    ("PUT", "/api/v1/routing", r#"{"routing":"fcfs","group":null}"#),
    ("POST", "/api/v1/what-if", r#"{"orders":[{"order":"pause","window":"2"}]}"#),
    ("GET", "/api/v1/nothing", ""),
];

fn asked_by_programs() -> Vec<Vec<u8>> {
    let request = |(method, path, body): (&str, &str, &str)| {
        let kind = if path.contains("import") { "text/csv" } else { "application/json" };
        format!(
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: {kind}\r\n\
             Authorization: Bearer {TOKEN}\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
    };
    PROGRAMS.map(request).map(String::into_bytes).into()
}

impl Target for Pages {
    fn seeds(&self) -> Vec<Vec<u8>> {
        if self.asks == Asks::Programs {
            return asked_by_programs();
        }
        let gets =
            GET.map(|path| format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"));
        let posts = POST.map(|(path, body)| {
            format!(
                "POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n\
                 Origin: http://localhost\r\nContent-Length: {}\r\n\r\n{body}",
                body.len()
            )
        });
        gets.into_iter().chain(posts).map(String::into_bytes).collect()
    }

    fn words(&self) -> &'static [&'static str] {
        &[
            "\r\n",
            "\r\n\r\n",
            "GET ",
            "POST ",
            "PUT ",
            "HEAD ",
            "OPTIONS ",
            " HTTP/1.0",
            " HTTP/2.0",
            "Host: evil.example",
            "Content-Length: 0",
            "Content-Length: 5000",
            "Content-Length: -1",
            "Transfer-Encoding: chunked",
            "Expect: 100-continue",
            "Accept-Language: en;q=0.1, zh-CN",
            "Content-Type: text/plain",
            "Cookie: lang=en",
            "Last-Event-ID: 18446744073709551616",
            "Upgrade: websocket",
            "If-None-Match: *",
            "%",
            "%00",
            "%ff",
            "%2f",
            "..",
            "?",
            "&",
            "=",
            "lang=xx",
            "zone=",
            "/kiosk/",
            "/pad/",
            "/api/",
            "/assets/",
            "K1",
            "\u{0}",
            "区",
            "{",
            "}",
            "\"",
            "5\r\nhello\r\n0\r\n\r\n",
            "Range: bytes=0-18446744073709551615",
            "Authorization: Bearer ",
            "\"zones\":[\"A\"]",
            "\"orders\":[]",
            "\"seconds\":65536",
            "2026-02-30",
            "24:00",
        ]
    }

    fn check(&mut self, input: &[u8]) -> Result<Taken, String> {
        self.asked += 1;
        let status = self.runtime.block_on(ask(self.address, input, UNFINISHED))?;
        if self.asked.is_multiple_of(64) {
            let health = b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
            match self.runtime.block_on(ask(self.address, health, ANSWER_MAX))? {
                Some(200) => {}
                other => return Err(format!("/health answers {other:?} after this")),
            }
        }
        match status {
            Some(500) => Err("it is answered with 500".into()),
            Some(200..=299) => Ok(Accepted),
            _ => Ok(Refused),
        }
    }
}

/// The status a request is answered with, if it is answered at all before one of the two hangs up.
async fn ask(address: SocketAddr, request: &[u8], patience: Duration) -> Result<Option<u16>, String> {
    let answered = async {
        let mut stream = TcpStream::connect(address).await?;
        // A reset at the end leaves no port waiting: thousands of connections follow each other.
        stream.set_zero_linger()?;
        // The server may hang up in the middle of nonsense.
        let _ = stream.write_all(request).await;
        let mut head = [0; 12];
        if tokio::time::timeout(patience, stream.readable()).await.is_err() {
            let _ = stream.shutdown().await;
        }
        let read = stream.read_exact(&mut head).await;
        Ok::<_, std::io::Error>(read.ok().map(|_| head))
    };
    let head =
        tokio::time::timeout(ANSWER_MAX, answered).await.map_err(|_| "it is not answered".to_owned())?;
    let head = head.map_err(|why| format!("the pages cannot be asked any more: {why}"))?;
    Ok(head.and_then(|head| str::from_utf8(&head).ok()?.get(9..12)?.parse().ok()))
}
