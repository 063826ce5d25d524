//! A day of 10,000 citizens over real MQTT, speeded up: 20 kiosks and 100 call pads as clients of their
//! own, with the controller's broker and with Mosquitto. Nothing may be lost; see `driver` for what that
//! means. `cargo xtask bench day`.
#![allow(missing_docs)]

#[path = "day/driver.rs"]
mod driver;

use std::path::Path;

use driver::{Broker, Figures, Size, drive};

const SIZE: Size = Size { citizens: 10_000, kiosks: 20, windows: 100 };

fn main() {
    let binary = Path::new(env!("CARGO_BIN_EXE_hall-controller"));
    println!(
        "{} citizens, {} kiosks, {} windows; issued = acknowledged, each number once, every ticket finished",
        SIZE.citizens, SIZE.kiosks, SIZE.windows
    );
    println!(
        "{:<12} {:>9} {:>12} {:>12} {:>9} {:>10}",
        "broker", "time", "tickets", "presses", "events", "memory"
    );
    for broker in [Broker::Embedded, Broker::Mosquitto] {
        let Figures { took, presses, peak_kib, events } = drive(binary, broker, SIZE);
        let seconds = took.as_secs_f64();
        println!(
            "{:<12} {seconds:>7.1} s {:>10.0}/s {:>10.0}/s {events:>9} {:>6.1} MiB",
            format!("{broker:?}").to_lowercase(),
            f64::from(SIZE.citizens) / seconds,
            f64::from(presses) / seconds,
            f64::from(u32::try_from(peak_kib).unwrap_or(u32::MAX)) / 1024.0,
        );
    }
}
