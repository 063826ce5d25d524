//! What 500 signs on 32 lines cost the controller at one call a second on each line.
//!
//! The whole hall runs, with its serial lines on pseudo-terminals; the signs at their far ends are in
//! another process, so that only the controller's own time is counted. The same calls in the same hall
//! without a line are counted too: the difference is what the signs cost. Prints a line
//! `bar|what|value|unit|most` for `cargo xtask bench signs`.
#![allow(clippy::unwrap_used, missing_docs)]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use hall_controller::clock::Clock;
use hall_controller::config::Config;
use hall_controller::devices::{Pressed, Wish};
use hall_controller::running::Running;
use hall_controller::signs::emulated::EmulatedLine;
use hall_core::claim::Entry;
use hall_core::command::Details;
use hall_protocol::payload::{Class, Key, PressOutcome};
use hall_protocol::sign::{Depth, SignAddress};
use hall_signs::Panel;
use hall_signs::codec::model::Model;
use hall_signs::emulator::far_end::FarEnd;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

const LINES: usize = 32;
const SIGNS: usize = 500;
const BAUD: u32 = 115_200;
/// How long calls are counted.
const SECONDS: u32 = 20;
/// Given to this program, it is the signs of the lines in that directory.
const AS_SIGNS: &str = "--as-signs";
const USER_TICKS_PER_SECOND: f64 = 100.0;

fn main() {
    let mut words = std::env::args().skip_while(|word| word != AS_SIGNS);
    if let Some(directory) = words.nth(1) {
        return be_signs(Path::new(&directory));
    }
    let directory = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let signs = Signs::start(directory.path());
    let with = cpu_percent(directory.path(), true);
    drop(signs);
    let without = cpu_percent(directory.path(), false);
    println!("{LINES} calls a second, {SIGNS} signs: {with:.1} % of one core; without signs: {without:.1} %");
    println!(
        "bar|{SIGNS} signs on {LINES} lines, a call a second on each, of one core|{}|%|15",
        with - without
    );
}

/// So many signs hang on a line: the first is its zone's, the others are windows'.
fn signs_on(line: usize) -> usize {
    SIGNS / LINES + usize::from(line < SIGNS % LINES)
}

fn zone_panel() -> Panel {
    Panel::new(192, 64, Depth::RedGreen).unwrap()
}

fn window_panel() -> Panel {
    Panel::new(128, 32, Depth::RedGreen).unwrap()
}

fn port(directory: &Path, line: usize) -> PathBuf {
    directory.join(format!("line-{line}"))
}

fn be_signs(directory: &Path) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut lines = JoinSet::new();
        for line in 0..LINES {
            let sign = |place: usize| {
                let address = SignAddress::new(u8::try_from(place + 1).unwrap()).unwrap();
                (address, if place == 0 { zone_panel() } else { window_panel() }, Model::Native)
            };
            let signs: Vec<_> = (0..signs_on(line)).map(sign).collect();
            let signs = FarEnd::new(&signs, BAUD).unwrap();
            let line = EmulatedLine::new(signs).unwrap().linked_at(&port(directory, line)).unwrap();
            lines.spawn(line.run(CancellationToken::new(), |_, _, _| {}));
        }
        while lines.join_next().await.is_some() {}
    });
}

/// The process that is the signs.
struct Signs(Child);

impl Signs {
    fn start(directory: &Path) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        let child = command.arg(AS_SIGNS).arg(directory).stdout(Stdio::null()).spawn().unwrap();
        while !(0..LINES).all(|line| port(directory, line).exists()) {
            std::thread::sleep(Duration::from_millis(20));
        }
        Self(child)
    }
}

impl Drop for Signs {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn config(directory: &Path, with_signs: bool) -> Config {
    let mut text = String::from(
        "[hall]\nid = \"bench\"\nname = \"测试\"\nname_en = \"Bench\"\ntime_zone = \"Asia/Shanghai\"\n\
         [web]\nlisten = \"127.0.0.1:8080\"\n[mqtt]\nembedded = { listen = \"127.0.0.1:1883\" }\n\
         [journal]\ndirectory = \"journal\"\n",
    );
    let (mut windows, mut lines) = (String::new(), String::new());
    for line in 0..LINES {
        let letters: String =
            [line / 26, line % 26].map(|at| char::from(b'A' + u8::try_from(at).unwrap())).iter().collect();
        write!(
            text,
            "[[zone]]\nid = \"Z{line}\"\nname = \"{line}区\"\nname_en = \"Zone {line}\"\n\
             [[service]]\nid = \"s{line}\"\nname = \"事项{line}\"\nname_en = \"Service {line}\"\nprefix = \"{letters}\"\n\
             zone = \"Z{line}\"\ntarget_minutes = 15\n\
             [[kiosk]]\nid = \"K{line}\"\nservices = [\"s{line}\"]\n"
        )
        .unwrap();
        write!(lines, "[[line]]\nport = \"{}\"\nbaud = {BAUD}\n", port(directory, line).display()).unwrap();
        for place in 0..signs_on(line) {
            let (panel, shows) = if place == 0 {
                (zone_panel(), format!("{{ zone = \"Z{line}\" }}"))
            } else {
                let window = format!("{line}-{place}");
                write!(windows, "[[window]]\nid = \"{window}\"\nservices = [\"s{line}\"]\n").unwrap();
                (window_panel(), format!("{{ window = \"{window}\" }}"))
            };
            write!(
                lines,
                "[[line.sign]]\nid = \"L{line}-{place}\"\naddress = {}\nwidth = {}\nheight = {}\n\
                 colour = \"red-green\"\nshows = {shows}\n",
                place + 1,
                panel.width_px(),
                panel.height_px(),
            )
            .unwrap();
        }
    }
    text += &windows;
    if with_signs {
        text += &lines;
    }
    let mut config = Config::parse(&text, &directory.join("hall.toml")).unwrap();
    config.web.listen = "127.0.0.1:0".parse().unwrap();
    config.mqtt = hall_controller::config::Mqtt::Embedded { listen: "127.0.0.1:0".parse().unwrap() };
    config.journal.directory = directory.join(if with_signs { "with" } else { "without" });
    config.plan = config.plan.with_double_press_guard(|_| 0);
    config
}

/// The share of one core this process takes for its calls.
fn cpu_percent(directory: &Path, with_signs: bool) -> f64 {
    let config = config(directory, with_signs);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let clock = Clock::new(config.time_zone.clone(), config.day_starts());
        let running = Running::start(&config, Entry::IfFree, |_| clock).await.unwrap();
        let press = async |window, key| {
            let pressed = Pressed { key, ticket: None, reason: None, details: Details::default() };
            let reply = running.devices.press(window, pressed).await.unwrap();
            assert!(matches!(reply.outcome, PressOutcome::Done { .. }), "{key:?}: {reply:?}");
        };
        let window = |line: usize, place: usize| format!("{line}-{place}").parse().unwrap();
        for line in 0..LINES {
            for place in 1..signs_on(line) {
                press(window(line, place), Key::Open).await;
            }
        }
        // The signs are identified and painted before anything is counted.
        tokio::time::sleep(Duration::from_secs(5)).await;
        let call = async |line: usize, second: usize| {
            let (kiosk, service) = (format!("K{line}").parse().unwrap(), format!("s{line}").parse().unwrap());
            let wish = Wish { service, class: Class::Ordinary, also: Vec::new() };
            running.devices.take(kiosk, wish).await.unwrap();
            press(window(line, 1 + second % (signs_on(line) - 1)), Key::Next).await;
        };
        let (begun, before) = (std::time::Instant::now(), cpu_seconds());
        let mut seconds = tokio::time::interval(Duration::from_secs(1));
        for second in 0..usize::try_from(SECONDS).unwrap() {
            seconds.tick().await;
            for line in 0..LINES {
                call(line, second).await;
            }
        }
        seconds.tick().await;
        let percent = (cpu_seconds() - before) * 100.0 / begun.elapsed().as_secs_f64();
        let asked = CancellationToken::new();
        asked.cancel();
        running.until(&asked).await.unwrap();
        percent
    })
}

/// The processor time this process has taken, in seconds (`proc(5)`, fields 14 and 15).
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let after_name = stat.rsplit_once(") ").unwrap().1;
    let ticks: Vec<f64> =
        after_name.split(' ').skip(11).take(2).map(|field| field.parse().unwrap()).collect();
    ticks.iter().sum::<f64>() / USER_TICKS_PER_SECOND
}
