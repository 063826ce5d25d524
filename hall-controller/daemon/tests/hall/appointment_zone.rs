//! Appointments in a hall whose clocks change: a real process under one time zone after the other.

use hall_controller::config::Config;
use jiff::ToSpan;
use serde_json::{Value, json};

use crate::support::city::{Booked, told};
use crate::support::controller::run;

/// The name of the hall's time zone, as its configuration has it.
fn zone(city: &Booked) -> String {
    let config = Config::load(&city.hall.config()).unwrap();
    config.time_zone.iana_name().unwrap().to_owned()
}

/// When the slots of a booking began, as it was booked and changed.
fn moments(city: &Booked) -> Vec<i64> {
    let data = city.hall.data();
    let exported = run(&["export", "--data", data.to_str().unwrap(), "--format", "jsonl"]).1;
    let rows = exported.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let of_slots = rows.filter(|row| ["booked", "rebooked"].contains(&row["kind"].as_str().unwrap()));
    of_slots.map(|row| row["event"]["slot"]["at"].as_i64().unwrap()).collect()
}

#[test]
fn under_another_time_zone_an_appointment_keeps_the_time_on_its_paper() {
    let city = Booked::new();
    let date = city.today().checked_add(2.days()).unwrap().to_string();
    let wanted = json!({ "service": "social", "date": date, "time": "10:00" });
    let controller = city.start();
    assert_eq!(city.book("yy-1", &wanted), told(201, "booked"));
    controller.kill();
    // One hour to the east; the names count westward.
    let before = zone(&city);
    let west: i32 = before.trim_start_matches("Etc/GMT").parse().unwrap();
    city.configure(&before, &format!("Etc/GMT{:+}", west - 1));
    for _ in 0..2 {
        let controller = city.start();
        let (_, kept) = city.ask("GET", "appointments/yy-1", &Value::Null);
        assert_eq!((&kept["date"], &kept["time"]), (&json!(date), &json!("10:00")), "{kept}");
        assert_eq!(city.book("yy-1", &wanted), told(200, "unchanged"));
        controller.kill();
    }
    let moments = moments(&city);
    assert_eq!(moments.len(), 2, "moved once: {moments:?}");
    assert_eq!(moments[0] - moments[1], 3_600_000, "ten o'clock comes an hour earlier there");
}

#[test]
fn a_time_that_the_clocks_skip_cannot_be_booked_and_the_refusal_says_so() {
    let city = Booked::new();
    city.configure(&zone(&city), "Europe/Berlin");
    let _controller = city.start();
    let wanted = json!({ "service": "social", "date": "2027-03-28", "time": "02:30" });
    let (status, said) = city.ask("PUT", "appointments/yy-1", &wanted);
    assert_eq!((status, said["error"]["code"].as_str()), (422, Some("slot_skipped")), "{said}");
    assert!(said["error"]["zh"].as_str().unwrap().contains("没有 02:30"), "{said}");
    let (_, slots) = city.ask("GET", "slots?date=2027-03-28", &Value::Null);
    let times: Vec<_> = slots["slots"].as_array().unwrap().iter().map(|slot| slot["time"].clone()).collect();
    assert!(times.contains(&json!("01:45")) && times.contains(&json!("03:00")), "{slots}");
    assert!(!times.contains(&json!("02:30")), "{slots}");
    let list = city.file("list.csv", "id,service,date,time\nyy-2,social,2027-03-28,02:15\n");
    for arguments in
        [vec!["import", "--dry-run", list.to_str().unwrap()], vec!["import", list.to_str().unwrap()]]
    {
        let (code, _, said) = city.run(&arguments);
        assert!(code == 1 && said.contains("没有 02:15"), "{said}");
    }
}
