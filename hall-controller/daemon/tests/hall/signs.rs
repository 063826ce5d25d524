//! A line that is cut, noisy or half deaf heals, and other lines do not notice.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use hall_protocol::sign::SignAddress;
use hall_signs::emulator::{VirtualLine, VirtualSign};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_serial::{SerialPort, SerialStream};

use crate::support::emulator::{Emulator, called, panel};
use crate::support::eventually;
use crate::support::hall::{Device, TestHall, window_sign};

#[test]
fn a_line_that_is_unplugged_and_plugged_in_again_heals_and_the_other_line_goes_on() {
    let lines = tempfile::TempDir::new().unwrap();
    let (cut, other) = (lines.path().join("line-1"), lines.path().join("line-2"));
    let first = Emulator::start(&cut, &[1]);
    let second = Emulator::start(&other, &[1]);
    let signs = [window_sign(1, 1), window_sign(1, 2).replace("\"S1\"", "\"S2\"")];
    let hall = TestHall::new(2, &[(&cut, &signs[0]), (&other, &signs[1])]);
    let controller = hall.start();
    let client = hall.client("devices");
    let mut kiosk = Device::new(&client, "kiosk/K1", 1);
    let (mut pad_1, mut pad_2) = (Device::new(&client, "window/1", 1), Device::new(&client, "window/2", 1));
    for _ in 0..3 {
        kiosk.take_number("social");
    }
    pad_1.press("open");
    pad_1.press("next");
    first.await_page(1, &called("1", "A001"));

    drop(first);
    let _ = std::fs::remove_file(&cut);
    eventually("the line is missed", || controller.logged("sign line lost: unplugged?"));
    pad_2.press("open");
    pad_2.press("next");
    second.await_page(1, &called("2", "A002"));
    pad_1.press("start");
    pad_1.press("next");

    let first = Emulator::start(&cut, &[1]);
    first.await_page(1, &called("1", "A003"));
}

#[test]
fn noise_on_the_line_and_replies_that_get_lost_do_not_keep_the_sign_from_its_picture() {
    let lines = tempfile::TempDir::new().unwrap();
    let line = lines.path().join("line-1");
    let noisy = NoisyLine::start(&line);
    let sign = window_sign(1, 1);
    let hall = TestHall::new(1, &[(&line, &sign)]);
    let _controller = hall.start();
    let client = hall.client("devices");
    let mut kiosk = Device::new(&client, "kiosk/K1", 1);
    let mut pad = Device::new(&client, "window/1", 1);
    pad.press("open");
    for round in 1..=5 {
        let number = kiosk.take_number("tax");
        pad.press("next");
        let wanted = called("1", &number).render(panel());
        eventually(&format!("round {round}: the sign shows {number}"), || {
            (*noisy.shown.lock().unwrap() == Some(wanted.clone())).then_some(())
        });
        pad.press("finish");
    }
    assert!(noisy.dropped.load(Ordering::Relaxed) > 0, "no reply was dropped: the test proves nothing");
}

/// A sign behind a bad cable: every third reply is lost, and noise comes before the others.
struct NoisyLine {
    shown: Arc<std::sync::Mutex<Option<hall_signs::Frame>>>,
    dropped: Arc<AtomicU32>,
}

impl NoisyLine {
    fn start(link: &Path) -> Self {
        let (shown, dropped) = (Arc::default(), Arc::new(AtomicU32::new(0)));
        let this = Self { shown: Arc::clone(&shown), dropped: Arc::clone(&dropped) };
        let made = link.to_owned();
        std::thread::spawn(move || {
            tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
                let (mut far, near) = SerialStream::pair().unwrap();
                let port = near.name().unwrap();
                // Somebody has it open from now on: a hang-up would be the far end's last word.
                let _open = std::fs::File::open(&port).unwrap();
                drop(near);
                std::os::unix::fs::symlink(port, &made).unwrap();
                let address = SignAddress::new(1).unwrap();
                let mut sign = VirtualLine::new(vec![VirtualSign::new(address, panel())]);
                let (mut replies, mut bytes) = (0_u32, [0; 4_096]);
                loop {
                    let Ok(count @ 1..) = far.read(&mut bytes).await else {
                        tokio::time::sleep(Duration::from_millis(10)).await;
                        continue;
                    };
                    let reply = sign.receive(&bytes[..count], Instant::now());
                    *shown.lock().unwrap() = sign.picture(address).cloned();
                    if reply.is_empty() {
                        continue;
                    }
                    replies += 1;
                    if replies.is_multiple_of(3) {
                        dropped.fetch_add(1, Ordering::Relaxed);
                    } else {
                        let _ = far.write_all(&[0x55, 0xAA, 0x13, 0xFE]).await;
                        let _ = far.write_all(&reply).await;
                    }
                }
            });
        });
        eventually("the noisy line appears", || link.exists().then_some(()));
        this
    }
}
