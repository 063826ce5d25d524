//! A line of font cards whose speed nobody wrote down: the card is asked at each of the two it may have.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

use crate::support::controller::run;
use crate::support::emulator::Emulator;
use crate::support::eventually;
use crate::support::hall::{TestHall, window_sign};

/// A hall of one window whose sign, a font card, hangs on this line of unknown speed.
fn hall(line: &Path) -> TestHall {
    let hall = TestHall::new(1, &[(line, &format!("protocol = \"onbon-bx5k\"\n{}", window_sign(1, 1)))]);
    let mut config = std::fs::read_to_string(hall.config()).unwrap();
    config = config.replace("baud = 57600", "baud = \"auto\"");
    let token = hall.config().with_file_name("technician.token");
    std::fs::write(token, "fedcba9876543210fedcba9876543210").unwrap();
    let client = "\n[[client]]\nid = \"technician\"\ntoken_file = \"technician.token\"\nmay = [\"signs\"]\n";
    config.write_str(client).unwrap();
    std::fs::write(hall.config(), config).unwrap();
    hall
}

fn done(hall: &TestHall, command: &[&str]) -> String {
    let (code, said, errors) = run(&[command, &["--config", hall.config().to_str().unwrap()]].concat());
    assert_eq!(code, 0, "{command:?}: {errors}");
    said
}

#[test]
fn the_speed_of_a_font_card_is_found_and_found_again_when_it_is_set_to_another() {
    let directory = TempDir::new().unwrap();
    let line = directory.path().join("line-1");
    let hall = hall(&line);
    let check = done(&hall, &["check"]);
    assert!(check.contains("the one of 9600 and 57600 baud at which a card answers"), "{check}");

    let fast = Emulator::only_at(57_600, "onbon-bx5k", &line, &[1]);
    let controller = hall.start();
    fast.await_text(1, &["窗口关闭"]);
    let listed = |baud: u32| {
        eventually(&format!("the line is known to run at {baud}"), || {
            let list: Value = serde_json::from_str(&done(&hall, &["sign", "list", "--json"])).unwrap();
            (list["signs"][0]["baud"] == baud && list["signs"][0]["state"] == "ok").then_some(list)
        })
    };
    assert_eq!(listed(57_600)["signs"][0]["baud_auto"], true);
    assert!(done(&hall, &["sign", "list"]).contains("57600 found"));
    let identified = done(&hall, &["sign", "identify", "--seconds", "1"]);
    let expected = format!("S1: address 1 on {} at 57600 baud, which was found", line.display());
    assert!(identified.contains(&expected), "{identified}");
    assert!(controller.logged("a card answers: this is the line's speed").is_some());

    // Another card in its place, as it comes from the factory.
    drop(fast);
    let slow = Emulator::only_at(9_600, "onbon-bx5k", &line, &[1]);
    slow.await_text(1, &["窗口关闭"]);
    listed(9_600);
}
