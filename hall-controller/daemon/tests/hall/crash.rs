//! The power goes at any moment: what was acknowledged is there, and the signs say what is so.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::PATIENCE;
use crate::support::controller::{self, Controller};
use crate::support::emulator::{Emulator, called};
use crate::support::hall::{Device, TestHall, topic, window_sign};

const KILLS: u64 = 50;

/// What a device was told while the controller was killed again and again.
#[derive(Default)]
struct Told {
    tickets: Mutex<Vec<String>>,
    calls: Mutex<Vec<String>>,
}

#[test]
fn fifty_power_cuts_under_load_lose_and_double_nothing() {
    let lines = tempfile::TempDir::new().unwrap();
    let line = lines.path().join("line-1");
    let signs = Emulator::start(&line, &[1]);
    let sign = window_sign(1, 1);
    let hall = TestHall::new(1, &[(&line, &sign)]);
    let first = hall.start();
    let (told, over) = (Told::default(), AtomicBool::new(false));
    let controller = std::thread::scope(|scope| {
        scope.spawn(|| take_tickets(&hall, &told, &over));
        scope.spawn(|| call_tickets(&hall, &told, &over));
        let mut random = fastrand::Rng::with_seed(11);
        let mut controller = first;
        for _ in 0..KILLS {
            std::thread::sleep(Duration::from_millis(random.u64(20..150)));
            controller.kill();
            controller = Controller::start(&hall.config());
        }
        over.store(true, Ordering::Relaxed);
        controller
    });
    let view: Value = serde_json::from_str(&hall.get("/api/view")).unwrap();
    let tickets = told.tickets.into_inner().unwrap();
    let calls = told.calls.into_inner().unwrap();
    assert!(tickets.len() > 20 && calls.len() > 5, "{} tickets, {} calls", tickets.len(), calls.len());
    let unique: BTreeSet<&String> = tickets.iter().collect();
    assert_eq!(unique.len(), tickets.len(), "a number was given twice");
    let issued = view["totals"]["issued"].as_u64().unwrap();
    assert!(issued >= tickets.len() as u64, "{issued} issued, {} acknowledged", tickets.len());
    assert_eq!(calls.iter().collect::<BTreeSet<_>>().len(), calls.len(), "somebody was called twice");

    // The sign says what the journal says.
    let in_hand = view["windows"][0]["ticket"]["number"].as_str().map(str::to_owned);
    if let Some(number) = in_hand.filter(|_| view["windows"][0]["ticket"]["state"] == "called") {
        signs.await_page(1, &called("1", &number));
    }
    let (status, _) = controller.stop();
    assert!(status.success());
    let data = hall.data();
    let (code, said, errors) = controller::run(&["audit", "verify", "--data", data.to_str().unwrap()]);
    assert_eq!(code, 0, "{said}{errors}");
    assert!(said.contains("whole"), "{said}");
}

fn take_tickets(hall: &TestHall, told: &Told, over: &AtomicBool) {
    let client = hall.quiet_client("kiosk", "kiosk/K1");
    let mut kiosk = Device::new(&client, "kiosk/K1", 21);
    while !over.load(Ordering::Relaxed) {
        let body = kiosk.next(json!({ "request": { "take": { "service": "social" } } }));
        let reply =
            client.ask_until(&topic("kiosk/K1/request"), &topic("kiosk/K1/reply"), &body, PATIENCE).unwrap();
        match reply.body["outcome"]["ticket"]["number"].as_str() {
            Some(number) => told.tickets.lock().unwrap().push(number.to_owned()),
            None => panic!("{}", reply.body),
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn call_tickets(hall: &TestHall, told: &Told, over: &AtomicBool) {
    let client = hall.quiet_client("pad", "window/1");
    let mut pad = Device::new(&client, "window/1", 22);
    while !over.load(Ordering::Relaxed) {
        pad.press("open");
        let next = pad.press("next");
        if let Some(number) = next["done"]["ticket"]["number"].as_str() {
            told.calls.lock().unwrap().push(number.to_owned());
            pad.press("start");
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    // Leave somebody called, for the sign to show.
    pad.press("next");
}
