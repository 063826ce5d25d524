//! Mosquitto stands still, or is away together with the controller, and goes on: what it brings then looks new,
//! and reaches no citizen who was not meant by it.

use std::time::Duration;

use serde_json::json;

use crate::mosquitto::Mosquitto;
use crate::standstill::pressed_afresh;
use crate::support::client::Client;
use crate::support::hall::{Device, TestHall, topic};
use crate::support::{eventually, wire};

/// More than a press may be old.
const TOO_LONG: Duration = Duration::from_secs(12);

/// Open window 1 and call A001 there.
fn called<'a>(mosquitto: &Mosquitto, pad: &'a Client) -> Device<'a> {
    let kiosk = mosquitto.log_in("K1", &[topic("kiosk/K1/reply")]);
    let mut kiosk = Device::new(&kiosk, "kiosk/K1", 71);
    for number in ["A001", "A002", "A003"] {
        assert_eq!(kiosk.take_number("social"), number);
    }
    let mut pad = Device::new(pad, "window/1", 72);
    pad.press("open");
    assert_eq!(pad.press("next")["done"]["ticket"]["number"], "A001");
    pad
}

/// Press a key without an expiry, once, truly five milliseconds old.
fn press_once(client: &Client, pad: &mut Device, key: &str) {
    let press = pad.next(json!({ "key": key }));
    client.publish(&topic("window/1/press"), press.to_string(), false);
}

/// A001 is still there: the old press was refused.
fn assert_not_replayed(hall: &TestHall, pad: &mut Device) {
    let started = pressed_afresh(|| pad.press("start"));
    assert_eq!(started["done"]["ticket"]["number"], "A001", "{started}");
    assert!(hall.counted("refused", "stale") > 0, "no press was refused for its age");
    let next = pressed_afresh(|| pad.press("next"));
    assert_eq!(next["done"]["ticket"]["number"], "A002", "{next}");
}

#[test]
fn a_frozen_broker_is_told_of_and_replays_no_press() {
    let mosquitto = Mosquitto::start();
    let hall = mosquitto.hall(1);
    let _controller = hall.start();
    let client = mosquitto.log_in_for_long("1", &[topic("window/1/reply")]);
    let mut pad = called(&mosquitto, &client);
    let health = || wire::request(hall.web_port, "/health");
    eventually("it is well", || (health().0 == 200).then_some(()));
    mosquitto.signal("STOP");
    press_once(&client, &mut pad, "next");
    std::thread::sleep(TOO_LONG);
    let (status, said) = health();
    assert!(status == 503 && said.starts_with("mqtt: the broker has not answered for "), "{status} {said}");
    mosquitto.signal("CONT");
    assert_not_replayed(&hall, &mut pad);
    eventually("it is well again", || (health().0 == 200).then_some(()));
}

#[test]
fn a_broker_frozen_until_the_link_is_given_up_replays_no_press() {
    let mosquitto = Mosquitto::start();
    let hall = mosquitto.hall(1);
    let _controller = hall.start();
    let client = mosquitto.log_in_for_long("1", &[topic("window/1/reply")]);
    let mut pad = called(&mosquitto, &client);
    mosquitto.signal("STOP");
    press_once(&client, &mut pad, "next");
    std::thread::sleep(Duration::from_secs(30));
    mosquitto.signal("CONT");
    assert_not_replayed(&hall, &mut pad);
}

#[test]
fn what_waited_in_the_brokers_session_while_both_were_away_is_not_replayed() {
    let mut mosquitto = Mosquitto::start();
    let hall = mosquitto.hall(1);
    let controller = hall.start();
    let client = mosquitto.log_in("1", &[topic("window/1/reply")]);
    let mut pad = called(&mosquitto, &client);
    controller.kill();
    press_once(&client, &mut pad, "next");
    std::thread::sleep(Duration::from_secs(1));
    // The session's time begins anew with the broker.
    mosquitto.stop();
    std::thread::sleep(TOO_LONG);
    mosquitto.run();
    let _controller = hall.start();
    assert_not_replayed(&hall, &mut pad);
}

#[test]
fn what_waited_while_the_controller_restarted_is_done() {
    let mosquitto = Mosquitto::start();
    let hall = mosquitto.hall(1);
    let controller = hall.start();
    let client = mosquitto.log_in("1", &[topic("window/1/reply")]);
    let mut pad = called(&mosquitto, &client);
    controller.kill();
    press_once(&client, &mut pad, "start");
    let _controller = hall.start();
    eventually("A001 is served", || {
        (hall.view()["windows"][0]["ticket"]["state"] == "serving").then_some(())
    });
    assert_eq!(hall.counted("refused", "stale"), 0);
}
