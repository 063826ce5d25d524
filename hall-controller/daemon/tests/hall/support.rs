//! What every end-to-end test needs: the real binary as a process, an MQTT client, a hall to run.

pub mod city;
pub mod client;
pub mod controller;
pub mod emulator;
pub mod hall;
pub mod load;
pub mod mounted;
pub mod webdriver;
pub mod wire;

use std::time::{Duration, Instant};

/// Longer than anything here takes on a loaded machine; reaching it fails the test.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// Ask `found` again and again until it answers; `what` names the thing in the failure.
pub fn eventually<T>(what: &str, mut found: impl FnMut() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(found) = found() {
            return found;
        }
        assert!(started.elapsed() < PATIENCE, "{what}: not within {} s", PATIENCE.as_secs());
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// A TCP port nobody uses at this moment.
pub fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
