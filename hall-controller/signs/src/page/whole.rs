//! What a page must say, it says whole on every panel signs have, be it in turns.

use hall_protocol::sign::Depth;

use super::{EmergencyPage, OverviewPage, OverviewRow, Page, Panel, WindowContent, WindowPage};
use crate::draw::said;

const SIZES: [(u16, u16); 14] = [
    (32, 16),
    (32, 32),
    (64, 16),
    (64, 32),
    (96, 16),
    (128, 16),
    (128, 32),
    (128, 64),
    (192, 64),
    (256, 64),
    (256, 96),
    (320, 64),
    (320, 128),
    (512, 64),
];

const NAMES: [&str; 4] = ["税务", "社会保险", "不动产登记与房屋交易", "不动产登记与交易管理服务中心综合受理"];

/// Everything the page's screens say on each panel, without `repeated`.
fn everywhere(page: &Page, repeated: &[&str]) -> Vec<((u16, u16), String)> {
    let on = |size: (u16, u16)| {
        let panel = Panel::new(size.0, size.1, Depth::Mono).unwrap();
        let screens = (0..page.screens(panel)).map(|screen| {
            said(|| {
                let _ = page.render(panel, screen);
            })
        });
        let all = screens.flatten().collect::<Vec<_>>().concat().replace(' ', "");
        (size, repeated.iter().fold(all, |all, repeated| all.replace(repeated, "")))
    };
    SIZES.map(on).to_vec()
}

fn window(state: WindowContent) -> Page {
    Page::Window(WindowPage { label: "12".into(), state })
}

#[test]
fn a_window_at_rest_says_its_service_and_its_state() {
    for (service, waiting, state) in NAMES.into_iter().zip([0, 3, 0, 12]).map(|(name, waiting)| {
        (name, waiting, if waiting == 0 { "空闲".to_owned() } else { format!("{waiting}人") })
    }) {
        let page = window(WindowContent::Idle { service: service.into(), waiting });
        // The window may stand on every screen, with its state or without.
        let window = |state: &str| format!("12号窗口{state}");
        let repeated = [window("空闲"), window("等候12人"), window("等候3人"), window(""), "12号".into()];
        for (size, said) in everywhere(&page, &[]) {
            let rest = repeated.iter().fold(said.clone(), |rest, repeated| rest.replace(repeated, ""));
            assert!(rest.contains(service) && said.contains(&state), "{size:?} {said}");
        }
    }
}

#[test]
fn a_paused_window_says_why() {
    let reason = "系统维护，请到综合窗口办理业务";
    let page = window(WindowContent::Paused { reason: Some(reason.into()) });
    for (size, said) in everywhere(&page, &["暂停服务", "暂停"]) {
        assert!(said.contains(reason), "{size:?} {said}");
    }
}

#[test]
fn an_overview_says_every_service_and_how_many_wait() {
    let row = |(at, name): (u32, &&str)| OverviewRow {
        service: (*name).to_owned(),
        waiting: 10 + at,
        minutes: Some((5, 10)),
    };
    let page =
        Page::Overview(OverviewPage { name: "A区".into(), rows: (0..).zip(&NAMES).map(row).collect() });
    for (size, said) in everywhere(&page, &[]) {
        for (at, name) in NAMES.iter().enumerate() {
            assert!(said.contains(name) && said.contains(&format!("{}人", 10 + at)), "{size:?} {said}");
        }
        assert!(size.0 < 64 || said.contains("5-10分"), "{size:?} {said}");
    }
}

#[test]
fn an_emergency_is_said_whole_and_soon() {
    let (zh, en) = ("火警，请立即从最近的安全出口离开", "Fire: leave by the nearest exit now");
    let emergency = EmergencyPage { zh: zh.into(), en: en.into() };
    let page = Page::Emergency(emergency.clone());
    for (size, said) in everywhere(&page, &[]) {
        assert!(said.contains(zh) && said.contains(&en.replace(' ', "")), "{size:?} {said}");
        let panel = Panel::new(size.0, size.1, Depth::Mono).unwrap();
        let screens = u32::try_from(page.screens(panel)).unwrap();
        let within_s = (emergency.screen_lasts(panel) * screens).as_secs();
        assert!(within_s <= if size.0 < 64 { 35 } else { 20 }, "{size:?} takes {within_s} s");
    }
    let screens = |width_px, height_px| page.screens(Panel::new(width_px, height_px, Depth::Mono).unwrap());
    assert_eq!((screens(128, 32), screens(128, 64)), (2, 2));
    assert!(screens(32, 32) <= 12, "{}", screens(32, 32));
}
