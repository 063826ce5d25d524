//! The controller's process stands still for half a minute, as one that was stopped, suspended or starved
//! of its processor, and goes on: no press of that time reaches a citizen who was not meant by it.

use std::time::Duration;

use serde_json::{Value, json};

use crate::mosquitto::Mosquitto;
use crate::support::client::Client;
use crate::support::controller::Controller;
use crate::support::emulator::{Emulator, called};
use crate::support::eventually;
use crate::support::hall::{Device, TestHall, topic, window_sign};

/// Three times what a press may be old.
const STANDSTILL: Duration = Duration::from_secs(30);

/// Presses made meanwhile by each device that has a clerk or a citizen who presses again and again.
const PRESSES: u32 = 20;

/// A hall of two windows with a sign each, on a line of its own.
fn signs() -> (tempfile::TempDir, Emulator, [String; 2]) {
    let lines = tempfile::TempDir::new().unwrap();
    let emulator = Emulator::start(&lines.path().join("line-1"), &[1, 2]);
    (lines, emulator, [window_sign(1, 1), window_sign(2, 2)])
}

/// Press anew until the press is not refused for its age; gives the outcome.
pub fn pressed_afresh(mut press: impl FnMut() -> Value) -> Value {
    eventually("a fresh press is taken", || {
        let outcome = press();
        (outcome["refused"]["code"] != "stale").then_some(outcome)
    })
}

/// Let the process stand still between two calls, with presses under way that their devices give up.
fn assert_nothing_is_replayed(
    hall: &TestHall,
    controller: &Controller,
    signs: &Emulator,
    [kiosk, one, two]: [&Client; 3],
) {
    let mut kiosk = Device::new(kiosk, "kiosk/K1", 71);
    let mut pads = [Device::new(one, "window/1", 72), Device::new(two, "window/2", 73)];
    for _ in 0..6 {
        kiosk.take_number("social");
    }
    for pad in &mut pads {
        pad.press("open");
    }
    assert_eq!(pads[0].press("next")["done"]["ticket"]["number"], "A001");
    assert_eq!(pads[0].press("start")["done"]["ticket"]["state"], "serving");
    assert_eq!(pads[1].press("next")["done"]["ticket"]["number"], "A002");
    signs.await_page(2, &called("2", "A002"));

    controller.signal("STOP");
    // Each says truly that it is a few milliseconds old, and nobody repeats it with its later age.
    for _ in 0..PRESSES {
        let press = kiosk.next(json!({ "request": { "take": { "service": "tax" } } }));
        kiosk.send("request", &press);
        for pad in &mut pads {
            let press = pad.next(json!({ "key": "next" }));
            pad.send("press", &press);
        }
    }
    std::thread::sleep(STANDSTILL);
    controller.signal("CONT");

    // Whoever presses now is answered after all that the same device sent before.
    let [one, two] = &mut pads;
    pressed_afresh(|| one.press("start"));
    let in_hand = hall.view()["windows"][0]["ticket"].clone();
    assert_eq!((&in_hand["number"], &in_hand["state"]), (&json!("A001"), &json!("serving")), "{in_hand}");
    let started = pressed_afresh(|| two.press("start"));
    assert_eq!(started["done"]["ticket"]["number"], "A002", "{started}");
    let taken = pressed_afresh(|| kiosk.take("tax"));
    assert_eq!(taken["ticket"]["number"], "B001", "{taken}");
    assert_eq!(hall.view()["totals"]["issued"], 7);
    assert!(hall.counted("refused", "stale") > 0, "no press was refused for its age");
    // What it shows is what is so, and it goes on.
    assert_eq!(one.press("next")["done"]["ticket"]["number"], "A003");
    signs.await_page(1, &called("1", "A003"));
}

#[test]
fn half_a_minute_of_standstill_of_controller_and_its_own_broker_replays_no_press() {
    let (lines, emulator, [one, two]) = signs();
    let line = lines.path().join("line-1");
    let hall = TestHall::new(2, &[(&line, &format!("{one}\n{two}"))]);
    let controller = hall.start();
    let client = |id: &str, device: &str| {
        Client::connect_for_long(hall.mqtt_port, id, &[topic(&format!("{device}/reply"))])
    };
    let clients = [client("kiosk", "kiosk/K1"), client("1", "window/1"), client("2", "window/2")];
    assert_nothing_is_replayed(&hall, &controller, &emulator, clients.each_ref());
}

#[test]
fn half_a_minute_of_standstill_beside_mosquitto_replays_no_press_and_the_link_comes_back() {
    let (lines, emulator, [one, two]) = signs();
    let line = lines.path().join("line-1");
    let mosquitto = Mosquitto::start();
    let hall = mosquitto.hall_with_signs(2, &[(&line, &format!("{one}\n{two}"))]);
    let controller = hall.start();
    let client = |user: &str, device: &str| mosquitto.log_in(user, &[topic(&format!("{device}/reply"))]);
    let clients = [client("K1", "kiosk/K1"), client("1", "window/1"), client("2", "window/2")];
    let looker = mosquitto.log_in("technician", &[topic("controller/status")]);
    let presence = |online: bool| {
        looker.wait("the controller's status", |message| message.body["online"] == online);
    };
    presence(true);
    assert_nothing_is_replayed(&hall, &controller, &emulator, clients.each_ref());
    // The broker had given it up, and said so in its name.
    presence(false);
    let ups = controller.logs().iter().filter(|line| line["message"] == "MQTT link up").count();
    assert!(ups >= 2, "the link did not come back: {ups}");
    eventually("it is online again", || {
        (looker.messages().last().unwrap().body["online"] == true).then_some(())
    });
}
