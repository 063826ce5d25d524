//! A second controller of the hall, with a journal of its own, at the same Mosquitto: refused at its start,
//! and when the two meet only later, the younger one ends.

use std::time::Duration;

use serde_json::Value;

use crate::mosquitto::Mosquitto;
use crate::support::controller::{self, Controller};
use crate::support::eventually;
use crate::support::hall::{Device, TestHall, topic};

/// End by itself, as the process that came second; gives what it said.
fn refused(mosquitto: &Mosquitto, second: &TestHall) -> String {
    let (code, _, errors) = controller::run(&["run", "--config", second.config().to_str().unwrap()]);
    assert_eq!(code, 3, "{errors}");
    assert!(!second.data().join("journal.sqlite3").exists(), "it had its journal before it knew");
    let broker = format!("broker 127.0.0.1:{}", mosquitto.port());
    assert!(errors.contains("another controller runs hall test") && errors.contains(&broker), "{errors}");
    errors
}

fn assert_names(said: &str, first: &Controller, data: &std::path::Path) {
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap();
    let who = format!("process {} on {}, since 2", first.id(), host.trim());
    assert!(said.contains(&who), "{who}: {said}");
    assert!(said.contains(&format!("data directory {}", data.display())), "{said}");
    assert!(said.contains("systemctl stop hall-controller"), "{said}");
}

#[test]
fn a_second_controller_is_refused_before_it_answers_anybody_and_the_first_goes_on() {
    let mosquitto = Mosquitto::start();
    let (hall, second) = (mosquitto.hall(1), mosquitto.hall(1));
    let first = hall.start();
    let client = mosquitto.log_in("K1", &[topic("kiosk/K1/reply")]);
    let mut kiosk = Device::new(&client, "kiosk/K1", 1);
    assert_eq!(kiosk.take_number("social"), "A001");
    let numbers: Vec<String> = std::thread::scope(|scope| {
        let said = scope.spawn(|| {
            // It stays refused however often it is tried.
            (0..3).map(|_| refused(&mosquitto, &second)).collect::<Vec<_>>()
        });
        let mut numbers = Vec::new();
        while !said.is_finished() {
            numbers.push(kiosk.take_number("social"));
            std::thread::sleep(Duration::from_millis(20));
        }
        for said in said.join().unwrap() {
            assert_names(&said, &first, &hall.data());
        }
        numbers
    });
    // All of one journal, each once.
    let wanted: Vec<String> = (2..numbers.len() + 2).map(|number| format!("A{number:03}")).collect();
    assert_eq!(numbers, wanted);
    assert!(hall.counted("refused", "second_controller") >= 3);
    let told = first.logged("another controller wants this hall and is refused").unwrap();
    assert!(told["who"].as_str().unwrap().contains(second.data().to_str().unwrap()), "{told}");
    eventually("the broker has the first one's status", || {
        let looker = mosquitto.log_in("technician", &[topic("controller/status")]);
        let status = looker.wait("its status", |message| message.topic == topic("controller/status"));
        let owner = format!("process {}", first.id());
        (status.body["online"] == true && status.body["owner"].as_str().unwrap().ends_with(&owner))
            .then_some(())
    });
}

#[test]
fn a_controller_that_crashed_and_one_that_stands_in_for_a_dead_one_are_not_refused() {
    let mosquitto = Mosquitto::start();
    let (hall, standby) = (mosquitto.hall(1), mosquitto.hall(1));
    for _ in 0..3 {
        // Its claim, its status and its session are still at the broker when it comes back.
        hall.start().kill();
    }
    let silent = hall.start();
    // As a host that lost its network: the broker takes it for alive, and it answers nothing.
    silent.signal("STOP");
    let controller = standby.start();
    let client = mosquitto.log_in("K1", &[topic("kiosk/K1/reply")]);
    assert_eq!(Device::new(&client, "kiosk/K1", 1).take_number("social"), "A001");
    silent.kill();
    assert!(controller.stop().0.success());
}

#[test]
fn of_two_that_meet_when_the_broker_comes_back_the_younger_one_ends() {
    let mut mosquitto = Mosquitto::start();
    let (hall, second) = (mosquitto.hall(1), mosquitto.hall(1));
    mosquitto.kill();
    // Neither can ask: both open their pages and their signs.
    let older = hall.start();
    let younger = second.start();
    mosquitto.run();
    let said = younger.ended(3);
    assert!(said.contains("another controller runs hall test"), "{said}");
    assert_names(&said, &older, &hall.data());
    let client = mosquitto.log_in("K1", &[topic("kiosk/K1/reply")]);
    assert_eq!(Device::new(&client, "kiosk/K1", 1).take_number("social"), "A001");
    let view: Value = hall.view();
    assert_eq!(view["totals"]["issued"], 1, "the older one gave it");
}

#[test]
fn of_two_that_both_run_the_hall_the_younger_one_ends() {
    let mosquitto = Mosquitto::start();
    let (hall, second) = (mosquitto.hall(1), mosquitto.hall(1));
    let older = hall.start();
    // It stands still for as long as the other needs to take over, and goes on.
    older.signal("STOP");
    let younger = second.start();
    older.signal("CONT");
    let said = younger.ended(3);
    assert_names(&said, &older, &hall.data());
    let client = mosquitto.log_in("K1", &[topic("kiosk/K1/reply")]);
    assert_eq!(Device::new(&client, "kiosk/K1", 1).take_number("social"), "A001");
    assert_eq!(hall.view()["totals"]["issued"], 1, "the older one gave it");
}
