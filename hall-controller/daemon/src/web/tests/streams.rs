//! Streams of events: they bring every change, end with the pages, and are bounded.

use std::sync::Arc;

use axum::extract::{Query, State};
use axum::http::StatusCode;
use hall_protocol::sign::{Depth, SignAddress};
use hall_signs::codec::Protocol;
use hall_signs::frame::Panel;
use hall_signs::substitute::Substitute;
use serde_json::Value;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::support::{PATIENCE, Served};
use crate::wall::{Health, Shows, SignWall, Speed, WallSign};
use crate::web::live;

/// An open stream of events.
struct Stream {
    socket: TcpStream,
    heard: String,
}

impl Stream {
    async fn open(hall: &Served, path: &str) -> Self {
        let request = format!("GET {path} HTTP/1.1\r\nHost: {}\r\n\r\n", hall.address);
        Self { socket: hall.open(&request).await, heard: String::new() }
    }

    /// Read on until something new is said; `false` at the end of the stream.
    async fn more(&mut self) -> bool {
        let mut bytes = [0; 4_096];
        let read = self.socket.read(&mut bytes).await.unwrap();
        self.heard.push_str(std::str::from_utf8(&bytes[..read]).unwrap());
        read > 0
    }

    /// Read on until this is said.
    async fn await_text(&mut self, text: &str) {
        let heard = timeout(PATIENCE, async {
            while !self.heard.contains(text) {
                assert!(self.more().await, "the stream ended without {text:?}");
            }
        });
        // Not the time of one read: comments keep a stream alive that says nothing.
        let in_time = heard.await.is_ok();
        assert!(in_time, "the stream does not say {text:?}: {}", self.heard);
    }

    /// Read on until the stream ends.
    async fn await_end(&mut self) {
        timeout(PATIENCE, async { while self.more().await {} }).await.expect("the stream ends");
    }

    /// The last picture heard.
    fn last_picture(&self) -> Value {
        let line = self.heard.lines().rev().find_map(|line| line.strip_prefix("data: {\"s"));
        serde_json::from_str(&format!("{{\"s{}", line.unwrap())).unwrap()
    }
}

#[tokio::test]
async fn a_stream_tells_the_time_the_picture_and_every_change() {
    let mut hall = Served::start().await;
    let mut stream = Stream::open(&hall, "/api/events").await;
    stream.await_text("\"services\":").await;
    assert!(stream.heard.to_ascii_lowercase().contains("content-type: text/event-stream"));
    let clock = stream.heard.find("event: clock").unwrap();
    assert!(clock < stream.heard.find("\"services\":").unwrap(), "the clock is set first");
    assert!(stream.heard.contains("\"offset_ms\":28800000") && stream.heard.contains("retry: 2000"));
    hall.take("social");
    stream.await_text("\"totals\":{\"issued\":1").await;
    hall.trouble.send_replace(Some("the disk is full".into()));
    stream.await_text("\"trouble\":true").await;
}

#[tokio::test]
async fn a_pad_s_stream_tells_of_its_own_window_only() {
    let mut hall = Served::start().await;
    let mut stream = Stream::open(&hall, "/api/events?window=2").await;
    stream.await_text("\"services\":").await;
    let first = stream.last_picture();
    let ids = |list: &Value| -> Vec<String> {
        list.as_array().unwrap().iter().map(|part| part["id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!((ids(&first["windows"]), ids(&first["services"])), (vec!["2".into()], vec!["tax".into()]));
    assert_eq!(first["zones"].as_array().unwrap().len(), 0);
    let mut whole = Stream::open(&hall, "/api/events").await;
    hall.take("social");
    whole.await_text("\"issued\":1").await;
    hall.take("tax");
    stream.await_text("\"waiting\":1").await;
    assert_eq!(stream.heard.matches("data: {\"seq\"").count(), 2, "nothing was sent for the other window");
    for bad in ["window=a%2Fb", "kiosk=%FF", "zone=", "zone=A&zone=B"] {
        assert_eq!(hall.get(&format!("/api/events?{bad}")).await.status, 404, "{bad}");
    }
    for (query, windows, services) in
        [("zone=A", vec!["1"], vec!["social", "night"]), ("kiosk=K1", vec![], vec!["social", "tax", "night"])]
    {
        let mut stream = Stream::open(&hall, &format!("/api/events?{query}")).await;
        stream.await_text("\"services\":").await;
        let picture = stream.last_picture();
        assert_eq!(
            (ids(&picture["windows"]), ids(&picture["services"])),
            (
                windows.iter().map(|id| (*id).to_owned()).collect(),
                services.iter().map(|id| (*id).to_owned()).collect()
            ),
            "{query}"
        );
    }
}

#[tokio::test]
async fn the_sign_stream_sends_all_signs_once_and_then_those_that_changed() {
    let hall = Served::start().await;
    let sign = |id: &str, timeouts| {
        let wanted = Arc::new(hall_signs::Frame::dark(Panel::new(8, 1, Depth::Mono).unwrap()));
        Arc::new(WallSign {
            id: id.parse().unwrap(),
            port: "/dev/pts/7".into(),
            speed: Speed::Set(115_200),
            address: SignAddress::FIRST,
            protocol: Protocol::Native,
            shows: Shows::Zone("A".parse().unwrap()),
            substitute: Substitute::Nothing,
            health: Health::Ok,
            acknowledged: Some(Arc::clone(&wanted)),
            wanted,
            says: "".into(),
            decoded: None,
            timeouts,
            refusals: 0,
            trouble: None,
        })
    };
    let (first, second) = (sign("S1", 0), sign("S2", 0));
    let send = |signs: &[&Arc<WallSign>]| {
        let signs = signs.iter().map(|sign| Arc::clone(sign)).collect();
        hall.signs.send_replace(Arc::new(SignWall { signs, ..SignWall::default() }));
    };
    send(&[&first, &second]);
    let mut stream = Stream::open(&hall, "/api/signs/events").await;
    stream.await_text("\"closed_lines\":[]").await;
    assert_eq!(stream.last_picture()["signs"].as_array().unwrap().len(), 2);
    send(&[&first, &sign("S2", 9)]);
    stream.await_text("\"timeouts\":9").await;
    stream.await_text("\n\n").await;
    let changed = stream.last_picture();
    let signs = changed["signs"].as_array().unwrap();
    assert_eq!(signs.len(), 1, "{changed}");
    assert_eq!((signs[0]["id"].as_str(), signs[0]["pixels"].as_str()), (Some("S2"), Some("00")));
}

#[tokio::test]
async fn streams_end_at_once_when_the_pages_do() {
    let hall = Served::start().await;
    let mut hall_stream = Stream::open(&hall, "/api/events").await;
    let mut sign_stream = Stream::open(&hall, "/api/signs/events").await;
    // Half a request must not hold up the end either.
    let _half = hall.open("POST /api/kiosk/K1/take HTTP/1.1\r\nHost: 127.0").await;
    hall_stream.await_text("event: clock").await;
    sign_stream.await_text("event: clock").await;
    hall.cancel.cancel();
    hall_stream.await_end().await;
    sign_stream.await_end().await;
    timeout(PATIENCE, hall.task).await.unwrap().unwrap();
}

#[tokio::test]
async fn over_the_bound_a_stream_is_refused_until_another_ends() {
    let site = Served::start().await.into_site(1);
    let whole = Query::try_from_uri(&"/api/events".parse().unwrap());
    let first = live::hall_events(State(Arc::clone(&site)), whole).await;
    assert_eq!(first.status(), StatusCode::OK);
    let over = live::sign_events(State(Arc::clone(&site))).await;
    assert_eq!(over.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(over.headers().contains_key("retry-after"));
    drop(first);
    assert_eq!(live::sign_events(State(site)).await.status(), StatusCode::OK);
}
