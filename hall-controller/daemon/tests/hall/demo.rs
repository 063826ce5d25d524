//! The demo as a stranger types it.

use std::net::TcpListener;

use serde_json::Value;

use crate::support::controller::{Demo, run};
use crate::support::eventually;
use crate::support::wire;

fn demo(more: &[&str]) -> (i32, String, String) {
    let mut arguments = vec!["demo", "--listen", "127.0.0.1:0", "--mqtt-listen", "127.0.0.1:0"];
    arguments.extend(more);
    run(&arguments)
}

#[test]
fn the_demo_ends_with_one_json_object_and_a_second_start_goes_on() {
    let data = tempfile::TempDir::new().unwrap();
    let directory = data.path().to_str().unwrap();
    let options = ["--speed", "120", "--duration", "6s", "--seed", "1", "--json", "--data", directory];
    let (code, first, errors) = demo(&options);
    assert_eq!(code, 0, "{errors}");
    assert!(errors.contains("http://127.0.0.1:"), "the addresses to open are printed: {errors}");
    assert_eq!(first.trim().lines().count(), 1, "{first}");
    let first: Value = serde_json::from_str(&first).unwrap();
    for key in ["issued", "called", "finished", "missed", "waiting"] {
        assert!(first[key].is_u64(), "{key}: {first}");
    }
    assert!(first["refused"].is_object(), "{first}");
    assert!(first["issued"].as_u64() > Some(0) && first["called"].as_u64() > Some(0), "{first}");
    assert!(first["wait_minutes"]["p50"].is_number() && first["wait_minutes"]["p90"].is_number(), "{first}");
    assert!(first["press_to_sign_ms"]["p50"].is_number(), "{first}");

    let (code, second, errors) = demo(&options);
    assert_eq!(code, 0, "{errors}");
    let second: Value = serde_json::from_str(second.trim()).unwrap();
    assert!(second["issued"].as_u64() >= first["issued"].as_u64(), "{first} then {second}");
    let (code, said, errors) = run(&["audit", "verify", "--data", directory]);
    assert_eq!(code, 0, "{said}{errors}");
}

#[test]
fn the_demos_visitor_checks_in_for_an_appointment() {
    let demo = Demo::start(60);
    let port = demo.pages.rsplit(':').next().unwrap().parse().unwrap();
    let hours = (9..17).flat_map(|hour| [format!("YY-{hour:02}00"), format!("YY-{hour:02}30")]);
    let codes: Vec<String> = hours.collect();
    eventually("one of the day's codes is in time", || {
        codes.iter().find_map(|code| {
            let body = format!("{{\"code\":\"{code}\"}}");
            let head = "Content-Type: application/json\r\n";
            let (_, said) = wire::send(port, "POST", "/api/kiosk/K1/check-in", head, &body);
            said.contains("\"appointment\"").then_some(())
        })
    });
}

#[test]
fn the_demos_visitor_is_its_manager_and_its_clerks_have_signed_on() {
    let demo = Demo::start(60);
    let port = demo.pages.rsplit(':').next().unwrap().parse().unwrap();
    let head = format!("Authorization: Bearer {}\r\n", demo.token);
    eventually("eleven clerks are signed on, and the balancer advises", || {
        let (_, said) = wire::send(port, "GET", "/api/v1/manage", &head, "");
        let hall: Value = serde_json::from_str(&said).ok()?;
        let signed_on = hall["windows"].as_array()?.iter().filter(|window| window["clerk"].is_string());
        (signed_on.count() == 11 && hall["balance"] == "advise").then_some(())
    });
}

#[test]
fn a_port_in_use_is_told_with_its_remedy() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    for (web, mqtt, option) in
        [(address.as_str(), "127.0.0.1:0", "--listen"), ("127.0.0.1:0", address.as_str(), "--mqtt-listen")]
    {
        let (code, _, errors) = run(&["demo", "--duration", "1s", "--listen", web, "--mqtt-listen", mqtt]);
        assert_eq!(code, 1, "{errors}");
        assert!(
            errors.contains(&address) && errors.contains("in use") && errors.contains(option),
            "{errors}"
        );
    }
}
