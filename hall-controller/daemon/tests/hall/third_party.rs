//! An MQTT client written by somebody else plays kiosk and call pad, by the documented topics alone.

use std::process::Command;
use std::time::Instant;

use serde_json::{Value, json};

use crate::support::emulator::{Emulator, called};
use crate::support::eventually;
use crate::support::hall::{TestHall, topic, window_sign};

/// `mosquitto_rr`: publish a request with a response topic, print the reply.
fn ask(port: u16, request: &str, reply: &str, body: &Value) -> Value {
    let output = Command::new("mosquitto_rr")
        .args(["-V", "5", "-q", "1", "-W", "10", "-h", "127.0.0.1", "-p", &port.to_string()])
        .args(["-D", "publish", "correlation-data", "slip-1", "-F", "%D %p"])
        .args(["-t", &topic(request), "-e", &topic(reply), "-m", &body.to_string()])
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let reply = text.trim().strip_prefix("slip-1 ");
    let reply = reply.unwrap_or_else(|| panic!("no correlation data in {text:?}: {:?}", output.stderr));
    serde_json::from_str(reply).unwrap()
}

#[test]
fn ticket_next_topics_and_the_signs_pixels_all_show_the_same_number() {
    let lines = tempfile::TempDir::new().unwrap();
    let line = lines.path().join("line-1");
    let signs = Emulator::start(&line, &[1, 2]);
    let hung = format!("{}\n{}", window_sign(1, 1), window_sign(2, 2));
    let hall = TestHall::new(2, &[(&line, &hung)]);
    let controller = hall.start();
    let looker = hall.client("looker");

    let take = json!({ "v": 1, "session": 5, "seq": 1, "age_ms": 0, "request": { "take": { "service": "social" } } });
    let asked = Instant::now();
    let reply = ask(hall.mqtt_port, "kiosk/K1/request", "kiosk/K1/reply", &take);
    assert!(asked.elapsed().as_millis() < 1_000, "the citizen waited {:?}", asked.elapsed());
    assert_eq!(reply["outcome"]["ticket"]["number"], "A001", "{reply}");

    let press = |seq: u32, key: &str| json!({ "v": 1, "session": 9, "seq": seq, "age_ms": 0, "key": key });
    let open = ask(hall.mqtt_port, "window/2/press", "window/2/reply", &press(1, "open"));
    assert_eq!(open["outcome"]["done"]["mode"], "open", "{open}");
    let next = ask(hall.mqtt_port, "window/2/press", "window/2/reply", &press(2, "next"));
    assert_eq!(next["outcome"]["done"]["ticket"]["number"], "A001", "{next}");

    looker.wait("the window's state", |message| {
        message.topic == topic("window/2/state") && message.body["ticket"]["number"] == "A001"
    });
    looker.wait("the zone's board", |message| {
        message.topic == topic("zone/A/board")
            && message.body["calls"][0]["number"] == "A001"
            && message.body["calls"][0]["window"] == "2"
    });
    signs.await_page(2, &called("2", "A001"));

    // One id leads from the message to the sign's acknowledgement.
    let press = "window/2/00000009/2";
    let logs = eventually("the press is followed to the sign", || {
        let logs = controller.logs();
        let shown = |line: &&Value| line["message"] == "sign shows it" && line["press"] == press;
        logs.iter().find(shown).is_some().then_some(logs.clone())
    });
    assert!(
        logs.iter().any(|line| line["press"] == press && line["message"] != "sign shows it"),
        "{logs:#?}"
    );
}
