//! Presses on their way through the API, and what is refused before it gets there.

use hall_core::command::Details;
use hall_core::plan::Name;
use hall_protocol::payload::{Class, Grade, Key};
use serde_json::{Value, json};

use super::support::{Asked, Served};
use crate::devices::{NoReply, OwnTicket, Pressed, Wish};

const TAKE: &str = "/api/kiosk/K1/take";
const SOCIAL: &str = r#"{"service":"social"}"#;

fn asked(hall: &Served) -> Vec<Asked> {
    std::mem::take(&mut *hall.devices.asked.lock().unwrap())
}

#[tokio::test]
async fn a_ticket_is_asked_of_the_kiosk_s_device_and_its_outcome_given_back() {
    let hall = Served::start().await;
    let answer = hall.post(TAKE, SOCIAL, "").await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(answer.json()["ticket"]["number"], "A001");
    assert_eq!(asked(&hall), [wish(Class::Ordinary, &[])]);
}

/// Somebody wishes a ticket for social insurance, and for these matters.
fn wish(class: Class, also: &[&str]) -> Asked {
    let also = also.iter().map(|id| id.parse().unwrap()).collect();
    Asked::Take("K1".parse().unwrap(), Wish { service: "social".parse().unwrap(), class, also })
}

#[tokio::test]
async fn several_matters_are_asked_of_the_kiosk_s_device_in_their_order_and_no_more_than_may_be() {
    let hall = Served::start().await;
    hall.post(TAKE, r#"{"service":"social","also":["tax","night"]}"#, "").await;
    assert_eq!(asked(&hall), [wish(Class::Ordinary, &["tax", "night"])]);
    let refused = hall.post(TAKE, r#"{"service":"social","also":["a","b","c","d","e"]}"#, "").await;
    assert_eq!(refused.status, 400);
    assert!(refused.body.contains("5 further matters; one number has at most 4"), "{}", refused.body);
    assert_eq!(asked(&hall), []);
}

#[tokio::test]
async fn a_ticket_the_kiosk_printed_by_itself_has_no_count_of_who_is_ahead_and_the_page_says_so() {
    let hall = Served::start().await;
    let name = Name { zh: "社会保险".into(), en: "Social insurance".into() };
    *hall.devices.prints.lock().unwrap() = Some(OwnTicket {
        number: "A980".parse().unwrap(),
        service: "social".parse().unwrap(),
        name,
        zone: "A".parse().unwrap(),
        issued_at_ms: 5,
    });
    let told = hall.post(TAKE, SOCIAL, "").await.json();
    assert_eq!(
        told,
        json!({ "ticket": {
            "number": "A980", "service": "social", "zh": "社会保险", "en": "Social insurance", "zone": "A",
            "issued_at_ms": 5, "ahead": null
        } })
    );
    let page = hall.get("/kiosk/K1").await.body;
    assert!(page.contains("线路中断，暂时无法估计等候人数") && page.contains("暂不能估计"), "{page}");
    assert!(hall.get("/assets/kiosk.js").await.body.contains("kiosk_ahead_unknown"));
}

#[tokio::test]
async fn a_class_that_was_chosen_and_numbers_that_are_back_or_given_up_reach_the_kiosk_s_device() {
    let hall = Served::start().await;
    hall.post(TAKE, r#"{"service":"social","class":"elderly"}"#, "").await;
    let back = hall.post("/api/kiosk/K1/return", r#"{"number":"A009"}"#, "").await;
    assert_eq!(back.status, 200, "{}", back.body);
    assert_eq!(hall.post("/api/kiosk/K1/return", r#"{"number":"nine"}"#, "").await.status, 400);
    let kiosk = "K1".parse().unwrap();
    assert_eq!(hall.post("/api/kiosk/K1/cancel", r#"{"number":"A010"}"#, "").await.status, 200);
    let (take, [back, leaves]) = (wish(Class::Elderly, &[]), ["A009", "A010"].map(|it| it.parse().unwrap()));
    assert_eq!(asked(&hall), [take, Asked::Return(kiosk, back), Asked::Cancel(kiosk, leaves)]);
}

#[tokio::test]
async fn a_code_reaches_the_kiosk_s_device_and_a_telephone_number_does_not() {
    let hall = Served::start().await;
    let code = |body: &'static str| hall.post("/api/kiosk/K1/check-in", body, "");
    let answer = code(r#"{"code":" yy-1 "}"#).await;
    assert_eq!((answer.status, answer.json()["ticket"]["number"].as_str()), (200, Some("A001")));
    for wrong in [r#"{"code":"13800138000"}"#, r#"{"code":"张三"}"#, r#"{"code":""}"#] {
        let answer = code(wrong).await;
        assert_eq!(answer.status, 400, "{wrong}");
        assert!(answer.body.contains("请勿输入手机号"), "{}", answer.body);
    }
    assert_eq!(asked(&hall), [Asked::CheckIn("K1".parse().unwrap(), "YY-1".parse().unwrap())]);
}

#[tokio::test]
async fn without_a_token_no_program_is_heard_and_that_is_counted() {
    let hall = Served::start().await;
    for path in ["/api/v1/appointments", "/api/v1/appointments.csv", "/api/v1/appointments/yy-1"] {
        let answer = hall.get(path).await;
        assert_eq!((answer.status, answer.json()["error"]["code"].as_str()), (401, Some("unauthorized")));
        assert!(answer.head.contains("www-authenticate: bearer"), "{}", answer.head);
        assert!(answer.body.contains("[[client]]"), "{}", answer.body);
    }
    let import = hall.post("/api/v1/import/appointments", "[]", "Authorization: Bearer guess\r\n").await;
    assert_eq!(import.status, 401, "{}", import.body);
    assert_eq!(hall.metrics.by_reason("api_refused"), [("unauthorized", 4)].into());
}

#[tokio::test]
async fn a_grade_and_a_class_reach_the_window_s_device() {
    let hall = Served::start().await;
    hall.post("/api/window/7/press", r#"{"key":"evaluate","grade":"dissatisfied"}"#, "").await;
    let body = r#"{"key":"confirm_class","number":"A031","class":"disabled"}"#;
    hall.post("/api/window/7/press", body, "").await;
    let [Asked::Press(_, judged), Asked::Press(_, class)] = &asked(&hall)[..] else { panic!("two presses") };
    assert_eq!((judged.key, judged.details.grade), (Key::Evaluate, Some(Grade::Dissatisfied)));
    assert_eq!((class.details.number, class.details.class), ("A031".parse().ok(), Some(Class::Disabled)));
}

#[tokio::test]
async fn a_key_goes_to_the_window_s_device_with_the_ticket_the_page_showed() {
    let hall = Served::start().await;
    let press = |body: &'static str| hall.post("/api/window/7/press", body, "");
    let answer = press(r#"{"key":"no_show","ticket":"A012","reason":null}"#).await;
    assert_eq!(answer.json(), json!({ "done": { "mode": "open", "ticket": null } }));
    press(r#"{"key":"pause","ticket":null,"reason":"用餐"}"#).await;
    press(r#"{"key":"next"}"#).await;
    let pressed = |key, ticket: Option<&str>, reason: Option<&str>| {
        let ticket = ticket.map(|number| number.parse().unwrap());
        Asked::Press(
            "7".parse().unwrap(),
            Pressed { key, ticket, reason: reason.map(Into::into), details: Details::default() },
        )
    };
    let all = [
        pressed(Key::NoShow, Some("A012"), None),
        pressed(Key::Pause, None, Some("用餐")),
        pressed(Key::Next, None, None),
    ];
    assert_eq!(asked(&hall), all);
}

#[tokio::test]
async fn what_the_menu_sends_with_a_key_reaches_the_window_s_device() {
    let hall = Served::start().await;
    hall.post("/api/window/7/press", r#"{"key":"pick","number":"A031","reason":"急事"}"#, "").await;
    let body = r#"{"key":"transfer","ticket":"A012","to_service":"tax","to_window":"1"}"#;
    hall.post("/api/window/7/press", body, "").await;
    let [Asked::Press(_, pick), Asked::Press(_, transfer)] = &asked(&hall)[..] else { panic!("two presses") };
    assert_eq!((pick.key, pick.details.number), (Key::Pick, "A031".parse().ok()));
    assert_eq!(pick.reason.as_deref(), Some("急事"));
    assert_eq!(transfer.ticket, "A012".parse().ok());
    let details = transfer.details;
    assert_eq!((details.to_service, details.to_window), ("tax".parse().ok(), "1".parse().ok()));
}

#[tokio::test]
async fn a_refusal_comes_with_its_sentence_in_both_languages() {
    let hall = Served::start().await;
    let refused = json!({ "v": 1, "session": 1, "seq": 1, "outcome": { "refused":
        { "code": "nobody_waiting", "zh": "暂无人等候", "en": "Nobody is waiting" } } });
    *hall.devices.window.lock().unwrap() = Ok(serde_json::from_value(refused.clone()).unwrap());
    let answer = hall.post("/api/window/1/press", r#"{"key":"next"}"#, "").await;
    assert_eq!((answer.status, answer.json()), (200, refused["outcome"].clone()));
}

#[tokio::test]
async fn a_device_that_gives_no_reply_is_told_by_the_status() {
    let hall = Served::start().await;
    for (why, status) in [
        (NoReply::UnknownDevice("K1".into()), 404),
        (NoReply::TimedOut { waited_ms: 8_000 }, 504),
        (NoReply::Unreadable("not JSON".into()), 502),
    ] {
        *hall.devices.kiosk.lock().unwrap() = Err(why.clone());
        let answer = hall.post(TAKE, SOCIAL, "").await;
        assert_eq!(answer.status, status, "{why}");
        let error = &answer.json()["error"];
        assert!(error["zh"].is_string() && error["en"].is_string(), "{error}");
    }
}

#[tokio::test]
async fn other_sites_other_hosts_and_other_bodies_press_nothing() {
    let hall = Served::start().await;
    let port = hall.address.port();
    let (bytes, long) = (SOCIAL.len(), format!(r#"{{"service":"{}"}}"#, "s".repeat(5_000)));
    let raw = |host: &str, kind: &str| {
        format!(
            "POST {TAKE} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Type: {kind}\r\n\
             Content-Length: {bytes}\r\n\r\n{SOCIAL}"
        )
    };
    let own = hall.address.to_string();
    let answers = [
        (hall.post(TAKE, SOCIAL, "Origin: http://evil.example\r\n").await, 403),
        (hall.post(TAKE, SOCIAL, "Origin: null\r\n").await, 403),
        (hall.post(TAKE, SOCIAL, &format!("Origin: http://127.0.0.1:{}\r\n", port ^ 1)).await, 403),
        (hall.ask(&raw("evil.example", "application/json")).await, 421),
        (hall.ask(&raw(&own, "text/plain")).await, 415),
        (hall.ask(&raw(&own, "application/x-www-form-urlencoded")).await, 415),
        (hall.post(TAKE, &long, "").await, 413),
        (hall.post(TAKE, "", "").await, 400),
        (hall.post(TAKE, r#"{"service":"../tax"}"#, "").await, 400),
        (hall.post(TAKE, r#"{"service":"social","class":"emperor"}"#, "").await, 400),
        (hall.post("/api/kiosk/K%2F1/take", SOCIAL, "").await, 404),
        (hall.post("/api/window/1/press", r#"{"key":"explode"}"#, "").await, 400),
        (hall.post("/api/window/1/press", r#"{"key":"next","ticket":"A1"}"#, "").await, 400),
        (hall.get(TAKE).await, 405),
    ];
    for (i, (answer, status)) in answers.iter().enumerate() {
        assert_eq!(answer.status, *status, "{i}: {}", answer.body);
        assert!(answer.json()["error"]["zh"].is_string(), "{i}: {}", answer.body);
        if [400, 405, 413].contains(status) {
            assert!(answer.json()["error"]["code"].is_string(), "{i}: {}", answer.body);
        }
    }
    assert_eq!(asked(&hall), []);
    let same = format!("Origin: http://{own}\r\n");
    assert_eq!(hall.post(TAKE, SOCIAL, &same).await.status, 200, "the hall's own pages may");
}

#[tokio::test]
async fn the_hall_answers_to_this_machine_s_names_only() {
    let hall = Served::start().await;
    let get = |host: String| format!("GET / HTTP/1.1\r\n{host}Connection: close\r\n\r\n");
    let port = hall.address.port();
    for host in ["localhost", "127.0.0.1", "[::1]"] {
        assert_eq!(hall.ask(&get(format!("Host: {host}:{port}\r\n"))).await.status, 200, "{host}");
    }
    for foreign in ["Host: rebound.example\r\n", "Host: 10.0.0.1\r\n", ""] {
        let answer = hall.ask(&get(foreign.to_owned())).await;
        assert!(matches!(answer.status, 400 | 421), "{foreign:?}: {}", answer.status);
        assert!(!answer.body.contains("测试大厅"), "{foreign:?}");
    }
}

#[tokio::test]
async fn the_view_gives_windows_zones_services_and_totals() {
    let mut hall = Served::start().await;
    hall.take("social");
    hall.take("tax");
    hall.key("1", Key::Next);
    let view = hall.get("/api/view").await;
    assert!(view.head.contains("content-type: application/json"), "{}", view.head);
    let view = view.json();
    assert_eq!((&view["totals"]["issued"], &view["totals"]["waiting"]), (&json!(2), &json!(1)));
    let window = &view["windows"][0];
    assert_eq!(
        (&window["id"], &window["mode"], &window["lamp"]),
        (&json!("1"), &json!("open"), &json!("red"))
    );
    assert_eq!((&window["ticket"]["number"], &window["ticket"]["state"]), (&json!("A001"), &json!("called")));
    assert_eq!(view["windows"][1]["ticket"], Value::Null);
    let zone = &view["zones"][0];
    assert_eq!((&zone["name"]["en"], &zone["calls"][0]["number"]), (&json!("Zone A"), &json!("A001")));
    let (tax, night) = (&view["services"][1], &view["services"][2]);
    assert_eq!((&tax["waiting"], &tax["open"], &tax["why"]), (&json!(1), &json!(true), &Value::Null));
    assert_eq!((&tax["until"], &view["services"][0]["until"]), (&json!("17:30"), &Value::Null));
    assert_eq!((&night["open"], &night["why"]["code"]), (&json!(false), &json!("outside_hours")));
    assert_eq!(
        (&night["until"], &night["why"]["zh"]),
        (&Value::Null, &json!("该事项现在不取号，请于明天00:00再来"))
    );
}
