//! A kiosk is lost for good: its leased numbers are written off by name, and the day adds up.

use serde_json::{Value, json};

use crate::support::city::Booked;
use crate::support::controller::run;
use crate::support::hall::Device;

fn lease(kiosk: &mut Device) -> String {
    let request = kiosk.next(json!({ "request": { "lease": { "service": "social", "count": 20 } } }));
    let outcome = kiosk.ask("request", &request).body["outcome"].clone();
    outcome["lease"]["first"].as_str().unwrap_or_else(|| panic!("{outcome}")).to_owned()
}

fn hand_in(kiosk: &mut Device, number: &str, day: &Value) -> Value {
    let ticket = json!({ "number": number, "age_ms": 1_000 });
    let request = kiosk.next(json!({ "request": { "hand_in": { "day": day, "tickets": [ticket] } } }));
    kiosk.ask("request", &request).body["outcome"].clone()
}

#[test]
fn what_a_lost_kiosk_leased_is_written_off_by_name_and_stands_in_trace_and_report() {
    let city = Booked::new();
    let controller = city.start();
    let client = city.hall.client("devices");
    let mut kiosk = Device::new(&client, "kiosk/K1", 1);
    let first = lease(&mut kiosk);
    let config = city.hall.config();
    let config = config.to_str().unwrap();
    let lost = ["leases", "write-off", "K1", "--config", config, "--by", "张三", "--reason", "水浸报废"];
    let (code, said, wrong) = run(&lost);
    assert_eq!(
        (code, said.as_str()),
        (0, "20 leased numbers of kiosk K1 are written off; what it hands in later is refused\n"),
        "{wrong}"
    );
    let (code, _, said) = run(&lost);
    assert!(code == 1 && said.contains("取号机 K1 没有未交回的离线号段"), "{said}");
    let leases = city.hall.view()["leases"].clone();
    assert_eq!(leases, json!({ "leased": 20, "handed_in": 0, "returned": 0, "written_off": 20 }));

    let view = city.hall.view();
    let day = (city.today() - jiff::civil::date(1970, 1, 1)).get_days();
    let refused = hand_in(&mut kiosk, &first, &json!(day));
    assert!(refused.to_string().contains("lease_over"), "{refused} {view}");
    assert_eq!(city.hall.counted("hand_in_refused", "lease_over"), 1);

    for (body, word) in [
        (json!({ "by": "张三" }), "reason"),
        (json!({ "by": "", "reason": "报废" }), "reason"),
        (json!({ "by": "张三", "reason": "废".repeat(100) }), "too long"),
    ] {
        let (status, said) = city.ask("POST", "kiosks/K1/write-off", &body);
        assert!((400..500).contains(&status) && said["error"]["en"].to_string().contains(word), "{said}");
    }
    controller.kill();

    for (language, trace, report) in [
        ("zh", "张三 核销，原因：水浸报废", "张三 核销取号机 K1 的 20 个号：水浸报废"),
        ("en", "张三 wrote it off: 水浸报废", "张三 wrote off 20 numbers of kiosk K1: 水浸报废"),
    ] {
        let (_, said, wrong) = run(&["trace", &first, "--lang", language, "--config", config]);
        assert!(said.contains(trace), "{said}{wrong}");
        let (_, said, wrong) = run(&["report", "--lang", language, "--config", config]);
        assert!(said.contains(report), "{said}{wrong}");
    }
}
