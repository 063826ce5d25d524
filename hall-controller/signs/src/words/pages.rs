//! The words of every page but a window's and a zone's, which say who is called.

use super::{PageKind, TextLine, Words};
use crate::frame::Light;
use crate::page::{
    ArrowPage, ClockPage, Direction, EmergencyPage, IdentityPage, NoticePage, OverviewPage, OverviewRow,
    Page, TestPattern, weekday_words, window_words,
};

impl Page {
    /// What the page says, all its screens together.
    pub fn words(&self) -> Words {
        match self {
            Self::Window(page) => page.words(),
            Self::Zone(page) => page.words(),
            Self::Overview(page) => page.words(),
            Self::Notice(page) => page.words(),
            Self::Scroll(page) => NoticePage { text: page.text.clone() }.words(),
            Self::Clock(page) => page.words(),
            Self::Arrow(page) => page.words(),
            Self::Emergency(page) => page.words(),
            Self::Test(pattern) => pattern.words(),
            Self::Identity(page) => page.words(),
            Self::Dark => Words::dark(),
        }
    }
}

/// A page that is about no number.
fn saying(kind: PageKind, lines: Vec<TextLine>, latin: Vec<TextLine>) -> Words {
    Words { kind, number: None, window: None, lines, latin }
}

impl OverviewPage {
    /// A line for each service, in the order of the plan.
    pub fn words(&self) -> Words {
        let line = |row: &OverviewRow| {
            let light = if row.waiting == 0 { Light::GREEN } else { Light::RED };
            TextLine::new(format!("{} {}人", row.service, row.waiting), light)
        };
        let waiting: u32 = self.rows.iter().map(|row| row.waiting).sum();
        let latin = TextLine::new(format!("WAITING {waiting}"), Light::YELLOW);
        saying(PageKind::Overview, self.rows.iter().map(line).collect(), vec![latin])
    }
}

impl NoticePage {
    /// The text, a line break being one on the sign.
    pub fn words(&self) -> Words {
        saying(PageKind::Notice, lines(&self.text, Light::YELLOW), vec![])
    }
}

impl ClockPage {
    /// The time first: it is what people look for.
    pub fn words(&self) -> Words {
        let time = format!("{:02}:{:02}", self.hour, self.minute);
        let date = format!("{}月{}日 {}", self.month, self.day, weekday_words(self.weekday));
        let latin = format!("{:02}-{:02} {time}", self.month, self.day);
        let said = [TextLine::new(&time, Light::GREEN), TextLine::new(date.trim_end(), Light::YELLOW)];
        let latin = [TextLine::new(latin, Light::GREEN), TextLine::new(time, Light::GREEN)];
        saying(PageKind::Clock, said.to_vec(), latin.to_vec())
    }
}

impl ArrowPage {
    /// The number, and where its window is.
    pub fn words(&self) -> Words {
        let (arrow, latin) = match self.direction {
            Direction::Left => ('←', '<'),
            Direction::Right => ('→', '>'),
            Direction::Up => ('↑', '^'),
            Direction::Down => ('↓', 'v'),
        };
        let number = self.number.to_string();
        Words {
            kind: PageKind::Arrow,
            window: Some(self.label.clone()),
            lines: vec![
                TextLine::new(&number, Light::RED),
                TextLine::new(format!("{arrow} {}", window_words(&self.label)), Light::GREEN),
            ],
            latin: vec![TextLine::new(format!("{number} {latin} {}", self.label), Light::RED)],
            number: Some(number),
        }
    }
}

impl EmergencyPage {
    /// In Chinese, then in English; a sign without hanzi says at least that there is one.
    pub fn words(&self) -> Words {
        let english = lines(&self.en, Light::RED);
        let latin = if english.is_empty() { lines("EMERGENCY", Light::RED) } else { english.clone() };
        saying(PageKind::Emergency, [lines(&self.zh, Light::RED), english].concat(), latin)
    }
}

impl TestPattern {
    /// A sign that draws no pixels lights every segment of its font in this colour.
    pub fn words(self) -> Words {
        let light = match self {
            Self::All | Self::Modules => Light::YELLOW,
            Self::Red => Light::RED,
            Self::Green => Light::GREEN,
            Self::Blue => Light { red: false, green: false, blue: true },
        };
        let eight = TextLine::new("8", light);
        saying(PageKind::Test, vec![eight.clone()], vec![eight])
    }
}

impl IdentityPage {
    /// Its id and address; a digit display shows the address.
    pub fn words(&self) -> Words {
        let name = TextLine::new(format!("{} #{}", self.id, self.address), Light::YELLOW);
        let lines = [&self.shows, &self.port].map(|text| TextLine::new(text, Light::GREEN));
        Words {
            kind: PageKind::Identity,
            number: Some(self.address.to_string()),
            window: None,
            lines: [vec![name.clone()], lines.to_vec()].concat(),
            latin: vec![name],
        }
    }
}

fn lines(text: &str, light: Light) -> Vec<TextLine> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.map(|line| TextLine::new(line, light)).collect()
}
