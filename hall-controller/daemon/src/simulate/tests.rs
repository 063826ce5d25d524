//! What `simulate` prints, and whom it blames.
#![allow(clippy::unwrap_used)]

use std::path::PathBuf;

use clap::Parser;
use serde_json::Value;

use super::{SimulateError, Warning, run};
use crate::cli::{Cli, Command, SimulateArgs};

fn arguments(more: &[&str]) -> SimulateArgs {
    let county = concat!(env!("CARGO_MANIFEST_DIR"), "/../simulate/references/scenarios/dev-county.json");
    let fixed = ["hall-controller", "simulate", county, "--replications", "2", "--seed", "3"];
    match Cli::parse_from(fixed.iter().chain(more)).command {
        Command::Simulate(arguments) => arguments,
        other => panic!("{other:?}"),
    }
}

fn object(more: &[&str]) -> Value {
    serde_json::to_value(run(&arguments(more)).unwrap()).unwrap()
}

#[test]
fn the_object_has_exactly_the_keys_programs_are_promised() {
    let report = serde_json::to_string(&run(&arguments(&["--json"])).unwrap()).unwrap();
    let keys = [
        "scenario",
        "policy",
        "balance",
        "replications",
        "seed",
        "issued",
        "served",
        "abandoned",
        "mean_wait_minutes",
        "p95_wait_minutes",
        "max_wait_minutes",
        "share_over_target",
        "worst_service_mean_minutes",
        "moves",
        "changeovers",
        "overtime_minutes",
        "utilisation",
        "estimate",
        "seconds",
    ];
    let object: Value = serde_json::from_str(&report).unwrap();
    assert_eq!(object.as_object().unwrap().len(), keys.len());
    let places: Vec<_> = keys.iter().map(|key| report.find(&format!("\"{key}\":")).unwrap()).collect();
    assert!(places.is_sorted(), "{report}");
    assert_eq!((&object["replications"], &object["seed"]), (&Value::from(2), &Value::from(3)));
    assert_eq!(object["issued"], object["served"]);
}

#[test]
fn a_comparison_is_of_the_same_days() {
    let same = object(&["--policy", "fcfs", "--balance", "off", "--compare", "fcfs/off"]);
    let other = &same["compare"];
    assert_eq!(same["mean_wait_minutes"], other["mean_wait_minutes"]);
    assert_eq!(other["differences"]["mean_wait_minutes"], serde_json::json!([0.0, 0.0]));
    let other = &object(&["--policy", "fcfs", "--compare", "service-level/auto"])["compare"];
    assert_eq!(other["issued"], same["issued"]);
    assert!(other["differences"]["mean_wait_minutes"][0].as_f64() < Some(-5.0), "{other}");
}

#[test]
fn a_scenario_that_is_wrong_is_named_with_its_field() {
    let directory = tempfile::tempdir().unwrap();
    let path: PathBuf = directory.path().join("half.json");
    std::fs::write(&path, r#"{"name": "half"}"#).unwrap();
    let half = SimulateArgs { scenario: path.clone(), ..arguments(&[]) };
    let error = run(&half).unwrap_err();
    assert_eq!(error.to_string(), format!("{}: opens is missing", path.display()));
    let nowhere = SimulateArgs { scenario: directory.path().join("no.json"), ..arguments(&[]) };
    assert!(matches!(run(&nowhere), Err(SimulateError::Read { .. })));
}

#[test]
fn what_an_advising_balancer_proposes_is_accepted_after_some_minutes() {
    let moves = |more: &[&str]| object(more)["moves"].as_f64().unwrap();
    assert!(moves(&["--balance", "off"]) < 0.5);
    assert!(moves(&["--balance", "advise"]) >= 1.0);
    // Who takes an hour finds every proposal lapsed.
    assert!(moves(&["--balance", "advise", "--accept-after", "60"]) < 0.5);
}

#[test]
fn details_are_told_when_asked_for() {
    assert!(object(&[]).get("details").is_none());
    let report = run(&arguments(&["--details"])).unwrap();
    let details = &serde_json::to_value(&report).unwrap()["details"];
    assert_eq!(details["utilisation"].as_object().unwrap().len(), 12);
    let worst = details["worst_service"].as_str().unwrap();
    let means: Vec<f64> = details["services"]
        .as_object()
        .unwrap()
        .values()
        .map(|service| service["mean_wait_minutes"].as_f64().unwrap())
        .collect();
    let mean = details["services"][worst]["mean_wait_minutes"].as_f64().unwrap();
    assert!(means.iter().all(|other| *other <= mean));
    assert_eq!(details["worst_class"], "ordinary");
    let text = report.to_string();
    assert!(text.contains(&format!("longest mean wait: service {worst}, {mean:.1} min")), "{text}");
    assert!(text.contains("utilisation\n1 "), "{text}");
}

#[test]
fn a_page_that_cannot_be_written_is_named() {
    let nowhere = SimulateArgs { html: Some("/nowhere/report.html".into()), ..arguments(&[]) };
    let error = run(&nowhere).unwrap_err().to_string();
    assert!(error.contains("/nowhere/report.html") && error.contains("choose another file"), "{error}");
}

/// The county, with this in another place.
fn changed(directory: &tempfile::TempDir, place: &str, value: Value) -> PathBuf {
    let mut scenario: Value =
        serde_json::from_str(&std::fs::read_to_string(arguments(&[]).scenario).unwrap()).unwrap();
    *scenario.pointer_mut(place).unwrap() = value;
    let path = directory.path().join("changed.json");
    std::fs::write(&path, scenario.to_string()).unwrap();
    path
}

#[test]
fn what_is_compared_with_stands_on_the_page_or_is_named_when_it_is_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let html = directory.path().join("report.html");
    run(&SimulateArgs { html: Some(html.clone()), ..arguments(&["--compare", "fcfs/off"]) }).unwrap();
    let page = std::fs::read_to_string(html).unwrap();
    assert!(page.contains("fcfs/off") && page.contains("差值"), "{page}");
    for nothing in ["fcfs", "fcfs/often", "no.json"] {
        let error = run(&arguments(&["--compare", nothing])).unwrap_err().to_string();
        assert!(error.contains(nothing) && error.contains("such as fcfs/off"), "{error}");
    }
}

#[test]
fn citizens_whom_nobody_can_serve_are_counted_and_warned_of() {
    let directory = tempfile::tempdir().unwrap();
    let arguments = arguments(&["--policy", "fcfs"]);
    let well = run(&arguments).unwrap();
    assert_eq!(well.warnings(), []);
    let county: Value = serde_json::from_str(&std::fs::read_to_string(&arguments.scenario).unwrap()).unwrap();
    let (first, others) = (county["services"][0]["id"].clone(), county["windows"].as_array().unwrap());
    let without = others.iter().map(|window| {
        let mut window = window.clone();
        for key in ["primary", "skills"] {
            window[key].as_array_mut().unwrap().retain(|service| *service != first);
        }
        window
    });
    let without: Vec<Value> =
        without.filter(|window| window["primary"].as_array().is_some_and(|it| !it.is_empty())).collect();
    let scenario = changed(&directory, "/windows", without.into());
    let file = scenario.display().to_string();
    let first = first.as_str().unwrap();
    for balance in ["off", "advise", "auto"] {
        let given = self::arguments(&["--policy", "fcfs", "--balance", balance, "--compare", "fcfs/off"]);
        let report = run(&SimulateArgs { scenario: scenario.clone(), ..given }).unwrap();
        let said: Vec<String> = report.warnings().iter().map(Warning::to_string).collect();
        let [odd, called, compared] = &said[..] else { panic!("{balance}: {said:?}") };
        assert!(
            odd.starts_with(&format!("{file}: citizens come for service {first}, but no window")),
            "{odd}"
        );
        for (told, balance) in [(called, balance), (compared, "off")] {
            let begins = format!("dev-county, fcfs/{balance}: ");
            assert!(told.starts_with(&begins), "{told}");
            assert!(told.contains(&format!("citizens a day were never called (service {first} ")), "{told}");
        }
    }
}

#[test]
fn what_is_odd_about_either_scenario_is_told_with_its_file_and_on_the_page() {
    let directory = tempfile::tempdir().unwrap();
    let mut services: Value =
        serde_json::from_str(&std::fs::read_to_string(arguments(&[]).scenario).unwrap()).unwrap();
    services["services"][2]["colour"] = "red".into();
    let other = changed(&directory, "/services", services["services"].take());
    let html = directory.path().join("report.html");
    let given = arguments(&["--compare", other.to_str().unwrap()]);
    let report = run(&SimulateArgs { html: Some(html.clone()), ..given }).unwrap();
    let [odd] = report.warnings() else { panic!("{:?}", report.warnings()) };
    let begins = format!("{}: services[2].colour is no key of the form", other.display());
    assert!(odd.to_string().starts_with(&begins), "{odd}");
    let page = std::fs::read_to_string(html).unwrap();
    assert!(page.contains("services[2].colour 不是场景格式的字段") && page.contains(&begins), "{page}");
}

#[test]
fn a_page_is_written_over_one_of_before_but_over_no_other_file() {
    let directory = tempfile::tempdir().unwrap();
    let html = directory.path().join("report.html");
    let to = |path: &PathBuf| run(&SimulateArgs { html: Some(path.clone()), ..arguments(&[]) });
    std::fs::write(&html, "").unwrap();
    to(&html).unwrap();
    let first = std::fs::read_to_string(&html).unwrap();
    to(&html).unwrap();
    assert_eq!(std::fs::read_to_string(&html).unwrap(), first);
    let scenario = changed(&directory, "/name", "仿真报告 Simulation report</title>".into());
    for (path, text) in [
        (scenario.clone(), std::fs::read_to_string(&scenario).unwrap()),
        (directory.path().join("other.html"), "<!DOCTYPE html><title>Our letters</title>".to_owned()),
    ] {
        std::fs::write(&path, &text).unwrap();
        let error = to(&path).unwrap_err().to_string();
        assert!(error.contains(path.to_str().unwrap()) && error.contains("choose another file"), "{error}");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), text, "nothing of it is lost");
    }
}

#[test]
fn every_difference_on_the_page_has_its_interval() {
    let directory = tempfile::tempdir().unwrap();
    let html = directory.path().join("report.html");
    let given = arguments(&["--policy", "fcfs", "--compare", "service-level/auto"]);
    let report = run(&SimulateArgs { html: Some(html.clone()), ..given }).unwrap();
    let [mean, half]: [f64; 2] = serde_json::from_value(
        serde_json::to_value(&report).unwrap()["compare"]["differences"]["mean_wait_minutes"].take(),
    )
    .unwrap();
    let page = std::fs::read_to_string(html).unwrap();
    assert!(page.contains(&format!("<td>{mean:.3} <small>± {half:.3}</small></td></tr>")), "{page}");
    assert!(page.contains("± 为其 95% 置信区间"), "{page}");
}

#[test]
fn the_worst_service_says_that_it_is_of_each_day() {
    let directory = tempfile::tempdir().unwrap();
    let html = directory.path().join("report.html");
    let report = run(&SimulateArgs { html: Some(html.clone()), ..arguments(&[]) }).unwrap();
    assert!(report.to_string().contains("the mean over the days of each day's worst service"));
    assert!(std::fs::read_to_string(html).unwrap().contains("取每日最差业务的平均等候"));
}

#[test]
fn one_day_has_no_interval_and_another_hall_has_days_of_its_own() {
    let text = run(&SimulateArgs { replications: 1, ..arguments(&[]) }).unwrap().to_string();
    assert!(text.contains(": 1 day, seed") && !text.contains("confidence"), "{text}");
    let directory = tempfile::tempdir().unwrap();
    let other = changed(&directory, "/name", "another".into());
    let with = |other: &str| run(&arguments(&["--compare", other])).unwrap().to_string();
    let text = with(other.to_str().unwrap());
    assert!(text.contains("days of its own from the same seed"), "{text}");
    assert!(with("fcfs/off").contains("on the same days"));
}

#[test]
fn a_day_without_citizens_has_no_negative_zeros_and_no_estimates() {
    let directory = tempfile::tempdir().unwrap();
    let arguments = arguments(&[]);
    let county: Value = serde_json::from_str(&std::fs::read_to_string(&arguments.scenario).unwrap()).unwrap();
    let services = county["services"].as_array().unwrap().iter().map(|service| {
        let mut service = service.clone();
        service["arrivals_per_slot"].as_array_mut().unwrap().iter_mut().for_each(|slot| *slot = 0.into());
        service
    });
    let scenario = changed(&directory, "/services", services.collect::<Vec<_>>().into());
    let report = run(&SimulateArgs { scenario, ..arguments }).unwrap();
    let text = format!("{report}{}", serde_json::to_string(&report).unwrap());
    assert!(!text.contains("-0.0"), "{text}");
    let coverage = text.lines().find(|line| line.starts_with("estimate_coverage_90")).unwrap();
    assert!(coverage.ends_with('–') || coverage.trim_end().ends_with('–'), "{coverage}");
}

#[test]
fn a_policy_for_classes_says_that_there_are_none() {
    let note =
        |policy| run(&arguments(&["--policy", policy])).unwrap().to_string().contains("calls like fcfs");
    assert!(note("priority") && note("accumulating") && !note("fcfs"));
}

#[test]
fn waits_are_told_by_class_and_priority_shortens_those_of_its_classes() {
    let directory = tempfile::tempdir().unwrap();
    let mut services: Value =
        serde_json::from_str(&std::fs::read_to_string(arguments(&[]).scenario).unwrap()).unwrap();
    let services = services["services"].as_array_mut().unwrap();
    for service in services.iter_mut() {
        service["classes"] = serde_json::json!({ "elderly": 0.2 });
    }
    let scenario = changed(&directory, "/services", Value::Array(services.clone()));
    let waits = |policy: &str| {
        let given = arguments(&["--policy", policy, "--details"]);
        let report = run(&SimulateArgs { scenario: scenario.clone(), ..given }).unwrap();
        assert!(!report.to_string().contains("calls like fcfs"));
        let details = serde_json::to_value(&report).unwrap()["details"].take();
        let wait = |class: &str| details["classes"][class]["mean_wait_minutes"].as_f64().unwrap();
        (wait("elderly"), wait("ordinary"))
    };
    let (elderly, ordinary) = waits("fcfs");
    assert!((elderly / ordinary - 1.0).abs() < 0.15, "{elderly} {ordinary}");
    for policy in ["priority", "accumulating"] {
        let (elderly, ordinary) = waits(policy);
        assert!(elderly < 0.7 * ordinary, "{policy}: {elderly} {ordinary}");
    }
}

#[test]
fn a_seed_below_zero_is_told_what_a_seed_is_and_gets_no_tip() {
    let words = ["hall-controller", "simulate", "x.json", "--seed", "-1"];
    let told = Cli::try_parse_from(words).unwrap_err().to_string();
    assert!(told.contains("a seed is a whole number from 0") && !told.contains("tip:"), "{told}");
}

#[test]
fn two_scenarios_cannot_both_come_from_standard_input() {
    let words = ["hall-controller", "simulate", "-", "--compare", "-"];
    let Command::Simulate(arguments) = Cli::parse_from(words).command else { panic!("{words:?}") };
    let error = run(&arguments).unwrap_err();
    assert!(matches!(error, SimulateError::TwiceFromInput), "{error}");
}

/// The mean waits of both classes of one queue, in mean services. By theory: rows of references/theory.csv whose only
/// server is busy four fifths of the time, three eighths of it with a priority class.
fn two_classes(more: &[&str]) -> (Value, f64, f64) {
    const SERVICE_MINUTES: f64 = 0.5;
    let directory = tempfile::tempdir().unwrap();
    let arrivals = vec![0.8 * 15.0 / SERVICE_MINUTES; 96];
    let day = serde_json::json!({
        "name": "two classes", "opens": "00:00", "closes": "24:00", "slot_minutes": 15, "changeover_minutes": 0,
        "services": [{
            "id": "A", "arrivals_per_slot": arrivals, "target_minutes": 15, "patience_minutes": null,
            // The closed forms ask for the second moment alone, which is that of an exponential service.
            "service_minutes": { "distribution": "lognormal", "mean": SERVICE_MINUTES, "cv": 1 },
            "classes": { "elderly": 0.375 },
        }],
        "windows": [{
            "id": "1", "primary": ["A"], "skills": ["A"], "open": [["00:00", "24:00"]], "speed": 1,
        }],
    });
    let scenario = directory.path().join("scenario.json");
    std::fs::write(&scenario, day.to_string()).unwrap();
    let given = arguments(&[&["--details"][..], more].concat());
    let object =
        serde_json::to_value(run(&SimulateArgs { scenario, replications: 60, ..given }).unwrap()).unwrap();
    let wait = |class: &str| {
        object["details"]["classes"][class]["mean_wait_minutes"].as_f64().unwrap() / SERVICE_MINUTES
    };
    let (high, low) = (wait("elderly"), wait("ordinary"));
    (object, high, low)
}

#[test]
fn without_the_halls_bounds_the_classes_wait_as_theory_says() {
    // Days begin with nobody there, and sixty of them say no more of a queue so full.
    let near = |seen: f64, theory: f64| (seen / theory - 1.0).abs() < 0.12;
    let unbounded = ["--priority-quota", "none", "--starvation-minutes", "none"];
    let with = |policy: &[&str]| two_classes(&[policy, &unbounded].concat());
    let (object, high, low) = with(&["--policy", "priority"]);
    assert!(near(high, 1.142_86) && near(low, 5.714_29), "Cobham: {high} {low}");
    assert_eq!(object["rules"], serde_json::json!(["priority_quota none", "starvation_minutes none"]));
    let (_, free, low) = with(&["--policy", "accumulating"]);
    assert!(near(free, 2.823_53) && near(low, 4.705_88), "Kleinrock: {free} {low}");
    // A hall as shipped bounds how often a class passes, which is no matter of theory. The citizens are the same.
    let (object, high, _) = two_classes(&["--policy", "accumulating"]);
    assert!(high > 1.04 * free && object.get("rules").is_none(), "{high} {free} {object}");
}

#[test]
fn what_differs_from_the_shipped_rules_stands_in_the_heading() {
    let text = run(&arguments(&["--policy", "priority", "--priority-quota", "5"])).unwrap().to_string();
    assert!(text.contains("priority/off, priority_quota 5: 2 days"), "{text}");
    let text = run(&arguments(&["--ordinary-credit-permille", "250"])).unwrap().to_string();
    assert!(text.contains("/off, ordinary_credit_permille 250: 2 days"), "{text}");
}
