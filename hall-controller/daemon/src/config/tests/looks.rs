//! What signs show beside calls, and how bright they are.

use std::time::Duration;

use hall_signs::codec::model::Model;
use hall_signs::codec::onbon::bx5k::Speaker;
use hall_signs::page::{Direction, ScrollPage};
use hall_signs::script::DaySpan;

use super::{GOOD, parse};
use crate::config::{Config, Level};
use crate::wall::Slide;

/// The good configuration with this in front of its first sign's `shows`.
fn with_sign_keys(keys: &str) -> Result<Config, String> {
    let at = GOOD.find("shows = ").unwrap();
    let text = format!("{}{keys}\n{}", &GOOD[..at], &GOOD[at..]);
    parse(&text).map_err(|errors| errors.to_string())
}

#[test]
fn a_sign_has_the_brightness_of_its_line_or_its_own_and_blinks_as_long_as_it_says() {
    let usual = parse(GOOD).unwrap();
    let look = &usual.lines[0].signs[0].look;
    assert_eq!((look.blink, look.brightness.len()), (Duration::from_secs(5), 0));

    let of_line = "brightness = [{ from = \"07:00\", percent = 100 }, { from = \"18:30\", percent = 40 }]\n";
    let at = GOOD.find("baud = ").unwrap();
    let line = parse(&format!("{}{of_line}{}", &GOOD[..at], &GOOD[at..])).unwrap();
    let levels = [Level { from_minute: 420, level: 255 }, Level { from_minute: 1_110, level: 102 }];
    assert!(line.lines[0].signs.iter().all(|sign| sign.look.brightness == levels));

    let own = with_sign_keys("blink_seconds = 0\nbrightness = [{ from = \"00:00\", percent = 1 }]").unwrap();
    let look = &own.lines[0].signs[0].look;
    assert_eq!((look.blink, look.level_at(0)), (Duration::ZERO, Some(3)));
}

#[test]
fn a_signpost_names_windows_and_a_notice_may_move() {
    let keys = "pages = [{ page = \"signpost\", left = [\"1\"] }, { page = \"notice\", text = \"停电\", scroll = true }]";
    let config = with_sign_keys(keys).unwrap();
    let [signpost, notice] = &config.lines[0].signs[0].pages[..] else { panic!("{config:?}") };
    let Slide::Signpost(directions) = &signpost.page else { panic!("{signpost:?}") };
    assert_eq!(directions.get(&"1".parse().unwrap()), Some(&Direction::Left));
    assert_eq!(notice.page, Slide::Scroll(ScrollPage::new("停电")));
}

#[test]
fn wrong_looks_are_told_with_their_key_and_what_to_do() {
    for (keys, key, cause) in [
        ("blink_seconds = 90", "blink_seconds", "90 is out of range"),
        ("brightness = [{ from = \"7\", percent = 9 }]", "from", "no time of day"),
        ("brightness = [{ from = \"07:00\", percent = 0 }]", "percent", "0 is out of range"),
        (
            "brightness = [{ from = \"18:00\", percent = 9 }, { from = \"07:00\", percent = 9 }]",
            "from",
            "does not come after",
        ),
        ("pages = [{ page = \"signpost\" }]", "left", "points nowhere"),
        ("pages = [{ page = \"signpost\", up = [\"99\"] }]", "up", "there is no window"),
        ("pages = [{ page = \"signpost\", up = [\"1\"], left = [\"1\"] }]", "up", "already"),
        ("pages = [{ page = \"clock\", left = [\"1\"] }]", "page", "only a signpost"),
        ("pages = [{ page = \"clock\", scroll = true }]", "scroll", "only a notice"),
    ] {
        let told = with_sign_keys(keys).unwrap_err();
        assert!(told.contains(key) && told.contains(cause), "{keys}: {told}");
    }
}

#[test]
fn a_font_card_has_its_day_of_brightness_its_hours_and_its_voice() {
    let keys = "lit = \"07:30-18:30\"\nvoice = { volume = 8, times = 2 }\n\
                brightness = [{ from = \"07:00\", percent = 100 }, { from = \"18:30\", percent = 40 }]";
    let card = |keys: &str| {
        let text = GOOD.replacen("baud = 9600", "baud = 9600\nprotocol = \"onbon-bx5k\"", 1);
        let config = parse(&text.replacen("id = \"W1\"", &format!("id = \"W1\"\n{keys}"), 1)).unwrap();
        let sign = config.lines[0].signs[0].clone();
        let Model::OnbonBx5k(setup) = sign.model else { panic!("{sign:?}") };
        (setup, sign.look)
    };
    let (setup, look) = card(keys);
    assert_eq!(look.lit, Some(DaySpan { from_minute: 450, until_minute: 1_110 }));
    let levels = setup.brightness.unwrap();
    assert_eq!([0, 13, 14, 36, 37, 47].map(|half_hour| levels[half_hour]), [6, 6, 15, 15, 6, 6]);
    assert_eq!(setup.speaker, Some(Speaker { person: 0, repeats: 1, volume: 8, speed: 5 }));
    assert!(setup.switched);
    assert!(card("voice = {}").0.speaker.is_some());
    // Without any of these keys the card is left as it is.
    let (setup, look) = card("");
    assert_eq!((setup.brightness, setup.switched, setup.speaker, look.lit), (None, false, None, None));

    for (keys, key, cause) in [
        ("voice = { volume = 11 }", "voice.volume", "11 is out of range"),
        ("voice = { person = 6 }", "voice.person", "6 is out of range"),
        ("voice = {}", "voice", "only onbon-bx5k cards have a voice"),
        ("lit = \"7\"", "lit", "no part of a day"),
    ] {
        let told = with_sign_keys(keys).unwrap_err();
        assert!(told.contains(key) && told.contains(cause), "{keys}: {told}");
    }
}
