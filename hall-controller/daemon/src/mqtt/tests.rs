//! Link and virtual devices against the embedded broker: what must hold across lost connections.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use hall_core::command::Details;
use hall_core::plan::only_ordinary;
use hall_core::plan::{
    Calendar, Kiosk, Limits, Name, Plan, PlanParts, Policy, Service, WeeklyHours, Window, Zone,
};
use hall_protocol::json;
use hall_protocol::payload::{Key, KioskRequest, Press, PressOutcome, Refused, WindowMode, WindowReply};
use hall_protocol::topic::Topic;
use jiff::civil::Time;
use jiff::tz::TimeZone;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::broker::{Acl, BrokerOptions, EmbeddedBroker};
use super::device::VirtualDevices;
use super::encoded;
use super::link::{
    Destination, Incoming, Link, LinkHandle, LinkOptions, Message, Presence, Session, Status, Subscription,
};
use crate::clock::Clock;
use crate::config::AddressesFrom;
use crate::devices::{Devices, NoReply, Pressed};

/// Longer than anything here takes on a loaded machine.
const PATIENCE: Duration = Duration::from_secs(20);

fn topic(text: &str) -> Topic {
    Topic::parse(&format!("hall/v1/linjiang/{text}")).unwrap()
}

async fn broker(listen: SocketAddr) -> EmbeddedBroker {
    EmbeddedBroker::start(BrokerOptions {
        listen,
        addresses: AddressesFrom::File,
        data_dir: None,
        acl: Acl::Open,
    })
    .await
    .unwrap()
}

fn anywhere() -> SocketAddr {
    "127.0.0.1:0".parse().unwrap()
}

struct Client {
    link: Link,
    handle: LinkHandle,
    incoming: mpsc::Receiver<Incoming>,
    cancel: CancellationToken,
}

impl Client {
    fn new(broker: SocketAddr, client_id: &str, filter: &str, session: Session) -> Self {
        let cancel = CancellationToken::new();
        let options = LinkOptions {
            host: broker.ip().to_string(),
            port: broker.port(),
            client_id: client_id.to_owned(),
            credentials: None,
            keep_alive: Duration::from_secs(5),
            status: Some(Status {
                topic: topic(&format!("screen/{client_id}/status")),
                announcement: Arc::new(|presence| match presence {
                    Presence::Online => Bytes::from_static(b"here"),
                    Presence::Offline => Bytes::from_static(b"gone"),
                }),
            }),
            subscriptions: vec![Subscription { filter: filter.to_owned(), retained: true, own: false }],
            look_back: Vec::new(),
            session,
            pulse: None,
        };
        let (link, handle, incoming) = Link::spawn(options, cancel.clone(), std::future::ready(()));
        Self { link, handle, incoming, cancel }
    }

    async fn up(&self) {
        let mut state = self.handle.state();
        let up = state.wait_for(|state| matches!(state, super::link::LinkState::Up(_)));
        tokio::time::timeout(PATIENCE, up).await.unwrap().unwrap();
    }

    fn send(&self, to: &str, payload: &'static str) {
        self.handle.send(Message {
            to: Destination::Ours(topic(to)),
            payload: Bytes::from_static(payload.as_bytes()),
            expiry: PATIENCE,
            correlation: None,
            response_topic: None,
        });
    }

    /// The next message that is on `wanted`; those before it are acknowledged.
    async fn next(&mut self, wanted: &str) -> Incoming {
        let wanted = topic(wanted);
        let search = async {
            loop {
                let message = self.incoming.recv().await.unwrap();
                if message.topic == Ok(wanted) {
                    return message;
                }
                message.ack.ack();
            }
        };
        tokio::time::timeout(PATIENCE, search).await.unwrap()
    }

    async fn end(self) {
        self.cancel.cancel();
        self.link.ended().await;
    }
}

#[tokio::test]
async fn what_was_not_acknowledged_comes_again_after_the_link_is_made_anew() {
    let broker = broker(anywhere()).await;
    let kept = Session::Kept(Duration::from_secs(60));
    let mut controller = Client::new(broker.local_addr(), "controller", "hall/v1/linjiang/+/+/press", kept);
    controller.up().await;
    let pad = Client::new(broker.local_addr(), "pad", "hall/v1/linjiang/none", Session::Fresh);
    pad.send("window/7/press", "one");
    pad.send("window/7/press", "two");
    let first = controller.next("window/7/press").await;
    assert_eq!(&first.payload[..], b"one");
    first.ack.ack();
    let second = controller.next("window/7/press").await;
    assert_eq!(&second.payload[..], b"two");
    // As if the process died before its commit.
    drop(second);
    controller.end().await;
    let mut controller = Client::new(broker.local_addr(), "controller", "hall/v1/linjiang/+/+/press", kept);
    let again = controller.next("window/7/press").await;
    assert_eq!(&again.payload[..], b"two");
    again.ack.ack();
    pad.send("window/7/press", "three");
    assert_eq!(&controller.next("window/7/press").await.payload[..], b"three");
    pad.end().await;
    controller.end().await;
    broker.shutdown().await;
}

#[tokio::test]
async fn states_are_there_again_after_the_broker_lost_everything() {
    let first = broker(anywhere()).await;
    let address = first.local_addr();
    let kept = Session::Kept(Duration::from_secs(60));
    let controller = Client::new(address, "controller", "hall/v1/linjiang/+/+/press", kept);
    controller.handle.retain(topic("window/7/state"), Bytes::from_static(b"open"));
    controller.up().await;
    controller.handle.retain(topic("window/7/state"), Bytes::from_static(b"paused"));
    first.shutdown().await;
    let second = broker(address).await;
    let mut looker = Client::new(address, "looker", "hall/v1/linjiang/#", Session::Fresh);
    let seen = tokio::time::timeout(PATIENCE, async {
        loop {
            let message = looker.next("window/7/state").await;
            if &message.payload[..] == b"paused" {
                return message;
            }
        }
    });
    assert!(seen.await.is_ok());
    controller.up().await;
    assert!(controller.handle.figures().reconnects >= 1);
    looker.end().await;
    controller.end().await;
    second.shutdown().await;
}

#[tokio::test]
async fn who_leaves_says_so_and_who_breaks_off_is_said_to_be_gone() {
    let broker = broker(anywhere()).await;
    let mut looker = Client::new(broker.local_addr(), "looker", "hall/v1/linjiang/#", Session::Fresh);
    looker.up().await;
    let polite = Client::new(broker.local_addr(), "polite", "hall/v1/linjiang/none", Session::Fresh);
    assert_eq!(&looker.next("screen/polite/status").await.payload[..], b"here");
    polite.send("window/1/press", "last words");
    polite.end().await;
    assert_eq!(&looker.next("window/1/press").await.payload[..], b"last words");
    assert_eq!(&looker.next("screen/polite/status").await.payload[..], b"gone");

    // A second client of the same name throws the first one out without a goodbye.
    let kicked = Client::new(broker.local_addr(), "kicked", "hall/v1/linjiang/none", Session::Fresh);
    kicked.up().await;
    let _successor = Client::new(broker.local_addr(), "kicked", "hall/v1/linjiang/none", Session::Fresh);
    let gone = async { while &looker.next("screen/kicked/status").await.payload[..] != b"gone" {} };
    assert!(tokio::time::timeout(PATIENCE, gone).await.is_ok());
    broker.shutdown().await;
}

#[tokio::test]
async fn nobody_hears_himself_and_retained_messages_are_known_as_such() {
    let broker = broker(anywhere()).await;
    let mut talker = Client::new(broker.local_addr(), "talker", "hall/v1/linjiang/#", Session::Fresh);
    talker.up().await;
    talker.handle.retain(topic("window/7/state"), Bytes::from_static(b"mine"));
    let other = Client::new(broker.local_addr(), "other", "hall/v1/linjiang/none", Session::Fresh);
    other.handle.retain(topic("window/8/press"), Bytes::from_static(b"kept"));
    other.send("window/9/press", "live");
    let mut heard = vec![];
    while heard.len() < 2 {
        let message = tokio::time::timeout(PATIENCE, talker.incoming.recv()).await.unwrap().unwrap();
        if message.topic != Ok(topic("screen/other/status")) {
            heard.push((message.topic.clone().unwrap(), message.retain));
        }
        message.ack.ack();
    }
    heard.sort();
    assert_eq!(heard, [(topic("window/8/press"), true), (topic("window/9/press"), false)]);
    talker.end().await;
    other.end().await;
    broker.shutdown().await;
}

fn plan() -> Plan {
    let name = || Name { zh: "厅".into(), en: "Hall".into() };
    let service = || "tax".parse().unwrap();
    Plan::new(PlanParts {
        hall: "linjiang".parse().unwrap(),
        name: name(),
        zones: vec![Zone { id: "A".parse().unwrap(), name: name() }],
        services: vec![Service {
            id: service(),
            name: name(),
            prefix: "A".parse().unwrap(),
            digits: hall_core::plan::FourDigits(false),
            zone: "A".parse().unwrap(),
            hours: WeeklyHours::Always,
            limits: Limits::default(),
            slots: Vec::new(),
            target_minutes: 15,
            usual_seconds: None,
        }],
        windows: vec![Window {
            id: "7".parse().unwrap(),
            label: "7".into(),
            services: vec![service()],
            backup: Vec::new(),
            hours: WeeklyHours::Always,
        }],
        kiosks: vec![Kiosk {
            id: "K1".parse().unwrap(),
            services: vec![service()],
            classes: only_ordinary(),
            classes_to_confirm: Vec::new(),
            lease: 0,
        }],
        clerks: Vec::new(),
        calendar: Calendar::default(),
        policy: Policy::default(),
    })
    .unwrap()
}

/// Devices of [`plan`], whose kiosk leases nothing and so needs no folder.
fn virtual_devices(handle: LinkHandle, cancel: CancellationToken) -> VirtualDevices {
    let clock = Clock::new(TimeZone::UTC, Time::midnight());
    VirtualDevices::new(&plan(), handle, &clock, Path::new("nowhere"), cancel)
}

/// The presses a controller got, and its answers.
async fn controller(
    mut client: Client,
    answer: impl Fn(usize, &Press) -> Option<PressOutcome>,
) -> Vec<Press> {
    let mut presses: Vec<Press> = vec![];
    loop {
        let message = tokio::time::timeout(PATIENCE, client.incoming.recv()).await.unwrap().unwrap();
        if message.topic == Ok(topic("window/7/press")) {
            let press: Press = json::decode(&message.payload).unwrap();
            let outcome = answer(presses.len(), &press);
            let last = matches!(outcome, Some(PressOutcome::Done { .. }));
            if let Some(outcome) = outcome {
                let reply = WindowReply {
                    v: json::Version,
                    session: Some(press.session),
                    seq: Some(press.seq),
                    outcome,
                };
                let to = Topic::parse(message.response_topic.as_deref().unwrap()).unwrap();
                client.handle.send(Message {
                    to: Destination::Ours(to),
                    payload: encoded(&reply).unwrap(),
                    expiry: PATIENCE,
                    correlation: message.correlation.clone(),
                    response_topic: None,
                });
            }
            presses.push(press);
            message.ack.ack();
            if last {
                client.end().await;
                return presses;
            }
        } else {
            assert!(json::decode::<KioskRequest>(&message.payload).is_err());
            message.ack.ack();
        }
    }
}

const DONE: PressOutcome = PressOutcome::Done { mode: WindowMode::Open, ticket: None, armed: false };

async fn pressed(answer: impl Fn(usize, &Press) -> Option<PressOutcome>) -> (WindowReply, Vec<Press>) {
    let broker = broker(anywhere()).await;
    let client = Client::new(broker.local_addr(), "hall", "hall/v1/linjiang/#", Session::Fresh);
    client.up().await;
    let replies = "hall/v1/linjiang/window/+/reply";
    let Client { link, handle, incoming, cancel } =
        Client::new(broker.local_addr(), "pages", replies, Session::Fresh);
    let devices = virtual_devices(handle, cancel.clone());
    let listener = tokio::spawn(devices.listen(incoming));
    let press = devices.press(
        "7".parse().unwrap(),
        Pressed { key: Key::Next, ticket: None, reason: None, details: Details::default() },
    );
    let (reply, presses) = tokio::join!(press, controller(client, answer));
    cancel.cancel();
    link.ended().await;
    listener.await.unwrap();
    broker.shutdown().await;
    (reply.unwrap(), presses)
}

#[tokio::test]
async fn a_pad_repeats_its_press_until_the_reply_comes_and_says_how_old_it_is() {
    let (reply, presses) = pressed(|count, _| if count < 2 { None } else { Some(DONE) }).await;
    assert_eq!(reply.outcome, DONE);
    let ids: Vec<_> = presses.iter().map(|press| (press.session, press.seq)).collect();
    assert_eq!(ids, [ids[0]; 3]);
    assert!(presses[0].age_ms < presses[1].age_ms && presses[1].age_ms < presses[2].age_ms);
}

#[tokio::test]
async fn a_pad_whose_session_is_over_begins_another_and_presses_again() {
    let over = || Refused { code: "out_of_order".into(), zh: "再按".into(), en: "again".into() };
    let (reply, presses) =
        pressed(|count, _| if count == 0 { Some(PressOutcome::Refused(over())) } else { Some(DONE) }).await;
    assert_eq!(reply.outcome, DONE);
    assert_eq!(presses.len(), 2);
    assert_ne!(presses[0].session, presses[1].session);
    assert_eq!(presses[1].seq, 1);
}

#[tokio::test]
async fn a_device_that_is_not_in_the_plan_is_told_at_once() {
    let client = Client::new("127.0.0.1:1".parse().unwrap(), "pages", "none", Session::Fresh);
    let devices = virtual_devices(client.handle.clone(), CancellationToken::new());
    let press = devices.press(
        "99".parse().unwrap(),
        Pressed { key: Key::Next, ticket: None, reason: None, details: Details::default() },
    );
    assert_eq!(press.await, Err(NoReply::UnknownDevice("window/99".into())));
}
