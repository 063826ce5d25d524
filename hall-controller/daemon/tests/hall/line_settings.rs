//! How a serial port is set and whose it is: RS-485, stop bits, and a second daemon that wants it.

use std::process::Command;

use hall_signs::emulator::modbus::VirtualModbus;

use crate::support::emulator::{Emulator, called};
use crate::support::eventually;
use crate::support::far_end::FarEnd;
use crate::support::hall::{Device, TestHall, window_sign};

#[test]
fn a_second_daemon_is_told_who_has_the_port() {
    let lines = tempfile::TempDir::new().unwrap();
    let line = lines.path().join("line-1");
    let emulator = Emulator::start(&line, &[1]);
    let sign = window_sign(1, 1);
    let first = TestHall::new(1, &[(&line, &sign)]);
    let owner = first.start();
    let second = TestHall::new(1, &[(&line, &sign)]);
    let refused = second.start();
    let entry = eventually("the port is refused", || refused.logged("sign line cannot be opened"));
    let why = entry["why"].as_str().unwrap();
    assert!(why.contains(&format!("process {} (", owner.id())), "{why}");
    assert!(why.contains("hall-controller") && why.contains("has it open; stop that program"), "{why}");
    assert!(second.get("/signs?lang=en").contains(&format!("process {}", owner.id())));
    // Once the first has gone, the second takes the line by itself.
    drop(owner);
    let client = second.client("devices");
    let mut kiosk = Device::new(&client, "kiosk/K1", 1);
    let mut pad = Device::new(&client, "window/1", 1);
    pad.press("open");
    let number = kiosk.take_number("social");
    pad.press("next");
    emulator.await_page(1, &called("1", &number));
}

#[test]
fn a_port_whose_driver_cannot_switch_the_direction_is_told_with_the_way_out() {
    let lines = tempfile::TempDir::new().unwrap();
    let line = lines.path().join("line-1");
    let _emulator = Emulator::start(&line, &[1]);
    let sign = format!("rs485 = \"kernel\"\n{}", window_sign(1, 1));
    let hall = TestHall::new(1, &[(&line, &sign)]);
    let controller = hall.start();
    let entry = eventually("the port is refused", || controller.logged("sign line cannot be opened"));
    let why = entry["why"].as_str().unwrap();
    assert!(
        why.contains("does not switch the direction of RS-485") && why.contains("rs485 = \"echo\""),
        "{why}"
    );
}

#[test]
fn stop_bits_and_flow_control_are_the_port_s() {
    let lines = tempfile::TempDir::new().unwrap();
    let line = lines.path().join("line-1");
    let emulator = Emulator::start(&line, &[1]);
    let sign = format!("stop_bits = 2\nflow_control = \"software\"\n{}", window_sign(1, 1));
    let hall = TestHall::new(1, &[(&line, &sign)]);
    let controller = hall.start();
    eventually("the line opens", || controller.logged("sign line open"));
    let told = Command::new("stty").arg("-a").arg("-F").arg(&line).output().unwrap();
    let told = String::from_utf8(told.stdout).unwrap();
    let has = |word: &str| told.split([' ', ';', '\n']).any(|known| known == word);
    assert!(has("cstopb") && has("ixon") && has("-parenb"), "{told}");
    drop((emulator, controller));
}

/// A display that answers function 0x06 by repeating the request, behind an adapter that repeats it
/// too: without the filter nobody could tell the two.
struct Echoing {
    display: VirtualModbus,
    has_power: bool,
    clock_ns: u64,
}

impl Echoing {
    fn hear(&mut self, bytes: &[u8]) -> Vec<u8> {
        self.clock_ns += 1_000_000_000;
        let mut line = bytes.to_vec();
        if self.has_power {
            self.display.receive(bytes, self.clock_ns);
            self.clock_ns += 1_000_000_000;
            line.extend(self.display.pass_time(self.clock_ns));
        }
        line
    }
}

#[test]
fn an_adapter_that_gives_back_what_is_sent_is_no_display() {
    let lines = tempfile::TempDir::new().unwrap();
    let line = lines.path().join("line-1");
    let display = VirtualModbus::new(1, 0, 1, 115_200);
    let echoing = Echoing { display, has_power: false, clock_ns: 0 };
    let far = FarEnd::start(&line, echoing, Echoing::hear);
    let sign = "rs485 = \"echo\"\nprotocol = \"modbus-rtu\"\n[line.modbus-rtu]\nfunction = \"write-one\"\n\
                [[line.sign]]\nid = \"D1\"\naddress = 1\nshows = { window = \"1\" }\n";
    let hall = TestHall::new(1, &[(&line, sign)]);
    let controller = hall.start();
    let entry = eventually("the display without power is dark", || controller.logged("sign is dark"));
    let why = entry["why"].as_str().unwrap();
    assert!(why.starts_with("no answer") && why.ends_with(": power, address switch, wiring?"), "{why}");
    far.device.lock().unwrap().has_power = true;
    let client = hall.client("devices");
    let mut kiosk = Device::new(&client, "kiosk/K1", 1);
    let mut pad = Device::new(&client, "window/1", 1);
    pad.press("open");
    kiosk.take_number("social");
    pad.press("next");
    far.await_that("the display shows 001", |echoing| echoing.display.registers() == [0xF001]);
    eventually("the display is known to answer", || controller.logged("sign answers again"));
}
