//! A line behind a serial device server: it may go away and come again.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use hall_protocol::sign::SignAddress;
use hall_signs::Frame;
use hall_signs::emulator::{VirtualLine, VirtualSign};
use hall_signs::page::{WindowContent, WindowPage};

use crate::support::emulator::{called, panel};
use crate::support::eventually;
use crate::support::hall::{Device, TestHall, window_sign};

#[test]
fn a_sign_behind_a_device_server_heals_when_the_server_comes_again() {
    let port = port_to_come_back_to();
    let server = DeviceServer::start(port);
    let url = format!("tcp://127.0.0.1:{port}");
    let hall = TestHall::new(1, &[(Path::new(&url), &window_sign(1, 1))]);
    let controller = hall.start();
    let client = hall.client("devices");
    let mut kiosk = Device::new(&client, "kiosk/K1", 1);
    let mut pad = Device::new(&client, "window/1", 1);
    pad.press("open");
    let first = kiosk.take_number("social");
    pad.press("next");
    server.await_shown(&called("1", &first).render(panel()));

    server.stop();
    let lost = eventually("the server is missed", || controller.logged("sign line lost: unplugged?"));
    assert!(lost["error"].as_str().unwrap().contains("the device server closed the connection"), "{lost}");
    let closed = eventually("nobody answers there", || controller.logged("sign line cannot be opened"));
    assert!(closed["why"].as_str().unwrap().contains("is the device server on"), "{closed}");
    assert!(hall.get("/signs?lang=en").contains(&format!("Line {url} is not open")));
    let second = kiosk.take_number("social");
    pad.press("start");
    pad.press("next");

    let server = DeviceServer::start(port);
    server.await_shown(&called("1", &second).render(panel()));
    eventually("the line is open again", || {
        (!hall.get("/signs?lang=en").contains("is not open")).then_some(())
    });
}

#[test]
fn a_second_controller_on_a_server_s_port_is_told_who_has_it_and_gets_it_when_that_one_ends() {
    let port = port_to_come_back_to();
    let server = DeviceServer::start(port);
    let [first, second] = ["127.0.0.1", "localhost"].map(|host| {
        let url = format!("tcp://{host}:{port}");
        TestHall::new(1, &[(Path::new(&url), &window_sign(1, 1))])
    });
    let owner = first.start();
    server.await_shown(&closed().render(panel()));
    let other = second.start();
    let refused = eventually("the second is refused", || other.logged("sign line cannot be opened"));
    let why = refused["why"].as_str().unwrap();
    assert!(why.contains(&format!("process {} (", owner.id())) && why.contains("hall-controller"), "{why}");
    assert!(other.logged("sign line open").is_none(), "nobody connects beside it");
    drop(owner);
    eventually("the second has it then", || other.logged("sign line open"));
}

fn closed() -> WindowPage {
    WindowPage { label: "1".into(), state: WindowContent::Closed }
}

/// Below those that connections get by themselves: nobody takes it while the server is away.
fn port_to_come_back_to() -> u16 {
    let first = 20_000 + u16::try_from(std::process::id() % 10_000).unwrap();
    let free = |port: &u16| TcpListener::bind(("127.0.0.1", *port)).is_ok();
    (first..32_000).find(free).unwrap()
}

/// A box with one serial port, on which hangs a sign; one connection at a time, as such boxes have.
struct DeviceServer {
    shown: Arc<Mutex<Option<Frame>>>,
    stop: Arc<AtomicBool>,
    thread: std::thread::JoinHandle<()>,
}

impl DeviceServer {
    fn start(port: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", port)).unwrap();
        listener.set_nonblocking(true).unwrap();
        let (shown, stop) = (Arc::new(Mutex::new(None)), Arc::new(AtomicBool::new(false)));
        let (kept, stopped) = (Arc::clone(&shown), Arc::clone(&stop));
        let thread = std::thread::spawn(move || {
            let mut line = VirtualLine::new(vec![VirtualSign::new(SignAddress::FIRST, panel())]);
            while !stopped.load(Ordering::Relaxed) {
                match listener.accept() {
                    Ok((stream, _)) => serve(stream, &mut line, &kept, &stopped),
                    Err(_) => std::thread::sleep(Duration::from_millis(5)),
                }
            }
        });
        Self { shown, stop, thread }
    }

    fn stop(self) {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.join().unwrap();
    }

    fn await_shown(&self, frame: &Frame) {
        eventually("the sign behind the server shows it", || {
            (self.shown.lock().unwrap().as_ref() == Some(frame)).then_some(())
        });
    }
}

fn serve(mut stream: TcpStream, line: &mut VirtualLine, shown: &Mutex<Option<Frame>>, stopped: &AtomicBool) {
    stream.set_nonblocking(false).unwrap();
    stream.set_read_timeout(Some(Duration::from_millis(10))).unwrap();
    let mut bytes = [0; 4_096];
    while !stopped.load(Ordering::Relaxed) {
        match stream.read(&mut bytes) {
            Ok(0) => return,
            Ok(count) => {
                let reply = line.receive(&bytes[..count], Instant::now());
                *shown.lock().unwrap() = line.picture(SignAddress::FIRST).cloned();
                if stream.write_all(&reply).is_err() {
                    return;
                }
            }
            Err(_) => {}
        }
    }
}
