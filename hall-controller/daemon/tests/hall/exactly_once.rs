//! A request is done once however often it comes, and clerks who press together never collide.

use std::collections::BTreeSet;

use serde_json::json;

use crate::support::eventually;
use crate::support::hall::{Device, TestHall, topic};

#[test]
fn a_request_sent_three_times_is_one_ticket_and_three_equal_replies() {
    let hall = TestHall::new(1, &[]);
    let _controller = hall.start();
    let client = hall.client("kiosk");
    let body =
        json!({ "v": 1, "session": 3, "seq": 1, "age_ms": 0, "request": { "take": { "service": "tax" } } });
    for _ in 0..3 {
        client.request(&topic("kiosk/K1/request"), &topic("kiosk/K1/reply"), b"again", &body);
    }
    let replies = eventually("three replies", || {
        let mut replies = client.messages();
        replies.retain(|message| message.topic == topic("kiosk/K1/reply"));
        (replies.len() == 3).then_some(replies)
    });
    assert_eq!(replies[0].body["outcome"]["ticket"]["number"], "B001");
    assert!(replies.iter().all(|reply| reply.body == replies[0].body), "{replies:#?}");
    assert_eq!(Device::new(&client, "kiosk/K1", 4).take_number("tax"), "B002");
}

#[test]
fn two_clerks_who_press_next_at_the_same_instant_skip_nobody_and_call_nobody_twice() {
    const ROUNDS: usize = 200;
    let hall = TestHall::new(2, &[]);
    let _controller = hall.start();
    let kiosk_client = hall.quiet_client("kiosk", "kiosk/K1");
    let mut kiosk = Device::new(&kiosk_client, "kiosk/K1", 1);
    let issued: BTreeSet<String> =
        (0..2 * ROUNDS).map(|i| kiosk.take_number(if i % 2 == 0 { "social" } else { "tax" })).collect();
    assert_eq!(issued.len(), 2 * ROUNDS);

    let barrier = &std::sync::Barrier::new(2);
    let called: Vec<String> = std::thread::scope(|scope| {
        let clerks: Vec<_> = ["1", "2"]
            .map(|window| {
                let hall = &hall;
                scope.spawn(move || {
                    let name = format!("window/{window}");
                    let client = hall.quiet_client(&format!("pad-{window}"), &name);
                    let mut pad = Device::new(&client, &name, 7);
                    pad.press("open");
                    let mut called = Vec::new();
                    for _ in 0..ROUNDS {
                        barrier.wait();
                        let next = pad.press("next");
                        let number = next["done"]["ticket"]["number"].as_str();
                        called.push(number.unwrap_or_else(|| panic!("{next}")).to_owned());
                        // The citizen came: the guard against a trembling finger does not apply.
                        pad.press("start");
                    }
                    called
                })
            })
            .into_iter()
            .collect();
        clerks.into_iter().flat_map(|clerk| clerk.join().unwrap()).collect()
    });
    assert_eq!(called.len(), 2 * ROUNDS);
    assert_eq!(called.into_iter().collect::<BTreeSet<_>>(), issued);
}
