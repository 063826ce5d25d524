//! Signs of other makers on the daemon's lines: what an emulator that shares no code with the encoder
//! shows after a call.

use std::path::Path;
use std::time::Instant;

use hall_protocol::sign::{Depth, SignAddress};
use hall_signs::Panel;
use hall_signs::emulator::bx5k::VirtualBx5k;
use hall_signs::emulator::template::{Expect, VirtualTemplate};
use hall_signs::emulator::{VirtualLine, VirtualSign};

use crate::support::emulator::Emulator;
use crate::support::eventually;
use crate::support::far_end::FarEnd;
use crate::support::hall::{Device, TestHall, window_sign};

/// The display of a manual that says: `AA 55`, window in two places, number in four, the bytes from the
/// window on exclusive-or'ed, `0D`. It answers `OK`.
const MANUAL: &str = r"
protocol = 'template'
[line.template]
called = '\xAA\x55{from}{window:2}{number:4}{checksum}\r'
checksum = 'xor'
reply = 'OK'
";

fn display_of_the_manual() -> VirtualTemplate {
    let xor = |bytes: &[u8]| vec![bytes.iter().fold(0, |all, byte| all ^ byte)];
    let frame = vec![
        Expect::Bytes(vec![0xAA, 0x55]),
        Expect::Window(2),
        Expect::Number(4),
        Expect::Check { from: 2, length: 1, of: xor },
        Expect::Bytes(vec![13]),
    ];
    VirtualTemplate::new(frame, b"OK".to_vec())
}

#[test]
fn a_font_card_and_a_display_of_a_manual_show_what_was_called() {
    let lines = tempfile::TempDir::new().unwrap();
    let (card_line, display_line) = (lines.path().join("line-1"), lines.path().join("line-2"));
    let card = Emulator::speaking("onbon-bx5k", &card_line, &[1]);
    let display = FarEnd::start(&display_line, display_of_the_manual(), VirtualTemplate::receive);
    let card_sign = format!("protocol = \"onbon-bx5k\"\n{}", window_sign(1, 1));
    let display_sign =
        format!("{MANUAL}\n[[line.sign]]\nid = \"D1\"\naddress = 1\nshows = {{ window = \"1\" }}\n");
    let hall = TestHall::new(1, &[(&card_line, &card_sign), (&display_line, &display_sign)]);
    let controller = hall.start();
    let client = hall.client("devices");
    let mut kiosk = Device::new(&client, "kiosk/K1", 1);
    let mut pad = Device::new(&client, "window/1", 1);
    card.await_text(1, &["窗口关闭"]);
    let shows = |number: &str| {
        display.await_that(&format!("the display shows {number}"), |display| {
            (display.number(), display.window()) == (number, "1")
        });
    };
    shows("---");
    pad.press("open");
    card.await_text(1, &["1号窗口 空闲", "社会保险等"]);
    for _ in 0..2 {
        let number = kiosk.take_number("social");
        pad.press("next");
        card.await_text(1, &[&number, "请到1号窗口"]);
        shows(&number);
        let told =
            || hall.get("/signs?lang=en").contains("Shown instead of the page: only number and window");
        eventually("the wall tells what the display shows instead", || told().then_some(()));
        pad.press("finish");
    }
    assert!(controller.logged("sign shows it").is_some(), "the press was followed to the sign");
}

#[test]
fn a_card_s_own_clock_is_set_to_the_hall_s_local_time() {
    let lines = tempfile::TempDir::new().unwrap();
    let line = lines.path().join("line-1");
    let card = FarEnd::start(&line, VirtualBx5k::new(1, 128, 32), VirtualBx5k::receive);
    let sign = format!("protocol = \"onbon-bx5k\"\n{}", window_sign(1, 1));
    let hall = TestHall::new(1, &[(&line, &sign)]);
    let _controller = hall.start();
    card.await_that("the card's clock is set", |card| card.clock().is_some());
    let [year, month, day, hour, minute, second, weekday] = card.device.lock().unwrap().clock().unwrap();
    let zone = jiff::tz::TimeZone::get("Asia/Shanghai").unwrap();
    let now = zone.to_datetime(jiff::Timestamp::now());
    let written = format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}");
    let set: jiff::civil::DateTime = written.parse().unwrap();
    let passed_s = now.duration_since(set).as_secs();
    // As long as the test may take to look.
    assert!((-1..30).contains(&passed_s), "{set} is {passed_s} s before {now}");
    assert_eq!(i64::from(weekday), i64::from(set.weekday().to_monday_one_offset()));
}

#[test]
fn a_card_dims_by_its_own_clock_says_calls_and_is_on_while_it_has_to_be() {
    let lines = tempfile::TempDir::new().unwrap();
    let line = lines.path().join("line-1");
    let card = FarEnd::start(&line, VirtualBx5k::new(1, 128, 32), VirtualBx5k::receive);
    let zone = jiff::tz::TimeZone::get("Asia/Shanghai").unwrap();
    let hour = i32::from(zone.to_datetime(jiff::Timestamp::now()).hour());
    // Some hours of the day that are not now.
    let lit = format!("{:02}:00-{:02}:00", (hour + 6) % 24, (hour + 8) % 24);
    let sign = format!("protocol = \"onbon-bx5k\"\n{}", window_sign(1, 1)).replace(
        "colour",
        &format!(
            "lit = \"{lit}\"\nvoice = {{ volume = 8 }}\n\
             brightness = [{{ from = \"07:00\", percent = 100 }}, {{ from = \"18:30\", percent = 40 }}]\ncolour"
        ),
    );
    let hall = TestHall::new(1, &[(&line, &sign)]);
    let controller = hall.start();
    let levels: Vec<u8> = (0..48).map(|at| if (14..37).contains(&at) { 15 } else { 6 }).collect();
    card.await_that("the card has the day's levels", |card| card.levels() == levels);
    card.await_that("nobody is called, and it is not its time of the day", |card| !card.is_on());

    let client = hall.client("devices");
    let (mut kiosk, mut pad) = (Device::new(&client, "kiosk/K1", 1), Device::new(&client, "window/1", 1));
    pad.press("open");
    let number = kiosk.take_number("social");
    pad.press("next");
    card.await_that("it is on for the call", |card| card.is_on() && card.lines().contains(&number));
    let said = format!("请{number}号到1号窗口");
    assert_eq!(card.device.lock().unwrap().heard(), std::slice::from_ref(&said));
    pad.press("recall");
    card.await_that("the recall is said, too", |card| card.heard() == [said.clone(), said.clone()]);
    pad.press("finish");
    card.await_that("nobody is there any more", |card| !card.is_on());
    controller.kill();

    // Switched on again by hand meanwhile; the next start knows nothing of that, and says nothing of old calls.
    let times = card.device.lock().unwrap().times_dimmed();
    let _controller = hall.start();
    card.await_that("it is told its levels again", |card| card.times_dimmed() == times + 1);
    card.await_that("it is off again", |card| !card.is_on());
    let card = card.device.lock().unwrap();
    assert_eq!((card.heard().len(), card.times_dimmed(), card.flash_writes()), (2, 2, 0));
}

#[test]
fn a_sign_of_another_time_is_named_with_its_versions_and_the_cure() {
    let lines = tempfile::TempDir::new().unwrap();
    let line = lines.path().join("line-1");
    let newer = VirtualSign::new(SignAddress::FIRST, Panel::new(128, 32, Depth::RedGreen).unwrap());
    let newer = VirtualLine::new(vec![newer.speaking(2, 3)]);
    let _far = FarEnd::start(&line, newer, |line, bytes| line.receive(bytes, Instant::now()));
    let sign = window_sign(1, 1);
    let hall = TestHall::new(1, &[(&line, &sign)]);
    let controller = hall.start();
    let entry = eventually("the sign is dark", || controller.logged("sign is dark"));
    let why = "the sign (firmware 1.0.0) speaks versions 2 to 3 of the protocol, this controller version 1: update \
               this controller, or load the sign with firmware of its time";
    assert_eq!((entry["sign"].as_str(), entry["why"].as_str()), (Some("S1"), Some(why)));
    let page = || hall.get("/signs?lang=en");
    eventually("the wall tells it", || page().contains(&format!("Trouble: {why}")).then_some(()));
    assert!(hall.get("/signs?lang=zh").contains("故障："));
}

/// Every protocol on emulated lines: the page `/signs` shows what the emulators decoded, and none is
/// behind.
#[test]
fn emulated_lines_of_every_protocol_show_a_call() {
    let directory = tempfile::TempDir::new().unwrap();
    let sign = window_sign(1, 1);
    let characters = |head: &str| {
        format!("{head}\n[[line.sign]]\nid = \"S1\"\naddress = 1\nshows = {{ window = \"1\" }}\n")
    };
    let signs = [
        sign.clone(),
        format!("protocol = \"onbon-bx5k\"\n{sign}"),
        format!("protocol = \"onbon-bx6q\"\n{sign}"),
        format!("protocol = \"cp5200\"\n{sign}"),
        format!("protocol = \"cp5200\"\n[line.cp5200]\npages = \"text\"\n{sign}"),
        characters("protocol = \"alpha\"\n[line.alpha]\ncolumns = 16"),
        characters("protocol = \"modbus-rtu\""),
        characters(MANUAL),
    ];
    let signs: Vec<String> =
        signs.iter().enumerate().map(|(at, text)| text.replace("\"S1\"", &format!("\"S{at}\""))).collect();
    let emulator = Path::new("emulator");
    let lines: Vec<(&Path, &str)> = signs.iter().map(|text| (emulator, text.as_str())).collect();
    let hall = TestHall::new(1, &lines);
    drop(directory);
    let _controller = hall.start();
    let client = hall.client("devices");
    let mut kiosk = Device::new(&client, "kiosk/K1", 1);
    let mut pad = Device::new(&client, "window/1", 1);
    pad.press("open");
    kiosk.take_number("social");
    pad.press("next");
    let wall = || {
        let page = hall.get("/signs?lang=en");
        let behind = page.matches("<span class=\"behind\" hidden>").count();
        let decoded = page.matches("Pixels decoded by the independent emulator").count();
        let ok = page.matches("data-health=\"ok\"").count();
        (behind, decoded, ok)
    };
    eventually("every sign shows the call", || (wall() == (8, 8, 8)).then_some(()));
    let page = hall.get("/signs?lang=en");
    for instead in
        ["only number and window", "only the number&#39;s digits", "the words in the sign&#39;s own font"]
    {
        let instead = instead.replace("&#39;", "'");
        assert!(page.contains(&instead), "{instead}: {page}");
    }
}
