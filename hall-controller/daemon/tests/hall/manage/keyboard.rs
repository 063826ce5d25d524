//! A manager without a mouse answers one proposal after another.

use super::*;

/// What has the focus: the proposal it belongs to, and its name or id.
fn focused(browser: &Browser) -> (Value, Value) {
    let script = "const it = document.activeElement; \
        return [it.closest('[data-key]')?.dataset.key ?? null, it.dataset.name || it.id || it.tagName]";
    let mut both = browser.script(script);
    (both[0].take(), both[1].take())
}

/// The page is told of the proposal there is as of two, until each is accepted.
const TWICE: &str = "
    const real = window.fetch;
    const gone = new Set();
    window.fetch = async (url, options) => {
        const accepted = /proposals\\/(90[12])\\/accept$/.exec(url);
        if (accepted) {
            gone.add(Number(accepted[1]));
            return Response.json({ done: true });
        }
        const response = await real(url, options);
        if (!url.endsWith('/manage')) return response;
        const picture = await response.json();
        const open = picture.proposals.find((it) => it.standing.is === 'open');
        picture.proposals = [901, 902].filter((id) => !gone.has(id)).map((id) => ({ ...open, id }));
        return Response.json(picture);
    };
    window.once = () => { window.fetch = real; };
    document.querySelector('.balance').dispatchEvent(new Event('change'));
";

#[test]
fn after_an_answer_the_focus_is_on_the_next_proposal_and_enter_sends_a_reason() {
    let managed = Managed::new(2);
    let _controller = managed.start();
    let client = managed.hall.client("devices");
    crowd(&managed, &client);
    assert_eq!(managed.order("PUT", "balance", &json!({ "balance": "advise" })), told(200, "done"));
    let id = to_move(&managed)["id"].clone();
    let browser = Browser::start(1280, 1400);
    enter(&browser, &managed, "/manage");
    browser.await_text("不采纳");
    let key = |id: &Value, name: &str| format!(".proposals [data-key='{id}'] [data-name={name}]");
    let focus = |id: &Value, name: &str| {
        browser.script(&format!("document.querySelector(\"{}\").focus()", key(id, name)));
    };
    let is_focused = |what: &str, wanted: (Value, Value)| {
        eventually(what, || (focused(&browser) == wanted).then_some(()));
    };

    browser.script(TWICE);
    let (first, second) = (json!(901), json!(902));
    let shown = format!(
        "return document.querySelectorAll(\"{}, {}\").length",
        key(&first, "accept"),
        key(&second, "accept")
    );
    eventually("two of them", || (browser.script(&shown) == json!(2)).then_some(()));
    focus(&first, "accept");
    browser.keys("\u{E007}");
    is_focused("the next one", (json!("902"), json!("accept")));
    browser.keys("\u{E007}");
    is_focused("the head of the list", (Value::Null, json!("proposals")));
    browser.script("window.once(); document.querySelector('.balance').dispatchEvent(new Event('change'))");

    let reject = key(&id, "reject");
    let there = format!("return document.querySelector(\"{reject}\") !== null");
    eventually("the proposal there is", || (browser.script(&there) == json!(true)).then_some(()));
    focus(&id, "reject");
    browser.keys("\u{E007}");
    browser.await_text("此操作须填写原因");
    is_focused("where the reason goes", (json!(id.to_string()), json!("reason")));
    browser.keys("人手不便\u{E007}");
    browser.await_text("人手不便");
    is_focused("the head of the list again", (Value::Null, json!("proposals")));
    let standing = managed.picture()["proposals"][0]["standing"].clone();
    assert_eq!(standing, json!({ "is": "rejected", "reason": "人手不便" }));
}
