//! The disk is full, the broker is down, the process is killed: the kiosk's page goes on from the
//! numbers it has leased, and whoever took one stands in the queue where it was printed.

use serde_json::{Value, json};

use crate::mosquitto::Mosquitto;
use crate::support::client::Client;
use crate::support::controller::{self, Controller};
use crate::support::eventually;
use crate::support::hall::{Device, TestHall, topic};
use crate::support::wire;

/// Room for some dozens of commits in the journal's log.
const ROOM_BYTES: u64 = 400_000;

fn view(hall: &TestHall) -> Value {
    serde_json::from_str(&hall.get("/api/view")).unwrap()
}

/// Open the kiosk's page, and wait until it has its numbers: 20 of each service.
fn attend(hall: &TestHall) {
    hall.get("/kiosk/K1");
    eventually("the kiosk has leased", || (view(hall)["leases"]["leased"] == 40).then_some(()));
}

/// Take a ticket by the kiosk's page.
fn take(hall: &TestHall) -> Value {
    let (status, body) = wire::post(hall.web_port, "/api/kiosk/K1/take", r#"{"service":"social"}"#);
    assert_eq!(status, 200, "{body}");
    let answer: Value = serde_json::from_str(&body).unwrap();
    assert!(answer["ticket"].is_object(), "{answer}");
    answer["ticket"].clone()
}

fn handed_in(hall: &TestHall, count: u64) {
    eventually("the tickets are handed in", || (view(hall)["leases"]["handed_in"] == count).then_some(()));
}

/// Call and serve everybody; their numbers in this order.
fn call_all(pad: &Client) -> Vec<String> {
    let mut pad = Device::new(pad, "window/1", 99);
    pad.press("open");
    pad.press("resume");
    let mut called = Vec::new();
    loop {
        let outcome = pad.press("next");
        let Some(number) = outcome["done"]["ticket"]["number"].as_str() else { return called };
        called.push(number.to_owned());
        pad.press("start");
    }
}

#[test]
fn a_full_disk_does_not_stop_the_kiosk_and_its_ticket_stands_where_it_was_printed() {
    let hall = TestHall::new(1, &[]);
    let controller = Controller::start_with_file_limit(&hall.config(), ROOM_BYTES);
    attend(&hall);
    let first = take(&hall);
    assert_eq!((&first["number"], &first["ahead"]), (&json!("A001"), &json!(0)));

    let client = hall.quiet_client("pad", "window/1");
    let mut pad = Device::new(&client, "window/1", 1);
    pad.press("open");
    eventually("the disk is full", || {
        let outcome = [pad.press("pause"), pad.press("resume")];
        outcome.iter().any(|outcome| outcome["refused"]["code"] == "storage_trouble").then_some(())
    });
    let own = [take(&hall), take(&hall)];
    assert_eq!([&own[0]["number"], &own[1]["number"]], ["A980", "A981"]);
    assert!(own.iter().all(|ticket| ticket["ahead"].is_null()), "nobody knows who is ahead: {own:?}");
    assert_eq!(view(&hall)["totals"]["issued"], 1, "the hall does not know of them yet");

    controller.lift_file_limit();
    handed_in(&hall, 2);
    // A kiosk that is still without an answer prints on, and what the hall may have given it is cancelled.
    let mut numbers = vec![first, own[0].clone(), own[1].clone()];
    let last = eventually("the hall answers again", || {
        numbers.push(take(&hall));
        numbers.last().filter(|ticket| !ticket["ahead"].is_null()).cloned()
    });
    let printed = numbers.len() as u64 - 2;
    handed_in(&hall, printed);
    let ahead = last["ahead"].as_u64().unwrap();
    assert!((3..=printed + 1).contains(&ahead), "{last}");
    assert!(last["number"].as_str().unwrap().starts_with("A00"), "{last}");
    let numbers: Vec<&str> = numbers.iter().filter_map(|ticket| ticket["number"].as_str()).collect();
    assert_eq!(call_all(&client), numbers);
    assert!(controller.stop().0.success());
    let data = hall.data();
    let (code, said, errors) = controller::run(&["audit", "verify", "--data", data.to_str().unwrap()]);
    assert_eq!(code, 0, "{said}{errors}");
}

#[test]
fn a_broker_that_is_down_does_not_stop_the_kiosk_nor_does_the_controllers_death_lose_its_tickets() {
    let mut mosquitto = Mosquitto::start();
    let hall = mosquitto.hall_with_pages(1);
    let controller = hall.start();
    attend(&hall);
    assert_eq!(take(&hall)["number"], "A001");
    mosquitto.kill();
    let own = [take(&hall), take(&hall)];
    assert_eq!([&own[0]["number"], &own[1]["number"]], ["A980", "A981"]);
    assert!(own.iter().all(|ticket| ticket["ahead"].is_null()), "{own:?}");

    // A power cut before the line is back: what was shown is on the disk.
    controller.kill();
    mosquitto.run();
    let _controller = hall.start();
    handed_in(&hall, 2);
    let last = take(&hall);
    assert_eq!((&last["number"], &last["ahead"]), (&json!("A002"), &json!(3)));
    let printed = |ticket: &Value| ticket["issued_at_ms"].as_i64().unwrap();
    assert!(printed(&own[0]) <= printed(&own[1]) && printed(&own[1]) < printed(&last));
    let client = mosquitto.log_in("1", &[topic("window/1/reply")]);
    assert_eq!(call_all(&client), ["A001", "A980", "A981", "A002"]);
}

#[test]
fn a_ticket_the_kiosk_printed_without_the_hall_keeps_its_further_matters() {
    let mut mosquitto = Mosquitto::start();
    let hall = mosquitto.hall_with_pages(1);
    let _controller = hall.start();
    attend(&hall);
    mosquitto.kill();
    let wish = r#"{"service":"social","also":["tax"]}"#;
    let (status, body) = wire::post(hall.web_port, "/api/kiosk/K1/take", wish);
    assert_eq!(status, 200, "{body}");
    let own: Value = serde_json::from_str(&body).unwrap();
    assert_eq!((&own["ticket"]["number"], &own["ticket"]["ahead"]), (&json!("A980"), &Value::Null));
    mosquitto.run();
    handed_in(&hall, 1);
    // Its citizen is called for both, one after the other.
    let client = mosquitto.log_in("1", &[topic("window/1/reply")]);
    let mut pad = Device::new(&client, "window/1", 99);
    pad.press("open");
    for service in ["social", "tax"] {
        let outcome = eventually("it is called", || {
            let outcome = pad.press("next");
            outcome["done"]["ticket"].is_object().then_some(outcome)
        });
        let ticket = &outcome["done"]["ticket"];
        assert_eq!((&ticket["number"], &ticket["service"]), (&json!("A980"), &json!(service)));
        pad.press("start");
        pad.press("finish");
    }
}

#[test]
fn who_has_a_number_of_the_kiosks_own_gets_no_second_one_when_the_line_is_back() {
    let mut mosquitto = Mosquitto::start();
    let hall = mosquitto.hall_with_pages(1);
    let _controller = hall.start();
    attend(&hall);
    assert_eq!(take(&hall)["number"], "A001");
    mosquitto.kill();
    assert_eq!(take(&hall)["number"], "A980");
    // What the kiosk asked in vain must not be done now, although it is not too old.
    mosquitto.run();
    // A kiosk that waits too long for its answer, on a slow machine, prints again from its lease.
    let mut own = 1;
    let number = loop {
        handed_in(&hall, own);
        let number = take(&hall)["number"].clone();
        if number != format!("A98{own}") {
            break number;
        }
        own += 1;
        assert!(own < 9, "the line does not come back");
    };
    assert_eq!(number, "A002");
    assert_eq!(view(&hall)["totals"]["issued"], own + 2);
}
