//! What the signs of the demo's hall tell of waits.

use std::path::Path;

use super::*;
use crate::config::Config;

#[test]
fn a_zones_sign_tells_how_long_each_service_takes_also_while_windows_call() {
    let text = include_str!("../../../../../../deploy/demo/hall.toml");
    let config = Config::parse(text, Path::new("hall.toml")).unwrap();
    let signs = config.lines.iter().flat_map(|line| &line.signs);
    let zones: Vec<_> = signs.filter(|sign| matches!(sign.shows, Shows::Zone(_))).collect();
    assert_eq!(zones.len(), 2);
    let mut played = Played::new();
    for (window, service) in [("1", "social"), ("8", "business")] {
        assert!(played.take(service) && played.take(service));
        assert!(played.press(window, Key::Open) && played.press(window, Key::Next));
    }
    played.estimate();
    for sign in zones {
        let mut program = Program::new(sign.pages.clone(), sign.look.clone());
        let now = Instant::now();
        assert_eq!(numbers(&shown(&mut program, &played.view, sign.shows, now)).len(), 1);
        let later = now + Duration::from_secs(13);
        let content = shown(&mut program, &played.view, sign.shows, later);
        let Page::Overview(page) = content.page() else { panic!("{content:?}") };
        let told: Vec<_> = page.rows.iter().filter(|row| row.minutes.is_some()).collect();
        assert!(told.iter().any(|row| row.waiting == 1), "{page:?}");
        assert_eq!(content.page().screens(sign.panel), 1, "{page:?}");
    }
}
