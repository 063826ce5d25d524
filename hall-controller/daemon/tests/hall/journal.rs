//! The journal in the hands of a technician and an auditor, while the hall is open: backup and
//! restore, export, a ticket's story.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use hall_controller::clock::Clock;
use hall_controller::config::Config;
use hall_controller::records;
use hall_core::Hall;
use hall_core::command::Command;
use hall_core::event::{Device as Name, PressId};
use hall_journal::Journal;
use hall_protocol::payload::Class;
use serde_json::Value;

use crate::support::controller::{run, run_with_file_limit};
use crate::support::hall::{Device, TestHall, topic};

/// Run to its end and expect success; standard output.
fn done(arguments: &[&str]) -> String {
    let (code, said, errors) = run(arguments);
    assert_eq!(code, 0, "{arguments:?}: {said}{errors}");
    said
}

/// Run to its end and expect a failure of exit code 1; the sentence, which comes in Chinese, then in English.
fn refused(arguments: &[&str]) -> String {
    let (code, said, errors) = run(arguments);
    assert_eq!((code, said.as_str()), (1, ""), "{arguments:?}: {errors}");
    let [zh, en] = errors.lines().collect::<Vec<_>>()[..] else { panic!("{arguments:?}: {errors}") };
    let is_chinese = |line: &str| line.contains(|char| ('\u{4e00}'..='\u{9fff}').contains(&char));
    assert!(zh.starts_with("error: ") && is_chinese(zh) && zh.ends_with('。'), "{arguments:?}: {errors}");
    assert!(!is_chinese(en), "{arguments:?}: {errors}");
    errors
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn a_backup_under_load_is_whole_and_restored_it_goes_on_where_it_was_made() {
    let hall = TestHall::new(1, &[]);
    let controller = hall.start();
    let over = AtomicBool::new(false);
    let elsewhere = tempfile::TempDir::new().unwrap();
    let backup = elsewhere.path().join("backup.sqlite3");
    let client = hall.quiet_client("kiosk", "kiosk/K1");
    let before = std::thread::scope(|scope| {
        let mut kiosk = Device::new(&client, "kiosk/K1", 31);
        let mut last = String::new();
        for _ in 0..50 {
            last = kiosk.take_number("social");
        }
        let over = &over;
        let load = scope.spawn(move || {
            let mut more = 0;
            while !over.load(Ordering::Relaxed) {
                kiosk.take_number("social");
                more += 1;
            }
            more
        });
        let said = done(&["backup", "--data", text(&hall.data()), "--to", text(&backup)]);
        assert!(said.contains("the copy is whole: hall test, "), "{said}");
        over.store(true, Ordering::Relaxed);
        assert!(load.join().unwrap() > 0, "nothing was taken meanwhile");
        last
    });
    assert_eq!(before, "A050");
    let (status, _) = controller.stop();
    assert!(status.success());
    let at_the_end = done(&["trace", "A050", "--lang", "en", "--config", text(&hall.config())]);

    let said = done(&["restore", "--from", text(&backup), "--verify"]);
    assert!(said.contains("is whole"), "{said}");
    let verify = ["restore", "--from", text(&backup), "--verify", "--config"];
    let said = done(&[&verify[..], &[text(&hall.config())]].concat());
    assert!(said.contains("is whole"), "{said}");
    let other = elsewhere.path().join("other.toml");
    let config = std::fs::read_to_string(hall.config()).unwrap();
    std::fs::write(&other, config.replace("id = \"test\"", "id = \"elsewhere\"")).unwrap();
    let said = refused(&[&verify[..], &[text(&other)]].concat());
    assert!(said.contains("belongs to hall \"test\", not to hall \"elsewhere\""), "{said}");
    let (code, _, said) = run(&[&verify[..], &["no-such.toml"]].concat());
    assert!(code == 2 && said.contains("no-such.toml"), "{said}");
    let (data, data_then) = (hall.data(), elsewhere.path().join("lost"));
    std::fs::rename(&data, &data_then).unwrap();
    // What a page had leased since lies there still.
    std::fs::create_dir_all(data.join("kiosks")).unwrap();
    std::fs::write(data.join("kiosks/K1.leases"), "what it leased").unwrap();
    let said = done(&["restore", "--from", text(&backup), "--data", text(&data)]);
    assert!(said.contains("The last numbers it knows of") && said.contains("may be given again"), "{said}");
    assert!(said.contains("已移到") && said.contains("so that no number is printed twice"), "{said}");
    assert!(!data.join("kiosks").exists());
    let aside = std::fs::read_dir(&data).unwrap().map(|entry| entry.unwrap().path());
    let aside = aside.filter(|path| text(path).contains("kiosks-set-aside-")).last().unwrap();
    assert_eq!(std::fs::read_to_string(aside.join("K1.leases")).unwrap(), "what it leased");
    assert!(done(&["audit", "verify", "--data", text(&data)]).contains("whole"));

    let controller = hall.start();
    let view: Value = serde_json::from_str(&hall.get("/api/view")).unwrap();
    let issued = view["totals"]["issued"].as_u64().unwrap();
    assert!(issued >= 50, "{issued} tickets in the backup");
    let client = hall.quiet_client("kiosk-2", "kiosk/K1");
    let next = Device::new(&client, "kiosk/K1", 32).take_number("social");
    assert_eq!(next, format!("A{:03}", issued + 1));
    let again = done(&["trace", "A050", "--lang", "en", "--config", text(&hall.config())]);
    let (first, told) = again.trim_end().rsplit_once('\n').unwrap();
    assert_eq!(first, at_the_end.trim_end(), "the story of an old ticket is the same");
    assert!(told.contains("The journal was put back from a backup: "), "{told}");
    // Numbers given after the backup are given again, and their stories say so first.
    let again = done(&["trace", &next, "--lang", "en", "--config", text(&hall.config())]);
    assert!(again.lines().nth(1).unwrap().contains("The journal was put back from a backup: "), "{again}");
    drop(controller);
}

#[test]
fn restore_refuses_where_a_hall_is_open_or_a_journal_lies_and_whatever_is_no_whole_backup() {
    let hall = TestHall::new(1, &[]);
    let controller = hall.start();
    let elsewhere = tempfile::TempDir::new().unwrap();
    let backup = elsewhere.path().join("backup.sqlite3");
    let (data, backup) = (hall.data(), text(&backup));
    done(&["backup", "--data", text(&data), "--to", backup]);
    let said = refused(&["backup", "--data", text(&data), "--to", backup]);
    assert!(said.contains("is there already; name a new file"), "{said}");
    let said = refused(&["restore", "--from", backup, "--data", text(&data)]);
    assert!(said.contains("is in use by process"), "{said}");
    drop(controller);
    let said = refused(&["restore", "--from", backup, "--data", text(&data)]);
    assert!(said.contains("is there already; restore into a data directory without a journal"), "{said}");

    let no_backup = elsewhere.path().join("notes.txt");
    std::fs::write(&no_backup, "not a journal at all, but long enough to be looked at\n".repeat(30)).unwrap();
    let fresh = elsewhere.path().join("fresh");
    let said = refused(&["restore", "--from", text(&no_backup), "--data", text(&fresh)]);
    assert!(said.contains("is not a hall's journal"), "{said}");
    assert!(!fresh.exists());
    let (code, _, said) = run(&["restore", "--from", backup]);
    assert_eq!(code, 2, "{said}");
}

#[test]
fn an_open_halls_events_come_out_as_csv_and_json_and_a_tickets_story_in_both_languages() {
    let hall = TestHall::new(1, &[]);
    let _controller = hall.start();
    let client = hall.client("devices");
    let number = Device::new(&client, "kiosk/K1", 41).take_number("social");
    let mut pad = Device::new(&client, "window/1", 42);
    for key in ["open", "next", "start", "finish"] {
        let outcome = pad.press(key);
        assert!(outcome["done"].is_object(), "{key}: {outcome}");
    }
    let (data, config) = (hall.data(), hall.config());

    let lines = done(&["export", "--data", text(&data), "--format", "jsonl"]);
    let rows: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let kinds: Vec<&str> = rows.iter().map(|row| row["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds[kinds.len() - 5..], ["issued", "window_opened", "called", "started", "finished"]);
    let day = rows.last().unwrap()["day"].as_str().unwrap();

    let out = hall.data().with_file_name("day.csv");
    let said =
        done(&["export", "--config", text(&config), "--format", "csv", "--day", day, "--out", text(&out)]);
    assert!(said.contains("events were written to"), "{said}");
    let csv = std::fs::read_to_string(&out).unwrap();
    assert!(csv.starts_with("seq,at,day,kind,ticket,number,"), "{csv}");
    assert!(csv.contains("+08:00,") && csv.contains(",window/1/0000002a/2,"), "{csv}");
    let said = refused(&["export", "--data", text(&data), "--format", "csv", "--out", text(&out)]);
    assert!(said.contains("name a new file"), "{said}");

    let story = done(&["trace", &number, "--config", text(&config)]);
    let lines: Vec<&str> = story.lines().collect();
    assert_eq!(lines.len(), 5, "{story}");
    assert!(lines[1].contains("取号：社会保险") && lines[1].contains("取号机 K1"), "{story}");
    assert!(lines[4].contains("在 1 号窗口办理完成"), "{story}");
    let story = done(&["trace", &number, "--data", text(&data), "--lang", "en", "--day", day]);
    assert!(story.contains("By the pad of window 1, press window/1/0000002a/4"), "{story}");
    let said = refused(&["trace", "A777", "--data", text(&data)]);
    assert!(said.contains("no ticket A777 is in this journal"), "{said}");
    let (code, _, said) = run(&["trace", "so-what", "--data", text(&data)]);
    assert_eq!(code, 2, "{said}");
}

/// Turn a bit in the body of the last record of a closed journal that holds `text`.
fn turn_a_bit_of(data: &Path, text: &str) {
    let file = data.join("journal.sqlite3");
    let mut bytes = std::fs::read(&file).unwrap();
    let at = bytes.windows(text.len()).rposition(|window| window == text.as_bytes()).unwrap();
    bytes[at] ^= 1;
    std::fs::write(&file, bytes).unwrap();
}

#[test]
fn an_export_that_fails_leaves_nothing_behind_and_says_why() {
    let hall = TestHall::new(1, &[]);
    let controller = hall.start();
    let client = hall.quiet_client("kiosk", "kiosk/K1");
    let mut kiosk = Device::new(&client, "kiosk/K1", 51);
    for _ in 0..150 {
        kiosk.take_number("social");
    }
    assert!(controller.stop().0.success());
    let folder = tempfile::TempDir::new().unwrap();
    let out = folder.path().join("events.csv");
    let (data, out) = (hall.data(), text(&out));
    let export = ["export", "--data", text(&data), "--format", "csv", "--out", out];
    let left = || std::fs::read_dir(folder.path()).unwrap().count();

    // Enough for the index SQLite keeps beside the journal, and too little for the export.
    let (code, said, errors) = run_with_file_limit(40_000, &export);
    assert_eq!((code, said.as_str()), (1, ""), "{errors}");
    assert!(errors.contains(out) && errors.contains("nothing is left of it"), "{errors}");
    assert!(errors.contains("File too large") && errors.contains("has space"), "{errors}");
    assert_eq!(left(), 0);
    let nowhere = folder.path().join("no/such/folder.csv");
    let said = refused(&["export", "--data", text(&data), "--format", "csv", "--out", text(&nowhere)]);
    assert!(said.contains("check that its directory exists"), "{said}");

    turn_a_bit_of(&data, "A020");
    let said = refused(&export);
    assert!(said.contains("does not match its hash") && said.contains("hall-controller restore"), "{said}");
    assert!(said.contains(out) && said.contains("nothing is left of it"), "{said}");
    assert_eq!(left(), 0);
}

#[test]
fn a_damaged_journal_opens_no_hall_and_the_backup_it_names_does() {
    let hall = TestHall::new(1, &[]);
    let controller = hall.start();
    let client = hall.quiet_client("kiosk", "kiosk/K1");
    let mut kiosk = Device::new(&client, "kiosk/K1", 61);
    for _ in 0..5 {
        kiosk.take_number("social");
    }
    let (data, config) = (hall.data(), hall.config());
    let backup = data.with_file_name("backup.sqlite3");
    done(&["backup", "--data", text(&data), "--to", text(&backup)]);
    assert!(controller.stop().0.success());
    turn_a_bit_of(&data, "A004");
    let said = refused_run(&config);
    assert!(said.contains(" record ") && said.contains("does not match its hash"), "{said}");
    assert!(said.contains(text(&data)) && said.contains("`hall-controller restore`"), "{said}");

    std::fs::rename(&data, data.with_file_name("for-the-auditor")).unwrap();
    done(&["restore", "--from", text(&backup), "--data", text(&data)]);
    let _controller = hall.start();
    assert_eq!(kiosk.take_number("social"), "A006");
}

/// Start a hall that must not open; its sentence.
fn refused_run(config: &Path) -> String {
    let (code, _, errors) = run(&["--log", "warn", "run", "--config", text(config)]);
    assert_eq!(code, 1, "{errors}");
    errors
}

/// Give a hall that never ran a journal in which somebody took a ticket two days ago.
fn two_days_ago(hall: &TestHall) {
    let config = Config::load(&hall.config()).unwrap();
    let clock = Clock::new(config.time_zone.clone(), config.day_starts());
    let then = clock.timestamp() - std::time::Duration::from_secs(2 * 86_400);
    let now = clock.running(1.0, then).now();
    let mut state = Hall::new(config.plan.hall());
    let press = PressId { device: Name::Kiosk("K1".parse().unwrap()), session: 1, seq: 1 };
    let take = Command::Take {
        press,
        age_ms: 0,
        service: "social".parse().unwrap(),
        class: Class::Ordinary,
        also: Vec::new(),
    };
    let mut entries = Vec::new();
    for command in [Command::AdoptPlan(Box::new(config.plan)), take] {
        for stamped in state.decide(&command, now).unwrap().events {
            state.apply(&stamped);
            entries.push(records::entry(&stamped).unwrap());
        }
    }
    let nothing = |_| Ok::<(), std::convert::Infallible>(());
    let writer = Journal::open(&hall.data(), "test").unwrap().replay(nothing).unwrap().start().unwrap();
    writer.reserve().unwrap().append(entries, |result| assert!(result.is_ok()));
    writer.close().unwrap();
}

#[test]
fn the_head_of_the_last_day_is_published_reported_and_verified() {
    let hall = TestHall::new(1, &[]);
    two_days_ago(&hall);
    let controller = hall.start();
    let client = hall.client("auditor");
    let head = client.wait("the head", |message| message.topic == topic("controller/head")).body;
    let (day, hash) = (head["day"].as_str().unwrap(), head["hash"].as_str().unwrap());
    let data = hall.data();
    let report = done(&["report", "--data", text(&data), "--day", day, "--json"]);
    let report: Value = serde_json::from_str(&report).unwrap();
    assert_eq!((&report["head"], &report["last_seq"]), (&head["hash"], &head["last_seq"]));
    assert_eq!(
        (&report["ended"], &report["total"]["issued"], &report["total"]["expired"]),
        (&true.into(), &1.into(), &1.into())
    );
    let said = done(&["report", "--data", text(&data), "--day", day]);
    assert!(said.contains("日报") && said.contains(hash), "{said}");
    assert!(done(&["report", "--data", text(&data), "--csv"]).starts_with("day,ended,last_seq,head,"));

    let said = done(&["audit", "verify", "--data", text(&data), "--day", day, "--head", hash]);
    assert!(said.contains(&format!("The head given is that of {day}, after its last record")), "{said}");
    let other = format!("{}{}", &hash[1..], &hash[..1]);
    let said = refused(&["audit", "verify", "--data", text(&data), "--day", day, "--head", &other]);
    assert!(said.contains("no record of") && said.contains(hash) && said.contains(&other), "{said}");
    let (code, _, said) = run(&["audit", "verify", "--data", text(&data), "--head", hash]);
    assert_eq!(code, 2, "{said}");
    drop(controller);
}

#[test]
fn a_phone_number_is_erased_for_good_and_the_journal_says_whose_by_whom_and_why() {
    let hall = TestHall::new(1, &[]);
    let controller = hall.start();
    let client = hall.client("devices");
    let number = Device::new(&client, "kiosk/K1", 51).take_number("social");
    let data = hall.data();
    let said =
        hall.post("/api/kiosk/K1/phone", &format!(r#"{{"number":"{number}","phone":"139 1234 5678"}}"#));
    assert!(said.contains("kept"), "{said}");
    let said = hall.post("/api/kiosk/K1/phone", &format!(r#"{{"number":"{number}","phone":"home"}}"#));
    assert!(said.contains("手机号应为 5 至 20 位数字") && said.contains("5 to 20 digits"), "{said}");
    let holds = |phone: &str| {
        std::fs::read_dir(&data).unwrap().any(|entry| {
            let bytes = std::fs::read(entry.unwrap().path()).unwrap();
            bytes.windows(phone.len()).any(|window| window == phone.as_bytes())
        })
    };
    assert!(holds("13912345678"));
    let report: Value = serde_json::from_str(&done(&["report", "--data", text(&data), "--json"])).unwrap();
    let day = report["day"].as_str().unwrap();
    let erase = [
        "erase",
        "--data",
        text(&data),
        "--ticket",
        &number,
        "--day",
        day,
        "--by",
        "li",
        "--reason",
        "asked for",
    ];
    assert!(done(&erase).contains("\n1 phone number was erased for good"));
    assert!(!holds("13912345678"), "the phone is still on the disk");
    client.wait("the event", |message| {
        message.topic == topic("event/hall") && message.body["name"] == "phone_erased"
    });
    let story = done(&["trace", &number, "--data", text(&data), "--lang", "en"]);
    assert!(story.contains("The phone number was erased by li: asked for"), "{story}");
    assert!(done(&["audit", "verify", "--data", text(&data)]).contains("whole"));
    assert!(refused(&erase).contains("no phone number is kept for"));
    let mut of_nobody = erase;
    of_nobody[4] = "A088";
    let said = refused(&of_nobody);
    assert!(said.contains("there was no ticket A088 on") && said.contains("nothing was erased"), "{said}");
    let said = hall.post("/api/kiosk/K1/phone", r#"{"number":"A099","phone":"139 1234 5678"}"#);
    assert!(said.contains("今日没有 A099 号") && said.contains("No ticket of today is A099"), "{said}");
    assert!(!holds("13912345678"), "the phone of nobody's ticket");
    drop(controller);
}
