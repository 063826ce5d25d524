//! Mosquitto is killed, stands still or forgets everything, under load: nothing acknowledged is lost,
//! and what is retained is there again.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::{Value, json};

use crate::mosquitto::{Mosquitto, VANDAL};
use crate::support::hall::{Device, TestHall, topic};
use crate::support::{eventually, wire};

fn issued(hall: &TestHall) -> u64 {
    hall.view()["totals"]["issued"].as_u64().unwrap()
}

/// Take tickets until `trouble` is over; gives their numbers.
fn under_load(mosquitto: &mut Mosquitto, trouble: impl FnOnce(&mut Mosquitto)) -> Vec<String> {
    let client = mosquitto.log_in("K1", &[topic("kiosk/K1/reply")]);
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let load = scope.spawn(|| {
            let mut kiosk = Device::new(&client, "kiosk/K1", 1);
            let mut numbers = Vec::new();
            while !over.load(Ordering::Relaxed) {
                numbers.push(kiosk.take_number("social"));
                std::thread::sleep(Duration::from_millis(10));
            }
            // Once more when everything is well again.
            numbers.push(kiosk.take_number("social"));
            numbers
        });
        std::thread::sleep(Duration::from_millis(300));
        trouble(mosquitto);
        over.store(true, Ordering::Relaxed);
        load.join().unwrap()
    })
}

fn assert_each_once(hall: &TestHall, numbers: &[String]) {
    let mut unique = numbers.to_vec();
    unique.sort();
    unique.dedup();
    assert_eq!(unique.len(), numbers.len(), "{numbers:?}");
    assert!(numbers.len() > 5, "{numbers:?}");
    assert_eq!(issued(hall), numbers.len() as u64, "a repetition took a ticket of its own");
}

#[test]
fn a_broker_killed_and_started_again_under_load_costs_no_ticket_and_doubles_none() {
    let mut mosquitto = Mosquitto::start();
    let hall = mosquitto.hall(1);
    let _controller = hall.start();
    let numbers = under_load(&mut mosquitto, |mosquitto| {
        for _ in 0..5 {
            mosquitto.kill();
            mosquitto.run();
            std::thread::sleep(Duration::from_millis(400));
        }
    });
    assert_each_once(&hall, &numbers);
}

#[test]
fn who_watches_the_hall_sees_that_the_broker_is_away_and_that_it_is_back() {
    let mut mosquitto = Mosquitto::start();
    let hall = mosquitto.hall(1);
    let _controller = hall.start();
    let health = || wire::request(hall.web_port, "/health");
    let well = || (health() == (200, "ok\n".into())).then_some(());
    eventually("it is well once the link is there", well);
    mosquitto.kill();
    let said = eventually("health says so", || Some(health()).filter(|(status, _)| *status == 503)).1;
    assert!(said.starts_with("mqtt: the link to the broker has been down for "), "{said}");
    assert!(hall.get("/metrics").contains("hall_mqtt_connected 0\n"));
    mosquitto.run();
    eventually("it is well again", well);
    assert!(hall.get("/metrics").contains("hall_mqtt_connected 1\n"));
}

#[test]
fn a_broker_that_stood_still_costs_no_ticket_and_doubles_none() {
    let mut mosquitto = Mosquitto::start();
    let hall = mosquitto.hall(1);
    let _controller = hall.start();
    let numbers = under_load(&mut mosquitto, |mosquitto| {
        mosquitto.signal("STOP");
        std::thread::sleep(Duration::from_secs(2));
        mosquitto.signal("CONT");
        std::thread::sleep(Duration::from_millis(500));
    });
    assert_each_once(&hall, &numbers);
}

#[test]
fn a_broker_that_forgot_everything_is_told_every_state_again() {
    let mut mosquitto = Mosquitto::start();
    let hall = mosquitto.hall(2);
    let _controller = hall.start();
    let pad = mosquitto.log_in("1", &[topic("window/1/reply")]);
    Device::new(&pad, "window/1", 1).press("open");
    mosquitto.kill();
    mosquitto.forget();
    mosquitto.run();
    let looker = mosquitto.log_in("technician", &[topic("#")]);
    looker.wait("window 1 is open", |message| {
        message.topic == topic("window/1/state") && message.body["mode"] == "open"
    });
    looker.wait("window 2 is closed", |message| {
        message.topic == topic("window/2/state") && message.body["mode"] == "closed"
    });
    looker.wait("the board", |message| message.topic == topic("zone/A/board"));
    looker.wait("the kiosk's menu", |message| message.topic == topic("kiosk/K1/menu"));
    looker.wait("the controller", |message| {
        message.topic == topic("controller/status") && message.body["online"] == true
    });
}

#[test]
fn a_session_that_expired_while_the_controller_was_away_costs_no_ticket_and_doubles_none() {
    let mosquitto = Mosquitto::start();
    let hall = mosquitto.hall(1);
    let controller = hall.start();
    let client = mosquitto.log_in("K1", &[topic("kiosk/K1/reply")]);
    let mut kiosk = Device::new(&client, "kiosk/K1", 1);
    assert_eq!(kiosk.take_number("social"), "A001");
    controller.kill();
    // It waits at the broker for the controller's session, and is gone with it.
    let asked = kiosk.next(json!({ "request": { "take": { "service": "social" } } }));
    kiosk.send("request", &asked);
    mosquitto.end_the_controllers_session();
    let _controller = hall.start();
    assert_eq!(kiosk.ask("request", &asked).body["outcome"]["ticket"]["number"], "A002");
    assert_eq!(kiosk.take_number("social"), "A003");
    assert_eq!(issued(&hall), 3);
}

#[test]
fn a_session_that_the_broker_ends_under_load_costs_no_ticket_and_doubles_none() {
    let mut mosquitto = Mosquitto::start();
    let hall = mosquitto.hall(1);
    let controller = hall.start();
    let numbers = under_load(&mut mosquitto, |mosquitto| {
        for _ in 0..3 {
            mosquitto.end_the_controllers_session();
            std::thread::sleep(Duration::from_millis(600));
        }
    });
    assert_each_once(&hall, &numbers);
    assert!(controller.logs().iter().filter(|line| line["message"] == "MQTT link up").count() > 3);
}

#[test]
fn retained_messages_that_are_wiped_or_forged_while_all_are_connected_come_back() {
    let mosquitto = Mosquitto::start();
    let hall = mosquitto.hall(1);
    let _controller = hall.start();
    let pad = mosquitto.log_in("1", &[topic("window/1/reply")]);
    Device::new(&pad, "window/1", 1).press("open");
    let vandal = mosquitto.log_in(VANDAL, &[]);
    let states = ["window/1/state", "zone/A/board", "kiosk/K1/menu", "controller/status"];
    let kept = || {
        // Who subscribes anew gets what the broker keeps now.
        let looker = mosquitto.log_in("technician", &[topic("#")]);
        states.map(|state| looker.wait(state, |message| message.topic == topic(state)).body)
    };
    let before = kept();
    assert_eq!(before[0]["mode"], "open");
    for wrong in ["", "{\"v\":1,\"forged\":true}"] {
        let heard = hall.counted("refused", "wrong_direction") + 4;
        for state in states {
            vandal.publish(&topic(state), wrong, true);
        }
        eventually("they are heard", || (hall.counted("refused", "wrong_direction") >= heard).then_some(()));
        let same = |after: &[Value; 4]| {
            let pairs = before.iter().zip(after);
            pairs.into_iter().all(|(before, after)| before["mode"] == after["mode"] && after["v"] == 1)
                && after.iter().all(|after| after.get("forged").is_none())
        };
        eventually("all is kept as before", || same(&kept()).then_some(()));
    }
}
