//! A second controller of the hall, with a journal of its own, at the same Mosquitto: refused at its start,
//! also while the first is silent, until it is told to take over; and when the two meet only later, the younger one
//! ends, or the one that was replaced.

use std::time::{Duration, Instant};

use hall_core::claim::HELD;
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
fn a_controller_that_crashed_and_one_put_back_from_a_backup_start_at_once() {
    let mosquitto = Mosquitto::start();
    let hall = mosquitto.hall(1);
    for _ in 0..3 {
        // Its claim, its note, its status and its session are still at the broker when it comes back.
        hall.start().kill();
    }
    let backup = hall.data().with_extension("backup");
    let (data, copy) = (hall.data(), backup.to_str().unwrap());
    let at = |what: &str, way: &str, data: &str| controller::run(&[what, way, copy, "--data", data]);
    assert_eq!(at("backup", "--to", data.to_str().unwrap()).0, 0);
    std::fs::remove_dir_all(&data).unwrap();
    assert_eq!(at("restore", "--from", data.to_str().unwrap()).0, 0);
    let started = Instant::now();
    let _controller = hall.start();
    assert!(started.elapsed() < HELD, "it waited {:?}", started.elapsed());
    let client = mosquitto.log_in("K1", &[topic("kiosk/K1/reply")]);
    assert_eq!(Device::new(&client, "kiosk/K1", 1).take_number("social"), "A001");
}

#[test]
fn who_ends_in_good_order_lets_another_in() {
    let mosquitto = Mosquitto::start();
    let (hall, second) = (mosquitto.hall(1), mosquitto.hall(1));
    assert!(hall.start().stop().0.success());
    let _second = second.start();
    let client = mosquitto.log_in("K1", &[topic("kiosk/K1/reply")]);
    assert_eq!(Device::new(&client, "kiosk/K1", 1).take_number("social"), "A001");
}

#[test]
fn of_one_that_is_silent_another_is_refused_until_it_is_told_to_take_over_and_then_the_silent_one_ends() {
    let mosquitto = Mosquitto::start();
    let (hall, standby) = (mosquitto.hall(1), mosquitto.hall(1));
    let silent = hall.start();
    // As a host that lost its network: the broker takes it for alive, and it answers nothing.
    silent.signal("STOP");
    for _ in 0..2 {
        let (code, _, errors) = controller::run(&["run", "--config", standby.config().to_str().unwrap()]);
        assert_eq!(code, 3, "{errors}");
        assert!(errors.contains("is silent") && errors.contains("--take-over"), "{errors}");
        assert_names(&errors, &silent, &hall.data());
    }
    // Standing in goes on over a crash, without being told again.
    Controller::take_over(&standby.config()).kill();
    let controller = standby.start();
    let client = mosquitto.log_in("K1", &[topic("kiosk/K1/reply")]);
    let mut kiosk = Device::new(&client, "kiosk/K1", 1);
    assert_eq!(kiosk.take_number("social"), "A001");
    silent.signal("CONT");
    assert_names(&silent.ended(3), &controller, &standby.data());
    assert_eq!(kiosk.take_number("social"), "A002");
    // The old one stays out, also while the new one is away.
    controller.kill();
    let (code, _, errors) = controller::run(&["run", "--config", hall.config().to_str().unwrap()]);
    assert!(code == 3 && errors.contains(standby.data().to_str().unwrap()), "{code} {errors}");
}

#[test]
fn a_second_one_that_waited_for_the_broker_gives_no_number_before_the_first_is_back() {
    for forgets in [false, true] {
        let mut mosquitto = Mosquitto::start();
        let (hall, second) = (mosquitto.hall(1), mosquitto.hall(1));
        let first = hall.start();
        let client = mosquitto.log_in("K1", &[topic("kiosk/K1/reply")]);
        assert_eq!(Device::new(&client, "kiosk/K1", 1).take_number("social"), "A001");
        mosquitto.kill();
        // Its pages and signs open without a broker; and the first one's pauses are at their longest.
        let waits = second.start();
        if forgets {
            mosquitto.forget();
        }
        mosquitto.run();
        let client = mosquitto.log_in("K1", &[topic("kiosk/K1/reply")]);
        let mut kiosk = Device::new(&client, "kiosk/K1", 2);
        let said = std::thread::scope(|scope| {
            let said = scope.spawn(|| waits.ended(3));
            let mut number = 2;
            while !said.is_finished() {
                assert_eq!(kiosk.take_number("social"), format!("A{number:03}"), "{forgets}");
                number += 1;
                std::thread::sleep(Duration::from_millis(20));
            }
            said.join().unwrap()
        });
        assert_names(&said, &first, &hall.data());
    }
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
    let mut mosquitto = Mosquitto::start();
    let (hall, second) = (mosquitto.hall(1), mosquitto.hall(1));
    let older = hall.start();
    // It stands still for as long as the other needs to be granted the hall, and goes on. The broker has lost
    // all that it kept.
    older.signal("STOP");
    mosquitto.kill();
    mosquitto.forget();
    mosquitto.run();
    let younger = second.start();
    older.signal("CONT");
    let said = younger.ended(3);
    assert_names(&said, &older, &hall.data());
    let client = mosquitto.log_in("K1", &[topic("kiosk/K1/reply")]);
    assert_eq!(Device::new(&client, "kiosk/K1", 1).take_number("social"), "A001");
    assert_eq!(hall.view()["totals"]["issued"], 1, "the older one gave it");
}
