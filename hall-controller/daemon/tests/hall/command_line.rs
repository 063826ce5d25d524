//! What every command has in common: which hall is meant, which day, where the results go, and the
//! sentence when it cannot be.

use std::path::Path;

use serde_json::Value;

use crate::support::controller::{Controller, run, run_fed, run_in, run_to};
use crate::support::free_port;
use crate::support::hall::{Device, TestHall};

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// A hall whose journal has one ticket, with its controller.
fn with_a_ticket() -> (TestHall, Controller) {
    let hall = TestHall::new(1, &[]);
    let controller = hall.start();
    let client = hall.quiet_client("kiosk", "kiosk/K1");
    assert_eq!(Device::new(&client, "kiosk/K1", 31).take_number("social"), "A001");
    (hall, controller)
}

#[test]
fn a_hall_started_twice_is_told_who_has_it_and_a_port_by_the_key_that_names_it() {
    let (hall, controller) = with_a_ticket();
    let (code, _, said) = run(&["--log", "warn", "run", "--config", text(&hall.config())]);
    assert_eq!(code, 1, "{said}");
    let owner = format!("is in use by process {}", controller.id());
    assert!(said.contains(&owner) && said.contains(text(&hall.data())), "{said}");
    assert!(said.contains("stop that controller first"), "{said}");
    assert!(!said.contains("port"), "{said}");

    // Another hall on the same ports.
    let other = hall.data().with_file_name("other.toml");
    let config = std::fs::read_to_string(hall.config()).unwrap();
    let elsewhere = hall.data().with_file_name("elsewhere");
    let config = config.replace(text(&hall.data()), text(&elsewhere));
    for (free, key) in [(hall.mqtt_port, "`listen` in [web]"), (hall.web_port, "in [mqtt]")] {
        let config = config.replace(&format!("127.0.0.1:{free}"), &format!("127.0.0.1:{}", free_port()));
        std::fs::write(&other, config).unwrap();
        let (code, _, said) = run(&["--log", "warn", "run", "--config", text(&other)]);
        assert_eq!(code, 1, "{said}");
        assert!(said.contains("the port is in use") && said.contains(key), "{said}");
        assert!(!said.contains("--listen") && !said.contains("--mqtt-listen"), "{said}");
    }
    drop(controller);
}

#[test]
fn a_hall_that_is_not_named_is_the_one_of_the_environment_or_of_this_folder() {
    let (hall, _controller) = with_a_ticket();
    let (data, config) = (hall.data(), hall.config());
    let (here, empty) = (config.parent().unwrap(), tempfile::TempDir::new().unwrap());
    let elsewhere = empty.path();
    let trace = ["trace", "A001", "--lang", "en"];
    for (folder, variables) in [
        (here, vec![]),
        (elsewhere, vec![("HALL_CONFIG", config.as_path())]),
        (elsewhere, vec![("HALL_DATA", data.as_path())]),
    ] {
        let (code, said, errors) = run_in(folder, &variables, &trace);
        assert_eq!(code, 0, "{variables:?}: {errors}");
        assert!(said.contains("A001"), "{said}");
    }
    let backup = empty.path().join("backup.sqlite3");
    let learnt = empty.path().join("learnt.json");
    for arguments in [
        &["audit", "verify"] as &[_],
        &["export", "--format", "csv"],
        &["report"],
        &["backup", "--to", text(&backup)],
        &["check"],
        &["learn", "--out", text(&learnt)],
    ] {
        let (code, _, said) = run_in(here, &[], arguments);
        // Of one ticket nothing can be learnt; the journal was found all the same.
        assert!(code == 0 || arguments[0] == "learn" && !said.contains("--data"), "{arguments:?}: {said}");
        if !Path::new("/etc/hall-controller/hall.toml").exists() {
            let (code, said, errors) = run_in(elsewhere, &[], arguments);
            assert_eq!((code, said.as_str()), (2, ""), "{arguments:?}: {errors}");
            for word in ["--config", "HALL_CONFIG", "./hall.toml", "/etc/hall-controller/hall.toml"] {
                assert!(errors.contains(word), "{arguments:?}: no {word} in {errors}");
            }
        }
    }
}

#[test]
fn days_are_dates_or_today_or_yesterday_and_one_that_is_not_there_is_told() {
    let (hall, _controller) = with_a_ticket();
    let config = hall.config();
    let config = ["--config", text(&config)];
    let with = |arguments: &[&str]| run(&[arguments, &config].concat());
    let (code, said, errors) = with(&["report", "--day", "today", "--json"]);
    assert_eq!(code, 0, "{errors}");
    let report: Value = serde_json::from_str(&said).unwrap();
    let today = report["day"].as_str().unwrap();
    assert_eq!(with(&["trace", "A001", "--day", "today"]).0, 0);
    assert_eq!(with(&["export", "--format", "csv", "--day", today]).0, 0);

    let (code, said, errors) = with(&["export", "--format", "csv", "--day", "yesterday"]);
    assert_eq!((code, said.as_str()), (1, ""), "{errors}");
    assert!(errors.contains("no events of") && errors.contains(today), "{errors}");
    let out = hall.data().with_file_name("yesterday.csv");
    let (code, _, errors) =
        with(&["export", "--format", "jsonl", "--day", "2020-01-01", "--out", text(&out)]);
    assert_eq!(code, 1, "{errors}");
    assert!(errors.contains("no events of 2020-01-01") && !out.exists(), "{errors}");
    for command in [&["trace", "A001"] as &[_], &["report"], &["export", "--format", "csv"]] {
        let (code, _, errors) = with(&[command, &["--day", "someday"]].concat());
        assert_eq!(code, 2);
        assert!(errors.contains("a day is a date such as 2026-03-02, or today, or yesterday"), "{errors}");
    }
}

#[test]
fn csv_for_excel_starts_with_a_byte_order_mark_and_all_else_is_as_ever() {
    let (hall, _controller) = with_a_ticket();
    let config = hall.config();
    let with = |arguments: &[&str]| run(&[arguments, &["--config", text(&config)]].concat());
    for csv in [&["export", "--format", "csv", "--day", "today"] as &[_], &["report", "--csv"]] {
        let (code, plain, errors) = with(csv);
        assert_eq!((code, plain.contains('\u{feff}')), (0, false), "{errors}");
        let (code, marked, errors) = with(&[csv, &["--excel"]].concat());
        assert_eq!((code, marked.matches('\u{feff}').count()), (0, 1), "{errors}");
        let header = plain.lines().next();
        assert_eq!(marked.strip_prefix('\u{feff}').and_then(|rest| rest.lines().next()), header);
    }
    for other in [&["export", "--format", "jsonl"] as &[_], &["report"], &["report", "--json"]] {
        let (code, said, errors) = with(&[other, &["--excel"]].concat());
        assert_eq!((code, said.as_str()), (2, ""), "{other:?}");
        assert!(
            errors.contains("--excel 只用于 CSV") && errors.contains("--excel is for CSV only"),
            "{errors}"
        );
    }
}

#[test]
fn a_result_that_cannot_be_written_is_a_failure_and_a_closed_pipe_is_none() {
    let (hall, controller) = with_a_ticket();
    let config = hall.config();
    let full = Path::new("/dev/full");
    for arguments in [
        &["report", "--json"] as &[_],
        &["report", "--csv"],
        &["trace", "A001"],
        &["audit", "verify"],
        &["export", "--format", "csv"],
        &["check"],
    ] {
        let (code, errors) = run_to(full, &[arguments, &["--config", text(&config)]].concat());
        assert_eq!(code, 1, "{arguments:?}: {errors}");
        assert!(errors.contains("could not be written") && errors.contains("No space left"), "{errors}");
        assert!(!errors.contains("panicked"), "{arguments:?}: {errors}");
    }
    let binary = crate::support::controller::BINARY;
    let words = format!(
        "'{binary}' export --format csv --config '{}' | true; exit ${{PIPESTATUS[0]}}",
        text(&config)
    );
    let ended = std::process::Command::new("bash").args(["-c", &words]).output().unwrap();
    assert!(ended.status.success() && ended.stderr.is_empty(), "{ended:?}");
    drop(controller);
}

#[test]
fn a_scenario_comes_from_standard_input_where_a_dash_stands_for_it() {
    let county = concat!(env!("CARGO_MANIFEST_DIR"), "/../simulate/references/scenarios/dev-county.json");
    let scenario = std::fs::read_to_string(county).unwrap();
    let with = |path| ["simulate", path, "--replications", "1", "--json"];
    let (code, out, said) = run_fed(&scenario, &with("-"));
    assert_eq!(code, 0, "{said}");
    let object = |text: &str| {
        let mut object: Value = serde_json::from_str(text).unwrap();
        object["seconds"].take();
        object
    };
    assert_eq!(object(&out), object(&run(&with(county)).1));
    assert!(!said.contains("warning"), "{said}");
    let odd = scenario.replacen("\"speed\"", "\"colour\": 1, \"speed\"", 1);
    let (code, _, said) = run_fed(&odd, &with("-"));
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("warning: the scenario on standard input: windows[0].colour is no key"), "{said}");
    let (code, _, said) = run_fed("{", &with("-"));
    assert_eq!(code, 2, "{said}");
    assert!(said.contains("the scenario on standard input: "), "{said}");
}
