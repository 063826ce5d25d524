//! What the pages tell of waits.

use hall_protocol::payload::Key;
use serde_json::Value;

use super::support::Served;

async fn json(hall: &Served, path: &str) -> Value {
    serde_json::from_str(&hall.page(path).await).unwrap()
}

#[tokio::test]
async fn the_menu_the_screen_and_the_picture_tell_how_long_a_newcomer_waits() {
    let mut hall = Served::start().await;
    for _ in 0..4 {
        hall.take("social");
    }
    let before = hall.page("/kiosk/K1").await;
    assert!(!before.contains("等候 4 人 · "), "nothing is told before it is known: {before}");
    hall.tell_waits();
    // A usual service takes 8 minutes as long as nobody knows better.
    let social = &json(&hall, "/api/view").await["services"][0];
    let (from, to) = (&social["estimate"]["from_minutes"], &social["estimate"]["to_minutes"]);
    let (from, to) = (from.as_u64().unwrap(), to.as_u64().unwrap());
    assert!((20..=40).contains(&from) && from < to && to <= 90, "{social}");
    let told = format!("约 {from}–{to} 分钟");
    assert!(hall.page("/kiosk/K1").await.contains(&format!("等候 4 人 · {told}")));
    assert!(hall.page("/screen").await.contains(&told));
    let english = hall.page("/screen?lang=en").await;
    assert!(english.contains(&format!("about {from}–{to} min")), "{english}");
    // Whom nobody can give a number is told when, not how long.
    assert_eq!(json(&hall, "/api/view").await["services"][2]["estimate"], Value::Null);
}

#[tokio::test]
async fn a_citizen_follows_a_ticket_to_its_window() {
    let mut hall = Served::start().await;
    hall.take("social");
    hall.take("social");
    let page = hall.page("/ticket/A002").await;
    for words in ["A002", "社会保险", "等候中", "前面等候", "预计等候", "1 人", "约 "] {
        assert!(page.contains(words), "{words} is missing: {page}");
    }
    let told = json(&hall, "/api/ticket/A002").await;
    assert_eq!((&told["state"], &told["ahead"]), (&"waiting".into(), &1.into()), "{told}");
    assert!(told["estimate"]["to_minutes"].as_u64().unwrap() >= 8, "{told}");
    hall.key("1", Key::Next);
    assert_eq!(json(&hall, "/api/ticket/A002").await["ahead"], 0);
    hall.key("1", Key::Finish);
    hall.key("1", Key::Next);
    let told = json(&hall, "/api/ticket/A002").await;
    let called: (Value, Value) = ("called".into(), "1".into());
    assert_eq!((&told["state"], &told["window"]), (&called.0, &called.1), "{told}");
    assert!(hall.page("/ticket/A002?lang=en").await.contains("please go to window 1"));
    assert_eq!(json(&hall, "/api/ticket/A001").await["state"], "finished");
    for nobody in ["/ticket/A003", "/ticket/nonsense", "/api/ticket/A003", "/api/ticket/nonsense/events"] {
        assert_eq!(hall.get(nobody).await.status, 404, "{nobody}");
    }
    let said = hall.get("/api/ticket/A003").await.body;
    assert!(said.contains("There is no such number today") && said.contains("今天没有这个号"), "{said}");
}

#[tokio::test]
async fn how_many_are_ahead_is_told_though_no_window_serves_the_ticket_s_service() {
    let mut hall = Served::start().await;
    hall.key("1", Key::Close);
    hall.take("social");
    hall.take("social");
    let told = json(&hall, "/api/ticket/A002").await;
    assert_eq!((&told["ahead"], &told["estimate"]), (&1.into(), &Value::Null), "{told}");
    let page = hall.page("/ticket/A002").await;
    assert!(page.contains("1 人") && page.contains("暂不能估计"), "{page}");
}

#[tokio::test]
async fn the_page_of_a_ticket_says_what_comes_after_the_matter_at_hand() {
    let mut hall = Served::start().await;
    hall.take_for("social", &["tax"]);
    let page = hall.page("/ticket/A001").await;
    assert!(page.contains("社会保险") && page.contains("之后还办：税务"), "{page}");
    let told = json(&hall, "/api/ticket/A001").await;
    assert_eq!(
        (&told["service"]["zh"], &told["then"][0]["zh"]),
        (&"社会保险".into(), &"税务".into()),
        "{told}"
    );
    hall.key("1", Key::Next);
    hall.key("1", Key::Finish);
    let told = json(&hall, "/api/ticket/A001").await;
    assert_eq!((&told["state"], &told["service"]["zh"]), (&"waiting".into(), &"税务".into()), "{told}");
    assert_eq!(told["then"], Value::Array(Vec::new()));
    assert!(hall.page("/ticket/A001?lang=en").await.contains("Tax"));
}
