//! Appointments from the city's booking system to the call: by REST, from a file, at a kiosk on MQTT
//! and in the browser.

use serde_json::{Value, json};

use crate::support::city::{Booked, told};
use crate::support::controller::run;
use crate::support::hall::Device;
use crate::support::webdriver::Browser;
use crate::support::wire;

#[test]
fn the_city_books_changes_and_cancels_and_a_power_cut_loses_none_of_it() {
    let city = Booked::new();
    let controller = city.start();
    assert_eq!(city.book("yy-1", &city.wanted(1)), told(201, "booked"));
    assert_eq!(city.book("yy-1", &city.wanted(1)), told(200, "unchanged"));
    assert_eq!(city.book("yy-1", &city.wanted(2)), told(200, "changed"));
    assert_eq!(city.book("yy-2", &city.wanted(2)), told(201, "booked"));
    assert_eq!(city.book("yy-3", &city.wanted(2)), told(409, "slot_full"));
    assert_eq!(city.book("yy-3", &city.wanted(1)), told(201, "booked"));
    let (status, cancelled) = city.ask("DELETE", "appointments/yy-2", &Value::Null);
    assert_eq!((status, cancelled["change"].as_str()), (200, Some("cancelled")));
    assert_eq!(cancelled["state"], "cancelled");
    let cancelled = (200, cancelled);
    assert_eq!(city.ask("DELETE", "appointments/yy-2", &Value::Null), cancelled, "asked again");
    assert_eq!(city.ask("DELETE", "appointments/yy-9", &Value::Null).0, 404);
    assert_eq!(city.book("YY-1", &city.wanted(1)), told(409, "id_differs_in_case"));
    assert_eq!(city.ask("DELETE", "appointments/YY-1", &Value::Null).0, 409);
    assert_eq!(city.hall.counted("refused", "id_differs_in_case"), 2);
    controller.kill();

    let _controller = city.start();
    assert_eq!(city.ask("DELETE", "appointments/yy-2", &Value::Null), cancelled, "and after the cut");
    assert_eq!(city.ask("GET", "appointments/YY-1", &Value::Null).0, 409);
    let (status, one) = city.ask("GET", "appointments/yy-1", &Value::Null);
    let (date, time) = (city.today().to_string(), city.slot(2));
    let kept = json!({ "id": "yy-1", "service": "social", "date": date, "time": time, "state": "booked" });
    assert_eq!((status, one), (200, kept));
    let (_, all) = city.ask("GET", &format!("appointments?date={date}&service=social"), &Value::Null);
    let ids: Vec<_> = all["appointments"].as_array().unwrap().iter().map(|one| one["id"].clone()).collect();
    assert_eq!(ids, ["yy-1", "yy-3"]);
    let (_, day) = city.ask("GET", "slots", &Value::Null);
    let slot = json!({ "service": "social", "time": time, "capacity": 2, "booked": 1 });
    assert!(day["date"] == date && day["slots"].as_array().unwrap().contains(&slot), "{day}");
    assert_eq!(city.ask("GET", "slots?date=today", &Value::Null).0, 400);
    let (_, none) = city.ask("GET", "appointments?date=2020-01-01", &Value::Null);
    assert_eq!(none, json!({ "appointments": [] }));
    assert_eq!(city.book("yy-1", &city.wanted(2)), told(200, "unchanged"), "asked again after the cut");
    let csv = city.send("GET", "appointments.csv", "").1;
    assert_eq!(
        csv.lines().collect::<Vec<_>>()[..2],
        ["id,service,date,time,state,number".to_owned(), format!("yy-1,social,{date},{time},booked,"),]
    );
}

#[test]
fn what_cannot_be_booked_is_refused_with_its_reason_and_kept_nowhere() {
    let city = Booked::new();
    let _controller = city.start();
    let with = |key: &str, value: &str| {
        let mut wanted = city.wanted(1);
        wanted[key] = value.into();
        wanted
    };
    for (id, wanted, refusal) in [
        ("yy-1", with("service", "fishing"), told(422, "unknown_service")),
        ("yy-1", with("service", "tax"), told(422, "no_such_slot")),
        ("yy-1", with("date", "2020-01-01"), told(422, "slot_over")),
        ("yy-1", with("date", "2120-01-01"), told(422, "too_far_ahead")),
        ("13800138000", city.wanted(1), told(400, "wrong_id")),
    ] {
        assert_eq!(city.book(id, &wanted), refusal, "{id} {wanted}");
    }
    for (wanted, word) in [(with("name", "张三"), "name"), (with("time", "25:00"), "HH:MM")] {
        let (status, said) = city.ask("PUT", "appointments/yy-1", &wanted);
        let sentence = said["error"]["en"].as_str().unwrap();
        assert!(status == 400 && sentence.contains(word), "{wanted}: {said}");
    }
    let head = "Authorization: Bearer guessed-by-somebody\r\n";
    let (status, _) = wire::send(city.hall.web_port, "DELETE", "/api/v1/appointments/yy-1", head, "");
    assert_eq!(status, 401);
    let metrics = city.hall.get("/metrics");
    assert!(metrics.contains("wrong_id") && metrics.contains("unauthorized"), "{metrics}");
    let (_, events, _) = run(&["export", "--data", city.hall.data().to_str().unwrap(), "--format", "jsonl"]);
    assert!(!events.contains("张三") && !events.contains("13800138000") && !events.contains("booked"));
}

#[test]
fn an_appointment_checks_in_by_mqtt_passes_who_waits_and_its_story_tells_why() {
    let city = Booked::new();
    let _controller = city.start();
    let client = city.hall.client("devices");
    let mut kiosk = Device::new(&client, "kiosk/K1", 1);
    let mut pad = Device::new(&client, "window/1", 2);
    pad.press("open");
    city.book("yy-1", &city.wanted(1));
    kiosk.take("social");
    let check_in = kiosk.next(json!({ "request": { "check_in": { "code": "YY-1" } } }));
    let outcome = kiosk.ask("request", &check_in).body["outcome"].clone();
    assert_eq!(outcome["ticket"]["number"], "A002", "{outcome}");
    assert_eq!(outcome["ticket"]["appointment"], city.slot(1).as_str());
    let again = kiosk.next(json!({ "request": { "check_in": { "code": "yy-1" } } }));
    let refused = kiosk.ask("request", &again).body["outcome"]["refused"]["code"].clone();
    assert_eq!(refused, "already_checked_in");
    assert_eq!(city.book("yy-1", &city.wanted(2)), told(409, "already_checked_in"));
    let (_, one) = city.ask("GET", "appointments/yy-1", &Value::Null);
    assert_eq!((one["state"].as_str(), one["number"].as_str()), (Some("checked_in"), Some("A002")));

    // Its slot is still to come: it passes nobody, and is called when nobody else waits.
    assert_eq!(pad.press("next")["done"]["ticket"]["number"], "A001");
    pad.press("start");
    assert_eq!(pad.press("next")["done"]["ticket"]["number"], "A002");
    let config = city.hall.config();
    let story = |language| {
        let arguments = ["trace", "A002", "--lang", language, "--config", config.to_str().unwrap()];
        run(&arguments).1
    };
    let (slot, date) = (city.slot(1), city.today());
    let (zh, en) = (story("zh"), story("en"));
    for word in [
        format!("预约 yy-1：社会保险，{date} {slot}。来自接口用户 city"),
        format!("预约签到：yy-1，社会保险，预约 {slot}"),
        format!("；预约 {slot}。"),
    ] {
        assert!(zh.contains(&word), "{word}: {zh}");
    }
    assert!(en.contains("By the program city"), "{en}");
    assert!(en.contains(&format!("because of its appointment at {slot}")), "{en}");
}

#[test]
fn a_list_is_imported_line_by_line_and_tried_before_without_a_trace() {
    let city = Booked::new();
    let _controller = city.start();
    let (date, slot) = (city.today(), city.slot(1));
    let list = city.file(
        "list.csv",
        &format!(
            "预约编号,姓名,事项,日期,时间\r\nyy-1,张三,社会保险,{date},{slot}\r\nyy-2,李四,social,{date},{slot}\r\n\
             yy-3,王五,social,{date},{slot}\r\nyy-1,赵六,social,{date},{slot}\r\nyy-4,钱七,fishing,{date},{slot}\r\n\
             13800138000,孙八,social,{date},{slot}\r\nyy-5,周九,social,tomorrow,{slot}\r\n"
        ),
    );
    let list = list.to_str().unwrap();
    let (code, _, tried) = city.run(&["import", "--dry-run", list]);
    assert_eq!(code, 1, "{tried}");
    for word in [
        "Tried only, nothing was changed: 7 rows: 2 booked, 0 changed, 0 unchanged, 5 refused",
        "list.csv:4 (yy-3): “社会保险”的",
        "list.csv:5 (yy-1): 编号与第 2 行相同",
        "list.csv:6 (yy-4): 没有事项 fishing",
        "list.csv:7 (13800138000): 预约编号有误：这是手机号或身份证号，编号须与个人信息无关",
        "list.csv:8 (yy-5): 日期 tomorrow 有误",
        "kept nowhere: 姓名",
    ] {
        assert!(tried.contains(word), "{word}: {tried}");
    }
    assert_eq!(city.ask("GET", "appointments", &Value::Null).1, json!({ "appointments": [] }));

    let (code, _, done) = city.run(&["import", list]);
    let expected = tried.replace("Tried only, nothing was changed: ", "");
    assert_eq!((code, done), (1, expected));
    let counted = |name, reason| city.hall.counted(name, reason);
    for reason in ["twice", "unknown_service", "wrong_id", "wrong_date"] {
        assert_eq!(counted("import_refused", reason), 1, "{reason}, and not when it was only tried");
    }
    assert_eq!((counted("import_refused", "slot_full"), counted("refused", "slot_full")), (0, 1));
    let (code, _, again) = city.run(&["import", list]);
    assert!(code == 1 && again.contains("7 rows: 0 booked, 0 changed, 2 unchanged, 5 refused"), "{again}");
    let good = city.file("good.csv", &format!("id,service,date,time\nyy-1,social,{date},{}\n", city.slot(2)));
    let (code, said, _) = city.run(&["import", good.to_str().unwrap()]);
    assert_eq!((code, said.as_str()), (0, "1 rows: 0 booked, 1 changed, 0 unchanged, 0 refused\n"));
    let (code, csv, _) = city.run(&["export"]);
    assert_eq!((code, csv.lines().count()), (0, 3), "{csv}");
    let (code, marked, _) = city.run(&["export", "--excel"]);
    assert_eq!((code, marked.strip_prefix('\u{feff}')), (0, Some(&*csv)), "{marked}");

    let (code, _, said) = city.run(&["import", "no-such.csv"]);
    assert!(code == 1 && said.contains("no-such.csv cannot be read"), "{said}");
    let (code, _, said) = city.run(&["import", "--client", "bank", list]);
    assert!(code == 2 && said.contains("no [[client]] called \"bank\""), "{said}");
    let (_, events, _) = run(&["export", "--data", city.hall.data().to_str().unwrap(), "--format", "csv"]);
    assert!(events.contains("yy-1") && !events.contains("张三") && !events.contains("13800138000"));
}

#[test]
fn a_list_for_a_hall_that_is_not_open_says_so() {
    let city = Booked::new();
    let list = city.file("list.csv", "id,service,date,time\n");
    let (code, _, said) = city.run(&["import", list.to_str().unwrap()]);
    assert!(code == 1 && said.contains("does not answer"), "{said}");
}

#[test]
fn a_citizen_checks_in_in_the_browser_by_screen_keys_and_by_keyboard() {
    let city = Booked::new();
    let _controller = city.start();
    for id in ["yy-1", "yy-2"] {
        assert_eq!(city.book(id, &city.wanted(1)), told(201, "booked"));
    }
    let url = format!("http://127.0.0.1:{}/kiosk/K1", city.hall.web_port);
    let kiosk = Browser::start(390, 844);
    kiosk.open(&url);
    kiosk.click(".to-check-in");
    kiosk.await_text("请输入或扫描预约码");
    let wide = kiosk.script("return document.documentElement.scrollWidth <= window.innerWidth");
    assert_eq!(wide, Value::Bool(true), "the step is wider than a phone");
    for key in ["Y", "Y", "-", "7"] {
        kiosk.click(&format!(".code-keys [data-character=\"{key}\"]"));
    }
    kiosk.click(".check-in .go");
    kiosk.await_text("没有预约 YY-7，请核对预约码");
    kiosk.click(".code-keys [data-rub-out]");
    kiosk.click(".code-keys [data-character=\"1\"]");
    kiosk.click(".check-in .go");
    kiosk.await_text("A001");
    let said = kiosk.text();
    assert!(said.contains("预约时间") && said.contains(&city.slot(1)), "{said}");

    // The field has the focus: a keyboard, or a scanner, types the code and Enter.
    kiosk.open(&format!("{url}?lang=en"));
    kiosk.click(".to-check-in");
    kiosk.await_text("Enter or scan the code");
    kiosk.keys("13800138000\u{E007}");
    kiosk.await_text("enter no telephone or identity number");
    kiosk.script("document.querySelector('.check-in input').value = ''; document.querySelector('.check-in input').focus()");
    kiosk.keys("yy-2\u{E007}");
    kiosk.await_text("A002");
    assert!(kiosk.text().contains("Appointment"));
}
