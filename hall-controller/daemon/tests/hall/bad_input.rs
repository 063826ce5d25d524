//! Whatever comes from outside that is wrong is refused under a fixed word and changes nothing.

use serde_json::json;

use crate::support::eventually;
use crate::support::hall::{Device, TestHall, topic};

#[test]
fn what_is_malformed_unknown_or_misplaced_is_counted_and_changes_nothing() {
    let hall = TestHall::new(1, &[]);
    let _controller = hall.start();
    // Who heard the whole hall would be thrown out by its own long message.
    let client = hall.quiet_client("vandal", "kiosk/K1");
    let mut kiosk = Device::new(&client, "kiosk/K1", 1);
    kiosk.take_number("social");
    let before = hall.view()["totals"].clone();
    let request = |v: u32, service: &str| {
        json!({ "v": v, "session": 8, "seq": 1, "age_ms": 0, "request": { "take": { "service": service } } })
            .to_string()
            .into_bytes()
    };
    let stale = json!({ "v": 1, "session": 8, "seq": 1, "age_ms": 60_000, "key": "next" }).to_string();
    let wrong = [
        ("kiosk/K1/request", b"{\"v\":1,".to_vec(), "malformed"),
        ("kiosk/K1/request", vec![0xFF, 0x00, 0x13, 0x80], "malformed"),
        ("kiosk/K1/request", request(9, "social"), "unknown_version"),
        ("kiosk/K1/request", vec![b' '; 20_000], "too_long"),
        ("kiosk/K9/request", request(1, "social"), "unknown_kiosk"),
        ("window/99/press", stale.replace("60000", "0").into_bytes(), "unknown_window"),
        ("window/1/press", stale.into_bytes(), "stale"),
        ("window/1/lamp", b"on".to_vec(), "wrong_topic"),
        ("window/1/state", b"{}".to_vec(), "wrong_direction"),
    ];
    for (channel, payload, reason) in wrong {
        let counted = hall.counted("refused", reason);
        client.publish(&topic(channel), payload, false);
        eventually(&format!("{channel}: {reason} is counted"), || {
            (hall.counted("refused", reason) > counted).then_some(())
        });
        assert_eq!(hall.view()["totals"], before, "{channel}: {reason}");
    }
    assert_eq!(kiosk.take_number("social"), "A002");
}

#[test]
fn noise_on_every_topic_and_a_megabyte_do_not_stop_the_hall() {
    let hall = TestHall::new(1, &[]);
    let controller = hall.start();
    let before_kib = controller.resident_kib();
    let vandal = hall.quiet_client("vandal", "kiosk/K1");
    let mut random = fastrand::Rng::with_seed(5);
    let channels = [
        "kiosk/K1/request",
        "kiosk/K1/status",
        "kiosk/K1/reply",
        "kiosk/K1/menu",
        "window/1/press",
        "window/1/status",
        "window/1/state",
        "window/1/reply",
        "sign/S1/status",
        "screen/X/status",
        "zone/A/board",
        "controller/status",
        "event/issued",
        "nonsense",
        "",
    ];
    for _ in 0..20 {
        for channel in channels {
            let noise: Vec<u8> = (0..random.usize(0..200)).map(|_| random.u8(..)).collect();
            vandal.publish(&topic(channel), noise, false);
        }
    }
    // The broker throws out who sends this much; the hall never sees it.
    vandal.publish(&topic("kiosk/K1/request"), vec![b'7'; 1_024 * 1_024], false);
    let client = hall.quiet_client("kiosk", "kiosk/K1");
    let mut kiosk = Device::new(&client, "kiosk/K1", 2);
    assert_eq!(kiosk.take_number("social"), "A001");
    assert_eq!(hall.view()["totals"]["issued"], 1);
    let grown_kib = controller.resident_kib().saturating_sub(before_kib);
    assert!(grown_kib < 32 * 1_024, "the noise left {grown_kib} KiB behind");
}
