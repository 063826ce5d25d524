//! What a simple sign shows instead of a page: the table, row by row.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use hall_signs::page::{WindowContent, WindowPage, ZoneCall, ZonePage};
use hall_signs::substitute::{Ability, Charset, Substitute, columns, fit};
use hall_signs::words::Words;
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

fn zone() -> Words {
    let call = |number: &str, label: &str| ZoneCall { number: number.parse().unwrap(), label: label.into() };
    ZonePage { name: "社保大厅".into(), calls: vec![call("A012", "3"), call("B007", "12")] }.words()
}

#[test]
fn every_row_of_the_table() {
    let idle = || window(WindowContent::Idle { service: "不动产登记受理".into() });
    let rare = || window(WindowContent::Idle { service: "朱镕事项".into() });
    let closed = || window(WindowContent::Closed);
    let cases: [(Words, Ability, Substitute, &[&str]); 19] = [
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
        (idle(), text(16, 2), Substitute::OwnFont, &["3号窗口", "不动产登记受理"]),
        (idle(), text(8, 1), Substitute::Scrolling, &["3号窗口 不动产登记受理"]),
        // A hanzi the card lacks takes its line with it, not the window.
        (rare(), text(16, 2), Substitute::FirstLine, &["3号窗口"]),
        (closed(), ascii(8), Substitute::Latin, &["CLOSED"]),
        (closed(), ascii(4), Substitute::Dashes, &["---"]),
        (closed(), Ability::Digits { places: 4 }, Substitute::Dark, &[]),
        (idle(), Ability::Digits { places: 4 }, Substitute::Dashes, &["----"]),
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
            WindowContent::Idle { service: service.clone() },
            WindowContent::Paused { reason: Some(service) },
            WindowContent::Closed,
        ];
        for state in states {
            let words = WindowPage { label: label.clone(), state }.words();
            for ability in [text(room, rows), ascii(room), Ability::Digits { places: 5 }] {
                let fitted = fit(&words, ability);
                let scrolls = fitted.substitute == Substitute::Scrolling;
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
