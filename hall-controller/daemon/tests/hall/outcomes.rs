//! What came of a service, other than the usual: given by a pad over MQTT and by a clerk's page, and told by
//! the ticket's story, the report of the day and the exports.

use serde_json::{Value, json};

use crate::support::hall::{Device, TestHall};
use crate::support::webdriver::Browser;
use crate::support::{controller, eventually};

/// Each outcome by its word on the wire, in the story, and in the text of the report.
const OUTCOMES: [(&str, &str, &str); 6] = [
    ("finished", "办理完成", "办结 2"),
    ("missing_papers", "结果：一次性告知", "一次性告知 2"),
    ("back_office", "结果：转后台办理", "转后台 2"),
    ("referred", "结果：转其他部门", "转其他部门 2"),
    ("home_service", "结果：上门办理", "上门 2"),
    ("proxy", "结果：帮办代办", "代办 2"),
];

fn run(arguments: &[&str]) -> String {
    let (code, said, errors) = controller::run(arguments);
    assert_eq!(code, 0, "{arguments:?}: {errors}");
    said
}

#[test]
fn every_outcome_comes_by_mqtt_and_by_the_clerks_page_and_is_told_in_story_report_and_exports() {
    let hall = TestHall::new(1, &[]);
    let controller = hall.start();
    let client = hall.client("devices");
    let mut kiosk = Device::new(&client, "kiosk/K1", 1);
    Device::new(&client, "window/1", 9).press("open");
    let mut numbers = Vec::new();
    for (session, (outcome, ..)) in (10..).zip(OUTCOMES) {
        // Once the page has pressed, the pad begins a session of its own.
        let mut pad = Device::new(&client, "window/1", session);
        for by_page in [false, true] {
            let number = kiosk.take_number("social");
            assert_eq!(pad.press("next")["done"]["ticket"]["number"], number.as_str());
            pad.press("start");
            let words = json!({ "key": "finish", "ticket": number, "outcome": outcome });
            let done: Value = if by_page {
                serde_json::from_str(&hall.post("/api/window/1/press", &words.to_string())).unwrap()
            } else {
                let press = pad.next(words);
                pad.ask("press", &press).body["outcome"].clone()
            };
            assert_eq!(done["done"]["ticket"], Value::Null, "{outcome}: {done}");
            numbers.push((number, outcome));
        }
    }
    assert!(controller.stop().0.success());

    let data = hall.data();
    let data = ["--data", data.to_str().unwrap()];
    for ((number, _), (_, sentence, _)) in numbers.iter().zip(OUTCOMES.iter().flat_map(|it| [it, it])) {
        let story = run(&[&["trace", number][..], &data[..]].concat());
        assert!(story.contains(sentence), "{number}: {sentence}\nis not in\n{story}");
    }
    let report = run(&[&["report"][..], &data[..]].concat());
    for (_, _, counted) in OUTCOMES {
        assert!(report.contains(counted), "{counted}\nis not in\n{report}");
    }
    let report: Value = serde_json::from_str(&run(&[&["report", "--json"][..], &data[..]].concat())).unwrap();
    for (outcome, ..) in OUTCOMES {
        assert_eq!(report["services"][0]["outcomes"][outcome], 2, "{outcome}: {report}");
    }
    let rows = run(&[&["report", "--csv"][..], &data[..]].concat());
    let mut rows = rows.lines().map(|row| row.split(',').collect::<Vec<_>>());
    let (columns, social) = (rows.next().unwrap(), rows.next().unwrap());
    for (outcome, ..) in OUTCOMES {
        let place = columns.iter().position(|name| *name == format!("outcome_{outcome}")).unwrap();
        assert_eq!(social[place], "2", "{outcome}: {social:?}");
    }
    let lines = run(&[&["export", "--format", "jsonl"][..], &data[..]].concat());
    let exported: Vec<(String, String)> = lines
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .filter(|row| row["kind"] == "finished")
        .map(|row| {
            let event = &row["event"];
            let outcome = event["outcome"].as_str().unwrap_or("finished");
            (event["number"].as_str().unwrap().to_owned(), outcome.to_owned())
        })
        .collect();
    let given: Vec<(String, String)> =
        numbers.iter().map(|(number, outcome)| (number.clone(), (*outcome).to_owned())).collect();
    assert_eq!(exported, given);
    let csv = run(&[&["export", "--format", "csv"][..], &data[..]].concat());
    for (outcome, ..) in OUTCOMES.iter().skip(1) {
        let said = format!("\"\"outcome\"\":\"\"{outcome}\"\"");
        assert_eq!(csv.lines().filter(|row| row.contains(&said)).count(), 2, "{outcome}: {csv}");
    }
}

#[test]
fn each_outcome_is_chosen_from_the_menu_of_the_pads_page_and_the_next_service_begins_without() {
    let hall = TestHall::new(1, &[]);
    let _controller = hall.start();
    let client = hall.quiet_client("kiosk", "kiosk/K1");
    let mut kiosk = Device::new(&client, "kiosk/K1", 1);
    let pad = Browser::start(1280, 800);
    pad.open(&format!("http://127.0.0.1:{}/pad/1", hall.web_port));
    pad.click("button[data-key=open]");
    pad.await_text("开放");
    pad.script("document.querySelector('.more').open = true");
    for (outcome, ..) in OUTCOMES.iter().skip(1) {
        let number = kiosk.take_number("social");
        pad.click("button[data-key=next]");
        pad.await_text(&number);
        pad.click("button[data-key=start]");
        pad.await_text("办理中");
        let chosen = pad.script(&format!(
            "const menu = document.querySelector('[name=outcome]'); const none = menu.value === ''; \
             menu.value = '{outcome}'; return none && menu.value === '{outcome}'"
        ));
        assert_eq!(chosen, Value::Bool(true), "{outcome} is not in the menu, or the one before still is");
        pad.click("button[data-key=finish]");
        // The page's own display: NEXT pressed with the ticket before still on it is refused, as it should be.
        let ended = "return document.querySelector('.display .number').classList.contains('none')";
        eventually("the pad shows that the service ended", || (pad.script(ended) == true).then_some(()));
    }
    let data = hall.data();
    let report = run(&["report", "--json", "--data", data.to_str().unwrap()]);
    let report: Value = serde_json::from_str(&report).unwrap();
    for (outcome, ..) in OUTCOMES.iter().skip(1) {
        assert_eq!(report["services"][0]["outcomes"][outcome], 1, "{outcome}: {report}");
    }
}
