//! What the pages say, and what they never contain.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use hall_protocol::payload::Key;
use hall_protocol::sign::{Depth, SignAddress};
use hall_signs::codec::Protocol;
use hall_signs::frame::{Light, Panel};
use hall_signs::substitute::Substitute;

use super::support::{Served, name};
use crate::wall::{Health, LineNoise, Shows, SignWall, Speed, WallSign};

const PAGES: [&str; 7] = ["/", "/screen", "/screen?zone=A", "/kiosk/K1", "/pad", "/pad/1", "/signs"];

fn in_english(path: &str) -> String {
    format!("{path}{}lang=en", if path.contains('?') { '&' } else { '?' })
}

#[tokio::test]
async fn every_page_names_the_hall_and_switches_its_language() {
    let hall = Served::start().await;
    for path in PAGES {
        let (chinese, english) = (hall.page(path).await, hall.page(&in_english(path)).await);
        assert!(
            chinese.contains("<html lang=\"zh-CN\">") && english.contains("<html lang=\"en\">"),
            "{path}"
        );
        for page in [&chinese, &english] {
            assert!(page.contains("测试大厅") && page.contains("Test hall"), "{path}");
        }
        let switch = |to: &str| format!("href=\"{}\"", to.replace('&', "&amp;"));
        assert!(chinese.contains(&switch(&in_english(path))), "{path} leads to English");
        assert!(english.contains(&switch(path)), "{path} leads back to Chinese");
    }
}

#[tokio::test]
async fn a_chosen_language_stays_in_every_link() {
    let hall = Served::start().await;
    let page = hall.page("/?lang=en").await;
    let main = page.split_once("<main>").unwrap().1;
    let links: Vec<&str> = main.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert!(links.contains(&"/screen?zone=B&amp;lang=en") && links.contains(&"/pad/2?lang=en"), "{links:?}");
    assert!(links.iter().all(|link| link.ends_with("lang=en")), "{links:?}");
    let to_only = hall.get("/kiosk?lang=en").await;
    assert!(
        to_only.status == 303 && to_only.head.contains("location: /kiosk/k1?lang=en"),
        "{}",
        to_only.head
    );
}

#[tokio::test]
async fn pages_carry_the_safety_headers_and_nothing_inline() {
    let hall = Served::start().await;
    for path in PAGES.into_iter().chain(["/nonsense", "/assets/live.js", "/metrics"]) {
        let answer = hall.get(path).await;
        for header in [
            "content-security-policy: default-src 'none'; script-src 'self'; style-src 'self'",
            "frame-ancestors 'none'",
            "x-content-type-options: nosniff",
            "referrer-policy: no-referrer",
            "cache-control: no-",
        ] {
            assert!(answer.head.contains(header), "{path} lacks {header}: {}", answer.head);
        }
        for inline in ["<script>", "<style", " style=", " onclick=", "javascript:"] {
            assert!(!answer.body.contains(inline), "{path} contains {inline}");
        }
    }
}

#[tokio::test]
async fn an_address_that_leads_nowhere_says_so_in_both_languages() {
    let hall = Served::start().await;
    for path in [
        "/nonsense",
        "/kiosk/K9",
        "/kiosk/%2e%2e%2fetc",
        "/kiosk/%FF",
        "/kiosk/a-name-beyond-sixteen",
        "/pad/99",
        "/pad/1%00",
        "/screen?zone=Z",
        "/screen?zone=%3Cb%3E",
    ] {
        let answer = hall.get(path).await;
        assert_eq!(answer.status, 404, "{path}");
        assert!(
            answer.body.contains("没有这个页面") && answer.body.contains("There is no such page"),
            "{path}"
        );
        assert!(!answer.body.contains("<b>Z"), "{path}");
    }
    assert_eq!(hall.get("/assets/..%2f..%2fweb.rs").await.status, 404);
}

#[tokio::test]
async fn a_hostile_name_stays_text() {
    let hall = Served::named(name("<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>")).await;
    for path in PAGES {
        let page = hall.page(path).await;
        assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"), "{path}");
        assert!(!page.contains("<script>alert") && !page.contains("<img"), "{path}");
    }
}

#[tokio::test]
async fn the_kiosk_offers_its_services_and_says_why_one_is_closed() {
    let mut hall = Served::start().await;
    hall.take("social");
    let page = hall.page("/kiosk/K1").await;
    let button = |service: &str| {
        let (_, rest) = page.split_once(&format!("data-service=\"{service}\"")).unwrap();
        rest.split("</button>").next().unwrap().to_owned()
    };
    let social = button("social");
    assert!(social.contains("社会保险") && social.contains("Social insurance"), "{social}");
    assert!(social.contains("等候 1 人") && !social.contains("disabled"), "{social}");
    let night = button("night");
    assert!(night.contains("disabled") && night.contains("该事项现在不取号，请于明天00:00再来"), "{night}");
    let tax = button("tax");
    assert!(!tax.contains("disabled") && tax.contains("17:30 停止取号"), "{tax}");
    let english = hall.page("/kiosk/K1?lang=en").await;
    assert!(english.contains("This service issues no tickets at this time of day"));
}

#[tokio::test]
async fn the_kiosk_lets_choose_among_the_classes_it_may_grant_and_takes_a_missed_number_back() {
    let hall = Served::start().await;
    let page = hall.page("/kiosk/K1").await;
    let radios: Vec<&str> = page.split("type=\"radio\" name=\"class\" ").skip(1).collect();
    let values = radios.iter().map(|radio| radio.split('>').next().unwrap());
    assert!(values.eq(["value=\"ordinary\" checked", "value=\"elderly\"", "value=\"serviceman\""]), "{page}");
    let noted = radios.iter().map(|radio| radio.split("</label>").next().unwrap().contains("须工作人员核验"));
    assert!(noted.eq([false, false, true]), "{page}");
    assert!(!page.contains("残疾人"), "not granted here");
    assert!(page.contains("<form class=\"back-again\">") && page.contains("过号后回来了"), "{page}");
    let english = hall.page("/kiosk/K1?lang=en").await;
    assert!(english.contains("Elderly") && english.contains("Missed your call"), "{english}");
}

#[tokio::test]
async fn the_pad_says_who_is_signed_on() {
    let mut hall = Served::start().await;
    assert!(hall.page("/pad/1").await.contains("<p class=\"clerk\"></p>"));
    hall.sign_on("1", "1042");
    assert!(hall.page("/pad/1").await.contains("<p class=\"clerk\">当前工号 1042</p>"));
    assert!(hall.page("/pad/1?lang=en").await.contains("<p class=\"clerk\">Signed on: 1042</p>"));
}

#[tokio::test]
async fn the_pad_s_menu_offers_the_rarer_keys_and_what_is_put_aside() {
    let mut hall = Served::start().await;
    hall.take("social");
    let none = hall.page("/pad/1").await;
    assert!(none.contains("class=\"parked\" hidden") && !none.contains("data-number"), "{none}");
    for key in [
        "pick",
        "return",
        "cancel",
        "unpark",
        "transfer",
        "park",
        "disarm",
        "sign_on",
        "sign_off",
        "correct",
        "add_matter",
        "walk_in",
        "evaluate",
        "confirm_class",
    ] {
        assert!(none.contains(&format!("data-key=\"{key}\" data-sends=")), "{key}");
    }
    let outcomes = ["", "missing_papers", "back_office", "referred", "home_service", "proxy"];
    for option in outcomes.into_iter().chain(["very_satisfied", "very_dissatisfied", "serviceman"]) {
        assert!(none.contains(&format!("<option value=\"{option}\">")), "{option}");
    }
    assert!(
        none.contains("<option value=\"2\">2 号窗口</option>") && !none.contains("<option value=\"1\">1 号")
    );
    hall.key("1", Key::Next);
    hall.key("1", Key::Park);
    let parked = hall.page("/pad/1?lang=en").await;
    assert!(parked.contains("data-number=\"A001\"") && parked.contains("Put aside"), "{parked}");
    assert_eq!(hall.get("/api/view").await.json()["windows"][0]["parked"][0], "A001");
}

#[tokio::test]
async fn the_pad_shows_the_ticket_in_hand_and_the_six_keys_that_fit() {
    let mut hall = Served::start().await;
    hall.take("social");
    let shown = |page: &str, key: &str| {
        let (_, rest) = page.split_once(&format!("data-key=\"{key}\"")).unwrap();
        !rest.split('>').next().unwrap().contains("hidden")
    };
    let free = hall.page("/pad/1").await;
    assert!(free.contains("data-lamp=\"green\"") && free.contains("无号"));
    hall.key("1", Key::Next);
    hall.key("1", Key::Start);
    let serving = hall.page("/pad/1").await;
    assert!(
        serving.contains("data-lamp=\"red\"") && serving.contains(">A001<") && serving.contains("办理中")
    );
    for (key, when_free, when_serving) in [
        ("next", true, true),
        ("recall", true, true),
        ("no_show", true, true),
        ("start", true, false),
        ("finish", false, true),
        ("pause", true, true),
        ("resume", false, false),
        ("open", false, false),
        ("close", true, true),
    ] {
        assert_eq!((shown(&free, key), shown(&serving, key)), (when_free, when_serving), "{key}");
    }
}

#[tokio::test]
async fn a_zone_s_screen_shows_its_own_calls_and_the_hall_s_screen_all() {
    let mut hall = Served::start().await;
    hall.take("social");
    hall.take("tax");
    hall.key("1", Key::Next);
    hall.key("2", Key::Next);
    let (all, zone) = (hall.page("/screen").await, hall.page("/screen?zone=B").await);
    assert!(all.contains(">A001<") && all.contains(">B001<") && all.contains("data-window=\"1\""));
    assert!(!zone.contains(">A001<") && zone.contains(">B001<") && !zone.contains("data-window=\"1\""));
    let first = all.find(">B001<").unwrap();
    assert!(first < all.find(">A001<").unwrap(), "the newest call is on top");
}

#[tokio::test]
async fn the_sign_wall_draws_what_the_emulator_decoded_and_says_so() {
    let hall = Served::start().await;
    let panel = Panel::new(16, 2, Depth::RedGreen).unwrap();
    let mut lit = hall_signs::Frame::dark(panel);
    lit.set(0, 1, Light::GREEN);
    let sign = WallSign {
        id: "S1".parse().unwrap(),
        port: "/dev/pts/7".into(),
        speed: Speed::Set(115_200),
        address: SignAddress::FIRST,
        protocol: Protocol::Native,
        shows: Shows::Window("1".parse().unwrap()),
        substitute: Substitute::Nothing,
        health: Health::Ok,
        wanted: Arc::new(lit.clone()),
        says: "".into(),
        acknowledged: None,
        decoded: None,
        timeouts: 4,
        refusals: 0,
        trouble: None,
    };
    let wall = |sign: WallSign| {
        let closed_lines = vec![("/dev/ttyS9".into(), "no such file".into())];
        let noise = LineNoise::new("/dev/pts/7".into());
        noise.set(hall_signs::bus::Noise { broken_frames: 5, stray_replies: 6 });
        let noise = vec![Arc::new(noise)];
        hall.signs.send_replace(Arc::new(SignWall { signs: vec![Arc::new(sign)], closed_lines, noise }));
    };
    wall(sign.clone());
    let page = hall.page("/signs").await;
    assert!(page.contains("尚未收到该屏的确认") && page.contains("串口 /dev/ttyS9 未打开：no such file"));
    assert!(!page.contains("data-pixels") && page.contains("1 号窗口") && page.contains("/dev/pts/7"));
    let acknowledged = Some(Arc::new(hall_signs::Frame::dark(panel)));
    let sign = WallSign { acknowledged, ..sign };
    wall(sign.clone());
    assert!(hall.page("/signs?lang=en").await.contains("Pixels the sign has acknowledged"));
    assert!(page.contains("<p class=\"substitute\" hidden>"), "the page itself is shown");
    wall(WallSign { substitute: Substitute::NumberOnly, ..sign.clone() });
    assert!(hall.page("/signs?lang=en").await.contains("Shown instead of the page: only the number"));
    let dark = Health::Dark(Instant::now());
    wall(WallSign { decoded: Some(Arc::new(lit)), health: dark, ..sign });
    let page = hall.page("/signs").await;
    assert!(page.contains("data-pixels=\"0000000000008000\""), "plane after plane, row after row");
    assert!(page.contains("画面来自独立仿真屏的解码") && page.contains("data-health=\"dark\""));
    let metrics = hall.page("/metrics").await;
    assert!(metrics.contains("hall_sign_health{sign=\"S1\",health=\"dark\"} 1\n"), "{metrics}");
    assert!(metrics.contains("hall_sign_timeouts_total{sign=\"S1\"} 4\n"), "{metrics}");
    assert!(metrics.contains("hall_lines_closed 1\n"), "{metrics}");
    for line in [
        "hall_line_noise_total{port=\"/dev/pts/7\",kind=\"broken_frames\"} 5",
        "hall_line_noise_total{port=\"/dev/pts/7\",kind=\"stray_replies\"} 6",
    ] {
        assert!(metrics.lines().any(|said| said == line), "{line} is not in\n{metrics}");
    }
}

#[tokio::test]
async fn metrics_say_what_was_counted_and_where_the_tickets_are() {
    let mut hall = Served::start().await;
    for _ in 0..3 {
        hall.metrics.count("refused", "malformed");
    }
    hall.take("social");
    hall.take("social");
    hall.key("1", Key::Next);
    let metrics = hall.page("/metrics").await;
    for line in [
        "hall_events_total{name=\"refused\",reason=\"malformed\"} 3",
        "hall_tickets{state=\"waiting\"} 1",
        "hall_tickets{state=\"called\"} 1",
        "hall_tickets_issued 2",
        "hall_windows{mode=\"open\"} 2",
        "hall_storage_trouble 0",
        "hall_mqtt_connected 1",
        "hall_mqtt_total{what=\"incoming_dropped\"} 7",
        "hall_mqtt_total{what=\"reconnects\"} 0",
    ] {
        assert!(metrics.lines().any(|said| said == line), "{line} is not in\n{metrics}");
    }
}

#[tokio::test]
async fn health_says_that_the_machines_clock_was_set_back_behind_the_halls() {
    let mut hall = Served::start().await;
    assert!(hall.page("/metrics").await.contains("hall_clock_behind_seconds 0\n"));
    hall.was_ahead_by(48);
    let said = hall.page("/health").await;
    // Some milliseconds have passed since.
    assert!(said.starts_with("ok\nwarning: this machine's clock is 47 h 59 min behind"), "{said}");
    assert!(said.contains("2026-11-26 10:00") && said.contains("data directory"), "{said}");
    assert!(!hall.page("/metrics").await.contains("hall_clock_behind_seconds 0\n"));
}

#[tokio::test]
async fn health_says_that_the_broker_is_away() {
    let hall = Served::start().await;
    hall.broker_away.store(true, Ordering::Relaxed);
    let sick = hall.get("/health").await;
    assert_eq!(sick.status, 503);
    assert!(sick.body.starts_with("mqtt: the link to the broker has been down for 42 s"), "{}", sick.body);
    assert!(hall.page("/metrics").await.contains("hall_mqtt_connected 0\n"));
    hall.trouble.send_replace(Some("the disk is full: make room".into()));
    let both = hall.get("/health").await.body;
    assert!(both.starts_with("the disk is full: make room\nmqtt: "), "{both}");
    hall.broker_away.store(false, Ordering::Relaxed);
    hall.trouble.send_replace(None);
    assert_eq!(hall.page("/health").await, "ok\n");
}

#[tokio::test]
async fn health_says_what_keeps_the_hall_from_recording() {
    let hall = Served::start().await;
    assert_eq!(hall.page("/health").await, "ok\n");
    assert!(hall.page("/pad/1").await.contains("class=\"banner trouble\" role=\"alert\" hidden"));
    hall.trouble.send_replace(Some("the disk is full: make room".into()));
    let sick = hall.get("/health").await;
    assert_eq!((sick.status, sick.body.as_str()), (503, "the disk is full: make room\n"));
    assert!(!hall.page("/pad/1").await.contains("class=\"banner trouble\" role=\"alert\" hidden"));
    assert!(hall.page("/metrics").await.contains("hall_storage_trouble 1\n"));
    assert_eq!(hall.get("/api/view").await.json()["trouble"], true);
}
