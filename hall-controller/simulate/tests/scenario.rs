//! A scenario is read whole, or refused with the name of the field that is wrong.
#![allow(clippy::unwrap_used, missing_docs)]

use hall_protocol::payload::Class;
use hall_simulate::Scenario;
use hall_simulate::scenario::{Remark, Requirement};
use serde_json::{Value, json};

fn small() -> Value {
    let service = |id: &str| {
        json!({
            "id": id, "arrivals_per_slot": [1.5, 2.0], "target_minutes": 15, "patience_minutes": null,
            "service_minutes": { "distribution": "lognormal", "mean": 6.5, "cv": 0.9 },
        })
    };
    json!({
        "name": "small", "opens": "09:00", "closes": "09:30", "slot_minutes": 15, "changeover_minutes": 0.8,
        "services": [service("S01"), service("S02")],
        "windows": [
            { "id": "1", "primary": ["S02"], "skills": ["S01", "S02"], "speed": 0.9,
              "open": [["09:00", "09:10"], ["09:20", "09:30"]] },
        ],
    })
}

#[test]
fn every_field_is_read() {
    let scenario = Scenario::read(&small().to_string()).unwrap();
    assert_eq!((scenario.name.as_str(), scenario.opens, scenario.closes), ("small", 540.0, 570.0));
    assert_eq!((scenario.slot_minutes, scenario.changeover_minutes), (15.0, 0.8));
    let service = &scenario.services[1];
    assert_eq!(service.id.as_str(), "S02");
    assert_eq!(service.arrivals_per_slot, [1.5, 2.0]);
    assert_eq!(service.requirement, Requirement::Lognormal { mean: 6.5, cv: 0.9 });
    assert_eq!((service.target_minutes, service.patience_minutes), (15.0, None));
    let window = &scenario.windows[0];
    assert_eq!((window.id.as_str(), window.speed), ("1", 0.9));
    assert_eq!((&window.primary[..], &window.skills[..]), (&[1][..], &[0, 1][..]));
    assert_eq!(window.open, [(540.0, 550.0), (560.0, 570.0)]);
}

/// Put it there, into a new member if there is none.
fn put(scenario: &mut Value, place: &str, value: Value) {
    let (object, key) = place.rsplit_once('/').unwrap();
    match scenario.pointer_mut(object).unwrap() {
        Value::Object(members) => drop(members.insert(key.to_owned(), value)),
        list => list[key.parse::<usize>().unwrap()] = value,
    }
}

#[test]
fn a_service_may_say_who_comes() {
    let mut scenario = small();
    put(&mut scenario, "/services/1/classes", json!({ "elderly": 0.25, "disabled": 0.05 }));
    let read = Scenario::read(&scenario.to_string()).unwrap();
    assert_eq!(read.services[0].classes, []);
    assert_eq!(read.services[1].classes, [(Class::Elderly, 0.25), (Class::Disabled, 0.05)]);
    let again = Scenario::read(&read.to_json().unwrap()).unwrap();
    assert_eq!(again.services, read.services);
    assert!(!Scenario::read(&small().to_string()).unwrap().to_json().unwrap().contains("classes"));
}

/// What is put where, and what the complaint says.
#[test]
fn whatever_is_wrong_is_named() {
    let cases = [
        ("/opens", json!("9 am"), r#"opens must be a time such as "09:00", not "9 am""#),
        ("/closes", json!("08:00"), r#"closes must be later than opens, not "08:00""#),
        ("/slot_minutes", json!(0), "slot_minutes must be a number from 1 to 1440, not 0"),
        ("/services", json!([]), "services must be a list with at least one element, not []"),
        ("/services/1/id", json!("S01"), r#"services[1].id must be an id of its own, not "S01""#),
        (
            "/services/0/arrivals_per_slot",
            json!([1, 2, 3]),
            "services[0].arrivals_per_slot must be a list of 2 numbers, one a slot of the day, not [1,2,3]",
        ),
        (
            "/services/0/arrivals_per_slot/1",
            json!(-1),
            "services[0].arrivals_per_slot[1] must be a number from 0 to 9000, not -1",
        ),
        (
            "/services/0/service_minutes/mean",
            json!("6"),
            r#"services[0].service_minutes.mean must be a number from 0.017 to 1440, not "6""#,
        ),
        (
            "/services/0/service_minutes/distribution",
            json!("gamma"),
            r#"services[0].service_minutes.distribution must be "lognormal", not "gamma""#,
        ),
        (
            "/services/0/classes",
            json!({ "elderly": 0.2, "appointment": 0.1 }),
            r#"services[0].classes must be shares of "elderly", "disabled", "pregnant", "serviceman", "returning", not {"appointment":0.1,"elderly":0.2}"#,
        ),
        (
            "/services/1/classes",
            json!({ "elderly": -0.2 }),
            "services[1].classes.elderly must be a number from 0 to 1, not -0.2",
        ),
        (
            "/services/1/classes",
            json!({ "elderly": 0.6, "disabled": 0.5 }),
            r#"services[1].classes must be shares of at most 1 together, not {"disabled":0.5,"elderly":0.6}"#,
        ),
        (
            "/windows/0/skills/1",
            json!("S09"),
            r#"windows[0].skills[1] must be the id of one of the services, not "S09""#,
        ),
        (
            "/windows/0/skills",
            json!(["S01"]),
            r#"windows[0].primary[0] must be one of the window's skills, not "S02""#,
        ),
        (
            "/windows/0/open/1",
            json!(["09:05", "09:30"]),
            r#"windows[0].open[1] must be an interval that ends after it begins, after the one before, not ["09:05","09:30"]"#,
        ),
        ("/windows/0/speed", json!(0), "windows[0].speed must be a number from 0.01 to 100, not 0"),
    ];
    for (place, value, complaint) in cases {
        let mut scenario = small();
        put(&mut scenario, place, value);
        let error = Scenario::read(&scenario.to_string()).unwrap_err();
        assert_eq!(error.to_string(), complaint, "{place}");
    }
}

#[test]
fn whatever_is_missing_is_named() {
    for (object, key, path) in [
        ("", "opens", "opens"),
        ("/services/1", "patience_minutes", "services[1].patience_minutes"),
        ("/services/0/service_minutes", "cv", "services[0].service_minutes.cv"),
        ("/windows/0", "skills", "windows[0].skills"),
    ] {
        let mut scenario = small();
        scenario.pointer_mut(object).unwrap().as_object_mut().unwrap().remove(key).unwrap();
        let error = Scenario::read(&scenario.to_string()).unwrap_err();
        assert_eq!(error.to_string(), format!("{path} is missing"));
    }
    assert!(Scenario::read(&format!("\u{feff}{}", small())).is_ok(), "as some editors begin a file");
    assert!(Scenario::read("{").unwrap_err().to_string().starts_with("not JSON"));
}

#[test]
fn a_key_that_stands_twice_is_named_with_its_place() {
    let text = small().to_string();
    for (once, twice, path) in [
        (r#""name":"small""#, r#""name":"small","name":"large""#, "name at line 1 column"),
        (r#""speed":0.9"#, r#""speed":0.9,"speed":0.9"#, "windows[0].speed at line 1 column"),
        (r#""cv":0.9"#, r#""cv":0.9,"\u0063v":1.0"#, "services[0].service_minutes.cv at line 1 column"),
        (r#""speed":0.9"#, r#""speed":0.9,"colour":{"a":[0,{"b":1,"b":1}]}"#, "windows[0].colour.a[1].b at"),
    ] {
        let twice = text.replacen(once, twice, 1);
        assert_ne!(twice, text, "{once}");
        let error = Scenario::read(&twice).unwrap_err().to_string();
        assert!(error.starts_with(&format!("this key stands twice in its object: {path}")), "{error}");
    }
    let deep = format!("{}{}", "[".repeat(1_000), "]".repeat(1_000));
    assert!(Scenario::read(&deep).unwrap_err().to_string().starts_with("not JSON"));
    assert!(Scenario::read(&format!("{text}{text}")).unwrap_err().to_string().starts_with("not JSON"));
}

/// What is odd about it.
fn remarks(scenario: &Value) -> Vec<String> {
    let (_, remarks) = Scenario::read_and_remark(&scenario.to_string()).unwrap();
    remarks.iter().map(Remark::to_string).collect()
}

#[test]
fn a_key_the_form_does_not_have_is_named_with_its_place_and_no_other_is() {
    let mut scenario = small();
    put(&mut scenario, "/services/1/classes", json!({ "elderly": 0.25 }));
    put(&mut scenario, "/windows/0/primary", json!(["S02", "S01"]));
    let again = Scenario::read(&scenario.to_string()).unwrap().to_json().unwrap();
    assert_eq!(
        remarks(&serde_json::from_str(&again).unwrap()),
        [""; 0],
        "all keys that are written are known"
    );
    for key in [
        "city",
        "services/0/target",
        "services/1/target",
        "services/0/service_minutes/cvv",
        "windows/0/spead",
    ] {
        put(&mut scenario, &format!("/{key}"), json!(1));
    }
    let odd = remarks(&scenario);
    let begins = [
        "city is no key of the form",
        "services[0].target (and one more like it) is no key of the form",
        "services[0].service_minutes.cvv is no key of the form",
        "windows[0].spead is no key of the form",
    ];
    assert_eq!(odd.len(), begins.len(), "{odd:?}");
    for (said, begins) in odd.iter().zip(begins) {
        assert!(said.starts_with(begins), "{said}");
    }
    assert!(odd[3].ends_with("keys there: id, primary, skills, open, speed"), "{}", odd[3]);
}

#[test]
fn a_service_that_no_window_does_is_named_if_anybody_comes_for_it() {
    let mut scenario = small();
    assert_eq!(remarks(&scenario).len(), 1);
    assert!(remarks(&scenario)[0].contains("service S01, but no window that opens has it as primary"));
    put(&mut scenario, "/windows/0/primary", json!(["S02", "S01"]));
    assert_eq!(remarks(&scenario), [""; 0]);
    for (place, value) in [("primary", json!(["S02"])), ("skills", json!(["S02"]))] {
        put(&mut scenario, &format!("/windows/0/{place}"), value);
    }
    let odd = remarks(&scenario);
    assert!(odd[0].contains("service S01, but no window that opens has it among its skills"), "{odd:?}");
    put(&mut scenario, "/services/0/arrivals_per_slot", json!([0, 0]));
    assert_eq!(remarks(&scenario), [""; 0], "nobody comes");
    put(&mut scenario, "/windows/0/open", json!([]));
    assert!(remarks(&scenario)[0].contains("service S02"), "the window stays closed");
}

#[test]
fn the_reference_scenarios_are_nothing_odd() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/references/scenarios");
    for file in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        assert_eq!(Scenario::read_and_remark(&text).unwrap().1, []);
    }
}
