//! The disk is full, the process stands still, a second controller is started by mistake: nothing
//! that was acknowledged is lost, and who asks is told why.

use std::time::Duration;

use serde_json::Value;

use crate::support::controller::{self, Controller};
use crate::support::hall::{Device, TestHall};
use crate::support::{eventually, wire};

/// Room for some dozens of commits in the journal's log.
const ROOM_BYTES: u64 = 400_000;

#[test]
fn a_full_disk_refuses_with_its_reason_and_heals_when_there_is_room_again() {
    let hall = TestHall::new(1, &[]);
    let controller = Controller::start_with_file_limit(&hall.config(), ROOM_BYTES);
    let client = hall.quiet_client("kiosk", "kiosk/K1");
    let mut kiosk = Device::new(&client, "kiosk/K1", 1);
    let mut numbers = Vec::new();
    let refused = eventually("the disk is full", || {
        let outcome = kiosk.take("social");
        if let Some(number) = outcome["ticket"]["number"].as_str() {
            numbers.push(number.to_owned());
        }
        outcome["refused"].as_object().cloned()
    });
    assert_eq!(refused["code"], "storage_trouble", "{refused:?}");
    assert!(numbers.len() > 10, "only {} tickets fitted", numbers.len());
    let (status, said) = wire::request(hall.web_port, "/health");
    assert_eq!(status, 503, "{said}");
    let issued = |hall: &TestHall| -> u64 {
        let view: Value = serde_json::from_str(&hall.get("/api/view")).unwrap();
        view["totals"]["issued"].as_u64().unwrap()
    };
    assert_eq!(issued(&hall), numbers.len() as u64, "what was refused is not there");

    controller.lift_file_limit();
    let number =
        eventually("it goes on", || kiosk.take("social")["ticket"]["number"].as_str().map(str::to_owned));
    assert!(!numbers.contains(&number), "{number} was given twice");
    numbers.push(number);
    eventually("it is well again", || (wire::request(hall.web_port, "/health").0 == 200).then_some(()));

    controller.kill();
    let controller = hall.start();
    assert_eq!(issued(&hall), numbers.len() as u64);
    assert!(controller.stop().0.success());
    let (code, said, errors) = controller::run(&["audit", "verify", "--data", hall.data().to_str().unwrap()]);
    assert_eq!(code, 0, "{said}{errors}");
}

#[test]
fn a_hall_where_nobody_presses_is_well_again_soon_after_there_is_room_and_the_first_press_is_done() {
    let hall = TestHall::new(1, &[]);
    let controller = Controller::start_with_file_limit(&hall.config(), ROOM_BYTES);
    let client = hall.quiet_client("kiosk", "kiosk/K1");
    let mut kiosk = Device::new(&client, "kiosk/K1", 1);
    let health = || wire::request(hall.web_port, "/health").0;
    // What is left in the log after the first refusal may take a few writes yet.
    eventually("the disk is full for good", || {
        let refused = kiosk.take("social")["refused"]["code"] == "storage_trouble";
        std::thread::sleep(Duration::from_millis(if refused { 3_500 } else { 0 }));
        (refused && health() == 503).then_some(())
    });
    std::thread::sleep(Duration::from_secs(2));
    assert_eq!(health(), 503, "as long as there is no room");

    controller.lift_file_limit();
    eventually("it is well again", || (health() == 200).then_some(()));
    assert!(hall.get("/metrics").contains("hall_storage_trouble 0\n"));
    kiosk.take_number("social");
}

#[test]
fn a_process_that_stood_still_goes_on_and_gives_one_ticket_for_all_that_was_repeated() {
    let hall = TestHall::new(1, &[]);
    let controller = hall.start();
    let client = hall.quiet_client("kiosk", "kiosk/K1");
    let mut kiosk = Device::new(&client, "kiosk/K1", 1);
    assert_eq!(kiosk.take_number("social"), "A001");
    controller.signal("STOP");
    let number = std::thread::scope(|scope| {
        let asking = scope.spawn(|| kiosk.take_number("social"));
        std::thread::sleep(Duration::from_secs(3));
        controller.signal("CONT");
        asking.join().unwrap()
    });
    assert_eq!(number, "A002");
    assert_eq!(kiosk.take_number("social"), "A003", "the repetitions took no tickets of their own");
}

#[test]
fn a_second_controller_on_the_same_journal_is_refused_and_told_who_has_it() {
    let hall = TestHall::new(1, &[]);
    let _first = hall.start();
    let other = TestHall::new(1, &[]);
    let text = std::fs::read_to_string(other.config()).unwrap();
    let text = text.replace(other.data().to_str().unwrap(), hall.data().to_str().unwrap());
    std::fs::write(other.config(), text).unwrap();
    let (code, _, errors) = controller::run(&["run", "--config", other.config().to_str().unwrap()]);
    assert_eq!(code, 1, "{errors}");
    let journal = hall.data();
    assert!(errors.contains(journal.to_str().unwrap()) && errors.contains("process"), "{errors}");
    assert!(errors.contains("stop that controller first"), "{errors}");
}
