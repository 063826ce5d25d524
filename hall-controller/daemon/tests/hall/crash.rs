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

const KILLS: u64 = 200;

/// Of the instants of the kills.
const SEED: u64 = 11;

/// What a device was told while the controller was killed again and again.
#[derive(Default)]
struct Told {
    tickets: Mutex<Vec<String>>,
    /// What the pad was told was done: the kind of its event, and the ticket's number.
    done: Mutex<Vec<(String, String)>>,
}

#[test]
fn two_hundred_power_cuts_under_mixed_load_lose_and_double_nothing() {
    let lines = tempfile::TempDir::new().unwrap();
    let line = lines.path().join("line-1");
    let signs = Emulator::start(&line, &[1]);
    let sign = window_sign(1, 1);
    let hall = TestHall::new(1, &[(&line, &sign)]);
    let first = hall.start();
    let (told, over) = (Told::default(), AtomicBool::new(false));
    let controller = std::thread::scope(|scope| {
        scope.spawn(|| take_tickets(&hall, &told, &over));
        scope.spawn(|| work_a_window(&hall, &told, &over));
        let mut random = fastrand::Rng::with_seed(SEED);
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

    // Whatever was acknowledged is in the journal once and in its order, and nothing else is.
    let (code, rows, errors) =
        controller::run(&["export", "--data", data.to_str().unwrap(), "--format", "jsonl"]);
    assert_eq!(code, 0, "{errors}");
    let events: Vec<(String, String)> = rows.lines().filter_map(of_a_ticket).collect();
    let (issued, worked): (Vec<_>, Vec<_>) = events.into_iter().partition(|(kind, _)| kind == "issued");
    let tickets = told.tickets.into_inner().unwrap();
    let done = told.done.into_inner().unwrap();
    assert_eq!(issued.into_iter().map(|(_, number)| number).collect::<Vec<_>>(), tickets, "seed {SEED}");
    assert_eq!(worked, done, "seed {SEED}");
    let kinds: BTreeSet<&str> = done.iter().map(|(kind, _)| kind.as_str()).collect();
    assert_eq!(kinds.len(), 7, "the clerk did not come to do everything: {kinds:?}");
    assert!(tickets.len() > 20 && done.len() > 20, "{} tickets, {} presses", tickets.len(), done.len());
}

/// The kind of a row's event and the number of its ticket, unless it only follows from another
/// press: starting and finishing are recorded with what came next.
fn of_a_ticket(row: &str) -> Option<(String, String)> {
    let row: Value = serde_json::from_str(row).unwrap();
    let kind = row["kind"].as_str().unwrap();
    let number = row["event"]["number"].as_str()?;
    (!matches!(kind, "started" | "finished")).then(|| (kind.to_owned(), number.to_owned()))
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

fn work_a_window(hall: &TestHall, told: &Told, over: &AtomicBool) {
    let client = hall.quiet_client("pad", "window/1");
    let mut pad = Device::new(&client, "window/1", 22);
    let mut turn = 0;
    let note = |kind: &str, number: &str, outcome: &Value| {
        if outcome["done"].is_object() {
            told.done.lock().unwrap().push((kind.to_owned(), number.to_owned()));
        }
    };
    let call = |pad: &mut Device| {
        let next = pad.press("next");
        let number = next["done"]["ticket"]["number"].as_str().map(str::to_owned);
        number.inspect(|number| note("called", number, &next))
    };
    while !over.load(Ordering::Relaxed) {
        pad.press("open");
        if let Some(number) = call(&mut pad) {
            let mut press = |kind: &str, key: Value| {
                let body = pad.next(key);
                note(kind, &number, &pad.ask("press", &body).body["outcome"]);
            };
            turn += 1;
            match turn % 5 {
                0 => press("recalled", json!({ "key": "recall" })),
                1 => {
                    press("missed", json!({ "key": "no_show" }));
                    press("returned", json!({ "key": "return", "number": number }));
                }
                2 => press("transferred", json!({ "key": "transfer", "to_service": "tax" })),
                3 => {
                    press("parked", json!({ "key": "park" }));
                    press("unparked", json!({ "key": "unpark", "number": number }));
                }
                _ => drop(pad.press("start")),
            }
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    // Leave somebody called, for the sign to show.
    call(&mut pad);
}
