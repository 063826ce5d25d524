//! Pages look as they did when somebody last looked at them: `tests/golden/*.png`.
//!
//! `UPDATE_GOLDEN=1 cargo test -p hall-signs --test golden` writes the pictures anew; look at the
//! difference before committing it.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::fs::{self, File};
use std::io::{BufReader, BufWriter};
use std::path::{Path, PathBuf};

use hall_protocol::sign::Depth;
use hall_signs::page::{
    ArrowPage, ClockPage, Direction, EmergencyPage, IdentityPage, NoticePage, OverviewPage, OverviewRow,
    Page, ScrollPage, Step, TestPattern, WindowContent, WindowPage, ZoneCall, ZonePage,
};
use hall_signs::{Frame, Panel};
use proptest::prelude::*;

/// The signs most often bought, from a window's smallest to a hall's largest.
const PANELS: [(u16, u16, Depth); 11] = [
    (32, 16, Depth::Mono),
    (64, 16, Depth::Mono),
    (64, 32, Depth::RedGreen),
    (96, 16, Depth::RedGreen),
    (128, 32, Depth::RedGreen),
    (192, 32, Depth::Mono),
    (192, 64, Depth::RedGreen),
    (256, 96, Depth::Rgb),
    (320, 64, Depth::RedGreen),
    (512, 64, Depth::Rgb),
    (512, 128, Depth::RedGreen),
];

/// Every page at these sizes in the colours that [`PANELS`] does not have.
const COLOURED: [(u16, u16, Depth); 9] = [
    (32, 32, Depth::Mono),
    (32, 32, Depth::RedGreen),
    (32, 32, Depth::Rgb),
    (64, 32, Depth::Mono),
    (64, 32, Depth::Rgb),
    (192, 64, Depth::Mono),
    (192, 64, Depth::Rgb),
    (320, 64, Depth::Mono),
    (320, 64, Depth::Rgb),
];

const fn colour(depth: Depth) -> &'static str {
    match depth {
        Depth::Mono => "mono",
        Depth::RedGreen => "red-green",
        Depth::Rgb => "rgb",
    }
}

/// The picture as a viewer shows it: three bytes a pixel.
fn pixels(frame: &Frame) -> Vec<u8> {
    let panel = frame.panel();
    let places = (0..panel.height_px()).flat_map(|y| (0..panel.width_px()).map(move |x| (x, y)));
    let colour = |(x, y)| {
        let light = frame.light(x, y);
        [light.red, light.green, light.blue].map(|on| if on { 0xFF } else { 0 })
    };
    places.flat_map(colour).collect()
}

fn write_png(path: &Path, frame: &Frame) {
    let panel = frame.panel();
    let file = BufWriter::new(File::create(path).unwrap());
    let mut encoder = png::Encoder::new(file, panel.width_px().into(), panel.height_px().into());
    encoder.set_color(png::ColorType::Rgb);
    encoder.write_header().unwrap().write_image_data(&pixels(frame)).unwrap();
}

fn read_png(path: &Path) -> Option<(u32, u32, Vec<u8>)> {
    let mut reader = png::Decoder::new(BufReader::new(File::open(path).ok()?)).read_info().ok()?;
    let mut pixels = vec![0; reader.output_buffer_size()?];
    let info = reader.next_frame(&mut pixels).ok()?;
    Some((info.width, info.height, pixels))
}

/// Every page on every panel, and on some in all colours.
fn check(name: &str, render: impl Fn(Panel) -> Frame) {
    check_at(&PANELS, name, &render);
    check_at(&COLOURED, name, &render);
}

fn check_at(panels: &[(u16, u16, Depth)], name: &str, render: impl Fn(Panel) -> Frame) {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let mut different = Vec::new();
    for (width_px, height_px, depth) in panels.iter().copied() {
        let panel = Panel::new(width_px, height_px, depth).unwrap();
        let frame = render(panel);
        let is_usual = PANELS.contains(&(width_px, height_px, depth));
        let ending = if is_usual { String::new() } else { format!("-{}", colour(depth)) };
        let path = folder.join(format!("{name}-{width_px}x{height_px}{ending}.png"));
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            fs::create_dir_all(&folder).unwrap();
            write_png(&path, &frame);
        } else if read_png(&path) != Some((width_px.into(), height_px.into(), pixels(&frame))) {
            different.push(path);
        }
    }
    assert!(different.is_empty(), "these pictures are not as they were: {different:?}");
}

fn window(label: &str, state: WindowContent) -> WindowPage {
    WindowPage { label: label.to_owned(), state }
}

fn zone(calls: &[(&str, &str, &str)]) -> ZonePage {
    let call = |(number, label, service): &(&str, &str, &str)| {
        let number = number.parse().unwrap();
        ZoneCall { number, label: (*label).to_owned(), service: (*service).to_owned() }
    };
    ZonePage { name: "综合受理等候区".to_owned(), calls: calls.iter().map(call).collect() }
}

#[test]
fn a_window_calls_a_number() {
    let called = |number: &str| WindowContent::Called { number: number.parse().unwrap() };
    check("called", |panel| window("3", called("A012")).render(panel));
    check("called-long", |panel| window("12", called("SB0345")).render(panel));
    check("called-named", |panel| window("综合窗口", called("B007")).render(panel));
}

#[test]
fn a_window_serves_a_number() {
    let serving = WindowContent::Serving { number: "A012".parse().unwrap() };
    check("serving", |panel| window("3", serving.clone()).render(panel));
}

#[test]
fn a_window_waits_for_citizens() {
    let idle = |service: &str| WindowContent::Idle { service: service.to_owned(), waiting: 0 };
    check("idle", |panel| window("3", idle("社会保险")).render(panel));
    check("idle-long", |panel| window("12", idle("不动产登记与房屋交易综合受理等")).render(panel));
}

#[test]
fn a_window_is_paused_or_closed() {
    let paused = |reason: Option<&str>| WindowContent::Paused { reason: reason.map(str::to_owned) };
    check("paused", |panel| window("3", paused(None)).render(panel));
    check("paused-reason", |panel| window("3", paused(Some("系统维护，请稍候"))).render(panel));
    check("closed", |panel| window("3", WindowContent::Closed).render(panel));
}

#[test]
fn a_zone_lists_its_calls_the_newest_first() {
    let (social, tax) = ("社会保险", "税务");
    let six = [
        ("A012", "3", social),
        ("B045", "12", tax),
        ("A011", "7", social),
        ("C003", "1", "住房公积金"),
        ("B044", "5", tax),
        ("A010", "3", social),
    ];
    check("zone", |panel| zone(&six).render(panel));
    check("zone-one", |panel| zone(&six[..1]).render(panel));
    check("zone-named", |panel| zone(&[("SB0345", "综合窗口", social), ("A012", "3", tax)]).render(panel));
    let long = [("A012", "3", "不动产登记与房屋交易综合受理"), ("B045", "12", tax)];
    check("zone-long", |panel| zone(&long).render(panel));
    check("zone-empty", |panel| zone(&[]).render(panel));
}

fn overview(names: &[&str]) -> OverviewPage {
    let row = |(at, service): (u32, &&str)| OverviewRow {
        service: (*service).to_owned(),
        waiting: at * 7 % 23,
        minutes: (at > 0).then_some((5, 10)),
    };
    OverviewPage { name: "综合受理等候区".to_owned(), rows: (0..).zip(names).map(row).collect() }
}

#[test]
fn an_overview_tells_how_many_wait() {
    let four = Page::Overview(overview(&["社会保险", "医疗保障", "住房公积金", "户籍"]));
    check("overview", |panel| four.render(panel, 0));
    let nine = [
        "社会保险",
        "不动产登记与房屋交易",
        "税务",
        "户籍",
        "医疗保障",
        "公积金",
        "市场主体",
        "综合",
        "交通",
    ];
    let nine = Page::Overview(overview(&nine));
    check("overview-last-screen", |panel| nine.render(panel, nine.screens(panel) - 1));
}

#[test]
fn a_notice_is_as_large_as_its_text_allows() {
    let notice = |text: &str| Page::Notice(NoticePage { text: text.to_owned() });
    let short = notice("今日系统升级");
    check("notice", |panel| short.render(panel, 0));
    let nearby = notice("今日停电，明日恢复");
    check("notice-nearby", |panel| nearby.render(panel, 0));
    let long = notice(
        "因系统升级，12月1日（星期二）下午停办不动产登记业务，请各位办事群众合理安排时间，由此带来的不便敬请谅解。",
    );
    check("notice-long", |panel| long.render(panel, 0));
    check("notice-long-last", |panel| long.render(panel, long.screens(panel) - 1));
}

#[test]
fn a_notice_moves_through() {
    let text = "今日下午系统升级，暂停办理不动产登记业务";
    let page = Page::Scroll(ScrollPage::new(text));
    check("scroll", |panel| page.render(panel, 0));
    check("scroll-on", |panel| page.render(panel, 7 % page.screens(panel)));
    let by_pixels = Page::Scroll(ScrollPage { step: Step::PIXEL, ..ScrollPage::new(text) });
    check("scroll-by-pixels", |panel| by_pixels.render(panel, 23 % by_pixels.screens(panel)));
}

#[test]
fn an_emergency_is_told_in_both_languages() {
    let page = Page::Emergency(EmergencyPage {
        zh: "紧急疏散！请从最近的安全出口离开".to_owned(),
        en: "Evacuate now. Leave by the nearest exit.".to_owned(),
    });
    check("emergency", |panel| page.render(panel, 0));
    check("emergency-en", |panel| page.render(panel, page.screens(panel) - 1));
}

#[test]
fn a_clock_tells_the_time_and_the_date_where_there_is_room() {
    let page = Page::Clock(ClockPage { month: 11, day: 25, weekday: 3, hour: 8, minute: 5 });
    check("clock", |panel| page.render(panel, 0));
}

#[test]
fn a_signpost_points_to_the_window() {
    let arrow = |direction| {
        let (number, label) = ("A012".parse().unwrap(), "3".to_owned());
        Page::Arrow(ArrowPage { number, label, direction })
    };
    check("arrow-left", |panel| arrow(Direction::Left).render(panel, 0));
    check("arrow-right", |panel| arrow(Direction::Right).render(panel, 0));
    check("arrow-up", |panel| arrow(Direction::Up).render(panel, 0));
    // Only the smallest has no room for both.
    let [smallest, ..] = PANELS;
    for (name, direction) in [("left", Direction::Left), ("right", Direction::Right), ("up", Direction::Up)] {
        check_at(&[smallest], &format!("arrow-{name}-turned"), |panel| arrow(direction).render(panel, 1));
    }
}

#[test]
fn a_technician_sees_modules_and_the_signs_identity() {
    check("test-modules", |panel| Page::Test(TestPattern::Modules).render(panel, 0));
    for pattern in TestPattern::ALL {
        check_at(&COLOURED[3..5], &format!("test-{}", pattern.name()), |panel| pattern.render(panel));
    }
    let identity = Page::Identity(IdentityPage {
        id: "W12".to_owned(),
        address: 12,
        shows: "12号窗口".to_owned(),
        port: "ttyUSB0".to_owned(),
    });
    check("identity", |panel| identity.render(panel, 0));
}

#[test]
fn a_test_pattern_lights_what_it_is_named_for() {
    let panel = Panel::new(64, 32, Depth::Rgb).unwrap();
    let all_are = |pattern: TestPattern, red, green, blue| {
        let (frame, light) = (pattern.render(panel), hall_signs::Light { red, green, blue });
        assert!((0..32).all(|y| (0..64).all(|x| frame.light(x, y) == light)), "{pattern:?}");
    };
    all_are(TestPattern::All, true, true, true);
    all_are(TestPattern::Red, true, false, false);
    all_are(TestPattern::Green, false, true, false);
    all_are(TestPattern::Blue, false, false, true);
}

/// Whether any pixel is lit.
fn has_ink(frame: &Frame) -> bool {
    frame.bytes().iter().any(|byte| *byte != 0)
}

proptest! {
    #[test]
    fn any_page_on_any_panel_is_drawn_without_a_panic_and_says_its_number(
        label in "[0-9A-Z]{1,3}|综合窗口|\\PC{0,12}",
        number in "[A-Z]{1,2}[1-9][0-9]{2,3}",
        text in "\\PC{0,30}",
        width in 1_u16..60,
        height in 1_u16..140,
        depth in prop::sample::select(vec![Depth::Mono, Depth::RedGreen, Depth::Rgb]),
    ) {
        let panel = Panel::new(width * 8, height, depth).unwrap();
        let number = number.parse().unwrap();
        let states = [
            WindowContent::Called { number },
            WindowContent::Serving { number },
            WindowContent::Idle { service: text.clone(), waiting: 12 },
            WindowContent::Paused { reason: Some(text.clone()) },
            WindowContent::Closed,
        ];
        // Six characters of the smallest number face.
        let number_has_room = height >= 16 && width >= 6;
        for state in states {
            let is_number = matches!(state, WindowContent::Called { .. } | WindowContent::Serving { .. });
            let frame = window(&label, state).render(panel);
            prop_assert!(!is_number || !number_has_room || has_ink(&frame));
            prop_assert!(height >= 16 || !has_ink(&frame));
        }
        let running = [
            Page::Notice(NoticePage { text: text.clone() }),
            Page::Emergency(EmergencyPage { zh: text.clone(), en: text.clone() }),
            Page::Overview(OverviewPage {
                name: text.clone(),
                rows: vec![OverviewRow { service: text.clone(), waiting: 9, minutes: Some((5, 10)) }; 7],
            }),
        ];
        for page in running {
            let screens = page.screens(panel);
            // Seven services of thirty characters, one or two characters at a time.
            prop_assert!((1..=256).contains(&screens), "{screens} screens");
            prop_assert!((0..=screens).all(|screen| height >= 16 || !has_ink(&page.render(panel, screen))));
        }
        let arrow = ArrowPage { number, label: label.clone(), direction: Direction::Down };
        let screens = 0..arrow.screens(panel);
        prop_assert!(screens.map(|screen| arrow.render(panel, screen)).all(|frame| height >= 16 || !has_ink(&frame)));
        let call = ZoneCall { number, label, service: text.clone() };
        let zone = ZonePage { name: text, calls: vec![call; 9] }.render(panel);
        prop_assert!(!number_has_room || has_ink(&zone));
    }
}
