//! What a technician and the hall's staff do from the command line while the hall is open: look after
//! the signs, and put up an emergency text.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

use hall_signs::page::{EmergencyPage, IdentityPage, Page, TestPattern, WindowContent, WindowPage};
use serde_json::Value;
use tempfile::TempDir;

use crate::support::controller::{BINARY, Controller, run};
use crate::support::emulator::{Emulator, called, panel};
use crate::support::eventually;
use crate::support::hall::{Device, TestHall, window_sign};
use crate::support::webdriver::Browser;
use crate::support::wire;

const TOKEN: &str = "fedcba9876543210fedcba9876543210";

/// A hall of two windows with a sign each on one line, a technician who may test signs and a guard who
/// may warn.
struct Staffed {
    _lines: TempDir,
    emulator: Emulator,
    hall: TestHall,
    port: String,
}

impl Staffed {
    fn new() -> Self {
        let lines = TempDir::new().unwrap();
        let line = lines.path().join("line-1");
        let emulator = Emulator::start(&line, &[1, 2]);
        let signs = window_sign(1, 1) + &window_sign(2, 2).replace("\"S1\"", "\"S2\"");
        let hall = TestHall::new(2, &[(&line, &signs)]);
        let mut config = std::fs::read_to_string(hall.config()).unwrap();
        for (id, may) in
            [("technician", "\"signs\""), ("guard", "\"emergency\""), ("city", "\"appointments\"")]
        {
            write!(config, "\n[[client]]\nid = \"{id}\"\ntoken_file = \"{id}.token\"\nmay = [{may}]\n")
                .unwrap();
            std::fs::write(hall.config().with_file_name(format!("{id}.token")), format!("{TOKEN}{id}"))
                .unwrap();
        }
        std::fs::write(hall.config(), config).unwrap();
        Self { _lines: lines, emulator, hall, port: line.display().to_string() }
    }

    fn start(&self) -> Controller {
        self.hall.start()
    }

    /// Run a command on the hall's configuration: exit code, standard output, standard error.
    fn run(&self, command: &[&str]) -> (i32, String, String) {
        run(&[command, &["--config", self.hall.config().to_str().unwrap()]].concat())
    }

    /// Run a command that must do.
    fn done(&self, command: &[&str]) -> String {
        let (code, said, errors) = self.run(command);
        assert_eq!(code, 0, "{command:?}: {errors}");
        said
    }
}

fn closed(window: &str) -> WindowPage {
    WindowPage { label: window.into(), state: WindowContent::Closed }
}

#[test]
fn a_technician_lists_tests_and_identifies_signs_and_they_show_their_pages_again() {
    let staffed = Staffed::new();
    let controller = staffed.start();
    staffed.emulator.await_page(1, &closed("1"));
    staffed.emulator.await_page(2, &closed("2"));

    let list: Value = eventually("both signs are well", || {
        let list: Value = serde_json::from_str(&staffed.done(&["sign", "list", "--json"])).unwrap();
        list["signs"].as_array().unwrap().iter().all(|sign| sign["shown"] == true).then_some(list)
    });
    let first = &list["signs"][0];
    for (key, value) in [
        ("id", Value::from("S1")),
        ("line", staffed.port.as_str().into()),
        ("address", 1.into()),
        ("width_px", 128.into()),
        ("height_px", 32.into()),
        ("protocol", "native".into()),
        ("state", "ok".into()),
        ("says", "窗口关闭".into()),
    ] {
        assert_eq!(first[key], value, "{first}");
    }
    let table = staffed.done(&["sign", "list"]);
    assert!(table.starts_with("SIGN ") && table.contains("128x32  red-green  native    ok"), "{table}");

    let pattern = Page::Test(TestPattern::Modules).render(panel(), 0);
    let said = staffed.done(&["sign", "test", "S2", "--pattern", "modules", "--seconds", "2"]);
    assert_eq!(said, "1 signs for 2 s, then they show their pages again.\n");
    staffed.emulator.await_frame(2, &pattern, "the pattern");
    staffed.emulator.await_page(1, &closed("1"));
    staffed.emulator.await_page(2, &closed("2"));

    staffed.done(&["sign", "identify", "--seconds", "2"]);
    let identity = |id: &str, address: u8| {
        let (shows, port) = (format!("窗口 {address}"), "line-1".to_owned());
        Page::Identity(IdentityPage { id: id.into(), address, shows, port }).render(panel(), 0)
    };
    staffed.emulator.await_frame(1, &identity("S1", 1), "who it is");
    staffed.emulator.await_frame(2, &identity("S2", 2), "who it is");
    staffed.emulator.await_page(1, &closed("1"));
    let asked = controller.logged("signs show what a technician asked for").unwrap();
    assert!(asked.to_string().contains("technician"), "{asked}");

    let (code, _, errors) = staffed.run(&["sign", "test", "S3"]);
    assert!(code == 1 && errors.contains("There is no sign S3; did you mean S"), "{code}: {errors}");
    let (code, _, errors) = staffed.run(&["sign", "list", "--client", "city"]);
    assert!(code == 2 && errors.contains("add \"signs\" to its may"), "{code}: {errors}");
    let head = format!("Authorization: Bearer {TOKEN}city\r\n");
    let (status, told) = wire::send(staffed.hall.web_port, "GET", "/api/v1/signs", &head, "");
    assert!(status == 403 && told.contains("\"forbidden\""), "{status}: {told}");
    assert_eq!(wire::request(staffed.hall.web_port, "/api/v1/signs").0, 401);
}

#[test]
fn a_watcher_hears_every_change_until_it_has_enough() {
    let staffed = Staffed::new();
    let _controller = staffed.start();
    let client = staffed.hall.client("devices");
    let mut watch = Command::new(BINARY)
        .args(["sign", "watch", "--json", "--config"])
        .arg(staffed.hall.config())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let heard = Arc::new(Mutex::new(Vec::<Value>::new()));
    let (kept, output) = (Arc::clone(&heard), BufReader::new(watch.stdout.take().unwrap()));
    std::thread::spawn(move || {
        for line in output.lines().map_while(Result::ok) {
            kept.lock().unwrap().push(serde_json::from_str(&line).unwrap());
        }
    });
    let told = |says: &str| {
        eventually(&format!("the watcher hears {says:?}"), || {
            let heard = heard.lock().unwrap();
            heard
                .iter()
                .any(|sign| sign["id"] == "S1" && sign["says"] == says && sign["shown"] == true)
                .then_some(())
        });
    };
    told("窗口关闭");
    let (mut kiosk, mut pad) = (Device::new(&client, "kiosk/K1", 1), Device::new(&client, "window/1", 1));
    let number = kiosk.take_number("social");
    pad.press("open");
    pad.press("next");
    told(&format!("{number} 请到1号窗口"));
    watch.kill().unwrap();
    watch.wait().unwrap();
}

#[test]
fn an_emergency_text_stands_on_signs_and_screens_over_a_power_cut_until_it_is_cleared() {
    let staffed = Staffed::new();
    let controller = staffed.start();
    let client = staffed.hall.client("devices");
    let (mut kiosk, mut pad) = (Device::new(&client, "kiosk/K1", 1), Device::new(&client, "window/1", 1));
    let number = kiosk.take_number("social");
    pad.press("open");
    pad.press("next");
    staffed.emulator.await_page(1, &called("1", &number));

    let (code, _, errors) = staffed.run(&["emergency", "--text", "撤离", "--zone", "B"]);
    assert!(code == 1 && errors.contains("There is no zone B"), "{code}: {errors}");
    let said = staffed.done(&[
        "emergency",
        "--text",
        "请撤离",
        "--text-en",
        "Leave now",
        "--by",
        "li",
        "--reason",
        "drill",
    ]);
    assert!(said.contains("stands on signs and screens"), "{said}");
    let since = said.lines().find(|line| line.starts_with("It stands since 20")).unwrap().to_owned();
    assert!(since.ends_with("+08:00, by li through guard, until it is taken down."), "{said}");
    let (zh, en) = ("请撤离".to_owned(), "Leave now".to_owned());
    let page = Page::Emergency(EmergencyPage { zh, en });
    staffed.emulator.await_frame(1, &page.render(panel(), 0), "the emergency");
    staffed.emulator.await_frame(2, &page.render(panel(), 0), "the emergency");
    for path in ["/screen", "/screen?zone=A", "/kiosk/K1", "/pad/1"] {
        let html = staffed.hall.get(path);
        assert!(html.contains("请撤离") && html.contains("Leave now"), "{path}");
    }
    let told = &staffed.hall.view()["emergencies"];
    assert_eq!((&told[0]["zh"], &told[0]["zone"]), (&"请撤离".into(), &Value::Null));
    assert_eq!(
        staffed.done(&["emergency", "--text", "请撤离", "--text-en", "Leave now", "--by", "wang"]),
        format!("It stood already.\n{since}\nEvery sign with pixels says all of it within 4 s.\n"),
        "who asks again does not begin it anew"
    );
    drop((kiosk, pad));
    drop(client);
    controller.kill();

    let _controller = staffed.start();
    let after = staffed.hall.view();
    assert_eq!(after["emergencies"][0]["zh"], "请撤离", "the text outlives a power cut");
    staffed.emulator.await_frame(2, &page.render(panel(), 0), "the emergency after the cut");
    staffed.done(&["emergency", "--clear", "--by", "wang"]);
    staffed.emulator.await_page(1, &called("1", &number));
    assert!(staffed.hall.view()["emergencies"].as_array().unwrap().is_empty());
    assert!(
        staffed
            .hall
            .get("/screen")
            .contains("<section class=\"emergency\" role=\"alert\" aria-live=\"assertive\" hidden")
    );
    assert_eq!(staffed.done(&["emergency", "--clear"]), "No such text stood.\n");

    let report = staffed.done(&["report", "--lang", "en"]);
    assert!(report.contains("put up \"Leave now\", by li, by guard, because drill"), "{report}");
    assert!(report.contains("taken down, by wang, by guard"), "{report}");
    let story = staffed.done(&["trace", &number, "--lang", "en"]);
    assert!(
        story.contains(
            "An emergency text was put up in the whole hall: \"Leave now\", asked for by li: drill"
        ),
        "{story}"
    );
    assert!(story.contains("By the program guard"), "{story}");
}

#[test]
fn pages_that_are_open_show_an_emergency_and_let_it_go_without_loading_anew() {
    let staffed = Staffed::new();
    let _controller = staffed.start();
    let page = |path: &str| format!("http://127.0.0.1:{}{path}", staffed.hall.web_port);
    let (screen, kiosk) = (Browser::start(1920, 1080), Browser::start(390, 844));
    screen.open(&page("/screen"));
    kiosk.open(&page("/kiosk/K1"));
    kiosk.await_text("社会保险");
    kiosk.script("window.sameDocument = true");

    let text = "火警！请保持冷静，从最近的安全出口离开";
    staffed.done(&[
        "emergency",
        "--text",
        text,
        "--text-en",
        "Fire. Leave by the nearest exit.",
        "--zone",
        "A",
    ]);
    for browser in [&screen, &kiosk] {
        browser.await_text(text);
        browser.await_text("Fire. Leave by the nearest exit.");
        browser.await_text("A区 · Zone A");
    }
    let covers = screen.script(
        "const { width, height } = document.querySelector('.emergency').getBoundingClientRect();\
         return width >= innerWidth && height >= innerHeight",
    );
    assert_eq!(covers, Value::Bool(true), "nothing else is seen on the hall screen");
    let wide = kiosk.script("return document.documentElement.scrollWidth <= window.innerWidth");
    assert_eq!(wide, Value::Bool(true), "the kiosk's page is wider than a phone");
    assert_eq!(kiosk.script("return window.sameDocument"), Value::Bool(true), "not loaded anew");
    // To be looked at.
    std::fs::write(concat!(env!("CARGO_TARGET_TMPDIR"), "/emergency-screen.png"), screen.screenshot())
        .unwrap();
    std::fs::write(concat!(env!("CARGO_TARGET_TMPDIR"), "/emergency-kiosk.png"), kiosk.screenshot()).unwrap();

    staffed.done(&["emergency", "--clear"]);
    for browser in [&screen, &kiosk] {
        eventually("the text is gone", || {
            let hidden = browser.script("return document.querySelector('.emergency').hidden");
            (hidden == Value::Bool(true)).then_some(())
        });
    }
}
