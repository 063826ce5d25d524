//! What a simple sign shows instead of a page: the table, row by row.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::fmt::Write as _;
use std::sync::Arc;

use hall_protocol::sign::{Depth, SignAddress};
use hall_signs::bus::SignSetup;
use hall_signs::codec::modbus::RegisterMap;
use hall_signs::codec::model::Model;
use hall_signs::codec::onbon::{bx5k, bx6q};
use hall_signs::codec::template::{self, Template};
use hall_signs::codec::{alpha, cp5200};
use hall_signs::page::{
    ArrowPage, ClockPage, Direction, EmergencyPage, IdentityPage, NoticePage, OverviewPage, OverviewRow,
    Page, TestPattern, WindowContent, WindowPage, ZoneCall, ZonePage,
};
use hall_signs::substitute::{Ability, Charset, Substitute, columns, fit};
use hall_signs::words::{PageKind, Showing, Words};
use hall_signs::{Frame, Panel};
use proptest::prelude::*;

fn text(columns: u16, rows: u16) -> Ability {
    Ability::Text { charset: Charset::Gb2312, columns, rows, scrolls: true }
}

fn ascii(columns: u16) -> Ability {
    Ability::Text { charset: Charset::Ascii, columns, rows: 1, scrolls: false }
}

fn window(state: WindowContent) -> Words {
    WindowPage { label: "3".into(), state }.words()
}

fn called() -> Words {
    window(WindowContent::Called { number: "A012".parse().unwrap() })
}

fn identity() -> Words {
    let (id, shows, port) = ("B5".into(), "3号窗口".into(), "ttyUSB0".into());
    IdentityPage { id, address: 1, shows, port }.words()
}

fn zone() -> Words {
    let call = |number: &str, label: &str| {
        let (number, label) = (number.parse().unwrap(), label.into());
        ZoneCall { number, label, service: "社会保险".into() }
    };
    ZonePage { name: "社保大厅".into(), calls: vec![call("A012", "3"), call("B007", "12")] }.words()
}

#[test]
fn every_row_of_the_table() {
    let idle = || window(WindowContent::Idle { service: "不动产登记受理".into(), waiting: 0 });
    let rare = || window(WindowContent::Idle { service: "朱镕事项".into(), waiting: 0 });
    let short_idle = || window(WindowContent::Idle { service: "社会保险".into(), waiting: 12 });
    let closed = || window(WindowContent::Closed);
    let cases: [(Words, Ability, Substitute, &[&str]); 28] = [
        (called(), Ability::Pixels, Substitute::Nothing, &["A012", "请到3号窗口"]),
        (called(), text(16, 2), Substitute::OwnFont, &["A012", "请到3号窗口"]),
        (called(), text(16, 1), Substitute::OwnFont, &["A012 请到3号窗口"]),
        (called(), text(8, 1), Substitute::NumberAndWindow, &["A012 3"]),
        (called(), text(5, 1), Substitute::NumberOnly, &["A012"]),
        (called(), ascii(16), Substitute::NumberAndWindow, &["A012 3"]),
        (called(), ascii(3), Substitute::DigitsOnly, &["012"]),
        (called(), ascii(2), Substitute::Dark, &[]),
        (called(), Ability::Digits { places: 4 }, Substitute::DigitsOnly, &["012"]),
        (called(), Ability::Digits { places: 2 }, Substitute::Dashes, &["--"]),
        (idle(), text(16, 3), Substitute::OwnFont, &["3号窗口", "不动产登记受理", "空闲"]),
        (idle(), text(16, 2), Substitute::OwnFont, &["3号窗口 空闲", "不动产登记受理"]),
        (idle(), text(14, 1), Substitute::Scrolling, &["3号窗口 不动产登记受理 空闲"]),
        (short_idle(), text(8, 2), Substitute::SomeLines, &["3号窗口", "社会保险"]),
        (short_idle(), ascii(16), Substitute::Latin, &["WINDOW 3 12 WAIT"]),
        (short_idle(), ascii(8), Substitute::Latin, &["WINDOW 3"]),
        // A hanzi the card lacks takes its line with it, not the window.
        (rare(), text(16, 2), Substitute::FirstLine, &["3号窗口"]),
        (closed(), ascii(8), Substitute::Latin, &["CLOSED"]),
        (closed(), ascii(4), Substitute::Dashes, &["---"]),
        (closed(), Ability::Digits { places: 4 }, Substitute::Dark, &[]),
        (idle(), Ability::Digits { places: 4 }, Substitute::Dashes, &["----"]),
        (identity(), text(16, 4), Substitute::OwnFont, &["B5 #1", "16x4", "3号窗口", "ttyUSB0"]),
        (identity(), text(16, 2), Substitute::OwnFont, &["B5 #1 16x2", "3号窗口 ttyUSB0"]),
        (identity(), text(12, 2), Substitute::SomeLines, &["B5 #1 12x2", "3号窗口"]),
        (identity(), ascii(5), Substitute::SomeLines, &["B5 #1"]),
        (identity(), ascii(4), Substitute::NumberOnly, &["1"]),
        (zone(), text(16, 1), Substitute::FewerLines, &["A012 3"]),
        (zone(), text(5, 2), Substitute::Scrolling, &["A012 3"]),
    ];
    for (words, ability, substitute, lines) in cases {
        let fitted = fit(&words, ability);
        let shown: Vec<&str> = fitted.lines.iter().map(|line| line.text.as_str()).collect();
        assert_eq!((fitted.substitute, shown), (substitute, lines.to_vec()), "{ability:?} {words:?}");
    }
    assert_eq!(fit(&Words::dark(), text(16, 2)).substitute, Substitute::Nothing);
}

fn row(service: &str, waiting: u32) -> OverviewRow {
    OverviewRow { service: service.into(), waiting, minutes: None }
}

/// A page of every kind.
fn pages() -> Vec<Page> {
    let page = |state| Page::Window(WindowPage { label: "3".into(), state });
    let number = "A012".parse().unwrap();
    let call = ZoneCall { number, label: "3".into(), service: "社会保险".into() };
    vec![
        page(WindowContent::Called { number }),
        page(WindowContent::Serving { number }),
        page(WindowContent::Idle { service: "社会保险".into(), waiting: 12 }),
        page(WindowContent::Paused { reason: None }),
        page(WindowContent::Closed),
        Page::Zone(ZonePage { name: "A区".into(), calls: vec![call] }),
        Page::Overview(OverviewPage {
            name: "A区".into(), rows: vec![row("社会保险", 12), row("税务", 0)]
        }),
        Page::Notice(NoticePage { text: "今日停电\n明日恢复".into() }),
        Page::Clock(ClockPage { month: 3, day: 2, weekday: 1, hour: 9, minute: 5 }),
        Page::Arrow(ArrowPage { number, label: "3".into(), direction: Direction::Left }),
        Page::Emergency(EmergencyPage { zh: "请立即离开".into(), en: "Leave now".into() }),
        Page::Test(TestPattern::All),
        Page::Identity(IdentityPage {
            id: "W1".into(),
            address: 7,
            shows: "3号窗口".into(),
            port: "/dev/ttyS0".into(),
        }),
        Page::Dark,
    ]
}

#[test]
fn every_page_has_words_and_every_kind_of_words_is_some_page_s() {
    let kinds: Vec<PageKind> = pages().iter().map(|page| page.words().kind).collect();
    assert_eq!(kinds, PageKind::ALL);
    for page in pages() {
        let words = page.words();
        let whole = words.lines.iter().chain(&words.latin).all(|line| !line.text.is_empty());
        assert!(whole && (words.kind == PageKind::Dark) == words.lines.is_empty(), "{words:?}");
    }
}

/// What four kinds of signs show of the pages between calls: 16 columns of hanzi in two lines, 16 and 8
/// of ASCII in one, four digits.
#[test]
fn pages_between_calls_on_simple_signs() {
    let moving = Ability::Text { charset: Charset::Ascii, columns: 8, rows: 1, scrolls: true };
    let abilities = [text(16, 2), ascii(16), moving, Ability::Digits { places: 4 }];
    let shown = |page: usize| {
        let words = pages()[page].words();
        abilities.map(|ability| {
            let lines = fit(&words, ability).lines;
            lines.into_iter().map(|line| line.text).collect::<Vec<_>>().join("/")
        })
    };
    assert_eq!(shown(6), ["社会保险 12人/税务 0人", "WAITING 12", "WAITING 12", "----"]);
    assert_eq!(shown(7), ["今日停电/明日恢复", "---", "---", "----"]);
    assert_eq!(shown(8), ["09:05/3月2日 星期一", "09:05", "09:05", "----"]);
    assert_eq!(shown(9), ["A012/← 3号窗口", "A012 3", "A012 3", "012"]);
    assert_eq!(shown(10), ["请立即离开/Leave now", "Leave now", "Leave now", "----"]);
    assert_eq!(shown(11), ["8888888888888888/8888888888888888", "8888888888888888", "88888888", "8888"]);
    assert_eq!(shown(12), ["W1 #7 16x2/3号窗口", "W1 #7 16x1", "W1 #7", "7"]);
    let moves = |page: usize| fit(&pages()[page].words(), moving).substitute;
    assert_eq!([6, 10].map(moves), [Substitute::LatinScrolling; 2]);
    // A notice in Latin letters is no riddle to such a sign.
    let notice = NoticePage { text: "Closed on Monday".into() }.words();
    assert_eq!(fit(&notice, moving).substitute, Substitute::Scrolling);
}

#[test]
fn the_picture_of_a_text_is_drawn_in_our_letters() {
    let panel = Panel::new(32, 16, Depth::Mono).unwrap();
    let picture = |text: &str| hall_signs::substitute::picture_of_text(&[text, " "], panel);
    assert_eq!(picture(" A012"), NoticePage { text: "A012".into() }.render(panel, 0));
    assert_ne!(picture("A012"), picture("A013"));
    assert_eq!(picture(""), Frame::dark(panel));
}

/// A sign of each kind: one as most often bought, and one too small for most pages.
fn signs(is_small: bool) -> Vec<(&'static str, Model, Panel)> {
    let panel = |width, height| Panel::new(width, height, Depth::RedGreen).unwrap();
    let pixels = if is_small { panel(8, 16) } else { panel(128, 32) };
    let (width_px, height_px) = if is_small { (16, 16) } else { (128, 32) };
    let characters = if is_small { 2 } else { 16 };
    let digits = if is_small { 2 } else { 4 };
    let cp = |pages| Model::Cp5200(cp5200::Setup { card: 1, width_px, height_px, pages });
    let called = Template::parse(r"\x02{number}\x03", None).unwrap();
    let template = template::Setup { places: digits, letters: true, ..template::Setup::new(called) };
    let text = panel(width_px, height_px);
    vec![
        ("native", Model::Native, pixels),
        ("onbon-bx5k", Model::OnbonBx5k(bx5k::Setup::new(1, width_px, height_px)), text),
        ("onbon-bx6q", Model::OnbonBx6q(bx6q::Setup::default()), pixels),
        ("alpha", Model::Alpha(alpha::Setup::new(1, characters)), text),
        ("cp5200", cp(cp5200::Pages::Pictures), pixels),
        ("cp5200 text", cp(cp5200::Pages::Text { font_px: 16 }), text),
        ("modbus-rtu", Model::ModbusRtu(RegisterMap { places: digits, ..RegisterMap::new(1) }), text),
        ("template", Model::Template(template), text),
    ]
}

/// The same pages with a character that no sign has.
fn with_rare_names() -> Vec<Page> {
    let rare = "𠮷日";
    let rename = |page: Page| match page {
        Page::Window(WindowPage { state, .. }) => {
            let state = match state {
                WindowContent::Idle { waiting, .. } => WindowContent::Idle { service: rare.into(), waiting },
                WindowContent::Paused { .. } => WindowContent::Paused { reason: Some(rare.into()) },
                other => other,
            };
            Page::Window(WindowPage { label: rare.into(), state })
        }
        Page::Zone(mut page) => {
            page.calls.iter_mut().for_each(|call| call.label = rare.into());
            Page::Zone(ZonePage { name: rare.into(), ..page })
        }
        Page::Overview(page) => Page::Overview(OverviewPage { rows: vec![row(rare, 3)], ..page }),
        Page::Notice(_) => Page::Notice(NoticePage { text: rare.into() }),
        Page::Arrow(page) => Page::Arrow(ArrowPage { label: rare.into(), ..page }),
        Page::Emergency(page) => Page::Emergency(EmergencyPage { zh: rare.into(), ..page }),
        Page::Identity(page) => Page::Identity(IdentityPage { shows: rare.into(), ..page }),
        other => other,
    };
    pages().into_iter().map(rename).collect()
}

/// What each kind of sign shows of each page: in full, with a character it lacks, and where it is too small.
/// `UPDATE_GOLDEN=1` writes `substitutes.txt` anew.
#[test]
fn every_pair_of_protocol_and_page_has_an_honest_substitute() {
    let mut table = String::new();
    let cases = [("usual", pages(), false), ("rare", with_rare_names(), false), ("small", pages(), true)];
    for (case, pages, is_small) in &cases {
        for (name, model, panel) in signs(*is_small) {
            let sign = SignSetup { address: SignAddress::FIRST, panel };
            for page in pages {
                let (words, fitted) = (page.words(), model.shows(sign, page));
                let shown: Vec<&str> = fitted.lines.iter().map(|line| line.text.as_str()).collect();
                let all = shown.join(" ");
                let about = format!("{case} {name} {}", words.kind.word());
                let codec = model.codec(sign, 9_600);
                let ability = codec.ability();
                writeln!(table, "{about}: {:?} {}", fitted.substitute, shown.join("/")).unwrap();
                if ability == Ability::Pixels {
                    let lit = (0..page.screens(panel)).any(|at| page.render(panel, at) != Frame::dark(panel));
                    let boxes = words.lines.iter().any(|line| line.text.contains('𠮷'));
                    let expected = match (lit, boxes) {
                        _ if *page == Page::Dark => Substitute::Nothing,
                        (false, _) => Substitute::Dark,
                        (true, true) => Substitute::Boxes,
                        (true, false) => Substitute::Nothing,
                    };
                    assert_eq!(fitted.substitute, expected, "{about}");
                    continue;
                }
                // A part of a number is another number, and no glyph is made up.
                assert!(!all.contains(['𠮷', '□']), "{about}: {all}");
                if let Some(number) = words.number.as_ref().filter(|_| words.kind != PageKind::Identity) {
                    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
                    let dashes = all.chars().all(|one| one == '-');
                    assert!(dashes || all.contains(&digits), "{about}: {all}");
                }
                // Nothing is lost only where all of it is there.
                let whole = words.lines.iter().all(|line| all.contains(&line.text));
                let own_size = words.kind == PageKind::Identity;
                let says_all = matches!(fitted.substitute, Substitute::Nothing | Substitute::OwnFont);
                assert!(!says_all || whole || own_size, "{about}: {all}");
                assert_eq!(
                    fitted.substitute == Substitute::Dark,
                    all.is_empty() && words.kind != PageKind::Dark
                );
                let sentence = fitted.substitute.sentence();
                assert!(!sentence.zh.is_empty() && !sentence.en.is_empty());
                let page = Showing { frame: Arc::new(Frame::dark(panel)), words, blink: None, say: None };
                assert!(model.codec(sign, 9_600).show(None, &page, 0).is_ok(), "{about} can be sent");
            }
        }
    }
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/substitutes.txt");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(path, &table).unwrap();
    }
    assert_eq!(std::fs::read_to_string(path).unwrap(), table, "compare what is shown now, then update it");
}

proptest! {
    /// A line is never cut, and a number is whole or without its letters.
    #[test]
    fn nothing_is_shown_that_does_not_fit_or_is_part_of_a_number(
        room in 0_u16..24, rows in 0_u16..4, label in "[0-9]{1,3}", service in "[一-龥]{0,9}", digits in 1_u16..999,
    ) {
        let number = format!("A{digits:03}");
        let states = [
            WindowContent::Called { number: number.parse().unwrap() },
            WindowContent::Serving { number: number.parse().unwrap() },
            WindowContent::Idle { service: service.clone(), waiting: 3 },
            WindowContent::Paused { reason: Some(service) },
            WindowContent::Closed,
        ];
        for state in states {
            let words = WindowPage { label: label.clone(), state }.words();
            for ability in [text(room, rows), ascii(room), Ability::Digits { places: 5 }] {
                let fitted = fit(&words, ability);
                let scrolls = fitted.substitute.moves();
                for line in &fitted.lines {
                    prop_assert!(scrolls || columns(&line.text) <= usize::from(room.max(5)), "{:?}", fitted);
                }
                let all: String = fitted.lines.iter().map(|line| line.text.as_str()).collect();
                if words.number.is_some() && !all.is_empty() {
                    prop_assert!(all.contains(&number[1..]), "{:?}", fitted);
                }
            }
        }
    }
}
