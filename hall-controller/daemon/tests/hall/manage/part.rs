//! A proposal that moves several windows, accepted for some of them.

use super::*;

#[test]
fn of_a_proposal_some_windows_are_taken_by_keyboard_and_the_others_left_with_a_reason() {
    let managed = Managed::new(3);
    let _controller = managed.start();
    let client = managed.hall.client("devices");
    let proposal = to_move_both(&managed, &client);
    let accept = format!("proposals/{}/accept", proposal["id"]);
    for (body, status, code) in [
        (json!({ "windows": ["2"], "reason": "不便" }), 422, "not_its_windows"),
        (json!({ "windows": [], "reason": "不便" }), 422, "not_its_windows"),
        (json!({ "windows": ["3"] }), 422, "reason_required"),
        (json!({ "window": "3" }), 400, "malformed"),
    ] {
        assert_eq!(managed.order("POST", &accept, &body), told(status, code), "{body}");
    }

    let browser = Browser::start(1280, 1400);
    enter(&browser, &managed, "/manage");
    browser.await_text("要调整的窗口");
    let focus = |name: &str| {
        browser.script(&format!("document.querySelector('.proposals [data-name=\"{name}\"]').focus()"));
    };
    focus("move-1");
    browser.keys(" ");
    keep("manage-part.png", &browser);
    focus("accept");
    browser.keys("\u{E007}");
    browser.await_text("此操作须填写原因");
    assert_eq!(managed.picture()["windows"][2]["primary"], json!(["social"]), "not without a reason");
    focus("reason");
    browser.keys("1 号窗口在办大件");
    focus("accept");
    browser.keys("\u{E007}");
    browser.await_text("其余未采纳：1 号窗口（1 号窗口在办大件）");
    keep("manage-part-told.png", &browser);

    let picture = managed.picture();
    assert_eq!(picture["windows"][0]["primary"], json!(["social"]));
    assert_eq!(picture["windows"][2]["primary"], json!(["social", "tax"]));
    let left_out = json!({ "windows": ["1"], "reason": "1 号窗口在办大件" });
    assert_eq!(picture["proposals"][0]["left_out"], left_out);
    let (_, events, _) =
        run(&["export", "--data", managed.hall.data().to_str().unwrap(), "--format", "jsonl"]);
    let accepted = events.lines().find(|line| line.contains("proposal_accepted")).expect("the event");
    assert!(accepted.contains("chief") && accepted.contains("1 号窗口在办大件"), "{accepted}");
}
