//! The manager, by token: orders and what they do to pads, kiosks and the journal.

mod keyboard;
mod part;
mod undo;
mod unseen;
mod unserved;

use serde_json::{Value, json};

use crate::support::client::Client;
use crate::support::controller::{Controller, run};
use crate::support::eventually;
use crate::support::hall::{Device, TestHall, topic};
use crate::support::webdriver::Browser;
use crate::support::wire;

const TOKEN: &str = "fedcba9876543210fedcba9876543210";
const CITY: &str = "0123456789abcdef0123456789abcdef";

/// A hall with a manager, and a clerk for each window who can do both services.
struct Managed {
    hall: TestHall,
}

impl Managed {
    fn new(windows: usize) -> Self {
        let hall = TestHall::new(windows, &[]);
        let config = std::fs::read_to_string(hall.config()).unwrap();
        let config = config.replace(
            "time_zone = \"Asia/Shanghai\"",
            "time_zone = \"Asia/Shanghai\"\nrouting = \"fcfs\"\nbalance = \"off\"",
        ) + "\n[[client]]\nid = \"chief\"\nmay = [\"manage\"]\ntoken_file = \"chief.token\"\n\
             \n[[client]]\nid = \"city\"\ntoken_file = \"city.token\"\n\n[guard_rails]\ndwell_minutes = 0\n";
        let clerk = |n: usize| {
            format!(
                "\n[[clerk]]\nid = \"c{n}\"\nname = \"王芳\"\nname_en = \"Wang Fang\"\nservices = [\"social\", \"tax\"]\n"
            )
        };
        let config = (1..=windows).map(clerk).fold(config, |config, clerk| config + &clerk);
        std::fs::write(hall.config(), config).unwrap();
        for (file, token) in [("chief.token", TOKEN), ("city.token", CITY)] {
            std::fs::write(hall.config().with_file_name(file), token).unwrap();
        }
        Self { hall }
    }

    fn start(&self) -> Controller {
        self.hall.start()
    }

    fn as_client(&self, token: &str, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let head = format!("Authorization: Bearer {token}\r\nContent-Type: application/json\r\n");
        let (status, said) = wire::send(self.hall.web_port, method, &format!("/api/v1/{path}"), &head, &body);
        (status, serde_json::from_str(&said).unwrap_or(Value::String(said)))
    }

    /// Order something; the status, and `done` or the code of the refusal.
    fn order(&self, method: &str, path: &str, body: &Value) -> (u16, String) {
        let (status, said) = self.as_client(TOKEN, method, path, body);
        let code = said["error"]["code"].as_str();
        (
            status,
            code.map_or_else(
                || if said["done"] == true { "done".into() } else { said.to_string() },
                str::to_owned,
            ),
        )
    }

    fn picture(&self) -> Value {
        self.as_client(TOKEN, "GET", "manage", &Value::Null).1
    }
}

fn told(status: u16, word: &str) -> (u16, String) {
    (status, word.to_owned())
}

#[test]
fn the_answer_to_an_emergency_and_the_manager_s_picture_say_since_when_and_by_whom() {
    let managed = Managed::new(1);
    let config = std::fs::read_to_string(managed.hall.config()).unwrap();
    std::fs::write(
        managed.hall.config(),
        config.replace("may = [\"manage\"]", "may = [\"manage\", \"emergency\"]"),
    )
    .unwrap();
    let controller = managed.start();
    assert_eq!(managed.picture()["emergencies"], json!([]));
    let asked = json!({ "zh": "请撤离", "en": "Leave now", "by": "li", "reason": "drill" });
    let before = jiff::Timestamp::now().as_millisecond();
    let (status, told) = managed.as_client(TOKEN, "POST", "emergency", &asked);
    let stands = &told["emergencies"][0];
    let since_ms = stands["since_ms"].as_i64().unwrap();
    assert!((before..=jiff::Timestamp::now().as_millisecond()).contains(&since_ms), "{told}");
    let since: jiff::Timestamp = stands["since"].as_str().unwrap().parse().unwrap();
    assert_eq!(since.as_second(), since_ms / 1_000, "{told}");
    assert_eq!((status, &told["changed"], &stands["zone"]), (200, &json!(true), &Value::Null));
    assert_eq!(
        (&stands["client"], &stands["by"], &stands["reason"]),
        (&json!("chief"), &json!("li"), &json!("drill"))
    );
    let again = managed.as_client(TOKEN, "POST", "emergency", &asked).1;
    assert_eq!((&again["changed"], &again["emergencies"]), (&json!(false), &told["emergencies"]));
    assert_eq!(managed.picture()["emergencies"], told["emergencies"]);
    let view = managed.hall.view()["emergencies"].to_string();
    assert!(view.contains("请撤离") && !view.contains("drill") && !view.contains("chief"), "{view}");
    controller.kill();
    let _controller = managed.start();
    assert_eq!(managed.picture()["emergencies"], told["emergencies"], "over a power cut");
    let cleared = managed.as_client(TOKEN, "POST", "emergency/clear", &json!({})).1;
    assert_eq!(cleared, json!({ "changed": true, "emergencies": [] }));
}

#[test]
fn an_allocation_is_on_pad_and_screen_at_once_and_survives_a_power_cut() {
    let managed = Managed::new(2);
    let controller = managed.start();
    let client = managed.hall.client("devices");
    let mut kiosk = Device::new(&client, "kiosk/K1", 1);
    kiosk.take_number("tax");
    for window in ["1", "2"] {
        assert_eq!(managed.order("POST", &format!("windows/{window}/open"), &Value::Null), told(200, "done"));
    }
    let only = json!({ "primary": ["social"], "backup": [] });
    assert_eq!(managed.order("PUT", "windows/1/allocation", &only), told(200, "done"));
    let view = managed.hall.view();
    assert_eq!((&view["windows"][0]["waiting"], &view["windows"][1]["waiting"]), (&json!(0), &json!(1)));
    let mut pad = Device::new(&client, "window/1", 1);
    assert_eq!(pad.press("next")["refused"]["code"], "nobody_waiting");
    controller.kill();

    let _controller = managed.start();
    assert_eq!(managed.picture()["windows"][0]["primary"], json!(["social"]));
    assert_eq!(managed.order("POST", "windows/1/undo", &Value::Null), told(200, "done"));
    let client = managed.hall.client("devices");
    let mut pad = Device::new(&client, "window/1", 2);
    assert_eq!(pad.press("next")["done"]["ticket"]["number"], "B001");
    let why = &managed.hall.view()["windows"][0]["why"];
    assert_eq!((&why["zh"], &why["en"]), (&json!("等候最久"), &json!("waiting longest")));
    let state = client.wait("the pad says why", |message| {
        message.topic == topic("window/1/state") && message.body["ticket"]["number"] == "B001"
    });
    assert_eq!(&state.body["why"], why);
    assert_eq!(managed.order("POST", "windows/1/undo", &Value::Null), told(409, "nothing_to_undo"));
    let (_, events, _) =
        run(&["export", "--data", managed.hall.data().to_str().unwrap(), "--format", "jsonl"]);
    assert!(events.lines().any(|line| line.contains("allocated") && line.contains("chief")), "{events}");
}

#[test]
fn orders_need_the_manager_s_token_and_what_is_wrong_is_named() {
    let managed = Managed::new(1);
    let _controller = managed.start();
    let nobody = managed.as_client("none", "PUT", "balance", &json!({ "balance": "auto" }));
    assert_eq!((nobody.0, &nobody.1["error"]["code"]), (401, &json!("unauthorized")));
    let city = managed.as_client(CITY, "PUT", "balance", &json!({ "balance": "auto" }));
    assert_eq!((city.0, &city.1["error"]["code"]), (403, &json!("forbidden")));
    let chief = managed.as_client(TOKEN, "GET", "appointments", &Value::Null);
    assert_eq!(chief.0, 403, "who manages does not book");
    for (method, path, body, status, code) in [
        ("POST", "windows/9/open", Value::Null, 404, "unknown_window"),
        ("POST", "windows/1/dance", Value::Null, 404, "unknown_order"),
        ("POST", "windows/a~b/open", Value::Null, 404, "wrong_id"),
        ("POST", "windows/1/resume", Value::Null, 422, "window_closed"),
        ("PUT", "windows/1/allocation", json!({ "primary": ["visa"] }), 422, "unknown_service"),
        ("PUT", "windows/1/allocation", json!({ "primary": [] }), 422, "nothing_to_serve"),
        ("POST", "proposals/7/accept", Value::Null, 404, "unknown_proposal"),
        ("POST", "proposals/7/reject", json!({ "reason": "不便" }), 404, "unknown_proposal"),
        ("PUT", "routing", json!({ "group": "fish", "routing": "fcfs" }), 404, "unknown_group"),
        ("PUT", "windows/1/pin", Value::Null, 200, "done"),
        ("DELETE", "windows/1/pin", Value::Null, 200, "done"),
        ("PUT", "routing", json!({ "routing": "priority" }), 200, "done"),
        ("PUT", "balance", json!({ "balance": "auto" }), 200, "done"),
        ("PUT", "services/tax/stop", Value::Null, 200, "done"),
    ] {
        assert_eq!(managed.order(method, path, &body), told(status, code), "{method} {path} {body}");
    }
    let (status, said) = managed.as_client(TOKEN, "PUT", "balance", &json!({ "balance": "advice" }));
    assert!(status == 400 && said["error"]["en"].as_str().unwrap().contains("advice"), "{said}");
    let picture = managed.picture();
    assert_eq!((&picture["balance"], &picture["routing"]), (&json!("auto"), &json!("priority")));
    assert_eq!(picture["services"][1]["stopped"], true);
    let client = managed.hall.client("devices");
    let refused = Device::new(&client, "kiosk/K1", 1).take("tax");
    assert_eq!(refused["refused"]["code"], "outside_hours");
}

/// The proposal to move a window, once there is one.
fn to_move(managed: &Managed) -> Value {
    eventually("a proposal to move a window", || {
        let picture = managed.picture();
        let all = picture["proposals"].as_array()?.clone();
        all.into_iter().find(|it| it["effects"].as_array().is_some_and(|effects| !effects.is_empty()))
    })
}

/// Twelve wait for tax, which only the second of two open windows serves; each has a clerk for both.
fn crowd(managed: &Managed, client: &Client) {
    let mut kiosk = Device::new(client, "kiosk/K1", 1);
    for _ in 0..12 {
        kiosk.take_number("tax");
    }
    for (window, serves) in [("1", "social"), ("2", "tax")] {
        let mut pad = Device::new(client, &format!("window/{window}"), 1);
        let sign_on = pad.next(json!({ "key": "sign_on", "clerk_id": format!("c{window}") }));
        pad.ask("press", &sign_on);
        let only = json!({ "primary": [serves] });
        assert_eq!(managed.order("PUT", &format!("windows/{window}/allocation"), &only), told(200, "done"));
        assert_eq!(managed.order("POST", &format!("windows/{window}/open"), &Value::Null), told(200, "done"));
    }
}

/// The proposal that windows 1 and 3 do tax besides social insurance.
fn to_move_both(managed: &Managed, client: &Client) -> Value {
    crowd(managed, client);
    let mut pad = Device::new(client, "window/3", 1);
    let sign_on = pad.next(json!({ "key": "sign_on", "clerk_id": "c3" }));
    pad.ask("press", &sign_on);
    let only = json!({ "primary": ["social"] });
    assert_eq!(managed.order("PUT", "windows/3/allocation", &only), told(200, "done"));
    assert_eq!(managed.order("POST", "windows/3/open", &Value::Null), told(200, "done"));
    assert_eq!(managed.order("PUT", "balance", &json!({ "balance": "advise" })), told(200, "done"));
    let proposal = to_move(managed);
    let windows: Vec<_> = proposal["moves"].as_array().unwrap().iter().map(|it| &it["window"]).collect();
    assert_eq!(windows, ["1", "3"], "{proposal}");
    proposal
}

#[test]
fn a_proposal_is_accepted_over_http_and_another_rejected() {
    let managed = Managed::new(2);
    let _controller = managed.start();
    let client = managed.hall.client("devices");
    crowd(&managed, &client);
    assert_eq!(managed.order("PUT", "balance", &json!({ "balance": "advise" })), told(200, "done"));
    let proposal = to_move(&managed);
    let (id, what) = (&proposal["id"], proposal["what"]["zh"].as_str().unwrap());
    assert!(what.contains("1 号窗口") && what.contains("税务"), "{proposal}");
    let effect = &proposal["effects"][0];
    assert!(effect["after"]["mean_s"].as_u64() < effect["before"]["mean_s"].as_u64(), "{effect}");
    assert_eq!(
        managed.order("POST", &format!("proposals/{id}/reject"), &json!({ "reason": "" })),
        told(422, "reason_required")
    );
    let accept = format!("proposals/{id}/accept");
    assert_eq!(managed.order("POST", &accept, &json!({ "reason": "可以" })), told(200, "done"), "all of it");
    let mut pad = Device::new(&client, "window/1", 2);
    assert_eq!(pad.press("next")["done"]["ticket"]["number"], "B001");
    for again in [Value::Null, json!({}), json!({ "windows": ["1"] }), json!({ "windows": ["1", "1"] })] {
        assert_eq!(managed.order("POST", &accept, &again), told(200, "done"), "again: {again}");
    }
    for other in [json!({ "windows": [], "reason": "不便" }), json!({ "windows": ["2"], "reason": "不便" })]
    {
        assert_eq!(managed.order("POST", &accept, &other), told(409, "proposal_answered"), "{other}");
    }
    assert_eq!(
        managed.order("POST", &format!("proposals/{id}/reject"), &json!({ "reason": "不便" })),
        told(409, "proposal_answered")
    );
    let picture = managed.picture();
    assert_eq!((&picture["record"]["proposed"], &picture["record"]["accepted"]), (&json!(1), &json!(1)));
    assert_eq!(picture["proposals"][0]["standing"], json!({ "is": "accepted" }));
}

#[test]
fn a_notice_names_the_window_to_open_and_the_wait_a_citizen_is_told_now() {
    let managed = Managed::new(2);
    let _controller = managed.start();
    let client = managed.hall.client("devices");
    let mut kiosk = Device::new(&client, "kiosk/K1", 1);
    for _ in 0..12 {
        kiosk.take_number("tax");
    }
    assert_eq!(managed.order("POST", "windows/2/open", &Value::Null), told(200, "done"));
    assert_eq!(managed.order("PUT", "balance", &json!({ "balance": "advise" })), told(200, "done"));
    // The picture in which its notice is, for the notice tells what stands beside it.
    let notice = |waiting: u64| {
        let (picture, notice) = eventually("the notice of tax", || {
            let picture = managed.picture();
            let tax = &picture["services"][1];
            if tax["waiting"] != waiting || tax["estimate"].is_null() {
                return None;
            }
            let mut all = picture["proposals"].as_array()?.iter();
            let notice = all.find(|it| it["what"]["zh"] == "税务：请开放 1 号窗口")?.clone();
            Some((picture, notice))
        });
        let estimate = &picture["services"][1]["estimate"];
        let (from, to) = (&estimate["from_minutes"], &estimate["to_minutes"]);
        assert_eq!(
            notice["why"]["zh"],
            format!("税务 现在取号约 {from}–{to} 分钟，目标 15 分钟，{waiting} 人等候"),
            "{picture}"
        );
        assert_eq!(notice["what"]["en"], "Tax: open window 1");
        notice
    };
    let first = notice(12);
    assert_eq!(first["kind"], "notice");
    // No review comes between: the page's figure is of now all the same.
    kiosk.take_number("tax");
    assert_eq!(notice(13)["id"], first["id"]);
}

/// What is wrong with an order is said to the program that gave it, and names the remedy.
#[test]
fn errors_of_orders_name_what_was_given_and_what_can_be() {
    let managed = Managed::new(1);
    let _controller = managed.start();
    let said = |method: &str, path: &str, body: Value| {
        let error = managed.as_client(TOKEN, method, path, &body).1["error"].clone();
        (error["zh"].as_str().unwrap().to_owned(), error["en"].as_str().unwrap().to_owned())
    };
    for (method, path, body, zh, en) in [
        (
            "PUT",
            "services/nosuch/stop",
            Value::Null,
            "没有事项 nosuch，请核对",
            "There is no service nosuch; compare",
        ),
        ("PUT", "services/taxx/stop", Value::Null, "您是指 tax 吗", "did you mean tax?"),
        (
            "POST",
            "windows/1/fly",
            Value::Null,
            "“fly”这个操作，可用 open、close",
            "no order fly for a window",
        ),
        ("POST", "proposals/abc/accept", Value::Null, "“abc”不是编号", "abc is no id"),
        (
            "PUT",
            "balance",
            json!({ "balance": "advice" }),
            "可用 off、advise、auto",
            "no value advice; use off, advise, auto",
        ),
    ] {
        let (in_chinese, in_english) = said(method, path, body);
        assert!(in_chinese.contains(zh), "{in_chinese}");
        assert!(in_english.contains(en) && !in_english.contains(" column "), "{in_english}");
    }
}

/// Where the manager signs in.
fn enter(browser: &Browser, managed: &Managed, path: &str) {
    browser.open(&format!("http://127.0.0.1:{}{path}", managed.hall.web_port));
    browser.script("document.querySelector('#token').focus()");
    browser.keys(&format!("{TOKEN}\u{E007}"));
}

/// With `SCREENSHOTS` set to a folder, a picture to look at.
fn keep(name: &str, browser: &Browser) {
    let picture = browser.screenshot();
    assert!(picture.starts_with(b"\x89PNG"));
    if let Some(folder) = std::env::var_os("SCREENSHOTS") {
        std::fs::write(std::path::Path::new(&folder).join(name), picture).unwrap();
    }
}

#[test]
fn the_manager_sees_both_afternoons_before_applying_and_a_phone_is_wide_enough() {
    let managed = Managed::new(2);
    let controller = managed.start();
    let client = managed.hall.client("devices");
    crowd(&managed, &client);

    let browser = Browser::start(1280, 1400);
    browser.open(&format!("http://127.0.0.1:{}/manage", managed.hall.web_port));
    browser.keys("\u{E004}");
    browser.script("document.querySelector('#token').focus()");
    browser.keys("wrong-token-of-sixteen\u{E007}");
    browser.await_text("令牌不正确");
    enter(&browser, &managed, "/manage");
    browser.await_text("建议与实效");
    browser.await_text("王芳");

    // The balancer is turned on in the page, and proposes.
    browser.script(
        "const it = document.querySelector('.balance'); it.value = 'advise'; it.dispatchEvent(new Event('change'))",
    );
    browser.await_text("采纳");
    browser.await_text("税务，半小时内取号的人平均等候");
    keep("manage-proposal.png", &browser);

    // Twelve wait for one window: who took a number now would wait long.
    let tax = "return [...document.querySelectorAll('tr[data-key=tax] td')].map((it) => it.textContent)";
    let told = eventually("the wait for tax", || {
        let cells = browser.script(tax);
        cells[1].as_str().filter(|wait| wait.starts_with("约 ")).map(|_| cells.clone())
    });
    assert_eq!((&told[0], &told[2]), (&json!("12"), &json!("15 分钟")), "waiting and target: {told}");
    let estimate = managed.picture()["services"][1]["estimate"].clone();
    let (median, most) =
        (estimate["from_minutes"].as_u64().unwrap(), estimate["to_minutes"].as_u64().unwrap());
    assert!(median >= 40 && most > median, "twelve of eight minutes each: {estimate}");

    // A draft by keyboard: window 1 also does tax; both afternoons are there within a second.
    browser.script("document.querySelector('tr[data-key=\"1\"] [data-name=change]').focus()");
    browser.keys("\u{E007}");
    browser.await_text("先看两小时");
    browser.script("document.querySelector('input[name=tier-tax][value=backup]').focus()");
    browser.keys(" ");
    let asked = std::time::Instant::now();
    browser.click(".draft .try");
    browser.await_text("届时仍等候");
    eprintln!("the next two hours both ways after {} ms", asked.elapsed().as_millis());
    let better = "return document.querySelectorAll('.foretold tr.better').length";
    assert_eq!(browser.script(better), json!(1), "tax waits less: {}", browser.text());
    assert_eq!(managed.picture()["windows"][0]["backup"], json!([]), "nothing is applied yet");
    keep("manage-what-if.png", &browser);
    browser.click(".draft .apply");
    browser.await_text("备办：税务");
    assert_eq!(managed.picture()["windows"][0]["backup"], json!(["tax"]));
    // What the proposal was about is done: it lapses, and the page says so by itself.
    browser.await_text("已失效");
    browser.click("tr[data-key='1'] [data-name=pin]");
    browser.await_text("已锁定");
    browser.click("tr[data-key='1'] [data-name=undo]");
    eventually("the change is undone", || {
        (managed.picture()["windows"][0]["backup"] == json!([])).then_some(())
    });

    browser.script("document.querySelector('tr[data-key=\"1\"] [data-name=change]').click()");
    controller.kill();
    for key in ["tr[data-key='1'] [data-name=pin]", ".draft .try"] {
        browser.click(key);
        browser.await_text("没有收到叫号系统的应答");
        browser.script("document.querySelector('.said').textContent = ''");
    }
    assert!(!browser.text().contains("Failed to fetch"), "{}", browser.text());
    let _controller = managed.start();

    let phone = Browser::start(390, 844);
    enter(&phone, &managed, "/manage?lang=en");
    phone.await_text("Track record");
    phone.await_text("Wang Fang");
    let wide = phone.script("return document.documentElement.scrollWidth <= window.innerWidth");
    assert_eq!(wide, Value::Bool(true), "the page is wider than a phone");
    keep("manage-phone.png", &phone);
}

#[test]
fn a_draft_is_played_within_a_second_and_changes_nothing() {
    let managed = Managed::new(2);
    let _controller = managed.start();
    let client = managed.hall.client("devices");
    let mut kiosk = Device::new(&client, "kiosk/K1", 1);
    (0..12).for_each(|_| drop(kiosk.take_number("tax")));
    for window in ["1", "2"] {
        managed.order("POST", &format!("windows/{window}/open"), &Value::Null);
    }
    let before = managed.picture();
    let pause = json!({ "orders": [{ "order": "pause", "window": "2" }] });
    let (status, told) = managed.as_client(TOKEN, "POST", "what-if", &pause);
    assert_eq!((status, &told["minutes"]), (200, &json!(120)), "{told}");
    assert!(told["played"].as_u64().unwrap() >= 1);
    let tax = &told["services"][1];
    let mean = |way: &str| tax[way]["mean_minutes"].as_f64().unwrap();
    assert!(tax["after"]["gave_up"].as_f64().is_some(), "{tax}");
    assert!(mean("after") > mean("before") + 5.0, "one window instead of two: {tax}");
    // Estimates fall with the clock.
    let timeless = |mut picture: Value| {
        picture["at_ms"] = Value::Null;
        picture["services"].as_array_mut().unwrap().iter_mut().for_each(|it| it["estimate"] = Value::Null);
        picture
    };
    assert_eq!(timeless(managed.picture()), timeless(before));
    let wrong = json!({ "orders": [{ "order": "pause", "window": "9" }] });
    let (status, told) = managed.as_client(TOKEN, "POST", "what-if", &wrong);
    assert!(status == 422 && told["error"]["en"].as_str().unwrap().contains("no window 9"), "{told}");
}
