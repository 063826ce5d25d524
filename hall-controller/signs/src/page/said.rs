//! A page in one line, for whoever looks after the signs: lists, logs, the screen reader.

use super::{
    ClockPage, Direction, EmergencyPage, IdentityPage, Page, TestPattern, WindowContent, WindowPage,
    window_words,
};
use crate::words::Words;

impl Page {
    /// What it says, in one line; empty when it is dark.
    pub fn says(&self) -> String {
        match self {
            Self::Window(page) => joined(&page.words()),
            Self::Zone(page) => joined(&page.words()),
            Self::Overview(page) => {
                let rows = page.rows.iter().map(|row| format!("{} {}", row.service, row.waiting));
                rows.collect::<Vec<_>>().join(" | ")
            }
            Self::Notice(page) => one_line(&page.text),
            Self::Scroll(page) => one_line(&page.text),
            Self::Clock(ClockPage { month, day, hour, minute, .. }) => {
                format!("{month:02}-{day:02} {hour:02}:{minute:02}")
            }
            Self::Arrow(page) => {
                let arrow = match page.direction {
                    Direction::Left => '←',
                    Direction::Right => '→',
                    Direction::Up => '↑',
                    Direction::Down => '↓',
                };
                format!("{} {arrow} {}", page.number, page.label)
            }
            Self::Emergency(EmergencyPage { zh, en }) => one_line(&format!("{zh} {en}")),
            Self::Test(pattern) => format!("[{}]", pattern.name()),
            Self::Identity(IdentityPage { id, address, .. }) => format!("[{id} #{address}]"),
            Self::Dark => String::new(),
        }
    }
}

impl Page {
    /// What a voice says of it: who shall come, and where to. Only of a call, of several the newest.
    pub fn call_sentence(&self) -> Option<String> {
        let (number, label) = match self {
            Self::Window(WindowPage { label, state: WindowContent::Called { number } }) => (number, label),
            Self::Zone(page) => page.calls.first().map(|call| (&call.number, &call.label))?,
            Self::Arrow(page) => (&page.number, &page.label),
            _ => return None,
        };
        Some(format!("请{number}号到{}", window_words(label)))
    }
}

impl TestPattern {
    /// Its name, as commands and requests have it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Red => "red",
            Self::Green => "green",
            Self::Blue => "blue",
            Self::Modules => "modules",
        }
    }
}

fn joined(words: &Words) -> String {
    let separator = if words.kind == crate::words::PageKind::Zone { " | " } else { " " };
    let lines: Vec<&str> = words.lines.iter().map(|line| line.text.as_str()).collect();
    lines.join(separator)
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::super::{
        ArrowPage, NoticePage, OverviewPage, OverviewRow, WindowContent, WindowPage, ZoneCall, ZonePage,
    };
    use super::*;

    #[test]
    fn every_page_is_told_in_one_line() {
        let number = "A012".parse().unwrap();
        let row = |service: &str, waiting| OverviewRow { service: service.into(), waiting, minutes: None };
        let rows = vec![row("社保", 3), row("税务", 0)];
        for (page, said) in [
            (
                Page::Window(WindowPage { label: "3".into(), state: WindowContent::Called { number } }),
                "A012 请到3号窗口",
            ),
            (Page::Overview(OverviewPage { name: "A区".into(), rows }), "社保 3 | 税务 0"),
            (Page::Notice(NoticePage { text: "今日\n停电".into() }), "今日 停电"),
            (Page::Clock(ClockPage { month: 3, day: 2, weekday: 1, hour: 9, minute: 5 }), "03-02 09:05"),
            (Page::Arrow(ArrowPage { number, label: "3".into(), direction: Direction::Left }), "A012 ← 3"),
            (Page::Emergency(EmergencyPage { zh: "撤离".into(), en: String::new() }), "撤离"),
            (Page::Test(TestPattern::Modules), "[modules]"),
            (
                Page::Identity(IdentityPage {
                    id: "W1".into(),
                    address: 7,
                    shows: String::new(),
                    port: String::new(),
                }),
                "[W1 #7]",
            ),
            (Page::Dark, ""),
        ] {
            assert_eq!(page.says(), said);
        }
    }

    #[test]
    fn of_a_zone_s_calls_the_newest_is_said() {
        let call = |number: &str, label: &str| ZoneCall {
            number: number.parse().unwrap(),
            label: label.into(),
            service: "社会保险".into(),
        };
        let zone = |calls| Page::Zone(ZonePage { name: "社保大厅".into(), calls });
        let two = zone(vec![call("A012", "3"), call("B007", "12")]);
        assert_eq!(two.call_sentence().unwrap(), "请A012号到3号窗口");
        assert_eq!(zone(vec![]).call_sentence(), None);
    }
}
