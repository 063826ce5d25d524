//! What configurations are right, what is said of wrong ones, and that none panics.

mod appointments;
mod broken;
mod calendar;
mod clerks;
mod leased;
mod looks;
mod random;
mod signs;
mod windows;

use std::path::Path;
use std::time::Duration;

use hall_core::plan::{Balance, Group, GuardRails, Hours, Policy, Routing, Seniority, WeeklyHours};
use hall_core::refusal::Language;
use hall_protocol::local::{LocalDate, Weekday};
use hall_protocol::sign::Depth;
use hall_signs::script::DaySpan;
use jiff::civil::time;

use super::*;
use crate::told::Told;

/// A right configuration; the tests break it one edit at a time.
const GOOD: &str = r#"[hall]
id = "test"
name = "测试大厅"
name_en = "Test hall"
time_zone = "Asia/Shanghai"
day_starts = "04:00"
double_press_guard_ms = 1500
press_age_max_ms = 9000

[web]
listen = "127.0.0.1:8080"

[mqtt]
embedded = { listen = "127.0.0.1:1883" }

[journal]
directory = "data"

[[zone]]
id = "A"
name = "A区"
name_en = "Zone A"

[[zone]]
id = "B"
name = "B区"
name_en = "Zone B"

[[service]]
id = "social"
name = "社会保险"
name_en = "Social insurance"
prefix = "SB"
zone = "A"
hours = ["08:30-12:00", "13:30-17:30"]
target_minutes = 20

[[service]]
id = "tax"
name = "税务"
name_en = "Tax"
prefix = "T"
digits = 4
zone = "B"

[[window]]
id = "1"
label = "1号"
services = ["social", "tax"]

[[window]]
id = "2"
services = ["tax"]

[[kiosk]]
id = "K1"

[[kiosk]]
id = "K2"
services = ["tax"]

[[line]]
port = "/dev/ttyS0"
baud = 9600

[[line.sign]]
id = "W1"
address = 1
width = 128
height = 32
colour = "red-green"
shows = { window = "1" }

[[line.sign]]
id = "W2"
address = 2
width = 64
height = 16
colour = "mono"
shows = { window = "2" }

[[line]]
port = "emulator"
baud = 115200

[[line.sign]]
id = "ZA"
address = 1
width = 256
height = 96
colour = "rgb"
shows = { zone = "A" }
"#;

/// The shortest hall: everything that has a default is left out.
const SHORT: &str = r#"
[hall]
id = "test"
name = "测试大厅"
name_en = "Test hall"
time_zone = "Asia/Shanghai"

[web]
listen = "127.0.0.1:8080"

[mqtt]
embedded = { listen = "127.0.0.1:1883" }

[journal]
directory = "/var/lib/hall-controller"

[[zone]]
id = "A"
name = "A区"
name_en = "Zone A"

[[service]]
id = "social"
name = "社会保险"
name_en = "Social insurance"
prefix = "A"
zone = "A"

[[window]]
id = "1"
services = ["social"]
"#;

/// The only file name in the messages.
const FILE: &str = "/etc/hall-controller/hall.toml";

fn parse(text: &str) -> Result<Config, ConfigErrors> {
    parse_at(text, Path::new(FILE))
}

/// What is wrong is wrong in both languages.
fn parse_at(text: &str, path: &Path) -> Result<Config, ConfigErrors> {
    Config::parse(text, path).inspect_err(both_languages_say_the_same)
}

/// The good text with `from`, which stands in it once, replaced.
fn edited(from: &str, to: &str) -> String {
    assert_eq!(GOOD.matches(from).count(), 1, "the good text has it once: {from}");
    GOOD.replace(from, to)
}

/// Each cause and each remedy has Chinese words, which name what the English ones name: every figure, and
/// everything in quotation marks.
fn both_languages_say_the_same(errors: &ConfigErrors) {
    for error in errors.errors() {
        for Words { zh, en } in [&error.problem, &error.remedy] {
            assert!(zh.chars().any(|char| ('\u{4e00}'..='\u{9fff}').contains(&char)), "{zh}\n{en}");
            let quoted = en.split('"').skip(1).step_by(2);
            let figures = en.split(|char: char| !char.is_ascii_digit()).filter(|part| !part.is_empty());
            for fact in quoted.chain(figures) {
                assert!(zh.contains(fact), "{fact} is missing:\n{zh}\n{en}");
            }
        }
    }
    let [zh, en] = [errors.zh(), errors.to_string()];
    for (zh, en) in zh.lines().zip(en.lines()) {
        let place = |line: &str| line.split_once(": ").map(|(place, _)| place.to_owned());
        assert_eq!(place(zh), place(en), "both begin with the place in the file");
    }
}

#[test]
fn a_configuration_is_refused_in_chinese_first_each_line_with_its_place() {
    let text = edited("\"04:00\"", "\"4:00\"").replace("colour = \"mono\"", "colour = \"rad\"");
    let said = parse(&text).unwrap_err().sentence(Language::Zh);
    let lines: Vec<&str> = said.lines().collect();
    let [clock, colour] = [6, 79];
    assert_eq!(
        lines,
        [
            format!(
                "{FILE}:{clock}: hall.day_starts: \"4:00\" 不是一天中的时刻；请写时和分，\"00:00\" 至 \"23:59\"。"
            ),
            format!(
                "{FILE}:{colour}: line[1].sign \"W2\".colour: 没有颜色 \"rad\"；请写 \"mono\"、\"red-green\" 或 \"rgb\"。"
            ),
            format!(
                "{FILE}:{clock}: hall.day_starts: \"4:00\" is no time of day; write hours and minutes from \"00:00\" to \
                 \"23:59\""
            ),
            format!(
                "{FILE}:{colour}: line[1].sign \"W2\".colour: there is no colour \"rad\"; write \"mono\", \
                 \"red-green\" or \"rgb\""
            ),
        ]
    );
}

fn demo() -> Config {
    let text = include_str!("../../../../deploy/demo/hall.toml");
    Config::parse(text, Path::new("deploy/demo/hall.toml")).unwrap_or_else(|errors| panic!("{errors}"))
}

#[test]
fn the_rules_for_a_ticket_s_life_are_read_as_they_are_written() {
    let rules = "press_age_max_ms = 9000\nno_show_after_recalls = 2\nno_show_after_ms = 45000\n\
        return_grace_minutes = 20\nreturn_seniority = \"back\"\ntransfer_seniority = \"front\"\narmed_next = true\npriority_quota = 4\n\
        defer_no_show_calls = 3";
    let config = parse(&edited("press_age_max_ms = 9000", rules)).unwrap_or_else(|errors| panic!("{errors}"));
    let policy = config.plan.policy();
    assert_eq!(policy.defer_no_show_calls, 3);
    assert_eq!((policy.no_show_after_recalls, policy.no_show_after_ms), (2, 45_000));
    assert_eq!((policy.return_grace_minutes, policy.return_seniority), (20, Seniority::Back));
    assert_eq!(
        (policy.transfer_seniority, policy.armed_next, policy.priority_quota),
        (Seniority::Front, true, 4)
    );
}

#[test]
fn the_rules_for_who_is_next_are_read_as_they_are_written() {
    let rules = "press_age_max_ms = 9000\nrouting = \"service_level\"\nordinary_credit_permille = 250\n\
        starvation_minutes = 90\nchangeover_seconds = 45\nbalance = \"advise\"";
    let config = parse(&edited("press_age_max_ms = 9000", rules)).unwrap_or_else(|errors| panic!("{errors}"));
    let policy = config.plan.policy();
    assert_eq!((policy.routing, policy.balance), (Routing::ServiceLevel, Balance::Advise));
    assert_eq!(
        (policy.ordinary_credit_permille, policy.starvation_minutes, policy.changeover_seconds),
        (250, 90, 45)
    );
    let silent = parse(GOOD).unwrap_or_else(|errors| panic!("{errors}"));
    let policy = silent.plan.policy();
    assert_eq!((policy.routing, policy.balance), (Policy::default().routing, Balance::Off));
    assert_eq!(policy.routing, Routing::ServiceLevel);
}

#[test]
fn guard_rails_groups_and_usual_times_are_read_as_they_are_written() {
    let more = "target_minutes = 20\nusual_seconds = 240\n\n[guard_rails]\ndwell_minutes = 15\n\
        window_moves_per_hour = 1\nhall_moves_per_hour = 8\nfreeze_minutes = 45\npinned = [\"2\"]\n\n\
        [[group]]\nid = \"tax\"\nservices = [\"tax\"]\nrouting = \"accumulating\"";
    let config = parse(&edited("target_minutes = 20", more)).unwrap_or_else(|errors| panic!("{errors}"));
    let policy = config.plan.policy();
    let rails = GuardRails {
        dwell_minutes: 15,
        window_moves_per_hour: 1,
        hall_moves_per_hour: Some(8),
        freeze_minutes: 45,
    };
    assert_eq!(policy.guard_rails, rails);
    assert_eq!(policy.pinned, ["2".parse().unwrap()]);
    let group = Group {
        id: "tax".parse().unwrap(),
        name: None,
        services: vec!["tax".parse().unwrap()],
        routing: Routing::Accumulating,
    };
    assert_eq!(config.plan.group_name(&group).zh, "税务", "by its services");
    assert_eq!(policy.groups, [group]);
    let named = more.replace("[[group]]\n", "[[group]]\nname = \"国税地税\"\nname_en = \"All taxes\"\n");
    let config = parse(&edited("target_minutes = 20", &named)).unwrap_or_else(|errors| panic!("{errors}"));
    let name = config.plan.group_name(&config.plan.policy().groups[0]);
    assert_eq!((name.zh.as_str(), name.en.as_str()), ("国税地税", "All taxes"));
    let half = more.replace("[[group]]\n", "[[group]]\nname = \"国税地税\"\n");
    let errors = parse(&edited("target_minutes = 20", &half)).unwrap_err().to_string();
    assert!(errors.contains("name_en"), "{errors}");
    let usual: Vec<_> = config.plan.services().iter().map(|service| service.usual_seconds).collect();
    assert_eq!(usual, [Some(240), None]);
    let silent = parse(GOOD).unwrap_or_else(|errors| panic!("{errors}"));
    assert_eq!(silent.plan.policy().guard_rails, GuardRails::default());
}

#[test]
fn a_right_configuration_is_read_as_it_says() {
    let config = parse(GOOD).unwrap_or_else(|errors| panic!("{errors}"));
    let plan = &config.plan;
    assert_eq!((plan.hall().as_str(), plan.name().zh.as_str()), ("test", "测试大厅"));
    assert_eq!(config.time_zone.iana_name(), Some("Asia/Shanghai"));
    assert_eq!(config.day_starts(), time(4, 0, 0, 0));
    assert_eq!((plan.policy().double_press_guard_ms, plan.policy().press_age_max_ms), (1_500, 9_000));
    assert_eq!(config.web.listen, "127.0.0.1:8080".parse().unwrap());
    assert!(!config.web.allow_beyond_loopback_without_logins);
    assert_eq!(config.mqtt, Mqtt::Embedded { listen: "127.0.0.1:1883".parse().unwrap() });
    assert_eq!(config.journal.directory, Path::new("/etc/hall-controller/data"));

    let [social, tax] = plan.services() else { panic!("two services") };
    assert_eq!((social.prefix.as_str(), social.zone.as_str(), social.target_minutes), ("SB", "A", 20));
    let monday = social.hours.on(Weekday::Mon).iter();
    let minutes: Vec<_> = monday.map(|hours| (hours.from_minute, hours.until_minute)).collect();
    assert_eq!(minutes, [(8 * 60 + 30, 12 * 60), (13 * 60 + 30, 17 * 60 + 30)]);
    assert!(!social.digits.0 && tax.digits.0);
    assert!(tax.hours == WeeklyHours::Always && tax.target_minutes == 15);
    let labels: Vec<_> = plan.windows().iter().map(|window| window.label.as_str()).collect();
    assert_eq!(labels, ["1号", "2"]);
    let offered: Vec<_> = plan.kiosks().iter().map(|kiosk| kiosk.services.len()).collect();
    assert_eq!(offered, [2, 1]);

    let [real, emulated] = &*config.lines else { panic!("two lines") };
    assert_eq!((&real.port, real.baud), (&Port::Path("/dev/ttyS0".into()), Baud::Set(9_600)));
    assert_eq!((&emulated.port, emulated.baud), (&Port::Emulator, Baud::Set(115_200)));
    let sign = &real.signs[1];
    assert_eq!((sign.id.as_str(), sign.address.get()), ("W2", 2));
    assert_eq!((sign.panel.width_px(), sign.panel.height_px(), sign.panel.depth()), (64, 16, Depth::Mono));
    assert_eq!(sign.shows, Shows::Window("2".parse().unwrap()));
    assert_eq!(emulated.signs[0].shows, Shows::Zone("A".parse().unwrap()));
}

#[test]
fn the_pages_of_a_sign_are_read_in_their_order() {
    let text = edited(
        "shows = { zone = \"A\" }",
        "shows = { zone = \"A\" }\npages = [\n  { page = \"own\", seconds = 20 },\n  { page = \"notice\", text = \"今日停电\", between = \"22:00-06:30\" },\n  { page = \"overview\" },\n  { page = \"clock\" },\n]",
    );
    let config = parse(&text).unwrap_or_else(|errors| panic!("{errors}"));
    let slot = |page, seconds, between| Slot { page, screen_lasts: Duration::from_secs(seconds), between };
    let night = DaySpan { from_minute: 22 * 60, until_minute: 6 * 60 + 30 };
    let expected = [
        slot(Slide::Own, 20, None),
        slot(Slide::Notice("今日停电".into()), 8, Some(night)),
        slot(Slide::Overview, 8, None),
        slot(Slide::Clock, 8, None),
    ];
    assert_eq!(config.lines[1].signs[0].pages, expected);
    assert!(config.lines[0].signs[1].pages.is_empty());
}

#[test]
fn what_is_left_out_has_its_default() {
    let config = parse(SHORT).unwrap_or_else(|errors| panic!("{errors}"));
    let plan = &config.plan;
    assert_eq!(*plan.policy(), hall_core::plan::Policy::default());
    assert_eq!(config.day_starts(), time(0, 0, 0, 0));
    assert_eq!(config.journal.directory, Path::new("/var/lib/hall-controller"));
    let [service] = plan.services() else { panic!("one service") };
    assert!(service.hours == WeeklyHours::Always && !service.digits.0 && service.target_minutes == 15);
    assert_eq!(plan.windows()[0].label, "1");
    assert!(plan.kiosks().is_empty() && config.lines.is_empty());
}

#[test]
fn a_file_saved_on_windows_is_read_with_the_same_line_numbers() {
    let saved = |text: &str| format!("\u{feff}{}", text.replace('\n', "\r\n"));
    assert!(parse(&saved(GOOD)).is_ok());
    let broken = edited("digits = 4", "digits = 5");
    assert_eq!(parse(&saved(&broken)).unwrap_err(), parse(&broken).unwrap_err());
}

#[test]
fn the_demos_hall_is_right_and_a_sign_shows_every_window_and_zone() {
    let config = demo();
    let plan = &config.plan;
    let counts = [plan.windows().len(), plan.services().len(), plan.zones().len(), plan.kiosks().len()];
    assert_eq!((plan.hall().as_str(), counts), ("linjiang", [12, 8, 2, 2]));
    assert!(config.lines.iter().all(|line| line.port == Port::Emulator));
    let mut shown: Vec<Shows> =
        config.lines.iter().flat_map(|line| &line.signs).map(|sign| sign.shows).collect();
    shown.sort();
    let windows = plan.windows().iter().map(|window| Shows::Window(window.id));
    let mut wanted: Vec<Shows> =
        windows.chain(plan.zones().iter().map(|zone| Shows::Zone(zone.id))).collect();
    wanted.sort();
    assert_eq!(shown, wanted);
}

#[test]
fn the_demos_hall_gives_numbers_at_any_hour() {
    let plan = demo().plan;
    let whole_day = [Hours { from_minute: 0, until_minute: 24 * 60 }];
    for service in plan.services() {
        for day in 0..14 {
            let date = LocalDate::from_days(20_514 + day);
            assert_eq!(plan.issuing_hours(service, date), whole_day, "{} {date}", service.id);
        }
    }
}

#[test]
fn check_sums_a_right_file_up_in_one_sentence() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("hall.toml");
    std::fs::write(&path, GOOD).unwrap();
    assert_eq!(
        check(&path, Timestamp::UNIX_EPOCH).unwrap().lines().next().unwrap(),
        "测试大厅 (test): 2 zones, 2 services, 2 windows, 2 kiosks, 2 lines with 3 signs; ready to run"
    );
}

#[test]
fn a_file_that_cannot_be_read_is_named_with_the_cause() {
    let directory = tempfile::tempdir().unwrap();
    let absent = directory.path().join("hall.toml");
    let said = Config::load(&absent).unwrap_err().to_string();
    let begins = format!("{}: configuration: the file cannot be read: ", absent.display());
    assert!(said.starts_with(&begins) && said.contains("name an existing file with --config"), "{said}");

    std::fs::write(&absent, [0xFF, 0xFE]).unwrap();
    let said = Config::load(&absent).unwrap_err().to_string();
    assert!(said.contains("save the file as UTF-8"), "{said}");
    let said = Config::load(Path::new("/dev/zero")).unwrap_err().to_string();
    assert!(said.contains("longer than 1048576 bytes"), "{said}");
}

/// The good text with a broker of its own, and a password file with this in it.
fn with_broker(directory: &Path, broker: &str, password: Option<&str>) -> Result<Config, ConfigErrors> {
    if let Some(password) = password {
        std::fs::write(directory.join("secret"), password).unwrap();
    }
    let text = edited("embedded = { listen = \"127.0.0.1:1883\" }", broker);
    parse_at(&text, &directory.join("hall.toml"))
}

#[test]
fn a_brokers_passwords_come_from_files_beside_the_configuration_and_are_never_printed() {
    let directory = tempfile::tempdir().unwrap();
    let broker = "broker = { host = \"broker.hall\", username = \"controller\", password_file = \"secret\", \
                  virtual_devices_username = \"web\", virtual_devices_password_file = \"secret\" }";
    let config = with_broker(directory.path(), broker, Some("open sesame\n")).unwrap();
    let login = |username: &str| Some(Login { username: username.into(), password: "open sesame".into() });
    let expected = Mqtt::External {
        host: "broker.hall".into(),
        port: 1_883,
        login: login("controller"),
        virtual_devices_login: login("web"),
    };
    assert_eq!(config.mqtt, expected);
    let printed = format!("{config:?}");
    assert!(printed.contains("controller") && !printed.contains("sesame"), "{printed}");
}

#[test]
fn a_broker_without_logins_is_right() {
    let directory = tempfile::tempdir().unwrap();
    let config = with_broker(directory.path(), "broker = { host = \"::1\", port = 18830 }", None).unwrap();
    let expected =
        Mqtt::External { host: "::1".into(), port: 18_830, login: None, virtual_devices_login: None };
    assert_eq!(config.mqtt, expected);
}

#[test]
fn a_password_that_cannot_be_had_is_an_error_with_its_file() {
    let broker = "broker = { host = \"h\", username = \"controller\", password_file = \"secret\" }";
    for (password, cause, remedy) in [
        (None, "cannot be read", "make the file with the password in its first line"),
        (Some(""), "has no password", "write the password there"),
        (Some("\nsecond line"), "has no password", "write the password there"),
    ] {
        let directory = tempfile::tempdir().unwrap();
        let errors = with_broker(directory.path(), broker, password).unwrap_err();
        let [error] = errors.errors() else { panic!("{errors}") };
        assert_eq!((error.line, error.key.as_str()), (Some(14), "mqtt.broker.password_file"));
        assert!(error.problem.en.contains(cause) && error.problem.en.contains("secret"), "{errors}");
        assert!(error.remedy.en.contains(remedy), "{errors}");
    }
    let directory = tempfile::tempdir().unwrap();
    let errors = with_broker(directory.path(), broker, Some(&"x".repeat(10_000))).unwrap_err();
    assert!(errors.to_string().contains("longer than any password"), "{errors}");
    // What a wrong file holds is not for the log.
    assert!(!errors.to_string().contains("xxx"), "{errors}");
}

#[test]
fn who_says_so_may_open_web_and_broker_to_a_network() {
    let text = GOOD
        .replace("\"127.0.0.1:8080\"", "\"0.0.0.0:80\"\nallow_beyond_loopback_without_logins = true")
        .replace("\"127.0.0.1:1883\"", "\"[::]:1883\", allow_beyond_loopback_without_passwords = true");
    let config = parse(&text).unwrap_or_else(|errors| panic!("{errors}"));
    assert!(config.web.allow_beyond_loopback_without_logins);
    assert_eq!(config.mqtt, Mqtt::Embedded { listen: "[::]:1883".parse().unwrap() });
    // Every address of the loopback network is this machine.
    assert!(parse(&edited("127.0.0.1:8080", "[::1]:8080")).is_ok());
    assert!(parse(&edited("127.0.0.1:8080", "127.8.8.8:8080")).is_ok());
}
