//! A call pad on the line of its window's sign: its keys do what a pad on MQTT does.

use std::time::Instant;

use hall_protocol::sign::SignAddress;
use hall_signs::call_pad::{PadFrame, PadReader};
use hall_signs::emulator::{VirtualLine, VirtualSign};

use crate::support::emulator::{called, panel};
use crate::support::eventually;
use crate::support::far_end::FarEnd;
use crate::support::hall::{Device, TestHall, window_sign};

const PADS: &str = r#"
[line.pads]
poll = 0x5B
keys = { next = 0x01, recall = 0x02, pause = 0x10, transfer = 0x20 }
[[line.pad]]
address = 9
window = "1"
transfer_to = "tax"
"#;

/// A sign and a pad on one pair of wires.
struct Counter {
    sign: VirtualLine,
    reader: PadReader,
    down: u8,
    has_power: bool,
}

impl Counter {
    fn hear(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut answers = self.sign.receive(bytes, Instant::now());
        for frame in bytes.iter().filter_map(|byte| self.reader.push(*byte)) {
            if self.has_power && frame.address == 9 && frame.command == 0x5B {
                answers.extend(PadFrame { address: 9, command: 0xDB, data: vec![self.down] }.bytes());
            }
        }
        answers
    }
}

#[test]
fn the_keys_of_a_serial_pad_call_recall_transfer_and_open_the_window() {
    let lines = tempfile::TempDir::new().unwrap();
    let line = lines.path().join("line-1");
    let sign = VirtualLine::new(vec![VirtualSign::new(SignAddress::FIRST, panel())]);
    let counter = Counter { sign, reader: PadReader::default(), down: 0, has_power: true };
    let far = FarEnd::start(&line, counter, Counter::hear);
    let hall = TestHall::new(1, &[(&line, &format!("{PADS}{}", window_sign(1, 1)))]);
    let controller = hall.start();
    let client = hall.client("devices");
    let mut kiosk = Device::new(&client, "kiosk/K1", 1);
    let number = kiosk.take_number("social");
    eventually("the pad is found", || controller.logged("call pad answers"));
    let press = |key: u8| {
        let done = || {
            let logs = controller.logs();
            logs.iter()
                .filter(|line| {
                    line["message"]
                        .as_str()
                        .is_some_and(|said| said.starts_with("press of a serial call pad"))
                })
                .count()
        };
        let before = done();
        far.device.lock().unwrap().down = key;
        eventually("the press is done or refused", || (done() > before).then_some(()));
        far.device.lock().unwrap().down = 0;
        // The pad's release has to be heard before the same key can go down again.
        std::thread::sleep(std::time::Duration::from_millis(300));
    };
    let window = || hall.view()["windows"][0].clone();
    press(0x10);
    assert_eq!(window()["mode"], "open", "{}", window());
    press(0x01);
    far.await_that("the sign shows the call", |counter| {
        counter.sign.picture(SignAddress::FIRST) == Some(&called("1", &number).render(panel()))
    });
    press(0x02);
    assert_eq!(window()["ticket"]["recalls"], 1, "{}", window());
    press(0x20);
    assert!(window()["ticket"].is_null(), "{}", window());
    press(0x10);
    assert_eq!(window()["mode"], "paused", "{}", window());
    press(0x10);
    assert_eq!(window()["mode"], "open", "{}", window());
    // Another pad of the same window presses, and this one goes on after it.
    let mut other = Device::new(&client, "window/1", 7);
    other.press("pause");
    press(0x10);
    assert_eq!(window()["mode"], "open", "{}", window());
    far.device.lock().unwrap().has_power = false;
    let gone = "call pad answers no more: power, address switch, wiring?";
    eventually("the pad without power is missed", || controller.logged(gone));
    assert_eq!(hall.counted("serial_pad", "away"), 1);
}
