//! A window, a zone or a kiosk that is taken out of the configuration is gone from the broker, too: an old pad or
//! page must not show it for ever.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::mosquitto::{Mosquitto, VANDAL};
use crate::support::eventually;
use crate::support::hall::topic;

/// What the broker keeps for who comes anew, but for empty payloads.
fn kept(mosquitto: &Mosquitto) -> BTreeSet<String> {
    let looker = mosquitto.log_in("technician", &["hall/v1/#".into()]);
    looker.wait("the controller", |message| message.topic == topic("controller/status"));
    std::thread::sleep(Duration::from_millis(300));
    looker.messages().into_iter().filter(|message| !message.body.is_null()).map(|m| m.topic).collect()
}

#[test]
fn what_the_broker_keeps_of_windows_zones_and_kiosks_that_are_gone_is_cleared_at_the_next_start() {
    let mosquitto = Mosquitto::start();
    let hall = mosquitto.hall(3);
    let whole = std::fs::read_to_string(hall.config()).unwrap();
    let more = "\n[[zone]]\nid = \"B\"\nname = \"B区\"\nname_en = \"Zone B\"\n\n[[kiosk]]\nid = \"K2\"\n";
    std::fs::write(hall.config(), format!("{whole}{more}")).unwrap();
    let controller = hall.start();
    let gone = ["window/2/state", "zone/B/board", "kiosk/K2/menu"].map(topic);
    let alive = ["window/1/state", "window/3/state", "zone/A/board", "kiosk/K1/menu"].map(topic);
    eventually("all is kept", || {
        let kept = kept(&mosquitto);
        gone.iter().chain(&alive).all(|topic| kept.contains(topic)).then_some(())
    });
    let (_, logs) = controller.stop();
    assert!(logs.iter().all(|line| line.get("topics").is_none()), "nothing was cleared: {logs:#?}");
    let vandal = mosquitto.log_in(VANDAL, &[]);
    let elsewhere = "hall/v1/elsewhere/window/2/state".to_owned();
    vandal.publish(&elsewhere, "{}", true);

    let smaller = whole.replace("[[window]]\nid = \"2\"\nservices = [\"social\", \"tax\"]\n", "");
    assert_ne!(smaller, whole);
    std::fs::write(hall.config(), &smaller).unwrap();
    let controller = hall.start();
    eventually("what is gone is cleared", || {
        let kept = kept(&mosquitto);
        gone.iter().all(|topic| !kept.contains(topic)).then_some(())
    });
    let told = "what the MQTT broker kept of things that are not in the configuration is gone";
    let line = eventually("the log names them", || controller.logged(told));
    assert_eq!(line["topics"], [&*gone[2], &gone[0], &gone[1]].join(", "));
    assert_eq!(hall.counted("cleared", "picture_of_what_is_gone"), 3);
    assert_eq!(hall.counted("refused", "wrong_direction"), 0, "its own words of before are no forgeries");
    // Longer than it looks back.
    std::thread::sleep(Duration::from_secs(6));
    let left = kept(&mosquitto);
    for topic in alive.iter().chain([&elsewhere]) {
        assert!(left.contains(topic), "{topic} is alive: {left:?}");
    }
    assert_eq!(hall.counted("cleared", "picture_of_what_is_gone"), 3);
}
