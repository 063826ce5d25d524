//! The pages in a real browser: a citizen takes a ticket, a clerk presses keys, both by the page.

use std::path::Path;

use serde_json::{Value, json};

use crate::support::controller::{Controller, Demo};
use crate::support::emulator::{Emulator, called};
use crate::support::eventually;
use crate::support::hall::{TestHall, window_sign};
use crate::support::webdriver::Browser;

/// A hall with one window and its sign, running.
struct Open {
    _controller: Controller,
    hall: TestHall,
    signs: Emulator,
    _lines: tempfile::TempDir,
}

impl Open {
    fn start() -> Self {
        let lines = tempfile::TempDir::new().unwrap();
        let line = lines.path().join("line-1");
        let signs = Emulator::start(&line, &[1]);
        let hall = TestHall::new(1, &[(&line, &window_sign(1, 1))]);
        Self { _controller: hall.start(), hall, signs, _lines: lines }
    }

    fn page(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.hall.web_port)
    }
}

#[test]
fn a_ticket_taken_and_called_in_the_browser_reaches_screen_sign_and_english() {
    let open = Open::start();
    let page = |path: &str| open.page(path);

    let kiosk = Browser::start(390, 844);
    kiosk.open(&page("/kiosk/K1"));
    kiosk.await_text("社会保险");
    kiosk.click("button[data-service=social]");
    kiosk.await_text("A001");
    let wide = kiosk.script("return document.documentElement.scrollWidth <= window.innerWidth");
    assert_eq!(wide, Value::Bool(true), "the kiosk's page is wider than a phone");

    let screen = Browser::start(1920, 1080);
    screen.open(&page("/screen"));
    screen.await_text("测试大厅");

    let pad = Browser::start(1280, 800);
    pad.open(&page("/pad/1"));
    pad.click("button[data-key=open]");
    pad.await_text("开放");
    pad.keys("1");
    pad.await_text("A001");
    screen.await_text("A001");
    open.signs.await_page(1, &called("1", "A001"));

    // Nobody came; then the citizen is back, and is called again.
    pad.keys("3");
    pad.await_text("无号");
    kiosk.open(&page("/kiosk/K1"));
    kiosk.await_text("回场等候");
    kiosk.script("document.querySelector('.back-again input').value = 'a001'");
    kiosk.click(".back-again button");
    kiosk.await_text("A001");
    pad.keys("1");
    pad.await_text("A001");

    // Another one leaves before the call, and is asked once whether that is meant.
    kiosk.open(&page("/kiosk/K1"));
    kiosk.click("button[data-service=social]");
    kiosk.await_text("A002");
    kiosk.open(&page("/kiosk/K1"));
    kiosk.await_text("等候 1 人");
    kiosk.script("document.querySelector('.back-again input').value = 'a002'");
    kiosk.click(".back-again .leave");
    kiosk.await_text("确认取消 A002");
    let wide = kiosk.script("return document.documentElement.scrollWidth <= window.innerWidth");
    assert_eq!(wide, Value::Bool(true), "the question is wider than a phone");
    kiosk.click(".back-again .leave");
    kiosk.await_text("A002 已取消");
    kiosk.await_text("等候 0 人");

    screen.open(&page("/screen?lang=en"));
    screen.await_text("Test hall");
    screen.open(&page("/signs"));
    screen.await_text("S1");
    assert!(screen.screenshot().starts_with(b"\x89PNG"));
}

/// At the kiosk, and on the phone that follows the ticket.
#[test]
fn citizens_see_how_long_they_will_wait() {
    let open = Open::start();
    let page = |path: &str| open.page(path);
    let pad = Browser::start(1280, 800);
    pad.open(&page("/pad/1"));
    pad.click("button[data-key=open]");
    pad.await_text("开放");

    let kiosk = Browser::start(390, 844);
    for number in ["A001", "A002"] {
        kiosk.open(&page("/kiosk/K1"));
        kiosk.await_text("社会保险");
        kiosk.click("button[data-service=social]");
        kiosk.await_text(number);
        kiosk.await_text("预计等候");
        kiosk.await_text("分钟");
    }
    let wide = "return document.documentElement.scrollWidth <= window.innerWidth";
    assert_eq!(kiosk.script(wide), Value::Bool(true), "the ticket is wider than a phone");

    let phone = Browser::start(390, 844);
    phone.open(&page("/ticket/A002"));
    phone.await_text("等候中");
    phone.await_text("1 人");
    phone.await_text("分钟");
    assert_eq!(phone.script(wide), Value::Bool(true), "the page is wider than a phone");
    pad.keys("1");
    phone.await_text("0 人");
    kiosk.open(&page("/kiosk/K1"));
    kiosk.await_text("等候 1 人 · 约 ");
    // Nobody came for the first.
    pad.keys("3");
    pad.await_text("无号");
    pad.keys("1");
    pad.await_text("A002");
    phone.await_text("请到 1 号窗口");
}

/// By touch, and then by keyboard alone.
#[test]
fn a_citizen_with_several_matters_takes_one_number_for_them() {
    let open = Open::start();
    let page = |path: &str| open.page(path);
    let wide = "return document.documentElement.scrollWidth <= window.innerWidth";
    let matters =
        "return [...document.querySelectorAll('.several-taken li')].map(li => li.innerText).join(' ')";

    let kiosk = Browser::start(390, 844);
    kiosk.open(&page("/kiosk/K1"));
    kiosk.click("button.to-several");
    kiosk.await_text("按办理顺序");
    assert_eq!(kiosk.script("return document.querySelector('.several .go').disabled"), Value::Bool(true));
    // A wrong choice is taken back by a second press.
    kiosk.click("button[data-service=social]");
    kiosk.click("button[data-service=tax]");
    kiosk.await_text("已选：1 社会保险 · 2 税务");
    kiosk.click("button[data-service=social]");
    kiosk.await_text("已选：1 税务");
    kiosk.click("button[data-service=social]");
    kiosk.await_text("取号（共 2 件事）");
    assert_eq!(kiosk.script(wide), Value::Bool(true), "the choice is wider than a phone");
    kiosk.click(".several .go");
    kiosk.await_text("一个号，按此顺序办理");
    kiosk.await_text("B001");
    assert_eq!(kiosk.script(matters), Value::String("税务 社会保险".into()));
    assert_eq!(kiosk.script(wide), Value::Bool(true), "the ticket is wider than a phone");

    let phone = Browser::start(390, 844);
    phone.open(&page("/ticket/B001"));
    phone.await_text("税务");
    phone.await_text("之后还办：社会保险");
    let pad = Browser::start(1280, 800);
    pad.open(&page("/pad/1"));
    pad.click("button[data-key=open]");
    pad.await_text("开放");
    pad.keys("1");
    pad.await_text("B001");
    phone.await_text("请到 1 号窗口");
    pad.keys("4");
    phone.await_text("1 号窗口办理中");
    pad.keys("4");
    // The number goes on to the next matter.
    phone.await_text("等候中");
    phone.await_text("社会保险");
    eventually("nothing comes after that", || (!phone.text().contains("之后还办")).then_some(()));

    let (tab, enter) = ("\u{e004}", "\u{e007}");
    kiosk.open(&page("/kiosk/K1"));
    kiosk.await_text("社会保险");
    kiosk.script("document.querySelector('.to-several').focus()");
    // It puts the focus on the first service; after the last one the choice comes.
    kiosk.keys(enter);
    kiosk.keys(enter);
    kiosk.await_text("已选：1 社会保险");
    kiosk.keys(tab);
    kiosk.keys(enter);
    kiosk.await_text("取号（共 2 件事）");
    kiosk.keys(tab);
    kiosk.keys(enter);
    kiosk.await_text("A001");
    assert_eq!(kiosk.script(matters), Value::String("社会保险 税务".into()));
    // The next citizen begins anew.
    kiosk.keys(enter);
    kiosk.await_text("请选择要办理的事项");
    assert_eq!(kiosk.script("return document.querySelectorAll('[aria-pressed]').length"), 0);
}

/// Lit pixels of the page's first canvas on which anything is lit.
const LIT: &str = "
    const lit = [...document.querySelectorAll('canvas')].map(canvas => {
        const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
        let count = 0;
        for (let i = 0; i < pixels.length; i += 4) if (Math.max(pixels[i], pixels[i + 1]) > 150) count++;
        return count;
    });
    return lit.filter(count => count > 100).length";

#[test]
fn the_demos_screen_calls_people_and_its_signs_are_lit() {
    let demo = Demo::start(60);
    let browser = Browser::start(1920, 1080);
    browser.open(&format!("{}/screen", demo.pages));
    let calls = "return document.body.innerText.match(/[A-H][0-9]{3}/g)?.length ?? 0";
    eventually("the screen shows several calls", || (browser.script(calls).as_u64()? >= 6).then_some(()));
    keep("screen.png", &browser);
    // A screen that is less wide for its height, with two digits and four characters in a tile.
    let narrow = Browser::start(1280, 1050);
    narrow.open(&format!("{}/screen", demo.pages));
    eventually("a number at window 10", || {
        let number = narrow.script("return document.querySelectorAll('.windows .number')[9].textContent");
        (number.as_str()?.len() >= 4).then_some(())
    });
    let cut = "return [...document.querySelectorAll('.windows li, .calls li')]
        .filter(tile => tile.scrollWidth > tile.clientWidth).map(tile => tile.innerText)";
    assert_eq!(narrow.script(cut), json!([]), "what does not fit its tile");
    for (height, language) in [(720, "zh"), (720, "en"), (1050, "zh"), (1050, "en")] {
        let small = Browser::start(1280, height);
        small.open(&format!("{}/screen?lang={language}", demo.pages));
        small.await_text("A");
        assert_eq!(
            small.script(UNREAD_NAMES),
            json!([]),
            "names that are not read whole, {height} px, {language}"
        );
    }
    browser.open(&format!("{}/signs", demo.pages));
    eventually("fourteen signs are lit", || (browser.script(LIT).as_u64()? >= 14).then_some(()));
    keep("signs.png", &browser);
}

/// The names of services that are cut off, or do not fit their row.
const UNREAD_NAMES: &str = "return [...document.querySelectorAll('.queues li')].flatMap((row) => {
    const around = row.getBoundingClientRect();
    return [...row.querySelectorAll('strong, small')].filter((name) => {
        const it = name.getBoundingClientRect();
        return name.scrollWidth > name.clientWidth || it.top < around.top - 1 || it.bottom > around.bottom + 1;
    }).map((name) => name.textContent);
})";

/// With `UPDATE_SCREENSHOTS=1`, the README's picture.
fn keep(name: &str, browser: &Browser) {
    let picture = browser.screenshot();
    assert!(picture.starts_with(b"\x89PNG"));
    if std::env::var_os("UPDATE_SCREENSHOTS").is_some() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/demo");
        std::fs::write(folder.join(name), picture).unwrap();
    }
}
