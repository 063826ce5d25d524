//! All that an accepted proposal changed, undone by one order: on the page, on the pads and on what is published.

use super::*;

/// A proposal that moves windows 1 and 3, accepted whole: both of them do tax now besides social insurance.
fn accepted(managed: &Managed, client: &Client) -> Value {
    let proposal = to_move_both(managed, client);
    let accept = format!("proposals/{}/accept", proposal["id"]);
    assert_eq!(managed.order("POST", &accept, &Value::Null), told(200, "done"));
    proposal["id"].clone()
}

fn primaries(managed: &Managed) -> Vec<Value> {
    let picture = managed.picture();
    [0, 2].map(|place: usize| picture["windows"][place]["primary"].clone()).to_vec()
}

#[test]
fn an_accepted_proposal_is_undone_by_keyboard_at_all_its_windows_at_once() {
    let managed = Managed::new(3);
    let _controller = managed.start();
    let client = managed.hall.client("devices");
    let id = accepted(&managed, &client);
    assert_eq!(primaries(&managed), [json!(["social", "tax"]), json!(["social", "tax"])]);
    let picture = managed.picture();
    assert_eq!(picture["proposals"][0]["undoable"]["windows"], json!(["1", "3"]));

    let browser = Browser::start(1280, 1400);
    enter(&browser, &managed, "/manage");
    browser.await_text("撤销此建议：1 号窗口、3 号窗口");
    keep("manage-undo.png", &browser);
    browser.script(&format!("document.querySelector('.told [data-name=\"undo-{id}\"]').focus()"));
    browser.keys("\u{E007}");
    browser.await_text("已撤销");
    eventually("the key is gone", || (!browser.text().contains("撤销此建议")).then_some(()));
    let focused = browser.script("return document.activeElement.id");
    assert_eq!(focused, json!("record"), "the focus is at the head of the list");
    keep("manage-undone.png", &browser);

    assert_eq!(primaries(&managed), [json!(["social"]), json!(["social"])]);
    assert_eq!(managed.picture()["proposals"][0]["standing"], json!({ "is": "undone" }));
    let mut pad = Device::new(&client, "window/3", 2);
    assert_eq!(pad.press("next")["refused"]["code"], "nobody_waiting", "tax is no more for its pad");
    let undo = format!("proposals/{id}/undo");
    assert_eq!(managed.order("POST", &undo, &Value::Null), told(200, "done"), "it is so already");
    let (_, events, _) =
        run(&["export", "--data", managed.hall.data().to_str().unwrap(), "--format", "jsonl"]);
    let undone: Vec<&str> = events.lines().filter(|line| line.contains("\"undone\":true")).collect();
    assert_eq!(undone.len(), 2, "{events}");
    for line in undone {
        assert!(line.contains(&format!("\"proposal\":{id}")) && line.contains("chief"), "{line}");
    }
}

#[test]
fn where_a_window_was_changed_since_the_page_undoes_the_others_and_says_so() {
    let managed = Managed::new(3);
    let _controller = managed.start();
    let client = managed.hall.client("devices");
    let id = accepted(&managed, &client);
    let tax = json!({ "primary": ["tax"] });
    assert_eq!(managed.order("PUT", "windows/1/allocation", &tax), told(200, "done"));
    let undo = format!("proposals/{id}/undo");
    let (status, said) = managed.as_client(TOKEN, "POST", &undo, &Value::Null);
    assert_eq!((status, &said["error"]["code"]), (409, &json!("changed_since")), "{said}");
    assert!(said["error"]["zh"].as_str().unwrap().contains("1 号窗口"), "{said}");
    for (path, body, status, code) in [
        (undo.as_str(), json!({}), 409, "changed_since"),
        (&undo, json!({ "windows": ["2"] }), 422, "not_its_windows"),
        (&undo, json!({ "window": "3" }), 400, "malformed"),
        ("proposals/99/undo", Value::Null, 404, "unknown_proposal"),
    ] {
        assert_eq!(managed.order("POST", path, &body), told(status, code), "{path} {body}");
    }

    let browser = Browser::start(390, 844);
    enter(&browser, &managed, "/manage");
    browser.await_text("此后又有调整，不随之撤销：1 号窗口");
    let wide = browser.script("return document.documentElement.scrollWidth <= window.innerWidth");
    assert_eq!(wide, Value::Bool(true), "the page is wider than a phone");
    browser.click(&format!(".told [data-name='undo-{id}']"));
    browser.await_text("已撤销 3 号窗口");
    keep("manage-undo-phone.png", &browser);
    assert_eq!(primaries(&managed), [json!(["tax"]), json!(["social"])]);
}
