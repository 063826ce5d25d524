//! When somebody can be booked, when one can check in, and what becomes of who does not come: the real
//! process with a real clock.

use serde_json::{Value, json};

use crate::support::city::{Booked, told};
use crate::support::controller::run;
use crate::support::eventually;
use crate::support::hall::Device;

/// A hall open for some hours around now, which is noon, and not tomorrow.
fn with_hours() -> Booked {
    let today = Booked::new().today();
    let holiday = format!("\n[[holiday]]\nfirst = \"{}\"\n", today.tomorrow().unwrap());
    Booked::with("hours = [\"08:00-17:00\"]", &holiday)
}

#[test]
fn nobody_is_booked_on_a_holiday_or_outside_the_hours_by_rest_or_by_a_list() {
    let city = with_hours();
    let _controller = city.start();
    let wanted = |date: &str, time: &str| json!({ "service": "social", "date": date, "time": time });
    let today = city.today();
    let [tomorrow, after] =
        [1, 2].map(|days| today.checked_add(jiff::Span::new().days(days)).unwrap().to_string());
    for (date, time, next) in [
        (tomorrow.as_str(), "10:00", format!("{after}T08:00")),
        (&today.to_string(), "17:00", format!("{after}T08:00")),
        (&after, "07:45", format!("{after}T08:00")),
    ] {
        let (status, said) = city.ask("PUT", "appointments/yy-1", &wanted(date, time));
        let error = &said["error"];
        assert_eq!((status, error["code"].as_str()), (422, Some("slot_closed")), "{said}");
        assert_eq!(error["next"], next, "{said}");
        assert!(error["zh"].as_str().unwrap().contains("最近可约"), "{said}");
        assert!(error["en"].as_str().unwrap().contains("the next one free is"), "{said}");
    }
    assert_eq!(city.book("yy-1", &wanted(&after, "16:45")), told(201, "booked"));
    assert_eq!(city.book("yy-1", &wanted(&tomorrow, "16:45")), told(422, "slot_closed"));
    let (_, kept) = city.ask("GET", "appointments/yy-1", &Value::Null);
    assert_eq!((kept["date"].as_str(), kept["time"].as_str()), (Some(after.as_str()), Some("16:45")));

    let (_, none) = city.ask("GET", &format!("slots?date={tomorrow}"), &Value::Null);
    assert_eq!(none["slots"], json!([]), "nobody can book a slot of a holiday");
    let (_, some) = city.ask("GET", &format!("slots?date={after}"), &Value::Null);
    assert_eq!(some["slots"].as_array().unwrap().len(), 9 * 4, "{some}");

    let list = city.file(
        "list.csv",
        &format!(
            "id,service,date,time\nyy-2,social,{tomorrow},10:00\nyy-3,social,{after},08:00\n\
             yy-4,social,{after},17:00\n"
        ),
    );
    for arguments in
        [vec!["import", "--dry-run", list.to_str().unwrap()], vec!["import", list.to_str().unwrap()]]
    {
        let (code, _, said) = city.run(&arguments);
        assert!(code == 1 && said.contains("3 rows: 1 booked, 0 changed, 0 unchanged, 2 refused"), "{said}");
        for word in
            ["list.csv:2 (yy-2): 当日 10:00 大厅休息，不能预约，最近可约", "list.csv:4 (yy-4): 当日 17:00"]
        {
            assert!(said.contains(word), "{word}: {said}");
        }
    }
}

#[test]
fn a_list_taken_over_again_by_its_ids_after_a_power_cut_changes_nothing() {
    let city = Booked::new();
    let controller = city.start();
    let (date, slot) = (city.today(), city.slot(1));
    let rows =
        |time: &str| format!("id,service,date,time\nyy-1,social,{date},{time}\nyy-2,social,{date},{time}\n");
    let list = city.file("list.csv", &rows(&slot));
    let import = |wanted: &str| {
        let (code, said, _) = city.run(&["import", list.to_str().unwrap()]);
        assert_eq!((code, said.trim()), (0, wanted));
    };
    import("2 rows: 2 booked, 0 changed, 0 unchanged, 0 refused");
    controller.kill();
    let controller = city.start();
    import("2 rows: 0 booked, 0 changed, 2 unchanged, 0 refused");
    city.file("list.csv", &rows(&city.slot(2)));
    import("2 rows: 0 booked, 2 changed, 0 unchanged, 0 refused");
    controller.kill();
    let _controller = city.start();
    import("2 rows: 0 booked, 0 changed, 2 unchanged, 0 refused");
    assert_eq!(["booked", "rebooked"].map(|kind| causes(&city, kind).len()), [2, 2]);
}

/// The causes of all events of a kind, as exported.
fn causes(city: &Booked, kind: &str) -> Vec<Value> {
    let data = city.hall.data();
    let exported = run(&["export", "--data", data.to_str().unwrap(), "--format", "jsonl"]).1;
    let rows = exported.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    rows.filter(|row| row["kind"] == kind).map(|row| row["cause"].clone()).collect()
}

fn check_in(kiosk: &mut Device, code: &str) -> Value {
    let request = kiosk.next(json!({ "request": { "check_in": { "code": code } } }));
    kiosk.ask("request", &request).body["outcome"].clone()
}

#[test]
fn one_checks_in_as_early_as_the_configuration_says_and_not_before() {
    let city = Booked::with("check_in_early_minutes = 0", "");
    let controller = city.start();
    assert_eq!(city.book("yy-1", &city.wanted(1)), told(201, "booked"));
    let refused = {
        let client = city.hall.client("devices");
        check_in(&mut Device::new(&client, "kiosk/K1", 1), "yy-1")["refused"].clone()
    };
    assert_eq!(refused["code"], "appointment_too_early", "{refused}");
    assert!(refused["zh"].as_str().unwrap().contains(&format!("{} 起可以签到", city.slot(1))), "{refused}");
    controller.kill();

    city.configure("check_in_early_minutes = 0", "check_in_early_minutes = 30");
    let _controller = city.start();
    let client = city.hall.client("devices");
    let ticket = check_in(&mut Device::new(&client, "kiosk/K1", 2), "yy-1")["ticket"].clone();
    assert_eq!(
        (ticket["number"].as_str(), ticket["appointment"].as_str()),
        (Some("A001"), Some(city.slot(1).as_str()))
    );
}

#[test]
fn who_comes_late_is_taken_in_within_the_time_and_who_does_not_come_is_released_by_the_process() {
    let city = Booked::with("check_in_late_minutes = 60", "");
    let (late, gone) = (city.begun(20), city.begun(20));
    city.booked_an_hour_ago(&[("yy-1", late), ("yy-2", gone)]);
    let controller = city.start();
    let number = {
        let client = city.hall.client("devices");
        check_in(&mut Device::new(&client, "kiosk/K1", 1), "yy-1")["ticket"]["number"].clone()
    };
    assert_eq!(number, "A001", "within the hour");
    controller.kill();

    city.configure("check_in_late_minutes = 60", "check_in_late_minutes = 5");
    let _controller = city.start();
    let released = || {
        let (_, one) = city.ask("GET", "appointments/yy-2", &Value::Null);
        (one["state"] == "released").then_some(())
    };
    eventually("the appointment is released", released);
    let (_, kept) = city.ask("GET", "appointments/yy-1", &Value::Null);
    assert_eq!(kept["state"], "checked_in");
    let client = city.hall.client("devices");
    let refused = check_in(&mut Device::new(&client, "kiosk/K1", 2), "yy-2")["refused"].clone();
    assert_eq!(refused["code"], "appointment_too_late", "{refused}");
    assert_eq!(causes(&city, "released"), [json!({ "rule": "appointment_lapsed" })], "once, by the rule");
    // A released appointment may be booked anew, for a time to come.
    assert_eq!(city.book("yy-2", &city.wanted(1)), told(200, "changed"));
}
